"""The built pages: complete, offline, light, and accessible. `make book` builds them; a browser looks at them if there is one."""

import collections
import functools
import io
import json
import re
import zipfile
from urllib.parse import unquote, urlsplit

import browsing
import numpy as np
import pytest
import sources
import yaml
from browsing import eventually, says
from bs4 import BeautifulSoup, Tag
from built import HTML, name, no_looks_for_garbage, soup, without
from PIL import Image

from book.press import course
from book.press.address import ROOT
from book.press.notebooks import exercises, pairing, standalone
from book.press.paper.document import COMPANIONS, document
from book.press.translation import catalogs
from tests import layers

ALL = sorted(HTML.rglob("*.html"))
PAGES = [path for path in ALL if path.relative_to(HTML).parts[0] not in catalogs.LANGUAGES]  # test_pages_korean: others

# What a browser fetches by itself.
LOADED = {tag: ["src"] for tag in ("audio", "embed", "iframe", "input", "script", "track")}
LOADED |= {"img": ["src", "srcset"], "source": ["src", "srcset"], "object": ["data"], "video": ["src", "poster"]}
MEGABYTES = 1.2  # a page with all that it fetches, uncompressed
ELSEWHERE = re.compile(r"^\s*(https?:)?//")


class Page:
    """The tags of a page with their attributes, the ids among these, and the images."""

    def __init__(self, path):
        self.tags = [
            (tag.name, {key: written(value) for key, value in tag.attrs.items()}) for tag in soup(path).find_all(True)
        ]
        self.ids = collections.Counter(attributes["id"] for _, attributes in self.tags if "id" in attributes)
        self.images = [attributes for tag, attributes in self.tags if tag == "img"]


def written(value):
    """Return an attribute as it stands on the page: a list of names in one text."""
    return value if isinstance(value, str) else " ".join(value)


page = functools.cache(Page)


FULL = [path for path in PAGES if not name(path).startswith(("404.html", "index.html", "slides/"))]  # with the theme


def test_the_book_is_built():
    assert PAGES, "run `make book` first"
    built = {path.relative_to(HTML).with_suffix("").as_posix() for path in PAGES}
    chapters = pairing.ROOT.glob("chapters/*/*.md")
    assert {"index", "book/index", "book/teacher", "book/glossary", "book/references"} <= built
    assert {path.relative_to(pairing.ROOT).with_suffix("").as_posix() for path in chapters} <= built


def test_no_page_and_no_style_loads_anything_from_another_host():
    for path in ALL:
        for tag, attributes in page(path).tags:
            keys = LOADED.get(tag, [])
            if tag == "link" and attributes.get("rel") not in ("canonical", "author", "license"):
                keys = ["href"]
            for key in keys:
                assert not ELSEWHERE.match(attributes.get(key) or ""), f"{path.name}: {attributes[key]}"

        assert not re.search(r"url\(\s*['\"]?https?://", path.read_text(encoding="utf-8")), path.name
    for path in HTML.rglob("*.css"):
        found = re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text(encoding="utf-8"))
        assert not found, path.name


def test_every_local_link_leads_somewhere():
    for path in ALL:
        for tag, attributes in page(path).tags:
            for key in ("href", "src"):
                target = urlsplit(attributes.get(key) or "")
                if path.name == "404.html":  # shown at any address, so its links begin at the root of the site
                    target = target._replace(path=(HTML / target.path.lstrip("/")).as_posix())
                if target.scheme or target.netloc or not (target.path or target.fragment):
                    continue
                file = (path.parent / unquote(target.path)).resolve() if target.path else path
                assert file.exists(), f"{path.relative_to(HTML)}: <{tag}> {attributes[key]}"
                if tag == "a" and target.fragment and file.suffix == ".html":
                    place = unquote(target.fragment).split(":")[0]  # a device, behind the colon its state
                    assert place in page(file).ids, f"{path.relative_to(HTML)}: {attributes[key]}"


def test_an_id_stands_once_on_a_page_and_every_image_has_its_alt_text():
    for path in ALL:
        assert not [place for place, n in page(path).ids.items() if n > 1], name(path)
        assert all("alt" in image for image in page(path).images), name(path)


def test_a_page_is_light_with_its_scripts_styles_and_first_images():
    for path in ALL:
        loaded = {path}
        for tag, attributes in page(path).tags:
            lazy, styled = attributes.get("loading") == "lazy", attributes.get("rel") == "stylesheet"
            if tag == "script" or (tag == "link" and styled) or (tag == "img" and not lazy):
                address = urlsplit(attributes.get("src") or attributes.get("href") or "").path
                loaded.add((path.parent / address).resolve())
        assert sum(file.stat().st_size for file in loaded if file.is_file()) / 1e6 < MEGABYTES, name(path)


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
    assert not soup(built).select("details.hide[open]")
    links = soup(built).select("a[download].reference")
    notebook, wheel = ((built.parent / link["href"]).resolve() for link in links)
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


def shown_as_written(tag):
    """Return True for code, a formula, a signature, and the name of a parameter, such as **params."""
    a_name = tag.name == "strong" and tag.find_parent("dt")
    return tag.name == "code" or a_name or bool({"highlight", "math", "sig"} & set(tag.get("class", ())))


def test_no_sentence_shows_its_markup():
    """A dollar, two stars or a role in a sentence were meant to become something else; outputs of cells know no `$`."""
    markup = re.compile(r"\$|\*\*|\{(term|cite|doc)\b|\]\(|^\|")
    for path in FULL:
        main = soup(path).select_one("main") or soup(path)
        for words in without(main, shown_as_written):
            if words.name in ("p", "li", "td", "dd", "h2", "h3", "summary"):
                plain = "".join(text for text in without(words, shown_as_written) if not isinstance(text, Tag))
                assert not markup.search(plain), f"{name(path)}: {plain[:200]}"


def test_a_page_fetches_mathematics_icons_and_the_search_index_only_where_they_are_used():
    assert not list(HTML.rglob("*.map"))
    for path in FULL:
        scripts = " ".join(script["src"] for script in soup(path).find_all("script", src=True))
        formulas = soup(path).select(".math")
        assert bool(soup(path).select("link[href*='katex.css']")) == bool(formulas), name(path)
        assert all(formula.select_one(".katex > .katex-mathml") for formula in formulas), name(path)
        assert len(soup(path).find_all(class_="katex")) == len(formulas), name(path)
        assert "fontawesome" not in scripts, name(path)
        assert ("searchindex" in scripts) == (path.name == "search.html"), name(path)
        signs = [
            set(attributes.get("class", "").split()) for tag, attributes in page(path).tags if tag in ("i", "span")
        ]
        icons = {c for sign in signs if sign & {"fa-solid", "fas"} for c in sign if c[:3] == "fa-"}
        drawn = set(re.findall(r"\.(fa-[a-z-]+) ", (HTML / "_static/icons.css").read_text(encoding="utf-8")))
        assert icons - {"fa-solid", "fa-lg", "fa-fw"} <= drawn, name(path)


def test_a_figure_has_its_size_leads_to_its_file_and_has_at_most_one_twin():
    twins = 0
    for path in FULL:
        for image in soup(path).select("main img[src*='_images/']"):
            assert image["width"]
            assert image["height"]
            assert image["loading"] == "lazy", name(path)
            link, narrow = image.find_parent("a"), image.find_previous_sibling("source")
            assert link["href"].removesuffix("#full") == image["src"], name(path)
            assert link["href"].endswith(".svg#full") is image["src"].endswith(".svg")
            if image["src"].endswith(".svg"):
                assert (narrow is None) is ("scrolls" in link["class"])
            if narrow:
                assert int(narrow["width"]) < 360 < int(image["width"])
                assert (path.parent / narrow["srcset"]).exists()
            twins += "only-dark" in image["class"]
    assert twins > 50


def test_the_front_page_has_the_game_the_cards_the_claims_and_what_lesson_1_asks_for():
    front, replication = soup(HTML / "book/index.html"), soup(HTML / "book/replication.html")
    assert front.select_one(".front [data-device=choose] .device-stage")
    assert front.select_one(".front .picture img")
    assert len(front.select(".chapters .sd-card svg.chapter-picture")) == len(front.select(".chapters .sd-card")) == 7
    places = [link["href"].removeprefix("replication.html#") for link in front.select(".claims a")]
    rows = replication.select("tr:has(td a[id])")
    assert sorted(places) == sorted(row.select_one("a[id]")["id"] for row in rows)
    told = front.select_one(".claims").find_previous("p").get_text()
    assert re.findall(r"\d+", told) == [str(len(front.select(f".claims .{kind}"))) for kind in ("holds", "fell")]
    assert "import hpt_lab as hpt" in front.get_text()
    assert "<!--" not in front.get_text()
    assert {name(path) for path in FULL if "front.css" in path.read_text("utf-8")} == {"book/index.html"}


def test_each_claim_stands_in_the_picture_of_its_chapter_and_in_a_row_behind_a_fold():
    page = soup(HTML / "book/replication.html")
    pictures, tables = page.select("nav.claims"), page.select("table.of-claims")
    words = lambda text: re.findall(r"\w+", text)  # noqa: E731
    assert len(pictures) == len(tables) == 8
    for picture, table in zip(pictures, tables, strict=True):
        rows = {f"#{row.select_one('a[id]')['id']}": row.select("td") for row in table.select("tbody tr")}
        links = picture.select("a")
        assert sorted(link["href"] for link in links) == sorted(rows)
        assert not table.find_parent("details").has_attr("open")
        assert picture.find_parent("details") is None
        for link in links:
            claim, *numbers = [cell.get_text() for cell in rows[link["href"]]]
            assert words(link["title"])[: len(words(claim))] == words(claim)
            assert len(link.select("b")) == sum(" ± " in text for text in numbers[:3])
    assert sum(len(picture.select("a.holds i")) for picture in pictures) > 150


def test_the_pages_join_to_one_document_for_paper():
    """`document` raises where an id stands twice, or a link of the document leads nowhere."""
    citation = yaml.safe_load((pairing.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    with no_looks_for_garbage():
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

# `make test` opens one page of each kind, and those that changed; `make nightly` all.
KINDS = {
    "the front page": "book/index.html",
    "a chapter's first page": "chapters/04_how_it_works/index.html",
    "a lesson with a device": "chapters/02_grid_search/03_the_explosion.html",
    "a lesson with figures, formulas, and margin notes": "chapters/04_how_it_works/04_the_loop.html",
    "exercises": "chapters/04_how_it_works/exercises.html",
    "a companion": "book/glossary.html",
    "a page for teachers": "book/teacher_schedule.html",
    "a page of the reference": "book/reference/strategies.html",
    "a page without a source": "search.html",
}
OF_ALL_PAGES = ("book/press/static/", "book/press/pages/", "tests/press/test_pages.py")
SEEN = [sources.swept(path, name(path), KINDS.values()) for path in PAGES if path in FULL or path.name == "404.html"]
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


LESSON_PAGE = re.compile(r"chapters/\d\d_\w+/\d\d_\w+\.html")
WITHOUT_PICTURE = {"chapters/03_the_solution/04_the_same_in_keras.html"}  # two programs, word by word
FIRST_PICTURE = """() => Math.min(...[...document.querySelectorAll("article :is(.cell_output :is(img, svg), figure img, .device-stage)")]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 200).map(e => e.getBoundingClientRect().top + scrollY))"""


@pytest.mark.parametrize("path", SEEN)
def test_a_page_is_light_quiet_whole_on_a_desk_within_a_phone_and_without_barriers(view, path):
    page = view(path)
    if LESSON_PAGE.fullmatch(name(path)) and name(path) not in WITHOUT_PICTURE:
        eventually(lambda: page.evaluate(FIRST_PICTURE), lambda top: top <= 1600)
    for box in page.locator("[data-device]").all():
        box.scroll_into_view_if_needed()
        page.locator(f"#{box.get_attribute('id')}.device-lives").wait_for()
    assert not page.complaints
    assert page.bytes / 1e6 < MEGABYTES
    options = len(soup(path).select("section#quiz details.sd-dropdown"))
    eventually(page.locator(".quiz-question > .quiz-option").count, options)
    page.evaluate("document.querySelectorAll('main details').forEach(e => e.open = true)")
    eventually(lambda: page.evaluate(CUT_OFF), [])
    for width in (1280, 390, 360, 320, 1280):
        browsing.resize(page, width)
        browsing.fits(page)
    page.evaluate(ONE_OF_EACH_COLOUR)
    assert not browsing.barriers(page, "light")
    assert not browsing.barriers(page, "dark", others=False)


def test_each_kind_of_page_is_there_and_a_change_opens_the_page_that_it_is_about():
    assert set(KINDS.values()) <= {name(path) for path in FULL}
    lesson, device = "chapters/05_trade_offs/01_stop_early", "book/press/static/devices/explosion.js"
    for changed in (f"{lesson}.md", f"{lesson}.ipynb", "chapters/05_trade_offs/figures/01_stop_early/new.svg"):
        assert layers.swept(SEEN, {changed}) == [f"{lesson}.html"]
    assert "chapters/02_grid_search/03_the_explosion.html" in layers.swept(SEEN, {device})
    assert layers.swept(SEEN, {"hpt_lab/plots/axes.py"}) == ["book/reference/plots.html"]


@pytest.mark.parametrize("width", sources.samples((390,), (1280,), about=("book/replication.md", *OF_ALL_PAGES)))
def test_the_claims_are_a_picture_first_and_one_opens_its_numbers(view, width):
    page = view(HTML / "book/replication.html", width=width)
    picture = page.locator("nav.claims").nth(4)  # the longest
    assert page.evaluate("document.documentElement.scrollHeight") < (4000 if width > 400 else 5200)
    assert picture.locator("a").first.evaluate("link => link.scrollWidth <= link.clientWidth")
    picture.locator("a").first.focus()
    page.keyboard.press("ArrowRight")
    second = picture.locator("a").nth(1)
    eventually(lambda: page.locator(".claim-told").nth(4).inner_text(), second.get_attribute("aria-label"))
    row = page.locator(f"[id='{second.get_attribute('href')[1:]}']")
    assert row.evaluate("place => !place.closest('details').open")
    page.keyboard.press("Enter")
    eventually(lambda: row.evaluate("place => place.closest('details').open"))
    eventually(lambda: row.evaluate("place => Math.abs(place.getBoundingClientRect().top) < innerHeight"))
    browsing.fits(page)


def quiz():
    """Return the first page with a quiz."""
    return next(path for path in FULL if 'id="quiz"' in path.read_text(encoding="utf-8"))


def test_the_front_page_says_what_this_is_before_its_game():
    page = soup(HTML / "book/index.html")
    first = page.select_one("h1 + p").get_text()
    assert "course" in first
    assert page.select_one('meta[name="description"]')["content"] == first


@pytest.mark.parametrize(
    "page", ["chapters/02_grid_search/01_grid_search", "chapters/07_past_the_textbook/02_last_months_search"]
)
def test_a_quiz_has_the_options_of_the_course_in_its_order(page):
    quiz = course.read_lesson(ROOT / f"{page}.md").quiz
    boxes = soup(HTML / f"{page}.html").select("section#quiz details")
    shown = [(box.select_one(".sd-summary-text").get_text()[:9], box.select_one("strong").get_text() == "Right.") for box in boxes]  # fmt: skip
    asked = [(f"{letter}. {option.text}"[:9], option.right) for question in quiz for letter, option in zip("ABCD", question.options, strict=False)]  # fmt: skip
    assert [(text.replace("\u201c", '"'), right) for text, right in shown] == asked


def test_a_quiz_answers_by_keyboard_counts_first_choices_and_remembers(view):
    page = view(quiz())
    questions = page.locator(".quiz-question")
    n = questions.count()
    score = page.locator(".quiz-score")
    says(score, f"{n} questions…")
    for i in range(n):
        options = questions.nth(i).locator("details")
        said = options.locator(".sd-summary-content").all_text_contents()
        right = [text.strip().startswith("Right") for text in said]
        first = right.index(i > 0)  # the first question wrongly, then again; the others rightly
        for j in [first] if i else [first, right.index(True)]:
            options.nth(j).locator("summary").focus()
            page.keyboard.press("Enter")
            eventually(options.nth(j).locator(".sd-summary-content").is_visible)
            says(options.nth(j).locator(".quiz-verdict"), "✓ right" if right[j] else "✗ not this one")
    says(score, f"{n - 1} of {n} right…")
    page.reload()
    says(score, f"{n - 1} of {n} right…")
    page.locator(".quiz-again").click()
    says(score, f"{n} questions…")
    eventually(page.locator(".quiz-option.is-right, .quiz-option.is-wrong").count, 0)


def test_without_javascript_a_quiz_is_as_it_was(view):
    page = view(quiz(), java_script_enabled=False)
    eventually(page.locator("section#quiz details summary").first.is_visible)
    assert page.locator(".quiz-score").count() == 0


def test_no_row_of_the_chapters_cards_ends_in_a_gap(view):
    page = view(HTML / "book/index.html")
    cards = page.locator(".chapters .sd-card")

    def gaps():
        frames = cards.evaluate_all("cards => cards.map(card => card.getBoundingClientRect())")
        ends = {round(frame["y"]): frame["x"] + frame["width"] for frame in frames}  # of the last card in each row
        return max(ends.values()) - min(ends.values())

    for width in (1280, 800, 600, 390):
        browsing.resize(page, width)
        eventually(gaps, lambda gap: gap < 2)


def test_the_colour_menu_keeps_the_focus_and_a_focus_is_seen(view):
    page = view(HTML / "book/index.html")
    button = page.locator(".theme-switch-button").first
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".theme-change-button[data-mode=dark]").first.focus()
    page.keyboard.press("Enter")
    browsing.becomes(page, "document.activeElement.matches('.theme-switch-button')")
    eventually(lambda: page.locator("html").get_attribute("data-theme"), "dark")
    eventually(lambda: page.evaluate("getComputedStyle(document.activeElement).outlineWidth"), "3px")


def test_a_search_lists_titles_first_and_shows_prose_beside_a_field_with_room_for_its_sign(view):
    page = view(HTML / "search.html")
    field = page.locator(".bd-search-container input")
    field.fill("surrogate")
    field.press("Enter")
    page.locator("ul.search > li:nth-child(21)").wait_for()
    page.locator("ul.search p.context").first.wait_for()
    started = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.initiatorType)")
    assert 0 < started.count("fetch") < 10
    for result in page.locator("ul.search > li:not(.kind-object)").all()[:10]:
        result.scroll_into_view_if_needed()
        result.locator("p.context").wait_for()
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


def test_a_note_in_the_margin_is_on_the_page(view):
    page = view(HTML / "chapters/04_how_it_works/04_the_loop.html")
    assert page.locator(".admonition.margin").count() > 1
    for width in (992, 1024, 1199, 1200):
        browsing.resize(page, width)
        browsing.fits(page, 0)


def test_logo_and_title_are_whole_at_any_width(view):
    page = view(LESSON)
    for width in (960, 992, 1024, 1100, 1199, 1280):
        browsing.resize(page, width)
        assert not page.evaluate(STICKS_OUT), f"{width} px"


BEGIN_A_LINE = """widths => widths.map(width => {
    document.querySelector("article").style.width = `${width}px`;
    return [...document.querySelectorAll("article .unbroken")].filter(box => {
        const [formula, sign] = [box.querySelector(".math"), box.lastChild], place = document.createRange();
        if (!sign.data || !box.checkVisibility()) return false;
        place.selectNodeContents(sign);
        return place.getBoundingClientRect().left < formula.getBoundingClientRect().right - 8;
    }).map(box => `${width} px: ${box.textContent}`);
}).flat()"""


def test_nothing_lies_over_a_figure_and_no_sign_behind_a_formula_begins_a_line(view):
    page = view(LESSON, width=390)
    assert page.locator("#pst-back-to-top").count() == 0
    assert page.locator("article .unbroken").count() > 5
    assert page.evaluate(BEGIN_A_LINE, list(range(280, 392))) == []


@pytest.mark.parametrize("scheme", sources.samples(("light",), ("dark",), about=OF_ALL_PAGES))
def test_a_formula_that_scrolls_has_a_shadow_where_there_is_more(view, scheme):
    page = view(HTML / "chapters/04_how_it_works/06_what_thinking_costs.html", width=390, scheme=scheme)
    formula = page.locator(".katex-display").first
    assert formula.evaluate("e => e.scrollWidth - e.clientWidth") > 20
    eventually(lambda: formula.evaluate("e => e.tabIndex"), 0)  # keys scroll it, too
    eventually(lambda: edges(formula), lambda shades: shades[0] == 0 and shades[1] > 20)
    formula.evaluate("e => e.scrollLeft = 9999")
    eventually(lambda: edges(formula), lambda shades: shades[0] > 20 and shades[1] == 0)


def edges(element):
    """How much the ground at the left and at the right edge of an element differs from that of the page, of 255."""
    picture = np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("L")).astype(int)
    ground = picture[2]  # above the signs
    page_ground = np.bincount(picture.ravel()).argmax()
    return abs(ground[1] - page_ground), abs(ground[-2] - page_ground)


def test_a_dark_page_shows_the_dark_twin_and_paper_the_light_one(view):
    drawn = (p for p in FULL if "chapters" in name(p) and soup(p).select("img.only-dark[src*='-dark.']"))
    path = next(p for p in drawn if not soup(p).select(".device-figure"))  # where a device lives, it hides its figure
    page = view(path, scheme="dark")
    eventually(page.locator("main img.figure.only-dark").first.is_visible)
    eventually(page.locator("main img.figure.only-light").first.is_hidden)
    page.emulate_media(media="print")
    eventually(page.locator("main img.figure.only-light").first.is_visible)
