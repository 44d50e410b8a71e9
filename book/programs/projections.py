# Grid, random, Sobol: the values that each axis sees, and the error of the best trial, here and over many places of the best point.
import numpy as np
from scipy.stats import qmc

n = 9
wx = 1
wy = 0.03
bx = 0.29
by = 0.6

side = round(n**0.5)


def lattice(values):
    return np.array([(x, y) for x in values for y in values])


def error(points, best):
    return (wx * (points[:, 0] - best[0]) ** 2 + wy * (points[:, 1] - best[1]) ** 2).min()


rng = np.random.default_rng(0)
ways = {
    "grid (ends)": lambda: lattice(np.linspace(0, 1, side)),
    "grid (centered)": lambda: lattice((np.arange(side) + 0.5) / side),
    "random": lambda: rng.random((n, 2)),
    "Sobol": lambda: qmc.Sobol(2, seed=rng).random(64)[:n],
}
for name, draw in ways.items():
    points = draw()
    mean = np.mean([error(draw(), best) for best in rng.random((1000, 2))])
    print(
        f"{name:16} {len(np.unique(points[:, 0])):2} values of x, error {1000 * error(points, (bx, by)):.2f}, mean {1000 * mean:.2f} (thousandths)"
    )
