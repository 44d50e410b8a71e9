"""A page or a notebook in another language: each message of its catalog replaced by its translation.

Sphinx translates the pages. This is for what is made of the sources themselves: the course as `course` reads it, and the notebooks
for students.
"""

import ast
import copy
import re
from collections.abc import Iterator

from book.press.markdown import directive, parser
from book.press.translation import catalogs, cells

LITERAL = re.compile(r"""([a-zA-Z]*)(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""", re.S)
Edit = tuple[tuple[int, int], tuple[int, int], str]  # from (line, column) to (line, column): the text that comes there


def markdown(text: str, messages: dict[str, str]) -> str:
    """Return the Markdown with each block in the language, as far as it has a message; code stays."""
    if not messages:
        return text
    known = {" ".join(message.split()): said for message, said in messages.items()}
    lines = text.split("\n")
    for (top, left), (bottom, right), said in reversed(list(edits(lines, known))):
        lines[top : bottom + 1] = [lines[top][:left] + said + lines[bottom][right:]]
    return "\n".join(lines)


def edits(lines: list[str], messages: dict[str, str]) -> Iterator[Edit]:
    """Yield what becomes of the lines, in their order."""
    row, column = -1, 0
    for token in parser().parse("\n".join(lines)):
        if token.type in ("fence", "colon_fence") and (parts := directive(token)):
            top, bottom = token.map
            _, title, options, _ = parts
            if title in messages:
                yield (top, len(lines[top]) - len(title)), (top, len(lines[top])), messages[title]
            shift = len(lines[top]) - len(lines[top].lstrip())
            first = top + 1 + len(options)
            inner = [line[shift:] for line in lines[first:bottom]]
            for (a, b), (c, d), said in edits(inner, messages):
                yield (a + first, b + shift), (c + first, d + shift), said
        elif token.type in ("inline", "math_block") and (said := messages.get(" ".join(token.content.split()))):
            content = [line.strip() for line in token.content.strip("\n").split("\n")]
            top = token.map[0] + (token.type == "math_block" and content[0] not in lines[token.map[0]])
            if content[0] not in lines[top]:  # a cell of a table, with a bar in it
                content = [line.replace("|", r"\|") for line in content]
            left = lines[top].index(content[0], column if top == row else 0)
            bottom = top + len(content) - 1
            right = lines[bottom].index(content[-1], left if bottom == top else 0) + len(content[-1])
            row, column = bottom, right
            yield (top, left), (bottom, right), said


def sentences(source: str) -> list[tuple[int, int, str, bool]]:
    """Return start, end, text, and True for an f-string, of each string in a program that has three words or more.

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


def program(source: str, messages: dict[str, str]) -> str:
    """Return the program with the sentences that it may say in the language."""
    encoded = source.encode()
    for start, end, text, formatted in reversed(sentences(source)):
        if text in messages:
            said = re.sub(r'(?<!\\)"', r"\"", messages[text])
            encoded = encoded[:start] + f'{"f" * formatted}"{said}"'.encode() + encoded[end:]
    return encoded.decode()


def pictured(notebook) -> Iterator[dict]:
    """Yield the metadata of each figure that has an alternative text."""
    places = (cell.metadata.get("mystnb", {}).get("image", {}) for cell in notebook.cells)
    return (place for place in places if place.get("alt"))


def figures(notebook, messages: dict[str, str]) -> None:
    """Put the alternative texts of the notebook's figures in the language."""
    for place in pictured(notebook):
        place["alt"] = messages.get(" ".join(place["alt"].split()), place["alt"])


def checks(notebook, messages: dict[str, str]) -> None:
    """Put what the notebook's checks say in the language."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = program(cell.source, messages)


def words(notebook, page: str, language: str) -> None:
    """Put what Sphinx does not see of a page's notebook in the language."""
    messages = catalogs.catalog(page, language)
    if messages:
        figures(notebook, messages)
        cells.translate(notebook, cells.gettext(page, language))
        checks(notebook, messages)


def notebook(english, page: str, language: str):
    """Return a copy of the page's notebook in the language: its text, what its cells computed as text and say, its figures' texts."""
    messages = catalogs.catalog(page, language)
    there = copy.deepcopy(english)
    words(there, page, language)
    for cell in there.cells if messages else ():
        if cell.cell_type == "markdown":
            cell.source = markdown(cell.source, messages)
            continue
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                output["data"]["text/markdown"] = markdown(output["data"]["text/markdown"], messages)
    return there
