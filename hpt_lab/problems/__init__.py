"""Problems with known optima for comparing search strategies: formulas, and tables of real training runs.

A `Problem` is an objective that knows its space and its best loss. For a tabulated problem, every combination of a
finite space was trained beforehand, with several seeds, so that a chapter can repeat a search hundreds of times in
milliseconds. In the order of `suite()`, each problem adds something: a formula without noise, several minima; folds as
seeds; budgets of epochs, rows, trees; conditions; a schedule; noise; failures; many hyperparameters that do not matter.

The losses are minimized. `examples/tables/make_tables.py` makes the tables. Sources: Branin (1972) and Hartmann (1973)
as in Dixon & Szegö (1978), *Towards Global Optimisation 2*; Jones et al. (1998), *J. Global Optimization* 13 (optima).
"""

from collections.abc import Callable
from typing import Any

from hpt_lab.problems.formulas import branin, hartmann6, network20
from hpt_lab.problems.problem import Problem, Table
from hpt_lab.problems.trainings import (
    FOREST_METRICS,
    boosters_diabetes,
    boosting_boston,
    durations,
    forest_boston,
    mlp_mnist,
    momentum_boston,
    schedule_digits,
    sgd_cancer,
    svm_digits,
    svm_mnist,
)
from hpt_lab.values.checks import one_of

__all__ = ["FOREST_METRICS", "PROBLEMS", "Problem", "Table", "durations", "get", "suite"]
__all__ += ["branin", "hartmann6", "network20"]
__all__ += ["boosters_diabetes", "boosting_boston", "forest_boston", "mlp_mnist", "momentum_boston", "schedule_digits"]
__all__ += ["sgd_cancer", "svm_digits", "svm_mnist"]

made = [branin, hartmann6, forest_boston, svm_digits, mlp_mnist, svm_mnist, boosting_boston, boosters_diabetes]
made += [schedule_digits, sgd_cancer, momentum_boston, network20]
PROBLEMS: dict[str, Callable[..., Problem]] = {problem.__name__: problem for problem in made}


def get(name: str, **options: Any) -> Problem:
    """Return the problem of that name, made with the options of its function, such as `n_seeds`.

    Raises ValueError if there is none of this name.

    >>> get("branin")
    Problem(branin, inf combinations, optimum=0.397887)
    """
    return PROBLEMS[one_of("problems: name", name, list(PROBLEMS))](**options)


def suite() -> dict[str, Problem]:
    """Return all problems of the race by name, each with its optimum."""
    return {name: problem() for name, problem in PROBLEMS.items()}
