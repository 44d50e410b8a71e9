"""Dimensions: values, bins, digits, choices, and what a user may get wrong."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import kstest, norm
from sklearn.svm import SVC

from hpt_lab import Categorical, Float, Int, Space
from hpt_lab.space.bins import reflect

UNIT = st.floats(0, 1)
NUMBERS = st.from_type(Float) | st.from_type(Int)
DIMENSIONS = NUMBERS | st.from_type(Categorical)


@given(NUMBERS, UNIT)
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


def test_a_logarithmic_range_among_floats_of_few_digits_is_refused():
    for low in (5e-324, 2.2e-308):
        with pytest.raises(ValueError, match=f"Float: low={low} must be at least 1e-307 where log=True"):
            Float(low, 1, log=True)
    tiny = Float(1e-307, 1, log=True)
    for u in np.linspace(0, 1, 200):
        assert abs(tiny.encode(tiny.decode(u)) - u) < 1e-12


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (Int(16, 256, step=32), [16, 48, 80, 112, 144, 176, 208, 240]),
        (Float(-0.3, 0.3, step=0.1), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
        (Float(0, 0.35, step=0.1), [0.0, 0.1, 0.2, 0.3]),
        (Float(1.1, 3.3, step=2.2), [1.1, 3.3]),  # though 1.1 + 2.2 > 3.3
        (Float(1e-3, 10, log=True, step=10), [0.001, 0.01, 0.1, 1.0, 10.0]),
        (Int(3, 200, log=True, step=3), [3, 9, 27, 81]),
        (Int(1, 8, log=True), [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
    ids=repr,
)
def test_steps_begin_at_the_lower_bound_and_end_at_the_upper_one_or_before(dimension, values):
    assert repr(dimension.values()) == repr(values)
    assert Space(d=dimension).size == len(values)


def test_128_units_cannot_be_reached_in_steps_of_32_from_16():
    with pytest.raises(ValueError, match="128 must be on the steps of 32 from 16"):
        Int(16, 256, step=32).encode(128)


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


def test_resolution_spreads_values_over_the_orders_of_magnitude():
    assert Float(1e-2, 1e2, log=True).values(5) == [0.01, 0.1, 1.0, 10.0, 100.0]
    assert Float(0, 1).values(1) == [0.5]
    assert Int(1, 100).values(3) == [1, 51, 100]
    assert Int(1, 3).values(10) == [1, 2, 3]


# Constants, and ranges that are narrower than their rounding


@pytest.mark.parametrize(
    "constant",
    [
        *[Float(1, 1), Float(0, 0), Float(3, 3, log=True), Float(1, 1, step=0.1), Float(2, 2, log=True, step=3)],
        *[Int(3, 3), Int(3, 3, log=True), Int(3, 3, step=5), Int(2, 2, log=True, step=2), Int(-1, -1)],
    ],
    ids=repr,
)
def test_equal_bounds_make_a_constant(constant):
    assert (constant.size, constant.is_continuous, constant.values(), constant.values(5)) == (
        (1, False, [constant.low], [constant.low])
    )
    assert [constant.decode(u) for u in (0, 0.3, 1)] == [constant.low] * 3
    assert constant.encode(constant.low) == 0.5
    assert constant.snap(np.array([0.0, 0.3, 1.0])).tolist() == [0.5] * 3
    left, right = constant.edges(np.array([0.5]))
    assert (left.tolist(), right.tolist()) == ([0.0], [1.0])
    with pytest.raises(ValueError, match="must be between"):
        constant.check(constant.low + 1)


def test_a_grid_counts_a_constant_once():
    space = Space(x=Float(2, 2), n=Int(3, 3), k=["a", "b"])
    assert space.size == 2
    assert [space.grid()[i] for i in range(2)] == [{"x": 2.0, "n": 3, "k": "a"}, {"x": 2.0, "n": 3, "k": "b"}]


def test_a_range_narrower_than_twelve_digits_is_refused_and_one_of_a_unit_has_both_ends():
    with pytest.raises(ValueError, match="within the 12 digits of the values; search for the distance from low"):
        Float(1700000000, 1700000000.001)
    narrow = Float(1700000000, 1700000000.01)
    assert {narrow.decode(u) for u in (0.0, 0.4, 0.6, 1.0)} == {narrow.low, narrow.high}


# Bins


def test_only_a_float_without_steps_is_continuous_and_only_choices_lack_an_order():
    several = [Float(0, 1), Float(0, 1, step=0.5), Int(0, 9), Int(1, 9, log=True), Categorical([1, 2])]
    assert [dimension.is_continuous for dimension in several] == [True, False, False, False, False]
    assert [dimension.has_order for dimension in several] == [True, True, True, True, False]


COUNTABLE = [
    Int(-2, 5), Int(1, 300, log=True), Int(16, 256, step=32), Int(2, 64, log=True, step=2), Float(0, 1, step=0.125),
    Float(1e-4, 1, log=True, step=10), Categorical(["a", "b", "c"]), Categorical(["only"]),
]  # fmt: skip


@pytest.mark.parametrize("dimension", COUNTABLE, ids=repr)
def test_bins_cover_the_unit_interval_and_hold_their_value_alone(dimension):
    values = dimension.values()
    places = np.array([dimension.encode(value) for value in values])
    left, right = dimension.edges(places)
    np.testing.assert_allclose(left[1:], right[:-1], atol=1e-12)
    assert left[0] == pytest.approx(0, abs=1e-12)
    assert right[-1] == pytest.approx(1, abs=1e-12)
    inside = 1e-9 + (right - left - 2e-9) * np.array([[0.0], [0.4], [1.0]])
    for row in left + inside:
        assert [dimension.decode(u) for u in row.tolist()] == values
    assert [dimension.key(value) for value in values] == dimension.keys(places).tolist() == list(range(len(values)))


def test_a_continuous_dimension_has_bins_without_width():
    u = np.array([0.0, 0.3, np.nan])
    for edge in Float(2, 3).edges(u):
        np.testing.assert_array_equal(edge, u)


@given(DIMENSIONS, st.lists(UNIT, min_size=1, max_size=20))
def test_keys_are_those_of_the_decoded_values(dimension, u):
    assert dimension.keys(np.array(u)).tolist() == [dimension.key(dimension.decode(one)) for one in u]


@pytest.mark.parametrize("dimension", [Int(1, 10**12, log=True), Int(5, 10**9, log=True), Int(0, 10**12 - 1)])
def test_keys_are_exact_at_the_very_edges_of_a_million_million_bins(dimension):
    values = np.random.default_rng(0).integers(dimension.low, dimension.high, 300, endpoint=True).tolist()
    values += [dimension.low, dimension.low + 1, dimension.high]
    places = np.array([dimension.encode(value) for value in values])
    u = np.clip(np.concatenate([places, *dimension.edges(places)]), 0, 1)
    near = np.concatenate([u, np.nextafter(u, 0), np.nextafter(u, 1).clip(max=1)])
    assert dimension.keys(near).tolist() == [dimension.key(dimension.decode(one)) for one in near.tolist()]


# Neighbours


def folded_cdf(x, u, scale):
    """Of u + scale N(0, 1) between mirrors at 0 and 1: every image of x, on either side."""
    images = np.arange(-40, 41)[:, None] * 2.0
    return (norm.cdf((images + x - u) / scale) - norm.cdf((images - x - u) / scale)).sum(axis=0)


@pytest.mark.parametrize(("u", "scale"), [(0.02, 0.1), (0.97, 0.3), (0.5, 1.0), (0.3, 5.0), (0.0, 0.01)])
def test_a_number_takes_a_normal_step_between_two_mirrors(u, scale):
    for dimension in (Float(0, 1), Int(1, 9, log=True), Float(0, 1, step=0.5)):
        moved = dimension.neighbour(np.full(2000, u), scale, np.random.default_rng(1))
        assert kstest(moved, folded_cdf, args=(u, scale)).pvalue > 0.01


def test_the_mirrors_are_at_0_and_1_however_far_the_step():
    x = np.array([-3.75, -1.2, -0.25, 0.0, 0.3, 1.0, 1.25, 2.25, 3.5, 100.75])
    np.testing.assert_allclose(reflect(x), [0.25, 0.8, 0.25, 0.0, 0.3, 1.0, 0.75, 0.25, 0.5, 0.75], atol=1e-12)
    inside = np.random.default_rng(0).random(100)
    np.testing.assert_array_equal(reflect(inside), inside)


def test_each_coordinate_has_its_own_scale():
    u = np.full((500, 2), 0.5)
    moved = Float(0, 1).neighbour(u, np.array([0.0, 0.01]), np.random.default_rng(0))
    assert (moved[:, 0] == 0.5).all()
    assert moved[:, 1].std() == pytest.approx(0.01, rel=0.15)


def test_a_choice_becomes_another_one_each_as_often():
    dimension = Categorical(list("abcd"))
    for i in range(4):
        moved = dimension.neighbour(np.full(3000, (i + 0.5) / 4), 0.1, np.random.default_rng(i))
        counts = np.bincount(dimension.keys(moved).astype(int), minlength=4)
        assert counts[i] == 0
        assert np.abs(np.delete(counts, i) - 1000).max() < 4 * math.sqrt(1000)
    assert Categorical(["only"]).neighbour(np.array([0.5]), 0.1, np.random.default_rng(0)).tolist() == [0.5]


# Choices


def test_nan_is_a_choice_even_another_nan():
    assert Space(fill=[0.0, float("nan")]).contains({"fill": float("nan")})


def test_a_value_equal_to_a_choice_becomes_the_choice():
    value = Space(x=[1, 2]).check({"x": 2.0})["x"]
    assert (value, type(value)) == (2, int)


class Word:
    """A choice that counts how often it is compared."""

    n_compared = 0

    def __init__(self, text):
        self.text = text

    def __hash__(self):
        return hash(self.text)

    def __eq__(self, other):
        Word.n_compared += 1
        return self.text == other.text


def test_ten_thousand_choices_are_not_compared_with_each_other():
    Word.n_compared = 0
    dimension = Categorical([Word(str(i)) for i in range(10_000)])
    assert [dimension.index(Word(str(i))) for i in (0, 5000, 9999)] == [0, 5000, 9999]
    with pytest.raises(ValueError, match="must be one of"):
        dimension.index(Word("another"))
    assert Word.n_compared < 20_000
    with pytest.raises(ValueError, match="must appear once"):
        Categorical([*dimension.choices, Word("77")])


def test_a_choice_is_found_by_identity_then_by_type_then_by_value():
    dimension = Categorical([1.0, 1, True, "NaN", float("nan"), (1, 2), [1, 2], frozenset([1])])
    assert [dimension.index(value) for value in (1.0, 1, True, "NaN", math.nan, (1, 2), [1, 2])] == list(range(7))
    assert [dimension.index(value) for value in (np.float64(1), np.int64(1), np.float32("nan"), {1})] == [0, 1, 4, 7]
    assert Categorical([2, 3]).index(2.0) == 0
    assert Categorical([None, np.arange(2)]).index(np.arange(2)) == 1


def test_nobody_changes_a_choice():
    lists, table = [[8], [16]], {"a": [1]}
    dimension = Categorical([*lists, table, {3}])
    lists[0].append(9)
    table["a"].append(2)
    assert dimension.values() == [[8], [16], {"a": [1]}, {3}]
    for value in (dimension.at(0), dimension.decode(0.1), dimension.check([8]), dimension.values()[0]):
        assert type(value) is list
        value.append(9)
    dimension.at(2)["a"].append(2)
    dimension.at(3).add(4)
    assert dimension.values() == [[8], [16], {"a": [1]}, {3}]
    with pytest.raises(TypeError, match="cannot be changed"):
        dimension.choices[0].append(9)
    wanted = ["a"]
    child = Int(0, 1).when(k=wanted)
    wanted.append("b")
    assert child.condition == {"k": ["a"]}
    with pytest.raises(TypeError, match="cannot be changed"):
        child.condition["k"] = ["b"]


def test_an_array_is_one_read_only_copy_and_an_estimator_is_itself():
    data, model = np.arange(3), SVC()
    dimension = Categorical([data, model])
    data[0] = 9
    assert dimension.decode(0).tolist() == [0, 1, 2]
    assert dimension.decode(0) is dimension.at(0)
    with pytest.raises(ValueError, match="read-only"):
        dimension.decode(0)[0] = 9
    assert dimension.decode(1) is model


def test_choices_that_are_arrays_are_equal_if_their_numbers_are():
    assert Categorical([np.arange(3)]) == Categorical([np.arange(3)])
    assert Categorical([np.arange(3)]) != Categorical([np.arange(3.0)])


@given(DIMENSIONS)
def test_a_pickled_or_copied_dimension_decodes_alike(dimension):
    for twin in (pickle.loads(pickle.dumps(dimension)), copy.deepcopy(dimension)):
        assert [twin.key(twin.decode(u)) for u in (0.0, 0.4, 1.0)] == [
            dimension.key(dimension.decode(u)) for u in (0.0, 0.4, 1.0)
        ]


def test_dimensions_are_equal_if_values_scale_and_condition_are():
    assert Float(0, 1).when(k="a") == Float(0.0, 1.0).when(k="a")
    for other in (Float(0, 1), Float(0, 2).when(k="a"), Float(0, 1, step=0.1).when(k="a"), Float(0, 1).when(k="b")):
        assert Float(0, 1).when(k="a") != other
    assert Int(1, 9) != Int(1, 9, log=True)
    assert Int(0, 1) != Float(0, 1)
    assert Float(0, 1).when(k=np.arange(2)) == Float(0, 1).when(k=np.arange(2))


# What a user may get wrong
