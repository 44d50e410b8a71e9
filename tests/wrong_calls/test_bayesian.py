"""Calls of Bayesian optimization and its parts that cannot be right: each is refused in one sentence that shows the value."""

import re

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies.candidates import Candidates
from hpt_lab.surrogates import (
    GaussianProcess,
    expected_improvement,
    log_expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)
from hpt_lab.surrogates.forest import Forest
from hpt_lab.surrogates.learning import Learning, expect, learn, n_learned_from, thinned, zoom_trials
from hpt_lab.surrogates.warping import standardize, warp, yeo_johnson

BO, GP = hpt.BayesianOptimization, GaussianProcess
INF, NAN = np.inf, np.nan
PLANE = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))
RNG = np.random.default_rng(0)
X, Y = RNG.random((6, 2)), RNG.random(6)
FITTED, TREES = GP(optimize=False).fit(X, Y), Forest(5).fit(X, Y)
HOLE = np.array([[0.1, NAN]])
FAR = np.array([[1e60, 0.0]])

# what is called, the argument, its wrong value, and what would be right
CALLS = [
    *(
        (BO, "surrogate", value, "must be one of ['gp', 'forest']")
        for value in ("spline", "GP", "", None, 5, True, ["gp"], ("gp",), GP)
    ),
    *(
        (BO, "acquisition", value, "must be one of ['log_ei', 'ei', 'pi', 'lcb', 'thompson']")
        for value in ("greedy", "EI", "", None, 1, False, ["ei"], expected_improvement)
    ),
    *((BO, "n_initial", value, "must be at least 1") for value in (0, -3)),
    *(
        (BO, "n_initial", value, "must be an integer")
        for value in (2.5, "3", True, [5], NAN, INF, {}, np.array([3, 4]))
    ),
    *(
        (BO, switch, value, "must be True or False")
        for switch in ("sobol", "warp", "near")
        for value in ("no", 1, 0, None, 0.5, [], [True], "True", np.array([True, False]))
    ),
    *((BO, "refine", value, "must be an integer from 0 to 3") for value in (-1, 4, 7)),
    *((BO, "refine", value, "must be an integer") for value in (1.5, "2", True, None, [1], NAN)),
    *((BO, "local_every", value, "must be an integer of at least 0") for value in (-1, 2.5, "4", True, None, NAN, [4])),
    *(
        (BO, "explore", value, "must be a finite number of at least 0")
        for value in (-1, -1e-9, NAN, INF, -INF, "0.1", None, True, [0.05], 1j)
    ),
    *(
        (BO, "kernels", value, "must be a sequence of names out of ['matern52', 'matern32', 'rbf']")
        for value in ("rbf", "", [], (), None, 3, ["matern"], ["rbf", "cubic"], [3], [None], {"rbf"}, [["rbf"]], True)
    ),
    *((BO, "max_points", value, "must be at least 1") for value in (0, -1)),
    *((BO, "max_points", value, "must be an integer") for value in (2.5, "100", True, None, INF, [120])),
    *(
        (BO, "earlier", value, "must be a list of studies with one objective")
        for value in (None, "study.db", 5, True, ["study.db"], [None], {"last": "month"})
    ),
    *((BO, "belief", value, "must be a dict of values by name") for value in ("x", 0.5, ["x"], True)),
    *((BO, "beta", value, "must be a finite number of at least 0") for value in (-1, NAN, INF, "2", None, True, [5])),
    *((BO.textbook, "acquisition", value, "must be one of") for value in ("best", 3, None)),
    *((BO.textbook, "n_initial", value, "must be") for value in (0, 2.5, "5", True)),
    *(
        (Learning, "growth", value, "must be a finite number of at least 1")
        for value in (0.9, 0, -1, NAN, INF, "2", None)
    ),
    *((Learning, "n_steps", value, "must be") for value in (0, -1, 2.5, "10", True, None)),
    *((Candidates, "n_random", value, "must be an integer of at least 0") for value in (-1, 2.5, "512", True, None)),
    *(
        (Candidates, steps, value, "must be a sequence of finite numbers above 0")
        for steps in ("near", "rounds")
        for value in (0.1, "0.1", None, {0.1})
    ),
    *(
        (Candidates, steps, value, "must be a finite number above 0")
        for steps in ("near", "rounds")
        for value in ([0], [-0.1], [NAN], [INF], ["0.1"], [True], [[0.1]])
    ),
    *(
        (GP, "kernel", value, "must be one of ['matern52', 'matern32', 'rbf']")
        for value in ("cubic", "RBF", "", None, 5, True, ["rbf"])
    ),
    *(
        (GP, "lengthscale", value, "must be above 0, from 1e-50 to 1e+50")
        for value in (0.0, -1, INF, NAN, -INF, [1.0, 0.0], [1.0, INF], [NAN], 1e-60, 1e60)
    ),
    *(
        (GP, "lengthscale", value, "must be a number, or a sequence of numbers")
        for value in ([], [[1.0]], np.ones((2, 2)))
    ),
    *(
        (GP, "lengthscale", value, "must be an array of numbers")
        for value in ("long", None, [None], [[1], [1, 2]], 1j, True)
    ),
    *((GP, "signal_variance", value, "must be a finite number above 0") for value in (0, -1.0, INF, NAN, -INF)),
    *((GP, "signal_variance", value, "must be from 1e-50 to 1e+50") for value in (1e-60, 1e60)),
    *((GP, "signal_variance", value, "must be a finite number") for value in ("1", None, True, [1.0], np.ones(2))),
    *((GP, "noise_variance", value, "must be a finite number of at least 0") for value in (-1e-3, INF, NAN, -INF)),
    *((GP, "noise_variance", value, "must be from 1e-50 to 1e+50, or 0") for value in (1e-60, 1e60)),
    *((GP, "noise_variance", value, "must be a finite number") for value in ("0", None, True, [0.1], np.ones(2))),
    *((GP, "optimize", value, "must be an integer of at least 0") for value in (-1, 2.5, "yes", None, NAN, [1])),
    *(
        (GP, "groups", value, "must be a sequence of numbers of lengthscales, from 0")
        for value in (3, [-1, 0], [0.5], [NAN], [0, 5], [1, 1], [])
    ),
    *((GP, "groups", value, "must be an array of numbers") for value in ("ab", ["a"], [None], [[0], [0, 1]])),
    *((Forest, "n_trees", value, "must be") for value in (0, -1, 2.5, "100", None, True, INF, [3])),
    *((Forest, "seed", value, "must be an integer") for value in (-1, 2**32, 0.5, "0", None, True, [0])),
]

# the whole call, what the message names, and what would be right
DATA = [
    *(
        (lambda model=model, A=A, b=b: model().fit(A, b), "fit: ", right)
        for model in (GP, Forest)
        for A, b, right in [
            (X, Y[:-1], "must be (n, d) and (n,), with n and d at least 1"),
            (X, Y[:, None], "must be (n, d) and (n,)"),
            (X[0], Y, "must be (n, d) and (n,)"),
            (X[None], Y, "must be (n, d) and (n,)"),
            (X[:0], Y[:0], "n and d at least 1"),
            (X[:, :0], Y, "n and d at least 1"),
            (X, 1.0, "must be (n, d) and (n,)"),
            (None, Y, "must be an array of numbers"),
            (X, None, "must be an array of numbers"),
            ("X", Y, "must be an array of numbers"),
            ([[1, 2], [3]], Y, "must be an array of numbers"),
            (X, ["a"] * 6, "must be an array of numbers"),
            (X, Y * NAN, "must hold finite numbers"),
            (X * INF, Y, "must hold finite numbers"),
            (X, Y + 1e60, "must hold finite numbers below 1e+50"),
            (X + 1e60, Y, "must hold finite numbers below 1e+50"),
        ]
    ),
    *(
        (lambda model=model, A=A: model.predict(A), "predict: ", right)
        for model in (FITTED, TREES)
        for A, right in [
            (X[:, :1], "must be (m, 2)"),
            (X[0], "must be (m, 2)"),
            (X[None], "must be (m, 2)"),
            (0.5, "must be (m, 2)"),
            (None, "must be an array of numbers"),
            ("X", "must be an array of numbers"),
            (HOLE, "must hold finite numbers"),
            (FAR, "must hold finite numbers below 1e+50"),
        ]
    ),
    *(
        (lambda model=model, call=call: call(model()), name, "call fit(X, y) before")
        for model, name in ((GP, "GaussianProcess"), (Forest, "Forest"))
        for call in (lambda m: m.predict(X), lambda m: m.sample(X, RNG))
    ),
    (lambda: GP().log_marginal_likelihood, "GaussianProcess", "call fit(X, y) before"),
    (lambda: GP(lengthscale=[1.0, 1.0, 1.0]).fit(X, Y), "fit: 3 lengthscales", "do not fit X of shape (6, 2)"),
    (lambda: GP(groups=[0]).fit(X, Y), "groups of shape (1,)", "do not fit X of shape (6, 2)"),
    (lambda: GP(groups=[0, 1, 1]).fit(X, Y), "groups of shape (3,)", "do not fit X of shape (6, 2)"),
    *(
        (lambda model=model, rng=rng: model.sample(X, rng), f"sample: rng={rng!r}"[:20], "must be a generator")
        for model in (FITTED, TREES)
        for rng in (0, None, "seed", np.random)
    ),
    *(
        (lambda model=model, n=n: model.sample(X, RNG, n), f"sample: n_samples={n!r}", "must be")
        for model in (FITTED, TREES)
        for n in (0, -1, 2.5, None, True)
    ),
    (lambda: FITTED.sample(X[0], RNG), "X of shape (2,)", "must be (m, 2)"),
    (lambda: TREES.sample(X[0], RNG), "X of shape (2,)", "must be (m, 2)"),
    *(
        (lambda f=f, mean=mean, std=std, best=best: f(mean, std, best), "acquisition: ", right)
        for f in (expected_improvement, log_expected_improvement, probability_of_improvement)
        for mean, std, best, right in [
            (Y, -Y, 0.0, "must not be below 0, nor NaN, nor infinite"),
            (Y, Y * NAN, 0.0, "must not be below 0, nor NaN, nor infinite"),
            (Y, Y * INF, 0.0, "must not be below 0, nor NaN, nor infinite"),
            (Y * NAN, Y, 0.0, "must hold finite numbers only"),
            (Y + INF, Y, 0.0, "must hold finite numbers only"),
            (Y, Y[:3], 0.0, "must fit the mean"),
            (Y, None, 0.0, "must be an array of numbers"),
            ("mean", Y, 0.0, "must be an array of numbers"),
            (Y, Y, None, "must be one finite number, the best loss so far"),
            (Y, Y, NAN, "must be one finite number, the best loss so far"),
            (Y, Y, Y, "must be one finite number, the best loss so far"),
            (Y, Y, "0", "must be an array of numbers"),
        ]
    ),
    *(
        (lambda f=f, xi=xi: f(Y, Y, 0.0, xi), f"acquisition: xi={xi!r}", "must be a finite number of at least 0")
        for f in (expected_improvement, log_expected_improvement, probability_of_improvement)
        for xi in (-0.1, NAN, INF, "0", None, True)
    ),
    (lambda: lower_confidence_bound(0.0, -1), "std", "must not be below 0, nor NaN, nor infinite, but holds -1"),
    (lambda: lower_confidence_bound(NAN, 1.0), "mean", "must hold finite numbers only, but holds nan"),
    (lambda: lower_confidence_bound(Y, Y[:2]), "std of shape (2,)", "must fit the mean, of shape (6,)"),
    *(
        (
            lambda kappa=kappa: lower_confidence_bound(Y, Y, kappa),
            f"kappa={kappa!r}",
            "must be a finite number of at least 0",
        )
        for kappa in (-1, NAN, INF, "2", None, True)
    ),
    *(
        (lambda f=f, y=y: f(y), f"{f.__name__}: y=", right)
        for f in (standardize, warp)
        for y, right in [
            ([], "must hold finite numbers, at least one, in shape (n,)"),
            (1.0, "must hold finite numbers, at least one, in shape (n,)"),
            (X, "must hold finite numbers, at least one, in shape (n,)"),
            ([1.0, NAN], "must hold finite numbers, at least one, in shape (n,)"),
            ([1.0, INF], "must hold finite numbers, at least one, in shape (n,)"),
            (None, "must be an array of numbers"),
            (["a"], "must be an array of numbers"),
        ]
    ),
    (lambda: yeo_johnson("z", 1.0), "yeo_johnson: z='z'", "must be an array of numbers"),
    (lambda: yeo_johnson(Y, None), "yeo_johnson: lam=None", "must be an array of numbers"),
    *(
        (lambda f=f, y=y: f(y, 3), f"{f.__name__}: losses=", right)
        for f in (zoom_trials, thinned)
        for y, right in [
            (1.0, "must have shape (n,) and be finite"),
            (X, "must have shape (n,) and be finite"),
            ([1.0, NAN], "must have shape (n,) and be finite"),
            (None, "must be an array of numbers"),
        ]
    ),
    *((lambda n=n: zoom_trials(Y, n), f"zoom_trials: n_dims={n!r}", "must be") for n in (0, 2.5, "2", True)),
    *((lambda n=n: thinned(Y, n), f"thinned: max_points={n!r}", "must be") for n in (0, 2.5, "2", True)),
    *(
        (lambda n=n: n_learned_from(n, 5), f"n_learned_from: n={n!r}", "must be an integer of at least 0")
        for n in (-1, 2.5, "9", None)
    ),
    *((lambda n=n: n_learned_from(9, n), f"n_learned_from: first={n!r}", "must be") for n in (0, 2.5, "9", None)),
    (lambda: n_learned_from(9, 5, 0.5), "n_learned_from: growth=0.5", "must be a finite number of at least 1"),
    (lambda: learn(PLANE, X[:, :1], Y, Learning()), "learn: points of shape (6, 1)", "must have shape (n, 2)"),
    (lambda: learn(PLANE, HOLE, Y[:1], Learning()), "learn: points holds nan", "must hold numbers from 0 to 1"),
    (lambda: learn(PLANE, X, Y[:3], Learning()), "learn: losses of shape (3,)", "must be one for each of the 6 points"),
    (lambda: learn(PLANE, X[:0], Y[:0], Learning()), "learn: losses of shape (0,)", "at least one"),
    (lambda: learn(PLANE, X, [NAN] * 6, Learning()), "learn: losses=", "must have shape (n,) and be finite"),
    (lambda: expect(FITTED, PLANE, HOLE), "expect: running holds nan", "must hold numbers from 0 to 1"),
    (lambda: expect(FITTED, PLANE, X[:, :1]), "expect: running of shape (6, 1)", "must have shape (n, 2)"),
]


def refused(call):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert 20 < len(message) < 250
    assert not re.search(r"Traceback|<lambda>| object at 0x", message)
    return message


@pytest.mark.parametrize(
    ("call", "argument", "value", "right"), CALLS, ids=[f"{c.__name__}-{a}-{i}" for i, (c, a, _, _) in enumerate(CALLS)]
)
def test_a_wrong_argument_is_named_with_its_value_and_what_would_be_right(call, argument, value, right):
    message = refused(lambda: call(**{argument: value}))
    assert argument in message
    assert right in message
    if isinstance(value, np.ndarray):
        assert f"an array of shape {value.shape}" in message
    elif not callable(value):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        shown = str(value[0] if type(value) is list and len(value) == 1 else value)
        if number and abs(value) > 1e300:
            shown = "inf"  # an int that no float can hold
        assert shown[:10].strip("[]'") in message or (number and f"{value:g}" in message)


@pytest.mark.parametrize(("call", "named", "right"), DATA, ids=range(len(DATA)))
def test_wrong_data_is_named_with_what_would_be_right(call, named, right):
    message = refused(call)
    assert named in message
    assert right in message


def test_there_are_enough_of_them():
    assert len(CALLS) + len(DATA) > 350
