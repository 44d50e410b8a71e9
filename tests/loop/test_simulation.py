"""Workers in virtual time: a schedule that can be counted by hand, and the same trials as workers in real time."""

import math
import random

import pytest

import hpt_lab as hpt
from hpt_lab import ASHA, TPE, BayesianOptimization, Float, GridSearch, RandomSearch, Space, Study, problems, simulate
from tests.loop.scripted import Scripted, wait_at

LINE = Space(x=Float(0, 1))


def square(params):
    return params["x"] ** 2


def steps(*seconds):
    return lambda trial: seconds[trial.number % len(seconds)]


ONE = steps(1)


def simulated(duration=ONE, n_workers=2, n_trials=6, strategy=None, objective=square, **more):
    return simulate(Study(LINE, strategy or GridSearch(6)), objective, duration, n_workers, n_trials, **more)


def test_a_schedule_that_can_be_counted_by_hand():
    found = simulated(steps(3, 1, 1, 4, 2), n_workers=2)
    assert [(m.number, m.worker, m.started, m.ended, m.missing) for m in found.moments] == [
        (0, 0, 0, 3, 0), (1, 1, 0, 1, 1), (2, 1, 1, 2, 1), (3, 1, 2, 6, 1), (4, 0, 3, 5, 1), (5, 0, 5, 8, 1),
    ]  # fmt: skip
    assert found.seconds == 8
    assert found.utilisation == (3 + 1 + 1 + 4 + 2 + 3) / 16
    assert found.missing == 5 / 6


def test_thinking_keeps_workers_waiting_one_after_the_other():
    found = simulated(steps(1), n_workers=3, n_trials=6, thinking=0.5)
    assert [(m.asked, m.started, m.missing) for m in found.moments] == [
        (0, 0.5, 0), (0.5, 1, 1), (1, 1.5, 2), (1.5, 2, 2), (2, 2.5, 2), (2.5, 3, 2),
    ]  # fmt: skip
    short = simulated(steps(0.25), n_workers=3, n_trials=4, thinking=0.5)
    assert [m.asked for m in short.moments] == [0, 0.5, 1, 1.5]  # not back to what has ended meanwhile
    many = simulated(steps(1), n_workers=100, n_trials=6, thinking=0.5)
    assert many.seconds == found.seconds
    assert [m.missing for m in many.moments] == [0, 1, 2, 2, 2, 2]  # what has ended is told before the next is asked


def test_until_starts_no_further_trial():
    found = simulated(steps(2), n_workers=2, n_trials=None, until=3, strategy=RandomSearch())
    assert [m.started for m in found.moments] == [0, 0, 2, 2]
    assert found.seconds == 4
    assert found.study.history.n_running == 0


def test_one_worker_is_the_search_of_tune():
    for strategy in (RandomSearch(), TPE(), BayesianOptimization()):
        found = simulated(n_workers=1, n_trials=15, strategy=strategy)
        assert [t.params for t in found.study.trials] == [
            t.params for t in hpt.tune(square, LINE, strategy, 15, progress=False).trials
        ]
        assert (found.utilisation, found.missing) == (1, 0)


class Virtual(Scripted):
    """Workers of the real loop whose trials end in the order of a virtual clock."""

    def __init__(self, seconds):
        super().__init__(self.next)
        self.seconds, self.now, self.ends = iter(seconds), 0.0, []

    def submit(self, function, *arguments):
        self.ends.append(self.now + next(self.seconds))
        return super().submit(function, *arguments)

    def next(self, n_waiting):
        self.now = min(self.ends)
        place = self.ends.index(self.now)
        del self.ends[place]
        return place


@pytest.mark.parametrize("strategy", [TPE(), BayesianOptimization(), ASHA(1, 9)], ids=lambda s: type(s).__name__)
def test_virtual_workers_do_what_workers_of_the_real_loop_do(monkeypatch, strategy):
    def objective(params, budget=1):
        return params["x"] ** 2 + 1 / budget

    luck = random.Random(0)
    seconds = [luck.uniform(0.5, 5) for _ in range(25)]
    found = simulated(lambda trial: seconds[trial.number], 4, 25, strategy, objective)
    pool = wait_at(monkeypatch, Virtual(seconds))
    study = hpt.tune(objective, LINE, strategy, 25, executor=lambda: pool, n_workers=4, progress=False)
    real, virtual = ([(t.params, t.budget, t.value) for t in of.trials] for of in (study, found.study))
    assert real == virtual


def test_a_strategy_that_waits_for_running_trials_leaves_workers_idle():
    found = simulated(steps(1), 16, 13, hpt.SuccessiveHalving(9, 1, 9), lambda p, budget: p["x"] + 1 / budget)
    assert [m.started for m in found.moments] == [0] * 9 + [1] * 3 + [2]
    assert found.utilisation == 13 / 48


def test_the_path_is_in_the_order_of_the_virtual_clock():
    found = simulated(steps(6, 5, 4, 3, 2, 1), n_workers=6, objective=lambda p: 1 - p["x"])
    assert found.path() == [(1, 0.0)]
    found = simulated(steps(1, 2, 3, 4, 5, 6), n_workers=6, objective=lambda p: round(1 - p["x"], 6))
    assert found.path() == [(1, 1.0), (2, 0.8), (3, 0.6), (4, 0.4), (5, 0.2), (6, 0.0)]
    assert [found.time_to(target) for target in (1, 0.5, 0, -1)] == [1, 4, 6, math.inf]
    most = simulate(Study(LINE, GridSearch(6), direction="maximize"), lambda p: p["x"], steps(1), 1, 6)
    assert [most.time_to(target) for target in (0, 0.5, 1, 2)] == [1, 4, 6, math.inf]


def test_failures_take_their_time_and_are_no_incumbents():
    def objective(params):
        return 1 / 0 if params["x"] < 0.5 else params["x"]

    found = simulated(objective=objective, n_workers=1)
    assert [t.state for t in found.study.trials] == ["failed"] * 3 + ["complete"] * 3
    assert found.path() == [(4, 0.6)]


def test_a_simulation_goes_on_with_a_study_and_shows_its_own_part():
    study = hpt.tune(square, LINE, RandomSearch(), 3, progress=False)
    found = simulate(study, square, steps(1), 2, 7)
    frame = found.to_frame()
    assert list(frame["number"]) == [3, 4, 5, 6]
    assert list(frame["ended"]) == [1, 1, 2, 2]
    assert {"x", "value", "worker", "asked", "started", "missing"} <= set(frame)
    assert simulate(study, square, steps(1), 2, 7).utilisation == 0


def test_thousands_of_workers_and_the_same_every_time():
    problem = problems.mlp_mnist()
    found = [
        simulate(Study(problem.space, ASHA(1, 27), seed=1), problem, problems.durations(problem), 4096, 5000)
        for _ in range(2)
    ]
    assert found[0].moments == found[1].moments
    assert max(m.missing for m in found[0].moments) == 4095
    assert 0 < found[0].utilisation < 1


TABULATED = [name for name, problem in problems.suite().items() if problem.table is not None]


@pytest.mark.parametrize("name", TABULATED)
def test_durations_are_above_0_and_grow_with_the_budget(name):
    problem = problems.get(name)
    duration = problems.durations(problem)
    for i in range(0, problem.space.grid().size, 37):
        params = problem.space.grid()[i]
        full = duration(hpt.Trial(0, params))
        assert 0 < full < 10
        if problem.budgets:
            by_budget = [duration(hpt.Trial(0, params, budget)) for budget in problem.budgets]
            assert by_budget == sorted(by_budget)
            assert by_budget[-1] == full


def test_what_breaks_the_simulation_leaves_no_trial_running():
    def duration(trial):
        return 1.0 if trial.number < 3 else 1 / 0

    study = Study(LINE, RandomSearch())
    with pytest.raises(ZeroDivisionError):
        simulate(study, square, duration, 2, 6)
    assert [t.state for t in study.trials] == ["complete"] * 2
    assert study.history.n_running == 0


def test_if_every_trial_fails_the_first_error_is_raised():
    with pytest.raises(ZeroDivisionError):
        simulated(objective=lambda params: 1 / 0)


@pytest.mark.parametrize("objective", [lambda: 1.0, lambda params, budget: 1.0, lambda *, params: 1.0])
def test_an_objective_that_takes_other_arguments_is_refused_before_any_training(objective):
    study = Study(LINE, RandomSearch())
    with pytest.raises(TypeError, match=r"sets no budget, so the objective must be a function objective\(params\)"):
        simulate(study, objective, ONE, 2, 8)
    with pytest.raises(TypeError, match=r"so the objective must be a function objective\(params, budget\)"):
        simulate(Study(LINE, ASHA(1, 9)), lambda params: 1.0, ONE, 2, 8)
    assert not len(study.trials)


def test_added_trials_count_for_none_of_the_number_as_in_tune():
    studies = [Study(LINE, RandomSearch()) for _ in range(2)]
    for study in studies:
        for x in (0.1, 0.2, 0.3):
            study.add({"x": x}, x)
    simulate(studies[0], square, ONE, 2, 5)
    hpt.run(studies[1], square, 5, progress=False)
    assert [trial.params for trial in studies[0].trials] == [trial.params for trial in studies[1].trials]
    assert len(studies[0].trials) == 8
