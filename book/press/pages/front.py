"""The pictures of the front page and of the chapters, which examples/tables/make_pictures.py has drawn out of the lab, and the claims.

python -m book.press.pages.front     write the table of chapters into README.md and README.ko.md, out of the front page's cards, and the
                                     latter's links to pages
"""

import re
from pathlib import Path

from book.press import course
from book.press.address import ROOT, known
from book.press.pages import claims
from book.press.translation import catalogs, translate

NEEDED, HOLDING, FALLEN, CLAIMS = "<!-- prerequisites -->", "<!-- holding -->", "<!-- fallen -->", "<!-- claims -->"
PICTURE = re.compile(r"^<!-- picture (\d) -->$", re.M)
CARD = re.compile(r"\{grid-item-card\} (\d .+)\n(?::.+\n)+<!-- picture \d -->\n\*\*(.+)\*\*\n\n(.+)\n:::")
TABLE = re.compile(r"(?<=^<!-- chapters -->\n).*?(?=^<!-- end -->$)", re.M | re.S)
PAGE = re.compile(r"(?<=\]\()(?:https?:[^()\s]*/)?(book/[\w/]+)\.(?:md|html)(?=\))")
READMES = {"en": "README.md", "ko": "README.ko.md"}
PICTURES = Path(__file__).with_name("pictures")


def filled(text: str, root: Path, language: str = "en") -> str:
    """Return the front page with what lesson 1 asks for, a picture of each chapter, and the claims, counted and as dots."""
    text = text.replace(NEEDED, course.read(root).lessons[0].prerequisites.rstrip("."))
    text = with_pictures(text).replace(picture("en", "svg"), picture(language, "svg"))
    listed = claims.read(root)
    n_holding = sum(claim.holds for claim in listed)
    text = text.replace(HOLDING, str(n_holding)).replace(FALLEN, str(len(listed) - n_holding))
    return text.replace(CLAIMS, claims.dots(listed, language))


def with_pictures(text: str) -> str:
    """Return a page with the pictures of chapters in place of their marks."""
    return PICTURE.sub(lambda match: f"<div>{drawn(match[1])}</div>\n", text)


def drawn(chapter: str) -> str:
    """Return the picture of a chapter, "1" to "7": an SVG on one line."""
    return (PICTURES / f"{chapter}.svg").read_text(encoding="utf-8").rstrip("\n")


def picture(language: str, kind: str = "png") -> str:
    """Return the name of the front page's picture: as SVG for the page, as PNG for those who are sent the link."""
    return f"front.{kind}" if language == "en" else f"front.{language}.{kind}"


def table_of_chapters(root: Path, language: str = "en") -> str:
    """Return a table of the chapters in Markdown, out of the cards of the front page: title, and what the reader learns."""
    _, text = catalogs.gettext(language), (root / "book/index.md").read_text(encoding="utf-8")
    cards = CARD.findall(translate.markdown(text, catalogs.catalog("book/index", language)))
    rows = [
        (_("chapter"), _("what you learn")),
        ("---",) * 2,
        *((title, learned) for title, _question, learned in cards),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def readme(root: Path, language: str = "en") -> str:
    """Return the README of the language with the table of chapters of today, and links to the pages of that language where the book stands."""
    text = (root / READMES[language]).read_text(encoding="utf-8")
    text, book = TABLE.sub(lambda _: table_of_chapters(root, language), text), known("book")
    if place := catalogs.place(language):
        text = PAGE.sub(rf"{book}/{place}\1.html" if book else r"\1.md", text)
    return text


if __name__ == "__main__":
    for one, name in READMES.items():
        (ROOT / name).write_text(readme(ROOT, one), encoding="utf-8", newline="\n")
