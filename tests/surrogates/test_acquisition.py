"""Acquisition functions: closed forms, Monte Carlo, scikit-optimize's values, and the far tail."""

import numpy as np
import pytest
from scipy.integrate import quad
from skopt.acquisition import gaussian_ei, gaussian_lcb, gaussian_pi

from hpt_lab.surrogates import (
    expected_improvement,
    log_expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)


class Fixed:
    """A model for scikit-optimize, which asks one for mean and standard deviation."""

    def predict(self, X, return_std=True):
        return X[:, 0], X[:, 1]


def test_values_equal_scikit_optimizes():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=50), rng.random(50) + 0.01])
    mean, std = X.T
    np.testing.assert_allclose(
        expected_improvement(mean, std, -0.2, 0.01), gaussian_ei(X, Fixed(), -0.2, 0.01), rtol=1e-9
    )
    np.testing.assert_allclose(
        probability_of_improvement(mean, std, -0.2, 0.01), gaussian_pi(X, Fixed(), -0.2, 0.01), rtol=1e-9
    )
    np.testing.assert_allclose(lower_confidence_bound(mean, std), gaussian_lcb(X, Fixed(), 1.96), rtol=1e-12)


def test_known_values():
    assert expected_improvement(0.0, 1.0, -0.5) == pytest.approx(0.1977966, abs=1e-7)
    assert probability_of_improvement(0.0, 1.0, -0.5) == pytest.approx(0.308538, abs=1e-6)


def test_expected_improvement_equals_monte_carlo():
    draws = np.random.default_rng(0).normal(0.3, 0.8, size=1_000_000)
    expected = np.maximum(0.1 - 0.05 - draws, 0).mean()
    assert expected_improvement(0.3, 0.8, 0.1, xi=0.05) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("t", [0.9, 0.999, 1.001, 8.0, 40.0, 300.0, 9e4, 2e5, 1e7])
def test_log_expected_improvement_equals_its_integral(t):
    # E[max(I, 0)] = phi(t) / t^2 * integral of u exp(-u - u^2 / 2 t^2), for a best loss t standard deviations below
    integral = quad(lambda u: u * np.exp(-u - u * u / (2 * t * t)), 0, 50, epsabs=1e-12, epsrel=1e-12)[0]
    exact = np.log(integral) - 2 * np.log(t) - t * t / 2 - np.log(2 * np.pi) / 2
    assert log_expected_improvement(t, 1.0, 0.0) == pytest.approx(exact, rel=1e-9)


def test_log_expected_improvement_is_finite_and_increasing_far_out():
    z = np.linspace(-300, 10, 20_001)
    value = log_expected_improvement(-z, np.ones_like(z), 0.0)
    assert np.isfinite(value).all()
    assert (np.diff(value) > 0).all()
    near = z > -5
    np.testing.assert_allclose(value[near], np.log(expected_improvement(-z[near], 1.0, 0.0)), rtol=1e-6, atol=1e-9)


def test_a_known_value_improves_by_exactly_what_it_improves():
    mean, std = np.array([0.0, 1.0, 2.0]), np.zeros(3)
    np.testing.assert_array_equal(expected_improvement(mean, std, 1.0), [1, 0, 0])
    np.testing.assert_array_equal(probability_of_improvement(mean, std, 1.0), [1, 0, 0])
    np.testing.assert_array_equal(log_expected_improvement(mean, std, 1.0), [0, -np.inf, -np.inf])
    np.testing.assert_array_equal(lower_confidence_bound(mean, std), mean)
