"""A search space in JSON's types (dicts, lists, strings and numbers), and back.

    {"C": {"type": "Float", "low": 0.1, "high": 10.0, "log": true, "step": null, "when": {"kernel": [1]}},
     "kernel": {"type": "Categorical", "choices": ["linear", "rbf"], "when": {}}}

A condition lists the numbers of the parent's values, or the values themselves if the parent is continuous. Choices that
JSON knows are written as they are; tuples, dicts and floats that are not finite are marked, as in `{"tuple": [1, 2]}`.
Any other object is described by its repr: enough to compare two spaces, but not to make one. A description may come
from a stranger: reading it runs no code.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from hpt_lab.space.bins import Dimension
from hpt_lab.space.choices import Categorical
from hpt_lab.space.distributions import Continuous, Discrete, Distribution
from hpt_lab.space.numeric import Float, Int
from hpt_lab.values.checks import finite, require, short

FIELDS = ("low", "high", "log", "step")
NUMBERS: dict[str, Any] = {"Float": Float, "Int": Int}
LAWS: dict[str, Any] = {"Continuous": Continuous, "Discrete": Discrete}


def described(dimension: Dimension, parents: Mapping[str, frozenset[Any]]) -> dict[str, Any]:
    """Return a dimension and its conditions in JSON's types."""
    when = {parent: sorted(keys) for parent, keys in parents.items()}
    if isinstance(dimension, Categorical):
        return {"type": "Categorical", "choices": [plain_choice(choice) for choice in dimension.choices], "when": when}
    numbers = {"type": type(dimension).__name__, **{name: getattr(dimension, name) for name in FIELDS}, "when": when}
    return {**numbers, "law": dimension.law} if isinstance(dimension, Distribution) else numbers


def read(description: Any) -> dict[str, Dimension]:
    """Return the dimensions that a description, made by `described`, has. Raises ValueError, naming what is wrong in it."""
    if not isinstance(description, Mapping):
        raise ValueError(f"Space: the description {short(description)} must be a dict from names to dimensions")
    dimensions = {name: _dimension(name, one) for name, one in description.items()}
    for name, one in description.items():
        for parent, keys in _when(name, one["when"], dimensions).items():
            values = [_value(name, dimensions[parent], parent, key) for key in keys]
            while dimensions[parent].has(values):  # the list may itself be a choice: then repeat a value
                values.append(values[0])
            dimensions[name] = dimensions[name].when(**{parent: values})
    return dimensions


def _dimension(name: Any, one: Any) -> Dimension:
    kind = one.get("type") if isinstance(one, Mapping) else None
    if kind not in (*NUMBERS, *LAWS, "Categorical") or not isinstance(name, str):
        raise ValueError(f"Space: the description of {short(name)}, {short(one)}, must have a known type")
    names = {"type", "when", *(("choices",) if kind == "Categorical" else FIELDS), *(["law"] if kind in LAWS else [])}
    if set(one) != names:
        fields = f"the fields {short(sorted(map(str, one)))}, which must be {sorted(names)}"
        raise ValueError(f"Space: the description of {name} has {fields}")
    try:
        if kind == "Categorical":
            require(isinstance(one["choices"], list), "choices", one["choices"], "a list", ValueError)
            return Categorical(tuple(map(read_choice, one["choices"])))
        if kind in LAWS:
            return LAWS[kind](_of_scipy(**one["law"]))
        return NUMBERS[kind](one["low"], one["high"], log=one["log"], step=one["step"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"Space: the description of {name}: {error}") from None


def _of_scipy(name: str, args: list[float], kwds: dict[str, float]) -> Any:
    import scipy.stats

    law = getattr(scipy.stats, name, None)
    if not isinstance(law, (scipy.stats.rv_continuous, scipy.stats.rv_discrete)):
        raise ValueError(f"the distribution {short(name)} must be one of scipy.stats; make the space with its own code")
    return law(*(finite(name, one) for one in args), **{key: finite(name, one) for key, one in kwds.items()})


def _when(name: str, parents: Any, dimensions: Mapping[str, Dimension]) -> Mapping[str, list[Any]]:
    if not isinstance(parents, Mapping) or not all(isinstance(keys, list) and keys for keys in parents.values()):
        raise ValueError(f"Space: when={short(parents)} of {name} must be a dict from parents to lists")
    for parent in parents:
        if parent not in dimensions:
            names = short(list(dimensions))
            raise ValueError(f"Space: {name} depends on {short(parent)}, which must be one of {names}")
    return parents


def _value(name: str, dimension: Dimension, parent: str, key: Any) -> Any:
    try:
        if dimension.is_continuous:
            return dimension.check(key)
        if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < dimension.size:
            return dimension.at(key)
    except (TypeError, ValueError):
        pass
    raise ValueError(f"Space: {name} depends on value number {short(key)} of {parent}, which must have such a value")


def plain_choice(choice: Any) -> Any:
    """Return a choice in JSON's types. A mark cannot be mistaken for a dict, since dicts are marked as well."""
    if choice is None or type(choice) in (str, bool, int):
        return choice
    if type(choice) is float:
        return choice if math.isfinite(choice) else {"float": repr(choice)}
    if isinstance(choice, list):
        return [plain_choice(inside) for inside in choice]
    if type(choice) is tuple:
        return {"tuple": [plain_choice(inside) for inside in choice]}
    if isinstance(choice, dict):
        return {"dict": [[plain_choice(key), plain_choice(inside)] for key, inside in choice.items()]}
    if isinstance(choice, np.ndarray):
        digest = hashlib.sha256(repr(choice.tolist()).encode()).hexdigest()[:16]
        return {"repr": f"array of {choice.dtype}, shape {choice.shape}, {digest}"}
    if isinstance(choice, frozenset):
        return {"repr": f"set of {sorted(map(repr, choice))}"}
    try:
        text = repr(choice)
    except Exception:
        text = f"a {type(choice).__qualname__}"
    return {"repr": re.sub(r" at 0x[0-9a-fA-F]+", "", text)}  # an address differs from run to run


def read_choice(plain: Any) -> Any:
    """Return the choice that `plain_choice` described."""
    if isinstance(plain, list):
        return [read_choice(inside) for inside in plain]
    if not isinstance(plain, Mapping):
        return plain
    kind, inside = next(iter(plain.items())) if len(plain) == 1 else ("", None)
    if kind == "float" and inside in ("nan", "inf", "-inf"):
        return float(inside)
    if kind == "tuple" and isinstance(inside, list):
        return tuple(map(read_choice, inside))
    if kind == "dict" and isinstance(inside, list):
        with suppress(TypeError, ValueError):  # a key without a hash, or not a pair
            return {read_choice(key): read_choice(value) for key, value in inside}
    if kind == "repr":
        must = "must be a number, a string or a list; make the space with its own code"
        raise ValueError(f"the choice {short(inside)} {must}")
    raise ValueError(f"the choice {short(plain)} must be what Space.describe writes")
