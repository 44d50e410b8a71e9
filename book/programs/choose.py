# A round of the game in code: ten nights on the support vector machine's table, for three strategies, and for you.
import numpy as np

import hpt_lab as hpt
from hpt_lab import problems

nights = 10
yours = [{"C": 1, "gamma": 0.01}, {"C": 10, "gamma": 0.001}]  # where would you train? Up to ten of them

problem = problems.svm_digits()
places = {name: np.array(dimension.values()) for name, dimension in problem.space.dimensions.items()}
nearest = [{name: float(v[abs(np.log(v / p[name])).argmin()]) for name, v in places.items()} for p in yours[:nights]]
print(f"you: {min(100 * problem(params) for params in nearest):.2f}% in {len(nearest)} nights")
for strategy in (hpt.RandomSearch(), hpt.TPE(), hpt.BayesianOptimization()):
    found = [
        hpt.tune(problem, problem.space, strategy, nights, seed=seed, progress=False).best_value for seed in range(15)
    ]
    print(f"{type(strategy).__name__}: {100 * np.median(found):.2f}%, the median of 15 searches")
print(f"the optimum: {100 * problem.optimum_at(0):.2f}%")
