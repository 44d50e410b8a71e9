"""The slides: what is chosen by which rule, and the decks of the built book, which a browser steps through."""

import re

import browsing
import exam
import lessons
import notebooks
import pytest
import slides
from bs4 import BeautifulSoup

HTML = notebooks.ROOT / "book" / "_build" / "html"
CHAPTERS = sorted(path.parent.name for path in notebooks.ROOT.glob("chapters/*/index.md"))
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)

# ---- The rules, on lessons and pages of their own


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


# ---- The decks of the built book


def deck(chapter):
    return BeautifulSoup((HTML / "slides" / f"{chapter}.html").read_text(encoding="utf-8"), "html.parser")


@every_chapter
def test_a_deck_has_each_lesson_from_its_question_to_its_takeaways(chapter):
    shown = deck(chapter).select(".slides > section")
    assert len(shown) <= 25
    numbered = lessons.of_chapter(exam.ROOT / "chapters" / chapter)[:-1]
    assert [link.get_text()[4:] for link in shown[0].select("ol a")] == [
        one.title.replace("'", "’").replace("`", "") for one in numbered
    ]
    for place, one in enumerate(numbered, 1):
        own = [
            slide
            for slide in shown[1:]
            if slide.select_one(".kicker a").get_text().startswith(f"{int(chapter[:2])}.{place} ")
        ]
        assert (own[0]["class"][0], own[-1]["class"][0]) == ("question", "takeaways"), one.title
        assert own[0].h2.get_text().endswith("?")
        assert len(own[-1].select(":scope > ul > li")) == len(re.findall(r"^- ", one.sections["Takeaways"], re.M))
        marked = re.findall(r"^:?tags: \[.*\bslide\b.*\]$", one.path.read_text(encoding="utf-8"), re.M)
        assert len([slide for slide in own if slide.select(".shown")]) >= len(marked)


@every_chapter
def test_a_slide_is_short_and_shows_no_markup(chapter):
    for slide in deck(chapter).select(".slides > section"):
        for words in slide.select("h1, h2, p, li"):
            plain = "".join(part for part in words.find_all(string=True) if not part.find_parent(["code", "math"]))
            plain = re.sub(r"\\\(.*?\\\)", "x", plain)
            assert not re.search(r"\$|\*\*|\{(term|cite|doc)\b|\]\(|`|\\", plain), plain
            if not words.find_parent("aside"):
                longest = max(map(len, slides.SENTENCE.split(plain)))
                assert longest < 240, plain
                assert len(plain) < 400, plain


@every_chapter
def test_each_slide_has_notes_and_the_plan_of_its_lesson_stands_in_them(chapter):
    shown = deck(chapter).select(".slides > section")
    assert not [slide.h2 for slide in shown if len(slide.aside.get_text(strip=True)) < 20]
    for slide in shown:
        if slide["class"][0] in ("question", "takeaways"):
            wanted = ["They say:"] if slide["class"][0] == "question" else ["Board", "Ask"]
            assert [
                strong.get_text() for strong in slide.aside.find_all("strong") if strong.get_text() in wanted
            ] == wanted


@every_chapter
def test_a_deck_says_what_it_is_and_its_figures_what_they_show(chapter):
    page = deck(chapter)
    assert page.html["lang"] == "en"
    assert page.h1.get_text() in page.title.get_text()
    for image in page.find_all("img"):
        assert len(image["alt"]) > 20
        assert (HTML / "slides" / image["src"]).exists()


def test_the_teachers_guide_leads_to_each_deck():
    text = (notebooks.ROOT / "book" / "teacher.md").read_text(encoding="utf-8")
    assert re.findall(r'href="\.\./slides/(\w+)\.html"', text) == CHAPTERS


LOOK = """async () => {
  const slide = Reveal.getCurrentSlide(), frame = slide.getBoundingClientRect(), found = [];
  const seen = node => !node.closest("aside") && node.checkVisibility({ visibilityProperty: true });
  const frames = async n => { while (n--) await new Promise(requestAnimationFrame); };
  for (const stage of slide.querySelectorAll(".device-stage")) {
    while (!stage.querySelector("svg")) await frames(1);
    await frames(3);  // then it is drawn, measured, and enlarged
  }
  for (const node of slide.querySelectorAll("*:not(aside, aside *, svg *, mjx-container *), mjx-math")) {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    if ((left < frame.left || top < frame.top || right > frame.right - 8 || bottom > frame.bottom - 8) && seen(node))
      found.push(`outside: ${node.outerHTML.slice(0, 80)}`);
    const text = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    if (text && !node.closest(".device-stage") && parseFloat(getComputedStyle(node).fontSize) < 20 && seen(node))
      found.push(`small: ${node.outerHTML.slice(0, 80)}`);
  }
  for (const image of slide.querySelectorAll("img")) if (!image.naturalWidth) found.push(`no picture: ${image.src}`);
  if (slide.querySelectorAll(".math").length !== slide.querySelectorAll("mjx-container").length) found.push("TeX");
  const last = Reveal.isLastSlide() && !Reveal.availableFragments().next;
  return [last, found.map(fault => `${Reveal.getIndices().h + 1}: ${fault}`)];
}"""


def test_a_browser_steps_through_each_deck_and_nothing_is_cut_off_small_or_missing(browser):
    with browsing.served(HTML) as address, browsing.opening(browser, address) as opened:
        for chapter in CHAPTERS:
            page = opened(f"slides/{chapter}.html")
            page.set_viewport_size({"width": 1280, "height": 720})
            page.wait_for_function("window.Reveal?.isReady() && window.MathJax?.startup?.promise")
            page.evaluate("MathJax.startup.promise")
            steps, (last, faults) = 0, page.evaluate(LOOK)
            while not (last or faults):
                page.keyboard.press("ArrowRight")
                steps, (last, faults) = steps + 1, page.evaluate(LOOK)
            assert not faults
            assert not page.complaints
            assert steps == len(deck(chapter).select(".slides > section, .why, .steps")) - 1
            page.close()


def test_a_device_feels_the_mouse_where_it_is_on_a_slide_of_any_size(browser):
    with browsing.served(HTML) as address, browsing.opening(browser, address) as opened:
        page = opened("slides/01_the_problem.html", 1920)
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.evaluate(
            "Reveal.slide([...document.querySelectorAll('.slides > section')].findIndex(slide => slide.matches('.device')))"
        )
        page.wait_for_selector("section.present .device-lives svg")
        plot = page.locator("section.present svg.device-plot").bounding_box()
        page.mouse.click(plot["x"] + 0.3 * plot["width"], plot["y"] + 0.7 * plot["height"])
        tried = page.locator("section.present svg .device-good").bounding_box()
        assert abs(tried["x"] + tried["width"] / 2 - plot["x"] - 0.3 * plot["width"]) < 25, (
            "half a cell of the grid of values"
        )
        assert abs(tried["y"] + tried["height"] / 2 - plot["y"] - 0.7 * plot["height"]) < 25
        before = page.evaluate("Reveal.getIndices().h")
        page.locator("section.present svg.device-plot").focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.getIndices().h") == before, "the key is the device's"
        page.keyboard.press("PageDown")
        assert page.evaluate("Reveal.getIndices().h") == before + 1


def test_the_speakers_window_shows_the_notes(browser):
    with browsing.served(HTML) as address, browsing.opening(browser, address) as opened:
        page = opened("slides/06_your_turn.html#/1")
        page.wait_for_function("window.Reveal?.isReady()")
        with page.expect_popup() as window:
            page.keyboard.press("s")
        window.value.wait_for_function(
            "document.querySelector('.speaker-controls-notes .value')?.textContent.includes('They say:')"
        )
        assert not page.complaints
