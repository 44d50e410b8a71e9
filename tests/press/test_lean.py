"""The theme's style sheets without what no page needs."""

from types import SimpleNamespace

from book.press.pages import lean

CSS = """@charset "UTF-8";/* a comment */.used,.other{color:var(--read);--unread:1px}.other .used{color:red}
a:not(.other):hover{color:blue}.made-by-script{top:0}[class~=x] #top{left:0}:is(.other,p) b{margin:0}
@media (min-width:1px){.other{color:red}}@media print{.used{--read:url("data:x;y{}");top:1px}}@font-face{font-family:x}"""
LEFT = """@charset "UTF-8";.used{color:var(--read);}
a:not(.other):hover{color:blue}.made-by-script{top:0}[class~=x] #top{left:0}:is(.other,p) b{margin:0}@media print{.used{--read:url("data:x;y{}");top:1px}}@font-face{font-family:x}"""


def test_a_sheet_keeps_the_rules_whose_classes_a_page_or_a_script_names(tmp_path):
    static = tmp_path / "_static"
    static.mkdir()
    (tmp_path / "page.html").write_text('<p class="first used" id="top" data-class="other">.other</p>', "utf-8")
    (static / "script.js").write_text('add("made-by-script")', "utf-8")
    (static / "basic.css").write_text(CSS, "utf-8")
    (static / "book.css").write_text(".other {}", "utf-8")
    lean.sheets(tmp_path)
    assert (static / "basic.css").read_text("utf-8") == LEFT
    assert (static / "book.css").read_text("utf-8") == ".other {}"


def test_a_variable_that_a_page_or_a_script_or_another_sheet_reads_stays(tmp_path):
    static = tmp_path / "_static"
    static.mkdir()
    (tmp_path / "page.html").write_text('<p style="color: var(--a)"></p>', "utf-8")
    (static / "script.js").write_text('get("--b")', "utf-8")
    (static / "book.css").write_text("p { color: var(--c) }", "utf-8")
    (static / "basic.css").write_text(":root{--a:1;--b:'x;';--c:3;--d:4}", "utf-8")
    lean.sheets(tmp_path)
    assert (static / "basic.css").read_text("utf-8") == ":root{--a:1;--b:'x;';--c:3;}"


def test_a_build_begins_with_the_whole_sheets(tmp_path):
    static = tmp_path / "_static"
    static.mkdir()
    for name in ("basic.css", "mystnb.0a1b.css", "book.css"):
        (static / name).write_text("", "utf-8")
    lean.on_builder_inited(SimpleNamespace(outdir=tmp_path))
    assert [path.name for path in static.iterdir()] == ["book.css"]
