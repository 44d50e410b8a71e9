"""The history of a study: all that a strategy may know.

A history is a view of the study's log: it costs nothing to make, and it does not change while the study continues. What
a strategy needs beyond the trials (which params were tried, the best of each rung) is an *index*: `History.index` adds
what is new, and an index built from scratch on the same trials holds the same. So a strategy remains a function of the
history without reading all of it each time. Losses are minimized: -value, if a metric is maximized; with several
objectives, a trial has one for each (`lens` makes one of them). Chapters 1 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from hpt_lab.space import Params, Space
from hpt_lab.study.directions import Direction, Directions, check_direction
from hpt_lab.study.log import ByState, ByUser, Front, I, Index, Levels, Log, Suggested, Trials, whole_budget
from hpt_lab.study.trial import Suggestion, Trial
from hpt_lab.values.checks import instance, items, listable, require, seed

__all__ = ["History", "Index", "Levels", "Log", "Strategy", "Suggestion", "Trial", "Trials", "budget_note"]


@dataclass(frozen=True)
class History:
    """The state of a study that a strategy may look at: its space and its trials.

    Attributes
    ----------
    space : Space
    trials : sequence of Trial, in the order in which they were asked for
    seed : int, for what must stay the same during a whole study, such as the scrambling of a Sobol sequence
    direction : {"minimize", "maximize"}, or the `Directions` of several objectives
    start : tuple of dict, params that the user wants tried first, in this order, whatever the strategy
    """

    space: Space
    trials: Trials
    seed: int = 0
    direction: Direction = "minimize"
    start: tuple[Params, ...] = ()

    if TYPE_CHECKING:  # the caller may pass any sequence of trials

        def __init__(
            self, space: Space, trials: Sequence[Trial], seed: int = 0, direction: Any = "minimize", start: Any = ()
        ): ...

    def __post_init__(self) -> None:
        check_direction("History", self.direction)
        seed("History: seed", self.seed)
        instance("History: space", self.space, Space, "a Space")
        if not isinstance(self.trials, Trials):
            listed = list(self.trials) if listable(self.trials) else [None]
            fits = all(isinstance(trial, Trial) for trial in listed)
            require(fits, "History: trials", self.trials, "a sequence of trials")
            object.__setattr__(self, "trials", Trials(Log(enumerate(listed))))

    @classmethod
    def of(cls, space: Space, log: Log, seed: int, direction: Direction, start: tuple[Params, ...]) -> History:
        """Return the history of a log as it is now, from parts that are already checked."""
        history = object.__new__(cls)
        vars(history).update(space=space, trials=Trials(log), seed=seed, direction=direction, start=start)
        return history

    @cached_property
    def directions(self) -> Directions:
        """The direction of each objective, also of a single one."""
        return Directions.of(self.direction)

    @property
    def without_trials(self) -> History:
        """The same history without its trials, for an index, which would otherwise keep them alive."""
        return History.of(self.space, Log(), self.seed, self.direction, self.start)

    @property
    def next_start(self) -> Params | None:
        """The first of the `start` params not yet asked for; `{}` for an empty space, which no strategy can search."""
        left = self.start[len(self.index(ByUser).started) :] if self.start else ()
        return left[0] if left else None if self.space.dimensions else {}

    @property
    def n_asked(self) -> int:
        """The number of trials that were asked for: all except those that were added."""
        return self.trials.n_trials - len(self.index(ByUser).added)

    @property
    def n_suggested(self) -> int:
        """The number of the strategy's own trials: neither added nor among the `start` params."""
        return self.n_asked - len(self.index(ByUser).started)

    @property
    def n_configs(self) -> int:
        """The number of configurations asked for; in halving, trials on higher rungs train the same configuration again."""
        return self.n_asked - sum(trial.info.get("rung", 0) != 0 for trial in self.trials)

    @property
    def spent(self) -> float:
        """Units of budget spent on finished trials: see `Study.spent`."""
        return self.index(ByState).spent

    @property
    def committed(self) -> float:
        """Units of budget spent on finished trials, plus the whole budgets of the running ones."""
        return self.spent + sum(map(whole_budget, self.index(ByState).running.values()))

    @property
    def as_suggested(self) -> History:
        """The history for a strategy, where the params of a trial are all those suggested, unused ones included."""
        if not self.trials.log.some_unused:
            return self
        return History.of(self.space, self.index(Suggested), self.seed, self.direction, self.start)

    def index(self, make: Callable[[History], I]) -> I:
        """Return the index that `make(history)` starts, with all trials of this history in it. It is kept: don't change it."""
        require(callable(make), "History: make", make, "an index class, or a function that returns an index")
        return self.trials.log.index(make, self, self.trials.version)

    @property
    def finished(self) -> tuple[Trial, ...]:
        """The complete trials."""
        return tuple(self.index(ByState).complete)

    @property
    def running(self) -> tuple[Trial, ...]:
        """The trials that were asked for and are not yet finished."""
        return tuple(trial for _, trial in sorted(self.index(ByState).running.items()))

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The trials whose objective raised an error or returned no finite number."""
        return tuple(trial for _, trial in sorted(self.index(ByState).failed.items()))

    @property
    def n_running(self) -> int:
        """The number of running trials."""
        return len(self.index(ByState).running)

    @property
    def stopped(self) -> tuple[Trial, ...]:
        """The complete trials whose run a stopping rule ended."""
        return tuple(trial for trial in self.finished if trial.stopped is not None)

    @property
    def saved(self) -> int:
        """Units of budget that stopping saved, if each stopped run had been as long as the longest of all runs."""
        longest = max((len(trial.curve) for trial in self.finished), default=0)
        return sum(longest - len(trial.curve) for trial in self.stopped)

    def loss(self, trial: Trial) -> float:
        """Return the loss of a complete trial, to be minimized; the expected one, if its run was given up.

        Raises ValueError if it is not complete, or there are several objectives: see `losses` and `lens`.
        """
        instance("History: trial", trial, Trial, "a Trial")
        if trial.value is None:
            if self.directions.several:
                what = "use history.losses, or look through hpt_lab.study.lens.in_order(history)"
                raise ValueError(f"History: with {len(self.directions)} objectives, a trial has no single loss; {what}")
            raise ValueError(f"History: trial {trial.number} is {trial.state}, but must be complete to have a loss")
        return self.directions.signs[0] * (trial.value if trial.expected is None else trial.expected)

    @property
    def losses(self) -> np.ndarray:
        """The losses of the complete trials, always to be minimized: ndarray of shape (n_finished,).

        With several objectives, its shape is (n_finished, n_objectives).
        """
        complete = self.index(ByState).complete
        if self.directions.several:
            rows = np.array([trial.objectives for trial in complete], float)
            return rows.reshape(-1, len(self.directions)) * self.directions.signs
        return np.array([self.loss(trial) for trial in complete], float)

    @property
    def rng(self) -> np.random.Generator:
        """A fresh random generator, derived from the seed and the number of the next trial: both are the key of Philox.

        Every key has its own stream (Salmon et al. 2011), and none has that of `default_rng(seed)`, which may make data.
        """
        return np.random.Generator(np.random.Philox(_Key(self.seed, self.trials.n_trials)))  # type: ignore[arg-type]

    def rank(self, trial: Trial) -> tuple[float, float, float]:
        """Return a key by which trials are ranked, smaller is better: feasible, then a higher budget, then a lower loss.

        Of two trials that are not feasible, the one with the smaller violation is better. A trial whose run was given up
        comes after all whole ones that are as feasible. All that ranks trials asks this key, or what follows from it
        (CONTRIBUTING.md, "What ranks trials"), so that a low loss beyond a limit sets no bar.
        """
        loss = self.loss(trial)  # which checks that it is a complete trial
        return trial.violation, -(trial.budget or 0) if trial.expected is None else 1, loss

    @property
    def constrained(self) -> bool:
        """True if some trial has constraints."""
        return self.index(ByState).constrained

    @property
    def feasible(self) -> tuple[Trial, ...]:
        """The complete trials that are feasible: only among these can losses alone be compared."""
        return tuple(trial for trial in self.finished if trial.feasible) if self.constrained else self.finished

    def places(self, trials: Sequence[Trial]) -> np.ndarray:
        """Return the place of each of some complete trials among them, (n,): by violation, then by loss, at any budget."""
        listed = items("History: trials", trials, "a sequence of trials")
        losses = [self.loss(trial) for trial in listed]
        return np.argsort(np.lexsort((losses, [trial.violation for trial in listed])), kind="stable")

    @cached_property
    def order(self) -> np.ndarray:
        """The places of the complete trials in `finished`, best first; of equals, the earlier first: see `ranked`."""
        finished = self.finished
        if self.directions.several:
            from hpt_lab.study.front import best_first  # no search with one objective needs it

            return best_first(self.losses, [trial.violation for trial in finished])
        return np.array(sorted(range(len(finished)), key=lambda i: self.rank(finished[i])), int)

    @cached_property
    def ranked(self) -> tuple[Trial, ...]:
        """The complete trials, best first, by `rank`; with several objectives, in the order of `front.best_first`."""
        finished = self.finished
        return tuple(finished[i] for i in self.order)

    @property
    def front(self) -> tuple[Trial, ...]:
        """The feasible trials that none dominates, in order; of equals, the earliest. With one objective, the incumbent."""
        if self.directions.several:
            return tuple(trial for _, trial in sorted(self.index(Front).members.items()))
        return () if self.incumbent is None else (self.incumbent,)

    @property
    def incumbent(self) -> Trial | None:
        """The first of `ranked`: the best feasible trial at the highest budget reached. None before the first.

        A trial whose run a stopping rule gave up is the best only if all were. With several objectives, which have a
        `front`, it is None.
        """
        return None if self.directions.several else self.index(Levels).incumbent

    @property
    def incumbents(self) -> list[Trial | None]:
        """The incumbent after each trial, in order; None before the first success, and with several objectives."""
        path: list[Trial | None] = [None]
        for trial in self.trials:
            able = trial.state == "complete" and trial.feasible and trial.value is not None
            better = able and (path[-1] is None or self.rank(trial) < self.rank(path[-1]))
            path.append(trial if better else path[-1])
        return path[1:]


class Strategy(Protocol):
    """A pure function of the history, without state of its own that could change its answers."""

    def suggest(self, history: History) -> Suggestion | None:
        """Return the next suggestion; None for nothing until a running trial ends, or for good if none is running."""


def check_strategy(name: str, value: Any, right: str = "an object with suggest(history), like RandomSearch()") -> Any:
    """Return `value` if it is an object with a method `suggest`. Raises WrongType otherwise, also for the class of one."""
    require(not isinstance(value, type) and callable(getattr(value, "suggest", None)), name, value, right)
    return value


def budget_note(history: History) -> str:
    """Return words on the incumbent's budget, if any, and on a lower one with a better value from more trials."""
    incumbent = history.incumbent
    if incumbent is None or incumbent.budget is None:
        return ""
    levels = history.index(Levels)
    n, loss = levels.n_trials[incumbent.budget], history.loss(incumbent)
    best = {b: trial for b, trial in levels.best.items() if b and trial.feasible and levels.n_trials[b] > n}
    losses = [(history.loss(trial), -b) for b, trial in best.items()]
    if not losses or min(losses)[0] >= loss:
        return f" at budget {incumbent.budget:g}"
    budget = -min(losses)[1]
    others = f"at budget {budget:g}: {levels.best[budget].value:.6g} of {levels.n_trials[budget]}"
    return f" at budget {incumbent.budget:g} (of {n} trial{'s' * (n > 1)}; {others})"


class _Key(ISeedSequence):
    """Philox's key of two words. `Philox(key=...)` would first collect entropy, and then throw it away."""

    def __init__(self, *words: int) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        return np.array(self.words, dtype)
