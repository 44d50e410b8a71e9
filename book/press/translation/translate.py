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
FIELD = re.compile(r"(?<!\{)\{[^{}:]+(?::([^{}]*))?\}")
ANSWERS = ("yes", "no")
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


def sentences(source: str, check: bool = True) -> list[tuple[int, int, str, bool]]:
    """Return start, end, text, and True for an f-string, of each string of a program that a reader is told.

    In a check that is each of three words or more; in another program what `print` gets, and what a choice gives for it. The text is as
    it stands in the source, escapes and placeholders included; literals that follow each other are one.
    """
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    encoded, found = source.encode(), []
    inside: set[ast.AST] = set()
    tree = ast.parse(source)
    for node in ast.walk(tree) if check else _printed(tree):
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
        if (
            text.count(" ") >= (2 if check else 0)
            and "\\n" not in text
            and (check or cells.WORD.search(FIELD.sub("", text)))
        ):
            found.append((start, end, text, formatted))
    return sorted(found)


def _printed(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what a program prints, and the answers of one word that it chooses between."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for call in calls:
        yield from call.args if call.func.id == "print" else ()
    choices = [node for node in ast.walk(tree) if isinstance(node, ast.IfExp)]
    for node in (answer for choice in choices for answer in (choice.body, choice.orelse)):
        if isinstance(node, ast.Constant) and node.value in ANSWERS:
            yield node


def program(source: str, messages: dict[str, str], check: bool = True) -> str:
    """Return the program with the sentences that it may say in the language."""
    encoded = source.encode()
    for start, end, text, formatted in reversed(sentences(source, check)):
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


def told(notebook) -> Iterator[tuple[dict, bool]]:
    """Yield the cells of exercises, which tell a student something, and True for a check. Programs of lessons are read in English."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    graded = [bool(cell.metadata.get("nbgrader", {}).get("grade")) for cell in code]
    return zip(code, graded, strict=True) if any(graded) else iter(())


def programs(notebook, messages: dict[str, str]) -> None:
    """Put what the programs of exercises tell a student in the language, and what they have printed."""
    for cell, check in told(notebook):
        said = {text: messages[text] for _, _, text, _ in sentences(cell.source, check) if text in messages}
        cell.source = program(cell.source, said, check)
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = "\n".join(echo(line, said) for line in output.text.split("\n"))


def echo(line: str, said: dict[str, str]) -> str:
    """Return a line that a program has printed as its translation prints it."""
    for text, there in sorted(said.items(), key=lambda pair: len(pair[0]), reverse=True):
        around = re.escape(FIELD.sub("\0", text).replace("{{", "{").replace("}}", "}")).split(re.escape("\0"))
        if text not in ANSWERS and (found := re.fullmatch("(.*?)".join(around) + "( .*)?", line)):
            *values, rest = found.groups("")
            for field, value in zip(FIELD.finditer(text), values, strict=True):
                there = there.replace(field[0], _answer(value, field[1], said))
            return there.replace("{{", "{").replace("}}", "}") + rest
    return line


def _answer(value: str, form: str | None, said: dict[str, str]) -> str:
    """Return what stands in a place of a line: as it was, unless it is an answer in words."""
    answer = said.get(value.strip())
    return value if answer is None else format(answer, form or "")


def words(notebook, page: str, language: str) -> None:
    """Put what Sphinx does not see of a page's notebook in the language."""
    messages = catalogs.catalog(page, language)
    if messages:
        figures(notebook, messages)
        cells.translate(notebook, cells.gettext(page, language))
        programs(notebook, messages)


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
