"""The entries of a race: strategies as objects, or files that hold one, each with its own name.

    "my_strategy.py"          the strategy that the file holds, named my_strategy
    "my_strategy.py:Name"     the strategy of that name, named my_strategy:Name
    MyStrategy()              an object, named MyStrategy

Files of the same name are distinguished by their folders, as in alice/my_strategy. A file may hold objects or classes
with `suggest`, or the function `suggest(history)`; only what it defines itself counts, unless it is named. It is loaded
(`load`) only in the process that runs the strategy, and if that fails, the board says why.
"""

import importlib.util
import inspect
import os
import pickle
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

from hpt_lab.study.history import check_strategy
from hpt_lab.study.outcomes import describe
from hpt_lab.tools.workers.packing import pack
from hpt_lab.values.checks import WrongType, short

WANTED = "a class with suggest(self, history), or a function suggest(history)"


class Refused(Exception):
    """Raised with one sentence that says what is wrong with an entry."""


@dataclass(frozen=True)
class Entry:
    """One entry of a race: a file (and the name of the strategy in it, if given), or a packed object."""

    name: str
    file: str | None = None
    inside: str | None = None
    packed: bytes | None = None


def entries(strategies: Any, taken: Collection[str] = ()) -> list[Entry]:
    """Return the entries of a strategy or a path, a list of them, or a dict from names to them.

    Raises ValueError if there is none, two have the same name, or a name is `taken`; TypeError for anything else.
    """
    if isinstance(strategies, Mapping):
        named = [_entry(name, one) for name, one in strategies.items()]
    else:
        alone = isinstance(strategies, (str, os.PathLike)) or not isinstance(strategies, Iterable)
        named = _with_short_names([_entry(None, one) for one in ([strategies] if alone else strategies)])
    if not named:
        raise ValueError(f"race: strategies={short(strategies)} must hold at least one strategy")
    for name, count in Counter(entry.name for entry in named).items():
        if count > 1 and all(entry.file is not None for entry in named if entry.name == name):
            raise ValueError(f"race: {name} is given {count} times; give each file once")
        if count > 1:
            raise ValueError(f"race: {count} strategies are named {name}; give a dict, as in {{'a': A(), 'b': B()}}")
        if name in taken:
            raise ValueError(f"race: the name {name} must be a different one: it is that of the lab's own strategy")
    return named


def _entry(name: Any, strategy: Any) -> Entry:
    if not (name is None or isinstance(name, str)) or name == "":
        raise WrongType(f"race: the name {short(name)} must be a string")
    if isinstance(strategy, (str, os.PathLike)):
        try:
            path = os.fsdecode(os.fsencode(strategy))
            if not path or "\0" in path:
                raise ValueError
        except ValueError:  # which also covers a path that cannot be encoded
            raise ValueError(f"race: the path {short(os.fspath(strategy))} must be a valid path of a file") from None
        file, _, inside = path.rpartition(":")
        if not file or not inside.isidentifier():
            file, inside = path, ""
        return Entry(name or Path(file).stem, file, inside or None)
    wanted = "an object with suggest(history), like RandomSearch(), or the path of a file"
    check_strategy("race: the strategy", strategy, wanted)
    try:
        packed = pack(strategy)
    except Exception as error:
        wanted = f"one that can be sent to another process: {error}"
        raise WrongType(f"race: the strategy={short(strategy)} must be {wanted}") from error
    return Entry(name or type(strategy).__name__, packed=packed)


def _with_short_names(listed: Sequence[Entry]) -> list[Entry]:
    """Return the entries, each file with the shortest name that no other file has."""
    paths = [None if entry.file is None else Path(os.path.realpath(entry.file)).parts for entry in listed]
    paths = [parts and (*parts[:-1], Path(parts[-1]).stem or parts[-1]) for parts in paths]  # the root has no stem
    named = []
    for entry, parts in zip(listed, paths, strict=True):
        if parts is not None:
            others = {other for other in paths if other and other != parts}
            depth = next(n for n in range(1, 1 + len(parts)) if all(other[-n:] != parts[-n:] for other in others))
            inside = "" if entry.inside is None else f":{entry.inside}"
            entry = replace(entry, name="/".join(parts[-depth:]) + inside)
        named.append(entry)
    return named


def load(file: str | None, inside: str | None = None, packed: bytes | None = None) -> Any:
    """Return the strategy of an entry: unpacked, or from its file (an absolute path). Raises Refused if that fails."""
    if packed is not None:
        try:
            return pickle.loads(packed)
        except BaseException as error:
            raise Refused(f"it cannot be unpacked in its own process: {blame(error)}") from None
    assert file is not None
    module, path, name = _module(file), Path(file).name, inside
    candidates = _candidates(module)
    if name is None:
        if not candidates:
            raise Refused(f"{path} must define a strategy: {WANTED}")
        name = next(iter(candidates))
        if len(candidates) > 1:
            listed = ", ".join(candidates)
            raise Refused(f"{path} holds {len(candidates)} strategies, {listed}: name one, as in {path}:{name}")
    if not hasattr(module, name):
        raise Refused(f"{path} has nothing named {short(name)}; it holds {', '.join(candidates) or 'no strategy'}")
    value = getattr(module, name)
    if value is getattr(module, "suggest", None):
        value = module
    if inspect.isclass(value):
        try:
            value = value()
        except BaseException as error:
            raise Refused(f"{name}() cannot be made without arguments: {blame(error, file)}") from None
    if not callable(getattr(value, "suggest", None)):
        raise Refused(f"{name} of {path} must be {WANTED}")
    return value


class _AsItIs(SourceFileLoader):
    """Loads a source file as it is now: Python's cache tells files apart by second and size, and misses a quick edit."""

    def path_stats(self, path: Any) -> Any:
        raise OSError("nothing is cached")


def _module(file: str) -> ModuleType:
    path = Path(file)
    if os.path.isdir(path):  # unlike Path.is_dir, it accepts any name
        raise Refused(f"{path.name or path} is a folder: name the files in it, as in {path.name}/*.py")
    if not os.path.isfile(path):
        raise Refused(f"{path.name} is not a file")
    spec = importlib.util.spec_from_file_location(f"race_{path.stem}", file)
    if spec is None or spec.loader is None:
        raise Refused(f"{path.name} must be a Python file, with a name that ends in .py")
    if isinstance(spec.loader, SourceFileLoader):
        spec.loader = _AsItIs(spec.loader.name, spec.loader.path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look for it there
    sys.path.append(str(path.resolve().parent))  # at the end: a file named random.py must not replace Python's random
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        raise Refused(f"{path.name} cannot be imported: {blame(error, file)}") from None
    return module


def _candidates(module: ModuleType) -> dict[str, Any]:
    """Return candidates for a module's strategy, by name: objects, classes without an object, or `suggest`."""
    objects, classes = dict[str, Any](), dict[str, Any]()
    for name, value in vars(module).items():
        if not name.startswith("_") and callable(getattr(value, "suggest", None)) and not inspect.ismodule(value):
            if not inspect.isclass(value):
                objects[name] = value
            elif value.__module__ == module.__name__:
                classes[name] = value
    made, function = {type(value) for value in objects.values()}, vars(module).get("suggest")
    classes = {name: value for name, value in classes.items() if value not in made}
    own = inspect.isfunction(function) and function.__module__ == module.__name__
    return objects | classes | ({"suggest": function} if own else {})


def blame(error: BaseException, file: str | None = None) -> str:
    """Return an error on one line, with the line number in the file."""
    text = " ".join(describe(error).split())
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines, text = [error.lineno] if error.lineno else [], f"{type(error).__name__}: {error.msg}"
    text = text if len(text) <= 200 else f"{text[:197]}..."
    return f"{text} (line {lines[-1]})" if lines else text
