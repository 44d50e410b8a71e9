"""A Sphinx extension: evidence as a picture. A table of the class `intervals` draws its numbers as dots and intervals, on one axis.

    :::{table}
    :class: intervals

    | search | our lead |
    |---|---|
    | random search | 3.3 [0.9, 5.7] |
    :::

A column is drawn if each of its cells is a mean with both ends of its interval, or "3.3 ± 1.1": then the interval is two errors to
each side. The numbers stay, beside their dot; an interval that reaches zero is gray, and a line shows where zero is.
"""

import re

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.press.pages.devices import raw
from hpt_lab.values.intervals import axis, drawn, frame

NUMBER = r"\s*([-\u2212+]?\d+(?:\.\d+)?(?:e[-+]\d+)?)\s*"
BETWEEN, ERROR = re.compile(rf"{NUMBER}\[{NUMBER},{NUMBER}\]\s*"), re.compile(rf"{NUMBER}±{NUMBER}")


def interval(text: str) -> tuple[float, float, float] | None:
    """Return a cell's mean and the ends of its interval, or None if it says something else."""
    found = BETWEEN.fullmatch(text) or ERROR.fullmatch(text)
    if found is None:
        return None
    mean, *ends = (float(number.replace("\u2212", "-")) for number in found.groups())
    low, high = ends if len(ends) == 2 else (mean - 2 * ends[0], mean + 2 * ends[0])
    return mean, low, high


def draw(table: nodes.table) -> None:
    """Draw each column of means and intervals: all on the axis that holds them and zero."""
    body = next(table.findall(nodes.tbody))
    columns = list(zip(*(row.children for row in body.children), strict=True))
    heads = next(table.findall(nodes.thead)).children[0].children
    drawings = [
        (head, cells, found)
        for head, cells in zip(heads, columns, strict=True)
        if all(found := [interval(cell.astext()) for cell in cells])
    ]
    if not drawings:
        raise ValueError(f"a table of intervals has no column of them: {' | '.join(head.astext() for head in heads)}")
    span = frame(value for _, _, found in drawings for one in found for value in one)
    for head, cells, found in drawings:
        room = f"--room:{max(len(cell.astext()) for cell in cells)}ch"
        head += raw(axis(span, room))
        for cell, one in zip(cells, found, strict=True):
            cell.children = [
                raw(f'<div class="has-interval" style="{room}">'),
                *cell.children,
                raw(f"{drawn(*one, span)}</div>"),
            ]


class Cells(SphinxTransform):
    """Say where the cells of a table in a box come from: Sphinx does not translate what comes from nowhere."""

    default_priority = 5  # before the translation

    def apply(self, **_):
        outputs = {
            id(table)
            for box in self.document.findall(nodes.container)
            if "cell_output" in box["classes"]
            for table in box.findall(nodes.table)
        }
        for table in self.document.findall(nodes.table):
            for cell in (
                () if id(table) in outputs else table.findall(nodes.paragraph)
            ):  # an output is translated where it is made
                cell.source, cell.line = cell.source or table.source, cell.line or table.line


class Intervals(SphinxPostTransform):
    """Draw the tables of the class `intervals`."""

    default_priority = 900  # when the page is in its language
    formats = ("html",)

    def run(self, **options):
        for table in self.document.findall(nodes.table):
            if "intervals" in table["classes"]:
                draw(table)


def setup(app):
    app.add_transform(Cells)
    app.add_post_transform(Intervals)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
