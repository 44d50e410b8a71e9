"""The built pages, to read: `make book` writes them. What can be seen in their HTML needs no browser."""

import contextlib
import functools
import gc
import re

from bs4 import BeautifulSoup, Tag

from book.press.notebooks import pairing
from book.press.translation import catalogs

HTML = pairing.ROOT / "book" / "_build" / "html"
SENTENCE = re.compile(r"\b[A-Za-z][a-z]+ (?:[a-z]+ ){2,}[a-z]+")  # four English words in a row


def name(page):
    """Return the address of a page within the site; it is given so, or by its path."""
    return page if isinstance(page, str) else page.relative_to(HTML).as_posix()


@contextlib.contextmanager
def no_looks_for_garbage():
    """Let Python look for no garbage meanwhile: among the nodes of a page, that takes as long as to make them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def read(path):
    """Return a new tree of a page."""
    with no_looks_for_garbage():
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


waiting = functools.cache(catalogs.waiting)


@functools.cache
def soup(path):
    """Return the tree of a page, the same each time. Tests that need no browser run in one process, and share it (conftest.py)."""
    tree = read(path)
    gc.freeze()  # it stays: nobody needs to look whether it is garbage
    return tree


def without(tag, other):
    """Yield the texts and the tags in a tag, but for the tags of which `other` is true, and what is in them."""
    for node in tag.contents:
        if not isinstance(node, Tag):
            yield node
        elif not other(node):
            yield node
            yield from without(node, other)
