"""Three ways through the course, and what each lesson needs: tables of the teacher's guide, computed from the lessons.

A lesson is named by chapter and place, as in "5.4"; "E5" is the exercises of chapter 5. A lesson needs those that its
prerequisites link to. A cut that leaves one of them out says what to tell instead.
"""

import dataclasses
import math
import posixpath
import re

from book.press.pages import lessons

IN_CLASS = 1.5  # minutes in class for one minute of a learner alone
LINK = re.compile(r"\]\(([^)]+)\.ipynb\)(?! is not needed)")
ANY_LINK = re.compile(r"\]\(([^)]+)\.ipynb\)")
MARK = re.compile(r"^<!-- (totals|needs|cut|lesson)(?: ([\w. -]+))? -->$", re.M)


@dataclasses.dataclass(frozen=True)
class Session:
    """One meeting: its lessons, and the exercises that follow at home."""

    when: str
    lessons: tuple[str, ...]
    home: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Cut:
    """A way through the course: at most `limit` minutes in class each time; what to tell for a lesson that is left out."""

    sessions: tuple[Session, ...]
    limit: int
    told: dict[str, str]


CUTS = {
    "one day": Cut(
        limit=120,
        sessions=(
            Session("morning", ("1.2", "2.1")),
            Session("before lunch", ("2.3", "2.4")),
            Session("after lunch", ("4.2",)),
            Session("afternoon", ("5.4", "5.6"), ("E1",)),
        ),
        told={
            "1.1": "Training sets parameters. We choose hyperparameters before it, and judge them on validation rows.",
            "2.2": "Another seed often gives another winner, and the winner's own score is too good.",
            "4.1": "The outer loop sees one number for each training, and no slope.",
        },
    ),
    "four weeks": Cut(
        limit=240,
        sessions=(
            Session("week 1", ("1.1", "1.2", "2.1", "2.3"), ("E1",)),
            Session("week 2", ("2.2", "2.4", "3.1", "3.2", "3.3"), ("E2",)),
            Session("week 3", ("4.1", "4.2", "4.3", "4.4"), ("E4",)),
            Session("week 4", ("5.1", "5.4", "5.6", "6.3"), ("E5",)),
        ),
        told={},
    ),
    "one term": Cut(
        limit=120,
        sessions=(
            Session("week 1", ("1.1",)),
            Session("week 2", ("1.2", "2.1"), ("E1",)),
            Session("week 3", ("2.2", "2.3", "2.4")),
            Session("week 4", ("2.5", "3.1", "3.2"), ("E2",)),
            Session("week 5", ("3.3", "3.4", "4.1"), ("E3",)),
            Session("week 6", ("4.2", "4.3")),
            Session("week 7", ("4.4",)),
            Session("week 8", ("4.5", "4.6"), ("E4",)),
            Session("week 9", ("5.1", "5.2")),
            Session("week 10", ("5.3", "5.4")),
            Session("week 11", ("5.5", "5.7")),
            Session("week 12", ("5.6", "6.3")),
            Session("week 13", ("5.8", "5.9"), ("E5",)),
            Session("week 14", ("6.1",)),
            Session("week 15", ("6.2",), ("E6",)),
        ),
        told={},
    ),
}


def course(root):
    """All lessons by number, and the exercises of each chapter as E1, E2, …, in order."""
    numbered = {}
    for chapter, folder in enumerate(sorted(path.parent for path in root.glob("chapters/*/index.md")), 1):
        for place, lesson in enumerate(lessons.of_chapter(folder), 1):
            exercises = lesson.path.name == "exercises.md"
            numbered[f"E{chapter}" if exercises else f"{chapter}.{place}"] = lesson
    return numbered


def needs(numbered):
    """For each lesson, the lessons that its prerequisites link to."""
    number = {lesson.path.resolve(): name for name, lesson in numbered.items()}
    return {
        name: [number[(lesson.path.parent / f"{link}.md").resolve()] for link in LINK.findall(lesson.prerequisites)]
        for name, lesson in numbered.items()
    }


def minutes(numbered, names):
    """Of a learner, for all these lessons together."""
    return sum(numbered[name].minutes for name in names)


def in_class(numbered, names):
    """Minutes in class for these lessons, rounded up to five."""
    return 5 * math.ceil(minutes(numbered, names) * IN_CLASS / 5)


def filled(text, root):
    """A page of the teacher's with the tables in the place of their marks."""
    numbered = course(root)
    tables = {"totals": totals, "needs": table_of_needs, "cut": cut, "lesson": facts}

    def table(match):
        return tables[match[1]](numbered, *([match[2]] if match[2] else []))

    return MARK.sub(table, text)


def hours(number):
    """90 minutes as 1 h 30."""
    return f"{number // 60} h {number % 60:02}"


def totals(numbered):
    rows = ["| chapter | lessons | minutes | in class | exercises at home |", "|---|--:|--:|--:|--:|"]
    chapters = sorted({name[0] for name in numbered if name[0] != "E"})
    for chapter in [*chapters, ""]:
        of_it = [name for name in numbered if name[0] != "E" and name.startswith(chapter)]
        home = minutes(numbered, [name for name in numbered if name.startswith(f"E{chapter}")])
        told = minutes(numbered, of_it)
        cells = [chapter or "all", str(len(of_it)), str(told), hours(in_class(numbered, of_it)), str(home)]
        rows.append("| " + " | ".join(cells if chapter else [f"**{cell}**" for cell in cells]) + " |")
    return "\n".join(rows)


def table_of_needs(numbered):
    needed = needs(numbered)
    rows = ["| lesson | minutes | needs | is needed by |", "|---|--:|---|---|"]
    for name, lesson in numbered.items():
        if name[0] != "E":
            later = [other for other, others in needed.items() if name in others]
            cells = [link(lesson, name), str(lesson.minutes), ", ".join(needed[name]) or "–", ", ".join(later) or "–"]
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def cut(numbered, name):
    plan = CUTS[name]
    rows = ["| when | lessons | minutes | in class | at home |", "|---|---|--:|--:|---|"]
    for session in plan.sessions:
        titles = "; ".join(link(numbered[one], one) for one in session.lessons)
        home = "; ".join(f"{link(numbered[one])}, {numbered[one].minutes} min" for one in session.home)
        told = minutes(numbered, session.lessons)
        rows.append(f"| {session.when} | {titles} | {told} | {in_class(numbered, session.lessons)} | {home} |")
    taken = [one for session in plan.sessions for one in session.lessons]
    clock = hours(sum(in_class(numbered, session.lessons) for session in plan.sessions))
    home = minutes(numbered, [one for session in plan.sessions for one in session.home])
    rows.append(
        f"| **together** | **{len(taken)} lessons** | **{minutes(numbered, taken)}** | **{clock}** | **{home} min** |"
    )
    out = [one for one in numbered if one[0] != "E" and one not in taken]
    text = "\n".join(rows) + (f"\n\nLeft out: {', '.join(out)}." if out else "\n\nNothing is left out.")
    if plan.told:
        text += " Tell in their place:\n\n" + "\n".join(
            f"- **{one}** {sentence}" for one, sentence in plan.told.items()
        )
    return text


def facts(numbered, name):
    """One lesson's minutes and prerequisites, with links that hold on the teacher's pages."""
    lesson = numbered[name]
    folder = f"../chapters/{lesson.path.parent.name}"

    def moved(match):
        return f"]({posixpath.normpath(f'{folder}/{match[1]}.ipynb')})"

    before = ANY_LINK.sub(moved, lesson.prerequisites)
    return f"{link(lesson, 'To the lesson')}: **{lesson.minutes} minutes**, {in_class(numbered, [name])} in class. Needs: {before}."


def link(lesson, text=None):
    """A Markdown link to a lesson, for a page in book/."""
    title = f"{text} {lesson.title}" if text and text[0].isdigit() else text or lesson.title
    return f"[{title}](../chapters/{lesson.path.parent.name}/{lesson.path.stem}.ipynb)"
