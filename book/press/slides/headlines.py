"""The headline of a figure's slide: the figure's own title, above a picture that begins below it."""

from xml.etree import ElementTree

from book.press.translation import catalogs, drawn

TITLE = 10.5  # pixels: what is smaller names an axis, or a line
DESCENT = 0.4  # of a title's last line, in sizes of its type


def of(svg, language="en"):
    """Return the title of a figure, and the view of it below the title; a figure with no title, or several, has ("", "")."""
    root = ElementTree.fromstring(svg)
    blocks = list(drawn.texts(root))
    largest = max(map(drawn.size, (block[0] for block in blocks)), default=0.0)
    titles = [block for block in blocks if drawn.size(block[0]) == largest]
    if len(titles) != 1 or largest < TITLE:
        return "", ""
    (title,) = titles
    bottom = _y(title[-1]) + DESCENT * largest
    if any(_y(text) - largest < bottom for text in root.iter(drawn.TEXT) if text not in title):
        return "", ""
    message, numbers = drawn.message(title)
    words = catalogs.catalog(drawn.CATALOG, language).get(message, message).format(*numbers)
    x, y, width, height = map(float, root.get("viewBox").split())
    view = f"viewBox({x:g},{bottom:g},{width:g},{y + height - bottom:g});preserveAspectRatio(xMidYMin)"  # the room is below
    return " ".join(words.replace("\\n", " ").split()), f"#svgView({view})"


def _y(text):
    return float(text.get("y") or drawn.place(text)[1])
