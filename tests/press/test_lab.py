"""JupyterLab as `make lab` opens it: nothing is asked, and a notebook that is opened and saved is the one that it was."""

import asyncio
import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import scripts
from jupyter_client.kernelspec import KernelSpecManager

LESSON = "chapters/04_how_it_works/01_two_loops"


def finished(coroutine):
    """Its result. In a thread of its own, since a browser's event loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


@pytest.fixture(scope="module")
def settings():
    return scripts.load("jupyter_server_config", "book/press/notebooks/jupyter")


@pytest.fixture
def shelf(root, tmp_path, monkeypatch, settings):
    """A folder with one lesson, and JupyterLab's view of it."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "book"
    (folder / LESSON).parent.mkdir(parents=True)
    for name in ("jupytext.toml", f"{LESSON}.md", f"{LESSON}.ipynb"):
        shutil.copy(root / name, folder / name)
    return folder, settings.Contents(root_dir=str(folder))


def test_what_is_opened_holds_what_the_kernel_will_say(shelf):
    model = finished(shelf[1].get(f"{LESSON}.ipynb"))
    metadata = model["content"]["metadata"]
    spec = KernelSpecManager().get_kernel_spec("python3")
    assert metadata["kernelspec"] == {"display_name": spec.display_name, "language": "python", "name": "python3"}
    assert metadata["language_info"]["version"] == sys.version.split()[0]
    assert metadata["language_info"]["codemirror_mode"]["version"] == 3


@pytest.mark.parametrize("suffix", [".ipynb", ".md"])
def test_what_is_opened_and_saved_is_what_it_was(shelf, suffix):
    folder, contents = shelf
    before = [(folder / f"{LESSON}{one}").read_bytes() for one in (".md", ".ipynb")]

    async def open_and_save():
        model = await contents.get(LESSON + suffix, type="notebook")
        await contents.save(model, LESSON + suffix)

    finished(open_and_save())
    assert [(folder / f"{LESSON}{one}").read_bytes() for one in (".md", ".ipynb")] == before


def test_a_folder_a_text_and_the_notebook_of_another_kernel_are_left_alone(shelf):
    folder, contents = shelf
    (folder / "notes.txt").write_text("one", encoding="utf-8")
    other = {"kernelspec": {"display_name": "R", "language": "R", "name": "ir"}}
    notebook = {"cells": [], "metadata": other, "nbformat": 4, "nbformat_minor": 5}
    (folder / "r.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert finished(contents.get(""))["type"] == "directory"
    assert finished(contents.get("notes.txt"))["content"] == "one"
    assert finished(contents.get(f"{LESSON}.ipynb", content=False))["content"] is None
    model = finished(contents.get("r.ipynb"))
    assert model["content"]["metadata"]["kernelspec"] == other["kernelspec"]
    assert "language_info" not in model["content"]["metadata"]


def test_a_machine_without_the_kernel_opens_notebooks_as_they_are(settings, monkeypatch):
    monkeypatch.setitem(settings.KERNELSPEC, "name", "no_such_kernel")
    assert settings.said_by_the_kernel() == {}


def test_nothing_is_asked_and_nothing_fetched(root):
    overrides = root / "book/press/notebooks/jupyter/labconfig/default_setting_overrides.json"
    quiet = {"@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"}}
    assert json.loads(overrides.read_text(encoding="utf-8")) == quiet
    recipe = (root / "Makefile").read_text(encoding="utf-8").partition("\nlab:")[2].splitlines()[1]
    assert recipe.startswith('\tJUPYTER_CONFIG_PATH="$(CURDIR)/book/press/notebooks/jupyter" ')
