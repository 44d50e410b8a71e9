"""Losses transformed for a surrogate that expects mean 0, variance 1, and no value far away from the others.

Absurdly bad losses are capped; then all are standardized, warped by the Yeo-Johnson transform, and standardized again:

    z >= 0:  ((z + 1)^lambda - 1) / lambda            z < 0:  -((1 - z)^(2 - lambda) - 1) / (2 - lambda)

lambda, one of 17 values in [-2, 2], makes the result look most like a normal sample: it maximizes the profile likelihood
-(n / 2) log var(warped) + (lambda - 1) sum sign(z) log(1 + |z|). lambda = 1 changes nothing; less pulls large losses in.
Yeo and Johnson (2000), *Biometrika* 87, equations 2.1 and 3.1. Chapter 4.
"""

import numpy as np

from hpt_lab.values.checks import array, short

LAMBDAS = np.linspace(-2.0, 2.0, 17)
ABSURD = 1000.0  # times as far above the median as the best is below it: anything more only means "bad"


def standardize(y: np.ndarray) -> np.ndarray:
    """Return `y`, shape (n,), scaled to mean 0 and variance 1, however large or small; all 0 if the values are equal."""
    return _standardized(_losses("standardize", y))


def yeo_johnson(z: np.ndarray, lam: float | np.ndarray) -> np.ndarray:
    """Return the Yeo-Johnson transform of `z`, a logarithm at lambda = 0 and 2. `z` and `lam` broadcast."""
    z = array("yeo_johnson: z", z)
    return _bent(z, np.log1p(np.abs(z)), array("yeo_johnson: lam", lam))


def warp(y: np.ndarray) -> np.ndarray:
    """Return `y`, shape (n,), capped at median + 1000 (median - minimum), warped by the likeliest lambda, standardized."""
    y = _scaled(_losses("warp", y))
    ascending, n = np.sort(y), len(y)
    best, median = ascending[0], (ascending[(n - 1) // 2] + ascending[n // 2]) / 2.0
    cap = median + ABSURD * (median - best)
    z = _standardized(np.minimum(y, cap) if cap > best else y)
    if not z.any():
        return z
    logs = np.log1p(np.abs(z))
    bent = _bent(z, logs, LAMBDAS[:, None])  # (17, n)
    jacobian = np.add.reduce(np.sign(z) * logs)
    likelihoods = -0.5 * n * np.log(bent.var(axis=1)) + (LAMBDAS - 1.0) * jacobian
    return _standardized(bent[int(np.argmax(np.round(likelihoods, 6)))])


def _bent(z: np.ndarray, logs: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """Return the transform of `z`, whose `logs` are log(1 + |z|)."""
    power = np.where(z >= 0, lam, 2.0 - lam)
    bent = logs + 0.0 * power
    bent = np.divide(np.expm1(power * bent), power, out=bent, where=np.abs(power) > 1e-9)
    return np.where(z >= 0, bent, -bent)


def _standardized(y: np.ndarray) -> np.ndarray:
    y, n = _scaled(y), len(y)
    y = y - np.add.reduce(y) / n
    deviations = y - np.add.reduce(y) / n  # rounding has left a small mean
    std = np.sqrt(np.add.reduce(deviations * deviations) / n)
    return y / std if std > 1e-12 else np.zeros_like(y)


def _scaled(y: np.ndarray) -> np.ndarray:
    """Return `y` divided by its largest absolute value, so that no sum or square is too large for a float."""
    return y / max(float(np.abs(y).max()), 1e-300)


def _losses(who: str, y: np.ndarray) -> np.ndarray:
    values = array(f"{who}: y", y)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"{who}: y={short(y)} must hold finite numbers, at least one, in shape (n,)")
    return values
