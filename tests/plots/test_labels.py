from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, strategies as st

from hpt_lab import plots
from hpt_lab.plots.labels import spread


@given(st.lists(st.floats(0, 300, allow_nan=False), min_size=1, max_size=8), st.floats(1, 20))
def test_spread_keeps_order_and_gap_and_moves_nothing_that_has_room(heights, gap):
    heights = np.array(heights)
    places = spread(heights, gap)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(places[order]) >= gap - 1e-6).all()
    assert places.mean() == pytest.approx(heights.mean(), abs=1e-6)
    if (np.diff(heights[order]) >= gap).all():
        np.testing.assert_allclose(places, heights, atol=1e-6)


def test_labels_of_lines_that_end_together_do_not_overlap():
    with plt.rc_context(plots.STYLE):
        figure, ax = plt.subplots()
    for i in range(6):
        ax.plot([0, 1], [i, 1 + 0.01 * i], label=f"strategy {i}")
    plots.label_lines(ax)
    plots.label_lines(ax)  # a second call takes the labels of the first away
    assert len(ax.texts) == 6
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)


def test_a_group_of_labels_is_centred_where_they_would_have_stood():
    np.testing.assert_allclose(spread(np.array([10.0, 11.0, 50.0]), 5), [8, 13, 50])


def test_a_label_stands_at_the_last_point_that_is_drawn():
    ax = plt.figure().add_subplot()
    ax.plot([1, 2, 3], [5, 4, np.nan], label="ends early")
    ax.plot(["a", "b"], [1, 2], label="over names")
    ax.plot([1, 2], [np.nan, np.nan], label="never drawn")
    ax.plot([], [], label="empty")
    ax.plot([1, 2], [3, 3])
    plots.label_lines(ax)
    assert {text.get_text(): text.xy for text in ax.texts} == {"ends early": (2, 4), "over names": (1, 2)}


def test_only_the_lines_that_are_named_get_labels_and_other_texts_stay():
    ax = plt.figure().add_subplot()
    lines = [ax.plot([0, 1], [i, i], label=f"{i}")[0] for i in range(3)]
    ax.annotate("a note", (0, 0))
    plots.label_lines(ax)
    plots.label_lines(ax, lines[1:2])
    assert [text.get_text() for text in ax.texts] == ["a note", "1"]


def test_a_label_that_has_room_stands_beside_the_end_of_its_line():
    ax = plt.figure().add_subplot()
    ax.plot([0, 1], [0, 5], label="rising")
    ax.plot([0, 1], [5, 1], label="falling")
    plots.label_lines(ax)
    np.testing.assert_allclose([text.xyann for text in ax.texts], [(6, 0), (6, 0)], atol=1e-9)  # points
