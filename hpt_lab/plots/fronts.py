"""The front of a study with several objectives: what can be had, and what it costs."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from hpt_lab.plots.axes import axes_or_new, label
from hpt_lab.plots.style import BLACK, GOLD, GREY
from hpt_lab.study import Study
from hpt_lab.study.directions import Directions
from hpt_lab.values.checks import short


def plot_front(study: Study, ax: Axes | None = None, *, x: str | int = 0, y: str | int = 1) -> Axes:
    """Draw the trials in the plane of two objectives: the front gold, those that it dominates gray.

    With two objectives, the front is a staircase: no trial lies beyond it. Trials that are not feasible are hollow. Which
    values are better is written on the axes.

    Raises TypeError or ValueError if `study` is not a Study with several objectives and a complete trial, or `x` or `y` is
    none of its objectives.

    Parameters
    ----------
    study : Study
    x, y : str or int, the objectives on the axes, by name or by place
    """
    directions = getattr(study, "direction", None)
    if not isinstance(study, Study) or not isinstance(directions, Directions):
        raise TypeError(f"plot_front: study={short(study)} must be a Study with several directions")
    history, axes = study.history, [directions.index(f"plot_front: {name}", one) for name, one in (("x", x), ("y", y))]
    if not history.finished:
        raise ValueError(f"plot_front: none of the {len(history.trials)} trials is complete yet")
    ax, front = axes_or_new(ax, (5.6, 4.2)), {trial.number for trial in history.front}
    values = np.array([trial.objectives for trial in history.finished])[:, axes]  # (n_finished, 2)
    chosen = np.array([trial.number in front for trial in history.finished])
    feasible = np.array([trial.feasible for trial in history.finished])
    rest: Any = {"s": 26, "linewidth": 0.9, "zorder": 2}
    ax.scatter(*values[feasible & ~chosen].T, color=GREY, alpha=0.7, **{**rest, "linewidth": 0})
    ax.scatter(*values[~feasible].T, facecolor="none", edgecolor=GREY, **rest)
    best = values[chosen]
    best = best[np.argsort(best[:, 0] * directions.signs[axes[0]], kind="stable")]
    if len(directions) == 2:
        ax.plot(*best.T, color=GOLD, drawstyle="steps-post", linewidth=2.4, zorder=3)
    ax.scatter(*best.T, s=46, color=GOLD, edgecolor=BLACK, linewidth=0.8, zorder=4)
    for name, i in zip("xy", axes, strict=True):
        aim = "lower is better" if directions.each[i] == "minimize" else "higher is better"
        getattr(ax, f"set_{name}label")(f"{label(directions.labels[i])} ({aim})", parse_math=False)
    return ax
