"""Copies of a study: in memory, pickled (a study in a file stays in its file), and forked. Chapter 5."""

import copy
import os
import threading
import weakref
from typing import Any

from hpt_lab.study.backend import Backend, InMemory

_studies: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def in_memory(study: Any, memo: dict[int, Any] | None = None) -> Any:
    """Return an independent copy in memory, with the same strategy, or with a copy of it if `memo` is given."""
    backend: Backend = study._backend
    with study._lock:
        backend.refresh()
        twin_backend = InMemory(backend.space, backend.start, backend.log.entries, backend.notes)
        fields = {**state(study), "_backend": twin_backend}
    twin = object.__new__(type(study))
    set_state(twin, fields if memo is None else copy.deepcopy(fields, memo))
    return twin


def state(study: Any) -> dict[str, Any]:
    """Return the fields of a study to be pickled; its backend knows how to pickle itself."""
    return {name: value for name, value in vars(study).items() if name not in ("_lock", "_history", "_started_again")}


def set_state(study: Any, fields: dict[str, Any]) -> None:
    """Give a study the fields of another, and its own lock."""
    vars(study).update(fields)
    study._set(study._backend, study.strategy, study.direction, study.seed)


def new_lock(study: Any) -> Any:
    """Return a lock for a study. A forked child gets a new one: a lock held by a thread of the parent would never open."""
    _studies[id(study)] = study
    return threading.RLock()


def _renew_locks() -> None:
    for study in list(_studies.values()):
        study._lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # Windows cannot fork
    os.register_at_fork(after_in_child=_renew_locks)
