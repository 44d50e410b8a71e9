"""Random search with a memory: now and then a draw from anywhere, otherwise the best trial with some values drawn anew."""

import numpy as np

from hpt_lab import Suggestion


def suggest(history):
    space, rng = history.space, history.rng
    anywhere = rng.random(len(space))
    if history.incumbent is None or rng.random() < 0.3:
        return Suggestion(space.decode(anywhere))
    best = space.encode(history.incumbent.params)
    kept = rng.random(len(space)) < 0.6
    return Suggestion(space.decode(np.where(kept, best, anywhere)))
