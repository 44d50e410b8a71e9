"""The knowledge gradient: how much one more measurement is worth, at a new point or at one that was measured before.

After a measurement at x, with noise, all posterior means move together, by one standard normal draw Z:

    mean_i  ->  mean_i + move_i(x) Z,     move_i(x) = cov(f_i, f_x) / sqrt(var(f_x) + noise)
    KG(x) = min_i mean_i - E[min_i (mean_i + move_i(x) Z)]

mean, move : (m,), over the points that may be delivered in the end; the noise is a variance. What is delivered has the
lowest mean, so a measurement is worth how much lower that is expected to get. Frazier, Powell and Dayanik (2009),
algorithms 1 and 2, for losses. Chapter 7.
"""

import numpy as np

from hpt_lab.surrogates.acquisition import HALF_LOG_2PI
from hpt_lab.values.checks import array, finite
from hpt_lab.values.lazy import special

FAR = 37.0  # standard deviations: beyond a crossing this far away, nothing is left to gain


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
    z, steeper = np.minimum(np.abs(crossings[1:]), FAR), np.diff(b[chain])
    return float(np.sum(steeper * (np.exp(-0.5 * z * z - HALF_LOG_2PI) - z * special.ndtr(-z))))
