"""Importance, against problems whose shares are known in closed form, and what its errors say."""

import importlib
import math

import numpy as np
import pytest

import hpt_lab as hpt
from benchmarks.bench_importance import FUNCTIONS, misses, searched
from hpt_lab import Categorical, Float, Int, Space, importance
from hpt_lab.surrogates.importance import comparable

sensitivity = importlib.import_module("hpt_lab.surrogates.importance")  # the package has the function by that name

CUBE = Space({name: Float(0, 1) for name in "abcde"})
CUBE2 = Space(x=Float(0, 1), y=Float(0, 1))
WEIGHTS = {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0, "e": 0.0}


def study_of(space, function, n, seed=0, direction="minimize"):
    study = hpt.Study(space, hpt.RandomSearch(), seed=seed, direction=direction)
    for _ in range(n):
        trial = study.ask()
        study.tell(trial, function(trial.params))
    return study


def weighted(params):
    return sum(WEIGHTS[name] * value for name, value in params.items())


@pytest.fixture(scope="module")
def additive():
    return importance(study_of(CUBE, weighted, 30))


@pytest.fixture
def coarse(monkeypatch):
    """At 256 points, where that is enough: it takes a third of the time."""
    monkeypatch.setattr(sensitivity, "LOG_POINTS", 8)


def exact(space, function):
    """The shares of a function itself, by the projections that are used for the functions drawn."""
    where = space.settle(sensitivity.sobol_points(len(space), 0, 10))
    values = np.array([function(space.decode(u)) for u in where])
    values = values - values.mean()
    return [((values @ basis) ** 2).sum() / (values**2).sum() for basis in sensitivity._bases(space, where)]


def test_shares_of_a_weighted_sum_are_its_squared_weights(additive):
    total = sum(weight**2 for weight in WEIGHTS.values())
    for name, weight in WEIGHTS.items():
        assert additive.shares[name] == pytest.approx(weight**2 / total, abs=0.015)
    assert list(additive.shares) == list("abcde") == list(additive.errors)  # the most important first
    assert additive.shares["e"] <= 0.002
    assert additive.rest <= 0.02
    assert 0 < additive.rest_error <= 0.03
    assert (additive.n_trials, additive.budget) == (30, None)


def test_what_only_two_together_explain_is_the_rest(coarse):
    study = study_of(Space(x=Float(0, 1), y=Float(0, 1)), lambda p: (p["x"] - 0.5) * (p["y"] - 0.5), 40)
    result = importance(study)
    assert max(result.shares.values()) < 0.05
    assert result.rest > 0.9


def test_projections_have_the_known_shares_of_ishigami():
    a, b, pi = 7.0, 0.1, math.pi
    space = Space({name: Float(-pi, pi) for name in ("x1", "x2", "x3")})
    shares = exact(
        space, lambda p: math.sin(p["x1"]) + a * math.sin(p["x2"]) ** 2 + b * p["x3"] ** 4 * math.sin(p["x1"])
    )
    variance = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5  # Ishigami and Homma (1990)
    truth = [0.5 * (1 + b * pi**4 / 5) ** 2 / variance, a**2 / 8 / variance, 0.0]
    np.testing.assert_allclose(shares, truth, atol=0.006)


def test_a_condition_shares_what_it_changes_where_it_is_active_in_the_whole_space():
    space = Space(
        k=["a", "b", "c"],
        g=Float(0, 1).when(k="a"),
        m=Categorical(["x", "y", "z"]).when(k="b"),
        n=Int(1, 4),
    )

    def value(p):
        return "abc".index(p["k"]) + 3 * p.get("g", 0.5) + (p.get("m") == "y")

    means, inner = np.array([1.5, 2.5 + 1 / 3, 3.5]), np.array([9 / 12, 2 / 9]) / 3  # of k's three thirds; of g and m
    variance = means.var() + inner.sum()
    np.testing.assert_allclose(exact(space, value), [means.var() / variance, *(inner / variance), 0.0], atol=0.006)


def test_choices_have_no_order():
    steps = {letter: float(i % 2) for i, letter in enumerate("abcdefghijkl")}  # more than the cosines could follow
    space = Space(k=list(steps), x=Float(0, 1))
    between = np.var(list(steps.values()))
    shares = exact(space, lambda p: steps[p["k"]] + p["x"])
    np.testing.assert_allclose(shares, [between / (between + 1 / 12), 1 / 12 / (between + 1 / 12)], atol=0.01)


def test_two_errors_cover_the_shares_of_the_losses_as_they_are(coarse):
    covered = [misses(name, searched(name, hpt.RandomSearch(), 40, seed))[0] for name in FUNCTIONS for seed in range(4)]
    within = np.concatenate(covered) <= 2
    assert len(within) == 4 * (6 + 4 + 5 + 4)
    assert within.mean() >= 0.85
    skewed = importance(searched("skewed", hpt.QuasiRandomSearch(), 60, 0))
    known = FUNCTIONS["skewed"][1].tolist()
    assert [skewed.shares[name] for name in ("x0", "x1", "x2")] == pytest.approx(known, abs=0.03)
    assert skewed.rest == pytest.approx(0.223, abs=0.04)


def test_bent_losses_have_the_shares_of_the_exponent(coarse):
    study = searched("skewed", hpt.QuasiRandomSearch(), 60, 0)
    bent = importance(study, bend=True)
    assert [bent.shares[name] for name in ("x0", "x1", "x2")] == pytest.approx([9 / 14, 4 / 14, 1 / 14], abs=0.03)
    assert bent.rest < 0.05
    assert bent.n_trials == importance(study).n_trials


def test_what_the_surrogates_overlook_is_nothing_of_a_line_and_all_of_noise(coarse):
    points = sensitivity.sobol_points(2, 0, 5)
    for losses, least, most in ((points[:, 0], 0.0, 0.001), (np.random.default_rng(0).normal(size=32), 0.8, 1.0)):
        spread, unseen = sensitivity._by_parts(CUBE2, points, losses, np.random.default_rng(0))
        assert spread.shape == (12 * 8, 2)
        assert least <= unseen <= most


def test_uneven_trials_are_told_and_even_ones_are_not(coarse):
    with pytest.warns(UserWarning, match="^importance: These trials lie unevenly"):
        assert importance(searched("additive", hpt.TPE(), 60, 0)).steered
    for strategy in (hpt.RandomSearch(), hpt.QuasiRandomSearch()):
        _, warned = misses("additive", searched("additive", strategy, 60, 0))
        assert not warned
    mixed = Space(k=["a", "b", "c"], g=Float(0, 1).when(k="a"), n=Int(1, 4))
    where = mixed.settle(sensitivity.sobol_points(3, 0, 10))
    alarms = []
    for seed in range(40):
        even = mixed.settle(np.random.default_rng(seed).random((60, 3)))
        alarms.append(sensitivity._uneven(even, where))
        assert sensitivity._uneven(np.column_stack([even[:, :2], np.full(60, even[0, 2])]), where)
    assert np.mean(alarms) <= 0.1


def test_values_that_differ_by_rounding_are_one_value():
    with pytest.raises(sensitivity.InsufficientData, match="8 complete trials all have the value 1, but must differ"):
        importance(study_of(CUBE2, lambda p: 1.0 + 1e-15 * (p["x"] > 0.5), 8))


def test_what_only_several_explain_is_never_negative(monkeypatch):
    """Draws from different processes may explain more than all of the variance between them."""
    study = study_of(Space(x=Float(0, 1), y=Float(0, 1)), lambda p: p["x"] + p["y"], 6)
    for shares, rest in (([0.75, 0.5], 0.0), ([0.5, 0.3], 0.2)):
        monkeypatch.setattr(sensitivity, "_shares", lambda *args, shares=shares: np.array([shares] * args[-1]))
        result = importance(study)
        assert result.rest == rest
        assert dict(result.shares) == dict(zip("xy", shares, strict=True))


def test_each_surrogate_for_the_error_sees_two_thirds_of_the_trials_that_differ():
    losses = np.array([1.0] * 8 + [2.0])
    parts = sensitivity._parts(losses, np.random.default_rng(0))
    assert [len(set(part.tolist())) for part in parts] == [6] * 12
    assert all(8 in part for part in parts)
    assert len({tuple(part) for part in parts}) > 10


def test_a_few_absurd_losses_do_not_decide(coarse):
    study = study_of(CUBE, weighted, 40)
    for _ in range(2):
        trial = study.ask()
        study.tell(trial, 1e12)
    result = importance(study, bend=True)
    assert set(list(result.shares)[:2]) == {"a", "b"}
    assert result.shares["a"] + result.shares["b"] > 0.5


def test_failed_and_running_trials_do_not_count_and_a_metric_to_maximise_is_turned_around(additive):
    study = study_of(CUBE, lambda p: -weighted(p), 30, direction="maximize")
    study.tell(study.ask(), error="out of memory")
    study.ask()
    assert importance(study) == additive


def test_the_same_call_has_the_same_answer_and_another_seed_nearly(coarse):
    study = study_of(CUBE, weighted, 9)
    first = importance(study)
    np.random.default_rng().random()
    other = importance(study, seed=1)
    assert importance(study) == first != other
    assert abs(other.shares["a"] - first.shares["a"]) < 0.1


def with_budgets(counts):
    study = hpt.Study(Space(x=Float(0, 1), y=Float(0, 1)), hpt.ManualSearch([]))
    rng = np.random.default_rng(0)
    for budget, n in counts.items():
        for _ in range(n):
            study.strategy = Given({"x": rng.random(), "y": rng.random()}, budget)
            trial = study.ask()
            study.tell(trial, trial.params["x"] if budget == 3 else trial.params["y"])
    return study


class Given:
    def __init__(self, *what):
        self.what = what

    def suggest(self, history):
        return hpt.Suggestion(*self.what)


def test_the_highest_budget_with_enough_trials_is_looked_at(coarse):
    study = with_budgets({1: 9, 3: 6, 9: 3})
    assert [trial.budget for trial in comparable("importance", study)] == [3] * 6
    result = importance(study)
    assert (result.budget, result.n_trials) == (3, 6)
    assert list(result.shares) == ["x", "y"]
    assert importance(with_budgets({1: 9, 3: 6, 9: 4})).budget == 9  # two more than hyperparameters


def test_of_many_trials_two_hundred_are_drawn(coarse):
    result = importance(study_of(Space(x=Float(0, 1), y=Float(0, 1)), lambda p: p["x"], 230))
    assert result.n_trials == 200
    assert result.shares["x"] > 0.98


def test_one_dimension_explains_everything_and_a_constant_nothing(coarse):
    result = importance(study_of(Space(x=Float(0, 1)), lambda p: p["x"] ** 2, 12))
    assert result.shares["x"] > 0.97
    result = importance(study_of(Space(x=Float(0, 1), only=["adam"], n=Int(3, 3)), lambda p: p["x"], 12))
    assert (result.shares["only"], result.shares["n"]) == (0.0, 0.0)


def test_the_result_cannot_be_changed(additive):
    with pytest.raises(TypeError):
        additive.shares["a"] = 1.0
    with pytest.raises(AttributeError):
        additive.rest = 1.0


def test_each_of_several_objectives_has_its_own_importance():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    both = hpt.tune(lambda p: (p["x"], -p["y"]), space, hpt.RandomSearch(), 10, directions=["minimize", "maximize"])
    alone = hpt.tune(lambda p: -p["y"], space, hpt.RandomSearch(), 10, direction="maximize")
    assert importance(both, objective="value_1") == importance(alone)
    assert importance(both, objective=0).shares["x"] > 0.9
    with pytest.raises(
        ValueError, match=r"^importance: objective=None must be one of the objectives \['value_0', 'value_1'\]"
    ):
        importance(both)
    with pytest.raises(ValueError, match=r"^importance: objective=0 must be left out: the study has one objective"):
        importance(alone, objective=0)
