"""A figure as SVG that belongs to the page around it, or as PNG where there is none.

matplotlib writes colours into every element. Here those of the book become variables of the page's style sheet,
which has others for a dark page; texts stay texts, in the page's own letters; and an id is kept only where something
refers to it, with a prefix, since ids must differ on a page.
"""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpt_lab.report.languages import FONTS

__all__ = ["Drawing", "png", "svg"]

COLORS = {
    "#000000": "--ink", "#222222": "--ink", "#444444": "--soft", "#ffffff": "--paper",
    "#0072b2": "--blue", "#d55e00": "--vermilion", "#767676": "--grey", "#009e73": "--green", "#cc79a7": "--purple",
    "#56b4e9": "--sky", "#e69f00": "--orange",
}  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """A figure that is still to be drawn: `draw(ax)` does it; `alt` says what it shows to those who do not see it."""

    draw: Callable[[Any], Any]
    alt: str
    size: tuple[float, float] = (5.2, 3.2)


def svg(drawing: Drawing, prefix: str, language: str = "en") -> str:
    """The figure as an <svg> element. The same drawing gives the same text."""
    text = _saved(drawing, "svg", language).decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<(metadata|style)\b.*?</\1>\s*", "", text, flags=re.S)  # the style would be that of the whole page
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda m: f' id="{prefix}{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r'xlink:href="#', f'href="#{prefix}', text).replace("xlink:href", "href")
    text = text.replace("url(#", f"url(#{prefix}")
    text = re.sub("|".join(COLORS), lambda m: f"var({COLORS[m[0]]})", text)
    text = re.sub(r"(font: [^']*?)'DejaVu Sans'[^;\"]*", r"\1var(--letters)", text)
    text = re.sub(r"\s*\n\s*", "\n", re.sub(r"(?<=[\d.])\s+(?=[LMzCQ\d-])", " ", text))
    head = f'<svg role="img" aria-label="{html.escape(drawing.alt)}"'
    return re.sub(r"^<svg[^>]*?(viewBox=\"[^\"]*\")[^>]*>", rf"{_plain(head)} \1>", text, count=1)


def png(drawing: Drawing, language: str = "en") -> bytes:
    """The figure on white, as PNG."""
    return _saved(drawing, "png", language)


def _plain(text: str) -> str:
    """Text that stands for itself in what `re.sub` puts in."""
    return text.replace("\\", r"\\")


def _saved(drawing: Drawing, format: str, language: str) -> bytes:
    """In the style of the book, and in no window."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import fontManager

    from hpt_lab.plots.style import STYLE

    inside: Any = {"svg.fonttype": "none", "svg.hashsalt": "hpt_lab", "path.simplify": True}
    if fonts := {font.name for font in fontManager.ttflist} & set(FONTS.get(language, ())):
        inside["font.family"] = ["sans-serif", min(fonts)]
    with mpl.rc_context({**STYLE, **inside}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")  # the reader's letters have it
        figure = Figure(figsize=drawing.size)
        FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        drawing.draw(ax)
        buffer = io.BytesIO()
        if format == "png":
            figure.savefig(buffer, format="png", metadata={"Software": None})
        else:
            for text in ax.texts:  # the style sheet draws the outline: matplotlib would turn the letters into paths
                text.set_path_effects([])
            nothing = {"Date": None, "Creator": None, "Type": None, "Format": None}
            figure.savefig(buffer, format="svg", metadata=nothing, transparent=True)
    return buffer.getvalue()
