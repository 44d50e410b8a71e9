"""A Sphinx extension: a figure keeps its place while it loads, leads to its full size, and has a twin for dark pages.

The twins, and the pictures stored again in fewer bytes, are kept by content in book/_build/figures.
"""

import hashlib
import html
import os
import posixpath
import shutil
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from PIL import Image

from book.press.pages import dark
from book.press.translation import catalogs

KEPT = Path(__file__).parents[2] / "_build" / "figures"
TAG = """<a class="full-size{theme}" href="{src}" title="{title}"><img alt="{alt}" class="figure {css}" \
height="{height}" loading="lazy" src="{src}" width="{width}"/></a>"""


def visit(translator, node: nodes.image) -> None:
    """Write a PNG of the book with its size, its link and its twin; leave any other picture to the theme."""
    builder, uri = translator.builder, node["uri"]
    if uri not in builder.images or not uri.endswith(".png"):
        type(translator).visit_image(translator, node)
        return
    file = Path(builder.srcdir, uri)
    name = builder.images[uri]
    _ = catalogs.gettext(builder.config.language)
    width, height = Image.open(file).size
    twin = dark_twin(file, f"{node.get('alt', '')} {_around(node)}", KEPT)
    shown = [(name, "only-light"), (f"{Path(name).stem}-dark.png", "only-dark")] if twin else [(name, "paper")]
    if twin:
        folder = Path(builder.outdir, builder.imagedir)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(twin, folder / shown[1][0])
    for picture, css in shown:
        tag = TAG.format(
            alt=html.escape(node.get("alt", "")),
            src=posixpath.join(builder.imgpath, quote(picture)),
            theme=f" {css}" if twin else "",
            **{"title": _("Open in full size"), "css": css, "width": width, "height": height},
        )
        translator.body.append(tag)


def depart(translator, node: nodes.image) -> None:
    if not (node["uri"] in translator.builder.images and node["uri"].endswith(".png")):
        type(translator).depart_image(translator, node)


def _around(node: nodes.Node) -> str:
    """Return the words of the cell that has drawn a picture, its program among them."""
    while node := node.parent:
        if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
            return node.astext()
    return ""


def dark_twin(file: Path, words: str, folder: Path) -> Path | None:
    """Return the twin of a figure, drawn once; None if `words` would not be true of it."""
    stem = _key(file.read_bytes() + Path(dark.__file__).read_bytes())
    plain, with_map = folder / f"{stem}.png", folder / f"{stem}-map.png"
    if not plain.exists() and not with_map.exists():
        picture, has_map = dark.drawn(file)
        _write(with_map if has_map else plain, lambda path: picture.save(path, optimize=True))
    if with_map.exists():
        return with_map
    return None if dark.SHADES.search(words) else plain


def make_lean(file: Path, folder: Path) -> None:
    """Replace an opaque picture by one without alpha, and with a palette where 256 colors are all: every pixel stays as it is."""
    kept = folder / f"{_key(file.read_bytes())}-lean.png"
    if not kept.exists():
        _write(kept, lambda path: _store_lean(file, path))
    shutil.copyfile(kept, file)


def _store_lean(file: Path, to: Path) -> None:
    image = Image.open(file)
    if image.mode != "RGBA" or image.getextrema()[3] != (255, 255):
        shutil.copyfile(file, to)
        return
    rgb = image.convert("RGB")
    lean = rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=256) if rgb.getcolors(256) else rgb
    exact = lean.convert("RGB").tobytes() == rgb.tobytes()
    (lean if exact else rgb).save(to, optimize=True)


def _write(path: Path, save) -> None:
    """Save a file whole or not at all: two processes may want it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.stem}.{os.getpid()}.png")
    save(half)
    half.replace(path)


def _key(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def setup(app):
    app.add_node(nodes.image, override=True, html=(visit, depart))
    app.connect("build-finished", on_build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def on_build_finished(app, exception):
    """Make the copied pictures lean."""
    if exception is None and app.builder.name == "html":
        for name in app.builder.images.values():
            if name.endswith(".png"):
                make_lean(Path(app.outdir, app.builder.imagedir, name), KEPT)
