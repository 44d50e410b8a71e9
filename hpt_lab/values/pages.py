"""HTML from jinja2 templates: whole pages that need no other file and no other server, and fragments for notebooks.

    render("race/board.html", result=result)

A template is next to the code that renders it. A whole page extends `values/templates/page.html`, which holds the
style of all pages, light and dark, and a content security policy that keeps a page from loading anything.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpt_lab.values.display import shown

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """Return the text of a template, named by its path in the package, with these values filled in and escaped.

    Templates can use the filter `shown`. Raises ImportError if jinja2 is missing, UndefinedError if a value is.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    spaces: Any = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    loader = FileSystemLoader(Path(__file__).parents[1])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, **spaces)
    environment.filters["shown"] = shown
    return environment
