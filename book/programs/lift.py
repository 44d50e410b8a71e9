# One report moves: what does a smooth model make of it?
import numpy as np

from hpt_lab.surrogates import GaussianProcess

at = 6.9  # the report that moves, in km
by = 0.0  # by so many meters


def water(x):
    """Return the meters down to the water at km x of the road."""
    return 26 + 2.5 * np.sin(1.1 * x) - 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)) - 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))


reports, road = np.array([5.3, 6.1, 6.9, 7.7, 8.5, 9.3]), np.linspace(5, 10, 501)
for moved in (0, by):
    depths = water(reports) + moved * (reports == at)
    gp = GaussianProcess("matern52", 1.0, 1.0, 0.16, optimize=False).fit(reports[:, None], (depths - 24) / 5)
    mean = 24 + 5 * gp.predict(road[:, None])[0]
    print(f"report moved by {moved} m: dig at km {road[mean.argmin()]:.2f}, depth {mean.min():.2f} m")
