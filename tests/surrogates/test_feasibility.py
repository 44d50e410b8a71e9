"""Feasibility: probabilities equal to Monte Carlo, the bend, ranks, what failed trials teach, and searches to the border."""

import math

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies.candidates import Candidates
from hpt_lab.surrogates import expected_improvement, log_expected_improvement, probability_of_improvement
from hpt_lab.surrogates.feasibility import bend, limited, limits_of, log_feasibility
from hpt_lab.surrogates.learning import Learning, observed

LINE = hpt.Space(x=hpt.Float(0, 1))
NOBODY = np.empty((0, 1))


def told(*outcomes, space=LINE):
    """A history of trials at x = 0.05, 0.10, ... with these values, constraints and errors."""
    study = hpt.Study(space, hpt.RandomSearch())
    places = [{"x": round(0.05 * (i + 1), 2)} for i in range(len(outcomes))]
    study = hpt.Study(space, hpt.RandomSearch(), start=places)
    for outcome in outcomes:
        study.tell(study.ask(), **outcome)
    return study.history


def at(value, **constraints):
    return {"value": value, "constraints": constraints}


def probability(history, x):
    """P(feasible) at x, as learned from a history."""
    points, _, running = observed(history)
    learned = limits_of(history).learn(history.space, points, Learning(), running)
    return np.exp(learned(np.atleast_1d(np.array(x, float))[:, None]))


def test_constrained_expected_improvement_equals_its_simulation():
    rng = np.random.default_rng(0)
    mean, std, best = np.array([0.2, -0.3, 1.0]), np.array([0.5, 0.8, 0.6]), 0.4
    centers, spreads = np.array([[-0.5, 0.3, -0.2], [0.1, -1.0, -0.1]]), np.array([[0.7, 0.4, 0.5], [0.6, 1.0, 0.2]])
    loss = mean + std * rng.standard_normal((200_000, 3))
    broken = centers + spreads * rng.standard_normal((200_000, 2, 3))
    feasible = (broken <= 0).all(axis=1)
    simulated = (np.maximum(best - loss, 0) * feasible).mean(axis=0)
    log_probability = sum(log_feasibility(m, s) for m, s in zip(centers, spreads, strict=True))
    np.testing.assert_allclose(
        limited("ei", expected_improvement(mean, std, best), log_probability), simulated, atol=0.003
    )
    np.testing.assert_allclose(
        np.exp(limited("log_ei", log_expected_improvement(mean, std, best), log_probability)), simulated, atol=0.003
    )
    wins = ((loss < best) & feasible).mean(axis=0)
    np.testing.assert_allclose(
        limited("pi", probability_of_improvement(mean, std, best), log_probability), wins, atol=0.005
    )


@pytest.mark.parametrize("acquisition", ["lcb", "thompson"])
def test_where_the_values_are_no_improvements_what_is_likely_feasible_comes_first(acquisition):
    order = np.argsort(-limited(acquisition, np.array([9.0, -50.0, -2.0, 8.0]), np.log([0.2, 0.6, 0.9, 0.4])))
    assert order.tolist() == [2, 1, 3, 0]


def test_the_log_of_a_tiny_probability_stays_finite_and_a_known_constraint_is_certain():
    assert np.isfinite(log_feasibility(np.array([40.0, 1e6]), np.array([1.0, 1.0]))).all()
    assert np.exp(log_feasibility(np.array([-0.1, 0.1]), np.zeros(2))).tolist() == [1.0, 0.0]


def test_the_bend_keeps_signs_and_order_and_does_not_depend_on_the_unit():
    values = np.array([[-1e9, -3.0, 0.0, 0.5, 2e6], [1.0, 2.0, np.nan, 3.0, 4.0]]).T
    bent = bend(values)
    np.testing.assert_array_equal(np.sign(bent), np.sign(values))
    assert (np.diff(bent[:, 0]) > 0).all()
    np.testing.assert_allclose(bend(1000 * values), bent)
    assert np.abs(bent[:, 0]).max() < 30


@pytest.mark.parametrize("sizes", [(1e-300, 1e300), (5e-324, 1.7e308), (1.0, 1.0 + 2e-16)])
def test_extreme_constraints_are_survived(sizes):
    low, high = sizes
    history = told(at(0, c=-low), at(1, c=high), at(2, c=low), at(3, c=-high), at(4, c=0), at(5, c=-low))
    assert np.isfinite(bend(np.array([[low, high]]).T)).all()
    assert ((probability(history, [0.1, 0.5]) >= 0) & (probability(history, [0.1, 0.5]) <= 1)).all()
    assert 0 <= hpt.BayesianOptimization().suggest(history).params["x"] <= 1


def test_feasible_trials_rank_by_loss_then_the_others_by_violation_and_failed_ones_last():
    history = told(at(3, c=-1), at(0, c=2), at(1, c=0), at(-5, c=1), {"error": "crash"}, at(2))
    limits = limits_of(history)
    assert limits.feasible.tolist() == [True, False, True, False, False, True]
    assert limits.ranks(observed(history)[1]).tolist() == [2, 4, 0, 3, 5, 1]


def test_a_history_without_constraints_has_no_limits():
    assert limits_of(told({"value": 1.0}, {"error": "crash"})) is None


def test_the_probability_follows_the_constraints_and_their_product():
    outcomes = [at(0, left=0.3 - x, right=x - 0.7) for x in np.arange(1, 20) * 0.05]
    low, inside, high = probability(told(*outcomes), [0.1, 0.5, 0.9])
    assert inside > 0.99 > 0.01 > max(low, high)
    one_sided = probability(told(*[at(0, left=o["constraints"]["left"]) for o in outcomes]), [0.1, 0.9])
    assert one_sided[0] < 0.01 < 0.99 < one_sided[1]


def test_a_failed_trial_teaches_the_constraints_it_has_reported():
    seen = [at(0, c=-0.3), at(0, c=-0.2), at(0, c=-0.1)]
    crash = {"error": "out of memory", "constraints": {"c": 5.0}}
    assert probability(told(*seen, crash), 0.2)[0] < 0.1 < 0.4 < probability(told(*seen, {"error": "crash"}), 0.2)[0]


def test_a_constraint_that_is_the_same_everywhere_teaches_nothing_yet():
    assert probability(told(at(0, c=1), at(1, c=1)), [0.1, 0.9]).tolist() == [1.0, 1.0]


def test_of_many_trials_those_next_to_the_border_are_learned_from():
    rng = np.random.default_rng(0)
    points = rng.random((300, 1))
    study = hpt.Study(LINE, hpt.RandomSearch())
    for (x,) in points:
        study.add({"x": float(x)}, {"value": 0.0, "constraints": {"c": float(np.sin(9 * x) + x - 0.5)}})
    few = Learning(max_points=20)
    learned = limits_of(study.history).learn(LINE, observed(study.history)[0], few, NOBODY)
    x = np.linspace(0, 1, 101)
    c = np.sin(9 * x) + x - 0.5
    clear = np.abs(c) > 0.15
    assert ((np.exp(learned(x[:, None])) > 0.5) == (c <= 0))[clear].mean() > 0.9


def toy(params):
    """Gramacy et al. (2016), section 5: the best feasible loss, 0.599788, lies on the border."""
    x, y = params["x"], params["y"]
    wave = 0.5 * math.sin(2 * math.pi * (x * x - 2 * y))
    return {"value": x + y, "constraints": {"wave": 1.5 - x - 2 * y - wave, "disk": x * x + y * y - 1.5}}


@pytest.mark.parametrize("seed", [0, 1])
def test_bayesian_optimization_finds_an_optimum_on_the_border(seed):
    square = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))
    study = hpt.tune(toy, square, hpt.BayesianOptimization(), 22, seed=seed, progress=False)
    assert study.best_value - 0.599788 < 0.01
    assert abs(study.best.constraints["wave"]) < 0.01


def test_before_anything_is_feasible_the_next_trial_is_where_that_is_most_probable():
    """The loss rises there, and a search for a low loss would go the other way."""
    search = lambda p: {"value": p["x"], "constraints": {"c": 0.9 - p["x"]}}  # noqa: E731
    study = hpt.Study(hpt.Space(x=hpt.Float(0, 0.99)), hpt.BayesianOptimization())
    for x in (0.1, 0.2, 0.35, 0.5, 0.6):
        study.add({"x": x}, search({"x": x}))
    assert study.ask().params["x"] > 0.88


@pytest.mark.parametrize("acquisition", ["ei", "pi", "lcb", "thompson"])
def test_each_acquisition_function_keeps_within_limits(acquisition):
    """The loss falls up to the border at 0.6 and beyond."""
    search = lambda p: {"value": -p["x"], "constraints": {"c": 10 * (p["x"] - 0.6)}}  # noqa: E731
    strategy = hpt.BayesianOptimization(acquisition=acquisition)
    study = hpt.tune(search, LINE, strategy, 14, progress=False)
    assert 0.58 < study.best_params["x"] <= 0.6
    assert sum(0.58 < trial.params["x"] < 0.61 for trial in study.trials[5:]) >= 6


def test_a_maximized_metric_is_limited_as_well():
    search = lambda p: {"value": p["x"], "constraints": {"c": p["x"] - 0.6}}  # noqa: E731
    study = hpt.tune(search, LINE, hpt.BayesianOptimization(), 12, direction="maximize", progress=False)
    assert 0.59 < study.best_value <= 0.6


def test_a_fresh_strategy_suggests_the_same_with_constraints_failures_and_running_trials():
    def outcome(x):
        if x > 0.8:
            return {"error": "crash", "constraints": {"c": 1.0}}
        return at((x - 0.5) ** 2, c=x - 0.4, **({"sometimes": x - 0.7} if x < 0.5 else {}))

    study = hpt.Study(LINE, hpt.BayesianOptimization(n_initial=3), seed=4)
    running = []
    for _ in range(9):
        running.append(study.ask())
        again = hpt.BayesianOptimization(n_initial=3).suggest(hpt.History(LINE, study.trials, 4))
        assert again == study.strategy.suggest(study.history)
        if len(running) > 2:
            done = running.pop(0)
            study.tell(done, **outcome(done.params["x"]))


def test_a_forest_learns_constraints_too():
    pytest.importorskip("sklearn")
    search = lambda p: {"value": -p["x"], "constraints": {"c": p["x"] - 0.6}}  # noqa: E731
    study = hpt.tune(search, LINE, hpt.BayesianOptimization("forest"), 9, progress=False)
    assert 0.55 < study.best_params["x"] <= 0.6


def test_a_source_of_halving_sees_the_constraints():
    def search(p, budget):
        return {"value": -p["x"] / budget, "constraints": {"c": p["x"] - 0.6}}

    strategy = hpt.SuccessiveHalving(9, 1, 3, source=hpt.BayesianOptimization(n_initial=3))
    study = hpt.tune(search, LINE, strategy, 12, progress=False)
    assert study.best.feasible
    assert study.best_params["x"] > 0.5


def test_candidates_are_drawn_near_the_best_feasible_trials(monkeypatch):
    seen = []
    draw = Candidates.draw
    monkeypatch.setattr(
        Candidates, "draw", lambda self, space, best, rng: seen.append(best) or draw(self, space, best, rng)
    )
    history = told(at(-9, c=2), at(3, c=-1), at(-8, c=1), at(1, c=0), at(2, c=-2), at(-7, c=3))
    hpt.BayesianOptimization().suggest(history)
    assert seen[0][:, 0].round(2).tolist() == [0.2, 0.25, 0.1, 0.15]
