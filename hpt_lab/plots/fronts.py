"""The front of a study with several objectives: what can be had, and what it costs."""

import numpy as np
from matplotlib.axes import Axes

from hpt_lab.plots.axes import axes_or_new, label
from hpt_lab.plots.style import BLACK, GOLD, GREY
from hpt_lab.study import Directions, Study
from hpt_lab.values.checks import short


def plot_front(study: Study, ax: Axes | None = None, *, x: str | int = 0, y: str | int = 1) -> Axes:
    """Draw the trials in the plane of two objectives: the front gold, those that it dominates gray.

    With two objectives, the front is a staircase: no trial lies beyond it. Trials that are not feasible are hollow.
    Which values are better is written on the axes. Raises TypeError or ValueError if `study` is not a Study with
    several objectives and a complete trial, or `x` or `y` is none of its objectives.

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
