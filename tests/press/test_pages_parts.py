"""The built pages that lead to others: a chapter's first page with its cards, and the parts of the teacher's guide."""

import browsing
import pytest
import sources
from browsing import eventually
from built import HTML, read

from book.press import course
from book.press.notebooks import pairing

LONGEST, EACH = 13_500, 1_350  # pixels of a page for teachers on a phone, and of a lesson's plan in a long chapter
EDITIONS = ["en", "ko"] if (HTML / "ko" / "book").is_dir() else ["en"]
every_chapter = pytest.mark.parametrize("chapter", course.read(pairing.ROOT).chapters, ids=lambda chapter: chapter.name)


@pytest.mark.parametrize("language", EDITIONS)
@every_chapter
def test_a_chapter_begins_with_its_picture_and_cards_that_lead_to_its_lessons(chapter, language):
    folder = HTML / ("" if language == "en" else language) / "chapters" / chapter.name
    page = read(folder / "index.html")
    assert page.select_one("h1").find_next("svg")["class"] == ["chapter-picture"]
    assert page.select_one('link[href*="chapter.css"]')
    cards = page.select(".lessons a")
    assert [card["href"] for card in cards] == [f"{lesson.path.stem}.html" for lesson in chapter.pages]
    assert all((folder / card["href"]).exists() for card in cards)
    told = course.read(pairing.ROOT, language).chapters[chapter.number - 1]
    for card, lesson in zip(cards, told.lessons, strict=False):
        assert card.select_one(".title").get_text().startswith(f"{lesson.number} ")
        assert bool(card.select(".play")) == bool(lesson.devices)
    assert not page.select("table")


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (1280, 2)])
def test_the_cards_are_in_one_column_on_a_phone(view, width, columns):
    page = view("chapters/02_grid_search/index.html", width)
    lefts = "[...document.querySelectorAll('.lessons a')].map(card => card.getBoundingClientRect().left)"
    eventually(lambda: len(set(page.evaluate(lefts))), columns)
    browsing.fits(page, 0)
    assert page.complaints == []


TEACHERS = sorted(path for pattern in ("teacher*", "lesson_plans*") for path in HTML.glob(f"book/{pattern}.html"))


def test_every_part_of_the_teachers_guide_is_there():
    assert len(TEACHERS) == 5 + 1 + len(course.read(pairing.ROOT).chapters)


@pytest.mark.parametrize("path", [sources.swept(path, path.stem, ["lesson_plans_5"]) for path in TEACHERS])
def test_a_page_for_teachers_is_not_long_on_a_phone(view, path):
    page = view(path, 390)
    plans = page.locator("article h2").count() if path.name.startswith("lesson_plans_") else 0
    most = max(LONGEST, EACH * plans)
    eventually(lambda: page.evaluate("document.documentElement.scrollHeight"), lambda height: height < most)
    browsing.fits(page, 0)
