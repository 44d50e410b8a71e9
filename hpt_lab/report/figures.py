"""What a report draws: how the best value came about, the trials as lines, and each hyperparameter against the value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpt_lab.analysis.importance import Importance
from hpt_lab.report.languages import Say
from hpt_lab.report.svg import Drawing
from hpt_lab.report.words import duration
from hpt_lab.study import Study
from hpt_lab.surrogates.learning import thinned
from hpt_lab.values.display import shown

__all__ = ["bars", "curves", "lines", "paths", "slices", "too_far_apart"]

MOST_LINES = 150  # of a figure; more are one picture in it
MOST_DOTS = 500  # of a figure; more are one picture in it
MOST_CURVES = 200
MOST_TICKS = 8  # names on an axis
MOST = 1e300  # a value above, or below its negative, is on no axis: floats end soon after


def too_far_apart(study: Study, say: Say = str.format) -> str | None:
    """A sentence where the values fit on no axis; None where they do."""
    values = [value for trial in study.history.finished for value in (trial.value or 0.0, *trial.curve)]
    worst = max(values, key=abs)
    if abs(worst) <= MOST:
        return None
    return say("There are no figures of the values, since {value} is among them.", value=shown(worst))


def paths(study: Study, say: Say = str.format) -> list[Drawing]:
    """The best value so far over the trials, and over the time."""
    from hpt_lab.plots import incumbent_path

    def draw(ax: Any, over: str) -> None:
        incumbent_path(study, ax=ax, over=over)
        for text in (ax.xaxis.label, ax.yaxis.label, *ax.texts):
            text.set_text(say(text.get_text()))
        _rasterize(ax, len(study.trials))

    best, n = shown(study.best_value), len(study.trials)
    last = max(trial.started + (trial.seconds or 0.0) for trial in study.history.finished)
    whole = duration(last - study.trials[0].started, say)
    by_trial = say("The value of each of {n} trials, and the best so far: {best} at the end.", n=n, best=best)
    in_time = say("The best value so far over the time: {best} after {time}.", best=best, time=whole)
    return [Drawing(lambda ax: draw(ax, "trials"), by_trial), Drawing(lambda ax: draw(ax, "time"), in_time)]


def lines(study: Study, say: Say = str.format) -> Drawing:
    """Parallel coordinates. The better a trial, the stronger its line, on a light page and on a dark one."""
    from hpt_lab.plots import parallel_coordinates
    from hpt_lab.plots.studies import MOST_LINES as MOST_THERE
    from hpt_lab.plots.style import BLUE

    n_trials = len(study.history.ranked)
    which = "one line a trial" if n_trials <= MOST_THERE else "{kept} of {n} trials"

    def draw(ax: Any) -> None:
        parallel_coordinates(study, ax=ax)
        drawn = sorted(
            (line for line in ax.get_lines() if line.get_marker() == "o"), key=lambda line: line.get_zorder()
        )
        for rank, line in enumerate(drawn[:-1]):  # all but the best
            line.set(color=BLUE, alpha=0.1 + 0.7 * ((rank + 1) / len(drawn)) ** 2)
            line.set_rasterized(len(drawn) > MOST_LINES)
        ax.set_xlabel(say(which, kept=MOST_THERE, n=n_trials))
        _rename_last(ax, "x", say)

    n = len(study.space)
    words = say(
        "Each complete trial as a line through its {n} hyperparameters and its value; the best trial is in front.", n=n
    )
    return Drawing(draw, words, (max(5.2, 1.15 * (n + 1)), 3.6))


def bars(study: Study, found: Importance, say: Say = str.format) -> Drawing:
    """Importance with its error."""
    from hpt_lab.plots import importance

    first = [f"{shown(name)} {share:.0%} ± {found.errors[name]:.0%}" for name, share in found.shares.items()][:5]
    message = "Share of the variance that each hyperparameter explains: {shares}; together {rest:.0%}."

    def draw(ax: Any) -> None:
        importance(found, ax=ax)
        ax.set_xlabel(say(ax.get_xlabel()))
        _rename_last(ax, "y", say)

    words = say(message, shares=", ".join(first), rest=found.rest)
    return Drawing(draw, words, (5.4, 0.9 + 0.34 * (len(found.shares) + 1)))


def slices(study: Study, say: Say = str.format) -> list[Drawing]:
    """The value against each hyperparameter that a complete trial has."""
    names = [name for name in study.space if any(name in trial.params for trial in study.history.finished)]
    return [_slice(study, name, say) for name in names]


def _slice(study: Study, name: str, say: Say) -> Drawing:
    from hpt_lab.plots.axes import label, places_of, scale
    from hpt_lab.plots.style import BLUE, GREY, VERMILION

    trials = [trial for trial in study.history.ranked if name in trial.params]
    top = study.best.budget

    def draw(ax: Any) -> None:
        dimension = study.space[name]
        scale(ax, "x", dimension)
        if not dimension.has_order:
            _thin_names(ax)
        places = places_of(name, dimension, [trial.params[name] for trial in trials])
        values = [trial.value for trial in trials]
        shades = [BLUE if trial.budget == top else GREY for trial in trials]
        ax.scatter(places[::-1], values[::-1], s=18, c=shades[::-1], alpha=0.55, linewidth=0)
        _rasterize(ax, len(trials))
        if name in study.best.params:
            ax.scatter(places[:1], values[:1], s=150, color=VERMILION, marker="*", zorder=3)
        ax.set_xlabel(label(name), parse_math=False)
        ax.set_ylabel(say("value"))

    has = " The best trial has {value}." if name in study.best.params else ""
    message = f"Values of {{n}} trials against {{name}}.{has}"
    words = say(message, n=len(trials), name=shown(name), value=shown(study.best.params.get(name)))
    return Drawing(draw, words, (3.5, 2.7))


def curves(study: Study, say: Say = str.format) -> Drawing | None:
    """The value of each trial after each unit of its budget; None where no trial tells."""
    from hpt_lab.plots.style import BLUE, VERMILION

    trials = [trial for trial in study.history.ranked if len(trial.curve) > 1]
    if not trials:
        return None
    kept = [trials[i] for i in thinned(np.arange(len(trials), dtype=float), MOST_CURVES)]

    def draw(ax: Any) -> None:
        for place, trial in reversed(list(enumerate(kept))):
            best = trial.number == study.best.number
            style = {"color": VERMILION, "linewidth": 2.4} if best else {"color": BLUE, "linewidth": 1.0}
            alpha = 1.0 if best else 0.15 + 0.6 * (1 - place / len(kept)) ** 2
            marker = "." if len(trial.curve) < 4 else ""
            ax.plot(
                range(1, len(trial.curve) + 1),
                trial.curve,
                alpha=alpha,
                marker=marker,
                **style,
            )
        spent = "budget spent" + (" ({kept} of {n} trials)" if len(kept) < len(trials) else "")
        ax.set_xlabel(say(spent, kept=len(kept), n=len(trials)))
        ax.set_ylabel(say("value"))

    words = say("The value after each unit of budget, of {n} trials; the best in front.", n=len(kept))
    return Drawing(draw, words, (5.4, 3.2))


def _rename_last(ax: Any, axis: str, say: Say) -> None:
    """The last tick of an axis has a word of ours, the others have names."""
    ticks = getattr(ax, f"get_{axis}ticks")()
    texts = [tick.get_text() for tick in getattr(ax, f"get_{axis}ticklabels")()]
    getattr(ax, f"set_{axis}ticks")(ticks, [*texts[:-1], say(texts[-1])], parse_math=False)


def _rasterize(ax: Any, n: int) -> None:
    """Many dots become one picture, so that the page opens."""
    if n > MOST_DOTS:
        for dots in ax.collections:
            dots.set_rasterized(True)


def _thin_names(ax: Any) -> None:
    """Of many names on an axis, some; of long ones, slanted."""
    ticks = ax.get_xticklabels()
    texts: Sequence[str] = [tick.get_text() for tick in ticks]
    if len(texts) > MOST_TICKS:
        step = math.ceil(len(texts) / MOST_TICKS)
        ax.set_xticks(ax.get_xticks()[::step], texts[::step], parse_math=False)
    if sum(map(len, texts)) > 28:
        ax.tick_params(axis="x", rotation=25)
