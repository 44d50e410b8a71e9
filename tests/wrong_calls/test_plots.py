"""Calls of `hpt_lab.plots` that cannot be drawn: each ends in one sentence that names the argument, its value and a remedy."""

import re

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D

import hpt_lab as hpt
from hpt_lab import plots, problems
from hpt_lab.problems import Problem, Table

SPACE = hpt.Space(C=hpt.Float(1e-3, 1e3, log=True), kernel=["rbf", "poly"], degree=hpt.Int(2, 5).when(kernel="poly"))
STUDY = hpt.tune(lambda p: p["C"], SPACE, hpt.RandomSearch(), 8, seed=1, progress=False)
EMPTY = hpt.Study(SPACE, hpt.RandomSearch())
WITHIN = hpt.Space(a=hpt.Int(1, 3), b=hpt.Int(1, 2))
SINGLE = Problem("line", hpt.Space(x=hpt.Float(0, 1)), 0.0, {"x": 0.0}, "loss", lambda p: p["x"])
BROKEN = Problem("broken", WITHIN, 0.0, {"a": 1, "b": 1}, "loss", lambda p: np.nan)
SWITCHED = Problem(
    "switched", hpt.Space(k=["a", "b"], c=hpt.Int(1, 2).when(k="a")), 0.0, {"k": "b"}, "loss", lambda p: 0.0
)
HOLES = Problem("holes", WITHIN, 0.0, {}, "loss", table=Table(WITHIN, np.full((1, 1, 3, 2), np.inf)))
BRANIN, SVM, MLP = problems.branin(), problems.svm_digits(), problems.mlp_mnist()

X = np.linspace(0, 1, 5)
GAP = np.array([0, 1, np.nan, 1, 0])
FRAME = pd.DataFrame(
    [
        {"strategy": name, "seed": seed, "trial": trial, "incumbent": 1.0 / trial}
        for name in ("grid", "random")
        for seed in (0, 1)
        for trial in (1, 2)
    ]
)
POINT = {"a": 1, "b": 2.0}


class Model:
    """Predicts what it was told to."""

    def __init__(self, answer):
        self.answer = answer

    def predict(self, X):
        return self.answer(len(X))


GOOD = Model(lambda n: (np.zeros(n), np.zeros(n)))


def few(n, space=WITHIN, value=None):
    """A study of n trials, all of one value if that is given."""
    study = hpt.Study(space, hpt.RandomSearch())
    for i in range(n):
        study.tell(study.ask(), float(i) if value is None else value)
    return study


def polar():
    return plt.figure().add_subplot(projection="polar")


def space_axes():
    return plt.figure().add_subplot(projection="3d")


def several():
    return plt.subplots(1, 2)[1]


def labelled(lines):
    return plots.label_lines(plt.figure().add_subplot(), lines)


# (what is drawn, the error's type, what its message holds)
CALLS = {
    "color of none": (lambda: plots.color(None), TypeError, "name=None"),
    "color of a strategy object": (
        lambda: plots.color(hpt.RandomSearch()),
        TypeError,
        "must be the name of a strategy",
    ),
    "color of bytes": (lambda: plots.color(b"grid"), TypeError, "name=b'grid'"),
    # convergence
    "convergence of a study": (lambda: plots.convergence(STUDY), TypeError, "that compare returns"),
    "convergence of a list": (lambda: plots.convergence([1, 2]), TypeError, "frame=[1, 2]"),
    "convergence of none": (lambda: plots.convergence(None), TypeError, "frame=None"),
    "convergence of a dict": (lambda: plots.convergence(FRAME.to_dict()), TypeError, "must be the DataFrame"),
    "convergence of a study's frame": (lambda: plots.convergence(STUDY.to_frame()), ValueError, "column 'strategy'"),
    "convergence without a seed": (lambda: plots.convergence(FRAME.drop(columns="seed")), ValueError, "column 'seed'"),
    "convergence with a gap in trial": (
        lambda: plots.convergence(FRAME.replace({"trial": {2: np.nan}})),
        ValueError,
        "column 'trial' without gaps",
    ),
    "convergence of no rows": (lambda: plots.convergence(FRAME[:0]), ValueError, "no rows"),
    "convergence with trials in words": (
        lambda: plots.convergence(FRAME.assign(trial="first")),
        TypeError,
        "numbers in 'trial'",
    ),
    "convergence with strategies by number": (
        lambda: plots.convergence(FRAME.assign(strategy=3)),
        TypeError,
        "names in 'strategy'",
    ),
    "convergence metric none": (lambda: plots.convergence(FRAME, None), TypeError, "metric=None"),
    "convergence metric list": (lambda: plots.convergence(FRAME, ["regret"]), TypeError, "metric=['regret']"),
    "convergence metric unknown": (lambda: plots.convergence(FRAME, "regret"), ValueError, "metric='regret'"),
    "convergence metric of words": (lambda: plots.convergence(FRAME, "strategy"), ValueError, "holds numbers"),
    "convergence all NaN": (lambda: plots.convergence(FRAME.assign(incumbent=np.nan)), ValueError, "holds numbers"),
    "convergence infinite": (
        lambda: plots.convergence(FRAME.replace({"incumbent": {0.5: np.inf}})),
        ValueError,
        "must hold finite numbers",
    ),
    "convergence of a strategy that never succeeded": (
        lambda: plots.convergence(FRAME.assign(incumbent=FRAME["incumbent"].where(FRAME["strategy"] == "grid"))),
        ValueError,
        "no number for 'random'",
    ),
    "convergence of rows twice": (lambda: plots.convergence(pd.concat([FRAME, FRAME])), ValueError, "'grid' twice"),
    "convergence band unknown": (lambda: plots.convergence(FRAME, band="ci"), ValueError, "band='ci'"),
    "convergence band of a number": (lambda: plots.convergence(FRAME, band=2), TypeError, "band=2"),
    "convergence band true": (lambda: plots.convergence(FRAME, band=True), TypeError, "s.d., s.e., quartiles, or None"),
    "convergence on several axes": (
        lambda: plots.convergence(FRAME, ax=several()),
        TypeError,
        "an array of shape (2,)",
    ),
    "convergence on a figure": (lambda: plots.convergence(FRAME, ax=plt.figure()), TypeError, "must be one Axes"),
    "convergence on pyplot": (lambda: plots.convergence(FRAME, ax=plt), TypeError, "must be one Axes"),
    "convergence on polar axes": (lambda: plots.convergence(FRAME, ax=polar()), ValueError, "straight axes"),
    # label_lines
    "labels without axes": (lambda: plots.label_lines(None), TypeError, "ax=None"),
    "labels of a figure": (lambda: plots.label_lines(plt.figure()), TypeError, "must be one Axes"),
    "labels of one line": (lambda: labelled(Line2D([0], [0])), TypeError, "must be a list of lines"),
    "labels of names": (lambda: labelled(["grid"]), TypeError, "lines[0]='grid'"),
    "labels of other axes' lines": (
        lambda: labelled(plt.figure().add_subplot().plot([0, 1], [0, 1])),
        ValueError,
        "must be a line of ax",
    ),
    # coverage
    "coverage of none": (lambda: plots.coverage(None, "a", "b"), TypeError, "study=None"),
    "coverage of params": (lambda: plots.coverage([POINT], "a", "b"), TypeError, "must be a Study"),
    "coverage of a frame": (lambda: plots.coverage(STUDY.to_frame(), "C", "kernel"), TypeError, "must be a Study"),
    "coverage of an empty study": (lambda: plots.coverage(EMPTY, "C", "kernel"), ValueError, "there is no trial yet"),
    "coverage of an unknown name": (lambda: plots.coverage(STUDY, "C", "gamma"), ValueError, "both C and gamma"),
    "coverage of one name twice": (lambda: plots.coverage(STUDY, "C", "C"), ValueError, "both are 'C'"),
    "coverage x by index": (lambda: plots.coverage(STUDY, 0, "C"), TypeError, "x=0"),
    "coverage y none": (lambda: plots.coverage(STUDY, "C", None), TypeError, "y=None"),
    "coverage y a dimension": (lambda: plots.coverage(STUDY, "C", SPACE["C"]), TypeError, "must be the name"),
    "coverage on several axes": (lambda: plots.coverage(STUDY, "C", "kernel", ax=several()), TypeError, "ax=an array"),
    # heatmap
    "heatmap of a study of too few trials": (
        lambda: plots.heatmap(few(3)),
        ValueError,
        "heatmap: the study has 3 complete trials, but must have at least 4 in this space",
    ),
    "heatmap of a study with a seed": (lambda: plots.heatmap(few(9), seed=1), ValueError, "seed=1 must be left out"),
    "heatmap of a study with a budget": (lambda: plots.heatmap(few(9), budget=3), ValueError, "budget=3 must be left"),
    "heatmap of a study of one dimension": (
        lambda: plots.heatmap(few(9, hpt.Space(a=hpt.Int(1, 3), b=hpt.Int(1, 2).when(a=1)))),
        ValueError,
        "the study has 1 hyperparameter without a condition, but must have two",
    ),
    "heatmap of a hyperparameter with a condition": (
        lambda: plots.heatmap(STUDY, y="degree"),
        ValueError,
        "y='degree' must be one of ['C', 'kernel']",
    ),
    # importance
    "importance of none": (lambda: plots.importance(None), TypeError, "importance: study=None must be a Study"),
    "importance of a frame": (lambda: plots.importance(STUDY.to_frame()), TypeError, "must be a Study"),
    "importance of too few trials": (
        lambda: plots.importance(few(3)),
        ValueError,
        "importance: the study has 3 complete trials, but must have at least 4 in this space",
    ),
    "importance of an empty study": (lambda: plots.importance(EMPTY), ValueError, "0 complete trials"),
    "importance of one value": (
        lambda: plots.importance(few(9, value=3.5)),
        ValueError,
        "importance: the 9 complete trials all have the value 3.5, but must differ",
    ),
    "importance with budgets": (
        lambda: plots.importance(hpt.tune(lambda p, b: b, WITHIN, hpt.Hyperband(1, 3), 4, progress=False)),
        ValueError,
        "3 complete trials at one budget, but must have at least 4",
    ),
    "importance with a seed of a text": (lambda: hpt.importance(STUDY, seed="0"), TypeError, "importance: seed='0'"),
    "importance with a negative seed": (lambda: hpt.importance(STUDY, seed=-1), ValueError, "importance: seed=-1"),
    "importance bent by a text": (
        lambda: hpt.importance(STUDY, bend="no"),
        TypeError,
        "importance: bend='no' must be True or False",
    ),
    "importance on a figure": (lambda: plots.importance(STUDY, ax=plt.figure()), TypeError, "must be one Axes"),
    # incumbent_path
    "incumbent path over seconds": (
        lambda: plots.incumbent_path(STUDY, over="seconds"),
        ValueError,
        "over='seconds' must be one of ['trials', 'time']",
    ),
    "incumbent path over none": (lambda: plots.incumbent_path(STUDY, over=None), TypeError, "over=None"),
    "heatmap of a space": (lambda: plots.heatmap(SPACE), TypeError, "must be a Problem"),
    "heatmap of a name": (lambda: plots.heatmap("branin"), TypeError, "problem='branin'"),
    "heatmap of the function": (lambda: plots.heatmap(problems.branin), TypeError, "must be a Problem"),
    "heatmap of an array": (lambda: plots.heatmap(np.zeros((3, 3))), TypeError, "an array of shape (3, 3)"),
    "heatmap of one dimension": (lambda: plots.heatmap(SINGLE), ValueError, "line has 1 dimension;"),
    "heatmap of six dimensions": (lambda: plots.heatmap(problems.hartmann6()), ValueError, "6 dimensions"),
    "heatmap with a condition": (lambda: plots.heatmap(SWITCHED), ValueError, "no hyperparameter with a condition"),
    "heatmap of NaN": (lambda: plots.heatmap(BROKEN), ValueError, "a loss of broken is nan"),
    "heatmap of infinity": (lambda: plots.heatmap(HOLES), ValueError, "a loss of holes is inf"),
    "heatmap x unknown": (lambda: plots.heatmap(BRANIN, "x3"), ValueError, "x='x3'"),
    "heatmap y by index": (lambda: plots.heatmap(BRANIN, "x1", 1), TypeError, "y=1"),
    "heatmap x list": (lambda: plots.heatmap(BRANIN, ["x1", "x2"]), TypeError, "x=['x1', 'x2']"),
    "heatmap x is y": (lambda: plots.heatmap(BRANIN, "x1", "x1"), ValueError, "both are 'x1'"),
    "heatmap seed too large": (lambda: plots.heatmap(SVM, seed=99), ValueError, "seed=99"),
    "heatmap seed below 0": (lambda: plots.heatmap(SVM, seed=-1), ValueError, "seed=-1"),
    "heatmap seed in words": (lambda: plots.heatmap(SVM, seed="mean"), TypeError, "seed='mean'"),
    "heatmap seed true": (lambda: plots.heatmap(SVM, seed=True), TypeError, "seed=True"),
    "heatmap seed of a formula": (lambda: plots.heatmap(BRANIN, seed=1.5), TypeError, "seed=1.5"),
    "heatmap budget unknown": (lambda: plots.heatmap(MLP, budget=28), ValueError, "budget=28"),
    "heatmap budget of a formula": (lambda: plots.heatmap(BRANIN, budget=3), ValueError, "budget=3"),
    "heatmap budget without budgets": (lambda: plots.heatmap(SVM, budget=3), ValueError, "budget=3"),
    "heatmap budget in words": (lambda: plots.heatmap(MLP, budget="all"), TypeError, "budget='all'"),
    "heatmap budget list": (lambda: plots.heatmap(MLP, budget=[1, 3]), TypeError, "budget=[1, 3]"),
    "heatmap trials of another space": (lambda: plots.heatmap(BRANIN, trials=[POINT]), ValueError, "both x1 and x2"),
    "heatmap trials of a number": (lambda: plots.heatmap(BRANIN, trials=8), TypeError, "trials=8"),
    "heatmap trials of values": (lambda: plots.heatmap(BRANIN, trials=[0.5]), TypeError, "trials[0]=0.5"),
    "heatmap trials with NaN": (
        lambda: plots.heatmap(BRANIN, trials=[{"x1": np.nan, "x2": 1.0}]),
        ValueError,
        "heatmap: x1=nan",
    ),
    "heatmap trials in words": (
        lambda: plots.heatmap(BRANIN, trials=[{"x1": 1.0, "x2": "high"}]),
        TypeError,
        "heatmap: x2='high'",
    ),
    "heatmap on a figure": (lambda: plots.heatmap(BRANIN, ax=plt.figure()), TypeError, "must be one Axes"),
    # figures of a study
    "parallel of an empty study": (lambda: plots.parallel_coordinates(EMPTY), ValueError, "complete one with tune"),
    "parallel of a problem": (lambda: plots.parallel_coordinates(BRANIN), TypeError, "study=Problem(branin"),
    "parallel of trials": (lambda: plots.parallel_coordinates(list(STUDY.trials)), TypeError, "must be a Study"),
    "parallel of a frame": (lambda: plots.parallel_coordinates(STUDY.to_frame()), TypeError, "must be a Study"),
    "parallel on solid axes": (lambda: plots.parallel_coordinates(STUDY, space_axes()), ValueError, "not 3d ones"),
    "path of an empty study": (lambda: plots.incumbent_path(EMPTY), ValueError, "must have a complete trial"),
    "path of a history": (lambda: plots.incumbent_path(STUDY.history), TypeError, "must be a Study"),
    "path of none": (lambda: plots.incumbent_path(None), TypeError, "study=None"),
    "path on several axes": (lambda: plots.incumbent_path(STUDY, several()), TypeError, "ax=an array of shape (2,)"),
    # surrogate
    "surrogate shapes": (lambda: plots.surrogate(X, X[1:], X), ValueError, "must be (m,)"),
    "surrogate of a table": (lambda: plots.surrogate(X[:, None], X[:, None], X[:, None]), ValueError, "(5, 1)"),
    "surrogate of numbers": (lambda: plots.surrogate(0.5, 0.5, 0.1), ValueError, "must be (m,)"),
    "surrogate of nothing": (lambda: plots.surrogate([], [], []), ValueError, "at least two ascending points"),
    "surrogate of one place": (
        lambda: plots.surrogate([0.5], [1.0], [0.1]),
        ValueError,
        "at least two ascending points",
    ),
    "surrogate descending": (lambda: plots.surrogate(X[::-1], X, X), ValueError, "ascending"),
    "surrogate shuffled": (lambda: plots.surrogate([0, 2, 1], [0, 0, 0], [1, 1, 1]), ValueError, "x=[0, 2, 1]"),
    "surrogate mean with NaN": (lambda: plots.surrogate(X, GAP, X), ValueError, "surrogate: mean must hold finite"),
    "surrogate std with infinity": (
        lambda: plots.surrogate(X, X, np.full(5, np.inf)),
        ValueError,
        "inf",
    ),
    "surrogate std below 0": (lambda: plots.surrogate(X, X, X - 0.5), ValueError, "std must be at least 0"),
    "surrogate mean in words": (lambda: plots.surrogate(X, ["a"] * 5, X), TypeError, "surrogate: mean=['a'"),
    "surrogate mean none": (lambda: plots.surrogate(X, None, X), TypeError, "mean=None"),
    "surrogate mean of flags": (lambda: plots.surrogate(X, X > 0.5, X), TypeError, "must be an array of numbers"),
    "surrogate mean ragged": (lambda: plots.surrogate(X, [[1], [1, 2]], X), TypeError, "mean=[[1], [1, 2]]"),
    "surrogate mean complex": (lambda: plots.surrogate(X, X * 1j, X), TypeError, "must be an array of numbers"),
    "surrogate truth shape": (lambda: plots.surrogate(X, X, X, truth=X[1:]), ValueError, "x and truth of shapes"),
    "surrogate truth a function": (lambda: plots.surrogate(X, X, X, truth=np.sin), TypeError, "truth=<ufunc 'sin'>"),
    "surrogate truth with NaN": (lambda: plots.surrogate(X, X, X, truth=GAP), ValueError, "truth must hold finite"),
    "surrogate trials a study": (lambda: plots.surrogate(X, X, X, trials=STUDY), TypeError, "must be a pair"),
    "surrogate trials three": (lambda: plots.surrogate(X, X, X, trials=([1], [1], [1])), ValueError, "not 3"),
    "surrogate trials of points": (lambda: plots.surrogate(X, X, X, trials=[(0, 1)]), ValueError, "not 1"),
    "surrogate trials uneven": (lambda: plots.surrogate(X, X, X, trials=([0, 1], [1])), ValueError, "not 2 and 1"),
    "surrogate trials with NaN": (lambda: plots.surrogate(X, X, X, trials=([0], [np.nan])), ValueError, "trials[1]"),
    "surrogate trials in words": (lambda: plots.surrogate(X, X, X, trials="xy"), TypeError, "trials='xy'"),
    "surrogate trials of columns": (lambda: plots.surrogate(X, X, X, trials=([[0]], [[1]])), ValueError, "shape (n,)"),
    "surrogate on several axes": (lambda: plots.surrogate(X, X, X, ax=several()), TypeError, "must be one Axes"),
    # acquisition
    "acquisition shapes": (lambda: plots.acquisition(X, X[1:]), ValueError, "x and values of shapes (5,), (4,)"),
    "acquisition with NaN": (
        lambda: plots.acquisition([0, 1, 2], [-np.inf, np.nan, 0]),
        ValueError,
        "no NaN, but one is nan",
    ),
    "acquisition x infinite": (lambda: plots.acquisition([0, np.inf], [0, 1]), ValueError, "x must hold finite"),
    "acquisition highest at infinity": (lambda: plots.acquisition([0, 1], [0, np.inf]), ValueError, "inf at 1"),
    "acquisition nowhere finite": (lambda: plots.acquisition([0, 1], [-np.inf] * 2), ValueError, "-inf at 0"),
    "acquisition a function": (lambda: plots.acquisition(X, np.sin), TypeError, "values=<ufunc"),
    "acquisition name": (lambda: plots.acquisition(X, X, name=3), TypeError, "name=3"),
    "acquisition color": (lambda: plots.acquisition(X, X, color="greenish"), ValueError, "color='greenish'"),
    "acquisition color none": (lambda: plots.acquisition(X, X, color=None), ValueError, "color=None"),
    "acquisition on a figure": (lambda: plots.acquisition(X, X, ax=plt.figure()), TypeError, "must be one Axes"),
    # densities
    "densities shapes": (lambda: plots.densities(X, X, X[1:]), ValueError, "x, good and bad of shapes"),
    "densities below 0": (lambda: plots.densities(X, -X, X), ValueError, "good must be at least 0 everywhere"),
    "densities g below 0": (lambda: plots.densities(X, X, X - 1), ValueError, "bad must be at least 0 everywhere"),
    "densities with NaN": (lambda: plots.densities(X, GAP, X), ValueError, "good must hold finite numbers"),
    "densities trials one list": (lambda: plots.densities(X, X, X, trials=[0.1, 0.2, 0.3]), ValueError, "not 3"),
    "densities trials two numbers": (lambda: plots.densities(X, X, X, trials=(0.1, 0.2)), ValueError, "shape (n,)"),
    "densities trials none of them": (lambda: plots.densities(X, X, X, trials=0.1), TypeError, "trials=0.1"),
    "densities on pyplot": (lambda: plots.densities(X, X, X, ax=plt), TypeError, "must be one Axes"),
    # partial_dependence
    "dependence on no model": (lambda: plots.partial_dependence(None, SPACE, "C"), TypeError, "model=None"),
    "dependence on a class": (lambda: plots.partial_dependence(Model, SPACE, "C"), TypeError, "a fitted model"),
    "dependence on a study": (lambda: plots.partial_dependence(STUDY, SPACE, "C"), TypeError, "with predict(X)"),
    "dependence in a dict": (lambda: plots.partial_dependence(GOOD, dict(SPACE.dimensions), "C"), TypeError, "a Space"),
    "dependence in a study": (lambda: plots.partial_dependence(GOOD, STUDY, "C"), TypeError, "must be a Space"),
    "dependence unknown": (lambda: plots.partial_dependence(GOOD, SPACE, "gamma"), ValueError, "name='gamma'"),
    "dependence by index": (lambda: plots.partial_dependence(GOOD, SPACE, 0), TypeError, "name=0"),
    "dependence of a child": (lambda: plots.partial_dependence(GOOD, SPACE, "degree"), ValueError, "depends on kernel"),
    "dependence of none": (lambda: plots.partial_dependence(GOOD, SPACE, "C", n_slices=0), ValueError, "n_slices=0"),
    "dependence of half": (lambda: plots.partial_dependence(GOOD, SPACE, "C", n_slices=1.5), TypeError, "n_slices=1.5"),
    "dependence flag": (lambda: plots.partial_dependence(GOOD, SPACE, "C", n_slices=True), TypeError, "n_slices=True"),
    "dependence on means alone": (
        lambda: plots.partial_dependence(Model(np.zeros), SPACE, "C"),
        ValueError,
        "must be (mean, std), not an array",
    ),
    "dependence on too few": (
        lambda: plots.partial_dependence(Model(lambda n: (np.zeros(3), np.zeros(3))), SPACE, "C"),
        ValueError,
        "not (3,)",
    ),
    "dependence on NaN": (
        lambda: plots.partial_dependence(Model(lambda n: (np.full(n, np.nan), np.zeros(n))), SPACE, "C"),
        ValueError,
        "model predicts nan",
    ),
    "dependence on several axes": (
        lambda: plots.partial_dependence(GOOD, SPACE, "C", ax=several()),
        TypeError,
        "must be one Axes",
    ),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_wrong_call_is_refused_in_one_sentence_and_leaves_no_figure_behind(what):
    call, error, part = CALLS[what]
    plt.close("all")
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    assert isinstance(caught.value, error), message
    assert part in message
    assert re.search(r"\bmust\b|\bno trial has\b|\bhas no\b|\bno complete trial\b|\btwice\b|\bpredicts\b", message)
    assert "\n" not in message
    assert ". " not in message.replace("...", "")  # which stands for the rest of a long value
    assert len(message) <= 200
    if " on " not in what and "labels" not in what:  # these make a figure for the call
        assert plt.get_fignums() == []
    plt.close("all")
