"""A notebook in another language: the same cells, with each message of its page replaced by its translation.

The pages are translated by Sphinx. This is for what is made of the notebooks themselves: those for students, and the slides.
"""

import copy
import re

import translations

LEAD = r"^[ \t]*(?:(?:#{1,6}|[-*+>]|\d+\.|:{3,}\{[\w-]+\}|\[\^[\w-]+\]:)[ \t]+)*|\|[ \t]*"
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


def code(source: str, messages: dict[str, str]) -> str:
    """The program with the sentences that it may say in the language."""
    encoded = source.encode()
    for start, end, text, formatted in reversed(translations.sentences(source)):
        if text in messages:
            said = re.sub(r'(?<!\\)"', r"\"", messages[text])
            encoded = encoded[:start] + f'{"f" * formatted}"{said}"'.encode() + encoded[end:]
    return encoded.decode()


def metadata(cell, messages: dict[str, str]) -> None:
    for kind, key in (("image", "alt"), ("figure", "caption")):
        text = cell.metadata.get("mystnb", {}).get(kind, {}).get(key)
        if text:
            cell.metadata["mystnb"][kind][key] = messages.get(" ".join(text.split()), text)


def notebook(english, page: str, language: str):
    """A copy of the page's notebook in the language: its text, what its cells computed as text, its checks and its figures' texts."""
    messages = translations.catalog(page, language)
    there = copy.deepcopy(english)
    for cell in there.cells if messages else ():
        metadata(cell, messages)
        if cell.cell_type == "markdown":
            cell.source = markdown(cell.source, messages)
            continue
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = code(cell.source, messages)
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                output["data"]["text/markdown"] = markdown(output["data"]["text/markdown"], messages)
    return there
