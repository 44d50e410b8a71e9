"""Exercises: one source with the solutions, out of which come a notebook for students and one for teachers.

A solution cell holds its solution between `### BEGIN SOLUTION` and `### END SOLUTION`; the check cell after it must fail on
what a student gets, and pass on the solution. What stands in a check between `### BEGIN HIDDEN TESTS` and `### END HIDDEN
TESTS` is for the teacher alone: no student and no page gets to see it.
"""

import copy
import itertools
import re

import nbformat

from book.press.notebooks import anywhere
from book.press.notebooks.pairing import ROOT, save, write_notebook
from book.press.translation import catalogs, translate

REGION = r"^([ \t]*)### BEGIN {0}[^\n]*\n.*?^[ \t]*### END {0}[^\n]*(?:\n|\Z)"
SOLUTION, HIDDEN = (re.compile(REGION.format(what), re.M | re.S) for what in ("SOLUTION", "HIDDEN TESTS"))
MARK = re.compile(r"^[ \t]*### (BEGIN|END)\b[ \t]*(.*?)[ \t]*$", re.M)


def is_solution(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_check(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def stub(source):
    """A solution cell's source as the student gets it."""
    _whole(source)
    return SOLUTION.sub(lambda m: f"{m[1]}# YOUR CODE HERE\n{m[1]}raise NotImplementedError\n", source).rstrip("\n")


def visible(source):
    """A cell's source without its hidden tests."""
    _whole(source)
    return HIDDEN.sub("", source).rstrip("\n")


def _whole(source):
    """Refuse a mark that nothing closes: what it was to hide would be seen."""
    marks = MARK.findall(source)
    for (opening, what), closing in itertools.zip_longest(marks[::2], marks[1::2]):
        if opening != "BEGIN" or closing != ("END", what) or what not in ("SOLUTION", "HIDDEN TESTS"):
            raise ValueError(
                f"### {opening} {what}: each mark ### BEGIN SOLUTION or ### BEGIN HIDDEN TESTS needs its ### END behind it, in\n{source}"
            )


def solution_lines(source):
    """What stands between the marks: the lines that a student's notebook must not hold."""
    return _inside(SOLUTION, source)


def hidden_lines(source):
    """The lines of the hidden tests, which no page may hold either."""
    return _inside(HIDDEN, source)


def _inside(region, source):
    inside = "\n".join(m[0] for m in region.finditer(source))
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


def without_hidden_tests(notebook):
    """A copy for everybody: all but the tests that are for the teacher alone."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = visible(cell.source)
    return notebook


def without_solutions(notebook):
    """A copy with stubs for solutions, and neither hidden tests nor outputs (which solutions have computed)."""
    notebook = cleared(without_hidden_tests(notebook))
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = stub(cell.source)
    return notebook


def solution_version(notebook, language="en"):
    """What nbgrader takes as the instructor's: everything but outputs."""
    return anywhere.anywhere(cleared(notebook), language)


def student_version(notebook, language="en"):
    """What students get: nothing of a solution or of a hidden test is left."""
    return anywhere.anywhere(without_solutions(notebook), language)


def course():
    """Write course/student/NN_name.ipynb and course/solution/NN_name.ipynb for each chapter, and the wheel beside them; in
    other languages than English in a folder of theirs, course/ko/student/."""
    versions = {"student": student_version, "solution": solution_version}
    for language in catalogs.LANGUAGES:
        place = ROOT / "course" / catalogs.place(language)
        for path in sorted(ROOT.glob("chapters/*/exercises.ipynb")):
            english = nbformat.read(path, as_version=4)
            notebook = translate.notebook(english, f"chapters/{path.parent.name}/exercises", language)
            for folder, version in versions.items():
                target = place / folder / f"{path.parent.name}.ipynb"
                save(target, write_notebook(version(notebook, language)))
                print(target.relative_to(ROOT))
        anywhere.wheel(*(place / folder for folder in versions))
    return 0
