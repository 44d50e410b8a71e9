"""The evaluation of one entry: its searches on all problems, several at once, and the checks that it is a strategy.

    evaluation = evaluate(entry, setup, n_jobs=2, limit=10.0, step=bar.update)

The problems stay in this process, which tells the losses. See `hpt_lab.race.fairness` for the checks.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from hpt_lab.loop import run
from hpt_lab.problems import Problem
from hpt_lab.race import fairness
from hpt_lab.race.entry import Entry, Refused
from hpt_lab.race.process import StrategyProcess
from hpt_lab.race.score import scores
from hpt_lab.race.searches import Search
from hpt_lab.study import History, Study, Suggestion, Trial

__all__ = ["Evaluation", "Setup", "evaluate", "quick_check", "search_there"]

N_MIRRORED = 24  # searches in the mirror, at least, if there are so many
QUICK = 12  # trials of each search in the quick check

Task = Callable[[StrategyProcess], Any]


@dataclass(frozen=True)
class Setup:
    """The problems, the seeds and the number of trials of a race; and the losses that the score counts from.

    `random` and `optimum` have shape (n_problems,).
    """

    problems: Sequence[Problem]
    seeds: Sequence[int]
    n_trials: int
    random: np.ndarray
    optimum: np.ndarray

    @property
    def searches(self) -> list[Search]:
        """All searches of an entry, those in the mirror last: every problem once before any comes again."""
        in_mirror = self.seeds[: math.ceil(N_MIRRORED / len(self.problems))]
        runs = [(seed, False) for seed in self.seeds] + [(seed, True) for seed in in_mirror]
        return [Search(problem, seed, mirror) for seed, mirror in runs for problem in self.problems]

    @property
    def n_steps(self) -> int:
        """How often `step` is called for an entry, at most."""
        return len(self.searches) + 2 * len(self.problems) * (1 + len(fairness.lengths(self.n_trials)))


@dataclass(frozen=True)
class Evaluation:
    """What came of an entry.

    Attributes
    ----------
    losses : ndarray of shape (n_problems, n_seeds), or None
        The true loss of what each search would deliver: None if the entry is disqualified.
    seconds : float
        Mean time to think of a suggestion, in seconds of the processor.
    reason : str
        Why it is disqualified; empty if it is not.
    printed : str
        The beginning of what it printed.
    """

    losses: np.ndarray | None
    seconds: float
    reason: str
    printed: str


def evaluate(entry: Entry, setup: Setup, n_jobs: int, limit: float, step: Callable[[], Any]) -> Evaluation:
    """Run all searches of an entry, and check it; `step` is called after each search and each replay."""
    processes = _Processes(entry, n_jobs, limit, step)
    n_problems, n_seeds, searches = len(setup.problems), len(setup.seeds), setup.searches
    found, seconds, reason = None, math.nan, ""
    try:
        done = processes.map([partial(search_there, search, setup.n_trials) for search in searches], hash_seed=1)
        seconds = float(np.mean([one for _, of_search in done for one in of_search]))
        shown = [(i % n_seeds) * n_problems + i for i in range(n_problems)]  # every problem once, with some seed
        processes.map(_replays([(searches[i], done[i][0]) for i in shown], setup.n_trials), hash_seed=2)
        last = [
            search.true_losses(trials, setup.n_trials)[-1] for search, (trials, _) in zip(searches, done, strict=True)
        ]
        losses = np.array(last).reshape(-1, n_problems).T
        score = scores(losses, setup.random, setup.optimum)
        fairness.check_mirror(score[:, :n_seeds], score[:, n_seeds:])
        found = losses[:, :n_seeds]
    except Refused as refused:
        reason = str(refused)
    return Evaluation(found, seconds, reason, processes.printed)


def quick_check(entry: Entry, problems: Sequence[Problem], limit: float) -> str:
    """Return what a few short searches and their replays find wrong, most of what may be, or an empty text."""
    processes, searches = (
        _Processes(entry, 1, limit, lambda: None),
        [Search(p, seed) for seed, p in enumerate(problems)],
    )
    try:
        done = processes.map([partial(search_there, search, QUICK) for search in searches], hash_seed=1)
        processes.map(
            _replays([(search, trials) for search, (trials, _) in zip(searches, done, strict=True)], QUICK), 2
        )
    except Refused as refused:
        return str(refused)
    return ""


class _There:
    """The strategy of another process as one of a study here, and the seconds of its suggestions."""

    def __init__(self, process: StrategyProcess) -> None:
        self.process, self.seconds = process, list[float]()

    def suggest(self, history: History) -> Suggestion | None:
        begin, tell = self.process.begin, self.process.tell
        answer = tell(history.trials[-1]) if history.trials else begin(history.space, history.seed)
        self.seconds.append(answer.seconds)
        return None if answer.params is None else Suggestion(answer.params, info=answer.info)


def search_there(search: Search, n_trials: int, process: StrategyProcess) -> tuple[Sequence[Trial], list[float]]:
    """Search with the strategy of a process, and return the trials and the seconds of each suggestion.

    Refused if it suggests what is none, or nothing, or all trials fail.
    """
    strategy = _There(process)
    study = Study(search.problem.space, strategy, seed=search.seed)
    try:
        run(study, search.loss, n_trials, progress=False)
    except Refused as refused:
        raise Refused(f"{refused} ({search}, trial {len(study.trials)})") from None
    except Exception:
        if not study.trials or study.history.finished:
            raise
        raise Refused(f"all of its {len(study.trials)} trials failed, so that it found nothing ({search})") from None
    if not study.trials:
        raise Refused(f"it suggests nothing: suggest returned None for the first trial ({search})")
    return study.trials, strategy.seconds


def _replays(searches: Sequence[tuple[Search, Sequence[Trial]]], n_trials: int) -> list[Task]:
    """Return the checks that show searches again, the last one first."""
    return [
        partial(check, search=search, trials=trials, n_shown=n)
        for check in (fairness.check_replay, fairness.check_names)
        for search, trials in searches[::-1]
        for n in fairness.lengths(len(trials), ended=len(trials) < n_trials)
    ]


class _Processes:
    """The processes of an entry, and the beginning of what it printed in any of them."""

    def __init__(self, entry: Entry, n_jobs: int, limit: float, step: Callable[[], Any]) -> None:
        self.entry, self.n_jobs, self.limit, self.step, self.printed = entry, n_jobs, limit, step, ""

    def map(self, tasks: Iterable[Task], hash_seed: int) -> list[Any]:
        """Return what the tasks return, in their order, each called with one of n_jobs new processes.

        The first error that a task raises ends all.
        """
        left, done, failed = deque(enumerate(tasks)), dict[int, Any](), dict[int, BaseException]()
        processes: list[StrategyProcess] = []

        def work() -> None:
            number = -1
            try:
                process = StrategyProcess(self.entry, self.limit, hash_seed)
                processes.append(process)  # before it is loaded, which may take long
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

        workers = [threading.Thread(target=work) for _ in range(min(self.n_jobs, len(left)))]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.join()
        finally:  # there is something left to do only after an interrupt
            left.clear()
            for process in processes:
                process.close()
        self.printed = self.printed or next((process.printed for process in processes if process.printed), "")
        if failed:
            raise failed[min(failed)]
        return [done[number] for number in sorted(done)]
