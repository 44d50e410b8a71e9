"""Trials in the plane of two hyperparameters, and which values of each were tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matplotlib.axes import Axes

from hpt_lab.plots.axes import axes_or_new, label, params_of, places_of, scale
from hpt_lab.plots.style import BLUE, COLORS, color, darker, strategy_named
from hpt_lab.study import Study, Trial
from hpt_lab.values.checks import short

__all__ = ["coverage"]


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
        Names of the hyperparameters. Trials that lack one of them (it was inactive) are left out.
    strategy : str, optional
        Whose colour to use; of a Study, its own.

    Raises
    ------
    TypeError
        If `trials` are none, or a name is no string.
    ValueError
        If no trial has both hyperparameters, a value is not finite, or the strategy has no colour.
    """
    for name, given in (("x", x), ("y", y)):
        if not isinstance(given, str):
            raise TypeError(f"coverage: {name}={short(given)} must be the name of a hyperparameter")
    params = params_of("coverage", trials)
    points = [point for point in params if x in point and y in point]
    if not points:
        known = list(dict.fromkeys(name for point in params for name in point))
        have = f"the {len(params)} trials have {known}" if params else "there is no trial yet"
        raise ValueError(f"coverage: no trial has values of both {x} and {y}; {have}")
    if x == y:
        raise ValueError(f"coverage: x and y must be two hyperparameters, but both are {x!r}")
    shade = _shade(trials, strategy)
    dimensions = [trials.space[name] if isinstance(trials, Study) else None for name in (x, y)]
    places = [
        places_of(f"coverage: {name}", dimension, [point[name] for point in points])
        for name, dimension in zip((x, y), dimensions, strict=True)
    ]
    ax = axes_or_new(ax, (4.5, 4.0))
    for axis, name, dimension, tried in zip("xy", (x, y), dimensions, places, strict=True):
        if dimension is not None:
            scale(ax, axis, dimension)
        n = len(set(tried))
        getattr(ax, f"set_{axis}label")(f"{label(name)}: {n} value{'s' if n > 1 else ''} tried", parse_math=False)
    ax.scatter(places[0], places[1], s=42, color=shade, edgecolor="white", linewidth=0.8, zorder=3)
    ticks: Any = {"color": darker(shade), "linewidth": 1.4, "zorder": 2}
    ax.vlines(places[0], 0, 0.05, transform=ax.get_xaxis_transform(), **ticks)
    ax.hlines(places[1], 0, 0.05, transform=ax.get_yaxis_transform(), **ticks)
    return ax


def _shade(trials: Any, strategy: Any) -> str:
    """The colour of the trials: of the strategy that is named, of the study's own, or blue."""
    if strategy is None:
        return color(type(trials.strategy).__name__) if isinstance(trials, Study) else BLUE
    if not isinstance(strategy, str):
        raise TypeError(f"coverage: strategy={short(strategy)} must be the name of one, as 'random'")
    if strategy_named(strategy) is None:
        raise ValueError(f"coverage: strategy={strategy!r} must contain one of {list(COLORS)}")
    return color(strategy)
