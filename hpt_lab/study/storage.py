"""A study as JSON text, and back. What comes in is data of a stranger: every field is checked, and nothing is run.

    {"direction": "minimize", "seed": 0, "trials": [{"number": 0, "params": "{...}", "value": 0.5, "state": ...}, ...]}

The params of a trial are text of their own, written by the space, which knows its choices by their numbers. Chapter 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hpt_lab.checks import finite, integer, number, one_of, seed, short
from hpt_lab.space import Space
from hpt_lab.space.values import frozen
from hpt_lab.study.history import History, Trial, check_direction

__all__ = ["from_json", "to_json"]

STATES = ("running", "complete", "failed")


def to_json(history: History) -> str:
    """The trials, the seed and the direction of a history as JSON text."""
    trials = [{**vars(trial), "params": history.space.to_json(trial.params)} for trial in history.trials]
    return json.dumps({"direction": history.direction, "seed": history.seed, "trials": trials})


def from_json(text: str, space: Space) -> History:
    """The history that `to_json` wrote. Raises ValueError, which names the field, if it is none, or not of `space`."""
    try:
        stored = json.loads(text)
    except (TypeError, ValueError):
        stored = None
    if not isinstance(stored, dict) or not {"direction", "seed", "trials"} <= set(stored):
        raise ValueError(f"from_json: the text {short(text, 40)} must be what to_json of a study wrote")
    if not isinstance(stored["trials"], list):
        raise ValueError(f"from_json: trials={short(stored['trials'])} must be a list")
    try:
        direction = check_direction("study", stored["direction"])
        found = seed("seed", stored["seed"])
        trials = tuple(read_trial(fields, place, space) for place, fields in enumerate(stored["trials"]))
    except (TypeError, ValueError) as error:
        raise ValueError(f"from_json: {error}") from None
    return History(space, trials, found, direction)


def read_trial(fields: Any, place: int, space: Space) -> Trial:
    """Trial number `place` out of its stored fields. Raises TypeError or ValueError, which names trial and field."""
    who = f"trial {place}"
    if not isinstance(fields, Mapping):
        raise TypeError(f"{who}={short(fields)} must be a dict of the trial's fields")
    if unknown := set(fields) - set(Trial.__dataclass_fields__):
        raise ValueError(f"{who}: the field {sorted(map(str, unknown))[0]!r} must be one of a trial's")
    if missing := {"number", "params", "state"} - set(fields):
        raise ValueError(f"{who}: the field {sorted(missing)[0]!r} must be there")
    trial = {name: fields.get(name) for name in Trial.__dataclass_fields__}
    if integer(f"{who}: number", trial["number"], 0) != place:
        raise ValueError(f"{who}: number={trial['number']} must be {place}, its place in the list")
    state = one_of(f"{who}: state", trial["state"], STATES)
    try:
        params = space.from_json(str(trial["params"]))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{who}: params={short(trial['params'])} must be of this space: {error}") from None
    for name in ("budget", "value", "seconds"):
        if trial[name] is not None:
            least = {"budget": {"above": 0.0}, "value": {}, "seconds": {"least": 0.0}}[name]
            finite(f"{who}: {name}", trial[name], **least)
    if (trial["value"] is None) == (state == "complete"):
        raise ValueError(f"{who}: value={trial['value']} must be a number if the trial is complete, and null if not")
    if not (trial["error"] is None or isinstance(trial["error"], str)):
        raise TypeError(f"{who}: error={short(trial['error'])} must be a text or null")
    if not isinstance(trial["info"] or {}, dict):
        raise TypeError(f"{who}: info={short(trial['info'])} must be a dict")
    return Trial(
        place,
        frozen(params),
        trial["budget"],
        None if trial["value"] is None else number(trial["value"]),
        state,
        trial["error"],
        frozen(trial["info"] or {}),
        finite(f"{who}: started", trial["started"] or 0.0, least=0.0),
        trial["seconds"],
    )
