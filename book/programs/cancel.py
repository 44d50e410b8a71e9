# Two models whose errors cancel, or not: what the best mixture of them gains.
import numpy as np

rho = 0.9  # correlation of the errors
worse = 1.5  # error of the second model; the first has 1

covariance = np.array([[1, rho * worse], [rho * worse, worse**2]])
shares = np.linspace(0, 1, 1001)
mixtures = np.stack([1 - shares, shares], axis=1)
errors = np.sqrt(np.maximum(((mixtures @ covariance) * mixtures).sum(axis=1), 0))
print(f"share of the second model: {shares[errors.argmin()]:.2f}, error of the mixture: {errors.min():.3f}")
