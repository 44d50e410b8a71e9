"""The face of a package: public names that are imported when they are first used.

    __getattr__, __dir__, __all__ = face(__name__, {"gaussian_process": "GaussianProcess", ...})

So a program loads only the modules of what it uses. For type checkers, the package imports the same names under
`TYPE_CHECKING`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

Face = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def face(package: str, names: Mapping[str, str], modules: str = "") -> Face:
    """Return `__getattr__`, `__dir__` and `__all__` of a package.

    Parameters
    ----------
    package : str, its `__name__`
    names : dict from a module, relative to the package or absolute, to the names that it defines, separated by spaces
    modules : str, its public modules that are attributes too, separated by spaces
    """
    homes = {name: module for module, listed in names.items() for name in listed.split()}
    inside = modules.split()

    def get(name: str) -> Any:
        if name in homes:
            module = homes[name]
            return getattr(import_module(module if module.startswith("hpt_lab.") else f"{package}.{module}"), name)
        if name in inside:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    everything = sorted(homes)
    return get, lambda: [*everything, *inside, "__name__", "__doc__", "__file__", "__path__"], everything
