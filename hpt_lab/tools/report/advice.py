"""Advice for the next search. `tests/benchmarks/bench_advice.py` measures how often it is given, and how often falsely."""

from collections.abc import Sequence
from math import comb

import numpy as np

from hpt_lab.study import Study

BEST, ZONE, NEAR = 5, 0.1, 0.02  # trials that must agree; shares of a range: the zone at its end, and the very end
FEW, LUCK, SURE = 8, 0.1, 2.4  # too few trials to say anything; luck at all ends together; t, by luck in 1 case in 100
LATE, GAIN = 0.75, 0.2  # the share of the trials before the last ones; the share of the whole search's gain


def pressed(study: Study) -> dict[str, str]:
    """Return the end of each range at which the best trials lie, "lower" or "upper", by name; false in 1 to 5 % of searches.

    The zone is the outer tenth of an ordered range, or its last value of three or more. The best trial must be in it. If few
    trials are, more of the best five must be there than by luck (hypergeometric). If the search has gathered there, all five
    must be, with the best at the very end, and the rank of the loss must grow with the distance, after removing the trend
    over time. The worst case is Bayesian optimization stuck at an end by noise or a local optimum: 3 of 10 on one problem.
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
            if n < FEW or trials[0] is not ranked[0] or not zone[0] or size == n:
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
    """Return True if losses, in the order of the search, were still falling, as they are in 1 % of finished searches.

    Two of the last quarter must be below all before, the best by a fifth of its distance to the median of the first half.
    So it also stays silent in many unfinished searches: after TPE in 6 of 10, after random search nearly always.
    """
    start = int(LATE * len(losses))
    if len(losses) < FEW:
        return False
    before, (best, second) = min(losses[:start]), sorted(losses[start:])[:2]
    return second < before and before - best >= GAIN * (float(np.median(losses[: (len(losses) + 1) // 2])) - best)
