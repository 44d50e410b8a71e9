"""One search of the race: what it sees, and what it is judged by; and the stored searches of the lab's own strategies.

On a tabulated problem the loss is the mean of all tabulated runs of the params, at the largest budget: the race should
show which strategy searches better, not which was lucky in training. On the problems of `NOISY`, luck is part of the
race: a search sees one run or the mean of a few, chosen by its seed, and is judged by the mean of all.

`examples/tables/make_race.py` stores the true losses of the lab's own strategies after each trial; the rest is computed.
"""

import functools
import operator
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hpt_lab.loop.comparison import search_here
from hpt_lab.problems import Problem, suite as all_problems
from hpt_lab.space import Params, Space
from hpt_lab.strategies import TPE, BayesianOptimization, GeneticAlgorithm, QuasiRandomSearch, RandomSearch
from hpt_lab.study import History, Strategy, Study, Suggestion, Trial

NOISY = {"svm_mnist": 1, "boosting_boston": 1, "sgd_cancer": 8}  # runs that a search sees, of 3, 3 and 20
LAB: dict[str, Strategy] = {"RandomSearch": RandomSearch(), "QuasiRandomSearch": QuasiRandomSearch()}
LAB |= {"GeneticAlgorithm": GeneticAlgorithm(), "TPE": TPE()}
LAB |= {"textbook BO": BayesianOptimization.textbook(), "BayesianOptimization": BayesianOptimization()}
STORE = Path(__file__).parents[2] / "data" / "race.npz"
REFERENCE = range(1000, 1200)  # seeds of the random searches with score 0: no one races with them
N_STORED = 50  # trials
SEEDS_STORED = range(20)


@cache
def suite() -> Mapping[str, Problem]:
    """Return the problems of the race by name, which are those of `hpt_lab.problems.suite`."""
    return all_problems()


def disguised(space: Space, params: Mapping[str, Any], rng: np.random.Generator) -> Params:
    """Return the params that are trained instead of these in disguise: the same landscape, with its optimum anywhere.

    Each axis is bent into a ring, flipped or not, and cut open elsewhere, between two values: neighbors stay neighbors,
    except at the cut. A hyperparameter that others depend on keeps its value, so the same ones are active.
    """
    parents = {parent for parents in space.parents.values() for parent in parents}
    kept, u = np.array([name in parents for name in space]), space.encode(params)
    sizes = np.array([min(dimension.size, 2.0**40) for dimension in space.dimensions.values()])
    over, shift = rng.random((2, len(u)))
    moved = (np.where(over < 0.5, u, 1 - u) + np.floor(shift * sizes) / sizes) % 1.0
    return space.decode(np.where(kept, u, moved))


@dataclass(frozen=True)
class Search:
    """A search to run: its problem, its seed, and the number from which its disguise is drawn, if it has one."""

    problem: Problem
    seed: int
    disguise: int | None = None

    def __str__(self) -> str:
        return f"{self.problem.name}{'' if self.disguise is None else ' in disguise'}, seed {self.seed}"

    def loss(self, params: Mapping[str, Any]) -> float:
        """Return the loss that the search sees."""
        n = NOISY.get(self.problem.name)
        if n is None:
            return self.true_loss(params)
        params = self._trained(params)
        seeds = [self.problem.training(self.seed * n + i) for i in range(n)]
        losses = [self.problem(params, seed=seed) for seed in seeds]
        return functools.reduce(operator.add, losses) / n  # `sum` rounds otherwise from Python 3.12 on

    def true_loss(self, params: Mapping[str, Any]) -> float:
        """Return the loss that the search is judged by."""
        return self.problem(self._trained(params), seed=None)

    def true_losses(self, trials: Sequence[Trial], n_trials: int) -> list[float]:
        """Return the true loss of the incumbent after each of n_trials trials; the last one is repeated; NaN before any."""
        incumbents = History(self.problem.space, trials).incumbents
        bests = {best.number: best for best in incumbents if best is not None}
        true = {number: self.true_loss(best.params) for number, best in bests.items()}
        losses = [np.nan if best is None else true[best.number] for best in incumbents]
        return losses + (losses[-1:] or [np.nan]) * (n_trials - len(losses))

    def run(self, strategy: Strategy, n_trials: int) -> list[float]:
        """Search with a strategy in this process, and return the true losses of its incumbents."""
        study = Study(self.problem.space, strategy, seed=self.seed)
        return self.true_losses(search_here(study, self.loss, n_trials).trials, n_trials)

    def _trained(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.disguise is None:
            return params
        rng = np.random.default_rng([self.disguise, self.seed, *self.problem.name.encode()])
        return disguised(self.problem.space, params, rng)


class Timed:
    """A strategy that records the processor time of each of its suggestions, in seconds."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy, self.seconds = strategy, list[float]()

    def suggest(self, history: History) -> Suggestion | None:
        started = time.process_time()
        suggestion = self.strategy.suggest(history)
        self.seconds.append(time.process_time() - started)
        return suggestion


@cache
def stored() -> Mapping[str, Any]:
    """Return the stored arrays: random/PROBLEM (N_STORED,), STRATEGY/PROBLEM (n_seeds, N_STORED), seconds/STRATEGY ()."""
    with np.load(STORE) as file:
        return dict(file)


def random_loss(problem: Problem, n_trials: int) -> float:
    """Return the mean true loss of random search after `n_trials` trials."""
    name = f"random/{problem.name}"
    if n_trials <= N_STORED and name in stored():
        return float(stored()[name][n_trials - 1])
    return float(np.mean([Search(problem, seed).run(RandomSearch(), n_trials)[-1] for seed in REFERENCE]))


def lab_losses(
    name: str, problems: Sequence[Problem], seeds: Sequence[int], n_trials: int, step: Callable[[], Any]
) -> tuple[np.ndarray, float]:
    """Return the true losses of a strategy of LAB, (n_problems, n_seeds), and its mean seconds per suggestion."""
    losses, timed = np.empty((len(problems), len(seeds))), Timed(LAB[name])
    for i, problem in enumerate(problems):
        known: Any = () if n_trials > N_STORED else stored().get(f"{name}/{problem.name}", ())
        for j, seed in enumerate(seeds):
            there = seed < len(known)
            losses[i, j] = known[seed, n_trials - 1] if there else Search(problem, seed).run(timed, n_trials)[-1]
        step()
    return losses, float(np.mean(timed.seconds)) if timed.seconds else float(stored()[f"seconds/{name}"])
