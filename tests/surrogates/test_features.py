"""Features: distances between params as the module promises them, computed column by column."""

import math

import numpy as np
from hypothesis import given, strategies as st

from hpt_lab import Categorical, Float, Int, Space
from hpt_lab.surrogates.learning import features

SVM = Space(
    C=Float(1e-3, 1e3, log=True),
    kernel=["linear", "rbf", "poly"],
    gamma=Float(1e-4, 1e1, log=True).when(kernel=["rbf", "poly"]),
    degree=Int(2, 5).when(kernel="poly"),
    shape=Categorical(["x", "y"]).when(kernel="poly"),
)


def by_hand(space, u):
    """The columns of one settled point, as the module's table writes them."""
    active, row = space.active(space.decode(u)), []
    for dimension, place, on in zip(space.dimensions.values(), u.tolist(), active.tolist(), strict=True):
        if isinstance(dimension, Categorical):
            number = dimension.index(dimension.decode(place)) if on else dimension.size
            row += [(i == number) / np.sqrt(2) for i in range(dimension.size + bool(dimension.condition))]
        elif dimension.condition:
            row += [math.cos(math.pi * place / 3), math.sin(math.pi * place / 3)] if on else [0.0, 0.0]
        else:
            row += [place]
    return row


@st.composite
def spaces(draw):
    named = {}
    for i in range(draw(st.integers(1, 6))):
        dimension = draw(
            st.sampled_from(
                [Float(0, 1), Float(1e-3, 9, log=True), Int(0, 7), Int(1, 90, log=True), Float(0, 1, step=0.25)]
            )
            | st.integers(1, 4).map(lambda n: Categorical(list(range(n))))
        )
        parents = [name for name, parent in named.items() if not parent.is_continuous]
        for parent in draw(st.lists(st.sampled_from(parents), unique=True, max_size=2)) if parents else []:
            wanted = draw(st.lists(st.sampled_from(named[parent].values()), min_size=1, max_size=3))
            dimension = dimension.when(**{parent: wanted})
        named[f"x{i}"] = dimension
    return Space(named)


@given(spaces(), st.integers(0, 2**32))
def test_columns_are_those_written_by_hand(space, seed):
    points = space.settle(np.random.default_rng(seed).random((6, len(space))))
    columns, groups = features(space, points)
    np.testing.assert_allclose(columns, [by_hand(space, u) for u in points], rtol=0, atol=1e-15)
    assert columns.shape[1] == len(groups)
    assert groups.tolist() == sorted(groups.tolist())
    assert set(groups.tolist()) == set(range(len(space)))


def test_the_distances_are_those_of_the_table():
    params = [
        {"C": 1.0, "kernel": "linear"},
        {"C": 1.0, "kernel": "rbf", "gamma": 1e-4},
        {"C": 1.0, "kernel": "rbf", "gamma": 1e1},
        {"C": 1e3, "kernel": "poly", "gamma": 1e1, "degree": 2, "shape": "y"},
    ]
    points = SVM.settle(np.array([SVM.encode(p) for p in params]))
    np.testing.assert_array_equal(SVM.cube.activity(points), [SVM.active(p) for p in params])
    X, groups = features(SVM, points)
    assert groups.tolist() == [0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4]
    squared = (X[:, None] - X[None]) ** 2
    C, kernel, gamma, degree, shape = (squared[:, :, groups == i].sum(axis=2) for i in range(5))
    none = [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 0]]
    np.testing.assert_allclose(C, np.array(none) / 4, atol=1e-6)
    np.testing.assert_allclose(kernel, [[0, 1, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0]], atol=1e-12)
    np.testing.assert_allclose(gamma, [[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(degree, none, atol=1e-12)
    np.testing.assert_allclose(shape, none, atol=1e-12)


def test_nearby_values_on_the_arc_are_nearly_as_far_apart_as_on_the_line():
    space = Space(k=["a", "b"], x=Float(0, 1).when(k="a"))
    u = np.linspace(0, 1, 21)
    X, groups = features(space, np.column_stack([np.full(21, 0.25), u]))
    apart = np.sqrt(((X[:, None, groups == 1] - X[None, :, groups == 1]) ** 2).sum(axis=2))
    line = np.abs(u[:, None] - u)
    np.testing.assert_allclose(apart, 2 * np.sin(np.pi * line / 6), atol=1e-12)
    assert (apart >= line - 1e-12).all()
    assert (apart <= 1.05 * line + 1e-12).all()


def test_settled_points_are_those_that_the_params_stand_for():
    points = SVM.settle(np.random.default_rng(0).random((200, 5)))
    again = SVM.settle(np.array([SVM.encode(SVM.decode(u)) for u in points]))
    np.testing.assert_allclose(points, again, atol=2e-6)


def test_a_constant_has_a_column_that_says_nothing():
    columns, groups = features(Space(x=Float(2, 2), n=Int(0, 3)), np.array([[0.5, 0.125], [0.5, 0.625]]))
    assert columns.tolist() == [[0.5, 0.125], [0.5, 0.625]]
    assert groups.tolist() == [0, 1]
