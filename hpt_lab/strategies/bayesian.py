"""Bayesian optimization: let a model of the losses so far say where the next trial is most promising.

    1. fit the surrogate to the trials: f(x) ~ Normal(mean(x), std(x)^2)
    2. among many candidates, suggest the x of the highest acquisition, such as E[max(best - f(x), 0)]

That is the textbook's loop: `BayesianOptimization.textbook()`. The ingredients named by the parameters below make it a
good optimizer; each can be switched off. Decisions compare rounded numbers, and ties go to the first, so that trials
are the same on any machine. If trials report constraints, expected improvement is multiplied by the probability that
they are kept. Mockus (1975); Jones, Schonlau, Welch (1998); Snoek et al. (2012); Ament et al. (2023). Chapters 4 and 5.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hpt_lab.space import Space
from hpt_lab.strategies.candidates import NEAR, REFINEMENTS, Candidates, Score, first_untried, start
from hpt_lab.strategies.several_objectives import front_first
from hpt_lab.study import History, Suggestion
from hpt_lab.surrogates.acquisition import ACQUISITIONS
from hpt_lab.surrogates.feasibility import Limits, LogProbability, limited, limits_of
from hpt_lab.surrogates.learning import LATE_TRIALS, Learning, Model, expect, features, learn, observed, zoom_trials
from hpt_lab.surrogates.prior import Prior
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values.checks import finite, flag, integer, one_of

N_BEST = 4  # trials whose neighbors are candidates, since the incumbent may have been lucky
WHO = "BayesianOptimization: "
SCORE_DECIMALS = 4  # of a score: further decimals differ between processors


class BayesianOptimization:
    """Suggest the params that maximize an acquisition function; None once all of a finite space has been tried.

    With several objectives it is the expected hypervolume improvement (see `several_objectives`), which has no zoom and
    no margin (`local_every`, `explore`), and whose `acquisition` must be "log_ei" or "ei". Raises ValueError or
    TypeError if an argument is out of range or of the wrong type.

    Parameters
    ----------
    surrogate : {"gp", "forest"}, Gaussian process, or extremely random trees for rough, categorical or large problems
    acquisition : {"log_ei", "ei", "pi", "lcb", "thompson"}
    n_initial : int, number of trials before the model: by default the number of dimensions plus 1, but from 5 to 10
    sobol : bool, start at the center and continue along a Sobol sequence, instead of at random
    warp : bool, transform the losses towards a normal distribution, instead of only standardizing them
    near : bool, also draw candidates near the four best trials, not only at random
    refine : int, number of rounds, from 0 to 3, of mutating the best candidates
        "thompson" has none: all candidates are ranked at once, by one and the same drawn function.
    local_every : int, zoom in every this many trials; 0 means never
        The zoom learns only from the best third of the trials and stays near the best.
    explore : float
        From trial 30 on, every second trial looks for an improvement of at least this many standard deviations of the
        losses, as the model sees them: near the best there is none left, but far away there may be. With 0 there is no
        margin; "lcb" and "thompson" ignore it.
    kernels : sequence of str, for the Gaussian process, from "matern52", "matern32" (rougher) and "rbf" (smoother)
        The first one is used; with 30 trials or more, the one with the highest evidence. The zoom always uses the first.
    max_points : int, maximum number of trials for the model: two thirds are the best, the others are spread by rank
    earlier : list of Study, asked as far as they rank today's trials: `info["weights"]` of a trial, this study's last
        The best of their trials comes first. Of a study with budgets, only the trials at its best one's budget count.
    belief, beta : dict of values believed to be near the best, and for how long: see `surrogates.prior`
    """

    def __init__(
        self,
        surrogate: str = "gp",
        acquisition: str = "log_ei",
        n_initial: int | None = None,
        *,
        sobol: bool = True,
        warp: bool = True,
        near: bool = True,
        refine: int = 3,
        local_every: int = 4,
        explore: float = 0.05,
        kernels: Sequence[str] = ("matern52", "matern32"),
        max_points: int = 120,
        earlier: Sequence[Any] = (),
        belief: Mapping[str, Any] | None = None,
        beta: float = 5.0,
    ) -> None:
        self.acquisition = one_of(WHO + "acquisition", acquisition, ACQUISITIONS)
        self.learning = Learning(surrogate, n_initial, warp, kernels, max_points)
        self.sobol = flag(WHO + "sobol", sobol)
        rounds = integer(WHO + "refine", refine, 0, len(REFINEMENTS)) * (acquisition != "thompson")
        self.candidates = Candidates(near=NEAR if flag(WHO + "near", near) else (), rounds=REFINEMENTS[:rounds])
        self._zoom = self.learning.zoomed(), self.candidates.zoomed()
        self.local_every = integer(WHO + "local_every", local_every, least=0)
        self.explore = finite(WHO + "explore", explore, least=0)
        self.prior = Prior(earlier, {} if belief is None else belief, beta, (surrogate, acquisition))

    @classmethod
    def textbook(cls, acquisition: str = "ei", n_initial: int = 5) -> "BayesianOptimization":
        """Return the loop that chapter 4 builds by hand: random trials, then the best of 512 random candidates."""
        plain: dict[str, Any] = dict(sobol=False, warp=False, near=False, refine=0, local_every=0, explore=0.0)
        return cls("gp", acquisition, n_initial, kernels=["matern52"], **plain)

    def suggest(self, history: History) -> Suggestion | None:
        """Return the candidate with the highest acquisition, with `origin` "initial", "model", "local" or "explore"."""
        space, rng, number = history.space, history.rng, history.trials.n_trials
        if several := history.directions.several:
            one_of(WHO + "with several objectives, acquisition", self.acquisition, ("log_ei", "ei"))
            self.prior.refuse("several objectives")
        if number < (1 if self.prior.earlier else self.learning.first(space)) or number == history.n_running:
            first = first_untried(history, self.prior.start(space, self._start(history)), origin="initial")
            return self.prior.mark(first)
        if several:
            return first_untried(history, front_first(history, self.learning, self.candidates), origin="model")
        points, losses, running = observed(history)
        limits = limits_of(history)
        ranks, turn = losses if limits is None else limits.ranks(losses), self._turn(history, limits)
        chosen: Any = slice(None)
        learning, candidates = self.learning, self.candidates
        if turn == "local":
            chosen, (learning, candidates) = zoom_trials(ranks, len(space)), self._zoom
        with one_blas_thread():
            model: Any = expect(learn(space, points[chosen], losses[chosen], learning, ranks[chosen]), space, running)
            model = model if turn == "local" else self.prior.ensemble(model, space, learning, rng)
            known, weights = model.X_, self.prior.log_weights(space, number)
            if limits is not None:  # a lowest loss may be luck
                known = features(space, points[chosen][limits.feasible[chosen]])[0]
                weights.insert(0, limits.learn(space, points, self.learning, running))
            goal = float(model.predict(known)[0].min()) - self.explore * (turn == "explore") if len(known) else None
            best = points[chosen][np.argsort(ranks[chosen], kind="stable")[:N_BEST]]
            ranked = candidates.best_first(space, best, self._score(model, goal, space, rng, weights), rng)
        return self.prior.mark(first_untried(history, ranked, origin=turn, **getattr(model, "info", {})))

    def _turn(self, history: History, limits: Limits | None) -> str:
        """Return how the next trial is found: by a model of the best trials ("local") or of all, which may "explore"."""
        number = history.trials.n_trials
        zooms = self.local_every and number % self.local_every == 0 and number >= self.learning.first(history.space)
        if zooms and (limits is None or limits.feasible.any()):
            return "local"
        return "explore" if self.explore and number >= LATE_TRIALS and number % 2 else "model"

    def _start(self, history: History) -> np.ndarray:
        """Return points of the unit cube for the trials before the model, shape (n_points, n_dims)."""
        center = np.full((1, len(history.space.dimensions)), 0.5)
        return history.rng.random(center.shape) if not self.sobol else start(history) if history.trials else center

    def _score(
        self, model: Model, goal: float | None, space: Space, rng: np.random.Generator, weights: list[LogProbability]
    ) -> Score:
        """Return the weighted acquisition function on the unit cube: from points (n, n_dims) to values (n,)."""

        def score(points: np.ndarray) -> np.ndarray:
            log_weight = sum(weight(points) for weight in weights)
            if goal is None:  # nothing is feasible yet
                return np.round(log_weight, SCORE_DECIMALS)
            X = features(space, points)[0]
            drawn = self.acquisition == "thompson"
            mean, std = (model.sample(X, rng)[0], np.zeros(len(X))) if drawn else model.predict(X)
            value = ACQUISITIONS[self.acquisition](mean, std, goal)
            return np.round(limited(self.acquisition, value, log_weight), SCORE_DECIMALS)

        return score

    def __repr__(self) -> str:
        learning, candidates = self.learning, self.candidates
        return (
            f"BayesianOptimization({learning.surrogate!r}, {self.acquisition!r}, {learning.n_initial}, sobol={self.sobol}, "
            f"warp={learning.warp}, near={bool(candidates.near)}, refine={len(candidates.rounds)}, "
            f"local_every={self.local_every}, explore={self.explore}, kernels={learning.kernels}, "
            f"max_points={learning.max_points}{self.prior})"
        )
