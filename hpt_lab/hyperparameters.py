"""Define-by-run: the search space is whatever a build function asks for.

A build function `build_model(hp)` reads its hyperparameters from `hp`, as in `hp.Int("units", 32, 256, step=32)`. Each
call does two things: it *registers* the hyperparameter, and it *returns* a value for it: the one on trial, or the
default. So to call the function once is to discover its space. Where a branch is closed (`conditional_scope`), its
hyperparameters are registered as conditional; where a plain `if` hides one, it is discovered when a trial opens the
branch.

The names and the meanings are keras-tuner's (version 1.4.8): a build function that uses only the arguments below runs
under both. keras-tuner has a few more (`ordered`, the third of its `Choice`; `parent_name`, `parent_values`), so give
`default` by name. Chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hpt_lab.space import Categorical, Dimension, Float, Int, Space

__all__ = ["HyperParameter", "HyperParameters", "build", "discover"]


@dataclass(frozen=True)
class HyperParameter:
    """One registered hyperparameter.

    Attributes
    ----------
    name : str
    kind : {"Int", "Float", "Choice", "Boolean", "Fixed"}
    config : dict
        The arguments it was registered with, `default` resolved.
    conditions : dict
        Parent name -> list of the parent's values under which it is active; all must hold.
    """

    name: str
    kind: str
    config: Mapping[str, Any]
    conditions: Mapping[str, list[Any]]

    @property
    def default(self) -> Any:
        return self.config["default"]

    @property
    def dimension(self) -> Dimension:
        """The dimension of the search space, its condition included."""
        given = self.config
        if self.kind in ("Int", "Float"):
            make: Any = Int if self.kind == "Int" else Float
            log = given["sampling"] == "log"
            plain = make(given["min_value"], given["max_value"], log=log, step=given["step"])
        else:
            plain = Categorical(given["values"])
        return plain.when(**self.conditions) if self.conditions else plain


class HyperParameters:
    """The `hp` of a build function: registers each hyperparameter it is asked for, and returns its value.

    Examples
    --------
    >>> hp = HyperParameters()
    >>> hp.Int("units", 32, 256, step=32), hp.Choice("kernel", ["rbf", "poly"])
    (32, 'rbf')
    >>> with hp.conditional_scope("kernel", ["poly"]):
    ...     degree = hp.Int("degree", 2, 5)
    >>> print(degree, hp.values)
    None {'units': 32, 'kernel': 'rbf'}
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._registered: dict[str, HyperParameter] = {}
        self._scopes: list[tuple[str, list[Any]]] = []

    # ---------------------------------------------------------------- what a build function calls
    def Int(
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str = "linear",
        default: int | None = None,
    ) -> Any:
        """An integer from `min_value` to `max_value`, both included.

        Parameters
        ----------
        name : str
        min_value, max_value : int
        step : int, optional
            Distance between neighbours (1 if not given); with `sampling="log"` their ratio: 2 to 32 by 2 is 2, 4, 8,
            16, 32.
        sampling : {"linear", "log"}
        default : int, optional
            The value before any is chosen: `min_value` if not given.

        Raises
        ------
        ValueError
            If the bounds are reversed, the sampling is unknown, or the default is not a value of the range; if the name
            is registered already with other arguments.
        """
        return self._ask(
            name, "Int", min_value=min_value, max_value=max_value, step=step, sampling=sampling, default=default
        )

    def Float(
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str = "linear",
        default: float | None = None,
    ) -> Any:
        """A real number from `min_value` to `max_value`, both included; arguments and errors as for `Int`.

        Without a step it is continuous.
        """
        return self._ask(
            name, "Float", min_value=min_value, max_value=max_value, step=step, sampling=sampling, default=default
        )

    def Choice(self, name: str, values: Sequence[Any], default: Any = None) -> Any:
        """One of `values`; the first is the default. Raises ValueError if there is none, or the default is not one."""
        return self._ask(name, "Choice", values=list(values), default=default)

    def Boolean(self, name: str, default: bool = False) -> Any:
        """True or False."""
        return self._ask(name, "Boolean", values=[False, True], default=default)

    def Fixed(self, name: str, value: Any) -> Any:
        """Always `value`: written down with the trial, never searched."""
        return self._ask(name, "Fixed", values=[value], default=value)

    @contextmanager
    def conditional_scope(self, parent_name: str, parent_values: Any) -> Iterator[None]:
        """Hyperparameters registered inside are active only where the parent has one of `parent_values`.

        Elsewhere they return None and are absent from `values`.
        """
        if parent_name not in self._registered:
            known = list(self._registered)
            raise ValueError(f"conditional_scope: parent_name={parent_name!r} must be one registered before: {known}")
        wanted = list(parent_values) if isinstance(parent_values, (list, tuple, range)) else [parent_values]
        self._scopes.append((parent_name, wanted))
        try:
            yield
        finally:
            self._scopes.pop()

    # ---------------------------------------------------------------- what a reader of the result calls
    def get(self, name: str) -> Any:
        """The value of a registered hyperparameter. KeyError if it is unknown, ValueError if it is inactive."""
        if name in self.values:
            return self.values[name]
        if name in self._registered:
            raise ValueError(f"get: {name} is inactive under {self.values}")
        raise KeyError(f"get: {name!r} must be one of {list(self._registered)}")

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    @property
    def space(self) -> list[HyperParameter]:
        """The registered hyperparameters, in the order of registration."""
        return list(self._registered.values())

    def search_space(self) -> Space:
        """The registered hyperparameters as a `Space`. ValueError if there is none."""
        if not self._registered:
            raise ValueError("HyperParameters: the build function must ask hp for a hyperparameter, as in hp.Int(...)")
        return Space({name: registered.dimension for name, registered in self._registered.items()})

    def is_active(self, name: str | HyperParameter) -> bool:
        """Whether all conditions of a registered hyperparameter hold under the present values."""
        registered = name if isinstance(name, HyperParameter) else self._registered[name]
        return self._hold(registered.conditions)

    def copy(self, values: Mapping[str, Any] | None = None) -> HyperParameters:
        """The same space, with the same values or with the given ones."""
        other = HyperParameters()
        other._registered = dict(self._registered)
        other.values = dict(self.values if values is None else values)
        return other

    def get_config(self) -> dict[str, Any]:
        """Space and values as plain types; `from_config` reads it."""
        space = [
            {"class_name": h.kind, "config": {"name": h.name, "conditions": dict(h.conditions), **h.config}}
            for h in self.space
        ]
        return {"space": space, "values": dict(self.values)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> HyperParameters:
        """The `HyperParameters` whose `get_config` this is."""
        hp = cls()
        for entry in config["space"]:
            rest = dict(entry["config"])
            name, conditions = rest.pop("name"), rest.pop("conditions")
            hp._registered[name] = HyperParameter(name, entry["class_name"], rest, conditions)
        hp.values = dict(config["values"])
        return hp

    # ---------------------------------------------------------------- how it works
    def _hold(self, conditions: Mapping[str, list[Any]]) -> bool:
        return all(parent in self.values and self.values[parent] in wanted for parent, wanted in conditions.items())

    def _ask(self, name: str, kind: str, **config: Any) -> Any:
        """Register the hyperparameter if it is new; return its value, or None where it is inactive."""
        conditions: dict[str, list[Any]] = {}
        for parent, wanted in self._scopes:
            both = conditions.get(parent, wanted)
            conditions[parent] = [value for value in both if value in wanted]
        asked = _checked(name, kind, config, conditions)
        known = self._registered.setdefault(name, asked)
        if (known.kind, known.config) != (kind, asked.config):
            raise ValueError(f"{kind}: {name!r} is registered already as {known.kind} with {dict(known.config)}")
        if known.conditions != conditions:
            self._registered[name] = HyperParameter(
                name, kind, known.config, _either(name, known.conditions, conditions)
            )
        if not self._hold(conditions):
            return None
        return self.values.setdefault(name, asked.default)


def _checked(name: str, kind: str, config: dict[str, Any], conditions: dict[str, list[Any]]) -> HyperParameter:
    """The hyperparameter with its default resolved; ValueError if an argument is out of place."""
    if not isinstance(name, str) or not name:
        raise TypeError(f"{kind}: name={name!r} must be a string that is not empty")
    if "sampling" in config and config["sampling"] not in ("linear", "log"):
        raise ValueError(f"{kind}: sampling={config['sampling']!r} of {name} must be 'linear' or 'log'")
    if config["default"] is None:
        choices = config.get("values") or [None]
        config = {**config, "default": config.get("min_value", choices[0])}
    try:
        plain = HyperParameter(name, kind, config, {}).dimension
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
    try:
        plain.encode(config["default"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: default={config['default']!r} is not possible: {error}") from None
    return HyperParameter(name, kind, config, conditions)


def _either(name: str, one: Mapping[str, list[Any]], other: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Conditions that hold where `one` or `other` does, of a name that is registered in two scopes."""
    if set(one) != set(other) or sum(one[parent] != other[parent] for parent in one) > 1:
        raise ValueError(f"conditional_scope: {name!r} stands under {dict(one)} and under {dict(other)}; use two names")
    return {parent: one[parent] + [v for v in other[parent] if v not in one[parent]] for parent in one}


def discover(build_model: Callable[[HyperParameters], Any]) -> HyperParameters:
    """Call a build function with its defaults, then once for every branch that stayed closed: what does it ask for?

    Returns
    -------
    HyperParameters
        The space, with its default values.

    Raises
    ------
    ValueError
        If the function returns None, or asks for no hyperparameter.
    """
    hp, tried = HyperParameters(), 0
    opened: list[dict[str, Any]] = []
    build(build_model, hp)
    while tried < len(hp.space):
        for registered in hp.space[tried:]:
            tried += 1
            opening = {parent: wanted[0] for parent, wanted in _all_conditions(hp, registered).items()}
            if opening not in opened and not _active_by_default(hp, registered):
                opened.append(opening)
                inside = hp.copy(opening)
                build(build_model, inside)
                hp._registered.update(inside._registered)
    hp.search_space()
    return hp.copy({h.name: h.default for h in hp.space if _active_by_default(hp, h)})


def build(build_model: Callable[[HyperParameters], Any], hp: HyperParameters) -> Any:
    """The model that a build function makes of `hp`. ValueError if it returns None."""
    model = build_model(hp)
    if model is None:
        raise ValueError("build_model: the build function returned None; it must return the model it built")
    return model


def _all_conditions(hp: HyperParameters, registered: HyperParameter) -> dict[str, list[Any]]:
    """Conditions of a hyperparameter and of all its ancestors."""
    conditions: dict[str, list[Any]] = {}
    for parent, wanted in registered.conditions.items():
        conditions |= {**_all_conditions(hp, hp._registered[parent]), parent: wanted}
    return conditions


def _active_by_default(hp: HyperParameters, registered: HyperParameter) -> bool:
    return all(hp._registered[p].default in wanted for p, wanted in _all_conditions(hp, registered).items())
