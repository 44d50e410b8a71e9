"""One BLAS thread while a strategy thinks: on matrices this small, two wait for each other ten times as long as one works.

The number of BLAS threads is one for the whole process. So whoever begins to think first sets it to 1, and whoever ends
last sets it back; in between any number of Python threads may think at once. A child that is forked meanwhile has none of
the other threads: it goes on with those of the thread that forked.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

__all__ = ["one_blas_thread"]

_lock = threading.Lock()  # held while the number changes, and during a fork; never while anybody thinks
_thinking: dict[object, int] = {}  # one entry for each `with` that is open -> the thread it is in
_limit: Any = None  # knows the number from before; None while nobody thinks


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Everything in this context computes with one BLAS thread; without threadpoolctl, nothing changes."""
    global _limit
    me = object()
    try:
        with _lock:
            _thinking[me] = threading.get_ident()
            if _limit is None and (controller := _controller()):
                _limit = controller.limit(limits=1, user_api="blas")
        yield
    finally:  # an interrupt may have come before the entry was made, or right after
        with _lock:
            _thinking.pop(me, None)
            _restore()


def _restore() -> None:
    """Set the number back if nobody thinks any more."""
    global _limit
    if _limit is not None and not _thinking:
        _limit.restore_original_limits()
        _limit = None


@cache
def _controller() -> Any:
    """What sets the number of threads, in all BLAS libraries that are loaded now."""
    try:
        from threadpoolctl import ThreadpoolController  # which comes with scikit-learn
    except ImportError:
        return None
    return ThreadpoolController()


def _in_child() -> None:
    me = threading.get_ident()
    for entry in [entry for entry, thread in _thinking.items() if thread != me]:
        del _thinking[entry]
    _restore()
    _lock.release()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_in_child)
