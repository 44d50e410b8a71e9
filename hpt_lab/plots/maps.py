"""The losses of a problem as a map: all combinations of two hyperparameters, the optimum, and the path of a search.

Trials in the plane of two hyperparameters, with the values of each that were tried.

Partial dependence: the effect of one hyperparameter among several, as a surrogate predicts it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize

from hpt_lab.plots.axes import axes_or_new, label, params_of, places_of, scale, study_with_values
from hpt_lab.plots.style import BLACK, BLUE, GOLD, GREY, OUTLINE, color, darker
from hpt_lab.problems import Problem
from hpt_lab.space import Space
from hpt_lab.space.cube import sobol_points
from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.importance import comparable
from hpt_lab.surrogates.learning import features, fit_trials
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values.checks import finite, instance, integer, one_of, positive, require, short

RESOLUTION = 101  # values of each hyperparameter of a formula
COARSE = 41  # for a study, where a model predicts
LOG_OTHERS = 6  # 2^6 points of the other hyperparameters, over which a map averages the predictions
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

    For a study, draw the losses that a model of its trials expects, averaged over all other hyperparameters, with the
    trials as dots and the best of them as a star. It must have, at one budget, at
    least two more complete trials than hyperparameters.

    Parameters
    ----------
    problem : Problem, tabulated or a formula of two dimensions; or Study
        For a table with more dimensions, each cell shows the best loss over the others.
    x, y : str, optional, names of the hyperparameters; by default the first two of the space
    trials : Study, or list of Trial or of params, optional
        Trials to draw as dots, numbered in order if at most 60; for a study, by default those the model has learned from.
    seed : int or None, the seed of the table; None draws the mean over the seeds, and a study has none
    budget : int, optional
        The budget of the table; the largest if None. A study is drawn at the highest budget with enough trials.
    """
    x, y = _two_names(problem, x, y)
    if seed is not None:
        integer("heatmap: seed", seed, least=0)
    if budget is not None:
        finite("heatmap: budget", budget)
    tabulate = predicted if isinstance(problem, Study) else _known
    values, losses, best, meaning, seen = tabulate(problem, (x, y), seed, budget)
    trials = seen if trials is None else trials
    points = [] if trials is None else params_of("heatmap", trials)
    for i, point in enumerate(points):
        if x not in point or y not in point:
            raise ValueError(f"heatmap: trials[{i}]={short(dict(point))} must have values of both {x} and {y}")
    if isinstance(problem, Problem) and not np.isfinite(losses).all():
        raise ValueError(f"heatmap: a loss of {problem.name} is {losses[~np.isfinite(losses)][0]}; all must be finite")
    dimensions = {name: problem.space[name] for name in (x, y)}
    tried_of = {name: [one[name] for one in (best, *points)] for name in (x, y)}
    columns = [places_of(f"heatmap: {name}", dimensions[name], tried_of[name]) for name in (x, y)]
    star, *dots = zip(*columns, strict=True)
    ax = axes_or_new(ax, (6.6, 4.2))
    edges, orders = [], []
    for axis, (name, dimension), tried in zip("xy", dimensions.items(), values, strict=True):
        places = np.array(places_of(name, dimension, tried))
        orders.append(np.argsort(places))  # choices that are numbers may stand in any order
        edges.append(_edges(places[orders[-1]], log=getattr(dimension, "log", False)))
        scale(ax, axis, dimension)
        getattr(ax, f"set_{axis}lim")(edges[-1][0], edges[-1][-1])
        getattr(ax, f"set_{axis}label")(label(name), parse_math=False)
    _draw_losses(ax, edges, losses[np.ix_(*orders)], meaning)
    numbers: dict[Any, list[int]] = {}
    for number, dot in enumerate(dots, start=1):
        numbers.setdefault(dot, []).append(number)
    if trials is not None:
        a, b = ([dot[i] for dot in numbers] for i in (0, 1))
        ax.scatter(a, b, s=22, color="white", edgecolor="black", linewidth=0.8, zorder=6)
    for dot, several in numbers.items() if len(dots) <= MOST_NUMBERED else ():
        text = ", ".join(map(str, several[:3])) + (", …" if len(several) > 3 else "")
        ax.annotate(text, dot, xytext=(4, 3), textcoords="offset points", size=8.5, path_effects=OUTLINE, zorder=7)
    ax.scatter(star[0], star[1], marker="*", s=230, color=GOLD, edgecolor=BLACK, linewidth=0.8, zorder=5)
    right = ax.transAxes.inverted().transform(ax.transData.transform(star))[0] < 0.75  # the side that has more room
    offset, side = ((9, 0), "left") if right else ((-9, 0), "right")
    style: Any = {"color": darker(GOLD), "weight": "bold", "path_effects": OUTLINE, "zorder": 6}
    ax.annotate("best", star, offset, textcoords="offset points", ha=side, va="center", **style)
    return ax


def _two_names(problem: Any, x: Any, y: Any) -> tuple[str, str]:
    """Return the two hyperparameters to draw: the caller's, or the first ones of the space."""
    what = "a Problem, such as branin(), or a Study, such as tune returns"
    instance("heatmap: problem", problem, (Problem, Study), what)
    names = list(problem.space)
    if isinstance(problem, Study):
        trials = problem.history.finished  # in a define-by-run search, they may lack one without a condition
        names = [n for n in names if not problem.space.parents[n] and all(n in trial.params for trial in trials)]
        if len(names) < 2:
            n = f"{len(names)} hyperparameter"
            raise ValueError(f"heatmap: the study has {n} without a condition, but must have two")
    elif len(names) < 2 or (len(names) > 2 and problem.table is None):
        n = f"{len(names)} dimension{'s' if len(names) > 1 else ''}"
        raise ValueError(f"heatmap: {problem.name} has {n}; a formula must have two, a table two or more")
    elif problem.space.conditional:
        raise ValueError(f"heatmap: {problem.name} must have no hyperparameter with a condition; draw it with coverage")
    for axis, name in (("x", x), ("y", y)):
        if name is not None:
            one_of(f"heatmap: {axis}", name, names)
    x = next(name for name in names if name != y) if x is None else x
    y = next(name for name in names if name != x) if y is None else y
    if x == y:
        raise ValueError(f"heatmap: x and y must be two hyperparameters, but both are {x!r}")
    return x, y


def _known(problem: Any, names: tuple[str, str], seed: int | None, budget: int | None) -> tuple[Any, ...]:
    """Return for a problem the values of x and y, the losses, the best params, a label, and None for the trials."""
    space, table, (x, y) = problem.space, problem.table, names
    values = [space[name].values(RESOLUTION if table is None else None) for name in names]
    which = "" if problem.n_seeds == 1 else f"\nmean of {problem.n_seeds} seeds" if seed is None else f"\nseed {seed}"
    others = ", ".join(name for name in space if name not in names)
    meaning = problem.loss_label + which + (f", best over {others}" if others else "")
    if table is None:
        losses = np.array([[problem({x: a, y: b}, budget) for b in values[1]] for a in values[0]])
        return values, losses, problem.best_params, meaning, None
    axes = [list(space).index(name) for name in names]
    losses = table.values(seed, budget).min(axis=tuple(i for i in range(len(space)) if i not in axes))
    return values, losses if axes[0] < axes[1] else losses.T, table.argmin(seed, budget), meaning, None


def predicted(
    study: Any, names: tuple[str, str], seed: int | None = None, budget: int | None = None
) -> tuple[Any, ...]:
    """Return the same as `_known` for a study, with losses expected by a model of its trials, as means over 64 points of all others.

    The model sees warped losses; they are unwarped by interpolation between the trials, never beyond the best or worst.
    """
    for name, value in (("seed", seed), ("budget", budget)):
        require(value is None, f"heatmap: {name}", value, "left out for a Study, which has no table", ValueError)
    space, trials = study.space, comparable("heatmap", study_with_values("heatmap", study))
    values = [space[name].values(COARSE) for name in names]
    x, y = ([space[name].encode(value) for value in several] for name, several in zip(names, values, strict=True))
    others = sobol_points(len(space), 0, LOG_OTHERS)
    points = np.tile(others, (len(x) * len(y), 1))  # (n_x * n_y * n_others, n_dims)
    columns = [list(space).index(name) for name in names]
    points[:, columns] = np.repeat([(a, b) for a in x for b in y], len(others), axis=0)
    model, _, losses = fit_trials(study.history, trials)
    with one_blas_thread():
        bent = model.predict(features(space, space.settle(points))[0])[0]
    order = np.argsort(model.y_, kind="stable")
    n = 2 * len(others)  # a power of two: dividing first changes no mean, and the largest numbers do not overflow
    expected = 2 * np.interp(bent, model.y_[order], losses[order] / n).reshape(len(x), len(y), -1).sum(axis=2)
    best = min(trials, key=study.history.rank)
    at = "" if best.budget is None else f" at budget {best.budget:g}"
    over = "" if len(space) == 2 else ", mean over the others"
    return values, study.history.directions.signs[0] * expected, best.params, f"expected value{at}{over}", trials


def _edges(places: np.ndarray, log: bool) -> np.ndarray:
    """Return the edges of the cells with centers `places`, halfway between neighbors on the axis's own scale."""
    if len(places) == 1:
        return places[0] + np.array([-0.5, 0.5])
    v = np.log(places) if log else places
    middle = (v[1:] + v[:-1]) / 2
    edges = np.concatenate([[2 * v[0] - middle[0]], middle, [2 * v[-1] - middle[-1]]])
    return np.exp(edges) if log else edges


def _draw_losses(ax: Axes, edges: Sequence[np.ndarray], losses: np.ndarray, label: str) -> None:
    """Draw the cells and a color bar, on a log scale if the largest loss is more than four times the smallest."""
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


def coverage(study: Study, x: str, y: str, *, ax: Axes | None = None) -> Axes:
    """Draw trials in the plane of two hyperparameters, with a tick on each axis for every value that was tried.

    Parameters
    ----------
    study : Study, whose space sets the scales of the axes, and whose strategy sets the color
    x, y : str, names of the hyperparameters; trials that lack one of them (it was inactive) are left out
    """
    instance("coverage: study", study, Study, "a Study, such as tune returns")
    for axis, name in (("x", x), ("y", y)):
        instance(f"coverage: {axis}", name, str, "the name of a hyperparameter")
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


SLICE = 41  # points


def partial_dependence(model: Any, space: Space, name: str, *, n_slices: int = 32, ax: Axes | None = None) -> Axes:
    """Draw the effect of one hyperparameter as a surrogate predicts it: thin slices, and their mean in bold.

    A slice moves `name` over its range while the others stay fixed, at one of `n_slices` points spread over the space.
    The mean of the slices is the partial dependence. Slices that are not parallel show that hyperparameters interact.

    Parameters
    ----------
    model : object with `predict(X) -> (mean, std)`, fitted on the `features` of points of the space
    space : Space
    name : str, a hyperparameter that is always active
    n_slices : int, number of slices, each with 41 points, or fewer if the hyperparameter has fewer values
    """
    fits = not isinstance(model, type) and callable(getattr(model, "predict", None))
    require(fits, "partial_dependence: model", model, "a fitted model with predict(X)")
    instance("partial_dependence: space", space, Space, "a Space")
    dimension = space[one_of("partial_dependence: name", name, list(space))]
    if dimension.condition:
        parents = ", ".join(dimension.condition)
        raise ValueError(f"partial_dependence: name={name!r} must be unconditional, but depends on {parents}")
    n_slices = positive("partial_dependence: n_slices", n_slices)
    n = int(min(SLICE, dimension.size))
    u = (np.arange(n) + 0.5) / n
    grid = np.repeat(np.random.default_rng(0).random((n_slices, len(space))), n, axis=0)  # (n_slices * n, n_dims)
    grid[:, list(space).index(name)] = np.tile(u, n_slices)
    right, X = "partial_dependence: model.predict(X) must", features(space, space.settle(grid))[0]
    predicted = model.predict(X)
    if not isinstance(predicted, tuple):
        raise ValueError(f"{right} be (mean, std), not {short(predicted)}")
    mean = np.asarray(predicted[0], float)
    if mean.shape != (len(grid),):
        raise ValueError(f"{right} give means of shape {(len(grid),)}, not {mean.shape}")
    if not np.isfinite(mean).all():
        raise ValueError(f"partial_dependence: model predicts {mean[~np.isfinite(mean)][0]}; fit it on finite losses")
    losses = mean.reshape(n_slices, n)
    ax = axes_or_new(ax, (4.2, 3.4))
    scale(ax, "x", dimension)
    places = places_of(name, dimension, [dimension.decode(place) for place in u.tolist()])
    ax.plot(places, losses.T, color=GREY, linewidth=0.7, alpha=0.5)
    ax.plot(places, losses.mean(axis=0), color=BLUE, linewidth=2.6, label=f"mean of {n_slices} slices", zorder=3)
    ax.set_xlabel(label(name), parse_math=False)
    ax.set_ylabel("predicted loss (standardized)")
    return ax
