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
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from hpt_lab.space.bins import Conditions, Dimension, children, in_order
from hpt_lab.values.checks import instance, integer, positive, short

Closed = frozenset[int]  # positions, in the order of the grid, of dimensions that are inactive
State = tuple[int, Closed]  # of a piece: its first dimension, and those of its dimensions that are inactive


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
        place, below = {name: k for k, name in enumerate(self._order)}, children(conditions)
        wanted = [{place[child]: conditions[child][name] for child in below[name]} for name in self._order]
        runs = [_runs(keys, of) for keys, of in zip(self._keys, wanted, strict=True)]
        n_dims = len(self._order)
        self._above = [-1] * n_dims  # by the first dimension of a piece: the one that cuts it from a larger piece
        for k in reversed(range(n_dims)):
            for child in wanted[k]:
                if (piece := self._piece(child, -1)) != k:
                    self._above[piece] = k
        self._pieces: dict[int, list[int]] = {k: [] for k in range(-1, n_dims)}  # by what cuts them; -1: from the start
        for piece, above in enumerate(self._above):
            self._pieces[above].append(piece)
        # What may follow each state, from the first dimension to the last: a number of consecutive values, and the next states.
        follow: dict[State, list[tuple[int, tuple[State, ...]]]] = {}
        reached: list[set[Closed]] = [set() for _ in range(n_dims)]
        self._start = self._split(-1, frozenset())
        for piece, closed in self._start:
            reached[piece].add(closed)
        for k in range(n_dims):
            for closed in reached[k]:
                # Without a value, it makes its children inactive.
                values = [(1, frozenset(wanted[k]))] if k in closed else runs[k]
                follow[k, closed] = [(n, self._split(k, (closed | more) - {k})) for n, more in values]
                for piece, state in chain.from_iterable(states for _, states in follow[k, closed]):
                    reached[piece].add(state)
        # The combinations of each state, from the last dimension to the first, and those after each number of values.
        self._counts: dict[State, int] = {}
        self._branches: dict[State, list[tuple[int, int, tuple[State, ...]]]] = {}
        for at, after in reversed(follow.items()):
            branches = [(n, math.prod([self._counts[one] for one in states]), states) for n, states in after]
            self._branches[at], self._counts[at] = branches, sum(n * ways for n, ways, _ in branches)
        self._size = math.prod([self._counts[one] for one in self._start])

    def _piece(self, place: int, k: int) -> int:
        """Return the first dimension of the piece that holds this one, once all dimensions up to k have their values."""
        while self._above[place] > k:
            place = self._above[place]
        return place

    def _split(self, k: int, closed: Closed) -> tuple[State, ...]:
        """Return the states of the pieces that dimension k leaves, of which these dimensions are inactive."""
        inside: dict[int, list[int]] = {piece: [] for piece in self._pieces[k]}
        for place in closed:
            inside[self._piece(place, k)].append(place)
        return tuple((piece, frozenset(places)) for piece, places in inside.items())

    @property
    def size(self) -> int:
        """The number of combinations."""
        return self._size

    def __getitem__(self, number: int) -> dict[str, Any]:
        number = integer("Grid: number", number)
        if not 0 <= number < self.size:
            raise IndexError(f"Grid: number {short(number)} must be between 0 and {short(self.size - 1)}")
        params, states, ways = dict[str, Any](), dict(self._start), self.size  # to complete all pieces that are begun
        for k, name in enumerate(self._order):
            state = k, states.pop(k)
            elsewhere, first = ways // self._counts[state], 0
            for n, below, opened in self._branches[state]:
                ways = elsewhere * below
                if number < n * ways:
                    states.update(opened)
                    break
                number, first = number - n * ways, first + n
            if k not in state[1]:
                index, number = divmod(number, ways)
                key, dimension = self._keys[k][first + index], self._dimensions[name]
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
    every, runs, after = frozenset(wanted), list[tuple[int, Closed]](), 0
    places = keys if isinstance(keys, range) else {key: i for i, key in enumerate(keys)}
    for place, key in sorted((places[key], key) for key in opens if key in places):
        runs += [(place - after, every), (1, every.difference(opens[key]))]
        after = place + 1
    runs = [run for run in (*runs, (len(keys) - after, every)) if run[0]]
    return [(sum(n for n, _ in alike), closed) for closed, alike in groupby(runs, itemgetter(1))]
