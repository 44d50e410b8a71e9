"""Figures of a surrogate with one hyperparameter: its prediction, the acquisition function, and TPE's two densities."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like

from hpt_lab.plots.axes import axes_or_new
from hpt_lab.plots.style import BLACK, BLUE, DASHED, GOLD, GREEN, GREY, VERMILION, darker
from hpt_lab.values.checks import array, instance, listable, require, short

Pair = tuple[Sequence[float], Sequence[float]]


def surrogate(
    x: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    *,
    trials: Pair | None = None,
    truth: np.ndarray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the prediction of a surrogate in one dimension: its mean, a band of two standard deviations, and the trials.

    Parameters
    ----------
    x, mean, std : ndarray of shape (m,), ascending points, and the prediction there
    trials : pair of sequences, optional, the points and the losses that the surrogate has seen
    truth : ndarray of shape (m,), optional, the objective itself, as a dashed line
    """
    x, mean, std = _columns("surrogate", x=x, mean=mean, std=std)
    _check_not_negative("surrogate: std", std)
    if truth is not None:
        _, truth = _columns("surrogate", x=x, truth=truth)
    places, losses = _pair("surrogate", ((), ()) if trials is None else trials)
    if (n := len(places)) != len(losses):
        raise ValueError(f"surrogate: trials must have as many points as losses, not {n} and {len(losses)}")
    ax = axes_or_new(ax)
    ax.fill_between(x, mean - 2 * std, mean + 2 * std, color=BLUE, alpha=0.16, linewidth=0, label="mean ± 2 s.d.")
    if truth is not None:
        ax.plot(x, truth, color=BLACK, linestyle=DASHED, linewidth=1.3, label="truth", zorder=2.5)
    ax.plot(x, mean, color=BLUE, label="mean", zorder=3)
    if trials is not None:
        ax.scatter(places, losses, s=32, color=BLACK, edgecolor="white", linewidth=0.8, label="trials", zorder=4)
    ax.set_xlim(x[0], x[-1])
    return ax


def acquisition(
    x: np.ndarray, values: np.ndarray, *, name: str = "acquisition", color: str = GREEN, ax: Axes | None = None
) -> Axes:
    """Draw an acquisition function in one dimension, and a triangle at its (first) maximum: the next trial.

    `x` and `values` have shape (m,), and x ascends. A value may be minus infinity, like the logarithm of an expected
    improvement of 0; the highest must be finite.
    """
    x, values = _columns("acquisition", infinite=True, x=x, values=values)
    best = int(np.argmax(values))
    if not math.isfinite(values[best]):
        it_is = f"it is {values[best]}, at x={x[best]}"
        raise ValueError(f"acquisition: the highest of the values must be finite, but {it_is}")
    instance("acquisition: name", name, str, "a string, such as 'EI'")
    require(is_color_like(color), "acquisition: color", color, "a color of matplotlib, such as '#007A59'", ValueError)
    ax = axes_or_new(ax, (7.0, 1.6))
    ax.plot(x, values, color=color, linewidth=1.6, label=name)
    ax.fill_between(x, values, values[np.isfinite(values)].min(), color=color, alpha=0.2, linewidth=0)
    triangle: Any = {"markersize": 9, "markeredgecolor": "white", "zorder": 4, "clip_on": False}
    ax.plot(x[best], values[best], "v", color=VERMILION, **triangle)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylabel(name)
    return ax


def densities(
    x: np.ndarray, good: np.ndarray, bad: np.ndarray, *, trials: Pair | None = None, ax: Axes | None = None
) -> Axes:
    """Draw TPE's two densities in one dimension: l for the good trials, and g for the others.

    Parameters
    ----------
    x, good, bad : ndarray of shape (m,)
        Ascending points, and the values of l and g there, at least 0. Draw l / g with `acquisition`.
    trials : pair of sequences, optional, the points of the good trials and of the others, drawn as ticks at the bottom
    """
    x, good, bad = _columns("densities", x=x, good=good, bad=bad)
    _check_not_negative("densities: good", good)
    _check_not_negative("densities: bad", bad)
    feet = [] if trials is None else _pair("densities", trials)
    ax = axes_or_new(ax, (7.0, 2.6))
    for values, shade, name in ((good, GOLD, "l: good trials"), (bad, GREY, "g: the others")):
        ax.fill_between(x, values, 0.0, color=shade, alpha=0.14, linewidth=0)
        ax.plot(x, values, color=shade, label=name)
    for places, shade in zip(feet, (GOLD, GREY), strict=False):
        ax.vlines(places, 0, 0.07, transform=ax.get_xaxis_transform(), color=darker(shade), linewidth=1.6)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(bottom=0.0)
    ax.set_ylabel("density")
    return ax


def _columns(who: str, *, infinite: bool = False, **columns: Any) -> list[np.ndarray]:
    """Return the arrays, x first, as floats of one shape (m,), with x ascending, and all finite unless `infinite`."""
    arrays = {name: _numbers(f"{who}: {name}", values, infinite and name != "x") for name, values in columns.items()}
    shapes = [column.shape for column in arrays.values()]
    if len(shapes[0]) != 1 or len(set(shapes)) > 1:
        *some, last = arrays
        names = f"{', '.join(some)} and {last}"
        raise ValueError(f"{who}: {names} of shapes {', '.join(map(str, shapes))} must be (m,), all with the same m")
    ascending = len(arrays["x"]) > 1 and (np.diff(arrays["x"]) > 0).all()
    what = "at least two ascending points, such as np.linspace gives"
    require(ascending, f"{who}: x", columns["x"], what, ValueError)
    return list(arrays.values())


def _pair(who: str, trials: Any) -> list[np.ndarray]:
    """Return the two lists of numbers that `trials` must be, as float arrays of shape (n,)."""
    right = "must be a pair of lists of numbers"
    if not isinstance(trials, Sequence | np.ndarray) or not listable(trials):
        raise TypeError(f"{who}: trials={short(trials)} {right}")
    if len(trials) != 2:
        raise ValueError(f"{who}: trials={short(trials)} {right}, not {len(trials)} of them")
    pair = [_numbers(f"{who}: trials[{i}]", values) for i, values in enumerate(trials)]
    if any(values.ndim != 1 for values in pair):
        raise ValueError(f"{who}: trials={short(trials)} {right}, each of shape (n,)")
    return pair


def _numbers(name: str, values: Any, infinite: bool = False) -> np.ndarray:
    """Return `values` as an array of floats without NaN, and without infinity unless that is allowed."""
    numbers = array(name, values)
    bad = np.isnan(numbers) if infinite else ~np.isfinite(numbers)
    if bad.any():
        right = "no NaN" if infinite else "finite numbers"
        raise ValueError(f"{name} must hold {right}, but one is {numbers[bad][0]}; leave that point out")
    return numbers


def _check_not_negative(name: str, values: np.ndarray) -> None:
    if values.min() < 0.0:
        raise ValueError(f"{name} must be at least 0 everywhere, but falls to {values.min():g}")
