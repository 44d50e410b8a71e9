"""A pool of workers: one executor, made when it is needed, made anew when it broke, and killed where a trial hangs.

Executors are asked for no more than `submit` and `shutdown`. What else this needs to know of one - how many workers it
has, whether they are processes of this machine, how to end those at once - stands here too. Chapter 5.
"""

from __future__ import annotations

import importlib
import inspect
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hpt_lab.loop.packing import forget
from hpt_lab.study import Trial
from hpt_lab.values.checks import WrongType, short

__all__ = ["GUARD", "Factory", "Pool", "Task", "capacity", "has_processes", "is_importing_main", "one_process"]

Factory = Callable[[], Executor]

PATIENCE = 10.0  # seconds in which all of a broken or killed pool must have ended
GUARD = 'make workers under `if __name__ == "__main__":`, since each of them may import the script'
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")}


@dataclass(eq=False)
class Task:
    """A trial in training."""

    trial: Trial
    arguments: tuple[Any, ...]
    breaks: int = 0  # of the pool, while it ran there alone
    suspect: bool = False  # it runs alone, to find out whether it is what kills its worker
    since: float = 0.0  # when its time began; infinite while its worker still starts


@dataclass(eq=False)
class Pool:
    """An executor, made when it is needed, and made anew when it broke; and what runs there."""

    make: Factory
    limit: float | None  # seconds for each trial
    capacity: int = 1
    executor: Executor | None = None
    opening: Future[Any] | None = None  # ends when the first worker has started
    running: dict[Future[Any], Task] = field(default_factory=dict)
    again: deque[Task] = field(default_factory=deque)  # to be started again, before any new one
    train: Any = None
    ended: Any = None

    @property
    def free(self) -> bool:
        return len(self.running) + len(self.again) < self.capacity and not any(
            task.suspect for task in (*self.running.values(), *self.again)
        )

    def open(self) -> Executor:
        """The executor, made if there is none."""
        if self.executor is None:
            made = self.make()
            if not isinstance(made, Executor):
                raise WrongType(f"tune: executor() returned {short(made)}, which must be a concurrent.futures.Executor")
            self.executor = made
        return self.executor

    def start_again(self) -> None:
        """Start what is to run again: a suspect alone, others as far as there is room."""
        while self.again:
            alone = self.again[0].suspect or any(task.suspect for task in self.running.values())
            if len(self.running) >= (1 if alone else self.capacity):
                return
            self.start(self.again.popleft())

    def start(self, task: Task) -> None:
        try:
            function, arguments = self.train.call(task.arguments)
        except Exception as error:  # params that cannot be packed
            future = _failed(error)
        else:
            future = self._submit(function, arguments)
        task.since = time.monotonic() if self.opening is None or self.opening.done() else float("inf")
        self.running[future] = task
        future.add_done_callback(lambda future: self.ended.put((self, future)))

    def _submit(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Future[Any]:
        """Its future; one that has failed where the executor does not take it."""
        idle = self.executor is not None and not self.running
        executor = self.open()
        try:
            if self.limit is not None and self.opening is None:
                self.opening = executor.submit(*self.train.loading())
                self.opening.add_done_callback(lambda future: self.ended.put((self, future)))
            return executor.submit(function, *arguments)
        except Exception as error:
            if not (idle and isinstance(error, BrokenExecutor)):
                return _failed(error)
        self.stop()  # a worker died while it had nothing to do
        return self._submit(function, arguments)

    def check_start(self) -> None:
        """RuntimeError if workers end before they train anything: then no trial is to blame."""
        executor = self.open()
        if has_processes(executor):
            try:
                executor.submit(forget).result()
            except BrokenExecutor:
                raise RuntimeError(
                    f"tune: the workers of {type(executor).__name__} end before they train anything; see to their "
                    f"initializer, and {GUARD}"
                ) from None

    def begin_time(self) -> None:
        """The first worker is there, so the trials' time begins."""
        now = time.monotonic()
        for task in self.running.values():
            task.since = min(task.since, now)

    def next_end(self) -> float:
        assert self.limit is not None
        return min((task.since + self.limit for task in self.running.values()), default=float("inf"))

    def late(self, now: float) -> list[Task]:
        assert self.limit is not None
        return [task for future, task in self.running.items() if now >= task.since + self.limit and not future.done()]

    def stop(self) -> list[Task]:
        """End all workers; the next trial gets new ones. Returns what they were at, but for what was done just before."""
        done = {future for future in self.running if future.done() and not _broke(future)}
        lost = [task for future, task in self.running.items() if future not in done]
        self.kill()
        self.running = {future: task for future, task in self.running.items() if future in done}
        return lost

    def forget(self) -> Future[Any] | None:
        """Ends when the one process, if there is one, has closed the trainings that wait there; see `close` for others."""
        if self.executor is None or self.make is not one_process:
            return None
        with suppress(Exception):  # it has died meanwhile
            return self.executor.submit(forget)
        return None

    def close(self) -> None:
        executor, self.executor, self.opening = self.executor, None, None
        if executor is not None:
            executor.shutdown(wait=self.make is not one_process)  # those of k pools end at the same time

    def kill(self) -> None:
        executor, self.executor, self.opening = self.executor, None, None
        if executor is not None:
            for future in self.running:
                future.cancel()
            _kill(executor)


def one_process() -> Executor:
    """A pool of one process, of loky."""
    for name in ("loky", "joblib.externals.loky"):
        try:
            loky = importlib.import_module(name)
        except ImportError:
            continue
        return loky.ProcessPoolExecutor(1, initializer=_leave_interrupts_to_the_search, env=ONE_THREAD)
    raise ImportError("tune: n_workers needs loky, which comes with scikit-learn: pip install loky")


def _leave_interrupts_to_the_search() -> None:
    """Ctrl-C reaches all processes of a terminal; the search ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def capacity(executor: Executor) -> int:
    """How many trials an executor trains at once, as far as it tells."""
    found = getattr(executor, "_max_workers", None) or getattr(executor, "num_workers", None)
    if found is None and hasattr(executor, "_client"):  # Dask
        found = sum(executor._client.nthreads().values())
    if not isinstance(found, int) or found < 1:
        raise ValueError(
            f"tune: n_workers=None must be a number with {type(executor).__name__}, which does not tell how many it has"
        )
    return found


def has_processes(executor: Executor) -> bool:
    """Whether it has processes of this machine that can be ended."""
    return isinstance(getattr(executor, "_processes", None), dict)


def is_importing_main() -> bool:
    """Whether this process is a worker that is only importing the script that made it, as those of spawn and forkserver do."""
    return getattr(multiprocessing.current_process(), "_inheriting", False)


def _failed(error: Exception) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _broke(future: Future[Any]) -> bool:
    """Whether it ended with its pool, and not by itself."""
    return future.cancelled() or isinstance(future.exception(), BrokenExecutor)


def _kill(executor: Executor) -> None:
    """End an executor without waiting for what it runs; its processes are killed."""
    if "kill_workers" in inspect.signature(executor.shutdown).parameters:  # loky: with their own children
        executor.shutdown(kill_workers=True)  # type: ignore[call-arg]
        return
    processes: Iterable[Any] = list((getattr(executor, "_processes", None) or {}).values())
    for process in processes:
        process.kill()
    executor.shutdown(wait=False)
    for process in processes:
        process.join(PATIENCE)
