"""The public problems of the black-box optimization challenge of NeurIPS 2020, out of the package bayesmark 0.0.8.

A task is a model, a data set and a metric: nine models of scikit-learn, six data sets, two metrics each. Its loss is that
of a five-fold cross-validation; beside it stands the loss on held-out data, which no search sees. Several models draw
random numbers, and draw them anew in every trial: trained twice, the same params have two losses.

bayesmark is from 2020. `mended` lets today's NumPy and scikit-learn run it: names that NumPy has dropped, Boston's data
(out of mlxtend), `normalize` of the linear models, and one classifier per class, where `liblinear` knows two classes.

Turner et al. (2021), *Bayesian optimization is superior to random search for machine learning hyperparameter tuning*.
"""

from __future__ import annotations

import json
import math
import sqlite3
import warnings
import zlib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

MODELS = ("DT", "MLP-adam", "MLP-sgd", "RF", "SVM", "ada", "kNN", "lasso", "linear")
DATA = {"breast": "clf", "digits": "clf", "iris": "clf", "wine": "clf", "boston": "reg", "diabetes": "reg"}
METRICS = {"clf": ("nll", "acc"), "reg": ("mae", "mse")}
PAIRS = tuple((model, data) for model in MODELS for data in DATA)
NAMES = tuple(f"{model}_{data}_{metric}" for model, data in PAIRS for metric in METRICS[DATA[data]])
CHEAP = {"DT": tuple(DATA), "kNN": ("iris", "wine", "boston", "diabetes"), "SVM": ("iris", "wine", "diabetes")}
CHEAP |= {"lasso": ("boston", "diabetes"), "linear": ("breast", "iris", "wine", "boston", "diabetes")}
DEARER = {"MLP-adam": ("breast", "iris", "wine", "diabetes"), "MLP-sgd": ("breast", "iris", "wine"), "RF": tuple(DATA)}
DEARER |= {"SVM": ("breast", "boston"), "kNN": ("breast",), "lasso": ("iris", "wine")}
AGAIN, N_AGAIN = 10_000, 10  # seeds of the trainings that show what a delivered trial is worth
LOT = 2020  # draws the pairs of a model and a data set on which searches may be improved
REAL, INTEGER, BOOLEAN = "real", "int", "bool"
Value = float | int | bool


def cheap() -> tuple[str, ...]:
    """Return the tasks whose trainings take less than a twentieth of a second."""
    return _among(CHEAP)


def dearer() -> tuple[str, ...]:
    """Return the tasks whose trainings take longer, but less than a third of a second: above all networks and forests."""
    return _among(DEARER)


def _among(pairs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name.split("_")[1] in pairs.get(name.split("_")[0], ()))


def yard() -> frozenset[str]:
    """Return a third of the tasks, drawn by lot: changes of a search are chosen on these, and judged once on the others."""
    drawn = np.random.default_rng(LOT).permutation(len(PAIRS))[: len(PAIRS) // 3]
    chosen = {"_".join(PAIRS[i]) for i in drawn}
    return frozenset(name for name in NAMES if name.rsplit("_", 1)[0] in chosen)


@cache
def mended() -> Any:
    """Return bayesmark's modules `sklearn_funcs` and `space`, mended for today's libraries."""
    import mlxtend.data
    import sklearn.datasets
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.linear_model import Lasso, LogisticRegression, Ridge
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    for name, value in (("float_", np.float64), ("unicode_", np.str_), ("NaN", np.nan), ("Inf", np.inf)):
        if not hasattr(np, name):
            setattr(np, name, value)
    vars(sklearn.datasets)["load_boston"] = lambda return_X_y: mlxtend.data.boston_housing_data()
    from bayesmark import sklearn_funcs, space

    class UnitColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
        """Columns of length 1 around their mean, as `normalize=True` made them up to scikit-learn 1.1."""

        def fit(self, X: np.ndarray, y: Any = None) -> UnitColumns:
            lengths = np.linalg.norm(X - X.mean(axis=0), axis=0)
            self.lengths_ = np.where(lengths > 0, lengths, 1.0)
            return self

        def transform(self, X: np.ndarray) -> np.ndarray:
            return X / self.lengths_

    def one_vs_rest(penalty: str, multi_class: str, **params: Any) -> Any:
        return OneVsRestClassifier(LogisticRegression(l1_ratio=float(penalty == "l1"), **params))

    def linear(kind: Any) -> Any:
        def build(normalize: bool, **params: Any) -> Any:
            model = kind(**params)
            return make_pipeline(UnitColumns(), model) if normalize and params["fit_intercept"] else model

        return build

    for models, lasso, ridge in (
        (sklearn_funcs.MODELS_CLF, one_vs_rest, one_vs_rest),
        (sklearn_funcs.MODELS_REG, linear(Lasso), linear(Ridge)),
    ):
        models["lasso"], models["linear"] = (lasso, *models["lasso"][1:]), (ridge, *models["linear"][1:])
    return sklearn_funcs, space


class Task:
    """A problem of the challenge, as every search sees it.

    Attributes
    ----------
    kinds : dict of str to (kind, low, high)
        A real hyperparameter, or an integer on a log scale, is a coordinate of the unit interval, along the scale that
        the challenge gives it: linear, log or logit. Another integer is a number from low to high, and a bool is a bool.
    """

    def __init__(self, name: str) -> None:
        from sklearn.model_selection import check_cv

        sklearn_funcs, space = mended()
        self.name = name
        self.pair, _, self.metric = name.rpartition("_")
        model = sklearn_funcs.SklearnModel(*name.split("_"))
        self._build, self._fixed = model.base_model, model.fixed_params
        self._metrics = METRICS["clf" if model.is_classifier else "reg"]
        self._data, self._held_out = (model.data_X, model.data_y), (model.data_Xt, model.data_yt)
        self._folds = list(
            check_cv(sklearn_funcs.CV_SPLITS, model.data_y, classifier=model.is_classifier).split(*self._data)
        )
        config = model.get_api_config()
        self._spaces = space.JointSpace(config).spaces
        self.kinds: dict[str, tuple[str, float, float]] = {}
        for key in sorted(config):
            one = config[key]
            counts = one["type"] == INTEGER and one["space"] == "linear"
            self.kinds[key] = (
                (INTEGER, *one["range"]) if counts else (BOOLEAN if one["type"] == BOOLEAN else REAL, 0, 1)
            )

    def params(self, point: Mapping[str, Value]) -> dict[str, Value]:
        """Return the params that the model is built with."""
        params = dict(point)
        for key, (kind, _, _) in self.kinds.items():
            if kind == REAL:
                ((low, high),) = self._spaces[key].get_bounds()
                params[key] = self._spaces[key].unwarp(np.array([low + (high - low) * float(point[key])])).item()
        return params

    def losses(self, params: Mapping[str, Value], luck: int) -> dict[str, tuple[float, float]]:
        """Return, by metric, the loss that a search sees, and the one on held-out data; inf if the training failed.

        They are those of `bayesmark.sklearn_funcs.SklearnModel.evaluate`, of both metrics at once and in less time.
        """
        np.random.seed(luck)
        X, y = self._data
        seen = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                for train, test in self._folds:
                    seen.append(self._trained(params, X[train], y[train], X[test], y[test]))
                held_out = self._trained(params, X, y, *self._held_out)
            except Exception:  # to the challenge, any error in a training is a loss of inf
                return dict.fromkeys(self._metrics, (math.inf, math.inf))
        losses = zip(np.mean(seen, axis=0).tolist(), held_out, strict=True)
        return dict(zip(self._metrics, losses, strict=True))

    def _trained(self, params: Mapping[str, Value], X: Any, y: Any, Xt: Any, yt: Any) -> tuple[float, float]:
        model = self._build(**params, **self._fixed).fit(X, y)
        if self._metrics == METRICS["reg"]:
            errors = yt - model.predict(Xt)
            return float(np.mean(np.abs(errors))), float(np.mean(errors**2))
        probabilities = model.predict_proba(Xt)
        tiny = np.finfo(probabilities.dtype).eps
        right = probabilities[np.arange(len(yt)), np.searchsorted(model.classes_, yt)].clip(tiny, 1 - tiny)
        # an SVM's classes are those of its margins, not the likeliest
        predicted = model.predict(Xt) if "probability" in self._fixed else model.classes_[probabilities.argmax(axis=1)]
        return float(-np.mean(np.log(right))), -float(np.mean(predicted == yt))


class Trainings:
    """The losses of all trainings so far, in a file: what was trained with the same luck is looked up."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, timeout=60)
        self._db.execute("CREATE TABLE IF NOT EXISTS trainings (key TEXT PRIMARY KEY, losses TEXT)")

    def losses(self, task: Task, params: Mapping[str, Value], seed: int, times: Counter[str]) -> tuple[float, float]:
        """Return both losses; the luck follows from the params, the seed, and how often the search has trained them."""
        what = f"{task.pair} {json.dumps(params)}"
        times[what] += 1
        key = f"{what} {times[what]} {seed if luck_matters(task) else 0}"
        row = self._db.execute("SELECT losses FROM trainings WHERE key = ?", (key,)).fetchone()
        if row is None:
            losses = task.losses(params, zlib.crc32(key.encode()))
            self._db.execute("INSERT OR IGNORE INTO trainings VALUES (?, ?)", (key, json.dumps(losses)))
        else:
            losses = json.loads(row[0])
        seen, held_out = losses[task.metric]
        return seen, held_out

    def again(self, task: Task, params: Mapping[str, Value]) -> float:
        """Return the mean of what a search would see if it trained these params ten times more."""
        n = N_AGAIN if luck_matters(task) else 1
        return float(np.mean([self.losses(task, params, AGAIN + i, Counter())[0] for i in range(n)]))

    def commit(self) -> None:
        self._db.commit()


def luck_matters(task: Task) -> bool:
    return task.pair.split("_")[0] not in ("kNN", "lasso", "linear")
