"""Wrong calls of strategies and of the models behind them."""

import math

import numpy as np
import pytest
import refusals as of
from refusals import Says, Table, refuse

import hpt_lab as hpt
from hpt_lab.surrogates import (
    GaussianProcess,
    expected_improvement,
    log_expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)
from hpt_lab.surrogates.warping import standardize, warp, yeo_johnson

BO, NAN, INF = hpt.BayesianOptimization, math.nan, math.inf
SPACE, PLANE = hpt.Space(x=hpt.Float(0, 1)), hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))
RNG = np.random.default_rng(0)
X, Y = RNG.random((6, 2)), RNG.random(6)
FITTED = GaussianProcess(optimize=False).fit(X, Y)
HOLE, FAR = np.array([[0.1, NAN]]), np.array([[1e60, 0.0]])
KERNEL = of.one_of("matern52", "matern32", "rbf")
ACQUISITION = of.one_of("log_ei", "ei", "pi", "lcb", "thompson")
LISTED = "must be a sequence of finite numbers above 0"
ONE, SEVERAL = hpt.Study(SPACE, hpt.RandomSearch()), hpt.Study(SPACE, hpt.RandomSearch(), directions=["minimize"] * 2)
calls = Table()

# Bayesian optimization
calls.arguments(
    BO,
    surrogate=of.one_of("gp", "forest"),
    acquisition=ACQUISITION,
    n_initial=of.without(of.POSITIVE, None),
    sobol=of.FLAG,
    warp=of.FLAG,
    near=of.FLAG,
    refine=of.integer("must be an integer from 0 to 3", -1, 4, 7),
    local_every=of.FROM_0,
    explore=of.NUMBER_FROM_0,
    kernels=of.kind(
        "must be a sequence of names out of ['matern52', 'matern32', 'rbf']",
        [],
        *("rbf", "", [], (), None, 3, ["matern"], ["rbf", "cubic"], [3], [None], {"rbf"}, [["rbf"]], True),
    ),
    max_points=of.POSITIVE,
    earlier=of.kind(
        "must be a list of studies with one objective",
        [None, "study.db", 5, True, ["study.db"], [None], {"last": "month"}, ONE, [SEVERAL]],
    ),
    belief=of.kind("must be a dict of values by name", ["x", 0.5, ["x"], True]),
    beta=of.NUMBER_FROM_0,
)
LEFT_OUT = "BayesianOptimization: earlier and belief must be left out with"
calls.one(lambda: BO(earlier=[ONE], surrogate="forest"), f"{LEFT_OUT} 'forest'", error=ValueError)
calls.one(lambda: BO(belief={"x": 0.5}, acquisition="thompson"), f"{LEFT_OUT} 'thompson'", error=ValueError)
calls.kind(lambda v: BO.textbook(acquisition=v), "BayesianOptimization: acquisition", ACQUISITION)
calls.kind(lambda v: BO.textbook(n_initial=v), "BayesianOptimization: n_initial", of.without(of.POSITIVE, None))

# the others
FROM_1 = of.integer("must be an integer of at least 1", 0, -1)
NO_SOURCES = ["random", 3, [hpt.RandomSearch()], hpt.RandomSearch, SPACE]
BUDGETS = {
    "min_budget": [*FROM_1, (ValueError, "must not be above max_budget=9", [10])],
    "max_budget": [*FROM_1, (ValueError, "must be at most 2^53", [2**53 + 1, 10**400])],
    "eta": [*of.integer("must be an integer of at least 2", 1, 0, -3)],
    "source": of.kind("must be a strategy, such as RandomSearch()", NO_SOURCES),
}
SHAPES = "must be the losses of a run, and a list of those of whole runs"
RULES = (
    hpt.MedianStopping(n_trials=1),
    hpt.PercentileStopping(25, n_trials=1),
    hpt.ForecastStopping(warmup=1),
    hpt.WilcoxonStopping(warmup=1),
    hpt.Patience(1),
)
for rule in RULES:
    for losses in (None, 3, 1.5, object(), np.array(0.5)):
        called = f"{type(rule).__name__}: losses="
        calls.one(lambda r=rule, v=losses: r.stop(v, [[0.5, 0.4]]), called, SHAPES)
for rule in RULES[:3]:
    for others in (3, True, [3], np.zeros(2), object()):
        called = f"{type(rule).__name__}: losses=[0.5] and others="
        calls.one(lambda r=rule, v=others: r.stop([0.5], v), called, SHAPES)
RUNS = {"warmup": of.POSITIVE, "n_trials": of.POSITIVE}
NO_TEXTS, WIDTH = of.NO_NUMBERS[1:], "must be a finite number above 0"
NO_GAMMAS = [*NO_TEXTS, 0, 1, 0.0, 1.0, -0.1, 1.5, "best", "", {"sqrt"}]
calls.arguments(
    hpt.TPE,
    gamma=of.kind("must be between 0 and 1, or one of ['linear', 'sqrt']", [], *NO_GAMMAS),
    n_initial=of.POSITIVE,
    n_candidates=of.POSITIVE,
    contrast=of.number("must be a finite number of at least 1", 0.5, 0, -1),
    prior_weight=of.number(WIDTH, 0, -1.0),
    bandwidth=[
        *of.kind(WIDTH, NO_TEXTS, *of.NOT_FINITE, 0, -1.0),
        (ValueError, "must be above 0, or 'neighbours'", ["wide", "", "3"]),
    ],
    multivariate=of.FLAG,
)
calls.arguments(hpt.KnowledgeGradient, n_initial=of.without(of.POSITIVE, None), repeat=of.FLAG)
calls.arguments(
    hpt.GeneticAlgorithm,
    population_size=of.integer("must be an integer of at least 2", 1, 0, -1),
    tournament_size=of.integer("must be an integer from 1 to 20", 0, -1, 21),
    crossover=[*of.FINITE, (ValueError, "must be a finite number of at least 0 and at most 1", [-0.1, 1.5])],
    ageing=of.FLAG,
)
calls.arguments(
    hpt.SuccessiveHalving,
    {"n_configs": 9, "min_budget": 1, "max_budget": 9},
    n_configs=FROM_1,
    **BUDGETS,
)
calls.arguments(hpt.Hyperband, {"min_budget": 1, "max_budget": 9}, **BUDGETS)
calls.arguments(hpt.ASHA, {"min_budget": 1, "max_budget": 9}, **BUDGETS)
INSIDE = (ValueError, "must be a finite number above 0 and below 1", [0, 1, -0.1, 5])
calls.arguments(
    hpt.PercentileStopping,
    {"percentile": 50},
    percentile=[*of.FINITE, (ValueError, "must be a finite number above 0 and below 100", [0, 100, -1.0, 101])],
    **RUNS,
)
calls.arguments(hpt.MedianStopping, **RUNS)
calls.arguments(hpt.WilcoxonStopping, p=[*of.FINITE, INSIDE], warmup=of.POSITIVE)
calls.arguments(hpt.ForecastStopping, probability=[*of.FINITE, INSIDE], **RUNS)
calls.arguments(
    hpt.Patience, {"units": 5}, units=of.POSITIVE, min_delta=of.number("must be a finite number of at least 0", -0.1)
)

# the Gaussian process and the forest
LARGE = " holds {}, but must hold finite numbers below 1e+50 in size; rescale it"
calls.arguments(
    GaussianProcess,
    kernel=KERNEL,
    lengthscale=[
        (TypeError, "must be an array of numbers", [*of.NO_ARRAYS, True]),
        (ValueError, "must be above 0, from 1e-50 to 1e+50", [0.0, -1, INF, NAN, -INF, [1.0, 0.0], [NAN], 1e-60, 1e60]),
        (ValueError, "must be a number, or a sequence of numbers", [[], [[1.0]], np.ones((2, 2))]),
    ],
    signal_variance=[
        *of.number("must be a finite number above 0", 0, -1.0),
        (ValueError, "must be from 1e-50 to 1e+50", [1e60, 1e-60]),
    ],
    noise_variance=[
        *of.number("must be a finite number of at least 0", -1e-3),
        (ValueError, "must be from 1e-50 to 1e+50, or 0", [1e60]),
    ],
    optimize=of.without(of.FROM_0, True, np.bool_(True)),
    groups=[
        (TypeError, "must be an array of numbers", ["ab", ["a"], [None], [[0], [0, 1]]]),
        (
            ValueError,
            "must give each column the number of its lengthscale",
            [3, [-1, 0], [0.5], [NAN], [0, 5], [1, 1], []],
        ),
    ],
)
NOT_USUAL = [("y", Y * NAN, "nan"), ("X", X * INF, "inf"), ("y", Y + 1e60, "1e+60"), ("X", X + 1e60, "1e+60")]
calls.kind(lambda v: GaussianProcess().fit(v, Y), "fit: X", of.ARRAY)
calls.kind(lambda v: GaussianProcess().fit(X, v), "fit: y", of.ARRAY)
for A, b in [(X, Y[:-1]), (X, Y[:, None]), (X[0], Y), (X[None], Y), (X[:0], Y[:0]), (X[:, :0], Y), (X, np.array(1.0))]:
    said = f"fit: X of shape {A.shape} and y of shape {b.shape} must be (n, d) and (n,), with n and d at least 1"
    calls.one(lambda A=A, b=b: GaussianProcess().fit(A, b), said, error=ValueError)
for name, value, held in NOT_USUAL:
    given = {"X": X, "y": Y, name: value}
    calls.one(lambda given=given: GaussianProcess().fit(**given), f"fit: {name}{LARGE.format(held)}", error=ValueError)
calls.one(lambda: GaussianProcess().predict(X), "GaussianProcess: call fit(X, y) before predict")
calls.one(lambda: GaussianProcess().sample(X, RNG), "GaussianProcess: call fit(X, y) before")
calls.kind(FITTED.predict, "predict: X", of.ARRAY)
for A in (X[:, :1], X[0], X[None], np.array(0.5)):
    calls.one(lambda A=A: FITTED.predict(A), f"predict: X of shape {A.shape} must be (m, 2)", error=ValueError)
calls.one(lambda: FITTED.predict(HOLE), "predict: X" + LARGE.format("nan"), error=ValueError)
calls.one(lambda: FITTED.predict(FAR), "predict: X" + LARGE.format("1e+60"), error=ValueError)
calls.one(lambda: FITTED.sample(X[0], RNG), "X of shape (2,) must be (m, 2)", error=ValueError)
calls.kind(lambda v: FITTED.sample(X, v), "sample: rng", of.GENERATOR)
calls.kind(lambda v: FITTED.sample(X, RNG, v), "sample: n_samples", of.POSITIVE)
calls.all(
    (lambda: GaussianProcess().log_marginal_likelihood, "GaussianProcess: call fit(X, y) before"),
    (lambda: GaussianProcess(lengthscale=[1.0] * 3).fit(X, Y), "fit: 3 lengthscales", "do not fit X of shape (6, 2)"),
    (lambda: GaussianProcess(groups=[0]).fit(X, Y), "groups of shape (1,)", "do not fit X of shape (6, 2)"),
    (lambda: GaussianProcess(groups=[0, 1, 1]).fit(X, Y), "groups of shape (3,)", "do not fit X of shape (6, 2)"),
)

# acquisitions
NO_STD = "std must not be below 0, nor NaN, nor infinite, but holds"
for f in (expected_improvement, log_expected_improvement, probability_of_improvement):
    calls.kind(lambda v, f=f: f(v, Y, 0.0), "acquisition: mean", of.ARRAY)
    calls.kind(lambda v, f=f: f(Y, v, 0.0), "acquisition: std", of.ARRAY)
    calls.kind(lambda v, f=f: f(Y, Y, v), "acquisition: best", of.FINITE)
    calls.kind(lambda v, f=f: f(Y, Y, 0.0, v), "acquisition: xi", of.NUMBER_FROM_0)
    calls.all(
        (lambda f=f: f(Y, -Y, 0.0), f"acquisition: {NO_STD} -"),
        (lambda f=f: f(Y, Y * NAN, 0.0), f"acquisition: {NO_STD} nan"),
        (lambda f=f: f(Y, Y * INF, 0.0), f"acquisition: {NO_STD} inf"),
        (lambda f=f: f(Y * NAN, Y, 0.0), "acquisition: mean must hold finite numbers only, but holds nan"),
        (lambda f=f: f(Y + INF, Y, 0.0), "acquisition: mean must hold finite numbers only, but holds inf"),
        (lambda f=f: f(Y, Y[:3], 0.0), "acquisition: std of shape (3,) must fit the mean, of shape (6,)"),
        error=ValueError,
    )
calls.kind(lambda v: lower_confidence_bound(Y, Y, v), "lower_confidence_bound: kappa", of.NUMBER_FROM_0)
calls.all(
    (lambda: lower_confidence_bound(0.0, -1), f"lower_confidence_bound: {NO_STD} -1"),
    (lambda: lower_confidence_bound(NAN, 1.0), "mean must hold finite numbers only, but holds nan"),
    (lambda: lower_confidence_bound(Y, Y[:2]), "std of shape (2,) must fit the mean, of shape (6,)"),
    error=ValueError,
)

# what Bayesian optimization learns from
for f in (standardize, warp):
    name, right = f"{f.__name__}: y", "must hold finite numbers, at least one, in shape (n,)"
    calls.values(f, name, right, [], 1.0, X, [1.0, NAN], [1.0, INF])
    calls.kind(f, name, of.kind("must be an array of numbers", [None, ["a"]]))
calls.kind(lambda v: yeo_johnson(v, 1.0), "yeo_johnson: z", of.ARRAY)
calls.kind(lambda v: yeo_johnson(Y, v), "yeo_johnson: lam", of.ARRAY)


@calls.each()
def test_a_wrong_call_is_refused_in_one_sentence(error, calls):
    refuse(error, calls, longest=250)


@pytest.mark.parametrize("right", [np.int64(9), np.int32(9)])
def test_numpys_integers_are_as_good_as_pythons(right):
    assert type(hpt.Hyperband(1, right).max_budget) is int
    assert type(hpt.TPE(n_initial=right).n_initial) is int
    assert type(hpt.GeneticAlgorithm(population_size=right).population_size) is int


@pytest.mark.parametrize("make", [lambda **o: hpt.SuccessiveHalving(9, 1, 9, **o), lambda **o: hpt.ASHA(1, 9, **o)])
@pytest.mark.parametrize("source", [Says({"x": 0.5}), Says(hpt.Suggestion({"x": 0.5}, 3)), hpt.Hyperband(1, 9)])
def test_what_a_source_may_not_suggest_is_refused_at_the_first_trial(make, source):
    study = hpt.Study(SPACE, make(source=source))
    refuse(TypeError, [(study.ask, ["the source suggested .*, which must be a Suggestion without a budget"])])
    assert len(study.trials) == 0


@pytest.mark.parametrize("strategy", [hpt.SuccessiveHalving(9, 1, 9), hpt.Hyperband(1, 9), hpt.ASHA(1, 9)])
@pytest.mark.parametrize("info", [{}, {"bracket": 0}, {"bracket": 0, "rung": 0}, {"rung": 0, "config": 1}])
def test_a_trial_without_its_marks_is_named(strategy, info):
    history = hpt.History(SPACE, [hpt.Trial(0, {"x": 0.5}, 1, 0.0, "complete", info=info)])
    refuse(ValueError, [(lambda: strategy.suggest(history), ["trial 0 is on no rung, .*; begin a new study"])])
