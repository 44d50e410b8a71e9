"""The base of all hyperparameters: values, and a point of the unit interval for each.

    encode : value -> u in [0, 1]        decode : u in [0, 1] -> value        decode(encode(value)) == value

The last equation holds for every value that `decode` returns. A dimension with n values divides the unit interval into
n bins, equally wide except for a logarithmic `Int`; a value is encoded as the center of its bin. Chapter 1.

Conditions: child -> parent -> keys of the parent's values for which the child may be active (see `Dimension.key`).

A child is active where each of its parents is active and has one of these values. Chapter 1.
"""

import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

import numpy as np

from hpt_lab.values.checks import finite, instance, positive, require, short
from hpt_lab.values.frozen import equal, frozen

D = TypeVar("D", bound="Dimension")
MOST_LISTED = 10**7  # values


@dataclass(frozen=True, eq=False)
class Dimension:
    """The base of `Float`, `Int` and `Categorical`: a condition, and n bins on the unit interval."""

    condition: Mapping[str, Any] = field(default_factory=dict, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        name, what = f"{type(self).__name__}: condition", "a mapping from parents to values"
        instance(name, self.condition, Mapping, what)
        object.__setattr__(self, "condition", frozen(self.condition))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dimension) and self.is_like(other) and equal(self.condition, other.condition)

    __hash__ = None  # type: ignore[assignment]

    def when(self: D, **condition: Any) -> D:
        """Return a copy that is active only where every named parent has the given value, or one of a list of values.

        >>> from hpt_lab.space import Float
        >>> Float(1e-4, 10, log=True).when(kernel=["rbf", "poly"]).condition
        {'kernel': ['rbf', 'poly']}
        """
        if not condition:
            raise ValueError("when: name a parent and its value, as in .when(kernel='rbf')")
        for parent in condition:
            if parent in self.condition:
                raise ValueError(f"when: {parent} already has a condition; give all its values in one list")
        return replace(self, condition={**self.condition, **condition})

    def is_like(self, other: "Dimension") -> bool:
        """Return True if both have the same values at the same coordinates, whatever their conditions."""
        names = [one.name for one in fields(self) if one.name != "condition"]
        return type(self) is type(other) and all(getattr(self, name) == getattr(other, name) for name in names)

    @property
    def size(self) -> Any:
        """Number of distinct values: an int, or `math.inf` for a continuous dimension."""
        raise NotImplementedError

    @cached_property
    def is_continuous(self) -> bool:
        """True if there are values between any two values."""
        return self.size == math.inf

    @cached_property
    def has_equal_bins(self) -> bool:
        """True if the values share the unit interval equally; False for a continuous dimension."""
        return not self.is_continuous

    @property
    def has_order(self) -> bool:
        """True if values can be near or far from each other: for numbers, but not for choices."""
        return True

    def at(self, index: int) -> Any:
        """Return value number `index`, counted from 0, of a dimension that is not continuous."""
        raise NotImplementedError

    def index(self, value: Any) -> int:
        """Return the number of `value`, the inverse of `at`. Raises ValueError or TypeError if it is not one of the values."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """Return `value` as a plain Python value. Raises ValueError or TypeError if it is not one of the values."""
        return self.at(self.index(value))

    def has(self, value: Any) -> bool:
        """Return True if `value` is one of the values."""
        try:
            self.check(value)
        except (TypeError, ValueError):
            return False
        return True

    def encode(self, value: Any) -> float:
        """Return the coordinate of `value` on the unit interval. Raises ValueError or TypeError like `check`."""
        return (self.index(value) + 0.5) / self.size

    def decode(self, u: float) -> Any:
        """Return the value at the coordinate `u`. Raises ValueError unless `u` is in [0, 1]."""
        u = u if type(u) is float and 0.0 <= u <= 1.0 else unit(u)
        return self.at(min(int(u * self.size), self.size - 1))

    def key(self, value: Any) -> Any:
        """Return what identifies a checked value: its number, or the value itself if the dimension is continuous."""
        return value if self.is_continuous else self.index(value)

    def keys(self, u: np.ndarray) -> np.ndarray:
        """Return the `key` of the value at each of the coordinates `u`, as floats in the shape of `u`."""
        if self.is_continuous:
            return np.array([self.decode(one) for one in u.ravel().tolist()]).reshape(u.shape)
        return np.minimum(np.floor(u * self.size), self.size - 1)

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Return encode(decode(u)), the center of its bin, for each of the coordinates `u`, of any shape."""
        return u if self.is_continuous else (np.minimum(np.floor(u * self.size), self.size - 1) + 0.5) / self.size

    def edges(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the left and right bounds of the bins with the centers `u`, from `snap`; (u, u) if continuous."""
        half = 0.5 / self.size  # 0 if there are infinitely many values
        return u - half, u + half

    def neighbour(self, u: np.ndarray, scale: float | np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a mutation of each of the coordinates `u`, of any shape, not snapped.

        A number becomes u + scale N(0, 1), reflected at both ends; a choice becomes another choice, drawn uniformly.
        """
        return reflect(u + scale * rng.standard_normal(u.shape))

    def values(self, resolution: int | None = None) -> list[Any]:
        """Return the values in order: all of them, or `resolution` of them, evenly spread on the unit interval.

        Raises ValueError if there are infinitely many values and no resolution, or if the resolution is below 1.
        """
        if resolution is not None:
            resolution = positive("values: resolution", resolution)
            few, what = not self.size > resolution > MOST_LISTED, "at most 10^7, since the values are listed"
            require(few, "values: resolution", resolution, what, ValueError)
        if resolution is None or self.size <= resolution:
            if self.is_continuous:
                raise ValueError("values: a continuous dimension has no list of values; give a step or a resolution")
            return [self.at(i) for i in range(self.size)]
        spread = np.linspace(0.0, 1.0, resolution).tolist() if resolution > 1 else [0.5]
        return list(dict.fromkeys(self.decode(u) for u in spread))


def reflect(x: np.ndarray) -> np.ndarray:
    """Return coordinates of any size reflected into [0, 1], as by mirrors at 0 and 1; x inside stays unchanged."""
    folded = np.abs(x)
    if folded.max(initial=0.0) > 2.0:
        folded = folded % 2.0
    return np.minimum(folded, 2.0 - folded)


def unit(u: Any) -> float:
    """Return `u` as a float in the unit interval."""
    return finite("decode: u", u, least=0, most=1)


Conditions = Mapping[str, Mapping[str, frozenset[Any]]]


def resolve(dimensions: Mapping[str, Dimension]) -> dict[str, dict[str, frozenset[Any]]]:
    """Return the conditions of each dimension, {} without any. Raises ValueError if a parent is unknown, or does not have a named value."""
    return {
        name: {parent: _keys(name, parent, wanted, dimensions) for parent, wanted in dimension.condition.items()}
        for name, dimension in dimensions.items()
    }


def _keys(name: str, parent: str, wanted: Any, dimensions: Mapping[str, Dimension]) -> frozenset[Any]:
    if parent not in dimensions:
        raise ValueError(f"Space: {name} depends on {parent!r}, which must be one of {short(list(dimensions))}")
    dimension = dimensions[parent]
    several = isinstance(wanted, (list, tuple, set, frozenset, range)) and not dimension.has(wanted)
    values = list(wanted) if several else [wanted]  # a choice that is a tuple is one value
    if not values:
        raise ValueError(f"Space: {name} depends on {parent}={wanted!r}, which must hold at least one value")
    for value in values:
        if not dimension.has(value):
            raise ValueError(f"Space: {name} depends on {parent}={short(value)}, which must be a value of {parent}")
    return frozenset(map(dimension.key, values))


def children(conditions: Conditions) -> dict[str, list[str]]:
    """Return a dict from each name to the names that depend on it, perhaps none."""
    below: dict[str, list[str]] = {name: [] for name in conditions}
    for name, parents in conditions.items():
        for parent in parents:
            below[parent].append(name)
    return below


def in_order(conditions: Conditions) -> tuple[str, ...]:
    """Return the names in alphabetical order, but parents before children. Raises ValueError if conditions form a cycle."""
    sorter, ready, order = TopologicalSorter(conditions), list[str](), list[str]()
    try:
        sorter.prepare()
    except CycleError as error:
        must = "form a cycle; each must lead to a dimension without one"
        raise ValueError(f"Space: the conditions of {sorted({*error.args[1]})} {must}") from None
    while sorter:
        for name in sorter.get_ready():
            heapq.heappush(ready, name)
        order.append(heapq.heappop(ready))
        sorter.done(order[-1])
    return tuple(order)
