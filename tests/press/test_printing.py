"""The book on paper: a small book, made here, is joined to one document, and a browser prints it."""

import re
import shutil
import unicodedata
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from browsing import telling
from bs4 import BeautifulSoup
from PIL import Image

from book.press import course
from book.press.address import ROOT
from book.press.pages import formulas
from book.press.paper import document, printing

CITATION = {"authors": [{"name": "A. Author"}], "version": "1.2.3", "abstract": "About.", "keywords": ["a", "b"]}
CHAPTER = "chapters/04_how"
NAV = f"""<nav class="bd-links">
<a class="internal" href="../{CHAPTER}/index.html">4. How</a><a class="internal" href="../{CHAPTER}/01_loops.html">Loops</a>
<a class="internal" href="../{CHAPTER}/exercises.html">Exercises</a><a class="internal" href="teacher.html">Guide</a>
<a class="internal" href="glossary.html">Glossary</a></nav>"""
FRONT = """<section id="name"><h1>The Name<a class="headerlink" href="#name">#</a></h1>
<p>A <a class="internal" href="glossary.html#term-loop">loop</a> each night.</p><div class="front"><img alt="A belief" src="../_images/figure.png"></div>
<!-- pdf -->
<p>More, for the screen.</p></section>"""
INDEX = """<section id="how"><h1><span class="section-number">4. </span>How<a class="headerlink" href="#how">#</a></h1>
<p>Back to <a class="internal" href="../../book/index.html#name">the front</a>.</p></section>"""
LESSON = r"""<section id="loops"><h1>Loops<a class="headerlink" href="#loops">#</a></h1>
<p>A <a class="internal" href="../../book/glossary.html#term-loop">loop</a>, <a href="../../book/teacher.html#all">for teachers</a>,
<a href="exercises.html">to do</a>, <a href="#quiz">asked</a>, <a class="external" href="https://elsewhere.example/">elsewhere</a>.</p>
<section id="twice"><h2>Twice</h2><p>Twice <span class="math">\(x^2\)</span>.</p>
<div class="cell tag_hide-input"><details class="admonition hide"><summary><p>Show the code</p></summary>
<div class="cell_input"><div class="highlight"><pre><span></span><span class="k">return</span> <span class="n">folded</span></pre></div></div></details>
<div class="cell_output"><a class="full-size only-light" href="../../_images/figure.png"><img alt="A line" class="figure only-light" loading="lazy"
src="../../_images/figure.png" width="100"></a><a class="full-size only-dark" href="../../_images/figure-dark.png"><img class="only-dark"
src="../../_images/figure-dark.png"></a></div></div>
<div class="admonition device" data-device="choose" id="choose"><p class="admonition-title">Your turn</p><div class="device-stage"><p>It needs
JavaScript.</p></div><p><strong>Question.</strong> Which?</p><details class="sd-dropdown"><summary><span class="sd-summary-text">Answer</span>
<span class="sd-summary-state-marker">v</span></summary><div class="sd-summary-content"><p>That one.</p></div></details></div>
<div class="cell"><details class="hide"><summary>Show the code</summary><div class="cell_input"><pre>button</pre></div></details>
<div class="cell_output"><div class="output text_html"><style>.a {}</style><button>New road</button></div></div></div></section>
<section id="quiz"><h2>Quiz</h2><p><strong>1. Why?</strong></p>
<details class="sd-dropdown"><summary><span class="sd-summary-text">A. For fun</span></summary><div class="sd-summary-content"><p>No. Why not.</p></div></details>
<details class="sd-dropdown"><summary><span class="sd-summary-text">B. To know</span></summary><div class="sd-summary-content"><p>Right. Because.</p></div></details>
</section></section><script src="x.js"></script><p class="report"><a href="https://forms.example/">Report</a></p>"""
EXERCISES = """<section id="exercises"><h1>Exercises</h1><p><code class="download">Download</code>: offer</p>
<section id="quiz"><h2>Exercise 1: a grid</h2><p>Write it.</p><div class="cell"><pre>stub</pre></div>
<div class="cell tag_hide-cell"><details class="hide"><summary>Show the solution</summary><div class="cell_input"><pre>solved</pre></div></details></div>
<div class="cell tag_hide-cell"><details class="hide"><summary>Show the check</summary><div class="cell_input"><pre>checked</pre></div></details></div>
<p>With it, go on.</p></section></section>""".replace('id="quiz"', 'id="a-grid"')
GLOSSARY = """<section id="glossary"><h1>Glossary</h1><dl class="glossary"><dt id="term-loop">loop</dt><dd>Round.</dd></dl>
<section id="quiz"><h2>No quiz</h2></section></section>""".replace('id="quiz"', 'id="twice"')


@pytest.fixture
def book(tmp_path):
    """Writes the small book to a folder, where its canonical addresses begin with `address`, and gives the folder."""

    def write(address="http://localhost:8000/", lesson=LESSON):
        bodies = {f"{CHAPTER}/index": INDEX, f"{CHAPTER}/01_loops": lesson, f"{CHAPTER}/exercises": EXERCISES}
        bodies |= {"book/index": FRONT, "book/glossary": GLOSSARY, "book/teacher": '<h1 id="all">Guide</h1>'}
        for page, inside in bodies.items():
            body = NAV * (page == "book/index") + f'<article class="bd-article">{inside}</article>'
            path = tmp_path / f"{page}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            head = f'<title>The Name</title><link rel="canonical" href="{address}{page}.html">'
            path.write_text(f'<html lang="en"><head>{head}</head><body>{body}</body></html>', "utf-8", newline="\n")
        return tmp_path

    return write


@pytest.fixture
def joined(book):
    """The small book as one document, parsed."""
    return lambda **options: BeautifulSoup(document.document(book(**options), CITATION), "html.parser")


def test_the_document_has_title_contents_chapters_answers_and_companions_in_order_and_no_page_for_teachers(joined):
    titles = [f"{heading.name} {heading.get_text().strip()}" for heading in joined().find_all(re.compile("^h[1-6]$"))]
    chapter = ["h1 4. How", "h2 4.1 Loops", "h3 Twice", "h3 Quiz", "h2 Exercises", "h3 Exercise 1: a grid"]
    answers = ["h2 Answers", "h3 4.1 Loops", "h3 Exercise 1: a grid"]
    assert titles == ["h1 The Name", "h1 Contents", *chapter, *answers, "h1 Glossary", "h2 No quiz"]


def test_the_contents_name_each_part_and_leave_room_for_its_page(joined):
    soup = joined()
    entries = {
        kind: [entry.get_text() for entry in soup.select(f".contents li.{kind}")] for kind in ("chapter", "lesson")
    }
    assert entries == {"chapter": ["4. How", "Glossary"], "lesson": ["4.1 Loops", "Exercises", "Answers"]}
    assert [entry.get_text() for entry in soup.select(".contents li")][::4] == entries["chapter"]
    parts = {part["id"] for part in soup.select("article.page")}
    assert {leaf["data-of"] for leaf in soup.select(".contents .leaf")} == parts


def test_the_title_page_says_whose_the_book_is_and_no_more_than_its_first_paragraph(joined):
    (page,) = joined().select("article.title")
    words = " ".join(page.get_text(" ").split())
    assert telling("The Name A. Author A loop each night.", "1.2.3", "CC BY 4.0", "BSD-3-Clause.")(words)
    assert "for the screen" not in words
    assert page.img["src"] == "_images/figure.png"


def test_ids_stand_once_and_links_between_pages_lead_to_them(joined):
    soup = joined()
    ids = [place["id"] for place in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    led = {link.get_text(): link["href"] for link in soup.select(f'[id="{CHAPTER}/01_loops"] a[href]')}
    assert led["loop"] == "#book/glossary/term-loop"
    assert led["to do"] == f"#{CHAPTER}/exercises"
    assert led["asked"] == f"#{CHAPTER}/01_loops/quiz"
    assert soup.select_one(f'[id="{CHAPTER}/index"] p > a')["href"] == "#book/index"
    assert led["elsewhere"] == "https://elsewhere.example/"
    assert {link["href"][1:] for link in soup.select("a[href^='#']")} <= set(ids)


@pytest.mark.parametrize("address", ["http://localhost:8000/", "https://book.example/name/"])
def test_what_is_not_printed_is_linked_only_where_the_book_is_published(joined, address):
    soup = joined(address=address)
    links = [link["href"] for link in soup.select("a[href^='https://book']")]
    published = address.startswith("https")
    assert (f"{address}book/teacher.html#all" in links) == published
    assert "for teachers" in soup.get_text()
    place = f"{CHAPTER}/01_loops.html#choose"
    assert soup.select_one(".device .play").get_text().endswith((address if published else ": ") + place)


def test_a_link_that_arrives_nowhere_and_an_id_that_stands_twice_are_errors(joined):
    for said, old, new in (
        ("no printed page", 'href="#quiz"', 'href="#lost"'),
        ("stand twice", 'id="loops"', 'id="twice"'),
    ):
        with pytest.raises(ValueError, match=f"{said}.*01_loops/(lost|twice)"):
            joined(lesson=LESSON.replace(old, new))


def test_paper_has_nothing_to_press_and_nothing_for_the_dark(joined):
    soup = joined()
    assert not soup.body.select("details, summary, button, script, nav.bd-links, .only-dark, .headerlink, .report")
    words = soup.body.get_text()
    for gone in ("Show the", "JavaScript", "New road", "button", "Report", "Download", "for the screen"):
        assert gone not in words, gone


def test_what_reacts_keeps_its_question_and_answer_and_says_where_to_play(joined):
    box = joined().select_one(".device")
    parts = [" ".join(part.get_text(" ").split()) for part in box.find_all(["p", "div"], recursive=False)]
    where = f"To play with it, open this page of the book: {CHAPTER}/01_loops.html#choose"
    assert parts == ["Your turn", where, "Question. Which?", "Answer That one."]


def test_folded_code_is_open_and_marked_and_its_figure_fits_the_paper(joined):
    (cell,) = joined().select(".cell.folded:has(img)")
    assert str(cell.pre) == '<pre><span class="k">return</span> folded</pre>'
    assert cell.img["src"] == "_images/figure.png"
    assert cell.img["style"] == f"width: {100 * document.PAPER:.0f}px"
    assert "loading" not in cell.img.attrs
    assert cell.img.find_parent("a") is None


def test_a_drawing_is_wide_on_paper(joined):
    picture = '<picture><source srcset="figure-narrow.svg"/><img alt'
    svg = LESSON.replace("figure.png", "figure.svg").replace("<img alt", picture, 1)
    svg = svg.replace('width="100">', 'width="100"></picture>')
    (cell,) = joined(lesson=svg).select(".cell.folded:has(img)")
    assert cell.img["style"] == f"width: {100 * document.DRAWN:.0f}px"
    assert not cell.select("source")


def test_a_quiz_asks_in_its_lesson_and_is_answered_behind_the_chapter(joined):
    soup = joined()
    asked = soup.select_one(f'[id="{CHAPTER}/01_loops/quiz"]')
    assert [p.get_text().strip() for p in asked.find_all("p")] == ["1. Why?", "A. For fun", "B. To know", "Answers →"]
    assert [p.get_text() for p in asked.select(".question > .option")] == ["A. For fun", "B. To know"]
    behind = soup.select_one(f'[id="{asked.select_one(".leaf")["data-of"]}"]')
    assert behind.find_parent("article")["id"] == f"{CHAPTER}/answers"
    said = [" ".join(p.get_text().split()) for p in behind.find_all("p")]
    assert said == ["1 A No. Why not.", "1 B Right. Because."]


def test_a_solution_and_its_check_stand_behind_the_chapter_and_the_exercise_says_where(joined):
    soup = joined()
    exercise = soup.select_one(f'[id="{CHAPTER}/exercises/a-grid"]')
    assert [pre.get_text() for pre in exercise.select("pre")] == ["stub"]
    assert exercise.select_one(".see").find_next_sibling("p").get_text() == "With it, go on."
    behind = soup.select_one(f'[id="{exercise.select_one(".leaf")["data-of"]}"]')
    assert [pre.get_text() for pre in behind.select("pre")] == ["solved", "checked"]


def test_a_chapter_without_questions_has_no_answers():
    assert document.answers([document.element("article", id="book/glossary")], str) == []


def test_each_part_has_its_own_head_on_its_pages(joined):
    soup = joined()
    rules = dict(re.findall(r"@page (part\d+) \{ (.*) \}\n", soup.style.get_text()))
    heads = {part["id"]: rules[part["style"].removeprefix("page: ")] for part in soup.select("article.page")}
    assert heads[f"{CHAPTER}/index"] == '@top-left { content: "4. How" } @top-right { content: "" }'
    assert heads[f"{CHAPTER}/01_loops"] == '@top-left { content: "4. How" } @top-right { content: "4.1 Loops" }'
    assert heads["book/glossary"] == '@top-left { content: "Glossary" } @top-right { content: "" }'


def test_the_front_page_offers_the_pdf_once_it_is_there(book):
    html = book()
    front = html / "book/index.html"
    before = front.read_text(encoding="utf-8")
    printing.offer(html, html.parent / "elsewhere.pdf")
    assert front.read_text(encoding="utf-8") == before
    for _ in range(2):
        printing.offer(html, html / "whole.pdf")
        links = BeautifulSoup(front.read_text(encoding="utf-8"), "html.parser").select("a[href='../whole.pdf']")
        assert [link.get_text() for link in links] == ["The whole book as one PDF, with its answers"]


def test_without_a_browser_one_sentence_says_what_to_install(monkeypatch):
    sync_api = pytest.importorskip("playwright.sync_api")

    class NoBrowser:
        class chromium:
            def launch(**way):
                raise sync_api.Error("is not found")

    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt install chromium"):
        printing.launched(NoBrowser)


def with_files(html: Path) -> Path:
    """The small book with its style, its figure, and its formula drawn."""
    (html / "_images").mkdir()
    Image.fromarray(np.full((40, 100, 3), [0, 114, 178], dtype=np.uint8)).save(html / "_images/figure.png")
    (html / "_static").mkdir()
    for name in ("palette.css", "print.css"):
        shutil.copy(Path(document.__file__).parents[1] / "static" / name, html / "_static")
    for name in ("fonts.css", "pygments.css"):
        (html / "_static" / name).touch()
    formulas.copy_style(html / "_static")
    formulas.fill(html)
    return html


def test_the_print_has_bookmarks_page_numbers_answers_figures_and_mathematics(book, browser):
    pypdf = pytest.importorskip("pypdf")
    html = with_files(book())
    pdf = printing.printed(browser, document.document(html, CITATION), html, CITATION)
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert reader.metadata.title == "The Name"
    assert reader.metadata.author == "A. Author"
    assert reader.metadata.creation_date is None
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert reader.page_mode == "/UseOutlines"

    def bookmarks(entries, depth=0):
        for entry in entries:
            if isinstance(entry, list):
                yield from bookmarks(entry, depth + 1)
            else:
                yield depth, entry.title, reader.get_destination_page_number(entry) + 1

    marks = list(bookmarks(reader.outline))
    assert (0, "4. How", 3) in marks
    assert (1, "4.1 Loops", 4) in marks
    assert (2, "Quiz", 4) in marks
    assert (1, "Answers", 6) in marks
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) == 7
    assert not re.search(r"^1$", texts[0], re.M)
    for number, text in enumerate(texts[1:], 2):
        assert re.search(rf"^{number}$", text, re.M), number
    listed = dict(re.findall(r"^(.+?) ?\n?(\d)$", texts[1], re.M))
    assert listed["4.1 Loops"] == "4"
    assert listed["Glossary"] == "7"
    assert re.search(r"Answers → ?\n?6", texts[3])
    assert "Right. Because." in " ".join(texts[5].split())
    assert "solved" in texts[5]
    assert len(reader.pages[3].images) == 1
    assert "x2" in texts[3]
    fonts = [font.get_object() for font in reader.pages[3]["/Resources"]["/Font"].values()]
    names = [font.get("/BaseFont") or font["/FontDescriptor"]["/FontName"] for font in fonts]
    assert any("KaTeX" in name for name in names)


def pages_of(browser, html: Path, body: str) -> list[str]:
    """The texts of the pages that a body becomes on paper."""
    pypdf = pytest.importorskip("pypdf")
    text = f'<html><head><link rel="stylesheet" href="_static/print.css"></head><body>{body}</body></html>'
    reader = pypdf.PdfReader(BytesIO(printing.printed(browser, text, html, CITATION)))
    return [page.extract_text() for page in reader.pages]


def test_a_question_and_its_options_are_on_one_page(book, browser):
    option = '<details class="sd-dropdown"><summary>{0}. N{0}</summary><div class="sd-summary-content"><p>No.</p></div></details>'
    options = "".join(map(option.format, "ABC"))
    asked = "".join(f"<p>{n}. Why {n}?</p>{options.replace('N', f'n{n}')}" for n in range(1, 61))
    quiz = f'<article id="x"><section id="x/quiz"><h2>Quiz</h2>{asked}</section></article>'
    soup = BeautifulSoup(quiz, "html.parser")
    document.open_all(soup)
    document.answers([soup.article], str)
    texts = pages_of(browser, with_files(book()), str(soup))
    assert len(texts) > 2
    for n in range(1, 61):
        (text,) = (text for text in texts if f"Why {n}?" in text)
        assert all(f"n{n}{letter}" in text for letter in "ABC"), n
    assert "Answers →" in texts[-1]


def test_the_contents_of_the_book_fit_on_one_page(book, browser):
    parts = []
    for chapter in course.read(ROOT).chapters:
        parts.append(("h1", chapter.title))
        parts += [("h2", f"{lesson.number} {lesson.title}") for lesson in chapter.pages] + [("h2", "Answers")]
    parts += [("h1", name) for name in document.COMPANIONS]
    articles = []
    for n, (name, title) in enumerate(parts):
        articles.append(document.element("article", "page", f"part{n}"))
        articles[-1].append(document.element(name, text=title))
    body = f"{document.contents(articles, str)}<div style='page: rest'>{''.join(map(str, articles))}</div>"
    texts = pages_of(browser, with_files(book()), body)
    first = "".join(unicodedata.normalize("NFKC", texts[0]).split())
    assert [title for _, title in parts if "".join(title.split()) not in first] == []


def test_a_print_that_lacks_a_figure_is_an_error(book, browser):
    html = with_files(book())
    (html / "_images/figure.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"figure\.png"):
        printing.printed(browser, document.document(html, CITATION), html, CITATION)
