"""Scaling laws: fits compared with known laws and SciPy, and forecasts whose intervals hold what they should."""

import numpy as np
import pytest
from scipy.optimize import nnls

from hpt_lab.analysis import PowerLaw, fit_power_law, forecast
from hpt_lab.analysis.scaling import EXPONENTS

SIZES = np.array([16, 32, 64, 128, 256])


def runs_of(law, seed, n_seeds=8, spread=0.08):
    rng = np.random.default_rng(seed)
    return [law(size) * np.exp(spread * rng.normal(size=n_seeds)) for size in SIZES]


@pytest.mark.parametrize(
    "law", [PowerLaw(0.1, 3, EXPONENTS[130]), PowerLaw(0, 2, EXPONENTS[90]), PowerLaw(0.4, 0, EXPONENTS[0])]
)
def test_a_law_without_noise_is_found(law):
    found = fit_power_law(SIZES, law(SIZES))
    assert found(4096) == pytest.approx(law(4096), rel=1e-5)
    assert [found.a, found.b, found.c] == pytest.approx([law.a, law.b, law.c], rel=1e-4, abs=1e-5)


NO_LAW = {f"random {seed}": np.random.default_rng(seed).uniform(0.2, 1, 5) for seed in range(3)}
NO_LAW |= {"falls faster and faster": np.array([1, 0.95, 0.8, 0.5, 0.1]), "rises": np.arange(1.0, 6)}


@pytest.mark.parametrize("losses", NO_LAW.values(), ids=NO_LAW)
def test_the_fit_is_the_best_of_nonnegative_least_squares_over_all_exponents(losses):
    def error(c):
        A = np.column_stack([1 / losses, (SIZES / 16) ** -c / losses])
        return nnls(A, np.ones(5))[1] ** 2 / 5

    law = fit_power_law(SIZES, losses)
    assert np.mean((law(SIZES) / losses - 1) ** 2) == pytest.approx(min(error(c) for c in EXPONENTS), abs=2e-9)
    assert min(law.a, law.b) >= 0


@pytest.mark.parametrize("unit", [1e-30, 1e-6, 1e3])
def test_the_order_of_the_sizes_and_the_units_change_no_forecast(unit):
    runs = np.array(runs_of(PowerLaw(0.1, 3, 0.8), 0))
    first = forecast(SIZES, runs, 1024)
    assert fit_power_law(SIZES[::-1], runs.mean(axis=1)[::-1])(1024) == pytest.approx(first.loss)
    assert vars(forecast(SIZES * 1000, runs, 1_024_000)) == pytest.approx(vars(first))
    there = vars(forecast(SIZES, unit * runs, 1024)).values()
    assert [value / unit for value in there] == pytest.approx(list(vars(first).values()))


def test_sizes_may_be_integers_beyond_64_bits():
    sizes, losses = [10**18, 10**19, 10**20], [1.0, 0.7, 0.5]
    assert fit_power_law(sizes, losses) == fit_power_law(np.array(sizes, float), losses)
    assert fit_power_law(np.array(sizes), losses) == fit_power_law(np.array(sizes, float), losses)


@pytest.mark.parametrize("unit", [1e-49, 1e48])
def test_the_largest_and_smallest_that_are_allowed_give_numbers(unit):
    law = fit_power_law(np.array([1, 4, 16]) * unit, np.array([16, 2, 1]) * unit)
    assert law(np.array([1, 4, 16]) * unit) / unit == pytest.approx([16, 2, 1], rel=0.6)


@pytest.mark.parametrize(
    ("level", "n_seeds", "least", "most"), [(0.9, 8, 0.8, 0.98), (0.5, 8, 0.35, 0.65), (0.9, 2, 0.75, 0.98)]
)
def test_an_interval_of_a_level_holds_that_share_of_new_runs_where_the_law_holds(level, n_seeds, least, most):
    law, inside = PowerLaw(0.1, 3, 0.8), []
    for seed in range(40):
        new = law(1024) * np.exp(0.08 * np.random.default_rng([seed, 1]).normal(size=10))
        ahead = forecast(SIZES, runs_of(law, seed, n_seeds), 1024, level)
        inside.append(((ahead.low <= new) & (new <= ahead.high)).mean())
    assert least <= np.mean(inside) <= most


def test_an_interval_is_no_wider_than_the_luck_of_large_models():
    """The spread falls with the root of the size: with the luck of the small ones, practically all runs would be inside."""
    law, inside = PowerLaw(0.1, 3, 0.8), []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        runs = [law(size) * np.exp(0.32 * (16 / size) ** 0.5 * rng.normal(size=8)) for size in SIZES[:4]]
        ahead, new = forecast(SIZES[:4], runs, 256), law(256) * np.exp(0.08 * rng.normal(size=10))
        inside.append(((ahead.low <= new) & (new <= ahead.high)).mean())
    assert 0.85 <= np.mean(inside) <= 0.97


def test_a_forecast_widens_with_the_distance_and_narrows_with_the_seeds():
    law = PowerLaw(0.1, 3, 0.8)

    def width(at, n_seeds):
        ahead = [forecast(SIZES[:4], runs_of(law, seed, n_seeds)[:4], at) for seed in range(10)]
        return np.median([f.high - f.low for f in ahead]) / law(at)

    assert width(8192, 4) > 1.15 * width(256, 4)
    assert width(8192, 4) > 1.15 * width(8192, 24)


def test_two_seeds_are_allowed_and_rows_may_have_different_lengths():
    ahead = forecast([16, 32, 64], [[1.0, 1.1], [0.8, 0.7, 0.75], [0.6, 0.55]], 128)
    assert 0 < ahead.low < ahead.loss < ahead.high
