"""A table of real trainings: the loss of every combination of a finite space, by seed and by budget.

    losses[s, b, i, j, ...]    of seed s after budget b, at value i of the first dimension, j of the second, ...
    losses[s, b, n]            in a space with conditions: at combination n of `space.grid()`
    NaN                        the training failed

Chapter 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt_lab.space import Params, Space
from hpt_lab.values.checks import finite, number, short

__all__ = ["Table", "check_space"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """The losses of every combination of a finite space.

    In the mean over the seeds, a training that failed counts as the worst one of the table (at that budget), as whoever
    needs a model is left with a useless one; where all seeds failed, there is no mean either.

    Attributes
    ----------
    space : Space
        Of dimensions with finitely many values.
    losses : ndarray of shape (n_seeds, n_budgets, ...), or (n_seeds, n_budgets, n_combinations)
        In the place of the dots, the numbers of values of the dimensions, in the order of the space; n_budgets is 1 without budgets.
        A space with conditions has a list in their place, in the order of `space.grid()`. NaN: the training failed.
    budgets : tuple of int
        For example epochs, ascending; empty if there is only full training.

    Raises
    ------
    ValueError
        If the shape of the losses is another one, the budgets do not ascend, or all trainings of a seed failed.
    TypeError
        If the space is no Space, or the losses are no numbers.
    """

    space: Space
    losses: Array
    budgets: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        check_space("Table", self.space)
        if not hasattr(self.budgets, "__len__") or isinstance(self.budgets, str):
            raise TypeError(f"Table: budgets={short(self.budgets)} must be a tuple of numbers")
        steps = [finite("Table: a budget", budget, above=0) for budget in self.budgets]
        if steps != sorted(set(steps)):
            raise ValueError(f"Table: budgets={short(self.budgets)} must ascend")
        conditional = self.space.conditional
        sizes = [self.space.size] if conditional else [d.size for d in self.space.dimensions.values()]
        shape = (max(1, len(steps)), *sizes)
        if not isinstance(self.losses, np.ndarray) or self.losses.dtype.kind not in "iuf" or not self.losses.ndim:
            raise TypeError(f"Table: losses={short(self.losses)} must be an array of numbers")
        if not len(self.losses) or self.losses.shape[1:] != shape:
            last = "n_combinations" if conditional else "*sizes"
            raise ValueError(f"Table: losses has shape {self.losses.shape} but must be (n_seeds, n_budgets, {last}) = "
                             f"(n_seeds, {', '.join(map(str, shape))})")  # fmt: skip
        if np.isnan(self.losses).all(axis=tuple(range(2, self.losses.ndim))).any():
            raise ValueError("Table: losses are all NaN for one seed and budget, but at least one must be a number")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        same = self.space == other.space and tuple(self.budgets) == tuple(other.budgets)
        return same and np.array_equal(self.losses, other.losses, equal_nan=True)

    def __hash__(self) -> int:
        return hash((self.losses.shape, *self.budgets))

    @property
    def n_seeds(self) -> int:
        """Number of seeds: 0 to n_seeds - 1 are tabulated."""
        return len(self.losses)

    def values(self, seed: int | None = None, budget: int | None = None) -> Array:
        """Losses over the whole grid, for one seed, or the mean over the seeds if `seed` is None.

        Returns ndarray with an axis for each dimension, as long as it has values; of shape (n_combinations,) if the space has
        conditions. NaN where the training failed. `budget` is the largest if None. Raises ValueError if seed or budget is not in the table.
        """
        at = self._budget_index(budget)
        losses = self.losses[:, at]
        if seed is None:
            return self._counted(losses, at).mean(axis=0).round(10)
        return losses[self._seed_index(seed)].copy()

    def at(self, params: Mapping[str, Any], seed: int | None = 0, budget: int | None = None) -> float:
        """Loss of `params`: for one seed, or the mean over the seeds.

        Raises ValueError if they are not in the table, and ArithmeticError if that training failed.
        """
        self.space.check(params)
        at = self._budget_index(budget)
        losses = self.losses[:, at][(slice(None), *self._cell(params))]  # type: ignore[arg-type]
        loss = float(self._counted(losses, at).mean() if seed is None else losses[self._seed_index(seed)])
        if np.isnan(loss):
            which = "with every seed" if seed is None else f"with seed {seed}"
            raise ArithmeticError(f"the training of {short(dict(params))} failed {which}: its loss is not a number")
        return round(loss, 10)

    def argmin(self, seed: int | None = None, budget: int | None = None) -> Params:
        """The params with the smallest loss, the first in the order of the table among equals."""
        values = self.values(seed, budget)
        best = int(np.nanargmin(values))
        if self.space.conditional:
            return self.space.grid()[best]
        cell = np.unravel_index(best, values.shape)
        return {name: dim.values()[i] for (name, dim), i in zip(self.space.dimensions.items(), cell, strict=True)}

    def _cell(self, params: Mapping[str, Any]) -> tuple[int, ...]:
        """Where the params are in the table: the places of their values, or the number of their combination."""
        places = self._places(params)
        return (self._numbers[places],) if self.space.conditional else places

    def _places(self, params: Mapping[str, Any]) -> tuple[int, ...]:
        """The place of each value among those of its dimension; -1 where the dimension is inactive."""
        return tuple(d.index(params[name]) if name in params else -1 for name, d in self.space.dimensions.items())

    @cached_property
    def _numbers(self) -> dict[tuple[int, ...], int]:
        """Of a space with conditions: places of the values -> number of the combination."""
        grid = self.space.grid()
        return {self._places(grid[number]): number for number in range(grid.size)}

    def _counted(self, losses: Array, at: int) -> Array:
        """The losses of all seeds with the worst of the table for one that failed, unless all did."""
        failed = np.isnan(losses)
        if not failed.any():
            return losses
        return np.where(failed & ~failed.all(axis=0), np.nanmax(self.losses[:, at]), losses)

    def _seed_index(self, seed: Any) -> int:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < self.n_seeds:
            last = self.n_seeds - 1
            raise ValueError(f"seed={short(seed)} must be an integer from 0 to {last}, or None for their mean")
        return int(seed)

    def _budget_index(self, budget: Any) -> int:
        if budget is None:
            return -1
        if not self.budgets:
            raise ValueError(f"budget={short(budget)} must be None: this problem has full trainings only")
        try:
            return self.budgets.index(number(budget))
        except (TypeError, ValueError):
            raise ValueError(f"budget={short(budget)} must be one of {', '.join(map(str, self.budgets))}") from None


def check_space(who: str, space: Any) -> None:
    if not isinstance(space, Space):
        raise TypeError(f"{who}: space={short(space)} must be a Space, as in Space(x=Float(0, 1))")
