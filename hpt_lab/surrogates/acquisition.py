"""Acquisition functions: how promising a trial at a point is, given the surrogate's prediction there.

The surrogate predicts f ~ Normal(mean, std^2). With the improvement I = best - f - xi over the best loss so far, and
z = (best - mean - xi) / std,

    PI     P(I > 0)     = Phi(z)                        LogEI  log EI, which keeps its slope far from the data
    EI     E[max(I, 0)] = std (phi(z) + z Phi(z))       LCB    mean - kappa std, an optimistic guess, to be minimized

mean, std : (m,), in units of the loss; phi, Phi : density and distribution function of the standard normal; xi >= 0
is a required margin. Where std = 0, f is known, and so are all four. EI: Mockus (1975); Jones et al. (1998),
equation 15. LCB: Cox and John (1992); Srinivas et al. (2010). LogEI: Ament et al. (2023), equation 9. Chapter 4.

Expected hypervolume improvement (EHVI): how much larger a trial is expected to make the volume that a front dominates.

A place z that no trial dominates becomes dominated if f(x) <= z in every objective. So EHVI is the integral, over all
these z below the reference point, of P(f_1 <= z_1) P(f_2 <= z_2) ..., with one model for each objective. Over an
interval, each factor is a difference of expected improvements:

    integral from a to b of P(f <= z) dz = EI(b) - EI(a),    EI(c) = E[max(c - f, 0)]

With two objectives, the region is cut into stripes, one for each gap in the first objective of the front. Above stripe
i, from a_i to b_i, the second objective must get below h_i, the lowest one to the left:

    EHVI = sum_i (EI_1(b_i) - EI_1(a_i)) EI_2(h_i)

With more, a slice of the last objective is the same problem with one objective fewer. Emmerich, Giannakoglou and
Naujoks (2006); the stripes: Emmerich, Yang, Deutz, Wang and Fonseca (2016). Chapter 5.

The slices of n objectives and k members are as many as C(k + n - 1, n - 1): 12,341 with 4 and 40, but 62 million with 8.
Where there are too many, places z below the reference r are drawn with a density in proportion to P(f_1 <= z_1) P(f_2
<= z_2) ..., so that none is wasted where the trial cannot be. EI_j(z_j) / EI_j(r_j) are then uniform numbers u_j, and

    EHVI = EI_1(r_1) EI_2(r_2) ... P(no member y of the front has u_j >= EI_j(y_j) / EI_j(r_j) for all j)

u : points of a Sobol sequence, (n_places, n_objectives), the same for all trials.

means, stds : (n_objectives, m);   front : (k, n_objectives);   reference : (n_objectives,);   all minimized

The knowledge gradient: how much one more measurement is worth, at a new point or at one that was measured before.

After a measurement at x, with noise, all posterior means move together, by one standard normal draw Z:

    mean_i  ->  mean_i + move_i(x) Z,     move_i(x) = cov(f_i, f_x) / sqrt(var(f_x) + noise)
    KG(x) = min_i mean_i - E[min_i (mean_i + move_i(x) Z)]

mean, move : (m,), over the points that may be delivered in the end; the noise is a variance. What is delivered has the
lowest mean, so a measurement is worth how much lower that is expected to get. Frazier, Powell and Dayanik (2009),
algorithms 1 and 2, for losses. Chapter 7.
"""

import math
from collections.abc import Callable

import numpy as np

from hpt_lab.space.cube import sobol_points
from hpt_lab.study.front import non_dominated
from hpt_lab.values.checks import array, finite, special

HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
EXACT_OBJECTIVES, MOST_SLICES = 4, 15_000  # of EHVI: with more objectives and more slices, it is sampled
FEW_PLACES, LOG_PLACES, N_PROMISING = 512, 12, 64  # places for each point; 2^12 for the most promising ones
N_TOGETHER = 64  # points whose places are in memory at once
KAPPA = 1.96  # standard deviations: f is below that bound one time in forty


def expected_improvement(mean: np.ndarray, std: np.ndarray, best: float, xi: float = 0.0) -> np.ndarray:
    """Return how far below `best - xi` the loss is expected to be, counting 0 where it is above: shape (m,).

    >>> round(float(expected_improvement(0.0, 1.0, best=-0.5)), 7)
    0.1977966
    """
    return _mean_gain(*_improvement(mean, std, best, xi))


def log_expected_improvement(mean: np.ndarray, std: np.ndarray, best: float, xi: float = 0.0) -> np.ndarray:
    """Return the log of `expected_improvement`, finite and increasing in z wherever std > 0: shape (m,).

    >>> bool(np.isfinite(log_expected_improvement(0.0, 1.0, best=-300.0)))
    True
    """
    gain, std = _improvement(mean, std, best, xi)
    uncertain = std > 0
    if uncertain.all():
        return np.log(std) + _log_h(gain / std)
    known = np.log(np.maximum(gain, 0.0), where=gain > 0, out=np.full_like(gain, -np.inf))
    log_std = np.log(std, where=uncertain, out=np.zeros_like(std))
    return np.where(uncertain, log_std + _log_h(_z(gain, std)), known)


def probability_of_improvement(mean: np.ndarray, std: np.ndarray, best: float, xi: float = 0.0) -> np.ndarray:
    """Return the probability that the loss is below `best - xi`: shape (m,).

    >>> round(float(probability_of_improvement(0.0, 1.0, best=-0.5)), 6)
    0.308538
    """
    gain, std = _improvement(mean, std, best, xi)
    return np.where(std > 0, special.ndtr(_z(gain, std)), (gain > 0).astype(float))


def lower_confidence_bound(mean: np.ndarray, std: np.ndarray, kappa: float = KAPPA) -> np.ndarray:
    """Return the mean minus `kappa` standard deviations, shape (m,): the smaller, the more promising.

    >>> float(lower_confidence_bound(1.0, 0.5, kappa=2.0))
    0.0
    """
    mean, std = _belief("lower_confidence_bound", mean, std)
    return mean - finite("lower_confidence_bound: kappa", kappa, least=0) * std


def _mean_gain(gain: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return E[max(I, 0)] for improvements I ~ Normal(gain, std^2)."""
    z = _z(gain, std)
    value = gain * special.ndtr(z) + std * np.exp(-0.5 * z * z - HALF_LOG_2PI)
    return np.where(std > 0, np.maximum(value, 0.0), np.maximum(gain, 0.0))


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
    return finite("acquisition: best", best) - mean - finite("acquisition: xi", xi, least=0), std


def _belief(who: str, mean: np.ndarray, std: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `mean` and `std` as arrays of one shape, the mean finite."""
    mean, std = array(f"{who}: mean", mean), array(f"{who}: std", std)
    try:
        mean, std = (mean, std) if mean.shape == std.shape else np.broadcast_arrays(mean, std)
    except ValueError:
        raise ValueError(f"{who}: std of shape {std.shape} must fit the mean, of shape {mean.shape}") from None
    if not np.isfinite(mean).all():
        raise ValueError(f"{who}: mean must hold finite numbers only, but holds {mean[~np.isfinite(mean)][0]:g}")
    if std.size and not (std.min() >= 0 and std.max() < math.inf):  # or NaN
        wrong = std[~(std >= 0) | np.isinf(std)]
        raise ValueError(f"{who}: std must not be below 0, nor NaN, nor infinite, but holds {wrong[0]:g}")
    return mean, std


ACQUISITIONS: dict[str, Callable[..., np.ndarray]] = {
    "log_ei": log_expected_improvement,
    "ei": expected_improvement,
    "pi": probability_of_improvement,
    "lcb": lambda mean, std, best: KAPPA * std - mean,
    "thompson": lambda mean, std, best: -mean,  # of a function drawn from the posterior
}


def expected_hypervolume_improvement(
    means: np.ndarray, stds: np.ndarray, front: np.ndarray, reference: np.ndarray
) -> np.ndarray:
    """Return by how much the hypervolume of `front` below `reference` is expected to grow: shape (m,).

    It is exact for up to four objectives, and for as many more as a short front allows; beyond, it is sampled, with an
    error of a few percent for the best points. Raises ValueError if the shapes do not fit, or a number is not finite.

    >>> front = [[1, 2], [2, 1]]  # dominates 3 of the 9 squares below (3, 3)
    >>> expected_hypervolume_improvement([[0.0]], [[0.0]], [[1.0]], [3.0]).tolist()
    [1.0]
    >>> expected_hypervolume_improvement([[1, 0], [1, 0]], [[0, 0], [0, 0]], front, [3, 3]).tolist()
    [1.0, 6.0]
    """
    who = "expected_hypervolume_improvement"
    given = {"means": means, "stds": stds, "front": front, "reference": reference}
    means, stds, front, reference = (array(f"{who}: {name}", value) for name, value in given.items())
    fits = means.ndim == 2 and stds.shape == means.shape and front.ndim == 2
    if not fits or reference.shape != (len(means),) or front.shape[1] != len(means):
        wanted = "(n_objectives, m) twice, (k, n_objectives) and (n_objectives,)"
        shapes = ", ".join(str(values.shape) for values in (means, stds, front, reference))
        raise ValueError(f"{who}: means, stds, front and reference of shapes {shapes} must be {wanted}")
    if not all(np.isfinite(values).all() for values in (means, stds, front, reference)) or (stds < 0).any():
        raise ValueError(f"{who}: means, stds, front and reference must be finite, and stds not below 0")
    front = front[(front < reference).all(axis=1)]
    n = len(means)
    if n > EXACT_OBJECTIVES and math.comb(len(front) + n - 1, n - 1) > MOST_SLICES:
        return _sampled_ehvi(means, stds, front, reference)
    known: dict[tuple[int, float], np.ndarray] = {}

    def gain(objective: int, level: float) -> np.ndarray:
        """Return the expected improvement of one objective below a level, (m,)."""
        if (objective, level) not in known:
            known[objective, level] = _mean_gain(level - means[objective], stds[objective])
        return known[objective, level]

    def volume(front: np.ndarray, last: int) -> np.ndarray:
        """Return EHVI over the objectives up to the `last` one, (m,)."""
        if not len(front):
            return math.prod(gain(j, float(reference[j])) for j in range(last + 1))  # type: ignore[return-value]
        if last == 0:
            return gain(0, float(front.min()))
        front = front[non_dominated(front)]
        front = front[np.argsort(front[:, last], kind="stable")]
        total, below = np.zeros(means.shape[1]), np.zeros(means.shape[1])
        for i, level in enumerate([*front[:, last].tolist(), float(reference[last])]):
            upto = gain(last, level)
            total, below = total + (upto - below) * volume(front[:i, :last], last - 1), upto
        return total

    return volume(front, n - 1)


def _sampled_ehvi(means: np.ndarray, stds: np.ndarray, front: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return EHVI from few places for each point, and from more for the most promising ones."""
    below, value = reference[:, None] - means, np.zeros(means.shape[1])
    u = np.ascontiguousarray(sobol_points(len(means), 0, LOG_PLACES).T)  # (n_objectives, n_places)
    most = _mean_gain(below, stds)  # (n_objectives, m)
    whole, front = most.prod(axis=0), front[non_dominated(front)]
    chosen = np.flatnonzero(whole)
    for n_places in (FEW_PLACES, u.shape[1]):
        for some in np.split(chosen, range(N_TOGETHER, len(chosen), N_TOGETHER)):
            gains = _mean_gain(front[:, :, None] - means[:, some], stds[:, some])
            shares = gains / most[:, some]  # (k, n_objectives, n_some)
            free = np.ones((n_places, len(some)), bool)
            for member in shares:
                dominated = u[0, :n_places, None] >= member[0]
                for level, share in zip(u[1:, :n_places, None], member[1:], strict=True):
                    dominated &= level >= share
                free &= ~dominated
            value[some] = whole[some] * free.mean(axis=0)
        chosen = np.argsort(-value, kind="stable")[: min(N_PROMISING, np.count_nonzero(value))]
    return value


FAR_DEVIATIONS = 37.0  # standard deviations: beyond a crossing this far away, nothing is left to gain


def knowledge_gradient(mean: np.ndarray, cov: np.ndarray, noise: float) -> np.ndarray:
    """Return by how much one measurement at each point lowers the lowest mean, in expectation: shape (m,), 0 or more.

    Raises ValueError if the shapes differ or a number is not finite.

    Parameters
    ----------
    mean : ndarray of shape (m,), the posterior mean of the loss at each point
    cov : ndarray of shape (m, m), the posterior covariance of the loss without its noise
    noise : float, the variance of a measurement's noise, 0 or more

    Examples
    --------
    >>> knowledge_gradient([0.0, 0.1], [[0.0, 0.0], [0.0, 1.0]], noise=1.0).round(4)  # the first point is known
    array([0.    , 0.2349])
    """
    mean, cov = array("knowledge_gradient: mean", mean), array("knowledge_gradient: cov", cov)
    noise = finite("knowledge_gradient: noise", noise, least=0)
    if mean.ndim != 1 or not len(mean) or cov.shape != (len(mean),) * 2:
        shapes = f"{mean.shape} and cov of shape {cov.shape}"
        raise ValueError(f"knowledge_gradient: mean of shape {shapes} must be (m,) and (m, m), with m at least 1")
    if not (np.isfinite(mean).all() and np.isfinite(cov).all()):
        raise ValueError("knowledge_gradient: mean and cov must hold finite numbers only")
    std = np.sqrt(np.maximum(np.diag(cov), 0.0) + noise)
    moves = np.divide(cov, std[:, None], out=np.zeros_like(cov), where=std[:, None] > 0)
    return np.array([gain(-mean, move) for move in moves])


def gain(a: np.ndarray, b: np.ndarray) -> float:
    """Return E[max_i (a_i + b_i Z)] - max_i a_i for a standard normal Z; a and b have shape (m,).

    The maximum of lines in Z is a chain of line segments. Where two neighbors of the chain cross, at distance |z| from 0,
    the steeper one gains phi(z) - |z| Phi(-|z|) for each unit by which it is steeper.
    """
    order = np.lexsort((a, b))
    keep = np.append(np.diff(b[order]) > 0, True)  # of parallel lines, the highest
    a, b = a[order][keep], b[order][keep]
    chain, crossings = [0], [-np.inf]  # the lines of the chain from left to right, and where each begins
    for i in range(1, len(a)):
        while (z := (a[chain[-1]] - a[i]) / (b[i] - b[chain[-1]])) <= crossings[-1]:
            chain.pop(), crossings.pop()
        chain.append(i)
        crossings.append(z)
    z, steeper = np.minimum(np.abs(crossings[1:]), FAR_DEVIATIONS), np.diff(b[chain])
    return float(np.sum(steeper * (np.exp(-0.5 * z * z - HALF_LOG_2PI) - z * special.ndtr(-z))))
