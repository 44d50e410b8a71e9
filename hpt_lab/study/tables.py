"""The trials of a study as rows of a table, for pandas, for files and for notebooks. Chapter 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hpt_lab.study.history import History
from hpt_lab.values.display import html_table
from hpt_lab.values.frozen import fresh

if TYPE_CHECKING:
    import pandas as pd

AFTER = ("value", "budget", "state", "error", "started", "seconds")
N_SHOWN = 5  # trials, in a notebook


def table(history: History, after: Sequence[str] = AFTER) -> tuple[list[str], list[list[Any]]]:
    """Return the names of the columns, and a row per trial: its number, params, the fields `after` them, its attributes.

    The names are those of `to_frame`. What a trial lacks is None. If a rule stopped some, three more fields follow.
    """
    after = (*after, "spent", "stopped", "expected") if history.stopped else after
    params = {name: f"param_{name}" if name in ("number", *after) else name for name in history.space}
    taken = {"number", *params.values(), *after}
    names = dict.fromkeys(name for trial in history.trials for name in trial.attributes)
    attributes = {name: f"attribute_{name}" if name in taken else name for name in names}
    rows = []
    for trial in history.trials:
        own = (fresh(trial.params.get(name)) for name in params), (getattr(trial, name) for name in after)
        rows.append([trial.number, *own[0], *own[1], *(fresh(trial.attributes.get(name)) for name in attributes)])
    return ["number", *params.values(), *after, *attributes.values()], rows


def to_frame(study: Any) -> pd.DataFrame:
    """The trials as a pandas DataFrame, one row each: number, the params by name, value, budget, state, ...

    If a stopping rule ended some, `spent`, `stopped` and `expected` follow. `started` is a date in UTC, `seconds` is the time from ask to tell, and attributes come last. A hyperparameter with
    the name of another column becomes `param_NAME`, and an attribute `attribute_NAME`.
    """
    import pandas as pd

    columns, rows = table(study.history)
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(started=pd.to_datetime(frame["started"], unit="s", utc=True))


def as_html(study: Any) -> str:
    """Return a table of the best trials, or of the latest while none is complete, as HTML for notebooks."""
    history = study.history
    which = "best" if history.ranked else "latest"
    trials = tuple(history.ranked[:N_SHOWN] or history.trials[: -N_SHOWN - 1 : -1])
    budget = ("budget",) if any(trial.budget is not None for trial in trials) else ()
    rows = [
        (t.number, t.state, t.value, *(t.budget for _ in budget), *(t.params.get(name) for name in history.space))
        for t in trials
    ]
    more = f"; the {which} {len(rows)}:" if len(rows) < len(history.trials) else ""
    return html_table(f"{study!r}{more}", ("trial", "state", "value", *budget, *history.space), rows)
