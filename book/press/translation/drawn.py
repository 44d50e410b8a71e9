"""A figure in another language: the words of its SVG, which keeps them as texts, replaced.

A message is one text, on one line, with {0}, {1}, ... for its numbers. A text of several lines is several elements in the
SVG, one below the other. Its translation is broken into lines as long as those of the English, and where it says so itself (\\n).
"""

import itertools
import re
from collections.abc import Callable, Iterator
from math import cos, radians, sin
from xml.etree import ElementTree

from book.press.translation import catalogs

CATALOG = "figures"
TEXT, PART = (f"{{http://www.w3.org/2000/svg}}{name}" for name in ("text", "tspan"))
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?:e-?\d+)?(?!\w)", re.ASCII)  # not that of a name, as in x1
SIZE = re.compile(r"font(?:-size)?:[^;]*?([\d.]+)px")
PLACE = re.compile(r"translate\((\S+) (\S+)\)(?: rotate\((\S+)\))?")
LEADING = 1.2  # from line to line, in sizes of the type
Measure = Callable[[str], float]  # the width of a text, in sizes of the type


def texts(root: ElementTree.Element) -> Iterator[list[ElementTree.Element]]:
    """Yield the elements of each text that has words, one a line. A formula is none."""
    block: list[ElementTree.Element] = []
    for element in root.iter(TEXT):
        if block and not _continues(block[-1], element):
            yield block
            block = []
        if element.find(PART) is None:
            block.append(element)
    yield from [block] if block else []


def _continues(above: ElementTree.Element, element: ElementTree.Element) -> bool:
    """Return True if an element is the next line of the same text."""
    if any("x" in one.attrib or one.find(PART) is not None for one in (above, element)):
        return False  # what has one line stands at x and y
    if above.get("style") != element.get("style"):
        return False
    (a, b, turn), (c, d, other) = place(above), place(element)
    down = turned(c - a, d - b, -turn)[1]
    return turn == other and abs(down - LEADING * size(element)) < 0.02 * size(element)


def size(element: ElementTree.Element) -> float:
    return float(SIZE.search(element.get("style", ""))[1])


def place(element: ElementTree.Element) -> tuple[float, float, float]:
    """Return x, y and the angle in degrees of a line."""
    x, y, angle = PLACE.match(element.get("transform", "")).groups()
    return float(x), float(y), float(angle or 0)


def turned(x: float, y: float, degrees: float) -> tuple[float, float]:
    """Return a point after a turn around the origin, clockwise on the screen."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return c * x - s * y, s * x + c * y


def message(block: list[ElementTree.Element]) -> tuple[str, list[str]]:
    """Return the message of a text, and its numbers."""
    return opened(" ".join(" ".join("".join(line.itertext()) for line in block).split()))


def opened(words: str) -> tuple[str, list[str]]:
    """Return words with {0}, {1}, ... for their numbers, and the numbers."""
    places = itertools.count()
    return NUMBER.sub(lambda _: f"{{{next(places)}}}", words), NUMBER.findall(words)


def translate(root: ElementTree.Element, language: str, old: Measure, new: Measure) -> None:
    """Put the texts of a picture in the language; `old` and `new` measure the English typeface and that of the language."""
    known = catalogs.catalog(CATALOG, language)
    for block in list(texts(root)):
        text, numbers = message(block)
        if text in known:
            say(block, known[text].format(*numbers), old, new)


def say(block: list[ElementTree.Element], words: str, old: Measure, new: Measure) -> None:
    """Let a text say other words, in as many lines as they need, around the same middle and on the same edge."""
    first, *others = block
    if not others:
        first.text = " ".join(words.split())
        return
    points, (x, y, turn) = size(first), place(first)
    starts = [turned(a - x, b - y, -turn)[0] for a, b, _ in map(place, block)]
    widths = [points * old("".join(line.itertext())) for line in block]
    edges = {
        anchor: [start + share * width for start, width in zip(starts, widths, strict=True)]
        for anchor, share in (("start", 0), ("middle", 0.5), ("end", 1))
    }
    anchor = min(edges, key=lambda name: round(max(edges[name]) - min(edges[name])))
    room, most = 1.02 * max(widths) / points, max(len(block), words.count("\n") + 1)
    while len(lines := broken(words, room, new)) > most:
        room *= 1.05
    right, down = sum(edges[anchor]) / len(block), (len(block) - len(lines)) / 2 * LEADING * points
    right, down = turned(right, down, turn)
    first.set("transform", f"translate({x + right:.2f} {y + down:.2f})" + (f" rotate({turn:g})" if turn else ""))
    first.set("style", f"{first.get('style')};text-anchor:{anchor}")
    for element in block:
        element.text = ""
    for number, line in enumerate(lines):
        part = ElementTree.SubElement(first, PART, {"x": "0", "y": f"{number * LEADING * points:.2f}"})
        part.text = line


def broken(words: str, room: float, measure: Measure) -> list[str]:
    """Return the lines of a text, none wider than `room` if its words allow."""
    lines: list[str] = []
    for part in words.split("\n"):
        lines.append("")
        for word in part.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and measure(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
    return lines
