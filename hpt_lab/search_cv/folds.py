"""The folds of a search: made once, so that all trials see the same ones, and thinned out where the budget is samples.

scikit-learn asks a splitter for its folds again at each call of `evaluate_candidates`, which is each trial here. A splitter
that shuffles at random would give every trial folds of its own, and the best trial might owe its score to easy ones.

With a budget of b out of n samples, each fold keeps a share b/n of its training and of its test samples, drawn with the
seed of the search, as in scikit-learn's `HalvingRandomSearchCV`. Chapter 5.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import resample

from hpt_lab.checks import short

__all__ = ["Folds", "Thinned", "fingerprint"]

Split = tuple[np.ndarray, np.ndarray]  # indices of the training and of the test samples


class Folds:
    """A splitter that makes the folds of another one, and keeps them.

    Parameters
    ----------
    cv : splitter of scikit-learn
    seen : callable
        Called once, before any fold is used, with X, y and the folds.
    """

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
    """The folds with a share of their samples: `budget` out of all. ValueError if there are not as many."""

    def __init__(self, folds: Folds, budget: float, seed: Any) -> None:
        self.folds, self.budget, self.seed = folds, budget, seed

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Split]:
        n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
        if self.budget > n_samples:
            raise ValueError(
                f"SearchCV: the strategy set a budget of {self.budget:g} samples, which must be at most the {n_samples} of X"
            )
        share = self.budget / n_samples
        return [(self._some(train, share), self._some(test, share)) for train, test in self.folds.split(X, y, **params)]

    def _some(self, samples: np.ndarray, share: float) -> np.ndarray:
        return resample(samples, replace=False, random_state=self.seed, n_samples=int(share * len(samples)))


def fingerprint(X: Any, y: Any, folds: list[Split], **more: Any) -> dict[str, str]:
    """Short texts by which a search knows its data, folds, estimator and so on again, on another machine too."""
    checked = 0
    for indices in (part for fold in folds for part in fold):
        checked = zlib.crc32(np.ascontiguousarray(indices, dtype="<i8").tobytes(), checked)
    texts = {name: _text(value) for name, value in more.items()}
    return {**texts, "X": _data(X), "y": _data(y), "cv": f"{len(folds)} folds, {checked:08x}"}


def _text(value: Any) -> str:
    if callable(value) and hasattr(value, "__qualname__"):
        return str(value.__qualname__)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(inside)}" for name, inside in value.items())
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", " ".join(repr(value).split()))


def _data(data: Any) -> str:
    """The shape of the data, and a check sum of what it holds."""
    if issparse(data):
        data = data.tocsr()
        parts = [np.asarray(part) for part in (data.data, data.indices, data.indptr)]
    else:
        try:
            parts = [np.asarray(data)]
        except ValueError:  # lists of unequal lengths
            parts = [np.array([_text(one) for one in data])]
    checked = 0
    for part in parts:
        held = _text(part.tolist()).encode() if part.dtype.hasobject else np.ascontiguousarray(part).tobytes()
        checked = zlib.crc32(held, checked)
    shape = getattr(data, "shape", None) or parts[0].shape
    return f"{short(tuple(shape))}, {checked:08x}"
