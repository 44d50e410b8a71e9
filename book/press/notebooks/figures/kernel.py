"""The kernel's part: when it shows a figure, it draws it again as SVG, as wide as the page's column and as wide as a phone's.

This module runs in the notebook's kernel, which imports it before the first cell. It gives each figure one output more, of the
type `MIME`; the press takes that out of the notebook again.
"""

import io
import json
import re
import traceback
import warnings
from typing import Any

import matplotlib as mpl
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from book.press.notebooks.figures import judge, narrow

MIME = "application/x-hpt-figure"
WIDE = 688 / 96  # inches, of which a page has 96 pixels: the width of the column
TYPE = 0.93  # of the sizes in the style, so that labels have 13 pixels; none has less than SMALLEST points
SMALLEST = 9.0  # points: 12 pixels
HEAVY = 270_000  # bytes; about half of them stay when they are lean
FAMILY = ["Bricolage Grotesque", "DejaVu Sans", "sans-serif"]
SETTINGS = {"svg.hashsalt": "hpt", "svg.fonttype": "none", "path.simplify_threshold": 0.2}
UNSIGNED = dict.fromkeys(("Date", "Creator", "Type", "Format"))
RASTER_DPI = 192  # twice what a page has
KEPT = "kept"  # the ids of what keeps its colors on a dark page begin with it: they stand for numbers
OUTLINED = (
    f"{KEPT}-outlined"  # those of words on a map, around which the page draws an outline: matplotlib would draw paths
)


def register(fonts: list[str]) -> None:
    """Let IPython show each figure as SVG too, in the typeface of these files."""
    from IPython import get_ipython
    from IPython.core.formatters import BaseFormatter
    from matplotlib import font_manager

    for font in fonts:
        font_manager.fontManager.addfont(font)
    # matplotlib's inline backend forgets what a formatter has been told to do with figures; this one has it built in
    call = {"__call__": lambda self, shown: as_output(shown) if isinstance(shown, Figure) else None}
    get_ipython().display_formatter.formatters[MIME] = type("Formatter", (BaseFormatter,), call)()


def as_output(figure: Figure) -> str:
    """Return a JSON object: the SVG of the wide figure, and of the narrow one or null; or the error, for the press to raise."""
    try:
        return json.dumps(drawn(figure))
    except Exception:
        return json.dumps({"error": traceback.format_exc()})


def drawn(figure: Figure) -> dict[str, str | None]:
    """Return the SVG of a figure under "wide", and under "narrow" that for a phone, or None. The figure is changed."""
    with mpl.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a try that fails is no news to the notebook
        figure.set_dpi(96)
        set_type(figure)
        mark_maps(figure)
        clear_paper(figure)
        width, height = figure.get_size_inches()
        if width > WIDE:
            figure.set_size_inches(WIDE, height * (1 + WIDE / width) / 2)
        narrow.place_line_labels(figure)
        crowded = judge.crowded(figure)
        wide = svg(figure)
        return {"wide": wide, "narrow": svg(figure) if narrow.lay_out(figure, crowded) else None}


def set_type(figure: Figure) -> None:
    """Give each text the size that it has at every width."""
    figure.draw_without_rendering()
    at_ticks = set()
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        for which, ticks in (("major", axis.get_major_ticks()), ("minor", axis.get_minor_ticks())):
            at_ticks |= {label for tick in ticks for label in (tick.label1, tick.label2)}
            if ticks:
                size = size_on_page(ticks[0].label1.get_size())
                axis.set_tick_params(which, labelsize=size, labelfontfamily=FAMILY)
    for text in figure.findobj(Text):
        if text not in at_ticks:
            text.set(size=size_on_page(text.get_size()), family=FAMILY)
    figure.draw_without_rendering()


def size_on_page(points: float) -> float:
    return max(SMALLEST, round(TYPE * points, 2))


def mark_maps(figure: Figure) -> None:
    """Mark what shows numbers as colors, and what is written and drawn on it: a dark page leaves its colors."""
    marked: list[Any] = []
    for ax in figure.axes:
        maps = [a for a in (*ax.images, *ax.collections) if a.get_array() is not None and not tints(a)]
        marked += maps
        if fills(maps):
            inside = ax.get_window_extent()
            on_it = [t for t in ax.texts if inside.contains(*t.get_window_extent().get_points().mean(axis=0))]
            marked += [a for a in (*ax.lines, *ax.patches, *ax.collections, *on_it) if a not in maps]
    for number, artist in enumerate(marked):
        if not artist.get_gid():
            outlined = isinstance(artist, Text) and artist.get_path_effects()
            artist.set_gid(f"{OUTLINED if outlined else KEPT}{number}")
            artist.set_path_effects([] if outlined else artist.get_path_effects())


def fills(maps: list[Any]) -> bool:
    """Return True if one of the maps covers its axes: an image, a mesh, filled contours."""
    return any(type(a).__name__ in {"AxesImage", "QuadMesh"} or getattr(a, "filled", False) for a in maps)


def tints(artist: Any) -> bool:
    """Return True for contours with one level or one band: a line or a tint, whose color stands for no number."""
    return len(getattr(artist, "levels", ())) == 1 + getattr(artist, "filled", False)


def clear_paper(figure: Figure) -> None:
    """Let the page through where the paper is white."""
    for patch in (figure.patch, *(ax.patch for ax in figure.axes)):
        if to_hex(patch.get_facecolor()) == "#ffffff":
            patch.set_facecolor("none")


def svg(figure: Figure) -> str:
    """Return the figure as SVG: with the dots of maps as pixels where it would be heavy."""
    text = saved(figure)
    if len(text) > HEAVY:
        for ax in figure.axes:
            for artist in (*ax.collections, *ax.lines):
                if (artist.get_gid() or "").startswith(KEPT):
                    artist.set_rasterized(True)
        text = saved(figure)
    return text


def saved(figure: Figure) -> str:
    """Return the figure as wide as it is, or wider where something stands out; as high as what it holds."""
    buffer = io.StringIO()
    width, _ = figure.get_size_inches()
    figure.draw_without_rendering()
    tight = figure.get_tightbbox(figure.canvas.get_renderer())
    box = Bbox([[min(0, tight.x0), tight.y0 - 0.04], [max(width, tight.x1), tight.y1 + 0.04]])
    figure.savefig(buffer, format="svg", facecolor="none", metadata=UNSIGNED, dpi=RASTER_DPI, bbox_inches=box)
    return re.sub(r"<!--.*?-->\s*", "", buffer.getvalue(), flags=re.S)
