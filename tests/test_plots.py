from itertools import pairwise

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex

import hpt_lab as hpt
from hpt_lab import plots, problems
from hpt_lab.comparison import compare
from hpt_lab.problems import Problem, Table


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    strategies = {"grid": hpt.GridSearch(resolution=3), "random": hpt.RandomSearch(), "mine": hpt.QuasiRandomSearch()}
    return compare(strategies, problems.branin(), n_trials=12, seeds=5, progress=False)


@pytest.fixture(scope="module")
def mixed() -> hpt.Study:
    """Twenty trials over float, int, category and a condition; where units > 200, they fail."""
    space = hpt.Space(
        rate=hpt.Float(1e-4, 1e-1, log=True),
        units=hpt.Int(16, 256, log=True),
        kernel=["rbf", "poly"],
        degree=hpt.Int(2, 5).when(kernel="poly"),
    )

    def objective(params):
        if params["units"] > 200:
            raise MemoryError("out of memory")
        return abs(np.log10(params["rate"]) + 3) + params.get("degree", 0) / 10

    return hpt.tune(objective, space, hpt.RandomSearch(), 20, seed=3, progress=False)


@pytest.fixture
def table_problem() -> Problem:
    space = hpt.Space(a=hpt.Int(1, 3), b=hpt.Float(0.1, 10, log=True, step=10), c=hpt.Int(1, 2))
    losses = 1 + np.random.default_rng(0).random((2, 1, 3, 3, 2))
    table = Table(space, losses)
    return Problem("small", space, table.values().min(), table.argmin(), "error", table=table)


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_convergence_draws_the_mean_and_the_band_it_names(frame):
    ax = plots.convergence(frame, "regret", band="s.e.")
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert set(lines) == {"grid", "random", "mine"}
    runs = frame.query("strategy == 'random'").pivot(index="trial", columns="seed", values="regret")
    np.testing.assert_allclose(lines["random"].get_ydata(), runs.mean(axis=1))
    np.testing.assert_array_equal(lines["random"].get_xdata(), np.arange(1, 13))
    band = ax.collections[1].get_paths()[0].vertices[:, 1]
    half = runs.std(axis=1) / np.sqrt(5)
    assert band.max() == pytest.approx((runs.mean(axis=1) + half).max())
    assert band.min() == pytest.approx((runs.mean(axis=1) - half).min())
    assert ax.get_ylabel() == "regret\nmean ± 1 s.e. over 5 seeds"


def test_convergence_draws_median_and_quartiles(frame):
    ax = plots.convergence(frame, band="quartiles")
    runs = frame.query("strategy == 'mine'").pivot(index="trial", columns="seed", values="incumbent")
    np.testing.assert_allclose(ax.get_lines()[2].get_ydata(), runs.median(axis=1))
    assert "median and quartiles" in ax.get_ylabel()


def test_convergence_gives_strategies_their_colours_and_others_one_that_is_free(frame):
    ax = plots.convergence(frame)
    colors = {line.get_label(): to_hex(line.get_color()) for line in ax.get_lines()}
    assert colors["grid"] == plots.COLORS["grid"].lower()
    assert colors["random"] == plots.COLORS["random"].lower()
    assert len(set(colors.values())) == 3


def test_convergence_refuses_what_it_cannot_draw(frame):
    with pytest.raises(ValueError, match="metric='speed' must be a column"):
        plots.convergence(frame, "speed")
    with pytest.raises(ValueError, match=r"band='ci' must be one of s\.d\., s\.e\., quartiles"):
        plots.convergence(frame, band="ci")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("random", "random"),
        ("Random search", "random"),
        ("QuasiRandomSearch", "quasi-random"),
        ("GridSearch(resolution=3)", "grid"),
        ("BayesianOptimization", "bayesian"),
        ("SuccessiveHalving", "halving"),
        ("Hyperband", "hyperband"),
        ("GeneticAlgorithm", "genetic"),
    ],
)
def test_a_strategy_has_one_colour_by_whatever_name(name, known):
    assert plots.color(name) == plots.COLORS[known]


def test_strategies_that_meet_in_a_figure_look_different():
    together = ["manual", "grid", "random", "quasi-random", "bayesian", "TPE", "genetic", "hyperband", "halving"]
    together += ["ASHA", "BOHB"]
    looks = {(plots.COLORS[name], str(plots.DASHES.get(name, "-"))) for name in together}
    assert len(looks) == len(together)


@given(st.lists(st.floats(0, 300, allow_nan=False), min_size=1, max_size=8), st.floats(1, 20))
def test_spread_keeps_order_and_gap_and_moves_nothing_that_has_room(heights, gap):
    heights = np.array(heights)
    places = plots._spread(heights, gap)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(places[order]) >= gap - 1e-6).all()
    assert places.mean() == pytest.approx(heights.mean(), abs=1e-6)
    if (np.diff(heights[order]) >= gap).all():
        np.testing.assert_allclose(places, heights, atol=1e-6)


def test_labels_of_lines_that_end_together_do_not_overlap():
    with plt.rc_context(plots.STYLE):
        figure, ax = plt.subplots()
    for i in range(6):
        ax.plot([0, 1], [i, 1 + 0.01 * i], label=f"strategy {i}")
    plots.label_lines(ax)
    plots.label_lines(ax)  # a second call takes the labels of the first away
    assert len(ax.texts) == 6
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)


def test_coverage_marks_every_value_on_its_axis():
    space = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(1e-3, 1e3, log=True))
    study = hpt.tune(lambda p: p["x"], space, hpt.GridSearch(resolution=3), 9, progress=False)
    ax = plots.coverage(study, "x", "y")
    assert ax.get_xlabel() == "x: 3 values tried"
    assert ax.get_ylabel() == "y: 3 values tried"
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    points, on_x, on_y = ax.collections
    np.testing.assert_allclose(points.get_offsets(), [[t.params["x"], t.params["y"]] for t in study.trials])
    assert {round(segment[0][0], 9) for segment in on_x.get_segments()} == {0, 0.5, 1}
    assert {round(segment[0][1], 9) for segment in on_y.get_segments()} == {1e-3, 1, 1e3}
    assert to_hex(points.get_facecolor()[0]) == plots.COLORS["grid"].lower()


def test_coverage_takes_a_list_of_params_and_categories(mixed):
    assert plots.coverage([{"a": 1, "b": 2}, {"a": 1, "b": 3}], "a", "b").get_xlabel() == "a: 1 value tried"
    ax = plots.coverage(mixed, "rate", "kernel")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["rbf", "poly"]
    with pytest.raises(ValueError, match="no trial has values of both rate and depth"):
        plots.coverage(mixed, "rate", "depth")


@pytest.mark.parametrize("seed", [None, 1])
def test_heatmap_shows_the_table_and_its_optimum(table_problem, seed):
    ax = plots.heatmap(table_problem, "b", "a", seed=seed)
    (mesh,) = [c for c in ax.collections if isinstance(c, QuadMesh)]
    table = table_problem.values(seed)
    np.testing.assert_allclose(mesh.get_array(), table.min(axis=2))  # rows are a, columns b, best over c
    best = table_problem.table.argmin(seed)
    np.testing.assert_allclose(ax.collections[-1].get_offsets(), [[best["b"], best["a"]]])
    np.testing.assert_allclose(mesh.get_coordinates()[0, :, 0], np.sqrt(10.0) ** np.array([-3, -1, 1, 3]))
    np.testing.assert_allclose(mesh.get_coordinates()[:, 0, 1], [0.5, 1.5, 2.5, 3.5])
    assert "best over c" in ax.figure.axes[1].get_ylabel()


def test_heatmap_numbers_the_trials_from_one(table_problem):
    trials = [{"a": 1, "b": 0.1, "c": 1}, {"a": 2, "b": 10.0, "c": 1}, {"a": 1, "b": 0.1, "c": 2}]
    assert texts(plots.heatmap(table_problem, "a", "b", trials=trials)) == ["1, 3", "2", "best"]


def test_heatmap_draws_a_formula_of_two_dimensions_only():
    ax = plots.heatmap(problems.branin())
    (mesh,) = [c for c in ax.collections if isinstance(c, QuadMesh)]
    assert mesh.get_array().min() == pytest.approx(problems.branin().optimum, abs=0.05)
    with pytest.raises(ValueError, match="hartmann6 has 6 dimensions"):
        plots.heatmap(problems.hartmann6())
    with pytest.raises(ValueError, match="'x3' must be one of"):
        plots.heatmap(problems.branin(), "x3")


def test_parallel_coordinates_draw_each_finished_trial_with_the_best_in_front(mixed):
    ax = plots.parallel_coordinates(mixed)
    finished = mixed.history.finished
    assert 0 < len(finished) < 20
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 5]
    assert len(lines) == len(finished)
    front = max(lines, key=lambda line: line.get_zorder())
    assert to_hex(front.get_color()) == plots.VERMILION.lower()
    expected = [mixed.space[n].encode(mixed.best_params[n]) if n in mixed.best_params else np.nan for n in mixed.space]
    np.testing.assert_allclose(front.get_ydata(), [*expected, 0])
    inactive = sum("degree" not in trial.params for trial in finished)
    assert sum(bool(np.isnan(line.get_ydata()[3])) for line in lines) == inactive > 0
    assert {"rbf", "poly", "0.001", "16"} <= set(texts(ax))


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_incumbent_path_is_the_best_so_far(direction):
    space = hpt.Space(x=hpt.Float(-1, 1))
    study = hpt.tune(lambda p: p["x"], space, hpt.RandomSearch(), 15, direction=direction, progress=False)
    ax = plots.incumbent_path(study)
    values = [trial.value for trial in study.trials]
    best = (np.minimum if direction == "minimize" else np.maximum).accumulate(values)
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), best)
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), np.column_stack([range(1, 16), values]))


def test_incumbent_path_shows_failed_trials(mixed):
    ax = plots.incumbent_path(mixed)
    crosses = [line for line in ax.get_lines() if line.get_marker() == "x"]
    assert list(crosses[0].get_xdata()) == [trial.number + 1 for trial in mixed.history.failed]
    assert "× failed" in texts(ax)


def test_figures_of_a_study_need_a_complete_trial():
    study = hpt.Study(hpt.Space(x=hpt.Float(0, 1)), hpt.RandomSearch())
    for draw in (plots.parallel_coordinates, plots.incumbent_path):
        with pytest.raises(ValueError, match="no complete trial yet"):
            draw(study)


def test_every_function_draws_on_the_axes_it_is_given(frame, mixed):
    draws = [
        lambda ax: plots.convergence(frame, ax=ax),
        lambda ax: plots.coverage(mixed, "rate", "units", ax=ax),
        lambda ax: plots.heatmap(problems.branin(), ax=ax),
        lambda ax: plots.parallel_coordinates(mixed, ax=ax),
        lambda ax: plots.incumbent_path(mixed, ax=ax),
    ]
    for draw in draws:
        ax = plt.figure().add_subplot()
        assert draw(ax) is ax


def test_style_is_opaque_and_applies_to_new_figures(frame):
    with plt.rc_context():
        plots.use_style()
        assert plt.figure().get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    assert plots.convergence(frame).figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def test_surrogate_draws_mean_band_trials_and_truth():
    x = np.linspace(0, 1, 11)
    ax = plots.surrogate(x, x**2, 0.1 + x, trials=([0.2, 0.4], [1.0, 2.0]), truth=-x)
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_allclose(lines["mean"], x**2)
    np.testing.assert_allclose(lines["truth"], -x)
    band, dots = ax.collections
    edges = band.get_paths()[0].get_extents()
    assert (round(edges.ymin, 9), round(edges.ymax, 9)) == (round(float((x**2 - 0.2 - 2 * x).min()), 9), 3.2)
    np.testing.assert_allclose(dots.get_offsets(), [[0.2, 1.0], [0.4, 2.0]])
    with pytest.raises(ValueError, match=r"surrogate: .* must be \(m,\)"):
        plots.surrogate(x, x[1:], x)


def test_acquisition_marks_its_highest_place():
    x = np.linspace(0, 1, 11)
    ax = plots.acquisition(x, -((x - 0.3) ** 2), name="EI")
    marker = ax.get_lines()[-1]
    assert marker.get_xdata()[0] == pytest.approx(0.3)
    assert ax.get_ylabel() == "EI"
    with pytest.raises(ValueError, match="acquisition"):
        plots.acquisition(x, x[1:])


def test_partial_dependence_is_the_mean_of_the_slices_on_the_scale_of_the_dimension():
    class Model:
        def predict(self, X):
            return X[:, 0] * 2 + X[:, 1], np.zeros(len(X))

    space = hpt.Space(rate=hpt.Float(1e-4, 1e-1, log=True), units=hpt.Int(16, 256, log=True), degree=hpt.Int(1, 3))
    ax = plots.partial_dependence(Model(), space, "rate", n_slices=7)
    *slices, mean = ax.get_lines()
    assert len(slices) == 7
    assert ax.get_xscale() == "log"
    np.testing.assert_allclose(mean.get_ydata(), np.mean([line.get_ydata() for line in slices], axis=0))
    assert mean.get_ydata()[-1] - mean.get_ydata()[0] == pytest.approx(2 * 40 / 41, abs=1e-5)
    assert len(plots.partial_dependence(Model(), space, "degree").get_lines()[0].get_xdata()) == 3
    with pytest.raises(ValueError, match="partial_dependence: name='depth'"):
        plots.partial_dependence(Model(), space, "depth")


def test_densities_draws_both_and_a_tick_for_each_trial():
    x = np.linspace(0, 1, 11)
    ax = plots.densities(x, 2 * x, 1 - x, trials=([0.8, 0.9], [0.1, 0.2, 0.3]))
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_allclose(lines["l: good trials"], 2 * x)
    np.testing.assert_allclose(lines["g: the others"], 1 - x)
    ticks = [[path[0, 0] for path in c.get_segments()] for c in ax.collections if hasattr(c, "get_segments")]
    assert ticks == [[0.8, 0.9], [0.1, 0.2, 0.3]]
    with pytest.raises(ValueError, match=r"densities: .* must be \(m,\)"):
        plots.densities(x, x[1:], x)


def test_a_first_figure_leaves_matplotlib_interactive_as_it_made_it(monkeypatch):
    """A notebook's first figure switches this on; without it, none of the later figures would be shown."""
    subplots = plt.subplots

    def first(*args, **kwargs):
        mpl.interactive(True)
        return subplots(*args, **kwargs)

    monkeypatch.setattr(plt, "subplots", first)
    mpl.interactive(False)
    try:
        plots._axes(None)
        assert plt.isinteractive()
    finally:
        mpl.interactive(False)
        plt.close("all")


def test_a_map_needs_two_hyperparameters_and_convergence_numbers():
    problem = problems.svm_digits()
    assert plots.heatmap(problem, y="C").get_ylabel() == "C"
    with pytest.raises(ValueError, match="must be two hyperparameters"):
        plots.heatmap(problem, "C", "C")
    frame = compare({"random": hpt.RandomSearch()}, problem, 2, 2, progress=False)
    with pytest.raises(ValueError, match="holds numbers"):
        plots.convergence(frame, "strategy")
