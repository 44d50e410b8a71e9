"""Packing: the objective on its way to a worker, and the outcome on its way back.

    function, arguments = objective.call((params,))      to submit to an executor
    outcome = objective.received(what it returned)

Threads share the objective (`Shared`). It goes to a process as bytes of cloudpickle, if that is installed, so that
lambdas and functions of a notebook work too; it is packed once, and unpacked once in each worker (`Packed`). A worker
computes with one thread: if each trial used all cores, they would wait for one another. Chapter 5.
"""

import importlib
import multiprocessing
import os
import pickle
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import util
from typing import Any, cast

from hpt_lab.loop.objective import Asking, train
from hpt_lab.loop.pausable import Resumable
from hpt_lab.study.outcomes import Outcome, describe
from hpt_lab.surrogates.threads import limit_to_one_thread, one_blas_thread
from hpt_lab.values.checks import WrongType, short

Call = tuple[Callable[..., Any], tuple[Any, ...]]  # a function and its arguments
Failure = tuple[bytes, str, str]  # an exception as bytes, b"" if it cannot be packed; the name of its type; its text


def _train_apart(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """Train away from the search: what would end the worker ends the trial, and an interrupt is passed on."""
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
    objective: Callable[..., Any]

    def call(self, arguments: tuple[Any, ...]) -> Call:
        return _train_shared, (self.objective, arguments)

    def received(self, outcome: Outcome) -> Outcome:
        return outcome


def _train_shared(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    with one_blas_thread():
        return _train_apart(objective, arguments)


@dataclass(frozen=True)
class Packed:
    """The objective and the id of its process as bytes, and a name by which a worker recognizes them."""

    name: str
    packed: bytes

    @classmethod
    def of(cls, objective: Callable[..., Any]) -> "Packed":
        try:
            return cls(uuid.uuid4().hex, pack((os.getpid(), objective)))
        except Exception as error:
            what = "must be one that can be sent to another process"
            raise WrongType(f"tune: objective={short(objective)} {what}: {_in_a_line(error)}") from error

    def call(self, arguments: tuple[Any, ...]) -> Call:
        """Return a function and its arguments to submit. Raises TypeError if the params cannot be packed."""
        try:
            return _train_packed, (self.name, self.packed, pack(arguments))
        except Exception as error:
            raise TypeError(f"the params cannot be sent to another process: {_in_a_line(error)}") from error

    def loading(self) -> tuple[Any, ...]:
        """Return a call to submit before any other, which ends as soon as there is a worker."""
        return _load, self.name, self.packed

    def received(self, result: tuple[Outcome, Failure | None]) -> Outcome:
        """Return the outcome, with what was raised in the worker, or a stand-in if that cannot be packed."""
        outcome, failure = result
        if outcome.asked is not None:
            outcome = replace(outcome, asked=pickle.loads(outcome.asked))
        if failure is None:
            return outcome
        packed, name, text = failure
        error: Any = None
        with suppress(Exception):
            error = pickle.loads(packed)
        if not isinstance(error, BaseException):
            error = type(name, (Exception,), {})(text)
        return replace(outcome, error=error)


_loaded: dict[str, Callable[..., Any]] = {}  # in a worker: the objective of the latest search
_at_exit: list[util.Finalize] = []  # in a worker: closes the training runs that wait there


def _objective(name: str, packed: bytes) -> Callable[..., Any]:
    """Return the objective, unpacked once per search; in a Dask worker, several threads may ask for it."""
    objective = _loaded.get(name)
    if objective is None:
        search, objective = pickle.loads(packed)
        end_with(search)
        forget()
        _loaded[name] = objective
        within = objective.function if isinstance(objective, Asking) else objective
        if isinstance(within, Resumable):
            _at_exit.append(util.Finalize(None, within.close, exitpriority=0))
    return objective


def forget() -> None:
    """Drop the objective of an earlier search, and close its training runs."""
    _loaded.clear()
    while _at_exit:
        _at_exit.pop()()


@cache
def end_with(search: int) -> None:
    """Make this worker end within a second of the process that runs the search, if that one made it, even after `kill -9`."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid == search:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: Any) -> None:
    # On Windows the parent's id never changes, and only there loky has a sentinel. A fork server may be in between.
    first = parent.pid if parent.sentinel is None else os.getppid()
    while os.getppid() == first and (parent.sentinel is None or parent.is_alive()):
        time.sleep(1.0)
    os._exit(1)


def _load(name: str, packed: bytes) -> None:
    """Unpack the objective; if that fails, the first trial will report it."""
    with suppress(Exception):
        _objective(name, packed)


def _train_packed(name: str, packed: bytes, arguments: bytes) -> tuple[Outcome, Failure | None]:
    try:
        objective, unpacked = _objective(name, packed), pickle.loads(arguments)
    except Exception as problem:
        text = f"the objective or its params cannot be unpacked in the worker: {describe(problem)}"
        outcome = Outcome(error=RuntimeError(text))
    else:
        limit_to_one_thread()  # for good: the process only trains, and libraries may have been loaded since
        outcome = _train_apart(objective, unpacked)
        if outcome.asked is not None:  # a choice may be a function of a notebook
            outcome = replace(outcome, asked=pack(outcome.asked))
    if not isinstance(error := outcome.error, BaseException):
        return outcome, None
    kind, text = type(error).__name__, describe(error)
    with suppress(Exception):
        error.add_note("In the worker:\n" + "".join(traceback.format_exception(error)))
    try:
        sent = pack(error)
        pickle.loads(sent)  # some can be packed, but not unpacked
    except Exception:
        sent = b""
    return replace(outcome, error=None), (sent, kind, text.removeprefix(f"{kind}: "))


def pack(value: Any) -> bytes:
    """Return `value` as bytes of cloudpickle, which comes with joblib (and so with scikit-learn), or else of pickle."""
    for name in ("cloudpickle", "joblib.externals.cloudpickle"):
        with suppress(ImportError):
            return cast(bytes, importlib.import_module(name).dumps(value))
    return pickle.dumps(value)


def _in_a_line(error: BaseException) -> str:
    return " ".join(describe(error).split())[:200]
