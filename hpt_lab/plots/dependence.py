"""Partial dependence: the effect of one hyperparameter among several, as a surrogate predicts it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from hpt_lab.plots.axes import axes_or_new, label, places_of, scale
from hpt_lab.plots.style import BLUE, GREY
from hpt_lab.space import Space
from hpt_lab.surrogates.features import features
from hpt_lab.values.checks import one_of, positive, short

RESOLUTION = 41  # points on a slice


def partial_dependence(model: Any, space: Space, name: str, *, n_slices: int = 32, ax: Axes | None = None) -> Axes:
    """Draw the effect of one hyperparameter as a surrogate predicts it: thin slices, and their mean in bold.

    A slice moves `name` over its range while the others stay fixed, at one of `n_slices` points spread over the space.
    The mean of the slices is the partial dependence. Slices that are not parallel show that hyperparameters interact.
    Raises TypeError or ValueError if an argument is of the wrong type, the space has no such hyperparameter or it has a
    condition, `n_slices` is below 1, or the model does not predict one finite mean for each row.

    Parameters
    ----------
    model : object with `predict(X) -> (mean, std)`, fitted on the `features` of points of the space
    space : Space
    name : str, a hyperparameter that is always active
    n_slices : int, number of slices, each with 41 points, or fewer if the hyperparameter has fewer values
    """
    if isinstance(model, type) or not callable(getattr(model, "predict", None)):
        raise TypeError(f"partial_dependence: model={short(model)} must be a fitted model with predict(X)")
    if not isinstance(space, Space):
        raise TypeError(f"partial_dependence: space={short(space)} must be a Space")
    dimension = space[one_of("partial_dependence: name", name, list(space))]
    if dimension.condition:
        parents = ", ".join(dimension.condition)
        raise ValueError(f"partial_dependence: name={name!r} must be unconditional, but depends on {parents}")
    n_slices = positive("partial_dependence: n_slices", n_slices)
    n = int(min(RESOLUTION, dimension.size))
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
