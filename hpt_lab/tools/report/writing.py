"""The report of a study, as text or in a file."""

import os
from pathlib import Path

from hpt_lab.study import Study
from hpt_lab.values.checks import WrongType, one_of, short
from hpt_lab.values.files import check_writable, file_path, write_whole

FORMATS = {".html": "html", ".htm": "html", ".md": "md"}


def report(study: Study, *, title: str | None = None, format: str = "html", language: str = "en") -> str:
    """Return the page of a study as text.

    Raises TypeError or ValueError if an argument is of the wrong type, or the format or the language is unknown, and
    ImportError if jinja2 (for HTML), matplotlib (for the figures) or Babel (for Korean) is missing.

    Parameters
    ----------
    study : Study, with any number of trials; figures need a complete one
    title : str, optional, by default "study"
    format : {"html", "md"}
    language : {"en", "ko"}
        Of the page's own words; names, choices and errors stay. Pictures in Korean Markdown need a Korean font here.
    """
    from hpt_lab.tools.report.facts import gather  # imported here, since only pages need them
    from hpt_lab.tools.report.languages import say
    from hpt_lab.tools.report.pages import html, markdown
    from hpt_lab.tools.report.sections import compose

    if not isinstance(study, Study):
        raise WrongType(f"report: study={short(study)} must be a Study")
    if title is not None and not isinstance(title, str):
        raise WrongType(f"report: title={short(title)} must be a string")
    is_html = one_of("report: format", format, ("html", "md")) == "html"
    page = compose(gather(study), title, say(language))
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
    text = report(study, title=title, format=FORMATS[path.suffix.lower()], language=language)
    write_whole(path, text)
    return path
