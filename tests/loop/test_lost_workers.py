"""Workers without their search, and a search without its workers: the ones end, the other says so and can be ended."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from hpt_lab import Float, GridSearch, RandomSearch, Space, Study, run, tune
from hpt_lab.tools.workers import workers

LINE = Space(x=Float(-1, 1))
DEADLINE = 120  # seconds: far more than anything here takes, on a busy machine too

SCRIPT = """
    import multiprocessing, os, signal, sys, time
    from concurrent.futures import ProcessPoolExecutor
    import loky
    import hpt_lab as hpt

    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell has its background processes ignore

    def objective(params):
        open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
        time.sleep(1000)

    def pool(method):
        return lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method))

    HOW = {
        "own": {"n_workers": 2},
        "limit": {"n_workers": 2, "trial_timeout": 900},
        "file": {"n_workers": 2, "storage": sys.argv[1] + ".db"},
        "loky": {"n_workers": 2, "executor": lambda: loky.ProcessPoolExecutor(2)},
    }

    if __name__ == "__main__":
        how = HOW.get(sys.argv[2]) or {"n_workers": 2, "executor": pool(sys.argv[2])}
        study = hpt.tune(objective, {"x": hpt.Float(-1, 1)}, hpt.GridSearch(4), 4, progress=False, **how)
        print(len(study.trials), "trials")
"""


@contextmanager
def searching(folder, how):
    """A search in a process of its own, whose two workers train, and will not end by themselves: it, and its children."""
    script, pids = folder / "script.py", folder / "pids"
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    pids.mkdir()
    children = []
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen([sys.executable, script, pids, how], **streams)
    try:
        for _ in range(20 * DEADLINE):
            if len(os.listdir(pids)) == 2 or process.poll() is not None:
                break
            time.sleep(0.05)
        children += psutil.Process(process.pid).children(recursive=True)
        yield process, children
    finally:
        process.kill()
        process.wait()
        for child in psutil.wait_procs(children, timeout=0)[1]:
            child.kill()


@pytest.mark.parametrize("how", ["own", "limit", "loky", "spawn", *["fork", "forkserver"] * (sys.platform == "linux")])
def test_a_search_that_is_killed_leaves_no_process(how, tmp_path):
    with searching(tmp_path, how) as (process, children):
        assert len(children) >= 2
        process.kill()
        process.wait()
        assert psutil.wait_procs(children, timeout=DEADLINE)[1] == []


@pytest.mark.skipif(os.name == "nt", reason="needs the signals of Unix")
@pytest.mark.parametrize("how", ["own", "spawn", *["fork"] * (sys.platform == "linux")])
def test_ctrl_c_returns_the_study_and_leaves_no_process(how, tmp_path):
    with searching(tmp_path, how) as (process, children):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.communicate(timeout=DEADLINE)[0] == b"0 trials\n"  # both are as if never asked for
        assert process.returncode == 0
        assert psutil.wait_procs(children, timeout=DEADLINE)[1] == []


def test_a_search_in_a_file_that_is_ended_by_kill_hands_its_trials_back(tmp_path):
    with searching(tmp_path, "file") as (process, children):
        process.terminate()
        process.wait()
        assert psutil.wait_procs(children, timeout=DEADLINE)[1] == []
    assert Study.open(tmp_path / "pids.db").history.n_running == 2
    study = tune(square(), LINE, GridSearch(4), 4, progress=False, storage=tmp_path / "pids.db")
    assert [trial.value for trial in study.trials] == [trial.params["x"] ** 2 for trial in study.trials]
    assert len(study.trials) == 4


# Dask


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    import dask

    with (
        dask.config.set({"logging.distributed": "critical"}),
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def one_worker(client):
    """A worker of the cluster that nobody starts again."""
    module = [sys.executable, "-m", "distributed.cli.dask_worker", client.scheduler.address]
    options = ["--no-nanny", "--no-dashboard", "--nthreads", "1"]
    worker = subprocess.Popen(module + options, stderr=subprocess.DEVNULL)
    try:
        client.wait_for_workers(1, timeout=DEADLINE)
        yield
    finally:
        worker.kill()
        worker.wait()
        for _ in range(20 * DEADLINE):
            if not client.nthreads():
                break
            time.sleep(0.05)


def square():
    """Made here, it travels by value: workers need not import this file."""
    return lambda params: params["x"] ** 2


def fatal():
    """An objective that kills its worker."""
    return lambda params: os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="needs the signals of Unix")
@pytest.mark.parametrize("end", [{"timeout": 2.0}, {"trial_timeout": 2.0}, {}], ids=["timeout", "trial", "Ctrl-C"])
def test_a_search_whose_dask_cluster_lost_all_workers_says_so_can_be_ended_and_goes_on(client, end, monkeypatch):
    texts = []

    def show(message, *more):
        texts.append(str(message))
        if len(texts) >= (1000 if end else 3):  # again and again, should one be lost
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(workers, "MINUTE", 0.2)
    more = {"progress": False, "executor": client.get_executor}
    with warnings.catch_warnings(), ExitStack() as stack:
        warnings.simplefilter("always", RuntimeWarning)
        warnings.showwarning = show
        if "timeout" in end:  # as in the background
            stack.callback(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, signal.SIG_IGN))
        if end:  # else it might be the time that it takes to die that has run out
            with one_worker(client):
                pass
        else:
            stack.enter_context(one_worker(client))
        study = tune(fatal(), LINE, RandomSearch(), 4, n_workers=2, **more, **end)
    how = f"kill -TERM {os.getpid()}" if "timeout" in end else "Ctrl-C"
    begin = "tune: no worker is connected, and 2 trials have waited for "
    assert all(text.startswith(begin) for text in texts)
    assert all(text.endswith(f"; connect one, or end the search with {how}") for text in texts[: -1 if end else None])
    assert texts[-1].endswith("; the search ends, and hands them back") == bool(end)
    assert not len(study.trials)  # both were handed back
    with one_worker(client):
        run(study, square(), 4, **more)
    expected = tune(square(), LINE, RandomSearch(), 4, progress=False)
    assert [(trial.params, trial.value) for trial in study.trials] == [(t.params, t.value) for t in expected.trials]


def test_a_trial_that_hangs_on_dask_fails_alone(client, tmp_path):
    """Its worker cannot be ended: it trains until the file is there."""
    go_on = str(tmp_path / "go on")

    def objective(params):
        import os
        import time

        while params["x"] < -0.9 and not os.path.exists(go_on):
            time.sleep(0.05)
        return params["x"]

    def let_go(study, trial):
        open(go_on, "w", encoding="utf-8").close()

    starts = [{"x": -1.0}, {"x": 0.5}]
    more = {"start": starts, "callbacks": [let_go], "trial_timeout": 10.0, "n_workers": 1}
    with one_worker(client):
        study = tune(objective, LINE, RandomSearch(), 2, progress=False, executor=client.get_executor, **more)
    assert [trial.value for trial in study.trials] == [None, 0.5]
    assert (
        study.trials[0].error
        == "TimeoutError: trial_timeout: no value after 10 seconds; its worker on Dask may keep training"
    )


def test_a_dask_cluster_without_workers_has_no_number_of_them(client):
    with pytest.raises(ValueError, match="n_workers=None must be a number with ClientExecutor, to which no worker is"):
        tune(square(), LINE, RandomSearch(), 4, progress=False, executor=client.get_executor)
