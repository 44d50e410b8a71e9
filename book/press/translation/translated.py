"""A notebook in another language: the same cells, with each message of its page replaced by its translation.

The pages are translated by Sphinx. This is for what is made of the notebooks themselves: those for students, and the slides.
"""

import ast
import copy
import re
from collections.abc import Iterator

from book.press.translation import catalogs

LEAD = r"^[ \t]*(?:(?:#{1,6}|[-*+>]|\d+\.|:{3,}\{[\w-]+\}|\[\^[\w-]+\]:)[ \t]+)*|\|[ \t]*"
LITERAL = re.compile(r"""([a-zA-Z]*)(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""", re.S)
FENCE = re.compile(r"^(```+)(?!\{).*?^\1[ \t]*$", re.M | re.S)


def markdown(text: str, messages: dict[str, str]) -> str:
    """The Markdown with each message in the language: whole blocks only, longer ones first, and no code."""
    kept: list[str] = []

    def keep(string: str) -> str:
        kept.append(string)
        return f"\0{len(kept) - 1}\0"

    text = FENCE.sub(lambda m: keep(m[0]), text)
    flat = " ".join(text.split())
    for message in sorted((m for m in messages if m in flat and messages[m] != m), key=len, reverse=True):
        words = r"\s+(?:> )?".join(map(re.escape, message.split()))
        text = re.sub(
            rf"(?m)({LEAD}){words}(?=[ \t]*(?:$|\|))", lambda m, said=messages[message]: m[1] + keep(said), text
        )
    while "\0" in text:
        text = re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], text)
    return text


def sentences(source: str) -> list[tuple[int, int, str, bool]]:
    """Start, end, text and whether it is an f-string, of each string in a program that has three words or more.

    The text is as it stands in the source, escapes and placeholders included; literals that follow each other are one.
    """
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    encoded, found = source.encode(), []
    inside: set[ast.AST] = set()
    for node in ast.walk(ast.parse(source)):
        if node in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            inside.update(ast.walk(node))
        elif not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        literals = LITERAL.findall(encoded[start:end].decode())
        formatted = any("f" in prefix.lower() for prefix, *_ in literals)
        text = "".join(
            a or b if "f" in prefix.lower() or not formatted else (a or b).replace("{", "{{").replace("}", "}}")
            for prefix, a, b in literals
        )
        if text.count(" ") >= 2 and "\\n" not in text:
            found.append((start, end, text, formatted))
    return sorted(found)


def code(source: str, messages: dict[str, str]) -> str:
    """The program with the sentences that it may say in the language."""
    encoded = source.encode()
    for start, end, text, formatted in reversed(sentences(source)):
        if text in messages:
            said = re.sub(r'(?<!\\)"', r"\"", messages[text])
            encoded = encoded[:start] + f'{"f" * formatted}"{said}"'.encode() + encoded[end:]
    return encoded.decode()


def figure_texts(notebook) -> Iterator[tuple[dict, str, str]]:
    """The texts in the cells' metadata that a reader sees or hears, alternative texts and captions: where each stands, and its message."""
    for cell in notebook.cells:
        for kind, key in (("image", "alt"), ("figure", "caption")):
            place = cell.metadata.get("mystnb", {}).get(kind, {})
            if place.get(key):
                yield place, key, " ".join(place[key].split())


def figures(notebook, messages: dict[str, str]) -> None:
    """Put the texts of the notebook's figures in the language."""
    for place, key, text in figure_texts(notebook):
        place[key] = messages.get(text, place[key])


def notebook(english, page: str, language: str):
    """A copy of the page's notebook in the language: its text, what its cells computed as text, its checks and its figures' texts."""
    messages = catalogs.catalog(page, language)
    there = copy.deepcopy(english)
    figures(there, messages)
    for cell in there.cells if messages else ():
        if cell.cell_type == "markdown":
            cell.source = markdown(cell.source, messages)
            continue
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = code(cell.source, messages)
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                output["data"]["text/markdown"] = markdown(output["data"]["text/markdown"], messages)
    return there
