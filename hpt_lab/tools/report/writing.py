"""The report of a study as text or in a file: HTML that needs no other file and no other server, or Markdown.

All text is escaped here, since names, choices and errors may contain anything.
"""

import base64
import hashlib
import os
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from hpt_lab.study import Study
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.figures import Drawing, rendered, svg
from hpt_lab.tools.report.languages import say
from hpt_lab.tools.report.sections import Page, compose
from hpt_lab.values.checks import instance, one_of, require, short
from hpt_lab.values.display import render, shown
from hpt_lab.values.files import check_writable, file_path, write_whole

FORMATS = {".html": "html", ".htm": "html", ".md": "md"}


def report(study: Study, *, title: str | None = None, format: str = "html", language: str = "en") -> str:
    """Return the page of a study as text.

    Raises TypeError or ValueError if an argument is of the wrong type, or the format or the language is unknown, and
    ImportError if jinja2 (for HTML) or matplotlib (for the figures) is missing.

    Parameters
    ----------
    study : Study, with any number of trials; figures need a complete one
    title : str, optional, by default "study"
    format : {"html", "md"}
    language : {"en", "ko"}
        Of the page's own words; names, choices and errors stay. Pictures in Korean Markdown need a Korean font here.
    """
    instance("report: study", study, Study, "a Study")
    require(title is None or isinstance(title, str), "report: title", title, "a string")
    is_html = one_of("report: format", format, ("html", "md")) == "html"
    page = compose(Facts(study), title, say(language))
    return html(page, language) if is_html else markdown(page, language)


def write(study: Study, file: str | os.PathLike[str], *, title: str | None = None, language: str = "en") -> Path:
    """Write a page on the study, with figures and all trials, that needs no other file and no other server; return its path.

    Raises TypeError or ValueError if `file` is not a path or has a different suffix, the title is not a string, or the
    language is unknown; and OSError if the file cannot be written, if possible before the page is made.

    Parameters
    ----------
    file : path
        Its suffix gives the format: .html or .md. An existing file is replaced.
    title : str, optional, by default the name of a study in a file, or else "study"
    language : {"en", "ko"}
        Of the page's own words; names, choices and errors stay. Pictures in Korean Markdown need a Korean font here.
    """
    path = file_path("report: file", file, "search.html")
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"report: file={short(str(file))} must end in .html or .md")
    check_writable(path)
    title = study.name if title is None else title
    write_whole(path, report(study, title=title, format=FORMATS[path.suffix.lower()], language=language))
    return path


def html(page: Page, language: str) -> str:
    """Return the page as HTML. Only its own script can run, and it cannot load anything."""
    from jinja2.utils import htmlsafe_json_dumps

    script = "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("trial.js", "page.js"))
    numbers = count(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    values: dict[str, Any] = {"page": page, "title": page.title, "say": page.say, "language": language}
    values["svg"] = lambda drawing: svg(drawing, f"f{next(numbers)}-", language)
    values["as_json"] = partial(htmlsafe_json_dumps, separators=(",", ":"), ensure_ascii=False)
    return render("tools/report/page.html", **values, script=script, digest=digest)


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
