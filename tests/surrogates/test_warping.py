"""Warping: equal to SciPy's transform, straight where nothing is to bend, and proof against any float."""

import warnings

import numpy as np
import pytest
from scipy.stats import skew, yeojohnson, yeojohnson_normmax

from hpt_lab.surrogates.warping import LAMBDAS, standardize, warp, yeo_johnson


def test_yeo_johnson_equals_scipys():
    z = np.linspace(-3, 4, 50)
    for lam in LAMBDAS:
        np.testing.assert_allclose(yeo_johnson(z, lam), yeojohnson(z, lam), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_bend_is_the_likeliest_of_seventeen(seed):
    z = standardize(np.random.default_rng(seed).gamma(1.0 + seed, size=200))
    nearest = LAMBDAS[np.argmin(np.abs(LAMBDAS - yeojohnson_normmax(z)))]
    np.testing.assert_allclose(warp(z), standardize(yeo_johnson(z, nearest)), atol=1e-9)


def test_warping_keeps_the_order_and_straightens_a_skewed_sample():
    y = np.random.default_rng(0).lognormal(sigma=1.5, size=100)
    warped = warp(y)
    np.testing.assert_array_equal(np.argsort(warped), np.argsort(y))
    assert (warped.mean(), warped.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert abs(skew(warped)) < 0.4 * skew(standardize(y))


def test_an_absurd_loss_is_capped_so_that_the_good_ones_keep_their_distances():
    good = np.linspace(0.0, 1.0, 21)  # median 0.5 of these; 1000 times as far is 500
    absurd, cap = warp(np.append(good, 1e9)), warp(np.append(good, np.median(np.append(good, 1e9)) * 1001))
    np.testing.assert_allclose(absurd, cap, atol=1e-9)
    assert np.ptp(absurd[:21]) > 1e3 * np.ptp(standardize(np.append(good, 1e9))[:21])


def test_standardised_values_have_mean_0_and_variance_1():
    for scale in (1e-307, 1.0, 1e307):
        z = standardize(scale * np.array([1.0, 2.0, 3.0, -4.0]))
        np.testing.assert_allclose(z, standardize(np.array([1.0, 2.0, 3.0, -4.0])), atol=1e-12)
        assert (z.mean(), z.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))


@pytest.mark.parametrize("bend", [standardize, warp])
def test_equal_values_become_0(bend):
    for value in (0.0, 3.3, -1e300, 1.7e308, 1e-320):
        np.testing.assert_array_equal(bend(np.full(7, value)), np.zeros(7))


@pytest.mark.parametrize(
    "y", [[1.7e308, -1.7e308, 0.0], [1.7e308, 1.6e308, 1.5e308], [5e-324, 0.0, 1e-310], [1e300, 0.0, 1.0, 2.0], [1.0]]
)
def test_no_float_is_too_large_or_too_small(y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for bend in (standardize, warp):
            assert np.isfinite(bend(np.array(y))).all()
