# Conditioning: A is held, and B follows. Depths vary by 5 m around 24 m, and places that are near each other have similar depths.
import numpy as np

from hpt_lab.surrogates import GaussianProcess

xa = 4
a = 6  # metres above the mean
xb = 5.2
kernel = "rbf"
lengthscale = 1

gp = GaussianProcess(kernel, lengthscale, 5.0**2, 1e-6, optimize=False)
(mean,), (std,) = gp.fit(np.array([[xa]]), np.array([a])).predict(np.array([[xb]]))
(more,), _ = gp.fit(np.array([[xa]]), np.array([a + 1])).predict(np.array([[xb]]))
print(f"B moves {more - mean:.0%} as much as A. Our estimate of B: {24 - mean:.1f} ± {std:.1f} m")
