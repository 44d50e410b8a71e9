"""Launch buttons and what they open: a branch of notebooks that start anywhere, without solutions."""

import re
import shutil
import subprocess
import sys
import types

import nbformat
import pytest
import yaml
from sphinx_book_theme.header_buttons import update_context_with_repository_info
from sphinx_book_theme.header_buttons.launch import add_launch_buttons

from book.press.notebooks import exercises, launch, pairing, standalone

GITHUB, GITLAB, OWN = (f"https://{host}/owner/name" for host in ("github.com", "gitlab.com", "git.school.example"))
HUB = "https://hub.school.example"
PAGE = "chapters/01_the_problem/exercises"


class Config(dict):
    __getattr__ = dict.__getitem__


def shown(repository, hub):
    """The buttons that the theme makes of our options, on a page: their words, and where they lead."""
    config = Config(html_theme_options=launch.buttons(repository, hub), html_context={})
    env = types.SimpleNamespace(doc2path=lambda name: f"{name}.ipynb", metadata={PAGE: {"kernelspec": {}}})
    builder = types.SimpleNamespace(theme_options=config.html_theme_options)
    app = types.SimpleNamespace(config=config, env=env, builder=builder)
    update_context_with_repository_info(app)
    context = {"pagename": PAGE, "header_buttons": [], "sourcename": f"{PAGE}.ipynb", **config.html_context}
    add_launch_buttons(app, PAGE, "page.html", context, None)
    return {button["text"]: button["url"] for group in context["header_buttons"] for button in group["buttons"]}


@pytest.mark.parametrize(("repository", "hub"), [("", ""), ("", HUB), (OWN, "")])
def test_no_button_stands_where_nothing_can_be_opened(repository, hub):
    assert launch.buttons(repository, hub) == {}
    assert shown(repository, hub) == {}


def test_a_button_opens_the_pages_notebook_in_the_branch():
    notebook = f"{PAGE}.ipynb"
    found = shown(GITHUB, HUB)
    assert found["Binder"] == f"https://mybinder.org/v2/gh/owner/name/notebooks?urlpath=lab/tree/{notebook}"
    assert found["Colab"] == f"https://colab.research.google.com/github/owner/name/blob/notebooks/{notebook}"
    assert found["JupyterHub"].startswith(f"{HUB}/hub/user-redirect/git-pull?")
    assert f"urlpath=lab/tree/name/{notebook}&branch=notebooks" in found["JupyterHub"]
    assert list(shown(GITLAB, "")) == ["Binder"]
    assert list(shown(OWN, HUB)) == ["JupyterHub"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("launch")
    launch.write(folder)
    return folder


def test_the_branch_has_every_notebook_under_the_path_of_its_page(folder):
    english = {path.relative_to(pairing.ROOT).with_suffix(".ipynb") for path in pairing.sources()}
    wanted = english | {"ko" / path for path in english}
    assert {path.relative_to(folder) for path in folder.rglob("*.ipynb")} == wanted
    lesson = "chapters/02_grid_search/03_the_explosion.ipynb"
    assert "조합 폭증" in (folder / "ko" / lesson).read_text(encoding="utf-8")
    assert "조합 폭증" not in (folder / lesson).read_text(encoding="utf-8")


def test_the_branch_has_no_solution(folder):
    for path in folder.rglob("*.ipynb"):
        assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)", path.read_text(encoding="utf-8")), path
    for path in folder.glob("chapters/*/exercises.ipynb"):
        source = nbformat.read(pairing.ROOT / path.relative_to(folder), as_version=4)
        assert path.read_text(encoding="utf-8") == pairing.write_notebook(exercises.student_version(source))


def test_the_branch_has_the_outputs_of_lessons_and_the_files_that_they_read(folder):
    for source in pairing.sources():
        if source.stem != "exercises":
            path = source.relative_to(pairing.ROOT).with_suffix(".ipynb")
            made, stored = (nbformat.read(root / path, as_version=4) for root in (folder, pairing.ROOT))
            outputs = [cell.outputs for cell in made.cells if cell.cell_type == "code" and cell.id != "start"]
            assert outputs == [cell.outputs for cell in stored.cells if cell.cell_type == "code"]
            for name in re.findall(r'Path\("([\w.]+)"\)\.read_text', source.read_text(encoding="utf-8")):
                if (source.parent / name).exists():
                    assert (folder / path.parent / name).read_bytes() == (source.parent / name).read_bytes()
    for edition in (folder, folder / "ko"):
        assert (edition / "chapters/03_the_solution/keras_listing.json").exists()


def test_binder_installs_the_wheel_of_the_branch_in_the_pinned_versions(folder, root):
    lines = (folder / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert (folder / ".binder" / lines[0].removeprefix("--constraint ")).resolve() == folder / "constraints.txt"
    wheel, _, extras = lines[1].partition("[")
    assert (folder / wheel).name == standalone.WHEEL
    assert (folder / wheel).exists()
    assert (root / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()[1].endswith(f".[{extras}")


@pytest.mark.skipif(shutil.which("bash") is None or sys.platform == "win32", reason="needs bash, and a gh of our own")
def test_the_branch_grows_by_a_commit_when_a_notebook_has_changed(root, tmp_path):
    flow = yaml.safe_load((root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8"))
    script = flow["jobs"]["notebooks"]["steps"][-1]["run"]
    (tmp_path / "gh").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / ".gitconfig").write_text("[user]\nname = a reader\nemail = reader@school.example\n", "utf-8")
    origin = tmp_path / "origin"
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    environment = {"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
    environment["ADDRESS"] = origin.as_uri()
    run = ["bash", "-eo", "pipefail", "-c", script]

    def publish(commit, **notebooks):
        for name in ("new", "branch"):
            shutil.rmtree(tmp_path / name, ignore_errors=True)
        (tmp_path / "new" / ".binder").mkdir(parents=True)
        for name, text in {**notebooks, ".binder/runtime.txt": "python"}.items():
            (tmp_path / "new" / name).write_text(text, encoding="utf-8")
        subprocess.run(run, cwd=tmp_path, env=environment | {"COMMIT": commit}, check=True, capture_output=True)

    def told(*command):
        done = subprocess.run(["git", "-C", origin, *command], check=True, capture_output=True, encoding="utf-8")
        return done.stdout.splitlines()

    publish("1", first="a", second="b")
    publish("2", first="a", second="b")
    publish("3", first="A", third="c")
    assert told("log", "--format=%s", "notebooks") == ["Notebooks of 3", "Notebooks of 1"]
    assert told("ls-tree", "-r", "--name-only", "notebooks") == [".binder/runtime.txt", "first", "third"]
    assert told("show", "notebooks:first") == ["A"]
