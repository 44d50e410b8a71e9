"""Where several write to one study, each has its turn: what it does is done whole, and on what the others have written."""

import contextlib
import os
import signal
import sys

import pytest

import hpt_lab as hpt
import hpt_lab.hyperparameters.define_by_run
import hpt_lab.tools.tuner as kt
import hpt_lab.tools.tuner.project
from hpt_lab import Float, HyperParameters, RandomSearch, Space, Study, Trial, run, tune
from hpt_lab.hyperparameters import widen
from hpt_lab.hyperparameters.define_by_run import stored_notes
from hpt_lab.tools.storage import file

SPACE = Space(x=Float(-1, 1), c=["a", "b"])
WIDER = Space(x=Float(-1, 1), c=["a", "b"], y=[1, 2])
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def together(work, n=4):
    """The exit codes of n forked children that do `work(i)` at once, each within two minutes."""
    children, (gate, closed) = [], os.pipe()
    for i in range(n):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.alarm(120)
                os.close(closed)
                os.read(gate, 1)  # all begin when the parent opens it
                work(i)
                status = 0
            except BaseException as error:
                sys.__stderr__.write(f"{type(error).__name__}: {error}\n")
            finally:
                os._exit(status)
        children.append(child)
    os.close(closed)
    os.close(gate)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def kept(db):
    return Study(SPACE, RandomSearch(), seed=7, storage=db)


def made(n, i=0):
    return [Trial(k, {"x": (k + i * n) / 1000, "c": "a"}, value=float(k), state="complete") for k in range(n)]


# Define-by-run


class ByRun:
    """Asks for two hyperparameters, in other trials (and processes) for another one, and notes which."""

    def __init__(self, folder, i=0):
        self.folder, self.i = folder, i

    def __call__(self, hp):
        value = hp.Float("a", 0, 1)
        name = f"own_{(self.i + int(8 * value)) % 8}"
        (self.folder / name).touch()
        return value + hp.Int(name, 1, 5)


class Model(ByRun):
    def build(self, hp):
        value = self(hp)
        return type("Built", (), {"fit": lambda model: value})()


def search(face, folder, i=0, **more):
    """Search by `tune` or the tuner, and return the file."""
    if face == "tune":
        file = folder / "runs.db"
        tune(ByRun(folder, i), HyperParameters(), RandomSearch(), 12, seed=3, storage=file, progress=False, **more)
        return file
    tuner = kt.RandomSearch(
        Model(folder), kt.Objective("loss", "min"), 12, seed=3, directory=folder, project_name="one"
    )
    tuner.search(verbose=0)
    return folder / "one" / "study.db"


def whole(study, folder):
    """The space has all that was asked for, and so have the notes and all trials."""
    asked = {"a", *(path.name for path in folder.glob("own_*"))}
    assert set(study.space) == asked
    assert [name for name, _ in study.notes["hyperparameters"]] == list(study.space)
    assert all(trial.params.keys() <= asked for trial in study.trials)
    assert len(study.trials) == len(study.history.finished) == 12


@needs_fork
@pytest.mark.parametrize("face", ["tune", "tuner"])
@pytest.mark.parametrize("number", range(4))
def test_four_processes_that_begin_one_define_by_run_search_find_its_space_together(face, number, tmp_path):
    assert together(lambda i: search(face, tmp_path, i)) == [0] * 4
    whole(Study.open(tmp_path / ("runs.db" if face == "tune" else "one/study.db")), tmp_path)


@pytest.mark.parametrize("face", ["tune", "tuner"])
def test_a_search_that_another_one_begins_and_widens_in_between_is_gone_on_with(face, tmp_path, monkeypatch):
    where = hpt_lab.hyperparameters.define_by_run if face == "tune" else hpt_lab.tools.tuner.project

    def looks(storage, name):
        notes = stored_notes(storage, name)
        monkeypatch.undo()
        search(face, tmp_path, 1)  # all of it, by somebody else
        return notes

    monkeypatch.setattr(where, "stored_notes" if face == "tune" else "read_notes", looks)
    whole(Study.open(search(face, tmp_path)), tmp_path)


def test_a_start_that_can_be_read_once_is_not_lost_when_another_one_widens_in_between(tmp_path, monkeypatch):
    def looks(storage, name):
        notes = stored_notes(storage, name)
        monkeypatch.undo()
        search("tune", tmp_path)
        return notes

    hp = HyperParameters()
    hp.Float("a", 0, 1)
    monkeypatch.setattr(hpt_lab.hyperparameters.define_by_run, "stored_notes", looks)
    start = ({"a": a} for a in (0.1, 0.2))
    with pytest.raises(ValueError, match=r'Study: start=.*"a": 0\.1.* must be that of study .*, or be left out'):
        tune(ByRun(tmp_path), hp, RandomSearch(), 3, seed=3, storage=tmp_path / "runs.db", start=start, progress=False)


def test_what_two_ask_for_at_once_is_all_in_the_space(tmp_path, monkeypatch):
    """Between the look of the one and its turn, the other one widens the space."""
    one, other = HyperParameters(), HyperParameters()
    for hp in (one, other):
        hp.Float("a", 0, 1)
    study, twin = (Study(one.search_space(), RandomSearch(), seed=7, storage=tmp_path / "runs.db") for _ in range(2))
    run(study, lambda params: params["a"], 2, progress=False)
    for hp, name in ((one, "b"), (other, "c")):
        hp.Choice("k", ["x", "y"])
        hp.Int(name, 1, 5)
    transaction = study._backend.transaction

    def late(flush=False):
        monkeypatch.undo()
        widen(twin, other)
        return transaction(flush)

    monkeypatch.setattr(study._backend, "transaction", late)
    widen(study, one)
    assert list(study.space) == [name for name, _ in study.notes["hyperparameters"]] == ["a", "k", "c", "b"]
    assert len(study.trials) == len(twin.trials) == 2
    assert list(twin.space) == ["a", "k", "c", "b"]


def test_extend_keeps_a_dimension_that_no_trial_has():
    """As another process may have added it a moment ago."""
    conditional = Space(x=Float(-1, 1), c=["a", "b"], y=Float(0, 1).when(c="b"))
    study = Study(conditional, RandomSearch())
    study.add({"x": 0.5, "c": "a"}, 1.0)
    with pytest.raises(ValueError, match=r"extend: space=Space\(x=.* must keep y, which the study has"):
        study.extend(Space(x=Float(-1, 1), c=["a", "b"], z=[1, 2]), {"z": 1})
    assert study.space == conditional


# Added trials


@needs_fork
def test_four_that_add_trials_at_once_add_them_all(tmp_path):
    db = tmp_path / "runs.db"

    def work(i):
        assert len(kept(db).add_trials(made(50, i))) == 50

    assert together(work) == [0] * 4
    study = Study.open(db)
    places = [round(1000 * trial.params["x"]) // 50 for trial in study.trials]
    assert sorted(places) == sorted(list(range(4)) * 50)
    assert [places[begin : begin + 50] for begin in (0, 50, 100, 150)] == [[i] * 50 for i in dict.fromkeys(places)]
    assert [trial.number for trial in study.trials] == list(range(200))


@needs_fork
def test_four_that_add_the_same_trials_at_once_add_them_once(tmp_path):
    db = tmp_path / "runs.db"
    assert together(lambda i: kept(db).add_trials(made(50))) == [0] * 4
    assert [trial.value for trial in Study.open(db).trials] == list(range(50))


def test_nobody_writes_between_two_trials_that_are_added(tmp_path, monkeypatch):
    study, other = kept(tmp_path / "runs.db"), kept(tmp_path / "runs.db")
    commit = study._backend.database.commit

    def and_then_the_other():
        commit()
        other.add({"x": 0.5, "c": "b"}, 9.0)

    monkeypatch.setattr(study._backend.database, "commit", and_then_the_other)
    assert [trial.number for trial in study.add_trials(made(3))] == [0, 1, 2]
    assert [trial.value for trial in study.trials] == [0.0, 1.0, 2.0, 9.0]


def test_of_trials_that_are_added_all_enter_the_file_or_none(tmp_path, monkeypatch):
    study, write_entry = kept(tmp_path / "runs.db"), file.write_entry

    def full(database, values, **more):
        if values[1] == 3:
            raise hpt.StorageError("the disk is full")
        write_entry(database, values, **more)

    monkeypatch.setattr(file, "write_entry", full)
    with pytest.raises(hpt.StorageError, match="disk is full"):
        study.add_trials(made(5))
    assert len(study.trials) == len(Study.open(tmp_path / "runs.db").trials) == 0
    monkeypatch.undo()
    assert len(study.add_trials(made(5))) == 5


@pytest.mark.parametrize("in_file", [False, True])
def test_an_interrupt_at_any_line_of_add_trials_adds_them_all_or_none(in_file, tmp_path):
    n, seen, before = 0, set(), sys.gettrace()

    class Interrupt:
        left = 0

        def __call__(self, frame, event, argument):
            if not frame.f_globals.get("__name__", "").startswith("hpt_lab.study"):
                return None
            if event == "line":
                self.left -= 1
                if self.left == -1:
                    raise KeyboardInterrupt
            return self

    while True:
        study = kept(tmp_path / f"{n}.db") if in_file else Study(SPACE, RandomSearch())
        tracer = Interrupt()
        tracer.left = n
        try:
            sys.settrace(tracer)
            with contextlib.suppress(KeyboardInterrupt):
                study.add_trials(made(3))
        finally:
            sys.settrace(before)
        seen.add(len(study.trials))
        if tracer.left >= 0:
            break
        n += 7
    assert seen == {0, 3}


@pytest.mark.parametrize("several", [False, True])
def test_what_is_added_is_of_the_space_as_another_process_has_just_widened_it(several, tmp_path, monkeypatch):
    study, other = kept(tmp_path / "runs.db"), kept(tmp_path / "runs.db")
    transaction = study._backend.transaction

    def late(flush=False):
        monkeypatch.undo()
        other.extend(WIDER, {"y": 1})
        return transaction(flush)

    monkeypatch.setattr(study._backend, "transaction", late)
    with pytest.raises(ValueError, match="must have a value for y"):
        study.add_trials(made(3)) if several else study.add({"x": 0.5, "c": "a"}, 1.0)
    assert len(Study.open(tmp_path / "runs.db").trials) == 0
    assert other.ask().params.keys() == {"x", "c", "y"}


# Handed out again


@pytest.mark.parametrize("in_file", [False, True])
def test_a_trial_that_was_requeued_and_then_abandoned_is_handed_to_one_worker(in_file, tmp_path):
    study = kept(tmp_path / "runs.db") if in_file else Study(SPACE, RandomSearch(), seed=7)
    trial = study.ask()
    study.requeue(trial)
    study.abandon([trial])
    first = study.ask()
    assert first.number == 0
    assert list(study.orphans) == []
    second = study.ask()
    assert second.number == 1
    study.tell(first, 1.0)
    study.tell(second, 2.0)
    assert [trial.value for trial in study.trials] == [1.0, 2.0]


@pytest.mark.parametrize("in_file", [False, True])
def test_the_seconds_of_a_trial_are_not_those_of_an_abandoned_one_of_its_number(in_file, tmp_path, monkeypatch):
    study = kept(tmp_path / "runs.db") if in_file else Study(SPACE, RandomSearch(), seed=7)
    now = [1.7e9]
    monkeypatch.setattr("time.time", lambda: now[0])
    trial = study.ask()
    study.requeue(trial)
    study.abandon([study.ask()])
    now[0] += 1000.0
    trial = study.ask()
    now[0] += 5.0
    study.tell(trial, 1.0)
    assert study.trials[0].seconds == pytest.approx(5.0, abs=0.1)
