"""Make hpt_lab/data/leads.npz: the winners of the 120 pairs of searches in the lesson *Does learning pay?*, for its device.

    python examples/tables/make_leads.py        a minute of one core

`random` and `bayesian` have a row for each seed: the error that the search reports for its winner, and the winner's mean
error on the two networks that the search did not see, both as multiples of 1 / `unit`. Seed s saw network s mod 3 (of
`networks`) at stop s // 3 mod 10 (of `stops`). Run it after a change of these two strategies, or of the table `mlp_mnist`:
a test compares what is stored with what the lesson prints.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import hpt_lab as hpt
from hpt_lab import problems

STORE = Path(__file__).parents[2] / "hpt_lab" / "data" / "leads.npz"
STOPS, NETWORKS, SEEDS = range(18, 28), 3, 120
UNIT = 4000  # 2000 digits, and the mean of two networks


def winner(strategy: hpt.Strategy, seed: int) -> tuple[int, int]:
    """Return what the lesson's search with this seed reports for its winner, and the winner's error in the re-test, in 4000ths."""
    problem = problems.mlp_mnist()
    stop, network = STOPS[seed // NETWORKS % len(STOPS)], seed % NETWORKS
    study = hpt.tune(
        lambda params: problem(params, stop, network), problem.space, strategy, n_trials=30, seed=seed, progress=False
    )
    best = study.best
    others = [problem(best.params, stop, other) for other in range(NETWORKS) if other != network]
    return round(UNIT * best.value), round(UNIT * float(np.mean(others)))


def main() -> None:
    strategies = {"random": hpt.RandomSearch(), "bayesian": hpt.BayesianOptimization()}
    stored: dict[str, Any] = {"unit": UNIT, "networks": NETWORKS, "stops": list(STOPS)}
    for name, strategy in strategies.items():
        stored[name] = np.array([winner(strategy, seed) for seed in range(SEEDS)], dtype=np.int16)
    np.savez_compressed(STORE, **stored)


if __name__ == "__main__":
    main()
