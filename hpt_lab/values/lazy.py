"""Modules of SciPy that are imported when they are first used, so that importing hpt_lab needs only NumPy."""

from importlib import import_module
from typing import Any


class LazyModule:
    """A module that is imported when one of its names is first used, as in `special.ndtr(0.0)`."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._module), name)
        setattr(self, name, value)  # from now on an ordinary attribute, so that a loop pays for no further import
        return value


blas, lapack, special = (LazyModule(f"scipy.{name}") for name in ("linalg.blas", "linalg.lapack", "special"))
optimizers, distance = LazyModule("scipy.optimize"), LazyModule("scipy.spatial.distance")
