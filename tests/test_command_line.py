"""The command line: what it prints, its exit codes, and one sentence for every wrong call."""

import csv
import io
import json
import os
import re
import subprocess
import sys

import pytest

import hpt_lab as hpt
from hpt_lab import Float, RandomSearch, Space, Study, tune
from hpt_lab.tools.command_line import main
from hpt_lab.tools.storage.records import copy_study

SPACE = Space(x=Float(1e-3, 1e3, log=True), kernel=["rbf", "a|b", "<b>"], n=hpt.Int(1, 9).when(kernel="rbf"))


def loss(params):
    if params["x"] > 100:
        raise ValueError("too\nfar <script>")
    return params["x"] + params.get("n", 0)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "runs.db"
    study = tune(loss, SPACE, RandomSearch(), 25, progress=False, storage=path, name="svm")
    study.ask()
    study.close()  # the trial is nobody's now, whether or not the study has been collected
    tune(lambda p: p["x"], Space(x=Float(0, 1)), RandomSearch(), 3, progress=False, storage=path, name="other one", direction="maximize")  # fmt: skip
    Study(SPACE, RandomSearch(), storage=path, name="empty")
    return str(path)


def said(capsys, *arguments, code=0):
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert err == "" or code
    return out


def cells(line):
    return re.split(r"  +", line.strip())


def test_list_has_a_line_for_each_study(db, capsys):
    head, *lines = said(capsys, "list", db).splitlines()
    assert cells(head)[:4] == ["name", "strategy", "direction", "trials"]
    study = Study.open(db, "svm")
    failed = len(study.history.failed)
    counts = ["26", str(25 - failed), str(failed), "1"]
    assert cells(lines[0])[:8] == ["svm", "RandomSearch", "minimize", *counts, f"{study.best_value:.6g}"]
    assert [cells(line)[0] for line in lines] == ["svm", "other one", "empty"]


def test_show_has_the_newest_first_or_the_best(db, capsys):
    study = Study.open(db, "svm")
    head, *lines = said(capsys, "show", db, "svm").splitlines()
    assert cells(head) == ["trial", "state", "value", "x", "kernel", "n", "seconds", "error"]
    assert [int(cells(line)[0]) for line in lines] == list(range(25, 5, -1))
    assert cells(lines[0])[1] == "running"
    head, *lines = said(capsys, "show", db, "svm", "--best", "-n", "3").splitlines()
    assert [int(cells(line)[0]) for line in lines] == [trial.number for trial in study.history.ranked[:3]]
    text = said(capsys, "show", db, "svm", "-n", "99")
    assert "ValueError: too far <script>" in text
    assert len(text.splitlines()) == 27


def test_show_has_a_name_for_each_column(tmp_path, capsys):
    study = Study(Space(seconds=[1], state=[2], x=[3]), RandomSearch(), storage=tmp_path / "runs.db")
    study.tell(study.ask(), 0.5)
    head, line = said(capsys, "show", str(tmp_path / "runs.db")).splitlines()
    assert cells(head) == ["trial", "state", "value", "param_seconds", "param_state", "x", "seconds", "error"]
    assert cells(line)[1:6] == ["complete", "0.5", "1", "2", "3"]


def test_best_is_json_of_the_params(db, capsys):
    assert json.loads(said(capsys, "best", db, "svm")) == Study.open(db, "svm").best_params


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r"])
def test_a_trial_is_one_row_whatever_ends_the_lines_of_its_error(end, tmp_path, capsys):
    study = Study(Space(x=[1, 2]), RandomSearch(), storage=tmp_path / "runs.db")
    errors = [f"one{end}two", f"{end}", f'"{end}a, b{end}"']
    for error in errors:
        study.tell(study.ask(), error=error)
    file = tmp_path / "trials.csv"
    said(capsys, "export", str(tmp_path / "runs.db"), "-o", str(file))
    with file.open(encoding="utf-8", newline="") as text:
        assert [row["error"] for row in csv.DictReader(text)] == errors
    with file.open(encoding="utf-8") as text:  # any end of a line becomes \n
        assert len(list(csv.DictReader(text))) == 3
    assert list(pytest.importorskip("pandas").read_csv(file)["error"]) == errors
    assert file.read_bytes().count(b"\n") == 4 + "".join(errors).count("\n")
    printed = said(capsys, "export", str(tmp_path / "runs.db"))
    assert [row["error"] for row in csv.DictReader(io.StringIO(printed, newline=""))] == errors


def test_export_is_read_back_whole(db, capsys, tmp_path):
    study = Study.open(db, "svm")
    rows = list(csv.DictReader(io.StringIO(said(capsys, "export", db, "svm"))))
    assert list(rows[0]) == ["number", "x", "kernel", "n", "budget", "value", "state", "error", "started", "seconds"]
    assert [float(row["x"]) for row in rows] == [trial.params["x"] for trial in study.trials]
    assert [row["error"] or None for row in rows] == [trial.error for trial in study.trials]
    assert said(capsys, "export", db, "svm", "-o", str(tmp_path / "t.json")) == ""
    trials = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert [trial["params"] for trial in trials] == [dict(trial.params) for trial in study.trials]
    assert [trial["value"] for trial in trials] == [trial.value for trial in study.trials]
    said(capsys, "export", db, "svm", "-o", str(tmp_path / "t.json"), "--format", "csv")
    assert (tmp_path / "t.json").read_text(encoding="utf-8").startswith("number,x,")


def test_a_report_is_the_page_of_the_study(db, capsys, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        "hpt_lab.tools.command_line.report", lambda study, **how: made.append((study, how)) or "the page\n"
    )
    assert said(capsys, "report", db, "svm") == "the page\n"
    said(capsys, "report", db, "svm", "-o", str(tmp_path / "svm.md"), "--language", "ko")
    assert (tmp_path / "svm.md").read_text(encoding="utf-8") == "the page\n"
    assert [tuple(how.values()) for _, how in made] == [("svm", "html", "en"), ("svm", "md", "ko")]
    assert all(list(how) == ["title", "format", "language"] for _, how in made)
    assert all(study == Study.open(db, "svm") for study, _ in made)


def test_a_report_of_a_study_that_is_only_read_says_what_the_strategy_was(db, capsys):
    page = said(capsys, "report", db, "empty")
    assert page.startswith("<!doctype html>")
    assert "<td>RandomSearch()</td>" in page
    assert "RandomSearch searched 3 hyperparameters for the lowest value." in page
    assert "<td>kernel is rbf</td>" in page
    assert "&lt;b&gt;" in page


def test_a_file_is_written_whole_or_not_at_all(db, tmp_path, monkeypatch, capsys):
    out = tmp_path / "svm.html"
    out.write_text("of last week", encoding="utf-8")

    def broken(*_):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("os.replace", broken)
    assert main(["report", db, "empty", "-o", str(out)]) == 1
    assert capsys.readouterr().err == f"hpt-lab: '{out}' cannot be written: No space left on device\n"
    assert [path.name for path in tmp_path.iterdir()] == ["svm.html"]
    assert out.read_text(encoding="utf-8") == "of last week"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_what_is_no_file_is_written_as_it_is(db, tmp_path, capsys):
    pipe = tmp_path / "trials.csv"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        said(capsys, "export", db, "svm", "-o", str(pipe))
        written = os.read(end, 1 << 16).decode()
    finally:
        os.close(end)
    assert written == said(capsys, "export", db, "svm")
    assert list(tmp_path.iterdir()) == [pipe]


def test_half_of_a_sign_does_not_stop_an_export(tmp_path, capsys):
    study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db")
    study.add({"x": 1.0, "kernel": "<b>"}, 1.0, attributes={"half": "\ud800"})
    said(capsys, "export", str(tmp_path / "runs.db"), "-o", str(tmp_path / "trials.csv"))
    assert "\\ud800" in (tmp_path / "trials.csv").read_text(encoding="utf-8")


def test_a_study_without_a_value_has_a_report_and_no_best(db, capsys):
    assert "No trial is complete yet." in said(capsys, "report", db, "empty")
    assert main(["best", db, "empty"]) == 1
    assert "best: none of the 0 trials is complete yet" in capsys.readouterr().err
    assert said(capsys, "show", db, "empty").splitlines()[1:] == []


def test_looking_changes_nothing(db, capsys):
    before = Study.open(db, "svm").to_json()
    for arguments in (["list", db], ["show", db, "svm"], ["best", db, "svm"], ["export", db, "svm"]):
        said(capsys, *arguments)
    study = Study.open(db, "svm")
    assert study.to_json() == before
    assert hpt.studies(db)[0].strategy == "RandomSearch()"


WRONG = {
    "no command": ([], 2, "required: COMMAND"),
    "another command": (["run", "DB"], 2, "invalid choice: 'run'"),
    "no file": (["list"], 2, "required: FILE"),
    "too many": (["best", "DB", "svm", "more"], 2, "unrecognized arguments: more"),
    "number zero": (["show", "DB", "svm", "-n", "0"], 2, "0 must be a whole number of at least 1"),
    "number a text": (["show", "DB", "svm", "-n", "x"], 2, "x must be a whole number of at least 1"),
    "format": (["export", "DB", "svm", "--format", "xml"], 2, "invalid choice: 'xml'"),
    "suffix": (["export", "DB", "svm", "-o", "t.xml"], 2, "-o t.xml must end in .csv or .json, or give --format"),
    "suffix of a report": (["report", "DB", "svm", "-o", "t.pdf"], 2, "-o t.pdf must end in .html or .md"),
    "missing file": (["list", "none.db"], 1, "storage 'none.db' does not exist"),
    "a folder": (["show", "."], 1, "storage '.' is a folder"),
    "no SQLite": (["best", __file__], 1, "is not an SQLite file"),
    "no name": (["best", "DB"], 1, "holds several studies; give the name of one of ['svm', 'other one', 'empty']"),
    "another name": (["best", "DB", "svn"], 1, "holds no study 'svn'; give the name of one of"),
    "empty name": (["best", "DB", ""], 1, "name='' must be a string of at least one letter"),
    "empty file": (["list", ""], 1, "storage='' must be the path of a file"),
    "no folder": (["export", "DB", "svm", "-o", "no/t.csv"], 1, "'no/t.csv' cannot be written: No such file or directory"),
    "another port": (["serve", "DB", "--port", "x"], 2, "argument --port: invalid int value: 'x'"),
    "no port": (["serve", "DB", "--port", "70000"], 1, "serve: port=70000 must be an integer from 0 to 65535"),
    "nothing to copy": (["copy", "DB", "svn", "t.db"], 1, "holds no study 'svn'; give the name of one of"),
    "no file for a copy": (["copy", "DB", "svm"], 2, "required: OTHER"),
    "a copy without a name": (["copy", "DB", "svm", "t.db", " "], 1, "copy: new name=' ' must be a string of at least one letter"),
    "a copy to a text": (["copy", "DB", "svm", __file__], 1, "is not an SQLite file"),
    "nothing to rename": (["rename", "DB", "svn", "svc"], 1, "holds no study 'svn'; give the name of one of"),
    "no name to rename": (["rename", "DB", "svm"], 2, "required: NEW"),
    "another study's name": (["rename", "DB", "svm", "empty"], 1, "already holds a study 'empty'; give another name"),
    "its own name": (["rename", "DB", "svm", "svm"], 1, "already holds a study 'svm'; give another name"),
    "a name of blanks": (["rename", "DB", "svm", " "], 1, "rename: new name=' ' must be a string of at least one letter"),
    "nothing to delete": (["delete", "DB", "svn", "--yes"], 1, "holds no study 'svn'"),
    "no name to delete": (["delete", "DB"], 2, "required: NAME"),
    "output a folder": (["export", "DB", "svm", "-o", ".", "--format", "csv"], 1, "'.' cannot be written: Is a directory"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_call_is_one_sentence_and_its_exit_code(arguments, code, message, db, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    arguments = [db if argument == "DB" else argument for argument in arguments]
    if code == 2:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    else:
        assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("hpt-lab")
    assert len(err.splitlines()) == 1 or code == 2


@pytest.fixture
def copied(db, tmp_path):
    path = tmp_path / "copies.db"
    copy_study(db, "svm", path)
    return str(path)


def test_a_copy_is_whole_and_its_running_trials_are_handed_out_again(tmp_path, capsys):
    source, target = str(tmp_path / "runs.db"), str(tmp_path / "other.db")
    study = Study(SPACE, RandomSearch(), storage=source, name="svm", direction="maximize", seed=3, start=[{"x": 2.0}])
    study.note(team="blue", ids=[1, 2])
    study.tell(study.ask(), {"value": 1.0, "gain": 0.5})
    study.tell(study.ask(), error="too far")
    running = study.ask()
    text = "copied study 'svm', with 3 trials, to study 'new one' in "
    assert said(capsys, "copy", source, "svm", target, "new one").startswith(text)
    assert said(capsys, "copy", source, "svm", source, "new one").startswith(text)
    for path in (source, target):
        copy = Study(SPACE, RandomSearch(), storage=path, name="new one", direction="maximize", seed=3)
        assert copy.to_json() == study.to_json()
        assert (copy.notes, copy.start, copy.space) == (study.notes, study.start, study.space)
        assert copy.ask().number == running.number
        copy.tell(running, 2.0)
        copy.close()
    assert list(study.orphans) == []
    study.tell(running, 3.0)  # the study itself goes on
    assert [one.name for one in hpt.studies(source)] == ["svm", "new one"]


def test_a_copy_replaces_no_study(copied, capsys):
    before = Study.open(copied, "svm").to_json()
    for arguments in ([copied], [copied, "svm"]):
        assert main(["copy", copied, "svm", *arguments]) == 1
        assert "already holds a study 'svm'; give the copy another name" in capsys.readouterr().err
    assert Study.open(copied).to_json() == before


def test_a_study_gets_another_name_unless_it_is_trained_and_goes_on_under_it(copied, capsys):
    study = Study(SPACE, RandomSearch(), storage=copied, name="svm")
    study.note(team="blue")
    trial = study.ask()
    assert main(["rename", copied, "svm", "new one"]) == 1
    who = rf"rename: study 'svm' has 1 running trial, asked for by process {os.getpid()} on '.*'; end the search first$"
    assert re.search(who, capsys.readouterr().err)
    study.tell(trial, 1.0)
    told = study.to_json()
    study.close()
    assert re.fullmatch(r"renamed study 'svm' in .* to 'new one'\n", said(capsys, "rename", copied, "svm", "new one"))
    assert main(["show", copied, "svm"]) == 1
    assert [one.name for one in hpt.studies(copied)] == ["new one"]
    resumed = Study(SPACE, RandomSearch(), storage=copied, name="new one")
    assert (resumed.to_json(), resumed.notes) == (told, study.notes)
    assert resumed.ask().number == len(study.trials)


@pytest.mark.parametrize(
    ("answer", "deleted"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_a_study_is_deleted_if_the_answer_is_yes(answer, deleted, copied, capsys, monkeypatch):
    copy_study(copied, "svm", copied, "other")
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert main(["delete", copied, "svm"]) == (not deleted)
    out, err = capsys.readouterr()
    assert "Delete study 'svm' in " in err
    assert ("deleted study 'svm' in " in out and ", with 26 trials" in out) == deleted
    assert ("nothing was deleted; answer y, or give --yes" in err) == (not deleted)
    assert [one.name for one in hpt.studies(copied)] == ["svm", "other"][deleted:]
    assert len(Study.open(copied, "other").trials) == 26


def test_a_study_that_is_trained_is_deleted_by_force_alone(copied, capsys):
    study = Study(SPACE, RandomSearch(), storage=copied, name="svm")
    trial = study.ask()
    assert main(["delete", copied, "svm", "--yes"]) == 1
    who = rf"study 'svm' has 1 running trial, asked for by process {os.getpid()} on '.*'; end the search first, or give --force"
    assert re.search(who, capsys.readouterr().err)
    assert len(study.trials) == 26
    said(capsys, "delete", copied, "svm", "--yes", "--force")
    with pytest.raises(hpt.StorageError, match="no longer holds study 'svm'"):
        study.tell(trial, 1.0)
    assert hpt.studies(copied) == []
    new = Study(Space(y=Float(0, 1)), RandomSearch(), storage=copied, name="svm")  # another one may have its name
    new.ask()
    new.close()
    said(capsys, "delete", copied, "svm", "--yes")  # what an ended process has left is no obstacle
    idle = Study(SPACE, RandomSearch(), storage=copied, name="svm")
    idle.tell(idle.ask(), 1.0)
    said(capsys, "delete", copied, "svm", "--yes")  # nor is a process that trains none of its trials


def test_serve_says_the_address_and_ends_with_the_server(db, capsys, monkeypatch):
    opened, served = [], []

    def serve(file, **how):
        served.append((file, how))
        server = hpt.serve.serve(file, **how)
        server.closing.set()
        return server

    monkeypatch.setattr("hpt_lab.tools.command_line.serve", serve)
    monkeypatch.setattr("webbrowser.open", opened.append)
    out = said(capsys, "serve", db)
    assert re.match(r"http://127\.0\.0\.1:\d+/ shows the studies of .*; Ctrl\+C ends it$", out)
    assert opened == []
    out = said(capsys, "serve", db, "--open", "--language", "ko")
    assert opened == [out.split()[0]]
    out = said(capsys, "serve", db, "--edit")
    assert re.match(r"http://127\.0\.0\.1:\d+/#edit=[\w-]{32} shows", out)
    how = {"port": 0, "language": "en", "edit": False}
    assert served == [(db, how), (db, how | {"language": "ko"}), (db, how | {"edit": True})]


def test_help_says_what_each_command_does(capsys):
    names = ("list", "show", "best", "export", "report", "serve", "copy", "rename", "delete")
    for arguments in (["--help"], *([name, "--help"] for name in names)):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 0
        assert "FILE" in capsys.readouterr().out or arguments == ["--help"]


@pytest.mark.skipif(os.name == "nt", reason="pipes of Unix")
def test_it_runs_as_a_module_and_a_reader_that_leaves_early_is_no_error(db):
    command = [sys.executable, "-m", "hpt_lab", "list", db]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_signs_that_a_terminal_would_obey_are_shown_as_text(tmp_path, capsys):
    path = tmp_path / "runs.db"
    study = Study(Space(c=["\x1b[2J", "b"]), RandomSearch(), storage=path)
    study.tell(study.ask(), error="\x1b[31m red")
    assert "\x1b" not in said(capsys, "show", str(path))


def test_show_and_best_say_at_which_budget_the_best_was_seen(tmp_path, capsys):
    path = str(tmp_path / "runs.db")
    study = Study(SPACE, hpt.ASHA(1, 9), storage=path)
    for value in (0.5, 0.25, 0.375, 0.75):  # three at budget 1, one at budget 3
        study.tell(study.ask(), value)
    sentence = "best value 0.75 at budget 3 (of 1 trial; at budget 1: 0.25 of 3)"
    assert said(capsys, "show", path).splitlines()[-1] == sentence
    assert main(["best", path]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == study.best_params
    assert err == f"hpt-lab: {sentence}\n"


def test_several_objectives_and_constraints_have_their_columns(tmp_path, capsys):
    path = str(tmp_path / "runs.db")
    study = Study(
        Space(x=Float(0, 1)), RandomSearch(), directions={"size": "minimize", "gain": "maximize"}, storage=path
    )
    for value, limit in (((2, 5), -1), ((1, 3), 0.5), ((1, 4), 0)):
        study.tell(study.ask(), value, constraints={"memory": limit})
    head, *lines = said(capsys, "show", path, "--best").splitlines()
    assert cells(head) == ["trial", "state", "size", "gain", "memory", "x", "seconds", "error"]
    shown = [" ".join(cells(line)[0:1] + cells(line)[2:5]) for line in lines]
    assert shown == ["0 2 5 -1", "2 1 4 0", "1 1 3 0.5"]
    assert "minimize size, maximize gain" in said(capsys, "list", path)
    assert said(capsys, "export", path).startswith("number,x,budget,size,gain,memory,state,")
    exported = json.loads(said(capsys, "export", path, "--format", "json"))
    assert [(one["values"], one["constraints"]) for one in exported[:1]] == [([2.0, 5.0], {"memory": -1.0})]
    assert "<h2>The front</h2>" in said(capsys, "report", path)
    assert main(["best", path]) == 1
    assert "best: none of the 3 trials is the best in each of the 2 objectives; see" in capsys.readouterr().err
