"""Figures as SVG: drawn in two widths with one size of type, and given the page's typeface and the colors of its scheme."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from itertools import pairwise

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from book.press.notebooks import pairing
from book.press.notebooks.figures import judge, kernel, store
from book.press.pages import drawings, figures
from hpt_lab import plots

LONG = "The more a suggestion costs, the longer random search stays ahead of every other one"


@pytest.fixture(scope="module", autouse=True)
def typeface():
    for font in store.fonts():
        font_manager.fontManager.addfont(font)


@pytest.fixture
def subplots():
    """plt.subplots in the style of the book."""
    with plt.rc_context(plots.STYLE):
        yield plt.subplots
    plt.close("all")


def sizes(svg):
    """The sizes of the texts of a picture, in CSS pixels."""
    points = re.findall(r'style="[^"]*?font(?:-size)?:\s*(?:bold |700 )?([\d.]+)px', svg)
    return {round(float(size) * 4 / 3, 1) for size in points}


def test_a_figure_has_its_letters_in_one_size_at_both_widths(subplots):
    figure, ax = subplots(figsize=(9, 4))
    ax.plot([1, 2, 3], [3, 1, 2], label="a line")
    ax.set(xlabel="trials", ylabel="loss", title=LONG)
    ax.text(1.5, 2, "small", size=5)
    plots.label_lines(ax)
    wide, narrow = store.lean(list(kernel.drawn(figure).values()))
    assert (drawings.size(wide)[0], drawings.size(narrow)[0]) == (688, 350)
    assert drawings.size(narrow)[1] < 1.2 * drawings.size(wide)[1]
    assert sizes(wide) == sizes(narrow) == {12.0, 13.0, 14.9}
    assert LONG in wide
    assert LONG not in narrow
    assert all(word in narrow for word in LONG.split())


def test_the_same_figure_gives_the_same_bytes(subplots):
    pictures = []
    for _ in range(2):
        figure, ax = subplots()
        ax.scatter([1, 2], [2, 1])
        pictures.append(store.lean(list(kernel.drawn(figure).values())))
    assert pictures[0] == pictures[1]
    assert not re.search(r"\d\.\d{3}", re.sub(r'transform="[^"]*"', "", pictures[0][0]))
    assert not re.search(r"<!--|metadata|date", pictures[0][0])


def test_axes_side_by_side_go_one_below_the_other(subplots):
    figure, axes = subplots(1, 3, figsize=(7.5, 2.9), sharey=True)
    for ax, name in zip(axes, ("one", "two", "three"), strict=True):
        ax.plot([1000, 2000, 3000], [1, 2, 3])
        ax.set(title=f"{name}: a name that takes its room", xlabel="trials")
    axes[0].set_ylabel("loss")
    drawn = kernel.drawn(figure)
    tops = [round(ax.get_window_extent().y0) for ax in axes]
    assert sorted(tops, reverse=True) == tops
    assert len(set(tops)) == 3
    assert [ax.get_ylabel() for ax in axes] == ["loss"] * 3
    assert drawn["narrow"].count(">loss<") == 3
    assert drawn["wide"].count(">loss<") == 1
    assert "one: a name that takes its room" in drawn["narrow"]  # whole: what a try has broken is mended


def test_a_legend_beside_the_axes_or_on_a_line_goes_below(subplots):
    for place in ({"loc": "upper left", "bbox_to_anchor": (1, 1)}, {"loc": "upper right"}):
        figure, ax = subplots()
        ax.errorbar([1, 2, 3], [3, 3, 3], [1, 1, 1], marker="s", label="a rather long name")
        ax.plot([1, 2, 3], [4, 4, 4], label="another name")
        ax.legend(**place)
        assert kernel.drawn(figure)["narrow"]
        (below,) = figure.legends
        assert ax.get_legend() is None
        assert {text.get_text() for text in below.get_texts()} == {"a rather long name", "another name"}
        assert len(below.legend_handles) == 2
        assert below.get_window_extent().y1 < ax.get_window_extent().y0
        assert below.get_texts()[0].get_fontfamily()[0] == kernel.FAMILY[0]


def test_a_figure_that_would_be_crowded_has_no_narrow_form(subplots):
    figure, ax = subplots()
    ax.bar([f"unbreakable{i}" for i in range(7)], range(7))
    drawn = kernel.drawn(figure)
    assert drawn["narrow"] is None
    assert "unbreakable6" in drawn["wide"]
    assert judge.crowded(figure)


def test_a_drawing_of_boxes_has_no_narrow_form_and_a_row_of_pictures_has(subplots):
    figure, ax = subplots()
    ax.text(0.5, 0.5, "the inner loop")
    assert kernel.drawn(figure)["narrow"]
    ax.set_axis_off()
    assert kernel.drawn(figure)["narrow"] is None
    figure, axes = subplots(1, 10, figsize=(7.5, 1.3))
    for i, ax in enumerate(axes):
        ax.imshow(np.eye(4))
        ax.set_axis_off()
        ax.set_title(i)
    assert kernel.drawn(figure)["narrow"]
    assert len({round(ax.get_window_extent().y0) for ax in axes}) == 1


def test_what_is_written_into_the_axes_moves_out_of_the_way_and_small_pictures_stand_in_rows_of_five(subplots):
    figure, ax = subplots()
    ax.plot(range(10), range(10), "o-")
    words = [ax.text(x, 8.3, said) for x, said in ((0.5, "on the validation data"), (3.5, "best: 2 and 3 levels"))]
    drawn = kernel.drawn(figure)
    assert not judge.crowded(figure)
    for text in words:  # away from each other, and from the dots
        assert text.get_text() in drawn["narrow"]
        assert not judge.marked(ax, text.get_window_extent())
    assert words[0].get_position() != (0.5, 8.3) or words[1].get_position() != (3.5, 8.3)
    figure, axes = subplots(2, 10, figsize=(7, 1.8))
    for ax in axes.flat:
        ax.imshow(np.eye(8))
        ax.set(xticks=[], yticks=[])
    assert kernel.drawn(figure)["narrow"]
    tops = [round(ax.get_window_extent().y0) for ax in axes.flat]
    assert [tops.count(top) for top in sorted(set(tops))] == [5] * 4


def test_names_below_an_axis_are_broken_between_words(subplots):
    figure, ax = subplots()
    ax.bar(range(3), range(3))
    ax.set_xticks(range(3), ["no noise at all, ever", "very much noise", "noise and drift, too"])
    narrow = kernel.drawn(figure)["narrow"]
    assert "no noise at all, ever" not in narrow
    assert not judge.crowded(figure)


def test_names_at_the_ends_of_lines_stay_apart(subplots):
    figure, ax = subplots(2, 1, figsize=(7, 7))[0], plt.gcf().axes[0]
    for i in range(4):
        ax.plot([1, 2], [0, 1 + i / 100], label=f"line {i}")
    plots.label_lines(ax)
    assert kernel.drawn(figure)["narrow"]
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(above.y0 - below.y0 > 15 for below, above in pairwise(boxes))


def test_what_shows_numbers_as_colors_keeps_them_on_a_dark_page(subplots):
    figure, (ax, other) = subplots(2, 1, figsize=(6, 6))
    ax.imshow(np.arange(12).reshape(3, 4))
    ax.text(1, 1, "on it", color="#0072b2")
    ax.text(7, 1, "beside", color="#0072b2")
    other.scatter([1, 2], [1, 2], c=[1, 2], cmap="viridis")
    other.plot([1, 2], [2, 1], color="#0072b2")
    (wide,) = store.lean([kernel.drawn(figure)["wide"]])
    assert drawings.has_map(wide)
    light, night = (drawings.for_page(wide, scheme) for scheme in ("light", "dark"))
    assert light.count("#0072b2") == 3
    assert night.count("#0072b2") == 1
    assert night.count("#56b4e9") == 2
    assert "#440154" in night
    assert "<image" in night


def plate(inside):
    return f'<svg xmlns="{drawings.SVG}" width="10" height="20.4">{inside}</svg>'


def test_a_dark_page_has_the_palette_for_the_books_colors_and_mixes_the_others():
    assert drawings.ON_DARK["#0072b2"] == drawings.DARK["is-belief"] == drawings.on_dark("#0072B2")
    assert drawings.on_dark(drawings.LIGHT["book-ink"]) == drawings.DARK["book-ink"]
    assert drawings.on_dark("#fff") == drawings.DARK["book-paper"]
    assert drawings.on_dark("#000000") == drawings.DARK["book-ink"]
    red = drawings.on_dark("#800000")
    assert int(red[1:3], 16) > int(red[3:5], 16) == int(red[3:5], 16) > 0x50
    night = drawings.for_page(
        plate('<g style="fill: #fff;stroke:#ABC"/><path fill="#0072b2" d="M0 0"/><path/>'), "dark"
    )
    assert f"fill: {drawings.DARK['book-paper']}" in night
    assert "#ABC" not in night
    assert 'fill="#56b4e9"' in night
    assert f'fill="{drawings.DARK["book-ink"]}"' in night.split(">")[0]  # what has no color


def letters_of(svg):
    """The letters of the fonts in a picture, by family and weight, and the fonts."""
    found = re.findall(r'font-family:"([^"]+)";font-weight:(\d+);src:url\(data:font/woff2;base64,([^)]*)\)', svg)
    fonts = {(family, weight): TTFont(io.BytesIO(base64.b64decode(data))) for family, weight, data in found}
    return {key: {chr(code) for code in font.getBestCmap()} for key, font in fonts.items()}, found


def test_the_pictures_hold_one_cut_of_the_typeface_bold_where_they_need_it():
    text = '<text style="font: 9px x">loss</text>'
    bold = '<text style="font: 700 9px x">B3st<tspan style="font-size:6px">2</tspan></text>'
    (plain, one), (both, two) = (letters_of(drawings.for_page(plate(texts), "light")) for texts in (text, text + bold))
    regular, heavy = ((kernel.FAMILY[0], weight) for weight in ("400", "700"))
    assert plain.keys() == {regular}
    assert plain[regular] > set("abcdefghijklmnopqrstuvwxyz0123456789")
    assert both[heavy] >= set("B3st2")
    assert one == two[:1]
    assert "@font-face" not in drawings.for_page(plate("<path/>"), "light")
    assert drawings.size(plate("")) == (10, 20)


def test_a_korean_picture_holds_the_signs_that_it_needs_and_no_others():
    text = f'<text style="font: 9px {kernel.FAMILY[0]}">손실 2</text>'
    letters, _ = letters_of(drawings.for_page(plate(text), "light", "ko"))
    assert letters == {("Pretendard", "400"): set("손실 2")}


def test_a_page_shows_a_stored_drawing_in_both_widths_and_schemes(tmp_path):
    wide, narrow = tmp_path / "a.svg", tmp_path / "a-narrow.svg"
    for path, width in ((wide, 688), (narrow, 350)):
        path.write_text(f'<svg xmlns="{drawings.SVG}" width="{width}" height="100"/>', encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    shown = figures.shown(wide, narrow, "a blue band", out, "en")
    assert shown == [
        ("only-light", ("a.svg", (688, 100)), ("a-narrow.svg", (350, 100))),
        ("only-dark", ("a-dark.svg", (688, 100)), ("a-narrow-dark.svg", (350, 100))),
    ]
    assert len(list(out.glob("*.svg"))) == 4
    assert figures.shown(wide, None, "the dark dots", out, "en") == [("paper", ("a.svg", (688, 100)), None)]


def test_what_is_no_longer_shown_is_removed_and_what_looks_the_same_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "lean", lambda pictures: pictures)
    png = [base64.b64encode(name).decode() for name in (b"one", b"two")]
    keys = [store.key(name) for name in (b"one", b"two")]
    drawn = [({"image/png": p}, {"wide": "<svg/>", "narrow": None}) for p in png]
    drawn[1][1]["narrow"] = "<svg/>"
    there, notebook = tmp_path / "figures" / "lesson", tmp_path / "lesson.md"
    assert store.store(notebook, drawn, set())
    assert {path.name for path in there.iterdir()} == {f"{keys[0]}.svg", f"{keys[1]}.svg", f"{keys[1]}-narrow.svg"}
    assert not store.store(notebook, drawn, set())
    drawn[1][1].update(wide="<svg by-a-hair=''/>", narrow=None)
    assert not store.store(notebook, drawn, {keys[1]})
    drawn[0][1].update(wide="<svg by-a-hair=''/>", narrow="<svg/>")
    assert store.store(notebook, drawn, set(keys))  # a narrow form, to the wide one that stays
    assert (there / f"{keys[0]}-narrow.svg").exists()
    assert (there / f"{keys[0]}.svg").read_text(encoding="utf-8") == "<svg/>"
    drawn[0][1]["narrow"] = None
    assert store.store(notebook, drawn, set())
    assert {path.name for path in there.iterdir()} == {f"{keys[0]}.svg", f"{keys[1]}.svg"}
    assert store.store(notebook, [], set())
    assert not there.exists()


def test_a_figure_that_cannot_be_drawn_stops_the_notebook(subplots):
    figure, ax = subplots()
    ax.set_title("$x^{$")
    data = {"image/png": "", kernel.MIME: kernel.as_output(figure)}
    with pytest.raises(RuntimeError, match=r"could not be drawn(?s:.*)ParseFatalException|ValueError"):
        store.take([{"data": data}])


@pytest.mark.parametrize("source", pairing.sources(), ids=lambda path: path.stem)
def test_every_figure_of_a_notebook_has_its_drawing(source):
    """The file is named by the PNG: execute the notebook again where this fails."""
    outputs = [o for cell in nbformat.read(source.with_suffix(".ipynb"), 4).cells for o in cell.get("outputs", [])]
    pngs = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    keys = {store.key(base64.b64decode(png)) for png in pngs}
    files = list(store.folder(source).glob("*"))
    assert {path.stem for path in files if not path.stem.endswith("-narrow")} == keys
    assert {path.stem.removesuffix("-narrow") for path in files} == keys
    assert all(path.stat().st_size < 300_000 for path in files)


def test_no_drawing_is_of_a_notebook_that_is_gone():
    folders = {path for path in pairing.ROOT.glob("chapters/*/figures/*")}
    assert folders
    assert folders <= {store.folder(source) for source in pairing.sources()}


def test_a_tint_is_no_map_so_what_is_drawn_on_it_gets_the_colors_of_a_dark_page(subplots):
    figure, ax = subplots()
    ax.contourf([[0, 1], [1, 1]], levels=[0.5, 2], colors=["#0072b2"], alpha=0.2)
    ax.contour([[0, 1], [1, 1]], levels=[0.5])
    ax.scatter([0.5], [0.5], color="black")
    wide, _ = store.lean(list(kernel.drawn(figure).values()))
    assert not drawings.has_map(wide)
    ax.contourf([[0, 1], [2, 3]], levels=[0, 1, 2, 3])
    assert drawings.has_map(store.lean(list(kernel.drawn(figure).values()))[0])


def glare(svg):
    """Return the share of a picture that images cover with what is nearly white on a dark page."""
    root, page = ElementTree.fromstring(svg), int(drawings.DARK["book-paper"][1:3], 16) / 255
    width, height = drawings.size(svg)
    share = 0.0
    for image in root.iter(f"{{{drawings.SVG}}}image"):
        found, opacity = drawings.pixels(image), float(image.get("opacity", 1))
        light = page + (found[..., :3] @ [0.2126, 0.7152, 0.0722] - page) * found[..., 3] * opacity
        share += (light > 0.75).mean() * float(image.get("width")) * float(image.get("height")) / (width * height)
    return share


def test_no_figure_shines_on_a_dark_page():
    stored = [path.read_text(encoding="utf-8") for path in drawings.stored().values()]
    maps = [svg for svg in stored if "<image" in svg]
    assert sum(glare(svg) > 0.3 for svg in maps) >= 4  # as they are drawn
    assert max(glare(drawings.for_page(svg, "dark")) for svg in maps) < 0.25


def test_what_scrolls_on_a_phone_is_what_scrolls_today():
    """A figure without a narrow form is wider than a phone. No lesson may have more of them than are listed here."""
    lacking = Counter(path.parent.name for name, path in drawings.stored().items() if not name.endswith("-narrow") and f"{name}-narrow" not in drawings.stored())  # fmt: skip
    known = Counter({"06_when_bayesian_optimization_loses": 3})
    known += Counter(
        [
            "01_parameters_and_hyperparameters",
            "02_manual_tuning",
            "02_the_winner_is_noise",
            "03_the_explosion",
            "04_random_search",
            "02_mnist_in_thirty_trials",
            "04_ensembles",
            "08_from_laptop_to_cluster",
        ]
    )
    known += Counter(
        [
            "10_what_did_the_search_learn",
            "01_measure_again",
            "03_will_this_curve_get_there",
            "05_schedules_that_learn",
        ]
    )
    assert not lacking - known
