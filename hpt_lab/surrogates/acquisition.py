"""Acquisition functions: how promising a trial at a point is, given the surrogate's prediction there.

The surrogate predicts f ~ Normal(mean, std^2). With the improvement I = best - f - xi over the best loss so far, and
z = (best - mean - xi) / std,

    PI     P(I > 0)     = Phi(z)                        LogEI  log EI, which keeps its slope far from the data
    EI     E[max(I, 0)] = std (phi(z) + z Phi(z))       LCB    mean - kappa std, an optimistic guess, to be minimized

mean, std : (m,), in units of the loss; phi, Phi : density and distribution function of the standard normal; xi >= 0
is a required margin. Where std = 0, f is known, and so are all four. EI: Mockus (1975); Jones et al. (1998),
equation 15. LCB: Cox and John (1992); Srinivas et al. (2010). LogEI: Ament et al. (2023), equation 9. Chapter 4.
"""

import math
from collections.abc import Callable

import numpy as np

from hpt_lab.values.checks import array, finite, short
from hpt_lab.values.lazy import special

HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
KAPPA = 1.96  # standard deviations: f is below that bound one time in forty


def expected_improvement(mean: np.ndarray, std: np.ndarray, best: float, xi: float = 0.0) -> np.ndarray:
    """Return how far below `best - xi` the loss is expected to be, counting 0 where it is above: shape (m,).

    >>> round(float(expected_improvement(0.0, 1.0, best=-0.5)), 7)
    0.1977966
    """
    return ei(*_improvement(mean, std, best, xi))


def log_expected_improvement(mean: np.ndarray, std: np.ndarray, best: float, xi: float = 0.0) -> np.ndarray:
    """Return the log of `expected_improvement`, finite and increasing in z wherever std > 0: shape (m,).

    >>> bool(np.isfinite(log_expected_improvement(0.0, 1.0, best=-300.0)))
    True
    """
    return log_ei(*_improvement(mean, std, best, xi))


def probability_of_improvement(mean: np.ndarray, std: np.ndarray, best: float, xi: float = 0.0) -> np.ndarray:
    """Return the probability that the loss is below `best - xi`: shape (m,).

    >>> round(float(probability_of_improvement(0.0, 1.0, best=-0.5)), 6)
    0.308538
    """
    return pi(*_improvement(mean, std, best, xi))


def lower_confidence_bound(mean: np.ndarray, std: np.ndarray, kappa: float = KAPPA) -> np.ndarray:
    """Return the mean minus `kappa` standard deviations, shape (m,): the smaller, the more promising.

    >>> float(lower_confidence_bound(1.0, 0.5, kappa=2.0))
    0.0
    """
    mean, std = _belief("lower_confidence_bound", mean, std)
    return mean - finite("lower_confidence_bound: kappa", kappa, least=0) * std


def ei(gain: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return EI for the `gain` best - mean - xi, of the same shape as `std`, without checks, like the next two."""
    z = _z(gain, std)
    value = gain * special.ndtr(z) + std * np.exp(-0.5 * z * z - HALF_LOG_2PI)
    return np.where(std > 0, np.maximum(value, 0.0), np.maximum(gain, 0.0))


def log_ei(gain: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return LogEI."""
    uncertain = std > 0
    if uncertain.all():
        return np.log(std) + _log_h(gain / std)
    known = np.log(np.maximum(gain, 0.0), where=gain > 0, out=np.full_like(gain, -np.inf))
    log_std = np.log(std, where=uncertain, out=np.zeros_like(std))
    return np.where(uncertain, log_std + _log_h(_z(gain, std)), known)


def pi(gain: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return PI."""
    return np.where(std > 0, special.ndtr(_z(gain, std)), (gain > 0).astype(float))


def _z(gain: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return the gain in standard deviations, or 0 where std is 0."""
    return np.divide(gain, std, out=np.zeros_like(gain), where=std > 0)


def _log_h(z: np.ndarray) -> np.ndarray:
    """Return log(phi(z) + z Phi(z)). Below z = -1 the two terms nearly cancel, so phi(z) is factored out there."""
    near, t = np.maximum(z, -1.0), np.minimum(np.maximum(-z, 1.0), 1e5)
    direct = np.log(np.exp(-0.5 * near * near - HALF_LOG_2PI) + near * special.ndtr(near))
    # -z Phi(z) / phi(z), which tends to 1 - 1 / z^2
    mills = t * math.sqrt(math.pi / 2.0) * special.erfcx(t / math.sqrt(2.0))
    far = np.log1p(-mills) + 2.0 * np.log(t / np.maximum(-z, 1.0))
    return np.where(z > -1.0, direct, far - 0.5 * z * z - HALF_LOG_2PI)


def _improvement(mean: np.ndarray, std: np.ndarray, best: float, xi: float) -> tuple[np.ndarray, np.ndarray]:
    """Return best - mean - xi and std, checked, in one shape."""
    mean, std = _belief("acquisition", mean, std)
    if best is None or np.ndim(best) or not np.isfinite(array("acquisition: best", best)):
        raise ValueError(f"acquisition: best={short(best)} must be one finite number, the best loss so far")
    return best - mean - finite("acquisition: xi", xi, least=0), std


def _belief(who: str, mean: np.ndarray, std: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `mean` and `std` as arrays of one shape, the mean finite."""
    mean, std = array(f"{who}: mean", mean), array(f"{who}: std", std)
    try:
        mean, std = np.broadcast_arrays(mean, std)
    except ValueError:
        raise ValueError(f"{who}: std of shape {std.shape} must fit the mean, of shape {mean.shape}") from None
    if not np.isfinite(mean).all():
        raise ValueError(f"{who}: mean must hold finite numbers only, but holds {mean[~np.isfinite(mean)][0]:g}")
    if not (std >= 0).all() or np.isinf(std).any():
        wrong = std[~(std >= 0) | np.isinf(std)]
        raise ValueError(f"{who}: std must not be below 0, nor NaN, nor infinite, but holds {wrong[0]:g}")
    return mean, std


ACQUISITIONS: dict[str, Callable[..., np.ndarray]] = {
    "log_ei": lambda mean, std, best: log_ei(best - mean, std),
    "ei": lambda mean, std, best: ei(best - mean, std),
    "pi": lambda mean, std, best: pi(best - mean, std),
    "lcb": lambda mean, std, best: KAPPA * std - mean,
    "thompson": lambda mean, std, best: -mean,  # of a function drawn from the posterior
}
