# Lines that copy each other: eight runs of a noisy quadratic; every few epochs, the two worst go on from copies of the two best.
import numpy as np

every = 0  # epochs from one copy to the next; 0: never

curvature = np.array([1, 0.03])
rate = 0.002 * 10 ** (np.arange(8) * 2.7 / 7)
w2 = np.full((8, 2), 20.0)  # the mean of w^2, in each direction
for epoch in range(1, 28):
    for _ in range(20):
        w2 = (1 - rate[:, None] * curvature) ** 2 * w2 + rate[:, None] ** 2 * curvature
    loss = (w2 * curvature).sum(axis=1) / 2
    if every and epoch % every == 0 and epoch < 27:
        order = np.argsort(loss, kind="stable")
        for k in (0, 1):
            best, worst = order[k], order[-1 - k]
            w2[worst] = w2[best]
            rate[worst] = rate[best] * (0.5 if (epoch // every + k) % 2 else 1.5)
print(f"best loss {loss.min():.4f}, with the rate {rate[loss.argmin()]:.4f}")
