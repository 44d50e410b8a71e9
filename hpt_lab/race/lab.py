"""The lab's own strategies on the course: what they have found is stored, so that a race runs the newcomers only.

`examples/tables/make_race.py` makes the file. It holds what each search has found after each of so many trials, so that
shorter races and any of its seeds are read from it; whatever it does not hold is computed here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hpt_lab.problems import Problem
from hpt_lab.race.course import search
from hpt_lab.strategies import TPE, BayesianOptimization, GeneticAlgorithm, QuasiRandomSearch, RandomSearch
from hpt_lab.study import History, Strategy, Suggestion

__all__ = ["LAB", "N_STORED", "REFERENCE", "SEEDS_STORED", "STORE", "Timed", "by_lab", "random_losses", "stored"]

LAB: dict[str, Strategy] = {
    "RandomSearch": RandomSearch(),
    "QuasiRandomSearch": QuasiRandomSearch(),
    "GeneticAlgorithm": GeneticAlgorithm(),
    "TPE": TPE(),
    "textbook BO": BayesianOptimization.textbook(),
    "BayesianOptimization": BayesianOptimization(),
}
STORE = Path(__file__).parents[1] / "data" / "race.npz"
REFERENCE = range(1000, 1200)  # seeds of the random searches that the score counts from: nobody races with them
N_STORED = 50  # trials
SEEDS_STORED = range(20)


class Timed:
    """A strategy, and how long it has thought, in seconds of the processor."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy, self.seconds, self.n = strategy, 0.0, 0

    def suggest(self, history: History) -> Suggestion | None:
        started = time.process_time()
        suggestion = self.strategy.suggest(history)
        self.seconds += time.process_time() - started
        self.n += 1
        return suggestion


@cache
def stored() -> Mapping[str, Any]:
    """What was made before: for each problem `random/PROBLEM`, the mean of what random search finds, of shape (N_STORED,);
    for each strategy `STRATEGY/PROBLEM`, of shape (n_seeds, N_STORED), and `seconds/STRATEGY`, of a suggestion."""
    with np.load(STORE) as file:
        return dict(file)


def random_losses(problem: Problem, n_trials: int, fresh: bool = False) -> float:
    """The mean of what random search finds after so many trials."""
    name = f"random/{problem.name}"
    if not fresh and n_trials <= N_STORED and name in stored():
        return float(stored()[name][n_trials - 1])
    return float(np.mean([search(RandomSearch(), problem, seed, n_trials)[-1] for seed in REFERENCE]))


def by_lab(
    name: str, problems: Sequence[Problem], seeds: Sequence[int], n_trials: int, fresh: bool, step: Callable[[], Any]
) -> tuple[np.ndarray, float]:
    """What one of LAB finds, of shape (n_problems, n_seeds), and its seconds for a suggestion. `step` after each problem."""
    found, timed = np.empty((len(problems), len(seeds))), Timed(LAB[name])
    for i, problem in enumerate(problems):
        known = None if fresh or n_trials > N_STORED else stored().get(f"{name}/{problem.name}")
        for j, seed in enumerate(seeds):
            if known is not None and seed < len(known):
                found[i, j] = known[seed, n_trials - 1]
            else:
                found[i, j] = search(timed, problem, seed, n_trials)[-1]
        step()
    return found, timed.seconds / timed.n if timed.n else float(stored()[f"seconds/{name}"])
