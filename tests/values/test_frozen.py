"""Frozen values: equal to plain ones, refuse every change; fresh copies share nothing with them."""

import copy
import json
import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.svm import SVC

from hpt_lab.values.frozen import equal, frozen, same, unfrozen

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.lists(inside, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inside, max_size=3)
        | st.sets(st.integers(), max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_a_frozen_value_is_equal_to_the_plain_one_and_thaws_to_it(value):
    kept = frozen(value)
    assert kept == value
    assert unfrozen(kept) == value
    assert type(unfrozen(kept)) is type(value)
    assert unfrozen(frozen(kept)) == value
    for twin in (pickle.loads(pickle.dumps(kept)), copy.deepcopy(kept)):
        assert twin == kept
        assert type(twin) is type(kept)


CHANGES = [
    lambda d, l: d.update(a=1), lambda d, l: d.pop("a"), lambda d, l: d.clear(), lambda d, l: d.setdefault("b", 1),
    lambda d, l: d.popitem(), lambda d, l: d.__setitem__("a", 1), lambda d, l: d.__delitem__("a"),
    lambda d, l: d.__ior__({"b": 1}), lambda d, l: l.append(1), lambda d, l: l.extend([1]), lambda d, l: l.insert(0, 1),
    lambda d, l: l.pop(), lambda d, l: l.remove(1), lambda d, l: l.clear(), lambda d, l: l.sort(),
    lambda d, l: l.reverse(), lambda d, l: l.__setitem__(0, 1), lambda d, l: l.__delitem__(0), lambda d, l: l.__iadd__([1]),
    lambda d, l: l.__imul__(2),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_frozen_container_refuses_every_change(change):
    kept = frozen({"a": [1, 2]})
    with pytest.raises(TypeError, match="cannot be changed"):
        change(kept, kept["a"])
    assert kept == {"a": [1, 2]}


def test_a_fresh_copy_shares_nothing_with_the_frozen_value():
    kept = frozen({"a": [1, {"b": [2]}], "c": ([3],), "d": {4}, "e": np.zeros(2)})
    copied = unfrozen(kept)
    copied["a"].append(9)
    copied["a"][1]["b"].append(9)
    copied["c"][0].append(9)
    copied["d"].add(9)
    copied["e"][0] = 9
    assert {name: kept[name] for name in "acd"} == {"a": [1, {"b": [2]}], "c": ([3],), "d": {4}}
    assert kept["e"].tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        kept["e"][0] = 9


def test_frozen_values_are_written_to_json_and_spread_as_plain_ones():
    kept = frozen({"a": [1, {"b": None}]})
    assert json.loads(json.dumps(kept)) == dict(**kept) == {"a": [1, {"b": None}]}


def test_what_is_no_container_is_handed_on_as_it_is():
    model = SVC()
    assert frozen([model])[0] is model
    assert unfrozen(frozen([model]))[0] is model


NAN = float("nan")
PAIRS = [
    (1, 1, True, True), (1, 1.0, True, False), (1, True, True, False), (NAN, -NAN, True, True), ("a", "b", False, False),
    ([1, NAN], [1, NAN], True, True), ([1], [2], False, False), ([1], [1, 2], False, False), ([1], (1,), False, False),
    ({"a": [NAN]}, {"a": [NAN]}, True, True), ({"a": 1}, {"b": 1}, False, False), ({"a": 1}, {}, False, False),
    (np.arange(3), np.arange(3), True, True), (np.arange(3), np.arange(3.0), False, False),
    (np.arange(3), np.arange(4), False, False), (np.array([NAN]), np.array([NAN]), True, True),
    (np.array(["a", None]), np.array(["a", None]), True, True), (np.array(["a", None]), np.array(["b", None]), False, False),
    (np.arange(3), [0, 1, 2], False, False), (np.array(3), 3, True, False), ([np.arange(2)], [np.arange(2)], True, True),
    ([np.arange(2)], [np.arange(1, 3)], False, False), (SVC(), SVC(), False, False), (np.arange(2), 0, False, False),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "are_equal", "are_same"), PAIRS)
def test_equal_looks_into_containers_and_same_asks_for_one_type(a, b, are_equal, are_same):
    for one, other in ((a, b), (b, a)):
        assert equal(one, other) is are_equal
        assert same(one, other) is are_same
    assert same(a, a)
