"""An objective that yields, or reports: training that pauses where it is judged, and resumes if that is worth it.

    def train(params): for epoch in range(27): ...; yield loss                  one unit of budget
    def train(params, trial): for epoch in range(27): ...; trial.report(loss)   the same, see `handle`

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
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from hpt_lab.loop.handle import CAN_WAIT, TrialHandle, in_its_own_thread, in_this_thread
from hpt_lab.loop.stopping import Losses, Stopping, expected, name_of, verdict, whole_runs
from hpt_lab.study import Study, Trial
from hpt_lab.study.directions import MINIMIZE, Direction, Directions
from hpt_lab.study.outcomes import Outcome, as_attributes, describe, outcome_of
from hpt_lab.values.checks import short
from hpt_lab.values.frozen import equal

KEPT = 100  # training runs that wait for a promotion
NO_YIELD = "under a strategy that sets budgets, the objective must {} after each unit of budget, not return"
ONE_VALUE = "trial.report: with several directions, no report can be judged as one value; return all of them at the end"
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
    """An objective that yields or reports, called with params and a `Stretch`. Its runs wait here, and are not pickled.

    Without budgets, the `rule` may stop a run, by its losses.
    """

    def __init__(
        self,
        objective: Callable[..., Any],
        rule: Stopping | None = None,
        direction: Direction = MINIMIZE,
        reports: bool = False,
    ) -> None:
        self.objective, self.rule, self.direction, self.reports = objective, rule, direction, reports
        self._waiting: dict[int, _Training] = {}  # by the number of the trial trained last
        self._closed = False
        self._latest: dict[Key, int] = {}  # the latest trial of each configuration that may be promoted
        self._promoted: dict[int, int] = {}  # running promoted trial -> the trial whose run it resumes

    def stage(self, trial: Trial, study: Study) -> Stretch:
        """Return how far to train a trial that was asked for. Raises ValueError if its budget does not fit."""
        history, units = study.history, trial.budget
        if units is None:
            return Stretch(trial.number, None, others=whole_runs(history) if self.rule or self.reports else ())
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
        if training is not None and training.handle is not None:
            training.handle.number = stage.number
        if training is None and self.reports:
            training = _Training.reporting(self.objective, params, stage, self.direction)
        elif training is None:
            begun = self.objective(params)
            if not inspect.isgenerator(begun):
                if stage.units is None:
                    return outcome_of(begun)
                return Outcome(error=TypeError(f"{NO_YIELD.format('yield')} {short(begun)}"))
            training = _Training(begun)
        if training.asked is None and not isinstance(params, Mapping):
            training.asked = params
        rule, sign = self.rule, Directions.of(self.direction).signs[0]
        judge = None if rule is None else functools.partial(verdict, rule, others=stage.others, sign=sign)
        training.train_until(stage.units, judge)
        if training.may_wait and stage.pauses and not self._closed:
            self._waiting[stage.number] = training
        else:
            training.close()
        return training.outcome()

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
    """A training run whose objective yields after each unit, or reports to a handle, from this thread or from its own."""

    def __init__(self, steps: Generator[Any, Any, Any]) -> None:
        self._steps, self._ended, self.may_wait = steps, False, True
        self.handle: TrialHandle | None = None
        self._others: tuple[Losses, ...] = ()
        self._direction = Directions.of(MINIMIZE)
        self._curve: list[float] = []
        self._attributes: dict[str, Any] = {}
        self._constraints: dict[str, float] = {}
        self._returned = Outcome()  # of what an objective with a handle returned
        self._error: Exception | None = None
        self._stopped: dict[str, Any] = {}
        self._units: int | None = None
        self._judge: Judge | None = None
        self._spent = 0
        self.asked: Any = None  # the `HyperParameters` that it began with

    @classmethod
    def reporting(cls, objective: Callable[..., Any], params: Any, stage: Stretch, direction: Direction) -> "_Training":
        """Return the training run of an objective that reports, before it has begun."""
        handle, waits = TrialHandle(stage.number), stage.pauses and CAN_WAIT
        training = cls((in_its_own_thread if waits else in_this_thread)(objective, params, handle))
        training.handle, training._attributes, training.may_wait = handle, handle.attributes, waits
        training._others, training._direction = stage.others, Directions.of(direction)
        handle.say = training._take  # in its own thread, it says it there
        return training

    @property
    def units(self) -> int:
        return len(self._curve)

    @property
    def _done(self) -> bool:
        return bool(self._error or self._stopped) or (self._units is not None and self.units >= self._units)

    def train_until(self, units: int | None, judge: Judge | None = None) -> None:
        """Train until this many units are done, to the end, or until the judge stops it.

        A unit that was begun is spent, even if it failed.
        """
        self._units, self._judge, self._spent = units, judge, 0
        while not (self._ended or self._done):
            try:
                self._take(next(self._steps))
            except StopIteration as end:
                self._ended = True
                self._end(end.value)
            except Exception as raised:
                if self._done:  # the objective was told so, and failed after that
                    _warn(raised)
                else:
                    self._spent, self._error = self._spent + 1, raised
        self.may_wait = self.may_wait and self._error is None

    def _take(self, said: Any) -> bool:
        """Take what the objective yielded or reported after a unit, and return whether its training is done."""
        if self._direction.several:
            raise TypeError(ONE_VALUE)
        self._spent += 1
        outcome = outcome_of(said, "reported" if self.handle else "yielded")
        self._attributes.update(outcome.attributes)
        self._constraints.update(outcome.constraints)
        if outcome.value is not None:
            self._curve.append(outcome.value)
        self._error = outcome.error if isinstance(outcome.error, Exception) else None
        if self._judge is not None and self._error is None:
            try:
                self._stopped = self._judge(self._curve)
            except Exception as error:  # an objective that reports might swallow it
                self._error = error
        return self._done

    def _end(self, result: Any) -> None:
        """Take what the objective returned at its end."""
        if self.handle is None:
            self._spent += not self._curve  # otherwise there was no further unit
            if result is not None:
                what = f"after {len(self._curve)} yields; the last yield is its value, so it must return nothing"
                self._error = TypeError(f"the objective returned {short(result)} {what}")
            elif not self._curve:
                self._error = ValueError(
                    "the objective ended without a yield; it must yield at least one finite number"
                )
        elif self._done:
            return
        elif self.handle.pruned:
            sign = self._direction.signs[0]
            losses = [sign * value for value in self._curve]
            self._stopped = {"stopped": "trial.prune()", "expected": sign * expected(losses, self._others)}
        elif self._units is not None and not self._curve:
            self._error = TypeError(f"{NO_YIELD.format('report')} {short(result)}")
        elif result is not None or not self._curve:
            self._returned = outcome_of(result, direction=self._direction)
            self._attributes.update(self._returned.attributes)
            self._constraints.update(self._returned.constraints)
            self._error = self._returned.error if isinstance(self._returned.error, Exception) else None

    def outcome(self) -> Outcome:
        """Return the outcome of the units that were trained last."""
        error, attributes = self._error, dict[str, Any]()
        try:
            attributes = as_attributes("trial.attributes", self._attributes)
        except (TypeError, ValueError) as wrong:  # of a handle, to which anything can be added
            error = error or wrong
        value = self._curve[-1] if self._returned.value is None and self._curve else self._returned.value
        return Outcome(
            None if error else value,
            error,
            attributes,
            tuple(self._curve),
            None if self.handle and not self._curve and error is None else self._spent,  # it never reported a unit
            self.asked,
            () if error else self._returned.objectives,
            constraints=dict(self._constraints),
            **self._stopped,
        )

    def close(self) -> None:
        """Close the generator, so that its `finally` runs. An error there becomes a warning, since the trial was already told."""
        try:
            self._steps.close()
        except Exception as error:
            _warn(error)


def _warn(error: Exception) -> None:
    warnings.warn(f"closing a training raised {describe(error)}", RuntimeWarning, stacklevel=3)


def to_the_end(steps: Generator[Any, Any, Any]) -> Outcome:
    """Train a generator to its end, for an objective not known to yield, such as a lambda around one that does."""
    with closing(_Training(steps)) as training:
        training.train_until(None)
        return training.outcome()


def _key(trial: Trial) -> Key | None:
    bracket, config = trial.info.get("bracket"), trial.info.get("config")
    return (bracket, config) if isinstance(bracket, int) and isinstance(config, int) else None


def _share_ahead(study: Study, trial: Trial) -> float | None:
    """Return the share of its rung that is better than a trial; None if it can no longer be promoted."""
    if trial.state == "failed":
        return None
    latest = study.latest
    return 0.0 if latest is None or latest.standing is None else latest.standing(study.history, trial)
