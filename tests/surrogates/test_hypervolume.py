"""Expected hypervolume improvement: against Monte Carlo, in the limit of a known loss, and in one objective."""

import numpy as np
import pytest

from hpt_lab import hypervolume
from hpt_lab.surrogates import acquisition, expected_hypervolume_improvement, expected_improvement


def drawn(n_objectives, k=6, m=4, seed=0):
    """Means and standard deviations (n_objectives, m), losses (k, n_objectives), and a reference point."""
    rng = np.random.default_rng([n_objectives, seed])
    return (rng.random((n_objectives, m)), 0.3 * rng.random((n_objectives, m)), rng.random((k, n_objectives))), 1.1


@pytest.mark.parametrize("n_objectives", [2, 3, 4])
def test_it_is_the_mean_growth_of_the_hypervolume(n_objectives):
    (means, stds, front), bound = drawn(n_objectives)
    reference, rng = [bound] * n_objectives, np.random.default_rng(1)
    exact = expected_hypervolume_improvement(means, stds, front, reference)
    before = hypervolume(front, reference)
    for mean, std, expected in zip(means.T, stds.T, exact, strict=True):
        draws = mean + std * rng.standard_normal((250, n_objectives))
        grown = np.array([hypervolume(np.vstack([front, draw]), reference) - before for draw in draws])
        assert abs(grown.mean() - expected) < 4 * grown.std() / np.sqrt(len(grown)) + 0.003


@pytest.mark.parametrize("n_objectives", [2, 3])
def test_without_uncertainty_it_is_the_growth_itself(n_objectives):
    (means, stds, front), bound = drawn(n_objectives, m=9)
    reference = [bound] * n_objectives
    before = hypervolume(front, reference)
    grown = [hypervolume(np.vstack([front, mean]), reference) - before for mean in means.T]
    assert expected_hypervolume_improvement(means, 0 * stds, front, reference) == pytest.approx(grown, abs=1e-12)


def test_with_one_objective_it_is_the_expected_improvement():
    (means, stds, front), bound = drawn(1)
    expected = expected_improvement(means[0], stds[0], front.min())
    assert expected_hypervolume_improvement(means, stds, front, [bound]) == pytest.approx(expected)


def sampled_and_exact(n_objectives, k, seed):
    """The same problem both ways: many points, on a front as members of it are, at some distance and less certain."""
    rng = np.random.default_rng([n_objectives, k, seed])
    front = rng.dirichlet(np.ones(n_objectives), k)
    means = (rng.dirichlet(np.ones(n_objectives), 300) + 0.2 * rng.random((300, 1)) - 0.1).T
    stds, reference = 0.1 * rng.random(means.shape), np.full(n_objectives, 1.1)
    exact = acquisition.expected_hypervolume_improvement(means, stds, front, reference)
    return acquisition._sampled_ehvi(means, stds, front, reference), exact


@pytest.mark.parametrize(("n_objectives", "k"), [(2, 20), (3, 15), (4, 12), (5, 15), (6, 12), (8, 6), (12, 4)])
def test_sampled_it_is_the_exact_one_within_a_few_percent_and_picks_nearly_the_best(n_objectives, k):
    for seed in range(3):
        sampled, exact = sampled_and_exact(n_objectives, k, seed)
        best = np.argsort(-exact)[:30]
        assert sampled[best] == pytest.approx(exact[best], rel=0.06)
        assert exact[sampled.argmax()] > 0.97 * exact.max()


def test_sampled_it_knows_certain_points_and_those_without_a_hope():
    front, reference = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([3.0, 3.0])
    means, stds = np.array([[1.0, 0.0, 5.0, 2.5], [1.0, 0.0, 0.0, 2.5]]), np.zeros((2, 4))
    stds[:, 2] = 1e-3
    assert acquisition._sampled_ehvi(means, stds, front, reference) == pytest.approx([1.0, 6.0, 0.0, 0.0], abs=0.02)


def test_it_is_exact_with_four_objectives_and_sampled_only_where_that_takes_too_long(monkeypatch):
    sampled = []
    monkeypatch.setattr(acquisition, "_sampled_ehvi", lambda *args: sampled.append(args[2].shape))
    for n_objectives, k in [(2, 300), (3, 60), (4, 20), (5, 10), (8, 6), (12, 4), (5, 40), (8, 12)]:
        sampled_front = np.random.default_rng(0).dirichlet(np.ones(n_objectives), k)
        means = np.full((n_objectives, 2), 0.3)
        expected_hypervolume_improvement(means, means, sampled_front, np.ones(n_objectives) * 1.1)
    assert sampled == [(40, 5), (12, 8)]


def test_dominated_members_and_those_beyond_the_reference_change_nothing():
    (means, stds, front), bound = drawn(3)
    more = np.vstack([front, front + 0.05, [[-1.0, 0.5, 1.2]]])
    reference = [bound] * 3
    expected = expected_hypervolume_improvement(means, stds, front, reference)
    assert expected_hypervolume_improvement(means, stds, more, reference) == pytest.approx(expected, abs=1e-12)


def test_without_a_front_every_objective_improves_on_the_reference():
    (means, stds, _), _ = drawn(2)
    product = np.prod([expected_improvement(means[j], stds[j], 0.8) for j in range(2)], axis=0)
    assert expected_hypervolume_improvement(means, stds, np.empty((0, 2)), [0.8, 0.8]) == pytest.approx(product)


@pytest.mark.parametrize(
    ("wrong", "fragment"),
    [
        ({"means": [0.0, 0.0]}, "of shapes (2,), (2, 1), (1, 2), (2,) must be (n_objectives, m) twice"),
        ({"front": [[1.0, 1.0, 1.0]]}, "of shapes (2, 1), (2, 1), (1, 3), (2,) must be"),
        ({"reference": 3.0}, "of shapes (2, 1), (2, 1), (1, 2), () must be"),
        ({"stds": [[1.0], [-1.0]]}, "must be finite, and stds not below 0"),
        ({"front": [[1.0, np.nan]]}, "must be finite"),
    ],
)
def test_a_wrong_call_is_refused_in_one_sentence(wrong, fragment):
    right = {"means": [[0.0], [0.0]], "stds": [[1.0], [1.0]], "front": [[1.0, 1.0]], "reference": [2.0, 2.0]}
    with pytest.raises(ValueError, match="expected_hypervolume_improvement: ") as caught:
        expected_hypervolume_improvement(**{**right, **wrong})
    assert fragment in str(caught.value)
