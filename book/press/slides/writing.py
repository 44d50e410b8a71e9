"""Write the decks into a built book: slides/NN_chapter/NN_lesson.html, slides/NN_chapter.html with all of a chapter, and reveal.js."""

import shutil
from pathlib import Path

import jinja2
import sphinx_revealjs

from book.press import course as courses
from book.press.address import ROOT
from book.press.pages import schedule
from book.press.slides import content
from book.press.slides.markup import line
from book.press.translation import catalogs

REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
SHEETS = ("fonts.css", "palette.css")  # the book's letters and colors
REVEAL_FILES = ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")


def write(site, language, editions):
    """Write a deck for each lesson, and a page for each chapter. Their formulas are TeX, which `formulas` draws.

    `editions` returns the editions of a page.
    """
    folder, _ = site / "slides", catalogs.gettext(language)
    for name in REVEAL_FILES:
        (folder / "reveal" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REVEAL / name, folder / "reveal" / name)
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    templates = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True)
    course, english = courses.read(ROOT, language), courses.read(ROOT)
    words = {
        "count": _("{0} slides"),
        "keys": _("Arrow keys: next and back. S: speaker’s notes. O: all slides. F: full screen."),
        "lesson": _("Lesson"),
        "minutes": _("{0} minutes"),
        "slides": _("Slides"),
        "vote": _("Vote"),
    }
    shared = {
        "course": course.title,
        "language": language,
        "sheets": [sheet for sheet in SHEETS if (site / "_static" / sheet).exists()],
        "words": words,
    }

    def save(page, template, **own):
        others = [one for one in editions(page) if one["language"] != language]
        path = site / f"{page}.html"
        path.parent.mkdir(exist_ok=True)
        text = templates.get_template(template).render(**shared, **own, others=others)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")

    for chapter in course.chapters:
        plans = catalogs.catalog(f"book/lesson_plans_{chapter.number}", language)
        decks = []
        for lesson in chapter.lessons:
            facts, plan = schedule.facts(english, lesson.number), course.plans.get(lesson.number)
            deck = content.read(lesson, english.lesson(lesson.number), plan, plans.get(facts, facts), language)
            decks.append((deck, deck.slides))
        title = f"{chapter.number}. {line(chapter.title)}"
        save(f"slides/{chapter.name}", "chapter.html", title=title, decks=decks)
        for deck, slides in decks:
            save(f"slides/{deck.address}", "slides.html", chapter=title, deck=deck, slides=slides)
