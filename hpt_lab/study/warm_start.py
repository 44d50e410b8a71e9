"""Warm starts: params, trials and a wider space from the user, all checked before any of it enters. Chapter 5."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.study.directions import RESERVED, Directions
from hpt_lab.study.history import History
from hpt_lab.study.outcomes import NONE, as_attributes, outcome_of, plain_json, wanted
from hpt_lab.study.trial import Trial, as_constraints, changed, moment, using
from hpt_lab.values.checks import WrongType, finite, one_of, plain, short
from hpt_lab.values.frozen import frozen

N_START = 10  # the best trials of an earlier study to start with
N_DRAWS = 1000  # of the missing params, so that the given ones are active
ADDED = frozen({"origin": "added"})


def as_space(space: Any) -> Space:
    """Return a search space that may be given as a mapping."""
    return space if isinstance(space, Space) else Space(space)


def params_to_start_with(start: Iterable[Mapping[str, Any]] | History, space: Space, seed: int) -> tuple[Params, ...]:
    """Return the params to try first, or an earlier history's best. Missing ones are drawn at random."""
    rng = History(space, (), seed).rng
    listed: Any = [_point(trial, space) for trial in start.ranked[:N_START]] if isinstance(start, History) else start
    if isinstance(listed, (str, bytes, Mapping)) or not isinstance(listed, Iterable):
        raise WrongType(f"Study: start={short(start)} must be a list of params, or an earlier Study")
    return tuple(frozen(_of_space(f"Study: start[{i}]", params, space, rng)) for i, params in enumerate(listed))


def _drawn(params: Mapping[str, Any], space: Space, rng: np.random.Generator) -> Params:
    """Return params with the missing ones drawn at random, such that all given ones are active, if they can be."""
    point: Params = {}
    for _ in range(N_DRAWS):
        drawn = zip(space.dimensions.items(), rng.random(len(space)).tolist(), strict=True)
        point = _filled(params, space, {name: dimension.decode(u) for (name, dimension), u in drawn})
        if params.keys() <= point.keys():
            break
    return {**point, **params}


def add(
    study: Any,
    params: Mapping[str, Any],
    value: float | Sequence[float] | Mapping[str, Any],
    *,
    budget: float | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Trial:
    """Add a trial that was trained elsewhere: the strategy learns from it, but it is not one of the trials of `tune`.

    Returns it, complete, with `origin` "added"; raises ValueError or TypeError if anything about it is wrong. Successive
    halving, Hyperband and ASHA do not learn from it, since it is on none of their rungs.

    Parameters
    ----------
    params : dict, a point of the space
    value : float, tuple of floats, or dict, as for `tell`; all must be finite
    budget : float, optional, the budget at which it was trained, for a strategy that sets budgets
    attributes : dict, optional, as for `tell`
    """
    outcome = outcome_of(value, direction=study.direction)
    if outcome.error is not None:
        if isinstance(value, Mapping):  # wrong attributes and constraints have their own messages
            as_attributes("add: value", {name: inside for name, inside in value.items() if name not in RESERVED})
            as_constraints("add: constraints", value.get("constraints", {}))
        way = "" if isinstance(study.direction, Directions) else ", or a dict with it as 'value'"
        raise WrongType(f"add: value={short(value)} must be {wanted(study.direction)}{way}")
    more = {} if attributes is None else as_attributes("add: attributes", attributes)
    budget = None if budget is None else finite("add: budget", budget, above=0)
    kept = frozen({**outcome.attributes, **more})
    with study._lock, study._backend.transaction(flush=True):
        point = frozen(_of_space("add: params", params, study.space))
        trial = Trial(0, point, budget, info=ADDED, attributes=kept)
        more = {"value": outcome.value, "objectives": outcome.objectives, "constraints": frozen(outcome.constraints)}
        return _enter(study, [changed(trial, state="complete", **more)])[0]


def add_trials(
    study: Any, trials: Any, *, outside: str = "raise", defaults: Mapping[str, Any] | None = None
) -> list[Trial]:
    """Add the complete trials of an earlier study, as `add` does, and return those that are new: a warm start.

    Their attributes, curves and seconds are kept. A trial with the same params, value and budget as one added before is
    skipped, so that a script can run twice. Raises ValueError or TypeError if one is wrong; then none is added.

    Parameters
    ----------
    trials : Study, of the same direction, or iterable of Trial; those that are not complete are skipped
    outside : {"raise", "skip"}, what to do with a trial whose params are outside this space, which may be narrower
    defaults : dict, optional, the values of new hyperparameters in the earlier trials, if this space is wider: see `extend`
    """
    if isinstance(history := getattr(trials, "history", None), History):
        if history.direction != study.direction:
            raise ValueError(f"add_trials: the direction of {short(trials)} must be {study.direction!r}, as it is here")
        trials = history.trials
    one_of("add_trials: outside", outside, ("raise", "skip"))
    if not isinstance(trials, Iterable) or isinstance(trials, (str, Mapping)):
        raise WrongType(f"add_trials: trials={short(trials)} must be a Study, or a list of trials")
    if not isinstance(defaults := {} if defaults is None else defaults, Mapping):
        raise WrongType(f"add_trials: defaults={short(defaults)} must be a dict of values by name")
    listed = list(trials)
    for i, trial in enumerate(listed):
        if not isinstance(trial, Trial):
            raise WrongType(f"add_trials: trials[{i}]={short(trial)} must be a Trial")
    complete = [trial for trial in listed if trial.state == "complete"]
    with study._lock, study._backend.transaction(flush=True):  # another process may have widened the space, too
        space, history = study.space, study.history

        def key(trial: Trial) -> tuple[Any, ...]:
            return space.to_json(trial.suggested), trial.values, trial.budget

        known = {key(trial) for trial in history.trials if trial.origin == "added"}
        new: dict[Any, Trial] = {}
        for trial in complete:
            params = _point(trial, space, defaults)
            if outside == "raise" or space.contains(params):
                who = f"add_trials: trial {trial.number}"
                params = frozen(_of_space(who, params, space))
                if trial.error is not None:
                    raise ValueError(f"{who}: error={short(trial.error)} must be None, since its state is complete")
                numbers = {name: plain(getattr(trial, name)) for name in ("budget", "seconds", "spent", "expected")}
                numbers = {name: n if n is None or type(n) is int else float(n) for name, n in numbers.items()}
                values, curve = [float(value) for value in trial.values], tuple(map(float, trial.curve))
                if len(values) != len(study.directions):
                    must = f"must be {len(study.directions)}, one for each objective of this study"
                    raise ValueError(f"{who}: values={short(trial.values)} {must}")
                value, several = (values[0], ()) if len(values) == 1 else (None, tuple(values))
                numbers |= {"value": value, "objectives": several, "constraints": frozen(dict(trial.constraints))}
                attributes = frozen(as_attributes(f"{who}: attributes", trial.attributes))
                more = {"unused": NONE, "attributes": attributes, "info": ADDED, **numbers}  # in types that JSON has
                added = changed(trial, params=params, curve=curve, **more)
                added = using(added, params.keys() - trial.unused)
                new.setdefault(key(added), added)
        return _enter(study, [trial for which, trial in new.items() if which not in known])


def _enter(study: Any, trials: Sequence[Trial]) -> list[Trial]:
    entered = [changed(trial, number=n, started=moment()) for n, trial in enumerate(trials, len(study._backend.log))]
    study._backend.enter(*[(trial.number, trial) for trial in entered])
    return entered


def _filled(params: Mapping[str, Any], space: Space, defaults: Mapping[str, Any]) -> Params:
    """Return the values of the active dimensions, from `params`, or else from `defaults`."""
    known, point = {**defaults, **params}, dict[str, Any]()
    with suppress(TypeError, ValueError):  # a wrong value is reported by the check of the space
        while new := [n for n, on in zip(space, space.active(point), strict=True) if on and n in known.keys() - point]:
            point |= {name: known[name] for name in new}
    return point


def extend(study: Any, space: Space, defaults: Mapping[str, Any], **notes: Any) -> None:
    """Widen the space by new dimensions, as define-by-run does; in earlier trials they count as set to `defaults`.

    `notes` are kept as by `note`. Raises ValueError, and leaves the study unchanged, if a trial does not fit the new space.
    """
    space = as_space(space)
    if not isinstance(defaults, Mapping):
        raise WrongType(f"extend: defaults={short(defaults)} must be a dict of values by name")
    extend_to(study, lambda: (space, defaults, notes), used=True)


def extend_to(study: Any, wider: Callable[[], tuple[Space, Mapping[str, Any], Mapping[str, Any]]], used: bool) -> None:
    """Extend a study to the space, defaults and notes that `wider` returns; it is called while no one else can write.

    If the defaults were not `used`, finished trials have them among their `unused` params.
    """
    backend = study._backend

    def widened(params: Params, whose: str) -> Params:
        point = _filled(params, space, {**dict.fromkeys(space), **defaults})
        if lost := [name for name in params if name not in point]:
            raise ValueError(f"extend: space={short(space)} must keep {lost[0]} of {whose}")
        return frozen(space.check(point))

    def at_defaults(n: int, trial: Trial) -> Trial:
        point = widened(trial.suggested, f"trial {n}")
        names = point.keys() - trial.unused if used or trial.state == "running" else trial.params
        return using(changed(trial, params=point, unused=NONE), names)

    with study._lock, backend.transaction():
        space, defaults, notes = wider()
        entries = [(n, at_defaults(n, trial)) for n, trial in backend.log.entries]
        start = tuple(widened(params, "the params to start with") for params in backend.start)
        if lost := [name for name in backend.space if name not in space]:  # it may be active in no trial
            raise ValueError(f"extend: space={short(space)} must keep {lost[0]}, which the study has")
        backend.rewrite(entries, space, start, plain_json("extend", notes))


def _point(trial: Trial, space: Space, defaults: Mapping[str, Any] = NONE) -> Params:
    """Return the point of the space that a trial gives: its params, or all those suggested, completed by `defaults`."""
    params, suggested = ({**_filled(p, space, defaults), **p} for p in (trial.params, trial.suggested))
    return params if space.contains(params) else suggested


def _of_space(name: str, params: Any, space: Space, rng: np.random.Generator | None = None) -> Params:
    """Return params of the space, drawing missing ones with `rng`. Raises ValueError or TypeError if they are not of it."""
    if not isinstance(params, Mapping):
        raise WrongType(f"{name}={short(params)} must be a dict of params")
    try:
        return space.check(params if rng is None or space.contains(params) else _drawn(params, space, rng))
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
