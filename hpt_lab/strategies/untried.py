"""Untried combinations: where a search starts, and the first candidate that is new.

    start            points of a Sobol sequence, on from the one that belongs to the next trial
    first_untried    no combination twice, and an end where a finite space has no other left

Two trials are the same if their params are. The study keeps what was `Tried` (see `History.index`): a strategy has no
memory of its own. Chapter 2.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.space.sobol import sobol_points
from hpt_lab.study import History, Suggestion, Trial

N_DRAWS = 100  # where a space is endless, one of so many draws is new, or all that matters was tried


def start(history: History) -> np.ndarray:
    """Return points of the study's Sobol sequence, (n_points, n_dims), the next trial's first: no fewer than trials."""
    number = history.n_suggested
    return sobol_points(len(history.space.dimensions), history.seed, max((2 * number).bit_length(), 4))[number:]


def first_untried(history: History, points: Iterable[np.ndarray], **info: Any) -> Suggestion | None:
    """Return the first of `points` of the unit cube whose params no trial has, running ones included, with marks `info`.

    If all were tried: any combination that was not, marked `origin="rest"`; and None where a finite space has no more.
    """
    space, tried = history.space, history.index(Tried)
    seen = set()  # where combinations are few, many candidates are the same point
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
    """Yield params of any quality; where the space is finite, enough of them to hold an untried one if there is one."""
    if space.size == math.inf:
        yield from (space.at(rng.random(len(space.dimensions))) for _ in range(N_DRAWS))
    else:
        size, grid = int(space.size), space.grid()
        first = int(rng.random() * 2**53) * size >> 53  # in integers: the size may be too large for a float
        yield from (grid[(first + i) % size] for i in range(min(size, n_tried + 1)))


class Tried:
    """An index of the combinations that the trials have: `params in tried`, and how many there are."""

    params_only = True  # whatever became of a trial: see `source_history`

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
