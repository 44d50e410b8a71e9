"""What a user gives a study, all checked before any of it enters: params, trials and a wider space. Chapter 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.study.history import History
from hpt_lab.study.outcomes import as_attributes, outcome_of, plain_json
from hpt_lab.study.trial import Trial, changed, moment
from hpt_lab.values.checks import WrongType, finite, one_of, plain, short
from hpt_lab.values.frozen import frozen

N_START = 10  # the best trials of an earlier study to start with
N_DRAWS = 1000  # of what is missing, so that a given value is active
ADDED = frozen({"origin": "added"})


def as_space(space: Any) -> Space:
    """Return a search space that may be given as a mapping."""
    return space if isinstance(space, Space) else Space(space)


def params_to_start_with(start: Iterable[Mapping[str, Any]] | History, space: Space, seed: int) -> tuple[Params, ...]:
    """Return the params to be tried first; of an earlier history, those of its best. What is missing is drawn at random."""
    rng = History(space, (), seed).rng
    listed: Any = [trial.params for trial in start.ranked[:N_START]] if isinstance(start, History) else start
    if isinstance(listed, (str, bytes, Mapping)) or not isinstance(listed, Iterable):
        raise WrongType(f"Study: start={short(start)} must be a list of params, or an earlier Study")
    return tuple(frozen(_of_space(f"Study: start[{i}]", params, space, rng)) for i, params in enumerate(listed))


def _filled(params: Mapping[str, Any], space: Space, rng: np.random.Generator) -> Mapping[str, Any]:
    """Return params with what is missing drawn at random, so that all given ones are active, if they can be."""
    point: Params = {}
    for _ in range(N_DRAWS):
        drawn = zip(space.dimensions.items(), rng.random(len(space)).tolist(), strict=True)
        point = _active(space, {name: dimension.decode(u) for (name, dimension), u in drawn} | {**params})
        if params.keys() <= point.keys():
            break
    return {**point, **params}


def _active(space: Space, values: Mapping[str, Any]) -> Params:
    """Return those of the values, by name, that are active under one another."""
    point: Params = {}
    while missing := [n for n, on in zip(space, space.active(point), strict=True) if on and n not in point]:
        point |= {name: values.get(name) for name in missing}
    return point


def add(
    study: Any,
    params: Mapping[str, Any],
    value: float | Mapping[str, Any],
    *,
    budget: float | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Trial:
    """Add a trial that was trained elsewhere: the strategy learns from it, and it counts for no trial of `tune`.

    Return it, complete, with `origin` "added"; ValueError or TypeError if anything of it is wrong. Successive halving,
    Hyperband and ASHA do not learn from it, since it stands on none of their rungs.

    Parameters
    ----------
    params : dict, a point of the space
    value : float, or dict, as told to `tell`; it must be finite
    budget : float, optional
        At which it was trained, under a strategy that sets budgets.
    attributes : dict, optional, as for `tell`
    """
    outcome = outcome_of(value)
    if outcome.error is not None:
        if isinstance(value, Mapping):  # wrong attributes have a sentence of their own
            as_attributes("add: value", {name: inside for name, inside in value.items() if name != "value"})
        raise WrongType(f"add: value={short(value)} must be one finite number, or a dict with it as 'value'")
    more = {} if attributes is None else as_attributes("add: attributes", attributes)
    point = frozen(_of_space("add: params", params, study.space))
    budget = None if budget is None else finite("add: budget", budget, above=0)
    kept = frozen({**outcome.attributes, **more})
    trial = Trial(0, point, budget, outcome.value, "complete", info=ADDED, attributes=kept)
    with study._lock, study._backend.transaction(flush=True):
        return _enter(study, trial)


def add_trials(study: Any, trials: Any, *, outside: str = "raise") -> list[Trial]:
    """Add the complete trials of an earlier study, as `add` does, and return those that are new: a warm start.

    Their attributes, curves and seconds are kept. One of the same params, value and budget as one that was added before
    is not added again, so that a script may run twice. ValueError or TypeError if one is wrong; then none is added.

    Parameters
    ----------
    trials : Study or iterable of Trial
        A study must have the same direction. Trials that are not complete are left out.
    outside : {"raise", "skip"}
        What becomes of a trial whose params are not of this space, such as a narrower one.
    """
    if isinstance(history := getattr(trials, "history", None), History):
        if history.direction != study.direction:
            raise ValueError(f"add_trials: the direction of {short(trials)} must be {study.direction!r}, as it is here")
        trials = history.trials
    one_of("add_trials: outside", outside, ("raise", "skip"))
    if not isinstance(trials, Iterable) or isinstance(trials, (str, Mapping)):
        raise WrongType(f"add_trials: trials={short(trials)} must be a Study, or a list of trials")
    listed, space = list(trials), study.space
    for i, trial in enumerate(listed):
        if not isinstance(trial, Trial):
            raise WrongType(f"add_trials: trials[{i}]={short(trial)} must be a Trial")
    complete = [trial for trial in listed if trial.state == "complete"]
    if outside == "skip":
        complete = [trial for trial in complete if space.contains(trial.params)]
    added = [_as_added(f"add_trials: trial {trial.number}", trial, space) for trial in complete]

    def key(trial: Trial) -> tuple[Any, ...]:
        return study.space.to_json(trial.params), trial.value, trial.budget

    with study._lock, study._backend.transaction(flush=True):
        known = {key(trial) for trial in study.history.trials if trial.origin == "added"}
        new: dict[Any, Trial] = {}
        for trial in added:
            new.setdefault(key(trial), trial)
        return [_enter(study, trial) for which, trial in new.items() if which not in known]


def _enter(study: Any, trial: Trial) -> Trial:
    trial = changed(trial, number=len(study._backend.log), started=moment())
    study._backend.enter(trial.number, trial)
    return trial


def _as_added(who: str, trial: Trial, space: Space) -> Trial:
    """Return a complete trial as it is added, in types that JSON has. ValueError if it is not of the space."""
    params = frozen(_of_space(who, trial.params, space))
    if trial.error is not None:
        raise ValueError(f"{who}: error={short(trial.error)} must be None, since its state is complete")
    numbers = {name: plain(getattr(trial, name)) for name in ("budget", "seconds", "spent")}
    numbers = {name: n if n is None or type(n) is int else float(n) for name, n in numbers.items()}
    value, curve = float(trial.value or 0.0), tuple(map(float, trial.curve))
    attributes = frozen(as_attributes(f"{who}: attributes", trial.attributes))
    return changed(trial, params=params, value=value, curve=curve, attributes=attributes, info=ADDED, **numbers)


def extend(study: Any, space: Space, defaults: Mapping[str, Any], **notes: Any) -> None:
    """Widen the space by new dimensions, as define-by-run does; earlier trials count as made at their `defaults`.

    `notes` as in `note`. ValueError if a trial does not fit into the wider space, which leaves the study as it was.
    """
    space, backend = as_space(space), study._backend
    if not isinstance(defaults, Mapping):
        raise WrongType(f"extend: defaults={short(defaults)} must be a dict of values by name")

    def widened(params: Params, whose: str) -> Params:
        point = _active(space, {**defaults, **params})
        if lost := [name for name in params if name not in point]:
            raise ValueError(f"extend: space={short(space)} must keep {lost[0]} of {whose}")
        return frozen(space.check(point))

    with study._lock, backend.transaction():
        entries = [(n, changed(trial, params=widened(trial.params, f"trial {n}"))) for n, trial in backend.log.entries]
        start = tuple(widened(params, "the params to start with") for params in backend.start)
        backend.rewrite(entries, space, start, plain_json("extend", notes))


def _of_space(name: str, params: Any, space: Space, rng: np.random.Generator | None = None) -> Params:
    """Return params that are of the space, or are once `rng` has drawn what is missing. ValueError or TypeError if not."""
    if not isinstance(params, Mapping):
        raise WrongType(f"{name}={short(params)} must be a dict of params")
    try:
        return space.check(params if rng is None or space.contains(params) else _filled(params, space, rng))
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
