"""The objective of a tuner: a metric of the model, and whether to maximize or minimize it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from hpt_lab.values.checks import plain, short

UP = ("acc", "auc", "precision", "recall", "f1", "r2", "score", "iou", "similarity")
DOWN = ("loss", "error", "mse", "mae", "mape", "msle", "crossentropy", "entropy", "hinge", "divergence", "deviance")


@dataclass(frozen=True)
class Objective:
    """A metric's name, and "max" or "min" for its direction, as in `Objective("val_profit", "max")`."""

    name: str
    direction: str

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"Objective: name={short(self.name)} must be a metric's name, as in 'val_accuracy'")
        if self.direction not in ("min", "max"):
            raise ValueError(f"Objective: direction={short(self.direction)} of {self.name!r} must be 'min' or 'max'")

    @classmethod
    def of(cls, objective: str | Objective) -> Objective:
        """Return an objective given by name, with its direction inferred. Raises ValueError if the name does not show it."""
        if isinstance(objective, Objective):
            return objective
        if not isinstance(objective, str):
            raise TypeError(f"Tuner: objective={short(objective)} must be a metric's name, or Objective(name, 'max')")
        name = objective.lower()
        small, large = any(word in name for word in DOWN), any(word in name for word in UP)
        if small == large:
            how = f"write Objective({objective!r}, 'max') or Objective({objective!r}, 'min')"
            raise ValueError(f"Tuner: objective={objective!r} does not tell whether large or small is good; {how}")
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
