"""Local search: a quasi-random start, then steps from one of the three best trials, shorter and shorter, to what is new."""

import numpy as np

from hpt_lab import Suggestion
from hpt_lab.strategies.untried import Tried, first_untried, start


class LocalSearch:
    def suggest(self, history):
        space, rng, n = history.space, history.rng, len(history.trials)
        if n < 8 or not history.finished:
            return first_untried(history, start(history))
        tried, step = history.index(Tried), 0.3 * 0.93 ** (n - 8)
        for _ in range(50):
            best = history.ranked[int(rng.integers(min(3, len(history.ranked))))]
            u, moved = space.encode(best.params), rng.random(len(space)) < max(0.4, 1 / len(space))
            for j, dimension in enumerate(space.dimensions.values()):
                if moved[j]:
                    u[j] = dimension.neighbour(u[j], max(step, 1 / dimension.size), rng)
            params = space.decode(np.round(u, 9))
            if params not in tried:
                return Suggestion(params)
        return first_untried(history, [])
