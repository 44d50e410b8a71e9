"""Parzen estimator: a density grown from points, one kernel around each, and a uniform prior for where no point is yet.

    multivariate    p(x) = sum_i w_i prod_j k(x_j | c_ij, s_ij)        (Falkner, Klein and Hutter 2018)
    univariate      p(x) = prod_j sum_i w_i k(x_j | c_ij, s_ij)        (Bergstra et al. 2011)

    number          k(x | c, s) = N(u; c, s^2) / (Phi((1 - c) / s) - Phi(-c / s)) |du/dx|, a Gaussian cut off at the
                    bounds; its mass within the value's bin, where the values are countable
    category        k(x | c, s) = (x = c) (1 - s) + s / K              (Aitchison and Aitken 1976)
    uniform         for the prior kernel, and for a dimension that is inactive at the kernel's point

    u       x on the unit interval (see `Space`)       c, s    a kernel's centre and width there, (n_points + 1, n_dims)
    w       weights, (n_points + 1,)                   K       number of choices

An inactive dimension of x has the factor 1: the kernel is a recipe that draws all dimensions and drops the inactive ones,
so that p integrates (and sums) to 1 over a conditional space as well. Chapter 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from hpt_lab.space import Categorical, Float, Int, Params, Space
from hpt_lab.surrogates.features import activity

__all__ = ["ParzenEstimator", "coordinates"]


class ParzenEstimator:
    """A probability density over a search space, from points of it.

    Parameters
    ----------
    space : Space
    points : list of dict, or ndarray of shape (n_points, n_dims)
        The params that the kernels stand around, or their `coordinates`. Without any, the density is the prior.
    prior_weight : float
        Weight of the uniform prior, where each point weighs 1. Above 0, so that nothing is impossible.
    bandwidth : "neighbours", "scott" or float
        Width of the kernels of numbers: the distance to the farther one of the two neighbours, at least 1 / (n + 2) or
        1/100; or 1.06 standard deviations times n^(-1 / (n_dims + 4)), at least 1/100; or a share of the range.
    multivariate : bool
        Whether a kernel spans all dimensions, or each dimension is a mixture of its own.

    Raises
    ------
    ValueError
        If the prior weight or the bandwidth is not positive, or if a point is not of the space.

    Examples
    --------
    >>> from hpt_lab import Float, Space
    >>> density = ParzenEstimator(Space(x=Float(0, 10)), [{"x": 4.0}, {"x": 5.0}])
    >>> np.exp(density.log_density([{"x": 4.5}, {"x": 9.5}])).round(2).tolist()
    [0.14, 0.05]
    """

    def __init__(
        self,
        space: Space,
        points: Sequence[Params] | np.ndarray,
        *,
        prior_weight: float = 1.0,
        bandwidth: float | str = "neighbours",
        multivariate: bool = True,
    ) -> None:
        if not 0 < prior_weight < math.inf:
            raise ValueError(f"ParzenEstimator: prior_weight={prior_weight} must be above 0, and finite")
        if bandwidth not in ("neighbours", "scott") and (isinstance(bandwidth, str) or not 0 < bandwidth < math.inf):
            raise ValueError(f"ParzenEstimator: bandwidth={bandwidth!r} must be above 0, 'neighbours' or 'scott'")
        self.space, self.multivariate = space, multivariate
        self._dimensions = list(space.dimensions.values())
        points = points if isinstance(points, np.ndarray) else coordinates(space, points)
        n, n_dims = points.shape
        centers = np.vstack([points, np.full((1, n_dims), np.nan)])  # the last kernel is the prior: nowhere known
        self._known = ~np.isnan(centers)
        self._center = np.where(self._known, centers, 0.5)
        self._width = np.where(self._known, np.vstack([_widths(points, bandwidth), np.ones((1, n_dims))]), 1.0)
        for j, dimension in enumerate(self._dimensions):
            if isinstance(dimension, Categorical):
                self._width[:, j] = dimension.size / (self._known[:, j].sum() + 1 + dimension.size)
        self._below, self._above = ndtr(-self._center / self._width), ndtr((1 - self._center) / self._width)
        weights = np.append(np.ones(n), prior_weight)
        if multivariate:
            self._weights = (weights / weights.sum())[:, None]  # (n_points + 1, 1): for all dimensions the same
        else:
            self._weights = np.where(self._known, weights[:, None], 0.0)  # a dimension knows its own points alone,
            self._weights[-1] = prior_weight  # and the prior
            self._weights /= self._weights.sum(axis=0)

    def log_density(self, points: Sequence[Params]) -> np.ndarray:
        """Log of the density at `points`: per unit of each continuous dimension, and a probability in all others.

        Returns ndarray of shape (n_points,).
        """
        u = coordinates(self.space, points)
        per_unit = np.zeros(u.shape)
        for j, (name, dimension) in enumerate(self.space.dimensions.items()):
            if isinstance(dimension, Float) and dimension.size == math.inf:
                low, high = dimension.low, dimension.high
                x = np.array([params.get(name, np.nan) for params in points], float)
                per_unit[:, j] = np.log(x * math.log(high / low)) if dimension.log else math.log(high - low)
        return self.log_terms(u).sum(axis=1) - np.where(np.isnan(u), 0.0, per_unit).sum(axis=1)

    def sample(self, rng: np.random.Generator, n: int) -> list[Params]:
        """Draw the params of `n` points."""
        return [self.space.decode(u) for u in self.draw(rng, n)]

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Draw `n` points of the unit cube, shape (n, n_dims), with a coordinate for every dimension, active or not."""
        columns, shared = [], rng.choice(len(self._weights), n, p=self._weights[:, 0]) if self.multivariate else None
        for j, dimension in enumerate(self._dimensions):
            kernel = rng.choice(len(self._weights), n, p=self._weights[:, j]) if shared is None else shared
            center, width, known = self._center[kernel, j], self._width[kernel, j], self._known[kernel, j]
            q = rng.random(n)
            if isinstance(dimension, Categorical):
                u = np.where(q < width, q / width, center)
            else:
                below, above = self._below[kernel, j], self._above[kernel, j]
                u = np.clip(center + width * ndtri(below + q * (above - below)), 0.0, 1.0)
            columns.append(np.round(np.where(known, u, q), 9))  # the same on every machine
        return self.space.snap(np.column_stack(columns))

    def log_terms(self, u: np.ndarray) -> np.ndarray:
        """Terms of the log density in the unit cube at `u`, of shape (n, n_dims), NaN where inactive.

        Returns ndarray of shape (n, 1) if multivariate, (n, n_dims) with a term for each dimension if not.
        """
        with np.errstate(divide="ignore"):  # log 0: a kernel that is out of reach, or without weight
            log_weights = np.log(self._weights)
            kernels = [np.where(np.isnan(u[:, j, None]), 0.0, self._log_kernels(j, u[:, j])) for j in range(u.shape[1])]
        if self.multivariate:
            return _log_sum_exp(sum(kernels, log_weights[:, 0]))[:, None]
        return np.column_stack([_log_sum_exp(log_weights[:, j] + kernel) for j, kernel in enumerate(kernels)])

    def _log_kernels(self, j: int, u: np.ndarray) -> np.ndarray:
        """Log of every kernel's factor for dimension `j` at coordinates `u`: shape (len(u), n_points + 1)."""
        dimension, center, width = self._dimensions[j], self._center[:, j], self._width[:, j]
        if isinstance(dimension, Categorical):
            other = width / dimension.size
            kernels = np.where(
                np.abs(u[:, None] - center) < 0.5 / dimension.size, np.log1p(other - width), np.log(other)
            )
            uniform = np.full((1, 1), -math.log(dimension.size))
        elif dimension.size == math.inf:
            z = (u[:, None] - center) / width
            kernels = -0.5 * z * z - np.log(math.sqrt(2 * math.pi) * width * (self._above[:, j] - self._below[:, j]))
            uniform = np.zeros((1, 1))
        else:
            values, which = np.unique(u, return_inverse=True)
            left, right = _edges(dimension, values)
            mass = _mass((left[:, None] - center) / width, (right[:, None] - center) / width)
            kernels = np.log(mass / (self._above[:, j] - self._below[:, j]))[which]
            uniform = np.log(right - left)[which, None]
        return np.where(self._known[:, j], kernels, uniform)


def coordinates(space: Space, points: Sequence[Params]) -> np.ndarray:
    """Points of the unit cube that stand for params: shape (n_points, n_dims), NaN where a dimension is inactive."""
    encoded = np.array([space.encode(params) for params in points]).reshape(len(points), len(space))
    return np.where(activity(space, encoded), encoded, np.nan) if len(points) else encoded


def _widths(centers: np.ndarray, bandwidth: float | str) -> np.ndarray:
    """Widths of Gaussian kernels around `centers`, both of shape (n, n_dims); NaN where inactive."""
    n, n_dims = centers.shape
    if n == 0 or not isinstance(bandwidth, str):
        return np.full(centers.shape, bandwidth, float) if n else centers
    known = np.maximum((~np.isnan(centers)).sum(axis=0), 1)
    if bandwidth == "scott":
        middle = np.nansum(centers, axis=0) / known
        deviation = np.sqrt(np.nansum((centers - middle) ** 2, axis=0) / known)
        return np.broadcast_to(np.maximum(1.06 * deviation * known ** (-1 / (n_dims + 4)), 0.01), centers.shape)
    order = np.argsort(centers, axis=0, kind="stable")  # NaN comes last
    gaps = np.diff(np.take_along_axis(centers, order, axis=0), axis=0, prepend=np.nan, append=np.nan)
    widths = np.empty(centers.shape)
    np.put_along_axis(widths, order, np.fmax(gaps[:-1], gaps[1:]), axis=0)
    alone = np.isnan(widths)  # without neighbours: as far as the farther bound
    widths[alone] = np.maximum(centers, 1 - centers)[alone]
    return np.clip(widths, 1 / np.minimum(known + 2, 100), 1.0)


def _edges(dimension: object, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bounds on the unit interval of the bins that `u`, the centres of bins, stand for."""
    if isinstance(dimension, Int) and dimension.log and dimension.step is None:
        first, span = dimension.low - 0.5, math.log((dimension.high + 0.5) / (dimension.low - 0.5))
        value = np.rint(first * np.exp(u * span))
        return np.log((value - 0.5) / first) / span, np.log((value + 0.5) / first) / span
    half = 0.5 / dimension.size  # type: ignore[attr-defined]
    return u - half, u + half


def _mass(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Phi(b) - Phi(a), from the lower tails, where the digits are."""
    upper = a > 0
    return ndtr(np.where(upper, -a, b)) - ndtr(np.where(upper, -b, a))


def _log_sum_exp(log_terms: np.ndarray) -> np.ndarray:
    largest = log_terms.max(axis=1, keepdims=True)
    return np.log(np.exp(log_terms - largest).sum(axis=1)) + largest[:, 0]
