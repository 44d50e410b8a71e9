"""Any number of workers in virtual time: the effect of a cluster on a search, without a cluster.

    repeat: tell what has ended by now; if a worker is free, ask, and let it train until now + duration(trial);
            else advance to the moment when the next one ends

Nothing waits: the losses come at once, from a table or a formula, and the clock only says when they would have come. So
a thousand trials on 4096 workers take seconds, and a repeated search is exactly the same. A trial that is asked for while
m others run is a proposal with m results missing: the more workers, the staler it is. Chapter 5.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpt_lab.loop.objective import CalledObjective, takes, train
from hpt_lab.loop.session import Ended, search
from hpt_lab.study import History, Study, Trial
from hpt_lab.values.checks import finite, instance, positive, require

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Schedule", "Simulation", "simulate"]

Duration = Callable[[Trial], float]


@dataclass(frozen=True)
class Schedule:
    """The times and the worker of one trial.

    Attributes
    ----------
    number, worker : int, the number of the trial, and of the first free worker, from 0
    asked, started, ended : float
        Seconds since the search began. Between asked and started, the strategy computes its suggestion.
    missing : int, the number of other trials running when it was asked for, whose results were missing
    """

    number: int
    worker: int
    asked: float
    started: float
    ended: float
    missing: int


@dataclass(frozen=True)
class Simulation:
    """A search in virtual time.

    Attributes
    ----------
    study : Study, with all trials, as `tune` would have left it
    n_workers : int
    moments : tuple of Schedule, in the order in which the trials were asked for
    """

    study: Study
    n_workers: int
    moments: tuple[Schedule, ...]

    @property
    def seconds(self) -> float:
        """The time at which the last trial ended, or 0 without trials."""
        return max((moment.ended for moment in self.moments), default=0.0)

    @property
    def utilisation(self) -> float:
        """The share of all workers' time in which they trained, from 0 to 1."""
        busy = math.fsum(moment.ended - moment.started for moment in self.moments)
        return busy / (self.n_workers * self.seconds) if self.moments else 0.0

    @property
    def missing(self) -> float:
        """The number of results that were missing when a trial was proposed, as a mean over the trials; 0 without any."""
        return sum(moment.missing for moment in self.moments) / len(self.moments) if self.moments else 0.0

    def path(self) -> list[tuple[float, float]]:
        """Return the incumbent over time: (seconds, value) for each moment at which a better value was reported."""
        history, ended = self.study.history, sorted(self.moments, key=lambda moment: (moment.ended, moment.number))
        trials = [history.trials[moment.number] for moment in ended]
        bests = History(history.space, trials, direction=history.direction).incumbents
        steps = zip(ended, bests, [None, *bests], strict=False)
        return [(moment.ended, new.value) for moment, new, old in steps if new is not None and new is not old]  # type: ignore[misc]

    def time_to(self, target: float) -> float:
        """Return the seconds until the incumbent's value is as good as `target`; infinite if it never was."""
        target = finite("time_to: target", target)
        sign = self.study.history.directions.signs[0]
        return next((seconds for seconds, value in self.path() if sign * value <= sign * target), math.inf)

    def to_frame(self) -> "pd.DataFrame":
        """Return the study's `to_frame` with columns worker, asked, started, ended and missing, in virtual seconds."""
        frame = self.study.to_frame().drop(columns=["started", "seconds"])
        by_number = {moment.number: moment for moment in self.moments}
        frame = frame[frame["number"].isin(list(by_number))].reset_index(drop=True)
        for name in ("worker", "asked", "started", "ended", "missing"):
            frame[name] = [getattr(by_number[number], name) for number in frame["number"]]
        return frame


def simulate(
    study: Study,
    objective: Callable[..., float],
    duration: Duration,
    n_workers: int,
    n_trials: int | None = None,
    *,
    until: float | None = None,
    thinking: float = 0.0,
) -> Simulation:
    """Let `n_workers` asynchronous workers continue a study in virtual time.

    Raises ValueError or TypeError if an argument or a duration is wrong, and the first error if every trial failed.

    Parameters
    ----------
    study : Study, to which the trials are added
    objective : callable
        As for `tune`; if it yields, any worker can resume it. It should cost nothing, like those of `hpt_lab.problems`.
    duration : callable, `duration(trial) -> float`, the seconds that the trial takes, above 0: see `problems.durations`
    n_workers : int, how many trials run at once
    n_trials, until : int and float, optional
        Total number of trials, as for `tune`; virtual seconds after which no further trial is started. One must be given.
    thinking : float
        Seconds that the strategy takes per suggestion: with 0.01, at most 100 workers are busy if training takes 1 s.

    Examples
    --------
    >>> from hpt_lab import RandomSearch, Study, problems
    >>> from hpt_lab.loop import simulate
    >>> problem = problems.forest_boston()
    >>> for k in (1, 8):
    ...     study = Study(problem.space, RandomSearch(), seed=0)
    ...     found = simulate(study, problem, lambda trial: trial.params["n_estimators"] / 100, k, 40)
    ...     print(f"{k} workers: {found.seconds:.1f} s, {found.utilisation:.0%} busy, {found.missing:.1f} missing")
    1 workers: 64.5 s, 100% busy, 0.0 missing
    8 workers: 9.0 s, 90% busy, 6.2 missing
    """
    instance("simulate: study", study, Study, "a Study")
    require(callable(objective), "simulate: objective", objective, "a function of the params")
    fits = callable(duration) and takes(duration, 1)
    require(fits, "simulate: duration", duration, "a function of the trial, in seconds")
    if n_trials is None and until is None:
        raise ValueError("simulate: n_trials=None and until=None must not both be None, or the search would never end")
    n_workers = positive("simulate: n_workers", n_workers)
    n_trials = None if n_trials is None else positive("simulate: n_trials", n_trials)
    until = math.inf if until is None else finite("simulate: until", until, above=0)
    thinking = finite("simulate: thinking", thinking, least=0)
    called = CalledObjective(objective, study)
    workers = _VirtualWorkers(called, duration, n_workers, until, thinking)
    search(study, workers, n_trials, tell=called.tell)
    return Simulation(study, n_workers, tuple(workers.moments.values()))


class _VirtualWorkers:
    """Workers on a virtual clock, which advances when a trial is asked for, and when one ends."""

    def __init__(
        self, objective: CalledObjective, duration: Duration, n_workers: int, until: float, thinking: float
    ) -> None:
        self._objective, self._duration, self._until, self._thinking = objective, duration, until, thinking
        self._now = 0.0
        self._idle = list(range(n_workers))  # a heap: the first free worker comes first
        self._running: list[tuple[float, int, Trial, tuple[Any, ...]]] = []  # a heap: the first to end comes first
        self.moments: dict[int, Schedule] = {}

    @property
    def free(self) -> bool:
        """True if a worker is idle, and every trial that has ended by now was told."""
        told = not self._running or self._running[0][0] > self._now
        return bool(self._idle) and told and self._now < self._until

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def start(self, trial: Trial) -> None:
        asked, started = self._now, self._now + self._thinking
        end = started + finite(f"simulate: duration of trial {trial.number}", self._duration(trial), above=0)
        moment = Schedule(trial.number, heapq.heappop(self._idle), asked, started, end, missing=len(self._running))
        self.moments[trial.number] = moment
        heapq.heappush(self._running, (end, trial.number, trial, self._objective.arguments(trial)))
        self._now = started

    def next(self) -> Ended:
        end, number, trial, arguments = heapq.heappop(self._running)
        self._now = max(self._now, end)
        heapq.heappush(self._idle, self.moments[number].worker)
        return trial, train(self._objective.function, arguments)

    def close(self) -> None:
        self._objective.close()

    kill = close
