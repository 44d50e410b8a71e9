"""The figures of the book: functions that draw on the caller's Axes, or on new ones, and return them.

The caller writes the takeaway: ``_ = plots.convergence(frame).set_title("The grid ends where it began")``. Lines have
their name at their right end. A color means the same in all figures: see `style`. All raise TypeError or ValueError if an
argument is wrong.

    style        the palette and its meaning, the color of each strategy, matplotlib's settings
    curves       convergence                              of a comparison
    planes       coverage                                 of a study
    studies      parallel_coordinates, incumbent_path, importance     of a study
    fronts       plot_front                               of a study with several objectives
    maps         heatmap                                  of a problem, or of a study
    beliefs      surrogate, acquisition, densities        of a model of one dimension
    dependence   partial_dependence                       of a model of several
"""

from hpt_lab.plots.beliefs import acquisition, densities, surrogate
from hpt_lab.plots.curves import convergence
from hpt_lab.plots.labels import label_lines
from hpt_lab.plots.maps import coverage, heatmap, partial_dependence
from hpt_lab.plots.studies import importance, incumbent_path, parallel_coordinates, plot_front
from hpt_lab.plots.style import (
    BLACK,
    BLUE,
    COLORS,
    DASHES,
    GOLD,
    GREEN,
    GREY,
    PURPLE,
    SKY,
    STYLE,
    VERMILION,
    color,
    use_style,
)

__all__ = ["BLACK", "BLUE", "COLORS", "DASHES", "GOLD", "GREEN", "GREY", "PURPLE", "SKY", "STYLE", "VERMILION"]
__all__ += ["acquisition", "color", "convergence", "coverage", "densities", "heatmap", "importance", "incumbent_path"]
__all__ += ["label_lines", "parallel_coordinates", "partial_dependence", "plot_front", "surrogate", "use_style"]
