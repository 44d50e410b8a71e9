"""A learning curve, continued: what the loss will be after the last epoch, and how sure we may be.

    y(t) = final + fall h(t) + noise,     h(1) = 1,     h(end) = 0

h is a power t^-c or an exponential exp(-c t / end), shifted and scaled. Given h, this is a linear regression with two
unknowns: normal priors on both and an inverse-gamma prior on the variance of the noise have a closed posterior, which
predicts with Student's t (Bishop 2006, section 3.3 and exercises 3.12 and 3.13). We don't know h, so k shapes predict,
each with its evidence as its weight: the probability that it gave to the losses so far.

No shape is exact, so the losses after n epochs are not n independent witnesses of one shape. Epoch t counts as t / n of
an observation: the likelihood is raised to that power. Domhan, Springenberg and Hutter (2015) mix eleven families with
more parameters, by Markov chain Monte Carlo. Chapter 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from hpt_lab.values.checks import WrongType, array, finite, integer, short, special

POWERS = np.geomspace(0.1, 3.0, 16)  # exponents c of t^-c
RATES = np.geomspace(0.8, 40.0, 16)  # rates c of exp(-c t / end)
MOST_UNITS = 10**6  # of a whole run
RATIO = 1e6  # of the noise to a standard deviation of the prior, and the other way round: the equations lose 12 digits


@dataclass(frozen=True, eq=False)
class CurveForecast:
    """A mixture of k Student's t distributions: the belief of `forecast` about a curve of `end` units.

    Attributes
    ----------
    weights : ndarray of shape (k,), the probability of each shape
    coefficients : ndarray of shape (k, 2), the posterior mean of final and fall
    scales : ndarray of shape (k, 2, 2), their posterior scale matrix
    noise : ndarray of shape (k,), the scale of the noise, a variance
    degrees : float, the degrees of freedom
    end : int, the number of units of a whole run
    """

    weights: np.ndarray
    coefficients: np.ndarray
    scales: np.ndarray
    noise: np.ndarray
    degrees: float
    end: int

    def below(self, value: float) -> float:
        """Return the probability that the loss after the last unit is below `value`."""
        z = (value - self.coefficients[:, 0]) / np.sqrt(self.scales[:, 0, 0] + self.noise)
        return float(self.weights @ special.stdtr(self.degrees, z))

    @cached_property
    def mean(self) -> np.ndarray:
        """The expected loss after 1, 2, ..., `end` units: shape (end,)."""
        return self.weights @ self._means()

    @cached_property
    def std(self) -> np.ndarray:
        """The standard deviation of the loss after 1, 2, ..., `end` units: shape (end,)."""
        h, s = shapes(self.end), self.scales[..., None]
        scale = s[:, 0, 0] + 2 * h * s[:, 0, 1] + h * h * s[:, 1, 1] + self.noise[:, None]
        apart = (self._means() - self.mean) ** 2
        return np.sqrt(self.weights @ (scale * self.degrees / (self.degrees - 2) + apart))

    def _means(self) -> np.ndarray:
        return self.coefficients[:, :1] + self.coefficients[:, 1:] * shapes(self.end)


def forecast(
    losses: Sequence[float], end: int, final: tuple[float, float], fall: tuple[float, float], noise: float
) -> CurveForecast:
    """Return the forecast of a run of `end` units from its losses so far. Raises ValueError if an argument is out of range.

    Parameters
    ----------
    losses : sequence of float, after units 1 to n, at most `end`
    end : int, the number of units of a whole run, at least 2
    final : pair of float, the mean and standard deviation that you expect of the last loss, before you see the curve
    fall : pair of float, the same for the first loss minus the last
    noise : float, about how far a loss is from a smooth curve, within a factor of 10^6 of both standard deviations

    Examples
    --------
    >>> curve = forecast([0.5, 0.35, 0.3, 0.275], 20, final=(0.2, 0.3), fall=(0.4, 0.4), noise=0.01)
    >>> print(f"{curve.mean[-1]:.2f} ± {curve.std[-1]:.2f}, below 0.1: {curve.below(0.1):.2f}")
    0.19 ± 0.08, below 0.1: 0.12
    """
    end, noise = integer("forecast: end", end, 2, MOST_UNITS), finite("forecast: noise", noise, above=0)
    y = array("forecast: losses", losses)
    if y.ndim != 1 or not 1 <= len(y) <= end or not np.isfinite(y).all():
        raise ValueError(f"forecast: losses={short(losses)} must hold between 1 and end={end} finite numbers")
    center, wide = np.transpose([_mean_and_std("final", final), _mean_and_std("fall", fall)])
    if wide.max() > noise * RATIO or noise / RATIO > wide.min():
        what = f"must be from {1 / RATIO:g} to {RATIO:g} times the standard deviations, {wide[0]:g} and {wide[1]:g}"
        raise ValueError(f"forecast: noise={noise:g} {what}")
    h, prior = shapes(end)[:, : len(y)], np.diag((noise / wide) ** 2)
    counts = np.arange(1, len(y) + 1) / len(y)
    design = np.stack([np.ones_like(h), h], axis=1)  # (k, 2, n)
    weighted = design * counts
    inverse = np.linalg.inv(weighted @ design.transpose(0, 2, 1) + prior)  # (k, 2, 2)
    coefficients = np.einsum("kij,kj->ki", inverse, weighted @ y + prior @ center)
    residuals, moved = y - np.einsum("kin,ki->kn", design, coefficients), coefficients - center
    a = 1 + 0.5 * counts.sum()
    b = noise**2 + 0.5 * (residuals**2 @ counts + moved**2 @ np.diag(prior))
    log_evidence = 0.5 * np.log(np.linalg.det(inverse)) - a * np.log(b)
    weights = np.exp(log_evidence - log_evidence.max())
    scale = b / a
    return CurveForecast(weights / weights.sum(), coefficients, scale[:, None, None] * inverse, scale, 2 * a, end)


def _mean_and_std(name: str, pair: tuple[float, float]) -> tuple[float, float]:
    try:
        mean, std = pair
    except (TypeError, ValueError):
        raise WrongType(f"forecast: {name}={short(pair)} must be a pair, a mean and a standard deviation") from None
    return finite(f"forecast: {name}[0]", mean), finite(f"forecast: {name}[1]", std, above=0)


@lru_cache(maxsize=64)
def shapes(end: int) -> np.ndarray:
    """Return h after 1, 2, ..., `end` units for each shape, from 1 down to 0: shape (k, end)."""
    t = np.arange(1, end + 1)
    g = np.concatenate([t ** -POWERS[:, None], np.exp(-RATES[:, None] * t / end)])
    h = (g - g[:, -1:]) / (g[:, :1] - g[:, -1:])
    h.flags.writeable = False
    return h
