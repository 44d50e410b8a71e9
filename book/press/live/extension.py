"""A Sphinx extension: the cells of the pages run in them. `make book LIVE=1` turns it on (`-D live=1`).

- Each code cell gets an id, and the page what its cells are and the script `live/page.js`; their sources lie beside it as JSON.
- At the end what runs in a browser is put into `_static`: Python (`assets`), and our scripts, bundled by esbuild. Then each page with
  cells gets its policy.
"""

import base64
import hashlib
import json
import os
import re
import shutil
from pathlib import Path, PurePath

import nbformat
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.press.address import ROOT
from book.press.live import assets, cells, scripts
from book.press.pages import licenses
from book.press.translation import catalogs

PROGRAMS = ROOT / "book" / "programs"
YOUR_TABLE, PROGRAM = "book/your_table", "<!-- program -->\n"
EITHER = re.compile(r"^<!-- (with|without) cells -->\n(.*?)^<!-- end -->\n", re.M | re.S)
LICENSES = "<!-- licenses -->"
PASSED = '<p class="live-passed" data-passed-of="{n}" data-page="{page}"></p>\n'
CHARSET = '<meta charset="utf-8" />'
META = '<meta http-equiv="Content-Security-Policy" content="{}" />'
INLINE = re.compile(r'<script(?![^>]*(?:\bsrc=|\btype="application/))[^>]*>(.*?)</script>', re.S)


def cells_file(app, docname: str) -> Path:
    return Path(app.doctreedir) / "cells" / f"{docname}.json"


def on_source_read(app, docname, source):
    """Write the cells of a page, when everything it holds is there."""
    with_cells = (docname.startswith("chapters/") and not docname.endswith("/index")) or docname in (
        cells.PLAYGROUND,
        YOUR_TABLE,
    )
    kept = "with" if app.config.live else "without"
    both = app.builder.name == "gettext"  # are translated
    source[0] = EITHER.sub(lambda match: match[2] + "\n" if both or match[1] == kept else "", source[0])
    if docname == cells.PLAYGROUND:
        source[0] = cells.playground_in(source[0], app.config.language)
    if docname == YOUR_TABLE:
        app.env.note_dependency(str(scripts.BROWSER / "your_table.py"))
        program = cells.program_of_table(app.config.language, catalogs.gettext(app.config.language))
        source[0] = source[0].replace(PROGRAM, f"```{{code-block}} python\n:name: your-program\n{program}```\n")
    if app.config.live and with_cells:
        if docname == YOUR_TABLE:
            found = []  # it writes its own
        elif docname == cells.PLAYGROUND:
            found = cells.of_playground(source[0])
        else:
            found = cells.of(nbformat.reads(source[0], as_version=4), catalogs.gettext(app.config.language))
        file = cells_file(app, docname)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


class Mark(SphinxPostTransform):
    """Give each code cell its id."""

    default_priority = 880
    formats = ("html",)

    def run(self, **options):
        if self.app.config.live:
            for box in self.document.findall(nodes.container):
                if box.get("nb_element") == "cell_code":
                    box["ids"].append(f"cell-{box['cell_index']}")


def on_page_context(app, page, template, context, doctree):
    """Have a page with cells, and the page of a chapter, load what runs them; and list the licenses where they belong."""
    if LICENSES in context.get("body", ""):
        wheels = sorted(app.live_python.glob("*.whl")) if app.config.live else []
        table = licenses.table(wheels, catalogs.gettext(app.config.language))
        context["body"] = context["body"].replace(LICENSES, table)
    if not app.config.live or doctree is None:
        return
    file, up = cells_file(app, page), "../" * page.count("/")
    if file.exists() or (page.startswith("chapters/") and page.endswith("/index")):
        python = up + PurePath(os.path.relpath(app.live_python, app.outdir)).as_posix()
        attributes = {"data-page": page, "data-python": python, "data-root": up, "defer": "defer"}
        app.add_js_file("live/page.js", loading_method="defer", **attributes)
        app.add_css_file("live.css", priority=910)
    exercises = cells_file(app, page.removesuffix("index") + "exercises")
    if page.endswith("/index") and exercises.exists():
        stubs = [cell for cell in json.loads(exercises.read_text(encoding="utf-8")) if cell["kind"] == "stub"]
        context["body"] += PASSED.format(n=len(stubs), page=page.removesuffix("index") + "exercises")
    if file.exists():
        known = [
            {key: cell.get(key) for key in ("index", "kind", "name", "cannot", "seconds", "varies")}
            for cell in json.loads(file.read_text(encoding="utf-8"))
        ]
        text = json.dumps(known, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        context["body"] += f'<script type="application/json" id="live-cells">{text}</script>\n'


def on_builder_inited(app):
    """Have everything that is served before the first page is written: its folder is named after its content."""
    if app.config.live and app.builder.name == "html":
        assets.fetch()
        app.live_python = assets.serve(site_of_python(app))
        for old in set((Path(app.outdir) / "_static").glob("python-*")) - {app.live_python}:
            shutil.rmtree(old)


def on_env_updated(app, env):
    """Return the pages to write again because the folder of Python has another name than when they were written."""
    if not app.config.live or app.builder.name != "html":
        return []
    before, env.live_python = getattr(env, "live_python", None), app.live_python.name
    return [] if before == env.live_python else list(env.found_docs)


def site_of_python(app) -> Path:
    """Return the site that serves Python: where the editions are built together, the English one has it for all.

    So it is loaded, and kept by a browser, once.
    """
    beside = bool(catalogs.place(app.config.language)) and "en" in app.config.editions
    return Path(app.outdir).parent if beside else Path(app.outdir)


def on_build_finished(app, exception):
    if exception is not None or not app.config.live or app.builder.name != "html":
        return
    site = Path(app.outdir)
    shutil.copytree(Path(app.doctreedir) / "cells", site / "_static" / "live" / "cells", dirs_exist_ok=True)
    gettext = catalogs.gettext(app.config.language)
    scripts.bundle(scripts.OF_PAGES, site / "_static" / "live", gettext)
    said = json.dumps(cells.sentences(app.config.language, gettext), ensure_ascii=False)
    (site / "_static/live/sentences.json").write_text(said, encoding="utf-8")
    shutil.copytree(PROGRAMS, site / "_static/live/programs", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*"))
    shutil.copyfile(scripts.BROWSER / "live.css", site / "_static" / "live.css")
    shutil.copyfile(scripts.BROWSER / "sw.js", site / "sw.js")
    for file in site.rglob("*.html"):
        protect(file)


def protect(file: Path) -> None:
    """Write a page that runs cells again with the policy that it loads nothing from elsewhere, and runs no script but the book's."""
    page = re.sub(META.format(".*?"), "", file.read_text(encoding="utf-8"))
    if "live/page.js" in page:
        file.write_text(page.replace(CHARSET, CHARSET + META.format(policy(page)), 1), encoding="utf-8")


def policy(page: str) -> str:
    """Return the policy of a page, which its frame inherits: scripts in the text are known by their hashes."""
    inline = {*INLINE.findall(page), *INLINE.findall((scripts.BROWSER / "frame.html").read_text(encoding="utf-8"))}
    hashes = sorted(base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline)
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval'", *(f"'sha256-{one}'" for one in hashes))),
            "worker-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )


def setup(app):
    app.add_config_value("live", False, "env", bool)
    app.add_post_transform(Mark)
    app.connect("builder-inited", on_builder_inited)
    app.connect("source-read", on_source_read, priority=900)
    app.connect("env-updated", on_env_updated)
    app.connect("html-page-context", on_page_context, priority=900)
    app.connect("build-finished", on_build_finished, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
