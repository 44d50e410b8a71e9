"""What a report draws: how the best value came about, the trials as lines, and each hyperparameter against the value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpt_lab.display import shown
from hpt_lab.report.svg import Drawing
from hpt_lab.report.words import duration
from hpt_lab.sensitivity import Importance
from hpt_lab.study import Study
from hpt_lab.surrogates.learning import thinned

__all__ = ["bars", "curves", "lines", "paths", "slices", "too_far_apart"]

MOST_LINES = 150  # of a figure; more are one picture in it
MOST_DOTS = 500  # of a figure; more are one picture in it
MOST_CURVES = 200
MOST_TICKS = 8  # names on an axis
MOST = 1e300  # a value above, or below its negative, is on no axis: floats end soon after


def too_far_apart(study: Study) -> str | None:
    """A sentence where the values fit on no axis; None where they do."""
    values = [value for trial in study.history.finished for value in (trial.value or 0.0, *trial.curve)]
    worst = max(values, key=abs)
    return None if abs(worst) <= MOST else f"There are no figures of the values, since {shown(worst)} is among them."


def paths(study: Study) -> list[Drawing]:
    """The best value so far over the trials, and over the time."""
    from hpt_lab.plots import incumbent_path

    def draw(ax: Any, over: str) -> None:
        incumbent_path(study, ax=ax, over=over)
        _rasterize(ax, len(study.trials))

    best, n = shown(study.best_value), len(study.trials)
    last = max(trial.started + (trial.seconds or 0.0) for trial in study.history.finished)
    whole = duration(last - study.trials[0].started)
    return [
        Drawing(
            lambda ax: draw(ax, "trials"), f"The value of each of {n} trials, and the best so far: {best} at the end."
        ),
        Drawing(lambda ax: draw(ax, "time"), f"The best value so far over the time: {best} after {whole}."),
    ]


def lines(study: Study) -> Drawing:
    """Parallel coordinates. The better a trial, the stronger its line, on a light page and on a dark one."""
    from hpt_lab.plots import parallel_coordinates
    from hpt_lab.plots.style import BLUE

    def draw(ax: Any) -> None:
        parallel_coordinates(study, ax=ax)
        drawn = sorted(
            (line for line in ax.get_lines() if line.get_marker() == "o"), key=lambda line: line.get_zorder()
        )
        for rank, line in enumerate(drawn[:-1]):  # all but the best
            line.set(color=BLUE, alpha=0.1 + 0.7 * ((rank + 1) / len(drawn)) ** 2)
            line.set_rasterized(len(drawn) > MOST_LINES)
        ax.set_xlabel(ax.get_xlabel().partition(":")[0])

    n = len(study.space)
    words = f"Each complete trial as a line through its {n} hyperparameters and its value; the best trial is in front."
    return Drawing(draw, words, (max(5.2, 1.15 * (n + 1)), 3.6))


def bars(study: Study, found: Importance) -> Drawing:
    """Importance with its error."""
    from hpt_lab.plots import importance

    first = [f"{shown(name)} {share:.0%} ± {found.errors[name]:.0%}" for name, share in found.shares.items()][:5]
    words = f"Share of the variance that each hyperparameter explains: {', '.join(first)}; together {found.rest:.0%}."
    return Drawing(lambda ax: importance(found, ax=ax), words, (5.4, 0.9 + 0.34 * (len(found.shares) + 1)))


def slices(study: Study) -> list[Drawing]:
    """The value against each hyperparameter that a complete trial has."""
    names = [name for name in study.space if any(name in trial.params for trial in study.history.finished)]
    return [_slice(study, name) for name in names]


def _slice(study: Study, name: str) -> Drawing:
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
        ax.set_ylabel("value")

    has = "" if name not in study.best.params else f" The best trial has {shown(study.best.params[name])}."
    return Drawing(draw, f"Values of {len(trials)} trials against {shown(name)}.{has}", (3.5, 2.7))


def curves(study: Study) -> Drawing | None:
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
        ax.set_xlabel("budget spent" + (f" ({len(kept)} of {len(trials)} trials)" if len(kept) < len(trials) else ""))
        ax.set_ylabel("value")

    return Drawing(draw, f"The value after each unit of budget, of {len(kept)} trials; the best in front.", (5.4, 3.2))


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
