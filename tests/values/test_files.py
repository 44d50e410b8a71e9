"""Files are written whole or not at all, and what cannot be written is said before the work begins."""

import os
from pathlib import Path

import pytest

import hpt_lab as hpt
from hpt_lab.tools.command_line import main
from hpt_lab.tools.race import Result
from hpt_lab.values.files import check_writable, file_path, write_whole

WRONG = {
    "a missing folder": ("no/page.html", FileNotFoundError, "No such file or directory; make the folder 'no' first"),
    "a folder": ("folder.html", IsADirectoryError, "Is a directory"),
    "under a file": ("file/page.html", NotADirectoryError, "Not a directory"),
}
if os.name == "posix":  # Windows lets few make links
    WRONG["a link to a missing folder"] = ("link.html", FileNotFoundError, "No such file or directory")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("folder.html").mkdir()
    Path("file").touch()
    if os.name == "posix":
        Path("link.html").symlink_to(tmp_path / "gone" / "page.html")


def no_work(*_, **more):
    raise AssertionError("this is the work")


@pytest.mark.parametrize(("path", "kind", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_written_is_said_before_the_work(path, kind, message, monkeypatch, capsys):
    study = hpt.Study({"x": [1]}, hpt.GridSearch(), storage="runs.db")
    monkeypatch.setattr("hpt_lab.tools.report.writing.report", no_work)
    monkeypatch.setattr("hpt_lab.tools.command_line.report", no_work)
    monkeypatch.setattr("hpt_lab.tools.command_line.as_csv", no_work)
    with pytest.raises(kind, match=message) as caught:
        study.report(path)
    assert caught.value.filename == path
    assert "None" not in str(caught.value)
    for command in (["report", "runs.db"], ["export", "runs.db", "--format", "csv"]):
        assert main([*command, "-o", path]) == 1
        assert capsys.readouterr().err.startswith(f"hpt-lab: '{path}' cannot be written: {message}")
    study.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be written")
def test_a_folder_that_is_not_mine():
    os.chmod("folder.html", 0o500)
    with pytest.raises(PermissionError):
        check_writable(Path("folder.html/page.html"))


def test_an_error_names_the_file_that_was_to_be_written(monkeypatch):
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(Path("no/page.html"), "text")
    assert str(caught.value) == "[Errno 2] No such file or directory: 'no/page.html'"

    def broken(*_):
        raise OSError(28, "No space left on device", "somewhere", None, "page.html")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match="No space") as caught:
        write_whole(Path("page.html"), "text")
    assert str(caught.value) == "[Errno 28] No space left on device: 'page.html'"
    assert not Path("page.html").exists()


def test_what_can_be_written_is_not_refused_and_what_is_no_path_is():
    for path in ("page.html", "file", os.devnull):
        check_writable(Path(path))
    with pytest.raises(TypeError, match=r"path=None must be the path of a file, such as 'race.json'"):
        Result.save(None, None)
    assert file_path("report: file", "page.html", "search.html") == Path("page.html")
