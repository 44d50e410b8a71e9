"""Links to names in the documentation of other libraries, without asking the network.

A project that is documented with Sphinx publishes an *inventory*: each name, and the address that tells of it. We write one
ourselves, out of the installed package. A project files its names by a fixed pattern, so that a name which the installed
version has tells its address, and one that it does not have gets no link:

    python          library/{module}.html#{name}
    numpy, scipy    reference/generated/{name}.html#{name}
    scikit-learn    modules/generated/{name}.html#{name}
    pandas          reference/api/{name}.html#{name}
    matplotlib      api/_as_gen/{name}.html#{name}

Names that a project files in another way are left out, but for those in `ELSEWHERE`. `mapping` is what conf.py hands to
Sphinx. An inventory is written once for each version of a package.
"""

import builtins
import importlib
import importlib.metadata
import inspect
import platform
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

DOCUMENTED = {  # project -> the address of its documentation, and where the page of a name is there
    "python": ("https://docs.python.org/3/", "library/{module}.html"),
    "numpy": ("https://numpy.org/doc/stable/", "reference/generated/{name}.html"),
    "scipy": ("https://docs.scipy.org/doc/scipy/", "reference/generated/{name}.html"),
    "scikit-learn": ("https://scikit-learn.org/stable/", "modules/generated/{name}.html"),
    "pandas": ("https://pandas.pydata.org/docs/", "reference/api/{name}.html"),
    "matplotlib": ("https://matplotlib.org/stable/", "api/_as_gen/{name}.html"),
}
MODULES = {  # of which all public names are taken
    "python": "collections collections.abc concurrent.futures contextlib dataclasses functools itertools json math random time typing",
    "numpy": "numpy numpy.fft numpy.linalg",
    "scipy": "scipy.integrate scipy.interpolate scipy.linalg scipy.optimize scipy.spatial scipy.spatial.distance scipy.special "
    "scipy.stats scipy.stats.qmc",
    "scikit-learn": "sklearn.base sklearn.compose sklearn.datasets sklearn.decomposition sklearn.ensemble sklearn.gaussian_process "
    "sklearn.impute sklearn.inspection sklearn.linear_model sklearn.metrics sklearn.model_selection sklearn.neighbors "
    "sklearn.neural_network sklearn.pipeline sklearn.preprocessing sklearn.svm sklearn.tree",
    "pandas": "pandas",
    "matplotlib": "",
}
TYPES = "bytearray bytes dict frozenset list memoryview range set str tuple"  # those on the page of types
CONSTANTS = "Ellipsis False None NotImplemented True copyright credits exit license quit"
NOWHERE = (  # public, and on no page, or on one of another pattern
    "functools.WRAPPER_ASSIGNMENTS functools.WRAPPER_UPDATES numpy.row_stack numpy.test pandas.DateOffset pandas.HDFStore "
    "pandas.to_pickle scipy.stats.reciprocal sklearn.decomposition.fastica sklearn.decomposition.randomized_svd "
    "sklearn.ensemble.BaseEnsemble sklearn.metrics.euclidean_distances sklearn.metrics.nan_euclidean_distances "
    "sklearn.metrics.pairwise_kernels sklearn.model_selection.BaseCrossValidator sklearn.model_selection.BaseShuffleSplit "
    "sklearn.tree.BaseDecisionTree"
)
ELSEWHERE = {
    "python": {
        "os.PathLike": "library/os.html",
        "pathlib.Path": "library/pathlib.html",
        "sqlite3.Connection": "library/sqlite3.html",
    },
    "numpy": {
        "numpy.typing.ArrayLike": "reference/typing.html",
        "numpy.random.Generator": "reference/random/generator.html",
        "numpy.random.default_rng": "reference/random/generator.html",
        "numpy.random.RandomState": "reference/random/legacy.html",
        "numpy.nan": "reference/constants.html",
        "numpy.inf": "reference/constants.html",
    },
    "matplotlib": {
        "matplotlib.axes.Axes": "api/_as_gen/matplotlib.axes.Axes.html",
        "matplotlib.figure.Figure": "api/_as_gen/matplotlib.figure.Figure.html",
    },
}
HEAD = "# Sphinx inventory version 2\n# Project: {}\n# Version: {}\n# The remainder of this file is compressed using zlib.\n"


def mapping(folder: Path) -> dict[str, tuple[str, str]]:
    """Return, by project, the address of its documentation, and its inventory in `folder`, which is written where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for project, (address, _) in DOCUMENTED.items():
        version = platform.python_version() if project == "python" else importlib.metadata.version(project)
        file = folder / f"{project}-{version}.inv"
        if not file.exists() or file.stat().st_mtime < Path(__file__).stat().st_mtime:
            file.write_bytes(inventory(project, version))
        found[project] = address, str(file)
    return found


def inventory(project: str, version: str) -> bytes:
    """Return the file of an inventory, as Sphinx reads it: a line for each name, its kind, a priority, its address, its title."""
    lines = [f"{name} py:{kind} 1 {page}#{name} -\n" for name, (kind, page) in sorted(entries(project).items())]
    return HEAD.format(project, version).encode() + zlib.compress("".join(lines).encode())


def entries(project: str) -> dict[str, tuple[str, str]]:
    """Return the kind and the page of each name, of the installed version."""
    pattern = DOCUMENTED[project][1]
    found = {}
    for module in MODULES[project].split():
        for name, thing in public(importlib.import_module(module)):
            if project == "python" or has_page(name, thing):
                whole = f"{module}.{name}"
                found[whole] = kind(thing), pattern.format(module=module, name=whole)
    if project == "python":
        shown = {name: thing for name, thing in vars(builtins).items() if not name.startswith("_")}
        found |= {name: (kind(thing), page_of_builtin(name, thing)) for name, thing in shown.items()}
    for whole, page in ELSEWHERE.get(project, {}).items():
        module, _, name = whole.rpartition(".")
        if hasattr(importlib.import_module(module), name):
            found[whole] = kind(getattr(importlib.import_module(module), name)), page
    return {name: entry for name, entry in found.items() if name not in NOWHERE.split()}


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield the public names of a module: those that it lists, or else those that it defines."""
    listed = getattr(module, "__all__", None)
    for name in listed or [name for name in vars(module) if not name.startswith("_")]:
        with suppress(AttributeError, ImportError):  # listed, but to be asked for in another way
            thing = getattr(module, name)
            if not inspect.ismodule(thing) and (listed or getattr(thing, "__module__", None) == module.__name__):
                yield name, thing


def kind(thing: object) -> str:
    """Return what Sphinx calls it: "class", "exception", "function" or "data"."""
    if isinstance(thing, type):
        return "exception" if issubclass(thing, BaseException) else "class"
    return "function" if inspect.isroutine(thing) else "data"


def has_page(name: str, thing: object) -> bool:
    """Return True if NumPy and those after it give the thing a page: to functions and classes, once, by their first names."""
    generic = importlib.import_module("numpy").generic  # such as float64: all on one page
    special = isinstance(thing, type) and issubclass(thing, (BaseException, generic))
    return callable(thing) and not special and getattr(thing, "__name__", name) == name


def page_of_builtin(name: str, thing: object) -> str:
    """Return Python's page of one of its built-in names."""
    if kind(thing) == "exception":
        return "library/exceptions.html"
    if name in CONSTANTS.split():
        return "library/constants.html"
    return f"library/{'stdtypes' if name in TYPES.split() else 'functions'}.html"
