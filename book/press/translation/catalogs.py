"""Catalogs: the messages of a page beside their translations, in gettext's format, in book/locale/LANGUAGE/LC_MESSAGES/PAGE.po.

When only numbers of a message changed, its translation is carried over with the new ones. When more changed, the old
translation waits until someone has read it again. Where it still shares with its English all that it must (`rules`), it is
marked stale, and the page shows it as it was; otherwise it is a proposal, marked fuzzy, and the page shows English.
"""

import difflib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import normalize, read_po

from book.press.translation import rules

BOOK = Path(__file__).resolve().parents[2]
LANGUAGES = {"en": "English", "ko": "한국어"}
SITE = (
    "sphinx"  # the catalog of the words that no page's source holds; Sphinx and its theme take theirs from it as well
)
OPTION = re.compile(
    r"(?:[A-H]\. |\*\*(?:Right|No)\.\*\*)?"
)  # with which an option of a quiz begins, and its explanation
HEADER = 'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


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


def carried(old: str, new: str, translation: str) -> str | None:
    """Return the translation of `old` with the numbers of `new`, or None where more than numbers differ or it is not clear which is which."""
    if rules.NUMBER.sub("#", old) != rules.NUMBER.sub("#", new):
        return None
    before, after, there = rules.NUMBER.findall(old), rules.NUMBER.findall(new), rules.NUMBER.findall(translation)
    if there == before:
        numbers = iter(after)
        return rules.NUMBER.sub(lambda _: next(numbers), translation)
    became: dict[str, str] = {}
    for a, b in zip(before, after, strict=True):
        if became.setdefault(a, b) != b:
            return None
    return rules.NUMBER.sub(lambda m: became.get(m[0], m[0]), translation)


def mark(message) -> str:
    """Return "stale" or "fuzzy" if the translation waits to be read again, else nothing."""
    return next((flag for flag in ("stale", "fuzzy") if flag in message.flags), "")


def update(old: Catalog, texts: list[str], language: str = "ko") -> list[tuple[str, str, str]]:
    """Return each English text with its translation, and how it waits: "stale", "fuzzy" or not at all."""
    known = {message.id: message for message in old if message.id and message.string}
    by_shape: dict[str, list] = {}
    for message in known.values():
        by_shape.setdefault(rules.NUMBER.sub("#", message.id), []).append(message)
    near = neighbors([*known], texts)
    kept = []
    for text in texts:
        if text in known:
            kept.append((text, known[text].string, mark(known[text])))
            continue
        same = ((carried(m.id, text, m.string), mark(m)) for m in by_shape.get(rules.NUMBER.sub("#", text), []))
        translation, waits = next(((string, how) for string, how in same if string), ("", ""))
        if not translation and not re.search(r"[A-Za-z]{2}|[가-힣]", rules.prose(text)):
            translation = text  # numbers, code and formulae are their own translation
        if not translation and text in near:
            translation = known[near[text]].string
            waits = "fuzzy" if rules.problems(text, translation, language) else "stale"
        kept.append((text, translation, waits))
    return kept


def neighbors(old: list[str], new: list[str]) -> dict[str, str]:
    """Return for each new text the old one that it most likely was: the most similar of those that are gone, nearby first."""
    known, gone, found = set(old), [text for text in old if text not in set(new)], {}

    def nearest(text: str, among: list[str], cutoff: float) -> None:
        alike = [was for was in among if OPTION.match(was)[0] == OPTION.match(text)[0]]
        cutoff = max(cutoff, 0.7) if OPTION.match(text)[0] else cutoff  # a quiz must not be mistaken
        for was in difflib.get_close_matches(text, alike, n=1, cutoff=cutoff):
            found[text] = was

    for verb, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for text in new[c:d] if verb == "replace" else ():
            nearest(text, [was for was in old[a:b] if was in gone], 0.45)
    for text in new:
        if text not in known and text not in found:
            nearest(text, gone, 0.7)
    return found


def written(entries: list[tuple[str, str, str]], language: str) -> str:
    parts = [HEADER.format(language)]
    for text, translation, waits in entries:
        flag = f"#, {waits}\n" if waits else ""
        parts.append(f"\n{flag}msgid {normalize(text, width=0)}\nmsgstr {normalize(translation, width=0)}\n")
    return "".join(parts)
