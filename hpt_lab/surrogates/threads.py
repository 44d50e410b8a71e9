"""One BLAS thread while a strategy computes: for such small matrices, two threads would take ten times as long as one.

Most BLAS libraries have one number of threads per process: the first Python thread to enter the context sets it to 1,
the last to leave restores it. In a forked child, only the thread that forked is still in the context. Libraries built
on OpenMP have a number for each thread, which sets it to 1 and restores it.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

# The environment that makes libraries which are not loaded yet compute with one thread.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")}

_lock = threading.RLock()  # held while the number changes, and during a fork; never during the computation
_thinking: dict[object, int] = {}  # one entry for each open context -> the thread it is in
_before: list[tuple[Any, int]] = []  # libraries with one number per process, and theirs; empty outside all contexts


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Compute with one BLAS thread inside a `with`. Without threadpoolctl, this has no effect."""
    shared, own = _libraries()
    me, own_before = object(), [(library, library.num_threads) for library in own]
    try:
        _set((library, 1) for library in own)
        with _lock:
            _thinking[me] = threading.get_ident()
            if not _before:
                _before[:] = [(library, library.num_threads) for library in shared]
                _set((library, 1) for library in shared)
        yield
    finally:  # an interrupt may have come before the entry was made, or right after
        _set(own_before)
        with _lock:
            _thinking.pop(me, None)
            _restore()


def limit_to_one_thread() -> None:
    """Limit BLAS and OpenMP to one thread from now on, in a process that trains. This needs threadpoolctl."""
    os.environ.update(ONE_THREAD)  # for what is loaded later
    with suppress(ImportError):
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)


def _restore() -> None:
    if not _thinking:
        _set(_before)
        _before.clear()


def _set(numbers: Iterable[tuple[Any, int]]) -> None:
    """Set each library's number of threads. threadpoolctl 3.8 obeys only the first thread that did, until that is cleared."""
    for library, number in numbers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)
        library.set_num_threads(number)


@cache
def _libraries() -> tuple[list[Any], list[Any]]:
    """Return the BLAS libraries loaded now: those with one number per process, and those with one per thread."""
    libraries: tuple[list[Any], list[Any]] = [], []
    with suppress(ImportError):
        import scipy.linalg.blas  # noqa: F401  a second library besides NumPy's, not found if loaded later
        from threadpoolctl import ThreadpoolController  # which comes with scikit-learn

        for library in ThreadpoolController().select(user_api="blas").lib_controllers:
            libraries[getattr(library, "threading_layer", "") == "openmp"].append(library)
    return libraries


def _in_child() -> None:
    for entry in [entry for entry, thread in _thinking.items() if thread != threading.get_ident()]:
        del _thinking[entry]
    _restore()
    _lock.release()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_in_child)
