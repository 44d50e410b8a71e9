"""One SQLite file of studies: read with suspicion, written in whole transactions, each failure reported in a sentence.

    studies    id, name, header (JSON: space, direction, seed, strategy, created, notes, start), revision, length, crc
    entries    study, number, place, owner, trial (JSON), crc        entry `number` of the log of a study
    notes      study, text (JSON), crc        the header has only how often they were written

In format 1, the header has the notes themselves, and there is no such table; it is read and written as it is.

The file may come from a stranger: its tables must be exactly these, without triggers or views, and pass SQLite's own
check and the checksum of each row. In SQLite's WAL mode, readers never wait, a process killed at any moment leaves the
file whole, and all processes that use it must be on one machine. Chapter 5.
"""

import json
import os
import re
import sqlite3
import time
import weakref
import zlib
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from hpt_lab.study.backend import StorageError
from hpt_lab.study.directions import from_stored
from hpt_lab.study.outcomes import plain_json
from hpt_lab.study.trial import LAST
from hpt_lab.values.checks import WrongType, short

OURS = 0x68_70_74_4C  # "hptL", SQLite's application_id
FORMAT = 2  # its user_version
PATIENCE = 300.0  # seconds to wait for another process that writes, or computes what to write
FLUSHED, UNFLUSHED = "FULL", "NORMAL"  # PRAGMA synchronous
SCHEMA = {
    "studies": "CREATE TABLE studies (id INTEGER PRIMARY KEY, name TEXT NOT NULL, header TEXT NOT NULL, "
    "revision INTEGER NOT NULL, length INTEGER NOT NULL, crc INTEGER NOT NULL)",
    "entries": "CREATE TABLE entries (study INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL, "
    "owner TEXT NOT NULL, trial TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (study, number)) WITHOUT ROWID",
    "notes": "CREATE TABLE notes (study INTEGER PRIMARY KEY, text TEXT NOT NULL, crc INTEGER NOT NULL)",
}
SCHEMAS = {1: {name: SCHEMA[name] for name in ("studies", "entries")}, FORMAT: SCHEMA}  # by format
ADDRESS = re.compile(r"[^\\/]{2,}://")  # of a database; a single letter is a Windows drive, as in C://runs.db
WRONG = {  # SQLite's primary result code -> what is wrong, and what to do
    sqlite3.SQLITE_FULL: "cannot grow, since the disk is full; free some space, and try again",
    sqlite3.SQLITE_READONLY: "is read-only; change its permissions and those of its folder, or give another path",
    sqlite3.SQLITE_PERM: "may not be opened; change its permissions, or give another path",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check its permissions and those of its folder",
    sqlite3.SQLITE_NOTADB: "is not an SQLite file; give another path",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a copy, or begin a new file",
    sqlite3.SQLITE_BUSY: "was locked by another process for too long; end the one that hangs, and try again",
    sqlite3.SQLITE_LOCKED: "was locked for too long; end the process that hangs, and try again",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check its disk and the free space there, and try again",
    sqlite3.SQLITE_TOOBIG: "cannot hold a value of that size; keep info and choices small",
    sqlite3.SQLITE_CONSTRAINT: "was written by another process in between; try again",
}


class Database:
    """A connection to a file of studies, which checks what it opens; `create` makes a missing file."""

    connection: sqlite3.Connection | None = None
    format = FORMAT
    _identity: tuple[int, int] | None = None

    def __init__(self, path: str, *, create: bool = False) -> None:
        self.path, self._shown, self._create = os.path.abspath(path), short(path, 200), create
        self._connect()

    def wrong(self, what: str) -> StorageError:
        return StorageError(f"storage {self._shown} {what}")

    def damaged(self, what: str) -> StorageError:
        return self.wrong(f"is damaged; restore it from a copy, or begin a new file ({short(what, 200)[1:-1]})")

    def _connect(self) -> None:
        exists, folder = os.path.exists(self.path), os.path.dirname(self.path)
        if os.path.isdir(self.path):
            raise self.wrong("is a folder; give the path of a file, such as 'runs.db'")
        if not exists and not os.path.isdir(folder):
            raise self.wrong(f"is in a folder that does not exist; create {short(folder, 200)} first")
        if not exists and not self._create:
            raise self.wrong("does not exist; give the path of a file that holds a study")
        self.read_only = False
        try:
            self._open("rwc" if self._create else "rw")
        except StorageError as error:
            if not exists or _code(error.__cause__) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
            self.read_only, log = True, self.path + "-wal"
            try:
                self._open("ro")
            except StorageError:
                if os.path.exists(log) and os.path.getsize(log):  # a log of writes was left there
                    raise
                self._open("ro&immutable=1")

    def _open(self, mode: str) -> None:
        more: Any = {"uri": True, "timeout": 0, "isolation_level": None, "check_same_thread": False}
        try:
            self.connection = sqlite3.connect(as_uri(self.path, mode), **more)
        except sqlite3.Error as error:
            raise self._failure(error) from error
        self._process, self._flushes = os.getpid(), ""
        self._closing = weakref.finalize(self, _close, self.connection, self._process)
        try:
            self._check()
            self._identity = _identity(self.path)
        except BaseException:
            self.close()
            raise

    def _check(self) -> None:
        """Raise StorageError unless this is an intact file of studies in our format; an empty file becomes one."""
        self.run("PRAGMA trusted_schema = OFF")
        tables, application, version = self._kind()
        if not tables and application in (0, OURS):
            if self.read_only:
                return
            with self.begin():
                if not self.run("SELECT name FROM sqlite_master"):  # or another process was faster
                    marks = f"PRAGMA application_id = {OURS}", f"PRAGMA user_version = {FORMAT}"
                    for statement in (*SCHEMA.values(), *marks):
                        self.run(statement)
                self.commit()
            tables, application, version = self._kind()
        if application != OURS:
            raise self.wrong("is an SQLite file of another program; give another path")
        if version > FORMAT:
            raise self.wrong(f"has format {version}, but this hpt_lab reads up to {FORMAT}; install a newer hpt_lab")
        if SCHEMAS.get(version) != tables or self.run("PRAGMA quick_check(1)") != [("ok",)]:
            raise self.wrong(WRONG[sqlite3.SQLITE_CORRUPT])
        self.format = version
        if not self.read_only and self.run("PRAGMA journal_mode") != [("wal",)]:  # its maker was killed too soon
            self.run("PRAGMA journal_mode = WAL")

    def _kind(self) -> tuple[dict[str, Any], int, int]:
        """Return the tables, before the marks: another process may make both in between."""
        tables = dict(self.run("SELECT name, sql FROM sqlite_master"))
        (application,), (version,) = self.run("PRAGMA application_id") + self.run("PRAGMA user_version")
        return tables, application, version

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement. Raises StorageError if it fails, or another process writes for too long."""
        assert self.connection is not None
        deadline = pause = 0.0
        while True:  # it waits here, not in SQLite, so that an interrupt is never kept waiting
            try:
                return self.connection.execute(statement, values).fetchall()
            except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:  # a string may be no text
                deadline = deadline or time.monotonic() + PATIENCE
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise self._failure(error) from error
            pause = min(2 * pause or 0.0005, 0.02)
            time.sleep(pause)

    @property
    def is_replaced(self) -> bool:
        """True if the file was removed, or another one lies at its path."""
        return self._identity is not None and _identity(self.path) != self._identity

    @property
    def in_transaction(self) -> bool:
        return self.connection is not None and self.connection.in_transaction

    def connect(self) -> bool:
        """Connect again in a forked child, which must not use its parent's connection. Returns True if it did."""
        if self.connection is None:
            raise self.wrong("was closed by this study; open it again with Study.open")
        if self._process == os.getpid():
            return False
        self._closing()
        self._connect()
        return True

    def begin(self, flush: bool = False) -> AbstractContextManager[Any]:
        """Begin a transaction in which no one else writes; with `flush`, once committed, it survives a power failure.

        It ends with the `with` of the returned connection, whose exit is written in C: no interrupt can come in between.
        """
        self.rollback()  # that of a strategy that uses its own study while it suggests
        if self.is_replaced:
            raise self.wrong("was removed or replaced while in use; put it back, or continue under another path")
        if (wanted := FLUSHED if flush else UNFLUSHED) != self._flushes:
            self.run(f"PRAGMA synchronous = {wanted}")
            self._flushes = wanted
        return self._begun("BEGIN IMMEDIATE")

    def _begun(self, statement: str) -> AbstractContextManager[Any]:
        try:
            self.run(statement)
            return self.connection  # type: ignore[return-value]
        except BaseException:  # an interrupt
            self.rollback()
            raise

    def commit(self) -> None:
        self.run("COMMIT")

    def snapshot(self) -> AbstractContextManager[Any]:
        """Return a context in which all reads see the same moment, as they do inside a transaction anyway."""
        return nullcontext() if self.in_transaction else self._begun("BEGIN")

    def rollback(self) -> None:
        if self.in_transaction:
            self.run("ROLLBACK")

    def close(self) -> None:
        if self.connection is not None:
            self.connection = None
            self._closing()

    def _failure(self, error: Exception) -> StorageError:
        unknown = f"cannot be used, since SQLite says {short(str(error))}; restore it from a copy, or begin a new file"
        return self.wrong(WRONG.get(_code(error), unknown))


_inherited: list[sqlite3.Connection] = []  # of parents: closing one in a child is not allowed


def _close(connection: sqlite3.Connection, process: int) -> None:
    if process == os.getpid():
        connection.close()
    else:
        _inherited.append(connection)


def _code(error: Any) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _identity(path: str) -> tuple[int, int] | None:
    try:  # which file lies at the path
        return (status := os.stat(path)).st_dev, status.st_ino
    except OSError:
        return None


def crc(*values: Any) -> int:
    """Return a checksum of the fields of a row."""
    return zlib.crc32(repr(values).encode("utf-8", "surrogatepass"))


class Row(NamedTuple):
    """A study as stored in the file: its text is the header, and `revision` counts how often entries were rewritten."""

    id: int
    name: str
    text: str
    revision: int = 0
    length: int = 0

    @property
    def header(self) -> dict[str, Any]:
        return _parsed(self.text)

    def with_header(self, **fields: Any) -> "Row":
        return self._replace(text=json.dumps({**self.header, **fields}, allow_nan=False))

    def write(self, database: Database) -> None:
        database.run("INSERT OR REPLACE INTO studies VALUES (?, ?, ?, ?, ?, ?)", (*self, crc(*self)))


SELECT = "SELECT id, name, header, revision, length, crc FROM studies"


def read_studies(database: Database) -> list[Row]:
    """Return all studies of a file. Raises StorageError if one is not as it was written."""
    stored = database.run(f"{SELECT} ORDER BY id") if database.run("SELECT name FROM sqlite_master") else []
    return [_as_row(database, *values) for values in stored]


def read_study(database: Database, name: str, known: Row | None = None) -> Row | None:
    """Return the study of this name, or None; if it is the `known` one, the others are not looked at."""
    found = [] if known is None else database.run(f"{SELECT} WHERE id = ? AND name = ?", (known.id, name))
    if not found and database.run("SELECT name FROM sqlite_master"):
        found = database.run(f"{SELECT} WHERE name = ? ORDER BY id LIMIT 1", (name,))
    return _as_row(database, *found[0]) if found else None


def _as_row(database: Database, *stored: Any) -> Row:
    row, check = Row(*stored[:-1]), stored[-1]
    with suppress(TypeError, ValueError, AttributeError, RecursionError):
        same_types = [type(value) for value in row] == [int, str, str, int, int]
        if check == crc(*row) and same_types and _is_header(row.header, database.format):
            return row
    raise database.damaged(f"study {short(row.id)} is not as it was written")


_parsed = lru_cache(1000)(json.loads)  # of headers, which no one changes


def _is_header(header: dict[str, Any], form: int) -> bool:
    notes = header["notes"]
    return (
        header.keys() - {"start"} == {"space", "direction", "seed", "strategy", "created", "notes"}
        and bool(from_stored(header["direction"]))
        and type(header["seed"]) is int and 0 <= header["seed"] < 2**64
        and isinstance(header["strategy"], str)
        and isinstance(header["space"], dict)
        and (isinstance(plain_json("notes", notes), dict) if form == 1 else type(notes) is int and notes >= 0)
        and isinstance(header["created"], (int, float)) and 0 <= header["created"] < LAST
    )  # fmt: skip


def notes_of(database: Database, row: Row) -> dict[str, Any]:
    """Return the notes of a study. Raises StorageError if they are not what was written."""
    number = row.header["notes"]
    if not number or isinstance(number, dict):  # none yet, or format 1
        return number or {}
    with suppress(TypeError, ValueError, RecursionError):
        ((text, check),) = database.run("SELECT text, crc FROM notes WHERE study = ?", (row.id,))
        notes = plain_json("notes", json.loads(text))
        if check == crc(row.id, number, text) and isinstance(text, str) and isinstance(notes, dict):
            return notes
    raise database.damaged(f"the notes of study {row.id} are not what was written")


def write_notes(database: Database, row: Row, notes: Mapping[str, Any]) -> Row:
    """Write the notes of a study, and return the row that is to be written with them."""
    if database.format == 1:
        return row.with_header(notes=notes)
    number, text = row.header["notes"] + 1, json.dumps(notes, allow_nan=False)
    database.run("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (row.id, text, crc(row.id, number, text)))
    return row.with_header(notes=number)


def as_path(who: str, storage: Any) -> str:
    """Return `storage` as the path of a file."""
    path = os.fspath(storage) if isinstance(storage, (str, os.PathLike)) else None
    right = "must be the path of a file, such as 'runs.db'"
    if not isinstance(path, str):
        raise WrongType(f"{who}={short(storage)} {right}")
    if not path or path == ":memory:" or ADDRESS.match(path) or "\0" in path:
        raise ValueError(f"{who}={short(path)} {right}; without one a study is in memory")
    return path


def as_uri(path: str, mode: str) -> str:
    """Return an absolute path as SQLite takes it, each character quoted, since it refuses a Windows server after //."""
    return f"file:{quote(os.fsencode(path), safe='')}?mode={mode}"
