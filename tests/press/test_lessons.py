"""Every lesson has its parts."""

import fnmatch
import re

import pytest
from bs4 import BeautifulSoup

from book.press import course
from book.press.notebooks import pairing
from book.press.pages import schedule
from book.press.slides.content import read_question

CHAPTERS = sorted(path.parent for path in pairing.ROOT.glob("chapters/*/index.md"))
TEMPLATE = pairing.ROOT / "book/press/notebooks/templates/lesson.md"
LESSONS = [path for path in pairing.sources() if path.name != "exercises.md"] + [TEMPLATE]
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda p: f"{p.parent.name}/{p.stem}")
every_chapter = pytest.mark.parametrize("folder", CHAPTERS, ids=lambda p: p.name)


@every_lesson
def test_a_lesson_says_what_for_how_long_and_after_what(path):
    lesson = course.read_lesson(path)
    assert lesson.title
    assert len(lesson.objectives) >= 2, "a box `:class: objectives` with a list"
    assert 5 <= (lesson.minutes or 0) <= 90, "a line `**Minutes:** 20` in the box"
    assert lesson.prerequisites, "a line `**Prerequisites:** …` in the box"


@every_lesson
def test_a_lesson_ends_with_quiz_takeaways_and_further_reading(path):
    lesson = course.read_lesson(path)
    titles = [section.title for section in lesson.sections if section.level == 2]
    assert titles[-3:] == ["Quiz", "Takeaways", "Further reading"]
    assert lesson.takeaways
    assert re.search(r"\{cite:[tp]\}`", str(lesson.sections[-1].blocks))


@every_lesson
def test_every_quiz_option_is_explained(path):
    """`course` refuses a quiz with an option that is not **Right.** or **No.**, or with other than one right option."""
    quiz = course.read_lesson(path).quiz
    text = path.read_text(encoding="utf-8").partition("\n## Quiz\n")[2]
    assert len(quiz) == len(re.findall(r"^\*\*\d+\. ", text, re.M)) > 0
    for number, question in enumerate(quiz, 1):
        assert question.number == number
        assert len(question.options) >= 2
        assert all(option.text and option.why for option in question.options)


@every_lesson
def test_a_device_tells_readers_of_the_notebook_where_it_works(path):
    for box in re.findall(r"^:class: device .*\n(?:<!--.*\n)?\n(.*)", path.read_text(encoding="utf-8"), re.M):
        assert box.startswith("On the book's page"), 'begin with "On the book\'s page …:", which the page leaves out'


@every_lesson
def test_no_lesson_calls_a_step_effortless_or_has_a_margin_note_that_jupyterlab_does_not_read(path):
    found = re.search(r"\b(simply|just|easily|obviously)\b|\{margin\}", path.read_text(encoding="utf-8"))
    assert not found, f"without {found[0]!r}, please; a margin note is :::{{admonition}} Title with :class: margin"


@every_chapter
def test_a_chapter_lists_all_its_pages_and_has_exercises_with_minutes(folder):
    index = (folder / "index.md").read_text(encoding="utf-8")
    chapter = course.read_chapter(folder, 1)
    assert chapter.title
    assert chapter.exercises.minutes
    toctree = re.search(r"\{toctree\}\n(.*?)^(```|:::)$", index, re.M | re.S)[1]
    entries = [re.sub(r".*<(.+)>$", r"\1", line.strip()).removesuffix(".ipynb") for line in toctree.splitlines()]
    for lesson in chapter.pages:
        assert any(fnmatch.fnmatch(lesson.path.stem, entry) for entry in entries if entry), lesson.path.stem


def test_the_cards_have_question_and_minutes_and_add_them_and_mark_where_there_is_a_device(tmp_path):
    text = TEMPLATE.read_text(encoding="utf-8")
    device = ":::{admonition} Play\n:class: device choose\n\n**Question.** Which?\n:::\n\n## Quiz"
    (tmp_path / "01_a.md").write_text(text, encoding="utf-8")
    second = text.replace("**Minutes:** 20", "**Minutes:** 25").replace("## Quiz", device)
    (tmp_path / "02_b.md").write_text(second, encoding="utf-8")
    chapter = course.read_chapter(tmp_path, 1)
    soup = BeautifulSoup(schedule.cards(chapter), "html.parser")
    cards = soup.select("ol.lessons > li > a")
    assert [card["href"] for card in cards] == ["01_a.html", "02_b.html"]
    titles = [card.select_one(".title").get_text() for card in cards]
    assert titles == [f"{lesson.number} {lesson.title}" for lesson in chapter.lessons]
    assert all(card.select_one(".question").get_text().endswith("?") for card in cards)
    assert [card.select_one(".facts").get_text() for card in cards] == ["20 minutes", "25 minutes Interactive"]
    assert soup.select_one(".lessons-total").get_text() == "Lessons: 45 minutes. Exercises: 0 minutes."


def test_every_lesson_has_a_question_for_its_card_in_both_languages():
    for language in ("en", "ko"):
        for lesson in course.read(pairing.ROOT, language).lessons:
            assert read_question(lesson.introduction).title.endswith("?"), lesson.number
