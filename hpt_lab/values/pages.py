"""HTML from jinja2 templates: whole pages that need no other file and no other host, and fragments for notebooks.

    render("race/board.html", result=result)

A template stands beside the code that renders it. A whole page extends `values/templates/page.html`, which has the
style of all pages, light and dark, and a content security policy under which a page can load nothing. `write_whole`
writes a text to a file.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpt_lab.values.display import shown

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """Return the text of a template, named by its path in the package, with these values, each escaped.

    It has the filter `shown` too. ImportError if jinja2 is missing, UndefinedError if a value is.
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


def write_whole(path: Path, text: str) -> None:
    """Write a text file: at its end all of it is there, or else what was there before. A link is followed.

    What is no file, as /dev/stdout or a pipe, is written as it is. An OSError names `path`.
    """
    special = path.exists() and not (path.is_file() or path.is_dir())
    target = Path(os.path.realpath(path))
    beside = path if special else target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        if not special:
            os.replace(beside, target)
    except BaseException as error:
        if not special:
            with suppress(OSError):
                beside.unlink()
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None
        raise
