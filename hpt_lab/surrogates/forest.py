"""A forest as a surrogate: the mean of its trees predicts, and their disagreement is the uncertainty.

    mean(x) = average over the trees of tree(x)        std(x) = their standard deviation

It wants no distance between hyperparameters, takes steps and thousands of trials in its stride, and cannot extrapolate:
far from the data it is as sure as at their edge. Extremely randomised trees cut at random places, so that the mean has
no long flat steps. Hutter, Hoos and Leyton-Brown (2011), "SMAC"; Geurts et al. (2006). Chapter 4.
"""

from __future__ import annotations

import numpy as np

__all__ = ["Forest"]


class Forest:
    """scikit-learn's `ExtraTreesRegressor` with the `fit` and `predict` of a surrogate."""

    def __init__(self, n_trees: int = 100, seed: int = 0) -> None:
        self.n_trees, self.seed = n_trees, seed

    def fit(self, X: np.ndarray, y: np.ndarray) -> Forest:
        """Learn losses `y`, shape (n,), at the points `X`, shape (n, d)."""
        from sklearn.ensemble import ExtraTreesRegressor

        self._forest = ExtraTreesRegressor(self.n_trees, min_samples_leaf=1, random_state=self.seed).fit(X, y)
        return self

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation over the trees at the points `X`: two arrays of shape (m,)."""
        if not hasattr(self, "_forest"):
            raise ValueError("Forest: call fit(X, y) before predict")
        X = np.asarray(X, np.float32)  # what the trees themselves work in
        trees = np.array([tree.tree_.predict(X)[:, 0] for tree in self._forest.estimators_])
        return trees.mean(axis=0), trees.std(axis=0)

    def sample(self, X: np.ndarray, rng: np.random.Generator, n_samples: int = 1) -> np.ndarray:
        """Trees drawn at random, at the points `X`: shape (n_samples, m)."""
        X = np.asarray(X, np.float32)
        drawn = rng.integers(self.n_trees, size=n_samples)
        return np.array([self._forest.estimators_[i].tree_.predict(X)[:, 0] for i in drawn])
