"""An objective that yields: it pauses at a rung, goes on when it is promoted, and is closed when it will not be."""

import functools
import gc
import math
import os
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext

import pytest

import hpt_lab as hpt
from hpt_lab import ASHA, Float, Hyperband, RandomSearch, Space, Study, SuccessiveHalving, Suggestion, run, tune
from hpt_lab.loop import pausable
from hpt_lab.study.log import Levels
from tests.loop.scripted import Scripted, wait_at

LINE = Space(x=Float(-1, 1))


class Watched:
    """A training of 30 epochs whose loss falls to x^2, and a log of what became of each one that was begun."""

    def __init__(self, n=30, **wrong):
        self.n, self.wrong = n, wrong  # epoch -> what is yielded there, or raised
        self.begun = self.closed = self.epochs = self.most = 0

    def __call__(self, params):
        self.begun += 1
        self.most = max(self.most, self.begun - self.closed)
        try:
            for epoch in range(1, self.n + 1):
                self.epochs += 1
                yield params["x"] ** 2 + 1 / epoch
        finally:
            self.closed += 1


def search(objective, strategy, n_trials=None, **more):
    return tune(objective, LINE, strategy, n_trials, progress=False, **more)


def by_budget(params, budget):
    """What `Watched` yields last."""
    return params["x"] ** 2 + 1 / budget


def known(trial):
    return trial.number, dict(trial.params), trial.budget, trial.value, trial.state, dict(trial.info)


HALVING = [SuccessiveHalving(27, 1, 27), Hyperband(1, 27), ASHA(1, 27)]


@pytest.mark.parametrize("strategy", HALVING, ids=lambda strategy: type(strategy).__name__)
def test_a_promoted_training_goes_on_and_no_epoch_is_paid_twice(strategy):
    train = Watched()
    study = search(train, strategy, 60)
    assert [*map(known, study.trials)] == [*map(known, search(by_budget, strategy, 60).trials)]
    configurations = {(trial.info["bracket"], trial.info["config"]): trial for trial in study.trials}
    assert train.begun == train.closed == len(configurations)
    assert study.spent == train.epochs == sum(trial.budget for trial in configurations.values())
    for trial in study.trials:
        assert trial.curve == tuple(trial.params["x"] ** 2 + 1 / epoch for epoch in range(1, trial.budget + 1))
        rungs_below = [t.budget for t in study.trials[: trial.number] if t.params == trial.params]
        assert trial.spent == trial.budget - max(rungs_below, default=0)


def test_trainings_that_nobody_will_promote_are_closed_at_once():
    train = Watched()
    open_then = []
    after = [lambda study, trial: open_then.append(train.begun - train.closed)]
    search(train, SuccessiveHalving(27, 1, 27), 40, callbacks=after)
    # of 27, nine may be promoted, and the one that was trained last is not yet closed; of those nine, three
    assert max(open_then[:27]) == 10
    assert open_then[27:36] == [8 + 1, 7 + 2, 6 + 3, 5 + 3 + 1, 4 + 3 + 1, 3 + 3 + 1, 2 + 3 + 1, 1 + 3 + 1, 3 + 1]
    assert open_then[36:] == [2 + 1, 1 + 1 + 1, 1 + 1, 0]


def test_under_a_strategy_without_budgets_a_training_runs_to_its_end_and_keeps_its_curve():
    train = Watched(4)
    study = search(train, RandomSearch(), 3)
    assert (train.begun, train.closed, train.epochs, study.spent) == (3, 3, 12, 12)
    for trial in study.trials:
        assert (len(trial.curve), trial.spent, trial.value) == (4, 4, trial.curve[-1])
    frozen = Study.from_json(study.to_json(), LINE, RandomSearch())
    assert (frozen, frozen.spent) == (study, 12)


def test_a_dict_is_yielded_with_attributes_of_which_the_latest_of_each_name_are_kept():
    def train(params):
        yield {"value": 3.0, "n_weights": 7, "epoch": 1}
        yield 2.0
        yield {"value": 1.0, "epoch": 3}

    study = search(train, SuccessiveHalving(3, 1, 3), 4)
    assert [dict(trial.attributes) for trial in study.trials[:3]] == [{"n_weights": 7, "epoch": 1}] * 3
    assert dict(study.best.attributes) == {"n_weights": 7, "epoch": 3}
    assert (study.best_value, study.best.curve, study.best.spent) == (1.0, (3.0, 2.0, 1.0), 2)


def test_a_training_that_ends_early_stands_on_higher_rungs_and_spends_nothing_there():
    train = Watched(2)
    study = search(train, SuccessiveHalving(9, 1, 9), 13)
    assert [trial.state for trial in study.trials] == ["complete"] * 13
    assert [trial.spent for trial in study.trials] == [1] * 9 + [1] * 3 + [0]
    assert (study.best.budget, study.best.curve, study.spent) == (9, study.trials[9].curve, 12)
    assert study.best_value == study.best.curve[-1]
    assert train.epochs == 12


# What it may do wrong


def wrong(at, what, n=30):
    """Yields `what` at epoch `at`, or raises it."""

    def train(params):
        for epoch in range(1, n + 1):
            if epoch == at and isinstance(what, Exception):
                raise what
            yield what if epoch == at else 1.0
        CLEANED.append(1)

    return train


def nothing(params):
    return
    yield


def returns_at_once(params):
    return 0.25
    yield


def returns_later(params):
    yield 0.5
    return 0.25


CLEANED = []
FAILURES = {
    "nothing": (nothing, ValueError, r"^the objective ended without a yield; it must yield at least one finite number$", 0, 1),
    "returns": (returns_at_once, TypeError, r"^the objective returned 0.25 after 0 yields; the last yield is its value, so it must return nothing$", 0, 1),
    "returns later": (returns_later, TypeError, r"^the objective returned 0.25 after 1 yields", 1, 1),
    "nan": (wrong(3, math.nan), ValueError, r"^the objective yielded nan; it must yield one finite number$", 2, 3),
    "inf": (wrong(1, math.inf), ValueError, r"^the objective yielded inf; it must yield one finite number$", 0, 1),
    "none": (wrong(2, None), TypeError, r"^the objective yielded None; it must yield one finite number$", 1, 2),
    "text": (wrong(2, "0.5"), TypeError, r"^the objective yielded '0.5'; it must yield one finite number$", 1, 2),
    "no value": (wrong(2, {"loss": 1}), TypeError, r"^the objective yielded {'loss': 1}; it must yield one finite number, or a dict with it as 'value'$", 1, 2),
    "raises": (wrong(3, KeyError("x")), KeyError, r"^'x'$", 2, 3),
    "raises at once": (wrong(1, KeyError("x")), KeyError, r"^'x'$", 0, 1),
}  # fmt: skip


@pytest.mark.parametrize(("train", "error", "message", "n_curve", "spent"), FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("strategy", [RandomSearch(), SuccessiveHalving(1, 9, 9)], ids=["plain", "budgets"])
def test_a_training_that_fails_keeps_its_curve_and_what_it_spent(train, error, message, n_curve, spent, strategy):
    with pytest.raises(error, match=message) as caught:
        search(train, strategy, 1)
    (trial,) = caught.value.study.trials
    assert (trial.state, trial.value) == ("failed", None)
    assert (trial.curve, trial.spent) == ((0.5 if train is returns_later else 1.0,) * n_curve, spent)
    assert trial.error.startswith(error.__name__)
    assert "\n" not in trial.error


def test_a_training_that_diverged_is_closed_before_the_next_trial():
    closed = []

    def train(params):
        try:
            yield 1.0
            yield math.nan if len(closed) == 0 else 0.5
            yield 0.0
        finally:
            closed.append(params["x"])

    counts = []
    study = search(train, RandomSearch(), 2, callbacks=[lambda study, trial: counts.append(len(closed))])
    assert counts == [1, 2]
    assert [trial.state for trial in study.trials] == ["failed", "complete"]


def test_what_closing_raises_is_a_warning_and_the_trial_stands():
    def train(params):
        try:
            yield 1.0
            yield 0.5
        finally:
            raise OSError("the disk is full")

    with pytest.warns(RuntimeWarning, match="closing a training raised OSError: the disk is full"):
        study = search(train, SuccessiveHalving(2, 1, 1), 2)
    assert [trial.state for trial in study.trials] == ["complete"] * 2


class Once:
    def __init__(self, budget, info=None):
        self.suggestion = Suggestion({"x": 0.5}, budget, info or {})

    def suggest(self, history):
        return self.suggestion


@pytest.mark.parametrize("budget", [2.5, 0.5])
def test_a_budget_that_no_yield_stands_for_is_refused(budget):
    train = Watched()
    with pytest.raises(ValueError, match=rf"the budget {budget} of trial 0 must be an integer") as caught:
        search(train, Once(budget), 1)
    assert (train.begun, caught.value.study.trials) == (0, ())
    assert search(train, Once(2.0), 1).trials[0].spent == 2


def two(params, budget):
    yield 1.0


async def to_come(params):
    return 1.0


async def coming(params):
    yield 1.0


class Trainer:
    def method(self, params):
        yield params["x"]

    def __call__(self, params, last=1):
        yield params["x"]
        yield params["x"]


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def last(function):
    """A decorator that consumes the yields, and returns the last."""

    @functools.wraps(function)
    def wrapper(params):
        return [*function(params)][-1]

    return wrapper


def plain(params, more=0):
    yield params["x"]
    yield params["x"]


YIELDING = {
    "function": plain,
    "method": Trainer().method,
    "object": Trainer(),
    "partial": functools.partial(plain, more=1),
    "partial of an object": functools.partial(Trainer(), last=2),
    "decorated": logged(plain),
    "decorated object": logged(Trainer()),
}


@pytest.mark.parametrize("objective", YIELDING.values(), ids=YIELDING)
def test_whatever_yields_is_called_with_params_alone_under_budgets_too(objective):
    for strategy in (SuccessiveHalving(3, 1, 3), RandomSearch()):
        study = search(objective, strategy, 4)
        assert [trial.state for trial in study.trials] == ["complete"] * 4
        assert all(trial.curve for trial in study.trials)


def test_a_function_that_returns_what_yields_is_trained_to_its_end_without_budgets():
    study = search(lambda params: plain(params), RandomSearch(), 2)
    assert [(len(trial.curve), trial.spent) for trial in study.trials] == [(2, 2)] * 2
    with pytest.raises(TypeError, match="an objective that yields must be a generator function of the params alone"):
        search(lambda params, budget: plain(params), ASHA(1, 9), 2)


def test_a_decorator_that_returns_the_last_yield_makes_an_ordinary_objective():
    study = search(last(plain), RandomSearch(), 2)
    assert [(trial.curve, trial.spent) for trial in study.trials] == [((), None)] * 2
    with pytest.raises(TypeError, match=r"the objective must yield after each unit of budget, not return -?0\."):
        search(last(plain), ASHA(1, 9), 2)


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        (two, r"an objective that yields must be a function objective\(params\): the strategy decides how far"),
        (coming, "objective=.*coming.* must not be async: the search waits for it"),
        (to_come, "objective=.*to_come.* must not be async: the search waits for it"),
    ],
    ids=["two", "async", "coroutine"],
)
def test_an_objective_of_another_shape_is_refused_before_the_first_trial(objective, message):
    for strategy in (RandomSearch(), ASHA(1, 9)):
        study = Study(LINE, strategy)
        with pytest.raises(TypeError, match=message):
            run(study, objective, 2, progress=False)
        assert study.trials == ()


# What waits


class Rungs:
    """Budgets of one configuration, in this order; marked or not."""

    def __init__(self, *budgets, marked=True, params=(0.5,)):
        self.budgets, self.marked, self.params = budgets, marked, params

    def suggest(self, history):
        n = len(history.trials)
        if n == len(self.budgets):
            return None
        info = {"bracket": 0, "config": 0} if self.marked else {}
        return Suggestion({"x": self.params[n % len(self.params)]}, self.budgets[n], info)


@pytest.mark.parametrize(
    ("strategy", "spent"),
    [
        (Rungs(1, 3, 9), [1, 2, 6]),
        (Rungs(3, 3), [3, 0]),
        (Rungs(3, 2, 4), [3, 2, 2]),  # a lower budget cannot be gone back to
        (Rungs(1, 3, marked=False), [1, 3]),
        (Rungs(1, 3, params=(0.5, 0.25)), [1, 3]),  # another configuration under the same marks
    ],
    ids=["up", "level", "down", "no marks", "other params"],
)
def test_a_strategy_of_ones_own_goes_on_where_marks_and_params_are_the_same(strategy, spent):
    train = Watched()
    study = search(train, strategy, len(strategy.budgets))
    assert [trial.spent for trial in study.trials] == spent
    assert [trial.value for trial in study.trials] == [by_budget(trial.params, trial.budget) for trial in study.trials]
    assert [len(trial.curve) for trial in study.trials] == [*strategy.budgets]
    assert train.begun == train.closed


def test_no_more_than_so_many_wait_and_those_that_stand_best_do(monkeypatch):
    monkeypatch.setattr(pausable, "KEPT", 3)
    train = Watched()
    study = search(train, ASHA(1, 27), 80)
    assert train.most == 3 + 1  # those that wait, and the one in training
    again = [trial for trial in study.trials if trial.info["rung"] and trial.spent == trial.budget]
    assert 0 < sum(trial.spent for trial in again) < 0.2 * study.spent
    assert study.spent == train.epochs
    assert [*map(known, study.trials)] == [*map(known, search(by_budget, ASHA(1, 27), 80).trials)]


def test_a_second_call_trains_again_what_the_first_one_began():
    train = Watched()
    study = search(train, SuccessiveHalving(3, 1, 3), 3)
    assert train.closed == 3
    run(study, train, 4, progress=False)
    assert (study.trials[3].spent, study.spent, train.begun, train.closed) == (3, 6, 4, 4)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, RuntimeError], ids=lambda stop: stop.__name__)
@pytest.mark.parametrize("where", ["objective", "callback"])
def test_whatever_ends_a_search_closes_all_trainings(stop, where):
    train = Watched()

    def stops(params):
        for value in train(params):
            if where == "objective" and train.begun == 3:
                raise stop
            yield value

    def after(study, trial):
        if where == "callback" and trial.number == 4:
            raise stop

    study = Study(LINE, ASHA(1, 27))
    with nullcontext() if stop is KeyboardInterrupt else pytest.raises(stop):
        run(study, stops, 6, progress=False, callbacks=[after], on_error="raise")
    gc.collect()
    assert train.begun == train.closed
    assert not study.history.running


def test_a_search_that_stops_closes_all_trainings():
    train = Watched()
    study = search(train, ASHA(1, 27), 9, callbacks=[lambda study, trial: study.stop() if trial.number == 4 else None])
    assert (len(study.trials), train.begun) == (5, train.closed)


def test_a_thread_that_trains_on_after_the_end_closes_its_training():
    train = Watched()
    objective = pausable.Resumable(train)
    objective.close()
    assert objective({"x": 0.5}, pausable.Stretch(0, 1, pauses=True)).value == 1.25
    assert train.closed == 1


# A total of units


@pytest.mark.parametrize(("total", "spent"), [(1, 1), (10, 10), (11, 11), (12.5, 13)])
def test_a_total_budget_ends_a_search_by_units_spent(total, spent):
    study = search(Watched(), SuccessiveHalving(27, 1, 27), total_budget=total)
    assert study.spent == spent
    assert search(by_budget, SuccessiveHalving(27, 1, 1), total_budget=total).spent == spent
    assert search(lambda params: params["x"], RandomSearch(), total_budget=total).spent == spent


def test_a_total_budget_is_exceeded_by_less_than_the_last_trial():
    for total in range(1, 60):
        study = search(by_budget, Hyperband(1, 9), total_budget=total)
        assert study.spent - study.trials[-1].budget < total <= study.spent
        assert study.spent == sum(trial.budget for trial in study.trials)


def test_failed_trials_and_earlier_calls_count_and_added_trials_do_not():
    def train(params):
        yield 1.0
        if params["x"] > 0:
            raise OSError
        yield 0.5

    study = Study(LINE, RandomSearch())
    study.add({"x": 0.5}, 0.0, budget=50)
    run(study, train, total_budget=7, progress=False)
    assert study.spent == 8 == 2 * len(study.history.trials[1:])
    assert study.history.failed
    assert run(study, train, total_budget=8, progress=False).spent == 8
    assert run(study, train, total_budget=9, progress=False).spent == 10
    assert run(study, train, 7, total_budget=99, progress=False).spent == 14  # n_trials comes first


def test_what_never_gets_anywhere_comes_to_an_end_all_the_same():
    for train in (nothing, wrong(1, KeyError())):
        with pytest.raises((ValueError, KeyError)) as caught:
            search(train, RandomSearch(), total_budget=5)
        assert len(caught.value.study.trials) == 5


# What was seen at which budget


def test_the_best_says_at_which_budget_it_was_seen_and_what_many_showed_below():
    study = Study(LINE, Rungs(*[9] * 5, 27, 27))
    for value in (0.5, 0.28, 0.4, 0.3, 0.6):
        study.tell(study.ask(), value)
    assert repr(study) == "Study(Rungs, 5 trials, 0 failed, best_value=0.28 at budget 9)"
    study.tell(study.ask(), 0.31)
    assert repr(study).endswith("best_value=0.31 at budget 27 (of 1 trial; at budget 9: 0.28 of 5))")
    best = study.history.index(Levels).best
    assert {budget: trial.number for budget, trial in best.items()} == {9: 1, 27: 5}
    study.tell(study.ask(), 0.2)
    assert repr(study).endswith("best_value=0.2 at budget 27)")
    up = Study(LINE, Rungs(9, 9, 27), direction="maximize")
    for value in (0.5, 0.7, 0.6):
        up.tell(up.ask(), value)
    assert repr(up).endswith("best_value=0.6 at budget 27 (of 1 trial; at budget 9: 0.7 of 2))")
    assert up.history.index(Levels).best[9].value == 0.7


# Workers


def latest(n_waiting):
    return n_waiting - 1


def test_threads_go_on_with_any_training_and_close_none_that_was_begun_meanwhile(monkeypatch):
    script = wait_at(monkeypatch, Scripted(latest))
    train = Watched()
    study = search(train, ASHA(1, 27), 60, executor=lambda: script, n_workers=3)
    assert train.begun == train.closed == len({trial.info["config"] for trial in study.trials})
    assert study.spent == train.epochs


def test_a_stage_closes_what_it_need_not_keep_but_nothing_that_was_begun_after_it():
    train = Watched()
    objective = pausable.Resumable(train)
    objective({"x": 0.5}, pausable.Stretch(1, 1, pauses=True))  # a later trial, which another thread began first
    objective({"x": 0.25}, pausable.Stretch(0, 1))
    assert (train.begun, train.closed) == (2, 1)
    objective({"x": 0.75}, pausable.Stretch(2, 1))
    assert (train.begun, train.closed) == (3, 3)


def test_workers_exceed_a_total_budget_by_less_than_one_trial(monkeypatch):
    for objective in (by_budget, Watched()):
        for total in (10, 11, 20):
            script = wait_at(monkeypatch, Scripted(latest))
            strategy = SuccessiveHalving(27, 3, 27)
            study = search(objective, strategy, executor=lambda script=script: script, n_workers=4, total_budget=total)
            assert total <= study.spent < total + 3


def test_any_worker_goes_on_in_virtual_time():
    train = Watched()
    found = hpt.simulate(Study(LINE, ASHA(1, 27)), train, lambda trial: float(trial.budget), 8, 60)
    assert train.begun == train.closed == len({trial.info["config"] for trial in found.study.trials})
    assert found.study.spent == train.epochs


def noted(folder, params):
    """Yields, and notes in a file of its process what happens."""
    with open(os.path.join(folder, str(os.getpid())), "a", encoding="utf-8") as file:
        print("begun", file=file, flush=True)
        try:
            for epoch in range(1, 30):
                print("epoch", file=file, flush=True)
                yield {"value": params["x"] ** 2 + 1 / epoch, "worker": os.getpid()}
        finally:
            print("closed", file=file, flush=True)


def test_a_promoted_trial_goes_to_the_worker_that_has_its_training():
    def train(params):
        for _ in range(2):
            yield params["x"]

    second_is_better = hpt.ManualSearch([{"x": 0.5}, {"x": 0.0}])
    study = search(train, SuccessiveHalving(2, 1, 2, eta=2, source=second_is_better), 3, n_workers=2)
    assert [(trial.params["x"], trial.spent) for trial in study.trials] == [(0.5, 1), (0.0, 1), (0.0, 1)]


@pytest.mark.parametrize("own", [True, False], ids=["own", "yours"])
def test_a_worker_goes_on_with_what_it_has_and_all_are_closed_at_the_end(tmp_path, own):
    who = {"n_workers": 2} if own else {"executor": lambda: ProcessPoolExecutor(1), "n_workers": 1}
    study = search(functools.partial(noted, str(tmp_path)), ASHA(1, 27), 40, **who)
    notes = Counter(line for file in tmp_path.iterdir() for line in file.read_text("utf-8").split())
    assert notes["epoch"] == study.spent
    assert notes["begun"] == notes["closed"]
    again = 0
    for trial in study.trials:
        if trial.info["rung"]:
            below = next(t for t in study.trials[trial.number - 1 :: -1] if t.info["config"] == trial.info["config"])
            elsewhere = below.attributes["worker"] != trial.attributes["worker"]
            assert trial.spent == (trial.budget if elsewhere else trial.budget - below.budget)
            again += elsewhere
    n_configs = len({trial.info["config"] for trial in study.trials})
    assert notes["begun"] == n_configs + again
    assert own or again == 0


def test_no_warning_comes_of_a_generator_left_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search(Watched(), ASHA(1, 9), 20)
        gc.collect()


def test_the_bar_counts_units_where_they_alone_end_the_search(monkeypatch):
    bars = []

    class Bar:
        def __init__(self, **options):
            bars.append(options)
            self.n = self.initial = options["initial"]
            self.disable, self.last_print_t, self.mininterval = False, 0.0, 0.0

        def set_postfix_str(self, text):
            bars.append((self.n, text.rpartition(" | ")[2]))

        close = locals

    monkeypatch.setattr("tqdm.tqdm", Bar)
    study = Study(LINE, SuccessiveHalving(3, 1, 3))
    run(study, Watched(), 1)
    bars.clear()
    run(study, Watched(), total_budget=5)
    assert bars[0] == {"total": 5, "initial": 1, "desc": "SuccessiveHalving", "unit": "unit"}
    assert [n for n, _ in bars[1:]] == [1, 2, 3, 5]
    assert bars[-1][1] == f"best {study.best_value:.6g} (trial 3) at budget 3"
    bars.clear()
    run(study, Watched(), 4, total_budget=6)
    assert bars[0] == {"total": 4, "initial": 4, "desc": "SuccessiveHalving", "unit": "trial"}
