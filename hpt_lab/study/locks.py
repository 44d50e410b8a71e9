"""The lock of a study, in a forked child: one that another thread of the parent held would never open again. Chapter 5."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

__all__ = ["renewed_after_fork"]

_owners: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def renewed_after_fork(owner: Any) -> Any:
    """Return a new lock for `owner._lock`, which a forked child finds open, whoever held it in the parent."""
    _owners[id(owner)] = owner
    return threading.RLock()


def _renew_all() -> None:
    for owner in list(_owners.values()):
        owner._lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # Windows cannot fork
    os.register_at_fork(after_in_child=_renew_all)
