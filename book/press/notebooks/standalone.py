"""Notebooks that start in JupyterLab, Colab, Binder, on a JupyterHub, or in a plain folder.

Their Markdown is plain, and their first code cell (`templates/start.py`) finds `hpt_lab`, or installs it: from the wheel that
lies beside the notebook, or from the repository, if pyproject.toml names one.
"""

import ast
import copy
import json
import re
import sys
import tempfile
from pathlib import Path

import nbformat

from book.press import address
from book.press.address import ROOT
from book.press.notebooks.plain_markdown import plain_markdown
from book.press.translation import catalogs, cells, translate

START = Path(__file__).with_name("templates") / "start.py"
VERSION = re.search(r'^__version__ = "(.+)"$', (ROOT / "hpt_lab" / "__init__.py").read_text(encoding="utf-8"), re.M)[1]
WHEEL = f"hpt_lab-{VERSION}-py3-none-any.whl"
READ_ONLY = {"grade": False, "grade_id": "start", "locked": True, "schema_version": 3, "solution": False, "task": False}


def standalone(notebook, language="en"):
    """Return a copy that any program renders, with the start before its first code cell."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("jupytext", None)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain_markdown(cell.source)
    first = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells.insert(first, start_cell(notebook, address.known("repository"), language))
    return notebook


def start_cell(notebook, repository, language="en"):
    """Return the cell that lets this notebook start; graders take it as read-only."""
    source = START.read_text(encoding="utf-8").rstrip("\n")
    source = cells.program(source, catalogs.gettext(language))
    source = translate.program(source, catalogs.catalog(catalogs.SITE, language))
    for line, value in (('NEEDED = ["hpt_lab"]', imported(notebook)), ('REPOSITORY = ""', repository)):
        source = source.replace(line, f"{line.split()[0]} = {json.dumps(value)}")
    cell = nbformat.v4.new_code_cell(source, id="start")
    if any("nbgrader" in other.metadata for other in notebook.cells):
        cell.metadata["nbgrader"] = READ_ONLY
    return cell


def imported(notebook):
    """Return the packages that the cells import, without those that Python and its notebooks always have."""
    packages = set()
    for cell in notebook.cells:
        for node in ast.walk(ast.parse(cell.source if cell.cell_type == "code" else "")):
            if isinstance(node, ast.Import):
                packages |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                packages.add(node.module.partition(".")[0])
    return sorted(packages - sys.stdlib_module_names - {"IPython"})


def wheel(*folders):
    """Build the wheel into each folder, the same bytes every time, and leave none of another version there."""
    from hatchling.builders.wheel import WheelBuilder

    with tempfile.TemporaryDirectory() as place:
        built = Path(next(WheelBuilder(str(ROOT)).build(directory=place, versions=["standard"])))
        content = built.read_bytes()
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for old in set(folder.glob("hpt_lab-*.whl")) - {folder / built.name}:
            old.unlink()
        if not (folder / built.name).exists() or (folder / built.name).read_bytes() != content:
            (folder / built.name).write_bytes(content)
