"""Run a check of a chapter's exercises on an answer that is wrong, and return what the check says.

A chapter's notebook is run once, with its solutions, in one namespace. What is defined before each exercise is kept, and
is put back before an answer is tried: so a wrong answer meets the check as it would in the student's notebook, and
whatever it or the check puts in the place of a function is seen by all others, and is gone afterwards.

A check asks in the open what its student's notebook shows, and then what stands between `### BEGIN HIDDEN TESTS` and
`### END HIDDEN TESTS`, which the student never sees.
"""

import functools
import pickle
import re
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import yaml

from book.press.notebooks import exercises

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
ANSWERS = Path(__file__).with_suffix("")  # a folder with a table for each chapter
WITH_EXERCISES = sorted(path.parent.name for path in CHAPTERS.glob("*/exercises.md"))
HUNK = re.compile(r"((?:^-.*\n)+)((?:^\+.*\n)*)", re.M)  # lines that go, and what comes in their place
HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS\n(.*?)^### END HIDDEN TESTS\n", re.M | re.S)


SLOW = ("folds_of",)  # generators of the exercises that take long: wrong answers ask for the same again and again


@dataclass
class Notebook:
    """A chapter's exercises, run: for each grade_id of a check its source, and the names before its exercise."""

    names: dict = field(default_factory=lambda: {"__name__": "__main__"})
    checks: dict = field(default_factory=dict)


@functools.cache
def cells(chapter):
    """The code cells of a chapter's exercises, each with its grade_id or None."""
    found = jupytext.read(CHAPTERS / chapter / "exercises.md").cells
    return [(cell, cell.metadata.get("nbgrader", {}).get("grade_id")) for cell in found if cell.cell_type == "code"]


@functools.cache
def notebook(chapter):
    """The chapter's exercises after a run with their solutions."""
    ran, before = Notebook(), {}
    for cell, grade_id in cells(chapter):
        if exercises.is_solution(cell):
            before = dict(ran.names)
        if exercises.is_check(cell):
            ran.checks[grade_id] = cell.source, before
        exec(compile(cell.source, f"<{grade_id}>", "exec"), ran.names)
        for name in SLOW if not grade_id else ():
            if name in ran.names:
                ran.names[name] = remembering(ran.names[name])
    return ran


def remembering(generator):
    """The generator, which computes nothing twice; it must depend on its arguments alone."""
    known = {}

    @functools.wraps(generator)
    def remembered(*args, **kwargs):
        key = pickle.dumps((args, kwargs))
        if key not in known:
            known[key] = list(generator(*args, **kwargs))
        return iter(known[key])

    return generator if hasattr(generator, "__wrapped__") else remembered


def checks(chapter):
    """The grade_ids of a chapter's checks, in order."""
    return [grade_id for cell, grade_id in cells(chapter) if exercises.is_check(cell)]


def solution(chapter, check):
    """The source of the solution that belongs to a check."""
    wanted = check.removeprefix("check-")
    return next(exercises.solved(cell.source) for cell, grade_id in cells(chapter) if grade_id == wanted)


@functools.cache
def table(chapter):
    """Return the wrong answers of a chapter, for each check: `wrong`, each by its name, and what else stands there with them.

    An answer stands there in full, or as the lines by which it differs from a right one: from the solution, or from the right
    answer that is given there in other words. It is returned in full, with a part of the hint that the check gives to it.
    """
    found = yaml.safe_load((ANSWERS / f"{chapter}.yml").read_text(encoding="utf-8"))
    for check, entries in found.items():
        right = entries.setdefault("right", solution(chapter, check))
        entries["wrong"] = {name: (given(right, entry), entry["hint"]) for name, entry in entries["wrong"].items()}
    return found


def given(right, entry):
    """Return the answer of an entry: as it stands there, or the right one after its changes."""
    answer = entry.get("answer", f"\n{right}\n")
    for hunk in HUNK.finditer(entry.get("diff", "")):
        old, new = ("\n" + re.sub("^.", "", lines, flags=re.M) for lines in hunk.groups())
        found = len(re.findall(f"(?={re.escape(old)})", answer))
        assert found == 1, f"the right answer holds {found} times:{old}"
        answer = answer.replace(old, new)
    return answer.strip("\n")


def answered(chapter, check, answer):
    """The names that this check meets after this answer (Python source), and its parts: in the open, hidden, at last."""
    ran = notebook(chapter)
    source, before = ran.checks[check]
    ran.names.clear()
    ran.names.update(before)
    exec(compile(answer, "<answer>", "exec"), ran.names)
    return ran.names, HIDDEN.split(source)


def objection(source, names):
    """The message of the first assertion of this source that fails, else None. Any other error goes through."""
    try:
        exec(compile(source, "<check>", "exec"), names)
    except AssertionError as error:
        return str(error)
    return None


def hint(chapter, check, answer, hidden=True):
    """The message of the check's assertion on this answer (Python source), or "passed"; without its hidden tests, as a student sees it."""
    names, parts = answered(chapter, check, answer)
    return objection("".join(parts if hidden else parts[::2]), names) or "passed"
