"""One entry on the whole course: its searches, in parallel, and the checks that it is a strategy.

    ridden = ride(entry, course, n_jobs=2, limit=10.0, step=bar.update)

A problem stays in this process, which tells the losses. See `hpt_lab.race.fair` for the checks.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from hpt_lab.loop.packing import train
from hpt_lab.problems import Problem
from hpt_lab.race import fair
from hpt_lab.race.course import as_it_is, found, mirror, objective
from hpt_lab.race.entry import Entry
from hpt_lab.race.loading import Refused
from hpt_lab.race.score import scores
from hpt_lab.race.watch import Watched
from hpt_lab.study import Trial
from hpt_lab.study.outcomes import describe

__all__ = ["Course", "Ridden", "quick_check", "ride"]

N_MIRRORED = 24  # searches in the mirror, at least, if there are so many
QUICK = 12  # trials of each search in the quick check


@dataclass(frozen=True)
class Course:
    """The problems, the seeds and the number of trials; and what random search finds, to count from.

    `random` and `optimum` have shape (n_problems,).
    """

    problems: Sequence[Problem]
    seeds: Sequence[int]
    n_trials: int
    random: np.ndarray
    optimum: np.ndarray

    @property
    def runs(self) -> list[tuple[Problem, int, bool]]:
        """Problem, seed, and whether in the mirror, of all searches: every problem once before any comes again."""
        in_mirror = self.seeds[: math.ceil(N_MIRRORED / len(self.problems))]
        mirrors = [(problem, seed, True) for seed in in_mirror for problem in self.problems]
        return [(problem, seed, False) for seed in self.seeds for problem in self.problems] + mirrors

    @property
    def n_steps(self) -> int:
        """How often `step` is called for an entry, at most."""
        return len(self.runs) + 2 * len(self.problems) * (1 + len(fair.lengths(self.n_trials)))


@dataclass(frozen=True)
class Ridden:
    """What became of an entry.

    Attributes
    ----------
    found : ndarray of shape (n_problems, n_seeds), or None
        What each search would deliver: None if the entry is disqualified.
    seconds : float
        Mean time to think of a suggestion, in seconds of the processor.
    reason : str
        Why it is disqualified; empty if it is not.
    printed : str
        The beginning of what it printed.
    """

    found: np.ndarray | None = None
    seconds: float = float("nan")
    reason: str = ""
    printed: str = ""


def ride(entry: Entry, course: Course, n_jobs: int, limit: float, step: Callable[[], Any]) -> Ridden:
    """Run the course, and check the entry."""
    n_problems, n_seeds = len(course.problems), len(course.seeds)
    with _Stable(entry, n_jobs, limit, step) as stable:
        runs = course.runs
        searched = stable.search(runs, course.n_trials)
        replayed = [(i % n_seeds) * n_problems + i for i in range(n_problems)]  # every problem once, with some seed
        stable.replay([(runs[i], searched[i]) for i in replayed], course.n_trials)
        found = np.array([one.found for one in searched]).reshape(-1, n_problems).T
        score = scores(found, course.random, course.optimum)
        fair.check_mirror(score[:, :n_seeds], score[:, n_seeds:])
        stable.found = found[:, :n_seeds]
    return stable.result()


def quick_check(entry: Entry, problems: Sequence[Problem], limit: float) -> Ridden:
    """A few short searches and their replays: enough to find most of what is wrong, and no score."""
    with _Stable(entry, 1, limit, lambda: None) as stable:
        runs = [(problem, seed, False) for seed, problem in enumerate(problems)]
        stable.replay([*zip(runs, stable.search(runs, QUICK), strict=True)], QUICK)
    return stable.result()


class _Stable:
    """The processes of an entry, and what is known of it; within a `with`, Refused ends its race."""

    def __init__(self, entry: Entry, n_jobs: int, limit: float, step: Callable[[], Any]) -> None:
        self.entry, self.n_jobs, self.limit, self.step = entry, n_jobs, limit, step
        self.found: np.ndarray | None = None
        self.seconds: list[float] = []
        self.reason, self.printed = "", ""

    def __enter__(self) -> _Stable:
        return self

    def __exit__(self, kind: Any, refused: BaseException | None, trace: Any) -> bool:
        if isinstance(refused, Refused):
            self.reason = str(refused)
        return isinstance(refused, Refused)

    def result(self) -> Ridden:
        seconds = float(np.mean(self.seconds)) if self.seconds else float("nan")
        return Ridden(self.found, seconds, self.reason, self.printed)

    def search(self, runs: Sequence[tuple[Problem, int, bool]], n_trials: int) -> list[Searched]:
        searched = self._do([partial(_search, *run, n_trials) for run in runs], hash_seed=1)
        self.seconds = [seconds for one in searched for seconds in one.seconds]
        return searched

    def replay(self, searches: Sequence[tuple[tuple[Problem, int, bool], Searched]], n_trials: int) -> None:
        """In new processes, the last problem first."""
        tasks = [
            partial(what, problem=problem, seed=seed, trials=one.trials, n_shown=n)
            for what in (fair.replay, fair.rename)
            for (problem, seed, _), one in searches[::-1]
            for n in fair.lengths(len(one.trials), ended=len(one.trials) < n_trials)
        ]
        self._do(tasks, hash_seed=2)

    def _do(self, tasks: Sequence[Callable[[Watched], Any]], hash_seed: int) -> list[Any]:
        """What the tasks return, in their order. The first one that is Refused ends all."""
        left, done, failed = deque(enumerate(tasks)), dict[int, Any](), dict[int, BaseException]()
        watched: list[Watched] = []

        def work() -> None:
            number = -1
            try:
                process = Watched(self.entry, self.limit, hash_seed)
                watched.append(process)  # before it is loaded, which may take long
                with process as strategy:
                    while left:
                        try:
                            number, task = left.popleft()
                        except IndexError:  # the other one has taken the last
                            break
                        done[number] = task(strategy)
                        self.step()
            except BaseException as error:
                failed[number] = error
                left.clear()

        workers = [threading.Thread(target=work) for _ in range(min(self.n_jobs, len(tasks)))]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.join()
        finally:  # there is something left to do only after an interrupt
            left.clear()
            for strategy in watched:
                strategy.close()
        self.printed = self.printed or next(filter(None, (strategy.printed for strategy in watched)), "")
        if failed:
            raise failed[min(failed)]
        return [done[number] for number in range(len(tasks))]


@dataclass
class Searched:
    """One search: its trials, the true loss of what it would deliver, and how long each suggestion took."""

    trials: list[Trial] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    found: float = float("nan")


def _search(problem: Problem, seed: int, in_mirror: bool, n_trials: int, strategy: Watched) -> Searched:
    place = mirror(problem.space) if in_mirror else as_it_is
    evaluate = objective(problem, seed, place)
    searched, trials = Searched(), list[Trial]()
    where = f"{problem.name}{' in the mirror' if in_mirror else ''}, seed {seed}"
    for number in range(n_trials):
        try:
            answer = strategy.tell(trials[-1]) if trials else strategy.begin(problem.space, seed)
        except Refused as refused:
            raise Refused(f"{refused} ({where}, trial {number})") from None
        searched.seconds.append(answer.seconds)
        if answer.params is None:
            break
        outcome = train(evaluate, (answer.params,))
        state = "complete" if outcome.error is None else "failed"
        text = None if outcome.error is None else describe(outcome.error)
        trials.append(Trial(number, answer.params, None, outcome.value, state, text, answer.info, float(number), 1.0))
    if not trials:
        raise Refused(f"it suggests nothing: suggest returned None for the first trial ({where})")
    if all(trial.state == "failed" for trial in trials):
        raise Refused(f"all of its {len(trials)} trials failed, so that it found nothing ({where})")
    searched.trials = trials
    searched.found = found(problem, trials, n_trials, place)[-1]
    return searched
