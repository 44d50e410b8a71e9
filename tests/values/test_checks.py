"""Checks hand back plain values; what they refuse is in tests/wrong_calls."""

import math
from fractions import Fraction

import numpy as np
import pytest

from hpt_lab.values import checks


@pytest.mark.parametrize(
    ("found", "plain"),
    [
        (checks.integer("n", np.int64(3)), 3),
        (checks.integer("n", 3, 3, 3), 3),
        (checks.integer("n", np.array(-3)), -3),
        (checks.positive("n", np.uint8(1)), 1),
        (checks.finite("x", 3), 3.0),
        (checks.finite("x", np.float32(0.5), above=0), 0.5),
        (checks.finite("x", Fraction(1, 4), least=0.25), 0.25),
        (checks.finite("x", np.array(2)), 2.0),
        (checks.one_of("x", "a", ["a", "b"]), "a"),
        (checks.flag("x", np.bool_(True)), True),
        (checks.plain(np.float64(0.5)), 0.5),
    ],
)
def test_a_right_value_comes_back_as_a_plain_one(found, plain):
    assert (found, type(found)) == (plain, type(plain))


def test_points_come_back_as_floats_and_may_lack_coordinates_where_that_is_said():
    assert checks.cube("u", [[0, 1], [0.5, 1]], 2).tolist() == [[0.0, 1.0], [0.5, 1.0]]
    assert checks.cube("u", 1).dtype == float
    some = np.array([[0.5, math.nan]])
    assert checks.cube("u", some, 2, missing=True) is some
    assert checks.cube("u", np.empty((0, 2)), 2).shape == (0, 2)


def test_a_message_shows_a_value_on_one_short_line():
    class Shy:
        def __repr__(self):
            raise RuntimeError

    class Lines:
        def __repr__(self):
            return "a\n  b"

    assert checks.short("a\nb") == "'a\\nb'"
    assert checks.short(np.zeros((2, 3))) == "an array of shape (2, 3)"
    assert checks.short(np.float64(0.5)) == "0.5"
    assert checks.short(list(range(100))).endswith("...")
    assert len(checks.short("x" * 1000)) == 80
    assert checks.short(Shy()) == "a value of type Shy"
    assert checks.short(10**5000) == "a value of type int"
    assert checks.short(Lines()) == "a b"
