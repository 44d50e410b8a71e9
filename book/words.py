"""The words that the build itself puts on the pages, in each language.

Python marks them as `_("Report an error on this page")`, with `_ = words.of(language)`. The pages' scripts mark theirs as
`_("Next round")` and _`Night ${n} of ${all}`, and the build takes each mark away: what is served holds the words of its
language, and no table. In a catalog the second one reads "Night {0} of {1}", and a translation may put its parts in any order.
"""

import json
import re
from collections.abc import Callable, Iterator

import catalogs

MARK = re.compile(r"""(?<![\w$.])_(?:\(\s*("(?:[^"\\]|\\.)*")\s*\)|`)""")


def of(language: str) -> Callable[[str], str]:
    """A function from the English words to those of the language; what has no translation stays English."""
    known = catalogs.catalog(catalogs.SITE, language)
    return lambda text: known.get(text, text)


def javascript(script: str, say: Callable[[str], str]) -> str:
    """The script with its marked words as `say` has them."""
    parts, position = [], 0
    for start, end, text, values in marked(script):
        words = say(text)
        if values is None:
            parts += [script[position:start], json.dumps(words, ensure_ascii=False)]
        else:
            escaped = re.sub(r"[`\\]|\$(?=\{)", r"\\\g<0>", words)
            filled = re.sub(r"\{(\d+)\}", lambda m, v=values: f"${{{javascript(v[int(m[1])], say)}}}", escaped)
            parts += [script[position:start], f"`{filled}`"]
        position = end
    return "".join([*parts, script[position:]])


def said(script: str) -> Iterator[str]:
    """All words that a script marks, those inside of others too."""
    for _, _, text, values in marked(script):
        yield text
        for value in values or ():
            yield from said(value)


def marked(script: str) -> Iterator[tuple[int, int, str, list[str] | None]]:
    """Of each marked text outside of others: start, end, the message, and what stands in its places (None for a plain string)."""
    position = 0
    while found := MARK.search(script, position):
        if found[1]:
            position = found.end()
            yield found.start(), position, json.loads(found[1]), None
        else:
            text, values, position = template(script, found.end())
            yield found.start(), position, text, values


def template(script: str, position: int) -> tuple[str, list[str], int]:
    """The template literal whose text begins at `position`: its message, the programs in its places, and where it ends."""
    text, values = "", []
    while script[position] != "`":
        if script[position] == "\\":
            text += (
                json.loads(f'"{script[position : position + 6]}"')
                if script[position + 1] == "u"
                else script[position + 1]
            )
            position += 6 if script[position + 1] == "u" else 2
        elif script.startswith("${", position):
            end = closing(script, position + 2)
            text += f"{{{len(values)}}}"
            values.append(script[position + 2 : end])
            position = end + 1
        else:
            text += script[position]
            position += 1
    return text, values, position + 1


def closing(script: str, position: int) -> int:
    """Where the brace that was opened before `position` is closed: strings and templates inside are skipped."""
    depth = 1
    while True:
        letter = script[position]
        if letter in "\"'":
            position = script.index(letter, position + 1)
        elif letter == "`":
            position = template(script, position + 1)[2] - 1
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if not depth:
                return position
        position += 1
