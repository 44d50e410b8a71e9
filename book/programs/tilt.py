# A surface that one can tilt: which share of its variance does each hyperparameter explain?
import numpy as np

a = 1.0  # slope along x
b = 0.5  # slope along y
c = 0.0  # twist

u = np.linspace(-0.5, 0.5, 15)
losses = a * u[:, None] + b * u + 2 * c * u[:, None] * u
x, y = (losses.mean(axis=axis).var() / losses.var() for axis in (1, 0))
print(f"x alone: {x:.3f}, y alone: {y:.3f}, both together: {1 - x - y:.3f}")
