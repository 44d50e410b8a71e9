"""The Dockerfile, the development container and Binder: the same Python and the same pinned versions as everywhere else."""

import json
import re

import pytest
from packaging.specifiers import SpecifierSet


@pytest.fixture(scope="module")
def instructions(root):
    """The Dockerfile's instructions in order: (name, arguments), lines joined."""
    text = (root / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    return [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def container(root):
    return json.loads((root / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def arguments(instructions, wanted):
    return [rest for name, rest in instructions if name == wanted]


def binder(root, name):
    return (root / ".binder" / name).read_text(encoding="utf-8").splitlines()


def test_image_and_binder_have_the_same_python_and_one_that_is_tested(root, instructions, project):
    (image,) = arguments(instructions, "FROM")
    (runtime,) = binder(root, "runtime.txt")
    version = re.fullmatch(r"python:(3\.\d+)-slim-\w+", image)[1]
    assert runtime == f"python-{version}"
    assert version in SpecifierSet(project["requires-python"])
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_the_image_is_set_up_by_make_from_files_that_are_there(root, instructions):
    at = [(name, rest) for name, rest in instructions].index(("RUN", "make setup"))
    copied = {word for rest in arguments(instructions[:at], "COPY") for word in rest.split()[1:-1]}
    assert all((root / name).exists() for name in copied)
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    needed = set(re.search(r"^\$\(READY_BOOK\): (.+)$", makefile, re.M)[1].split())
    assert needed | {"Makefile", "hatch_build.py", "hpt_lab/__init__.py"} <= copied
    assert ["COPY", "--chown=reader . ."] in instructions[at:]
    folder, (place, *_) = arguments(instructions, "WORKDIR")[0], arguments(instructions, "ENV")
    assert place.startswith("VENV=/")
    assert folder not in place, "a container may mount over the folder, and must keep what is installed"
    assert re.search(r"^VENV +\?= ", makefile, re.M)


def test_the_image_is_no_root_and_fetches_nothing_else(instructions):
    assert arguments(instructions, "USER") == ["reader"]
    assert not re.search(r"https?://|pip install|curl|wget", " ".join(arguments(instructions, "RUN")))


def test_binder_installs_what_make_installs_in_the_pinned_versions(root, extras):
    constraint, package = binder(root, "requirements.txt")
    assert (root / ".binder" / constraint.removeprefix("--constraint ")).resolve() == root / "constraints.txt"
    assert package == f"--editable .[{extras}]"


def test_the_development_container_is_the_image(root, instructions, container):
    folder = root / ".devcontainer"
    assert (folder / container["build"]["dockerfile"]).resolve() == root / "Dockerfile"
    assert (folder / container["build"]["context"]).resolve() == root
    assert [container["remoteUser"]] == arguments(instructions, "USER")
    place = arguments(instructions, "ENV")[0].removeprefix("VENV=")
    assert container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"] == f"{place}/bin/python"
    assert "--no-deps" in container["postCreateCommand"], "the image has them, in the pinned versions"


def test_the_image_takes_in_nothing_that_git_does_not_keep(root):
    ignored, kept_out = (
        {line.rstrip("/") for line in (root / name).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"}
        for name in (".gitignore", ".dockerignore")
    )
    assert kept_out == {".git", *(name[1:] if name[0] == "/" else f"**/{name}" for name in ignored)}
