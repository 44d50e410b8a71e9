"""Search spaces: round trips, conditions, points many at once, JSON, descriptions, and what a user may get wrong."""

import copy
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from hpt_lab import Categorical, Float, Int, Space

SPACES = st.from_type(Space)
DIMENSIONS = st.from_type(Float) | st.from_type(Int) | st.from_type(Categorical)
SEEDS = st.integers(0, 2**32)
ESTIMATORS = [SVC(C=1), SVC(C=2), DecisionTreeClassifier()]
ARRAYS = [np.arange(3), np.arange(4), np.zeros((2, 2))]


def same(params, others):
    """Equal params with the very same choices: 1 is not True, and an estimator is itself only."""
    alike = (params[name] is others[name] or (type(params[name]), params[name]) == (type(others[name]), others[name])
             for name in params)  # fmt: skip
    return list(params) == list(others) and all(alike)


# Round trips


@given(SPACES, SEEDS)
def test_decode_undoes_encode(space, seed):
    params = space.sample(np.random.default_rng(seed))
    assert same(space.decode(space.encode(params)), params)


@given(SPACES, SEEDS)
def test_json_gives_back_the_very_same_params(space, seed):
    params = space.sample(np.random.default_rng(seed))
    assert same(space.from_json(space.to_json(params)), params)


@given(SPACES, SEEDS)
def test_a_sample_is_contained_and_lacks_exactly_the_inactive_dimensions(space, seed):
    params = space.sample(np.random.default_rng(seed))
    assert space.contains(params)
    assert [name for name, active in zip(space, space.active(params), strict=True) if active] == list(params)
    assert not space.contains({**params, "unknown": 1})


@given(st.lists(DIMENSIONS, min_size=1, max_size=4), SEEDS)
def test_snap_is_encode_of_decode(some, seed):
    space = Space({f"x{i}": dimension for i, dimension in enumerate(some)})
    points = np.random.default_rng(seed).random((8, len(space)))
    points[0], points[1] = 0, 1
    one_by_one = np.array([space.encode(space.decode(u)) for u in points])
    for i, dimension in enumerate(some):
        rounding = 1e-14
        if isinstance(dimension, Float) and dimension.step is None:  # its values have 12 digits, its coordinates more
            low, high = dimension.low, dimension.high
            rounding = 1e-11 / math.log(high / low) if dimension.log else 1e-11 * max(-low, high) / (high - low)
        np.testing.assert_allclose(space.cube.snap(points)[:, i], one_by_one[:, i], rtol=0, atol=rounding)


# Choices


def test_choices_that_python_calls_equal_stay_apart():
    space = Space(x=[1, True, 1.0])
    for value in (1, True, 1.0):
        back = space.from_json(space.to_json({"x": value}))["x"]
        assert (back, type(back)) == (value, type(value))
    assert Space(x=[1]) != Space(x=[True])


def test_a_choice_comes_back_as_the_object_it_was():
    space = Space(model=ESTIMATORS, data=ARRAYS)
    params = space.from_json(space.to_json({"model": ESTIMATORS[1], "data": ARRAYS[2]}))
    assert params["model"] is ESTIMATORS[1]
    assert params["data"] is space.decode([0.0, 0.9])["data"]
    np.testing.assert_array_equal(params["data"], ARRAYS[2])


def test_spaces_with_arrays_compare():
    assert Space(x=ARRAYS) == Space(x=[np.arange(3), np.arange(4), np.zeros((2, 2))])
    assert Space(x=ARRAYS) != Space(x=[np.arange(3), np.arange(4), np.ones((2, 2))])


@given(SPACES)
def test_a_pickled_space_writes_the_same_json(space):
    twin = pickle.loads(pickle.dumps(space))
    u = np.full(len(space), 0.3)
    assert twin.to_json(twin.decode(u)) == space.to_json(space.decode(u))


@given(SPACES)
def test_a_copied_space_decodes_the_same_values(space):
    twin = copy.deepcopy(space)
    for u in np.random.default_rng(0).random((5, len(space))):
        assert twin.to_json(twin.decode(u)) == space.to_json(space.decode(u))


def test_nobody_changes_a_space():
    space = Space(layers=[[8], [16]], n=Int(1, 3))
    for params in (space.decode([0, 0]), space.from_json(space.to_json({"layers": [8], "n": 1})), space.grid()[0]):
        params["layers"].append(9)
    assert space.decode([0, 0]) == {"layers": [8], "n": 1}
    for change in (lambda: space.dimensions.update(x=Int(0, 1)), space.dimensions.clear, space.parents.clear):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()


# Conditions


def test_the_order_is_alphabetical_but_every_parent_comes_before_its_children():
    space = Space(z=[0, 1], b=Int(0, 1).when(z=1, y=1), a=Int(0, 1).when(b=1), y=[0, 1], x=[3], m=Int(0, 1).when(x=3))
    assert space.order == ("x", "m", "y", "z", "b", "a")
    assert space.parents == {"z": (), "b": ("z", "y"), "a": ("b",), "y": (), "x": (), "m": ("x",)}


def test_conditions_that_say_the_same_are_equal():
    one = Space(k=["a", "b", "c"], x=Int(0, 1).when(k="a"), y=Int(0, 1).when(k=["a", "b"]))
    assert one == Space(k=["a", "b", "c"], x=Int(0, 1).when(k=["a"]), y=Int(0, 1).when(k={"b", "a"}))
    assert one != Space(k=["a", "b", "c"], x=Int(0, 1).when(k="b"), y=Int(0, 1).when(k=["a", "b"]))
    assert one != Space(k=["a", "b", "c"], x=Int(0, 1), y=Int(0, 1).when(k=["a", "b"]))
    assert one != Space(x=Int(0, 1).when(k="a"), k=["a", "b", "c"], y=Int(0, 1).when(k=["a", "b"]))
    assert one != "a space"


def test_a_condition_on_true_does_not_hold_under_1():
    space = Space(p=[1, True], q=Float(0, 1).when(p=True))
    assert space.contains({"p": 1})
    assert not space.contains({"p": 1, "q": 0.5})
    assert space.contains({"p": True, "q": 0.5})
    assert space.size == math.inf


def test_a_choice_that_is_a_tuple_is_one_value_of_a_condition():
    space = Space(layers=[(8,), (8, 8)], dropout=[0.1, 0.2], width=Int(1, 2).when(layers=(8, 8)))
    assert space.contains({"layers": (8,), "dropout": 0.1})
    assert space.contains({"layers": (8, 8), "dropout": 0.1, "width": 2})


def test_a_range_is_a_list_of_values_of_a_condition():
    space = Space(n_layers=Int(1, 4), third=Int(8, 64).when(n_layers=range(3, 5)))
    assert [space.contains({"n_layers": n, "third": 8}) for n in range(1, 5)] == [False, False, True, True]


def test_the_grandchild_of_an_inactive_dimension_is_inactive():
    space = Space(a=[0, 1], b=Categorical([0, 1]).when(a=1), c=Categorical([0, 1]).when(b=1))
    found = [space.grid()[i] for i in range(space.grid().size)]
    assert [tuple(params.values()) for params in found] == [(0,), (1, 0), (1, 1, 0), (1, 1, 1)]
    assert [*found[-1]] == ["a", "b", "c"]


def test_inactive_coordinates_are_encoded_as_one_half():
    space = Space(kernel=["linear", "rbf"], gamma=Float(0, 1).when(kernel="rbf"))
    assert space.encode({"kernel": "linear"}).tolist() == [0.25, 0.5]


def test_a_diamond_needs_both_parents():
    space = Space(
        a=[0, 1], b=Categorical([0, 1]).when(a=1), c=Categorical([0, 1]).when(a=1),
        d=Categorical([5, 6]).when(b=1, c=1),
    )  # fmt: skip
    assert space.size == 1 + 2 + 1 + 2
    assert not space.contains({"a": 1, "b": 1, "c": 0, "d": 5})


# Points, many at once


@given(SPACES, SEEDS)
def test_activity_is_that_of_the_decoded_points(space, seed):
    rng = np.random.default_rng(seed)
    points = np.vstack([rng.random((8, len(space))), [space.encode(space.sample(rng)) for _ in range(8)]])
    np.testing.assert_array_equal(space.cube.activity(points), [space.active(space.decode(u)) for u in points])


@given(SPACES, SEEDS)
def test_settled_points_stay_where_they_are_and_keep_their_activity(space, seed):
    rng = np.random.default_rng(seed)
    points = np.vstack([rng.random((8, len(space))), [space.encode(space.sample(rng)) for _ in range(8)]])
    settled = space.settle(points)
    np.testing.assert_array_equal(space.settle(settled), settled)
    np.testing.assert_array_equal(space.cube.activity(settled), space.cube.activity(points))
    inactive = ~space.cube.activity(settled)
    assert (settled[inactive] == 0.5).all()
    assert np.abs(settled - space.cube.snap(points))[~inactive].max(initial=0) <= 5.001e-7


@pytest.mark.parametrize("log", [False, True])
def test_neighbouring_values_of_a_parent_with_a_million_million_ones_are_told_apart(log):
    n = Int(1, 10**12, log=log)
    wanted = [7, 10**6, 5 * 10**11 + 1, 10**12]
    space = Space(n=n, x=Float(0, 1).when(n=wanted))
    near = sorted({min(max(value + step, 1), 10**12) for value in wanted for step in (-1, 0, 1)})
    points = np.array([[n.encode(value), 0.25] for value in near])
    for at in (points, space.settle(points)):
        assert space.cube.activity(at)[:, 1].tolist() == [value in wanted for value in near]
        assert [space.decode(u)["n"] for u in at] == near


def test_settled_coordinates_have_six_decimals_and_those_of_wide_parents_as_many_as_they_need():
    points = np.random.default_rng(0).random((50, 3))
    space = Space(x=Float(0, 1), m=Int(0, 10**9), k=["a", "b"])
    np.testing.assert_array_equal(space.settle(points), np.round(space.cube.snap(points), 6))
    child = Space(x=Float(0, 1), m=Int(0, 10**9), k=Categorical(["a", "b"]).when(m=3))
    assert [child.decode(u)["m"] for u in child.settle(points)] == [child.decode(u)["m"] for u in points]


def test_many_branches_are_told_apart():
    space = Space(kind=list(range(50)), **{f"x{i}": Float(0, 1).when(kind=[i, (i + 1) % 50]) for i in range(50)})
    points = np.random.default_rng(0).random((200, 51))
    active = space.cube.activity(points)
    assert (active.sum(axis=1) == 3).all()
    kind = [space.decode(u)["kind"] for u in points]
    assert [np.flatnonzero(row[1:]).tolist() for row in active] == [sorted([k, (k - 1) % 50]) for k in kind]


# Descriptions

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inside: (
        st.lists(inside, max_size=2)
        | st.lists(inside, max_size=2).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.integers(0, 3), inside, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def plain_spaces(draw):
    named = {}
    for name in draw(st.permutations(["a", "b", "c", "d"]))[: draw(st.integers(1, 4))]:
        choices = st.lists(PLAIN, min_size=1, max_size=3, unique_by=repr)
        dimension = draw(st.from_type(Float) | st.from_type(Int) | choices.filter(apart).map(Categorical))
        for parent in draw(st.lists(st.sampled_from(sorted(named)), unique=True, max_size=2)) if named else []:
            places = draw(st.lists(st.floats(0, 1), min_size=1, max_size=3))
            dimension = dimension.when(**{parent: [named[parent].decode(u) for u in places]})
        named[name] = dimension
    return Space(named)


def apart(choices):
    try:
        return bool(Categorical(choices))
    except ValueError:
        return False


@given(plain_spaces())
def test_a_described_space_comes_back_through_strict_json(space):
    text = json.dumps(space.describe(), allow_nan=False)
    twin = Space.from_description(json.loads(text))
    assert twin == space
    assert twin.describe() == space.describe() == json.loads(text)
    for u in np.random.default_rng(0).random((5, len(space))):
        assert twin.to_json(twin.decode(u)) == space.to_json(space.decode(u))


def test_a_condition_on_a_choice_that_is_a_list_comes_back():
    space = Space(k=[[8], [[8]]], x=Int(0, 1).when(k=[[8], [8]]), y=Int(0, 1).when(k=[[8]]))
    assert space.active({"k": [8]}).tolist() == [True, True, False]
    assert space.active({"k": [[8]]}).tolist() == [True, False, True]
    assert Space.from_description(space.describe()) == space


@given(SPACES, SPACES)
def test_descriptions_are_equal_where_the_spaces_are(one, other):
    described = [json.dumps(space.describe()) for space in (one, other)]
    assert (described[0] == described[1]) == (one == other) or "repr" in described[0]
    assert json.dumps(copy.deepcopy(one).describe()) == described[0]


def test_what_json_cannot_hold_is_described_for_comparison_alone():
    space = Space(model=[SVC(C=1), DecisionTreeClassifier()], data=[np.arange(3), test_a_diamond_needs_both_parents])
    again = Space(model=[SVC(C=1), DecisionTreeClassifier()], data=[np.arange(3), test_a_diamond_needs_both_parents])
    other = Space(model=[SVC(C=2), DecisionTreeClassifier()], data=[np.arange(3), test_a_diamond_needs_both_parents])
    assert space.describe() == again.describe() != other.describe()
    assert Space(x=[np.arange(3)]).describe() != Space(x=[np.arange(1, 4)]).describe()
    assert "0x" not in json.dumps(space.describe())


def described(**changes):
    good = Space(k=["a", "b"], x=Float(0, 1).when(k="b")).describe()
    return {**good, "x": {**good["x"], **changes}}


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({}, "needs at least one dimension"),
        ({3: described()["x"]}, "description of 3"),
        (described(more=1), "x has the fields"),
        (described(low=2), "description of x: Float: low=2.0 must be below high=1.0"),
        (described(low="0"), "description of x: Float: low='0' must be a finite number"),
        (described(high=math.nan), "description of x: Float: high=nan must be a finite number"),
        (described(log=1), "description of x: Float: log=1 must be True or False"),
        (described(when=3), "when=3 of x must be a dict from parents to lists"),
        (described(when={"k": 1}), "when={'k': 1} of x must be a dict from parents to lists"),
        (described(when={"k": []}), "of x must be a dict from parents to lists"),
        (described(when={"z": [1]}), "x depends on 'z', which must be one of"),
        (described(when={"x": [1]}), r"\['x'\] form a cycle"),
        (described(when={"k": [2]}), "x depends on value number 2 of k, which must have such a value"),
        (described(when={"k": [-1]}), "x depends on value number -1 of k"),
        (described(when={"k": [True]}), "x depends on value number True of k"),
        (described(when={"k": ["a"]}), "x depends on value number 'a' of k"),
        ({"k": {"type": "Categorical", "choices": "ab", "when": {}}}, "description of k: choices='ab' must be a list"),
        ({"k": {"type": "Categorical", "choices": [], "when": {}}}, "must hold at least one choice"),
        (
            {"k": {"type": "Categorical", "choices": [1, 1], "when": {}}},
            "the choice 1 appears twice; each must appear once",
        ),
        ({"k": {"type": "Categorical", "choices": [{"float": "0"}], "when": {}}}, "must be what Space.describe writes"),
        (
            {"k": {"type": "Categorical", "choices": [{}], "when": {}}},
            r"the choice {} must be what Space.describe writes",
        ),
        ({"k": {"type": "Categorical", "choices": [{"dict": [[[1], 2]]}], "when": {}}}, "must be what Space.describe"),
    ],
)
def test_what_is_not_a_description_is_refused_by_field(description, message):
    with pytest.raises(ValueError, match=message) as caught:
        Space.from_description(description)
    assert "\n" not in str(caught.value)


# What a user may get wrong


SVM = Space(C=Float(0.1, 10), kernel=["linear", "rbf"], gamma=Float(0, 1).when(kernel="rbf"))


def test_a_list_and_a_tuple_that_is_no_range_are_choices():
    for choices in ([0, 2], (0, 1, 2), ("a", "b"), (True, False), (1,)):
        assert Space(x=choices).size == len(choices)
    assert Space(x=Categorical((0, 2))).size == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "must be JSON"),
        ('{"C": true, "kernel": 0}', "C: Float: value=True must be a finite number"),
        ('{"C": 1, "kernel": -1}', "the choice number -1 of kernel must be an integer"),
        ('{"C": 1, "kernel": true}', "the choice number True of kernel must be an integer from 0 to 1"),
        ('{"C": 1, "kernel": 1.0}', "the choice number 1.0 of kernel must be an integer from 0 to 1"),
        ('{"C": 1, "kernel": 0, "gamma": 0.5}', "gamma is inactive"),
        ('{"C": 1, "kernel": 1}', "must have a value for gamma"),
    ],
)
def test_what_is_no_json_of_a_point_is_refused_by_field(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        SVM.from_json(text)
    assert type(caught.value) is ValueError
    assert "\n" not in str(caught.value)
