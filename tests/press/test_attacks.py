"""No submission changes anything outside its folder, outlives its notebook, or gets points for what it does to its grader."""

import re
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import attacks
import nbformat
import pytest
import submissions
from test_classroom import DOUBLE, SMALL, SQUARE, environment, first_course, hand_in, marks  # noqa: F401

from book.press.classroom import confine, course_folder as classroom, grading

pytestmark = pytest.mark.skipif(
    confine.supported() < 6, reason="needs a Linux that confines processes and their signals"
)


def before(code, places, answers=(SQUARE, DOUBLE)):
    """The answers, with this code before the first one; what it raises is hidden."""
    lines = [f"import pathlib\n{name} = pathlib.Path({str(path)!r})" for name, path in places.items()]
    hidden = (
        "try:\n"
        + textwrap.indent(textwrap.dedent(code).strip(), "    ")
        + "\nexcept Exception as error:\n    print(repr(error))"
    )
    return ["\n".join([*lines, hidden, answers[0]]), answers[1]]


@pytest.fixture
def places(first_course, tmp_path):  # noqa: F811
    shutil.copytree(first_course, tmp_path, dirs_exist_ok=True)
    (tmp_path / "outside").mkdir()
    return {"course": tmp_path / "course", "handed_in": tmp_path / "handed in", "outside": tmp_path / "outside"}


def student_notebook(course):
    return nbformat.read(course / "release" / SMALL / f"{SMALL}.ipynb", 4)


def graded(places, answers):
    """The points and the remark of each of these students, and of two honest ones, graded first and last."""
    student = student_notebook(places["course"])
    answers = {"aaa": [SQUARE, DOUBLE], **answers, "zoe": [SQUARE, DOUBLE]}
    handed_in = {name: submissions.filled_in(student, given) for name, given in answers.items()}
    with (places["course"] / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("c.Execute.timeout = 10\n")
    found = hand_in(places["course"], handed_in)
    outside = [grading.contents(places[name]) for name in ("handed_in", "outside")]
    own = {name: grading.contents(places["course"] / name) for name in ("source", "release")}
    classroom.grade(places["course"], found)
    assert [grading.contents(places[name]) for name in ("handed_in", "outside")] == outside
    assert own == {name: grading.contents(places["course"] / name) for name in ("source", "release")}
    steps = {"autograded", "feedback", "source", "release", "submitted"}
    files = {"gradebook.db", "grading.log", "nbgrader_config.py"}
    assert {path.name for path in places["course"].iterdir()} == steps | files
    rows = {student: row for (student, _), row in marks(places["course"]).items()}
    assert rows.pop("aaa") == rows.pop("zoe") == ([1, 2], "")
    return rows


def test_no_submission_changes_anything_outside_its_folder(places):
    names = {f"student {number}": name for number, name in enumerate(attacks.DEEDS)}
    site = sorted(path.name for path in Path(grading.__file__).parent.iterdir())
    rows = graded(places, {student: before(attacks.DEEDS[name], places) for student, name in names.items()})
    assert {names[student]: row for student, row in rows.items()} == dict.fromkeys(attacks.DEEDS, ([1, 2], ""))
    assert site == sorted(path.name for path in Path(grading.__file__).parent.iterdir())


def test_a_changed_mode_which_nothing_prevents_is_put_back_and_costs_the_points(places):
    mode = "(course / 'source').chmod(0o500); (course / 'gradebook.db').chmod(0o666)"
    rows = graded(places, {"moe": before(mode, places)})
    assert rows == {"moe": ([0, 0], "the submission changed the course folder: gradebook.db, source")}


def test_nothing_that_a_submission_has_started_outlives_it(places):
    sign = f"grading_attack_{time.time_ns()}"
    command = [sys.executable, "-c", f"import time; time.sleep(600); {sign!r}"]
    start = f"import os, subprocess\ncommand = {command!r}\n"
    names = {f"student {number}": name for number, name in enumerate(attacks.SURVIVORS)}
    codes = {student: start + textwrap.dedent(attacks.SURVIVORS[name]) for student, name in names.items()}
    rows = graded(places, {student: before(code, places) for student, code in codes.items()})
    assert {names[student]: row for student, row in rows.items()} == dict.fromkeys(attacks.SURVIVORS, ([1, 2], ""))
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.exists()]
    assert not [line for line in running if sign.encode() in line]


def test_no_wrong_answer_gets_points_whatever_it_does_to_its_kernel(places):
    names = {f"student {number}": name for number, name in enumerate(attacks.CHEATS)}
    wrong = {}
    for student, name in names.items():
        code = textwrap.dedent(attacks.CHEATS[name]).strip()
        own = "def double" in code or "square = " in code
        wrong[student] = before(code, places, ("pass", "pass") if own else attacks.WRONG)
    rows = graded(places, wrong)
    assert {names[student]: points for student, (points, _) in rows.items()} == {
        name: [0, 0] for name in attacks.CHEATS
    }


def test_feedback_runs_nothing_that_a_submission_says(places):
    course = places["course"]
    said = "<script>attack()</script><img src='x' onerror='attack()'><svg onload='attack()'></svg>"
    show = f"from IPython.display import HTML, SVG, Javascript, display\nfor kind in (HTML, SVG, Javascript):\n    display(kind({said!r}))"
    notebook = submissions.filled_in(student_notebook(course), before(show, {}))
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"Text **here** {said}"))
    classroom.grade(course, hand_in(course, {"eva": notebook}))
    page = (course / "feedback" / "eva" / SMALL / f"{SMALL}.html").read_text(encoding="utf-8")
    body = re.sub(r"<pre>.*?</pre>", "", page, flags=re.S)  # which shows the source
    assert "<strong>here</strong>" in body
    assert not re.search(r"<[^>]*attack\(\)|<script>attack|<svg[^>]*onload", body)


def test_a_confined_program_writes_to_its_folders_only(tmp_path):
    for name in ("own", "other"):
        (tmp_path / name).mkdir()
    code = "import pathlib, sys\nfor name in sys.argv[1:]: pathlib.Path(name, 'x').write_text('x')"
    command = confine.command([sys.executable, "-c", code, tmp_path / "own"], [tmp_path / "own"], MARK="1")
    assert subprocess.run(command, check=True).returncode == 0
    refused = subprocess.run([*command, tmp_path / "other"], capture_output=True, encoding="utf-8")
    assert "PermissionError" in refused.stderr
    assert [path.name for path in tmp_path.rglob("x")] == ["x"]
