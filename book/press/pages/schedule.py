"""Parts of pages that are computed from the lessons: cards of a chapter's lessons, three ways through the course, and what each lesson needs.

A lesson is named by chapter and place, as in "5.5"; "E5" is the exercises of chapter 5. A lesson needs those that its
prerequisites link to. A cut that leaves one of them out says what to tell instead.
"""

import dataclasses
import math
import posixpath
import re
from pathlib import Path

import yaml

from book.press import course
from book.press.course import Chapter, Course, Lesson
from book.press.slides.content import read_question
from book.press.slides.markup import line
from book.press.translation import catalogs

IN_CLASS = 1.5  # minutes in class for one minute of a learner alone
LINK = re.compile(r"\]\(([^)]+)\.ipynb\)")
MARK = re.compile(r"^<!-- (totals|needs|cut|lesson)(?: ([\w. -]+))? -->$", re.M)


@dataclasses.dataclass(frozen=True)
class Session:
    """One meeting: its lessons, and the exercises that follow at home."""

    when: str
    lessons: list[str]
    home: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Cut:
    """A way through the course: at most `limit` minutes in class each time; what to tell for a lesson that is left out."""

    sessions: tuple[Session, ...]
    limit: int
    told: dict[str, str]


def cuts(root: Path) -> dict[str, Cut]:
    """Return the ways through the course, by name."""
    listed = yaml.safe_load((root / "book/teacher_schedule.yml").read_text(encoding="utf-8"))
    return {
        name: Cut(tuple(Session(**session) for session in cut["sessions"]), cut["limit"], cut.get("told", {}))
        for name, cut in listed.items()
    }


def cards(chapter: Chapter, language: str = "en", solutions: bool = True) -> str:
    """Return a chapter's pages as cards in HTML, each a link: title, question, minutes, and a mark where there is a device."""
    _ = catalogs.gettext(language)
    offered = (
        _("Each exercise has a hint, a check, and a solution.")
        if solutions
        else _("Each exercise has a hint and a check.")
    )
    in_minutes, interactive = _("{0} minutes"), _("Interactive")
    mark = f' <span class="play">{interactive}</span>'
    items = []
    for page in chapter.pages:
        title, question = f"{page.number} {line(page.title)}", read_question(page.introduction).title
        if page == chapter.exercises:
            title, question = line(page.title), offered
        facts = in_minutes.format(page.minutes or 0) + (mark if page.devices else "")
        items.append(
            f'<li><a href="{page.path.stem}.html"><span class="title">{title}</span> <span class="question">{question}</span>'
            f' <span class="facts">{facts}</span></a></li>'
        )
    lessons = sum(page.minutes or 0 for page in chapter.lessons)
    home = sum(page.minutes or 0 for page in chapter.pages) - lessons
    total = _("Lessons: {0} minutes. Exercises: {1} minutes.").format(lessons, home)
    return "\n".join(['<ol class="lessons">', *items, "</ol>", f'<p class="lessons-total">{total}</p>'])


def needs(of: Course) -> dict[str, list[str]]:
    """Return, for each lesson, the lessons that its prerequisites link to."""
    number = {lesson.page: name for name, lesson in of.pages.items()}
    return {name: [number[page] for page in lesson.needs] for name, lesson in of.pages.items()}


def minutes(of: Course, names) -> int:
    """Return the minutes of a learner, for all these lessons together."""
    return sum(of.pages[name].minutes for name in names)


def in_class(of: Course, names) -> int:
    """Return the minutes in class for these lessons, rounded up to five."""
    return 5 * math.ceil(minutes(of, names) * IN_CLASS / 5)


def filled(text: str, root: Path) -> str:
    """Return a page of the teacher's guide with the tables in place of their marks."""
    of = course.read(root)
    tables = {"totals": totals, "needs": table_of_needs, "cut": cut, "lesson": opening}

    def table(match):
        return tables[match[1]](of, *([match[2]] if match[2] else []))

    return MARK.sub(table, text)


def hours(number: int) -> str:
    """Return 90 minutes as 1 h 30."""
    return f"{number // 60} h {number % 60:02}"


def totals(of: Course) -> str:
    rows = ["| chapter | lessons | minutes | in class | exercises at home |", "|---|--:|--:|--:|--:|"]
    chapters = sorted({name[0] for name in of.pages if name[0] != "E"})
    for chapter in [*chapters, ""]:
        of_it = [name for name in of.pages if name[0] != "E" and name.startswith(chapter)]
        home = minutes(of, [name for name in of.pages if name.startswith(f"E{chapter}")])
        told = minutes(of, of_it)
        cells = [chapter or "all", str(len(of_it)), str(told), hours(in_class(of, of_it)), str(home)]
        rows.append("| " + " | ".join(cells if chapter else [f"**{cell}**" for cell in cells]) + " |")
    return "\n".join(rows)


def table_of_needs(of: Course) -> str:
    needed = needs(of)
    rows = ["| lesson | minutes | needs | is needed by |", "|---|--:|---|---|"]
    for name, lesson in of.pages.items():
        if name[0] != "E":
            later = [other for other, others in needed.items() if name in others]
            cells = [link(lesson, name), str(lesson.minutes), ", ".join(needed[name]) or "–", ", ".join(later) or "–"]
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def cut(of: Course, name: str) -> str:
    plan = cuts(of.root)[name]
    rows = ["| when | lessons | minutes | in class | at home |", "|---|---|--:|--:|---|"]
    for session in plan.sessions:
        titles = "; ".join(link(of.pages[one], one) for one in session.lessons)
        home = "; ".join(f"{link(of.pages[one])}, {of.pages[one].minutes} min" for one in session.home)
        told = minutes(of, session.lessons)
        rows.append(f"| {session.when} | {titles} | {told} | {in_class(of, session.lessons)} | {home} |")
    taken = [one for session in plan.sessions for one in session.lessons]
    clock = hours(sum(in_class(of, session.lessons) for session in plan.sessions))
    home = minutes(of, [one for session in plan.sessions for one in session.home])
    rows.append(f"| **total** | **{len(taken)} lessons** | **{minutes(of, taken)}** | **{clock}** | **{home} min** |")
    out = [one for one in of.pages if one[0] != "E" and one not in taken]
    text = "\n".join(rows) + (f"\n\nLeft out: {', '.join(out)}." if out else "\n\nNothing is left out.")
    if plan.told:
        text += " Tell your class instead:\n\n" + "\n".join(
            f"- **{one}** {sentence}" for one, sentence in plan.told.items()
        )
    return text


def facts(of: Course, name: str) -> str:
    """Return one lesson's minutes and prerequisites, with links that hold on the teacher's pages."""
    lesson = of.pages[name]
    folder = f"../chapters/{lesson.path.parent.name}"

    def moved(match):
        return f"]({posixpath.normpath(f'{folder}/{match[1]}.ipynb')})"

    before = LINK.sub(moved, lesson.prerequisites)
    return f"{link(lesson, 'To the lesson')}: **{lesson.minutes} minutes**, {in_class(of, [name])} in class. Needs: {before}."


def opening(of: Course, name: str) -> str:
    """Return what a lesson's plan begins with: the facts, and what the reader learns to do."""
    return f"{facts(of, name)}\n\nThe reader learns to {' '.join(of.pages[name].objectives).rstrip('.;')}."


def link(lesson: Lesson, text: str = "") -> str:
    """Return a Markdown link to a lesson, for a page in book/."""
    title = f"{text} {lesson.title}" if text and text[0].isdigit() else text or lesson.title
    return f"[{title}](../chapters/{lesson.path.parent.name}/{lesson.path.stem}.ipynb)"
