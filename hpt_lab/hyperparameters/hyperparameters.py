"""The `hp` that a build function asks for its hyperparameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from hpt_lab.hyperparameters.definition import KINDS, HyperParameter, define, either, values_of_parent
from hpt_lab.space import Space
from hpt_lab.values.checks import instance, name_foreign_arguments, one_of, short
from hpt_lab.values.frozen import unfrozen

if TYPE_CHECKING:
    from hpt_lab.study import Study, Trial

Scale = Literal["linear", "log"]

# What other libraries call the methods.
METHODS = {"suggest_float": "Float", "suggest_int": "Int", "suggest_categorical": "Choice", "choice": "Choice"}
METHODS |= {"uniform": "Float", "loguniform": "Float", "quniform": "Float", "randint": "Int"}


class HyperParameters:
    """The `hp` of a build function, which registers each hyperparameter it is asked for, and returns its value.

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
        self.asked: set[str] = set()  # the names whose values were returned
        self._registered: dict[str, HyperParameter] = {}
        self._scopes: list[tuple[str, list[Any]]] = []
        self._prevailing: frozenset[str] = frozenset()  # names whose definitions stay, however they are asked for
        self._new = "tune"  # what to do with other names: "tune", "fix" at their default, or "refuse"

    if not TYPE_CHECKING:  # or else a type checker would accept every name

        def __getattr__(self, name: str) -> Any:
            right = f"hp.{METHODS[name]}('name', ...)" if name in METHODS else "one that dir(hp) lists"
            raise AttributeError(f"HyperParameters: the attribute {name!r} must be {right}", name=name, obj=self)

    @name_foreign_arguments
    def Int(
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: Scale = "linear",
        default: int | None = None,
    ) -> Any:
        """Ask for an integer from `min_value` to `max_value`, both included.

        `step` is the distance between neighboring values (by default 1), or their ratio with `sampling="log"`: 2 to 32
        by 2 is 2, 4, 8, 16, 32. `sampling` is "linear" or "log"; `default`, by default `min_value`, is the value before
        a search chooses one. Raises TypeError if the name is not a string, or a bound, the step or the default is not
        a number; ValueError if the bounds are reversed, the sampling is unknown, or the default is outside the range, if
        the name is already registered with other arguments, or if its entry in `values` is not one of its values.
        """
        bounds = {"min_value": min_value, "max_value": max_value}
        return self._ask(name, "Int", **bounds, step=step, sampling=sampling, default=default)

    @name_foreign_arguments
    def Float(
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: Scale = "linear",
        default: float | None = None,
    ) -> Any:
        """Ask for a real number, continuous without a step; arguments and errors are those of `Int`."""
        bounds = {"min_value": min_value, "max_value": max_value}
        return self._ask(name, "Float", **bounds, step=step, sampling=sampling, default=default)

    @name_foreign_arguments
    def Choice(self, name: str, values: Iterable[Any], default: Any = None) -> Any:
        """Ask for one of `values`, a list; the first is the default.

        Raises TypeError if `values` is not a list, and ValueError if it is empty, has a value twice, or lacks the default.
        """
        return self._ask(name, "Choice", values=values, default=default)

    def Boolean(self, name: str, default: bool = False) -> Any:
        """Ask for True or False."""
        return self._ask(name, "Boolean", values=[False, True], default=default)

    def Fixed(self, name: str, value: Any) -> Any:
        """Return `value`, which is recorded with the trial, but never searched."""
        return self._ask(name, "Fixed", values=[value], default=value)

    @contextmanager
    def conditional_scope(self, parent_name: str, parent_values: Any) -> Iterator[None]:
        """Register hyperparameters inside as active only where a parent, registered before, has one of these values.

        `parent_values` is a value or a list. Elsewhere, asking for them returns None, and they are absent from `values`.
        Raises ValueError if the parent is unknown, lacks a value, or has none of them in the scope around this one.
        """
        known = self._registered.get(parent_name) if isinstance(parent_name, str) else None
        if known is None:
            what = f"must be one registered before: {list(self._registered)}"
            raise ValueError(f"conditional_scope: parent_name={short(parent_name)} {what}")
        self._scopes.append((parent_name, values_of_parent(known, parent_values, self._prevails(parent_name))))
        try:
            self._conditions()
            yield
        finally:
            self._scopes.pop()

    def get(self, name: str) -> Any:
        """Return the value of a registered hyperparameter. Raises KeyError if it is unknown, ValueError if it is inactive."""
        if isinstance(name, str) and name in self.values:
            self.asked.add(name)
            return unfrozen(self.values[name])
        self._known("get", name)
        raise ValueError(f"get: {name} is inactive under {short(self.values)}; ask is_active({name!r}) first")

    __getitem__ = get

    def __contains__(self, name: str) -> bool:
        return name in self.values

    @property
    def space(self) -> list[HyperParameter]:
        """The registered hyperparameters, in the order of registration."""
        return list(self._registered.values())

    def search_space(self) -> Space:
        """Return the registered hyperparameters as a `Space`. Raises ValueError if there are none."""
        if not self._registered:
            raise ValueError("HyperParameters: the build function must ask hp for a hyperparameter, as in hp.Int(...)")
        return Space({name: registered.dimension for name, registered in self._registered.items()})

    def is_active(self, name: str | HyperParameter) -> bool:
        """Return True if a registered hyperparameter is active under the current values. Raises KeyError if it is unknown."""
        registered = name if isinstance(name, HyperParameter) else self._known("is_active", name)
        known, values = self._registered, self.values
        return all(p in values and known[p].is_one_of(values[p], wanted) for p, wanted in registered.conditions.items())

    def copy(self, values: Mapping[str, Any] | None = None) -> HyperParameters:
        """Return a copy of this space, with the same values or with `values`."""
        instance("copy: values", values, (Mapping, type(None)), "a dict from names to values")
        other = HyperParameters()
        other._registered = dict(self._registered)
        other._prevailing, other._new = self._prevailing, self._new
        other.values = unfrozen(dict(self.values if values is None else values))
        return other

    def study(self, strategy: Any, **how: Any) -> Study:
        """Return a study to ask and tell, whose space grows by what is asked for; `how` and errors are those of `Study`.

        In a file, it is the stored one. After `trial = study.ask()`, ask `mine = hp.copy(trial.params)`, and `mine.tell`.
        """
        from hpt_lab.hyperparameters.define_by_run import begin

        return begin(self, strategy, **how)

    def tell(self, study: Study, trial: Trial, value: Any = None, *, error: str | BaseException | None = None) -> None:
        """Complete the trial for which this copy was asked, as `Study.tell` does: its params are what was asked for.

        Raises ValueError if it is not one of value and error, or the space may not grow as it would.

        Examples
        --------
        >>> from hpt_lab import TPE, HyperParameters
        >>> hp = HyperParameters()
        >>> study = hp.study(TPE())
        >>> for _ in range(30):
        ...     trial = study.ask()
        ...     mine = hp.copy(trial.params)
        ...     loss = mine.Float("x", -1, 1) ** 2
        ...     if mine.Boolean("shifted"):
        ...         loss += mine.Float("shift", 0, 1)
        ...     mine.tell(study, trial, loss)
        >>> list(study.space), study.best_value < 0.01
        (['x', 'shifted', 'shift'], True)
        """
        from hpt_lab.hyperparameters.notes import from_notes, tell
        from hpt_lab.study.outcomes import Outcome, outcome_of

        if (value is None) == (error is None):
            what = f"value={short(value)} or error={short(error)} must be None, and one alone"
            raise ValueError(f"HyperParameters.tell: {what}")
        outcome = outcome_of(value, direction=study.direction) if error is None else Outcome(error=error)
        notes = study.notes
        tell(study, trial, outcome, from_notes(notes, self) if "hyperparameters" in notes else HyperParameters(), self)

    def prevailing(self, new: str = "tune") -> HyperParameters:
        """Return a copy in which these hyperparameters keep their definitions, whatever a build function asks for.

        `new` says what to do with a name that is not registered here: let it join the space ("tune"), keep it at its
        default ("fix"), or raise an error ("refuse").
        """
        other = self.copy({})
        other._prevailing = frozenset(self._registered)
        other._new = one_of("prevailing: new", new, ("tune", "fix", "refuse"))
        return other

    def with_space(self, space: Iterable[Mapping[str, Any]]) -> HyperParameters:
        """Return a copy at its defaults with a different space, given by the entries of a `get_config`."""
        other = self.copy({})
        other._registered = {}
        other.add(self.from_config({"space": list(space), "values": {}}).space)
        return other

    def new_in(self, other: HyperParameters) -> list[HyperParameter]:
        """Return what a copy has registered since: new hyperparameters, or known ones in more conditional scopes. Raises ValueError if definitions differ."""
        known = self._registered
        merged = [either(known.get(name), theirs) for name, theirs in other._registered.items()]
        return [one for one in merged if one is not known.get(one.name)]

    def add(self, new: Iterable[HyperParameter]) -> None:
        """Register what is `new_in` a copy; the active ones take their defaults."""
        self._registered = self._registered | {h.name: h for h in new}  # another thread may be copying the old dict
        for h in new:
            if h.name not in self.values and self.is_active(h):
                self.values = {**self.values, h.name: unfrozen(h.default)}

    def get_config(self) -> dict[str, Any]:
        """Return space and values in plain types, for `from_config`."""
        configs = [(h.kind, {"name": h.name, "conditions": h.conditions, **h.config}) for h in self.space]
        space = [{"class_name": kind, "config": config} for kind, config in configs]
        return unfrozen({"space": space, "values": self.values})

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> HyperParameters:
        """Return the `HyperParameters` whose `get_config` returned this. Raises ValueError if it is no such config."""
        hp = cls()
        try:
            for entry in config["space"]:
                rest = dict(entry["config"])
                name, conditions = rest.pop("name"), dict(rest.pop("conditions"))
                kind = one_of("from_config: class_name", entry["class_name"], KINDS)
                hp._registered[name] = replace(define(name, kind, rest), conditions=conditions)
            hp.values = unfrozen(dict(config["values"]))
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"from_config: config={short(config)} must be what get_config returned: {error}") from None
        return hp

    def _known(self, who: str, name: Any) -> HyperParameter:
        instance(f"{who}: name", name, str, "a string")
        if name not in self._registered:
            raise KeyError(f"{who}: name={name!r} must be one of {list(self._registered)}")
        return self._registered[name]

    def _prevails(self, name: str) -> bool:
        """Return True if a registered hyperparameter keeps its definition, however it is asked for."""
        return name in self._prevailing or (self._new == "fix" and name in self._registered)

    def _conditions(self) -> dict[str, list[Any]]:
        """Return a dict from each parent to those of its values that all conditional scopes around this call allow."""
        conditions: dict[str, list[Any]] = {}
        for parent, wanted in self._scopes:
            around = conditions.get(parent, wanted)
            conditions[parent] = [v for v in around if self._registered[parent].is_one_of(v, wanted)]
            if not conditions[parent] and not self._prevails(parent):
                what = f"must have a value of the scope around it, {short(around)}"
                raise ValueError(f"conditional_scope: parent_values={short(wanted)} of {parent!r} {what}")
        return conditions

    def _ask(self, name: str, kind: str, **config: Any) -> Any:
        """Register the hyperparameter if it is new; return its value, or None if it is inactive."""
        asked = replace(define(name, kind, config), conditions=self._conditions())
        if self._prevails(name):
            asked = self._registered[name]
        elif not all(asked.conditions.values()):  # under a value that the prevailing parent does not have
            return None
        elif name not in self._registered and self._new == "refuse":
            what = f"one of {list(self._registered)}, since no new entries are allowed"
            raise ValueError(f"hp.{kind}({name!r}) must be {what}")
        elif name not in self._registered and self._new == "fix":
            fixed = define(name, "Fixed", {"values": [asked.default], "default": asked.default})
            asked = self._registered[name] = replace(fixed, conditions=asked.conditions)
        else:
            self._registered[name] = either(self._registered.get(name), asked)
        if not self.is_active(asked):
            return None
        if name not in self.values:
            self.values[name] = asked.default
        try:
            self.values[name] = unfrozen(asked.unconditional.check(self.values[name]))
        except (TypeError, ValueError) as error:
            raise ValueError(f"hp.{kind}({name!r}): values[{name!r}]={short(self.values[name])}: {error}") from None
        self.asked.add(name)
        return unfrozen(self.values[name])  # the build function may change a list that it gets
