"""What a user gives a study beside its strategy: params to start with, trials trained elsewhere, and a wider space.

All of it is checked before any of it enters: what is wrong is one sentence, and the study is as before. Chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hpt_lab.space import Params, Space
from hpt_lab.study.history import History
from hpt_lab.study.outcomes import as_attributes, outcome_of
from hpt_lab.study.trial import Trial, changed
from hpt_lab.values.checks import WrongType, finite, one_of, plain, short
from hpt_lab.values.frozen import frozen

__all__ = ["N_START", "earlier", "elsewhere", "params_to_start_with", "unknown", "widened"]

N_START = 10  # the best trials of an earlier study to start with


def params_to_start_with(start: Iterable[Mapping[str, Any]] | History, space: Space) -> tuple[Params, ...]:
    """Return the params to be tried first, which must be of the space; of an earlier history, those of its best trials."""
    listed: Any = [trial.params for trial in start.ranked[:N_START]] if isinstance(start, History) else start
    if isinstance(listed, (str, bytes, Mapping)) or not isinstance(listed, Iterable):
        raise WrongType(f"Study: start={short(start)} must be a list of params, or an earlier Study")
    return tuple(frozen(_of_space(f"Study: start[{i}]", params, space)) for i, params in enumerate(listed))


def elsewhere(params: Any, value: Any, budget: Any, attributes: Any, space: Space) -> Trial:
    """Return the trial of what `Study.add` was given; its number and its time are still to come."""
    outcome = outcome_of(value)
    if outcome.error is not None:
        if isinstance(value, Mapping):  # if its attributes are wrong, a sentence of their own says so
            as_attributes("add: value", {name: inside for name, inside in value.items() if name != "value"})
        raise WrongType(f"add: value={short(value)} must be one finite number, or a dict with it as 'value'")
    more = {} if attributes is None else as_attributes("add: attributes", attributes)
    return Trial(
        number=0,
        params=frozen(_of_space("add: params", params, space)),
        budget=None if budget is None else finite("add: budget", budget, above=0),
        value=outcome.value,
        state="complete",
        info=frozen({"origin": "added"}),
        attributes=frozen({**outcome.attributes, **more}),
    )


def earlier(trials: Any, space: Space, outside: str) -> list[Trial]:
    """Return the complete ones of what `Study.add_trials` was given; `outside`: what becomes of those not of the space."""
    one_of("add_trials: outside", outside, ("raise", "skip"))
    if not isinstance(trials, Iterable) or isinstance(trials, (str, Mapping)):
        raise WrongType(f"add_trials: trials={short(trials)} must be a Study, or a list of trials")
    complete = []
    for i, trial in enumerate(trials):
        if not isinstance(trial, Trial):
            raise WrongType(f"add_trials: trials[{i}]={short(trial)} must be a Trial")
        if trial.state != "complete":
            continue
        who = f"add_trials: trial {trial.number}"
        try:
            params = _of_space(who, trial.params, space)
        except ValueError:
            if outside == "skip":
                continue
            raise
        if trial.error is not None:
            raise ValueError(f"{who}: error={short(trial.error)} must be None, since its state is complete")
        added = changed(
            trial,
            params=frozen(params),
            budget=_plain(trial.budget),
            value=float(trial.value or 0.0),
            info=frozen({"origin": "added"}),
            seconds=_plain(trial.seconds),
            attributes=frozen(as_attributes(f"{who}: attributes", trial.attributes)),
            curve=tuple(map(float, trial.curve)),
            spent=_plain(trial.spent),
        )
        complete.append(added)
    return complete


def _plain(number: Any) -> int | float | None:
    """Return a number of a trial in a type that JSON has."""
    number = plain(number)
    return number if number is None or type(number) is int else float(number)


def unknown(trials: Iterable[Trial], history: History) -> list[Trial]:
    """Return those of the trials that were not added before, each once."""

    def key(trial: Trial) -> tuple[Any, ...]:
        return history.space.to_json(trial.params), trial.value, trial.budget

    known = {key(trial) for trial in history.trials if trial.origin == "added"}
    new = []
    for trial in trials:
        if key(trial) not in known:
            known.add(key(trial))
            new.append(trial)
    return new


def widened(
    entries: Iterable[tuple[int, Trial]], start: Iterable[Params], space: Space, defaults: Any
) -> tuple[list[tuple[int, Trial]], tuple[Params, ...]]:
    """Return the entries of a log and the params to start with as points of a wider space: see `Study.extend`."""
    if not isinstance(defaults, Mapping):
        raise WrongType(f"extend: defaults={short(defaults)} must be a dict of values by name")

    def wider(params: Params, whose: str) -> Params:
        point: Params = {}
        while missing := [n for n, on in zip(space, space.active(point), strict=True) if on and n not in point]:
            point |= {name: params.get(name, defaults.get(name)) for name in missing}
        if lost := [name for name in params if name not in point]:
            raise ValueError(f"extend: space={short(space)} must keep {lost[0]} of {whose}")
        return frozen(space.check(point))

    changed_entries = [
        (place, changed(trial, params=wider(trial.params, f"trial {place}"))) for place, trial in entries
    ]
    return changed_entries, tuple(wider(params, "the params to start with") for params in start)


def _of_space(name: str, params: Any, space: Space) -> Params:
    if not isinstance(params, Mapping):
        raise WrongType(f"{name}={short(params)} must be a dict of params")
    try:
        return space.check(params)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
