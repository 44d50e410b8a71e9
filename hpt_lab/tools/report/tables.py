"""The tables of a report: the space, the trials and each of them in detail, the budgets, and what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import Any

import numpy as np

from hpt_lab.space.space import HEADS, table_rows
from hpt_lab.study import Trial
from hpt_lab.study.tables import Reader, columns
from hpt_lab.tools.report.facts import Facts, strategy_of
from hpt_lab.tools.report.languages import Say
from hpt_lab.values.checks import short
from hpt_lab.values.display import shown, shown_row
from hpt_lab.values.frozen import unfrozen

MOST_ROWS = 500  # of the trials
MOST_ATTRIBUTES = 20  # columns
LONGEST = 1000  # characters of a value that is shown as Python
LONGEST_CELL = 400  # characters
MOST_POINTS = 40  # of a learning curve


@dataclass(frozen=True)
class Table:
    """Rows of cells under their heads. Numbers stay numbers, so that they can be sorted."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def texts(self) -> list[list[str]]:
        """Return the cells as text for people to read."""
        return [shown_row(row, LONGEST_CELL) for row in self.rows]

    def numeric(self) -> list[bool]:
        """Return a list with True for each column that holds only numbers, or None."""
        columns = [[row[i] for row in self.rows] for i in range(len(self.heads))]
        numbers = int | float | None
        return [all(isinstance(c, numbers) and not isinstance(c, bool) for c in column) for column in columns]


def as_python(params: Mapping[str, Any]) -> str:
    """Return params as a Python dict to copy, one per line. Values of more than 1000 characters are cut."""
    lines = []
    for name, value in params.items():
        try:
            text = repr(unfrozen(value))
        except Exception:
            text = short(value)
        text = text if text.isprintable() and len(text) <= LONGEST else short(value, LONGEST)
        lines.append(f"    {name!r}: {text},")
    return "\n".join(["{", *lines, "}"])


def remarks(facts: Facts, say: Say = str.format) -> Table:
    """Return a table of the notes on the study and on its trials, in this order."""
    named = sorted(facts.remarks.items(), key=lambda item: (len(item[0]), item[0]))
    rows = [(f"{say('trial')} {name}" if name else say("study"), text) for name, text in named]
    return Table([say("what"), say("note")], rows)


def hyperparameters(facts: Facts, say: Say = str.format) -> Table:
    """Return a table with a row for each dimension."""
    return Table(list(map(say, HEADS)), table_rows(facts.study.space, say))


def settings(facts: Facts, say: Say = str.format) -> Table:
    """Return a table of the settings that repeat the search."""
    each = facts.study.directions
    named = each.items() if isinstance(each, Mapping) else ((say("direction"), one) for one in each)
    rows: list[Any] = [(say("strategy"), strategy_of(facts.study)[0]), *((name, say(one)) for name, one in named)]
    rows.append((say("seed"), facts.study.seed))
    return Table([say("what"), say("value")], rows)


def front(facts: Facts, say: Say = str.format) -> Table:
    """Return a table of the front, by the first objective."""
    return trials(facts, say, sorted(facts.front, key=lambda trial: facts.losses[trial.number])[:MOST_ROWS])


def trials(facts: Facts, say: Say = str.format, listed: Sequence[Trial] | None = None) -> Table:
    """Return a table of some trials, or of all: the best first, then running and failed ones, at most 500.

    Of more than 20 attributes, it has the first 20.
    """
    listed = in_order(facts)[:MOST_ROWS] if listed is None else listed
    reads = columns_of(facts, say, listed, MOST_ATTRIBUTES)
    return Table([*reads], [tuple(read(trial) for read in reads.values()) for trial in listed])


def in_order(facts: Facts) -> list[Trial]:
    """Return all trials: the best first, then running and failed ones."""
    return [*facts.history.ranked, *facts.history.running, *facts.history.failed]


def columns_of(facts: Facts, say: Say, listed: Sequence[Trial], most: int | None = None) -> dict[str, Reader]:
    """Return the columns of a table of trials, with what reads each from a trial; `most`: attributes."""
    first: dict[str, Reader] = {say("trial"): attrgetter("number")}
    if any(trial.state != "complete" for trial in listed):
        first[say("state")] = lambda trial: say(trial.state)
    spent: dict[str, Reader] = {}
    if any(trial.budget is not None for trial in listed):
        spent[say("budget")] = attrgetter("budget")
    if any(trial.stopped is not None for trial in listed):
        spent[say("stopped after")] = lambda trial: None if trial.stopped is None else len(trial.curve)
    last = {say("seconds"): lambda trial: None if trial.seconds is None else float(f"{trial.seconds:.3g}")}
    values, params, attributes = columns(facts.history, {*first, *spent, *last}, say("value"), listed)
    return first | values | spent | params | dict(islice(attributes.items(), most)) | last


def detail(facts: Facts, say: Say, number: int) -> dict[str, Any]:
    """Return a trial in detail, by its number, as `trial.js` shows it: all that the columns of a table lack.

    `lines` begin with its rank; `code` is its params as Python, `error` what failed. Only a trial with a curve has `curve`
    and `caption`, and `beside`, the number of the best trial, if that is another one with a curve.
    """
    trial, best = facts.history.trials[number], facts.history.incumbent
    lines = [say("Started {time}.", time=f"{datetime.fromtimestamp(trial.started, UTC):%Y-%m-%d %H:%M:%S} UTC")]
    if number in facts.places:
        lines.insert(0, say("Rank {place} of {n}.", place=facts.places[number], n=len(facts.places)))
    if trial.expected is not None:
        lines.append(say("Its run was given up; expected at its end: {value}.", value=shown(trial.expected)))
    if text := facts.remarks.get(str(number)):
        lines.append(say("Note: {text}", text=text))
    told = {"lines": lines, "error": shown(trial.error, LONGEST_CELL), "code": as_python(trial.params)}
    if not (points := curve(trial)):
        return told
    if best is None or best.number == number or len(best.curve) < 2:
        return {**told, "curve": points, "caption": say("The value after each unit of budget.")}
    caption = say("The value after each unit of budget, and in gold that of the best trial.")
    return {**told, "curve": points, "beside": best.number, "caption": caption}


def curve(trial: Trial) -> list[tuple[int, float]]:
    """Return a learning curve as pairs of units of budget and values, at most 40 of them; none has fewer than two."""
    if len(trial.curve) < 2:
        return []
    at = np.unique(np.linspace(0, len(trial.curve) - 1, MOST_POINTS).round().astype(int)).tolist()
    return [(i + 1, float(f"{trial.curve[i]:.6g}")) for i in at]


def budgets(facts: Facts, say: Say = str.format) -> Table:
    """Return a table with a row per budget, highest first: its complete trials, and the best of them, if it is feasible."""
    at: dict[float | None, list[Trial]] = {}
    for trial in facts.history.ranked:
        at.setdefault(trial.budget, []).append(trial)
    highest_first = sorted(at.items(), key=lambda item: -(item[0] or 0))  # `ranked` has feasible ones first
    best = [(one.value, one.number) if (one := trials[0]).feasible else (None, None) for _, trials in highest_first]
    rows = [(budget, len(trials), *one) for (budget, trials), one in zip(highest_first, best, strict=True)]
    return Table([say(head) for head in ("budget", "complete trials", "best value", "trial")], rows)


def errors(facts: Facts, say: Say = str.format) -> Table:
    """Return a table with a row per error, the most frequent first, and the trials that it stopped."""
    by_text: dict[str, list[int]] = {}
    for trial in facts.history.failed:
        by_text.setdefault(" ".join((trial.error or "").split()), []).append(trial.number)
    rows = []
    for text, numbers in sorted(by_text.items(), key=lambda item: -len(item[1]))[:MOST_ROWS]:
        rows.append((len(numbers), text, ", ".join(map(str, numbers[:8])) + ", ..." * (len(numbers) > 8)))
    return Table([say(head) for head in ("trials", "error", "numbers")], rows)
