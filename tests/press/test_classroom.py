"""A class hands in what classes hand in, and everybody gets the points that the work is worth."""

import csv
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
import submissions
from submissions import NO_ASSERTS

from book.press.address import ROOT
from book.press.classroom import __main__ as command, confine, course_folder as classroom, grading
from book.press.notebooks import exercises, kernels

SMALL = "00_small"
EXERCISES = [
    (
        "def square(values):\n    ### BEGIN SOLUTION\n    return [v * v for v in values]\n    ### END SOLUTION",
        'assert np.allclose(square([1, 2]), [1, 4]), "Each value times itself."\n'
        "### BEGIN HIDDEN TESTS\nassert np.allclose(square([3]), [9])\n### END HIDDEN TESTS\n"
        'print("Check passed: squares.")',
    ),
    (
        "def double(n):\n    ### BEGIN SOLUTION\n    return 2 * n\n    ### END SOLUTION",
        "assert isinstance(double(2), int)\nassert np.allclose(double(2), 4)\n"
        "### BEGIN HIDDEN TESTS\nassert double(5) == 10\n### END HIDDEN TESTS\n"
        'print("Check passed: doubles.")',
    ),
]


def metadata(grade_id, points=0):
    kind = {"grade": bool(points), "locked": bool(points), "solution": not points, "task": False, "schema_version": 3}
    return {"nbgrader": {"grade_id": grade_id, **kind, **({"points": points} if points else {})}}


def small():
    """An exercise notebook of two exercises, of 1 and 2 points, as its teacher has it."""
    cells = [nbformat.v4.new_code_cell("import numpy as np")]
    for points, (answer, check) in enumerate(EXERCISES, 1):
        cells.append(nbformat.v4.new_code_cell(answer, metadata=metadata(f"exercise-{points}")))
        cells.append(nbformat.v4.new_code_cell(check, metadata=metadata(f"check-{points}", points)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def save(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8", newline="\n")


@pytest.fixture(scope="module", autouse=True)
def environment():
    """The settings of a course folder set variables, for the kernels."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def first_course(tmp_path_factory):
    place = tmp_path_factory.mktemp("class")
    save(place / "solution" / f"{SMALL}.ipynb", small())
    classroom.set_up(place / "course", place / "solution")
    return place


@pytest.fixture
def course(first_course, tmp_path):
    """A course folder with the small notebook; its solution is beside it."""
    shutil.copytree(first_course, tmp_path, dirs_exist_ok=True)
    return tmp_path / "course"


SQUARE, DOUBLE = "def square(values):\n    return [v * v for v in values]", "def double(n):\n    return 2 * n"
ENDLESS = """
import time
def double(n):
    while True:
        try:
            time.sleep(100)
        except KeyboardInterrupt:
            pass
"""
NO_ASSERT_AT_ALL = """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Drop())
"""


def hand_in(folder, students, chapter=SMALL):
    """Put notebooks where the course takes them from: those of these students, by name."""
    for name, notebook in students.items():
        save(folder.parent / "handed in" / name / f"{chapter}.ipynb", notebook)
    found, misfits = classroom.handed_in(folder.parent / "handed in", [chapter])
    assert not misfits
    return found


def marks(folder):
    """The rows of marks.csv: for each student and chapter the points of each exercise, and the remark."""
    with classroom.write_marks(folder).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    points = [[float(row[n]) for n in row if n[:8] == "exercise" and row[n]] for row in rows]
    return {(row["student"], row["chapter"]): (of, row["remark"]) for row, of in zip(rows, points, strict=True)}


def test_each_submission_gets_the_points_that_it_is_worth(course):
    student = nbformat.read(course / "release" / SMALL / f"{SMALL}.ipynb", 4)
    coded, shares = submissions.hard_coded(small(), student)
    assert all("told=" in cell.source for cell in submissions.answers(coded)), "the visible checks refuse it"
    assert shares == [0, 0]
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("c.Execute.timeout = 3\n")
    neighbour = course / "submitted" / "bob 2" / SMALL / f"{SMALL}.ipynb"
    harm = f"import pathlib\npathlib.Path({str(neighbour)!r}).write_text('')\n"
    harmed = f"gradebook.db, submitted/bob 2/{SMALL}/{SMALL}.ipynb"
    harm += f"pathlib.Path({str(course / 'gradebook.db')!r}).unlink()\npathlib.Path('own.txt').write_text('')\n"
    sockets = "from ipykernel.kernelapp import IPKernelApp\n"
    sockets += f"assert IPKernelApp.instance().transport == {kernels.TRANSPORT!r}\n"
    loud = "import sys, warnings\nwarnings.warn('old')\nprint('slow', file=sys.stderr)\n"
    answered = {
        "ada": ("", ""),
        "bob 2": (sockets + SQUARE, DOUBLE.replace("return", "; ".join(loud.split("\n")) + "return")),
        "cho": (NO_ASSERTS + "def square(values): pass", DOUBLE),
        "dan": ("np.allclose = lambda *a: True\ndef square(values): pass", DOUBLE),
        "eve": (SQUARE, "import os\ndef double(n):\n    os._exit(0)"),
        "fay": ("import time\ndef square(values):\n    time.sleep(1000)", DOUBLE),
        "fred": (SQUARE, ENDLESS),
        "gus": (harm + SQUARE, DOUBLE),
        "한나": (SQUARE, NO_ASSERT_AT_ALL + "def double(n): pass"),
    }
    handed_in = {name: submissions.filled_in(student, answers) for name, answers in answered.items()}
    place = hand_in(course, handed_in | {"ada": coded})
    place["ivy", SMALL] = course.parent / "ivy.ipynb"
    place["ivy", SMALL].write_text("{", encoding="utf-8")
    classroom.grade(course, place)

    got = marks(course)
    expected = {
        "ada": ([0, 0], ""),
        "bob 2": ([1, 2], ""),
        "cho": ([0, 2], ""),
        "dan": ([0, 2], ""),
        "eve": ([1, 0], "the kernel died"),
        "fay": ([0, 2], "a cell runs too long"),
        "fred": ([1, 0], "a cell cannot be stopped"),
        "gus": ([0, 2], "") if confine.supported() else ([0, 0], f"the submission changed the course folder: {harmed}"),
        "ivy": ([0, 0], "the file cannot be read as a notebook"),
        "한나": ([1, 0], ""),
    }
    assert got == {(name, SMALL): row for name, row in expected.items()}
    assert neighbour.read_bytes() == place["bob 2", SMALL].read_bytes()
    assert not (course.parent / "own.txt").exists()
    pages = {page.parts[-3] for page in course.glob(f"feedback/*/{SMALL}/{SMALL}.html")}
    assert pages == set(expected) - {"ivy"}


@pytest.mark.parametrize(("load", "longer"), [(0.1, 1), (2, 1), (13, 6.5), (1e6, 10)])
def test_a_machine_that_is_busy_with_other_work_gives_all_of_it_more_time(monkeypatch, load, longer):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0, 0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert grading.busy() == longer


def test_a_right_answer_that_is_slow_only_because_of_other_work_gets_its_points(course, monkeypatch):
    monkeypatch.setattr(grading, "busy", lambda: 10)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("c.Execute.timeout = 2\nc.Run.seconds = 4\n")
    slow = [answer.replace("    return", "    __import__('time').sleep(3)\n    return") for answer in (SQUARE, DOUBLE)]
    student = nbformat.read(course / "release" / SMALL / f"{SMALL}.ipynb", 4)
    classroom.grade(course, hand_in(course, {"ada": submissions.filled_in(student, slow)}))
    assert marks(course) == {("ada", SMALL): ([1, 2], "")}


def test_a_chapter_graded_as_its_students_left_it(course):
    chapter = "06_your_turn"
    executed = nbformat.read(ROOT / "chapters" / chapter / "exercises.ipynb", 4)
    solution = exercises.solution_version(executed)
    save(course.parent / "solution" / f"{chapter}.ipynb", solution)
    assert classroom.set_up(course, course.parent / "solution") == [SMALL, chapter]
    student = nbformat.read(course / "release" / chapter / f"{chapter}.ipynb", 4)
    given = exercises.student_version(executed)
    assert [cell.source for cell in student.cells] == [cell.source for cell in given.cells]
    names = ("from_elsewhere", "half_done", "changes_the_checks")
    kinds = {name: submissions.KINDS[name](solution, student) for name in names}
    classroom.grade(course, hand_in(course, {name: notebook for name, (notebook, _) in kinds.items()}, chapter))
    got = marks(course)
    for name, (_, shares) in kinds.items():
        assert got[name, chapter][0] == submissions.points(solution, shares), name
    assert got["half_done", chapter][1] == ""
    assert got["from_elsewhere", chapter][1] == "put back: check-race-score"
    assert "Notebook JSON is invalid" not in (course / "grading.log").read_text(encoding="utf-8")


def test_what_was_graded_is_not_graded_again_and_points_given_by_hand_stay(course, capsys):
    student = nbformat.read(course / "release" / SMALL / f"{SMALL}.ipynb", 4)
    classroom.grade(course, hand_in(course, {"zoe": submissions.filled_in(student, [SQUARE])}))
    with classroom.gradebook(course) as book:
        book.find_grade("check-2", SMALL, SMALL, "zoe").manual_score = 1.5
        book.db.commit()
    ran = course / "autograded" / "zoe" / SMALL / f"{SMALL}.ipynb"
    before = ran.stat().st_mtime_ns
    capsys.readouterr()

    classroom.set_up(course, course.parent / "solution")
    place = hand_in(course, {})
    place["amy", SMALL] = course.parent / "amy.ipynb"
    place["amy", SMALL].write_text("[]", encoding="utf-8")
    classroom.grade(course, place)
    assert capsys.readouterr().out.splitlines() == [
        f"1/2 zoe {SMALL}: 2.5 of 3, graded before",
        f"2/2 amy {SMALL}: 0 of 3, the file cannot be read as a notebook",
    ]
    assert ran.stat().st_mtime_ns == before
    unread = "the file cannot be read as a notebook"
    assert list(marks(course).items()) == [(("amy", SMALL), ([0, 0], unread)), (("zoe", SMALL), ([1, 1.5], ""))]

    place["zoe", SMALL].write_text("no notebook", encoding="utf-8")
    classroom.grade(course, place)
    assert marks(course)["zoe", SMALL] == ([0, 1.5], unread)
    assert not ran.exists()


def test_the_table_has_a_row_for_what_a_student_has_not_handed_in(course):
    more = small()
    more.cells = more.cells[:3]
    save(course.parent / "solution" / "01_more.ipynb", more)
    save(course.parent / "solution" / "02_nobody.ipynb", more)
    chapters = classroom.set_up(course, course.parent / "solution")
    for path in ("ada/00_small.ipynb", "bob/01_more/01_more.ipynb"):
        file = course.parent / "in" / path
        file.parent.mkdir(parents=True)
        file.write_text("", encoding="utf-8")
    classroom.grade(course, classroom.handed_in(course.parent / "in", chapters)[0])
    text = classroom.write_marks(course).read_text(encoding="utf-8-sig").splitlines()
    assert text == [
        "student,chapter,points,of,exercise 1,exercise 2,remark",
        "ada,00_small,0,3,0,0,the file cannot be read as a notebook",
        "ada,01_more,0,1,0,,nothing was handed in",
        "bob,00_small,0,3,0,0,nothing was handed in",
        "bob,01_more,0,1,0,,the file cannot be read as a notebook",
    ]


def test_each_file_that_fits_no_place_is_named(tmp_path):
    def touch(*paths):
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()

    touch("ada/hpt_lab-1.0-py3-none-any.whl", "ada/.ipynb_checkpoints/01_a-checkpoint.ipynb", ".DS_Store")
    touch("ada/01_a.ipynb", "bob/01_a/01_a.ipynb")
    fitting = {("ada", "01_a"): tmp_path / "ada/01_a.ipynb", ("bob", "01_a"): tmp_path / "bob/01_a/01_a.ipynb"}
    assert classroom.handed_in(tmp_path, ["01_a"]) == (fitting, [])
    astray = ["01_a.ipynb", "ada/01_a (1).ipynb", "bob/01_a.ipynb", "bob/02_b/01_a.ipynb"]
    touch(*astray, "cho/work.zip", "d[1]/01_a.ipynb")
    found, misfits = classroom.handed_in(tmp_path, ["01_a"])
    assert found == fitting
    named = [line.rpartition(": ")[0].removeprefix(str(tmp_path))[1:] for line in misfits]
    assert [name.replace("\\", "/") for name in named] == [*astray, "cho", "d[1]"]
    for path in fitting.values():
        path.unlink()
    shutil.rmtree(tmp_path / "bob")
    with pytest.raises(SystemExit, match=r"ada/01_a \(1\)\.ipynb: not a chapter's notebook"):
        classroom.handed_in(tmp_path, ["01_a"])


def test_a_file_that_fits_no_place_is_named_before_anything_is_done_and_all_others_are_graded(
    course, monkeypatch, capsys
):
    solutions = course.parent / "book" / "course" / "solution"
    shutil.copytree(course.parent / "solution", solutions)
    monkeypatch.setattr(command, "ROOT", course.parent / "book")
    set_up, said = classroom.set_up, []
    monkeypatch.setattr(classroom, "set_up", lambda *given: (said.append(capsys.readouterr().out), set_up(*given))[1])
    save(course.parent / "in" / "ada" / f"{SMALL}.ipynb", small())
    for student in ("bob", "cho"):
        save(course.parent / "in" / student / f"{SMALL}{' (1)' * (student == 'bob')}.ipynb", small())
    command.main([str(course), str(course.parent / "in")])
    left_out = rf"LEFT OUT, and not graded .*\n\S*in/bob/{SMALL} \(1\)\.ipynb: not a chapter's notebook at [^\n]*\n\n"
    assert re.fullmatch(rf"\n{left_out}", said[0])
    ended = capsys.readouterr().out
    assert re.search(rf"\n1/2 ada {SMALL}: 3 of 3\n2/2 cho {SMALL}: 3 of 3\n\S*marks\.csv\n\n{left_out}\Z", ended)
    assert marks(course) == {(student, SMALL): ([1, 2], "") for student in ("ada", "cho")}


def test_a_folder_that_is_not_there_or_is_empty_is_an_error(tmp_path):
    for folder, said in (
        (tmp_path / "nowhere", "nowhere: there is no such folder"),
        (tmp_path, "no submissions in it"),
    ):
        with pytest.raises(SystemExit, match=said):
            classroom.handed_in(folder, ["01_a"])


def test_nothing_is_graded_where_a_package_is_missing_that_the_exercises_import(course):
    source = course / "source" / SMALL / f"{SMALL}.ipynb"
    notebook = small()
    notebook.cells[0].source = "%matplotlib inline\nfrom no_such_package.part import thing"
    save(source, notebook)
    with pytest.raises(SystemExit, match=r'the exercises need no_such_package: pip install -e "\.\[course\]"'):
        classroom.require(course, [SMALL])


def test_a_course_folder_needs_the_notebooks_that_make_course_writes(tmp_path):
    with pytest.raises(SystemExit, match="`make course`"):
        classroom.set_up(tmp_path / "course", tmp_path)


def test_settings_of_a_course_stay_as_a_teacher_has_set_them(course):
    settings = course / "nbgrader_config.py"
    settings.write_text("c = get_config()\n", encoding="utf-8")
    classroom.set_up(course, course.parent / "solution")
    assert settings.read_text(encoding="utf-8") == "c = get_config()\n"


def test_the_released_notebook_holds_neither_solutions_nor_hidden_tests_nor_anything_else(course):
    notebook = nbformat.read(course / "release" / SMALL / f"{SMALL}.ipynb", 4)
    wanted = [exercises.stub(exercises.visible(cell.source)) for cell in small().cells]
    assert [cell.source for cell in notebook.cells] == wanted
    assert not (course / "source" / "header.ipynb").exists()


def test_every_command_of_the_guide_is_run_word_for_word(root):
    guide = (root / "book" / "teacher_grading.md").read_text(encoding="utf-8")
    section = re.search(r"^## Grade with nbgrader\n(.*?)(?=^## |\Z)", guide, re.M | re.S)[1]
    blocks = re.findall(r"^```\n(.*?)^```$", section, re.M | re.S)
    script = (root / ".ci" / "classroom").read_text(encoding="utf-8")
    said = re.findall(r"""^say (\d) (["'])(.*?)\2""", script, re.M)
    assert len(blocks) >= 6
    assert {int(number) for number, *_ in said} == set(range(1, len(blocks) + 1))
    assert all(fragment in blocks[int(number) - 1] for number, _, fragment in said)


# What is added to nbgrader


def test_a_submission_that_lost_its_metadata_gets_its_checks_back_where_they_were():
    source, notebook = small(), small()
    for cell in notebook.cells:
        cell.source = exercises.visible(cell.source)
        cell.metadata = nbformat.from_dict({"tags": ["skip-execution"]})
    assert grading.label(notebook, source) == []
    assert [grading.grade_id(cell) for cell in notebook.cells] == ["", "", "check-1", "", "check-2"]
    assert not any("tags" in cell.metadata for cell in notebook.cells)


@pytest.mark.parametrize(
    ("deleted", "order"),
    [
        ([2], ["", "exercise-1", "check-1", "exercise-2", "check-2"]),
        ([1, 2], ["", "exercise-2", "check-2", "check-1"]),
        ([0, 1, 2, 3, 4], ["check-1", "check-2"]),
    ],
)
def test_a_lost_check_is_put_back_after_its_answer_or_at_the_end(course, monkeypatch, deleted, order):
    notebook = small()
    notebook.cells = [cell for place, cell in enumerate(notebook.cells) if place not in deleted]
    monkeypatch.chdir(course)
    names = {"assignment": SMALL, "notebook": SMALL}
    notebook, _ = grading.Complete().preprocess(notebook, {"nbgrader": names})
    assert [grading.grade_id(cell) for cell in notebook.cells] == order


@pytest.mark.parametrize("metadata", [{"grade": False, "points": 50, "schema_version": 99}, {}])
def test_changed_metadata_is_as_the_source_has_it(metadata):
    notebook = small()
    notebook.cells[2].metadata["nbgrader"] = nbformat.from_dict({"grade_id": "check-1", **metadata})
    assert grading.label(notebook, small()) == []
    assert notebook.cells[2].metadata == small().cells[2].metadata


@pytest.mark.parametrize("metadata", [None, 3, [], {"grade_id": ["check-1"]}, {"grade_id": "unknown", "grade": True}])
def test_metadata_that_nobody_knows_is_taken_away(metadata):
    notebook = small()
    notebook.cells.append(nbformat.v4.new_code_cell("1", metadata={"nbgrader": metadata}))
    grading.label(notebook, small())
    assert "nbgrader" not in notebook.cells[-1].metadata


def test_a_folder_is_as_it_was_after_somebody_has_worked_in_it(tmp_path):
    folder, outside = tmp_path / "course", tmp_path / "outside"
    for name in (
        "changed",
        "deleted/below",
        "linked/below",
        "shut/below",
        "same",
        "open",
        "written.log",
        "cut.log",
        "sub/written.log",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "below").write_text("outside", encoding="utf-8")
    (folder / "link").symlink_to(outside)
    before, others = grading.contents(folder), grading.contents(outside)
    with grading.kept(folder) as changed:
        (folder / "changed").write_text("x", encoding="utf-8")
        (folder / "deleted" / "below").unlink()
        (folder / "deleted").rmdir()
        (folder / "new").write_text("x", encoding="utf-8")
        (folder / "empty").mkdir()
        shutil.rmtree(folder / "linked")
        (folder / "linked").symlink_to(outside / "deep")
        (folder / "link").unlink()
        (folder / "link").symlink_to(outside / "deep")
        (folder / "open").chmod(0o777)
        (folder / "shut" / "added").write_text("x", encoding="utf-8")
        (folder / "shut").chmod(0)
        (folder / "cut.log").write_text("x", encoding="utf-8")
        for name in ("written.log", "sub/written.log"):
            with (folder / name).open("a", encoding="utf-8") as log:
                log.write("more")
    wanted = [
        "changed",
        "cut.log",
        "deleted",
        "deleted/below",
        "empty",
        "link",
        "linked",
        "linked/below",
        "new",
        "open",
        "shut",
    ]
    assert changed == [*wanted, "shut/added", "sub/written.log"]
    after = grading.contents(folder)
    assert after.pop(folder / "written.log")[2] == before.pop(folder / "written.log")[2] + b"more"
    assert after == before
    assert grading.contents(outside) == others


def test_a_folder_that_is_thrown_away_takes_nothing_outside_with_it(tmp_path):
    (tmp_path / "kept").write_text("x", encoding="utf-8")
    before = grading.contents(tmp_path)
    with grading.thrown_away() as folder:
        (Path(folder) / "a" / "b").mkdir(parents=True)
        for place in ("link", "a/link", "a/b/link"):
            (Path(folder) / place).symlink_to(tmp_path)
        for place in ("a/b", "a"):
            (Path(folder) / place).chmod(0)
    assert not Path(folder).exists()
    assert grading.contents(tmp_path) == before
