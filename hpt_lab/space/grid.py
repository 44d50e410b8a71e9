"""The combinations of a space's values, by number: counted, never listed.

A parent makes some dimensions after it inactive, so the combinations are not a plain product. But once all dimensions
up to k have their values, the others fall into *pieces* that no condition links, and

    count(rest)  = product over pieces of count(piece)
    count(piece) = sum over values of its first dimension of the product over the pieces that its rest falls into

Consecutive values that make the same children inactive are counted together, however many they are. Chapter 2.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from hpt_lab.space.bins import Conditions, Dimension, children, in_order
from hpt_lab.values.checks import instance, integer, positive, short

Closed = frozenset[int]  # positions, in the order of the grid, of dimensions that are inactive


class Grid:
    """The distinct combinations of a space's values, in the order of scikit-learn's `ParameterGrid`.

    Names are in alphabetical order (a parent before its children), and the last one varies fastest. `grid[i]` costs as
    much with 10^12 combinations as with ten. Raises TypeError or ValueError if an argument is wrong.

    Parameters
    ----------
    dimensions : mapping from names to Dimension
    conditions : mapping, the conditions of the dimensions: see `conditions.resolve`
    resolution : int or mapping from names to int, optional
        How many values to take from a dimension that has more, evenly spread on the unit interval, both ends included.
        A continuous dimension needs a resolution; a `Categorical` always contributes all its choices.
    """

    def __init__(
        self,
        dimensions: Mapping[str, Dimension],
        conditions: Conditions,
        resolution: int | Mapping[str, int] | None = None,
    ) -> None:
        instance("Grid: dimensions", dimensions, Mapping, "a mapping; ask a space for its grid()")
        _check_names(dimensions, resolution)
        self._dimensions, self._order = dimensions, in_order(conditions)
        self._keys = [_keys(name, dimensions[name], resolution) for name in self._order]
        place = {name: k for k, name in enumerate(self._order)}
        below = children(conditions)
        self._children = [frozenset(place[child] for child in below[name]) for name in self._order]
        wanted = [{place[child]: conditions[child][name] for child in below[name]} for name in self._order]
        self._runs = [_runs(keys, of) for keys, of in zip(self._keys, wanted, strict=True)]
        self._link()
        self._count()

    def _link(self) -> None:
        """Record the pieces into which the dimensions after k fall, each by its first one, in `_pieces[k]`; all of them in [-1]."""
        n_dims = len(self._order)
        self._above = [-1] * n_dims  # the place whose piece a piece is cut from
        nearest = list(range(n_dims))  # a place on the way to the first one of its piece so far

        def first(k: int) -> int:
            while nearest[k] != k:
                nearest[k] = k = nearest[nearest[k]]
            return k

        for k in reversed(range(n_dims)):
            for child in self._children[k]:
                if (piece := first(child)) != k:
                    self._above[piece] = nearest[piece] = k
        self._pieces: dict[int, list[int]] = {k: [] for k in range(-1, n_dims)}
        for k, above in enumerate(self._above):
            self._pieces[above].append(k)

    def _count(self) -> None:
        """Record what may follow in each piece, from the first dimension to the last; then count the ways, from the last.

        A branch is a number of consecutive values, and what is then inactive in each of the next pieces.
        """
        n_dims = len(self._order)
        self._known: dict[Closed, Closed] = {}
        self._branches: list[dict[Closed, list[tuple[int, tuple[Closed, ...]]]]] = [{} for _ in range(n_dims)]
        reached: list[set[Closed]] = [set() for _ in range(n_dims)]
        for k in self._pieces[-1]:
            reached[k].add(frozenset())
        for k in range(n_dims):
            for closed in reached[k]:
                # without a value, it makes its children inactive
                runs = [(1, self._children[k])] if k in closed else self._runs[k]
                self._branches[k][closed] = [(n, self._split(k, (closed | more) - {k})) for n, more in runs]
                for _, states in self._branches[k][closed]:
                    for piece, state in zip(self._pieces[k], states, strict=True):
                        reached[piece].add(state)
        self._counts: list[dict[Closed, int]] = [{} for _ in range(n_dims)]
        self._ways: dict[tuple[int, Closed], list[int]] = {}
        for k in reversed(range(n_dims)):
            for closed, branches in self._branches[k].items():
                counts = [self._counts[piece] for piece in self._pieces[k]]
                ways = [math.prod(c[one] for c, one in zip(counts, states, strict=True)) for _, states in branches]
                self._ways[k, closed] = ways
                self._counts[k][closed] = sum(n * below for (n, _), below in zip(branches, ways, strict=True))
        self._size = math.prod(self._counts[k][frozenset()] for k in self._pieces[-1])

    def _split(self, k: int, closed: Closed) -> tuple[Closed, ...]:
        """Return `closed`, for each of the pieces that dimension k leaves."""
        of_piece: dict[int, list[int]] = defaultdict(list)
        for place in closed:
            piece = place
            while self._above[piece] > k:
                piece = self._above[piece]
            of_piece[piece].append(place)
        states = (frozenset(of_piece.get(piece, ())) for piece in self._pieces[k])
        return tuple(self._known.setdefault(state, state) for state in states)  # one object for equal states

    @property
    def size(self) -> int:
        """The number of combinations."""
        return self._size

    def __getitem__(self, number: int) -> dict[str, Any]:
        number = integer("Grid: number", number)
        if not 0 <= number < self.size:
            raise IndexError(f"Grid: number {short(number)} must be between 0 and {short(self.size - 1)}")
        params: dict[str, Any] = {}
        states: dict[int, Closed] = dict.fromkeys(self._pieces[-1], frozenset())
        ways = self.size  # to complete all pieces that are begun and not ended
        for k, name in enumerate(self._order):
            closed = states.pop(k)
            elsewhere, first = ways // self._counts[k][closed], 0
            for (n, opened), below in zip(self._branches[k][closed], self._ways[k, closed], strict=True):
                ways = elsewhere * below
                if number < n * ways:
                    states.update(zip(self._pieces[k], opened, strict=True))
                    break
                number, first = number - n * ways, first + n
            if k not in closed:
                index, number = divmod(number, ways)
                key = self._keys[k][first + index]
                dimension = self._dimensions[name]
                params[name] = key if dimension.is_continuous else dimension.at(key)
        return {name: params[name] for name in self._dimensions if name in params}

    def __repr__(self) -> str:
        return f"Grid({short(list(self._order))}, {short(self.size)} combinations)"


def _check_names(dimensions: Mapping[str, Dimension], resolution: Any) -> None:
    for name in resolution if isinstance(resolution, Mapping) else ():
        if name not in dimensions:
            names = short(list(dimensions))
            raise ValueError(f"GridSearch: resolution names {short(name)}, which must be one of {names}")
        if not dimensions[name].has_order:
            must = "must not be a Categorical: a grid always takes all choices"
            raise ValueError(f"GridSearch: resolution names {name}, which {must}")


def _keys(name: str, dimension: Dimension, resolution: Any) -> Sequence[Any]:
    """Return the keys of the values that a grid takes from one dimension. Taking all of them costs no memory."""
    n = resolution.get(name) if isinstance(resolution, Mapping) else resolution
    what = "GridSearch: resolution" + (f" of {name}" if isinstance(resolution, Mapping) else "")
    n = None if n is None else positive(what, n)
    if dimension.is_continuous:
        if n is None:
            raise ValueError(f"GridSearch: {name} is continuous; give it a step, or a resolution: {{{name!r}: 10}}")
        return dimension.values(n)
    if n is None or dimension.size <= n:
        return range(dimension.size)
    return [dimension.index(value) for value in dimension.values(n)]


def _runs(keys: Sequence[Any], wanted: Mapping[int, frozenset[Any]]) -> list[tuple[int, Closed]]:
    """Return the values of one dimension in order, as (number in a row, the children that they make inactive)."""
    opens: dict[Any, list[int]] = defaultdict(list)  # key -> the children that it makes active
    for child, among in wanted.items():
        for key in among:
            opens[key].append(child)
    every = frozenset(wanted)
    places = keys if isinstance(keys, range) else {key: i for i, key in enumerate(keys)}
    marks = sorted((places[key], key) for key in opens if key in places)
    runs: list[tuple[int, Closed]] = []
    after = 0
    for place, key in [*marks, (len(keys), None)]:
        for n, closed in ((place - after, every), (int(place < len(keys)), every.difference(opens.get(key, ())))):
            if n and runs and runs[-1][1] == closed:
                runs[-1] = runs[-1][0] + n, closed
            elif n:
                runs.append((n, closed))
        after = place + 1
    return runs
