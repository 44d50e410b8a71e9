"""The figures of a report, each a `Drawing` with its alternative text: the best so far, the trials, what mattered.

A page holds them as SVG that adapts to it: the book's colors become variables of the page's style sheet, which has
different ones for a dark page; text stays text, in the page's own font; only ids that are referred to are kept, with a
prefix, since ids must be unique on a page. Where there is no page, they are PNG.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np

from hpt_lab.study import Trial
from hpt_lab.surrogates.importance import Importance
from hpt_lab.surrogates.learning import thinned
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.languages import FONTS, Say
from hpt_lab.tools.report.sentences import duration, whole_as
from hpt_lab.values.display import shown

MOST_VECTOR_LINES = 150  # in a figure; more are rasterized
MOST_VECTOR_DOTS = 500  # in a figure; more are rasterized
MOST_CURVES = 200
MOST_TICKS = 8  # names on an axis
LARGEST_DRAWN = 1e300  # larger absolute values cannot be drawn, since floats end soon after
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


def too_far_apart(facts: Facts, say: Say = str.format) -> str | None:
    """Return a sentence if the values do not fit on any axis, otherwise None."""
    worst = max((value for trial in facts.history.finished for value in (*trial.values, *trial.curve)), key=abs)
    if abs(worst) <= LARGEST_DRAWN:
        return None
    return say("The values are not drawn, since one of them, {value}, does not fit on any axis.", value=shown(worst))


def paths(facts: Facts, best: Trial, say: Say = str.format) -> list[Drawing]:
    """Return figures of the best value so far, over the trials and over time."""
    from hpt_lab.plots.studies import incumbent_path

    def draw(ax: Any, over: str) -> None:
        incumbent_path(facts.study, ax=ax, over=over, first=0)  # numbered as in the tables
        for text in (ax.xaxis.label, ax.yaxis.label, *ax.texts):
            text.set_text(say(text.get_text()))
        _rasterize(ax, len(facts.history.trials))

    value, n = shown(best.value), len(facts.history.trials)
    last = max(trial.started + (trial.seconds or 0.0) for trial in facts.history.finished)
    whole = duration(last - facts.history.trials[0].started, say)
    by_trial = say("The value of each of {n} trials, and the best so far: {best} at the end.", n=n, best=value)
    in_time = say("The best value so far, over time: {best} after {time}.", best=value, time=whole)
    return [Drawing(lambda ax: draw(ax, "trials"), by_trial), Drawing(lambda ax: draw(ax, "time"), in_time)]


def fronts(facts: Facts, say: Say = str.format) -> list[Drawing]:
    """Return a figure of the front for each pair of objectives."""
    from hpt_lab.plots.axes import label
    from hpt_lab.plots.studies import plot_front

    def draw(ax: Any, x: str, y: str) -> None:
        plot_front(facts.study, ax, x=x, y=y)
        for axis, name in ((ax.xaxis, label(x)), (ax.yaxis, label(y))):
            message = "{name}" + axis.get_label_text().removeprefix(name)
            axis.set_label_text(say(message, name=name), parse_math=False)
        _rasterize(ax, len(facts.history.finished))

    def drawing(x: str, y: str) -> Drawing:
        n, front = len(facts.history.finished), len(facts.front)
        message = "{x} and {y} of {n} trials, of which {front} are on the front."
        alt = say(message, x=shown(x), y=shown(y), n=n, front=front)
        return Drawing(lambda ax: draw(ax, x, y), alt, (4.6, 3.4))

    directions: Any = facts.study.direction
    return list(itertools.starmap(drawing, itertools.combinations(directions.labels, 2)))


def lines(facts: Facts, say: Say = str.format) -> Drawing:
    """Return a figure of all trials as lines in parallel coordinates."""
    from hpt_lab.plots import studies
    from hpt_lab.plots.style import GREY

    n_trials, most = len(facts.history.finished), studies.MOST_LINES
    which = "one line per trial" if n_trials <= most else "{kept} of {n} trials"

    def draw(ax: Any) -> None:
        studies.parallel_coordinates(facts.study, ax=ax)
        trials = [line for line in ax.get_lines() if line.get_marker() == "o"]  # the best last
        if len(trials) > MOST_VECTOR_LINES:
            for line in trials[:-1]:
                line.set(color=GREY, rasterized=True)  # a dark page cannot change the color of a picture
        ax.set_xlabel(say(which, kept=most, n=n_trials))
        _rename_last(ax, "x", say)

    n = len(facts.study.space)
    message = "Each complete trial as a line through its {n} hyperparameters and its value; the best trial is in front."
    return Drawing(draw, say(message, n=n), (max(5.2, 1.15 * (n + 1)), 3.6))


def bars(shares: Importance, say: Say = str.format) -> Drawing:
    """Return a figure of the importance of each hyperparameter, with errors."""
    from hpt_lab.plots.studies import importance

    def draw(ax: Any) -> None:
        importance(shares, ax=ax)
        ax.set_xlabel(say(ax.get_xlabel()))
        _rename_last(ax, "y", say)

    first = [f"{shown(name)} {share:.0%} ± {shares.errors[name]:.0%}" for name, share in shares.shares.items()][:5]
    message = "Share of the variance that each hyperparameter explains: {shares}; together {rest:.0%}."
    alt = say(message, shares=", ".join(first), rest=shares.rest)
    return Drawing(draw, alt, (5.4, 0.9 + 0.34 * (len(shares.shares) + 1)))


def slices(facts: Facts, best: Trial, say: Say = str.format) -> list[Drawing]:
    """Return figures of the value against each hyperparameter that a complete trial has."""
    trials = {name: [trial for trial in facts.history.ranked if name in trial.params] for name in facts.study.space}
    return [_slice(name, facts.study.space[name], ranked, best, say) for name, ranked in trials.items() if ranked]


def _slice(name: str, dimension: Any, ranked: Sequence[Trial], best: Trial, say: Say) -> Drawing:
    from hpt_lab.plots.axes import label, places_of, scale
    from hpt_lab.plots.style import BLACK, GOLD, GREY, PURPLE

    def draw(ax: Any) -> None:
        scale(ax, "x", dimension)
        if not dimension.has_order:  # keep only some of many names on the axis, and slant long ones
            texts = [tick.get_text() for tick in ax.get_xticklabels()]
            step = math.ceil(len(texts) / MOST_TICKS)
            ax.set_xticks(ax.get_xticks()[::step], texts[::step], parse_math=False)
            if sum(map(len, texts)) > 28:
                ax.tick_params(axis="x", rotation=25)
        places = places_of(name, dimension, [trial.params[name] for trial in ranked])
        values = [trial.value for trial in ranked]
        shades = [GREY if whole_as(trial, best) else PURPLE for trial in ranked]
        ax.scatter(places[::-1], values[::-1], s=18, c=shades[::-1], alpha=0.65, linewidth=0)
        _rasterize(ax, len(ranked))
        if name in best.params:
            ax.scatter(places[:1], values[:1], s=150, color=GOLD, edgecolor=BLACK, linewidth=0.8, marker="*", zorder=3)
        ax.set_xlabel(label(name), parse_math=False)
        ax.set_ylabel(say("value"))

    message = "Values of {n} trials against {name}." + " The best trial has {value}." * (name in best.params)
    alt = say(message, n=len(ranked), name=shown(name), value=shown(best.params.get(name)))
    return Drawing(draw, alt, (3.5, 2.7))


def over_two(facts: Facts, x: str, y: str, say: Say = str.format) -> Drawing:
    """Return a map of the values that a model of the trials expects over two hyperparameters."""
    from hpt_lab.plots.maps import heatmap

    def draw(ax: Any) -> None:
        heatmap(facts.study, x, y, ax=ax)
        ax.figure.axes[-1].set_ylabel(say("value"))
        for text in ax.texts[:-1]:  # the numbers of the trials, from 1
            text.remove()
        ax.texts[-1].set_text(say("best"))
        ax.collections[1].set_rasterized(len(facts.history.finished) > MOST_VECTOR_DOTS)

    return Drawing(draw, say("The expected value over {x} and {y}.", x=shown(x), y=shown(y)), (5.4, 3.4))


def curves(facts: Facts, say: Say = str.format) -> Drawing | None:
    """Return a figure of each trial's value after each unit of its budget, or None without such values."""
    from hpt_lab.plots.style import BLACK, GOLD, PURPLE

    trials = [trial for trial in facts.history.ranked if len(trial.curve) > 1]
    if not trials:
        return None
    kept = [trials[i] for i in thinned(np.arange(len(trials), dtype=float), MOST_CURVES)]

    def draw(ax: Any) -> None:
        for place, trial in reversed(list(enumerate(kept))):
            strength = 0.15 + 0.6 * (1 - place / len(kept)) ** 2
            shade = BLACK if trial.expected is None else PURPLE
            style: dict[str, Any] = {"color": shade, "linewidth": 1.0, "alpha": strength}
            if trial == facts.history.incumbent:
                style = {"color": GOLD, "linewidth": 2.8}
            marker = "." if len(trial.curve) < 4 else ""
            ax.plot(range(1, len(trial.curve) + 1), trial.curve, marker=marker, **style)
        spent = "budget spent" + " ({kept} of {n} trials)" * (len(kept) < len(trials))
        ax.set_xlabel(say(spent, kept=len(kept), n=len(trials)))
        ax.set_ylabel(say("value"))

    alt = say("The value after each unit of budget, for {n} trials, with the best in front.", n=len(kept))
    return Drawing(draw, alt, (5.4, 3.2))


def _rename_last(ax: Any, axis: str, say: Say) -> None:
    """Translate the last tick of an axis, which is our own word; the others are names."""
    ticks = getattr(ax, f"get_{axis}ticks")()
    texts = [tick.get_text() for tick in getattr(ax, f"get_{axis}ticklabels")()]
    getattr(ax, f"set_{axis}ticks")(ticks, [*texts[:-1], say(texts[-1])], parse_math=False)


def _rasterize(ax: Any, n: int) -> None:
    """Turn many dots into one picture, so that the page still opens."""
    for dots in ax.collections:
        dots.set_rasterized(n > MOST_VECTOR_DOTS)
