"""The report in Korean: every word of ours is Korean, and all else is what the English one has."""

import re
from collections import Counter
from string import Formatter

import numpy as np
import pytest
from matplotlib.figure import Figure

import hpt_lab as hpt
from hpt_lab import Int, Space, Study
from hpt_lab.plots import studies as plots_of_studies
from hpt_lab.tools.command_line import main
from hpt_lab.tools.report import figures, report, tables, writing
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.figures import Drawing, rendered, svg
from hpt_lab.tools.report.languages import LANGUAGES, messages, say
from hpt_lab.tools.report.sections import compose
from hpt_lab.tools.report.worth import beside, verdict

NAMES = {"alpha", "kind", "depth", "width", "rbf", "poly", "gain", "ValueError", "diverged", "zeta"}
CODE = {"Fixed", "Float", "Int", "Categorical", "CSV", "UTC"}


def numbers(texts):
    return Counter(re.findall(r"\d+(?:[.:-]\d+)*(?:e[+-]\d+)?", " ".join(texts)))


def test_a_korean_page_has_no_english_word_but_names(both):
    korean = both[1]
    assert set(re.findall(r"[A-Za-z]{3,}", " ".join([*korean.texts, *korean.drawn]))) == NAMES | CODE
    assert '<html lang="ko">' in korean.whole
    assert "word-break: keep-all" in korean.whole
    assert {"복사", "복사했다", "그림", "찾기", "CSV로 받기"} <= set(korean.texts)
    assert not re.search(r'textContent = "', korean.script)  # its words are in the page
    assert len([text for text in korean.drawn if re.search("[가-힣]", text)]) > 10


def test_a_korean_page_has_the_sections_numbers_and_figures_of_the_english_one(both):
    english, korean = both
    assert [say("ko")(heading) for heading in english.headings] == korean.headings
    assert len(korean.headings) == 13
    assert korean.tags.count("svg") == english.tags.count("svg") == 2 + 1 + 1 + 4 + 1 + 1
    assert korean.tags[: korean.tags.index("svg")] == english.tags[: english.tags.index("svg")]
    assert numbers(korean.texts) == numbers(english.texts)
    assert korean.code == english.code
    assert {name.partition("-")[0] for name in korean.ids} == {f"f{i}" for i in range(1, 11)}
    assert korean.script == english.script != ""


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_message_has_the_placeholders_of_the_english_one(language):
    for message, other in messages(language).items():
        assert _placeholders(message) == _placeholders(other), message
        assert re.search("[가-힣]", other) or message == "{parent} is {values}"
        assert not re.search(r"을\(를\)|이\(가\)|은\(는\)|\}[을를이가은는와과](?![다])", other), message


def _placeholders(message):
    return {(name, spec) for _, name, spec, _ in Formatter().parse(message) if name is not None}


def _stopped():
    """A study with a run that was given up."""

    def objective(params):
        yield from (params["depth"], params["depth"] - 0.5)

    rule, points = hpt.MedianStopping(n_trials=1), hpt.ManualSearch([{"depth": 1}, {"depth": 2}])
    return hpt.tune(objective, Space(depth=Int(1, 9)), points, 2, stopping=rule, progress=False)


@pytest.mark.usefixtures("both")  # whose English page is recorded
def test_each_message_of_a_report_is_there_in_korean_and_no_other(
    study, study_of, front_of, said, recorded, monkeypatch
):
    def speak(study, *headings):
        """Say all that is written, and what the figures say under these headings."""
        page = compose(Facts(study), None, recorded)
        writing.html(page, "en"), writing.markdown(page, "en")
        for section in page.sections:
            for drawing in section.drawings if section.heading in headings else ():
                drawing.draw(Figure().add_subplot())

    monkeypatch.setattr(writing, "svg", lambda *drawing: "")
    monkeypatch.setattr(writing, "rendered", lambda *drawing: b"")
    monkeypatch.setattr(plots_of_studies, "MOST_LINES", 4)
    for seconds in (1.0, 200.0, 6e4, 3e5):
        speak(study_of([4.0, 3.0], seconds=seconds, direction="maximize"), "How the best value came about")
    speak(study_of([1.0]))
    speak(study_of([4.0, 5.0], study.space, direction="maximize"))
    speak(study_of([-1.0, -1.5, -2.0], Space(n=Int(1, 3))))
    speak(study_of([1.0, 2.0], Space(n=Int(1, 3)), [9, 1]))
    speak(study_of([4.0, 4.0, 4.0]))
    speak(study_of([1.0, 1e301]))
    speak(study_of([4.0, 3.0, *[5.0] * 6, 2.0, 1.0], Space({f"x{i}": [1, 2] for i in range(9)})))
    speak(study_of(list(map(float, range(40))), Space(n=Int(1, 5))))
    speak(study_of(list(map(float, range(40, 0, -1))), Space(n=Int(1, 5))))
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    monkeypatch.setattr(figures, "MOST_CURVES", 2)
    learning = study_of([1.0, 2.0, 3.0, 4.0, 5.0], curve=[2.0])
    speak(learning, "Learning curves", "All of them together")
    speak(Study({"alpha": [1]}, hpt.GridSearch()))
    speak(front_of([(1, 2), (2, 1), (0, 9)], infeasible=[2]), "The front")
    speak(front_of([(1, 2), (2, 3)], space=Space(a=Int(1, 3), b=Int(1, 3))))
    speak(_stopped(), "How the best value came about")
    noted = study_of([4.0, 3.0])
    noted.note(remarks={"": "a", "1": "b"})
    speak(noted)
    steered = hpt.Importance({"alpha": 0.9}, {"alpha": 0.1}, 0.1, 0.05, 4, None, True)
    monkeypatch.setattr("hpt_lab.tools.report.facts.importance", lambda study: steered)
    speak(study_of([1.0]))
    for wrong in ((50, 20, 10), (50, 20, 18), (50, 10, 20), (50, 50, 50), (50, 20, 20)):
        losses = {name: np.arange(100) < n for name, n in zip(("floor", "default", "tuned"), wrong, strict=True)}
        losses = {name: each.astype(float) for name, each in losses.items()}
        told = verdict(losses, 200, 0.1, percent=True)
        said.update(message for message, *_ in told.told)
        said.update((f"{told}".partition("\n")[0], "- {sentence} (lesson {lesson})"))
    lower, upper = (study_of(list(map(float, one)), Space(n=Int(1, 5))) for one in (range(40), range(40, 0, -1)))
    for each in (study, study_of([1.0], Space(a=Int(1, 3), b=Int(1, 3))), lower, upper):
        said.update(message for message, *_ in beside([each]))
    assert said == set(messages("ko"))


def test_a_file_and_a_command_speak_korean(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["report", "runs.db", "--language", "fr"])
    assert "--language: invalid choice: 'fr'" in capsys.readouterr().err
    Study({"alpha": [1]}, hpt.GridSearch(), storage=tmp_path / "runs.db", name="digits").close()
    assert main(["report", str(tmp_path / "runs.db"), "--language", "ko"]) == 0
    page = capsys.readouterr().out
    assert "<h1>digits</h1>" in page
    assert "끝난 시행이 아직 없다." in page
    study = Study({"alpha": [1]}, hpt.GridSearch())
    study.report(tmp_path / "a.md", language="ko")
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith("# 스터디\n")
    assert report(study, format="md", language="ko") == (tmp_path / "a.md").read_text(encoding="utf-8")


def test_a_korean_figure_has_letters_of_a_korean_font_where_there_is_one(monkeypatch):
    monkeypatch.setattr(
        "hpt_lab.tools.report.figures.FONTS", {"ko": ("of nobody", "STIXGeneral")}
    )  # matplotlib brings the second
    drawing = Drawing(lambda ax: ax.set_yticks([0], ["ℊℊℊ"]), "")
    assert svg(drawing, "a", "en") != svg(drawing, "a", "ko")
    assert rendered(drawing, "png", "en") != rendered(drawing, "png", "ko")
