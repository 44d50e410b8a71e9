"""A study as JSON text, and back. The text may come from a stranger: every field is checked, and no code is run.

    {"direction": "minimize", "seed": 0, "trials": [{"number": 0, "params": "{...}", "value": 0.5, "state": ...}, ...]}

The params are text in the text, written by the space, which refers to choices by number. They are all those suggested,
with a list of the names of the "unused" ones. Chapter 5.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

from hpt_lab.space import Params, Space
from hpt_lab.study.directions import Direction, Directions, as_stored, from_stored
from hpt_lab.study.history import History
from hpt_lab.study.outcomes import NONE, plain_json
from hpt_lab.study.trial import Trial, keep_only, replace_unchecked
from hpt_lab.values.checks import WrongType, instance, integer, named_once, require, seed as check_seed, short
from hpt_lab.values.frozen import frozen

FIELDS = ("direction", "seed", "start", "trials")
OUTCOME = ("state", "value", "error", "seconds")
OPTIONAL: dict[str, Any] = {"attributes": ({},), "curve": ((),), "unused": ([],)}  # unwritten if so
OPTIONAL |= {**dict.fromkeys(("spent", "stopped", "expected"), (None,)), "objectives": ((),), "constraints": ({},)}


def to_json(history: History) -> str:
    """Return a history, without its space, as JSON text."""
    whole: dict[str, Any] = {"direction": as_stored(history.direction), "seed": history.seed}
    if history.start:
        whole["start"] = [history.space.to_json(params) for params in history.start]
    whole["trials"] = [_fields(trial, history.space, vars(trial)) for trial in history.trials]
    return json.dumps(whole, allow_nan=False)


def _fields(trial: Trial, space: Space, names: Iterable[str]) -> dict[str, Any]:
    values = {**vars(trial), "unused": list(trial.unused)}
    fields = {name: values[name] for name in names if name not in OPTIONAL or values[name] not in OPTIONAL[name]}
    return {**fields, "params": space.to_json(trial.suggested)} if "params" in fields else fields


def from_json(text: str, space: Space) -> History:
    """Return the history that `to_json` wrote. Raises ValueError, naming the field, if it does not fit `space`."""
    stored: Any = None
    try:
        with suppress(TypeError, json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            stored = json.loads(text, object_pairs_hook=named_once)
        if not isinstance(stored, dict) or not {*FIELDS} - {"start"} <= {*stored}:
            raise ValueError(f"the text {short(text, 40)} must be what a study's to_json wrote")
        _known("the text", stored, FIELDS)
        instance("trials", stored["trials"], list, "a list")
        direction, seed = from_stored(stored["direction"]), check_seed("seed", stored["seed"])
        start = read_start(stored.get("start", []), space)
        trials = [_read_trial(fields, place, space) for place, fields in enumerate(stored["trials"])]
        check_values(trials, direction)
    except (TypeError, ValueError) as error:
        raise ValueError(f"from_json: {error}") from None
    return History(space, trials, seed, direction, start)


def read_start(stored: Any, space: Space) -> tuple[Params, ...]:
    """Return the params to start with, from their texts. Raises TypeError or ValueError, naming a wrong one."""
    texts = isinstance(stored, list) and all(isinstance(text, str) for text in stored)
    require(texts, "start", stored, "a list of strings that the space's to_json wrote")
    return tuple(_read_params(f"start[{i}]", text, space) for i, text in enumerate(stored))


def _read_params(name: str, text: str, space: Space) -> Params:
    try:
        return frozen(space.from_json(text))
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"{name}={short(text)} must be of this space: {error}") from None


def _read_trial(stored: Any, place: int, space: Space | None) -> Trial:
    """Return trial number `place`, without params if there is no space. Raises TypeError or ValueError, naming the field."""
    who = f"Trial {place}"
    if not isinstance(stored, dict):
        raise WrongType(f"{who}: the entry {short(stored)} must be a dict of the trial's fields")
    _known(who, stored, Trial.__dataclass_fields__)
    if missing := [name for name in ("number", "params", "state") if name not in stored]:
        raise ValueError(f"{who}: the field {missing[0]!r} must not be missing")
    if integer(f"{who}: number", stored["number"], 0) != place:
        raise ValueError(f"{who}: number={stored['number']} must be {place}, its position in the list")
    instance(f"{who}: params", stored["params"], str, "a string that the space's to_json wrote")
    params = {} if space is None else _read_params(f"{who}: params", stored["params"], space)
    return _trial({**stored, "params": params})


def _trial(stored: dict[str, Any], known: Mapping[str, Any] | None = None) -> Trial:
    """Return the frozen trial of stored fields and those already `known`, if they fit together."""
    fields = {**(known or {}), **stored}
    who = f"Trial {fields['number']}"
    for name in stored.keys() & {"info", "attributes", "constraints"}:
        fields[name] = frozen(plain_json(f"{who}: {name}", stored[name]))
    for name in stored.keys() & {"curve", "objectives"}:
        fields[name] = tuple(stored[name]) if isinstance(stored[name], list) else stored[name]
    unused = stored.get("unused", [])
    trial = Trial(**{**fields, "unused": NONE})
    possible = [] if trial.state == "running" else [*trial.params] or unused  # without a space, none is known
    fits = isinstance(unused, list) and all(name in possible for name in unused)
    require(fits, f"{who}: unused", unused, "a list of names of params of a finished trial")
    trial = keep_only(trial, trial.params.keys() - unused) if unused else trial
    null = f"null, since its state is {trial.state}"
    require(trial.error is None or trial.state == "failed", f"{who}: error", trial.error, null, ValueError)
    require(trial.seconds is None or trial.state != "running", f"{who}: seconds", trial.seconds, null, ValueError)
    value = trial.value
    return trial if value is None or type(value) is float else replace_unchecked(trial, value=float(value))


def check_values(trials: Iterable[Trial], direction: Direction) -> None:
    """Raise ValueError if a complete trial has not one value for each objective."""
    n = len(direction) if isinstance(direction, Directions) else 0
    for trial in trials:
        if trial.state == "complete" and len(trial.objectives) != n:
            must = f"must be the values of {n} objectives" if n else "must be empty, since there is one objective"
            raise ValueError(f"Trial {trial.number}: objectives={short(trial.objectives)} {must}")


def to_text(trial: Trial, space: Space) -> str:
    """Return an entry of the log as JSON text: a whole new trial (running, or added), or the outcome of a known one."""
    new = trial.state == "running" or trial.origin == "added"
    return json.dumps(_fields(trial, space, vars(trial) if new else (*OUTCOME, *OPTIONAL)), allow_nan=False)


def from_text(text: Any, place: int, space: Space | None, running: Trial | None) -> Trial:
    """Return the trial that `to_text` wrote: a new one, or a `running` one with its outcome. Errors as in `from_json`."""
    if running is None:
        trial = _read_trial(_decode(text), place, space)
        first = "complete" if trial.origin == "added" else "running"
        require(trial.state == first, f"Trial {place}: state", trial.state, "'running' first", ValueError)
        return trial
    stored = json.loads(text)
    if not isinstance(stored, dict) or stored.keys() - OPTIONAL.keys() != set(OUTCOME) or running.state != "running":
        raise ValueError(f"Trial {place}: the entry {short(stored)} must be its only outcome")
    return _trial(stored, vars(running))


def same_space(space: Space, description: Any) -> bool:
    return json.dumps(space.describe()) == json.dumps(description)


def _known(who: str, stored: Iterable[str], names: Collection[str]) -> None:
    if unknown := [name for name in stored if name not in names]:
        raise ValueError(f"{who}: the field {short(unknown[0])} must be one of {list(names)}")


_decode = json.JSONDecoder(object_pairs_hook=named_once).decode
