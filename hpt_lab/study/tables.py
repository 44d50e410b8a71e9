"""The trials of a study as rows of a table, for pandas, for files and for notebooks. Chapter 1."""

import csv
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from hpt_lab.study.history import History
from hpt_lab.study.trial import Trial
from hpt_lab.values.display import html_table
from hpt_lab.values.frozen import unfrozen

if TYPE_CHECKING:
    import pandas as pd

AFTER = ("value", "budget", "state", "error", "started", "seconds")
N_SHOWN = 5  # trials, in a notebook
Reader = Callable[[Trial], Any]


def columns(
    history: History, fixed: Collection[str], value: str = "value", trials: Iterable[Trial] = ()
) -> tuple[dict[str, Reader], dict[str, Reader], dict[str, Reader]]:
    """Return what reads the values and constraints, the params, and the attributes from a trial, by the name of its column.

    A column is named as what it holds; one value is named `value`, several by their labels. Where a `fixed` column or an
    earlier one has the name already, it becomes `value_NAME`, `constraint_NAME`, `param_NAME` or `attribute_NAME`. The
    attributes are those of some `trials`. What a trial lacks is None.
    """
    labels = history.directions.labels if history.directions.several else (value,)
    limits = dict.fromkeys(name for trial in history.trials for name in trial.constraints)
    attributes = dict.fromkeys(name for trial in trials for name in trial.attributes)
    reads: dict[str, dict[str, Reader]] = {"value": {name: partial(_value, i) for i, name in enumerate(labels)}}
    for kind, names in (("constraint", limits), ("param", history.space), ("attribute", attributes)):
        reads[kind] = {name: partial(_item, f"{kind}s", name) for name in names}
    taken = {*fixed}
    for kind, each in reads.items():
        heads = own_names(each, taken, kind)
        reads[kind] = {heads[name]: read for name, read in each.items()}
        taken |= reads[kind].keys()
    return reads["value"] | reads["constraint"], reads["param"], reads["attribute"]


def own_names(names: Iterable[str], taken: Collection[str], kind: str) -> dict[str, str]:
    """Return a name for each column that no other has: its own, or `KIND_NAME` if that is `taken`."""
    own = {name: name for name in names}
    used = {*own, *taken}
    for name in own:
        while own[name] in taken or (own[name] != name and own[name] in used):
            own[name] = f"{kind}_{own[name]}"
        used.add(own[name])
    return own


def _value(place: int, trial: Trial) -> float | None:
    return trial.values[place] if trial.values else None


def _item(field: str, name: str, trial: Trial) -> Any:
    return getattr(trial, field).get(name)


def table(history: History, after: Sequence[str] = AFTER) -> tuple[list[str], list[list[Any]]]:
    """Return the names of the columns, and a row per trial: its number, params, the fields `after` them, its attributes.

    The names are those of `to_frame`. What a trial lacks is None. If a rule stopped some, three more fields follow.
    """
    after = (*after, "spent", "stopped", "expected") if history.stopped else after
    values, params, attributes = columns(history, {"number", *after} - {"value"}, trials=history.trials)
    reads: dict[str, Reader] = {"number": attrgetter("number"), **params}
    for name in after:
        reads |= values if name == "value" else {name: attrgetter(name)}
    reads |= attributes
    return [*reads], [[unfrozen(read(trial)) for read in reads.values()] for trial in history.trials]


def as_csv(history: History, after: Sequence[str] = AFTER) -> str:
    """Return the table of all trials as CSV, its lines ending in LF."""
    lines: list[str] = []  # csv ends them in CRLF at first: only then it quotes a lone CR or LF
    names, rows = table(history, after)
    csv.writer(SimpleNamespace(write=lambda line: lines.append(f"{line[:-2]}\n"))).writerows([names, *rows])
    return "".join(lines)


def frame(history: History) -> "pd.DataFrame":
    """Return the trials as a pandas DataFrame: see `Study.to_frame`."""
    import pandas as pd

    names, rows = table(history)
    trials = pd.DataFrame(rows, columns=names)
    return trials.assign(started=pd.to_datetime(trials["started"], unit="s", utc=True))


def as_html(title: str, history: History) -> str:
    """Return a table of the best trials, or of the latest while none is complete, as HTML for notebooks."""
    which = "best" if history.ranked else "latest"
    trials = tuple(history.ranked[:N_SHOWN] or history.trials[: -N_SHOWN - 1 : -1])
    reads: dict[str, Reader] = {"trial": attrgetter("number"), "state": attrgetter("state")}
    last = {"budget": attrgetter("budget")} if any(trial.budget is not None for trial in trials) else {}
    values, params, _ = columns(history, {*reads, *last})
    reads |= values | last | params
    rows = [[read(trial) for read in reads.values()] for trial in trials]
    more = f"; the {which} {len(rows)}:" if len(rows) < len(history.trials) else ""
    return html_table(f"{title}{more}", [*reads], rows)
