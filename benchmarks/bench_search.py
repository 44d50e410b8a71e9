"""How good the searches are: ours, scikit-optimize's and Optuna's, on the problems of `hpt_lab.problems`.

    python benchmarks/bench_search.py --n-trials 30 --seeds 8

Prints one row per optimiser: its score on each problem, the mean with its standard error over the seeds, and the CPU
milliseconds that one suggestion took.

    score = 100 (1 - (mean best loss - optimum) / (random search's mean best loss - optimum))

0 is random search at the same number of trials, 100 the optimum on every seed. Each optimiser sees a dimension as it
stands on the unit interval: a stepped one as the number of its step, a continuous one as a coordinate. Needs the extra
`peers`; Optuna's Gaussian process needs torch as well, and is left out without it.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import time
import warnings
from collections.abc import Callable

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.problems import Problem

Search = Callable[[Problem, int, int], tuple[list[float], float]]  # (problem, n_trials, seed) -> losses, CPU seconds
RANDOM_SEEDS = 200
NAMES = ("branin", "hartmann6", "svm_digits", "forest_boston", "mlp_mnist")


def ours(strategy: Callable[[], hpt.Strategy]) -> Search:
    def search(problem: Problem, n_trials: int, seed: int) -> tuple[list[float], float]:
        study, cpu = hpt.Study(problem.space, strategy(), seed=seed), 0.0
        for _ in range(n_trials):
            started = time.process_time()
            trial = study.ask()
            cpu += time.process_time() - started
            study.tell(trial, problem(trial.params, seed=None))
        return [trial.value for trial in study.trials], cpu

    return search


def _value(problem: Problem, place: list[float]) -> float:
    """The loss at a place that a peer chose: the number of a step, or a coordinate of the unit interval."""
    dimensions = problem.space.dimensions.values()
    u = [p if d.size == math.inf else (p + 0.5) / d.size for p, d in zip(place, dimensions, strict=True)]
    return problem(problem.space.decode(u), seed=None)


def optuna(kind: str) -> Search:
    def search(problem: Problem, n_trials: int, seed: int) -> tuple[list[float], float]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        ranges = {
            name: optuna.distributions.FloatDistribution(0, 1)
            if d.size == math.inf
            else optuna.distributions.IntDistribution(0, int(d.size) - 1)
            for name, d in problem.space.dimensions.items()
        }
        study = optuna.create_study(sampler=getattr(optuna.samplers, kind)(seed=seed))
        losses, cpu = [], 0.0
        for _ in range(n_trials):
            started = time.process_time()
            trial = study.ask(ranges)
            cpu += time.process_time() - started
            losses.append(_value(problem, [trial.params[name] for name in ranges]))
            study.tell(trial, losses[-1])
        return losses, cpu

    return search


def skopt(problem: Problem, n_trials: int, seed: int) -> tuple[list[float], float]:
    from skopt import Optimizer

    dims = problem.space.dimensions.values()
    optimizer = Optimizer([(0.0, 1.0) if d.size == math.inf else (0, int(d.size) - 1) for d in dims], random_state=seed)
    losses, cpu = [], 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(n_trials):
            started = time.process_time()
            place = optimizer.ask()
            cpu += time.process_time() - started
            losses.append(_value(problem, place))
            started = time.process_time()
            optimizer.tell(place, losses[-1])  # it fits its model here
            cpu += time.process_time() - started
    return losses, cpu


SEARCHES: dict[str, Search] = {
    "BayesianOptimization": ours(hpt.BayesianOptimization),
    "TPE": ours(hpt.TPE),
    "GeneticAlgorithm": ours(hpt.GeneticAlgorithm),
    "QuasiRandomSearch": ours(hpt.QuasiRandomSearch),
    "Optuna TPE": optuna("TPESampler"),
    "scikit-optimize GP": skopt,
}
if importlib.util.find_spec("torch"):
    SEARCHES["Optuna GP"] = optuna("GPSampler")


def score(search: Search, name: str, n_trials: int, seeds: range) -> tuple[np.ndarray, float]:
    """Score of each seed on one problem, and CPU seconds per suggestion."""
    problem = problems.get(name)
    random = ours(hpt.RandomSearch)
    reference = np.mean([min(random(problem, n_trials, 1000 + seed)[0]) for seed in range(RANDOM_SEEDS)])
    results = [search(problem, n_trials, seed) for seed in seeds]
    best = np.array([min(losses) for losses, _ in results])
    cpu = float(np.mean([seconds for _, seconds in results])) / n_trials
    return 100 * (1 - (best - problem.optimum) / (reference - problem.optimum)), cpu


def table(searches: list[str], names: list[str], n_trials: int, seeds: range) -> dict[str, tuple[float, float, float]]:
    """Print a row for each optimiser; its mean score, standard error over the seeds, and CPU seconds a suggestion."""
    print(f"score after {n_trials} trials, {len(seeds)} seeds (0: random search, 100: the optimum)")
    print(f"{'':22}" + "".join(f"{name[:13]:>14}" for name in names) + f"{'mean':>9}{'s.e.':>6}{'CPU ms':>9}")
    rows = {}
    for which in searches:
        scores, cpu = zip(*(score(SEARCHES[which], name, n_trials, seeds) for name in names), strict=True)
        by_seed = np.mean(scores, axis=0)
        error = float(np.std(by_seed, ddof=1) / math.sqrt(len(seeds))) if len(seeds) > 1 else math.nan
        rows[which] = float(by_seed.mean()), error, float(np.mean(cpu))
        cells = "".join(f"{np.mean(one):14.1f}" for one in scores)
        print(f"{which:22}{cells}{rows[which][0]:9.1f}{error:6.1f}{1000 * rows[which][2]:9.1f}", flush=True)
    return rows


@pytest.mark.benchmark
def test_bayesian_optimization_is_ahead_of_random_search_and_thinks_faster_than_scikit_optimize():
    rows = table(["BayesianOptimization", "scikit-optimize GP"], ["branin", "svm_digits"], n_trials=30, seeds=range(4))
    mine, its = rows["BayesianOptimization"], rows["scikit-optimize GP"]
    assert mine[0] > 30
    assert mine[2] < its[2] / 10


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n-trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--problems", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--searches", nargs="+", choices=SEARCHES, default=list(SEARCHES))
    chosen = parser.parse_args()
    table(chosen.searches, chosen.problems, chosen.n_trials, range(chosen.seeds))
