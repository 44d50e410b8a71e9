"""scikit-optimize's Gaussian process in the race: at every suggestion a new optimiser is told the trials so far.

It has no conditions and no failures: an inactive hyperparameter stands in the middle, and a failed trial counts as the worst.
"""

import warnings

import skopt

from hpt_lab import Suggestion


def suggest(history):
    warnings.simplefilter("ignore")  # it says so if it asks for a point twice
    space, seed = history.space, int(history.rng.integers(2**31))
    optimizer = skopt.Optimizer([(0.0, 1.0)] * len(space), "GP", n_initial_points=8, random_state=seed)
    if history.finished:
        worst = max(history.losses)
        points = [space.encode(trial.params).tolist() for trial in history.trials]
        optimizer.tell(points, [worst if trial.value is None else trial.value for trial in history.trials])
    return Suggestion(space.decode(optimizer.ask()))
