"""Parzen estimator: a density made of a kernel around each point, and a uniform prior for regions without points.

    multivariate    p(x) = sum_i w_i prod_j k(x_j | c_ij, s_ij)    (Falkner, Klein and Hutter 2018)
    univariate      p(x) = prod_j sum_i w_i k(x_j | c_ij, s_ij)    (Bergstra et al. 2011)
    number          k(x | c, s) = N(u; c, s^2) / (Phi((1 - c) / s) - Phi(-c / s)) |du/dx|
    category        k(x | c, s) = (x = c) (1 - s) + s / K          (Aitchison and Aitken 1976)
    uniform         for the prior's kernel, and where the kernel's point is inactive

The kernel of a number is a Gaussian truncated at the bounds; if the values are countable, its mass within the value's bin.
u : x on the unit interval (see `Space`); c, s : (n_dims, n_points + 1), a kernel's center and width there; w :
(n_points + 1,), the weights; K : the number of choices. An inactive dimension of x has the factor 1: a kernel draws all
dimensions and drops the inactive ones, so p integrates (or sums) to 1 over a conditional space as well. Chapter 4.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpt_lab.space import Float, Params, Space
from hpt_lab.values import checks
from hpt_lab.values.checks import instance, short, special

FEW = 100  # values: finding the equal ones would cost more than computing them all


def check_kernels(
    who: str, *, prior_weight: Any = 1.0, bandwidth: Any = "neighbours", narrowest: Any = 1.0, multivariate: Any = True
) -> dict[str, Any]:
    """Return the options of a `ParzenEstimator` as plain values. Raises ValueError or TypeError, naming `who`."""
    if not isinstance(bandwidth, str):
        bandwidth = checks.finite(f"{who}: bandwidth", bandwidth, above=0)
    elif bandwidth != "neighbours":
        raise ValueError(f"{who}: bandwidth={short(bandwidth)} must be above 0, or 'neighbours'")
    return {
        "prior_weight": checks.finite(f"{who}: prior_weight", prior_weight, above=0),
        "bandwidth": bandwidth,
        "narrowest": checks.finite(f"{who}: narrowest", narrowest, above=0),
        "multivariate": checks.flag(f"{who}: multivariate", multivariate),
    }


class ParzenEstimator:
    """A probability density over a search space, estimated from points.

    Raises TypeError or ValueError if an argument has the wrong type, an option is not above 0, or a point is not of the
    space: outside the unit cube, of the wrong shape, or without a coordinate for a dimension that is always active.

    Parameters
    ----------
    space : Space
    points : list of dict, or ndarray of shape (n_points, n_dims)
        The params at the centers of the kernels, or their `coordinates`. Without any, the density is the prior.
    prior_weight : float, weight of the uniform prior, where each point weighs 1; above 0, so that nothing is impossible
    bandwidth : "neighbours" or float
        Width of the kernels of numbers: the distance to the farther of the two neighbors, at least 1 / (n + 2) or 1/100;
        or a share of the range.
    narrowest : float, a factor for that minimum width
    multivariate : bool, whether kernels span all dimensions, or each dimension has its own mixture

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
        narrowest: float = 1.0,
        multivariate: bool = True,
    ) -> None:
        instance("ParzenEstimator: space", space, Space, "a Space")
        kernels = dict(prior_weight=prior_weight, bandwidth=bandwidth, narrowest=narrowest, multivariate=multivariate)
        options = check_kernels("ParzenEstimator", **kernels)
        self.space, self.multivariate = space, options["multivariate"]
        u = _checked(space, points) if isinstance(points, np.ndarray) else coordinates(space, points)
        self._dimensions, self._is_choice = list(space.dimensions.values()), space.cube.choices
        n, n_dims = u.shape
        self._center = np.full((n_dims, n + 1), np.nan)  # the last kernel is the prior, which has no center
        self._center[:, :n] = u.T
        self._known = ~np.isnan(self._center)
        self._width = np.ones((n_dims, n + 1))
        self._width[:, :n] = _widths(self._center[:, :n], options["bandwidth"], options["narrowest"])
        sizes = space.cube.sizes[self._is_choice, None]
        self._width[self._is_choice] = sizes / (self._known[self._is_choice].sum(axis=1, keepdims=True) + 1 + sizes)
        self._below = special.ndtr(-self._center / self._width)
        self._above = special.ndtr((1 - self._center) / self._width)
        self._log_height = -np.log(math.sqrt(2 * math.pi) * self._width * (self._above - self._below))
        weights = np.ones((1, n + 1))
        weights[0, n] = options["prior_weight"]
        if not self.multivariate:  # a dimension uses only its own points, and the prior
            weights = np.where(self._known | (np.arange(n + 1) == n), weights, 0.0)
        self._weights = weights / weights.sum(axis=1, keepdims=True)  # a row for all dimensions, or for each

    def log_density(self, points: Sequence[Params]) -> np.ndarray:
        """Return the log density at `points`, shape (n_points,): per unit if continuous, else a log probability."""
        u = coordinates(self.space, points)
        per_unit = np.zeros(u.shape)
        for j, (name, dimension) in enumerate(self.space.dimensions.items()):
            if isinstance(dimension, Float) and dimension.is_continuous:
                low, high = dimension.low, dimension.high
                per_unit[:, j] = math.log(math.log(high) - math.log(low) if dimension.log else high - low)
                if dimension.log:  # du = dx / (x ln(high / low))
                    per_unit[:, j] += np.log([params.get(name, np.nan) for params in points])
        return self.log_terms(u).sum(axis=1) - np.where(np.isnan(u), 0.0, per_unit).sum(axis=1)

    def sample(self, rng: np.random.Generator, n: int) -> list[Params]:
        """Draw `n` points, and return their params."""
        return [self.space.decode(u) for u in self.draw(rng, n)]

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Draw `n` points of the unit cube, shape (n, n_dims), with a coordinate for every dimension, active or not."""
        checks.generator("ParzenEstimator: rng", rng)
        n = checks.integer("ParzenEstimator: n", n, 0, 10**9)
        rows = np.arange(len(self._dimensions))[:, None]
        cumulative = self._weights.cumsum(axis=1)
        cumulative /= cumulative[:, -1:]
        kernel = np.array([shares.searchsorted(rng.random(n), side="right") for shares in cumulative])
        center, width, known = self._center[rows, kernel], self._width[rows, kernel], self._known[rows, kernel]
        below, above = self._below[rows, kernel], self._above[rows, kernel]
        q = rng.random(center.shape)
        u = np.minimum(np.maximum(center + width * special.ndtri(below + q * (above - below)), 0.0), 1.0)
        for j in np.flatnonzero(self._is_choice):
            u[j] = np.where(q[j] < width[j], q[j] / width[j], center[j])
        return self.space.cube.snap(np.round(np.where(known, u, q).T, 9))  # the same on every machine

    def log_terms(self, u: np.ndarray) -> np.ndarray:
        """Return terms of the log density at `u`, (n, n_dims), NaN where inactive: (n, 1), or (n, n_dims) if univariate."""
        u = _checked(self.space, u)
        with np.errstate(divide="ignore"):  # log 0: a kernel that is out of reach, or has no weight
            log_weights = np.log(self._weights)  # (1, n_points + 1), or (n_dims, n_points + 1)
            terms = [np.repeat(row[None], len(u), axis=0) for row in log_weights]  # each (n, n_points + 1)
            for j in range(u.shape[1]):
                terms[0 if self.multivariate else j] += self._log_kernels(j, u[:, j])  # (n, n_points + 1)
        return np.column_stack([_log_sum_exp(term) for term in terms])  # each (n,)

    def _log_kernels(self, j: int, u: np.ndarray) -> np.ndarray:
        """Return the log of every kernel's factor for dimension `j` at coordinates `u`: shape (len(u), n_points + 1)."""
        dimension, center, width = self._dimensions[j], self._center[j], self._width[j]
        uniform: float | np.ndarray = 0.0
        if self._is_choice[j]:
            other, uniform = width / dimension.size, -math.log(dimension.size)
            same = np.abs(u[:, None] - center) < 0.5 / dimension.size
            kernels = np.where(same, np.log1p(other - width), np.log(other))
        elif dimension.is_continuous:
            kernels = u[:, None] - center
            kernels *= math.sqrt(0.5) / width  # in place, since a thousand kernels make large arrays
            kernels *= kernels
            np.subtract(self._log_height[j], kernels, out=kernels)
        else:  # countable values repeat, and so do the kernels around them
            values, value = _distinct(u)
            first, kernel = _distinct(center + 1j * width)
            left, right = dimension.edges(u[values])
            c, s, reach = center[first], width[first], (self._above[j] - self._below[j])[first]
            mass = _mass((left[:, None] - c) / s, (right[:, None] - c) / s) / reach
            kernels, uniform = np.log(mass)[value][:, kernel], np.log(right - left)[value, None]
        kernels[:, ~self._known[j]] = uniform
        kernels[np.isnan(u)] = 0.0
        return kernels


def coordinates(space: Space, points: Sequence[Params]) -> np.ndarray:
    """Return the points of the unit cube that represent params: shape (n_points, n_dims), NaN where inactive."""
    checks.require(checks.listable(points), "ParzenEstimator: points", points, "a list of params")
    encoded = np.array([space.encode(params) for params in points]).reshape(-1, len(space))
    return np.where(space.cube.activity(encoded), encoded, np.nan) if space.conditional else encoded


def _checked(space: Space, u: Any) -> np.ndarray:
    """Return `u`, shape (n_points, n_dims), if it is from 0 to 1, or NaN where a dimension may be inactive."""
    u = checks.cube("ParzenEstimator: points", u, len(space), missing=True)
    missing = np.isnan(u)
    if missing.any() and (lacking := missing.any(axis=0) & ~space.cube.conditional).any():
        what = "which must have a coordinate, since it is always active"
        raise ValueError(f"ParzenEstimator: points lack {list(space)[int(lacking.argmax())]}, {what}")
    return u


def _widths(centers: np.ndarray, bandwidth: float | str, narrowest: float) -> np.ndarray:
    """Return the widths of Gaussian kernels around `centers`, both of shape (n_dims, n), NaN where inactive."""
    if not isinstance(bandwidth, str):
        return np.full(centers.shape, bandwidth)
    known = np.maximum((~np.isnan(centers)).sum(axis=1, keepdims=True), 1)
    order, rows = np.argsort(centers, axis=1, kind="stable"), np.arange(len(centers))[:, None]  # NaN comes last
    ascending = centers[rows, order]
    gaps = np.full((len(centers), centers.shape[1] + 1), np.nan)
    gaps[:, 1:-1] = ascending[:, 1:] - ascending[:, :-1]
    widths = np.empty(centers.shape)
    widths[rows, order] = np.fmax(gaps[:, :-1], gaps[:, 1:])
    widths = np.where(np.isnan(widths), np.maximum(centers, 1 - centers), widths)  # one point: to the farther bound
    return np.minimum(np.maximum(widths, narrowest / np.minimum(known + 2, 100)), 1.0)


def _distinct(x: np.ndarray) -> tuple[Any, Any]:
    """Return the first index of each distinct value of `x`, and the value of each entry; few are left as they are."""
    if len(x) <= FEW:
        return slice(None), slice(None)
    _, first, which = np.unique(x, return_index=True, return_inverse=True)
    return first, which


def _mass(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return Phi(b) - Phi(a), computed in the lower tail, where floats have more digits."""
    upper = a > 0
    return special.ndtr(np.where(upper, -a, b)) - special.ndtr(np.where(upper, -b, a))


def _log_sum_exp(log_terms: np.ndarray) -> np.ndarray:
    """Return the log of the sum of exp(log_terms) over the last axis; it overwrites log_terms."""
    largest = log_terms.max(axis=1, keepdims=True)
    log_terms -= largest
    return np.log(np.exp(log_terms, out=log_terms).sum(axis=1)) + largest[:, 0]
