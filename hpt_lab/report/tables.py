"""The tables of a report: the space, the trials, the budgets, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hpt_lab.report.languages import Say
from hpt_lab.space import Space, overview
from hpt_lab.study import Study, Trial
from hpt_lab.values.checks import short
from hpt_lab.values.frozen import fresh

__all__ = ["MOST_ROWS", "Table", "as_python", "budgets", "errors", "hyperparameters", "trials"]

MOST_ROWS = 500  # of the trials
MOST_ATTRIBUTES = 20  # columns
LONGEST = 1000  # letters of a value that is shown as Python


@dataclass(frozen=True)
class Table:
    """Rows of cells under their heads; numbers stay numbers, so that they can be sorted."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def as_python(params: dict[str, Any]) -> str:
    """Params as a dict of Python, one a line, to be copied. A value of more than 1000 letters is cut, and cannot be."""
    lines = []
    for name, value in params.items():
        try:
            text = repr(fresh(value))
        except Exception:
            text = short(value)
        text = text if text.isprintable() and len(text) <= LONGEST else short(value, LONGEST)
        lines.append(f"    {name!r}: {text},")
    return "\n".join(["{", *lines, "}"])


def hyperparameters(space: Space, say: Say = str.format) -> Table:
    """A row a dimension."""
    return Table(list(map(say, overview.HEADS)), overview.rows(space, say))


def trials(study: Study, say: Say = str.format) -> Table:
    """The trials, best first, then those that run or failed; of more than 500, the first 500 of these."""
    history = study.history
    listed = [*history.ranked, *history.running, *history.failed][:MOST_ROWS]
    with_budget, with_state = any(t.budget is not None for t in listed), len(history.finished) < len(history.trials)
    attributes = list(dict.fromkeys(name for trial in listed for name in trial.attributes))[:MOST_ATTRIBUTES]

    def row(trial: Trial) -> list[Any]:
        return [
            trial.number,
            *((say(trial.state),) if with_state else ()),
            trial.value,
            *((trial.budget,) if with_budget else ()),
            *(trial.params.get(name) for name in study.space),
            *(trial.attributes.get(name) for name in attributes),
            trial.seconds if trial.seconds is None else float(f"{trial.seconds:.3g}"),
        ]

    heads = ["trial", *(("state",) if with_state else ()), "value", *(("budget",) if with_budget else ())]
    return Table([*map(say, heads), *study.space, *attributes, say("seconds")], [row(trial) for trial in listed])


def budgets(study: Study, say: Say = str.format) -> Table:
    """A row a budget, the highest first: how many trials are complete there, and the best of them."""
    history = study.history
    at: dict[float | None, list[Trial]] = {}
    for trial in history.finished:
        at.setdefault(trial.budget, []).append(trial)
    rows = []
    for budget in sorted(at, key=lambda budget: -(budget or 0.0)):
        best = min(at[budget], key=history.loss)
        rows.append((budget, len(at[budget]), best.value, best.number))
    return Table([say(head) for head in ("budget", "complete trials", "best value", "trial")], rows)


def errors(study: Study, say: Say = str.format) -> Table:
    """A row an error, the most frequent first, with the trials that it stopped."""
    by_text: dict[str, list[int]] = {}
    for trial in study.history.failed:
        by_text.setdefault(" ".join((trial.error or "").split()), []).append(trial.number)
    ordered = sorted(by_text.items(), key=lambda item: -len(item[1]))[:MOST_ROWS]
    heads = [say(head) for head in ("trials", "error", "numbers")]
    return Table(heads, [(len(n), text, _listed(n)) for text, n in ordered])


def _listed(numbers: Sequence[int], most: int = 8) -> str:
    return ", ".join(map(str, numbers[:most])) + (", ..." if len(numbers) > most else "")
