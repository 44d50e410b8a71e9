"""A study in a file, with what was read so far in memory.

Entry n of the log in memory is entry n in the file, so the length of the log shows what is new, and two processes cannot
both write entry n. An entry is first committed, then it joins the log: what could not be stored is not in memory either,
and what an interrupt kept out of memory comes with the next refresh. After entries were rewritten, which `revision`
counts, every process reads the whole log again. Chapter 5.
"""

import os
import weakref
from contextlib import AbstractContextManager
from typing import Any

from hpt_lab.space import Space
from hpt_lab.study.backend import Entries, InMemory, Notes, Start
from hpt_lab.study.directions import from_stored
from hpt_lab.study.history import History
from hpt_lab.study.log import Log
from hpt_lab.study.trial import Trial
from hpt_lab.tools.storage.owners import Owner, is_gone
from hpt_lab.tools.storage.sqlite import Database, Row, crc, notes_of, read_study, write_notes
from hpt_lab.tools.storage.text import check_values, from_text, read_start, same_space, to_text
from hpt_lab.values.checks import short


class InFile(InMemory):
    """The backend of the study `name` in a file. Its space is the one given, or made from the file's description.

    With `as_text`, choices that only code can make become the strings that describe them.
    """

    shared = True

    def __init__(self, database: Database, name: str, space: Space | None = None, as_text: bool = False) -> None:
        self.database, self.name, self.as_text = database, name, as_text
        self._owner: Owner | None = None
        self._version: Any = None  # of the file, when all of it was read
        with database.snapshot():
            self.row = self._read_row(None)
            self.notes = notes_of(database, self.row)
        self.space, self.start = self._read_space(self.row, space)
        self.log = Log(revision=self.row.revision)
        _open.add(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self.database.path, self.name, self.space, self.as_text)

    def transaction(self, flush: bool = False) -> AbstractContextManager[Any]:
        try:
            if self.database.connect():
                self._version = None
            transaction = self.database.begin(flush)
            self.refresh()
            return transaction
        except BaseException:
            self.database.rollback()
            raise

    def refresh(self) -> None:
        if self.database.connection is None:  # closed: the study stays what it was
            return
        if self.database.connect():
            self._version = None
        version = self.database.run("PRAGMA data_version")  # differs once another connection has changed the file
        if version == self._version:
            return
        with self.database.snapshot():
            row = self._read_row(self.row)
            space, start, log, notes = self.space, self.start, self.log, self.notes
            begun_anew = row.header["created"] != self.row.header["created"]
            if row.revision != log.revision or begun_anew:
                (space, start), log = self._read_space(row, space), Log(revision=row.revision)
            if row.header["notes"] != self.row.header["notes"] or begun_anew:
                notes = notes_of(self.database, row)
            entries = read_entries(self.database, row, space, log)
        log.entries.extend(entries)
        vars(self).update(space=space, start=start, log=log, notes=notes, row=row, _version=version)  # in one step

    def _read_row(self, known: Row | None) -> Row:
        row = read_study(self.database, self.name, known)
        if row is None:
            raise self.database.wrong(f"no longer holds study {short(self.name)}; give another name to begin a new one")
        return row

    def _read_space(self, row: Row, space: Space | None) -> tuple[Space, Start]:
        """Return the space that the file describes (`space` itself if it is that one), and the params to start with."""
        description = row.header["space"]
        if space is None or not same_space(space, description):
            try:  # for a define-by-run search that has not asked yet, it is {}
                text = _as_text(description) if self.as_text else description
                space = Space.from_description(text) if text else Space.empty()
            except (TypeError, ValueError, RecursionError) as error:
                what = f"cannot tell the space of study {short(self.name)}; give space=...: {error}"
                raise self.database.wrong(what) from None
        try:
            return space, read_start(row.header.get("start", []), space)
        except (TypeError, ValueError) as error:
            raise self.database.damaged(str(error)) from None

    def enter(self, *entries: tuple[int, Trial]) -> None:
        if not self.database.in_transaction:  # a strategy has used its own study, and so ended the transaction
            self.database.begin()
        length = len(self.log.entries)
        for number, (place, trial) in enumerate(entries, length):
            self._insert(number, place, self._us() if trial.state == "running" else "", to_text(trial, self.space))
        self._commit(self.row._replace(length=length + len(entries)), entries)

    def rewrite(self, entries: Entries, space: Space, start: Start, notes: Notes) -> None:
        if self.as_text:
            needs = f"only with the space of study {short(self.name)}; open it with space=..."
            raise self.database.wrong(f"can be changed like this {needs}")
        self._version = None
        log, revision = list(entries), self.row.revision + 1
        owners = {place: self._first_entry(place)[1] for place in range(len(self.log))}
        self.database.run("DELETE FROM entries WHERE study = ?", (self.row.id,))
        for number, (place, trial) in enumerate(log):
            owner = owners.get(place, "") if trial.state == "running" else ""
            self._insert(number, place, owner, to_text(trial, space))
        header: dict[str, Any] = {"space": space.describe()}
        if start:
            header["start"] = [space.to_json(params) for params in start]
        row, whole = self._with_notes(notes)
        row = row.with_header(**header)._replace(revision=revision, length=len(log))
        self._commit(row, notes=whole, log=Log(log, revision), space=space, start=start)

    def note(self, notes: Notes) -> None:
        row, whole = self._with_notes(notes)
        self._commit(row, notes=whole)

    def _with_notes(self, notes: Notes) -> tuple[Row, dict[str, Any]]:
        """Write more notes, if there are any, and return the row to be written, and all notes."""
        whole = {**self.notes, **notes}
        return write_notes(self.database, self.row, whole) if notes else self.row, whole

    def change(self, **fields: Any) -> None:
        """Replace fields of the header other than the notes, inside a transaction."""
        self._commit(self.row.with_header(**fields))

    def _insert(self, number: int, place: int, owner: str, text: str, instead: str = "ABORT") -> None:
        write_entry(self.database, (self.row.id, number, place, owner, text), instead)

    def _commit(self, row: Row, entries: Entries = (), **fields: Any) -> None:
        """Commit what was written, and take it into memory: new entries of the log, the row, and other fields."""
        version, self._version = self._version, None  # meanwhile, an interrupt leads to a refresh
        row.write(self.database)
        self.database.commit()
        self.log.entries.extend(entries)
        vars(self).update(row=row, _version=version, **fields)  # in one step

    def owners(self, history: History) -> dict[int, str]:
        if self.database.connection is None or not history.running:
            return {}
        first = self.log.places()[0]
        numbers = {first[trial.number]: trial.number for trial in history.running}
        query = f"SELECT number, owner FROM entries WHERE study = ? AND number IN ({', '.join('?' * len(numbers))})"
        return {numbers[number]: owner for number, owner in self.database.run(query, (self.row.id, *numbers))}

    def orphans(self, history: History) -> list[Trial]:
        owners, ours = self.owners(history), self._owner.text if self._owner is not None and self._owner.holds else None
        gone = {owner: owner != ours and is_gone(owner, self.database.path) for owner in {*owners.values()}}
        return [trial for trial in history.running if trial.number in owners and gone[owners[trial.number]]]

    def hand_over(self, trial: Trial, to_us: bool) -> None:
        owner = self._us() if to_us else ""
        number, _, text = self._first_entry(trial.number)
        self._insert(number, trial.number, owner, text, instead="REPLACE")
        self.database.commit()

    def _first_entry(self, place: int) -> tuple[int, str, str]:
        """Return number, owner and text of a trial's first entry."""
        number = self.log.places()[0][place]
        query = "SELECT owner, trial FROM entries WHERE study = ? AND number = ?"
        rows = self.database.run(query, (self.row.id, number))
        return number, *(rows[0] if rows else ("", ""))

    def _us(self) -> str:
        """Return the text of our owner, which is registered with the first trial."""
        if self._owner is None or not self._owner.holds:
            self._owner = Owner(self.database.path)
        return self._owner.text

    def close(self) -> None:
        if self._owner is not None:
            self._owner.release()
        self.database.close()


def write_entry(database: Database, values: tuple[int, int, int, str, str], instead: str = "ABORT") -> None:
    """Write an entry: the study's id, the entry's number, the trial's place, its owner, and the trial as text."""
    database.run(f"INSERT OR {instead} INTO entries VALUES (?, ?, ?, ?, ?, ?)", (*values, crc(*values)))


def read_entries(database: Database, row: Row, space: Space | None, log: Log) -> list[tuple[int, Trial]]:
    """Return the entries of a study that follow those of a log; `space` is as in `from_text`."""
    n_entries, n_trials, newest = len(log.entries), len(log), dict[int, Trial]()
    query = "SELECT number, place, owner, trial, crc FROM entries WHERE study = ? AND number >= ? ORDER BY number"
    stored = database.run(query, (row.id, n_entries))
    if n_entries + len(stored) != row.length:
        raise database.damaged(f"of {row.length} entries of {row.name}, {len(stored)} are there")
    entries: list[tuple[int, Trial]] = []
    direction = from_stored(row.header["direction"])
    for wanted, (number, place, owner, text, check) in enumerate(stored, n_entries):
        if number != wanted or type(place) is not int or not 0 <= place <= n_trials:
            raise database.damaged(f"entry {short(number)} of trial {short(place)} must be the next one")
        if check != crc(row.id, number, place, owner, text):
            raise database.damaged(f"entry {number} is not as it was written")
        n_trials += place == n_trials
        try:
            newest[place] = from_text(text, place, space, newest.get(place) or log.find(place))
            check_values([newest[place]], direction)
        except (TypeError, ValueError, RecursionError) as error:
            raise database.damaged(str(error)) from None
        entries.append((place, newest[place]))
    return entries


_open: weakref.WeakSet[InFile] = weakref.WeakSet()


def close_all(path: str | os.PathLike[str]) -> None:
    """Close whatever this process has open of a file; its studies stay as they are."""
    for backend in list(_open):
        if backend.database.path == os.path.abspath(path):
            backend.close()


def _reopened(path: str, *which: Any) -> InFile:
    """Return the backend from a pickle: the study is opened again where it is."""
    return InFile(Database(path), *which)


def _as_text(description: Any) -> Any:
    """Return a description in which choices that only code can make are the strings that describe them."""
    if isinstance(description, list):
        return [_as_text(inside) for inside in description]
    if not isinstance(description, dict):
        return description
    if description.keys() == {"repr"} and isinstance(description["repr"], str):
        return description["repr"]
    return {key: _as_text(inside) for key, inside in description.items()}
