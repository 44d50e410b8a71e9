"""From params to the columns a surrogate sees: distances between hyperparameters that have no natural ones.

    float, integer     u                                    the place on the unit interval, of the value that is used
    category           one-hot / sqrt(2)                    two different choices are 1 apart
    conditional u      (cos(pi u / 3), sin(pi u / 3))       an arc around the origin, where it sits if inactive: so
                       or (0, 0) if inactive                inactive is 0 from inactive, and 1 from any active value

On the arc, two values are 2 sin(pi |u - u'| / 6) apart: between |u - u'| and 1.05 |u - u'|. Chapter 4.
"""

from __future__ import annotations

import numpy as np

from hpt_lab.space import Categorical, Space

__all__ = ["activity", "features", "settle"]


def activity(space: Space, points: np.ndarray) -> np.ndarray:
    """Which dimensions are active at each of the `points`: see `Space.activity`."""
    return space.activity(points)


def settle(space: Space, points: np.ndarray) -> np.ndarray:
    """The points moved to the values that the objective will see: see `Space.settle`."""
    return space.settle(points)


def features(space: Space, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of shape (n, n_columns) for settled `points`, and which dimension each column belongs to."""
    active = activity(space, points)
    blocks = []
    for dimension, u, on in zip(space.dimensions.values(), points.T, active.T, strict=True):
        if isinstance(dimension, Categorical):
            index = np.where(on, np.floor(u * dimension.size), dimension.size)  # "inactive" is one more choice
            blocks.append((index[:, None] == np.arange(dimension.size + bool(dimension.condition))) / np.sqrt(2.0))
        elif dimension.condition:
            blocks.append(np.column_stack([np.cos(np.pi * u / 3.0) * on, np.sin(np.pi * u / 3.0) * on]))
        else:
            blocks.append(u[:, None])
    groups = np.repeat(np.arange(len(blocks)), [block.shape[1] for block in blocks])
    return np.hstack(blocks), groups
