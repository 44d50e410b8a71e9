"""Values for people to read, shortened, on one line and escaped: cells of a table, and HTML tables for notebooks."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from hpt_lab.values.checks import short


def shown(value: Any, most: int = 60) -> str:
    """Return the text of a cell: on one line, numbers to six digits, without control characters."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else short(value, most)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def shown_row(values: Iterable[Any], most: int = 60) -> list[str]:
    """Return the cells of a row, each as `shown` writes it."""
    return [shown(value, most) for value in values]


def html_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table in the fonts and colors of the page around it, where `$` is an ordinary character."""

    def line(cells: Sequence[Any], mark: str) -> str:
        return "<tr>" + "".join(f"<{mark}>{html.escape(shown(cell))}</{mark}>" for cell in cells) + "</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    head = f"<thead>{line(heads, 'th')}</thead>\n" if heads else ""
    text = html.escape(shown(caption, 200))
    return f'<div class="mathjax_ignore tex2jax_ignore"><p>{text}</p>\n<table>\n{head}<tbody>\n{body}\n</tbody></table></div>'
