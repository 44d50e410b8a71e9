"""Greedy ensemble selection: by hand, against brute force, and on real models."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import hpt_lab as hpt
from hpt_lab.analysis.ensemble import Ensemble, select


def squared(y, p):
    return float(np.mean((y - p) ** 2))


def test_selection_never_adds_a_model_that_makes_the_average_worse_than_another_would():
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    predictions = y + rng.normal(size=(6, 200)) * np.array([[1], [1], [1.2], [2], [3], [0.9]])
    weights = select(predictions, y, squared, n_rounds=30)
    assert weights.sum() == pytest.approx(1)
    best_pair = min(
        squared(y, (predictions[i] + predictions[j]) / 2) for i, j in combinations_with_replacement(range(6), 2)
    )
    assert squared(y, weights @ predictions) < best_pair < squared(y, predictions[5])
    assert weights[5] == weights.max()


def test_ties_go_to_the_better_trial():
    y = np.zeros(4)
    assert list(select(np.ones((3, 4)), y, squared, n_rounds=5)) == [1, 0, 0]


def test_a_rounding_error_does_not_decide_between_two_models():
    y = np.zeros(4)
    equal_but_for_rounding = np.ones((2, 4)) * [[1.0], [1 - 1e-12]]
    assert squared(y, equal_but_for_rounding[1]) < squared(y, equal_but_for_rounding[0])
    assert list(select(equal_but_for_rounding, y, squared, n_rounds=1)) == [1, 0]


def search(objective, space):
    return hpt.tune(objective, space, hpt.RandomSearch(), 12, progress=False)


def test_probabilities_add_to_one_and_beat_the_worst_candidate():
    X, y = load_breast_cancer(return_X_y=True)
    train, test = np.arange(0, len(y), 2), np.arange(1, len(y), 2)
    space = hpt.Space(
        model=["logistic", "neighbors"],
        C=hpt.Float(1e-3, 1e2, log=True).when(model="logistic"),
        k=hpt.Int(1, 40, log=True).when(model="neighbors"),
    )

    def build(p):
        model = LogisticRegression(C=p["C"]) if p["model"] == "logistic" else KNeighborsClassifier(p["k"])
        return make_pipeline(StandardScaler(), model)

    def objective(p):
        half = len(train) // 2
        return 1 - build(p).fit(X[train[:half]], y[train[:half]]).score(X[train[half:]], y[train[half:]])

    study = search(objective, space)
    ensemble = Ensemble(study, build, n_candidates=8, cv=3).fit(X[train], y[train])
    proba = ensemble.predict_proba(X[test])
    assert np.allclose(proba.sum(axis=1), 1)
    assert ensemble.weights_.sum() == pytest.approx(1)
    assert len(ensemble.models_) == len(ensemble.weights_) == len(ensemble.trials_)
    assert (ensemble.predict(X[test]) == y[test]).mean() > 0.93
    singles = [log_loss(y[test], model.predict_proba(X[test])) for model in ensemble.models_]
    assert log_loss(y[test], proba) < max(singles)


def test_regression_averages_predictions():
    X, y = load_diabetes(return_X_y=True)
    space = hpt.Space(alpha=hpt.Float(1e-4, 1e2, log=True))
    study = search(lambda p: -Ridge(p["alpha"]).fit(X[:200], y[:200]).score(X[200:300], y[200:300]), space)
    ensemble = Ensemble(study, lambda p: Ridge(p["alpha"]), cv=3).fit(X[:300], y[:300])
    by_hand = sum(w * m.predict(X[300:]) for w, m in zip(ensemble.weights_, ensemble.models_, strict=True))
    assert np.allclose(ensemble.predict(X[300:]), by_hand)


def test_a_model_whose_fit_returns_nothing_takes_part():
    class Silent(Ridge):
        def fit(self, X, y):
            super().fit(X, y)

    X, y = load_diabetes(return_X_y=True)
    study = search(lambda p: p["alpha"], hpt.Space(alpha=hpt.Float(1e-4, 1e2, log=True)))
    silent, usual = (Ensemble(study, lambda p, m=m: m(p["alpha"]), cv=3).fit(X, y) for m in (Silent, Ridge))
    assert np.array_equal(silent.predict(X), usual.predict(X))


def test_the_choice_does_not_depend_on_the_unit_of_y():
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    predictions = y + rng.normal(size=(4, 200)) * np.array([[1.0], [1.0], [1.0], [0.2]])

    def squared(y, prediction):
        return float(np.mean((y - prediction) ** 2))

    assert (select(predictions, y, squared, 10) == select(1e-5 * predictions, 1e-5 * y, squared, 10)).all()


def test_a_classifier_without_probabilities_is_refused():
    X, y = load_iris(return_X_y=True)
    study = hpt.tune(lambda p: p["C"], hpt.Space(C=hpt.Float(1, 2)), hpt.RandomSearch(), 3, progress=False)
    with pytest.raises(ValueError, match="must have predict_proba"):
        Ensemble(study, lambda p: LinearSVC(C=p["C"])).fit(X, y)
