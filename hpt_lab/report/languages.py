"""The sentences of a report in other languages: the gettext catalog `locale/ko.po` has each message in Korean.

A message is a whole sentence, heading or label, with placeholders for `str.format`. Names, choices and errors stay.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from hpt_lab.values.checks import one_of

Say = Callable[..., str]  # say(message, **values), like `str.format`, which says it in English

LANGUAGES = ("en", "ko")
KOREAN = "Malgun Gothic, Apple SD Gothic Neo, AppleGothic, Noto Sans CJK KR, Noto Sans KR, NanumGothic"
FONTS = {"ko": KOREAN.split(", ")}  # for letters that matplotlib's own font lacks: one font for each system


def say(language: str) -> Say:
    """Return the function that translates a message, as in `say("ko")("{n} failed", n=3)`. Korean needs Babel."""
    if one_of("report: language", language, LANGUAGES) == "en":
        return str.format
    catalog = messages(language)
    return lambda message, **values: catalog[message].format(**values)


@cache
def messages(language: str) -> dict[str, str]:
    """Return the catalog of a language other than English: each English message and its translation."""
    from babel.messages.pofile import read_po

    with (Path(__file__).parent / "locale" / f"{language}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.id}
