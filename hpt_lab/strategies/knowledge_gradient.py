"""Bayesian optimization that may measure again: the knowledge gradient chooses between new points and old ones.

    1. fit the Gaussian process to all measurements, repeated ones included
    2. of the points measured so far and the most promising new ones, suggest the one with the highest knowledge gradient

Noise makes the lowest of many measurements too low (see chapter 5). A search that never repeats a measurement can only
smooth over its neighbors; this one asks, each time, whether a second look at a good point is worth more than a first
look at a new one. Frazier, Powell and Dayanik (2009). Chapter 7.
"""

from __future__ import annotations

import numpy as np

from hpt_lab.strategies.candidates import NEAR, Candidates
from hpt_lab.strategies.untried import first_untried, start
from hpt_lab.study import History, Suggestion
from hpt_lab.surrogates.acquisition import log_ei
from hpt_lab.surrogates.features import embed
from hpt_lab.surrogates.knowledge_gradient import knowledge_gradient
from hpt_lab.surrogates.learning import Learning, expect, model_of, observed
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values.checks import integer

N_BEST = 4
DECIMALS = 6


class KnowledgeGradient:
    def __init__(self, n_initial: int | None = None, *, n_new: int = 40, n_again: int = 20) -> None:
        who = "KnowledgeGradient: "
        self.learning = Learning(n_initial=n_initial, warp=False, kernels=("matern52",))
        self.n_new, self.n_again = integer(who + "n_new", n_new, least=1), integer(who + "n_again", n_again, least=0)

    def suggest(self, history: History) -> Suggestion | None:
        space, rng, number = history.space, history.rng, history.trials.n_trials
        points, losses, running = observed(history)
        if number < self.learning.first(space) or not len(losses):
            n_dims = len(space.dimensions)
            return first_untried(history, start(history) if number else np.full((1, n_dims), 0.5), origin="initial")
        with one_blas_thread():
            model = expect(model_of(space, points, losses, self.learning), space, running)
            old = np.unique(points, axis=0)
            mean_old = model.posterior(embed(space, old)[0])[0]
            old = old[np.argsort(np.round(mean_old, DECIMALS), kind="stable")[: max(self.n_again, N_BEST)]]
            goal = float(mean_old.min())
            new = np.unique(Candidates(near=NEAR, rounds=()).draw(space, old[:N_BEST], rng), axis=0)
            mean, std = model.posterior(embed(space, new)[0])
            new = new[np.argsort(-np.round(log_ei(goal - mean, std), 4), kind="stable")[: self.n_new]]
            both = np.vstack([new, old])
            value = np.round(knowledge_gradient(*model.joint(embed(space, both)[0]), model.noise_variance_), DECIMALS)
            if not self.n_again:
                value[len(new) :] = -1
        best = int(value.argmax())
        return Suggestion(space.at(both[best]), info={"origin": "new" if best < len(new) else "again"})

    def __repr__(self) -> str:
        return f"KnowledgeGradient({self.learning.n_initial}, n_new={self.n_new}, n_again={self.n_again})"
