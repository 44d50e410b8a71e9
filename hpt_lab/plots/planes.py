"""Trials in the plane of two hyperparameters, with the values of each that were tried."""

from typing import Any

from matplotlib.axes import Axes

from hpt_lab.plots.axes import axes_or_new, label, places_of, scale
from hpt_lab.plots.style import color, darker
from hpt_lab.study import Study
from hpt_lab.values.checks import short


def coverage(study: Study, x: str, y: str, *, ax: Axes | None = None) -> Axes:
    """Draw trials in the plane of two hyperparameters, with a tick on each axis for every value that was tried.

    Raises TypeError or ValueError if `study` is not a Study, a name is not a string, no trial has both hyperparameters,
    or they are the same.

    Parameters
    ----------
    study : Study, whose space sets the scales of the axes, and whose strategy sets the color
    x, y : str, names of the hyperparameters; trials that lack one of them (it was inactive) are left out
    """
    if not isinstance(study, Study):
        raise TypeError(f"coverage: study={short(study)} must be a Study, such as tune returns")
    for axis, name in (("x", x), ("y", y)):
        if not isinstance(name, str):
            raise TypeError(f"coverage: {axis}={short(name)} must be the name of a hyperparameter")
    points = [trial.params for trial in study.trials if x in trial.params and y in trial.params]
    if not points:
        n = len(study.trials)
        have = f"the {n} trials have {list(study.space)}" if n else "there is no trial yet"
        raise ValueError(f"coverage: no trial has values of both {x} and {y}; {have}")
    if x == y:
        raise ValueError(f"coverage: x and y must be two hyperparameters, but both are {x!r}")
    ax, shade = axes_or_new(ax, (4.5, 4.0)), color(type(study.strategy).__name__)
    places = []
    for axis, name in (("x", x), ("y", y)):
        dimension = study.space[name]
        places.append(places_of(name, dimension, [point[name] for point in points]))
        scale(ax, axis, dimension)
        n = len(set(places[-1]))
        getattr(ax, f"set_{axis}label")(f"{label(name)}: {n} value{'s' if n > 1 else ''} tried", parse_math=False)
    ax.scatter(places[0], places[1], s=42, color=shade, edgecolor="white", linewidth=0.8, zorder=3)
    ticks: Any = {"color": darker(shade), "linewidth": 1.4, "zorder": 2}
    ax.vlines(places[0], 0, 0.05, transform=ax.get_xaxis_transform(), **ticks)
    ax.hlines(places[1], 0, 0.05, transform=ax.get_yaxis_transform(), **ticks)
    return ax
