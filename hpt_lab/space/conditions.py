"""Conditions: child -> parent -> keys of the parent's values for which the child may be active (see `Dimension.key`).

A child is active where each of its parents is active and has one of these values. Chapter 1.
"""

import heapq
from collections.abc import Mapping
from typing import Any

from hpt_lab.space.bins import Dimension
from hpt_lab.values.checks import short

Conditions = Mapping[str, Mapping[str, frozenset[Any]]]


def resolve(dimensions: Mapping[str, Dimension]) -> dict[str, dict[str, frozenset[Any]]]:
    """Return all conditions, some empty. Raises ValueError if a parent is unknown, or does not have a named value."""
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
    below, waits_for = children(conditions), {name: len(parents) for name, parents in conditions.items()}
    ready = sorted(name for name, n_parents in waits_for.items() if n_parents == 0)
    order = []
    while ready:
        order.append(heapq.heappop(ready))
        for child in below[order[-1]]:
            waits_for[child] -= 1
            if waits_for[child] == 0:
                heapq.heappush(ready, child)
    if len(order) < len(conditions):
        circle = [name for name in conditions if name not in order]
        raise ValueError(f"Space: the conditions of {circle} form a cycle; each must lead to a dimension without one")
    return tuple(order)
