"""Play a device as a reader does: by mouse, by touch, or by keyboard."""

import re
import shutil
from contextlib import contextmanager

import browsing
import pytest
from test_devices import page_of

from book.press.pages import devices
from book.press.translation import javascript

WAYS = pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280, "scheme": "dark"}),
        ("touch", {"width": 390, "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360, "reduced_motion": "reduce"}),
    ],
)


@contextmanager
def site_of(folder, *names):
    """Serve a page for each of these devices; give the address."""
    shutil.copytree(devices.STATIC, folder / "_static")
    javascript.write(folder / "_static", "en")
    for name in names:
        (folder / f"{name}.html").write_text(page_of((name, "")), encoding="utf-8")
    with browsing.served(folder) as address:
        yield address


def answer_of(root, path, name):
    """Return the text of the answer of a device in its lesson, in one line."""
    text = (root / "chapters" / path).read_text(encoding="utf-8")
    box = text[text.index(f":class: device {name}") :]
    return re.sub(r"\s+", " ", re.search(r":::\{dropdown\} Answer\n(.*?)\n:::", box, re.S)[1])


def says(page, text):
    """Wait until the device of the page says the text, in which "…" stands for any words; return what it says."""
    return browsing.says(page.locator(".device-say"), text)


def shows(plot, text):
    """Wait until a plot has this name, in which "…" stands for any words."""
    browsing.eventually(lambda: plot.get_attribute("aria-label"), browsing.like(text))


def becomes(opened, address, said):
    """Open a page whose address has an impossible state; the device has put itself into the nearest, and says so."""
    page = opened(address)
    says(page, f"{said}…")
    assert not page.complaints


def press(page, play, name):
    button = page.get_by_role("button", name=name, exact=True)
    {"mouse": button.click, "touch": button.tap, "keyboard": lambda: button.press("Enter")}[play]()


def point(page, play, plot, share, keys):
    """Go to a share of the width of a plot's axes, or press the keys there."""
    if play == "keyboard":
        for key in keys:
            plot.press(key)
        return
    frame = browsing.frame_of(plot)
    at = frame["x"] + 50 + share * (frame["width"] - 62), frame["y"] + frame["height"] / 2
    (page.mouse.click if play == "mouse" else page.touchscreen.tap)(*at)


def ended(page, play, options):
    """Check what holds for every device after it has been played: it is in the address, fits the page, and shuts no one out."""
    browsing.fits(page)
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    browsing.settle(page)
    said = says(page, "…")
    page.reload()
    says(page, said)
    assert not page.complaints
