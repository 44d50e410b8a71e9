"""Calls of `hpt_lab.plots` that cannot be drawn: each is refused before there is a figure."""

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import refusals as of
from matplotlib.lines import Line2D
from refusals import Table, refuse

import hpt_lab as hpt
from hpt_lab import plots, problems
from hpt_lab.problems import Problem, Table as LossTable

SPACE = hpt.Space(C=hpt.Float(1e-3, 1e3, log=True), kernel=["rbf", "poly"], degree=hpt.Int(2, 5).when(kernel="poly"))
STUDY = hpt.tune(lambda p: p["C"], SPACE, hpt.RandomSearch(), 8, seed=1, progress=False)
EMPTY = hpt.Study(SPACE, hpt.RandomSearch())
WITHIN = hpt.Space(a=hpt.Int(1, 3), b=hpt.Int(1, 2))
NESTED = hpt.Space(a=hpt.Int(1, 3), b=hpt.Int(1, 2).when(a=1))
RACED = hpt.tune(lambda p, b: b, WITHIN, hpt.Hyperband(1, 3), 4, progress=False)
SWITCH = hpt.Space(k=["a", "b"], c=hpt.Int(1, 2).when(k="a"))
SINGLE = Problem("line", hpt.Space(x=hpt.Float(0, 1)), 0.0, {"x": 0.0}, "loss", lambda p: p["x"])
BROKEN = Problem("broken", WITHIN, 0.0, {"a": 1, "b": 1}, "loss", lambda p: np.nan)
SWITCHED = Problem("switched", SWITCH, 0.0, {"k": "b"}, "loss", lambda p: 0.0)
HOLES = Problem("holes", WITHIN, 0.0, {}, "loss", table=LossTable(WITHIN, np.full((1, 1, 3, 2), np.inf)))
BRANIN, SVM, MLP = problems.branin(), problems.svm_digits(), problems.mlp_mnist()

X, GAP = np.linspace(0, 1, 5), np.array([0, 1, np.nan, 1, 0])
RUNS = [(name, seed, trial, 1.0 / trial) for name in ("grid", "random") for seed in (0, 1) for trial in (1, 2)]
FRAME = pd.DataFrame(RUNS, columns=["strategy", "seed", "trial", "incumbent"])
ONE_FAILED = FRAME["incumbent"].where(FRAME["strategy"] == "grid")
POINT = {"a": 1, "b": 2.0}

FIGURE, SEVERAL, AXES = plt.figure(), plt.subplots(1, 2)[1], plt.figure().add_subplot()
POLAR, SOLID = (plt.figure().add_subplot(projection=projection) for projection in ("polar", "3d"))
(LINE_OF_OTHERS,) = plt.figure().add_subplot().plot([0, 1], [0, 1])
plt.close("all")


class Model:
    """Predicts what it was told to."""

    def __init__(self, answer):
        self.answer = answer

    def predict(self, X):
        return self.answer(len(X))


GOOD = Model(lambda n: (np.zeros(n), np.zeros(n)))
FEW = Model(lambda n: (np.zeros(3), np.zeros(3)))
NO_MEANS = Model(lambda n: (np.full(n, np.nan), np.zeros(n)))


def few(n, space=WITHIN, value=None):
    """A study of n trials, all of one value if that is given."""
    study = hpt.Study(space, hpt.RandomSearch())
    for i in range(n):
        study.tell(study.ask(), float(i) if value is None else value)
    return study


calls = Table()
ONE_AXES = of.kind("must be a single matplotlib Axes", [SEVERAL, FIGURE, plt])
A_STUDY = of.kind("must be a Study", [None, [POINT], STUDY.to_frame(), list(STUDY.trials), STUDY.history, BRANIN])
for draw in (
    lambda v: plots.convergence(FRAME, ax=v),
    lambda v: plots.coverage(STUDY, "C", "kernel", ax=v),
    lambda v: plots.importance(STUDY, ax=v),
    lambda v: plots.heatmap(BRANIN, ax=v),
    lambda v: plots.incumbent_path(STUDY, v),
    lambda v: plots.parallel_coordinates(STUDY, v),
    lambda v: plots.surrogate(X, X, X, ax=v),
    lambda v: plots.acquisition(X, X, ax=v),
    lambda v: plots.densities(X, X, X, ax=v),
    lambda v: plots.partial_dependence(GOOD, SPACE, "C", ax=v),
):
    calls.kind(draw, "ax", ONE_AXES)
for who, draw in {
    "coverage": lambda v: plots.coverage(v, "C", "kernel"),
    "importance": plots.importance,
    "parallel_coordinates": plots.parallel_coordinates,
    "incumbent_path": plots.incumbent_path,
}.items():
    calls.kind(draw, f"{who}: study", A_STUDY)

calls.types(plots.color, "color: name", "must be the name of a strategy", None, hpt.RandomSearch(), b"grid")

# convergence
FRAMES = [STUDY, [1, 2], None, FRAME.to_dict()]
calls.types(plots.convergence, "convergence: frame", "must be the DataFrame that compare returns", *FRAMES)
COLUMN = of.kind("must be the name of a column", [None, ["regret"]])
BAND = of.kind("must be one of ['s.d.', 's.e.', 'quartiles']", [2, True], "ci")
calls.arguments(plots.convergence, {"frame": FRAME}, metric=COLUMN, band=BAND)
calls.all(
    (lambda: plots.convergence(STUDY.to_frame()), "column 'strategy'"),
    (lambda: plots.convergence(FRAME.drop(columns="seed")), "column 'seed'"),
    (lambda: plots.convergence(FRAME.replace({"trial": {2: np.nan}})), "column 'trial' without gaps"),
    (lambda: plots.convergence(FRAME[:0]), "no rows"),
    (lambda: plots.convergence(FRAME.assign(trial="first")), TypeError, "numbers in 'trial'"),
    (lambda: plots.convergence(FRAME.assign(strategy=3)), TypeError, "names in 'strategy'"),
    (lambda: plots.convergence(FRAME, "regret"), "metric='regret'"),
    (lambda: plots.convergence(FRAME, "strategy"), "holds numbers"),
    (lambda: plots.convergence(FRAME.assign(incumbent=np.nan)), "holds numbers"),
    (lambda: plots.convergence(FRAME.replace({"incumbent": {0.5: np.inf}})), "must hold finite numbers"),
    (lambda: plots.convergence(FRAME.assign(incumbent=ONE_FAILED)), "no number for 'random'"),
    (lambda: plots.convergence(pd.concat([FRAME, FRAME])), "'grid' twice"),
    (lambda: plots.convergence(FRAME, ax=POLAR), "straight axes"),
    (lambda: plots.label_lines(None), TypeError, "ax=None"),
    (lambda: plots.label_lines(FIGURE), TypeError, "must be a single matplotlib Axes"),
    (lambda: plots.label_lines(AXES, Line2D([0], [0])), TypeError, "must be a list of lines"),
    (lambda: plots.label_lines(AXES, ["grid"]), TypeError, "lines[0]='grid'"),
    (lambda: plots.label_lines(AXES, [LINE_OF_OTHERS]), "must be a line of ax"),
    error=ValueError,
)

# figures of a study
TOO_FEW = "the study has 3 complete trials, but must have at least 4 in this space"
calls.types(lambda v: plots.coverage(STUDY, v, "C"), "coverage: x", "must be the name", 0)
calls.types(lambda v: plots.coverage(STUDY, "C", v), "coverage: y", "must be the name", None, SPACE["C"])
calls.all(
    (lambda: plots.coverage(EMPTY, "C", "kernel"), "there is no trial yet"),
    (lambda: plots.coverage(STUDY, "C", "gamma"), "both C and gamma"),
    (lambda: plots.coverage(STUDY, "C", "C"), "both are 'C'"),
    (lambda: plots.importance(few(3)), f"importance: {TOO_FEW}"),
    (lambda: plots.importance(EMPTY), "0 complete trials"),
    (lambda: plots.importance(few(9, value=3.5)), "9 complete trials all have the value 3.5, but must differ"),
    (lambda: plots.importance(RACED), "3 complete trials at one budget, but must have at least 4"),
    (lambda: hpt.importance(STUDY, seed="0"), TypeError, "importance: seed='0'"),
    (lambda: hpt.importance(STUDY, seed=-1), "importance: seed=-1"),
    (lambda: hpt.importance(STUDY, bend="no"), TypeError, "importance: bend='no' must be True or False"),
    (lambda: plots.incumbent_path(STUDY, over="seconds"), "over='seconds' must be one of ['trials', 'time']"),
    (lambda: plots.incumbent_path(STUDY, over=None), TypeError, "over=None"),
    (lambda: plots.incumbent_path(STUDY, first=[1]), TypeError, "first=[1] must be an integer from 0 to"),
    (lambda: plots.incumbent_path(STUDY, first=10**400), "must be an integer from 0 to"),
    (lambda: plots.incumbent_path(EMPTY), "must have a complete trial"),
    (lambda: plots.parallel_coordinates(EMPTY), "complete one with tune"),
    (lambda: plots.parallel_coordinates(STUDY, SOLID), "not 3d ones"),
    error=ValueError,
)  # fmt: skip

# several objectives
TWO = hpt.tune(lambda p: (p["C"], 1.0), SPACE, hpt.RandomSearch(), 1, directions=["minimize"] * 2, progress=False)
NO_FRONT = hpt.Study(SPACE, hpt.RandomSearch(), directions=["minimize"] * 2)
calls.types(plots.plot_front, "plot_front: study", "several directions", STUDY, [(1, 2)])
calls.all(
    (lambda: plots.plot_front(NO_FRONT), "none of the 0 trials", "complete"),
    (lambda: plots.plot_front(TWO, x="loss"), "x='loss'", "['value_0', 'value_1']"),
    (lambda: plots.plot_front(TWO, y=2), "y=2", "one of the objectives"),
    (lambda: plots.incumbent_path(TWO), "incumbent_path: the study has 2", "plot_front"),
    (lambda: plots.parallel_coordinates(TWO), "parallel_coordinates: the study has 2", "plot_front"),
    (lambda: plots.heatmap(TWO), "heatmap: the study has 2", "plot_front"),
    (lambda: plots.importance(TWO), "importance: objective=None", "['value_0', 'value_1']"),
    error=ValueError,
)

# heatmap
calls.types(plots.heatmap, "heatmap: problem", "must be a Problem", SPACE, "branin", problems.branin, np.zeros((3, 3)))
calls.types(lambda v: plots.heatmap(SVM, seed=v), "seed", "must be", "mean", True)
calls.values(lambda v: plots.heatmap(SVM, seed=v), "seed", "must be", 99, -1)
calls.types(lambda v: plots.heatmap(MLP, budget=v), "budget", "must be", "all", [1, 3])
calls.values(lambda v: plots.heatmap(MLP, budget=v), "budget", "must be", 28)
calls.all(
    (lambda: plots.heatmap(few(3)), f"heatmap: {TOO_FEW}"),
    (lambda: plots.heatmap(few(9), seed=1), "seed=1 must be left out"),
    (lambda: plots.heatmap(few(9), budget=3), "budget=3 must be left"),
    (lambda: plots.heatmap(few(9, NESTED)), "has 1 hyperparameter without a condition, but must have two"),
    (lambda: plots.heatmap(STUDY, y="degree"), "y='degree' must be one of ['C', 'kernel']"),
    (lambda: plots.heatmap(SINGLE), "line has 1 dimension;"),
    (lambda: plots.heatmap(problems.hartmann6()), "6 dimensions"),
    (lambda: plots.heatmap(SWITCHED), "no hyperparameter with a condition"),
    (lambda: plots.heatmap(BROKEN), "a loss of broken is nan"),
    (lambda: plots.heatmap(HOLES), "a loss of holes is inf"),
    (lambda: plots.heatmap(BRANIN, "x3"), "x='x3'"),
    (lambda: plots.heatmap(BRANIN, "x1", 1), TypeError, "y=1"),
    (lambda: plots.heatmap(BRANIN, ["x1", "x2"]), TypeError, "x=['x1', 'x2']"),
    (lambda: plots.heatmap(BRANIN, "x1", "x1"), "both are 'x1'"),
    (lambda: plots.heatmap(BRANIN, seed=1.5), TypeError, "seed=1.5"),
    (lambda: plots.heatmap(BRANIN, budget=3), "budget=3"),
    (lambda: plots.heatmap(SVM, budget=3), "budget=3"),
    (lambda: plots.heatmap(BRANIN, trials=[POINT]), "both x1 and x2"),
    (lambda: plots.heatmap(BRANIN, trials=8), TypeError, "trials=8"),
    (lambda: plots.heatmap(BRANIN, trials=[0.5]), TypeError, "trials[0]=0.5"),
    (lambda: plots.heatmap(BRANIN, trials=[{"x1": np.nan, "x2": 1.0}]), "heatmap: x1=nan"),
    (lambda: plots.heatmap(BRANIN, trials=[{"x1": 1.0, "x2": "high"}]), TypeError, "heatmap: x2='high'"),
    error=ValueError,
)

# surrogate, acquisition, densities
NO_NUMBERS = [["a"] * 5, None, X > 0.5, [[1], [1, 2]], X * 1j]
calls.types(lambda v: plots.surrogate(X, v, X), "surrogate: mean", "must be an array of numbers", *NO_NUMBERS)
calls.values(lambda v: plots.surrogate(v, v, v), "surrogate: x", "ascending", [], [0.5])
calls.all(
    (lambda: plots.surrogate(X, X[1:], X), "must be (m,)"),
    (lambda: plots.surrogate(X[:, None], X[:, None], X[:, None]), "(5, 1)"),
    (lambda: plots.surrogate(0.5, 0.5, 0.1), "must be (m,)"),
    (lambda: plots.surrogate(X[::-1], X, X), "ascending"),
    (lambda: plots.surrogate([0, 2, 1], [0, 0, 0], [1, 1, 1]), "x=[0, 2, 1]"),
    (lambda: plots.surrogate(X, GAP, X), "surrogate: mean must hold finite"),
    (lambda: plots.surrogate(X, X, np.full(5, np.inf)), "inf"),
    (lambda: plots.surrogate(X, X, X - 0.5), "std must be at least 0"),
    (lambda: plots.surrogate(X, X, X, truth=X[1:]), "x and truth of shapes"),
    (lambda: plots.surrogate(X, X, X, truth=np.sin), TypeError, "truth=<ufunc 'sin'>"),
    (lambda: plots.surrogate(X, X, X, truth=GAP), "truth must hold finite"),
    (lambda: plots.surrogate(X, X, X, trials=STUDY), TypeError, "must be a pair"),
    (lambda: plots.surrogate(X, X, X, trials=([1], [1], [1])), "not 3"),
    (lambda: plots.surrogate(X, X, X, trials=[(0, 1)]), "not 1"),
    (lambda: plots.surrogate(X, X, X, trials=([0, 1], [1])), "not 2 and 1"),
    (lambda: plots.surrogate(X, X, X, trials=([0], [np.nan])), "trials[1]"),
    (lambda: plots.surrogate(X, X, X, trials="xy"), TypeError, "trials='xy'"),
    (lambda: plots.surrogate(X, X, X, trials=([[0]], [[1]])), "shape (n,)"),
    (lambda: plots.acquisition(X, X[1:]), "x and values of shapes (5,), (4,)"),
    (lambda: plots.acquisition([0, 1, 2], [-np.inf, np.nan, 0]), "no NaN, but one is nan"),
    (lambda: plots.acquisition([0, np.inf], [0, 1]), "x must hold finite"),
    (lambda: plots.acquisition([0, 1], [0, np.inf]), "inf, at x=1"),
    (lambda: plots.acquisition([0, 1], [-np.inf] * 2), "-inf, at x=0"),
    (lambda: plots.acquisition(X, np.sin), TypeError, "values=<ufunc"),
    (lambda: plots.acquisition(X, X, name=3), TypeError, "name=3"),
    (lambda: plots.acquisition(X, X, color="greenish"), "color='greenish'"),
    (lambda: plots.acquisition(X, X, color=None), "color=None"),
    (lambda: plots.densities(X, X, X[1:]), "x, good and bad of shapes"),
    (lambda: plots.densities(X, -X, X), "good must be at least 0 everywhere"),
    (lambda: plots.densities(X, X, X - 1), "bad must be at least 0 everywhere"),
    (lambda: plots.densities(X, GAP, X), "good must hold finite numbers"),
    (lambda: plots.densities(X, X, X, trials=[0.1, 0.2, 0.3]), "not 3"),
    (lambda: plots.densities(X, X, X, trials=(0.1, 0.2)), "shape (n,)"),
    (lambda: plots.densities(X, X, X, trials=0.1), TypeError, "trials=0.1"),
    error=ValueError,
)

# partial dependence
calls.arguments(
    plots.partial_dependence,
    {"model": GOOD, "space": SPACE, "name": "C"},
    model=of.kind("must be a fitted model with predict(X)", [None, Model, STUDY]),
    space=of.SPACE,
    n_slices=of.POSITIVE,
)
calls.all(
    (lambda: plots.partial_dependence(GOOD, SPACE, "gamma"), "name='gamma'"),
    (lambda: plots.partial_dependence(GOOD, SPACE, 0), TypeError, "name=0"),
    (lambda: plots.partial_dependence(GOOD, SPACE, "degree"), "depends on kernel"),
    (lambda: plots.partial_dependence(Model(np.zeros), SPACE, "C"), "must be (mean, std), not an array"),
    (lambda: plots.partial_dependence(FEW, SPACE, "C"), "not (3,)"),
    (lambda: plots.partial_dependence(NO_MEANS, SPACE, "C"), "model predicts nan"),
    error=ValueError,
)


@calls.each()
def test_a_wrong_call_is_refused_in_one_sentence_and_leaves_no_figure_behind(error, calls):
    plt.close("all")
    refuse(error, calls, longest=200)
    assert plt.get_fignums() == []
