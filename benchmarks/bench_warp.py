"""Would Bayesian optimization gain by warped inputs that wait for evidence, or by delivering what `recommend` says?

    python benchmarks/bench_warp.py [--seeds 5]

It is tried on sixteen functions of BBOB in four dimensions, which no search of the lab was ever tuned on: each seed moves the
optimum, and rotates those that BBOB rotates. A gain is in powers of ten of the regret, as BBOB counts, and in points: 0 is the
best of as many random trials, and 100 the optimum.

    warp     after 40 trials, a coordinate u becomes 1 - (1 - u^a)^b (Kumaraswamy), where that raises the log evidence by
             more than 3, priors included (log a, log b ~ N(0, 0.5^2)); a zoom is left as it is
    deliver  the losses have normal noise, worth 20 points; of 50 trials, what `recommend` says instead of the lowest loss

What is printed is the gain by each change over the same seeds, with the larger of two errors: over the functions, and over
the seeds. Hansen et al. (2009), *Real-parameter black-box optimization benchmarking*; Snoek et al. (2014), *Input warping*.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import numpy as np
from challenge_table import two
from scipy.optimize import minimize

import hpt_lab as hpt
from hpt_lab.surrogates.gaussian_process import KERNELS, GaussianProcess, _factor, _log_evidence, _prior
from hpt_lab.surrogates.learning import Learning, features, learn, moment, thinned
from hpt_lab.surrogates.warping import standardize, warp

D, WAIT, MARGIN, WIDTH, NOISE = 4, 40, 3.0, 0.5, 20.0
GAINS = (
    "warp after 50, decades",
    "warp after 100, decades",
    "warp after 50, points",
    "warp after 100, points",
    "recommend, points",
)
Function = Callable[[np.ndarray], np.ndarray]
SPACE = hpt.Space({f"x{i}": hpt.Float(0, 1) for i in range(D)})
POWERS = np.arange(D) / (D - 1)


def bumpy(z: np.ndarray) -> np.ndarray:
    """Return BBOB's T_osz of z: small waves on every scale."""
    log = np.log(np.abs(np.where(z == 0, 1, z)))
    fast = np.where(z > 0, 10, 5.5), np.where(z > 0, 7.9, 3.1)
    return np.sign(z) * np.exp(log + 0.049 * (np.sin(fast[0] * log) + np.sin(fast[1] * log))) * (z != 0)


def skewed(z: np.ndarray, beta: float) -> np.ndarray:
    """Return BBOB's T_asy of z: positive coordinates are stretched."""
    return np.where(z > 0, np.maximum(z, 0) ** (1 + beta * POWERS * np.sqrt(np.maximum(z, 0))), z)


def rosenbrock(z: np.ndarray) -> np.ndarray:
    z = z + 1
    return (100 * (z[..., :-1] ** 2 - z[..., 1:]) ** 2 + (z[..., :-1] - 1) ** 2).sum(-1)


def rastrigin(z: np.ndarray) -> np.ndarray:
    return 10 * (D - np.cos(2 * np.pi * z).sum(-1)) + (z**2).sum(-1)


def schaffer(z: np.ndarray) -> np.ndarray:
    s = np.sqrt(z[..., :-1] ** 2 + z[..., 1:] ** 2)
    return (np.sqrt(s) * (1 + np.sin(50 * s**0.2) ** 2)).mean(-1) ** 2


def griewank(z: np.ndarray) -> np.ndarray:
    z = z + 1
    s = 100 * (z[..., :-1] ** 2 - z[..., 1:]) ** 2 + (z[..., :-1] - 1) ** 2
    return 10 * (s / 4000 - np.cos(s)).mean(-1) + 10


def ellipsoid(z: np.ndarray) -> np.ndarray:
    return (10 ** (6 * POWERS) * bumpy(z) ** 2).sum(-1)


SCALES = 10 ** (POWERS / 2)
FUNCTIONS: dict[
    str, tuple[bool, Function]
] = {  # by BBOB's number and name: whether it is rotated, and what it is of x - x*
    "1 sphere": (False, lambda z: (z**2).sum(-1)),
    "2 ellipsoid": (False, ellipsoid),
    "3 Rastrigin": (False, lambda z: rastrigin(SCALES * skewed(bumpy(z), 0.2))),
    "6 attractive sector": (True, lambda z: bumpy((np.where(z > 0, 100, 1) * SCALES * z) ** 2).sum(-1) ** 0.9),
    "7 step ellipsoid": (True, lambda z: 0.1 * (100**POWERS * (np.round(SCALES * z * 2) / 2) ** 2).sum(-1)),
    "8 Rosenbrock": (False, lambda z: rosenbrock(np.maximum(1, np.sqrt(D) / 8) * z)),
    "9 Rosenbrock, rotated": (True, rosenbrock),
    "10 ellipsoid, rotated": (True, ellipsoid),
    "11 discus": (True, lambda z: (np.where(POWERS == 0, 1e6, 1) * bumpy(z) ** 2).sum(-1)),
    "12 bent cigar": (True, lambda z: (np.where(POWERS == 0, 1, 1e6) * skewed(z, 0.5) ** 2).sum(-1)),
    "13 sharp ridge": (True, lambda z: z[..., 0] ** 2 + 100 * np.sqrt((z[..., 1:] ** 2).sum(-1))),
    "14 different powers": (True, lambda z: np.sqrt((np.abs(z) ** (2 + 4 * POWERS)).sum(-1))),
    "15 Rastrigin, rotated": (True, lambda z: rastrigin(SCALES * skewed(bumpy(z), 0.2))),
    "17 Schaffer": (True, lambda z: schaffer(SCALES * skewed(z, 0.5))),
    "19 Griewank": (True, griewank),
    "24 Lunacek": (
        True,
        lambda z: np.minimum((z**2).sum(-1), D + 0.7 * ((z - 5) ** 2).sum(-1)) + rastrigin(z) - (z**2).sum(-1),
    ),
}


class Warped(GaussianProcess):
    """A Gaussian process that sees warped inputs."""

    def bent(self, X: np.ndarray) -> np.ndarray:
        return bend(X, self.a, self.b)[0]

    def fit(self, X: np.ndarray, y: np.ndarray) -> Warped:
        super().fit(self.bent(X), y)
        self.X_ = X
        return self

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return super().predict(self.bent(X))


def bend(X: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the warped points, and their derivatives with respect to log a and log b."""
    U = np.clip(X, 1e-6, 1 - 1e-6)
    P = U**a
    left = (1 - P) ** b
    return 1 - left, a * np.log(U) * P * b * (1 - P) ** (b - 1), -b * np.log1p(-P) * left


@lru_cache(maxsize=4)
def warping(kernel: str, start: tuple[float, ...], points: bytes, losses: bytes) -> tuple[np.ndarray, float]:
    """Return log lengthscales, log variances, log a and log b of the highest posterior, and how much log a and b raised it."""
    y = np.frombuffer(losses)
    X = np.frombuffer(points).reshape(len(y), D)
    center, width = (np.append(part, np.full(2 * D, rest)) for part, rest in zip(_prior(D), (0.0, WIDTH), strict=True))

    def loss(p: np.ndarray) -> tuple[float, np.ndarray]:
        (V, by_a, by_b), scale, (s, v) = bend(X, *np.exp(p[D + 2 :]).reshape(2, D)), np.exp(p[:D]), np.exp(p[D : D + 2])
        Z = V / scale
        kappa, G = KERNELS[kernel](((Z[:, None] - Z) ** 2).sum(-1))
        L, inverse = _factor(s * kappa, v)
        alpha = inverse.T @ (inverse @ y)
        W = alpha[:, None] * alpha - inverse.T @ inverse
        G *= s * W
        slope = 2 * (G.sum(axis=1)[:, None] * Z - G @ Z)  # by Z
        z = (p - center) / width
        by = [-(slope * Z).sum(0), [s * (W * kappa).sum() / 2, v * W.trace() / 2]]
        by += [(slope / scale * part).sum(0) for part in (by_a, by_b)]
        return -_log_evidence(y, L, alpha) + z @ z / 2, z / width - np.concatenate(by)

    plain = np.append(start, np.zeros(2 * D))
    low, high = (
        np.r_[np.log([0.03] * D + [0.01, 1e-6]), [-2] * 2 * D],
        np.r_[np.log([30] * D + [100, 0.5]), [2] * 2 * D],
    )
    found = minimize(loss, plain, jac=True, method="L-BFGS-B", bounds=np.c_[low, high], options={"maxiter": 40})
    return np.round(found.x, 2), float(loss(plain)[0] - found.fun)


def patient(space: hpt.Space, points: np.ndarray, losses: np.ndarray, learning: Learning, order: Any = None) -> Any:
    """Return what `learn` returns, or from `WAIT` trials on the process with warped inputs, if the evidence is clear."""
    model = learn(space, points, losses, learning, order)
    if len(losses) < WAIT or learning.growth == 1:
        return model
    y, columns = (warp if learning.warp else standardize)(losses), features(space, points)[0]
    m = moment(len(y), learning.first(space), learning.growth)
    past = thinned(losses[:m], learning.max_points)
    found, gain = warping(model.kernel, tuple(model.theta_), columns[past].tobytes(), y[past].tobytes())
    if gain <= MARGIN:
        return model
    bent = Warped(model.kernel, np.exp(found[:D]), *np.exp(found[D : D + 2]), optimize=False)
    bent.a, bent.b = np.exp(found[D + 2 :]).reshape(2, D)
    return bent.fit(model.X_, model.y_)


def gains(name: str, seed: int) -> list[float]:
    """Return what the warp gains after 50 and 100 trials, in powers of ten and in points, and what `recommend` gains under noise."""
    turned, function = FUNCTIONS[name]
    rng, noise = (np.random.default_rng([seed, which]) for which in (int(name.split()[0]), 1000))
    optimum, turn = rng.uniform(-4, 4, D), np.linalg.qr(rng.standard_normal((D, D)))[0] if turned else np.eye(D)

    def value(u: np.ndarray) -> np.ndarray:
        return function((10 * u - 5 - optimum) @ turn)

    zero = np.minimum.accumulate(value(rng.random((200, 100, D))), axis=1).mean(axis=0)[[49, 99]]

    def regret(params: Mapping[str, float]) -> float:
        return float(value(np.array(list(params.values()))))

    def told(params: Mapping[str, float]) -> float:
        return regret(params) + NOISE / 100 * zero[0] * noise.standard_normal()

    def search(objective: Callable[..., float], n_trials: int) -> hpt.Study:
        return hpt.tune(objective, SPACE, hpt.BayesianOptimization(), n_trials, seed=seed, progress=False)

    plain = search(regret, 100)
    with patch("hpt_lab.strategies.bayesian.learn", patient):
        bent = search(regret, 100)
    left = np.array([[min(t.value for t in study.trials[:n]) for n in (50, 100)] for study in (plain, bent)]) / zero
    noisy = search(told, 50)
    first, second = (regret(trial.params) / zero[0] for trial in (noisy.best, hpt.recommend(noisy)))
    return [*np.subtract(*np.log10(np.maximum(left, 1e-6))), *(100 * np.subtract(*left)), 100 * (first - second)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    n_seeds = parser.parse_args().seeds
    rows = []
    for name in FUNCTIONS:
        rows.append([gains(name, seed) for seed in range(n_seeds)])
        print(f"{name:24}" + "".join(f"{value:9.2f}" for value in np.mean(rows[-1], axis=0)), flush=True)
    table = np.array(rows)  # (functions, seeds, kinds of gain)
    for i, what in enumerate(GAINS):
        means, seeds = table[..., i].mean(axis=1), table[..., i].mean(axis=0)
        error = max(part.std(ddof=1) / np.sqrt(len(part)) for part in (means, seeds))
        print(f"{what:24}{means.mean():9.2f} ± {error:.2f}  (two errors: {two(len(means)) * error:.2f})")
