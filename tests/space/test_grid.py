"""Grids of combinations: counted, in order, for spaces of any width and any conditions."""

import itertools
import math
import pickle

import numpy as np
from hypothesis import given, settings, strategies as st

from hpt_lab import Categorical, Float, Int, Space

CHOICES = [1, True, 1.0, None, "a", (1, 2), [8], float("nan"), np.arange(3)]


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


# Wide and deep ones

MILLION_MILLION = 10**12
WIDE = Space(
    n=Int(0, MILLION_MILLION - 1),
    x=Int(1, 5).when(n=[3, 7, MILLION_MILLION - 1]),
    y=Categorical(["a", "b"]).when(n=[7]),
)


def test_a_parent_of_a_million_million_values_is_counted_in_closed_form():
    assert WIDE.size == MILLION_MILLION - 3 + 5 + 5 * 2 + 5
    grid = WIDE.grid()
    assert [grid[i] for i in (0, 2, 3, 7, 8, 10)] == [
        {"n": 0}, {"n": 2}, {"n": 3, "x": 1}, {"n": 3, "x": 5}, {"n": 4}, {"n": 6},
    ]  # fmt: skip
    assert [grid[i] for i in (11, 12, 13, 20, 21)] == [
        {"n": 7, "x": 1, "y": "a"}, {"n": 7, "x": 1, "y": "b"}, {"n": 7, "x": 2, "y": "a"},
        {"n": 7, "x": 5, "y": "b"}, {"n": 8},
    ]  # fmt: skip
    assert [grid[grid.size - i] for i in (1, 5, 6)] == [
        {"n": MILLION_MILLION - 1, "x": 5}, {"n": MILLION_MILLION - 1, "x": 1}, {"n": MILLION_MILLION - 2},
    ]  # fmt: skip


def test_a_resolution_takes_what_it_meets_of_a_wide_parent():
    grid = WIDE.grid({"n": 3, "x": 2})
    assert [grid[i] for i in range(grid.size)] == [
        {"n": 0}, {"n": MILLION_MILLION // 2}, {"n": MILLION_MILLION - 1, "x": 1}, {"n": MILLION_MILLION - 1, "x": 5},
    ]  # fmt: skip


def test_a_continuous_parent_opens_its_children_at_the_very_values_of_its_condition():
    space = Space(x=Float(0, 1), n=Int(1, 2).when(x=[0.5]), m=Int(1, 3).when(x=[0, 0.25]))
    grid = space.grid(3)
    assert [grid[i] for i in range(grid.size)] == [
        {"x": 0.0, "m": 1}, {"x": 0.0, "m": 2}, {"x": 0.0, "m": 3},
        {"x": 0.5, "n": 1}, {"x": 0.5, "n": 2}, {"x": 1.0},
    ]  # fmt: skip


def test_a_thousand_dimensions_are_counted_without_recursion():
    free = Space({f"p{i:04d}": [0, 1] for i in range(1000)})
    assert free.size == 2**1000
    assert free.grid()[2**999 + 1] == {f"p{i:04d}": int(i in (0, 999)) for i in range(1000)}
    chain = {"p0000": Categorical([0, 1])}
    chain |= {f"p{i:04d}": Categorical([0, 1]).when(**{f"p{i - 1:04d}": 1}) for i in range(1, 1000)}
    assert Space(chain).size == 1001
    assert Space(chain).grid()[1000] == dict.fromkeys(chain, 1)


def test_pairs_of_parent_and_child_are_counted_apart():
    pairs = {f"a{i:03d}": [0, 1] for i in range(300)}
    pairs |= {f"b{i:03d}": Int(0, 9).when(**{f"a{i:03d}": 1}) for i in range(300)}
    space = Space(pairs)
    assert space.size == 11**300
    last = space.grid()[11**300 - 1]
    assert last == {name: 1 if name[0] == "a" else 9 for name in pairs}
    assert space.grid()[10] == {**{f"a{i:03d}": 0 for i in range(299)}, "a299": 1, "b299": 9}


def test_one_parent_with_a_hundred_branches():
    space = Space(kind=list(range(100)), **{f"x{i:03d}": Int(0, i).when(kind=i) for i in range(100)})
    assert space.size == sum(i + 1 for i in range(100))
    numbers = itertools.accumulate((i + 1 for i in range(99)), initial=0)
    assert [space.grid()[n] for n in numbers] == [{"kind": i, f"x{i:03d}": 0} for i in range(100)]


def test_a_pickled_grid_goes_on():
    twin = pickle.loads(pickle.dumps(WIDE.grid()))
    assert [twin[i] for i in (7, 11)] == [{"n": 3, "x": 5}, {"n": 7, "x": 1, "y": "a"}]


def test_nobody_changes_a_combination_for_the_next_one_who_asks():
    grid = Space(layers=[[8], [16]]).grid()
    grid[0]["layers"].append(9)
    assert grid[0] == {"layers": [8]}
