"""Frozen values, for the history of a study: the objective gets fresh copies, which it may change.

A frozen container equals a plain one, can be written to JSON, pickled, copied and spread as `**params` like one, and
refuses every change. Anything that is not a container (an estimator, a function) is passed on unchanged.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np


def _refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    what = "the values that a search space or a trial in the history holds cannot be changed"
    raise TypeError(f"{what}; change a copy, as in dict(trial.params)")


class FrozenDict(dict[Any, Any]):
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __eq__(self, other: object) -> bool:
        """Return True if all values are equal. Arrays are compared entry by entry, and NaN equals NaN."""
        return isinstance(other, dict) and equal(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


class FrozenList(list[Any]):
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenList, (list(self),)


class FrozenSet(frozenset[Any]):  # it was a set before; a frozenset stays a frozenset
    def __repr__(self) -> str:
        return repr(set(self))


def frozen(value: Any) -> Any:
    """Return `value` with every container in it frozen: dicts, lists, sets and arrays."""
    if isinstance(value, Mapping):
        return FrozenDict((key, frozen(inside)) for key, inside in value.items())
    if isinstance(value, list):
        return FrozenList(map(frozen, value))
    if type(value) is tuple:
        return tuple(map(frozen, value))
    if isinstance(value, set):
        return FrozenSet(value)
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    return value


def unfrozen(value: Any) -> Any:
    """Return a copy of `value` that the caller may change, with plain containers at every level."""
    if isinstance(value, dict):
        return {key: unfrozen(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [unfrozen(inside) for inside in value]
    if type(value) is tuple:
        return tuple(map(unfrozen, value))
    if isinstance(value, (set, FrozenSet)):
        return set(value)
    return value.copy() if isinstance(value, np.ndarray) else value


def equal(a: Any, b: Any) -> bool:
    """Return True if two values are equal: containers and arrays by their contents, NaN to NaN, the rest as in Python."""
    try:
        a, b = (one[()] if isinstance(one, np.ndarray) and one.shape == () else one for one in (a, b))
        if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
            if type(a) is not type(b) or (a.shape, a.dtype) != (b.shape, b.dtype):
                return False
            if a.dtype.kind == "O":
                return all(map(equal, a.ravel().tolist(), b.ravel().tolist()))
            return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
        for kind in (list, tuple):
            if isinstance(a, kind) and isinstance(b, kind):
                return len(a) == len(b) and all(map(equal, a, b))
        return bool(a == b) or bool(a != a and b != b)
    except Exception:  # tables and tensors compare in their own ways: they count as different
        return False


def same(a: Any, b: Any) -> bool:
    """Return True if two values are equal and of the same type, so that 1, 1.0 and True all differ."""
    return a is b or (type(a) is type(b) and equal(a, b))
