"""What the budgets of a study say: how much of them was spent, and what was the best at each. Indices of its history.

Chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hpt_lab.study.trial import Trial

if TYPE_CHECKING:
    from hpt_lab.study.history import History

__all__ = ["Levels", "Spending", "seen_at"]


class Spending:
    """An index of the units of budget that were spent, and of those that running trials may spend."""

    def __init__(self, history: History) -> None:
        self.told: float = 0
        self.running: dict[int, float] = {}

    def add(self, place: int, trial: Trial) -> None:
        if trial.origin == "added":
            return
        whole = 1 if trial.budget is None else trial.budget
        if trial.state == "running":
            self.running[place] = whole
        else:
            self.running.pop(place, None)
            self.told += whole if trial.spent is None else trial.spent


@dataclass
class Level:
    """One budget: its best trial, and how many are complete there."""

    best: Trial
    n_trials: int = 1


class Levels:
    """An index of the budgets at which trials are complete."""

    def __init__(self, history: History) -> None:
        self.levels: dict[float, Level] = {}
        self._loss = replace(history, trials=()).loss

    def add(self, place: int, trial: Trial) -> None:
        if trial.state != "complete" or trial.budget is None:
            return
        level = self.levels.get(trial.budget)
        if level is None:
            self.levels[trial.budget] = Level(trial)
            return
        level.n_trials += 1
        if (self._loss(trial), trial.number) < (self._loss(level.best), level.best.number):
            level.best = trial


def seen_at(history: History) -> str:
    """At which budget the incumbent was seen; and the best value of a lower one, if it is better and of more trials.

    Empty where there are no budgets, or no incumbent.
    """
    incumbent = history.incumbent
    if incumbent is None or incumbent.budget is None:
        return ""
    levels = history.index(Levels).levels
    n = levels[incumbent.budget].n_trials
    better = [
        (history.loss(level.best), -budget)
        for budget, level in levels.items()
        if level.n_trials > n and history.loss(level.best) < history.loss(incumbent)
    ]
    if not better:
        return f" at budget {incumbent.budget:g}"
    budget = -min(better)[1]
    lower = levels[budget]
    many = f"at budget {budget:g}: {lower.best.value:.6g} of {lower.n_trials}"
    return f" at budget {incumbent.budget:g} (of {n} trial{'s' * (n > 1)}; {many})"
