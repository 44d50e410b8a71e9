"""A figure's twin for dark pages, made of its PNG: what was white lets the page through, what was black is light.

A pixel is read as a mixture, with whiteness w = min(r, g, b) and blackness b = 1 - max(r, g, b) (Smith & Lyons 1996, HWB).
White gives way to the page (alpha = 1 - w), black becomes the page's text color, and the hue stays: the blue strategy is blue
on both pages. A map keeps its own colors, because there "dark" and "bright" mean small and large; it differs from lines, bars
and bands by being filled with many colors, none of which prevails. A figure whose words speak of dark and bright, and which holds
no map, gets no twin: the page then shows it as it is, on white paper.
"""

import re
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

INK = np.array([0xD5, 0xDB, 0xE1]) / 255  # the text of the dark page
TILE = 8  # pixels
SHADES = re.compile(
    r"(?<!\.)\b(?:(?i:dark|bright|pale|light)(?:er|est)?|(?:[Bb]lack|[Ww]hite)(?![\"']))\b"
)  # color="black", BLACK and plots.darker are no such words


def twin(png: Path, to: Path) -> None:
    """Write the twin of a figure."""
    drawn(png)[0].save(to, optimize=True)


def drawn(png: Path) -> tuple[Image.Image, bool]:
    """Return the twin of a figure, and True if a map keeps its colors there."""
    rgb = np.asarray(Image.open(png).convert("RGBA"), dtype=float) / 255
    rgb = rgb[..., :3] * rgb[..., 3:] + 1 - rgb[..., 3:]  # on white paper
    kept, dark = maps(rgb), on_dark(rgb)
    for rows, columns in kept:
        dark[rows, columns, :3], dark[rows, columns, 3] = rgb[rows, columns], 1.0
    image = Image.fromarray(np.rint(255 * dark).astype(np.uint8), "RGBA")
    return image.quantize(256, method=Image.Quantize.FASTOCTREE), bool(kept)


def on_dark(rgb: np.ndarray) -> np.ndarray:
    """Return RGBA of shape (height, width, 4) for RGB on white of shape (height, width, 3), all in [0, 1]."""
    white, black = rgb.min(axis=2, keepdims=True), 1 - rgb.max(axis=2, keepdims=True)
    alpha = 1 - white
    hue = (rgb - white + black * INK) / np.maximum(alpha, 1e-9)
    return np.concatenate([np.clip(hue, 0, 1), alpha], axis=2)


def maps(rgb: np.ndarray) -> list[tuple[slice, slice]]:
    """Return the rectangles, rows and columns, that hold a map, a picture, or a color bar."""
    inked = rgb.min(axis=2) < 0.97
    height, width = (n // TILE for n in inked.shape)
    tiles = inked[: height * TILE, : width * TILE].reshape(height, TILE, width, TILE).mean(axis=(1, 3)) > 0.95
    found = []
    for rows, columns in ndimage.find_objects(ndimage.label(tiles)[0]):
        if tiles[rows, columns].size < 12 or tiles[rows, columns].mean() < (
            0.7 if tiles[rows, columns].size > 400 else 0.88
        ):
            continue
        box = [rows.start * TILE, rows.stop * TILE, columns.start * TILE, columns.stop * TILE]
        if _many_colours(rgb[box[0] : box[1], box[2] : box[3]]):
            found.append(_to_the_edge(inked, box))
    return found


def _many_colours(part: np.ndarray) -> bool:
    """Return True if the three commonest colors, of 4096, cover less than half."""
    codes = (np.minimum(15, part * 16).astype(int) * [256, 16, 1]).sum(axis=2)
    counts = np.sort(np.bincount(codes.ravel()))[::-1]
    return bool(counts[:3].sum() < 0.5 * counts.sum())


def _to_the_edge(inked: np.ndarray, box: list[int]) -> tuple[slice, slice]:
    """Return the box of tiles widened to the last inked row and column."""
    top, bottom, left, right = box
    while top > 0 and inked[top - 1, left:right].mean() > 0.6:
        top -= 1
    while bottom < inked.shape[0] and inked[bottom, left:right].mean() > 0.6:
        bottom += 1
    while left > 0 and inked[top:bottom, left - 1].mean() > 0.6:
        left -= 1
    while right < inked.shape[1] and inked[top:bottom, right].mean() > 0.6:
        right += 1
    return slice(top, bottom), slice(left, right)
