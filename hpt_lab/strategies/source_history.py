"""The history that the source of configurations sees in halving: each configuration once, at one budget.

    credited loss of a configuration = its loss at budget b + level(teaching budget) - level(b)
    level(b) = the sum, over the budgets up to b, of the median gain from one budget to the next

A gain is the change of a configuration's loss between two budgets at which it was trained. Chapter 5.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np

from hpt_lab.study import History, Trial
from hpt_lab.study.history import Index, Log, Trials
from hpt_lab.study.trial import changed

I = TypeVar("I", bound=Index)


def source_history(history: History) -> History:
    """Return what the source sees: a trial for each configuration that it drew, with a loss at the teaching budget.

    That is the highest budget with at least n_dims + 2 losses (before that, the lowest budget). Until it has 2 n_dims + 1
    losses, a configuration that stopped below it has its credited loss. Later such a configuration counts as failed, or
    as running if it may still get there, since low budgets may mislead. The trials are computed when one is looked at,
    so that a source that only counts them, such as random search, costs nothing.
    """
    return replace(history, trials=_SourceTrials(history))


class _SourceTrials(Trials):
    """Trials whose number is known, and which are made when one of them is looked at."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.n_trials = self.version = len(history.index(_Configurations).trials)

    @cached_property
    def log(self) -> Log:  # type: ignore[override]
        return _SourceLog(self._history)

    def _at(self, place: int) -> Trial:
        return self.log.entries[place][1]


class _SourceLog(Log):
    """A log of what the source sees now. Params don't change, so an index that reads only them (`params_only`) is kept."""

    def __init__(self, history: History) -> None:
        super().__init__()
        del self.entries  # they are computed when they are looked at
        self._study = history

    @cached_property
    def entries(self) -> list[tuple[int, Trial]]:  # type: ignore[override]
        return list(enumerate(_credited(self._study)))

    def index(self, make: Callable[[History], I], history: History, version: int) -> I:
        if getattr(make, "params_only", False):
            return self._study.index(_OfDrawn(make)).inner
        return super().index(make, history, version)


@dataclass(frozen=True)
class _OfDrawn(Generic[I]):
    """Makes an index of the study's trials that passes the first trial of each configuration on to another index."""

    make: Callable[[History], I]

    def __call__(self, history: History) -> _Drawn[I]:
        return _Drawn(self.make(history))


class _Drawn(Generic[I]):
    def __init__(self, inner: I) -> None:
        self.inner = inner
        self._drawn: set[tuple[int, int]] = set()

    def add(self, place: int, trial: Trial) -> None:
        if trial.origin == "added":
            return
        which = trial.info["bracket"], trial.info["config"]
        if which not in self._drawn:
            self.inner.add(len(self._drawn), trial)
            self._drawn.add(which)


class _Configurations:
    """An index of the trials by configuration, in the order in which these were drawn: (bracket, config) -> its trials."""

    def __init__(self, history: History) -> None:
        self.trials: dict[tuple[int, int], dict[int, Trial]] = {}
        self.top_rung: dict[int, int] = {}  # the highest one reached in each bracket

    def add(self, place: int, trial: Trial) -> None:
        if trial.origin == "added":
            return
        bracket, config, rung = (trial.info[mark] for mark in ("bracket", "config", "rung"))
        self.trials.setdefault((bracket, config), {})[place] = trial
        self.top_rung[bracket] = max(rung, self.top_rung.get(bracket, 0))


def _credited(history: History) -> list[Trial]:
    """Return one trial for each configuration: complete with its credited loss, running or failed."""
    configurations, n_dims = history.index(_Configurations), len(history.space)
    climbs = [list(trials.values()) for trials in configurations.trials.values()]  # of each, from the lowest rung up
    complete = [[trial for trial in climb if trial.state == "complete"] for climb in climbs]
    values: list[dict[Any, Any]] = [{trial.budget: trial.value for trial in climb} for climb in complete]
    n_values = Counter(budget for one in values for budget in one)
    budgets = sorted(n_values)
    teaching = max([*budgets[:1], *(b for b in budgets if n_values[b] >= n_dims + 2)], default=None)
    few = n_values[teaching] < 2 * n_dims + 1
    level = dict.fromkeys(budgets, 0.0)  # a gain without data counts as 0
    for low, high in itertools.pairwise(budgets):
        gains = [one[high] - one[low] for one in values if low in one and high in one]
        level[high] = level[low] + (float(np.median(gains)) if gains else 0.0)
    seen: list[Trial] = []
    for climb, one in zip(climbs, values, strict=True):
        last, state, value = climb[-1], climb[-1].state, None
        if one and state != "failed":
            nearest = max((budget for budget in one if budget <= teaching), default=min(one))
            if few or nearest >= teaching:
                state, value = "complete", one[nearest] + level[teaching] - level[nearest]
            elif state == "complete":
                on_top = last.info["rung"] == configurations.top_rung[last.info["bracket"]]
                state = "running" if on_top else "failed"
        seen.append(changed(climb[0], number=len(seen), budget=teaching, state=state, value=value))
    return seen
