# The winner's curse: n candidates, measured on some rows; what the winner promises, and what it is worth. All errors in per cent.
import numpy as np

n = 10
rows = 400
spread = 0

noise = 40 / np.sqrt(rows)  # the standard error of an error rate of 20%
rng = np.random.default_rng(0)
truth = 20 + spread * rng.standard_normal((10_000, n))
promise = truth + noise * rng.standard_normal(truth.shape)
winner = promise.argmin(axis=1)[:, None]
for name, values in (("promise", promise), ("truth", truth)):
    of_winner = np.take_along_axis(values, winner, axis=1)
    print(f"{name} of the best of {n}: {of_winner.mean():.2f}% on average, s.d. {of_winner.std():.2f}")
