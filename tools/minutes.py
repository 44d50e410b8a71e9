"""The minutes of the lessons, from their words.

    python -m tools.minutes           list the lessons whose minutes are off by more than a tenth
    python -m tools.minutes --write   write what their words say into the lesson, its notebook and its catalogs

A reader takes a minute for 60 words of text, among them those that cells have computed; this leaves time for the code, the figures and
the quiz beside them. Where readers do work of their own, its minutes come on top. A lesson says multiples of five.
"""

import re
import sys
from pathlib import Path

from book.press.address import ROOT
from book.press.notebooks import pairing
from book.press.translation import catalogs
from tools.prose import counts

RATE, STEP = 60, 5  # words a minute; minutes between two values that a lesson states
OWN = {"06_your_turn/01_write_a_strategy": 15, "06_your_turn/02_tune_something_that_matters": 25}
STATED = re.compile(r"(?<=^\*\*Minutes:\*\* )\d+$", re.M)
WORD = re.compile(r"\b[A-Za-z][\w\u2019'-]*")


def lessons() -> list[Path]:
    """Return the lessons of all chapters."""
    return sorted(ROOT.glob("chapters/*/[0-9]*.md"))


def stated(path: Path) -> int:
    """Return the minutes that a lesson states."""
    return int(STATED.search(path.read_text(encoding="utf-8"))[0])


def exact(path: Path) -> float:
    """Return the minutes that a lesson takes."""
    texts = [counts.outside(path.read_text(encoding="utf-8")), *counts.computed(path)[0]]
    words = sum(len(WORD.findall(text)) for text in texts)
    return words / RATE + OWN.get(f"{path.parent.name}/{path.stem}", 0)


def off(path: Path) -> bool:
    """Return True if a lesson states more or less than it takes by a tenth, or by what rounding does not explain."""
    return abs(stated(path) - exact(path)) > max(0.1 * exact(path), 0.6 * STEP)


def write(path: Path) -> None:
    """Write the minutes that a lesson takes into its source, its notebook and its catalogs."""
    minutes = str(max(STEP, STEP * round(exact(path) / STEP)))
    before, page = f"**Minutes:** {stated(path)}", path.relative_to(ROOT).with_suffix("")
    path.write_text(STATED.sub(minutes, path.read_text(encoding="utf-8"), count=1), encoding="utf-8", newline="\n")
    pairing.save(path.with_suffix(".ipynb"), pairing.write_notebook(pairing.pair(path)))
    for language in catalogs.LANGUAGES:
        catalog = catalogs.folder(language) / page.with_suffix(".po")
        if catalog.exists():
            old = re.compile(rf'(?<=^msgid "){re.escape(before)}"\nmsgstr "(.*?)\d+"$', re.M)
            text = catalog.read_text(encoding="utf-8")
            text = old.sub(lambda found: f'**Minutes:** {minutes}"\nmsgstr "{found[1]}{minutes}"', text, count=1)
            catalog.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> int:
    found = [path for path in lessons() if off(path)]
    for path in found:
        print(f"{counts.name(path)}: {stated(path)} minutes, but its words take {exact(path):.1f}")
        if arguments == ["--write"]:
            write(path)
    return 0 if arguments == ["--write"] else bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
