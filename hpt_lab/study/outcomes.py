"""What comes in from outside while a search runs: a strategy's budget, an objective's value, and what it raised. Chapter 1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np

from hpt_lab.study.storage.text import plain_json
from hpt_lab.values.checks import WrongType, number, plain, short

__all__ = ["Outcome", "as_attributes", "as_budget", "describe", "told"]


@dataclass(frozen=True)
class Outcome:
    """What became of one training: a value or an error, and what is kept with either. See `Trial` for the others."""

    value: float | None = None
    error: str | BaseException | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    spent: float | None = None


def describe(error: str | BaseException | None) -> str:
    """A trial's `error`: a text as it is; of an exception its type and its text, if it has one that can be read."""
    if not isinstance(error, BaseException):
        return str(error)
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return f"{type(error).__name__} (its text cannot be read)"


def told(result: Any, did: str = "returned") -> Outcome:
    """What an objective returned, or `did`: one finite number, or a dict of its `value` and of attributes.

    The outcome of anything else is an error, a TypeError or ValueError, which keeps those attributes that can be kept.
    """
    must = "yield" if did == "yielded" else "return"
    attributes: dict[str, Any] = {}
    try:
        if isinstance(result, Mapping):
            if "value" not in result:
                what = f"it must {must} one finite number, or a dict with it as 'value'"
                raise TypeError(f"the objective {did} {short(result)}; {what}")
            more = {name: inside for name, inside in result.items() if name != "value"}
            attributes, result = as_attributes(f"the objective {did}", more), result["value"]
        return Outcome(
            _value(result, f"the objective {did}", f"it must {must} one finite number"), attributes=attributes
        )
    except (TypeError, ValueError) as problem:
        return Outcome(error=problem, attributes=attributes)


def _value(value: Any, before: str, after: str) -> float:
    if np.ma.is_masked(value):  # NumPy would hand out the number behind the mask
        raise TypeError(f"{before} a masked value; {after}")
    value = plain(value)
    return _number(f"{before} ", int(value) if isinstance(value, bool) else value, f"; {after}")


def as_attributes(name: str, given: Any) -> dict[str, Any]:
    """Attributes in JSON's types: an array becomes lists, and a number that is not finite, which JSON lacks, None."""
    if not isinstance(given, Mapping):
        raise WrongType(f"{name}={short(given)} must be a dict")
    try:
        return plain_json(name, _without_nan(given))
    except RecursionError:
        raise ValueError(f"{name} must not hold itself, nor be nested as deep as Python's stack") from None


def _without_nan(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [_without_nan(inside) for inside in value]
    return {key: _without_nan(inside) for key, inside in value.items()} if isinstance(value, Mapping) else value


def as_budget(value: Any, who: str) -> float | None:
    """The budget that the strategy `who` suggested, as an int or a float above 0; None where it set none."""
    if value is None:
        return None
    value, after = plain(value), f" that {who} suggested must be one finite number above 0, or None"
    found = _number("ask: the budget ", value, after)
    if found <= 0:
        raise ValueError(f"ask: the budget {value}{after}")
    return int(value) if isinstance(value, Integral) else found


def _number(before: str, value: Any, after: str) -> float:
    """`value` as a finite float; anything else is an error that shows it between `before` and `after`."""
    try:
        return number(value)
    except (TypeError, ValueError) as error:
        shown = error.args[0] if error.args else short(value)  # 10^400 is shown as inf
        raise type(error)(f"{before}{shown}{after}") from None
