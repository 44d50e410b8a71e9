"""One search from its first trial to its last: ask, train, tell; and what happens to the trials if it ends early.

    while a worker is free: ask the strategy for a trial, and start its training
    wait for the next trial to end, and tell the study

`run`, `simulate`, `SearchCV` and the race all use this loop; they differ in where training happens: in this process, in
others, on workers in virtual time, or in a cross-validation. Chapter 1.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from hpt_lab.loop.progress import Progress
from hpt_lab.study import NothingToSuggest, StorageError, Study, Trial
from hpt_lab.study.outcomes import Outcome

Ended = tuple[Trial, Outcome]


class NoWorker(Exception):
    """Raised if no worker is connected when the time of a trial or of the search is up."""


class Workers(Protocol):
    """The workers that train the trials of a search: `close` ends idle ones, `kill` ends all of them at once."""

    @property
    def free(self) -> bool: ...  # whether another trial may be started
    @property
    def busy(self) -> bool: ...  # whether a trial is in training
    def start(self, trial: Trial) -> None: ...  # start training; only while free
    def next(self) -> Ended: ...  # wait for the next trial to end; only while busy
    def close(self) -> None: ...
    def kill(self) -> None: ...


def search(
    study: Study,
    workers: Workers,
    n_trials: int | None = None,
    total_budget: float | None = None,
    deadline: float = math.inf,
    *,
    tell: Callable[[Trial, Outcome], Any] | None = None,
    told: Callable[[Trial, Outcome], Any] | None = None,
    progress: bool | str = False,
) -> None:
    """Ask, train and tell until there is nothing left to ask for, and nothing in training.

    `n_trials`, `total_budget` and `progress` are those of `tune`. No trial is started after the `deadline`, in
    `time.monotonic()`. `tell` is the study's by default; `told` is called after it, with the same trial and outcome. If
    every trial failed, the first error is raised. An exception that ends the search early is raised again, with the study
    as its attribute `study`; the trials in training are abandoned, and the workers killed.
    """
    in_training: list[Trial] = []
    try:
        first_error: str | BaseException | None = None
        end = math.inf if n_trials is None else n_trials, math.inf if total_budget is None else total_budget
        left = 0.0
        study.stopped = False
        with Progress(study, n_trials, total_budget, progress) as bar:
            while True:
                while workers.free and not study.stopped and time.monotonic() < deadline:
                    left = left - 1 if left > 1 else _left(study, *end)
                    trial = _ask(study, in_training, *end) if left > 0 else None
                    if trial is None:
                        break
                    workers.start(trial)
                    if bar.on:
                        bar.show(trial)
                if not workers.busy:
                    break
                trial, outcome = workers.next()
                (tell or study.tell)(trial, outcome)
                place = next(i for i, one in enumerate(in_training) if one is trial)  # `remove` compares them whole
                del in_training[place]
                if first_error is None:
                    first_error = outcome.error
                if told is not None:
                    told(trial, outcome)
                if in_training and bar.on:
                    bar.show(in_training[-1])
        workers.close()
        if isinstance(first_error, BaseException) and all(trial.state == "failed" for trial in study.trials):
            raise first_error
    except BaseException as stop:
        with suppress(StorageError):
            study.abandon(in_training[::-1])
        workers.kill()
        with suppress(Exception):  # a few exceptions take no attributes
            stop.study = study  # type: ignore[attr-defined]
        raise


def _left(study: Study, n_trials: float, total_budget: float) -> float:
    """Return how many trials are left to ask for; with a total budget, only whether there is a next one."""
    history = study.history
    left = n_trials - history.n_asked
    if total_budget < math.inf:
        left = min(left, float(history.committed < total_budget))
    return left if left > 0 else len(study.orphans)


def _ask(study: Study, in_training: list[Trial], n_trials: float, total_budget: float) -> Trial | None:
    """Return the next trial, which joins `in_training`, or None if there is none, for good or until one ends."""
    if in_training and not study.space:  # define-by-run: the first trial makes the space known
        return None
    try:  # not in the loop of `search`: there, an interrupt on the line of this `try` would not be caught
        return study.ask_into(in_training, n_trials, total_budget)
    except NothingToSuggest:
        return None
