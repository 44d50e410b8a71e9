"""One SQLite file of studies: read with suspicion, written in whole transactions, each failure reported in a sentence.

    studies    id, name, header (JSON: space, direction, seed, strategy, created, notes, start), revision, length, crc
    entries    study, number, place, owner, trial (JSON), crc        entry `number` of the log of a study

The file may come from a stranger: its tables must be exactly these, without triggers or views, and pass SQLite's own
check and the checksum of each row. In SQLite's WAL mode, readers never wait, a process killed at any moment leaves the
file whole, and all processes that use it must be on one machine. Chapter 5.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
import zlib
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, NamedTuple
from urllib.parse import quote

from hpt_lab.study.backend import StorageError
from hpt_lab.study.directions import from_stored
from hpt_lab.study.outcomes import plain_json
from hpt_lab.study.trial import LAST
from hpt_lab.values.checks import WrongType, short

OURS = 0x68_70_74_4C  # "hptL", SQLite's application_id
FORMAT = 1  # its user_version
PATIENCE = 300.0  # seconds to wait for another process that writes, or computes what to write
FLUSHED, UNFLUSHED = "FULL", "NORMAL"  # PRAGMA synchronous
SCHEMA = {
    "studies": "CREATE TABLE studies (id INTEGER PRIMARY KEY, name TEXT NOT NULL, header TEXT NOT NULL, "
    "revision INTEGER NOT NULL, length INTEGER NOT NULL, crc INTEGER NOT NULL)",
    "entries": "CREATE TABLE entries (study INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL, "
    "owner TEXT NOT NULL, trial TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (study, number)) WITHOUT ROWID",
}
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
            raise self.wrong(f"has no folder; make {short(folder, 200)} first")
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
        try:
            self._check()
            self._identity = _identity(self.path)
        except BaseException:
            self.close()
            raise

    def _check(self) -> None:
        """Raise StorageError unless this is an intact file of studies in our format; an empty file becomes one."""
        self.run("PRAGMA trusted_schema = OFF")
        tables = dict(self.run("SELECT name, sql FROM sqlite_master"))
        (application,), (version,) = self.run("PRAGMA application_id") + self.run("PRAGMA user_version")
        if not tables and application in (0, OURS):
            if self.read_only:
                return
            with self.begin():
                if not self.run("SELECT name FROM sqlite_master"):  # or another process was faster
                    marks = f"PRAGMA application_id = {OURS}", f"PRAGMA user_version = {FORMAT}"
                    for statement in (*SCHEMA.values(), *marks):
                        self.run(statement)
                self.commit()
            tables, application, version = SCHEMA, OURS, FORMAT
        if application != OURS:
            raise self.wrong("is an SQLite file of another program; give another path")
        if version > FORMAT:
            raise self.wrong(f"has format {version}, but this hpt_lab reads format {FORMAT}; install a newer hpt_lab")
        if version != FORMAT or tables != SCHEMA or self.run("PRAGMA quick_check(1)") != [("ok",)]:
            raise self.wrong(WRONG[sqlite3.SQLITE_CORRUPT])
        if not self.read_only and self.run("PRAGMA journal_mode") != [("wal",)]:  # its maker was killed too soon
            self.run("PRAGMA journal_mode = WAL")

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
    def in_transaction(self) -> bool:
        return self.connection is not None and self.connection.in_transaction

    def connect(self) -> None:
        """Connect again in a forked child, which must not use its parent's connection."""
        if self.connection is None:
            raise self.wrong("was closed by this study; open it again with Study.open")
        if self._process != os.getpid():
            _inherited.append(self.connection)
            self._connect()

    def begin(self, flush: bool = False) -> AbstractContextManager[Any]:
        """Begin a transaction in which no one else writes; with `flush`, once committed, it survives a power failure.

        It ends with the `with` of the returned connection, whose exit is written in C: no interrupt can come in between.
        """
        self.rollback()  # that of a strategy that uses its own study while it suggests
        if self._identity is not None and _identity(self.path) != self._identity:
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
        connection, self.connection = self.connection, None
        if connection is not None and self._process == os.getpid():
            connection.close()
        elif connection is not None:
            _inherited.append(connection)

    def _failure(self, error: Exception) -> StorageError:
        unknown = f"cannot be used, since SQLite says {short(str(error))}; restore it from a copy, or begin a new file"
        return self.wrong(WRONG.get(_code(error), unknown))


_inherited: list[sqlite3.Connection] = []  # of parents: closing one in a child is not allowed


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
        return json.loads(self.text)

    def with_header(self, **fields: Any) -> Row:
        return self._replace(text=json.dumps({**self.header, **fields}, allow_nan=False))

    def write(self, database: Database) -> None:
        database.run("INSERT OR REPLACE INTO studies VALUES (?, ?, ?, ?, ?, ?)", (*self, crc(*self)))


def read_studies(database: Database) -> list[Row]:
    """Return all studies of a file. Raises StorageError if one is not what was written."""
    if not database.run("SELECT name FROM sqlite_master"):
        return []
    rows: list[Row] = []
    for *values, check in database.run("SELECT id, name, header, revision, length, crc FROM studies ORDER BY id"):
        whole = False
        with suppress(TypeError, ValueError, AttributeError, RecursionError):
            row = Row(*values)
            header = row.header
            whole = (
                check == crc(*values)
                and [type(value) for value in values] == [int, str, str, int, int]
                and header.keys() - {"start"} == {"space", "direction", "seed", "strategy", "created", "notes"}
                and bool(from_stored(header["direction"]))
                and type(header["seed"]) is int and 0 <= header["seed"] < 2**64
                and isinstance(header["strategy"], str)
                and isinstance(header["space"], dict)
                and isinstance(plain_json("notes", header["notes"]), dict)
                and isinstance(header["created"], (int, float)) and 0 <= header["created"] < LAST
            )  # fmt: skip
        if not whole:
            raise database.damaged(f"study {len(rows)} is not what was written")
        rows.append(row)
    return rows


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
