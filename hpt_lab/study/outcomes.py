"""Checks of what comes in during a search: a strategy's budget, an objective's value or error. Chapter 1."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any

import numpy as np

from hpt_lab.study.directions import SEVERAL, Direction, Directions
from hpt_lab.study.trial import as_constraints
from hpt_lab.values.checks import WrongType, finite, instance, number, plain, short
from hpt_lab.values.frozen import FrozenDict, frozen

NONE = FrozenDict()  # no attributes
MOST_BITS = 14_000  # of an integer: Python neither writes nor reads more than 4300 digits
MOST_DEEP = 100  # levels of lists and dicts: code that reads or copies them has a stack of about 1000


@dataclass(frozen=True)
class Outcome:
    """The outcome of one training run: a value or an error, and what is kept with it. See `Trial` for the other fields."""

    value: float | None = None
    error: str | BaseException | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    spent: float | None = None
    asked: Any = None  # the `HyperParameters` that a define-by-run objective asked; to tell a study, the names of those
    objectives: tuple[float, ...] = ()
    constraints: Mapping[str, float] = field(default_factory=dict)
    stopped: str | None = None
    expected: float | None = None


class SelfTelling:
    """An objective that is trained in the process of its search, and tells the study what came out of each trial.

    Attributes
    ----------
    takes_trial : bool, whether it is called with the whole trial, not with the trial's params
    why_here : str, the end of a message that refuses other workers; empty if it can be trained anywhere
    hp : HyperParameters, optional, of which it is called with a copy at the trial's params, in place of these
    """

    takes_trial: bool = False
    why_here: str = ""
    hp: Any = None

    def tell(self, study: Any, trial: Any, outcome: Outcome) -> None:
        """Tell the study the outcome of the trial that was trained last."""
        study.tell(trial, outcome)


def describe(error: str | BaseException | None) -> str:
    """Return a trial's `error`: a string unchanged; for an exception, its type and, if it can be read, its message."""
    if not isinstance(error, BaseException):
        return str(error)
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return f"{type(error).__name__} (its text cannot be read)"


def outcome_of(result: Any, did: str = "returned", direction: Direction = "minimize") -> Outcome:
    """Return the outcome of what an objective returned (or `did`): a finite number, or a dict of `value` and attributes.

    With several objectives, it is a tuple of finite numbers, or a dict of these by name. Anything else gives an outcome
    with a TypeError or ValueError, and with those attributes and constraints that can be kept.
    """
    directions = Directions.of(direction)
    several = directions.several
    if type(result) is float and not several and math.isfinite(result):  # most are
        return Outcome(result)
    said, kept = f"the objective {did}", dict[str, Any]()
    must = f"it must {did.removesuffix('ed')} {wanted(direction)}"
    try:
        if isinstance(result, Mapping):
            names = (directions.names if "value" not in result else ()) or ("value",)
            if missing := [name for name in names if name not in result]:
                lacks = f"{said} {short(result)}" + (f" without {missing[0]!r}" if several else "")
                raise TypeError(f"{lacks}; {must}" + ("" if several else ", or a dict with it as 'value'"))
            more = {name: inside for name, inside in result.items() if name not in (*names, "constraints")}
            kept["attributes"] = as_attributes(said, more)
            kept["constraints"] = as_constraints(f"{said} constraints", result.get("constraints", {}))
            result = result["value"] if names == ("value",) else [result[name] for name in names]
        if not several:
            if did == "returned" and isinstance(result, (tuple, list)) and len(result) > 1:
                must += f"; {SEVERAL}"
            return Outcome(_value(f"{said} ", result, f"; {must}"), **kept)
        listed = result.tolist() if isinstance(result, np.ndarray) else result
        if not isinstance(listed, (tuple, list)) or len(listed) != len(directions):
            raise TypeError(f"{said} {short(result)}; {must}")
        values = zip(directions.labels, listed, strict=True)
        return Outcome(objectives=tuple(_value(f"{said} {name}=", one, f"; {must}") for name, one in values), **kept)
    except (TypeError, ValueError) as problem:
        return Outcome(error=problem, **kept)


def wanted(direction: Direction) -> str:
    """Return words for what an objective must return."""
    directions = Directions.of(direction)
    if not directions.several:
        return "one finite number"
    named = f" of {' and '.join(map(repr, directions.names))}, as a tuple or as a dict by name"
    return f"{len(directions)} finite numbers{named if directions.names else ', as a tuple'}"


def _value(before: str, value: Any, after: str) -> float:
    """Return one value of an objective as a finite float; True and False count as 1 and 0. Errors as in `_number`."""
    if np.ma.is_masked(value):  # NumPy would return the number behind the mask
        raise TypeError(f"{before}a masked value{after}")
    value = plain(value)
    return _number(before, int(value) if isinstance(value, bool) else value, after)


def ending(
    value: Any, error: Any, more: Mapping[str, Any], limits: Mapping[str, float], direction: Any
) -> dict[str, Any]:
    """Return the fields of a finished trial from a value, an `Outcome` or an error, plus attributes and constraints."""
    outcome = Outcome(error=error) if error is not None else value
    if not isinstance(outcome, Outcome):
        outcome = outcome_of(value, direction=direction)
        if outcome.error is not None:  # it was not raised: its message is enough
            outcome = replace(outcome, error=str(outcome.error))
    attributes = frozen({**outcome.attributes, **more}) if outcome.attributes or more else NONE
    constraints = FrozenDict({**outcome.constraints, **limits}) if outcome.constraints or limits else NONE
    fields: dict[str, Any] = {name: getattr(outcome, name) for name in ("curve", "spent", "stopped", "expected")}
    fields |= {"attributes": attributes, "constraints": constraints}
    if outcome.error is not None:
        return {**fields, "state": "failed", "error": describe(outcome.error)}
    return {**fields, "state": "complete", "value": outcome.value, "objectives": outcome.objectives}


def as_budget(value: Any, who: str) -> float:
    """Return the budget that the strategy `who` suggested, an int or a float above 0."""
    value, after = plain(value), f" that {who} suggested must be one finite number above 0, or None"
    budget = _number("ask: the budget ", value, after)
    if budget <= 0:
        raise ValueError(f"ask: the budget {value}{after}")
    return int(value) if isinstance(value, Integral) else budget


def _number(before: str, value: Any, after: str) -> float:
    """Return `value` as a finite float; otherwise raise an error that shows it between `before` and `after`."""
    try:
        return number(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{before}{error.args[0] if error.args else short(value)}{after}") from None  # 10^400: inf


def as_attributes(name: str, value: Any) -> dict[str, Any]:
    """Return attributes in JSON's types: arrays become lists, and numbers that are not finite become None."""
    return plain_json(name, instance(name, value, Mapping, "a dict"), lenient=True)


def plain_json(name: str, value: Any, *, lenient: bool = False) -> Any:
    """Return a copy of `value` in JSON's types, which `to_json` and `from_json` keep the same; raise if it has others.

    NumPy's numbers become Python's, tuples become lists; if `lenient`, arrays become lists, and non-finite numbers None.
    """
    try:
        return _plain_json(name, value, lenient, MOST_DEEP)
    except RecursionError:
        raise ValueError(f"{name} must not contain itself, nor be nested more than {MOST_DEEP} levels deep") from None


def _plain_json(name: str, value: Any, lenient: bool, deep: int) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    value = plain(value)
    if lenient and isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, bool):  # NumPy's
        return value
    if isinstance(value, int):
        if value.bit_length() > MOST_BITS:
            raise ValueError(f"{name} is an integer of {value.bit_length()} bits, but must have at most {MOST_BITS}")
        return int(value)
    if isinstance(value, float):
        return None if lenient and not math.isfinite(value) else finite(name, value)
    if deep == 0:
        raise RecursionError
    if isinstance(value, (list, tuple)):
        return [_plain_json(name, inside, lenient, deep - 1) for inside in value]
    instance(name, value, Mapping, "of JSON's types: dict, list, str, number, True, False or None")
    for key in value:
        if not isinstance(key, str):
            raise WrongType(f"{name}: the key {short(key)} must be a string, since JSON has no other")
    return {key: _plain_json(f"{name}: {key}", inside, lenient, deep - 1) for key, inside in value.items()}
