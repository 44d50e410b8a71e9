"""One BLAS thread while anybody thinks, the old number afterwards: in threads, after errors, and in forked children."""

import os
import subprocess
import sys
import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from hpt_lab.surrogates.threads import one_blas_thread


def blas():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def _two_threads():
    import scipy.linalg  # noqa: F401, loads its BLAS before the number is set

    with threadpool_limits(2, user_api="blas"):
        yield


def test_one_thread_inside_and_the_old_number_outside():
    with one_blas_thread():
        assert blas() == {1}
        with one_blas_thread():
            assert blas() == {1}
        assert blas() == {1}
    assert blas() == {2}


def test_an_error_inside_sets_the_number_back():
    with pytest.raises(KeyboardInterrupt), one_blas_thread():
        raise KeyboardInterrupt
    assert blas() == {2}


def test_threads_think_at_the_same_time_and_the_last_one_sets_the_number_back():
    both, first_has_left = threading.Barrier(2, timeout=120), threading.Event()
    seen = {}

    def first():
        with one_blas_thread():
            both.wait()  # which the other one reaches inside as well
        first_has_left.set()

    def second():
        with one_blas_thread():
            both.wait()
            first_has_left.wait(120)
            seen["after the first has left"] = blas()

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert seen == {"after the first has left": {1}}
    assert blas() == {2}


CHILD = """
import os, sys, threading, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of forks beside threads, which is what this is about
import scipy.linalg
from threadpoolctl import threadpool_info, threadpool_limits
from hpt_lab.surrogates.threads import one_blas_thread

def blas():
    return sorted({library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"})

def in_child():
    before = blas()
    with one_blas_thread():
        inside = blas()
    print(before, inside, blas(), flush=True)
    os._exit(0)

threadpool_limits(2, user_api="blas")
inside, leave = threading.Event(), threading.Event()

def think():
    with one_blas_thread():
        inside.set()
        leave.wait()

thinker = threading.Thread(target=think)
thinker.start()
inside.wait()
for thinks_itself in (False, True):
    if thinks_itself:
        with one_blas_thread():
            child = os.fork()
            if not child:
                print(blas(), end=" ")
        if not child:
            in_child()
    else:
        child = os.fork() or in_child()
    assert os.waitpid(child, 0)[1] == 0
leave.set()
thinker.join()
print(blas())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_child_forked_while_another_thread_thinks_neither_hangs_nor_stays_limited():
    run = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, encoding="utf-8", timeout=240)
    assert run.stdout.splitlines() == ["[2] [1] [2]", "[1] [2] [1] [2]", "[2]"], run.stderr


LATER = """
import json, sys
from threadpoolctl import threadpool_info, threadpool_limits
from hpt_lab.surrogates.threads import limit_to_one_thread, one_blas_thread

def blas():
    return sorted(library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas")

assert "scipy" not in sys.modules
if sys.argv[1] == "a strategy":
    with one_blas_thread():
        import scipy.linalg
        print(blas())
else:
    limit_to_one_thread()
    import scipy.linalg
    print(blas())
"""


@pytest.mark.parametrize("who", ["a strategy", "a worker"])
def test_scipy_computes_with_one_thread_although_it_is_loaded_later(who):
    two = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "2")
    how = {"env": {**os.environ, **two}, "capture_output": True, "text": True, "encoding": "utf-8", "timeout": 240}
    run = subprocess.run([sys.executable, "-c", LATER, who], **how)
    assert set(run.stdout.strip("[]\n").split(", ")) == {"1"}, run.stdout + run.stderr
