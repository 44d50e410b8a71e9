"""Ensembles for free: a search finds many good models; average some of them instead of keeping one.

Greedy selection with replacement: start with nothing, and repeatedly add the model that makes the average best.

    prediction = sum_m w_m prediction_m,    w_m = (how often model m was added) / (number of additions)

The average is judged on out-of-fold predictions: row i is predicted by models that were not trained on it. Otherwise a
model that memorized its rows would be chosen. A model may be added twice, which guards against overfitting.

Caruana et al. (2004), section 2.1; without their first few models (2.2) and random subsets (2.3). Chapter 5.
"""

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from hpt_lab.space import Params
from hpt_lab.study import Study
from hpt_lab.values.checks import instance, plain, positive, require, short

Loss = Callable[[np.ndarray, np.ndarray], float]
A_LOSS = "a function loss(y, prediction) -> float"


def select(predictions: np.ndarray, y: np.ndarray, loss: Loss, n_rounds: int = 25) -> np.ndarray:
    """Return the weights of a greedy selection with replacement: shape (n_models,), adding up to 1.

    Raises TypeError or ValueError if the loss is not a function, or returns NaN or anything but a number; if `n_rounds`
    is below 1; or if the shapes do not fit.

    Parameters
    ----------
    predictions : ndarray of shape (n_models, n_rows) or (n_models, n_rows, n_classes)
        Out-of-fold predictions, the best model first, since ties go to the first.
    y : ndarray of shape (n_rows,)
    loss : callable, loss(y, prediction) -> float, smaller is better
    n_rounds : int, the number of times a model is added

    Examples
    --------
    >>> too_high, too_low = np.array([2.0, 3.0]), np.array([0.0, 1.0])
    >>> squared = lambda y, p: float(np.mean((y - p) ** 2))
    >>> select(np.array([too_high, too_low]), np.array([1.0, 2.0]), squared, n_rounds=2)
    array([0.5, 0.5])
    """
    n_rounds = positive("select: n_rounds", n_rounds)
    require(callable(loss), "select: loss", loss, A_LOSS)
    try:
        predictions, y = np.asarray(predictions), np.asarray(y)
    except ValueError:  # lists of unequal lengths
        raise ValueError(f"select: predictions={short(predictions)} and y={short(y)} must be arrays") from None
    if predictions.dtype.kind not in "biuf" or predictions.ndim not in (2, 3) or not predictions.size:
        raise ValueError(f"select: predictions={short(predictions)} must hold numbers, a row for each model")
    if y.shape[:1] != predictions.shape[1:2]:
        raise ValueError(f"select: y={short(y)} must have one value for each of {predictions.shape[1]} predicted rows")
    counts, total = np.zeros(len(predictions)), np.zeros_like(predictions[0], dtype=float)
    for done in range(n_rounds):
        losses = [_rounded(loss(y, (total + p) / (done + 1)), model) for model, p in enumerate(predictions)]
        best = int(np.argmin(losses))
        counts[best] += 1
        total = total + predictions[best]
    return counts / n_rounds


def _rounded(loss: Any, model: int) -> float:
    """Return a loss rounded to nine digits: rounding errors must not decide between two models."""
    loss = plain(loss)
    if isinstance(loss, bool) or not isinstance(loss, Real):
        raise TypeError(f"select: the loss with model {model} is {short(loss)}; loss must return a number")
    if math.isnan(loss):
        raise ValueError(f"select: the loss with model {model} is NaN; leave that model out")
    return float(f"{loss:.9g}")


class Ensemble:
    """A weighted average of the best models of a study.

    Raises TypeError or ValueError if an argument is of the wrong type, a number is below 1, or no trial of the study is
    complete and feasible.

    Parameters
    ----------
    study : Study, a finished search
    build : callable
        `build(params)` returns an unfitted estimator in scikit-learn's style; a classifier needs `predict_proba`.
    n_candidates, n_rounds : int, how many of the best feasible trials take part, and how many times a model is added
    cv : int or splitter, the folds for the out-of-fold predictions, as in scikit-learn
    loss : callable, optional
        loss(y, prediction) -> float. By default the log loss of probabilities, or the mean squared error.

    Attributes
    ----------
    models_, trials_ : list, the selected models, fitted on all rows, and the trials they come from
    weights_ : ndarray of shape (n_models,), their weights, which add up to 1
    """

    def __init__(
        self,
        study: Study,
        build: Callable[[Params], Any],
        *,
        n_candidates: int = 20,
        n_rounds: int = 25,
        cv: Any = 5,
        loss: Loss | None = None,
    ) -> None:
        instance("Ensemble: study", study, Study, "a Study, such as tune returns")
        require(callable(build), "Ensemble: build", build, "a function of the params that returns an estimator")
        if not study.history.feasible:
            n, lacks = len(study.trials), "feasible" if study.history.finished else "complete"
            raise ValueError(f"Ensemble: none of the study's {n} trials is {lacks}; run the search first")
        self.study, self.build, self.cv = study, build, cv
        require(loss is None or callable(loss), "Ensemble: loss", loss, A_LOSS)
        self.loss = loss
        self.n_candidates = positive("Ensemble: n_candidates", n_candidates)
        self.n_rounds = positive("Ensemble: n_rounds", n_rounds)

    def fit(self, X: Any, y: Any) -> "Ensemble":
        """Predict every row out of fold with every candidate, select models, and fit the selected ones on all rows.

        X has shape (n_rows, n_features), y (n_rows,). Raises TypeError or ValueError if `build` returns no estimator, X
        and y differ in their numbers of rows, or a classifier lacks `predict_proba`.
        """
        from sklearn.base import is_classifier
        from sklearn.metrics import log_loss, mean_squared_error
        from sklearn.model_selection import check_cv, cross_val_predict

        y, n_rows = np.asarray(y), X.shape[0] if hasattr(X, "shape") else len(X)  # a sparse X has no len
        if y.shape[:1] != (n_rows,):
            raise ValueError(f"Ensemble: y has shape {y.shape} but must be ({n_rows},), one value for each row of X")
        trials = [trial for trial in self.study.history.ranked if trial.feasible][: self.n_candidates]
        models = [self.build(dict(trial.params)) for trial in trials]
        for model in models:
            if isinstance(model, type) or not hasattr(model, "fit") or not hasattr(model, "predict"):
                one = short(model)
                raise TypeError(f"Ensemble: build returned {one}, which must be an estimator with fit and predict")
        classify = all(hasattr(model, "predict_proba") for model in models)
        for model in models:
            if not classify and is_classifier(model):
                raise ValueError(f"Ensemble: {short(model)} is a classifier, so all models must have predict_proba")
        method = "predict_proba" if classify else "predict"
        folds = list(check_cv(self.cv, y, classifier=classify).split(X, y))  # the same for all
        loss = self.loss or (log_loss if classify else mean_squared_error)
        predictions = np.array([cross_val_predict(model, X, y, cv=folds, method=method) for model in models])
        weights = select(predictions, y, loss, self.n_rounds)
        chosen = np.flatnonzero(weights)
        self.trials_ = [trials[i] for i in chosen]
        self.models_, self.weights_ = [models[i] for i in chosen], weights[chosen]
        for model in self.models_:
            model.fit(X, y)
        self.classes_ = getattr(self.models_[0], "classes_", None)  # all have seen the same labels
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class: shape (n_rows, n_classes), in the order of `classes_`."""
        return self._average("predict_proba", X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each row, or the predicted number: shape (n_rows,)."""
        if getattr(self, "classes_", None) is None:
            return self._average("predict", X)
        return np.asarray(self.classes_)[self.predict_proba(X).argmax(axis=1)]

    def _average(self, method: str, X: Any) -> np.ndarray:
        if not hasattr(self, "models_"):
            raise ValueError("Ensemble: call fit(X, y) before it predicts")
        parts = [w * getattr(model, method)(X) for w, model in zip(self.weights_, self.models_, strict=True)]
        return np.sum(parts, axis=0)
