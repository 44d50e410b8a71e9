"""The report: what it says, that it needs nothing else, and that names and errors of any kind do no harm."""

import base64
import hashlib
import json
import re
import warnings
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from matplotlib.figure import Figure

import hpt_lab as hpt
from hpt_lab import Float, Int, Space, Study
from hpt_lab.tools.command_line import main
from hpt_lab.tools.report import facts, languages, report, tables
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.figures import curves, lines, paths, slices, svg
from hpt_lab.tools.report.sections import Page, Section, compose
from hpt_lab.tools.report.sentences import duration, improving, pressed, summary
from hpt_lab.tools.report.writing import html, markdown
from hpt_lab.tools.serve.feed import Feed, as_json

EVIL = "<script>alert(1)</script>"
SHARES = hpt.Importance({"alpha": 0.9}, {"alpha": 0.1}, 0.1, 0.05, 4, None)


def test_a_page_is_whole_and_loads_nothing(page):
    assert len(page.ids) == len(set(page.ids)) > 0
    assert page.tags.count("script") == 1
    assert not {"img", "link", "iframe"} & set(page.tags)
    assert not re.findall(r"https?://[^\s\"<]+", page.whole)
    assert "default-src 'none'" in page.whole
    assert (
        page.tags.count("svg") == 2 + 1 + 4 + 1 + 1
    )  # paths, importance, a slice for each hyperparameter, a map, all together
    assert page.whole.count('role="img"') == page.tags.count("svg")
    assert len(page.whole) < 1_000_000


def test_advice_is_given_on_what_the_best_trial_has():
    space = Space(kind=["a", "b"], n=Int(1, 9).when(kind="a"))
    study = Study(space, hpt.RandomSearch())
    for i in range(20):
        study.add({"kind": "a", "n": 9 if i < 5 else 1 + i % 8}, float(i))
    assert pressed(study) == {"n": "upper"}
    study.add({"kind": "b"}, -1.0)
    assert pressed(study) == {}
    assert "\u22121 (trial 20)" in summary(Facts(study, ValueError("left out")))[1]


def test_the_script_of_the_page_is_the_one_that_its_policy_allows(page):
    digest = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.whole
    assert "aria-sort" in page.script


def test_no_name_choice_or_error_becomes_markup(page):
    assert page.whole.count("<script") == 1
    assert page.whole.count("</style>") == 1
    for harm in ("<img", "<script>alert", "</td><script>", "a" * 1100, "x" * 500, "t" * 100):
        assert harm not in page.whole
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.whole
    assert "$y$" in page.whole  # a text, not mathematics


def test_every_part_of_a_page_is_escaped():
    section = Section("", EVIL, EVIL, EVIL, table=tables.Table([EVIL], [[EVIL]]))
    text = html(Page(EVIL, [(EVIL, EVIL)], [EVIL], [section], str.format), "en")
    assert EVIL not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2 + 2 + 1 + 3 + 3  # of the table its label, too
    plain = markdown(Page(EVIL, [(EVIL, EVIL)], [EVIL], [section], str.format), "en")
    assert plain.count(EVIL) == 1  # inside the fence
    assert plain.count("\\<script\\>alert(1)\\</script\\>") == 1 + 2 + 1 + 2 + 2


def test_a_page_says_what_came_out(harmful, page):
    assert f"{harmful.best_value:.6g}" in page.cells
    assert f"trial {harmful.best.number}" in page.whole
    assert f"{len(harmful.history.failed)} of 40 trials failed" in page.whole
    assert [cell for cell in page.cells if cell.startswith("MemoryError")] == ["MemoryError: out of memory"]
    assert {"accuracy", "note", "0.5", "</td><script>"} <= set(page.cells)
    assert page.headings[1:] == [
        "The best trial",
        "How the best value came about",
        "Which hyperparameters matter",
        "Each hyperparameter against the value",
        "Two hyperparameters together",
        "All of them together",
        "What failed",
        "All trials",
        "Search space",
        "How it was made",
    ]


def test_a_number_is_sorted_by_all_its_digits(facts_of, monkeypatch):
    monkeypatch.setattr("hpt_lab.tools.report.writing.svg", lambda *drawing: "")
    page = html(compose(facts_of([1 / 3, 0.25]), None, str.format), "en")
    assert f'<td class="n" data-v="{1 / 3!r}">0.333333</td>' in page
    assert '<td class="n">0.25</td>' in page
    assert '<th scope="col">strategy</th>' not in page


def test_columns_of_numbers_are_known(facts_of):
    assert tables.Table(["a", "b", "c"], [[1, "x", None], [None, 2, 0.5]]).numeric() == [True, False, True]
    assert tables.Table(["a"], [[True]]).numeric() == [False]


def test_a_report_is_of_one_moment(study_of, monkeypatch):
    """While it is made, others tell; the page shows the study as it was, in every number and figure."""
    study, shown = study_of([3.0, 2.0, 1.0]), []

    def meanwhile(snapshot):
        study.add({"alpha": 0.5}, -7.0)
        raise ValueError(f"{len(snapshot.trials)} trials")

    monkeypatch.setattr(facts, "importance", meanwhile)
    monkeypatch.setattr("hpt_lab.tools.report.writing.svg", lambda drawing, *more: shown.append(drawing) or "")
    page = report(study)
    assert study.best_value == -7.0
    assert "3 trials: 3 complete" in page
    assert "<p>3 trials.</p>" in page
    assert "-7" not in page
    ax = Figure().add_subplot()
    shown[0].draw(ax)
    assert ax.get_lines()[0].get_ydata().tolist() == [3.0, 2.0, 1.0]


def test_a_report_fits_the_surrogates_once_and_draws_each_figure_once(study_of, monkeypatch):
    fits, drawings = [], []
    monkeypatch.setattr(facts, "importance", lambda study: fits.append(study) or SHARES)
    monkeypatch.setattr("hpt_lab.tools.report.writing.svg", lambda drawing, *more: drawings.append(drawing.alt) or "")
    report(study_of([3.0, 2.0, 1.0, 4.0]))
    assert len(fits) == 1
    assert len(drawings) == len(set(drawings)) == 2 + 1 + 1 + 1


@pytest.mark.parametrize("steered", [False, True])
def test_the_page_alone_says_that_the_trials_lie_unevenly(study_of, monkeypatch, recwarn, steered):
    def warned(study):
        if steered:
            warnings.warn("importance: uneven", stacklevel=2)
        return replace(SHARES, steered=steered)

    monkeypatch.setattr(facts, "importance", warned)
    assert ("These trials lie unevenly" in report(study_of([3.0, 2.0, 1.0, 4.0]))) == steered
    assert not recwarn.list


def test_the_same_study_has_the_same_figures_and_another_prefix_other_ids(facts_of):
    of = facts_of([2.0, None, 3.0, 1.0])
    drawing = slices(of, of.history.incumbent)[0]
    text, other = svg(drawing, "a-"), svg(drawing, "b-")
    assert text == svg(drawing, "a-")
    assert other == text.replace('"a-', '"b-').replace("#a-", "#b-")
    ids = re.findall(r' id="([^"]*)"', text)
    assert set(ids) == {a or b for a, b in re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text)} != set()
    assert all(name.startswith("a-") for name in ids)


def test_a_name_that_looks_like_a_color_stays_as_it_is(facts_of):
    of = facts_of([2.0, 3.0], Space({"#6b7280": Float(0, 1)}))
    text = svg(slices(of, of.history.incumbent)[0], "a-")
    assert ">#6b7280</text>" in text
    assert "var(--grey)" in text


def test_a_file_is_written_whole_or_not_at_all(study_of, tmp_path, monkeypatch):
    monkeypatch.setattr("hpt_lab.tools.report.writing.rendered", lambda *drawing: b"a picture")
    small = study_of([1.0])
    assert small.report(tmp_path / "search.md", title="A <b>") == tmp_path / "search.md"
    text = (tmp_path / "search.md").read_text(encoding="utf-8")
    assert text.startswith("# A \\<b\\>\n")
    assert f"(data:image/png;base64,{base64.b64encode(b'a picture').decode()})" in text

    def broken(*_):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("os.replace", broken)
    empty = Study({"x": [1]}, hpt.GridSearch())
    with pytest.raises(OSError, match=r"search\.md"):
        empty.report(tmp_path / "search.md", title="B")
    assert [path.name for path in tmp_path.iterdir()] == ["search.md"]
    assert (tmp_path / "search.md").read_text(encoding="utf-8") == text


def test_markdown_escapes_every_sign_that_means_something_to_it():
    study = Study({"$x$ | `a` *b* _c_ [d](e) <f> & # ~g~ \\": [1, 2]}, hpt.GridSearch())
    page = markdown(compose(Facts(study), "$1$", str.format), "en")
    assert page.startswith("# \\$1\\$\n")
    assert "| \\$x\\$ \\| \\`a\\` \\*b\\* \\_c\\_ \\[d\\](e) \\<f\\> \\& \\# \\~g\\~ " in page


def test_a_study_in_a_file_gives_the_page_its_name(tmp_path):
    kept = Study({"x": [1, 2]}, hpt.GridSearch(), storage=tmp_path / "runs.db", name="digits")
    kept.report(tmp_path / "a.HTML")
    page = (tmp_path / "a.HTML").read_text(encoding="utf-8")
    assert "<h1>digits</h1>" in page
    assert "No trial is complete yet." in page
    assert "<title>study</title>" in report(Study({"x": [1]}, hpt.GridSearch()))
    kept.close()


def said(facts):
    return " ".join(summary(facts)[1:])


def test_the_summary_says_how_much_better_than_the_first_and_whether_it_still_improves(facts_of):
    early = said(facts_of([4.0, 2.0, *[3.0] * 8]))
    assert "The best value is 2 (trial 1). The first complete trial had 4: the best is 50% lower." in early
    assert "None of the last 8 complete trials was better." in early
    late = said(facts_of([4.0, 3.0, *[5.0] * 5, 5.0, 2.0, 1.0]))
    assert "The last quarter of the complete trials still improved the best value, from 3 to 1: more trials" in late
    assert "last" not in said(facts_of([4.0, 3.0, *[5.0] * 7, 1.0]))  # one alone is luck in 1 case of 4
    assert "None of the last 3 complete trials was better." in said(facts_of([4.0, *[3.0] * 5, 1.0, *[3.0] * 3]))
    assert "the best is 25% higher" in said(facts_of([4.0, 5.0], direction="maximize"))
    assert "No later trial was better." in said(facts_of([1.0, 2.0]))
    for values in ([1.0, 2.6e-7], [0.03, 0.03 - 1e-9]):
        assert "%" not in said(facts_of(values))  # neither "100% lower" nor "0% lower"
    assert "%" not in said(facts_of([1e-308, 1e301], direction="maximize"))
    for values, direction in (([-1.0, -2.0], "minimize"), ([-1.0, 2.0], "maximize"), ([2.0, -1.0], "minimize")):
        assert "%" not in said(facts_of(values, direction=direction))  # of a negative number, a share says nothing
    assert "last" not in said(facts_of([2.0, 1.0]))  # too few to tell


def test_a_search_still_improves_only_if_two_late_trials_gain_what_counts():
    early = [9.0, 5.0, 7.0, 5.0, 6.0, 8.0]
    assert improving([*early, 3.0, 4.0])
    assert not improving([*early, 3.0, 5.5])  # one alone
    assert not improving([*early, 4.99, 4.98])  # little, beside 7 - 4.98
    assert not improving([*early[:5], 4.0, 3.0])  # too few
    alike = [value * 1e-9 + 0.03 for value in [*early, 3.0, 4.0]]
    assert improving(alike)


def test_no_gain_is_told_below_the_digits_shown(facts_of):
    values = [0.03 + value * 1e-10 for value in (9, 5, 7, 5, 6, 8, 3, 4)]
    assert improving(values)
    assert "improve" not in said(facts_of(values))


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("dimension", [Float(0, 1), Int(1, 5), Float(1e-3, 1e3, log=True), Int(0, 100)])
@pytest.mark.parametrize("gathered", [False, True])
def test_the_best_trials_press_against_the_end_that_hides_the_optimum(dimension, upper, gathered):
    space = Space(x=dimension, flag=[True, False], two=Int(0, 1), one=Int(4, 4), y=Float(0, 1))
    never = {"flag", "two", "one"}  # no order, or fewer than three values

    def of(at):
        """A study whose loss is the distance from `at`, of spread trials, or of such that gather at an end, too."""
        study, rng = Study(space, hpt.RandomSearch()), np.random.default_rng(0)
        for i in range(60):
            u = rng.random(5)
            if gathered and i >= 20:
                u[0] = upper
            u[0] = dimension.encode(dimension.decode(u[0]))
            study.add(space.decode(u.tolist()), abs(u[0] - at) + 0.01 * abs(u[4] - 0.5))
        return study

    assert pressed(of(float(upper)))["x"] == ("upper" if upper else "lower")
    assert "x" not in pressed(of(0.5))
    assert not never & set(pressed(of(float(upper))))


# C and the error of an SVC on unscaled wines, as twenty trials of Bayesian optimization tried them.
TO_THE_END = """100 5960.68 173352 0.54615 0.0517902 4080.71 681020 0.16052 11992.8 152324 994581 994581 79235.5 340101 997976 997976
987006 999908 999908 999908"""
ERRORS = (
    """.1457 .2576 .1398 .2913 .601 .224 .601 .32 .0837 .0557 .0559 .0614 .0616 .0614 .0502 .0446 .05 .0446 .05 .0446"""
)


@pytest.mark.parametrize("farther", [0.0, 1e6])
def test_a_search_whose_best_five_are_all_at_the_bound_is_told_so_whichever_of_them_is_a_hair_farther(farther):
    study = Study(Space(C=Float(1e-2, 1e6, log=True)), hpt.RandomSearch())
    for C, error in zip(map(float, TO_THE_END.split()), map(float, ERRORS.split()), strict=True):
        study.add({"C": C - farther * (0.065 - error) * (C > 9e5)}, error)
    assert min(trial.params["C"] for trial in study.history.ranked[:5]) > 9.7e5
    assert pressed(study) == {"C": "upper"}


def test_trials_that_gather_at_an_end_for_no_reason_are_no_advice():
    at_end = advised = 0
    for seed in range(20):
        study, rng = Study(Space(x=Float(0, 1), y=Float(0, 1)), hpt.RandomSearch()), np.random.default_rng(seed)
        for i in range(60):  # y alone matters, and gets better with time, as x goes to its end
            x = rng.random() if i < 30 else 1.0
            study.add({"x": x, "y": (y := rng.random() / (1 + i))}, y)
        at_end += study.history.ranked[0].params["x"] == 1.0
        advised += "x" in pressed(study)
    assert at_end > 10
    assert advised <= 1


def test_the_summary_says_where_the_best_trials_lie_at_an_end(facts_of):
    last = facts_of([9.0 - i for i in range(9)], Space({EVIL: Int(1, 9)}))
    assert pressed(last.study) == {}  # nine trials, of which one is at the end
    study = Study(Space({EVIL: Int(1, 5)}), hpt.RandomSearch())
    for i in range(40):
        study.add({EVIL: 1 + i % 5}, 5.0 - i % 5 + i / 100)
    last = facts_of(study)
    assert f"lie at the upper end of the range of {EVIL} (the best at 5): better values may lie beyond" in said(last)
    assert EVIL not in html(Page("", [], summary(last), [], str.format), "en")


def test_the_summary_and_the_budgets_show_a_better_value_at_a_lower_budget(facts_of):
    facts = facts_of([5.0, 0.5, 3.0, 4.0], budgets=[1, 1, 9, 9])
    assert "At a lower budget there is a better value: 0.5 at budget 1 (trial 1)." in said(facts)
    assert "The best value is 3 (trial 2) at budget 9, the highest reached. No later trial was better." in said(facts)
    assert tables.budgets(facts).rows == [(9, 2, 3.0, 2), (1, 2, 0.5, 1)]
    assert "lower budget" not in said(facts_of([5.0, 4.0, 3.0], budgets=[1, 1, 9]))
    accuracy = facts_of([0.9, 0.5, 0.7], budgets=[1, 9, 9], direction="maximize")
    assert "At a lower budget there is a better value: 0.9 at budget 1 (trial 0)." in said(accuracy)
    assert "lower budget" not in said(facts_of([0.6, 0.7], budgets=[1, 9], direction="maximize"))


def test_the_figure_counts_trials_as_the_tables_do(facts_of):
    facts, ax = facts_of([2.0, None, 3.0, 1.0]), Figure().add_subplot()
    paths(facts, facts.history.incumbent)[0].draw(ax)
    assert list(ax.collections[0].get_offsets()[:, 0]) == [0, 2, 3]
    assert facts.history.incumbent.number == 3


def test_errors_are_grouped_the_most_frequent_first(harmful, facts_of):
    table, failed = tables.errors(facts_of(harmful)), harmful.history.failed
    counts = [row[0] for row in table.rows]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == len(failed)
    assert len(table.rows) == 2
    out = [trial.number for trial in failed if trial.error.startswith("MemoryError")]
    assert next(row for row in table.rows if row[1].startswith("Memory"))[2].startswith(", ".join(map(str, out[:8])))


def test_the_table_has_the_best_first_then_what_failed_and_never_more_than_its_rows(facts_of):
    rows = [list(row[:3]) for row in tables.trials(facts_of([3.0, None, 1.0, "?"])).rows]
    assert rows == [[2, "complete", 1.0], [0, "complete", 3.0], [3, "running", None], [1, "failed", None]]
    many = tables.trials(facts_of([1.0] * (tables.MOST_ROWS + 3)))
    assert [row[0] for row in many.rows] == list(range(tables.MOST_ROWS))
    assert many.heads == ["trial", "value", "alpha", "seconds"]  # no state where all are complete


def test_each_column_has_a_name_of_its_own():
    space = Space(x=Float(0, 1), trial=[5], seconds=[3], state=["a"])
    study = Study(space, hpt.RandomSearch())
    attributes = {"seconds": 7, "x": 8, "value": 9, "score": 10}
    study.tell(study.ask(), 1.0, attributes=attributes)
    study.tell(study.ask(), error="no")
    for say in (str.format, languages.say("ko")):
        table = tables.trials(Facts(study, ValueError()), say)
        assert len({*table.heads}) == len(table.heads)
    table = tables.trials(Facts(study, ValueError()))
    shown = dict(zip(table.heads, table.rows[0], strict=True))
    attributes = [shown[f"attribute_{name}"] for name in ("seconds", "x", "value")]
    params = [shown[f"param_{name}"] for name in ("trial", "seconds", "state")]
    assert (attributes, params, shown["score"]) == ([7, 8, 9], [5, 3, "a"], 10)
    assert (shown["trial"], shown["state"], shown["value"]) == (0, "complete", 1.0)
    heads = re.findall("<th>(.*?)</th>", study._repr_html_())
    assert heads == ["trial", "state", "value", "x", "param_trial", "seconds", "param_state"]


def test_a_name_that_would_come_twice_comes_once_in_every_table(tmp_path, capsys):
    space = Space({"number": Float(0, 1), "param_number": Int(1, 9), "trial": [5], "param_trial": [6]})
    study = Study(
        space, hpt.RandomSearch(), directions={"trial": "minimize", "seconds": "maximize"}, storage=tmp_path / "a.db"
    )
    attributes = {"seconds": 7, "attribute_seconds": 8, "value_seconds": 9, "number": 10}
    study.tell(study.ask(), (1.0, 2.0), constraints={"trial": -1.0, "number": 0.0}, attributes=attributes)
    table, frame = tables.trials(Facts(study, ValueError())), study.to_frame()
    assert main(["show", str(tmp_path / "a.db")]) == 0
    shown = re.split("  +", capsys.readouterr().out.splitlines()[0])
    heads = re.findall("<th>(.*?)</th>", study._repr_html_())
    for names in (table.heads, list(frame.columns), heads, shown):
        assert len(names) == len(set(names))
    row = dict(zip(table.heads, table.rows[0], strict=True))
    assert (row["trial"], row["value_trial"], row["value_seconds"], row["constraint_trial"]) == (0, 1.0, 2.0, -1.0)
    assert (row["attribute_attribute_seconds"], row["attribute_seconds"], row["attribute_value_seconds"]) == (7, 8, 9)
    assert (frame["number"][0], frame["param_number"][0]) == (0, study.trials[0].params["param_number"])
    assert frame["param_param_number"][0] == study.trials[0].params["number"]


def test_what_people_noted_is_in_the_report_and_nothing_else_that_a_file_has_there(study_of):
    study = study_of([2.0, 1.0])
    study.note(remarks={"10": "later", "2": EVIL, "": "for <b>", "x": 5})
    rows = tables.remarks(Facts(study, ValueError())).rows
    assert rows == [("study", "for <b>"), ("trial 2", EVIL), ("trial 10", "later")]
    assert "## Notes" in markdown(compose(Facts(study, ValueError()), None, str.format), "en")
    study.note(remarks=["no", "dict"])
    assert "## Notes" not in markdown(compose(Facts(study, ValueError()), None, str.format), "en")


def test_a_row_holds_its_trial_in_detail_as_the_live_page_tells_it(study_of, front_of, monkeypatch):
    monkeypatch.setattr("hpt_lab.tools.report.writing.svg", lambda *drawing: "")
    study = study_of([3.0, None, 1.0, 5.0, "?"], curve=[2.0])
    study.note(remarks={"3": f"it's {EVIL}"})
    whole, feed = html(compose(Facts(study, SHARES), None, str.format), "en"), Feed(study)
    rows = [json.loads(unescape(row)) for row in re.findall(r"<tr data-it='([^']*)'>", whole)]
    numbers = [row[0] for row in tables.trials(Facts(study, SHARES)).rows]
    assert len(rows) == len(numbers) == 5
    for number, row in zip(numbers, rows, strict=True):
        told = json.loads(as_json(feed.trial(str.format, number)))
        best = json.loads(as_json(tables.curve(study.trials[row["beside"]]))) if "beside" in row else []
        assert told.pop("rows")[0] == ["trial", str(number)]
        assert (told, study.trials[number].params) == ({**row, "best": best}, eval(row["code"]))
    by_number = dict(zip(numbers, rows, strict=True))
    assert by_number[3]["lines"] == ["Rank 3 of 3.", "Started 2023-11-14 22:13:26 UTC.", f"Note: it's {EVIL}"]
    assert (by_number[3]["curve"], by_number[3]["beside"]) == ([[1, 2.0], [2, 5.0]], 2)
    assert (by_number[2]["caption"], "beside" in by_number[2]) == ("The value after each unit of budget.", False)
    assert (by_number[1]["error"], by_number[1]["lines"][0][:7]) == ("ValueError: diverged {zeta}", "Started")
    front = html(compose(Facts(front_of([(1, 2), (2, 3)]), SHARES), None, str.format), "en")
    assert front.count("<tr data-it=") == 2 + 2  # of the front, and of all


def test_a_curve_of_any_length_has_forty_points_at_most_and_its_ends(study_of):
    values = [1 / (1 + i) for i in range(1000)]
    points = tables.curve(replace(study_of([1.0]).trials[0], curve=tuple(values)))
    assert (len(points), points[0], points[-1]) == (40, (1, 1.0), (1000, 0.001))
    assert tables.curve(replace(study_of([1.0]).trials[0], curve=(1.0,))) == []


def test_a_map_is_of_the_two_that_matter_most_and_of_none_that_some_trial_lacks():
    space = Space(
        a=Float(0, 1),
        b=Float(0, 1),
        kind=["x", "y"],
        c=Float(0, 1).when(kind="x"),
        one=[1],
        many=list(map(str, range(50))),
    )
    study = Study(space, hpt.RandomSearch())
    for _ in range(12):
        study.tell(trial := study.ask(), trial.params["b"])
    shares = hpt.Importance(
        dict.fromkeys(["c", "b", "many", "kind", "one", "a"], 0.1), dict.fromkeys(space, 0.1), 0.4, 0.1, 12, None
    )
    of = Facts(study, shares)
    assert of.mapped == ["b", "kind", "a"]
    sections = {section.name: section for section in compose(of, None, str.format).sections}
    assert sections["map"].drawings[0].alt == "The expected value over b and kind."
    ax = Figure().add_subplot()
    sections["map"].drawings[0].draw(ax)
    assert (ax.get_xlabel(), ax.get_ylabel(), [text.get_text() for text in ax.texts]) == ("b", "kind", ["best"])
    names = [section.name for section in compose(Facts(study, ValueError("left out")), None, str.format).sections]
    assert "map" not in names


def test_params_are_shown_as_python_that_can_be_copied():
    params = {"a": 1e-12, "it's": "x  y", "c": None, "d": [1, {"e": True}]}
    assert eval(tables.as_python(params)) == params
    assert len(tables.as_python({"a": "x" * 5000})) < 1100


def test_curves_and_hundreds_of_lines_are_drawn(facts_of):
    facts = facts_of([1.0] * 160)
    assert curves(facts) is None
    text = svg(lines(facts), "a")
    assert "<image" in text
    assert ">0.5</text>" in text  # the letters over the lines are letters
    text = svg(curves(facts_of([1.0, 2.0, 3.0], curve=[2.0])), "b")
    assert "budget spent" in text
    assert "var(--gold)" in text
    assert "var(--vermilion)" not in text
    assert "#" not in re.sub(r'url\(#[^)]*\)|href="#[^"]*"', "", text)  # no color that a dark page could not change


@pytest.mark.parametrize("worst", [1.7e308, -1e301])
def test_values_that_fit_on_no_axis_are_told_without_figures(study_of, worst):
    page = report(study_of([1.0, worst]), format="md")
    assert f"The values are not drawn, since one of them, {worst:.6g}, does not fit on any axis." in page
    assert "data:image" not in page
    assert "All trials" in page


@pytest.mark.parametrize(("seconds", "text"), [(3.21, "3.21 s"), (99, "99 s"), (600, "10 min"), (15000, "4 h 10 min")])
def test_durations_are_in_words(seconds, text):
    assert duration(seconds) == text
