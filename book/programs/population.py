# A population on Branin's function, from twenty starts: change its size, the mutation, or the problem.
import numpy as np

import hpt_lab as hpt
from hpt_lab import problems

size = 20

problem = problems.branin()


def regret(strategy, seed, n_trials=200):
    study = hpt.tune(problem, problem.space, strategy, n_trials, seed=seed, progress=False)
    return study.best_value - problem.optimum


evolution = [regret(hpt.GeneticAlgorithm(population_size=size), seed) for seed in range(20)]
random = [regret(hpt.RandomSearch(), seed) for seed in range(20)]
print(f"median regret after 200 trials: evolution {np.median(evolution):.4f}, random search {np.median(random):.2f}")
print(f"evolution is ahead from {np.sum(np.less(evolution, random))} of 20 starts")
