"""The tuner: define-by-run search with keras-tuner's names; a short listing changes in its import alone.

    import hpt_lab.tuner as kt

    tuner = kt.BayesianOptimization(build_model, objective="val_accuracy", max_trials=30)
    tuner.search(X, y, epochs=5, validation_data=(X_valid, y_valid))
    tuner.get_best_hyperparameters()[0].values

A trial is: build a model with the suggested hyperparameters, `fit` it, read the objective off what `fit` returns. All
else - suggesting, recording, failing, resuming - is the outer loop's part: this module holds no search logic.

It drives anything with a `fit`: models whose `fit` returns a history with a list of metrics per epoch (Keras,
`hpt_lab.models.MLP`), a dict of metrics, or a number; and scikit-learn estimators, which are scored on
`validation_data`. It imports none of them. Chapter 3.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt_lab import strategies
from hpt_lab.hyperparameters import HyperParameter, HyperParameters, build, discover
from hpt_lab.loop import run
from hpt_lab.space.dimensions import positive
from hpt_lab.study import Strategy, Study, Trial

__all__ = [
    "BayesianOptimization",
    "GridSearch",
    "HyperParameters",
    "Hyperband",
    "Objective",
    "RandomSearch",
    "Tuner",
]

KEPT = 10  # trained models that stay in memory
UP = ("acc", "auc", "precision", "recall", "f1", "r2", "score", "iou", "similarity")
DOWN = ("loss", "error", "mse", "mae", "mape", "msle", "crossentropy", "entropy", "hinge", "divergence", "deviance")


@dataclass(frozen=True)
class Objective:
    """A metric's name and whether to make it large or small: `Objective("val_profit", "max")`."""

    name: str
    direction: str

    def __post_init__(self) -> None:
        if self.direction not in ("min", "max"):
            raise ValueError(f"Objective: direction={self.direction!r} of {self.name!r} must be 'min' or 'max'")

    @classmethod
    def of(cls, objective: str | Objective) -> Objective:
        """An objective given by name, its direction inferred. ValueError if the name does not tell."""
        if isinstance(objective, Objective):
            return objective
        if not isinstance(objective, str):
            raise TypeError(f"Tuner: objective={objective!r} must be a metric's name, or Objective(name, 'max')")
        name = objective.lower()
        small, large = any(word in name for word in DOWN), any(word in name for word in UP)
        if small == large:
            raise ValueError(
                f"Tuner: the name {objective!r} does not tell whether large or small is good; "
                f"write Objective({objective!r}, 'max') or Objective({objective!r}, 'min')"
            )
        return cls(objective, "min" if small else "max")


class Tuner:
    """Search the hyperparameters that a build function asks for.

    Parameters
    ----------
    build_model : callable or object with `build`
        `build_model(hp) -> model`. It is called with default values at once, to discover the space.
    objective : str or Objective
        The metric to search by, as the model's history names it. Of a history, the best epoch counts.
    max_trials : int
        Number of trials in all.
    strategy : Strategy
        How to choose: any strategy of `hpt_lab`.
    executions_per_trial : int
        Trainings per trial, of which the mean counts.
    seed : int
        The same seed gives the same suggestions.

    Raises
    ------
    ValueError
        If the objective's direction can't be inferred, if a number is below 1, or if the build function returns None or
        asks for nothing.
    """

    def __init__(
        self,
        build_model: Any,
        objective: str | Objective,
        max_trials: int,
        strategy: Strategy,
        *,
        executions_per_trial: int = 1,
        seed: int = 0,
    ) -> None:
        self.max_trials = positive("Tuner: max_trials", max_trials)
        self.executions_per_trial = positive("Tuner: executions_per_trial", executions_per_trial)
        self.build_model: Callable[[HyperParameters], Any] = getattr(build_model, "build", build_model)
        if not callable(self.build_model):
            raise TypeError(f"Tuner: build_model={build_model!r} must be a function of hp, or have a method build(hp)")
        self.objective = Objective.of(objective)
        self.hyperparameters = discover(self.build_model)
        direction = "maximize" if self.objective.direction == "max" else "minimize"
        self.study = Study(self.hyperparameters.search_space(), strategy, direction=direction, seed=seed)
        self._models: dict[int, Any] = {}
        self._latest = self.hyperparameters
        self._misuse: Exception | None = None

    # ---------------------------------------------------------------- the search
    def search(self, *fit_args: Any, verbose: int = 1, **fit_kwargs: Any) -> None:
        """Run the trials that are still to run; all further arguments go to each model's `fit`.

        `verbose=1` prints a line per trial, with its values beside the best so far. A model that raises or diverges to NaN
        makes a failed trial, and the search goes on. A second call goes on where the first one ended or was stopped.

        Raises
        ------
        ValueError
            After the first trial, if the metrics of the model do not hold the objective; the message lists those it
            has.
        """

        def objective(params: Mapping[str, Any], budget: int | None = None) -> float:
            kwargs = fit_kwargs if budget is None else {**fit_kwargs, "epochs": budget}
            self._latest = self.hyperparameters.copy(params)
            scores = []
            for _ in range(self.executions_per_trial):
                model = build(self.build_model, self._latest)
                metrics = _metrics(model, fit_args, kwargs)
                scores.append(self._score(metrics))
            self._models[len(self.study.trials) - 1] = model
            return sum(scores) / len(scores)

        printer = _Printer(self) if verbose else None

        def after(study: Study, trial: Trial) -> None:
            if self._misuse is not None:
                misuse, self._misuse = self._misuse, None
                raise misuse
            self._grow()
            self._forget()
            if printer is not None:
                printer(study.trials[trial.number])

        run(self.study, objective, self.max_trials, callbacks=[after], progress=bool(verbose))

    def _score(self, metrics: Mapping[str, Any]) -> float:
        """The objective's value: of the epochs, the best."""
        if self.objective.name not in metrics:
            self._misuse = ValueError(
                f"Tuner: the objective {self.objective.name!r} must be one of this model's metrics: {list(metrics)}"
            )
            raise self._misuse
        for name in metrics:
            if math.isnan(_epochs(metrics, name)[-1]):
                raise ArithmeticError(f"the training diverged: {name} is NaN after the last epoch")
        best = max if self.objective.direction == "max" else min
        return best(value for value in _epochs(metrics, self.objective.name) if not math.isnan(value))

    def _unknown(self) -> list[HyperParameter]:
        """What the latest build asked for, and none before it."""
        return [h for h in self._latest.space if h not in self.hyperparameters.space]

    def _grow(self) -> None:
        """Widen the space if the latest build asked for something new: earlier trials count as made at its default."""
        if new := self._unknown():
            self.hyperparameters = self._latest.copy(self.hyperparameters.values)
            self.hyperparameters.values |= {h.name: h.default for h in new if self.hyperparameters.is_active(h)}
            self.study.extend(self.hyperparameters.search_space(), {h.name: h.default for h in self._latest.space})

    def _forget(self) -> None:
        """Keep the trained models of the best trials only."""
        best = {trial.number for trial in self.study.history.ranked[:KEPT]}
        self._models = {number: model for number, model in self._models.items() if number in best}

    # ---------------------------------------------------------------- the results
    def get_best_hyperparameters(self, num_trials: int = 1) -> list[HyperParameters]:
        """Hyperparameters of the best trials, best first."""
        return [self.hyperparameters.copy(trial.params) for trial in self.study.history.ranked[:num_trials]]

    def get_best_models(self, num_models: int = 1) -> list[Any]:
        """Models of the best trials, best first: as their last training left them.

        Those beyond the ten best are not kept: they are built anew from their values, untrained.
        """
        return [
            self._models[trial.number]
            if trial.number in self._models
            else build(self.build_model, self.hyperparameters.copy(trial.params))
            for trial in self.study.history.ranked[:num_models]
        ]

    def search_space_summary(self) -> None:
        """Print what the build function asks for."""
        print(f"Search space: {len(self.hyperparameters.space)} hyperparameters")
        for h in self.hyperparameters.space:
            arguments = ", ".join(f"{key}={value}" for key, value in h.config.items() if value is not None)
            only = " and ".join(f"{parent} in {values}" for parent, values in h.conditions.items())
            print(f"  {h.name} ({h.kind}): {arguments}" + (f"; only if {only}" if only else ""))

    def results_summary(self, num_trials: int = 10) -> None:
        """Print the best trials, best first, and how many failed."""
        failed = len(self.study.history.failed)
        objective = f"{self.objective.name} ({self.objective.direction})"
        print(f"{len(self.study.trials)} trials, {failed} failed; objective {objective}")
        for trial in self.study.history.ranked[:num_trials]:
            values = ", ".join(f"{name}={_short(value)}" for name, value in trial.params.items())
            print(f"  trial {trial.number}: {self.objective.name} {_short(trial.value)}  {values}")


class RandomSearch(Tuner):
    """`Tuner` with random search."""

    def __init__(self, build_model: Any, objective: str | Objective, max_trials: int = 10, **more: Any) -> None:
        super().__init__(build_model, objective, max_trials, strategies.RandomSearch(), **more)


class GridSearch(Tuner):
    """`Tuner` with grid search: all values, and ten of a continuous range. Without `max_trials`, the whole grid.

    The grid has to know all hyperparameters from the start: `search` raises ValueError once the build function asks for
    one that only a plain `if` shows. `hp.conditional_scope` shows it at once.
    """

    def __init__(
        self, build_model: Any, objective: str | Objective, max_trials: int | None = None, **more: Any
    ) -> None:
        n = 1 if max_trials is None else max_trials
        super().__init__(build_model, objective, n, strategies.GridSearch(), **more)
        space = self.study.space
        ten = {name: 10 for name, d in space.dimensions.items() if d.size == math.inf or _is_log_without_step(d)}
        self.study.strategy = strategies.GridSearch(resolution=ten)
        if max_trials is None:
            self.max_trials = space.grid(ten).size

    def _grow(self) -> None:
        if new := self._unknown():
            raise ValueError(
                f"GridSearch: {[h.name for h in new]} came up during the search, but a grid must know all hyperparameters "
                "from the start; ask for them under hp.conditional_scope, not under a plain if"
            )


class BayesianOptimization(Tuner):
    """`Tuner` with Bayesian optimization; `num_initial_points` trials come before the first model."""

    def __init__(
        self,
        build_model: Any,
        objective: str | Objective,
        max_trials: int = 10,
        num_initial_points: int | None = None,
        **more: Any,
    ) -> None:
        strategy = strategies.BayesianOptimization(n_initial=num_initial_points)
        super().__init__(build_model, objective, max_trials, strategy, **more)


class Hyperband(Tuner):
    """`Tuner` with Hyperband: `search` passes the budget of each trial to `fit` as `epochs=`, from 1 to `max_epochs`.

    It keeps one in `factor` of every rung. Without `max_trials`, it runs all brackets once. A promoted model is trained
    anew from its first epoch.
    """

    def __init__(
        self,
        build_model: Any,
        objective: str | Objective,
        max_epochs: int = 100,
        factor: int = 3,
        max_trials: int | None = None,
        **more: Any,
    ) -> None:
        strategy = strategies.Hyperband(1, max_epochs, eta=factor)
        if max_trials is None:
            max_trials = sum(n for bracket in strategy.brackets for n, _ in bracket)
        super().__init__(build_model, objective, max_trials, strategy, **more)


def _epochs(metrics: Mapping[str, Any], name: str) -> list[float]:
    """A metric's values, one an epoch. TypeError or ValueError, which names the metric, if it holds anything else."""
    values = metrics[name]
    try:
        listed = [float(value) for value in (values if np.ndim(values) else [values])]
    except (TypeError, ValueError):
        raise TypeError(f"the metric {name!r} holds {values!r}; it must be a number, or one for each epoch") from None
    if not listed:
        raise ValueError(f"the metric {name!r} holds no epoch")
    return listed


def _is_log_without_step(dimension: Any) -> bool:
    return getattr(dimension, "log", False) and dimension.step is None


def _metrics(model: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fit the model; its metrics by name, each a number, or a list with one number an epoch."""
    kwargs = dict(kwargs)
    held_out = None
    if "validation_data" in kwargs and not _accepts(model.fit, "validation_data"):
        held_out = kwargs.pop("validation_data")
    if "verbose" in inspect.signature(model.fit).parameters:  # Keras would print bars between the lines of the trials
        kwargs.setdefault("verbose", 0)
    result = model.fit(*args, **kwargs)
    history = getattr(result, "history", result)
    if isinstance(history, Mapping):
        return history
    if result is None:
        raise TypeError("fit returned None; it must return a history, a dict of metrics, or a number")
    if hasattr(result, "score") and hasattr(result, "fit"):  # an estimator: scikit-learn's fit returns itself
        metrics = {"score": float(result.score(*args[:2]))}
        if held_out is not None:
            metrics["val_score"] = float(result.score(*held_out))
        if hasattr(result, "classes_"):  # a classifier's score is its accuracy
            metrics |= {name.replace("score", "accuracy"): value for name, value in metrics.items()}
        return metrics
    return {"score": result, "val_score": result}


def _accepts(function: Callable[..., Any], name: str) -> bool:
    parameters = inspect.signature(function).parameters
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class _Printer:
    """Prints a line per trial: its values and score beside the best so far, with a star where it is the best."""

    def __init__(self, tuner: Tuner) -> None:
        self.tuner = tuner
        self.names: tuple[str, ...] = ()

    def __call__(self, trial: Trial) -> None:
        names = tuple(self.tuner.hyperparameters.search_space())
        score = self.tuner.objective.name
        widths = [max(len(name), 8) for name in (*names, score)]
        if names != self.names:
            self.names = names
            heads = [name.rjust(width) for name, width in zip((*names, score), widths, strict=True)]
            print("trial", *heads, "best so far", sep="  ")
        incumbent = self.tuner.study.history.incumbent
        shown = [_short(trial.params[name]) if name in trial.params else "-" for name in names]
        shown.append("failed" if trial.value is None else f"{trial.value:.4f}")
        best = "-" if incumbent is None or incumbent.value is None else f"{incumbent.value:.4f}"
        star = " *" if incumbent is not None and incumbent.number == trial.number else ""
        cells = [text.rjust(width) for text, width in zip(shown, widths, strict=True)]
        print(f"{trial.number:5d}", *cells, f"{best:>11}{star}", sep="  ")
