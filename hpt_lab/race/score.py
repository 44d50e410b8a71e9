"""The score of a strategy, its standard error, and which scores can be told apart. The one place that says so.

    score[p, s] = 100 (random[p] - loss[p, s]) / (random[p] - optimum[p])        0: as random search, 100: the optimum
    score[s]    = mean over the problems of score[p, s]
    score       = mean over the seeds of score[s]              error = s.d. over the seeds of score[s] / sqrt(n_seeds)

loss : of the trial that the search would deliver, its incumbent; under noise, that trial's true loss (the mean over all
tabulated trainings), not the lucky one that the search saw    shape (n_problems, n_seeds)
random : the loss of random search after as many trials, as the mean over many seeds of its own    shape (n_problems,)
optimum : the best true loss there is    shape (n_problems,)

The score is the share of random search's regret that the strategy saves, averaged. It is linear in the loss, and so can
be averaged over seeds: the logarithm of the regret would reward the tenth digit of a formula more than a better network,
and is infinite where a table's optimum is found. It is negative where random search finds more, and is never clipped.

The error is about these problems and other seeds: the luck of the dice. How a strategy does on problems that are not
here, it cannot say; and seeds that share a tabulated training (seed modulo its number) are not independent of each other.

Two strategies meet the same problems with the same seeds, so they are compared by the differences of their score[s], in a
t-test with n_seeds - 1 degrees of freedom. Among m strategies there are m (m - 1) / 2 pairs, and one in twenty of them
would be found apart by luck: Holm (1979), *Scandinavian Journal of Statistics* 6, keeps the probability of *any* such
error, on the whole board, below 5 %. Chapter 6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["apart", "error", "groups", "ranks", "resolution", "scores", "seeds_for"]

Array = NDArray[np.float64]
LEVEL = 0.05  # probability that any two strategies of a board are told apart by luck alone


def scores(losses: Array, random: Array, optimum: Array) -> Array:
    """Return the score of each problem and seed, from losses of shape (n_problems, n_seeds)."""
    return 100 * (random[:, None] - losses) / (random - optimum)[:, None]


def error(by_seed: Array) -> Array:
    """Return the standard error of the mean over the last axis, of shape (..., n_seeds) with two seeds or more."""
    return np.asarray(by_seed.std(axis=-1, ddof=1) / math.sqrt(by_seed.shape[-1]))


def apart(by_seed: Array) -> NDArray[np.bool_]:
    """Return which strategies can be told apart, by Holm's procedure over all pairs.

    Parameters
    ----------
    by_seed : ndarray of shape (n_strategies, n_seeds)
        Of each strategy, its mean score over the problems, with the same seeds in the same order.

    Returns
    -------
    ndarray of bool, shape (n_strategies, n_strategies)
        Symmetric, and False on the diagonal.
    """
    from scipy.special import stdtr

    first, second = np.triu_indices(len(by_seed), 1)
    differences = by_seed[first] - by_seed[second]
    mean, width = np.abs(differences.mean(axis=1)), error(differences)
    distinct = np.zeros((len(by_seed), len(by_seed)), bool)
    t = np.divide(mean, width, out=np.where(mean > 0, np.inf, 0.0), where=width > 0)
    p = 2 * stdtr(by_seed.shape[1] - 1, -t)
    for place, i in enumerate(np.argsort(p, kind="stable")):
        if p[i] > LEVEL / (len(p) - place):
            break
        distinct[first[i], second[i]] = distinct[second[i], first[i]] = True
    return distinct


def ranks(mean: Array, are_apart: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the best and the worst rank that each strategy may have, given which of them can be told apart.

    Better than it are those that are apart from it and above it: so many ranks lie before its best one at least.
    """
    above = mean[None, :] > mean[:, None]
    better, worse = (are_apart & above).sum(axis=1), (are_apart & ~above).sum(axis=1)
    return [(1 + int(b), len(mean) - int(w)) for b, w in zip(better, worse, strict=True)]


def groups(mean: Array, are_apart: NDArray[np.bool_]) -> list[list[int]]:
    """Return the strategies from the best down, in groups: who can be told apart from the first of a group begins the next.

    Within a group nobody can be told apart from its first. The last of a group and the first of the next may be hard to tell
    apart as well: `ranks` says so.
    """
    grouped: list[list[int]] = []
    for i in np.argsort(-mean, kind="stable").tolist():
        if not grouped or are_apart[grouped[-1][0], i]:
            grouped.append([])
        grouped[-1].append(i)
    return grouped


def resolution(by_seed: Array) -> float:
    """Return the points by which two of these strategies must differ, typically, to be told apart: the median over the pairs.

    It is the t-quantile of the whole board's level times the standard error of a difference. 0 for a strategy alone.
    """
    widths = _widths(by_seed)
    n_seeds = by_seed.shape[1]
    return _quantile(len(widths), n_seeds) * float(np.median(widths)) if len(widths) else 0.0


def seeds_for(points: float, by_seed: Array) -> int:
    """Return how many seeds it takes until a difference of so many points is typically told apart, on a board like this one."""
    widths, n_seeds = _widths(by_seed), by_seed.shape[1]
    spread = float(np.median(widths)) * math.sqrt(n_seeds) if len(widths) else 0.0
    needed = 2
    while _quantile(max(1, len(widths)), needed) * spread / math.sqrt(needed) > points:
        needed += max(1, needed // 20)
    return needed


def _widths(by_seed: Array) -> Array:
    first, second = np.triu_indices(len(by_seed), 1)
    return error(by_seed[first] - by_seed[second])


def _quantile(n_pairs: int, n_seeds: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n_seeds - 1, 1 - LEVEL / (2 * n_pairs)))
