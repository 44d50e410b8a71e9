"""The sections of a report, in order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hpt_lab.study import Trial
from hpt_lab.surrogates.importance import STEERED, Importance, InsufficientData
from hpt_lab.tools.report import figures, tables
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.figures import Drawing
from hpt_lab.tools.report.languages import Say
from hpt_lab.tools.report.sentences import summary, training, whole_as
from hpt_lab.tools.report.tables import Table
from hpt_lab.values.display import shown

MAP = (
    "Two hyperparameters together",
    "The value that a model of the trials expects, as a mean over all other hyperparameters. Each dot is a trial.",
)


@dataclass(frozen=True)
class Section:
    """A heading and its content, in this order; `name` is the same in every language.

    `detail` returns a trial in detail, by its number, if each row of the table is a trial and begins with it.
    """

    name: str
    heading: str
    text: str = ""
    code: str = ""
    drawings: Sequence[Drawing] = ()
    table: Table | None = None
    sortable: bool = False
    detail: Callable[[int], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Page:
    """A title, a few highlights with their names, the summary, and the sections."""

    title: str
    highlights: Sequence[tuple[str, str]]
    sentences: Sequence[str]
    sections: Sequence[Section]
    say: Say = field(repr=False)


def compose(facts: Facts, title: str | None, say: Say, alive: bool = False) -> Page:
    """Return a study's report as a page, in the language of `say`; without a title, it is called "study".

    A page that is alive asks for what takes seconds, and for the trials, apart.
    """
    title, history, best = say("study") if title is None else shown(title), facts.history, facts.history.incumbent
    highlights, sections = list[tuple[str, str]](), list[Section]()
    if best is not None:
        highlights, sections = [(say("best value"), shown(best.value))], list(_of_values(facts, best, say, alive))
    elif facts.front:
        highlights, sections = [(say("trials on the front"), str(len(facts.front)))], [_of_front(facts, say)]
    if highlights:
        highlights.append((say("trials"), str(len(history.trials))))
        if best is not None and best.budget is not None:
            highlights.append((say("at budget"), shown(best.budget)))
        highlights += [(say("failed"), str(len(history.failed))), (say("training"), training(facts, say))]
    return Page(title, highlights, summary(facts, say), [*sections, *_of_all(facts, say, alive)], say)


def _of_front(facts: Facts, say: Say) -> Section:
    """Return the section on the front of several objectives."""
    far = figures.too_far_apart(facts, say)
    hollow = "" if all(trial.feasible for trial in facts.history.finished) else ", hollow if it is not feasible"
    text = f"Each dot is a trial, gold on the front{hollow}. Which trial on the front to take is your choice."
    drawings = [] if far else figures.fronts(facts, say)
    detail = partial(tables.detail, facts, say)
    return Section(
        "front", say("The front"), far or say(text), drawings=drawings, table=tables.front(facts, say), detail=detail
    )


def _of_values(facts: Facts, best: Trial, say: Say, alive: bool) -> Iterator[Section]:
    """Yield the sections that need a complete trial."""
    message, far = "Trial {number}, with the value {value}. Its hyperparameters:", figures.too_far_apart(facts, say)
    text = say(message, number=best.number, value=shown(best.value))
    yield Section("best", say("The best trial"), text, tables.as_python(best.params))
    if far is None:
        text = "Each dot is a trial, and the line is the best value so far, over the trials and over time."
        heading = say("How the best value came about")
        yield Section("paths", heading, say(text), drawings=figures.paths(facts, best, say))
        if curves := figures.curves(facts, say):
            text = "The value after each unit of budget. The better a trial's final value, the stronger its line."
            text += " Purple runs were given up." * any(trial.expected is not None for trial in facts.history.finished)
            yield Section("curves", say("Learning curves"), say(text), drawings=[curves])
    else:
        yield Section("far", "", far)
    if not alive:
        yield importance(facts, say)
    if far is None:
        lower = any(trial.budget != best.budget for trial in facts.history.finished)
        purple = " Purple dots were trained with a lower budget." if lower else ""
        if not lower and not all(whole_as(trial, best) for trial in facts.history.finished):
            purple = " The runs of the purple ones were given up, and would have come further."
        heading = say("Each hyperparameter against the value")
        text = say(f"Each dot is a trial; the star is the best one.{purple}")
        yield Section("slices", heading, text, drawings=figures.slices(facts, best, say))
        if not alive and isinstance(facts.importance, Importance) and len(facts.mapped) > 1:
            x, y, *_ = facts.mapped
            yield Section("map", say(MAP[0]), say(MAP[1]), drawings=[figures.over_two(facts, x, y, say)])
        text = "Each line is a trial, from its hyperparameters to its value. "
        text += "The better the trial, the stronger its line; the best is gold."
        yield Section("lines", say("All of them together"), say(text), drawings=[figures.lines(facts, say)])
    if any(trial.budget is not None for trial in facts.history.finished):
        yield Section("budgets", say("Budgets"), table=tables.budgets(facts, say))


def importance(facts: Facts, say: Say) -> Section:
    """Return the section on what mattered: a figure, or the reason why there is none."""
    heading, shares = say("Which hyperparameters matter"), facts.importance
    if isinstance(shares, Importance):
        at = "" if shares.budget is None else " at budget {budget}"
        message = "The share of the variance of the values, over the whole space, that each hyperparameter explains "
        message += f"on its own, according to a model of {{n}} trials{at}. The last bar is what only several of them "
        message += "explain together. Whiskers are one standard deviation: where one reaches 0, the bar may be chance."
        text = say(message, n=shares.n_trials, budget=shown(shares.budget))
        text += f" {say(STEERED)}" if shares.steered else ""
        return Section("importance", heading, text, drawings=[figures.bars(shares, say)])
    why = say(shares.message, **shares.values) if isinstance(shares, InsufficientData) else str(shares)
    return Section("importance", heading, f"{why.capitalize()}.")


def _of_all(facts: Facts, say: Say, alive: bool) -> Iterator[Section]:
    """Yield the sections that every study has."""
    if facts.remarks:
        yield Section("remarks", say("Notes"), table=tables.remarks(facts, say))
    if facts.history.failed:
        yield Section("failed", say("What failed"), table=tables.errors(facts, say))
    if facts.history.trials and not alive:
        table = tables.trials(facts, say)
        n, n_rows = len(facts.history.trials), len(table.rows)
        heading = say("All trials" if n_rows == n else "The first {rows} of {n} trials", rows=n_rows, n=n)
        text = "Best first." + ("" if n_rows == n else " `to_frame` and `hpt-lab export` give all of them.")
        detail = partial(tables.detail, facts, say)
        yield Section("trials", heading, say(text), table=table, sortable=True, detail=detail)
    yield Section("space", say("Search space"), table=tables.hyperparameters(facts, say))
    yield Section("settings", say("How it was made"), table=tables.settings(facts, say))
