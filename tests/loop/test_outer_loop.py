"""The outer loop: what it does with errors, interrupts, callbacks, time limits and budgets, and what its bar shows."""

import io
import math

import numpy as np
import pytest
import tqdm as tqdm_package

from hpt_lab import Float, GridSearch, ManualSearch, RandomSearch, Space, Suggestion, run, tune

LINE = Space(x=Float(-1, 1))


def square(params):
    return params["x"] ** 2


def search(objective=square, strategy=None, n_trials=6, **more):
    return tune(objective, LINE, strategy or RandomSearch(), n_trials, **{"progress": False, **more})


def outcomes(study):
    return [(trial.params, trial.value, trial.state) for trial in study.trials]


def every_other(bad):
    """An objective whose trials 0, 2, 4, ... do what `bad` does."""
    calls = iter(range(1000))
    return lambda params: bad() if next(calls) % 2 == 0 else square(params)


def division():
    return 1 / 0


# Results


@pytest.mark.parametrize(("direction", "best", "at"), [("minimize", min, np.argmin), ("maximize", max, np.argmax)])
def test_tune_finds_the_best_that_it_saw_and_reports_it_as_told(direction, best, at):
    study = search(n_trials=20, direction=direction)
    values = [square(trial.params) for trial in study.trials]
    assert (study.best_value, study.best_params) == (best(values), study.trials[int(at(values))].params)


def test_the_same_seed_gives_the_same_search_and_another_seed_another():
    assert outcomes(search(seed=1)) == outcomes(search(seed=1))
    assert outcomes(search(seed=1)) != outcomes(search(seed=2))


def test_tune_takes_a_plain_mapping_as_space_and_ends_quietly_with_the_grid():
    study = tune(lambda p: p["a"] + p["b"], {"a": [1, 2], "b": [0, 10]}, GridSearch(), 100, progress=False)
    assert [trial.value for trial in study.trials] == [1, 11, 2, 12]


def test_an_objective_may_change_its_params():
    study = search(lambda params: params.pop("x") ** 2)
    assert outcomes(study) == outcomes(search())


def test_a_budget_is_given_to_the_objective_and_the_incumbent_has_the_highest():
    class Doubling:
        def suggest(self, history):
            return Suggestion({"x": 0.1 * len(history.trials)}, budget=2 ** (len(history.trials) // 2))

    seen = []

    def objective(params, budget):
        seen.append(budget)
        return params["x"]

    study = search(objective, Doubling())
    assert seen == [1, 1, 2, 2, 4, 4]
    assert study.best.number == 4


# Errors


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (division, "ZeroDivisionError: division by zero"),
        (lambda: math.nan, "ValueError: the objective returned nan; it must return one finite number"),
        (lambda: "0.5", "TypeError: the objective returned '0.5'; it must return one finite number"),
    ],
    ids=["raises", "NaN", "string"],
)  # which values are wrong: tests/study/test_study.py
def test_a_bad_trial_fails_with_its_error_and_the_search_goes_on(bad, error):
    study = search(every_other(bad))
    assert [trial.state for trial in study.trials] == ["failed", "complete"] * 3
    assert {trial.error for trial in study.history.failed} == {error}
    assert study.best_value == min(square(trial.params) for trial in study.trials[1::2])


@pytest.mark.parametrize(("bad", "error"), [(division, ZeroDivisionError), (lambda: math.nan, ValueError)])
def test_on_error_raise_stops_the_search_with_the_study_intact(bad, error):
    told = []
    with pytest.raises(error) as caught:
        search(every_other(bad), on_error="raise", callbacks=[lambda study, trial: told.append(trial.state)])
    study = caught.value.study
    assert [trial.state for trial in study.trials] == ["failed"] == told
    assert len(run(study, square, 4, progress=False).trials) == 4


def test_if_every_trial_fails_the_first_error_is_raised_at_the_end():
    numbers = iter(range(100))

    def objective(params):
        raise KeyError(next(numbers))

    with pytest.raises(KeyError, match="0") as caught:
        search(objective)
    assert [trial.error for trial in caught.value.study.trials] == [f"KeyError: {i}" for i in range(6)]


def test_an_error_in_a_callback_or_a_strategy_carries_the_study():
    class Breaks:
        def suggest(self, history):
            return Suggestion({"x": 0.0}) if len(history.trials) < 2 else [][0]

    with pytest.raises(ZeroDivisionError) as caught:
        search(callbacks=[lambda study, trial: 1 / 0])
    assert len(caught.value.study.trials) == 1
    with pytest.raises(IndexError) as caught:
        search(strategy=Breaks())
    assert len(caught.value.study.trials) == 2


def test_an_exception_that_takes_no_attributes_is_raised_as_it_is():
    class Sealed(Exception):
        def __setattr__(self, name, value):
            raise AttributeError(name)

    def objective(params):
        raise Sealed

    with pytest.raises(Sealed):
        search(objective)


# Interrupts, resuming, limits


def test_ctrl_c_after_nothing_but_failures_returns_the_study_too():
    def objective(params):
        raise KeyboardInterrupt if calls.pop() == 0 else ValueError("no")

    calls = [0, 1, 2]
    assert [trial.state for trial in search(objective).trials] == ["failed", "failed"]


def test_n_trials_counts_the_trials_of_the_study_in_all():
    study = search(n_trials=2)
    assert run(study, square, 2, progress=False) is study
    assert len(study.trials) == 2
    assert len(run(study, square, 5, progress=False).trials) == 5


def test_callbacks_are_called_in_order_after_each_tell():
    calls = []

    def note(name):
        return lambda study, trial: calls.append((name, trial.number, trial.state, study.trials[-1] is trial))

    search(every_other(division), n_trials=2, callbacks=[note("a"), note("b")])
    assert calls == [
        ("a", 0, "failed", True), ("b", 0, "failed", True), ("a", 1, "complete", True), ("b", 1, "complete", True),
    ]  # fmt: skip


def test_timeout_starts_no_further_trial(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def objective(params):
        clock[0] += 10
        return square(params)

    assert len(search(objective, timeout=25).trials) == 3
    assert len(search(objective, timeout=20).trials) == 2
    assert len(search(objective, timeout=np.float32(20)).trials) == 2


# The bar


@pytest.fixture
def screen(monkeypatch, request):
    """Return what tqdm writes, redrawn as often as asked for, or at intervals of so many seconds."""
    text, bar, seconds = io.StringIO(), tqdm_package.tqdm, getattr(request, "param", 0)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(
        "tqdm.tqdm", lambda **options: bar(file=text, mininterval=seconds, ncols=200, disable=False, **options)
    )
    return text


def test_the_bar_shows_trial_params_and_incumbent(screen):
    listed = [{"x": 0.5}, {"x": -0.25}, {"x": 1.0}]
    search(strategy=ManualSearch(listed), n_trials=3, progress=True)
    drawn = screen.getvalue()
    shown = "0: x=0.5 | no value yet", "1: x=-0.25 | best 0.25 (trial 0)", "2: x=1 | best 0.0625 (trial 1)"
    assert all(f"trial {text}" in drawn for text in shown)
    assert "trial 0: x=0.5 | best" not in drawn  # it was told
    last = drawn.rstrip().split("\r")[-1]
    assert "ManualSearch: 100%" in last
    assert "3/3" in last
    assert "best 0.0625 (trial 1)" in last
    assert "trial 2" not in last


@pytest.mark.parametrize("screen", [1000], indirect=True)
def test_the_bar_shows_the_first_trial_at_once_and_skips_short_ones(screen):
    search(n_trials=6, progress=True)
    shown = [number for number in range(6) if f"trial {number}: " in screen.getvalue()]
    assert shown == [0, 1]
    assert "6/6" in screen.getvalue()


def test_the_bar_shows_the_params_while_they_are_in_training(screen):
    def objective(params):
        assert f"x={params['x']:.4g}" in screen.getvalue().split("\r")[-1]
        return square(params)

    assert len(search(objective, progress=True).history.finished) == 6


def test_the_bar_goes_on_where_the_study_stands(screen):
    run(search(n_trials=2), square, 4)
    assert "2/4" in screen.getvalue()
    assert "4/4" in screen.getvalue().rstrip().split("\r")[-1]


def test_no_bar_where_tqdm_is_switched_off_or_missing(monkeypatch, capsys):
    monkeypatch.setattr("tqdm.tqdm", lambda **options: tqdm_package.std.tqdm(disable=True, **options))
    assert len(search(progress=True).trials) == 6
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    assert len(search(progress=True).trials) == 6
    assert capsys.readouterr().err == ""
