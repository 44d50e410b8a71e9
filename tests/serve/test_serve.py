"""The live page's server: what it tells of a study that changes, whom it answers, and that it changes nothing."""

import http.client
import json
import os
import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import hpt_lab as hpt
from hpt_lab import Float, Int, RandomSearch, Space, Study
from hpt_lab.tools.report.facts import gather
from hpt_lab.tools.report.languages import messages, say
from hpt_lab.tools.report.sentences import summary
from hpt_lab.tools.serve import serve
from hpt_lab.tools.serve.feed import LEFT_OUT, Feed, Studies

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
    feed, facts = Feed(study), gather(study, LEFT_OUT)
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
    monkeypatch.setattr("hpt_lab.tools.serve.feed.shares_of", None)
    assert feed.importance(str.format)["bars"] == bars


def test_a_table_has_the_trials_that_are_asked_for_best_first(study):
    table = Feed(study).table(str.format, {0, 2, 77})
    ranked = [str(trial.number) for trial in study.history.ranked if trial.number != 1]
    assert [row[0] for row in table["rows"]] == ranked
    assert table["heads"][:3] == ["trial", "value", "x"]


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
        scripts = [get(server, f"/{name}") for name in ("page.js", "charts.js")]
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
        assert get(server, "/words?study=1", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
        assert get(server, "/words?study=1", **{"Sec-Fetch-Site": "same-origin"})[0] == 200


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
