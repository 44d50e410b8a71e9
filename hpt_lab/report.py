"""A study as one page: what was searched, how the best value came down, the best trials, and a slice for each hyperparameter.

The page needs no other file and no other host: its figures are inside it, as PNG. Chapter 5.
"""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from hpt_lab.checks import WrongType, one_of, short
from hpt_lab.space import Space
from hpt_lab.study import Study

__all__ = ["report", "shown"]

N_BEST = 10  # trials in the table
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse; display: block; overflow-x: auto } img { max-width: 100%; height: auto }
th, td { padding: .25rem .8rem; text-align: left; border-bottom: 1px solid #ccc }
th { white-space: nowrap } td { overflow-wrap: break-word }
"""


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
    page = _Html() if one_of("report: format", format, ("html", "md")) == "html" else _Markdown()
    history, space = study.history, study.space
    trials = list(history.trials)
    page.title(shown(title))
    facts = [
        ("strategy", getattr(study.strategy, "was", None) or short(study.strategy, 400)), ("direction", study.direction), ("seed", study.seed),
        ("trials", f"{len(trials)}: {len(history.finished)} complete, {len(history.failed)} failed, {history.n_running} running"),
        ("first trial", datetime.fromtimestamp(trials[0].started).isoformat(" ", "minutes") if trials else "none yet"),
        ("training", f"{sum(trial.seconds or 0.0 for trial in trials):.4g} s"),
    ]  # fmt: skip
    if history.incumbent is not None:
        facts += [("best value", f"{study.best_value:.6g} (trial {study.best.number})")]
    page.table(("what", "value"), facts)
    page.heading("Search space")
    page.table(
        ("hyperparameter", "type", "values", "only where"),
        [_described(space, *one) for one in space.describe().items()],
    )
    if not history.finished:
        page.text("No trial is complete yet.")
        return page.end()
    page.heading("The best trials")
    budgets = any(trial.budget is not None for trial in trials)
    page.table(
        ("trial", "value", *(("budget",) if budgets else ()), *space),
        [
            (t.number, t.value, *((t.budget,) if budgets else ()), *(t.params.get(name, "") for name in space))
            for t in history.ranked[:N_BEST]
        ],
    )
    page.heading("How the best value came about")
    page.figure(
        _path(study), f"The value of each trial, and the best so far: {study.best_value:.6g} after {len(trials)}."
    )
    page.heading("Slices")
    page.text("The value of each complete trial against one hyperparameter at a time; the best trial is a star.")
    for name in space:
        if any(name in trial.params for trial in history.finished):
            page.figure(_slice(study, name), f"Values against {shown(name)}.")
    if history.failed:
        page.heading("What failed")
        page.table(("trial", "error"), [(t.number, " ".join((t.error or "").split())) for t in history.failed[:N_BEST]])
    return page.end()


def shown(value: Any, most: int = 60) -> str:
    """A cell: on one line, numbers to six digits, and no sign that a terminal would obey."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else short(value, most)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _described(space: Space, name: str, one: dict[str, Any]) -> tuple[str, ...]:
    """A row on a dimension, of its description."""
    if one["type"] == "Categorical":
        values = ", ".join(json.dumps(choice) for choice in one["choices"])
    else:
        values = f"{one['low']:g} to {one['high']:g}" + (", log" if one["log"] else "")
        values += "" if one["step"] is None else f", step {one['step']:g}"
    where = []
    for parent, keys in one["when"].items():
        wanted = keys if space[parent].is_continuous else [space[parent].at(key) for key in keys]
        where.append(f"{parent} is {' or '.join(map(shown, wanted))}")
    return name, one["type"], values, " and ".join(where)


def _path(study: Study) -> bytes:
    from hpt_lab.plots import incumbent_path

    return _png(lambda ax: incumbent_path(study, ax=ax))


def _slice(study: Study, name: str) -> bytes:
    from hpt_lab.plots.axes import places_of, scale
    from hpt_lab.plots.style import GREY, VERMILION

    def draw(ax: Any) -> None:
        trials = [trial for trial in study.history.ranked if name in trial.params]
        dimension = study.space[name]
        scale(ax, "x", dimension)
        places = places_of(name, dimension, [trial.params[name] for trial in trials])
        values = [trial.value for trial in trials]
        ax.scatter(places, values, s=26, color=GREY, alpha=0.7, linewidth=0)
        ax.scatter(places[:1], values[:1], s=140, color=VERMILION, marker="*", zorder=3)
        ax.set_xlabel(name.replace("$", r"\$"))
        ax.set_ylabel("value")

    return _png(draw)


def _png(draw: Any) -> bytes:
    """What `draw(ax)` draws, in the style of the book and in no window."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from hpt_lab.plots.style import STYLE as figures

    with mpl.rc_context(figures):
        figure = Figure(figsize=(6.4, 3.4))
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


class _Html:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def title(self, text: str) -> None:
        text = html.escape(text)
        head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{text}</title>'
        self.parts.append(f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head><body>\n<h1>{text}</h1>')  # fmt: skip

    def heading(self, text: str) -> None:
        self.parts.append(f"<h2>{html.escape(text)}</h2>")

    def text(self, text: str) -> None:
        self.parts.append(f"<p>{html.escape(text)}</p>")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        def line(cells: Sequence[Any], mark: str) -> str:
            return "<tr>" + "".join(f"<{mark}>{html.escape(shown(cell, 160))}</{mark}>" for cell in cells) + "</tr>"

        body = "\n".join(line(row, "td") for row in rows)
        self.parts.append(f"<table>\n<thead>{line(heads, 'th')}</thead>\n<tbody>\n{body}\n</tbody></table>")

    def figure(self, png: bytes, alt: str) -> None:
        data = base64.b64encode(png).decode()
        self.parts.append(f'<p><img alt="{html.escape(alt)}" src="data:image/png;base64,{data}"></p>')

    def end(self) -> str:
        return "\n".join([*self.parts, "</body></html>", ""])


class _Markdown:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def title(self, text: str) -> None:
        self.parts.append(f"# {_plain(text)}")

    def heading(self, text: str) -> None:
        self.parts.append(f"## {text}")

    def text(self, text: str) -> None:
        self.parts.append(text)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        lines = [heads, ["---"] * len(heads), *rows]
        self.parts.append("\n".join(f"| {' | '.join(_plain(shown(cell, 160)) for cell in line)} |" for line in lines))

    def figure(self, png: bytes, alt: str) -> None:
        self.parts.append(f"![{_plain(alt)}](data:image/png;base64,{base64.b64encode(png).decode()})")

    def end(self) -> str:
        return "\n\n".join([*self.parts, ""])


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else."""
    return "".join(f"\\{sign}" if sign in r"\|`*_[]<>&#$" else sign for sign in text)
