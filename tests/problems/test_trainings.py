"""Tables of today's practice: a few of their trainings done again, and what is new about each."""

import hashlib
import importlib.util
import math
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

import hpt_lab as hpt
from hpt_lab import datasets, problems
from hpt_lab.loop.comparison import compare
from hpt_lab.problems import Problem, Table, trainings
from hpt_lab.problems.trainings import DATA

SCRIPT = Path(__file__).parents[2] / "examples" / "tables" / "make_tables.py"
maker = importlib.util.module_from_spec(spec := importlib.util.spec_from_file_location("make_tables", SCRIPT))
spec.loader.exec_module(maker)


def holed() -> Problem:
    """Three seeds of a tree: a="x" opens b, which opens c; some trainings fail."""
    space = hpt.Space(
        a=["x", "y"], b=hpt.Categorical(("u", "v")).when(a="x"), c=hpt.Int(1, 2).when(b="v"), d=hpt.Int(1, 2)
    )
    losses = 100.0 * np.arange(3)[:, None, None] + np.arange(8.0)
    losses[1, 0, 2] = losses[:, 0, 3] = np.nan
    table = Table(space, losses)
    return Problem("holed", space, float(np.nanmin(table.values())), table.argmin(), "loss", table=table)


def test_a_table_with_conditions_lists_the_combinations_of_the_grid():
    problem, grid = holed(), holed().space.grid()
    assert grid.size == 8
    assert [grid[i] for i in (0, 4, 6)] == [
        {"a": "x", "b": "u", "d": 1},
        {"a": "x", "b": "v", "c": 2, "d": 1},
        {"a": "y", "d": 1},
    ]
    assert [problem(grid[i], seed=2) for i in (0, 4, 7)] == [200, 204, 207]
    assert problem({"d": 2, "a": "y"}, seed=None) == 107
    assert problem.table.values().shape == (8,)
    assert problem.table.argmin(seed=1) == grid[0]


def test_a_failed_training_is_an_error_and_the_worst_in_the_mean():
    problem, grid = holed(), holed().space.grid()
    assert problem(grid[2]) == 2
    with pytest.raises(ArithmeticError, match=r"the training of \{'a': 'x', .* failed with seed 1: its loss is not"):
        problem(grid[2], seed=1)
    assert problem(grid[2], seed=None) == problem.values()[2] == pytest.approx((2 + 207 + 202) / 3)
    with pytest.raises(ArithmeticError, match="failed with every seed: its loss is not a number"):
        problem(grid[3], seed=None)
    assert np.isnan(problem.values()[3])
    assert problem.optimum == 100
    assert problem.optimum_at(1) == 100


def test_the_worst_is_that_of_the_same_budget():
    space = hpt.Space(a=hpt.Int(1, 2))
    table = Table(space, np.array([[[1.0, 5.0], [2.0, 3.0]], [[np.nan, 4.0], [np.nan, 9.0]]]), budgets=(1, 2))
    assert table.at({"a": 1}, None, 1) == 3.0
    assert table.at({"a": 1}, None, 2) == 5.5


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        (np.zeros((1, 1, 3)), r"\(1, 1, 3\) but must be \(n_seeds, n_budgets, n_combinations\) = \(n_seeds, 1, 5\)"),
        (np.zeros((1, 1, 2, 4)), "n_combinations"),
        (np.array([[[1.0] * 5], [[np.nan] * 5]]), "losses are all NaN for one seed and budget, but at least one must"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(losses, message):
    space = hpt.Space(a=["x", "y"], b=hpt.Int(1, 4).when(a="x"))
    with pytest.raises(ValueError, match=message):
        Table(space, losses)


HISTOGRAM = {"booster": "histogram", "learning_rate": 1.0, "max_leaf_nodes": 2, "l2_regularization": 1.0}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"booster": "ada", "learning_rate": 1.0, "max_depth": 1}, "a value for ada_loss"),
        ({"booster": "ada", "learning_rate": 1.0, "max_depth": 3, "ada_loss": "linear"}, "max_depth"),
        ({**HISTOGRAM, "max_depth": 1}, "max_depth is inactive"),
    ],
)
def test_params_that_do_not_meet_the_conditions_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        problems.boosters_diabetes()(params)


@pytest.mark.parametrize("name", ["boosters_diabetes", "schedule_digits"])
def test_every_draw_from_a_space_with_conditions_is_in_its_table(name):
    problem, rng = problems.get(name), np.random.default_rng(0)
    values, grid = problem.values(2), problem.space.grid()
    drawn = [problem.space.sample(rng) for _ in range(100)]
    assert len({frozenset(params) for params in drawn}) >= 3
    assert {problem(params, seed=2) for params in drawn} <= set(values.tolist())
    assert [problem(grid[i], seed=2) for i in range(0, grid.size, 29)] == values[::29].tolist()


def again(booster, **more):
    from sklearn.ensemble import AdaBoostRegressor, GradientBoostingRegressor, HistGradientBoostingRegressor
    from sklearn.tree import DecisionTreeRegressor

    if booster == "gradient":
        return GradientBoostingRegressor(n_estimators=9, random_state=2, **more)
    if booster == "histogram":
        return HistGradientBoostingRegressor(max_iter=9, min_samples_leaf=5, random_state=2, **more)
    tree = DecisionTreeRegressor(max_depth=more["max_depth"])
    rate, loss = more["learning_rate"], more["ada_loss"]
    return AdaBoostRegressor(tree, n_estimators=9, learning_rate=rate, loss=loss, random_state=2)


@pytest.mark.parametrize(
    "params",
    [
        {"booster": "gradient", "learning_rate": 0.1, "max_depth": 4, "subsample": 0.5, "loss": "squared_error"},
        {"booster": "gradient", "learning_rate": 1.0, "max_depth": 2, "subsample": 0.5, "loss": "huber", "alpha": 0.7},
        {"booster": "histogram", "learning_rate": 0.1, "max_leaf_nodes": 8, "l2_regularization": 10.0},
        {"booster": "ada", "learning_rate": 0.1, "max_depth": 2, "ada_loss": "exponential"},
    ],
)
def test_boosters_are_what_scikit_learn_scores(params):
    data = datasets.diabetes(valid=0.4, seed=2)
    score = again(**params).fit(data.X_train, data.y_train).score(data.X_valid, data.y_valid)
    assert problems.boosters_diabetes()(params, 9, 2) == pytest.approx(min(1 - score, 2), abs=1e-6)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ({"warmup_epochs": 0, "schedule": "constant"}, [0.1] * 27),
        ({"warmup_epochs": 3, "schedule": "constant"}, [0.025, 0.05, 0.075] + [0.1] * 24),
        (
            {"warmup_epochs": 0, "schedule": "step", "drop_every": 9, "drop_factor": 0.2},
            [0.1] * 9 + [0.02] * 9 + [0.004] * 9,
        ),
        (
            {"warmup_epochs": 3, "schedule": "step", "drop_every": 9, "drop_factor": 0.1},
            [0.025, 0.05, 0.075] + [0.1] * 9 + [0.01] * 9 + [0.001] * 6,
        ),
        (
            {"warmup_epochs": 0, "schedule": "cosine", "final_share": 0.2},
            [0.06 + 0.04 * math.cos(math.pi * e / 27) for e in range(27)],
        ),
    ],
)
def test_a_schedule_is_what_its_formula_says(schedule, rates):
    params = {"learning_rate": 0.1, "batch_size": 32} | schedule
    assert problems.schedule_digits().space.contains(params)
    assert [maker.rate_at(params, e) for e in range(27)] == pytest.approx(rates)


def test_a_cosine_after_warm_up_ends_just_above_its_final_share():
    params = {"learning_rate": 0.1, "warmup_epochs": 3, "schedule": "cosine", "final_share": 0.0}
    rates = [maker.rate_at(params, e) for e in range(27)]
    assert max(rates) == rates[3] == 0.1
    assert maker.rate_at(params, 27) == pytest.approx(0.0)
    assert rates[3:] == sorted(rates[3:], reverse=True)


def test_a_schedule_is_trained_as_its_rates_say():
    from hpt_lab.models import MLP

    params = {"learning_rate": 0.1, "batch_size": 64, "warmup_epochs": 3, "schedule": "step"}
    params |= {"drop_every": 3, "drop_factor": 0.1}
    data, model = datasets.digits(valid=0.4), MLP((16,), batch_size=64, seed=1)
    errors = []
    for rate in [0.025, 0.05, 0.075, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01]:
        model.learning_rate = rate
        model.fit(data.X_train, data.y_train, epochs=1)
        errors.append(1 - model.score(data.X_valid, data.y_valid))
    problem = problems.schedule_digits()
    epochs = (1, 4, 6, 9)
    assert [problem(params, e, 1) for e in epochs] == pytest.approx([errors[e - 1] for e in epochs], abs=1e-6)


@pytest.mark.parametrize(("seed", "loss"), [(0, "hinge"), (7, "log_loss"), (19, "modified_huber")])
def test_sgd_is_what_scikit_learn_scores(seed, loss):
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    eta0 = problems.sgd_cancer().space["eta0"].values()[3]
    params = {"loss": loss, "alpha": 0.1, "l1_ratio": 0.5, "eta0": eta0, "power_t": 0.25}
    model = SGDClassifier(penalty="elasticnet", learning_rate="invscaling", max_iter=2, tol=None, random_state=seed)
    data = datasets.breast_cancer(valid=0.2, test=0.7, seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = make_pipeline(StandardScaler(), model.set_params(**params)).fit(data.X_train, data.y_train)
    error = (pipeline.predict(data.X_valid) != data.y_valid).mean()
    assert problems.sgd_cancer()(params, seed=seed) == pytest.approx(error, abs=1e-6)


def test_the_script_makes_a_table_as_it_is_stored(tmp_path, monkeypatch):
    problem = problems.sgd_cancer()
    values = {name: [dimension.values()[1]] for name, dimension in problem.space.dimensions.items()}
    few = hpt.Space({**values, "loss": ["hinge", "log_loss"], "eta0": problem.space["eta0"].values()[:3]})
    monkeypatch.setattr(maker, "DATA", tmp_path)
    monkeypatch.setattr(maker, "SGD_SPACE", few)
    monkeypatch.setitem(maker.TABLES, "sgd_cancer", (maker.sgd_cancer, 2))
    monkeypatch.setattr(sys, "argv", ["make_tables.py", "sgd_cancer", "--keep", str(tmp_path / "kept")])
    maker.main()
    with np.load(tmp_path / "sgd_cancer.npz") as made:
        assert made["error"].shape[:2] == (1, 2)  # one byte is enough for at most 114 errors
        stored = {name: made[name] for name in made.files}
    grid = few.grid()
    monkeypatch.setattr(trainings, "DATA", tmp_path)
    trainings._stored.cache_clear()
    table = Table(few, trainings._stored("sgd_cancer", "error"))
    trainings._stored.cache_clear()
    assert [[table.at(grid[i], seed) for i in range(6)] for seed in range(2)] == [
        [problem(grid[i], seed=seed) for i in range(6)] for seed in range(2)
    ]
    monkeypatch.setitem(maker.TABLES, "sgd_cancer", (lambda seed: pytest.fail("it is kept"), 2))
    maker.main()  # from the trainings that are kept
    with np.load(tmp_path / "sgd_cancer.npz") as made:
        assert all((made[name] == stored[name]).all() for name in stored)


def test_trainings_of_a_table_are_shared_out_among_processes(tmp_path, monkeypatch, capsys):
    made = []
    monkeypatch.setattr(maker, "DATA", tmp_path)
    monkeypatch.setitem(maker.TABLES, "toy", (lambda seed: made.append(seed) or {"loss": np.full((1, 2), seed / 4)}, 3))
    monkeypatch.setattr(sys, "argv", ["make_tables.py", "toy", "--keep", str(tmp_path)])
    (tmp_path / "toy-1.lock").mkdir()  # another process is at it
    maker.main()
    assert made == [0, 2]
    assert not (tmp_path / "toy.npz").exists()
    assert "another process is at 1 of its trainings" in capsys.readouterr().out
    (tmp_path / "toy-1.lock").rmdir()
    maker.main()
    assert made == [0, 2, 1]
    with np.load(tmp_path / "toy.npz") as table:
        assert table["loss"].shape == (3, 3, 1, 2)


@given(st.lists(st.one_of(st.integers(0, 2 * 10**6), st.none()), min_size=1, max_size=8))
def test_a_loss_comes_back_from_its_bytes(millionths):
    losses = np.array([math.nan if one is None else one / 10**6 for one in millionths])
    planes = maker.planes(losses, 10**6)
    assert planes.dtype == np.uint8
    again = trainings.losses_of(planes, 10**6)
    assert np.array_equal(again, losses, equal_nan=True)


@pytest.mark.parametrize(
    ("name", "digest"),
    [("mlp_mnist", "8f2466838198fcc9"), ("svm_mnist", "7f0facd39063ba94"), ("boosting_boston", "fd24308578a715c7")],
)
def test_the_first_three_trainings_stay_what_they_were(name, digest):
    """To the sixth digit, however they are stored and however many follow: searches on them are those of earlier versions."""
    millionths = np.rint(problems.get(name).table.losses[:3, -1] * 10**6).astype("<i4")
    assert hashlib.sha256(millionths.tobytes()).hexdigest()[:16] == digest


@pytest.mark.parametrize("name", ["mlp_mnist", "svm_mnist", "boosting_boston"])
def test_more_training_runs_are_added_to_the_first_three(name):
    few, all_ten = problems.get(name), problems.get(name, n_seeds=10)
    assert (few.n_seeds, all_ten.n_seeds) == (3, 10)
    for budget in all_ten.budgets:
        for seed in range(3):
            assert (few.values(seed, budget) == all_ten.values(seed, budget)).all()
    fresh = [all_ten.values(seed).ravel() for seed in range(10)]
    assert len({tuple(losses) for losses in fresh}) == 10  # none is another one's copy
    near = np.corrcoef(fresh)[np.triu_indices(10, 1)]
    assert near.min() > 0.8  # the same configurations, trained again
    assert all_ten.optimum == all_ten.values().min() != few.optimum
    assert [all_ten.training(seed) for seed in (9, 10, 23)] == [9, 0, 3]
    assert problems.get(name, n_seeds=1).n_seeds == 1
    for wrong in (0, 11, 2.5):
        with pytest.raises((ValueError, TypeError), match=f"{name}: n_seeds={wrong}"):
            problems.get(name, n_seeds=wrong)


def test_with_ten_training_runs_boosting_has_the_budgets_of_halving():
    few, all_ten = problems.boosting_boston(), problems.boosting_boston(n_seeds=10)
    assert len(few.budgets) == 12
    assert all_ten.budgets == (1, 3, 9, 27, 81)
    assert {budget for bracket in hpt.Hyperband(1, 81).brackets for _, budget in bracket} == set(all_ten.budgets)


def test_on_the_noisy_problem_the_seeds_disagree_more_than_the_better_half_of_the_params():
    problem = problems.sgd_cancer()
    losses, means = problem.table.losses[:, 0], problem.values()
    better = means[means <= np.median(means)]
    assert np.median(losses.std(axis=0)) > 3 * better.std()
    chosen = [problem(problem.table.argmin(seed), seed=None) for seed in range(problem.n_seeds)]
    assert np.median(chosen) > 1.2 * problem.optimum  # what looks best on one seed is not the best
    flattered = [problem.optimum_at(seed) for seed in range(problem.n_seeds)]
    assert np.mean(flattered) < problem.optimum / 2


def fit(params, seed, epochs=30):
    from sklearn.neural_network import MLPRegressor
    from sklearn.preprocessing import StandardScaler

    data = datasets.boston(seed=seed)
    scaler, mean, sd = StandardScaler().fit(data.X_train), data.y_train.mean(), data.y_train.std()
    model = MLPRegressor(
        hidden_layer_sizes=[params["units"]] * params["n_layers"],
        **{"solver": "sgd", "learning_rate_init": params["learning_rate"], "momentum": params["momentum"]},
        **{"batch_size": params["batch_size"], "max_iter": epochs, "tol": 0, "n_iter_no_change": 99},
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(scaler.transform(data.X_train), (data.y_train - mean) / sd)
    return 1 - model.score(scaler.transform(data.X_valid), (data.y_valid - mean) / sd)


def test_momentum_is_what_scikit_learn_scores_and_it_really_diverges():
    problem = problems.momentum_boston()
    params = {"learning_rate": 0.01, "momentum": 0.48, "batch_size": 64, "n_layers": 2, "units": 8}
    assert problem(params, seed=1) == pytest.approx(fit(params, 1), abs=1e-5)
    params = {"learning_rate": 1.0, "momentum": 0.96, "batch_size": 64, "n_layers": 1, "units": 32}
    with pytest.raises(ValueError, match="non-finite"):
        fit(params, 1)
    with pytest.raises(ArithmeticError, match="failed with seed 1"):
        problem(params, seed=1)


def test_failures_of_momentum_lie_where_the_steps_are_long():
    failed = np.isnan(problems.momentum_boston().table.losses[:, 0])
    assert 0.1 < failed.mean() < 0.25
    by_rate = failed.mean(axis=(0, 2, 3, 4, 5))
    assert by_rate[0] == 0
    assert by_rate[-1] > 0.4
    assert list(np.sort(by_rate)) == list(by_rate)
    some = failed.any(axis=0) & ~failed.all(axis=0)
    assert some.any()  # with one seed and not with another


@pytest.mark.parametrize("strategy", [hpt.RandomSearch(), hpt.TPE()])
def test_a_search_goes_on_after_failures_and_is_compared(strategy):
    problem = problems.momentum_boston()
    frame = compare({"s": strategy}, problem, 25, seeds=[1], progress=False)
    failed = frame["loss"].isna()
    assert 0 < failed.sum() < 15
    assert frame["expected_loss"].iloc[-1] >= problem.optimum
    assert np.isfinite(frame["expected_loss"].iloc[-1])


def test_hyperband_runs_on_the_budgets_of_the_conditional_tables():
    for name, last in (("boosters_diabetes", 81), ("schedule_digits", 27)):
        problem = problems.get(name)
        study = hpt.tune(problem, problem.space, hpt.Hyperband(1, last), 60, seed=1, progress=False)
        assert not any(trial.state == "failed" for trial in study.trials)
        assert {trial.budget for trial in study.trials} <= set(problem.budgets)


NETWORK = problems.network20()


def changed(**change):
    return NETWORK({**NETWORK.best_params, **change})


def test_network20_has_its_optimum_on_the_curve_that_its_formula_names():
    assert NETWORK(NETWORK.best_params) == NETWORK.optimum == 0.03
    assert changed(batch_size=256, learning_rate=0.004) == 0.03
    assert changed(batch_size=256) > 0.03
    assert changed(width=240, depth=4) == pytest.approx(0.03 + 0.87 * (1 - math.exp(-0.2 * math.log2(4 / 3) ** 2)))
    assert changed(learning_rate=0.02, weight_decay=3e-5) == pytest.approx(0.03 + 0.87 * (1 - math.exp(-1)))


@pytest.mark.parametrize(
    ("change", "q"),
    [
        ({"learning_rate": 0.02}, 1 + 0.15),
        ({"weight_decay": 3e-6}, 0.15 * 4),
        ({"width": 160}, 0.1 + 4 * 0.05**2),
        ({"width": 160, "dropout": 0.2}, 0.1),
        ({"dropout": 0.45}, 0.16),
        ({"optimizer": "momentum", "learning_rate": 0.03}, 0.05),
        ({"optimizer": "sgd", "learning_rate": 0.3}, 0.15),
        ({"activation": "relu"}, 0.02),
        ({"activation": "tanh"}, 0.1),
        ({"activation": "sigmoid"}, 0.4),
        ({"warmup_share": 0.3}, 0.2 * 0.04),
        ({"label_smoothing": 0.25}, 0.5 * 0.04),
        ({"gradient_clip": 10.0}, 0.005),
        ({"normalization": "batch"}, 0.005),
        ({"normalization": "none"}, 0.03),
    ],
)
def test_network20_adds_each_term_of_its_formula(change, q):
    assert changed(**change) == pytest.approx(0.03 + 0.87 * (1 - math.exp(-q)), abs=1e-9)


def test_eight_of_the_twenty_do_not_matter_and_nothing_is_below_the_optimum():
    assert len(NETWORK.space) == 20
    rng = np.random.default_rng(0)
    idle = list(NETWORK.space)[12:]
    for _ in range(200):
        params = NETWORK.space.sample(rng)
        loss = NETWORK(params)
        assert 0.03 <= loss <= 0.9
        assert NETWORK({**NETWORK.space.sample(rng), **{k: v for k, v in params.items() if k not in idle}}) == loss
    for name in list(NETWORK.space)[:12]:
        others = [NETWORK.space.sample(rng)[name] for _ in range(20)]
        assert max(changed(**{name: other}) for other in others) > 0.03


def test_the_suite_holds_twelve_problems_with_optima_below_random_search():
    suite = problems.suite()
    assert len(suite) == 12
    for name, problem in suite.items():
        assert problem.name == name
        found = []
        for number in range(30):
            try:
                found.append(problem(problem.space.sample(np.random.default_rng(number)), seed=0))
            except ArithmeticError:
                assert name == "momentum_boston"
        assert problem.optimum_at(0) <= min(found)
        assert problem.optimum < np.mean(found)


def test_tables_are_small():
    sizes = {path.name: path.stat().st_size for path in DATA.glob("*.npz")}
    new = [sizes[f"{name}.npz"] for name in ("boosters_diabetes", "schedule_digits", "sgd_cancer", "momentum_boston")]
    assert max(new) < 100_000
    assert sum(sizes.values()) < 660_000


def test_a_table_with_conditions_travels_with_its_numbers():
    problem = problems.schedule_digits()
    problem(problem.best_params)
    again = pickle.loads(pickle.dumps(problem))
    assert again(problem.best_params, seed=None) == problem.optimum
