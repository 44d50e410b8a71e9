"""The inner loop: a multilayer perceptron trained by Adam, in NumPy (chapters 1 and 3).

Training moves the *parameters* (weights W and biases b) downhill on the loss, one mini-batch at a time. The arguments of
`MLP(...)` are *hyperparameters*: they stay fixed while the network trains, so someone has to choose them.

    forward    H_0 = X,   Z_l = H_{l-1} W_l + b_l,   H_l = activation(Z_l),   P = softmax(Z_L) at the last layer L
    loss       -mean_i log P[i, y_i],   to which training adds   l2 * sum_l |W_l|²
    backward   D_L = (P - onehot(y)) / n,   dW_l = H_{l-1}ᵀ D_l + 2 l2 W_l,   db_l = sum_i D_l[i],
               D_{l-1} = (D_l W_lᵀ) * activation'(Z_{l-1})
    Adam       m += (1-β1)(g - m),   v += (1-β2)(g² - v),   w -= α_t m / (sqrt(v) + ε),
               α_t = learning_rate sqrt(1-β2^t) / (1-β1^t) at step t

Shapes: X (n, n_features); W_l (inputs, outputs) and b_l (outputs,) of layer l; H_l, Z_l, D_l (n, outputs).
Sources: Rumelhart, Hinton & Williams (1986) for the gradient; Kingma & Ba (2015), Algorithm 1 as reordered at the end
of section 2, for Adam; Glorot & Bengio (2010), He et al. (2015) for the initial weights. Read `_product(A, B)` as A B.
"""

from __future__ import annotations  # so that the reference says ArrayLike, and not what it stands for

import math
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hpt_lab.values.checks import finite, integer, listable, number, one_of, positive, short

__all__ = ["ACTIVATIONS", "MLP", "TrainingHistory"]

Array = NDArray[np.float64]
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # Adam's own hyperparameters, with the paper's values

# name: (activation, its derivative as a function of the activation's value h)
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "relu": (lambda z: np.maximum(z, 0.0), lambda h: (h > 0).astype(float)),
    "tanh": (lambda z: np.tanh(z), lambda h: 1.0 - h * h),
    "sigmoid": (lambda z: 1.0 / (1.0 + np.exp(-z)), lambda h: h * (1.0 - h)),
    "linear": (lambda z: z, lambda h: np.ones_like(h)),
}


@dataclass(frozen=True)
class TrainingHistory:
    """The metrics of one call of `MLP.fit`: ``history["val_accuracy"][e]`` is the accuracy after epoch e, as in Keras.

    Keys: "loss" and "accuracy" (mean over the epoch's mini-batches, while the weights still change) and, with validation
    data, "val_loss" and "val_accuracy" (at the end of the epoch). Losses are cross-entropies in nats without the L2
    penalty, rounded to 9 decimals. Once training has diverged, loss and accuracy are NaN.
    """

    history: dict[str, list[float]]


class MLP:
    """A multilayer perceptron that classifies, with the methods that Keras and scikit-learn have in common.

    Raises ValueError or TypeError if an argument is out of range or of the wrong type.

    Parameters
    ----------
    hidden : iterable of int
        Widths of the hidden layers, each at least 1. Without hidden layers, it is softmax regression.
    activation : {"relu", "tanh", "sigmoid", "linear"}, for the hidden layers
    learning_rate, l2 : float
        Adam's step size, above 0; strength of the penalty on squared weights (not biases), at least 0.
    batch_size, seed : int
        Rows per gradient step; the seed of the initial weights and the order of the rows: same seed, same network.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,), the sorted labels; None before the first `fit`
    weights_, biases_ : list of ndarray, one per layer, of shapes (inputs, outputs) and (outputs,)

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["same", "other", "other", "same"]
    >>> model = MLP(hidden=(8,), learning_rate=0.05)
    >>> model.fit(X, y, epochs=100).history["accuracy"][-1]
    1.0
    """

    def __init__(
        self,
        hidden: Iterable[int] = (32,),
        activation: str = "relu",
        learning_rate: float = 1e-3,
        l2: float = 0.0,
        batch_size: int = 32,
        seed: int = 0,
    ) -> None:
        if isinstance(hidden, Set) or not listable(hidden):
            raise TypeError(f"MLP: hidden={short(hidden)} must list the width of each layer, for example hidden=(32,)")
        self.hidden = tuple(positive("MLP: a width in hidden", width) for width in hidden)
        self.activation = one_of("MLP: activation", activation, list(ACTIVATIONS))
        self.learning_rate = finite("MLP: learning_rate", learning_rate, above=0)
        self.l2 = finite("MLP: l2", l2, least=0)
        self.batch_size, self.seed = positive("MLP: batch_size", batch_size), integer("MLP: seed", seed, least=0)
        self._rng = np.random.default_rng(self.seed)
        self.classes_: NDArray[Any] | None = None

    def fit(
        self, X: ArrayLike, y: ArrayLike, epochs: int = 5, validation_data: tuple[ArrayLike, ArrayLike] | None = None
    ) -> TrainingHistory:
        """Train for `epochs` passes over the rows, and return the metrics after each.

        It continues where the last call stopped: two epochs and then three give the same network as five (chapter 5).
        Raises ValueError or TypeError if an argument is wrong, such as an X with NaN or a new label.

        Parameters
        ----------
        X : array-like of shape (n, n_features), finite, with features of similar scale
        y : array-like of shape (n,)
            Labels of any type that can be sorted. The first call must contain every class.
        epochs : int, at least 1
        validation_data : tuple of array-like, optional, X and y of the validation rows, which are never trained on
        """
        epochs, first = positive("MLP: epochs", epochs), self.classes_ is None
        X = _rows("X", X, None if first else len(self.weights_[0]))
        y = _labels("y", y, len(X))
        classes = _sorted_labels(y) if first else np.asarray(self.classes_)
        targets = _positions("y", y, classes)
        names = ["loss", "accuracy"]
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
                raise TypeError(f"MLP: validation_data={short(validation_data)} must be a pair (X_valid, y_valid)")
            X_valid = _rows("X_valid", validation_data[0], X.shape[1])
            y_valid = _labels("y_valid", validation_data[1], len(X_valid))
            targets_valid = _positions("y_valid", y_valid, classes)
            names += ["val_loss", "val_accuracy"]
        if first:
            self._initialise(X.shape[1], classes)
        history = {name: list[float]() for name in names}
        with np.errstate(all="ignore"):  # the history shows that a network diverges; warnings would only repeat it
            X = _coarse(X)  # once, so that a row has the same numbers in every batch
            for _ in range(epochs):
                order, totals = self._rng.permutation(len(X)), np.zeros(2)
                for start in range(0, len(X), self.batch_size):
                    rows = order[start : start + self.batch_size]
                    metrics, gradients = self._gradients(X[rows], targets[rows])
                    self._adam_step(gradients)
                    totals += len(rows) * metrics
                scores = [*(totals / len(X))]
                if validation_data is not None:
                    scores += [*_loss_and_accuracy(self._forward(X_valid)[-1], targets_valid)]
                for name, score in zip(names, scores, strict=True):
                    history[name].append(round(float(score), 9))
        return TrainingHistory(history)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class, (n, n_classes), in the order of `classes_`; NaN after divergence.

        X has shape (n, n_features). Raises ValueError before any training, or if X does not fit or is not finite.
        """
        if self.classes_ is None:
            raise ValueError("MLP: this network has no weights yet; call fit(X, y) first")
        with np.errstate(all="ignore"):
            return _softmax(self._forward(_rows("X", X, len(self.weights_[0])))[-1])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each row, shape (n,); X and the errors are as in `predict_proba`."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_)[best]

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the share of rows whose predicted label is `y`, or NaN if training diverged; X and y are as in `fit`."""
        P = self.predict_proba(X)
        correct = np.asarray(self.classes_)[P.argmax(axis=1)] == _labels("y", y, len(P))
        return float(np.mean(correct)) if np.isfinite(P).all() else math.nan

    def _initialise(self, n_features: int, classes: NDArray[Any]) -> None:
        """Draw uniform weights of variance 2/inputs before a ReLU (He), 2/(inputs + outputs) elsewhere (Glorot)."""
        widths = [n_features, *self.hidden, len(classes)]
        self.weights_: list[Array] = []
        for layer, (inputs, outputs) in enumerate(pairwise(widths)):
            he = self.activation == "relu" and layer < len(self.hidden)
            limit = math.sqrt(6 / inputs if he else 6 / (inputs + outputs))
            self.weights_.append(self._rng.uniform(-limit, limit, (inputs, outputs)))
        self.biases_ = [np.zeros(outputs) for outputs in widths[1:]]
        self._m, self._v = ([np.zeros_like(w) for w in self.weights_ + self.biases_] for _ in range(2))
        self._beta1_t = self._beta2_t = 1.0  # β1^t and β2^t
        self.classes_ = classes

    def _forward(self, X: Array) -> list[Array]:
        """Return the outputs of all layers: [H_0, H_1, ..., Z_L], each of shape (n, outputs)."""
        activation, _ = ACTIVATIONS[self.activation]
        H = [X]
        for W, b in zip(self.weights_[:-1], self.biases_[:-1], strict=True):
            H.append(activation(_product(H[-1], W) + b))
        return [*H, _product(H[-1], self.weights_[-1]) + self.biases_[-1]]

    def _gradients(self, X: Array, targets: NDArray[np.intp]) -> tuple[Array, list[Array]]:
        """Return (loss, accuracy) of a batch, and the gradients of loss + penalty with respect to all weights, then biases."""
        _, derivative = ACTIVATIONS[self.activation]
        n, ones = len(X), np.ones((1, len(X)))
        *H, logits = self._forward(X)
        D = _softmax(logits)
        D[np.arange(n), targets] -= 1.0  # n times the D of the formulas; the division by n comes last
        dW, db = [], []
        for layer in reversed(range(len(self.weights_))):
            W = self.weights_[layer]
            dW.append(_product(H[layer].T, D) / n + 2 * self.l2 * W)
            db.append(_product(ones, D)[0] / n)
            if layer:
                D = _product(D, W.T) * derivative(_coarse(H[layer]))
        return _loss_and_accuracy(logits, targets), dW[::-1] + db[::-1]

    def _adam_step(self, gradients: list[Array]) -> None:
        self._beta1_t *= BETA1
        self._beta2_t *= BETA2
        step = self.learning_rate * math.sqrt(1 - self._beta2_t) / (1 - self._beta1_t)
        for w, g, m, v in zip(self.weights_ + self.biases_, gradients, self._m, self._v, strict=True):
            m += (1 - BETA1) * (g - m)
            v += (1 - BETA2) * (g * g - v)
            w -= step * m / (np.sqrt(v) + EPSILON)


def _softmax(logits: Array) -> Array:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))  # the shift keeps exp from overflowing
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _loss_and_accuracy(logits: Array, targets: NDArray[np.intp]) -> Array:
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_likelihood = shifted[np.arange(len(targets)), targets] - np.log(np.exp(shifted).sum(axis=1))
    loss = -log_likelihood.mean()
    return np.array([loss, (logits.argmax(axis=1) == targets).mean() if np.isfinite(loss) else math.nan])


def _product(A: Array, B: Array) -> Array:
    """Return A B, both rounded first, so that the book prints the same accuracies on every processor."""
    return _coarse(A) @ _coarse(B)


def _coarse(a: Array) -> Array:
    """Round every entry of `a` to the unit of the 21st leading bit of its largest entry.

    Products of such numbers have 42 bits, so float64 with its 53 adds 2048 of them exactly, in any order (Ozaki et al.,
    2012; one of their slices). Without it, one training run in ten has a different accuracy on a different processor.
    """
    _, exponent = math.frexp(1.1 * max(a.max(), -a.min()))  # 1.1: or the unit would depend on whether 1 - 1e-16 is 1
    large = np.ldexp(1.5, exponent + 52 - 21)
    coarse = a + large  # float64 has no room for the lower bits next to such a large number
    coarse -= large
    return coarse


def _rows(name: str, X: ArrayLike, n_features: int | None) -> Array:
    rows = _array(name, X)
    if rows.dtype.kind == "O" and rows.ndim:  # from pandas, if the columns have several types
        with suppress(TypeError, ValueError):
            rows = np.array([number(entry) for entry in rows.flat]).reshape(rows.shape)
    if rows.dtype.kind not in "biuf":
        raise TypeError(f"MLP: {name}={short(X)} must hold numbers, of shape (rows, features)")
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"MLP: {name} has shape {rows.shape} but must be (rows, features); flatten images first")
    if n_features is not None and rows.shape[1] != n_features:
        raise ValueError(f"MLP: {name} has {rows.shape[1]} features but the network has {n_features} inputs")
    if not np.isfinite(rows).all():
        raise ValueError(f"MLP: {name} contains NaN or infinity; drop or fill in those entries")
    return rows.astype(float, copy=False)


def _labels(name: str, y: ArrayLike, n: int) -> NDArray[Any]:
    labels = _array(name, y)
    if labels.shape != (n,):
        raise ValueError(f"MLP: {name} has shape {labels.shape} but must be ({n},), one label for each row of X")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError(f"MLP: {name} contains NaN or infinity, but it needs one label for each row")
    if labels.dtype.kind == "f" and (labels != np.round(labels)).any():
        raise ValueError(f"MLP: {name} is continuous but this network classifies; it needs one label for each row")
    return labels


def _sorted_labels(y: NDArray[Any]) -> NDArray[Any]:
    try:
        return np.unique(y)
    except TypeError:
        kinds = " and ".join(sorted({type(label).__name__ for label in y.tolist()}))
        raise TypeError(f"MLP: y has labels of type {kinds}, which cannot be sorted; use one type") from None


def _positions(name: str, y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp]:
    """Return the positions of the labels among the sorted `classes`."""
    if len(classes) < 2:
        raise ValueError(f"MLP: {name} has only the label {classes.tolist()[0]!r}; a classifier needs at least two")
    known = classes.tolist()
    unknown = next((label for label in _sorted_labels(y).tolist() if label not in known), None)
    if unknown is not None:
        raise ValueError(f"MLP: {name} has the label {unknown!r}, which the first fit did not see in y")
    return np.searchsorted(classes, y)


def _array(name: str, values: ArrayLike) -> NDArray[Any]:
    if np.ma.is_masked(values):
        raise ValueError(f"MLP: {name} has masked entries; drop or fill in those entries")
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"MLP: {name}={short(values)} must have rows of equal length") from None
