"""Random search, and its evenly spread cousin. Neither looks at a result.

    random        u ~ Uniform([0, 1]^d), independent of every other trial    (Bergstra and Bengio 2012)
    quasi-random  u_n = the n-th point of a scrambled Sobol sequence  (Sobol 1967; scrambling: SciPy's)

u is a point of the unit cube of the space's d dimensions. Chapter 2 shows why n random trials cover n values of every
axis where a grid covers the d-th root of n, and what low-discrepancy points add.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hpt_lab.study import History, Suggestion


class RandomSearch:
    """Suggest independent uniform draws from the space, forever."""

    def suggest(self, history: History) -> Suggestion:
        return Suggestion(history.space.sample(history.rng))

    def __repr__(self) -> str:
        return "RandomSearch()"


class QuasiRandomSearch:
    """Suggest the points of one Sobol sequence, scrambled by the study's seed, forever.

    Any first 2^m points fall one into each of 2^m equal slices of every axis. Random points leave gaps and clumps.
    """

    def suggest(self, history: History) -> Suggestion:
        number = len(history.trials)
        points = sobol_points(len(history.space), history.seed, max(number.bit_length(), 4))
        return Suggestion(history.space.decode(points[number]))

    def __repr__(self) -> str:
        return "QuasiRandomSearch()"


@lru_cache(maxsize=32)
def sobol_points(n_dims: int, seed: int, m: int) -> np.ndarray:
    """The first 2^m points of a Sobol sequence in [0, 1)^n_dims, scrambled by `seed`: shape (2^m, n_dims), read-only."""
    from scipy.stats import qmc

    points = qmc.Sobol(n_dims, scramble=True, rng=seed).random_base2(m)
    points.flags.writeable = False  # everybody who asks gets this very array
    return points
