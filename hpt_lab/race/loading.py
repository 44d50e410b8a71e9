"""A stranger's strategy: found in a file of Python, or unpacked as it was sent. Only the process that it runs in loads it.

A file's strategies are, in this order: objects with `suggest`, classes with `suggest`, and the function `suggest(history)`.
Only what the file itself defines counts, unless it is named: `my_strategy.py:Name`.
"""

from __future__ import annotations

import importlib.util
import inspect
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hpt_lab.values.checks import short

__all__ = ["Refused", "blame", "from_file", "from_pickle"]

WANTED = "a class with suggest(self, history), or a function suggest(history)"


class Refused(Exception):
    """What is wrong with an entry, in one sentence."""


def from_file(file: str, name: str | None) -> Any:
    """The strategy of that name in a file, an absolute path; the only one there is, if `name` is None. Refused says what is wrong."""
    module = _module(file)
    candidates = _candidates(module)
    path = Path(file).name
    if name is None:
        if not candidates:
            raise Refused(f"{path} must define a strategy: {WANTED}")
        if len(candidates) > 1:
            listed = ", ".join(candidates)
            raise Refused(
                f"{path} holds {len(candidates)} strategies, {listed}: name one, as in {path}:{next(iter(candidates))}"
            )
        name = next(iter(candidates))
    if not hasattr(module, name):
        raise Refused(f"{path} has nothing named {short(name)}; it holds {', '.join(candidates) or 'no strategy'}")
    value = getattr(module, name)
    return _made(module if value is getattr(module, "suggest", None) else value, name, file)


def from_pickle(packed: bytes) -> Any:
    """The strategy that was sent."""
    try:
        return pickle.loads(packed)
    except BaseException as error:
        raise Refused(f"it cannot be unpacked in a process of its own: {blame(error)}") from None


def _module(file: str) -> ModuleType:
    if Path(file).is_dir():
        raise Refused(f"{Path(file).name} is a folder: name the files in it, as in {Path(file).name}/*.py")
    if not Path(file).is_file():
        raise Refused(f"{Path(file).name} is no file")
    spec = importlib.util.spec_from_file_location(f"race_{Path(file).stem}", file)
    if spec is None or spec.loader is None:
        raise Refused(f"{Path(file).name} must be a file of Python, whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # where dataclasses look for it
    sys.path.append(
        str(Path(file).resolve().parent)
    )  # at the end: a file named random.py must not be everybody's random
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        raise Refused(f"{Path(file).name} cannot be imported: {blame(error, file)}") from None
    return module


def _candidates(module: ModuleType) -> dict[str, Any]:
    """What of a module may be its strategy, by name."""
    named = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    objects = {
        name: value
        for name, value in named.items()
        if not inspect.isclass(value) and not inspect.ismodule(value) and callable(getattr(value, "suggest", None))
    }
    made = tuple({type(value) for value in objects.values()})
    classes = {
        name: value
        for name, value in named.items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and callable(getattr(value, "suggest", None))
    }
    classes = {name: value for name, value in classes.items() if value not in made}
    function = named.get("suggest")
    alone = inspect.isfunction(function) and function.__module__ == module.__name__
    return objects | classes | ({"suggest": function} if alone else {})


def _made(value: Any, name: str, file: str) -> Any:
    """A strategy, made of its class if it is one."""
    if inspect.isclass(value):
        try:
            value = value()
        except BaseException as error:
            raise Refused(f"{name}() cannot be made without arguments: {blame(error, file)}") from None
    if not callable(getattr(value, "suggest", None)):
        raise Refused(f"{name} of {Path(file).name} must be {WANTED}")
    return value


def blame(error: BaseException, file: str | None = None) -> str:
    """What was raised, on one line, and in which line of the file."""
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split())
    except Exception:
        text = type(error).__name__
    line, trace = None, error.__traceback__
    while trace is not None:
        if file is not None and trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == file:
        line = error.lineno
        text = f"{type(error).__name__}: {error.msg}"
    text = text if len(text) <= 200 else f"{text[:197]}..."
    return text if line is None else f"{text} (line {line})"
