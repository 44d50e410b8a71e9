"""The course, read once from its sources: chapters, lessons, and what they are made of.

    course = read(ROOT)                  # or read(ROOT, "ko"): the same course through its catalogs
    lesson = course.lesson("2.4")
    lesson.title, lesson.minutes, lesson.objectives, lesson.prerequisites
    for section in lesson.sections:      # in the order of the page, the introduction first
        for block in section.blocks:     # Paragraph, Items, Formula, Box, Other (see `markdown`), and Cell

Every text is Markdown. A notebook's .ipynb is read, since its outputs are what the book shows; a .md without one has none.
"""

import base64
import dataclasses
import functools
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from book.press import markdown, quizzes
from book.press.markdown import Block, Box, Heading, Items, Paragraph
from book.press.notebooks import pairing
from book.press.translation import catalogs, translate

VERDICT = re.compile(r"\*\*([^*]+)\.\*\*\s+(?=\S)")
LABEL = re.compile(r"\*\*([^*]+):\*\*\s+(.+)", re.S)
ASKED = re.compile(r"\*\*(\d+)\. (.+)\*\*", re.S)
LINK = re.compile(r"\]\(([^)]+)\.ipynb\)(?! is not needed)")


@dataclasses.dataclass(frozen=True)
class Figure:
    """A picture that a cell draws: the bytes of its PNG, its size in pixels, and what it shows."""

    png: bytes
    alt: str

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height, as the header of the PNG says."""
        return int.from_bytes(self.png[16:20]), int.from_bytes(self.png[20:24])


@dataclasses.dataclass(frozen=True)
class Cell:
    """A code cell: its program, its tags, and what it has printed, computed as Markdown, and drawn."""

    id: str
    source: str
    tags: tuple[str, ...] = ()
    printed: str = ""
    prose: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclasses.dataclass(frozen=True)
class Section:
    """The text and cells under a heading, up to the next heading of any level. Level 1 is the page's title with the introduction."""

    title: str
    level: int
    blocks: tuple[Block | Cell, ...]


@dataclasses.dataclass(frozen=True)
class Option:
    """One answer to choose: its letter in the source, its text, whether it is right, and why."""

    letter: str
    text: str
    right: bool
    why: str


@dataclasses.dataclass(frozen=True)
class Question:
    """A question of a quiz, with its options in the order of `quizzes`."""

    number: int
    text: str
    options: tuple[Option, ...]


@dataclasses.dataclass(frozen=True)
class Device:
    """Something to play with: its kind, its title, the state it begins with, its question and the answer."""

    name: str
    title: str
    state: str
    question: str
    answer: str


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A lesson, `number` "2.4", or the exercises of a chapter, "E2". What a page lacks is empty, or None.

    `needs` has the pages of the lessons that the prerequisites link to.
    """

    path: Path
    number: str
    title: str
    minutes: int | None
    prerequisites: str
    needs: tuple[str, ...]
    objectives: tuple[str, ...]
    sections: tuple[Section, ...]
    quiz: tuple[Question, ...]
    takeaways: tuple[str, ...]

    @property
    def page(self) -> str:
        """Return the page as Sphinx names it, such as chapters/01_the_problem/02_manual_tuning."""
        return f"chapters/{self.path.parent.name}/{self.path.stem}"

    @property
    def introduction(self) -> tuple[str, ...]:
        """Return the paragraphs below the title."""
        return tuple(block.text for block in self.sections[0].blocks if isinstance(block, Paragraph))

    def walk(self) -> Iterator[Block | Cell]:
        """Yield every block in the order of the page, also inside boxes, but for a device's."""
        return (block for section in self.sections for block in _inside(section.blocks))

    @property
    def devices(self) -> tuple[Device, ...]:
        return tuple(_device(block) for block in self.walk() if isinstance(block, Box) and "device" in block.classes)


@dataclasses.dataclass(frozen=True)
class Chapter:
    """A chapter: the name of its folder, its number and title, its lessons, its exercises."""

    name: str
    number: int
    title: str
    lessons: tuple[Lesson, ...]
    exercises: Lesson | None

    @property
    def pages(self) -> tuple[Lesson, ...]:
        """Return the lessons, the exercises last."""
        return (*self.lessons, self.exercises) if self.exercises else self.lessons


@dataclasses.dataclass(frozen=True)
class Plan:
    """A lesson as the teacher's guide plans it: misconceptions with answers, the board, what to ask, what to open."""

    wrong: tuple[str, ...]
    board: tuple[str, ...]
    ask: tuple[str, ...]
    open: str


@dataclasses.dataclass(frozen=True)
class Course:
    """The whole course in one language."""

    root: Path
    language: str
    title: str
    chapters: tuple[Chapter, ...]
    plans: dict[str, Plan]

    @property
    def pages(self) -> dict[str, Lesson]:
        """Return all lessons by number, and the exercises of each chapter as E1, E2, …, in order."""
        return {page.number: page for chapter in self.chapters for page in chapter.pages}

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for chapter in self.chapters for lesson in chapter.lessons)

    def lesson(self, number: str) -> Lesson:
        return self.pages[number]


def read(root: Path, language: str = "en") -> Course:
    """Return the course that stands in a folder, through the catalogs of a language."""
    return _read(root, language)


@functools.cache
def _read(root: Path, language: str) -> Course:
    folders = sorted(path.parent for path in root.glob("chapters/*/index.md"))
    chapters = tuple(read_chapter(folder, number, language) for number, folder in enumerate(folders, 1))
    _ = catalogs.gettext(language)
    return Course(root, language, _("Hyperparameter Tuning from Scratch"), chapters, _plans(root, language))


def read_chapter(folder: Path, number: int, language: str = "en") -> Chapter:
    """Return the chapter that stands in a folder."""
    paths = sorted(path for path in folder.glob("*.md") if path.name not in ("index.md", "exercises.md"))
    last, index = folder / "exercises.md", folder / "index.md"
    text = index.read_text(encoding="utf-8") if index.exists() else ""
    blocks = markdown.blocks(translate.markdown(text, catalogs.catalog(f"chapters/{folder.name}/index", language)))
    title = next((block.title for block in blocks if isinstance(block, Heading)), "")
    lessons = tuple(read_lesson(path, f"{number}.{place}", language) for place, path in enumerate(paths, 1))
    exercises = read_lesson(last, f"E{number}", language) if last.exists() else None
    return Chapter(folder.name, number, title, lessons, exercises)


def read_lesson(path: Path, number: str = "", language: str = "en") -> Lesson:
    """Return the lesson, or the exercises, of a .md and the .ipynb beside it."""
    file, page = path.with_suffix(".ipynb"), f"chapters/{path.parent.name}/{path.stem}"
    if file.exists():
        notebook = nbformat.v4.reads(file.read_text(encoding="utf-8"))  # as `nbformat.read`, but not validated again
    else:
        notebook = pairing.read_markdown(path)
    _, asked, _ = _facts(next(_sections(notebook.cells)).blocks)  # a link that is not needed says so in English
    notebook = translate.notebook(notebook, page, language)
    messages = catalogs.catalog(page, language)
    sections = tuple(_sections(notebook.cells))
    minutes, prerequisites, objectives = _facts(sections[0].blocks)
    last = {section.title: section.blocks for section in sections if section.level == 2}
    return Lesson(
        path=path,
        number=number,
        title=sections[0].title,
        minutes=minutes,
        prerequisites=prerequisites,
        needs=tuple(posixpath.normpath(f"chapters/{path.parent.name}/{link}") for link in LINK.findall(asked)),
        objectives=objectives,
        sections=sections,
        quiz=tuple(_quiz(last.get(messages.get("Quiz", "Quiz"), ()), page, language)),
        takeaways=tuple(_items(last.get(messages.get("Takeaways", "Takeaways"), ()))),
    )


def _facts(blocks: tuple[Block | Cell, ...]) -> tuple[int | None, str, tuple[str, ...]]:
    """Return the minutes, the prerequisites and the objectives that stand below a title."""
    box = next((block for block in blocks if isinstance(block, Box) and "objectives" in block.classes), None)
    inside = box.blocks if box else blocks
    labelled = [found[2] for block in inside if isinstance(block, Paragraph) and (found := LABEL.fullmatch(block.text))]
    minutes = next((int(text) for text in labelled if text.isdecimal()), None)
    if box is None:
        return minutes, "", ()
    return minutes, next((text for text in labelled if not text.isdecimal()), ""), tuple(_items(inside))


def _items(blocks: Iterable[Block | Cell]) -> Iterator[str]:
    """Yield the items of the lists among some blocks, each on one line."""
    for block in blocks:
        if isinstance(block, Items):
            yield from (" ".join(item.split()) for item in block.items)


def _inside(blocks: Iterable[Block | Cell]) -> Iterator[Block | Cell]:
    for block in blocks:
        yield block
        if isinstance(block, Box) and "device" not in block.classes:
            yield from _inside(block.blocks)


def _sections(cells) -> Iterator[Section]:
    title, level, blocks = "", 1, []
    for cell in cells:
        found = markdown.blocks(cell.source) if cell.cell_type == "markdown" else (_cell(cell),)
        for block in found:
            if isinstance(block, Heading):
                if title or blocks:
                    yield Section(title, level, tuple(blocks))
                title, level, blocks = block.title, block.level, []
            else:
                blocks.append(block)
    yield Section(title, level, tuple(blocks))


def _cell(cell) -> Cell:
    alt = " ".join(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").split())
    printed, prose, figures = [], [], []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/png" in data:
            figures.append(Figure(base64.b64decode(data["image/png"]), alt))
        elif "text/markdown" in data:
            prose.append(data["text/markdown"])
        else:
            printed.append(output.get("text", data.get("text/plain", "")))
    tags = tuple(cell.metadata.get("tags", ()))
    return Cell(cell.get("id", ""), cell.source, tags, "".join(printed), tuple(prose), tuple(figures))


def _quiz(blocks: Iterable[Block | Cell], page: str, language: str) -> Iterator[Question]:
    asked, boxes = None, []
    for block in (*blocks, None):
        found = ASKED.match(block.text) if isinstance(block, Paragraph) else None
        if found or block is None:
            if asked:
                number, text = int(asked[1]), asked.string.replace(asked[0], asked[2])
                yield Question(number, text, options(boxes, page, number, language))
            asked, boxes = found, []
        elif asked and isinstance(block, Box) and block.name == "dropdown":
            boxes.append(block)
        else:
            raise ValueError(f"a quiz is questions, **1. …?**, and their options, not {block!r:.80}")


def options(boxes: Iterable[Box], page: str, number: int, language: str = "en") -> tuple[Option, ...]:
    """Return the options of a question of a page, in the order of `quizzes`; exactly one is right."""
    _, found = catalogs.gettext(language), []
    verdicts = {"Right": True, "No": False, _("Right"): True, _("No"): False}  # what is not translated yet is English
    for box in boxes:
        letter, _dot, text = box.title.partition(". ")
        verdict = VERDICT.match(box.text)
        if not verdict or verdict[1] not in verdicts:
            raise ValueError(f"an option begins with **Right.** or **No.**: {box.title}")
        found.append(Option(letter, text, verdicts[verdict[1]], box.text[verdict.end() :].strip()))
    if found and sum(option.right for option in found) != 1:
        raise ValueError(f"one option is right, not {sum(option.right for option in found)}: {found[0].text}")
    return tuple(found[place] for place in quizzes.order(page, number, [option.text for option in found]))


def _device(box: Box) -> Device:
    """Return the device of a box: the paragraph **Question.**, and the dropdown with the answer."""
    name = next((name for name in box.classes if name not in ("device", "replaces")), "")
    state = next((text for block in box.blocks if (text := markdown.comment(getattr(block, "text", "")))), "")
    texts = [block.text for block in box.blocks if isinstance(block, Paragraph)]
    question = next((text for text in texts if VERDICT.match(text)), "")
    answer = next((block.text for block in box.blocks if isinstance(block, Box)), "")
    return Device(name, box.title, state, VERDICT.sub("", question, count=1), answer)


def _plans(root: Path, language: str) -> dict[str, Plan]:
    """Return the plans of the lessons, by number. Each chapter has a page of them."""
    plans: dict[str, list[Block]] = {}
    for path in sorted(root.glob("book/lesson_plans_*.md")):
        blocks: list[Block] = []
        messages = catalogs.catalog(f"book/{path.stem}", language)
        for block in markdown.blocks(translate.markdown(path.read_text(encoding="utf-8"), messages)):
            if isinstance(block, Heading):
                blocks = plans.setdefault(block.title.partition(" ")[0], []) if block.level == 2 else []
            else:
                blocks.append(block)
    return {number: _plan(blocks) for number, blocks in plans.items()}


def _plan(blocks: list[Block]) -> Plan:
    """Return a plan: a list of misconceptions, the board's list, the list of questions, and what to open."""
    wrong, board, ask = (tuple(_items([block])) for block in blocks if isinstance(block, Items))
    opened = [block.text for block in blocks if isinstance(block, Paragraph)][-1]
    return Plan(wrong, board, ask, opened)
