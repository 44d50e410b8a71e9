"""A prior: earlier studies, which are asked as long as they rank the trials well, and a belief that is forgotten.

A belief where the optimum is multiplies the acquisition function, and is forgotten with the number n of trials:

    acquisition_n(x) = acquisition(x) pi(x)^(beta / n),        log pi(x) = -sum_j (u_j - c_j)^2 / (2 WIDTH^2)

u : coordinates of x on the unit interval; c : those of the values believed in; j goes over the hyperparameters that the
belief names. The trials before the model are drawn from pi. Hvarfner et al. (2022), "piBO", where beta is a tenth
of the trials planned. Chapter 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hpt_lab.space import Space
from hpt_lab.space.bins import reflect
from hpt_lab.study import History, Trial
from hpt_lab.study.directions import Directions
from hpt_lab.surrogates.feasibility import LogProbability
from hpt_lab.surrogates.learning import Learning, model_of
from hpt_lab.surrogates.ranking_ensemble import RankingEnsemble
from hpt_lab.surrogates.warping import standardize
from hpt_lab.values.checks import WrongType, finite, short
from hpt_lab.values.lazy import special

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
        if any(not isinstance(old, History) or isinstance(old.direction, Directions) for old in histories):
            raise WrongType(f"{WHO}earlier={short(self.earlier)} must be a list of studies with one objective")
        if not isinstance(self.belief, Mapping):
            raise WrongType(f"{WHO}belief={short(self.belief)} must be a dict of values by name")
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
                scaled = standardize(losses).round(6)
                keys += [(y, t.expected is not None, t.violation) for y, t in zip(scaled, ranked, strict=True)]
            return np.vstack(found)[np.lexsort(np.transpose(keys))]
        points, (columns, center) = points.copy(), self._center(space)
        points[:, columns] = reflect(center + WIDTH * special.ndtri(np.clip(points[:, columns], 1e-9, 1 - 1e-9)))
        return space.cube.settle(points)

    def ensemble(self, own: Any, space: Space, learning: Learning, rng: np.random.Generator) -> Any:
        """Return the `RankingEnsemble` of the earlier studies and the model of this one, or this one alone."""
        learning = replace(learning, growth=1.0)
        found = [placed(space, history, inside(space, history)) for history in self.earlier]
        old: Any = [model_of(space, X, y, learning) for X, y in found]
        return RankingEnsemble(old, own, rng) if old else own

    def times(self, space: Space, n: int, likely: LogProbability | None) -> LogProbability | None:
        """Return the log of pi^(beta / n) after `n` trials, times another probability, as a function of points."""
        columns, center = self._center(space)

        def log_probability(points: np.ndarray) -> np.ndarray:
            log_pi = -0.5 * (((points[:, columns] - center) / WIDTH) ** 2).sum(axis=1)
            return self.beta / n * log_pi + (0.0 if likely is None else likely(points))

        return log_probability if self.belief else likely

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
