from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

import hpt_lab as hpt
from hpt_lab import plots
from hpt_lab.study.log import Log


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_parallel_coordinates_draw_each_finished_trial_with_the_best_in_front(mixed):
    ax = plots.parallel_coordinates(mixed)
    finished = mixed.history.finished
    assert 0 < len(finished) < 20
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 5]
    assert len(lines) == len(finished)
    front = max(lines, key=lambda line: line.get_zorder())
    assert to_hex(front.get_color()) == plots.GOLD.lower()
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
    steps = [(i + 1, value) for i, value in enumerate(values) if value == best[i]]
    np.testing.assert_array_equal(ax.collections[1].get_offsets(), steps)  # those that were the best so far
    golden = [ax.get_lines()[0].get_color(), *ax.collections[1].get_facecolor()]
    assert {to_hex(shade) for shade in golden} == {plots.GOLD.lower()}


def test_incumbent_path_counts_from_the_number_that_it_is_told(mixed):
    ax = plots.incumbent_path(mixed, first=0)
    assert list(ax.collections[0].get_offsets()[:, 0]) == [trial.number for trial in mixed.history.finished]
    assert ax.get_xlim() == (-0.5, len(mixed.trials) - 0.5)


def test_incumbent_path_shows_failed_trials(mixed):
    ax = plots.incumbent_path(mixed)
    crosses = [line for line in ax.get_lines() if line.get_marker() == "x"]
    assert list(crosses[0].get_xdata()) == [trial.number + 1 for trial in mixed.history.failed]
    assert "× failed" in texts(ax)


def test_figures_of_a_study_need_a_complete_trial():
    study = hpt.Study(hpt.Space(x=hpt.Float(0, 1)), hpt.RandomSearch())
    for after in (lambda: None, lambda: study.ask(), lambda: study.tell(study.ask(), error="out of memory")):
        after()
        for draw in (plots.parallel_coordinates, plots.incumbent_path):
            with pytest.raises(ValueError, match=f"must have a complete trial, among its {len(study.trials)}"):
                draw(study)


def test_incumbent_path_follows_the_highest_budget():
    space = hpt.Space(x=hpt.Float(0, 1))
    study = hpt.tune(lambda p, budget: p["x"] + budget, space, hpt.Hyperband(1, 9), 16, progress=False)
    budgets = [trial.budget for trial in study.trials]
    assert budgets.index(9) < len(budgets) - 1  # lower ones follow, and their smaller values do not count
    best = []
    for n in range(1, 17):
        top = max(budgets[:n])
        best.append(min(trial.value for trial in study.trials[:n] if trial.budget == top))
    np.testing.assert_array_equal(plots.incumbent_path(study).get_lines()[0].get_ydata(), best)


def test_the_axis_of_a_hyperparameter_is_labelled_at_its_bounds_its_middle_or_its_powers_of_ten():
    space = hpt.Space(
        rate=hpt.Float(1e-4, 1e-1, log=True), x=hpt.Float(-1, 3), depth=hpt.Int(1, 4), units=hpt.Int(1, 101)
    )
    study = hpt.tune(lambda p: p["x"], space, hpt.RandomSearch(), 3, progress=False)
    ax = plots.parallel_coordinates(study)
    labels = {(text.xy[0], text.get_text()): round(float(text.xy[1]), 3) for text in ax.texts if text.xy[0] < 4}
    assert labels == {
        **{(0, "0.0001"): 0, (0, "0.001"): 0.333, (0, "0.01"): 0.667, (0, "0.1"): 1},
        **{(1, "-1"): 0, (1, "1"): 0.5, (1, "3"): 1},
        **{(2, "1"): 0.125, (2, "2"): 0.375, (2, "3"): 0.625, (2, "4"): 0.875},
        **{(3, "1"): 0.005, (3, "51"): 0.5, (3, "101"): 0.995},
    }


def test_a_study_of_equal_values_has_its_lines_end_in_the_middle():
    study = hpt.tune(lambda p: 1.0, hpt.Space(x=hpt.Float(0, 1)), hpt.RandomSearch(), 3, progress=False)
    lines = [line for line in plots.parallel_coordinates(study).get_lines() if line.get_marker() == "o"]
    assert [line.get_ydata()[-1] for line in lines] == [0.5] * 3


def test_over_the_time_a_trial_stands_where_it_was_told():
    study = hpt.Study(hpt.Space(x=hpt.Float(0, 1)), hpt.RandomSearch())
    asked = [study.ask() for _ in range(4)]
    for trial, value in zip(asked, (3.0, 2.0, 4.0, 1.0), strict=True):
        study.tell(trial, value)
    start = study.trials[0].started
    timed = zip(study.trials, (8.0, 4.0, 6.0, 2.0), strict=True)  # told in the opposite order, nearly
    study._backend.log = Log(enumerate(replace(trial, started=start, seconds=60 * end) for trial, end in timed))
    ax = plots.incumbent_path(study, over="time")
    np.testing.assert_allclose(ax.get_lines()[0].get_xdata(), [2, 4, 6, 8])
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [1, 1, 1, 1])
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [(8, 3), (4, 2), (6, 4), (2, 1)])
    assert ax.get_xlabel() == "minutes since the first trial was asked for"
    study.direction, study._history = "maximize", None
    np.testing.assert_array_equal(plots.incumbent_path(study, over="time").get_lines()[0].get_ydata(), [1, 2, 4, 4])


@pytest.mark.parametrize(("lasted", "unit"), [(119, "seconds"), (120, "minutes"), (7200, "hours"), (172800, "days")])
def test_the_time_is_in_the_largest_unit_that_the_search_has_lasted_two_of(lasted, unit):
    study = hpt.Study(hpt.Space(x=hpt.Float(0, 1)), hpt.RandomSearch())
    study.tell(study.ask(), 1.0)
    study._backend.log = Log([(0, replace(study.trials[0], started=0.0, seconds=lasted))])
    assert plots.incumbent_path(study, over="time").get_xlabel() == f"{unit} since the first trial was asked for"


def test_names_and_choices_are_never_mathematics_and_never_long():
    space = hpt.Space({"$x$ $\\frac": ["$y", "a\nb", "z" * 900]})
    study = hpt.tune(lambda p: 1.0, space, hpt.RandomSearch(), 3, progress=False)
    ax = plots.parallel_coordinates(study)
    shown = [*ax.get_xticklabels(), *ax.texts]
    assert [text.get_text() for text in shown][:5] == ["$x$ $\\frac", "value", "$y", "'a\\nb'", "z" * 37 + "..."]
    assert not any(text.get_parse_math() for text in shown)
    ax.figure.canvas.draw()


def test_of_hundreds_of_trials_five_hundred_lines_are_drawn(monkeypatch):
    monkeypatch.setattr("hpt_lab.plots.studies.MOST_LINES", 6)
    study = hpt.tune(lambda p: p["x"], hpt.Space(x=hpt.Float(0, 1)), hpt.RandomSearch(), 9, progress=False)
    ax = plots.parallel_coordinates(study)
    values = sorted(line.get_ydata()[0] for line in ax.get_lines() if line.get_marker() == "o")
    told = sorted(trial.value for trial in study.trials)
    np.testing.assert_allclose(values, [*told[:5], told[8]])  # four best, and two of the others: the first and the last
    assert ax.get_xlabel().startswith("6 of 9 trials")


def test_importance_is_a_bar_a_hyperparameter_the_largest_on_top_and_the_rest():
    result = hpt.Importance({"b$": 0.6, "a": 0.1}, {"b$": 0.2, "a": 0.05}, 0.3, 0.04, 20, None)
    ax = plots.importance(result)
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.1, 0.3]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["b$", "a", "together"]
    heights = [bar.get_y() for bar in ax.patches]
    assert heights == sorted(heights)
    assert ax.yaxis_inverted()
    whiskers = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(whiskers, [(0.4, 0.8), (0.05, 0.15), (0.26, 0.34)])


def test_importance_of_a_study_is_what_the_library_says():
    space = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))
    study = hpt.tune(lambda p: p["y"], space, hpt.RandomSearch(), 8, progress=False)
    result = hpt.importance(study)
    assert [bar.get_width() for bar in plots.importance(study).patches] == [*result.shares.values(), result.rest]
