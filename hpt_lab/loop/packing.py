"""What travels to a worker, and back: the objective and its params there, the value or what was raised here.

    function, arguments = objective.call((params,))      to be submitted to an executor
    outcome = objective.received(what it returned)

Threads share the objective (`Shared`). To a process it travels as bytes that cloudpickle made, where it is installed, so
that lambdas and functions of a notebook travel too; the objective is packed once, and unpacked once in each worker
(`Packed`). A worker computes with one thread: several trials on all cores each would wait for one another. Chapter 5.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import util
from typing import Any, cast

from hpt_lab.loop.pausable import Resumable, to_the_end
from hpt_lab.study.outcomes import Outcome, describe, outcome_of
from hpt_lab.surrogates.threads import limit_to_one_thread, one_blas_thread
from hpt_lab.values.checks import WrongType, short

__all__ = ["Packed", "Shared", "forget", "pack", "train"]


def train(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """The inner loop: what the objective returned, yielded or raised."""
    try:
        result = objective(*arguments)
        if isinstance(objective, Resumable):
            return cast(Outcome, result)
        if not inspect.isgenerator(result):
            return outcome_of(result)
        if len(arguments) > 1:
            result.close()
            raise TypeError("an objective that yields must be a generator function of the params alone")
        return to_the_end(result)
    except Exception as error:
        return Outcome(error=error)


def _train_apart(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """The same where the search is not: what would end the worker ends the trial, and an interrupt is handed on."""
    try:
        return train(objective, arguments)
    except KeyboardInterrupt as stop:
        return Outcome(error=stop)
    except SystemExit as stop:
        return Outcome(error=RuntimeError(f"the objective called sys.exit({short(stop.code)}) in its worker"))
    except BaseException as stop:
        return Outcome(error=RuntimeError(f"the objective ended its worker: {describe(stop)}"))


@dataclass(frozen=True)
class Shared:
    """The objective, for threads: as it is."""

    objective: Callable[..., Any]

    def call(self, arguments: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """A function and its arguments, to be submitted."""
        return _train_shared, (self.objective, arguments)

    def received(self, result: Outcome) -> Outcome:
        """What the function returned."""
        return result


def _train_shared(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    with one_blas_thread():
        return _train_apart(objective, arguments)


@dataclass(frozen=True)
class Packed:
    """The objective, for other processes: as bytes, and a name by which a worker knows that it has unpacked it."""

    name: str
    packed: bytes

    @classmethod
    def of(cls, objective: Callable[..., Any]) -> Packed:
        try:
            return cls(uuid.uuid4().hex, pack(objective))
        except Exception as error:
            raise WrongType(
                f"tune: objective={short(objective)} must be one that can be sent to another process: {_line(error)}"
            ) from error

    def call(self, arguments: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        try:
            return _train_packed, (self.name, self.packed, pack(arguments))
        except Exception as error:
            raise TypeError(f"the params cannot be sent to another process: {_line(error)}") from error

    def loading(self) -> tuple[Any, ...]:
        """A function and its arguments, to be submitted before: it ends when a worker is there."""
        return _begin, self.name, self.packed

    def received(self, result: Any) -> Outcome:
        outcome, failure = result
        return outcome if failure is None else replace(outcome, error=_unpacked_error(*failure))


_unpacked: dict[str, Callable[..., Any]] = {}  # in a worker: the objective of the latest search


def _unpack(name: str, packed: bytes) -> Callable[..., Any]:
    """The objective, which a worker unpacks once a search: in a Dask worker, several threads may ask for it."""
    found = _unpacked.get(name)
    if found is None:
        found = pickle.loads(packed)
        forget()
        _unpacked[name] = found
        if isinstance(found, Resumable):
            _at_exit.append(util.Finalize(None, found.close, exitpriority=0))
    return found


_at_exit: list[util.Finalize] = []  # in a worker: closes the trainings that wait there


def forget() -> None:
    """Let go of the objective of an earlier search, and of its trainings."""
    _unpacked.clear()
    while _at_exit:
        _at_exit.pop()()


def _begin(name: str, packed: bytes) -> None:
    """Have the objective unpacked; what is wrong with it, the first trial will say."""
    with suppress(Exception):
        _unpack(name, packed)


def _train_packed(name: str, packed: bytes, arguments: bytes) -> tuple[Outcome, tuple[bytes | None, str, str] | None]:
    """Train in another process. What was raised comes back as bytes, its type's name, and its text."""
    try:
        objective, unpacked = _unpack(name, packed), pickle.loads(arguments)
    except Exception as problem:
        text = f"the objective or its params cannot be unpacked in the worker: {describe(problem)}"
        outcome = Outcome(error=RuntimeError(text))
    else:
        limit_to_one_thread()  # for good: the process is there to train, and libraries may have been loaded since
        outcome = _train_apart(objective, unpacked)
    if not isinstance(outcome.error, BaseException):
        return outcome, None
    return replace(outcome, error=None), _packed_error(outcome.error)


def _packed_error(error: BaseException) -> tuple[bytes | None, str, str]:
    name, text = type(error).__name__, describe(error)
    with suppress(Exception):
        error.add_note("In the worker:\n" + "".join(traceback.format_exception(error)))
    try:
        packed = pack(error)
        pickle.loads(packed)  # some can be packed, and not be unpacked
    except Exception:
        packed = None
    return packed, name, text.removeprefix(f"{name}: ")


def _unpacked_error(packed: bytes | None, name: str, text: str) -> BaseException:
    """What was raised in a worker; if it cannot travel, one of that name and text."""
    if packed is not None:
        with suppress(Exception):
            error = pickle.loads(packed)
            if isinstance(error, BaseException):
                return error
    stand_in: BaseException = type(name, (Exception,), {})(text)
    return stand_in


def pack(value: Any) -> bytes:
    """`value` as bytes that another process can unpack."""
    packed: bytes = _pickler().dumps(value)
    return packed


def _pickler() -> Any:
    """cloudpickle, by itself or within joblib, which comes with scikit-learn; pickle if there is neither."""
    for name in ("cloudpickle", "joblib.externals.cloudpickle"):
        with suppress(ImportError):
            return importlib.import_module(name)
    return pickle


def _line(error: BaseException) -> str:
    """On one line: what an error says."""
    return " ".join(describe(error).split())[:200]
