"""The figures of the book: functions that draw on the caller's Axes, or on new ones, and return them.

The caller writes the takeaway: ``_ = plots.convergence(frame).set_title("The grid ends where it began")``. Lines have
their name at their right end. A color means the same in all figures: see `style`. All raise TypeError or ValueError if an
argument is wrong.

    style        the palette and its meaning, the color of each strategy, matplotlib's settings
    curves       convergence                              of a comparison
    studies      parallel_coordinates, incumbent_path, importance, plot_front     of a study
    maps         heatmap, coverage, partial_dependence    of a problem, a study, or a model
    beliefs      surrogate, acquisition, densities        of a model of one dimension
"""

from hpt_lab.values.faces import face

__getattr__, __dir__, __all__ = face(__name__)
