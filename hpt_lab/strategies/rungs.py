"""The rungs of a study and the trials on them: all that halving knows, updated by each trial (`History.index`).

A trial's marks say where it is: `info` holds its bracket, its rung, from 0, and the number of its configuration in the
bracket. A configuration is promoted once it has a trial on the next rung, whatever the outcome. Chapter 5.

The history that the source of configurations sees in halving: each configuration once, at one budget.

    credited loss of a configuration = its loss at budget b + level(teaching budget) - level(b)
    level(b) = the sum, over the budgets up to b, of the median gain from one budget to the next

A gain is the change of a configuration's loss between two budgets at which it was trained. Chapter 5.
"""

import itertools
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt_lab.study import History, Suggestion, Trial
from hpt_lab.study.log import Derived, Log
from hpt_lab.study.trial import replace_unchecked

Rungs = Sequence[tuple[float, int]]  # (number of configurations, budget of each), from the lowest rung up
Rank = tuple[float, float, float, int]  # `History.rank`, and then the place: smaller is better


class Rung:
    """One rung of one bracket."""

    def __init__(self) -> None:
        self.configs: set[int] = set()  # so far
        self.running: set[int] = set()  # places of the running trials
        self.complete: list[Rank] = []  # best first
        self._promoted: set[int] = set()  # configurations
        self._waiting: list[tuple[Rank, Trial]] = []  # the complete ones that are not promoted, best first

    def add(self, place: int, trial: Trial, rank: Rank | None) -> None:
        """Add a trial of this rung; `rank` is given for a complete one."""
        self.configs.add(trial.info["config"])
        if trial.state == "running":
            self.running.add(place)
            return
        self.running.discard(place)
        if rank is not None:
            insort(self.complete, rank)
            if trial.info["config"] not in self._promoted:
                insort(self._waiting, (rank, trial))

    def promote(self, config: int) -> None:
        """Record that a configuration of this rung has a trial on the next."""
        if config not in self._promoted:
            self._promoted.add(config)
            for i, (_, trial) in enumerate(self._waiting):  # usually the first, since the best is promoted
                if trial.info["config"] == config:
                    del self._waiting[i]
                    break

    def next(self, n_best: float) -> Trial | None:
        """Return the best trial not promoted yet, if it is among the `n_best` of the rung, or None."""
        if self._waiting and bisect_left(self.complete, self._waiting[0][0]) < n_best:
            return self._waiting[0][1]
        return None

    def standing(self, trial: Trial, rank: Rank | None, n_best: float) -> float | None:
        """Return the share of the rung that is better than a trial; None if it was promoted, or is not among `n_best`."""
        if trial.info["config"] in self._promoted:
            return None
        place = 0 if rank is None else bisect_left(self.complete, rank)
        return place / max(1, len(self.complete)) if place < n_best else None


@dataclass(frozen=True)
class Brackets:
    """Ladders that run one after another, over and over. Called with a history, it returns a new index."""

    table: tuple[Rungs, ...]
    eta: int  # one in so many is promoted

    def __call__(self, history: History) -> "Ladder":
        return Ladder(history, self)

    def rungs(self, bracket: int) -> Rungs:
        return self.table[bracket % len(self.table)]


class Ladder:
    """An index of all rungs of a study. Raises ValueError if a trial has no marks."""

    def __init__(self, history: History, brackets: Brackets) -> None:
        if history.directions.several:
            what = f"halving: a rung is ranked by one value, not by those of {len(history.directions)} objectives"
            how = "take a strategy without budgets, or keep one objective and return the others as constraints"
            raise ValueError(f"{what}; {how}")
        self.brackets, self.first_open = brackets, 0  # the first bracket that may still suggest something
        self._rungs: dict[tuple[int, int], Rung] = defaultdict(Rung)
        self._rank = history.without_trials.rank

    def add(self, place: int, trial: Trial) -> None:
        if trial.origin == "added":
            return
        if not {"bracket", "config", "rung"} <= trial.info.keys():
            why = "because a different strategy suggested it; begin a new study"
            raise ValueError(f"halving: trial {trial.number} is on no rung, {why}")
        bracket, rung = trial.info["bracket"], trial.info["rung"]
        rank = (*self._rank(trial), place) if trial.state == "complete" else None
        self._rungs[bracket, rung].add(place, trial, rank)
        if rung > 0:
            self._rungs[bracket, rung - 1].promote(trial.info["config"])
        while self._is_done(self.first_open):
            self.first_open += 1

    def rung(self, bracket: int, rung: int) -> Rung:
        return self._rungs.get((bracket, rung)) or Rung()

    def standing(self, trial: Trial) -> float | None:
        """Return the `_Halving.standing` of a trial, treating a running one as the best."""
        bracket, rung = trial.info["bracket"], trial.info["rung"]
        rungs = self.brackets.rungs(bracket)
        if rung + 1 >= len(rungs):
            return None
        rank = (*self._rank(trial), trial.number) if trial.state == "complete" else None
        return self.rung(bracket, rung).standing(trial, rank, rungs[rung + 1][0])

    def drawn(self, bracket: int) -> int:
        """Return the number of configurations in a bracket."""
        return len(self.rung(bracket, 0).configs)

    def climb(self, bracket: int) -> Suggestion | None:
        """Return the next promotion in a bracket, from the lowest rung that has one; None if it is waiting or done."""
        rungs = self.brackets.rungs(bracket)
        for rung in range(1, len(rungs)):
            below = self.rung(bracket, rung - 1)
            if below.running:
                return None
            trial = below.next(min(rungs[rung][0], self.drawn(bracket) // self.brackets.eta**rung))
            if trial is not None:
                return promoted(trial, rungs[rung][1])
        return None

    def _is_done(self, bracket: int) -> bool:
        rungs = self.brackets.rungs(bracket)
        if self.drawn(bracket) < rungs[0][0] or any(self.rung(bracket, rung).running for rung in range(len(rungs))):
            return False
        return self.climb(bracket) is None


def promoted(trial: Trial, budget: int) -> Suggestion:
    """Return a suggestion to train a trial's configuration one rung up."""
    return Suggestion(trial.params, budget, {**trial.info, "rung": trial.info["rung"] + 1})


def source_history(history: History) -> History:
    """Return what the source sees: a trial for each configuration that it drew, with a loss at the teaching budget.

    That is the highest budget with at least n_dims + 2 losses (before that, the lowest budget). Until it has 2 n_dims + 1
    losses, a configuration that stopped below it has its credited loss. Later such a configuration counts as failed, or
    as running if it may still get there, since low budgets may mislead. The trials are computed when one is looked at,
    so that a source that only counts them, such as random search, costs nothing.
    """
    space, seed, direction, start = history.space, history.seed, history.direction, history.start
    drawn = History.of(space, history.index(_Configurations), seed, direction, start)
    return History.of(space, Derived(drawn, lambda: _credited(history)), seed, direction, start)


class _Configurations(Log):
    """An index of the trials by configuration, and the log of the first trial of each, in the order of the draws."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self.trials: dict[tuple[int, int], dict[int, Trial]] = {}  # (bracket, config) -> its trials, by place
        self.top_rung: dict[int, int] = {}  # the highest one reached in each bracket

    def add(self, place: int, trial: Trial) -> None:
        if trial.origin == "added":
            return
        bracket, config, rung = (trial.info[mark] for mark in ("bracket", "config", "rung"))
        if (bracket, config) not in self.trials:
            self.entries.append((len(self.trials), trial))
        self.trials.setdefault((bracket, config), {})[place] = trial
        self.top_rung[bracket] = max(rung, self.top_rung.get(bracket, 0))


def _credited(history: History) -> list[Trial]:
    """Return one trial for each configuration: complete with its credited loss, running or failed."""
    configurations, n_dims = history.index(_Configurations), len(history.space)
    climbs = [list(trials.values()) for trials in configurations.trials.values()]  # of each, from the lowest rung up
    complete = [[trial for trial in climb if trial.state == "complete"] for climb in climbs]
    values: list[dict[Any, Any]] = [{trial.budget: trial.value for trial in climb} for climb in complete]
    limits = [{trial.budget: trial.constraints for trial in climb} for climb in complete]
    n_values = Counter(budget for one in values for budget in one)
    budgets = sorted(n_values)
    teaching = max([*budgets[:1], *(b for b in budgets if n_values[b] >= n_dims + 2)], default=None)
    few = n_values[teaching] < 2 * n_dims + 1
    level = dict.fromkeys(budgets, 0.0)  # a gain without data counts as 0
    for low, high in itertools.pairwise(budgets):
        gains = [one[high] - one[low] for one in values if low in one and high in one]
        level[high] = level[low] + (float(np.median(gains)) if gains else 0.0)
    seen: list[Trial] = []
    for climb, one, limit in zip(climbs, values, limits, strict=True):
        last, state, value, constraints = climb[-1], climb[-1].state, None, climb[-1].constraints
        if one and state != "failed":
            nearest = max((budget for budget in one if budget <= teaching), default=min(one))
            if few or nearest >= teaching:
                state, value = "complete", one[nearest] + level[teaching] - level[nearest]
                constraints = limit[nearest]
            elif state == "complete":
                on_top = last.info["rung"] == configurations.top_rung[last.info["bracket"]]
                state = "running" if on_top else "failed"
        fields = {"budget": teaching, "state": state, "value": value, "constraints": constraints}
        seen.append(replace_unchecked(climb[0], number=len(seen), **fields))
    return seen
