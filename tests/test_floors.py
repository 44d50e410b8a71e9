"""The lab stands on floors: a file imports lower ones alone, or files of its own folder, and never in a circle."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

LAB = Path(__file__).resolve().parents[1] / "hpt_lab"
FLOORS = (
    "values",
    "space models datasets",
    "study problems",
    "surrogates hyperparameters",
    "strategies loop analysis plots",
    "tools",
    "__init__ __main__",
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS, 1) for room in rooms.split()}
FILES = sorted(LAB.rglob("*.py"))
STUBS = sorted(LAB.rglob("*.pyi"))  # the names of a face, which imports them when they are first used
# The doors in the wall: a file, and what it imports from a higher floor, or from another room of its own, when it is asked to.
DOORS = {
    "hyperparameters/define_by_run.py": {"tools.storage.records"},  # the notes of a study in a file
    "loop/outer_loop.py": {"tools.workers.workers"},  # n_workers, executor, trial_timeout
    "loop/progress.py": {"plots.live"},  # progress="plot"
    "study/__init__.pyi": {"tools.storage.records"},  # studies
    "study/study.py": {  # storage, open, to_json, report, serve
        "tools.report",
        "tools.serve",
        "tools.storage.records",
        "tools.storage.text",
    },
}


def module_of(path):
    parts = path.relative_to(LAB.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def room_of(module):
    path = MODULES[module].relative_to(LAB)
    return path.parts[0] if len(path.parts) > 1 else path.stem


def imports(path, at_once=False):
    """Return the modules of the lab that a file imports, at its top or inside of a function; `at_once`: when it is loaded."""
    found = set()
    for node in nodes_of(ast.parse(path.read_text(encoding="utf-8")), at_once):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inside & MODULES.keys()) or {node.module}
    return found


def nodes_of(tree, at_once):
    """Yield all nodes but those for type checkers and, with `at_once`, those inside of functions."""
    for node in ast.iter_child_nodes(tree):
        typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not typing and not (at_once and isinstance(node, ast.FunctionDef | ast.Lambda)):
            yield node
            yield from nodes_of(node, at_once)


def rises(module, path):
    """Return True if a module stands on a higher floor than a file, or in another room on the same one."""
    room = room_of(module_of(path))
    return room_of(module) != room and FLOOR[room_of(module)] >= FLOOR[room]


def test_each_room_has_a_floor():
    assert {room_of(module) for module in MODULES} == FLOOR.keys()


@pytest.mark.parametrize("path", [*FILES, *STUBS], ids=lambda path: path.relative_to(LAB).as_posix())
def test_a_file_imports_lower_floors_alone_but_for_its_doors(path):
    up = {module.removeprefix("hpt_lab.") for module in imports(path) if rises(module, path)}
    assert up == DOORS.get(path.relative_to(LAB).as_posix(), set())
    assert path in STUBS or not [module for module in imports(path, at_once=True) if rises(module, path)]


def test_nothing_below_the_wall_imports_a_tool_when_it_is_loaded():
    for path in FILES:
        if FLOOR[room_of(module_of(path))] < FLOOR["tools"]:
            assert not [module for module in imports(path, at_once=True) if module.startswith("hpt_lab.tools")], path


def test_no_files_import_each_other_in_a_circle():
    tuple(TopologicalSorter({module: imports(path, at_once=True) for module, path in MODULES.items()}).static_order())
