"""The kinds of hyperparameters: `Float` and `Int`, which have an order, and `Categorical`, which has none."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from hpt_lab.checks import integer as integer  # these are still asked for here, until everybody asks hpt_lab.checks
from hpt_lab.checks import plain as plain
from hpt_lab.checks import positive as positive
from hpt_lab.space.bins import Dimension
from hpt_lab.space.choices import Categorical
from hpt_lab.space.numbers import Float, Int

__all__ = ["Categorical", "Dimension", "Float", "Int"]


def finite(value: Any, before: str, after: str) -> float:  # to be deleted once nobody asks for it: see checks.finite
    """`value` as a float. Unless it is one finite number, raises TypeError or ValueError: `before`, what it is, `after`."""
    value = plain(value)
    if not isinstance(value, Real):
        kind = f"an array of shape {tuple(value.shape)}" if hasattr(value, "shape") else repr(value)[:80]
        raise TypeError(f"{before}{kind}{after}")
    try:
        number = float(value)
    except OverflowError:  # an int of more than 308 digits
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{before}{number}{after}")
    return number
