"""The runner of the wrong answers, on all chapters: a solution passes, and no answer leaves anything to the next."""

import ast

import pytest
from wrong_answers import CHAPTERS, cells, changed, checks, hint, solution

from book.press.notebooks import exercises

WITH_EXERCISES = sorted(path.parent.name for path in CHAPTERS.glob("*/exercises.md"))


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_every_passed_check_says_what_is_now_known(chapter):
    for cell, grade_id in cells(chapter):
        if exercises.is_check(cell):
            said = ast.unparse(ast.parse(cell.source).body[-1])
            assert said.startswith("print('Check passed: ") or said.startswith('print("Check passed: '), grade_id
            assert said.endswith((".')", '.")')), grade_id


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_an_answer_leaves_nothing_to_the_next(chapter):
    first = checks(chapter)[0]
    assert hint(chapter, first, "left_behind = 1\n" + solution(chapter, first)) == "passed"
    with pytest.raises(NameError, match="left_behind"):
        hint(chapter, first, "left_behind")


def test_a_change_must_fit_the_solution():
    with pytest.raises(AssertionError, match="0 times"):
        changed("03_the_solution", "check-gain", ("no such line", ""))
