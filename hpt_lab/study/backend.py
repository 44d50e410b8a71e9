"""The storage of a study: what a study needs from it, and the one that is only in memory. Chapter 1.

The other one, a file, is a tool: see `hpt_lab.tools.storage`.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from hpt_lab.space import Params, Space
from hpt_lab.study.history import History
from hpt_lab.study.log import Log
from hpt_lab.study.trial import Trial

Entries = Iterable[tuple[int, Trial]]  # of a log
Notes = Mapping[str, Any]
Start = tuple[Params, ...]  # the params to start with


class StorageError(OSError, ValueError):
    """A file of studies that cannot be read or written. The study in memory and the file stay as they were."""


class Backend(Protocol):
    """The storage of a study. Changes are made in a `with` of `transaction`; an interrupt leaves them done or not done."""

    space: Space
    log: Log
    start: Start

    @property
    def name(self) -> str | None: ...  # of the study there
    @property
    def shared(self) -> bool: ...  # whether other processes may take part: one gets the trials that another gives up
    @property
    def notes(self) -> Notes: ...  # what is kept with the study, in JSON's types
    def transaction(self, flush: bool = False) -> AbstractContextManager[Any]: ...  # refreshed; no one else writes
    def refresh(self) -> None: ...  # take in what others have entered
    def enter(self, *entries: tuple[int, Trial]) -> None: ...  # add them to the log, all or none
    def rewrite(self, entries: Entries, space: Space, start: Start, notes: Notes) -> None: ...  # by new objects
    def note(self, notes: Notes) -> None: ...  # add notes
    def owners(self, history: History) -> Mapping[int, str]: ...  # of running trials, by number, as text; {} in memory
    def orphans(self, history: History) -> list[Trial]: ...  # the running trials without an owner
    def hand_over(self, trial: Trial, to_us: bool) -> None: ...  # make us the owner of a running trial, or no one
    def close(self) -> None: ...  # release what we own; the study can still be read


class InMemory:
    """A study that is only in the memory of one process."""

    name = None
    shared = False

    def __init__(self, space: Space, start: Start = (), entries: Entries = (), notes: Notes | None = None) -> None:
        self.space, self.start, self.log, self.notes = space, start, Log(entries), notes or {}
        self._released: set[tuple[int, float]] = set()  # number and start of a trial

    def transaction(self, flush: bool = False) -> AbstractContextManager[Any]:
        return nullcontext()

    def refresh(self) -> None: ...  # there is nothing to take in, nor to close

    def enter(self, *entries: tuple[int, Trial]) -> None:
        self.log.entries.extend(entries)

    def rewrite(self, entries: Entries, space: Space, start: Start, notes: Notes) -> None:
        vars(self).update(log=Log(entries), space=space, start=start, notes={**self.notes, **notes})  # in one step

    def note(self, notes: Notes) -> None:
        self.notes = {**self.notes, **notes}

    def owners(self, history: History) -> Mapping[int, str]:
        return {}

    def orphans(self, history: History) -> list[Trial]:
        return [t for t in history.running if (t.number, t.started) in self._released] if self._released else []

    def hand_over(self, trial: Trial, to_us: bool) -> None:
        (self._released.discard if to_us else self._released.add)((trial.number, trial.started))

    def close(self) -> None: ...
