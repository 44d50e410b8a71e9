"""The tuner: drives histories, numbers and estimators; keeps what it learned; grows its space."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import hpt_lab as hpt
import hpt_lab.tools.tuner as kt
from hpt_lab.models import MLP
from hpt_lab.tools.tuner import tuner as tuner_module


class History:
    def __init__(self, **history):
        self.history = history


class Bowl:
    """A model whose validation score peaks at x = 0.3 in its second epoch."""

    def __init__(self, x):
        self.x = x

    def fit(self, scale=1.0):
        peak = scale * (1 - (self.x - 0.3) ** 2)
        return History(loss=[1.0, 0.5, 0.7], val_score=[0.0, peak, peak / 2])


def build_bowl(hp):
    return Bowl(hp.Float("x", 0.0, 1.0))


def searched(tuner, *data, **more):
    """Search, and return the tuner."""
    tuner.search(*data, verbose=0, **more)
    return tuner


def build_deep(hp):
    model = build_bowl(hp)
    if hp.Boolean("deep"):
        hp.Int("layers", 2, 4)
    return model


IRIS = load_iris(return_X_y=True)
TRAIN = (IRIS[0][::2], IRIS[1][::2])
VALID = (IRIS[0][1::2], IRIS[1][1::2])


def build_svm(hp):
    kernel = hp.Choice("kernel", ["linear", "rbf"])
    with hp.conditional_scope("kernel", "rbf"):
        gamma = hp.Float("gamma", 1e-4, 1e1, sampling="log")
    return SVC(kernel=kernel, C=hp.Float("C", 1e-2, 1e2, sampling="log"), gamma=gamma or "scale")


def build_mlp(hp):
    return MLP(hidden=(hp.Int("units", 4, 16),), learning_rate=hp.Float("lr", 1e-3, 1e-1, sampling="log"))


def test_the_best_epoch_counts_and_random_search_finds_the_peak():
    tuner = searched(kt.RandomSearch(build_bowl, kt.Objective("val_score", "max"), max_trials=40))
    best = tuner.get_best_hyperparameters()[0]
    assert abs(best.get("x") - 0.3) < 0.1
    assert tuner.study.best_value == pytest.approx(1 - (best["x"] - 0.3) ** 2)


def test_bayesian_optimization_needs_fewer_trials():
    tuner = searched(kt.BayesianOptimization(build_bowl, "val_score", max_trials=15))
    assert abs(tuner.get_best_hyperparameters()[0]["x"] - 0.3) < 0.02


def test_it_drives_estimators_scored_on_the_validation_data():
    tuner = searched(kt.RandomSearch(build_svm, "val_accuracy", max_trials=10), *TRAIN, validation_data=VALID)
    model = tuner.get_best_models()[0]
    assert model.score(*VALID) == tuner.study.best_value > 0.9
    assert any("gamma" not in trial.params for trial in tuner.study.trials)


def test_it_drives_the_numpy_network_and_keeps_the_trained_ones():
    tuner = searched(kt.RandomSearch(build_mlp, "val_loss", max_trials=5), *TRAIN, epochs=5, validation_data=VALID)
    losses = [trial.value for trial in tuner.study.trials]
    assert tuner.study.direction == "minimize"
    assert tuner.study.best_value == min(losses)
    first, second = tuner.get_best_models(2)
    assert first.predict(VALID[0]).shape == VALID[1].shape
    assert first is not second
    assert all(type(v) in (int, float) for trial in tuner.study.trials for v in trial.params.values())


def test_grid_takes_all_values_and_ten_of_a_continuous_range():
    def build(hp):
        hp.Int("units", 32, 256, step=32)
        hp.Choice("activation", ["relu", "tanh"])
        return build_bowl(hp)

    tuner = kt.GridSearch(build, "val_score")
    assert tuner.max_trials == 8 * 2 * 10
    tuner.search(verbose=0)
    assert len({tuple(trial.params.values()) for trial in tuner.study.trials}) == 160


def test_grid_builds_once_and_has_its_strategy_from_the_start(monkeypatch):
    given, built = [], []

    class Watched(hpt.Study):
        def __init__(self, space, strategy, **more):
            given.append(strategy)
            super().__init__(space, strategy, **more)

    monkeypatch.setattr(tuner_module, "Study", Watched)
    tuner = kt.GridSearch(
        lambda hp: built.append(build_bowl(hp)) or built[-1], "val_score", executions_per_trial=2, seed=5
    )
    assert given == [tuner.study.strategy]
    assert len(built) == 1
    assert tuner.study.strategy.resolution == {"x": 10}
    assert (tuner.max_trials, tuner.executions_per_trial, tuner.study.seed) == (10, 2, 5)
    assert kt.GridSearch(build_bowl, "val_score", 3).max_trials == 3


def test_grid_refuses_a_hyperparameter_that_it_did_not_know_from_the_start():
    tuner = kt.GridSearch(build_deep, "val_score")
    for _ in range(2):  # again and again
        with pytest.raises(ValueError, match=r"GridSearch: \['layers'\] came up during the search, but a grid must"):
            tuner.search(verbose=0)
    assert tuner.study.trials[-1].params["deep"]


def test_executions_are_averaged():
    calls = []

    class Noisy(Bowl):
        def fit(self):
            calls.append(self.x)
            return float(len(calls))

    tuner = kt.RandomSearch(lambda hp: Noisy(hp.Float("x", 0, 1)), "val_score", max_trials=2, executions_per_trial=3)
    tuner.search(verbose=0)
    assert [trial.value for trial in tuner.study.trials] == [2.0, 5.0]
    assert len(calls) == 6


def test_a_second_search_goes_on_where_the_first_ended():
    tuner = searched(kt.RandomSearch(build_bowl, "val_score", max_trials=5, seed=7))
    tuner.max_trials = 8
    tuner.search(verbose=0)
    whole = kt.RandomSearch(build_bowl, "val_score", max_trials=8, seed=7)
    whole.search(verbose=0)
    assert [t.params for t in tuner.study.trials] == [t.params for t in whole.study.trials]


def test_the_space_grows_when_a_branch_shows_something_new():
    tuner = kt.RandomSearch(build_deep, "val_score", max_trials=20)
    assert [h.name for h in tuner.hyperparameters.space] == ["x", "deep"]
    tuner.search(verbose=0)
    assert [h.name for h in tuner.hyperparameters.space] == ["x", "deep", "layers"]
    for trial in tuner.study.trials:
        assert ("layers" in trial.params) == trial.params["deep"]
        assert ("layers" in trial.unused) == (not trial.params["deep"])
    assert {trial.params.get("layers") for trial in tuner.study.trials} == {None, 2, 3, 4}


@pytest.mark.parametrize(
    "make", [kt.RandomSearch, kt.BayesianOptimization, kt.Hyperband], ids=lambda make: make.__name__
)
def test_the_winner_of_an_architecture_search_has_the_units_of_its_own_layers(make, tmp_path, capsys):
    class Network(Bowl):
        def fit(self, epochs=1):
            return super().fit()

    def build(hp):
        units = [hp.Int(f"units_{layer}", 1, 8) for layer in range(hp.Int("layers", 1, 3))]
        return Network(sum(units) / 30)

    for max_trials in (5, 20):  # the second one goes on
        tuner = make(build, "val_score", max_trials=max_trials, directory=tmp_path)
        tuner.search(verbose=0)
    trials = tuner.study.trials
    assert {trial.params["layers"] for trial in trials} == {1, 2, 3}
    for trial in trials:
        assert set(trial.params) == {"layers", *(f"units_{layer}" for layer in range(trial.params["layers"]))}
        assert trial.value == pytest.approx(
            1 - (sum(v for k, v in trial.params.items() if k != "layers") / 30 - 0.3) ** 2
        )
    assert tuner.get_best_hyperparameters()[0].values == tuner.study.best_params
    tuner.results_summary(20)
    rows = [line for line in capsys.readouterr().out.splitlines() if "layers=" in line]
    assert len(rows) == 20
    assert all(line.count("units_") == int(line.split("layers=")[1][0]) for line in rows)


def run_two_at_once(study, objective, n_trials, callbacks, progress):
    """As `run`, but both trials are asked for and trained before one is told, the second one first."""
    trials = [study.ask(), study.ask()]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(objective, trials))
    for trial, outcome in list(zip(trials, outcomes, strict=True))[::-1]:
        objective.tell(study, trial, outcome)
        for callback in callbacks:
            callback(study, study.trials[trial.number])
    return study


def test_two_trials_at_once_keep_what_each_saw_and_the_model_that_each_left(monkeypatch):
    monkeypatch.setattr(tuner_module, "run", run_two_at_once)
    both_built = threading.Barrier(2, timeout=120)

    def build(hp):
        branch = hp.Choice("branch", ["left", "right"])
        depth = hp.Int(f"{branch}_depth", 1, 9, default={"left": 3, "right": 7}[branch]) if searching else 0
        if searching:
            both_built.wait()
        return Bowl(depth / 10)

    searching = False
    plan = hpt.ManualSearch([{"branch": "left"}, {"branch": "right"}])
    tuner = kt.Tuner(build, "val_score", 2, plan)
    searching = True
    tuner.search(verbose=0)
    assert [h.name for h in tuner.hyperparameters.space] == ["branch", "right_depth", "left_depth"]
    params = [trial.params for trial in tuner.study.trials]
    assert params == [{"branch": "left", "left_depth": 3}, {"branch": "right", "right_depth": 7}]
    assert [trial.unused for trial in tuner.study.trials] == [{"right_depth": 7}, {"left_depth": 3}]
    assert [trial.value for trial in tuner.study.trials] == [pytest.approx(1.0), pytest.approx(1 - 0.4**2)]
    assert [model.x for model in tuner.get_best_models(2)] == [0.3, 0.7]


def test_two_trials_at_once_cannot_define_one_name_in_two_ways(monkeypatch):
    monkeypatch.setattr(tuner_module, "run", run_two_at_once)

    def build(hp):
        branch = hp.Choice("branch", ["left", "right"])
        if searching:
            hp.Int("depth", 1, {"left": 8, "right": 9}[branch])
        return Bowl(0.5)

    searching = False
    tuner = kt.Tuner(build, "val_score", 2, hpt.ManualSearch([{"branch": "left"}, {"branch": "right"}]))
    searching = True
    with pytest.raises(ValueError, match="'depth' is already registered as Int"):
        tuner.search(verbose=0)


def test_a_model_that_diverges_fails_its_trial_and_the_search_goes_on():
    class Fragile(Bowl):
        def fit(self):
            return History(loss=[1.0, math.nan if self.x > 0.5 else 0.1], val_accuracy=[0.1, 0.1 + self.x])

    tuner = searched(kt.RandomSearch(lambda hp: Fragile(hp.Float("x", 0, 1)), "val_accuracy", max_trials=20))
    failed = tuner.study.history.failed
    assert failed
    assert all("diverged: loss is NaN" in trial.error for trial in failed)
    assert tuner.get_best_hyperparameters()[0]["x"] <= 0.5


def of_metrics(result):
    """A build function whose model's `fit` returns `result`."""

    class Model:
        def fit(self):
            return result

    def build(hp):
        hp.Float("x", 0, 1)
        return Model()

    return build


@pytest.mark.parametrize(
    "scores", [[math.nan, 0.5, 0.25], [0.5, math.nan, 0.25], np.array([0.5, 0.25]), np.array(0.5), np.float32(0.5), 0.5],
    ids=repr,
)  # fmt: skip
def test_the_best_epoch_counts_whatever_holds_them_and_whichever_is_nan(scores):
    tuner = searched(kt.RandomSearch(of_metrics({"val_score": scores}), "val_score", max_trials=1))
    assert tuner.study.best_value == 0.5


def test_a_trained_model_that_python_calls_false_is_given_back():
    class Empty(Bowl):
        def __len__(self):
            return 0

    tuner = searched(kt.RandomSearch(lambda hp: Empty(hp.Float("x", 0, 1)), "val_score", max_trials=2))
    assert tuner.get_best_models()[0] in list(tuner._models.values())


def test_the_models_of_the_ten_best_trials_are_kept_and_others_built_anew():
    built = []

    def build(hp):
        built.append(build_bowl(hp))
        return built[-1]

    tuner = searched(kt.RandomSearch(build, "val_score", max_trials=15))
    trained = built.copy()
    models = tuner.get_best_models(12)
    assert [model in trained for model in models] == [True] * 10 + [False] * 2
    assert [model.x for model in models] == [best["x"] for best in tuner.get_best_hyperparameters(12)]
    assert len(tuner._models) == 10


def test_a_metric_that_the_model_lacks_is_an_error_that_lists_those_it_has():
    tuner = kt.RandomSearch(build_bowl, "val_accuracy", max_trials=20)
    with pytest.raises(ValueError, match=r"'val_accuracy' must be one of .*metrics: \['loss', 'val_score'\]"):
        tuner.search(verbose=0)
    assert len(tuner.study.trials) == 1
    assert tuner.study.trials[0].state == "failed"


@pytest.mark.parametrize(
    ("name", "direction"),
    [("val_loss", "min"), ("val_accuracy", "max"), ("mse", "min"), ("auc", "max"), ("val_mean_absolute_error", "min")],
)
def test_directions_of_the_usual_names(name, direction):
    assert kt.Objective.of(name).direction == direction


def test_it_prints_each_trial_beside_the_best_and_summaries(capsys):
    tuner = kt.RandomSearch(build_svm, "val_accuracy", max_trials=3)
    tuner.search_space_summary()
    tuner.search(*TRAIN, validation_data=VALID)
    tuner.results_summary(num_trials=2)
    shown = capsys.readouterr().out
    assert "gamma (Float)" in shown
    assert "only if kernel in ['rbf']" in shown
    lines = shown.splitlines()
    header = next(line for line in lines if line.startswith("trial "))
    assert header.split() == ["trial", "kernel", "gamma", "C", "val_accuracy", "best", "so", "far"]
    assert sum(line.startswith(("    0", "    1", "    2")) for line in lines) == 3
    assert f"{tuner.study.best_value:.4g}" in lines[-2]


class Learner:
    """A model that approaches its peak, at x = 0.3, with the epochs; it notes how many it was given."""

    epochs: ClassVar[list[int]] = []

    def __init__(self, x):
        self.x = x

    def fit(self, epochs=1):
        Learner.epochs.append(epochs)
        return History(val_score=[1 - (self.x - 0.3) ** 2 - 1 / (epoch + 2) for epoch in range(epochs)])


def build_learner(hp):
    return Learner(hp.Float("x", 0.0, 1.0))


def test_hyperband_trains_each_trial_for_its_budget_and_ends_after_one_round():
    Learner.epochs = []
    tuner = searched(kt.Hyperband(build_learner, "val_score", max_epochs=9))
    assert Learner.epochs == [1] * 9 + [3] * 3 + [9] + [3] * 5 + [9] + [9] * 3
    assert [trial.budget for trial in tuner.study.trials] == Learner.epochs
    best = tuner.get_best_hyperparameters()[0]
    full = [trial.params["x"] for trial in tuner.study.trials if trial.budget == 9]
    assert best["x"] == min(full, key=lambda x: abs(x - 0.3))


def test_hyperband_overrides_the_epochs_given_to_search_and_goes_on_after_a_round():
    Learner.epochs = []
    tuner = searched(kt.Hyperband(build_learner, "val_score", max_epochs=4, factor=2, max_trials=20), epochs=50)
    assert len(Learner.epochs) == 20
    assert set(Learner.epochs) == {1, 2, 4}
    assert len(Learner.epochs) > sum(n for bracket in tuner.study.strategy.brackets for n, _ in bracket)


def test_the_best_of_hyperband_had_the_highest_budget_even_if_a_short_training_was_luckier():
    class Lucky(Learner):
        def fit(self, epochs=1):
            return float(self.x - epochs)

    tuner = searched(kt.Hyperband(lambda hp: Lucky(hp.Float("x", 0.0, 1.0)), "val_score", max_epochs=3))
    assert tuner.study.best.budget == 3
    assert tuner.get_best_hyperparameters()[0].values == tuner.study.best_params
    assert tuner.get_best_models()[0].x == tuner.study.best_params["x"]


class ScaledBowl(kt.HyperModel):
    """Its training asks for a hyperparameter that building the model does not need."""

    def build(self, hp):
        return Bowl(hp.Float("x", 0.0, 1.0))

    def fit(self, hp, model, *args, **kwargs):
        self.given = (args, kwargs)
        return model.fit(scale=hp.Choice("scale", [0.5, 2.0]))


def test_an_overridden_fit_trains_the_model_and_may_ask_for_hyperparameters():
    hypermodel = ScaledBowl()
    tuner = searched(kt.RandomSearch(hypermodel, "val_score", max_trials=30), "X", "y", epochs=7)
    assert hypermodel.given == (("X", "y"), {"epochs": 7})
    assert [h.name for h in tuner.hyperparameters.space] == ["x", "scale"]
    best = tuner.get_best_hyperparameters()[0]
    assert best["scale"] == 2.0
    assert tuner.study.best_value == pytest.approx(2 * (1 - (best["x"] - 0.3) ** 2))
    assert tuner.get_best_models()[0].x == best["x"]


def test_a_hypermodel_needs_no_base_class():
    class Duck:
        build = staticmethod(build_bowl)

        def fit(self, hp, model):
            return {"val_score": hp["x"]}

    tuner = searched(kt.RandomSearch(Duck(), "val_score", max_trials=5))
    assert [trial.value for trial in tuner.study.trials] == [trial.params["x"] for trial in tuner.study.trials]


def test_a_hypermodel_without_a_fit_of_its_own_is_its_build_function():
    class Plain(kt.HyperModel):
        def build(self, hp):
            return build_svm(hp)

    tuners = [kt.RandomSearch(hypermodel, "val_accuracy", max_trials=6) for hypermodel in (Plain(), build_svm)]
    for tuner in tuners:
        tuner.search(*TRAIN, validation_data=VALID, verbose=0)
    first, second = ([(t.params, t.value, t.state) for t in tuner.study.trials] for tuner in tuners)
    assert first == second
    assert {state for *_, state in first} == {"complete"}


def test_the_training_of_a_hypermodel_gets_the_budget_and_is_silent_where_it_can():
    said = []

    class Network(kt.HyperModel):
        def build(self, hp):
            return build_learner(hp)

        def fit(self, hp, model, verbose=1, **kwargs):
            said.append((verbose, kwargs["epochs"]))
            return model.fit(**kwargs)

    kt.Hyperband(Network(), "val_score", max_epochs=3, max_trials=4).search(verbose=0)
    assert said == [(0, 1), (0, 1), (0, 1), (0, 3)]


def test_a_model_that_can_be_silent_is_also_behind_a_hypermodel_that_hands_its_keywords_on():
    said = []

    class Talkative(Bowl):
        def fit(self, verbose=1):
            said.append(verbose)
            return super().fit()

    class Through(kt.HyperModel):
        def build(self, hp):
            return Talkative(hp.Float("x", 0, 1))

        def fit(self, hp, model, *args, **kwargs):
            return model.fit(*args, **kwargs)

    for build in (Through().build, Through()):
        searched(kt.RandomSearch(build, "val_score", max_trials=2))
    assert said == [0] * 4


def test_a_fit_that_returns_a_number_returns_the_objective():
    tuner = searched(kt.RandomSearch(of_metrics(0.25), kt.Objective("val_profit", "max"), max_trials=1))
    assert tuner.study.best_value == 0.25


@pytest.mark.parametrize("named", [False, True])
def test_a_pipeline_is_scored_on_the_validation_data(named):
    def build(hp):
        return make_pipeline(StandardScaler(), SVC(C=hp.Float("C", 0.1, 10.0)))

    tuner = kt.RandomSearch(build, "val_accuracy", max_trials=2)
    args, kwargs = ((), dict(zip("Xy", TRAIN, strict=True))) if named else (TRAIN, {})
    tuner.search(*args, **kwargs, validation_data=VALID, verbose=0)
    assert tuner.get_best_models()[0].score(*VALID) == tuner.study.best_value > 0.9


def test_what_a_build_function_does_to_a_choice_stays_its_own():
    def build(hp):
        widths = hp.Choice("widths", [[8], [16, 16]])
        widths.append(99)
        return Bowl(sum(widths) / 200)

    tuner = searched(kt.RandomSearch(build, "val_score", max_trials=6))
    assert {str(trial.params["widths"]) for trial in tuner.study.trials} == {"[8]", "[16, 16]"}
    assert tuner.get_best_hyperparameters()[0]["widths"] == tuner.study.best_params["widths"]
    assert tuner.hyperparameters.space[0].config["values"] == [[8], [16, 16]]
