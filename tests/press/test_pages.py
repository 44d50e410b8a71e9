"""The built pages: complete, offline, light, and accessible. `make book` builds them; a browser looks at them if there is one."""

import functools
import html.parser
import io
import json
import re
import zipfile
from urllib.parse import unquote, urlsplit

import browsing
import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

from book.press import course
from book.press.notebooks import exercises, pairing, standalone
from book.press.paper.document import COMPANIONS, document
from book.press.slides import markup
from book.press.translation import catalogs

HTML = pairing.ROOT / "book" / "_build" / "html"
ALL = sorted(HTML.rglob("*.html"))
PAGES = [
    path for path in ALL if path.relative_to(HTML).parts[0] not in catalogs.LANGUAGES
]  # other editions: test_pages_korean.py

LOADED = {  # what a browser fetches by itself
    "audio": ["src"],
    "embed": ["src"],
    "iframe": ["src"],
    "img": ["src", "srcset"],
    "input": ["src"],
    "object": ["data"],
    "script": ["src"],
    "source": ["src", "srcset"],
    "track": ["src"],
    "video": ["src", "poster"],
}
ELSEWHERE = re.compile(r"^\s*(https?:)?//")


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.tags, self.ids, self.open_cells, self.images = [], set(), 0, []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        self.ids.add(attributes.get("id"))
        self.open_cells += tag == "details" and "open" in attributes and "hide" in attributes.get("class", "")
        if tag == "img":
            self.images.append(attributes)


@functools.cache
def page(path):
    return Page(path)


@functools.cache  # all that need no browser run in one process, and share it (conftest.py)
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def name(path):
    return path.relative_to(HTML).as_posix()


FULL = [path for path in PAGES if name(path) not in ("404.html", "index.html")]
FULL = [path for path in FULL if path.relative_to(HTML).parts[0] != "slides"]  # those with the theme around them


def test_the_book_is_built():
    assert PAGES, "run `make book` first"
    built = {path.relative_to(HTML).with_suffix("").as_posix() for path in PAGES}
    chapters = pairing.ROOT.glob("chapters/*/*.md")
    assert {"index", "book/index", "book/teacher", "book/glossary", "book/references"} <= built
    assert {path.relative_to(pairing.ROOT).with_suffix("").as_posix() for path in chapters} <= built


def test_no_page_loads_anything_from_another_host():
    for path in ALL:
        for tag, attributes in page(path).tags:
            names = LOADED.get(tag, [])
            if tag == "link" and attributes.get("rel") not in ("canonical", "author", "license"):
                names = ["href"]
            for name in names:
                assert not ELSEWHERE.match(attributes.get(name) or ""), f"{path.name}: {attributes[name]}"


def test_no_style_loads_anything_from_another_host():
    for path in HTML.rglob("*.css"):
        found = re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text(encoding="utf-8"))
        assert not found, path.name
    for path in ALL:
        assert not re.search(r"url\(\s*['\"]?https?://", path.read_text(encoding="utf-8")), path.name


def test_every_local_link_leads_somewhere():
    for path in ALL:
        for tag, attributes in page(path).tags:
            for name in ("href", "src"):
                target = urlsplit(attributes.get(name) or "")
                if path.name == "404.html":  # shown at any address, so its links begin at the root of the site
                    target = target._replace(path=(HTML / target.path.lstrip("/")).as_posix())
                if target.scheme or target.netloc or not (target.path or target.fragment):
                    continue
                file = (path.parent / unquote(target.path)).resolve() if target.path else path
                assert file.exists(), f"{path.relative_to(HTML)}: <{tag}> {attributes[name]}"
                if tag == "a" and target.fragment and file.suffix == ".html":
                    place = unquote(target.fragment).split(":")[0]  # a device, behind the colon its state
                    assert place in page(file).ids, f"{path.relative_to(HTML)}: {attributes[name]}"


def test_every_figure_carries_its_alt_text():
    wanted = 0
    for source in pairing.sources():
        cells = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
        alts = [cell["metadata"].get("mystnb", {}).get("image", {}).get("alt") for cell in cells]
        built = HTML / source.relative_to(pairing.ROOT).with_suffix(".html")
        shown = [image.get("alt") for image in page(built).images]
        for alt in filter(None, alts):
            assert alt in shown, f"{source.name}: {alt}"
            wanted += 1
    figures = [i for p in PAGES for i in page(p).images if "_images" in i["src"]]
    assert len(figures) >= wanted
    assert all(image["alt"] and not image["alt"].endswith(".png") for image in figures)


@pytest.mark.parametrize("source", sorted(pairing.ROOT.glob("chapters/*/exercises.md")), ids=lambda p: p.parent.name)
def test_an_exercise_page_closes_its_solutions_and_offers_the_student_notebook(source):
    built = HTML / source.relative_to(pairing.ROOT).with_suffix(".html")
    text = built.read_text(encoding="utf-8")
    cells = pairing.read_markdown(source).cells
    n = sum(map(exercises.is_solution, cells))
    assert text.count("Show the solution") == text.count("Show the check") == n
    assert "BEGIN SOLUTION" not in text
    assert page(built).open_cells == 0
    links = [
        a["href"]
        for tag, a in page(built).tags
        if tag == "a" and "download" in a and a.get("class") and "reference" in a["class"]
    ]
    notebook, wheel = ((built.parent / link).resolve() for link in links)
    student = json.loads(pairing.write_notebook(exercises.student_version(pairing.pair(source))))
    assert json.loads(notebook.read_text(encoding="utf-8")) == student
    assert wheel.name == standalone.WHEEL
    assert zipfile.is_zipfile(wheel)


def test_a_page_offers_its_notebook_as_it_starts_anywhere():
    for source in pairing.sources():
        built = HTML / source.relative_to(pairing.ROOT).with_suffix(".html")
        (button,) = soup(built).select("a.btn-download-source-button")
        offered = json.loads((built.parent / button["href"]).read_text(encoding="utf-8"))
        stored = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
        assert next(cell["id"] for cell in offered["cells"] if cell["cell_type"] == "code") == "start"
        assert len(offered["cells"]) == len(stored["cells"]) + 1


def test_no_file_holds_a_hidden_test():
    for path in HTML.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".js"):
            assert "HIDDEN TESTS" not in path.read_text(encoding="utf-8"), name(path)


def test_the_root_leads_to_the_front_page_and_says_the_same_of_itself():
    root, front = soup(HTML / "index.html"), soup(HTML / "book/index.html")
    refresh = root.find("meta", attrs={"http-equiv": "refresh"})
    assert refresh["content"].endswith("url=book/index.html")
    for key in ("og:title", "og:image", "og:description"):
        assert root.find("meta", property=key)["content"] == front.find("meta", property=key)["content"]


# ---- What `book/press/pages` has done


def test_a_page_has_one_title_one_heading_and_words_for_those_who_are_sent_the_link():
    for path in FULL:
        head = soup(path).head
        assert len(head.find_all("title")) == len(soup(path).find_all("h1")) == 1, name(path)
        assert len(head.find_all("meta", attrs={"name": "viewport"})) == 1, name(path)
        description = head.find("meta", attrs={"name": "description"})["content"]
        assert 3 < len(description) < 200, f"{name(path)}: {description}"
        said = {meta["property"]: meta["content"] for meta in head.find_all("meta", property=True)}
        assert said["og:title"]
        assert said["og:description"] == description
        assert said["og:url"].endswith(name(path))
        assert said["og:url"].startswith("http")
        assert (HTML / said["og:image"].removeprefix(said["og:url"].removesuffix(name(path)))).exists()
        assert head.find("link", rel="canonical")["href"] == said["og:url"]
    front = soup(HTML / "book/index.html").title.get_text()
    assert front.count("Hyperparameter Tuning") == 1


def test_the_sitemap_lists_each_page_of_the_book_once():
    listed = re.findall(r"<loc>(.+?)</loc>", (HTML / "sitemap.xml").read_text(encoding="utf-8"))
    wanted = [name(path) for path in FULL if path.name not in ("genindex.html", "search.html")]
    assert [urlsplit(address).path.removeprefix("/") for address in listed] == wanted


def test_no_code_bar_stands_above_plain_sentences():
    for path in FULL:
        for bar in soup(path).select(".cell > details.hide"):
            output = bar.find_parent(class_="cell").select_one(".cell_output")
            shown = output is None or output.select_one("img, table, pre, svg, button")
            assert shown, f"{name(path)}: {output.get_text()[:80]}"


def test_no_sentence_shows_its_markup():
    """A dollar, two stars or a role in a sentence were meant to become something else; outputs of cells know no `$`."""
    for path in FULL:
        for words in (soup(path).select_one("main") or soup(path)).select("p, li, td, dd, h2, h3, summary"):
            plain = "".join(
                part
                for part in words.find_all(string=True)
                if not part.find_parent(class_=["highlight", "math", "sig"]) and not part.find_parent("code")
                if not (
                    part.find_parent("strong") and part.find_parent("dt")
                )  # the name of a parameter, such as **params
            )
            assert not re.search(r"\$|\*\*|\{(term|cite|doc)\b|\]\(|^\|", plain), f"{name(path)}: {plain[:200]}"


def test_a_page_fetches_mathematics_icons_and_the_search_index_only_where_they_are_used():
    assert not list(HTML.rglob("*.map"))
    for path in FULL:
        scripts = " ".join(script["src"] for script in soup(path).find_all("script", src=True))
        assert ("mathjax" in scripts) == bool(soup(path).select(".math")), name(path)
        assert "fontawesome" not in scripts, name(path)
        assert ("searchindex" in scripts) == (path.name == "search.html"), name(path)
        icons = {
            c for i in soup(path).select("i.fa-solid, span.fa-solid, i.fas") for c in i["class"] if c.startswith("fa-")
        }
        drawn = set(re.findall(r"\.(fa-[a-z-]+) ", (HTML / "_static/icons.css").read_text(encoding="utf-8")))
        assert icons - {"fa-solid", "fa-lg", "fa-fw"} <= drawn, name(path)


def test_a_figure_has_its_size_leads_to_its_file_and_has_at_most_one_twin():
    twins = 0
    for path in FULL:
        for image in soup(path).select("main img[src*='_images/']"):
            assert image["width"]
            assert image["height"]
            assert image["loading"] == "lazy", name(path)
            assert image.find_parent("a")["href"] == image["src"], name(path)
            twins += "only-dark" in image["class"]
    assert twins > 50


def test_the_front_page_has_the_device_the_picture_and_what_lesson_1_asks_for():
    text = soup(HTML / "book/index.html").get_text()
    assert soup(HTML / "book/index.html").select_one(".front [data-device=choose] .device-stage")
    assert soup(HTML / "book/index.html").select_one(".front img")
    assert "import hpt_lab as hpt" in text
    assert "<!--" not in text


def test_the_pages_join_to_one_document_for_paper():
    """`document` raises where an id stands twice, or a link of the document leads nowhere."""
    citation = yaml.safe_load((pairing.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    whole = BeautifulSoup(document(HTML, citation), "html.parser")
    parts = [part["id"] for part in whole.select("article.page")]
    chapters = [path for path in FULL if name(path).startswith("chapters/")]
    assert {name(path).removesuffix(".html") for path in chapters} < set(parts)
    assert len(parts) == len(chapters) + len(set(path.parent for path in chapters)) + len(COMPANIONS)
    assert not whole.body.select("details, summary, button, script, .only-dark")
    questions = [p for path in FULL for p in soup(path).select("section#quiz > p") if re.match(r"\d+\.", p.get_text())]
    answered = [p.get_text()[0] for p in whole.select(".answered .sd-summary-content > p:has(> strong)")]
    assert len(answered) > len(questions) > 50
    for image in whole.select("img"):
        assert (HTML / image["src"]).is_file(), image["src"]


# ---- In a browser. axe-core judges WCAG 2.2, levels A and AA.

SEEN = [pytest.param(path, id=name(path)) for path in [*FULL, *(p for p in PAGES if p.name == "404.html")]]
CUT_OFF = """[...document.querySelectorAll("main pre")]
    .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 60))"""
# Thousands of words of code have a few dozen colours: axe looks at the first of each, in inputs, outputs and elsewhere,
# and at the first rows of a table, the first entries of an index.
ONE_OF_EACH_COLOUR = """() => {
    for (const more of document.querySelectorAll("tbody tr:nth-child(n+21), .genindextable li:nth-child(n+21)")) more.remove();
    const seen = new Set();
    for (const word of document.querySelectorAll(".highlight pre span")) {
        const place = word.closest(".cell_input, .cell_output, .admonition");
        const kind = [word.className, word.parentElement.className, place && place.className].join("|");
        seen.has(kind) ? word.remove() : seen.add(kind);
    }
}"""
MEGABYTES = {True: 2.5, False: 1.2}  # with and without mathematics, uncompressed


@pytest.fixture(scope="session")
def address():
    with browsing.served(HTML) as address:
        yield address


@pytest.fixture
def view(browser, address):
    """Opens a page and keeps what it said and fetched; closed at the end of the test."""
    with browsing.viewing(browser, address, name) as view:
        yield view


@pytest.mark.parametrize("path", SEEN)
def test_a_page_is_light_quiet_whole_on_a_desk_within_a_phone_and_without_barriers(view, path):
    page = view(path)
    for box in page.locator("[data-device]").all():
        box.scroll_into_view_if_needed()
        page.locator(f"#{box.get_attribute('id')}.device-lives").wait_for()
    assert not page.complaints
    assert page.bytes / 1e6 < MEGABYTES[bool(soup(path).select(".math"))]
    options = len(soup(path).select("section#quiz details.sd-dropdown"))
    assert page.locator(".quiz-question > .quiz-option").count() == options
    page.evaluate("document.querySelectorAll('main details').forEach(e => e.open = true)")
    assert not page.evaluate(CUT_OFF)
    for width in (1280, 390, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(browsing.SIDEWAYS) <= 1, f"{width} px"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate(ONE_OF_EACH_COLOUR)
    assert not browsing.barriers(page, "light")
    assert not browsing.barriers(page, "dark", others=False)


def quizzes():
    return [path for path in FULL if soup(path).select("section#quiz details")]


def test_a_quiz_answers_by_keyboard_counts_first_choices_and_remembers(view):
    page = view(quizzes()[0])
    questions = page.locator(".quiz-question")
    n = questions.count()
    score = page.locator(".quiz-score")
    assert score.inner_text().startswith(f"{n} questions")
    for i in range(n):
        options = questions.nth(i).locator("details")
        right = [
            option.locator(".sd-summary-content").text_content().strip().startswith("Right") for option in options.all()
        ]
        first = right.index(i > 0)  # the first question wrongly, then again; the others rightly
        for j in [first] if i else [first, right.index(True)]:
            options.nth(j).locator("summary").focus()
            page.keyboard.press("Enter")
            assert options.nth(j).locator(".sd-summary-content").is_visible()
            page.wait_for_function("e => e.textContent", arg=options.nth(j).locator(".quiz-verdict").element_handle())
            assert ("✓" in options.nth(j).locator(".quiz-verdict").inner_text()) == right[j]
    assert score.inner_text().startswith(f"{n - 1} of {n} right")
    page.reload()
    assert score.inner_text().startswith(f"{n - 1} of {n} right")
    page.locator(".quiz-again").click()
    assert score.inner_text().startswith(f"{n} questions")
    assert page.locator(".quiz-option.is-right, .quiz-option.is-wrong").count() == 0


def test_without_javascript_a_quiz_is_as_it_was(view):
    page = view(quizzes()[0], java_script_enabled=False)
    assert page.locator("section#quiz details summary").first.is_visible()
    assert page.locator(".quiz-score").count() == 0


def test_the_colour_menu_keeps_the_focus_and_a_focus_is_seen(view):
    page = view(HTML / "book/index.html")
    button = page.locator(".theme-switch-button").first
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".theme-change-button[data-mode=dark]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('.theme-switch-button')")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_a_search_lists_titles_first_and_shows_prose_beside_a_field_with_room_for_its_sign(view):
    page = view(HTML / "search.html")
    field = page.locator(".bd-search-container input")
    field.fill("surrogate")
    field.press("Enter")
    page.wait_for_function("document.querySelectorAll('ul.search p.context').length > 9")
    links = page.locator("ul.search > li > a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links[0].startswith("chapters/04_how_it_works/02_the_surrogate.html")
    assert links[1] == "book/reference/surrogates.html"
    shown = page.locator("ul.search p.context").all_inner_texts()
    assert all("surrogate" in text.lower() for text in shown[:5])
    furniture = "Show the |Hide the |Copy|Contents|System Settings|JavaScript|Report an error|Minutes:"
    assert not [text for text in shown if re.search(furniture, text)]
    sign = page.locator(".bd-search-container .fa-magnifying-glass").bounding_box()
    begins = field.evaluate("e => e.getBoundingClientRect().left + parseFloat(getComputedStyle(e).paddingLeft)")
    assert begins > sign["x"] + sign["width"]


STICKS_OUT = """() => {
    const side = document.querySelector(".bd-sidebar-primary"), brand = side.querySelector(".navbar-brand"), room = brand.getBoundingClientRect();
    const words = document.createRange();
    words.selectNodeContents(brand.querySelector("p"));
    return [brand.querySelector("img"), words].map(part => part.getBoundingClientRect())
        .some(({ left, right }) => left < room.left - 1 || right > room.right + 1) || side.scrollWidth > side.clientWidth;
}"""
LESSON = HTML / "chapters/04_how_it_works/02_the_surrogate.html"


def test_logo_and_title_are_whole_at_any_width(view):
    page = view(LESSON)
    for width in (960, 992, 1024, 1100, 1199, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert not page.evaluate(STICKS_OUT), f"{width} px"


BEGINS_A_LINE = """() => [...document.querySelectorAll("article .unbroken")].filter(box => {
    const [formula, sign] = [box.querySelector(".math"), box.lastChild], place = document.createRange();
    if (!sign.data || !box.checkVisibility()) return false;
    place.selectNodeContents(sign);
    return place.getBoundingClientRect().left < formula.getBoundingClientRect().right - 8;
}).map(box => box.textContent)"""


def test_nothing_lies_over_a_figure_and_no_sign_behind_a_formula_begins_a_line(view):
    page = view(LESSON)
    assert not page.locator("#pst-back-to-top").count()
    assert page.locator("article .unbroken").count() > 5
    for width in range(320, 422, 2):
        page.set_viewport_size({"width": width, "height": 800})
        assert not page.evaluate(BEGINS_A_LINE), f"{width} px"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_formula_that_scrolls_has_a_shadow_where_there_is_more(view, scheme):
    page = view(HTML / "chapters/04_how_it_works/03_acquisition.html", width=390, scheme=scheme)
    formula = page.locator("mjx-container[display=true]").first
    assert formula.evaluate("e => e.scrollWidth - e.clientWidth") > 20
    shade = lambda: edges(page, formula)  # noqa: E731
    begun = shade()
    assert begun[0] == 0
    assert begun[1] > 20
    formula.evaluate("e => e.scrollLeft = 9999")
    ended = shade()
    assert ended[0] > 20
    assert ended[1] == 0


def edges(page, element):
    """How much the ground at the left and at the right edge of an element differs from that of the page, of 255."""
    picture = np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("L")).astype(int)
    ground = picture[2]  # above the signs
    page_ground = np.bincount(picture.ravel()).argmax()
    return abs(ground[1] - page_ground), abs(ground[-2] - page_ground)


def test_a_dark_page_shows_the_dark_twin_and_paper_the_light_one(view):
    path = next(p for p in FULL if soup(p).select("img.only-dark[src*='-dark.png']") and "chapters" in name(p))
    page = view(path, scheme="dark")
    assert page.locator("main img.figure.only-dark").first.is_visible()
    assert not page.locator("main img.figure.only-light").first.is_visible()
    page.emulate_media(media="print")
    assert page.locator("main img.figure.only-light").first.is_visible()


# ---- The slides (`book/press/slides`)

COURSE = course.read(pairing.ROOT)
DECKS = {lesson.page.removeprefix("chapters/"): lesson for lesson in COURSE.lessons}
every_deck = pytest.mark.parametrize("deck", DECKS)


def slides(deck, edition=""):
    return soup(HTML / edition / "slides" / f"{deck}.html")


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
    for slide in slides(deck).select(".slides > section"):
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
    for image in page.find_all("img"):
        assert len(image["alt"]) > 20
        assert (HTML / "slides" / deck / ".." / image["src"]).resolve().exists()
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


LOOK = """async () => {
  const slide = Reveal.getCurrentSlide(), frame = slide.getBoundingClientRect(), found = [];
  const seen = node => !node.closest("aside") && node.checkVisibility({ visibilityProperty: true });
  const device = slide.querySelector("[data-device]");
  while (device && !device.matches(".filled")) await new Promise(requestAnimationFrame);
  const body = [1, 1, 0, 0], size = [frame.width, frame.height];  // what lies below the headline: left, top, right, bottom
  const cover = (...sides) => sides.forEach((side, i) => {
    body[i] = Math[i < 2 ? "min" : "max"](body[i], (side - (i % 2 ? frame.top : frame.left)) / size[i % 2]);
  });
  for (const node of slide.querySelectorAll("*:not(aside, aside *, svg *, mjx-container *), mjx-math")) {
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
      } else if (text || node.matches("svg, mjx-math, input")) cover(left, top, right, bottom);
    }
  }
  const kind = slide.className.split(" ")[0], [left, top, right, bottom] = body;
  if (["picture", "device"].includes(kind) && (left > .45 || right < .55 || bottom < .55)) found.push(`empty: ${body}`);
  for (const image of slide.querySelectorAll("img")) if (!image.naturalWidth) found.push(`no picture: ${image.src}`);
  if (slide.querySelectorAll(".math").length !== slide.querySelectorAll("mjx-container").length) found.push("TeX");
  const last = Reveal.isLastSlide() && !Reveal.availableFragments().next;
  return [last, found.map(fault => `${Reveal.getIndices().h + 1}: ${fault}`)];
}"""


def step_through(page):
    """Step through a deck and return the number of steps, and what is wrong with the first slide that is not right."""
    page.wait_for_function("window.Reveal?.isReady() && window.MathJax?.startup?.promise")
    page.evaluate("MathJax.startup.promise")
    steps, (last, faults) = 0, page.evaluate(LOOK)
    while not (last or faults):
        page.evaluate("Reveal.next()") if steps else page.keyboard.press("ArrowRight")
        steps, (last, faults) = steps + 1, page.evaluate(LOOK)
    return steps, faults


@pytest.mark.parametrize("edition", ["", "ko/"], ids=["en", "ko"])
@pytest.mark.parametrize("chapter", COURSE.chapters, ids=lambda chapter: chapter.name)
def test_a_browser_steps_through_each_deck_and_nothing_is_cut_off_small_empty_or_missing(browser, chapter, edition):
    with browsing.served(HTML) as address, browsing.opening(browser, address) as opened:
        for lesson in chapter.lessons:
            deck = lesson.page.removeprefix("chapters/")
            page = opened(f"{edition}slides/{deck}.html")
            page.set_viewport_size({"width": 1280, "height": 720})
            steps, faults = step_through(page)
            assert not faults, deck
            assert not page.complaints
            assert steps == len(slides(deck, edition).select(".slides > section, .why")) - 1
            page.close()


@pytest.mark.parametrize(
    "deck",
    ["02_grid_search/02_the_winner_is_noise", "04_how_it_works/02_the_surrogate", "05_trade_offs/02_nobody_waits"],
)
def test_on_a_phone_held_upright_a_slide_is_as_tall_as_the_screen_and_its_words_can_be_read(browser, deck):
    with browsing.served(HTML) as address, browsing.opening(browser, address) as opened:
        page = opened(f"slides/{deck}.html", 390)
        page.set_viewport_size({"width": 390, "height": 844})
        _, faults = step_through(page)
        assert not faults
        assert page.evaluate("Reveal.getCurrentSlide().getBoundingClientRect().height") > 800
        assert page.evaluate("Reveal.getScale() * 20") > 12, "pixels of the smallest words"


def test_a_device_feels_the_mouse_where_it_is_on_a_slide_of_any_size(browser):
    with browsing.served(HTML) as address, browsing.opening(browser, address) as opened:
        page = opened("slides/01_the_problem/02_manual_tuning.html", 1920)
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.evaluate(
            "Reveal.slide([...document.querySelectorAll('.slides > section')].findIndex(slide => slide.matches('.device')))"
        )
        page.wait_for_selector("section.present .filled svg")
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
        page = opened("slides/06_your_turn/01_write_a_strategy.html")
        page.wait_for_function("window.Reveal?.isReady()")
        with page.expect_popup() as window:
            page.keyboard.press("s")
        window.value.wait_for_function(
            "document.querySelector('.speaker-controls-notes .value')?.textContent.includes('They say:')"
        )
        assert not page.complaints
