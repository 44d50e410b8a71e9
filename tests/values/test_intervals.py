"""Where a dot and its interval are on an axis, and what the axis says."""

import numpy as np
import pytest

from hpt_lab.values import intervals


def test_an_axis_has_a_few_round_numbers():
    assert intervals.ticks(-1.2, 11) == [0, 5, 10]
    rng = np.random.default_rng(0)
    for low, width in zip(rng.normal(0, 30, 200), rng.lognormal(0, 3, 200), strict=True):
        found = intervals.ticks(low, low + width)
        assert 2 <= len(found) <= 6
        assert low - 1e-6 * width <= found[0] < found[-1] <= low + (1 + 1e-6) * width


def test_a_frame_holds_zero_and_every_value_with_room():
    assert intervals.frame([3.0, 10.0]) == pytest.approx((-0.3, 10.3))
    assert intervals.frame([-4.0, -1.0]) == pytest.approx((-4.12, 0.12))
    low, high = intervals.frame([])
    assert low < 0 < high


def test_an_interval_that_reaches_zero_is_level():
    for one, level in (((3, 1, 5), False), ((3, 0, 6), True), ((-3, -7, 1), True), ((-3, -5, -1), False)):
        assert ("level" in intervals.drawn(*one, (-10, 10))) is level
    assert "--zero:50.0%;--mean:65.0%;--low:55.0%;--high:75.0%" in intervals.drawn(3, 1, 5, (-10, 10))
    assert 'left:50.0%">0<' in intervals.axis((-10, 10), "--room:9ch")
