"""Studies: ask and tell, what becomes of bad values, the incumbent, JSON, and what a user may get wrong."""

import copy
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import hpt_lab as hpt
from hpt_lab import Float, ManualSearch, NothingToSuggest, RandomSearch, Space, Study, Suggestion

LINE = Space(x=Float(-1, 1))


def line(**more):
    return Study(LINE, RandomSearch(), **more)


class Budgets:
    """Budgets 1, 3, 9, 1, 3, 9, ... and a mark in `info`."""

    def suggest(self, history):
        rung = len(history.trials) % 3
        return Suggestion({"x": 0.5}, budget=3**rung, info={"rung": rung})


# Ask and tell


def test_asked_and_told_trials_are_numbered_and_dated():
    study = line()
    first, second = study.ask(), study.ask()
    assert (first.number, second.number) == (0, 1)
    assert first.started < second.started
    assert [trial.state for trial in study.trials] == ["running", "running"]
    study.tell(second, 2.5)
    assert [trial.state for trial in study.trials] == ["running", "complete"]
    assert study.trials[1].value == 2.5
    assert study.trials[1].seconds >= 0


def test_seconds_are_never_negative_even_if_the_clock_is_set_back(monkeypatch):
    study = line()
    trial = study.ask()
    monkeypatch.setattr("time.time", lambda: 0.0)
    study.tell(trial, 1.0)
    assert study.trials[0].seconds == 0.0


def test_a_copied_or_pickled_trial_is_still_accepted():
    study = line()
    for through in (copy.copy, copy.deepcopy, lambda trial: pickle.loads(pickle.dumps(trial))):
        study.tell(through(study.ask()), 1.0)
    assert [trial.value for trial in study.trials] == [1.0, 1.0, 1.0]


def test_a_trial_of_a_study_that_was_saved_is_accepted_by_the_one_that_was_loaded():
    study = line()
    trial = study.ask()
    loaded = Study.from_json(study.to_json(), LINE, RandomSearch())
    loaded.tell(trial, 1.0)
    assert loaded.best_value == 1.0


def test_changing_the_params_of_a_trial_does_not_change_the_study():
    study = line()
    trial = study.ask()
    x = trial.params.pop("x")
    study.tell(trial, 1.0)
    assert study.trials[0].params == {"x": x}
    study.best_params.clear()
    assert study.best_params == {"x": x}


def test_params_are_plain_python_values_in_the_order_of_the_space():
    space = Space(x=Float(0, 1), n=hpt.Int(0, 9))
    trial = Study(space, ManualSearch([{"n": np.int64(3), "x": np.float32(0.5)}])).ask()
    assert [(name, type(value)) for name, value in trial.params.items()] == [("x", float), ("n", int)]


@pytest.mark.parametrize(
    "value", [1, 1.5, np.float32(1.5), np.int64(2), np.array(2.5), True], ids=lambda value: type(value).__name__
)
def test_any_one_number_completes_a_trial(value):
    study = line()
    study.tell(study.ask(), value)
    assert study.best_value == float(value)
    assert type(study.best_value) is float


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (np.float64("nan"), "nan"),
        ("0.5", "'0.5'"),
        (np.zeros(3), "an array of shape (3,)"),
        (np.zeros((1, 1)), "an array of shape (1, 1)"),
        ([0.5], "[0.5]"),
        (1j, "1j"),
        ({"loss": 1}, "{'loss': 1}"),
        (math.inf, "inf"),
        (10**400, "inf"),
        (np.ma.masked, "a masked value"),
        (np.ma.array([1.0, 2.0], mask=True).mean(), "a masked value"),
    ],
)
def test_a_value_that_is_not_one_finite_number_fails_the_trial(value, said):
    study = line()
    study.tell(study.ask(), value)
    (trial,) = study.trials
    assert (trial.state, trial.value) == ("failed", None)
    assert f"the objective returned {said}; it must return one finite number" in trial.error


def test_a_failed_trial_keeps_its_error():
    study = line()
    study.tell(study.ask(), error="out of memory")
    assert (study.trials[0].state, study.trials[0].error) == ("failed", "out of memory")
    assert study.history.failed == study.trials


# History


def test_history_sorts_trials_by_state_and_turns_losses_around_once():
    study = line(direction="maximize")
    for value in (0.25, None, 0.75):
        trial = study.ask()
        study.tell(trial, value, error=None if value else "no")
    study.ask()
    history = study.history
    assert [[t.number for t in some] for some in (history.finished, history.failed, history.running)] == [
        [0, 2], [1], [3],
    ]  # fmt: skip
    assert history.losses.tolist() == [-0.25, -0.75]
    assert (study.best.number, study.best_value) == (2, 0.75)


def test_rng_is_fresh_at_each_use_and_differs_with_seed_and_number():
    def draws(history):
        return tuple(history.rng.random(4))

    study, other = line(seed=3), line(seed=4)
    assert draws(study.history) == draws(study.history)
    seen = {draws(study.history), draws(other.history)}
    study.ask()
    assert len(seen | {draws(study.history)}) == 3


@pytest.mark.parametrize(("seed", "n_trials"), [(0, 0), (3, 1), (2**64 - 1, 7)])
def test_rng_is_philox_with_the_seed_and_the_number_as_its_key(seed, n_trials):
    rng = hpt.History(LINE, (hpt.Trial(0, {"x": 0.0}),) * n_trials, seed).rng
    oracle = np.random.Generator(np.random.Philox(key=seed + (n_trials << 64)))
    assert repr(rng.bit_generator.state) == repr(oracle.bit_generator.state)
    assert rng.random(1000).tolist() == oracle.random(1000).tolist()
    assert pickle.loads(pickle.dumps(rng)).random() == rng.random() == oracle.random()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([None, 1, 3]), st.sampled_from([None, 0.0, 1.0, 2.0]))),
    st.sampled_from(["minimize", "maximize"]),
)
def test_finished_trials_are_ranked_by_budget_then_loss_then_number(told, direction):
    trials = tuple(
        hpt.Trial(i, {"x": 0.0}, budget=budget, value=value, state="failed" if value is None else "complete")
        for i, (budget, value) in enumerate(told)
    )
    history = hpt.History(LINE, trials, 0, direction)
    sign = 1 if direction == "minimize" else -1
    keys = [(-(trial.budget or 0), sign * trial.value, trial.number) for trial in history.ranked]
    assert keys == sorted(keys)
    assert {trial.number for trial in history.ranked} == {trial.number for trial in history.finished}
    assert history.incumbent is (history.ranked[0] if history.ranked else None)


def test_budgets_and_marks_reach_the_history():
    study = Study(LINE, Budgets())
    for value in (0.1, 0.3, 0.2, 0.0):
        study.tell(study.ask(), value)
    assert [(t.budget, t.info) for t in study.trials[:3]] == [(1, {"rung": 0}), (3, {"rung": 1}), (9, {"rung": 2})]
    assert study.best.number == 2


# The end


def test_ask_says_whether_to_wait_or_that_it_is_over():
    class OneAtATime:
        def suggest(self, history):
            return None if history.running or len(history.trials) == 2 else Suggestion({"x": 0.0})

    study = Study(LINE, OneAtATime())
    trial = study.ask()
    with pytest.raises(NothingToSuggest, match="OneAtATime waits for 1 running trials; tell one of them first"):
        study.ask()
    study.tell(trial, 0.0)
    study.tell(study.ask(), 0.0)
    with pytest.raises(NothingToSuggest, match="OneAtATime has nothing left to suggest after 2 trials"):
        study.ask()
    assert len(study.trials) == 2


def test_the_latest_trial_is_asked_for_again_once_it_is_abandoned():
    study = line()
    trial = study.ask()
    study.abandon([trial])
    assert study.trials == ()
    assert study.ask().params == trial.params


# Frame, JSON, pickle


def test_frame_has_a_row_for_each_trial_and_plain_columns():
    space = Space(value=[1, 2], kernel=["linear", "rbf"], gamma=Float(0, 1).when(kernel="rbf"))
    listed = [{"value": 1, "kernel": "linear"}, {"value": 2, "kernel": "rbf", "gamma": 0.5}]
    study = Study(space, ManualSearch(listed))
    study.tell(study.ask(), 0.25)
    study.tell(study.ask(), error="no")
    frame = study.to_frame()
    assert frame.columns.tolist() == [
        "number", "param_value", "kernel", "gamma", "value", "budget", "state", "error", "started", "seconds",
    ]  # fmt: skip
    assert frame["value"].tolist()[0] == 0.25
    assert math.isnan(frame["gamma"][0])
    assert frame["state"].tolist() == ["complete", "failed"]
    assert [date.timestamp() for date in frame["started"]] == pytest.approx([trial.started for trial in study.trials])
    assert str(frame["started"].dt.tz) == "UTC"


def test_frame_of_no_trials_has_the_columns_already():
    assert line().to_frame().columns.tolist()[:3] == ["number", "x", "value"]


CHOICES = [None, (1, 2), 1, True, 1.0, float("nan"), np.arange(3), "a"]
MIXED = Space(c=CHOICES, x=Float(1e-6, 1, log=True), n=hpt.Int(1, 9, log=True), y=Float(0, 1).when(c=[None, True]))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(allow_nan=True) | st.just("error") | st.just("running"), max_size=12),
    st.integers(0, 2**64 - 1),
    st.sampled_from(["minimize", "maximize"]),
)
def test_json_gives_back_an_equal_study_that_goes_on_alike(outcomes, seed, direction):
    study = Study(MIXED, RandomSearch(), seed=seed, direction=direction)
    for outcome in outcomes:
        trial = study.ask()
        if outcome == "error":
            study.tell(trial, error="it\nbroke")
        elif outcome != "running":
            study.tell(trial, outcome)
    text = study.to_json()
    again = Study.from_json(text, MIXED, RandomSearch())
    assert again == study
    assert again.to_json() == text
    assert json.loads(text, parse_constant=pytest.fail)  # JSON proper, without NaN
    assert MIXED.to_json(again.ask().params) == MIXED.to_json(study.ask().params)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda study: pickle.loads(pickle.dumps(study))])
def test_a_copied_or_pickled_study_goes_on_on_its_own(duplicate):
    study = line()
    trial = study.ask()
    twin = duplicate(study)
    assert twin == study
    study.tell(trial, 1.0)
    assert twin.ask().params == study.ask().params
    assert [t.state for t in twin.trials] == ["running", "running"]
    assert [t.state for t in study.trials] == ["complete", "running"]
    twin.tell(trial, 2.0)
    assert (twin.best_value, study.best_value) == (2.0, 1.0)


def test_studies_differ_by_their_trials():
    a, b = line(), line()
    assert a == b
    a.ask()
    assert a != b


def test_repr_counts_trials_and_shows_the_best_value():
    study = line()
    assert repr(study) == "Study(RandomSearch, 0 trials, 0 failed)"
    study.tell(study.ask(), 0.25)
    assert repr(study) == "Study(RandomSearch, 1 trials, 0 failed, best_value=0.25)"


def test_a_trial_is_told_and_handed_back_by_its_number_too():
    study = line()
    trials = [study.ask() for _ in range(3)]
    study.tell(1, 0.5, attributes={"seen": True})
    study.tell(np.int64(2), error="no")
    study.requeue(0)
    assert study.ask() == trials[0]
    assert [(t.state, t.value) for t in study.trials] == [("running", None), ("complete", 0.5), ("failed", None)]
    assert study.trials[1].attributes == {"seen": True}


# What a user may get wrong


@pytest.mark.parametrize(
    ("trial_and_outcome", "message"),
    [
        (lambda study: (line().ask(), {"value": 1.0}), "tell: trial 0 must be one that this study's ask"),
        (lambda study: (2, {"value": 1.0}), "tell: trial 2 must be one that this study's ask"),
        (lambda study: (-1, {"value": 1.0}), "tell: trial -1 must be one that this study's ask"),
        (lambda study: (0, {"value": 1.0}), "tell: trial 0 is already complete; tell each trial once"),
        (lambda study: (study.trials[0], {"value": 1.0}), "tell: trial 0 is already complete; tell each trial once"),
        (lambda study: (study.trials[1], {}), "tell: trial 1 needs a value, or error="),
        (lambda study: (study.trials[1], {"value": 1.0, "error": "no"}), "takes a value or an error"),
    ],
)
def test_a_wrong_tell_is_refused_and_the_study_is_unchanged(trial_and_outcome, message):
    study = line()
    study.tell(study.ask(), 0.5)
    study.ask()
    trial, outcome = trial_and_outcome(study)
    before = study.to_json()
    with pytest.raises(ValueError, match=message):
        study.tell(trial, **outcome)
    assert study.to_json() == before


def test_two_studies_never_start_trials_at_the_same_time_even_if_the_clock_stands_still(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    a, b = line(), line()
    trial = a.ask()
    b.ask()
    with pytest.raises(ValueError, match="must be one that this study's ask"):
        b.tell(trial, 1.0)


WRONG = [Suggestion({"x": 2}), Suggestion({"x": 0}, budget=math.nan), Suggestion({"x": 0}, info={"z": 1j}), {"x": 0.5}]


@pytest.mark.parametrize("suggested", WRONG)
def test_a_wrong_suggestion_is_refused_and_the_study_is_unchanged(suggested):
    """What the refusals say is in tests/wrong_calls."""

    class Fixed:
        def suggest(self, history):
            return suggested

    study = Study(LINE, Fixed())
    with pytest.raises((TypeError, ValueError), match="must be"):
        study.ask()
    assert study.trials == ()
