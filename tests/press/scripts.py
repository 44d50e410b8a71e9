"""Scripts that are in no package, such as those of examples/tables, whose results are stored, as modules."""

import importlib.util

from book.press.address import ROOT


def load(name, folder="examples/tables"):
    """Return the module of a script."""
    spec = importlib.util.spec_from_file_location(name, ROOT / folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
