"""The theme's style sheets without what no page needs."""

from types import SimpleNamespace

import pytest

from book.press.pages import lean

CSS = """@charset "UTF-8";.used,.other{color:var(--read);--unread:1px}.other .used{color:red}
a:not(.other):hover{color:blue}.made-by-script{top:0}[class~=first] #top{left:0}:is(.used,p) b{margin:0}:focus-visible{top:2px}
.used[data-bs-popper]{top:3px}nav{top:4px}@media (min-width:1px){.other{color:red}}
@media print{.used{--read:url("data:x;y{}");top:1px}}@font-face{font-family:x}@keyframes turn{to{top:0}}"""
LEFT = """@charset "UTF-8";.used{color:var(--read)}
a:not(.other):hover{color:blue}.made-by-script{top:0}[class~=first] #top{left:0}:is(.used,p) b{margin:0}:focus-visible{top:2px}
.used[data-bs-popper]{top:3px}
@media print{.used{--read:url("data:x;y{}");top:1px}}"""


@pytest.fixture
def site(tmp_path):
    """A function that writes a site of a page, a script, the theme's sheet and ours, makes it lean, and returns the theme's sheet."""
    static = tmp_path / "_static"
    static.mkdir()

    def write(page, script, css, ours):
        files = {tmp_path / "page.html": page, static / "script.js": script}
        for path, text in (files | {static / "basic.css": css, static / "book.css": ours}).items():
            path.write_text(text, encoding="utf-8")
        lean.sheets(tmp_path)
        assert (static / "book.css").read_text("utf-8") == ours
        return (static / "basic.css").read_text("utf-8")

    return write


def test_a_sheet_keeps_the_rules_whose_names_a_page_or_a_script_has(site):
    page = '<p class="first used" id="top" data-class="other"><a>.other</a> <b>nav</b></p>'
    assert site(page, 'add("made-by-script")', CSS, ".other {}") == LEFT


def test_a_variable_that_a_page_or_a_script_or_another_sheet_reads_stays(site):
    css = ":root{--a:1;--b:'x;';--c:3;--d:4;--e:5}p{top:var(--e)}"
    left = site('<p style="color: var(--a)"></p>', 'get("--b")', css, "p { color: var(--c) }")
    assert left == ":root{--a:1;--b:'x;';--c:3;--e:5}p{top:var(--e)}"


def test_a_build_begins_with_the_whole_sheets(tmp_path):
    static = tmp_path / "_static"
    static.mkdir()
    for name in ("basic.css", "mystnb.0a1b.css", "book.css"):
        (static / name).write_text("", "utf-8")
    lean.on_builder_inited(SimpleNamespace(outdir=tmp_path))
    assert [path.name for path in static.iterdir()] == ["book.css"]
