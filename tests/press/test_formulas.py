r"""Formulas are drawn while the book is built: their TeX, what KaTeX makes of it, and errors with their page."""

import html
import re

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

from book.press.pages import formulas


@pytest.fixture
def site(tmp_path):
    """Writes pages to a folder, and gives it."""

    def write(**pages):
        for name, text in pages.items():
            (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def drawn(site):
    """Gives a page with its formulas drawn."""

    def draw(text):
        folder = site(page=text)
        formulas.fill(folder)
        return (folder / "page.html").read_text(encoding="utf-8")

    return draw


def test_a_formula_becomes_html_for_the_eye_and_mathml_for_the_ear(drawn):
    formula = r'<p>So <span class="math">\(x &lt; y\)</span>.</p>'
    text = drawn(f'{formula}\n<div class="math">\\[a^2\n\\]</div>\n<code>\\(z\\)</code>')
    page = BeautifulSoup(text, "html.parser")
    within, alone = page.select(".math > *")
    assert within["class"] == ["katex"]
    assert alone["class"] == ["katex-display"]
    assert within.math.get_text() == "x<y"
    assert within.select_one(".katex-html")["aria-hidden"] == "true"
    assert alone.math["display"] == "block"
    assert page.p.get_text().endswith(".")
    assert page.code.get_text() == r"\(z\)"
    assert "annotation" not in text
    assert "script" not in text


def test_a_number_stays_beside_its_equation_and_a_page_that_is_drawn_as_it_is(drawn):
    number = '<span class="eqno">(3)<a class="headerlink" href="#e">#</a></span>'
    text = drawn(f'<div class="math" id="e">{number}\\[a\\]</div>')
    assert text.startswith(f'<div class="math" id="e">{number}<span class="katex-display">')
    assert drawn(text) == text


@pytest.mark.parametrize(
    ("tex", "said"), [("\\frac{1", "Unexpected end"), ("\\nothing", "Undefined"), ("é", "strict mode")]
)
def test_what_cannot_be_drawn_is_an_error_that_names_page_and_formula(site, tmp_path, tex, said):
    folder = site(good='<span class="math">\\(x\\)</span>', bad=f'<span class="math">\\({tex}\\)</span>')
    for _ in range(2):
        with pytest.raises(formulas.FormulaError, match=r"(?s)^bad\.html: " + re.escape(f"\\({tex}\\)") + f".*{said}"):
            formulas.fill(folder)
    assert tex in (folder / "bad.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "options", "tex"),
    [
        ("a = b", {}, "a = b"),
        ("a \\\\ b", {}, "\\begin{split}a \\\\ b\\end{split}"),
        ("a\n\nb &= c", {}, "\\begin{aligned}a \\\\ b &= c\\end{aligned}"),
        ("\\begin{align}a &= b\\end{align}", {"nowrap": True}, "\\begin{align*}a &= b\\end{align*}"),
        ("\\begin{cases}a\\end{cases}", {"no-wrap": True}, "\\begin{cases}a\\end{cases}"),
    ],
)
def test_lines_and_environments_are_aligned_and_katex_numbers_none(drawn, text, options, tex):
    assert formulas.aligned(nodes.math_block(text, text, **options)) == tex
    page = drawn('<div class="math">' + html.escape(rf"\[{tex}\]") + "</div>")
    assert "katex-display" in page
    assert "eqn-num" not in page


@pytest.mark.parametrize(("title", "styled"), [("Title", [1, 0]), ("Of :math:`h`", [1, 1])])
def test_a_built_page_has_numbers_that_links_name_and_the_style_where_a_formula_is(tmp_path, title, styled):
    source, press = tmp_path / "source", tmp_path / "press"
    for folder in (source, press, tmp_path / "_build/static"):
        folder.mkdir(parents=True)
    equation = ".. math:: a = b\n   :label: e\n\nBy :eq:`e`, :math:`x`.\n\n.. math:: c\n"
    text = f"{title}\n============\n\n{equation}\n.. toctree::\n\n   other\n"
    (source / "index.rst").write_text(text, "utf-8")
    (source / "other.rst").write_text("Other\n=====\n\nNo formula.\n", "utf-8")
    conf = 'extensions = ["book.press.pages.formulas"]\nhtml_math_renderer = "katex"\n'
    (press / "conf.py").write_text(f'{conf}html_static_path = ["../_build/static"]\n', "utf-8")
    html = tmp_path / "html"
    Sphinx(source, press, html, tmp_path / "trees", "html", status=None).build()
    texts = ((html / f"{name}.html").read_text("utf-8") for name in ("index", "other"))
    page, other = (BeautifulSoup(text, "html.parser") for text in texts)
    first, second = page.select("div.math")
    assert first.select_one(".eqno").get_text().startswith("(1)")
    assert first.select_one(".eqno + .katex-display")
    assert not second.select(".eqno")
    assert page.select_one(f"p a[href='#{first['id']}']").get_text() == "(1)"
    assert [len(each.select("link[href*='katex.css']")) for each in (page, other)] == styled
    assert (html / "_static/katex/katex.css").exists()


def test_the_style_names_one_format_of_each_font_which_is_there_or_in_it(tmp_path):
    formulas.copy_style(tmp_path)
    style = (tmp_path / "katex/katex.css").read_text(encoding="utf-8")
    sources = re.findall(r"src:([^}]*)}", style)
    assert len(sources) == 20
    for source in sources:
        (address,) = re.findall(r"url\(([^)]*)\)", source)
        assert address.startswith("data:font/woff2;base64,") or (tmp_path / "katex" / address).suffix == ".woff2"
        assert address.startswith("data:") or (tmp_path / "katex" / address).is_file()
    assert "MIT" in (tmp_path / "katex/LICENSE").read_text(encoding="utf-8")
