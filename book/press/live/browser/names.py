"""Which cells a cell needs: those above that bind or change a name that it uses, and what these need; by its syntax tree.

Nothing is run to know it, and nothing beside Python's library is used.
"""

import ast
import builtins
from collections.abc import Iterable

SETTINGS = ("use_style", "rcParams.update", "simplefilter", "filterwarnings", "set_option", "set_printoptions")


def needs(sources: dict[int, str], number: int) -> list[int]:
    """Return the cells above, in order, that have to run before this one."""
    above = [i for i in sorted(sources) if i < number]
    touched = {i: touches(sources[i]) for i in [*above, number]}
    wanted, needed = set(touched[number][0]), set()
    for i in reversed(above):
        used, bound, everywhere = touched[i]
        if everywhere or wanted & bound:
            needed.add(i)
            wanted |= used
    return sorted(needed)


class _Names(ast.NodeVisitor):
    """The names of a statement: those it uses, stores, or changes in place, and whether it changes what all cells see."""

    def __init__(self, node: ast.AST) -> None:
        self.used, self.stored, self.changed, self.everywhere = set(), set(), set(), False
        self.visit(node)

    def visit_Name(self, node):
        (self.used if isinstance(node.ctx, ast.Load) else self.stored).add(node.id)

    def _import(self, node):
        self.stored |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}

    visit_Import = visit_ImportFrom = _import

    def _definition(self, node):
        """Keep the names that a function stores to itself; those that it uses may be anyone's."""
        self.stored.add(node.name)
        arguments = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
        for child in ast.iter_child_nodes(node):
            inside = _Names(child)
            arguments |= inside.stored
            self.used |= inside.used
            self.everywhere |= inside.everywhere
        self.used -= arguments

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _definition

    def _changes(self, node):
        """Note the name at the root of `a.b[c]`: the cells below see it changed."""
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Name):
            self.changed.add(node.id)

    def _assignment(self, node):
        for target in [node.target] if isinstance(node, ast.AugAssign) else node.targets:
            self._changes(target)
            if isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
                self.used.add(target.id)
        self.generic_visit(node)

    visit_Assign = visit_AugAssign = visit_Delete = _assignment

    def visit_Expr(self, node):
        """Take a call that is a statement as a change of what it is called on, and of what it is given."""
        if isinstance(node.value, ast.Call) and not hasattr(builtins, ast.unparse(node.value.func)):
            self._changes(node.value.func)
            for given in [*node.value.args, *(keyword.value for keyword in node.value.keywords)]:
                self._changes(given)
            self.everywhere |= ast.unparse(node.value.func).endswith(SETTINGS)
        self.generic_visit(node)


def touches(source: str) -> tuple[set[str], set[str], bool]:
    """Return the names that a cell takes from cells above, those that it binds or changes, and if it changes what all cells see."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set(), set(), False
    used, bound, everywhere = set(), set(), False
    for statement in tree.body:
        names, own = _Names(statement), set()
        if isinstance(statement, (ast.For, ast.With)):  # it binds these before its body uses them
            targets = (
                [statement.target] if isinstance(statement, ast.For) else [one.optional_vars for one in statement.items]
            )
            own = {node.id for target in targets if target for node in ast.walk(target) if isinstance(node, ast.Name)}
        used |= names.used - bound - own
        bound |= names.stored | names.changed
        everywhere |= names.everywhere
    return used, bound, everywhere


def packages(source: str, known: Iterable[str]) -> list[str]:
    """Return those of the known packages that a cell imports."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return []
    found = {alias.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module.partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return sorted(found & set(known))
