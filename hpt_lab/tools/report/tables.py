"""The tables of a report: the space, the trials, the budgets, and what failed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from hpt_lab.space.space import HEADS, table_rows
from hpt_lab.study import Trial
from hpt_lab.study.tables import own_names, value_columns
from hpt_lab.tools.report.facts import Facts, strategy_of
from hpt_lab.tools.report.languages import Say
from hpt_lab.values.checks import short
from hpt_lab.values.display import shown_row
from hpt_lab.values.frozen import unfrozen

MOST_ROWS = 500  # of the trials
MOST_ATTRIBUTES = 20  # columns
LONGEST = 1000  # characters of a value that is shown as Python
LONGEST_CELL = 400  # characters


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
    return trials(facts, say, sorted(facts.front, key=lambda trial: facts.losses[trial.number]))


def trials(facts: Facts, say: Say = str.format, complete: Sequence[Trial] | None = None) -> Table:
    """Return a table of some complete trials, or of all trials: the best first, then running and failed ones; at most 500."""
    history = facts.history
    others = () if complete is not None else (*history.running, *history.failed)
    listed = [*(history.ranked if complete is None else complete), *others][:MOST_ROWS]
    attributes = list(dict.fromkeys(name for trial in listed for name in trial.attributes))[:MOST_ATTRIBUTES]
    reads = value_columns(history, ("trial", "state", "budget", "stopped after", "seconds"))
    columns: list[tuple[str, Callable[[Trial], Any]]] = [(say("trial"), attrgetter("number"))]
    if others:
        columns.append((say("state"), lambda trial: say(trial.state)))
    if "value" in reads:
        columns.append((say("value"), reads.pop("value")))
    if any(trial.budget is not None for trial in listed):
        columns.append((say("budget"), attrgetter("budget")))
    if any(trial.stopped is not None for trial in listed):
        columns.append((say("stopped after"), lambda trial: None if trial.stopped is None else len(trial.curve)))
    columns += reads.items()
    last = say("seconds")
    for field, names in (("param", history.space), ("attribute", attributes)):
        heads = own_names(names, (*(head for head, _ in columns), last), field)
        columns += [(head, _reader(f"{field}s", name)) for name, head in heads.items()]
    columns.append((last, lambda trial: None if trial.seconds is None else float(f"{trial.seconds:.3g}")))
    return Table([head for head, _ in columns], [tuple(read(trial) for _, read in columns) for trial in listed])


def _reader(field: str, name: str) -> Callable[[Trial], Any]:
    return lambda trial: getattr(trial, field).get(name)


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
