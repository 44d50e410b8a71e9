"""The course that every strategy runs: the problems, and how one search on one of them is judged.

A search gets a space, a seed, and the losses of its own trials; the problem stays here. On a tabulated problem the loss
is the mean of all tabulated trainings of the params, at the largest budget: the race is to show who searches better, not
who was lucky with a training. On the problems of `NOISY` the luck is part of the race: a search sees the mean of a few
trainings, which its seed chooses, and is judged by the mean of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from hpt_lab import problems
from hpt_lab.loop import run
from hpt_lab.problems import Problem
from hpt_lab.space import Space
from hpt_lab.study import History, Strategy, Study, Trial

__all__ = ["NOISY", "Place", "as_it_is", "found", "mirror", "objective", "search", "suite"]

Place = Callable[[Mapping[str, Any]], Mapping[str, Any]]

NOISY = {"sgd_cancer": 4}  # trainings that a search sees, of 20; of one alone, what is found is mostly luck


@cache
def suite() -> Mapping[str, Problem]:
    """The problems of the race, by name: those of `hpt_lab.problems.suite`, where a new one joins it."""
    return problems.suite()


def as_it_is(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The params themselves: what a search suggests is what is trained."""
    return params


def mirror(space: Space) -> Place:
    """What is trained in place of params of this space: what is low for the one is high for the other.

    So the landscape is the same, and its optimum is at another place. A hyperparameter that others depend on stays as it
    is, so that the same ones are active.
    """
    parents = {parent for parents in space.parents.values() for parent in parents}
    turned = np.array([name not in parents for name in space])

    def place(params: Mapping[str, Any]) -> Mapping[str, Any]:
        u = space.encode(params)
        return space.decode(np.where(turned, 1 - u, u))

    return place


def objective(problem: Problem, seed: int, place: Place = as_it_is) -> Callable[[Mapping[str, Any]], float]:
    """What the search with this seed sees: the loss of params."""
    n = NOISY.get(problem.name)
    if n is None:
        return lambda params: problem(place(params), seed=None)
    seen = [(seed * n + i) % problem.n_seeds for i in range(n)]
    return lambda params: sum(problem(place(params), seed=one) for one in seen) / n


def found(problem: Problem, trials: Sequence[Trial], n_trials: int, place: Place = as_it_is) -> list[float]:
    """The true loss of the incumbent after each trial, n_trials of them; NaN before the first success.

    A search that ends before keeps its incumbent to the end.
    """
    incumbents = History(problem.space, trials).incumbents
    losses = [np.nan if best is None else problem(place(best.params), seed=None) for best in incumbents]
    return losses + (losses[-1:] or [np.nan]) * (n_trials - len(losses))


def search(strategy: Strategy, problem: Problem, seed: int, n_trials: int) -> list[float]:
    """Run a strategy of our own, here, and see what it has `found` after each trial."""
    study = run(Study(problem.space, strategy, seed=seed), objective(problem, seed), n_trials, progress=False)
    return found(problem, study.trials, n_trials)
