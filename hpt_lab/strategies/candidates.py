"""Candidates for the next trial: random points, and points near the best ones.

An acquisition function has many peaks, and no slope between two values of a category. So we do not climb it: we score
many points, move the best of them by smaller and smaller steps, and score those. Chapter 4.

    points, best : (n, n_dims) of the unit cube;   score : points -> (n,), the larger, the more promising

Untried combinations: where a search starts, and the first new candidate.

    start            points of a Sobol sequence, beginning with the one for the next trial
    first_untried    no combination twice, and an end when all of a finite space has been tried

Two trials are the same if their params are. The study keeps what was `Tried` (see `History.index`); a strategy has no
memory of its own. Chapter 2.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.space.bins import reflect
from hpt_lab.space.cube import sobol_points
from hpt_lab.study import History, Suggestion, Trial

Score = Callable[[np.ndarray], np.ndarray]

NEAR = (0.15, 0.03)  # steps from the best trials, as shares of the unit interval: to the next valley, and within one
NEAR_ZOOM = (0.1, 0.03)  # ... in a zoom, which stays in the valley
REFINEMENTS = (0.1, 0.03, 0.01)  # steps of the rounds, each a third of the one before
N_EACH = 25  # neighbors of each point
N_LEADERS = 6  # candidates that a round of refinement starts from: on a few peaks, not just the highest
P_MOVE = 0.5  # the probability that a coordinate moves: some neighbors differ in few, some in many
P_CHOICE = 0.2  # ... and that a category that moves is drawn again


@dataclass(frozen=True)
class Candidates:
    """The source of candidates.

    Parameters
    ----------
    n_random : int, number of points drawn uniformly
    near : tuple of float, steps from the best trials to their neighbors, as shares of the unit interval
    rounds : tuple of float, steps from the best candidates to their neighbors, in each round of refinement
    """

    n_random: int = 512
    near: tuple[float, ...] = NEAR
    rounds: tuple[float, ...] = REFINEMENTS

    def zoomed(self) -> "Candidates":
        """Return a source of candidates near the best trials only."""
        return replace(self, n_random=0, near=NEAR_ZOOM)

    def draw(self, space: Space, best: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return settled points at random and around the trials `best`: shape (n, n_dims)."""
        near = [neighbors(space, best, step, rng) for step in self.near]
        return space.cube.settle(np.vstack([rng.random((self.n_random, len(space))), *near]))

    def best_first(self, space: Space, best: np.ndarray, score: Score, rng: np.random.Generator) -> np.ndarray:
        """Return all candidates, shape (n, n_dims), refined, from the highest score down; of equals, earlier first."""
        leaders = self.draw(space, best, rng)
        leading = score(leaders)
        points, scores = [leaders], [leading]
        for step in self.rounds:
            first = np.argsort(-leading, kind="stable")[:N_LEADERS]
            more = space.cube.settle(neighbors(space, leaders[first], step, rng))
            points.append(more)
            scores.append(score(more))
            leaders, leading = np.vstack([leaders[first], more]), np.append(leading[first], scores[-1])
        return np.vstack(points)[np.argsort(-np.concatenate(scores), kind="stable")]


def neighbors(space: Space, points: np.ndarray, step: float, rng: np.random.Generator) -> np.ndarray:
    """Return 25 unsettled neighbors of each point, (25 n, n_dims): half the coordinates move by `step`, reflected."""
    bases = np.repeat(points, N_EACH, axis=0)
    moves = rng.random(bases.shape) < P_MOVE
    one = rng.integers(bases.shape[1], size=len(bases))
    still = np.flatnonzero(~moves.any(axis=1))
    moves[still, one[still]] = True  # at least one coordinate
    moved = reflect(bases + step * rng.standard_normal(bases.shape))
    choices = space.cube.choices  # (n_dims,)
    if choices.any():
        drawn = np.where(rng.random(bases.shape) < P_CHOICE, rng.random(bases.shape), bases)
        moved = np.where(choices, drawn, moved)
    return np.where(moves, moved, bases)


N_DRAWS = 100  # in an infinite space, one of this many draws is new, or all that matters was tried


def start(history: History) -> np.ndarray:
    """Return points of the study's Sobol sequence, (n_points, n_dims), from the next trial's on; at least one per trial."""
    number = history.n_suggested
    return sobol_points(len(history.space.dimensions), history.seed, max((2 * number).bit_length(), 4))[number:]


def first_untried(history: History, points: Iterable[np.ndarray], **info: Any) -> Suggestion | None:
    """Suggest the first of these `points` of the unit cube whose params no trial has, running ones included.

    `info` becomes its marks. If all were tried: any untried combination, marked `origin="rest"`, or None if none is left.
    """
    space, tried = history.space, history.index(Tried)
    seen = set()  # with few combinations, many candidates are the same point
    for point in map(np.asarray, points):
        if (place := point.tobytes()) in seen:
            continue
        seen.add(place)
        if (params := space.decode(point)) not in tried:
            return Suggestion(params, info=info)
    info["origin"] = "rest"
    for params in _rest(space, history.rng, len(tried)):
        if params not in tried:
            return Suggestion(params, info=info)
    return None if space.size < math.inf else Suggestion(params, info=info)


def _rest(space: Space, rng: np.random.Generator, n_tried: int) -> Iterator[Params]:
    """Yield arbitrary params; in a finite space, enough to include an untried combination if there is one."""
    if space.size == math.inf:
        yield from (space.sample(rng) for _ in range(N_DRAWS))
    else:
        size, grid = int(space.size), space.grid()
        first = int(rng.random() * 2**53) * size >> 53  # in integers: the size may be too large for a float
        yield from (grid[(first + i) % size] for i in range(min(size, n_tried + 1)))


class Tried:
    """An index of the combinations that were tried: use `params in tried` and `len(tried)`."""

    params_only = True  # it does not depend on a trial's outcome: see `source_history`

    def __init__(self, history: History) -> None:
        self._space = history.space
        self._keys: set[tuple[Any, ...]] = set()

    def add(self, place: int, trial: Trial) -> None:
        self._keys.add(self._space.key(trial.params))

    def __contains__(self, params: Mapping[str, Any]) -> bool:
        return self._space.key(params) in self._keys

    def __len__(self) -> int:
        return len(self._keys)
