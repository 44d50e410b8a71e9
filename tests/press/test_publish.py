"""What a stranger meets before the first lesson: the files that say how to cite, to report, and what may be trusted."""

import ast
import re
import runpy
import shutil
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import scripts
import yaml

import hpt_lab
from book.press import address
from book.press.pages import citation

FORMS = ("text", "lab", "idea")


@pytest.fixture(scope="module")
def addresses(settings):
    return settings["tool"]["hpt"]


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# How to cite, and what is new


def test_the_citation_names_what_the_package_names(root, addresses, project):
    cited = read(root / "CITATION.cff")
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(cited)
    assert cited["version"] == hpt_lab.__version__
    assert cited["authors"] == project["authors"]
    assert cited["keywords"] == project["keywords"]
    assert project["license"] in cited["license"]
    assert cited.get("repository-code", "") == addresses["repository"]
    assert cited.get("url", "") == addresses["book"]


def test_the_changelog_begins_with_this_version(root):
    heads = re.findall(r"^## (.*)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert re.fullmatch(rf"{re.escape(hpt_lab.__version__)} \((not released yet|\d{{4}}-\d\d-\d\d)\)", heads[0])
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", head) for head in heads[1:])


# How to report


@pytest.mark.parametrize("name", FORMS)
def test_a_form_asks_for_what_it_needs(root, name):
    form = read(root / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml")
    assert {"name", "description", "labels", "body"} == set(form)
    asked = [field["id"] for field in form["body"]]
    assert len(asked) == len(set(asked))
    for field in form["body"]:
        assert field["type"] in ("input", "textarea")
        assert field["attributes"]["label"]
    assert form["body"][0]["validations"]["required"] is True


def test_the_forms_are_all_there_is_and_the_first_field_of_a_page_is_the_page(root):
    folder = root / ".github" / "ISSUE_TEMPLATE"
    assert {path.stem for path in folder.iterdir()} == {*FORMS, "config"}
    assert read(folder / "text.yml")["body"][0]["id"] == "page"


def test_the_versions_that_the_form_asks_for_can_be_printed(root, capsys):
    body = read(root / ".github" / "ISSUE_TEMPLATE" / "lab.yml")["body"]
    (hint,) = (field["attributes"]["description"] for field in body if field["id"] == "versions")
    exec(re.search(r'python -c "(.*)"', hint)[1], {})
    assert hpt_lab.__version__ in capsys.readouterr().out


# What may be trusted


PICKLES = {"pickle", "_pickle", "cloudpickle", "dill", "marshal", "pickletools", "shelve"}
RUNS_TEXT = {"eval", "exec", "__import__", "system", "allow_pickle"}


def named(path):
    """The modules that a module imports, and every name and keyword in it."""
    imported, names = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            case ast.ImportFrom():
                imported.add((node.module or "").partition(".")[0])
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=name):
                names.add(name)
    return imported, names


def test_only_the_modules_that_security_names_read_a_pickle_and_none_evaluates_a_text(root):
    readers = set()
    for path in (root / "hpt_lab").rglob("*.py"):
        imported, names = named(path)
        assert not names & RUNS_TEXT, path
        if imported & PICKLES:
            readers.add(path.relative_to(root).as_posix())
    table = re.findall(r"^\| `(hpt_lab/\S+)`", (root / "SECURITY.md").read_text(encoding="utf-8"), re.M)
    assert readers == set(table)


def test_the_tests_that_security_names_exist(root):
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", text)
    assert len(named) >= 3
    assert all((root / name).exists() for name in named)


# The workflows


@pytest.fixture(scope="module")
def workflows(root):
    """Every workflow, by its name. YAML 1.1 reads the key `on` as true."""
    return {path.stem: read(path) for path in (root / ".github" / "workflows").glob("*.yml")}


def jobs(workflows):
    """Return every job with its workflow and its name, but those that are another workflow as a whole."""
    every = [(name, key, job) for name, flow in workflows.items() for key, job in flow["jobs"].items()]
    return [(name, key, job) for name, key, job in every if "uses" not in job]


def test_a_release_waits_for_all_that_runs_each_night(workflows):
    called, build = workflows["release"]["jobs"]["nightly"], workflows["release"]["jobs"]["build"]
    assert called == {"permissions": {"contents": "read"}, "uses": "./.github/workflows/nightly.yml"}
    assert "workflow_call" in workflows["nightly"][True]
    assert build["needs"] == "nightly"
    assert workflows["release"][True] == {"push": {"tags": ["v*"]}}
    assert all(workflows[name][True]["schedule"] for name in ("nightly", "weekly"))


def test_the_nightly_run_has_every_part(root, workflows):
    parts = runpy.run_path(str(root / ".ci" / "nightly.py"))["PARTS"]
    split = " ".join(workflows["nightly"]["jobs"]["parts"]["strategy"]["matrix"]["parts"]).split()
    pythons = {f"python-3.{n}" for n in (11, 12, 13)}  # the workflow's own, and this one, are not among the others
    assert set(split) - pythons == set(parts) - pythons
    assert set(split) & pythons == pythons - {"python-3.13"}


def test_every_action_is_pinned_by_its_commit_and_one_commit_each(root):
    pins = {}
    for path in (root / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"uses: [^.].*", text):  # not a workflow of this project
            action, commit, version = re.fullmatch(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line).groups()
            pins.setdefault(action, set()).add((commit, version))
    assert len(pins) >= 6
    assert all(len(commits) == 1 for commits in pins.values())


MAY_WRITE = {
    ("book", "notebooks"): {"contents": "write"},
    ("book", "publish"): {"pages": "write", "id-token": "write"},
    ("release", "publish"): {"id-token": "write"},
    ("release", "announce"): {"contents": "write"},
    ("weekly", "tell"): {"issues": "write"},
}


def test_a_job_may_write_only_what_it_is_there_to_write_and_then_runs_nothing_of_the_repository(workflows):
    for flow in workflows.values():
        assert flow["permissions"] in ({}, {"contents": "read"})
    for name, key, job in jobs(workflows):
        allowed = MAY_WRITE.get((name, key), {"contents": "read"})
        assert job.get("permissions", {"contents": "read"}) == allowed, (name, key)
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)
        assert bool(checkouts) == ((name, key) not in MAY_WRITE)
        assert 0 < job["timeout-minutes"] <= 60


def test_no_line_that_is_run_holds_what_github_puts_in(workflows):
    """An expression in a script is text that somebody else may have written: it comes in through `env`."""
    lines = [step["run"] for *_, job in jobs(workflows) for step in job["steps"] if "run" in step]
    assert len(lines) >= 10
    assert not any("${{" in line for line in lines)


def test_every_system_and_every_python_is_tested(workflows, project):
    known = [name.rpartition(" ")[2] for name in project["classifiers"] if re.search(r":: 3\.\d+$", name)]
    tested = workflows["test"]["jobs"]
    assert tested["all"]["strategy"]["matrix"]["python"] == known
    assert tested["systems"]["strategy"]["matrix"] == {"system": ["macos-latest", "windows-latest"], "python": known}


def test_systems_without_make_run_what_the_readme_says(root, workflows):
    readme = (root / "README.md").read_text(encoding="utf-8").splitlines()
    lines = [step["run"] for step in workflows["test"]["jobs"]["systems"]["steps"] if "run" in step]
    assert len(lines) == 3
    assert set(lines) <= set(readme)


def test_without_make_the_notebooks_are_compared_as_with_it(root):
    """Without the options of pyproject.toml, which would have pytest import what only Keras can."""
    (made,) = re.findall(r"^NBVAL := .* -m pytest (.*)$", (root / "Makefile").read_text(encoding="utf-8"), re.M)
    (said,) = re.findall(r"^pytest (.*--nbval .*) chapters$", (root / "README.md").read_text(encoding="utf-8"), re.M)
    assert made == f"-p no:cacheprovider {said}".replace(" --nbval ", " -q --nbval ", 1)


def test_every_make_target_and_script_that_a_workflow_or_the_night_runs_exists(root, workflows):
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M))
    lines = [step.get("run", "") for *_, job in jobs(workflows) for step in job["steps"]]
    nightly = [line for part in runpy.run_path(str(root / ".ci" / "nightly.py"))["PARTS"].values() for line in part]
    text = "\n".join([*lines, *nightly])
    made = [word for words in re.findall(r"\bmake ([a-z -]+)", text) for word in words.split() if word[0] != "-"]
    assert {"test", "editions", "unit", "notebooks-test"} <= set(made) <= targets
    run = re.findall(r"(?:python |^)((?:\.ci|book)/[\w.]+)", text, re.M)
    assert len(run) >= 4
    assert all((root / script).exists() for script in run)


TOLD = """
case "$1 $2" in
  "issue list") echo "$NUMBER" ;;
  *) echo "$@" >> told; cp body.md told.md ;;
esac
"""


@pytest.mark.skipif(shutil.which("bash") is None or sys.platform == "win32", reason="needs bash, and a gh of our own")
@pytest.mark.parametrize("number", ["", "17"])
def test_the_weekly_run_opens_an_issue_once_and_then_comments(workflows, tmp_path, number):
    script = workflows["weekly"]["jobs"]["tell"]["steps"][-1]["run"]
    (tmp_path / "gh").write_text(f"#!/bin/sh\n{TOLD}", encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
    lines = "".join(f"line {i} $(touch harm) `touch harm`\n" for i in range(100))
    (tmp_path / "weekly.txt").write_text(lines, encoding="utf-8")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RUN": "https://host.example/run", "NUMBER": number}
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=environment, check=True)
    told = (tmp_path / "told").read_text(encoding="utf-8")
    assert told.startswith("issue comment 17 " if number else "issue create --title The newest releases change")
    body = (tmp_path / "told.md").read_text(encoding="utf-8")
    assert "https://host.example/run" in body
    assert "    line 99 $(touch harm)" in body
    assert "line 39 " not in body
    assert not (tmp_path / "harm").exists()


# A release


@pytest.fixture(scope="module")
def release():
    return scripts.load("release", ".ci")


@pytest.mark.parametrize(
    ("tag", "head", "cited", "reason"),
    [
        ("v1.2.3", "1.2.3 (2030-01-31)", "1.2.3", ""),
        ("v1.2.4", "1.2.3 (2030-01-31)", "1.2.3", "the tag v1.2.4 must be v1.2.3"),
        ("1.2.3", "1.2.3 (2030-01-31)", "1.2.3", "the tag 1.2.3 must be v1.2.3"),
        ("v1.2.3", "1.2.3 (not released yet)", "1.2.3", "must be 1.2.3 with its day"),
        ("v1.2.3", "1.2.2 (2030-01-31)", "1.2.3", "must be 1.2.3 with its day"),
        ("v1.2.3", "1.2.3 (2030-01-31)", "1.2.2", "CITATION.cff must name the version 1.2.3"),
    ],
)
def test_a_tag_is_released_if_all_name_its_version(release, tmp_path, tag, head, cited, reason):
    (tmp_path / "hpt_lab").mkdir()
    (tmp_path / "hpt_lab" / "__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {head}\n\n## 1.0.0 (2029-01-01)\n", encoding="utf-8")
    (tmp_path / "CITATION.cff").write_text(f"cff-version: 1.2.0\nversion: {cited}\n", encoding="utf-8")
    said = release.wrong(tag, tmp_path)
    assert reason in said
    assert bool(reason) == bool(said)
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(release.__file__, tmp_path / ".ci")
    done = subprocess.run([sys.executable, script, tag], capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr.strip()) == (int(bool(reason)), said)  # as the workflow runs it


# Where the project lives


@pytest.mark.parametrize(
    ("variable", "written", "expected"),
    [
        ("", "", "http://localhost:8000/"),
        ("", "https://b.example/c/", "https://b.example/c/"),
        ("https://a.example", "https://b.example/c", "https://a.example/"),
    ],
)
def test_the_book_stands_where_the_variable_says_or_the_project_or_here(monkeypatch, variable, written, expected):
    monkeypatch.setenv("BOOK_ADDRESS", variable)
    monkeypatch.setattr(address, "known", {"book": written.rstrip("/")}.get)
    assert address.of_the_book() == expected


def test_an_address_is_read_without_its_last_slash(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.hpt]\nrepository = "https://a.example/b/"\nbook = ""\n', "utf-8")
    assert [address.known(name, tmp_path) for name in ("repository", "book")] == ["https://a.example/b", ""]


# What the pages say of the project

ADDRESS = "https://host.example/owner/name"
CITED = {"authors": [{"name": "the authors"}, {"name": "a guest"}], "title": "A title: a subtitle", "version": "1.2.3"}


def test_the_reference_says_what_is_known_and_no_more():
    assert citation.reference(yaml.safe_dump(CITED)) == (
        "```bibtex\n@software{hpt_lab,\n  author = {{the authors} and {a guest}},\n"
        "  title = {A title: a subtitle},\n  version = {1.2.3},\n}\n```"
    )
    more = CITED | {"date-released": "2030-01-31", "repository-code": ADDRESS}
    assert "  year = {2030},\n  url = {https://host.example/owner/name},\n" in citation.reference(yaml.safe_dump(more))
    book = citation.reference(yaml.safe_dump(more | {"url": "https://book.example"}))
    assert "https://book.example" in book
    assert ADDRESS not in book


def test_what_is_new_is_the_newest_version_alone():
    older = "## 1.0.0 (2029-01-31)\n\n- Another.\n"
    text = f"# Changelog\n\nWords.\n\n## 1.1.0 (2030-01-31)\n\n### Added\n\n- One.\n\n{older}"
    assert citation.newest(text) == ":::{dropdown} 1.1.0 (2030-01-31)\n**Added**\n\n- One.\n:::"
    assert citation.newest(text.removesuffix(older)) == citation.newest(text)


def test_the_front_page_says_all_three_and_keeps_no_mark(root, addresses):
    text = citation.filled((root / "book" / "index.md").read_text(encoding="utf-8"), root)
    assert f"version = {{{hpt_lab.__version__}}}" in text
    assert f":::{{dropdown}} {hpt_lab.__version__} (" in text
    assert (citation.NO_ADDRESS in text) == (addresses["repository"] == "")
    assert not any(mark in text for mark in (citation.CITE, citation.REPORT, citation.NEW))


def test_the_form_of_a_page_is_filled_in(root):
    page = "chapters/01 a/02_b&c.html"
    target = urlsplit(citation.error_form(page, ADDRESS))
    assert target._replace(query="").geturl() == f"{ADDRESS}/issues/new"
    assert parse_qs(target.query) == {"template": [citation.FORM], "title": [f"{page}: "], "page": [page]}
    assert (root / ".github" / "ISSUE_TEMPLATE" / citation.FORM).exists()
    assert citation.error_form(page, "") == ""


def test_the_way_to_report_leads_to_the_forms():
    assert citation.way_to_report("") == citation.NO_ADDRESS
    assert f"({ADDRESS}/issues/new/choose)" in citation.way_to_report(ADDRESS)
