"""Tree-structured Parzen estimator (TPE): a density of the good trials, one of the others, and their ratio.

Bayesian optimization models the loss given the hyperparameters, p(y | x). TPE models the hyperparameters given the loss:

    l(x) = p(x | y <= y*)    g(x) = p(x | y > y*)    y* = the gamma-quantile of the losses so far
    EI(x) is proportional to 1 / (gamma + (1 - gamma) g(x) / l(x))

so the expected improvement grows with l(x) / g(x). Candidates are drawn from l, and the one with the largest ratio is
tried: it is near good trials, and has few bad ones around. Both l and g are a `ParzenEstimator`. Bergstra et al. (NIPS
2011), equation 5; Falkner, Klein and Hutter, BOHB (ICML 2018); Watanabe (arXiv 2304.11127, 2023). Chapter 4.
"""

import math
from bisect import insort
from collections.abc import Callable
from numbers import Real

import numpy as np

from hpt_lab.space import Params
from hpt_lab.strategies.candidates import first_untried, start
from hpt_lab.study import History, Suggestion, Trial
from hpt_lab.study.lens import in_order
from hpt_lab.study.log import ByState
from hpt_lab.surrogates.parzen import ParzenEstimator, check_kernels, coordinates
from hpt_lab.values.checks import finite, positive, short

SCHEDULES: dict[str, Callable[[int], int]] = {
    "linear": lambda n: min(math.ceil(0.1 * n), 25),  # Optuna
    "sqrt": lambda n: min(math.ceil(0.25 * math.sqrt(n)), 25),  # hyperopt
}
LATEST = 1000  # trials for g: older ones cost as much, and are where the search no longer looks


class TPE:
    """Suggest a draw from the density of the good trials that is improbable under that of the others.

    Failed and running trials count among the others: the search avoids what fails, and parallel workers avoid each
    other. No combination is suggested twice, and the search ends when all of a finite space has been tried. Raises
    ValueError or TypeError if an argument is out of range or of the wrong type.

    Parameters
    ----------
    gamma : "linear", "sqrt" or float
        How many of n finished trials are good: min(0.1 n, 25), min(0.25 sqrt(n), 25), or gamma n, rounded up.
    n_initial : int, number of trials that must be finished before densities are used; they are points of a Sobol sequence
    n_candidates : int, number of draws from l: the more, the greedier the search
    prior_weight : float, weight of the uniform prior in l and in g, where each trial weighs 1; more is more exploration
    bandwidth : "neighbours" or float, width of the kernels: see `ParzenEstimator`
    contrast : float
        How much narrower than the textbook's 1 / (n + 2) the narrowest kernels of l may be, and how much wider those of g
        must be, since l should point at good spots, and g warn of bad regions. With 1, both are the textbook's.
    multivariate : bool
        Whether a kernel spans all dimensions, so that a good learning rate stays with the batch size it was good with.
        If not, each dimension has its own densities, and chooses its best candidate alone (Bergstra et al. 2011).
    """

    def __init__(
        self,
        gamma: float | str = "linear",
        *,
        n_initial: int = 10,
        n_candidates: int = 24,
        prior_weight: float = 1.0,
        bandwidth: float | str = "neighbours",
        contrast: float = 2.0,
        multivariate: bool = True,
    ) -> None:
        if not (gamma in SCHEDULES if isinstance(gamma, str) else isinstance(gamma, Real) and 0 < gamma < 1):
            raise ValueError(f"TPE: gamma={short(gamma)} must be between 0 and 1, or one of {list(SCHEDULES)}")
        self.gamma, self.n_initial = gamma, positive("TPE: n_initial", n_initial)
        self.n_candidates = positive("TPE: n_candidates", n_candidates)
        self.contrast = finite("TPE: contrast", contrast, least=1)
        self.kernels = check_kernels("TPE", prior_weight=prior_weight, bandwidth=bandwidth, multivariate=multivariate)
        del self.kernels["narrowest"]  # it follows from the contrast, and differs between l and g

    def suggest(self, history: History) -> Suggestion | None:
        """Return the untried candidate with the largest l / g; None once all of a finite space has been tried."""
        history = in_order(history)
        n_finished = len(history.trials) - history.n_running
        initial = n_finished < self.n_initial or history.incumbent is None
        return first_untried(history, start(history) if initial else self.best_first(history))

    def densities(self, history: History) -> tuple[ParzenEstimator, ParzenEstimator]:
        """Return the density l of the good trials, and g of the others among the latest 1000 and of the running ones."""
        complete, points, space = history.index(ByLoss).complete, history.index(Points).all(), history.space
        states, n = history.index(ByState), len(complete)
        n_good = SCHEDULES[self.gamma](n) if isinstance(self.gamma, str) else math.ceil(self.gamma * n)
        oldest = len(points) - LATEST
        others = [place for place in (*complete[n_good:], *sorted(states.failed)) if place >= oldest]
        others += sorted(states.running)
        l = ParzenEstimator(space, points[complete[:n_good]], narrowest=1 / self.contrast, **self.kernels)
        g = ParzenEstimator(space, points[others], narrowest=self.contrast, **self.kernels)
        return l, g

    def best_first(self, history: History) -> np.ndarray:
        """Return candidates from l, from the largest l / g down: points of the unit cube, shape (n_candidates, n_dims)."""
        l, g = self.densities(history)
        u = l.draw(history.rng, self.n_candidates)
        hide = l.multivariate and history.space.conditional
        seen = np.where(history.space.cube.activity(u), u, np.nan) if hide else u
        ratio = l.log_terms(seen) - g.log_terms(seen)  # a column for all dimensions, or one for each
        order = np.argsort(-np.round(ratio, 6), axis=0, kind="stable")  # the same on every machine
        return u[order, np.arange(u.shape[1])]

    def __repr__(self) -> str:
        options = {name: value for name, value in vars(self).items() if name != "kernels"} | self.kernels
        return f"TPE({', '.join(f'{name}={value!r}' for name, value in options.items())})"


class ByLoss:
    """An index of the places of the complete trials, lowest loss first."""

    def __init__(self, history: History) -> None:
        self.complete: list[int] = []
        self._losses: dict[int, float] = {}
        self._loss = history.without_trials.loss

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "complete":
            self._losses[place] = self._loss(trial)
            insort(self.complete, place, key=lambda other: (self._losses[other], other))


class Points:
    """An index of the trials' points in the unit cube."""

    params_only = True  # it reads nothing else from a trial: see `source_history`

    def __init__(self, history: History) -> None:
        self._space = history.space
        self._params: dict[int, Params] = {}  # by place
        self._points = np.empty((0, len(history.space)))

    def add(self, place: int, trial: Trial) -> None:
        self._params.setdefault(place, trial.params)

    def all(self) -> np.ndarray:
        """Return a row for each trial, in order: shape (n_trials, n_dims), NaN where inactive, read-only."""
        new = [self._params[place] for place in range(len(self._points), len(self._params))]
        if new:  # all at once: a history that has just been read has many
            points = np.concatenate([self._points, coordinates(self._space, new)])
            points.flags.writeable = False
            self._points = points
        return self._points
