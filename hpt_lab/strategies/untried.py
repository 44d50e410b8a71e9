"""What a strategy computes once for each trial and keeps: a memory that changes no answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hpt_lab.space import Params, Space
from hpt_lab.study import Trial


class Memory:
    """`compute(space, params)` for each trial, once.

    A trial is known by its params, the very object: a copied or pickled study has others, and they are computed anew.
    """

    def __init__(self, compute: Callable[[Space, Params], Any]) -> None:
        self._compute = compute
        self._space: Space | None = None
        self._kept: dict[int, tuple[Params, Any]] = {}

    def __call__(self, space: Space, trials: Sequence[Trial]) -> list[Any]:
        if space is not self._space or not trials:  # another study: forget the last one's
            self._space, self._kept = space, {}
        kept = self._kept  # a name of our own: another thread may begin a search of its own
        for params in [trial.params for trial in trials]:
            if id(params) not in kept or kept[id(params)][0] is not params:
                kept[id(params)] = params, self._compute(space, params)  # keeping the params keeps their id
        return [kept[id(trial.params)][1] for trial in trials]
