"""One study: how its hyperparameters relate to the value, how the best value improved, and what mattered.

The front of a study with several objectives: what can be had, and what it costs.
"""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hpt_lab.plots.axes import axes_or_new, label, study_with_values
from hpt_lab.plots.labels import label_lines
from hpt_lab.plots.style import BLACK, BLUE, GOLD, GREY, OUTLINE, PURPLE
from hpt_lab.space import Categorical
from hpt_lab.study import History, Study
from hpt_lab.surrogates.importance import Importance, importance as shares_of
from hpt_lab.surrogates.learning import thinned
from hpt_lab.values.checks import integer, one_of, require

MOST_LINES = 500
UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def parallel_coordinates(study: Study, ax: Axes | None = None) -> Axes:
    """Draw every complete trial as a line through vertical axes, one per hyperparameter, with the best in front.

    A hyperparameter's axis covers its range, on its own scale; the last axis is the value, as reported. A line breaks
    where a hyperparameter is inactive. The better a trial, the stronger its line; the best is gold, if it is
    feasible. Of more than 500 trials, 500 are drawn: two thirds of these are the best, the others are spread by rank.
    """
    history = study_with_values("parallel_coordinates", study).history
    ranked, space, names = history.ranked, history.space, list(history.space)
    ax = axes_or_new(ax)
    kept = [ranked[i] for i in thinned(np.arange(len(ranked), dtype=float), MOST_LINES)]
    values = np.array([trial.value for trial in kept], float)
    low, high = values.min(), values.max()
    places = np.full((len(kept), len(names) + 1), 0.5)
    for column, (name, dimension) in enumerate(space.dimensions.items()):
        places[:, column] = [dimension.encode(trial.params[name]) if name in trial.params else np.nan for trial in kept]
        _draw_axis(ax, column, unit_ticks(dimension))
    if high > low:
        places[:, -1] = (values - low) / (high - low)
    _draw_axis(ax, len(names), [(0.0, f"{low:.3g}"), (1.0, f"{high:.3g}")])
    for i in reversed(range(len(kept))):  # the best is drawn last
        strength = 0.1 + 0.6 * (1 - i / len(kept)) ** 2
        style: Any = {"color": BLACK, "linewidth": 1.1, "alpha": strength, "markersize": 2.5}
        if i == 0 and ranked[0].feasible:
            style = {"color": GOLD, "linewidth": 3.0, "markersize": 6}
        ax.plot(range(len(names) + 1), places[i], marker="o", zorder=3 - (i + 1) / len(kept), **style)
    ax.set_xticks(range(len(names) + 1), [*map(label, names), "value"], parse_math=False)
    which = "one line per trial" if len(kept) == len(ranked) else f"{MOST_LINES} of {len(ranked)} trials"
    ax.set_xlabel(f"{which}; the better, the stronger; gold: the best", size=9.5, color="#444444")
    ax.set_xlim(-0.1, len(names) + 0.35)
    ax.set_ylim(-0.06, 1.06)
    ax.set_yticks([])
    ax.tick_params(axis="x", length=0)
    ax.spines[:].set_visible(False)
    return ax


def _draw_axis(ax: Axes, column: int, ticks: list[tuple[float, str]]) -> None:
    ax.axvline(column, color="#444444", linewidth=0.9, zorder=1)
    style: Any = {"size": 8.5, "va": "center", "path_effects": OUTLINE, "zorder": 4, "parse_math": False}
    for place, text in ticks:
        ax.annotate(text, (column, place), xytext=(6, 0), textcoords="offset points", **style)


def unit_ticks(dimension: Any) -> list[tuple[float, str]]:
    """Return pairs (coordinate, label) for a hyperparameter's axis: its bounds and powers of ten, or its choices."""
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


def incumbent_path(study: Study, ax: Axes | None = None, *, over: str = "trials", first: int = 1) -> Axes:
    """Draw each trial's value as a dot, and the best value so far (the incumbent's) as a stepped line.

    The trials that were the best so far are gold, the others gray, hollow if they are not feasible, and purple if a
    stopping rule gave them up. Failed trials are crosses at the upper edge. Trials are counted from `first`. With
    `over="time"` instead of "trials", each is drawn at the time when it ended, counted from when the first trial was
    asked for.
    """
    history = study_with_values("incumbent_path", study).history
    in_time = one_of("incumbent_path: over", over, ("trials", "time")) == "time"
    first = integer("incumbent_path: first", first, 0, 2**53)
    ax = axes_or_new(ax)
    if in_time:
        start = history.trials[0].started
        ends = {trial.number: trial.started + (trial.seconds or 0.0) - start for trial in history.trials}
        lasted = max(ends[trial.number] for trial in history.finished)
        unit, name = next((one for one in UNITS if lasted >= 2 * one[0]), UNITS[-1])
        places = {number: end / unit for number, end in ends.items()}
        order = sorted(history.finished, key=lambda trial: places[trial.number])
        x = [places[trial.number] for trial in order]
        bests = History(history.space, order, direction=history.direction).incumbents
    else:
        places = {number: number + first for number in range(len(history.trials))}
        x, bests = list(places.values()), history.incumbents
    path = [math.nan if best is None else float(best.value or 0.0) for best in bests]
    once = {best.number: best for best in bests if best is not None}  # those that were the best so far
    for feasible in (True, False):
        told: Any = [trial for trial in history.finished if trial.feasible is feasible]
        dots, values = [places[trial.number] for trial in told], [trial.value for trial in told]
        shades = [GREY if trial.expected is None else PURPLE for trial in told]
        hollow = {"facecolor": "none", "edgecolor": shades}
        style: dict[str, Any] = {"c": shades, "linewidth": 0.0} if feasible else hollow
        if told:
            ax.scatter(dots, values, s=26, alpha=0.7, zorder=2, **style)
    ax.plot(x, path, color=GOLD, drawstyle="steps-post", linewidth=2.4, zorder=3, label="best so far")
    steps, reached = [places[number] for number in once], [float(best.value or 0.0) for best in once.values()]
    ax.scatter(steps, reached, s=42, color=GOLD, edgecolor=BLACK, linewidth=0.8, zorder=4)
    failed = [places[trial.number] for trial in history.failed]
    if any(trial.expected is not None for trial in history.finished):
        ax.annotate("• given up", (0, 1), (0, 5), "axes fraction", "offset points", va="bottom", size=9, color=PURPLE)
    if failed:
        ax.plot(failed, np.ones(len(failed)), "x", color=BLACK, transform=ax.get_xaxis_transform(), clip_on=False)
        ax.annotate("× failed", (1, 1), (0, 5), "axes fraction", "offset points", ha="right", va="bottom", size=9)
    ax.set_ylabel("value (one dot per trial)")
    if in_time:
        ax.set_xlabel(f"{name} since the first trial was asked for")
        ax.set_xlim(left=0.0)
    else:
        ax.set_xlabel("trial")
        ax.set_xlim(first - 0.5, first + len(path) - 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label_lines(ax)
    return ax


def importance(study: Study | Importance, ax: Axes | None = None) -> Axes:
    """Draw the share of the variance of the losses that each hyperparameter explains on its own, the largest on top.

    The last bar is the rest, which only several of them together explain. Whiskers are one standard deviation long on
    either side. `study` may also be a result of `hpt_lab.importance`.
    """
    of = study if isinstance(study, Importance) else shares_of(study)
    names = [*of.shares, "together"]
    shares, errors = [*of.shares.values(), of.rest], [*of.errors.values(), of.rest_error]
    ax = axes_or_new(ax, (6.4, 0.9 + 0.36 * len(names)))
    places = range(len(names))
    ax.barh(places, shares, color=[BLUE] * (len(names) - 1) + [GREY], height=0.62)
    ax.errorbar(shares, places, xerr=errors, fmt="none", ecolor="#222222", elinewidth=1.4, capsize=3.5)
    ax.set_yticks(places, list(map(label, names)), parse_math=False)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the variance (whisker: ± 1 s.d.)")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def plot_front(study: Study, ax: Axes | None = None, *, x: str | int = 0, y: str | int = 1) -> Axes:
    """Draw the trials in the plane of two objectives: the front gold, those that it dominates gray.

    With two objectives, the front is a staircase: no trial lies beyond it. Trials that are not feasible are hollow.
    Which values are better is written on the axes.

    Parameters
    ----------
    study : Study
    x, y : str or int, the objectives on the axes, by name or by place
    """
    several = isinstance(study, Study) and study.history.directions.several
    require(several, "plot_front: study", study, "a Study with several directions")
    history, directions = study.history, study.history.directions
    axes = [directions.index(f"plot_front: {name}", one) for name, one in (("x", x), ("y", y))]
    if not history.finished:
        raise ValueError(f"plot_front: none of the {len(history.trials)} trials is complete yet")
    ax, front = axes_or_new(ax, (5.6, 4.2)), {trial.number for trial in history.front}
    a, b = (np.array([trial.objectives[i] for trial in history.finished]) for i in axes)  # (n_finished,) each
    feasible = np.array([trial.feasible for trial in history.finished])
    chosen = np.array([trial.number in front for trial in history.finished])
    rest = feasible & ~chosen
    ax.scatter(a[rest], b[rest], s=26, color=GREY, alpha=0.7, linewidth=0, zorder=2)
    ax.scatter(a[~feasible], b[~feasible], s=26, facecolor="none", edgecolor=GREY, linewidth=0.9, zorder=2)
    order = np.argsort(a * directions.signs[axes[0]], kind="stable")
    best = order[chosen[order]]
    if len(directions) == 2:
        ax.plot(a[best], b[best], color=GOLD, drawstyle="steps-post", linewidth=2.4, zorder=3)
    ax.scatter(a[best], b[best], s=46, color=GOLD, edgecolor=BLACK, linewidth=0.8, zorder=4)
    for name, i in zip("xy", axes, strict=True):
        aim = "lower is better" if directions.each[i] == "minimize" else "higher is better"
        getattr(ax, f"set_{name}label")(f"{label(directions.labels[i])} ({aim})", parse_math=False)
    return ax
