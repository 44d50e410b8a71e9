"""A figure as SVG that adapts to the page around it, or as PNG where there is no page.

The book's colors become variables of the page's style sheet, which has different ones for a dark page; text stays text,
in the page's own font; only ids that are referred to are kept, with a prefix, since ids must be unique on a page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from hpt_lab.tools.report.languages import FONTS

COLORS = {
    "#000000": "--ink", "#222222": "--ink", "#444444": "--soft", "#ffffff": "--paper",
    "#0072b2": "--blue", "#c24e00": "--vermilion", "#6b7280": "--grey", "#007a59": "--green", "#a8487c": "--purple",
    "#56b4e9": "--sky", "#e69f00": "--gold",
}  # fmt: skip
SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True)
class Drawing:
    """A figure to be drawn by `draw(ax)`; `alt` describes it for readers who can't see it."""

    draw: Callable[[Any], Any]
    alt: str
    size: tuple[float, float] = (5.2, 3.2)


def svg(drawing: Drawing, prefix: str, language: str = "en") -> str:
    """Return the figure as an <svg> element. The same drawing gives the same text."""
    root = ElementTree.fromstring(rendered(drawing, "svg", language))
    root.remove(root[0])  # a style that would apply to the whole page
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        if element.tag in ("g", "image"):  # nothing refers to these
            element.attrib.pop("id", None)
        for name, value in list(element.items()):
            if name == "id":
                element.set(name, prefix + value)
            elif name == LINK:
                del element.attrib[name]
                element.set("href", f"#{prefix}{value[1:]}" if value.startswith("#") else value.replace(" ", ""))
            elif name == "style":
                for color, variable in COLORS.items():
                    value = value.replace(color, f"var({variable})")
                element.set(name, value)
            else:
                element.set(name, value.replace("url(#", f"url(#{prefix}"))
    root.attrib = {"role": "img", "aria-label": drawing.alt, "viewBox": root.attrib["viewBox"]}
    return ElementTree.tostring(root, encoding="unicode")


def rendered(drawing: Drawing, format: str, language: str) -> bytes:
    """Return the figure as a file: PNG on white, or SVG."""
    from matplotlib.font_manager import fontManager

    from hpt_lab.plots.style import drawn

    settings: dict[str, Any] = {"svg.fonttype": "none", "svg.hashsalt": "hpt_lab", "font.sans-serif": ["DejaVu Sans"]}
    if fonts := {font.name for font in fontManager.ttflist} & set(FONTS.get(language, ())):
        settings["font.family"] = ["sans-serif", min(fonts)]

    def draw(ax: Any) -> None:
        drawing.draw(ax)
        if format == "svg":  # the style sheet draws the outlines: matplotlib would turn letters into paths
            for text in ax.texts:
                text.set_path_effects([])

    return drawn(draw, drawing.size, format, settings)
