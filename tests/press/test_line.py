"""A check says over a line what it says in one process: to right answers and to wrong ones, and nothing but values arrives there."""

import contextlib
import functools
import multiprocessing
import pickle
import sys
import time
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from wrong_answers import CHAPTERS, WITH_EXERCISES, answered, checks, hint, solution, table

from book.press.classroom import plan as plans

sys.path.append(str(Path(plans.__file__).parent))  # where judge.py finds line.py, as when it is run
import judge
from line import Late, Line

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
FORK = multiprocessing.get_context("fork") if sys.platform != "win32" else None
every_check = pytest.mark.parametrize(
    ("chapter", "check"), [(chapter, check) for chapter in WITH_EXERCISES for check in checks(chapter)]
)
# They meet another sentence there: a list that may not be listed is not a list at the other end, and NumPy has a generator at each end.
WITHOUT_EFFECT = "the second value instead of the first"  # it changes a trial from inside, and reaches only what stands for the trial
OTHERWISE = {"scikit-learn's list", "NumPy's own generator"}


@functools.cache
def plan(chapter):
    return plans.plan(jupytext.read(CHAPTERS / chapter / "exercises.md"))


@contextlib.contextmanager
def line_to(names, seconds=60):
    """The check's end of a line to a process that has these names."""
    here, there = FORK.Pipe()
    process = FORK.Process(target=lambda: Line(there, careful=False, shared=names).serve())
    process.start()
    there.close()
    try:
        yield Line(here, careful=True, shared=None, until=time.monotonic() + seconds)
    finally:
        here.close()
        process.terminate()
        process.join()


def said(chapter, check, answer):
    """What the check says to this answer at the other end of a line, or "passed"."""
    names, _ = answered(chapter, check, answer)
    own, wanted = dict(names), plan(chapter)[check]
    with line_to(names) as line:
        error = judge.outcome(judge.exchange, line, own, wanted.wanted, wanted.lent) or judge.run(wanted.source, own)
    return "passed" if error is None else error[1]


@every_check
def test_a_right_answer_passes_over_a_line(chapter, check, monkeypatch):
    monkeypatch.chdir(CHAPTERS / chapter)
    assert said(chapter, check, solution(chapter, check)) == "passed"
    assert said(chapter, check, table(chapter)[check]["right"]) == "passed"


@every_check
def test_a_wrong_answer_gets_the_same_sentence_over_a_line(chapter, check, monkeypatch):
    monkeypatch.chdir(CHAPTERS / chapter)
    for name, (answer, _) in table(chapter)[check]["wrong"].items():
        got = said(chapter, check, answer)
        if name == WITHOUT_EFFECT:
            continue
        assert got != "passed", name
        assert got == hint(chapter, check, answer) or name in OTHERWISE, name


def changes(values, more, noise):
    """Change what it is given."""
    values.append(values.pop(0))
    more["new"] = values
    noise += 1
    return values


class Named(dict):
    """A class of its own."""


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('unpacked')",)


class Private:
    secret = "of the check"

    def call(self, number):
        return number + 1


def test_what_a_function_changes_is_changed_at_the_check_as_well():
    with line_to({"changes": changes}) as line:
        values, more, noise = [1, [2], 3], {"old": 1}, np.zeros(3)
        inner = values[1]
        assert line.ask(0, "__getitem__", "changes")(values, more, noise) is values
    assert values == [[2], 3, 1]
    assert more == {"old": 1, "new": values}
    assert inner == [2]
    assert noise.tolist() == [1, 1, 1]


def test_values_arrive_as_what_they_are_made_of_and_all_else_stays():
    names = {"value": Named(a=np.float64(1)), "array": np.arange(3), "function": changes, "bomb": Bomb()}
    with line_to(names) as line:
        value = line.ask(0, "__getitem__", "value")
        assert type(value) is dict
        assert type(value["a"]) is np.float64
        assert line.ask(0, "__getitem__", "array").tolist() == [0, 1, 2]
        for name in ("function", "bomb"):
            assert type(line.ask(0, "__getitem__", name)).__name__ == "Distant"


def test_an_answer_reaches_nothing_of_the_check_but_what_is_handed_to_it():
    def reach(function, thing):
        assert thing.call(1) == 2
        found = []
        for start in (function, thing, thing.call):
            for name in ("__globals__", "__class__", "__dict__", "__self__", "__func__", "gi_frame"):
                with contextlib.suppress(Exception):
                    found.append((name, start._line.ask(start._key, "getattr", name)))
        return [name for name, _ in found]

    with line_to({"reach": reach}) as line:
        assert line.ask(0, "__getitem__", "reach")(lambda: None, Private()) == []


@pytest.mark.parametrize("message", [Bomb(), ("answer", Bomb(), (), {}), ("answer",), "answer", ("other", 1, 2, 3)])
def test_a_message_that_no_answer_sends_is_refused(message):
    here, there = FORK.Pipe()
    there.send_bytes(pickle.dumps(message))
    with pytest.raises(EOFError, match="the answer's process"):
        Line(here, careful=True, shared=None).receive()


def test_an_answer_that_says_nothing_is_not_waited_for():
    with line_to({"sleep": time.sleep}, seconds=0.5) as line, pytest.raises(Late):
        line.ask(0, "__getitem__", "sleep")(100)


def test_a_check_gets_the_cells_that_it_needs_and_no_answer():
    def cell(source, **marks):
        return nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks} if marks else {})

    cells = [cell("import math"), cell("def given(): return 1"), cell("def answer(): return given()", solution=True)]
    cells += [cell("shown = answer()"), cell("print(shown)"), cell("unused = 3")]
    check = "def given(): return 2\nassert answer() == math.sqrt(4)"
    cells += [cell(check, grade=True, grade_id="check")]
    found = plans.plan(nbformat.v4.new_notebook(cells=cells))["check"]
    assert [source.strip() for source in found.given] == ["import math", "def given(): return 1"]
    assert (found.wanted, found.lent) == (["answer"], ["given"])
