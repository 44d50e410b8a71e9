"""Problems of today's practice as tables: conditions, a learning-rate schedule, noise, failures. Chapter 6.

`examples/tables/make_tables.py` trains them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hpt_lab.problems.problem import Problem
from hpt_lab.problems.stored import tabulated
from hpt_lab.space import Categorical, Float, Int, Space

__all__ = ["boosters_diabetes", "momentum_boston", "rate_at", "schedule_digits", "sgd_cancer"]

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


def rate_at(params: Mapping[str, Any], epoch: int) -> float:
    """The learning rate that a point of `schedule_digits` has in an epoch, counted from 0."""
    warmup = params["warmup_epochs"]
    after, rate = epoch - warmup, float(params["learning_rate"])
    if after < 0:
        return rate * (epoch + 1) / (warmup + 1)
    if params["schedule"] == "step":
        return rate * params["drop_factor"] ** (after // params["drop_every"])
    if params["schedule"] == "cosine":
        done = after / (SCHEDULE_BUDGETS[-1] - warmup)
        last = params["final_share"]
        return rate * (last + (1 - last) * (1 + math.cos(math.pi * done)) / 2)
    return rate


def boosters_diabetes() -> Problem:
    """Three kinds of boosting, each with hyperparameters of its own, by the number of trees: 1, 3, 9, 27 or 81.

    Each loss is 1 - R², the share of the variance of the disease's progression that is left over, on the 177 validation
    rows of `diabetes(valid=0.4, seed=seed)` after training on the other 177; a loss above 2 counts as 2. The seed decides
    all rows, and the trees. `booster` is one of

    - "gradient": `GradientBoostingRegressor` with `max_depth`, `subsample` and `loss`; the loss "huber" opens `alpha`, the
      quantile of the residuals beyond which they count by their absolute value;
    - "histogram": `HistGradientBoostingRegressor(min_samples_leaf=5)` with `max_leaf_nodes` and `l2_regularization`;
    - "ada": `AdaBoostRegressor` over trees of `max_depth`, with `ada_loss` as its `loss`.

    All have a `learning_rate`. AdaBoost may end before it has all trees.
    """
    return tabulated("boosters_diabetes", BOOSTERS_SPACE, "unexplained", "variance unexplained", BOOSTERS_BUDGETS)


def schedule_digits() -> Problem:
    """A small network whose learning rate follows a schedule over 27 epochs, by epoch.

    Each loss is the share of the 719 validation digits of `digits(valid=0.4)` that `MLP((16,), batch_size=batch_size,
    seed=seed)` gets wrong after `budget` epochs on 719 training digits. The seed decides the first weights and the order
    of the rows; the split is fixed. With `warmup_epochs` w, the rate of epoch e, counted from 0, is (`rate_at`)

        e < w             learning_rate (e + 1) / (w + 1)
        "constant"        learning_rate
        "step"            learning_rate drop_factor^floor((e - w) / drop_every)
        "cosine"          learning_rate (s + (1 - s) (1 + cos(π (e - w) / (27 - w))) / 2),   s = final_share

    The schedule is planned for 27 epochs: whoever stops before sees its beginning. Source of the cosine: Loshchilov &
    Hutter (2017), *SGDR*, equation 5, without its restarts.
    """
    return tabulated("schedule_digits", SCHEDULE_SPACE, "error", "validation error", SCHEDULE_BUDGETS)


def sgd_cancer() -> Problem:
    """A linear classifier after two passes over 57 tumours: the seeds disagree more than the hyperparameters do.

    Each loss is the share of the 114 validation rows of `breast_cancer(valid=0.2, test=0.7, seed=seed)` that
    `SGDClassifier(penalty="elasticnet", learning_rate="invscaling", max_iter=2, tol=None, random_state=seed, **params)`
    gets wrong; the measurements are standardised by the training rows. The seed decides all rows and their order: there
    are 20, and a search that sees one of them, as `compare` does, is flattered. What a choice is worth is its mean over
    the seeds, `problem(params, seed=None)`, and the optimum is the smallest of these means.
    """
    return tabulated("sgd_cancer", SGD_SPACE, "error", "validation error")


def momentum_boston() -> Problem:
    """A network trained by stochastic gradient descent with momentum: where the steps are too long, it diverges.

    Each loss is 1 - R², the share of the variance of the house prices that is left over, on the 101 validation rows of
    `boston(seed=seed)` after 30 epochs of `MLPRegressor(solver="sgd", hidden_layer_sizes=(units,) * n_layers,
    learning_rate_init=learning_rate, momentum=momentum, batch_size=batch_size, random_state=seed)` on 304; a loss above 2
    counts as 2. Columns and prices are standardised by the training rows. The seed decides all rows and the first weights.
    Where scikit-learn gives up, with "non-finite parameter weights", the table holds NaN and the problem raises
    ArithmeticError. Such a training counts as 2, the worst one, in the mean over the seeds.
    """
    return tabulated("momentum_boston", MOMENTUM_SPACE, "unexplained", "variance unexplained")
