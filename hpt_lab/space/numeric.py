"""Hyperparameters that are numbers, on a linear or a logarithmic scale.

The bins of an `Int` are equally wide. Those of a logarithmic `Int` have the width ln(v + 1/2) - ln(v - 1/2), and v is
encoded by ln(v) itself, which lies a little to the right of the center. Decoded floats have 12 significant digits (of
the larger bound, if the scale is linear), so that they are the same on every machine. Chapter 1.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from hpt_lab.space.bins import Dimension, unit
from hpt_lab.values.checks import finite, flag, integer, name_foreign_arguments, require, short

MOST_INTEGERS = 10**12  # with more, the bins are too narrow for the digits of a coordinate
LOWEST = 1e-307  # on a logarithmic scale: smaller floats have fewer digits


def _check_bounds(dimension: "Float | Int") -> None:
    who, low, high, step = type(dimension).__name__, dimension.low, dimension.high, dimension.step
    object.__setattr__(dimension, "log", flag(f"{who}: log", dimension.log))
    require(low <= high, f"{who}: low", low, f"below high={short(high)}, or equal to it for a constant", ValueError)
    if dimension.log:
        require(low > 0, f"{who}: low", low, "above 0 where log=True", ValueError)
        what = f"at least {LOWEST} where log=True, since floats end there"
        require(low >= LOWEST, f"{who}: low", low, what, ValueError)
    why = "1 where log=True, since it multiplies" if dimension.log else "0"
    require(step is None or step > dimension.log, f"{who}: step", step, f"above {why}", ValueError)


def _check_step(dimension: "Float | Int") -> None:
    low, high = dimension.low, dimension.high
    if dimension.size < 2 and low < high:
        who = type(dimension).__name__
        raise ValueError(f"{who}: step={dimension.step} must not be larger than the range from {low} to {high}")


@name_foreign_arguments
@dataclass(frozen=True, eq=False)
class Float(Dimension):
    """A real number between `low` and `high`, both inclusive.

    Raises TypeError if a bound or the step is not a number; ValueError if the bounds are reversed, not finite or too
    close, or not above 0 with `log`; or if the step is not positive, larger than the range, or too fine for 12 digits.

    Parameters
    ----------
    low, high : float, the bounds, in the hyperparameter's own units; equal bounds make a constant
    log : bool, search evenly over orders of magnitude, as suits learning rates and penalties
    step : float, take only low, low + step, low + 2 step, ... up to `high`; with `log`, low, low * step, low * step^2, ...

    Examples
    --------
    >>> Float(1e-4, 1.0, log=True).decode(0.5)
    0.01
    """

    low: float
    high: float
    log: bool = field(default=False, kw_only=True)
    step: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("low", "high") + (() if self.step is None else ("step",)):
            object.__setattr__(self, name, finite(f"Float: {name}", getattr(self, name)))
        _check_bounds(self)
        if self.high - self.low == math.inf:
            raise ValueError(f"Float: the range from low={self.low} to high={self.high} must be below 1.8e308")
        if self.step is not None:
            finest = 1 + 1e-11 if self.log else 10.0**-self._decimals
            what = f"at least {finest}, the 12th digit of the values"
            require(self.step >= finest, "Float: step", self.step, what, ValueError)
            _check_step(self)
        unit = 1e-11 * self.low if self.log else 10.0**-self._decimals  # of the 12th digit
        if self.step is None and 0.0 < self.high - self.low < 0.99 * unit:
            must = "must differ within the 12 digits of the values; search for the distance from low"
            raise ValueError(f"Float: low={self.low!r} and high={self.high!r} {must}")

    @cached_property
    def size(self) -> Any:
        if self.low == self.high:
            return 1
        # A last step that misses `high` by a millionth of a step is meant to reach it: in floats, 1.1 + 2.2 > 3.3.
        return math.inf if self.step is None else 1 + math.floor(self._steps(self.high) + 1e-6)

    @cached_property
    def _decimals(self) -> int:
        """The decimals that leave the larger bound 12 significant digits."""
        largest = max(abs(self.low), abs(self.high))
        return 11 - math.floor(math.log10(largest)) if largest else 0

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)

    def _between(self, value: Any) -> float:
        if type(value) is float and self.low <= value <= self.high:
            return value
        v = finite("Float: value", value)
        if not self.low <= v <= self.high:
            raise ValueError(f"Float: the value {v} must be between {self.low} and {self.high}")
        return v

    def _round(self, v: float) -> float:
        v = float(f"{v:.12g}") if self.log else round(v, self._decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
        return min(max(v, self.low), self.high)

    def _steps(self, v: float) -> float:
        """Return the distance from `low` to `v`, in steps."""
        assert self.step is not None
        return (math.log(v) - self._ends[0]) / math.log(self.step) if self.log else (v - self.low) / self.step

    def at(self, index: int) -> float:
        if index == 0:
            return self.low
        assert self.step is not None
        if self.log:
            return self._round(math.exp(self._ends[0] + index * math.log(self.step)))
        return self._round(self.low + index * self.step)

    def index(self, value: Any) -> int:
        v = self._between(value)
        if self.low == self.high:
            return 0
        assert self.step is not None
        index = min(round(self._steps(v)), self.size - 1)
        if not math.isclose(self.at(index), v, rel_tol=1e-11, abs_tol=0.0 if self.log else 1e-6 * self.step):
            raise ValueError(f"Float: the value {v} must be on the steps of {self.step} from {self.low}")
        return index

    def check(self, value: Any) -> float:
        return self._between(value) if self.is_continuous else super().check(value)

    def encode(self, value: Any) -> float:
        if not self.is_continuous:
            return super().encode(value)
        v, (first, last) = self._between(value), self._ends
        return ((math.log(v) if self.log else v) - first) / (last - first)

    def decode(self, u: float) -> float:
        if not self.is_continuous:
            return super().decode(u)
        u = u if type(u) is float and 0.0 <= u <= 1.0 else unit(u)
        if u == 0.0 or u == 1.0:
            return self.high if u else self.low
        first, last = self._ends
        place = first + u * (last - first)
        return self._round(math.exp(place) if self.log else place)


@name_foreign_arguments
@dataclass(frozen=True, eq=False)
class Int(Dimension):
    """An integer between `low` and `high`, both inclusive.

    Raises the errors of `Float`, and ValueError if there are more than 10^12 values, or values above 10^12 with `log`.

    Parameters
    ----------
    low, high : int, the bounds; equal bounds make a constant
    log : bool, search evenly over orders of magnitude, as suits numbers of units, trees or neighbors
    step : int, as for `Float`

    Examples
    --------
    >>> Int(16, 256, step=32).values()
    [16, 48, 80, 112, 144, 176, 208, 240]
    >>> Int(2, 32, log=True, step=2).values()
    [2, 4, 8, 16, 32]
    """

    low: int
    high: int
    log: bool = field(default=False, kw_only=True)
    step: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("low", "high") + (() if self.step is None else ("step",)):
            object.__setattr__(self, name, integer(f"Int: {name}", getattr(self, name)))
        _check_bounds(self)
        fits = not self.log or self.high <= MOST_INTEGERS
        require(fits, "Int: high", self.high, "at most 10^12 where log=True", ValueError)
        if self.size > MOST_INTEGERS:
            low, high = short(self.low), short(self.high)
            raise ValueError(f"Int: the range from {low} to {high} must hold at most 10^12 values; use a step")
        _check_step(self)

    @cached_property
    def size(self) -> Any:
        if self.log and self.step:
            n = 1
            while self.at(n) <= self.high:
                n += 1
            return n
        return 1 + (self.high - self.low) // (self.step or 1)

    @cached_property
    def has_equal_bins(self) -> bool:
        return not self.log or self.step is not None or self.low == self.high

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return math.log(self.low - 0.5), math.log(self.high + 0.5)

    def _place(self, u: np.ndarray) -> np.ndarray:
        """Return where the coordinates `u` lie between the integers, for logarithmic bins."""
        first, last = self._ends
        return np.exp(first + u * (last - first))

    def at(self, index: int) -> int:
        return self.low * self.step**index if self.log and self.step else self.low + (self.step or 1) * index

    def index(self, value: Any) -> int:
        v = value if type(value) is int else integer("Int: value", value)
        if not self.low <= v <= self.high:
            raise ValueError(f"Int: the value {short(v)} must be between {self.low} and {self.high}")
        powers = self.log and self.step
        index = round(math.log(v / self.low) / math.log(powers)) if powers else (v - self.low) // (self.step or 1)
        if self.at(index) != v:
            raise ValueError(f"Int: the value {v} must be on the steps of {self.step} from {self.low}")
        return index

    def encode(self, value: Any) -> float:
        if self.has_equal_bins:
            return super().encode(value)
        first, last = self._ends
        return (math.log(self.check(value)) - first) / (last - first)

    def decode(self, u: float) -> int:
        if self.has_equal_bins:
            return super().decode(u)
        first, last = self._ends
        u = u if type(u) is float and 0.0 <= u <= 1.0 else unit(u)
        return min(max(round(math.exp(first + u * (last - first))), self.low), self.high)

    def keys(self, u: np.ndarray) -> np.ndarray:
        if self.has_equal_bins:
            return super().keys(u)
        place = self._place(u)
        keys = np.clip(np.rint(place), self.low, self.high) - self.low
        close = np.abs(place - np.floor(place) - 0.5) < 1e-12 * place  # to an edge, where NumPy and math may differ
        keys[close] = [self.decode(one) - self.low for one in u[close].tolist()]
        return keys

    def snap(self, u: np.ndarray) -> np.ndarray:
        if self.has_equal_bins:
            return super().snap(u)
        first, last = self._ends
        v = np.clip(np.rint(self._place(u)), self.low, self.high)
        return (np.log(v) - first) / (last - first)

    def edges(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.has_equal_bins:
            return super().edges(u)
        first, span = self.low - 0.5, math.log((self.high + 0.5) / (self.low - 0.5))
        value = np.rint(first * np.exp(u * span))
        return np.log((value - 0.5) / first) / span, np.log((value + 0.5) / first) / span
