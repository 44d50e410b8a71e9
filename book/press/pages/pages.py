"""A Sphinx extension: what the pages show beyond their sources.

- An exercise page gets the student's stub, a toggle over its solution and check, and the student notebook to download. With
  `-D solutions=0` the site has no solution, in no file, and no page for teachers: what stands between a line
  `<!-- with solutions -->` and `<!-- end -->` is left out, and what stands between `<!-- without solutions -->` and `<!-- end -->` is in.
- The source that a page offers is its notebook as it starts anywhere (`standalone`).
- The line `<!-- lessons -->` becomes a table of lessons: of one chapter in its index, of all in the teacher's guide.
- The teacher's pages get their schedule (`schedule`).
- A cell whose outputs are sentences shows these alone: its code is one for the notebook.
- The front page's line `<!-- replication -->` leads to that page where it exists; how to cite, how to report an error, and what
  is new come from the files of the project (`public`).
- A box of the class `device` becomes something to play with (`devices`).
- What the theme leaves to be done is done at the end, by `finish`; then `slides` makes a deck of each chapter.
"""

import json
import re
from pathlib import Path

import nbformat

from book.press.notebooks import exercises, pairing, standalone
from book.press.pages import devices, finish, front, lessons, public, schedule
from book.press.slides import writing as slides
from book.press.translation import catalogs, javascript, translate

MARK = "<!-- lessons -->"
PROSE = {"text/markdown", "text/plain"}
EITHER = re.compile(r"^<!-- (with|without) solutions -->\n(.*?)^<!-- end -->\n", re.M | re.S)
FOR_TEACHERS = ("book/teacher.md", "book/lesson_plans.md")  # no pages of a site without solutions
OFFER = """{{download}}`Download the student notebook </course/student/{chapter}.ipynb>`: the same exercises, with room for your code. Open
it in JupyterLab, Colab or VS Code. Where `hpt_lab` is not installed, put {{download}}`its wheel </course/student/{wheel}>` beside
it; the first code cell does the rest."""


def published(notebook, solutions):
    """What a site may hold of a chapter's exercises."""
    return exercises.without_hidden_tests(notebook) if solutions else exercises.without_solutions(notebook)


def either(text, solutions):
    """A page for the site with solutions, or for the one without."""
    kept = "with" if solutions else "without"
    return EITHER.sub(lambda match: match[2] if match[1] == kept else "", text)


def exercise_page(notebook, chapter, solutions=True, language="en"):
    """The notebook as the book shows it."""
    page, _ = published(notebook, solutions), catalogs.gettext(language)
    first = page.cells[0]
    title, rest = first.source.split("\n", 1)
    first.source = f"{title}\n\n{OFFER.format(chapter=chapter, wheel=standalone.WHEEL)}\n{rest}"
    cells = []
    for cell in page.cells:
        if solutions and exercises.is_solution(cell):
            cells.append(nbformat.v4.new_code_cell(exercises.stub(cell.source)))
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


def lesson_tables(root):
    """All chapters' tables, for the teacher's guide."""
    parts = []
    for folder in sorted(path for path in (root / "chapters").glob("*") if (path / "index.md").exists()):
        title = lessons.TITLE.search((folder / "index.md").read_text(encoding="utf-8"))
        table = lessons.table(folder, prefix=f"../chapters/{folder.name}/")
        parts.append(f"### {title[1] if title else folder.name}\n\n{table}")
    return "\n\n".join(parts)


def on_source_read(app, docname, source):
    root, solutions = Path(app.srcdir), app.config.solutions
    parts = docname.split("/")
    source[0] = either(source[0], solutions)
    if docname == "book/index":
        _depend(app, root / "chapters" / front.CHAPTER)
        for name in ("CITATION.cff", "CHANGELOG.md", "pyproject.toml"):
            app.env.note_dependency(str(root / name))
        source[0] = public.filled(front.filled(source[0], root), root)
    elif parts[0] == "chapters" and parts[-1] != "index":
        notebook = prose_alone(nbformat.reads(source[0], as_version=4))
        translate.figures(notebook, catalogs.catalog(docname, app.config.language))
        source[0] = json.dumps(
            exercise_page(notebook, parts[1], solutions, app.config.language) if parts[-1] == "exercises" else notebook
        )
    elif MARK in source[0] and parts[0] == "chapters":
        _depend(app, root / "chapters" / parts[1])
        source[0] = source[0].replace(MARK, lessons.table(root / "chapters" / parts[1], solutions=solutions))
    elif docname in ("book/teacher", "book/lesson_plans"):
        _depend(app, root / "chapters")
        source[0] = schedule.filled(source[0].replace(MARK, lesson_tables(root)), root)


def _depend(app, folder):
    for path in folder.rglob("*.md"):
        app.env.note_dependency(str(path))


def on_config_inited(app, config):
    if not config.solutions:
        config.exclude_patterns += FOR_TEACHERS


def on_builder_inited(app):
    static = Path(app.confdir).parent / "_build" / "static"
    front.pictures(static)
    finish.icons(static / "icons.css")


def on_page_context(app, docname, template, context, doctree):
    """Write the notebook that the page offers in the place of its raw source, which Sphinx would copy."""
    name = context.get("sourcename", "")
    if doctree is not None and name.endswith(".ipynb"):
        notebook = nbformat.read(app.env.doc2path(docname), as_version=4)
        if docname.endswith("/exercises"):
            notebook = published(notebook, app.config.solutions)
        notebook = translate.notebook(notebook, docname, app.config.language)
        pairing.save(
            Path(app.outdir) / "_sources" / name,
            pairing.write_notebook(standalone.standalone(notebook, app.config.language)),
        )
        del context["sourcename"]


def on_build_finished(app, exception):
    """Remove the theme's own templates, which it copies among the static files by mistake, and mend its pages."""
    for path in (Path(app.outdir) / "_static").glob("*webpack-macros.html"):
        path.unlink()
    if exception is None and app.builder.name == "html":
        static = Path(app.outdir) / "_static"
        (static / "tables.js").write_text(devices.tables(app.config.language), encoding="utf-8")
        javascript.write(static, app.config.language)
        finish.site(Path(app.outdir), app.config)
        if app.config.solutions:  # their notes are for teachers
            slides.write(Path(app.outdir), app.config.language, app.config.mathjax3_config)


def setup(app):
    app.add_config_value("solutions", True, "env", bool)
    app.connect("config-inited", on_config_inited)
    app.connect("source-read", on_source_read)
    app.connect("html-page-context", on_page_context, priority=900)  # when the theme has made its buttons
    app.connect("builder-inited", on_builder_inited)
    app.connect("build-finished", on_build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
