"""The cells of a page, as the browser gets them: each code cell with its place in the notebook, and what it is.

A cell that needs what a browser does not have says so, in one sentence, and so does a cell that needs this cell. Of such a cell only
its imports run, for the cells below.
"""

import ast
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from book.press.address import ROOT
from book.press.live.browser import names, your_table
from book.press.notebooks import exercises
from book.press.translation import cells as comments

# What a browser's Python does not have: by the package that is imported, or by what is asked of the lab.
FOREIGN = {
    **dict.fromkeys(("subprocess", "multiprocessing", "concurrent", "loky", "signal"), "processes"),
    **dict.fromkeys(("distributed", "dask"), "Dask"),
    "threading": "threads",
    "skopt": "scikit-optimize",
    "optuna": "Optuna",
    "hpt_lab.tools.race.check": "processes",
}
PROCESSES = re.compile(r"\bn_workers\s*=\s*(?!1\b|None\b)|\bexecutor\s*=|\btrial_timeout\s*=|\bhpt\.race\(")
VIRTUAL = re.compile(r"\bsimulate\(")  # workers in virtual time: these it has
FILE = re.compile(r"[\w-]+\.(db|py)")  # what one cell writes, and another reads

PLAYGROUND, CODE = (
    "book/playground",
    re.compile(r"(?<=^```\{code-block\} python\n:name: playground\n).*?(?=\n```$)", re.M | re.S),
)
TABLES = ROOT / "book" / "tables"
LONG = 10  # seconds in a browser from which a cell says how long it takes
SECONDS = Path(__file__).with_name("seconds.json")  # measured under node, on two idle cores: see tools/measure_cells.py


def seconds_of(source: str) -> int | None:
    """Return the measured seconds of a cell in Pyodide, rounded, if it takes long."""
    found = json.loads(SECONDS.read_text(encoding="utf-8")).get(key(source), 0)
    return round(found) if found >= LONG else None


def key(source: str) -> str:
    """Return what a cell's time is stored under: a cell that changes has none until it is measured again; its comments are no change."""
    return hashlib.sha256(comments.program(source, lambda words: "").encode()).hexdigest()[:12]


def of(notebook, gettext) -> list[dict[str, Any]]:
    """Return the code cells: index in the notebook, source, kind ("code", "stub", "solution", "check"), name, why it cannot run, and
    if its output is never the same twice.
    """
    cells, out_of_reach = [], OutOfReach()
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            kind, name = kind_of(cell)
            why = out_of_reach.met(cell.source, gettext)
            cells.append(
                {
                    "index": index,
                    "source": imports(cell.source) if why else cell.source,
                    "kind": kind,
                    "name": name,
                    "cannot": why,
                    "seconds": seconds_of(cell.source),
                    "varies": "nbval-ignore-output" in cell.metadata.get("tags", []),
                }
            )
    return cells


def of_playground(page: str) -> list[dict[str, Any]]:
    """Return the cells of the playground: what prepares the race, hidden, and the reader's."""
    code = CODE.search(page)[0]
    prepared = (Path(__file__).parent / "browser" / "playground.py").read_text(encoding="utf-8")
    made = [(0, prepared, "code", ""), (1, code, "playground", "playground")]
    return [{"index": i, "source": source, "kind": kind, "name": name, "cannot": ""} for i, source, kind, name in made]


def words_of_playground(page: str) -> list[str]:
    """Return what the comments and docstrings of the playground's program say."""
    return [words for *_, words in comments.notes(CODE.search(page)[0])]


def playground_in(page: str, language: str) -> str:
    """Return the source of the playground with its program's comments and docstrings in the language."""
    return CODE.sub(lambda code: comments.program(code[0], comments.gettext(PLAYGROUND, language)), page)


def program_of_table(language: str, gettext, name: str = "wine.csv") -> str:
    """Return the program of the page "Your own table" for one of the book's tables."""
    your_table.speak(sentences(language, gettext))
    content = (TABLES / name).read_bytes()
    seen = your_table.look(content)
    choices = {"file": name, "read": seen["read"], "target": seen["target"], "task": seen["task"]}
    choices |= {"model": "boosting", "trials": 25, "folds": 5, "seed": 0}
    advice = your_table.advise(content, choices)
    return your_table.program({**choices, "columns": advice["columns"], "space": advice["space"]})


def sentences(language: str, gettext) -> dict[str, str]:
    """Return what the page "Your own table" says, in English, with its translation, and the name of the language."""
    return {"language": language, **{message: gettext(message) for message in your_table.SAYS.values()}}


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


class OutOfReach:
    """Names and files that the cells of a page cannot have, because the cell that makes them cannot run."""

    def __init__(self) -> None:
        self.lost: set[str] = set()
        self.imported: set[str] = set()

    def met(self, source: str, gettext) -> str:
        """Return why the next cell of the page cannot run in a browser, or nothing."""
        used, bound, _ = names.touches(source)
        files = {match[0] for match in FILE.finditer(source)}
        self.imported |= names.touches(imports(source))[1]
        why = cannot(source, gettext)
        if not why and (used | files) & self.lost:
            why = _sentence("above", gettext)
        if why:
            self.lost |= (bound | files) - self.imported
        else:
            self.lost -= bound
        return why


def foreign(node: ast.AST) -> str:
    """Return what an import asks for that a browser's Python does not have, or nothing."""
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    modules += [f"{node.module}.{alias.name}" for alias in node.names] if isinstance(node, ast.ImportFrom) else []
    return next((what for name in modules if (what := FOREIGN.get(name) or FOREIGN.get(name.partition(".")[0]))), "")


def imports(source: str) -> str:
    """Return the imports of a cell that a browser's Python has."""
    body = ast.parse(source).body
    return "\n".join(
        ast.unparse(node) for node in body if isinstance(node, (ast.Import, ast.ImportFrom)) and not foreign(node)
    )


def cannot(source: str, gettext) -> str:
    """Return why a cell cannot run in a browser whatever the cells above do, or nothing."""
    if what := next(filter(None, map(foreign, ast.walk(ast.parse(source)))), ""):
        return _sentence(what, gettext)
    return _sentence("processes", gettext) if PROCESSES.search(source) and not VIRTUAL.search(source) else ""


def _sentence(what: str, _) -> str:
    known = {
        "processes": _("This cell needs several processes, which a browser does not have: run it in the notebook."),
        "threads": _("This cell needs several threads, which a browser does not have: run it in the notebook."),
        "above": _("This cell needs a cell above that cannot run in a browser: run it in the notebook."),
    }
    return known.get(what) or _("This cell needs {0}, which a browser does not have: run it in the notebook.").format(
        what
    )
