"""The search space: which hyperparameters there are, and which values each may take.

Every dimension maps its values to the unit interval and back, so that a strategy can think in the unit cube, where all
dimensions have the same length and a logarithmic one is straight, while the objective gets plain Python values.

    encode : params -> u in [0, 1]^d        decode : u in [0, 1]^d -> params        decode(encode(params)) == params

A dimension with n values owns n bins of the unit interval, and a value is encoded as the centre of its bin. A dimension
with a condition (`.when(kernel="rbf")`) is *active* only where the condition holds: elsewhere it is absent from the
params, and its coordinate is 0.5. Decoded floats carry 12 significant digits, so that they are the same on every machine.

Chapter 1 defines the terms; chapter 2 counts the combinations.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from numbers import Real
from typing import Any, TypeVar

import numpy as np

__all__ = ["Categorical", "Dimension", "Float", "Int", "Space"]

Params = dict[str, Any]
D = TypeVar("D", bound="Dimension")
MOST_INTEGERS = 10**12  # an encoded coordinate holds 12 significant digits


@dataclass(frozen=True)
class Dimension:
    """What `Float`, `Int` and `Categorical` share: a condition, and a place on the unit interval."""

    condition: Mapping[str, Any] = field(default_factory=dict, kw_only=True, repr=False)

    def when(self: D, **condition: Any) -> D:
        """Make a copy that is active only where every named parent has the given value, or one of a list of values.

        >>> Float(1e-4, 10, log=True).when(kernel=["rbf", "poly"]).condition
        {'kernel': ['rbf', 'poly']}
        """
        if not condition:
            raise ValueError("when: name a parent and its value, as in .when(kernel='rbf')")
        return replace(self, condition={**self.condition, **condition})

    @property
    def size(self) -> float:
        """Number of distinct values: an int, or `math.inf` for a continuous dimension."""
        raise NotImplementedError

    def encode(self, value: Any) -> float:
        """Place of `value` on the unit interval. Raises ValueError if it is not a value of this dimension."""
        raise NotImplementedError

    def decode(self, u: float) -> Any:
        """The value at `u`, which must be in [0, 1]."""
        raise NotImplementedError

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Vectorised encode(decode(u)): the centres of the bins that the coordinates `u`, of any shape, fall into."""
        return (_bin(u, self.size) + 0.5) / self.size

    def values(self, resolution: int | None = None) -> list[Any]:
        """The values a grid lists, in order: all of them, or `resolution` ones evenly spread on the unit interval."""
        if resolution is None or self.size <= resolution:
            if self.size == math.inf:
                raise ValueError("a continuous dimension has no list of values: give a step or a resolution")
            return [self.decode((i + 0.5) / self.size) for i in range(int(self.size))]
        spread = np.linspace(0.0, 1.0, resolution) if resolution > 1 else np.array([0.5])
        return list(dict.fromkeys(self.decode(float(u)) for u in spread))


def _bin(u: Any, n: float) -> Any:
    """Index of the bin, out of `n`, that `u` falls into; u = 1 belongs to the last."""
    return np.minimum(np.floor(np.asarray(u) * n), n - 1)


def _unit(u: float, who: str) -> float:
    if not 0.0 <= u <= 1.0:
        raise ValueError(f"{who}: the coordinate {u} must be in [0, 1]")
    return float(u)


def _check_bounds(dimension: Float | Int) -> None:
    who, low, high, step = type(dimension).__name__, dimension.low, dimension.high, dimension.step
    if not low < high:
        raise ValueError(f"{who}: low={low} must be below high={high}")
    if dimension.log and low <= 0:
        raise ValueError(f"{who}: low={low} must be above 0 where log=True")
    if step is None:
        return
    if dimension.log and not step > 1:
        raise ValueError(f"{who}: step={step} must be above 1 where log=True, since it multiplies")
    if not step > 0:
        raise ValueError(f"{who}: step={step} must be above 0")
    if (low * step if dimension.log else low + step) > high:
        raise ValueError(f"{who}: step={step} must not be larger than the range from {low} to {high}")


def _number(who: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{who}: {name}={value!r} must be a number")
    if not math.isfinite(value):
        raise ValueError(f"{who}: {name}={value} must be finite")
    return float(value)


def _integer(who: str, name: str, value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{who}: {name}={value!r} must be an integer")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{who}: {name}={value!r} must be an integer") from None


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
    ValueError
        If the bounds are reversed, equal or not finite, if `log` meets a bound at or below zero, or if the step is
        not positive or wider than the range.

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
            object.__setattr__(self, name, _number("Float", name, getattr(self, name)))
        _check_bounds(self)

    @cached_property
    def size(self) -> float:  # type: ignore[override]
        if self.step is None:
            return math.inf
        if self.log:
            return 1 + math.floor(math.log(self.high / self.low) / math.log(self.step) + 1e-9)
        return 1 + math.floor((self.high - self.low) / self.step + 1e-9)

    @cached_property
    def _decimals(self) -> int:
        """Decimals that leave 12 significant digits to the larger bound of a linear dimension."""
        return 11 - math.floor(math.log10(max(abs(self.low), abs(self.high))))

    def _at(self, index: int) -> float:
        value = self.low * self.step**index if self.log else self.low + self.step * index  # type: ignore[operator]
        return min(float(f"{value:.12g}"), self.high)

    def encode(self, value: Any) -> float:
        v = _number("Float", "value", value)
        if not self.low <= v <= self.high:
            raise ValueError(f"Float: the value {v} must be between {self.low} and {self.high}")
        if self.log:
            place = math.log(v / self.low)
            if self.step is None:
                return min(place / math.log(self.high / self.low), 1.0)
            index = round(place / math.log(self.step))
        elif self.step is None:
            return (v - self.low) / (self.high - self.low)
        else:
            index = round((v - self.low) / self.step)
        if not math.isclose(self._at(index), v, rel_tol=1e-9, abs_tol=1e-9 * (self.high - self.low)):
            raise ValueError(f"Float: the value {v} is not on the steps of {self.step} from {self.low}")
        return (index + 0.5) / self.size

    def decode(self, u: float) -> float:
        u = _unit(u, "Float")
        if self.step is not None:
            return self._at(int(_bin(u, self.size)))
        if self.log:
            v = float(f"{self.low * math.exp(u * math.log(self.high / self.low)):.12g}")
        else:
            v = round(self.low + u * (self.high - self.low), self._decimals)
        return min(max(v, self.low), self.high)

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
        As for `Float`, and if there are more than 10^12 values.

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
            object.__setattr__(self, name, _integer("Int", name, getattr(self, name)))
        _check_bounds(self)
        if self.high - self.low >= MOST_INTEGERS:
            raise ValueError(f"Int: the range from {self.low} to {self.high} must hold at most 10^12 values")

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        if self.step is None:
            return self.high - self.low + 1
        if self.log:
            n, value = 1, self.low * self.step
            while value <= self.high:
                n, value = n + 1, value * self.step
            return n
        return 1 + (self.high - self.low) // self.step

    @property
    def _edges(self) -> tuple[float, float]:
        """Logarithms of the outer edges of the first and the last bin of a log dimension without a step."""
        return math.log(self.low - 0.5), math.log(self.high + 0.5)

    def encode(self, value: Any) -> float:
        v = _integer("Int", "value", value)
        if not self.low <= v <= self.high:
            raise ValueError(f"Int: the value {v} must be between {self.low} and {self.high}")
        if self.log and self.step is None:
            first, last = self._edges
            return (math.log(v) - first) / (last - first)
        if self.log:
            index = round(math.log(v / self.low) / math.log(self.step))  # type: ignore[arg-type]
        else:
            index = (v - self.low) // (self.step or 1)
        if self._at(index) != v:
            raise ValueError(f"Int: the value {v} is not on the steps of {self.step} from {self.low}")
        return (index + 0.5) / self.size

    def _at(self, index: int) -> int:
        return self.low * self.step**index if self.log else self.low + (self.step or 1) * index  # type: ignore

    def decode(self, u: float) -> int:
        u = _unit(u, "Int")
        if self.log and self.step is None:
            first, last = self._edges
            return min(max(round(math.exp(first + u * (last - first))), self.low), self.high)
        return self._at(int(_bin(u, self.size)))

    def snap(self, u: np.ndarray) -> np.ndarray:
        if not self.log or self.step is not None:
            return super().snap(u)
        first, last = self._edges
        v = np.clip(np.rint(np.exp(first + np.asarray(u) * (last - first))), self.low, self.high)
        return (np.log(v) - first) / (last - first)


@dataclass(frozen=True)
class Categorical(Dimension):
    """One out of a list of choices of any type: strings, numbers, None, tuples, estimators.

    Raises ValueError if there is no choice, or if one appears twice.

    >>> Categorical(["linear", "rbf", "poly"]).decode(0.5)
    'rbf'
    """

    choices: tuple[Any, ...]

    def __post_init__(self) -> None:
        choices = self.choices
        if isinstance(choices, (str, bytes, Mapping, set, frozenset)) or not hasattr(choices, "__iter__"):
            raise TypeError(f"Categorical: choices={choices!r} must be a list")
        choices = tuple(choices.tolist() if isinstance(choices, np.ndarray) else choices)
        if not choices:
            raise ValueError("Categorical: choices=[] must hold at least one choice")
        for i, choice in enumerate(choices):
            if any(_same(choice, other) for other in choices[:i]):
                raise ValueError(f"Categorical: the choice {choice!r} must appear once")
        object.__setattr__(self, "choices", choices)

    @property
    def size(self) -> int:  # type: ignore[override]
        return len(self.choices)

    def index(self, value: Any) -> int:
        """Position of `value` among the choices. Raises ValueError if it is none of them."""
        for alike in (operator.is_, _same, _equal):
            for i, choice in enumerate(self.choices):
                if alike(choice, value):
                    return i
        raise ValueError(f"Categorical: the value {value!r} must be one of {list(self.choices)!r}")

    def encode(self, value: Any) -> float:
        return (self.index(value) + 0.5) / len(self.choices)

    def decode(self, u: float) -> Any:
        return self.choices[int(_bin(_unit(u, "Categorical"), len(self.choices)))]

    def values(self, resolution: int | None = None) -> list[Any]:
        return list(self.choices)


def _equal(a: Any, b: Any) -> bool:
    try:
        return bool(a == b)
    except Exception:  # arrays and estimators compare in ways of their own: then they differ
        return False


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and _equal(a, b))


class Space:
    """A search space: named dimensions, some of them conditional on others.

    Parameters
    ----------
    dimensions : mapping or keywords
        Name -> `Float`, `Int` or `Categorical`; a plain list is a `Categorical`.

    Raises
    ------
    ValueError
        If there is no dimension, or if a condition names an unknown parent, a value that the parent does not have, or
        leads back to itself.
    TypeError
        If a dimension is none of the three types nor a list.

    Examples
    --------
    >>> space = Space(kernel=["linear", "rbf"], gamma=Float(1e-4, 10, log=True).when(kernel="rbf"))
    >>> space.decode([0.2, 0.9]), space.decode([0.7, 0.6])
    ({'kernel': 'linear'}, {'kernel': 'rbf', 'gamma': 0.1})
    >>> Space({"max_depth": [5, 10, 15], "n_estimators": [100, 150, 200]}).size
    9
    """

    def __init__(self, dimensions: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        if dimensions is not None and not isinstance(dimensions, Mapping):
            raise TypeError(f"Space: {dimensions!r} must be a mapping from names to dimensions")
        named = {**(dimensions or {}), **more}
        if not named:
            raise ValueError("Space: needs at least one dimension, as in Space(C=Float(0.1, 10))")
        self.dimensions: dict[str, Dimension] = {name: _dimension(name, given) for name, given in named.items()}
        self._parents = {name: self._resolve(name) for name in self.dimensions}
        self._order = self._sort()

    def _resolve(self, name: str) -> dict[str, list[Any]]:
        """Conditions of one dimension as parent -> list of values, checked."""
        resolved = {}
        for parent, wanted in self.dimensions[name].condition.items():
            if parent not in self.dimensions:
                raise ValueError(f"Space: {name} depends on {parent!r}, which must be one of {list(self.dimensions)}")
            dimension = self.dimensions[parent]
            several = isinstance(wanted, (list, tuple, set, frozenset)) and not _has(dimension, wanted)
            values = list(wanted) if several else [wanted]
            for value in values:
                if not _has(dimension, value):
                    raise ValueError(f"Space: {name} depends on {parent}={value!r}, which must be a value of {parent}")
            if not values:
                raise ValueError(f"Space: {name} depends on {parent}, which needs at least one value")
            resolved[parent] = [dimension.decode(dimension.encode(value)) for value in values]
        return resolved

    def _sort(self) -> list[str]:
        """Names in the order of sklearn's ParameterGrid (alphabetical), but every parent before its children."""
        order: list[str] = []
        while len(order) < len(self.dimensions):
            ready = [n for n in sorted(self.dimensions) if n not in order and all(p in order for p in self._parents[n])]
            if not ready:
                circle = [name for name in self.dimensions if name not in order]
                raise ValueError(f"Space: the conditions of {circle} form a circle; each must lead to a free dimension")
            order.append(ready[0])
        return order

    def __len__(self) -> int:
        return len(self.dimensions)

    def __iter__(self) -> Iterator[str]:
        return iter(self.dimensions)

    def __getitem__(self, name: str) -> Dimension:
        return self.dimensions[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and list(self.dimensions.items()) == list(other.dimensions.items())

    __hash__ = None

    def __repr__(self) -> str:
        def one(name: str, dimension: Dimension) -> str:
            when = ", ".join(f"{parent}={wanted!r}" for parent, wanted in dimension.condition.items())
            return f"{name}={dimension!r}" + (f".when({when})" if when else "")

        return f"Space({', '.join(one(name, dimension) for name, dimension in self.dimensions.items())})"

    @cached_property
    def conditional(self) -> bool:
        """Whether any dimension has a condition."""
        return any(self._parents.values())

    def _is_active(self, name: str, params: Mapping[str, Any]) -> bool:
        return all(
            parent in params and any(_same(params[parent], value) or _equal(params[parent], value) for value in wanted)
            for parent, wanted in self._parents[name].items()
        )

    def active(self, params: Mapping[str, Any]) -> np.ndarray:
        """Which dimensions are active under `params`: ndarray of bool, shape (n_dims,)."""
        return np.array([self._is_active(name, params) for name in self.dimensions])

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise a ValueError that says what is wrong, unless `params` is a point of this space."""
        if not isinstance(params, Mapping):
            raise TypeError(f"Space: params={params!r} must be a mapping from names to values")
        for name in params:
            if name not in self.dimensions:
                raise ValueError(f"Space: the params name {name!r}, which must be one of {list(self.dimensions)}")
        for name, dimension in self.dimensions.items():
            if self._is_active(name, params):
                if name not in params:
                    raise ValueError(f"Space: the params {dict(params)} lack a value for {name}")
                try:
                    dimension.encode(params[name])
                except (TypeError, ValueError) as error:
                    raise ValueError(f"{name}: {error}") from None
            elif name in params:
                raise ValueError(f"Space: {name} is inactive under {dict(params)} and must be absent from it")

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Whether `params` is a point of this space: every active dimension has a value of its own, and nothing else."""
        try:
            self.check(params)
        except (TypeError, ValueError):
            return False
        return True

    def encode(self, params: Mapping[str, Any]) -> np.ndarray:
        """Point of the unit cube, shape (n_dims,), that stands for `params`; inactive coordinates are 0.5."""
        self.check(params)
        return np.array([d.encode(params[name]) if name in params else 0.5 for name, d in self.dimensions.items()])

    def decode(self, u: Any) -> Params:
        """The params at the point `u` of the unit cube, array-like of shape (n_dims,)."""
        u = np.asarray(u, float)
        if u.shape != (len(self),):
            raise ValueError(f"Space: the point of shape {u.shape} must have shape ({len(self)},)")
        coordinates = dict(zip(self.dimensions, u.tolist(), strict=True))
        if not self.conditional:
            return {name: dimension.decode(coordinates[name]) for name, dimension in self.dimensions.items()}
        params: Params = {}
        for name in self._order:
            if self._is_active(name, params):
                params[name] = self.dimensions[name].decode(coordinates[name])
        return {name: params[name] for name in self.dimensions if name in params}

    def snap(self, points: np.ndarray) -> np.ndarray:
        """Vectorised encode(decode(u)) up to conditions: each coordinate moved to the value the objective will see.

        `points` and the result have shape (n_points, n_dims), in the unit cube.
        """
        points = np.asarray(points, float)
        return np.column_stack([d.snap(points[:, i]) for i, d in enumerate(self.dimensions.values())])

    def sample(self, rng: np.random.Generator) -> Params:
        """Draw params uniformly over the unit cube: evenly over values, or over orders of magnitude where log."""
        return self.decode(rng.random(len(self)))

    @cached_property
    def size(self) -> float:
        """Number of distinct combinations: an int, or `math.inf` where an active dimension is continuous."""
        if any(dimension.size == math.inf for dimension in self.dimensions.values()):
            return math.inf
        return self.grid().size

    def grid(self, resolution: int | Mapping[str, int] | None = None) -> Grid:
        """The combinations of all values, as a `Grid` that computes number i on demand."""
        return Grid(self, resolution)

    def to_json(self, params: Mapping[str, Any]) -> str:
        """Params as JSON text, a choice by its index, so that `from_json` gives back the very same objects."""
        self.check(params)
        return json.dumps({name: self._plain(name, value) for name, value in params.items()})

    def _plain(self, name: str, value: Any) -> Any:
        dimension = self.dimensions[name]
        if isinstance(dimension, Categorical):
            return dimension.index(value)
        return int(value) if isinstance(dimension, Int) else float(value)

    def from_json(self, text: str) -> Params:
        """The params that `to_json` wrote. Raises ValueError if they are not of this space."""
        params = json.loads(text)
        for name, value in params.items():
            dimension = self.dimensions.get(name)
            if isinstance(dimension, Categorical):
                if not isinstance(value, int) or not 0 <= value < dimension.size:
                    raise ValueError(f"Space: the choice number {value!r} of {name} must be below {dimension.size}")
                params[name] = dimension.choices[value]
        self.check(params)
        return params


def _dimension(name: Any, given: Any) -> Dimension:
    if not isinstance(name, str) or not name:
        raise TypeError(f"Space: the name {name!r} must be a string that is not empty")
    if isinstance(given, Dimension):
        return given
    if isinstance(given, (list, tuple, range, np.ndarray)):
        try:
            return Categorical(given)  # type: ignore[arg-type]
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    raise TypeError(f"Space: {name}={given!r} must be a Float, an Int, a Categorical or a list of choices")


def _has(dimension: Dimension, value: Any) -> bool:
    try:
        dimension.encode(value)
    except (TypeError, ValueError):
        return False
    return True


class Grid:
    """The distinct combinations of a space's values, in the order of scikit-learn's `ParameterGrid`.

    Names go in alphabetical order (a parent before its children), and the last one varies fastest. A combination is
    computed from its number by counting, never listed: `grid[i]` costs as much on 10^12 combinations as on ten.

    Parameters
    ----------
    space : Space
    resolution : int or mapping from names to int, optional
        How many values to take of a dimension that has more, evenly spread on the unit interval, both ends included.
        A continuous dimension needs one.
    """

    def __init__(self, space: Space, resolution: int | Mapping[str, int] | None = None) -> None:
        if isinstance(resolution, Mapping):
            for name in resolution:
                if name not in space.dimensions:
                    raise ValueError(f"GridSearch: resolution names {name!r}, which must be one of {list(space)}")
        self.space, self._names = space, space._order
        self._values: list[list[Any]] = []
        for name in self._names:
            n = resolution.get(name) if isinstance(resolution, Mapping) else resolution
            if n is not None and (_integer("GridSearch", f"resolution of {name}", n) < 1):
                raise ValueError(f"GridSearch: resolution={n} of {name} must be at least 1")
            if n is None and space[name].size == math.inf:
                raise ValueError(f"GridSearch: {name} is continuous; give it a step, or a resolution: {{{name!r}: 10}}")
            self._values.append(space[name].values(n))
        parents = {parent for conditions in space._parents.values() for parent in conditions}
        self._is_parent = [name in parents for name in self._names]
        self._count = lru_cache(maxsize=None)(self._count_from)

    def _count_from(self, k: int, chosen: tuple[tuple[str, int], ...]) -> int:
        """Number of ways to go on from dimension k, given the index of each active parent's value before it."""
        if k == len(self._names):
            return 1
        if not self.space._is_active(self._names[k], self._params(chosen)):
            return self._count(k + 1, chosen)
        if not self._is_parent[k]:
            return len(self._values[k]) * self._count(k + 1, chosen)
        return sum(self._count(k + 1, (*chosen, (self._names[k], i))) for i in range(len(self._values[k])))

    def _params(self, chosen: tuple[tuple[str, int], ...]) -> Params:
        return {name: self._values[self._names.index(name)][i] for name, i in chosen}

    @property
    def size(self) -> int:
        """Number of combinations."""
        return self._count(0, ())

    def __getitem__(self, number: int) -> Params:
        if not 0 <= number < self.size:
            raise IndexError(f"Grid: number {number} must be between 0 and {self.size - 1}")
        rest = number
        params: Params = {}
        chosen: tuple[tuple[str, int], ...] = ()
        for k, name in enumerate(self._names):
            if not self.space._is_active(name, params):
                continue
            if self._is_parent[k]:
                index = 0
                while rest >= (below := self._count(k + 1, (*chosen, (name, index)))):
                    rest, index = rest - below, index + 1
                chosen = (*chosen, (name, index))
            else:
                index, rest = divmod(rest, self._count(k + 1, chosen))
            params[name] = self._values[k][index]
        return {name: params[name] for name in self.space.dimensions if name in params}
