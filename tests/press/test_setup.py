"""The set-up files agree with each other and name no machine."""

import os
import re
import runpy
import shutil
import subprocess

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def pins(root):
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def test_the_core_needs_numpy_and_scipy_alone(project):
    assert {Requirement(r).name for r in project["dependencies"]} == {"numpy", "scipy"}


def test_constraints_pin_one_version_of_every_requirement(project, pins):
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    for requirement in map(Requirement, wanted):
        if requirement.name == project["name"]:  # an extra that contains another one
            assert requirement.extras <= set(project["optional-dependencies"])
            continue
        pin = pins[canonicalize_name(requirement.name)]
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert specifier.version in requirement.specifier, f"{pin} does not satisfy {requirement}"


def test_constraints_name_each_package_once_and_no_place(root, pins):
    text = (root / "constraints.txt").read_text(encoding="utf-8")
    assert len(pins) == sum(1 for line in text.splitlines() if line and not line.startswith("#"))
    assert not re.search(r"://|file:|@|^\s*-|/(opt|home|root|tmp|usr)/", text, re.M)


def test_the_conda_environment_equals_the_package(root, project, extras):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    python = next(item for item in conda if item.startswith("python"))
    assert environment["name"] == project["name"]
    assert python.removeprefix("python").split(",")[0] == project["requires-python"]
    assert pip["pip"] == ["--constraint constraints.txt", f"--editable .[{extras}]"]
    assert set(extras.split(",")) <= set(project["optional-dependencies"])


def test_the_readme_installs_what_make_installs(root, extras):
    assert f'pip install -e ".[{extras}]" -c constraints.txt' in (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def make(root):
    """Runs `make` with the given arguments, and returns what came of it."""
    if shutil.which("make") is None:
        pytest.skip("needs make")
    of_ours = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return lambda *asked: subprocess.run(
        ["make", *asked], cwd=root, env=of_ours, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def would_run(make):
    """What `make` would run for the given targets, as text."""

    def asked(*targets):
        done = make("-n", *targets)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return asked


PAGES = "--dist loadgroup tests/press/test_pages*.py"


@pytest.mark.parametrize(
    "stage", ["ruff check", "ruff format --check", "mypy", "-q --nbval ", '-m "not benchmark"', "-D language=ko", PAGES]
)
def test_make_test_runs_each_stage_once(would_run, stage):
    assert would_run("test").count(stage) == 1


def test_every_notebook_is_compared_once_and_the_longest_begin(root, would_run):
    (line,) = [line for line in would_run("notebooks-test").splitlines() if " --nbval " in line]
    compared = [word for word in line.split() if word.endswith(".ipynb")]
    assert sorted(compared) == sorted(path.relative_to(root).as_posix() for path in root.glob("chapters/*/*.ipynb"))
    assert compared != sorted(compared)
    assert "--no-loadscope-reorder" in line


def test_make_quick_runs_its_layer_and_the_changed_notebooks_and_builds_nothing(would_run):
    runs = would_run("quick", "CHANGED=chapters/01_the_problem/exercises.ipynb")
    assert runs.count("--layer quick") == 1
    assert re.search(r"nbval .* chapters/01_the_problem/exercises.ipynb$", runs, re.M)
    assert "sphinx-build" not in runs
    assert "--nbval " not in would_run("quick", "CHANGED=")


def test_what_has_changed_is_counted_from_since(would_run):
    assert 'SINCE="v1"' in would_run("unit", "SINCE=v1")


def test_the_night_runs_each_stage_of_make_test_with_every_test(root, would_run):
    """The unit tests are all of the folders that pyproject.toml names, but those of the pages, which have a part of their own."""
    commands = [line for part in runpy.run_path(str(root / ".ci" / "nightly.py"))["PARTS"].values() for line in part]
    runs = "".join(would_run(*command.split()[1:]) for command in commands if command.startswith("make "))
    every = [line for line in runs.splitlines() if "--layer nightly" in line]
    unit, pages, *pythons = (line.partition("--layer nightly ")[2] for line in every)
    assert pythons == [unit] * 2  # the other Pythons
    assert unit == '-n 2 --dist loadgroup -m "not benchmark" --ignore-glob "tests/press/test_pages*"'
    assert pages == f"-n 2 {PAGES}"
    compared = next(line for line in would_run("notebooks-test").splitlines() if " --nbval " in line)
    assert compared in runs
    for stage in ("ruff check", "ruff format --check", "mypy", "actionlint", "tools.prose"):
        assert stage in runs, stage
    for stage in ("-D language=ko", "live_pages.py", "portability"):
        assert stage in runs, stage


def test_a_reader_gets_the_english_pages_and_installs_no_tests(would_run):
    runs = would_run("--always-make", "book")
    assert "--editable '.[book]'" in runs
    assert ",test," not in runs
    assert "-D editions=en " in runs
    assert "language=ko" not in runs
    assert "-D editions=ko -D language=ko" in would_run("book", "BOOK_LANGUAGE=ko")
    both = would_run("editions")
    assert both.count("-D editions=en,ko") == 2
    assert both.count("-D language=ko") == 1


FAKE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$0-log"
case "$*" in
    *"pip config list"*) echo "global.find-links='/some wheels'"; echo ":env:.index-url='https://index'"; echo "global.cert='/c'" ;;
    *"pip install"*) if test -e "$0-fails"; then exit 1; fi ;;
esac
"""


@pytest.mark.parametrize("failing", [(), ("uv",), ("uv", "python")], ids=" and ".join)
def test_uv_installs_from_where_pip_would_and_pip_where_uv_fails(make, tmp_path, failing):
    bin_ = tmp_path / "environment" / "bin"
    bin_.mkdir(parents=True)
    for name in ("python", "uv"):
        (bin_ / name).write_text(FAKE, encoding="utf-8")
        (bin_ / name).chmod(0o755)
    for name in failing:
        (bin_ / f"{name}-fails").touch()
    ready = bin_.parent / ".ready-book"
    done = make(f"VENV={bin_.parent}", str(ready))
    assert (done.returncode == 0) is ready.exists() is ("python" not in failing)
    what = "--constraint constraints.txt --editable .[book]"
    by_pip = f"python -m pip install --quiet --disable-pip-version-check {what}"
    assert (by_pip in (bin_ / "python-log").read_text(encoding="utf-8").splitlines()) is bool(failing)
    assert ("pip does" in done.stdout) is bool(failing)
    by_uv = f"--python {bin_}/python --constraint constraints.txt --find-links=/some wheels --index-url=https://index"
    if "python" not in failing:  # which installs uv
        (asked,) = (bin_ / "uv-log").read_text(encoding="utf-8").splitlines()
        assert asked == f"uv pip install --quiet {by_uv} --editable .[book]"


def test_no_test_waits_for_ever(settings, would_run):
    options = settings["tool"]["pytest"]["ini_options"]
    assert options["faulthandler_timeout"] < options["timeout"] <= 600
    assert re.search(r"--nbval .*--nbval-cell-timeout \d+ --timeout \d+", would_run("notebooks-test"))


def test_the_pages_are_looked_at_after_the_book_is_built_where_both_are_asked_for(would_run):
    both = would_run("pages-test", "book")
    assert both.index("sphinx-build") < both.index(PAGES)
    assert "sphinx-build" not in would_run("pages-test")
