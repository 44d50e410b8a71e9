"""A comparison as curves: how good the best of the first n trials is, over many seeds."""

from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hpt_lab.plots.axes import axes_or_new
from hpt_lab.plots.labels import label_lines
from hpt_lab.plots.style import COLORS, DASHED, DASHES, SPARE, strategy_named
from hpt_lab.values.checks import instance, one_of

if TYPE_CHECKING:
    import pandas as pd

BANDS = {"s.d.": "mean ± 1 s.d.", "s.e.": "mean ± 1 s.e.", "quartiles": "median and quartiles"}


def convergence(
    frame: "pd.DataFrame", metric: str = "incumbent", band: str | None = "s.d.", ax: Axes | None = None
) -> Axes:
    """Draw how good the best of the first n trials is: for every strategy a line, over the seeds, with a band.

    Parameters
    ----------
    frame : DataFrame, what `compare` returns
    metric : str, a column of the frame: "incumbent", "regret", "expected_loss"
    band : {"s.d.", "s.e.", "quartiles"} or None
        What the band shows around the mean (around the median, for quartiles), as the label of the axis says. The standard
        error is over the training runs: seeds that saw the same one (column `training`) are averaged first.
    ax : Axes, optional; for a logarithmic axis, call ``ax.set_yscale("log")`` first
    """
    _check_frame(frame, metric)
    if band is not None:
        one_of("convergence: band", band, BANDS)
    ax = axes_or_new(ax)
    names = frame["strategy"].unique()
    known = {name: strategy_named(name) for name in names}
    taken = {COLORS[key] for key in known.values() if key}
    free = [(shade, "-") for shade in SPARE if shade not in taken]
    spare = chain(free, ((shade, DASHED) for shades in repeat(SPARE) for shade in shades))
    lines = []
    part = "training" if band == "s.e." and "training" in frame else "seed"
    for name in names:
        own = frame[frame["strategy"] == name]
        values = own.groupby(["trial", part])[metric].mean().unstack()
        key = known[name]
        shade, style = (COLORS[key], DASHES.get(key, "-")) if key else next(spare)
        middle, half = values.mean(axis=1), values.std(axis=1) / (values.shape[1] ** 0.5 if band == "s.e." else 1)
        low, high = middle - half, middle + half
        if band == "quartiles":
            low, middle, high = (values.quantile(q, axis=1) for q in (0.25, 0.5, 0.75))
        if band is not None and values.shape[1] > 1:
            ax.fill_between(middle.index, low, high, color=shade, alpha=0.16, linewidth=0)
        lines += ax.plot(middle.index, middle, color=shade, linestyle=style, label=name, drawstyle="steps-post")
    n_seeds, n_parts = frame["seed"].nunique(), frame[part].nunique()
    over = f"{n_seeds} seeds" if n_parts == n_seeds else f"{n_parts} training runs"
    shown = f"{BANDS.get(band or '', 'mean')} over {over}" if n_seeds > 1 else "one run"
    ax.set_ylabel(f"{metric.replace('_', ' ')}\n{shown}")
    ax.set_xlabel("trials done")
    ax.set_xlim(1, int(frame["trial"].max()))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label_lines(ax, lines)
    return ax


def _check_frame(frame: Any, metric: Any) -> None:
    """Raise TypeError or ValueError unless `frame` is like those of `compare`, with numbers in the column `metric`."""
    import pandas as pd

    instance("convergence: frame", frame, pd.DataFrame, "the DataFrame that compare returns")
    for name in ("strategy", "seed", "trial"):
        if name not in frame or frame[name].isna().any():
            raise ValueError(f"convergence: frame must have a column {name!r} without gaps, as compare returns it")
    if frame.empty:
        raise ValueError("convergence: frame has no rows; it must hold the searches that compare ran")
    instance("convergence: metric", metric, str, "the name of a column, such as 'regret'")
    strategies = frame["strategy"].unique()
    if frame["trial"].dtype.kind not in "iuf" or not all(isinstance(name, str) for name in strategies):
        right = "must have names in 'strategy' and numbers in 'trial', as compare returns it"
        raise TypeError(f"convergence: frame {right}")
    which = f"convergence: metric={metric!r}"
    if metric not in frame or frame[metric].dtype.kind not in "biuf" or not frame[metric].notna().any():
        raise ValueError(f"{which} must be a column of the frame that holds numbers")
    if np.isinf(frame[metric].to_numpy(float)).any():
        raise ValueError(f"{which} must hold finite numbers, or NaN where there is none")
    for name in strategies:
        if frame[metric][frame["strategy"] == name].isna().all():
            raise ValueError(f"{which} has no number for {name!r}; leave that strategy out")
    twice = frame["strategy"][frame.duplicated(["strategy", "seed", "trial"])]
    if len(twice):
        name = twice.iloc[0]
        raise ValueError(f"convergence: frame holds a trial of {name!r} twice; each seed must have each trial once")
