"""Stop early: successive halving, Hyperband and ASHA choose the budget as well as the hyperparameters.

Train many configurations briefly, keep the best 1/eta, train those eta times as long, and so on. A *rung* is one such
round, a *bracket* a whole ladder of rungs:

    rung i of the k rungs of a bracket of n configurations:    floor(n / eta^i) at budget floor(R / eta^(k - 1 - i))

R is the budget of a full training run, in the objective's own unit (epochs, trees, samples). Few rungs waste budget on
bad configurations, many rungs rely too much on short training: so Hyperband runs a bracket for every number of rungs.
New configurations come from any other strategy, the `source`, which sees one trial per configuration drawn so far
(`source_history`). With `source=TPE()`, Hyperband works much like BOHB (Falkner et al. 2018, algorithm 2), with
different densities; but all configurations come from the source (in BOHB, a share rho = 1/3 is random), a budget is
learned from once it has n_dims + 2 losses (BOHB: n_dims + 3), and while it has few, those of lower budgets are used as
well, credited with what others gained from there on. Ladders are built down from R, so that each ends with full
training. Jamieson and Talwalkar (2016); Li et al. (2018), algorithm 1; Li et al. (2020), algorithm 2. Chapter 5.
"""

import itertools
import math
from dataclasses import replace
from typing import Any

from hpt_lab.strategies.random_search import RandomSearch
from hpt_lab.strategies.rungs import Brackets, Ladder, promoted, source_history
from hpt_lab.study import History, Strategy, Suggestion, Trial
from hpt_lab.study.history import check_strategy
from hpt_lab.values.checks import integer, require, short
from hpt_lab.values.frozen import unfrozen

MOST = 2**53  # of a budget: beyond, a float does not hold each integer


class _Halving:
    """The base of the three: the budgets, the elimination rate, and the source of new configurations."""

    def __init__(self, min_budget: int, max_budget: int, eta: int = 3, source: Strategy | None = None) -> None:
        who = type(self).__name__
        self.min_budget = integer(f"{who}: min_budget", min_budget, least=1)
        self.max_budget = integer(f"{who}: max_budget", max_budget, least=1)
        self.eta = integer(f"{who}: eta", eta, least=2)
        require(self.max_budget <= MOST, f"{who}: max_budget", max_budget, "at most 2^53", ValueError)
        if self.min_budget > self.max_budget:
            raise ValueError(f"{who}: min_budget={min_budget} must not be above max_budget={max_budget}")
        source = RandomSearch() if source is None else source
        self.source: Strategy = check_strategy(f"{who}: source", source, "a strategy, such as RandomSearch()")

    @property
    def budgets(self) -> list[int]:
        """The budgets max_budget / eta^i that are not below min_budget, rounded down, in ascending order."""
        budgets = [self.max_budget]
        while (lower := self.max_budget // self.eta ** len(budgets)) >= self.min_budget:
            budgets.insert(0, lower)
        return budgets

    def _draw(self, history: History, bracket: int, config: int, budget: int) -> Suggestion | None:
        """Return a new configuration for the lowest rung, number `config` of its bracket; None if the source has ended."""
        if history.next_start is not None:
            new: Any = Suggestion(unfrozen(history.next_start), info={"origin": "start"})
        else:
            new = self.source.suggest(source_history(history))
        if new is None:
            return None
        if not isinstance(new, Suggestion) or new.budget is not None:
            what = "must be a Suggestion without a budget, or None"
            raise TypeError(f"{type(self).__name__}: the source suggested {short(new)}, which {what}")
        return Suggestion(new.params, budget, {**new.info, "bracket": bracket, "rung": 0, "config": config})

    def _go_on(self, history: History, ladder: Ladder, bracket: int) -> Suggestion | None:
        """Return the next trial of a bracket: a draw until its lowest rung is full, then a promotion."""
        (n_configs, budget), n_drawn = ladder.brackets.rungs(bracket)[0], ladder.drawn(bracket)
        new = self._draw(history, bracket, n_drawn, budget) if n_drawn < n_configs else None
        return ladder.climb(bracket) if new is None else new

    def suggest(self, history: History) -> Suggestion | None:
        """Return a new configuration for the lowest rung, or a promotion; None while a rung waits, and after the last."""
        suggestion = self._next(history, history.index(self._brackets()))
        return None if suggestion is None else replace(suggestion, standing=self.standing)  # see `pausable`

    def _brackets(self) -> Brackets:
        """Return the ladders of this strategy."""
        raise NotImplementedError

    def _next(self, history: History, ladder: Ladder) -> Suggestion | None:
        raise NotImplementedError

    def standing(self, history: History, trial: Trial) -> float | None:
        """Return the share of its rung that is better than a trial, or None if it will not be promoted: see `pausable`."""
        return history.index(self._brackets()).standing(trial)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class SuccessiveHalving(_Halving):
    """Run one bracket: `n_configs` configurations at `min_budget`, the best 1/eta at eta times the budget, and so on.

    It ends after the last rung, at `max_budget`. If there are too few configurations for all the rungs that the budgets
    allow, the first rung is above `min_budget`, as in the later brackets of Hyperband. Raises ValueError or TypeError
    if an argument is out of range or of the wrong type.

    Parameters
    ----------
    n_configs : int, the number of configurations on the lowest rung
    min_budget, max_budget : int, the lowest budget worth trying, and that of a full training run
    eta : int, keep one in `eta`, at least 2
    source : Strategy, where new configurations come from; it must not set budgets; by default `RandomSearch()`

    Examples
    --------
    >>> SuccessiveHalving(27, 1, 27).rungs
    [(27, 1), (9, 3), (3, 9), (1, 27)]
    """

    def __init__(
        self, n_configs: int, min_budget: int, max_budget: int, eta: int = 3, source: Strategy | None = None
    ) -> None:
        self.n_configs = integer("SuccessiveHalving: n_configs", n_configs, least=1)
        super().__init__(min_budget, max_budget, eta, source)

    @property
    def rungs(self) -> list[tuple[int, int]]:
        """The pair (configurations, budget) of every rung."""
        counts = [n for i in range(len(self.budgets)) if (n := self.n_configs // self.eta**i)]
        return list(zip(counts, self.budgets[-len(counts) :], strict=True))

    def _brackets(self) -> Brackets:
        return Brackets((tuple(self.rungs),), self.eta)

    def _next(self, history: History, ladder: Ladder) -> Suggestion | None:
        return self._go_on(history, ladder, 0)


class Hyperband(_Halving):
    """Run a bracket of successive halving for every number of rungs, the longest ladder first; then start over.

    While the rung of one bracket waits for running trials, the next bracket begins, so that no worker is idle; it never ends.
    Raises ValueError or TypeError if an argument is out of range or of the wrong type.

    Parameters
    ----------
    min_budget, max_budget : int, the lowest budget worth trying, and that of a full training run
    eta : int, keep one in `eta`, at least 2
    source : Strategy, as for `SuccessiveHalving`

    Examples
    --------
    >>> [[n for n, budget in bracket] for bracket in Hyperband(1, 81).brackets]
    [[81, 27, 9, 3, 1], [34, 11, 3, 1], [15, 5, 1], [8, 2], [5]]
    """

    @property
    def brackets(self) -> list[list[tuple[int, int]]]:
        """The pair (configurations, budget) of every rung of every bracket, in the order in which they run."""
        budgets, table = self.budgets, []
        for k in range(len(budgets), 0, -1):
            n = -(-len(budgets) * self.eta ** (k - 1) // k)  # rounded up, in integers
            table.append([(n // self.eta**i, budget) for i, budget in enumerate(budgets[-k:])])
        return table

    def _brackets(self) -> Brackets:
        return Brackets(tuple(map(tuple, self.brackets)), self.eta)

    def _next(self, history: History, ladder: Ladder) -> Suggestion | None:
        for bracket in itertools.count(ladder.first_open):
            suggestion = self._go_on(history, ladder, bracket)
            if suggestion is not None or not ladder.drawn(bracket):
                return suggestion
        raise AssertionError("the brackets have no end")


class ASHA(_Halving):
    """Run asynchronous successive halving: promote any configuration that is among the best 1/eta of its rung so far.

    If none is, draw a new one. It never ends or waits, so that any number of workers stay busy (Li et al. 2020,
    algorithm 2, with the ladder built down from `max_budget`). A promotion is a trial: of n trials, about n (1 - 1 /
    eta) are new configurations, which `study.history.n_configs` counts. Raises ValueError or TypeError if an argument
    is out of range or of the wrong type.

    Parameters
    ----------
    min_budget, max_budget, eta, source : as for `Hyperband`
    """

    def _brackets(self) -> Brackets:
        return Brackets((tuple((math.inf, budget) for budget in self.budgets),), self.eta)

    def _next(self, history: History, ladder: Ladder) -> Suggestion | None:
        rungs = ladder.brackets.rungs(0)
        for rung in range(len(rungs) - 2, -1, -1):
            below = ladder.rung(0, rung)
            trial = below.next(len(below.complete) // self.eta)
            if trial is not None:
                return promoted(trial, rungs[rung + 1][1])
        return self._draw(history, 0, ladder.drawn(0), rungs[0][1])
