"""The error and the rule of lesson 6.2: what they cover, and how often they are wrong, on seeds that no one had used."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor

import hpt_lab as hpt

TUNE = Path(__file__).resolve().parents[2] / "chapters/06_your_turn/02_tune_something_that_matters.md"


def of_the_lesson(*wanted: str, **names: Any) -> dict[str, Any]:
    """Return the functions that the lesson shows, with the names that they use."""
    names |= {"np": np, "hpt": hpt}
    cells = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```$", TUNE.read_text(encoding="utf-8"), re.M | re.S)
    for cell in cells:
        if not any(f"def {name}(" in cell for name in wanted):
            continue
        code = cell[re.search(r"^(?=[a-z])", cell, re.M).start() :]  # below the tags
        body = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
        exec(compile(ast.Module(body, []), TUNE.name, "exec"), names)
    return names


CORRECTED = of_the_lesson("corrected_error")["corrected_error"]


def of_the_shuffles(gains: np.ndarray) -> float:
    """Return the error that lesson 6.2 once printed: the spread of the shuffles, which all see the same rows."""
    return float(gains.mean(axis=1).std(ddof=1) / np.sqrt(len(gains)))


def rows(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return n patients: ten measurements, three of which matter, and an outcome with noise."""
    X = rng.normal(size=(n, 10))
    return X, X[:, :3] @ np.array([1.0, 0.7, 0.4]) + rng.normal(size=n)


def ridge(X: np.ndarray, y: np.ndarray, X_new: np.ndarray, penalty: float) -> np.ndarray:
    return X_new @ np.linalg.solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T @ y)


def neighbors(X: np.ndarray, y: np.ndarray, X_new: np.ndarray, n: int) -> np.ndarray:
    return KNeighborsRegressor(n, algorithm="brute").fit(X, y).predict(X_new)


LEARNERS = {"stable": (ridge, 300.0, 1.0), "unstable": (neighbors, 1, 2)}


def gain_on(learner: str, X: np.ndarray, y: np.ndarray, X_new: np.ndarray, y_new: np.ndarray) -> float:
    """Return the mean absolute error that the second setting of a learner saves over the first, on new rows."""
    predict, *settings = LEARNERS[learner]
    before, after = (np.abs(y_new - predict(X, y, X_new, setting)).mean() for setting in settings)
    return float(before - after)


def gains_of(learner: str, seed: int, n: int = 300, shuffles: int = 5, k: int = 5) -> np.ndarray:
    """Return the gain on each fold of each shuffle of n rows: of shape (shuffle, fold)."""
    rng = np.random.default_rng(seed)
    X, y = rows(n, rng)
    found = []
    for _ in range(shuffles):
        folds = np.array_split(rng.permutation(n), k)
        found.append([gain_on(learner, np.delete(X, f, 0), np.delete(y, f), X[f], y[f]) for f in folds])
    return np.array(found)


def true_gain(learner: str, n_training: int = 240, n_sets: int = 60) -> float:
    """Return the gain of models trained on as many rows as those of the folds, on any number of new rows."""
    rng = np.random.default_rng(990_000)
    return float(np.mean([gain_on(learner, *rows(n_training, rng), *rows(5_000, rng)) for _ in range(n_sets)]))


@pytest.mark.parametrize("learner", LEARNERS)
def test_two_corrected_errors_cover_the_gain_and_those_of_the_shuffles_do_not(learner):
    found, truth = [gains_of(learner, seed) for seed in range(940_000, 940_150)], true_gain(learner)

    def coverage(error):
        return np.mean([abs(gains.mean() - truth) < 2 * error(gains) for gains in found])

    assert coverage(CORRECTED) >= 0.9
    assert coverage(of_the_shuffles) < 0.75  # the rival; two standard errors promise 0.95
    needed = np.std([gains.mean() for gains in found], ddof=1)
    assert np.mean([CORRECTED(gains) for gains in found]) < 2.5 * needed  # on the safe side, but of the right size


def test_more_shuffles_shrink_their_own_error_and_not_the_corrected_one():
    few, many = ([gains_of("stable", s, shuffles=shuffles) for s in range(8)] for shuffles in (5, 40))
    assert np.mean([CORRECTED(m) / CORRECTED(f) for f, m in zip(few, many, strict=False)]) > 0.9
    assert np.mean([of_the_shuffles(m) / of_the_shuffles(f) for f, m in zip(few, many, strict=False)]) < 0.6


def bowl(seed: int, past: float | None, noise: float) -> tuple[hpt.Space, Callable[[Any], float]]:
    """Three numbers and a choice of two; the optimum lies inside, or `past` the upper end of x0."""
    rng = np.random.default_rng(seed)
    optimum, weights = rng.random((2, 3)), 10 ** rng.uniform(-1, 1, 3)
    if past is not None:
        optimum[:, 0], weights[0] = 1 + past, 3.0
    space = hpt.Space({"kind": ["a", "b"], **{f"x{i}": hpt.Float(0, 1) for i in range(3)}})

    def loss(params: Any) -> float:
        x = np.array([params[f"x{i}"] for i in range(3)])
        which = int(params["kind"] == "b")
        return float((x - optimum[which]) ** 2 @ weights + 0.3 * which + noise * rng.normal())

    return space, loss


def near(study: hpt.Study) -> list[str]:
    """Return what the rule of lesson 5.7 flags: at least four of the best five lie in the outer three tenths."""
    best = [trial.params for trial in study.history.ranked[:5]]
    return [f"x{i}" for i in range(3) for end in (0, 1) if sum(abs(p[f"x{i}"] - end) < 0.3 for p in best) >= 4]


def asked(seed: int, *, noise: float = 0.0, past: float | None = None, steered: int = 0) -> tuple[list[str], list[str]]:
    """Return the ranges that this rule and that of 5.6 call too narrow, after quasi-random and `steered` trials."""
    space, loss = bowl(seed, past, noise)
    study = hpt.tune(loss, space, hpt.QuasiRandomSearch(), 32, seed=seed, progress=False)
    if steered:
        looked, study = study, hpt.Study(space, hpt.BayesianOptimization(), seed=seed)
        study.add_trials(looked)
        study = hpt.run(study, loss, steered, progress=False)
    rule = of_the_lesson("past", "value_at", "too_narrow", sign=1, objective=loss)["too_narrow"]
    return rule(study, noise), near(study)


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_rule_seldom_calls_a_range_too_narrow_that_is_not(noise):
    ours, old = zip(*[asked(seed, noise=noise) for seed in range(950_000, 950_150)], strict=False)
    assert np.mean([bool(names) for names in ours]) < 0.05
    assert np.mean([bool(names) for names in old]) > 0.25  # the rival


def test_the_rule_keeps_its_rate_after_a_search_that_a_model_steered():
    ours, old = zip(*[asked(seed, noise=0.02, steered=12) for seed in range(921_000, 921_010)], strict=False)
    assert sum(bool(names) for names in ours) <= 1
    assert sum(bool(names) for names in old) >= 6


def test_the_rule_finds_a_range_that_is_too_narrow():
    found = [asked(seed, noise=0.02, past=0.3)[0] for seed in range(922_000, 922_060)]
    assert np.mean(["x0 (high)" in names for names in found]) > 0.7
    assert np.mean(["x0 (low)" in names for names in found]) == 0
