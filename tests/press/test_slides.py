"""The slides: what is chosen by which rule. `test_pages.py` looks at the decks of the built book."""

import hashlib
from types import SimpleNamespace

import pytest

from book.press import course, markdown
from book.press.slides import content, deck, markup


def lesson(number, minutes=30, pictures=9, devices=2, votes=3):
    """A lesson with so many pictures, devices and votes, in this order on its page, the first picture last."""

    def some(kind, n, line):
        return [deck.Slide(kind, f"{kind} {i}", "", place=line - i, body=f"{kind} {i}") for i in range(n)]

    return deck.Lesson(
        number=str(number),
        title="",
        address="",
        minutes=minutes,
        question=deck.Slide("question", "?", ""),
        takeaways=deck.Slide("takeaways", "", ""),
        pictures=some("picture", pictures, 100),
        devices=some("device", devices, 200),
        votes=some("vote", votes, 300),
    )


def kinds(slides):
    return [slide.kind for slide in slides]


@pytest.mark.parametrize("n", range(1, 13))
@pytest.mark.parametrize("rich", [True, False])
def test_a_chapter_has_at_most_25_slides_and_leaves_no_lesson_out(n, rich):
    decks = deck.chosen([lesson(i) if rich else lesson(i, pictures=1, devices=0, votes=1) for i in range(n)])
    assert sum(map(len, decks)) + 1 <= 25
    assert not rich or sum(map(len, decks)) + 1 == min(25, 1 + 15 * n), "there was room for more"
    for shown in decks:
        assert (shown[0].kind, shown[-1].kind) == ("question", "takeaways")
        assert len(set(map(id, shown))) == len(shown)


def test_with_much_room_the_question_stands_alone_and_all_else_in_the_order_of_the_page():
    (shown,) = deck.chosen([lesson(1, pictures=3)])
    assert kinds(shown) == ["question"] + ["picture"] * 3 + ["device"] * 2 + ["vote"] * 2 + ["takeaways"]
    assert not shown[0].body
    assert [slide.place for slide in shown[1:-1]] == sorted(slide.place for slide in shown[1:-1])


def test_with_little_room_the_first_picture_comes_with_the_question():
    one, *others = deck.chosen([lesson(i) for i in range(9)])
    assert one[0].body == "picture 0"
    assert kinds(one) == ["question", "device", "takeaways"]
    assert not [slide for shown in others for slide in shown if slide.kind == "picture"]


def test_of_several_pictures_the_question_gets_the_one_that_the_page_has_first():
    (shown, *_) = deck.chosen([lesson(i) for i in range(6)])
    assert shown[0].body == "picture 1", "the most wanted picture stands below it on the page"
    assert [slide.title for slide in shown if slide.kind == "picture"] == ["picture 0"]


def test_a_high_figure_does_not_come_with_a_question():
    short_of_room = [lesson(i) for i in range(9)]
    short_of_room[0].pictures[0].high = True
    assert deck.chosen(short_of_room)[0][0].body == "picture 1"


def test_where_room_is_scarce_the_longest_lessons_get_more():
    decks = deck.chosen([lesson(i, minutes=30 + i) for i in range(9)])
    assert [len(shown) for shown in decks] == [2, 2, 2, 3, 3, 3, 3, 3, 3]


def figure(height, alt, tags=()):
    """A cell that draws a figure of this height; the bytes of its PNG end after the size, and its name."""
    png = b"\x89PNG\r\n\x1a\n....IHDR" + (853).to_bytes(4) + height.to_bytes(4) + alt.encode()
    return course.Cell(id=alt, source="draw()", tags=tags, figures=(course.Figure(png, alt, ""),))


def sections(*blocks):
    """A section for each block, or for several in Markdown."""
    several = [markdown.blocks(block) if isinstance(block, str) else (block,) for block in blocks]
    return [course.Section(f"About {number}", 2, tuple(one)) for number, one in enumerate(several)]


def test_the_tag_says_which_picture_carries_a_lesson():
    code = course.Cell(id="", source="x = 1", tags=("slide",))
    found = content.read_pictures(
        sections(figure(400, "a"), figure(400, "b", ("slide",)), "$$x,$$", figure(400, "c"), code)
    )
    assert [slide.kind for slide in found] == ["picture", "picture code", "picture", "picture formula", "picture"]
    assert [slide.title for slide in found if slide.kind == "picture"] == ["About 1", "About 0", "About 3"]
    assert found[1].place > found[0].place > found[2].place
    name = hashlib.sha256(figure(400, "b").figures[0].png).hexdigest()
    assert found[0].body == f'<img src="../_images/{name}.png" alt="b" width="853" height="400">'


def test_a_figure_too_high_for_a_slide_is_on_none():
    heights = (content.TALLEST + 1, content.TALLEST, content.HIGH)
    found = content.read_pictures(sections(*(figure(height, str(height)) for height in heights)))
    assert [(slide.title, slide.high) for slide in found] == [("About 1", True), ("About 2", False)]


def test_a_program_is_shown_with_what_it_prints_and_one_too_long_for_a_slide_is_refused():
    (slide,) = content.read_pictures(sections(course.Cell("", "print(1 < 2)", ("slide",), "True\n")))
    assert '<span class="nb">print</span>' in slide.body
    assert slide.body.endswith("<pre>True</pre>")
    full = course.Cell("", "\n".join("x" * (content.LINES - 1)), ("slide",), "True\n")
    assert "True" not in content.read_pictures(sections(full))[0].body, "there is no room"
    with pytest.raises(ValueError, match="at most 18 lines, not 19"):
        content.read_pictures(sections(course.Cell("", "\n".join("x" * (content.LINES + 1)), ("slide",))))


def test_the_notes_of_a_figure_say_what_follows_it_up_to_the_next_cell():
    computed = course.Cell("", "", prose=("We *count* **3**.",))
    blocks = [
        figure(400, "a <"),
        computed,
        markdown.Paragraph("That is few."),
        course.Cell("", "y"),
        markdown.Paragraph("No."),
    ]
    (slide,) = content.read_pictures([course.Section("A", 2, tuple(blocks))])
    said = "<p>We <em>count</em> <strong>3</strong>.</p><p>That is few.</p>"
    assert slide.notes == f"<p>a &lt;</p>{said}"


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
    (slide,) = content.read_pictures(sections(f"{before}\n\n$$x < y .$$\n\n{after}"))
    assert slide.body == f'<div class="math">\\[x &lt; y\\]</div><p>{caption}</p>'


def test_the_question_is_the_bold_one_and_its_story_stands_before_it():
    asked = content.read_question(["One. Two? **Why three?** Four?", "Five?"])
    assert (asked.title, asked.lines) == ("Why three?", ("One.", "Two?"))
    plain = content.read_question(["One.", "Two. Three? Four."], "<p>They say</p>")
    assert (plain.title, plain.lines) == ("Three?", ("One.", "Two."))
    assert plain.notes.endswith("<p>They say</p>")


QUIZ = """## Quiz

**1. Which?**

:::{dropdown} A. AAA
**No.** Since A.
:::

:::{dropdown} B. BBB
**Right.** Since B. And so on.
:::

**2. As the one above?**

:::{dropdown} A. AAA
**Right.** Since A.
:::

**3. Is it above?**

:::{dropdown} A. AAA
**Right.** Since A.
:::

## Takeaways

- One $x$.
- Two.
"""
DEVICE = """
# A lesson

Why?

::::{admonition} Your turn
:class: device choose
<!-- d=1&belief="x" -->

On the page.

**Question.** Where do *you* look?

:::{dropdown} Answer
There. And here.
:::
::::
"""


@pytest.fixture
def read(tmp_path):
    """A lesson of the model, out of Markdown."""

    def written(text):
        (tmp_path / "01_a.md").write_text(text, encoding="utf-8")
        return course.read_lesson(tmp_path / "01_a.md", "1.1")

    return written


def test_a_vote_knows_its_answer_and_one_that_points_to_its_page_is_left_out(read):
    quiz = read(f"# A\n\n{QUIZ}").quiz
    first, second = content.read_votes(quiz, quiz)
    assert (first.title, first.lines, first.right, first.body) == ("Which?", ("AAA", "BBB"), 1, "Since B. And so on.")
    assert first.notes.startswith("<p>A. <strong>No.</strong> Since A.</p>")
    assert second.title == "Is it above?"
    korean = content.read_votes([quiz[0]], [quiz[1]], "ko")
    assert korean == [], "the English says that it points to its page"


def test_a_device_begins_in_its_state_and_its_notes_hold_question_and_answer(read):
    first, second = content.read_devices(
        read(DEVICE + DEVICE.replace("# A lesson", "## More")), SimpleNamespace(open="**Open:** it.")
    )
    assert first.body.startswith('<div data-device="choose" data-settings="d=1&amp;belief=&quot;x&quot;" id="choose">')
    assert 'id="choose-2"' in second.body
    assert (first.title, first.lines) == ("Your turn", ("Where do <em>you</em> look?",))
    assert first.notes == (
        "<p>Where do <em>you</em> look?</p><p><strong>Answer</strong></p><p>There. And here.</p><p><strong>Open:</strong> it.</p>"
    )


def test_a_lesson_is_read_with_its_plan(read):
    lesson = read(f"# A *lesson*\n\n**Minutes:** 15\n\nWhy?\n\n{QUIZ}")
    plan = course.Plan(("**They say:** no.",), ("A line.",), ("Who?",), "**Open:** it.")
    slides = content.read(lesson, lesson, plan, "Needs: [that](x.ipynb).")
    assert (slides.number, slides.title, slides.minutes) == ("1.1", "A <em>lesson</em>", 15)
    assert slides.question.notes.endswith("<p>Needs: that.</p><ul><li><strong>They say:</strong> no.</li></ul>")
    assert slides.takeaways.lines == ('One <span class="math">\\(x\\)</span>.', "Two.")
    assert slides.takeaways.notes.endswith("<ul><li>A line.</li></ul><p><strong>Ask</strong></p><ol><li>Who?</li></ol>")


def test_markdown_becomes_html_without_links_and_with_plain_roles():
    text = "A [link](x.md), <a href='y'>another</a>, {term}`trials <trial>`, $a<b$ and {math}`c`, says {cite:t}`bergstra2012random`."
    html = "A link, another, trials, {0}\\(a&lt;b\\)</span> and {0}\\(c\\)</span>, says Bergstra and Bengio (2012)."
    assert markup.line(text) == html.format('<span class="math">')
    assert markup.formula("a \\\\ b") == '<div class="math">\\[\\begin{split}a \\\\ b\\end{split}\\]</div>'


def test_quotes_are_those_of_print_and_a_particle_stays_with_its_formula():
    assert markup.line('They say "it\'s `"x"`".') == "They say “it’s <code>&quot;x&quot;</code>”."
    assert markup.line('"값"이라고 (하는) 것, (값)을 $x$가') == (
        "“값”이라고 (하는) 것, (값)\u2060을 " + '<span class="math">\\(x\\)</span>\u2060가'
    )


def test_a_text_is_cut_at_the_end_of_a_sentence():
    text = "It costs 1.5 s.e. of <em>x</em>. Curves cross! <code>y</code> is more. The end."
    assert markup.short(text, 0) == "It costs 1.5 s.e. of <em>x</em>."
    assert markup.short(text, 36) == markup.short(text, 0)
    assert markup.short(text, 37) == "It costs 1.5 s.e. of <em>x</em>. Curves cross!"
    assert markup.short(text, 999) == text
