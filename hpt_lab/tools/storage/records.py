"""Studies in files: begin or resume one, open one, list them, copy one, rename one, and delete one. Chapter 5."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from os import PathLike
from typing import Any, NoReturn

from hpt_lab.space import Params, Space
from hpt_lab.study.backend import StorageError
from hpt_lab.study.directions import Direction, as_stored, from_stored
from hpt_lab.study.history import History
from hpt_lab.study.log import Log
from hpt_lab.tools.storage.file import InFile, read_entries, write_entry
from hpt_lab.tools.storage.owners import is_gone, process_of
from hpt_lab.tools.storage.sqlite import (
    SCHEMAS,
    Database,
    Row,
    as_path,
    notes_of,
    read_studies,
    read_study,
    write_notes,
)
from hpt_lab.tools.storage.text import same_space
from hpt_lab.values.checks import instance, require, short

REMARKS = "remarks"  # the note of a study that holds what people noted: texts, by trial
NO_SPACE = Space.empty()  # always the same one, since a log has an index for each


def begin_study(
    storage: Any, name: Any, space: Space, direction: Direction, seed: int, strategy: str, start: Sequence[Params]
) -> InFile:
    """Return the backend of the study of this name, new or resumed. Raises ValueError if it is a different search."""
    path, name = as_path("Study: storage", storage), _name("Study: name", "study" if name is None else name)
    texts = [space.to_json(params) for params in start]
    database = Database(path, create=True)
    header = {
        "space": space.describe(), "direction": as_stored(direction), "seed": seed, "strategy": strategy,
        "created": time.time(), "notes": _no_notes(database), **({"start": texts} if texts else {}),
    }  # fmt: skip
    try:
        with database.begin(flush=True):
            row = read_study(database, name)
            if row is None:
                row = Row(_next_id(database), name, json.dumps(header, allow_nan=False))
                row.write(database)
            database.commit()
        _check_same(database, row, space, direction, seed)
        kept = row.header.get("start", [])
        if texts and texts != kept and texts != kept[: len(kept) - read_notes(storage, name).get("start_with", 0)]:
            must = f"must be that of study {short(name)} in {short(database.path, 120)}, or be left out"
            raise ValueError(f"Study: start={short(texts)} {must}; other params need a study of another name")
        backend = InFile(database, name, space)
        if backend.row.header["strategy"] != strategy:  # a different one takes over
            with backend.transaction():
                backend.change(strategy=strategy)
        return backend
    except BaseException:
        database.close()
        raise


def open_study(storage: Any, name: Any, space: Space | None, as_text: bool) -> tuple[InFile, dict[str, Any]]:
    """Return backend and header of the study of this name, or of the only one. Raises ValueError if its space differs.

    The storage is a path, or a database that is open already, for one who reads many studies.
    """
    name = None if name is None else _name("Study.open: name", name)
    shared = isinstance(storage, Database)
    database = storage if shared else Database(as_path("Study.open: storage", storage))
    try:
        row = _row(database, name)
        direction = from_stored(row.header["direction"])
        if space is not None:
            _check_same(database, row, space, direction, row.header["seed"])
        return InFile(database, row.name, space, as_text), {**row.header, "direction": direction}
    except BaseException:
        if not shared:
            database.close()
        raise


def read_notes(storage: Any, name: Any) -> dict[str, Any]:
    """Return the notes of a study in a file, {} if there is no such study yet. `Study` reports a file that is damaged."""
    with suppress(StorageError), closing(Database(as_path("Study: storage", storage))) as database, database.snapshot():
        return notes_of(database, _row(database, name))
    return {}


def _no_notes(database: Database) -> Any:
    return {} if database.format == 1 else 0


def _row(database: Database, name: str | None) -> Row:
    if name is not None and (row := read_study(database, name)) is not None:
        return row
    rows = {row.name: row for row in read_studies(database)}
    if not rows:
        raise database.wrong("holds no study yet; begin one with Study(..., storage=...)")
    if name is None and len(rows) > 1:
        raise database.wrong(f"holds several studies; give the name of one of {short(list(rows))}")
    if name is not None:
        raise database.wrong(f"holds no study {short(name)}; give the name of one of {short(list(rows))}")
    return rows[next(iter(rows))]


def _check_same(database: Database, row: Row, space: Space, direction: Direction, seed: int) -> None:
    """Raise ValueError unless the file has this space, direction and seed."""
    header = row.header
    where = f"as in study {short(row.name)} of {short(database.path, 120)}; give that, or another name"
    if direction != (stored := from_stored(header["direction"])):
        raise ValueError(f"Study: direction={direction!r} must be {stored!r}, {where}")
    if seed != header["seed"]:
        raise ValueError(f"Study: seed={seed} must be {header['seed']}, {where}")
    ours, theirs = space.describe(), header["space"]
    for name in (*ours, *theirs):
        if (one := _text(ours.get(name))) != (other := _text(theirs.get(name))):
            raise ValueError(f"Study: space has {short(name)} as {one}, which must be {other}, {where}")
    if not same_space(space, theirs):
        raise ValueError(f"Study: space has the order {short([*ours])}, which must be {short([*theirs])}, {where}")


def _text(described: Any) -> str:
    return "missing" if described is None else short(json.dumps(described), 160)[1:-1]


class NoStrategy:
    """A stand-in for the strategy of a study that was opened without one."""

    def __init__(self, name: str, was: str) -> None:
        self.name, self.was = name, was

    def suggest(self, history: Any) -> NoReturn:
        how = f"open it with strategy=..., where it had {short(self.was)}"
        raise ValueError(f"ask: study {short(self.name)} was opened without a strategy, but needs one: {how}")

    def __repr__(self) -> str:
        return f"<none given; it had {self.was}>"


@dataclass(frozen=True)
class StudyRecord:
    """One study of a file, as `studies` lists it.

    Attributes
    ----------
    name, direction, strategy : str, the strategy that was used last, as it is written in code
        With several objectives, `direction` is as in "maximize accuracy, minimize size".
    n_trials, n_complete, n_failed, n_running : int
    best_value : float or None, of the best trial at the highest budget reached; None with several objectives
    created : float, seconds since 1970-01-01 UTC
    """

    name: str
    direction: str
    strategy: str
    n_trials: int
    n_complete: int
    n_failed: int
    n_running: int
    best_value: float | None
    created: float


def studies(storage: str | PathLike[str]) -> list[StudyRecord]:
    """Return the studies of a file, in the order in which they were begun; reading them changes nothing.

    Raises StorageError if the file does not exist or cannot be read; TypeError or ValueError if `storage` is not a path.
    """
    with closing(Database(as_path("studies: storage", storage))) as database, database.snapshot():
        listed = []
        for row in read_studies(database):
            history, header = read_history(database, row, Log()), row.header
            counts = len(history.trials), len(history.finished), len(history.failed), history.n_running
            best = None if history.incumbent is None else history.incumbent.value
            how, created = (str(history.direction), header["strategy"]), float(header["created"])
            listed.append(StudyRecord(row.name, *how, *counts, best, created))
        return listed


def read_history(database: Database, row: Row, log: Log) -> History:
    """Return the history of a study without its space, which only the study's own code may be able to make.

    The log gets what it lacks of the study's entries.
    """
    log.entries.extend(read_entries(database, row, None, log))
    return History.of(NO_SPACE, log, row.header["seed"], from_stored(row.header["direction"]), ())


def delete_study(storage: str | PathLike[str], name: str, force: bool = False) -> int:
    """Delete a study from a file, and return how many trials it had. Its trials are lost; the other studies stay.

    Raises ValueError if a process that is alive trains one of its trials, unless `force` is True, and StorageError if the
    file holds no such study or cannot be written.
    """
    path, name = as_path("delete: storage", storage), _name("delete: name", name)
    with closing(Database(path)) as database, database.begin(flush=True):
        row = _row(database, name)
        n_trials = _check_idle("delete", database, row, ", or give --force", force)
        for table in SCHEMAS[database.format]:
            column = "id" if table == "studies" else "study"
            database.run(f"DELETE FROM {table} WHERE {column} = ?", (row.id,))
        database.commit()
        return n_trials


def rename_study(storage: str | PathLike[str], name: str, new_name: str) -> None:
    """Give a study of a file another name. A search that is resumed must give that one, too.

    Raises ValueError if a process that is alive trains one of its trials, and StorageError if the file holds no such study,
    already holds one of the new name, or cannot be written.
    """
    path, name = as_path("rename: storage", storage), _name("rename: name", name)
    new_name = _name("rename: new name", new_name)
    with closing(Database(path)) as database, database.begin(flush=True):
        row = _row(database, name)
        _check_idle("rename", database, row)
        if read_study(database, new_name) is not None:
            raise database.wrong(f"already holds a study {short(new_name)}; give another name")
        row._replace(name=new_name).write(database)
        database.commit()


def _check_idle(who: str, database: Database, row: Row, hint: str = "", force: bool = False) -> int:
    """Return the number of trials of a study. Raises ValueError if a process that is alive trains one, unless `force` is True."""
    history = read_history(database, row, Log())
    owners = dict(database.run("SELECT place, owner FROM entries WHERE study = ? AND owner != ''", (row.id,)))
    trained = [owner for trial in history.running if not is_gone(owner := owners.get(trial.number, ""), database.path)]
    if trained and not force:
        processes = sorted({process for owner in trained if (process := process_of(owner)) is not None})
        by = ", ".join(f"process {process} on {short(host)}" for process, host in processes)
        trials = (
            f"{len(trained)} running trial{'s' * (len(trained) > 1)}, asked for by {by or 'a process that is alive'}"
        )
        raise ValueError(f"{who}: study {short(row.name)} has {trials}; end the search first{hint}")
    return len(history.trials)


def remark(storage: str | PathLike[str], name: str, of: str, text: str) -> None:
    """Keep a remark among the notes of a study in a file, on a trial, by its number as text, or on the study, under "".

    It takes the place of an earlier one; an empty text leaves none. Raises StorageError if there is no such study, or the
    file cannot be written.
    """
    with closing(Database(as_path("remark: storage", storage))) as database, database.begin(flush=True):
        row = _row(database, name)
        notes = notes_of(database, row)
        write_notes(database, row, notes | {REMARKS: remarked(notes, of, text)}).write(database)
        database.commit()


def remarks_of(notes: Mapping[str, Any]) -> dict[str, str]:
    """Return the remarks among the notes of a study; whatever else a file has under this name is left out."""
    kept = notes.get(REMARKS)
    return {name: text for name, text in kept.items() if isinstance(text, str)} if isinstance(kept, Mapping) else {}


def remarked(notes: Mapping[str, Any], of: str, text: str) -> dict[str, str]:
    """Return the remarks among some notes, with one of them replaced, or left out if its text is empty."""
    others = {name: one for name, one in remarks_of(notes).items() if name != of}
    return {**others, of: text} if text else others


def copy_study(storage: str | PathLike[str], name: str, to: str | PathLike[str], new_name: str | None = None) -> int:
    """Copy a study whole, with its trials, notes, space and start, into a file, and return how many trials it has.

    The file is made if it does not exist. What is running goes to the first process that asks the copy. Raises
    StorageError if there is no such study, or already one of the new name (by default the same), or a file cannot be used.
    """
    path, name = as_path("copy: storage", storage), _name("copy: name", name)
    target, new_name = as_path("copy: to", to), name if new_name is None else _name("copy: new name", new_name)
    with closing(Database(path)) as database, database.snapshot():
        row = _row(database, name)
        n_trials = len(Log(read_entries(database, row, None, Log())))
        notes = notes_of(database, row)
        entries = database.run("SELECT number, place, trial FROM entries WHERE study = ?", (row.id,))
    with closing(Database(target, create=True)) as database, database.begin(flush=True):
        if read_study(database, new_name) is not None:
            raise database.wrong(f"already holds a study {short(new_name)}; give the copy another name")
        copied = row._replace(id=_next_id(database), name=new_name, revision=0).with_header(notes=_no_notes(database))
        copied = write_notes(database, copied, notes) if notes else copied
        copied.write(database)
        for number, place, text in entries:
            write_entry(database, (copied.id, number, place, "", text))
        database.commit()
    return n_trials


def _next_id(database: Database) -> int:
    return 1 + (database.run("SELECT max(id) FROM studies")[0][0] or 0)


def _name(who: str, name: Any) -> str:
    instance(who, name, str, "a string")
    on_a_line = bool(name.strip()) and name.isprintable()
    require(on_a_line, who, name, "a string of at least one letter, on one line", ValueError)
    return name
