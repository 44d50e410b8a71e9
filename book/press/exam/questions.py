"""The questions of the exam bank, and of the lessons' quizzes.

The bank stands in book/exam/, one Markdown file a chapter, and on no page of the book. A question is a section:

    ## A title
    *Lesson 5.1, a short computation*

    The text, then either options, written as in a quiz, or one number with its tolerance:

    **Answer:** 108 ± 0.5

    **Solution.** Why.

A block ```` ```python figure ```` draws the figure, which the line `**Figure:** …` describes. A block
```` ```python check ```` computes `answer`: the number, or the letter of the right option. Neither is shown to anybody.
"""

import dataclasses
import functools
import io
import re

from book.press.address import ROOT
from book.press.pages import lessons

BANK = ROOT / "book" / "exam"
KINDS = ("multiple choice", "a short computation", "reading a figure", "debugging")
SECTION = re.compile(
    r"^## (?P<title>.+)\n\*Lesson (?P<lesson>\d\.\d), (?P<kind>[a-z ]+)\*\n(?P<body>(?:(?!^## ).*\n)*)", re.M
)
HIDDEN = re.compile(r"^```python (figure|check)\n(.*?)^```\n", re.M | re.S)
ANSWER = re.compile(r"^\*\*Answer:\*\* (-?\d+(?:\.\d+)?) ± (\d+(?:\.\d+)?)$", re.M)
FIGURE = re.compile(r"^\*\*Figure:\*\* (.+(?:\n.+)*)$", re.M)
SOLUTION = re.compile(r"^\*\*Solution\.\*\* ", re.M)
QUIZ = re.compile(r"^\*\*\d+\. ", re.M)


@dataclasses.dataclass(frozen=True)
class Option:
    """One answer to choose: its text, whether it is right, and why."""

    text: str
    right: bool
    why: str


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


def options_of(text):
    """Return the options of a question, as the quizzes write them; exactly one is right."""
    options = []
    for title, body in lessons.OPTION.findall(text):
        verdict = re.match(r"\*\*(Right|No)\.\*\* (?=\S)", body)
        if not verdict:
            raise ValueError(f"an option begins with **Right.** or **No.**: {title}")
        options.append(Option(title[3:], verdict[1] == "Right", body[verdict.end() :].strip()))
    if options and sum(option.right for option in options) != 1:
        raise ValueError(f"one option is right, not {sum(option.right for option in options)}: {options[0].text}")
    return tuple(options)


def bank(folder=BANK):
    """Return all questions of the exam bank, in order."""
    found = []
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8").rstrip() + "\n"
        chapter = lessons.TITLE.search(text)[1]
        sections = list(SECTION.finditer(text))
        if len(sections) != len(re.findall(r"^## ", text, re.M)):
            raise ValueError(f"{path.name}: a title is followed by *Lesson 1.1, a kind of question*")
        found += [_question(section, f"Exam/{chapter}") for section in sections]
    return found


def _question(section, category):
    body = section["body"]
    blocks = HIDDEN.findall(body)
    hidden = dict(blocks)
    if len(hidden) != len(blocks) or re.search(r"^```(?!python$|$)", HIDDEN.sub("", body), re.M):
        raise ValueError(f"{section['title']}: a block is ```python, or one ```python figure and one ```python check")
    shown, *solution = SOLUTION.split(HIDDEN.sub("", body), 1)
    options, number, figure = options_of(shown), ANSWER.search(shown), FIGURE.search(shown)
    if bool(options) == bool(number):
        raise ValueError(f"{section['title']}: either options or a line **Answer:** 1 ± 0.1")
    text = FIGURE.sub("", ANSWER.sub("", lessons.OPTION.sub("", shown)))
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
    )


def quizzes(root=ROOT):
    """Return all questions of the lessons' quizzes, in order."""
    found = []
    for chapter, folder in enumerate(sorted(root.glob("chapters/*/")), 1):
        numbered = [lesson for lesson in lessons.of_chapter(folder) if "Quiz" in lesson.sections]
        for number, lesson in enumerate(numbered, 1):
            category = f"Quizzes/{chapter}.{number} {lesson.title}"
            for i, part in enumerate(QUIZ.split(lesson.sections["Quiz"])[1:], 1):
                text = " ".join(lessons.OPTION.sub("", part).split()).removesuffix("**")
                name = f"Lesson {chapter}.{number}, question {i}"
                found.append(Question(category, name, text, f"{chapter}.{number}", options=options_of(part)))
    return found


@functools.cache
def picture(question):
    """Return the figure of a question as the bytes of a PNG, and the names that its code has left behind."""
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
