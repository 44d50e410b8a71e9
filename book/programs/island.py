# The best network within a limit: which widths keep within it, and which of them makes the fewest errors?
import numpy as np

limit = 45  # milliseconds

width = np.linspace(0, 1, 201)
loss = 4 + 9 * np.exp(-3 * width) + 0.5 * np.cos(9 * width)
milliseconds = 10 + 40 * width + 9 * np.sin(14 * width)
fits = milliseconds <= limit
best = np.where(fits, loss, np.inf).argmin()
islands = int(fits[0]) + int((fits[1:] & ~fits[:-1]).sum())
print(f"islands: {islands}; best width {width[best]:.3f}: {milliseconds[best]:.1f} ms, error {loss[best]:.2f}%")
