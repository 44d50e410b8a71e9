"""The slides: what is chosen by which rule. `test_pages.py` looks at the decks of the built book."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from book.press import course, markdown
from book.press.slides import content, deck, headlines, markup, pictures


def picture(kind, place, idea, marked=False):
    return deck.Slide(kind, f"{kind} {place}", "", place=place, idea=idea, marked=marked)


def lesson(*pictures, votes=3):
    """The deck of a lesson with these pictures, and so many votes."""
    question, takeaways = deck.Slide("question", "?", ""), deck.Slide("takeaways", "", "")
    asked = [deck.Slide("vote", f"vote {i}", "") for i in range(votes)]
    facts = {"number": "1.1", "title": "", "page": "chapters/01_a/01_b", "minutes": 30}
    return deck.Deck(**facts, question=question, takeaways=takeaways, pictures=list(pictures), votes=asked)


def shown(*pictures, **own):
    return [slide.title or slide.kind for slide in lesson(*pictures, **own).slides]


FIGURES = [picture("picture", place, place // 2) for place in range(20)]


def test_a_deck_has_at_most_twelve_slides_from_its_question_to_its_takeaways_with_one_vote():
    titles = shown(*FIGURES)
    assert len(titles) == 12
    assert (titles[0], titles[-2:]) == ("?", ["vote 0", "takeaways"])


def test_each_section_has_a_figure_before_any_has_two():
    assert shown(*FIGURES)[1:-2] == [f"picture {place}" for place in range(0, 18, 2)]
    assert shown(*FIGURES[:4])[1:-2] == [f"picture {place}" for place in range(4)]


def test_what_is_marked_and_devices_come_in_any_case_and_all_in_the_order_of_the_page():
    titles = shown(*FIGURES, picture("device", 20, 9), picture("picture code", 21, 9, marked=True))
    assert titles[1:-2] == [f"picture {place}" for place in range(0, 14, 2)] + ["device 20", "picture code 21"]


def test_a_formula_is_shown_only_where_its_section_has_nothing_else():
    formulas = [picture("picture formula", place, place // 2) for place in (1, 2, 3)]
    assert shown(picture("picture", 0, 0), *formulas)[1:3] == ["picture 0", "picture formula 2"]


def test_programs_fill_a_short_deck_and_no_long_one():
    programs = [picture("picture code", 30 + idea, 30 + idea) for idea in range(9)]
    assert len(shown(FIGURES[0], *programs)) == deck.ENOUGH
    assert shown(*FIGURES[:12], *programs) == shown(*FIGURES[:12])
    assert "picture code 30" not in shown(FIGURES[0], picture("picture code", 30, 0)), "its section has a figure"


def test_a_short_deck_has_more_votes():
    assert shown(FIGURES[0]) == ["?", "picture 0", "vote 0", "vote 1", "takeaways"]
    assert shown(FIGURES[0], votes=0) == ["?", "picture 0", "takeaways"]


def figure(height, alt, tags=()):
    """A cell that draws a figure of this height; the bytes of its PNG end after the size, and its name."""
    png = b"\x89PNG\r\n\x1a\n....IHDR" + (853).to_bytes(4) + height.to_bytes(4) + alt.encode()
    return course.Cell(id=alt, source="draw()", tags=tags, figures=(course.Figure(png, alt),))


def sections(*blocks):
    """A section for each block, or for several in Markdown."""
    several = [markdown.blocks(block) if isinstance(block, str) else (block,) for block in blocks]
    return [course.Section(f"About {number}", 2, tuple(one)) for number, one in enumerate(several)]


def read_pictures(sections):
    return pictures.read(SimpleNamespace(sections=sections, devices=()))


def test_figures_and_programs_are_found_where_they_stand_and_marked_by_a_tag():
    code, printing = course.Cell("", "x = 1", ("slide",)), course.Cell("", "print(1)", (), "1\n")
    told = markdown.Paragraph("We print.")
    hidden = course.Cell("", "print(2)", ("hide-input",), "2\n")
    last = course.Section("Last", 2, (told, printing, told, hidden, course.Cell("", "y = 1")))
    found = read_pictures([*sections(figure(400, "a"), figure(400, "b", ("slide",)), "$$x,$$", code), last])
    kinds = ["picture", "picture", "picture formula", "picture code", "picture code"]
    wanted = [*zip(kinds, [False, True, False, True, False], range(5), strict=True)]
    assert [(slide.kind, slide.marked, slide.idea) for slide in found] == wanted
    assert [slide.place for slide in found] == sorted(slide.place for slide in found)
    name = hashlib.sha256(figure(400, "b").figures[0].png).hexdigest()
    assert found[1].body == f'<img src="../../_images/{name}.png" alt="b" width="853" height="400">'


def test_a_slide_shows_the_drawing_of_a_figure(monkeypatch):
    name = hashlib.sha256(figure(400, "b").figures[0].png).hexdigest()
    monkeypatch.setattr(pictures.drawings, "of", {name: (Path("drawn.svg"), None)}.get)
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: drawn())
    (slide,) = read_pictures(sections(figure(400, "b")))
    assert slide.body == '<img src="../../_images/drawn.svg" alt="b" width="853" height="400">'


def test_a_figure_that_a_device_replaces_is_not_shown_unless_it_is_marked():
    box = markdown.Box("admonition", "Play", {"class": "device choose replaces"}, "", ())
    beside = markdown.Box("admonition", "Play", {"class": "device choose"}, "", ())
    for device, tags, n in ((box, (), 0), (box, ("slide",), 1), (beside, (), 1)):
        page = SimpleNamespace(sections=[course.Section("A", 2, (figure(400, "a", tags), device))])
        page.devices = (course.Device("choose", "Play", "", "Why?", "So."),)
        assert [slide.kind for slide in pictures.read(page)] == ["picture"] * n + ["device"]


def test_a_figure_too_high_for_a_slide_is_on_none():
    heights = (pictures.TALLEST + 1, pictures.TALLEST, pictures.HIGH)
    found = read_pictures(sections(*(figure(height, str(height)) for height in heights)))
    assert [(slide.title, slide.high) for slide in found] == [("About 1", True), ("About 2", False)]


def test_a_program_is_shown_with_what_it_prints_and_a_long_one_is_what_it_prints():
    def body(code, printed):
        return read_pictures(sections(course.Cell("", code, ("slide",), printed)))[0].body

    short = body("print(1 < 2)", "True\n")
    assert '<span class="nb">print</span>' in short
    assert short.startswith('<div class="program beside"')
    assert short.endswith('<pre style="--columns: 4">True</pre></div>')
    wide = "x" * (pictures.NARROWER + 1)
    assert body("print(x)", wide).startswith('<div class="program"'), "below it"
    assert "True" not in body("\n".join("x" * (pictures.LINES - 1)), wide + "\nTrue\n"), "there is no room"
    long = "\n".join("x" * (pictures.LINES + 1))
    assert body(long, "True\n").endswith('--rows: 2"><pre style="--columns: 4">True</pre></div>')
    with pytest.raises(ValueError, match="at most 18 lines, not 19"):
        body(long, "")


# ---- Headlines


def drawn(*texts):
    """A figure of 100 by 80 with texts (y, size, words), as matplotlib writes them."""
    lines = [f'<text x="5" y="{y}" style="font-size:{size}px">{words}</text>' for y, size, words in texts]
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 80">{"".join(lines)}</svg>'


AXIS = (70, 9, "rate")


@pytest.mark.parametrize(
    ("texts", "title", "view"),
    [
        (
            [(12, 11, "C wins &amp; leads"), AXIS],
            "C wins & leads",
            "#svgView(viewBox(0,16.4,100,63.6);preserveAspectRatio(xMidYMin))",
        ),
        ([AXIS], "", ""),
        ([(12, 11, "One"), (12, 11, "Two"), AXIS], "", ""),
        ([(30, 11, "A word in the plot"), (10, 9, "legend"), AXIS], "", ""),
        ([(12, 11, "Title"), (24, 9, "legend")], "", ""),
        ([], "", ""),
    ],
    ids=["one title", "none", "a title for each panel", "not at the top", "something beside it", "no words"],
)
def test_the_title_of_a_figure_is_the_headline_and_its_picture_begins_below(texts, title, view):
    assert headlines.of(drawn(*texts)) == (title, view)


def test_a_title_of_two_lines_is_one_headline_and_another_language_has_its_own(monkeypatch):
    lines = [
        f'<text transform="translate(5 {y})" style="font-size:10.8px">{words}</text>'
        for y, words in ((12, "C = 10"), (24.96, "wins"))
    ]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 80">{"".join(lines)}</svg>'
    assert headlines.of(svg) == ("C = 10 wins", "#svgView(viewBox(0,29.28,100,50.72);preserveAspectRatio(xMidYMin))")
    known = {("figures", "ko"): {"C = {0} wins": "C가 {0}이면 이긴다"}}
    monkeypatch.setattr(headlines.catalogs, "catalog", lambda name, language: known.get((name, language), {}))
    assert headlines.of(svg, "ko")[0] == "C가 10이면 이긴다"


def test_a_slide_has_the_title_of_its_figure_and_names_its_section(monkeypatch, tmp_path):
    path = tmp_path / "one.svg"
    path.write_text(drawn((12, 11, "C &lt; D"), AXIS), encoding="utf-8")
    monkeypatch.setattr(pictures.drawings, "of", lambda key: (path, None))
    (slide,) = read_pictures(sections(figure(400, "a")))
    assert (slide.title, slide.topic) == ("C &lt; D", "About 0")
    assert 'src="../../_images/one.svg#svgView(viewBox(0,16.4,100,63.6);preserveAspectRatio(xMidYMin))"' in slide.body


def test_the_notes_of_a_figure_say_what_follows_it_up_to_the_next_cell():
    computed = course.Cell("", "", prose=("We *count* **3**.",))
    last = [markdown.Paragraph("That is few. The rest is silence."), course.Cell("", "y"), markdown.Paragraph("No.")]
    (slide,) = read_pictures([course.Section("A", 2, (figure(400, "a <"), computed, *last))])
    assert (slide.title, slide.topic) == ("A", "")
    assert slide.notes == "<p>We <em>count</em> <strong>3</strong>.</p><p>That is few. The rest is silence.</p>"


def test_without_words_below_a_figure_its_notes_say_what_stands_above_or_what_it_shows():
    (slide,) = read_pictures([course.Section("A", 2, (figure(400, "a <"),))])
    assert slide.notes == "<p>a &lt;</p>"
    (slide,) = read_pictures([course.Section("A", 2, (markdown.Paragraph("*Look.*"), figure(400, "a")))])
    assert slide.notes == "<p><em>Look.</em></p>"


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
    (slide,) = read_pictures(sections(f"{before}\n\n$$x < y .$$\n\n{after}"))
    assert slide.body == f'<div class="math">\\[x &lt; y\\]</div><p>{caption}</p>'
    assert not caption or caption not in slide.notes


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
    assert first.notes == "<p>A. <strong>No.</strong> Since A.</p><p>B. <strong>Right.</strong> </p>", "no reason twice"
    assert second.title == "Is it above?"
    korean = content.read_votes([quiz[0]], [quiz[1]], "ko")
    assert korean == [], "the English says that it points to its page"


def test_a_device_begins_in_its_state_and_its_notes_answer_its_question(read):
    page = read(DEVICE + DEVICE.replace("# A lesson", "## More"))
    first, second = pictures.read_devices(page, SimpleNamespace(open="**Open:** it."))
    assert first.body.startswith('<div data-device="choose" data-settings="d=1&amp;belief=&quot;x&quot;" id="choose">')
    assert 'id="choose-2"' in second.body
    assert (first.title, first.lines) == ("Your turn", ("Where do <em>you</em> look?",))
    assert first.notes == "<p><strong>Answer</strong></p><p>There. And here.</p><p><strong>Open:</strong> it.</p>"


def test_a_lesson_is_read_with_its_plan(read):
    lesson = read(f"# A *lesson*\n\n**Minutes:** 15\n\nWhy?\n\n{QUIZ}")
    plan = course.Plan(("**They say:** no.",), ("A line.", "Two."), ("Who?",), "**Open:** it.")
    slides = content.read(lesson, lesson, plan, "Needs: [that](x.ipynb).")
    assert (slides.number, slides.title, slides.minutes) == ("1.1", "A <em>lesson</em>", 15)
    assert slides.address.endswith("/01_a")
    assert slides.question.notes.endswith("<p>Needs: that.</p><ul><li><strong>They say:</strong> no.</li></ul>")
    assert slides.takeaways.lines == ('One <span class="math">\\(x\\)</span>\u2060.', "Two.")
    assert "Two" not in slides.takeaways.notes
    assert slides.takeaways.notes.endswith("<ul><li>A line.</li></ul><p><strong>Ask</strong></p><ol><li>Who?</li></ol>")


def test_markdown_becomes_html_without_links_and_with_plain_roles():
    text = "A [link](x.md), <a href='y'>b</a>, {term}`trials <trial>`, $a<b$ and {math}`c`, says {cite:t}`bergstra2012random`."
    html = "A link, b, trials, {0}\\(a&lt;b\\)</span> and {0}\\(c\\)</span>\u2060, says Bergstra and Bengio (2012)."
    assert markup.line(text) == html.format('<span class="math">')
    assert markup.formula("a \\\\ b") == '<div class="math">\\[\\begin{split}a \\\\ b\\end{split}\\]</div>'


def test_quotes_are_those_of_print_and_a_particle_stays_with_its_formula():
    assert markup.line('They say "it\'s `"x"`".') == "They say “it’s <code>&quot;x&quot;</code>”."
    korean = '“값”이라고 (하는) 것, (값)\u2060을 <span class="math">\\(x\\)</span>\u2060가'
    assert markup.line('"값"이라고 (하는) 것, (값)을 $x$가') == korean


def test_a_text_is_cut_at_the_end_of_a_sentence():
    text = "It costs 1.5 s.e. of <em>x</em>. Curves cross! <code>y</code> is more. The end."
    assert markup.short(text, 0) == "It costs 1.5 s.e. of <em>x</em>."
    assert markup.short(text, 36) == markup.short(text, 0)
    assert markup.short(text, 37) == "It costs 1.5 s.e. of <em>x</em>. Curves cross!"
    assert markup.short(text, 999) == text
