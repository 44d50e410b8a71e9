# "Stop, or train on?" in code: what you, two stopping rules, and no rule make of the same runs and the same epochs.
import numpy as np

import hpt_lab as hpt
from hpt_lab import problems

game = 1
stops = ""  # the epochs of the runs that you have ended, such as "27-5-3"
at = 3  # and of the one after them

problem = problems.mlp_mnist()
curves = np.stack([problem.values(seed=0, budget=int(b)).ravel() for b in problem.budgets], axis=1).round(4)
curves = curves[np.random.default_rng(0).permutation(len(curves))[:60]]
runs = curves[np.random.default_rng(game).permutation(60)].tolist()
yours = [*(int(n) for n in str(stops).split("-") if n), at]


def play(stop):
    whole, left, begun = runs[:1], 81, 1
    while left:
        n = min(3, left)
        while n < min(27, left) and not stop(begun, runs[begun][:n], whole):
            n += 1
        whole, left, begun = whole + [runs[begun]] * (n == 27), left - n, begun + 1
    return f"{min(run[-1] for run in whole):.4f} is the best last error, after {begun} runs"


print("you, and then never:", play(lambda i, losses, whole: i <= len(yours) and len(losses) >= yours[i - 1]))
for rule in (hpt.ForecastStopping(), hpt.MedianStopping(3, 1)):
    print(f"{type(rule).__name__}:", play(lambda i, losses, whole, rule=rule: rule.stop(losses, whole)))
print("no rule:", play(lambda i, losses, whole: False))
