"""The sentences of a report in other languages: the gettext catalog `locale/ko.po` has each message in Korean.

A message is a whole sentence, heading or label, with placeholders for `str.format`. Names, choices and errors stay.
"""

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hpt_lab.values.checks import one_of

Say = Callable[..., str]  # say(message, **values), like `str.format`, which says it in English

LANGUAGES = ("en", "ko")
KOREAN = "Malgun Gothic, Apple SD Gothic Neo, AppleGothic, Noto Sans CJK KR, Noto Sans KR, NanumGothic"
FONTS = {"ko": KOREAN.split(", ")}  # for letters that matplotlib's own font lacks: one font for each system


def say(language: str, *folders: str) -> Say:
    """Return the function that translates a message, as in `say("ko")("{n} failed", n=3)`.

    `folders` are others of the tools that have a catalog of their own.
    """
    if one_of("report: language", language, LANGUAGES) == "en":
        return str.format
    texts = catalog(language, *folders)
    return lambda message, **values: texts[message].format(**values)


def catalog(language: str, *folders: str) -> dict[str, str]:
    """Return the messages of the report, and of other folders of the tools, in a language; English ones need no catalog."""
    each = [] if language == "en" else [messages(language, folder) for folder in ("report", *folders)]
    return {message: text for texts in each for message, text in texts.items()}


@cache
def messages(language: str, folder: str = "report") -> dict[str, str]:
    """Return the catalog of a folder in a language other than English: each English message and its translation."""
    text = (Path(__file__).parents[1] / folder / "locale" / f"{language}.po").read_text(encoding="utf-8")
    parts = re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', text, re.M)
    both = ["".join(map(ast.literal_eval, part.splitlines())) for pair in parts for part in pair]
    return dict(zip(both[2::2], both[3::2], strict=True))  # after the header
