"""The history of a study: everything a strategy may know.

A history is a view of the study's log: making one costs nothing, and it stays what it was while the study goes on.

A strategy that needs more than a look at the trials (which were tried, the best of each rung) describes it as an
*index*, that takes in one entry of the log after the other. `History.index` brings it up to date at the cost of what is
new; made from scratch on the same trials it holds the same. So a strategy stays a function of the history, and does not
read all of it again for every trial.

Losses are minimised. A metric that is maximised is turned around, once, in `History.losses`: loss = -value.

Chapter 1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from hpt_lab.space import Params, Space
from hpt_lab.study.budgets import Spending
from hpt_lab.study.log import I, Index, Log, Trials
from hpt_lab.study.trial import Suggestion, Trial
from hpt_lab.values.checks import WrongType, seed, short

__all__ = ["History", "Index", "Log", "Strategy", "Suggestion", "Trial", "Trials"]


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
    start : tuple of dict
        Params that a user wants tried first. They are asked for in this order, whatever the strategy is.
    """

    space: Space
    trials: Sequence[Trial]
    seed: int = 0
    direction: str = "minimize"
    start: tuple[Params, ...] = ()

    def __post_init__(self) -> None:
        check_direction("History", self.direction)
        seed("History: seed", self.seed)
        if not isinstance(self.space, Space):
            raise WrongType(f"History: space={short(self.space)} must be a Space")
        if not isinstance(self.trials, Trials):
            listed = list(self.trials) if isinstance(self.trials, Iterable) else [None]
            if not all(isinstance(trial, Trial) for trial in listed):
                raise WrongType(f"History: trials={short(self.trials)} must be a sequence of trials")
            object.__setattr__(self, "trials", Trials.of(listed))

    @property
    def next_start(self) -> Params | None:
        """The first of the `start` params that no trial was asked for with; None where there is none (left).

        Where the space is empty, which no strategy can search, it is `{}`: see `hpt_lab.loop.define_by_run`.
        """
        if not len(self.space):
            return {}
        n_started = len(self.index(_Given).started) if self.start else 0
        return self.start[n_started] if n_started < len(self.start) else None

    @property
    def n_asked(self) -> int:
        """How many trials were asked for: all but those that were added, which somebody had trained elsewhere."""
        return len(self.trials) - len(self.index(_Given).added)

    @property
    def n_suggested(self) -> int:
        """How many trials are the strategy's own: neither added nor among the `start` params."""
        given = self.index(_Given)
        return len(self.trials) - len(given.added) - len(given.started)

    @property
    def spent(self) -> float:
        """Units of budget that the told trials spent: see `Study.spent`."""
        return self.index(Spending).told

    @property
    def committed(self) -> float:
        """The same with the whole budgets of the running trials."""
        spending = self.index(Spending)
        return spending.told + sum(spending.running.values())

    def index(self, make: Callable[[History], I]) -> I:
        """The index that `make(history)` begins, with all trials of this history in it. Read it, but do not change it.

        It is kept with the study, and the next history only adds what is new.
        """
        if not callable(make):
            raise WrongType(f"History: make={short(make)} must be a class of index, or a function that begins one")
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
        """The loss of a complete trial, to be minimised. ValueError if it is not complete."""
        if not isinstance(trial, Trial):
            raise WrongType(f"History: trial={short(trial)} must be a Trial")
        if trial.value is None:
            raise ValueError(f"History: trial {trial.number} is {trial.state}, and must be complete to have a loss")
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


class _Given:
    """The places of the trials that a user gave: configurations to start with, and trials that were added."""

    params_only = True  # whatever became of a trial: see `strategies.lessons`

    def __init__(self, history: History) -> None:
        self.started: set[int] = set()
        self.added: set[int] = set()

    def add(self, place: int, trial: Trial) -> None:
        if trial.origin == "start" and trial.info.get("rung", 0) == 0:  # on higher rungs it is there once more
            self.started.add(place)
        elif trial.origin == "added":
            self.added.add(place)


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
