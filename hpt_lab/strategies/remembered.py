"""What strategies remember of a study between two suggestions: indices, which the study keeps (see `History.index`).

    Ranked      the complete trials, best first                           genetic
    Outcomes    the places of the trials, by what became of them          TPE
    Points      where the trials are in the unit cube                     TPE

Each takes in a trial when it is asked for and when it is told, and made anew from the same trials it is the same.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import replace

import numpy as np

from hpt_lab.space import Params
from hpt_lab.study import History, Trial
from hpt_lab.surrogates.parzen import coordinates


class Ranked:
    """The complete trials, best first: `History.ranked`."""

    def __init__(self, history: History) -> None:
        self.trials: list[Trial] = []
        self._rank = replace(history, trials=()).rank  # of a history without trials, which it would keep alive

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "complete":
            insort(self.trials, trial, key=lambda other: (self._rank(other), other.number))


class Outcomes:
    """The places of the trials: of the complete ones, the lowest loss first; of the failed; and of the running ones."""

    def __init__(self, history: History) -> None:
        self.complete: list[int] = []
        self.failed: list[int] = []
        self.running: set[int] = set()
        self._losses: dict[int, float] = {}
        self._loss = replace(history, trials=()).loss

    def add(self, place: int, trial: Trial) -> None:
        self.running.discard(place)
        if trial.state == "running":
            self.running.add(place)
        elif trial.state == "failed":
            insort(self.failed, place)
        else:
            self._losses[place] = self._loss(trial)
            insort(self.complete, place, key=lambda other: (self._losses[other], other))


class Points:
    """The coordinates of what was tried."""

    params_only = True  # it reads nothing else of a trial: see `lessons`

    def __init__(self, history: History) -> None:
        self._space = history.space
        self._params: dict[int, Params] = {}  # by place
        self._points = np.empty((0, len(history.space)))

    def add(self, place: int, trial: Trial) -> None:
        self._params.setdefault(place, trial.params)

    def all(self) -> np.ndarray:
        """A row for each trial, by its place: shape (n_trials, n_dims), NaN where a dimension is inactive; read-only."""
        new = [self._params[place] for place in range(len(self._points), len(self._params))]
        if new:  # all at once: a history that is read anew has many
            points = np.concatenate([self._points, coordinates(self._space, new)])
            points.flags.writeable = False
            self._points = points
        return self._points
