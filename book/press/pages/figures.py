"""A Sphinx extension: a figure keeps its place while it loads, leads to its full size, and has a twin for dark pages.

The page shows the SVG files that are stored for the PNG of a notebook (see `book.press.notebooks.figures`), in two widths and two
schemes. An image is replaced by them while its page is read, so that Sphinx does not copy the PNG.
"""

import html
import os
import posixpath
import re
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx.transforms import SphinxTransform

from book.press.pages import drawings
from book.press.translation import catalogs, drawn

PHONE = "(max-width: 575.98px)"  # as in book.css
TAG = """<a class="full-size{css}" href="{href}#full" title="{title}">{picture}</a>"""
PICTURE = """<img alt="{alt}" class="figure {css}" height="{height}" loading="lazy" src="{src}" width="{width}"/>"""
NARROW = """<picture><source height="{height}" media="{media}" srcset="{src}" width="{width}"/>{wide}</picture>"""
SHADES = re.compile(
    r"(?<!\.)\b(?:(?i:dark|bright|pale|light)(?:er|est)?|(?:[Bb]lack|[Ww]hite)(?![\"']))\b"
)  # color="black", BLACK and plots.darker are no such words


class drawing(nodes.General, nodes.Inline, nodes.Element):
    """A figure: the paths of its wide and its narrow SVG, the latter or None, and its alt text."""


class Drawings(SphinxTransform):
    """Put a drawing in place of each image that has one: a PNG by its name, and an SVG, which is one."""

    default_priority = 500  # when the alt texts are translated

    def apply(self, **_):
        if self.app.builder.name == "gettext":  # it takes the alt text of an image
            return
        words = catalogs.folder(self.config.language) / f"{drawn.CATALOG}.po"
        for image in list(self.document.findall(nodes.image)):
            uri = image["uri"]
            stored = (Path(self.env.relfn2path(uri)[1]), None) if uri.endswith(".svg") else drawings.of(Path(uri).stem)
            if stored:
                image.replace_self(drawing(alt=image.get("alt", ""), wide=stored[0], narrow=stored[1]))
                for path in filter(Path.exists, filter(None, (*stored, words))):
                    self.env.note_dependency(str(path))


def visit(translator, node: drawing) -> None:
    """Write a figure with its size, its link and its twin, and the files that it consists of."""
    builder, alt = translator.builder, node["alt"]
    folder = Path(builder.outdir, builder.imagedir)
    folder.mkdir(parents=True, exist_ok=True)
    language = builder.config.language
    _ = catalogs.gettext(language)
    title = _("Open in full size")
    for css, wide, narrow in shown(node["wide"], node["narrow"], f"{alt} {_around(node)}", folder, language):
        pictures = [
            {"src": posixpath.join(builder.imgpath, quote(file)), "width": width, "height": height}
            for file, (width, height) in filter(None, (wide, narrow))
        ]
        picture = PICTURE.format(alt=html.escape(alt), css=css, **pictures[0])
        if narrow:
            picture = NARROW.format(media=PHONE, wide=picture, **pictures[1])
        classes = ("" if css == "paper" else f" {css}") + ("" if narrow else " scrolls")
        translator.body.append(TAG.format(css=classes, href=pictures[0]["src"], title=title, picture=picture))
    raise nodes.SkipNode


def shown(wide: Path, narrow: Path | None, words: str, folder: Path, language: str) -> list[tuple]:
    """Return the class, and the file and the size of the wide and the narrow SVG, in each scheme; the files are written.

    A figure that has no map gets no twin where `words` would not be true of it.
    """
    texts = [path and path.read_text(encoding="utf-8") for path in (wide, narrow)]
    twin = drawings.has_map(texts[0]) or not SHADES.search(words)
    found = []
    for scheme, css in (("light", "only-light"), ("dark", "only-dark")) if twin else (("light", "paper"),):
        pictures: list = []
        for path, text in zip((wide, narrow), texts, strict=True):
            name = path and f"{path.stem}{'-dark' if scheme == 'dark' else ''}.svg"
            pictures.append(path and (name, drawings.size(text)))
            if path:
                _write(folder / name, drawings.for_page(text, scheme, language))
        found.append((css, *pictures))
    return found


def _around(node: nodes.Node) -> str:
    """Return the words of the cell that has drawn a picture, its program among them."""
    while node := node.parent:
        if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
            return node.astext()
    return ""


def _write(path: Path, text: str) -> None:
    """Save a file whole or not at all: two processes may want it at once."""
    half = path.with_suffix(f".{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def setup(app):
    app.add_node(drawing, html=(visit, None))
    app.add_transform(Drawings)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
