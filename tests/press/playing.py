"""Pages with devices alone, and a reader who plays them: by mouse, by touch, or by keyboard."""

import browsing
from browsing import eventually
from bs4 import BeautifulSoup, Comment
from docutils import nodes
from docutils.core import publish_from_doctree
from docutils.utils import new_document

from book.press.pages import devices
from book.press.pages.figures import drawing

PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Devices</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>html[data-theme=light] { --pst-color-background: #fff; --pst-color-text-base: #222832; --pst-color-text-muted: #48566b }
html[data-theme=dark] { --pst-color-background: #14181e; --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af }
body { background: var(--pst-color-background); color: var(--pst-color-text-base); margin: 12px }</style>
<link rel="stylesheet" href="_static/palette.css"><link rel="stylesheet" href="_static/type.css"><link rel="stylesheet" href="_static/frame.css"><link rel="stylesheet" href="_static/book.css"><link rel="stylesheet" href="_static/device.css"><script>
const dark = matchMedia("(prefers-color-scheme: dark)");
(dark.onchange = () => document.documentElement.dataset.theme = dark.matches ? "dark" : "light")();
</script></head><body class="bd-article"><main><h1>Devices</h1>BOXES</main><script defer src="_static/book.js"></script></body></html>"""
BOX = """<div class="admonition device NAME"><p class="admonition-title">A device</p><p>What one does.</p><!-- SETTINGS -->
<p><strong>Question.</strong> What does one see?</p><details><summary>Answer</summary><p>This.</p></details></div>"""
FIGURE = '<div class="cell"><img alt="" src="data:,"></div>'
NAMES = sorted(path.stem for path in (devices.STATIC / "devices").glob("*.js"))
PLAIN = {"output_encoding": "unicode", "math_output": "MathML", "embed_stylesheet": False, "stylesheet_path": ""}


# ---- Pages


def node_of(element):
    """Return what Sphinx makes of an element."""
    if element.name != "p":
        text = f"<!-- {element.strip()} -->" if isinstance(element, Comment) else str(element)
        return nodes.raw("", text, format="html")
    kind = nodes.title if "class" in element.attrs else nodes.paragraph
    asks = [nodes.strong("", element.strong.text)] if element.strong else []
    return kind("", "", *asks, nodes.Text(list(element.strings)[-1]))


def marked(content, page="page", language="en"):
    """Return the HTML that the build makes of some content: boxes become admonitions, as Sphinx has them, and all else stays as it is."""
    document = new_document("page")
    document += nodes.section("", ids=["s"])
    for element in BeautifulSoup(content, "html.parser").find_all(True, recursive=False):
        classes = element.get("class", [])
        if "admonition" in classes:
            made = nodes.admonition(classes=classes[1:])
            made.extend(node_of(child) for child in element.children if str(child).strip())
        else:
            made = nodes.container(classes=classes)
            own = drawing() if element.picture else node_of(element)
            made += nodes.image(uri="data:,", alt="") if element.img else own
        document[0] += made
    devices.mark(document, page, language)
    for node in list(document.findall(drawing)):
        node.replace_self(nodes.raw("", "", format="html"))  # which the writer knows
    html = BeautifulSoup(publish_from_doctree(document, writer="html5", settings_overrides=PLAIN), "html.parser")
    return html.section or html.main


def box(name, settings=""):
    return BOX.replace("NAME", name).replace("SETTINGS", settings)


def page_of(*boxes):
    """Return a page with these devices alone: pairs of a name and its settings."""
    content = FIGURE + "".join(box(*one) for one in boxes)
    return PAGE.replace("BOXES", marked(content).decode_contents())


PAGES = {
    **{name: [(name, "")] for name in NAMES},
    "choose": [("choose", "d=1&round=5")],
    "figure": [("choose replaces", "d=1")],
    "two": [("choose", "round=5"), ("choose", "round=8&belief=1")],
    "loop": [("think", "tried=198-90-111&line=0&learn=1")],
    "explosion": [("explosion", "k=5&d=6")],
    "all": [(name, "") for name in NAMES],
}


def write_pages(folder):
    """Write a page for each device, and some with several."""
    for name, boxes in PAGES.items():
        (folder / f"{name}.html").write_text(page_of(*boxes), encoding="utf-8")


# ---- The reader

WAYS = {
    "mouse": {"width": 1280, "scheme": "dark"},
    "touch": {"width": 390, "has_touch": True, "is_mobile": True},
    "keyboard": {"width": 360, "reduced_motion": "reduce"},
}


class Reader:
    """Plays a device in one of the three ways. Each step returns the reader, for the next one; what is seen is waited for."""

    def __init__(self, opened, way):
        self.opened, self.way, self.options = opened, way, WAYS[way]

    def opens(self, address, **options):
        self.options = {**self.options, **options}
        self.page = self.opened(address, **self.options)
        self.say, self.plots = self.page.locator(".device-say"), self.page.locator("svg.device-plot")
        eventually(self.say.inner_text)  # its elements are there a moment before
        return self

    # Moves

    def act(self, control, key):
        {"mouse": control.click, "touch": control.tap, "keyboard": lambda: control.press(key)}[self.way]()
        return self

    def press(self, name, times=1):
        for _ in range(times):
            self.act(self.page.get_by_role("button", name=name, exact=True), "Enter")
        return self

    def tick(self, name):
        return self.act(self.page.get_by_role("checkbox", name=name), "Space")

    def slide(self, name, *keys):
        for key in keys:
            self.page.get_by_role("slider", name=name).press(key)
        return self

    def choose(self, name, option):
        self.page.get_by_role("combobox", name=name, exact=True).select_option(option)
        return self

    def more(self):
        self.page.get_by_text("More settings").click()
        return self

    def at(self, x, y):
        """Click or tap a point of the window."""
        (self.page.mouse.click if self.way == "mouse" else self.page.touchscreen.tap)(x, y)
        return self

    def keys(self, number, *keys):
        for key in keys:
            self.plots.nth(number).press(key)
        return self

    def point(self, number, share, *keys):
        """Go to a share of the width of a plot's axes; or press the keys there."""
        if self.way == "keyboard":
            return self.keys(number, *keys)
        frame = browsing.frame_of(self.plots.nth(number))
        return self.at(frame["x"] + 50 + share * (frame["width"] - 62), frame["y"] + frame["height"] / 2)

    def drag(self, first, *others):
        """Drag the mouse, or a finger, along points of the window."""
        if self.way != "touch":
            self.page.mouse.move(*first)
            self.page.mouse.down()
            for point in others:
                self.page.mouse.move(*point)
            self.page.mouse.up()
            return self
        session = self.page.context.new_cdp_session(self.page)
        for kind, (x, y) in zip(["touchStart", *["touchMove"] * len(others)], [first, *others], strict=True):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return self

    def passes(self, milliseconds):
        """Let time pass, of a clock that has been stopped."""
        self.page.clock.run_for(milliseconds)
        return self

    # What is seen

    def tells(self, *facts):
        browsing.tells(self.say, *facts)
        return self

    def shows(self, number, *facts):
        """A plot has a name that tells the facts."""
        eventually(lambda: self.plots.nth(number).get_attribute("aria-label"), browsing.telling(*facts))
        return self

    def counts(self, wanted):
        """There are so many elements of each kind."""
        for kind, count in wanted.items():
            eventually(self.page.locator(kind).count, count)
        return self

    def addressed(self, text):
        browsing.addressed(self.page, text)
        return self

    def has(self, name):
        """There is a button of this name."""
        self.page.get_by_role("button", name=name, exact=True).wait_for()
        return self

    def rows(self):
        """Return the cells of the device's table."""
        return [row.split("\t") for row in self.page.locator(".device-table").inner_text().split("\n") if "\t" in row]

    def ends(self, barriers=False):
        """Check what holds for every device after it has been played: it fits the page, shuts no one out, and is in the address."""
        browsing.fits(self.page)
        if barriers or self.way != "keyboard":
            assert not browsing.barriers(self.page, self.options.get("scheme", "light"))
        browsing.settle(self.page)
        said = self.say.inner_text()
        self.page.reload()
        eventually(self.say.inner_text, said)
        assert not self.page.complaints
        return self


def state_of(page, name):
    """Return what the address says of a device."""
    text = page.evaluate("decodeURIComponent(location.hash)").removeprefix(f"#{name}:")
    return dict(pair.split("=") for pair in text.split("&") if pair)


def middle(locator):
    frame = browsing.frame_of(locator)
    return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
