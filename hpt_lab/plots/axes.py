"""The Axes of a figure: scaled like a hyperparameter, with the trials placed on it.

A hyperparameter whose values are numbers gets an axis of numbers, on its own scale, linear or log. One with unordered
choices gets an axis of names, with choice number 0 at 0, the next at 1, and so on.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullLocator

from hpt_lab.plots.style import STYLE
from hpt_lab.space import Categorical, Int
from hpt_lab.study import Study, Trial
from hpt_lab.values.checks import finite, instance, items, plain, require
from hpt_lab.values.display import shown

LONGEST = 40  # characters of a name in a figure


def label(name: Any) -> str:
    """Return a name or a choice on one line, short enough for a figure. Draw it with `parse_math=False`."""
    return shown(str(name), LONGEST)


def check_axes(ax: Any) -> Axes:
    """Return `ax` if it is one Axes with straight axes. Raises TypeError (for a Figure, say) or ValueError (for polar)."""
    instance("ax", ax, Axes, "a single matplotlib Axes, such as the second value of plt.subplots()")
    what = f"Axes with straight axes, not {ax.name} ones; take plt.subplots()[1]"
    require(ax.name == "rectilinear", "ax", ax, what, ValueError)
    return ax


def axes_or_new(ax: Axes | None, figsize: tuple[float, float] = (7.0, 4.0)) -> Axes:
    """Return the caller's axes, checked, or for None new ones in the book's style, of `figsize` inches."""
    if ax is not None:
        return check_axes(ax)
    with plt.rc_context(STYLE):
        ax = plt.subplots(figsize=figsize)[1]
        interactive = plt.isinteractive()
    mpl.interactive(interactive)  # a notebook's first figure switches it on, and rc_context would undo that
    return ax


def study_with_values(who: str, study: Any) -> Study:
    """Return `study` if it has one objective and a complete trial. Raises TypeError or ValueError otherwise."""
    instance(f"{who}: study", study, Study, "a Study, such as tune returns")
    if not study.history.finished:
        n = len(study.trials)
        raise ValueError(f"{who}: the study must have a complete trial, among its {n}; complete one with tune or tell")
    if (directions := study.history.directions).several:
        raise ValueError(f"{who}: the study has {len(directions)} objectives; draw it with plot_front")
    return study


def params_of(who: str, trials: Study | Iterable[Trial | Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the params of each trial. Raises TypeError if `trials` is neither a Study nor a list of trials or params."""
    given = trials.trials if isinstance(trials, Study) else trials
    listed = items(f"{who}: trials", given, "a Study, or a list of trials or of params")
    for i, trial in enumerate(listed):
        instance(f"{who}: trials[{i}]", trial, (Trial, Mapping), "a Trial or its params, such as {'C': 1.0}")
    return [trial.params if isinstance(trial, Trial) else trial for trial in listed]


def places_of(name: str, dimension: Any, values: Sequence[Any]) -> list[Any]:
    """Return the positions of `values` on the axis of their dimension: numbers as they are, choices at their index.

    Raises TypeError or ValueError, beginning with `name`, if a value is NaN, infinite, or not one of the choices.
    """
    if _has_names(dimension):
        return [dimension.index(value) for value in values]
    return [value if type(value) is float and math.isfinite(value) else finite(name, value) for value in values]


def scale(ax: Axes, axis: str, dimension: Any) -> None:
    """Set the range, the scale and the ticks of the axis "x" or "y" of `ax` to those of the dimension."""
    set_lim, set_ticks = getattr(ax, f"set_{axis}lim"), getattr(ax, f"set_{axis}ticks")
    if _has_names(dimension):
        choices = dimension.values()
        set_ticks(range(len(choices)), list(map(label, choices)), parse_math=False)
        set_lim(-0.5, len(choices) - 0.5)
        return
    numbers = dimension.choices if isinstance(dimension, Categorical) else (dimension.low, dimension.high)
    low, high = min(numbers), max(numbers)
    if getattr(dimension, "log", False):
        getattr(ax, f"set_{axis}scale")("log")
        margin = (high / low) ** 0.06
        set_lim(low / margin, high * margin)
        if high / low < 100:  # label 16, 32, 64 ... instead of 10^2 alone
            ticks = [low * 2**i for i in range(int(math.log2(high / low) + 1e-9) + 1)]
            set_ticks(ticks, [f"{tick:.4g}" for tick in ticks])
        getattr(ax, f"{axis}axis").set_minor_locator(NullLocator())
        return
    margin = 0.06 * (high - low)
    set_lim(low - margin, high + margin)
    if isinstance(dimension, Int):
        getattr(ax, f"{axis}axis").set_major_locator(MaxNLocator(integer=True))


def _has_names(dimension: Any) -> bool:
    """Return True if the axis shows names: for a single value, which has no range, or choices that are not all numbers."""
    if dimension.size == 1 or not isinstance(dimension, Categorical):
        return dimension.size == 1
    choices = [plain(choice) for choice in dimension.choices]
    return not all(isinstance(c, Real) and not isinstance(c, bool) and math.isfinite(c) for c in choices)
