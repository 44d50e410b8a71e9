"""The log of a study, and the trials that it held at one point in time.

A study only appends to its log: a trial when it is asked for, and again when it is told, as in trial 0 (running), trial
0 (complete), trial 1 (running). Its trials at version v are the newest of each in log[:v]. Chapter 1.

The indices that a history keeps of its trials: by state, who gave them, the front, the best at each budget. Chapter 1.

Each is a summary that grows with the log, and is the same in whatever order the trials end: see `log.Index`.
"""

import math
import operator
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar

from hpt_lab.study.trial import Trial, keep_only
from hpt_lab.values.checks import integer


class Index(Protocol):
    """A strategy's summary of the trials, made from a `History` whose trials it will be shown.

    The same trials in any order, each shown once or twice (running, then finished), must leave the same index.
    """

    def add(self, place: int, trial: Trial) -> None:
        """Add the trial at position `place` of the history: a new one, or the outcome of one that was running."""


I = TypeVar("I", bound=Index)


class Log:
    """All entries of a study, each a trial and its position. Adding one is a single step: done, or not done."""

    def __init__(self, entries: Iterable[tuple[int, Trial]] = (), revision: int = 0) -> None:
        self.entries: list[tuple[int, Trial]] = list(entries)
        self.revision = revision  # how many times it was rewritten, where it is kept in a file
        self.indices: dict[tuple[Any, ...], tuple[int, Any, Any]] = {}  # key -> (entries seen, index, space)
        self._first: dict[int, int] = {}  # place -> number of its first entry
        self._newest: dict[int, int] = {}
        self._seen = 0
        self.some_unused = False  # whether some trial did not use all that was suggested

    def places(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return two dicts: position -> number of its first entry, and of its newest."""
        for number in range(self._seen, len(self.entries)):  # each step may be done twice: an interrupt repeats it
            place, trial = self.entries[number]
            self.some_unused |= bool(trial.unused)
            self._first.setdefault(place, number)
            self._newest[place] = number
            self._seen = number + 1
        return self._first, self._newest

    def __len__(self) -> int:
        return len(self.places()[0])

    def version(self) -> int:
        """Return the number of entries so far."""
        return len(self.entries)

    def find(self, place: int) -> Trial | None:
        """Return the trial at a position as it is now, or None."""
        number = self.places()[1].get(place)
        return None if number is None else self.entries[number][1]

    def __reduce__(self) -> tuple[Any, ...]:
        return Log, (self.entries.copy(), self.revision)

    def index(self, make: Callable[[Any], I], history: Any, version: int) -> I:
        """Return the index that `make` starts, with the first `version` entries in it."""
        # Each thread has its own, so that none grows while it is read; so has each space, seed and direction.
        key = threading.get_ident(), make, history.seed, history.direction, id(history.space)
        # It is removed while it grows, so that an interrupt leaves no half-grown index behind.
        seen, index, _ = self.indices.pop(key, (0, None, None))
        if index is None or seen > version:
            seen, index = 0, make(history)
        for place, trial in self.entries[seen:version]:
            index.add(place, trial)
        self.indices[key] = version, index, history.space  # kept, since another space could get its id
        return index


class Derived(Log):
    """A log of a history's trials with other outcomes, which are made when one is looked at.

    Their params are the same, so an index that reads nothing else (`params_only`) is that of the history, which is kept.
    """

    def __init__(self, history: Any, make_trials: Callable[[], Iterable[Trial]]) -> None:
        super().__init__()
        del self.entries  # see below
        self._history, self._make_trials = history, make_trials
        self.some_unused = history.trials.log.some_unused

    @cached_property
    def entries(self) -> list[tuple[int, Trial]]:  # type: ignore[override]
        return list(enumerate(self._make_trials()))

    def places(self) -> tuple[Any, Any]:
        return (every := range(self._history.trials.n_trials)), every

    def version(self) -> int:
        return self._history.trials.n_trials

    def index(self, make: Callable[[Any], I], history: Any, version: int) -> I:
        if getattr(make, "params_only", False):
            return self._history.index(make)
        return super().index(make, history, version)


class Trials(Sequence[Trial]):
    """The trials of a log as they are now, in the order in which they were asked for."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._first, self._newest = log.places()
        self.n_trials, self.version = len(self._first), log.version()

    def _at(self, place: int) -> Trial:
        number = self._newest[place]
        return self.log.entries[number if number < self.version else self._first[place]][1]

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return tuple(map(self._at, range(*place.indices(self.n_trials))))
        number = place if type(place) is int else integer("trials: the index", place)
        if not -self.n_trials <= number < self.n_trials:
            raise IndexError(f"trials: the index {number} must be below the number of trials, {self.n_trials}")
        return self._at(number % self.n_trials)

    def __len__(self) -> int:
        return self.n_trials

    def __iter__(self) -> Iterator[Trial]:
        return map(self._at, range(self.n_trials))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Trials):
            return self.n_trials == other.n_trials and all(map(operator.eq, self, other))
        return tuple(self) == other

    def __add__(self, other: Iterable[Trial]) -> tuple[Trial, ...]:
        return (*self, *other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Trials, (Log(enumerate(self)),)


class ByState:
    """An index of the trials by their state, and the budget spent on finished ones."""

    def __init__(self, history: Any) -> None:
        self.running: dict[int, Trial] = {}
        self.failed: dict[int, Trial] = {}
        self.complete: list[Trial] = []  # in their order
        self.places: list[int] = []  # of the complete ones
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
            at = bisect_left(self.places, place)
            self.places.insert(at, place)
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
        self.entries.append((place, keep_only(trial, trial.suggested) if trial.unused else trial))


class Front:
    """An index of the feasible trials that none dominates, by place; of equals, the first."""

    def __init__(self, history: Any) -> None:
        self.members: dict[int, Trial] = {}
        self._losses: dict[int, tuple[float, ...]] = {}
        self._signs = history.directions.signs

    def add(self, place: int, trial: Trial) -> None:
        if trial.state != "complete" or not trial.feasible:
            return
        new = tuple(map(operator.mul, self._signs, trial.objectives))
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
