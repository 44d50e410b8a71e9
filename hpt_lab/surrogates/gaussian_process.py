"""The Gaussian process: a distribution over functions, conditioned on the losses seen so far.

Before any trial, the values of f at n points are jointly normal, with mean 0 and covariance K; given their losses, the
value at a new point is normal as well:

    k(x, x') = s kappa(r),   r^2 = sum_j (x_j - x'_j)^2 / l_j^2
    rbf         kappa = exp(-r^2 / 2)
    matern52    kappa = (1 + sqrt(5) r + 5 r^2 / 3) exp(-sqrt(5) r)
    matern32    kappa = (1 + sqrt(3) r) exp(-sqrt(3) r)

    L L' = K + v I,   a = (K + v I)^-1 y,   b = L^-1 k_*,   mean_* = k_*' a,   std_*^2 = s - b' b
    evidence, or marginal likelihood:  log p(y | X) = -y' a / 2 - sum_i log L_ii - (n / 2) log 2 pi

X : (n, d) points, y : (n,) losses; l : (d,) lengthscales, in units of x ("ARD": every dimension has its own); s :
signal variance and v : noise variance, in units of y^2. `optimize` climbs the log evidence plus the log prior below.
Rasmussen and Williams (2006), *Gaussian Processes for Machine Learning*, algorithm 2.1 and equation 5.9. Chapter 4.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpt_lab.values.checks import (
    array,
    blas,
    distance,
    finite,
    generator,
    integer,
    lapack,
    one_of,
    optimizers,
    plain,
    positive,
    require,
    short,
)


def matern52(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Matérn 5/2 correlation kappa at the squared distances `r2`, and its derivative with respect to r2."""
    r = np.sqrt(5.0 * r2)
    decay = np.exp(-r)
    r += 1.0
    r *= decay
    kappa = (5.0 / 3.0) * r2
    kappa *= decay
    kappa += r
    r *= -5.0 / 6.0
    return kappa, r


def matern32(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Matérn 3/2 correlation kappa at the squared distances `r2`, and its derivative with respect to r2."""
    r = np.sqrt(3.0 * r2)
    decay = np.exp(-r)
    return (1.0 + r) * decay, -1.5 * decay


def rbf(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Gaussian correlation kappa at the squared distances `r2`, and its derivative with respect to r2."""
    kappa = np.exp(-0.5 * r2)
    return kappa, -0.5 * kappa


KERNELS = {"matern52": matern52, "matern32": matern32, "rbf": rbf}
SMALLEST, LARGEST = 1e-50, 1e50  # of points, losses and parameters, so that all results stay finite
SPREAD = 1e6  # squared lengthscales: of sixteen digits, ten are left for the distance between neighbors
BOUNDS = {"lengthscale": (0.03, 30.0), "signal_variance": (0.01, 100.0), "noise_variance": (1e-6, 0.5)}


class GaussianProcess:
    """Gaussian-process regression.

    Raises ValueError or TypeError if an argument is out of range or of the wrong type.

    Parameters
    ----------
    kernel : {"matern52", "matern32", "rbf"}
    lengthscale : float or array-like of shape (n_lengthscales,)
    signal_variance, noise_variance : float, where the climb starts with `optimize`, otherwise the values used
    optimize : bool or int
        Let `fit` maximize the evidence times a prior meant for `y` of mean 0 and variance 1 at points of the unit cube:
        log l ~ N(log 0.6 + log(d) / 4, 1.5^2), log s ~ N(0, 0.7^2), log v ~ N(-6, 1.5^2). The logarithms are rounded to
        2 decimals, so that they are the same on every machine. An int is the maximum number of steps; True means 40.
    groups : sequence of int, the number of the lengthscale that each column of X uses; by default each has its own

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.5], [1.0]]), np.array([1.0, 0.0, 1.0])
    >>> model = GaussianProcess("rbf", lengthscale=0.3, noise_variance=1e-6).fit(X, y)
    >>> mean, std = model.predict(np.array([[0.5], [0.75]]))
    >>> mean.round(2).tolist(), std.round(2).tolist()
    ([0.0, 0.47], [0.05, 0.48])
    """

    def __init__(
        self,
        kernel: str = "matern52",
        lengthscale: float | Sequence[float] | np.ndarray = 1.0,
        signal_variance: float = 1.0,
        noise_variance: float = 1e-6,
        optimize: bool | int = True,
        groups: Sequence[int] | np.ndarray | None = None,
    ) -> None:
        who = "GaussianProcess: "
        self.kernel = one_of(who + "kernel", kernel, KERNELS)
        self.lengthscale = array(who + "lengthscale", lengthscale)  # (n_lengthscales,) or ()
        flat = self.lengthscale.ndim < 2 and self.lengthscale.size > 0
        require(flat, who + "lengthscale", lengthscale, "a number, or a sequence of numbers", ValueError)
        usual, what = (self.lengthscale > SMALLEST) & (self.lengthscale < LARGEST), f"from {SMALLEST} to {LARGEST}"
        require(bool(usual.all()), who + "lengthscale", lengthscale, f"above 0, {what}", ValueError)
        self.signal_variance = _variance(who + "signal_variance", signal_variance, zero=False)
        self.noise_variance = _variance(who + "noise_variance", noise_variance, zero=True)
        flag = isinstance(plain(optimize), bool)
        self.optimize = bool(optimize) if flag else integer(who + "optimize", optimize, least=0)
        self.groups = None if groups is None else _groups(who + "groups", groups)  # (n_columns,)

    def fit(self, X: np.ndarray, y: np.ndarray) -> "GaussianProcess":
        """Condition on the losses `y`, shape (n,), at the points `X`, shape (n, d). `y` is not standardized."""
        self.X_, self.y_ = X, y = training_data("fit", X, y)
        self._groups = np.arange(self.X_.shape[1]) if self.groups is None else self.groups  # (n_columns,)
        n_lengthscales = self._groups.max() + 1
        if self._groups.shape != self.X_.shape[1:] or self.lengthscale.size not in (1, n_lengthscales):
            given = f"{self.lengthscale.size} lengthscales and groups of shape {self._groups.shape}"
            raise ValueError(f"fit: {given} do not fit X of shape {self.X_.shape}")
        lengthscale = np.broadcast_to(self.lengthscale, (n_lengthscales,))
        theta = np.log([*lengthscale, self.signal_variance, max(self.noise_variance, 1e-300)])
        if self.optimize:
            theta = self._climb(theta)
        self.theta_ = theta  # (n_lengthscales + 2,): the logarithms of the next three
        self.lengthscale_, self.signal_variance_ = np.exp(theta[:-2]), math.exp(theta[-2])
        self.noise_variance_ = math.exp(theta[-1]) if self.optimize else self.noise_variance
        self._scale = self.lengthscale_[self._groups]  # (n_columns,)
        self._sites = _Sites(self.X_ / self._scale)
        K = self.signal_variance_ * KERNELS[self.kernel](self._sites.squared_distances())[0]  # (n, n)
        self._L, self._inverse = _factor(K, self.noise_variance_)  # (n, n)
        self._alpha = self._inverse.T @ (self._inverse @ self.y_)  # (n,)
        return self

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the posterior, without noise, at the points `X`: two arrays of shape (m,)."""
        X, size = self._check(X), max(1, 16_000 // len(self.X_))  # points in a block that fits the processor's cache
        blocks = [self._predict(X[i : i + size]) for i in range(0, max(len(X), 1), size)]
        return np.concatenate([mean for mean, _ in blocks]), np.concatenate([std for _, std in blocks])

    def _predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        K = self.signal_variance_ * self._kappa(X)  # (m, n)
        b = blas.dtrmm(1.0, self._inverse, K.T, lower=1)  # (n, m): L^-1 k_* at all m points
        variance = self.signal_variance_ - np.einsum("ij,ij->j", b, b)  # (m,)
        return K @ self._alpha, np.sqrt(np.maximum(variance, 0.0))  # rounding may leave it just below 0

    def sample(self, X: np.ndarray, rng: np.random.Generator, n_samples: int = 1) -> np.ndarray:
        """Return functions drawn from the posterior, at the points `X`: shape (n_samples, m)."""
        X, rng, n_samples = self._check(X), generator("sample: rng", rng), positive("sample: n_samples", n_samples)
        mean, covariance = self.joint(X)
        L, _ = _factor(covariance, 1e-8 * self.signal_variance_)
        return mean + rng.standard_normal((n_samples, len(X))) @ L.T

    def joint(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (m,) and covariance (m, m) of the posterior, without noise, at points `X` that need no check."""
        K = self.signal_variance_ * self._kappa(X)  # (m, n)
        b = K @ self._inverse.T  # (m, n)
        r2 = _Sites(X / self._scale).squared_distances(X / self._scale)
        return K @ self._alpha, self.signal_variance_ * KERNELS[self.kernel](r2)[0] - b @ b.T

    def left_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, without noise, at each point of `X_` with its own loss left out: (n,) each.

        Rasmussen and Williams (2006), equation 5.12; the lengthscales and variances remain those learned from all losses.
        """
        variance = 1.0 / np.einsum("ij,ij->j", self._inverse, self._inverse)  # of the loss left out, with noise
        return self.y_ - variance * self._alpha, np.sqrt(np.maximum(variance - self.noise_variance_, 0.0))

    @property
    def log_marginal_likelihood(self) -> float:
        """The log of p(y | X) for the fitted data: equation 2.30 of Rasmussen and Williams (2006)."""
        self._check(np.empty((0, 0)) if not hasattr(self, "X_") else self.X_)
        return _log_evidence(self.y_, self._L, self._alpha)

    def _check(self, X: np.ndarray) -> np.ndarray:
        if not hasattr(self, "_alpha"):
            raise ValueError("GaussianProcess: call fit(X, y) before predict")
        return query_points("predict: X", X, self.X_.shape[1])

    def _kappa(self, X: np.ndarray) -> np.ndarray:
        return KERNELS[self.kernel](self._sites.squared_distances(X / self._scale))[0]

    def _climb(self, theta: np.ndarray) -> np.ndarray:
        """Return the logarithms of (l_1 ... l_d, s, v) with the highest evidence times prior, found by L-BFGS-B."""
        d = len(theta) - 2
        bounds = np.log([BOUNDS["lengthscale"]] * d + [BOUNDS["signal_variance"], BOUNDS["noise_variance"]])
        gradients: dict[bytes, np.ndarray] = {}

        def loss(theta: np.ndarray) -> float:
            value, gradients[theta.tobytes()] = self._log_posterior(theta)
            return -value

        ends = {"maxiter": 40 if self.optimize is True else self.optimize, "pgtol": 1e-2}
        ends["factr"] = 1e-4 / np.finfo(float).eps  # the relative gain that justifies another step
        start, slope = np.clip(theta, *bounds.T), lambda theta: -gradients[theta.tobytes()]
        return np.round(optimizers.fmin_l_bfgs_b(loss, start, slope, bounds=bounds, **ends)[0], 2)

    def _log_posterior(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return log evidence plus log prior at `theta`, and the gradient, tr(W dK) / 2 with W = a a' - K^-1."""
        d, parameters = len(theta) - 2, np.exp(theta)
        s, v = parameters[d:].tolist()
        sites = _Sites(self.X_ / parameters[:d][self._groups])
        kappa, G = KERNELS[self.kernel](sites.squared_distances())  # (n, n) each
        L, inverse = _factor(s * kappa, v)  # (n, n) each
        a = inverse.T @ (inverse @ self.y_)  # (n,)
        W = a[:, None] * a  # (n, n)
        W -= inverse.T @ inverse
        G *= s * W
        Z = sites.Z  # (n, n_columns), in lengthscales
        # -sum_ij G_ij (z_i - z_j)^2
        by_column = 2.0 * (np.add.reduce(Z * (G @ Z)) - np.add.reduce(G, axis=1) @ (Z * Z))
        gradient = np.empty(d + 2)
        gradient[:d] = np.bincount(self._groups, by_column, d)
        gradient[d:] = 0.5 * s * np.vdot(W, kappa), 0.5 * v * W.trace()
        center = np.array([math.log(0.6) + 0.25 * math.log(d)] * d + [0.0, -6.0])
        width = np.array([1.5] * d + [0.7, 1.5])  # of the prior of (log l_1 ... log l_d, log s, log v)
        z = (theta - center) / width
        gradient -= z / width
        return _log_evidence(self.y_, L, a) - 0.5 * float(z @ z), gradient


def training_data(who: str, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return `X` as points of shape (n, d) and `y` as their losses, shape (n,), all finite, with n and d at least 1."""
    X, y = array(f"{who}: X", X), array(f"{who}: y", y)
    if X.ndim != 2 or y.shape != X.shape[:1] or not X.size:
        what = "must be (n, d) and (n,), with n and d at least 1"
        raise ValueError(f"{who}: X of shape {X.shape} and y of shape {y.shape} {what}")
    return _small(f"{who}: X", X), _small(f"{who}: y", y)


def query_points(name: str, X: Any, n_columns: int) -> np.ndarray:
    """Return `X` as finite points of shape (m, n_columns)."""
    X = array(name, X)
    if X.ndim != 2 or X.shape[1] != n_columns:
        raise ValueError(f"{name} of shape {X.shape} must be (m, {n_columns})")
    return _small(name, X)


def _small(name: str, values: np.ndarray) -> np.ndarray:
    if values.size and not (values.min() > -LARGEST and values.max() < LARGEST):  # nor NaN
        wrong = values[~(np.abs(values) < LARGEST)][0]
        raise ValueError(f"{name} holds {wrong:g}, but must hold finite numbers below {LARGEST} in size; rescale it")
    return values


def _variance(name: str, value: Any, zero: bool) -> float:
    variance = finite(name, value, least=0) if zero else finite(name, value, above=0)
    if not (zero and variance == 0) and not SMALLEST < variance < LARGEST:
        raise ValueError(f"{name}={short(value)} must be from {SMALLEST} to {LARGEST}{', or 0' if zero else ''}")
    return variance


def _groups(name: str, value: Any) -> np.ndarray:
    groups = array(name, value)
    if groups.ndim != 1 or not np.array_equal(used := np.unique(groups), np.arange(len(used))) or not len(used):
        must = "must give each column the number of its lengthscale: 0, 1, ..., without a gap"
        raise ValueError(f"{name}={short(value)} {must}")
    return groups.astype(int)


class _Sites:
    """Points, in units of lengthscales, to which squared distances are computed."""

    # |a|^2 - 2 a'b + |b|^2 for all rows a and b: one matrix product, faster than differences for many columns. The mean
    # is subtracted, or points far from the origin would lose digits; where they still do, differences are used.
    def __init__(self, Z: np.ndarray) -> None:
        self.Z = Z  # (n, n_columns)
        self._center = np.add.reduce(Z, axis=0) / len(Z)
        self._B = Z - self._center
        self._b2 = np.einsum("ij,ij->i", self._B, self._B)
        self._minus_2_B = -2.0 * self._B.T

    def squared_distances(self, A: np.ndarray | None = None) -> np.ndarray:
        """Return the distances from the rows of `A`, or from the points themselves, as an array that may be changed."""
        A = self._B if A is None else A - self._center
        if np.maximum.reduce(self._b2) > SPREAD:
            return distance.cdist(A, self._B, "sqeuclidean")
        r2 = A @ self._minus_2_B
        r2 += (self._b2 if A is self._B else np.einsum("ij,ij->i", A, A))[:, None]
        r2 += self._b2
        return np.maximum(r2, 0.0, out=r2)  # rounding may leave it just below 0


def _factor(K: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the Cholesky factor L of K + noise I, with more on the diagonal if rounding requires it, and L^-1."""
    for jitter in (0.0, 1e-10, 1e-8, 1e-6, 1e-4):
        K.flat[:: len(K) + 1] += noise if jitter == 0 else jitter * K[0, 0]
        L, failed = lapack.dpotrf(K, lower=1)
        if not failed:
            return L, lapack.dtrtri(L, lower=1)[0]
    raise ValueError(f"GaussianProcess: noise_variance={noise:g} must be larger for points this close or far apart")


def _log_evidence(y: np.ndarray, L: np.ndarray, a: np.ndarray) -> float:
    return float(-0.5 * y @ a - np.add.reduce(np.log(L.diagonal())) - 0.5 * len(y) * math.log(2.0 * math.pi))
