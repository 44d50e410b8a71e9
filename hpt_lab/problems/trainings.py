"""The first tables: trainings that chapters 2 to 5 search over. `examples/tables/make_tables.py` makes them."""

from __future__ import annotations

from hpt_lab.problems.problem import Problem
from hpt_lab.problems.stored import tabulated
from hpt_lab.space import Float, Int, Space
from hpt_lab.values.checks import one_of

__all__ = [
    "boosting_boston",
    "forest_boston",
    "mlp_mnist",
    "svm_digits",
    "svm_mnist",
]


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
    return tabulated("forest_boston", FOREST_SPACE, metric, f"{metric.replace('_', ' ')} (1000 USD)")


def svm_digits() -> Problem:
    """A support vector machine with RBF kernel on the 1438 rows `digits().X_cv`, 8x8 pixels in [0, 1].

    Each loss is the share of digits that `SVC(C=C, gamma=gamma)` gets wrong, over the folds of
    `StratifiedKFold(3, shuffle=True, random_state=seed)`. The grid has four values for each factor of ten.
    """
    return tabulated("svm_digits", SVM_SPACE, "error", "cross-validation error")


def mlp_mnist() -> Problem:
    """Our own multilayer perceptron on MNIST: the source document's three hyperparameters, on wider ranges, by epoch.

    Each loss is the share of the 2000 validation digits of `mnist(valid=0.4)` that
    `MLP((units_1, units_2), learning_rate=learning_rate, batch_size=64, seed=seed)` gets wrong after `budget` epochs
    (1 to 27) on 2000 training digits. The seed decides the first weights and the order of the rows; the split is fixed.
    """
    return tabulated("mlp_mnist", MLP_SPACE, "error", "validation error", MLP_BUDGETS)


def svm_mnist() -> Problem:
    """A support vector machine on MNIST, by the number of digits that it learns from: 100, 300, 900 or 2700.

    Each loss is the share of the 1500 validation digits of `mnist(valid=0.3, test=0.1, seed=seed)` that is wrong after
    training on its first 100 `budget` training digits. The images are smoothed by a Gaussian filter with standard
    deviation `blur` (pixels), reduced to the first `n_components` principal components of the digits trained on (all
    of them, if there are fewer), and given to `SVC(C=C, gamma=gamma)`. The seed decides all rows.
    """
    return tabulated("svm_mnist", SVM_MNIST_SPACE, "error", "validation error", SVM_MNIST_BUDGETS)


def boosting_boston() -> Problem:
    """Gradient boosting that predicts house prices, by the number of trees: twelve budgets from 1 to 81.

    Each loss is 1 - R², the share of the variance of the prices that is left over, as the mean over the folds of
    `KFold(3, shuffle=True, random_state=seed)` on the 405 rows `boston().X_cv`, of
    `GradientBoostingRegressor(n_estimators=budget, random_state=seed, **params)`. `subsample` is the share of the rows
    that each tree sees, `max_features` that of the columns that each of its splits may choose from. A loss above 2, where
    the trees answer each other with ever larger errors, counts as 2.
    """
    return tabulated("boosting_boston", BOOSTING_SPACE, "unexplained", "variance unexplained", BOOSTING_BUDGETS)
