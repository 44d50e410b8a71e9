"""The search space: which hyperparameters there are, and which values each may take.

A strategy thinks in the unit cube, where all dimensions have the same length and a logarithmic one is straight, while
the objective gets plain Python values.

    encode : params -> u in [0, 1]^d        decode : u in [0, 1]^d -> params        decode(encode(params)) == params

The last holds for all params that `decode` gives (a `Float` is rounded there).

A dimension with a condition (`.when(kernel="rbf")`) is *active* only where the condition holds: elsewhere it is absent
from the params, and its coordinate is 0.5.

Chapter 1 defines the terms; chapter 2 counts the combinations.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from hpt_lab.space.dimensions import Categorical, Dimension, Float, Int, positive

__all__ = ["Categorical", "Dimension", "Float", "Grid", "Int", "Params", "Space"]

Params = dict[str, Any]


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
        if len(named) < len(dimensions or {}) + len(more):
            raise ValueError(f"Space: {[name for name in more if name in (dimensions or {})]} must be given once")
        self.dimensions: dict[str, Dimension] = {name: _dimension(name, given) for name, given in named.items()}
        self._parents = {name: self._resolve(name) for name in self.dimensions}
        self._order = self._sort()

    def _resolve(self, name: str) -> dict[str, set[float]]:
        """The condition of one dimension, checked: parent -> coordinates of the values under which it is active."""
        resolved = {}
        for parent, wanted in self.dimensions[name].condition.items():
            if parent not in self.dimensions:
                raise ValueError(f"Space: {name} depends on {parent!r}, which must be one of {list(self.dimensions)}")
            dimension = self.dimensions[parent]
            several = isinstance(wanted, (list, tuple, set, frozenset, range)) and not _has(dimension, wanted)
            values = list(wanted) if several else [wanted]
            if not values:
                raise ValueError(f"Space: {name} depends on {parent}={wanted!r}, which must hold at least one value")
            for value in values:
                if not _has(dimension, value):
                    raise ValueError(f"Space: {name} depends on {parent}={value!r}, which must be a value of {parent}")
            resolved[parent] = {dimension.encode(value) for value in values}
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

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        def one(name: str, dimension: Dimension) -> str:
            when = ", ".join(f"{parent}={wanted!r}" for parent, wanted in dimension.condition.items())
            return f"{name}={dimension!r}" + (f".when({when})" if when else "")

        return f"Space({', '.join(one(name, dimension) for name, dimension in self.dimensions.items())})"

    @property
    def order(self) -> list[str]:
        """The names, every parent before its children, otherwise in alphabetical order."""
        return list(self._order)

    @property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """The names of the dimensions that each dimension's condition is on; most have none."""
        return {name: tuple(parents) for name, parents in self._parents.items()}

    @cached_property
    def conditional(self) -> bool:
        """Whether any dimension has a condition."""
        return any(self._parents.values())

    def _meets(self, name: str, parent: str, value: Any) -> bool:
        """Whether `name` may be active where its `parent` has this value."""
        return self.dimensions[parent].encode(value) in self._parents[name][parent]

    def _is_active(self, name: str, params: Mapping[str, Any]) -> bool:
        parents = self._parents[name]
        return not parents or all(p in params and self._meets(name, p, params[p]) for p in parents)

    def active(self, params: Mapping[str, Any]) -> np.ndarray:
        """Which dimensions are active under `params`: ndarray of bool, shape (n_dims,)."""
        return np.array([self._is_active(name, params) for name in self.dimensions])

    def check(self, params: Mapping[str, Any]) -> Params:
        """`params` as plain Python values, in the space's order. Raises if they are not a point of this space.

        Raises
        ------
        TypeError
            If `params` is not a mapping.
        ValueError
            If a name is unknown, missing, or inactive under these params, or if a value is not one of its dimension.
        """
        if not isinstance(params, Mapping):
            raise TypeError(f"Space: params={params!r} must be a mapping from names to values")
        for name in params:
            if name not in self.dimensions:
                raise ValueError(f"Space: the params name {name!r}, which must be one of {list(self.dimensions)}")
        checked: Params = {}
        for name in self._order if self.conditional else self.dimensions:
            if self._is_active(name, checked):
                if name not in params:
                    raise ValueError(f"Space: the params {dict(params)} must have a value for {name}")
                try:
                    checked[name] = self.dimensions[name].check(params[name])
                except (TypeError, ValueError) as error:
                    raise ValueError(f"{name}: {error}") from None
            elif name in params:
                raise ValueError(f"Space: {name} is inactive under {dict(params)} and must be absent from it")
        return self._arrange(checked) if self.conditional else checked

    def _arrange(self, params: Params) -> Params:
        """The same params in the order of the dimensions."""
        return {name: params[name] for name in self.dimensions if name in params}

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Whether `params` is a point of this space: every active dimension has one of its values, and nothing else."""
        try:
            self.check(params)
        except (TypeError, ValueError):
            return False
        return True

    def encode(self, params: Mapping[str, Any]) -> np.ndarray:
        """Point of the unit cube, shape (n_dims,), that stands for `params`; inactive coordinates are 0.5."""
        params = self.check(params)
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
        return self._arrange(params)

    def snap(self, points: np.ndarray) -> np.ndarray:
        """Vectorised encode(decode(u)) up to conditions: each coordinate moved to the value the objective will see.

        `points` and the result have shape (n_points, n_dims), in the unit cube.
        """
        points = np.asarray(points, float)
        return np.column_stack([d.snap(points[:, i]) for i, d in enumerate(self.dimensions.values())])

    def activity(self, points: np.ndarray) -> np.ndarray:
        """Which dimensions are active at each of the `points` of the unit cube: bool, both of shape (n, n_dims)."""
        if not self.conditional:
            return np.ones(points.shape, bool)
        names = list(self)
        parents = [i for i, name in enumerate(names) if any(name in above for above in self._parents.values())]
        combinations, which = np.unique(np.round(self.snap(points)[:, parents], 6), axis=0, return_inverse=True)
        corners = np.full((len(combinations), len(self)), 0.5)
        corners[:, parents] = combinations
        return np.array([self.active(self.decode(u)) for u in corners])[which.reshape(-1)]

    def settle(self, points: np.ndarray) -> np.ndarray:
        """The points moved to the values that the objective will see, to 6 decimals, with inactive coordinates at 0.5."""
        return np.round(np.where(self.activity(points), self.snap(points), 0.5), 6)

    def sample(self, rng: np.random.Generator) -> Params:
        """Draw params uniformly over the unit cube: evenly over values, or over orders of magnitude where log."""
        return self.decode(rng.random(len(self)))

    @cached_property
    def size(self) -> float:
        """Number of distinct combinations: an int, or `math.inf` where a dimension is continuous."""
        if any(dimension.size == math.inf for dimension in self.dimensions.values()):
            return math.inf
        return self.grid().size

    def grid(self, resolution: int | Mapping[str, int] | None = None) -> Grid:
        """The combinations of all values, as a `Grid` that computes number i on demand."""
        return Grid(self, resolution)

    def to_json(self, params: Mapping[str, Any]) -> str:
        """Params as JSON text, a choice by its index, so that `from_json` gives back the very same objects."""
        plain = self.check(params)
        for name, value in plain.items():
            dimension = self.dimensions[name]
            if isinstance(dimension, Categorical):
                plain[name] = dimension.index(value)
        return json.dumps(plain)

    def from_json(self, text: str) -> Params:
        """The params that `to_json` wrote. Raises ValueError if they are not of this space."""
        params = json.loads(text)
        for name, value in params.items():
            dimension = self.dimensions.get(name)
            if isinstance(dimension, Categorical):
                if not isinstance(value, int) or not 0 <= value < dimension.size:
                    raise ValueError(f"Space: the choice number {value!r} of {name} must be below {dimension.size}")
                params[name] = dimension.at(value)
        return self.check(params)


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
        dimension.check(value)
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
        A continuous dimension needs one; a `Categorical` always gives all its choices.
    """

    def __init__(self, space: Space, resolution: int | Mapping[str, int] | None = None) -> None:
        if isinstance(resolution, Mapping):
            for name in resolution:
                if name not in space.dimensions:
                    raise ValueError(f"GridSearch: resolution names {name!r}, which must be one of {list(space)}")
                if isinstance(space[name], Categorical):
                    raise ValueError(
                        f"GridSearch: resolution names {name}, which must not be a Categorical: a grid takes all choices"
                    )
        self.space, self._names = space, space._order
        self._values = []
        for name in self._names:
            n = resolution.get(name) if isinstance(resolution, Mapping) else resolution
            what = "GridSearch: resolution" + (f" of {name}" if isinstance(resolution, Mapping) else "")
            n = None if n is None else positive(what, n)
            if n is None and space[name].size == math.inf:
                raise ValueError(f"GridSearch: {name} is continuous; give it a step, or a resolution: {{{name!r}: 10}}")
            self._values.append(_Values(space[name], n))
        self._runs = [self._find_runs(name, values) for name, values in zip(self._names, self._values, strict=True)]
        self._counts: dict[tuple[int, frozenset[str]], int] = {}

    def _find_runs(self, name: str, values: _Values) -> list[tuple[int, frozenset[str]]]:
        """Values of one dimension in order, as (how many in a row, the children that they make inactive)."""
        children = [child for child in self._names if name in self.space._parents[child]]
        if not children:
            return [(len(values), frozenset())]
        every = map(values.__getitem__, range(len(values)))
        closed = (frozenset(c for c in children if not self.space._meets(c, name, value)) for value in every)
        return [(len(list(run)), inactive) for inactive, run in groupby(closed)]

    def _branches(self, k: int, inactive: frozenset[str]) -> list[tuple[int, frozenset[str]]]:
        """Ways to go on from dimension k: (number of values, names after k that are inactive under them)."""
        name = self._names[k]
        if name in inactive:
            return [(1, inactive.union(child for child in self._names if name in self.space._parents[child]) - {name})]
        return [(n, inactive | closed) for n, closed in self._runs[k]]

    def _count(self, k: int, inactive: frozenset[str]) -> int:
        """Number of combinations of the dimensions from k on."""
        if k == len(self._names):
            return 1
        if (k, inactive) not in self._counts:
            total = sum(n * self._count(k + 1, after) for n, after in self._branches(k, inactive))
            self._counts[k, inactive] = total
        return self._counts[k, inactive]

    @property
    def size(self) -> int:
        """Number of combinations."""
        return self._count(0, frozenset())

    def __getitem__(self, number: int) -> Params:
        if not 0 <= number < self.size:
            raise IndexError(f"Grid: number {number} must be between 0 and {self.size - 1}")
        params: Params = {}
        inactive: frozenset[str] = frozenset()
        for k, name in enumerate(self._names):
            first = 0
            for n, after in self._branches(k, inactive):
                below = self._count(k + 1, after)
                if number < n * below:
                    break
                number, first = number - n * below, first + n
            if name not in inactive:
                index, number = divmod(number, below)
                params[name] = self._values[k][first + index]
            inactive = after
        return self.space._arrange(params)


class _Values:
    """What a grid takes of one dimension; all of its values cost no memory."""

    def __init__(self, dimension: Dimension, resolution: int | None) -> None:
        every = resolution is None or dimension.size <= resolution
        self._some = None if every else dimension.values(resolution)
        self._dimension = dimension

    def __len__(self) -> int:
        return self._dimension.size if self._some is None else len(self._some)

    def __getitem__(self, index: int) -> Any:
        return self._dimension.at(index) if self._some is None else self._some[index]
