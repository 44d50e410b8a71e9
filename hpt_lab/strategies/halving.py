"""Stop early: successive halving, Hyperband and ASHA choose the budget as well as the hyperparameters.

Train many configurations a little, keep the best third, train those three times as long, and so on. A *rung* is one
such round, a *bracket* a whole ladder of rungs:

    rung i of a bracket of n configurations from budget r:   floor(n / eta^i) configurations at budget r eta^i

n counts configurations; r and R, the budgets of the lowest and the highest rung, are in the objective's own unit
(epochs, trees, samples); eta is the rate of elimination. Few rungs waste budget on bad configurations, many trust short
trainings too much, so Hyperband runs one bracket for every number of rungs. ASHA promotes as soon as a configuration is
among the best 1/eta of its rung so far, and never waits.

New configurations come from any other strategy, the `source`. It is shown one trial per configuration drawn so far,
with its loss at the highest budget that has enough losses to learn from, or what it may be there (`lessons`).

`Hyperband(1, 81, source=TPE())` works in the manner of BOHB (Falkner et al. 2018, algorithm 2). Beside its densities it
differs in three things. BOHB draws a share rho = 1/3 of the configurations at random; here all come from the source.
There a budget teaches from n_dims + 3 losses on; here from n_dims + 2. There its own losses alone teach; here, as long
as they are few, also those of lower budgets, credited with what other configurations gained from there on.

Jamieson and Talwalkar (2016); Li et al. (2018), algorithm 1; Li et al. (2020), algorithm 2; Falkner et al. (2018).
Chapter 5.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hpt_lab.strategies.random import RandomSearch
from hpt_lab.study import History, Strategy, Suggestion, Trial
from hpt_lab.study.study import check_strategy

Rungs = list[tuple[int, int]]  # (number of configurations, budget of each), from the lowest rung up


class SuccessiveHalving:
    """One bracket: `n_configs` configurations at `min_budget`, the best 1/eta of them at eta times the budget, and so
    on.

    It ends after the last rung: where one configuration is left, or where the next budget would be above `max_budget`.

    Parameters
    ----------
    n_configs : int
        Configurations in the lowest rung.
    min_budget, max_budget : int
        Budget of the lowest rung, and a bound on that of the highest.
    eta : int
        Keep one in `eta`; at least 2.
    source : Strategy
        Where new configurations come from: any strategy that sets no budget of its own.
    """

    def __init__(
        self, n_configs: int, min_budget: int, max_budget: int, eta: int = 3, source: Strategy | None = None
    ) -> None:
        _check(self, min_budget, max_budget, eta)
        self.n_configs = _positive(self, "n_configs", n_configs)
        self.min_budget, self.max_budget, self.eta = min_budget, max_budget, eta
        self.source = _source(self, source)

    @property
    def rungs(self) -> Rungs:
        """(configurations, budget) of every rung."""
        budgets = _budgets(self.min_budget, self.max_budget, self.eta)
        counts = [self.n_configs // self.eta**i for i in range(len(budgets))]
        return [(n, budget) for n, budget in zip(counts, budgets, strict=True) if n]

    def suggest(self, history: History) -> Suggestion | None:
        _known(self, history)
        return _climb(history, list(history.trials), 0, self.rungs, self.eta, self.source)


class Hyperband:
    """One bracket of successive halving for every number of rungs, the longest ladder first; then it starts over.

    While the rung of one bracket waits for running trials, the next bracket begins: no worker is idle.

    Parameters
    ----------
    min_budget, max_budget : int
        The lowest budget worth a try, and that of a full training.
    eta : int
        Keep one in `eta`; at least 2.
    source : Strategy
        Where new configurations come from.

    Examples
    --------
    >>> [[n for n, budget in bracket] for bracket in Hyperband(1, 81).brackets]
    [[81, 27, 9, 3, 1], [34, 11, 3, 1], [15, 5, 1], [8, 2], [5]]
    """

    def __init__(self, min_budget: int, max_budget: int, eta: int = 3, source: Strategy | None = None) -> None:
        _check(self, min_budget, max_budget, eta)
        self.min_budget, self.max_budget, self.eta = min_budget, max_budget, eta
        self.source = _source(self, source)

    @property
    def brackets(self) -> list[Rungs]:
        """(configurations, budget) of every rung of every bracket, in the order in which they run."""
        top = len(_budgets(self.min_budget, self.max_budget, self.eta)) - 1
        table = []
        for s in range(top, -1, -1):
            n = -(-(top + 1) * self.eta**s // (s + 1))  # rounded up, in integers
            table.append([(n // self.eta**i, self.max_budget // self.eta ** (s - i)) for i in range(s + 1)])
        return table

    def suggest(self, history: History) -> Suggestion | None:
        _known(self, history)
        begun: dict[int, list[Trial]] = {}
        for trial in history.trials:
            begun.setdefault(trial.info["bracket"], []).append(trial)
        brackets = self.brackets
        for bracket in itertools.count():
            rungs, mine = brackets[bracket % len(brackets)], begun.get(bracket, [])
            suggestion = _climb(history, mine, bracket, rungs, self.eta, self.source)
            if suggestion is not None or not mine:
                return suggestion
        raise AssertionError("the brackets have no end")


class ASHA:
    """Asynchronous successive halving: promote whenever a configuration is among the best 1/eta of its rung so far.

    Where none is, draw a new one. It has no end and never waits, so that any number of workers stay busy. Parameters as
    for `Hyperband`; the rungs are min_budget eta^i, up to max_budget.
    """

    def __init__(self, min_budget: int, max_budget: int, eta: int = 3, source: Strategy | None = None) -> None:
        _check(self, min_budget, max_budget, eta)
        self.min_budget, self.max_budget, self.eta = min_budget, max_budget, eta
        self.source = _source(self, source)

    def suggest(self, history: History) -> Suggestion | None:
        _known(self, history)
        budgets = _budgets(self.min_budget, self.max_budget, self.eta)
        for rung in range(len(budgets) - 2, -1, -1):
            done = _ranked(history, _at(history.trials, rung=rung))
            promoted = {trial.info["config"] for trial in _at(history.trials, rung=rung + 1)}
            for trial in done[: len(done) // self.eta]:
                if trial.info["config"] not in promoted:
                    return Suggestion(trial.params, budgets[rung + 1], {**trial.info, "rung": rung + 1})
        return _draw(history, 0, len(_at(history.trials, rung=0)), budgets[0], self.source)


def lessons(history: History) -> History:
    """What the source of configurations sees: one trial for each that it drew, with its loss at the budget that teaches.

    That is the highest budget with at least n_dims + 2 losses (the lowest budget before that). Until it has 2 n_dims + 1
    losses, a configuration that stopped below it is credited with its last loss plus what others gained from there on:
    the median, from one budget to the next, over all that were trained at both. Later it counts as failed, or as running
    where it may still get there, since low budgets may mislead.
    """
    by_config: dict[tuple[int, int], list[Trial]] = {}
    top_rung: dict[int, int] = {}
    for trial in history.trials:
        bracket, config, rung = (trial.info[mark] for mark in ("bracket", "config", "rung"))
        by_config.setdefault((bracket, config), []).append(trial)
        top_rung[bracket] = max(rung, top_rung.get(bracket, 0))
    losses: list[dict[Any, Any]] = [
        {trial.budget: trial.value for trial in trials if trial.state == "complete"} for trials in by_config.values()
    ]
    counts = Counter(budget for one in losses for budget in one)
    budgets, n_dims = sorted(counts), len(history.space)
    teaching = max([*budgets[:1], *(budget for budget in budgets if counts[budget] >= n_dims + 2)], default=None)
    few = counts[teaching] < 2 * n_dims + 1
    level = dict.fromkeys(budgets, 0.0)
    for low, high in itertools.pairwise(budgets):
        gains = [one[high] - one[low] for one in losses if low in one and high in one]
        level[high] = level[low] + (float(np.median(gains)) if gains else 0.0)
    drawn: list[Trial] = []
    for (bracket, _), trials, one in zip(by_config, by_config.values(), losses, strict=True):
        state, value = trials[-1].state, None
        if one and state != "failed":
            nearest = max((budget for budget in one if budget <= teaching), default=min(one))
            if few or nearest >= teaching:
                state, value = "complete", one[nearest] + level[teaching] - level[nearest]
            elif state == "complete":
                state = "running" if trials[-1].info["rung"] == top_rung[bracket] else "failed"
        drawn.append(replace(trials[0], number=len(drawn), budget=teaching, state=state, value=value))
    return replace(history, trials=tuple(drawn))


def _climb(
    history: History, mine: list[Trial], bracket: int, rungs: Rungs, eta: int, source: Strategy
) -> Suggestion | None:
    """The next trial of a bracket, of which `mine` are the trials so far; None where it waits or is done."""
    drawn = len(_at(mine, rung=0))
    if drawn < rungs[0][0]:
        suggestion = _draw(history, bracket, drawn, rungs[0][1], source)
        if suggestion is not None:
            return suggestion
    for rung in range(1, len(rungs)):
        below, here = _at(mine, rung=rung - 1), {trial.info["config"] for trial in _at(mine, rung=rung)}
        if any(trial.state == "running" for trial in below):
            return None
        for trial in _ranked(history, below)[: min(rungs[rung][0], drawn // eta**rung)]:
            if trial.info["config"] not in here:
                return Suggestion(trial.params, rungs[rung][1], {**trial.info, "rung": rung})
    return None


def _draw(history: History, bracket: int, config: int, budget: int, source: Strategy) -> Suggestion | None:
    """A new configuration for the lowest rung, number `config` of its bracket; None where the source has ended."""
    suggestion = source.suggest(lessons(history))
    if suggestion is None:
        return None
    return Suggestion(suggestion.params, budget, {**suggestion.info, "bracket": bracket, "rung": 0, "config": config})


def _at(trials: Iterable[Trial], **marks: int) -> list[Trial]:
    return [trial for trial in trials if all(trial.info[key] == mark for key, mark in marks.items())]


def _ranked(history: History, trials: Sequence[Trial]) -> Sequence[Trial]:
    """The complete ones among `trials`, best first, the earlier of equals first."""
    return replace(history, trials=tuple(trials)).ranked


def _budgets(min_budget: int, max_budget: int, eta: int) -> list[int]:
    """min_budget eta^i for i = 0, 1, ..., up to max_budget."""
    budgets = [min_budget]
    while budgets[-1] * eta <= max_budget:
        budgets.append(budgets[-1] * eta)
    return budgets


def _positive(who: object, name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{type(who).__name__}: {name}={value!r} must be an integer of at least 1")
    return int(value)


def _check(who: object, min_budget: int, max_budget: int, eta: int) -> None:
    name = type(who).__name__
    if _positive(who, "eta", eta) < 2:
        raise ValueError(f"{name}: eta={eta} must be at least 2")
    if _positive(who, "min_budget", min_budget) > _positive(who, "max_budget", max_budget):
        raise ValueError(f"{name}: min_budget={min_budget} must not be above max_budget={max_budget}")


def _source(who: object, source: Strategy | None) -> Strategy:
    source = RandomSearch() if source is None else source
    return check_strategy(f"{type(who).__name__}: source", source, "a strategy, such as RandomSearch()")


def _known(who: object, history: History) -> None:
    for trial in history.trials:
        if not {"bracket", "config", "rung"} <= trial.info.keys():
            raise ValueError(
                f"{type(who).__name__}: trial {trial.number} is on no rung, because another strategy suggested it; begin a "
                "new study"
            )
