"""The built pages, to read: `make book` writes them. What can be seen in their HTML needs no browser."""

import functools
import re

from bs4 import BeautifulSoup

from book.press.notebooks import pairing

HTML = pairing.ROOT / "book" / "_build" / "html"
SENTENCE = re.compile(r"\b[A-Za-z][a-z]+ (?:[a-z]+ ){2,}[a-z]+")  # four English words in a row


def name(page):
    """Return the address of a page within the site; it is given so, or by its path."""
    return page if isinstance(page, str) else page.relative_to(HTML).as_posix()


def read(path):
    """Return a new tree of a page."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


soup = functools.cache(read)  # those that need no browser run in one process, and share it (conftest.py)
