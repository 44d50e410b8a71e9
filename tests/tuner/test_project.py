"""The tuner with keras-tuner's keywords: the published call, projects that go on, retries, and given hyperparameters."""

import os

import pytest

import hpt_lab as hpt
import hpt_lab.tools.tuner as kt


class History:
    def __init__(self, **history):
        self.history = history


class Network:
    """In place of a compiled Keras model: what `build_model` added, and a fit that returns a history."""

    def __init__(self):
        self.layers, self.rate, self.fits = [], None, []

    def fit(self, x, y, epochs=1, validation_data=None, verbose=1):
        self.fits.append((x, y, epochs, validation_data))
        units = sum(layer for layer in self.layers if isinstance(layer, int))
        peak = 1 - abs(units - 300) / 2000 - (self.rate - 1e-3) ** 2
        return History(loss=[0.5] * epochs, val_accuracy=[peak - 0.1] * (epochs - 1) + [peak])


def build_model(hp):
    """The function of keras.io's getting-started guide, its layers replaced by numbers."""
    model = Network()
    for i in range(hp.Int("num_layers", 1, 3)):
        model.layers.append(hp.Int(f"units_{i}", min_value=32, max_value=512, step=32))
        model.layers.append(hp.Choice("activation", ["relu", "tanh"]))
    if hp.Boolean("dropout"):
        model.layers.append("dropout")
    model.rate = hp.Float("lr", min_value=1e-4, max_value=1e-2, sampling="log")
    return model


DATA = dict(epochs=2, validation_data=("x_val", "y_val"))


def tuner(max_trials=12, **more):
    return kt.RandomSearch(hypermodel=build_model, objective="val_accuracy", max_trials=max_trials, **more)


def searched(tuner, **more):
    """Search, and return the tuner."""
    tuner.search("x", "y", verbose=0, **more)
    return tuner


def trials(tuner):
    return [(dict(t.params), t.value, t.state) for t in tuner.study.trials]


def test_the_call_of_the_getting_started_guide_runs_as_it_is_published(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    build_model(kt.HyperParameters())
    tuner = kt.RandomSearch(
        hypermodel=build_model,
        objective="val_accuracy",
        max_trials=3,
        executions_per_trial=2,
        overwrite=True,
        directory="my_dir",
        project_name="helloworld",
    )
    tuner.search_space_summary()
    tuner.search("x_train", "y_train", epochs=2, validation_data=("x_val", "y_val"))
    models = tuner.get_best_models(num_models=2)
    assert [len(model.fits) for model in models] == [1, 1]
    assert models[0].fits == [("x_train", "y_train", 2, ("x_val", "y_val"))]
    best_hps = tuner.get_best_hyperparameters(5)
    assert len(best_hps) == 3
    assert build_model(best_hps[0]).rate == best_hps[0].get("lr")
    tuner.results_summary()
    assert "3 trials, 0 failed" in capsys.readouterr().out
    assert os.listdir("my_dir") == ["helloworld"]
    assert "study.db" in os.listdir("my_dir/helloworld")
    assert hpt.studies("my_dir/helloworld/study.db")[0].n_complete == 3


def test_a_project_goes_on_where_it_ended_though_its_space_has_grown(tmp_path):
    whole = searched(tuner(), **DATA)
    for max_trials in (1, 2, 3, 5, 12, 12):
        part = searched(tuner(max_trials, directory=tmp_path, project_name="p"), **DATA)
        assert [t[1] for t in trials(part)] == [t[1] for t in trials(whole)][:max_trials]
        del part
    again = tuner(directory=tmp_path, project_name="p")
    assert trials(again) == trials(whole)
    assert {"units_1", "units_2"} <= set(again.study.space)
    assert again.get_best_hyperparameters()[0].values == whole.get_best_hyperparameters()[0].values
    assert again.hyperparameters.get_config()["space"] == whole.hyperparameters.get_config()["space"]
    assert again.get_best_models()[0].fits == []  # built anew


def test_two_tuners_of_one_project_share_what_each_has_found(tmp_path):
    one, other = (tuner(1, directory=tmp_path) for _ in range(2))
    one.max_trials, other.max_trials = 6, 9
    one.search("x", "y", verbose=0, **DATA)
    other.search("x", "y", verbose=0, **DATA)
    one.max_trials = 12
    one.search("x", "y", verbose=0, **DATA)
    whole = searched(tuner(12), **DATA)
    assert trials(one) == trials(whole) == trials(other)


def test_a_build_function_may_ask_for_more_than_it_did_and_for_what_only_code_can_make(tmp_path):
    kinds = [object(), dict]

    def made(more):
        def build(hp):
            model = Network()
            model.rate = hp.Float("lr", 1e-4, 1e-2)
            hp.Choice("kind", kinds)
            if more:
                hp.Choice("shape", [(1, 2), (3, 4)])
            return model

        return kt.RandomSearch(build, "val_accuracy", max_trials=2 + 2 * more, directory=tmp_path)

    for more in (False, True, True):
        tuner = searched(made(more))
    assert {t.params["kind"] for t in tuner.study.trials} <= set(kinds)
    assert [t.unused for t in tuner.study.trials[:2]] == [{"shape": (1, 2)}] * 2  # nobody had asked for it then
    assert all("shape" in t.params for t in tuner.study.trials[2:])
    assert len(tuner.study.trials) == 4


def test_overwrite_begins_anew_and_its_absence_goes_on(tmp_path):
    tuner(4, directory=tmp_path).search("x", "y", verbose=0, **DATA)
    assert len(tuner(directory=tmp_path).study.trials) == 4
    assert len(tuner(directory=tmp_path, overwrite=True).study.trials) == 0
    assert len(tuner(directory=tmp_path).study.trials) == 0


def test_one_of_directory_and_project_name_is_enough_and_none_is_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tuner()
    assert os.listdir() == []
    tuner(project_name="p")
    tuner(directory="d")
    assert sorted(os.listdir()) == ["d", "p"]
    assert os.listdir("d") == ["untitled_project"]


@pytest.mark.parametrize("make", [kt.GridSearch, kt.BayesianOptimization, kt.Hyperband])
def test_every_tuner_has_a_project(make, tmp_path):
    def build(hp):
        model = Network()
        model.layers.append(hp.Int("units", 32, 512, step=64))
        model.rate = hp.Float("lr", 1e-4, 1e-2, sampling="log")
        return model

    def made(**more):
        return make(build, "val_accuracy", directory=tmp_path, **more)

    first = searched(made(max_trials=7))
    second = searched(made(max_trials=9))
    assert trials(second)[:7] == trials(first)[:7]
    assert len(second.study.trials) == 9


# Retries


class Flaky:
    def __init__(self, hp, fails):
        self.x, self.fails = hp.Float("x", 0, 1), fails

    def fit(self):
        if self.fails:
            error = self.fails.pop()
            if error is float:
                return History(val_score=[float("nan")])
            raise error("no luck")
        return History(val_score=[self.x])


@pytest.mark.parametrize(
    ("errors", "retries", "states"),
    [
        ([], 0, ["complete"] * 2),
        ([RuntimeError], 0, ["failed", "complete"]),
        ([RuntimeError], 1, ["complete"] * 2),
        ([float, RuntimeError], 2, ["complete"] * 2),
        ([RuntimeError] * 2, 1, ["failed", "complete"]),
        ([RuntimeError] * 3, 1, ["failed", "complete"]),
    ],
)
def test_a_trial_that_fails_is_trained_again_as_often_as_it_may(errors, retries, states):
    fails = []
    tuner = kt.RandomSearch(lambda hp: Flaky(hp, fails), "val_score", max_trials=2, max_retries_per_trial=retries)
    fails += errors
    tuner.search(verbose=0)
    assert [t.state for t in tuner.study.trials] == states
    assert all(t.value == t.params["x"] for t in tuner.study.history.finished)


def test_misuse_is_not_tried_again():
    calls = []

    class Wrong:
        def fit(self):
            calls.append(1)
            return History(loss=[0.1])

    tuner = kt.RandomSearch(lambda hp: hp.Float("x", 0, 1) and Wrong(), "val_score", max_retries_per_trial=5)
    with pytest.raises(ValueError, match="the objective 'val_score' must be one of this model's metrics"):
        tuner.search(verbose=0)
    assert len(calls) == 1


# Given hyperparameters


def given():
    hp = kt.HyperParameters()
    hp.Float("lr", 1e-3, 2e-3)
    hp.Fixed("activation", "tanh")
    return hp


def test_given_hyperparameters_prevail_over_what_is_asked_for():
    made = searched(tuner(20, hyperparameters=given()), **DATA)
    assert {t.params["activation"] for t in made.study.trials} == {"tanh"}
    assert all(1e-3 <= t.params["lr"] <= 2e-3 for t in made.study.trials)
    assert len({t.params["num_layers"] for t in made.study.trials}) == 3
    assert {"units_1", "units_2"} <= set(made.study.space)
    assert all(model.rate >= 1e-3 for model in made.get_best_models(3))


def test_new_entries_stay_at_their_defaults_where_they_are_not_tuned(tmp_path):
    for _ in range(2):
        made = searched(tuner(10, hyperparameters=given(), tune_new_entries=False, directory=tmp_path), **DATA)
        assert {(t.params["num_layers"], t.params["units_0"], t.params["dropout"]) for t in made.study.trials} == {
            (1, 32, False)
        }
        assert len({t.params["lr"] for t in made.study.trials}) == 10


def test_scopes_of_a_fixed_parent_are_open_or_closed_for_good():
    def build(hp):
        hp.Choice("kind", ["a", "b"])
        with hp.conditional_scope("kind", ["b"]):
            hp.Int("only_b", 1, 9)
        model = Network()
        model.rate = hp.Float("lr", 1e-4, 1e-2)
        return model

    fixed = kt.HyperParameters()
    fixed.Fixed("kind", "a")
    made = searched(kt.RandomSearch(build, "val_accuracy", max_trials=3, hyperparameters=fixed))
    assert set(made.study.space) == {"kind", "lr"}
    other = kt.HyperParameters()
    other.Fixed("kind", "b")
    assert set(kt.RandomSearch(build, "val_accuracy", hyperparameters=other).study.space) == {"kind", "only_b", "lr"}


def test_new_entries_can_be_forbidden():
    with pytest.raises(
        ValueError, match=r"hp.Int\('num_layers'\) must be one of \['lr', 'activation'\], since no new entries"
    ):
        tuner(hyperparameters=given(), allow_new_entries=False)


# What cannot be right


def kept(path, **more):
    return lambda: kt.RandomSearch(build_model, **{"objective": "val_accuracy", "directory": path, **more})


WRONG = {
    "directory": (lambda path: tuner(directory=3), "Tuner: directory=3 must be the path of a file"),
    "directory empty": (lambda path: tuner(directory=""), "Tuner: directory='' must be the path"),
    "project a number": (lambda path: tuner(project_name=3), "Tuner: project_name=3 must be a string"),
    "project empty": (lambda path: tuner(directory=path, project_name=" "), "Tuner: project_name=' ' must be the name"),
    "overwrite": (lambda path: tuner(overwrite="yes"), "Tuner: overwrite='yes' must be True or False"),
    "both": (lambda path: kt.RandomSearch(build_model, "val_accuracy", hypermodel=build_model), "hypermodel=.* must be given once"),
    "neither": (lambda path: kt.RandomSearch(objective="val_accuracy"), "build_model=None must be a function of hp"),
    "retries": (lambda path: tuner(max_retries_per_trial=-1), "max_retries_per_trial=-1 must be an integer of at least 0"),
    "retries a text": (lambda path: tuner(max_retries_per_trial="2"), "max_retries_per_trial='2' must be an integer"),
    "hyperparameters": (lambda path: tuner(hyperparameters={}), "hyperparameters={} must be a HyperParameters"),
    "tune": (lambda path: tuner(tune_new_entries=None), "tune_new_entries=None must be True or False"),
    "allow": (lambda path: tuner(allow_new_entries=0), "allow_new_entries=0 must be True or False"),
    "nothing to tune": (lambda path: tuner(tune_new_entries=False), "tune_new_entries=False needs hyperparameters="),
    "nothing allowed": (lambda path: tuner(allow_new_entries=False), "allow_new_entries=False needs hyperparameters="),
    "unknown": (lambda path: tuner(folder="x"), "folder"),
    "another objective": (lambda path: kept(path, objective="val_acc")(), "objective='val_acc' must be 'val_accuracy', as in the search"),
    "another direction": (lambda path: kept(path, objective=kt.Objective("val_accuracy", "min"))(), "direction='minimize' must be 'maximize'"),
    "another seed": (lambda path: kept(path, seed=3)(), "seed=3 must be 0, as in study 'tuner' of"),
    "another range": (
        lambda path: kt.RandomSearch(lambda hp: hp.Float("lr", 1, 2) and Network(), "val_accuracy", directory=path),
        "'lr' is already registered",
    ),
    "a file in the way": (lambda path: tuner(directory=__file__), "the folder .* cannot be used: it must be writable"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_right_is_refused_in_one_sentence(call, message, tmp_path):
    tuner(2, directory=tmp_path).search("x", "y", verbose=0, **DATA)
    before = hpt.studies(tmp_path / "untitled_project" / "study.db")
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        call(tmp_path)
    assert "\n" not in str(caught.value)
    assert hpt.studies(tmp_path / "untitled_project" / "study.db") == before
