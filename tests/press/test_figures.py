"""Figures on the pages: their dark twins, and what is stored of them."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from book.press.pages import dark, figures
from hpt_lab import plots


def as_rgb(colour, size=(4, 4)):
    return np.ones((*size, 3)) * np.array(colour)


def test_white_lets_the_page_through_and_black_becomes_ink():
    assert np.all(dark.on_dark(as_rgb([1, 1, 1]))[..., 3] == 0)
    black = dark.on_dark(as_rgb([0, 0, 0]))
    assert np.allclose(black[..., :3], dark.INK)
    assert np.all(black[..., 3] == 1)


def test_a_hue_stays_and_gets_brighter():
    blue = np.array([0, 0x72, 0xB2]) / 255
    twin = dark.on_dark(as_rgb(blue))[0, 0]
    assert twin[3] == 1
    assert np.argsort(twin[:3]).tolist() == [0, 1, 2]
    assert twin[:3].mean() > blue.mean() + 0.1


def test_a_band_of_blue_on_white_is_a_band_of_blue_on_the_page():
    band = 0.16 * np.array([0, 0x72, 0xB2]) / 255 + 0.84
    twin = dark.on_dark(as_rgb(band))[0, 0]
    assert twin[3] == pytest.approx(0.16)
    assert twin[2] > twin[1] > twin[0]


def test_strategies_that_meet_in_a_figure_look_different_on_a_dark_page():
    page, seen = np.array([0x14, 0x18, 0x1C]) / 255, {}
    for name in ("random", "grid", "genetic", "bayesian", "TPE", "hyperband", "manual", "mine"):
        *hue, alpha = dark.on_dark(as_rgb(to_rgb(plots.color(name))))[0, 0]
        seen[name] = alpha * np.array(hue) + (1 - alpha) * page
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(seen, 2)) > 0.2
    assert np.ptp(seen["random"]) < 0.15  # nearly gray, as on a light page


@pytest.fixture
def plate(tmp_path):
    """Writes a white figure of 200 by 320 pixels, with a map of many colours in the middle, or a black line."""

    def write(with_map):
        rgb = as_rgb([1.0, 1, 1], (200, 320))
        if with_map:
            rgb[37:163, 61:259] = np.random.default_rng(0).uniform(0, 0.9, (126, 198, 3))
        else:
            rgb[100:103, 20:300] = 0
        path = tmp_path / "figure.png"
        Image.fromarray(np.rint(255 * rgb).astype(np.uint8)).save(path)
        return path

    return write


def test_a_map_keeps_its_colours_to_its_very_edge(plate, tmp_path):
    rgb = np.asarray(Image.open(plate(with_map=True))) / 255
    assert dark.maps(rgb) == [(slice(37, 163), slice(61, 259))]
    twin = figures.dark_twin(tmp_path / "figure.png", "dark is good", tmp_path / "kept")
    twin = np.asarray(Image.open(twin).convert("RGBA"))
    assert np.all(twin[37:163, 61:259, 3] == 255)
    assert np.all(twin[:36, :, 3] == 0)


@pytest.mark.parametrize("words", ["the dark dots", "darker = more epochs", "a black line", "(black band: 1 s.d.)"])
def test_a_figure_whose_words_would_be_false_on_a_dark_page_gets_no_twin(plate, tmp_path, words):
    assert figures.dark_twin(plate(with_map=False), words, tmp_path / "kept") is None


@pytest.mark.parametrize(
    "words",
    [
        "a blue band",
        'ax.plot(x, y, color="black")',
        "plots.darker_than",
        "highlights",
        "color=plots.BLACK, lw=1",
        "style.darker(BLUE)",
    ],
)
def test_other_words_allow_a_twin(plate, tmp_path, words):
    assert figures.dark_twin(plate(with_map=False), words, tmp_path / "kept").exists()


def test_a_twin_is_drawn_once_and_its_words_are_asked_each_time(plate, tmp_path, monkeypatch):
    figure, kept = plate(with_map=False), tmp_path / "kept"
    first = figures.dark_twin(figure, "a blue band", kept)
    monkeypatch.setattr(dark, "drawn", None)
    assert figures.dark_twin(figure, "a blue band", kept) == first
    assert figures.dark_twin(figure, "a dark band", kept) is None
    assert list(kept.iterdir()) == [first]


def test_a_lean_picture_is_smaller_and_the_same_in_every_pixel(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    flat = np.full((40, 60, 3), 255, dtype=np.uint8)
    flat[10:20] = [0, 0x72, 0xB2]
    for rgb, mode in ((noise, "RGB"), (flat, "P")):
        path = tmp_path / "picture.png"
        Image.fromarray(np.dstack([rgb, np.full((40, 60), 255, dtype=np.uint8)])).save(path)
        before = path.stat().st_size
        figures.make_lean(path, tmp_path / "kept")
        assert Image.open(path).mode == mode
        assert path.stat().st_size < before
        assert np.array_equal(np.asarray(Image.open(path).convert("RGB")), rgb)
