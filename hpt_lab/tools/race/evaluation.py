"""The evaluation of one entry: its searches on all problems, several at once, and the fairness checks.

The problems stay in this process, which reports the losses.
"""

import math
import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from hpt_lab.problems import Problem
from hpt_lab.tools.race import fairness
from hpt_lab.loop.comparison import search_here
from hpt_lab.tools.race.entry import Entry, Refused
from hpt_lab.tools.race.process import StrategyProcess
from hpt_lab.tools.race.score import scores
from hpt_lab.tools.race.searches import Search
from hpt_lab.study import Study, Trial

N_DISGUISED = 48  # searches in disguise, at least, if there are that many
QUICK = 12  # trials of each search in the quick check


@dataclass(frozen=True)
class Setup:
    """The problems, the seeds and the number of trials of a race, and the losses with scores 0 and 100."""

    problems: Sequence[Problem]
    seeds: Sequence[int]
    n_trials: int
    random: np.ndarray  # (n_problems,)
    optimum: np.ndarray
    disguise: int = field(default_factory=lambda: secrets.randbits(64))  # unknown before the race

    @property
    def searches(self) -> list[Search]:
        """All searches of an entry, those in disguise last; each problem comes once before any is repeated."""
        again = self.seeds[: math.ceil(N_DISGUISED / len(self.problems))]
        runs = [(seed, None) for seed in self.seeds] + [(seed, self.disguise) for seed in again]
        return [Search(problem, seed, disguise) for seed, disguise in runs for problem in self.problems]

    @property
    def n_steps(self) -> int:
        """The maximum number of times that `step` is called for an entry."""
        return len(self.searches) + 2 * len(self.problems) * (1 + len(fairness.lengths(self.n_trials)))


@dataclass(frozen=True)
class Evaluation:
    """The result of an entry."""

    losses: np.ndarray | None  # true losses of the searches' results, (n_problems, n_seeds); None if disqualified
    seconds: float  # processor time, mean over the suggestions
    reason: str  # why it is disqualified, or empty
    printed: str  # the beginning of what it printed


def evaluate(entry: Entry, setup: Setup, n_jobs: int, limit: float, step: Callable[[], Any]) -> Evaluation:
    """Run and check all searches of an entry; `step` is called after each search and each replay."""
    processes = _Processes(entry, n_jobs, limit, step)
    n_problems, n_seeds, n_trials, searches = len(setup.problems), len(setup.seeds), setup.n_trials, setup.searches
    losses, seconds, reason = None, math.nan, ""
    try:
        done = processes.search(searches, n_trials)
        seconds = float(np.mean(processes.seconds))
        shown = [(i % n_seeds) * n_problems + i for i in range(n_problems)]  # every problem once, with some seed
        processes.replay([(searches[i], done[i]) for i in shown], n_trials)
        paths = [search.true_losses(trials, n_trials) for search, trials in zip(searches, done, strict=True)]
        reached = np.array(paths).reshape(-1, n_problems, n_trials).swapaxes(0, 1)  # (n_problems, all runs, n_trials)
        flat = scores(reached.reshape(n_problems, -1), setup.random, setup.optimum)
        real, hidden = np.split(flat.reshape(reached.shape), [n_seeds], axis=1)
        fairness.check_disguise(real[:, : hidden.shape[1]], hidden)
        losses = reached[:, :n_seeds, -1]
    except Refused as refused:
        reason = str(refused)
    return Evaluation(losses, seconds, reason, processes.printed)


def quick_check(entry: Entry, problems: Sequence[Problem], limit: float) -> str:
    """Return what a few short searches and their replays find wrong, or an empty string; they find most faults."""
    processes = _Processes(entry, 1, limit, lambda: None)
    searches = [Search(problem, seed) for seed, problem in enumerate(problems)]
    try:
        processes.replay([*zip(searches, processes.search(searches, QUICK), strict=True)], QUICK)
    except Refused as refused:
        return str(refused)
    return ""


def remote_search(search: Search, n_trials: int, process: StrategyProcess) -> Sequence[Trial]:
    """Return the trials of a process's search. Raises Refused for a wrong suggestion, or if all trials fail."""
    study = Study(search.problem.space, process, seed=search.seed)
    try:
        search_here(study, search.loss, n_trials)
    except Refused as refused:
        raise Refused(f"{refused} ({search}, trial {len(study.trials)})") from None
    except Exception:
        if not study.trials or study.history.finished:
            raise
        raise Refused(f"all of its {len(study.trials)} trials failed, so it found nothing ({search})") from None
    if not study.trials:
        raise Refused(f"it suggests nothing: suggest returned None for the first trial ({search})")
    return study.trials


class _Processes:
    """The processes of an entry, the first output of any of them, and the seconds of its suggestions."""

    def __init__(self, entry: Entry, n_jobs: int, limit: float, step: Callable[[], Any]) -> None:
        self.entry, self.n_jobs, self.limit, self.step = entry, n_jobs, limit, step
        self.printed, self.seconds = "", list[float]()

    def search(self, searches: Sequence[Search], n_trials: int) -> list[Sequence[Trial]]:
        return self._map([partial(remote_search, search, n_trials) for search in searches], hash_seed=1)

    def replay(self, searches: Sequence[tuple[Search, Sequence[Trial]]], n_trials: int) -> None:
        """Show the searches and their trials again to new processes, the last search first."""
        tasks = [
            partial(check, search=search, trials=trials, n_shown=n)
            for check in (fairness.check_replay, fairness.check_names)
            for search, trials in searches[::-1]
            for n in fairness.lengths(len(trials), ended=len(trials) < n_trials)
        ]
        self._map(tasks, hash_seed=2)

    def _map(self, tasks: Sequence[Callable[[StrategyProcess], Any]], hash_seed: int) -> list[Any]:
        """Return what the tasks return, each called with one of n_jobs new processes; the first error ends them all."""
        left, done, failed = deque(enumerate(tasks)), dict[int, Any](), dict[int, BaseException]()
        processes, workers = list[StrategyProcess](), list[threading.Thread]()

        def work(process: StrategyProcess) -> None:
            number = -1
            try:
                with process as strategy:
                    while left:
                        try:
                            number, task = left.popleft()
                        except IndexError:  # another thread has taken the last one
                            break
                        done[number] = task(strategy)
                        self.step()
            except BaseException as error:
                failed[number] = error
                left.clear()

        try:
            for _ in tasks[: self.n_jobs]:
                processes.append(StrategyProcess(self.entry, self.limit, hash_seed))
                workers.append(threading.Thread(target=work, args=processes[-1:]))
                workers[-1].start()
            for worker in workers:
                worker.join()
        finally:  # there is something left to do only after an interrupt
            left.clear()
            for process in processes:
                process.close()
        self.printed = self.printed or next((process.printed for process in processes if process.printed), "")
        self.seconds += [seconds for process in processes for seconds in process.seconds]
        if failed:
            raise failed[min(failed)]
        return [done[number] for number in range(len(tasks))]
