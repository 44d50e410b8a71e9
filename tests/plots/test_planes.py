import numpy as np
from matplotlib.colors import to_hex

import hpt_lab as hpt
from hpt_lab import plots


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


def test_coverage_names_categories_and_a_single_value(mixed):
    ax = plots.coverage(mixed, "rate", "kernel")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["rbf", "poly"]
    study = hpt.tune(lambda p: p["a"], {"a": [1], "b": [2, 3]}, hpt.GridSearch(), 2, progress=False)
    assert plots.coverage(study, "a", "b").get_xlabel() == "a: 1 value tried"


def test_coverage_counts_choices_that_are_lists():
    space = hpt.Space(layers=hpt.Categorical([[8], [16], [8, 8]]), x=hpt.Float(0, 1))
    study = hpt.tune(lambda p: p["x"], space, hpt.GridSearch(resolution=2), 6, progress=False)
    ax = plots.coverage(study, "layers", "x")
    assert ax.get_xlabel() == "layers: 3 values tried"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["[8]", "[16]", "[8, 8]"]


def test_coverage_leaves_out_trials_in_which_a_hyperparameter_is_inactive(mixed):
    points = plots.coverage(mixed, "rate", "degree").collections[0].get_offsets()
    assert len(points) == sum("degree" in trial.params for trial in mixed.trials) < len(mixed.trials)


def test_a_name_is_not_read_as_mathematics():
    study = hpt.Study({"$x$": hpt.Float(0, 1), "n" * 90: hpt.Int(1, 3)}, hpt.RandomSearch())
    study.tell(study.ask(), 1.0)
    ax = plots.coverage(study, *study.space)
    assert [ax.get_xlabel(), ax.get_ylabel()] == ["$x$: 1 value tried", f"{'n' * 37}...: 1 value tried"]
    assert not ax.xaxis.label.get_parse_math()
    assert not ax.yaxis.label.get_parse_math()
