"""Make hpt_lab/data/broken_models.npz: what the model of *When Bayesian optimization loses* is worth with a wrong belief, for its device.

    python examples/tables/make_broken_models.py        ten minutes of one core

A search has 32 trials on Branin's function, on 60 seeds. `regrets` has an axis each for the lengthscale (0: the lab's Bayesian
optimization, which learns it), the standard deviation of the noise, the number of idle dimensions, and the seed; `random` has
no first and no third one, since random search notices neither. A regret is that of the trial with the lowest reported loss, as
in the lesson. Run it after a change of Bayesian optimization or of random search: a test compares some of it with the lesson.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.surrogates import GaussianProcess, expected_improvement

STORE = Path(__file__).parents[2] / "hpt_lab" / "data" / "broken_models.npz"
LENGTHSCALES, NOISES, IDLE = (0.005, 0.02, 0.1, 0.3, 1.0, 10.0, 0.0), (0, 20, 60), (0, 18)
TRIALS, SEEDS = 32, 60


class FixedBelief:
    """Expected improvement under a Gaussian process whose lengthscale never changes, as in the lesson."""

    def __init__(self, lengthscale: float) -> None:
        self.lengthscale = lengthscale

    def suggest(self, history: hpt.History) -> hpt.Suggestion:
        """Return a random trial, five times, and then the best of 256 random candidates."""
        space, rng = history.space, history.rng
        if len(history.finished) < 5:
            return hpt.Suggestion(space.sample(rng))
        U = np.array([space.encode(trial.params) for trial in history.finished])
        z = np.asarray(history.losses)
        z = (z - z.mean()) / z.std()
        gp = GaussianProcess("matern52", self.lengthscale, 1.0, 1e-4, optimize=False).fit(U, z)
        candidates = rng.random((256, len(space))).round(6)
        improvement = expected_improvement(*gp.predict(candidates), z.min()).round(6)
        return hpt.Suggestion(space.decode(candidates[improvement.argmax()]))


def regret(strategy: hpt.Strategy, noise: float, idle: int, seed: int) -> float:
    """Return the true regret of the trial with the lowest reported loss."""
    branin = problems.branin()
    study = hpt.Study(
        hpt.Space(branin.space.dimensions | {f"dummy_{i}": hpt.Float(0, 1) for i in range(idle)}), strategy, seed=seed
    )
    rng = np.random.default_rng(1000 + seed)
    for _ in range(TRIALS):
        trial = study.ask()
        loss = branin({"x1": trial.params["x1"], "x2": trial.params["x2"]})
        study.tell(trial, round(loss + noise * rng.standard_normal(), 6) if noise else loss)
    best = min(study.trials, key=lambda trial: trial.value)
    return branin({"x1": best.params["x1"], "x2": best.params["x2"]}) - branin.optimum


def main() -> None:
    models = [FixedBelief(value) if value else hpt.BayesianOptimization() for value in LENGTHSCALES]
    seeds = range(SEEDS)
    np.savez_compressed(
        STORE,
        lengthscales=LENGTHSCALES,
        noises=NOISES,
        idle=IDLE,
        random=np.array([[regret(hpt.RandomSearch(), noise, 0, seed) for seed in seeds] for noise in NOISES]),
        regrets=np.array(
            [[[[regret(model, noise, idle, seed) for seed in seeds] for idle in IDLE] for noise in NOISES] for model in models]
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
