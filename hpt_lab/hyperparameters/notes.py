"""What a build function has asked, kept beside the trials: who goes on begins with the same space. Chapter 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt_lab.hyperparameters.hyperparameters import HyperParameters
from hpt_lab.space.description import plain_choice, read_choice
from hpt_lab.study import Study
from hpt_lab.study.warm_start import extend_to


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
    """Widen the space of a study by what is new in `hp`: earlier trials count as made at its defaults."""

    def wider() -> Any:
        both = from_notes(study.notes, hp)  # another process may have widened it since we looked
        both.add(both.new_in(hp))
        return both.search_space(), {h.name: h.default for h in both.space}, to_notes(both)

    extend_to(study, wider)


def catch_up(study: Study, hp: HyperParameters) -> None:
    """Let `hp` know what another process has widened the space by."""
    if len(study.space) > len(hp.space):
        hp.add(hp.new_in(from_notes(study.notes, hp)))
