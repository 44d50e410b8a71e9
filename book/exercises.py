"""Exercises: one source with the solutions, out of which come a notebook for students and one for teachers.

A solution cell holds its solution between `### BEGIN SOLUTION` and `### END SOLUTION`; the check cell after it must fail on
what a student gets, and pass on the solution.
"""

import copy
import re

import nbformat
from pairing import ROOT, save, write_notebook
from plain_markdown import plain_markdown

REGION = re.compile(r"^([ \t]*)### BEGIN SOLUTION[^\n]*\n.*?^[ \t]*### END SOLUTION[^\n]*(?:\n|\Z)", re.M | re.S)
MARK = re.compile(r"[ \t]*### (?:BEGIN|END) SOLUTION")


def is_solution(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_check(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def stub(source):
    """A solution cell's source as the student gets it (the same stub that nbgrader writes)."""
    return REGION.sub(lambda m: f"{m[1]}# YOUR CODE HERE\n{m[1]}raise NotImplementedError\n", source).rstrip("\n")


def solution_lines(source):
    """What stands between the marks: the lines that a student's notebook must not hold."""
    inside = "\n".join(m[0] for m in REGION.finditer(source))
    return [line.strip() for line in inside.splitlines() if line.strip() and not MARK.match(line)]


def solved(source):
    """A solution cell's source without the marks: as it would be written by hand."""
    return "\n".join(line for line in source.split("\n") if not MARK.match(line))


def cleared(notebook):
    """A copy without outputs and execution counts."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def solution_version(notebook):
    """The notebook without outputs, in Markdown that any program renders: what nbgrader takes as the instructor's."""
    notebook = cleared(notebook)
    del notebook.metadata["jupytext"]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain_markdown(cell.source)
    return notebook


def student_version(notebook):
    """The solution version with stubs for solutions: nothing of them is left."""
    notebook = solution_version(notebook)
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = stub(cell.source)
    return notebook


def course():
    """Write course/student/NN_name.ipynb and course/solution/NN_name.ipynb for each chapter."""
    for path in sorted(ROOT.glob("chapters/*/exercises.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for folder, version in (("student", student_version), ("solution", solution_version)):
            target = ROOT / "course" / folder / f"{path.parent.name}.ipynb"
            save(target, write_notebook(version(notebook)))
            print(target.relative_to(ROOT))
    return 0
