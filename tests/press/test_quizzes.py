"""Nobody passes a quiz by its form: neither the place nor the length of an option says whether it is right."""

import math

import nbformat
import pytest
from docutils import nodes

from book.press import course, quizzes
from book.press.address import ROOT
from book.press.exam import questions as exam
from book.press.pages import quizzes as pages
from book.press.translation import translate

BOXES = ["One\n**No.** Why.", "Two\n**Right.** Because.", "Three\n**No.** Why not."]
LETTERS = [":::{dropdown} A. A\n**Right.** Because.\n:::", ":::{dropdown} B. B\n**No.** Why.\n:::"]


def quiz(*boxes):
    """Return a quiz in Markdown: a question with these options, and one about the letters of a figure."""
    first = [f":::{{dropdown}} {letter}. {box}\n:::" for letter, box in zip("ABC", boxes, strict=True)]
    parts = ["## Quiz", "**1. Who?**", *first, "**2. Which point?**", *LETTERS, "## Takeaways", "1. One."]
    return "\n\n".join(parts)


def page_ordered(*order):
    """Return a page whose first question is shown in this order."""
    return next(page for page in map(str, range(99)) if quizzes.order(page, 1, ["", "", ""]) == [*order])


def shortest(options):
    return min(options, key=lambda option: len(option.text))


def longest(options):
    return max(options, key=lambda option: len(option.text))


def unless_longest(place):
    """Guess this place, or the shortest option if the longest one is there."""
    return lambda options: shortest(options) if options[place] == longest(options) else options[place]


RULES = {
    "first": lambda options: options[0],
    "second": lambda options: options[1],
    "last": lambda options: options[-1],
    "shortest": shortest,
    "longest": longest,
    "in the middle": lambda options: sorted(options, key=lambda option: len(option.text))[len(options) // 2],
    "first unless longest": unless_longest(0),
    "second unless longest": unless_longest(1),
    "last unless longest": unless_longest(-1),
}
ASKED = {
    (pool, language): [question for question in read(language=language) if question.options]
    for language in ("en", "ko")
    for pool, read in (("quizzes", exam.quizzes), ("bank", exam.bank))
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("rule", RULES)
def test_a_guesser_scores_as_by_chance(rule, language):
    pools = [ASKED["quizzes", language], ASKED["bank", language]]
    for questions in (*pools, [*pools[0], *pools[1]]):
        chances = [1 / len(question.options) for question in questions]
        error = math.sqrt(sum(chance * (1 - chance) for chance in chances))
        right = sum(RULES[rule](question.options).right for question in questions)
        assert abs(right - sum(chances)) < 2 * error, f"{right} of {len(questions)}, by chance {sum(chances):.0f}"


def test_every_question_has_a_place_of_its_own_and_letters_of_a_figure_stay():
    orders = {tuple(quizzes.order("a", number, ["x", "y", "z"])) for number in range(60)}
    assert len(orders) == 6
    assert quizzes.order("a", 2, ["B", "A", "C"]) == [0, 1, 2]
    assert {frozenset(order) for order in orders} == {frozenset(range(3))}


def test_a_notebook_and_a_page_have_the_order_of_the_course():
    lesson = course.read(ROOT).lesson("2.1")
    asked = [[(option.text, option.right) for option in question.options] for question in lesson.quiz]
    for language in ("en", "ko"):
        there = course.read(ROOT, language).lesson("2.1")
        assert [[option.right for option in question.options] for question in there.quiz] == [
            [right for _, right in options] for options in asked
        ]
        notebook = nbformat.read(lesson.path.with_suffix(".ipynb"), as_version=4)
        notebook = quizzes.in_order(translate.notebook(notebook, lesson.page, language), lesson.page)
        text = "\n".join(cell.source for cell in notebook.cells)
        for question in there.quiz:
            places = [
                text.index(f"{{dropdown}} {letter}. {option.text}\n")
                for letter, option in zip("ABCD", question.options, strict=False)
            ]
            assert places == sorted(places)


def test_the_options_of_a_notebook_are_ordered_and_nothing_else_changes():
    assert quizzes.ordered(quiz(*BOXES), page_ordered(2, 0, 1)) == quiz(BOXES[2], BOXES[0], BOXES[1])


def dropdown(title):
    box = nodes.container("", nodes.rubric(title, "", nodes.Text(title)), nodes.paragraph("", "why"))
    return box.update_basic_atts({"design_component": "dropdown"}) or box


def test_the_boxes_of_a_page_are_ordered_and_lettered():
    boxes = [dropdown(title) for title in ("A. one", "B. two", "C. three")]
    section = nodes.section(
        "", nodes.title("", "Quiz"), nodes.paragraph("", "1. Who?"), *boxes, nodes.paragraph("", "end")
    )
    pages.order_boxes(section, boxes, page_ordered(2, 0, 1), 1)
    assert [box[0].astext() for box in section[2:5]] == ["A. three", "B. one", "C. two"]
    assert [node.astext() for node in (section[0], section[1], section[5])] == ["Quiz", "1. Who?", "end"]
