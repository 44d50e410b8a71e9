"""The reference: every public name once, docstrings that say what signatures do, and links that lead somewhere, without a network."""

import importlib
import inspect
import json
import pkgutil
import platform
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from docutils import nodes
from numpydoc.validate import validate

import hpt_lab
from book.press.notebooks import pairing
from book.press.pages import elsewhere, reference

FOLDER = pairing.ROOT / "book" / "reference"
PUBLIC = "analysis datasets hyperparameters loop models plots problems space strategies study surrogates"
TOOLS = "race report search_cv serve tuner"
INTERNAL = "values tools"  # what the lab is made of, which no lesson imports; and the folder of the tools


def modules():
    names = [*PUBLIC.split(), *(f"tools.{name}" for name in TOOLS.split())]
    return [hpt_lab, *(importlib.import_module(f"hpt_lab.{name}") for name in names)]


def entries():
    """The whole names of the entries, in the order of the pages."""
    found = []
    for page in sorted(FOLDER.glob("*.md")):
        module, more = None, False
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.startswith(".. currentmodule::"):
                module = line.split()[-1]
            elif named := re.match(r"\.\. (?:auto(?!module)\w+|py:data):: (\S+)", line):
                found.append(f"{module}.{named[1]}")
                more = True
            elif more and re.fullmatch(r" {13}\w+", line):  # a further name of the same entry
                found.append(f"{module}.{line.strip()}")
            else:
                more = False
    return found


def thing(name):
    module, _, last = name.rpartition(".")
    importlib.import_module(module)
    return getattr(sys.modules[module], last)


def own_members(name):
    """The whole names of what a class defines for its users."""
    members = vars(kind) if isinstance(kind := thing(name), type) else {}
    return [f"{name}.{last}" for last, member in members.items() if last[0] != "_" and described(member)]


def described(member):
    wrapped = (property, classmethod, staticmethod)
    return inspect.isroutine(member) or isinstance(member, wrapped) or hasattr(member, "func")


@pytest.fixture(scope="module")
def documented():
    return entries()


def test_each_module_of_the_lab_is_public_or_is_said_to_be_internal():
    there = {one.name for one in pkgutil.iter_modules(hpt_lab.__path__)} - {"__main__"}
    assert there == {*PUBLIC.split(), *INTERNAL.split()}


def test_each_public_name_has_one_entry(documented):
    assert len(documented) == len(set(documented))
    here = [thing(name) for name in documented]
    for module in modules():
        for last in module.__all__:
            public, name = getattr(module, last), f"{module.__name__}.{last}"
            times = sum(one is public for one in here) if callable(public) else documented.count(name)
            assert times == 1, f"{name} has {times} entries in book/reference"


def test_what_lessons_import_from_the_lab_has_an_entry(documented):
    here = {id(thing(name)) for name in documented}
    for source in pairing.sources():
        for cell in json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]:
            code = "".join(cell["source"]) if cell["cell_type"] == "code" else ""
            for name, full in reference.imported(code).items():
                known = full is None or inspect.ismodule(imported := thing(full)) or not callable(imported)
                assert known or id(imported) in here, f"{source.name} imports {name}, which book/reference lacks"


def test_each_entry_and_each_member_of_a_class_says_what_it_is(documented):
    for name in documented:
        owner = thing(name)
        assert not callable(owner) or inspect.getdoc(owner), name
        for member in own_members(name):
            last = member.rpartition(".")[2]
            assert any(vars(kind)[last].__doc__ for kind in owner.__mro__ if last in vars(kind)), member


@pytest.mark.filterwarnings("ignore")
def test_docstrings_name_the_parameters_of_their_signatures_in_their_order(documented):
    wrong = {"GL03", "GL06", "GL07"}  # blank lines in a row, an unknown section, sections in another order
    wrong |= {"PR02", "PR03"}  # a parameter that the signature does not have, parameters in another order
    wrong |= {"SS02"}  # a summary that begins with a small letter
    for name in documented:
        if isinstance(one := thing(name), type) or inspect.isroutine(one):
            whole = f"{one.__module__}.{one.__qualname__}"  # `hpt_lab.tools.race` is a module as well
            for each in [whole, *own_members(whole)]:
                found = {code: text for code, text in validate(each)["errors"] if code in wrong}
                assert not found, f"{each}: {found}"


@pytest.mark.parametrize("name", elsewhere.FOUND)
def test_a_name_of_another_library_is_one_that_the_installed_version_has(name):
    module, _, last = name.rpartition(".")
    if last != "None":
        assert hasattr(importlib.import_module(module or "builtins"), last)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("collections.abc.Callable", "https://docs.python.org/3/library/collections.abc.html"),
        ("ValueError", "https://docs.python.org/3/library/exceptions.html"),
        ("dict", "https://docs.python.org/3/library/stdtypes.html"),
        ("int", "https://docs.python.org/3/library/functions.html"),
        ("numpy.ndarray", "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.html"),
        ("pandas.DataFrame", "https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.html"),
        ("matplotlib.axes.Axes", "https://matplotlib.org/stable/api/_as_gen/matplotlib.axes.Axes.html"),
    ],
)
def test_a_name_of_another_library_leads_to_its_page(name, page):
    link = elsewhere.link(name, nodes.literal("", "x"))
    assert (link["refuri"], link.astext()) == (f"{page}#{name}", "x")


def test_a_link_to_another_library_says_of_which_version_the_lab_knows():
    assert elsewhere.link("numpy.ndarray", nodes.Text(""))["reftitle"] == f"(in numpy v{np.__version__})"
    assert elsewhere.link("int", nodes.Text(""))["reftitle"] == f"(in python v{platform.python_version()})"
    assert elsewhere.link("numpy.nothing", nodes.Text("")) is None


def test_a_name_from_a_private_module_leads_to_the_public_one():
    for private, public in [("pathlib._local.Path", "pathlib.Path"), ("float", "float")]:
        link = reference.of_another_library(None, None, {"reftarget": private}, nodes.Text("x"))
        assert link["refuri"].endswith(f".html#{public}")


class Objects(dict):
    """Entries as Sphinx keeps them."""

    def __init__(self, *names):
        super().__init__({name: SimpleNamespace(docname="page", node_id=name, aliased=False) for name in names})


@pytest.fixture(scope="module")
def names():
    objects = Objects("hpt_lab.Study", "hpt_lab.Study.ask", "hpt_lab.models.MLP", "hpt_lab.strategies.genetic.mate")
    return reference.Names(SimpleNamespace(domains=SimpleNamespace(python_domain=SimpleNamespace(objects=objects))))


def test_a_thing_is_found_by_each_name_that_the_lab_has_for_it(names):
    for name in ("hpt_lab.Study", "hpt_lab.study.Study", "hpt_lab.study.study.Study"):
        assert names.find(name) == ("page", "hpt_lab.Study")
    assert names.find("hpt_lab.study.Study.ask") == ("page", "hpt_lab.Study.ask")
    assert names.find("hpt_lab.strategies.genetic") == ("page", "")  # a module leads to its page
    assert names.find("hpt_lab.Study.nothing") is None


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("hpt.TPE()", ["hpt_lab.TPE"]),
        ('study.report("search.html")', ["hpt_lab.Study.report"]),
        ("MLP", ["hpt_lab.models.MLP"]),  # as the page has imported it
        ("race", []),  # as the page has defined it
        ("hpt.Float(0, 1) + 1", []),
        ("study", []),
    ],
)
def test_a_text_means_what_the_page_has_imported(text, full):
    known = reference.imported("from hpt_lab.models import MLP\ndef race(): pass")
    assert reference.meaning(text, known, []) == full


def test_the_first_mention_on_a_page_is_linked_and_no_code_or_heading(names, monkeypatch):
    monkeypatch.setattr(reference, "names_of", lambda env: names)
    monkeypatch.setattr(reference, "make_refnode", lambda *given: nodes.emphasis("", "", given[4]))  # its text
    doctree = nodes.section("", nodes.title("", "", nodes.literal("", "hpt.Study")), nodes.paragraph())
    texts = ("hpt.Study", "hpt.Study(space, strategy)", "hpt.Nothing", "MLP")
    doctree[1] += [nodes.literal("", text) for text in texts]
    doctree += nodes.literal_block("", "from hpt_lab.models import MLP")
    reference.link_names(SimpleNamespace(builder=SimpleNamespace(format="html"), env=None), doctree, "chapters/1/a")
    assert [isinstance(one, nodes.emphasis) for one in doctree[1]] == [True, False, False, True]
    assert not list(doctree[0].findall(nodes.emphasis))


def test_formulas_of_a_docstring_keep_their_columns():
    text = "A sentence:\n\n    a = b      c\n\n    d = e\n\nAfter it.\n\nParameters\n----------\nx\n\n    Text."
    lines = text.split("\n")
    reference.as_written(None, "class", "x", None, None, lines)
    assert lines[:5] == ["A sentence:", "", ".. code-block:: text", "", "    a = b      c"]
    assert lines.count(".. code-block:: text") == 1
