"""Make hpt_lab/data/earlier.npz: what an earlier study, or a belief, saves in the first twenty trials (lesson 7.2).

    python examples/tables/make_earlier.py        a minute of one core

Last month's study is 30 trials of Bayesian optimization at one 27th of today's budget. Stored are integers, for each of 40
seeds and 20 trials: `regrets`, in thousandths of a percentage point, of shape (cases, ways, seeds, trials); `weights`, of
the same shape, the percent that the ensemble gives to today's own model, -1 where it was not asked; and `believed`, the
regrets on `mlp_mnist` with a right and a wrong belief, of shape (beliefs, betas, seeds, trials). Seed s sees training run
s mod 10. Losses are shuffled on `mlp_mnist` alone; elsewhere, that way is 0 and -1. The lesson recomputes one seed.
"""

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import hpt_lab as hpt
from hpt_lab import problems

N_SEEDS, N_TRIALS, N_EARLIER = 40, 20, 30
CASES = ("svm_mnist", "mlp_mnist", "boosting_boston")
WAYS = ("cold start", "three best", "ten best", "ensemble", "both", "shuffled")
RATES = problems.mlp_mnist().space["learning_rate"].values()
BELIEFS = {"right": {"learning_rate": RATES[5]}, "wrong": {"learning_rate": RATES[9]}}  # 0.0046 and 0.1
BETAS = (2.0, 20.0)
PATH = Path(__file__).parents[2] / "hpt_lab" / "data" / "earlier.npz"


@lru_cache(maxsize=4)
def last_month(problem: problems.Problem, seed: int) -> hpt.Study:
    """Return the study of last month, at one 27th of the budget."""
    budget = problem.budgets[-1] // 27

    def train(params: Any) -> float:
        return problem(params, budget, problem.training(seed))

    return hpt.tune(train, problem.space, hpt.BayesianOptimization(), N_EARLIER, seed=500 + seed, progress=False)


def shuffled(study: hpt.Study, seed: int) -> hpt.Study:
    """Return a study with the same params and the same losses, but in a random order."""
    mixed = hpt.Study(study.space, hpt.RandomSearch())
    losses = np.random.default_rng(seed).permutation([trial.value for trial in study.trials])
    for trial, loss in zip(study.trials, losses.tolist(), strict=True):
        mixed.add(trial.params, loss)
    return mixed


def search(
    problem: problems.Problem, seed: int, start: Any = (), n_trials: int = N_TRIALS, **known: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return regret after each trial, in percentage points, and the weight of today's own model in each, NaN without."""
    which = problem.training(seed)

    def train(params: Any) -> float:
        return problem(params, seed=which)

    strategy = hpt.BayesianOptimization(**known)
    study = hpt.tune(train, problem.space, strategy, n_trials, seed=seed, start=start, progress=False)
    best = np.minimum.accumulate([trial.value for trial in study.trials])
    weights = np.array([trial.info.get("weights", [np.nan])[-1] for trial in study.trials])
    return 100 * (best - problem.optimum_at(which)), weights


def one(case: str, way: str, seed: int, n_trials: int = N_TRIALS) -> tuple[np.ndarray, np.ndarray]:
    """Return what `search` returns, for one of the ways to use last month's study."""
    problem = problems.get(case, n_seeds=10)
    if way == "cold start":
        return search(problem, seed, n_trials=n_trials)
    old = last_month(problem, seed)
    first = [trial.params for trial in old.history.ranked[: {"three best": 3, "ten best": 10, "both": 3}.get(way, 0)]]
    earlier = {"ensemble": [old], "both": [old], "shuffled": [shuffled(old, seed)]}.get(way, [])
    return search(problem, seed, start=first, n_trials=n_trials, earlier=earlier)


def main() -> None:
    regrets = np.zeros((len(CASES), len(WAYS), N_SEEDS, N_TRIALS))
    weights = np.full(regrets.shape, np.nan)
    believed = np.zeros((len(BELIEFS), len(BETAS), N_SEEDS, N_TRIALS))
    for seed in range(N_SEEDS):
        for i, case in enumerate(CASES):
            for j, way in enumerate(WAYS if case == "mlp_mnist" else WAYS[:-1]):
                regrets[i, j, seed], weights[i, j, seed] = one(case, way, seed)
        for i, belief in enumerate(BELIEFS.values()):
            for j, beta in enumerate(BETAS):
                believed[i, j, seed] = search(problems.mlp_mnist(n_seeds=10), seed, belief=belief, beta=beta)[0]
        print(seed, file=sys.stderr, flush=True)
        percent = np.where(np.isnan(weights), -1, np.round(100 * weights)).astype(np.int8)
        stored = {
            name: np.round(1000 * values).astype(np.int32)
            for name, values in (("regrets", regrets), ("believed", believed))
        }
        np.savez_compressed(PATH, weights=percent, **stored)


if __name__ == "__main__":
    main()
