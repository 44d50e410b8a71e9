# A grid of wells along the village road and away from it: how high is the best water that each grid finds?
from itertools import product

import numpy as np

k = 3  # values of each


def water(x):
    """Return the meters down to the water at km x of the road."""
    return 26 + 2.5 * np.sin(1.1 * x) - 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)) - 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))


def depth(x, y):
    return water(x) + 1.2 * (y - 1.7) ** 2


for values in (k, k + 1):
    wells = list(product(np.linspace(0, 10, values), np.linspace(0, 4, values)))
    print(f"{len(wells)} wells: the best has water at {min(depth(*well) for well in wells):.2f} m")
