"""The indices that a history keeps of its trials: by state, who gave them, the front, the best at each budget. Chapter 1.

Each is a summary that grows with the log, and is the same in whatever order the trials end: see `log.Index`.
"""

import math
import operator
from bisect import bisect_left
from collections import Counter
from typing import Any

from hpt_lab.study.log import Log
from hpt_lab.study.trial import Trial, using


class ByState:
    """An index of the trials by their state, and the budget spent on finished ones."""

    def __init__(self, history: Any) -> None:
        self.running: dict[int, Trial] = {}
        self.failed: dict[int, Trial] = {}
        self.complete: list[Trial] = []  # in the order of their places
        self._places: list[int] = []
        self.spent: float = 0
        self.constrained = False

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "running":
            self.running[place] = trial
            return
        self.running.pop(place, None)
        self.constrained |= bool(trial.constraints)
        if trial.origin != "added":
            self.spent += whole_budget(trial) if trial.spent is None else trial.spent
        if trial.state == "failed":
            self.failed[place] = trial
        else:
            at = bisect_left(self._places, place)
            self._places.insert(at, place)
            self.complete.insert(at, trial)


def whole_budget(trial: Trial) -> float:
    return 1 if trial.budget is None else trial.budget


class ByUser:
    params_only = True  # it does not depend on a trial's outcome: see `strategies.source_history`

    def __init__(self, history: Any) -> None:
        self.started: set[int] = set()
        self.added: set[int] = set()

    def add(self, place: int, trial: Trial) -> None:
        origin = trial.info.get("origin")
        if origin == "start" and trial.info.get("rung", 0) == 0:  # on higher rungs it appears again
            self.started.add(place)
        elif origin == "added":
            self.added.add(place)


class Suggested(Log):
    def __init__(self, history: Any) -> None:
        super().__init__()

    def add(self, place: int, trial: Trial) -> None:
        self.entries.append((place, using(trial, trial.suggested) if trial.unused else trial))


class Front:
    """An index of the feasible trials that none dominates, by place; of equals, the first."""

    def __init__(self, history: Any) -> None:
        self.members: dict[int, Trial] = {}
        self._losses: dict[int, tuple[float, ...]] = {}
        self._signs = history.direction.signs  # with several objectives, the only ones that have a front

    def add(self, place: int, trial: Trial) -> None:
        if trial.state != "complete" or not trial.feasible:
            return
        new = tuple(sign * value for sign, value in zip(self._signs, trial.objectives, strict=True))
        for other, losses in self._losses.items():
            if all(map(operator.le, losses, new)) and (losses != new or other < place):
                return
        for other, losses in list(self._losses.items()):
            if all(map(operator.le, new, losses)):
                del self.members[other], self._losses[other]
        self.members[place], self._losses[place] = trial, new


class Levels:
    """An index of the budgets of complete trials (0 for none): the best trial at each, and the number of trials."""

    def __init__(self, history: Any) -> None:
        self.best: dict[float, Trial] = {}
        self.n_trials = Counter[float]()
        self._ranks: dict[float, tuple[float, ...]] = {}  # of the best
        self._rank = history.without_trials.rank

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "complete":
            budget, rank = trial.budget or 0, (*self._rank(trial), place)
            self.n_trials[budget] += 1
            if rank < self._ranks.get(budget, (math.inf,)):
                self.best[budget], self._ranks[budget] = trial, rank

    @property
    def incumbent(self) -> Trial | None:
        """The best feasible trial at the highest budget that has one."""
        return self.best[max(at)] if (at := [budget for budget, trial in self.best.items() if trial.feasible]) else None
