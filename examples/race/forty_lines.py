"""A small model: weighted neighbours predict the loss of a thousand candidates, and distance says where little is known.

    prediction(x) = sum_i w_i(x) y_i / sum_i w_i(x)        w_i(x) = exp(-|x - x_i|^2 / (2 h^2))
    uncertainty(x) = exp(-2 max_i w_i(x))

y_i are the ranks of the losses, from 0 (the best) to 1. The next trial has the lowest prediction minus some uncertainty.
"""

import numpy as np

from hpt_lab.strategies.untried import first_untried, start

N_INITIAL, N_ANYWHERE, N_NEAR, BOLDNESS = 8, 500, 500, 0.2


class Neighbours:
    def suggest(self, history):
        if len(history.finished) < N_INITIAL:
            return first_untried(history, start(history))
        space, rng = history.space, history.rng
        x = space.settle(np.array([space.encode(trial.params) for trial in history.ranked]))  # (n_trials, n_dims)
        y = np.linspace(0, 1, len(x))  # the trials are ranked
        candidates = space.settle(np.vstack([rng.random((N_ANYWHERE, len(space))), self.near(space, x[:4], rng)]))
        worth = self.prediction(candidates, x, y) - BOLDNESS * self.uncertainty(candidates, x)
        order = np.argsort(np.round(worth, 6), kind="stable")
        return first_untried(history, candidates[order])

    def near(self, space, best, rng):
        """Candidates that differ from one of the best in a few dimensions."""
        points = best[rng.integers(len(best), size=N_NEAR)].copy()
        moved = rng.random(points.shape) < max(0.3, 1 / len(space))
        steps = rng.normal(size=points.shape) * np.exp(rng.uniform(np.log(0.01), np.log(0.3), size=(N_NEAR, 1)))
        return np.clip(np.where(moved, points + steps, points), 0, 1)

    def weights(self, points, x):
        distances = ((points[:, None, :] - x[None, :, :]) ** 2).mean(axis=2)  # (n_points, n_trials)
        return np.exp(-distances / (2 * 0.04**2))

    def prediction(self, points, x, y):
        w = self.weights(points, x) + 1e-9
        return (w @ y) / w.sum(axis=1)

    def uncertainty(self, points, x):
        return 1 - self.weights(points, x).max(axis=1)
