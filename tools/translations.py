"""Keep the catalogs of the Korean edition.

    python -m tools.translations update          take the English out of the pages again (`make translations`)
    python -m tools.translations check [PAGE]   print what is missing, and what a translation does not share with its English

A message is a paragraph, a heading, a cell of a table, as Sphinx's gettext builder hands it over, Markdown that a cell
computed among them. To these we add what it does not see: the alternative texts of figures, what the checks and
programs of exercises print (`translate`), the exam bank, the texts in figures (`drawn`), what cells say in passing (`cells`), and
the words that Python and JavaScript put on the pages (`javascript`).

When only numbers of a message changed, its translation is carried over with the new ones. When more changed, the old
translation waits until someone has read it again. Where it still shares with its English all that it must (`rules`), it is
marked stale, and the page shows it as it was; otherwise it is a proposal, marked fuzzy, and the page shows English.
"""

import copy
import difflib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import normalize

from book.press.live import cells as live
from book.press.notebooks import standalone
from book.press.translation import catalogs, cells, drawn, javascript, rules, translate

# What Sphinx and its theme say, and do not know in Korean, or say in another word than the book.
OF_THE_THEME = (
    "Color mode",
    "Dark",
    "Light",
    "Link to this definition",
    "Link to this heading",
    "Link to this term",
    "Please activate JavaScript to enable the search functionality.",
    "Skip to main content",
    "System Settings",
    "Table of contents",
    "Version warning",
    "next page",
    "previous page",
)
# With which an option of a quiz begins, and its explanation.
OPTION = re.compile(r"(?:[A-H]\. |\*\*(?:Right|No)\.\*\*)?")
HEADER = 'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


def told_by_programs(notebook) -> Iterator[str]:
    """Yield what the programs of exercises tell a student."""
    for cell, check in translate.told(notebook):
        yield from (text for _, _, text, _ in translate.sentences(cell.source, check))


def site_words() -> set[str]:
    """Return what Python, JavaScript and the templates mark, what the first cell of a notebook may say, and the words of the theme."""
    folders = [catalogs.BOOK / "press" / name for name in ("static", "live/browser")]
    scripts = [path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.rglob("*.js"))]
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    marked = [
        found
        for folder in (catalogs.BOOK, catalogs.BOOK.parent / "examples")  # which draws the front page's picture
        for found in extract_from_dir(str(folder), method_map=methods, keywords={"_": None})
    ]
    started = standalone.START.read_text(encoding="utf-8")
    return (
        set(OF_THE_THEME)
        | {text for _, _, text, _ in translate.sentences(started)}
        | {text for *_, text in cells.notes(started)}
        | {text for script in scripts for text in of_script(script)}
        | {found[2] for found in marked}
    )


def written_for_the_page(message) -> bool:
    """Return True if the message is the page's own: what comes from the lab's docstrings stays English, as the code does."""
    return any(place.endswith((".md", ".ipynb")) for place, _ in message.locations)


def messages(root: Path) -> dict[str, list[str]]:
    """Return the English messages of each page, in their order."""
    target = catalogs.BOOK / "_build" / "gettext"
    command = [
        sys.executable,
        *["-m", "sphinx", "-q", "-b", "gettext", "-c"],
        catalogs.BOOK / "press",
        "-d",
        target / "doctrees",
    ]
    subprocess.run([*command, root, target / "pot"], check=True)
    found, said = {}, []
    for path in sorted((target / "pot").rglob("*.pot")):
        page = path.relative_to(target / "pot").with_suffix("").as_posix()
        texts = [message.id for message in catalogs.read(path) if message.id and written_for_the_page(message)]
        if (notebook := root / f"{page}.ipynb").exists():
            read = nbformat.read(notebook, as_version=4)
            texts += [*(" ".join(place["alt"].split()) for place in translate.pictured(read)), *told_by_programs(read)]
            said += [text for text in of_cells(read) if text not in texts]
        found[page] = list(dict.fromkeys(texts))
    found[live.PLAYGROUND] += live.words_of_playground((root / f"{live.PLAYGROUND}.md").read_text(encoding="utf-8"))
    found[catalogs.SITE] = sorted(site_words())
    for path in sorted(root.glob("book/exam/*.md")):
        found[f"exam/{path.stem}"] = exam_texts(path.read_text(encoding="utf-8"))
    found[drawn.CATALOG] = drawn_words(root)
    found[cells.CATALOG] = list(dict.fromkeys(said))
    return found


def drawn_words(root: Path) -> list[str]:
    """Return the messages of the figures, in the order of the course."""
    files = sorted(root.glob("chapters/*/figures/*/*.svg"))
    return list(dict.fromkeys(text for path in files for text in of_figure(path.read_text(encoding="utf-8"))))


def exam_texts(text: str) -> list[str]:
    """Return the messages of questions for an exam, but for what only says their kind, and their answers in numbers."""
    return [block for block in of_markdown(text) if not re.match(r"\*Lesson |\*\*Answer:", block)]


def of_markdown(text: str) -> list[str]:
    """Return the messages of a Markdown text: its blocks, but for code, and the titles of its boxes."""
    found: list[str] = []

    class Asked(dict):
        def get(self, message: str, default=None):
            found.append(message)

        def __contains__(self, message: object) -> bool:
            return bool(message) and found.append(str(message)) is not None

    list(translate.edits(text.split("\n"), Asked()))
    return list(dict.fromkeys(found))


def of_cells(notebook) -> list[str]:
    """Return the messages of a notebook's cells, but for what programs of exercises tell, which is the page's."""
    found: list[str] = []
    cells.translate(copy.deepcopy(notebook), lambda text: found.append(text) or text)
    return list(dict.fromkeys(found))


def of_figure(svg: str) -> list[str]:
    """Return the messages of a picture."""
    said = [drawn.message(block)[0] for block in drawn.texts(ElementTree.fromstring(svg))]
    return [text for text in said if re.search(r"[A-Za-zé]{2}", text)]


def of_script(script: str) -> list[str]:
    """Return all messages that a script marks, also inside others."""
    found: list[str] = []
    javascript.translate(script, lambda text: found.append(text) or text)
    return found


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


def update_all(root: Path, language: str) -> None:
    folder, found = catalogs.folder(language), messages(root)
    for page in catalogs.pages(language):
        if page not in found:
            (folder / f"{page}.po").unlink()
    for page, texts in found.items():
        path = folder / f"{page}.po"
        entries = update(catalogs.read(path) if path.exists() else Catalog(), texts, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(entries, language), encoding="utf-8", newline="\n")
    catalogs.catalog.cache_clear()


def faults(page: str, language: str, waiting: bool = False) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield each message of a catalog that is wrong: its number, both sides, and what is wrong; on demand, those that wait, too."""
    texts = (message for message in catalogs.read(catalogs.folder(language) / f"{page}.po") if message.id)
    for number, message in enumerate(texts, 1):
        waits = mark(message) or ("" if message.string else "missing")
        said = [f"{waits}: translate it"] if waits else rules.problems(message.id, message.string, language)
        if said and (waiting or not waits):
            yield number, message.id, message.string, said


def all_of(language: str) -> Iterator[tuple[str, str, str]]:
    """Yield the place and both sides of every message: of the pages, their figures and devices, the report and the live page."""
    files = {page: catalogs.folder(language) / f"{page}.po" for page in catalogs.pages(language)}
    tools = catalogs.BOOK.parent / "hpt_lab" / "tools"
    files |= {path.parts[-3]: path for path in sorted(tools.glob(f"*/locale/{language}.po"))}
    for place, path in files.items():
        yield from ((place, str(m.id), str(m.string)) for m in catalogs.read(path) if m.id and m.string)


def unlike(
    messages: Iterable[tuple[str, str, str]], language: str = "ko"
) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield each English message with several translations, and their places, unless the table of contexts declares them all."""
    declared, found = rules.contexts(language), {}
    for place, text, said in messages:
        found.setdefault(text, {}).setdefault(" ".join(said.split()), []).append(place)
    for text, translations in found.items():
        if len(translations) > 1 and not set(translations) <= declared.get(text, set()):
            yield text, translations


def check(pages: list[str], language: str = "ko") -> int:
    """Print what is wrong with the catalogs, of all pages or of those given, and what waits; return how many messages that are.

    Of all pages, one English message has one translation, in the report and on the live page too.
    """
    wrong = 0
    for text, translations in () if pages else unlike(all_of(language), language):
        wrong += 1
        print(f"{text}\n    - said in several ways: {translations}")
    for page in pages or catalogs.pages(language):
        for number, text, translation, said in faults(page, language, waiting=True):
            wrong += 1
            print(f"{page} {number}: {text}\n    {translation}\n    - " + "\n    - ".join(said))
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update_all(catalogs.BOOK.parent, "ko")
    elif sys.argv[1:2] == ["check"]:
        sys.exit(f"{wrong} messages are wrong" if (wrong := check(sys.argv[2:])) else 0)
    else:
        sys.exit(__doc__)
