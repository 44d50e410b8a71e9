"""A Sphinx extension: the options of a page's quiz, in the order of `book.press.quizzes`."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import is_component

from book.press import quizzes

ASKED = re.compile(r"(\d+)\. ")
LETTERED = re.compile(r"[A-H]\. ")


class Ordered(SphinxPostTransform):
    """Put the options of a page's quiz in order, when the page is in its language."""

    default_priority = 100  # before sphinx-design makes <details> of them
    formats = ("html",)

    def run(self, **options):
        for section in self.document.findall(nodes.section):
            number, boxes = 0, []
            for node in [*section.children, nodes.comment()]:
                if is_component(node, "dropdown") and LETTERED.match(node[0].astext()):
                    boxes.append(node)
                    continue
                if number and boxes:
                    order_boxes(section, boxes, self.env.docname, number)
                asked = ASKED.match(node.astext()) if isinstance(node, nodes.paragraph) else None
                number, boxes = int(asked[1]) if asked else 0, []


def order_boxes(section: nodes.section, boxes: list[nodes.Element], page: str, number: int) -> None:
    """Put the options of one question, which follow each other in a section, in order."""
    first = section.index(boxes[0])
    texts = [LETTERED.sub("", box[0].astext(), count=1) for box in boxes]
    shown = [boxes[place] for place in quizzes.order(page, number, texts)]
    section[first : first + len(boxes)] = shown
    for letter, box in zip(quizzes.LETTERS, shown, strict=False):
        words = next(box[0].findall(nodes.Text))
        words.parent.replace(words, nodes.Text(LETTERED.sub(f"{letter}. ", words, count=1)))


def setup(app):
    app.add_post_transform(Ordered)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
