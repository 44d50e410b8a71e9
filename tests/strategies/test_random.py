"""Random search: uniform, independent, pure. Quasi-random search: scipy's Sobol points, pure, evenly spread."""

import numpy as np
import pytest
from scipy.stats import kstest, qmc

from hpt_lab import Float, History, Int, QuasiRandomSearch, RandomSearch, Space, Trial, tune

SPACE = Space(x=Float(0, 1), y=Float(1e-3, 1e3, log=True), n=Int(1, 10), k=["a", "b", "c"])
BOTH = pytest.mark.parametrize("strategy", [RandomSearch, QuasiRandomSearch])


def drawn(strategy, n_trials, seed=0, space=SPACE):
    study = tune(lambda params: 0.0, space, strategy, n_trials, seed=seed, progress=False)
    return [trial.params for trial in study.trials]


def cube(params, space=SPACE):
    return np.array([space.encode(one) for one in params])


@BOTH
def test_the_first_trials_of_a_longer_search_are_the_shorter_search(strategy):
    assert drawn(strategy(), 40)[:15] == drawn(strategy(), 15)


@BOTH
def test_results_do_not_matter(strategy):
    worse = tuple(Trial(i, {}, value=1e9, state="complete") for i in range(5))
    failed = tuple(Trial(i, {}, error="no", state="failed") for i in range(5))
    assert strategy().suggest(History(SPACE, worse)) == strategy().suggest(History(SPACE, failed))


@BOTH
def test_another_seed_gives_other_trials(strategy):
    xs = {seed: [params["x"] for params in drawn(strategy(), 20, seed)] for seed in (0, 1, 2)}
    assert not set(xs[0]) & set(xs[1])
    assert not set(xs[1]) & set(xs[2])


def test_random_floats_are_uniform_on_their_scale_and_independent_of_each_other():
    u = cube(drawn(RandomSearch(), 2000, seed=3))
    assert kstest(u[:, 0], "uniform").pvalue > 0.01
    assert kstest(u[:, 1], "uniform").pvalue > 0.01
    for pair in ((u[:-1, 0], u[1:, 0]), (u[:, 0], u[:, 1])):
        assert abs(np.corrcoef(*pair)[0, 1]) < 4 / np.sqrt(2000)


def test_random_integers_and_choices_are_equally_likely():
    params = drawn(RandomSearch(), 3000, seed=2)
    counts = np.bincount([one["n"] for one in params])[1:]
    assert np.abs(counts - 300).max() < 4 * np.sqrt(300)
    assert all(abs(sum(one["k"] == k for one in params) - 1000) < 4 * np.sqrt(1000) for k in "abc")


def test_random_trials_with_the_same_number_are_independent_over_seeds():
    first = [RandomSearch().suggest(History(SPACE, (), seed)).params["x"] for seed in range(1000)]
    assert kstest(first, "uniform").pvalue > 0.01
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 4 / np.sqrt(1000)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("n_dims", [1, 5])
def test_quasi_random_points_are_scipys_scrambled_sobol_sequence(seed, n_dims):
    space = Space({f"x{i}": Float(0, 1) for i in range(n_dims)})
    points = qmc.Sobol(n_dims, scramble=True, rng=seed).random_base2(6)
    np.testing.assert_allclose(cube(drawn(QuasiRandomSearch(), 64, seed, space), space), points, rtol=0, atol=1e-11)


@pytest.mark.parametrize("m", [1, 3, 5])
def test_the_first_2_to_the_m_quasi_random_points_fall_one_into_each_slice_of_every_axis(m):
    u = cube(drawn(QuasiRandomSearch(), 2**m, seed=4))[:, :2]
    for axis in u.T:
        assert sorted(np.floor(axis * 2**m)) == list(range(2**m))


def test_quasi_random_points_are_spread_more_evenly_than_random_ones():
    square = Space(x=Float(0, 1), y=Float(0, 1))
    for seed in range(5):
        quasi, random = (
            qmc.discrepancy(cube(drawn(s, 64, seed, square), square)) for s in (QuasiRandomSearch(), RandomSearch())
        )
        assert quasi < random / 3
