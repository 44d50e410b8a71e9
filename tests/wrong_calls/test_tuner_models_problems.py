"""Wrong calls of the tuner, the models, the problems and what stands beside them."""

import numpy as np
import pandas as pd
import pytest
import refusals as of
from refusals import Table, refuse
from sklearn.linear_model import Ridge

import hpt_lab as hpt
import hpt_lab.tools.tuner as kt
from hpt_lab import datasets, problems
from hpt_lab.analysis import crowding_distances, fit_power_law, front_numbers, hypervolume, non_dominated, scaling
from hpt_lab.analysis.ensemble import Ensemble, select
from hpt_lab.hyperparameters import HyperParameters, discover
from hpt_lab.loop.comparison import compare, summary, win_rate
from hpt_lab.models import MLP
from hpt_lab.problems import Problem, Table as LossTable
from hpt_lab.surrogates import curves

NAN, INF, MASKED = float("nan"), float("inf"), np.ma.masked
INTEGER = of.integer("must be an integer")
NO_INTEGER = (TypeError, "must be an integer", [1.5, "1", True])
calls = Table()


# hyperparameters
def asked():
    """The hyperparameters kernel, layers and rate are known."""
    hp = HyperParameters()
    hp.Choice("kernel", ["rbf", "poly"])
    hp.Int("layers", 1, 3)
    hp.Float("rate", 0.1, 1.0)
    return hp


def scope(*args):
    hp = asked()
    with hp.conditional_scope(*args):
        hp.Int("inside", 1, 9)


for method, given in {"Int": (1, 9), "Float": (1, 9), "Choice": ([1, 2],), "Boolean": (), "Fixed": (1,)}.items():
    call = lambda v, method=method, given=given: getattr(asked(), method)(v, *given)  # noqa: E731
    calls.kind(call, f"hp.{method}: name", of.TEXT, of.kind("must not be empty", [], ""))
for method, name, bound in (("Int", "n", INTEGER), ("Float", "x", of.FINITE)):
    who, optional = f"hp.{method}({name!r})", of.without(bound, None)
    masked = (TypeError, "must not be masked", [MASKED])
    too_low = (ValueError, "must be above 0 where sampling='log'", [-1, 0])

    def ask(min_value=0, max_value=9, method=method, name=name, **more):
        return getattr(asked(), method)(name, min_value, max_value, **more)

    calls.arguments(
        ask,
        who=who,
        min_value=[*bound, masked, (ValueError, "must be below max_value=9", [10])],
        max_value=bound,
        step=[*optional, (ValueError, "must be above 0", [0, -2])],
        default=[*optional, masked],
        sampling=of.one_of("linear", "log"),
    )
    calls.arguments(ask, {"sampling": "log"}, who, min_value=[too_low])
LISTS = ["sgd", b"sgd", {"sgd"}, frozenset(["sgd"]), {"sgd": 1}, 3, None]
LIST = of.kind("must be a list, as in hp.Choice('optimizer', ['sgd', 'adam'])", LISTS)
KNOWN = of.kind("must be one registered before", [], "who", 3, ["kernel"])
calls.kind(lambda v: asked().Choice("o", v), "hp.Choice('o'): values", LIST)
calls.values(lambda v: asked().Choice("o", v), "hp.Choice('o'): values", "must hold at least one value", [])
calls.kind(lambda v: asked().Boolean("b", default=v), "hp.Boolean('b'): default", of.without(of.FLAG, None))
calls.kind(lambda v: scope(v, 1), "conditional_scope: parent_name", KNOWN)
for parent, right, values in [
    ("kernel", "must be values of 'kernel': Categorical: the value ", ["linear", ["rbf", "linear"], {"rbf"}]),
    ("kernel", "must hold at least one value", [[]]),
    ("layers", "must be values of 'layers': Int: ", [9, range(2, 6), True]),
    ("rate", "must be values of 'rate': Float: the value 7.0 must be between 0.1 and 1.0", [7.0]),
]:
    calls.values(lambda v, parent=parent: scope(parent, v), "conditional_scope: parent_values", right, *values)
calls.types(lambda v: asked().get(v), "get: name", "must be a string", 3, ["a"])
calls.types(lambda v: asked()[v], "get: name", "must be a string", ["a"])
calls.types(lambda v: asked().is_active(v), "is_active: name", "must be a string", 3)
calls.types(lambda v: asked().copy(v), "copy: values", "must be a dict from names to values", 3, [("layers", 2)])
CONFIGS = [{}, None, {"space": 3, "values": {}}]
calls.values(HyperParameters.from_config, "from_config: config", "must be what get_config returned", *CONFIGS)
NO_CLASS = {"space": [{"class_name": "Real", "config": {"name": "x", "conditions": {}}}]}
calls.all(
    (lambda: asked().Int("n", 1, 9, step=20), "hp.Int('n'): step=20 must not be larger than the range"),
    (lambda: asked().Int("n", 1, 9, step=1, sampling="log"), "step=1 must be above 1 where sampling='log'"),
    (lambda: asked().Int("n", 0, np.True_), "hp.Int('n'): max_value=True must be an integer"),
    (lambda: asked().Int("n", 1, 9, default=10), "hp.Int('n'): default=10 is not possible", "between 1 and 9"),
    (lambda: asked().Int("n", 1, 9, step=2, default=2), "default=2 is not possible", "on the steps of 2"),
    (lambda: asked().Float("x", 1, 9, step=0.5, sampling="log"), "step=0.5 must be above 1 where sampling='log'"),
    (lambda: asked().Float("x", 0, 1, default=2), "hp.Float('x'): default=2.0 is not possible", "between 0.0 and 1.0"),
    (lambda: asked().Choice("o", ["a", "a"]), "hp.Choice('o')", "'a' appears twice; each must appear once"),
    (lambda: asked().Choice("o", [MASKED, 1]), "hp.Choice('o'): values=[masked, 1] must not be masked"),
    (lambda: asked().Choice("o", ["a"], default="b"), "default='b' is not possible", "one of ['a']"),
    (lambda: asked().Choice("o", ["1"], default=1), "default=1 is not possible", "one of ['1']"),
    (lambda: asked().Fixed("f", MASKED), "hp.Fixed('f'): values=[masked] must not be masked"),
    (lambda: asked().Int("layers", 1, 4), "'layers' is already", "'max_value': 3", "use another name"),
    (lambda: asked().Float("layers", 1, 3), "'layers' is already registered as Int", "use another name"),
    (lambda: asked().Int("layers", 1, 3, default=2), "'layers' is already", "'default': 1", "the same arguments"),
    (lambda: asked().Choice("kernel", ["poly", "rbf"]), "'kernel' is already", "['rbf', 'poly']", "the same arguments"),
    (lambda: asked().copy({"layers": 9}).Int("layers", 1, 3), "values['layers']=9", "between 1 and 3"),
    (lambda: asked().copy({"kernel": "x"}).Choice("kernel", ["rbf", "poly"]), "values['kernel']='x'", "must be one of"),
    (lambda: HyperParameters.from_config(NO_CLASS), "from_config: class_name='Real' must be one of ['Int', 'Float'"),
    (lambda: discover(3), TypeError, "discover: build_model=3 must be a function of hp"),
    (lambda: discover(lambda hp: None), "build_model: the build function returned None", "must return the model"),
)  # fmt: skip


# tuners
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


def grid_tuner(**more):
    return kt.GridSearch(**{"build_model": build, "objective": "val_loss"} | more)


def search(result):
    kt.RandomSearch(lambda hp: build(hp, result), "val_loss", max_trials=2).search(verbose=0)


def search_estimator(*args, **kwargs):
    made = kt.RandomSearch(lambda hp: Ridge(hp.Float("alpha", 0.1, 1)), "val_score", max_trials=2)
    made.search(*args, verbose=0, **kwargs)


BUILDER = of.kind("must be a function of hp, or an object with a method build(hp)", [3, None, Half, "build"])
NO_WAY = of.kind("does not say whether higher or lower is better; write Objective(", [], "val_profit", "")
OPTIONAL = of.without(of.POSITIVE, None)
for make, most in ((tuner, of.POSITIVE), (grid_tuner, OPTIONAL)):
    calls.arguments(make, who="Tuner", build_model=BUILDER, max_trials=most, executions_per_trial=of.POSITIVE)
    calls.arguments(make, who="Study", seed=of.without(of.SEED, None))
calls.arguments(tuner, who="Tuner", objective=[*of.kind("must be a metric's name", [None, ["val_loss"]]), *NO_WAY])
calls.values(
    lambda v: kt.Objective("val_loss", v), "Objective: direction", "of 'val_loss' must be 'min' or 'max'", "down", None
)
calls.types(lambda v: kt.Objective(v, "min"), "Objective: name", "must be a metric's name", 3)
calls.kind(lambda v: kt.Tuner(build, "val_loss", 3, v), "Study: strategy", of.STRATEGY)
ASKED = {"build_model": build, "objective": "val_loss"}
calls.arguments(kt.BayesianOptimization, ASKED, num_initial_points=OPTIONAL)
calls.arguments(kt.Hyperband, ASKED, max_epochs=of.POSITIVE, factor=of.integer("must be an integer of at least 2", 1))
calls.values(lambda v: tuner().search(verbose=v), "search: verbose", "must be 0 (silent) or 1", 3, "auto", None)
calls.kind(lambda v: tuner().get_best_hyperparameters(v), "get_best_hyperparameters: num_trials", of.POSITIVE)
calls.kind(lambda v: tuner().get_best_models(v), "get_best_models: num_models", of.POSITIVE)
calls.kind(lambda v: tuner().results_summary(v), "results_summary: num_trials", of.POSITIVE)
EPOCHS = of.kind("it must be a number, or one for each epoch", ["0.5", None, [1.0, None], [[1.0], [2.0]], MASKED])
calls.kind(lambda v: search({"val_loss": v}), "the metric 'val_loss' holds {};", EPOCHS)
TWO = (np.eye(2), np.arange(2.0))
PAIR = "must be a pair (X_valid, y_valid)"
calls.types(lambda v: search_estimator(*TWO, validation_data=v), "Tuner: validation_data", PAIR, TWO[0], (TWO[0],))
calls.all(
    (lambda: tuner(build_model=Half()), TypeError, "Tuner: fit=3 of build_model must be a method fit(hp, model, ...)"),
    (lambda: search(None), "fit returned None", "a history, a dict of metrics, or a number"),
    (lambda: search({}), "'val_loss'", "must be one of this model's metrics: []"),
    (lambda: search({"loss": 1.0}), "'val_loss'", "must be one of this model's metrics: ['loss']"),
    (lambda: search({"val_loss": []}), "'val_loss' has no epoch", "must be a number"),
    (lambda: search({"val_loss": 1.0, "rate": {}}), "'rate' holds {}", "must be a number"),
    (lambda: search("0.5"), "'val_loss' holds '0.5'", "must be a number"),
    (lambda: search({"val_loss": INF}), "the objective returned inf", "one finite number"),
    (lambda: tuner(build_model=lambda hp: hp.Int("n", 1, 3)).search(verbose=0), "returned 1", "a method fit"),
    (lambda: tuner(build_model=lambda hp: None), "build_model: the build function returned None", "must return the model"),
    (lambda: tuner(build_model=lambda hp: Model()), "the build function must ask hp"),
)  # fmt: skip

# the network
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


WIDTHS = "must list the width of each layer, for example hidden=(32,)"
calls.arguments(
    MLP,
    hidden=of.kind(WIDTHS, [32, None, "32", {32, 16}, {32: 1}, True]),
    activation=of.one_of("relu", "tanh", "sigmoid", "linear"),
    learning_rate=of.ABOVE_0,
    l2=of.NUMBER_FROM_0,
    batch_size=of.POSITIVE,
    seed=of.integer("must be an integer of at least 0", -1),
)
calls.kind(lambda v: MLP(hidden=(v,)), "MLP: a width in hidden", of.POSITIVE)
NOT_NUMBERS = [["a", "b"], [["1", "2"]] * 12, [[None, 1]] * 12, None, X + 1j, Sparse()]
ROWS = "must hold numbers, of shape (rows, features)"
for call in (lambda v: fit(X=v), lambda v: fitted().predict(v), lambda v: fitted().predict_proba(v)):
    calls.types(call, "MLP: X", ROWS, *NOT_NUMBERS)
    calls.values(call, "MLP: X", "must have rows of equal length", [[1, 2], [3]])
    shaped = "must be (rows, features); flatten images first"
    calls.all(
        (lambda call=call: call(7), f"MLP: X has shape () but {shaped}"),
        (lambda call=call: call(np.zeros(12)), f"MLP: X has shape (12,) but {shaped}"),
        (lambda call=call: call(np.zeros((12, 2, 2))), f"MLP: X has shape (12, 2, 2) but {shaped}"),
        (lambda call=call: call(X * NAN), "MLP: X contains NaN or infinity; drop or fill in those entries"),
        (lambda call=call: call(X + INF), "MLP: X contains NaN or infinity; drop or fill in those entries"),
        (lambda call=call: call(np.ma.array(X, mask=X > 3)), "MLP: X has masked entries; drop or fill in"),
        error=ValueError,
    )
for call in (lambda v: fit(y=v), lambda v: fitted().score(X, v)):
    each = "must be (12,), one label for each row of X"
    calls.all(
        (lambda call=call: call(None), ValueError, f"MLP: y has shape () but {each}"),
        (lambda call=call: call("abc"), ValueError, f"MLP: y has shape () but {each}"),
        (lambda call=call: call(Y[1:]), ValueError, f"MLP: y has shape (11,) but {each}"),
        (lambda call=call: call(Y[:, None]), ValueError, f"MLP: y has shape (12, 1) but {each}"),
        (lambda call=call: call(np.linspace(0, 1, 12)), "MLP: y is continuous", "it needs one label for each row"),
    )
calls.arguments(fit, who="MLP", epochs=of.POSITIVE, validation_data=of.kind(PAIR, [X, (X,), (X, Y, Y), 0.2, {"X": 3}]))
calls.all(
    (lambda: fit(X=pd.DataFrame({"a": ["x", "y"]})), TypeError, "MLP: X=an array of shape (2, 1) must hold numbers"),
    (lambda: fit(X=np.zeros((0, 2)), y=[]), "MLP: X has shape (0, 2) but must be (rows, features)"),
    (lambda: fit(y=[0.0, NAN] * 6), "MLP: y contains NaN or infinity", "one label for each row"),
    (lambda: fit(y=[1] * 12), "MLP: y has only the label 1", "at least two"),
    (lambda: fit(y=np.array([1, "a"] * 6, object)), "MLP: y has labels of type int and str", "use one type"),
    (lambda: fit(y=[None] * 12), "MLP: y has labels of type NoneType", "use one type"),
    (lambda: fit(y=np.ma.array(Y, mask=Y > 1)), "MLP: y has masked entries", "drop or fill in"),
    (lambda: fit(validation_data=(X[:, :1], Y)), "MLP: X_valid has 1 features but the network has 2 inputs"),
    (lambda: fit(validation_data=(X, Y[1:])), "MLP: y_valid has shape (11,) but must be (12,)"),
    (lambda: fit(validation_data=(X, Y + 1)), "MLP: y_valid has the label 3, which the first fit did not see in y"),
    (lambda: fit(validation_data=(X, ["a"] * 12)), "MLP: y_valid has the label 'a', which the first fit did not see"),
    (lambda: fit(validation_data=(["a"], Y)), TypeError, f"MLP: X_valid=['a'] {ROWS}"),
    (lambda: fitted().fit(X, Y + 1), "MLP: y has the label 3, which the first fit did not see in y"),
    (lambda: fitted().fit(X, Y.astype(str)), "MLP: y has the label '0', which the first fit did not see in y"),
    (lambda: fitted().fit(X[:, :1], Y), "MLP: X has 1 features but the network has 2 inputs"),
    (lambda: fitted().predict(X[:, :1]), "MLP: X has 1 features but the network has 2 inputs"),
    (lambda: MLP().predict(X), "MLP: this network has no weights yet; call fit(X, y) first"),
    (lambda: MLP().score(X, Y), "MLP: this network has no weights yet; call fit(X, y) first"),
)

# problems and data
SMALL = hpt.Space(a=hpt.Int(1, 3), b=hpt.Int(1, 2))
LOSSES = np.arange(24.0).reshape(2, 2, 3, 2)
BEST = {"a": 1, "b": 1}
ORIGIN = {"x1": 0, "x2": 1}


def table(**change):
    return LossTable(**{"space": SMALL, "losses": LOSSES, "budgets": (1, 4)} | change)


def problem(**change):
    given = {"name": "small", "space": SMALL, "optimum": 0.0, "best_params": BEST, "loss_label": "loss"}
    return Problem(**{**given, "table": table()} | change)


OF_TWO = of.kind("must be an integer from 0 to 1, or None for their mean", [], "0", 1.5, True, [1], NAN, 2, -1, 9)
METRICS = of.one_of("max_error", "mean_absolute_error", "root_mean_squared_error")
NAMES = of.kind("must be one of ['branin', 'hartmann6', 'forest_boston', ", [3, None, ["branin"]], "rosenbrock", "")
calls.kind(problems.get, "problems: name", NAMES)
calls.kind(problems.forest_boston, "forest_boston: metric", METRICS)
calls.kind(lambda v: problems.branin()(ORIGIN, seed=v), "branin: seed", of.without(of.FROM_0, None))
calls.values(lambda v: problem()(BEST, v), "budget", "must be one of 1, 4", 2, True, "4", [1, 4], np.array([1, 4]), NAN)
calls.values(lambda v: problem().values(budget=v), "budget", "must be one of 1, 4", 3)
calls.kind(lambda v: problem()(BEST, seed=v), "seed", OF_TWO)
calls.kind(lambda v: problem().values(seed=v), "seed", OF_TWO)
calls.kind(lambda v: problem().optimum_at(v), "seed", OF_TWO)
calls.kind(lambda v: table().argmin(seed=v), "seed", OF_TWO)
calls.arguments(
    table,
    who="Table",
    losses=of.kind("must be an array of numbers", [LOSSES.tolist(), LOSSES.astype(str)]),
    space=of.SPACE,
    budgets=[
        (ValueError, "must be in ascending order", [(4, 1), (1, 1)]),
        (TypeError, "must be a tuple of numbers", [4]),
    ],
)
calls.kind(lambda v: table(budgets=(v, 9e9)), "Table: a budget", of.ABOVE_0)
calls.arguments(problem, who="Problem", name=of.TEXT, loss_label=of.TEXT)
PARAMS = of.kind("must be a dict of params, or {} if unknown", [None])
calls.arguments(problem, who="Problem small", space=of.SPACE, optimum=of.FINITE, best_params=PARAMS)
SHAPES = "(n_seeds, n_budgets, *sizes) = (n_seeds, 2, 3, 2)"
EITHER = "but exactly one of them must be"
calls.all(
    (lambda: problems.branin()(3), TypeError, "Space: params=3 must be a mapping"),
    (lambda: problems.branin()({}), "Space: the params {} must have a value for x1"),
    (lambda: problems.branin()({"x1": 0}), "Space: the params {'x1': 0} must have a value for x2"),
    (lambda: problems.branin()({"x1": 0, "x2": 99}), "x2: Float: the value 99.0 must be between 0.0 and"),
    (lambda: problems.branin()({"x1": "0", "x2": 1}), "x1: Float: value='0' must be a finite number"),
    (lambda: problems.branin()(ORIGIN, 3), "branin: budget=3 must be None"),
    (lambda: problems.branin().values(), "branin: this problem has no table", "needs a tabulated problem"),
    (lambda: problem()({"a": 4, "b": 1}), "a: Int: the value 4 must be between 1 and 3"),
    (lambda: problem()({"a": 1}), "Space: the params {'a': 1} must have a value for b"),
    (lambda: problems.svm_digits()({"C": 1.0, "gamma": 0.1}, 3), "budget=3 must be None: this problem has only"),
    (lambda: problem()({"a": True, "b": 1}), "a: Int: value=True must be an integer"),
    (lambda: problem()(BEST | {"c": 2}), "Space: the param 'c' is unknown; it must be one of ['a', 'b']"),
    (lambda: table(budgets=(), losses=LOSSES[:, :1]).at(BEST, budget=4), "budget=4 must be None"),
    (lambda: table(losses=LOSSES[0]), f"Table: losses has shape (2, 3, 2) but must be {SHAPES}"),
    (lambda: table(losses=LOSSES[:0]), f"Table: losses has shape (0, 2, 3, 2) but must be {SHAPES}"),
    (lambda: table(losses=LOSSES[..., :1]), f"Table: losses has shape (2, 2, 3, 1) but must be {SHAPES}"),
    (lambda: table(budgets=(1, 2, 4)), "losses has shape (2, 2, 3, 2) but must be", "(n_seeds, 3, 3, 2)"),
    (lambda: problem(best_params={"a": 9, "b": 1}), "a: Int: the value 9 must be between 1 and 3"),
    (lambda: problem(table=None), "Problem small: function and table are neither given", EITHER),
    (lambda: problem(function=len), "Problem small: function and table are both given", EITHER),
    (lambda: problem(function=3, table=None), TypeError, "Problem small: function=3 must be a function of the params"),
    (lambda: problem(table=LOSSES), TypeError, "table=an array of shape (2, 2, 3, 2) must be a Table"),
    error=ValueError,
)
for load in (datasets.wine, datasets.digits, datasets.diabetes):
    calls.arguments(load, who="datasets", seed=of.SEED_32, valid=of.ABOVE_0)
    calls.kind(lambda v, load=load: load(test=v), "datasets: test", of.ABOVE_0)
calls.kind(lambda v: datasets.mnist(scaled=v), "datasets: scaled", of.FLAG)
calls.kind(lambda v: datasets.boston(keep_b=v), "datasets: keep_b", of.FLAG)
calls.all(
    (lambda: datasets.wine(valid=0.5, test=0.5), "datasets: valid=0.5 and test=0.5 must leave rows to train on"),
    (lambda: datasets.wine(test=2), "datasets: valid=0.2 and test=2 must leave rows to train on"),
    (lambda: datasets.digits(valid=1e-9), "valid=1e-09 and test=0.2", "at least 10 of the 1797 rows"),
    (lambda: datasets.digits(test=0.001), "valid=0.2 and test=0.001", "at least 10 of the 1797 rows"),
    (lambda: datasets.wine(valid=0.4, test=0.59), "valid=0.4 and test=0.59", "at least 3 of the 178 rows"),
    (lambda: datasets.diabetes(valid=0.5, test=0.4999), "valid=0.5 and test=0.4999", "at least 1 of the 442 rows"),
)

# comparison and ensemble
RACE = compare({"a": hpt.RandomSearch(), "b": hpt.QuasiRandomSearch()}, problems.branin(), 3, 2, progress=False)
STUDIED = hpt.tune(lambda p: p["alpha"], hpt.Space(alpha=hpt.Float(0.1, 1)), hpt.RandomSearch(), 2, progress=False)
NOTHING_DONE = hpt.Study(STUDIED.space, hpt.RandomSearch())
NOTHING_DONE.tell(NOTHING_DONE.ask(), error="out of memory")


def squared(y, p):
    return float(np.mean((y - p) ** 2))


def ensemble(**change):
    return Ensemble(**{"study": STUDIED, "build": lambda params: Ridge(params["alpha"])} | change)


RACED = {"strategies": {"r": hpt.RandomSearch()}, "problem": problems.branin(), "n_trials": 2, "seeds": 1}
METRIC = of.without(of.one_of("loss", "incumbent", "regret", "expected_loss", "cost"), "")
OF_A_AND_B = of.one_of("a", "b")
AT = [
    (TypeError, "must be an integer", [1.5, "last", True]),
    (ValueError, "must be a number of trials between 1 and 3", [0, 4]),
]
calls.arguments(
    compare,
    RACED,
    strategies=of.kind("must be a dict, as in {'random': RandomSearch()}", [[hpt.RandomSearch()], hpt.RandomSearch()]),
    problem=of.kind("must be a Problem, such as problems.branin()", ["branin", problems.branin]),
    n_trials=of.POSITIVE,
    progress=of.FLAG,
    seeds=[
        (TypeError, "must be an integer", [2.5, None, True, "12"]),
        (ValueError, "must be at least 1", [0]),
        (ValueError, "must be at least one seed, each of them once", [[], [1, 1]]),
    ],
)
calls.kind(lambda v: compare(**RACED | {"strategies": {"r": v}}), "compare: strategies['r']", of.STRATEGY)
calls.kind(lambda v: compare(**RACED | {"seeds": [v]}), "compare: a seed in seeds", of.SEED)
calls.arguments(summary, {"frame": RACE}, frame=of.FRAME, metric=METRIC, at=AT)
RATED = {"frame": RACE, "strategy": "a", "against": "b"}
calls.arguments(win_rate, RATED, frame=of.FRAME, metric=METRIC, strategy=OF_A_AND_B, against=OF_A_AND_B, at=AT)
CHOSEN = {"predictions": np.ones((2, 4)), "y": np.ones(4), "loss": squared}
ROW_EACH = [np.ones(4), np.ones((0, 4)), None, np.array([["a"] * 4])]
LOSS = of.kind("must be a function loss(y, prediction) -> float", [None, "squared", 3])
calls.arguments(
    select,
    CHOSEN,
    predictions=of.kind("must hold numbers, a row for each model", [], *ROW_EACH),
    y=of.kind("must have one value for each of 4 predicted rows", [], np.ones(3), None, 1.0),
    loss=LOSS,
    n_rounds=of.POSITIVE,
)
BUILT = of.kind("must be a function of the params that returns an estimator", [None, Ridge()])
ENSEMBLE = {"build": BUILT, "loss": of.without(LOSS, None), "n_rounds": of.POSITIVE, "n_candidates": of.POSITIVE}
calls.arguments(ensemble, who="Ensemble", study=of.STUDY, **ENSEMBLE)
calls.arguments(hpt.recommend, study=of.STUDY)
RETURNED = of.kind("loss must return a number", [None, np.ones(4), "0.5"])
calls.kind(lambda v: select(**CHOSEN | {"loss": lambda y, p: v}), "select: the loss with model 0 is {};", RETURNED)
ESTIMATOR = of.kind("which must be an estimator with fit and predict", [None, Ridge])
calls.kind(lambda v: ensemble(build=lambda p: v).fit(X, Y), "Ensemble: build returned {},", ESTIMATOR)
calls.all(
    (lambda: compare(**RACED | {"strategies": {}}), "compare: strategies={} must name at least one"),
    (lambda: summary(RACE[:0]), "summary: frame=['strategy', ", "must have rows"),
    (lambda: summary(RACE[["seed", "loss"]]), "frame=['seed', 'loss'] must have rows and the columns strategy, seed"),
    (lambda: summary(RACE, at=[1, 9]), "summary: at=9 must be a number of trials between 1 and 3"),
    (lambda: summary(RACE, at=[]), "summary: at=[] must hold at least one number"),
    (lambda: win_rate(RACE, "a", "b", at=[1, 2]), "win_rate: at=[1, 2] must be an integer"),
    (lambda: select([[1.0], [NAN]], [1.0], squared), "the loss with model 1 is NaN", "leave that model out"),
    (lambda: hpt.recommend(NOTHING_DONE), ValueError, "best: none of the 1 trials is complete yet"),
    (lambda: ensemble(study=STUDIED.trials), "Ensemble: study=(Trial", "must be a Study"),
    (lambda: ensemble(study=NOTHING_DONE), "Ensemble: none of the study's 1 trials is complete; run the search first"),
    (lambda: ensemble().fit(X, Y[1:]), "Ensemble: y has shape (11,) but must be (12,)"),
    (lambda: ensemble().fit(X, 3), "Ensemble: y has shape () but must be (12,)"),
    (lambda: ensemble().predict(X), "Ensemble: call fit(X, y) before it predicts"),
    (lambda: ensemble().predict_proba(X), "Ensemble: call fit(X, y) before it predicts"),
)


# fronts, and what a curve or a power law forecasts
SIZES, RUNS = [16, 32, 64], [[1, 1], [0.8, 0.7], [0.6, 0.5]]
ONE_EACH = "must hold between 1 and end=12 finite numbers"


def ahead(**change):
    """Forecast a learning curve."""
    given = {"losses": [0.5, 0.4], "end": 12, "final": (0.2, 0.3), "fall": (0.1, 0.4), "noise": 0.01}
    return curves.forecast(**given | change)


calls.values(lambda v: ahead(losses=v), "forecast: losses", ONE_EACH, [], [0.1, NAN], [0.1] * 13, [[0.1]])
calls.values(
    lambda v: ahead(final=v), "forecast: final", "must be a pair, a mean and a standard deviation", 0.2, (0.2,)
)
calls.values(lambda v: ahead(fall=v), "forecast: fall", "must be a pair", None, (1, 2, 3))
calls.all(
    (lambda: hypervolume([1.0, 2.0], [3.0, 3.0]), "hypervolume: values=[1.0, 2.0]", "a row for each"),
    (lambda: hypervolume([[NAN, 2.0]], [3.0, 3.0]), "hypervolume: values=[[nan, 2.0]]", "finite"),
    (lambda: hypervolume("front", [3.0]), "hypervolume: values='front'", "array of numbers"),
    (lambda: hypervolume([[1, 2]], 3), "hypervolume: reference=3", "2 finite numbers"),
    (lambda: hypervolume([[1, 2]], [3, INF]), "hypervolume: reference=[3, inf]", "finite"),
    (lambda: hypervolume([[1, 2]], [3, 3], ["minimize"] * 3), "directions=", "must be 2"),
    (lambda: front_numbers([["a", "b"]]), "front_numbers: losses=", "numbers"),
    (lambda: non_dominated([[], []]), "non_dominated: losses=[[], []]", "a column for each"),
    (lambda: crowding_distances(None), "crowding_distances: losses=None", "numbers"),
    (lambda: fit_power_law([16, 32, 32], [1, 0.8, 0.7]), "sizes=", "must hold three that differ"),
    (lambda: fit_power_law([0, 32, 64], [1, 0.8, 0.7]), "sizes=", "finite numbers above 0"),
    (lambda: fit_power_law(SIZES, [1, 0.8, NAN]), "losses=", "finite numbers above 0"),
    (lambda: fit_power_law(SIZES, [1, 0.8, 1e-160]), "losses=", "finite numbers above 0, from 1e-50 to 1e+50"),
    (lambda: fit_power_law(SIZES, [1e160, 0.8, 0.7]), "losses=", "finite numbers above 0, from 1e-50 to 1e+50"),
    (lambda: fit_power_law([16, 32, 10**400], [1, 0.8, 0.7]), "sizes=inf must be a finite number"),
    (lambda: fit_power_law(SIZES, [1, 0.8]), "losses of shape (2,)", "each of the 3 sizes"),
    (lambda: scaling.forecast(SIZES, RUNS[:2], 128), "at least two seeds for each of the 3 sizes"),
    (lambda: scaling.forecast(SIZES, [*RUNS[:2], [0.6]], 128), "at least two seeds for each"),
    (lambda: scaling.forecast(SIZES, [1, 0.8, 0.6], 128), "losses[0]=1 must be a list"),
    (lambda: scaling.forecast(SIZES, 3, 128), "losses=3 must be a list with the losses of each size"),
    (lambda: scaling.forecast([], [], 128), "must hold three that differ"),
    (lambda: scaling.forecast(["16"], [[1, 1]], 128), "must be an array of numbers"),
    (lambda: scaling.forecast(SIZES, RUNS, -1), "at=-1 must be a finite number above 0"),
    (lambda: scaling.forecast(SIZES, RUNS, 128, level=90), "level=90 must be a finite number above 0 and below 1"),
    (lambda: scaling.forecast(SIZES, RUNS, 128, level=0), "level=0 must be a finite number above 0"),
    (lambda: ahead(end=1), "forecast: end=1 must be an integer from 2 to 1000000"),
    (lambda: ahead(end=2**70), "must be an integer from 2 to 1000000"),
    (lambda: ahead(final=(0.1, 0.0)), "forecast: final[1]=0 must be a finite number above 0"),
    (lambda: ahead(fall=(INF, 1.0)), "forecast: fall[0]=inf must be a finite number"),
    (lambda: ahead(noise=0), "forecast: noise=0 must be a finite number above 0"),
    (lambda: ahead(noise=1e-9), "noise=1e-09 must be from 1e-06 to 1e+06 times the standard deviations, 0.3 and 0.4"),
    (lambda: ahead(noise=1e9), "noise=1e+09 must be from 1e-06 to 1e+06 times the standard deviations, 0.3 and 0.4"),
)


@calls.each()
def test_a_wrong_call_is_refused_in_one_sentence(error, calls):
    refuse(error, calls)


def test_what_an_estimator_or_a_split_refuses_itself_is_told_in_its_own_words():
    with pytest.raises(TypeError, match=r"fit\(\) missing 1 required positional argument: 'y'"):
        search_estimator(TWO[0])
    with pytest.raises(ValueError, match="setting n_splits=2 or more, got n_splits=1"):
        ensemble(cv=1).fit(X, Y)
