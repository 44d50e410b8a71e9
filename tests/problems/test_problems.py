import copy
import pickle

import numpy as np
import pytest
from scipy.optimize import minimize

import hpt_lab as hpt
from hpt_lab import datasets, problems
from hpt_lab.problems import FOREST_METRICS, Problem, Table

FIRST = ["forest_boston", "svm_digits", "mlp_mnist", "svm_mnist", "boosting_boston"]
PRACTICE = ["boosters_diabetes", "schedule_digits", "sgd_cancer", "momentum_boston"]
TABULATED = FIRST + PRACTICE


@pytest.fixture(params=TABULATED)
def tabulated(request) -> Problem:
    return problems.get(request.param)


@pytest.fixture
def small() -> Problem:
    """Two seeds of a 3 x 2 table with budgets 1 and 4."""
    space = hpt.Space(a=hpt.Int(1, 3), b=hpt.Float(0.1, 10, log=True, step=100))
    losses = np.arange(24.0).reshape(2, 2, 3, 2)
    table = Table(space, losses, budgets=(1, 4))
    return Problem("small", space, 12.0, {"a": 1, "b": 0.1}, "loss", table=table)


@pytest.mark.parametrize("point", [(-np.pi, 12.275), (np.pi, 2.275), (3 * np.pi, 2.475)])
def test_branin_has_its_three_published_minima(point):
    problem = problems.branin()
    assert problem(dict(zip(["x1", "x2"], point, strict=True))) == pytest.approx(0.397887, abs=1e-6)
    assert problem.optimum == pytest.approx(0.397887, abs=1e-6)


def test_hartmann6_has_its_published_minimum():
    problem = problems.hartmann6()
    published = dict(zip(problem.space, [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573], strict=True))
    assert problem(published) == pytest.approx(-3.32237, abs=1e-5)
    assert problem.optimum == pytest.approx(-3.32237, abs=1e-5)


@pytest.mark.parametrize("name", ["branin", "hartmann6"])
def test_no_local_search_finds_less_than_the_optimum_of_a_formula(name):
    problem = problems.get(name)
    assert problem(problem.best_params) == problem.optimum
    lows = np.array([dimension.low for dimension in problem.space.dimensions.values()])
    highs = np.array([dimension.high for dimension in problem.space.dimensions.values()])

    def function(x):
        return problem.function(dict(zip(problem.space, x, strict=True)))

    rng = np.random.default_rng(0)
    starts = [lows + rng.random(len(lows)) * (highs - lows) for _ in range(10)]
    found = [minimize(function, start, bounds=list(zip(lows, highs, strict=True))).fun for start in starts]
    assert min(found) == pytest.approx(problem.optimum, abs=1e-6)
    assert min(found) >= problem.optimum - 1e-9


def test_a_formula_has_no_noise_and_no_budget():
    problem = problems.branin()
    params = {"x1": 0.5, "x2": 1.5}
    assert problem(params, seed=0) == problem(params, seed=7) == problem(params, seed=None)
    assert problem.n_seeds == 1
    assert problem.budgets == ()


def test_table_looks_up_params_budget_and_seed(small):
    assert small({"a": 1, "b": 0.1}, 1, 0) == 0.0
    assert small({"a": 1, "b": 10.0}, 1, 0) == 1.0
    assert small({"a": 3, "b": 0.1}, 1, 0) == 4.0
    assert small({"a": 1, "b": 0.1}, 4, 0) == small({"a": 1, "b": 0.1}) == 6.0
    assert small({"a": 2, "b": 10.0}, seed=1) == 21.0
    assert small({"a": 2, "b": 10.0}, seed=None) == 15.0
    np.testing.assert_array_equal(small.values(), [[12, 13], [14, 15], [16, 17]])
    np.testing.assert_array_equal(small.values(seed=0, budget=1), [[0, 1], [2, 3], [4, 5]])
    assert small.optimum_at(0) == 6.0
    assert small.optimum_at(1) == 18.0


def test_values_is_a_copy(small):
    small.values(seed=0)[:] = -1
    assert small.values(seed=0).min() == 6.0


def test_every_params_of_a_tabulated_space_is_in_its_table(tabulated):
    space = tabulated.space
    dimensions = list(space.dimensions.items())
    sizes = (space.grid().size,) if space.conditional else tuple(d.size for _, d in dimensions)
    assert tabulated.values().shape == sizes
    assert tabulated.table.losses.shape == (tabulated.n_seeds, max(1, len(tabulated.budgets)), *sizes)
    for cell in [(0,) * len(sizes), tuple(n - 1 for n in sizes), tuple(n // 2 for n in sizes)]:
        if space.conditional:
            params = space.grid()[cell[0]]
        else:
            params = {name: d.values()[i] for (name, d), i in zip(dimensions, cell, strict=True)}
        for seed in (0, tabulated.n_seeds - 1, None):
            if np.isnan(tabulated.values(seed)[cell]):
                with pytest.raises(ArithmeticError, match="failed"):
                    tabulated(params, seed=seed)
                continue
            loss = tabulated(params, seed=seed)
            assert type(loss) is float
            assert loss == tabulated.values(seed)[cell]


def test_the_optimum_of_a_table_is_its_minimum(tabulated):
    assert tabulated.optimum == np.nanmin(tabulated.values())
    assert tabulated(tabulated.best_params, seed=None) == tabulated.optimum
    for seed in range(tabulated.n_seeds):
        assert tabulated.optimum_at(seed) == np.nanmin(tabulated.values(seed))


def test_an_exhaustive_grid_search_finds_the_optimum_of_a_seed():
    problem = problems.svm_digits()
    study = hpt.tune(lambda p: problem(p, seed=3), problem.space, hpt.GridSearch(), problem.space.size, progress=False)
    assert study.best_value == problem.optimum_at(3)


def test_tables_hold_plausible_losses(tabulated):
    losses = tabulated.table.losses
    failed = np.isnan(losses)
    assert not np.isinf(losses).any()
    assert failed.any() == (tabulated.name == "momentum_boston")
    assert (losses[~failed] >= 0).all()
    assert (tabulated.values()[~np.isnan(tabulated.values())] > 0).all()
    assert not losses.flags.writeable
    assert (np.where(failed, 3, losses).std(axis=0) > 0).mean() > 0.5  # the seeds differ


def test_forest_contains_the_grid_of_the_document():
    grid = hpt.Space(max_depth=[5, 10, 15], n_estimators=[100, 150, 200]).grid()
    assert all(problems.forest_boston().space.contains(grid[i]) for i in range(grid.size))


def test_forest_is_what_grid_search_cv_reports():
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import GridSearchCV, KFold

    data, seed = datasets.boston(), 1
    metrics = {metric: f"neg_{metric}" for metric in FOREST_METRICS}
    search = GridSearchCV(
        RandomForestRegressor(random_state=seed),
        {"max_depth": [3, 19], "n_estimators": [10, 30]},
        scoring=metrics,
        refit=False,
        cv=KFold(5, shuffle=True, random_state=seed),
    ).fit(data.X_cv, data.y_cv)
    for metric in FOREST_METRICS:
        tabulated = [problems.forest_boston(metric)(params, seed=seed) for params in search.cv_results_["params"]]
        np.testing.assert_allclose(tabulated, -search.cv_results_[f"mean_test_{metric}"], atol=2e-6)


def test_svm_is_what_scikit_learn_scores():
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.svm import SVC

    data, params = datasets.digits(), {"C": 10.0, "gamma": 0.1}
    folds = StratifiedKFold(3, shuffle=True, random_state=2)
    predicted = cross_val_predict(SVC(**params), data.X_cv, data.y_cv, cv=folds)
    assert problems.svm_digits()(params, seed=2) == pytest.approx((predicted != data.y_cv).mean(), abs=1e-6)


def test_mlp_is_what_our_mlp_scores():
    from hpt_lab.models import MLP

    data = datasets.mnist(valid=0.4)
    model = MLP((16, 64), learning_rate=1e-2, batch_size=64, seed=1)
    history = model.fit(data.X_train, data.y_train, 3, (data.X_valid, data.y_valid)).history
    problem, params = problems.mlp_mnist(), {"units_1": 16, "units_2": 64, "learning_rate": 1e-2}
    tabulated = [problem(params, epoch, 1) for epoch in (1, 2, 3)]
    np.testing.assert_allclose(tabulated, 1 - np.array(history["val_accuracy"]), atol=1e-6)


@pytest.mark.parametrize("budget", [1, 3])
def test_svm_mnist_is_what_scikit_learn_scores_after_100_and_300_digits(budget):
    from scipy.ndimage import gaussian_filter
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    data, n = datasets.mnist(valid=0.3, test=0.1, seed=2), 100 * budget
    params = {"blur": 1.0, "n_components": 128, "C": 10.0, "gamma": 0.1}
    train, valid = (
        [gaussian_filter(image.reshape(28, 28), 1.0).ravel() for image in X] for X in (data.X_train[:n], data.X_valid)
    )
    model = make_pipeline(PCA(min(n, 128)), SVC(C=10.0, gamma=0.1)).fit(train, data.y_train[:n])
    error = (model.predict(valid) != data.y_valid).mean()
    # A digit that lies within a rounding error of a border may fall to either side.
    assert problems.svm_mnist()(params, budget, 2) == pytest.approx(error, abs=1.5 / 1500)


@pytest.mark.parametrize("change", [{}, {"learning_rate": 1.0, "subsample": 0.25, "max_depth": 4}])
def test_boosting_is_what_cross_val_score_reports(change):
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.model_selection import KFold, cross_val_score

    data, problem = datasets.boston(), problems.boosting_boston()
    params = problem.best_params | change
    for budget in (1, 13, 81):
        model = GradientBoostingRegressor(n_estimators=budget, random_state=1, **params)
        folds = KFold(3, shuffle=True, random_state=1)
        scores = cross_val_score(model, data.X_cv, data.y_cv, cv=folds, scoring="r2")
        assert problem(params, budget, 1) == pytest.approx(min(1 - scores.mean(), 2), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "dimension", "larger"),
    [("mlp_mnist", "learning_rate", False), ("svm_mnist", "gamma", True), ("boosting_boston", "learning_rate", False)],
)
def test_the_smallest_budget_misleads_in_one_dimension(name, dimension, larger):
    problem = problems.get(name)
    first, last = (problem.table.argmin(budget=budget)[dimension] for budget in (problem.budgets[0], None))
    assert last > first if larger else last < first


def test_budgets_hold_the_rungs_of_hyperband():
    for name in ("mlp_mnist", "svm_mnist", "boosting_boston"):
        budgets = problems.get(name).budgets
        for bracket in hpt.Hyperband(budgets[0], budgets[-1]).brackets:
            assert {budget for _, budget in bracket} <= set(budgets)


@pytest.mark.parametrize("name", list(problems.PROBLEMS))
@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_a_problem_travels_to_another_process_and_stays_the_same(name, travel):
    problem = problems.get(name)
    again = travel(problem)
    assert (again.name, again.budgets, again.loss_label) == (name, problem.budgets, problem.loss_label)
    assert (again(problem.best_params, seed=None), again.space) == (problem.optimum, problem.space)
    if problem.table is not None:
        np.testing.assert_array_equal(again.table.losses, problem.table.losses)


def test_registry_lists_every_problem_by_its_name():
    for name in problems.PROBLEMS:
        assert problems.get(name).name == name
