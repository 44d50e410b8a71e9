r"""A Sphinx extension: KaTeX draws the formulas while the book is built. A page has no script for them, and nothing moves.

Pages and slides are written with TeX, between \( and \) or \[ and \]. When all of them are there, one process of node draws the
formulas that are new, and `fill` puts each in its place: HTML for the eye, MathML for those who listen. What was drawn is kept in
book/_build/formulas. A formula that KaTeX does not understand stops the build, with its page.
"""

import base64
import hashlib
import html
import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.locale import _
from sphinx.util.math import get_node_equation_number

from book.press import npm

SCRIPT = Path(__file__).with_suffix(".js")
KEPT = Path(__file__).parents[2] / "_build" / "formulas"
USUAL = ("KaTeX_Main-Regular", "KaTeX_Math-Italic")  # the fonts of nearly every formula
# A formula that waits to be drawn: the tag that opens, with the number of the equation, and the TeX. In a `div` it has its own line.
WAITING = re.compile(
    r'(<(span|div) class="math\b[^>]*>(?:<span class="eqno">.*?</span>)?)\s*(\\[(\[][^<]*\\[)\]])\s*</\2>', re.S
)
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


def drawn(formulas: Iterable[str], folder: Path = KEPT) -> tuple[dict[str, str], dict[str, str]]:
    """Return the HTML of formulas, `\\(...\\)` or `\\[...\\]`, and what is wrong with the others."""
    versions = (npm.HERE / "package-lock.json").read_bytes() + SCRIPT.read_bytes()
    file = folder / f"{hashlib.sha256(versions).hexdigest()[:16]}.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    asked = set(formulas)
    new, errors = sorted(asked - kept.keys()), {}
    if new:
        answers = json.loads(npm.node(SCRIPT, text=json.dumps(new)))
        kept |= {formula: answer["html"] for formula, answer in zip(new, answers, strict=True) if "html" in answer}
        errors = {formula: answer["error"] for formula, answer in zip(new, answers, strict=True) if "error" in answer}
        folder.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps(kept), encoding="utf-8")
        half.replace(file)
    return {formula: kept[formula] for formula in asked & kept.keys()}, errors


def fill(site: Path, folder: Path = KEPT) -> None:
    """Draw the formulas that wait on the pages of a site, which may be none."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    waiting = {path: [html.unescape(found[3]) for found in WAITING.finditer(text)] for path, text in texts.items()}
    known, errors = drawn({formula for page in waiting.values() for formula in page}, folder)
    if errors:
        lines = [
            f"{path.relative_to(site).as_posix()}: {formula}\n  {errors[formula]}"
            for path, page in waiting.items()
            for formula in dict.fromkeys(page)
            if formula in errors
        ]
        raise FormulaError("\n".join(lines))
    for path in filter(waiting.get, waiting):
        text = WAITING.sub(lambda found: f"{found[1]}{known[html.unescape(found[3])]}</{found[2]}>", texts[path])
        path.write_text(text, encoding="utf-8")


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
    if titled or WAITING.search(context.get("body", "")):
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
