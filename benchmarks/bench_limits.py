"""What eight workers and noise take from Bayesian optimization, and how much of it no search could have kept.

    python benchmarks/bench_limits.py --seeds 24 --table benchmarks/results/limits.json

Points after 50 trials on the problems of `bench_parallel`: 0 is random search, 100 the optimum, both without noise.

    workers   alone; alone, after seven trials fewer; with eight workers, in virtual time
    noise     every loss is told with normal noise, whose standard deviation is worth 20 points. What the search then
              delivers: the lowest loss it was told, what `recommend` says, the lowest posterior mean; the truly best of
              its trials, as an oracle would; and what the search finds without noise

With eight workers, a search knows at each trial seven results fewer than alone: nothing that it does about its last seven
trials can help it. So "alone, after seven trials fewer" is what the delay by itself costs; the rest is the price of choosing
trials side by side. An oracle that delivers the truly best trial bounds every rule for delivering.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from bench_parallel import N_TRIALS, PROBLEMS, duration

import hpt_lab as hpt
from hpt_lab import problems, simulate
from hpt_lab.problems import Problem
from hpt_lab.surrogates.learning import fit_trials

N_WORKERS, NOISE = 8, 0.2


@cache
def at_zero(name: str) -> float:
    """Return the mean loss that random search ends with."""
    problem = problems.get(name)
    return float(np.mean([search(problem, hpt.RandomSearch(), seed).best_value for seed in range(100, 140)]))


def points(name: str, loss: float) -> float:
    optimum = problems.get(name).optimum
    return 100 * (1 - (loss - optimum) / (at_zero(name) - optimum))


def search(problem: Problem, strategy: hpt.Strategy, seed: int, n_workers: int = 1, noise: float = 0.0) -> hpt.Study:
    """Return a search in virtual time; noise is the standard deviation of what is added to each loss."""
    study = hpt.Study(problem.space, strategy, seed=seed)
    rng = np.random.default_rng([seed, 5])

    def told(params: Mapping[str, Any]) -> float:
        return problem(params, seed=None) + noise * rng.standard_normal()

    simulate(study, told, duration(problem, seed), n_workers, N_TRIALS)
    return study


def workers(name: str, seed: int) -> dict[str, float]:
    """Return the points of one search, alone and with workers."""
    problem = problems.get(name)
    alone = [trial.value for trial in search(problem, hpt.BayesianOptimization(), seed).trials]
    together = search(problem, hpt.BayesianOptimization(), seed, N_WORKERS)
    losses = {
        "alone": min(alone),
        "alone, seven fewer": min(alone[: 1 - N_WORKERS]),
        "eight workers": together.best_value,
    }
    return {what: points(name, loss) for what, loss in losses.items()}


def noise(name: str, seed: int) -> dict[str, float]:
    """Return the points of what one noisy search delivers, by the rule for delivering."""
    problem = problems.get(name)
    study = search(problem, hpt.BayesianOptimization(), seed, noise=NOISE * (at_zero(name) - problem.optimum))
    trials = list(study.trials)
    model, kept, _ = fit_trials(study.history, trials)
    expected = trials[kept[int(np.argmin(model.predict(model.X_)[0]))]]
    true = {trial.number: problem(trial.params, seed=None) for trial in trials}
    delivered = {"told": study.best, "recommend": hpt.recommend(study), "posterior mean": expected}
    found = {what: points(name, true[trial.number]) for what, trial in delivered.items()}
    calm = search(problem, hpt.BayesianOptimization(), seed).best_value
    return found | {"oracle": points(name, min(true.values())), "no noise": points(name, calm)}


def measured(part: Callable[[str, int], dict[str, float]], seeds: range) -> dict[str, list[float]]:
    """Return the points of each seed, the mean of the problems: what is compared on the same seeds is paired."""
    table = [[part(name, seed) for name in PROBLEMS] for seed in seeds]
    return {what: [round(float(np.mean([one[what] for one in ones])), 2) for ones in table] for what in table[0][0]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--table", type=Path, help="write what the book shows to this file")
    chosen = parser.parse_args()
    found: dict[str, Any] = {"problems": list(PROBLEMS), "n_trials": N_TRIALS, "n_seeds": chosen.seeds}
    for part in (workers, noise):
        found[part.__name__] = measured(part, range(chosen.seeds))
        for what, points_of in found[part.__name__].items():
            error = np.std(points_of, ddof=1) / math.sqrt(len(points_of))
            print(f"{part.__name__:10}{what:22}{np.mean(points_of):7.1f} ± {error:.1f}", flush=True)
    if chosen.table:
        chosen.table.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
