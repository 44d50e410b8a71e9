"""Stopping rules: end a training run that is not worth finishing, under any strategy, for objectives that yield.

    rule.stop(losses, others) -> bool       asked after each unit of budget, such as an epoch

losses : of this run, after each of its n units so far, to be minimized;    others : the same for all m whole runs that
the study held when this one started. So a decision is a function of curves, the same in this process, in another, and
after a restart; with several workers, it lacks only the runs that ended in the meantime. Where trials report constraints,
the others are the feasible whole runs, since a loss beyond a limit beats none within it. Before the first of them there
is no other, so that the rules of this file give no run up: it may be the first that keeps the limits.

A rule gives a run up, unless its attribute `gives_up` is False: then the run has converged, and its value counts like any
other. A run that was given up keeps its last value, but ranks below all whole ones, and strategies learn from

    expected = losses[n] + median over the whole runs of (last loss - loss after n units), but no better than the best last loss

Golovin et al. (2017, section 3.2.2) have the median rule, with running averages; Prechelt (1998) compares rules that wait
for an improvement (chapter 5); Domhan et al. (2015) continue the curve (chapter 7).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import wraps
from statistics import median
from typing import Any, Protocol

import numpy as np

from hpt_lab.study import History
from hpt_lab.study.outcomes import describe
from hpt_lab.values.checks import WrongType, finite, plain, positive, require, short

DIVERGED = 30  # times the median range of a run: a larger one is that of a run that diverged
LATEST = 1000  # whole runs that a rule is shown: each travels to the worker
Losses = Sequence[float]


class Stopping(Protocol):
    """A pure function of the losses of a run and of other runs, without state of its own."""

    def stop(self, losses: Losses, others: Sequence[Losses]) -> bool:
        """Return whether to end a run with these losses so far; `others` are the losses of feasible whole runs."""


def _judges_curves(stop: Any) -> Any:
    """Decorate the `stop` of a rule: what is no curve raises an error that says so."""

    @wraps(stop)
    def checked(rule: Any, losses: Losses, others: Sequence[Losses]) -> bool:
        try:
            return stop(rule, losses, others)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            right = "must be the losses of a run, and a list of those of whole runs"
            what = f"losses={short(losses)} and others={short(others)} {right}"
            raise WrongType(f"{type(rule).__name__}: {what}") from error

    return checked


@dataclass(frozen=True)
class PercentileStopping:
    """Give a run up once its best loss so far is not among the best `percentile` % of the whole runs, after as many units.

    A run that has trained as long as the longest whole one is never given up. Raises ValueError or TypeError if an
    argument is wrong.

    Parameters
    ----------
    percentile : float, above 0 and below 100: the smaller, the fewer runs continue
    warmup : int, the number of units that every run may train before it is judged
    n_trials : int, the number of whole runs that must be there first
    """

    percentile: float
    warmup: int = 1
    n_trials: int = 5

    def __post_init__(self) -> None:
        who = type(self).__name__
        finite(f"{who}: percentile", self.percentile, above=0, below=100)
        positive(f"{who}: warmup", self.warmup)
        positive(f"{who}: n_trials", self.n_trials)

    @_judges_curves
    def stop(self, losses: Losses, others: Sequence[Losses]) -> bool:
        """Return whether more than `percentile` % of the whole runs had a lower loss by now."""
        n = len(losses)
        if n < self.warmup or len(others) < self.n_trials or n >= max(map(len, others)):
            return False
        best = min(losses)
        return 100 * sum(min(other[:n]) < best for other in others) > self.percentile * len(others)


@dataclass(frozen=True)
class MedianStopping(PercentileStopping):
    """Give a run up once its best loss so far is worse than the median of the whole runs, after as many units.

    It is `PercentileStopping(50)`; see there for the parameters.

    Examples
    --------
    >>> from hpt_lab import MedianStopping
    >>> whole = [[0.9, 0.5, 0.4], [0.8, 0.3, 0.2], [0.7, 0.2, 0.1]]
    >>> MedianStopping(n_trials=3).stop([0.8], whole), MedianStopping(n_trials=3).stop([0.8, 0.35], whole)
    (False, True)
    """

    percentile: float = field(default=50, init=False, repr=False)


@dataclass(frozen=True)
class ForecastStopping:
    """Give a run up once its curve, continued, ends below the best last loss of a whole run with too small a probability.

    The curve is continued by `hpt_lab.surrogates.curves.forecast` to the length of the longest whole run. What it expects
    beforehand follows from the whole runs. Let s be the range of all losses of this run and of theirs, but no more than
    30 times the median range of a run, since one may have diverged. Then a run ends near their median last loss, give or
    take s / 2, after a fall of s / 2, give or take as much, and the noise is s / 100. A loss farther than s from the best
    last loss counts as if it were s away. Raises ValueError or TypeError if an argument is out of range or of the wrong type.

    Parameters
    ----------
    probability : float, above 0 and below 1: the larger, the more runs are stopped
    warmup : int, the number of units that every run may train before it is judged
    n_trials : int, the number of whole runs that must be there first

    Examples
    --------
    >>> from hpt_lab import ForecastStopping
    >>> whole = [[0.9, 0.5, 0.35, 0.28, 0.24, 0.22]]
    >>> rule = ForecastStopping()
    >>> rule.stop([0.9, 0.7, 0.65], whole), rule.stop([0.9, 0.6, 0.4], whole)
    (True, False)
    """

    probability: float = 0.05
    warmup: int = 3
    n_trials: int = 1

    def __post_init__(self) -> None:
        finite("ForecastStopping: probability", self.probability, above=0, below=1)
        positive("ForecastStopping: warmup", self.warmup)
        positive("ForecastStopping: n_trials", self.n_trials)

    @_judges_curves
    def stop(self, losses: Losses, others: Sequence[Losses]) -> bool:
        """Return whether the run will probably not end below the best whole run."""
        n, end = len(losses), max(map(len, others), default=0)
        if n < self.warmup or len(others) < self.n_trials or n >= end:
            return False
        best, s = min(other[-1] for other in others), _scale((losses, *others))
        if not 0 < s < math.inf:
            return False  # all losses are equal

        def scaled(run: Losses) -> list[float]:
            return [min(max((loss - best) / s, -1.0), 1.0) for loss in run]

        final = median(scaled([other[-1] for other in others]))
        from hpt_lab.surrogates.curves import forecast

        curve = forecast(scaled(losses), end, (final, 0.5), (0.5, 0.5), 0.01)
        return round(curve.below(0.0), 9) < self.probability


def _scale(runs: Sequence[Losses]) -> float:
    """Return the range of all losses, but at most 30 times the median range of a run that is not constant."""
    whole = max(map(max, runs)) - min(map(min, runs))
    ranges = [one for run in runs if (one := max(run) - min(run)) > 0]
    return min(whole, DIVERGED * median(ranges or [whole]))


@dataclass(frozen=True)
class Patience:
    """End a run once `units` units in a row brought no loss that is lower, by more than `min_delta`, than before.

    Such a run has converged: its last value counts like that of any other. So yield the best value so far if the best
    model is what you keep. Raises ValueError or TypeError if an argument is out of range or of the wrong type.

    Examples
    --------
    >>> from hpt_lab import Patience
    >>> Patience(2).stop([0.5, 0.3, 0.4], []), Patience(2).stop([0.5, 0.3, 0.4, 0.3], [])
    (False, True)
    """

    units: int
    min_delta: float = 0.0
    gives_up = False

    def __post_init__(self) -> None:
        positive("Patience: units", self.units)
        finite("Patience: min_delta", self.min_delta, least=0)

    @_judges_curves
    def stop(self, losses: Losses, others: Sequence[Losses]) -> bool:
        """Return whether the latest `units` losses are not better than those before."""
        before, latest = losses[: -self.units], losses[-self.units :]
        return bool(before) and min(latest) >= min(before) - self.min_delta


@dataclass(frozen=True)
class WilcoxonStopping:
    """Give repeated evaluations up, such as folds or seeds, once they are probably worse than those of the best whole run.

    After each evaluation, yield or report the *mean so far*, which makes the last one the trial's value. The rule takes the
    single losses out of the means, and pairs them with those of the best run: evaluation k must use the same fold, or seed,
    in every trial. Then it asks how probable losses that are higher by so much would be if all signs were luck (Wilcoxon's
    signed-rank test, 1945; one-sided, exact). Raises ValueError or TypeError if an argument is wrong.

    Parameters
    ----------
    p : float, above 0 and below 1: the larger, the more runs are given up; not an error rate, since it is asked many times
    warmup : int, the number of evaluations that every run may have first; 4 are needed for a `p` of 0.1 in any case

    Examples
    --------
    >>> from hpt_lab import WilcoxonStopping
    >>> best = [0.30, 0.35, 0.32, 0.33, 0.32]
    >>> rule = WilcoxonStopping()
    >>> rule.stop([0.32, 0.38, 0.36], [best]), rule.stop([0.32, 0.38, 0.36, 0.37], [best])
    (False, True)
    """

    p: float = 0.1
    warmup: int = 2

    def __post_init__(self) -> None:
        finite("WilcoxonStopping: p", self.p, above=0, below=1)
        positive("WilcoxonStopping: warmup", self.warmup)

    @_judges_curves
    def stop(self, losses: Losses, others: Sequence[Losses]) -> bool:
        """Return whether the losses behind these means are higher than the best run's, with a probability below `p` by luck."""
        n, best = len(losses), min(others, key=lambda other: other[-1], default=())
        if not self.warmup <= n < len(best):
            return False
        pairs = np.diff(np.arange(n + 1) * [[0.0, *losses], [0.0, *best[:n]]])
        return bool(round(signed_rank(pairs[0] - pairs[1]), 9) < self.p)


def signed_rank(differences: Any) -> float:
    """Return how probable a sum of the ranks of positive differences is that is at least this high, if signs are luck."""
    d = np.asarray(differences, float)
    d = np.round(d / max(np.abs(d).max(initial=0.0), np.finfo(float).tiny), 9)  # ties, in spite of rounding errors
    d = d[d != 0]
    sizes = np.abs(d)
    below, upto = (sizes[:, None] > sizes).sum(axis=1), (sizes[:, None] >= sizes).sum(axis=1)
    ranks = below + upto + 1  # doubled: ties share a mean
    chances = np.zeros(ranks.sum() + 1)
    chances[0] = 1.0
    for rank in ranks:
        chances = (chances + np.roll(chances, rank)) / 2
    return float(chances[ranks[d > 0].sum() :].sum())


def check_stopping(rule: Any, objective: Any, yields: bool) -> None:
    """Raise TypeError if a rule is none, and ValueError if the objective does not yield, so that no rule can end its runs."""
    fits = callable(getattr(rule, "stop", None)) and not isinstance(rule, type)
    require(fits, "tune: stopping", rule, "an object with stop(losses, others), like MedianStopping()")
    if not yields:
        what = "needs an objective that yields its value after each unit of budget, such as an epoch, or reports it"
        raise ValueError(f"tune: stopping={name_of(rule)} {what}, but {short(objective)} does not")


def whole_runs(history: History) -> tuple[Losses, ...]:
    """Return the losses of the latest 1000 feasible runs that were not given up, after each of their units."""
    sign = history.directions.signs[0]
    curves = [trial.curve for trial in history.feasible if trial.curve and trial.expected is None][-LATEST:]
    return tuple(tuple(sign * value for value in curve) for curve in curves)


def verdict(rule: Stopping, curve: Sequence[float], others: Sequence[Losses], sign: float) -> dict[str, Any]:
    """Return the fields of a trial that the rule stops after this curve of values, {} if its run continues."""
    losses = [sign * value for value in curve]
    try:
        stops = plain(rule.stop(losses, others))
    except Exception as error:
        raise RuntimeError(f"the stopping rule {name_of(rule)} raised {describe(error)}") from error
    if not isinstance(stops, bool):
        raise WrongType(f"the stopping rule {name_of(rule)} returned {short(stops)}, which must be True or False")
    if not stops:
        return {}
    gives_up = getattr(rule, "gives_up", True)
    return {"stopped": name_of(rule), "expected": sign * expected(losses, others) if gives_up else None}


def expected(losses: Losses, others: Sequence[Losses]) -> float:
    """Return the last loss that a run would have had if it had continued: see the top of this file."""
    n = len(losses)
    gains = [other[-1] - other[n - 1] for other in others if len(other) >= n]
    best = min((other[-1] for other in others), default=-math.inf)
    return max(losses[-1] + (median(gains) if gains else 0.0), best)


def name_of(rule: Any) -> str:
    """Return a rule as it is written in code; its class, if it has no `repr` of its own, which would hold an address."""
    text = short(rule, 200)
    return type(rule).__name__ if " object at 0x" in text else text
