"""How the built pages are set: in the book's own typefaces, in its two color schemes, with the question first."""

import re
from pathlib import Path

import browsing
import pydata_sphinx_theme
import pytest
from browsing import eventually, says
from bs4 import NavigableString, Tag, TemplateString
from built import HTML, soup

from tools.fonts import FACES

STATIC = HTML / "_static"
LESSON = "chapters/04_how_it_works/02_the_surrogate.html"
LESSONS = sorted(HTML.glob("chapters/*/[0-9]*.html"))
FACE = re.compile(r'font-family: "([^"]+)"; font-style: normal; .*?src: url\(([^)]+)\).*?unicode-range: ([^;]+);')
WITHOUT = {"ᵀ", "⅙", *map(chr, range(0x1100, 0x1113))}  # no face has them: the consonants over the Korean index, too


def letters(ranges):
    """Return the letters of a `unicode-range`."""
    bounds = (part.removeprefix("U+").partition("-")[::2] for part in ranges.split(","))
    return {chr(code) for low, high in bounds for code in range(int(low, 16), int(high or low, 16) + 1)}


def faces():
    return [(family, file, letters(ranges)) for family, file, ranges in FACE.findall((STATIC / "fonts.css").read_text(encoding="utf-8"))]  # fmt: skip


def shown(tag):
    """Return the letters of a part of a page, but those of code and formulas."""
    if tag.name in ("script", "style", "pre", "code", "math") or "math" in tag.get("class", ()):
        return set()
    texts = (node for node in tag.contents if type(node) in (NavigableString, TemplateString))
    return set().union(*texts, *(shown(node) for node in tag.contents if isinstance(node, Tag)))


def test_the_faces_hold_every_letter_of_the_built_pages():
    held = {}
    for family, _, own in faces():
        held.setdefault(family, set()).update(own)
    for path in sorted(HTML.rglob("*.html")):
        page = soup(path).html
        seen = {letter for letter in shown(page) if letter.isprintable()} - WITHOUT
        own = held["Pretendard"] if page["lang"] == "ko" else held["Source Serif 4"] | held["Pretendard"]
        assert seen <= own, f"{path.name}: {seen - own}"


def test_every_font_of_the_site_is_the_books_own_and_lies_beside_its_license():
    served = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.woff2") if "math" not in str(path) and "katex" not in str(path).lower()}  # fmt: skip
    assert {file for _, file, _ in faces()} < served
    assert all(file.startswith("fonts/") for file in served)
    assert len(list((STATIC / "fonts").glob("*-OFL.txt"))) == len({face.family for face in FACES})


def test_nothing_is_left_of_the_font_of_icons():
    assert not list(STATIC.rglob("*fa-*.woff2"))
    for path in STATIC.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert "webfonts/" not in text, path.name
        assert not re.search(r"[\ue000-\uf8ff]|\\f[0-9a-f]{3}\b", text), path.name


def test_what_is_left_of_the_themes_style_has_only_rules_of_the_theme():
    name = "styles/pydata-sphinx-theme.css"
    theme = next(Path(pydata_sphinx_theme.__file__).parent.rglob(name)).read_text(encoding="utf-8")
    either = r"/\*.*?\*/|(?<=:is\()[^()]*"  # comments, and what of :is(.a, .b) no page needs
    heads = lambda text: re.findall(r"([^{}]+)\{", re.sub(either, "", text, flags=re.S))  # noqa: E731
    rules = lambda text: {selector.strip() for head in heads(text) for selector in head.split(",")}  # noqa: E731
    left = rules((STATIC / name).read_text(encoding="utf-8"))
    assert len(left) > 500
    assert left <= rules(theme)


def test_a_lesson_has_its_place_over_the_title_and_its_objectives_closed_behind_the_question():
    assert len(LESSONS) == 37
    for path in LESSONS:
        page = soup(path).select_one("article > section")
        place, title, *rest = page.find_all(recursive=False)
        assert title.name == "h1"
        chapter, number = (int(part[:2]) for part in path.parts[-2:])
        assert re.fullmatch(rf"{chapter}\.{number}\xa0· .+\xa0· \d+ minutes", place.get_text())
        (box,) = page.select("details.objectives")
        assert not box.has_attr("open")
        assert "Minutes" not in box.get_text()
        asked = box.parent.find_previous_sibling()
        assert asked in rest[:3], path.name
        assert "?" in asked.get_text(), path.name


# ---- In a browser


def fetched(page):
    """Return how many bytes of each font of the book the page has loaded."""
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)")
    return {name: (HTML / name.lstrip("/")).stat().st_size for name in names if "/fonts/" in name and "_static/fonts" in name}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "most"),
    [(LESSON, 150_000), ("chapters/04_how_it_works/exercises.html", 150_000), (f"ko/{LESSON}", 600_000)],
)
def test_the_fonts_of_a_page_are_light_and_each_is_fetched_once(view, path, most):
    page = view(path)
    browsing.becomes(page, THREE_FONTS)
    files = page.evaluate("performance.getEntriesByType('resource').map(file => file.name)")
    names = [name for name in files if name.endswith(".woff2")]
    assert len(names) == len(set(names)) > 2
    assert not [name for name in names if "fontawesome" in name]
    eventually(lambda: sum(fetched(page).values()) > 40_000)
    assert sum(fetched(page).values()) < most
    assert not page.complaints


THREE_FONTS = "[...document.fonts].filter(font => font.status === 'loaded').length >= 3"


def test_a_page_that_is_opened_from_a_folder_has_its_fonts_without_a_complaint(browser):
    with browsing.opening(browser, "file://") as opened:
        page = opened((HTML / "book/glossary.html").as_uri().removeprefix("file://"))
        browsing.becomes(page, THREE_FONTS)
        assert not page.complaints


def test_each_part_of_a_page_is_set_in_its_face(view):
    page = view(LESSON)
    face = "part => getComputedStyle(document.querySelector(part)).fontFamily.split(',')[0].replaceAll('\"', '')"
    parts = {"article > section > p:not(.place)": "Source Serif 4", "article h1": "Bricolage Grotesque", "nav.bd-links a": "Bricolage Grotesque", "article pre": "JetBrains Mono"}  # fmt: skip
    eventually(lambda: {part: page.evaluate(face, part) for part in parts}, parts)
    browsing.becomes(page, THREE_FONTS)
    korean = view(f"ko/{LESSON}")
    parts = ("article > section > p", "article h1")
    eventually(lambda: {korean.evaluate(face, part) for part in parts}, {"Pretendard"})


MEASURE = """() => [...document.querySelectorAll("article > section p:not(.place)")].filter(p => p.clientHeight > 100 && p.checkVisibility() && !p.closest(".margin, .admonition"))
    .map(p => p.innerText.length / (p.clientHeight / parseFloat(getComputedStyle(p).lineHeight)))"""


def test_a_line_of_prose_has_some_65_to_75_letters_and_titles_differ_from_it(view):
    page = view("chapters/01_the_problem/01_parameters_and_hyperparameters.html")
    eventually(lambda: max(page.evaluate(MEASURE)), lambda longest: 60 < longest < 76)
    size = "selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"
    h1, h2, h3, text, code = (page.evaluate(size, f"article {part}") for part in ("h1", "h2", "h3", "p:not(.place)", "pre"))  # fmt: skip
    assert h1 > 1.5 * h2 > 1.8 * h3
    assert h3 > text >= 18
    assert code >= 12


def test_the_question_is_seen_first_and_the_objectives_open_by_keyboard(view):
    page = view(LESSON, width=390)
    question = page.locator("article > section > p:has(strong)").first
    eventually(question.bounding_box, lambda frame: frame["y"] + frame["height"] < 600)
    box = page.locator("details.objectives")
    eventually(box.locator("li").first.is_hidden)
    box.locator("summary").focus()
    page.keyboard.press("Enter")
    eventually(box.locator("li").first.is_visible)
    says(box, "…Prerequisites…")


@pytest.mark.sweep("book/press/static/", "book/press/pages/", "pyproject.toml")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_and_what_was_answered_is_without_barriers_in_both_schemes(view, scheme):
    page = view(LESSON, scheme=scheme)
    page.evaluate("document.querySelectorAll('article details').forEach(e => e.open = true)")
    browsing.becomes(page, "document.querySelector('.quiz-option.is-right') && document.querySelector('.quiz-option.is-wrong')")  # fmt: skip
    assert not browsing.barriers(page, scheme, others=False)


def test_a_margin_note_stands_in_the_margin_and_the_next_page_is_a_card(view):
    page = view(LESSON)
    frames = lambda *places: [page.locator(place).first.bounding_box() for place in places]  # noqa: E731
    beside = lambda pair: pair[1]["x"] >= pair[0]["x"] + pair[0]["width"]  # noqa: E731
    eventually(lambda: frames("article div.cell", "article .margin"), beside)
    level = lambda pair: all(pair[0][side] == pair[1][side] for side in ("y", "height"))  # noqa: E731
    eventually(lambda: frames(".prev-next-area .left-prev", ".prev-next-area .right-next"), level)
    says(page.locator(".right-next"), "…\nAcquisition functions")
