"""The built pages: complete, offline, and accessible. `make book` builds them."""

import functools
import html.parser
import json
import re
from urllib.parse import unquote, urlsplit

import notebooks
import pytest

HTML = notebooks.ROOT / "book" / "_build" / "html"
PAGES = sorted(HTML.rglob("*.html"))

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


def test_the_book_is_built():
    assert PAGES, "run `make book` first"
    built = {path.relative_to(HTML).with_suffix("").as_posix() for path in PAGES}
    chapters = notebooks.ROOT.glob("chapters/*/*.md")
    assert {"index", "book/index", "book/teacher", "book/glossary", "book/references"} <= built
    assert {path.relative_to(notebooks.ROOT).with_suffix("").as_posix() for path in chapters} <= built


def test_no_page_loads_anything_from_another_host():
    for path in PAGES:
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
    for path in PAGES:
        assert not re.search(r"url\(\s*['\"]?https?://", path.read_text(encoding="utf-8")), path.name


def test_every_local_link_leads_somewhere():
    for path in PAGES:
        for tag, attributes in page(path).tags:
            for name in ("href", "src"):
                target = urlsplit(attributes.get(name) or "")
                if target.scheme or target.netloc or not (target.path or target.fragment):
                    continue
                file = (path.parent / unquote(target.path)).resolve() if target.path else path
                assert file.exists(), f"{path.relative_to(HTML)}: <{tag}> {attributes[name]}"
                if tag == "a" and target.fragment and file.suffix == ".html":
                    assert unquote(target.fragment) in page(file).ids, f"{path.relative_to(HTML)}: {attributes[name]}"


def test_every_figure_carries_its_alt_text():
    wanted = 0
    for source in notebooks.sources():
        cells = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
        alts = [cell["metadata"].get("mystnb", {}).get("image", {}).get("alt") for cell in cells]
        built = HTML / source.relative_to(notebooks.ROOT).with_suffix(".html")
        shown = [image.get("alt") for image in page(built).images]
        for alt in filter(None, alts):
            assert alt in shown, f"{source.name}: {alt}"
            wanted += 1
    figures = [i for p in PAGES for i in page(p).images if "_images" in i["src"]]
    assert len(figures) >= wanted
    assert all(image["alt"] and not image["alt"].endswith(".png") for image in figures)


@pytest.mark.parametrize("source", sorted(notebooks.ROOT.glob("chapters/*/exercises.md")), ids=lambda p: p.parent.name)
def test_an_exercise_page_closes_its_solutions_and_offers_the_student_notebook(source):
    built = HTML / source.relative_to(notebooks.ROOT).with_suffix(".html")
    text = built.read_text(encoding="utf-8")
    cells = notebooks.read_markdown(source).cells
    n = sum(map(notebooks.is_solution, cells))
    assert text.count("Show the solution") == text.count("Show the check") == n
    assert "BEGIN SOLUTION" not in text
    assert page(built).open_cells == 0
    (link,) = [
        a["href"]
        for tag, a in page(built).tags
        if tag == "a" and "download" in a and a.get("class") and "reference" in a["class"]
    ]
    offered = json.loads((built.parent / link).resolve().read_text(encoding="utf-8"))
    student = json.loads(notebooks.write_notebook(notebooks.student_version(notebooks.pair(source))))
    assert offered == student


def test_the_root_leads_to_the_front_page():
    assert 'url=book/index.html"' in (HTML / "index.html").read_text(encoding="utf-8")
