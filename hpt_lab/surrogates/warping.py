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
    y = _scaled("standardize", y)
    y = y - np.add.reduce(y) / len(y)
    deviations = y - np.add.reduce(y) / len(y)  # rounding has left a small mean
    std = np.sqrt(np.add.reduce(deviations * deviations) / len(y))
    return y / std if std > 1e-12 else np.zeros_like(y)


def yeo_johnson(z: np.ndarray, lam: float | np.ndarray) -> np.ndarray:
    """Return the Yeo-Johnson transform of `z`, a logarithm at lambda = 0 and 2. `z` and `lam` broadcast."""
    z, lam = array("yeo_johnson: z", z), array("yeo_johnson: lam", lam)
    power = np.where(z >= 0, lam, 2.0 - lam)
    bent = np.log1p(np.abs(z)) + 0.0 * power
    bent = np.divide(np.expm1(power * bent), power, out=bent, where=np.abs(power) > 1e-9)
    return np.where(z >= 0, bent, -bent)


def warp(y: np.ndarray) -> np.ndarray:
    """Return `y`, shape (n,), capped at median + 1000 (median - minimum), warped by the likeliest lambda, standardized."""
    y = _scaled("warp", y)
    ascending, n = np.sort(y), len(y)
    best, median = ascending[0], (ascending[(n - 1) // 2] + ascending[n // 2]) / 2.0
    cap = median + ABSURD * (median - best)
    z = standardize(np.minimum(y, cap) if cap > best else y)
    if not z.any():
        return z
    bent = yeo_johnson(z, LAMBDAS[:, None])  # (17, n)
    jacobian = np.add.reduce(np.sign(z) * np.log1p(np.abs(z)))
    likelihoods = -0.5 * n * np.log(bent.var(axis=1)) + (LAMBDAS - 1.0) * jacobian
    return standardize(bent[int(np.argmax(np.round(likelihoods, 6)))])


def _scaled(who: str, y: np.ndarray) -> np.ndarray:
    """Return `y` divided by its largest absolute value, so that no sum or square is too large for a float."""
    values = array(f"{who}: y", y)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"{who}: y={short(y)} must hold finite numbers, at least one, in shape (n,)")
    return values / max(float(np.abs(values).max()), 1e-300)
