"""A Sphinx extension: a figure keeps its place while it loads, leads to its full size, and has a twin for dark pages.

Where its SVG is stored (see `book.press.notebooks.figures`), the page shows that, in two widths; elsewhere the PNG of the notebook.
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

from book.press.address import ROOT
from book.press.notebooks import freshness
from book.press.notebooks.figures import store
from book.press.pages import dark, drawings
from book.press.translation import catalogs, drawn

KEPT = Path(__file__).parents[2] / "_build" / "figures"
PHONE = "(max-width: 575.98px)"  # as in book.css
TAG = """<a class="full-size{css}" href="{href}" title="{title}">{picture}</a>"""
PICTURE = """<img alt="{alt}" class="figure {css}" height="{height}" loading="lazy" src="{src}" width="{width}"/>"""
NARROW = """<picture><source height="{height}" media="{media}" srcset="{src}" width="{width}"/>{wide}</picture>"""


def visit(translator, node: nodes.image) -> None:
    """Write a figure of the book with its size, its link and its twin; leave any other picture to the theme."""
    builder, uri = translator.builder, node["uri"]
    if uri not in builder.images or not uri.endswith(".png"):
        type(translator).visit_image(translator, node)
        return
    alt = node.get("alt", "")
    words = f"{alt} {_around(node)}"
    folder = Path(builder.outdir, builder.imagedir)
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(builder.images[uri])
    stored = drawings.of(hashlib.sha256(Path(builder.srcdir, uri).read_bytes()).hexdigest())
    language = builder.config.language
    shown = (
        _drawings(*stored, words, folder, language)
        if stored
        else _pixels(Path(builder.srcdir, uri), name, words, folder)
    )
    _ = catalogs.gettext(language)
    title = _("Open in full size")
    for css, wide, narrow in shown:
        pictures = [
            {"src": posixpath.join(builder.imgpath, quote(file)), "width": width, "height": height}
            for file, (width, height) in filter(None, (wide, narrow))
        ]
        picture = PICTURE.format(alt=html.escape(alt), css=css, **pictures[0])
        if narrow:
            picture = NARROW.format(media=PHONE, wide=picture, **pictures[1])
        classes = ("" if css == "paper" else f" {css}") + (" scrolls" if stored and not narrow else "")
        href = pictures[0]["src"] + ("#full" if stored else "")
        translator.body.append(TAG.format(css=classes, href=href, title=title, picture=picture))


def _pixels(file: Path, name: Path, words: str, folder: Path) -> list[tuple]:
    """Return the class, the file and the size of a PNG, and of its twin if it has one, which is written."""
    size = Image.open(file).size
    twin = dark_twin(file, words, KEPT)
    if not twin:
        return [("paper", (name.name, size), None)]
    shutil.copyfile(twin, folder / f"{name.stem}-dark.png")
    return [("only-light", (name.name, size), None), ("only-dark", (f"{name.stem}-dark.png", size), None)]


def _drawings(wide: Path, narrow: Path | None, words: str, folder: Path, language: str) -> list[tuple]:
    """Return the class, and the file and the size of the wide and the narrow SVG, in each scheme; the files are written."""
    texts = [path and path.read_text(encoding="utf-8") for path in (wide, narrow)]
    twin = drawings.has_map(texts[0]) or not dark.SHADES.search(words)
    shown = []
    for scheme, css in (("light", "only-light"), ("dark", "only-dark")) if twin else (("light", "paper"),):
        pictures: list = []
        for path, text in zip((wide, narrow), texts, strict=True):
            name = path and f"{path.stem}{'-dark' if scheme == 'dark' else ''}.svg"
            pictures.append(path and (name, drawings.size(text)))
            if path:
                content = drawings.for_page(text, scheme, language)
                _write(folder / name, lambda file, content=content: file.write_text(content, encoding="utf-8"))
        shown.append((css, *pictures))
    return shown


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
    half = path.with_name(f"{path.stem}.{os.getpid()}{path.suffix}")
    save(half)
    half.replace(path)


def _key(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def on_env_get_outdated(app, env, added, changed, removed) -> list[str]:
    """Return the pages whose stored drawings, or the words of these, are not those of the last build."""
    pages = [doc for doc in env.found_docs if doc.startswith("chapters/")]
    stored = {doc: list(store.folder(ROOT / f"{doc}.ipynb").glob("*.svg")) for doc in pages}
    words = catalogs.folder(app.config.language) / f"{drawn.CATALOG}.po"
    now = {doc: freshness.digest(ROOT, [*files, words] if files else []) for doc, files in stored.items()}
    before, env.drawings = getattr(env, "drawings", {}), now
    return [doc for doc in pages if now[doc] != before.get(doc, freshness.digest(ROOT, []))]


def setup(app):
    app.add_node(nodes.image, override=True, html=(visit, depart))
    app.connect("env-get-outdated", on_env_get_outdated)
    app.connect("build-finished", on_build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def on_build_finished(app, exception):
    """Make the copied pictures lean."""
    if exception is None and app.builder.name == "html":
        for name in app.builder.images.values():
            if name.endswith(".png"):
                make_lean(Path(app.outdir, app.builder.imagedir, name), KEPT)
