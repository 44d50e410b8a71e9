"""The best of a study: one trial or, with several objectives, the front. Properties of `Study`. Chapters 1 and 5."""

from typing import Any

from hpt_lab.space import Params
from hpt_lab.study.directions import Directions
from hpt_lab.study.history import Levels
from hpt_lab.study.trial import Trial
from hpt_lab.values.frozen import fresh


def best(study: Any) -> Trial:
    """The incumbent: the best trial at the highest budget reached, among the feasible ones if there are constraints.

    Raises ValueError if no trial is complete, or none is feasible; with several objectives, see `front`.
    """
    history = study.history
    if isinstance(history.direction, Directions):
        which = (
            f"none of the {len(history.trials)} trials is the best in each of the {len(history.direction)} objectives"
        )
        raise ValueError(f"best: {which}; see front for those that no other dominates")
    if history.incumbent is not None:
        return history.incumbent
    if not history.finished:
        raise ValueError(f"best: none of the {len(history.trials)} trials is complete yet")
    least = history.ranked[0]
    above = ", ".join(f"{name}={value:.6g}" for name, value in least.constraints.items() if value > 0)
    closest = f"trial {least.number} comes closest, with {above}, which must be at most 0"
    raise ValueError(f"best: none of the {len(history.finished)} complete trials is feasible; {closest}")


def best_params(study: Any) -> Params:
    """The hyperparameters of the best trial, as a copy that may be changed."""
    return fresh(study.best.params)


def best_value(study: Any) -> float:
    """The value of the best trial, as reported."""
    return study.best.value


def best_by_budget(study: Any) -> dict[float, Trial]:
    """The best feasible trial at each budget, from the lowest budget up; empty for a search without budgets."""
    best = study.history.index(Levels).best if not isinstance(study.history.direction, Directions) else {}
    return {budget: trial for budget, trial in sorted(best.items()) if budget and trial.feasible}


def front(study: Any) -> list[Trial]:
    """The complete feasible trials that no other dominates, in the order of their numbers; [] before the first.

    Of trials with equal values, it has the earliest. With one objective, it is the best trial alone.
    """
    return list(study.history.front)
