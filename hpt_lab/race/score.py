"""What a strategy's score is, how sure it is, and which scores can be told apart. The one place that says so.

    score[p, s] = 100 (random[p] - found[p, s]) / (random[p] - optimum[p])       0: as random search, 100: the optimum
    score[s]    = mean over the problems of score[p, s]
    score       = mean over the seeds of score[s]              error = s.d. over the seeds of score[s] / sqrt(n_seeds)

found : the loss of the trial that the search would deliver, its incumbent; under noise, that trial's true loss (the mean
over all tabulated trainings), not the lucky one that the search saw    shape (n_problems, n_seeds)
random : what random search finds after as many trials, as the mean over many seeds of its own    shape (n_problems,)
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

__all__ = ["apart", "by_seed", "error", "groups", "ranks", "resolution", "scores", "seeds_for"]

Array = NDArray[np.float64]
LEVEL = 0.05  # probability that any two strategies of a board are told apart by luck alone


def scores(found: Array, random: Array, optimum: Array) -> Array:
    """The score of each problem and seed: shape (n_problems, n_seeds), as `found` has it."""
    return 100 * (random[:, None] - found) / (random - optimum)[:, None]


def by_seed(score: Array) -> Array:
    """Of scores of shape (n_problems, n_seeds), what each seed's mean over the problems is: shape (n_seeds,)."""
    return score.mean(axis=0)


def error(of_seeds: Array) -> Array:
    """Standard error of the mean over the last axis, of shape (..., n_seeds) with two seeds or more."""
    return np.asarray(of_seeds.std(axis=-1, ddof=1) / math.sqrt(of_seeds.shape[-1]))


def apart(of_seeds: Array) -> NDArray[np.bool_]:
    """Which strategies can be told apart, by Holm's procedure over all pairs.

    Parameters
    ----------
    of_seeds : ndarray of shape (n_strategies, n_seeds)
        What `by_seed` gives for each strategy, with the same seeds in the same order.

    Returns
    -------
    ndarray of bool, shape (n_strategies, n_strategies)
        Symmetric, and False on the diagonal.
    """
    from scipy.special import stdtr

    first, second = np.triu_indices(len(of_seeds), 1)
    differences = of_seeds[first] - of_seeds[second]
    mean, width = np.abs(differences.mean(axis=1)), error(differences)
    told = np.zeros((len(of_seeds), len(of_seeds)), bool)
    t = np.divide(mean, width, out=np.where(mean > 0, np.inf, 0.0), where=width > 0)
    p = 2 * stdtr(of_seeds.shape[1] - 1, -t)
    for place, i in enumerate(np.argsort(p, kind="stable")):
        if p[i] > LEVEL / (len(p) - place):
            break
        told[first[i], second[i]] = told[second[i], first[i]] = True
    return told


def ranks(mean: Array, told: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The best and the worst rank that each strategy may have, given which of them can be told apart.

    Better than it are those that are apart from it and above it: so many ranks lie before its best one at least.
    """
    above = mean[None, :] > mean[:, None]
    better, worse = (told & above).sum(axis=1), (told & ~above).sum(axis=1)
    return [(1 + int(b), len(mean) - int(w)) for b, w in zip(better, worse, strict=True)]


def groups(mean: Array, told: NDArray[np.bool_]) -> list[list[int]]:
    """The strategies from the best down, in groups: whoever can be told apart from the first of a group begins the next.

    Within a group nobody can be told from its first. The last of a group and the first of the next may be hard to tell
    apart as well: `ranks` says so.
    """
    found: list[list[int]] = []
    for i in np.argsort(-mean, kind="stable").tolist():
        if not found or told[found[-1][0], i]:
            found.append([])
        found[-1].append(i)
    return found


def resolution(of_seeds: Array) -> float:
    """Points by which two of these strategies must differ, typically, to be told apart: the median over the pairs.

    It is the t-quantile of the whole board's level times the standard error of a difference. 0 for a strategy alone.
    """
    widths = _widths(of_seeds)
    n_seeds = of_seeds.shape[1]
    return _quantile(len(widths), n_seeds) * float(np.median(widths)) if len(widths) else 0.0


def seeds_for(points: float, of_seeds: Array) -> int:
    """How many seeds it takes until a difference of so many points is typically told apart, on a board like this one."""
    widths, n_seeds = _widths(of_seeds), of_seeds.shape[1]
    spread = float(np.median(widths)) * math.sqrt(n_seeds) if len(widths) else 0.0
    needed = 2
    while _quantile(max(1, len(widths)), needed) * spread / math.sqrt(needed) > points:
        needed += max(1, needed // 20)
    return needed


def _widths(of_seeds: Array) -> Array:
    first, second = np.triu_indices(len(of_seeds), 1)
    return error(of_seeds[first] - of_seeds[second])


def _quantile(n_pairs: int, n_seeds: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n_seeds - 1, 1 - LEVEL / (2 * n_pairs)))
