"""The questions of the exam bank, and of the lessons' quizzes.

The bank is in book/exam/, one Markdown file for each chapter, and on no page of the book. A question is a section:

    ## A title
    *Lesson 5.1, a short computation*

    The text, then either four options, written as in a quiz, or one number with its tolerance:

    **Answer:** 108 ± 0.5

    **Solution.** Why.

A block ```` ```python figure ```` draws the figure, and the line `**Figure:** …` describes it. A block
```` ```python check ```` computes `answer`: the number, or the letter of the right option, as it stands here:
`quizzes` orders the options. Neither block is shown to anyone.
In another language the texts come from the catalogs `exam/…`; figures have the words of their programs.
"""

import dataclasses
import functools
import io
import re

from book.press import course, markdown
from book.press.address import ROOT
from book.press.course import Option
from book.press.translation import catalogs, translate

BANK = ROOT / "book" / "exam"
KINDS = ("multiple choice", "a short computation", "reading a figure", "debugging")
SECTION = re.compile(
    r"^## (?P<title>.+)\n\*Lesson (?P<lesson>\d\.\w+), (?P<kind>[a-z ]+)\*\n(?P<body>(?:(?!^## ).*\n)*)", re.M
)
HIDDEN = re.compile(r"^```python (figure|check)\n(.*?)^```\n", re.M | re.S)
ANSWER = re.compile(r"^\*\*Answer:\*\* (-?\d+(?:\.\d+)?) ± (\d+(?:\.\d+)?)$", re.M)
FIGURE = re.compile(r"^\*\*Figure:\*\* (.+(?:\n.+)*)$", re.M)
SOLUTION = re.compile(r"^\*\*Solution\.\*\* ", re.M)
TITLE = re.compile(r"^# (.+)$", re.M)
OPTION = re.compile(r"^:::\{dropdown\} .*?^:::$", re.M | re.S)


@dataclasses.dataclass(frozen=True)
class Question:
    """A question in Markdown: with options, or with a number as its answer."""

    category: str
    name: str
    text: str
    lesson: str
    kind: str = "multiple choice"
    options: tuple[Option, ...] = ()
    number: str = ""
    tolerance: str = ""
    solution: str = ""
    draw: str = ""
    alt: str = ""
    check: str = ""
    language: str = "en"


def bank(folder=BANK, language="en"):
    """Return all questions of the exam bank, in order."""
    questions, _ = [], catalogs.gettext(language)
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8").rstrip() + "\n"
        text = translate.markdown(text, catalogs.catalog(f"exam/{path.stem}", language))
        chapter = TITLE.search(text)[1]
        sections = list(SECTION.finditer(text))
        if len(sections) != len(re.findall(r"^## ", text, re.M)):
            raise ValueError(f"{path.name}: after each title comes *Lesson 1.1, a kind of question*")
        category, page = f"{_('Exam')}/{chapter}", f"exam/{path.stem}"
        questions += [_question(section, category, page, place, language) for place, section in enumerate(sections, 1)]
    return questions


def _question(section, category, page, place, language):
    body = section["body"]
    blocks = HIDDEN.findall(body)
    hidden = dict(blocks)
    if len(hidden) != len(blocks) or re.search(r"^```(?!python$|$)", HIDDEN.sub("", body), re.M):
        raise ValueError(f"{section['title']}: a block is ```python, or the one ```python figure or ```python check")
    shown, *solution = SOLUTION.split(HIDDEN.sub("", body), 1)
    boxes = (block for block in markdown.blocks(shown) if isinstance(block, markdown.Box))
    options = course.options(boxes, page, place, language)
    number, figure = ANSWER.search(shown), FIGURE.search(shown)
    if bool(options) == bool(number):
        raise ValueError(f"{section['title']}: it needs options, or a line **Answer:** 1 ± 0.1, and not both")
    text = FIGURE.sub("", ANSWER.sub("", OPTION.sub("", shown)))
    return Question(
        category=category,
        name=section["title"],
        text=text.strip(),
        lesson=section["lesson"],
        kind=section["kind"],
        options=options,
        number=number[1] if number else "",
        tolerance=number[2] if number else "",
        solution=solution[0].strip() if solution else "",
        draw=hidden.get("figure", ""),
        alt=" ".join(figure[1].split()) if figure else "",
        check=hidden.get("check", ""),
        language=language,
    )


def quizzes(language="en"):
    """Return all questions of the lessons' quizzes, in order."""
    _ = catalogs.gettext(language)
    return [
        Question(
            category=f"{_('Quizzes')}/{lesson.number} {lesson.title}",
            name=_("Lesson {0}, question {1}").format(lesson.number, question.number),
            text=question.text,
            lesson=lesson.number,
            options=question.options,
            language=language,
        )
        for lesson in course.read(ROOT, language).lessons
        for question in lesson.quiz
    ]


@functools.cache
def picture(question):
    """Return the figure of a question as the bytes of a PNG, and the names that its code defines."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from hpt_lab import plots

    plots.use_style()
    names = {}
    exec(question.draw, names)
    image = io.BytesIO()
    names["fig"].savefig(image, format="png", dpi=100)
    plt.close(names["fig"])
    return image.getvalue(), names
