"""Count on each page what a reader stumbles over and no table of words can name: numbers, referents, and mixed contractions.

What is counted, in the sources and in the sentences that cells have computed, as the built pages show them:

    minus       a hyphen in place of a minus sign
    sign        a sign after a word of direction: "worse by +4.21"
    numbers     sentences with more than two numbers; a value and its error are one
    referent    paragraphs after a cell that begin with It, That, This or They
    contraction "doesn't" beside "does not" on one page: how often the rarer form appears

counts.json has what each page may have at most, and a page that is not in it nothing. `python -m tools.prose --lower` writes the counts of
today where they are lower, so that no page gets worse.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat

from book.press.address import ROOT
from tools.prose import sentences

LIMITS = Path(__file__).with_name("counts.json")
PAGES = ("README.md", "book/*.md", "chapters/**/*.md")
MOST = 2  # numbers in a sentence
CELL = re.compile(r"\{code-cell\}")
DIRECTION = r"worse|better|higher|lower|larger|smaller|more|less|fewer|ahead|behind|reductions?|reduced|improved|improves|lowers|raises"
SIGN = re.compile(
    rf"\b(?:{DIRECTION})\b(?:[ *]+(?:by|of|is|are|was|were|about|only|than|at|to))*[ *:]+[+\u2212-]\d", re.I
)
MINUS = re.compile(r"(?<![\w)\]%./-])-\d")
ERROR = re.compile(r"(?<=\d)%?[*]*\s*±\s*[*]*\d[\d.,]*")
NUMBER = re.compile(r"(?<![\w.])[+\u2212-]?\d[\d,]*(?:\.\d+)?")
PLACE = re.compile(
    r"\b(?:[Ll]essons?|[Cc]hapters?|[Ee]xercises?|[Ff]igures?|[Ss]ections?|[Qq]uestions?)\s+\d[\d.]*(?:(?:,| and| to)+ \d[\d.]*)*|\(\d\.\d+\)"
)
STOP = re.compile(r"(?<=[.!?])[*\u201d\")]*\s+")
REFERENT = re.compile(r"[*_]*(?:It|That|This|They)\b")
VERB = r"do|does|did|is|are|was|were|could|would|should|has|have|had"
SHORT = {"cannot": r"can't", "will not": r"won't"}


def pages() -> list[Path]:
    """Return the pages that are counted."""
    return sorted(path for pattern in PAGES for path in ROOT.glob(pattern) if "_build" not in path.parts)


def outside(text: str) -> str:
    """Return the prose of a page without its cells: the same lines, blank where a program is."""
    text = sentences.without(sentences.FRONT, text)
    parts, place = [], 0
    for fence, closed in sentences.programs(text):
        parts += [text[place : fence.start()], sentences.blank(text[fence.start() : closed])]
        place = closed
    return sentences.shown("".join([*parts, text[place:]]).replace("`" * 3, "   "))


def paragraphs(prose: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a text with their lines: rows of tables and titles are none, and items of a list are one each."""
    held: list[str] = []
    first = 0
    for number, line in enumerate([*prose.splitlines(), ""], 1):
        starts = re.match(r"\s*(?:[-*+]|\d+[.)])\s+", line)
        ends = not line.strip() or line.lstrip().startswith(("|", "#", ":"))
        if (ends or starts) and held:
            yield first, " ".join(held)
            held = []
        if not ends:
            first = first if held else number
            held.append(line[starts.end() :] if starts else line.strip())


def computed(path: Path) -> tuple[list[str], list[str]]:
    """Return what the cells of a page have computed as Markdown, and what they have printed."""
    notebook = path.with_suffix(".ipynb")
    if not notebook.exists():
        return [], []
    cells = nbformat.v4.reads(notebook.read_text(encoding="utf-8")).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    said = [output["data"]["text/markdown"] for output in outputs if "text/markdown" in output.get("data", {})]
    return [sentences.shown(text) for text in said], [output["text"] for output in outputs if "text" in output]


def crowded(paragraph: str) -> Iterator[str]:
    """Yield the sentences of a paragraph that have too many numbers."""
    for sentence in STOP.split(paragraph):
        if len(NUMBER.findall(PLACE.sub("", ERROR.sub("", sentence)))) > MOST:
            yield sentence


def mixed(text: str) -> int:
    """Return how often a verb appears in the rarer of its two forms: "does not" or "doesn't"."""
    pairs = {rf"(?:{verb}) not": rf"{verb}n't" for verb in VERB.split("|")} | SHORT
    text = re.sub("[\u2018\u2019]", "'", text)
    both = [len(re.findall(rf"\b{form}\b", text, re.I)) for pair in pairs.items() for form in pair]
    return sum(map(min, both[::2], both[1::2]))


def stumbles(path: Path) -> Iterator[tuple[str, int, str]]:
    """Yield kind, line and words of what is counted on a page; what a cell has computed is on line 0."""
    source = path.read_text(encoding="utf-8")
    prose, (said, printed) = outside(source), computed(path)
    yield from (("sign", 0, found[0]) for text in printed for found in SIGN.finditer(text))
    for line, paragraph in [*paragraphs(prose), *((0, one) for text in said for _, one in paragraphs(text))]:
        for kind, found in (("minus", MINUS), ("sign", SIGN)):
            yield from (
                (kind, line, paragraph[place.start() : place.end() + 20]) for place in found.finditer(paragraph)
            )
        yield from (("numbers", line, sentence[:60]) for sentence in crowded(paragraph))
    ends = {
        source.count("\n", 0, closed) + 1 for fence, closed in sentences.programs(source) if CELL.match(fence["info"])
    }
    lines = prose.splitlines()
    for end in ends:
        after = next((number for number in range(end, len(lines)) if lines[number].strip()), None)
        if after is not None and REFERENT.match(lines[after]):
            yield "referent", after + 1, lines[after][:60]
    yield from [("contraction", 0, "")] * mixed(prose)


def counts(path: Path) -> dict[str, int]:
    """Return how many of each kind a page has."""
    return dict(sorted(Counter(kind for kind, *_ in stumbles(path)).items()))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def limits() -> dict[str, dict[str, int]]:
    """Return what each page may have at most."""
    return json.loads(LIMITS.read_text(encoding="utf-8"))


def complaints(paths: list[Path]) -> list[str]:
    """Return, for each kind of which a page has more than it may have, a line that says so, and where each of them is."""
    said, most = [], limits()
    for path in paths:
        found = list(stumbles(path))
        for kind, n in sorted(Counter(kind for kind, *_ in found).items()):
            if n > (allowed := most.get(name(path), {}).get(kind, 0)):
                said.append(f"{name(path)}: {n} of kind {kind!r}, at most {allowed} (see tools/prose/counts.py)")
                said += [f"    {name(path)}:{line or 'computed'}: {words}" for one, line, words in found if one == kind]
    return said


def lower() -> None:
    """Write the counts of today where they are lower."""
    known = limits() if LIMITS.exists() else None
    today = {name(path): counts(path) for path in pages()}
    if known is not None:
        today = {
            page: {kind: min(n, known.get(page, {}).get(kind, 0)) for kind, n in found.items()}
            for page, found in today.items()
        }
    kept = {page: {kind: n for kind, n in found.items() if n} for page, found in today.items()}
    text = json.dumps({page: found for page, found in kept.items() if found}, indent=1)
    LIMITS.write_text(
        re.sub(r"\{\s+(\"\w+\": [^{}]*?)\s+\}", lambda m: "{" + " ".join(m[1].split()) + "}", text) + "\n",
        encoding="utf-8",
    )
