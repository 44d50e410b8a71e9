"""The front page: pictures of the chapters, and the claims as dots that a mouse, a finger and the keyboard read."""

import base64
import re
import xml.etree.ElementTree as ElementTree

import browsing
import numpy as np
import pytest
import scripts
from browsing import eventually, says
from bs4 import BeautifulSoup

from book.press import course
from book.press.notebooks import execution
from book.press.pages import claims, devices, front
from book.press.translation import javascript

pictures = scripts.load("make_pictures")


@pytest.fixture(scope="module")
def listed(root):
    return claims.read(root)


# ---- Pictures


@pytest.mark.parametrize("chapter", pictures.PICTURES)
def test_a_picture_is_small_stays_in_its_frame_and_takes_its_colors_from_the_page(chapter):
    svg = front.drawn(str(chapter))
    drawing = ElementTree.fromstring(svg)
    assert len(svg) < 6_000
    assert "\n" not in svg  # a blank line would end it in Markdown
    assert drawing.get("aria-hidden") == "true"
    assert drawing.get("viewBox") == f"0 0 {pictures.WIDTH} {pictures.HEIGHT}"
    points = [(dot.get("cx"), dot.get("cy")) for dot in drawing.iter("circle")]
    points += [point.split(",") for path in drawing.iter("path") for point in path.get("d")[1:].split("L")]
    assert len(points) > 10
    if chapter != 4:  # a belief may leave the frame
        assert np.all(np.array(points, float) >= 0)
        assert np.all(np.array(points, float) <= [pictures.WIDTH, pictures.HEIGHT])
    colors = re.findall(r"(?:fill|stroke):(?!none)([^;\"]+)", svg)
    assert all(color == pictures.SKY or color.startswith("var(--") for color in colors)
    assert len(set(colors)) > 1


def test_pictures_show_what_the_lab_finds():
    def dots(svg, color):
        return [(float(dot.get("cx")), float(dot.get("cy"))) for dot in ElementTree.fromstring(svg).iter("circle") if color in dot.get("style")]  # fmt: skip

    errors, (best,) = dots(front.drawn("1"), pictures.INK), dots(front.drawn("1"), pictures.GOLD)
    assert best == max(errors, key=lambda dot: dot[1])  # lowest is furthest down
    assert 0 < errors.index(best) < len(errors) - 1
    grid = dots(front.drawn("2"), pictures.SKY)
    assert (len(grid), len({x for x, _ in grid}), len({y for _, y in grid})) == (16, 4, 4)
    assert len({x for x, _ in dots(front.drawn("2"), pictures.GRAY)}) == 16
    assert len(dots(front.drawn("3"), pictures.INK)) == 30
    assert len(dots(front.drawn("4"), pictures.INK)) == 5
    rungs = front.drawn("5")
    kept = [dots(rungs, pictures.PURPLE), dots(rungs, pictures.GOLD), dots(rungs, pictures.GRAY)]
    assert [len(group) for group in kept] == [9 + 3 + 1, 1, 18 + 6 + 2]
    board = front.drawn("6")
    assert dots(board, pictures.BLUE)[-1][0] > dots(board, pictures.GRAY)[0][0]  # the model is ahead of chance
    assert pictures.color_of("textbook BO") == pictures.BLUE


NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.mark.parametrize("chapter", pictures.PICTURES)
def test_a_picture_is_what_the_lab_draws_today(chapter):
    stored, drawn = front.drawn(str(chapter)), pictures.PICTURES[chapter]()
    assert NUMBER.sub("", stored) == NUMBER.sub("", drawn)
    numbers = [np.array(NUMBER.findall(svg), float) for svg in (stored, drawn)]
    np.testing.assert_allclose(*numbers, atol=0.2)  # pixels: another processor rounds another way


@pytest.mark.parametrize(("name", "made_for"), pictures.ROUNDS.items())
def test_the_picture_of_the_readme_is_what_the_lab_draws_today_in_its_language_and_colors(name, made_for):
    stored, drawn = (
        (front.PICTURES / f"{name}.svg").read_text(encoding="utf-8").rstrip("\n"),
        pictures.picture_of_a_round(*made_for),
    )
    assert NUMBER.sub("", stored) == NUMBER.sub("", drawn)
    numbers = [np.array(NUMBER.findall(re.sub("#[0-9a-f]{6}", "", svg)), float) for svg in (stored, drawn)]
    np.testing.assert_allclose(*numbers, atol=0.2)
    assert "var(" not in stored
    words = "".join(re.findall(r">([^<]+)</text>", stored))
    assert bool(re.search("[가-힣]", words)) == (made_for[0] == "ko") != ("seven training runs" in words)
    others = {(front.PICTURES / f"{other}.svg").read_text(encoding="utf-8") for other in pictures.ROUNDS}
    assert len(others) == 4


def test_in_the_readme_s_round_the_last_trial_finds_the_optimum_and_random_trials_do_not():
    _, y, *_, tried, random = pictures.one_round()
    assert len(tried) == len({*tried}) == len(random) == pictures.NIGHTS == 7
    assert tried[-1] == y.argmin()
    assert y.argmin() not in random


@pytest.mark.parametrize(("language", "name"), pictures.FRONTS.items())
def test_the_picture_of_the_front_page_is_what_the_lab_draws_today(tmp_path, language, name):
    png, svg = tmp_path / f"{name}.png", tmp_path / f"{name}.svg"
    pictures.front(png, svg, language)
    assert png.name == front.picture(language)
    pngs = [base64.b64encode((folder / png.name).read_bytes()) for folder in (pictures.FRONT, tmp_path)]
    assert execution._look_alike(*pngs)
    stored, drawn = ((folder / svg.name).read_text(encoding="utf-8") for folder in (pictures.STORE, tmp_path))
    assert NUMBER.sub("", stored) == NUMBER.sub("", drawn)
    assert ("하이퍼파라미터" in stored) == (language == "ko")


def test_the_front_page_is_filled(root):
    text = f"{front.NEEDED} {front.HOLDING} {front.FALLEN}\n<!-- picture 2 -->\n{front.CLAIMS}"
    filled = front.filled(text, root)
    assert filled.startswith(course.read(root).lessons[0].prerequisites.rstrip("."))
    assert front.drawn("2") in filled
    assert "<!--" not in filled
    page = (root / "book/index.md").read_text(encoding="utf-8")
    assert "/front.svg" in front.filled(page, root)
    assert "/front.ko.svg" in front.filled(page, root, "ko")


# ---- Claims


def test_the_dots_count_what_the_page_on_replication_counts(root, listed):
    text = (root / "book" / "replication.md").read_text(encoding="utf-8")
    counted = re.search(r"Of (\d+) claims that the book makes, (\d+) hold\. Another (\d+) fell", text)
    made, hold, more = map(int, counted.groups())
    assert sum(claim.holds for claim in listed) == hold
    assert len(listed) == made + more
    assert [claim.lesson for claim in listed] == sorted(claim.lesson for claim in listed)
    assert all(f'<a id="{claim.id}"></a>' in text for claim in listed)


def test_a_claim_that_does_not_hold_is_no_filled_dot(tmp_path):
    row = '| <a id="{0}"></a>[2.1](../chapters/02_grid/01_grid.ipynb) A *grid* {0} | 1 ± 1 | {1} | of it |\n'
    (tmp_path / "book").mkdir()
    new = row.format("waits", "").replace("1 ± 1 |", "not run yet |")
    text = row.format("wins", "yes") + row.format("loses", "**no**") + new + claims.FELL + row.format("falls", "yes")
    (tmp_path / "book" / "replication.md").write_text(text, encoding="utf-8")
    found = claims.read(tmp_path)
    assert [claim.id for claim in found if claim.holds] == ["wins"]
    assert [claim.id for claim in found if claim.waits] == ["waits"]
    assert claims.dots(found).count('class="claim fell"') == 2
    assert "A grid waits. It has not been run yet." in claims.dots(found)
    assert claims.dots(found).count('class="claim holds"') == 1
    assert 'href="replication.html#loses" title="2.1: A grid loses. It fell." tabindex="-1"' in claims.dots(found)


def test_a_dot_speaks_the_language_of_its_page(listed):
    for claim in listed:
        assert claim.sentence("en") in claim.message.replace("*", "").replace("`", "")
        assert re.search("[가-힣]", claim.sentence("ko")), claim.id
        assert "<a" not in claim.sentence("ko")


ROW = '| <a id="{0}"></a>[{1}](../chapters/02_grid/01_grid.ipynb) A grid {0} | {2} | {3} | {4} |\n'


def test_a_column_shows_what_its_row_says_in_units_of_its_own(tmp_path):
    (tmp_path / "book").mkdir()
    rows = [
        ROW.format("wins", 2.1, "75 ± 5 | 85 ± 5 | 80 ± 5 | 80 ± 3", "above 60", "yes | % | 9 | today"),
        ROW.format("is-near", 2.1, "-1 ± 1 | 1 ± 1 | 0 ± 1 | -1 ± 0.5", "within 5", "yes | of it | 9 | today"),
        ROW.format("waits", 2.2, " | ".join(["not run yet"] * 4), "", " | | 9 | "),
        claims.FELL,
        ROW.format("is-weak", 2.2, "0 ± 1 | 9 ± 1 | -1 ± 1 | 1 ± 2", "above 0", "of it | today | nothing"),
        ROW.format("left", 2.2, " | | | ", "", " | withdrawn | nothing"),
    ]
    text = "<!-- claims 2 -->\n" + "".join(rows) + "<!-- claims fell -->\n"
    (tmp_path / "book" / "replication.md").write_text(text, encoding="utf-8")
    drawn = {claim.id: [pytest.approx(one) for one in claim.drawn] for claim in claims.read(tmp_path)}
    assert drawn["wins"] == [(0.75, 0.25, 1.25), (1.25, 0.75, 1.75), (1, 0.5, 1.5), (1, 0.7, 1.3)]
    assert drawn["is-near"][2:] == [(1.25, 0.75, 1.75), (1, 0.75, 1.25)]
    assert drawn["is-weak"] == [(0, -0.5, 0.5), (2.25, 1.75, 2.75), (-0.25, -0.75, 0.25), (0.25, -0.75, 1.25)]
    assert drawn["waits"] == drawn["left"] == []
    page = BeautifulSoup(claims.filled(text, tmp_path), "html.parser")
    standing, fallen = page.select("nav.claims")
    assert [span.text for span in standing.select("span")] == ["2.1", "2.2"]
    assert [link["class"][1] for link in standing.select("a")] == ["holds", "holds", "waits"]
    assert [link["class"][1] for link in fallen.select("a")] == ["fell", "fell"]
    assert standing.select_one("a")["title"] == "2.1: A grid wins. It holds."
    assert [link["href"] for link in fallen.select("a")] == ["#is-weak", "#left"]
    assert "--zero:19%" in standing["style"]  # of a frame from -0.5 to 2.2
    assert standing.select_one("i")["style"] == "--mean:56%;--low:44%;--high:67%;"
    assert [b["style"] for b in standing.select_one("a").select("b")] == ["--mean:46%", "--mean:65%", "--mean:56%"]
    assert "--zero:38%" in fallen["style"]  # of one from -1.5 to 2.5
    assert len(fallen.select("b")) == 3
    assert not fallen.select(".up, .down, #left b")
    steep = claims.bars(claims.read(tmp_path)[-2:-1], low=-0.2, high=2.2)
    assert steep.count('class="up"') == steep.count('class="down"') == 1  # nine, and minus one, lie beyond


@pytest.fixture
def opened(browser, tmp_path, listed):
    """Opens a page with the dots alone, and with their script."""
    for name in ("claims.js", "book.css"):
        (tmp_path / name).write_bytes((devices.STATIC / name).read_bytes())
    script = javascript.translate((tmp_path / "claims.js").read_text(encoding="utf-8"), str)
    (tmp_path / "claims.js").write_text(script, encoding="utf-8")
    head = '<title>Claims</title><link rel="stylesheet" href="book.css"><script defer src="claims.js"></script>'
    page = f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta name="viewport" content="width=device-width">{head}</head><body><main><h1>Claims</h1>{claims.dots(listed)}</main></body></html>'
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 390, 360])
def test_the_dots_are_one_stop_and_arrow_keys_go_from_one_to_the_next(opened, listed, width):
    page = opened("page.html", width=width)
    at = lambda: page.evaluate("[...document.querySelectorAll('.claim')].indexOf(document.activeElement)")  # noqa: E731
    page.keyboard.press("Tab")
    eventually(at, 0)
    page.keyboard.press("Tab")
    eventually(at, -1)
    page.locator(".claim").first.focus()
    page.keyboard.press("ArrowRight")
    eventually(at, 1)
    says(page.locator(".claim-told"), f"{listed[1].number}: {listed[1].sentence('en').rstrip(' .')}. It holds.")
    page.keyboard.press("ArrowDown")
    below = eventually(at, lambda now: now > 1)
    frames = lambda: [page.locator(".claim").nth(i).bounding_box() for i in (1, below)]  # noqa: E731
    eventually(frames, lambda pair: pair[1]["x"] == pair[0]["x"] and pair[1]["y"] > pair[0]["y"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    eventually(at, 1)
    page.keyboard.press("End")
    eventually(at, len(listed) - 1)
    page.keyboard.press("Tab")
    eventually(at, -1)
    page.keyboard.press("Shift+Tab")
    eventually(at, len(listed) - 1)  # it is where it was left
    browsing.fits(page)
    assert not browsing.barriers(page, "light")
    fell = next(i for i, claim in enumerate(listed) if not claim.holds)
    page.locator(".claim").nth(fell).hover()
    says(page.locator(".claim-told"), "…It fell.")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/replication.html#{listed[-1].id}")


def test_without_javascript_the_dots_are_links_with_titles_and_one_stop(opened, listed):
    page = opened("page.html", java_script_enabled=False)
    assert page.locator(".claim[title]").count() == len(listed)
    assert page.locator(".claim:not([tabindex])").count() == 1
