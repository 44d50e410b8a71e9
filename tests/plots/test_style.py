import matplotlib.pyplot as plt
import pytest

from hpt_lab import plots
from hpt_lab.plots.style import darker, strategy_named


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("random", "random"),
        ("Random search", "random"),
        ("QuasiRandomSearch", "quasi-random"),
        ("GridSearch(resolution=3)", "grid"),
        ("BayesianOptimization", "bayesian"),
        ("SuccessiveHalving", "halving"),
        ("Hyperband", "hyperband"),
        ("GeneticAlgorithm", "genetic"),
    ],
)
def test_a_strategy_has_one_colour_by_whatever_name(name, known):
    assert plots.color(name) == plots.COLORS[known]


def test_strategies_that_meet_in_a_figure_look_different():
    together = ["manual", "grid", "random", "quasi-random", "bayesian", "TPE", "genetic", "hyperband", "halving"]
    together += ["ASHA", "BOHB", "textbook BO"]
    looks = {(plots.color(name), str(plots.DASHES.get(strategy_named(name), "-"))) for name in together}
    assert len(looks) == len(together)


def test_style_is_opaque_and_applies_to_new_figures(frame):
    with plt.rc_context():
        plots.use_style()
        assert plt.figure().get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    assert plots.convergence(frame).figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def test_your_own_strategy_does_not_look_like_one_of_the_labs():
    assert plots.color("mine") == plots.VERMILION
    assert plots.VERMILION not in plots.COLORS.values()


def test_a_color_means_the_same_in_all_figures():
    assert {plots.color(name) for name in ("bayesian", "GP", "forest", "textbook BO")} == {plots.BLUE}
    assert {plots.color(name) for name in ("TPE", "BOHB")} == {plots.GOLD}
    assert {plots.color(name) for name in ("hyperband", "halving", "ASHA")} == {plots.PURPLE}
    assert {plots.color(name) for name in ("quasi-random", "genetic")} == {plots.GREEN}
    assert [plots.color(name) for name in ("random", "grid", "manual")] == [plots.GREY, plots.SKY, plots.BLACK]


def test_text_is_darker_than_its_line_where_the_line_is_bright():
    assert all(dark < bright for dark, bright in zip(darker("#FFFFFF"), (1, 1, 1), strict=True))
    assert darker("#000080") == pytest.approx((0, 0, 128 / 255))  # dark enough
    for shade in plots.COLORS.values():
        red, green, blue = darker(shade)
        assert 0.2126 * red + 0.7152 * green + 0.0722 * blue <= 0.36 + 1e-9
