"""A published listing in Keras, fixed, and searched by keras-tuner and by our tuner. Run by `make keras`; see lesson 4.

    python chapters/03_the_solution/keras_listing.py [STORED.json]

prints the results as JSON, or writes them to a file.
"""

import json
import os
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import hpt_lab.tuner
import keras
import keras_tuner

from hpt_lab import datasets

N_TRIALS, EPOCHS = 6, 3


# --8<-- the listing
def build_model(hp):
    model = keras.Sequential(
        [
            keras.layers.Input((784,)),
            keras.layers.Dense(hp.Int("first_hidden", 128, 256, step=32), activation="relu"),
            keras.layers.Dense(hp.Int("second_hidden", 16, 128, step=32), activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Float("learning_rate", 0.005, 0.01, sampling="log")),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


# --8<-- the search
def search(kt, **more):
    """Search with the tuner of the module `kt`: keras_tuner, or hpt_lab.tuner."""
    keras.utils.set_random_seed(0)
    tuner = kt.BayesianOptimization(build_model, objective="val_accuracy", max_trials=N_TRIALS, seed=0, **more)
    data = datasets.mnist(valid=0.4)
    tuner.search(
        data.X_train,
        data.y_train,
        epochs=EPOCHS,
        batch_size=64,
        validation_data=(data.X_valid, data.y_valid),
        verbose=0,
    )
    best = tuner.get_best_hyperparameters()[0]
    model = tuner.get_best_models()[0]
    right = model.predict(data.X_test, verbose=0).argmax(axis=1) == data.y_test
    return tuner, best.values, float(right.mean())


# --8<-- the end


def main() -> dict:
    with tempfile.TemporaryDirectory() as folder:
        theirs, their_best, their_test = search(keras_tuner, directory=folder)
        their_score = theirs.oracle.get_best_trials()[0].score
    ours, our_best, our_test = search(hpt_lab.tuner)
    return {
        "versions": {"keras": keras.__version__, "keras-tuner": keras_tuner.__version__},
        "trials": N_TRIALS,
        "epochs": EPOCHS,
        "keras_tuner": _rounded(their_score, their_test, their_best),
        "hpt_lab": _rounded(ours.study.best_value, our_test, our_best),
    }


def _rounded(validation, test, best):
    return {
        "validation": round(float(validation), 2),
        "test": round(test, 2),
        "best": {name: round(value, 4) for name, value in best.items()},
    }


if __name__ == "__main__":
    text = json.dumps(main(), indent=1)
    if sys.argv[1:]:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(text + "\n")
    print(text)
