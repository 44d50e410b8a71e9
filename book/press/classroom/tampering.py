"""Runs in the kernel of a submission: are the functions that its checks call still what they were?

An answer and its check share one process. So an answer can replace `numpy.allclose`, Python's `isinstance`, or a method of
`hpt_lab` with a function that agrees with everything, or tell IPython to remove the asserts from each cell. The grader runs this
file before the submission, and asks it after each check. It stops ordinary cheating, but anyone who reads it can get around it.
"""

import builtins
import sys

HEAP_TYPE = 1 << 9  # a class that a program can change


def watch(imports, names, namespace):
    """Run these imports, and return a function that finds what has changed since, in their packages, in Python, and in `names`.

    It returns the names as a text, and puts the old values back. `namespace` is where the submission runs.
    """
    imported = {}
    exec(imports, imported)
    packages = {word.partition(".")[0] for word in imports.split()} & set(sys.modules) | {"IPython"}
    packages.discard("sys")  # the kernel itself changes what is in it
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in packages]
    shell = namespace["get_ipython"]()
    owners = {id(owner): owner for module in [builtins, *modules] for owner in (module, *classes(module, packages))}
    owners[id(shell)] = shell
    places = [(owner, dict(callables(owner))) for owner in owners.values()]
    meanings = {name: imported.get(name, namespace.get(name)) for name in names if name in {*imported, *vars(builtins)}}
    transforms = [shell.ast_transformers, *vars(shell.input_transformer_manager).values()]
    transforms = [(steps, list(steps)) for steps in transforms if isinstance(steps, list)]

    def changes():
        found = []
        for steps, before in transforms:
            if steps != before:
                found.append("how IPython reads a cell")
                steps[:] = before
        for owner, before in places:
            now = vars(owner)
            for name in [name for name, value in before.items() if now.get(name) is not value]:
                found.append(f"{title(owner)}.{name}")
                setattr(owner, name, before[name])
            if isinstance(owner, type):  # a module may import more of itself later, a class gets no new methods
                for name in [name for name, _ in callables(owner) if name not in before]:
                    found.append(f"{title(owner)}.{name}")
                    delattr(owner, name)
        for name, value in meanings.items():
            if namespace.get(name, value) is not value:
                found.append(name)
                namespace[name] = value
                if value is None:
                    del namespace[name]
        return ", ".join(found)

    return changes


def classes(module, packages):
    """Yield the classes of these packages that a module has names for."""
    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__flags__ & HEAP_TYPE and value.__module__.partition(".")[0] in packages:
            yield value


def title(owner):
    return getattr(owner, "__name__", type(owner).__name__)


def callables(owner):
    """Return the functions, methods and classes of a module or class, by name, except for `input`, which the kernel itself replaces."""
    return [(name, value) for name, value in vars(owner).items() if callable(value) and value is not builtins.input]
