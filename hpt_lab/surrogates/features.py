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
    """Which dimensions are active at each of the `points` of the unit cube: bool, both of shape (n, n_dims)."""
    if not space.conditional:
        return np.ones(points.shape, bool)
    parents = [i for i, name in enumerate(space) if any(name in other.condition for other in space.dimensions.values())]
    combinations, which = np.unique(np.round(space.snap(points)[:, parents], 6), axis=0, return_inverse=True)
    corners = np.full((len(combinations), len(space)), 0.5)
    corners[:, parents] = combinations
    return np.array([space.active(space.decode(u)) for u in corners])[which.reshape(-1)]


def settle(space: Space, points: np.ndarray) -> np.ndarray:
    """The points moved to the values that the objective will see, to 6 decimals, with inactive coordinates at 0.5."""
    return np.round(np.where(activity(space, points), space.snap(points), 0.5), 6)


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
