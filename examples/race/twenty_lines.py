"""Lesson 6.1's second attempt: a Sobol start, then steps from the best trial, shorter and shorter."""

from hpt_lab.strategies.candidates import first_untried, start


class Climb:
    def suggest(self, history):
        space, rng = history.space, history.rng
        n = len(history.trials)
        if n < 8 or not history.finished:
            return first_untried(history, start(history))
        best = space.encode(history.incumbent.params)
        steps = rng.normal(size=(50, len(best)))
        moved = rng.random(steps.shape) < 0.3
        points = best + 0.3 * 0.93 ** (n - 8) * moved * steps
        return first_untried(history, points.clip(0, 1))
