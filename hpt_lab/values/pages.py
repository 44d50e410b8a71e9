"""HTML from jinja2 templates: whole pages that need no other file and no other host, and fragments for notebooks.

    render("race/board.html", result=result)

A template stands beside the code that renders it and is named by its path within the package. A whole page extends
`values/templates/page.html`, which has the style that all pages share, light and dark, and a content security policy
under which a page can load nothing. Every value is escaped unless the template says otherwise.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpt_lab.values.display import shown

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render"]


def render(template: str, **values: Any) -> str:
    """Return the text of a template with these values. ImportError if jinja2 is missing, UndefinedError if a value is.

    Parameters
    ----------
    template : str
        Path within the package, with forward slashes.
    **values
        The names that the template uses. It has the filter `shown` too, which shortens a value to one printable line.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shown"] = shown
    return environment
