"""The score of a strategy, its standard error, and which scores differ by more than chance. All of it is defined here.

    score[p, s] = 100 (random[p] - loss[p, s]) / (random[p] - optimum[p])        0: random search, 100: the optimum
    score[s]    = mean over the problems of score[p, s]
    score       = mean over the seeds of score[s]              error = s.d. over the seeds of score[s] / sqrt(n_seeds)

loss : true loss of the search's incumbent, the mean over all tabulated runs         shape (n_problems, n_seeds)
random : mean loss of random search after as many trials, over seeds of its own      shape (n_problems,)
optimum : the best true loss there is                                                shape (n_problems,)

The score is the share of random search's regret that is saved: negative if random search finds more, never clipped.
It is linear in the loss: the logarithm of the regret would reward the tenth digit of a formula more than a better
network, and is infinite at a table's optimum. The error is about these problems and other seeds, not about other
problems, and it is too small if seeds share a tabulated training run (seed modulo the number of runs).

All strategies face the same problems and seeds, so a t-test with n_seeds - 1 degrees of freedom compares the differences
of two strategies' score[s] and, with `MANY` problems or more, a second test the means over the seeds of score[p, s], with
n_problems - 1. They differ if both tests say so: on these problems, and on others like them. One pair in twenty would
differ by luck: the procedure of Holm (1979), *Scandinavian Journal of Statistics* 6, keeps the probability of *any* such
error on the board below 5 %. Chapter 6.
"""

import math

import numpy as np
from numpy.typing import NDArray

from hpt_lab.values.checks import special

Array = NDArray[np.float64]
LEVEL = 0.05  # probability that any two strategies on a board are found to differ by luck alone
WHOLE = 100  # points, from random search to the optimum
MANY = 5  # problems: fewer say nothing about others


def scores(losses: Array, random: Array, optimum: Array) -> Array:
    """Return the score on each problem with each seed, from losses of shape (n_problems, n_seeds)."""
    return WHOLE * (random[:, None] - losses) / (random - optimum)[:, None]


def error(by_seed: Array) -> Array:
    """Return the standard error of the mean over the last axis, for scores of shape (..., n_seeds), n_seeds at least 2."""
    return np.asarray(by_seed.std(axis=-1, ddof=1) / math.sqrt(by_seed.shape[-1]))


def apart(*tables: Array) -> NDArray[np.bool_]:
    """Return which strategies differ, (n_strategies, n_strategies), by Holm's procedure over all pairs.

    The tables have shape (n_strategies, n): mean scores by seed, and by problem. Two strategies must differ in each table.
    """
    n = len(tables[0])
    first, second = np.triu_indices(n, 1)
    p, distinct = np.zeros(len(first)), np.zeros((n, n), bool)
    for table in tables:
        differences = table[first] - table[second]
        mean, width = np.abs(differences.mean(axis=1)), error(differences)
        t = np.divide(mean, width, out=np.where(mean > 0, np.inf, 0.0), where=width > 0)
        p = np.maximum(p, 2 * special.stdtr(table.shape[1] - 1, -t))
    for place, i in enumerate(np.argsort(p, kind="stable")):
        if p[i] > LEVEL / (len(p) - place):
            break
        distinct[first[i], second[i]] = distinct[second[i], first[i]] = True
    return distinct


def ranks(mean: Array, are_apart: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the best and the worst possible rank of each strategy, given those that differ from it."""
    above = mean[None, :] > mean[:, None]
    better, worse = (are_apart & above).sum(axis=1), (are_apart & ~above).sum(axis=1)
    return [(1 + int(b), len(mean) - int(w)) for b, w in zip(better, worse, strict=True)]


def groups(mean: Array, are_apart: NDArray[np.bool_]) -> list[list[int]]:
    """Return the strategies in groups, best first: one that differs from the first of a group begins the next group."""
    grouped: list[list[int]] = []
    for i in np.argsort(-mean, kind="stable").tolist():
        if not grouped or are_apart[grouped[-1][0], i]:
            grouped.append([])
        grouped[-1].append(i)
    return grouped


def resolution(*tables: Array) -> float:
    """Return the points by which two strategies must typically differ: t-quantile times median error; 0 for only one."""
    n_pairs = len(_widths(tables[0]))
    return max(_quantile(n_pairs, t.shape[1]) * float(np.median(_widths(t))) for t in tables) if n_pairs else 0.0


def seeds_for(points: float, by_seed: Array) -> int:
    """Return how many seeds it typically takes to detect a difference of this many points, on a board like this."""
    widths, needed = _widths(by_seed), 2
    spread = float(np.median(widths)) * math.sqrt(by_seed.shape[1]) if len(widths) else 0.0
    while _quantile(max(1, len(widths)), needed) * spread / math.sqrt(needed) > points:
        needed += max(1, needed // 20)
    return needed


def _widths(by_seed: Array) -> Array:
    first, second = np.triu_indices(len(by_seed), 1)
    return error(by_seed[first] - by_seed[second])


def _quantile(n_pairs: int, n_seeds: int) -> float:
    return float(special.stdtrit(n_seeds - 1, 1 - LEVEL / (2 * n_pairs)))
