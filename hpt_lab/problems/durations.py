"""How long the trials of a tabulated problem take, for simulated workers. Chapter 5."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hpt_lab.problems.problem import Problem
from hpt_lab.values.checks import short

__all__ = ["durations"]

SECONDS: dict[str, Callable[[Problem, Mapping[str, Any], float], float]] = {
    "forest_boston": lambda problem, p, budget: (
        p["n_estimators"] * (0.0024 + 0.0041 * (1 - 2 ** (-p["max_depth"] / 4)))  # a depth of 20 is rarely reached
    ),
    "svm_digits": lambda problem, p, budget: 0.06 + 0.16 * problem(p),  # both grow with the number of support vectors
    "mlp_mnist": lambda problem, p, epochs: (
        epochs * (0.011 + 4.5e-7 * (784 * p["units_1"] + p["units_1"] * p["units_2"] + 10 * p["units_2"]))
    ),
    "svm_mnist": lambda problem, p, hundreds: (
        100 * hundreds * (4.5e-5 + 5.5e-7 * p["n_components"] + 2.5e-6 * hundreds)
    ),
    "boosting_boston": lambda problem, p, trees: trees * (0.0008 + 0.0004 * p["max_depth"]),
    "boosters_diabetes": lambda problem, p, trees: trees * _one_tree(p),
    "schedule_digits": lambda problem, p, epochs: epochs * (0.0007 + 0.108 / p["batch_size"]),  # 719 rows
    "sgd_cancer": lambda problem, p, budget: 0.0008,
    "momentum_boston": lambda problem, p, budget: (
        0.55 * (1 + 0.5 * p["n_layers"]) / p["batch_size"]  # as long if it diverges
    ),
}  # by problem: seconds of its params, at a budget


def _one_tree(p: Mapping[str, Any]) -> float:
    """Seconds that one tree of `boosters_diabetes` takes."""
    if p["booster"] == "histogram":
        return 0.0001 + 0.00005 * math.log2(p["max_leaf_nodes"])
    first, deeper = (0.00035, 0.00025) if p["booster"] == "gradient" else (0.0003, 0.00035)
    return first + deeper * math.log2(p["max_depth"])


def durations(problem: Problem) -> Callable[[Any], float]:
    """How long the trials of a tabulated problem take: seconds of one core, for `hpt_lab.loop.simulate`.

    The formulas follow what trainings are made of (trees, weights, rows), with factors that were measured once, on a
    few trainings of each problem: they are right to about a third, and in how trials differ. A trial without a budget
    takes as long as one with the largest.

    Raises
    ------
    ValueError
        If the problem is a formula, which takes no time to speak of.

    Examples
    --------
    >>> from hpt_lab import Trial, problems
    >>> duration = problems.durations(problems.forest_boston())
    >>> [round(duration(Trial(0, {"max_depth": 10, "n_estimators": n})), 2) for n in (10, 300)]
    [0.06, 1.73]
    """
    if not isinstance(problem, Problem):
        raise TypeError(f"durations: problem={short(problem)} must be a Problem")
    seconds = SECONDS.get(problem.name)
    if seconds is None or problem.table is None:
        raise ValueError(f"durations: problem={short(problem)} must be a tabulated one: {', '.join(SECONDS)}")
    most = problem.budgets[-1] if problem.budgets else 1
    return lambda trial: seconds(problem, trial.params, most if trial.budget is None else trial.budget)
