"""Killed at any moment, a study in a file has every told trial, runs again what was running, and goes on as if nothing was."""

import importlib
import inspect
import os
import pkgutil
import random
import signal
import sys
import threading
import time

import pytest

import hpt_lab.loop
import hpt_lab.study
import hpt_lab.tools.storage
from hpt_lab import TPE, Float, RandomSearch, Space, Study, run, tune
from hpt_lab.study.log import Log
from hpt_lab.tools.storage import sqlite
from hpt_lab.tools.storage.file import InFile
from hpt_lab.tools.storage.owners import Owner
from hpt_lab.tools.storage.sqlite import Database
from tests.moments import leaves_a_block

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]
SPACE = Space(x=Float(-1, 1), y=Float(1e-3, 1e3, log=True), c=["a", "b"])


def loss(params):
    if params["x"] > 0.7:
        raise ValueError("too far")
    return params["x"] ** 2 + params["y"] / 1e3


def outcomes(study):
    return [(dict(t.params), t.value, t.state, t.error) for t in study.trials]


def forked(work):
    """A child that does `work(write)`, where `write` sends a line to the parent: its process id, and where to read."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(120)  # a child that hangs ends some day
            os.close(reading)
            work(lambda text: os.write(writing, f"{text}\n".encode()))
            status = 0
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)
    os.close(writing)
    return child, reading


def ended(child, reading):
    """The lines that a child has sent, and its exit status (negative: the signal that killed it)."""
    with os.fdopen(reading, encoding="utf-8") as lines:
        sent = lines.read().splitlines()
    return sent, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def files_of(*packages):
    """The files of all modules of these packages."""
    names = [one.__name__ for one in packages]
    names += [found.name for one in packages for found in pkgutil.walk_packages(one.__path__, f"{one.__name__}.")]
    return {importlib.import_module(name).__file__ for name in names}


OURS = files_of(hpt_lab.study, hpt_lab.loop, hpt_lab.tools.storage)
# Wherever these stand, a search in a file must be killed and interrupted inside them.
STEPS = [run, Study.ask_into, Study.tell, Log.places, InFile.transaction, InFile.refresh, InFile.enter]
STEPS += [Database.begin, Database.run, Database.commit, Owner.__init__]


class KillAt:
    """A tracer that kills its process before the n-th line of the study or the loop, or interrupts it there once."""

    def __init__(self, n, interrupts=False):
        self.left, self.interrupts, self.traced = n, interrupts, set()

    def __call__(self, frame, event, argument):
        if frame.f_code.co_filename not in OURS:
            return None
        self.traced.add(frame.f_code)
        return self.line

    def line(self, frame, event, argument):
        if event == "line" and not (self.interrupts and self.left == 0 and leaves_a_block(frame)):
            self.left -= 1
            if self.interrupts and self.left == -1:
                raise KeyboardInterrupt
            if self.left < 0 and not self.interrupts:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.line


@pytest.mark.parametrize("strategy", [RandomSearch, TPE])
@pytest.mark.parametrize("by", ["line", "time"])
def test_a_search_killed_at_random_moments_is_the_one_that_was_never_killed(strategy, by, tmp_path):
    db, rng, n_trials, last, hits = tmp_path / "runs.db", random.Random(3), 60, 0, 0
    whole = outcomes(tune(loss, SPACE, strategy(), n_trials, seed=5, progress=False))
    told = {}

    def work(write):
        def after(study, trial):
            write(f"{trial.number} {trial.value!r}")

        if by == "line":
            sys.settrace(KillAt(moment))
        study = Study(SPACE, strategy(), seed=5, storage=db)
        n_before = len(study.history.finished) + len(study.history.failed)
        run(study, loss, n_before + 3, progress=False, callbacks=[after])
        sys.settrace(None)

    for _ in range(25):
        moment = rng.randrange(0, 2500)
        child, reading = forked(work)
        if by == "time":
            time.sleep(rng.uniform(0.0, 0.03))
            os.kill(child, signal.SIGKILL)
        sent, status = ended(child, reading)
        assert status in (0, -signal.SIGKILL)
        hits += status != 0
        for line in sent:
            number, value = line.split()
            assert number not in told  # no told trial is told again
            told[number] = value
        if not db.exists():
            continue
        study = Study(SPACE, strategy(), seed=5, storage=db)
        now = outcomes(study)
        done = [one for one in now if one[2] != "running"]
        assert done == whole[: len(done)]
        assert len(now) - len(done) <= 1
        assert [t.number for t in study.orphans] == list(range(len(done), len(now)))
        assert len(done) >= max([last, *(1 + int(number) for number in told)])
        for number, value in told.items():
            assert repr(study.trials[int(number)].value) == value
        last = len(done)
    assert hits
    found = tune(loss, SPACE, strategy(), n_trials, seed=5, progress=False, storage=db)
    assert outcomes(found) == whole


def test_a_search_in_a_file_interrupted_at_any_line_leaves_no_ghost_and_goes_on_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 2.0)
    whole = outcomes(tune(loss, SPACE, RandomSearch(), 3, seed=5, progress=False))
    n, seen, traced, before = 0, set(), set(), sys.gettrace()
    while True:
        db = tmp_path / f"{n}.db"
        study = Study(SPACE, RandomSearch(), seed=5, storage=db)
        other = Study(SPACE, RandomSearch(), seed=5, storage=db, name="other")
        interrupt = KillAt(n, interrupts=True)
        try:
            sys.settrace(interrupt)
            assert run(study, loss, 3, progress=False) is study
        except KeyboardInterrupt:  # before the search has begun, or while it ends
            pass
        finally:
            sys.settrace(before)
        so_far = outcomes(study)
        assert so_far == whole[: len(so_far)]
        told = []
        thread = threading.Thread(target=lambda o=other, t=told: t.append(o.tell(o.ask(), 1.0)), daemon=True)
        thread.start()
        thread.join(60)
        assert told  # no lock is left behind
        assert outcomes(Study.open(db, "study")) == so_far
        assert outcomes(run(study, loss, 3, progress=False)) == whole
        seen.add(len(so_far))
        traced |= interrupt.traced
        if interrupt.left >= 0:
            break
        n += 11
    assert seen == {0, 1, 2, 3}
    assert {inspect.unwrap(step).__code__ for step in STEPS} <= traced


def test_eight_processes_share_one_study_and_each_trial_is_told_once(tmp_path):
    db, n_trials = tmp_path / "runs.db", 120

    def work(write):
        study = Study(SPACE, RandomSearch(), seed=5, storage=db)
        run(study, loss, n_trials, progress=False, callbacks=[lambda study, trial: write(trial.number)])

    children = [forked(work) for _ in range(8)]
    results = [ended(*child) for child in children]
    assert [status for _, status in results] == [0] * 8, results
    told = sorted(int(number) for sent, _ in results for number in sent)
    assert told == list(range(n_trials))
    study = Study.open(db)
    # The params of random search depend on the number of the trial alone.
    assert outcomes(study) == outcomes(tune(loss, SPACE, RandomSearch(), n_trials, seed=5, progress=False))


def test_processes_that_are_killed_beside_others_lose_nothing_and_delay_nobody(tmp_path):
    db, n_trials = tmp_path / "runs.db", 60

    def killed_at(moment):
        def work(write):
            sys.settrace(KillAt(moment))
            run(Study(SPACE, RandomSearch(), seed=5, storage=db), loss, n_trials, progress=False)

        return work

    def steady(write):
        study = Study(SPACE, RandomSearch(), seed=5, storage=db)
        run(study, loss, n_trials, progress=False, callbacks=[lambda study, trial: write(trial.number)])

    children = [forked(killed_at(moment)) for moment in (300, 900, 1500, 2500, 4000)]
    children.append(forked(steady))
    results = [ended(*child) for child in children]
    assert results[-1][1] == 0
    run(Study(SPACE, RandomSearch(), seed=5, storage=db), loss, n_trials, progress=False)
    assert outcomes(Study.open(db)) == outcomes(tune(loss, SPACE, RandomSearch(), n_trials, seed=5, progress=False))


def test_a_forked_child_goes_on_with_its_own_connection_and_its_parent_stays_the_owner(tmp_path):
    study = Study(SPACE, RandomSearch(), seed=5, storage=tmp_path / "runs.db")
    mine = study.ask()
    parents = study._backend.database.connection

    def work(write):
        assert study.orphans == []
        assert study._backend.database.connection is not parents  # SQLite forbids to use it here
        theirs = study.ask()
        assert theirs.number == 1
        study.tell(theirs, 2.0)
        study.ask()
        write("done")

    sent, status = ended(*forked(work))
    assert (sent, status) == (["done"], 0)
    assert [t.number for t in study.orphans] == [2]
    assert Study.open(tmp_path / "runs.db").orphans == study.orphans
    study.tell(mine, 1.0)
    assert [t.value for t in study.trials] == [1.0, 2.0, None]
    again = study.ask()
    assert again.number == 2


def test_the_owner_is_seen_to_live_by_another_process_until_it_is_killed(tmp_path):
    db = tmp_path / "runs.db"

    def work(write):
        study = Study(SPACE, RandomSearch(), seed=5, storage=db)
        study.ask()
        write("asked")
        time.sleep(100)

    child, reading = forked(work)
    try:
        study = Study(SPACE, RandomSearch(), seed=5, storage=db)
        deadline = time.monotonic() + 60
        while not study.trials and time.monotonic() < deadline:
            time.sleep(0.005)
        assert study.orphans == []
        assert study.ask().number == 1
    finally:
        os.kill(child, signal.SIGKILL)
        ended(child, reading)
    assert study.ask().number == 0


def test_a_forked_child_sees_what_its_parent_enters_later(tmp_path):
    study = Study(SPACE, RandomSearch(), seed=5, storage=tmp_path / "runs.db")
    study.tell(study.ask(), 1.0)

    def work(write):
        while not (tmp_path / "go").exists():
            time.sleep(0.005)
        write([trial.value for trial in study.trials])

    child, reading = forked(work)
    study.tell(study.ask(), 2.0)
    (tmp_path / "go").touch()
    assert ended(child, reading) == (["[1.0, 2.0]"], 0)


def test_another_process_sees_which_of_two_studies_of_one_process_was_closed(tmp_path):
    one, other = (Study(SPACE, RandomSearch(), seed=5, storage=tmp_path / "runs.db") for _ in range(2))
    one.ask()
    other.ask()
    one.close()

    def work(write):
        write([trial.number for trial in Study.open(tmp_path / "runs.db").orphans])

    assert ended(*forked(work)) == (["[0]"], 0)
