"""Where trials are trained: here, one after the other, or by workers, several at once.

    workers.free        a new trial may be asked for          workers.start(trial, arguments)    train it
    workers.busy        somebody trains                       workers.next()                     whoever is done first

`Here` trains in `next`, and is what a search uses by default. `Workers` hands trials to any `concurrent.futures.Executor`:
threads, processes, loky, Dask, MPI. Only the search itself asks, tells and calls back, in the order in which trials end.

**Workers of our own** (`n_workers=k`) are k pools of one process each. So it is known which trial killed its worker, and
which one hangs; the others never notice.

**A pool of yours** (`executor=...`) dies as a whole where one of its processes does (`BrokenExecutor`), and nobody knows by
whose fault. Then it is made anew, and all trials that were running are suspects: each runs again alone, before any other
begins. Whoever kills its worker alone is the one, and fails after `max_retries` more times; so nobody fails, or loses a
retry, for another's fault. (Dask keeps the books itself: its `KilledWorker` comes only for a trial that killed several workers.)

What travels to a process does so as bytes that cloudpickle made, where it is installed, so that lambdas and functions of a
notebook travel too; the objective is packed once. Threads share the objective instead. A worker computes with one thread:
several trials on all cores each would wait for one another. Chapter 5.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import queue
import signal
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from hpt_lab.checks import WrongType, short
from hpt_lab.study import Trial
from hpt_lab.study.outcomes import describe, told
from hpt_lab.threads import limit_to_one_thread, one_blas_thread

__all__ = ["Factory", "Here", "Training", "Workers", "train", "workers"]

Result = tuple[float | None, BaseException | None]  # the value, or what was raised
Outcome = tuple[Trial, float | None, Exception | None]
Factory = Callable[[], Executor]

PATIENCE = 10.0  # seconds in which all of a broken or killed pool must have ended
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")}


class Training(Protocol):
    """What `run` asks of those who train."""

    @property
    def free(self) -> bool: ...
    @property
    def busy(self) -> bool: ...
    def start(self, trial: Trial, arguments: tuple[Any, ...]) -> None: ...
    def next(self) -> Outcome: ...
    def close(self) -> None: ...
    def kill(self) -> None: ...


def workers(
    objective: Callable[..., Any],
    executor: Factory | None = None,
    n_workers: int | None = None,
    max_retries: int = 1,
    trial_timeout: float | None = None,
) -> Training:
    """Those who train: `Here` where nothing else is asked for. See `tune` for the arguments, which are checked there."""
    if executor is None and n_workers in (None, 1) and trial_timeout is None:
        return Here(objective)
    if executor is None:
        return Workers(objective, [_Pool(_one_process, trial_timeout) for _ in range(n_workers or 1)], max_retries)
    pool = _Pool(executor, trial_timeout)
    made = pool.open()
    try:
        pool.capacity = _capacity(made) if n_workers is None else n_workers
        if trial_timeout is not None and not _processes(made):
            raise ValueError(
                f"tune: trial_timeout={trial_timeout} must be None with {type(made).__name__}: only a process of this "
                "machine can be ended, such as n_workers alone, ProcessPoolExecutor and loky have"
            )
        return Workers(objective, [pool], max_retries)
    except BaseException:
        pool.kill()
        raise


class Here:
    """Trains the one trial that was started, in `next`."""

    def __init__(self, objective: Callable[..., Any]) -> None:
        self._objective = objective
        self._started: tuple[Trial, tuple[Any, ...]] | None = None

    @property
    def free(self) -> bool:
        return self._started is None

    @property
    def busy(self) -> bool:
        return self._started is not None

    def start(self, trial: Trial, arguments: tuple[Any, ...]) -> None:
        self._started = trial, arguments

    def next(self) -> Outcome:
        assert self._started is not None
        trial, arguments = self._started
        value, error = train(self._objective, arguments)
        self._started = None
        return trial, value, error

    def close(self) -> None:
        """Nothing is left open."""

    kill = close


@dataclass(eq=False)
class _Task:
    """A trial in training."""

    trial: Trial
    arguments: tuple[Any, ...]
    breaks: int = 0  # of the pool, while it ran there alone
    suspect: bool = False  # it runs alone, to find out whether it is what kills its worker
    since: float = 0.0  # when its time began; infinite while its worker still starts


class Workers:
    """Trains in pools of workers. A trial's outcome comes from `next`, the first that ended first."""

    def __init__(self, objective: Callable[..., Any], pools: list[_Pool], max_retries: int) -> None:
        self._pools, self._max_retries = pools, max_retries
        self._ended: queue.SimpleQueue[tuple[_Pool, Future[Any]]] = queue.SimpleQueue()
        self._outcomes: deque[Outcome] = deque()
        shares = isinstance(pools[0].executor, ThreadPoolExecutor)
        train = _Shared(objective) if shares else _Packed.of(objective)
        for pool in pools:
            pool.train, pool.ended = train, self._ended

    @property
    def free(self) -> bool:
        return any(pool.free for pool in self._pools)

    @property
    def busy(self) -> bool:
        return bool(self._outcomes) or any(pool.running or pool.again for pool in self._pools)

    def start(self, trial: Trial, arguments: tuple[Any, ...]) -> None:
        """Begin to train, where a worker is free."""
        next(pool for pool in self._pools if pool.free).start(_Task(trial, arguments))

    def next(self) -> Outcome:
        """Wait for the next trial that ends: its value, or its error. KeyboardInterrupt if that is how it ended."""
        while not self._outcomes:
            for pool in self._pools:
                pool.start_again()
            try:
                pool, future = self._ended.get(timeout=self._patience())
            except queue.Empty:
                self._end_late_ones()
                continue
            if future is pool.opening:
                pool.begin_time()
            elif future in pool.running:
                self._take(pool, future)
        return self._outcomes.popleft()

    def _take(self, pool: _Pool, future: Future[Any]) -> None:
        """Note what became of the trial of a future that has ended."""
        try:
            value, error = pool.train.received(future.result())
        except BrokenExecutor as broken:
            self._restart(pool, broken)
            return
        except Exception as lost:  # not by the objective, whose errors are results: its worker is gone, or never got it
            value, error = None, lost
        task = pool.running.pop(future)
        if isinstance(error, KeyboardInterrupt):
            raise error
        assert error is None or isinstance(error, Exception)
        self._outcomes.append((task.trial, value, error))

    def _restart(self, pool: _Pool, broken: BrokenExecutor) -> None:
        """A pool broke: its trials are to run again, each alone; one that was alone already may have failed."""
        lost = pool.stop()
        if len(lost) == 1:  # otherwise it may have been another one's fault, which costs no retry
            lost[0].breaks += 1
        for task in lost:
            task.suspect = True
        if len(lost) == 1 and lost[0].breaks > self._max_retries:
            times = "once" if lost[0].breaks == 1 else f"{lost[0].breaks} times"
            error = RuntimeError(f"the worker died {times} while it trained this trial ({type(broken).__name__})")
            self._outcomes.append((lost[0].trial, None, error))
        else:
            pool.again.extend(lost)

    def _patience(self) -> float | None:
        """Seconds until the first running trial has had its time; None if no time is set."""
        ends = [pool.next_end() for pool in self._pools if pool.limit is not None]
        first = min(ends, default=float("inf"))
        return None if first == float("inf") else max(0.0, first - time.monotonic())

    def _end_late_ones(self) -> None:
        """Kill the workers of the trials that have had their time, which fail; others that this hits run again."""
        now = time.monotonic()
        for pool in self._pools:
            late = {task.trial.number for task in pool.late(now)}
            if late:
                for task in pool.stop():
                    if task.trial.number in late:
                        error = TimeoutError(
                            f"trial_timeout: no value after {pool.limit:g} seconds; its worker was ended"
                        )
                        self._outcomes.append((task.trial, None, error))
                    else:
                        pool.again.append(task)

    def close(self) -> None:
        """Let go of workers that have nothing to do."""
        for pool in self._pools:
            pool.close()

    def kill(self) -> None:
        """End all workers at once, where they can be ended: a thread goes on until its trial returns."""
        for pool in self._pools:
            pool.kill()


@dataclass(eq=False)
class _Pool:
    """An executor, made when it is needed, and made anew when it broke; and what runs there."""

    make: Factory
    limit: float | None  # seconds for each trial
    capacity: int = 1
    executor: Executor | None = None
    opening: Future[Any] | None = None  # ends when the first worker has started
    running: dict[Future[Any], _Task] = field(default_factory=dict)
    again: deque[_Task] = field(default_factory=deque)  # to be started again, before any new one
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

    def start(self, task: _Task) -> None:
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

    def begin_time(self) -> None:
        """The first worker is there, so the trials' time begins."""
        now = time.monotonic()
        for task in self.running.values():
            task.since = min(task.since, now)

    def next_end(self) -> float:
        assert self.limit is not None
        return min((task.since + self.limit for task in self.running.values()), default=float("inf"))

    def late(self, now: float) -> list[_Task]:
        assert self.limit is not None
        return [task for future, task in self.running.items() if now >= task.since + self.limit and not future.done()]

    def stop(self) -> list[_Task]:
        """End all workers; the next trial gets new ones. Returns what they were at, but for what was done just before."""
        done = {future for future in self.running if future.done() and not _broke(future)}
        lost = [task for future, task in self.running.items() if future not in done]
        self.kill()
        self.running = {future: task for future, task in self.running.items() if future in done}
        return lost

    def close(self) -> None:
        executor, self.executor, self.opening = self.executor, None, None
        if executor is not None:
            executor.shutdown(wait=self.make is not _one_process)  # those of k pools end at the same time

    def kill(self) -> None:
        executor, self.executor, self.opening = self.executor, None, None
        if executor is not None:
            for future in self.running:
                future.cancel()
            _kill(executor)


# ---------------------------------------------------------------- in the worker


def train(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[float | None, Exception | None]:
    """The inner loop: the value, or what was raised."""
    try:
        return told(objective(*arguments)), None
    except Exception as error:
        return None, error


def _train_apart(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Result:
    """The same where the search is not: what would end the worker ends the trial, and an interrupt is handed on."""
    try:
        return train(objective, arguments)
    except KeyboardInterrupt as stop:
        return None, stop
    except SystemExit as stop:
        return None, RuntimeError(f"the objective called sys.exit({short(stop.code)}) in its worker")
    except BaseException as stop:
        return None, RuntimeError(f"the objective ended its worker: {describe(stop)}")


@dataclass(frozen=True)
class _Shared:
    """The objective, for threads: as it is."""

    objective: Callable[..., Any]

    def call(self, arguments: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """A function and its arguments, to be submitted."""
        return _train_shared, (self.objective, arguments)

    def received(self, result: Result) -> Result:
        """What the function returned."""
        return result


def _train_shared(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Result:
    with one_blas_thread():
        return _train_apart(objective, arguments)


@dataclass(frozen=True)
class _Packed:
    """The objective, for other processes: as bytes, and a name by which a worker knows that it has unpacked it."""

    name: str
    packed: bytes

    @classmethod
    def of(cls, objective: Callable[..., Any]) -> _Packed:
        try:
            return cls(uuid.uuid4().hex, _pack(objective))
        except Exception as error:
            raise WrongType(
                f"tune: objective={short(objective)} must be one that can be sent to another process: {_line(error)}"
            ) from error

    def call(self, arguments: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        try:
            return _train_packed, (self.name, self.packed, _pack(arguments))
        except Exception as error:
            raise TypeError(f"the params cannot be sent to another process: {_line(error)}") from error

    def loading(self) -> tuple[Any, ...]:
        """A function and its arguments, to be submitted before: it ends when a worker is there."""
        return _begin, self.name, self.packed

    def received(self, result: Any) -> Result:
        value, failure = result
        return value, None if failure is None else _unpacked_error(*failure)


_unpacked: dict[str, Callable[..., Any]] = {}  # in a worker: the objective of the latest search


def _unpack(name: str, packed: bytes) -> Callable[..., Any]:
    """The objective, which a worker unpacks once a search: in a Dask worker, several threads may ask for it."""
    found = _unpacked.get(name)
    if found is None:
        found = pickle.loads(packed)
        _unpacked.clear()
        _unpacked[name] = found
    return found


def _begin(name: str, packed: bytes) -> None:
    """Have the objective unpacked; what is wrong with it, the first trial will say."""
    with suppress(Exception):
        _unpack(name, packed)


def _train_packed(
    name: str, packed: bytes, arguments: bytes
) -> tuple[float | None, tuple[bytes | None, str, str] | None]:
    """Train in another process. What was raised comes back as bytes, its type's name, and its text."""
    value: float | None = None
    error: BaseException | None
    try:
        objective, unpacked = _unpack(name, packed), pickle.loads(arguments)
    except Exception as problem:
        error = RuntimeError(f"the objective or its params cannot be unpacked in the worker: {describe(problem)}")
    else:
        limit_to_one_thread()  # for good: the process is there to train, and libraries may have been loaded since
        value, error = _train_apart(objective, unpacked)
    return value, None if error is None else _packed_error(error)


def _packed_error(error: BaseException) -> tuple[bytes | None, str, str]:
    name, text = type(error).__name__, describe(error)
    with suppress(Exception):
        error.add_note("In the worker:\n" + "".join(traceback.format_exception(error)))
    try:
        packed = _pack(error)
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


def _pack(value: Any) -> bytes:
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


# ---------------------------------------------------------------- executors


def _one_process() -> Executor:
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


def _capacity(executor: Executor) -> int:
    """How many trials an executor trains at once, as far as it tells."""
    found = getattr(executor, "_max_workers", None) or getattr(executor, "num_workers", None)
    if found is None and hasattr(executor, "_client"):  # Dask
        found = sum(executor._client.nthreads().values())
    if not isinstance(found, int) or found < 1:
        raise ValueError(
            f"tune: n_workers=None must be a number with {type(executor).__name__}, which does not tell how many it has"
        )
    return found


def _processes(executor: Executor) -> bool:
    """Whether it has processes of this machine that can be ended."""
    return isinstance(getattr(executor, "_processes", None), dict)


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
