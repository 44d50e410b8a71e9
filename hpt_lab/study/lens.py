"""A lens: a study with several objectives, or with constraints, as a strategy for a single loss can look at it.

    in_order(history)           each loss is the trial's place among all: by front, then the one that adds most volume
    seen(history, losses)       the losses are whatever you compute from `history.losses`: a weighted sum, say
    of_objective(history, i)    the losses are those of one objective

The history that comes out has one objective, to be minimized, and no constraints; everything else is as it was. Chapter 5.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from hpt_lab.study.history import History
from hpt_lab.study.log import Derived
from hpt_lab.study.trial import Trial, replace_unchecked
from hpt_lab.values.frozen import FrozenDict


def seen(history: History, losses: Sequence[float] | np.ndarray) -> History:
    """Return the history with these losses, one for each complete trial, in the order of `history.finished`."""
    plain = {"objectives": (), "constraints": FrozenDict(), "expected": None}

    def trials() -> Iterator[Trial]:
        left = iter(np.asarray(losses, float).tolist())
        for trial in history.trials:
            value = next(left) if trial.state == "complete" else None
            yield replace_unchecked(trial, value=value, **plain)

    return History.of(history.space, Derived(history, trials), history.seed, "minimize", history.start)


def in_order(history: History) -> History:
    """Return the history in which the best trial has loss 0, the next 1, and so on; itself with one objective alone.

    Its order is that of `History.ranked`, with one exception: with several objectives and constraints, once a trial is
    feasible, every third place is for one that is not, so that a search does not stay in the first feasible region that it
    finds. Among these, the violation counts as one more objective. Only the order has a meaning, not the distances.
    """
    several = history.directions.several
    if not several and not history.constrained:
        return history
    from hpt_lab.study.front import best_first  # no search with one objective needs it

    order, violations = history.order, np.array([trial.violation for trial in history.finished])
    bad = violations > 0
    if several and bad.any() and not bad.all():
        excess = np.log1p(violations / np.median(violations[bad]))
        others = best_first(np.column_stack([history.losses, excess]), np.zeros(len(bad)))
        feasible, others = order[~bad[order]], others[bad[others]]
        places = np.append(1.5 * np.arange(len(feasible)), 3 * np.arange(len(others)) + 2.5)
        order = np.append(feasible, others)[np.argsort(places)]
    return seen(history, np.argsort(order))


def of_objective(history: History, objective: int) -> History:
    """Return the history with the losses of one of several objectives alone, without the constraints."""
    return seen(history, history.losses[:, objective])
