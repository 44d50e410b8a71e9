"""Names at the right ends of lines instead of a legend, moved apart so that they do not overlap.

Of all positions in the same order that are `gap` apart, labels take those with the smallest sum of squared moves: labels
that would touch form a group, which is centered where its labels would have been.
"""

from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from hpt_lab.plots.axes import check_axes
from hpt_lab.plots.style import darker
from hpt_lab.values.checks import instance, items, optimizers, require

LINE_LABEL = "line label"  # the gid of these texts


def label_lines(ax: Axes, lines: Iterable[Line2D] | None = None) -> None:
    """Write each line's label at its right end, moved up or down so that labels do not overlap.

    If you change the limits or the scale of the axes afterwards, call it again: it removes its earlier labels.

    Parameters
    ----------
    ax : Axes
    lines : iterable of Line2D, optional, lines of `ax`; all of them if None, and one without its own label gets none
    """
    check_axes(ax)
    lines = ax.get_lines() if lines is None else lines
    lines = items("label_lines: lines", lines, "a list of lines, such as ax.plot returns")
    for i, line in enumerate(lines):
        which = f"label_lines: lines[{i}]"
        instance(which, line, Line2D, "a line, such as ax.plot returns in a list")
        require(line.axes is ax, which, line, "a line of ax; label the lines of other axes separately", ValueError)
    for text in list(ax.texts):
        if text.get_gid() == LINE_LABEL:
            text.remove()
    labelled = []  # with the last points that are drawn
    for line in lines:
        x, y = (np.asarray(values, float) for values in line.get_data(orig=False))
        drawn = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if len(drawn) and not str(line.get_label()).startswith("_"):
            labelled.append((line, (x[drawn[-1]], y[drawn[-1]])))
    if not labelled:
        return
    ax.figure.canvas.figure.draw_without_rendering()  # fixes limits and sizes
    points_per_pixel = 72 / ax.figure.dpi
    heights = np.array([ax.transData.transform(end)[1] * points_per_pixel for _, end in labelled])
    size = mpl.rcParams["font.size"]
    for (line, end), height, place in zip(labelled, heights, spread(heights, 1.25 * size), strict=True):
        style: Any = {"color": darker(line.get_color()), "size": size, "va": "center", "annotation_clip": False}
        offset = (6, place - height)
        ax.annotate(str(line.get_label()), end, offset, textcoords="offset points", gid=LINE_LABEL, **style)


def spread(heights: np.ndarray, gap: float) -> np.ndarray:
    """Return the positions nearest to `heights`, in the same order, at least `gap` apart.

    `heights` and the result have shape (n_labels,), in the unit of `gap`.
    """
    order, places = np.argsort(heights, kind="stable"), np.empty(len(heights))
    lifts = gap * np.arange(len(heights))  # without them, positions must only not descend
    places[order] = optimizers.isotonic_regression(heights[order] - lifts).x + lifts
    return places
