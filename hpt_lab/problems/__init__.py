"""Problems with known optima, on which search strategies are compared: formulas, and tables of real trainings.

A `Problem` is an objective that knows its space and its best loss. A tabulated one has trained every combination of a
finite space beforehand, with several seeds, so that a chapter repeats a search hundreds of times in milliseconds.

| function              | dimensions                        | loss                                         | new: seeds, budgets    |
|-----------------------|-----------------------------------|----------------------------------------------|------------------------|
| `branin()`            | x1, x2                            | formula, three equal minima                  | no noise               |
| `hartmann6()`         | x1 ... x6                         | formula, one global minimum among several    | no noise               |
| `forest_boston()`     | max_depth, n_estimators           | random forest, error of prices in 1000 USD   | seeds: folds, forest   |
| `svm_digits()`        | C, gamma                          | share of 8x8 digits an RBF SVM gets wrong    | seeds: folds           |
| `mlp_mnist()`         | units_1, units_2, learning_rate   | share of MNIST digits our MLP gets wrong     | budgets: epochs        |
| `svm_mnist()`         | blur, n_components, C, gamma      | share of MNIST digits an RBF SVM gets wrong  | budgets: 100 digits    |
| `boosting_boston()`   | learning_rate, max_depth, 3 more  | variance that boosting leaves over           | budgets: trees         |
| `boosters_diabetes()` | booster, learning_rate, 7 opened  | variance that boosting leaves over           | conditions; trees      |
| `schedule_digits()`   | learning_rate, batch_size, 5 more | share of 8x8 digits our MLP gets wrong       | a schedule; epochs     |
| `sgd_cancer()`        | loss, alpha, l1_ratio, 2 more     | share of tumors a linear model gets wrong    | noise: 20 seeds        |
| `momentum_boston()`   | learning_rate, momentum, 3 more   | variance that a network leaves over          | failures: one in eight |
| `network20()`         | 20, of all kinds                  | formula, an imaginary network                | eight matter           |

The losses are minimized. `examples/tables/make_tables.py` makes the tables. Sources: Branin (1972) and Hartmann (1973) as in
Dixon & Szegö (1978), *Towards Global Optimisation 2*; Jones, Schonlau & Welch (1998), *J. Global Optimization* 13, for the optima.
"""

from __future__ import annotations

from collections.abc import Callable

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

PROBLEMS: dict[str, Callable[[], Problem]] = {
    problem.__name__: problem
    for problem in (
        *(branin, hartmann6, forest_boston, svm_digits, mlp_mnist, svm_mnist, boosting_boston, boosters_diabetes),
        *(schedule_digits, sgd_cancer, momentum_boston, network20),
    )
}


def get(name: str) -> Problem:
    """Return the problem of that name. ValueError if there is none.

    >>> get("branin")
    Problem(branin, inf combinations, optimum=0.397887)
    """
    return PROBLEMS[one_of("problems: name", name, list(PROBLEMS))]()


def suite() -> dict[str, Problem]:
    """Return all problems by name, for a race, each with its optimum. `hpt_lab.race.score` says how a race scores.

    >>> len(suite()), suite()["network20"]
    (12, Problem(network20, inf combinations, optimum=0.03))
    """
    return {name: problem() for name, problem in PROBLEMS.items()}
