"""The needs of a check: cells of the notebook as its teacher has it, and names that the answers give."""

import ast
import symtable
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

from book.press.notebooks.exercises import is_check, is_solution


@dataclass
class Check:
    """A check, and the cells that are run before it, since the last check; what it wants from the answers, and lends to them."""

    source: str
    given: list[str]
    wanted: list[str]
    lent: list[str]


def plan(notebook):
    """Return what the checks of a notebook need, by their names.

    A cell that uses an answer is for the reader: no check needs it, and neither does one that needs such a cell, or that no check needs.
    """
    found, given, own, answers, others = {}, [], set(), set(), set()
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        source = TransformerManager().transform_cell(cell.source)
        if is_solution(cell):
            answers |= bound(source)
        elif is_check(cell):
            name = cell.metadata.nbgrader.grade_id
            found[name] = Check(source, given, sorted(answers), sorted(bound(source) & own - answers)), used(source)
            given = []
        elif used(source) & (answers | others):
            others |= bound(source)
        else:
            others -= bound(source)
            own |= functions(source)
            given.append(source)
    needed = set().union(*(names.union(check.lent) for check, names in found.values()))
    for check, _ in reversed(found.values()):
        for source in reversed(check.given):
            if bound(source) & needed:
                needed |= used(source)
            else:
                check.given.remove(source)
    return {name: check for name, (check, _) in found.items()}


def functions(source):
    """Return the names of the functions that a cell defines."""
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def used(source):
    """Return the names that a cell takes from the notebook, in its functions as well."""
    scopes = [symtable.symtable(source, "<cell>", "exec")]
    for scope in scopes:
        scopes += scope.get_children()
    return {
        name.get_name() for scope in scopes for name in scope.get_symbols()
        if name.is_referenced() and (scope is scopes[0] or name.is_global())
    }  # fmt: skip


def bound(source):
    """Return the names that a cell gives to something."""
    symbols = symtable.symtable(source, "<cell>", "exec").get_symbols()
    return {name.get_name() for name in symbols if name.is_assigned() or name.is_imported()}
