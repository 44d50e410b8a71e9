"""The tuner: define-by-run search with keras-tuner's names; in a short script, only the import changes.

    import hpt_lab.tools.tuner as kt

    tuner = kt.BayesianOptimization(build_model, objective="val_accuracy", max_trials=30)
    tuner.search(X, y, epochs=5, validation_data=(X_valid, y_valid))
    tuner.get_best_hyperparameters()[0].values

A trial is: build a model with the suggested hyperparameters, `fit` it, and read the objective from what `fit` returns.
The outer loop does the rest: this module holds no search logic. It works with anything that has a `fit`, and imports
none of it: models whose `fit` returns a history with a list of metrics per epoch (Keras, `hpt_lab.models.MLP`), a dict
of metrics, or a number; and scikit-learn estimators, which are scored on `validation_data`. If training takes more than
`model.fit(...)`, override it in a `HyperModel`. Chapter 3.
"""

from hpt_lab.hyperparameters import HyperParameters
from hpt_lab.tools.tuner.training import HyperModel, Objective
from hpt_lab.tools.tuner.tuner import BayesianOptimization, GridSearch, Hyperband, RandomSearch, Tuner

__all__ = ["BayesianOptimization", "GridSearch", "HyperModel", "HyperParameters", "Hyperband", "Objective"]
__all__ += ["RandomSearch", "Tuner"]
