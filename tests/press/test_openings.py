"""How the page of a lesson begins: the line over its title, its question, and the objectives, closed."""

import pytest
from docutils import frontend, nodes, utils

from book.press.pages import openings


def strong(text):
    return nodes.paragraph("", "", nodes.strong("", text))


def page(*children):
    document = utils.new_document("lesson", frontend.get_default_settings())
    document += nodes.section("", nodes.title("", "Two loops"), *children)
    return document


def objectives(*inside):
    return nodes.admonition("", nodes.title("", "What you will be able to do"), *inside, classes=["objectives"])


def shown(document):
    return [" ".join(child.astext().split()) for child in document[0].children]


def test_the_objectives_wait_closed_behind_the_question_and_their_minutes_stand_over_the_title():
    box = objectives(nodes.bullet_list("", nodes.list_item("", nodes.paragraph("", "count"))), nodes.paragraph("", "Minutes: 45"))  # fmt: skip
    document = page(box, nodes.paragraph("", "Once?"), strong("Why?"), nodes.paragraph("", "So."))
    openings.opened(document, "chapters/04_how_it_works/01_two_loops", "4. How & why")
    line, title, story, question, folded, rest = shown(document)
    number, chapter, minutes = line.removeprefix('<p class="place">').removesuffix("</p>").split(openings.DOT)
    assert (number, minutes) == ("<span>4.1</span>", "<span>45 minutes</span>")
    assert chapter == '<a href="index.html">How &amp; why</a>'
    assert (title, story, question, rest) == ("Two loops", "Once?", "Why?", "So.")
    assert folded.startswith('<details class="objectives"><summary>What you will be able to do</summary>')
    assert "count" in folded
    assert "Minutes" not in folded


@pytest.mark.parametrize(("second", "place"), [("Water?", 4), ("Water.", 3)])
def test_a_lesson_without_a_question_in_bold_has_them_behind_another_or_behind_its_first_paragraph(second, place):
    document = page(objectives(), nodes.paragraph("", "A village."), nodes.paragraph("", second))
    openings.opened(document, "chapters/04_how_it_works/01_two_loops", "4. How it works")
    assert "<details" in shown(document)[place]


@pytest.mark.parametrize(("language", "said"), [("en", "60 minutes"), ("ko", "60분")])
def test_a_page_of_exercises_has_its_chapter_and_its_minutes_over_the_title(language, said):
    document = page(nodes.paragraph("", "Download it."), nodes.paragraph("", "시간(분): 60"))
    openings.opened(document, "chapters/02_grid_search/exercises", "2. Grid search", language)
    parts = ["<span>2</span>", '<a href="index.html">Grid search</a>', f"<span>{said}</span>"]
    assert shown(document)[0] == f'<p class="place">{openings.DOT.join(parts)}</p>'
    assert shown(document)[1:] == ["Two loops", "Download it."]
