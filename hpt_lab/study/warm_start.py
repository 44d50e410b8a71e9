"""Warm starts: params, trials and a wider space from the user, all checked before any of it enters. Chapter 5."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.study.directions import RESERVED, Direction, Directions
from hpt_lab.study.history import History
from hpt_lab.study.outcomes import NONE, as_attributes, ending, wanted
from hpt_lab.study.trial import Trial, as_constraints, keep_only, replace_unchecked
from hpt_lab.values.checks import WrongType, finite, instance, items, one_of, plain, require, short
from hpt_lab.values.frozen import frozen

N_START = 10  # the best trials of an earlier study to start with
N_DRAWS = 1000  # of the missing params, so that the given ones are active
ADDED = frozen({"origin": "added"})
Wider = Callable[[], tuple[Space, Mapping[str, Any], Mapping[str, Any]]]  # a space, defaults, and notes to keep


def as_space(space: Any) -> Space:
    """Return a search space that may be given as a mapping."""
    return space if isinstance(space, Space) else Space(space)


def params_to_start_with(start: Iterable[Mapping[str, Any]] | History, space: Space, seed: int) -> tuple[Params, ...]:
    """Return the params to try first, or an earlier history's best. Missing ones are drawn at random."""
    rng = History(space, (), seed).rng
    listed: Any = [_point_of(trial, space) for trial in start.ranked[:N_START]] if isinstance(start, History) else start
    listed = items("Study: start", listed, "a list of params, or an earlier Study")
    return points_to_start_with("Study: start", listed, space, rng)


def points_to_start_with(who: str, listed: Iterable[Any], space: Space, rng: np.random.Generator) -> tuple[Params, ...]:
    """Return params as points of the space, with the missing ones drawn by `rng`."""
    return tuple(frozen(check_params(f"{who}[{i}]", params, space, rng)) for i, params in enumerate(listed))


def _drawn_completion(params: Mapping[str, Any], space: Space, rng: np.random.Generator) -> Params:
    """Return params with the missing ones drawn at random, such that all given ones are active, if they can be."""
    point: Params = {}
    for _ in range(N_DRAWS):
        drawn = zip(space.dimensions.items(), rng.random(len(space)).tolist(), strict=True)
        point = _complete(params, space, {name: dimension.decode(u) for (name, dimension), u in drawn})
        if params.keys() <= point.keys():
            break
    return {**point, **params}


def added_fields(value: Any, budget: Any, attributes: Any, direction: Direction) -> dict[str, Any]:
    """Return the checked fields of a trial that the user trained. Raises ValueError or TypeError as `Study.add` does."""
    more = {} if attributes is None else as_attributes("add: attributes", attributes)
    fields = ending(value, None, more, {}, direction)
    if fields["state"] == "failed":
        if isinstance(value, Mapping):  # wrong attributes and constraints have their own messages
            as_attributes("add: value", {name: inside for name, inside in value.items() if name not in RESERVED})
            as_constraints("add: constraints", value.get("constraints", {}))
        way = "" if Directions.of(direction).several else ", or a dict with it as 'value'"
        raise WrongType(f"add: value={short(value)} must be {wanted(direction)}{way}")
    budget = None if budget is None else finite("add: budget", budget, above=0)
    return {**fields, "budget": budget, "info": ADDED, "unused": NONE}


def complete_trials(trials: Any, outside: Any, defaults: Any) -> tuple[list[Trial], Mapping[str, Any]]:
    """Return the complete ones of the trials, and the defaults, from checked arguments of `Study.add_trials`."""
    one_of("add_trials: outside", outside, ("raise", "skip"))
    listed = items("add_trials: trials", trials, "a Study, or a list of trials")
    known = instance("add_trials: defaults", {} if defaults is None else defaults, Mapping, "a dict of values by name")
    for i, trial in enumerate(listed):
        instance(f"add_trials: trials[{i}]", trial, Trial, "a Trial")
    return [trial for trial in listed if trial.state == "complete"], known


def new_trials(
    history: History, trials: Iterable[Trial], skip_outside: bool, defaults: Mapping[str, Any]
) -> list[Trial]:
    """Return the trials as this study takes them, without those that were added before or are given twice."""
    space = history.space

    def key(trial: Trial) -> tuple[Any, ...]:
        return space.to_json(trial.suggested), trial.values, trial.budget

    known = {key(trial) for trial in history.trials if trial.origin == "added"}
    new: dict[Any, Trial] = {}
    for trial in trials:
        params = _point_of(trial, space, defaults)
        if not skip_outside or space.contains(params):
            added = _added(trial, params, history)
            new.setdefault(key(added), added)
    return [trial for which, trial in new.items() if which not in known]


def _added(trial: Trial, params: Params, history: History) -> Trial:
    """Return an earlier study's trial, at these params, as one that was added, in types that JSON has."""
    who = f"add_trials: trial {trial.number}"
    point = frozen(check_params(who, params, history.space))
    require(trial.error is None, f"{who}: error", trial.error, "None, since its state is complete", ValueError)
    numbers = {name: plain(getattr(trial, name)) for name in ("budget", "seconds", "spent", "expected")}
    numbers = {name: n if n is None or type(n) is int else float(n) for name, n in numbers.items()}
    values, curve = [float(value) for value in trial.values], tuple(map(float, trial.curve))
    n, one_each = len(history.directions), "one for each objective of this study"
    require(len(values) == n, f"{who}: values", trial.values, f"{n}, {one_each}", ValueError)
    value, several = (values[0], ()) if len(values) == 1 else (None, tuple(values))
    numbers |= {"value": value, "objectives": several, "constraints": frozen(dict(trial.constraints))}
    attributes = frozen(as_attributes(f"{who}: attributes", trial.attributes))
    more = {"unused": NONE, "attributes": attributes, "info": ADDED, **numbers}
    return keep_only(replace_unchecked(trial, params=point, curve=curve, **more), point.keys() - trial.unused)


def _complete(params: Mapping[str, Any], space: Space, defaults: Mapping[str, Any]) -> Params:
    """Return the values of the active dimensions, from `params`, or else from `defaults`."""
    known, point = {**defaults, **params}, dict[str, Any]()
    with suppress(TypeError, ValueError):  # a wrong value is reported by the check of the space
        while new := [n for n, on in zip(space, space.active(point), strict=True) if on and n in known.keys() - point]:
            point |= {name: known[name] for name in new}
    return point


def widened(
    entries: Iterable[tuple[int, Trial]],
    start: Iterable[Params],
    space: Space,
    defaults: Mapping[str, Any],
    used: bool,
) -> tuple[list[tuple[int, Trial]], tuple[Params, ...]]:
    """Return the entries of a log and the params to start with as points of a wider space; see `Study.extend_to`."""

    def point_of(params: Params, whose: str) -> Params:
        point = _complete(params, space, {**dict.fromkeys(space), **defaults})
        if lost := [name for name in params if name not in point]:
            raise ValueError(f"extend: space={short(space)} must keep {lost[0]} of {whose}")
        return frozen(space.check(point))

    def at_defaults(n: int, trial: Trial) -> Trial:
        point = point_of(trial.suggested, f"trial {n}")
        names = point.keys() - trial.unused if used or trial.state == "running" else trial.params
        return keep_only(replace_unchecked(trial, params=point, unused=NONE), names)

    first = tuple(point_of(params, "the params to start with") for params in start)
    return [(n, at_defaults(n, trial)) for n, trial in entries], first


def _point_of(trial: Trial, space: Space, defaults: Mapping[str, Any] = NONE) -> Params:
    """Return the point of the space that a trial gives: its params, or all those suggested, completed by `defaults`."""
    params, suggested = ({**_complete(p, space, defaults), **p} for p in (trial.params, trial.suggested))
    return params if space.contains(params) else suggested


def check_params(name: str, params: Any, space: Space, rng: np.random.Generator | None = None) -> Params:
    """Return params of the space, drawing missing ones with `rng`. Raises ValueError or TypeError if they are not of it."""
    instance(name, params, Mapping, "a dict of params")
    try:
        return space.check(params if rng is None or space.contains(params) else _drawn_completion(params, space, rng))
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
