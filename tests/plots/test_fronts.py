"""The figure of a front: which trials are gold, where the staircase runs, and what the axes say."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

import hpt_lab as hpt
from hpt_lab import plots
from hpt_lab.plots import GOLD, GREY

SPACE = hpt.Space(x=hpt.Float(0, 1))


def told(values, directions, infeasible=()):
    study = hpt.Study(SPACE, hpt.RandomSearch(), directions=directions)
    for i, value in enumerate(values):
        study.tell(study.ask(), value, constraints={"limit": 1.0} if i in infeasible else None)
    return study


def dots(ax):
    """The gray, the hollow and the golden dots."""
    return [np.asarray(one.get_offsets()).tolist() for one in ax.collections]


def test_the_front_is_a_golden_staircase_and_the_rest_is_gray_or_hollow():
    values = [(0.9, 30.0), (0.7, 10.0), (0.8, 40.0), (0.8, 20.0), (0.95, 1.0)]
    study = told(values, {"accuracy": "maximize", "seconds": "minimize"}, infeasible=[4])
    ax = plots.plot_front(study)
    assert dots(ax) == [[[0.8, 40.0]], [[0.95, 1.0]], [[0.9, 30.0], [0.8, 20.0], [0.7, 10.0]]]
    assert len(ax.collections[1].get_facecolor()) == 0
    assert [to_hex(ax.collections[i].get_facecolor()[0]).upper() for i in (0, 2)] == [GREY.upper(), GOLD.upper()]
    (line,) = ax.get_lines()
    corners = line.get_path().interpolated(1) and line.get_xydata().tolist()
    assert corners == dots(ax)[2]
    assert line.get_drawstyle() == "steps-post"  # from one trial straight to where it is as bad as the next, then down
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("accuracy (higher is better)", "seconds (lower is better)")


def test_with_three_objectives_two_are_chosen_and_there_is_no_staircase():
    study = told([(1, 5, 9), (2, 6, 8), (3, 7, 9)], ["minimize", "minimize", "maximize"])
    ax = plots.plot_front(study, x="value_2", y=0)
    assert dots(ax) == [[[8.0, 2.0], [9.0, 3.0]], [], [[9.0, 1.0]]]
    assert not ax.get_lines()
    assert ax.get_xlabel() == "value_2 (higher is better)"


def test_a_study_without_a_feasible_trial_has_hollow_dots_alone():
    ax = plots.plot_front(told([(1, 2)], ["minimize"] * 2, infeasible=[0]))
    assert dots(ax) == [[], [[1.0, 2.0]], []]


def test_the_path_of_an_incumbent_begins_with_the_first_feasible_trial():
    study = hpt.Study(SPACE, hpt.RandomSearch())
    for value, limit in ((1.0, 1), (4.0, 0), (0.5, 0.1), (3.0, -1)):
        study.tell(study.ask(), value, constraints={"limit": limit})
    for over in ("trials", "time"):
        ax = plots.incumbent_path(study, over=over)
        assert ax.get_lines()[0].get_ydata().tolist() == pytest.approx([np.nan, 4.0, 4.0, 3.0], nan_ok=True)
        assert [y for _, y in dots(ax)[1]] == [1.0, 0.5]
        assert len(ax.collections[1].get_facecolor()) == 0
