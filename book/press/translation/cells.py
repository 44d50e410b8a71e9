"""The cells of a notebook in another language: their comments and docstrings, the lines that they print, and the words of a page in them.

What a program does stays, and so does every stored output: this is for copies, on the pages and for the classroom. What a cell
prints is in the language where no reader has the English program before him: that of a hidden cell (`translate` has the programs of
exercises). A printed line is a message if it has a word, with one space for several, and {0}, {1}, ... for its numbers, which keep
their spaces. In its translation each tab is a gap between columns: what follows begins where it does in English.
The words of a page in an output are its texts, its labels, and what its script says, with {name} for what that computes.
"""

import ast
import io
import itertools
import re
import tokenize
import unicodedata
from collections.abc import Callable, Iterator

from book.press.translation import catalogs, drawn

CATALOG = "cells"
Say = Callable[[str], str]
COMMENT = re.compile(r"#\s+(?=.*[^\W\d_]{2})(?!fmt:|noqa|type:)(.+)")
WORD = re.compile(r"(?<![\w.(='\"])[A-Za-z][a-z]+(?![\w(='\"])")
GAP, OPENED = re.compile(r" {2,}"), re.compile(r"(?<=\() +")
PLAYED = re.compile(r"(?<=>)[^<>`{}=;]*[a-z]{2}[^<>`{}=;]*(?=<)|(?<=aria-label=\")[^\"]+|(?<=say\(`)[^`]+")


def notes(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], str]]:
    """Yield where each comment and each docstring begins and ends, line and column, and its words."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (found := COMMENT.fullmatch(token.string)):
            row, column = token.start
            yield (row, column + found.start(1)), token.end, found[1]
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
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
    there, *parts = (part.format(*padded(words, numbers)) for part in said.split("\t"))
    widest = sorted(GAP.finditer(words), key=lambda gap: gap.start() - gap.end())[
        : len(parts)
    ]  # not those of padded numbers
    ends = sorted(gap.end() for gap in widest)
    for part, end in itertools.zip_longest(parts, ends, fillvalue=0):
        there += " " * max(1, end - width(there)) + part.lstrip()
    return line.replace(words, there)


def padded(words: str, numbers: list[str]) -> list[str]:
    """Return the numbers of a line with the spaces in front of them, but for the one between words."""
    at, found = 0, []
    for number in numbers:
        at = re.compile(rf"(?<![\w.]){re.escape(number)}(?!\w)").search(words, at).end()
        spaces = re.search(r"(?<!\() (?P<first> *)$|(?P<then> *)$", words[: at - len(number)])
        found.append((spaces["first"] or spaces["then"] or "") + number)
    return found


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
