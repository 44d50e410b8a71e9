import numpy as np
import pytest

from hpt_lab import plots


def test_surrogate_draws_mean_band_trials_and_truth():
    x = np.linspace(0, 1, 11)
    ax = plots.surrogate(x, x**2, 0.1 + x, trials=([0.2, 0.4], [1.0, 2.0]), truth=-x)
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_allclose(lines["mean"], x**2)
    np.testing.assert_allclose(lines["truth"], -x)
    believed, real = ({line.get_label(): line for line in ax.get_lines()}[name] for name in ("mean", "truth"))
    assert (believed.get_color(), believed.get_linestyle()) == (plots.BLUE, "-")
    assert (real.get_color(), real.get_linestyle()) == (plots.BLACK, "--")
    band, dots = ax.collections
    edges = band.get_paths()[0].get_extents()
    assert (round(edges.ymin, 9), round(edges.ymax, 9)) == (round(float((x**2 - 0.2 - 2 * x).min()), 9), 3.2)
    np.testing.assert_allclose(dots.get_offsets(), [[0.2, 1.0], [0.4, 2.0]])


def test_acquisition_marks_its_highest_place():
    x = np.linspace(0, 1, 11)
    ax = plots.acquisition(x, -((x - 0.3) ** 2), name="EI")
    marker = ax.get_lines()[-1]
    assert marker.get_xdata()[0] == pytest.approx(0.3)
    assert [line.get_color() for line in ax.get_lines()] == [plots.GREEN, plots.VERMILION]  # gain, and the next trial
    assert ax.get_ylabel() == "EI"


def test_densities_draws_both_and_a_tick_for_each_trial():
    x = np.linspace(0, 1, 11)
    ax = plots.densities(x, 2 * x, 1 - x, trials=([0.8, 0.9], [0.1, 0.2, 0.3]))
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_allclose(lines["l: good trials"], 2 * x)
    np.testing.assert_allclose(lines["g: the others"], 1 - x)
    assert [line.get_color() for line in ax.get_lines()] == [plots.GOLD, plots.GREY]
    ticks = [[path[0, 0] for path in c.get_segments()] for c in ax.collections if hasattr(c, "get_segments")]
    assert ticks == [[0.8, 0.9], [0.1, 0.2, 0.3]]


def test_acquisition_takes_the_first_of_the_highest_and_minus_infinity_elsewhere():
    with np.errstate(divide="ignore"):
        ax = plots.acquisition([0, 1, 2, 3], np.log([0.0, 2.0, 1.0, 2.0]))
    assert ax.get_lines()[-1].get_xdata()[0] == 1
    fill = ax.collections[0].get_paths()[0].get_extents()
    assert (fill.ymin, fill.ymax) == pytest.approx((0, np.log(2)))
