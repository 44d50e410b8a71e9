"""A problem: an objective to minimise that knows its search space and its best loss. Chapter 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt_lab.problems.table import Table, check_space
from hpt_lab.space import Params, Space
from hpt_lab.values.checks import finite, integer, short

__all__ = ["Problem"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """An objective to minimise, with its search space and its best loss. Call it: ``problem(params)``.

    Attributes
    ----------
    name : str
    space : Space
    optimum : float
        The best loss there is; of a tabulated problem, the smallest mean over the seeds.
    best_params : dict
        Params that reach it.
    loss_label : str
        What the loss is, with its unit: for the axis of a figure.
    function : callable or None
        Of a formula, `function(params) -> float`.
    table : Table or None
        Of a tabulated problem, every loss.

    Raises
    ------
    TypeError, ValueError
        If one of these is of another type, the best params are not in the space, or there are not exactly one of function
        and table.
    """

    name: str
    space: Space
    optimum: float
    best_params: Params
    loss_label: str
    function: Callable[[Mapping[str, Any]], float] | None = None
    table: Table | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not isinstance(self.loss_label, str):
            wrong = "name" if not isinstance(self.name, str) else "loss_label"
            raise TypeError(f"Problem: {wrong}={short(getattr(self, wrong))} must be a string")
        who = f"Problem {self.name}"
        check_space(who, self.space)
        finite(f"{who}: optimum", self.optimum)
        if not isinstance(self.best_params, Mapping):
            raise TypeError(
                f"{who}: best_params={short(self.best_params)} must be a dict of params, or {{}} if unknown"
            )
        if self.best_params:
            self.space.check(self.best_params)
        if self.function is not None and not callable(self.function):
            raise TypeError(f"{who}: function={short(self.function)} must be a function of the params")
        if self.table is not None and not isinstance(self.table, Table):
            raise TypeError(f"{who}: table={short(self.table)} must be a Table")
        if (self.function is None) == (self.table is None):
            both = "both" if self.table is not None else "neither"
            raise ValueError(f"{who}: function and table are {both} given, but it must be one of the two")

    def __hash__(self) -> int:
        return hash(self.name)

    def __call__(self, params: Mapping[str, Any], budget: int | None = None, seed: int | None = 0) -> float:
        """Loss of `params`.

        Parameters
        ----------
        params : dict
            A point of the space.
        budget : int, optional
            How much training to look at, where the problem has budgets; the largest if None.
        seed : int or None
            Which of the tabulated repetitions; None gives the mean over all of them. A formula has no noise.

        Raises
        ------
        ValueError
            If the params are outside the space, or the budget or seed is not in the table.
        ArithmeticError
            If that training failed: it diverged, and its loss is NaN. A search goes on, with a failed trial.
        """
        if self.table is not None:
            return self.table.at(params, seed, budget)
        assert self.function is not None
        if budget is not None:
            raise ValueError(f"{self.name}: budget={short(budget)} must be None: a formula is evaluated in full")
        if seed is not None:
            integer(f"{self.name}: seed", seed, least=0)
        self.space.check(params)
        return round(self.function(params), 10)

    @property
    def n_seeds(self) -> int:
        """Number of different repetitions: 1 if there is no noise."""
        return 1 if self.table is None else self.table.n_seeds

    @property
    def budgets(self) -> tuple[int, ...]:
        """The budgets that can be asked for, ascending; empty if there is only full training."""
        return () if self.table is None else self.table.budgets

    def values(self, seed: int | None = None, budget: int | None = None) -> Array:
        """Losses of a tabulated problem over its whole grid: see `Table.values`."""
        if self.table is None:
            raise ValueError(f"{self.name}: has no table; values() is for tabulated problems")
        return self.table.values(seed, budget)

    def optimum_at(self, seed: int | None = None) -> float:
        """The best loss there is for one seed: what a search that sees only that seed can reach."""
        return self.optimum if self.table is None else float(np.nanmin(self.values(seed)))

    def __repr__(self) -> str:
        return f"Problem({self.name}, {self.space.size} combinations, optimum={self.optimum:.6g})"
