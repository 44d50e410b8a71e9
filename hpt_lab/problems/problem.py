"""Problems: objectives to minimize that know their search space and their best loss. Chapter 2.

A tabulated problem has a `Table`: the loss of every combination of a finite space, by seed and by budget.

    losses[s, b, i, j, ...]    of seed s after budget b, at value i of the first dimension, j of the second, ...
    losses[s, b, n]            in a space with conditions: at combination n of `space.grid()`
    NaN                        the training failed
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt_lab.space import Params, Space
from hpt_lab.values.checks import finite, instance, integer, items, number, require, short

Array = NDArray[np.float64]
A_SPACE = "a Space, as in Space(x=Float(0, 1))"


@dataclass(frozen=True, eq=False)
class Table:
    """The losses of every combination of a finite space.

    In the mean over the seeds, a failed training run counts as the worst loss in the table (at that budget), since it
    leaves a useless model; if all seeds failed, the mean is NaN as well. Raises ValueError or TypeError if an argument
    is wrong.

    Attributes
    ----------
    space : Space, of dimensions with finitely many values
    losses : ndarray of shape (n_seeds, n_budgets, size, ...), or (n_seeds, n_budgets, n_combinations) with conditions
        By the values of each dimension, or the combinations of `space.grid()`; n_budgets is 1 without budgets; NaN: failed.
    budgets : tuple of int, for example epochs, ascending; empty if all training is full
    """

    space: Space
    losses: Array
    budgets: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        instance("Table: space", self.space, Space, A_SPACE)
        budgets = items("Table: budgets", self.budgets, "a tuple of numbers")
        steps = [finite("Table: a budget", budget, above=0) for budget in budgets]
        require(steps == sorted(set(steps)), "Table: budgets", self.budgets, "in ascending order", ValueError)
        conditional = self.space.conditional
        sizes = [self.space.size] if conditional else [d.size for d in self.space.dimensions.values()]
        shape = (max(1, len(steps)), *sizes)
        numbers = isinstance(self.losses, np.ndarray) and self.losses.dtype.kind in "iuf" and self.losses.ndim > 0
        require(numbers, "Table: losses", self.losses, "an array of numbers")
        if not len(self.losses) or self.losses.shape[1:] != shape:
            names = f"(n_seeds, n_budgets, {'n_combinations' if conditional else '*sizes'})"
            wanted = f"{names} = (n_seeds, {', '.join(map(str, shape))})"
            raise ValueError(f"Table: losses has shape {self.losses.shape} but must be {wanted}")
        if np.isnan(self.losses).all(axis=tuple(range(2, self.losses.ndim))).any():
            raise ValueError("Table: losses are all NaN for one seed and budget, but at least one must be a number")

    @property
    def n_seeds(self) -> int:
        """The number of seeds: 0 to n_seeds - 1 are tabulated."""
        return len(self.losses)

    def values(self, seed: int | None = None, budget: int | None = None) -> Array:
        """Return the losses over the whole grid, for one seed, or the mean over the seeds if `seed` is None.

        An ndarray with an axis for each dimension, of the length of its values; of shape (n_combinations,) if the space
        has conditions; NaN if the training failed. None is the largest budget. Raises ValueError for an unknown one.
        """
        at = self._budget_index(budget)
        losses = self.losses[:, at]
        if seed is None:
            return self._counted(losses, at).mean(axis=0).round(10)
        return losses[self._seed_index(seed)].copy()

    def at(self, params: Mapping[str, Any], seed: int | None = 0, budget: int | None = None) -> float:
        """Return the loss of `params`, for one seed, or the mean over the seeds if `seed` is None.

        Raises ValueError if they are not in the table, and ArithmeticError if that training failed.
        """
        self.space.check(params)
        at = self._budget_index(budget)
        key = self.space.key(params)  # the number of each value
        cell = (self._numbers[key],) if self.space.conditional else key
        losses = self.losses[(slice(None), at, *cell)]
        loss = float(self._counted(losses, at).mean() if seed is None else losses[self._seed_index(seed)])
        if np.isnan(loss):
            which = "with every seed" if seed is None else f"with seed {seed}"
            raise ArithmeticError(f"the training of {short(dict(params))} failed {which}: its loss is not a number")
        return round(loss, 10)

    def argmin(self, seed: int | None = None, budget: int | None = None) -> Params:
        """Return the params with the smallest loss; of equals, the first in the order of the table."""
        values = self.values(seed, budget)
        best = int(np.nanargmin(values))
        if self.space.conditional:
            return self.space.grid()[best]
        cell = np.unravel_index(best, values.shape)
        return {name: dim.values()[i] for (name, dim), i in zip(self.space.dimensions.items(), cell, strict=True)}

    @cached_property
    def _numbers(self) -> dict[tuple[Any, ...], int]:
        """The number of each combination of a space with conditions, by its key."""
        grid = self.space.grid()
        return {self.space.key(grid[number]): number for number in range(grid.size)}

    def _counted(self, losses: Array, at: int) -> Array:
        """Return the losses of all seeds, with the worst in the table for a failed one, unless all failed."""
        failed = np.isnan(losses)
        if not failed.any():
            return losses
        return np.where(failed & ~failed.all(axis=0), np.nanmax(self.losses[:, at]), losses)

    def _seed_index(self, seed: Any) -> int:
        try:
            return integer("seed", seed, 0, self.n_seeds - 1)
        except ValueError as error:
            raise ValueError(f"{error}, or None for their mean") from None

    def _budget_index(self, budget: Any) -> int:
        if budget is None:
            return -1
        require(bool(self.budgets), "budget", budget, "None: this problem has only full training runs", ValueError)
        try:
            return self.budgets.index(number(budget))
        except (TypeError, ValueError):
            raise ValueError(f"budget={short(budget)} must be one of {', '.join(map(str, self.budgets))}") from None


@dataclass(frozen=True, eq=False)
class Problem:
    """An objective to minimize that knows its search space and its best loss. Call it as ``problem(params)``.

    Raises TypeError or ValueError if an argument is wrong, or not exactly one of function and table is given.

    Attributes
    ----------
    name, space : str and Space
    optimum : float, the best loss there is; for a tabulated problem, the smallest mean over the seeds
    best_params : dict, params that reach this loss
    loss_label : str, the name of the loss, with its unit, for the axis of a figure
    function : callable or None, the formula, `function(params) -> float`
    table : Table or None, all losses of a tabulated problem
    """

    name: str
    space: Space
    optimum: float
    best_params: Params
    loss_label: str
    function: Callable[[Mapping[str, Any]], float] | None = None
    table: Table | None = None

    def __post_init__(self) -> None:
        for attribute, value in (("name", self.name), ("loss_label", self.loss_label)):
            instance(f"Problem: {attribute}", value, str, "a string")
        who = f"Problem {self.name}"
        instance(f"{who}: space", self.space, Space, A_SPACE)
        finite(f"{who}: optimum", self.optimum)
        instance(f"{who}: best_params", self.best_params, Mapping, "a dict of params, or {} if unknown")
        if self.best_params:
            self.space.check(self.best_params)
        formula = self.function is None or callable(self.function)
        require(formula, f"{who}: function", self.function, "a function of the params")
        instance(f"{who}: table", self.table, (Table, type(None)), "a Table")
        if (self.function is None) == (self.table is None):
            both = "both" if self.table is not None else "neither"
            raise ValueError(f"{who}: function and table are {both} given, but exactly one of them must be")

    def __call__(self, params: Mapping[str, Any], budget: int | None = None, seed: int | None = 0) -> float:
        """Return the loss of `params`.

        Raises ValueError if they are outside the space, or the budget or seed is not in the table, and ArithmeticError if
        that training failed and its loss is NaN. A search then continues, with a failed trial.

        Parameters
        ----------
        params : dict, a point of the space
        budget : int, optional, how much training to look at, if the problem has budgets; the largest if None
        seed : int or None
            Which of the tabulated repetitions to look at; None gives the mean over all of them. A formula has no noise.
        """
        if self.table is not None:
            return self.table.at(params, seed, budget)
        assert self.function is not None
        require(budget is None, f"{self.name}: budget", budget, "None: a formula is evaluated in full", ValueError)
        if seed is not None:
            integer(f"{self.name}: seed", seed, least=0)
        self.space.check(params)
        return round(self.function(params), 10)

    @property
    def n_seeds(self) -> int:
        """The number of different repetitions: 1 if there is no noise."""
        return 1 if self.table is None else self.table.n_seeds

    def training(self, seed: int) -> int:
        """Return which tabulated training a search with this seed sees: seed modulo `n_seeds`.

        Searches that see the same training share its luck: average them first (`hpt_lab.loop.paired`).
        """
        return integer(f"{self.name}: seed", seed, least=0) % self.n_seeds

    @property
    def budgets(self) -> tuple[int, ...]:
        """The budgets that can be asked for, ascending; empty if all training is full."""
        return () if self.table is None else self.table.budgets

    def values(self, seed: int | None = None, budget: int | None = None) -> Array:
        """Return the losses of a tabulated problem over its whole grid: see `Table.values`."""
        if self.table is None:
            raise ValueError(f"{self.name}: this problem has no table; values() needs a tabulated problem")
        return self.table.values(seed, budget)

    def optimum_at(self, seed: int | None = None) -> float:
        """Return the best loss for one seed, which is what a search that sees only that seed can reach."""
        return self.optimum if self.table is None else float(np.nanmin(self.values(seed)))

    def __repr__(self) -> str:
        return f"Problem({self.name}, {self.space.size} combinations, optimum={self.optimum:.6g})"
