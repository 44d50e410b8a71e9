"""Copies of a study: in memory, where they go on on their own; pickled, of a study in a file where it is; and forked.

Special methods of `Study`. Chapter 5.
"""

from __future__ import annotations

import copy
import os
import threading
import weakref
from typing import Any

__all__ = ["deepcopied", "in_memory", "new_lock", "set_state", "state"]

_studies: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def in_memory(study: Any) -> Any:
    """Return a study that goes on from here on its own, in memory, with the same strategy."""
    return deepcopied(study, None)


def deepcopied(study: Any, memo: dict[int, Any] | None) -> Any:
    """Return a study that goes on from here on its own, in memory, with a copy of the strategy."""
    with study._lock:
        study._backend.refresh()
        fields = {**state(study), "_backend": study._backend.in_memory()}
    twin = object.__new__(type(study))
    set_state(twin, fields if memo is None else copy.deepcopy(fields, memo))
    return twin


def state(study: Any) -> dict[str, Any]:
    """Return the fields of a study that are pickled; its backend knows how it is."""
    return {name: value for name, value in vars(study).items() if name not in ("_lock", "_history", "_started_again")}


def set_state(study: Any, fields: dict[str, Any]) -> None:
    """Give a study the fields of another one, and a lock of its own."""
    vars(study).update(fields)
    study._set(study._backend, study.strategy, study.direction, study.seed)


def new_lock(study: Any) -> Any:
    """Return a lock for a study. A forked child gets another: one that a thread of the parent held would never open."""
    _studies[id(study)] = study
    return threading.RLock()


def _renew_locks() -> None:
    for study in list(_studies.values()):
        study._lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # Windows cannot fork
    os.register_at_fork(after_in_child=_renew_locks)
