"""Where the log of a study is kept: in memory alone, or in a file as well.

What the study needs of either is

    turn()                          a `with`: nobody else writes meanwhile
    news()                          the space and the log, with what others have entered
    enter(), rewrite()              one more entry; other entries from here on
    orphans(), claim(), release()   running trials in nobody's hands

Entry number n of the log in memory is entry number n in the file, so the length of the log says what is new, and two
processes cannot both write entry n. An entry is committed first and joins the log then: what could not be stored is not
in memory either, and what an interrupt kept out of memory comes with the next news. Where entries are taken back or
rewritten, the study's `revision` counts it, and everybody reads the log anew. Chapter 5.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from hpt_lab.space import Params, Space
from hpt_lab.study.history import History
from hpt_lab.study.log import Log
from hpt_lab.study.storage import text as texts
from hpt_lab.study.storage.owners import Owner, is_gone
from hpt_lab.study.storage.sqlite import File, Row, crc, damaged, rows
from hpt_lab.study.trial import Trial
from hpt_lab.values.checks import short

__all__ = ["InFile", "InMemory"]

Entries = Sequence[tuple[int, Trial]]
Notes = Mapping[str, Any] | None
Start = Sequence[Params]


class InMemory:
    """A log that is kept in memory alone, by one process."""

    name = None

    def __init__(self) -> None:
        self.notes: dict[str, Any] = {}
        self._released: set[int] = set()

    def turn(self, flush: bool = False) -> AbstractContextManager[Any]:
        return nullcontext()

    def news(self, space: Space, log: Log) -> tuple[Space, Log]:
        return space, log

    def enter(self, log: Log, place: int, trial: Trial, space: Space) -> None:
        log.add(place, trial)

    def rewrite(self, log: Log, entries: Entries, space: Space, notes: Notes = None, start: Start = ()) -> Log:
        self.notes = {**self.notes, **(notes or {})}
        return Log(entries)

    def note(self, notes: Mapping[str, Any]) -> None:
        self.notes = {**self.notes, **notes}

    def orphans(self, log: Log, history: History) -> list[Trial]:
        return [trial for trial in history.running if trial.number in self._released] if self._released else []

    def claim(self, log: Log, trial: Trial) -> None:
        self._released.discard(trial.number)

    def release(self, log: Log, trial: Trial) -> None:
        self._released.add(trial.number)

    def close(self) -> None:
        pass


class InFile:
    """A log that is kept in a file, and in memory as far as it was read.

    Parameters
    ----------
    file : File
    name : str
        Of a study that the file holds.
    """

    def __init__(self, file: File, name: str) -> None:
        self.file, self.name = file, name
        self.row = self._row()
        self._owner: Owner | None = None
        self._version: Any = None  # of the file, when all of it was read
        self._owners: dict[int, str] = {}  # of running trials, as they were at this version:
        self._owners_of: Any = None
        self.as_text = False  # whether choices that only code can make are read as texts
        weakref.finalize(self, file.close)
        _open.add(self)

    # One at a time

    def turn(self, flush: bool = False) -> AbstractContextManager[Any]:
        """Nobody else writes inside a `with` of it; `flush`: what is entered survives a loss of power."""
        self._connect()
        return self.file.begin(flush)

    def _connect(self) -> None:
        if self.file.connect():
            self._version = None

    # What others have entered

    def news(self, space: Space, log: Log) -> tuple[Space, Log]:
        """The space and the log as the file has them: the same objects, with more entries, unless it was rewritten."""
        if self.file.closed:  # it stays what it was
            return space, log
        self._connect()
        version = self.file.version
        if version == self._version:
            return space, log
        with self.file.snapshot():
            row = self._row()
            if row.revision != log.revision:
                space, log = self.space(row, space), Log(revision=row.revision)
            found = self.file.run(
                "SELECT number, place, owner, trial, crc FROM entries WHERE study = ? AND number >= ? ORDER BY number",
                (row.id, len(log.entries)),
            )
        if len(log.entries) + len(found) != row.length:
            raise damaged(self.file, f"of {row.length} entries of {self.name}, {len(found)} are there")
        for place, trial in self._read(found, space, log):
            log.add(place, trial)
        self.row, self._version = row, version
        return space, log

    def _read(self, found: Sequence[tuple[Any, ...]], space: Space, log: Log) -> list[tuple[int, Trial]]:
        """New entries of the log, checked."""
        entries: list[tuple[int, Trial]] = []
        newest: dict[int, Trial] = {}
        begun = n_trials = len(log)
        try:
            for wanted, (number, place, owner, text, check) in enumerate(found, len(log.entries)):
                if number != wanted or type(place) is not int or not 0 <= place <= n_trials:
                    raise ValueError(f"entry {short(number)} of trial {short(place)} must be the next one")
                if check != crc(self.row.id, number, place, owner, text):
                    raise ValueError(f"entry {number} is not what was written")
                known = newest.get(place) or (log.newest(place) if place < begun else None)
                n_trials += known is None
                newest[place] = texts.from_text(text, place, space, known)
                entries.append((place, newest[place]))
        except (TypeError, ValueError, RecursionError) as error:
            raise damaged(self.file, str(error)) from None
        return entries

    def space(self, row: Row, known: Space | None = None) -> Space:
        """The space that the file describes: the one that is `known`, if it is that."""
        if known is not None and texts.same_space(known, row.header["space"]):
            return known
        description = row.header["space"]
        if description == {}:  # a define-by-run search that has not asked yet
            return Space.empty()
        try:
            return Space.from_description(_as_text(description) if self.as_text else description)
        except (TypeError, ValueError, RecursionError) as error:
            raise self.file.wrong(
                f"cannot tell the space of study {short(self.name)}; give space=...: {error}"
            ) from None

    def start(self, space: Space) -> tuple[Params, ...]:
        """The params that the study is to start with."""
        try:
            return texts.read_start(self.row.header.get("start", []), space)
        except (TypeError, ValueError) as error:
            raise damaged(self.file, str(error)) from None

    def _row(self) -> Row:
        for row in rows(self.file):
            if row.name == self.name:
                return row
        raise self.file.wrong(f"holds study {short(self.name)} no more; give another name to begin a new one")

    # What we enter

    def enter(self, log: Log, place: int, trial: Trial, space: Space) -> None:
        """Inside a turn: one more entry, in the file and then in the log."""
        if not self.file.in_transaction:  # a strategy has used its own study, and so ended the turn
            self.file.begin()
        version, self._version = self._version, None  # so that an interrupt between the two makes for news
        self._insert(len(log.entries), place, self._us() if trial.state == "running" else "", trial, space)
        self.row = replace(self.row, length=len(log.entries) + 1)
        self.row.write(self.file)
        self.file.commit()
        log.add(place, trial)
        self._version = version

    def rewrite(self, log: Log, entries: Entries, space: Space, notes: Notes = None, start: Start = ()) -> Log:
        """Inside a turn: the log that has these entries from now on, and whose space is this one.

        `notes` are more of them, and `start` the params to start with as the space has them now, if there are any.
        """
        if self.as_text:
            raise self.file.wrong(
                f"can be changed so only with the space of study {short(self.name)}; open it with space=..."
            )
        self._version = self._owners_of = None
        owners = {place: self._entry(log, place)[1] for place in range(len(log))}
        self.file.run("DELETE FROM entries WHERE study = ?", (self.row.id,))
        for number, (place, trial) in enumerate(entries):
            self._insert(number, place, owners.get(place, "") if trial.state == "running" else "", trial, space)
        header: dict[str, Any] = {"space": space.describe(), "notes": {**self.notes, **(notes or {})}}
        if start:
            header["start"] = [space.to_json(params) for params in start]
        row = self.row.with_header(**header)
        row = replace(row, revision=log.revision + 1, length=len(entries))
        row.write(self.file)
        self.file.commit()
        self.row = row
        return Log(entries, log.revision + 1)

    def _insert(self, number: int, place: int, owner: str, trial: Trial, space: Space) -> None:
        values = self.row.id, number, place, owner, texts.to_text(trial, space)
        self.file.run("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", (*values, crc(*values)))

    @property
    def notes(self) -> dict[str, Any]:
        return self.row.header["notes"]

    def note(self, notes: Mapping[str, Any]) -> None:
        """Inside a turn: more notes."""
        self.change(notes={**self.notes, **notes})

    def change(self, **more: Any) -> None:
        """Inside a turn: other fields of the header."""
        row = self.row.with_header(**more)
        row.write(self.file)
        self.file.commit()
        self.row = row

    # In whose hands a running trial is

    def orphans(self, log: Log, history: History) -> list[Trial]:
        """The running trials whose owner is gone."""
        if self.file.closed:
            return []
        if self._version is None or self._version != self._owners_of:  # others may have claimed some
            self._owners, self._owners_of = {}, self._version
        found, gone = [], {self._mine: False}
        for trial in history.running:
            if trial.number not in self._owners:
                self._owners[trial.number] = self._entry(log, trial.number)[1]
            owner = self._owners[trial.number]
            if owner not in gone:
                gone[owner] = is_gone(owner, self.file.path)
            if gone[owner]:
                found.append(trial)
        return found

    def claim(self, log: Log, trial: Trial) -> None:
        """Inside a turn: the trial is ours."""
        self._hand_over(log, trial, self._us())

    def release(self, log: Log, trial: Trial) -> None:
        """Inside a turn: the trial is nobody's."""
        self._hand_over(log, trial, "")

    def _hand_over(self, log: Log, trial: Trial, owner: str) -> None:
        self._owners_of = None
        number, _, text = self._entry(log, trial.number)
        values = self.row.id, number, trial.number, owner, text
        self.file.run("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", (*values, crc(*values)))
        self.file.commit()

    def _entry(self, log: Log, place: int) -> tuple[int, str, str]:
        """Number, owner and text of the entry with which a trial began."""
        number = log.places()[0][place]
        found = self.file.run("SELECT owner, trial FROM entries WHERE study = ? AND number = ?", (self.row.id, number))
        return number, *(found[0] if found else ("", ""))

    @property
    def _mine(self) -> str | None:
        return self._owner.text if self._owner is not None and self._owner.holds else None

    def _us(self) -> str:
        """The text of the owner that we are, from the first trial on."""
        if self._owner is None or not self._owner.holds:
            self._owner = Owner(self.file.path)
        return self._owner.text

    def close(self) -> None:
        if self._owner is not None:
            self._owner.release()
        self.file.close()


_open: weakref.WeakSet[InFile] = weakref.WeakSet()


def close_all(path: str | os.PathLike[str]) -> None:
    """Close what this process has open of a file: their studies stay as they are."""
    for keep in list(_open):
        if keep.file.path == os.path.abspath(path):
            keep.close()


def _as_text(description: Any) -> Any:
    """A description whose choices that only code can make are the texts that describe them."""
    if isinstance(description, list):
        return [_as_text(inside) for inside in description]
    if not isinstance(description, dict):
        return description
    if description.keys() == {"repr"} and isinstance(description["repr"], str):
        return description["repr"]
    return {key: _as_text(inside) for key, inside in description.items()}
