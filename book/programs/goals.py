# Two goals on the village road: a well shall be near the village, and its water shall be high. Which wells are on the front?
import numpy as np

from hpt_lab.analysis import hypervolume, non_dominated

tried = "20-50-70-150"  # the wells: one for each number, which is 20 times the km


def water(x):
    """Return the meters down to the water at km x of the road."""
    return 26 + 2.5 * np.sin(1.1 * x) - 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)) - 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))


def goals(km):
    return np.stack([abs(km - 4), water(km)], axis=1)


wells, road = np.array(str(tried).split("-"), dtype=float) / 20, np.arange(201) / 20
on = non_dominated(goals(wells))
share = hypervolume(goals(wells), [6, 36]) / hypervolume(goals(road), [6, 36])
print(f"on the front: {sorted(wells[on].tolist())}; {share:.1%} of the largest area")
