"""The folds of a search: made once, so that all trials see the same ones, and thinned if the budget is in samples.

scikit-learn would ask a splitter for its folds in each trial: one that shuffles would give every trial its own folds,
and the best trial might owe its score to easy ones. With a budget of b out of n samples, each fold keeps a share b/n of
its training and its test samples, drawn with the search's seed, as in `HalvingRandomSearchCV`. Chapter 5.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import resample

Split = tuple[np.ndarray, np.ndarray]  # indices of the training and of the test samples


class Folds:
    """A splitter that keeps the folds of another splitter; `seen` is called once, with X, y and the folds."""

    def __init__(self, cv: Any, seen: Callable[[Any, Any, list[Split]], None]) -> None:
        self.cv, self.seen = cv, seen
        self.known: list[Split] | None = None

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Split]:
        if self.known is None:
            folds = [(np.asarray(train), np.asarray(test)) for train, test in self.cv.split(X, y, **params)]
            self.seen(X, y, folds)
            self.known = folds
        return self.known


class Thinned:
    """The folds with `budget` of all samples. Raises ValueError if there are fewer, or a fold would be empty."""

    def __init__(self, folds: Folds, budget: float, seed: Any) -> None:
        self.folds, self.budget, self.seed = folds, budget, seed

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Split]:
        n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
        if self.budget > n_samples:
            what = f"{self.budget:g} samples, which must be at most the {n_samples} of X"
            raise ValueError(f"SearchCV: the strategy set a budget of {what}")
        share, folds = self.budget / n_samples, self.folds.split(X, y, **params)
        fewest = min(len(part) for fold in folds for part in fold)
        if int(share * fewest) < 1:
            least = next(n for n in range(1, n_samples + 1) if int(n / n_samples * fewest))
            must = f"must be at least {least}, so that each fold trains and tests on one; or set a resource, as in"
            what = f"a budget of n_samples={self.budget:g}, which {must} resource='n_estimators'"
            raise ValueError(f"SearchCV: the strategy set {what}")
        return [(self._some(train, share), self._some(test, share)) for train, test in folds]

    def _some(self, samples: np.ndarray, share: float) -> np.ndarray:
        return resample(samples, replace=False, random_state=self.seed, n_samples=int(share * len(samples)))
