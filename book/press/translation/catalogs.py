"""Catalogs: the messages of a page beside their translations, in gettext's format, in book/locale/LANGUAGE/LC_MESSAGES/PAGE.po (tools/translations.py
keeps them). A page shows the translations that stand, or are marked stale; where one is missing, or marked fuzzy, it shows English.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

BOOK = Path(__file__).resolve().parents[2]
LANGUAGES = {"en": "English", "ko": "한국어"}
SITE = (
    "sphinx"  # the catalog of the words that no page's source holds; Sphinx and its theme take theirs from it as well
)


def place(language: str) -> str:
    """Return the folder of an edition among what is built: English stands at the root."""
    return "" if language == "en" else f"{language}/"


def folder(language: str) -> Path:
    return BOOK / "locale" / language / "LC_MESSAGES"


def pages(language: str) -> list[str]:
    """Return the pages that have a catalog, and `SITE`."""
    return sorted(
        path.relative_to(folder(language)).with_suffix("").as_posix() for path in folder(language).rglob("*.po")
    )


@cache
def catalog(page: str, language: str) -> dict[str, str]:
    """Return the page's translations that stand: neither missing nor fuzzy. For English, and for a page without a catalog, none."""
    path = folder(language) / f"{page}.po"
    if not path.exists():
        return {}
    return {m.id: m.string for m in read(path) if m.id and m.string and not m.fuzzy}


def waiting(page: str, language: str) -> list[str]:
    """Return the messages of a page that it shows in English, since their translation is missing or fuzzy."""
    path = folder(language) / f"{page}.po"
    known = catalog(page, language)
    return [m.id for m in read(path) if m.id and m.id not in known] if path.exists() else []


def gettext(language: str) -> Callable[[str], str]:
    """Return a function from the English words of the site to those of a language; what has no translation stays English."""
    known = catalog(SITE, language)
    return lambda text: known.get(text, text)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)
