"""The sentences of a report: what the search found, and what should be looked at before anybody relies on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hpt_lab.display import shown
from hpt_lab.study import Study, Trial

__all__ = ["at_an_end", "duration", "summary"]

NEAR = 0.02  # of a range: this near to its end, the best value may lie beyond
NONE = "No trial is complete yet."
FEW = 8  # complete trials: of fewer, nothing is said of the last ones
LATE = 0.75  # of the trials are done when the last ones begin


def summary(study: Study) -> list[str]:
    """What was searched, what was found, and what to look at: a few sentences, the most important first."""
    history = study.history
    if not history.trials:
        return [_searched(study), NONE]
    sentences = [f"{_searched(study)} {_counted(study)}"]
    if history.incumbent is None:
        return [*sentences, NONE]
    sentences += [_found(study), *_ends(study), _lately(study), _lower_budgets(study), _failures(study)]
    return [sentence for sentence in sentences if sentence]


def _searched(study: Study) -> str:
    n, aim = len(study.space), "lowest" if study.direction == "minimize" else "highest"
    who = getattr(study.strategy, "was", None) or type(study.strategy).__name__
    names = "1 hyperparameter" if n == 1 else f"{n} hyperparameters"
    return f"{shown(str(who).partition('(')[0])} searched {names} for the {aim} value."


def _counted(study: Study) -> str:
    history = study.history
    parts = [(len(history.finished), "complete"), (len(history.failed), "failed"), (history.n_running, "running")]
    counts = ", ".join(f"{n} {what}" for n, what in parts if n)
    trials = list(history.trials)
    first = datetime.fromtimestamp(trials[0].started, UTC).strftime("%Y-%m-%d %H:%M UTC")
    seconds = sum(trial.seconds or 0.0 for trial in trials)
    n = "1 trial" if len(trials) == 1 else f"{len(trials)} trials"
    return f"{n}: {counts}; from {first} on, {duration(seconds)} of training in all."


def _found(study: Study) -> str:
    best, history = study.best, study.history
    at = "" if best.budget is None else f" at budget {shown(best.budget)}, the highest reached"
    told = f"The best value is {shown(best.value)} (trial {best.number}){at}."
    first = next(trial for trial in history.finished if trial.budget == best.budget)
    if first.number == best.number:
        return f"{told} No later trial was better."
    return f"{told} The first complete trial had {shown(first.value)}{_change(first, best)}."


def _change(first: Trial, best: Trial) -> str:
    """How much better than the first, in per cent where that makes sense."""
    before, after = first.value or 0.0, best.value or 0.0
    if before * after <= 0.0 or before == after:
        return ""
    share = abs(after / before - 1.0)
    return f": the best is {share:.0%} {'higher' if abs(after) > abs(before) else 'lower'}" if before > 0 else ""


def at_an_end(study: Study, name: str) -> str | None:
    """Whether the best trial has this hyperparameter at the "lower" or "upper" end of its range."""
    dimension: Any = study.space[name]
    params = study.best.params
    if name not in params or not dimension.has_order or dimension.size <= 2:
        return None
    u = dimension.encode(params[name])
    for end, which in ((0.0, "lower"), (1.0, "upper")):
        if params[name] == dimension.decode(end) or abs(u - end) <= NEAR:
            return which
    return None


def _ends(study: Study) -> list[str]:
    ends = [(name, at_an_end(study, name)) for name in study.space]
    return [
        f"{shown(name)} = {shown(study.best.params[name])} is at the {end} end of its range: better values may lie beyond. "
        "Widen the range if it can be."
        for name, end in ends
        if end is not None
    ]


def _lately(study: Study) -> str:
    """Whether the search still improved at its end."""
    history, best = study.history, study.best
    finished = [trial for trial in history.finished if trial.budget == best.budget]
    if len(finished) < FEW:
        return ""
    place = next(i for i, trial in enumerate(finished) if trial.number == best.number)
    start = int(LATE * len(finished))
    if place < start:
        after = len(finished) - 1 - place
        return f"The last {after} complete trials brought nothing better."
    before = min(finished[:start], key=history.loss)
    return (
        f"The last quarter of the complete trials still improved the best value, from {shown(before.value)} to "
        f"{shown(best.value)}: more trials may improve it again."
    )


def _lower_budgets(study: Study) -> str:
    """Where a trial that was not trained to the end looks better than the best."""
    history, best = study.history, study.best
    lower = [trial for trial in history.finished if trial.budget != best.budget]
    better = [trial for trial in lower if history.loss(trial) < history.loss(best)]
    if not better:
        return ""
    one = min(better, key=history.loss)
    return (
        f"At a lower budget there is a better value: {shown(one.value)} at budget {shown(one.budget)} (trial {one.number}). "
        "Values of two budgets may not be comparable; if these are, train that trial further."
    )


def _failures(study: Study) -> str:
    n, n_all = len(study.history.failed), len(study.history.trials)
    if not n:
        return ""
    return f"{n} of {n_all} trials failed ({n / n_all:.0%}); their errors are listed below."


def duration(seconds: float) -> str:
    """Seconds in words: "3.2 s", "12 min", "4 h 10 min"."""
    if seconds < 100:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
