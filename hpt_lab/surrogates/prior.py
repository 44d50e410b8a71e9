"""A prior: earlier studies, which are asked as long as they rank the trials well, and a belief that is forgotten.

A belief where the optimum is multiplies the acquisition function, and is forgotten with the number n of trials:

    acquisition_n(x) = acquisition(x) pi(x)^(beta / n),        log pi(x) = -sum_j (u_j - c_j)^2 / (2 WIDTH^2)

u : coordinates of x on the unit interval; c : those of the values believed in; j goes over the hyperparameters that the
belief names. The trials before the model are drawn from pi. Hvarfner et al. (2022), "piBO", where beta is a tenth
of the trials planned. Chapter 7.

A surrogate that also asks earlier studies: each has its own Gaussian process, and counts by how well it ranks.

The losses of another study have another scale, but the order of its points may be today's order. So all losses are
standardized, and the ensemble is a weighted sum. A model's ranking loss L is the number of pairs of today's n trials that
it puts in the wrong order, and its weight is the share of draws from the posteriors in which its L is the lowest:

    mean = sum_i w_i mean_i,    std^2 = sum_i w_i^2 std_i^2,    w_i = P(L_i is the lowest); models that tie share a draw
    an earlier study:    L = sum_jk [f(x_j) < f(x_k)] xor [y_j < y_k]
    this study:          L = sum_jk [f_-j(x_j) < y_k] xor [y_j < y_k]       f_-j is drawn with trial j left out

If the median of a model's L is above the 95th percentile of this study's, it is dropped: otherwise, many bad models, each
with a little luck, would dilute the good one. Feurer, Letham, Hutter and Bakshy (2018), arXiv:1802.02219, first version;
the later one (section 4.3, equation 9) drops models at random, more and more often. Chapter 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hpt_lab.space import Space
from hpt_lab.space.bins import reflect
from hpt_lab.study import History, Suggestion, Trial
from hpt_lab.surrogates.feasibility import LogProbability
from hpt_lab.surrogates.gaussian_process import GaussianProcess
from hpt_lab.surrogates.learning import Learning, learn
from hpt_lab.surrogates.warping import standardize
from hpt_lab.values.checks import WrongType, finite, instance, short, special

WHO = "BayesianOptimization: "
WIDTH = 0.15  # standard deviation of the belief, as a share of a hyperparameter's range


@dataclass(frozen=True)
class Prior:
    """The arguments `earlier`, `belief` and `beta` of `BayesianOptimization`, which its errors name."""

    earlier: Any
    belief: Mapping[str, Any]
    beta: float
    model: tuple[str, str]  # the names of the surrogate and the acquisition function

    def __post_init__(self) -> None:
        listed = self.earlier if isinstance(self.earlier, (list, tuple)) else [None]
        histories = tuple(getattr(study, "history", study) for study in listed)
        if any(not isinstance(old, History) or old.directions.several for old in histories):
            raise WrongType(f"{WHO}earlier={short(self.earlier)} must be a list of studies with one objective")
        instance(f"{WHO}belief", self.belief, Mapping, "a dict of values by name")
        object.__setattr__(self, "earlier", histories)
        object.__setattr__(self, "belief", dict(self.belief))  # the caller's may change
        object.__setattr__(self, "beta", finite(WHO + "beta", self.beta, least=0))
        for name in self.model:
            if name not in ("gp", "log_ei", "ei", "pi"):
                self.refuse(repr(name))

    def __bool__(self) -> bool:
        """Return True if anything is known beforehand."""
        return bool(self.earlier or self.belief)

    def __str__(self) -> str:
        """Return what is known beforehand, as the strategy's repr appends it."""
        n = len(self.earlier)
        earlier = f", earlier=<{n} {'study' if n == 1 else 'studies'}>" if n else ""
        return earlier + (f", belief={self.belief}, beta={self.beta}" if self.belief else "")

    def refuse(self, what: str) -> None:
        """Raise ValueError if anything is known beforehand, which a search with `what` could not use."""
        if self:
            raise ValueError(f"{WHO}earlier and belief must be left out with {what}")

    def mark(self, suggestion: Suggestion | None) -> Suggestion | None:
        """Return a suggestion that says, with earlier studies, that the space must stay as it is."""
        if suggestion is None or not self.earlier:
            return suggestion
        return replace(suggestion, fixed_space="a search with earlier studies")

    def start(self, space: Space, points: np.ndarray) -> np.ndarray:
        """Return settled points to start with, (n, n_dims): the best of earlier studies, or uniform ones, as believed.

        The trials of each earlier study are in the order of `History.rank`; between studies, standardized losses decide.
        """
        if self.earlier:
            found, keys = [], []
            for history in self.earlier:
                ranked = sorted(inside(space, history), key=history.rank)
                X, losses = placed(space, history, ranked)
                found.append(X)
                able, scaled = np.array([trial.feasible for trial in ranked]), np.zeros(len(ranked))
                if able.any():  # the scale is that of the losses that count
                    scaled[able] = standardize(losses[able]).round(6)
                keys += [(y, t.expected is not None, t.violation) for y, t in zip(scaled, ranked, strict=True)]
            return np.vstack(found)[np.lexsort(np.transpose(keys))]
        points, (columns, center) = points.copy(), self._center(space)
        points[:, columns] = reflect(center + WIDTH * special.ndtri(np.clip(points[:, columns], 1e-9, 1 - 1e-9)))
        return space.cube.settle(points)

    def ensemble(self, own: Any, space: Space, learning: Learning, rng: np.random.Generator) -> Any:
        """Return the `RankingEnsemble` of the earlier studies and the model of this one, or this one alone."""
        learning = replace(learning, growth=1.0)
        found = [(history, inside(space, history)) for history in self.earlier]
        old: Any = [learn(space, *placed(space, h, trials), learning, h.places(trials)) for h, trials in found]
        return RankingEnsemble(old, own, rng) if old else own

    def log_weights(self, space: Space, n: int) -> list[LogProbability]:
        """Return the log of pi^(beta / n) after `n` trials, as a function of points; no function without a belief."""
        columns, center = self._center(space)

        def log_weight(points: np.ndarray) -> np.ndarray:
            return self.beta / n * (-0.5 * (((points[:, columns] - center) / WIDTH) ** 2).sum(axis=1))

        return [log_weight] if self.belief else []

    def _center(self, space: Space) -> tuple[list[int], np.ndarray]:
        """Return the columns that the belief names, and its coordinates in them, shape (n_named,)."""
        numbers = ~(space.cube.choices | space.cube.conditional)
        column = {name: i for i, name in enumerate(space) if numbers[i]}
        for name, value in self.belief.items():
            if name not in column or not space[name].has(value):
                raise ValueError(f"{WHO}belief: {name}={short(value)} must be a number of the space, with no condition")
        return [column[n] for n in self.belief], np.array([space[n].encode(v) for n, v in self.belief.items()])


def inside(space: Space, history: History) -> list[Trial]:
    """Return the complete trials in this space, at least one: those whose budget is that of the best of them."""
    trials = [trial for trial in history.trials if trial.state == "complete" and space.contains(trial.suggested)]
    if not trials:
        remedy = "copy them into a study of this space, with add_trials(..., defaults=...)"
        raise ValueError(f"{WHO}earlier has a study without a complete trial in {short(space)}; {remedy}")
    budget = min(trials, key=history.rank).budget
    return [trial for trial in trials if trial.budget == budget]


def placed(space: Space, history: History, trials: Sequence[Trial]) -> tuple[np.ndarray, np.ndarray]:
    """Return the settled points of a history's trials, (n, n_dims), and their losses, (n,)."""
    points = space.cube.settle(np.array([space.place(trial.suggested) for trial in trials]))
    return points, np.array([history.loss(trial) for trial in trials])


N_DRAWS, PERCENTILE = 256, 95
LOSS_DECIMALS = 4  # of a drawn loss: further decimals differ between processors


class RankingEnsemble:
    """A weighted sum of Gaussian processes on the same columns, this study's last; `weights` has shape (n_models,).

    Parameters
    ----------
    earlier, own : list of GaussianProcess, and GaussianProcess, of the earlier studies and of this one
    rng : numpy.random.Generator, for the draws
    """

    def __init__(self, earlier: Sequence[GaussianProcess], own: GaussianProcess, rng: np.random.Generator) -> None:
        self.models, self.X_ = [*earlier, own], own.X_
        losses = [ranking_losses(model.sample(own.X_, rng, N_DRAWS), own.y_) for model in earlier]
        mean, std = own.left_out()
        left_out = mean + std * rng.standard_normal((N_DRAWS, len(mean)))
        self.weights = ranking_weights(np.array([*losses, ranking_losses(left_out, own.y_, own.y_)]))
        self.info = {"weights": self.weights.round(3).tolist()}

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the weighted sum at the points `X`: two arrays of shape (m,)."""
        mean, std = np.swapaxes([model.predict(X) for model in self.models], 0, 1)  # (n_models, m) each
        return self.weights @ mean, np.sqrt(self.weights**2 @ std**2)


def ranking_losses(drawn: np.ndarray, y: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
    """Return how many of the n^2 ordered pairs each draw puts in the wrong order: shape (n_draws,), integers.

    Parameters
    ----------
    drawn : ndarray of shape (n_draws, n), the losses of today's n trials as a model draws them
    y : ndarray of shape (n,), the losses that these trials have returned
    others : ndarray of shape (n,), optional, what each drawn loss is compared with, instead of the other drawn ones
    """
    drawn = np.round(drawn, LOSS_DECIMALS)
    right = drawn[:, None, :] if others is None else np.round(others, LOSS_DECIMALS)
    wrong = (drawn[:, :, None] < right) ^ (y[:, None] < y)  # (n_draws, n, n)
    return (wrong & ~np.eye(len(y), dtype=bool)).sum(axis=(1, 2))


def ranking_weights(losses: np.ndarray) -> np.ndarray:
    """Return the weight of each model, shape (n_models,), from its ranking losses, shape (n_models, n_draws).

    The last model is of this study; its median is below its own 95th percentile, so that it is never dropped.

    >>> ranking_weights(np.array([[0, 1, 2, 3], [9, 9, 9, 0], [4, 1, 2, 2]])).tolist()
    [0.5, 0.0, 0.5]
    """
    kept = np.median(losses, axis=1) <= np.percentile(losses[-1], PERCENTILE)
    lowest = kept[:, None] & (losses == losses[kept].min(axis=0))
    return (lowest / lowest.sum(axis=0)).mean(axis=1)
