"""Run a check of a chapter's exercises on an answer that is wrong, and return what the check says.

A chapter's notebook is run once, with its solutions. What is defined before each check is kept, so that a wrong answer
meets the check as it would in the student's notebook.
"""

from functools import cache
from pathlib import Path

import jupytext

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"


@cache
def checks(chapter):
    """For each grade_id of a check: its source, and the names that are there before its exercise is solved."""
    names, found, before = {"__name__": "__main__"}, {}, {}
    for cell in jupytext.read(CHAPTERS / chapter / "exercises.md").cells:
        if cell.cell_type != "code":
            continue
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            before = dict(names)
        if marks.get("grade"):
            found[marks["grade_id"]] = cell.source, before
        exec(compile(cell.source, "<cell>", "exec"), names)
    return found


def hint(chapter, grade_id, answer):
    """The message of the check's assertion on this answer (Python source). Any other error goes through."""
    source, before = checks(chapter)[grade_id]
    names = dict(before)
    exec(compile(answer, "<answer>", "exec"), names)
    try:
        exec(compile(source, "<check>", "exec"), names)
    except AssertionError as error:
        return str(error)
    return "passed"
