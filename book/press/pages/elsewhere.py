"""The places where other libraries explain the names that the reference mentions: no network is asked, and no inventory is kept.

A name that a docstring uses for the first time needs its place here: the build names it, and a test asks the installed packages
whether they have it.
"""

import importlib.metadata
import platform

from docutils import nodes
from sphinx.locale import _ as in_the_language

ADDRESSES = {
    "python": "https://docs.python.org/3/library/",
    "numpy": "https://numpy.org/doc/stable/reference/",
    "pandas": "https://pandas.pydata.org/docs/reference/api/",
    "matplotlib": "https://matplotlib.org/stable/api/_as_gen/",
}
PAGES = {  # of a project: the names on each page
    "python": {
        "collections.abc.html": (
            "collections.abc.Callable collections.abc.Iterable collections.abc.Iterator collections.abc.Mapping "
            "collections.abc.Sequence"
        ),
        "concurrent.futures.html": "concurrent.futures.Executor",
        "constants.html": "None",
        "exceptions.html": "OSError ValueError",
        "functions.html": "bool float int",
        "os.html": "os.PathLike",
        "pathlib.html": "pathlib.Path",
        "stdtypes.html": "dict list str tuple",
        "typing.html": "typing.Any typing.Literal",
    },
    "numpy": {
        "generated/numpy.dtype.html": "numpy.dtype",
        "generated/numpy.ndarray.html": "numpy.ndarray",
        "random/generator.html": "numpy.random.Generator",
        "random/legacy.html": "numpy.random.RandomState",
        "typing.html": "numpy.typing.ArrayLike",
    },
    "pandas": {"pandas.DataFrame.html": "pandas.DataFrame"},
    "matplotlib": {"matplotlib.axes.Axes.html": "matplotlib.axes.Axes"},
}
FOUND = {
    name: (project, f"{ADDRESSES[project]}{page}#{name}")
    for project, pages in PAGES.items()
    for page, names in pages.items()
    for name in names.split()
}


def link(name: str, content: nodes.Node) -> nodes.reference | None:
    """Return a link from some content to where a name is explained; None for a name without a place."""
    if name not in FOUND:
        return None
    project, address = FOUND[name]
    version = platform.python_version() if project == "python" else importlib.metadata.version(project)
    said = in_the_language("(in %s v%s)") % (project, version)
    return nodes.reference("", "", content, refuri=address, internal=False, reftitle=said)
