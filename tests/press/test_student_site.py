"""The site for students (`make book SOLUTIONS=0`): all but the solutions, in every file of it. Built here of a few pages."""

import fnmatch
import html
import json
import re
import zipfile

import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx.cmd.build import main as sphinx_build
from sphinx.search.en import SearchEnglish

from book.press import course
from book.press.notebooks import exercises, handouts, pairing
from book.press.pages import extension, schedule

EXERCISES = sorted(pairing.ROOT.glob("chapters/*/exercises.ipynb"))
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[a-z]{4,}")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The front page and the pages of exercises, as the command builds them; it is asked for the teacher's too."""
    folder = tmp_path_factory.mktemp("student")
    handouts.update()
    few = ",".join(["include_patterns=book/index.md", *extension.FOR_TEACHERS, "chapters/*/exercises.ipynb"])
    trees = ["-d", str(folder / "doctrees")]
    options = ["-Q", "-j", "1", "-c", str(pairing.ROOT / "book/press"), "-D", "solutions=0", "-D", few, *trees]
    assert sphinx_build([*options, str(pairing.ROOT), str(folder / "html")]) == 0
    return folder / "html"


@pytest.fixture(scope="module")
def texts(site):
    """What each file of the site says: the words of a page, the cells of a notebook, what is inside an archive."""
    found = {}
    for path in filter(lambda path: path.is_file(), site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                found |= {f"{name}/{inner}": wheel.read(inner).decode(errors="replace") for inner in wheel.namelist()}
        elif path.suffix in (".html", ".ipynb", ".js", ".md", ".txt", ".inv", ".xml"):
            text = path.read_bytes().decode(errors="replace")
            if path.suffix == ".html":
                text += html.unescape(TAG.sub("", text))
            elif path.suffix == ".ipynb":
                text += "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
            found[name] = text
    return found


def lines(text):
    return {line.strip() for line in text.splitlines()}


@pytest.fixture(scope="module")
def secret():
    """The lines of solutions and hidden tests, but for those that stand in a task, or in the lab, as well."""
    hidden, known = set(), set()
    for path in EXERCISES:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            hidden |= {*exercises.solution_lines(cell.source), *exercises.hidden_lines(cell.source)}
        for cell in exercises.without_solutions(notebook).cells:
            known |= lines(cell.source)
    for path in (pairing.ROOT / "hpt_lab").rglob("*.py"):
        known |= lines(path.read_text(encoding="utf-8"))
    assert len(hidden - known) > 100
    return hidden - known


def test_no_file_holds_a_line_of_a_solution_or_of_a_hidden_test(texts, secret):
    assert {"searchindex.js", "_sources/chapters/01_the_problem/exercises.ipynb"} <= set(texts)
    for name, text in texts.items():
        assert not lines(text) & secret, name
        assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)", text), name


def test_the_search_index_knows_no_word_of_them(site, texts, secret):
    script = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(script.removeprefix("Search.setIndex(").rstrip(")"))
    stem = SearchEnglish({}).stem
    seen = " ".join(text for name, text in texts.items() if name.endswith(".html")).lower()
    words = {*map(stem, WORD.findall("\n".join(secret).lower()))} - {*map(stem, re.findall("[a-z]+", seen))}
    assert len(words) > 3
    assert not words & set(index["terms"])
    assert stem("multiplications") in index["terms"], "what a task says is found"


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.parent.name)
def test_a_page_has_each_task_its_stub_and_its_check(site, path):
    page = site / path.relative_to(pairing.ROOT).with_suffix(".html")
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    notebook = nbformat.read(path, as_version=4)
    n = sum(map(exercises.is_solution, notebook.cells))
    bars = [bar.get_text().strip() for bar in soup.select("details.hide > summary")]
    assert [bar.partition("\n")[0] for bar in bars] == ["Show the check"] * n
    code = [block.get_text().strip() for block in soup.select(".cell_input pre")]
    assert code == [c.source.strip() for c in exercises.without_solutions(notebook).cells if c.cell_type == "code"]
    assert not soup.select(".cell_output")
    offered = [page.parent / link["href"] for link in soup.select("a.download")]
    assert [offer.suffix for offer in offered] == [".ipynb", ".whl"]
    (button,) = soup.select("a.btn-download-source-button")
    student = pairing.write_notebook(exercises.student_version(notebook))
    for file in (offered[0], page.parent / button["href"]):
        assert file.read_text(encoding="utf-8") == student


def test_students_meet_no_page_for_teachers(site):
    assert not list(site.rglob("*teacher*"))
    assert not list(site.rglob("*lesson_plans*"))
    front = (site / "book" / "index.html").read_text(encoding="utf-8")
    assert "teacher.html" not in front
    assert front.count("sd-card-title") == 3 + 7  # ways in, and chapters
    assert not re.search("teacher|classroom|exam bank|Show the solution|all answers", front, re.I)
    assert "What is new" in front
    assert "Search spaces:" in front
    assert "solutions -->" not in front


def test_only_pages_for_teachers_lead_to_one(root):
    """A link to a page that the site does not have would break its build."""
    for path in [*root.glob("book/*.md"), *root.glob("chapters/*/*.md")]:
        name = path.relative_to(root).as_posix()
        if not any(fnmatch.fnmatch(name, pages) for pages in extension.FOR_TEACHERS):
            text = extension.either(path.read_text(encoding="utf-8"), solutions=False)
            assert not re.search(r"\]\([^)]*(teacher|lesson_plans)\w*\.|^(teacher|lesson_plans)\w*$", text, re.M), path


def test_either_site_gets_its_own_lines():
    text = "a\n<!-- with solutions -->\nb\n<!-- end -->\n<!-- without solutions -->\nc\n<!-- end -->\nd\n"
    assert extension.either(text, solutions=True) == "a\nb\nd\n"
    assert extension.either(text, solutions=False) == "a\nc\nd\n"


def test_the_cards_of_a_chapter_promise_what_the_site_has():
    chapter = course.read(pairing.ROOT).chapters[0]
    assert "a hint, a check, and a solution" in schedule.cards(chapter)
    assert "Each exercise has a hint and a check." in schedule.cards(chapter, solutions=False)
    assert ">Each exercise has a hint, a check" not in schedule.cards(chapter, solutions=False)
