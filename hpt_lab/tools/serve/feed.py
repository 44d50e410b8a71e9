"""The news of a study for its live page: what has changed, the report's words, and what mattered.

    mark       where a page stands: the log that it knows, the number of its entries, and a checksum of what runs

A page that was away gives its mark, and gets what it missed; if the log was rewritten meanwhile, it gets all of it.
Positions on an axis are integers from 0 to 10 000. If its server was begun with `edit`, a page may ask for a change:

    {"log": token, "note": text, "trial": 7}        {"log": token, "name": text}        {"log": token, "delete": true}

`log` names the log that the page has seen, since the number of a deleted study may come again.

The studies that a live page shows, by number: those of a file, or one that is only in memory. One connection reads all of a
file, and reads again only what has changed.
"""

import json
import math
import secrets
import threading
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hpt_lab.space import Space
from hpt_lab.study import History, StorageError, Study, Trial
from hpt_lab.study.directions import Directions
from hpt_lab.study.log import Log
from hpt_lab.study.tables import own_names
from hpt_lab.surrogates.importance import Importance
from hpt_lab.tools.report import tables
from hpt_lab.tools.report.facts import Facts, strategy_of
from hpt_lab.tools.report.languages import Say
from hpt_lab.tools.report.sections import MAP, Section, compose, importance
from hpt_lab.tools.report.tables import Table
from hpt_lab.tools.storage import records
from hpt_lab.tools.storage.owners import process_of
from hpt_lab.tools.storage.sqlite import Database, Row, read_studies
from hpt_lab.values.display import shown

STOPS = 40  # of a slider: see page.js
ROWS = 25  # of the table of all trials, at once: see page.js
LONGEST = 600  # characters of what is wrong with a study
MOST_DIGITS = 19  # of a number in a request
CHANGES = ({"log", "note", "trial"}, {"log", "note"}, {"log", "name"}, {"log", "delete"})  # the keys of each
Key = tuple[int, float]  # number of a study, and when it was begun: a number may come again


class Feed:
    """The news of one study. `changes` must always be called by the same thread: a log has an index for each."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._log: Any = None
        self.token = ""  # it names the log that pages have seen
        self._facts: tuple[Any, Facts] | None = None  # of a log of this length, and these remarks
        self._table: tuple[Facts, Table, list[str]] | None = None  # of all trials, and the text in which to search
        self._map: tuple[Facts, list[str], Any] | None = None
        self._guard = threading.Lock()

    def changes(self, mark: str, names: dict[int, str]) -> tuple[str, dict[str, Any] | None]:
        """Return the mark of now, and what has changed since another mark, or None. `names`: of all studies, by number."""
        history = self.study.history
        log, version = history.trials.log, history.trials.version
        if log is not self._log:
            self._log, self.token = log, secrets.token_hex(4)
        with self.study._lock:
            backend = self.study._backend
            owners, orphans = backend.owners(history), {trial.number for trial in backend.orphans(history)}
        now = {
            "running": _running(history, owners, orphans),
            "names": {number: shown(name, 40) for number, name in names.items()},
            "front": [trial.number for trial in history.front],
            "remarks": records.remarks_of(self.study._backend.notes),
        }
        check = f"{zlib.crc32(as_json(now).encode()):x}"
        token, seen, known = mark.split(".") if mark.count(".") == 2 else ("", "", "")
        start = as_number(seen) if token == self.token else None
        if (start, known) == (version, check):
            return mark, None
        places = sorted({place for place, _ in log.entries[start or 0 : version]})
        change: dict[str, Any] = {"trials": _columns([history.trials[place] for place in places], history)}
        if start is None:
            direction = history.direction
            each = direction if isinstance(direction, Directions) else Directions((direction,), ("",))
            named = [(shown(name, 40), one) for name, one in zip(each.labels, each.each, strict=True)]
            change |= {"axes": _axes(history.space, [name or "value" for name, _ in named]), "objectives": named}
        return f"{self.token}.{version}.{check}", {**change, **now}

    def words(self, say: Say) -> dict[str, Any]:
        """Return the report's sentences, highlights and sections as they are now, without the importance."""
        page = compose(self.facts(), None, say, alive=True)
        sections = {one.name: _piece(one) for one in page.sections}
        return {"sentences": page.sentences, "highlights": page.highlights, "sections": sections}

    def importance(self, say: Say) -> dict[str, Any]:
        """Return the report's section on what mattered, with its bars: name, share and error of each."""
        with self._guard:  # computed once for several pages
            shares = (facts := self.facts()).importance
        bars = []
        if isinstance(shares, Importance):
            bars = [(shown(name), share, shares.errors[name]) for name, share in shares.shares.items()]
            bars.append((say("together"), shares.rest, shares.rest_error))
        return {**_piece(importance(facts, say)), "bars": bars}

    def map(self, say: Say, x: int | None = None, y: int | None = None) -> dict[str, Any]:
        """Return the values that a model expects over two hyperparameters, by their places, or over those that matter most.

        `grid` has a row for each place on the axis of the first; `names` has all that can be chosen. Too few trials have no grid.
        """
        from hpt_lab.plots.maps import predicted

        with self._guard:  # computed once for several pages
            facts = self.facts()
            mapped, space = facts.mapped, list(facts.study.space)
            told: dict[str, Any] = {"heading": say(MAP[0]), "text": say(MAP[1])}
            asked = [space[i] for i in (x, y) if i is not None and i < len(space) and space[i] in mapped]
            names = [*dict.fromkeys([*asked, *mapped])][:2]
            told["names"] = [(space.index(name), shown(name, 40)) for name in sorted(mapped, key=space.index)]
            if len(names) < 2:
                return told
            try:
                if self._map is None or self._map[0] is not facts or self._map[1] != names:
                    self._map = facts, names, predicted(facts.study, (names[0], names[1]))
            except ValueError:  # too few trials
                return told
            values, grid, *_ = self._map[2]
        told["at"] = [space.index(name) for name in names]
        encode = [facts.study.space[name].encode for name in names]
        told["places"] = [[round(1e4 * u(one)) for one in each] for u, each in zip(encode, values, strict=True)]
        told["alt"] = say("The expected value over {x} and {y}.", x=shown(names[0]), y=shown(names[1]))
        return told | {"grid": [[float(f"{value:.6g}") for value in row] for row in grid.tolist()]}

    def table(self, say: Say, numbers: Collection[int]) -> dict[str, Any]:
        """Return the report's table of the complete trials with these numbers, best first."""
        facts = self.facts()
        return _cells(tables.trials(facts, say, [one for one in facts.history.ranked if one.number in numbers]))

    def trials(self, say: Say, search: str = "", column: str = "", down: Any = "", start: int = 0) -> dict[str, Any]:
        """Return some rows of the table of all trials, from a `start` on: those that hold all words, sorted by a column.

        Without a column of this name, they are as in the report: the best first. Cells that are empty come last. `n` counts
        the rows that were found. Words are looked for in errors and remarks, too.
        """
        facts = self.facts()
        if self._table is None or self._table[0] is not facts:
            listed = tables.in_order(facts)
            whole = tables.trials(facts, say, listed)
            more = [(trial.error or "", facts.remarks.get(str(trial.number), "")) for trial in listed]
            texts = [" ".join((*row, *rest)).casefold() for row, rest in zip(whole.texts(), more, strict=True)]
            self._table = facts, whole, texts
        _, whole, texts = self._table
        words = search.casefold().split()
        rows = [row for row, text in zip(whole.rows, texts, strict=True) if all(word in text for word in words)]
        if column in (heads := [shown(head) for head in whole.heads]):
            i = heads.index(column)
            full = sorted(
                (row for row in rows if row[i] is not None), key=lambda row: _order(row[i]), reverse=bool(down)
            )
            rows = [*full, *(row for row in rows if row[i] is None)]
        start = start if start < len(rows) else 0
        cells = {**_cells(Table(whole.heads, rows[start : start + ROWS])), "numeric": whole.numeric()}
        return {**cells, "n": len(rows), "start": start}

    def trial(self, say: Say, number: int | None) -> dict[str, Any]:
        """Return a trial in detail, as the report does, with its row in the table and the curve of the best trial.

        Raises NoStudy if there is no trial of this number.
        """
        facts = self.facts()
        if number is None or number >= len(facts.history.trials):
            raise NoStudy(number)
        trial, reads = facts.history.trials[number], tables.columns_of(facts, say, tables.in_order(facts))
        cells = {shown(name): read(trial) for name, read in reads.items()}
        rows = [(name, shown(value, LONGEST)) for name, value in cells.items() if value is not None]
        told = tables.detail(facts, say, number)
        best = tables.curve(facts.history.trials[told["beside"]]) if "beside" in told else []
        return {**told, "rows": rows, "error": shown(trial.error, tables.LONGEST), "best": best}

    def change(self, path: str | None, asked: Any) -> None:
        """Make a change that a page asks for, in the file at `path`, or in memory.

        Raises NoChange if what is asked for is none, ValueError if the study has changed or a process trains one of its
        trials, and StorageError if the file cannot be written.
        """
        if not isinstance(asked, dict) or asked.keys() not in CHANGES or asked.get("delete", True) is not True:
            raise NoChange("a change has a note, a name, or delete")
        if asked["log"] != self.token:
            raise ValueError("the study was changed meanwhile: load this page again")
        name = self.study.name or ""
        if "note" in asked:
            of, text = asked.get("trial"), asked["note"]
            if not isinstance(text, str) or len(text) > tables.LONGEST_CELL:
                raise NoChange(f"a note is a text of at most {tables.LONGEST_CELL} characters")
            if of is not None and not (type(of) is int and 0 <= of < len(self.study.trials)):
                raise NoChange("a note is on a trial of the study, or on the study itself")
            where, text = "" if of is None else str(of), " ".join(text.split())
            if path is None:
                self.study.note(**{records.REMARKS: records.remarked(self.study.notes, where, text)})
            else:
                records.remark(path, name, where, text)
        elif path is None:
            raise ValueError("a study in memory has no name, and cannot be deleted")
        elif "name" in asked:
            records.rename_study(path, name, asked["name"])
        else:
            records.delete_study(path, name)

    def facts(self) -> Facts:
        """Return the facts of the report as they are now, from a copy of the study that no one else uses."""
        trials = self.study.history.trials
        of = trials.log, trials.version, records.remarks_of(self.study._backend.notes)
        if self._facts is None or self._facts[0] != of:
            self._facts = of, Facts(self.study)
        return self._facts[1]


def as_json(value: Any) -> str:
    """Return JSON on one line of ASCII. JSON has only finite numbers: another is {"float": "Infinity"}, "-Infinity" or "NaN"."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value).replace("inf", "Infinity").replace("nan", "NaN")}
    if isinstance(value, Mapping):
        return {key: _finite(inside) for key, inside in value.items()}
    return [_finite(inside) for inside in value] if isinstance(value, (list, tuple)) else value


def as_number(text: str) -> int | None:
    """Return the number that a request gives, or None if it is none."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _order(value: Any) -> tuple[bool, float, str]:
    """Return a key by which cells of any kind are sorted: numbers first."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (False, value, "") if is_number else (True, 0.0, shown(value).casefold())


def _running(history: History, owners: Mapping[int, str], orphans: Collection[int]) -> list[dict[str, Any]]:
    """Return the running trials, oldest first, and the processes that asked for them."""
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
    """Return what only some trials have."""
    more: dict[str, Any] = {"violation": trial.violation} if trial.violation else {}
    if trial.expected is not None:
        more["expected"] = trial.expected
    return more | ({"curve": curve} if (curve := tables.curve(trial)) else {})


def _axes(space: Space, objectives: Collection[str]) -> list[dict[str, Any]]:
    """Return the name of each axis, its ticks from below, and at each stop of its sliders the value and its position.

    The axes of the `objectives` come after these, and keep their names.
    """
    from hpt_lab.plots.studies import unit_ticks  # it imports matplotlib

    axes, names = [], own_names(space, objectives, "param")
    for name, dimension in zip(names.values(), space.dimensions.values(), strict=True):
        ticks = sorted((round(1e4 * place), text) for place, text in unit_ticks(dimension))
        values = [dimension.decode(i / STOPS) for i in range(STOPS + 1)]
        stops = [(shown(value), round(1e4 * dimension.encode(value))) for value in values]
        axes.append({"name": shown(name, 40), "ticks": ticks, "stops": stops, "has_order": dimension.has_order})
    return axes


def _piece(section: Section) -> dict[str, Any]:
    """Return a section as JSON, with the words for what its figures show."""
    alts, table = [drawing.alt for drawing in section.drawings], section.table and _cells(section.table)
    return {"heading": section.heading, "text": section.text, "code": section.code, "alts": alts, "table": table}


def _cells(table: Table) -> dict[str, Any]:
    return {"heads": [shown(head) for head in table.heads], "rows": table.texts(), "numeric": table.numeric()}


class NoStudy(KeyError):
    """There is no study of this number."""


class NoChange(ValueError):
    """A change that a page did not ask for as it must."""


class Studies:
    """Studies to be watched, while other processes may write the file, remove it, and replace it.

    Its methods must always be called by the same thread. They raise StorageError if the file cannot be read.
    """

    def __init__(self, of: Study | str) -> None:
        self._feeds, self._names = {}, {1: "study"}
        self._lock = threading.RLock()  # of the one connection, for all its studies
        self._database: Database | None = None
        self._version: Any = None  # of the file, when its rows were read
        self._listed: Any = None  # of the file, when its lines were read
        self._lines: dict[Key, tuple[Row, Log, list[str]]] = {}  # of the table
        if isinstance(of, Study):
            self.path, self._feeds = None, {1: Feed(of)}
        else:
            self._database = Database(of)
            self.path = self._database.path
            self.names()

    def names(self) -> dict[int, str]:
        """Return the name of each study: the same dict until the file has changed."""
        if self.path is None:
            return self._names
        with self._lock:
            if self._database is None or self._database.connection is None or self._database.is_replaced:
                self.close()
                self._database = Database(self.path)
            version = self._database.run("PRAGMA data_version")  # differs once another connection has changed the file
            if version != self._version:
                self._names = {row.id: row.name for row in read_studies(self._database)}
                self._version = version
            return self._names

    def close(self) -> None:
        """Close the file; the next to look opens it again."""
        if self._database is None:
            return
        with self._lock:
            self._database.close()
            self._feeds, self._database, self._version, self._listed = {}, None, None, None

    def feed(self, number: int) -> Feed:
        """Return the feed of a study. Raises NoStudy if no study has this number."""
        name = self.names().get(number)
        if name is None:
            raise NoStudy(number)
        if self.path is not None and (number not in self._feeds or self._feeds[number].study.name != name):
            with self._lock:
                study = Study.open(self._database, name)  # type: ignore[arg-type]
                study._lock = self._lock
                self._feeds[number] = Feed(study)
        return self._feeds[number]

    def changes(self, number: int, mark: str) -> tuple[str, dict[str, Any] | None]:
        """Return what has changed in a study since a mark, as its feed does; `gone` says why it cannot be read."""
        try:
            return self.feed(number).changes(mark, self.names())
        except (StorageError, NoStudy) as error:
            self._feeds.pop(number, None)
            gone = str(error) if isinstance(error, StorageError) else ""  # it was deleted
            return "gone", None if mark == "gone" else {"gone": gone}

    def overview(self, mark: str, say: Say) -> tuple[str, dict[str, Any] | None]:
        """Return the mark of the table of now, and the table if another mark is not its own.

        It has a row for each study, and their numbers. A study that cannot be read has a row that says so.
        """
        if self.path is None:
            study = self._feeds[1].study
            rows = {1: _line(self._names[1], strategy_of(study)[1], study.history, say)}
        else:
            rows = self._read_lines(say)
        table: dict[str, Any] = {
            "heads": [*map(say, ("study", "strategy", "best value", "complete", "failed", "running"))]
        }
        table |= {"rows": [*rows.values()], "numeric": [False] * 2 + [True] * 4, "numbers": [*rows]}
        new = f"{zlib.crc32(as_json(table).encode()):x}"
        return new, None if new == mark else table

    def _read_lines(self, say: Say) -> dict[int, list[str]]:
        """Return the row of each study of the file, by number; only what has changed is read."""
        self.names()
        if self._database is not None and self._listed != self._version:
            lines: dict[Key, tuple[Row, Log, list[str]]] = {}
            with self._lock, self._database.snapshot():
                for row in read_studies(self._database):
                    key = row.id, row.header["created"]
                    before, log, cells = self._lines.get(key, (None, Log(revision=row.revision), list[str]()))
                    if before != row:
                        log = log if log.revision == row.revision else Log(revision=row.revision)
                        try:
                            history = records.read_history(self._database, row, log)
                            cells = _line(row.name, row.header["strategy"].partition("(")[0], history, say)
                        except StorageError as error:
                            cells = [shown(row.name), shown(str(error), LONGEST), *[""] * 4]
                    lines[key] = row, log, cells
            self._lines, self._listed = lines, self._version
        return {number: cells for (number, _), (_, _, cells) in self._lines.items()}


def _line(name: str, strategy: str, history: History, say: Say) -> list[str]:
    front = history.front
    best = [one.value if one.value is not None else say("{n} on the front", n=len(front)) for one in front[:1]]
    counts = len(history.finished), len(history.failed), history.n_running
    return [shown(cell) for cell in (name, strategy, *(best or [""]), *counts)]
