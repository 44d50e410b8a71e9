"""The report: what it says, that it needs nothing else, and that names and errors of any kind do no harm."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib as mpl

mpl.use("agg")

import pytest

import hpt_lab as hpt
from hpt_lab import Float, Int, Space, Study, report
from hpt_lab.report.figures import curves, lines, paths
from hpt_lab.report.page import Html
from hpt_lab.report.svg import svg
from hpt_lab.report.tables import MOST_ROWS, as_python, budgets, errors, trials
from hpt_lab.report.words import at_an_end, duration, summary
from hpt_lab.study.log import Log

EVIL = "<script>alert(1)</script>"
SPACE = Space(
    {EVIL: Float(1e-3, 1e3, log=True), "$x$ $\\frac": ["$y$", "</style>", "a" * 9000], "na\nme": Int(1, 9)},
    k=Int(1, 5),
)


def objective(params):
    if params["na\nme"] == 3:
        raise ValueError(f"<img src=x onerror=alert(2)>\n{'x' * 9000}")
    if params["na\nme"] == 4:
        raise MemoryError("out of memory")
    return {"value": params[EVIL] + params["k"], "accuracy": 0.5, "note": "</td><script>"}


@pytest.fixture(scope="module")
def study():
    return hpt.tune(objective, SPACE, hpt.RandomSearch(), 40, seed=0, progress=False)


@pytest.fixture(scope="module")
def page(study):
    return report.report(study, title=f"{EVIL}\n{'t' * 900}")


class Tags(HTMLParser):
    """What a page holds: its tags, ids and texts; a tag that is closed in the wrong order is an error."""

    EMPTY = ("meta", "br", "img")

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.ids, self.cells = [], [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in self.EMPTY:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def test_a_page_is_whole_and_loads_nothing(page):
    tags = Tags(page)
    assert len(tags.ids) == len(set(tags.ids)) > 0
    assert tags.tags.count("script") == 1
    assert not {"img", "link", "iframe"} & set(tags.tags)
    assert set(re.findall(r"https?://[^\s\"<]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "default-src 'none'" in page
    assert tags.tags.count("svg") == 2 + 1 + 4 + 1  # paths, importance, a slice for each hyperparameter, all together
    assert page.count('role="img"') == tags.tags.count("svg")
    assert len(page) < 1_000_000


def test_the_script_of_the_page_is_the_one_that_its_policy_allows(page):
    script = re.search(r"<script>(.*?)</script>", page, re.S)[1]
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in page


def test_no_name_choice_or_error_becomes_markup(page):
    assert page.count("<script") == 1
    assert page.count("</style>") == 1
    for harm in ("<img", "<script>alert", "</td><script>", "a" * 1100, "x" * 500, "t" * 100):
        assert harm not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "$y$" in page  # a text, not mathematics


def test_a_page_says_what_was_found(study, page):
    cells = Tags(page).cells
    assert f"{study.best_value:.6g}" in cells
    assert f"trial {study.best.number}" in page
    failed = study.history.failed
    assert f"{len(failed)} of 40 trials failed" in page
    assert [cell for cell in cells if cell.startswith("MemoryError")] == ["MemoryError: out of memory"]
    assert {"accuracy", "note", "0.5", "</td><script>"} <= set(cells)


def test_the_same_study_has_the_same_figures_and_another_prefix_other_ids():
    drawing = paths(told([2.0, None, 3.0, 1.0]))[1]
    assert svg(drawing, "a-") == svg(drawing, "a-")
    ids = [set(re.findall(r' id="([^"]*)"', svg(drawing, prefix))) for prefix in ("a-", "b-")]
    assert ids[0]
    for prefix, known in zip(("a-", "b-"), ids, strict=True):
        text = svg(drawing, prefix)
        assert known == _referred(text)
    assert not ids[0] & ids[1]


def _referred(text):
    return {a or b for a, b in re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text)}


def test_a_file_is_written_whole_or_not_at_all(study, tmp_path, monkeypatch):
    small = told([1.0])
    assert small.report(tmp_path / "search.md", title="A <b>") == tmp_path / "search.md"
    text = (tmp_path / "search.md").read_text(encoding="utf-8")
    assert text.startswith("# A \\<b\\>\n")
    assert "data:image/png;base64," in text

    def broken(*_):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match=r"search\.md"):
        small.report(tmp_path / "search.md", title="B")
    assert [path.name for path in tmp_path.iterdir()] == ["search.md"]
    assert (tmp_path / "search.md").read_text(encoding="utf-8") == text


def test_a_study_in_a_file_gives_the_page_its_name(tmp_path):
    kept = Study({"x": [1, 2]}, hpt.GridSearch(), storage=tmp_path / "runs.db", name="digits")
    kept.report(tmp_path / "a.HTML")
    page = (tmp_path / "a.HTML").read_text(encoding="utf-8")
    assert "<h1>digits</h1>" in page
    assert "No trial is complete yet." in page
    assert "<title>study</title>" in report.report(Study({"x": [1]}, hpt.GridSearch()))
    kept.close()


def told(values, space=None, direction="minimize", budgets=None):
    """A study whose trials have these values, and for None failed."""
    study = Study(space or Space(x=Float(0, 1)), Given(), direction=direction)
    for i, value in enumerate(values):
        study.strategy = Given(study.space.decode([(i + 0.5) / len(values)] * len(study.space)), budgets and budgets[i])
        study.tell(study.ask(), value, error="no" if value is None else None)
    return study


class Given:
    def __init__(self, *what):
        self.what = what

    def suggest(self, history):
        return hpt.Suggestion(*self.what)


def said(study):
    return " ".join(summary(study)[1:])


def test_the_summary_says_how_much_better_than_the_first_and_whether_it_still_improves():
    early = said(told([4.0, 2.0, *[3.0] * 8]))
    assert "The best value is 2 (trial 1). The first complete trial had 4: the best is 50% lower." in early
    assert "The last 8 complete trials brought nothing better." in early
    late = said(told([4.0, 3.0, *[5.0] * 7, 1.0]))
    assert "The last quarter of the complete trials still improved the best value, from 3 to 1" in late
    quarter = said(told([4.0, 3.0, *[5.0] * 6, 1.0, 5.0]))
    assert "The last quarter of the complete trials still improved" in quarter
    assert "The last 3 complete trials brought nothing better." in said(told([4.0, *[3.0] * 5, 1.0, *[3.0] * 3]))
    assert "the best is 25% higher" in said(told([4.0, 5.0], direction="maximize"))
    assert "No later trial was better." in said(told([1.0, 2.0]))
    assert "%" not in said(told([-1.0, -2.0]))  # of a negative number, a share says nothing
    assert "last" not in said(told([2.0, 1.0]))  # too few to tell


def test_the_summary_says_where_the_best_trial_is_at_an_end_of_its_range():
    space = Space(x=Float(1e-3, 1e3, log=True), n=Int(1, 9), flag=[True, False], two=Int(0, 1), one=Int(4, 4))
    first = told([1.0, *[2.0] * 59], space)  # at 0.008 of every range
    assert {name: at_an_end(first, name) for name in space} == {"x": "lower", "n": "lower", "flag": None, "two": None, "one": None}  # fmt: skip
    last = told([*[2.0] * 59, 1.0], space)
    assert [at_an_end(last, name) for name in "xn"] == ["upper", "upper"]
    middle = told([2.0, 2.0, 1.0, 2.0, 2.0], space)
    assert [at_an_end(middle, name) for name in "xn"] == [None, None]
    assert "n = 9 is at the upper end of its range: better values may lie beyond" in said(last)
    page = Html()
    page.sentences(summary(told([1.0, *[2.0] * 59], Space({EVIL: Float(0, 1)}))))
    assert "&lt;script&gt;" in page.parts[0]
    assert EVIL not in page.parts[0]


def test_the_summary_and_the_budgets_show_a_better_value_at_a_lower_budget():
    study = told([5.0, 0.5, 3.0, 4.0], budgets=[1, 1, 9, 9])
    assert "At a lower budget there is a better value: 0.5 at budget 1 (trial 1)." in said(study)
    assert "The best value is 3 (trial 2) at budget 9, the highest reached." in said(study)
    assert budgets(study).rows == [(9, 2, 3.0, 2), (1, 2, 0.5, 1)]
    assert "lower budget" not in said(told([5.0, 4.0, 3.0], budgets=[1, 1, 9]))


def test_errors_are_grouped_the_most_frequent_first(study):
    table = errors(study)
    counts = [row[0] for row in table.rows]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == len(study.history.failed)
    assert len(table.rows) == 2
    out = [trial.number for trial in study.history.failed if trial.error.startswith("MemoryError")]
    assert next(row for row in table.rows if row[1].startswith("Memory"))[2].startswith(", ".join(map(str, out[:8])))


def test_the_table_has_the_best_first_then_what_failed_and_never_more_than_its_rows():
    study = told([3.0, None, 1.0])
    assert [row[:3] for row in trials(study).rows] == [[2, "complete", 1.0], [0, "complete", 3.0], [1, "failed", None]]
    many = trials(told([float(i) for i in range(MOST_ROWS + 3)]))
    assert [row[1] for row in many.rows] == [float(i) for i in range(MOST_ROWS)]
    assert many.heads[:2] == ["trial", "value"]  # no state where all are complete


def test_params_are_shown_as_python_that_can_be_copied():
    params = {"a": 1e-12, "it's": "x  y", "c": None, "d": [1, {"e": True}]}
    assert eval(as_python(params)) == params
    assert len(as_python({"a": "x" * 5000})) < 1100


def test_curves_and_hundreds_of_lines_are_drawn():
    study = told([float(i) for i in range(160)])
    assert curves(study) is None
    assert "<image" in svg(lines(study), "a")
    study._backend.log = Log(enumerate(replace(trial, curve=(2.0, 1.0)) for trial in study.trials[:5]))
    text = svg(curves(study), "b")
    assert "budget spent" in text
    assert "var(--vermilion)" in text
    assert "#" not in re.sub(r'url\(#[^)]*\)|href="#[^"]*"', "", text)  # no colour that a dark page could not change


@pytest.mark.parametrize("worst", [1.7e308, -1e301])
def test_values_that_fit_on_no_axis_are_told_without_figures(worst):
    page = report.report(told([1.0, worst]), format="md")
    assert f"There are no figures of the values, since {worst:.6g} is among them." in page
    assert "data:image" not in page
    assert "All trials" in page


@pytest.mark.parametrize(("seconds", "text"), [(3.21, "3.21 s"), (99, "99 s"), (600, "10 min"), (15000, "4 h 10 min")])
def test_durations_are_in_words(seconds, text):
    assert duration(seconds) == text
