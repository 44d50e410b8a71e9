"""The direction of a study: "minimize" or "maximize" or, with several objectives, `Directions`. Chapters 1 and 5.

Inside, one objective is a case of several: `Directions.of` has a length of 1 for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hpt_lab.values.checks import WrongType, short
from hpt_lab.values.frozen import FrozenDict

BOTH = ("minimize", "maximize")
RESERVED = ("value", "constraints")  # what they mean in the dict of an objective
SEVERAL = "for several objectives, give one direction each, as in directions=['maximize', 'minimize']"
MINIMIZE: Any = type("_Default", (str,), {})("minimize")  # the default, which is not the user's own "minimize"


@dataclass(frozen=True, repr=False)
class Directions:
    """The direction of `each` objective, "minimize" or "maximize", and their `names`, if the user gave any."""

    each: tuple[str, ...]
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, direction: "str | Directions") -> "Directions":
        """Return the directions of a study, also if it has one objective."""
        return direction if isinstance(direction, Directions) else ONE[direction]

    @property
    def given(self) -> tuple[str, ...] | Mapping[str, str]:
        """As the user gave them: a tuple, or a mapping from the names."""
        return FrozenDict(zip(self.names, self.each, strict=True)) if self.names else self.each

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each objective: the user's, or `value_0`, `value_1`, ...; `value` for one objective."""
        return self.names or (tuple(f"value_{i}" for i in range(len(self))) if self.several else ("value",))

    @cached_property
    def several(self) -> bool:
        """True if there is more than one objective."""
        return len(self.each) > 1

    @cached_property
    def signs(self) -> tuple[float, ...]:
        """The factors that turn values into losses: 1 to minimize, -1 to maximize."""
        return tuple(-1.0 if one == "maximize" else 1.0 for one in self.each)

    def index(self, who: str, objective: Any) -> int:
        """Return the place of an objective, given by its label or its place."""
        if isinstance(objective, str) and objective in self.labels:
            return self.labels.index(objective)
        if type(objective) is int and 0 <= objective < len(self):
            return objective
        raise ValueError(f"{who}={short(objective)} must be one of the objectives {list(self.labels)}")

    def __len__(self) -> int:
        return len(self.each)

    def __repr__(self) -> str:
        return repr(self.given)

    def __str__(self) -> str:
        return ", ".join(map(" ".join, zip(self.each, self.names, strict=True)) if self.names else self.each)


Direction = str | Directions
ONE = {direction: Directions((direction,)) for direction in BOTH}


def check_direction(who: str, direction: Any) -> Any:
    """Return a direction if it is "minimize", "maximize" or a `Directions`. Raises ValueError otherwise."""
    if isinstance(direction, str) and direction in BOTH:
        return "minimize" if direction is MINIMIZE else direction
    if not isinstance(direction, Directions):
        several = f"; {SEVERAL}" if isinstance(direction, (list, tuple, Mapping)) else ""
        raise ValueError(f"{who}: direction={short(direction)} must be 'minimize' or 'maximize'{several}")
    return direction


def directions_of(who: str, direction: Any, directions: Any) -> Direction:
    """Return the direction of a study from the arguments `direction` and `directions`, one of which the user may give."""
    if directions is None or isinstance(directions, Directions):
        return check_direction(who, directions or direction)
    name = f"{who}: directions={short(directions)}"
    if direction is not MINIMIZE:
        raise ValueError(f"{name} and direction={short(direction)} must not both be given")
    if not isinstance(directions, (list, tuple, Mapping)):
        raise WrongType(f"{name} must be a list such as ['maximize', 'minimize'], or a dict of these by name")
    names = tuple(directions) if isinstance(directions, Mapping) else ()
    each = tuple(directions.values() if isinstance(directions, Mapping) else directions)
    if wrong := [one for one in each if not isinstance(one, str) or one not in BOTH]:
        raise ValueError(f"{name} must hold only 'minimize' and 'maximize', not {short(wrong[0])}")
    if len(each) < 2:
        one = "for one objective, give direction='maximize' or 'minimize'"
        raise ValueError(f"{name} must have at least two entries; {one}")
    for one in names:
        if not isinstance(one, str) or not one.strip() or not one.isprintable() or one in RESERVED:
            raise ValueError(f"{name} must have names of at least one letter, other than {RESERVED}, not {short(one)}")
    return Directions(each, names)


def as_stored(direction: Direction) -> Any:
    """Return a direction as JSON has it: a string, a list, or a dict."""
    return direction.given if isinstance(direction, Directions) else direction


def from_stored(stored: Any) -> Direction:
    """Return the direction that `as_stored` wrote. Raises ValueError or TypeError for anything else."""
    several = isinstance(stored, (list, dict)) and len(stored) > 1
    return directions_of("study", MINIMIZE, stored) if several else check_direction("study", stored)
