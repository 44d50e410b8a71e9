"""The unit cube of a space: points of shape (n_points, n_dims), unchecked. `Space` checks those that a user passes.

Quasi-random points of the unit cube, with fewer gaps and clumps than random ones. Sobol (1967). Chapter 2.
"""

import math
from collections.abc import Mapping
from functools import cached_property, lru_cache

import numpy as np

from hpt_lab.space.bins import Conditions, Dimension

COORDINATE_DECIMALS = 6  # of a settled coordinate


class Cube:
    """The points of a space.

    Attributes
    ----------
    choices, conditional : ndarray of bool, shape (n_dims,), True for dimensions without an order, and with a condition
    sizes : ndarray of shape (n_dims,), the number of values of each, infinite for a continuous one
    """

    def __init__(self, dimensions: Mapping[str, Dimension], conditions: Conditions, order: tuple[str, ...]) -> None:
        self._names, self._dimensions = list(dimensions), list(dimensions.values())
        self._conditions, self._order = conditions, order
        self.choices = np.array([not dimension.has_order for dimension in self._dimensions], bool)
        self.conditional = np.array([bool(conditions[name]) for name in self._names], bool)
        self.sizes = np.array([dimension.size for dimension in self._dimensions], float)
        equal = [i for i, dimension in enumerate(self._dimensions) if dimension.has_equal_bins]
        self._equal_bins, self._n_bins = np.array(equal, int), self.sizes[equal]
        self._other_bins = [i for i, d in enumerate(self._dimensions) if not (d.is_continuous or d.has_equal_bins)]

    def snap(self, points: np.ndarray) -> np.ndarray:
        """Return encode(decode(u)) of each point, apart from conditions."""
        snapped, columns, n_bins = points.copy(), self._equal_bins, self._n_bins
        if len(columns):
            snapped[:, columns] = (np.minimum(np.floor(points[:, columns] * n_bins), n_bins - 1) + 0.5) / n_bins
        for i in self._other_bins:
            snapped[:, i] = self._dimensions[i].snap(points[:, i])
        return snapped

    def activity(self, points: np.ndarray) -> np.ndarray:
        """Return active(decode(u)) of each point: bool, (n_points, n_dims), exact even for parents with 10^12 values."""
        active = np.ones(points.shape, bool)
        keys: dict[int, np.ndarray] = {}
        for child, parents in self._links:
            for parent, wanted in parents:
                if parent not in keys:
                    keys[parent] = self._dimensions[parent].keys(points[:, parent])
                met = keys[parent] == wanted[0] if len(wanted) == 1 else np.isin(keys[parent], wanted)
                active[:, child] &= active[:, parent] & met
        return active

    @cached_property
    def _links(self) -> list[tuple[int, list[tuple[int, list[float]]]]]:
        """The columns of dimensions with conditions, each with the columns and the required keys of its parents."""
        column = {name: i for i, name in enumerate(self._names)}
        parents = {name: list(self._conditions[name].items()) for name in self._order if self._conditions[name]}
        return [(column[name], [(column[parent], list(keys)) for parent, keys in of]) for name, of in parents.items()]

    def settle(self, points: np.ndarray) -> np.ndarray:
        """Return the points moved to the values that the objective will see, with inactive coordinates at 0.5."""
        snapped = self.snap(points)
        settled = np.round(snapped, COORDINATE_DECIMALS)
        for i, decimals in self._more_decimals.items():
            settled[:, i] = np.round(snapped[:, i], decimals)
        return np.where(self.activity(settled), settled, 0.5) if self._links else settled

    @cached_property
    def _more_decimals(self) -> dict[int, int]:
        """The decimals that tell the values of a parent apart, by its column, where COORDINATE_DECIMALS are too few."""
        decimals = {}
        for i in sorted({parent for _, parents in self._links for parent, _ in parents}):
            left, right = self._dimensions[i].edges(self._dimensions[i].snap(np.ones(1)))  # the narrowest: the last
            width = float(right[0] - left[0]) or 1e-12
            if width < 2 * 10.0**-COORDINATE_DECIMALS:
                decimals[i] = math.ceil(math.log10(2 / width))
        return decimals


@lru_cache(maxsize=32)
def sobol_points(n_dims: int, seed: int, m: int) -> np.ndarray:
    """Return the first 2^m points of a Sobol sequence, scrambled by `seed`: shape (2^m, n_dims), read-only."""
    from scipy.stats import qmc

    points = qmc.Sobol(n_dims, scramble=True, rng=seed).random_base2(m)
    points.flags.writeable = False  # the next caller gets the same array
    return points
