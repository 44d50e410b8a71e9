"""Exercises: one source with the solutions, out of which come a notebook for students and one for teachers.

A solution cell holds its solution between `### BEGIN SOLUTION` and `### END SOLUTION`; the check cell after it must fail on
what a student gets, and pass on the solution. What stands in a check between `### BEGIN HIDDEN TESTS` and `### END HIDDEN
TESTS` is for the teacher alone: no student and no page gets to see it.
"""

import copy
import itertools
import re

from book.press.notebooks.standalone import standalone

REGION = r"^([ \t]*)### BEGIN {0}[^\n]*\n.*?^[ \t]*### END {0}[^\n]*(?:\n|\Z)"
SOLUTION, HIDDEN = (re.compile(REGION.format(what), re.M | re.S) for what in ("SOLUTION", "HIDDEN TESTS"))
MARK = re.compile(r"^[ \t]*### (BEGIN|END)\b[ \t]*(.*?)[ \t]*$", re.M)


def is_solution(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_check(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def stub(source):
    """Return a solution cell's source as the student gets it."""
    _check_marks(source)
    return SOLUTION.sub(lambda m: f"{m[1]}# YOUR CODE HERE\n{m[1]}raise NotImplementedError\n", source).rstrip("\n")


def visible(source):
    """Return a cell's source without its hidden tests."""
    _check_marks(source)
    return HIDDEN.sub("", source).rstrip("\n")


def _check_marks(source):
    """Refuse a mark that nothing closes: what it was to hide would be seen."""
    marks = MARK.findall(source)
    for (opening, what), closing in itertools.zip_longest(marks[::2], marks[1::2]):
        if opening != "BEGIN" or closing != ("END", what) or what not in ("SOLUTION", "HIDDEN TESTS"):
            raise ValueError(
                f"### {opening} {what}: each mark ### BEGIN SOLUTION or ### BEGIN HIDDEN TESTS needs its ### END behind it, in\n{source}"
            )


def solution_lines(source):
    """Return the lines between the marks of a solution, which a student's notebook must not hold."""
    return _lines_of(SOLUTION, source)


def hidden_lines(source):
    """Return the lines of the hidden tests, which no page may hold either."""
    return _lines_of(HIDDEN, source)


def _lines_of(region, source):
    inside = "\n".join(m[0] for m in region.finditer(source))
    return [line.strip() for line in inside.splitlines() if line.strip() and not MARK.match(line)]


def solved(source):
    """Return a solution cell's source without the marks, as it would be written by hand."""
    return "\n".join(line for line in source.split("\n") if not MARK.match(line))


def _changed(notebook, change):
    """Return a copy of the notebook whose code cells went through `change`."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            change(cell)
    return notebook


def _clear(cell):
    cell.outputs, cell.execution_count = [], None


def without_hidden_tests(notebook):
    """Return a copy for everybody: all but the tests that are for the teacher alone."""

    def hide(cell):
        cell.source = visible(cell.source)

    return _changed(notebook, hide)


def without_solutions(notebook):
    """Return a copy with stubs for solutions, and neither hidden tests nor outputs (which solutions have computed)."""

    def empty(cell):
        _clear(cell)
        cell.source = (stub if is_solution(cell) else visible)(cell.source)

    return _changed(notebook, empty)


def solution_version(notebook, language="en"):
    """Return the notebook that nbgrader takes as the instructor's: everything but outputs."""
    return standalone(_changed(notebook, _clear), language)


def student_version(notebook, language="en"):
    """Return the notebook that students get: nothing of a solution or of a hidden test is left."""
    return standalone(without_solutions(notebook), language)
