"""Where a study is kept: the verbs that a study needs of any place, and the one that is in memory alone.

    transaction()                   a `with` inside which nobody else writes
    refresh()                       take in what others have entered
    enter(), rewrite()              one more entry of the log; other entries from here on
    orphans(), claim(), release()   running trials in nobody's hands

Chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from hpt_lab.space import Params, Space
from hpt_lab.study.history import History
from hpt_lab.study.log import Log
from hpt_lab.study.trial import Trial

__all__ = ["Backend", "Entries", "InMemory", "Notes", "Start"]

Entries = Iterable[tuple[int, Trial]]  # of a log
Notes = Mapping[str, Any]
Start = tuple[Params, ...]  # the params to start with


class Backend(Protocol):
    """Where a study is kept. Its space and its log are other objects once the log was rewritten."""

    space: Space
    log: Log
    start: Start

    @property
    def name(self) -> str | None:
        """The name of the study there."""

    @property
    def shared(self) -> bool:
        """Whether other processes may take part: what one gives up, another gets."""

    @property
    def notes(self) -> Notes:
        """What is kept with the study, in JSON's types."""

    def transaction(self, flush: bool = False) -> AbstractContextManager[Any]:
        """Refresh, and return a `with` inside which nobody else writes; `flush`: it is to survive a loss of power."""

    def refresh(self) -> None:
        """Take in what others have entered."""

    def enter(self, place: int, trial: Trial) -> None:
        """Add an entry to the log, inside a transaction; an interrupt leaves it done or not done."""

    def rewrite(
        self, entries: Entries, space: Space | None = None, start: Start | None = None, notes: Notes | None = None
    ) -> None:
        """Replace the log, inside a transaction, and the space and the start where they are given; add `notes`."""

    def note(self, notes: Notes) -> None:
        """Add notes, inside a transaction."""

    def orphans(self, history: History) -> list[Trial]:
        """Return the running trials in nobody's hands."""

    def claim(self, trial: Trial) -> None:
        """Take a running trial into our hands, inside a transaction."""

    def release(self, trial: Trial) -> None:
        """Leave a running trial in nobody's hands, inside a transaction."""

    def in_memory(self) -> InMemory:
        """Return a copy that is kept in memory alone, and goes on on its own."""

    def close(self) -> None:
        """Let go of all that is ours there; the study can still be read."""


class InMemory:
    """A study that is kept in memory alone, by one process."""

    name = None
    shared = False

    def __init__(self, space: Space, start: Start = (), entries: Entries = (), notes: Notes | None = None) -> None:
        self.space, self.start, self.log, self.notes = space, start, Log(entries), notes or {}
        self._released: set[int] = set()

    def transaction(self, flush: bool = False) -> AbstractContextManager[Any]:
        return nullcontext()

    def refresh(self) -> None:
        pass

    def enter(self, place: int, trial: Trial) -> None:
        self.log.add(place, trial)

    def rewrite(
        self, entries: Entries, space: Space | None = None, start: Start | None = None, notes: Notes | None = None
    ) -> None:
        space, start = self.space if space is None else space, self.start if start is None else start
        vars(self).update(log=Log(entries), space=space, start=start, notes={**self.notes, **(notes or {})})  # one step

    def note(self, notes: Notes) -> None:
        self.notes = {**self.notes, **notes}

    def orphans(self, history: History) -> list[Trial]:
        return [trial for trial in history.running if trial.number in self._released] if self._released else []

    def claim(self, trial: Trial) -> None:
        self._released.discard(trial.number)

    def release(self, trial: Trial) -> None:
        self._released.add(trial.number)

    def in_memory(self) -> InMemory:
        return InMemory(self.space, self.start, self.log.entries, self.notes)

    def close(self) -> None:
        pass
