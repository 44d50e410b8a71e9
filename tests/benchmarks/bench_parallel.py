"""What asynchronous workers do to each strategy, in virtual time: see `hpt_lab.simulate`.

    python tests/benchmarks/bench_parallel.py

First, points lost with k workers against the same search without, at 50 trials: 100 points are the optimum, 0 is random
search. Then a table of 1 to 4096 workers: seconds to a target, how busy the workers are, and how many results a proposal
misses.
"""

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import problems, simulate

PROBLEMS = ("branin", "hartmann6", "forest_boston", "svm_mnist", "boosting_boston")
STRATEGIES = {"Bayesian": hpt.BayesianOptimization, "TPE": hpt.TPE}
N_TRIALS = 50


def duration(problem, seed):
    """As the tables say, or a second, and each a bit more or less, so that no two end at once."""
    luck = np.random.default_rng([seed, 99]).uniform(0.8, 1.25, 100_000)
    seconds = problems.durations(problem) if problem.table is not None else lambda trial: 1.0
    return lambda trial: seconds(trial) * luck[trial.number]


def best(name, strategy, seed, n_workers):
    problem = problems.get(name)
    study = hpt.Study(problem.space, strategy, seed=seed)
    simulate(study, lambda params: problem(params, seed=None), duration(problem, seed), n_workers, N_TRIALS)
    return study.best_value


def points(make, n_workers, seeds):
    """Mean over the problems, one a seed: shape (n_seeds,)."""
    table = []
    for name in PROBLEMS:
        random = np.mean([best(name, hpt.RandomSearch(), seed, 1) for seed in range(40)])
        optimum = problems.get(name).optimum
        found = np.array([best(name, make(), seed, n_workers) for seed in seeds])
        table.append(100 * (1 - (found - optimum) / (random - optimum)))
    return np.mean(table, axis=0)


@pytest.mark.benchmark
def test_eight_workers_cost_bayesian_optimization_fewer_points_than_tpe_has_to_lose():
    lost = points(hpt.BayesianOptimization, 1, range(8)) - points(hpt.BayesianOptimization, 8, range(8))
    assert lost.mean() <= 10
    assert points(hpt.BayesianOptimization, 8, range(8)).mean() > points(hpt.TPE, 1, range(8)).mean()


def table(name="mlp_mnist", target=0.005, seeds=range(5)):
    problem = problems.get(name)
    low, high = problem.budgets[0], problem.budgets[-1]
    rivals = {
        "random": (hpt.RandomSearch, 4096),
        "TPE": (hpt.TPE, 4096),
        "Bayesian": (hpt.BayesianOptimization, 64),
        "Hyperband": (lambda: hpt.Hyperband(low, high), 4096),
        "ASHA": (lambda: hpt.ASHA(low, high), 4096),
    }
    print(f"{name}: seconds to the optimum + {target}, busy, missing; medians of {len(seeds)} seeds")
    for label, (make, most) in rivals.items():
        for n_workers in (1, 8, 64, 512, 4096):
            if n_workers > most:
                continue
            found = [
                simulate(
                    hpt.Study(problem.space, make(), seed=seed),
                    lambda params, budget=None: problem(params, budget, seed=None),
                    duration(problem, seed),
                    n_workers,
                    max(200, 3 * n_workers),
                )
                for seed in seeds
            ]
            seconds = np.median([one.time_to(problem.optimum + target) for one in found])
            busy, missing = np.median([[one.utilisation, one.missing] for one in found], axis=0)
            print(f"{label:>10} {n_workers:5d} workers: {seconds:7.2f} s {busy:5.0%} {missing:7.1f}", flush=True)


if __name__ == "__main__":
    for label, make in STRATEGIES.items():
        alone = points(make, 1, range(8))
        for n_workers in (4, 8):
            lost = alone - points(make, n_workers, range(8))
            print(
                f"{label}: {alone.mean():.1f} points alone; with {n_workers} workers "
                f"{lost.mean():.1f} +- {lost.std(ddof=1) / np.sqrt(len(lost)):.1f} fewer",
                flush=True,
            )
    table()
