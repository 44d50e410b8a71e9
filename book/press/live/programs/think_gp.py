# The five lines of the figure, as a program: change the acquisition, the kernel, or the road, and run it again.
import numpy as np

from hpt_lab import plots
from hpt_lab.surrogates import GaussianProcess, expected_improvement

tried = "16-40-72-116-188"  # where the first holes are
kernel = "matern52"
lengthscale = 1  # km
noise = 0.2  # m
xi = 0  # m


def depth(x):
    east = 13 * np.exp(-(((x - 7.6) / 0.75) ** 2))
    west = 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
    return 26 + 2.5 * np.sin(1.1 * x) - east - west


def believe(X, losses):
    gp = GaussianProcess(kernel, lengthscale, 25.0, noise**2, optimize=False)
    return gp.fit(X[:, None], losses - 24)


def acquisition(mean, std, best):
    return expected_improvement(mean, std, best, xi)


road = np.linspace(0, 10, 201)  # every 50 m
trials = [(x, depth(x)) for x in road[[int(hole) for hole in tried.split("-")]]]
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
