"""The evaluation of one entry: its searches on all problems, several at once, and the checks that it is a strategy.

The problems stay in this process, which reports the losses. A strategy is a function of the history, which knows about
the problems only what its trials showed. Three checks, each in a process that has not seen the strategy's searches:

    replay       the same trials, shown to a fresh object, after other histories, in a different order: the same suggestion
    other names  the same trials, their hyperparameters called h00, h01, ... (in the same alphabetical order): the same
    disguise     the same spaces and losses, every axis flipped and shifted at random: equally good scores, apart from luck

The replay finds strategies that keep state, read the clock, or use a global random generator or the order of a set. Other
names find those that look a problem up by its hyperparameters (or treat `learning_rate` specially: in the race, knowledge
comes from trials). The disguise finds those that know a problem by any other sign, such as its bounds, and suggest a
remembered optimum, first or last, with or without a search of their own. The disguise is drawn again for each race.

No check finds everything. The problems are public, with all of their losses: a strategy that holds the tables and sees
through a disguise by the first losses, or that cheats on one problem in twelve, is found only by reading its code.
"""

import math
import queue
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from hpt_lab.loop.comparison import search_here
from hpt_lab.problems import Problem
from hpt_lab.space import Space
from hpt_lab.study import History, Study, Suggestion, Trial
from hpt_lab.tools.race.entry import Entry, Refused
from hpt_lab.tools.race.process import StrategyProcess
from hpt_lab.tools.race.score import error, scores
from hpt_lab.tools.race.searches import Search
from hpt_lab.values.checks import short, special

N_DISGUISED = 48  # searches in disguise, at least, if there are that many
N_QUICK_TRIALS = 12  # of each search in the quick check
CLOSE = 1e-6  # in the unit cube: suggestions that differ by less are the same, since the order of sums may vary
N_SHOWN = 6  # histories of a search that are shown again, besides the first two
FAIR = 15.0  # points that an honest strategy may lose in a disguise: the cut hurts those that rely on neighbors
DISGUISE_LEVEL = 1e-3  # maximum probability, each time we look, that an honest strategy loses more by luck alone
N_LOOKS = 6  # how often we look: a strategy that knows an optimum shows it early, or in the end
FEWEST_DISGUISED = 12  # searches in disguise: with fewer, we know too little


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
        return len(self.searches) + 2 * len(self.problems) * (1 + len(lengths(self.n_trials)))


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
        check_disguise(real[:, : hidden.shape[1]], hidden)
        losses = reached[:, :n_seeds, -1]
    except Refused as refused:
        reason = str(refused)
    return Evaluation(losses, seconds, reason, processes.printed)


def quick_check(entry: Entry, problems: Sequence[Problem], limit: float) -> str:
    """Return what a few short searches and their replays find wrong, or an empty string; they find most faults."""
    processes = _Processes(entry, 1, limit, lambda: None)
    searches = [Search(problem, seed) for seed, problem in enumerate(problems)]
    try:
        processes.replay([*zip(searches, processes.search(searches, N_QUICK_TRIALS), strict=True)], N_QUICK_TRIALS)
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
            for check in (check_replay, check_names)
            for search, trials in searches[::-1]
            for n in lengths(len(trials), ended=len(trials) < n_trials)
        ]
        self._map(tasks, hash_seed=2)

    def _map(self, tasks: Sequence[Callable[[StrategyProcess], Any]], hash_seed: int) -> list[Any]:
        """Return what the tasks return, each called with one of n_jobs new processes; the first error ends them all."""
        processes, idle = list[StrategyProcess](), queue.SimpleQueue[StrategyProcess]()

        def work(task: Callable[[StrategyProcess], Any]) -> Any:
            strategy = idle.get()
            try:
                done = task(strategy)
                self.step()
                return done
            finally:
                idle.put(strategy)

        with ThreadPoolExecutor(self.n_jobs) as pool:
            try:
                for _ in tasks[: self.n_jobs]:
                    processes.append(StrategyProcess(self.entry, self.limit, hash_seed))
                for strategy in pool.map(StrategyProcess.__enter__, processes):
                    idle.put(strategy)
                return list(pool.map(work, tasks))
            finally:  # after an error or an interrupt, it also ends the tasks that are still running
                for process in processes:
                    process.close()
                self.printed = self.printed or next((process.printed for process in processes if process.printed), "")
                self.seconds += [seconds for process in processes for seconds in process.seconds]


def lengths(n_trials: int, ended: bool = False) -> list[int]:
    """Return the numbers of trials shown in the replays, including all if the search has `ended`, since it must end again."""
    # many first, so that a fresh object has not seen the beginning
    some = {0, min(1, n_trials - 1)} | {(n_trials - 1) * part // N_SHOWN for part in range(1, N_SHOWN + 1)}
    return sorted(some | ({n_trials} if ended else set()), reverse=True)


def check_replay(strategy: StrategyProcess, search: Search, trials: Sequence[Trial], n_shown: int) -> None:
    """Raise Refused unless the strategy, shown the first `n_shown` trials, suggests the next one again, or ends with them."""
    wanted, where = _next(trials, n_shown), f"({search}, trial {n_shown})"
    space = search.problem.space
    try:
        again = _params(strategy.suggest(History(space, trials[:n_shown], search.seed)))
    except Refused as refused:
        raise Refused(f"shown the same history again, {refused} {where}") from None
    if not _same(space, again, wanted):
        once, then = short(wanted and dict(wanted), 60), short(again and dict(again), 60)
        if wanted is not None and again is not None and wanted.keys() == again.keys():
            name = next(name for name in wanted if wanted[name] != again[name])
            once, then = f"{name}={short(wanted[name], 30)}", short(again[name], 30)
        wrong = f"the same history once gives it {once} and once {then}"
        raise Refused(f"{wrong}: it must depend on the history alone, and draw from history.rng {where}")


def check_names(strategy: StrategyProcess, search: Search, trials: Sequence[Trial], n_shown: int) -> None:
    """Raise Refused unless the strategy suggests the same when the hyperparameters have other names."""
    names = {name: f"h{place:02d}" for place, name in enumerate(sorted(search.problem.space))}
    renamed = {names[name]: one for name, one in search.problem.space.describe().items()}
    for one in renamed.values():
        one["when"] = {names[parent]: keys for parent, keys in one["when"].items()}
    space = Space.from_description(renamed)
    told = [replace(t, params={names[name]: value for name, value in t.params.items()}) for t in trials]
    try:
        suggested = _params(strategy.suggest(History(space, told[:n_shown], search.seed)))
        wrong = "" if _same(space, suggested, _next(told, n_shown)) else "it suggests something else"
    except Refused as refused:
        wrong = str(refused)
    if wrong:
        check_replay(strategy, search, trials, n_shown)  # with the original names: perhaps it has a memory
        wrong += f" where the hyperparameters are called {', '.join(space)}"
        raise Refused(f"{wrong}: it must not go by their names ({search}, trial {n_shown})")


def check_disguise(scores: np.ndarray, in_disguise: np.ndarray) -> None:
    """Raise Refused if scores fall too far in disguise; both arrays are (n_problems, n_seeds, n_trials), and paired."""
    n_searches, n_trials = in_disguise[..., 0].size, in_disguise.shape[-1]
    if n_searches < FEWEST_DISGUISED:
        return
    # scores below 0 count as 0, so that no unlucky search weighs more than others; so does NaN, before a success
    real, hidden = (np.fmax(one, 0.0).reshape(n_searches, n_trials) for one in (scores, in_disguise))
    beyond = special.stdtrit(n_searches - 1, 1 - DISGUISE_LEVEL)
    for n in sorted({math.ceil(n_trials * look / N_LOOKS) for look in range(1, N_LOOKS + 1)}):
        lost = real[:, n - 1] - hidden[:, n - 1]
        if lost.mean() - beyond * error(lost) > FAIR:
            score, disguised = real[:, n - 1].mean(), hidden[:, n - 1].mean()
            why = "where every axis is flipped and shifted: it knows more about the problems than its histories show"
            raise Refused(f"it scores {score:.0f} after {n} trials, and {disguised:.0f} in disguise, {why}")


def _params(suggestion: Suggestion | None) -> Mapping[str, Any] | None:
    return None if suggestion is None else suggestion.params


def _next(trials: Sequence[Trial], n_shown: int) -> Mapping[str, Any] | None:
    return trials[n_shown].params if n_shown < len(trials) else None


def _same(space: Space, a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.keys() == b.keys() and bool(np.abs(space.encode(a) - space.encode(b)).max() <= CLOSE)
