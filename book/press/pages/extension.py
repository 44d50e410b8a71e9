"""A Sphinx extension: what the pages show beyond their sources, and how they differ from the theme's.

- An exercise page gets the student's stub, a toggle over its solution and check, and the student notebook to download. With
  `-D solutions=0` the site has no solution, in no file, and no page for teachers: what stands between a line
  `<!-- with solutions -->` and `<!-- end -->` is left out, and what stands between `<!-- without solutions -->` and `<!-- end -->` is in.
- The source that a page offers is its notebook as it starts anywhere (`standalone`).
- A chapter's page has its picture, and its lessons as cards in place of the line `<!-- lessons -->`; the teacher's pages have
  their tables from `schedule`.
- A cell whose outputs are sentences shows these alone: its code is one for the notebook.
- The front page has a picture of each chapter (`front`), the book's claims as dots, and a style of its own; the page about the claims
  has them with their intervals (`claims`);
  how to cite, how to report an error, and what is new come from the files of the project (`citation`).
- A page says what it is to those who are sent the link, in the templates of templates/; every control says what it does.
- `devices` and `figures` are extensions of their own; `site` completes the folder; then `slides` makes a deck of each chapter.
"""

import fnmatch
import html
import itertools
import json
import re
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

import nbformat
from docutils import nodes
from markupsafe import Markup
from sphinx.util import logging

from book.press import address, course, quizzes
from book.press.notebooks import exercises, pairing, standalone
from book.press.pages import citation, claims, fonts, front, schedule, site
from book.press.slides import writing as slides
from book.press.translation import catalogs, translate

logger = logging.getLogger(__name__)
MARK = "<!-- lessons -->"
CHEVRON = re.compile(r"(<a [^>]*>((?:(?!</a>).)*)</a><details[^>]*><summary)", re.S)
TABLE = re.compile(r'(?<!container">)\s*<table\b.*?</table>', re.S)
PRINTED = re.compile(
    r'(<div class="output (?:stream|text_plain)[^"]*)("><div class="highlight"><pre>(.*?)</pre>)', re.S
)
ROOM, SMALLER = (
    84,
    {91: "small", 99: "smaller", 103: "smallest"},
)  # columns of an output: in book.css they have these sizes
PROSE = {"text/markdown", "text/plain"}
EITHER = re.compile(r"^<!-- (with|without) solutions -->\n(.*?)^<!-- end -->\n", re.M | re.S)
FOR_TEACHERS = ("book/teacher*.md", "book/lesson_plans*.md")  # no pages of a site without solutions
OFFER = """{{download}}`Download the student notebook </course/student/{chapter}.ipynb>`: the same exercises, with room for your code. Open
it in JupyterLab, Colab or VS Code. If `hpt_lab` is not installed, put {{download}}`its wheel </course/student/{wheel}>` in the same
folder; the first code cell does the rest."""


def published(notebook, solutions):
    """Return what a site may hold of a chapter's exercises."""
    return exercises.without_hidden_tests(notebook) if solutions else exercises.without_solutions(notebook)


def either(text, solutions):
    """Return a page for the site with solutions, or for the one without."""
    kept = "with" if solutions else "without"
    return EITHER.sub(lambda match: match[2] if match[1] == kept else "", text)


def exercise_page(notebook, chapter, solutions=True, language="en"):
    """Return the notebook as the book shows it."""
    page, _ = published(notebook, solutions), catalogs.gettext(language)
    first = page.cells[0]
    title, rest = first.source.split("\n", 1)
    first.source = f"{title}\n\n{OFFER.format(chapter=chapter, wheel=standalone.WHEEL)}\n{rest}"
    cells = []
    for cell in page.cells:
        if solutions and exercises.is_solution(cell):
            own = {"stub": cell.metadata["nbgrader"]["grade_id"]}
            cells.append(nbformat.v4.new_code_cell(exercises.stub(cell.source), metadata=own))
            cell.source = exercises.solved(cell.source)
            _close(cell, _("Show the solution"), _("Hide the solution"))
        elif exercises.is_check(cell):
            _close(cell, _("Show the check"), _("Hide the check"))
        cells.append(cell)
    page.cells = cells
    return page


def _close(cell, show, hide):
    tags = [tag for tag in cell.metadata.get("tags", []) if not tag.startswith("hide-")]
    cell.metadata["tags"] = [*tags, "hide-cell"]
    prompts = {"code_prompt_show": show, "code_prompt_hide": hide}
    cell.metadata["mystnb"] = {**cell.metadata.get("mystnb", {}), **prompts}


def prose_alone(notebook):
    """Take away the closed code above sentences that it computed: no bar between two paragraphs."""
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        kinds = [set(output.get("data", {})) for output in outputs]
        if outputs and all("text/markdown" in kind and kind <= PROSE for kind in kinds):
            tags = cell.metadata.get("tags", [])
            if "hide-input" in tags:
                cell.metadata["tags"] = [tag for tag in tags if tag != "hide-input"] + ["remove-input"]
    return notebook


def on_source_read(app, docname, source):
    """Fill what a page takes from elsewhere into its source."""
    root, solutions, parts = Path(app.srcdir), app.config.solutions, docname.split("/")
    source[0] = either(source[0], solutions)
    if docname == app.config.root_doc:
        _depend(app, root / "chapters" / "01_the_problem")
        for name in ("CITATION.cff", "CHANGELOG.md", "pyproject.toml", "book/replication.md"):
            app.env.note_dependency(str(root / name))
        source[0] = citation.filled(front.filled(source[0], root, app.config.language), root, solutions)
    elif docname == f"book/{claims.PAGE}":
        source[0] = claims.filled(source[0], root, app.config.language)
    elif parts[0] == "chapters" and parts[-1] != "index":
        notebook = prose_alone(nbformat.reads(source[0], as_version=4))
        translate.words(notebook, docname, app.config.language)
        source[0] = json.dumps(
            exercise_page(notebook, parts[1], solutions, app.config.language) if parts[-1] == "exercises" else notebook
        )
    elif MARK in source[0] and parts[0] == "chapters":
        language = app.config.language
        _depend(app, root / "chapters" / parts[1], catalogs.folder(language) / "chapters" / parts[1])
        chapter = next(chapter for chapter in course.read(root, language).chapters if chapter.name == parts[1])
        source[0] = front.with_pictures(source[0]).replace(MARK, schedule.cards(chapter, language, solutions))
    elif any(fnmatch.fnmatch(f"{docname}.md", pages) for pages in FOR_TEACHERS):
        _depend(app, root / "chapters")
        app.env.note_dependency(str(root / "book/teacher_schedule.yml"))
        source[0] = schedule.filled(source[0], root)


def _depend(app, *folders):
    for path in itertools.chain.from_iterable(folder.rglob("*.*") for folder in folders):
        if path.suffix in (".md", ".po"):
            app.env.note_dependency(str(path))


def on_config_inited(app, config):
    _ = catalogs.gettext(config.language)
    config.html_theme_options["search_bar_text"] = _("Search...")
    if not config.solutions:
        config.exclude_patterns += FOR_TEACHERS


def on_builder_inited(app):
    build = Path(app.confdir).parent / "_build"
    if lacking := fonts.lacking((fonts.STATIC / "fonts.css").read_text(encoding="utf-8")):
        logger.warning("no typeface has been cut for %s: run `make fonts`", " ".join(sorted(lacking)))
    site.icons(build / "static" / "icons.css")
    if app.builder.format == "html":
        gettext = catalogs.gettext(app.config.language)
        app.builder.templates.environment.filters["named_chevrons"] = lambda chapters: named_chevrons(chapters, gettext)


def first_sentences(doctree, at_most=180):
    """Return the first paragraphs of a page, up to the end of a word."""
    text = ""
    for paragraph in (p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section)):
        text = f"{text} {' '.join(paragraph.astext().split())}".strip()
        if len(text) > 90:
            break
    text = text.replace("\u2060", "")  # word joiners of a Korean page
    return text if len(text) <= at_most else text[:at_most].rsplit(" ", 1)[0] + " …"


def shared(app, page, title, doctree):
    """Return what a page says of itself to search engines and messengers, by the names of these properties."""
    config, _ = app.config, catalogs.gettext(app.config.language)
    at_root = page in (config.root_doc, "index")
    docname = config.root_doc if at_root else page
    description = (first_sentences(doctree) if doctree else "") or title
    return {
        "description": description,
        "og:title": config.project if at_root else title,
        "og:type": "website" if at_root else "article",
        "og:site_name": config.project,
        "og:url": urljoin(config.html_baseurl, f"{docname}.html"),
        "og:description": description,
        "og:image": urljoin(config.html_baseurl, f"_static/{front.picture(config.language)}"),
        "og:image:alt": _(
            "A search after five training runs: what it predicts, how sure it is, and what it tries next"
        ),
        "twitter:card": "summary_large_image",
    }


def editions(config, page):
    """Return the editions that a page has: language, address, and name."""
    up = "../" * (page.count("/") + bool(catalogs.place(config.language)))
    return [
        {"language": one, "url": f"{up}{catalogs.place(one)}{page}.html", "name": catalogs.LANGUAGES[one]}
        for one in (config.editions if len(config.editions) > 1 else ())
    ]


def deck(page, _):
    """Return the way from a lesson to its slides, or from a chapter to all of them; None for other pages."""
    found = re.fullmatch(r"chapters/(\w+)/(\d\d_\w+|index)", page)
    if found is None:
        return None
    name = found[1] if found[2] == "index" else f"{found[1]}/{found[2]}"
    return {"url": f"../../slides/{name}.html", "name": _("Slides")}


def on_page_context(app, page, template, context, doctree):
    """Give the templates what they need, name the controls of the text, and write the notebook that the page offers."""
    _ = catalogs.gettext(app.config.language)
    own = {"genindex": _("Index"), "search": _("Search")}  # pages without a source
    title = Markup(own.get(page) or context.get("title", "")).striptags()
    told = app.env.get_and_resolve_doctree(app.config.root_doc, app.builder) if page == "index" else doctree
    context["fonts"] = fonts.FIRST[app.config.language]
    context["shared"], context["editions"] = shared(app, page, title, told), editions(app.config, page)
    context["deck"] = deck(page, _) if app.config.solutions else None
    context["metatags"] = re.sub(r'<meta[^>]*name="viewport"[^>]*>', "", context.get("metatags", ""))
    if page == app.config.root_doc:
        context["title"], context["docstitle"] = app.config.project, ""
        app.add_css_file("front.css", priority=900)
    elif re.fullmatch(r"chapters/\w+/index", page):
        app.add_css_file("chapter.css", priority=900)
    if doctree is not None:
        context["report_url"] = citation.error_form(f"{page}.html", address.known("repository"))
        context["body"] = PRINTED.sub(unbroken, accessible(context["body"]))
        if 'class="claims' in context["body"]:
            app.add_js_file("claims.js", loading_method="defer")
    offer_notebook(app, page, context, doctree)


def accessible(body):
    """Return a page's text with words for those who listen, and with a box around each wide table."""
    body = body.replace(' aria-label="Toggle hidden content"', "")  # "Show the code" is its text
    body = body.replace('role="doc-biblioentry"', 'role="listitem"')  # ARIA 1.2 took it back
    body = re.sub(r'(<a class="headerlink" [^>]*?title="([^"]*)")', r'\1 aria-label="\2 #"', body)
    return TABLE.sub(lambda table: f'<div class="pst-scrollable-table-container">{table[0]}</div>', body)


def unbroken(found):
    """Return a printed text in the size in which its lines have room; sentences that would be too small are broken as before."""
    widest = max(map(columns, html.unescape(re.sub("<[^>]+>", "", found[3])).split("\n")))
    size = next((f" {name}" for most, name in SMALLER.items() if ROOM < widest <= most), "")
    return f"{found[1]}{size}{found[2]}"


def columns(text):
    """Return how many columns a text takes: a Korean letter takes two."""
    return sum(2 if "가" <= letter <= "힣" else 1 for letter in text)


def named_chevrons(chapters, _):
    """Return the theme's list of chapters; each chevron is named after its chapter."""

    def named(found):
        name = _("Lessons of {0}").format(Markup(found[2]).striptags())
        return f'{found[1]} aria-label="{name}"'

    return CHEVRON.sub(named, str(chapters))


def offer_notebook(app, docname, context, doctree):
    """Write the notebook that a page offers in place of its raw source, which Sphinx would copy."""
    name = context.get("sourcename", "")
    if doctree is not None and name.endswith(".ipynb"):
        notebook = nbformat.read(app.env.doc2path(docname), as_version=4)
        if docname.endswith("/exercises"):
            notebook = published(notebook, app.config.solutions)
        notebook = quizzes.in_order(translate.notebook(notebook, docname, app.config.language), docname)
        pairing.save(
            Path(app.outdir) / "_sources" / name,
            pairing.write_notebook(standalone.standalone(notebook, app.config.language)),
        )
        del context["sourcename"]


def on_collect_pages(app):
    """Yield the pages that have no source: the site's root, and the one for lost readers."""
    yield "index", {}, "root.html"
    yield "404", site.lost(app.config.html_baseurl, app.config.language, app.config.editions), "404.html"


def on_build_finished(app, exception):
    if exception is None and app.builder.name == "html":
        site.finish(Path(app.outdir), app.config, sorted(app.env.found_docs))
        if app.config.solutions:  # their notes are for teachers
            slides.write(Path(app.outdir), app.config.language, partial(editions, app.config))


def setup(app):
    app.add_config_value("solutions", True, "env", bool)
    app.connect("config-inited", on_config_inited)
    app.connect("source-read", on_source_read)
    app.connect("html-page-context", on_page_context, priority=900)  # when the theme has made its buttons
    app.connect("html-collect-pages", on_collect_pages)
    app.connect("builder-inited", on_builder_inited)
    app.connect("build-finished", on_build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
