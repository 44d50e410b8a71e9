"""The workers that train several trials at once: pools of threads or processes, on this machine or on a cluster.

`Pools` submits trials to any `concurrent.futures.Executor`: threads, processes, loky, Dask,
MPI. Only the search itself asks, tells and calls back, in the order in which trials end. A training run that waits for a
promotion (see `pausable`) waits in the process that began it. A promoted trial goes there if it is free, else it trains
again: with 2 to 16 workers under ASHA(1, 27), that is 3 to 7 % of all units, in virtual time, and results are no worse.

Our own workers (`n_workers=k`) are k pools of one process each, so we know which trial killed its worker or hangs, and
the others are not affected. Your pool (`executor=...`) dies as a whole if one process does (`BrokenExecutor`). Then a new
one is made, and all trials that ran are suspects: each runs again alone, before any new one, and a trial that kills its
worker alone fails after `max_retries` more times. (Dask raises `KilledWorker` only after several workers.) Chapter 5.
"""

import math
import os
import queue
import signal
import time
import warnings
from collections import deque
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor, wait
from typing import Any

from hpt_lab.loop.objective import CalledObjective
from hpt_lab.loop.pausable import Stretch
from hpt_lab.loop.session import Ended, NoWorker, Workers
from hpt_lab.study import Trial
from hpt_lab.study.outcomes import Outcome
from hpt_lab.tools.workers.packing import Packed, Shared
from hpt_lab.tools.workers.pools import Factory, Pool, Task, is_dask, n_connected, one_process

MINUTE = 60.0  # seconds between warnings that no worker is connected


def workers(
    objective: CalledObjective,
    executor: Factory | None,
    n_workers: int | None,
    max_retries: int,
    trial_timeout: float | None,
    deadline: float,
) -> Workers:
    """Return workers in other processes or threads; the arguments are checked ones of `tune`, and those of `search`."""
    if executor is None:
        return Pools(objective, [Pool(one_process, trial_timeout) for _ in range(n_workers or 1)], max_retries)
    pool = Pool(executor, trial_timeout)
    try:
        pool.begin(n_workers)
        return Pools(objective, [pool], max_retries, deadline)
    except BaseException:
        pool.kill()
        raise


class Pools:
    def __init__(
        self, objective: CalledObjective, pools: list[Pool], max_retries: int, deadline: float = math.inf
    ) -> None:
        self._objective, self._pools, self._max_retries, self._deadline = objective, pools, max_retries, deadline
        self._ended: queue.SimpleQueue[tuple[Pool, Future[Any]]] = queue.SimpleQueue()
        self._outcomes: deque[Ended] = deque()
        self._answered = False  # whether any worker ever answered
        self._on_dask = is_dask(pools[0].executor)
        self._homes: dict[int | None, Pool] = {}  # trial -> the pool where its training run waits, if it still does
        shares = isinstance(pools[0].executor, ThreadPoolExecutor)
        travels = Shared(objective.function) if shares else Packed.of(objective.function)
        for pool in pools:
            pool.objective, pool.ended = travels, self._ended

    @property
    def free(self) -> bool:
        return any(pool.free for pool in self._pools)

    @property
    def busy(self) -> bool:
        return bool(self._outcomes) or any(pool.running or pool.again for pool in self._pools)

    def start(self, trial: Trial) -> None:
        """Start training, if possible in the pool where the run to be resumed is waiting."""
        arguments = self._objective.arguments(trial)
        stage = arguments[-1]
        home = self._homes.pop(stage.earlier, None) if isinstance(stage, Stretch) else None
        pool = home if home is not None and home.free else next(pool for pool in self._pools if pool.free)
        pool.start(Task(trial, arguments))

    def next(self) -> Ended:
        """Wait for the next trial to end, with a value or an error. Raises KeyboardInterrupt if that ended it."""
        self._since = time.monotonic()
        while not self._outcomes:
            for pool in self._pools:
                pool.start_again()
            now, ends = time.monotonic(), [end for pool in self._pools for end, _ in pool.ends()]
            first = min(ends, default=math.inf)
            if self._on_dask:  # it must be asked for workers
                first = min(first, now + MINUTE, self._deadline if self._deadline > now else math.inf)
            try:
                pool, future = self._ended.get(timeout=None if first == math.inf else max(0.0, first - now))
            except queue.Empty:
                self._end_late_ones()
                continue
            if future is pool.opening:
                pool.begin_time()
            elif future in pool.running:
                self._take(pool, future)
        return self._outcomes.popleft()

    def _take(self, pool: Pool, future: Future[Any]) -> None:
        try:
            outcome = pool.objective.received(future.result())
            self._answered = True
        except BrokenExecutor as broken:
            self._restart(pool, broken)
            return
        except Exception as lost:  # not the objective's, whose errors are results: its worker is gone, or never got it
            outcome = Outcome(error=lost)
        task = pool.running.pop(future)
        stage = task.arguments[-1]
        if isinstance(stage, Stretch) and stage.pauses:
            self._homes[task.trial.number] = pool
        if isinstance(outcome.error, KeyboardInterrupt):
            raise outcome.error
        self._outcomes.append((task.trial, outcome))

    def _restart(self, pool: Pool, broken: BrokenExecutor) -> None:
        """Run the trials of a broken pool again, each alone; one that already ran alone may fail."""
        lost = pool.stop()
        if not self._answered:
            pool.check_start()
        if len(lost) == 1:  # otherwise a different trial may be to blame, and no retry is counted
            lost[0].breaks += 1
        for task in lost:
            task.suspect = True
        if len(lost) == 1 and lost[0].breaks > self._max_retries:
            times = "once" if lost[0].breaks == 1 else f"{lost[0].breaks} times"
            error = RuntimeError(f"the worker died {times} while it trained this trial ({type(broken).__name__})")
            self._outcomes.append((lost[0].trial, Outcome(error=error)))
        else:
            pool.again.extend(lost)

    def _end_late_ones(self) -> None:
        """Fail the trials whose time is up and kill their workers; other trials that this ends run again.

        If Dask has no worker, warn instead. Raises NoWorker if the time of a trial, or of the search, is up.
        """
        now = time.monotonic()
        late = {pool: [task for end, task in pool.ends() if now >= end] for pool in self._pools}
        if self._on_dask and n_connected(self._pools[0].executor) == 0:
            over, ignored = (
                any(late.values()) or now >= self._deadline,
                signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
            )
            end = f"kill -TERM {os.getpid()}" if ignored else "Ctrl-C"  # a shell has background processes ignore Ctrl-C
            then = "the search ends, and hands them back" if over else f"connect one, or end the search with {end}"
            waits = f"{sum(len(pool.running) for pool in late)} trials have waited for {now - self._since:.0f} seconds"
            warnings.warn(f"tune: no worker is connected, and {waits}; {then}", RuntimeWarning, stacklevel=2)
            if over:
                raise NoWorker
        for pool, tasks in late.items():
            end = "its worker on Dask may keep training" if self._on_dask else "its worker was ended"
            for task in pool.stop(tasks) if tasks else ():
                if task in tasks:
                    what = f"trial_timeout: no value after {pool.limit:g} seconds; {end}"
                    self._outcomes.append((task.trial, Outcome(error=TimeoutError(what))))
                else:
                    pool.again.append(task)

    def close(self) -> None:
        """Release idle workers, after closing the training runs that wait there."""
        if self._homes:
            wait([last for pool in self._pools if (last := pool.forget()) is not None])
        self._objective.close()
        for pool in self._pools:
            pool.close()

    def kill(self) -> None:
        """End all workers at once, if they can be ended: a thread continues until its trial returns."""
        for pool in self._pools:
            pool.kill()
        self._objective.close()
