"""Every figure of the book: functions that draw on the Axes they are given (or on new ones), and return them.

The caller writes the takeaway: ``_ = plots.convergence(frame).set_title("The grid ends where it began")``. A strategy has
one colour in all figures, out of the palette of Okabe & Ito (2008), which colour-blind readers tell apart; where two
strategies are relatives, they share the colour and differ in the line's dashes. Lines carry their name at their end. The
background is opaque white, so that a figure is readable on a dark page and in print.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize, to_rgb
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullLocator

from hpt_lab.problems import Problem
from hpt_lab.space import Categorical, Float, Int, Space
from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.features import features, settle

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLORS",
    "DASHES",
    "STYLE",
    "acquisition",
    "color",
    "convergence",
    "coverage",
    "densities",
    "heatmap",
    "incumbent_path",
    "label_lines",
    "parallel_coordinates",
    "partial_dependence",
    "surrogate",
    "use_style",
]

BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
GREY = "#767676"
COLORS: dict[str, str] = {
    "manual": BLACK,
    "grid": ORANGE,
    "random": SKY,
    "quasi-random": GREEN,
    "bayesian": BLUE,
    "GP": BLUE,
    "forest": BLUE,
    "TPE": VERMILION,
    "BOHB": VERMILION,
    "genetic": GREEN,
    "hyperband": PURPLE,
    "halving": PURPLE,
    "ASHA": PURPLE,
}
DASHES: dict[str, Any] = {"quasi-random": (0, (5, 2)), "forest": (0, (5, 2)), "BOHB": (0, (5, 2))}
DASHES |= {"halving": (0, (1, 1.5)), "ASHA": (0, (5, 2))}

STYLE: Any = {  # rcParams
    "figure.figsize": (7.0, 4.0),
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "savefig.dpi": 120,
    "axes.facecolor": "white",
    "axes.edgecolor": "#444444",
    "axes.labelcolor": "#222222",
    "axes.prop_cycle": cycler(color=[BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titlepad": 10,
    "axes.labelsize": 10.5,
    "font.size": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "image.cmap": "viridis",
}
LINE_LABEL = "line label"  # the gid of those texts
OUTLINE = [patheffects.withStroke(linewidth=2.5, foreground="white")]
BANDS = {"s.d.": "mean ± 1 s.d.", "s.e.": "mean ± 1 s.e.", "quartiles": "median and quartiles"}


def use_style() -> None:
    """Give all figures from here on the style of the book. A notebook calls it once, after its imports."""
    plt.rcParams.update(STYLE)


def color(name: str) -> str:
    """The colour of a strategy, as ``#rrggbb``: by its name ("random", "Random search", "RandomSearch()"), else grey."""
    known = _known(name)
    return GREY if known is None else COLORS[known]


def _known(name: str) -> str | None:
    """The name in COLORS that `name` contains; the longest where there are several."""
    found = [key for key in COLORS if _letters(key) in _letters(name)]
    return max(found, key=len, default=None)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _axes(ax: Axes | None, figsize: tuple[float, float] = (7.0, 4.0)) -> Axes:
    if ax is not None:
        return ax
    with plt.rc_context(STYLE):
        ax = plt.subplots(figsize=figsize)[1]
        interactive = plt.isinteractive()
    mpl.interactive(interactive)  # the first figure of a notebook switches it on, which rc_context would undo
    return ax


def convergence(
    frame: pd.DataFrame, metric: str = "incumbent", band: str | None = "s.d.", ax: Axes | None = None
) -> Axes:
    """Draw how good the best of the first n trials is, for every strategy: a line over the seeds, and a band.

    Parameters
    ----------
    frame : DataFrame
        What `compare` returns.
    metric : str
        A column of it: "incumbent", "regret", "expected_loss".
    band : {"s.d.", "s.e.", "quartiles"} or None
        What the band shows around the mean (around the median, if quartiles). The label of the axis says so.
    ax : Axes, optional
        For a logarithmic axis, call ``ax.set_yscale("log")`` on it before.

    Raises
    ------
    ValueError
        If the metric is not a column with numbers, or the band is unknown.
    """
    if metric not in frame or frame[metric].dtype.kind not in "biuf" or not frame[metric].notna().any():
        raise ValueError(f"convergence: metric={metric!r} must be a column of the frame that holds numbers")
    if band is not None and band not in BANDS:
        raise ValueError(f"convergence: band={band!r} must be one of {', '.join(BANDS)}, or None")
    ax = _axes(ax)
    unused = [c for c in (GREEN, PURPLE, BLACK, ORANGE, VERMILION, BLUE, SKY, GREY) if c not in _colors_of(frame)]
    lines = []
    for name in frame["strategy"].unique():
        values = frame[frame["strategy"] == name].pivot(index="trial", columns="seed", values=metric)
        middle = values.median(axis=1) if band == "quartiles" else values.mean(axis=1)
        known = _known(name)
        shade = COLORS[known] if known else unused.pop(0) if unused else GREY
        if band is not None and values.shape[1] > 1:
            if band == "quartiles":
                low, high = values.quantile(0.25, axis=1), values.quantile(0.75, axis=1)
            else:
                half = values.std(axis=1) / (1.0 if band == "s.d." else math.sqrt(values.shape[1]))
                low, high = middle - half, middle + half
            ax.fill_between(middle.index, low, high, color=shade, alpha=0.16, linewidth=0)
        style = DASHES.get(known or "", "-")
        lines += ax.plot(middle.index, middle, color=shade, linestyle=style, label=name, drawstyle="steps-post")
    n_seeds, last = frame["seed"].nunique(), int(frame["trial"].max())
    shown = BANDS.get(band or "", "mean") if n_seeds > 1 else "one run"
    ax.set_ylabel(f"{metric.replace('_', ' ')}\n{shown}{f' over {n_seeds} seeds' if n_seeds > 1 else ''}")
    ax.set_xlabel("trials done")
    ax.set_xlim(1, last)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label_lines(ax, lines)
    return ax


def _colors_of(frame: pd.DataFrame) -> set[str]:
    return {color(name) for name in frame["strategy"].unique()}


def label_lines(ax: Axes, lines: Iterable[Line2D] | None = None) -> None:
    """Write each line's label at its right end, moved up or down so that labels do not overlap.

    Whoever changes the limits or the scale of the axes afterwards calls it again: it takes its former labels away.
    """
    lines = list(ax.get_lines() if lines is None else lines)
    lines = [line for line in lines if not str(line.get_label()).startswith("_") and np.size(line.get_ydata())]
    for text in list(ax.texts):
        if text.get_gid() == LINE_LABEL:
            text.remove()
    if not lines:
        return
    ends = [(np.asarray(line.get_xdata(), float)[-1], np.asarray(line.get_ydata(), float)[-1]) for line in lines]
    ax.figure.canvas.draw()  # fixes limits and sizes
    points_per_pixel = 72 / ax.figure.dpi
    heights = np.array([ax.transData.transform(end)[1] * points_per_pixel for end in ends])
    size = mpl.rcParams["font.size"]
    for line, end, height, place in zip(lines, ends, heights, _spread(heights, 1.25 * size), strict=True):
        ax.annotate(
            str(line.get_label()),
            end,
            xytext=(6, place - height),
            textcoords="offset points",
            color=_dark(line.get_color()),
            size=size,
            va="center",
            annotation_clip=False,
            gid=LINE_LABEL,
        )


def _spread(heights: np.ndarray, gap: float) -> np.ndarray:
    """The places nearest to `heights`, in their order, that are at least `gap` apart: groups that touch are merged."""
    order = np.argsort(heights, kind="stable")
    groups: list[list[float]] = []  # [sum of places, number of labels], each place lowered by gap times its rank
    for rank, i in enumerate(order):
        groups.append([heights[i] - gap * rank, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, n = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + n]
    places = np.empty(len(heights))
    bottoms = np.repeat([total / n for total, n in groups], [int(n) for _, n in groups])
    places[order] = bottoms + gap * np.arange(len(heights))
    return places


def _dark(shade: Any) -> tuple[float, float, float]:
    """A darker shade for text, which needs more contrast than a line."""
    red, green, blue = to_rgb(shade)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    factor = min(1.0, 0.36 / max(luminance, 1e-9))
    return red * factor, green * factor, blue * factor


def coverage(
    trials: Study | Iterable[Trial | Mapping[str, Any]],
    x: str,
    y: str,
    *,
    strategy: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw trials in the plane of two hyperparameters, and on each axis a tick for every value that was tried.

    Parameters
    ----------
    trials : Study, or list of Trial or of params
        Of a Study, the axes are scaled as its space says. Otherwise set the scale of `ax` before.
    x, y : str
        Names of the hyperparameters.
    strategy : str, optional
        Whose colour to use; of a Study, its own.
    """
    space = trials.space if isinstance(trials, Study) else None
    if isinstance(trials, Study) and strategy is None:
        strategy = type(trials.strategy).__name__
    points = [params for params in _params(trials) if x in params and y in params]
    if not points:
        raise ValueError(f"coverage: no trial has values of both {x} and {y}")
    ax = _axes(ax, (4.5, 4.0))
    shade = BLUE if strategy is None else color(strategy)
    places = []
    for name, axis in ((x, "x"), (y, "y")):
        values = [params[name] for params in points]
        places.append(np.array(_scale(ax, axis, None if space is None else space[name], values)))
        n = len(dict.fromkeys(values))
        getattr(ax, f"set_{axis}label")(f"{name}: {n} value{'s' if n > 1 else ''} tried")
    ax.scatter(places[0], places[1], s=42, color=shade, edgecolor="white", linewidth=0.8, zorder=3)
    ticks: Any = {"color": _dark(shade), "linewidth": 1.4, "zorder": 2}
    ax.vlines(places[0], 0, 0.05, transform=ax.get_xaxis_transform(), **ticks)
    ax.hlines(places[1], 0, 0.05, transform=ax.get_yaxis_transform(), **ticks)
    return ax


def _params(trials: Study | Iterable[Trial | Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    listed: Iterable[Any] = trials.trials if isinstance(trials, Study) else trials
    return [trial.params if isinstance(trial, Trial) else trial for trial in listed]


def _scale(ax: Axes, axis: str, dimension: Any, values: Sequence[Any]) -> list[float]:
    """Scale an axis of `ax` as the dimension says, and give the places of `values` on it."""
    if dimension is None:
        return list(values)
    if isinstance(dimension, Categorical) and not _numeric(dimension):
        getattr(ax, f"set_{axis}ticks")(range(dimension.size), [str(choice) for choice in dimension.choices])
        getattr(ax, f"set_{axis}lim")(-0.5, dimension.size - 0.5)
        return [dimension.index(value) for value in values]
    low, high, log = _bounds(dimension)
    if log:
        getattr(ax, f"set_{axis}scale")("log")
        margin = (high / low) ** 0.06
        getattr(ax, f"set_{axis}lim")(low / margin, high * margin)
        _plain_log_ticks(ax, axis, low, high)
        getattr(ax, f"{axis}axis").set_minor_locator(NullLocator())
    else:
        margin = 0.06 * (high - low)
        getattr(ax, f"set_{axis}lim")(low - margin, high + margin)
        if isinstance(dimension, Int):
            getattr(ax, f"{axis}axis").set_major_locator(MaxNLocator(integer=True))
    return list(values)


def _numeric(dimension: Categorical) -> bool:
    return dimension.size > 1 and all(
        isinstance(c, (int, float)) and not isinstance(c, bool) for c in dimension.choices
    )


def _bounds(dimension: Any) -> tuple[float, float, bool]:
    if isinstance(dimension, Categorical):
        return min(dimension.choices), max(dimension.choices), False
    return dimension.low, dimension.high, dimension.log


def _plain_log_ticks(ax: Axes, axis: str, low: float, high: float) -> None:
    """Less than two powers of ten apart, label 16, 32, 64 ... instead of 10^2 alone."""
    if high / low < 100:
        ticks = [low * 2**i for i in range(int(math.log2(high / low) + 1e-9) + 1)]
        getattr(ax, f"set_{axis}ticks")(ticks, [f"{tick:.4g}" for tick in ticks])


def heatmap(
    problem: Problem,
    x: str | None = None,
    y: str | None = None,
    *,
    trials: Study | Iterable[Trial | Mapping[str, Any]] | None = None,
    seed: int | None = None,
    budget: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the losses of a problem over two hyperparameters, its optimum as a star, and trials by number, from 1.

    Parameters
    ----------
    problem : Problem
        Tabulated, or a formula of two dimensions. Of a table with more dimensions each cell shows the best loss over
        the others.
    x, y : str, optional
        Names of the hyperparameters; the first two of the space if not given.
    trials : Study, or list of Trial or of params, optional
        Drawn as dots, numbered from 1 in their order if there are at most 60.
    seed : int or None
        Which seed of the table; None draws the mean over the seeds.
    budget : int, optional
        Which budget of the table; the largest if None.

    Raises
    ------
    ValueError
        If x or y is not a dimension, if they are the same, or if a formula has more than two.
    """
    space = problem.space
    names = list(space)
    x = next(name for name in names if name != y) if x is None else x
    y = next(name for name in names if name != x) if y is None else y
    for name in (x, y):
        if name not in names:
            raise ValueError(f"heatmap: {name!r} must be one of {names}")
    if x == y:
        raise ValueError(f"heatmap: x and y must be two hyperparameters, but both are {x!r}")
    ax = _axes(ax, (6.6, 4.2))
    xs, ys, losses, best = _surface(problem, x, y, seed, budget)
    for name, axis in ((x, "x"), (y, "y")):
        _scale(ax, axis, space[name], [])
        getattr(ax, f"set_{axis}label")(name)
    x_edges, y_edges = _edges(xs, space[x]), _edges(ys, space[y])
    norm = LogNorm() if losses.min() > 0 and losses.max() > 4 * losses.min() else Normalize()
    mesh = ax.pcolormesh(x_edges, y_edges, losses.T, norm=norm, cmap="viridis", rasterized=True)
    ax.set_xlim(x_edges[0], x_edges[-1])
    ax.set_ylim(y_edges[0], y_edges[-1])
    others = "" if len(names) == 2 else f", best over {', '.join(n for n in names if n not in (x, y))}"
    which = "" if problem.n_seeds == 1 else f"\nmean of {problem.n_seeds} seeds" if seed is None else f"\nseed {seed}"
    bar = ax.figure.colorbar(mesh, ax=ax, label=problem.loss_label + which + others)
    bar.outline.set_visible(False)
    if isinstance(norm, LogNorm):
        _few_log_ticks(bar, float(losses.min()), float(losses.max()))
    if trials is not None:
        _number_trials(ax, [(params[x], params[y]) for params in _params(trials)])
    ax.scatter(best[x], best[y], marker="*", s=210, color=VERMILION, edgecolor="white", linewidth=1, zorder=5)
    # the label goes to the side of the star that has more room
    right = ax.transAxes.inverted().transform(ax.transData.transform((best[x], best[y])))[0] < 0.75
    ax.annotate(
        "best",
        (best[x], best[y]),
        xytext=(9 if right else -9, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        color=_dark(VERMILION),
        weight="bold",
        path_effects=OUTLINE,
        zorder=6,
    )
    return ax


def _surface(
    problem: Problem, x: str, y: str, seed: int | None, budget: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Mapping[str, Any]]:
    """Values of x, values of y, losses of shape (n_x, n_y), and the params with the best loss."""
    names = list(problem.space)
    if problem.table is None:
        if len(names) > 2:
            raise ValueError(f"heatmap: {problem.name} has {len(names)} dimensions and no table; it must have two")
        xs, ys = (np.array(problem.space[name].values(101)) for name in (x, y))
        losses = np.array([[problem({x: float(a), y: float(b)}) for b in ys] for a in xs])
        return xs, ys, losses, problem.best_params
    table = problem.values(seed, budget)
    others = tuple(i for i, name in enumerate(names) if name not in (x, y))
    losses = table.min(axis=others)
    if names.index(x) > names.index(y):
        losses = losses.T
    xs, ys = (np.array(problem.space[name].values()) for name in (x, y))
    return xs, ys, losses, problem.table.argmin(seed, budget)


def _edges(values: np.ndarray, dimension: Any) -> np.ndarray:
    """Edges of the cells whose centres are `values`, halfway between neighbours on the axis's own scale."""
    log = isinstance(dimension, (Float, Int)) and dimension.log
    v = np.log(values) if log else values.astype(float)
    middle = (v[1:] + v[:-1]) / 2
    edges = np.concatenate([[2 * v[0] - middle[0]], middle, [2 * v[-1] - middle[-1]]])
    return np.exp(edges) if log else edges


def _few_log_ticks(bar: Any, low: float, high: float) -> None:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [m * 10.0**e for e in decades for m in (1, 2, 5) if low <= m * 10.0**e <= high]
    bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    bar.ax.minorticks_off()


def _number_trials(ax: Axes, points: Sequence[tuple[Any, Any]]) -> None:
    numbers: dict[tuple[Any, Any], list[int]] = {}
    for number, point in enumerate(points, start=1):
        numbers.setdefault(point, []).append(number)
    ax.scatter(
        [p[0] for p in numbers],
        [p[1] for p in numbers],
        s=22,
        color="white",
        edgecolor="black",
        linewidth=0.8,
        zorder=6,
    )
    if len(points) > 60:
        return
    for point, several in numbers.items():
        text = ", ".join(map(str, several[:3])) + (", …" if len(several) > 3 else "")
        ax.annotate(text, point, xytext=(4, 3), textcoords="offset points", size=8.5, path_effects=OUTLINE, zorder=7)


def parallel_coordinates(study: Study, ax: Axes | None = None) -> Axes:
    """Draw every finished trial as a line through its hyperparameters, one vertical axis each; the best is in front.

    A hyperparameter's axis is as long as its range, logarithmic where it is. The line breaks where a hyperparameter is
    inactive. Colour goes by the trial's rank, dark for good and pale for bad, and the best trial is vermilion. The
    last axis is the value, as told.
    """
    ranked, space = study.history.ranked, study.space
    if not ranked:
        raise ValueError("parallel_coordinates: the study has no complete trial yet")
    ax = _axes(ax, (7.0, 4.0))
    values = np.array([trial.value for trial in ranked], float)
    low, high = values.min(), values.max()
    places = np.array(
        [
            [space[name].encode(trial.params[name]) if name in trial.params else np.nan for name in space]
            for trial in ranked
        ]
    )
    last = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
    places = np.column_stack([places, last])
    n = len(ranked)
    ranks = np.arange(n) / max(1, n - 1)
    columns = np.arange(places.shape[1])
    cmap = mpl.colormaps["viridis"]
    for i in reversed(range(n)):
        best = i == 0
        ax.plot(
            columns,
            places[i],
            color=VERMILION if best else cmap(0.95 * ranks[i]),
            linewidth=2.6 if best else 1.1,
            alpha=1.0 if best else 0.75 - 0.4 * ranks[i],
            marker="o",
            markersize=5 if best else 2.5,
            zorder=2 + (n - 1 - i) / n,
        )
    for column, name in enumerate([*space, "value"]):
        ax.axvline(column, color="#444444", linewidth=0.9, zorder=1)
        ticks = _unit_ticks(space, name) if column < len(space) else [(0.0, f"{low:.3g}"), (1.0, f"{high:.3g}")]
        for place, text in ticks:
            ax.annotate(
                text,
                (column, place),
                xytext=(6, 0),
                textcoords="offset points",
                size=8.5,
                va="center",
                path_effects=OUTLINE,
                zorder=4,
            )
    ax.set_xticks(columns, [*space, "value"])
    ax.set_xlabel("one line a trial: dark is good, pale is bad, vermilion is the best", size=9.5, color="#444444")
    ax.set_xlim(-0.1, columns[-1] + 0.35)
    ax.set_ylim(-0.06, 1.06)
    ax.set_yticks([])
    ax.tick_params(axis="x", length=0)
    for side in ("left", "bottom", "top", "right"):
        ax.spines[side].set_visible(False)
    return ax


def _unit_ticks(space: Space, name: str) -> list[tuple[float, str]]:
    """(place on the unit interval, label) for the axis of a hyperparameter: bounds, powers of ten, or choices."""
    dimension: Any = space[name]
    if isinstance(dimension, Categorical):
        return [(dimension.encode(choice), str(choice)) for choice in dimension.choices]
    if dimension.size <= 8:
        return [(dimension.encode(value), f"{value:.3g}") for value in dimension.values()]
    values = [dimension.decode(0.0), dimension.decode(1.0)]
    ticks = [(dimension.encode(value), f"{value:.3g}") for value in values]
    if not dimension.log:
        middle = dimension.decode(0.5)
        return [ticks[0], (dimension.encode(middle), f"{middle:.3g}"), ticks[1]]
    first, last = (math.log(value) for value in values)
    low, high = ticks[0][0], ticks[1][0]
    for exponent in range(math.ceil(first / math.log(10)), math.floor(last / math.log(10)) + 1):
        place = low + (high - low) * (exponent * math.log(10) - first) / (last - first)
        if all(abs(place - other) > 0.07 for other, _ in ticks):
            ticks.append((place, f"{10.0**exponent:.3g}"))
    return ticks


def incumbent_path(study: Study, ax: Axes | None = None) -> Axes:
    """Draw each trial's value as a dot, and the best value so far (the incumbent's) as a stepped line.

    Failed trials are crosses on the upper edge. Trials are counted from 1.
    """
    finished = study.history.finished
    if not finished:
        raise ValueError("incumbent_path: the study has no complete trial yet")
    ax = _axes(ax)
    shade = color(type(study.strategy).__name__)
    best, path, top = None, [], -math.inf
    sign = -1.0 if study.direction == "maximize" else 1.0
    for trial in study.trials:
        if trial.value is not None:
            budget, loss = trial.budget or 0, sign * trial.value
            if budget > top or (budget == top and (best is None or loss < best)):
                top, best = budget, loss
        path.append(math.nan if best is None else sign * best)
    numbers = np.arange(1, len(path) + 1)
    values = [trial.value for trial in finished]
    ax.scatter([trial.number + 1 for trial in finished], values, s=26, color=GREY, alpha=0.7, linewidth=0, zorder=2)  # type: ignore[arg-type]
    ax.plot(numbers, path, color=shade, drawstyle="steps-post", zorder=3, label="best so far")
    failed = [trial.number + 1 for trial in study.history.failed]
    if failed:
        ax.plot(failed, np.ones(len(failed)), "x", color=BLACK, transform=ax.get_xaxis_transform(), clip_on=False)
        ax.annotate("× failed", (1, 1), xycoords="axes fraction", ha="right", va="bottom", size=9)
    ax.set_xlabel("trial")
    ax.set_ylabel("value (each trial a dot)")
    ax.set_xlim(0.5, len(path) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label_lines(ax)
    return ax


def surrogate(
    x: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    *,
    trials: tuple[Sequence[float], Sequence[float]] | None = None,
    truth: np.ndarray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what a surrogate of one dimension believes: its mean, a band of two standard deviations, and the trials.

    Parameters
    ----------
    x, mean, std : ndarray of shape (m,)
        The places, ascending, and the prediction there.
    trials : pair of sequences, optional
        The places and the losses that the surrogate has seen.
    truth : ndarray of shape (m,), optional
        The objective itself, as a dotted line.
    """
    x, mean, std = (np.asarray(values, float) for values in (x, mean, std))
    if not x.shape == mean.shape == std.shape or x.ndim != 1:
        raise ValueError(f"surrogate: x, mean and std of shapes {x.shape}, {mean.shape}, {std.shape} must be (m,)")
    ax = _axes(ax)
    ax.fill_between(x, mean - 2 * std, mean + 2 * std, color=BLUE, alpha=0.16, linewidth=0, label="mean ± 2 s.d.")
    if truth is not None:
        ax.plot(x, truth, color=BLACK, linestyle=":", linewidth=1.3, label="truth", zorder=2.5)
    ax.plot(x, mean, color=BLUE, label="mean", zorder=3)
    if trials is not None:
        ax.scatter(*trials, s=32, color=BLACK, edgecolor="white", linewidth=0.8, label="trials", zorder=4)
    ax.set_xlim(x[0], x[-1])
    return ax


def acquisition(
    x: np.ndarray, values: np.ndarray, *, name: str = "acquisition", color: str = GREEN, ax: Axes | None = None
) -> Axes:
    """Draw an acquisition function of one dimension, and a triangle where it is highest (the first such place)."""
    x, values = np.asarray(x, float), np.asarray(values, float)
    if x.ndim != 1 or x.shape != values.shape:
        raise ValueError(f"acquisition: x and values of shapes {x.shape} and {values.shape} must be (m,)")
    ax = _axes(ax, (7.0, 1.6))
    finite = values[np.isfinite(values)]
    ax.plot(x, values, color=color, linewidth=1.6, label=name)
    ax.fill_between(x, values, finite.min() if len(finite) else 0.0, color=color, alpha=0.2, linewidth=0)
    best = int(np.argmax(values))
    ax.plot(
        x[best], values[best], "v", color=_dark(color), markersize=9, markeredgecolor="white", zorder=4, clip_on=False
    )
    ax.set_xlim(x[0], x[-1])
    ax.set_ylabel(name)
    return ax


def densities(
    x: np.ndarray,
    good: np.ndarray,
    bad: np.ndarray,
    *,
    trials: tuple[Sequence[float], Sequence[float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw TPE's two densities of one dimension: l, of the good trials, and g, of the others.

    Parameters
    ----------
    x, good, bad : ndarray of shape (m,)
        The places, ascending, and the values of l and g there. Draw l / g with `acquisition`.
    trials : pair of sequences, optional
        The places of the good trials and of the others: ticks at the foot.
    """
    x, good, bad = (np.asarray(values, float) for values in (x, good, bad))
    if not x.shape == good.shape == bad.shape or x.ndim != 1:
        raise ValueError(f"densities: x, good and bad of shapes {x.shape}, {good.shape}, {bad.shape} must be (m,)")
    ax = _axes(ax, (7.0, 2.6))
    for values, shade, name in ((good, VERMILION, "l: good trials"), (bad, GREY, "g: the others")):
        ax.fill_between(x, values, 0.0, color=shade, alpha=0.14, linewidth=0)
        ax.plot(x, values, color=shade, label=name)
    for places, shade in zip(trials or (), (VERMILION, GREY), strict=False):
        ax.vlines(places, 0, 0.07, transform=ax.get_xaxis_transform(), color=_dark(shade), linewidth=1.6)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(bottom=0.0)
    ax.set_ylabel("density")
    return ax


def partial_dependence(
    model: Any, space: Space, name: str, *, n_slices: int = 32, resolution: int = 41, ax: Axes | None = None
) -> Axes:
    """Draw what a surrogate believes about one hyperparameter: thin slices, and in bold their mean.

    A slice moves `name` over its range while the others stand still, at one of `n_slices` points spread over the space.
    The mean of the slices is the partial dependence. Slices that are not parallel mean that hyperparameters interact.

    Parameters
    ----------
    model : object with `predict(X) -> (mean, std)`
        Fitted on the `features` of points of the space.
    space : Space
    name : str
        A hyperparameter that is always active.
    """
    if name not in space.dimensions or space[name].condition:
        raise ValueError(f"partial_dependence: name={name!r} must be an unconditional one of {list(space)}")
    ax = _axes(ax, (4.2, 3.4))
    column = list(space).index(name)
    others = np.random.default_rng(0).random((n_slices, len(space)))
    dimension = space[name]
    n = min(resolution, int(dimension.size)) if dimension.size != math.inf else resolution
    u = (np.arange(n) + 0.5) / n
    grid = np.repeat(others, n, axis=0)
    grid[:, column] = np.tile(u, n_slices)
    losses = np.asarray(model.predict(features(space, settle(space, grid))[0])[0]).reshape(n_slices, n)
    places = _scale(ax, "x", dimension, [dimension.decode(float(place)) for place in u])
    ax.plot(places, losses.T, color=GREY, linewidth=0.7, alpha=0.5)
    ax.plot(places, losses.mean(axis=0), color=BLUE, linewidth=2.6, label=f"mean of {n_slices} slices", zorder=3)
    ax.set_xlabel(name)
    ax.set_ylabel("predicted loss (standardised)")
    return ax
