"""The table of what is served with the book and comes from others: package, version, license, and where it is from."""

import email
import html
import json
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from book.press import npm

THEMES = (
    "sphinx-book-theme",
    "pydata-sphinx-theme",
    "sphinx-design",
    "sphinx-copybutton",
    "sphinx-revealjs",
    "myst-nb",
)
TOOLS = {"esbuild", "purgecss"}  # they make scripts and style sheets, and are not in them
OF_CELLS = (
    "@codemirror/",
    "@lezer/",
    "codemirror",
    "dompurify",
    "markdown-it",
    "pyodide",
)  # where cells run in the page


def table(wheels: list[Path], _: Callable[[str], str]) -> str:
    """Return the table; `wheels` are the packages of Python in the browser, none if no cell runs there."""
    rows = [_row(name, **_of_npm(name)) for name in _from_npm() if wheels or not name.startswith(OF_CELLS)]
    rows += [_row(name, **_of(metadata.metadata(name))) for name in THEMES]
    for wheel in sorted(wheels, key=lambda path: path.name.lower()):
        with zipfile.ZipFile(wheel) as archive:
            inside = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            found = email.message_from_bytes(archive.read(inside))
        rows.append(_row(found["Name"], **_of(found)))
    head = "".join(f"<th>{word}</th>" for word in (_("package"), _("version"), _("license")))
    return f"""<div class="pst-scrollable-table-container"><table class="table">
<thead><tr>{head}</tr></thead><tbody lang="en">{"".join(rows)}</tbody></table></div>"""


def _from_npm() -> list[str]:
    wanted = json.loads((npm.HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return sorted(set(wanted) - TOOLS)


def _of_npm(name: str) -> dict[str, str]:
    found = json.loads((npm.modules() / name / "package.json").read_text(encoding="utf-8"))
    return {"version": found["version"], "license": found["license"]}


def _of(found) -> dict[str, str]:
    stated = found.get("License-Expression") or found.get("License") or ""
    if not stated or len(stated) > 60:  # the whole text, or only a classifier
        named = [one.rpartition(" :: ")[2] for one in found.get_all("Classifier", []) if one.startswith("License")]
        stated = ", ".join(named) or stated.split("\n")[0][:60]
    return {"version": found["Version"], "license": stated}


def _row(name: str, version: str, license: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in (name, version, license)) + "</tr>"
