"""The report: its sections in their order, as text or in a file."""

from __future__ import annotations

import copy
import os
import uuid
from contextlib import suppress
from pathlib import Path

from hpt_lab.analysis.importance import TooLittle, importance
from hpt_lab.report import figures, tables, words
from hpt_lab.report.languages import Say, say
from hpt_lab.report.page import Html, Markdown
from hpt_lab.report.tables import Table
from hpt_lab.study import Study
from hpt_lab.values.checks import WrongType, one_of, short
from hpt_lab.values.display import shown

__all__ = ["report", "write", "write_whole"]

FORMATS = {".html": "html", ".htm": "html", ".md": "md"}


def report(study: Study, *, title: str | None = None, format: str = "html", language: str = "en") -> str:
    """The page of a study, as text.

    Parameters
    ----------
    study : Study
        With any number of trials; the figures need a complete one, and matplotlib.
    title : str, optional
        By default "study".
    format : {"html", "md"}
    language : {"en", "ko"}
        Of the page's own words, English or Korean. Names, choices and errors stay as they are. The pictures of a Korean
        page in Markdown need a Korean font on this machine.

    Raises
    ------
    TypeError, ValueError
        If an argument is of a wrong type, or the format or the language is unknown.
    """
    if not isinstance(study, Study):
        raise WrongType(f"report: study={short(study)} must be a Study")
    if title is not None and not isinstance(title, str):
        raise WrongType(f"report: title={short(title)} must be a text")
    is_html = one_of("report: format", format, ("html", "md")) == "html"
    told = say(language)
    page = Html(language) if is_html else Markdown(language)
    study = copy.copy(study)  # which stays as it is, while others tell
    page.title(told("study") if title is None else shown(title))
    if study.history.finished:
        page.facts(_facts(study, told))
    page.sentences(words.summary(study, told))
    if study.history.finished:
        _write_best(page, study, told)
        far = figures.too_far_apart(study, told)
        if far is None:
            _write_paths(page, study, told)
        else:
            page.text(far)
        _write_importance(page, study, told)
        if far is None:
            _write_slices(page, study, told)
        _write_budgets(page, study, told)
    _write_failures(page, study, told)
    _write_trials(page, study, told)
    _write_table(page, told("Search space"), tables.hyperparameters(study.space, told))
    strategy = getattr(study.strategy, "was", None) or short(study.strategy, 400)
    settings = [
        (told("strategy"), strategy),
        (told("direction"), told(study.direction)),
        (told("seed"), study.seed),
    ]
    _write_table(page, told("How it was made"), Table((told("what"), told("value")), settings))
    return page.end()


def write(study: Study, file: str | os.PathLike[str], *, title: str | None = None, language: str = "en") -> Path:
    """Write one page on the study, with figures and all trials, that needs no other file and no other host.

    Parameters
    ----------
    file : path
        Its suffix says the format: .html or .md. A file that is there is replaced.
    title : str, optional
        By default the name of a study in a file, or else "study".
    language : {"en", "ko"}
        Of the page's own words, English or Korean. Names, choices and errors stay as they are. The pictures of a
        Korean page in Markdown need a Korean font on this machine.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    TypeError, ValueError
        If `file` is no path, or has another suffix; if the title is no text; if the language is neither.
    OSError
        If the file cannot be written.
    """
    if not isinstance(file, (str, os.PathLike)) or isinstance(os.fspath(file), bytes) or not os.fspath(file):
        raise WrongType(f"report: file={short(file)} must be the path of a file, as 'search.html'")
    path = Path(file)
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"report: file={short(str(file))} must end in .html or .md")
    title = study.name if title is None else title
    text = report(study, title=title, format=FORMATS[path.suffix.lower()], language=language)
    write_whole(path, text)
    return path


def write_whole(path: Path, text: str) -> None:
    """Write a text file: at its end all of it is there, or else what was there before. A link is followed.

    What is no file, as /dev/stdout or a pipe, is written as it is. OSError, which names `path`, if it cannot be written.
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


def _facts(study: Study, say: Say) -> list[tuple[str, str]]:
    history = study.history
    seconds = sum(trial.seconds or 0.0 for trial in history.trials)
    facts = [(say("best value"), shown(study.best_value)), (say("trials"), str(len(history.trials)))]
    if study.best.budget is not None:
        facts.append((say("at budget"), shown(study.best.budget)))
    return [*facts, (say("failed"), str(len(history.failed))), (say("training"), words.duration(seconds, say))]


def _write_best(page: Html | Markdown, study: Study, say: Say) -> None:
    page.heading(say("The best trial"))
    message = "Trial {number}, with the value {value}. Its hyperparameters:"
    page.text(say(message, number=study.best.number, value=shown(study.best.value)))
    page.code(tables.as_python(dict(study.best.params)))


def _write_paths(page: Html | Markdown, study: Study, say: Say) -> None:
    page.heading(say("How the best value came about"))
    page.text(say("Each dot is a trial, and the line is the best value so far: over the trials, and over the time."))
    page.figures(figures.paths(study, say))
    if (curves := figures.curves(study, say)) is not None:
        page.heading(say("Learning curves"))
        page.text(say("The value after each unit of budget. The better a trial ended, the stronger its line."))
        page.figures([curves])


def _write_importance(page: Html | Markdown, study: Study, say: Say) -> None:
    page.heading(say("Which hyperparameters matter"))
    try:
        found = importance(study)
    except ValueError as why:
        told = say(why.args[1], **why.args[2]) if isinstance(why, TooLittle) else str(why)
        page.text(f"{told.capitalize()}.")
        return
    at = "" if found.budget is None else " at budget {budget}"
    page.text(
        say(
            "How much of the variance of the values over the whole space each hyperparameter explains on its own, as a "
            f"model of {{n}} trials{at} sees it; the last bar is what only several explain together. The whisker is one "
            "standard deviation: where it reaches 0, the bar may be chance.",
            n=found.n_trials,
            budget=shown(found.budget),
        )
    )
    page.figures([figures.bars(study, found, say)])


def _write_slices(page: Html | Markdown, study: Study, say: Say) -> None:
    page.heading(say("Each hyperparameter against the value"))
    lower = any(trial.budget != study.best.budget for trial in study.history.finished)
    grey = " Grey dots were trained with a lower budget." if lower else ""
    page.text(say(f"Each dot is a trial, the star is the best.{grey}"))
    page.figures(figures.slices(study, say))
    page.heading(say("All of them together"))
    page.text(
        say(
            "A line is a trial, through its hyperparameters to its value. The better, the stronger; the best is orange."
        )
    )
    page.figures([figures.lines(study, say)])


def _write_budgets(page: Html | Markdown, study: Study, say: Say) -> None:
    if any(trial.budget is not None for trial in study.history.finished):
        _write_table(page, say("Budgets"), tables.budgets(study, say))


def _write_failures(page: Html | Markdown, study: Study, say: Say) -> None:
    if study.history.failed:
        _write_table(page, say("What failed"), tables.errors(study, say))


def _write_trials(page: Html | Markdown, study: Study, say: Say) -> None:
    table = tables.trials(study, say)
    n, n_rows = len(study.history.trials), len(table.rows)
    if not n:
        return
    page.heading(say("All trials" if n_rows == n else "The first {rows} of {n} trials", rows=n_rows, n=n))
    page.text(say("The best first." + ("" if n_rows == n else " `to_frame` and `hpt-lab export` have all of them.")))
    page.table(say("Trials"), table, sortable=True)


def _write_table(page: Html | Markdown, heading: str, table: Table) -> None:
    page.heading(heading)
    page.table(heading, table)
