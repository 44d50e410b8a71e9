"""The score, its error, and which strategies can be told apart."""

import numpy as np
import pytest
from scipy import stats

from hpt_lab.tools.race import score


def test_the_score_is_0_at_random_search_and_100_at_the_optimum_and_is_not_clipped():
    random, optimum = np.array([3.0, -1.0]), np.array([1.0, -2.0])
    losses = np.array([[3.0, 1.0, 2.0, 5.0], [-1.0, -2.0, -1.75, 0.0]])
    expected = [[0, 100, 50, -100], [0, 100, 75, -100]]
    assert score.scores(losses, random, optimum).tolist() == expected


def test_the_error_is_that_of_a_mean_over_the_seeds():
    of_seeds = np.random.default_rng(0).normal(size=(3, 8))
    assert score.error(of_seeds) == pytest.approx(stats.sem(of_seeds, axis=1))


def holm(p):
    """Textbook Holm, by adjusted p-values."""
    order, adjusted, running = np.argsort(p), np.empty(len(p)), 0.0
    for place, i in enumerate(order):
        running = max(running, (len(p) - place) * p[i])
        adjusted[i] = running
    return adjusted <= 0.05


def test_apart_is_holms_procedure_over_paired_t_tests():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        of_seeds = rng.normal(size=(5, 9)) + rng.normal(size=9) + np.array([0, 0, 0.8, 1.6, 3])[:, None]
        pairs = [*zip(*np.triu_indices(5, 1), strict=True)]
        wanted = holm(np.array([stats.ttest_rel(of_seeds[i], of_seeds[j]).pvalue for i, j in pairs]))
        told = score.apart(of_seeds)
        assert [told[pair] for pair in pairs] == wanted.tolist()
        assert (told == told.T).all()
        assert not told.diagonal().any()


def test_equal_strategies_are_not_apart_and_those_a_constant_apart_are():
    base = np.array([1.0, 2.0, 4.0])
    told = score.apart(np.array([base, base, base + 10]))
    assert told.tolist() == [[False, False, True], [False, False, True], [True, True, False]]


@pytest.mark.parametrize("n_strategies", [2, 6])
def test_copies_of_random_search_are_together_in_95_of_100_races(n_strategies):
    """Their losses are skewed, as the smallest of 30 draws is; the problems differ in how much."""
    n_races, powers = 500, np.linspace(1, 4, 12)[:, None]
    smallest = np.random.default_rng(0).beta(1, 30, size=(n_races, n_strategies, 12, 10))  # of 30 uniform numbers
    of_seeds = (100 * (1 - smallest**powers / (1 / 31) ** powers)).mean(axis=2)
    apart = sum(score.apart(race).any() for race in of_seeds)
    assert apart / n_races <= 0.05


def test_who_is_apart_is_so_in_every_table():
    rng = np.random.default_rng(2)
    clear, unclear = (rng.normal(size=(4, 9)) + shift * np.arange(4)[:, None] for shift in (5.0, 0.0))
    assert score.apart(clear).sum() == 12
    assert not score.apart(clear, unclear).any()
    assert not score.apart(unclear, clear).any()
    assert (score.apart(clear, 3 * clear) == score.apart(clear)).all()
    assert score.resolution(clear, unclear) == max(score.resolution(clear), score.resolution(unclear))


def told(n, pairs):
    matrix = np.zeros((n, n), bool)
    for i, j in pairs:
        matrix[i, j] = matrix[j, i] = True
    return matrix


def test_ranks_say_who_could_change_places():
    mean = np.array([10.0, 30.0, 20.0, 0.0])  # best first: 1, 2, 0, 3
    assert score.ranks(mean, told(4, [])) == [(1, 4)] * 4
    assert score.ranks(mean, told(4, [(1, 0), (1, 3), (2, 3)])) == [(2, 4), (1, 2), (1, 3), (3, 4)]


def test_a_group_ends_where_somebody_can_be_told_from_its_first():
    mean = np.array([10.0, 30.0, 20.0, 0.0])
    assert score.groups(mean, told(4, [])) == [[1, 2, 0, 3]]
    assert score.groups(mean, told(4, [(1, 0), (1, 3), (2, 3)])) == [[1, 2], [0, 3]]
    assert score.groups(mean, told(4, [(1, 2), (2, 0), (0, 3)])) == [[1], [2], [0], [3]]


def test_a_difference_of_the_resolution_is_just_told_apart():
    """Two strategies: differences of one spread about a mean of the resolution, a little less and a little more."""
    noise = np.array([-2.0, 1.0, 0.5, 3.0, -2.5])
    least = score.resolution(np.array([noise, np.zeros(5)]))
    assert score.apart(np.array([noise + 1.001 * least, np.zeros(5)]))[0, 1]
    assert not score.apart(np.array([noise + 0.999 * least, np.zeros(5)]))[0, 1]
    assert score.resolution(np.array([noise])) == 0.0


def test_seeds_for_is_how_many_make_the_resolution_so_fine():
    of_seeds = np.random.default_rng(1).normal(size=(4, 10))
    least = score.resolution(of_seeds)
    assert score.seeds_for(least, of_seeds) == 10
    spread = least * np.sqrt(10) / stats.t(9).isf(0.05 / 12)
    n = score.seeds_for(least / 3, of_seeds)
    assert stats.t(n - 1).isf(0.05 / 12) * spread / np.sqrt(n) <= least / 3
    fewer = n - max(1, n // 20) - 1
    assert stats.t(fewer - 1).isf(0.05 / 12) * spread / np.sqrt(fewer) > least / 3
