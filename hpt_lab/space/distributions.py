"""Hyperparameters with a distribution of their own: a frozen one from SciPy, or an object with `ppf` and `cdf`.

    decode(u) = ppf(u)        encode(v) = cdf(v)        so that uniform coordinates decode to draws of the distribution

The last millionth at each end, where `ppf` may be infinite, is one value. An integer has the part of the unit interval
between two steps of `cdf`, unless fewer than one draw in 10^8 gives it. Chapter 2.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hpt_lab.space.bins import Dimension, unit
from hpt_lab.values.checks import finite, integer, plain, positive, short

END, RAREST = 1e-6, 1e-8  # shares of the draws
MOST_INTEGERS = 10**6  # they are kept in a table
COORDINATE_DECIMALS = 9  # of a coordinate, within which `cdf` inverts `ppf`


@dataclass(frozen=True, eq=False, repr=False)
class Distribution(Dimension):
    """A number drawn from `dist`, such as `scipy.stats.expon(scale=100)`: `Continuous` or `Discrete`.

    Raises TypeError if `dist` lacks `ppf` or `cdf`, and ValueError if these do not return one finite number.
    """

    dist: Any
    log, step, has_equal_bins = False, None, False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (hasattr(self.dist, "ppf") and hasattr(self.dist, "cdf")):
            raise TypeError(f"the distribution {self} must have ppf and cdf, like those of scipy.stats")
        least = self.dist.ppf(END)
        if np.ndim(least) or not math.isfinite(least):
            raise ValueError(f"the distribution {self} must have a ppf of one finite number, not {short(least)}")

    @cached_property
    def law(self) -> dict[str, Any]:
        """The name and arguments of the distribution, in JSON's types, from which `scipy.stats` can make it again."""
        name = getattr(getattr(self.dist, "dist", None), "name", None) or short(self.dist)
        args, kwds = getattr(self.dist, "args", ()), getattr(self.dist, "kwds", {})
        return {"name": name, "args": [*map(plain, args)], "kwds": {key: plain(kwds[key]) for key in sorted(kwds)}}

    def __repr__(self) -> str:
        arguments = [*map(str, self.law["args"]), *(f"{name}={value}" for name, value in self.law["kwds"].items())]
        return f"{self.law['name']}({', '.join(arguments)})"

    def is_like(self, other: Dimension) -> bool:
        both = isinstance(other, Distribution)
        return both and (self.law, self.low, self.high) == (other.law, other.low, other.high)  # type: ignore[attr-defined]

    def values(self, resolution: int | None = None) -> list[Any]:
        """Return all values, or the medians of `resolution` equal shares of the draws, since the ends are rare."""
        if resolution is None or self.size <= (n := positive("values: resolution", resolution)):
            return super().values()
        return list(dict.fromkeys(self.decode((i + 0.5) / n) for i in range(n)))

    low = cached_property[Any](lambda self: self.decode(0.0))  # the smallest and the largest value that is suggested
    high = cached_property[Any](lambda self: self.decode(1.0))


class Continuous(Distribution):
    """A real number from a distribution. Values beyond the range of those suggested are valid, too."""

    size = math.inf

    def check(self, value: Any) -> float:
        v, (low, high) = finite(f"{self}: value", value), self.dist.ppf([0, 1])
        if not low <= v <= high:
            raise ValueError(f"{self}: the value {v} must be between {low} and {high}")
        return v

    def encode(self, value: Any) -> float:
        v = self.check(value)
        return 0.0 if v <= self.low else 1.0 if v >= self.high else round(float(self.dist.cdf(v)), COORDINATE_DECIMALS)

    def decode(self, u: float) -> float:
        q = min(max(round(unit(u), COORDINATE_DECIMALS), END), 1 - END)
        v = float(self.dist.ppf(q))
        rounded = float(f"{v:.12g}")  # the same on every machine, unless that is too coarse
        return rounded if abs(float(self.dist.cdf(rounded)) - q) < 10.0**-COORDINATE_DECIMALS / 4 else v


class Discrete(Distribution):
    """An integer from a distribution. Raises ValueError if there are more than 10^6 values to suggest."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.dist.cdf(self.dist.ppf(END) + MOST_INTEGERS) >= 1 - END:
            raise ValueError(f"the distribution {self} must have at most 10^6 values; use an Int with log=True")

    @cached_property
    def _bins(self) -> tuple[np.ndarray, np.ndarray]:  # the integers, (n,), and the edges of their bins, (n + 1,)
        integers = np.arange(int(self.dist.ppf(END)), int(self.dist.ppf(1 - END)) + 1)
        steps = np.asarray(self.dist.cdf(integers))
        often = np.diff(steps, prepend=0.0) > RAREST
        return integers[often], np.array([0.0, *steps[often][:-1], 1.0])

    @property
    def size(self) -> int:
        return len(self._bins[0])

    def at(self, index: int) -> int:
        return int(self._bins[0][index])

    def index(self, value: Any) -> int:
        v, integers = integer(f"{self}: value", value), self._bins[0]
        index = int(np.searchsorted(integers, v))
        if index == len(integers) or integers[index] != v:
            integers_are = f"its integers, which are from {self.low} to {self.high}"
            raise ValueError(f"{self}: the value {short(v)} must be one of {integers_are}")
        return index

    def encode(self, value: Any) -> float:
        return float(self._bins[1][self.index(value) :][:2].sum()) / 2

    def decode(self, u: float) -> int:
        return self.at(int(self.keys(np.array(unit(u)))))

    def keys(self, u: np.ndarray) -> np.ndarray:
        return np.searchsorted(self._bins[1][1:-1], u, side="right").astype(float)

    def snap(self, u: np.ndarray) -> np.ndarray:
        return np.add(*self.edges(u)) / 2

    def edges(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        edges = self._bins[1]
        index = np.searchsorted(edges[1:-1], u, side="right")
        return edges[index], edges[index + 1]
