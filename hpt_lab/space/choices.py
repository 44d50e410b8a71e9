"""Categorical hyperparameters: choices of any type, without an order. Chapter 1."""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hpt_lab.space.bins import Dimension
from hpt_lab.values.checks import name_foreign_arguments, plain, short
from hpt_lab.values.frozen import equal, frozen, same, unfrozen


@name_foreign_arguments
@dataclass(frozen=True, eq=False)
class Categorical(Dimension):
    """A choice from a list of values of any type: strings, numbers, None, tuples, estimators.

    Values of different types are different choices, even if Python calls them equal, like 1, 1.0 and True. Lists, dicts
    and sets are kept frozen and returned as fresh copies; an array is one read-only copy, since data may be large. Others
    are passed on unchanged. Raises TypeError if `choices` is not a list, ValueError if it is empty or one is repeated.

    >>> Categorical(["linear", "rbf", "poly"]).decode(0.5)
    'rbf'
    """

    choices: tuple[Any, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        listed: Any = self.choices.tolist() if isinstance(self.choices, np.ndarray) else self.choices
        try:
            if isinstance(listed, (str, bytes, Mapping, set, frozenset)):
                raise TypeError
            choices = tuple(map(frozen, listed))
        except TypeError:
            raise TypeError(f"Categorical: choices={short(listed)} must be a list") from None
        if not choices:
            raise ValueError("Categorical: choices=[] must hold at least one choice")
        object.__setattr__(self, "choices", choices)
        typed, _, hashless = self._numbers
        twice = [i for i, choice in enumerate(choices) if i not in hashless and typed[_typed(choice)] != i]
        twice += [i for i in hashless if any(same(choices[i], choices[j]) for j in hashless if j < i)]
        if twice:
            raise ValueError(f"Categorical: the choice {short(choices[twice[0]])} appears twice; each must appear once")

    def is_like(self, other: Dimension) -> bool:
        both = isinstance(other, Categorical) and self.size == other.size
        return both and all(map(same, self.choices, other.choices))  # type: ignore[attr-defined]

    @cached_property
    def _numbers(self) -> tuple[dict[Any, int], dict[Any, int], list[int]]:
        """The numbers of the choices by type and value, by value alone, and of those without a hash, such as lists."""
        typed: dict[Any, int] = {}
        loose: dict[Any, int] = {}  # of the first of those that Python calls equal, such as 1 and True
        hashless = []
        for i, choice in enumerate(self.choices):
            try:
                typed[_typed(choice)] = i
                loose.setdefault(choice, i)
            except TypeError:
                hashless.append(i)
        return typed, loose, hashless

    @property
    def size(self) -> Any:
        return len(self.choices)

    @property
    def has_order(self) -> bool:
        return False

    def at(self, index: int) -> Any:
        choice = self.choices[index]
        return choice if isinstance(choice, np.ndarray) else unfrozen(choice)

    def index(self, value: Any) -> int:
        typed, loose, hashless = self._numbers
        try:
            for numbers, key in ((typed, _typed(value)), (typed, _typed(plain(value))), (loose, value)):
                if key in numbers:
                    return numbers[key]
            among: Sequence[int] = hashless
        except TypeError:  # no hash
            value, among = frozen(value), range(self.size)
        for alike in (operator.is_, same, equal):
            for i in among:
                if alike(self.choices[i], value):
                    return i
        raise ValueError(f"Categorical: the value {short(value)} must be one of {short(list(self.choices))}")

    def neighbour(self, u: np.ndarray, scale: float | np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return (u + rng.integers(1, max(self.size, 2), size=u.shape) / self.size) % 1.0

    def values(self, resolution: int | None = None) -> list[Any]:
        """Return all choices, whatever the resolution: without an order, no few of them can stand for the rest."""
        return [self.at(i) for i in range(self.size)]


def _typed(choice: Any) -> tuple[type, Any]:
    """Return the choice with its type, so that 1, 1.0 and True differ; NaN, which does not equal itself, by its name."""
    return type(choice), "NaN" if isinstance(choice, float) and choice != choice else choice
