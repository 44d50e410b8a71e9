# The evidence of each lengthscale, after the holes of the figure: change the kernel, the noise, or the holes.
import numpy as np

from hpt_lab.surrogates import GaussianProcess

tried = "8-25-41-58-75-92-108-125-142-159-175-192"  # one for each 50 m of the road
kernel = "matern52"
noise = 0.2  # metres


def depth(x):
    east = 13 * np.exp(-(((x - 7.6) / 0.75) ** 2))
    west = 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
    return 26 + 2.5 * np.sin(1.1 * x) - east - west


X = np.array([int(hole) / 20 for hole in tried.split("-")])[:, None]
for lengthscale in (0.2, 0.3, 0.5, 0.8, 1.2, 2, 3, 5):
    gp = GaussianProcess(kernel, lengthscale, 25.0, noise**2, optimize=False).fit(X, depth(X[:, 0]) - 24)
    print(f"lengthscale {lengthscale} km: log evidence {gp.log_marginal_likelihood:6.1f}")
