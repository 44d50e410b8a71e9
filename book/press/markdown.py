"""Read MyST Markdown as blocks: paragraphs, lists, formulas, and the boxes that directives make."""

import dataclasses
import functools
import re
from collections.abc import Iterator

from markdown_it.token import Token

OPTION = re.compile(r":([\w-]+):[ \t]*(.*)")
DIRECTIVE = re.compile(r"\{([\w:-]+)\}[ \t]*(.*)")
COMMENT = re.compile(r"<!--[ \t]*(.*?)[ \t]*-->", re.S)


@dataclasses.dataclass(frozen=True)
class Heading:
    """A title, with its level from 1 to 6."""

    title: str
    level: int


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """A paragraph in Markdown, on one line."""

    text: str


@dataclasses.dataclass(frozen=True)
class Items:
    """A list: each item in Markdown."""

    items: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Formula:
    """A formula on a line of its own, in TeX."""

    tex: str


@dataclasses.dataclass(frozen=True)
class Other:
    """A table, a quotation, a comment, a program that is not run, or another block, in Markdown."""

    text: str


@dataclasses.dataclass(frozen=True)
class Box:
    """A directive with a body, such as an admonition or a dropdown: what it is, its title, its options, and what stands in it."""

    name: str
    title: str
    options: dict[str, str]
    text: str
    blocks: tuple["Block", ...]

    @property
    def classes(self) -> list[str]:
        return self.options.get("class", "").split()


Block = Heading | Paragraph | Items | Formula | Other | Box


def new_parser():
    """Return a new markdown-it with the syntax of the book's pages, which writes HTML."""
    from markdown_it.renderer import RendererHTML
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    extensions = {"amsmath", "colon_fence", "deflist", "dollarmath"}
    return create_md_parser(MdParserConfig(enable_extensions=extensions), RendererHTML)


parser = functools.cache(new_parser)  # one for all who only read


def blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a Markdown text, in order."""
    lines = text.split("\n")
    tokens = [token for token in parser().parse(text) if token.type != "front_matter"]
    return tuple(_block(tokens[start : end + 1], lines) for start, end in _spans(tokens))


def directive(token: Token) -> tuple[str, str, dict[str, str], str] | None:
    """Return the name, title, options and body of a fence that is a directive; None for a program."""
    opening = DIRECTIVE.fullmatch(token.info.strip())
    if opening is None:
        return None
    options, lines = {}, token.content.split("\n")
    while lines and (option := OPTION.fullmatch(lines[0])):
        options[option[1]] = option[2]
        lines.pop(0)
    return opening[1], opening[2].strip(), options, "\n".join(lines)


def _spans(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last token of each block at the top level."""
    start = 0
    for place, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            start = place
        if token.level == 0 and token.nesting <= 0:
            yield start, place


def _block(tokens: list[Token], lines: list[str]) -> Block:
    first = tokens[0]
    inline = " ".join(tokens[1].content.split()) if len(tokens) > 1 else ""
    match first.type:
        case "heading_open":
            return Heading(inline, int(first.tag[1]))
        case "paragraph_open":
            return Paragraph(inline)
        case "bullet_list_open" | "ordered_list_open":
            return Items(tuple(_items(tokens, lines)))
        case "math_block" | "amsmath" | "math_block_label":
            return Formula(first.content.strip())
        case "fence" | "colon_fence" if parts := directive(first):
            name, title, options, body = parts
            if name == "math":
                return Formula(body.strip())
            return Box(name, title, options, body.strip(), blocks(body))
    start, end = first.map or (0, 0)
    return Other("\n".join(lines[start:end]).strip())


def _items(tokens: list[Token], lines: list[str]) -> Iterator[str]:
    for token in tokens:
        if token.type == "list_item_open" and token.level == 1:
            start, end = token.map
            text = "\n".join(lines[start:end]).strip()
            indent = " " * len(re.match(r"(?:[-*+]|\d+[.)])[ \t]+", text)[0])
            first, *rest = text.split("\n")
            yield "\n".join([first[len(indent) :], *(line.removeprefix(indent) for line in rest)])


def comment(text: str) -> str:
    """Return what an HTML comment says; empty where the text begins with none."""
    found = COMMENT.match(text)
    return found[1] if found else ""
