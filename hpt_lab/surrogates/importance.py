"""Which hyperparameters matter: the share of the variance of the losses that each explains by its own, and how sure that is.

    share_i = Var(E[f(x) | x_i]) / Var(f)
    rest = 1 - sum_i share_i, which only several together explain

f : what a surrogate believes of the loss, over the whole space;    E[f(x) | x_i] : the partial dependence on x_i

These are Sobol's first-order indices, the main effects of a functional analysis of variance (fANOVA). A share is the
mean over functions drawn from the Gaussian process of all trials, at 1024 Sobol points. There the conditional mean is a
projection on functions of x_i alone: cosines up to degree 8, or steps (k choices that do not matter show up to k / 1024).

Its error is the standard deviation over functions drawn from twelve other processes, each of which has seen two thirds
of the trials: a draw from one process knows nothing of how far its lengthscales are wrong. Of a loss that goes up and
down faster than the trials are dense, neither sees anything. A hyperparameter with a condition counts by what it
changes where it is active; how often that is, is its parents' work. Losses are capped (`ABSURD`), so that a few do not
decide, and warped (see `hpt_lab.surrogates.warping`): where the bend is strong, shares of the losses as told differ.

Sobol (1993); Hutter, Hoos and Leyton-Brown (2014). Chapter 5.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt_lab.space import Space
from hpt_lab.space.sobol import sobol_points
from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.features import embed
from hpt_lab.surrogates.learning import Learning, model_of
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values import checks
from hpt_lab.values.checks import WrongType, short
from hpt_lab.values.frozen import FrozenDict

LOG_POINTS = 10  # 2^10 points: a share is exact to about 0.003, for smooth functions
DEGREE = 8  # of the cosines: those beyond hold 0.0003 of a straight line's variance
N_FUNCTIONS = 64
N_SUBSETS, SUBSET = 12, 2 / 3  # surrogates for the error, and the share of the trials that each sees
N_EACH = 8  # functions of each of these
ABSURD = 10.0  # times as far above the median as the best is below it: more says no more than "bad"
MOST = 200  # trials of a surrogate: of more, so many are drawn
DECIMALS = 3  # of a share
LEARNING = Learning(max_points=MOST, growth=1.0)


class InsufficientData(ValueError):
    """A study has too few trials, or their values do not differ. `message` has placeholders for `values`."""

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
        The standard deviation of each share: the truth is within one in 2 cases of 3, within two in 19 of 20.
    rest, rest_error : float
        What is left for several hyperparameters together, their interactions: at least 0; and its standard deviation.
    n_trials : int, how many trials it was learned from
    budget : float or None, of these trials
    """

    shares: Mapping[str, float]
    errors: Mapping[str, float]
    rest: float
    rest_error: float
    n_trials: int
    budget: float | None


def importance(study: Study, *, seed: int = 0) -> Importance:
    """Return the share of the variance of the losses that each hyperparameter explains by its own, with its error.

    Raises TypeError or ValueError if `study` is no Study, the seed no integer, no budget has enough complete trials, or
    their values are equal.

    Parameters
    ----------
    study : Study, of any strategy, in any space
        Only complete trials at one budget count: the highest at which there are at least two more than hyperparameters.
    seed : int, of the points and of the functions drawn; of more than 200 trials, also of those 200 that it learns from

    Examples
    --------
    >>> import hpt_lab as hpt
    >>> space = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1), z=hpt.Float(0, 1))
    >>> study = hpt.tune(lambda p: 3 * p["x"] + p["y"], space, hpt.RandomSearch(), 30, seed=0, progress=False)
    >>> result = hpt.importance(study)
    >>> {name: round(share, 2) for name, share in result.shares.items()}, abs(round(result.rest, 2))
    ({'x': 0.9, 'y': 0.1, 'z': 0.0}, 0.0)
    """
    if not isinstance(study, Study):
        raise WrongType(f"importance: study={short(study)} must be a Study, as tune returns it")
    space, history = study.space, study.history
    rng = np.random.Generator(np.random.Philox(checks.seed("importance: seed", seed)))
    trials = comparable("importance", study)
    if len(trials) > MOST:
        trials = [trials[i] for i in np.sort(rng.choice(len(trials), MOST, replace=False))]
    losses, n = np.array([history.loss(trial) for trial in trials]), len(trials)
    if losses.min() == losses.max():
        message = "the {n} complete trials have one value, {value:g}, and must differ"
        raise InsufficientData("importance", message, {"n": n, "value": trials[0].value})
    losses = losses / np.abs(losses).max()  # in another unit: no difference of them is too large for a float
    median = np.median(losses)
    if (cap := median + ABSURD * (median - losses.min())) > losses.min():
        losses = np.minimum(losses, cap)
    points = space.cube.settle(np.array([space.place(trial.suggested) for trial in trials]))
    where = space.cube.settle(sobol_points(len(space), seed, LOG_POINTS))
    fewer = where[: len(where) // 2]
    with one_blas_thread():
        shares = _shares(space, points, losses, where, rng, N_FUNCTIONS)
        parts = _parts(losses, rng)
        spread = np.concatenate([_shares(space, points[i], losses[i], fewer, rng, N_EACH) for i in parts])
    share, error = (np.round(each, DECIMALS).tolist() for each in (shares.mean(axis=0), spread.std(axis=0)))
    ordered = sorted(zip(space, share, error, strict=True), key=lambda row: -row[1])
    by_name, errors = (FrozenDict((row[0], row[i]) for row in ordered) for i in (1, 2))
    rest, rest_error = max(0.0, round(1.0 - sum(share), DECIMALS)), round(float(spread.sum(axis=1).std()), DECIMALS)
    return Importance(by_name, errors, rest, rest_error, n, trials[0].budget)


def comparable(who: str, study: Study) -> list[Trial]:
    """Return the complete trials at the highest budget that has at least two more of them than the space has hyperparameters."""
    finished, least = study.history.finished, len(study.space) + 2
    budgets = sorted({trial.budget or 0.0 for trial in finished}, reverse=True)
    by_budget = [[trial for trial in finished if (trial.budget or 0.0) == budget] for budget in budgets]
    most = max(map(len, by_budget), default=0)
    if most < least:
        at = " at one budget" if len(budgets) > 1 else ""
        message = f"the study has {{most}} complete trials{at}, and must have at least {{least}} in this space"
        raise InsufficientData(who, message, {"most": most, "least": least})
    return next(trials for trials in by_budget if len(trials) >= least)


def _parts(losses: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Return which trials each surrogate for the error sees: some that differ."""
    size = math.ceil(SUBSET * len(losses))
    parts: list[np.ndarray] = []
    while len(parts) < N_SUBSETS:
        part = np.sort(rng.choice(len(losses), size, replace=False))
        if losses[part].min() < losses[part].max():
            parts.append(part)
    return parts


def _shares(
    space: Space, points: np.ndarray, losses: np.ndarray, where: np.ndarray, rng: np.random.Generator, n: int
) -> np.ndarray:
    """Return what each dimension explains of `n` functions drawn from the process of these trials: shape (n, n_dims)."""
    model = model_of(space, points, losses, LEARNING)
    functions = model.sample(embed(space, where)[0], rng, n)  # (n, n_points)
    functions -= functions.mean(axis=1, keepdims=True)
    variances = (functions**2).sum(axis=1)
    return np.column_stack([((functions @ basis) ** 2).sum(axis=1) / variances for basis in _bases(space, where)])


def _bases(space: Space, where: np.ndarray) -> list[np.ndarray]:
    """Return orthonormal functions of each dimension alone, of mean 0 where it is active: (n_points, n_functions)."""
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
