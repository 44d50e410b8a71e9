"""Studies in files: to begin one or go on with it, to open one, and to list them. Chapter 5."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import Any, NoReturn

from hpt_lab.space import Space
from hpt_lab.study.storage.backends import InFile
from hpt_lab.study.storage.sqlite import File, Row, as_path, crc, damaged, rows
from hpt_lab.study.storage.text import same_space
from hpt_lab.values.checks import WrongType, short

__all__ = ["NoStrategy", "StudyRecord", "begin", "check_same", "open", "studies"]

NAME = "study"  # of a study that was given none


def begin(storage: Any, name: Any, space: Space, direction: str, seed: int, strategy: str, start: list[str]) -> InFile:
    """The study of this name, a new one if the file has none.

    ValueError if it is of another space, direction or seed, or has other params to start with than the given ones.
    """
    path, name = as_path("Study: storage", storage), _name("Study: name", NAME if name is None else name)
    header = {
        "space": space.describe(), "direction": direction, "seed": seed, "strategy": strategy, "created": time.time(),
        "notes": {}, **({"start": start} if start else {}),
    }  # fmt: skip
    file = File(path, create=True)
    try:
        with file.begin(flush=True):
            known = rows(file)
            if name not in [row.name for row in known]:
                number = 1 + max((row.id for row in known), default=0)
                Row(number, name, json.dumps(header, allow_nan=False)).write(file)
            file.commit()
        keep = InFile(file, name)
        check_same(keep, space, direction, seed)
        if start and start != keep.row.header.get("start", []):
            raise ValueError(
                f"Study: start={short(start)} must be as study {short(keep.name)} of {short(keep.file.path, 120)} has it, "
                "or not be given; params to try now can be asked for in a study of another name"
            )
        if keep.row.header["strategy"] != strategy:  # another one takes over
            with keep.turn():
                keep.change(strategy=strategy)
        return keep
    except BaseException:
        file.close()
        raise


def open(storage: Any, name: Any = None) -> InFile:
    """The study of this name, or the only one of the file. StorageError if there is none."""
    path = as_path("Study.open: storage", storage)
    if name is not None:
        _name("Study.open: name", name)
    file = File(path)
    try:
        names = [row.name for row in rows(file)]
        if not names:
            raise file.wrong("holds no study yet; begin one with Study(..., storage=...)")
        if name is None and len(names) > 1:
            raise file.wrong(f"holds several studies; give the name of one of {short(names)}")
        if name is not None and name not in names:
            raise file.wrong(f"holds no study {short(name)}; give the name of one of {short(names)}")
        return InFile(file, names[0] if name is None else name)
    except BaseException:
        file.close()
        raise


def address(keep: InFile) -> tuple[str, str]:
    """Where another process finds the study."""
    return keep.file.path, keep.name


def check_same(keep: InFile, space: Space, direction: str, seed: int) -> None:
    """ValueError unless these are the space, the direction and the seed that the file has."""
    header = keep.row.header
    where = f"as study {short(keep.name)} of {short(keep.file.path, 120)} has it; give that, or another name"
    if direction != header["direction"]:
        raise ValueError(f"Study: direction={direction!r} must be {header['direction']!r}, {where}")
    if seed != header["seed"]:
        raise ValueError(f"Study: seed={seed} must be {header['seed']}, {where}")
    if not same_space(space, header["space"]):
        ours, theirs = space.describe(), header["space"]
        differ = [name for name in (*ours, *theirs) if _text(ours.get(name)) != _text(theirs.get(name))]
        what = f"space has {short(differ[0])} as {_text(ours.get(differ[0]))}, which must be {_text(theirs.get(differ[0]))}" if differ else f"space has the order {short(list(ours))}, which must be {short(list(theirs))}"  # fmt: skip
        raise ValueError(f"Study: {what}, {where}")


def _text(described: Any) -> str:
    return "missing" if described is None else short(json.dumps(described), 160)[1:-1]


class NoStrategy:
    """In place of the strategy of a study that was opened without one."""

    def __init__(self, name: str, was: str) -> None:
        self.name, self.was = name, was

    def suggest(self, history: Any) -> NoReturn:
        raise ValueError(
            f"ask: study {short(self.name)} was opened without a strategy, and needs one: open it with "
            f"strategy=..., where it had {short(self.was)}"
        )

    def __repr__(self) -> str:
        return f"<none given; it had {self.was}>"


@dataclass(frozen=True)
class StudyRecord:
    """What `studies` says of one study of a file.

    Attributes
    ----------
    name : str
    direction : {"minimize", "maximize"}
    strategy : str
        As it is written in code: the latest.
    n_trials, n_complete, n_failed, n_running : int
    best_value : float or None
        Of the best trial at the highest budget reached; None before the first success.
    created : float
        Seconds since 1970-01-01 UTC.
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


def studies(storage: str | os.PathLike[str]) -> list[StudyRecord]:
    """The studies of a file, in the order in which they were begun; reading them changes nothing.

    Raises
    ------
    StorageError
        If there is no such file, or it cannot be read.
    TypeError, ValueError
        If `storage` is not a path.
    """
    file = File(as_path("studies: storage", storage))
    try:
        with file.snapshot():
            return [_record(file, row) for row in rows(file)]
    finally:
        file.close()


def _record(file: File, row: Row) -> StudyRecord:
    """Made without the space, whose choices may be objects that only the code of the study knows."""
    found = file.run("SELECT number, place, owner, trial, crc FROM entries WHERE study = ? ORDER BY number", (row.id,))
    trials: dict[int, dict[str, Any]] = {}
    sign = -1 if row.header["direction"] == "maximize" else 1
    try:
        for number, place, owner, text, check in found:
            if check != crc(row.id, number, place, owner, text):
                raise ValueError(f"entry {number} is not what was written")
            trials.setdefault(place, {}).update(json.loads(text))
        states = [trial["state"] for trial in trials.values()]
        ranks = [
            (-(trial["budget"] or 0), sign * float(trial["value"]), place)
            for place, trial in trials.items()
            if trial["state"] == "complete"
        ]
        best = float(trials[min(ranks)[2]]["value"]) if ranks else None
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise damaged(file, str(error)) from None
    if len(found) != row.length:
        raise damaged(file, f"of {row.length} entries of {row.name}, {len(found)} are there")
    header = row.header
    return StudyRecord(
        name=row.name,
        direction=header["direction"],
        strategy=header["strategy"],
        n_trials=len(trials),
        n_complete=states.count("complete"),
        n_failed=states.count("failed"),
        n_running=states.count("running"),
        best_value=best,
        created=float(header["created"]),
    )


def _name(who: str, name: Any) -> str:
    if not isinstance(name, str):
        raise WrongType(f"{who}={short(name)} must be a text")
    if not name.strip() or not name.isprintable():
        raise ValueError(f"{who}={short(name)} must be a text of at least one letter, on one line")
    return name
