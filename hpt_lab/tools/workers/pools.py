"""A pool of workers: one executor, made when it is needed, replaced when it breaks, and killed if a trial hangs.

It uses an executor's `submit` and `shutdown`, and what its library documents in addition: `num_workers` of mpi4py, the
client of Dask, `shutdown(kill_workers=True)` of loky. A `ProcessPoolExecutor` names its processes nowhere but in
`_processes`, by which a pool ends those of its own executor alone. Chapter 5.
"""

import importlib
import inspect
import os
import queue
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hpt_lab.study import Trial
from hpt_lab.surrogates.threads import ONE_THREAD
from hpt_lab.tools.workers.packing import Packed, Shared, end_with, forget
from hpt_lab.values.checks import WrongType, short

Factory = Callable[[], Executor]

PATIENCE = 10.0  # seconds within which all processes of a broken or killed pool must end
GUARD = 'make workers under `if __name__ == "__main__":`, since each of them may import the script'
NEVER = float("inf")


@dataclass(eq=False)
class Task:
    trial: Trial
    arguments: tuple[Any, ...]
    breaks: int = 0  # of the pool, while it ran there alone
    suspect: bool = False  # it runs alone, to find out whether it kills its worker
    since: float = 0.0  # when its time began; infinite while its worker still starts


class Pool:
    """An executor of `capacity` workers, with `limit` seconds for each trial, and the trials in training there."""

    objective: Shared | Packed  # as it travels there
    ended: "queue.SimpleQueue[tuple[Pool, Future[Any]]]"  # gets each future that has ended

    def __init__(self, make: Factory, limit: float | None, capacity: int = 1) -> None:
        self.make, self.limit, self.capacity = make, limit, capacity
        self.executor: Executor | None = None
        self.opening: Future[Any] | None = None  # ends when the first worker is there; only if there is a limit
        self.running: dict[Future[Any], Task] = {}
        self.again: deque[Task] = deque()  # to be started again, before any new one

    @property
    def free(self) -> bool:
        tasks = (*self.running.values(), *self.again)
        return len(tasks) < self.capacity and not any(task.suspect for task in tasks)

    def open(self) -> Executor:
        if self.executor is None:
            made = self.make()
            if not isinstance(made, Executor):
                raise WrongType(f"tune: executor() returned {short(made)}, which must be a concurrent.futures.Executor")
            self.executor = made
        return self.executor

    def begin(self, n_workers: int | None) -> None:
        """Open the pool for `n_workers`, or as many as its executor has. Raises ValueError if that is unknown, or it cannot keep the limit."""
        made = self.open()
        importing = sys.modules.get("__mp_main__")  # in a worker (spawn or forkserver): the script that made it
        if has_processes(made) and importing not in (None, sys.modules["__main__"]):  # it is still importing that
            raise RuntimeError(f"tune: this is a worker that only imports its script; {GUARD}")
        self.capacity = n_workers_of(made) if n_workers is None else n_workers
        if self.limit is not None and not has_processes(made) and not is_dask(made):
            what = "only processes of this machine can be ended: those of n_workers, ProcessPoolExecutor and loky"
            raise ValueError(f"tune: trial_timeout={self.limit} must be None with {type(made).__name__}: {what}")

    def start_again(self) -> None:
        """Start the trials that must run again: a suspect alone, others as long as there is room."""
        while self.again:
            alone = self.again[0].suspect or any(task.suspect for task in self.running.values())
            if len(self.running) >= (1 if alone else self.capacity):
                return
            self.start(self.again.popleft())

    def start(self, task: Task) -> None:
        try:
            function, arguments = self.objective.call(task.arguments)
        except Exception as error:  # params that cannot be packed
            future = _failed(error)
        else:
            future = self._submit(function, arguments)
        task.since = time.monotonic() if self.opening is None or self.opening.done() else NEVER
        self.running[future] = task
        future.add_done_callback(lambda future: self.ended.put((self, future)))

    def _submit(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Future[Any]:
        """Return the future of a call, a failed one if the executor refuses it."""
        idle = self.executor is not None and not self.running
        executor = self.open()
        try:
            if self.limit is not None and self.opening is None and has_processes(executor):
                assert isinstance(self.objective, Packed), "threads have no limit"
                self.opening = executor.submit(*self.objective.loading())
                self.opening.add_done_callback(lambda future: self.ended.put((self, future)))
            return executor.submit(function, *arguments)
        except Exception as error:
            if not (idle and isinstance(error, BrokenExecutor)):
                return _failed(error)
        self.stop()  # a worker died while it was idle
        return self._submit(function, arguments)

    def check_start(self) -> None:
        """Raise RuntimeError if workers end before they train anything: then no trial is to blame."""
        executor = self.open()
        if not has_processes(executor):
            return
        try:
            executor.submit(forget).result()
        except BrokenExecutor:
            what = f"tune: the workers of {type(executor).__name__} end before they train anything; check their"
            raise RuntimeError(f"{what} initializer, and {GUARD}") from None

    def begin_time(self) -> None:
        now = time.monotonic()
        for task in self.running.values():
            task.since = min(task.since, now)

    def ends(self) -> list[tuple[float, Task]]:
        """Return the time limit of each trial that is still in training."""
        limit = self.limit or NEVER
        return [(task.since + limit, task) for future, task in self.running.items() if not future.done()]

    def stop(self, late: Sequence[Task] = ()) -> list[Task]:
        """End all workers (on Dask, only late tasks); the next trial gets new ones. Returns the tasks that were not done."""
        done = {future for future in self.running if future.done() and not future.cancelled()}
        done = {future for future in done if not isinstance(future.exception(), BrokenExecutor)}
        if late and is_dask(self.executor):
            done |= {future for future, task in self.running.items() if task not in late}  # they will be
            for future in self.running.keys() - done:
                future.cancel()
        else:
            self.kill()
        lost = [task for future, task in self.running.items() if future not in done]
        self.running = {future: task for future, task in self.running.items() if future in done}
        return lost

    def forget(self) -> Future[Any] | None:
        """Close the training runs that wait in the one process, if there is one; the future ends when that is done."""
        if self.executor is None or self.make is not one_process:
            return None
        with suppress(Exception):  # it has died meanwhile
            return self.executor.submit(forget)
        return None

    def close(self) -> None:
        if (executor := self._let_go()) is not None:
            executor.shutdown(wait=self.make is not one_process)  # k pools of our own shut down at the same time

    def kill(self) -> None:
        """End the executor without waiting for its tasks; its processes, if it has any, are killed."""
        if (executor := self._let_go()) is None:
            return
        for future in self.running:
            future.cancel()
        if _kills_workers(executor):
            executor.shutdown(kill_workers=True)  # type: ignore[call-arg]
            return
        processes = [*(getattr(executor, "_processes", None) or {}).values()]
        for process in processes:
            process.kill()
        executor.shutdown(wait=False)
        for process in processes:
            process.join(PATIENCE)

    def _let_go(self) -> Executor | None:
        executor, self.executor, self.opening = self.executor, None, None
        return executor


def one_process() -> Executor:
    for name in ("loky", "joblib.externals.loky"):
        with suppress(ImportError):
            loky = importlib.import_module(name)
            return loky.ProcessPoolExecutor(1, initializer=_begin, initargs=(os.getpid(),), env=ONE_THREAD)
    raise ImportError("tune: n_workers needs loky, which comes with scikit-learn: pip install loky")


def _begin(search: int) -> None:
    """Ignore Ctrl-C, which reaches all processes of a terminal: the search ends its workers, or they end after it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(search)


def n_workers_of(executor: Executor) -> int:
    """Return how many trials an executor trains at once (`_max_workers` is a hint). Raises ValueError if unknown."""
    known = getattr(executor, "num_workers", getattr(executor, "_max_workers", None))  # mpi4py; loky, standard library
    if is_dask(executor):
        known = n_connected(executor)
    if not isinstance(known, int) or known < 1:
        what = "to which no worker is connected" if known == 0 else "which does not say how many workers it has"
        raise ValueError(f"tune: n_workers=None must be a number with {type(executor).__name__}, {what}")
    return known


def is_dask(executor: Executor | None) -> bool:
    return type(executor).__module__.partition(".")[0] == "distributed"


def n_connected(executor: Any) -> int | None:
    """Return the number of threads of the workers of the executor's client, or Dask's newest; None without a scheduler."""
    with suppress(ValueError, OSError):
        client = getattr(executor, "_client", None) or sys.modules["distributed"].default_client()
        return sum(client.nthreads().values())
    return None


def has_processes(executor: Executor) -> bool:
    """Return True if the executor has processes of this machine that can be ended."""
    return isinstance(executor, ProcessPoolExecutor) or _kills_workers(executor)


def _kills_workers(executor: Executor) -> bool:
    """Return True for an executor of loky, which ends its processes and their children itself."""
    return "kill_workers" in inspect.signature(executor.shutdown).parameters


def _failed(error: Exception) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future
