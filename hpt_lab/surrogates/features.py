"""Features: from params to the columns that a surrogate sees, with distances even where params have no natural ones.

    float, integer    u, its coordinate on the unit interval
    category          one-hot / sqrt(2): two different choices are 1 apart
    conditional u     (cos(pi u / 3), sin(pi u / 3)); (0, 0) if inactive

The last is an arc around the origin, so inactive is at distance 0 from inactive, and 1 from any active value. On the
arc, two values are `2 sin(pi |u - u'| / 6)` apart: between `|u - u'|` and 1.05 times that. Chapter 4.
"""

import numpy as np

from hpt_lab.space import Space
from hpt_lab.values import checks


def features(space: Space, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns that a surrogate sees, for points from `Space.settle`, of shape (n, n_dims).

    The columns have shape (n, n_columns); a second array, of shape (n_columns,), has the dimension of each. Raises
    ValueError if the points have the wrong shape, or are outside the unit cube.
    """
    return embed(space, checks.cube("features: points", points, len(space)))


def embed(space: Space, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the `features` of points that need no check, such as drawn ones."""
    cube, n_dims = space.cube, points.shape[1]
    if not (cube.choices.any() or cube.conditional.any()):
        return np.array(points, order="C"), np.arange(n_dims)
    active, number = cube.activity(points), ~cube.choices
    line, arc = number & ~cube.conditional, number & cube.conditional
    sizes = cube.sizes[cube.choices]
    widths = 1 + cube.conditional
    widths[cube.choices] += sizes.astype(int) - 1
    first = np.cumsum(widths) - widths  # column of each dimension
    columns = np.zeros((len(points), widths.sum()))
    columns[:, first[line]] = points[:, line]
    angle = np.pi * points[:, arc] / 3.0
    columns[:, first[arc]] = np.cos(angle) * active[:, arc]
    columns[:, first[arc] + 1] = np.sin(angle) * active[:, arc]
    choice = np.minimum(np.floor(points[:, cube.choices] * sizes), sizes - 1)
    choice = np.where(active[:, cube.choices], choice, sizes)  # "inactive" is one more choice
    columns[np.arange(len(points))[:, None], first[cube.choices] + choice.astype(int)] = 1.0 / np.sqrt(2.0)
    return columns, np.repeat(np.arange(n_dims), widths)
