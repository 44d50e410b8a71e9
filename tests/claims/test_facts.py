"""Sentences of the lessons that follow from a definition, a formula or a table: they are true or not, on all seeds."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc
from sklearn.ensemble import RandomForestRegressor

import hpt_lab as hpt
from hpt_lab import datasets, problems


@pytest.mark.parametrize("seed", range(3))
def test_with_one_seed_the_first_trees_of_a_large_forest_are_the_small_forest(seed):
    data = datasets.boston()
    X, y = data.X_cv, data.y_cv
    small, large = (RandomForestRegressor(n, max_depth=10, random_state=seed).fit(X, y) for n in (5, 10))
    first = np.mean([tree.predict(X) for tree in large.estimators_[:5]], axis=0)
    np.testing.assert_allclose(first, small.predict(X), atol=1e-9)


def test_grid_search_tries_the_same_in_the_same_order_whatever_the_results_are():
    def tried(seed):
        luck = np.random.default_rng(seed)
        grid = {"max_depth": [5, 10, 15], "n_estimators": [100, 150, 200]}
        study = hpt.tune(lambda params: luck.random(), grid, hpt.GridSearch(), 9, seed=seed, progress=False)
        return [dict(trial.params) for trial in study.trials]

    assert tried(0) == tried(1) == tried(2)


def test_fifty_nine_random_trials_hit_the_best_5_percent_nineteen_times_of_twenty():
    assert 1 - 0.95**58 < 0.95 < 1 - 0.95**59


@pytest.mark.parametrize("n", [4, 16, 64])
def test_sobol_leaves_none_of_as_many_cells_empty(n):
    side = round(n**0.5)
    for seed in range(100):
        cells = np.floor(qmc.Sobol(2, scramble=True, rng=seed).random(n) * side)
        assert len(np.unique(cells, axis=0)) == n


def test_a_tournament_of_five_in_twenty_is_won_by_the_best_once_in_four():
    assert stats.hypergeom(20, 1, 5).pmf(1) == pytest.approx(1 / 4)


def test_of_1000_models_that_guess_the_best_is_wrong_on_less_than_35_percent_of_sixty_rows():
    """In 19 of 20 draws at least: a guess has less than 21 of 60 wrong with a probability that is exact."""
    assert 1 - (1 - stats.binom(60, 0.5).cdf(20)) ** 1000 > 0.95


def test_a_fixed_far_too_small_rate_makes_width_look_twice_as_useful_as_it_is():
    table = problems.mlp_mnist()
    second = table.space["units_2"].values().index(64)
    for seed in range(table.n_seeds):
        error = table.values(seed)[:, second]  # (widths, rates)
        assert error[0, 0] - error[-1, 0] > 2 * (error[0].min() - error[-1].min())


def test_after_each_narrowing_another_hyperparameter_matters_most():
    table = problems.svm_mnist()
    for seed in range(table.n_seeds):
        losses = table.values(seed)
        for part, most in ((losses, "C"), (losses[:, :, 2:], "gamma"), (losses[:, :, 2:, 5:7], "n_components")):
            alone = [part.mean(axis=tuple(k for k in range(part.ndim) if k != axis)).var() for axis in range(part.ndim)]
            assert list(table.space)[int(np.argmax(alone))] == most


def test_a_search_that_lost_its_process_twice_is_trial_by_trial_the_one_that_was_never_interrupted(tmp_path):
    svm = problems.svm_digits()
    for seed in range(3):
        calm = hpt.tune(svm, svm.space, hpt.BayesianOptimization(), 12, seed=seed, progress=False)
        for n in (*sorted(np.random.default_rng(seed).integers(1, 12, 2).tolist()), 12):
            study = hpt.Study(svm.space, hpt.BayesianOptimization(), seed=seed, storage=tmp_path / f"{seed}.db")
            while sum(trial.state == "complete" for trial in study.trials) < n:
                trial = study.ask()
                study.tell(trial, svm(trial.params))
            found = [(trial.params, trial.value) for trial in study.trials]
            if n < 12:
                study.ask()  # in training at the end of its owner
            study.close()
        assert found == [(trial.params, trial.value) for trial in calm.trials]
