"""Checks of the arguments that a user passes: each takes a name and a value, and returns it as a plain Python value.

    self.n_initial = positive("TPE: n_initial", n_initial)      TPE: n_initial='3' must be an integer

Every message is one sentence that names the caller and the argument, its value, and what would be right. A wrong type
raises TypeError, a wrong value ValueError. NumPy's numbers count as numbers; True and False don't.

Here too are the names that other libraries use for an argument, and modules of SciPy that are imported when they are first
used, so that a search without a model needs NumPy alone.
"""

import inspect
import math
import operator
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from importlib import import_module
from numbers import Real
from typing import Any, TypeVar

import numpy as np


class WrongType(TypeError, ValueError):
    """A value of the wrong type. It is also a ValueError, so that one `except` catches every wrong argument."""


def require(right: Any, name: str, value: Any, what: str, error: type[Exception] = WrongType) -> None:
    """Raise the error, which says that `name`=`value` must be `what`, unless it is right."""
    if not right:
        raise error(f"{name}={short(value)} must be {what}")


def instance(name: str, value: Any, kind: type | tuple[type, ...], what: str) -> Any:
    """Return `value` if it is of this kind, which is `what` in words."""
    if isinstance(value, kind):  # many are checked in a search: no further call
        return value
    raise WrongType(f"{name}={short(value)} must be {what}")


def items(name: str, value: Any, what: str) -> list[Any]:
    """Return the items of a list or another iterable, which is `what` in words. Strings and mappings are not meant."""
    require(listable(value), name, value, what)
    return list(value)


def integer(name: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    """Return `value` as an int from `least` to `most`, both inclusive, where these are given."""
    more = "" if least is None else f" of at least {least}" if most is None else f" from {least} to {most}"
    if type(value) is not int:
        try:
            if isinstance(value, bool):
                raise TypeError
            value = operator.index(value)
        except TypeError:
            raise WrongType(f"{name}={short(value)} must be an integer{more}") from None
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(f"{name}={short(value)} must be an integer{more}")
    return value


def positive(name: str, value: Any) -> int:
    """Return `value` as an int of at least 1."""
    if (value := integer(name, value)) < 1:
        raise ValueError(f"{name}={value} must be at least 1")
    return value


def seed(name: str, value: Any) -> int:
    """Return `value` as an int that can seed a random generator, from 0 to 2^64 - 1."""
    try:
        return integer(name, value, 0, 2**64 - 1)
    except ValueError as error:
        raise type(error)(f"{name}={short(value)} must be an integer from 0 to 2^64 - 1") from None


def finite(
    name: str,
    value: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as a finite float, from `least` to `most`, or `above` and `below` these, where they are given."""
    try:
        real = number(value)
    except TypeError:
        raise TypeError(f"{name}={short(value)} must be {_finite_number(least, above, most, below)}") from None
    except ValueError as error:
        raise ValueError(f"{name}={error} must be {_finite_number(least, above, most, below)}") from None
    too_low = (least is not None and real < least) or (above is not None and real <= above)
    if too_low or (most is not None and real > most) or (below is not None and real >= below):
        raise ValueError(f"{name}={real:g} must be {_finite_number(least, above, most, below)}")
    return real


def _finite_number(least: float | None, above: float | None, most: float | None, below: float | None) -> str:
    bounds = {"of at least": least, "above": above, "of at most": most, "below": below}
    given = " and ".join(f"{words} {bound:g}" for words, bound in bounds.items() if bound is not None)
    return f"a finite number {given}".strip().replace("and of at", "and at")


def finite_sum(numbers: Iterable[float]) -> float:
    """Return the sum of numbers of at least 0, as a float; where it would be infinite, the largest float."""
    return float(min(sum(numbers), sys.float_info.max))


def one_of(name: str, value: Any, allowed: Collection[Any]) -> Any:
    """Return `value` if it is one of the `allowed` strings."""
    if isinstance(value, str) and value in allowed:
        return value
    kind = ValueError if isinstance(value, str) else TypeError
    raise kind(f"{name}={short(value)} must be one of {list(allowed)}")


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is True or False."""
    if isinstance(value, bool) or isinstance(value := plain(value), bool):
        return value
    raise TypeError(f"{name}={short(value)} must be True or False")


def generator(name: str, value: Any) -> np.random.Generator:
    """Return `value` if it is a random generator of NumPy."""
    return instance(name, value, np.random.Generator, "a generator, such as np.random.default_rng(0)")


def listable(value: Any) -> bool:
    """Return True for what can be listed: no text, no mapping, and no array without dimensions, though these are iterable."""
    listed = isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))
    return listed and getattr(value, "shape", None) != ()


def array(name: str, value: Any) -> np.ndarray:
    """Return numbers of any shape as an array of floats; an array of floats is returned unchanged."""
    if type(value) is np.ndarray and value.dtype.char == "d":  # by far the most frequent
        return value
    if np.ma.is_masked(value):  # NumPy would return the number behind the mask
        raise TypeError(f"{name}={short(value)} must be an array of numbers, none of them masked")
    try:
        numbers = np.asarray(value)
    except (TypeError, ValueError):  # lists of unequal lengths
        numbers = np.asarray(None)
    if numbers.dtype.kind == "O" and all(type(one) is int for one in numbers.flat):  # too large for NumPy's integers
        numbers = np.array([finite(name, one) for one in numbers.flat]).reshape(numbers.shape)
    require(numbers.dtype.kind in "fiu", name, value, "an array of numbers", TypeError)
    return numbers.astype(float, copy=False)


def cube(name: str, value: Any, n_dims: int | None = None, *, missing: bool = False) -> np.ndarray:
    """Return `value` as an array of numbers from 0 to 1 (or NaN, if `missing`), of shape (n, n_dims) if that is given."""
    points = array(name, value)
    if n_dims is not None and (points.ndim != 2 or points.shape[1] != n_dims):
        raise ValueError(f"{name} of shape {points.shape} must have shape (n, {n_dims})")
    if points.size and not (points.min() >= 0.0 and points.max() <= 1.0):  # or NaN
        inside = (points >= 0.0) & (points <= 1.0)
        wrong = points[~inside & ~np.isnan(points)] if missing else points[~inside]
        if wrong.size:
            raise ValueError(f"{name} holds {wrong[0]:g}, but must hold numbers from 0 to 1")
    return points


def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON as a dict, as its `object_pairs_hook`. Raises ValueError if a name appears twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {short(max(names, key=names.count))} appears twice, but must appear once")
    return fields


def number(value: Any) -> float:
    """Return `value` as a finite float. Raises TypeError if it is none, ValueError, whose argument is the number, if not finite."""
    if type(value) is float and math.isfinite(value):  # by far the most frequent
        return value
    value = plain(value)
    if value is np.ma.masked or isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError
    try:
        real = float(value)
    except OverflowError:  # an int of more than 308 digits
        real = math.inf if operator.gt(value, 0) else -math.inf
    if not math.isfinite(real):
        raise ValueError(real)
    return real


def is_number(value: Any) -> bool:
    """Return True for a number of Python or NumPy; True and False are not numbers here."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def plain(value: Any) -> Any:
    """Return a number of NumPy, JAX or torch as a Python number, and anything else unchanged."""
    is_number = getattr(value, "shape", None) == () and hasattr(value, "item") and value is not np.ma.masked
    return value.item() if is_number else value


def short(value: Any, most: int = 80) -> str:
    """Return `value` as a message shows it: on one line, an array by its shape, cut after `most` characters."""
    if getattr(value, "shape", None) not in (None, ()) and not isinstance(value, type):
        return f"an array of shape {tuple(value.shape)}"
    try:
        text = " ".join(repr(plain(value)).split())
    except Exception:
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= most else f"{text[: most - 3]}..."


C = TypeVar("C", bound=Callable[..., Any])

SAME = """n_trials n_iter n_calls n_candidates max_evals max_trials num_samples, n_workers n_jobs, seed random_state,
name study_name, objective fn func, progress verbose show_progress_bar, callbacks callback, start x0 points_to_evaluate,
direction maximize mode, strategy sampler algo factor min_resources max_resources aggressive_elimination,
space param_grid param_distributions param_space search_space search_spaces dimensions, low min_value lower,
high max_value upper, log sampling prior, step q, choices values categories"""
SAID = {"log": "log=True", "sampling": "sampling='log'", "direction": "direction='maximize'"}


def name_foreign_arguments(known: C) -> C:
    """Decorate a function or class: another library's name for an argument raises a TypeError that gives the name here."""
    function: Any = known.__init__ if isinstance(known, type) else known  # type: ignore[misc]
    own = inspect.signature(function).parameters
    same = [names.split() for names in SAME.split(",")]
    right = {other: name for names in same for name in names if name in own for other in names if other not in own}

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for name in filter(right.get, kwargs):
            use = SAID.get(right[name], f"{right[name]}=")
            raise TypeError(f"{known.__qualname__}: {name}={short(kwargs[name])} is not an argument; use {use}")
        return function(*args, **kwargs)

    if not isinstance(known, type):
        return call  # type: ignore[return-value]
    known.__init__ = call  # type: ignore[misc]
    return known


class LazyModule:
    """A module that is imported when one of its names is first used, as in `special.ndtr(0.0)`."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._module), name)
        setattr(self, name, value)  # from now on an ordinary attribute, so that a loop pays for no further import
        return value


blas, lapack, special = (LazyModule(f"scipy.{name}") for name in ("linalg.blas", "linalg.lapack", "special"))
optimizers, distance = LazyModule("scipy.optimize"), LazyModule("scipy.spatial.distance")
