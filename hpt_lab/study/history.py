"""Trials and the history they form: everything a strategy may know.

A study only ever adds to its log: a trial once when it is asked for, and once more when it is told. The trials after the
first v entries never change, so a history is the log and a number v: it costs nothing to make, and stays what it was while
the study goes on.

    log   trial 0 (running), trial 0 (complete), trial 1 (running), ...        history at v   the newest of each in log[:v]

A strategy that needs more than a look at the trials (which were tried, the best of each rung) describes it as an
*index*, that takes in one entry after the other. `History.index` brings it up to date at the cost of what is new; made
from scratch on the same trials it holds the same. So a strategy stays a function of the history, and does not read all of
it again for every trial.

Losses are minimised. A metric that is maximised is turned around, once, in `History.losses`: loss = -value.

Chapter 1.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from typing import Any, Protocol, TypeVar, overload

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from hpt_lab.checks import integer, seed, short
from hpt_lab.space import Params, Space

__all__ = ["History", "Index", "Log", "Strategy", "Suggestion", "Trial", "Trials"]


@dataclass(frozen=True)
class Suggestion:
    """What a strategy wants tried next.

    Parameters
    ----------
    params : dict
        A point of the search space: a value for every active dimension.
    budget : float, optional
        How much training to spend (epochs, trees, samples), above 0, under a strategy that decides this as well.
    info : dict
        Marks that the strategy will find again in the history, of JSON's types.
    """

    params: Params
    budget: float | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in (("params", self.params), ("info", self.info)):
            if not isinstance(value, Mapping):
                raise TypeError(f"Suggestion: {name}={short(value)} must be a dict")
        if isinstance(self.budget, Real) and self.budget <= 0:
            raise ValueError(f"Suggestion: budget={self.budget} must be above 0")


@dataclass(frozen=True)
class Trial:
    """One training with one set of hyperparameters.

    Attributes
    ----------
    number : int
        Position in the study, from 0.
    params, budget, info
        As suggested. In a study's history nobody can change them.
    value : float or None
        The objective's value, as told; None until the trial is complete.
    state : {"running", "complete", "failed"}
    error : str or None
        Why the trial failed.
    started : float
        Seconds since 1970-01-01 UTC. No two trials of a process have the same: it tells a trial from its namesakes.
    seconds : float or None
        From ask to tell.
    """

    number: int
    params: Params
    budget: float | None = None
    value: float | None = None
    state: str = "running"
    error: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    started: float = 0.0
    seconds: float | None = None


class Index(Protocol):
    """What a strategy keeps of the trials: a class that is made from a `History`, whose trials it has not seen yet.

    The same trials in any order, each shown once or (running, then told) twice, must leave the same index.
    """

    def add(self, place: int, trial: Trial) -> None:
        """Take in a trial that stands at `place` in the history: a new one, or the outcome of one that was running."""


I = TypeVar("I", bound=Index)


class Log:
    """All entries that a study has made, each a trial and its place; they are only added to.

    To add is one step: an interrupt at any moment leaves it done or not done.
    """

    def __init__(self, entries: Iterable[tuple[int, Trial]] = ()) -> None:
        self.entries: list[tuple[int, Trial]] = list(entries)
        self.indices: dict[tuple[int, Any], tuple[int, Any]] = {}  # (thread, class) -> (entries seen, index)
        self._first: dict[int, int] = {}  # place -> number of its first entry
        self._newest: dict[int, int] = {}
        self._seen = 0

    def add(self, place: int, trial: Trial) -> None:
        self.entries.append((place, trial))

    def places(self) -> tuple[dict[int, int], dict[int, int]]:
        """Place -> number of its first, and of its newest entry."""
        for number in range(self._seen, len(self.entries)):  # each step may be done twice, as after an interrupt
            place = self.entries[number][0]
            self._first.setdefault(place, number)
            self._newest[place] = number
            self._seen = number + 1
        return self._first, self._newest

    def __len__(self) -> int:
        """How many trials there are."""
        return len(self.places()[0])

    def newest(self, place: int) -> Trial:
        return self.entries[self.places()[1][place]][1]

    def index(self, make: Callable[[History], I], history: History, version: int) -> I:
        """See `History.index`."""
        key = threading.get_ident(), make  # a thread has its own: nobody else's grows while it is read
        # Taken out while it grows: an interrupt in the middle must not leave half of it behind.
        seen, index = self.indices.pop(key, (0, None))
        if index is None or seen > version:
            seen, index = 0, make(history)
        for place, trial in self.entries[seen:version]:
            index.add(place, trial)
        self.indices[key] = version, index
        return index


class Trials(Sequence[Trial]):
    """The trials of a log as they are now, in the order in which they were asked for; later entries do not show."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._first, self._newest = log.places()
        self._n, self.version = len(self._first), len(log.entries)

    @classmethod
    def of(cls, trials: Iterable[Trial]) -> Trials:
        """Those of a log that begins, and ends, with the given ones."""
        return cls(Log(enumerate(trials)))

    def _at(self, place: int) -> Trial:
        number = self._newest[place]
        return self.log.entries[number if number < self.version else self._first[place]][1]

    @overload
    def __getitem__(self, place: int) -> Trial: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Trial, ...]: ...
    def __getitem__(self, place: int | slice) -> Trial | tuple[Trial, ...]:
        if isinstance(place, slice):
            return tuple(map(self._at, range(*place.indices(self._n))))
        number = integer("trials: the index", place)
        if not -self._n <= number < self._n:
            raise IndexError(f"trials: the index {number} must be below the number of trials, {self._n}")
        return self._at(number % self._n)

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Trial]:
        return map(self._at, range(self._n))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Trials):
            return self._n == other._n and all(map(Trial.__eq__, self, other))
        return tuple(self) == other

    def __add__(self, other: Iterable[Trial]) -> tuple[Trial, ...]:
        return (*self, *other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Trials.of, (tuple(self),)


@dataclass(frozen=True)
class History:
    """Everything a strategy may know.

    Attributes
    ----------
    space : Space
    trials : sequence of Trial
        In the order in which they were asked for.
    seed : int
        For what must be the same during a whole study, such as the scrambling of a Sobol sequence.
    direction : {"minimize", "maximize"}
    """

    space: Space
    trials: Sequence[Trial]
    seed: int = 0
    direction: str = "minimize"

    def __post_init__(self) -> None:
        check_direction("History", self.direction)
        if not isinstance(self.trials, Trials):
            if not isinstance(self.space, Space):
                raise TypeError(f"History: space={short(self.space)} must be a Space")
            seed("History: seed", self.seed)
            given = self.trials if isinstance(self.trials, Iterable) else [self.trials]
            listed = list(given)
            for trial in listed:
                if not isinstance(trial, Trial):
                    raise TypeError(f"History: trials={short(self.trials)} must be a sequence of trials")
            object.__setattr__(self, "trials", Trials.of(listed))

    def index(self, make: Callable[[History], I]) -> I:
        """The index that `make(history)` begins, with all trials of this history in it. Read it, but do not change it.

        It is kept with the study, and the next history only adds what is new.
        """
        assert isinstance(self.trials, Trials)
        return self.trials.log.index(make, self, self.trials.version)

    @property
    def finished(self) -> tuple[Trial, ...]:
        """The complete trials."""
        return tuple(self.index(_States).complete)

    @property
    def running(self) -> tuple[Trial, ...]:
        """The trials asked for and not yet told."""
        return tuple(trial for _, trial in sorted(self.index(_States).running.items()))

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The trials that raised, or returned no finite number."""
        return tuple(trial for _, trial in sorted(self.index(_States).failed.items()))

    @property
    def n_running(self) -> int:
        """How many trials are running."""
        return len(self.index(_States).running)

    def loss(self, trial: Trial) -> float:
        """The loss of a complete trial, to be minimised."""
        assert trial.value is not None
        return -trial.value if self.direction == "maximize" else trial.value

    @property
    def losses(self) -> np.ndarray:
        """Losses of the finished trials, always to be minimised: ndarray of shape (n_finished,)."""
        values = np.array([trial.value for trial in self.index(_States).complete], float)
        return -values if self.direction == "maximize" else values

    @property
    def rng(self) -> np.random.Generator:
        """A fresh random generator, derived from the seed and the number of the next trial.

        It has nothing in common with `np.random.default_rng(seed)`, which may have made the data: Philox takes the
        pair as its key, and every key has a stream of its own (Salmon et al. 2011).
        """
        return np.random.Generator(np.random.Philox(_Key(self.seed, len(self.trials))))  # type: ignore[arg-type]

    def rank(self, trial: Trial) -> tuple[float, float]:
        """The one rule of what is better: the smaller. A higher budget comes first, and then the lower loss.

        Of equal ones, the earlier trial is the better.
        """
        return -(trial.budget or 0), self.loss(trial)

    @cached_property
    def ranked(self) -> tuple[Trial, ...]:
        """The finished trials, best first."""
        return tuple(sorted(self.finished, key=self.rank))

    @property
    def incumbent(self) -> Trial | None:
        """The first of `ranked`: the best finished trial at the highest budget reached. None before the first."""
        return self.index(_Best).trial

    @property
    def incumbents(self) -> list[Trial | None]:
        """The incumbent after each trial, in their order; None before the first success."""
        best: Trial | None = None
        path = []
        for trial in self.trials:
            if trial.state == "complete" and (best is None or self.rank(trial) < self.rank(best)):
                best = trial
            path.append(best)
        return path


def check_direction(who: str, direction: str) -> str:
    """`direction`, which is one of two."""
    if not isinstance(direction, str) or direction not in ("minimize", "maximize"):
        raise ValueError(f"{who}: direction={short(direction)} must be 'minimize' or 'maximize'")
    return direction


class _States:
    """The trials by what became of them."""

    def __init__(self, history: History) -> None:
        self.running: dict[int, Trial] = {}
        self.failed: dict[int, Trial] = {}
        self.complete: list[Trial] = []  # in the order of their places
        self._places: list[int] = []

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "running":
            self.running[place] = trial
            return
        self.running.pop(place, None)
        if trial.state == "failed":
            self.failed[place] = trial
        else:
            at = bisect_left(self._places, place)
            self._places.insert(at, place)
            self.complete.insert(at, trial)


class _Best:
    """The incumbent."""

    def __init__(self, history: History) -> None:
        self.trial: Trial | None = None
        self._rank: tuple[float, float, int] = (0.0, 0.0, 0)
        self._empty = replace(history, trials=())  # which knows the rule, and holds no trial

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "complete":
            rank = (*self._empty.rank(trial), place)
            if self.trial is None or rank < self._rank:
                self.trial, self._rank = trial, rank


class _Key(ISeedSequence):
    """Philox's key, of two words. Given as `Philox(key=...)`, NumPy would first collect entropy, and throw it away."""

    def __init__(self, *words: int) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        return np.array(self.words, dtype)


class Strategy(Protocol):
    """A pure function of the history: no state of its own that changes its answers."""

    def suggest(self, history: History) -> Suggestion | None:
        """The next trial, or None: nothing to suggest until a running trial ends, and nothing at all if none runs."""
