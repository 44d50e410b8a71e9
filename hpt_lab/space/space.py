"""The search space: its hyperparameters, and the values each may take.

A strategy works in the unit cube, where all dimensions have the same length and a logarithmic scale becomes linear; the
objective gets plain Python values.

    encode : params -> u in [0, 1]^d        decode : u in [0, 1]^d -> params        decode(encode(params)) == params

The last equation holds for all params that `decode` returns (it rounds a `Float`). A dimension with a condition, such
as `.when(kernel="rbf")`, is *active* only where the condition holds: elsewhere it is absent from the params, and its
coordinate is 0.5. Chapters 1 and 2.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hpt_lab.space.bins import Dimension, in_order, resolve
from hpt_lab.space.choices import Categorical
from hpt_lab.space.cube import Cube
from hpt_lab.space.numeric import Float, Int
from hpt_lab.values import checks
from hpt_lab.values.checks import instance, is_number, short
from hpt_lab.values.display import html_table, shown
from hpt_lab.values.frozen import FrozenDict

__all__ = ["Categorical", "Dimension", "Float", "Int", "Params", "Space"]

if TYPE_CHECKING:
    from hpt_lab.space.grid import Grid

Params = dict[str, Any]


class Space:
    """A search space: named dimensions, some of them conditional on others.

    Raises ValueError if there is no dimension, or if a condition names an unknown parent, or a value that the parent
    does not have, or leads back to itself; and TypeError if a dimension is neither of the three types nor a list.

    Parameters
    ----------
    dimensions : mapping or keywords, name -> `Float`, `Int` or `Categorical`; a plain list is a `Categorical`

    Attributes
    ----------
    dimensions : mapping from names to Dimension
    order : tuple of str, the names in alphabetical order, except that every parent comes before its children
    parents : mapping from names to tuples of names, the parents that each dimension's condition names; most have none

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
            raise TypeError(f"Space: {short(dimensions)} must be a mapping from names to dimensions")
        named = {**(dimensions or {}), **more}
        if not named:
            raise ValueError("Space: needs at least one dimension, as in Space(C=Float(0.1, 10))")
        if len(named) < len(dimensions or {}) + len(more):
            raise ValueError(f"Space: {[name for name in more if name in (dimensions or {})]} must be given once")
        self._take(named)

    def _take(self, named: Mapping[str, Any]) -> None:
        self.dimensions: Mapping[str, Dimension] = FrozenDict((name, _dimension(name, d)) for name, d in named.items())
        self._conditions = resolve(self.dimensions)
        parents = {name: tuple(conditions) for name, conditions in self._conditions.items()}
        self.parents: Mapping[str, tuple[str, ...]] = FrozenDict(parents)
        self.order = in_order(self._conditions)

    @classmethod
    def empty(cls) -> Space:
        """Return the space of a define-by-run search before its first trial has asked for anything: it holds only `{}`."""
        space = object.__new__(cls)
        space._take({})
        return space

    def __len__(self) -> int:
        return len(self.dimensions)

    def __iter__(self) -> Iterator[str]:
        return iter(self.dimensions)

    def __getitem__(self, name: str) -> Dimension:
        return self.dimensions[name]

    def __eq__(self, other: object) -> bool:
        """Return True if names, order, values and conditions are the same, however they were written."""
        if not isinstance(other, Space) or list(self) != list(other) or self._conditions != other._conditions:
            return False
        return all(dimension.is_like(other[name]) for name, dimension in self.dimensions.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        def one(name: str, dimension: Dimension) -> str:
            when = ", ".join(f"{parent}={wanted!r}" for parent, wanted in dimension.condition.items())
            return f"{name}={dimension!r}" + (f".when({when})" if when else "")

        return f"Space({', '.join(one(name, dimension) for name, dimension in self.dimensions.items())})"

    def _repr_html_(self) -> str:
        n = len(self)
        more = "" if n <= MOST_ROWS else f", the first {MOST_ROWS}"
        rows = table_rows(self)[:MOST_ROWS]
        return html_table(f"Space of {n} hyperparameter{'s' if n > 1 else ''}{more}", HEADS, rows)

    @cached_property
    def conditional(self) -> bool:
        """True if any dimension has a condition."""
        return any(self._conditions.values())

    def _is_active(self, name: str, params: Mapping[str, Any]) -> bool:
        conditions = self._conditions[name].items()
        return all(one in params and self.dimensions[one].key(params[one]) in wanted for one, wanted in conditions)

    def active(self, params: Mapping[str, Any]) -> np.ndarray:
        """Return an ndarray of bool, shape (n_dims,): which dimensions are active under `params`."""
        _check_mapping(params)
        return np.array([self._is_active(name, params) for name in self.dimensions])

    def check(self, params: Mapping[str, Any]) -> Params:
        """Return `params` as plain Python values, in the space's order. Raises TypeError if they are not a mapping.

        Raises ValueError if a name is unknown, missing, or inactive under them, or a value does not belong to its dimension.
        """
        _check_mapping(params)
        for name in params:
            if name not in self.dimensions:
                names = short(list(self.dimensions))
                raise ValueError(f"Space: the param {short(name)} is unknown; it must be one of {names}")
        checked: Params = {}
        for name in self.order if self.conditional else self.dimensions:
            if not self._conditions[name] or self._is_active(name, checked):
                if name not in params:
                    raise ValueError(f"Space: the params {short(dict(params))} must have a value for {name}")
                try:
                    checked[name] = self.dimensions[name].check(params[name])
                except (TypeError, ValueError) as error:
                    raise ValueError(f"{name}: {error}") from None
            elif name in params:
                raise ValueError(f"Space: {name} is inactive under {short(dict(params))} and must be absent from it")
        return self._arrange(checked) if self.conditional else checked

    def _arrange(self, params: Params) -> Params:
        """Return the same params in the order of the dimensions."""
        return {name: params[name] for name in self.dimensions if name in params}

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Return True if `params` is a point of this space: a valid value for each active dimension, and nothing else."""
        try:
            self.check(params)
        except (TypeError, ValueError):
            return False
        return True

    def key(self, params: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what identifies params of this space: the `Dimension.key` of each value, or None if it is inactive."""
        _check_mapping(params)
        return tuple([d.key(params[name]) if name in params else None for name, d in self.dimensions.items()])

    def encode(self, params: Mapping[str, Any]) -> np.ndarray:
        """Return the point of the unit cube, shape (n_dims,), that represents `params`; inactive coordinates are 0.5."""
        return self.place(self.check(params))

    def place(self, params: Mapping[str, Any]) -> np.ndarray:
        """Return the point of params that need no check, such as those of a trial: `encode` without the check."""
        return np.array([d.encode(params[name]) if name in params else 0.5 for name, d in self.dimensions.items()])

    def decode(self, u: Any) -> Params:
        """Return the params at the point `u` of the unit cube, an array-like of shape (n_dims,)."""
        u = checks.array("Space: u", u)
        if u.shape != (len(self),):
            raise ValueError(f"Space: the point of shape {u.shape} must have shape ({len(self)},)")
        coordinates, params = dict(zip(self.dimensions, u.tolist(), strict=True)), dict[str, Any]()
        for name in self.order if self.conditional else self.dimensions:
            if not self._conditions[name] or self._is_active(name, params):
                params[name] = self.dimensions[name].decode(coordinates[name])
        return self._arrange(params) if self.conditional else params

    def sample(self, rng: np.random.Generator) -> Params:
        """Draw params uniformly over the unit cube: evenly over values, or over orders of magnitude with `log`."""
        return self.decode(checks.generator("Space.sample: rng", rng).random(len(self)))

    @cached_property
    def cube(self) -> Cube:
        """The unit cube with unchecked points, for strategies, which draw their own."""
        return Cube(self.dimensions, self._conditions, self.order)

    def settle(self, points: np.ndarray) -> np.ndarray:
        """Return points, (n_points, n_dims), moved to the values to be tried, to 6 decimals; inactive coordinates are 0.5."""
        return self.cube.settle(checks.cube("Space.settle: points", points, len(self)))

    @cached_property
    def size(self) -> float:
        """The number of distinct combinations: an int, or `math.inf` if a dimension is continuous."""
        if any(dimension.is_continuous for dimension in self.dimensions.values()):
            return math.inf
        return self.grid().size

    def grid(self, resolution: int | Mapping[str, int] | None = None) -> Grid:
        """Return the combinations of all values, as a `Grid` that computes each one on demand.

        >>> Space(x=Float(0, 1), kernel=["linear", "rbf"]).grid(resolution=3)[0]
        {'x': 0.0, 'kernel': 'linear'}
        """
        from hpt_lab.space.grid import Grid

        return Grid(self.dimensions, self._conditions, resolution)

    def to_json(self, params: Mapping[str, Any]) -> str:
        """Return params as JSON, each choice by its index, so that `from_json` returns the very same objects."""
        plain = self.check(params)
        for name, value in plain.items():
            dimension = self.dimensions[name]
            if isinstance(dimension, Categorical):
                plain[name] = dimension.index(value)
        return json.dumps(plain)

    def from_json(self, text: str) -> Params:
        """Return the params that `to_json` wrote. Raises ValueError, naming the field, if they are not of this space."""
        instance("Space: text", text, (str, bytes, bytearray), "a string that to_json wrote")
        try:
            params = json.loads(text, object_pairs_hook=checks.named_once)
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            raise ValueError(f"Space: text={short(text)} must be JSON, as to_json writes it") from None
        if not isinstance(params, dict):
            raise ValueError(f"Space: text={short(text)} must hold a dict of params, as to_json writes it")
        for name, value in params.items():
            dimension = self.dimensions.get(name)
            if isinstance(dimension, Categorical):
                if type(value) is not int or not 0 <= value < dimension.size:
                    must = f"must be an integer from 0 to {dimension.size - 1}"
                    raise ValueError(f"Space: the choice number {short(value)} of {name} {must}")
                params[name] = dimension.at(value)
        return self.check(params)

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return the space in JSON's types (see `hpt_lab.space.description`). Equal spaces have equal descriptions.

        >>> Space(n=Int(1, 9)).describe()
        {'n': {'type': 'Int', 'low': 1, 'high': 9, 'log': False, 'step': None, 'when': {}}}
        """
        from hpt_lab.space.description import described

        return {name: described(dimension, self._conditions[name]) for name, dimension in self.dimensions.items()}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Space:
        """Return the space of a description. Raises ValueError, naming the field, if it is wrong or a choice is not JSON's.

        >>> space = Space(kernel=["linear", "rbf"], gamma=Float(1e-4, 10, log=True).when(kernel="rbf"))
        >>> Space.from_description(space.describe()) == space
        True
        """
        from hpt_lab.space.description import read

        return cls(read(description))


def _check_mapping(params: Any) -> None:
    instance("Space: params", params, Mapping, "a mapping from names to values")


def _dimension(name: Any, value: Any) -> Dimension:
    if not isinstance(name, str) or not name:
        raise TypeError(f"Space: the name {short(name)} must be a string that is not empty")
    if isinstance(value, Dimension):
        return value
    if isinstance(value, tuple) and len(value) == 2 and all(map(is_number, value)):
        (a, b), kind = value, "Int" if all(isinstance(bound, (int, np.integer)) for bound in value) else "Float"
        what = f"looks like a range: give {kind}({a}, {b}), or a list of choices [{a}, {b}]"
        raise ValueError(f"Space: {name}={value!r} {what}")
    if isinstance(value, (list, tuple, range, np.ndarray)):
        try:
            return Categorical(value)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: {error}") from None
    raise TypeError(f"Space: {name}={short(value)} must be a Float, an Int, a Categorical or a list of choices")


HEADS = ("hyperparameter", "type", "values", "only where")
MOST_ROWS = 50  # rows in a notebook


def table_rows(space: Space, say: Callable[..., str] = str.format) -> list[tuple[str, str, str, str]]:
    """Return the name, type, values and condition of each dimension. `say` may translate the words."""
    listed = []
    for name, one in space.describe().items():
        if one["type"] == "Categorical":
            values = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in one["choices"])
        else:
            step = "" if one["step"] is None else ", step {step}"
            message = f"{{low}} to {{high}}{', log' if one['log'] else ''}{step}"
            values = say(message, **{key: shown(one[key]) for key in ("low", "high", "step")})
        where = []
        for parent, keys in one["when"].items():
            wanted = keys if space[parent].is_continuous else [space[parent].at(key) for key in keys]
            where.append(say("{parent} is {values}", parent=parent, values=say(" or ").join(map(shown, wanted))))
        listed.append((name, one["type"], values, say(" and ").join(where)))
    return listed
