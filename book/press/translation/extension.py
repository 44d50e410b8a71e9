"""A Sphinx extension: an edition of the book in another language than English, `-D language=ko`.

It is built from the same sources into the folder of its language, beside the English pages: html/book/index.html has its Korean
page at html/ko/book/index.html. Sphinx translates what stands in the pages' sources; here is the rest.

- The words of the configuration, formulae, the glossary's order and its table of terms, the downloads of its own notebooks. (The theme's
  words stand in the catalog `sphinx`, where Sphinx looks for them.)
- The words of the button that copies a cell, which its extension does not know in Korean.
- Sphinx's rule for plurals, of which no script makes code: the policy of a page with cells forbids it.
- Places where a line must not be broken: in English too, beside a formula.
"""

import html
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.press.translation import catalogs, rules

HANGUL = re.compile(r"[가-힣]")
RULE, MADE = re.compile(r'"plural_expr": (".*?")'), re.compile(r'new Function\(\s*"n",[^;]*\)(?=;)')
BRACKET = re.compile(r"\)(?=[가-힣])")
# What stands right before a formula and right behind it, and belongs to it.
OPENS, CLOSES = re.compile(r"[(\[‘“]+\Z"), re.compile(r"[.,;:!?)\]’”%\u2060-]+[가-힣]?|[가-힣]")


def on_config_inited(app, config):
    """Put what conf.py says in the language."""
    if config.language == "en":
        return
    _ = catalogs.gettext(config.language)
    config.html_title = config.project = _("Hyperparameter Tuning from Scratch")
    config.html_theme_options["logo"]["text"] = config.project
    config.copyright = _("2026, the authors of Hyperparameter Tuning from Scratch. Text CC BY 4.0, code BSD-3-Clause")
    config.nb_code_prompt_show, config.nb_code_prompt_hide = _("Show the code"), _("Hide the code")
    config.html_baseurl += catalogs.place(config.language)
    config.html_theme_options["path_to_docs"] = config.language  # in the branch that launch buttons open


class Formulae(SphinxTransform):
    """Translate the words in a formula on a line of its own: Sphinx would take the translation for reStructuredText, and lose it."""

    default_priority = 15  # before the translation

    def apply(self):
        messages = catalogs.catalog(self.env.docname, self.config.language)
        for node in self.document.findall(nodes.math_block) if messages else ():
            said = messages.get(node.rawsource or node.astext())
            if said:
                node.children = [nodes.Text(said)]
                node["translated"], node["translatable"] = True, False


class GlossaryInOrder(SphinxTransform):
    """Put the entries in the order of the language's letters."""

    default_priority = 30  # behind the translation

    def apply(self):
        for glossary in self.document.findall(addnodes.glossary) if self.config.language != "en" else ():
            for entries in glossary.findall(nodes.definition_list):
                entries.children.sort(key=lambda entry: entry[0].astext())


class OwnDownloads(SphinxTransform):
    """Let a page offer the notebooks of its own language."""

    default_priority = 30  # behind the translation

    def apply(self):
        language = self.config.language
        for node in self.document.findall(addnodes.download_reference) if language != "en" else ():
            node["reftarget"] = node["reftarget"].replace("/course/student/", f"/course/{language}/student/")


class Unbroken(SphinxPostTransform):
    """Keep a period, a bracket or a Korean particle on the line of the formula or the bracket that it belongs to."""

    default_priority = 800
    formats = ("html",)

    def run(self, **options):
        join(self.document)


def join(document: nodes.document) -> None:
    """Put a word joiner (U+2060) between a bracket and a particle, and a box that is not broken around a formula and the signs beside it.

    Beside a formula, which is a box of its own, a browser breaks the line in spite of a joiner.
    """
    code = nodes.literal | nodes.literal_block | nodes.raw | nodes.math | nodes.math_block
    for parent in [parent for parent in document.findall(nodes.TextElement) if not isinstance(parent, code)]:
        for place, text in enumerate(parent.children):
            if isinstance(text, nodes.Text) and BRACKET.search(text):
                parent[place] = nodes.Text(BRACKET.sub(")\u2060", text))
        for formula in [node for node in parent.children if isinstance(node, nodes.math)]:
            place = parent.index(formula)
            before, behind = parent.children[:place][-1:], parent.children[place + 1 : place + 2]
            opens = OPENS.search(before[0]) if before and isinstance(before[0], nodes.Text) else None
            closes = CLOSES.match(behind[0]) if behind and isinstance(behind[0], nodes.Text) else None
            if opens:
                parent[place - 1] = nodes.Text(before[0][: opens.start()])
            if closes:
                parent[place + 1] = nodes.Text(behind[0][closes.end() :])
            if opens or closes:
                signs = [nodes.Text(found[0]) if found else nodes.Text("") for found in (opens, closes)]
                parent[place] = nodes.inline("", "", signs[0], formula, signs[1], classes=["unbroken"])


def add_terms(app, page, template, context, doctree):
    """Put the table of terms beneath the glossary."""
    if page == "book/glossary" and app.config.language != "en":
        head, end, tail = context["body"].rpartition("</section>")
        context["body"] = head + terms(app.config.language) + end + tail


def terms(language: str) -> str:
    """Return the table of terms, with the reason where the word is not the usual one."""
    _ = catalogs.gettext(language)
    head = "".join(f"<th>{word}</th>" for word in (_("English"), _("Korean"), _("why")))
    body = ""
    for row in rules.rows(language):
        english, korean = readable(row["english"]), row["korean"].replace("|", ", ")
        why = BRACKET.sub(")\u2060", html.escape(row["why"]))
        body += f'<tr><td lang="en">{html.escape(english)}</td><td>{html.escape(korean)}</td><td>{why}</td></tr>'
    title = _("The terms of this edition")
    return f"""<section id="terms"><h2>{title}</h2><div class="pst-scrollable-table-container"><table class="docutils">
<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>"""


def readable(pattern: str) -> str:
    """Return the English of a row, which may hold several forms and what must not follow."""
    return re.sub(r"\(\?![^)]*\)", "", pattern).split("|")[0]


def name_copying(app, exception):
    """Give the script of the copy buttons the words of the language."""
    script, _ = Path(app.outdir, "_static", "copybutton.js"), catalogs.gettext(app.config.language)
    if exception is None and app.config.language != "en" and script.exists():
        words = {"copy": _("Copy"), "copy_to_clipboard": _("Copy"), "copy_success": _("Copied")}
        words = {**words, "copy_failure": _("Copying failed")}
        text, head = script.read_text(encoding="utf-8"), "const messages = {\n"
        own = f"{json.dumps(app.config.language)}: {json.dumps(words, ensure_ascii=False)},\n"
        if head + own not in text:
            script.write_text(text.replace(head, head + own), encoding="utf-8", newline="\n")


def write_plurals(app, exception):
    """Write Sphinx's rule for plurals into the script that would make a function of its text."""
    script, catalog = (Path(app.outdir, "_static", name) for name in ("doctools.js", "translations.js"))
    if exception is None and script.exists() and catalog.exists():
        rule = json.loads(RULE.search(catalog.read_text(encoding="utf-8"))[1])
        text = MADE.sub(lambda _: f"(n) => ({rule})", script.read_text(encoding="utf-8"))
        script.write_text(text, encoding="utf-8", newline="\n")


def setup(app):
    app.add_config_value("editions", ["en"], "html", list)
    app.add_transform(Formulae)
    app.add_transform(GlossaryInOrder)
    app.add_transform(OwnDownloads)
    app.add_post_transform(Unbroken)
    app.connect("config-inited", on_config_inited)
    app.connect("html-page-context", add_terms)
    app.connect("build-finished", name_copying)
    app.connect("build-finished", write_plurals)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
