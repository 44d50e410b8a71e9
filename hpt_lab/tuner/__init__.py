"""The tuner: define-by-run search with keras-tuner's names; a short listing changes in its import alone.

    import hpt_lab.tuner as kt

    tuner = kt.BayesianOptimization(build_model, objective="val_accuracy", max_trials=30)
    tuner.search(X, y, epochs=5, validation_data=(X_valid, y_valid))
    tuner.get_best_hyperparameters()[0].values

A trial is: build a model with the suggested hyperparameters, `fit` it, read the objective off what `fit` returns. All
else is the outer loop's part: this module holds no search logic. It drives anything with a `fit`, and imports none of
them: models whose `fit` returns a history with a list of metrics per epoch (Keras, `hpt_lab.models.MLP`), a dict of
metrics, or a number; and scikit-learn estimators, which are scored on `validation_data`. Where `model.fit(...)` is not
what a training is, a `HyperModel` overrides it. Chapter 3.
"""

from hpt_lab.hyperparameters import HyperParameters
from hpt_lab.tuner.objective import Objective
from hpt_lab.tuner.training import HyperModel
from hpt_lab.tuner.tuner import BayesianOptimization, GridSearch, Hyperband, RandomSearch, Tuner

__all__ = ["BayesianOptimization", "GridSearch", "HyperModel", "HyperParameters", "Hyperband", "Objective"]
__all__ += ["RandomSearch", "Tuner"]
