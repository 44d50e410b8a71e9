"""The trials of a study as rows of a table, for pandas, for files and for notebooks. Chapter 1."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from hpt_lab.study.history import History
from hpt_lab.study.trial import Trial
from hpt_lab.values.display import html_table
from hpt_lab.values.frozen import unfrozen

if TYPE_CHECKING:
    import pandas as pd

AFTER = ("value", "budget", "state", "error", "started", "seconds")
N_SHOWN = 5  # trials, in a notebook


def value_columns(history: History, taken: Collection[str] = ()) -> dict[str, Callable[[Trial], Any]]:
    """Return functions that read each value and then each constraint of a trial, None where it has none, by its name.

    One value is named "value", several are named by their labels. A name that is `taken` becomes `value_NAME` or
    `constraint_NAME`.
    """
    labels = history.directions.labels
    reads: dict[str, Callable[[Trial], Any]]
    reads = {f"value_{name}" if name in taken else name: partial(_value, i) for i, name in enumerate(labels)}
    limits = dict.fromkeys(name for trial in history.trials for name in trial.constraints)
    taken = (*taken, *labels)
    return reads | {f"constraint_{name}" if name in taken else name: partial(_limit, name) for name in limits}


def own_names(names: Iterable[str], taken: Collection[str], kind: str) -> dict[str, str]:
    """Return the column of each name: the name, or `KIND_NAME` where another column has that name."""
    return {name: f"{kind}_{name}" if name in taken else name for name in names}


def _value(place: int, trial: Trial) -> float | None:
    return trial.values[place] if trial.values else None


def _limit(name: str, trial: Trial) -> float | None:
    return trial.constraints.get(name)


def table(history: History, after: Sequence[str] = AFTER) -> tuple[list[str], list[list[Any]]]:
    """Return the names of the columns, and a row per trial: its number, params, the fields `after` them, its attributes.

    The names are those of `to_frame`. What a trial lacks is None. If a rule stopped some, three more fields follow.
    """
    after = (*after, "spent", "stopped", "expected") if history.stopped else after
    own, fixed = dict[str, Callable[[Trial], Any]](), {"number", *after} - {"value"}
    for name in after:
        own |= value_columns(history, fixed) if name == "value" else {name: attrgetter(name)}
    params = own_names(history.space, ("number", *own), "param")
    names = dict.fromkeys(name for trial in history.trials for name in trial.attributes)
    attributes = own_names(names, {"number", *params.values(), *own}, "attribute")
    rows = []
    for trial in history.trials:
        given = (unfrozen(trial.params.get(name)) for name in params), (read(trial) for read in own.values())
        rows.append(
            [trial.number, *given[0], *given[1], *(unfrozen(trial.attributes.get(name)) for name in attributes)]
        )
    return ["number", *params.values(), *own, *attributes.values()], rows


def frame(history: History) -> pd.DataFrame:
    """Return the trials as a pandas DataFrame: see `Study.to_frame`."""
    import pandas as pd

    columns, rows = table(history)
    trials = pd.DataFrame(rows, columns=columns)
    return trials.assign(started=pd.to_datetime(trials["started"], unit="s", utc=True))


def as_html(title: str, history: History) -> str:
    """Return a table of the best trials, or of the latest while none is complete, as HTML for notebooks."""
    which = "best" if history.ranked else "latest"
    trials = tuple(history.ranked[:N_SHOWN] or history.trials[: -N_SHOWN - 1 : -1])
    budget = ("budget",) if any(trial.budget is not None for trial in trials) else ()
    reads = value_columns(history) | {name: attrgetter(name) for name in budget}
    values = ([read(trial) for read in reads.values()] for trial in trials)
    rows = [(t.number, t.state, *own, *map(t.params.get, history.space)) for t, own in zip(trials, values, strict=True)]
    more = f"; the {which} {len(rows)}:" if len(rows) < len(history.trials) else ""
    heads = ("trial", "state", *reads)
    return html_table(f"{title}{more}", (*heads, *own_names(history.space, heads, "param").values()), rows)
