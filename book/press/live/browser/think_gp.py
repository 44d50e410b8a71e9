# The five lines of the figure, as a program: change the acquisition, the kernel, or the road, and run it again.
import numpy as np

from hpt_lab import plots
from hpt_lab.surrogates import GaussianProcess, expected_improvement


def depth(x):
    east = 13 * np.exp(-(((x - 7.6) / 0.75) ** 2))
    west = 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
    return 26 + 2.5 * np.sin(1.1 * x) - east - west


def believe(X, losses):
    gp = GaussianProcess("matern52", 1.0, 25.0, 0.04, optimize=False)
    return gp.fit(X[:, None], losses - 24)


def acquisition(mean, std, best):
    return expected_improvement(mean, std, best)


road = np.linspace(0, 10, 201)
trials = [(x, depth(x)) for x in (0.8, 2.0, 3.6, 5.8, 9.4)]
for step in range(8):
    X, losses = np.array(trials).T
    gp = believe(X, losses)
    mean, std = gp.predict(road[:, None])
    values = acquisition(mean, std, losses.min() - 24)
    x = road[values.argmax()]
    trials.append((x, depth(x)))
    print(f"step {step + 1}: km {x:5.2f}, {depth(x):5.1f} m")

plots.use_style()
ax = plots.surrogate(road, mean + 24, std, trials=(X, losses), truth=depth(road))
_ = ax.set(ylim=(34, 11), xlabel="km along the road", ylabel="depth below ground (m)")
