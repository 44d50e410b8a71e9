"""An objective that yields: training that pauses where it is judged, and resumes if that is worth it.

    def train(params): for epoch in range(27): ...; yield loss                  one unit of budget

A strategy that sets budgets trains it up to the yield of that number, and lets it wait. After a promotion it resumes, so
no unit is paid for twice. A run that can no longer be promoted is closed, so that its `finally` runs; at the end of the
search, all are. Promotions are recognized by two marks in a trial's `info`: "bracket" and "config". Each waiting run is a
model in memory, and ASHA never declares one lost. So at most `KEPT` runs wait, the best of their rungs; any other that is
promoted after all trains again from its start. With 100, this cost none of the units of ASHA(1, 81) with 1000 trials;
keeping the latest 100 instead cost 1.5 % of them. Chapter 5.
"""

import functools
import inspect
import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from hpt_lab.loop.stopping import Losses, Stopping, name_of, verdict, whole_runs
from hpt_lab.study import Study, Trial
from hpt_lab.study.outcomes import Outcome, describe, outcome_of
from hpt_lab.values.checks import short
from hpt_lab.values.frozen import equal

KEPT = 100  # training runs that wait for a promotion
NO_YIELD = "under a strategy that sets budgets, the objective must yield after each unit of budget, not return"
Key = tuple[int, int]  # bracket and config
Judge = Callable[[list[float]], dict[str, Any]]  # from a curve to the fields of a stopped trial, {} if it continues


@dataclass(frozen=True)
class Stretch:
    """A stretch of training: how far to train a trial, and from where."""

    number: int  # of the trial
    units: int | None  # of budget, counted from the start of the training run; None to train to its end
    earlier: int | None = None  # the trial whose run is resumed, if it still waits
    pauses: bool = False  # whether it may be promoted later, and therefore waits
    keep: frozenset[int] = frozenset()  # the earlier trials whose runs keep waiting
    others: tuple[Losses, ...] = ()  # of whole runs, for the stopping rule


class Resumable:
    """An objective that yields, called with params and a `Stretch`. Its runs wait here, and are not pickled with it.

    Without budgets, the `rule` may stop a run, by its losses: `sign` times its values.
    """

    def __init__(self, objective: Callable[..., Any], rule: Stopping | None = None, sign: float = 1.0) -> None:
        self.objective, self.rule, self.sign = objective, rule, sign
        self._waiting: dict[int, _Training] = {}  # by the number of the trial trained last
        self._closed = False
        self._latest: dict[Key, int] = {}  # the latest trial of each configuration that may be promoted
        self._promoted: dict[int, int] = {}  # running promoted trial -> the trial whose run it resumes

    def stage(self, trial: Trial, study: Study) -> Stretch:
        """Return how far to train a trial that was asked for. Raises ValueError if its budget does not fit."""
        history, units = study.history, trial.budget
        if units is None:
            return Stretch(trial.number, None, others=() if self.rule is None else whole_runs(history))
        if self.rule is not None:
            what = f"must be None with {type(study.strategy).__name__}, which decides how far each trial trains"
            raise ValueError(f"tune: stopping={name_of(self.rule)} {what}")
        if units != int(units):
            what = "an integer, since this objective yields after each unit of budget"
            raise ValueError(f"tune: the budget {units:g} of trial {trial.number} must be {what}")
        key = _key(trial)
        before = None if key is None else self._latest.pop(key, None)
        if before is not None and not equal(history.trials[before].suggested, trial.params):
            before = None
        ranks: dict[int, float] = {}
        for other, number in list(self._latest.items()):
            rank = _share_ahead(study, history.trials[number])
            if rank is None:
                del self._latest[other]
            else:
                ranks[number] = rank
        keep = sorted(ranks, key=lambda number: (ranks[number], -number))[:KEPT]
        pauses = key is not None and _share_ahead(study, history.trials[trial.number]) is not None
        if key is not None and pauses:
            self._latest[key] = trial.number
        self._promoted = {n: first for n, first in self._promoted.items() if history.trials[n].state == "running"}
        if before is not None:
            self._promoted[trial.number] = before
        return Stretch(trial.number, int(units), before, pauses, frozenset([*keep, *self._promoted.values()]))

    def __call__(self, params: Any, stage: Stretch) -> Outcome:
        for number in list(self._waiting):
            if number < stage.number and number not in stage.keep:  # another thread may have begun a later one
                self._close(number)
        training = None if stage.earlier is None else self._waiting.pop(stage.earlier, None)
        if training is not None and stage.units is not None and training.units > stage.units:
            training.close()
            training = None
        if training is None:
            begun = self.objective(params)
            if not inspect.isgenerator(begun):
                if stage.units is None:
                    return outcome_of(begun)
                return Outcome(error=TypeError(f"{NO_YIELD} {short(begun)}"))
            training = _Training(begun)
        rule = self.rule  # None where a strategy sets budgets: see `stage`
        judge = None if rule is None else functools.partial(verdict, rule, others=stage.others, sign=self.sign)
        outcome = training.train_until(stage.units, judge)
        if outcome.error is None and stage.pauses and not self._closed:
            self._waiting[stage.number] = training
        else:
            training.close()
        return outcome

    def close(self) -> None:
        """Close all waiting runs, even if an interrupt comes while one is closed."""
        self._closed = True  # a thread may still be training
        try:
            while self._waiting:
                self._close(next(iter(self._waiting)))
        finally:
            if self._waiting:
                self.close()

    def _close(self, number: int) -> None:
        if (training := self._waiting.pop(number, None)) is not None:
            training.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_waiting": {}, "_closed": False, "_latest": {}, "_promoted": {}}

    def __repr__(self) -> str:
        return repr(self.objective)


class _Training:
    def __init__(self, steps: Generator[Any, Any, Any]) -> None:
        self._steps, self._ended = steps, False
        self._curve: list[float] = []
        self._attributes: dict[str, Any] = {}
        self._constraints: dict[str, float] = {}

    @property
    def units(self) -> int:
        return len(self._curve)

    def train_until(self, units: int | None, judge: Judge | None = None) -> Outcome:
        """Train until this many units are done, to the end, or until the judge stops it.

        A unit that was begun is spent, even if it failed.
        """
        error: Exception | None = None
        stopped: dict[str, Any] = {}
        spent = 0
        while error is None and not stopped and not self._ended and (units is None or len(self._curve) < units):
            spent += 1
            try:
                outcome = outcome_of(next(self._steps), "yielded")
                self._attributes |= outcome.attributes
                self._constraints |= outcome.constraints
                if outcome.value is not None:
                    self._curve.append(outcome.value)
                error = outcome.error if isinstance(outcome.error, Exception) else None
                if judge is not None and error is None:
                    stopped = judge(self._curve)
            except StopIteration as end:
                self._ended = True
                spent -= bool(self._curve)  # there was no further unit
                if end.value is not None:
                    what = f"after {len(self._curve)} yields; the last yield is its value, so it must return nothing"
                    error = TypeError(f"the objective returned {short(end.value)} {what}")
                elif not self._curve:
                    error = ValueError("the objective ended without a yield; it must yield at least one finite number")
            except Exception as raised:
                error = raised
        value = None if error is not None else self._curve[-1]
        kept: dict[str, Any] = {"attributes": dict(self._attributes), "constraints": dict(self._constraints)}
        return Outcome(value, error, curve=tuple(self._curve), spent=spent, **kept, **stopped)

    def close(self) -> None:
        """Close the generator, so that its `finally` runs. An error there becomes a warning, since the trial was already told."""
        try:
            self._steps.close()
        except Exception as error:
            warnings.warn(f"closing a training raised {describe(error)}", RuntimeWarning, stacklevel=2)


def to_the_end(steps: Generator[Any, Any, Any]) -> Outcome:
    """Train a generator to its end, for an objective not known to yield, such as a lambda around one that does."""
    training = _Training(steps)
    try:
        return training.train_until(None)
    finally:
        training.close()


def _key(trial: Trial) -> Key | None:
    bracket, config = trial.info.get("bracket"), trial.info.get("config")
    return (bracket, config) if isinstance(bracket, int) and isinstance(config, int) else None


def _share_ahead(study: Study, trial: Trial) -> float | None:
    """Return the share of its rung that is better than a trial; None if it can no longer be promoted."""
    if trial.state == "failed":
        return None
    latest = study.latest
    return 0.0 if latest is None or latest.standing is None else latest.standing(study.history, trial)
