"""One study: how its hyperparameters go together with the value, and how the best value came down trial by trial."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hpt_lab.plots.axes import axes_or_new, label, study_with_values
from hpt_lab.plots.labels import label_lines
from hpt_lab.plots.style import BLACK, GREY, OUTLINE, VERMILION, color
from hpt_lab.space import Categorical, Space
from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.learning import thinned
from hpt_lab.values.checks import one_of

__all__ = ["incumbent_path", "parallel_coordinates"]

MOST_LINES = 500
UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def parallel_coordinates(study: Study, ax: Axes | None = None) -> Axes:
    """Draw every finished trial as a line through its hyperparameters, one vertical axis each; the best is in front.

    A hyperparameter's axis is as long as its range, logarithmic where it is. The line breaks where a hyperparameter is
    inactive. Colour goes by the trial's rank, dark for good and pale for bad, and the best trial is vermilion. The
    last axis is the value, as told. Of more than 500 trials, 500 are drawn: the best two thirds of that, and others
    spread by rank.

    Raises TypeError if `study` is no Study, and ValueError if none of its trials is complete.
    """
    ranked, space = study_with_values("parallel_coordinates", study).history.ranked, study.space
    ax = axes_or_new(ax)
    n = len(ranked)
    ranked = tuple(ranked[i] for i in thinned(np.arange(n, dtype=float), MOST_LINES))
    values = np.array([trial.value for trial in ranked], float)
    low, high = values.min(), values.max()
    places = np.array(
        [
            [space[name].encode(trial.params[name]) if name in trial.params else np.nan for name in space]
            for trial in ranked
        ]
    )
    last = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
    _draw_ranked(ax, np.column_stack([places, last]))
    for column, name in enumerate(space):
        _draw_axis(ax, column, _unit_ticks(space, name))
    _draw_axis(ax, len(space), [(0.0, f"{low:.3g}"), (1.0, f"{high:.3g}")])
    ax.set_xticks(range(len(space) + 1), [*map(label, space), "value"], parse_math=False)
    which = "one line a trial" if n <= MOST_LINES else f"{MOST_LINES} of {n} trials"
    ax.set_xlabel(f"{which}: dark is good, pale is bad, vermilion is the best", size=9.5, color="#444444")
    ax.set_xlim(-0.1, len(space) + 0.35)
    ax.set_ylim(-0.06, 1.06)
    ax.set_yticks([])
    ax.tick_params(axis="x", length=0)
    for side in ("left", "bottom", "top", "right"):
        ax.spines[side].set_visible(False)
    return ax


def _draw_ranked(ax: Axes, places: np.ndarray) -> None:
    """A line for each row of `places`, of shape (n_trials, n_dims + 1): the first is the best, and in front."""
    n, n_columns = places.shape
    ranks = np.arange(n) / max(1, n - 1)
    cmap = mpl.colormaps["viridis"]
    for i in reversed(range(n)):
        best = i == 0
        ax.plot(
            np.arange(n_columns),
            places[i],
            color=VERMILION if best else cmap(0.95 * ranks[i]),
            linewidth=2.6 if best else 1.1,
            alpha=1.0 if best else 0.75 - 0.4 * ranks[i],
            marker="o",
            markersize=5 if best else 2.5,
            zorder=2 + (n - 1 - i) / n,
        )


def _draw_axis(ax: Axes, column: int, ticks: list[tuple[float, str]]) -> None:
    ax.axvline(column, color="#444444", linewidth=0.9, zorder=1)
    for place, text in ticks:
        ax.annotate(
            text,
            (column, place),
            xytext=(6, 0),
            textcoords="offset points",
            size=8.5,
            va="center",
            path_effects=OUTLINE,
            zorder=4,
            parse_math=False,
        )


def _unit_ticks(space: Space, name: str) -> list[tuple[float, str]]:
    """(place on the unit interval, label) for the axis of a hyperparameter: bounds, powers of ten, or choices."""
    dimension: Any = space[name]
    if isinstance(dimension, Categorical):
        return [(dimension.encode(choice), label(choice)) for choice in dimension.choices]
    if dimension.size <= 8:
        return [(dimension.encode(value), f"{value:.3g}") for value in dimension.values()]
    values = [dimension.decode(0.0), dimension.decode(1.0)]
    ticks = [(dimension.encode(value), f"{value:.3g}") for value in values]
    if not dimension.log:
        middle = dimension.decode(0.5)
        return [ticks[0], (dimension.encode(middle), f"{middle:.3g}"), ticks[1]]
    first, last = (math.log(value) for value in values)
    low, high = ticks[0][0], ticks[1][0]
    for exponent in range(math.ceil(first / math.log(10)), math.floor(last / math.log(10)) + 1):
        place = low + (high - low) * (exponent * math.log(10) - first) / (last - first)
        if all(abs(place - other) > 0.07 for other, _ in ticks):
            ticks.append((place, f"{10.0**exponent:.3g}"))
    return ticks


def incumbent_path(study: Study, ax: Axes | None = None, *, over: str = "trials") -> Axes:
    """Draw each trial's value as a dot, and the best value so far (the incumbent's) as a stepped line.

    Failed trials are crosses on the upper edge. Trials are counted from 1. With `over="time"`, a trial stands where it
    was told, counted from the moment when the first was asked for.

    Raises TypeError if `study` is no Study or `over` no string, and ValueError if none of its trials is complete, or
    `over` is neither "trials" nor "time".
    """
    finished = study_with_values("incumbent_path", study).history.finished
    in_time = one_of("incumbent_path: over", over, ("trials", "time")) == "time"
    ax = axes_or_new(ax)
    unit, name = _unit_of_time(study) if in_time else (1.0, "")

    def place(trial: Trial) -> float:
        return (
            (trial.started + (trial.seconds or 0.0) - study.trials[0].started) / unit if in_time else trial.number + 1
        )

    values = [trial.value for trial in finished]
    ax.scatter(list(map(place, finished)), values, s=26, color=GREY, alpha=0.7, linewidth=0, zorder=2)  # type: ignore[arg-type]
    if in_time:
        x, path = _path_in_time(study, place)
    else:
        path = [math.nan if best is None else float(best.value or 0.0) for best in study.history.incumbents]
        x = list(range(1, len(path) + 1))
    shade = color(type(study.strategy).__name__)
    ax.plot(x, path, color=shade, drawstyle="steps-post", zorder=3, label="best so far")
    failed = [place(trial) for trial in study.history.failed]
    if failed:
        ax.plot(failed, np.ones(len(failed)), "x", color=BLACK, transform=ax.get_xaxis_transform(), clip_on=False)
        ax.annotate("× failed", (1, 1), (0, 5), "axes fraction", "offset points", ha="right", va="bottom", size=9)
    ax.set_xlabel(f"{name} since the first trial was asked for" if in_time else "trial")
    ax.set_ylabel("value (each trial a dot)")
    if in_time:
        ax.set_xlim(left=0.0)
    else:
        ax.set_xlim(0.5, len(path) + 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label_lines(ax)
    return ax


def _unit_of_time(study: Study) -> tuple[float, str]:
    """Seconds of the largest unit that the search has lasted two of, and its name."""
    first = study.trials[0].started
    lasted = max(trial.started + (trial.seconds or 0.0) for trial in study.history.finished) - first
    return next((unit for unit in UNITS if lasted >= 2 * unit[0]), UNITS[-1])


def _path_in_time(study: Study, place: Callable[[Trial], float]) -> tuple[list[float], list[float]]:
    """Where trials were told, in that order, and the value of the best until then."""
    rank = study.history.rank
    told = sorted(study.history.finished, key=place)
    best, path = told[0], []
    for trial in told:
        best = min(best, trial, key=rank)
        path.append(float(best.value or 0.0))
    return list(map(place, told)), path
