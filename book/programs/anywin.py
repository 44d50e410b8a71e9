# One row of the table, honestly: both strategies on one problem, from seed to seed. Change the number of trials, or choose your seed.
import numpy as np

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.strategies.candidates import first_untried, start


class Climb:
    def suggest(self, history):
        n = len(history.trials)
        if n < 8 or not history.finished:
            return first_untried(history, start(history))
        rng, best = history.rng, history.space.encode(history.incumbent.params)
        steps = rng.normal(size=(50, len(best)))
        moved = rng.random(steps.shape) < 0.3
        return first_untried(history, (best + 0.3 * 0.93 ** (n - 8) * moved * steps).clip(0, 1))


def true_losses(strategy, problem, seeds, n_trials=30):
    found = [
        hpt.tune(
            lambda p, s=seed: problem(p, seed=problem.training(s)),
            problem.space,
            strategy,
            n_trials,
            seed=seed,
            progress=False,
        )
        for seed in seeds
    ]
    return np.array([problem(study.best_params, seed=None) for study in found])


problem = problems.get("svm_digits")
zero = true_losses(hpt.RandomSearch(), problem, range(500, 530)).mean()  # random search scores 0, the optimum 100
for name, strategy in {"Climb": Climb(), "TPE": hpt.TPE()}.items():
    scores = 100 * (zero - true_losses(strategy, problem, range(20))) / (zero - problem.optimum)
    print(f"{name:5} {scores.mean():5.1f} on average, by seed:", *scores.round().astype(int))
