"""Questions as Moodle XML, which many other systems read, too.

Texts become HTML. Formulas stay TeX, between \\( and \\) or \\[ and \\], where Moodle's MathJax looks for them. A figure is a
file in base64.
"""

import base64
import functools
import html
import re

from book.press.translation import catalogs

COURSE = "Hyperparameter Tuning from Scratch"  # the category above all others


@functools.cache
def _markdown():
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    parser.add_render_rule("math_inline", lambda self, tokens, i, *rest: f"\\({html.escape(tokens[i].content)}\\)")
    parser.add_render_rule(
        "math_block", lambda self, tokens, i, *rest: f"<p>\\[{html.escape(tokens[i].content)}\\]</p>\n"
    )
    return parser


def as_html(text):
    """Return Markdown as HTML; a single paragraph gets no tag."""
    out = _markdown().render(text).strip()
    bare = re.fullmatch(r"<p>(.*)</p>", out, re.S)
    return bare[1] if bare and "<p>" not in bare[1] else out


def _path(question):
    """Return the path of its category in the question bank; a single slash in a title would open one more level."""
    top, _, title = question.category.partition("/")
    course = catalogs.gettext(question.language)(COURSE)
    return "/".join(["$course$", "top", course, top, title.replace("/", "//")])


def _why(option, language):
    _ = catalogs.gettext(language)
    return as_html(f"**{_('Right') if option.right else _('No')}.** {option.why}")


def moodle(questions, pictures):
    """Return Moodle XML; `pictures` maps the names of questions to PNGs."""
    out, category = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"], None
    for question in questions:
        if question.category != category:
            category = question.category
            path = _cdata(_path(question))
            out.append(f'<question type="category"><category><text>{path}</text></category></question>')
        out.append(_moodle_question(question, pictures.get(question.name)))
    return "\n".join([*out, "</quiz>", ""])


def _moodle_question(question, image):
    text, file = as_html(question.text), ""
    if image:
        text += f'\n<p><img src="@@PLUGINFILE@@/figure.png" alt="{html.escape(question.alt)}"></p>'
        file = f'<file name="figure.png" path="/" encoding="base64">{base64.b64encode(image).decode()}</file>'
    kind = "multichoice" if question.options else "numerical"
    out = [
        f'<question type="{kind}">',
        f"<name><text>{_cdata(question.name)}</text></name>",
        f'<questiontext format="html"><text>{_cdata(text)}</text>{file}</questiontext>',
        f'<generalfeedback format="html"><text>{_cdata(as_html(question.solution))}</text></generalfeedback>',
        "<defaultgrade>1</defaultgrade>",
        "<penalty>0.3333333</penalty>",
        "<hidden>0</hidden>",
    ]
    if question.options:
        out += [
            "<single>true</single>",
            "<shuffleanswers>true</shuffleanswers>",
            "<answernumbering>ABCD</answernumbering>",
        ]
    for option in question.options:
        feedback = f'<feedback format="html"><text>{_cdata(_why(option, question.language))}</text></feedback>'
        fraction, text = 100 if option.right else 0, _cdata(as_html(option.text))
        out.append(f'<answer fraction="{fraction}" format="html"><text>{text}</text>{feedback}</answer>')
    if question.number:
        tolerance = f"<tolerance>{question.tolerance}</tolerance>"
        out.append(f'<answer fraction="100"><text>{question.number}</text>{tolerance}</answer>')
    return "\n".join([*out, "</question>"])


def _cdata(text):
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
