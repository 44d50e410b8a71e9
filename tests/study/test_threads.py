"""Many threads ask and tell on one study; a child that was forked meanwhile does not wait for locks that nobody holds."""

import os
import signal
import sys
import threading
import time

import pytest

from hpt_lab import Float, GridSearch, History, RandomSearch, Space, Study, Suggestion, run
from hpt_lab.tools.storage import owners

SPACE = Space(x=Float(-1, 1), c=["a", "b"])


@pytest.fixture(autouse=True)
def _many_switches():
    """Threads take turns as often as can be, so that a step that is not whole is caught in the middle."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def all_of(works):
    """Run each in a thread of its own; an error in any of them is raised here."""
    errors = []

    def guarded(work):
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


class Yields:
    """Random search that lets others in while it thinks, and marks how many trials it saw."""

    def suggest(self, history):
        seen = len(history.trials), len(history.running) + len(history.finished) + len(history.failed)
        time.sleep(0)
        return Suggestion(history.space.sample(history.rng), info={"seen": list(seen)})


def test_eight_threads_ask_and_tell_on_one_study():
    study, told = Study(SPACE, Yields(), seed=1), []

    def work():
        for turn in range(20):
            mine = [study.ask(), study.ask()]
            for trial in reversed(mine):
                if turn % 5 == 4:
                    study.tell(trial, error="no")
                else:
                    study.tell(trial, trial.params["x"])
                told.append((trial.number, dict(trial.params)))

    all_of([work] * 8)
    assert sorted(number for number, _ in told) == list(range(320))
    assert [trial.number for trial in study.trials] == list(range(320))
    assert {number: params for number, params in told} == {t.number: dict(t.params) for t in study.trials}
    assert all(trial.value == (None if trial.error else trial.params["x"]) for trial in study.trials)
    assert len(study.history.failed) == 64
    assert [list(trial.info["seen"]) for trial in study.trials] == [[number, number] for number in range(320)]
    # Params depend on the number alone: as many threads as one gives.
    alone = run(Study(SPACE, Yields(), seed=1), lambda params: params["x"], 320, progress=False)
    assert [trial.params for trial in study.trials] == [trial.params for trial in alone.trials]
    assert len({trial.started for trial in study.trials}) == 320
    scratch = History(SPACE, tuple(study.trials), 1)
    assert scratch.finished == study.history.finished
    assert scratch.incumbent == study.history.incumbent
    assert Study.from_json(study.to_json(), SPACE, Yields()) == study


def test_readers_see_whole_histories_while_others_write():
    study, stop = Study(SPACE, RandomSearch(), seed=1), threading.Event()

    def write():
        for _ in range(150):
            study.tell(study.ask(), 1.0)

    def read():
        while not stop.is_set():
            history = study.history
            n = len(history.trials)
            states = [trial.state for trial in history.trials]
            assert len(states) == n
            assert len(history.finished) == states.count("complete")
            assert history.n_running == states.count("running")
            assert (history.incumbent is None) == ("complete" not in states)
            assert [trial.number for trial in history.trials] == list(range(n))

    def write_and_stop():
        try:
            write()
        finally:
            stop.set()

    all_of([read] * 3 + [write] * 2 + [write_and_stop])
    assert len(study.history.finished) == 450


def test_many_threads_share_a_grid_without_a_gap_or_a_double():
    study = Study(SPACE, GridSearch(16), seed=1)

    def work():
        for _ in range(8):
            study.tell(study.ask(), 0.0)

    all_of([work] * 4)
    assert len({(trial.params["x"], trial.params["c"]) for trial in study.trials}) == 32


def test_a_trial_told_by_many_threads_at_once_is_told_once():
    study, outcomes = Study(SPACE, RandomSearch(), seed=1), []
    for _ in range(30):
        trial, ready = study.ask(), threading.Barrier(4)

        def work(trial=trial, ready=ready):
            ready.wait()
            try:
                study.tell(trial, threading.get_ident())
                outcomes.append("told")
            except ValueError:
                outcomes.append("refused")

        all_of([work] * 4)
    assert outcomes.count("told") == 30
    assert outcomes.count("refused") == 90
    assert len(study.history.finished) == len(study.trials) == 30


def test_four_searches_run_at_once_on_one_study_to_its_end():
    study = Study(SPACE, Yields(), seed=1)
    all_of([lambda: run(study, lambda params: params["x"], 60, progress=False)] * 4)
    assert 60 <= len(study.trials) < 64
    assert study.history.n_running == 0
    assert [trial.number for trial in study.trials] == list(range(len(study.trials)))


def test_an_interrupted_search_leaves_the_trials_of_other_threads_alone():
    study, ready, done = Study(SPACE, RandomSearch(), seed=1), threading.Event(), threading.Event()

    def slow(params):
        ready.set()
        assert done.wait(60)
        return 1.0

    def stop(params):
        other.start()  # its trial comes after ours
        assert ready.wait(60)
        raise KeyboardInterrupt

    other = threading.Thread(target=run, args=(study, slow, 2), kwargs={"progress": False}, daemon=True)
    run(study, stop, 5, progress=False)
    done.set()
    other.join(60)
    assert [trial.state for trial in study.trials] == ["failed", "complete"]


# Fork

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def in_a_child(work):
    """Exit status of a forked child that did the work: 0 if it succeeded, and never later than 120 seconds."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(120)
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


@forks
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # Python 3.12 warns of what we test
@pytest.mark.parametrize("where", ["strategy", "clock"])
def test_a_child_forked_while_another_thread_thinks_does_not_hang(where, monkeypatch):
    thinks, go_on = threading.Event(), threading.Event()

    def wait(here):
        if here == where and threading.current_thread() is thinker:
            thinks.set()
            assert go_on.wait(60)

    class Slow:
        def suggest(self, history):
            wait("strategy")
            return RandomSearch().suggest(history)

    now = time.time

    def clock():
        wait("clock")
        return now()

    monkeypatch.setattr("time.time", clock)
    study = Study(SPACE, Slow(), seed=1)
    thinker = None
    study.tell(study.ask(), 1.0)

    def work():
        study.tell(study.ask(), 2.0)
        assert [trial.value for trial in study.trials] == [1.0, 2.0]
        other = Study(SPACE, RandomSearch())
        other.tell(other.ask(), 0.0)
        run(study, lambda params: params["x"], 5, progress=False)
        assert len(study.history.finished) == 5

    thinker = threading.Thread(target=lambda: study.tell(study.ask(), 3.0), daemon=True)
    thinker.start()
    assert thinks.wait(60)
    try:
        assert in_a_child(work) == 0
    finally:
        go_on.set()
        thinker.join(60)
    assert [trial.value for trial in study.trials] == [1.0, 3.0]


@forks
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_strategy_that_forks_while_it_thinks_may_use_the_study_in_the_child():
    class Forks:
        def suggest(self, history):
            def work():
                assert len(study.trials) == len(history.trials)
                study.tell(study.trials[0], 2.0)

            if len(history.trials) == 1:
                status.append(in_a_child(work))
            return RandomSearch().suggest(history)

    status = []
    study = Study(SPACE, Forks(), seed=1)
    study.ask()
    study.ask()
    assert status == [0]
    assert [trial.state for trial in study.trials] == ["running", "running"]


@forks
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_forked_while_another_thread_holds_the_guard_of_the_owners_does_not_hang(tmp_path):
    study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db")
    held, go_on = threading.Event(), threading.Event()
    study.ask()

    def hold():
        with owners._guard:
            held.set()
            assert go_on.wait(60)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    assert held.wait(60)
    try:
        assert in_a_child(lambda: study.tell(study.ask(), 1.0)) == 0
    finally:
        go_on.set()
        holder.join(60)
    assert [(trial.number, trial.state) for trial in study.trials] == [(0, "running"), (1, "complete")]


@forks
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_lets_go_of_its_parents_connection_without_closing_it(tmp_path):
    study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db")
    connection = study._backend.database.connection

    def work():
        study.close()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]  # SQLite would take the parent's file apart

    assert in_a_child(work) == 0
    study.tell(study.ask(), 1.0)
