"""The front of several objectives: what can be had at best, when no loss gets lower without another getting higher.

    a dominates b      a_i <= b_i for all objectives i, and a_i < b_i for at least one
    front 0            what nothing dominates; front k: what only members of earlier fronts dominate
    crowding           how far apart a member's neighbors on its front are, over all objectives; infinite at the ends
    hypervolume        the volume that a front dominates, below a reference point: the larger, the better

`losses` are always minimized, of shape (n, n_objectives). Deb et al. (2002), NSGA-II, sections III-A and III-B; the
hypervolume of Zitzler and Thiele (1998), by slices: Knowles (2002); While et al. (2006). Chapter 5.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpt_lab.study.directions import MINIMIZE, directions_of
from hpt_lab.values.checks import array, require, short

DISTANCE_DECIMALS = 9  # of a crowding distance, when trials are put in order


def _points(who: str, losses: Any) -> np.ndarray:
    points = array(who, losses)
    if points.ndim != 2 or not points.shape[1] or not np.isfinite(points).all():
        must = "must be finite, with a row for each point and a column for each objective"
        raise ValueError(f"{who}={short(losses)} {must}")
    return points


def front_numbers(losses: Any) -> np.ndarray:
    """Return the number of the front of each point, from 0: the longest chain of points that dominate it, (n,)."""
    points = _points("front_numbers: losses", losses)
    order = np.lexsort(points.T[::-1])  # whatever dominates a point comes before it
    points, numbers = points[order], np.zeros(len(points), int)
    for i in range(1, len(points)):
        above = (points[:i] <= points[i]).all(axis=1) & (points[:i] < points[i]).any(axis=1)
        numbers[i] = numbers[:i][above].max(initial=-1) + 1
    return numbers[np.argsort(order)]


def non_dominated(losses: Any) -> np.ndarray:
    """Return True for each point that no other dominates: shape (n,). Of equal points, all are.

    Examples
    --------
    >>> non_dominated([[1, 4], [2, 2], [3, 3], [4, 1]]).tolist()
    [True, True, False, True]
    """
    points = _points("non_dominated: losses", losses)
    kept = np.ones(len(points), bool)
    for i, point in enumerate(points):
        if kept[i]:  # what it dominates dominates nothing that it does not
            kept &= ~((point <= points).all(axis=1) & (point < points).any(axis=1))
    return kept


def crowding_distances(losses: Any) -> np.ndarray:
    """Return the crowding distance of each point of one front, (n,): infinite for the ends of each objective.

    It is the sum, over the objectives, of the gap between the next lower and the next higher loss, in shares of the range.
    """
    points = _points("crowding_distances: losses", losses)
    distances = np.zeros(len(points))
    for column in points.T / 2 if len(points) else ():  # a difference of halves is finite
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        if (width := ordered[-1] - ordered[0]) > 0:
            distances[order[1:-1]] += (ordered[2:] - ordered[:-2]) / width
            distances[order[[0, -1]]] = np.inf
    return distances


def best_first(losses: Any, violations: Any) -> np.ndarray:
    """Return the indices of points in the order of NSGA-II, shape (n,).

    First the feasible ones (whose violation is 0), by front, and the less crowded ones of a front first; then the others,
    the smallest violation first. Of equals, the earlier comes first.
    """
    points, violations = _points("best_first: losses", losses), array("best_first: violations", violations)
    if violations.shape != points.shape[:1]:
        raise ValueError(
            f"best_first: violations={short(violations)} must be {len(points)}, one for each row of losses"
        )
    feasible = violations == 0
    numbers, crowding = np.zeros(len(points), int), np.zeros(len(points))
    numbers[feasible] = front_numbers(points[feasible])
    for number in range(numbers.max(initial=-1) + 1):
        members = np.flatnonzero(feasible & (numbers == number))
        crowding[members] = crowding_distances(points[members])
    return np.lexsort((-np.round(crowding, DISTANCE_DECIMALS), numbers, violations))


def hypervolume(values: Any, reference: Sequence[float], directions: Any = None) -> float:
    """Return the volume that points dominate within the reference point, for any number of objectives; exact.

    Raises ValueError or TypeError if the shapes do not fit or a number is not finite.

    Parameters
    ----------
    values : array-like of shape (n, n_objectives), such as `[trial.values for trial in study.front]`
        Points beyond the reference in some objective add nothing.
    reference : sequence of float, shape (n_objectives,), a value in each objective that is worse than all that counts
    directions : list or dict, optional, as for `Study`, such as `study.directions`; by default, all are minimized

    Examples
    --------
    >>> hypervolume([[1, 2], [2, 1]], reference=[3, 3])
    3.0
    >>> hypervolume([[0.9, 20.0], [0.8, 10.0]], [0.5, 30.0], ["maximize", "minimize"])
    7.0
    """
    points, corner = _points("hypervolume: values", values), array("hypervolume: reference", reference)
    n, one = points.shape[1], "one for each objective"
    if corner.shape != (n,) or not np.isfinite(corner).all():
        raise ValueError(f"hypervolume: reference={short(reference)} must be {n} finite numbers, {one}")
    if directions is not None:
        signs = np.array(directions_of("hypervolume", MINIMIZE, directions).signs)  # type: ignore[union-attr]
        require(signs.shape == corner.shape, "hypervolume: directions", directions, f"{n}, {one}", ValueError)
        points, corner = points * signs, corner * signs
    return _volume(corner - points[(points < corner).all(axis=1)])


def _volume(sides: np.ndarray) -> float:
    """Return the volume of the union of boxes from a common corner, whose sides are the rows of `sides`."""
    sides = sides[np.argsort(-sides[:, -1], kind="stable")]
    depths = -np.diff(sides[:, -1], append=0.0)  # of the slices between the end of a box and that of the next
    if sides.shape[1] == 1:
        return float(depths.sum())
    if sides.shape[1] == 2:
        return float((np.maximum.accumulate(sides[:, 0]) * depths).sum())
    return math.fsum(_volume(sides[: i + 1, :-1]) * depth for i, depth in enumerate(depths.tolist()) if depth > 0)
