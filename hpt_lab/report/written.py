"""The report: its sections in their order, as text or in a file."""

from __future__ import annotations

import copy
import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from hpt_lab.checks import WrongType, one_of, short
from hpt_lab.display import shown
from hpt_lab.report import figures, tables, words
from hpt_lab.report.page import Html, Markdown
from hpt_lab.report.tables import Table
from hpt_lab.sensitivity import importance
from hpt_lab.study import Study

__all__ = ["report", "write", "write_whole"]

FORMATS = {".html": "html", ".htm": "html", ".md": "md"}


def report(study: Study, *, title: str = "study", format: str = "html") -> str:
    """The page of a study, as text.

    Parameters
    ----------
    study : Study
        With any number of trials; the figures need a complete one, and matplotlib.
    title : str
    format : {"html", "md"}

    Raises
    ------
    TypeError, ValueError
        If an argument is of a wrong type, or the format is unknown.
    """
    if not isinstance(study, Study):
        raise WrongType(f"report: study={short(study)} must be a Study")
    if not isinstance(title, str):
        raise WrongType(f"report: title={short(title)} must be a text")
    page = Html() if one_of("report: format", format, ("html", "md")) == "html" else Markdown()
    study = copy.copy(study)  # which stays as it is, while others tell
    page.title(shown(title))
    if study.history.finished:
        page.facts(_facts(study))
    page.sentences(words.summary(study))
    if study.history.finished:
        _write_best(page, study)
        far = figures.too_far_apart(study)
        if far is None:
            _write_paths(page, study)
        else:
            page.text(far)
        _write_importance(page, study)
        if far is None:
            _write_slices(page, study)
        _write_budgets(page, study)
    _write_failures(page, study)
    _write_trials(page, study)
    page.heading("Search space")
    page.table("Search space", tables.hyperparameters(study.space))
    page.heading("How it was made")
    strategy = getattr(study.strategy, "was", None) or short(study.strategy, 400)
    settings = [("strategy", strategy), ("direction", study.direction), ("seed", study.seed)]
    page.table("How it was made", Table(("what", "value"), settings))
    return page.end()


def write(study: Study, file: str | os.PathLike[str], *, title: str = "study") -> Path:
    """Write the page into a file, in the format of its suffix: .html or .md. All of it is there, or what was there before.

    Raises
    ------
    TypeError, ValueError
        As `report`, or if `file` is no path or has another suffix.
    OSError
        If the file cannot be written.
    """
    if not isinstance(file, (str, os.PathLike)) or isinstance(os.fspath(file), bytes) or not os.fspath(file):
        raise WrongType(f"report: file={short(file)} must be the path of a file, as 'search.html'")
    path = Path(file)
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"report: file={short(str(file))} must end in .html or .md")
    text = report(study, title=title, format=FORMATS[path.suffix.lower()])
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


def _facts(study: Study) -> list[tuple[str, str]]:
    history = study.history
    seconds = sum(trial.seconds or 0.0 for trial in history.trials)
    facts = [("best value", shown(study.best_value)), ("trials", str(len(history.trials)))]
    if study.best.budget is not None:
        facts.append(("at budget", shown(study.best.budget)))
    return [*facts, ("failed", str(len(history.failed))), ("training", words.duration(seconds))]


def _write_best(page: Html | Markdown, study: Study) -> None:
    page.heading("The best trial")
    page.text(f"Trial {study.best.number}, with the value {shown(study.best.value)}. Its hyperparameters:")
    page.code(tables.as_python(dict(study.best.params)))


def _write_paths(page: Html | Markdown, study: Study) -> None:
    page.heading("How the best value came about")
    page.text("Each dot is a trial, and the line is the best value so far: over the trials, and over the time.")
    page.figures(figures.paths(study))
    if (curves := figures.curves(study)) is not None:
        page.heading("Learning curves")
        page.text("The value after each unit of budget. The better a trial ended, the stronger its line.")
        page.figures([curves])


def _write_importance(page: Html | Markdown, study: Study) -> None:
    page.heading("Which hyperparameters matter")
    try:
        found = importance(study)
    except ValueError as why:
        page.text(f"{str(why).removeprefix('importance: ').capitalize()}.")
        return
    at = "" if found.budget is None else f" at budget {shown(found.budget)}"
    page.text(
        f"How much of the variance of the values over the whole space each hyperparameter explains on its own, as a model "
        f"of {found.n_trials} trials{at} sees it; the last bar is what only several explain together. The whisker is one "
        "standard deviation: where it reaches 0, the bar may be chance."
    )
    page.figures([figures.bars(study, found)])


def _write_slices(page: Html | Markdown, study: Study) -> None:
    page.heading("Each hyperparameter against the value")
    lower = any(trial.budget != study.best.budget for trial in study.history.finished)
    page.text(
        "Each dot is a trial, the star is the best." + (" Grey dots were trained with a lower budget." if lower else "")
    )
    page.figures(figures.slices(study))
    page.heading("All of them together")
    page.text(
        "A line is a trial, through its hyperparameters to its value. The better, the stronger; the best is orange."
    )
    page.figures([figures.lines(study)])


def _write_budgets(page: Html | Markdown, study: Study) -> None:
    if any(trial.budget is not None for trial in study.history.finished):
        page.heading("Budgets")
        page.table("Budgets", tables.budgets(study))


def _write_failures(page: Html | Markdown, study: Study) -> None:
    if study.history.failed:
        page.heading("What failed")
        page.table("What failed", tables.errors(study))


def _write_trials(page: Html | Markdown, study: Study) -> None:
    table: Any = tables.trials(study)
    n = len(study.history.trials)
    if not n:
        return
    page.heading("All trials" if len(table.rows) == n else f"The first {len(table.rows)} of {n} trials")
    page.text(
        "The best first." + ("" if len(table.rows) == n else " `to_frame` and `hpt-lab export` have all of them.")
    )
    page.table("Trials", table, sortable=True)
