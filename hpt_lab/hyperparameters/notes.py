"""The questions of a build function, kept beside the trials: a resumed search begins with the same space. Chapter 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt_lab.hyperparameters.hyperparameters import HyperParameters
from hpt_lab.space.description import plain_choice, read_choice
from hpt_lab.study import Study


def to_notes(hp: HyperParameters) -> dict[str, Any]:
    """Return what is kept beside the trials, in plain types."""
    return {"hyperparameters": [[one["config"]["name"], plain_choice(one)] for one in hp.get_config()["space"]]}


def from_notes(notes: Mapping[str, Any], known: HyperParameters) -> HyperParameters:
    """Return what the build function had asked so far; what only code can make is taken from what is `known` of it now."""
    now = {one["config"]["name"]: one for one in known.get_config()["space"]}
    entries = []
    for name, marked in notes.get("hyperparameters", []):
        try:
            entries.append(read_choice(marked))
        except ValueError:  # a choice that JSON does not have
            entries += [now[name]] if name in now else []
    return known.with_space(entries) if entries else known.copy()


def widen(study: Study, hp: HyperParameters) -> None:
    """Let the space of a study be that of `hp`: earlier trials count as made at the defaults of what is new."""
    study.extend(hp.search_space(), {h.name: h.default for h in hp.space}, **to_notes(hp))


def catch_up(study: Study, hp: HyperParameters) -> None:
    """Let `hp` know what another process has widened the space by."""
    if len(study.space) > len(hp.space):
        hp.add(hp.new_in(from_notes(study.notes, hp)))
