import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import plots, problems
from hpt_lab.plots.axes import axes_or_new, places_of, scale


def test_every_function_draws_on_the_axes_it_is_given(frame, mixed):
    draws = [
        lambda ax: plots.convergence(frame, ax=ax),
        lambda ax: plots.coverage(mixed, "rate", "units", ax=ax),
        lambda ax: plots.heatmap(problems.branin(), ax=ax),
        lambda ax: plots.parallel_coordinates(mixed, ax=ax),
        lambda ax: plots.incumbent_path(mixed, ax=ax),
    ]
    for draw in draws:
        ax = plt.figure().add_subplot()
        assert draw(ax) is ax


def test_a_first_figure_leaves_matplotlib_interactive_as_it_made_it(monkeypatch):
    """A notebook's first figure switches this on; without it, none of the later figures would be shown."""
    subplots = plt.subplots

    def first(*args, **kwargs):
        mpl.interactive(True)
        return subplots(*args, **kwargs)

    monkeypatch.setattr(plt, "subplots", first)
    mpl.interactive(False)
    try:
        axes_or_new(None)
        assert plt.isinteractive()
    finally:
        mpl.interactive(False)
        plt.close("all")


@pytest.fixture
def ax():
    return plt.figure().add_subplot()


def test_an_axis_is_as_wide_as_the_range_and_a_little_more(ax):
    scale(ax, "x", hpt.Float(-1, 1))
    scale(ax, "y", hpt.Float(1e-2, 1e2, log=True))
    np.testing.assert_allclose(ax.get_xlim(), [-1.12, 1.12])
    np.testing.assert_allclose(np.log10(ax.get_ylim()), [-2.24, 2.24])
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")


def test_an_axis_of_integers_has_no_halves(ax):
    scale(ax, "x", hpt.Int(1, 3))
    np.testing.assert_array_equal(ax.get_xticks() % 1, 0)


def test_a_short_logarithmic_axis_counts_in_twos(ax):
    scale(ax, "x", hpt.Int(16, 256, log=True))
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["16", "32", "64", "128", "256"]
    scale(ax, "y", hpt.Float(1, 1000, log=True))
    assert "2" not in [tick.get_text() for tick in ax.get_yticklabels()]


@pytest.mark.parametrize(
    ("choices", "places"),
    [
        (["rbf", "poly"], [0, 1]),
        ([8, 32, 16], [8, 32, 16]),  # numbers stand where they are
        ([5, float("inf")], [0, 1]),  # infinity has no place on an axis of numbers
        ([True, False], [0, 1]),
        ([None, 1], [0, 1]),
        ([7], [0]),  # one value has no range
    ],
)
def test_choices_stand_by_number_where_all_are_numbers_and_by_index_elsewhere(ax, choices, places):
    dimension = hpt.Categorical(choices)
    assert places_of("units", dimension, choices) == places
    scale(ax, "x", dimension)
    low, high = ax.get_xlim()
    assert low < min(places) <= max(places) < high
    named = [tick.get_text() for tick in ax.get_xticklabels()] == [str(choice) for choice in choices]
    assert named == (places == list(range(len(choices))))
