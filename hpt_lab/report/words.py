"""The sentences of a report: what the search found, and what should be looked at before anybody relies on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hpt_lab.report.languages import Say
from hpt_lab.study import Study, Trial
from hpt_lab.values.display import shown

__all__ = ["at_an_end", "duration", "summary"]

NEAR = 0.02  # of a range: this near to its end, the best value may lie beyond
NONE = "No trial is complete yet."
FEW = 8  # complete trials: of fewer, nothing is said of the last ones
LATE = 0.75  # of the trials are done when the last ones begin


def summary(study: Study, say: Say = str.format) -> list[str]:
    """What was searched, what was found, and what to look at: a few sentences, the most important first."""
    history = study.history
    if not history.trials:
        return [_searched(study, say), say(NONE)]
    sentences = [f"{_searched(study, say)} {_counted(study, say)}"]
    if history.incumbent is None:
        return [*sentences, say(NONE)]
    sentences += [_found(study, say), *_ends(study, say)]
    sentences += [_lately(study, say), _lower_budgets(study, say), _failures(study, say)]
    return [sentence for sentence in sentences if sentence]


def _searched(study: Study, say: Say) -> str:
    n, aim = len(study.space), "lowest" if study.direction == "minimize" else "highest"
    who = shown(str(getattr(study.strategy, "was", None) or type(study.strategy).__name__).partition("(")[0])
    names = "1 hyperparameter" if n == 1 else "{n} hyperparameters"
    return say(f"{{who}} searched {names} for the {aim} value.", who=who, n=n)


def _counted(study: Study, say: Say) -> str:
    history, trials = study.history, list(study.history.trials)
    parts = [
        ("{n} complete", len(history.finished)),
        ("{n} failed", len(history.failed)),
        ("{n} running", history.n_running),
    ]
    counts = ", ".join(say(message, n=n) for message, n in parts if n)
    first = datetime.fromtimestamp(trials[0].started, UTC).strftime("%Y-%m-%d %H:%M UTC")
    training = duration(sum(trial.seconds or 0.0 for trial in trials), say)
    n = "1 trial" if len(trials) == 1 else "{n} trials"
    message = f"{n}: {{counts}}; from {{first}} on, {{training}} of training in all."
    return say(message, n=len(trials), counts=counts, first=first, training=training)


def _found(study: Study, say: Say) -> str:
    best, history = study.best, study.history
    at = "" if best.budget is None else " at budget {budget}, the highest reached"
    message = f"The best value is {{value}} (trial {{number}}){at}."
    told = say(message, value=shown(best.value), number=best.number, budget=shown(best.budget))
    first = next(trial for trial in history.finished if trial.budget == best.budget)
    if first.number == best.number:
        return f"{told} {say('No later trial was better.')}"
    return f"{told} {_first(first, best, say)}"


def _first(first: Trial, best: Trial, say: Say) -> str:
    """What the first one had, and how much better the best is, in per cent where that makes sense."""
    message, before, after, share = "The first complete trial had {value}", first.value or 0.0, best.value or 0.0, 0.0
    if before > 0.0 and after > 0.0 and before != after:
        share = abs(after / before - 1.0)
        message += f": the best is {{share:.0%}} {'higher' if after > before else 'lower'}"
    return say(f"{message}.", value=shown(first.value), share=share)


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


def _ends(study: Study, say: Say) -> list[str]:
    ends = [(name, at_an_end(study, name)) for name in study.space]
    return [
        say(
            f"{{name}} = {{value}} is at the {end} end of its range: better values may lie beyond. "
            "Widen the range if it can be.",
            name=shown(name),
            value=shown(study.best.params[name]),
        )
        for name, end in ends
        if end is not None
    ]


def _lately(study: Study, say: Say) -> str:
    """Whether the search still improved at its end."""
    history, best = study.history, study.best
    finished = [trial for trial in history.finished if trial.budget == best.budget]
    if len(finished) < FEW:
        return ""
    place = next(i for i, trial in enumerate(finished) if trial.number == best.number)
    start = int(LATE * len(finished))
    if place < start:
        return say("The last {n} complete trials brought nothing better.", n=len(finished) - 1 - place)
    before = min(finished[:start], key=history.loss)
    return say(
        "The last quarter of the complete trials still improved the best value, from {before} to {value}: "
        "more trials may improve it again.",
        before=shown(before.value),
        value=shown(best.value),
    )


def _lower_budgets(study: Study, say: Say) -> str:
    """Where a trial that was not trained to the end looks better than the best."""
    history, best = study.history, study.best
    lower = [trial for trial in history.finished if trial.budget != best.budget]
    better = [trial for trial in lower if history.loss(trial) < history.loss(best)]
    if not better:
        return ""
    one = min(better, key=history.loss)
    return say(
        "At a lower budget there is a better value: {value} at budget {budget} (trial {number}). "
        "Values of two budgets may not be comparable; if these are, train that trial further.",
        value=shown(one.value),
        budget=shown(one.budget),
        number=one.number,
    )


def _failures(study: Study, say: Say) -> str:
    n, n_all = len(study.history.failed), len(study.history.trials)
    if not n:
        return ""
    message = "{n} of {n_all} trials failed ({share:.0%}); their errors are listed below."
    return say(message, n=n, n_all=n_all, share=n / n_all)


def duration(seconds: float, say: Say = str.format) -> str:
    """Seconds in words: "3.2 s", "12 min", "4 h 10 min"."""
    if seconds < 100:
        return say("{seconds:.3g} s", seconds=seconds)
    minutes = round(seconds / 60)
    if minutes < 100:
        return say("{minutes} min", minutes=minutes)
    return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
