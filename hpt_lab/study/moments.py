"""When a trial began: seconds since 1970, by which it is told from its namesakes. Chapter 1."""

from __future__ import annotations

import itertools
import math
import time

__all__ = ["now"]

_calls = itertools.count()


def now() -> float:
    """Seconds since 1970, another moment at every call of the process, however slowly the clock ticks.

    A moment is one of 4096 in each 1024th of a second, by a counter, which needs no lock: one that an interrupt leaves
    closed would stop all other threads. 31 bits of seconds and 22 of their fractions are what a float holds.
    """
    return math.floor(time.time() * 1024) / 1024 + next(_calls) % 4096 / 2**22
