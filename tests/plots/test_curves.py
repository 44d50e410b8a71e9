import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from hpt_lab import plots


def test_convergence_draws_the_mean_and_the_band_it_names(frame):
    ax = plots.convergence(frame, "regret", band="s.e.")
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert set(lines) == {"grid", "random", "mine"}
    runs = frame.query("strategy == 'random'").pivot(index="trial", columns="seed", values="regret")
    np.testing.assert_allclose(lines["random"].get_ydata(), runs.mean(axis=1))
    np.testing.assert_array_equal(lines["random"].get_xdata(), np.arange(1, 13))
    band = ax.collections[1].get_paths()[0].vertices[:, 1]
    half = runs.std(axis=1) / np.sqrt(5)
    assert band.max() == pytest.approx((runs.mean(axis=1) + half).max())
    assert band.min() == pytest.approx((runs.mean(axis=1) - half).min())
    assert ax.get_ylabel() == "regret\nmean ± 1 s.e. over 5 seeds"


def test_the_band_of_the_standard_error_is_over_trainings(frame):
    shared = frame.assign(training=frame["seed"] % 2)
    ax = plots.convergence(shared, "regret", band="s.e.")
    runs = shared.query("strategy == 'random'").groupby(["trial", "training"])["regret"].mean().unstack()
    np.testing.assert_allclose(ax.get_lines()[1].get_ydata(), runs.mean(axis=1))
    band = ax.collections[1].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx((runs.mean(axis=1) + runs.sem(axis=1)).max())
    assert ax.get_ylabel() == "regret\nmean ± 1 s.e. over 2 training runs"
    spread = plots.convergence(shared, "regret", band="s.d.")  # that of the searches
    assert spread.get_ylabel() == "regret\nmean ± 1 s.d. over 5 seeds"


def test_convergence_draws_median_and_quartiles(frame):
    ax = plots.convergence(frame, band="quartiles")
    runs = frame.query("strategy == 'mine'").pivot(index="trial", columns="seed", values="incumbent")
    np.testing.assert_allclose(ax.get_lines()[2].get_ydata(), runs.median(axis=1))
    band = ax.collections[2].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(runs.quantile(0.25, axis=1).min())
    assert band.max() == pytest.approx(runs.quantile(0.75, axis=1).max())
    assert "median and quartiles" in ax.get_ylabel()


def test_convergence_gives_strategies_their_colours_and_others_one_that_is_free(frame):
    ax = plots.convergence(frame)
    colors = {line.get_label(): to_hex(line.get_color()) for line in ax.get_lines()}
    assert colors["grid"] == plots.COLORS["grid"].lower()
    assert colors["random"] == plots.COLORS["random"].lower()
    assert len(set(colors.values())) == 3


def test_strategies_without_a_colour_take_those_that_are_left(frame):
    named = frame.replace({"strategy": {"grid": "genetic", "random": "mine", "mine": "hers"}})
    colors = [line.get_color() for line in plots.convergence(named).get_lines()]
    assert colors == [plots.GREEN, plots.VERMILION, plots.PURPLE]  # the second of the spare ones, green, is taken


def test_no_strategy_without_a_colour_looks_like_another_or_like_random_search(frame):
    names = ["random", *(f"mine, {letter}" for letter in "abcdefgh")]
    many = pd.concat([frame[frame["strategy"] == "mine"].assign(strategy=name) for name in names])
    looks = {(line.get_color(), str(line._dash_pattern)) for line in plots.convergence(many).get_lines()}
    assert len(looks) == len(names)
    assert [look[0] for look in looks].count(plots.COLORS["random"]) == 1


def test_relatives_share_the_colour_and_differ_in_their_dashes(frame):
    both = frame[frame["strategy"] != "mine"].replace({"grid": "halving", "random": "hyperband"})
    halving, hyperband = plots.convergence(both).get_lines()
    assert halving.get_color() == hyperband.get_color() == plots.PURPLE
    assert (halving.get_linestyle(), hyperband.get_linestyle()) == ("--", "-")


def test_one_run_has_no_band_and_says_so(frame):
    ax = plots.convergence(frame[frame["seed"] == 0])
    assert ax.get_ylabel() == "incumbent\none run"
    assert len(ax.collections) == 0
    assert "mean over 5 seeds" in plots.convergence(frame, band=None).get_ylabel()


def test_a_curve_begins_with_the_first_success(frame):
    late = frame.copy()
    late.loc[late["trial"] < 4, "incumbent"] = np.nan
    ax = plots.convergence(late)
    assert ax.get_xlim() == (1, 12)
    assert list(np.isnan(ax.get_lines()[0].get_ydata())) == [True] * 3 + [False] * 9
