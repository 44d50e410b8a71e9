"""The news of each study for its live page: what has changed, the report's words, and what mattered.

    mark       where a page stands: the log that it knows, the number of its entries, and a checksum of what runs

A page that was away gives its mark, and gets what it missed; if the log was rewritten meanwhile, it gets all of it.
Positions on an axis are integers from 0 to 10 000. Studies have numbers: those of a file, or 1 for one in memory.
"""

import json
import os
import secrets
import threading
import zlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hpt_lab.space import Space
from hpt_lab.study import History, StorageError, Study, Trial
from hpt_lab.study.directions import Directions
from hpt_lab.surrogates.importance import Importance
from hpt_lab.tools.report import tables
from hpt_lab.tools.report.facts import Facts, gather, shares_of, strategy_of
from hpt_lab.tools.report.languages import Say
from hpt_lab.tools.report.sections import Section, compose, importance
from hpt_lab.tools.report.tables import Table
from hpt_lab.tools.storage.owners import process_of
from hpt_lab.tools.storage.sqlite import Database, read_studies
from hpt_lab.values.display import shown

STOPS = 40  # of a slider: see page.js
MOST_POINTS = 40  # of a learning curve
LEFT_OUT = ValueError("left out")  # in place of the importance, which takes seconds


class Feed:
    """The news of one study. `changes` must always be called by the same thread: a log has an index for each."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._log: Any = None
        self._token = ""  # it names this log
        self._facts: tuple[Any, int, Facts] | None = None  # of a log of this length
        self._shares: tuple[Facts, Importance | ValueError] | None = None
        self._guard = threading.Lock()

    def changes(self, mark: str, names: dict[int, str]) -> tuple[str, dict[str, Any] | None]:
        """Return the mark of now, and what has changed since another mark, or None. `names`: of all studies, by number."""
        history = self.study.history
        log, version = history.trials.log, history.trials.version
        if log is not self._log:
            self._log, self._token = log, secrets.token_hex(4)
        now = {
            "running": _running(self.study, history),
            "names": {number: shown(name, 40) for number, name in names.items()},
            "front": [trial.number for trial in history.front],
        }
        check = f"{zlib.crc32(json.dumps(now).encode()):x}"
        token, seen, known = mark.split(".") if mark.count(".") == 2 else ("", "", "")
        start = int(seen) if token == self._token and seen.isdecimal() else None
        if (start, known) == (version, check):
            return mark, None
        places = sorted({place for place, _ in log.entries[start or 0 : version]})
        change: dict[str, Any] = {"trials": _columns([history.trials[place] for place in places], history)}
        if start is None:
            direction = history.direction
            each = direction if isinstance(direction, Directions) else Directions((direction,), ("",))
            named = [(shown(name, 40), one) for name, one in zip(each.labels, each.each, strict=True)]
            change |= {"axes": _axes(history.space), "objectives": named}
        return f"{self._token}.{version}.{check}", {**change, **now}

    def words(self, say: Say) -> dict[str, Any]:
        """Return the report's sentences, highlights and sections as they are now, without the importance."""
        page = compose(self.facts(), None, say)
        sections = {one.name: _piece(one) for one in page.sections if one.name not in ("importance", "trials")}
        return {"sentences": page.sentences, "highlights": page.highlights, "sections": sections}

    def importance(self, say: Say) -> dict[str, Any]:
        """Return the report's section on what mattered, with its bars: name, share and error of each."""
        with self._guard:  # computed once for several pages
            facts = self.facts()
            if self._shares is None or self._shares[0] is not facts:
                self._shares = facts, shares_of(facts.study)
            shares = self._shares[1]
        bars = []
        if isinstance(shares, Importance):
            bars = [(shown(name), share, shares.errors[name]) for name, share in shares.shares.items()]
            bars.append((say("together"), shares.rest, shares.rest_error))
        return {**_piece(importance(replace(facts, importance=shares), say)), "bars": bars}

    def table(self, say: Say, numbers: Collection[int]) -> dict[str, Any]:
        """Return the report's table of the complete trials with these numbers, best first."""
        facts = self.facts()
        return _cells(tables.trials(facts, say, [one for one in facts.history.ranked if one.number in numbers]))

    def facts(self) -> Facts:
        """Return the facts of the report as they are now, from a copy of the study that no one else uses."""
        trials = self.study.history.trials
        if self._facts is None or self._facts[:2] != (trials.log, trials.version):
            self._facts = trials.log, trials.version, gather(self.study, LEFT_OUT)
        return self._facts[2]


def _running(study: Study, history: History) -> list[dict[str, Any]]:
    """Return the running trials, oldest first, and the processes that asked for them."""
    with study._lock:
        owners, orphans = study._backend.owners(history), {trial.number for trial in study.orphans}
    rows = []
    for trial in history.running:
        owner = process_of(owners.get(trial.number, ""))
        row = {"number": trial.number, "started": trial.started, "budget": trial.budget, "owner": owner}
        row |= {"orphan": trial.number in orphans, "here": not owners}
        rows.append({**row, "params": [(shown(name), shown(value)) for name, value in trial.params.items()]})
    return rows


def _columns(trials: Sequence[Trial], history: History) -> dict[str, Any]:
    """Return the trials in columns; `end` is in seconds since the first trial was asked for."""
    start = history.trials[0].started if trials else 0.0
    columns: dict[str, Any] = {name: [getattr(trial, name) for trial in trials] for name in ("number", "budget")}
    columns["state"] = [trial.state[0] for trial in trials]  # r, c or f
    columns["values"] = [[float(f"{value:.6g}") for value in trial.values] for trial in trials]
    columns["end"] = [round(trial.started + (trial.seconds or 0.0) - start, 3) for trial in trials]
    columns["places"] = [
        [round(1e4 * dimension.encode(trial.params[name])) if name in trial.params else None for trial in trials]
        for name, dimension in history.space.dimensions.items()
    ]
    columns["more"] = {trial.number: more for trial in trials if (more := _more(trial))}
    return columns


def _more(trial: Trial) -> dict[str, Any]:
    """Return what only some trials have; `curve` has pairs of units of budget and values, at most 40 of them."""
    more: dict[str, Any] = {"violation": trial.violation} if trial.violation else {}
    if trial.expected is not None:
        more["expected"] = trial.expected
    if len(trial.curve) > 1:
        at = np.unique(np.linspace(0, len(trial.curve) - 1, MOST_POINTS).round().astype(int)).tolist()
        more["curve"] = [(i + 1, float(f"{trial.curve[i]:.6g}")) for i in at]
    return more


def _axes(space: Space) -> list[dict[str, Any]]:
    """Return the name of each axis, its ticks from below, and at each stop of its sliders the value and its position."""
    from hpt_lab.plots.studies import unit_ticks  # it imports matplotlib

    axes = []
    for name, dimension in space.dimensions.items():
        ticks = sorted((round(1e4 * place), text) for place, text in unit_ticks(dimension))
        values = [dimension.decode(i / STOPS) for i in range(STOPS + 1)]
        stops = [(shown(value), round(1e4 * dimension.encode(value))) for value in values]
        axes.append({"name": shown(name, 40), "ticks": ticks, "stops": stops})
    return axes


def _piece(section: Section) -> dict[str, Any]:
    """Return a section as JSON, with the words for what its figures show."""
    alts, table = [drawing.alt for drawing in section.drawings], section.table and _cells(section.table)
    return {"heading": section.heading, "text": section.text, "code": section.code, "alts": alts, "table": table}


def _cells(table: Table) -> dict[str, Any]:
    return {"heads": [shown(head) for head in table.heads], "rows": table.texts(), "numeric": table.numeric()}


class Studies:
    """Studies to be watched, while other processes may write the file, remove it, and replace it.

    Its methods must always be called by the same thread. They raise StorageError if the file cannot be read.
    """

    def __init__(self, of: Study | str) -> None:
        self.path = of if isinstance(of, str) else None
        self._feeds = {1: Feed(of)} if isinstance(of, Study) else {}
        self._database: Database | None = None
        self._identity: Any = None
        self.names()

    def names(self) -> dict[int, str]:
        """Return the name of each study."""
        if self.path is None:
            return {1: "study"}
        status = os.stat(self.path) if os.path.exists(self.path) else None
        identity = status and (status.st_dev, status.st_ino)
        if self._database is None or identity != self._identity:
            self._feeds, self._database = {}, None
            self._database, self._identity = Database(self.path), identity
        return {row.id: row.name for row in read_studies(self._database)}

    def feed(self, number: int) -> Feed:
        """Return the feed of a study. Raises KeyError if there is none of this number."""
        name = self.names()[number]
        if self.path is not None and (number not in self._feeds or self._feeds[number].study.name != name):
            self._feeds[number] = Feed(Study.open(self.path, name))
        return self._feeds[number]

    def changes(self, number: int, mark: str) -> tuple[str, dict[str, Any] | None]:
        """Return what has changed in a study since a mark, as its feed does; `gone` says why it cannot be read."""
        try:
            return self.feed(number).changes(mark, self.names())
        except (StorageError, KeyError) as error:
            self._feeds.pop(number, None)
            gone = str(error) if isinstance(error, StorageError) else ""  # it was deleted
            return "gone", None if mark == "gone" else {"gone": gone}

    def table(self, say: Say) -> dict[str, Any]:
        """Return a table with a row for each study, and their numbers."""
        heads = [*map(say, ("study", "strategy", "best value", "complete", "failed", "running"))]
        rows = []
        for number, name in (names := self.names()).items():
            study = self.feed(number).study
            history, front = study.history, study.history.front
            best = [one.value if one.value is not None else say("{n} on the front", n=len(front)) for one in front[:1]]
            counts = len(history.finished), len(history.failed), history.n_running
            cells = name, strategy_of(study)[1], *(best or [""]), *counts
            rows.append([shown(cell) for cell in cells])
        return {"heads": heads, "rows": rows, "numeric": [False] * 2 + [True] * 4, "numbers": list(names)}
