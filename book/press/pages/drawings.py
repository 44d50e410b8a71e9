"""The SVG files of a figure as a page shows them: with the typeface of the page in them, in light and in dark.

An image knows no fonts of its page, so each file holds those signs of the typeface that it needs. In the dark one, the book's
colors are those of dark pages, every other color is mixed as a pixel of a twin would be (see `dark`), and what stands for numbers
keeps its colors. Opened by itself, at #full, a figure fills the window. In another edition than the English one its words are
those of the catalog `figures` (see `book.press.translation.drawn`), in the typeface of that edition.
"""

import base64
import functools
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from book.press.address import ROOT
from book.press.notebooks.figures import store
from book.press.notebooks.figures.kernel import FAMILY, KEPT, OUTLINED
from book.press.pages import dark, fonts
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
PAINT = re.compile(r"((?:fill|stroke):\s*)(#[0-9a-f]{3,6})\b", re.I)


def of(png: str) -> tuple[Path, Path | None] | None:
    """Return the files of the figure whose PNG has this SHA-256: the wide one, and the narrow one or None; or None for no files."""
    wide = _files().get(png[:16])
    narrow = wide and wide.with_name(f"{wide.stem}-narrow.svg")
    return wide and (wide, narrow if narrow.exists() else None)


@functools.cache
def _files() -> dict[str, Path]:
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


@functools.cache
def on_dark(color: str) -> str:
    """Return what a color becomes on a dark page, as #rrggbb."""
    color = color.lower() if len(color) == 7 else "#" + "".join(2 * digit for digit in color[1:].lower())
    if color in ON_DARK:
        return ON_DARK[color]
    rgb, paper = (np.frombuffer(bytes.fromhex(c[1:]), np.uint8) / 255 for c in (color, DARK["book-paper"]))
    *hue, alpha = dark.on_dark(rgb.reshape(1, 1, 3))[0, 0]
    mixed = alpha * np.array(hue) + (1 - alpha) * paper
    return "#" + bytes(np.rint(255 * mixed).astype(int).tolist()).hex()


def faces(root: ElementTree.Element, language: str = "en") -> str:
    """Return the CSS that brings the signs of a picture's texts in the typeface, regular and bold where there is any."""
    signs: dict[tuple[str, int], set[str]] = {(own, weight): set() for own in {language, "en"} for weight in (400, 700)}
    for text in root.iter(drawn.TEXT):
        own = language if store.TYPEFACES[language][0] in text.get("style", "") else "en"
        for part in text.iter():
            bold = re.search(r"font(?:-weight)?:[^;]*\b(bold|700)\b", part.get("style", ""))
            signs[own, 700 if bold else 400] |= set("".join(part.itertext()))
    rules = []
    for (own, weight), wanted in sorted(signs.items()):
        if wanted - set(" \n"):
            file = store.fonts(own)[weight == 700]
            font = base64.b64encode(subset(file, "".join(sorted(wanted)))).decode()
            source = f"src:url(data:font/woff2;base64,{font})"
            rules.append(f'@font-face{{font-family:"{store.TYPEFACES[own][0]}";font-weight:{weight};{source}}}')
    return "".join(rules)


@functools.cache
def measure(language: str) -> drawn.Measure:
    """Return what measures a text in the regular typeface of an edition: its width in sizes of the type."""
    from fontTools.ttLib import TTFont

    with TTFont(store.fonts(language)[0]) as font:
        per_size, signs = font["head"].unitsPerEm, font.getBestCmap()
        widths = {sign: font["hmtx"][name][0] / per_size for sign, name in signs.items()}
    return lambda text: sum(widths.get(ord(sign), 0.6) for sign in text)


@functools.cache
def subset(file: str, signs: str) -> bytes:
    """Return the WOFF2 of these signs of a font."""
    return cut(io.BytesIO(small(file)), signs, "woff2")


@functools.cache
def small(file: str) -> bytes:
    """Return a font without the Hangul that no figure has: to read it all takes a second."""
    said = {sign for words in catalogs.catalog(drawn.CATALOG, "ko").values() for sign in words}
    return cut(file, "".join(sorted(fonts.has(Path(file)) - (fonts.HANGUL - said))))


def cut(file: str | io.BytesIO, signs: str, flavor: str | None = None) -> bytes:
    """Return a font that has these signs alone."""
    from fontTools import subset as fonttools

    options = fonttools.Options(flavor=flavor, layout_features=["kern", "mark"], name_IDs=[1, 2], notdef_outline=False)
    font = fonttools.load_font(file, options)
    subsetter = fonttools.Subsetter(options)
    subsetter.populate(text=signs)
    subsetter.subset(font)
    buffer = io.BytesIO()
    fonttools.save_font(font, buffer, options)
    return buffer.getvalue()
