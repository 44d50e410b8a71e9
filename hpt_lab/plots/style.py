"""The look of every figure: one palette, in which a color means one thing, and one set of matplotlib settings.

    BLACK       what is real: a trial that was measured (a dot), the truth (a dashed line)
    BLUE        what a model believes, and Bayesian optimization
    GREEN       what a model expects to gain: the acquisition function
    VERMILION   where you or the search are now: the next trial, and your own strategy
    GOLD        the best: the best so far, the star, TPE's good trials
    PURPLE      early stopping: rungs and budgets
    GREY        the others: what nobody chose, and random search
    SKY         the grid

The palette is that of Okabe & Ito (2008), whose colors color-blind readers can tell apart; gold is their orange, and green,
vermilion and purple are a little darker, for contrast on white. Related strategies share a color and differ in their dashes.
The background is opaque white, so that figures are readable on dark pages and in print.
"""

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from hpt_lab.values.checks import instance

BLACK, GOLD, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#007A59"
BLUE, VERMILION, PURPLE, GREY = "#0072B2", "#C24E00", "#A8487C", "#6B7280"

COLORS: dict[str, str] = {"manual": BLACK, "grid": SKY, "random": GREY, "quasi-random": GREEN, "genetic": GREEN}
COLORS |= {"bayesian": BLUE, "GP": BLUE, "forest": BLUE, "textbook": BLUE, "TPE": GOLD, "BOHB": GOLD}
COLORS |= {"hyperband": PURPLE, "halving": PURPLE, "ASHA": PURPLE}
SPARE = (VERMILION, GREEN, PURPLE, BLACK, SKY, GOLD, BLUE)  # for strategies without their own color, in turn
DASHED, DOTTED = (0, (5, 2)), (0, (1, 1.5))
DASHES: dict[str, Any] = dict.fromkeys(("quasi-random", "forest", "textbook", "BOHB", "ASHA"), DASHED)
DASHES |= {"halving": DOTTED}

# rcParams
STYLE: Any = {"figure.figsize": (7.0, 4.0), "figure.dpi": 120, "figure.constrained_layout.use": True}
STYLE["savefig.dpi"] = 120
STYLE |= dict.fromkeys(("figure.facecolor", "savefig.facecolor", "axes.facecolor"), "white")
STYLE |= {"axes.edgecolor": "#444444", "axes.labelcolor": "#222222", "image.cmap": "viridis", "legend.frameon": False}
STYLE["axes.prop_cycle"] = cycler(color=[BLUE, GREEN, PURPLE, SKY, BLACK, GOLD, VERMILION])
STYLE |= {"axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left", "lines.linewidth": 2.0}
STYLE |= {"axes.titlesize": 12, "axes.titlepad": 10, "axes.labelsize": 10.5, "font.size": 10.5}
STYLE |= {"xtick.labelsize": 9.5, "ytick.labelsize": 9.5}
OUTLINE = [patheffects.withStroke(linewidth=2.5, foreground="white")]  # keeps text readable where it crosses lines


def use_style() -> None:
    """Use the style of the book for all figures from now on. A notebook calls it once, after its imports."""
    plt.rcParams.update(STYLE)


def drawn(draw: Callable[[Axes], Any], size: tuple[float, float], format: str = "png", settings: Any = ()) -> bytes:
    """Return a PNG or SVG file of what `draw(ax)` draws, in the style of the book. No window opens.

    `size` is in inches; `settings` are additional matplotlib settings. The same figure gives the same bytes.
    """
    buffer = io.BytesIO()
    unsigned = dict.fromkeys(("Software",) if format == "png" else ("Date", "Creator", "Type", "Format"))
    with mpl.rc_context({**STYLE, **dict(settings)}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")  # readers of an SVG have other fonts
        figure = Figure(figsize=size)
        draw(figure.add_subplot())
        figure.savefig(buffer, format=format, metadata=unsigned, transparent=format == "svg")
    return buffer.getvalue()


def color(name: str) -> str:
    """Return the color of a strategy, as ``#rrggbb``, by name ("random", "Random search", "RandomSearch()").

    A name that is none of the lab's is your own strategy, which is vermilion.
    """
    instance("color: name", name, str, "the name of a strategy, such as 'random'")
    known = strategy_named(name)
    return VERMILION if known is None else COLORS[known]


def strategy_named(name: str) -> str | None:
    """Return the longest key of `COLORS` that `name` contains, ignoring case and punctuation, or None."""
    return max((key for key in COLORS if _letters(key) in _letters(name)), key=len, default=None)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def darker(shade: Any) -> tuple[float, float, float]:
    """Return a darker shade for text, which needs more contrast than lines: red, green and blue in [0, 1]."""
    red, green, blue = to_rgb(shade)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    factor = min(1.0, 0.36 / max(luminance, 1e-9))
    return red * factor, green * factor, blue * factor
