"""The storage of a study in memory. Chapter 1. The other one, a file, is a tool: see `hpt_lab.tools.storage`."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from hpt_lab.space import Params, Space
from hpt_lab.study.history import History
from hpt_lab.study.log import Log
from hpt_lab.study.trial import Trial

Entries = Iterable[tuple[int, Trial]]  # of a log
Notes = Mapping[str, Any]  # in JSON's types
Start = tuple[Params, ...]  # the params to start with


class StorageError(OSError, ValueError):
    """A file of studies that cannot be read or written. The study in memory and the file stay as they were."""


class InMemory:
    """The storage of a study, in the memory of one process; a file keeps the same, and more: see `InFile`.

    Changes are made in a `with` of `transaction`; an interrupt leaves them done or not done.
    """

    name: Any = None  # a str, if the study is in a file
    shared = False  # whether other processes may take part: one gets the trials that another gives up

    def __init__(self, space: Space, start: Start = (), entries: Entries = (), notes: Notes | None = None) -> None:
        self.space, self.start, self.log, self.notes = space, start, Log(entries), notes or {}
        self._released: set[tuple[int, float]] = set()  # number and start of a trial

    def transaction(self, flush: bool = False) -> AbstractContextManager[Any]:
        return nullcontext()  # refreshed, where others may write; meanwhile, no one else does

    def refresh(self) -> None: ...  # take in what others have entered

    def enter(self, *entries: tuple[int, Trial]) -> None:  # all or none
        self.log.entries.extend(entries)

    def rewrite(self, entries: Entries, space: Space, start: Start, notes: Notes) -> None:  # by new objects
        vars(self).update(log=Log(entries), space=space, start=start, notes={**self.notes, **notes})  # in one step

    def note(self, notes: Notes) -> None:
        self.notes = {**self.notes, **notes}

    def owners(self, history: History) -> Mapping[int, str]:  # of running trials, by number, as text
        return {}

    def orphans(self, history: History) -> list[Trial]:  # the running trials without an owner
        return [t for t in history.running if (t.number, t.started) in self._released] if self._released else []

    def hand_over(self, trial: Trial, to_us: bool) -> None:  # make us the owner of a running trial, or no one
        (self._released.discard if to_us else self._released.add)((trial.number, trial.started))

    def close(self) -> None: ...  # release what we own; the study can still be read
