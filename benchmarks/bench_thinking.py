"""What a thought costs: CPU milliseconds a suggestion of Bayesian optimization, ours and two peers', in one run.

    python benchmarks/bench_thinking.py

Each optimiser is given the same random trials of a noisy quadratic, and then suggests as many as it takes the lab to
learn its lengthscales anew (15 % more trials; the peers learn at each). The table gives the mean, and how many times
longer a peer thinks. Needs the extra `peers`; Optuna's Gaussian process needs torch as well, and is left out without it.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable

import numpy as np
import pytest

import hpt_lab as hpt


def quadratic(u: np.ndarray) -> float:
    return float(np.sum((np.asarray(u) - 0.37) ** 2) + 0.1 * np.sin(9 * u[0]))


def history(n_dims: int, n_trials: int) -> tuple[list[list[float]], list[float]]:
    X = np.random.default_rng(1).random((n_trials, n_dims)).tolist()
    return X, [quadratic(x) for x in X]


def ours(n_dims: int, n_trials: int, n_more: int) -> float:
    space = hpt.Space({f"x{i}": hpt.Float(0, 1) for i in range(n_dims)})
    study = hpt.Study(space, hpt.ManualSearch(_params(x) for x in history(n_dims, n_trials)[0]), seed=0)
    for _ in range(n_trials):
        trial = study.ask()
        study.tell(trial, quadratic(list(trial.params.values())))
    study.strategy = hpt.BayesianOptimization()
    first = study.ask()  # reads the history once
    study.tell(first, quadratic(list(first.params.values())))
    started = time.process_time()
    for _ in range(n_more):
        trial = study.ask()
        study.tell(trial, quadratic(list(trial.params.values())))
    return (time.process_time() - started) / n_more


def _params(x: list[float]) -> dict[str, float]:
    return {f"x{i}": value for i, value in enumerate(x)}


def scikit_optimize(n_dims: int, n_trials: int, n_more: int) -> float:
    import skopt

    X, y = history(n_dims, n_trials)
    started = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = [(0.0, 1.0)] * n_dims
        skopt.gp_minimize(quadratic, box, n_calls=n_more, n_initial_points=0, x0=X, y0=y, random_state=0)
    return (time.process_time() - started) / (n_more + 1)  # it learns once before its first trial


def optuna_gp(n_dims: int, n_trials: int, n_more: int) -> float:
    import optuna
    import torch

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    ranges = {f"x{i}": optuna.distributions.FloatDistribution(0, 1) for i in range(n_dims)}
    study = optuna.create_study(sampler=optuna.samplers.GPSampler(seed=0))
    for x, y in zip(*history(n_dims, n_trials), strict=True):
        study.add_trial(optuna.trial.create_trial(params=_params(x), distributions=ranges, value=y))
    study.tell(study.ask(ranges), 1.0)
    started = time.process_time()
    for _ in range(n_more):
        trial = study.ask(ranges)
        study.tell(trial, quadratic([trial.params[name] for name in ranges]))
    return (time.process_time() - started) / n_more


PEERS: dict[str, tuple[str, Callable[[int, int, int], float]]] = {
    "gp_minimize": ("skopt", scikit_optimize),
    "Optuna GPSampler": ("torch", optuna_gp),
}


def table(sizes: list[tuple[int, int]], n_more: int | None = None) -> list[dict[str, float]]:
    """Print a row for each (number of dimensions, number of trials); CPU seconds a suggestion of everybody."""
    present = {name: thinks for name, (package, thinks) in PEERS.items() if importlib.util.find_spec(package)}
    print(f"{'dimensions':>10} {'trials':>7} {'the lab':>10}", *(f"{name:>26}" for name in present))
    rows = []
    for n_dims, n_trials in sizes:
        row = {"the lab": ours(n_dims, n_trials, n_more or -(-15 * n_trials // 100))}
        line = f"{n_dims:>10} {n_trials:>7} {1000 * row['the lab']:>7.1f} ms"
        for name, thinks in present.items():
            row[name] = thinks(n_dims, n_trials, n_more or 5)
            line += f" {1000 * row[name]:>13.0f} ms = {row[name] / row['the lab']:>5.0f} x"
        print(line, flush=True)
        rows.append(row)
    return rows


@pytest.mark.benchmark
def test_a_thought_costs_a_hundredth_of_scikit_optimizes():
    row = table([(5, 100)])[0]
    assert row["the lab"] < 0.01 * row["gp_minimize"]


@pytest.mark.benchmark
def test_a_thought_after_a_thousand_trials_takes_less_than_20_milliseconds():
    assert ours(20, 1000, 20) < 0.02


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 200])
    parser.add_argument("--dimensions", type=int, nargs="+", default=[5, 20])
    chosen = parser.parse_args()
    table([(n_dims, n_trials) for n_trials in chosen.trials for n_dims in chosen.dimensions])
