"""Dark twins of figures, and the mending of a page: on small ones made here."""

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from book.press.pages import dark, finish, front, pages


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
    assert dark.twin(tmp_path / "figure.png", tmp_path / "twin.png", "dark is good")
    twin = np.asarray(Image.open(tmp_path / "twin.png").convert("RGBA"))
    assert np.all(twin[37:163, 61:259, 3] == 255)
    assert np.all(twin[:36, :, 3] == 0)


@pytest.mark.parametrize("words", ["the dark dots", "darker = more epochs", "a black line", "(black band: 1 s.d.)"])
def test_a_figure_whose_words_would_be_false_on_a_dark_page_gets_no_twin(plate, tmp_path, words):
    assert not dark.twin(plate(with_map=False), tmp_path / "twin.png", words)
    assert not (tmp_path / "twin.png").exists()


@pytest.mark.parametrize("words", ["a blue band", 'ax.plot(x, y, color="black")', "plots.darker_than", "highlights"])
def test_other_words_allow_a_twin(plate, tmp_path, words):
    assert dark.twin(plate(with_map=False), tmp_path / "twin.png", words)


def code(tags, *kinds):
    data = [nbformat.v4.new_output("display_data", data=dict.fromkeys(kind, "x")) for kind in kinds]
    return nbformat.v4.new_code_cell("1", metadata={"tags": tags}, outputs=data)


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        (code(["hide-input"], ["text/markdown", "text/plain"]), ["remove-input"]),
        (code(["hide-input", "kept"], ["text/markdown"]), ["kept", "remove-input"]),
        (code(["hide-input"], ["text/markdown"], ["image/png"]), ["hide-input"]),
        (code(["hide-input"], ["text/html", "text/markdown"]), ["hide-input"]),
        (code(["hide-input"]), ["hide-input"]),
        (code([], ["text/markdown"]), []),
    ],
)
def test_the_code_above_sentences_is_left_out_and_no_other(cell, tags):
    notebook = pages.prose_alone(nbformat.v4.new_notebook(cells=[cell]))
    assert notebook.cells[0].metadata["tags"] == tags


def test_a_chevron_is_named_after_its_chapter_and_a_bar_by_its_text():
    soup = BeautifulSoup(
        "<nav><li><a>1. The problem</a><details><summary><i></i></summary></details></li></nav>"
        '<details class="hide"><summary aria-label="Toggle hidden content"><p>Show the code</p></summary></details>',
        "html.parser",
    )
    finish.names_of_controls(soup)
    chevron, bar = soup.select("summary")
    assert chevron["aria-label"] == "Lessons of 1. The problem"
    assert "aria-label" not in bar.attrs


def test_a_description_ends_with_a_word():
    soup = BeautifulSoup(f"<article><section><p>{'word ' * 60}</p></section></article>", "html.parser")
    text = finish.first_sentences(soup)
    assert len(text) <= 182
    assert text.endswith("word …")


def test_the_front_page_lists_the_replication_only_where_it_was_written(tmp_path, root):
    chapter = tmp_path / "chapters" / front.CHAPTER
    chapter.mkdir(parents=True)
    (chapter / "01_first.md").write_text(
        "# One\n\n:::{admonition} What you will be able to do\n:class: objectives\n**Prerequisites:** NumPy arrays.\n:::\n",
        encoding="utf-8",
    )
    (tmp_path / "book").mkdir()
    text = f"You need {front.NEEDED}.\nreferences\n{front.REPLICATION}\n```\n"
    assert front.filled(text, tmp_path) == "You need NumPy arrays.\nreferences\n```\n"
    (tmp_path / "book" / "replication.md").touch()
    assert front.filled(text, tmp_path).endswith("references\nreplication\n```\n")


def test_every_icon_of_the_theme_is_found(tmp_path):
    finish.icons(tmp_path / "icons.css")
    text = (tmp_path / "icons.css").read_text(encoding="utf-8")
    assert text.count("--icon") == len(finish.ICONS.split())
    assert len(text) < 20_000


def test_a_lean_picture_is_smaller_and_the_same_in_every_pixel(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    flat = np.full((40, 60, 3), 255, dtype=np.uint8)
    flat[10:20] = [0, 0x72, 0xB2]
    for rgb, mode in ((noise, "RGB"), (flat, "P")):
        path = tmp_path / "picture.png"
        Image.fromarray(np.dstack([rgb, np.full((40, 60), 255, dtype=np.uint8)])).save(path)
        before = path.stat().st_size
        finish.lean_picture(path)
        assert Image.open(path).mode == mode
        assert path.stat().st_size < before
        assert np.array_equal(np.asarray(Image.open(path).convert("RGB")), rgb)
