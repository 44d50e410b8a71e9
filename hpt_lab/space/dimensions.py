"""One hyperparameter: the values that it may take, and where each stands on the unit interval.

    encode : value -> u in [0, 1]        decode : u in [0, 1] -> value        decode(encode(value)) == value

The last holds for every value that `decode` gives. A dimension with n values owns n bins of the unit interval, and a value
is encoded as the centre of its bin; the bins are equally wide. Those of a logarithmic `Int` are as wide as
ln(v + 1/2) - ln(v - 1/2), and v is encoded by ln(v) itself, which lies a little right of the centre. A continuous
dimension is a straight line, or a logarithmic one. Decoded floats carry 12 significant digits (those of the larger bound,
where the scale is linear), so that they are the same on every machine.

Chapter 1.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from typing import Any, TypeVar

import numpy as np

__all__ = ["Categorical", "Dimension", "Float", "Int"]

D = TypeVar("D", bound="Dimension")
MOST_INTEGERS = 10**12  # beyond, the bins are too narrow for the digits of a coordinate


@dataclass(frozen=True)
class Dimension:
    """What `Float`, `Int` and `Categorical` share: a condition, and n bins on the unit interval."""

    condition: Mapping[str, Any] = field(default_factory=dict, kw_only=True, repr=False)

    def when(self: D, **condition: Any) -> D:
        """Make a copy that is active only where every named parent has the given value, or one of a list of values.

        >>> Float(1e-4, 10, log=True).when(kernel=["rbf", "poly"]).condition
        {'kernel': ['rbf', 'poly']}
        """
        if not condition:
            raise ValueError("when: name a parent and its value, as in .when(kernel='rbf')")
        for parent in condition:
            if parent in self.condition:
                raise ValueError(f"when: {parent} has a condition already; give all its values in one list")
        return replace(self, condition={**self.condition, **condition})

    @property
    def size(self) -> Any:
        """Number of distinct values: an int, or `math.inf` for a continuous dimension."""
        raise NotImplementedError

    def at(self, index: int) -> Any:
        """Value number `index`, from 0, of a dimension that is not continuous."""
        raise NotImplementedError

    def index(self, value: Any) -> int:
        """Number of `value`, the inverse of `at`. Raises ValueError or TypeError if it is not one of the values."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """`value` as a plain Python value. Raises ValueError or TypeError if this dimension does not have it."""
        return self.at(self.index(value))

    def encode(self, value: Any) -> float:
        """Place of `value` on the unit interval. Raises ValueError or TypeError like `check`."""
        return (self.index(value) + 0.5) / self.size

    def decode(self, u: float) -> Any:
        """The value at `u`. Raises ValueError unless `u` is in [0, 1]."""
        return self.at(min(int(_unit(u) * self.size), self.size - 1))

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Vectorised encode(decode(u)): the centres of the bins that the coordinates `u`, of any shape, fall into."""
        return (np.minimum(np.floor(np.asarray(u) * self.size), self.size - 1) + 0.5) / self.size

    @property
    def is_continuous(self) -> bool:
        """Whether there are values between any two values."""
        return self.size == math.inf

    @property
    def has_order(self) -> bool:
        """Whether one value can be nearer to another than a third one is: numbers have an order, choices have none."""
        return True

    def edges(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Left and right bounds of the bins whose places `u` are, as `snap` gives them; (u, u) if continuous."""
        u = np.asarray(u, float)
        half = 0.5 / self.size  # 0 of infinitely many
        return u - half, u + half

    def neighbour(self, u: np.ndarray, scale: float | np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A mutation of each of the coordinates `u`, of any shape, not snapped.

        A number takes a step of `scale` standard deviations, in lengths of the unit interval, and is reflected at both
        ends: u + scale N(0, 1). A choice becomes another one, drawn uniformly, whatever the scale.
        """
        u = np.asarray(u, float)
        return reflect(u + scale * rng.standard_normal(u.shape))

    def values(self, resolution: int | None = None) -> list[Any]:
        """The values in order: all of them, or `resolution` ones evenly spread on the unit interval.

        Raises ValueError where there is neither an end of values nor a resolution, or the resolution is below 1.
        """
        if resolution is not None:
            resolution = positive("values: resolution", resolution)
        if resolution is None or self.size <= resolution:
            if self.size == math.inf:
                raise ValueError("values: a continuous dimension has no list of values; give a step or a resolution")
            return [self.at(i) for i in range(self.size)]
        spread = np.linspace(0.0, 1.0, resolution).tolist() if resolution > 1 else [0.5]
        return list(dict.fromkeys(self.decode(u) for u in spread))


def reflect(x: np.ndarray) -> np.ndarray:
    """Coordinates of any size, folded into [0, 1] as by mirrors at 0 and 1: a triangle wave, exact where x is inside."""
    folded = np.abs(x) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)


def _unit(u: float) -> float:
    if not 0.0 <= u <= 1.0:
        raise ValueError(f"decode: the coordinate {u} must be in [0, 1]")
    return float(u)  # of NumPy's floats, which round in another way


def plain(value: Any) -> Any:
    """A number of NumPy, JAX or torch as one of Python's; anything else as it is."""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def finite(value: Any, before: str, after: str) -> float:
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


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(f"Float: {name}={value} must be a finite number")
    return finite(value, f"Float: {name}=", " must be a finite number")


def integer(name: str, value: Any) -> int:
    """`value` as an int. Raises TypeError, which begins with `name`, if it is none."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={value!r} must be an integer") from None


def positive(name: str, value: Any) -> int:
    """`value` as an int of at least 1. Raises TypeError or ValueError, which begins with `name`, if it is none."""
    number = integer(name, value)
    if number < 1:
        raise ValueError(f"{name}={number} must be at least 1")
    return number


def _check_bounds(dimension: Float | Int) -> None:
    who, low, high, step = type(dimension).__name__, dimension.low, dimension.high, dimension.step
    if dimension.log not in (True, False):
        raise TypeError(f"{who}: log={dimension.log!r} must be True or False")
    if not low < high:
        raise ValueError(f"{who}: low={low} must be below high={high}")
    if dimension.log and low <= 0:
        raise ValueError(f"{who}: low={low} must be above 0 where log=True")
    if step is not None and not step > dimension.log:
        why = "1 where log=True, since it multiplies" if dimension.log else "0"
        raise ValueError(f"{who}: step={step} must be above {why}")


def _check_step(dimension: Float | Int) -> None:
    if dimension.size < 2:
        who, low, high = type(dimension).__name__, dimension.low, dimension.high
        raise ValueError(f"{who}: step={dimension.step} must not be larger than the range from {low} to {high}")


@dataclass(frozen=True)
class Float(Dimension):
    """A real number between `low` and `high`, both inclusive.

    Parameters
    ----------
    low, high : float
        The bounds, in the units of the objective.
    log : bool
        Search evenly over the orders of magnitude: right for learning rates and penalties.
    step : float, optional
        Only low, low + step, low + 2 step, ... up to `high`; where `log`, low, low * step, low * step^2, ...

    Raises
    ------
    TypeError
        If a bound or the step is not a number.
    ValueError
        If the bounds are reversed, equal or not finite, if `log` meets a bound at or below zero, or if the step is
        not positive, wider than the range, or too fine for 12 significant digits.

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
        for name in ("low", "high") + (() if self.step is None else ("step",)):
            object.__setattr__(self, name, _number(name, getattr(self, name)))
        _check_bounds(self)
        if self.high - self.low == math.inf:
            raise ValueError(f"Float: the range from low={self.low} to high={self.high} must be below 1.8e308")
        if self.step is not None:
            finest = 1 + 1e-11 if self.log else 10.0**-self._decimals
            if self.step < finest:
                raise ValueError(f"Float: step={self.step} must be at least {finest}, the 12th digit of the values")
            _check_step(self)

    @cached_property
    def size(self) -> Any:
        # A last step that misses `high` by a millionth of a step is meant to reach it: 1.1 + 2.2 > 3.3 in floats.
        return math.inf if self.step is None else 1 + math.floor(self._steps(self.high) + 1e-6)

    @cached_property
    def _decimals(self) -> int:
        """Decimals that leave 12 significant digits to the larger bound."""
        return 11 - math.floor(math.log10(max(abs(self.low), abs(self.high))))

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)

    def _between(self, value: Any) -> float:
        v = _number("value", value)
        if not self.low <= v <= self.high:
            raise ValueError(f"Float: the value {v} must be between {self.low} and {self.high}")
        return v

    def _round(self, v: float) -> float:
        rounded = float(f"{v:.12g}") if self.log else round(v, self._decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
        return min(max(rounded, self.low), self.high)

    def _steps(self, v: float) -> float:
        """How many steps `v` is away from `low`."""
        assert self.step is not None
        return (math.log(v) - self._ends[0]) / math.log(self.step) if self.log else (v - self.low) / self.step

    def at(self, index: int) -> float:
        assert self.step is not None
        if index == 0:
            return self.low
        if self.log:
            return self._round(math.exp(self._ends[0] + index * math.log(self.step)))
        return self._round(self.low + index * self.step)

    def index(self, value: Any) -> int:
        v = self._between(value)
        assert self.step is not None
        index = min(round(self._steps(v)), self.size - 1)
        if not math.isclose(self.at(index), v, rel_tol=1e-11, abs_tol=0.0 if self.log else 1e-6 * self.step):
            raise ValueError(f"Float: the value {v} must be on the steps of {self.step} from {self.low}")
        return index

    def check(self, value: Any) -> float:
        return self._between(value) if self.step is None else super().check(value)

    def encode(self, value: Any) -> float:
        if self.step is not None:
            return super().encode(value)
        v, (first, last) = self._between(value), self._ends
        return ((math.log(v) if self.log else v) - first) / (last - first)

    def decode(self, u: float) -> float:
        if self.step is not None:
            return super().decode(u)
        u = _unit(u)
        if u in (0.0, 1.0):
            return self.high if u else self.low
        first, last = self._ends
        place = first + u * (last - first)
        return self._round(math.exp(place) if self.log else place)

    def snap(self, u: np.ndarray) -> np.ndarray:
        return np.asarray(u, float) if self.step is None else super().snap(u)


@dataclass(frozen=True)
class Int(Dimension):
    """An integer between `low` and `high`, both inclusive.

    Parameters
    ----------
    low, high : int
        The bounds.
    log : bool
        Search evenly over the orders of magnitude: right for numbers of units, trees or neighbours.
    step : int, optional
        Only low, low + step, low + 2 step, ... up to `high`; where `log`, low, low * step, low * step^2, ...

    Raises
    ------
    TypeError
        If a bound or the step is not an integer.
    ValueError
        As for `Float`, and if there are more than 10^12 values, or values above 10^12 where `log`.

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
        for name in ("low", "high") + (() if self.step is None else ("step",)):
            object.__setattr__(self, name, integer(f"Int: {name}", getattr(self, name)))
        _check_bounds(self)
        if self.log and self.high > MOST_INTEGERS:
            raise ValueError(f"Int: high={self.high} must be at most 10^12 where log=True")
        if self.size > MOST_INTEGERS:
            raise ValueError(
                f"Int: the range from {self.low} to {self.high} must hold at most 10^12 values; use a step"
            )
        _check_step(self)

    @cached_property
    def size(self) -> Any:
        if self.log and self.step:
            n = 1
            while self.at(n) <= self.high:
                n += 1
            return n
        return 1 + (self.high - self.low) // (self.step or 1)

    @property
    def _smooth(self) -> bool:
        """Whether the bins are logarithmic, not equally wide."""
        return self.log and self.step is None

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return math.log(self.low - 0.5), math.log(self.high + 0.5)

    def at(self, index: int) -> int:
        return self.low * self.step**index if self.log and self.step else self.low + (self.step or 1) * index

    def index(self, value: Any) -> int:
        v = integer("Int: value", value)
        if not self.low <= v <= self.high:
            raise ValueError(f"Int: the value {v} must be between {self.low} and {self.high}")
        powers = self.log and self.step
        index = round(math.log(v / self.low) / math.log(powers)) if powers else (v - self.low) // (self.step or 1)
        if self.at(index) != v:
            raise ValueError(f"Int: the value {v} must be on the steps of {self.step} from {self.low}")
        return index

    def encode(self, value: Any) -> float:
        if not self._smooth:
            return super().encode(value)
        first, last = self._ends
        return (math.log(self.check(value)) - first) / (last - first)

    def decode(self, u: float) -> int:
        if not self._smooth:
            return super().decode(u)
        first, last = self._ends
        return min(max(round(math.exp(first + _unit(u) * (last - first))), self.low), self.high)

    def snap(self, u: np.ndarray) -> np.ndarray:
        if not self._smooth:
            return super().snap(u)
        first, last = self._ends
        v = np.clip(np.rint(np.exp(first + np.asarray(u) * (last - first))), self.low, self.high)
        return (np.log(v) - first) / (last - first)

    def edges(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not self._smooth:
            return super().edges(u)
        first, span = self.low - 0.5, math.log((self.high + 0.5) / (self.low - 0.5))
        value = np.rint(first * np.exp(np.asarray(u, float) * span))
        return np.log((value - 0.5) / first) / span, np.log((value + 0.5) / first) / span


@dataclass(frozen=True, eq=False)
class Categorical(Dimension):
    """One out of a list of choices of any type: strings, numbers, None, tuples, estimators.

    Choices of different types are different ones, even where Python calls them equal, as 1, 1.0 and True.

    Raises TypeError if `choices` is not a list, and ValueError if it is empty or has a choice twice.

    >>> Categorical(["linear", "rbf", "poly"]).decode(0.5)
    'rbf'
    """

    choices: tuple[Any, ...]

    def __post_init__(self) -> None:
        choices: Any = self.choices.tolist() if isinstance(self.choices, np.ndarray) else self.choices
        if isinstance(choices, (str, bytes, Mapping, set, frozenset)) or not hasattr(choices, "__iter__"):
            raise TypeError(f"Categorical: choices={choices!r} must be a list")
        choices = tuple(choices)
        if not choices:
            raise ValueError("Categorical: choices=[] must hold at least one choice")
        for i, choice in enumerate(choices):
            if any(_same(choice, other) for other in choices[:i]):
                raise ValueError(f"Categorical: the choice {choice!r} must appear once")
        object.__setattr__(self, "choices", choices)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Categorical) or (self.size, self.condition) != (other.size, other.condition):
            return False
        return all(map(_same, self.choices, other.choices))

    @property
    def size(self) -> Any:
        return len(self.choices)

    def at(self, index: int) -> Any:
        return self.choices[index]

    def index(self, value: Any) -> int:
        for alike in (operator.is_, _same, _equal):
            for i, choice in enumerate(self.choices):
                if alike(choice, value):
                    return i
        raise ValueError(f"Categorical: the value {value!r} must be one of {list(self.choices)!r}")

    @property
    def has_order(self) -> bool:
        return False

    def neighbour(self, u: np.ndarray, scale: float | np.ndarray, rng: np.random.Generator) -> np.ndarray:
        u = np.asarray(u, float)
        return (u + rng.integers(1, max(self.size, 2), size=u.shape) / self.size) % 1.0

    def values(self, resolution: int | None = None) -> list[Any]:
        """All choices, whatever the resolution: they have no order to take a sample of."""
        return list(self.choices)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return type(a) is type(b) and a.dtype == b.dtype and np.array_equal(a, b)
    try:
        return bool(a == b) or bool(a != a and b != b)  # NaN is NaN
    except Exception:  # arrays and estimators compare in ways of their own: then they differ
        return False


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and _equal(a, b))
