"""The Gaussian process: equal to scikit-learn's, its gradients to finite differences, and what it refuses."""

import warnings

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

from hpt_lab.surrogates import GaussianProcess

LENGTHSCALES = np.array([0.3, 0.7, 1.5])


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.random((25, 3))
    return X, np.sin(5 * X[:, 0]) + X[:, 1] ** 2 + 0.05 * rng.normal(size=25), rng.random((40, 3))


def kernels(name):
    return RBF(LENGTHSCALES) if name == "rbf" else Matern(LENGTHSCALES, nu={"matern52": 2.5, "matern32": 1.5}[name])


@pytest.mark.parametrize("name", ["rbf", "matern52", "matern32"])
@pytest.mark.parametrize("noise", [1e-6, 1e-2])
def test_posterior_and_evidence_equal_scikit_learns(data, name, noise):
    X, y, X_new = data
    ours = GaussianProcess(name, LENGTHSCALES, 1.7, noise, optimize=False).fit(X, y)
    theirs = GaussianProcessRegressor(ConstantKernel(1.7) * kernels(name), alpha=noise, optimizer=None).fit(X, y)
    mean, std = ours.predict(X_new)
    their_mean, their_std = theirs.predict(X_new, return_std=True)
    np.testing.assert_allclose(mean, their_mean, rtol=0, atol=1e-10)
    np.testing.assert_allclose(std, their_std, rtol=0, atol=1e-10)
    assert ours.log_marginal_likelihood == pytest.approx(theirs.log_marginal_likelihood_value_, abs=1e-10)


@pytest.mark.parametrize("name", ["rbf", "matern52", "matern32"])
@pytest.mark.parametrize("groups", [None, [0, 1, 1]])
def test_gradient_of_evidence_and_prior_equals_finite_differences(data, name, groups):
    X, y, _ = data
    gp = GaussianProcess(name, optimize=False, groups=groups).fit(X, y)
    theta = np.log([*(0.4, 0.9, 1.3)[: len(gp.lengthscale_)], 0.8, 0.02])
    value, gradient = gp._log_posterior(theta)
    numeric = approx_fprime(theta, lambda t: gp._log_posterior(t)[0], 1e-6)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-4, atol=1e-4)
    assert np.isfinite(value)


def test_fit_raises_the_evidence_and_finds_the_dimension_that_matters():
    rng = np.random.default_rng(1)
    X = rng.random((60, 3))
    y = np.sin(8 * X[:, 0])
    y = (y - y.mean()) / y.std()
    learned, default = GaussianProcess().fit(X, y), GaussianProcess(optimize=False).fit(X, y)
    assert learned.log_marginal_likelihood > default.log_marginal_likelihood + 10
    assert learned.lengthscale_[0] < 0.3 * learned.lengthscale_[1:].min()
    np.testing.assert_array_equal(np.round(np.log(learned.lengthscale_), 2), np.round(np.log(learned.lengthscale_), 9))
    few = GaussianProcess(optimize=2).fit(X, y).log_marginal_likelihood
    assert default.log_marginal_likelihood < few < learned.log_marginal_likelihood


def test_prediction_interpolates_and_is_uncertain_far_away(data):
    X, y, _ = data
    gp = GaussianProcess(lengthscale=0.5, signal_variance=2.0, noise_variance=1e-10, optimize=False).fit(X, y)
    mean, std = gp.predict(X)
    np.testing.assert_allclose(mean, y, atol=1e-6)
    assert std.max() < 1e-3
    mean, std = gp.predict(np.full((1, 3), 100.0))
    assert (mean[0], std[0]) == pytest.approx((0.0, np.sqrt(2.0)))


def test_samples_have_the_posteriors_mean_and_standard_deviation(data):
    X, y, X_new = data
    gp = GaussianProcess(lengthscale=0.4, optimize=False).fit(X, y)
    mean, std = gp.predict(X_new)
    draws = gp.sample(X_new, np.random.default_rng(0), 4000)
    assert draws.shape == (4000, 40)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=5 * std.max() / np.sqrt(4000) + 1e-4)
    np.testing.assert_allclose(draws.std(axis=0), std, rtol=0.1, atol=1e-3)


def test_two_equal_points_without_noise_are_survived():
    X = np.array([[0.2], [0.2], [0.9]])
    mean, _ = GaussianProcess(noise_variance=0.0, optimize=False).fit(X, np.array([1.0, 1.0, -1.0])).predict(X)
    np.testing.assert_allclose(mean, [1, 1, -1], atol=1e-3)


def test_points_far_from_the_origin_keep_their_digits():
    x = np.arange(10.0)[:, None]
    near = GaussianProcess(optimize=False).fit(x, np.sin(x[:, 0])).predict(x + 0.5)
    far = GaussianProcess(optimize=False).fit(2.0**30 + x, np.sin(x[:, 0])).predict(2.0**30 + x + 0.5)
    assert np.allclose(near, far, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kernel", ["rbf", "matern52", "matern32"])
@pytest.mark.parametrize("scale", [1e-40, 1e-9, 1e4, 1e12, 1e40])
def test_badly_scaled_and_repeated_points_get_an_answer(kernel, scale):
    base = np.repeat(np.random.default_rng(0).random((6, 3)), 3, axis=0)
    y = np.sin(5 * base[:, 0])
    mixed = np.vstack([base[:9], base[9:] * scale])
    for X in (base * scale, base * [1.0, 1.0, scale], base + np.array([scale, 0, 0]), mixed):
        for optimize, noise in ((True, 1e-6), (False, 0.0)):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                gp = GaussianProcess(kernel, 0.5, 1.0, noise, optimize).fit(X, y)
                mean, std = gp.predict(np.vstack([X, X + 0.1]))
            assert np.isfinite([*mean, *std, gp.log_marginal_likelihood]).all()


def test_points_that_are_lengthscales_apart_keep_the_distances_to_their_neighbours():
    """A million of lengthscales away the sum of squares has no digit left for a neighbour at 0.3 of one."""
    pairs = np.array([[0.0], [0.3], [1e9], [1e9 + 0.3]])
    gp = GaussianProcess(optimize=False).fit(pairs, np.array([1.0, 1.0, -1.0, -1.0]))
    near, far = gp.predict(np.array([[0.5], [1e9 + 0.5]]))[0]
    assert near == pytest.approx(-far, rel=1e-6)
    assert near > 0.9


def test_no_points_give_no_predictions():
    gp = GaussianProcess(optimize=False).fit(np.zeros((1, 2)), np.zeros(1))
    assert [part.shape for part in gp.predict(np.empty((0, 2)))] == [(0,), (0,)]


def test_as_many_new_points_as_trials_are_predicted_as_one_alone_is():
    rng = np.random.default_rng(0)
    X, new = rng.random((2, 8, 3))
    gp = GaussianProcess(lengthscale=0.5, noise_variance=1e-4, optimize=False).fit(X, rng.standard_normal(8))
    one_by_one = [gp.predict(point[None]) for point in new]
    np.testing.assert_allclose(gp.predict(new), np.array(one_by_one)[..., 0].T, rtol=1e-9)
