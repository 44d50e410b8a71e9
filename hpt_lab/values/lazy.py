"""Modules of SciPy that are imported when something of them is first used, so that importing the lab needs NumPy alone."""

from importlib import import_module
from typing import Any


class LazyModule:
    """A module that is imported when one of its names is first used, as `special.ndtr(0.0)`."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._module), name)
        setattr(self, name, value)  # from now on an attribute like any other, which costs a loop no import
        return value


blas, lapack, special = (LazyModule(f"scipy.{name}") for name in ("linalg.blas", "linalg.lapack", "special"))
optimizers, distance = LazyModule("scipy.optimize"), LazyModule("scipy.spatial.distance")
