"""A Sphinx extension: how the page of a lesson begins. Its number, its chapter and its minutes stand over the title; then comes its question.

What the reader will be able to do, the first box of the source, waits behind the question, closed. The page of a chapter's exercises
has the line over its title, too.
"""

import html
import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book.press.pages.devices import raw
from book.press.translation import catalogs

MINUTES = re.compile(r"[^:]+:\s*(\d+)")  # **Minutes:** 45, in any language
DOT = '&nbsp;<i aria-hidden="true">\u00b7</i> '  # ends a line, and begins none
PAGE = re.compile(r"chapters/0*(\d+)_\w+/(?:0*(\d+)_\w+|exercises)")


def opened(document: nodes.document, page: str, chapter: str, language: str = "en") -> None:
    """Put the line over the title, and the objectives behind the question."""
    section = next(document.findall(nodes.section))
    box = next((node for node in section.children if "objectives" in node.get("classes", [])), None)
    facts = (box or section).children
    minutes = next((node for node in facts if isinstance(node, nodes.paragraph) and MINUTES.fullmatch(node.astext())), None)  # fmt: skip
    if minutes:
        minutes.parent.remove(minutes)
    if box:
        section.remove(box)
        section.insert(section.index(question(section)) + 1, folded(box))
    section.insert(0, raw(place(page, chapter, minutes, language)))


def question(section: nodes.section) -> nodes.paragraph:
    """Return the first paragraph of a section with a question in bold, or else with any question, or else the first one."""
    paragraphs = [node for node in section.children if isinstance(node, nodes.paragraph)]
    asks = [node for node in paragraphs if any(bold.astext().endswith("?") for bold in node.findall(nodes.strong))]
    return (asks or [node for node in paragraphs if "?" in node.astext()] or paragraphs)[0]


def folded(box: nodes.Element) -> nodes.container:
    """Return a closed box of the same title and text."""
    title, *inside = box.children
    summary = raw(f'<details class="objectives"><summary>{html.escape(title.astext())}</summary>')
    return nodes.container("", summary, *inside, raw("</details>"), classes=["opening"])


def place(page: str, chapter: str, minutes: nodes.paragraph | None, language: str) -> str:
    """Return the line over a title: the lesson's number, a link to its chapter, its minutes."""
    number = ".".join(filter(None, PAGE.fullmatch(page).groups()))
    title = html.escape(chapter.removeprefix(f"{number.split('.')[0]}. "))
    parts = [f"<span>{number}</span>", f'<a href="index.html">{title}</a>']
    if minutes:
        _, spent = catalogs.gettext(language), MINUTES.fullmatch(minutes.astext())[1]
        parts.append(f"<span>{_('{0} minutes').format(spent)}</span>")
    return f'<p class="place">{DOT.join(parts)}</p>'


class Openings(SphinxPostTransform):
    """Open the page of a lesson or of exercises."""

    default_priority = 910  # when the page is in its language, and its links lead somewhere
    formats = ("html",)

    def run(self, **options):
        page = self.env.docname
        if PAGE.fullmatch(page):
            found = self.env.titles.get(f"{page.rpartition('/')[0]}/index")  # no page of the chapter: built alone
            opened(self.document, page, found.astext() if found else "", self.config.language)


def setup(app):
    app.add_post_transform(Openings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
