"""The losses of a problem as a map: every combination of two hyperparameters, the optimum, and the way of a search."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize

from hpt_lab.plots.axes import axes_or_new, label, params_of, places_of, scale
from hpt_lab.plots.predictions import expected_values
from hpt_lab.plots.style import OUTLINE, VERMILION, darker
from hpt_lab.problems import Problem
from hpt_lab.study import Study, Trial
from hpt_lab.values.checks import finite, integer, one_of, short

__all__ = ["heatmap"]

RESOLUTION = 101  # values of each hyperparameter of a formula
MOST_NUMBERED = 60  # more numbers than these cover the map


def heatmap(
    problem: Problem | Study,
    x: str | None = None,
    y: str | None = None,
    *,
    trials: Study | Iterable[Trial | Mapping[str, Any]] | None = None,
    seed: int | None = None,
    budget: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the losses of a problem over two hyperparameters, its optimum as a star, and trials by number, from 1.

    Of a study, draw what a model of its trials expects, the mean over all other hyperparameters, with the trials on it
    and the best of them as a star: see `hpt_lab.plots.predictions`.

    Parameters
    ----------
    problem : Problem or Study
        A problem is tabulated, or a formula of two dimensions. Of a table with more dimensions each cell shows the best
        loss over the others.
    x, y : str, optional
        Names of the hyperparameters; the first two of the space if not given.
    trials : Study, or list of Trial or of params, optional
        Drawn as dots, numbered from 1 in their order if there are at most 60. Of a study, by default those that the model
        has learned from.
    seed : int or None
        Which seed of the table; None draws the mean over the seeds. A study has none.
    budget : int, optional
        Which budget of the table; the largest if None. A study is drawn at the highest that has enough trials.

    Raises
    ------
    TypeError
        If `problem` is neither a Problem nor a Study, or another argument is of a wrong type.
    ValueError
        If x or y is not a dimension, if they are the same, if a formula has another number of dimensions than two, if
        the seed or the budget is not in the table, or if a trial lacks x or y. If a study has fewer complete trials at
        one budget than two more than hyperparameters, or x or y has a condition.
    """
    x, y = _two_names(problem, x, y)
    if seed is not None:
        integer("heatmap: seed", seed, least=0)
    if budget is not None:
        finite("heatmap: budget", budget)
    centres, losses, best, meaning, seen = _surface(problem, (x, y), seed, budget)
    trials = seen if trials is None else trials
    points = [] if trials is None else params_of("heatmap", trials)
    for i, point in enumerate(points):
        if x not in point or y not in point:
            raise ValueError(f"heatmap: trials[{i}]={short(dict(point))} must have values of both {x} and {y}")
    if isinstance(problem, Problem) and not np.isfinite(losses).all():
        raise ValueError(f"heatmap: a loss of {problem.name} is {losses[~np.isfinite(losses)][0]}; all must be finite")
    star, *dots = zip(
        *(places_of(f"heatmap: {name}", problem.space[name], [p[name] for p in (best, *points)]) for name in (x, y)),
        strict=True,
    )
    ax = axes_or_new(ax, (6.6, 4.2))
    edges = []
    for axis, name, middles in zip("xy", (x, y), centres, strict=True):
        scale(ax, axis, problem.space[name])
        edges.append(_edges(middles, log=getattr(problem.space[name], "log", False)))
        getattr(ax, f"set_{axis}lim")(edges[-1][0], edges[-1][-1])
        getattr(ax, f"set_{axis}label")(label(name), parse_math=False)
    _draw_losses(ax, edges, losses, meaning)
    if trials is not None:
        _number_trials(ax, dots)
    _mark_best(ax, *star)
    return ax


def _two_names(problem: Any, x: Any, y: Any) -> tuple[str, str]:
    """The two hyperparameters to draw: those given, or the first ones of the space."""
    if not isinstance(problem, (Problem, Study)):
        raise TypeError(
            f"heatmap: problem={short(problem)} must be a Problem, as branin(), or a Study, as tune returns it"
        )
    names = list(problem.space)
    if isinstance(problem, Study):
        names = [name for name in names if not problem.space.parents[name]]
        if len(names) < 2:
            raise ValueError(
                f"heatmap: the study has {len(names)} hyperparameter without a condition, and must have two"
            )
    elif len(names) < 2 or (len(names) > 2 and problem.table is None):
        n = f"{len(names)} dimension{'s' if len(names) > 1 else ''}"
        raise ValueError(f"heatmap: {problem.name} has {n}; a formula must have two, a table two or more")
    elif problem.space.conditional:
        raise ValueError(f"heatmap: {problem.name} must have no hyperparameter with a condition; draw it with coverage")
    for name, given in (("x", x), ("y", y)):
        if given is not None:
            one_of(f"heatmap: {name}", given, names)
    x = next(name for name in names if name != y) if x is None else x
    y = next(name for name in names if name != x) if y is None else y
    if x == y:
        raise ValueError(f"heatmap: x and y must be two hyperparameters, but both are {x!r}")
    return x, y


def _surface(
    problem: Problem | Study, names: tuple[str, str], seed: int | None, budget: int | None
) -> tuple[list[np.ndarray], np.ndarray, Mapping[str, Any], str, list[Trial] | None]:
    """Places of the values of x and of y, ascending, the losses of shape (n_x, n_y), the params of the best, a label, and
    the trials behind a prediction."""
    if isinstance(problem, Study):
        values, losses, best, meaning, trials = _predicted(problem, names, seed, budget)
    else:
        values, losses, best, meaning, trials = _known(problem, names, seed, budget)
    space = problem.space
    centres = [np.array(places_of(name, space[name], several)) for name, several in zip(names, values, strict=True)]
    order = [np.argsort(places) for places in centres]  # choices that are numbers may stand in any order
    centres = [places[ranks] for places, ranks in zip(centres, order, strict=True)]
    return centres, losses[np.ix_(*order)], best, meaning, trials


def _known(problem: Problem, names: tuple[str, str], seed: int | None, budget: int | None) -> tuple[Any, ...]:
    """Of a problem: the values of x and of y, its losses, the params of the best, a label, and no trials."""
    space, table, (x, y) = problem.space, problem.table, names
    values = [space[name].values(RESOLUTION if table is None else None) for name in names]
    meaning = _label(problem, x, y, seed)
    if table is None:
        losses = np.array([[problem({x: a, y: b}, budget) for b in values[1]] for a in values[0]])
        return values, losses, problem.best_params, meaning, None
    axes = [list(space).index(name) for name in names]
    losses = table.values(seed, budget).min(axis=tuple(i for i in range(len(space)) if i not in axes))
    return values, losses if axes[0] < axes[1] else losses.T, table.argmin(seed, budget), meaning, None


def _predicted(study: Study, names: tuple[str, str], seed: int | None, budget: int | None) -> tuple[Any, ...]:
    """The same of a study, as a model of its trials expects."""
    for name, given in (("seed", seed), ("budget", budget)):
        if given is not None:
            raise ValueError(f"heatmap: {name}={given} must be left out for a Study, which has no table")
    values, expected, trials = expected_values(study, *names)
    best = min(trials, key=study.history.rank)
    at = "" if best.budget is None else f" at budget {best.budget:g}"
    over = "" if len(study.space) == 2 else ", mean over the others"
    return values, expected, best.params, f"expected value{at}{over}", trials


def _edges(places: np.ndarray, log: bool) -> np.ndarray:
    """Edges of the cells whose centres are `places`, halfway between neighbours on the axis's own scale."""
    if len(places) == 1:
        return places[0] + np.array([-0.5, 0.5])
    v = np.log(places) if log else places
    middle = (v[1:] + v[:-1]) / 2
    edges = np.concatenate([[2 * v[0] - middle[0]], middle, [2 * v[-1] - middle[-1]]])
    return np.exp(edges) if log else edges


def _label(problem: Problem, x: str, y: str, seed: int | None) -> str:
    """What the colours show: the loss, of which seed, and what was done to the other hyperparameters."""
    which = "" if problem.n_seeds == 1 else f"\nmean of {problem.n_seeds} seeds" if seed is None else f"\nseed {seed}"
    others = ", ".join(name for name in problem.space if name not in (x, y))
    return problem.loss_label + which + (f", best over {others}" if others else "")


def _draw_losses(ax: Axes, edges: Sequence[np.ndarray], losses: np.ndarray, label: str) -> None:
    """The cells, and a bar of their colours: logarithmic where the largest loss is over four times the smallest."""
    low, high = float(losses.min()), float(losses.max())
    log = low > 0 and high > 4 * low
    mesh = ax.pcolormesh(*edges, losses.T, norm=LogNorm() if log else Normalize(), cmap="viridis", rasterized=True)
    bar = ax.figure.colorbar(mesh, ax=ax)
    bar.set_label(label, parse_math=False)
    bar.outline.set_visible(False)
    if log:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [m * 10.0**e for e in decades for m in (1, 2, 5) if low <= m * 10.0**e <= high]
        bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        bar.ax.minorticks_off()


def _number_trials(ax: Axes, points: Sequence[tuple[Any, Any]]) -> None:
    """A dot for each point, with the numbers of the trials there; no numbers where there are too many."""
    numbers: dict[tuple[Any, Any], list[int]] = {}
    for number, point in enumerate(points, start=1):
        numbers.setdefault(point, []).append(number)
    x, y = ([point[i] for point in numbers] for i in (0, 1))
    ax.scatter(x, y, s=22, color="white", edgecolor="black", linewidth=0.8, zorder=6)
    if len(points) > MOST_NUMBERED:
        return
    for point, several in numbers.items():
        text = ", ".join(map(str, several[:3])) + (", …" if len(several) > 3 else "")
        ax.annotate(text, point, xytext=(4, 3), textcoords="offset points", size=8.5, path_effects=OUTLINE, zorder=7)


def _mark_best(ax: Axes, x: float, y: float) -> None:
    """A star at the optimum, and its name on the side that has more room."""
    ax.scatter(x, y, marker="*", s=210, color=VERMILION, edgecolor="white", linewidth=1, zorder=5)
    right = ax.transAxes.inverted().transform(ax.transData.transform((x, y)))[0] < 0.75
    ax.annotate(
        "best",
        (x, y),
        xytext=(9 if right else -9, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        color=darker(VERMILION),
        weight="bold",
        path_effects=OUTLINE,
        zorder=6,
    )
