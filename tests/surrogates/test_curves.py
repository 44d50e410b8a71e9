"""The forecast of a learning curve, against a simulation of its model, and what it may be asked."""

import numpy as np
import pytest

from hpt_lab.surrogates.curves import forecast, shapes

PRIOR = {"final": (0.2, 0.3), "fall": (0.4, 0.4), "noise": 0.05}
CURVE = [0.6, 0.45, 0.4, 0.36]


def simulated(losses, end, value, n=20_000):
    """Return P(last loss < value), from draws of the prior for each shape, weighted by the likelihood to the power t / n."""
    rng, y = np.random.default_rng(0), np.array(losses)
    counts = np.arange(1, len(y) + 1) / len(y)
    below = total = 0.0
    for h in shapes(end):
        variance = PRIOR["noise"] ** 2 / rng.gamma(1.0, 1.0, n)
        wide = np.sqrt(variance) / PRIOR["noise"]
        final, fall = (mean + std * wide * rng.normal(size=n) for mean, std in (PRIOR["final"], PRIOR["fall"]))
        off = y - final[:, None] - fall[:, None] * h[: len(y)]
        log_likelihood = -0.5 * counts.sum() * np.log(variance) - 0.5 * (off**2 @ counts) / variance
        weights = np.exp(log_likelihood - 5)
        total += weights.sum()
        below += weights @ (final + np.sqrt(variance) * rng.normal(size=n) < value)
    return below / total


@pytest.mark.parametrize(("n", "value"), [(1, -0.2), (1, 0.1), (2, 0.2), (4, 0.2)])
def test_a_forecast_is_the_posterior_of_its_model(n, value):
    assert forecast(CURVE[:n], 12, **PRIOR).below(value) == pytest.approx(simulated(CURVE[:n], 12, value), abs=0.01)


def test_shapes_fall_from_one_to_zero():
    h = shapes(27)
    assert h.shape == (32, 27)
    assert np.all(np.diff(h) < 0)
    assert np.allclose(h[:, [0, -1]], [1, 0])


@pytest.mark.parametrize("k", [3, 9, 20, 29])
def test_a_smooth_curve_of_a_known_shape_is_continued(k):
    truth = 0.1 + 0.5 * shapes(20)[k]
    curve = forecast(truth[:10], 20, (0.2, 0.3), (0.4, 0.4), 1e-4)
    assert np.allclose(curve.mean, truth, atol=0.01)
    assert np.all(curve.std < 0.02)


def test_mean_and_standard_deviation_are_those_of_the_distribution():
    curve = forecast(0.1 + 0.5 * shapes(20)[9][:12], 20, **PRIOR)
    x = np.linspace(-3, 3, 3001)
    mass = np.diff([curve.below(value) for value in x])
    middle = (x[1:] + x[:-1]) / 2
    mean = mass @ middle
    assert curve.mean[-1] == pytest.approx(mean, abs=1e-3)
    assert curve.std[-1] == pytest.approx(np.sqrt(mass @ (middle - mean) ** 2), rel=0.02)


def test_a_forecast_is_surer_of_what_it_has_seen():
    std = forecast(CURVE, 12, **PRIOR).std
    assert std[:4].max() < std[-1]


def test_a_forecast_moves_with_the_units_of_the_loss():
    curve, scaled = forecast(CURVE, 12, **PRIOR), forecast(100 * np.array(CURVE) + 7, 12, (27, 30), (40, 40), 5)
    assert scaled.below(37) == pytest.approx(curve.below(0.3))
    assert scaled.std == pytest.approx(100 * curve.std)


@pytest.mark.parametrize("unit", [1e-130, 1e130])
@pytest.mark.parametrize("noise", [1.1e-6, 1e5])
def test_the_largest_and_smallest_that_are_allowed_give_numbers(unit, noise):
    curve = forecast(unit * np.array(CURVE[:1]), 12, (0.2 * unit, unit), (0.4 * unit, unit), noise * unit)
    assert np.isfinite([*curve.mean, *curve.std, curve.below(0.2 * unit)]).all()
    assert (curve.std > 0).all()
