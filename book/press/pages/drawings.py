"""The SVG files of a figure as a page shows them: with the typeface of the page in them, in light and in dark.

An image knows no fonts of its page, so each file holds the signs of the typeface that the figures of the book need, and those of
Hangul that it needs itself. In the dark one, the book's colors are those of dark pages, what stands for numbers keeps its colors
(a gray image is dimmed), and every other color is mixed again: it is read as a mixture with whiteness w = min(r, g, b) and
blackness 1 - max(r, g, b) (Smith & Lyons 1996, HWB); its white gives way to the page, its black becomes the page's text color, and
the hue stays. Opened by itself, at #full, a figure fills the window. In another edition than the English one its words are
those of the catalog `figures` (see `book.press.translation.drawn`), in the typeface of that edition.
"""

import base64
import functools
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from book.press.address import ROOT
from book.press.notebooks.figures import store
from book.press.notebooks.figures.kernel import FAMILY, KEPT, OUTLINED
from book.press.pages import fonts
from book.press.translation import catalogs, drawn

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)
PALETTE = (Path(__file__).parents[1] / "static" / "palette.css").read_text(encoding="utf-8")
VARIABLE = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})")
LIGHT, DARK = (dict(VARIABLE.findall(part)) for part in PALETTE.split('html[data-theme="dark"]')[:2])
# A color of the book, as it is in light, and what it is on a dark page.
ON_DARK = {LIGHT[name]: DARK[name] for name in LIGHT if re.match("is-|book-ink|book-paper", name) and name in DARK}
OUTLINE = f"[id^={OUTLINED}]{{paint-order:stroke;stroke:#fff;stroke-width:2.5;stroke-linejoin:round}}"
DIM = "0.66"  # the opacity of gray images on a dark page
PAINT = re.compile(r"((?:fill|stroke):\s*)(#[0-9a-f]{3,6})\b", re.I)


def of(png: str) -> tuple[Path, Path | None] | None:
    """Return the files of the figure whose PNG has this SHA-256: the wide one, and the narrow one or None; or None for no files."""
    wide, narrow = (stored().get(png[:16] + end) for end in ("", "-narrow"))
    return wide and (wide, narrow)


@functools.cache
def stored() -> dict[str, Path]:
    """Return the stored figures by the stems of their names."""
    return {path.stem: path for path in ROOT.glob("chapters/*/figures/*/*.svg")}


def size(svg: str) -> tuple[int, int]:
    """Return the width and the height of a picture in pixels."""
    width, height = (float(re.search(rf'<svg[^>]*? {name}="([\d.]+)', svg)[1]) for name in ("width", "height"))
    return round(width), round(height)


def has_map(svg: str) -> bool:
    """Return True if something in it keeps its colors on a dark page."""
    return f'id="{KEPT}' in svg


def for_page(svg: str, scheme: str, language: str = "en") -> str:
    """Return a stored picture as a page of the "light" or the "dark" scheme shows it."""
    root = ElementTree.fromstring(svg)
    if language != "en":
        drawn.translate(root, language, measure("en"), measure(language))
        for text in root.iter(drawn.TEXT):  # the parts of a formula stand where their own typeface wants them
            text.set("style", text.get("style", "").replace(FAMILY[0], store.TYPEFACES[language][0]))
    if scheme == "dark":
        darken(root)
        root.set("fill", on_dark("#000"))  # what has no color is black
        for image in filter(is_gray, root.iter(f"{{{SVG}}}image")):
            image.set("opacity", DIM)
    root.set("id", "full")
    style = ElementTree.Element(f"{{{SVG}}}style")
    style.text = (
        f"#full:target{{width:100vw;height:100vh;background:{(DARK if scheme == 'dark' else LIGHT)['book-paper']}}}"
        + (OUTLINE if OUTLINED in svg else "")
        + faces(root, language)
    )
    root.insert(0, style)
    return ElementTree.tostring(root, encoding="unicode")


def darken(element: ElementTree.Element) -> None:
    """Give an element and all in it the colors of a dark page, but for what keeps its own."""
    if element.get("id", "").startswith(KEPT):
        element.set("fill", "#000")
        return
    for name in ("style", "fill", "stroke"):
        if name in element.attrib:
            whole = element.get(name) if name == "style" else f"{name}:{element.get(name)}"
            painted = PAINT.sub(lambda found: found[1] + on_dark(found[2]), whole)
            element.set(name, painted if name == "style" else painted.removeprefix(f"{name}:"))
    for child in element:
        darken(child)


def pixels(image: ElementTree.Element) -> np.ndarray:
    """Return the pixels of an image in a picture, from 0 to 1, of shape (rows, columns, 4)."""
    data = base64.b64decode(image.get(f"{{{XLINK}}}href").partition("base64,")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")) / 255


def is_gray(image: ElementTree.Element) -> bool:
    """Return True if an image has no hue: its white stands for a number, or for paper, and would shine on a dark page."""
    return bool(np.ptp(pixels(image)[..., :3], axis=2).max() < 0.02)


@functools.cache
def on_dark(color: str) -> str:
    """Return what a color becomes on a dark page, as #rrggbb."""
    color = color.lower() if len(color) == 7 else "#" + "".join(2 * digit for digit in color[1:].lower())
    if color in ON_DARK:
        return ON_DARK[color]
    rgb, paper, ink = (
        np.frombuffer(bytes.fromhex(c[1:]), np.uint8) / 255 for c in (color, DARK["book-paper"], DARK["book-ink"])
    )
    white, black = rgb.min(), 1 - rgb.max()
    mixed = np.minimum(rgb - white + black * ink, 1 - white) + white * paper
    return "#" + bytes(np.rint(255 * mixed).astype(int).tolist()).hex()


def faces(root: ElementTree.Element, language: str = "en") -> str:
    """Return the CSS that brings the signs of a picture's texts in the typeface, regular and bold where there is any."""
    rules = []
    for (own, weight), wanted in sorted(signs(root, language).items()):
        if wanted - set(" \n"):
            if own == "en":  # one cut for all figures is made in no time; the Hangul of all would be too heavy
                wanted |= of_all()[own, weight]
            font = base64.b64encode(subset(own, weight, "".join(sorted(wanted)))).decode()
            source = f"src:url(data:font/woff2;base64,{font})"
            rules.append(f'@font-face{{font-family:"{store.TYPEFACES[own][0]}";font-weight:{weight};{source}}}')
    return "".join(rules)


def signs(root: ElementTree.Element, language: str = "en") -> dict[tuple[str, int], set[str]]:
    """Return the signs of a picture's texts, by the edition whose typeface they are in and by the weight."""
    found: dict[tuple[str, int], set[str]] = {(own, weight): set() for own in {language, "en"} for weight in (400, 700)}
    for text in root.iter(drawn.TEXT):
        own = language if store.TYPEFACES[language][0] in text.get("style", "") else "en"
        for part in text.iter():
            bold = re.search(r"font(?:-weight)?:[^;]*\b(bold|700)\b", part.get("style", ""))
            found[own, 700 if bold else 400] |= set("".join(part.itertext()))
    return found


@functools.cache
def of_all() -> dict[tuple[str, int], set[str]]:
    """Return the signs of all stored figures."""
    each = [signs(ElementTree.parse(path).getroot()) for path in stored().values()]
    return {key: set().union(*(found[key] for found in each)) for key in signs(ElementTree.Element("svg"))}


@functools.cache
def measure(language: str) -> drawn.Measure:
    """Return what measures a text in the regular typeface of an edition: its width in sizes of the type."""
    from fontTools.ttLib import TTFont

    with TTFont(store.fonts(language)[0]) as font:
        per_size, signs = font["head"].unitsPerEm, font.getBestCmap()
        widths = {sign: font["hmtx"][name][0] / per_size for sign, name in signs.items()}
    return lambda text: sum(widths.get(ord(sign), 0.6) for sign in text)


@functools.cache
def subset(language: str, weight: int, letters: str) -> bytes:
    """Return the WOFF2 of these signs of the typeface of an edition."""
    return cut(io.BytesIO(small(language, weight)), letters, "woff2")


@functools.cache
def small(language: str, weight: int) -> bytes:
    """Return a typeface without the letters that no figure has: to read it all takes a second."""
    words = (words for name in (drawn.CATALOG, catalogs.SITE) for words in catalogs.catalog(name, language).values())
    said = set().union(*words)
    return cut(store.fonts(language)[weight == 700], "".join(sorted(fonts.LATIN | said | of_all()["en", 400])))


def cut(file: str | io.BytesIO, letters: str, flavor: str | None = None) -> bytes:
    """Return a font that has these letters alone."""
    from fontTools import subset as fonttools

    options = fonttools.Options(flavor=flavor, layout_features=["kern", "mark"], name_IDs=[1, 2], notdef_outline=False)
    font = fonttools.load_font(file, options)
    subsetter = fonttools.Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    buffer = io.BytesIO()
    fonttools.save_font(font, buffer, options)
    return buffer.getvalue()
