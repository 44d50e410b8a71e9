"""The history of a study: all that a strategy may know.

A history is a view of the study's log: it costs nothing to make, and it does not change while the study continues. What
a strategy needs beyond the trials (which params were tried, the best of each rung) is an *index*: `History.index` adds
what is new, and an index built from scratch on the same trials holds the same. So a strategy remains a function of the
history without reading all of it each time. Losses are minimized: -value, if a metric is maximized. Chapters 1 and 5.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from hpt_lab.space import Params, Space
from hpt_lab.study.log import I, Index, Log, Trials
from hpt_lab.study.trial import Suggestion, Trial, using
from hpt_lab.values.checks import WrongType, seed, short

__all__ = ["History", "Index", "Levels", "Log", "Strategy", "Suggestion", "Trial", "Trials", "at_budget"]


@dataclass(frozen=True)
class History:
    """The state of a study that a strategy may look at: its space and its trials.

    Attributes
    ----------
    space : Space
    trials : sequence of Trial, in the order in which they were asked for
    seed : int, for what must stay the same during a whole study, such as the scrambling of a Sobol sequence
    direction : {"minimize", "maximize"}
    start : tuple of dict, params that the user wants tried first, in this order, whatever the strategy
    """

    space: Space
    trials: Trials
    seed: int = 0
    direction: Literal["minimize", "maximize"] = "minimize"
    start: tuple[Params, ...] = ()

    if TYPE_CHECKING:  # the caller may pass any sequence of trials

        def __init__(
            self, space: Space, trials: Sequence[Trial], seed: int = 0, direction: Any = "minimize", start: Any = ()
        ): ...

    def __post_init__(self) -> None:
        check_direction("History", self.direction)
        seed("History: seed", self.seed)
        if not isinstance(self.space, Space):
            raise WrongType(f"History: space={short(self.space)} must be a Space")
        if not isinstance(self.trials, Trials):
            listed = list(self.trials) if isinstance(self.trials, Iterable) else [None]
            if not all(isinstance(trial, Trial) for trial in listed):
                raise WrongType(f"History: trials={short(self.trials)} must be a sequence of trials")
            object.__setattr__(self, "trials", Trials(Log(enumerate(listed))))

    @classmethod
    def of(cls, space: Space, log: Log, seed: int, direction: str, start: tuple[Params, ...]) -> History:
        """Return the history of a log as it is now, from parts that are already checked."""
        history = object.__new__(cls)
        vars(history).update(space=space, trials=Trials(log), seed=seed, direction=direction, start=start)
        return history

    @property
    def without_trials(self) -> History:
        """The same history without its trials, for an index, which would otherwise keep them alive."""
        return History.of(self.space, Log(), self.seed, self.direction, self.start)

    @property
    def next_start(self) -> Params | None:
        """The first of the `start` params not yet asked for; `{}` for an empty space, which no strategy can search."""
        left = self.start[len(self.index(_ByUser).started) :] if self.start else ()
        return left[0] if left else None if self.space.dimensions else {}

    @property
    def n_asked(self) -> int:
        """The number of trials that were asked for: all except those that were added."""
        return self.trials.n_trials - len(self.index(_ByUser).added)

    @property
    def n_suggested(self) -> int:
        """The number of the strategy's own trials: neither added nor among the `start` params."""
        return self.n_asked - len(self.index(_ByUser).started)

    @property
    def n_configs(self) -> int:
        """The number of configurations asked for; in halving, trials on higher rungs train the same configuration again."""
        return self.n_asked - sum(trial.info.get("rung", 0) != 0 for trial in self.trials)

    @property
    def spent(self) -> float:
        """Units of budget spent on finished trials: see `Study.spent`."""
        return self.index(_ByState).spent

    @property
    def committed(self) -> float:
        """Units of budget spent on finished trials, plus the whole budgets of the running ones."""
        return self.spent + sum(map(_whole_budget, self.index(_ByState).running.values()))

    @property
    def as_suggested(self) -> History:
        """The history for a strategy, where the params of a trial are all those suggested, unused ones included."""
        if not self.trials.log.some_unused:
            return self
        return History.of(self.space, self.index(_Suggested), self.seed, self.direction, self.start)

    def index(self, make: Callable[[History], I]) -> I:
        """Return the index that `make(history)` starts, with all trials of this history in it. It is kept: don't change it."""
        if not callable(make):
            raise WrongType(f"History: make={short(make)} must be an index class, or a function that returns an index")
        return self.trials.log.index(make, self, self.trials.version)

    @property
    def finished(self) -> tuple[Trial, ...]:
        """The complete trials."""
        return tuple(self.index(_ByState).complete)

    @property
    def running(self) -> tuple[Trial, ...]:
        """The trials that were asked for and are not yet finished."""
        return tuple(trial for _, trial in sorted(self.index(_ByState).running.items()))

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The trials whose objective raised an error or returned no finite number."""
        return tuple(trial for _, trial in sorted(self.index(_ByState).failed.items()))

    @property
    def n_running(self) -> int:
        """The number of running trials."""
        return len(self.index(_ByState).running)

    @property
    def stopped(self) -> tuple[Trial, ...]:
        """The complete trials whose run a stopping rule ended."""
        return tuple(trial for trial in self.finished if trial.stopped is not None)

    @property
    def saved(self) -> int:
        """Units of budget that stopping saved, if each stopped run had been as long as the longest of all runs."""
        longest = max((len(trial.curve) for trial in self.finished), default=0)
        return sum(longest - len(trial.curve) for trial in self.stopped)

    def loss(self, trial: Trial) -> float:
        """Return the loss of a complete trial, to be minimized; the expected one, if its run was given up.

        Raises ValueError if the trial is not complete.
        """
        if not isinstance(trial, Trial):
            raise WrongType(f"History: trial={short(trial)} must be a Trial")
        if trial.value is None:
            raise ValueError(f"History: trial {trial.number} is {trial.state}, but must be complete to have a loss")
        value = trial.value if trial.expected is None else trial.expected
        return -value if self.direction == "maximize" else value

    @property
    def losses(self) -> np.ndarray:
        """The losses of the complete trials, always to be minimized: ndarray of shape (n_finished,)."""
        return np.array([self.loss(trial) for trial in self.index(_ByState).complete], float)

    @property
    def rng(self) -> np.random.Generator:
        """A fresh random generator, derived from the seed and the number of the next trial: both are the key of Philox.

        Every key has its own stream (Salmon et al. 2011), and none has that of `default_rng(seed)`, which may make data.
        """
        return np.random.Generator(np.random.Philox(_Key(self.seed, self.trials.n_trials)))  # type: ignore[arg-type]

    def rank(self, trial: Trial) -> tuple[float, float]:
        """Return a key by which trials are ranked, smaller is better: first a higher budget, then a lower loss.

        A trial whose run was given up comes after all others.
        """
        return -(trial.budget or 0) if trial.expected is None else 1, self.loss(trial)

    @cached_property
    def ranked(self) -> tuple[Trial, ...]:
        """The complete trials, best first; of equals, the earlier comes first."""
        return tuple(sorted(self.finished, key=self.rank))

    @property
    def incumbent(self) -> Trial | None:
        """The first of `ranked`: the best complete trial at the highest budget reached. None before the first.

        A trial whose run a stopping rule gave up is the best only if all were.
        """
        levels = self.index(Levels)
        return levels.best.get(levels.highest)

    @property
    def incumbents(self) -> list[Trial | None]:
        """The incumbent after each trial, in order; None before the first success."""
        path: list[Trial | None] = [None]
        for trial in self.trials:
            better = trial.state == "complete" and (path[-1] is None or self.rank(trial) < self.rank(path[-1]))
            path.append(trial if better else path[-1])
        return path[1:]


class Strategy(Protocol):
    """A pure function of the history, without state of its own that could change its answers."""

    def suggest(self, history: History) -> Suggestion | None:
        """Return the next suggestion; None for nothing until a running trial ends, or for good if none is running."""


def check_strategy(name: str, value: Any, right: str = "an object with suggest(history), like RandomSearch()") -> Any:
    """Return `value` if it is an object with a method `suggest`; the class of one is not."""
    if isinstance(value, type) or not callable(getattr(value, "suggest", None)):
        raise WrongType(f"{name}={short(value)} must be {right}")
    return value


def check_direction(who: str, direction: str) -> Any:
    """Return `direction` if it is one of the two."""
    if not isinstance(direction, str) or direction not in ("minimize", "maximize"):
        raise ValueError(f"{who}: direction={short(direction)} must be 'minimize' or 'maximize'")
    return direction


class _ByState:
    """An index of the trials by their state, and the budget spent on finished ones."""

    def __init__(self, history: History) -> None:
        self.running: dict[int, Trial] = {}
        self.failed: dict[int, Trial] = {}
        self.complete: list[Trial] = []  # in the order of their places
        self._places: list[int] = []
        self.spent: float = 0

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "running":
            self.running[place] = trial
            return
        self.running.pop(place, None)
        if trial.origin != "added":
            self.spent += _whole_budget(trial) if trial.spent is None else trial.spent
        if trial.state == "failed":
            self.failed[place] = trial
        else:
            at = bisect_left(self._places, place)
            self._places.insert(at, place)
            self.complete.insert(at, trial)


def _whole_budget(trial: Trial) -> float:
    return 1 if trial.budget is None else trial.budget


class _ByUser:
    params_only = True  # it does not depend on a trial's outcome: see `strategies.source_history`

    def __init__(self, history: History) -> None:
        self.started: set[int] = set()
        self.added: set[int] = set()

    def add(self, place: int, trial: Trial) -> None:
        origin = trial.info.get("origin")
        if origin == "start" and trial.info.get("rung", 0) == 0:  # on higher rungs it appears again
            self.started.add(place)
        elif origin == "added":
            self.added.add(place)


class _Suggested(Log):
    def __init__(self, history: History) -> None:
        super().__init__()

    def add(self, place: int, trial: Trial) -> None:
        self.entries.append((place, using(trial, trial.suggested) if trial.unused else trial))


class Levels:
    """An index of the budgets of complete trials (0 for none): the best trial at each, and the number of trials."""

    def __init__(self, history: History) -> None:
        self.best: dict[float, Trial] = {}
        self.n_trials = Counter[float]()
        self.highest: float = 0
        self._ranks: dict[float, tuple[float, ...]] = {}  # of the best
        self._rank = history.without_trials.rank

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "complete":
            budget, rank = trial.budget or 0, (*self._rank(trial), place)
            self.n_trials[budget] += 1
            self.highest = max(self.highest, budget)
            if rank < self._ranks.get(budget, (math.inf,)):
                self.best[budget], self._ranks[budget] = trial, rank


def at_budget(history: History) -> str:
    """Return words on the incumbent's budget, if any, and on a lower one with a better value from more trials."""
    incumbent = history.incumbent
    if incumbent is None or incumbent.budget is None:
        return ""
    levels = history.index(Levels)
    n, loss = levels.n_trials[incumbent.budget], history.loss(incumbent)
    losses = [(history.loss(best), -b) for b, best in levels.best.items() if b and levels.n_trials[b] > n]
    if not losses or min(losses)[0] >= loss:
        return f" at budget {incumbent.budget:g}"
    budget = -min(losses)[1]
    others = f"at budget {budget:g}: {levels.best[budget].value:.6g} of {levels.n_trials[budget]}"
    return f" at budget {incumbent.budget:g} (of {n} trial{'s' * (n > 1)}; {others})"


class _Key(ISeedSequence):
    """Philox's key of two words. `Philox(key=...)` would first collect entropy, and then throw it away."""

    def __init__(self, *words: int) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        return np.array(self.words, dtype)
