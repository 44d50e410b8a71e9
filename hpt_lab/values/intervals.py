"""Dots with their intervals as HTML: where they are on an axis stands in custom properties, and a style sheet draws them.

The classes are `interval` (gray with `level`, for one that reaches zero), `interval-axis`, and `has-interval`, which holds a drawing
and the number beside it.
"""

import math
from collections.abc import Iterable

Span = tuple[float, float]


def frame(values: Iterable[float]) -> Span:
    """Return the ends of an axis that holds the values and zero, with some room."""
    found = [0.0, *values]
    room = 0.03 * ((max(found) - min(found)) or 1.0)
    return min(found) - room, max(found) + room


def place(value: float, span: Span) -> str:
    """Return where a value is between the ends of an axis: "12.5%"."""
    return f"{100 * (value - span[0]) / (span[1] - span[0]):.1f}%"


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers from low to high, two to six."""
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= rough)
    return [step * i for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def axis(span: Span, room: str) -> str:
    """Return the HTML of an axis, which leaves room on the right for the numbers."""
    marks = "".join(
        f'<span style="left:{place(tick, span)}">{f"{tick:g}".replace("-", chr(0x2212))}</span>'
        for tick in ticks(*span)
    )
    return f'<div class="interval-axis" style="{room}" aria-hidden="true">{marks}</div>'


def drawn(mean: float, low: float, high: float, span: Span) -> str:
    """Return the HTML of a dot and its interval, with a line at zero."""
    places = {"zero": 0.0, "mean": mean, "low": low, "high": high}
    style = ";".join(f"--{name}:{place(value, span)}" for name, value in places.items())
    css = "interval" if low > 0 or high < 0 else "interval level"
    return f'<div class="{css}" style="{style}" aria-hidden="true"><i></i></div>'
