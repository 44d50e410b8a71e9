"""The cells of a notebook in another language: their comments and docstrings, the lines that they print, and the words of a page in them.

What a program does stays, and so does every stored output: this is for copies, on the pages and for the classroom. What a cell
prints is in the language where no reader has the English program before him: that of a hidden cell (`translate` has the programs of
exercises). A printed line is a message if it has a word, with one space for several, and {0}, {1}, ... for its numbers, which keep
their spaces. In its translation each tab is a gap between columns, the widest one that leads to the numbers behind it: what follows
begins where it does in English.
The words of a page in an output are its texts, its labels, and what its script says, with {name} for what that computes.
"""

import ast
import functools
import io
import re
import tokenize
import unicodedata
from collections.abc import Callable, Iterator

from book.press.translation import catalogs, drawn

CATALOG = "cells"
Say = Callable[[str], str]
COMMENT = re.compile(r"#\s+(?=.*[^\W\d_]{2})(?!fmt:|noqa|type:)(.+)")
WORD = re.compile(r"(?<![\w.(='\"])[A-Za-z][a-z]+(?![\w(='\"])")
FIELD = re.compile(r"(?<!\{)\{(\d+)\}")
DEFINES = re.compile(r"\b(?:def|class)\b")
GAP, OPENED = re.compile(r" {2,}"), re.compile(r"(?<=\() +")
PLAYED = re.compile(r"(?<=>)[^<>`{}=;]*[a-z]{2}[^<>`{}=;]*(?=<)|(?<=aria-label=\")[^\"]+|(?<=say\(`)[^`]+")


Note = tuple[tuple[int, int], tuple[int, int], str]


@functools.cache
def notes(source: str) -> tuple[Note, ...]:
    """Return where each comment and each docstring begins and ends, line and column, and its words."""
    return tuple(_notes(source)) if "#" in source or DEFINES.search(source) else ()


def _notes(source: str) -> Iterator[Note]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (found := COMMENT.fullmatch(token.string)):
            row, column = token.start
            yield (row, column + found.start(1)), token.end, found[1]
    lines, tree = source.split("\n"), ast.parse(source)
    for node in ast.walk(tree) if DEFINES.search(source) else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (words := ast.get_docstring(node)):
            place, texts = node.body[0].value, words.strip().split("\n")
            top, rows = place.lineno, range(place.end_lineno, place.lineno - 1, -1)
            bottom = next((row for row in rows if texts[-1] in lines[row - 1]), top)
            start, end = lines[top - 1].find(texts[0]), lines[bottom - 1].rfind(texts[-1]) + len(texts[-1])
            if start >= 0:
                yield (top, start), (bottom, end), " ".join(words.split())


def program(source: str, say: Say) -> str:
    """Return the program with its comments and docstrings in other words; one that is not Python alone stays."""
    lines = source.split("\n")
    try:
        found = sorted(notes(source), reverse=True)
    except (SyntaxError, tokenize.TokenError):
        return source
    for (top, left), (bottom, right), words in found:
        if (said := say(words)) != words:
            lines[top - 1 : bottom] = [lines[top - 1][:left] + said + lines[bottom - 1][right:]]
    return "\n".join(lines)


def printed(text: str, say: Say) -> str:
    """Return what a cell has printed with its sentences in other words."""
    return "\n".join(map(lambda line: _line(line, say), text.split("\n")))


def _line(line: str, say: Say) -> str:
    words = line.strip()
    text, numbers = opened(OPENED.sub("", GAP.sub(" ", words)))
    if not WORD.search(words) or (said := say(text)) == text:
        return line
    spans, (first, *parts) = spans_of(numbers, words), said.split("\t")
    shown = [_pad(words[:start]) + words[start:end] for start, end in spans]
    there, at = first.format(*shown), _end(first, spans)
    for place, part in enumerate(parts):
        own, later = FIELD.findall(part), FIELD.findall("".join(parts[place:]))
        limit = min((spans[int(number)][0] for number in own or later), default=len(words))
        gaps = [gap for gap in GAP.finditer(words, at) if gap.end() <= limit]
        at = max(gaps, key=lambda gap: len(gap[0]) if own else -gap.start()).end() if gaps else at
        there += " " * max(1, at - width(there)) + part.format(*shown).lstrip()
        at = max(at, _end(part, spans))
    return line.replace(words, there)


def spans_of(numbers: list[str], words: str) -> list[tuple[int, int]]:
    """Return where each of the numbers of a line begins and ends."""
    spans = [(0, 0)]
    for number in numbers:
        end = re.compile(rf"(?<![\w.]){re.escape(number)}(?!\w)").search(words, spans[-1][1]).end()
        spans.append((end - len(number), end))
    return spans[1:]


def _end(part: str, spans: list[tuple[int, int]]) -> int:
    """Return where the last of a part's numbers ends in the English line."""
    return max((spans[int(number)][1] for number in FIELD.findall(part)), default=0)


def _pad(before: str) -> str:
    """Return the spaces in front of a number, but for the one between words."""
    spaces = re.search(r"(?<!\() (?P<first> *)$|(?P<then> *)$", before)
    return spaces["first"] or spaces["then"] or ""


def width(text: str) -> int:
    """Return how many columns a text takes: a Korean syllable takes two."""
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def opened(words: str) -> tuple[str, list[str]]:
    """Return the message of a printed line, and its numbers."""
    return drawn.opened(words.replace("{", "{{").replace("}", "}}"))


def page(html: str, say: Say) -> str:
    """Return a page in an output, one that a script plays on, in other words."""

    def put(found: re.Match[str]) -> str:
        words = found[0].strip()
        return found[0].replace(words, say(words.replace("${", "{")).replace("{", "${"))

    return PLAYED.sub(put, html)


def unseen(cell) -> bool:
    """Return True for a program that the reader of a translated page does not see in English, since it is hidden."""
    return cell.cell_type == "code" and any(tag.endswith("-input") for tag in cell.metadata.get("tags", []))


def translate(notebook, say: Say) -> None:
    """Put what the cells of a notebook say in other words."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.source = program(cell.source, say)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "<script" in data.get("text/html", ""):
                data["text/html"] = page(data["text/html"], say)
            elif unseen(cell) and output.output_type == "stream":
                output.text = printed(output.text, say)


def gettext(page: str, language: str) -> Say:
    """Return a function from the English words of a page's cells to those of a language; what has no translation stays English."""
    known = catalogs.catalog(CATALOG, language) | catalogs.catalog(page, language)
    return lambda text: known.get(text, text)
