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
    "tuner search_cv race report",
    "serve __init__",
    "__main__",
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS, 1) for room in rooms.split()}
FILES = sorted(LAB.rglob("*.py"))


def module_of(path):
    parts = path.relative_to(LAB.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def room_of(module):
    path = MODULES[module].relative_to(LAB)
    return path.parts[0] if len(path.parts) > 1 else path.stem


def imports(path):
    """Return the modules of the lab that a file imports, at its top or inside of a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inside & MODULES.keys()) or {node.module}
    return found


def test_each_room_has_a_floor():
    assert {room_of(module) for module in MODULES} == FLOOR.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(LAB).as_posix())
def test_a_file_imports_lower_floors_alone(path):
    room = room_of(module_of(path))
    for module in imports(path):
        assert room_of(module) == room or FLOOR[room_of(module)] < FLOOR[room], f"{path.name} imports {module}"


def test_no_files_import_each_other_in_a_circle():
    tuple(TopologicalSorter({module: imports(path) for module, path in MODULES.items()}).static_order())
