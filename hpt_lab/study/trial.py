"""Suggestions of a strategy, and the trials made from them: values that check their own parts. Chapter 1."""

import itertools
import math
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from hpt_lab.space import Params
from hpt_lab.values.checks import WrongType, finite, finite_sum, instance, integer, one_of, plain, require, short
from hpt_lab.values.display import html_table
from hpt_lab.values.frozen import FrozenDict, equal, frozen, unfrozen

BOUNDS: dict[str, dict[str, float]] = {"value": {}, "budget": {"above": 0.0}, "expected": {}}
BOUNDS |= {name: {"least": 0.0} for name in ("started", "seconds", "spent")}
LAST = 32e9  # seconds since 1970: the year 2984, after which Windows has no dates


@dataclass(frozen=True)
class Suggestion:
    """A suggestion of a strategy: the params to try next.

    Parameters
    ----------
    params : dict, a point of the search space: a value for every active dimension
    budget : float, optional
        How much training to spend (epochs, trees, samples), above 0, if the strategy also decides this.
    info : dict of JSON's types, notes that the strategy will find again in the history
    standing : callable, optional
        `standing(history, trial)`, for a strategy that sets budgets: the share of its rung that is better than a trial, or
        None if the trial will not be promoted, so that its training run need not wait. Not kept with the trial.
    fixed_space : str, optional
        What suggests, in words, if it could not continue once the space has grown (see define-by-run). Not kept either.
    """

    params: Params
    budget: float | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    standing: Callable[..., float | None] | None = field(default=None, compare=False, repr=False)
    fixed_space: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        _check_dicts("Suggestion", self)
        if self.budget is not None and isinstance(budget := plain(self.budget), Real) and budget <= 0:
            raise ValueError(f"Suggestion: budget={budget} must be above 0")


@dataclass(frozen=True)
class Trial:
    """One training run with one set of hyperparameters.

    Attributes
    ----------
    number : int, position in the study, from 0
    params, budget, info
        As suggested. In a study's history they cannot be changed.
    unused : mapping, other suggested params, which a define-by-run objective did not ask for
    value : float or None, the objective's value, as reported, once the trial is complete; None with several objectives
    state : {"running", "complete", "failed"}
    error : str or None, the reason why the trial failed
    started : float
        Seconds since 1970-01-01 UTC. It is unique in a process, and so distinguishes trials with the same number.
    seconds : float or None, the time from ask to tell
    attributes : mapping of JSON's types, what the objective returned besides the value
    curve : tuple of float, the values of a yielding objective after each unit of budget, from the first on
    spent : float or None, units of budget trained for this trial; None if that is its whole budget, or one training run
    objectives : tuple of float, the values of several objectives, as reported; `values` has them, or the one value
    constraints : mapping from names to floats, as reported: at most 0 is feasible
    stopped : str or None, the stopping rule that ended its run, after `len(curve)` units
    expected : float or None
        The value expected at the end of a run that was given up; None if its value is that of a whole run, or not there.
    """

    number: int
    params: Params
    budget: float | None = None
    value: float | None = None
    state: str = "running"
    error: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    started: float = 0.0
    seconds: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    spent: float | None = None
    stopped: str | None = None
    expected: float | None = None
    unused: Params = field(default_factory=dict, repr=False)
    objectives: tuple[float, ...] = ()
    constraints: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        who = f"Trial {integer('Trial: number', self.number)}"
        _check_dicts(who, self)
        state = one_of(f"{who}: state", self.state, ("running", "complete", "failed"))
        for name in ("curve", "objectives"):
            instance(f"{who}: {name}", getattr(self, name), tuple, "a tuple of numbers")
        fits = (self.value is not None) + bool(self.objectives) == (state == "complete")
        what = f"{'a number' if state == 'complete' else 'None'}, since its state is {state}"
        require(fits, f"{who}: value", self.objectives or self.value, what, ValueError)
        for name, bounds in BOUNDS.items():
            value = getattr(self, name)
            usual = (type(value) is float and 0.0 < value < math.inf) or (value is None and name != "started")
            if not usual:  # a history makes many trials
                finite(f"{who}: {name}", value, **bounds)
        right, what = self.started < LAST, f"seconds since 1970, below {LAST:g}"
        require(right, f"{who}: started", self.started, what, ValueError)
        for name, text in (("error", self.error), ("stopped", self.stopped)):
            instance(f"{who}: {name}", text, (str, type(None)), "a string or None")
        stopped = self.stopped is not None and state == "complete"
        fits = self.expected is None or stopped
        require(fits, f"{who}: expected", self.expected, "None, since no rule gave its run up", ValueError)
        for name in ("curve", "objectives"):
            for i, value in enumerate(getattr(self, name)):
                finite(f"{who}: {name}[{i}]", value)
        if self.constraints:
            as_constraints(f"{who}: constraints", self.constraints)

    @property
    def values(self) -> tuple[float, ...]:
        """The values of all objectives, as reported: one, or several; () until the trial is complete."""
        return self.objectives or (() if self.value is None else (self.value,))

    @property
    def violation(self) -> float:
        """The sum of what is above 0 in its constraints: 0 if the trial is feasible, and never more than the largest float."""
        return finite_sum(max(0.0, value) for value in self.constraints.values()) if self.constraints else 0.0

    @property
    def feasible(self) -> bool:
        """True if none of its constraints is above 0, as where none was reported."""
        return self.violation == 0.0

    @property
    def origin(self) -> str | None:
        """The origin of its params: "start" or "added" if the user gave them, otherwise what the strategy noted."""
        return self.info.get("origin")

    @property
    def suggested(self) -> Params:
        """The whole suggested point of the space: its params, and those left unused."""
        return FrozenDict({**self.params, **self.unused}) if self.unused else self.params

    def __eq__(self, other: object) -> bool:
        """Return True if all fields are equal. Arrays are compared entry by entry, and NaN equals NaN."""
        return equal(vars(self), vars(other)) if isinstance(other, Trial) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def _repr_html_(self) -> str:
        told = {"value": self.value, "values": self.objectives or None, "constraints": self.constraints or None}
        told |= {name: getattr(self, name) for name in ("budget", "stopped", "expected", "error", "seconds")}
        rows = [*self.params.items(), *((name, value) for name, value in told.items() if value is not None)]
        return html_table(f"Trial {self.number}: {self.state}", (), rows)


def _check_dicts(who: str, holder: Suggestion | Trial) -> None:
    for name in ("params", "info", "attributes", "unused", "constraints"):
        value = getattr(holder, name, {})
        if not isinstance(value, (dict, Mapping)):  # checking for a dict first is faster
            raise WrongType(f"{who}: {name}={short(value)} must be a dict")


def as_constraints(name: str, value: Any) -> dict[str, float]:
    """Return constraints as a dict from names to finite floats. Raises TypeError or ValueError, naming a wrong one."""
    named = isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
    require(named, name, value, "a dict of numbers by name, of which at most 0 is feasible")
    plains = {key: plain(one) for key, one in value.items()}
    return {key: finite(f"{name}: {key}", int(one) if isinstance(one, bool) else one) for key, one in plains.items()}


def replace_unchecked(trial: Trial, **fields: Any) -> Trial:
    """Return a copy of a trial with some fields replaced; the caller has checked them."""
    copy = object.__new__(Trial)
    vars(copy).update(vars(trial), **fields)
    return copy


def keep_only(trial: Trial, names: Container[str]) -> Trial:
    """Return a trial with only the params of these names; the other suggested ones become its `unused`."""
    items = trial.suggested.items()
    used, unused = (FrozenDict((n, v) for n, v in items if (n in names) is there) for there in (True, False))
    return replace_unchecked(trial, params=used, unused=unused)


def start_trial(number: int, params: Params, budget: float | None, info: Mapping[str, Any]) -> tuple[Trial, Trial]:
    """Return a trial that starts now, from checked fields, frozen, and a copy of it for the objective to change."""
    fields = frozen({"params": params, "info": info})
    trial = replace_unchecked(_BLANK, number=number, budget=budget, started=timestamp(), **fields)
    return trial, unfrozen_trial(trial)


def unfrozen_trial(trial: Trial) -> Trial:
    """Return a copy of a trial whose params and info may be changed."""
    return replace_unchecked(trial, params=unfrozen(trial.params), info=unfrozen(trial.info) if trial.info else {})


_BLANK = Trial(0, {}, attributes=FrozenDict(), unused=FrozenDict(), constraints=FrozenDict())
_calls = itertools.count()


def timestamp() -> float:
    """Return the seconds since 1970, a different number at every call in a process, however slow the clock.

    It is a whole number of 1024ths of a second, plus a counter of 4096 steps, which needs no lock. A float holds both.
    """
    return math.floor(time.time() * 1024) / 1024 + next(_calls) % 4096 / 2**22
