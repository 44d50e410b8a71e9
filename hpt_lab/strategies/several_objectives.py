"""Bayesian optimization of several objectives: one model for each, and the volume that a trial may add to the front.

    1. fit a surrogate to each objective: f_j(x) ~ Normal(mean_j(x), std_j(x)^2)
    2. among many candidates, suggest the x with the highest expected hypervolume improvement

The front is that of the means, since a lucky trial may look better than it is. The reference point, which bounds the
volume, is a tenth of the range beyond the worst loss of each objective: near the front's own worst, a front that has
gathered in one corner would have little reason to leave it. Losses are warped first, so that neither the unit of an
objective nor a few absurd losses decide. If trials report constraints, only feasible ones are on the front, and the
improvement is multiplied by the probability that they are kept; before a feasible trial, that probability decides alone
(see `surrogates.feasibility`). In every fourth trial after that, it counts little: a model that has seen one feasible
region would hardly try the space between it and the next. With more than four objectives, the improvement is sampled. Emmerich, Giannakoglou and
Naujoks (2006). Chapter 5.
"""

import math

import numpy as np

from hpt_lab.strategies.candidates import Candidates
from hpt_lab.study import History
from hpt_lab.study.front import BEYOND, non_dominated
from hpt_lab.study.lens import seen
from hpt_lab.surrogates.acquisition import expected_hypervolume_improvement
from hpt_lab.surrogates.feasibility import limits_of
from hpt_lab.surrogates.learning import Learning, expect, features, learn, observed
from hpt_lab.surrogates.threads import one_blas_thread

N_NEAR = 8  # members of the front whose neighbors are candidates, drawn at random: it is long, and each may grow
MOST_MEMBERS = 40  # members of a front of three or more objectives, where the work grows with a power of their number
LEAST = 1e-9  # an improvement below this is rounding error
EVERY, TRUST = 4, 0.3  # in every fourth trial with limits, the logarithm of the probability counts only by this
DECIMALS = 4, 6  # of the logarithm of an improvement, and of a mean: further decimals differ between processors


@one_blas_thread()
def front_first(history: History, learning: Learning, candidates: Candidates) -> np.ndarray:
    """Return candidates of the unit cube, shape (n, n_dims), from the highest expected hypervolume improvement down.

    A failed trial counts as the worst in every objective, and a running one as if it had returned what the models expect.
    """
    space, rng, limits = history.space, history.rng, limits_of(history)
    models, worst = [], []
    for column in history.losses.T:  # (n_finished, n_objectives)
        points, told, running = observed(seen(history, column))
        order = None if limits is None else limits.ranks(told)
        models.append(expect(learn(space, points, told, learning, order), space, running))
        worst.append(models[-1].y_.max() + BEYOND * np.ptp(models[-1].y_))
    likely = None if limits is None else limits.learn(space, points, learning, running)
    points = np.vstack([points, running])
    kept = np.ones(len(points), bool)
    if limits is not None and likely is not None:
        kept = np.append(limits.feasible, likely(running) >= math.log(0.5))
    X = features(space, points)[0]
    means = np.round(np.column_stack([model.predict(X)[0] for model in models]), DECIMALS[1])  # (n, n_objectives)
    members = rng.permutation(np.flatnonzero(kept)[non_dominated(means[kept])])
    front = means[members[:MOST_MEMBERS]] if len(models) > 2 else means[members]

    trust = TRUST if history.trials.n_trials % EVERY == EVERY - 1 else 1.0

    def score(drawn: np.ndarray) -> np.ndarray:
        chance = 0.0 if likely is None else likely(drawn)
        if not len(members):  # nothing is feasible yet
            return np.round(chance, DECIMALS[0])
        X = features(space, drawn)[0]
        mean, std = np.swapaxes([model.predict(X) for model in models], 0, 1)  # (n_objectives, n) each
        gain = expected_hypervolume_improvement(mean, std, front, np.array(worst))
        return np.round(np.log(np.maximum(gain, LEAST)) + trust * chance, DECIMALS[0])

    nearest = members if limits is None or len(members) else np.argsort(limits.violation, kind="stable")
    return candidates.best_first(space, points[nearest[:N_NEAR]], score, rng)
