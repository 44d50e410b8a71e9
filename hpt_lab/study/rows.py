"""The trials of a study as rows of a table, for pandas and for files. Chapter 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpt_lab.space.values import fresh
from hpt_lab.study.history import History

__all__ = ["table"]

AFTER = ("value", "budget", "state", "error", "started", "seconds")


def table(history: History, after: Sequence[str] = AFTER) -> tuple[list[str], list[list[Any]]]:
    """Names of the columns, and a row for each trial: its number, params, the fields `after` them, and its attributes.

    A parameter that has the name of a field is called `param_NAME`, and an attribute that has the name of any other
    column `attribute_NAME`. What a trial does not have is None.
    """
    params = {name: f"param_{name}" if name in ("number", *after) else name for name in history.space}
    taken = {"number", *params.values(), *after}
    attributes: dict[str, str] = {}
    for trial in history.trials:
        for name in trial.attributes:
            if name not in attributes:
                attributes[name] = f"attribute_{name}" if name in taken else name
    rows = [
        [
            trial.number,
            *(fresh(trial.params.get(name)) for name in params),
            *(getattr(trial, name) for name in after),
            *(fresh(trial.attributes.get(name)) for name in attributes),
        ]
        for trial in history.trials
    ]
    return ["number", *params.values(), *after, *attributes.values()], rows
