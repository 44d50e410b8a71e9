"""The tuners: a build function, an objective and a strategy for the outer loop."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hpt_lab import strategies
from hpt_lab.hyperparameters import HyperParameters, build, discover, tell
from hpt_lab.loop import run
from hpt_lab.loop.objective import train
from hpt_lab.loop.progress import on_a_line
from hpt_lab.study import Strategy, Study, Trial
from hpt_lab.study.outcomes import Outcome, SelfTelling
from hpt_lab.tools.tuner.project import given_entries, open_project, project_file
from hpt_lab.tools.tuner.training import Objective, metrics_of_training, own_fit
from hpt_lab.values.checks import flag, integer, positive, require, short

KEPT = 10  # trained models that stay in memory


class Tuner:
    """Search for the best values of the hyperparameters that a build function asks for.

    Raises ValueError or TypeError if an argument is out of range or of the wrong type, the objective's direction can't be
    inferred, the build function returns None or asks for nothing, or the stored search has a different objective, seed or
    space; StorageError, a ValueError, if the file of the search cannot be used.

    Parameters
    ----------
    build_model : callable or HyperModel
        `build_model(hp) -> model`, or an object with `build(hp)` and perhaps `fit(hp, model, *args, **kwargs)`. It is
        called at once with default values, to discover the space.
    objective : str or Objective, the metric to search by, as named in the model's history; its best epoch counts
    max_trials : int, total number of trials
    strategy : Strategy, how to choose
    hypermodel : callable or HyperModel, keras-tuner's name for `build_model`
    executions_per_trial : int, number of training runs per trial, whose mean counts
    max_retries_per_trial : int, how many times a trial that raises or diverges is trained again, before it fails
    seed : int, the same seed gives the same suggestions
    hyperparameters : HyperParameters, which keep the definitions given here, whatever the build function asks for
    tune_new_entries, allow_new_entries : bool
        Whether other hyperparameters join the space or stay at their defaults; and whether asking for one is allowed.
    directory, project_name : path and str, optional, where to keep the search: `directory/project_name/study.db`
        If only one is given, the other is "." or "untitled_project"; without both, the search is only in memory.
    overwrite : bool, whether to start over if there is a stored search, instead of resuming it
        Trained models are only in memory: those of an earlier process are built again, untrained.
    """

    def __init__(
        self,
        build_model: Any = None,
        objective: str | Objective | None = None,
        max_trials: int | None = None,
        strategy: Strategy | None = None,
        *,
        hypermodel: Any = None,
        executions_per_trial: int = 1,
        max_retries_per_trial: int = 0,
        seed: int = 0,
        hyperparameters: HyperParameters | None = None,
        tune_new_entries: bool = True,
        allow_new_entries: bool = True,
        directory: str | os.PathLike[str] | None = None,
        project_name: str | None = None,
        overwrite: bool = False,
    ) -> None:
        self.executions_per_trial = positive("Tuner: executions_per_trial", executions_per_trial)
        self.max_retries_per_trial = integer("Tuner: max_retries_per_trial", max_retries_per_trial, least=0)
        self.objective = Objective.of(objective)  # type: ignore[arg-type]
        file, overwrite = project_file(directory, project_name), flag("Tuner: overwrite", overwrite)
        once = hypermodel is None or build_model is None
        require(once, "Tuner: hypermodel", hypermodel, "given once, not as build_model as well", ValueError)
        builder = build_model if hypermodel is None else hypermodel
        self.build_model: Callable[[HyperParameters], Any] = getattr(builder, "build", builder)
        self._own_fit = own_fit(builder)
        builds = callable(self.build_model) and not (isinstance(builder, type) and hasattr(builder, "build"))
        require(builds, "Tuner: build_model", builder, "a function of hp, or an object with a method build(hp)")
        if self._own_fit is not None and not callable(self._own_fit):
            raise TypeError(f"Tuner: fit={short(self._own_fit)} of build_model must be a method fit(hp, model, ...)")
        begin = given_entries(hyperparameters, tune_new_entries, allow_new_entries)
        self.hyperparameters = discover(self.build_model, begin)
        strategy, n_trials = self._plan(strategy, max_trials)
        self.max_trials = positive("Tuner: max_trials", n_trials)
        self._models: dict[int, Any] = {}
        direction: Any = "maximize" if self.objective.direction == "max" else "minimize"
        if file is None:
            self.study = Study(self.hyperparameters.search_space(), strategy, direction=direction, seed=seed)
        else:
            how = strategy, self.objective, direction, seed, overwrite
            self.study, self.hyperparameters = open_project(file, self.hyperparameters, *how)

    def _plan(self, strategy: Strategy | None, max_trials: int | None) -> tuple[Any, Any]:
        """Return the strategy and the number of trials, once the space is known."""
        return strategy, max_trials

    def search(self, *fit_args: Any, verbose: int = 1, **fit_kwargs: Any) -> None:
        """Run the remaining trials; all further arguments go to each model's `fit`.

        `verbose=1` prints a line per trial, with its values and the best so far. If a model raises or diverges to NaN, the
        trial fails, and the search continues. A second call continues where the first one ended or was stopped. Raises
        ValueError after the first trial if the model's metrics do not include the objective.
        """
        known = isinstance(verbose, int) and verbose in (0, 1, 2)
        require(known, "search: verbose", verbose, "0 (silent) or 1 (a line per trial)", ValueError)
        training, heads = _Training(self, fit_args, fit_kwargs), tuple[str, ...]()

        def after(study: Study, trial: Trial) -> None:
            nonlocal heads
            kept = {one.number for one in (*study.history.ranked[:KEPT], *study.history.running)}
            for number in self._models.keys() - kept:
                del self._models[number]
            if verbose:
                heads = self._print_line(study.trials[trial.number], heads)

        run(self.study, training, self.max_trials, callbacks=[after], progress=bool(verbose))

    def _print_line(self, trial: Trial, printed: tuple[str, ...]) -> tuple[str, ...]:
        """Print a trial's values, its score and the best so far, with a star if it is the best; return the columns.

        Their names are printed above the line if they are not those `printed` before.
        """
        heads = (*self.hyperparameters.search_space(), self.objective.name)
        widths = [max(len(name), 8) for name in heads]
        if heads != printed:
            print("trial", *map(str.rjust, heads, widths), "best so far", sep="  ")
        incumbent = self.study.history.incumbent
        cells = [on_a_line(trial.params[name]) if name in trial.params else "-" for name in heads[:-1]]
        cells.append("failed" if trial.value is None else f"{trial.value:.4f}")
        best = "-" if incumbent is None or incumbent.value is None else f"{incumbent.value:.4f}"
        star = " *" if incumbent is not None and incumbent.number == trial.number else ""
        print(f"{trial.number:5d}", *map(str.rjust, cells, widths), f"{best:>11}{star}", sep="  ")
        return heads

    def get_best_hyperparameters(self, num_trials: int = 1) -> list[HyperParameters]:
        """Return the hyperparameters of the best trials, best first."""
        positive("get_best_hyperparameters: num_trials", num_trials)
        return [self.hyperparameters.copy(trial.params) for trial in self.study.history.ranked[:num_trials]]

    def get_best_models(self, num_models: int = 1) -> list[Any]:
        """Return the models of the best trials, best first: the ten best as trained, others built again, untrained.

        A trained Keras model is built already. Leave out the line `models[0].build(...)` of older guides: Keras 3 refuses to
        build a `Sequential` again for another batch size.
        """
        positive("get_best_models: num_models", num_models)
        best = zip(self.study.history.ranked, self.get_best_hyperparameters(num_models), strict=False)
        return [self._models[t.number] if t.number in self._models else build(self.build_model, hp) for t, hp in best]

    def search_space_summary(self) -> None:
        """Print what the build function asks for."""
        print(f"Search space: {len(self.hyperparameters.space)} hyperparameters")
        for h in self.hyperparameters.space:
            arguments = ", ".join(f"{key}={value}" for key, value in h.config.items() if value is not None)
            only = " and ".join(f"{parent} in {values}" for parent, values in h.conditions.items())
            print(f"  {h.name} ({h.kind}): {arguments}" + (f"; only if {only}" if only else ""))

    def results_summary(self, num_trials: int = 10) -> None:
        """Print the best trials, best first, and how many failed."""
        positive("results_summary: num_trials", num_trials)
        failed = len(self.study.history.failed)
        objective = f"{self.objective.name} ({self.objective.direction})"
        print(f"{len(self.study.trials)} trials, {failed} failed; objective {objective}")
        for trial in self.study.history.ranked[:num_trials]:
            values = ", ".join(f"{name}={on_a_line(value)}" for name, value in trial.params.items())
            print(f"  trial {trial.number}: {self.objective.name} {on_a_line(trial.value)}  {values}")


class RandomSearch(Tuner):
    """`Tuner` with random search; further keywords are those of `Tuner`, as for the classes below."""

    def __init__(self, build_model: Any = None, objective: Any = None, max_trials: int = 10, **more: Any) -> None:
        super().__init__(build_model, objective, max_trials, strategies.RandomSearch(), **more)


class GridSearch(Tuner):
    """`Tuner` with grid search: all values, and ten of a continuous range. Without `max_trials`, it runs the whole grid.

    The grid must know all hyperparameters from the start: `search` raises ValueError if the build function asks for one
    that a plain `if` has hidden. `hp.conditional_scope` shows it from the start.
    """

    def _plan(self, strategy: Strategy | None, max_trials: int | None) -> tuple[Any, Any]:
        space = self.hyperparameters.search_space()
        ten = {name: 10 for name, dimension in space.dimensions.items() if not dimension.has_equal_bins}
        n_trials = space.grid(ten).size if max_trials is None else max_trials
        return strategies.GridSearch(resolution=ten), n_trials


class BayesianOptimization(Tuner):
    """`Tuner` with Bayesian optimization; `num_initial_points` trials come before the first model."""

    def __init__(
        self,
        build_model: Any = None,
        objective: Any = None,
        max_trials: int = 10,
        num_initial_points: int | None = None,
        **more: Any,
    ) -> None:
        if num_initial_points is not None:
            positive("BayesianOptimization: num_initial_points", num_initial_points)
        strategy = strategies.BayesianOptimization(n_initial=num_initial_points)
        super().__init__(build_model, objective, max_trials, strategy, **more)


class Hyperband(Tuner):
    """`Tuner` with Hyperband: `search` passes the budget of each trial to `fit` as `epochs=`, from 1 to `max_epochs`.

    It keeps one in `factor` of every rung. Without `max_trials`, it runs all brackets once. A promoted model is trained
    again from its first epoch.
    """

    def __init__(
        self,
        build_model: Any = None,
        objective: Any = None,
        max_epochs: int = 100,
        factor: int = 3,
        max_trials: int | None = None,
        **more: Any,
    ) -> None:
        max_epochs = positive("Hyperband: max_epochs", max_epochs)
        factor = integer("Hyperband: factor", factor, least=2)
        strategy = strategies.Hyperband(1, max_epochs, eta=factor)
        if max_trials is None:
            max_trials = sum(n for bracket in strategy.brackets for n, _ in bracket)
        super().__init__(build_model, objective, max_trials, strategy, **more)


class WrongObjective(ValueError):
    """The models do not have the metric that a search is by."""


@dataclass
class _Training(SelfTelling):
    """The objective of a search. The tuner keeps models by trial number, so that several trials may run at once."""

    tuner: Tuner
    fit_args: tuple[Any, ...]
    fit_kwargs: Mapping[str, Any]
    takes_trial = True
    why_here = ": a tuner keeps the models of its trials here"

    def __call__(self, trial: Trial) -> Outcome:
        for retries_left in range(self.tuner.max_retries_per_trial, -1, -1):
            hp = self.tuner.hyperparameters.copy(trial.params)
            outcome = replace(train(self._score, (trial, hp)), asked=hp)
            if not retries_left or outcome.error is None or isinstance(outcome.error, WrongObjective):
                return outcome
        raise AssertionError("a trial is trained at least once")

    def tell(self, study: Study, trial: Trial, outcome: Outcome) -> None:
        """Tell the outcome of a trial. A wrong objective ends the search."""
        tell(study, trial, outcome, self.tuner.hyperparameters, outcome.asked)
        if isinstance(outcome.error, WrongObjective):
            raise outcome.error

    def _score(self, trial: Trial, hp: HyperParameters) -> float:
        """Train the model of a trial `executions_per_trial` times, and return the mean of its objective."""
        tuner, metric = self.tuner, self.tuner.objective.name
        kwargs = self.fit_kwargs if trial.budget is None else {**self.fit_kwargs, "epochs": trial.budget}
        scores = []
        for _ in range(tuner.executions_per_trial):
            tuner._models[trial.number] = model = build(tuner.build_model, hp)
            metrics = metrics_of_training(tuner._own_fit, hp, model, self.fit_args, kwargs, metric)
            if metric not in metrics:
                must = f"must be one of this model's metrics: {list(metrics)}"
                raise WrongObjective(f"Tuner: the objective {metric!r} {must}")
            scores.append(tuner.objective.best_epoch(metrics))
        return math.fsum(scores) / len(scores)
