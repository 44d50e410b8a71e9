"""Scripts in the language of a site.

Python marks a message as `_("Report an error on this page")`, with `_ = catalogs.gettext(language)`. The pages' scripts mark theirs as
`_("Next round")` and _`Night ${n} of ${all}`, and the build takes each mark away: what is served holds the words of its
language, and no table. In a catalog the second one reads "Night {0} of {1}", and a translation may put its parts in any order.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

from book.press.translation import catalogs

STATIC = Path(__file__).parents[1] / "static"
# No mark is looked for in comments, strings, and regular expressions, which stand where no division can.
BEFORE = r"[(\[{,;:=!?&|*%~^<>]"
TOKEN = re.compile(
    rf"""(?P<aside> //[^\n]* | /\*.*?\*/
      | (?: (?<={BEFORE}) | (?<={BEFORE}[ ]) | (?<=\breturn[ ]) ) / (?: [^/\\\[\n] | \\. | \[ (?:[^\]\\\n]|\\.)* \] )+ / )
      | (?P<string> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
      | (?<![\w$.]) _ (?: \( \s* (?P<words> "(?:[^"\\\n]|\\.)*" ) \s* \) | (?P<wrong> \( ) | (?P<marked> ` ) )
      | (?P<template> ` ) | (?P<brace> [{{}}] )""",
    re.S | re.X,
)
PIECE = re.compile(r"((?:[^`$\\]|\\.|\$(?!\{))*)(`|\$\{)", re.S)  # of a template literal


def write(folder: Path, language: str) -> None:
    """Put the marked words of our scripts in a site's folder `_static` in the language; a second time changes nothing."""
    for source in STATIC.rglob("*.js"):
        copy = folder / source.relative_to(STATIC)
        if copy.exists():
            text = translate(source.read_text(encoding="utf-8"), catalogs.gettext(language))
            copy.write_text(text, encoding="utf-8", newline="\n")


def translate(script: str, gettext: Callable[[str], str]) -> str:
    """Return the script with its messages in another language."""
    text, end = _program(script, 0, gettext)
    if end < len(script):
        raise ValueError(f"script: a brace is closed that was not opened, before {script[end : end + 40]!r}")
    return text


def _program(script: str, position: int, gettext: Callable[[str], str]) -> tuple[str, int]:
    """Return the program from `position` to the brace that closes it, or to the end of the script; and where the rest begins."""
    text, depth = "", 0
    while token := TOKEN.search(script, position):
        text += script[position : token.start()]
        position, written = token.end(), token[0]
        if token["brace"]:
            depth += 1 if written == "{" else -1
            if depth < 0:
                return text, position
        elif token["words"]:
            written = json.dumps(gettext(json.loads(token["words"])), ensure_ascii=False)
        elif token["marked"] or token["template"]:
            pieces, places, position = _template(script, position, gettext)
            written = _filled(gettext(_message(pieces)), places) if token["marked"] else _joined(pieces, places)
        elif token["wrong"]:
            raise ValueError(
                f"script: _( must hold one string in double quotes, not {script[position : position + 40]!r}"
            )
        text += written
    return text + script[position:], len(script)


def _template(script: str, position: int, gettext: Callable[[str], str]) -> tuple[list[str], list[str], int]:
    """Return the pieces of text of the template literal whose text begins at `position`, the programs between them, and where the rest begins."""
    pieces, places = [], []
    while piece := PIECE.match(script, position):
        pieces.append(piece[1])
        position = piece.end()
        if piece[2] == "`":
            return pieces, places, position
        place, position = _program(script, position, gettext)
        places.append(place)
    raise ValueError(f"script: a template literal is not closed: {script[position : position + 40]!r}")


def _joined(pieces: list[str], places: list[str]) -> str:
    return (
        "`" + "".join(f"{piece}${{{place}}}" for piece, place in zip(pieces, places, strict=False)) + f"{pieces[-1]}`"
    )


def _message(pieces: list[str]) -> str:
    """Return the message of the pieces, as a catalog has it."""
    cooked = [
        re.sub(r"\\(u[0-9a-fA-F]{4}|.)", lambda m: chr(int(m[1][1:], 16)) if len(m[1]) > 1 else m[1], piece)
        for piece in pieces
    ]
    return "".join(f"{piece}{{{number}}}" for number, piece in enumerate(cooked[:-1])) + cooked[-1]


def _filled(words: str, places: list[str]) -> str:
    """Return a template literal of the words, with the programs in their places."""
    escaped = re.sub(r"[`\\]|\$(?=\{)", r"\\\g<0>", words)
    return "`" + re.sub(r"\{(\d+)\}", lambda m: f"${{{places[int(m[1])]}}}", escaped) + "`"
