"""The front of several objectives: what can be had at best, when no loss gets lower without another getting higher.

    a dominates b      a_i <= b_i for all objectives i, and a_i < b_i for at least one
    front 0            what nothing dominates; front k: what only members of earlier fronts dominate
    crowding           how far apart a member's neighbors on its front are, over all objectives; infinite at the ends
    hypervolume        the volume that a front dominates, below a reference point: the larger, the better
    most volume first  each next member of a front is the one that adds most to the volume of those before it

`losses` are always minimized, of shape (n, n_objectives). Deb et al. (2002), NSGA-II, sections III-A and III-B; the
hypervolume of Zitzler and Thiele (1998), by slices: Knowles (2002); While et al. (2006); the greedy choice of members:
Guerreiro, Fonseca and Paquete (2016). Chapter 5.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpt_lab.space.cube import sobol_points
from hpt_lab.study.directions import MINIMIZE, directions_of
from hpt_lab.values.checks import array, require

DISTANCE_DECIMALS = 9  # of a crowding distance, when trials are put in order
BEYOND = 0.1  # of the range: how far the reference point is from the worst loss of each objective
LEADING = 25  # members of a front that are put in order by volume, the most that TPE calls good; then by crowding


def _points(who: str, losses: Any) -> np.ndarray:
    points = array(who, losses)
    right = points.ndim == 2 and points.shape[1] > 0 and bool(np.isfinite(points).all())
    require(right, who, losses, "finite, with a row for each point and a column for each objective", ValueError)
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
    """Return the indices of points from the best down, shape (n,).

    First the feasible ones (whose violation is 0), by front, and within a front the most volume first; then the others,
    the smallest violation first. Of equals, the earlier comes first. `violations` has shape (n,).

    Examples
    --------
    >>> best_first([[0, 4], [1, 1], [2, 2], [4, 0]], [0, 0, 0, 0]).tolist()
    [1, 0, 3, 2]
    """
    points, violations = _points("best_first: losses", losses), array("best_first: violations", violations)
    fits, what = violations.shape == points.shape[:1], f"{len(points)}, one for each row of losses"
    require(fits, "best_first: violations", violations, what, ValueError)
    feasible = violations == 0
    numbers, places = np.zeros(len(points), int), np.zeros(len(points), int)
    numbers[feasible] = front_numbers(points[feasible])
    worst = points[feasible].max(axis=0, initial=-np.inf)
    for number in range(numbers.max(initial=-1) + 1):
        members = np.flatnonzero(feasible & (numbers == number))
        places[members[_most_volume_first(points[members], worst)]] = np.arange(len(members))
    return np.lexsort((places, numbers, violations))


def _most_volume_first(points: np.ndarray, worst: np.ndarray) -> np.ndarray:
    """Return the indices of one front's points, (n,): each adds the most volume to those before it, up to `worst`.

    The volume is the number of quasi-random points that are dominated: a count that costs little for any number of
    objectives, and is the same on every machine. What adds nothing comes last, the less crowded first.
    """
    order = np.argsort(-np.round(crowding_distances(points), DISTANCE_DECIMALS), kind="stable")
    if len(points) < 2:
        return order
    low = points.min(axis=0)
    u = (points[order] / 2 - low / 2) / np.maximum(worst / 2 - low / 2, np.finfo(float).tiny)  # halves are finite
    box = (1 + BEYOND) * sobol_points(points.shape[1], 0, 10)
    adds = (u[:, None] <= box).all(axis=2)  # (n, 1024): what a point dominates, and no earlier one does
    leading: list[int] = []
    while len(leading) < LEADING and (gains := adds.sum(axis=1)).any():
        leading.append(int(gains.argmax()))
        adds &= ~adds[leading[-1]]
    return order[leading + [i for i in range(len(order)) if i not in leading]]


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
    right = corner.shape == (n,) and bool(np.isfinite(corner).all())
    require(right, "hypervolume: reference", reference, f"{n} finite numbers, {one}", ValueError)
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
