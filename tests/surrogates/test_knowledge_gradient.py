"""The knowledge gradient: against Monte Carlo, in closed form for independent points, and where nothing can change."""

import numpy as np
import pytest

from hpt_lab.surrogates import expected_improvement, knowledge_gradient


def believed(m, seed=0):
    """A mean (m,) and a covariance (m, m) of full rank."""
    rng = np.random.default_rng([seed, m])
    root = rng.standard_normal((m, m + 2))
    return rng.standard_normal(m), root @ root.T / (m + 2)


@pytest.mark.parametrize("m", [2, 5, 12])
def test_it_is_the_mean_fall_of_the_lowest_mean(m):
    mean, cov = believed(m)
    exact = knowledge_gradient(mean, cov, 0.5)
    assert exact.shape == (m,)
    z = np.random.default_rng(1).standard_normal(20_000)
    for x, value in enumerate(exact):
        moves = cov[x] / np.sqrt(cov[x, x] + 0.5)
        falls = mean.min() - (mean[:, None] + moves[:, None] * z).min(axis=0)
        assert abs(falls.mean() - value) < 4 * falls.std() / np.sqrt(len(z))


def test_for_independent_points_it_is_the_expected_improvement_of_a_mean_that_will_move():
    mean, var, noise = np.array([0.3, -0.2, 0.1, 1.0]), np.array([0.5, 1.0, 0.2, 2.0]), 0.7
    gaps = [abs(mean[i] - np.delete(mean, i).min()) for i in range(4)]
    expected = expected_improvement(np.array(gaps), var / np.sqrt(var + noise), 0.0)
    assert knowledge_gradient(mean, np.diag(var), noise) == pytest.approx(expected)


def test_a_second_look_at_the_runner_up_is_worth_more_than_a_third_at_the_leader():
    for noise in (0.1, 1.0, 10.0):
        var = 1 / (1 + np.array([2, 1]) / noise)
        leader, runner_up = knowledge_gradient([0.0, 0.4], np.diag(var), noise)
        assert leader < runner_up


def test_where_nothing_is_uncertain_or_all_move_alike_it_is_zero():
    assert np.array_equal(knowledge_gradient([0.0, 1.0], np.zeros((2, 2)), 0.0), [0, 0])
    assert np.array_equal(knowledge_gradient([0.0, 1.0], np.ones((2, 2)), 0.5), [0, 0])
    assert np.array_equal(knowledge_gradient([0.0], [[1.0]], 0.5), [0])


def test_more_noise_makes_every_measurement_worth_less():
    mean, cov = believed(6)
    values = np.array([knowledge_gradient(mean, cov, noise) for noise in (0.0, 0.1, 1.0, 10.0)])
    assert (np.diff(values, axis=0) < 0).all()


def test_twins_and_hopeless_points_change_nothing():
    mean, cov = believed(4)
    expected = knowledge_gradient(mean, cov, 0.3)
    twice = np.append(np.arange(4), 2)
    assert knowledge_gradient(mean[twice], cov[np.ix_(twice, twice)], 0.3)[:4] == pytest.approx(expected)
    more = np.zeros((5, 5))
    more[:4, :4], more[4, 4] = cov, 1.0
    assert knowledge_gradient([*mean, 1e6], more, 0.3)[:4] == pytest.approx(expected)


def test_a_mean_that_hardly_moves_is_worth_nothing_and_overflows_nowhere():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.array_equal(knowledge_gradient([0.0, 1.0], np.diag([0.0, 1e-200]), 1.0), [0, 0])


@pytest.mark.parametrize(
    ("wrong", "fragment"),
    [
        ({"mean": [[0.0, 0.0]]}, "mean of shape (1, 2) and cov of shape (2, 2) must be (m,) and (m, m)"),
        ({"cov": [1.0, 1.0]}, "cov of shape (2,) must be"),
        ({"mean": []}, "with m at least 1"),
        ({"mean": [0.0, np.nan]}, "must hold finite numbers only"),
        ({"cov": [[1.0, np.inf], [0.0, 1.0]]}, "must hold finite numbers only"),
        ({"noise": -1.0}, "noise=-1 must"),
    ],
)
def test_a_wrong_call_is_refused_in_one_sentence(wrong, fragment):
    with pytest.raises(ValueError, match="knowledge_gradient: ") as caught:
        knowledge_gradient(**{"mean": [0.0, 0.0], "cov": np.eye(2), "noise": 1.0, **wrong})
    assert fragment in str(caught.value)
