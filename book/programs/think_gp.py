# The five lines of the figure, as a program: change the acquisition, the kernel, or the road, and run it again.
import numpy as np

from hpt_lab import plots
from hpt_lab.surrogates import GaussianProcess, expected_improvement

tried = "16-40-72-116-188"  # where the first holes are
kernel = "matern52"
lengthscale = 1  # km
learn = 0  # 1: learn the lengthscale from the trials
noise = 0.2  # m
xi = 0  # m

LENGTHSCALES = [float(f"{length:.2g}") for length in np.geomspace(0.1, 10, 61)]


def depth(x):
    east = 13 * np.exp(-(((x - 7.6) / 0.75) ** 2))
    west = 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
    return 26 + 2.5 * np.sin(1.1 * x) - east - west


def believe(X, losses):
    center, unit = (losses.mean(), losses.std()) if learn else (24, 5)  # of the losses, or from an old survey
    models = [
        GaussianProcess(kernel, length, 1.0, (noise / unit) ** 2, optimize=False).fit(X, (losses - center) / unit)
        for length in (LENGTHSCALES if learn else [lengthscale])
    ]
    worth = [gp.log_marginal_likelihood - (np.log(gp.lengthscale / 6) / 1.5) ** 2 / 2 for gp in models]
    mean, std = models[np.argmax(worth)].predict(np.concatenate([road, X]))
    return center + unit * mean, unit * std


def acquisition(mean, std, best):
    return expected_improvement(mean, std, best, xi)


road = np.linspace(0, 10, 201)[:, None]  # every 50 m
holes = [int(hole) for hole in tried.split("-")]
for step in range(8):
    X, losses = road[holes], depth(road[holes, 0])
    mean, std = believe(X, losses)
    values = acquisition(mean[:201], std[:201], mean[201:].min()).round(9)
    values[holes] = -np.inf
    holes.append(int(values.argmax()))
    print(f"step {step + 1}: km {road[holes[-1], 0]:5.2f}, {depth(road[holes[-1], 0]):5.1f} m")

plots.use_style()
ax = plots.surrogate(road[:, 0], mean[:201], std[:201], trials=(X[:, 0], losses), truth=depth(road[:, 0]))
_ = ax.set(ylim=(34, 11), xlabel="km along the road", ylabel="depth below ground (m)")
