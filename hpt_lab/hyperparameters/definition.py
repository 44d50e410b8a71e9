"""One hyperparameter of a build function: its checked arguments, and the dimension that they make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from hpt_lab.space import Categorical, Dimension, Float, Int
from hpt_lab.values.checks import finite, flag, instance, integer, listable, one_of, plain, require, short
from hpt_lab.values.frozen import unfrozen

KINDS = ("Int", "Float", "Choice", "Boolean", "Fixed")
NAMES = {"low=": "min_value=", "high=": "max_value=", "log=True": "sampling='log'"}  # of a dimension's arguments, here


@dataclass(frozen=True)
class HyperParameter:
    """A hyperparameter that a build function has asked `hp` for.

    Attributes
    ----------
    name : str
    kind : {"Int", "Float", "Choice", "Boolean", "Fixed"}
    config : dict, the arguments it was registered with, including the `default`
    conditions : dict, parent -> list of the parent's values for which it is active; all conditions must hold
    """

    name: str
    kind: str
    config: Mapping[str, Any]
    conditions: Mapping[str, list[Any]]

    @property
    def default(self) -> Any:
        """The value before a search chooses one."""
        return self.config["default"]

    @cached_property
    def unconditional(self) -> Dimension:
        """The dimension of the search space, without its condition."""
        config = self.config
        if self.kind in ("Int", "Float"):
            make: Any = Int if self.kind == "Int" else Float
            return make(config["min_value"], config["max_value"], log=config["sampling"] == "log", step=config["step"])
        return Categorical(config["values"])

    @property
    def dimension(self) -> Dimension:
        """The dimension of the search space, with its condition."""
        return self.unconditional.when(**self.conditions) if self.conditions else self.unconditional

    def is_one_of(self, value: Any, values: Iterable[Any]) -> bool:
        """Return True if `value` is among `values` of this hyperparameter; 1 is not True if both are choices."""
        return self.unconditional.encode(value) in {self.unconditional.encode(other) for other in values}

    def is_defined_as(self, other: "HyperParameter") -> bool:
        """Return True if both have the same values and the same default, whatever their conditions."""
        same_values = (self.kind, self.unconditional) == (other.kind, other.unconditional)
        return same_values and self.is_one_of(self.default, [other.default])


def define(name: str, kind: str, config: Mapping[str, Any]) -> HyperParameter:
    """Return a hyperparameter without conditions, with plain arguments and its default; raise an error if one is wrong."""
    instance(f"hp.{kind}: name", name, str, "a string")
    if not name:
        raise ValueError(f"hp.{kind}: name='' must not be empty")
    who = f"hp.{kind}({name!r})"
    for argument, value in config.items():
        if any(one is np.ma.masked for one in [value, *(value if isinstance(value, (list, tuple)) else [])]):
            raise TypeError(f"{who}: {argument}={short(value)} must not be masked")
    numeric = kind in ("Int", "Float")
    if numeric:
        one_of(f"{who}: sampling", config["sampling"], ["linear", "log"])
    plain_config = dict(config) if numeric else _values(who, kind, config)
    defined = HyperParameter(name, kind, plain_config, {})
    try:
        values: Any = defined.unconditional
    except (TypeError, ValueError) as error:
        message = str(error).removeprefix(f"{kind}: ")
        for there, here in NAMES.items():
            message = message.replace(there, here)
        raise type(error)(f"{who}: {message}") from None
    if numeric:
        default, number = config["default"], integer if kind == "Int" else finite
        default = values.low if default is None else number(f"{who}: default", default)
        plain_config |= {"min_value": values.low, "max_value": values.high, "step": values.step, "default": default}
    try:
        plain_config["default"] = values.check(plain_config["default"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{who}: default={short(plain_config['default'])} is not possible: {error}") from None
    return defined


def _values(who: str, kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    values, default = config["values"], plain(config["default"])
    right = listable(values) and not isinstance(values, (set, frozenset))
    require(right, f"{who}: values", values, "a list, as in hp.Choice('optimizer', ['sgd', 'adam'])")
    values = [unfrozen(value) for value in (values.tolist() if isinstance(values, np.ndarray) else values)]
    if not values:
        raise ValueError(f"{who}: values=[] must hold at least one value")
    if kind == "Boolean":
        flag(f"{who}: default", default)
    return {"values": values, "default": values[0] if default is None else default}


def either(known: HyperParameter | None, asked: HyperParameter) -> HyperParameter:
    """Return a hyperparameter that is active where either one is, for a name asked for twice; perhaps `known` itself."""
    if known is None:
        return asked
    name, one, other = asked.name, known.conditions, asked.conditions
    if not known.is_defined_as(asked):
        had = f"{known.kind} with {short(dict(known.config), 160)}; use another name, or the same arguments each time"
        raise ValueError(f"hp.{asked.kind}({name!r}): {name!r} is already registered as {had}")
    if one == other:
        return known
    if set(one) != set(other) or sum(one[parent] != other[parent] for parent in one) > 1:
        places = f"under {short(dict(one))} and under {short(dict(other))}; use two names"
        raise ValueError(f"conditional_scope: {name!r} is registered {places}")
    both = {parent: one[parent] + [v for v in other[parent] if v not in one[parent]] for parent in one}
    return known if both == one else replace(known, conditions=both)


def values_of_parent(parent: HyperParameter, wanted: Any, only_its_own: bool = False) -> list[Any]:
    """Return the list of values of a conditional scope; with `only_its_own`, only those that the parent has."""
    several, dimension = wanted.tolist() if isinstance(wanted, np.ndarray) else wanted, parent.unconditional
    if not isinstance(several, (list, tuple, range)) or dimension.has(several):  # a choice may be a list itself
        several = [several]
    if not len(several):
        raise ValueError("conditional_scope: parent_values=[] must hold at least one value")
    if only_its_own:
        return [value for value in several if dimension.has(value)]
    try:
        return [dimension.check(value) for value in several]
    except (TypeError, ValueError) as error:
        must = f"must be values of {parent.name!r}: {error}"
        raise ValueError(f"conditional_scope: parent_values={short(wanted)} {must}") from None
