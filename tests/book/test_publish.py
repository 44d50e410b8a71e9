"""What a stranger meets before the first lesson: the files that say how to cite, to report, and what may be trusted."""

import ast
import re
import tomllib

import pytest
import yaml

import hpt_lab

FORMS = ("text", "lab", "idea")


@pytest.fixture(scope="module")
def addresses(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hpt"]


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# How to cite, and what is new


def test_the_citation_names_what_the_package_names(root, addresses):
    citation = read(root / "CITATION.cff")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["version"] == hpt_lab.__version__
    assert citation["authors"] == project["authors"]
    assert citation["keywords"] == project["keywords"]
    assert project["license"] in citation["license"]
    assert citation.get("repository-code", "") == addresses["repository"]
    assert citation.get("url", "") == addresses["book"]


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


def calls(path):
    """The names of what a module calls, as `pickle.loads`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {keyword.arg for keyword in node.keywords}


def test_only_the_modules_that_security_names_read_a_pickle_and_none_evaluates_a_text(root):
    readers = set()
    for path in (root / "hpt_lab").rglob("*.py"):
        for name, keywords in calls(path):
            last = name.rpartition(".")[2]
            assert last not in ("eval", "exec", "execfile", "literal_eval", "system", "__import__"), f"{path}: {name}"
            assert "allow_pickle" not in keywords, path
            if last == "Unpickler" or (
                last in ("load", "loads") and name not in ("json.load", "json.loads", "np.load")
            ):
                readers.add(path.relative_to(root).as_posix())
    table = re.findall(r"^\| `(hpt_lab/\S+)`", (root / "SECURITY.md").read_text(encoding="utf-8"), re.M)
    assert readers == set(table)


def test_the_tests_that_security_names_exist(root):
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", text)
    assert len(named) >= 3
    assert all((root / name).exists() for name in named)
