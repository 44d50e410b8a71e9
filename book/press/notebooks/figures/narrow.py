"""A figure for a phone: laid out again at its width, with the same type.

Titles and names are broken into lines, a legend that takes half the width goes below, and axes side by side go one below the
other where they would be too narrow. What then still touches, or is hidden, shows that the figure cannot be had in this width.
"""

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.text import Text

from book.press.notebooks.figures import judge

NARROW = 350 / 96  # inches
TALLEST = 11.0  # inches
STEPS = sorted(product(range(-60, 61, 12), range(-36, 37, 6)), key=lambda step: np.hypot(*step))  # pixels


def lay_out(figure: Figure, crowded: int) -> bool:
    """Return True if the figure, narrow now, can be read as well as the wide one, in which so many texts were `crowded`."""
    if judge.is_drawing(figure):
        return False
    columns, hidden = grid_of(figure)[1], judge.hidden(figure)
    panels = panels_of(figure)
    heights = figure.get_size_inches()[1], len({ax.get_subplotspec().rowspan.start for ax in panels}) or 1
    fewer = [n for n in (2, 1) if n < columns and len(panels) % n == 0 and is_grid(figure)]
    last = [n for n in ((5, 1) if is_grid(figure) else (columns,)) if n <= columns and len(panels) % n == 0]
    restore, legends = as_it_is(figure), len(figure.legends)
    for n, moving in [*((n, False) for n in (columns, *fewer)), *((n, True) for n in last)]:
        restore()
        if n < columns:
            regrid(figure, n)
        rows = -(-len(panels) // n) if n < columns else heights[1]
        height = heights[0] * rows / heights[1] * (0.8 if n < columns else 0.86 if rows == 1 else 0.95)
        height += sum(legend.get_window_extent().height for legend in figure.legends[legends:]) / figure.dpi
        if height > TALLEST:
            continue
        figure.set_size_inches(NARROW, max(height, 1.2))
        settle(figure)
        if moving:
            make_room(figure)
        wide = judge.wide_enough(figure, small=moving) and not (moving and judge.on_an_edge(figure))
        if judge.crowded(figure) <= crowded and wide and judge.hidden(figure) <= hidden + 0.1:
            return True
    return False


def make_room(figure: Figure) -> None:
    """Move each text of the axes that touches another one, hides a line, or leaves the figure, by the fewest pixels to where it does not."""
    renderer = figure.canvas.get_renderer()
    for ax in figure.axes:
        for text in (text for text in ax.texts if text in judge.written(figure)):
            on_a_line = judge.covered(ax, text.get_window_extent(renderer)) > 0.1
            if judge.stands_free(text, figure) and not on_a_line:
                continue
            at = text.get_transform().transform(text.get_position())
            for room, step in product((figure.bbox.width, figure.bbox.width / 3), STEPS):
                broken(text, room, renderer)
                text.set_position(text.get_transform().inverted().transform(at + step))
                if judge.stands_free(text, figure) and not judge.marked(ax, text.get_window_extent(renderer)):
                    break
    figure.draw_without_rendering()  # the axes move a little with what is written into them, and stay there
    figure.set_layout_engine("none")
    align(figure)
    figure.draw_without_rendering()


def as_it_is(figure: Figure) -> Callable[[], None]:
    """Return what undoes the breaks in a figure's texts, and lets its axes move again."""
    engine = figure.get_layout_engine()
    texts = [
        text for ax in figure.axes for text in (ax.xaxis.label, ax.yaxis.label, ax.title, ax._left_title, *ax.texts)
    ]
    texts += [figure._suptitle] if figure._suptitle else []
    said = [(text, text.get_text(), text.get_position()) for text in texts]
    named = [(ax, ax.get_xticks(), names_at(ax)) for ax in figure.axes]

    def restore() -> None:
        figure.set_layout_engine(engine)
        for text, words, position in said:
            text.set(text=words, position=position)
        for ax, ticks, names in named:
            if any("\n" in name for name in names_at(ax)):
                ax.set_xticks(ticks, names)

    return restore


def names_at(ax: Any) -> list[str]:
    """Return what stands at the ticks of the x-axis."""
    return [label.get_text() for label in ax.get_xticklabels()]


def settle(figure: Figure) -> None:
    """Break what is too long, and put every text in its place."""
    figure.draw_without_rendering()
    move_legends(figure)
    figure.draw_without_rendering()
    lines = break_titles(figure) + break_tick_labels(figure)
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + 0.19 * lines)
    for _ in range(2):  # what is moved may move the axes a little
        figure.draw_without_rendering()
        align(figure)
        place_line_labels(figure)
    figure.draw_without_rendering()


def panels_of(figure: Figure) -> list[Any]:
    """Return the axes that stand in a grid; color bars do not."""
    return [ax for ax in figure.axes if ax.get_subplotspec() is not None and ax.get_label() != "<colorbar>"]


def grid_of(figure: Figure) -> tuple[int, int]:
    """Return the rows and the columns of the figure's grid."""
    panels = panels_of(figure)
    return panels[0].get_subplotspec().get_gridspec().get_geometry() if panels else (1, 1)


def columns_of(figure: Figure) -> int:
    """Return in how many columns axes stand."""
    return len({ax.get_subplotspec().colspan.start for ax in panels_of(figure)}) or 1


def is_grid(figure: Figure) -> bool:
    """Return True if each axes has one place of one grid, so that they may stand in another."""
    specs = [ax.get_subplotspec() for ax in panels_of(figure)]
    one = len({id(spec.get_gridspec()) for spec in specs}) == 1
    return one and all(len(spec.rowspan) == len(spec.colspan) == 1 for spec in specs)


def regrid(figure: Figure, columns: int) -> None:
    """Put the axes, in their order, into so many columns; the first of each row says what its axis means."""
    panels = panels_of(figure)
    grid = GridSpec(-(-len(panels) // columns), columns, figure=figure)
    old = [ax.get_subplotspec() for ax in panels]
    names = {spec.rowspan.start: ax.get_ylabel() for ax, spec in zip(panels, old, strict=True) if ax.get_ylabel()}
    for i, (ax, spec) in enumerate(zip(panels, old, strict=True)):
        ax.set_subplotspec(grid[i // columns, i % columns])
        if i % columns == 0 and len(ax.get_yticks()):
            ax.tick_params(axis="y", labelleft=True)
            ax.yaxis.label.set_visible(True)
            ax.set_ylabel(ax.get_ylabel() or names.get(spec.rowspan.start, ""))


def move_legends(figure: Figure) -> None:
    """Put each legend below the figure that stands beside its axes, takes half of their width, or lies on a line."""
    renderer = figure.canvas.get_renderer()
    for ax in figure.axes:
        legend = ax.get_legend()
        if legend is None:
            continue
        box, inside = legend.get_window_extent(renderer), ax.get_window_extent(renderer)
        fits = box.x1 < inside.x1 + 3 and box.x0 > inside.x0 - 3 and box.width < 0.55 * inside.width
        if fits and not judge.covered(ax, box):
            continue
        texts = legend.get_texts()
        names = [text.get_text() for text in texts]
        own = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))  # with the marks of error bars
        handles = [own.get(name, handle) for name, handle in zip(names, legend.legend_handles, strict=True)]
        names, title, prop = (
            [" ".join(n.split()) for n in names],
            legend.get_title().get_text(),
            texts[0].get_fontproperties(),
        )
        legend.remove()
        for columns in (4, 3, 2, 1):
            below = figure.legend(
                handles, names, loc="outside lower left", ncols=columns, prop=prop, title=title or None, title_fontproperties=prop,
                frameon=False, columnspacing=1.2, alignment="left",
            )  # fmt: skip
            if columns == 1 or below.get_window_extent(renderer).width < figure.bbox.width - 8:
                break
            below.remove()
        rows = -(-len(names) // columns) + bool(title)
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + 0.2 * rows)


def break_titles(figure: Figure) -> int:
    """Break titles at the width of the figure, or of their column, and names at the length of their axis.

    Returns the number of lines that are new.
    """
    renderer, new = figure.canvas.get_renderer(), 0
    column = figure.bbox.width / columns_of(figure) - 10
    if figure._suptitle is not None:
        new += broken(figure._suptitle, figure.bbox.width * 0.97, renderer)
    rows: dict[int, int] = {}
    for ax in panels_of(figure):
        box, row = ax.get_window_extent(renderer), ax.get_subplotspec().rowspan.start
        rows[row] = max(rows.get(row, 0), *(broken(title, column, renderer) for title in (ax._left_title, ax.title)))
        new += broken(ax.xaxis.label, column, renderer)
        broken(ax.yaxis.label, max(box.height * 1.05, 90), renderer, upright=True)
    return new + sum(rows.values())


def align(figure: Figure) -> None:
    """Let what is longer than its axes begin at the edge of the figure, where there is one column."""
    if columns_of(figure) > 1:
        return
    renderer, right = figure.canvas.get_renderer(), figure.bbox.width - 4
    for ax in panels_of(figure):
        box, title, name = ax.get_window_extent(renderer), ax._left_title, ax.xaxis.label
        if title.get_text() and box.x0 + title.get_window_extent(renderer).width > right:
            title.set_x((4 - box.x0) / box.width)
        if name.get_text():
            half = name.get_window_extent(renderer).width / 2
            center = min(max(box.x0 + box.width / 2, 4 + half), right - half)
            name.set_x((center - box.x0) / box.width)


def broken(text: Text, room: float, renderer: Any, upright: bool = False) -> int:
    """Break a text between words so that it is no longer than `room` pixels; return the number of new lines."""
    words = text.get_text()
    extent = text.get_window_extent(renderer)
    if not words.strip() or (extent.height if upright else extent.width) <= room:
        return 0
    lines: list[str] = []
    for line in words.split("\n"):
        lines.append("")
        for word in line.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            text.set_text(longer)
            extent = text.get_window_extent(renderer)
            if lines[-1] and (extent.height if upright else extent.width) > room:
                lines.append(word)
            else:
                lines[-1] = longer
    text.set_text("\n".join(lines))
    return len(lines) - len(words.split("\n"))


def break_tick_labels(figure: Figure) -> int:
    """Break the names below an axis where they touch; return the number of new lines."""
    renderer, new = figure.canvas.get_renderer(), 0
    for ax in figure.axes:
        labels, names = ax.get_xticklabels(), names_at(ax)
        boxes = [label.get_window_extent(renderer) for label in labels]
        if not any(" " in name for name in names) or not any(a.padded(2).overlaps(b) for a, b in pairwise(boxes)):
            continue
        room = np.diff([box.x0 + box.width / 2 for box in boxes]).min() - 6
        new += max(broken(label, room, renderer) for label in labels)
        ax.set_xticks(ax.get_xticks(), [label.get_text() for label in labels])
    return new


def place_line_labels(figure: Figure) -> None:
    """Move the names at the ends of lines apart again: their distances are in points, and the axes have another height."""
    from hpt_lab.plots.labels import LINE_LABEL, spread

    for ax in figure.axes:
        labels = [text for text in ax.texts if text.get_gid() == LINE_LABEL]
        if labels:
            heights = np.array([ax.transData.transform(text.xy)[1] for text in labels]) * 72 / figure.dpi
            places = spread(heights, 1.25 * labels[0].get_size())
            for text, height, place in zip(labels, heights, places, strict=True):
                text.set_position((6, place - height))
