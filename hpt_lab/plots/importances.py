"""Which hyperparameters matter, as bars with their errors."""

from __future__ import annotations

from matplotlib.axes import Axes

from hpt_lab import analysis
from hpt_lab.plots.axes import axes_or_new, label
from hpt_lab.plots.style import BLUE, GREY
from hpt_lab.study import Study

__all__ = ["importance"]


def importance(study: Study | analysis.Importance, ax: Axes | None = None) -> Axes:
    """Draw the share of the variance of the losses that each hyperparameter explains by its own, the largest on top.

    The last bar is the rest, which only several of them together explain. A whisker is as long as the error on either
    side: one standard deviation.

    Parameters
    ----------
    study : Study, or what `hpt_lab.importance` returned of one

    Raises
    ------
    TypeError, ValueError
        As `hpt_lab.importance`: if it is neither, has too few complete trials, or only one value.
    """
    found = study if isinstance(study, analysis.Importance) else analysis.importance(study)
    names = [*found.shares, "together"]
    shares, errors = [*found.shares.values(), found.rest], [*found.errors.values(), found.rest_error]
    ax = axes_or_new(ax, (6.4, 0.9 + 0.36 * len(names)))
    places = range(len(names))
    ax.barh(places, shares, color=[BLUE] * (len(names) - 1) + [GREY], height=0.62)
    ax.errorbar(shares, places, xerr=errors, fmt="none", ecolor="#222222", elinewidth=1.4, capsize=3.5)
    ax.set_yticks(places, list(map(label, names)), parse_math=False)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the variance (whisker: ± 1 s.d.)")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax
