"""Tables of real training runs: for chapters 2 to 5 and, from `boosters_diabetes` on, today's practice (chapter 6).

`examples/tables/make_tables.py` trains every combination of every grid here, and stores data/<name>.npz: 1 plus the loss
times `scale`, as integers cut into bytes, the lowest first, since an array of each place's bytes compresses to two thirds;
0 marks a failed training run. An array has the shape (n_bytes, n_seeds, n_budgets, ...).
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt_lab.problems.problem import Problem, Table
from hpt_lab.space import Categorical, Float, Int, Space
from hpt_lab.values.checks import instance, integer, one_of, short

DATA = Path(__file__).parents[1] / "data"
DIGITS = 6  # of a loss, as it is given
FEW, MANY = 3, 10  # seeds of a table of chapters 1 to 6 and of the race, and all that are stored

# The grids of the tables: every value of every dimension is in the table.
FOREST_SPACE = Space(max_depth=Int(1, 20), n_estimators=Int(10, 300, step=10))
SVM_SPACE = Space(C=Float(1e-2, 1e3, log=True, step=10**0.25), gamma=Float(1e-4, 1e1, log=True, step=10**0.25))
WIDTHS = Int(16, 256, log=True, step=2)
MLP_SPACE = Space(units_1=WIDTHS, units_2=WIDTHS, learning_rate=Float(1e-4, 1e-1, log=True, step=10 ** (1 / 3)))
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
BOOSTING_RUNGS = (1, 3, 9, 27, 81)  # which alone are stored of all seeds after the first three
FOREST_METRICS = ("max_error", "mean_absolute_error", "root_mean_squared_error")
BOOSTERS_SPACE = Space(
    booster=["gradient", "histogram", "ada"],
    learning_rate=Float(1e-2, 1e0, log=True, step=10**0.5),
    max_depth=Int(1, 4, log=True, step=2).when(booster=["gradient", "ada"]),
    subsample=Float(0.5, 1.0, step=0.5).when(booster="gradient"),
    loss=Categorical(("squared_error", "huber")).when(booster="gradient"),
    alpha=Float(0.5, 0.9, step=0.2).when(loss="huber"),
    max_leaf_nodes=Int(2, 32, log=True, step=2).when(booster="histogram"),
    l2_regularization=Float(1e-1, 1e2, log=True, step=10).when(booster="histogram"),
    ada_loss=Categorical(("linear", "square", "exponential")).when(booster="ada"),
)
BOOSTERS_BUDGETS = (1, 3, 9, 27, 81)  # trees
SCHEDULE_SPACE = Space(
    learning_rate=Float(1e-3, 1e-1, log=True, step=10**0.5),
    batch_size=Int(32, 128, log=True, step=2),
    warmup_epochs=Int(0, 3, step=3),
    schedule=["constant", "step", "cosine"],
    drop_every=Int(3, 9, log=True, step=3).when(schedule="step"),
    drop_factor=Float(0.1, 0.4, log=True, step=2).when(schedule="step"),
    final_share=Float(0.0, 0.2, step=0.1).when(schedule="cosine"),
)
SCHEDULE_BUDGETS = (1, 2, 3, 4, 6, 9, 13, 18, 27)  # epochs
SGD_SPACE = Space(
    loss=["hinge", "log_loss", "modified_huber"],
    alpha=Float(1e-4, 1e0, log=True, step=10),
    l1_ratio=Float(0.0, 1.0, step=0.5),
    eta0=Float(1e-3, 1e1, log=True, step=10 ** (2 / 3)),
    power_t=Float(0.0, 0.75, step=0.25),
)
MOMENTUM_SPACE = Space(
    learning_rate=Float(1e-3, 1e0, log=True, step=10**0.5),
    momentum=Float(0.0, 0.96, step=0.24),
    batch_size=Int(8, 64, log=True, step=2),
    n_layers=Int(1, 2),
    units=Int(8, 32, log=True, step=4),
)


def _tabulated(
    name: str, space: Space, metric: str, loss_label: str, budgets: tuple[int, ...] = (), n_seeds: int | None = None
) -> Problem:
    """Return the problem whose losses are the array `metric` of data/`name`.npz, or those of its first `n_seeds` seeds."""
    losses = _stored(name, metric)
    if n_seeds is not None:
        losses = losses[: integer(f"{name}: n_seeds", n_seeds, 1, MANY)]
    return _problem(name, Table(space, losses, budgets), loss_label)


def _problem(name: str, table: Table, loss_label: str) -> Problem:
    """Return the problem of a table; its optimum is that of the mean over the seeds."""
    return Problem(name, table.space, float(np.nanmin(table.values())), table.argmin(), loss_label, table=table)


@lru_cache(maxsize=16)
def _stored(name: str, metric: str) -> NDArray[np.float64]:
    """Return the array `metric` of data/`name`.npz as losses, read-only, NaN if the training failed."""
    with np.load(DATA / f"{name}.npz") as stored:
        losses = losses_of(stored[metric], int(stored["scale"]))
    losses.flags.writeable = False
    return losses


def losses_of(planes: NDArray[np.uint8], scale: int) -> NDArray[np.float64]:
    """Return the losses that the arrays of bytes hold, NaN if the training failed."""
    integers = sum(plane.astype(np.int64) << 8 * place for place, plane in enumerate(planes))
    return np.where(integers == 0, np.nan, ((integers - 1) / scale).round(DIGITS))


def forest_boston(metric: str = "max_error") -> Problem:
    """Return a random forest that predicts house prices: the source document's example, on a wider and denser grid.

    Each loss is the mean over 5 folds of what `GridSearchCV(RandomForestRegressor(...), scoring="neg_" + metric)`
    reports with its sign changed, on the 405 rows `boston().X_cv`. Seed s is `KFold(5, shuffle=True, random_state=s)`,
    the folds of all combinations, and `RandomForestRegressor(random_state=s)`. The source document's grid is part of it.

    Parameters
    ----------
    metric : {"max_error", "mean_absolute_error", "root_mean_squared_error"}
        All in 1000 USD. Raises ValueError for any other.
    """
    one_of("forest_boston: metric", metric, FOREST_METRICS)
    return _tabulated("forest_boston", FOREST_SPACE, metric, f"{metric.replace('_', ' ')} (1000 USD)")


def svm_digits() -> Problem:
    """Return a support vector machine with RBF kernel on the 1438 rows `digits().X_cv`, 8x8 pixels in [0, 1].

    Each loss is the share of digits that `SVC(C=C, gamma=gamma)` gets wrong in the folds of
    `StratifiedKFold(3, shuffle=True, random_state=seed)`. The grid has four values for each factor of ten.
    """
    return _tabulated("svm_digits", SVM_SPACE, "error", "cross-validation error")


def mlp_mnist(n_seeds: int = FEW) -> Problem:
    """Return our own multilayer perceptron on MNIST: the source document's three hyperparameters, in wider ranges, by epoch.

    Each loss is the share of the 2000 validation digits of `mnist(valid=0.4)` that
    `MLP((units_1, units_2), learning_rate=learning_rate, batch_size=64, seed=seed)` gets wrong after `budget` epochs
    (1 to 27) on 2000 training digits. The seed sets the initial weights and the order of the rows; the split is fixed.

    Parameters
    ----------
    n_seeds : int, how many of the ten networks of each combination to use: the first three, unless more are asked for
        Judge a comparison by all of them. Raises ValueError if it is not from 1 to 10.
    """
    return _tabulated("mlp_mnist", MLP_SPACE, "error", "validation error", MLP_BUDGETS, n_seeds)


def svm_mnist(n_seeds: int = FEW) -> Problem:
    """Return a support vector machine on MNIST, by the number of digits that it learns from: 100, 300, 900 or 2700.

    Each loss is the share of the 1500 validation digits of `mnist(valid=0.3, test=0.1, seed=seed)` that it gets wrong
    after training on the first 100 `budget` training digits. The images are smoothed by a Gaussian filter of standard
    deviation `blur` (pixels), reduced to the first `n_components` principal components (if there are that many) of the
    training digits, and given to `SVC(C=C, gamma=gamma)`. The seed decides all rows. There are ten seeds; `n_seeds` is as
    in `mlp_mnist`.
    """
    return _tabulated("svm_mnist", SVM_MNIST_SPACE, "error", "validation error", SVM_MNIST_BUDGETS, n_seeds)


def boosting_boston(n_seeds: int = FEW) -> Problem:
    """Return gradient boosting that predicts house prices, by the number of trees: twelve budgets from 1 to 81.

    Each loss is 1 - R², the share of the prices' variance that `GradientBoostingRegressor(n_estimators=budget,
    random_state=seed, **params)` leaves unexplained, as the mean over the folds of `KFold(3, shuffle=True,
    random_state=seed)` on the 405 rows `boston().X_cv`. Each tree sees a share `subsample` of the rows, each of its
    splits a share `max_features` of the columns. A loss above 2, for example when training diverges, counts as 2.
    There are ten seeds, and `n_seeds` is as in `mlp_mnist`; with more than three, there are five budgets: 1, 3, 9, 27 and 81.
    """
    budgets: tuple[int, ...] = BOOSTING_BUDGETS
    losses = _stored("boosting_boston", "unexplained")
    if integer("boosting_boston: n_seeds", n_seeds, 1, MANY) > len(losses):
        at = [budgets.index(rung) for rung in BOOSTING_RUNGS]
        losses, budgets = np.concatenate([losses[:, at], _stored("boosting_boston", "more")]), BOOSTING_RUNGS
    return _problem("boosting_boston", Table(BOOSTING_SPACE, losses[:n_seeds], budgets), "variance unexplained")


def boosters_diabetes() -> Problem:
    """Return three kinds of boosting, each with its own hyperparameters, by the number of trees: 1, 3, 9, 27 or 81.

    Each loss is 1 - R², the share of the variance of the disease's progression left unexplained, on the 177 validation
    rows of `diabetes(valid=0.4, seed=seed)` after training on 177 others; a loss above 2 counts as 2. The seed decides
    all rows, and the trees. All have a `learning_rate`; `booster` is one of

    - "gradient": `GradientBoostingRegressor` with `max_depth`, `subsample`, `loss`; with the loss "huber" also `alpha`,
      the quantile of the residuals beyond which they count by their absolute value;
    - "histogram": `HistGradientBoostingRegressor(min_samples_leaf=5)` with `max_leaf_nodes` and `l2_regularization`;
    - "ada": `AdaBoostRegressor` over trees of `max_depth`, with `ada_loss` as its `loss`; it may end with fewer.
    """
    return _tabulated("boosters_diabetes", BOOSTERS_SPACE, "unexplained", "variance unexplained", BOOSTERS_BUDGETS)


def schedule_digits() -> Problem:
    """Return a small network whose learning rate follows a schedule over 27 epochs, by epoch.

    Each loss is the share of the 719 validation digits of `digits(valid=0.4)` that `MLP((16,), batch_size=batch_size,
    seed=seed)` gets wrong after `budget` epochs on 719 training digits. The seed sets the initial weights and the order
    of the rows; the split is fixed. With `warmup_epochs` w, the learning rate in epoch e, counted from 0, is

        e < w             learning_rate (e + 1) / (w + 1)
        "constant"        learning_rate
        "step"            learning_rate drop_factor^floor((e - w) / drop_every)
        "cosine"          learning_rate (s + (1 - s) (1 + cos(π (e - w) / (27 - w))) / 2),   s = final_share

    The schedule spans 27 epochs, whatever the budget. Cosine: Loshchilov & Hutter (2017), *SGDR*, eq. 5, no restarts.
    """
    return _tabulated("schedule_digits", SCHEDULE_SPACE, "error", "validation error", SCHEDULE_BUDGETS)


def sgd_cancer() -> Problem:
    """Return a linear classifier after two passes over 57 tumors, where seeds matter more than hyperparameters.

    Each loss is the share of the 114 validation rows of `breast_cancer(valid=0.2, test=0.7, seed=seed)` that
    `SGDClassifier(penalty="elasticnet", learning_rate="invscaling", max_iter=2, tol=None, random_state=seed, **params)`
    gets wrong; the measurements are standardized by the training rows. The seed, one of 20, decides all rows and their
    order: a search that sees one seed, as in `compare`, looks too good. What counts is `problem(params, seed=None)`.
    """
    return _tabulated("sgd_cancer", SGD_SPACE, "error", "validation error")


def momentum_boston() -> Problem:
    """Return a network trained by stochastic gradient descent with momentum, which diverges if the steps are too long.

    Each loss is 1 - R², the share of the variance of the house prices left unexplained, on the 101 validation rows of
    `boston(seed=seed)` after 30 epochs of `MLPRegressor(solver="sgd", hidden_layer_sizes=(units,) * n_layers,
    learning_rate_init=learning_rate, momentum=momentum, batch_size=batch_size, random_state=seed)` on 304; above 2 it
    counts as 2. Columns and prices are standardized by the training rows. The seed decides all rows and the initial
    weights. Where scikit-learn gives up ("non-finite parameter weights"), the problem raises ArithmeticError; the mean
    counts it as 2.
    """
    return _tabulated("momentum_boston", MOMENTUM_SPACE, "unexplained", "variance unexplained")


# By problem: a function from its params and a budget to seconds.
SECONDS: dict[str, Callable[[Problem, Mapping[str, Any], float], float]] = {
    # a depth of 20 is rarely reached
    "forest_boston": lambda _, p, budget: p["n_estimators"] * (0.0024 + 0.0041 * (1 - 2 ** (-p["max_depth"] / 4))),
    "svm_digits": lambda problem, p, budget: 0.06 + 0.16 * problem(p),  # both grow with the number of support vectors
    "mlp_mnist": lambda _, p, n: n * (0.011 + 4.5e-7 * ((784 + p["units_2"]) * p["units_1"] + 10 * p["units_2"])),
    "svm_mnist": lambda _, p, hundreds: 100 * hundreds * (4.5e-5 + 5.5e-7 * p["n_components"] + 2.5e-6 * hundreds),
    "boosting_boston": lambda _, p, trees: trees * (0.0008 + 0.0004 * p["max_depth"]),
    "boosters_diabetes": lambda _, p, trees: trees * _one_tree(p),
    "schedule_digits": lambda _, p, epochs: epochs * (0.0007 + 0.108 / p["batch_size"]),  # 719 rows
    "sgd_cancer": lambda _, p, budget: 0.0008,
    # the same if it diverges
    "momentum_boston": lambda _, p, budget: 0.55 * (1 + 0.5 * p["n_layers"]) / p["batch_size"],
}


def _one_tree(p: Mapping[str, Any]) -> float:
    """Return the seconds for one tree of `boosters_diabetes`."""
    if p["booster"] == "histogram":
        return 0.0001 + 0.00005 * math.log2(p["max_leaf_nodes"])
    first, deeper = (0.00035, 0.00025) if p["booster"] == "gradient" else (0.0003, 0.00035)
    return first + deeper * math.log2(p["max_depth"])


def durations(problem: Problem) -> Callable[[Any], float]:
    """Return a function from a trial of a tabulated problem to its seconds on one core, for `hpt_lab.loop.simulate`.

    The formulas count what training consists of (trees, weights, rows), with factors measured on a few training runs of
    each problem: they are right to within about a third, and show how trials differ. A trial without a budget counts as
    one at the largest. Raises ValueError if the problem is a formula.

    >>> from hpt_lab import Trial, problems
    >>> duration = problems.durations(problems.forest_boston())
    >>> [round(duration(Trial(0, {"max_depth": 10, "n_estimators": n})), 2) for n in (10, 300)]
    [0.06, 1.73]
    """
    instance("durations: problem", problem, Problem, "a Problem")
    seconds = SECONDS.get(problem.name)
    if seconds is None or problem.table is None:
        raise ValueError(f"durations: problem={short(problem)} must be a tabulated one: {', '.join(SECONDS)}")
    most = problem.budgets[-1] if problem.budgets else 1
    return lambda trial: seconds(problem, trial.params, most if trial.budget is None else trial.budget)
