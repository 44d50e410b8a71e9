"""A Sphinx extension: the theme's style sheets without what no page and no script of the site needs, three quarters of what they weigh.

purgecss finds it. A build begins with the whole sheets.
"""

import json
from pathlib import Path

from book.press import npm

SHEETS = ("basic.css", "mystnb.*.css", "sphinx-design.min.css", "styles/*.css")
SCRIPT = Path(__file__).with_suffix(".js")


def sheets(html: Path) -> None:
    """Write the theme's style sheets again with what the built pages need."""
    static, lean = html / "_static", of_theme(html / "_static")
    files = {
        "pages": html.rglob("*.html"),
        "scripts": [path for path in static.rglob("*.js") if "locales" not in path.parts],
        "ours": set(static.rglob("*.css")) - set(lean),
        "sheets": lean,
    }
    npm.node(SCRIPT, text=json.dumps({kind: sorted(map(str, paths)) for kind, paths in files.items()}))


def of_theme(static: Path) -> list[Path]:
    """Return the theme's style sheets in a folder of static files."""
    return [path for pattern in SHEETS for path in static.glob(pattern)]


def on_builder_inited(app):
    """Make room for the whole sheets: an extension that finds another text under the name of its own does not write it."""
    for path in of_theme(Path(app.outdir) / "_static"):
        path.unlink()


def on_build_finished(app, exception):
    if exception is None and app.builder.name == "html":
        sheets(Path(app.outdir))


def setup(app):
    app.connect("builder-inited", on_builder_inited, priority=100)
    app.connect("build-finished", on_build_finished, priority=950)  # when the slides and the formulas are there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
