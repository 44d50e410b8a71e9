"""Values that nobody can change behind our back: the history of a study holds frozen ones, and hands out fresh copies.

Choices may be containers, as in `Categorical([[8], [16, 16]])`, and whoever trains may append to the list that it gets.
A frozen container is equal to a plain one, is written to JSON, pickled, copied and spread as `**params` like one, and
refuses every change. What is not a container (an estimator, a function) is handed on as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

__all__ = ["FrozenDict", "FrozenList", "fresh", "frozen"]


def _refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise TypeError("a trial in the history cannot be changed; change a copy, as in dict(trial.params)")


class FrozenDict(dict[Any, Any]):
    """A dict that cannot be changed."""

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


class FrozenList(list[Any]):
    """A list that cannot be changed."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenList, (list(self),)


def frozen(value: Any) -> Any:
    """`value` with every container in it frozen: dict, list, set and array."""
    if isinstance(value, Mapping):
        return FrozenDict((key, frozen(inside)) for key, inside in value.items())
    if isinstance(value, list):
        return FrozenList(map(frozen, value))
    if type(value) is tuple:
        return tuple(map(frozen, value))
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    return value


def fresh(value: Any) -> Any:
    """A copy of `value` that its receiver may change: plain containers, all the way down."""
    if isinstance(value, (dict, FrozenDict)):
        return {key: fresh(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [fresh(inside) for inside in value]
    if type(value) is tuple:
        return tuple(map(fresh, value))
    if isinstance(value, set):
        return set(value)
    return value.copy() if isinstance(value, np.ndarray) else value
