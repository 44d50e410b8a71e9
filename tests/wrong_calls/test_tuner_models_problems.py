"""Calls of the tuner, the models, the problems and what stands beside them that cannot be right.

Each is refused in one sentence that names the argument, shows its value (or its type, or its shape), and says what would
be right.
"""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import hpt_lab as hpt
import hpt_lab.tools.tuner as kt
from hpt_lab import datasets, problems
from hpt_lab.analysis.ensemble import Ensemble, select
from hpt_lab.hyperparameters import HyperParameters, discover
from hpt_lab.loop.comparison import compare, summary, win_rate
from hpt_lab.models import MLP
from hpt_lab.problems import Problem, Table

NAN, INF, MASKED = float("nan"), float("inf"), np.ma.masked


def asked():
    hp = HyperParameters()
    hp.Choice("kernel", ["rbf", "poly"])
    hp.Int("layers", 1, 3)
    hp.Float("rate", 0.1, 1.0)
    return hp


def scope(hp, *args):
    with hp.conditional_scope(*args):
        hp.Int("inside", 1, 9)


# (call, the argument, its value, what would be right); `hp` knows kernel, layers and rate
HYPERPARAMETERS = [
    (lambda hp: hp.Int(3, 1, 9), "hp.Int: name", "3", "a string"),
    (lambda hp: hp.Float(None, 1, 9), "hp.Float: name", "None", "a string"),
    (lambda hp: hp.Choice(["a"], [1, 2]), "hp.Choice: name", "['a']", "a string"),
    (lambda hp: hp.Boolean(True), "hp.Boolean: name", "True", "a string"),
    (lambda hp: hp.Fixed(2.5, 1), "hp.Fixed: name", "2.5", "a string"),
    (lambda hp: hp.Int("", 1, 9), "name", "''", "not be empty"),
    (lambda hp: hp.Int("n", 1.5, 9), "hp.Int('n'): min_value", "1.5", "an integer"),
    (lambda hp: hp.Int("n", "1", 9), "min_value", "'1'", "an integer"),
    (lambda hp: hp.Int("n", True, 9), "min_value", "True", "an integer"),
    (lambda hp: hp.Int("n", None, 9), "min_value", "None", "an integer"),
    (lambda hp: hp.Int("n", MASKED, 9), "min_value", "masked", "not be masked"),
    (lambda hp: hp.Int("n", 1, 9.0), "max_value", "9.0", "an integer"),
    (lambda hp: hp.Int("n", 1, [9]), "max_value", "[9]", "an integer"),
    (lambda hp: hp.Int("n", 0, np.True_), "max_value", "True", "an integer"),
    (lambda hp: hp.Int("n", 9, 3), "min_value", "9", "not be above max_value=3"),
    (lambda hp: hp.Int("n", 1, 9, step=0), "step", "0", "above 0"),
    (lambda hp: hp.Int("n", 1, 9, step=-2), "step", "-2", "above 0"),
    (lambda hp: hp.Int("n", 1, 9, step=2.0), "step", "2.0", "an integer"),
    (lambda hp: hp.Int("n", 1, 9, step=True), "step", "True", "an integer"),
    (lambda hp: hp.Int("n", 1, 9, step=20), "step", "20", "not be larger than the range"),
    (lambda hp: hp.Int("n", 1, 9, step=1, sampling="log"), "step", "1", "above 1 where sampling='log'"),
    (lambda hp: hp.Int("n", 0, 9, sampling="log"), "min_value", "0", "above 0 where sampling='log'"),
    (lambda hp: hp.Int("n", 1, 9, sampling="reverse"), "sampling", "'reverse'", "one of ['linear', 'log']"),
    (lambda hp: hp.Int("n", 1, 9, sampling=None), "sampling", "None", "one of ['linear', 'log']"),
    (lambda hp: hp.Int("n", 1, 9, sampling=["log"]), "sampling", "['log']", "one of ['linear', 'log']"),
    (lambda hp: hp.Int("n", 1, 9, default=10), "default", "10", "between 1 and 9"),
    (lambda hp: hp.Int("n", 1, 9, step=2, default=2), "default", "2", "on the steps of 2"),
    (lambda hp: hp.Int("n", 1, 9, default="3"), "default", "'3'", "an integer"),
    (lambda hp: hp.Int("n", 0, 9, default=True), "default", "True", "an integer"),
    (lambda hp: hp.Int("n", 1, 9, default=MASKED), "default", "masked", "not be masked"),
    (lambda hp: hp.Float("x", True, 2), "hp.Float('x'): min_value", "True", "a finite number"),
    (lambda hp: hp.Float("x", "0", 1), "min_value", "'0'", "a finite number"),
    (lambda hp: hp.Float("x", NAN, 1), "min_value", "nan", "a finite number"),
    (lambda hp: hp.Float("x", MASKED, 1), "min_value", "masked", "not be masked"),
    (lambda hp: hp.Float("x", np.zeros(2), 1), "min_value", "shape (2,)", "a finite number"),
    (lambda hp: hp.Float("x", 0, INF), "max_value", "inf", "a finite number"),
    (lambda hp: hp.Float("x", 0, 1j), "max_value", "1j", "a finite number"),
    (lambda hp: hp.Float("x", 0, None), "max_value", "None", "a finite number"),
    (lambda hp: hp.Float("x", 1, 0.5), "min_value", "1.0", "not be above max_value=0.5"),
    (lambda hp: hp.Float("x", -1, 1, sampling="log"), "min_value", "-1.0", "above 0 where sampling='log'"),
    (lambda hp: hp.Float("x", 0, 1, step=0), "step", "0.0", "above 0"),
    (lambda hp: hp.Float("x", 0, 1, step="a"), "step", "'a'", "a finite number"),
    (lambda hp: hp.Float("x", 0, 1, step=True), "step", "True", "a finite number"),
    (lambda hp: hp.Float("x", 0, 1, step=NAN), "step", "nan", "a finite number"),
    (lambda hp: hp.Float("x", 1, 9, step=0.5, sampling="log"), "step", "0.5", "above 1 where sampling='log'"),
    (lambda hp: hp.Float("x", 0, 1, default=2), "default", "2.0", "between 0.0 and 1.0"),
    (lambda hp: hp.Float("x", 0, 1, default=False), "default", "False", "a finite number"),
    (lambda hp: hp.Float("x", 0, 1, default=[0.5]), "default", "[0.5]", "a finite number"),
    (lambda hp: hp.Choice("o", "sgd"), "hp.Choice('o'): values", "'sgd'", "a list"),
    (lambda hp: hp.Choice("o", b"sgd"), "values", "b'sgd'", "a list"),
    (lambda hp: hp.Choice("o", {"sgd"}), "values", "{'sgd'}", "a list"),
    (lambda hp: hp.Choice("o", frozenset(["sgd"])), "values", "frozenset", "a list"),
    (lambda hp: hp.Choice("o", {"sgd": 1}), "values", "{'sgd': 1}", "a list"),
    (lambda hp: hp.Choice("o", 3), "values", "3", "a list"),
    (lambda hp: hp.Choice("o", None), "values", "None", "a list"),
    (lambda hp: hp.Choice("o", []), "values", "[]", "at least one value"),
    (lambda hp: hp.Choice("o", ["a", "a"]), "hp.Choice('o')", "'a'", "appear once"),
    (lambda hp: hp.Choice("o", [MASKED, 1]), "values", "masked", "not be masked"),
    (lambda hp: hp.Choice("o", ["a"], default="b"), "default", "'b'", "one of ['a']"),
    (lambda hp: hp.Choice("o", ["1"], default=1), "default", "1", "one of ['1']"),
    (lambda hp: hp.Boolean("b", default="yes"), "default", "'yes'", "True or False"),
    (lambda hp: hp.Boolean("b", default=1), "default", "1", "True or False"),
    (lambda hp: hp.Fixed("f", MASKED), "hp.Fixed('f')", "masked", "not be masked"),
    (lambda hp: hp.Int("layers", 1, 4), "'layers'", "'max_value': 3", "use another name"),
    (lambda hp: hp.Float("layers", 1, 3), "'layers'", "Int", "use another name"),
    (lambda hp: hp.Int("layers", 1, 3, default=2), "'layers'", "'default': 1", "the same arguments"),
    (lambda hp: hp.Choice("kernel", ["poly", "rbf"]), "'kernel'", "['rbf', 'poly']", "the same arguments"),
    (lambda hp: scope(hp, "who", 1), "parent_name", "'who'", "registered before"),
    (lambda hp: scope(hp, 3, 1), "parent_name", "3", "registered before"),
    (lambda hp: scope(hp, ["kernel"], "rbf"), "parent_name", "['kernel']", "registered before"),
    (lambda hp: scope(hp, "kernel", "linear"), "parent_values", "'linear'", "one of ['rbf', 'poly']"),
    (lambda hp: scope(hp, "kernel", ["rbf", "linear"]), "parent_values", "'linear'", "one of ['rbf', 'poly']"),
    (lambda hp: scope(hp, "kernel", []), "parent_values", "[]", "at least one value"),
    (lambda hp: scope(hp, "kernel", {"rbf"}), "parent_values", "{'rbf'}", "one of ['rbf', 'poly']"),
    (lambda hp: scope(hp, "layers", 9), "parent_values", "9", "between 1 and 3"),
    (lambda hp: scope(hp, "layers", range(2, 6)), "parent_values", "range(2, 6)", "between 1 and 3"),
    (lambda hp: scope(hp, "layers", True), "parent_values", "True", "an integer"),
    (lambda hp: scope(hp, "rate", 7.0), "parent_values", "7.0", "between 0.1 and 1.0"),
    (lambda hp: hp.get(3), "get: name", "3", "a string"),
    (lambda hp: hp[["a"]], "get: name", "['a']", "a string"),
    (lambda hp: hp.is_active(3), "is_active: name", "3", "a string"),
    (lambda hp: hp.copy(3), "copy: values", "3", "a dict"),
    (lambda hp: hp.copy([("layers", 2)]), "copy: values", "[('layers', 2)]", "a dict"),
    (lambda hp: hp.copy({"layers": 9}).Int("layers", 1, 3), "values['layers']", "9", "between 1 and 3"),
    (lambda hp: hp.copy({"kernel": "x"}).Choice("kernel", ["rbf", "poly"]), "values['kernel']", "'x'", "must be one of"),
    (lambda hp: HyperParameters.from_config({}), "config", "{}", "what get_config returned"),
    (lambda hp: HyperParameters.from_config(None), "config", "None", "what get_config returned"),
    (lambda hp: HyperParameters.from_config({"space": 3, "values": {}}), "config", "3", "what get_config returned"),
    (
        lambda hp: HyperParameters.from_config({"space": [{"class_name": "Real", "config": {"name": "x", "conditions": {}}}]}),
        "class_name", "'Real'", "one of ['Int', 'Float'",
    ),
    (lambda hp: discover(3), "build_model", "3", "a function of hp"),
    (lambda hp: discover(lambda hp: None), "build_model", "None", "must return the model"),
]  # fmt: skip


class Model:
    """A model whose training ends in `result`."""

    def __init__(self, result=None):
        self.result = result

    def fit(self):
        return self.result


def build(hp, result=None):
    hp.Float("x", 0, 1)
    return Model(result)


class Half:
    build, fit = staticmethod(build), 3


def tuner(**more):
    return kt.RandomSearch(**{"build_model": build, "objective": "val_loss"} | more)


def search(result, *args, objective="val_loss", **kwargs):
    made = kt.RandomSearch(lambda hp: build(hp, result), objective, max_trials=2)
    made.search(*args, verbose=0, **kwargs)


def search_estimator(*args, **kwargs):
    made = kt.RandomSearch(lambda hp: Ridge(hp.Float("alpha", 0.1, 1)), "val_score", max_trials=2)
    made.search(*args, verbose=0, **kwargs)


TWO = (np.eye(2), np.arange(2.0))

TUNER = [
    (lambda: tuner(build_model=3), "build_model", "3", "a function of hp"),
    (lambda: tuner(build_model=None), "build_model", "None", "a function of hp"),
    (lambda: tuner(build_model=Half), "build_model", "Half", "an object with a method build"),
    (lambda: tuner(build_model=Half()), "fit", "3", "a method fit(hp, model, ...)"),
    (lambda: kt.GridSearch("build", "val_loss"), "build_model", "'build'", "a function of hp"),
    (lambda: tuner(objective=None), "objective", "None", "a metric's name"),
    (lambda: tuner(objective=["val_loss"]), "objective", "['val_loss']", "a metric's name"),
    (lambda: tuner(objective="val_profit"), "objective", "'val_profit'", "write Objective('val_profit', 'max')"),
    (lambda: tuner(objective=""), "objective", "''", "write Objective"),
    (lambda: kt.Objective("val_loss", "down"), "direction", "'down'", "'min' or 'max'"),
    (lambda: kt.Objective("val_loss", None), "direction", "None", "'min' or 'max'"),
    (lambda: kt.Objective("val_loss", ["min"]), "direction", "['min']", "'min' or 'max'"),
    (lambda: kt.Objective(3, "min"), "Objective: name", "3", "a metric's name"),
    (lambda: tuner(max_trials=0), "max_trials", "0", "at least 1"),
    (lambda: tuner(max_trials=-5), "max_trials", "-5", "at least 1"),
    (lambda: tuner(max_trials=2.5), "max_trials", "2.5", "an integer"),
    (lambda: tuner(max_trials="10"), "max_trials", "'10'", "an integer"),
    (lambda: tuner(max_trials=True), "max_trials", "True", "an integer"),
    (lambda: tuner(max_trials=None), "max_trials", "None", "an integer"),
    (lambda: kt.GridSearch(build, "val_loss", max_trials=0), "max_trials", "0", "at least 1"),
    (lambda: kt.GridSearch(build, "val_loss", max_trials=1.0), "max_trials", "1.0", "an integer"),
    (lambda: tuner(executions_per_trial=0), "executions_per_trial", "0", "at least 1"),
    (lambda: tuner(executions_per_trial=1.5), "executions_per_trial", "1.5", "an integer"),
    (lambda: kt.GridSearch(build, "val_loss", executions_per_trial="2"), "executions_per_trial", "'2'", "an integer"),
    (lambda: tuner(seed=-1), "seed", "-1", "an integer from 0"),
    (lambda: tuner(seed="0"), "seed", "'0'", "an integer"),
    (lambda: kt.GridSearch(build, "val_loss", seed=1.5), "seed", "1.5", "an integer"),
    (lambda: kt.Tuner(build, "val_loss", 3, hpt.RandomSearch), "strategy", "RandomSearch", "suggest(history)"),
    (lambda: kt.Tuner(build, "val_loss", 3, "random"), "strategy", "'random'", "suggest(history)"),
    (lambda: kt.BayesianOptimization(build, "val_loss", num_initial_points=0), "num_initial_points", "0", "at least 1"),
    (lambda: kt.BayesianOptimization(build, "val_loss", num_initial_points=2.5), "num_initial_points", "2.5", "an integer"),
    (lambda: kt.BayesianOptimization(build, "val_loss", num_initial_points="3"), "num_initial_points", "'3'", "an integer"),
    (lambda: kt.Hyperband(build, "val_loss", max_epochs=0), "max_epochs", "0", "at least 1"),
    (lambda: kt.Hyperband(build, "val_loss", max_epochs=9.0), "max_epochs", "9.0", "an integer"),
    (lambda: kt.Hyperband(build, "val_loss", max_epochs=None), "max_epochs", "None", "an integer"),
    (lambda: kt.Hyperband(build, "val_loss", factor=1), "factor", "1", "at least 2"),
    (lambda: kt.Hyperband(build, "val_loss", factor=2.5), "factor", "2.5", "an integer"),
    (lambda: tuner().search(verbose=3), "verbose", "3", "0 (silent) or 1"),
    (lambda: tuner().search(verbose="auto"), "verbose", "'auto'", "0 (silent) or 1"),
    (lambda: tuner().search(verbose=None), "verbose", "None", "0 (silent) or 1"),
    (lambda: tuner().get_best_hyperparameters(0), "num_trials", "0", "at least 1"),
    (lambda: tuner().get_best_hyperparameters("all"), "num_trials", "'all'", "an integer"),
    (lambda: tuner().get_best_models(-1), "num_models", "-1", "at least 1"),
    (lambda: tuner().get_best_models(1.0), "num_models", "1.0", "an integer"),
    (lambda: tuner().results_summary(0), "num_trials", "0", "at least 1"),
    (lambda: search(None), "fit", "None", "a history, a dict of metrics, or a number"),
    (lambda: search({}), "'val_loss'", "[]", "one of this model's metrics"),
    (lambda: search({"loss": 1.0}), "'val_loss'", "['loss']", "one of this model's metrics"),
    (lambda: search({"val_loss": "0.5"}), "'val_loss'", "'0.5'", "must be a number"),
    (lambda: search({"val_loss": None}), "'val_loss'", "None", "must be a number"),
    (lambda: search({"val_loss": []}), "'val_loss'", "no epoch", "must be a number"),
    (lambda: search({"val_loss": [1.0, None]}), "'val_loss'", "[1.0, None]", "must be a number"),
    (lambda: search({"val_loss": [[1.0], [2.0]]}), "'val_loss'", "[[1.0], [2.0]]", "must be a number"),
    (lambda: search({"val_loss": MASKED}), "'val_loss'", "masked", "must be a number"),
    (lambda: search({"val_loss": 1.0, "rate": {}}), "'rate'", "{}", "must be a number"),
    (lambda: search("0.5"), "'val_loss'", "'0.5'", "must be a number"),
    (lambda: search({"val_loss": INF}), "objective", "inf", "one finite number"),
    (lambda: search_estimator(TWO[0]), "y", "fit()", "'y'"),
    (lambda: search_estimator(*TWO, validation_data=TWO[0]), "validation_data", "shape (2, 2)", "a pair (X_valid, y_valid)"),
    (lambda: search_estimator(*TWO, validation_data=(TWO[0],)), "validation_data", "(array", "a pair (X_valid, y_valid)"),
    (lambda: kt.RandomSearch(lambda hp: hp.Int("n", 1, 3), "val_loss", 2).search(verbose=0), "build function", "1", "a method fit"),
    (lambda: kt.RandomSearch(lambda hp: None, "val_loss"), "build_model", "None", "must return the model"),
    (lambda: kt.RandomSearch(lambda hp: Model(), "val_loss"), "build function", "hp", "must ask hp"),
]  # fmt: skip

X, Y = np.arange(24.0).reshape(12, 2), np.arange(12) % 3


def fit(**change):
    MLP().fit(**{"X": X, "y": Y, "epochs": 1} | change)


def fitted():
    model = MLP()
    model.fit(X, Y, 1)
    return model


class Sparse:
    """What NumPy cannot make an array of numbers of."""

    shape = (12, 2)


MODELS = [
    (lambda: MLP(hidden=32), "hidden", "32", "the width of each layer"),
    (lambda: MLP(hidden=None), "hidden", "None", "the width of each layer"),
    (lambda: MLP(hidden="32"), "hidden", "'32'", "the width of each layer"),
    (lambda: MLP(hidden={32, 16}), "hidden", "{", "the width of each layer"),
    (lambda: MLP(hidden={32: 1}), "hidden", "{32: 1}", "the width of each layer"),
    (lambda: MLP(hidden=True), "hidden", "True", "the width of each layer"),
    (lambda: MLP(hidden=(True,)), "hidden", "True", "an integer"),
    (lambda: MLP(hidden=(32, 0)), "hidden", "0", "at least 1"),
    (lambda: MLP(hidden=(32.5,)), "hidden", "32.5", "an integer"),
    (lambda: MLP(hidden=("32",)), "hidden", "'32'", "an integer"),
    (lambda: MLP(hidden=[[32]]), "hidden", "[32]", "an integer"),
    (lambda: MLP(activation="swish"), "activation", "'swish'", "one of ['relu'"),
    (lambda: MLP(activation=None), "activation", "None", "one of ['relu'"),
    (lambda: MLP(activation=["relu"]), "activation", "['relu']", "one of ['relu'"),
    (lambda: MLP(learning_rate=0), "learning_rate", "0", "a finite number above 0"),
    (lambda: MLP(learning_rate=-1e-3), "learning_rate", "-0.001", "a finite number above 0"),
    (lambda: MLP(learning_rate=NAN), "learning_rate", "nan", "a finite number above 0"),
    (lambda: MLP(learning_rate=INF), "learning_rate", "inf", "a finite number above 0"),
    (lambda: MLP(learning_rate="1e-3"), "learning_rate", "'1e-3'", "a finite number above 0"),
    (lambda: MLP(learning_rate=True), "learning_rate", "True", "a finite number above 0"),
    (lambda: MLP(learning_rate=None), "learning_rate", "None", "a finite number above 0"),
    (lambda: MLP(l2=-1), "l2", "-1", "a finite number of at least 0"),
    (lambda: MLP(l2=NAN), "l2", "nan", "a finite number of at least 0"),
    (lambda: MLP(l2=[0.1]), "l2", "[0.1]", "a finite number of at least 0"),
    (lambda: MLP(l2=False), "l2", "False", "a finite number of at least 0"),
    (lambda: MLP(batch_size=0), "batch_size", "0", "at least 1"),
    (lambda: MLP(batch_size=2.5), "batch_size", "2.5", "an integer"),
    (lambda: MLP(batch_size=True), "batch_size", "True", "an integer"),
    (lambda: MLP(batch_size=None), "batch_size", "None", "an integer"),
    (lambda: MLP(seed=-1), "seed", "-1", "at least 0"),
    (lambda: MLP(seed=1.5), "seed", "1.5", "an integer"),
    (lambda: MLP(seed=None), "seed", "None", "an integer"),
    (lambda: MLP(seed="0"), "seed", "'0'", "an integer"),
    (lambda: MLP(seed=True), "seed", "True", "an integer"),
    (lambda: fit(X=["a", "b"]), "X", "['a', 'b']", "hold numbers"),
    (lambda: fit(X=[["1", "2"]] * 12), "X", "['1', '2']", "hold numbers"),
    (lambda: fit(X=[[None, 1]] * 12), "X", "[None, 1]", "hold numbers"),
    (lambda: fit(X=None), "X", "None", "hold numbers"),
    (lambda: fit(X=X + 1j), "X", "shape (12, 2)", "hold numbers"),
    (lambda: fit(X=Sparse()), "X", "shape (12, 2)", "hold numbers"),
    (lambda: fit(X=pd.DataFrame({"a": ["x", "y"]})), "X", "shape (2, 1)", "hold numbers"),
    (lambda: fit(X=[[1, 2], [3]]), "X", "[[1, 2], [3]]", "equal length"),
    (lambda: fit(X=7), "X", "()", "(rows, features)"),
    (lambda: fit(X=np.zeros(12)), "X", "(12,)", "(rows, features)"),
    (lambda: fit(X=np.zeros((12, 2, 2))), "X", "(12, 2, 2)", "flatten images first"),
    (lambda: fit(X=np.zeros((0, 2)), y=[]), "X", "(0, 2)", "(rows, features)"),
    (lambda: fit(X=np.full((12, 2), NAN)), "X", "NaN or infinity", "drop or fill in"),
    (lambda: fit(X=np.full((12, 2), INF)), "X", "NaN or infinity", "drop or fill in"),
    (lambda: fit(X=np.ma.array(X, mask=X > 3)), "X", "masked entries", "drop or fill in"),
    (lambda: fit(y=None), "y", "()", "one label for each row"),
    (lambda: fit(y=Y[1:]), "y", "(11,)", "must be (12,)"),
    (lambda: fit(y=Y[:, None]), "y", "(12, 1)", "must be (12,)"),
    (lambda: fit(y="abc"), "y", "()", "one label for each row"),
    (lambda: fit(y=np.linspace(0, 1, 12)), "y", "continuous", "one label for each row"),
    (lambda: fit(y=[0.0, NAN] * 6), "y", "NaN", "one label for each row"),
    (lambda: fit(y=[1] * 12), "y", "1", "at least two"),
    (lambda: fit(y=np.array([1, "a"] * 6, object)), "y", "int and str", "use one type"),
    (lambda: fit(y=[None] * 12), "y", "NoneType", "use one type"),
    (lambda: fit(y=np.ma.array(Y, mask=Y > 1)), "y", "masked entries", "drop or fill in"),
    (lambda: fit(epochs=0), "epochs", "0", "at least 1"),
    (lambda: fit(epochs=1.0), "epochs", "1.0", "an integer"),
    (lambda: fit(epochs=None), "epochs", "None", "an integer"),
    (lambda: fit(epochs=True), "epochs", "True", "an integer"),
    (lambda: fit(validation_data=X), "validation_data", "shape (12, 2)", "a pair (X_valid, y_valid)"),
    (lambda: fit(validation_data=(X,)), "validation_data", "(array", "a pair (X_valid, y_valid)"),
    (lambda: fit(validation_data=(X, Y, Y)), "validation_data", "(array", "a pair (X_valid, y_valid)"),
    (lambda: fit(validation_data=0.2), "validation_data", "0.2", "a pair (X_valid, y_valid)"),
    (lambda: fit(validation_data={"X": X}), "validation_data", "{'X'", "a pair (X_valid, y_valid)"),
    (lambda: fit(validation_data=(X[:, :1], Y)), "X_valid", "1 features", "2 inputs"),
    (lambda: fit(validation_data=(X, Y[1:])), "y_valid", "(11,)", "must be (12,)"),
    (lambda: fit(validation_data=(X, Y + 1)), "y_valid", "3", "which the first fit did not see"),
    (lambda: fit(validation_data=(X, list("abcabcabcabc"))), "y_valid", "'a'", "which the first fit did not see"),
    (lambda: fit(validation_data=(["a"], Y)), "X_valid", "['a']", "hold numbers"),
    (lambda: fitted().fit(X, Y + 1), "y", "3", "which the first fit did not see"),
    (lambda: fitted().fit(X, Y.astype(str)), "y", "'0'", "which the first fit did not see"),
    (lambda: fitted().fit(X[:, :1], Y), "X", "1 features", "2 inputs"),
    (lambda: fitted().predict(X[:, :1]), "X", "1 features", "2 inputs"),
    (lambda: fitted().predict(["a"]), "X", "['a']", "hold numbers"),
    (lambda: fitted().predict(X[0]), "X", "(2,)", "(rows, features)"),
    (lambda: fitted().predict_proba([[NAN, 1]]), "X", "NaN", "drop or fill in"),
    (lambda: fitted().predict_proba(None), "X", "None", "hold numbers"),
    (lambda: fitted().score(X, Y[1:]), "y", "(11,)", "must be (12,)"),
    (lambda: fitted().score(X, None), "y", "()", "must be (12,)"),
    (lambda: fitted().score(X, np.linspace(0, 1, 12)), "y", "continuous", "one label for each row"),
    (lambda: MLP().predict(X), "MLP", "no weights yet", "call fit(X, y) first"),
    (lambda: MLP().n_parameters, "n_parameters", "depends on the data", "call fit(X, y) first"),
]  # fmt: skip

SPACE = hpt.Space(a=hpt.Int(1, 3), b=hpt.Int(1, 2))
LOSSES = np.arange(24.0).reshape(2, 2, 3, 2)


def table(**change):
    return Table(**{"space": SPACE, "losses": LOSSES, "budgets": (1, 4)} | change)


def problem(**change):
    given = {"name": "small", "space": SPACE, "optimum": 0.0, "best_params": {"a": 1, "b": 1}, "loss_label": "loss"}
    return Problem(**{**given, "table": table()} | change)


BEST = {"a": 1, "b": 1}

PROBLEMS = [
    (lambda: problems.get("rosenbrock"), "name", "'rosenbrock'", "one of ['branin'"),
    (lambda: problems.get(3), "name", "3", "one of ['branin'"),
    (lambda: problems.get(None), "name", "None", "one of ['branin'"),
    (lambda: problems.get(["branin"]), "name", "['branin']", "one of ['branin'"),
    (lambda: problems.forest_boston("r2"), "metric", "'r2'", "one of ['max_error'"),
    (lambda: problems.forest_boston(None), "metric", "None", "one of ['max_error'"),
    (lambda: problems.branin()(3), "params", "3", "must"),
    (lambda: problems.branin()({}), "x1", "{}", "must"),
    (lambda: problems.branin()({"x1": 0}), "x2", "x1", "a value for x2"),
    (lambda: problems.branin()({"x1": 0, "x2": 99}), "x2", "99", "between 0.0 and 15.0"),
    (lambda: problems.branin()({"x1": "0", "x2": 1}), "x1", "'0'", "a finite number"),
    (lambda: problems.branin()({"x1": 0, "x2": 1}, 3), "budget", "3", "must be None"),
    (lambda: problems.branin()({"x1": 0, "x2": 1}, seed="a"), "seed", "'a'", "an integer"),
    (lambda: problems.branin()({"x1": 0, "x2": 1}, seed=-1), "seed", "-1", "at least 0"),
    (lambda: problems.branin()({"x1": 0, "x2": 1}, seed=True), "seed", "True", "an integer"),
    (lambda: problems.branin().values(), "branin", "has no table", "needs a tabulated problem"),
    (lambda: problem()({"a": 4, "b": 1}), "a", "4", "between 1 and 3"),
    (lambda: problem()({"a": True, "b": 1}), "a", "True", "an integer"),
    (lambda: problem()({"a": 1, "b": 1, "c": 2}), "c", "'c'", "must"),
    (lambda: problem()(BEST, 2), "budget", "2", "one of 1, 4"),
    (lambda: problem()(BEST, True), "budget", "True", "one of 1, 4"),
    (lambda: problem()(BEST, "4"), "budget", "'4'", "one of 1, 4"),
    (lambda: problem()(BEST, [1, 4]), "budget", "[1, 4]", "one of 1, 4"),
    (lambda: problem()(BEST, np.array([1, 4])), "budget", "shape (2,)", "one of 1, 4"),
    (lambda: problem()(BEST, NAN), "budget", "nan", "one of 1, 4"),
    (lambda: problem()(BEST, seed=2), "seed", "2", "an integer from 0 to 1"),
    (lambda: problem()(BEST, seed=-1), "seed", "-1", "an integer from 0 to 1"),
    (lambda: problem()(BEST, seed=True), "seed", "True", "an integer from 0 to 1"),
    (lambda: problem()(BEST, seed="0"), "seed", "'0'", "an integer from 0 to 1"),
    (lambda: problem().values(seed=9), "seed", "9", "an integer from 0 to 1"),
    (lambda: problem().values(budget=3), "budget", "3", "one of 1, 4"),
    (lambda: problem().optimum_at("a"), "seed", "'a'", "an integer from 0 to 1"),
    (lambda: table().argmin(seed=0.5), "seed", "0.5", "an integer from 0 to 1"),
    (lambda: table(budgets=(), losses=LOSSES[:, :1]).at(BEST, budget=4), "budget", "4", "must be None"),
    (lambda: table(space={"a": [1, 2]}), "space", "{'a': [1, 2]}", "a Space"),
    (lambda: table(losses=LOSSES.tolist()), "losses", "[[[", "an array of numbers"),
    (lambda: table(losses=LOSSES.astype(str)), "losses", "shape (2, 2, 3, 2)", "an array of numbers"),
    (lambda: table(losses=LOSSES[0]), "losses", "(2, 3, 2)", "(n_seeds, 2, 3, 2)"),
    (lambda: table(losses=LOSSES[:0]), "losses", "(0, 2, 3, 2)", "(n_seeds, 2, 3, 2)"),
    (lambda: table(losses=LOSSES[..., :1]), "losses", "(2, 2, 3, 1)", "(n_seeds, 2, 3, 2)"),
    (lambda: table(budgets=(1, 2, 4)), "losses", "(2, 2, 3, 2)", "(n_seeds, 3, 3, 2)"),
    (lambda: table(budgets=(4, 1)), "budgets", "(4, 1)", "ascending order"),
    (lambda: table(budgets=(1, 1)), "budgets", "(1, 1)", "ascending order"),
    (lambda: table(budgets=(0, 1)), "budget", "0", "above 0"),
    (lambda: table(budgets=("1", "4")), "budget", "'1'", "a finite number"),
    (lambda: table(budgets=4), "budgets", "4", "a tuple of numbers"),
    (lambda: problem(name=3), "name", "3", "a string"),
    (lambda: problem(loss_label=None), "loss_label", "None", "a string"),
    (lambda: problem(space=None), "space", "None", "a Space"),
    (lambda: problem(optimum="0"), "optimum", "'0'", "a finite number"),
    (lambda: problem(optimum=NAN), "optimum", "nan", "a finite number"),
    (lambda: problem(best_params={"a": 9, "b": 1}), "a", "9", "between 1 and 3"),
    (lambda: problem(best_params=None), "best_params", "None", "a dict of params"),
    (lambda: problem(table=None), "function and table", "neither", "exactly one of them"),
    (lambda: problem(function=len), "function and table", "both", "exactly one of them"),
    (lambda: problem(function=3, table=None), "function", "3", "a function of the params"),
    (lambda: problem(table=LOSSES), "table", "shape (2, 2, 3, 2)", "a Table"),
]  # fmt: skip

DATASETS = [
    (lambda: datasets.digits(valid=0.0), "valid", "0.0", "above 0"),
    (lambda: datasets.digits(test=-0.1), "test", "-0.1", "above 0"),
    (lambda: datasets.wine(valid=0.5, test=0.5), "valid", "0.5", "leave rows to train on"),
    (lambda: datasets.wine(valid=2), "valid", "2", "leave rows to train on"),
    (lambda: datasets.wine(valid=NAN), "valid", "nan", "be finite"),
    (lambda: datasets.wine(valid="0.2"), "valid", "'0.2'", "be numbers"),
    (lambda: datasets.wine(test=None), "test", "None", "be numbers"),
    (lambda: datasets.wine(valid=True), "valid", "True", "be numbers"),
    (lambda: datasets.digits(valid=1e-9), "valid", "1e-09", "at least 10 of the 1797 rows"),
    (lambda: datasets.digits(test=0.001), "test", "0.001", "at least 10 of the 1797 rows"),
    (lambda: datasets.wine(valid=0.4, test=0.59), "valid", "0.4", "at least 3 of the 178 rows"),
    (lambda: datasets.diabetes(valid=0.5, test=0.4999), "test", "0.4999", "at least 1 of the 442 rows"),
    (lambda: datasets.wine(seed=-1), "seed", "-1", "from 0 to 4294967295"),
    (lambda: datasets.wine(seed=2**32), "seed", "4294967296", "from 0 to 4294967295"),
    (lambda: datasets.wine(seed=1.5), "seed", "1.5", "an integer"),
    (lambda: datasets.wine(seed=None), "seed", "None", "an integer"),
    (lambda: datasets.diabetes(seed="0"), "seed", "'0'", "an integer"),
    (lambda: datasets.mnist(scaled="yes"), "scaled", "'yes'", "True or False"),
    (lambda: datasets.mnist(scaled=1), "scaled", "1", "True or False"),
    (lambda: datasets.boston(keep_b=None), "keep_b", "None", "True or False"),
]  # fmt: skip

FRAME = compare({"a": hpt.RandomSearch(), "b": hpt.QuasiRandomSearch()}, problems.branin(), 3, 2, progress=False)


def race(**change):
    given = {"strategies": {"r": hpt.RandomSearch()}, "problem": problems.branin(), "n_trials": 2, "seeds": 1}
    compare(**given | {"progress": False} | change)


COMPARISON = [
    (lambda: race(strategies={}), "strategies", "{}", "at least one"),
    (lambda: race(strategies=[hpt.RandomSearch()]), "strategies", "RandomSearch", "a dict"),
    (lambda: race(strategies=hpt.RandomSearch()), "strategies", "RandomSearch", "a dict"),
    (lambda: race(strategies={"r": hpt.RandomSearch}), "strategies['r']", "RandomSearch", "suggest(history)"),
    (lambda: race(strategies={"r": None}), "strategies['r']", "None", "suggest(history)"),
    (lambda: race(problem="branin"), "problem", "'branin'", "a Problem"),
    (lambda: race(problem=problems.branin), "problem", "branin", "a Problem"),
    (lambda: race(n_trials=0), "n_trials", "0", "at least 1"),
    (lambda: race(n_trials=2.0), "n_trials", "2.0", "an integer"),
    (lambda: race(n_trials="5"), "n_trials", "'5'", "an integer"),
    (lambda: race(n_trials=True), "n_trials", "True", "an integer"),
    (lambda: race(seeds=0), "seeds", "0", "at least 1"),
    (lambda: race(seeds=2.5), "seeds", "2.5", "an integer"),
    (lambda: race(seeds=None), "seeds", "None", "an integer"),
    (lambda: race(seeds=True), "seeds", "True", "an integer"),
    (lambda: race(seeds="12"), "seeds", "'12'", "an integer"),
    (lambda: race(seeds=[]), "seeds", "[]", "at least one seed"),
    (lambda: race(seeds=[1, 1]), "seeds", "[1, 1]", "each of them once"),
    (lambda: race(seeds=[-1]), "seeds", "-1", "from 0"),
    (lambda: race(seeds=[0.5]), "seeds", "0.5", "an integer"),
    (lambda: race(seeds=[[0, 1]]), "seeds", "[0, 1]", "an integer"),
    (lambda: race(progress="no"), "progress", "'no'", "True or False"),
    (lambda: summary(3), "frame", "3", "the DataFrame that compare returns"),
    (lambda: summary(FRAME.to_dict()), "frame", "{'strategy'", "the DataFrame that compare returns"),
    (lambda: summary(FRAME[:0]), "frame", "'strategy'", "must have rows"),
    (lambda: summary(FRAME[["seed", "loss"]]), "frame", "['seed', 'loss']", "the columns strategy, seed and trial"),
    (lambda: summary(FRAME, at=0), "at", "0", "between 1 and 3"),
    (lambda: summary(FRAME, at=4), "at", "4", "between 1 and 3"),
    (lambda: summary(FRAME, at=[1, 9]), "at", "9", "between 1 and 3"),
    (lambda: summary(FRAME, at=[]), "at", "[]", "at least one number"),
    (lambda: summary(FRAME, at=1.5), "at", "1.5", "an integer"),
    (lambda: summary(FRAME, at="last"), "at", "'last'", "an integer"),
    (lambda: summary(FRAME, at=True), "at", "True", "an integer"),
    (lambda: summary(FRAME, metric="gain"), "metric", "'gain'", "one of ['loss'"),
    (lambda: summary(FRAME, metric="strategy"), "metric", "'strategy'", "one of ['loss'"),
    (lambda: summary(FRAME, metric=None), "metric", "None", "one of ['loss'"),
    (lambda: summary(FRAME, metric=["loss"]), "metric", "['loss']", "one of ['loss'"),
    (lambda: win_rate(FRAME, "c", "b"), "strategy", "'c'", "one of ['a', 'b']"),
    (lambda: win_rate(FRAME, "a", "c"), "against", "'c'", "one of ['a', 'b']"),
    (lambda: win_rate(FRAME, None, "b"), "strategy", "None", "one of ['a', 'b']"),
    (lambda: win_rate(FRAME, "a", ["b"]), "against", "['b']", "one of ['a', 'b']"),
    (lambda: win_rate(FRAME, "a", "b", at=4), "at", "4", "between 1 and 3"),
    (lambda: win_rate(FRAME, "a", "b", at=[1, 2]), "at", "[1, 2]", "an integer"),
    (lambda: win_rate(FRAME, "a", "b", metric="gain"), "metric", "'gain'", "one of ['loss'"),
    (lambda: win_rate("frame", "a", "b"), "frame", "'frame'", "the DataFrame that compare returns"),
]  # fmt: skip


def squared(y, p):
    return float(np.mean((y - p) ** 2))


STUDY = hpt.tune(lambda p: p["alpha"], hpt.Space(alpha=hpt.Float(0.1, 1)), hpt.RandomSearch(), 2, progress=False)


def ridge(params):
    return Ridge(params["alpha"])


def ensemble(**change):
    return Ensemble(**{"study": STUDY, "build": ridge} | change)


def choose(**change):
    select(**{"predictions": np.ones((2, 4)), "y": np.ones(4), "loss": squared} | change)


ENSEMBLE = [
    (lambda: choose(predictions=np.ones(4)), "predictions", "shape (4,)", "a row for each model"),
    (lambda: choose(predictions=np.ones((0, 4))), "predictions", "shape (0, 4)", "a row for each model"),
    (lambda: choose(predictions=None), "predictions", "None", "a row for each model"),
    (lambda: choose(predictions=[["a"] * 4]), "predictions", "shape (1, 4)", "must hold numbers"),
    (lambda: choose(y=np.ones(3)), "y", "shape (3,)", "4 predicted rows"),
    (lambda: choose(y=None), "y", "None", "4 predicted rows"),
    (lambda: choose(y=1.0), "y", "1.0", "4 predicted rows"),
    (lambda: choose(loss=None), "loss", "None", "a function loss(y, prediction)"),
    (lambda: choose(loss="squared"), "loss", "'squared'", "a function loss(y, prediction)"),
    (lambda: choose(loss=lambda y, p: NAN), "loss with model 0", "NaN", "leave that model out"),
    (lambda: choose(loss=lambda y, p: None), "loss with model 0", "None", "must return a number"),
    (lambda: choose(loss=lambda y, p: y - p), "loss with model 0", "shape (4,)", "must return a number"),
    (lambda: choose(loss=lambda y, p: "0.5"), "loss with model 0", "'0.5'", "must return a number"),
    (lambda: choose(n_rounds=0), "n_rounds", "0", "at least 1"),
    (lambda: choose(n_rounds=2.5), "n_rounds", "2.5", "an integer"),
    (lambda: choose(n_rounds=True), "n_rounds", "True", "an integer"),
    (lambda: ensemble(study=None), "study", "None", "a Study"),
    (lambda: ensemble(study=STUDY.trials), "study", "Trial", "a Study"),
    (lambda: ensemble(study=hpt.Study(STUDY.space, hpt.RandomSearch())), "study", "0 trials", "run the search first"),
    (lambda: ensemble(build=None), "build", "None", "a function of the params"),
    (lambda: ensemble(build=Ridge()), "build", "Ridge()", "a function of the params"),
    (lambda: ensemble(n_candidates=0), "n_candidates", "0", "at least 1"),
    (lambda: ensemble(n_candidates="20"), "n_candidates", "'20'", "an integer"),
    (lambda: ensemble(n_rounds=-1), "n_rounds", "-1", "at least 1"),
    (lambda: ensemble(n_rounds=1.5), "n_rounds", "1.5", "an integer"),
    (lambda: ensemble(loss="mse"), "loss", "'mse'", "a function loss(y, prediction)"),
    (lambda: ensemble(cv=1).fit(X, Y), "n_splits", "1", "n_splits=2 or more"),
    (lambda: ensemble().fit(X, Y[1:]), "y", "(11,)", "must be (12,)"),
    (lambda: ensemble().fit(X, 3), "y", "()", "must be (12,)"),
    (lambda: ensemble(build=lambda p: None).fit(X, Y), "build", "None", "an estimator with fit and predict"),
    (lambda: ensemble(build=lambda p: Ridge).fit(X, Y), "build", "Ridge", "an estimator with fit and predict"),
    (lambda: ensemble().predict(X), "Ensemble", "before it predicts", "call fit(X, y)"),
    (lambda: ensemble().predict_proba(X), "Ensemble", "before it predicts", "call fit(X, y)"),
]  # fmt: skip


def refuses(call, argument, value, remedy):
    with pytest.raises((TypeError, ValueError)) as refusal:
        call()
    message = str(refusal.value)
    assert "\n" not in message, f"more than one line: {message}"
    assert len(message) < 300, f"too long to be read: {message}"
    for part in (argument, value, remedy):
        assert re.search(rf"(?<!\w){re.escape(part)}" if part[0].isalnum() else re.escape(part), message), (
            part,
            message,
        )


def numbered(calls):
    return [pytest.param(*call, id=f"{number}-{call[1]}-{call[2]}") for number, call in enumerate(calls)]


@pytest.mark.parametrize(("call", "argument", "value", "remedy"), numbered(HYPERPARAMETERS))
def test_a_wrong_call_of_hp_is_one_sentence(call, argument, value, remedy):
    refuses(lambda: call(asked()), argument, value, remedy)


@pytest.mark.parametrize(("call", "argument", "value", "remedy"), numbered(TUNER))
def test_a_wrong_call_of_a_tuner_is_one_sentence(call, argument, value, remedy):
    refuses(call, argument, value, remedy)


@pytest.mark.parametrize(("call", "argument", "value", "remedy"), numbered(MODELS))
def test_a_wrong_call_of_the_network_is_one_sentence(call, argument, value, remedy):
    refuses(call, argument, value, remedy)


@pytest.mark.parametrize(("call", "argument", "value", "remedy"), numbered(PROBLEMS + DATASETS))
def test_a_wrong_call_of_problems_and_data_is_one_sentence(call, argument, value, remedy):
    refuses(call, argument, value, remedy)


@pytest.mark.parametrize(("call", "argument", "value", "remedy"), numbered(COMPARISON + ENSEMBLE))
def test_a_wrong_call_of_comparison_and_ensemble_is_one_sentence(call, argument, value, remedy):
    refuses(call, argument, value, remedy)
