"""Untried combinations: where a search starts, and the first new candidate.

    start            points of a Sobol sequence, beginning with the one for the next trial
    first_untried    no combination twice, and an end when all of a finite space has been tried

Two trials are the same if their params are. The study keeps what was `Tried` (see `History.index`); a strategy has no
memory of its own. Chapter 2.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.space.sobol import sobol_points
from hpt_lab.study import History, Suggestion, Trial

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
        if (params := space.at(point)) not in tried:
            return Suggestion(params, info=info)
    info["origin"] = "rest"
    for params in _rest(space, history.rng, len(tried)):
        if params not in tried:
            return Suggestion(params, info=info)
    return None if space.size < math.inf else Suggestion(params, info=info)


def _rest(space: Space, rng: np.random.Generator, n_tried: int) -> Iterator[Params]:
    """Yield arbitrary params; in a finite space, enough to include an untried combination if there is one."""
    if space.size == math.inf:
        yield from (space.at(rng.random(len(space.dimensions))) for _ in range(N_DRAWS))
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
        self._places: set[int] = set()

    def add(self, place: int, trial: Trial) -> None:
        if place not in self._places:
            self._keys.add(self._space.key(trial.params))
            self._places.add(place)

    def __contains__(self, params: Mapping[str, Any]) -> bool:
        return self._space.key(params) in self._keys

    def __len__(self) -> int:
        return len(self._keys)
