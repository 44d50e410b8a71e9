"""The live page's server: what it tells of a study that changes, whom it answers, and that it changes nothing."""

import contextlib
import errno
import http.client
import json
import math
import os
import random
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import hpt_lab as hpt
from hpt_lab import Float, Int, RandomSearch, Space, Study
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.languages import messages, say
from hpt_lab.tools.report.sentences import summary, training
from hpt_lab.tools.serve import serve, server as serving
from hpt_lab.tools.serve.feed import Feed, Studies, as_json
from hpt_lab.tools.storage import sqlite
from hpt_lab.tools.storage.file import write_entry

EVIL = "<script>alert(1)</script>"
ROOM = Path(hpt.__file__).parent / "tools/serve"
SPACE = Space(x=Float(1e-3, 1e3, log=True), n=Int(1, 9).when(kind="a"), kind=["a", "b"])


def loss(params):
    return params["x"] + params.get("n", 0)


def told(study, n, value=loss):
    for _ in range(n):
        study.tell(trial := study.ask(), value(trial.params))
    return study


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("hpt_lab.tools.serve.server.POLL", 0.02)


@pytest.fixture
def study():
    return told(Study(SPACE, RandomSearch()), 3)


@pytest.fixture
def db(tmp_path):
    told(Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db", name="svm"), 3).close()
    return str(tmp_path / "runs.db")


def eventually(look, *, seconds=30):
    """Wait until a look is true."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end
        time.sleep(0.01)


def get(server, path, **headers):
    """Return the status, the headers and the text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


class Events:
    """The events of a study, one at a time."""

    def __init__(self, server, path, mark=""):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        self.connection.request("GET", path, headers={"Last-Event-ID": mark} if mark else {})
        self.answer = self.connection.getresponse()

    def next(self):
        while not (line := self.answer.readline()).startswith(b"id: "):
            assert line in (b":\n", b"\n")
        self.mark = line[4:].decode().strip()
        return json.loads(self.answer.readline().removeprefix(b"data: "))


# ---- What is told


def test_a_page_that_has_seen_some_trials_is_told_of_the_others_alone(study):
    with study.serve() as server:
        events = Events(server, "/events?study=1")
        first = events.next()
        assert events.answer.headers["Content-Type"].startswith("text/event-stream")
        assert first["trials"]["number"] == [0, 1, 2]
        assert [axis["name"] for axis in first["axes"]] == ["x", "n", "kind"]
        trial = study.ask()
        second = events.next()
        assert (second["trials"]["number"], second["trials"]["state"]) == ([3], ["r"])
        assert [(row["number"], row["here"]) for row in second["running"]] == [(3, True)]
        assert "axes" not in second
        study.tell(trial, 0.5)
        third = events.next()
        assert (third["trials"]["number"], third["trials"]["values"], third["running"]) == ([3], [[0.5]], [])
        told(study, 2)
        late = Events(server, "/events?study=1", events.mark).next()
        assert late["trials"]["number"] == [4, 5]


def test_a_position_is_that_of_the_parallel_coordinates():
    study = Study(SPACE, RandomSearch())
    study.add({"x": 1.0, "kind": "b"}, 1.0)
    study.add({"x": 1e3, "kind": "a", "n": 9}, 1.0)
    change = Feed(study).changes("", {})[1]
    expected = [[round(1e4 * SPACE[name].encode(v)) for v in values] for name, values in {"x": [1.0, 1e3], "kind": ["b", "a"]}.items()]  # fmt: skip
    assert [change["trials"]["places"][i] for i in (0, 2)] == expected
    assert change["trials"]["places"][1] == [None, round(1e4 * SPACE["n"].encode(9))]
    axis = change["axes"][2]
    assert {text: place for text, place in axis["stops"]} == {text: place for place, text in axis["ticks"]}


def test_a_log_that_was_rewritten_is_told_from_its_start(study):
    feed = Feed(study)
    mark, _ = feed.changes("", {})
    assert feed.changes(mark, {}) == (mark, None)
    study.abandon([study.ask()])  # it is as if never asked for
    new, change = feed.changes(mark, {})
    assert change["trials"]["number"] == [0, 1, 2]
    assert len(change["axes"]) == 3
    assert feed.changes(new, {}) == (new, None)
    for forged in ("a.b.c", "..", new.replace(".", ""), f"{new}.1", new.partition(".")[0] + ".-1.0"):
        assert feed.changes(forged, {})[1]["trials"]["number"] == [0, 1, 2]


def test_long_curves_are_told_in_forty_points():
    study = Study(Space(x=Float(0, 1)), RandomSearch())

    def train(params):
        yield from (1 / (1 + i) for i in range(200))

    hpt.run(study, train, 1, progress=False)
    curve = Feed(study).changes("", {})[1]["trials"]["more"][0]["curve"]
    assert len(curve) == 40
    assert (curve[0], curve[-1]) == ((1, 1.0), (200, 0.005))


def test_several_objectives_constraints_and_runs_that_were_given_up_are_told():
    study = Study(SPACE, RandomSearch(), directions={"size": "minimize", "accuracy": "maximize"})
    for pair, memory in (((3.0, 5.0), -1), ((1.0, 2.0), 0), ((2.0, 1.0), 0), ((0.5, 9.0), 2)):
        study.tell(study.ask(), pair, constraints={"memory": memory})
    mark, change = (feed := Feed(study)).changes("", {})
    json.dumps(change)
    assert change["objectives"] == [("size", "minimize"), ("accuracy", "maximize")]
    assert change["trials"]["values"] == [[3.0, 5.0], [1.0, 2.0], [2.0, 1.0], [0.5, 9.0]]
    assert (change["front"], change["trials"]["more"]) == ([0, 1], {3: {"violation": 2.0}})
    assert feed.words(str.format)["sentences"][1].startswith("2 trials are on the front: ")
    assert feed.table(str.format, {1, 3})["rows"][0][:3] == ["1", "1", "2"]
    study.tell(study.ask(), (0.1, 10.0))
    assert feed.changes(mark, {})[1]["front"] == [4]
    assert feed.words(str.format)["sentences"][1].startswith("1 trial is on the front: ")
    stopped = Study(SPACE, RandomSearch())

    def train(params):
        yield from [params["x"]] * 9

    hpt.run(stopped, train, 12, stopping=hpt.MedianStopping(n_trials=2), progress=False)
    told = Feed(stopped).changes("", {})[1]["trials"]["more"]
    expected = {trial.number: trial.expected for trial in stopped.trials if trial.expected is not None}
    assert expected
    assert {number: more["expected"] for number, more in told.items() if "expected" in more} == expected


def test_running_trials_have_their_process_until_it_ends(db):
    studies, study = Studies(db), Study(SPACE, RandomSearch(), storage=db, name="svm")
    study.ask()
    mark, change = studies.changes(1, "")
    (row,) = change["running"]
    assert (row["number"], row["owner"][0], row["orphan"], row["here"]) == (3, os.getpid(), False, False)
    study.close()  # as if its process had ended: nothing is written
    new, change = studies.changes(1, mark)
    assert [(row["number"], row["orphan"]) for row in change["running"]] == [(3, True)]
    assert studies.changes(1, new) == (new, None)


def test_the_words_are_those_of_the_report(study):
    study.tell(study.ask(), error="ValueError: too\nfar")
    feed, facts = Feed(study), Facts(study)
    words = feed.words(str.format)
    assert words["sentences"] == summary(facts)
    assert words["sections"]["failed"]["table"]["rows"] == [["1", "ValueError: too far", "3"]]
    assert {"best", "paths", "lines", "space", "settings"} <= words["sections"].keys()
    assert "importance" not in words["sections"]
    assert feed.words(say("ko"))["sentences"] == summary(facts, say("ko"))
    assert feed.facts() is feed.facts()
    told(study, 1)
    assert feed.words(str.format)["highlights"][1] == ("trials", "5")


def test_the_importance_is_that_of_the_report_and_is_computed_once(study, monkeypatch):
    feed = Feed(study)
    piece = feed.importance(str.format)
    assert piece["bars"] == []
    assert "must have at least 5 in this space" in piece["text"]
    told(study, 20)
    shares = hpt.importance(study)
    bars = feed.importance(str.format)["bars"]
    assert dict(bars[i][:2] for i in range(3)) == dict(shares.shares)
    assert bars[3] == ("together", shares.rest, shares.rest_error)
    monkeypatch.setattr("hpt_lab.tools.report.facts.importance", None)
    assert feed.importance(str.format)["bars"] == bars


def test_a_table_has_the_trials_that_are_asked_for_best_first(study):
    table = Feed(study).table(str.format, {0, 2, 77})
    ranked = [str(trial.number) for trial in study.history.ranked if trial.number != 1]
    assert [row[0] for row in table["rows"]] == ranked
    assert table["heads"][:3] == ["trial", "value", "x"]


def test_all_trials_are_found_by_words_and_sorted_by_any_column():
    study = Study(Space(x=Float(0, 9), kind=["a", "b"]), RandomSearch())
    for x, kind, value in ((3.0, "a", 10.0), (1.0, "b", 9.0), (2.0, "a", None), (4.0, "b", 100.0)):
        study.strategy = hpt.ManualSearch([{"x": x, "kind": kind}] * 4)
        attributes = {"label": "Größe X"} if x == 3.0 else None
        study.tell(study.ask(), value, attributes=attributes, error="OSError: Disk full" if value is None else None)
    study.note(remarks={"1": "the one to KEEP"})
    feed = Feed(study)

    def found(*asked):
        return [row[0] for row in feed.trials(str.format, *asked)["rows"]]

    assert feed.trials(str.format)["heads"] == ["trial", "state", "value", "x", "kind", "label", "seconds"]
    assert found() == ["1", "0", "3", "2"]  # the best first, and what failed last
    assert (found("", "value"), found("", "value", True)) == (["1", "0", "3", "2"], ["3", "0", "1", "2"])  # as numbers
    assert (found("", "x"), found("", "kind", True)[:2]) == (["1", "2", "0", "3"], ["1", "3"])
    assert found("", "label", True)[0] == "0"
    assert (found("größe"), found("disk FULL"), found("keep one"), found("b 100"), found("zebra")) == (
        ["0"],
        ["2"],
        ["1"],
        ["3"],
        [],
    )
    assert found("", "no such column") == found()
    study.note(remarks={})
    assert found("keep") == []
    for _ in range(60):
        study.add({"x": 5.0, "kind": "a"}, 1.0)
    pages = [feed.trials(str.format, "", "trial", False, start) for start in (0, 25, 50, 75)]
    assert [(page["n"], page["start"], len(page["rows"])) for page in pages] == [
        (64, 0, 25),
        (64, 25, 25),
        (64, 50, 14),
        (64, 0, 25),
    ]
    assert [row[0] for page in pages[:3] for row in page["rows"]] == list(map(str, range(64)))


def test_cells_of_any_kind_are_sorted_numbers_first():
    study = Study(Space(x=Float(0, 1)), RandomSearch())
    for value in ("b", 10, None, 2.5, True, [1], "A"):
        study.tell(study.ask(), 0.0, attributes={"any": value})
    for down in (False, True):
        cells = [row[3] for row in Feed(study).trials(str.format, "", "any", down)["rows"]]
        up = ["2.5", "10", "[1]", "A", "b", "True"]
        assert cells == [*(up[::-1] if down else up), ""]


def test_a_trial_in_detail_has_its_rank_and_all_attributes_under_the_heads_of_the_table():
    study = Study(Space(x=Float(0, 1), state=[5]), RandomSearch())
    for value in (3.0, 1.0, 2.0):
        study.tell(study.ask(), value, attributes={f"a{i}": i for i in range(30)} | {"seconds": 7})
    study.tell(study.ask(), error=f"ValueError: {EVIL}")
    study.note(remarks={"2": "again"})
    feed = Feed(study)
    told = feed.trial(str.format, 2)
    rows, heads = dict(told["rows"]), feed.trials(str.format)["heads"]
    assert (rows["value"], rows["param_state"], rows["a29"], rows["attribute_seconds"]) == ("2", "5", "29", "7")
    assert {head for head in heads if "a" not in head} <= rows.keys()
    assert told["lines"][0] == "Rank 2 of 3."
    assert told["lines"][-1] == "Note: again"
    assert eval(told["code"]) == study.trials[2].params
    failed = feed.trial(str.format, 3)
    assert (failed["error"], len(failed["lines"]), "value" in dict(failed["rows"])) == (f"ValueError: {EVIL}", 1, False)
    with study.serve() as server:
        assert json.loads(get(server, "/trial?study=1&number=2")[2])["lines"] == told["lines"]
        assert [get(server, f"/trial?study=1{more}")[0] for more in ("&number=4", "", "&number=x")] == [404] * 3


def test_all_trials_are_sent_as_csv(study, db, capsys):

    with study.serve() as server:
        status, headers, text = get(server, "/csv?study=1")
        assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
        assert text.splitlines()[0].startswith("number,x,n,kind,value,")
        assert [float(line.split(",")[1]) for line in text.splitlines()[1:]] == [
            trial.params["x"] for trial in study.trials
        ]
        assert get(server, "/csv?study=1", Origin="http://127.0.0.1:1")[0] == 403


def test_a_map_is_that_of_the_lab_and_is_computed_once(study, monkeypatch):
    from hpt_lab.plots.maps import predicted

    feed = Feed(study)
    assert "grid" not in feed.map(str.format)  # three trials tell nothing
    told(study, 20, lambda params: math.log10(params["x"]) ** 2)
    whole = feed.map(str.format)
    assert (whole["at"], whole["names"]) == ([0, 2], [(0, "x"), (2, "kind")])
    values, grid, *_ = predicted(study, ("x", "kind"))
    assert whole["grid"] == [[float(f"{value:.6g}") for value in row] for row in grid]
    assert whole["places"] == [
        [round(1e4 * SPACE[name].encode(one)) for one in each] for name, each in zip(("x", "kind"), values, strict=True)
    ]
    turned = feed.map(str.format, 2, 0)
    assert turned["at"] == [2, 0]
    assert math.isclose(turned["grid"][1][7], whole["grid"][7][1], rel_tol=1e-3)
    monkeypatch.setattr("hpt_lab.plots.maps.predicted", None)
    assert feed.map(str.format, 2, 0) == turned
    with study.serve() as server:
        server.studies.feed(1).map = lambda say, x, y: {"asked": [x, y]}
        assert json.loads(get(server, "/map?study=1&x=2&y=x")[2]) == {"asked": [2, None]}


def test_all_studies_of_a_file_are_told_and_a_new_one_too(db):
    other = Study(SPACE, hpt.TPE(), storage=db, name=EVIL, direction="maximize")
    told(Study(SPACE, RandomSearch(), storage=db, name="two", directions=["minimize"] * 2), 1, lambda params: (1, 2))
    with serve(db) as server:
        assert server.url.endswith("/")
        events = Events(server, "/events")
        table = events.next()
        assert [row[:2] for row in table["rows"]] == [["svm", "RandomSearch"], [EVIL, "TPE"], ["two", "RandomSearch"]]
        assert [row[3] for row in table["rows"]] == ["3", "0", "1"]
        assert [row[2] for row in table["rows"]][1:] == ["", "1 on the front"]
        assert table["numbers"] == [1, 2, 3]
        told(other, 1)
        while [row[3] for row in events.next()["rows"]] != ["3", "1", "1"]:
            pass  # it runs
        assert Events(server, "/events?study=2").next()["names"] == {"1": "svm", "2": EVIL, "3": "two"}


def test_numbers_at_the_end_of_floats_are_told_as_json_has_them(tmp_path):
    """A stranger's file may hold any number that a trial may have; a sum of two may be none."""
    study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db")
    for value in (1.7e308, -1.7e308, 1.0, 2.0, 3.0, 4.0):
        study.tell(study.ask(), value, constraints={"a": 1.7e308, "b": 1.7e308}, attributes={"seconds": 1.7e308})
    study.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "runs.db")) as connection:
        rows = connection.execute("SELECT study, number, place, owner, trial FROM entries WHERE owner = ''").fetchall()
        for *key, text in rows:
            text = json.dumps(json.loads(text) | {"seconds": 1.7e308})
            mark = sqlite.crc(*key, text)
            connection.execute("UPDATE entries SET trial = ?, crc = ? WHERE number = ?", (text, mark, key[1]))
        connection.commit()
    study = Study.open(tmp_path / "runs.db")
    assert {trial.violation for trial in study.trials} == {sys.float_info.max}
    feed = Feed(study)
    for told in (
        feed.changes("", {})[1],
        feed.words(str.format),
        feed.importance(str.format),
        feed.table(str.format, range(6)),
    ):
        json.loads(json.dumps(told, allow_nan=False))
    assert feed.changes("", {})[1]["trials"]["more"][0]["violation"] == sys.float_info.max
    assert "inf" not in training(feed.facts())


def test_a_number_that_json_has_not_is_told_by_its_name():
    text = as_json({"a": [math.inf, (-math.inf, math.nan)], "b": 1.5, "c": None, "d": {"e": True}})
    told = json.loads(text, parse_constant=pytest.fail)
    assert told == {"a": [{"float": "Infinity"}, [{"float": "-Infinity"}, {"float": "NaN"}]], "b": 1.5, "c": None, "d": {"e": True}}  # fmt: skip
    with study_of_one().serve() as server:
        server.studies.feed(1).importance = lambda say: {"bars": [("x", math.nan, math.inf)]}
        status, _, text = get(server, "/importance?study=1")
        assert (status, json.loads(text, parse_constant=pytest.fail)["bars"][0][1]) == (200, {"float": "NaN"})


def study_of_one():
    return told(Study(SPACE, RandomSearch()), 1)


# ---- What a look costs


@pytest.fixture
def many(tmp_path):
    """Gives a function that makes a file of so many studies."""

    def many(n):
        path = tmp_path / f"{n}.db"
        told(Study(SPACE, RandomSearch(), storage=path, name="study 1"), 2).close()
        database = sqlite.Database(str(path))
        with database.begin():
            row = sqlite.read_study(database, "study 1")
            entries = database.run("SELECT number, place, owner, trial FROM entries")
            for number in range(2, n + 1):
                row._replace(id=number, name=f"study {number}").write(database)
                for values in entries:
                    write_entry(database, (number, *values))
            database.commit()
        database.close()
        return str(path)

    return many


def statements(database, work):
    """Return what is asked of a file while some work is done."""
    asked, run = [], database.run
    database.run = lambda statement, values=(): asked.append(statement) or run(statement, values)
    try:
        work()
    finally:
        del database.run
    return asked


def test_an_overview_reads_each_study_once_and_later_only_what_has_changed(many):
    studies = Studies(path := many(20))
    asked = statements(studies._database, lambda: studies.overview("", str.format))
    assert sum("FROM entries" in text for text in asked) == 20
    mark, table = studies.overview("", str.format)
    assert [row[3] for row in table["rows"]] == ["2"] * 20
    asked = statements(studies._database, lambda: studies.overview(mark, str.format))
    assert asked == ["PRAGMA data_version"]
    assert studies.overview(mark, str.format) == (mark, None)
    told(Study(SPACE, RandomSearch(), storage=path, name="study 7"), 1)
    asked = statements(studies._database, lambda: studies.overview(mark, str.format))
    assert sum("FROM entries" in text for text in asked) == 1
    new, table = studies.overview(mark, str.format)
    assert new != mark
    assert [row[3] for row in table["rows"]] == ["2"] * 6 + ["3"] + ["2"] * 13
    Study(SPACE, RandomSearch(), storage=path, name="study 3").ask()
    assert studies.overview("", str.format)[1]["rows"][2][3:] == ["2", "0", "1"]
    studies.close()


def test_a_look_without_news_reads_no_row_however_many_studies_there_are(many):
    studies = Studies(many(20))
    mark, _ = studies.changes(5, "")
    asked = statements(studies._database, lambda: studies.changes(5, mark))
    assert set(asked) == {"PRAGMA data_version"}
    studies.close()


def n_open(path):
    """Return the number of this process's descriptors of a file, and of the files that SQLite keeps beside it."""
    descriptors = (Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
    return sum(os.readlink(one).startswith(str(path)) for one in descriptors if one.is_symlink())


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux's list of descriptors")
def test_a_server_has_one_connection_for_any_number_of_studies(many):
    def taken(n):
        studies = Studies(path := many(n))
        studies.overview("", str.format)
        for number in range(1, n + 1):
            assert len(studies.changes(number, "")[1]["trials"]["number"]) == 2
        count = n_open(path)
        studies.close()
        assert n_open(path) == 0
        return count

    assert taken(5) == taken(40) <= 3  # the file, and the two of SQLite beside it


def test_a_study_that_cannot_be_read_has_a_row_that_says_so_among_the_others(many):
    with contextlib.closing(sqlite3.connect(path := many(3))) as connection:
        connection.execute("UPDATE entries SET crc = 0 WHERE study = 2 AND number = 0")
        connection.commit()
    with serve(path) as server:
        rows = Events(server, "/events").next()["rows"]
        assert [row[0] for row in rows] == ["study 1", "study 2", "study 3"]
        assert [row[3] for row in rows] == ["2", "", "2"]
        assert "entry 0 is not as it was written" in rows[1][1]
        assert "entry 0 is not as it was written" in Events(server, "/events?study=2").next()["gone"]
        assert get(server, "/words?study=2")[0] == 503
        assert get(server, "/words?study=3")[0] == 200


def test_no_one_reads_in_the_middle_of_anothers_look(many):
    """One connection serves all pages, of which each has a thread."""
    studies = Studies(path := many(3))
    feed, asked, others = studies.feed(1), [], []
    told(Study(SPACE, RandomSearch(), storage=path, name="study 1"), 1)
    database, run = studies._database, studies._database.run

    def run_beside(statement, values=()):
        asked.append((threading.get_ident(), statement))
        if "FROM entries" in statement and not others:  # another page asks now
            others.append(threading.Thread(target=feed.facts))
            others[0].start()
            others[0].join(0.3)
        return run(statement, values)

    database.run = run_beside
    studies.overview("", str.format)
    others[0].join(60)
    ours = [number for number, (thread, _) in enumerate(asked) if thread == threading.get_ident()]
    assert ours == list(range(len(ours)))
    assert len(asked) > len(ours)
    assert len(feed.facts().history.trials) == 3
    del database.run
    studies.close()


def test_many_pages_of_many_studies_are_told_the_truth_while_searches_write(many):
    path, wrong, ended = many(6), [], threading.Event()
    writers = [Study(SPACE, RandomSearch(), storage=path, name=f"study {number}") for number in (1, 4)]

    def watch(server, path):
        while not ended.is_set():
            if (answer := get(server, path))[0] != 200:
                wrong.append(answer)

    def follow(server, path):
        events = Events(server, path)
        while not ended.is_set():
            change = events.next()
            if "gone" in change or any("damaged" in row[1] for row in change.get("rows", ())):
                wrong.append(change)

    with serve(path) as server:
        paths = ["/words?study=1", "/words?study=4", "/table?study=4&numbers=0,1", "/words?study=2"]
        threads = [threading.Thread(target=watch, args=(server, path)) for path in paths]
        threads += [threading.Thread(target=follow, args=(server, f"/events?study={number}")) for number in (0, 1, 4)]
        for thread in threads:
            thread.start()
        for turn in range(61):
            if turn == 60:
                ended.set()  # those who follow have news once more
            for writer in writers:
                told(writer, 1)
        for thread in threads:
            thread.join(60)
        assert not wrong, wrong[:3]
        assert [row[3] for row in Events(server, "/events").next()["rows"]] == ["63", "2", "2", "63", "2", "2"]


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file in use")
def test_a_study_that_is_deleted_and_a_file_that_is_replaced_are_followed(db, tmp_path):
    from hpt_lab.tools.storage.records import copy_study, delete_study

    studies = Studies(db)
    mark, _ = studies.changes(1, "")
    copy_study(db, "svm", tmp_path / "new.db", "net")
    delete_study(db, "svm")
    mark, change = studies.changes(1, mark)
    assert change == {"gone": ""}
    assert studies.changes(1, mark) == (mark, None)
    for end in ("", "-wal", "-shm"):
        Path(db + end).unlink(missing_ok=True)
    assert "does not exist" in studies.changes(1, "")[1]["gone"]
    os.replace(tmp_path / "new.db", db)
    mark, change = studies.changes(1, mark)
    assert change["names"] == {1: "net"}
    assert change["trials"]["number"] == [0, 1, 2]


# ---- Whom it answers, and with what


def test_the_page_runs_only_its_own_scripts_and_loads_nothing_from_elsewhere(tmp_path):
    told(Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db", name=EVIL), 1).close()
    with serve(tmp_path / "runs.db") as server:
        status, headers, page = get(server, "/")  # of the only study
        assert status == 200
        assert page.count("<script") == 1
        assert "&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in page
        assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self'; connect-src 'self'" in page  # fmt: skip
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        scripts = [get(server, f"/{name}") for name in ("page.js", "charts.js", "trial.js")]
        assert {headers["Content-Type"] for _, headers, _ in scripts} == {"text/javascript; charset=utf-8"}
        whole = page + "".join(text for *_, text in scripts)
        assert not re.findall(r"https?://|innerHTML|eval\(|insertAdjacent", whole)


def test_only_a_page_of_this_machine_is_answered(study):
    with study.serve() as server:
        assert server.server_address[0] == "127.0.0.1"
        assert get(server, "/?study=1", Host=f"localhost:{server.server_port}")[0] == 200
        for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1.evil.example:80", "", "[::1]:80"):
            status, _, text = get(server, "/words?study=1", Host=host)
            assert (status, text) == (403, "This page is for this machine only.")
        for host in ("127.0.0.1", "localhost", "localhost:1"):  # a port may be that of a tunnel
            assert get(server, "/words?study=1", Host=host)[0] == 200


@pytest.mark.parametrize("path", ["/report?study=1", "/words?study=1", "/events?study=1", "/page.js"])
def test_no_other_page_of_this_machine_is_answered(path, db):
    with serve(db) as server:
        server.reports.make = lambda *options: (0, b"", b"")
        origin = f"http://127.0.0.1:{server.server_port}"
        for wrong in (
            {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://127.0.0.1:3000"}, {"Origin": "null"},
            {"Origin": origin, "Sec-Fetch-Site": "same-site"}, {"Origin": origin.replace("http", "https")},
        ):  # fmt: skip
            assert (wrong, get(server, path, **wrong)[0]) == (wrong, 403)
        for right in ({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": origin}, {}):
            if "events" in path:
                connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
                connection.request("GET", path, headers=right)
                assert connection.getresponse().status == 200
            else:
                assert (right, get(server, path, **right)[0]) == (right, 200)
        assert get(server, "/", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})[0] == 200  # a link
        assert get(server, "/", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})[0] == 403


@pytest.mark.parametrize("path", ["/x", "/../server.py", "/feed.py", "/?study=2", "/?study=-1", "/?study=x", "/words", "/table?study=2",
                                  "/events?study=9", "/report?study=1", "/page.js/", f"/words?study={'9' * 999}"])  # fmt: skip
def test_what_is_not_there_is_not_found(study, path):
    with study.serve() as server:
        assert get(server, path)[0] == 404


def test_nothing_can_be_changed(study):
    before = study.to_json()
    with study.serve() as server:
        for method in ("POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
            request = urllib.request.Request(server.url, method=method, data=b"{}")
            with pytest.raises(urllib.error.HTTPError, match="501"):
                urllib.request.urlopen(request, timeout=60)
        assert get(server, "/words?study=1")[0] == 200
    assert study.to_json() == before


def test_pages_that_come_and_go_leave_no_index_of_their_threads_in_a_log(study):
    with study.serve() as server:
        for _ in range(5):
            assert Events(server, "/events?study=1").next()
            assert get(server, "/words?study=1")[0] == 200
            assert get(server, "/table?study=1&numbers=1,x,,999999999999999999999999")[0] == 200
    assert len({thread for thread, *_ in study._backend.log.indices}) <= 2  # ours, and its reader


def test_the_report_of_now_is_made_by_a_process_of_its_own(tmp_path):
    Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db", name="-svm").close()
    with serve(tmp_path / "runs.db", language="ko") as server:
        status, headers, text = get(server, "/report?study=1")
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8"), text
        assert "<h1>-svm</h1>" in text
        assert "끝난 시행이 아직 없다." in text


@pytest.fixture
def slow(monkeypatch):
    """The processes of reports, which take longer than any test."""
    made = []

    def begin(options):
        command = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
        made.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return made[-1]

    monkeypatch.setattr(serving, "_begin_report", begin)
    yield made
    for process in made:
        process.kill()


def asks(server, path="/report?study=1"):
    client = socket.create_connection(("127.0.0.1", server.server_port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return client


def test_one_report_is_made_at_a_time_and_ends_with_who_asked(db, slow):
    with serve(db) as server:
        clients = [asks(server) for _ in range(12)]
        eventually(lambda: slow)
        time.sleep(0.3)  # the others have had time to begin
        assert len(slow) == 1
        clients[0].close()
        for client in clients[1:]:
            assert len([process for process in slow if process.poll() is None]) <= 1
            client.close()
        eventually(
            lambda: all(process.poll() is not None for process in slow) and server.reports._turn.acquire(timeout=0.1)
        )


def n_handlers():
    """Return how many requests servers are answering."""
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def test_a_report_ends_with_its_server_and_none_begins_afterwards(db, slow, monkeypatch):
    monkeypatch.setattr(serving, "POLL", 60)  # it is not only found out at the next look
    before, server = n_handlers(), serve(db)
    clients = [asks(server) for _ in range(3)]
    eventually(lambda: slow and n_handlers() == before + 3)  # who has not been let in is not answered
    server.close()
    assert [process.poll() is not None for process in slow] == [True]
    for client in clients:
        assert b"The report was not made: the server was closed" in client.makefile("rb").read()
    assert len(slow) == 1


def test_what_is_wrong_with_a_report_is_a_sentence(db, monkeypatch):
    with serve(db) as server:
        server.reports.make = lambda *options: (
            1,
            b"",
            b"Traceback (most recent call last):\n  File\nMemoryError: no room\n",
        )
        status, headers, text = get(server, "/report?study=1")
        assert (status, headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
        assert text == "The report cannot be made: MemoryError: no room."


# ---- Whatever goes wrong


def raw(server, data):
    """Return all that is answered to these bytes; of events, the first."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as client:
        answer = b""
        with contextlib.suppress(OSError):  # the server may have ended it
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while chunk := client.recv(65536):
                answer += chunk
                if b"text/event-stream" in answer and b"\n\n" in answer.partition(b"\r\n\r\n")[2]:
                    break
        return answer


SENTENCE = re.compile(
    rb"HTTP/1\.0 ([45]\d\d) [^\r]+\r\n(?:[^\r]+\r\n)*Content-Type: text/plain; charset=utf-8\r\n(?:[^\r]+\r\n)*\r\n[^\n]+\."
)
HEAD = b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
ODD = {
    "an address that is none": (b"GET http://[" + HEAD, 400),
    "an address elsewhere": (b"GET http://[::1]/words?study=1" + HEAD, 200),
    "no request": (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
    "one word": (b"GET\r\n\r\n", 400),
    "an early version": (b"GET /words?study=1\r\n\r\n", 403),
    "a late version": (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
    "a version that is none": (b"GET / HTTP/1.x\r\nHost: localhost\r\n\r\n", 400),
    "another method": (b"POST /words?study=1" + HEAD, 501),
    "a long address": (b"GET /" + b"a" * 70_000 + HEAD, 414),
    "many headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
    "a long header": (b"GET / HTTP/1.1\r\nHost: localhost\r\na: " + b"b" * 70_000 + b"\r\n\r\n", 431),
    "a number of 5000 digits": (b"GET /words?study=" + b"1" * 5000 + HEAD, 404),
    "numbers of 5000 digits": (b"GET /table?study=1&numbers=" + b"1" * 5000 + HEAD, 200),
    "a number in other digits": ("GET /words?study=\u0661".encode() + HEAD, 404),
    "a zero byte": (b"GET /page.js%00" + HEAD, 404),
    "another folder": (b"GET /../../etc/passwd" + HEAD, 404),
    "bytes that are no text": (b"GET /\xff\xfe?\x80=\x81" + HEAD, 404),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "status"), ODD.values(), ids=ODD)
def test_an_odd_request_is_answered_in_a_sentence(request_, status, study, capfd):
    with study.serve() as server:
        answer = raw(server, request_)
        assert answer.startswith(f"HTTP/1.0 {status} ".encode()), answer[:300]
        assert status == 200 or SENTENCE.fullmatch(answer), answer
    assert capfd.readouterr().err == ""


def test_a_mark_of_any_kind_gets_all_of_a_study(study, capfd):
    with study.serve() as server:
        token = (whole := Events(server, "/events?study=1")).next() and whole.mark.partition(".")[0]
        for seen in ("9" * 5000, "", "-1", "1e3", "\u0661" * 30, "0x1"):
            mark = urllib.parse.quote(f"{token}.{seen}.0")
            assert Events(server, f"/events?study=1&mark={mark}").next()["trials"]["number"] == [0, 1, 2], seen
    assert capfd.readouterr().err == ""


def raising(error):
    def function(*arguments, **named):
        raise error

    return function


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EMFILE, "Too many open files"), RuntimeError("cannot schedule new futures after shutdown"), MemoryError(),
     RecursionError("too deep"), ZeroDivisionError("line\nbreak"), KeyError("x")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_an_error_of_any_kind_is_a_sentence_on_the_page_and_not_on_standard_error(error, study, capfd):
    with study.serve() as server:
        server.studies.feed(1).words = raising(error)
        status, headers, text = get(server, "/words?study=1")
        assert (status, headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
        assert text.startswith(f"This cannot be told now: {type(error).__name__}")
        assert "\n" not in text
        events = Events(server, "/events?study=1")
        assert "gone" not in events.next()
        server.studies.changes = raising(error)
        assert events.next() == {"gone": text}
        del server.studies.changes
        assert events.next()["trials"]["number"] == [0, 1, 2]
        server.studies.names = raising(error)
        assert get(server, "/")[0] == 500
    assert capfd.readouterr().err == ""


def test_pages_that_outlive_their_program_are_told_so_and_nothing_else_is(study, capfd):
    with study.serve() as server:
        events = Events(server, "/events?study=1")
        assert events.next()
        server._reader.shutdown()
        assert "cannot schedule new futures" in events.next()["gone"]
        assert "cannot schedule new futures" in get(server, "/words?study=1")[2]
        server.read = lambda function, *args: function(*args)
    assert capfd.readouterr().err == ""


def test_where_no_descriptor_is_left_the_server_waits_and_goes_on(study, capfd, monkeypatch):
    with study.serve() as server:
        accept, tries = server.socket.accept, []

        class Full:
            def __getattr__(self, name):
                return getattr(own, name)

            def accept(self):
                tries.append(None)
                if len(tries) < 4:
                    raise OSError(errno.EMFILE, "Too many open files")
                return accept()

        own, server.socket = server.socket, Full()
        assert get(server, "/words?study=1")[0] == 200
        assert len(tries) == 4
        server.socket = own
    assert capfd.readouterr().err == ""


def test_a_client_that_sends_nothing_is_not_waited_for(study, monkeypatch, capfd):
    monkeypatch.setattr(serving._Answer, "timeout", 0.05)
    with study.serve() as server:
        for begun in (b"", b"GET / HTTP", b"GET / HTTP/1.1\r\nHost: loc"):
            with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as client:
                client.sendall(begun)
                while client.recv(4096):
                    pass  # until the server ends it
        assert get(server, "/words?study=1")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_program_follows_only_so_many_pages(study, monkeypatch):
    monkeypatch.setattr(serving, "MOST_PAGES", 2)
    with study.serve() as server:
        pages = [Events(server, "/events?study=1") for _ in range(2)]
        for page in pages:
            page.next()
        assert get(server, "/events?study=1")[0] == 503
        assert get(server, "/words?study=1")[0] == 200
        pages[0].answer.close()
        pages[0].connection.close()
        eventually(lambda: server.pages.acquire(blocking=False))
        server.pages.release()
        assert Events(server, "/events?study=1").next()


WORDS = [
    "",
    "events",
    "words",
    "importance",
    "table",
    "page.js",
    "charts.js",
    "trial.js",
    "report",
    "x",
    "..",
    "%2e",
    "%00",
    "\u0661",
    "[",
    "//",
    "?",
    "#",
]
VALUES = [
    "1",
    "2",
    "0",
    "-1",
    "",
    "9" * 30,
    "9" * 5000,
    "1.0",
    "x",
    "%31",
    "\u0661",
    "%ff",
    "gone",
    "a.b.c",
    "..",
    "1,2,,3",
    "\x00",
    "1&study=2",
]
LINES = ["Host: localhost", "Host: 127.0.0.1:1", "Host: evil.example", "Host:", "Host: [", "Sec-Fetch-Site: same-site", "Origin: null",
         "Sec-Fetch-Site: same-origin", "Last-Event-ID: " + "9" * 5000, "Last-Event-ID: a.b.c", "Content-Length: 5", "Content-Length: -1", ": b", "b",
         "Expect: 100-continue", "Connection: keep-alive", "Upgrade: websocket", " folded", "\xff: \xfe"]  # fmt: skip


def odd_request(rng):
    """Return a request that may be right, or of some wrong kind, or bytes without any sense."""
    method = rng.choice(["GET"] * 9 + ["POST", "HEAD", "get", "", "GET GET", "\x00"])
    start = rng.choice(["/"] * 8 + ["", "//", "http://localhost/", "http://[", "http://[::1", "*", "http://a:b@c:d/"])
    asked = "&".join(
        f"{rng.choice(['study', 'mark', 'numbers', 'x', ''])}={rng.choice(VALUES)}" for _ in range(rng.randrange(4))
    )
    version = rng.choice(["HTTP/1.1"] * 9 + ["HTTP/1.0", "HTTP/2.0", "HTTP/9", "http/1.1", "", "HTTP/1.1 x"])
    lines = ["Host: localhost"] * (rng.random() < 0.8) + rng.choices(LINES, k=rng.randrange(4))
    target = f"{start}{rng.choice(WORDS)}" + (f"?{asked}" if asked else "")
    whole = bytearray(
        "\r\n".join([f"{method} {target} {version}".rstrip(), *lines, "", ""]).encode("utf-8", "surrogatepass")
    )
    kind = rng.random()
    if kind < 0.1:
        del whole[rng.randrange(len(whole)) :]
    elif kind < 0.3:
        for _ in range(rng.randint(1, 5)):
            whole[rng.randrange(len(whole))] = rng.randrange(256)
    return rng.randbytes(rng.randrange(300)) if kind > 0.97 else bytes(whole)


@pytest.mark.parametrize("n", [400, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_whatever_is_sent_is_answered_and_nothing_is_said_of_it_elsewhere(n, db, capfd):
    rng, statuses = random.Random(n), dict.fromkeys((200, 400, 403, 404, 501), 0)
    before, threads = Path(db).read_bytes(), threading.active_count()
    with serve(db) as server:
        server.reports.make = lambda *options: None
        for turn in range(n):
            sent = odd_request(rng)
            answer = raw(server, sent)
            if not answer:  # of no line, or of empty ones, there is nothing to answer
                assert not sent.split(b"\n")[0].strip(), (turn, sent)
                continue
            said = re.match(rb"HTTP/1\.0 (\d\d\d) ", answer)
            assert said, (turn, sent, answer[:200])
            status = int(said[1])
            statuses[status] = statuses.get(status, 0) + 1
            whole = status < 400 or sent.startswith(b"HEAD") or SENTENCE.fullmatch(answer)
            assert whole, (turn, sent, answer)
        assert get(server, "/words?study=1")[0] == 200
        eventually(lambda: threading.active_count() <= threads + 3)  # the server, its reader, and an answer
    assert capfd.readouterr().err == ""
    assert min(statuses.values()) > 0, statuses
    assert statuses.get(500, 0) == 0, statuses
    assert Path(db).read_bytes() == before


# ---- Changes, with `edit`


def edit(server, change, method="POST", path="/edit?study=1", data=None, **headers):
    """Ask for a change as the page does, with these headers otherwise, None for none; return the status and the text."""
    usual = {
        "Origin": f"http://127.0.0.1:{server.server_port}",
        "Edit-Token": server.token,
        "Content-Type": "application/json",
    }
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {name: value for name, value in (usual | headers).items() if value is not None}
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    if data is None:
        study = server.studies.feed(1)
        study.changes("", {})
        data = json.dumps({"log": study.token, **change})
    connection.request(method, path, body=data, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_page_with_the_token_changes_notes_names_and_deletes(db):
    with serve(db, edit=True) as server:
        address, _, token = server.url.partition("#edit=")
        assert (address, token) == (f"http://127.0.0.1:{server.server_port}/", server.token)
        assert len(server.token) == 32
        assert "data-edit" in get(server, "/")[2]
        assert server.token not in get(server, "/")[2]
        events = Events(server, "/events?study=1")
        assert events.next()["remarks"] == {}
        assert edit(server, {"note": " a\n<b> note "}) == (200, "This change was made.")
        assert events.next()["remarks"] == {"": "a <b> note"}
        assert edit(server, {"note": "on one", "trial": 2})[0] == 200
        assert events.next()["remarks"] == {"": "a <b> note", "2": "on one"}
        assert json.loads(get(server, "/words?study=1")[2])["sections"]["remarks"]["table"]["rows"][1] == [
            "trial 2",
            "on one",
        ]
        assert edit(server, {"note": "", "trial": 2})[0] == 200
        assert Study.open(db, "svm").notes["remarks"] == {"": "a <b> note"}
        assert edit(server, {"name": "tree"})[0] == 200
        eventually(lambda: events.next()["names"] == {"1": "tree"})
        told(Study(SPACE, RandomSearch(), storage=db, name="tree"), 1).close()  # it goes on under its new name
        assert [(study.name, study.n_trials) for study in hpt.studies(db)] == [("tree", 4)]
        assert Study.open(db, "tree").notes["remarks"] == {"": "a <b> note"}
        assert edit(server, {"delete": True})[0] == 200
        assert hpt.studies(db) == []


WITHOUT_RIGHT = {
    "no token": {"Edit_Token": None},
    "an empty token": {"Edit_Token": ""},
    "another token": {"Edit_Token": "x" * 32},
    "a token in other letters": {"Edit_Token": "\xe9" * 32},
    "no origin": {"Origin": None},
    "another site": {"Origin": "https://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:3000"},
    "no site": {"Origin": "null"},
    "a page of another port": {"Sec_Fetch_Site": "same-site"},
    "another host's name": {"Host": "evil.example", "Origin": "http://evil.example"},
    "a name that points here": {"Host": "localhost:1", "Origin": "http://localhost:2"},
}


@pytest.mark.parametrize("headers", WITHOUT_RIGHT.values(), ids=WITHOUT_RIGHT)
def test_no_one_else_changes_a_thing(headers, db, capfd):
    before = Study.open(db).to_json()
    with serve(db, edit=True) as server:
        for change in ({"delete": True}, {"name": "x"}, {"note": "x"}):
            status, text = edit(server, change, **headers)
            assert status == 403, text
            assert server.token not in text
    study = Study.open(db)
    assert (study.name, study.to_json(), study.notes) == ("svm", before, {})
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_one_method_changes_a_thing(method, db):
    with serve(db, edit=True) as server:
        status, _ = edit(server, {"delete": True}, method)
        assert status == (404 if method == "GET" else 501)
        assert edit(server, {"delete": True}, path="/words?study=1")[0] == 404
    assert len(Study.open(db).trials) == 3


def test_without_edit_even_the_right_words_change_nothing(db):
    with serve(db) as server:
        assert server.token is None
        assert "#" not in server.url
        assert "data-edit" not in get(server, "/")[2]
        for token in ("None", "", None):
            assert edit(server, {"delete": True}, Edit_Token=token)[0] == 501
    assert len(Study.open(db).trials) == 3


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"data": "{"}, 400, "it is not JSON"),
        ({"data": "[" * 8000}, 400, "it is not JSON"),
        ({"data": '"' + "x" * 8192 + '"'}, 400, "at most 8192 bytes"),
        ({"Content_Type": "text/plain"}, 400, "A change is JSON"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 400, "A change is JSON"),
        ({"Content_Length": "-1"}, 400, "at most 8192 bytes"),
        ({"data": "[1]"}, 400, "a change has a note, a name, or delete"),
        ({"change": {}}, 400, "a change has a note, a name, or delete"),
        ({"change": {"delete": False}}, 400, "a change has a note, a name, or delete"),
        ({"change": {"delete": True, "name": "x"}}, 400, "a change has a note, a name, or delete"),
        ({"change": {"note": "x" * 401}}, 400, "at most 400 characters"),
        ({"change": {"note": 3}}, 400, "at most 400 characters"),
        ({"change": {"note": "x", "trial": 3}}, 400, "a trial of the study"),
        ({"change": {"note": "x", "trial": -1}}, 400, "a trial of the study"),
        ({"change": {"note": "x", "trial": True}}, 400, "a trial of the study"),
        ({"change": {"log": "old", "delete": True}}, 409, "was changed meanwhile"),
        ({"change": {"name": "other"}}, 409, "already holds a study 'other'; give another name"),
        ({"change": {"name": " "}}, 409, "rename: new name=' ' must be a string of at least one letter, on one line"),
        ({"change": {"name": 3}}, 409, "rename: new name=3 must be a string"),
        ({"path": "/edit?study=9"}, 404, "no such study"),
        ({"path": "/edit"}, 404, "no such"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_in_a_sentence(change, status, text, db, capfd):
    Study(SPACE, RandomSearch(), storage=db, name="other").close()
    change = {"change": {"delete": True}, **change}
    with serve(db, edit=True) as server:
        answer = edit(server, change.pop("change"), **change)
        assert (answer[0], text in answer[1]) == (status, True), answer
        assert answer[1].endswith(".")
    study = Study.open(db, "svm")
    assert (len(study.trials), study.notes) == (3, {})
    assert capfd.readouterr().err == ""


def test_a_study_that_runs_is_neither_renamed_nor_deleted_but_may_be_noted(db):
    study = Study(SPACE, RandomSearch(), storage=db, name="svm")
    trial = study.ask()
    with serve(db, edit=True) as server:
        for change in ({"name": "x"}, {"delete": True}):
            status, text = edit(server, change)
            assert status == 409
            assert f"study 'svm' has 1 running trial, asked for by process {os.getpid()} on" in text
        assert edit(server, {"note": "while it runs"})[0] == 200
        study.tell(trial, 1.0)
        assert len(study.trials) == 4
        assert study.notes == {"remarks": {"": "while it runs"}}
        study.ask()
        study.close()  # as if its process had ended
        assert edit(server, {"name": "x"})[0] == 200
    assert [study.name for study in hpt.studies(db)] == ["x"]


def test_a_study_in_memory_takes_notes_alone(study):
    with study.serve(edit=True) as server:
        assert edit(server, {"note": "here", "trial": 0})[0] == 200
        assert study.notes["remarks"] == {"0": "here"}
        for change in ({"name": "x"}, {"delete": True}):
            assert edit(server, change) == (
                409,
                "This change cannot be made: a study in memory has no name, and cannot be deleted.",
            )
        page = get(server, "/")[2]
        assert 'id="edit"' in page
        assert 'id="delete"' not in page
    assert len(study.trials) == 3


def test_two_pages_that_note_at_once_lose_no_note(db):
    with serve(db, edit=True) as server:
        threads = [threading.Thread(target=edit, args=(server, {"note": f"n{i}", "trial": i % 3})) for i in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert Study.open(db).notes["remarks"].keys() == {"0", "1", "2"}


# ---- Beginning and end


def test_a_study_is_served_until_the_server_is_closed(study):
    server = study.serve()
    assert repr(server) == f"<live page at {server.url}>"
    assert f'href="{server.url}"' in server._repr_html_()
    events = Events(server, "/events?study=1")
    assert events.next()
    server.close()
    server.close()
    assert repr(server).endswith("closed>")
    assert events.answer.read().strip(b":\n") == b""  # its end, with no news before
    with pytest.raises(ConnectionRefusedError):
        get(server, "/")


def test_a_study_in_a_file_is_served_with_the_others_there(db):
    study = told(Study(SPACE, RandomSearch(), storage=db, name="other"), 1)
    with study.serve() as server:
        assert server.url.endswith("/?study=2")
        assert Events(server, "/events?study=2").next()["names"] == {"1": "svm", "2": "other"}
    told(study, 1)  # it goes on
    assert len(study.trials) == 2


def test_a_relative_path_is_the_same_file_after_a_change_of_folder(db, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with serve("runs.db") as server:
        (tmp_path / "inside").mkdir()
        monkeypatch.chdir(tmp_path / "inside")
        assert get(server, "/words?study=1")[0] == 200
        assert Events(server, "/events").next()["numbers"] == [1]
        asked = []
        server.reports.make = lambda _, *options: asked.append(options) or (0, b"", b"")
        assert get(server, "/report?study=1")[0] == 200
        assert asked[0][-2:] == (db, "svm")
        assert not os.listdir()


def test_a_file_is_let_go_with_its_server_and_a_later_one_reads_it_again(db):
    studies = Studies(db)
    mark, _ = studies.changes(1, "")
    studies.close()
    assert studies._database is None
    told(Study(SPACE, RandomSearch(), storage=db, name="svm"), 1)
    assert studies.changes(1, mark)[1]["trials"]["number"] == [0, 1, 2, 3]
    with serve(db) as server:
        assert get(server, "/words?study=1")[0] == 200
        database = server.studies._database
    assert database.connection is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda study, port: study.serve(port="80"), r"serve: port='80' must be an integer from 0 to 65535"),
        (lambda study, port: study.serve(port=65536), r"serve: port=65536 must be an integer from 0 to 65535"),
        (lambda study, port: study.serve(port=port), r"serve: port=\d+ cannot be used \(.*\); give another one"),
        (lambda study, port: study.serve(language="fr"), r"serve: language='fr' must be one of \['en', 'ko'\]"),
        (lambda study, port: serve(3), r"serve: study=3 must be the path of a file, such as 'runs.db'"),
        (lambda study, port: serve("none.db"), r"storage 'none.db' does not exist"),
        (lambda study, port: serve(__file__), r"is not an SQLite file"),
    ],
)
def test_a_wrong_call_is_one_sentence(study, call, message):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ValueError, match=message):
            call(study, taken.getsockname()[1])


def test_edit_is_yes_or_no(study):
    with pytest.raises(TypeError, match="serve: edit='yes' must be True or False"):
        study.serve(edit="yes")


# ---- Words


def test_each_word_of_the_page_is_there_in_korean_and_no_other():
    said = set()
    for path in [*ROOM.glob("*.js"), *ROOM.glob("*.py"), ROOM / "page.html"]:
        text = path.read_text(encoding="utf-8")
        said |= set(re.findall(r'\bsay\("([^"]+)"', text))
    said |= {"from", "to", "{n} of {n_all} trials; the best of them:"}  # said by a variable
    said |= {"{n} of {n_all} trials, of which {drawn} are drawn; the best of them:"}
    said |= {"○ not feasible", "× failed", "• given up"}
    own, report = messages("ko", "serve"), messages("ko")
    assert said - own.keys() <= report.keys()
    assert own.keys() <= said
    assert not own.keys() & report.keys()
    for message, text in own.items():
        assert sorted(re.findall(r"\{\w+\}", message)) == sorted(re.findall(r"\{\w+\}", text)), message
        assert re.search("[가-힣]", text), message
