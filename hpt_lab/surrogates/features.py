"""From params to the columns a surrogate sees: distances between hyperparameters that have no natural ones.

    float, integer    u, its place on the unit interval
    category          one-hot / sqrt(2): two different choices are 1 apart
    conditional u     (cos(pi u / 3), sin(pi u / 3)); (0, 0) if inactive

The last is an arc around the origin: so inactive is 0 from inactive, and 1 from any active value.

On the arc, two values are `2 sin(pi |u - u'| / 6)` apart: between `|u - u'|` and 1.05 times that. Chapter 4.
"""

from __future__ import annotations

import numpy as np

from hpt_lab.space import Space
from hpt_lab.values import checks

__all__ = ["activity", "features", "settle"]


def activity(space: Space, points: np.ndarray) -> np.ndarray:
    """Which dimensions are active at each of the `points`: see `Space.activity`."""
    return space.activity(points)


def settle(space: Space, points: np.ndarray) -> np.ndarray:
    """The points moved to the values that the objective will see: see `Space.settle`."""
    return space.settle(points)


def features(space: Space, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a surrogate sees of settled points of the unit cube.

    Parameters
    ----------
    space : Space
    points : ndarray of shape (n, n_dims)
        As `settle` gives them.

    Returns
    -------
    columns : ndarray of shape (n, n_columns)
    groups : ndarray of shape (n_columns,)
        Which dimension each column belongs to.

    Raises
    ------
    ValueError
        If the points have another shape, or are outside the unit cube.
    """
    points = checks.cube("features: points", points, len(space))
    active = space.activity(points)
    dimensions = list(space.dimensions.values())
    conditional = np.array([bool(dimension.condition) for dimension in dimensions])
    widths = [1 + bool(d.condition) if d.has_order else d.size + bool(d.condition) for d in dimensions]
    first = np.cumsum([0, *widths[:-1]])  # column of each dimension
    columns = np.zeros((len(points), sum(widths)))

    number = np.array([dimension.has_order for dimension in dimensions])
    line, arc = number & ~conditional, number & conditional
    columns[:, first[line]] = points[:, line]
    angle = np.pi * points[:, arc] / 3.0
    columns[:, first[arc]] = np.cos(angle) * active[:, arc]
    columns[:, first[arc] + 1] = np.sin(angle) * active[:, arc]

    sizes = np.array([dimension.size for dimension, is_number in zip(dimensions, number, strict=True) if not is_number])
    choice = np.minimum(np.floor(points[:, ~number] * sizes), sizes - 1)
    choice = np.where(active[:, ~number], choice, sizes)  # "inactive" is one more choice
    columns[np.arange(len(points))[:, None], first[~number] + choice.astype(int)] = 1.0 / np.sqrt(2.0)
    return columns, np.repeat(np.arange(len(dimensions)), widths)
