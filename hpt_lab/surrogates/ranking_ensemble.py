"""A surrogate that also asks earlier studies: each has its own Gaussian process, and counts by how well it ranks.

The losses of another study have another scale, but the order of its points may be today's order. So all losses are
standardized, and the ensemble is a weighted sum. A model's ranking loss L is the number of pairs of today's n trials that
it puts in the wrong order, and its weight is the share of draws from the posteriors in which its L is the lowest:

    mean = sum_i w_i mean_i,    std^2 = sum_i w_i^2 std_i^2,    w_i = P(L_i is the lowest); models that tie share a draw
    an earlier study:    L = sum_jk [f(x_j) < f(x_k)] xor [y_j < y_k]
    this study:          L = sum_jk [f_-j(x_j) < y_k] xor [y_j < y_k]       f_-j is drawn with trial j left out

If the median of a model's L is above the 95th percentile of this study's, it is dropped: otherwise, many bad models, each
with a little luck, would dilute the good one. Feurer, Letham, Hutter and Bakshy (2018), arXiv:1802.02219, first version;
the later one (section 4.3, equation 9) drops models at random, more and more often. Chapter 7.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpt_lab.surrogates.gaussian_process import GaussianProcess

N_DRAWS, PERCENTILE = 256, 95
DECIMALS = 4  # of a drawn loss: further decimals differ between processors


class RankingEnsemble:
    """A weighted sum of Gaussian processes on the same columns, this study's last; `weights` has shape (n_models,).

    Parameters
    ----------
    earlier, own : list of GaussianProcess, and GaussianProcess, of the earlier studies and of this one
    rng : numpy.random.Generator, for the draws
    """

    def __init__(self, earlier: Sequence[GaussianProcess], own: GaussianProcess, rng: np.random.Generator) -> None:
        self.models, self.X_ = [*earlier, own], own.X_
        losses = [ranking_losses(model.sample(own.X_, rng, N_DRAWS), own.y_) for model in earlier]
        mean, std = own.left_out()
        left_out = mean + std * rng.standard_normal((N_DRAWS, len(mean)))
        self.weights = ranking_weights(np.array([*losses, ranking_losses(left_out, own.y_, own.y_)]))
        self.info = {"weights": self.weights.round(3).tolist()}

    def posterior(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation at points that need no check: two arrays of shape (m,)."""
        mean, std = np.swapaxes([model.posterior(X) for model in self.models], 0, 1)  # (n_models, m) each
        return self.weights @ mean, np.sqrt(self.weights**2 @ std**2)


def ranking_losses(drawn: np.ndarray, y: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
    """Return how many of the n^2 ordered pairs each draw puts in the wrong order: shape (n_draws,), integers.

    Parameters
    ----------
    drawn : ndarray of shape (n_draws, n), the losses of today's n trials as a model draws them
    y : ndarray of shape (n,), the losses that these trials have returned
    others : ndarray of shape (n,), optional, what each drawn loss is compared with, instead of the other drawn ones
    """
    drawn = np.round(drawn, DECIMALS)
    right = drawn[:, None, :] if others is None else np.round(others, DECIMALS)
    wrong = (drawn[:, :, None] < right) ^ (y[:, None] < y)  # (n_draws, n, n)
    return (wrong & ~np.eye(len(y), dtype=bool)).sum(axis=(1, 2))


def ranking_weights(losses: np.ndarray) -> np.ndarray:
    """Return the weight of each model, shape (n_models,), from its ranking losses, shape (n_models, n_draws).

    The last model is of this study; its median is below its own 95th percentile, so that it is never dropped.

    >>> ranking_weights(np.array([[0, 1, 2, 3], [9, 9, 9, 0], [4, 1, 2, 2]])).tolist()
    [0.5, 0.0, 0.5]
    """
    kept = np.median(losses, axis=1) <= np.percentile(losses[-1], PERCENTILE)
    lowest = kept[:, None] & (losses == losses[kept].min(axis=0))
    return (lowest / lowest.sum(axis=0)).mean(axis=1)
