"""A Sphinx extension: an edition of the book in another language than English, `-D language=ko`.

It is built from the same sources into the folder of its language, beside the English pages: html/book/index.html has its Korean
page at html/ko/book/index.html. Sphinx translates what stands in the pages' sources; here is the rest.

- The words of the configuration and of the theme, formulae, the glossary's order and its table of terms, the downloads of its own notebooks.
- On each page of a site in several languages (`-D editions=en,ko`), a switch to the same place in the other one.
"""

import html
import re

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from book.press.translation import catalogs, rules

THEIR_SEARCH = "검색"  # the theme's word for finding a page; in this book it is what a strategy does
HANGUL = re.compile(r"[가-힣]")
BRACKET = re.compile(r"\)(?=[가-힣])")


def on_config_inited(app, config):
    """What conf.py says in English, in the language."""
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
    """A formula on a line of its own, which may hold words. Sphinx takes its translation for reStructuredText, and loses it."""

    default_priority = 15  # before the translation

    def apply(self):
        messages = catalogs.catalog(self.env.docname, self.config.language)
        for node in self.document.findall(nodes.math_block) if messages else ():
            said = messages.get(node.rawsource or node.astext())
            if said:
                node.children = [nodes.Text(said)]
                node["translated"] = True


class GlossaryInOrder(SphinxTransform):
    """The entries in the order of the language's letters."""

    default_priority = 30  # behind the translation

    def apply(self):
        for glossary in self.document.findall(addnodes.glossary) if self.config.language != "en" else ():
            for entries in glossary.findall(nodes.definition_list):
                entries.children.sort(key=lambda entry: entry[0].astext())


class OwnDownloads(SphinxTransform):
    """A page offers the notebooks of its own language."""

    default_priority = 30  # behind the translation

    def apply(self):
        language = self.config.language
        for node in self.document.findall(addnodes.download_reference) if language != "en" else ():
            node["reftarget"] = node["reftarget"].replace("/course/student/", f"/course/{language}/student/")


def mend(soup, page: str, config) -> None:
    """What a page of the edition lacks: the way to the same place in the other language, and the terms beneath the glossary."""
    if page == "book/glossary.html" and config.language != "en":
        soup.select_one("article section").append(BeautifulSoup(terms(config.language), "html.parser"))
    if config.language != "en":
        chrome(soup, catalogs.gettext(config.language))
        together(soup)
    up = "../" * (page.count("/") + bool(catalogs.place(config.language)))
    buttons = soup.select_one(".article-header-buttons")
    for other in config.editions if len(config.editions) > 1 else ():
        href = f"{up}{catalogs.place(other)}{page}"
        soup.head.append(soup.new_tag("link", attrs={"rel": "alternate", "hreflang": other, "href": href}))
        if other != config.language and buttons is not None:
            attrs = {"class": "btn btn-sm edition", "href": href, "lang": other, "hreflang": other}
            buttons.insert(0, soup.new_tag("a", attrs=attrs, string=catalogs.LANGUAGES[other]))


def chrome(soup, _) -> None:
    """The theme's own words, as far as it does not know the language."""
    own = {
        "Back to top": _("Back to top"),
        "Color mode": _("Color mode"),
        "Dark": _("Dark"),
        "Light": _("Light"),
        "Link to this definition": _("Link to this definition"),
        "Link to this heading": _("Link to this heading"),
        "Link to this term": _("Link to this term"),
        "Main": _("Main"),
        "Page": _("Page"),
        "Please activate JavaScript to enable the search functionality.": _(
            "Please activate JavaScript to enable the search functionality."
        ),
        "Search...": _("Search..."),
        "Skip to main content": _("Skip to main content"),
        "System Settings": _("System Settings"),
        "Table of contents": _("Table of contents"),
        "Toggle primary sidebar": _("Toggle primary sidebar"),
        "Toggle secondary sidebar": _("Toggle secondary sidebar"),
        "Version warning": _("Version warning"),
        "next page": _("next page"),
        "previous page": _("previous page"),
        THEIR_SEARCH: _("Search"),
    }
    for node in soup.find_all(True):
        for key in {"title", "aria-label", "placeholder"} & set(node.attrs):
            text, sign, _rest = node[key].partition(" #")
            node[key] = own.get(text, text) + sign
    for text in soup.find_all(string=lambda text: text.strip() in own):
        if text.strip() != THEIR_SEARCH or text.find_parent("article") is None:
            text.replace_with(text.replace(text.strip(), own[text.strip()]))
    for author in soup.select(".component-author"):
        author.string = _("By the authors of Hyperparameter Tuning from Scratch")


def together(soup) -> None:
    """A particle stays on the line of the formula or the bracket that it belongs to: a word joiner (U+2060) between them."""
    for formula in soup.select("article span.math"):
        if HANGUL.match(str(formula.next_sibling or "")):
            formula.insert_after("\u2060")
    for text in soup.select_one("article").find_all(string=BRACKET) if soup.article else ():
        if text.find_parent(["script", "style", "pre", "code"]) is None:
            text.replace_with(BRACKET.sub(")\u2060", text))


def terms(language: str) -> str:
    """The table of terms, with the reason where the word is not the usual one."""
    _ = catalogs.gettext(language)
    head = "".join(f"<th>{word}</th>" for word in (_("English"), _("Korean"), _("why")))
    body = "".join(
        f'<tr><td lang="en">{html.escape(readable(row["english"]))}</td><td>{html.escape(row["korean"].replace("|", ", "))}</td>'
        f"<td>{html.escape(row['why'])}</td></tr>"
        for row in rules.rows(language)
    )
    title = _("The terms of this edition")
    return f"""<section id="terms"><h2>{title}</h2><div class="pst-scrollable-table-container"><table class="docutils">
<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>"""


def readable(pattern: str) -> str:
    """The English of a row, which may hold several forms and what must not follow."""
    return re.sub(r"\(\?![^)]*\)", "", pattern).split("|")[0]


def setup(app):
    app.add_config_value("editions", ["en"], "html", list)
    app.add_transform(Formulae)
    app.add_transform(GlossaryInOrder)
    app.add_transform(OwnDownloads)
    app.connect("config-inited", on_config_inited)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
