"""Problems with known optima, on which search strategies are compared: two formulas, and tables of real trainings.

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

The last three have budgets as well, and each means another thing: epochs, training digits, trees.

The losses are minimised. `hpt_lab/data/make_tables.py` makes the tables.

Sources: Branin (1972) and Hartmann (1973), in the form of Dixon & Szegö (1978), *Towards Global Optimisation 2*;
Jones, Schonlau & Welch (1998), *J. Global Optimization* 13, for the optima.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt_lab.checks import finite, integer, number, one_of, short
from hpt_lab.space import Float, Int, Params, Space

__all__ = [
    "PROBLEMS",
    "Problem",
    "Table",
    "boosting_boston",
    "branin",
    "durations",
    "forest_boston",
    "get",
    "hartmann6",
    "mlp_mnist",
    "svm_digits",
    "svm_mnist",
]

Array = NDArray[np.float64]
DATA = Path(__file__).parent / "data"

# The grids of the tables: every value of every dimension is in the table.
FOREST_SPACE = Space(max_depth=Int(1, 20), n_estimators=Int(10, 300, step=10))
SVM_SPACE = Space(C=Float(1e-2, 1e3, log=True, step=10**0.25), gamma=Float(1e-4, 1e1, log=True, step=10**0.25))
MLP_SPACE = Space(
    units_1=Int(16, 256, log=True, step=2),
    units_2=Int(16, 256, log=True, step=2),
    learning_rate=Float(1e-4, 1e-1, log=True, step=10 ** (1 / 3)),
)
MLP_BUDGETS = tuple(range(1, 28))
SVM_MNIST_SPACE = Space(
    blur=Float(0.0, 1.5, step=0.5),
    n_components=Int(8, 256, log=True, step=2),
    C=Float(1e-2, 1e2, log=True, step=10),
    gamma=Float(1e-4, 1e0, log=True, step=10**0.5),
)
SVM_MNIST_BUDGETS = (1, 3, 9, 27)  # hundreds of training digits
BOOSTING_SPACE = Space(
    learning_rate=Float(1e-2, 1e0, log=True, step=10 ** (1 / 3)),
    max_depth=Int(1, 4, log=True, step=2),
    min_samples_leaf=Int(1, 16, log=True, step=2),
    subsample=Float(0.25, 1.0, step=0.25),
    max_features=Float(0.25, 1.0, log=True, step=2),
)
BOOSTING_BUDGETS = (1, 2, 3, 4, 6, 9, 13, 18, 27, 38, 54, 81)  # trees
FOREST_METRICS = ("max_error", "mean_absolute_error", "root_mean_squared_error")


@dataclass(frozen=True, eq=False)
class Table:
    """The losses of every combination of a finite space.

    Attributes
    ----------
    space : Space
        Of dimensions with finitely many values, none of them conditional.
    losses : ndarray of shape (n_seeds, n_budgets, *sizes)
        `sizes` are the numbers of values of the dimensions, in the order of the space; n_budgets is 1 without budgets.
    budgets : tuple of int
        For example epochs, ascending; empty if there is only full training.

    Raises
    ------
    ValueError
        If the shape of the losses is another one, or the budgets do not ascend.
    TypeError
        If the space is no Space, or the losses are no numbers.
    """

    space: Space
    losses: Array
    budgets: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check_space("Table", self.space)
        if not hasattr(self.budgets, "__len__") or isinstance(self.budgets, str):
            raise TypeError(f"Table: budgets={short(self.budgets)} must be a tuple of numbers")
        steps = [finite("Table: a budget", budget, above=0) for budget in self.budgets]
        if steps != sorted(set(steps)):
            raise ValueError(f"Table: budgets={short(self.budgets)} must ascend")
        shape = (max(1, len(steps)), *(dimension.size for dimension in self.space.dimensions.values()))
        if not isinstance(self.losses, np.ndarray) or self.losses.dtype.kind not in "iuf" or not self.losses.ndim:
            raise TypeError(f"Table: losses={short(self.losses)} must be an array of numbers")
        if not len(self.losses) or self.losses.shape[1:] != shape:
            raise ValueError(f"Table: losses has shape {self.losses.shape} but must be (n_seeds, n_budgets, *sizes) = "
                             f"(n_seeds, {', '.join(map(str, shape))})")  # fmt: skip

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
        """Losses over the whole grid, of shape (*sizes): for one seed, or the mean over the seeds if `seed` is None.

        `budget` is the largest if None. Raises ValueError if seed or budget is not in the table.
        """
        losses = self.losses[:, self._budget_index(budget)]
        return losses.mean(axis=0).round(10) if seed is None else losses[self._seed_index(seed)].copy()

    def at(self, params: Mapping[str, Any], seed: int | None = 0, budget: int | None = None) -> float:
        """Loss of `params`: for one seed, or the mean over the seeds. Raises ValueError if they are not in the table."""
        self.space.check(params)
        cell = tuple(dim.index(params[name]) for name, dim in self.space.dimensions.items())
        losses = self.losses[:, self._budget_index(budget)][(slice(None), *cell)]  # type: ignore[arg-type]
        return round(float(losses.mean() if seed is None else losses[self._seed_index(seed)]), 10)

    def argmin(self, seed: int | None = None, budget: int | None = None) -> Params:
        """The params with the smallest loss, the first in the order of the table among equals."""
        values = self.values(seed, budget)
        cell = np.unravel_index(int(values.argmin()), values.shape)
        return {name: dim.values()[i] for (name, dim), i in zip(self.space.dimensions.items(), cell, strict=True)}

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


def _check_space(who: str, space: Any) -> None:
    if not isinstance(space, Space):
        raise TypeError(f"{who}: space={short(space)} must be a Space, as in Space(x=Float(0, 1))")


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
        _check_space(who, self.space)
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
        return self.optimum if self.table is None else float(self.values(seed).min())

    def __repr__(self) -> str:
        return f"Problem({self.name}, {self.space.size} combinations, optimum={self.optimum:.6g})"


def branin() -> Problem:
    """Branin's function: two dimensions, three global minima of 0.397887 at (-π, 12.275), (π, 2.275), (3π, 2.475).

    f(x1, x2) = (x2 - 5.1 x1² / 4π² + 5 x1 / π - 6)² + 10 (1 - 1/8π) cos x1 + 10,   x1 in [-5, 10], x2 in [0, 15].

    >>> problem = branin()
    >>> problem({"x1": 9.42478, "x2": 2.475}) - problem.optimum < 1e-6
    True
    """

    space = Space(x1=Float(-5, 10), x2=Float(0, 15))
    optimum = round(10 / (8 * math.pi), 10)  # the square is 0 and the cosine -1
    return Problem("branin", space, optimum, {"x1": math.pi, "x2": 2.275}, "Branin's function", _branin)


def _branin(params: Mapping[str, Any]) -> float:
    x1, x2 = params["x1"], params["x2"]
    parabola = x2 - 5.1 * x1**2 / (4 * math.pi**2) + 5 * x1 / math.pi - 6
    return parabola**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x1) + 10


HARTMANN_ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann6() -> Problem:
    """Hartmann's function of six dimensions: one global minimum of -3.32237, and several local ones.

    f(x) = - Σ_i α_i exp(- Σ_j A_ij (x_j - P_ij)²),   x in [0, 1]^6; α of shape (4,), A and P of shape (4, 6).
    """

    best = (0.20168952, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054)
    names = [f"x{j}" for j in range(1, 7)]
    space = Space({name: Float(0, 1) for name in names})
    best_params = dict(zip(names, best, strict=True))
    return Problem("hartmann6", space, -3.3223680114, best_params, "Hartmann's function", _hartmann6)


def _hartmann6(params: Mapping[str, Any]) -> float:
    x = np.array([params[f"x{j}"] for j in range(1, 7)])
    return -float(HARTMANN_ALPHA @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))


def forest_boston(metric: str = "max_error") -> Problem:
    """A random forest that predicts house prices: the source document's example, on a wider and denser grid.

    Each loss is the mean over 5 folds of what `GridSearchCV(RandomForestRegressor(...), scoring="neg_" + metric)` reports
    with its sign turned, on the 405 rows `boston().X_cv`. Seed s is `KFold(5, shuffle=True, random_state=s)` and
    `RandomForestRegressor(random_state=s)`: a seed is one honest repetition of the whole search, and all combinations of
    one seed share their folds. The document's grid, max_depth 5, 10, 15 and n_estimators 100, 150, 200, is part of it.

    Parameters
    ----------
    metric : {"max_error", "mean_absolute_error", "root_mean_squared_error"}
        All in 1000 USD.

    Raises
    ------
    ValueError
        If the metric is unknown.
    """
    one_of("forest_boston: metric", metric, FOREST_METRICS)
    return _tabulated("forest_boston", FOREST_SPACE, metric, f"{metric.replace('_', ' ')} (1000 USD)")


def svm_digits() -> Problem:
    """A support vector machine with RBF kernel on the 1438 rows `digits().X_cv`, 8x8 pixels in [0, 1].

    Each loss is the share of digits that `SVC(C=C, gamma=gamma)` gets wrong, over the folds of
    `StratifiedKFold(3, shuffle=True, random_state=seed)`. The grid has four values for each factor of ten.
    """
    return _tabulated("svm_digits", SVM_SPACE, "error", "cross-validation error")


def mlp_mnist() -> Problem:
    """Our own multilayer perceptron on MNIST: the source document's three hyperparameters, on wider ranges, by epoch.

    Each loss is the share of the 2000 validation digits of `mnist(valid=0.4)` that
    `MLP((units_1, units_2), learning_rate=learning_rate, batch_size=64, seed=seed)` gets wrong after `budget` epochs
    (1 to 27) on 2000 training digits. The seed decides the first weights and the order of the rows; the split is fixed.
    """
    return _tabulated("mlp_mnist", MLP_SPACE, "error", "validation error", MLP_BUDGETS)


def svm_mnist() -> Problem:
    """A support vector machine on MNIST, by the number of digits that it learns from: 100, 300, 900 or 2700.

    Each loss is the share of the 1500 validation digits of `mnist(valid=0.3, test=0.1, seed=seed)` that is wrong after
    training on its first 100 `budget` training digits. The images are smoothed by a Gaussian filter with standard
    deviation `blur` (pixels), reduced to the first `n_components` principal components of the digits trained on (all
    of them, if there are fewer), and given to `SVC(C=C, gamma=gamma)`. The seed decides all rows.
    """
    return _tabulated("svm_mnist", SVM_MNIST_SPACE, "error", "validation error", SVM_MNIST_BUDGETS)


def boosting_boston() -> Problem:
    """Gradient boosting that predicts house prices, by the number of trees: twelve budgets from 1 to 81.

    Each loss is 1 - R², the share of the variance of the prices that is left over, as the mean over the folds of
    `KFold(3, shuffle=True, random_state=seed)` on the 405 rows `boston().X_cv`, of
    `GradientBoostingRegressor(n_estimators=budget, random_state=seed, **params)`. `subsample` is the share of the rows
    that each tree sees, `max_features` that of the columns that each of its splits may choose from. A loss above 2, where
    the trees answer each other with ever larger errors, counts as 2.
    """
    return _tabulated("boosting_boston", BOOSTING_SPACE, "unexplained", "variance unexplained", BOOSTING_BUDGETS)


def _tabulated(name: str, space: Space, metric: str, loss_label: str, budgets: tuple[int, ...] = ()) -> Problem:
    table = Table(space, _losses(name, metric), budgets)
    return Problem(name, space, float(table.values().min()), table.argmin(), loss_label, table=table)


@lru_cache(maxsize=8)
def _losses(name: str, metric: str) -> Array:
    """The table `metric` of data/`name`.npz, which holds integers: the loss times `scale`. Not to be changed."""
    with np.load(DATA / f"{name}.npz") as stored:
        losses = stored[metric] / float(stored["scale"])
    losses.flags.writeable = False
    return losses


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "branin": branin,
    "hartmann6": hartmann6,
    "forest_boston": forest_boston,
    "svm_digits": svm_digits,
    "mlp_mnist": mlp_mnist,
    "svm_mnist": svm_mnist,
    "boosting_boston": boosting_boston,
}


def get(name: str) -> Problem:
    """The problem of that name. Raises ValueError if there is none.

    >>> get("branin")
    Problem(branin, inf combinations, optimum=0.397887)
    """
    return PROBLEMS[one_of("problems: name", name, list(PROBLEMS))]()


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
}  # by problem: seconds of its params, at a budget


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
    >>> from hpt_lab import Trial
    >>> duration = durations(forest_boston())
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
