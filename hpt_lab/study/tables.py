"""The trials of a study as rows of a table: for pandas and for files, and those that a notebook shows. Chapter 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hpt_lab.study.history import History
from hpt_lab.values.display import html_table
from hpt_lab.values.frozen import fresh

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_html", "frame", "table"]

AFTER = ("value", "budget", "state", "error", "started", "seconds")
N_SHOWN = 5  # trials, in a notebook


def table(history: History, after: Sequence[str] = AFTER) -> tuple[list[str], list[list[Any]]]:
    """Return the names of the columns, and a row for each trial: its number, params, the fields `after` them, and its attributes.

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


def frame(history: History) -> pd.DataFrame:
    """Return the table as pandas has it, with dates: see `Study.to_frame`."""
    import pandas as pd

    columns, rows = table(history)
    whole = pd.DataFrame(rows, columns=columns)
    return whole.assign(started=pd.to_datetime(whole["started"], unit="s", utc=True))


def as_html(caption: str, history: History) -> str:
    """Return a table of the best trials, or the latest ones while none is complete."""
    which = "best" if history.ranked else "latest"
    trials = tuple(history.ranked[:N_SHOWN] or history.trials[: -N_SHOWN - 1 : -1])
    budget = ("budget",) if any(trial.budget is not None for trial in trials) else ()
    rows = [
        (t.number, t.state, t.value, *(t.budget for _ in budget), *(t.params.get(name) for name in history.space))
        for t in trials
    ]
    more = f"; the {which} {len(rows)}:" if len(rows) < len(history.trials) else ""
    return html_table(f"{caption}{more}", ("trial", "state", "value", *budget, *history.space), rows)
