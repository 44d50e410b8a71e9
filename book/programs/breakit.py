# A Gaussian process with a lengthscale that never changes, against random search: break it, and fix it.
import numpy as np

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.surrogates import GaussianProcess, expected_improvement

lengthscale = 0.3  # 0: the lab's Bayesian optimization, which learns it
noise = 0
idle = 0  # dimensions without any effect

branin = problems.branin()
space = hpt.Space(branin.space.dimensions | {f"dummy_{i}": hpt.Float(0, 1) for i in range(idle)})


class Fixed:
    def suggest(self, history):
        if len(history.finished) < 5:
            return hpt.Suggestion(space.sample(history.rng))
        U, z = np.array([space.encode(trial.params) for trial in history.finished]), history.losses
        z = (z - z.mean()) / z.std()
        gp = GaussianProcess("matern52", lengthscale, 1.0, 1e-4, optimize=False).fit(U, z)
        candidates = history.rng.random((256, len(space))).round(6)
        gain = expected_improvement(*gp.predict(candidates), z.min()).round(6)
        return hpt.Suggestion(space.decode(candidates[gain.argmax()]))


def true(params):
    return branin({"x1": params["x1"], "x2": params["x2"]})


def regret(strategy, seed):
    rng = np.random.default_rng(1000 + seed)
    study = hpt.Study(space, strategy, seed=seed)
    for _ in range(32):
        trial = study.ask()
        study.tell(trial, round(true(trial.params) + noise * rng.standard_normal(), 6) if noise else true(trial.params))
    return true(study.best_params) - branin.optimum


model = Fixed() if lengthscale else hpt.BayesianOptimization()
for name, strategy in {"random search": hpt.RandomSearch(), "this model": model}.items():
    print(f"{name}: mean regret {np.mean([regret(strategy, seed) for seed in range(20)]):.2f} on 20 seeds")
