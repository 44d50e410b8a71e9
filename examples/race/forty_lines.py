"""Lesson 6.1's third attempt: a Gaussian process at its barest, on the ranks of the losses."""

import numpy as np
from scipy.spatial.distance import cdist

from hpt_lab.strategies.candidates import first_untried, start


class Model:
    def __init__(self, kappa=1.0):
        self.kappa = kappa

    def suggest(self, history):
        if len(history.finished) < 8:
            return first_untried(history, start(history))
        space, rng = history.space, history.rng
        ranked = [space.encode(t.params) for t in history.ranked]
        x = space.settle(np.array(ranked))
        y = np.linspace(-1, 1, len(x))
        points = space.settle(
            np.vstack(
                [
                    rng.random((250, len(space))),
                    near(x[:4], rng),
                ]
            )
        )
        K, k = kernel(x, x), kernel(points, x)
        weights = np.linalg.solve(K + 1e-3 * np.eye(len(x)), k.T).T
        mean = weights @ y
        variance = (1 - (k * weights).sum(axis=1)).clip(0)
        bound = mean - self.kappa * np.sqrt(variance)
        order = np.argsort(bound.round(6), kind="stable")
        return first_untried(history, points[order])


def kernel(a, b):
    d2 = cdist(a, b, "sqeuclidean") / a.shape[1]
    return np.exp(-d2 / (2 * 0.2**2))


def near(best, rng, n=250):
    points = best[rng.integers(len(best), size=n)]
    steps = 10 ** rng.uniform(-2, -0.3, size=(n, 1))
    steps = steps * rng.normal(size=points.shape)
    moved = rng.random(points.shape) < 0.3
    return (points + moved * steps).clip(0, 1)


ours = Model(kappa=0.5)
