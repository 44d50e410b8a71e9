"""The book's typefaces, cut to its letters, and its palette."""

import io
import re

import pytest
from fontTools.ttLib import TTFont

from book.press.pages import fonts
from tools import fonts as cutting

STATIC = fonts.STATIC
SERIF, ITALIC = cutting.FACES[:2]


def part(letters, face=SERIF):
    return cutting.Part(face, "latin", face.file("latin"), frozenset(letters))


@pytest.mark.parametrize(("face", "weights"), [(SERIF, (400, 700)), (ITALIC, None)], ids=["varied", "one weight"])
def test_a_file_holds_the_letters_that_are_asked_for_in_the_weights_of_its_face(face, weights):
    font = TTFont(io.BytesIO(cutting.cut(part("Ag é", face))))
    assert {chr(code) for code in font.getBestCmap()} == set("Ag é")
    axes = {axis.axisTag: (axis.minValue, axis.maxValue) for axis in font["fvar"].axes} if "fvar" in font else {}
    assert axes.get("wght") == weights


def test_the_same_letters_give_the_same_bytes():
    assert cutting.cut(part("Ag é", ITALIC)) == cutting.cut(part("é gA", ITALIC))


def test_no_letter_is_in_two_parts_of_a_face_and_the_terms_come_without_the_other_hangul():
    made = cutting.parts(*cutting.letters())
    for face in cutting.FACES:
        letters = [letter for part in made if part.face == face for letter in part.letters]
        assert len(letters) == len(set(letters)), face.family
    made = cutting.parts(set("aγ→가"), set("aγ→가힣"))
    korean = {part.name: part.letters for part in made if part.face.family == "Pretendard"}
    assert (korean["terms"], korean["hangul"], korean["signs"]) == ({"가"}, {"힣"}, {"γ", "→"})


def test_ranges_say_which_letters_a_file_holds():
    assert cutting.ranges(frozenset("abcxé")) == "U+61-63,U+78,U+E9"


def test_each_face_comes_with_its_license(tmp_path, monkeypatch):
    monkeypatch.setattr(cutting, "cut", lambda part: part.file.encode())
    monkeypatch.setattr(cutting, "letters", lambda: (set("aγ→⅙"), set("가")))
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "old.woff2").write_bytes(b"")
    cutting.write(tmp_path)
    rules = (tmp_path / "fonts.css").read_text(encoding="utf-8")
    files = re.findall(r"url\((fonts/[\w.-]+)\)", rules)
    assert len(files) == rules.count("font-display: swap") == rules.count("unicode-range") > 5
    assert set(files) == {f"fonts/{path.name}" for path in tmp_path.glob("fonts/*.woff2")}
    for family in {face.family for face in cutting.FACES}:
        text = (tmp_path / "fonts" / f"{family.lower().replace(' ', '-')}-OFL.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE" in text.upper(), family
    assert rules.endswith("/* In none of these faces: U+2159 */\n")


# ---- What is stored


@pytest.fixture(scope="module")
def css():
    return (STATIC / "fonts.css").read_text(encoding="utf-8")


def test_the_stored_fonts_have_all_letters_of_the_book(css):
    assert not fonts.lacking(css), "run `make fonts`"


def test_a_letter_that_is_new_to_the_book_is_missed(monkeypatch):
    monkeypatch.setattr(fonts, "letters", lambda: (set("abcЖ"), set("가힣☃")))
    assert fonts.lacking("U+61-63,U+AC00; } /* In none of these faces: U+2603 */") == set("Ж힣")


def test_a_stored_file_holds_what_the_pages_are_told(css):
    told = re.findall(r"url\((fonts/[\w.-]+)\).*unicode-range: ([^;]+);", css)
    assert {file for file, _ in told} == {f"fonts/{path.name}" for path in STATIC.glob("fonts/*.woff2")}
    for file, ranges in told:
        assert cutting.ranges(frozenset(cutting.has(STATIC / file))) == ranges, file
    for first in fonts.FIRST.values():
        assert {f"fonts/{name}" for name in first} <= {file for file, _ in told}


def test_a_letter_that_is_said_to_be_in_no_face_is_in_none(css):
    rules = " ".join(re.findall(r"/\*.*\*/", css))
    none = {chr(int(code, 16)) for code, _ in fonts.RANGE.findall(rules)}
    assert none
    for face in cutting.FACES:
        for name in ("latin", "latin-ext", "greek"):
            assert not none & cutting.has(face.file(name)), face.family


# ---- The palette


def palette(scheme):
    """Return the colors of a scheme; what the dark one does not name is as in the light one."""
    text = (STATIC / "palette.css").read_text(encoding="utf-8")
    light, dark = (re.search(head + r" \{(.*?)\n\}", text, re.S)[1] for head in (":root", r'html\[data-theme="dark"\]'))
    named = re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light + (dark if scheme == "dark" else ""))
    return {name: tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)) for name, color in named}


def contrast(one, other):
    """Return the contrast of two colors: WCAG 2.2, relative luminance."""
    shares = [[c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color] for color in (one, other)]
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in shares)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_every_ground_and_lines_be_seen(scheme):
    colors = palette(scheme)
    for ground in ("paper", "surface", "tint"):
        for word in ("ink", "muted", "link", "right", "wrong", "keyword", "string"):
            assert contrast(colors[f"book-{word}"], colors[f"book-{ground}"]) >= 4.5, (word, ground)
    for line in ("belief", "gain", "now", "best", "stopped", "rest"):
        assert contrast(colors[f"is-{line}"], colors["book-paper"]) >= 3, line


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_color_means_one_thing(scheme):
    colors = palette(scheme)
    meanings = [colors[f"is-{name}"] for name in ("belief", "gain", "now", "best", "stopped", "rest", "sky")]
    assert len(set(meanings)) == len(meanings)
