"""The forest: scikit-learn's trees, whose disagreement is the standard deviation."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor

from hpt_lab.surrogates.forest import Forest


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.random((30, 3))
    return X, np.sin(5 * X[:, 0]) + X[:, 1], rng.random((50, 3))


def test_mean_and_standard_deviation_are_those_of_the_trees(data):
    X, y, X_new = data
    forest = Forest(20, seed=3).fit(X, y)
    mean, std = forest.predict(X_new)
    theirs = ExtraTreesRegressor(20, random_state=3).fit(X, y)
    trees = np.array([tree.predict(X_new) for tree in theirs.estimators_])
    np.testing.assert_allclose(mean, theirs.predict(X_new), atol=1e-12)
    np.testing.assert_allclose(std, trees.std(axis=0), atol=1e-12)
    np.testing.assert_array_equal(forest.X_, X)
    np.testing.assert_array_equal(forest.y_, y)


def test_it_interpolates_and_doubts_between_the_trials(data):
    X, y, X_new = data
    forest = Forest().fit(X, y)
    mean, std = forest.predict(X)
    np.testing.assert_allclose(mean, y, atol=1e-6)
    assert std.max() < 1e-6
    assert np.median(forest.predict(X_new)[1]) > 0.1


def test_samples_are_trees_drawn_at_random(data):
    X, y, X_new = data
    forest = Forest(10).fit(X, y)
    draws = forest.sample(X_new, np.random.default_rng(0), 200)
    trees = {tree.predict(X_new.astype(np.float32))[:, 0].tobytes() for tree in forest._trees}
    assert draws.shape == (200, 50)
    assert {draw.tobytes() for draw in draws} == trees
