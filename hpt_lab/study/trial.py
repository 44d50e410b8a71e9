"""Suggestions of a strategy, and the trials made of them: values that check what they are made of. Chapter 1."""

import itertools
import math
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from hpt_lab.space import Params
from hpt_lab.values.checks import WrongType, finite, integer, one_of, plain, short
from hpt_lab.values.display import html_table
from hpt_lab.values.frozen import FrozenDict, equal, fresh, frozen

BOUNDS: dict[str, dict[str, float]] = {"value": {}, "budget": {"above": 0.0}}
BOUNDS |= {name: {"least": 0.0} for name in ("started", "seconds", "spent")}
LAST = 32e9  # seconds since 1970, in the year 2984: Windows has no date for later ones


@dataclass(frozen=True)
class Suggestion:
    """The params that a strategy wants tried next.

    Parameters
    ----------
    params : dict, a point of the search space: a value for every active dimension
    budget : float, optional
        How much training to spend (epochs, trees, samples), above 0, if the strategy decides this as well.
    info : dict of JSON's types, marks that the strategy will find again in the history
    """

    params: Params
    budget: float | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_dicts("Suggestion", self)
        if self.budget is not None and isinstance(budget := plain(self.budget), Real) and budget <= 0:
            raise ValueError(f"Suggestion: budget={budget} must be above 0")


@dataclass(frozen=True)
class Trial:
    """One training with one set of hyperparameters.

    Attributes
    ----------
    number : int, position in the study, from 0
    params, budget, info
        As suggested. In a study's history nobody can change them.
    unused : mapping, what else was suggested, and a define-by-run objective did not ask for
    value : float or None, the objective's, as told, once the trial is complete
    state : {"running", "complete", "failed"}
    error : str or None, why the trial failed
    started : float
        Seconds since 1970-01-01 UTC. No two trials of a process have the same: it tells a trial from its namesakes.
    seconds : float or None, from ask to tell
    attributes : mapping of JSON's types, which the objective returned beside the value
    curve : tuple of float, of an objective that yields: its value after each unit of budget, from the first on
    spent : float or None, units of budget trained for this trial; None if that is its whole budget, or one training
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
    unused: Params = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        who = f"Trial {integer('Trial: number', self.number)}"
        _check_dicts(who, self)
        state = one_of(f"{who}: state", self.state, ("running", "complete", "failed"))
        if (self.value is None) == (state == "complete"):
            wanted = "a number" if state == "complete" else "None"
            raise ValueError(f"{who}: value={short(self.value)} must be {wanted}, since its state is {state}")
        for name, bounds in BOUNDS.items():
            value = getattr(self, name)
            usual = (type(value) is float and 0.0 < value < math.inf) or (value is None and name != "started")
            if not usual:  # a history makes many trials
                finite(f"{who}: {name}", value, **bounds)
        if self.started >= LAST:
            raise ValueError(f"{who}: started={self.started:g} must be seconds since 1970, below {LAST:g}")
        if not (self.error is None or isinstance(self.error, str)):
            raise WrongType(f"{who}: error={short(self.error)} must be a string or None")
        if not isinstance(self.curve, tuple):
            raise WrongType(f"{who}: curve={short(self.curve)} must be a tuple of numbers")
        for i, value in enumerate(self.curve):
            finite(f"{who}: curve[{i}]", value)

    @property
    def origin(self) -> str | None:
        """The origin of its params: "start" or "added" where a user gave them, or what the strategy says, if it does."""
        return self.info.get("origin")

    @property
    def suggested(self) -> Params:
        """The whole point of the space that was suggested: its params, and those that it left unused."""
        return FrozenDict({**self.params, **self.unused}) if self.unused else self.params

    def __eq__(self, other: object) -> bool:
        """Return True if all fields are equal: an array among the params where all its entries are, and NaN to NaN."""
        return equal(vars(self), vars(other)) if isinstance(other, Trial) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def _repr_html_(self) -> str:
        outcome = [("value", self.value), ("budget", self.budget), ("error", self.error), ("seconds", self.seconds)]
        rows = [*self.params.items(), *((name, value) for name, value in outcome if value is not None)]
        return html_table(f"Trial {self.number}: {self.state}", (), rows)


def _check_dicts(who: str, holder: Suggestion | Trial) -> None:
    for name in ("params", "info", "attributes", "unused"):
        value = getattr(holder, name, {})
        if not isinstance(value, (dict, Mapping)):  # a dict is recognized sooner
            raise WrongType(f"{who}: {name}={short(value)} must be a dict")


def changed(trial: Trial, **fields: Any) -> Trial:
    """Return a copy of a trial with other fields, which the caller has checked: nothing is checked again."""
    copy = object.__new__(Trial)
    vars(copy).update(vars(trial), **fields)
    return copy


def using(trial: Trial, names: Container[str]) -> Trial:
    """Return a trial of frozen fields with the params of these names; the others that were suggested are unused."""
    items = trial.suggested.items()
    used, unused = (FrozenDict((n, v) for n, v in items if (n in names) is there) for there in (True, False))
    return changed(trial, params=used, unused=unused)


def begun(number: int, params: Params, budget: float | None, info: Mapping[str, Any]) -> tuple[Trial, Trial]:
    """Return a trial that begins to run now, of checked fields, which nobody can change, and a copy for who trains."""
    fields = frozen({"params": params, "info": info})
    trial = changed(_BLANK, number=number, budget=budget, started=moment(), **fields)
    return trial, thawed(trial)


def thawed(trial: Trial) -> Trial:
    """Return a copy of a trial whose params and info may be changed."""
    return changed(trial, params=fresh(trial.params), info=fresh(trial.info) if trial.info else {})


_BLANK = Trial(0, {}, attributes=FrozenDict(), unused=FrozenDict())
_calls = itertools.count()


def moment() -> float:
    """Return the seconds since 1970, another number at every call of the process, however slow the clock.

    It is one of 4096 in each 1024th of a second, by a counter that needs no lock; 31 and 22 bits are what a float holds.
    """
    return math.floor(time.time() * 1024) / 1024 + next(_calls) % 4096 / 2**22
