"""Population-based training: models train side by side, and the worst continue from copies of the best.

    a round     each of `n_members` members trains for one unit (such as an epoch), with its own hyperparameters
    exploit     a member among the worst `share` of the round takes weights and hyperparameters of one of the best `share`
    explore     ... and then multiplies each number among these hyperparameters by `factor` or by 1 / `factor`, at random

So hyperparameters change while a model trains: the copies that lead to the best model, followed back to the first round,
give a schedule. Each round of each member is a trial, whose budget is the round. In its `info`, "config" is the
member, and "parent" the trial whose weights it continues from. Jaderberg et al. (2017), algorithm 1, with truncation
selection and perturbation (section 4.1.1); here members wait for each other, and stay in their ranges. Chapter 7.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from hpt_lab.loop.progress import check_progress
from hpt_lab.loop.session import Ended, search
from hpt_lab.space import Categorical, Float, Int, Params, Space
from hpt_lab.study import History, Study, Suggestion, Trial
from hpt_lab.study.outcomes import Outcome, outcome_of
from hpt_lab.values.checks import WrongType, finite, integer, positive, short
from hpt_lab.values.names import told_names

WHO = "population_based_training"


@dataclass(frozen=True)
class Population:
    """A population after its training.

    Attributes
    ----------
    study : Study, with one trial for each round of each member; its `best` is the best of the last round
    models : dict from numbers of trials to models, those of the last round
    """

    study: Study
    models: dict[int, Any]

    @property
    def best_model(self) -> Any:
        """The model of `study.best`."""
        return self.models[self.study.best.number]

    def line(self, trial: Trial | None = None) -> list[Trial]:
        """Return the trials in which the weights of a trial (by default `study.best`) were trained, oldest first.

        `[one.params["learning_rate"] for one in population.line()]` is the schedule of the best model.
        """
        trials = self.study.trials
        line = [self.study.best if trial is None else trial]
        while (parent := line[-1].info["parent"]) is not None:
            line.append(trials[parent])
        return line[::-1]


@told_names
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
) -> Population:
    """Train a population of models, which learns a schedule of their hyperparameters on the way.

    Parameters
    ----------
    make : callable
        `make(i) -> model` returns the untrained model of member i, from 0; i can seed its weights.
    train : callable
        `train(model, params) -> float` sets these hyperparameters, trains the model for one more unit, and returns how
        good it is now, on validation rows. A dict is fine, as in `tune`. If it raises, or returns no finite number, the
        member is one of the worst. Models are copied with `copy.deepcopy`; those of two rounds are in memory.
    space : Space or mapping, the ranges. Numbers change within them, but need no `step`; a choice is only copied.
    n_rounds, n_members : int, rounds, and models that train side by side, at least 2
    warmup : int, the rounds that every member trains before any is replaced
    share : float
        The share of members that are replaced in each round, at most 0.5; at 0, each member trains alone.
    factor : float, at least 1; at 1, hyperparameters are copied, but not changed
    direction, seed, progress : as in `tune`

    Returns
    -------
    Population
        With `study`, `best_model` and `line()`. Ctrl-C ends the training early, and returns the population so far.

    Raises
    ------
    ValueError or TypeError
        If an argument is out of range or of the wrong type.
    RuntimeError
        If all members of a round fail. All exceptions that end a training have the study so far as `.study`.

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
    for name, function in (("make", make), ("train", train)):
        if not callable(function):
            raise WrongType(f"{WHO}: {name}={short(function)} must be a function")
    n_rounds = positive(f"{WHO}: n_rounds", n_rounds)
    n_members = integer(f"{WHO}: n_members", n_members, least=2)
    warmup = positive(f"{WHO}: warmup", warmup)
    if finite(f"{WHO}: share", share, least=0) > 0.5:
        raise ValueError(f"{WHO}: share={short(share)} must be at most 0.5, so that the best are not replaced")
    if finite(f"{WHO}: factor", factor) < 1:
        raise ValueError(f"{WHO}: factor={short(factor)} must be at least 1; the numbers change by it or by 1 / it")
    n_replaced = max(1, math.floor(share * n_members)) if share else 0
    progress = check_progress(f"{WHO}: progress", progress)
    study = Study(space, PopulationBased(n_members, warmup, n_replaced, float(factor)), direction=direction, seed=seed)
    for name, dimension in study.space.dimensions.items():
        if isinstance(dimension, (Float, Int)) and dimension.step is not None:
            what = "must be None, since the value is multiplied by the factor"
            raise ValueError(f"{WHO}: the step={dimension.step} of {name} {what}")
    members = _Members(make, train, n_members)
    with suppress(KeyboardInterrupt):
        search(study, members, n_rounds * n_members, progress=progress)
    return Population(study, members.models)


class PopulationBased:
    """The strategy: a function from the trials of the last round to those of the next."""

    def __init__(self, n_members: int, warmup: int, n_replaced: int, factor: float) -> None:
        self.n_members, self.warmup, self.n_replaced, self.factor = n_members, warmup, n_replaced, factor

    def suggest(self, history: History) -> Suggestion:
        """Return the next round of the next member. Raises RuntimeError if all failed in the last round."""
        n, rng, space = self.n_members, history.rng, history.space
        rung, member = divmod(history.trials.n_trials, n)
        info: dict[str, Any] = {"rung": rung, "config": member, "parent": None}
        if rung == 0:
            return Suggestion(space.at(rng.random(len(space.dimensions))), 1, info)
        last = history.trials[(rung - 1) * n : rung * n]
        ranked = sorted((trial for trial in last if trial.state == "complete"), key=history.loss)
        if not ranked:
            raise RuntimeError(f"{WHO}: all {n} members failed in round {rung}, the last with {last[-1].error}")
        parent = last[member]
        waits = self.n_replaced == 0 or rung < self.warmup
        stays = waits or any(trial is parent for trial in ranked[: n - self.n_replaced])
        if not stays:
            parent = ranked[int(rng.integers(min(self.n_replaced, len(ranked))))]
        params = parent.params if stays else explored(space, parent.params, self.factor, rng)
        return Suggestion(params, rung + 1, {**info, "parent": parent.number})


def explored(space: Space, params: Mapping[str, Any], factor: float, rng: np.random.Generator) -> Params:
    """Return a copy of params with each number times `factor` or 1 / `factor`, within its range; an Int moves by 1 or more."""
    moved = dict(params)
    for name, value in params.items():
        dimension, up = space[name], rng.random() < 0.5
        if not isinstance(dimension, Categorical):
            new = value * factor if up else value / factor
            if isinstance(dimension, Int):
                new = math.ceil(new) if up else math.floor(new)
            moved[name] = min(max(new, dimension.low), dimension.high)  # type: ignore[attr-defined]
    return moved


class _Members:
    """The worker of `search`: it trains a member at a time, on a copy of its parent's model."""

    def __init__(self, make: Callable[[int], Any], train: Callable[[Any, Params], Any], n_members: int) -> None:
        self.make, self.train, self.n_members = make, train, n_members
        self.models: dict[int, Any] = {}  # by trial
        self._trial: Trial | None = None

    free = property(lambda self: self._trial is None)
    busy = property(lambda self: self._trial is not None)

    def start(self, trial: Trial) -> None:
        self._trial = trial

    def next(self) -> Ended:
        """Train the member, and forget the models that no later one needs."""
        trial, self._trial = self._trial, None
        assert trial is not None
        parent = trial.info["parent"]
        model = self.make(trial.number) if parent is None else copy.deepcopy(self.models[parent])
        self.models[trial.number] = model
        try:
            outcome = outcome_of(self.train(model, trial.params))
        except Exception as error:
            outcome = Outcome(error=error)
        first = trial.number // self.n_members * self.n_members
        if trial.number == first + self.n_members - 1:
            self.models = {number: model for number, model in self.models.items() if number >= first}
        return trial, replace(outcome, spent=1.0)

    def close(self) -> None: ...

    kill = close
