"""The order in which the options of a question are shown, in every product and every language.

An author writes the right option where it comes to mind, which is second in half of the quizzes. So the options are ordered when
a product is built, by a hash of the page and the question's number: `order`. `course` orders what is read from the sources,
`in_order` a notebook that readers open, `pages.quizzes` the page that Sphinx writes. Options that are letters themselves, such as those of
a figure, stay as they are.
"""

import hashlib
import re

LETTERS = "ABCDEFGH"
SEED = 0  # with which no place is right more often than by chance: tests/press/test_quizzes.py
QUESTION = re.compile(
    r"^\*\*(?P<number>\d+)\. .*?(?P<options>(?:^:::\{dropdown\} [A-H]\. .*?^:::(?:\n+|\Z))+)", re.M | re.S
)
OPTION = re.compile(r":::\{dropdown\} [A-H]\. (?P<body>.*?^:::$)", re.M | re.S)


def order(page: str, number: int, texts: list[str]) -> list[int]:
    """Return the places of a question's options in the order to show them."""
    if set(LETTERS).intersection(texts):
        return list(range(len(texts)))

    def drawn(place: int) -> bytes:
        return hashlib.sha256(f"{SEED} {page} {number} {place}".encode()).digest()

    return sorted(range(len(texts)), key=drawn)


def ordered(text: str, page: str) -> str:
    """Return the Markdown of a page with the options of its quiz in order, and lettered again."""

    def question(found: re.Match[str]) -> str:
        bodies = [option["body"] for option in OPTION.finditer(found["options"])]
        texts = [body.partition("\n")[0] for body in bodies]
        shown = [bodies[place] for place in order(page, int(found["number"]), texts)]
        options = "\n\n".join(f":::{{dropdown}} {letter}. {body}" for letter, body in zip(LETTERS, shown, strict=False))
        kept = found["options"]
        return found[0].removesuffix(kept) + options + kept[len(kept.rstrip("\n")) :]

    return QUESTION.sub(question, text)


def in_order(notebook, page: str):
    """Return the page's notebook, which is in its language already, with the options of its quiz in order."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = ordered(cell.source, page)
    return notebook
