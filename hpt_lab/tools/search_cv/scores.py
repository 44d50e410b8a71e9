"""The scores of a trial, fold by fold: as scikit-learn returns them, and as a study keeps them.

    out           a dict for each fold, as scikit-learn's `fit` collects them: test_scores, fit_time, ...
    attributes    the same for one trial, by name, each a list over the folds, in JSON's types, as `trial.attributes`

JSON keeps a float to its last bit; NaN is kept as null, and infinity as the string "inf". If all fits of a trial failed,
it has no scores, and scikit-learn gets its `error_score` instead. Chapter 5.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

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
    """Return the `out` of all trials, from which scikit-learn makes a table; empty if none has scores."""
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
