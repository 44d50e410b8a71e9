"""The notebooks of a course are written when something that they are made of has changed, and not otherwise."""

import nbformat
import pytest

from book.press.notebooks import freshness, handouts


@pytest.fixture
def updates(tmp_path, monkeypatch):
    """A course of one source and one notebook; returns how often it was written after an update."""
    written = []

    def write(course):
        path = course / "student" / "01.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((tmp_path / "source.md").read_text(encoding="utf-8"), encoding="utf-8")
        written.append(path)
        return [path]

    (tmp_path / "source.md").write_text("a", encoding="utf-8")
    monkeypatch.setattr(handouts, "ROOT", tmp_path)
    monkeypatch.setattr(handouts, "COURSE", tmp_path / "course")
    monkeypatch.setattr(handouts, "STAMP", tmp_path / "stamps" / "course")
    monkeypatch.setattr(handouts, "SOURCES", ("*.md",))
    monkeypatch.setattr(handouts, "write", write)
    return lambda: handouts.update() or len(written)


def test_a_course_is_written_once(updates, capsys):
    assert (updates(), updates()) == (1, 1)
    assert capsys.readouterr().out.splitlines()[1:] == ["course/ is up to date"]


def test_a_course_is_written_again_when_a_source_or_a_handout_is_another_or_gone(updates, tmp_path):
    assert updates() == 1
    (tmp_path / "source.md").write_text("b", encoding="utf-8")
    assert updates() == 2
    handout = tmp_path / "course" / "student" / "01.ipynb"
    handout.write_text("changed by hand", encoding="utf-8")
    assert updates() == 3
    assert handout.read_text(encoding="utf-8") == "b"
    handout.unlink()
    assert updates() == 4
    (tmp_path / "more.md").touch()
    assert updates() == 5


def test_a_digest_knows_names_and_bytes_and_leaves_caches_out(tmp_path):
    (tmp_path / "__pycache__").mkdir()
    cached, file = tmp_path / "__pycache__" / "a.pyc", tmp_path / "a.py"
    file.write_text("1", encoding="utf-8")
    before = freshness.digest(tmp_path, tmp_path.rglob("*"))
    cached.write_text("2", encoding="utf-8")
    assert freshness.digest(tmp_path, tmp_path.rglob("*")) == before
    file.rename(tmp_path / "b.py")
    assert freshness.digest(tmp_path, tmp_path.rglob("*")) != before


def test_both_versions_stand_in_each_language_with_the_wheel_beside_them(tmp_path, root):
    written = handouts.write(tmp_path)
    chapters = sorted(path.parent.name for path in root.glob("chapters/*/exercises.ipynb"))
    folders = [tmp_path / place / version for place in ("", "ko") for version in handouts.VERSIONS]
    assert sorted(written) == sorted(folder / f"{chapter}.ipynb" for folder in folders for chapter in chapters)
    for folder in folders:
        assert len(list(folder.glob("*.whl"))) == 1
        solved = folder.name == "solution"
        notebook = nbformat.read(folder / f"{chapters[0]}.ipynb", as_version=4)
        assert any("BEGIN SOLUTION" in cell.source for cell in notebook.cells) == solved
        assert any("검사 통과" in cell.source for cell in notebook.cells) == ("ko" in folder.parts)
