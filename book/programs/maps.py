# An old map under today's wells: how much does a search believe of it?
import numpy as np

from hpt_lab.surrogates import GaussianProcess
from hpt_lab.surrogates.prior import RankingEnsemble

study = "month"  # last month's map; "other": another village's
n = 2  # wells today


def water(x):
    """Return the meters down to the water at km x of the road."""
    return 26 + 2.5 * np.sin(1.1 * x) - 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)) - 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))


def model(f, x):
    y = f(x)
    gp = GaussianProcess("matern52", 1.2, 1.0, 1e-4, optimize=False)
    return gp.fit(x[:, None], (y - y.mean()) / y.std())


earlier = {"month": lambda x: 7 + 0.7 * water(x - 0.2), "other": lambda x: water(10 - x)}[study]
today = np.array([4.4, 8.2, 1.2, 6, 2.8, 9.4, 0.3, 7.5, 5.2])[:n]
ensemble = RankingEnsemble([model(earlier, 0.4 + 0.84 * np.arange(12))], model(water, today), np.random.default_rng(0))
print(f"weight of the map: {ensemble.weights[0]:.2f}, of today's wells: {ensemble.weights[1]:.2f}")
