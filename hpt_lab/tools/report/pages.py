"""A page as text: HTML that needs no other file and no other server, or Markdown.

All text is escaped here, since names, choices and errors may contain anything.
"""

import base64
import hashlib
from itertools import count
from pathlib import Path
from typing import Any

from hpt_lab.tools.report.drawing import Drawing, rendered, svg
from hpt_lab.tools.report.sections import Page
from hpt_lab.values.display import shown
from hpt_lab.values.pages import render


def html(page: Page, language: str) -> str:
    """Return the page as HTML. Only its own script can run, and it cannot load anything."""
    script = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
    numbers = count(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    values: dict[str, Any] = {"title": page.title, "language": language, "page": page, "say": page.say}
    values["svg"] = lambda drawing: svg(drawing, f"f{next(numbers)}-", language)
    return render("report/page.html", **values, script=script, digest=digest)


def markdown(page: Page, language: str) -> str:
    """Return the page as Markdown."""
    parts = [f"# {_escaped(page.title)}"]
    if page.highlights:
        parts.append(_table([page.say("what"), page.say("value")], page.highlights))
    parts.append("\n".join(f"- {_escaped(sentence)}" for sentence in page.sentences))
    for section in page.sections:
        if section.heading:
            parts.append(f"## {_escaped(section.heading)}")
        if section.text:
            parts.append(_escaped(section.text))
        if section.code:
            parts.append(f"~~~python\n{section.code}\n~~~")  # its lines begin with brackets or spaces
        parts += [_image(drawing, language) for drawing in section.drawings]
        if section.table is not None:
            parts.append(_table(section.table.heads, section.table.texts()))
    return "\n\n".join([*parts, ""])


def _table(heads: Any, rows: Any) -> str:
    lines = [[_escaped(shown(head)) for head in heads], ["---"] * len(heads)]
    lines += [[_escaped(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _image(drawing: Drawing, language: str) -> str:
    png = base64.b64encode(rendered(drawing, "png", language)).decode()
    return f"![{_escaped(drawing.alt)}](data:image/png;base64,{png})"


def _escaped(text: str) -> str:
    """Return text in which Markdown finds no markup."""
    return "".join(f"\\{sign}" if sign in r"\|`*_[]<>&#$~" else sign for sign in text)
