"""Bayesian optimization: let a model of the losses so far say where the next trial promises most.

    1. fit the surrogate to the trials: f(x) ~ Normal(mean(x), std(x)^2)
    2. suggest the x of the highest acquisition, such as E[max(best - f(x), 0)], among many candidates

That is all of the textbook's loop: `BayesianOptimization.textbook()`. What makes it a good optimiser are the ingredients
that the parameters below name, each of which can be switched off. Every decision is made on rounded numbers, and a tie
goes to the first: the same trials on any machine. The main model's hyperparameters are learned again whenever the history
has grown by 15 %; the zoom's small model learns each time, in at most ten steps.

Jones, Schonlau and Welch (1998); Snoek, Larochelle and Adams (2012); Ament et al. (2023). Chapter 4.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import numpy as np

from hpt_lab.space import Categorical, Params, Space
from hpt_lab.space.dimensions import finite, integer, positive
from hpt_lab.strategies.random import sobol_points
from hpt_lab.strategies.untried import Memory
from hpt_lab.study import History, Suggestion
from hpt_lab.surrogates import acquisition as functions
from hpt_lab.surrogates.features import features, settle
from hpt_lab.surrogates.forest import Forest
from hpt_lab.surrogates.gaussian_process import KERNELS, GaussianProcess
from hpt_lab.surrogates.warping import standardize, warp

SURROGATES = ("gp", "forest")
ACQUISITIONS: dict[str, Callable[..., np.ndarray]] = {
    "log_ei": functions.log_expected_improvement,
    "ei": functions.expected_improvement,
    "pi": functions.probability_of_improvement,
    "lcb": lambda mean, std, best: -functions.lower_confidence_bound(mean, std),
    "thompson": lambda mean, std, best: -mean,  # of a function drawn from the posterior
}

REFINEMENTS = (0.1, 0.03, 0.01)
LATE = 30  # trials, from which on there is more to learn from and less to gain nearby


class BayesianOptimization:
    """Suggest what maximises an acquisition function of a surrogate.

    It ends (suggests None) where the space is finite and all of its combinations were tried.

    Parameters
    ----------
    surrogate : {"gp", "forest"}
        A Gaussian process, or extremely randomised trees for rough, categorical or large histories.
    acquisition : {"log_ei", "ei", "pi", "lcb", "thompson"}
    n_initial : int, optional
        Trials before the model: by default the number of dimensions plus 1, but from 5 to 10.
    sobol : bool
        Start at the centre and go on along a Sobol sequence, instead of at random.
    warp : bool
        Bend the losses towards a normal distribution, instead of only standardising them.
    refine : int
        Rounds, from 0 to 3, of mutating the best candidates. With 0, all candidates are random.
    local_every : int
        Every so many trials, zoom in: learn from the best third of the trials alone and stay near the best. 0 is never.
    explore : float
        From trial 30 on, let every second trial look for an improvement of at least so many standard deviations of the
        losses, as the model sees them: near the best there is none left, far away there may be. 0 asks for no margin, and
        "lcb" and "thompson" know of none.
    kernels : sequence of str
        Of the Gaussian process, out of "matern52", "matern32" (rougher) and "rbf" (smoother): the first, and when it
        learns from 30 trials or more, the one of the highest evidence. The zoom keeps to the first.
    max_points : int
        Condition the model on at most so many trials: the best two thirds of that, and the others spread by rank.
    """

    def __init__(
        self,
        surrogate: str = "gp",
        acquisition: str = "log_ei",
        n_initial: int | None = None,
        *,
        sobol: bool = True,
        warp: bool = True,
        refine: int = 3,
        local_every: int = 4,
        explore: float = 0.05,
        kernels: Sequence[str] = ("matern52", "matern32"),
        max_points: int = 120,
    ) -> None:
        if surrogate not in SURROGATES:
            raise ValueError(f"BayesianOptimization: surrogate={surrogate!r} must be one of {list(SURROGATES)}")
        if acquisition not in ACQUISITIONS:
            raise ValueError(f"BayesianOptimization: acquisition={acquisition!r} must be one of {list(ACQUISITIONS)}")
        if n_initial is not None:
            positive("BayesianOptimization: n_initial", n_initial)
        positive("BayesianOptimization: max_points", max_points)
        if not 0 <= integer("BayesianOptimization: refine", refine) <= len(REFINEMENTS):
            raise ValueError(f"BayesianOptimization: {refine=} must be between 0 and {len(REFINEMENTS)}")
        if integer("BayesianOptimization: local_every", local_every) < 0:
            raise ValueError(f"BayesianOptimization: {local_every=} must not be below 0")
        if finite(explore, "BayesianOptimization: explore=", " must be a finite number") < 0:
            raise ValueError(f"BayesianOptimization: {explore=} must not be below 0")
        if isinstance(kernels, str) or not kernels or not set(kernels) <= set(KERNELS):
            raise ValueError(f"BayesianOptimization: {kernels=} must be a sequence of names out of {list(KERNELS)}")
        self.surrogate, self.acquisition, self.n_initial = surrogate, acquisition, n_initial
        self.sobol, self.warp, self.refine = sobol, warp, refine
        self.local_every, self.explore, self.kernels, self.max_points = local_every, explore, tuple(kernels), max_points
        self._settled = Memory(_settled)
        self._learned: dict[bool, tuple[Any, GaussianProcess]] = {}

    @classmethod
    def textbook(cls, acquisition: str = "ei", n_initial: int = 5) -> BayesianOptimization:
        """The loop that chapter 4 builds by hand: random trials, then the best of 512 random candidates."""
        return cls(
            "gp",
            acquisition,
            n_initial,
            sobol=False,
            warp=False,
            refine=0,
            local_every=0,
            explore=0.0,
            kernels=["matern52"],
        )

    def suggest(self, history: History) -> Suggestion | None:
        space, rng, number = history.space, history.rng, len(history.trials)
        points = self._points(history)
        tried = {point.tobytes() for point in points}
        told = np.array([trial.state != "running" for trial in history.trials], bool)
        n_initial = self.n_initial or min(max(len(space) + 1, 5), 10)
        if number < n_initial or not told.any():
            origin, candidates = "initial", settle(space, self._initial(space, history.seed, number, rng))
        else:
            origin = "model"
            if self.local_every and number % self.local_every == 0:
                origin = "local"
            elif self.explore and number >= LATE and number % 2:
                origin = "explore"
            with _one_blas_thread():
                candidates = self._ranked(space, points, told, _losses(history), n_initial, origin, rng)
        for where in (origin, "random"):
            for point in candidates if where == origin else settle(space, rng.random((1024, len(space)))):
                if point.tobytes() not in tried:
                    return Suggestion(space.decode(point), info={"origin": where})
        for i in range(int(min(space.size, number + 1))):  # a finite space, nearly exhausted
            params = space.grid()[i]
            if settle(space, space.encode(params)[None])[0].tobytes() not in tried:
                return Suggestion(params, info={"origin": "rest"})
        return None

    def _points(self, history: History) -> np.ndarray:
        """All trials in the unit cube: shape (n_trials, n_dims)."""
        space = history.space
        return np.array(self._settled(space, history.trials)).reshape(-1, len(space))

    def _initial(self, space: Space, seed: int, number: int, rng: np.random.Generator) -> np.ndarray:
        if not self.sobol:
            return rng.random((1, len(space)))
        if number == 0:
            return np.full((1, len(space)), 0.5)
        return sobol_points(len(space), seed, max(number.bit_length(), 4))[number : number + 1]

    def _ranked(
        self,
        space: Space,
        points: np.ndarray,
        told: np.ndarray,
        losses: np.ndarray,
        n_initial: int,
        origin: str,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Candidates in descending order of the acquisition function."""
        local = origin == "local"
        U, y = self._subset(points[told], losses, local)
        top = U[np.argsort(y, kind="stable")[:4]]
        X = features(space, U)[0]
        model = self._model(space, points[told], losses, n_initial, local).fit(X, y)
        if not told.all():  # a running trial is taken to return what the model expects
            X = np.vstack([X, features(space, points[~told])[0]])
            y = np.concatenate([y, model.predict(X[len(y) :])[0]])
            model.fit(X, y)
        best = float(model.predict(X)[0].min())  # not the best loss seen, which may have been luck
        goal = best - self.explore if origin == "explore" else best

        def score(candidates: np.ndarray) -> np.ndarray:
            X = features(space, candidates)[0]
            if self.acquisition == "thompson":
                return np.round(model.sample(X, rng)[0], 4) * -1.0
            mean, std = model.predict(X)
            return np.round(ACQUISITIONS[self.acquisition](mean, std, goal), 4)

        scales = (0.1, 0.03) if local else (0.15, 0.03) if self.refine else ()
        near = [_mutate(space, top, scale, 25, rng) for scale in scales]
        candidates = settle(space, np.vstack([rng.random((0 if local else 512, len(space))), *near]))
        scores = score(candidates)
        for scale in REFINEMENTS[: self.refine]:
            more = settle(space, _mutate(space, candidates[np.argsort(-scores, kind="stable")[:6]], scale, 25, rng))
            candidates, scores = np.vstack([candidates, more]), np.concatenate([scores, score(more)])
        return candidates[np.argsort(-scores, kind="stable")]

    def _subset(self, points: np.ndarray, losses: np.ndarray, local: bool) -> tuple[np.ndarray, np.ndarray]:
        """The trials to condition on, and their losses as the model sees them."""
        order = np.argsort(losses, kind="stable")
        if local:
            order = order[: min(max(10, 2 * points.shape[1], math.ceil(0.35 * len(order))), 50)]
        elif len(order) > self.max_points:
            n_best = round(self.max_points * 2 / 3)
            spread = np.linspace(n_best, len(order) - 1, self.max_points - n_best).round().astype(int)
            order = order[np.concatenate([np.arange(n_best), spread])]
        chosen = np.sort(order)
        return points[chosen], warp(losses[chosen]) if self.warp else standardize(losses[chosen])

    def _model(self, space: Space, points: np.ndarray, losses: np.ndarray, n_initial: int, local: bool) -> Any:
        """A surrogate, with hyperparameters learned from the first m trials: m follows m' = max(m + 1, 1.15 m)."""
        if self.surrogate == "forest":
            return Forest()
        m = len(losses) if local else n_initial
        while (after := max(m + 1, math.ceil(1.15 * m))) <= len(losses):
            m = after
        key = (space, points[:m].tobytes(), losses[:m].tobytes())
        known, gp = self._learned.get(local, (None, None))
        if gp is None or known != key:
            U, y = self._subset(points[:m], losses[:m], local)
            X, columns = features(space, U)
            start = 0.6 * len(space) ** 0.25, 1.0, math.exp(-6.0)
            n_steps = 10 if local else True  # the zoom's few trials do not tell more
            gp = GaussianProcess(self.kernels[0], *start, n_steps, groups=columns).fit(X, y)
            if m >= LATE and not local:
                rivals = [
                    GaussianProcess(kernel, *_learned(gp), 8, groups=columns).fit(X, y) for kernel in self.kernels[1:]
                ]
                gp = max([gp, *rivals], key=lambda one: round(one.log_marginal_likelihood, 2))
            self._learned[local] = key, gp
        return GaussianProcess(gp.kernel, *_learned(gp), optimize=False, groups=gp.groups)


_thinking = threading.RLock()  # the limit is the whole process's: one search at a time sets it, and sets it back


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """On matrices this small, two threads wait for each other ten times as long as one works."""
    controller = _blas()
    with _thinking, controller.limit(limits=1, user_api="blas") if controller else nullcontext():
        yield


@cache
def _blas() -> Any:
    try:
        from threadpoolctl import ThreadpoolController  # which comes with scikit-learn
    except ImportError:
        return None
    return ThreadpoolController()


def _settled(space: Space, params: Params) -> np.ndarray:
    return settle(space, space.encode(params)[None])[0]


def _learned(gp: GaussianProcess) -> tuple[np.ndarray, float, float]:
    return gp.lengthscale_, gp.signal_variance_, gp.noise_variance_


def _losses(history: History) -> np.ndarray:
    """Losses of the trials that are not running; a failed one counts as the worst, or as worse than all if those are
    equal, so that the model stays away."""
    told = [trial for trial in history.trials if trial.state != "running"]
    y = np.full(len(told), np.nan)
    y[[trial.state == "complete" for trial in told]] = history.losses
    if not len(history.losses):
        return np.zeros(len(told))
    best, worst = np.nanmin(y), np.nanmax(y)
    return np.where(np.isnan(y), worst if worst > best else worst + max(1.0, abs(worst) / 2), y)


def _mutate(space: Space, points: np.ndarray, scale: float, n_each: int, rng: np.random.Generator) -> np.ndarray:
    """`n_each` neighbours of each point: half of the coordinates move, by about `scale`, reflected at the edges."""
    bases = np.repeat(points, n_each, axis=0)
    moves = rng.random(bases.shape) < 0.5
    moves[np.arange(len(bases)), rng.integers(bases.shape[1], size=len(bases))] |= ~moves.any(axis=1)
    stepped = np.abs(bases + scale * rng.standard_normal(bases.shape))
    stepped = np.clip(np.where(stepped > 1.0, 2.0 - stepped, stepped), 0.0, 1.0)
    category = np.array([isinstance(dimension, Categorical) for dimension in space.dimensions.values()])
    if category.any():
        stepped = np.where(category, np.where(rng.random(bases.shape) < 0.2, rng.random(bases.shape), bases), stepped)
    return np.where(moves, stepped, bases)
