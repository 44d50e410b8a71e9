"""Which hyperparameters matter: the share of the variance of the losses that each explains on its own, with its standard error.

    share_i = Var(E[f(x) | x_i]) / Var(f)
    rest = 1 - sum_i share_i, which only several of them together explain

f : the loss according to a surrogate, over the whole space;    E[f(x) | x_i] : the partial dependence on x_i

These are Sobol's first-order indices, the main effects of a functional analysis of variance (fANOVA). A share is the
mean over functions drawn from the Gaussian process of all trials, at 1024 Sobol points. There the conditional mean is a
projection on functions of x_i alone: cosines up to degree 8, or steps (k choices without effect show up to k / 1024).

    error^2 = spread^2 + (UNSEEN u)^2

spread : of the shares in functions drawn from twelve other processes, each fitted to two thirds of the trials, since one
process cannot tell how wrong its lengthscales are;    u : the share of the variance of the other third they fail to predict.

Two errors cover 0.95 to 0.99 of the shares of four known functions after 40 or 120 random or quasi-random trials, but 0.73
to 0.86 after Bayesian optimization or TPE (`benchmarks/bench_importance.py`). So it warns if trials lie unevenly, as
they do in one random design in twenty. A hyperparameter with a condition counts by its effect where it is active.

Sobol (1993); Hutter et al. (2014); functions drawn: Le Gratiet et al. (2014); resampled: Storlie et al. (2009). Chapter 5.
"""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt_lab.space import Space
from hpt_lab.space.cube import sobol_points
from hpt_lab.study import Study, Trial
from hpt_lab.study.lens import of_objective
from hpt_lab.surrogates.learning import Learning, Model, features, learn
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.surrogates.warping import standardize, warp
from hpt_lab.values import checks
from hpt_lab.values.checks import instance, short
from hpt_lab.values.frozen import FrozenDict

LOG_POINTS = 10  # 2^10 points: for smooth functions, a share is accurate to about 0.003
DEGREE = 8  # of the cosines: higher ones hold 0.0003 of the variance of a straight line
N_SUBSETS, SUBSET = 12, 2 / 3  # surrogates for the error, and the share of the trials that each sees
N_FUNCTIONS, N_EACH = 64, 8  # of the surrogate of all trials, and of each of these
UNSEEN = 0.02  # of the variance that they do not predict: a share may be off by this much
LUCK = 0.05  # of even designs that are mistaken for steered ones
ABSURD = 10.0  # times as far above the median as the best is below it: anything more only means "bad"
MOST_TRIALS = 200  # trials of a surrogate: if there are more, this many are drawn
SHARE_DECIMALS = 3  # of a share
LEARNING = Learning(warp=False, max_points=MOST_TRIALS, growth=1.0)
STEERED = "These trials lie unevenly, since a search chose them: two errors cover 73 to 86 % of such shares, not 95 %."


class InsufficientData(ValueError):
    """Raised for a study with too few trials, or whose values do not differ. `message` has placeholders for `values`."""

    def __init__(self, who: str, message: str, values: Mapping[str, Any]) -> None:
        super().__init__(who, message, values)
        self.who, self.message, self.values = who, message, values

    def __str__(self) -> str:
        return f"{self.who}: {self.message.format(**self.values)}"


@dataclass(frozen=True)
class Importance:
    """The share of the variance of the losses that each hyperparameter explains.

    Attributes
    ----------
    shares : mapping from names to floats, from 0 to 1, the most important first
    errors : mapping from names to floats
        The standard deviation of each share: the truth is within two of them in 19 of 20 cases, if trials are not steered.
    rest, rest_error : float
        What is left for several hyperparameters together (their interactions), at least 0, and its standard deviation.
    n_trials : int, the number of trials that it was learned from
    budget : float or None, the budget of these trials
    steered : bool, whether the trials lie so unevenly that the errors may be too small
    """

    shares: Mapping[str, float]
    errors: Mapping[str, float]
    rest: float
    rest_error: float
    n_trials: int
    budget: float | None
    steered: bool = False


def importance(study: Study, *, bend: bool = False, seed: int = 0, objective: str | int | None = None) -> Importance:
    """Return the share of the variance of the losses that each hyperparameter explains on its own, with its standard error.

    Raises TypeError or ValueError if an argument is of the wrong type, no budget has enough complete trials, or their
    values are equal.

    Parameters
    ----------
    study : Study, of any strategy, in any space
        Only complete trials at one budget count: the highest with at least two more trials than there are hyperparameters.
        Infeasible ones count too: this explains the loss, and ranks no trial.
    bend : bool, whether to explain warped losses (`hpt_lab.surrogates.warping`), capped so that a few absurd ones don't decide
    seed : int, for the points and the functions drawn, and for the choice of 200 trials if there are more
    objective : str or int, which of several objectives, by name or by place

    Examples
    --------
    >>> import hpt_lab as hpt
    >>> space = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1), z=hpt.Float(0, 1))
    >>> study = hpt.tune(lambda p: 3 * p["x"] + p["y"], space, hpt.RandomSearch(), 30, seed=0, progress=False)
    >>> result = hpt.importance(study)
    >>> {name: round(share, 2) for name, share in result.shares.items()}, abs(round(result.rest, 2))
    ({'x': 0.9, 'y': 0.1, 'z': 0.0}, 0.0)
    """
    instance("importance: study", study, Study, "a Study, such as tune returns")
    space, history = study.space, study.history
    if history.directions.several:
        history = of_objective(history, history.directions.index("importance: objective", objective))
    elif objective is not None:
        raise ValueError(f"importance: objective={short(objective)} must be left out: the study has one objective")
    rng = np.random.Generator(np.random.Philox(checks.seed("importance: seed", seed)))
    trials = [history.trials[trial.number] for trial in comparable("importance", study)]
    if len(trials) > MOST_TRIALS:
        trials = [trials[i] for i in np.sort(rng.choice(len(trials), MOST_TRIALS, replace=False))]
    losses, n = standardize(np.array([history.loss(trial) for trial in trials])), len(trials)
    if not losses.any():
        message = "the {n} complete trials all have the value {value:g}, but must differ"
        raise InsufficientData("importance", message, {"n": n, "value": trials[0].value})
    if checks.flag("importance: bend", bend):
        cap = np.median(losses) + ABSURD * (np.median(losses) - losses.min())
        losses = warp(np.minimum(losses, cap) if cap > losses.min() else losses)
    points = space.cube.settle(np.array([space.place(trial.suggested) for trial in trials]))
    where = space.cube.settle(sobol_points(len(space), seed, LOG_POINTS))
    with one_blas_thread():
        shares = _shares(learn(space, points, losses, LEARNING), space, where, rng, N_FUNCTIONS)
        spread, unseen = _by_parts(space, points, losses, rng)
    if steered := _uneven(points, where):
        warnings.warn(f"importance: {STEERED}", stacklevel=2)
    share, both = shares.mean(axis=0).round(SHARE_DECIMALS).tolist(), np.column_stack([spread, spread.sum(axis=1)])
    errors = np.maximum(np.hypot(both.std(axis=0), UNSEEN * unseen), 10**-SHARE_DECIMALS)
    *error, rest_error = errors.round(SHARE_DECIMALS).tolist()
    ordered = sorted(zip(space, share, error, strict=True), key=lambda row: -row[1])
    by_name, error_of = (FrozenDict((row[0], row[i]) for row in ordered) for i in (1, 2))
    rest = max(0.0, round(1 - sum(share), SHARE_DECIMALS))
    return Importance(by_name, error_of, rest, rest_error, n, trials[0].budget, steered)


def comparable(who: str, study: Study) -> list[Trial]:
    """Return the complete trials at the highest budget with at least two more of them than the space has hyperparameters."""
    finished, least = study.history.finished, len(study.space) + 2
    budgets = sorted({trial.budget or 0.0 for trial in finished}, reverse=True)
    by_budget = [[trial for trial in finished if (trial.budget or 0.0) == budget] for budget in budgets]
    most = max(map(len, by_budget), default=0)
    if most < least:
        at = " at one budget" if len(budgets) > 1 else ""
        message = f"the study has {{most}} complete trials{at}, but must have at least {{least}} in this space"
        raise InsufficientData(who, message, {"most": most, "least": least})
    return next(trials for trials in by_budget if len(trials) >= least)


def _parts(losses: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the trials that each surrogate for the error sees, chosen so that their losses differ."""
    size, parts = math.ceil(SUBSET * len(losses)), list[np.ndarray]()
    while len(parts) < N_SUBSETS:
        part = np.sort(rng.choice(len(losses), size, replace=False))
        if losses[part].min() < losses[part].max():
            parts.append(part)
    return parts


def _by_parts(space: Space, points: np.ndarray, losses: np.ndarray, rng: Any) -> tuple[np.ndarray, float]:
    """Return the shares by surrogates of a part of the trials, and the share of the other trials' variance they miss."""
    spread, errors, variances = [], 0.0, 1e-300
    for part in _parts(losses, rng):
        model, out = learn(space, points[part], losses[part], LEARNING), np.delete(np.arange(len(losses)), part)
        y = (losses[out] - losses[part].mean()) / losses[part].std()
        errors += ((model.predict(features(space, points[out])[0])[0] - y) ** 2).sum()
        variances += (y**2).sum()
        where = space.cube.settle(sobol_points(len(space), int(rng.integers(2**32)), LOG_POINTS - 1))
        spread.append(_shares(model, space, where, rng, N_EACH))
    return np.concatenate(spread), min(1.0, errors / variances)


def _uneven(points: np.ndarray, where: np.ndarray) -> bool:
    """Return whether trials are less evenly spread than chance explains: a Kolmogorov-Smirnov test by dimension."""
    below = [(each[:, None] <= where).mean(axis=0) for each in (points, where)]  # (n_points, n_dims)
    return bool(np.abs(below[0] - below[1]).max() > math.sqrt(math.log(2 * where.shape[1] / LUCK) / (2 * len(points))))


def _shares(model: Model, space: Space, where: np.ndarray, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return the share that each dimension explains of `n` functions drawn from a process: shape (n, n_dims)."""
    functions = model.sample(features(space, where)[0], rng, n)  # (n, n_points)
    functions -= functions.mean(axis=1, keepdims=True)
    variances = (functions**2).sum(axis=1)
    return np.column_stack([((functions @ basis) ** 2).sum(axis=1) / variances for basis in _bases(space, where)])


def _bases(space: Space, where: np.ndarray) -> list[np.ndarray]:
    """Return orthonormal functions of each dimension alone, with mean 0 where it is active: (n_points, n_functions)."""
    from scipy.linalg import orth

    bases = []
    for u, active, dimension in zip(where.T, space.cube.activity(where).T, space.dimensions.values(), strict=True):
        if dimension.has_order:
            columns = np.cos(np.pi * np.outer(u, np.arange(1, min(dimension.size, DEGREE + 1))))
        else:
            columns = np.floor(u * dimension.size)[:, None] == np.arange(1, dimension.size)
        columns = active[:, None] * (columns - columns[active].sum(axis=0) / max(active.sum(), 1))
        bases.append(orth(columns, rcond=1e-6) if columns.size else columns)
    return bases
