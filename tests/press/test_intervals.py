"""Evidence as a picture: a table of intervals is drawn on one axis, and its numbers stay."""

import re

import pytest
from docutils import frontend, nodes, utils

from book.press.pages import intervals


def table(*rows):
    """Return a table whose first row is its head."""
    lines = [nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in row)) for row in rows]
    group = nodes.tgroup("", nodes.thead("", lines[0]), nodes.tbody("", *lines[1:]))
    return nodes.table("", group, classes=["intervals"])


def places(cell):
    """Return where a cell's drawing has zero, its dot and its ends, in per cent of the axis."""
    return {name: float(value) for name, value in re.findall(r"--(\w+):([\d.]+)%", cell.astext())}


def drawn(*rows):
    found = table(*rows)
    intervals.draw(found)
    return [row.children for row in found.findall(nodes.row)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3.3 [0.9, 5.7]", (3.3, 0.9, 5.7)),
        ("\u22120.2 [\u22122.0, 1.6]", (-0.2, -2.0, 1.6)),
        ("-2.1 ± 4.7", (-2.1, -11.5, 7.3)),
        ("1.25e+03 ± 1e+02", (1250, 1050, 1450)),
        ("96.5 ± 0.9 (0.4)", None),
        ("5", None),
        ("3.3 [0.9]", None),
    ],
)
def test_an_interval_is_a_mean_with_both_ends_or_with_an_error_that_counts_twice(text, said):
    assert intervals.interval(text) == (said and pytest.approx(said))


def test_all_intervals_of_a_table_stand_on_one_axis_that_holds_zero():
    head, random, pysot = drawn(
        ("search", "30", "50"), ("random", "6 [2, 10]", "14 ± 1"), ("pySOT", "5 [\u22121, 11]", "4 ± 1")
    )
    zero = places(random[1])["zero"]
    scale = (places(random[1])["mean"] - zero) / 6
    for cell, said in (
        (random[1], (6, 2, 10)),
        (random[2], (14, 12, 16)),
        (pysot[1], (5, -1, 11)),
        (pysot[2], (4, 2, 6)),
    ):
        there = [places(cell)[name] for name in ("mean", "low", "high")]
        assert there == pytest.approx([zero + scale * value for value in said], abs=0.11)
        assert all(0 <= place <= 100 for place in (zero, *there))
    ticks = re.findall(r'left:([\d.]+)%">(\S+?)<', head[1].astext())
    assert [text for _, text in ticks] == ["0", "5", "10", "15"]
    assert [float(place) for place, _ in ticks] == pytest.approx(
        [zero + tick * scale for tick in (0, 5, 10, 15)], abs=0.11
    )


def test_an_interval_that_reaches_zero_is_gray_and_numbers_and_names_stay():
    _, *rows = drawn(
        ("search", "lead"),
        ("a", "3 [1, 5]"),
        ("b", "3 [\u22121, 7]"),
        ("c", "\u22123 [\u22125, \u22121]"),
        ("d", "1 [0, 2]"),
    )
    assert ['class="interval level"' in row[1].astext() for row in rows] == [False, True, False, True]
    assert [row[0].astext() for row in rows] == list("abcd")
    assert rows[0][1].next_node(nodes.paragraph).astext() == "3 [1, 5]"


def test_a_column_with_a_cell_that_is_no_interval_stays_as_it_is():
    _, first, _ = drawn(("search", "lead", "ms"), ("a", "3 ± 1", "2 ± 1"), ("b", "4 ± 1", "none"))
    assert "--mean" in first[1].astext()
    assert first[2].astext() == "2 ± 1"
    with pytest.raises(ValueError, match=r"no column of them: search \| ms"):
        drawn(("search", "ms"), ("a", "3.3"))


def test_the_cells_of_a_table_in_a_box_are_translated_and_those_of_an_output_are_not():
    document = utils.new_document("page", frontend.get_default_settings())
    own, computed = table(("search",), ("random",)), table(("search",), ("random",))
    document += nodes.section("", nodes.container("", own), nodes.container("", computed, classes=["cell_output"]))
    for found in (own, computed):
        found.source, found.line = "page.md", 7
        for cell in found.findall(nodes.paragraph):
            cell.source = cell.line = None
    intervals.Cells(document).apply()
    assert {(cell.source, cell.line) for cell in own.findall(nodes.paragraph)} == {("page.md", 7)}
    assert {cell.source for cell in computed.findall(nodes.paragraph)} == {None}
