"""One training run: a model is fitted, and its metrics are read from what `fit` returns.

The objective of a tuner: a metric of the model, and whether to maximize or minimize it.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from hpt_lab.hyperparameters import HyperParameters
from hpt_lab.values.checks import instance, plain, require, short

OwnFit = Callable[..., Any]  # fit(hp, model, *args, **kwargs)


class HyperModel:
    """A build function as a class, if you want to train in your own way. Any object with `build` works as well.

    >>> from hpt_lab.models import MLP
    >>> class Network(HyperModel):
    ...     def build(self, hp):
    ...         return MLP(hidden=(hp.Int("units", 4, 64),))
    ...     def fit(self, hp, model, X, y, **kwargs):
    ...         return model.fit(X / hp.Choice("scale", [1.0, 255.0]), y, **kwargs)
    """

    def build(self, hp: HyperParameters) -> Any:
        """Return a model with the hyperparameters that it asks `hp` for."""
        raise NotImplementedError(f"{type(self).__name__}: build(hp) must be overridden and return a model")

    def fit(self, hp: HyperParameters, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Train with the arguments of `search`; return what `model.fit` returns, a dict of metrics, or the objective.

        It may ask `hp` for more hyperparameters.
        """
        return model.fit(*args, **kwargs)


def own_fit(hypermodel: Any) -> OwnFit | None:
    """Return the `fit` of a hypermodel, or None to call `model.fit` directly."""
    fit = getattr(hypermodel, "fit", None) if hasattr(hypermodel, "build") else None
    return None if getattr(fit, "__func__", None) is HyperModel.fit else fit


def metrics_of_training(
    fit: OwnFit | None, hp: HyperParameters, model: Any, args: Any, kwargs: Mapping[str, Any], objective: str
) -> Mapping[str, Any]:
    """Fit, and return the metrics, each a number, or one per epoch. Raises TypeError if there is no `fit`, or no metrics."""
    kwargs_of_fit, before = dict(kwargs), () if fit is None else (hp, model)
    if fit is None:
        if not callable(getattr(model, "fit", None)):
            raise TypeError(f"Tuner: the build function returned {short(model)}, which must have a method fit")
        fit = model.fit
        named, any_name = _keywords(fit)  # the `**params` of a scikit-learn pipeline are for its steps
        if "validation_data" not in named and not (any_name and not hasattr(model, "get_params")):
            kwargs_of_fit.pop("validation_data", None)  # then it is only for scoring
    named, any_name = _keywords(fit)  # one that takes any name passes them on to the model's fit
    if "verbose" in named or (any_name and "verbose" in _keywords(getattr(model, "fit", None))[0]):
        kwargs_of_fit.setdefault("verbose", 0)  # Keras would print bars between the lines of the trials
    result = fit(*before, *args, **kwargs_of_fit)
    history = getattr(result, "history", result)
    if isinstance(history, Mapping):
        return history
    if result is None:
        raise TypeError("fit returned None; it must return a history, a dict of metrics, or a number")
    if hasattr(result, "score") and hasattr(result, "fit"):  # an estimator: scikit-learn's fit returns itself
        return _scores(result, args, kwargs)
    return {objective: result}


def _scores(estimator: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, float]:
    """Return the scores of a fitted estimator on its training data, and on the validation data."""
    train = [*args[:2], *(kwargs[name] for name in ("X", "y")[len(args) :] if name in kwargs)]
    if len(train) < 2:
        raise TypeError("Tuner: an estimator needs data to be scored on; call search(X, y, ...)")
    metrics = {"score": float(estimator.score(*train))}
    if (held_out := kwargs.get("validation_data")) is not None:
        pair = isinstance(held_out, (tuple, list)) and len(held_out) == 2
        require(pair, "Tuner: validation_data", held_out, "a pair (X_valid, y_valid)")
        metrics["val_score"] = float(estimator.score(*held_out))
    if hasattr(estimator, "classes_"):  # a classifier's score is its accuracy
        metrics |= {name.replace("score", "accuracy"): value for name, value in metrics.items()}
    return metrics


def _keywords(function: Any) -> tuple[set[str], bool]:
    """Return the names of a function's arguments, and True if it accepts any other name as well."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # not a function, or one written in C without a signature
        return set(), False
    return set(parameters), any(p.kind is p.VAR_KEYWORD for p in parameters.values())


UP = ("acc", "auc", "precision", "recall", "f1", "r2", "score", "iou", "similarity")
DOWN = ("loss", "error", "mse", "mae", "mape", "msle", "crossentropy", "entropy", "hinge", "divergence", "deviance")


@dataclass(frozen=True)
class Objective:
    """A metric's name, and "max" or "min" for its direction, as in `Objective("val_profit", "max")`."""

    name: str
    direction: str

    def __post_init__(self) -> None:
        instance("Objective: name", self.name, str, "a metric's name, as in 'val_accuracy'")
        if self.direction not in ("min", "max"):
            raise ValueError(f"Objective: direction={short(self.direction)} of {self.name!r} must be 'min' or 'max'")

    @classmethod
    def of(cls, objective: "str | Objective") -> "Objective":
        """Return an objective given by name, with its direction inferred. Raises ValueError if the name does not show it."""
        if isinstance(objective, Objective):
            return objective
        instance("Tuner: objective", objective, str, "a metric's name, or Objective(name, 'max')")
        name = objective.lower()
        small, large = any(word in name for word in DOWN), any(word in name for word in UP)
        if small == large:
            how = f"write Objective({objective!r}, 'max') or Objective({objective!r}, 'min')"
            raise ValueError(f"Tuner: objective={objective!r} does not say whether higher or lower is better; {how}")
        return cls(objective, "min" if small else "max")

    def best_epoch(self, metrics: Mapping[str, Any]) -> float:
        """Return the metric's best value over the epochs. Raises ArithmeticError if any metric is NaN in the last epoch."""
        for name in metrics:
            if math.isnan(epochs(metrics, name)[-1]):
                raise ArithmeticError(f"the training diverged: {name} is NaN after the last epoch")
        best = max if self.direction == "max" else min
        return best(value for value in epochs(metrics, self.name) if not math.isnan(value))


def epochs(metrics: Mapping[str, Any], name: str) -> list[float]:
    """Return a metric's values, one per epoch. Raises TypeError or ValueError, naming it, if it holds anything else."""
    values = metrics[name]
    listed = list(values) if np.ndim(values) else [values]
    if any(value is np.ma.masked or not isinstance(plain(value), Real) for value in listed):
        raise TypeError(f"the metric {name!r} holds {short(values)}; it must be a number, or one for each epoch")
    if not listed:
        raise ValueError(f"the metric {name!r} has no epoch; it must be a number, or one for each epoch")
    return [float(value) for value in listed]
