"""What each layer runs: quick is part of test, test is part of nightly, and nightly leaves no test out."""

import runpy
import shlex
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests import layers
from tests.mutants.table import MUTANTS

NIGHTLY = layers.ROOT / ".ci" / "nightly.py"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Returns a function that runs git in a repository of its own, in which `layers` then looks."""
    monkeypatch.setattr(layers, "ROOT", tmp_path)

    def git(*arguments):
        named = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        return subprocess.run(["git", *named, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--quiet", "--initial-branch", "main")
    (tmp_path / "old.md").write_text("old", encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    return git


def test_what_has_changed_is_what_is_not_committed_on_the_default_branch(repository, tmp_path):
    assert layers.changed_files() == set()
    (tmp_path / "old.md").write_text("changed", encoding="utf-8")
    (tmp_path / "new.md").write_text("new", encoding="utf-8")
    assert layers.changed_files() == {"old.md", "new.md"}


def test_on_a_branch_it_is_all_of_the_branch_and_from_a_commit_what_came_behind_it(repository, tmp_path):
    repository("checkout", "--quiet", "-b", "work")
    for name in ("one.md", "two.md"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        repository("add", ".")
        repository("commit", "--quiet", "--message", name)
    repository("mv", "old.md", "moved.md")
    assert layers.changed_files() == {"one.md", "two.md", "old.md", "moved.md"}
    assert layers.changed_files("HEAD^") == {"two.md", "old.md", "moved.md"}


def test_a_commit_that_is_none_is_refused_and_a_copy_without_history_knows_of_no_change(
    repository, tmp_path, monkeypatch
):
    with pytest.raises(ValueError, match="no commit nowhere"):
        layers.changed_files("nowhere")
    monkeypatch.setattr(layers, "git", lambda *arguments: None)
    assert layers.changed_files() == set()


def test_a_file_is_about_itself_and_a_folder_about_what_is_in_it():
    assert layers.about(["a/b.md"], {"a/b.md"})
    assert layers.about(["a/b/"], {"a/b/c/d.svg"})
    assert not layers.about(["a/b.md", "a/b/"], {"a/b.md.old", "a/bc/d.svg", "b.md"})
    assert not layers.about([], {"a"})


def item(file="tests/study/test_study.py", name="test_a", fixtures=(), **marks):
    """Return what pytest collects, as far as `layers` looks at it."""
    own = {key: pytest.mark.sweep(*of, **kwargs).mark if key == "sweep" else getattr(pytest.mark, key).mark for key, (of, kwargs) in marks.items()}  # fmt: skip
    return SimpleNamespace(
        path=layers.ROOT / file,
        name=name,
        fixturenames=fixtures,
        get_closest_marker=own.get,
    )


def test_a_test_is_in_the_first_layer_that_its_file_its_name_and_its_marks_allow():
    assert layers.layer_of(item()) == "quick"
    assert layers.layer_of(item(fixtures=("browser",))) == "test"
    assert layers.layer_of(item("tests/loop/test_workers.py")) == "test"
    assert layers.layer_of(item(name="test_mlp_is_what_our_mlp_scores")) == "test"
    assert layers.layer_of(item(nightly=((), {}))) == "nightly"


def test_of_a_sweep_the_sample_and_what_changed_are_in_test_and_nothing_is_in_quick():
    sample, other = (item(sweep=(("a.md",), {"sample": sample})) for sample in (True, False))
    assert layers.layer_of(sample) == "test"
    assert layers.layer_of(other) == "nightly"
    assert layers.layer_of(other, {"a.md"}) == "test"
    assert layers.layer_of(other, {"b.md"}) == "nightly"


def test_what_is_left_to_the_night_is_in_test_where_it_was_changed(monkeypatch):
    monkeypatch.setattr(layers, "NIGHTLY", {"tests/study/test_dear.py": ["hpt_lab/study/"]})
    dear = item("tests/study/test_dear.py")
    assert layers.layer_of(dear) == layers.layer_of(dear, {"hpt_lab/space/space.py"}) == "nightly"
    assert layers.layer_of(dear, {"tests/study/test_dear.py"}) == "test"
    assert layers.layer_of(dear, {"hpt_lab/study/study.py"}) == "test"
    monkeypatch.setattr(layers, "NIGHTLY", {"tests/study/test_study.py::test_b": ["hpt_lab/study/"]})
    assert [layers.layer_of(item(name=name)) for name in ("test_a", "test_b")] == ["quick", "nightly"]
    assert layers.layer_of(item(name="test_b"), {"hpt_lab/study/study.py"}) == "test"


def test_a_layer_keeps_all_of_the_layers_before_it_and_nightly_keeps_every_test():
    every = [item(), item(fixtures=("browser",)), item(sweep=(("a.md",), {})), item(nightly=((), {}))]
    kept = {}
    for layer in (*layers.LAYERS, None):
        left, gone = list(every), []
        hook = SimpleNamespace(pytest_deselected=lambda items, gone=gone: gone.extend(items))
        config = SimpleNamespace(getoption=lambda _, layer=layer: layer, changed=frozenset(), hook=hook)
        layers.pytest_collection_modifyitems(config, left)
        kept[layer] = {id(one) for one in left}
        assert kept[layer] | {id(one) for one in gone} == {id(one) for one in every}, "none is lost unsaid"
    assert kept["quick"] < kept["test"] < kept["nightly"] == kept[None]
    assert len(kept["nightly"]) == len(every)


def test_the_tests_in_a_browser_can_be_asked_for():
    command = shlex.split("-m pytest --collect-only -q -m browser --layer test tests/press/test_printing.py")
    found = subprocess.run([sys.executable, *command], cwd=layers.ROOT, capture_output=True, encoding="utf-8")
    assert "tests/press/test_printing.py::" in found.stdout, found.stdout


def test_no_file_is_kept_from_nightly_or_from_who_asks_for_no_layer():
    for path in [*layers.ROOT.glob("tests/**/*.py"), *layers.ROOT.glob("hpt_lab/**/*.py")]:
        for layer in ("nightly", None):
            config = SimpleNamespace(getoption=lambda _, layer=layer: layer, changed=frozenset())
            assert not layers.pytest_ignore_collect(path, config)


def test_what_the_tables_name_is_there():
    about = [source for sources in layers.NIGHTLY.values() for source in sources]
    entries = [entry.removeprefix("-").partition("::") for entry in (*layers.NOT_QUICK, *layers.NIGHTLY, *about)]
    assert [file for file, *_ in entries if not (layers.ROOT / file).exists()] == []
    for file, _, test in entries:
        assert not test or f"def {test}(" in (layers.ROOT / file).read_text(encoding="utf-8")
    text = "".join(path.read_text(encoding="utf-8") for path in layers.ROOT.glob("tests/**/test_*.py"))
    assert [name for name in layers.NOT_QUICK_TESTS if f"def {name}(" not in text] == []


def test_each_layer_has_its_mutants_and_each_breaks_a_text_that_is_there():
    assert len(MUTANTS) >= 30
    assert {mutant.layer for mutant in MUTANTS} == set(layers.LAYERS)
    for mutant in MUTANTS:
        assert mutant.old != mutant.new
        assert all((layers.ROOT / word).exists() for word in mutant.tests.split() if word.startswith("tests/"))
        if not mutant.built:
            text = (layers.ROOT / mutant.file).read_text(encoding="utf-8")
            assert text.count(mutant.old) == 1, mutant.name


# ---- `make nightly` and `make stress`


def test_nightly_goes_on_when_a_part_fails_and_lists_how_each_ended(capfd, monkeypatch):
    night = runpy.run_path(str(NIGHTLY))
    say = shlex.join([sys.executable, "-c", "print('*** not everything')"])
    parts = {"good": [say], "bad": [shlex.join([sys.executable, "-c", "raise SystemExit(3)"]), say], "last": [say]}
    night["PARTS"].clear()
    night["PARTS"].update(parts, absent=[say])
    monkeypatch.setitem(
        night["nightly"].__globals__, "missing", lambda part: "there is no such thing" if part == "absent" else ""
    )
    rows = night["nightly"]([*parts, "absent"])
    assert [(name, ended) for name, ended, *_ in rows] == [("good", "passed"), ("bad", "FAILED"), ("last", "passed"), ("absent", "not tried: there is no such thing")]  # fmt: skip
    assert all(clock > 0 and work > 0 for _, _, clock, work, _ in rows[:3])
    report = night["report"](rows)
    assert report.count("\n") == 4 + 3  # a row for each, and the remark of each that ran
    assert "good: *** not everything" in report


def test_nightly_refuses_a_part_that_is_none():
    done = subprocess.run([sys.executable, NIGHTLY, "nothing"], capture_output=True, encoding="utf-8")
    assert done.returncode == 1
    assert "no part nothing" in done.stderr


def test_stress_runs_each_time_beside_burners_and_fails_if_one_run_does(capfd):
    stress = runpy.run_path(str(layers.ROOT / ".ci" / "stress.py"))["stress"]
    assert stress(2, [sys.executable, "-c", ""], 1) == 0
    assert stress(2, [sys.executable, "-c", "raise SystemExit(1)"], 1) == 2
