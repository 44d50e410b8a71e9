"""Run a check of a chapter's exercises on an answer that is wrong, and return what the check says.

A chapter's notebook is run once, with its solutions, in one namespace. What is defined before each exercise is kept, and
is put back before an answer is tried: so a wrong answer meets the check as it would in the student's notebook, and
whatever it or the check puts in the place of a function is seen by all others, and is gone afterwards.

A check asks in the open what its student's notebook shows, and then what stands between `### BEGIN HIDDEN TESTS` and
`### END HIDDEN TESTS`, which the student never sees.
"""

import functools
import pickle
import re
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import pytest

from book.press.notebooks import exercises

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS\n(.*?)^### END HIDDEN TESTS\n", re.M | re.S)


SLOW = ("folds_of",)  # generators of the exercises that take long: wrong answers ask for the same again and again


@dataclass
class Notebook:
    """A chapter's exercises, run: for each grade_id of a check its source, and the names before its exercise."""

    names: dict = field(default_factory=lambda: {"__name__": "__main__"})
    checks: dict = field(default_factory=dict)


@functools.cache
def cells(chapter):
    """The code cells of a chapter's exercises, each with its grade_id or None."""
    found = jupytext.read(CHAPTERS / chapter / "exercises.md").cells
    return [(cell, cell.metadata.get("nbgrader", {}).get("grade_id")) for cell in found if cell.cell_type == "code"]


@functools.cache
def notebook(chapter):
    """The chapter's exercises after a run with their solutions."""
    ran, before = Notebook(), {}
    for cell, grade_id in cells(chapter):
        if exercises.is_solution(cell):
            before = dict(ran.names)
        if exercises.is_check(cell):
            ran.checks[grade_id] = cell.source, before
        exec(compile(cell.source, f"<{grade_id}>", "exec"), ran.names)
        for name in SLOW if not grade_id else ():
            if name in ran.names:
                ran.names[name] = remembering(ran.names[name])
    return ran


def remembering(generator):
    """The generator, which computes nothing twice; it must depend on its arguments alone."""
    known = {}

    @functools.wraps(generator)
    def remembered(*args, **kwargs):
        key = pickle.dumps((args, kwargs))
        if key not in known:
            known[key] = list(generator(*args, **kwargs))
        return iter(known[key])

    return generator if hasattr(generator, "__wrapped__") else remembered


def checks(chapter):
    """The grade_ids of a chapter's checks, in order."""
    return [grade_id for cell, grade_id in cells(chapter) if exercises.is_check(cell)]


def solution(chapter, check):
    """The source of the solution that belongs to a check."""
    wanted = check.removeprefix("check-")
    return next(exercises.solved(cell.source) for cell, grade_id in cells(chapter) if grade_id == wanted)


def changed(chapter, check, *changes):
    """The solution with mistakes put in: pairs (what stands there once, what a student writes in its place)."""
    source = solution(chapter, check)
    for right, wrong in changes:
        assert source.count(right) == 1, f"{check}: the solution holds {right!r} {source.count(right)} times"
        source = source.replace(right, wrong)
    return source


def answered(chapter, check, answer):
    """The names that this check meets after this answer (Python source), and its parts: in the open, hidden, at last."""
    ran = notebook(chapter)
    source, before = ran.checks[check]
    ran.names.clear()
    ran.names.update(before)
    exec(compile(answer, "<answer>", "exec"), ran.names)
    return ran.names, HIDDEN.split(source)


def objection(source, names):
    """The message of the first assertion of this source that fails, else None. Any other error goes through."""
    try:
        exec(compile(source, "<check>", "exec"), names)
    except AssertionError as error:
        return str(error)
    return None


def hint(chapter, check, answer):
    """The message of the check's assertion on this answer (Python source), or "passed"."""
    names, parts = answered(chapter, check, answer)
    return objection("".join(parts), names) or "passed"


def cases(answers):
    """The parameters (check, answer, fragment of the hint) of a table check -> name -> (answer, fragment)."""
    return [
        pytest.param(check, answer, fragment, id=f"{check}: {name}")
        for check, named in answers.items()
        for name, (answer, fragment) in named.items()
    ]


def both_tests(chapter, wrong):
    """The two tests of a chapter's table check -> name -> (answer, fragment): its hints fit, and it holds enough answers."""

    @pytest.mark.parametrize(("check", "answer", "fragment"), cases(wrong))
    def test_a_wrong_answer_gets_a_hint_that_fits(check, answer, fragment):
        assert fragment in hint(chapter, check, answer)

    def test_every_exercise_has_five_wrong_answers():
        assert list(wrong) == checks(chapter)
        assert all(len(answers) >= 5 for answers in wrong.values())

    return test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers
