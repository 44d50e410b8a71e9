"""Blank out all of a file but its prose: what is left stands in the same line and column."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from book.press.translation import javascript

FRONT = re.compile(r"\A---\n.*?^---$", re.S | re.M)
FENCE = re.compile(r"^(?P<mark>`{3,}|:{3,}|~{3,})(?P<info>[^\n`]*)$", re.M)
PROGRAM = re.compile(r"\{?(?:code-cell|python|ipython3)\b")
CELL_OPTIONS = re.compile(r"\A(?:---\n.*?^---$|(?::[\w-]+:[^\n]*\n)+)", re.S | re.M)
ALT = re.compile(r"^ +(?:alt|caption): (?P<text>.*)$", re.M)
# In Markdown, in a docstring and in a message alike: code, formulae, comments, targets of links and of roles, tags, addresses.
NO_PROSE = re.compile(
    r"""(?<!`)(`+)(?!`).+?(?<!`)\1(?!`) | \$[^$\n]+\$ | <!--.*?--> | (?<=\])\([^)\s]*\) | (?<=\w)[ ]?<[^<>\n]+>(?=`)
      | </?\w[^<>\n]*> | https?://\S+ | ^:[\w-]+:[^\n]*$ | \{[^{}\n]*\}""",
    re.X | re.M | re.S,
)
ROLE = re.compile(r"\{(?P<role>[\w:-]+)\}`(?P<text>[^`<]*)(?P<target><[^`]*>)?`")
WORDS = re.compile(r"[A-Za-z]{2,}[^A-Za-z]+[A-Za-z]{2,}")
STRINGS = (tokenize.STRING, *([tokenize.FSTRING_MIDDLE] if hasattr(tokenize, "FSTRING_MIDDLE") else []))


def blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def without(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: blank(found[0]), text)


def shown(text: str) -> str:
    """Return prose without its code, formulae, targets and tags; of a role, the words that a reader sees stay."""

    def words(found: re.Match[str]) -> str:
        if found["role"] in ("term", "ref", "doc"):
            return (
                blank(found[0][: found.start("text") - found.start()])
                + found["text"]
                + blank(found["target"] or "")
                + " "
            )
        return blank(found[0])

    return without(NO_PROSE, ROLE.sub(words, text))


def python(text: str) -> str:
    """Return the comments and the sentences of the strings of a program."""
    kept = [[" "] * len(line) for line in text.splitlines()]
    lines = text.splitlines()
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):  # an exercise's gap
        return blank(text)
    for token in tokens:
        if token.type == tokenize.COMMENT or (token.type in STRINGS and WORDS.search(token.string)):
            (first, start), (last, end) = token.start, token.end
            for number in range(first - 1, min(last, len(lines))):
                line = lines[number]
                a, b = start if number == first - 1 else 0, end if number == last - 1 else len(line)
                kept[number][a:b] = line[a:b]
    return shown("\n".join("".join(line) for line in kept)) + ("\n" if text.endswith("\n") else "")


def markdown(text: str) -> str:
    """Return the prose of MyST Markdown, with that of its cells: alternative texts, comments, strings."""
    text = without(FRONT, text)
    parts, place = [], 0
    for fence, closed in programs(text):
        body = text[fence.end() + 1 : closed]
        options = CELL_OPTIONS.match(body)
        head = options[0] if options else ""
        code = body[len(head) :]
        parts += [shown(text[place : fence.start()]), blank(fence[0]) + "\n", alternatives(head)]
        parts.append(python(code) if PROGRAM.match(fence["info"]) else blank(code))
        place = closed
    return "".join([*parts, shown(text[place:])])


def alternatives(head: str) -> str:
    """Return the alternative texts among the options of a cell."""
    kept = list(blank(head))
    for found in ALT.finditer(head):
        kept[found.start("text") : found.end("text")] = found["text"]
    return "".join(kept)


def programs(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield of each listing its opening fence, and where its body ends."""
    opened = None
    for found in FENCE.finditer(text):
        if opened is None:
            if found["mark"][0] == "`" and (
                not found["info"].startswith("{") or PROGRAM.match(found["info"]) or "math" in found["info"]
            ):
                opened = found
        elif found["mark"] == opened["mark"] and not found["info"].strip():
            yield opened, found.start()
            opened = None


def script(text: str) -> str:
    """Return the marked messages of a script of the pages."""
    kept = list(blank(text))
    for found in javascript.TOKEN.finditer(text):
        if found["words"]:
            kept[found.start("words") : found.end("words")] = found["words"]
        elif found["marked"]:
            end = text.find("`", found.end())
            kept[found.end() : end] = re.sub(r"\$\{[^}]*\}", lambda m: blank(m[0]), text[found.end() : end])
    return shown("".join(kept))


READERS = {".md": markdown, ".py": python, ".js": script, ".html": shown}


def prose(path: Path) -> str:
    """Return the file's text with all but its prose blank."""
    text = READERS[path.suffix](path.read_text(encoding="utf-8"))
    return "\n".join(line.rstrip() for line in text.split("\n"))
