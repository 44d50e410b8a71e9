"""Markdown as the HTML of a slide: formulas as TeX, no links, and everything on one line."""

import functools
import html
import re

from book.press.markdown import new_parser
from book.press.notebooks.plain_markdown import role_text

# A Korean particle stays on the line of its formula or bracket, a comma on that of its formula.
PARTICLE = re.compile(r"(\)(?:</span>)?)(?=[가-힣])|(\\\)</span>)(?=[,.;:?!])")
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[^\sa-z0-9±])")


@functools.cache
def _parser():
    parser = new_parser()
    parser.core.ruler.push("quotes", _quotes)
    for name in ("link_open", "link_close", "myst_line_comment"):
        parser.add_render_rule(name, lambda *_: "")
    parser.add_render_rule("html_inline", lambda self, tokens, i, *_: re.sub("</?a[^>]*>", "", tokens[i].content))
    parser.add_render_rule("math_inline", lambda self, tokens, i, *_: _inline_formula(tokens[i].content))
    parser.add_render_rule("math_block", lambda self, tokens, i, *_: formula(tokens[i].content))
    parser.add_render_rule("myst_role", lambda self, tokens, i, *_: _role(tokens[i].meta["name"], tokens[i].content))
    return parser


def _quotes(state):
    """Put typographic quotes into the text, by the rules of Sphinx, which cover particles, too."""
    from docutils.utils.smartquotes import educate_tokens

    for block in state.tokens:
        children = block.children or []
        texts = [("plain" if child.type == "text" else "literal", child.content) for child in children]
        for child, text in zip(children, educate_tokens(texts, attr="qDe"), strict=True):
            child.content = text


def blocks(text):
    """Return the HTML of a Markdown text: paragraphs, lists, formulas."""
    return _joined(_parser().render(text))


def line(text):
    """Return the HTML of a single paragraph, or of a title, without its tag."""
    return _joined(_parser().renderInline(text))


def _joined(text):
    return PARTICLE.sub("\\g<0>\u2060", " ".join(text.split()))


def formula(tex):
    """Return the HTML of a formula on a line of its own."""
    tex = tex.strip()
    lines = f"\\begin{{split}}{tex}\\end{{split}}" if r"\\" in tex else tex
    return '<div class="math">' + html.escape(f"\\[{lines}\\]") + "</div>"


def _inline_formula(tex):
    return '<span class="math">' + html.escape(f"\\({tex}\\)") + "</span>"


def _role(name, text):
    return _inline_formula(text) if name == "math" else html.escape(role_text(name, text))


def short(text, most):
    """Return the first sentences of some HTML, as many as fit into so many characters, but at least one."""
    first, *others = SENTENCE.split(text)
    for sentence in others:
        if len(re.sub("<[^>]+>", "", f"{first} {sentence}")) > most:
            break
        first += f" {sentence}"
    return first
