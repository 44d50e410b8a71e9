"""Who enters the race: strategies as objects, or files that hold one, each under a name of its own.

    "my_strategy.py"          the strategy that the file holds, named my_strategy
    "my_strategy.py:Name"     the one of that name, named my_strategy:Name
    MyStrategy()              an object, named MyStrategy

Files of one name, as every member of a class hands in, are told apart by their folders: alice/my_strategy. A file is not
opened here: it is loaded in a process of its own, and what is wrong with it is said on the board.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpt_lab.loop.packing import pack
from hpt_lab.study.history import check_strategy
from hpt_lab.values.checks import WrongType, short

__all__ = ["Entry", "entries"]


@dataclass(frozen=True)
class Entry:
    """One that takes part: a file (and the name of the strategy in it, if it was given), or a packed object."""

    name: str
    file: str | None = None
    inside: str | None = None
    packed: bytes | None = None


def entries(strategies: Any, taken: Iterable[str] = ()) -> list[Entry]:
    """What takes part, of a strategy or a path, a list of them, or a dict from names to them.

    Raises ValueError if there is none, if two have the same name, or one has a name that is `taken`; TypeError if one is
    neither a strategy nor a path.
    """
    if isinstance(strategies, Mapping):
        named = [_entry(name, one) for name, one in strategies.items()]
    else:
        alone = isinstance(strategies, (str, os.PathLike)) or not isinstance(strategies, Iterable)
        named = _named([strategies] if alone else list(strategies))
    if not named:
        raise ValueError(f"race: strategies={short(strategies)} must hold at least one strategy")
    reserved = set(taken)
    for name, count in Counter(entry.name for entry in named).items():
        if count > 1 and all(entry.file is not None for entry in named if entry.name == name):
            raise ValueError(f"race: {name} is given {count} times; give each file once")
        if count > 1:
            raise ValueError(f"race: {count} strategies are named {name}; give a dict, as in {{'a': A(), 'b': B()}}")
        if name in reserved:
            raise ValueError(f"race: the name {name} must be another one: the lab's own strategy of that name is there")
    return named


def _named(listed: Sequence[Any]) -> list[Entry]:
    """Each with the shortest name that tells its file from the others'."""
    found = [_entry(None, one) for one in listed]
    files = [Path(entry.file).resolve() for entry in found if entry.file is not None]
    named = []
    for entry in found:
        if entry.file is not None:
            path = Path(entry.file).resolve()
            others = {other for other in files if other.stem == path.stem} - {path}
            depth = 1
            while any(_tail(other, depth) == _tail(path, depth) for other in others):
                depth += 1
            inside = "" if entry.inside is None else f":{entry.inside}"
            entry = Entry(_tail(path, depth) + inside, entry.file, entry.inside)
        named.append(entry)
    return named


def _tail(path: Path, depth: int) -> str:
    """The last parts of a path without its suffix."""
    return "/".join(path.with_suffix("").parts[-depth:])


def _entry(name: Any, one: Any) -> Entry:
    if not (name is None or isinstance(name, str)) or name == "":
        raise WrongType(f"race: the name {short(name)} must be a text")
    if isinstance(one, (str, os.PathLike)):
        path = os.fspath(one)
        file, colon, inside = path.rpartition(":") if path.rpartition(":")[2].isidentifier() else (path, "", "")
        file, inside = (file, inside) if colon and file else (path, "")
        return Entry(name or Path(file).stem, file, inside or None)
    what = "an object with suggest(history), as RandomSearch(), or the path of a file"
    strategy = check_strategy("race: the strategy", one, what)
    try:
        packed = pack(strategy)
    except Exception as error:
        raise WrongType(
            f"race: the strategy={short(one)} must be one that can be sent to another process: {error}"
        ) from error
    return Entry(name or type(strategy).__name__, packed=packed)
