"""An objective that reports: the search of one that yields, whoever owns the loop, and clear words where it is used wrongly."""

import os
import pickle
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import ASHA, TPE, Float, Hyperband, MedianStopping, Patience, RandomSearch, Space, Study, SuccessiveHalving
from hpt_lab.loop import TrialHandle

LINE = Space(x=Float(-1, 1))
ENDS = 27


def loss(params, epoch):
    return params["x"] ** 2 + 1 / epoch


def yielding(params):
    for epoch in range(1, ENDS + 1):
        yield {"value": loss(params, epoch), "epochs": epoch, "constraints": {"x": params["x"] - 0.8}}


def reporting(params, trial):
    """The same, with a loop that is not its own."""

    def after(epoch):
        return trial.report(loss(params, epoch), epochs=epoch, constraints={"x": params["x"] - 0.8})

    fit(after)


def waiting():
    """Return the threads in which a training waits."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("trial ")]


def fit(after):
    for epoch in range(1, ENDS + 1):
        if after(epoch):
            break


def search(objective, strategy=None, n_trials=30, space=LINE, **more):
    return hpt.tune(objective, space, strategy or RandomSearch(), n_trials, progress=False, **more)


def known(study):
    fields = [
        "number",
        "params",
        "budget",
        "value",
        "state",
        "error",
        "info",
        "attributes",
        "constraints",
        "curve",
        "spent",
        "stopped",
        "expected",
    ]
    return [[getattr(trial, name) for name in fields] for trial in study.trials]


WAYS = {
    "plain": {},
    "median": {"stopping": MedianStopping(warmup=2)},
    "patience": {"stopping": Patience(3, 0.01), "strategy": TPE()},
    "asha": {"strategy": ASHA(1, 27)},
    "hyperband": {"strategy": Hyperband(1, 27), "n_trials": 60},
}
WHERE = {
    "here": {},
    "a process": {"trial_timeout": 600},
    "a thread": {"executor": lambda: ThreadPoolExecutor(1)},
}


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("where", WHERE)
def test_a_search_whose_objective_reports_is_the_search_of_one_that_yields(how, where):
    expected, told = (search(one, **WAYS[how], **WHERE[where]) for one in (yielding, reporting))
    assert known(told) == known(expected)
    assert told.spent == expected.spent
    if how in ("median", "patience"):
        assert len(told.history.stopped) > 3


@pytest.mark.parametrize("how", ["median", "asha"])
def test_workers_at_once_find_what_those_of_an_objective_that_yields_find(how):
    way = WAYS[how]
    studies = [Study(LINE, way.get("strategy", RandomSearch())) for _ in range(2)]
    for study, objective in zip(studies, (yielding, reporting), strict=True):
        hpt.simulate(study, objective, lambda trial: 1.0 + trial.number % 5, 4, 40)
    assert known(studies[0]) == known(studies[1])
    study = search(reporting, n_workers=2, **way)
    assert {trial.state for trial in study.trials} == {"complete"}
    assert all(trial.value == trial.curve[-1] == loss(trial.params, len(trial.curve)) for trial in study.trials)


def test_a_run_that_waits_for_its_promotion_is_resumed_and_ends_in_good_order():
    log = Counter()

    def objective(params, trial):
        log["begun"] += 1
        try:
            for epoch in range(1, ENDS + 1):
                log["epochs"] += 1
                if trial.report(loss(params, epoch)):
                    log["told"] += 1
                    break
        finally:
            log["ended"] += 1

    study = search(objective, ASHA(1, 27), 60)
    assert study.history.n_configs == log["begun"] == log["ended"] == log["told"]
    assert log["epochs"] == study.spent
    assert not waiting()


def test_what_ignores_that_it_must_end_is_ended_at_its_next_report():
    epochs = []

    def objective(params, trial):
        for epoch in range(1, 10):
            epochs.append(epoch)
            try:
                trial.report(1.0)
            except Exception:  # some libraries catch what a callback raises
                raise AssertionError from None

    study = search(objective, n_trials=2, stopping=Patience(2))
    assert [trial.curve for trial in study.trials] == [(1.0,) * 3] * 2
    assert epochs == [1, 2, 3, 4] * 2


def test_pruning_stops_a_trial_and_does_not_fail_it():
    reached = []

    def objective(params, trial):
        for epoch in range(1, 6):
            trial.report(loss(params, epoch))
            if epoch == 3 and trial.number >= 2:
                trial.prune()
        reached.append(trial.number)

    study = search(objective, n_trials=4)
    assert reached == [0, 1]
    assert [trial.stopped for trial in study.trials] == [None] * 2 + ["trial.prune()"] * 2
    assert [trial.state for trial in study.trials] == ["complete"] * 4
    assert [len(trial.curve) for trial in study.trials] == [5, 5, 3, 3]
    for trial in study.trials[2:]:  # what it would have reached, by the gains of the whole ones
        gain = loss(trial.params, 5) - loss(trial.params, 3)
        best = min(one.value for one in study.trials[:2])
        assert trial.expected == pytest.approx(max(trial.value + gain, best))
    assert study.best.number < 2
    up = search(lambda params, trial: trial.report(-1.0) or trial.prune(), n_trials=1, direction="maximize")
    assert up.trials[0].expected == up.trials[0].value == -1.0
    under = search(objective, ASHA(1, 27), 20)
    assert {trial.state for trial in under.trials} == {"complete"}
    assert max(len(trial.curve) for trial in under.history.stopped) == 3


def test_what_is_returned_is_the_value_unless_the_training_was_stopped():
    def objective(params, trial):
        assert isinstance(trial, TrialHandle)
        trial.attributes["size"] = np.int64(7)
        for epoch in range(1, 6):
            if trial.report(10.0 * epoch, last=epoch):
                break
        trial.attributes["seen"] = [epoch]
        return {"value": 3.0, "best": True, "constraints": {"c": -1}}

    whole = search(objective, n_trials=1).trials[0]
    assert (whole.value, whole.curve) == (3.0, (10.0, 20.0, 30.0, 40.0, 50.0))
    assert whole.attributes == {"size": 7, "last": 5, "seen": [5], "best": True}
    assert whole.constraints == {"c": -1}
    ended = search(objective, n_trials=1, stopping=Patience(1)).trials[0]
    assert (ended.value, ended.curve, ended.stopped) == (20.0, (10.0, 20.0), "Patience(units=1, min_delta=0.0)")
    assert ended.attributes == {"size": 7, "last": 2, "seen": [2]}
    plain = search(lambda params, trial: trial.number, n_trials=3)
    assert [trial.value for trial in plain.trials] == [0, 1, 2]
    assert {trial.curve for trial in plain.trials} == {()}
    assert {trial.spent for trial in plain.trials} == {None}
    promoted = search(objective, ASHA(1, 9), 12)
    assert all(trial.value == (3.0 if trial.budget == 9 else trial.curve[-1]) for trial in promoted.trials)


def test_several_objectives_are_returned_and_not_reported():
    def objective(params, trial):
        trial.attributes["number"] = trial.number
        return params["x"], -params["x"]

    both = ["minimize", "maximize"]
    study = search(objective, n_trials=3, directions=both)
    assert [trial.attributes["number"] for trial in study.trials] == [0, 1, 2]
    assert [trial.objectives for trial in study.trials] == [(t.params["x"], -t.params["x"]) for t in study.trials]
    with pytest.raises(
        TypeError, match=r"trial\.report: with several directions, no report can be judged as one value"
    ):
        search(lambda params, trial: trial.report(1.0), n_trials=1, directions=both)
    with pytest.raises(TypeError, match="must return all its values, not yield"):
        search(objective, n_trials=1, directions=both, stopping=Patience(1))


def reports(value):
    return lambda params, trial: trial.report(value)


@pytest.mark.parametrize(
    ("objective", "more", "message"),
    [
        (reports(float("nan")), {}, "the objective reported nan; it must report one finite number"),
        (reports("low"), {}, "the objective reported 'low'; it must report one finite number"),
        (lambda params, trial: None, {}, "the objective returned None; it must return one finite number"),
        (lambda params, trial: trial.prune(), {}, "trial.prune: trial 0 must report a value first"),
        (lambda params, trial: trial.should_prune(), {}, r"trial.should_prune must be trial.report\(value\)"),
        (lambda params, trial: trial.params, {}, "trial.params must be number, attributes, report or prune"),
        (lambda params, trial: trial.report(1, 3), {}, "takes 2 positional arguments"),
        (lambda params, trial: trial.attributes.update(bad=print), {}, "trial.attributes: bad"),
        (lambda params, trial: pickle.dumps(trial), {}, "must be reported from the process that trains it"),
        (lambda params, trial: 1.0, {"strategy": ASHA(1, 9)}, "the objective must report after each unit of budget"),
        (lambda params, trial: (yield 1.0), {}, "an objective that yields must be a function objective"),
        (lambda params, *, trial: 1.0, {}, r"must be a function objective\(params\) or objective\(params, trial\)"),
        (lambda params: 1.0, {"stopping": Patience(1)}, "such as an epoch, or reports it"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(objective, more, message):
    if message.startswith("trial.attributes"):
        inner = objective

        def objective(params, trial):
            inner(params, trial)
            return 1.0

    with pytest.raises((TypeError, ValueError, AttributeError), match=message):
        search(objective, n_trials=1, **more)


def test_a_value_that_is_wrong_ends_the_training_and_a_late_report_is_an_error():
    kept = []

    def objective(params, trial):
        kept.append(trial)
        return trial.report(1.0) or trial.report(float("inf")) or 2.0

    study = Study(LINE, RandomSearch())
    with pytest.raises(ValueError, match="the objective reported inf"):
        hpt.run(study, objective, 1, progress=False)
    (trial,) = study.trials
    assert (trial.state, trial.curve, trial.spent) == ("failed", (1.0,), 2)
    with pytest.raises(RuntimeError, match="trial 0 has ended"):
        kept[0].report(1.0)


def test_a_failure_after_the_last_unit_is_a_warning_as_it_is_for_one_that_yields():
    def objective(params, trial):
        while not trial.report(1.0):
            pass
        raise OSError("the disk is full")

    for strategy, more in ((RandomSearch(), {"stopping": Patience(1)}), (ASHA(1, 3), {})):
        with pytest.warns(RuntimeWarning, match="closing a training raised OSError: the disk is full"):
            study = search(objective, strategy, 6, **more)
        assert {trial.state for trial in study.trials} == {"complete"}


def test_an_error_of_an_objective_in_its_own_thread_fails_its_trial():
    def steps(params):
        for epoch in range(1, ENDS + 1):
            if epoch > 2 and params["x"] < 0:
                raise OSError(f"the disk is full in epoch {epoch}")
            yield loss(params, epoch)

    def objective(params, trial):
        for value in steps(params):
            trial.report(value)

    told, expected = (search(one, ASHA(1, 27), 60) for one in (objective, steps))
    assert known(told) == known(expected)
    assert {trial.error for trial in told.history.failed} == {"OSError: the disk is full in epoch 3"}


def raises():
    raise KeyboardInterrupt


def presses_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("interrupt", [raises, presses_ctrl_c])
def test_an_interrupt_in_a_training_that_may_wait_ends_its_thread_too(interrupt):
    begun, ended = [], []

    def objective(params, trial):
        begun.append(params)
        try:
            trial.report(1.0)
            trial.report(0.5)
            if trial.number > 3:
                interrupt()
            while not trial.report(0.4):
                pass
        finally:
            ended.append(params)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    try:
        study = search(objective, SuccessiveHalving(9, 1, 9), 60)
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(begun) == len(ended) == 9
    assert len(study.trials) == 9  # the tenth, which resumed the best, was taken back
    assert not waiting()
    assert not study.history.running


def test_what_is_set_for_the_thread_of_a_search_holds_for_its_trainings():
    def objective(params, trial):
        trial.attributes["over"] = np.geterr()["over"]
        for epoch in range(1, 4):
            trial.report(loss(params, epoch))

    with np.errstate(over="raise"):
        study = search(objective, ASHA(1, 3), 6)
    assert {trial.attributes["over"] for trial in study.trials} == {"raise"}


def test_where_no_thread_can_wait_a_promoted_trial_trains_again(monkeypatch):
    expected = search(reporting, ASHA(1, 27), 40)
    monkeypatch.setattr("hpt_lab.loop.pausable.CAN_WAIT", False)
    told = search(lambda params, trial: 0 if waiting() else reporting(params, trial), ASHA(1, 27), 40)
    drop = [[*row[:10], *row[11:]] for row in known(told)]
    assert drop == [[*row[:10], *row[11:]] for row in known(expected)]
    assert told.spent > expected.spent


def decorated(function):
    @wraps(function)
    def wrapper(*arguments, **named):
        return function(*arguments, **named)

    return wrapper


class Objective:
    def __call__(self, params, trial):
        reporting(params, trial)

    def method(self, params, trial=None):
        reporting(params, trial)


def test_the_second_parameter_named_trial_is_the_handle_and_nothing_else_is():
    expected = known(search(yielding, n_trials=5))
    for objective in (
        decorated(reporting),
        Objective(),
        Objective().method,
        partial(lambda o, p, trial: o(p, trial), reporting),
    ):
        assert known(search(objective, n_trials=5)) == expected
    assert search(lambda trial: trial["x"], n_trials=2).trials[0].state == "complete"  # the params, as ever
    budgets = search(lambda params, budget: budget, ASHA(1, 9), 5)
    assert all(trial.value == trial.budget for trial in budgets.trials)


def kills_itself_once(folder, params, trial):
    """Train 3 units; once, from trial 2 on, end the process before the second report."""
    for epoch in range(1, 4):
        marker = os.path.join(folder, "died")
        if trial.number >= 2 and epoch == 2 and not os.path.exists(marker):
            open(marker, "wb").close()
            os._exit(1)
        trial.report(loss(params, epoch))


def test_a_worker_that_dies_between_reports_costs_no_trial_and_no_report(tmp_path):
    objective = partial(kills_itself_once, str(tmp_path))
    for strategy in (RandomSearch(), ASHA(1, 3)):
        (tmp_path / "died").unlink(missing_ok=True)
        study = search(objective, strategy, 12, n_workers=2, storage=tmp_path / f"{type(strategy).__name__}.db")
        assert (tmp_path / "died").exists()
        assert len(study.trials) == 12
        assert {trial.state for trial in study.trials} == {"complete"}
        for trial in study.trials:
            assert trial.curve == tuple(loss(trial.params, epoch) for epoch in range(1, int(trial.budget or 3) + 1))
