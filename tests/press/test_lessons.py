"""Every lesson has its parts."""

import fnmatch
import re

import pytest

from book.press.notebooks import pairing
from book.press.pages import lessons

CHAPTERS = sorted(path.parent for path in pairing.ROOT.glob("chapters/*/index.md"))
TEMPLATE = pairing.ROOT / "book" / "press" / "notebooks" / "templates" / "lesson.md"
LESSONS = [path for path in pairing.sources() if path.name != "exercises.md"] + [TEMPLATE]
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda p: f"{p.parent.name}/{p.stem}")
every_chapter = pytest.mark.parametrize("folder", CHAPTERS, ids=lambda p: p.name)


@every_lesson
def test_a_lesson_says_what_for_how_long_and_after_what(path):
    lesson = lessons.read(path)
    assert lesson.title
    assert len(lesson.objectives) >= 2, "a box `:class: objectives` with a list"
    assert lesson.minutes, "a line `**Minutes:** 20` in the box"
    assert 5 <= lesson.minutes <= 90
    assert lesson.prerequisites, "a line `**Prerequisites:** …` in the box"


@every_lesson
def test_a_lesson_ends_with_quiz_takeaways_and_further_reading(path):
    lesson = lessons.read(path)
    assert list(lesson.sections)[-3:] == ["Quiz", "Takeaways", "Further reading"]
    assert re.search(r"^- ", lesson.sections["Takeaways"], re.M)
    assert re.search(r"\{cite:[tp]\}`", lesson.sections["Further reading"])


@every_lesson
def test_every_quiz_option_is_explained(path):
    quiz = lessons.read(path).sections["Quiz"]
    questions = re.split(lessons.QUESTION, quiz)
    assert questions[0].strip() == "", "a quiz begins with a question, `**1. …?**`"
    assert len(questions) > 1
    for question in questions[1:]:
        options = lessons.OPTION.findall(question)
        assert len(options) == question.count("{dropdown}") >= 2, f"options `:::{{dropdown}} A. …`:\n{question}"
        verdicts = [re.match(r"\*\*(Right|No)\.\*\* \S", body.strip()) for _, body in options]
        assert all(verdicts), f"begin each explanation with **Right.** or **No.**:\n{question}"
        assert any(verdict[1] == "Right" for verdict in verdicts), question


@every_lesson
def test_no_lesson_calls_a_step_effortless(path):
    found = re.search(r"\b(simply|just|easily|obviously)\b", path.read_text(encoding="utf-8"))
    assert not found, f"without {found[0]!r}, please"


@every_lesson
def test_margin_notes_are_readable_in_jupyterlab(path):
    assert "{margin}" not in path.read_text(encoding="utf-8"), "write :::{admonition} Title with :class: margin"


@every_chapter
def test_a_chapter_lists_all_its_pages(folder):
    index = (folder / "index.md").read_text(encoding="utf-8")
    assert lessons.TITLE.search(index)
    toctree = re.search(r"\{toctree\}\n(.*?)^(```|:::)$", index, re.M | re.S)[1]
    entries = [re.sub(r".*<(.+)>$", r"\1", line.strip()).removesuffix(".ipynb") for line in toctree.splitlines()]
    for lesson in lessons.of_chapter(folder):
        assert any(fnmatch.fnmatch(lesson.path.stem, entry) for entry in entries if entry), lesson.path.stem


@every_chapter
def test_a_chapter_has_exercises_with_minutes(folder):
    exercises = lessons.of_chapter(folder)[-1]
    assert exercises.path.name == "exercises.md"
    assert exercises.minutes


def test_the_table_adds_the_minutes(tmp_path):
    text = TEMPLATE.read_text(encoding="utf-8")
    (tmp_path / "01_a.md").write_text(text, encoding="utf-8")
    (tmp_path / "02_b.md").write_text(text.replace("**Minutes:** 20", "**Minutes:** 25"), encoding="utf-8")
    table = lessons.table(tmp_path, prefix="x/")
    assert "| **together** | **45** | |" in table
    assert (
        "(x/02_b.ipynb) | 25 | tell a parameter from a hyperparameter; count the trainings that a grid costs |" in table
    )
