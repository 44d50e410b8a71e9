"""The report in Korean: every word of ours is Korean, and all else is what the English one has."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from string import Formatter

import matplotlib as mpl

mpl.use("agg")

import pytest
from matplotlib.figure import Figure

import hpt_lab as hpt
from hpt_lab import Float, Int, Space, Study
from hpt_lab.__main__ import main
from hpt_lab.plots import studies as plots_of_studies
from hpt_lab.report import page as pages
from hpt_lab.report import report, tables, written
from hpt_lab.report.languages import LANGUAGES, MESSAGES, say
from hpt_lab.report.svg import Drawing
from hpt_lab.study.log import Log

SPACE = Space(
    {"alpha": Float(1e-3, 1e3, log=True), "kind": ["rbf", "{poly}"]},
    depth=Int(1, 9, step=2),
    width=Int(2, 8, log=True, step=2).when(kind=["rbf", "{poly}"], depth=(1, 5)),
)
ERROR = "ValueError: diverged {zeta}"
NAMES = {*SPACE, "rbf", "poly", "gain", "ValueError", "diverged", "zeta"}
CODE = {"Given", "Float", "Int", "Categorical", "UTC"}


class Given:
    def __init__(self, *what):
        self.what = what

    def suggest(self, history):
        return hpt.Suggestion(*self.what)

    def __repr__(self):
        return "Given()"


def told(values, space=None, budgets=None, seconds=1.0, direction="minimize"):
    """A study whose trials have these values, for None failed, and for "?" run still."""
    study = Study(space or Space(alpha=Float(0, 1)), Given(), direction=direction)
    for i, value in enumerate(values):
        study.strategy = Given(study.space.decode([(i + 0.5) / len(values)] * len(study.space)), budgets and budgets[i])
        trial = study.ask()
        if value != "?":
            study.tell(trial, value, error=ERROR if value is None else None)
    study._backend.log = Log(
        enumerate(
            replace(trial, started=1.7e9 + 2 * i, seconds=None if trial.state == "running" else seconds)
            for i, trial in enumerate(study.trials)
        )
    )
    return study


def with_curves(study):
    study._backend.log = Log(
        enumerate(
            trial if trial.value is None else replace(trial, curve=(2.0, trial.value), attributes={"gain": 0.5})
            for trial in study.trials
        )
    )
    return study


@pytest.fixture(scope="module")
def study():
    """With failures, budgets, conditions, categories, learning curves and a trial that runs."""
    values = [1.0, None, 3.0, 5.0, 4.0, 7.0, 8.0, 6.0, 9.0, 5.5, "?"]
    return with_curves(told(values, SPACE, [1, 1, *[9] * 9]))


@pytest.fixture(scope="module")
def both(study):
    return [Page(report(study, language=language)) for language in LANGUAGES]


class Page(HTMLParser):
    """The texts that a reader of a page sees or hears, those of its headings and figures apart, and its tags."""

    def __init__(self, text):
        super().__init__()
        self.whole, self.texts, self.code, self.drawn, self.headings, self.tags, self.open = (
            text,
            [],
            [],
            [],
            [],
            [],
            [],
        )
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.texts += [value for name, value in attributes if name in ("aria-label", "alt", "title")]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside not in ("style", "script"):
            kind = self.code if inside == "pre" else self.drawn if "svg" in self.open else self.texts
            kind.append(data)
        if inside in ("h1", "h2"):
            self.headings.append(data)


def numbers(texts):
    return Counter(re.findall(r"\d+(?:[.:-]\d+)*(?:e[+-]\d+)?", " ".join(texts)))


def test_a_korean_page_has_no_english_word_but_names(both):
    korean = both[1]
    seen = [*korean.texts, *korean.drawn, *re.findall(r'textContent = "(.*?)"', korean.whole)]
    assert set(re.findall(r"[A-Za-z]{3,}", " ".join(seen))) == NAMES | CODE
    assert '<html lang="ko">' in korean.whole
    assert "word-break: keep-all" in korean.whole
    assert re.findall(r'textContent = "(.*?)"', korean.whole) == ["복사", "복사했다"]
    assert len([text for text in korean.drawn if re.search("[가-힣]", text)]) > 10


def test_a_korean_page_has_the_sections_numbers_and_figures_of_the_english_one(both):
    english, korean = both
    assert [say("ko")(heading) for heading in english.headings] == korean.headings
    assert len(korean.headings) == 12
    assert korean.tags.count("svg") == english.tags.count("svg") == 2 + 1 + 1 + 4 + 1
    assert [tag for tag in korean.tags if tag != "use"][:40] == [tag for tag in english.tags if tag != "use"][:40]
    assert numbers(korean.texts) == numbers(english.texts)
    assert korean.code == english.code
    ids = [Counter(re.findall(r' id="(f\d+)-', page.whole)) for page in both]
    assert ids[0] == ids[1] != Counter()


def test_the_script_of_a_korean_page_is_the_one_that_its_policy_allows(both):
    digests = [re.search(r"'(sha256-[^']*)'", page.whole)[1] for page in both]
    assert digests[0] != digests[1]
    script = re.search(r"<script>(.*?)</script>", both[1].whole, re.S)[1]
    assert pages.digest(script) == digests[1].removeprefix("sha256-")


@pytest.mark.parametrize("messages", MESSAGES.values(), ids=MESSAGES)
def test_a_message_has_the_placeholders_of_the_english_one(messages):
    for message, other in messages.items():
        assert _placeholders(message) == _placeholders(other), message
        assert re.search("[가-힣]", other) or message == "{parent} is {values}"
        assert not re.search(r"을\(를\)|이\(가\)|은\(는\)|\}[을를이가은는와과](?![다])", other), message


def _placeholders(message):
    return {(name, spec) for _, name, spec, _ in Formatter().parse(message) if name is not None}


def test_each_message_of_a_report_is_there_in_korean_and_no_other(study, monkeypatch):
    said = set()

    def recorded(message, **values):
        said.add(message)
        return message.format(**values)

    monkeypatch.setattr(written, "say", lambda language: recorded)
    monkeypatch.setattr(pages, "say", lambda language: recorded)
    monkeypatch.setattr(pages, "svg", lambda drawing, *more: drawing.draw(Figure().add_subplot()) and "")
    monkeypatch.setattr(plots_of_studies, "MOST_LINES", 4)
    for seconds in (1.0, 200.0, 6e4, 3e5):
        report(told([4.0, 3.0], seconds=seconds, direction="maximize"))
    report(told([1.0]))
    report(told([4.0, 5.0], SPACE, direction="maximize"))
    report(told([-1.0, -1.5, -2.0], Space(n=Int(1, 3))))
    report(told([1.0, 2.0], Space(n=Int(1, 3)), [9, 1]))
    report(told([4.0, 4.0, 4.0]))
    report(told([1.0, 1e301]))
    report(told([4.0, 3.0, *[5.0] * 7, 1.0], Space({f"x{i}": [1, 2] for i in range(9)})))
    report(study)
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    monkeypatch.setattr("hpt_lab.report.figures.MOST_CURVES", 2)
    report(with_curves(told([1.0, 2.0, 3.0, 4.0])))
    report(Study({"alpha": [1]}, Given()))
    assert said == set(MESSAGES["ko"])


def test_a_file_and_a_command_speak_korean(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["report", "runs.db", "--language", "fr"])
    assert "--language: invalid choice: 'fr'" in capsys.readouterr().err
    Study({"alpha": [1]}, hpt.GridSearch(), storage=tmp_path / "runs.db", name="digits").close()
    assert main(["report", str(tmp_path / "runs.db"), "--language", "ko"]) == 0
    page = capsys.readouterr().out
    assert "<h1>digits</h1>" in page
    assert "끝난 시행이 아직 없다." in page
    Study({"alpha": [1]}, Given()).report(tmp_path / "a.md", language="ko")
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith("# 스터디\n")


@pytest.mark.parametrize("kind", [pages.Html, pages.Markdown])
def test_a_korean_figure_has_letters_of_a_korean_font_where_there_is_one(kind, monkeypatch):
    monkeypatch.setattr(
        "hpt_lab.report.svg.FONTS", {"ko": ("of nobody", "STIXGeneral")}
    )  # matplotlib brings the second
    drawn = []
    for language in LANGUAGES:
        page = kind(language)
        page.figures([Drawing(lambda ax: ax.set_yticks([0], ["ℊℊℊ"]), "")])
        drawn.append(page.parts)
    assert drawn[0] != drawn[1]
