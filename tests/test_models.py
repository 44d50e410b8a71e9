"""The multilayer perceptron: gradients, Adam, training, and what it refuses."""

import copy
import math
import warnings

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

from hpt_lab import datasets, models
from hpt_lab.models import MLP

XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return rng.normal(size=(12, 5)), rng.permutation(np.arange(12) % 3)


@pytest.fixture(scope="module")
def digits():
    return datasets.digits()


@pytest.fixture
def unrounded(monkeypatch):
    """The network of the formulas, without `_coarse`."""
    monkeypatch.setattr(models, "_coarse", lambda a: a)


def started(X, y, **hyperparameters):
    """A network after one epoch: weights and biases are no longer at their special first values."""
    model = MLP(**hyperparameters)
    model.fit(X, y, epochs=1)
    return model


@pytest.mark.parametrize("activation", list(models.ACTIVATIONS))
@pytest.mark.parametrize("hidden", [(), (4,), (4, 3)])
@pytest.mark.usefixtures("unrounded")
def test_gradient_equals_finite_differences(batch, activation, hidden):
    X, y = batch
    model = started(X, y, hidden=hidden, activation=activation, l2=0.01)
    parameters = model.weights_ + model.biases_

    def objective():
        (loss, _), _ = model._gradients(X, y)
        return loss + model.l2 * sum((W**2).sum() for W in model.weights_)

    _, gradients = model._gradients(X, y)
    for array, gradient in zip(parameters, gradients, strict=True):
        for index in np.ndindex(array.shape):
            kept, h = array[index], 1e-6
            array[index] = kept + h
            above = objective()
            array[index] = kept - h
            below = objective()
            array[index] = kept
            assert gradient[index] == pytest.approx((above - below) / (2 * h), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("ours", "theirs"), [("relu", "relu"), ("tanh", "tanh"), ("sigmoid", "logistic")])
def test_gradient_equals_that_of_scikit_learn(batch, ours, theirs):
    """A step of size one along scikit-learn's gradient, from the same weights, shows that gradient."""
    X, y = batch
    model = started(X, y, hidden=(6, 4), activation=ours, l2=0.01)
    sgd = {"solver": "sgd", "momentum": 0, "learning_rate_init": 1.0, "batch_size": 12}
    reference = MLPClassifier((6, 4), activation=theirs, alpha=2 * 0.01 * len(X), **sgd)
    reference.partial_fit(X, y, classes=[0, 1, 2])
    before = model.weights_ + model.biases_
    after = reference.coefs_ + reference.intercepts_
    for theirs_array, ours_array in zip(after, before, strict=True):
        theirs_array[...] = ours_array
    np.testing.assert_allclose(model.predict_proba(X), reference.predict_proba(X), rtol=1e-5)
    reference.partial_fit(X, y)
    (loss, _), gradients = model._gradients(X, y)
    assert reference.loss_ == pytest.approx(loss + 0.01 * sum((W**2).sum() for W in model.weights_), rel=1e-6)
    for w, g, stepped in zip(before, gradients, after, strict=True):
        np.testing.assert_allclose(g, w - stepped, rtol=1e-4, atol=1e-6)


def test_adam_equals_that_of_scikit_learn(batch):
    X, y = batch
    model = started(X, y, hidden=(4,), learning_rate=0.01, batch_size=12)
    theirs = [w.copy() for w in model.weights_ + model.biases_]
    reference = AdamOptimizer(theirs, learning_rate_init=0.01)
    reference.t = 1
    reference.ms, reference.vs = copy.deepcopy(model._m), copy.deepcopy(model._v)
    rng = np.random.default_rng(1)
    for _ in range(20):
        gradients = [rng.normal(size=w.shape) for w in theirs]
        model._adam_step(gradients)
        reference.update_params(theirs, gradients)
    for ours, expected in zip(model.weights_ + model.biases_, theirs, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-14)


def test_first_step_of_adam_has_the_size_of_the_learning_rate(batch):
    """Kingma & Ba, section 2.1: the step is about the learning rate, whatever the scale of the gradient."""
    X, y = batch
    model, start = MLP(learning_rate=0.01, batch_size=12), MLP(learning_rate=1e-300, batch_size=12)
    model.fit(X, y, epochs=1)
    start.fit(X, y, epochs=1)
    steps = np.abs(model.weights_[1] - start.weights_[1])
    assert np.median(steps) == pytest.approx(0.01, rel=1e-3)
    assert steps.max() <= 0.01 * (1 + 1e-9)


def test_a_hidden_layer_learns_xor_and_a_linear_model_cannot():
    def final_accuracy(**hyperparameters):
        return MLP(learning_rate=0.05, **hyperparameters).fit(*XOR, epochs=300).history["accuracy"][-1]

    for activation in ("relu", "tanh", "sigmoid"):
        assert final_accuracy(hidden=(8,), activation=activation) == 1
    assert final_accuracy(hidden=()) <= 0.75
    assert final_accuracy(hidden=(8,), activation="linear") <= 0.75


def test_learns_digits_as_well_as_scikit_learn_does(digits):
    model = MLP(hidden=(32,), learning_rate=5e-3)
    history = model.fit(digits.X_train, digits.y_train, 10, (digits.X_valid, digits.y_valid)).history
    reference = MLPClassifier((32,), learning_rate_init=5e-3, batch_size=32, alpha=0, random_state=0, max_iter=10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ten epochs are not convergence
        reference.fit(digits.X_train, digits.y_train)
    assert history["val_accuracy"][-1] > 0.9
    assert history["val_accuracy"][-1] > reference.score(digits.X_valid, digits.y_valid) - 0.03
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_history_reports_what_scikit_learn_would_measure(digits):
    model = MLP()
    history = model.fit(digits.X_train, digits.y_train, 2, (digits.X_valid, digits.y_valid)).history
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert all(len(values) == 2 and all(type(v) is float for v in values) for values in history.values())
    P, predicted = model.predict_proba(digits.X_valid), model.predict(digits.X_valid)
    accuracy = accuracy_score(digits.y_valid, predicted)
    assert model.score(digits.X_valid, digits.y_valid) == accuracy
    assert history["val_accuracy"][-1] == pytest.approx(accuracy, abs=1e-9)
    assert history["val_loss"][-1] == pytest.approx(log_loss(digits.y_valid, P), abs=1e-8)
    np.testing.assert_allclose(P.sum(axis=1), 1)


def test_validation_data_leaves_the_training_alone(batch):
    X, y = batch
    alone, watched = MLP(), MLP()
    assert list(alone.fit(X, y, 3).history) == ["loss", "accuracy"]
    watched.fit(X, y, 3, validation_data=(X[:4], y[:4]))
    assert_same_network(alone, watched)


def test_training_loss_is_the_mean_over_rows_when_the_last_batch_is_short(batch):
    X, y = batch
    model = MLP(batch_size=5, learning_rate=1e-300)  # does not move: every batch sees the same network
    history = model.fit(X, y, epochs=1).history
    assert history["loss"] == [pytest.approx(log_loss(y, model.predict_proba(X)), abs=1e-6)]
    assert history["accuracy"] == [pytest.approx(model.score(X, y), abs=1e-9)]


def assert_same_network(a, b):
    for ours, theirs in zip(a.weights_ + a.biases_, b.weights_ + b.biases_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_same_seed_same_network_and_another_seed_another(batch):
    X, y = batch
    assert_same_network(started(X, y, seed=1), started(X, y, seed=1))
    assert not np.array_equal(started(X, y, seed=1).weights_[0], started(X, y, seed=2).weights_[0])


def test_two_epochs_and_three_more_equal_five(batch):
    X, y = batch
    whole, resumed = MLP(batch_size=5), MLP(batch_size=5)
    history = whole.fit(X, y, epochs=5).history
    first, second = resumed.fit(X, y, epochs=2).history, resumed.fit(X, y, epochs=3).history
    assert_same_network(whole, resumed)
    assert history["loss"] == first["loss"] + second["loss"]


def test_a_copy_resumes_as_the_original_does(batch):
    X, y = batch
    model = started(X, y)
    twin = copy.deepcopy(model)
    model.fit(X, y, epochs=2)
    twin.fit(X, y, epochs=2)
    assert_same_network(model, twin)


def test_l2_shrinks_the_weights(batch):
    X, y = batch

    def norm(l2):
        model = MLP(l2=l2, learning_rate=0.01)
        model.fit(X, y, epochs=200)
        return sum((W**2).sum() for W in model.weights_)

    assert norm(0.1) < 0.5 * norm(0.0)


def test_first_weights_have_the_variance_of_the_papers():
    X, y = np.zeros((2, 400)), np.array([0, 1])
    he, glorot = MLP((200,), "relu", learning_rate=1e-300), MLP((200,), "tanh", learning_rate=1e-300)
    he.fit(X, y, 1)
    glorot.fit(X, y, 1)
    assert he.weights_[0].var() == pytest.approx(2 / 400, rel=0.02)
    assert glorot.weights_[0].var() == pytest.approx(2 / 600, rel=0.02)


def test_labels_come_back_as_they_were(batch):
    X, y = batch
    names = np.array(["setosa", "virginica", "versicolor"])[y]
    model = MLP(learning_rate=0.05)
    model.fit(X, names, epochs=200, validation_data=(X, names))
    assert list(model.predict(X)) == list(names)
    assert model.score(X, names) == 1


def one_by_one(terms):
    """The sum that rounds after each term; Python's own carries the rounding along, from 3.12 on."""
    return float(np.cumsum(terms)[-1])


def test_products_of_coarse_matrices_do_not_depend_on_the_order_of_the_sum():
    """2048 terms, the most that 53 bits hold: any order gives the same bits, and they are the exact sum."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(scale=100, size=2048), rng.normal(scale=1e-3, size=2048)
    order = rng.permutation(2048)
    assert math.fsum(a * b) != one_by_one((a * b)[order]), "rounding is needed at all"
    a, b = models._coarse(a), models._coarse(b)
    products = a * b
    assert {one_by_one(terms) for terms in (products, products[::-1], products[order])} == {math.fsum(products)}
    assert a @ b == math.fsum(products)
    worst = models._coarse(np.full(2048, 1.9999999))
    assert math.fsum((worst * worst).tolist()) == worst @ worst


@pytest.mark.parametrize("activation", list(models.ACTIVATIONS))
def test_no_gradient_depends_on_the_order_of_rows_features_or_units(activation):
    """Every sum of the training is a rounded product, so another order (another processor's) gives the same bits."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(64, 40)), np.arange(64) % 3
    model = started(X, y, hidden=(30, 20), activation=activation, l2=0.01)
    X = models._coarse(X)
    (dW0, dW1, dW2, db0, db1, db2), labels = model._gradients(X, y)[1], y
    rows, features, units = rng.permutation(64), rng.permutation(40), rng.permutation(30)
    model.weights_[0] = model.weights_[0][features][:, units]
    model.weights_[1], model.biases_[0] = model.weights_[1][units], model.biases_[0][units]
    _, shuffled = model._gradients(X[rows][:, features], labels[rows])
    expected = [dW0[features][:, units], dW1[units], dW2, db0[units], db1, db2]
    for ours, theirs in zip(shuffled, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_every_matrix_product_of_a_step_is_a_rounded_one(batch, monkeypatch):
    """Those of the formulas: Z_l forward; then dW_l, db_l and D_{l-1} from the last layer to the first."""
    X, y = batch
    model, shapes, product = started(X, y, hidden=(4,)), [], models._product
    monkeypatch.setattr(models, "_product", lambda A, B: shapes.append((A.shape, B.shape)) or product(A, B))
    model._gradients(X, y)
    forward = [((12, 5), (5, 4)), ((12, 4), (4, 3))]
    last = [((4, 12), (12, 3)), ((1, 12), (12, 3)), ((12, 3), (3, 4))]
    assert shapes == [*forward, *last, ((5, 12), (12, 4)), ((1, 12), (12, 4))]


def test_coarse_loses_less_than_a_millionth_of_the_largest_entry():
    a = np.random.default_rng(0).normal(size=1000)
    for scale in (1e-300, 1e-20, 1.0, 1e20):
        assert np.abs(models._coarse(a * scale) - a * scale).max() < 1e-6 * np.abs(a * scale).max()
    assert not models._coarse(np.zeros(3)).any()


def test_coarse_is_steady_where_values_saturate():
    below, at = np.array([1 - 2**-53, 0.3]), np.array([1.0, 0.3])
    np.testing.assert_array_equal(models._coarse(below), models._coarse(at))


def test_coarse_does_not_change_what_is_learned(digits, monkeypatch):
    def train():
        return MLP().fit(digits.X_train, digits.y_train, 5, (digits.X_valid, digits.y_valid)).history

    coarse = train()
    monkeypatch.setattr(models, "_coarse", lambda a: a)
    exact = train()
    np.testing.assert_allclose(coarse["loss"], exact["loss"], rtol=1e-3)
    np.testing.assert_allclose(coarse["val_accuracy"], exact["val_accuracy"], atol=0.01)


@pytest.mark.filterwarnings("error")
def test_a_diverged_training_shows_nan_and_no_warning(batch):
    X, y = batch
    model = MLP(hidden=(8, 8), learning_rate=1e200)
    history = model.fit(X, y, epochs=4, validation_data=(X, y)).history
    assert all(math.isnan(values[-1]) for values in history.values())
    assert math.isnan(model.score(X, y))
    assert np.isnan(model.predict_proba(X)).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.full((12, 5), np.nan)}, "X contains NaN or infinity"),
        ({"y": np.ones(12)}, "y has only the label"),
        ({"epochs": 0}, "epochs=0 must be at least 1"),
        ({"validation_data": (np.zeros((2, 5)), [0, 7])}, "y_valid has the label 7, which the first fit did not see"),
    ],
)
def test_bad_data_is_named_and_leaves_the_model_untouched(batch, change, message):
    X, y = batch
    model = MLP()
    with pytest.raises(ValueError, match=message):
        model.fit(**{"X": X, "y": y} | change)
    assert model.classes_ is None
    model.fit(X, y, epochs=1)
    assert_same_network(model, started(X, y))
