"""Scaling laws: what loss to expect of a model that is larger than all that were trained, from its small relatives.

Over a wide range, the loss falls with the size N of a network or of a training set like a power law, down to a floor:

    L(N) = a + b N^-c,    a, b >= 0,  c > 0

a : the floor, which no size gets below;    b : the loss above the floor at size 1;    c : how fast it falls

For a given c, least squares gives a and b in closed form, so only c is searched, on a grid. Errors are relative: at each
size, a percent is a percent. The interval of a forecast is a bootstrap over seeds. It knows about luck, and nothing about
a law that does not hold: first forecast a size that you have trained (chapter 7).
Sources: Hestness et al. (2017), section 3, and Hoffmann et al. (2022), equation 2, for the law with a floor; Kaplan et al.
(2020) for the sizes of networks; Efron & Tibshirani (1993), chapter 6, for the bootstrap.
"""

from __future__ import annotations  # so that the reference says ArrayLike, and not what it stands for

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hpt_lab.values.checks import array, finite, listable, require, short

__all__ = ["Forecast", "PowerLaw", "fit_power_law", "forecast"]

Array = NDArray[np.float64]
EXPONENTS = np.geomspace(0.05, 4, 201)
REPETITIONS = 400  # of the bootstrap
LARGEST_NUMBER = 1e50  # size or loss, and one over the smallest: its powers must remain numbers
ERROR_DECIMALS = 9  # of the errors of a fit: further decimals differ between processors


@dataclass(frozen=True)
class PowerLaw:
    """The law L(N) = a + b N^-c: called with a size or an array of sizes, it returns the losses."""

    a: float
    b: float
    c: float

    def __call__(self, size: ArrayLike) -> Array:
        return np.asarray(self.a + self.b * np.asarray(size, float) ** -self.c)


@dataclass(frozen=True)
class Forecast:
    """The loss of one training run: `loss` is the law's, and the run's is between `low` and `high` if luck is all that differs."""

    loss: float
    low: float
    high: float


def fit_power_law(sizes: ArrayLike, losses: ArrayLike) -> PowerLaw:
    """Return the law with the least squared relative errors; of equally good exponents, it takes the smallest.

    Raises TypeError or ValueError if fewer than three sizes differ, or a number is not above 0.

    Parameters
    ----------
    sizes, losses : array-like of shape (n,), all above 0

    Examples
    --------
    >>> law = fit_power_law([1, 4, 16, 64], [1.2, 0.7, 0.45, 0.325])
    >>> round(law.a, 2), round(law.b, 2), round(law.c, 2)
    (0.2, 1.0, 0.5)
    """
    N, L = _positive("sizes", sizes), _positive("losses", losses)
    if L.shape != N.shape:
        raise ValueError(f"scaling: losses of shape {L.shape} must have one number for each of the {len(N)} sizes")
    return PowerLaw(*(float(number[0]) for number in _fit(N, L[None])))


def forecast(sizes: ArrayLike, losses: Sequence[ArrayLike], at: float, level: float = 0.9) -> Forecast:
    """Return the forecast for one more training run, of size `at`, with an interval that holds it with probability `level`.

    Each repetition of the bootstrap draws the seeds of each size again, fits a law to their means, and multiplies its loss
    by the luck of a single run: how far a run of one of the two largest sizes is from the mean of its size. (Large models
    often depend on luck less than small ones: with the luck of all sizes, the interval would be too wide.) Raises
    TypeError or ValueError where `fit_power_law` does, if a size has fewer than two losses, or `level` is not between 0
    and 1.

    Parameters
    ----------
    sizes : array-like of shape (n,), above 0, with at least three that differ
    losses : sequence of n array-likes, the losses of each size, one for each seed: at least two, better eight
    at, level : float, the size in question, above 0; the share of runs that the interval is to hold

    Examples
    --------
    >>> two_seeds = [[1.18, 1.22], [0.71, 0.69], [0.46, 0.44], [0.32, 0.33]]
    >>> ahead = forecast([1, 4, 16, 64], two_seeds, at=256)
    >>> 0 < ahead.low < ahead.loss < ahead.high
    True
    """
    right = isinstance(losses, (Sequence, np.ndarray)) and listable(losses)
    require(right, "scaling: losses", losses, "a list with the losses of each size")
    N, runs = _positive("sizes", sizes), [_positive(f"losses[{i}]", row) for i, row in enumerate(losses)]
    if len(runs) != len(N) or any(len(row) < 2 for row in runs):
        raise ValueError(f"scaling: losses must hold at least two seeds for each of the {len(N)} sizes")
    at, level = finite("scaling: at", at, above=0), finite("scaling: level", level, above=0, below=1)
    rng = np.random.default_rng(0)
    means = np.array([row.mean() for row in runs])
    # n runs are nearer to their own mean than to the true one, by sqrt((n - 1) / n)
    luck = [(row / row.mean() - 1) * np.sqrt(len(row) / (len(row) - 1)) for row in runs]
    again = [1 + rng.choice(row, (REPETITIONS, len(row))).mean(axis=1) for row in luck]
    a, b, c = _fit(N, means * np.maximum(np.transpose(again), 1e-12))
    near = [row for size, row in zip(N, luck, strict=True) if size >= np.unique(N)[-2]]
    single = np.maximum(0, 1 + rng.choice(np.concatenate(near), REPETITIONS))
    low, high = np.quantile((a + b * at**-c) * single, [(1 - level) / 2, (1 + level) / 2])
    return Forecast(float(fit_power_law(N, means)(at)), float(low), float(high))


def _fit(N: Array, L: Array) -> tuple[Array, Array, Array]:
    """Return a, b, and c of the law through each row of L, of shape (n_laws, n_sizes)."""
    if len(np.unique(N)) < 3:
        must = "must hold three that differ, since a law has three numbers"
        raise ValueError(f"scaling: sizes={short(N.tolist())} {must}")
    x = (N / N.min())[:, None] ** -EXPONENTS  # (n_sizes, n_exponents)
    total = (L**-2).sum(axis=1, keepdims=True)
    weights = L**-2 / total
    mean_x, mean_L = weights @ x, (weights * L).sum(axis=1, keepdims=True)  # (n_laws, n_exponents), (n_laws, 1)
    mean_xx, mean_xL = weights @ x**2, (weights * L) @ x
    b = np.maximum((mean_xL - mean_x * mean_L) / (mean_xx - mean_x**2), 0.0)
    a = mean_L - b * mean_x
    a, b = np.maximum(a, 0.0), np.where(a < 0, mean_xL / mean_xx, b)  # the best law with a >= 0 then has none
    errors = a**2 + 2 * a * b * mean_x + b**2 * mean_xx - 2 * (a * mean_L + b * mean_xL)  # up to a constant of each row
    best = np.round(total / len(N) * errors, ERROR_DECIMALS).argmin(axis=1)
    row, c = np.arange(len(L)), EXPONENTS[best]
    return a[row, best], b[row, best] * N.min() ** c, c


def _positive(name: str, values: ArrayLike) -> Array:
    numbers = array(f"scaling: {name}", values)
    right = numbers.ndim == 1 and ((numbers >= 1 / LARGEST_NUMBER) & (numbers <= LARGEST_NUMBER)).all()
    what = f"a list of finite numbers above 0, from {1 / LARGEST_NUMBER:g} to {LARGEST_NUMBER:g}"
    require(right, f"scaling: {name}", values, what, ValueError)
    return numbers
