"""A Sphinx extension: the reference out of the lab's docstrings, and the links to it.

- A signature has types only where the docstring has no list of parameters that says more.
- What stands in single backticks is code, in docstrings as in lessons.
- The first time that a page names something of the lab in its text, as `hpt.GridSearch`, the name leads to its entry. A name
  means what the page's own code has imported; what the page defines itself is its own.
- In the reference, names of other libraries lead to their documentation (see `elsewhere`).
"""

import ast
import functools
import inspect
import re
import sys
from collections import Counter

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxSmartQuotes, SphinxTransform
from sphinx.util.inspect import stringify_signature
from sphinx.util.nodes import make_refnode

import hpt_lab
import hpt_lab.tools.race
from book.press.pages import elsewhere
from hpt_lab import analysis, datasets, loop, problems, space

FOLDER = "book/reference/"
PACKAGE = "hpt_lab"
USUAL = {"hpt": PACKAGE, PACKAGE: PACKAGE, "kt": f"{PACKAGE}.tuner", "np": "numpy"}
USUAL |= {one: f"{PACKAGE}.{one}" for one in ("datasets", "plots", "problems")}
# How a thing of a class is called in the text.
USUAL |= {"history": f"{PACKAGE}.History", "hp": f"{PACKAGE}.HyperParameters", "space": f"{PACKAGE}.Space"}
USUAL |= {"study": f"{PACKAGE}.Study", "trial": f"{PACKAGE}.Trial", "tuner": f"{PACKAGE}.tuner.Tuner"}
# Words of the docstrings' lists of parameters -> what they are: the lab's classes, and those of others.
TYPES = {
    name: f"{module.__name__}.{name}"
    for module in (sys.modules["hpt_lab.tools.race"], analysis, datasets, problems, loop, space, hpt_lab)
    for name in module.__all__
    if isinstance(getattr(module, name), type)
}
TYPES |= {"Axes": "matplotlib.axes.Axes", "DataFrame": "pandas.DataFrame", "Generator": "numpy.random.Generator"}
TYPES |= {"ndarray": "numpy.ndarray", "Path": "pathlib.Path", "array": "array", "array-like": "array-like"}
TYPES |= {word: f":class:`{word}`" for word in ("bool", "dict", "float", "int", "list", "str", "tuple")}
TYPES |= {"None": ":data:`None`"}  # numpydoc would have a prefix there, for an inventory
ABSTRACT = ("iterable", "mapping", "sequence", "callable")
TYPES |= {word: f":class:`{word} <collections.abc.{word.title()}>`" for word in ABSTRACT}
PUBLIC = {
    "concurrent.futures._base.Executor": "concurrent.futures.Executor",
    "matplotlib.axes._axes.Axes": "matplotlib.axes.Axes",
    "numpy.typing.ArrayLike": "numpy.typing.ArrayLike",  # no class there, but explained
    "numpy.random._generator.Generator": "numpy.random.Generator",
    "pathlib._local.Path": "pathlib.Path",
    "pd.DataFrame": "pandas.DataFrame",
}
NAME = re.compile(r"(\w+(?:\.\w+)*)(?:\([^()]*\))?")  # with or without a call
ANY_ARRAY = re.compile(r"~numpy\.ndarray\[tuple\[.*?\], ~numpy\.dtype\[[^\]]*\]\]")
NOT_IN = (nodes.reference, nodes.title, nodes.rubric, addnodes.desc_signature, addnodes.toctree)


def without_types(app, what, name, thing, options, signature, returns):
    """Return the signature of what has a list of parameters: their types and meanings stand there."""
    if what == "class" and getattr(thing, "_is_protocol", False):
        return "", None
    if not signature or what in ("data", "attribute"):
        return None
    if re.search(r"^(Parameters|Attributes)\n---", inspect.getdoc(thing) or "", re.MULTILINE):
        found = inspect.signature(thing)
        if what == "method" and "self" in found.parameters:
            found = found.replace(parameters=list(found.parameters.values())[1:])
        signature, returns = stringify_signature(found, show_annotation=False, show_return_annotation=False), None
    signature = ANY_ARRAY.sub("~numpy.ndarray", signature).replace("<factory>", "{}")
    return signature, returns and ANY_ARRAY.sub("~numpy.ndarray", returns)


class StraightQuotes(SphinxTransform):
    """Keep quotes straight in docstrings, where they are code."""

    default_priority = SphinxSmartQuotes.default_priority - 10

    def apply(self):
        for entry in self.document.findall(addnodes.desc_content):
            entry["support_smartquotes"] = False


def of_another_library(app, env, node, contents):
    """Return a link to where a name of another library is explained; autodoc may have it from the private module that defines it."""
    name = node.get("reftarget")
    return elsewhere.link(PUBLIC.get(name, name), contents)


def as_written(app, what, name, thing, options, lines):
    """Keep what stands indented in the text of a docstring, a formula or a table, as it is written there."""
    found = []
    inside = listed = False
    for number, line in enumerate(lines):
        listed = listed or line.startswith("---")  # from here on, sections: what is indented there is their text
        indented = line.startswith("    ")
        if indented and not inside and not listed and number and not lines[number - 1]:
            found += [".. code-block:: text", ""]
        inside = indented or (inside and not line)
        found.append(line)
    lines[:] = found


class Names:
    """The names that the reference has: the entries by each name that they have in the package, and the page of each module."""

    def __init__(self, env):
        self.entries = env.domains.python_domain.objects
        things = {}  # the documented name of each class and function
        for name, entry in self.entries.items():
            module, _, last = name.rpartition(".")
            thing = getattr(sys.modules.get(module), last, None)
            if not entry.aliased and callable(thing):
                things[id(thing)] = name
        self.others = {}
        self.pages = {}
        for module in [one for one in sys.modules if one.startswith(PACKAGE + ".")]:
            inside = vars(sys.modules[module])
            inside = inside | {
                name: getattr(sys.modules[module], name) for name in inside.get("__all__", ())
            }  # some, when used
            known = {last: things[id(thing)] for last, thing in inside.items() if id(thing) in things}
            self.others |= {f"{module}.{last}": name for last, name in known.items()}
            public = inside.get("__all__", [last for last in known if inside[last].__module__ == module])
            own = [name for last, name in known.items() if last in public]
            if own:
                self.pages[module] = Counter(self.entries[name].docname for name in own).most_common(1)[0][0]

    def find(self, name):
        """Return the page and the place of a full name such as `hpt_lab.study.Study.ask`; None where it has no entry."""
        if name in self.entries:
            return self.entries[name].docname, self.entries[name].node_id
        owner, _, last = name.rpartition(".")
        for known in (self.others.get(name), f"{self.others.get(owner)}.{last}"):
            if known in self.entries:
                return self.entries[known].docname, self.entries[known].node_id
        return (self.pages[name], "") if name in self.pages else None  # a module


@functools.lru_cache(maxsize=1)
def names_of(env):
    return Names(env)


def imported(code):
    """Return what the names in a page's code mean: name -> full name for what is imported, None for what it defines itself."""
    try:
        tree = ast.parse(re.sub(r"^\s*[%!].*$", "", code, flags=re.MULTILINE))
    except SyntaxError:
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = None
    return found


def meaning(text, known, around):
    """Return the full names that a text such as `hpt.TPE()` may have, the likeliest first."""
    whole = NAME.fullmatch(text)
    if whole is None:
        return []
    first, dot, rest = whole[1].partition(".")
    if first in known:
        return [] if known[first] is None else [known[first] + dot + rest]
    return [USUAL[first] + dot + rest] if first in USUAL and rest else [f"{place}.{whole[1]}" for place in around]


def link_names(app, doctree, docname):
    """Let the first mention of each name lead to where it is explained."""
    if app.builder.format != "html":
        return
    env = app.env
    in_reference = docname.startswith(FOLDER)
    names = names_of(env)
    known = {}
    for block in doctree.findall(nodes.literal_block):
        known |= {name: full for name, full in imported(block.astext()).items() if known.get(name, full) is not None}
    seen = set()
    for literal in list(doctree.findall(nodes.literal)):
        entry, around = enclosing(literal) if in_reference else (None, [])
        if inside(literal, NOT_IN):
            continue
        for name in meaning(literal.astext(), known, around):
            found = names.find(name)
            if found and (entry, *found) not in seen and name not in around and (found[1] or "." in literal.astext()):
                seen.add((entry, *found))
                link = make_refnode(app.builder, docname, *found, literal.deepcopy(), name)
            else:
                link = elsewhere.link(name, literal.deepcopy()) if in_reference and "." in name else None
            if link is None:
                continue
            literal.replace_self(link)
            break


def inside(node, kinds):
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def enclosing(node):
    """Return the entry of the reference that a node stands in, and the names around it: its class, its module, the package."""
    around = []
    entry = None
    while node := node.parent:
        if isinstance(node, addnodes.desc):
            entry = entry or node
            signature = node.next_node(addnodes.desc_signature)
            around += [f"{signature['module']}.{signature['fullname']}", signature["module"]]
    return id(entry), [*dict.fromkeys([*around, PACKAGE])]


def setup(app):
    app.add_transform(StraightQuotes)
    app.connect("autodoc-process-docstring", as_written, priority=400)  # numpydoc comes after
    app.connect("autodoc-process-signature", without_types)
    app.connect("missing-reference", of_another_library)
    app.connect("doctree-resolved", link_names)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
