"""Population-based training: models train side by side, and the worst continue from copies of the best.

    a round     each of `n_members` members trains for one unit (such as an epoch), with its own hyperparameters
    exploit     a member among the worst `share` of the round takes weights and hyperparameters of one of the best `share`
    explore     ... and then multiplies each number among these hyperparameters by `factor` or by 1 / `factor`, at random

So hyperparameters change while a model trains: the copies that lead to the best model, followed back to the first round,
give a schedule. Each round of each member is a trial, whose budget is the round. In its `info`, "config" is the
member, and "parent" the trial whose weights it continues from. Jaderberg et al. (2017), algorithm 1, with truncation
selection and perturbation (section 4.1.1); here members wait for each other, and stay in their ranges. Chapter 7.
"""

import copy
import math
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from hpt_lab.loop.objective import InProcess
from hpt_lab.loop.population_models import WHO, Models
from hpt_lab.loop.progress import check_progress
from hpt_lab.loop.session import search
from hpt_lab.space import Float, Int, Params, Space
from hpt_lab.study import History, Study, Suggestion, Trial
from hpt_lab.study.outcomes import Outcome, describe, outcome_of
from hpt_lab.values.checks import WrongType, finite, integer, name_foreign_arguments, positive, require, short


@dataclass(frozen=True)
class Population:
    """A population after its training.

    Attributes
    ----------
    study : Study, with one trial for each round of each member; its `best` is of the last round with a feasible member
    models : dict from numbers of trials to models, those of the last round and of `study.best`
    """

    study: Study
    models: dict[int, Any]

    @property
    def best_model(self) -> Any:
        """The model of `study.best`. Raises ValueError, as that does, if no trial is complete and feasible."""
        return self.models[self.study.best.number]

    def line(self, trial: Trial | None = None) -> list[Trial]:
        """Return the trials in which the weights of a trial (by default `study.best`) were trained, oldest first.

        `[one.params["learning_rate"] for one in population.line()]` is the schedule of the best model.
        Raises ValueError if the trial is not one of `study.trials`.
        """
        trials = self.study.trials
        line = [self.study.best if trial is None else trial]
        ours = isinstance(line[0], Trial) and line[0] in trials
        require(ours, "Population.line: trial", trial, "one of study.trials")
        while (parent := line[-1].info.get("parent")) is not None:
            line.append(trials[parent])
        return line[::-1]


@name_foreign_arguments
def population_based_training(
    make: Callable[[int], Any],
    train: Callable[[Any, Params], Any],
    space: Space | Mapping[str, Any],
    n_rounds: int,
    *,
    n_members: int = 8,
    warmup: int = 1,
    share: float = 0.25,
    factor: float = 1.25,
    direction: Literal["minimize", "maximize"] = "minimize",
    seed: int = 0,
    progress: bool | str = True,
    storage: str | os.PathLike[str] | None = None,
    name: str | None = None,
) -> Population:
    """Train a population of models, which learns a schedule of their hyperparameters on the way.

    Parameters
    ----------
    make : callable
        `make(i) -> model` returns the untrained model of member i, from 0; i can seed its weights.
    train : callable
        `train(model, params) -> float` sets these hyperparameters, trains the model for one more unit, and returns how
        good it is now, on validation rows. A dict is fine, as in `tune`: with constraints, feasible members are better.
        If it raises, or returns no finite number, the member is one of the worst. Models are copied with
        `copy.deepcopy`; those of two rounds are in memory.

        Every round selects on these rows, so the value of the best is too good, and by another amount than that of a
        rival: lesson 7.5 measures what that costs. Compare the two on rows that no round has seen.
    space : Space or mapping, the ranges, without `step`. Choices, and numbers that a condition names, are only copied.
    n_rounds, n_members : int, rounds, and models that train side by side, at least 2
    warmup : int, the rounds that every member trains before any is replaced
    share : float
        The share of members that are replaced in each round, at most 0.5; at 0, each member trains alone.
    factor : float, at least 1; at 1, hyperparameters are copied, but not changed
    direction, seed, progress : as in `tune`
    storage, name : as in `tune`
        A training run that was killed or interrupted resumes at its last whole round, from `joblib` models in the file
        `runs.db-<name>.joblib` beside `storage`. That file is a pickle: resume only what you have written.

    Returns
    -------
    Population
        With `study`, `best_model` and `line()`. Ctrl-C ends the training early, and returns the population so far.

    Raises
    ------
    ValueError or TypeError
        If an argument is out of range or of the wrong type, or a model cannot be copied or, with `storage`, written.
    StorageError
        If the file, or the models beside it, cannot be used.
    RuntimeError
        If all members of a round fail. All exceptions that end a training have the `.study` and `.population` so far.

    Examples
    --------
    >>> from hpt_lab import Float, population_based_training
    >>> def train(model, params):  # the best step is half of the way to 0
    ...     model["x"] -= 2 * params["step"] * model["x"]
    ...     return abs(model["x"])
    >>> population = population_based_training(
    ...     lambda i: {"x": 1.0}, train, {"step": Float(0.01, 0.9)}, 10, progress=False
    ... )
    >>> population.best_model["x"] == population.study.best_value, len(population.line())
    (True, 10)
    """
    for which, function in (("make", make), ("train", train)):
        require(callable(function), f"{WHO}: {which}", function, "a function")
    n_rounds = positive(f"{WHO}: n_rounds", n_rounds)
    n_members = integer(f"{WHO}: n_members", n_members, 2, 10**6)
    warmup = positive(f"{WHO}: warmup", warmup)
    finite(f"{WHO}: share", share, least=0, most=0.5)
    finite(f"{WHO}: factor", factor, least=1)
    n_replaced = max(1, math.floor(round(share * n_members, 9))) if share else 0
    progress = check_progress(f"{WHO}: progress", progress)
    strategy = PopulationBased(n_members, warmup, n_replaced, float(factor))
    study = Study(space, strategy, direction=direction, seed=seed, storage=storage, name=name)
    for name, dimension in study.space.dimensions.items():
        if isinstance(dimension, (Float, Int)) and dimension.step is not None:
            raise ValueError(f"{WHO}: the step={dimension.step} of {name} must be None, since the factor multiplies it")
    file = None if storage is None else Models(study, storage, n_members)
    population = Population(study, {} if file is None else file.resume())
    members = _Members(make, train, n_members, population, file)
    try:
        search(study, InProcess(members), n_rounds * n_members, told=members.end_round, progress=progress)
    except KeyboardInterrupt:
        pass
    except BaseException as error:
        with suppress(Exception):  # a few exceptions take no attributes
            error.population = population  # type: ignore[attr-defined]
        raise
    finally:
        population.models.pop(len(study.trials), None)  # its trial was taken back
    return population


@dataclass(frozen=True)
class PopulationBased:
    """The strategy: a function from the trials of the last round to those of the next."""

    n_members: int
    warmup: int
    n_replaced: int
    factor: float

    def suggest(self, history: History) -> Suggestion:
        """Return the next round of the next member."""
        n, rng, space = self.n_members, history.rng, history.space
        rung, member = divmod(history.trials.n_trials, n)
        info: dict[str, Any] = {"rung": rung, "config": member, "parent": None}
        if rung == 0:
            return Suggestion(space.sample(rng), 1, info)
        last = history.trials[(rung - 1) * n : rung * n]
        ranked = sorted((trial for trial in last if trial.state == "complete"), key=history.rank)
        parent = last[member]
        waits = self.n_replaced == 0 or rung < self.warmup
        stays = waits or any(trial is parent for trial in ranked[: n - self.n_replaced])
        if not stays:
            parent = ranked[int(rng.integers(min(self.n_replaced, len(ranked))))]
        params = parent.params if stays else explored(space, parent.params, self.factor, rng)
        return Suggestion(params, rung + 1, {**info, "parent": parent.number})


def explored(space: Space, params: Mapping[str, Any], factor: float, rng: np.random.Generator) -> Params:
    """Return params, numbers that no condition names times `factor` or 1 / `factor`, in range; an Int moves by 1 or more."""
    moved, named = dict(params), {parent for parents in space.parents.values() for parent in parents}
    for name, value in params.items():
        dimension, up = space[name], rng.random() < 0.5
        if isinstance(dimension, (Float, Int)) and name not in named:
            new = value * factor if up else value / factor
            if isinstance(dimension, Int) and value == 0 and factor > 1:
                new = 1 if up else -1
            new = min(max(new, dimension.low), dimension.high)
            moved[name] = new if isinstance(dimension, Float) else math.ceil(new) if new > value else math.floor(new)
    return moved


def copied(model: Any) -> Any:
    try:
        return copy.deepcopy(model)
    except Exception as error:
        raise WrongType(f"{WHO}: copy.deepcopy must work for the model {short(model)}: {describe(error)}") from error


class _Members:
    """The objective of `InProcess`: it trains a member, on a copy of its parent's model."""

    def __init__(self, make: Any, train: Any, n_members: int, population: Population, file: Models | None) -> None:
        self.make, self.train, self.n_members, self.file = make, train, n_members, file
        self.study, self.models = population.study, population.models

    def arguments(self, trial: Trial) -> tuple[Any, Params]:
        """Return the member's model, which is kept, and its params."""
        parent = trial.info["parent"]
        model = self.models[trial.number] = self.make(trial.number) if parent is None else copied(self.models[parent])
        if trial.number == 0:
            copied(model)  # an error now costs no training
            if self.file is not None:
                self.file.check(model)
        return model, trial.params

    def function(self, model: Any, params: Params) -> Outcome:
        """Return the outcome of one more unit of training."""
        try:
            outcome = outcome_of(self.train(model, params))
        except Exception as error:
            outcome = Outcome(error=error)
        return replace(outcome, spent=1.0)

    def end_round(self, trial: Trial, _: Outcome) -> None:
        """After the last member of a round, forget the models that no one needs, and write the others to the file.

        Raises RuntimeError if all members failed.
        """
        n, history = self.n_members, self.study.history
        if trial.info["config"] < n - 1:
            return
        last, best = history.trials[-n:], history.incumbent
        if all(one.state == "failed" for one in last):
            raise RuntimeError(f"{WHO}: all {n} members failed in round {trial.budget}, the last with {last[-1].error}")
        for number in self.models.keys() - {one.number for one in (*last, best or last[0])}:
            del self.models[number]
        if self.file is not None:
            self.file.write(self.models)

    def close(self) -> None: ...
