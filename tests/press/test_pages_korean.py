"""The Korean pages beside the English ones: the same places, all in Korean, and found by a search. `make book` builds both."""

import re
from pathlib import Path

import browsing
import pytest
import sources
from browsing import eventually, says
from bs4 import NavigableString, Tag
from built import HTML, SENTENCE, soup, waiting, without

from book.press.translation import catalogs
from tests import layers

KOREAN = sorted((HTML / "ko").rglob("*.html"))
REFERENCE = "book/reference/"  # its entries are the lab's docstrings
ONE_OF_EACH_KIND = [
    *("book/index.html", "book/glossary.html", "book/recipes.html", "book/teacher.html", "book/replication.html"),
    *("chapters/04_how_it_works/index.html", "chapters/04_how_it_works/04_the_loop.html"),
    *("chapters/04_how_it_works/exercises.html", "search.html"),
]


def name(path):
    return path.relative_to(HTML / "ko").as_posix()


FULL = [path for path in KOREAN if not name(path).startswith(("404.html", "index.html", "slides/"))]  # with the theme


@pytest.fixture(scope="module")
def pages():
    assert FULL, "run `make book` first"
    return {name(path): soup(path) for path in FULL}


def whole(pages):
    """Return the pages of which no message waits for its translation."""
    return [item for item in pages.items() if not waiting(item[0].removesuffix(".html"), "ko")]


def test_each_page_and_each_deck_has_its_korean_one():
    every = {path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html")}
    assert {page for page in every if page[:3] != "ko/"} == {name(path) for path in KOREAN}


def test_a_page_says_its_language_and_leads_to_the_same_place_in_the_other(pages):
    for here, page in pages.items():
        assert page.html["lang"] == "ko"
        there = soup(HTML / here)
        assert there.html["lang"] == "en"
        places = HTML / "ko" / here, HTML / here
        for own, other, (at, to) in ((page, "en", places), (there, "ko", places[::-1])):
            alternates = {link["hreflang"]: link["href"] for link in own.select("link[rel=alternate][hreflang]")}
            assert set(alternates) == {"en", "ko"}, here
            switches = own.select("a.edition[hreflang]")
            assert [link["hreflang"] for link in switches] == [other], here
            assert switches[0]["href"] == alternates[other]
            assert switches[0].get_text() == catalogs.LANGUAGES[other]
            assert at.parent.joinpath(switches[0]["href"]).resolve() == to.resolve()


def test_nothing_on_a_page_is_left_untranslated(pages):
    """What has no letter, as the numbers of a table that was written anew, reads the same in both languages."""
    for here, page in whole(pages):
        left = [node.get_text()[:60] for node in page.find_all(class_="untranslated") if not here.startswith(REFERENCE)]
        assert not [text for text in left if re.search(r"[^\W\d_]", text)], here


OTHER_TAGS, OTHER_CLASSES = {"pre", "code", "script", "style"}, {"math", "citation", "bibtex-citation"}


def other(tag):
    """Return True for a part of a page whose words are no reader's: code, what it prints, formulas, publications, another language."""
    classes = set(tag.get("class", ()))
    entry, printed = tag.name == "dl" and "py" in classes, "output" in classes and "text_markdown" not in classes
    apart = tag.name in OTHER_TAGS or classes & OTHER_CLASSES or tag.get("lang") == "en" or tag.get("id") == "bibtex"
    return entry or printed or apart


def test_a_reader_meets_no_english_sentence(pages):
    """But in code, in what it prints, in names of publications, and in the reference."""
    for here, page in whole(pages):
        if here.startswith(REFERENCE) or here in ("genindex.html", "book/references.html"):
            continue
        nodes = list(without(page.body, other))
        text = " ".join(node for node in nodes if type(node) is NavigableString)
        found = SENTENCE.findall(re.sub(r"\([^()]*\)", "", text))  # a term's English in brackets
        tags = [node for node in nodes if isinstance(node, Tag)]
        heard = [node.get(key, "") for node in tags for key in ("alt", "title", "aria-label", "placeholder")]
        assert not [*found, *(text for text in heard if SENTENCE.search(text))], here


def test_a_page_offers_its_notebook_in_korean(pages):
    exercises = [here for here in pages if here.endswith("exercises.html")]
    assert len(exercises) == 7
    for here in exercises:
        offered = [link["href"].rpartition("/")[2] for link in pages[here].select("a.download")]
        file = next((HTML / "ko" / "_downloads").glob(f"*/{offered[0]}"))
        assert "연습 문제" in file.read_text(encoding="utf-8")
        assert "검사 통과" in pages[here].get_text()


def test_the_glossary_shows_the_terms_with_the_reasons(pages):
    rows = pages["book/glossary.html"].select("table tr")
    assert len(rows) > 120
    assert any("조합 폭증" in row.get_text() and "터지는 것은 수" in row.get_text() for row in rows)


def test_the_lost_page_speaks_both_languages_at_the_root_and_korean_in_its_folder():
    assert [section["lang"] for section in soup(HTML / "404.html").select("section")] == ["en", "ko"]
    lost = soup(HTML / "ko" / "404.html")
    assert lost.html["lang"] == "ko"
    assert not SENTENCE.search(lost.body.get_text(" "))


# ---- In a browser


@pytest.fixture
def view(view):
    return lambda page: view(page if isinstance(page, Path) else f"ko/{page}")


# `make test` opens the front page, a lesson with a game, and the glossary, and the pages that changed; `make nightly` all.
SAMPLE = ("book/index.html", "chapters/04_how_it_works/04_the_loop.html", "book/glossary.html")
SEEN = [sources.swept(path, name(path), SAMPLE) for path in FULL if not name(path).startswith(REFERENCE)]


def test_a_change_opens_the_korean_page_that_it_is_about():
    lesson = "chapters/05_trade_offs/01_stop_early"
    for changed in (f"{lesson}.md", f"{sources.CATALOGS}/{lesson}.po"):
        assert layers.swept(SEEN, {changed}) == [f"{lesson}.html"]


@pytest.mark.parametrize("path", SEEN)
def test_a_korean_page_fits_a_phone_and_its_kind_has_no_barriers(view, path):
    page = view(path)
    assert not page.complaints
    for width in (1280, 390, 320, 1280):
        browsing.resize(page, width)
        browsing.fits(page)
    if name(path) in ONE_OF_EACH_KIND:  # the structure and the colours are those of the English pages
        assert not browsing.barriers(page, "light", colours=False)
    assert page.evaluate("getComputedStyle(document.body).wordBreak") == "keep-all"


@pytest.fixture(scope="module")
def found(browser, address):
    """Returns the pages that a search finds, best first."""
    with browsing.viewing(browser, address, "ko/{}".format) as view:
        page = view("search.html")
        browsing.becomes(page, "!!Search._index")
        search = "asked => Search._performSearch(...Search._parseQuery(asked)).map(result => result[0])"
        yield lambda asked: page.evaluate(search, asked)


def test_a_search_finds_a_term_with_any_particle_without_a_space_and_by_another_name(found):
    wanted = {"03_acquisition": "획득 함수|획득 함수를|획득 함수에서는|획득함수", "01_stop_early": "조기 종료|조기종료"}
    wanted |= {"05_honest_evaluation": "교차 검증|교차검증", "02_the_surrogate": "가우시안 프로세스|가우시안프로세스"}
    wanted |= {"04_the_loop": "베이지안 최적화|베이지안최적화", "02_mnist_in_thirty_trials": "에포크|에폭"}
    wanted |= {"01_two_loops": "임곗값|임계값", "01_parameters_and_hyperparameters": "활성화 함수|활성함수"}
    wanted |= {"02_manual_tuning": "시행|트라이얼", "glossary": "과적합|오버피팅", "01_grid_search": "초매개변수"}
    for page, words in wanted.items():
        for asked in words.split("|"):
            assert any(page in place for place in found(asked)), asked
    assert found("시드") == found("시드를") != []


def test_a_quiz_a_copy_button_and_a_device_speak_korean(view):
    page = view("chapters/02_grid_search/03_the_explosion.html")
    says(page.locator(".quiz-score"), "…답을 고르면…")
    rights = page.locator(".quiz-option", has_text="맞다.")
    rights.first.locator("summary").click()
    rights.first.locator(".quiz-verdict", has_text="맞다").wait_for()
    eventually(lambda: "is-right" in rights.first.get_attribute("class"))
    eventually(lambda: page.locator("button.copybtn").first.get_attribute("data-tooltip"), "복사")
    box = page.locator("[data-device]")
    box.scroll_into_view_if_needed()
    page.locator(".device-lives").wait_for()
    says(box.locator(".device-say"), "…하이퍼파라미터…")
    assert not SENTENCE.findall(box.inner_text())


def test_figures_and_the_picture_of_the_front_page_are_korean(pages):
    """What their words are is tested in test_drawn; here: the page has those files, and the slides, too."""
    files = [image["src"] for page in pages.values() for image in page.select("img.figure")]
    drawn = [HTML / "ko/_images" / src.rpartition("/")[2] for src in files if src.endswith(".svg")]
    assert len({path.name.removesuffix("-dark.svg").removesuffix(".svg") for path in drawn}) > 100
    assert all("Pretendard" in path.read_text(encoding="utf-8") for path in drawn[:40])
    assert any("front.ko" in src for src in files)
    slides = "".join(path.read_text(encoding="utf-8") for path in (HTML / "ko/slides").rglob("*.html"))
    assert not re.findall(r'<img src="[^"]*/[0-9a-f]{64}\.png"', slides)


WIDTHS = """() => {
    const line = document.querySelector(".tag_hide-input .cell_output pre").firstElementChild;
    const [korean, english] = ["표준", "abcd"].map(text => {
        const word = line.appendChild(document.createElement("span"));
        word.textContent = text;
        const { width } = word.getBoundingClientRect();
        word.remove();
        return width;
    });
    return Math.abs(1 - korean / english);
}"""


def test_a_syllable_that_a_cell_prints_is_as_wide_as_two_letters(view):
    page = view("chapters/04_how_it_works/06_what_thinking_costs.html")
    page.locator(".tag_hide-input .cell_output pre").first.scroll_into_view_if_needed()
    eventually(lambda: page.evaluate(WIDTHS) < 0.01)


def test_the_game_of_lesson_4_4_speaks_korean(view):
    page = view("chapters/04_how_it_works/04_the_loop.html")
    eventually(lambda: page.locator(".drill svg").get_attribute("aria-label"), "10킬로미터 길: 뚫을 곳을 고른다")
    page.locator(".drill svg").focus()
    page.keyboard.press("Enter")
    says(page.locator(".drill .say"), "…구멍 10개 중 1번째…")
    assert not re.search("[a-z]{3}", re.sub("km", "", page.locator(".drill").inner_text()))


def test_the_switch_keeps_the_place_on_the_page(view):
    page = view("chapters/02_grid_search/03_the_explosion.html#quiz")
    page.locator("a.edition[hreflang]").click()
    page.wait_for_url(lambda there: "/ko/" not in there)
    assert page.url.endswith("/03_the_explosion.html#quiz")
