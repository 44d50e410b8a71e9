r"""A Sphinx extension: KaTeX draws the formulas while the book is built. A page has no script for them, and nothing moves.

Pages and slides are written with TeX, between \( and \) or \[ and \]. When all of them are there, one process of node puts the drawn
formulas in their places: HTML for the eye, MathML for those who listen. A formula that KaTeX does not understand stops the build,
with its page.
"""

import base64
import html
import json
import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.locale import _
from sphinx.util.math import get_node_equation_number

from book.press import npm

SCRIPT = Path(__file__).with_suffix(".js")
USUAL = ("KaTeX_Main-Regular", "KaTeX_Math-Italic")  # the fonts of nearly every formula
NUMBERED = re.compile(r"\\(begin|end)\{(align|alignat|equation|gather)\}")
OTHER_FORMATS = re.compile(r',url\([^)]*\.(woff|ttf)\) format\("\w+"\)')


class FormulaError(SphinxError):
    """Formulas that cannot be drawn, each with its page."""

    category = "Formula"


def inline(translator, node: nodes.math) -> None:
    """Write a formula within a line, to be drawn by `fill`."""
    translator.body.append(translator.starttag(node, "span", "", CLASS="math"))
    translator.body.append(html.escape(f"\\({node.astext()}\\)") + "</span>")
    raise nodes.SkipNode


def display(translator, node: nodes.math_block) -> None:
    """Write a formula with its own line and its number, if it has one, to be drawn by `fill`."""
    translator.body.append(translator.starttag(node, "div", "", CLASS="math"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append(html.escape(f"\\[{aligned(node)}\\]") + "</div>\n")
    raise nodes.SkipNode


def aligned(node: nodes.math_block) -> str:
    """Return the TeX of a formula: lines of one formula, and formulas between blank lines, are below each other."""
    tex = node.astext()
    if node.get("no-wrap", node.get("nowrap", False)):
        return NUMBERED.sub(r"\\\1{\2*}", tex)  # only Sphinx numbers equations
    parts = [part.strip() for part in tex.split("\n\n") if part.strip()]
    parts = [f"\\begin{{split}}{part}\\end{{split}}" if r"\\" in part else part for part in parts]
    lines = r" \\ ".join(parts)
    return lines if len(parts) == 1 else f"\\begin{{aligned}}{lines}\\end{{aligned}}"


def fill(site: Path) -> None:
    """Draw the formulas that wait on the pages of a site, which may be none."""
    pages = [str(path) for path in sorted(site.rglob("*.html"))]
    wrong = json.loads(npm.node(SCRIPT, text=json.dumps(pages)))
    if wrong:
        lines = [f"{Path(page).relative_to(site).as_posix()}: {formula}\n  {said}" for page, formula, said in wrong]
        raise FormulaError("\n".join(dict.fromkeys(lines)))


def copy_style(static: Path) -> None:
    """Write KaTeX's style, its fonts in the one format that every browser knows, and its licence.

    The usual fonts are in the style itself, so that they are there when the text is: no line moves when a font arrives.
    """
    katex, to = npm.modules() / "katex", static / "katex"
    (to / "fonts").mkdir(parents=True, exist_ok=True)
    style = OTHER_FORMATS.sub("", (katex / "dist/katex.min.css").read_text(encoding="utf-8"))
    for font in (katex / "dist/fonts").glob("*.woff2"):
        if font.stem in USUAL:
            content = base64.b64encode(font.read_bytes()).decode("ascii")
            style = style.replace(f"url(fonts/{font.name})", f"url(data:font/woff2;base64,{content})")
        else:
            shutil.copyfile(font, to / "fonts" / font.name)
    (to / "katex.css").write_text(style, encoding="utf-8")
    shutil.copyfile(katex / "LICENSE", to / "LICENSE")


def on_builder_inited(app):
    if app.builder.format == "html":
        copy_style(Path(app.confdir).parent / "_build" / "static")


def on_page_context(app, page, template, context, doctree):
    """Let a page that has a formula load KaTeX's style; every page, if a title has one, which the sidebar shows."""
    titled = any(title.next_node(nodes.math) for title in app.env.titles.values())
    if titled or 'class="math' in context.get("body", ""):
        app.add_css_file("katex/katex.css")


def on_build_finished(app, exception):
    if exception is None and app.builder.format == "html":
        fill(Path(app.outdir))


def setup(app):
    app.add_html_math_renderer("katex", (inline, None), (display, None))
    app.connect("builder-inited", on_builder_inited)
    app.connect("html-page-context", on_page_context)
    app.connect("build-finished", on_build_finished, priority=900)  # when the slides are there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
