"""The face of a package: public names that are imported when they are first used.

    __getattr__, __dir__, __all__ = face(__name__)

The names, and where each is from, stand in the package's `__init__.pyi`, which type checkers read as well; what is from a
relative home there is a module. So a program loads only the modules of what it uses.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

Face = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def face(package: str) -> Face:
    """Return `__getattr__`, `__dir__` and `__all__`, which lists no module, of the package of this `__name__`."""
    with open(f"{sys.modules[package].__path__[0]}/__init__.pyi", encoding="utf-8") as stub:
        imports = [one.split(" import ") for one in f"\n{stub.read()}".split("\nfrom ")[1:]]  # quicker than ast
    listed = ((name.split(), home) for home, names in imports for name in names.strip("()\n ").split(","))
    homes = {words[0]: home for words, home in listed if words}
    everything = sorted(name for name, home in homes.items() if home[0] != ".")

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if homes[name].startswith("."):
            return import_module(f"{homes[name].rstrip('.')}.{name}", package)
        return getattr(import_module(homes[name]), name)

    return get, lambda: [*homes, "__name__", "__doc__", "__file__", "__path__"], everything
