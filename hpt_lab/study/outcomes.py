"""What comes in from outside while a search runs: a strategy's budget, an objective's value, and what it raised. Chapter 1."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from hpt_lab.checks import number, plain, short

__all__ = ["as_budget", "describe", "told"]


def describe(error: str | BaseException | None) -> str:
    """A trial's `error`: a text as it is; of an exception its type and its text, if it has one that can be read."""
    if not isinstance(error, BaseException):
        return str(error)
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return f"{type(error).__name__} (its text cannot be read)"


def told(value: Any) -> float:
    """What an objective returned, as a float. Raises TypeError or ValueError unless it is one finite number."""
    if np.ma.is_masked(value):  # NumPy would hand out the number behind the mask
        raise TypeError("the objective returned a masked value; it must return one finite number")
    value = plain(value)
    return _number(
        "the objective returned ",
        int(value) if isinstance(value, bool) else value,
        "; it must return one finite number",
    )


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
