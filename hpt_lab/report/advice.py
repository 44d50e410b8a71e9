"""Advice for the next search. `tests/benchmarks/bench_advice.py` measures how often it is false, and how often it is given."""

from collections.abc import Sequence
from math import comb

import numpy as np

from hpt_lab.study import Study

BEST, ZONE, NEAR = 5, 0.1, 0.02  # trials that must agree; of a range, the zone at its end, and the very end
FEW, LUCK, SURE = 8, 0.1, 2.4  # of fewer trials, nothing; luck at all ends together; t, by luck in 1 case of 100
LATE, GAIN = 0.75, 0.2  # of the trials, where the last ones begin; of the gain of the whole search


def pressed(study: Study) -> dict[str, str]:
    """Return the ends where the best trials lie, "lower" or "upper" by name: falsely in 1 to 5 % of searches.

    The zone is the outer tenth of an ordered range, or its last value of three or more. The best trial must lie in it and,
    where few trials do, more of the best five than luck puts there (hypergeometric). Where the search has gathered, all
    five, the best at the very end, and the rank of the loss must grow with the distance, the trend over time taken out.
    Worst is Bayesian optimization that noise, or a local optimum, has stuck at an end: up to 3 of 10 on one problem.
    """
    ends, ranked = {}, study.history.ranked
    ordered = {name: each for name, each in study.space.dimensions.items() if each.has_order and each.size > 2}
    for name, dimension in ordered.items():
        trials = [trial for trial in ranked if trial.budget == ranked[0].budget and name in trial.params]
        places, n = np.array([dimension.encode(trial.params[name]) for trial in trials]), len(trials)
        for end, u in (("lower", 0.0), ("upper", 1.0)):
            distance = np.abs(places - dimension.encode(dimension.decode(u)))
            zone = distance < ZONE - 1e-9
            size, of_best = int(zone.sum()), int(zone[:BEST].sum())
            if n < FEW or not zone[0] or size == n:
                continue
            if size <= 2 * max(ZONE, 1 / dimension.size) * n:
                ways = sum(comb(size, k) * comb(n - size, BEST - k) for k in range(of_best, BEST + 1))
                agree = ways / comb(n, BEST) * 2 * len(ordered) < LUCK
            else:
                ranks = [np.unique(each, return_inverse=True)[1] for each in (distance, range(n))]
                a = np.linalg.pinv(np.corrcoef([*ranks, [trial.number for trial in trials]]))  # partial correlations
                grows = a[0, 1] < 0 and a[0, 1] ** 2 * (n - 3) > SURE**2 * (a[0, 0] * a[1, 1] - a[0, 1] ** 2)
                agree = of_best == BEST and distance[0] <= NEAR and grows
            if agree:
                ends[name] = end
    return ends


def improving(losses: Sequence[float]) -> bool:
    """Return True if losses, in the order of the search, still fell: 1 % of finished searches do.

    Two of the last quarter are below all before, the best by a fifth of what it lies below the median of the first half.
    So it is also silent in many that are not done: after TPE in 6 of 10, after random search nearly always.
    """
    start = int(LATE * len(losses))
    if len(losses) < FEW:
        return False
    before, (best, second) = min(losses[:start]), sorted(losses[start:])[:2]
    return second < before and before - best >= GAIN * (float(np.median(losses[: (len(losses) + 1) // 2])) - best)
