"""The scores of a trial, fold by fold: as scikit-learn returns them, and as a study keeps them.

    out           a dict for each fold, as scikit-learn's `fit` collects them: test_scores, fit_time, ...
    attributes    the same for one trial, by name, each a list over the folds, in JSON's types, as `trial.attributes`

JSON keeps a float to its last bit; NaN is kept as null, and infinity as the string "inf". If all fits of a trial failed,
it has no scores, and scikit-learn gets its `error_score` instead. Chapter 5.

The folds of a search: made once, so that all trials see the same ones, and thinned if the budget is in samples.

scikit-learn would ask a splitter for its folds in each trial: one that shuffles would give every trial its own folds,
and the best trial might owe its score to easy ones. With a budget of b out of n samples, each fold keeps a share b/n of
its training and its test samples, drawn with the search's seed, as in `HalvingRandomSearchCV`. Chapter 5.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils import resample

from hpt_lab.values.checks import listable, require

Fold = Mapping[str, Any]  # what scikit-learn knows about one fit
TIMES = ("fit_time", "score_time")
SCORES = ("test_scores", "train_scores")


def attributes_of(folds: Sequence[Fold]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: [_kept(fold[name]) for fold in folds] for name in TIMES}
    for name in SCORES:
        if name in folds[0]:
            scores = [fold[name] for fold in folds]
            by_metric = isinstance(scores[0], Mapping)
            kept[name] = {metric: [_kept(one[metric]) for one in scores] for metric in scores[0]} if by_metric else [*map(_kept, scores)]  # fmt: skip
    return kept


def no_scores(n_folds: int, seconds: float, error: str) -> dict[str, Any]:
    """Return what to keep of a trial without a successful fit: the traceback, and the seconds of all fits."""
    times = {"fit_time": [seconds / n_folds] * n_folds, "score_time": [0.0] * n_folds}
    return {**times, **dict.fromkeys(SCORES), "fit_error": error}


def has_scores(attributes: Mapping[str, Any]) -> bool:
    """Return True if a trial was cross-validated to its end, unlike one that was added or lost."""
    return all(name in attributes for name in (*TIMES, "test_scores"))


def mean(attributes: Mapping[str, Any], metric: Any) -> float:
    """Return the mean test score of a trial; of several metrics, that of the named one, or of the first."""
    scores = attributes["test_scores"]
    if scores is None:
        return math.nan
    if isinstance(scores, Mapping):
        scores = scores[metric] if isinstance(metric, str) and metric in scores else next(iter(scores.values()))
    return float(np.average(np.array([[*map(_float, scores)]]), axis=1)[0])


def out_of(trials: Iterable[Mapping[str, Any]], error_score: float, train: bool) -> list[dict[str, Any]]:
    """Return the results of all trials, scikit-learn's `out`, from which it makes a table; empty if none has scores."""
    listed = list(trials)
    known = next((one["test_scores"] for one in listed if one["test_scores"] is not None), None)
    if known is None:
        return []
    failed = dict.fromkeys(known, error_score) if isinstance(known, Mapping) else error_score
    out = []
    for one in listed:
        for i in range(len(one["fit_time"])):
            fold: dict[str, Any] = {name: _float(one[name][i]) for name in TIMES}
            for name in SCORES if train else SCORES[:1]:
                scores = one[name]
                if isinstance(scores, Mapping):
                    fold[name] = {metric: _float(values[i]) for metric, values in scores.items()}
                else:
                    fold[name] = failed if scores is None else _float(scores[i])
            out.append(fold)
    return out


def _kept(score: Any) -> float | str | None:
    value = float(score)
    return value if math.isfinite(value) else None if math.isnan(value) else repr(value)


def _float(kept: float | str | None) -> float:
    return math.nan if kept is None else float(kept)


Split = tuple[np.ndarray, np.ndarray]  # indices of the training and of the test samples


class Folds:
    """A splitter that keeps the folds of another splitter; `seen` is called once, with X, y and the folds."""

    def __init__(self, cv: Any, seen: Callable[[Any, Any, list[Split]], None]) -> None:
        pairs = getattr(cv, "cv", None)  # of a list of pairs, which scikit-learn has wrapped
        right = not isinstance(pairs, list) or all(listable(pair) and len(pair) == 2 for pair in pairs)
        require(right, "SearchCV: cv", pairs, "an integer, a splitter, or a list of pairs (train, test)")
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
