"""The pages' devices: boxes that react. A lesson writes an admonition, and the build makes a device of it.

    :::{admonition} You choose the next trial
    :class: device choose
    <!-- d=1&belief=1 -->

`choose` is the module `_static/devices/choose.js`, and the comment, which may be left out, is the state it begins with. JupyterLab
shows the admonition as a box, and so do paper and a browser without JavaScript: what it says must be true there too. The
class `replaces` says that the device stands in the place of the figure right above it, which these three keep.

- `mark` prepares the boxes of a page, and has the page load what they need; a page without a device loads nothing.
- `tables` writes the tables of real trainings that devices play with.
- `joined` makes one classic script of all modules: a browser refuses modules from a folder on disk (file://).
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from bs4 import Comment

from book.press.translation import catalogs

STATIC = Path(__file__).parents[1] / "static"
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "([\w./-]+)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+))", re.M)


def mark(soup, page: str, language: str = "en") -> None:
    """Give each device its id, its place, its settings, and to the page the scripts and the style."""
    _ = catalogs.gettext(language)
    boxes = soup.select("div.admonition.device")
    if not boxes:
        return
    known, names = {path.stem for path in (STATIC / "devices").glob("*.js")}, []
    for box in boxes:
        found = [name for name in box["class"] if name in known]
        if len(found) != 1:
            raise ValueError(
                f"{page}: a device of the classes {' '.join(box['class'])!r} must name one of {sorted(known)}"
            )
        names += found
        box["data-device"] = found[0]
        box["id"] = found[0] if names.count(found[0]) == 1 else f"{found[0]}-{names.count(found[0])}"
        settings = box.find(string=lambda text: isinstance(text, Comment))
        if settings:
            box["data-settings"] = settings.extract().strip()
        stage = soup.new_tag("div", attrs={"class": "device-stage"})
        without = _("Here stands something to play with. It needs JavaScript.")
        stage.append(soup.new_tag("p", attrs={"class": "device-without"}, string=without))
        asks = ("Question.", _("Question."))
        question = next((p for p in box.find_all("p", recursive=False) if p.get_text().startswith(asks)), None)
        if question is None:
            raise ValueError(
                f"{page}: the device {found[0]} must ask a question: a paragraph that begins **Question.**"
            )
        question.insert_before(stage)
        if "replaces" in box["class"]:
            above = box.find_previous_sibling()
            if above is None or not above.select("img"):
                raise ValueError(f"{page}: the device {found[0]} replaces the figure above it, and there is none")
            above["class"] = [*above["class"], "device-figure"]
    root = "../" * page.count("/")
    soup.head.append(soup.new_tag("link", attrs={"rel": "stylesheet", "href": f"{root}_static/device.css"}))
    script = soup.new_tag("script", attrs={"type": "module", "async": "", "src": f"{root}_static/mount.js"})
    boxes[-1].insert_after(script)  # it need not wait for what comes below


def tables(language: str = "en") -> str:
    """The JavaScript module of the tables: losses of real trainings, in the units and the words that the axes show."""
    from hpt_lab import problems

    _ = catalogs.gettext(language)
    digits, forest = problems.svm_digits(), problems.forest_boston("root_mean_squared_error")
    parts = [
        (digits, _("a support vector machine on digits"), _("digits read wrongly"), "%", 100, True, [0.5, 100]),
        (forest, _("a random forest on Boston housing"), _("error"), _("1000 USD"), 1, False, [3, 7]),
    ]
    written = []
    for problem, name, label, unit, factor, log, around in parts:
        values = np.round(factor * problem.values(seed=0), 2)
        axes = [
            {"name": key, "low": d.low, "high": d.high, "log": d.log, "size": d.size, "values": np.round(d.values(), 5).tolist()}
            for key, d in problem.space.dimensions.items()
        ]  # fmt: skip
        assert around[0] < values.min()
        assert values.max() < around[1]
        written.append({"name": name, "label": label, "unit": unit, "log": log, "range": around, "axes": axes, "values": values.tolist()})  # fmt: skip
    curves = {
        "epochs": _curves(problems.mlp_mnist(), _("validation error"), (1, 3, 9, 27)),
        "trees": _curves(problems.boosting_boston(), _("variance unexplained"), (3, 9, 27, 81)),
    }
    return "".join(
        f"export const {name} = {json.dumps(value, separators=(',', ':'))};\n"
        for name, value in (("TABLES", written), ("CURVES", curves))
    )


def _curves(problem: Any, label: str, budgets: tuple[int, ...], n: int = 250) -> dict[str, Any]:
    """Losses of `n` settings of a table (250 drawn ones, if it has more), in per cent: one row a setting, one column a budget."""
    columns = np.stack([problem.values(seed=0, budget=budget).ravel() for budget in budgets], axis=1)
    rows = np.sort(np.random.default_rng(0).permutation(len(columns))[:n])
    return {"label": label, "budgets": budgets, "losses": np.round(100 * columns[rows], 2).tolist()}


def joined(folder: Path) -> str:
    """All modules of a folder `_static` as one classic script, each a function that returns what it exports."""
    done: dict[Path, str] = {}

    def add(path: Path) -> None:
        if path in done:
            return
        text = path.read_text(encoding="utf-8")
        for _, source in IMPORT.findall(text):
            add((path.parent / source).resolve())
        names = EXPORT.findall(text)
        body = IMPORT.sub(
            lambda found: f"const {{ {found[1]} }} = modules[{key((path.parent / found[2]).resolve())}];\n",
            EXPORT.sub("", text),
        )
        done[path] = f"modules[{key(path)}] = (() => {{\n{body}return {{ {', '.join(names)} }};\n}})();\n"

    def key(path: Path) -> str:
        return json.dumps(path.relative_to(folder.resolve()).as_posix())

    for path in sorted((folder / "devices").glob("*.js")):
        add(path.resolve())
    add((folder / "device.js").resolve())
    mounted = 'modules["device.js"].mountAll(name => modules[`devices/${name}.js`]);\n'
    return f"(() => {{\nconst modules = {{}};\n{''.join(done.values())}{mounted}}})();\n"
