"""Every wrong answer is rejected with a hint that fits it, every generated mistake is rejected, and a right answer passes."""

import ast
import contextlib
import signal
import sys
import time

import pytest
from mutants import mutants
from wrong_answers import WITH_EXERCISES, answered, cells, checks, given, hint, notebook, solution, table

from book.press.notebooks import exercises

ENTRIES = [(chapter, check, entries) for chapter in WITH_EXERCISES for check, entries in table(chapter).items()]
every_chapter = pytest.mark.parametrize("chapter", WITH_EXERCISES)


@pytest.mark.parametrize(
    ("chapter", "check", "answer", "fragment"),
    [
        pytest.param(chapter, check, *wrong, id=f"{check}: {name}")
        for chapter, check, entries in ENTRIES
        for name, wrong in entries["wrong"].items()
    ],
)
def test_a_wrong_answer_gets_a_hint_that_fits_in_the_open(chapter, check, answer, fragment):
    assert fragment in hint(chapter, check, answer, hidden=False)


@every_chapter
def test_every_exercise_has_five_wrong_answers(chapter):
    assert list(table(chapter)) == checks(chapter)
    assert all(len(entries["wrong"]) >= 5 for entries in table(chapter).values())


class Endless(BaseException):
    """A mistake that makes a loop run for ever."""


@contextlib.contextmanager
def at_most(seconds):
    """End what takes longer, in seconds of this process."""

    def end(*_):
        raise Endless

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def passes(chapter, check, answer, seconds, hidden):
    """Return whether the check finds nothing wrong in these seconds; to raise or never end is wrong."""
    try:
        with at_most(seconds):
            return hint(chapter, check, answer, hidden) == "passed"
    except (Exception, Endless):
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no clock that ends a loop")
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::SyntaxWarning")
@pytest.mark.parametrize(("chapter", "check", "entries"), ENTRIES, ids=[check for _, check, _ in ENTRIES])
def test_a_generated_mistake_does_not_pass_in_the_open_unless_it_is_known_to_do_no_harm(chapter, check, entries):
    right = solution(chapter, check)
    notebook(chapter)  # which is run once
    started = time.process_time()
    assert hint(chapter, check, right) == "passed"
    seconds = max(0.1, 10 * (time.process_time() - started))
    passed = {line: answer for line, answer in mutants(right) if passes(chapter, check, answer, seconds, hidden=False)}
    assert sorted(passed) == sorted(entries.get("harmless", {}))
    refused = [line for line, answer in passed.items() if not passes(chapter, check, answer, seconds, hidden=True)]
    assert not refused, "what the hidden tests refuse is refused in the open, too"


@pytest.mark.parametrize(("chapter", "check", "entries"), ENTRIES, ids=[check for _, check, _ in ENTRIES])
def test_the_answers_in_which_the_mistakes_stand_are_right(chapter, check, entries):
    assert hint(chapter, check, entries["right"]) == "passed"


@every_chapter
def test_every_passed_check_says_what_is_now_known(chapter):
    for cell, grade_id in cells(chapter):
        if exercises.is_check(cell):
            said = ast.unparse(ast.parse(cell.source).body[-1])
            assert said.startswith("print('Check passed: ") or said.startswith('print("Check passed: '), grade_id
            assert said.endswith((".')", '.")')), grade_id


@every_chapter
def test_an_answer_leaves_nothing_to_the_next(chapter):
    first = checks(chapter)[0]
    assert hint(chapter, first, "left_behind = 1\n" + solution(chapter, first)) == "passed"
    with pytest.raises(NameError, match="left_behind"):
        hint(chapter, first, "left_behind")


@pytest.mark.parametrize("name", ["the worst loss to beat", "z in variances", "tried again"])
def test_any_one_of_the_three_bugs_keeps_the_search_from_the_best_point(name):
    answer, _ = table("04_how_it_works")["check-fixed-step"]["wrong"][name]
    names, _ = answered("04_how_it_works", "check-fixed-step", answer)
    assert names["loss"](names["search"](names["fixed_step"])).min() > names["possible"] + 1e-4


@pytest.mark.parametrize("line", ["no such line", "twice", "    once"])
def test_a_change_must_fit_the_right_answer(line):
    with pytest.raises(AssertionError, match=r"holds [02] times"):
        given("def f():\ntwice\ntwice\n    once more", {"diff": f"-{line}\n+another\n"})


def test_a_change_replaces_lines_or_removes_them():
    assert given("a\nb\nc\nd", {"diff": "-b\n@@\n-d\n+e\n+f\n"}) == "a\nc\ne\nf"
    assert given("a", {"answer": "b\n"}) == "b"


def test_a_mistake_is_put_into_each_place():
    found = list(mutants("def f(x):\n    if x < 2 and True:\n        return min(x, 1.5)"))
    tests = ["not (x < 2 and True)", "x < 2 or True", "x <= 2 and True", "x < 2 and False", "x < 3 and True"]
    wanted = [*(f"if {test}:" for test in tests), "return", "return max(x, 1.5)", "return min(x, 2.5)"]
    assert sorted(line for line, _ in found) == sorted(wanted)
    assert all(ast.parse(source) for _, source in found)
