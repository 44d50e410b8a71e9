"""Read a lesson's parts out of its Markdown, for the teacher's guide, the chapters' tables and the tests."""

import dataclasses
import re
from pathlib import Path

OBJECTIVES = re.compile(r"^:::\{admonition\}[^\n]*\n:class: objectives\n(.*?)^:::$", re.M | re.S)
MINUTES = re.compile(r"^\*\*Minutes:\*\* (\d+)$", re.M)
PREREQUISITES = re.compile(r"^\*\*Prerequisites:\*\* (.+(?:\n.+)*)", re.M)
TITLE = re.compile(r"^# (.+)$", re.M)
OPTION = re.compile(r"^:::\{dropdown\} ([A-Z]\. [^\n]+)\n(.*?)^:::$", re.M | re.S)
QUESTION = re.compile(r"^\*\*\d+\. .+", re.M)


@dataclasses.dataclass(frozen=True)
class Lesson:
    path: Path
    title: str
    minutes: int | None
    prerequisites: str
    objectives: list[str]
    sections: dict[str, str]


def read(path):
    """The parts of one lesson, or of a chapter's exercises; what is missing is empty."""
    text = path.read_text(encoding="utf-8")
    prose = re.sub(r"^```\{code-cell\}.*?^```$", "", text, flags=re.M | re.S)
    title, minutes, box = TITLE.search(prose), MINUTES.search(prose), OBJECTIVES.search(prose)
    inside = box[1] if box else ""
    prerequisites = PREREQUISITES.search(inside)
    pieces = re.split(r"^## (.+)$", prose, flags=re.M)
    return Lesson(
        path=path,
        title=title[1].strip() if title else "",
        minutes=int(minutes[1]) if minutes else None,
        prerequisites=" ".join(prerequisites[1].split()) if prerequisites else "",
        objectives=[" ".join(item.split()) for item in re.findall(r"^- (.+(?:\n  .+)*)", inside, re.M)],
        sections={name.strip(): body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)},
    )


def of_chapter(folder):
    """The lessons of a chapter in order, its exercises last."""
    numbered = sorted(path for path in folder.glob("*.md") if path.name not in ("index.md", "exercises.md"))
    exercises = folder / "exercises.md"
    return [read(path) for path in numbered + ([exercises] if exercises.exists() else [])]


def table(folder, prefix="", solutions=True):
    """A Markdown table of a chapter's lessons: title, minutes, objectives."""
    rows = ["| lesson | minutes | the reader learns to |", "|---|--:|---|"]
    parts = "a hint, a check and a solution" if solutions else "a hint and a check"
    lessons = of_chapter(folder)
    for lesson in lessons:
        link = f"[{lesson.title}]({prefix}{lesson.path.with_suffix('.ipynb').name})"
        goals = " ".join(lesson.objectives) or f"practise: each exercise has {parts}"
        rows.append(f"| {link} | {lesson.minutes or ''} | {goals.rstrip('.;').replace('|', chr(92) + '|')} |")
    rows.append(f"| **together** | **{sum(lesson.minutes or 0 for lesson in lessons)}** | |")
    return "\n".join(rows)
