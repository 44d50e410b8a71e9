"""What the pages show beyond their sources: on small pieces made here."""

import re

import nbformat
import pytest
from docutils import nodes
from docutils.utils import new_document

from book.press.address import ROOT
from book.press.pages import extension, site
from book.press.translation import extension as translation


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
    notebook = extension.prose_alone(nbformat.v4.new_notebook(cells=[cell]))
    assert notebook.cells[0].metadata["tags"] == tags


def test_a_chevron_is_named_after_its_chapter():
    tree = '<li><a href="x">1. The <code>problem</code></a><details open="open"><summary><i></i></summary></details></li><li><a>Other</a></li>'
    named = extension.named_chevrons(tree, {"Lessons of {0}": "Inside {0}"}.get)
    assert named.count("aria-label") == 1
    assert '<summary aria-label="Inside 1. The problem"><i>' in named


def test_a_text_names_its_controls_and_boxes_its_wide_tables():
    body = '<details class="hide"><summary aria-label="Toggle hidden content">Show the code</summary></details>'
    body += '<h2>T<a class="headerlink" href="#t" title="Link to this heading">#</a></h2>'
    body += (
        '<div class="pst-scrollable-table-container"><table>1</table></div><div class="output"><table>2</table></div>'
    )
    text = extension.accessible(body)
    assert "<summary>Show the code" in text
    assert 'title="Link to this heading" aria-label="Link to this heading #"' in text
    assert text.count("pst-scrollable") == text.count("<table") == 2
    assert '<div class="output"><div class="pst-scrollable-table-container"><table>2</table></div></div>' in text


def page_of(*paragraphs):
    page = new_document("page")
    page += nodes.section("", *(nodes.paragraph("", text) for text in paragraphs))
    page[0] += nodes.admonition("", nodes.paragraph("", "Aside."))
    return page


def test_a_description_ends_with_a_word():
    assert extension.first_sentences(page_of("Short\nand.")) == "Short and."
    assert extension.first_sentences(page_of("Short.", "x " * 50, "Not this.")) == f"Short. {'x ' * 50}".strip()
    text = extension.first_sentences(page_of("word " * 60))
    assert len(text) <= 182
    assert text.endswith("word …")


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("Take F. And (F), F; F and [F].", "Take {F.} And {(F),} {F;} F and {[F].}"),
        ("F의 값 (식 F)은 F 이다(예)는", "{F의} 값 (식 {F)*은} F 이다(예)*는"),
        ("F - F, “F” F-th", "F - {F,} {“F”} {F-}th"),
    ],
)
def test_a_sign_stays_on_the_line_of_its_formula(text, joined):
    document = new_document("page")
    paragraph, *parts = nodes.paragraph(), *text.split("F")
    for i, part in enumerate(parts):
        paragraph += [nodes.math("", "F")] * bool(i) + [nodes.Text(part)] * bool(part)
    document += paragraph
    document += nodes.literal("", "F.")
    document += nodes.paragraph("", "", nodes.strong("", "x"), nodes.Text("은 "), nodes.literal("", "f(x)는"))
    translation.join(document)
    boxed = [f"{{{part.astext()}}}" if isinstance(part, nodes.inline) else part.astext() for part in paragraph.children]
    assert "".join(boxed).replace("\u2060", "*") == joined
    assert document[1].astext() == "F."
    assert [type(part) for part in document[2]] == [nodes.strong, nodes.Text, nodes.literal]
    assert document[2].astext() == "x은 f(x)는"


def test_every_icon_of_the_theme_is_found(tmp_path):
    site.icons(tmp_path / "icons.css")
    text = (tmp_path / "icons.css").read_text(encoding="utf-8")
    assert text.count("--icon") == len(site.ICONS.split())
    assert len(text) < 20_000


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("x" * 84, ""),
        ("x" * 85, " small"),
        ("x" * 50 + "가" * 21, " smaller"),
        ("&lt;" * 100, " smallest"),
        ("x" * 104, ""),
        ("", ""),
    ],
)
def test_a_printed_line_is_as_small_as_it_must_be_to_stay_whole(text, size):
    body = f'<div class="output stream highlight-ansi"><div class="highlight"><pre><span></span>a\n{text}\n</pre></div></div>'
    assert extension.PRINTED.sub(extension.unbroken, body) == body.replace("-ansi", f"-ansi{size}")


def test_no_table_that_a_lesson_prints_is_wider_than_its_page():
    widest = max(extension.SMALLER)
    for path in sorted(ROOT.glob("chapters/*/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", ()):
                printed = output.get("text", "")
                rows = [line for line in printed.split("\n") if re.search(r"\S {2,}\S.* {2,}\S", line)]
                assert all(extension.columns(row) <= widest for row in rows), (path.name, max(rows, key=len))
