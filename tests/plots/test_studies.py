import numpy as np
import pytest
from matplotlib.colors import to_hex

import hpt_lab as hpt
from hpt_lab import plots


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


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
        rate=hpt.Float(1e-4, 1e-1, log=True), x=hpt.Float(-1, 3), depth=hpt.Int(1, 3), units=hpt.Int(1, 101)
    )
    study = hpt.tune(lambda p: p["x"], space, hpt.RandomSearch(), 3, progress=False)
    ax = plots.parallel_coordinates(study)
    labels = {(text.xy[0], text.get_text()): round(float(text.xy[1]), 3) for text in ax.texts if text.xy[0] < 4}
    assert labels == {
        **{(0, "0.0001"): 0, (0, "0.001"): 0.333, (0, "0.01"): 0.667, (0, "0.1"): 1},
        **{(1, "-1"): 0, (1, "1"): 0.5, (1, "3"): 1},
        **{(2, "1"): 0.167, (2, "2"): 0.5, (2, "3"): 0.833},
        **{(3, "1"): 0.005, (3, "51"): 0.5, (3, "101"): 0.995},
    }


def test_a_study_of_equal_values_has_its_lines_end_in_the_middle():
    study = hpt.tune(lambda p: 1.0, hpt.Space(x=hpt.Float(0, 1)), hpt.RandomSearch(), 3, progress=False)
    lines = [line for line in plots.parallel_coordinates(study).get_lines() if line.get_marker() == "o"]
    assert [line.get_ydata()[-1] for line in lines] == [0.5] * 3
