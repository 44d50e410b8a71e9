"""The pages' devices: boxes that react. A lesson writes an admonition, and the build makes a device of it.

    :::{admonition} You choose the next trial
    :class: device choose
    <!-- d=1&belief=1 -->

    On the book's page you can play with this figure: click where to train next.

    **Question.** How often does the second half of the nights help?

`choose` is the module `_static/devices/choose.js`, and the comment, which may be left out, is the state it begins with. JupyterLab
shows the admonition as a box, and so do paper and a browser without JavaScript: what it says must be true there too. A text that begins
"On the book's page" is for notebooks: the page leaves out its first words, up to the first colon or period. The class `replaces` says
that the device takes the place of the figure right above it, which these three keep.

- `mark` prepares the boxes of a page; a page without a device loads nothing.
- `tables` writes the tables of real training runs that devices play with; what has no words is a module of `static`, which a script
  in examples/tables has made.
- `bundle` makes one classic script of all modules, because a browser refuses modules from a folder on disk (file://), and minifies them and the style.
"""

import html
import re
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.press import npm
from book.press.markdown import comment
from book.press.pages.figures import drawing
from book.press.pages.packing import Packed, module
from book.press.translation import catalogs

STATIC = Path(__file__).parents[1] / "static"
MODULE = re.compile(r"^(?:import|export)\b", re.M)


def mark(document: nodes.document, page: str, language: str = "en") -> bool:
    """Give each device of a page its id, its place and its settings; return True if there is one."""
    _, known = catalogs.gettext(language), {path.stem for path in (STATIC / "devices").glob("*.js")}
    boxes, names = [box for box in document.findall(nodes.admonition) if "device" in box["classes"]], []
    for box in boxes:
        found = [name for name in box["classes"] if name in known]
        if len(found) != 1:
            raise ValueError(
                f"{page}: a device of the classes {' '.join(box['classes'])!r} must name one of {sorted(known)}"
            )
        names += found
        box_id = found[0] if names.count(found[0]) == 1 else f"{found[0]}-{names.count(found[0])}"
        inside, settings = [], ""
        for node in box.children:
            if isinstance(node, nodes.raw) and (state := comment(node.astext().strip())):
                settings = f' data-settings="{html.escape(state)}"'
            else:
                inside.append(node)
        asks = ("Question.", _("Question."))
        asked = [
            i for i, node in enumerate(inside) if isinstance(node, nodes.paragraph) and node.astext().startswith(asks)
        ]
        if not asked:
            raise ValueError(
                f"{page}: the device {found[0]} must ask a question: a paragraph that begins **Question.**"
            )
        if "replaces" in box["classes"]:
            place = box.parent.index(box)
            above = box.parent[place - 1] if place else None
            if above is None or not any(above.findall(lambda node: isinstance(node, (nodes.image, drawing)))):
                raise ValueError(f"{page}: the device {found[0]} replaces the figure above it, and there is none")
            above["classes"].append("device-figure")
        for_notebooks = ("On the book's page", _("On the book's page"))
        told = [node for node in inside[1 : asked[0]] if _is_for_pages(node, for_notebooks)]
        title = nodes.paragraph("", "", *inside[0].children, classes=["admonition-title"])
        without = _("This interactive figure needs JavaScript.")
        stage = raw(f'<div class="device-stage"><p class="device-without">{without}</p></div>')
        inside = [title, *told, stage, *inside[asked[0] :]]
        css = " ".join(["admonition", *box["classes"]])
        opening = raw(f'<div class="{css}" data-device="{found[0]}"{settings} id="{box_id}">')
        # Its script need not wait for what comes below the last one.
        script = (
            [raw(f'<script async src="{"../" * page.count("/")}_static/start.js"></script>')]
            if box is boxes[-1]
            else []
        )
        box.parent.replace(box, [opening, *inside, raw("</div>"), *script])
    return bool(boxes)


def _is_for_pages(node: nodes.Node, beginnings: tuple[str, ...]) -> bool:
    """Take from a paragraph the first words that are for notebooks, up to a colon or a period; return False if nothing is left."""
    first = node.children[0] if isinstance(node, nodes.paragraph) and node.children else None
    if not isinstance(first, nodes.Text) or not first.astext().replace("’", "'").startswith(beginnings):
        return True
    _, end, rest = re.match(r"([^:.]*)([:.]?)\s*(.*)", first.astext(), re.S).groups()
    if end:
        node.replace(first, [nodes.Text(rest[0].upper() + rest[1:])] if rest else [])
    return bool(node.children)


def raw(text: str) -> nodes.raw:
    """Return some HTML as a node."""
    return nodes.raw("", text + "\n", format="html")


class Devices(SphinxPostTransform):
    """Make devices of the boxes of a page, and have the page load what they need."""

    default_priority = 900  # when the page is in its language, and its links lead somewhere
    formats = ("html",)

    def run(self, **options):
        mark(self.document, self.env.docname, self.config.language)


def on_page_context(app, docname, template, context, doctree):
    """Have a page with a device load their style."""
    if doctree is not None and 'data-device="' in context.get("body", ""):
        app.add_css_file("device.css", priority=900)


def tables(language: str = "en") -> str:
    """Return the JavaScript module of the tables: losses of real training runs, in the units and the words that the axes show."""
    from hpt_lab import problems

    _ = catalogs.gettext(language)
    digits, forest = problems.svm_digits(), problems.forest_boston("root_mean_squared_error")
    parts = [
        (digits, _("a support vector machine on digits"), _("share of misread digits"), "%", 100, True, [0.5, 100]),
        (forest, _("a random forest on Boston housing"), _("error"), _("1000 USD"), 1, False, [3, 7]),
    ]
    written = []
    for problem, name, label, unit, factor, log, around in parts:
        values = np.round(factor * problem.values(seed=0), 2)
        axes = [
            {"name": key, "low": d.low, "high": d.high, "log": d.log, "size": d.size, "values": [float(f"{value:.3g}") for value in d.values()]}
            for key, d in problem.space.dimensions.items()
        ]  # fmt: skip
        assert around[0] < values.min()
        assert values.max() < around[1]
        written.append({"name": name, "label": label, "unit": unit, "log": log, "range": around, "axes": axes, "values": Packed(values, 100)})  # fmt: skip
    curves = {
        "epochs": _curves(problems.mlp_mnist(), _("validation error"), (1, 3, 9, 27)),
        "trees": _curves(problems.boosting_boston(), _("unexplained variance"), (3, 9, 27, 81)),
    }
    return module(TABLES=written, CURVES=curves, LEADS=_leads())


def _leads() -> dict[str, Any]:
    """Return how far Bayesian optimization's winner leads random search's, for each seed: as both report it, and in the re-test."""
    from hpt_lab.problems.trainings import DATA

    with np.load(DATA / "leads.npz") as stored:
        reported, retest = map(Packed, (stored["random"] - stored["bayesian"]).T)
        known = {name: stored[name].tolist() for name in ("unit", "networks", "stops")}
    return {**known, "reported": reported, "retest": retest}


def _curves(problem: Any, label: str, budgets: tuple[int, ...], n: int = 250) -> dict[str, Any]:
    """Return the losses of `n` settings of a table (250 drawn ones, if it has more), in per cent: one row a setting, one column a budget."""
    columns = np.stack([problem.values(seed=0, budget=budget).ravel() for budget in budgets], axis=1)
    rows = np.sort(np.random.default_rng(0).permutation(len(columns))[:n])
    return {"label": label, "budgets": budgets, "losses": Packed(100 * columns[rows], 100)}


def bundle(folder: Path) -> None:
    """Make the script `devices-from-disk.js` of all modules of a folder `_static`, and minify these and the style of the devices."""
    own = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")} | {"tables.js"}
    modules = [name for name in sorted(own) if MODULE.search((folder / name).read_text(encoding="utf-8"))]
    npm.node(Path(__file__).with_name("bundle.js"), str(folder.resolve()), *modules)


def setup(app):
    app.add_post_transform(Devices)
    app.connect("html-page-context", on_page_context)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
