"""The lab beside the real keras-tuner: the same values, the same spaces, the same listing. Run by `make keras`."""

import importlib.util
import json
import os
from pathlib import Path

import numpy as np
import pytest

import hpt_lab.tools.tuner
from hpt_lab import datasets
from hpt_lab.hyperparameters import HyperParameters

os.environ.setdefault("KERAS_BACKEND", "jax")
keras_tuner = pytest.importorskip("keras_tuner", reason="make keras installs it, in an environment of its own")

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "03_the_solution"


def build_plain(hp):
    hp.Int("first_hidden", 128, 256, step=32)
    hp.Int("second_hidden", 16, 128, step=32)
    hp.Float("learning_rate", 0.005, 0.01, sampling="log")


def build_defaults(hp):
    hp.Int("units", 8, 64, step=8, default=24)
    hp.Float("dropout", 0.0, 0.5, step=0.125)  # of step=0.1, keras-tuner loses 0.5 to rounding
    hp.Choice("activation", ["relu", "tanh"], default="tanh")
    hp.Boolean("bias")
    hp.Boolean("norm", default=True)
    hp.Fixed("batch", 64)


def build_log_steps(hp):
    hp.Int("batch", 2, 32, step=2, sampling="log")
    hp.Int("odd", 3, 100, step=3, sampling="log")
    hp.Float("decay", 1e-5, 1e-1, step=10, sampling="log")


def build_branches(hp):
    hp.Choice("layers", [1, 2, 3])
    with hp.conditional_scope("layers", [2, 3]):
        hp.Int("second", 16, 64, step=16)
        hp.Choice("between", ["nothing", "dropout"])
        with hp.conditional_scope("between", ["dropout"]):
            hp.Float("dropout", 0.0, 0.5, step=0.25)
    with hp.conditional_scope("layers", [3]):
        hp.Int("third", 8, 32, step=8)


every_build = pytest.mark.parametrize(
    "build", [build_plain, build_defaults, build_log_steps, build_branches], ids=lambda f: f.__name__
)


def pair(build):
    ours, theirs = HyperParameters(), keras_tuner.HyperParameters()
    build(ours)
    build(theirs)
    return ours, theirs


@every_build
def test_default_values_are_equal(build):
    ours, theirs = pair(build)
    assert ours.values == theirs.values


@every_build
def test_registered_names_and_kinds_are_equal_in_order(build):
    ours, theirs = pair(build)
    assert [(h.name, h.kind) for h in ours.space] == [(h.name, type(h).__name__) for h in theirs.space]


@every_build
def test_the_values_of_finite_hyperparameters_are_equal(build):
    ours, theirs = pair(build)
    for one, other in zip(ours.space, theirs.space, strict=True):
        if getattr(other, "step", True) is None:
            continue
        values = [other.value] if one.kind == "Fixed" else list(other.values)
        assert sorted(one.dimension.values()) == pytest.approx(sorted(values)), one.name


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_branches_open_for_the_same_values(layers):
    ours, theirs = HyperParameters(), keras_tuner.HyperParameters()
    ours.values["layers"] = theirs.values["layers"] = layers
    build_branches(ours)
    build_branches(theirs)
    assert ours.values == theirs.values


def test_the_listing_gives_what_is_stored():
    """Accuracies to within 0.04, since Keras is not the same on every processor; the rest exactly."""
    spec = importlib.util.spec_from_file_location("keras_listing", CHAPTER / "keras_listing.py")
    listing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(listing)
    found = listing.main()
    stored = json.loads((CHAPTER / "keras_listing.json").read_text(encoding="utf-8"))
    assert (found["trials"], found["epochs"]) == (stored["trials"], stored["epochs"])
    for tuner in ("keras_tuner", "hpt_lab"):
        for score in ("validation", "test"):
            assert found[tuner][score] == pytest.approx(stored[tuner][score], abs=0.04), (tuner, score)
        assert list(found[tuner]["best"]) == list(stored[tuner]["best"])
        assert found[tuner]["best"]["second_hidden"] in (16, 48, 80, 112)


# The first search of keras.io's guide "Getting started with KerasTuner", as published, but for fewer images


def build_getting_started(hp):
    import keras
    from keras import layers

    model = keras.Sequential()
    model.add(layers.Flatten())
    for i in range(hp.Int("num_layers", 1, 3)):
        model.add(
            layers.Dense(
                units=hp.Int(f"units_{i}", min_value=32, max_value=512, step=32),
                activation=hp.Choice("activation", ["relu", "tanh"]),
            )
        )
    if hp.Boolean("dropout"):
        model.add(layers.Dropout(rate=0.25))
    model.add(layers.Dense(10, activation="softmax"))
    learning_rate = hp.Float("lr", min_value=1e-4, max_value=1e-2, sampling="log")
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def digits(n_train=400, n_valid=200):
    import keras

    data = datasets.mnist(valid=0.4)
    for X, y, n in ((data.X_train, data.y_train, n_train), (data.X_valid, data.y_valid, n_valid)):
        yield np.asarray(X[:n], "float32").reshape(-1, 28, 28, 1), keras.utils.to_categorical(y[:n], 10)


@pytest.mark.parametrize("kt", [keras_tuner, hpt_lab.tools.tuner], ids=["keras_tuner", "hpt_lab"])
def test_the_getting_started_guide_runs_with_one_import_changed(kt, tmp_path, capsys):
    import keras

    keras.utils.set_random_seed(0)
    (x_train, y_train), (x_val, y_val) = digits()
    build_getting_started(kt.HyperParameters())
    tuner = kt.RandomSearch(
        hypermodel=build_getting_started,
        objective="val_accuracy",
        max_trials=3,
        executions_per_trial=2,
        overwrite=True,
        directory=str(tmp_path / "my_dir"),
        project_name="helloworld",
    )
    capsys.readouterr()
    tuner.search_space_summary()
    shown = capsys.readouterr().out
    for name in ("num_layers", "units_0", "activation", "dropout", "lr"):
        assert name in shown
    tuner.search(x_train, y_train, epochs=2, validation_data=(x_val, y_val))
    capsys.readouterr()

    models = tuner.get_best_models(num_models=2)
    assert len(models) == 2
    models[0].summary()
    assert "flatten" in capsys.readouterr().out
    assert models[0].predict(x_val, verbose=0).shape == (len(x_val), 10)
    assert models[0].evaluate(x_val, y_val, verbose=0)[1] > 0.3  # trained: chance is 0.1

    tuner.results_summary()
    shown = capsys.readouterr().out
    assert "num_layers" in shown
    assert "lr" in shown

    best = tuner.get_best_hyperparameters()
    assert len(best) == 1
    assert {"num_layers", "units_0", "activation", "dropout", "lr"} <= best[0].values.keys()
    model = build_getting_started(best[0])
    model.fit(x=np.concatenate((x_train, x_val)), y=np.concatenate((y_train, y_val)), epochs=1, verbose=0)
    assert (tmp_path / "my_dir" / "helloworld").is_dir()
