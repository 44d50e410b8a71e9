"""From a history to a fitted surrogate: what a model of the losses learns from, how, and when.

    observed                the finished trials, and the points of those still running
    zoom_trials, thinned    of many trials, the ones to zoom in on, or as many as a model can handle
    learn                   a surrogate of them, with the hyperparameters last learned on schedule
    expect                  the same, as if the running trials had returned what it expects

    points : (n, d) of the unit cube, settled (see `Space.settle`);   losses : (n,), to be minimized;   running : (r, d)

Learning hyperparameters is expensive, and they change slowly. So it is done after m trials, and next after the larger
of m + 1 and 1.15 m. In between, all trials condition the model, with the hyperparameters learned last. The schedule
depends on the trials alone, so that remembering what was learned changes no answer. Chapter 4.

Features: from params to the columns that a surrogate sees, with distances even where params have no natural ones.

    float, integer    u, its coordinate on the unit interval
    category          one-hot / sqrt(2): two different choices are 1 apart
    conditional u     (cos(pi u / 3), sin(pi u / 3)); (0, 0) if inactive

The last is an arc around the origin, so inactive is at distance 0 from inactive, and 1 from any active value. On the
arc, two values are `2 sin(pi |u - u'| / 6)` apart: between `|u - u'|` and 1.05 times that. Chapter 4.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hpt_lab.space import Space
from hpt_lab.space.cube import Cube
from hpt_lab.study import History, Trial
from hpt_lab.surrogates.forest import Forest
from hpt_lab.surrogates.gaussian_process import KERNELS, GaussianProcess
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.surrogates.warping import standardize, warp
from hpt_lab.values import checks
from hpt_lab.values.checks import flag, one_of, positive, short

LATE_TRIALS = 30  # trials, after which the evidence can tell kernels apart, and there is less to gain nearby
GROWTH = 1.15  # a history that is 15 % longer may have other lengthscales
THIRD, FEWEST_ZOOMED, MOST_ZOOMED = 0.35, 10, 50  # trials of a zoom: this share; also, at least 2 per dimension
BEST_SHARE = 2 / 3  # of the trials that thinning leaves: the model must be right near the best
START = 0.6, 1.0, math.exp(-6.0)  # the prior's centers, where the climb starts: lengthscale for d = 1, variances
Model = GaussianProcess | Forest  # each with `fit`, `predict` and `sample`
RIVAL_STEPS = 8  # a second kernel climbs from where the first ended


@dataclass(frozen=True)
class Learning:
    """The options of a model's learning: a part of `BayesianOptimization`, which its errors name.

    Parameters
    ----------
    surrogate, n_initial, warp, kernels, max_points : as for `BayesianOptimization`
    growth : float, the factor by which the history grows before hyperparameters are learned again; 1: after every trial
    n_steps : int, the maximum number of steps in the climb to the hyperparameters
    """

    surrogate: str = "gp"
    n_initial: int | None = None
    warp: bool = True
    kernels: Sequence[str] = ("matern52", "matern32")
    max_points: int = 120
    growth: float = GROWTH
    n_steps: int = 40

    def __post_init__(self) -> None:
        who, names = "BayesianOptimization: ", self.kernels
        one_of(who + "surrogate", self.surrogate, ("gp", "forest"))
        if self.n_initial is not None:
            positive(who + "n_initial", self.n_initial)
        flag(who + "warp", self.warp)
        if not isinstance(names, (list, tuple)) or not names or any(name not in list(KERNELS) for name in names):
            raise ValueError(f"{who}kernels={short(names)} must be a sequence of names out of {list(KERNELS)}")
        object.__setattr__(self, "kernels", tuple(names))
        positive(who + "max_points", self.max_points)

    def first(self, space: Space) -> int:
        """Return `n_initial`, or its default in this space."""
        return self.n_initial or min(max(len(space.dimensions) + 1, 5), 10)

    def zoomed(self) -> "Learning":
        """Return the options for a zoom, whose trials keep changing and teach no more than ten steps can find."""
        return replace(self, kernels=self.kernels[:1], max_points=MOST_ZOOMED, growth=1.0, n_steps=10)


def observed(history: History) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points and losses of the finished trials, and points of the running ones, in the order of the trials.

    A failed trial counts as the worst, so that the model avoids it; if all successes are equal, they count 0 and it 1.
    """
    outcomes, n_dims = history.index(_LossByPlace), len(history.space.dimensions)
    told = sorted(outcomes.losses)
    losses = np.array([outcomes.losses[place] for place in told], float)
    failed = np.isnan(losses)
    if failed.any():
        successes = losses[~failed]
        differ = len(successes) > 0 and successes.min() < successes.max()
        losses = np.where(failed, successes.max(), losses) if differ else failed.astype(float)
    running = sorted(outcomes.points.keys() - outcomes.losses.keys())
    points = [np.array([outcomes.points[place] for place in places]) for places in (told, running)]
    return points[0].reshape(-1, n_dims), losses, points[1].reshape(-1, n_dims)


class _LossByPlace:
    """An index, by place, of each trial's point, and of each finished one's loss, NaN if it failed."""

    def __init__(self, history: History) -> None:
        self.points: dict[int, np.ndarray] = {}
        self.losses: dict[int, float] = {}
        self._empty = history.without_trials  # it knows the space and the direction, but holds no trial

    def add(self, place: int, trial: Trial) -> None:
        if place not in self.points:
            space = self._empty.space
            self.points[place] = space.cube.settle(space.place(trial.params)[None])[0]
        if trial.state != "running":
            self.losses[place] = self._empty.loss(trial) if trial.state == "complete" else math.nan


def zoom_trials(losses: np.ndarray, n_dims: int) -> np.ndarray:
    """Return the indices of a zoom's trials, in order: the best 35 %, at least 10 and 2 per dimension, at most 50."""
    n = min(max(FEWEST_ZOOMED, 2 * n_dims, math.ceil(THIRD * len(losses))), MOST_ZOOMED)
    return np.sort(np.argsort(losses, kind="stable")[:n])


def thinned(losses: np.ndarray, max_points: int) -> np.ndarray:
    """Return the indices of at most `max_points` trials, in order: two thirds are the best, the others spread by rank."""
    if len(losses) <= max_points:
        return np.arange(len(losses))
    order, n_best = np.argsort(losses, kind="stable"), round(max_points * BEST_SHARE)
    spread = np.linspace(n_best, len(order) - 1, max_points - n_best).round().astype(int)
    return np.sort(order[np.concatenate([np.arange(n_best), spread])])


def averaged(points: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return for each point, shape (n, d), the mean of all losses at the same point: shape (n,)."""
    which = np.unique(points, axis=0, return_inverse=True)[1].ravel()
    return (np.bincount(which, losses) / np.bincount(which))[which]


def moment(n: int, first: int, growth: float = GROWTH) -> int:
    """Return how many of `n` trials the hyperparameters are learned from: `first`, and then what the schedule says."""
    m = first
    while (later := max(m + 1, math.ceil(growth * m))) <= n:
        m = later
    return min(m, n)


def learn(
    space: Space, points: np.ndarray, losses: np.ndarray, learning: Learning, order: np.ndarray | None = None
) -> Model:
    """Return a surrogate of the losses, standardized or warped, over the `features` of the settled points.

    Of many trials, it keeps the best ones by their losses, or by their place in another `order`, shape (n,).
    """
    n, most, bend = len(losses), learning.max_points, warp if learning.warp else standardize
    order = losses if order is None else order
    columns, groups = features(space, points)
    kept = thinned(order, most)
    X, y = columns[kept], bend(losses[kept])
    if learning.surrogate == "forest":
        return Forest().fit(X, y)
    m = moment(n, learning.first(space), learning.growth)
    kernels = learning.kernels if m >= LATE_TRIALS else learning.kernels[:1]
    past = thinned(order[:m], most) if m < n else kept
    past_y = bend(losses[past]) if m < n else y
    learned = _learned(kernels, learning.n_steps, columns[past].tobytes(), past_y.tobytes(), tuple(groups.tolist()))
    return GaussianProcess(*learned, optimize=False, groups=groups).fit(X, y)


@lru_cache(maxsize=16)  # this many searches may take turns without learning twice from the same trials
def _learned(
    kernels: tuple[str, ...], n_steps: int, X: bytes, y: bytes, groups: tuple[int, ...]
) -> tuple[str, np.ndarray, float, float]:
    """Return the kernel, lengthscales, signal and noise variance with the highest evidence, read-only."""
    losses = np.frombuffer(y)
    points = np.frombuffer(X).reshape(len(losses), -1)
    start = START[0] * (max(groups) + 1) ** 0.25, *START[1:]
    best = GaussianProcess(kernels[0], *start, n_steps, groups=groups).fit(points, losses)
    learned = best.lengthscale_, best.signal_variance_, best.noise_variance_
    for kernel in kernels[1:]:
        rival = GaussianProcess(kernel, *learned, RIVAL_STEPS, groups=groups).fit(points, losses)
        best = max(best, rival, key=lambda gp: round(gp.log_marginal_likelihood, 2))
    best.lengthscale_.flags.writeable = False
    return best.kernel, best.lengthscale_, best.signal_variance_, best.noise_variance_


def expect(model: Model, space: Space, running: np.ndarray) -> Model:
    """Return the model, fitted once more as if the trials at the points `running` had returned what it expects."""
    if len(running):
        X = features(space, running)[0]
        model.fit(np.vstack([model.X_, X]), np.append(model.y_, model.predict(X)[0]))
    return model


def fit_trials(history: History, trials: Sequence[Trial]) -> tuple[GaussianProcess | Forest, np.ndarray, np.ndarray]:
    """Return a surrogate of complete trials, the indices of those it was fitted to, and their losses."""
    space, losses, learning = history.space, np.array([history.loss(trial) for trial in trials]), Learning(growth=1.0)
    kept = thinned(history.places(trials), learning.max_points)
    points = space.cube.settle(np.array([space.place(trials[i].suggested) for i in kept]))
    with one_blas_thread():
        return learn(space, points, losses[kept], learning), kept, losses[kept]


def features(space: Space, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns that a surrogate sees, for points from `Space.settle`, of shape (n, n_dims).

    The columns have shape (n, n_columns); a second array, of shape (n_columns,), has the dimension of each. Raises
    ValueError if the points have the wrong shape, or are outside the unit cube.
    """
    points, cube = checks.cube("features: points", points, len(space)), space.cube
    line, arc, choices, first, groups = _layout(cube)
    columns = np.zeros((len(points), len(groups)))
    columns[:, first[line]] = points[:, line]
    if not len(arc) and not len(choices):
        return columns, groups
    active = cube.activity(points)
    if len(arc):
        angle = np.pi * points[:, arc] / 3.0
        columns[:, first[arc]] = np.cos(angle) * active[:, arc]
        columns[:, first[arc] + 1] = np.sin(angle) * active[:, arc]
    sizes = cube.sizes[choices]
    choice = np.minimum(np.floor(points[:, choices] * sizes), sizes - 1)
    choice = np.where(active[:, choices], choice, sizes)  # "inactive" is one more choice
    columns[np.arange(len(points))[:, None], first[choices] + choice.astype(int)] = 1.0 / np.sqrt(2.0)
    return columns, groups


@lru_cache(maxsize=64)
def _layout(cube: Cube) -> tuple[np.ndarray, ...]:
    """Return the dimensions that become a line, an arc, and choices, the first column of each, and each column's dimension."""
    line, arc = ~cube.choices & ~cube.conditional, ~cube.choices & cube.conditional
    widths = 1 + cube.conditional
    widths[cube.choices] += cube.sizes[cube.choices].astype(int) - 1
    groups = np.repeat(np.arange(len(widths)), widths)
    groups.flags.writeable = False  # the next caller gets the same array
    return (*map(np.flatnonzero, (line, arc, cube.choices)), np.cumsum(widths) - widths, groups)
