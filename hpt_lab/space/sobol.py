"""Quasi-random points of the unit cube, with fewer gaps and clumps than random ones. Sobol (1967). Chapter 2."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=32)
def sobol_points(n_dims: int, seed: int, m: int) -> np.ndarray:
    """Return the first 2^m points of a Sobol sequence, scrambled by `seed`: shape (2^m, n_dims), read-only."""
    from scipy.stats import qmc

    points = qmc.Sobol(n_dims, scramble=True, rng=seed).random_base2(m)
    points.flags.writeable = False  # the next caller gets the same array
    return points
