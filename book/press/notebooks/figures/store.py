"""The SVG files of a notebook's figures: chapters/NN_name/figures/NN_lesson/KEY.svg, and KEY-narrow.svg where there is one.

KEY is the beginning of the SHA-256 of the PNG that the notebook holds, so that a file belongs to what the notebook shows, or to
nothing. They are as small as svgo makes them.
"""

import base64
import hashlib
import json
import os
import shutil
import threading
from pathlib import Path

from book.press import npm
from book.press.address import ROOT
from book.press.notebooks.figures import kernel
from book.press.notebooks.pairing import save

FONTS = ROOT / "book" / "_build" / "fonts"
# The typeface of each edition's figures: its family, and its font, regular and bold or the variable one of the pages.
BRICOLAGE = "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-standard-normal.woff2"
PRETENDARD = "pretendard/dist/public/static/alternative/Pretendard-{}.ttf"
TYPEFACES = {"en": (kernel.FAMILY[0], BRICOLAGE), "ko": ("Pretendard", PRETENDARD)}
LEAN = Path(__file__).with_name("lean.cjs")


def key(png: bytes) -> str:
    """Return what the file of a figure is named by."""
    return hashlib.sha256(png).hexdigest()[:16]


def folder(notebook: Path) -> Path:
    """Return where the figures of a notebook are stored; `notebook` is its .md or its .ipynb."""
    return notebook.parent / "figures" / notebook.stem


def fonts(language: str = "en") -> list[str]:
    """Return the files of the typeface, regular and bold, which are made of the variable one where there are none."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    family, file = TYPEFACES[language]
    if file == PRETENDARD:
        return [str(npm.modules() / file.format(name)) for name in ("Regular", "Bold")]
    made = []
    for weight, name in ((400, "Regular"), (700, "Bold")):
        made.append(FONTS / f"{family.split()[0].lower()}-{weight}.ttf")
        if not made[-1].exists():
            font = TTFont(npm.modules() / file, recalcTimestamp=False)
            font = instancer.instantiateVariableFont(font, {"wght": weight, "opsz": 14, "wdth": 100})
            for record, text in ((1, family), (2, name), (6, f"{family.replace(' ', '')}-{name}")):
                font["name"].setName(text, record, 3, 1, 0x409)
            font["OS/2"].usWeightClass, font.flavor = weight, None
            FONTS.mkdir(parents=True, exist_ok=True)
            half = made[-1].with_suffix(f".{os.getpid()}.{threading.get_ident()}")  # others may want it at once
            font.save(half)
            half.replace(made[-1])
    return [str(path) for path in made]


def take(outputs: list) -> list[tuple[dict, dict]]:
    """Take what the kernel has drawn out of a cell's outputs: the data of each output with a figure, and its SVG by width."""
    taken = []
    for output in outputs:
        data = output.get("data", {})
        if kernel.MIME in data:
            drawn = json.loads(data.pop(kernel.MIME))
            if "error" in drawn:
                raise RuntimeError(f"a figure could not be drawn as SVG:\n{drawn['error']}")
            taken.append((data, drawn))
    return taken


def store(notebook: Path, taken: list[tuple[dict, dict]], kept: set[str]) -> bool:
    """Write the figures of a notebook and remove those that it no longer has; return True if a file has changed.

    Those whose key is in `kept` stay as they are stored; a narrow form that one of them has not had is added.
    """
    there, files = folder(notebook), {}
    for data, drawn in taken:
        name = key(base64.b64decode(data["image/png"]))
        for end, text in (("", drawn["wide"]), ("-narrow", drawn["narrow"])):
            if text is not None:
                files[there / f"{name}{end}.svg"] = text
    stay = {path for path in there.glob("*.svg") if path.stem.removesuffix("-narrow") in kept}
    files = {path: text for path, text in files.items() if path not in stay}
    old = [path for path in there.glob("*.svg") if path not in files and path not in stay]
    for path in old:
        path.unlink()
    changed = [save(path, text) for path, text in zip(files, lean(list(files.values())), strict=True)]
    if there.exists() and not any(there.iterdir()):
        shutil.rmtree(there)
    return bool(old) or any(changed)


def lean(pictures: list[str]) -> list[str]:
    """Return the same pictures in fewer bytes."""
    return json.loads(npm.node(LEAN, text=json.dumps(pictures))) if pictures else []
