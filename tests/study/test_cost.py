"""A trial of a long study costs what one of a short study costs: calls and bytes are counted, no time is measured."""

import sys
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from hpt_lab import Float, GridSearch, RandomSearch, Space, Study, Suggestion, run

SPACE = Space(x=Float(0, 1), y=Float(0, 1))
SHORT, LONG = 500, 5000


class Alike:
    """Suggests the same thing every time, so that what the study itself does is all that is counted."""

    def suggest(self, history):
        return Suggestion({"x": 0.5, "y": 0.5}, budget=3, info={"rung": 1, "config": 2})


def a_trial(study, number):
    trial = study.ask()
    if number % 3 == 2:
        study.tell(trial, error="no")
    else:
        study.tell(trial, 1.0 / (1 + number))
    return trial


def study_of(n_trials, strategy):
    study = Study(SPACE, strategy, seed=1)
    for number in range(n_trials):
        a_trial(study, number)
    return study


class Calls:
    """Counts the calls of Python and C functions while it is entered."""

    def __enter__(self):
        self.n, self.before = 0, sys.getprofile()
        sys.setprofile(self.count)
        return self

    def __exit__(self, *stop):
        sys.setprofile(self.before)

    def count(self, frame, event, argument):
        self.n += event in ("call", "c_call")


def calls_of(work, repeats=7):
    """The fewest of some repeats: a list that has to move to a larger place now and then is not counted."""
    found = []
    for turn in range(repeats):
        with Calls() as calls:
            work(turn)
        found.append(calls.n)
    return min(found)


def bytes_of(work, repeats=7):
    """The most memory that was taken at once by the cheapest of some repeats: a copy of the trials shows here."""
    found = []
    tracemalloc.start()
    try:
        for turn in range(repeats):
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            work(turn)
            found.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return min(found)


@pytest.fixture(scope="module", params=[Alike, RandomSearch, lambda: GridSearch(100)], ids=["alike", "random", "grid"])
def studies(request):
    return study_of(SHORT, request.param()), study_of(LONG, request.param())


def each(work):
    """What is done to one study, over and over, with something warmed up before it counts."""

    def over(study):
        work(study, 0)
        return lambda turn: work(study, turn + 1)

    return over


def look(study, turn):
    """What a callback may ask for at every trial."""
    history = study.history
    assert history.trials[-1].number == len(study.trials) - 1
    assert (study.best_value, history.n_running) == (study.best.value, 0)
    assert len(study.best_params) == 2
    history.rng.random()


def withheld(study, turn):
    """A trial that is told after the next one was asked for."""
    first, second = study.ask(), study.ask()
    assert study.history.n_running == 2
    study.tell(second, 1.0)
    study.tell(first, 2.0)
    look(study, turn)


@pytest.mark.parametrize("work", [a_trial, look, withheld], ids=["ask and tell", "callback", "two at once"])
def test_a_trial_costs_the_same_after_500_and_after_5000(studies, work):
    if work is look:
        for study in studies:
            look(study, 0)
    short, long = studies
    assert calls_of(each(work)(long)) < 1.2 * calls_of(each(work)(short))  # a few calls depend on the clock
    few, many = bytes_of(each(work)(short)), bytes_of(each(work)(long))
    assert many < few + 4096  # a list of 5000 takes 40 000


class Bar:
    """In place of tqdm's, redrawn at every trial."""

    def __init__(self, total, initial, **more):
        self.n, self.initial, self.disable, self.last_print_t, self.mininterval = initial, initial, False, 0.0, 0.0
        self.text = ""

    def set_postfix_str(self, text):
        self.text = text

    def close(self):
        pass


@pytest.mark.parametrize("progress", [False, True], ids=["no bar", "bar"])
def test_a_trial_of_the_loop_costs_the_same_after_500_and_after_5000(progress, monkeypatch):
    monkeypatch.setattr("tqdm.tqdm", lambda **options: Bar(**options))

    def between_callbacks(n_trials):
        study, stops = study_of(n_trials, Alike()), []

        def note(study, trial):
            stops.append(calls.n)

        with Calls() as calls:
            run(study, lambda params, budget: 1.0, n_trials + 8, callbacks=[note, look], progress=progress)
        return [after - before for before, after in pairwise(stops[2:])]

    few, many = between_callbacks(SHORT), between_callbacks(LONG)
    assert min(many) < 1.2 * min(few)  # the bar is redrawn by the clock
    assert max(many) <= max(few) + 20


def test_the_bar_shows_each_trial_and_the_best(monkeypatch):
    bars = []

    def begin(**options):
        bars.append(Bar(**options))
        return bars[0]

    monkeypatch.setattr("tqdm.tqdm", begin)
    texts = []
    run(study_of(3, Alike()), lambda params, budget: 0.25, 5, callbacks=[lambda s, t: texts.append(bars[0].text)])
    assert texts == [
        f"trial {n}: x=0.5, y=0.5 | best {best}"
        for n, best in ((3, "0.5 (trial 1) at budget 3"), (4, "0.25 (trial 3) at budget 3"))
    ]
    assert (bars[0].n, bars[0].text) == (5, "best 0.25 (trial 3) at budget 3")


class Mute:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("choice", "shown"),
    [(Mute(), "Mute"), (np.zeros((9, 9)), "an array of shape (9, 9)"), (["a\nb"], r"['a\nb']"), ("rbf", "c=rbf |")],
    ids=["mute", "array", "lines", "text"],
)
def test_a_choice_is_shown_on_one_line_of_the_bar_even_if_it_has_none(choice, shown, monkeypatch):
    bars, texts = [], []
    monkeypatch.setattr("tqdm.tqdm", lambda **options: bars.append(Bar(**options)) or bars[-1])
    study = Study(Space(c=[choice]), RandomSearch())
    run(study, lambda params: 1.0, 1, callbacks=[lambda study, trial: texts.append(bars[-1].text)])
    assert shown in texts[0]
    assert "\n" not in texts[0]
