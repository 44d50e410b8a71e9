"""Values for people to read, shortened, on one line and escaped: cells of a table, and HTML tables for notebooks.

HTML from jinja2 templates: whole pages that need no other file and no other server, and fragments for notebooks.

    render("tools/race/board.html", result=result)

A template is next to the code that renders it. A whole page extends `values/templates/page.html`, which holds the
style of all pages, light and dark, and a content security policy that keeps a page from loading anything.
"""

import html
from collections.abc import Iterable, Sequence
from functools import cache
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpt_lab.values.checks import short

if TYPE_CHECKING:
    from jinja2 import Environment


def shown(value: Any, most: int = 60) -> str:
    """Return the text of a cell: on one line, numbers to six digits, without control characters."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else short(value, most)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def number(value: Any) -> str:
    """Return a value as a sentence says it: as `shown` does, and a negative number with a true minus."""
    text = shown(value)
    return text.replace("-", "\u2212", 1) if isinstance(value, (int, float)) and text.startswith("-") else text


def measured(value: float, error: float, words: tuple[str, str] | None = None, percent: bool = False) -> str:
    """Return a value and its error for a sentence: "3.75 ± 0.85".

    Parameters
    ----------
    value, error : float
        The error has two digits, and the value ends at the same place. An error of 0 leaves the value to six digits.
    words : (str, str), optional
        What a negative and a positive value mean, such as ("lower", "higher"). The word follows in place of the sign.
    percent : bool
        True for shares, which are said in percent: "12.3% ± 1.1%".

    Raises
    ------
    ValueError
        If the value or the error is not finite, or the error is negative.

    Examples
    --------
    >>> measured(3.7512, 0.8528), measured(-0.0123, 0.0041, percent=True), measured(4.21, 1.3, ("better", "worse"))
    ('3.75 ± 0.85', '−1.23% ± 0.41%', '4.2 ± 1.3 worse')
    """
    value, error, unit = float(value) * (100 if percent else 1), float(error) * (100 if percent else 1), "%" * percent
    if not (isfinite(value) and 0.0 <= error < inf):
        must = "must be finite, and the error must not be negative"
        raise ValueError(f"measured: value={value} and error={error} {must}")
    word = "" if words is None else f" {words[value > 0]}"
    value = abs(value) if words else value
    if error == 0.0:
        return f"{number(value)}{unit} ± 0{unit}{word}"
    places = 1 - int(f"{error:.1e}".partition("e")[2])  # of the error as rounded: 0.0996 is 0.10
    mean, spread = (f"{round(one, places) + 0.0:.{max(places, 0)}f}".replace("-", "\u2212") for one in (value, error))
    return f"{mean}{unit} ± {spread}{unit}{word}"


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


def render(template: str, **values: Any) -> str:
    """Return the text of a template, named by its path in the package, with these values filled in and escaped.

    Templates can use the filter `shown`. Raises ImportError if jinja2 is missing, UndefinedError if a value is.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    spaces: Any = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    loader = FileSystemLoader(Path(__file__).parents[1])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, **spaces)
    environment.filters["shown"] = shown
    return environment
