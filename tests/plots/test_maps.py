import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex

import hpt_lab as hpt
from hpt_lab import plots, problems
from hpt_lab.plots.maps import predicted
from hpt_lab.problems import Problem, Table


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def mesh_of(ax) -> QuadMesh:
    return next(c for c in ax.collections if isinstance(c, QuadMesh))


@pytest.mark.parametrize("seed", [None, 1])
def test_heatmap_shows_the_table_and_its_optimum(table_problem, seed):
    ax = plots.heatmap(table_problem, "b", "a", seed=seed)
    mesh = mesh_of(ax)
    table = table_problem.values(seed)
    np.testing.assert_allclose(mesh.get_array(), table.min(axis=2))  # rows are a, columns b, best over c
    best = table_problem.table.argmin(seed)
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), [[best["b"], best["a"]]])
    assert to_hex(ax.collections[-1].get_facecolor()[0]) == plots.GOLD.lower()
    np.testing.assert_allclose(mesh.get_coordinates()[0, :, 0], np.sqrt(10.0) ** np.array([-3, -1, 1, 3]))
    np.testing.assert_allclose(mesh.get_coordinates()[:, 0, 1], [0.5, 1.5, 2.5, 3.5])
    assert "best over c" in ax.figure.axes[1].get_ylabel()


def test_heatmap_numbers_the_trials_from_one(table_problem):
    trials = [{"a": 1, "b": 0.1, "c": 1}, {"a": 2, "b": 10.0, "c": 1}, {"a": 1, "b": 0.1, "c": 2}]
    assert texts(plots.heatmap(table_problem, "a", "b", trials=trials)) == ["1, 3", "2", "best"]


def test_heatmap_draws_a_formula_of_two_dimensions_only():
    ax = plots.heatmap(problems.branin())
    mesh = mesh_of(ax)
    assert mesh.get_array().min() == pytest.approx(problems.branin().optimum, abs=0.05)


def test_a_map_needs_two_hyperparameters():
    problem = problems.svm_digits()
    assert plots.heatmap(problem, y="C").get_ylabel() == "C"


def test_heatmap_draws_a_formula_over_integers_and_choices():
    space = hpt.Space(depth=hpt.Int(1, 3), kernel=["rbf", "poly"])
    error = lambda p: p["depth"] + 4.0 * (p["kernel"] == "poly")  # noqa: E731
    problem = Problem("small", space, 1.0, {"depth": 1, "kernel": "rbf"}, "error", error)
    ax = plots.heatmap(problem, trials=[{"depth": 2, "kernel": "poly"}])
    np.testing.assert_allclose(mesh_of(ax).get_array(), [[1, 2, 3], [5, 6, 7]])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["rbf", "poly"]
    np.testing.assert_allclose(ax.collections[1].get_offsets(), [[2, 1]])


def test_heatmap_puts_choices_that_are_numbers_in_order():
    space = hpt.Space(units=hpt.Categorical([8, 32, 16]), one=hpt.Categorical(["adam"]))
    table = Table(space, np.array([5.0, 1.0, 2.0]).reshape(1, 1, 3, 1))
    ax = plots.heatmap(Problem("small", space, 1.0, table.argmin(), "error", table=table))
    np.testing.assert_allclose(mesh_of(ax).get_array(), [[5, 2, 1]])
    np.testing.assert_allclose(mesh_of(ax).get_coordinates()[0, :, 0], [4, 12, 24, 40])
    np.testing.assert_allclose(mesh_of(ax).get_coordinates()[:, 0, 1], [-0.5, 0.5])
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), [[32, 0]])


def test_heatmap_shows_the_budget_and_the_seed_it_names():
    problem = problems.mlp_mnist()
    ax = plots.heatmap(problem, seed=1, budget=3)
    np.testing.assert_allclose(mesh_of(ax).get_array(), problem.values(1, 3).min(axis=2).T)
    best, everywhere = problem.table.argmin(1, 3), problem.table.argmin()
    assert (best["units_1"], best["units_2"]) != (everywhere["units_1"], everywhere["units_2"])
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), [[best["units_1"], best["units_2"]]])
    assert "seed 1" in ax.figure.axes[1].get_ylabel()
    assert f"mean of {problem.n_seeds} seeds" in plots.heatmap(problem).figure.axes[1].get_ylabel()


@pytest.mark.parametrize(
    ("largest", "scale"), [(3.9, "linear"), (4.1, "log")], ids=["below four times", "above four times"]
)
def test_colours_are_logarithmic_where_losses_span_more_than_a_factor_of_four(largest, scale):
    space = hpt.Space(a=hpt.Int(1, 2), b=hpt.Int(1, 2))
    table = Table(space, np.array([1.0, 2.0, 3.0, largest]).reshape(1, 1, 2, 2))
    bar = plots.heatmap(Problem("small", space, 1.0, table.argmin(), "error", table=table)).figure.axes[1]
    assert bar.get_yscale() == scale
    assert ([tick.get_text() for tick in bar.get_yticklabels()] == ["1", "2"]) is (scale == "log")


def test_more_than_sixty_trials_are_dots_without_numbers():
    trials = [{"x1": i / 10, "x2": 1.0} for i in range(61)]
    assert texts(plots.heatmap(problems.branin(), trials=trials)) == ["best"]
    assert texts(plots.heatmap(problems.branin(), trials=trials[:60]))[-2:] == ["60", "best"]
    assert texts(plots.heatmap(problems.branin(), trials=trials[:1] * 5)) == ["1, 2, 3, …", "best"]


def test_the_map_of_a_study_is_what_its_model_expects_with_its_trials(monkeypatch):
    monkeypatch.setattr("hpt_lab.plots.maps.COARSE", 5)
    space = hpt.Space(z=hpt.Float(0, 1), x=hpt.Float(0, 1), k=["a", "b"], c=hpt.Float(0, 1).when(k="a"))
    study = hpt.tune(
        lambda p: -3 * p["x"] - (p["k"] == "b"), space, hpt.RandomSearch(), 25, direction="maximize", progress=False
    )
    ax = plots.heatmap(study, "x", "k")
    expected = ax.collections[0].get_array().reshape(2, 5)  # rows are k, columns are x
    x = np.array([np.mean([0, 0.125]), 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(expected[0, 1:4], -3 * x[1:4], atol=0.05)
    np.testing.assert_allclose((expected[0] - expected[1])[1:4], 1, atol=0.05)
    assert ax.figure.axes[1].get_ylabel() == "expected value, mean over the others"
    trials, star = ax.collections[-2:]
    np.testing.assert_allclose(star.get_offsets(), [(study.best_params["x"], ["a", "b"].index(study.best_params["k"]))])
    np.testing.assert_allclose(sorted(trials.get_offsets()[:, 0]), sorted(trial.params["x"] for trial in study.trials))


def test_the_map_of_a_study_is_at_the_highest_budget_with_enough_trials():
    space = hpt.Space(x=hpt.Int(1, 3), y=hpt.Int(1, 3))
    study = hpt.tune(lambda p, budget: p["x"] + budget, space, hpt.Hyperband(1, 9), 12, progress=False)
    ax = plots.heatmap(study)
    assert ax.figure.axes[1].get_ylabel() == "expected value at budget 1"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")


@pytest.mark.parametrize("worst", [1.7e308, -1.7e308])
def test_the_largest_numbers_are_interpolated_without_overflow(worst):
    study = hpt.Study(hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1), z=["a", "b"]), hpt.RandomSearch())
    for value in (worst, 1.0, -worst, 0.0, 2.0, worst):
        study.tell(study.ask(), value)
    grid = predicted(study, ("x", "y"))[1]
    assert np.all(np.abs(grid) <= 1.7e308)
