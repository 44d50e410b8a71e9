# Runs that stop: all of 27 networks but the best few stop after some epochs. What does that cost, and what is left?
import numpy as np

from hpt_lab import problems

at = 18  # the epoch after which they stop
keep = 9  # runs that go on

problem = problems.mlp_mnist()
runs = np.stack([problem.values(seed=0, budget=int(epochs)).ravel() for epochs in problem.budgets], axis=1)
runs = runs[np.random.default_rng(0).permutation(len(runs))[:27]].round(4)
best = runs[np.argsort(runs[:, at - 1], kind="stable")[:keep], -1].min()
print(f"{27 * at + keep * (27 - at)} of {27 * 27} epochs: {best:.4f}; the best of all: {runs[:, -1].min():.4f}")
