"""Trials trained by workers: the same trials as one after the other, whatever becomes of the workers."""

import io
import math
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import loky
import psutil
import pytest
import tqdm as tqdm_package

from hpt_lab import (
    ASHA,
    BayesianOptimization,
    Float,
    GridSearch,
    Hyperband,
    MedianStopping,
    RandomSearch,
    Space,
    Study,
    SuccessiveHalving,
    Suggestion,
    Trial,
    run,
    tune,
)
from hpt_lab.tools.workers import workers
from hpt_lab.tools.workers.pools import Pool, Task, one_process
from tests.loop.scripted import Scripted, wait_at

LINE = Space(x=Float(-1, 1))
START = "fork" if sys.platform == "linux" else "spawn"  # macOS can fork, at its own risk
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # either one ends a process of Windows at once
DASK_LIMIT = 180.0  # seconds for each test with a Dask cluster
DEADLINE = 300  # seconds: far more than anything here takes, on a busy machine too


def forked(n=2):
    """Processes of this Python: copies of this one where it is safe to fork, others elsewhere."""
    return lambda: ProcessPoolExecutor(n, mp_context=multiprocessing.get_context(START))


POOLS = {
    "threads": {"executor": lambda: ThreadPoolExecutor(2), "n_workers": 2},
    "processes": {"executor": forked(), "n_workers": 2},
    "loky": {"executor": lambda: loky.ProcessPoolExecutor(2), "n_workers": 2},
    "own": {"n_workers": 2},
}
PROCESSES = {name: how for name, how in POOLS.items() if name != "threads"}


def pools(some):
    return pytest.mark.parametrize("how", some.values(), ids=some)


def square():
    """Made here, it travels by value: workers need not import this file."""
    return lambda params: params["x"] ** 2


def search(objective=None, strategy=None, n_trials=8, **more):
    return tune(objective or square(), LINE, strategy or RandomSearch(), n_trials, **{"progress": False, **more})


def outcomes(study):
    return [(dict(trial.params), trial.value, trial.state) for trial in study.trials]


def states(study):
    return [trial.state for trial in study.trials]


# Workers by script


def in_turn(n_waiting):
    return 0


def scripted(monkeypatch, script, objective=None, strategy=None, n_trials=8, n_workers=3, study=None, **more):
    wait_at(monkeypatch, script)
    study = Study(LINE, strategy or RandomSearch()) if study is None else study
    more = {"progress": False, "executor": lambda: script, "n_workers": n_workers, **more}
    return run(study, objective or square(), n_trials, **more)


def by_hand(strategy, n_trials, n_workers, rng):
    """The same with ask and tell."""
    study, running, objective = Study(LINE, strategy), [], square()
    while True:
        while len(running) < n_workers and len(study.trials) < n_trials:
            running.append(study.ask())
        if not running:
            return study
        trial = running.pop(rng.randrange(len(running)))
        study.tell(trial, objective(trial.params))


def test_the_same_order_of_completions_gives_the_same_search(monkeypatch):
    found = {}
    for order in (1, 2):
        studies = [
            scripted(
                monkeypatch, Scripted(random.Random(order).randrange), strategy=BayesianOptimization(), n_trials=14
            )
            for _ in range(2)
        ]
        assert outcomes(studies[0]) == outcomes(studies[1])
        assert outcomes(studies[0]) == outcomes(by_hand(BayesianOptimization(), 14, 3, random.Random(order)))
        found[order] = outcomes(studies[0])
    assert found[1] != found[2]


def test_a_trial_is_asked_for_only_when_a_worker_is_free_and_sees_those_that_run(monkeypatch):
    class Sees:
        def suggest(self, history):
            seen.append((history.n_running, len(history.finished)))
            return Suggestion({"x": 0.0})

    seen, script = [], Scripted(in_turn)
    scripted(monkeypatch, script, strategy=Sees(), n_trials=7)
    assert seen == [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (2, 4)]
    assert max(script.began) == 3
    assert not script.open


def test_callbacks_are_called_by_the_search_after_each_tell_in_the_order_of_completions(monkeypatch):
    calls = []

    def note(study, trial):
        calls.append((trial.number, trial.state, threading.current_thread() is threading.main_thread()))

    scripted(monkeypatch, Scripted(random.Random(3).randrange), callbacks=[note])
    assert sorted(calls) == [(number, "complete", True) for number in range(8)]
    assert calls != sorted(calls)


def test_who_has_nothing_to_suggest_while_others_run_is_asked_again(monkeypatch):
    class ByThree:
        """The next three only after the last three."""

        def suggest(self, history):
            if len(history.trials) % 3 == 0 and history.n_running:
                return None
            return None if len(history.trials) == 9 else Suggestion({"x": 0.1 * len(history.trials)})

    script = Scripted(in_turn)
    assert states(scripted(monkeypatch, script, strategy=ByThree(), n_trials=100)) == ["complete"] * 9
    assert script.began == [1, 2, 3] * 3


def objective_of_budgets():
    return lambda params, budget: params["x"] / budget


@pytest.mark.parametrize("strategy", [SuccessiveHalving(9, 1, 9), Hyperband(1, 9), ASHA(1, 9)], ids=repr)
def test_strategies_that_set_budgets_keep_their_rungs_with_workers(monkeypatch, strategy):
    study = scripted(monkeypatch, Scripted(in_turn), objective_of_budgets(), strategy, 22)
    if isinstance(strategy, SuccessiveHalving):
        assert [trial.budget for trial in study.trials] == [1] * 9 + [3] * 3 + [9]
        best = sorted(study.trials[:9], key=lambda trial: trial.value)[:3]
        assert sorted(trial.params["x"] for trial in best) == sorted(t.params["x"] for t in study.trials[9:12])
    else:
        assert len(study.history.finished) == 22
        assert {trial.budget for trial in study.trials} == {1, 3, 9}


def test_an_end_of_the_space_is_an_end_of_the_search(monkeypatch):
    study = Study({"a": [1, 2], "b": [0, 10]}, GridSearch())
    scripted(monkeypatch, Scripted(in_turn), lambda p: p["a"] + p["b"], study=study, n_trials=100)
    assert [trial.value for trial in study.trials] == [1, 11, 2, 12]


def test_a_search_goes_on_with_workers_where_one_without_has_ended(monkeypatch):
    study = search(n_trials=3)
    scripted(monkeypatch, Scripted(in_turn), study=study, n_trials=8)
    assert outcomes(study) == outcomes(search())


def test_timeout_starts_no_further_trial_and_waits_for_those_that_run(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def objective(params):
        clock[0] += 10
        return 1.0

    assert states(scripted(monkeypatch, Scripted(in_turn), objective, n_trials=100, timeout=25)) == ["complete"] * 5


def test_the_bar_shows_how_many_run(monkeypatch):
    text, bar = io.StringIO(), tqdm_package.tqdm
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(
        "tqdm.tqdm", lambda **options: bar(file=text, mininterval=0, ncols=200, disable=False, **options)
    )
    scripted(monkeypatch, Scripted(in_turn), strategy=GridSearch(8), progress=True)
    drawn = text.getvalue()
    for shown in ("trial 0: x=-1 | no value yet", "2 running | no value yet", "3 running | best ", "0/8", "6/8"):
        assert shown in drawn
    last = drawn.rstrip().split("\r")[-1]
    assert "8/8" in last
    assert "running" not in last


# Real workers


@pools(POOLS)
def test_workers_find_what_one_after_the_other_finds(how):
    assert outcomes(search(**how)) == outcomes(search())


@pools(POOLS)
def test_trials_run_at_once(how, tmp_path):
    def objective(params):
        """Waits until another one runs."""
        mine = os.path.join(folder, str(params["x"]))
        with open(mine, "w", encoding="utf-8"):
            pass
        end = time.monotonic() + patience
        while len(os.listdir(folder)) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        return float(len(os.listdir(folder)) >= 2)

    folder, patience = str(tmp_path), DEADLINE
    assert [trial.value for trial in search(objective, n_trials=2, **how).trials] == [1.0, 1.0]


def counted(folder, act):
    """An objective `act(x, n)` that counts its calls by x, of which this one is number n, in files of the folder."""

    def objective(params):
        name = os.path.join(folder, f"{params['x']}")
        with open(name, "a", encoding="utf-8") as log:
            log.write("x")
        return act(params["x"], os.path.getsize(name))

    folder = str(folder)
    return objective


def bad(folder):
    """An objective by x, in fifths: raises, returns NaN, exits, or is good."""

    def act(x, n):
        if x < -0.6:
            raise KeyError("no")
        if x < -0.2:
            return float("nan")
        if x < 0.2:
            sys.exit(3)
        return x

    return counted(folder, act)


def calls(folder):
    return {float(name): (folder / name).stat().st_size for name in os.listdir(folder)}


@pools(POOLS)
def test_what_goes_wrong_in_an_objective_fails_its_trial_and_no_other(how, tmp_path):
    study = search(bad(tmp_path), GridSearch(20), 20, **how)
    for trial in study.trials:
        x = trial.params["x"]
        if x < -0.6:
            assert trial.error == "KeyError: 'no'"
        elif x < -0.2:
            assert trial.error == "ValueError: the objective returned nan; it must return one finite number"
        elif x < 0.2:
            assert trial.error == "RuntimeError: the objective called sys.exit(3) in its worker"
        else:
            assert (trial.value, trial.error) == (x, None)
    assert calls(tmp_path) == {trial.params["x"]: 1 for trial in study.trials}


def kills(folder, times, who):
    """An objective that kills its worker in its first so many calls, for x in `who`."""

    def act(x, n):
        if low <= x <= high and n <= times:
            os.kill(os.getpid(), KILL)
        return x

    low, high = who
    return counted(folder, act)


@pools({name: POOLS[name] for name in ("processes", "own")})
def test_workers_that_die_now_and_then_cost_no_trial(how, tmp_path):
    study = search(kills(tmp_path, 1, (-0.3, 0.3)), GridSearch(12), 12, **how)
    assert [(trial.value, trial.state) for trial in study.trials] == [
        (trial.params["x"], "complete") for trial in study.trials
    ]
    counts = calls(tmp_path)
    assert len(counts) == 12
    assert all(counts[x] == 2 for x in counts if abs(x) < 0.3)
    assert sum(abs(x) < 0.3 for x in counts) == 4
    assert max(counts.values()) <= 2


@pytest.mark.parametrize(
    ("pool", "max_retries"), [("processes", 0), ("processes", 1), ("processes", 2), ("loky", 1), ("own", 0), ("own", 1)]
)
def test_a_trial_that_always_kills_its_worker_fails_alone(pool, tmp_path, max_retries):
    told, how = [], POOLS[pool]
    study = search(
        kills(tmp_path, 100, (0.05, 0.15)),
        GridSearch(21),
        16,
        max_retries=max_retries,
        callbacks=[lambda study, trial: told.append(trial.number)],
        **how,
    )
    failed = [trial for trial in study.trials if trial.state == "failed"]
    assert [round(trial.params["x"], 6) for trial in failed] == [0.1]
    assert "the worker died" in failed[0].error
    assert sorted(told) == list(range(16))
    counts = calls(tmp_path)
    assert counts[failed[0].params["x"]] in {1 + max_retries, 2 + max_retries}  # among others, and alone
    if pool == "own":  # nobody else noticed
        assert counts == {x: 1 + max_retries * (x == failed[0].params["x"]) for x in counts}


def gone(children):
    """Whether these processes have ended, or do so soon."""
    for child in children:
        child.join(DEADLINE)
    # Somebody else may have asked for its exit code, which is given once.
    return all(child.exitcode is not None or not psutil.pid_exists(child.pid) for child in children)


@pools({name: POOLS[name] for name in ("processes", "own")} | {"by default": {}})
def test_trial_timeout_ends_a_hanging_trial_and_no_other(how, tmp_path):
    def hangs(x, n):
        if abs(x - 0.5) < 0.01:
            time.sleep(1000)
        return x

    study = search(counted(tmp_path, hangs), GridSearch(9), 9, trial_timeout=4.0, **how)
    failed = [trial for trial in study.trials if trial.state == "failed"]
    assert [trial.params["x"] for trial in failed] == [0.5]
    assert failed[0].error.startswith("TimeoutError: trial_timeout: no value after ")
    assert calls(tmp_path)[0.5] == 1
    assert gone(multiprocessing.active_children())


def test_a_worker_computes_with_one_thread():
    pytest.importorskip("threadpoolctl")

    def objective(params):
        from threadpoolctl import threadpool_info

        found = [library["num_threads"] for library in threadpool_info()]
        return max(found) if found else 100

    two = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    assert (
        search(objective, n_trials=1, executor=lambda: loky.ProcessPoolExecutor(1, env=two), n_workers=1).best_value
        == 1
    )
    before = os.environ.get("OMP_NUM_THREADS")
    search(lambda params: float(os.environ["OMP_NUM_THREADS"]), n_trials=2, n_workers=2, callbacks=[one_thread])
    assert os.environ.get("OMP_NUM_THREADS") == before


def one_thread(study, trial):
    """For libraries that are loaded later."""
    assert trial.value == 1


def test_without_an_executor_and_for_one_worker_the_search_trains_itself():
    mine = lambda params: float(os.getpid())  # noqa: E731
    assert {trial.value for trial in search(mine, n_trials=2, n_workers=1).trials} == {os.getpid()}
    assert os.getpid() not in {trial.value for trial in search(mine, n_trials=2, n_workers=2).trials}


# What cannot travel


class Rich(Exception):
    """It can be packed, and not be unpacked."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


class Locked(Exception):
    def __init__(self):
        super().__init__("closed")
        self.lock = threading.Lock()


def raising(kind):
    def objective(params):
        if kind == "rich":
            raise Rich(1, 2)
        if kind == "locked":
            raise Locked
        if kind == "function":
            return lambda: 1.0
        raise ZeroDivisionError("as ever")

    return objective


def test_errors_and_results_that_cannot_travel_are_told_as_they_would_be_here():
    for kind in ("rich", "locked", "function", "plain"):
        errors = []
        for how in ({}, PROCESSES["processes"]):
            with pytest.raises(Exception) as caught:  # noqa: PT011 - any, but the same
                search(raising(kind), n_trials=2, **how)
            study = caught.value.study
            told = {trial.error.split(" at 0x")[0] for trial in study.trials}
            errors.append((type(caught.value).__name__, str(caught.value).split(" at 0x")[0], told))
        assert errors[0] == errors[1]


def test_an_error_of_a_worker_is_raised_with_the_workers_traceback():
    with pytest.raises(ZeroDivisionError, match="as ever") as caught:
        search(raising("plain"), n_trials=4, on_error="raise", **PROCESSES["processes"])
    assert "in objective" in "".join(caught.value.__notes__)
    assert {trial.error for trial in caught.value.study.trials} >= {"ZeroDivisionError: as ever"}


def test_an_objective_that_cannot_travel_is_refused_in_one_sentence_before_any_training():
    lock = threading.Lock()

    def objective(params):
        with lock:
            return 1.0

    for how in (POOLS["own"], POOLS["processes"]):
        with pytest.raises(TypeError, match=r"tune: objective=<.*must be one that can be sent .*lock") as caught:
            search(objective, **how)
        assert "\n" not in str(caught.value)
    assert len(search(objective, **POOLS["threads"]).history.finished) == 8


def test_params_that_cannot_travel_fail_their_trial():
    locks = [threading.Lock(), 3]
    study = tune(
        lambda params: float(params["c"]), {"c": locks}, GridSearch(), 2, progress=False, **PROCESSES["processes"]
    )
    assert states(study) == ["failed", "complete"]
    assert study.trials[0].error.startswith("TypeError: the params cannot be sent to another process: TypeError: ")


def test_what_a_worker_cannot_unpack_fails_its_trials_and_says_so():
    class Sealed:
        def __call__(self, params):
            return 1.0

        def __reduce__(self):
            return int, ("no number",)

    with pytest.raises(RuntimeError, match="the objective or its params cannot be unpacked in the worker: ValueError"):
        search(Sealed(), **PROCESSES["processes"])


def test_lambdas_travel_without_cloudpickle_only_to_threads(monkeypatch):
    for name in ("cloudpickle", "joblib.externals.cloudpickle"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(TypeError, match="must be one that can be sent to another process"):
        search(**PROCESSES["processes"])
    assert search(operator_like, n_trials=2, **PROCESSES["processes"]).best_value >= 0
    assert search(**POOLS["threads"]).history.finished


def operator_like(params):
    return abs(params["x"])


def test_loky_comes_with_joblib_too_and_is_asked_for_where_there_is_neither(monkeypatch):
    monkeypatch.setitem(sys.modules, "loky", None)
    made = one_process()
    assert type(made).__module__.startswith("joblib.externals.loky")
    made.shutdown()
    monkeypatch.setitem(sys.modules, "joblib.externals.loky", None)
    with pytest.raises(ImportError, match="n_workers needs loky, which comes with scikit-learn: pip install loky"):
        search(n_workers=2)


# Pools that break


class Fragile(Scripted):
    """Breaks whenever it is to end a trial of `killers`, with all that waits in it but for one that ends just in time."""

    def __init__(self, killers, ended, log):
        super().__init__(in_turn)
        self.killers, self.ended, self.log = killers, ended, log

    def end(self, future, function, arguments):
        x = arguments[1][0]["x"]
        self.log.append((x, 1 + len(self.waiting)))
        if self.killers.get(x, 0) > 0:
            self.killers[x] -= 1
            future.set_exception(BrokenProcessPool("gone"))
            if self.waiting:
                self.end(*self.waiting.pop(0))
            for other, _, _ in self.waiting:
                other.set_exception(BrokenProcessPool("gone"))
            self.waiting.clear()
        else:
            super().end(future, function, arguments)


def fragile(monkeypatch, killers, **more):
    """A search with four workers whose pool `killers` break; with the pools made, and who ended where among how many."""
    made, ended, log = [], [], []

    class Queue:
        put = staticmethod(ended.append)

        def get(self, timeout=None):
            while not ended:
                made[-1].end(*made[-1].waiting.pop(0))
            return ended.pop(0)

    def factory():
        made.append(Fragile(killers, ended, log))
        return made[-1]

    monkeypatch.setattr(workers.queue, "SimpleQueue", Queue)
    study = search(square(), GridSearch(9), 9, executor=factory, n_workers=4, **more)
    return study, made, [(round(4 * x + 4), n) for x, n in log]


@pytest.mark.parametrize("max_retries", [0, 1, 3])
def test_after_a_break_each_suspect_runs_alone_and_the_guilty_one_fails(monkeypatch, max_retries):
    study, made, order = fragile(monkeypatch, {-0.5: math.inf}, max_retries=max_retries)
    assert states(study) == ["complete"] * 2 + ["failed"] + ["complete"] * 6
    again = 1 + max_retries  # alone: what it did among others may have been another one's fault
    assert f"died {'once' if again == 1 else f'{again} times'}" in study.trials[2].error
    assert order[:4] == [(0, 4), (1, 4), (2, 4), (3, 3)]  # trial 3 ends just in time
    assert order[4 : 6 + again] == [(2, 1), (4, 1), (5, 1), *[(2, 1)] * (again - 1)]  # the suspects, each alone
    assert [number for number, n in order[6 + again :]] == [6, 7, 8]
    assert len(made) == 2 + again


def test_a_trial_that_is_to_run_again_takes_up_a_worker():
    pool = Pool(forked(), limit=1.0, capacity=2)
    free = []
    for number in range(3):
        free.append(pool.free)
        pool.again.append(Task(Trial(number, {}), ()))
    assert free == [True, True, False]


def test_another_ones_fault_costs_no_retry(monkeypatch):
    study, _, order = fragile(monkeypatch, {-0.5: math.inf, 0.25: 1}, max_retries=1)
    assert [trial.number for trial in study.history.failed] == [2]
    assert order.count((5, 1)) == 2


def test_where_a_third_of_all_goes_wrong_every_trial_is_told_once_and_as_it_should(tmp_path):
    def act(x, n):
        luck = random.Random(x).random()
        if luck < 0.1 or (luck < 0.25 and n == 1):
            os.kill(os.getpid(), KILL)
        if luck > 0.85:
            raise KeyError("no")
        if luck > 0.75:
            return float("nan")
        if luck > 0.72:
            time.sleep(1000)
        return x

    told = []
    more = {"callbacks": [lambda study, trial: told.append(trial.number)], "trial_timeout": 4.0}
    study = search(counted(tmp_path, act), n_trials=40, seed=3, executor=forked(3), n_workers=3, **more)
    assert sorted(told) == list(range(40))
    seen = set()
    for trial in study.trials:
        luck = random.Random(trial.params["x"]).random()
        ends = [(0.1, "died"), (0.72, None), (0.75, "TimeoutError"), (0.85, "nan"), (1.0, "KeyError")]
        expected = next(what for end, what in ends if luck <= end)
        assert trial.value == trial.params["x"] if expected is None else expected in trial.error
        seen.add(expected)
    assert seen >= {"died", None, "nan", "KeyError"}


def test_a_pool_whose_workers_die_idle_is_made_anew(tmp_path):
    def kill_all(study, trial):
        if trial.number == 1:
            for process in multiprocessing.active_children():
                process.kill()
                process.join()
            end = time.monotonic() + DEADLINE
            while not made[-1]._broken and time.monotonic() < end:  # until the pool has seen it
                time.sleep(0.01)

    def factory():
        made.append(forked(1)())
        return made[-1]

    made = []
    assert (
        states(search(executor=factory, n_workers=1, callbacks=[kill_all], n_trials=4, max_retries=0))
        == ["complete"] * 4
    )
    assert len(made) == 2


def test_a_pool_that_cannot_start_ends_the_search_and_blames_no_trial():
    def broken():
        return ProcessPoolExecutor(2, multiprocessing.get_context(START), initializer=sys.exit, initargs=(1,))

    with pytest.raises(RuntimeError, match="workers of ProcessPoolExecutor end before they train anything") as caught:
        search(executor=broken, n_workers=2, n_trials=3)
    assert caught.value.study.trials == ()


def test_a_factory_that_fails_later_ends_the_search_with_its_error(tmp_path):
    made = []

    def factory():
        made.append(1)
        return forked(1)() if len(made) == 1 else 1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        search(kills(tmp_path, 100, (-1, 1)), executor=factory, n_workers=1)
    assert caught.value.study.trials == ()


# Interrupts


@pytest.mark.parametrize("where", ["objective", "callback", "strategy"])
@pools({name: POOLS[name] for name in ("threads", "processes")})
def test_an_interrupt_returns_the_study_without_a_running_trial(how, where):
    def objective(params):
        if where == "objective" and params["x"] > 0:
            raise KeyboardInterrupt
        return params["x"]

    class Stops:
        def suggest(self, history):
            if where == "strategy" and len(history.trials) == 4:
                raise KeyboardInterrupt
            return RandomSearch().suggest(history)

    def after(study, trial):
        if where == "callback" and trial.number >= 3:
            raise KeyboardInterrupt

    study = search(objective, Stops(), n_trials=30, callbacks=[after], **how)
    assert study.history.n_running == 0
    assert len(study.trials) < 30
    expected = outcomes(search(lambda params: params["x"], n_trials=30))
    for trial in study.trials:
        assert trial.state == "complete" or trial.error == "interrupted before it was told"
        assert trial.params == expected[trial.number][0]


# Dask and MPI


@pytest.fixture(scope="module")
def dask_client():
    distributed = pytest.importorskip("distributed")
    import dask

    quiet = {"distributed.scheduler.allowed-failures": 1, "logging.distributed": "critical"}
    with (
        dask.config.set(quiet),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def client(dask_client, monkeypatch):
    """A client whose test ends with a TimeoutError where the cluster answers no more, as when all its workers are gone."""
    monkeypatch.setattr(workers, "MINUTE", DASK_LIMIT)  # a busy machine takes longer to start a worker again

    def give_up(number, frame):
        raise TimeoutError(f"the Dask cluster has not ended its trials within {DASK_LIMIT} seconds")

    if not hasattr(signal, "pthread_kill"):  # Windows
        yield dask_client
        return
    before = signal.signal(signal.SIGUSR1, give_up)
    watch = threading.Timer(DASK_LIMIT, signal.pthread_kill, (threading.main_thread().ident, signal.SIGUSR1))
    watch.start()
    try:
        yield dask_client
    finally:
        watch.cancel()
        signal.signal(signal.SIGUSR1, before)


def test_dask_finds_what_one_after_the_other_finds(client):
    assert outcomes(search(executor=client.get_executor)) == outcomes(search())
    assert outcomes(search(executor=client.get_executor, n_workers=3)) == outcomes(search())


def reporting(params, trial):
    """Train 9 units, in whatever thread of a worker."""
    for epoch in range(1, 10):
        if trial.report(params["x"] ** 2 + 1 / epoch, number=trial.number):
            break


@pytest.mark.parametrize(
    ("strategy", "stopping"), [(RandomSearch(), MedianStopping()), (ASHA(1, 9), None)], ids=["median", "asha"]
)
def test_an_objective_on_dask_reports_what_it_reports_here(client, strategy, stopping):
    how = {"executor": client.get_executor, "progress": False}
    study = tune(reporting, LINE, strategy, 20, stopping=stopping, **how)
    assert len(study.trials) == 20
    for trial in study.trials:
        n = len(trial.curve)
        assert trial.curve == tuple(trial.params["x"] ** 2 + 1 / epoch for epoch in range(1, n + 1))
        assert n == (trial.budget or (n if trial.stopped else 9))
        assert trial.attributes == {"number": trial.number}
    assert any(trial.stopped for trial in study.trials) == (stopping is not None)


def test_what_goes_wrong_on_dask_fails_its_trial_and_no_other(client, tmp_path):
    study = search(bad(tmp_path), GridSearch(10), 10, executor=client.get_executor)
    assert states(study) == ["failed"] * 6 + ["complete"] * 4
    assert {error.split(":")[0] for error in (t.error for t in study.history.failed)} == {
        "KeyError", "ValueError", "RuntimeError",
    }  # fmt: skip
    assert all(times == 1 for times in calls(tmp_path).values())


def test_a_dask_worker_that_dies_costs_no_trial_and_a_trial_that_always_kills_fails(client, tmp_path):
    once, ever = tmp_path / "once", tmp_path / "ever"
    once.mkdir()
    ever.mkdir()
    study = search(kills(once, 1, (0.4, 0.6)), GridSearch(9), 8, executor=client.get_executor)
    assert states(study) == ["complete"] * 8
    assert calls(once)[0.5] == 2
    study = search(kills(ever, 100, (0.4, 0.6)), GridSearch(9), 8, executor=client.get_executor, n_workers=1)
    assert [trial.params["x"] for trial in study.history.failed] == [0.5]
    assert study.history.failed[0].error.startswith("KilledWorker: ")


MPI = """
    import os
    import hpt_lab as hpt
    from mpi4py.futures import MPIPoolExecutor

    def bad(params):
        if params["x"] > 0.5:
            raise KeyError("no")
        return params["x"] if os.getpid() != parent else 100.0

    if __name__ == "__main__":
        parent = os.getpid()
        study = hpt.tune(bad, {"x": hpt.Float(-1, 1)}, hpt.GridSearch(5), 5, progress=False, executor=MPIPoolExecutor)
        print([trial.value for trial in study.trials], study.trials[4].error)
"""


def test_mpi_trains_where_it_is_installed(tmp_path):
    pytest.importorskip("mpi4py.futures")
    mpiexec = os.path.join(os.path.dirname(sys.executable), "mpiexec")
    if not os.path.exists(mpiexec):
        pytest.skip("no mpiexec beside this Python")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(MPI), encoding="utf-8")
    done = subprocess.run(
        [mpiexec, "-n", "3", sys.executable, "-m", "mpi4py.futures", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[-1.0, -0.5, 0.0, 0.5, None] KeyError: 'no'"


# What a user may get wrong: more in tests/wrong_calls


def test_the_number_of_workers_is_the_executors_own_by_default(monkeypatch):
    class Numbered(Scripted):
        num_workers = 2  # as mpi4py calls it

    script = Numbered(in_turn)
    scripted(monkeypatch, script, n_workers=None)
    assert max(script.began) == 2


@pytest.mark.parametrize("how", ["threads", "processes", "loky"])
def test_pools_of_the_standard_library_and_of_loky_need_no_number(how):
    assert outcomes(search(executor=POOLS[how]["executor"])) == outcomes(search())


def test_an_executor_is_shut_down_when_its_arguments_are_refused():
    made = []

    def factory():
        made.append(ThreadPoolExecutor(2))
        return made[-1]

    for wrong in ({"trial_timeout": 3}, {"objective": square(), "trial_timeout": 0.5}):
        with pytest.raises(ValueError, match="only processes of this machine can be ended"):
            search(executor=factory, n_workers=2, **wrong)
    for pool in made:
        with pytest.raises(RuntimeError):
            pool.submit(print)


def test_an_executor_that_is_closed_already_fails_every_trial():
    def factory():
        made.append(pool)
        return pool

    made, pool = [], ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown") as caught:
        search(executor=factory, n_workers=1, n_trials=2)
    assert states(caught.value.study) == ["failed", "failed"]
    assert len(made) == 1  # it is not broken, so another one is not asked for


def test_in_a_browser_workers_are_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr("sys.platform", "emscripten")
    with pytest.raises(ValueError, match=r"n_workers=2 must be 1, .*a browser has neither processes nor threads"):
        search(n_workers=2)
    assert len(search().trials) == 8
