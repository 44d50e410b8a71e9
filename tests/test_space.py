"""Search spaces: round trips, bounds, bins, conditions, grids of combinations, JSON, and what a user may get wrong."""

import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from hpt_lab import Categorical, Float, Int, Space

UNIT = st.floats(0, 1)
ESTIMATORS = [SVC(C=1), SVC(C=2), DecisionTreeClassifier()]
ARRAYS = [np.arange(3), np.arange(4), np.zeros((2, 2))]


@st.composite
def floats(draw):
    log, low = draw(st.booleans()), draw(st.floats(-1e6, 1e6))
    low = 10 ** draw(st.floats(-12, 6)) if log else low
    high = low * draw(st.floats(1.1, 1e9)) if log else low + draw(st.floats(1e-2, 1e6))
    step = draw(st.none() | (st.floats(1.01, 1.1) if log else st.floats(1e-3, 1e-2)))
    return Float(low, high, log=log, step=step)


@st.composite
def ints(draw):
    log = draw(st.booleans())
    low = draw(st.integers(1, 1000) if log else st.integers(-(10**6), 10**6))
    high = draw(st.integers(2 * low, 10**12) if log else st.integers(low + 1, low + 10**9))
    step = draw(st.none() | (st.just(2) if log else st.integers(1, high - low)))
    return Int(low, high, log=log, step=step)


CHOICES = [1, True, 1.0, None, "a", (1, 2), float("nan"), *ESTIMATORS, *ARRAYS]
categoricals = st.lists(st.sampled_from(CHOICES), min_size=1, unique_by=id).map(Categorical)
dimensions = st.one_of(floats(), ints(), categoricals)


@st.composite
def spaces(draw):
    """Up to five dimensions, each on the condition of some earlier ones (chains and diamonds among them)."""
    named = {}
    for name in draw(st.permutations(["a", "b", "c", "d", "e"]))[: draw(st.integers(1, 5))]:
        dimension = draw(dimensions)
        parents = draw(st.lists(st.sampled_from(sorted(named)), unique=True, max_size=2)) if named else []
        for parent in parents:
            places = draw(st.lists(UNIT, min_size=1, max_size=3))
            dimension = dimension.when(**{parent: [named[parent].decode(u) for u in places]})
        named[name] = dimension
    return Space(named)


def same(params, others):
    """Equal params with the very same choices: 1 is not True, and an estimator is itself only."""
    alike = (params[name] is others[name] or (type(params[name]), params[name]) == (type(others[name]), others[name])
             for name in params)  # fmt: skip
    return list(params) == list(others) and all(alike)


# Round trips


@given(spaces(), st.integers(0, 2**32))
def test_decode_undoes_encode(space, seed):
    params = space.sample(np.random.default_rng(seed))
    assert same(space.decode(space.encode(params)), params)


@given(spaces(), st.integers(0, 2**32))
def test_json_gives_back_the_very_same_params(space, seed):
    params = space.sample(np.random.default_rng(seed))
    assert same(space.from_json(space.to_json(params)), params)


@given(spaces(), st.integers(0, 2**32))
def test_a_sample_is_contained_and_lacks_exactly_the_inactive_dimensions(space, seed):
    params = space.sample(np.random.default_rng(seed))
    assert space.contains(params)
    assert [name for name, active in zip(space, space.active(params), strict=True) if active] == list(params)
    assert not space.contains({**params, "unknown": 1})


@given(st.lists(dimensions, min_size=1, max_size=4), st.integers(0, 2**32))
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
        np.testing.assert_allclose(space.snap(points)[:, i], one_by_one[:, i], rtol=0, atol=rounding)


@given(st.one_of(floats(), ints()), UNIT)
def test_a_decoded_number_is_within_its_bounds_and_reaches_both(dimension, u):
    assert dimension.low <= dimension.decode(u) <= dimension.high
    assert dimension.decode(0) == dimension.low
    if dimension.step is None:
        assert dimension.decode(1) == dimension.high


@given(st.floats(-1e9, 1e9), st.floats(1e-2, 1e9), UNIT)
def test_decoded_floats_carry_twelve_digits_of_the_larger_bound(low, width, u):
    space = Float(low, low + width)
    value = space.decode(u)
    places = 11 - math.floor(math.log10(max(abs(space.low), abs(space.high))))
    assert value in (space.low, space.high, round(value, places))


@given(st.floats(-8, 8), UNIT)
def test_decoded_logarithmic_floats_carry_twelve_digits(exponent, u):
    space = Float(10**exponent, 10 ** (exponent + 3), log=True)
    assert space.decode(u) in (space.low, space.high, float(f"{space.decode(u):.12g}"))


@pytest.mark.parametrize(
    "space",
    [
        Float(1e-300, 1e300, log=True),
        Float(1e-300, 1e300, log=True, step=10),
        Float(-1e-12, 1e12),
        Float(-1e307, 1e307),
        Float(5e-324, 1e-300),
        Float(0, 1e12, step=50),
        Int(-(10**12) + 1, 0),
        Int(1, 10**12, log=True),
        Int(10**18, 10**18 + 10**12 - 1),
    ],
    ids=repr,
)
def test_huge_and_tiny_ranges_round_trip(space):
    assert space.decode(0) == space.low
    assert space.decode(1) == space.high
    for u in np.random.default_rng(0).random(200):
        value = space.decode(u)
        assert space.low <= value <= space.high
        assert space.decode(space.encode(value)) == value


# Numbers


def test_128_units_cannot_be_reached_in_steps_of_32_from_16():
    units = Int(16, 256, step=32)
    assert units.values() == [16, 48, 80, 112, 144, 176, 208, 240]
    with pytest.raises(ValueError, match="128 must be on the steps of 32 from 16"):
        units.encode(128)


def test_steps_of_a_tenth_are_tenths():
    assert Float(-0.3, 0.3, step=0.1).values() == [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]
    assert str(Float(-0.3, 0.3, step=0.1).values()[3]) == "0.0"


def test_a_last_step_that_misses_high_by_rounding_alone_reaches_it():
    assert 1.1 + 2.2 > 3.3
    assert Float(1.1, 3.3, step=2.2).values() == [1.1, 3.3]
    assert Float(0, 0.95, step=0.1).values()[-1] == 0.9


def test_logarithmic_steps_multiply():
    assert Float(1e-3, 10, log=True, step=10).values() == [0.001, 0.01, 0.1, 1.0, 10.0]
    assert Int(3, 200, log=True, step=3).values() == [3, 9, 27, 81]


def test_a_logarithmic_int_lists_every_integer_once():
    assert Int(1, 8, log=True).values() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert Space(n=Int(1, 8, log=True)).size == 8


def test_bins_of_a_logarithmic_int_meet_halfway_between_integers():
    n = Int(1, 8, log=True)
    width = math.log(8.5 / 0.5)
    for value in range(1, 8):
        edge = math.log((value + 0.5) / 0.5) / width
        assert (n.decode(edge - 1e-9), n.decode(edge + 1e-9)) == (value, value + 1)


def test_bins_of_an_int_are_equally_wide():
    n = Int(-2, 5)
    counts = np.bincount([n.decode(u) + 2 for u in (np.arange(8000) + 0.5) / 8000])
    assert counts.tolist() == [1000] * 8


def test_numpy_numbers_become_plain_ones():
    params = Space(x=Float(0, 1), n=Int(0, 9)).check({"x": np.float32(0.5), "n": np.int64(3)})
    assert {name: type(value) for name, value in params.items()} == {"x": float, "n": int}


def test_a_numpy_array_of_no_dimension_is_a_number():
    assert Float(np.array(0.0), np.array(1)) == Float(0, 1)
    assert Float(0, 1).check(np.array(0.5)) == 0.5


@pytest.mark.parametrize("dimension", [Float(0, 1), Int(1, 9), Int(1, 9, log=True)])
def test_a_resolution_below_one_is_refused(dimension):
    for resolution in (0, -3):
        with pytest.raises(ValueError, match=f"values: resolution={resolution} must be at least 1"):
            dimension.values(resolution)


def test_resolution_spreads_values_over_the_orders_of_magnitude():
    assert Float(1e-2, 1e2, log=True).values(5) == [0.01, 0.1, 1.0, 10.0, 100.0]
    assert Float(0, 1).values(1) == [0.5]
    assert Int(1, 100).values(3) == [1, 51, 100]
    assert Int(1, 3).values(10) == [1, 2, 3]


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
    assert params["data"] is ARRAYS[2]


def test_nan_is_a_choice_even_another_nan():
    assert Space(fill=[0.0, float("nan")]).contains({"fill": float("nan")})
    with pytest.raises(ValueError, match="the choice nan must appear once"):
        Categorical([float("nan"), float("nan")])


def test_a_value_equal_to_a_choice_becomes_the_choice():
    value = Space(x=[1, 2]).check({"x": 2.0})["x"]
    assert (value, type(value)) == (2, int)


def test_spaces_with_arrays_compare():
    assert Space(x=ARRAYS) == Space(x=list(ARRAYS))
    assert Space(x=ARRAYS) != Space(x=[np.arange(3), np.arange(4), np.zeros((2, 2))])


@given(spaces())
def test_a_pickled_space_writes_the_same_json(space):
    twin = pickle.loads(pickle.dumps(space))
    u = np.full(len(space), 0.3)
    assert twin.to_json(twin.decode(u)) == space.to_json(space.decode(u))


# Conditions


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
    assert [space.grid()[i] for i in range(space.grid().size)] == [
        {"a": 0},
        {"a": 1, "b": 0},
        {"a": 1, "b": 1, "c": 0},
        {"a": 1, "b": 1, "c": 1},
    ]


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


# Grids of combinations


def by_brute_force(space):
    """Distinct combinations, by decoding every corner of bins, in the order of the encoded values."""
    centres = [[(i + 0.5) / d.size for i in range(d.size)] for d in space.dimensions.values()]
    return {space.to_json(space.decode(u)) for u in itertools.product(*centres)}


small = st.one_of(
    st.lists(st.sampled_from(CHOICES), min_size=1, max_size=3, unique_by=id).map(Categorical),
    st.builds(lambda low, n, step: Int(low, low + n, step=step), st.integers(-5, 5), st.integers(1, 4), st.just(1)),
    st.builds(lambda n: Float(0, n, step=0.5), st.integers(1, 2)),
)


@st.composite
def small_spaces(draw):
    named = {}
    for name in draw(st.permutations(["a", "b", "c", "d"]))[: draw(st.integers(1, 4))]:
        dimension = draw(small)
        for parent in draw(st.lists(st.sampled_from(sorted(named)), unique=True, max_size=2)) if named else []:
            wanted = draw(st.lists(st.sampled_from(named[parent].values()), min_size=1, max_size=2))
            dimension = dimension.when(**{parent: wanted})
        named[name] = dimension
    return Space(named)


@settings(deadline=None)
@given(small_spaces())
def test_a_grid_lists_the_distinct_combinations_and_size_counts_them(space):
    listed = [space.to_json(space.grid()[i]) for i in range(space.grid().size)]
    assert len(set(listed)) == len(listed) == space.size
    assert set(listed) == by_brute_force(space)


def test_the_size_of_huge_spaces_takes_no_list():
    assert Space(n=Int(0, 10**12 - 1), m=Int(0, 10**12 - 1)).size == 10**24
    assert Space({f"p{i}": [0, 1] for i in range(100)}).size == 2**100
    pairs = {f"a{i}": [0, 1] for i in range(8)} | {f"b{i}": Int(0, 9).when(**{f"a{i}": 1}) for i in range(8)}
    assert Space(pairs).size == 11**8


def test_a_continuous_dimension_makes_the_size_infinite():
    assert Space(x=[1, 2], y=Float(0, 1).when(x=2)).size == math.inf


# What a user may get wrong

WRONG = {
    "bounds reversed": (lambda: Float(10, 1), ValueError, "Float: low=10.0 must be below high=1.0"),
    "bounds equal": (lambda: Int(3, 3), ValueError, "Int: low=3 must be below high=3"),
    "bound not finite": (lambda: Float(0, math.inf), ValueError, "Float: high=inf must be a finite number"),
    "bound NaN": (lambda: Float(math.nan, 1), ValueError, "Float: low=nan must be a finite number"),
    "bound of 400 digits": (lambda: Float(0, 10**400), ValueError, "Float: high=inf must be a finite number"),
    "range not finite": (lambda: Float(-1e308, 1e308), ValueError, "must be below 1.8e308"),
    "bound a string": (lambda: Float("0", 1), TypeError, "Float: low='0' must be a finite number"),
    "bound an array": (lambda: Float(np.zeros(2), 1), TypeError, "low=an array of shape \\(2,\\) must be a finite"),
    "log a word": (lambda: Float(1, 9, log="no"), TypeError, "Float: log='no' must be True or False"),
    "log a base": (lambda: Int(1, 9, log=10), TypeError, "Int: log=10 must be True or False"),
    "bound a bool": (lambda: Float(False, 1), TypeError, "Float: low=False must be a finite number"),
    "bound of an Int a float": (lambda: Int(1.5, 3), TypeError, "Int: low=1.5 must be an integer"),
    "log of zero": (lambda: Float(0, 1, log=True), ValueError, "low=0.0 must be above 0 where log=True"),
    "log of a negative": (lambda: Int(-1, 1, log=True), ValueError, "low=-1 must be above 0 where log=True"),
    "step zero": (lambda: Int(0, 9, step=0), ValueError, "Int: step=0 must be above 0"),
    "step negative": (lambda: Float(0, 1, step=-0.1), ValueError, "Float: step=-0.1 must be above 0"),
    "step NaN": (lambda: Float(0, 1, step=math.nan), ValueError, "Float: step=nan must be a finite number"),
    "step one where log": (lambda: Int(1, 9, step=1, log=True), ValueError, "step=1 must be above 1 where log=True"),
    "step too large": (lambda: Float(0, 1, step=2), ValueError, "step=2.0 must not be larger than the range from 0.0"),
    "factor too large": (lambda: Int(2, 9, step=5, log=True), ValueError, "step=5 must not be larger than the range"),
    "step too fine": (lambda: Float(1e6, 2e6, step=1e-8), ValueError, "step=1e-08 must be at least 1e-05"),
    "too many integers": (lambda: Int(0, 10**12), ValueError, "must hold at most 10\\^12 values; use a step"),
    "log of huge integers": (lambda: Int(1, 10**13, log=True), ValueError, "must be at most 10\\^12 where log=True"),
    "no choice": (lambda: Categorical([]), ValueError, "choices=\\[\\] must hold at least one choice"),
    "choice twice": (lambda: Categorical(["a", "b", "a"]), ValueError, "the choice 'a' must appear once"),
    "choice twice in a space": (lambda: Space(k=["a", "a"]), ValueError, "k: Categorical: the choice 'a'"),
    "choices a string": (lambda: Categorical("abc"), TypeError, "choices='abc' must be a list"),
    "choices a set": (lambda: Categorical({1, 2}), TypeError, "must be a list"),
    "choices an array of no dimension": (lambda: Categorical(np.array(3)), TypeError, "choices=3 must be a list"),
    "choices a number": (lambda: Categorical(3), TypeError, "choices=3 must be a list"),
    "empty condition": (lambda: Int(0, 1).when(), ValueError, "when: name a parent and its value"),
    "condition twice": (lambda: Int(0, 1).when(k=1).when(k=2), ValueError, "when: k has a condition already"),
    "unknown parent": (lambda: Space(x=Int(0, 1).when(k=1)), ValueError, "x depends on 'k', which must be one of"),
    "unknown parent value": (
        lambda: Space(k=["a"], x=Int(0, 1).when(k="b")), ValueError, "x depends on k='b', which must be a value of k",
    ),
    "no parent value": (lambda: Space(k=["a"], x=Int(0, 1).when(k=[])), ValueError, "must hold at least one value"),
    "circle of two": (
        lambda: Space(x=Int(0, 1).when(y=1), y=Int(0, 1).when(x=1)), ValueError, "\\['x', 'y'\\] form a circle",
    ),
    "circle of one": (lambda: Space(x=Int(0, 1).when(x=1)), ValueError, "\\['x'\\] form a circle"),
    "no dimension": (lambda: Space(), ValueError, "needs at least one dimension, as in Space"),
    "no dimension in a mapping": (lambda: Space({}), ValueError, "needs at least one dimension"),
    "name given twice": (lambda: Space({"x": [1]}, x=[2]), ValueError, "\\['x'\\] must be given once"),
    "name not a string": (lambda: Space({1: [1]}), TypeError, "the name 1 must be a string"),
    "dimension a number": (lambda: Space(x=3), TypeError, "x=3 must be a Float, an Int, a Categorical or a list"),
    "dimension a class": (lambda: Space(x=Float), TypeError, "must be a Float, an Int, a Categorical or a list"),
    "space a list": (lambda: Space([1, 2]), TypeError, "must be a mapping from names to dimensions"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "error", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_space_is_refused_in_one_sentence(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


SVM = Space(C=Float(0.1, 10), kernel=["linear", "rbf"], gamma=Float(0, 1).when(kernel="rbf"))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"C": 1, "kernel": "rbf"}, "must have a value for gamma"),
        ({"C": 1, "kernel": "linear", "gamma": 1}, "gamma is inactive under"),
        ({"C": 100, "kernel": "linear"}, "C: Float: the value 100.0 must be between 0.1 and 10.0"),
        ({"C": "1", "kernel": "linear"}, "C: Float: value='1' must be a finite number"),
        ({"C": True, "kernel": "linear"}, "C: Float: value=True must be a finite number"),
        ({"C": 1, "kernel": "poly"}, "kernel: Categorical: the value 'poly' must be one of"),
        ({"C": 1, "kernel": "linear", "degree": 3}, "the params name 'degree', which must be one of"),
    ],
)
def test_params_outside_the_space_are_refused_by_name(params, message):
    assert not SVM.contains(params)
    with pytest.raises(ValueError, match=message):
        SVM.encode(params)


def test_params_that_are_no_mapping_are_refused():
    with pytest.raises(TypeError, match="must be a mapping from names to values"):
        SVM.check([1, "rbf"])


def test_a_value_between_the_steps_is_refused():
    with pytest.raises(ValueError, match=r"0.25 must be on the steps of 0.1 from 0.0"):
        Float(0, 1, step=0.1).encode(0.25)
    with pytest.raises(ValueError, match="6 must be on the steps of 2 from 2"):
        Int(2, 64, step=2, log=True).encode(6)


@pytest.mark.parametrize("u", [-0.01, 1.01, math.nan])
@pytest.mark.parametrize("dimension", [Float(0, 1), Int(0, 9), Int(1, 9, log=True), Categorical(["a", "b"])])
def test_a_coordinate_outside_the_unit_interval_is_refused(dimension, u):
    with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
        dimension.decode(u)


def test_a_point_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\) must have shape \(3,\)"):
        SVM.decode([0.1, 0.2])


def test_json_of_another_space_is_refused():
    with pytest.raises(ValueError, match="the choice number 7 of kernel must be below 2"):
        SVM.from_json('{"C": 1.0, "kernel": 7}')
    with pytest.raises(ValueError, match="name 'x', which must be one of"):
        SVM.from_json('{"x": 1}')
