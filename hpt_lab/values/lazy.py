"""Heavy libraries, imported when something of them is first used, so that importing the lab needs NumPy alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LazyModule:
    """A module that is imported when its first name is asked for.

    >>> special = LazyModule("scipy.special")
    >>> special.ndtr(0.0).item()
    0.5
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._module), name)
        setattr(self, name, value)  # from now on an attribute like any other, which costs a loop no import
        return value
