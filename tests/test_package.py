"""The package as an index and a stranger's environment get it: what is in it, and what it says of itself."""

import email
import importlib.util
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling import build

import hpt_lab
from hpt_lab import datasets

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "https://host.example/owner/name"


@pytest.fixture(scope="module")
def hook():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel and the source distribution, as an installer makes them."""
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return folder / build.build_wheel(str(folder)), folder / build.build_sdist(str(folder))


@pytest.fixture(scope="module")
def said(built):
    """The wheel's metadata."""
    with zipfile.ZipFile(built[0]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(wheel.read(name))


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_wheel_holds_all_of_the_lab_and_nothing_else(built):
    sources = {path for path in (ROOT / "hpt_lab").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    with zipfile.ZipFile(built[0]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == {path.relative_to(ROOT).as_posix() for path in sources}
    assert {"hpt_lab/py.typed", "hpt_lab/data/race.npz"} <= held


def test_the_source_distribution_holds_what_makes_the_wheel(built):
    with tarfile.open(built[1]) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT", "hpt_lab/py.typed"} <= held
    assert {"CHANGELOG.md", "CITATION.cff"} <= held
    assert not any(name.startswith(("benchmarks/", "book/", "chapters/", "tests/")) for name in held)


def test_the_version_is_written_once(said):
    assert said["Version"] == hpt_lab.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", hpt_lab.__version__)
    assert "version" not in project()["project"]


def test_the_metadata_name_authors_licences_and_pythons(said):
    assert said["Author"] == "the authors of Hyperparameter Tuning from Scratch"
    assert said["License-Expression"] == "BSD-3-Clause"
    assert said.get_all("License-File") == ["LICENSE", "LICENSE-TEXT"]
    classifiers = said.get_all("Classifier")
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)} <= set(classifiers)
    assert "Typing :: Typed" in classifiers


def test_no_link_of_the_index_page_leads_nowhere(said):
    text = said.get_payload(decode=True).decode("utf-8")
    assert text.startswith("# Hyperparameter Tuning from Scratch")
    targets = re.findall(r"\]\(([^)]*)\)", text)
    assert all(target.startswith("https://") for target in targets)
    assert bool(said.get_all("Project-URL")) == any(project()["tool"]["hpt"].values())


def test_an_address_makes_links_whole_and_its_absence_makes_them_words(hook):
    text = "[The recipes](book/recipes.md), [a host](https://host.example/x), [below](#below), ![a picture](a.png)."
    drawn = '<picture>\n<source srcset="a/b.svg">\n<img src="c.svg" alt="d">\n</picture>\n\n'
    assert hook.readme(drawn + "e", ADDRESS) == drawn.replace('="a', f'="{ADDRESS}/raw/main/a').replace('="c', f'="{ADDRESS}/raw/main/c') + "e"  # fmt: skip
    assert hook.readme(drawn + "e", "") == "e"
    whole = text.replace("(book/", f"({ADDRESS}/blob/main/book/")
    assert hook.readme(text, ADDRESS) == whole
    assert hook.readme(text, "") == text.replace("[The recipes](book/recipes.md)", "The recipes")


def test_each_address_gives_its_links_and_no_other(hook):
    assert hook.urls("", "") == {}
    assert hook.urls("", "https://book.example") == {"Documentation": "https://book.example"}
    source = {"Source": ADDRESS, "Issues": f"{ADDRESS}/issues", "Changelog": f"{ADDRESS}/blob/main/CHANGELOG.md"}
    assert hook.urls(ADDRESS, "") == source
    assert set(hook.urls(ADDRESS, "https://book.example")) == {*source, "Documentation"}


def test_every_file_that_the_readme_links_to_exists(hook):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all((ROOT / target.partition("#")[0]).exists() for _, target in hook.LINK.findall(text))
    assert len(hook.LINK.findall(text)) >= 4


def test_the_addresses_are_whole_or_empty():
    for address in project()["tool"]["hpt"].values():
        assert re.fullmatch(r"(https://[^\s/]+(/\S*)?)?", address)


@pytest.mark.parametrize("load", [datasets.boston, datasets.wine])
def test_the_extra_that_a_data_set_asks_for_exists_and_brings_it(load, monkeypatch):
    extra = {
        re.split(r"[><=]", requirement)[0] for requirement in project()["project"]["optional-dependencies"]["data"]
    }
    with monkeypatch.context() as patch:
        patch.setattr(datasets, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
        with pytest.raises(ImportError, match=r"hpt_lab\[data\]") as caught:
            load()
    assert re.search(r"needs (\S+);", str(caught.value))[1] in extra


def test_no_docstring_begins_with_a_question_word():
    sources = [path for folder in ("hpt_lab", "book/press", "tools") for path in (ROOT / folder).rglob("*.py")]
    riddles = re.compile(r'"""(What|Whether|Who|Whose|Where|How)\b.*')
    assert [line[0] for path in sources for line in riddles.finditer(path.read_text(encoding="utf-8"))] == []


def test_who_runs_notebooks_or_grades_a_class_needs_no_package_of_the_tests():
    modules = ("book.press.notebooks.__main__", "book.press.notebooks.kernels", "book.press.classroom.__main__")
    code = f"import sys; sys.modules.update(dict.fromkeys(['pytest', 'nbval', 'xdist', 'hypothesis'])); import {', '.join(modules)}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
