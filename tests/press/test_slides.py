"""The slides: what is chosen by which rule. `test_pages.py` looks at the decks of the built book."""

import pytest
from bs4 import BeautifulSoup

from book.press.slides import slides


def lesson(number, minutes=30, pictures=9, devices=2, votes=3):
    """A lesson with so many pictures, devices and votes, in this order on its page, the first picture last."""

    def some(kind, n, line):
        return [slides.Slide(kind, f"{kind} {i}", "", place=(line - i, 0), body=f"{kind} {i}") for i in range(n)]

    return slides.Lesson(
        number=str(number),
        title="",
        address="",
        minutes=minutes,
        question=slides.Slide("question", "?", ""),
        takeaways=slides.Slide("takeaways", "", ""),
        pictures=some("picture", pictures, 100),
        devices=some("device", devices, 200),
        votes=some("vote", votes, 300),
    )


def kinds(deck):
    return [slide.kind for slide in deck]


@pytest.mark.parametrize("n", range(1, 13))
@pytest.mark.parametrize("rich", [True, False])
def test_a_chapter_has_at_most_25_slides_and_leaves_no_lesson_out(n, rich):
    decks = slides.chosen([lesson(i) if rich else lesson(i, pictures=1, devices=0, votes=1) for i in range(n)])
    assert sum(map(len, decks)) + 1 <= 25
    assert not rich or sum(map(len, decks)) + 1 == min(25, 1 + 15 * n), "there was room for more"
    for deck in decks:
        assert (deck[0].kind, deck[-1].kind) == ("question", "takeaways")
        assert len(set(map(id, deck))) == len(deck)


def test_with_much_room_the_question_stands_alone_and_all_else_in_the_order_of_the_page():
    (deck,) = slides.chosen([lesson(1, pictures=3)])
    assert kinds(deck) == ["question"] + ["picture"] * 3 + ["device"] * 2 + ["vote"] * 2 + ["takeaways"]
    assert not deck[0].body
    assert [slide.place for slide in deck[1:-1]] == sorted(slide.place for slide in deck[1:-1])


def test_with_little_room_the_first_picture_comes_with_the_question():
    one, *others = slides.chosen([lesson(i) for i in range(9)])
    assert one[0].body == "picture 0"
    assert kinds(one) == ["question", "device", "takeaways"]
    assert not [slide for deck in others for slide in deck if slide.kind == "picture"]


def test_of_several_pictures_the_question_gets_the_one_that_the_page_has_first():
    (deck, *_) = slides.chosen([lesson(i) for i in range(6)])
    assert deck[0].body == "picture 1", "the most wanted picture stands below it on the page"
    assert [slide.title for slide in deck if slide.kind == "picture"] == ["picture 0"]


def test_a_high_figure_does_not_come_with_a_question():
    short_of_room = [lesson(i) for i in range(9)]
    short_of_room[0].pictures[0].high = True
    assert slides.chosen(short_of_room)[0][0].body == "picture 1"


def test_where_room_is_scarce_the_longest_lessons_get_more():
    decks = slides.chosen([lesson(i, minutes=30 + i) for i in range(9)])
    assert [len(deck) for deck in decks] == [2, 2, 2, 3, 3, 3, 3, 3, 3]


def page(inside):
    """An article with this in a section."""
    return BeautifulSoup(f"<article><section><h1>A</h1>{inside}</section></article>", "html.parser").article


def figure(height, name, tags=""):
    image = f'<img class="figure only-light" src="../../_images/{name}.png" alt="{name}" width="853" height="{height}">'
    return f'\n<section><h2>About {name}</h2><div class="cell {tags}"><div class="cell_output">{image}</div></div></section>'


def test_the_tag_says_which_picture_carries_a_lesson():
    code = '<div class="cell tag_slide"><div class="cell_input"><pre>x = 1</pre></div></div>'
    formula = '<div class="math">\\[x,\\]</div>'
    found = slides.read_pictures(
        page(figure(400, "a") + figure(400, "b", "tag_slide") + formula + figure(400, "c") + code)
    )
    assert [slide.kind for slide in found] == ["picture", "picture code", "picture", "picture formula", "picture"]
    assert [slide.title for slide in found if slide.kind == "picture"] == ["About b", "About a", "About c"]
    assert found[1].place > found[0].place > found[2].place
    assert found[0].body.startswith('<img src="../_images/b.png" alt="b"')


def test_a_figure_too_high_for_a_slide_is_on_none():
    found = slides.read_pictures(
        page(figure(slides.TALLEST + 1, "a") + figure(slides.TALLEST, "b") + figure(slides.HIGH, "c"))
    )
    assert [(slide.title, slide.high) for slide in found] == [("About b", True), ("About c", False)]


def test_a_cell_too_long_for_a_slide_is_refused():
    code = "\n".join("x" * (slides.LINES + 1))
    cell = f'<div class="cell tag_slide"><div class="cell_input"><pre>{code}</pre></div></div>'
    with pytest.raises(ValueError, match="at most 18 lines, not 19"):
        slides.read_pictures(page(cell))


@pytest.mark.parametrize(
    ("before", "after", "caption"),
    [
        ("We sum.", "All is well. More.", "All is well. More."),
        ("With a budget,", "so that it costs less. More.", ""),
        ("We sum. It is small.", "so that it costs less.", "It is small."),
        ("So:", "", ""),
    ],
)
def test_a_formula_is_followed_by_a_whole_sentence_or_by_none(before, after, caption):
    (slide,) = slides.read_pictures(page(f'<p>{before}</p><div class="math">\\[x .\\]</div><p>{after}</p>'))
    assert slide.body == f'<div class="math">\\[x\\]</div><p>{caption}</p>'


def test_the_question_is_the_bold_one_and_its_story_stands_before_it():
    asked = slides.read_question(
        page("<p>One. Two? <strong>Why\nthree?</strong> Four?</p><p>Five?</p><section><p>Six?</p></section>"), {}
    )
    assert (asked.title, asked.lines) == ("Why three?", ("One.", "Two?"))
    plain = slides.read_question(page("<p>One.</p><p>Two. Three? Four.</p>"), {"wrong": "<p>They say</p>"})
    assert (plain.title, plain.lines) == ("Three?", ("One.", "Two."))
    assert plain.notes.endswith("<p>They say</p>")


def quiz(question, *options):
    told = "".join(
        f'<details><summary><span class="sd-summary-text">{letter}. {letter * 3}</span></summary>'
        f'<div class="sd-summary-content"><p><strong>{verdict}.</strong> Since {letter}.</p></div></details>'
        for letter, verdict in zip("ABC", options, strict=False)
    )
    return f"<p><strong>{question}</strong></p>{told}"


def test_a_vote_knows_its_answer_and_one_that_points_to_its_page_is_left_out():
    asked = (
        quiz("1. Which?", "No", "Right")
        + quiz("2. As the one above?", "Right", "No")
        + quiz("3. Is it above?", "Right")
    )
    first, second = slides.read_votes(page(f'<section id="quiz"><h2>Quiz</h2>{asked}</section>'))
    assert (first.title, first.lines, first.right, first.body) == ("Which?", ("AAA", "BBB"), 1, "Since B.")
    assert "Since A." in first.notes
    assert second.title == "Is it above?"


def test_a_text_is_cut_at_the_end_of_a_sentence():
    text = "It costs 1.5 s.e. of <em>x</em>. Curves cross! <code>y</code> is more. The end."
    assert slides.short(text, 0) == "It costs 1.5 s.e. of <em>x</em>."
    assert slides.short(text, 36) == slides.short(text, 0)
    assert slides.short(text, 37) == "It costs 1.5 s.e. of <em>x</em>. Curves cross!"
    assert slides.short(text, 999) == text
