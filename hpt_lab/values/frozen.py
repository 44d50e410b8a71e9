"""Frozen values, as the history of a study holds them: whoever trains gets fresh copies.

A frozen container is equal to a plain one, is written to JSON, pickled, copied and spread as `**params` like one, and
refuses every change. What is no container (an estimator, a function) is handed on as it is.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

__all__ = ["FrozenDict", "FrozenList", "FrozenSet", "equal", "fresh", "frozen", "same"]


def _refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    what = "what a trial of the history or a search space holds cannot be changed"
    raise TypeError(f"{what}; change a copy, as in dict(trial.params)")


class FrozenDict(dict[Any, Any]):
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __eq__(self, other: object) -> bool:
        """Return True if all values are equal: arrays where all their entries are, and NaN to NaN."""
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


class FrozenSet(frozenset[Any]):  # what was a set, where a frozenset has always been one
    def __repr__(self) -> str:
        return repr(set(self))


def frozen(value: Any) -> Any:
    """Return `value` with every container in it frozen: dict, list, set and array."""
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


def fresh(value: Any) -> Any:
    """Return a copy of `value` that its receiver may change: plain containers, all the way down."""
    if isinstance(value, dict):
        return {key: fresh(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [fresh(inside) for inside in value]
    if type(value) is tuple:
        return tuple(map(fresh, value))
    if isinstance(value, (set, FrozenSet)):
        return set(value)
    return value.copy() if isinstance(value, np.ndarray) else value


def equal(a: Any, b: Any) -> bool:
    """Return True if two values are equal: arrays and containers by what they hold, NaN to NaN, all else as Python says."""
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
    except Exception:  # tables and tensors compare in ways of their own: then they differ
        return False


def same(a: Any, b: Any) -> bool:
    """Return True if two values are equal and of one type, so that 1, 1.0 and True are three."""
    return a is b or (type(a) is type(b) and equal(a, b))
