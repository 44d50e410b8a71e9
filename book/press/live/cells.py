"""The cells of a page, as the browser gets them: each code cell with its place in the notebook, and what it is.

A cell that needs what a browser does not have says so, in one sentence.
"""

import ast
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from book.press.notebooks import exercises
from book.press.translation.cells import program

# What a browser's Python does not have: by the package that is imported, or by what is asked of the lab.
FOREIGN = {
    **dict.fromkeys(("subprocess", "multiprocessing", "concurrent", "loky", "signal"), "processes"),
    **dict.fromkeys(("distributed", "dask"), "Dask"),
    "threading": "threads",
    "skopt": "scikit-optimize",
    "optuna": "Optuna",
}
PROCESSES = re.compile(r"\bn_workers\s*=\s*(?!1\b|None\b)|\bexecutor\s*=|\btrial_timeout\s*=")
VIRTUAL = re.compile(r"\bsimulate\(")  # workers in virtual time: these it has

LONG = 10  # seconds in a browser from which a cell says how long it takes
SECONDS = Path(__file__).with_name("seconds.json")  # measured under node, on two idle cores: see measure.py


def seconds_of(source: str) -> int | None:
    """Return the measured seconds of a cell in Pyodide, rounded, if it takes long."""
    found = json.loads(SECONDS.read_text(encoding="utf-8")).get(key(source), 0)
    return round(found) if found >= LONG else None


def key(source: str) -> str:
    """Return what a cell's time is stored under: a cell that changes has none until it is measured again; its comments are no change."""
    return hashlib.sha256(program(source, lambda words: "").encode()).hexdigest()[:12]


def of(notebook, gettext) -> list[dict[str, Any]]:
    """Return the code cells: index in the notebook, source, kind ("code", "stub", "solution", "check"), name, why it cannot run, and
    if its output is never the same twice.
    """
    cells = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            kind, name = kind_of(cell)
            cells.append(
                {
                    "index": index,
                    "source": cell.source,
                    "kind": kind,
                    "name": name,
                    "cannot": cannot(cell.source, gettext),
                    "seconds": seconds_of(cell.source),
                    "varies": "nbval-ignore-output" in cell.metadata.get("tags", []),
                }
            )
    return cells


def of_playground(page: str) -> list[dict[str, Any]]:
    """Return the cells of the playground: what prepares the race, hidden, and the reader's."""
    code = re.search(r"^```\{code-block\} python\n:name: playground\n(.*?)\n```$", page, re.M | re.S)[1]
    prepared = (Path(__file__).parent / "browser" / "playground.py").read_text(encoding="utf-8")
    made = [(0, prepared, "code", ""), (1, code, "playground", "playground")]
    return [{"index": i, "source": source, "kind": kind, "name": name, "cannot": ""} for i, source, kind, name in made]


def kind_of(cell) -> tuple[str, str]:
    """Return what a cell is, and the exercise that it belongs to."""
    if "stub" in cell.metadata:  # a page with solutions shows a stub before each of them
        return "stub", cell.metadata["stub"]
    name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    if exercises.is_solution(cell):
        return ("stub" if "raise NotImplementedError" in cell.source else "solution"), name
    if exercises.is_check(cell):
        return "check", name.removeprefix("check-")
    return "code", ""


def cannot(source: str, gettext) -> str:
    """Return why a cell cannot run in a browser, or nothing."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        for name in names:
            if what := FOREIGN.get(name.partition(".")[0]):
                return _sentence(what, gettext)
    if PROCESSES.search(source) and not VIRTUAL.search(source):
        return _sentence("processes", gettext)
    return ""


def _sentence(what: str, _) -> str:
    known = {
        "processes": _("This cell needs several processes, which a browser does not have: run it in the notebook."),
        "threads": _("This cell needs several threads, which a browser does not have: run it in the notebook."),
    }
    return known.get(what) or _("This cell needs {0}, which a browser does not have: run it in the notebook.").format(
        what
    )
