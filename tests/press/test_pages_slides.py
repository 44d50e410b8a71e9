"""The slides of the built book, in both languages. `test_slides.py` has the rules by which they are chosen."""

import re

import browsing
import pytest
import sources
from browsing import eventually
from built import HTML, SENTENCE, read, soup, waiting

from book.press import course
from book.press.notebooks import pairing
from book.press.slides import markup
from book.press.translation import catalogs
from tests import layers

COURSE = course.read(pairing.ROOT)
DECKS = {lesson.page.removeprefix("chapters/"): lesson for lesson in COURSE.lessons}
KOREAN = HTML / "ko" / "slides"
every_deck = pytest.mark.parametrize("deck", DECKS)


def slides(deck):
    """Return a deck, to read: the same tree each time."""
    return soup(HTML / "slides" / f"{deck}.html")


@every_deck
def test_a_deck_has_five_to_twelve_slides_from_the_question_over_figures_and_a_vote_to_what_was_found(deck):
    lesson, shown = DECKS[deck], slides(deck).select(".slides > section")
    assert 5 <= len(shown) <= 12
    kinds = [slide["class"][0] for slide in shown]
    assert (kinds[0], kinds[-2:]) == ("question", ["vote", "takeaways"])
    assert {"picture", "device"} & set(kinds[1:-2])
    assert len(kinds) == 5 or kinds.count("vote") == 1
    assert shown[0].h2.get_text().endswith("?")
    assert shown[0].h1.get_text() == f"{lesson.number} {lesson.title}".replace("'", "’").replace("`", "")
    assert len(shown[-1].select(".found > li")) == len(lesson.takeaways)
    assert kinds.count("device") == len(lesson.devices)
    marked = re.findall(r"^:?tags: \[.*\bslide\b(?!-).*\]$", lesson.path.read_text(encoding="utf-8"), re.M)
    assert kinds.count("picture") >= len(marked)


@every_deck
def test_a_slide_is_short_and_shows_no_markup(deck):
    for slide in slides(deck).select(".slides > section"):
        for words in slide.select("h1, h2, p, li"):
            plain = "".join(part for part in words.find_all(string=True) if not part.find_parent(["code", "math"]))
            plain = re.sub(r"\\\(.*?\\\)", "x", plain)
            assert not re.search(r"\$|\*\*|\{(term|cite|doc)\b|\]\(|`|\\", plain), plain
            if not words.find_parent("aside"):
                longest = max(map(len, markup.SENTENCE.split(plain)))
                assert longest < 240, plain
                assert len(plain) < 400, plain


@every_deck
def test_notes_add_to_their_slide_and_hold_the_plan_of_the_lesson(deck):
    for slide in read(HTML / "slides" / f"{deck}.html").select(".slides > section"):
        notes = slide.aside.extract()
        assert len(notes.get_text(strip=True)) > 20, slide.h2
        if slide["class"][0] in ("question", "takeaways"):
            wanted = ["They say:"] if slide["class"][0] == "question" else ["Board", "Ask"]
            assert [strong.get_text() for strong in notes.find_all("strong") if strong.get_text() in wanted] == wanted
        for words in slide.select("h2, p, li"):
            for sentence in markup.SENTENCE.split(words.get_text()):
                assert len(sentence) < 25 or sentence not in notes.get_text(), "said twice"


@every_deck
def test_a_deck_says_what_it_is_its_figures_what_they_show_and_its_links_lead_to_the_lesson_and_the_chapter(deck):
    page, lesson = slides(deck), DECKS[deck]
    assert page.html["lang"] == "en"
    assert page.h1.get_text() in page.title.get_text()
    title = page.h1.get_text().split(" ", 1)[1]
    assert not [kicker for kicker in page.select(".kicker") if kicker.get_text().count(title) > 1], "named twice"
    for image in page.find_all("img"):
        assert len(image["alt"]) > 20
        assert (HTML / "slides" / deck / ".." / image["src"].partition("#")[0]).resolve().exists()
    links = {link["href"] for link in page.select(".slides a")}
    assert {f"../../{lesson.page}.html", f"../{deck.split('/')[0]}.html"} <= links


def test_a_chapter_lists_its_decks_and_lesson_chapter_and_teachers_guide_lead_to_the_slides():
    guide = (pairing.ROOT / "book" / "teacher.md").read_text(encoding="utf-8")
    assert re.findall(r'href="\.\./slides/(\w+)\.html"', guide) == [chapter.name for chapter in COURSE.chapters]
    for chapter in COURSE.chapters:
        cards = soup(HTML / "slides" / f"{chapter.name}.html").select("li")
        own = [lesson.page.removeprefix("chapters/") for lesson in chapter.lessons]
        assert [card.h2.a["href"] for card in cards] == [f"{deck}.html" for deck in own]
        for deck, card in zip(own, cards, strict=True):
            assert f"{len(slides(deck).select('.slides > section'))} slides" in card.get_text()
            link = soup(HTML / "chapters" / f"{deck}.html").select_one("a.deck")
            assert link["href"] == f"../../slides/{deck}.html"
        link = soup(HTML / "chapters" / chapter.name / "index.html").select_one("a.deck")
        assert link["href"] == f"../../slides/{chapter.name}.html"
    assert not soup(HTML / "chapters" / "01_the_problem" / "exercises.html").select("a.deck")


@pytest.mark.parametrize("deck", sorted(KOREAN.rglob("*.html")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_slides_are_korean_and_lead_to_the_english_ones(deck):
    name = deck.relative_to(KOREAN).as_posix()
    korean, english = read(deck), soup(HTML / "slides" / name)
    assert korean.html["lang"] == "ko"
    (link,) = korean.select("a[hreflang=en]")
    assert (deck.parent / link["href"]).resolve() == (HTML / "slides" / name).resolve()
    assert [link["lang"] for link in english.select("a[hreflang=ko]")] == ["ko"]
    kinds = [[slide["class"] for slide in page.select("section")] for page in (korean, english)]
    assert kinds[0] == kinds[1]
    for other in korean.select("pre, code, script, style, .math, img, [lang=en]"):
        other.decompose()
    chapter = name.split("/")[0].removesuffix(".html")
    sources = [f"chapters/{path.parent.name}/{path.stem}" for path in pairing.sources() if path.parent.name == chapter]
    sources += [f"book/lesson_plans_{int(chapter[:2])}", catalogs.SITE]
    waits = any(waiting(page, "ko") for page in sources)
    assert waits or not SENTENCE.findall(korean.body.get_text(" "))


LOOK = """async () => {
  const slide = Reveal.getCurrentSlide(), found = [], next = () => new Promise(requestAnimationFrame);
  await next();
  while (document.fonts.status !== "loaded" || [...slide.querySelectorAll("img")].some(image => !image.complete)) await next();
  const frame = slide.getBoundingClientRect();
  const seen = node => !node.closest("aside") && node.checkVisibility({ visibilityProperty: true });
  const device = slide.querySelector("[data-device]");
  if (device) for (let frame = 0; frame < 3 || !device.matches(".filled"); frame += 1) await next();
  const body = [1, 1, 0, 0], size = [frame.width, frame.height];  // what lies below the headline: left, top, right, bottom
  const cover = (...sides) => sides.forEach((side, i) => {
    body[i] = Math[i < 2 ? "min" : "max"](body[i], (side - (i % 2 ? frame.top : frame.left)) / size[i % 2]);
  });
  for (const node of slide.querySelectorAll("*:not(aside, aside *, svg *, .katex *), .katex-base")) {
    const { left, top, right, bottom, width, height } = node.getBoundingClientRect();
    const scrolls = node.closest("pre") && document.querySelector(".upright");
    if ((left < frame.left || top < frame.top || right > frame.right - 4 || bottom > frame.bottom - 8) && seen(node) && !scrolls)
      found.push(`outside: ${node.outerHTML.slice(0, 80)}`);
    const text = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    if (text && !node.closest(".device-stage") && !scrolls && parseFloat(getComputedStyle(node).fontSize) < 20 && seen(node))
      found.push(`small: ${node.outerHTML.slice(0, 80)}`);
    if (!node.matches(".kicker, .kicker *, .keys, .keys *, section > h2") && seen(node)) {
      if (node.matches("img")) {
        const scale = Math.min(width / node.naturalWidth, height / node.naturalHeight) / 2;
        const [x, y, w, h] = [(left + right) / 2, (top + bottom) / 2, node.naturalWidth * scale, node.naturalHeight * scale];
        cover(x - w, y - h, x + w, y + h);
      } else if (text || node.matches("svg, .katex-base, input")) cover(left, top, right, bottom);
    }
  }
  for (const text of device && !document.querySelector(".upright") ? device.querySelectorAll("svg text") : []) {  // axes can be read from the last row
    const size = parseFloat(getComputedStyle(text).fontSize) * new DOMMatrix(getComputedStyle(device.querySelector(".device-stage")).transform).a;
    if (seen(text) && size < 13) found.push(`small: ${size} px: ${text.textContent}`);
  }
  const kind = slide.className.split(" ")[0], [left, top, right, bottom] = body;
  if (["picture", "device"].includes(kind) && (left > .45 || right < .55 || bottom < .55)) found.push(`empty: ${body}`);
  for (const image of slide.querySelectorAll("img")) if (!image.naturalWidth) found.push(`no picture: ${image.src}`);
  if (slide.querySelectorAll(".math").length !== slide.querySelectorAll(".math .katex").length) found.push("TeX");
  const last = Reveal.isLastSlide() && !Reveal.availableFragments().next;
  return [last, found.map(fault => `${Reveal.getIndices().h + 1}: ${fault}`)];
}"""


def step_through(page):
    """Step through a deck and return the number of steps, and what is wrong with the first slide that is not right."""
    browsing.becomes(page, "window.Reveal?.isReady()")
    steps, (last, faults) = 0, page.evaluate(LOOK)
    where = "() => JSON.stringify(Reveal.getIndices())"
    while not (last or faults):
        before = page.evaluate(where)
        page.evaluate("Reveal.next()") if steps else page.keyboard.press("ArrowRight")
        eventually(lambda: page.evaluate(where), lambda now: now != before)  # noqa: B023
        steps, (last, faults) = steps + 1, page.evaluate(LOOK)
    return steps, faults


# `make test` steps through one deck of each edition, and those that changed; `make nightly` through all.
SAMPLE = "02_grid_search/03_the_explosion"


def stepped(edition, deck):
    swept = pytest.mark.sweep(*sources.of_deck(DECKS[deck], bool(edition)), sample=deck == SAMPLE)
    return pytest.param(f"{edition}slides/{deck}.html", id=f"{edition}{deck}", marks=swept)


STEPPED = [stepped(edition, deck) for edition in ("", "ko/") for deck in DECKS]


def test_a_change_steps_through_the_decks_that_it_is_about():
    lesson, deck = "chapters/05_trade_offs/01_stop_early", "05_trade_offs/01_stop_early"
    assert layers.swept(STEPPED, {f"{lesson}.md"}) == [deck, f"ko/{deck}"]
    assert layers.swept(STEPPED, {f"{sources.CATALOGS}/{lesson}.po"}) == [f"ko/{deck}"]
    plans = layers.swept(STEPPED, {"book/lesson_plans_6.md"})
    assert plans == [param.id for param in STEPPED if "06_your_turn" in param.id]


@pytest.mark.parametrize("path", STEPPED)
def test_a_browser_steps_through_a_deck_and_nothing_is_cut_off_small_empty_or_missing(view, path):
    page = view(path)
    browsing.resize(page, 1280, 720)
    steps, faults = step_through(page)
    assert not faults
    assert not page.complaints
    assert steps == len(soup(HTML / path).select(".slides > section, .why")) - 1


def stepped_upright(deck):
    about = sources.of_deck(DECKS[deck])
    return pytest.param(deck, marks=pytest.mark.sweep(*about, "book/press/slides/", sample=deck == UPRIGHT[0]))


UPRIGHT = ["02_grid_search/02_the_winner_is_noise", "04_how_it_works/02_the_surrogate", "05_trade_offs/02_nobody_waits"]


@pytest.mark.parametrize("deck", [stepped_upright(deck) for deck in UPRIGHT])
def test_on_a_phone_held_upright_a_slide_is_as_tall_as_the_screen_and_its_words_can_be_read(view, deck):
    page = view(f"slides/{deck}.html", 390)
    browsing.resize(page, 390, 844)
    _, faults = step_through(page)
    assert not faults
    eventually(lambda: page.evaluate("Reveal.getCurrentSlide().getBoundingClientRect().height") > 800)
    eventually(lambda: page.evaluate("Reveal.getScale() * 20"), lambda pixels: pixels > 12)  # of the smallest words


def test_a_device_feels_the_mouse_where_it_is_on_a_slide_of_any_size(view):
    page = view("slides/01_the_problem/02_manual_tuning.html", 1920)
    browsing.resize(page, 1920, 1080)
    kinds = [slide["class"][0] for slide in slides("01_the_problem/02_manual_tuning").select(".slides > section")]
    page.evaluate("index => Reveal.slide(index)", kinds.index("device"))
    page.wait_for_selector("section.present .filled svg")
    browsing.becomes(page, browsing.STILL)
    plot = browsing.frame_of(page.locator("section.present svg.device-plot"))
    x, y = plot["x"] + 0.3 * plot["width"], plot["y"] + 0.7 * plot["height"]
    page.mouse.click(x, y)

    def tried():
        frame = page.locator("section.present svg .choose-real").last.bounding_box()
        return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2

    eventually(tried, pytest.approx((x, y), abs=25))  # half a cell of the grid of values
    before = page.evaluate("Reveal.getIndices().h")
    page.locator("section.present svg.device-plot").focus()
    page.keyboard.press("ArrowRight")
    browsing.settle(page)
    assert page.evaluate("Reveal.getIndices().h") == before, "the key is the device's"
    page.keyboard.press("PageDown")
    eventually(lambda: page.evaluate("Reveal.getIndices().h"), before + 1)


def test_the_speakers_window_shows_the_notes(view):
    page = view("slides/06_your_turn/01_write_a_strategy.html")
    browsing.becomes(page, "window.Reveal?.isReady()")
    with page.expect_popup() as window:
        page.keyboard.press("s")
    window.value.locator(".speaker-controls-notes .value", has_text="They say:").wait_for()
    assert not page.complaints
