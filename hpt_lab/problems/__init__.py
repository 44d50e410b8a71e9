"""Problems with known optima, on which search strategies are compared: three formulas, and tables of real trainings.

A `Problem` is an objective that knows its search space and its best loss. A tabulated one has trained every combination
of a finite space beforehand, with several seeds, so that a chapter repeats a search hundreds of times in milliseconds.

| function            | dimensions                       | loss                                             | seeds         |
|---------------------|----------------------------------|--------------------------------------------------|---------------|
| `branin()`          | x1, x2                           | formula, three equal minima                      | no noise      |
| `hartmann6()`       | x1 ... x6                        | formula, one global minimum among several        | no noise      |
| `forest_boston()`   | max_depth, n_estimators          | random forest, error of house prices in 1000 USD | folds, forest |
| `svm_digits()`      | C, gamma                         | share of 8x8 digits that an RBF SVM gets wrong   | folds         |
| `mlp_mnist()`       | units_1, units_2, learning_rate  | share of MNIST digits that our MLP gets wrong    | training      |
| `svm_mnist()`       | blur, n_components, C, gamma     | share of MNIST digits that an RBF SVM gets wrong | all rows      |
| `boosting_boston()` | learning_rate, max_depth, and 3  | share of the variance that boosting leaves over  | folds, trees  |

`mlp_mnist`, `svm_mnist` and `boosting_boston` have budgets as well, and each means another thing: epochs, training
digits, trees. Five more are what today's practice adds:

| function              | dimensions                          | loss                                     | what is new       |
|-----------------------|-------------------------------------|------------------------------------------|-------------------|
| `boosters_diabetes()` | booster, learning_rate, 7 that it   | variance that boosting leaves over       | conditions on     |
|                       | or its loss opens                   |                                          | conditions; trees |
| `schedule_digits()`   | learning_rate, batch_size, warm-up, | share of 8x8 digits that our MLP gets    | a schedule;       |
|                       | schedule, 3 that it opens           | wrong                                    | epochs            |
| `sgd_cancer()`        | loss, alpha, l1_ratio, eta0,        | share of tumours that a linear model     | noise: 20 seeds   |
|                       | power_t                             | gets wrong after two passes              |                   |
| `momentum_boston()`   | learning_rate, momentum,            | variance that a network leaves over      | failures: one in  |
|                       | batch_size, n_layers, units         |                                          | eight diverges    |
| `network20()`         | 20, of all kinds                    | formula, an imaginary network            | eight matter      |

`suite()` holds all of them, for a race. The losses are minimised. `examples/tables/make_tables.py` makes the tables.

Sources: Branin (1972) and Hartmann (1973), in the form of Dixon & Szegö (1978), *Towards Global Optimisation 2*;
Jones, Schonlau & Welch (1998), *J. Global Optimization* 13, for the optima.
"""

from __future__ import annotations

from collections.abc import Callable

from hpt_lab.problems.durations import durations
from hpt_lab.problems.formulas import branin, hartmann6, network20
from hpt_lab.problems.practice import boosters_diabetes, momentum_boston, schedule_digits, sgd_cancer
from hpt_lab.problems.problem import Problem
from hpt_lab.problems.table import Table
from hpt_lab.problems.trainings import (
    FOREST_METRICS,
    boosting_boston,
    forest_boston,
    mlp_mnist,
    svm_digits,
    svm_mnist,
)
from hpt_lab.values.checks import one_of

__all__ = [
    "FOREST_METRICS",
    "PROBLEMS",
    "Problem",
    "Table",
    "boosters_diabetes",
    "boosting_boston",
    "branin",
    "durations",
    "forest_boston",
    "get",
    "hartmann6",
    "mlp_mnist",
    "momentum_boston",
    "network20",
    "schedule_digits",
    "sgd_cancer",
    "suite",
    "svm_digits",
    "svm_mnist",
]

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "branin": branin,
    "hartmann6": hartmann6,
    "forest_boston": forest_boston,
    "svm_digits": svm_digits,
    "mlp_mnist": mlp_mnist,
    "svm_mnist": svm_mnist,
    "boosting_boston": boosting_boston,
    "boosters_diabetes": boosters_diabetes,
    "schedule_digits": schedule_digits,
    "sgd_cancer": sgd_cancer,
    "momentum_boston": momentum_boston,
    "network20": network20,
}


def get(name: str) -> Problem:
    """The problem of that name. Raises ValueError if there is none.

    >>> get("branin")
    Problem(branin, inf combinations, optimum=0.397887)
    """
    return PROBLEMS[one_of("problems: name", name, list(PROBLEMS))]()


def suite() -> dict[str, Problem]:
    """All problems by name, for a race: twelve, tabulated and formulas, each with its optimum.

    In a race a search scores `100 (random - found) / (random - optimum)`, as `hpt_lab.race.score` has it: `found` is the
    true loss of its incumbent, `problem(params, seed=None)`, and `random` the mean of what random search finds in as many
    trials. 0 is as good as random search, 100 the optimum.

    >>> len(suite()), suite()["network20"]
    (12, Problem(network20, inf combinations, optimum=0.03))
    """
    return {name: problem() for name, problem in PROBLEMS.items()}
