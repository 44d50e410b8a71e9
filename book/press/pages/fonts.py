"""The letters of the book, and which of its typefaces' files a page needs first.

The files are in book/press/static, so that a build cuts nothing (`make fonts` does: tools/fonts.py). A file holds one part of a face, and
fonts.css says for which letters it is there: a page fetches the parts whose letters it shows, and nothing from another host.

    letters     the letters that the book can show: those of its sources, of the catalogs, and of western Europe
    lacking     the letters for which nothing has been cut
"""

import re
from pathlib import Path

from book.press.address import ROOT

STATIC = ROOT / "book" / "press" / "static"
LATIN = {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x2212, *range(0x2010, 0x2027)]}
NAMES = {chr(code) for code in range(0x100, 0x180)}  # č and ř: a bibliography writes them in TeX
OF_SPHINX = {"→"}  # in a signature
SOURCES = (
    "book/*.md",
    "book/*.bib",
    "book/reference/*.md",
    "chapters/**/*.md",
    "chapters/**/*.ipynb",
    "hpt_lab/**/*.py",
)
SOURCES += ("book/press/static/**/*", "book/press/pages/*", "book/press/pages/templates/*", "book/press/slides/*")
TEXTS = {".bib", ".css", ".html", ".ipynb", ".js", ".md", ".py"}
RANGE = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?")
# The files that a page of each edition needs for its first words.
FIRST = {
    "en": ("source-serif-4-latin.woff2", "bricolage-grotesque-latin.woff2"),
    "ko": ("pretendard-latin.woff2", "pretendard-terms.woff2", "pretendard-hangul.woff2"),
}


def letters(root: Path = ROOT) -> tuple[set[str], set[str]]:
    """Return the letters of the English sources, with those of western Europe, and the letters of the Korean catalogs."""
    sources = (path for pattern in SOURCES for path in root.glob(pattern) if path.suffix in TEXTS)
    catalogs = (path for path in root.glob("book/locale/**/*") if path.suffix in {".csv", ".po"})
    english, korean = (
        {letter for letter in set[str]().union(*(path.read_text("utf-8") for path in paths)) if letter.isprintable()}
        for paths in (sources, catalogs)
    )
    return LATIN | NAMES | OF_SPHINX | english, korean


def lacking(css: str) -> set[str]:
    """Return the letters of the book that are not in fonts.css, whose text is `css`."""
    cut_for = {chr(code) for low, high in RANGE.findall(css) for code in range(int(low, 16), int(high or low, 16) + 1)}
    return set.union(*letters()) - cut_for
