"""Write the decks into a built book: slides/NN_name.html, and reveal.js beside them."""

import itertools
import shutil
from pathlib import Path

import jinja2
import sphinx_revealjs

from book.press import course as courses
from book.press.address import ROOT
from book.press.markdown import Heading, Paragraph
from book.press.pages import schedule
from book.press.slides import content
from book.press.slides.deck import Slide, chosen
from book.press.slides.markup import line
from book.press.translation import catalogs

REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
REVEAL_FILES = ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")


def write(site, language):
    """Write a deck for each chapter. Its formulas are TeX, which `formulas` draws."""
    folder, _ = site / "slides", catalogs.gettext(language)
    for name in REVEAL_FILES:
        (folder / "reveal" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REVEAL / name, folder / "reveal" / name)
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    template = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True).get_template("slides.html")
    course, english = courses.read(ROOT, language), courses.read(ROOT)
    for chapter in course.chapters:
        plans = catalogs.catalog(f"book/lesson_plans_{chapter.number}", language)
        lessons = []
        for lesson in chapter.lessons:
            facts = schedule.facts(english, lesson.number)
            plan = course.plans.get(lesson.number)
            lessons.append(content.read(lesson, english.lesson(lesson.number), plan, plans.get(facts, facts), language))
        text = template.render(
            course=course.title,
            language=language,
            words={
                "keys": _("Arrow keys: next and back. S: speaker’s notes. O: all slides. F: full screen."),
                "minutes": _("minutes"),
                "vote": _("Vote"),
            },
            first=_title(chapter),
            decks=list(zip(lessons, chosen(lessons), strict=True)),
        )
        (folder / f"{chapter.name}.html").write_text(text + "\n", encoding="utf-8", newline="\n")


def _title(chapter):
    """Return the first slide, whose notes are the chapter's introduction."""
    blocks = itertools.takewhile(lambda block: not isinstance(block, Heading), chapter.blocks[1:])
    introduction = "".join(f"<p>{line(block.text)}</p>" for block in blocks if isinstance(block, Paragraph))
    return Slide("title", f"{chapter.number}. {line(chapter.title)}", introduction)
