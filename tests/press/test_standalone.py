"""A notebook starts anywhere: its first cell finds the lab or installs it, from the wheel that lies beside it."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import hpt_lab
from book.press.notebooks import exercises, pairing, standalone

NOTEBOOKS = [path.with_suffix(".ipynb") for path in pairing.sources()]
IMPORTED_AS = {"scikit-learn": "sklearn", "scikit-optimize": "skopt", "distributed": "dask"}
REPOSITORY = "https://host.example/owner/name"


def read(path):
    return nbformat.read(path, as_version=4)


# The first cell


class Machine:
    """A machine on which some packages are missing, and a pip that notes what it is asked for."""

    def __init__(self, missing, monkeypatch):
        self.missing, self.asked, self.fails = set(missing), [], ""
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in self.missing else name)
        monkeypatch.setattr(subprocess, "run", self.pip)

    def pip(self, command, **options):
        assert command[:4] == [sys.executable, "-m", "pip", "install"]
        self.asked.append(command[-1])
        return subprocess.CompletedProcess(command, bool(self.fails), "", self.fails)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    folder = tmp_path / "수업 자료"  # a folder as students have it
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda *missing: Machine(missing, monkeypatch)


def start(repository="", *lines):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(["import hpt_lab", *lines]))])
    exec(compile(standalone.start_cell(notebook, repository).source, "<start>", "exec"), {})


def test_the_wheel_beside_the_notebook_is_installed_first(machine):
    here = machine("hpt_lab")
    for name in ("hpt_lab-0.1.0-py3-none-any.whl", "another-9.whl"):
        Path(name).touch()
    start(REPOSITORY)
    (asked,) = here.asked
    requirement = Requirement(asked)
    assert (requirement.name, requirement.extras) == ("hpt_lab", {"chapters"})
    assert requirement.url == (Path.cwd() / "hpt_lab-0.1.0-py3-none-any.whl").as_uri()
    assert " " not in requirement.url


def test_without_a_wheel_the_repository_is_asked_and_without_both_one_sentence_says_what_to_do(machine):
    here = machine("hpt_lab")
    with pytest.raises(ModuleNotFoundError, match="Put its wheel"):
        start()
    assert here.asked == []
    start(REPOSITORY)
    assert Requirement(here.asked[0]).url == f"git+{REPOSITORY}"


def test_what_the_cells_import_is_looked_for_and_nothing_else(machine):
    here = machine("pandas")
    start(REPOSITORY)
    assert here.asked == []
    start(REPOSITORY, "import json", "from pandas.api import types", "import os.path, pandas as pd")
    assert len(here.asked) == 1


def test_what_pip_says_when_it_fails_is_passed_on(machine):
    machine("hpt_lab").fails = "no network"
    with pytest.raises(ImportError, match=r"could not install git\+https://host.example/owner/name:\nno network"):
        start(REPOSITORY)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_notebook_has_its_start_before_the_first_cell_and_plain_words(path):
    notebook = read(path)
    made = standalone.standalone(notebook)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert code[0].id == "start"
    assert made.cells[0].cell_type == "markdown"
    assert [cell.source for cell in code[1:]] == [c.source for c in notebook.cells if c.cell_type == "code"]
    assert "hpt_lab" in standalone.imported(notebook)
    assert not any(":::" in cell.source or "{term}" in cell.source for cell in made.cells if cell not in code)
    nbformat.validate(made)
    exec(code[0].source, {})


def test_graders_keep_the_start_of_an_exercise_as_it_is():
    for version in (exercises.student_version, exercises.solution_version):
        made = version(read(next(path for path in NOTEBOOKS if path.stem == "exercises")))
        (cell,) = (cell for cell in made.cells if cell.id == "start")
        assert cell.metadata.nbgrader == standalone.READ_ONLY
    lesson = standalone.standalone(read(next(path for path in NOTEBOOKS if path.stem != "exercises")))
    assert not any("nbgrader" in cell.metadata for cell in lesson.cells)


def test_the_extra_of_the_chapters_brings_all_that_their_cells_import(project):
    extra = {canonicalize_name(Requirement(one).name) for one in project["optional-dependencies"]["chapters"]}
    core = {Requirement(one).name for one in project["dependencies"]}
    known = {IMPORTED_AS.get(name, name) for name in extra | core} | {"hpt_lab"}
    assert {name for path in NOTEBOOKS for name in standalone.imported(read(path))} <= known
    data = {canonicalize_name(Requirement(one).name) for one in project["optional-dependencies"]["data"]}
    assert data <= extra
    assert "hpt_lab[chapters]" in project["optional-dependencies"]["book"]


# The wheel


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    (folder / "hpt_lab-0.0.1-py3-none-any.whl").touch()
    (folder / "my.whl").touch()
    standalone.wheel(folder)
    return folder


def test_the_wheel_of_this_version_is_the_only_one_of_the_lab(folder):
    assert {path.name for path in folder.iterdir()} == {f"hpt_lab-{hpt_lab.__version__}-py3-none-any.whl", "my.whl"}
    assert (folder / standalone.WHEEL).exists()


def test_the_wheel_holds_the_lab_with_its_data_and_offers_the_chapters(folder, root):
    with zipfile.ZipFile(folder / standalone.WHEEL) as wheel:
        names = set(wheel.namelist())
        (metadata,) = (wheel.read(name).decode() for name in names if name.endswith("/METADATA"))
    wanted = {path.relative_to(root).as_posix() for path in (root / "hpt_lab").rglob("*.py")}
    wanted |= {path.relative_to(root).as_posix() for path in (root / "hpt_lab" / "data").iterdir() if path.is_file()}
    assert len(wanted) > 50
    assert wanted <= names
    assert {name.partition("/")[0] for name in names} == {"hpt_lab", f"hpt_lab-{hpt_lab.__version__}.dist-info"}
    assert "Provides-Extra: chapters" in metadata


def test_the_wheel_is_written_again_only_when_it_is_another(folder):
    path = folder / standalone.WHEEL
    os.utime(path, (0, 0))
    before = path.read_bytes()
    standalone.wheel(folder)
    assert path.stat().st_mtime == 0
    path.write_bytes(before[:-1])
    standalone.wheel(folder)
    assert path.read_bytes() == before
