"""Figures on the pages: what they become in the dark, and the drawings in the place of images."""

import types
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from docutils import nodes
from matplotlib.colors import to_hex, to_rgb

from book.press.pages import drawings, figures
from hpt_lab import plots


def on_dark(color):
    """Return red, green and blue of a color as it is on a dark page."""
    return np.array(to_rgb(drawings.on_dark(to_hex(color))))


def test_a_band_of_blue_on_white_is_a_band_of_blue_on_the_page():
    paper, blue = np.array(to_rgb(drawings.DARK["book-paper"])), np.array([0, 0x73, 0xB2]) / 255
    assert on_dark(0.16 * blue + 0.84) == pytest.approx(0.16 * on_dark(blue) + 0.84 * paper, abs=0.005)


def test_strategies_that_meet_in_a_figure_look_different_on_a_dark_page():
    names = ("random", "grid", "genetic", "bayesian", "TPE", "hyperband", "manual", "mine")
    seen = {name: on_dark(plots.color(name)) for name in names}
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(seen, 2)) > 0.2
    assert np.ptp(seen["random"]) < 0.15  # nearly gray, as on a light page


@pytest.fixture
def twins(tmp_path):
    """Returns the classes with which a drawing is shown among some words; its `inside` may have a map."""

    def classes(words, inside=""):
        (tmp_path / "a.svg").write_text(f'<svg xmlns="{drawings.SVG}" width="9" height="9">{inside}</svg>', "utf-8")
        return [css for css, *_ in figures.shown(tmp_path / "a.svg", None, words, tmp_path, "en")]

    return classes


@pytest.mark.parametrize("words", ["the dark dots", "darker = more epochs", "a black line", "(black band: 1 s.d.)"])
def test_a_figure_whose_words_would_be_false_on_a_dark_page_gets_no_twin_unless_it_has_a_map(twins, words):
    assert twins(words) == ["paper"]
    assert twins(words, '<g id="kept0"/>') == ["only-light", "only-dark"]


def test_other_words_allow_a_twin(twins):
    code = ('ax.plot(x, y, color="black")', "plots.darker_than", "color=plots.BLACK, lw=1", "style.darker(BLUE)")
    for words in ("a blue band", "highlights", *code):
        assert twins(words) == ["only-light", "only-dark"], words


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Reads a page with these images; returns their nodes, and the files that the page depends on."""
    monkeypatch.setattr(drawings, "ROOT", tmp_path)
    monkeypatch.setattr(figures.catalogs, "folder", lambda language: tmp_path / language)
    drawings.stored.cache_clear()

    def read(*uris, language="ko", builder="html"):
        document, depends = nodes.container(), []
        document += [nodes.image(uri=uri, alt="A line") for uri in uris]
        env = types.SimpleNamespace(relfn2path=lambda uri: (uri, str(tmp_path / uri)), note_dependency=depends.append)
        app = types.SimpleNamespace(builder=types.SimpleNamespace(name=builder))
        transform = types.SimpleNamespace(
            document=document, env=env, app=app, config=types.SimpleNamespace(language=language)
        )
        figures.Drawings.apply(transform)
        return document.children, {Path(path).relative_to(tmp_path).as_posix() for path in depends}

    yield read
    drawings.stored.cache_clear()


def test_an_image_is_replaced_by_its_drawings_and_the_page_depends_on_them(page, tmp_path):
    folder = tmp_path / "chapters/01_one/figures/01_lesson"
    folder.mkdir(parents=True)
    (tmp_path / "ko").mkdir()
    wide, narrow = (folder / f"{'a' * 16}{end}.svg" for end in ("", "-narrow"))
    for path in (wide, narrow, tmp_path / "front.svg", tmp_path / "ko/figures.po"):
        path.write_text("<svg/>", encoding="utf-8")
    (both, front, none), depends = page(f"out/{'a' * 64}.png", "front.svg", f"out/{'b' * 64}.png")
    assert [type(node) for node in (both, front, none)] == [figures.drawing, figures.drawing, nodes.image]
    assert (both["wide"], both["narrow"], both["alt"]) == (wide, narrow, "A line")
    assert (front["wide"], front["narrow"]) == (tmp_path / "front.svg", None)
    stored = {path.relative_to(tmp_path).as_posix() for path in (wide, narrow)}
    assert depends == stored | {"front.svg", "ko/figures.po"}
    assert page(f"out/{'b' * 64}.png")[1] == set()
    assert page("front.svg", language="en")[1] == {"front.svg"}
    assert [type(node) for node in page("front.svg", builder="gettext")[0]] == [
        nodes.image
    ]  # whose alt text is a message
