"""A forest as a surrogate: its trees' mean is the prediction, their disagreement the uncertainty.

    mean(x) = average over the trees of tree(x)        std(x) = their standard deviation

It needs no distance between hyperparameters, handles jumps and thousands of trials well, but cannot extrapolate: far
from the data it is as sure as at their edge. Extremely randomized trees split at random thresholds, so that the mean has
no long flat steps. Hutter, Hoos and Leyton-Brown (2011), "SMAC"; Geurts et al. (2006). Chapter 4.
"""

import numpy as np


class Forest:
    """A surrogate made of scikit-learn's `ExtraTreesRegressor` with `n_trees` trees; `seed` is from 0 to 2^32 - 1."""

    def __init__(self, n_trees: int = 100, seed: int = 0) -> None:
        self.n_trees, self.seed = n_trees, seed

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Forest":
        """Fit to the losses `y`, shape (n,), at the points `X`, shape (n, d)."""
        from sklearn.ensemble import ExtraTreesRegressor

        self.X_, self.y_ = X, y
        forest = ExtraTreesRegressor(self.n_trees, min_samples_leaf=1, random_state=self.seed)
        self._trees = [tree.tree_ for tree in forest.fit(self.X_, self.y_).estimators_]
        return self

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation over the trees at the points `X`: two arrays of shape (m,)."""
        trees = np.array([tree.predict(X.astype(np.float32))[:, 0] for tree in self._trees])  # (n_trees, m)
        return trees.mean(axis=0), trees.std(axis=0)

    def sample(self, X: np.ndarray, rng: np.random.Generator, n_samples: int = 1) -> np.ndarray:
        """Return the predictions of trees drawn at random, at the points `X`: shape (n_samples, m)."""
        drawn = rng.integers(self.n_trees, size=n_samples)
        return np.array([self._trees[i].predict(X.astype(np.float32))[:, 0] for i in drawn])
