"""Earlier studies as a surrogate: mistakes counted one by one, weights that add up, trials left out, and what is dropped."""

import numpy as np
import pytest

from hpt_lab.surrogates.gaussian_process import GaussianProcess
from hpt_lab.surrogates.prior import RankingEnsemble, ranking_losses, ranking_weights

RNG = np.random.default_rng(0)
X = RNG.random((7, 2))
POINTS = RNG.random((40, 2))


def bowl(X, center=0.4):
    y = ((X - center) ** 2).sum(axis=1)
    return (y - y.mean()) / y.std()


def model(y, X=X):
    return GaussianProcess(noise_variance=1e-3, optimize=20).fit(X, y)


def test_mistakes_are_the_pairs_in_the_wrong_order_of_all_pairs_of_two_trials():
    drawn, y = RNG.normal(size=(30, 5)), RNG.normal(size=5)
    pairs = [(j, k) for j in range(5) for k in range(5) if j != k]
    by_hand = [sum((f[j] < f[k]) != (y[j] < y[k]) for j, k in pairs) for f in drawn]
    assert ranking_losses(drawn, y).tolist() == by_hand
    of_others = [sum((f[j] < y[k]) != (y[j] < y[k]) for j, k in pairs) for f in drawn]
    assert ranking_losses(drawn, y, y).tolist() == of_others
    assert ranking_losses(np.array([y, -y, 10 + 3 * y]), y).tolist() == [0, 20, 0]


def test_a_left_out_trial_is_predicted_as_by_a_model_that_has_never_seen_it():
    gp = model(bowl(X))
    mean, std = gp.left_out()
    fixed = gp.kernel, gp.lengthscale_, gp.signal_variance_, gp.noise_variance_, False
    for j in range(len(X)):
        without = GaussianProcess(*fixed).fit(np.delete(X, j, 0), np.delete(gp.y_, j))
        np.testing.assert_allclose(without.predict(X[j : j + 1]), ([mean[j]], [std[j]]), atol=1e-8)


def test_the_weight_is_the_share_of_draws_won_and_models_that_tie_share_one():
    mistakes = np.array([[0, 1, 5, 2], [1, 1, 0, 2], [2, 1, 3, 2]])
    assert ranking_weights(mistakes).round(3).tolist() == [0.417, 0.417, 0.167]


def test_a_model_that_is_mostly_worse_is_dropped_in_spite_of_its_luck_but_never_the_own_one():
    own, lucky = np.full(100, 4), np.where(np.arange(100) < 20, 0, 9)
    assert ranking_weights(np.array([lucky, own])).tolist() == [0, 1]
    assert ranking_weights(np.array([np.where(np.arange(100) < 60, 0, 9), own])).tolist() == [0.6, 0.4]
    spread = np.where(np.arange(100) < 10, 10, 4)
    assert ranking_weights(np.array([lucky, spread]))[0] == 0.2  # not above the 95th percentile of the own one


def test_a_study_that_ranks_like_today_gets_the_weight_and_one_in_reverse_none():
    similar, reverse = model(5 + 3 * bowl(X, 0.45)), model(-bowl(X))
    own = model(bowl(X[:4]), X[:4])
    weights = RankingEnsemble([reverse, similar], own, np.random.default_rng(1)).weights
    assert weights[0] < 0.02
    assert weights[1] > 0.5
    assert weights.sum() == pytest.approx(1)


def test_the_own_model_is_judged_by_the_losses_of_the_other_trials():
    own, old = model(bowl(X[:5]), X[:5]), model(bowl(X, 0.5))
    rng = np.random.default_rng(5)
    theirs = ranking_losses(old.sample(X[:5], rng, 256), own.y_)
    mean, std = own.left_out()
    left_out = mean + std * rng.standard_normal((256, 5))
    right, wrong = (ranking_weights(np.array([theirs, ranking_losses(left_out, own.y_, y)])) for y in (own.y_, None))
    weights = RankingEnsemble([old], own, np.random.default_rng(5)).weights
    assert weights.tolist() == right.tolist() != wrong.tolist()


def test_the_ensemble_is_the_weighted_sum_of_its_models():
    models = [model(bowl(X, 0.3)), model(bowl(X, 0.6))]
    ensemble = RankingEnsemble(models[:1], models[1], np.random.default_rng(2))
    ensemble.weights = np.array([0.25, 0.75])
    mean, std = ensemble.predict(POINTS)
    (m0, s0), (m1, s1) = (gp.predict(POINTS) for gp in models)
    np.testing.assert_allclose(mean, 0.25 * m0 + 0.75 * m1)
    np.testing.assert_allclose(std**2, 0.0625 * s0**2 + 0.5625 * s1**2)


def test_after_one_trial_no_pair_can_be_wrong_and_all_models_share():
    ensemble = RankingEnsemble([model(bowl(X))] * 3, model(np.zeros(1), X[:1]), np.random.default_rng(3))
    assert ensemble.weights.tolist() == [0.25] * 4
