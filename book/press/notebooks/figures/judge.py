"""A judge of figures: one cannot be read where texts touch, leave the picture, or hide its lines."""

from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

LEAST = 125  # pixels: narrower axes show little
SMALL = 44  # pixels: of images that have no axis


def crowded(figure: Figure) -> int:
    """Return how many pairs of texts touch, and how many texts leave the picture."""
    figure.draw_without_rendering()
    boxes = [box.padded(-0.75) for box in texts(figure)]
    touching = sum(a.overlaps(b) for a, b in combinations(boxes, 2))
    page = figure.bbox.padded(1.5)
    return touching + sum(box.x0 < page.x0 or box.x1 > page.x1 for box in boxes)


def texts(figure: Figure) -> list[Bbox]:
    """Return where the texts stand that can be seen, in pixels."""
    renderer = figure.canvas.get_renderer()
    return [t.get_window_extent(renderer) for t in written(figure)]


def written(figure: Figure) -> list[Any]:
    """Return the texts that can be seen."""
    found: list[Any] = [t for t in figure.texts if t is not None]
    if figure._suptitle is not None and figure._suptitle not in found:
        found.append(figure._suptitle)
    for legend in figure.legends:
        found += legend.get_texts()
    for ax in figure.axes:
        if not ax.get_visible():
            continue
        found += ax.texts
        if ax.get_legend():
            found += [*ax.get_legend().get_texts(), ax.get_legend().get_title()]
        found += [ax.title, ax._left_title, ax._right_title]
        if ax.axison:
            for axis in (ax.xaxis, ax.yaxis):
                found += [axis.label, axis.get_offset_text(), *tick_labels(axis)]
    return [t for t in found if t.get_visible() and t.get_text().strip()]


def tick_labels(axis: Any) -> list[Any]:
    """Return the labels of the ticks in view."""
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    shown = [tick for tick in ticks if low - slack <= tick.get_loc() <= high + slack]
    return [label for tick in shown for label in (tick.label1, tick.label2)]


def hidden(figure: Figure) -> float:
    """Return the largest share of a line's points that one text or legend of its axes lies on."""
    renderer = figure.canvas.get_renderer()
    shares = [0.0]
    for ax in figure.axes:
        boxes = [t.get_window_extent(renderer) for t in ax.texts if t.get_visible() and t.get_text().strip()]
        boxes += [ax.get_legend().get_window_extent(renderer)] if ax.get_legend() else []
        shares += [covered(ax, box) for box in boxes]
    return max(shares)


def covered(ax: Any, box: Bbox) -> float:
    """Return the largest share of the points of a line that are in the box."""
    lines = [line.get_transform().transform(line.get_xydata()) for line in ax.lines if len(line.get_xydata()) > 2]
    return max((float(np.all((p > box.min) & (p < box.max), axis=1).mean()) for p in lines), default=0.0)


def wide_enough(figure: Figure, small: bool = False) -> bool:
    """Return True if no axes have become too narrow; with `small`, images without an axis may be small."""
    panels = [ax for ax in figure.axes if ax.axison and ax.get_label() != "<colorbar>"]
    least = {ax: SMALL if small and ax.images and not len(ax.get_xticks()) else LEAST for ax in panels}
    return all(ax.get_window_extent().width >= least[ax] for ax in panels)


def stands_free(text: Any, figure: Figure) -> bool:
    """Return True if a text neither touches another one nor leaves the picture."""
    renderer, page = figure.canvas.get_renderer(), figure.bbox.padded(1.5)
    box = text.get_window_extent(renderer).padded(-0.75)
    others = (other.get_window_extent(renderer).padded(-0.75) for other in written(figure) if other is not text)
    return page.x0 < box.x0 and box.x1 < page.x1 and not any(map(box.overlaps, others))


def on_an_edge(figure: Figure) -> bool:
    """Return True if a text in the axes lies on their lower edge, or with a quarter of its length outside of the left one."""
    renderer = figure.canvas.get_renderer()
    for ax in (ax for ax in figure.axes if ax.axison):
        frame = ax.get_window_extent()
        for box in (text.get_window_extent(renderer) for text in ax.texts if text.get_text().strip()):
            outside = (frame.x0 - box.x0) / max(box.width, 1)
            if box.y0 < frame.y0 < box.y1 or 0.25 < outside < 1:
                return True
    return False


def marked(ax: Any, box: Bbox) -> bool:
    """Return True if a point of a line or a dot is in the box."""
    points = [line.get_transform().transform(line.get_xydata()) for line in ax.lines]
    points += [dots.get_offset_transform().transform(dots.get_offsets()) for dots in ax.collections]
    return any(np.all((p > box.min) & (p < box.max), axis=1).any() for p in points if len(p))


def is_drawing(figure: Figure) -> bool:
    """Return True if words stand in boxes of it, without axes: the boxes shrink and the words do not."""
    return any(ax.texts and not ax.axison and not ax.images for ax in figure.axes)
