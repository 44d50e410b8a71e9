"""Keep the catalogs of the Korean edition.

    python -m book.press.translation.messages update         take the English out of the pages again (`make translations`)
    python -m book.press.translation.messages check [PAGE]   print what is missing, and what a translation does not share with its English

A message is a paragraph, a heading, a cell of a table, as Sphinx's gettext builder hands it over, Markdown that a cell
computed among them. To these we add what it does not see: the alternative texts of figures, the sentences that the checks of
exercises print (`translate`), the exam bank, the texts in figures (`drawn`), what cells say in passing (`cells`), and the words that Python and
JavaScript put on the pages (`javascript`). The work is done in

    catalogs       a catalog, and how a translation follows when its English changes
    rules          what a message and its translation must share, and the terms
    translate      a notebook in another language
    cells          the comments of cells, and what they print
    drawn          a figure in another language
    javascript     the marked words of the scripts
    extension      the Sphinx extension of the edition
    korean_search  search in Korean
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

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


def said_by_checks(notebook) -> Iterator[str]:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            yield from (text for _, _, text, _ in translate.sentences(cell.source))


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
    started = translate.sentences(standalone.START.read_text(encoding="utf-8"))
    return (
        set(OF_THE_THEME)
        | {text for _, _, text, _ in started}
        | {text for script in scripts for text in javascript.messages(script)}
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
            texts += [*(text for _, _, text in translate.figure_texts(read)), *said_by_checks(read)]
            said += cells.messages(read, list(said_by_checks(read)))
        found[page] = list(dict.fromkeys(texts))
    found[catalogs.SITE] = sorted(site_words())
    for path in sorted(root.glob("book/exam/*.md")):
        found[f"exam/{path.stem}"] = exam_texts(path.read_text(encoding="utf-8"))
    found[drawn.CATALOG] = drawn_words(root)
    found[cells.CATALOG] = list(dict.fromkeys(said))
    return found


def drawn_words(root: Path) -> list[str]:
    """Return the messages of the figures, in the order of the course."""
    files = sorted(root.glob("chapters/*/figures/*/*.svg"))
    return list(dict.fromkeys(text for path in files for text in drawn.messages(path.read_text(encoding="utf-8"))))


def exam_texts(text: str) -> list[str]:
    """Return the messages of questions for an exam, but for what only says their kind, and their answers in numbers."""
    return [block for block in translate.blocks(text) if not re.match(r"\*Lesson |\*\*Answer:", block)]


def update_all(root: Path, language: str) -> None:
    folder, found = catalogs.folder(language), messages(root)
    for page in catalogs.pages(language):
        if page not in found:
            (folder / f"{page}.po").unlink()
    for page, texts in found.items():
        path = folder / f"{page}.po"
        entries = catalogs.update(catalogs.read(path) if path.exists() else Catalog(), texts, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(catalogs.written(entries, language), encoding="utf-8", newline="\n")
    catalogs.catalog.cache_clear()


def faults(page: str, language: str, waiting: bool = False) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield each message of a catalog that is wrong: its number, both sides, and what is wrong; on demand, those that wait, too."""
    texts = (message for message in catalogs.read(catalogs.folder(language) / f"{page}.po") if message.id)
    for number, message in enumerate(texts, 1):
        waits = catalogs.mark(message) or ("" if message.string else "missing")
        said = [f"{waits}: translate it"] if waits else rules.problems(message.id, message.string, language)
        if said and (waiting or not waits):
            yield number, message.id, message.string, said


def check(pages: list[str], language: str = "ko") -> int:
    """Print what is wrong with the catalogs, of all pages or of those given, and what waits; return how many messages that are."""
    wrong = 0
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
