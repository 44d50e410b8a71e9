"""The course as it is read from its sources: the same in both languages, and nothing of it lost on the way."""

import re

import pytest

from book.press import course, markdown
from book.press.address import ROOT
from book.press.course import Cell
from book.press.translation import catalogs, cells as words_of_cells

ENGLISH, KOREAN = course.read(ROOT), course.read(ROOT, "ko")
TEMPLATE = ROOT / "book/press/notebooks/templates/lesson.md"


def cells(page):
    return [block for block in page.walk() if isinstance(block, Cell)]


def program(source):
    """A program without its comments and docstrings."""
    return re.sub(r'"""\s+"""', '""""""', words_of_cells.program(source, lambda words: ""))


def shape(page):
    """What a translation must not change."""
    sections = [(section.level, [type(block) for block in section.blocks]) for section in page.sections]
    rights = [[option.right for option in question.options] for question in page.quiz]
    devices = [(device.name, device.state) for device in page.devices]
    sizes = [figure.size for cell in cells(page) for figure in cell.figures]
    return page.number, page.minutes, page.needs, len(page.objectives), sections, rights, devices, sizes


@pytest.mark.parametrize("number", ENGLISH.pages)
def test_a_lesson_has_the_same_parts_in_korean_in_other_words(number):
    english, korean = ENGLISH.lesson(number), KOREAN.lesson(number)
    assert shape(english) == shape(korean)
    assert len(english.takeaways) == len(korean.takeaways)
    if catalogs.waiting(english.path.relative_to(ROOT).with_suffix("").as_posix(), "ko"):
        pytest.skip("its translation waits")
    for told in (korean.title, *korean.objectives, *korean.introduction, *korean.takeaways):
        assert re.search("[가-힣]", told), told
    for question in korean.quiz:
        assert re.search("[가-힣]", question.text)
    programs = [[program(cell.source) for cell in cells(lesson)] for lesson in (english, korean)]
    assert programs[0] == programs[1] or number[0] == "E"  # whose checks speak Korean


@pytest.mark.parametrize("number", ENGLISH.pages)
def test_a_lesson_has_all_that_its_source_has(number):
    lesson = ENGLISH.lesson(number)
    text = lesson.path.read_text(encoding="utf-8")
    assert len(cells(lesson)) == text.count("```{code-cell}")
    assert len(lesson.devices) == len(re.findall("^:class: device", text, re.M))
    assert sum(bool(cell.figures) and bool(cell.figures[0].alt) for cell in cells(lesson)) == text.count("    alt: ")
    options = sum(len(question.options) for question in lesson.quiz)
    assert options == len(re.findall(r"^:::\{dropdown\} [A-F]\. ", text, re.M))
    assert [section.title for section in lesson.sections] == re.findall(r"^#+ (.+)$", outside(text), re.M)


def outside(text):
    """The text without its programs."""
    return re.sub(r"^(```+).*?^\1$", "", text, flags=re.M | re.S)


def test_every_number_is_a_place_and_every_need_is_a_page():
    assert list(ENGLISH.pages)[:4] == ["1.1", "1.2", "E1", "2.1"]
    pages = {page.page for page in ENGLISH.pages.values()}
    assert all(set(page.needs) <= pages for page in ENGLISH.pages.values())


def test_a_figure_knows_its_size():
    (figure,) = next(cell for cell in cells(ENGLISH.lesson("1.1")) if cell.figures).figures
    assert figure.png.startswith(b"\x89PNG")
    assert figure.size[0] > figure.size[1] > 200


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("**Right.** ", "", r"an option begins with \*\*Right\.\*\* or \*\*No\.\*\*"),
        ("**No.**", "**Perhaps.**", r"an option begins with \*\*Right\.\*\* or \*\*No\.\*\*"),
        ("**No.**", "**Right.**", "one option is right, not "),
        ("## Quiz\n", "## Quiz\n\nSome words.\n", "a quiz is questions"),
    ],
)
def test_a_quiz_that_nobody_could_answer_is_refused(tmp_path, old, new, complaint):
    text = TEMPLATE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "lesson.md").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        course.read_lesson(tmp_path / "lesson.md")


def test_prerequisites_are_read_to_their_end(tmp_path):
    page = tmp_path / "01_a.md"
    box = ":::{admonition} A\n:class: objectives\n\n- a\n  b\n- c\n\n**Minutes:** 20\n\n**Prerequisites:** one,\ntwo\n:::\n"
    page.write_text(f"# A\n\n{box}\nnot this\n", encoding="utf-8")
    lesson = course.read_lesson(page)
    assert (lesson.minutes, lesson.prerequisites, lesson.objectives) == (20, "one, two", ("a b", "c"))


def test_blocks_are_what_markdown_means():
    text = "# T\n\na *b*\nc\n\n1. x\n   y\n2. z\n\n$$\na\n$$\n\n```python\n# no title\n```\n\n:::{dropdown} A. b\n:class: c d\n\ne\n:::\n\n| a |\n|---|\n| b |\n"
    heading, paragraph, items, formula, program, box, table = markdown.blocks(text)
    assert heading == markdown.Heading("T", 1)
    assert paragraph == markdown.Paragraph("a *b* c")
    assert items == markdown.Items(("x\ny", "z"))
    assert formula == markdown.Formula("a")
    assert program == markdown.Other("```python\n# no title\n```")
    assert (box.name, box.title, box.classes) == ("dropdown", "A. b", ["c", "d"])
    assert box.blocks == (markdown.Paragraph("e"),)
    assert table == markdown.Other("| a |\n|---|\n| b |")
