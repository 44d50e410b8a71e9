"""Feasibility: how likely a point is to keep within all limits, given the constraints that the trials have reported.

A constraint c is a number that a trial reports besides its value; at most 0 is feasible. Like the loss, each constraint
has a surrogate, c(x) ~ Normal(mean_c, std_c^2), and the goal of EI is the best *feasible* loss:

    P(feasible) = prod_c Phi(-mean_c / std_c)        constrained EI = EI P(feasible); before a feasible trial, P alone

The surrogate sees bent numbers, sign(c) log(1 + abs(c) / m), with m the median size of those that are not 0: what counts
is where c crosses 0, and a few huge numbers would hide that. A failed trial teaches the constraints that it has reported,
if any. Schonlau, Welch and Jones (1998); Gardner et al. (2014); the bend: Eriksson and Poloczek (2021). Chapter 5.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hpt_lab.space import Space
from hpt_lab.study import History
from hpt_lab.study.log import ByState
from hpt_lab.surrogates.learning import Learning, expect, features, learn, thinned
from hpt_lab.values.checks import special

LogProbability = Callable[[np.ndarray], np.ndarray]  # from points (m, n_dims) to (m,)
LEAST = 1e-9  # standard deviation: below it, the constraint counts as known
LARGEST_CONSTRAINT = 1e150  # size of a constraint: beyond it, all count as this large
BELOW_ALL = 1e6  # below any value of an acquisition function that may be negative


@dataclass(frozen=True)
class Limits:
    """The constraints of the finished trials, in the order of the trials."""

    bent: np.ndarray  # (n, n_constraints), NaN where not reported
    violation: np.ndarray  # (n,), the sum of the bent constraints above 0; infinite for a failed trial

    @property
    def feasible(self) -> np.ndarray:
        """True for each trial that is complete and within all limits, shape (n,)."""
        return self.violation == 0

    def ranks(self, losses: np.ndarray) -> np.ndarray:
        """Return the rank of each trial, from 0, shape (n,): feasible ones by loss, then the others by violation."""
        return np.argsort(np.lexsort((losses, self.violation)), kind="stable")

    def learn(self, space: Space, points: np.ndarray, learning: Learning, running: np.ndarray) -> LogProbability:
        """Return a function, the log of P(feasible), learned from the constraints at the trials' `points`, (n, n_dims).

        Of many trials, a surrogate learns from those nearest to the border, and from some of the others.
        """
        learning = replace(learning, warp=False, kernels=learning.kernels[:1])
        surrogates = []  # with the limit, in units of the standardized constraint
        for constraint in self.bent.T:
            known = ~np.isnan(constraint)
            bent, nearness = constraint[known], np.abs(constraint[known])
            kept = bent[thinned(nearness, learning.max_points)]
            if kept.std() > LEAST:  # otherwise it teaches nothing yet
                model = expect(learn(space, points[known], bent, learning, nearness), space, running)
                surrogates.append((model, -kept.mean() / kept.std()))

        def log_probability(points: np.ndarray) -> np.ndarray:
            X, total = features(space, points)[0], np.zeros(len(points))
            for model, limit in surrogates:
                mean, std = model.predict(X)
                total += log_feasibility(mean - limit, std)
            return total

        return log_probability


def limits_of(history: History) -> Limits | None:
    """Return the constraints of a history's finished trials; None if no trial has reported any."""
    if not history.constrained:
        return None
    states = history.index(ByState)
    finished = [
        trial for _, trial in sorted([*zip(states.places, states.complete, strict=True), *states.failed.items()])
    ]
    names = sorted({name for trial in finished for name in trial.constraints})
    bent = bend(np.array([[trial.constraints.get(name, math.nan) for name in names] for trial in finished]))
    violation = np.ceil(1e9 * np.nansum(np.maximum(bent, 0.0), axis=1)) / 1e9  # up: above 0 it must remain
    return Limits(bent, np.where([trial.state == "complete" for trial in finished], violation, math.inf))


def bend(constraints: np.ndarray) -> np.ndarray:
    """Return sign(c) log(1 + abs(c) / m) for each column of constraints, of the same shape; 0 stays 0, NaN stays NaN."""
    size = np.minimum(np.abs(constraints), LARGEST_CONSTRAINT)
    medians = [max(np.median(c[c > 0]), 1.0 / LARGEST_CONSTRAINT) if (c > 0).any() else 1.0 for c in size.T]
    return np.sign(constraints) * np.log1p(size / medians)


def log_feasibility(mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return log P(c <= 0) for a constraint c ~ Normal(mean, std^2), shape (m,)."""
    return special.log_ndtr(-mean / np.maximum(std, LEAST))


def limited(acquisition: str, value: np.ndarray, log_probability: np.ndarray | float) -> np.ndarray:
    """Return an acquisition function's values, shape (m,), with the log of P(feasible) taken into account.

    An improvement is multiplied by the probability that it is feasible. Where the values are not improvements ("lcb",
    "thompson"), points that are more likely feasible than not come first, in their order, then the others by P(feasible).
    """
    if acquisition == "log_ei":
        return value + log_probability
    if acquisition in ("ei", "pi"):
        return value * np.exp(log_probability)
    return np.where(log_probability >= math.log(0.5), value, log_probability - BELOW_ALL)
