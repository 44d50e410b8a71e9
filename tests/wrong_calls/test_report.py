"""Wrong calls of the report: each is refused in one sentence with name, value and remedy, and nothing is written."""

import pathlib

import pytest

import hpt_lab as hpt
from hpt_lab.tools.report import report

STUDY = hpt.tune(lambda p: p["x"], {"x": [1, 2]}, hpt.GridSearch(), 2, progress=False)

CALLS = {
    "a file without a suffix": (lambda: STUDY.report("search"), ValueError, "report: file='search' must end in .html or .md"),
    "a file of another format": (lambda: STUDY.report("search.pdf"), ValueError, "file='search.pdf' must end in .html or"),
    "a folder": (lambda: STUDY.report(pathlib.Path(".")), ValueError, "file='.' must end in .html or .md"),
    "only a suffix": (lambda: STUDY.report(".html"), ValueError, "file='.html' must end in .html or .md"),
    "no file": (lambda: STUDY.report(None), TypeError, "report: file=None must be the path of a file, such as 'search.html'"),
    "an empty name": (lambda: STUDY.report(""), TypeError, "file='' must be the path of a file"),
    "bytes": (lambda: STUDY.report(b"search.html"), TypeError, "file=b'search.html' must be the path"),
    "a number": (lambda: STUDY.report(3), TypeError, "file=3 must be the path of a file"),
    "a title of a number": (lambda: STUDY.report("a.html", title=3), TypeError, "report: title=3 must be a string"),
    "no study": (lambda: report(None), TypeError, "report: study=None must be a Study"),
    "another format": (lambda: report(STUDY, format="pdf"), ValueError, "format='pdf' must be one of ['html', 'md']"),
    "a language that it does not have": (lambda: STUDY.report("a.html", language="fr"), ValueError, "report: language='fr' must be one of ['en', 'ko']"),
    "a language of a number": (lambda: STUDY.report("a.html", language=3), TypeError, "report: language=3 must be one of ['en', 'ko']"),
    "a folder that is not there": (lambda: STUDY.report("no/a.html"), OSError, "no/a.html"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), CALLS.values(), ids=CALLS)
def test_a_wrong_call_is_refused_in_one_sentence(call, kind, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind) as refused:
        call()
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
    assert len(STUDY.trials) == 2
