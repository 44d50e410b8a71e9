"""A class's course folder, graded by nbgrader: its exercises, its submissions, its marks.

What was graded before is graded again only if the submission or the exercises have changed. Points given by hand are kept.
"""

import csv
import hashlib
import importlib.util
import logging
import shutil

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import rmtree
from traitlets.config import PyFileConfigLoader
from traitlets.log import get_logger

from book.press.address import ROOT
from book.press.classroom import grading

DIGEST = "graded.sha256"  # of the submission and the exercises that were graded
PATTERNS = set("*?[]")
SETTINGS = '''"""Settings of nbgrader for this class. `make classroom` has written them, and does not overwrite your changes."""

import sys

sys.path.insert(0, {book!r})
from book.press.classroom import grading

c = get_config()
grading.configure(c)
# c.Execute.timeout = 60   # seconds for a cell
# c.Run.seconds = 300      # seconds for a notebook
'''


def set_up(folder, solutions=ROOT / "course" / "solution"):
    """Make a course folder, or bring it up to date: settings, source/, release/ and the gradebook; return the chapters."""
    notebooks = exercises_in(solutions)
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "nbgrader_config.py"
    if not settings.exists():
        settings.write_text(SETTINGS.format(book=str(ROOT)), encoding="utf-8", newline="\n")
    for path in notebooks:
        source = folder / "source" / path.stem / path.name
        if not is_same(path, source) or not (folder / "release" / path.stem / path.name).exists():
            source.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, source)
            if error := failure(GenerateAssignment, folder, path.stem):
                raise SystemExit(f"{path.stem} cannot be released: {error}")
    return [path.stem for path in notebooks]


def exercises_in(solutions):
    """Return the solution notebooks, one for each chapter; stop if there are none."""
    if notebooks := sorted(solutions.glob("*.ipynb")):
        return notebooks
    raise SystemExit(
        f"{solutions} contains no notebooks: write them with `make course` (python -m book.press.notebooks course)"
    )


def is_same(path, other):
    return other.exists() and path.read_bytes() == other.read_bytes()


def failure(converter, folder, chapter, student="."):
    """Run one of nbgrader's converters again; return why it failed, or an empty text."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    course = CourseDirectory(config=config, root=str(folder.resolve()), assignment_id=chapter, student_id=student)
    log = logging.FileHandler(folder / "grading.log", encoding="utf-8")
    get_logger().addHandler(log)
    try:
        converter(coursedir=course, config=config, force=True).start()
    except NbGraderException:
        return f"see the end of {folder / 'grading.log'}"
    finally:
        get_logger().removeHandler(log)
        log.close()
    return ""


def gradebook(folder):
    return Gradebook(f"sqlite:///{folder.resolve() / 'gradebook.db'}")


def handed_in(folder, chapters):
    """Return the notebooks in a folder of submissions, by student and chapter, and a line for each file that fits neither layout."""
    if not folder.is_dir():
        raise SystemExit(f"{folder}: there is no such folder of submissions")
    found, misfits = {}, []
    for student in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        own = [path for path in sorted(student.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts]
        if not own:
            misfits.append(f"{student}: not a student's folder with a notebook in it")
        elif set(student.name) & PATTERNS:
            misfits.append(f"{student}: nbgrader does not accept a name with any of {' '.join(sorted(PATTERNS))}")
            continue
        for path in own:
            place = path.relative_to(student).parts
            if path.stem not in chapters or place not in [(path.name,), (path.stem, path.name)]:
                misfits.append(
                    f"{path}: not a chapter's notebook at STUDENT/NN_name.ipynb or STUDENT/NN_name/NN_name.ipynb"
                )
            elif (student.name, path.stem) in found:
                misfits.append(
                    f"{path}: a second notebook for the same chapter, beside {found[student.name, path.stem]}"
                )
            else:
                found[student.name, path.stem] = path
    if not found:
        raise SystemExit("\n".join(misfits or [f"{folder}: there are no submissions in it"]))
    return found, misfits


def grade(folder, submissions):
    """Grade what is new or has changed, and print a line for each; a submission that cannot be graded gets no points."""
    require(folder, sorted({chapter for _, chapter in submissions}))
    read_before = {
        who: path.read_bytes() for who, path in submissions.items()
    }  # what one of them runs cannot change another
    for number, ((student, chapter), handed) in enumerate(read_before.items(), 1):
        submitted, autograded = (folder / step / student / chapter for step in ("submitted", "autograded"))
        digest = hashlib.sha256(handed + source_of(folder, chapter).read_bytes()).hexdigest()
        before = autograded / DIGEST  # nbgrader copies it there with the notebook
        fresh = before.exists() and before.read_text(encoding="utf-8") == digest
        if not fresh:
            submitted.mkdir(parents=True, exist_ok=True)
            (submitted / f"{chapter}.ipynb").write_bytes(handed)
            (submitted / DIGEST).write_text(digest, encoding="utf-8", newline="\n")
            readable = read(submitted / f"{chapter}.ipynb") is not None
            if not readable or any(failure(step, folder, chapter, student) for step in (Autograde, GenerateFeedback)):
                take_points(folder, student, chapter)
        most = most_points(folder, chapter)
        with gradebook(folder) as book:
            points = points_of(book, student, chapter, most)
        remarks = "graded before" * fresh, remark_on(folder, student, chapter)
        said = ", ".join([f"{sum(points.values()):g} of {sum(most.values()):g}", *filter(None, remarks)])
        print(f"{number}/{len(submissions)} {student} {chapter}: {said}", flush=True)


def require(folder, chapters):
    """Stop if a package that the exercises import is missing: right answers would get no points."""
    names = {
        line.split()[1].partition(".")[0]
        for chapter in chapters
        for line in grading.imports(nbformat.read(source_of(folder, chapter), as_version=4)).splitlines()
    }
    if missing := sorted(name for name in names if importlib.util.find_spec(name) is None):
        raise SystemExit(f'the exercises need {", ".join(missing)}: pip install -e ".[course]" -c constraints.txt')


def source_of(folder, chapter):
    return folder / "source" / chapter / f"{chapter}.ipynb"


def read(path):
    """Return the notebook in a file, or None if it is not one."""
    try:
        notebook = nbformat.read(path, as_version=4)
        return notebook if isinstance(notebook.cells, list) else None
    except Exception:  # nbformat raises many kinds of errors on files that are not notebooks
        return None


def take_points(folder, student, chapter):
    """Delete the points and the feedback of a submission that cannot be graded, even if an earlier version had some."""
    for place in (folder / step / student / chapter for step in ("autograded", "feedback")):
        if place.exists():
            rmtree(place)
    with gradebook(folder) as book:
        book.update_or_create_student(student)
        book.update_or_create_submission(chapter, student)
        for grade in book.find_submission_notebook(chapter, chapter, student).grades:
            grade.auto_score, grade.needs_manual_grade = 0, False
        book.db.commit()


def points_of(book, student, chapter, most):
    """Return the points for each exercise of a chapter, in the order of `most`; without a submission, all are 0."""
    points = dict.fromkeys(most, 0.0)
    try:
        grades = book.find_submission_notebook(chapter, chapter, student).grades
    except MissingEntry:
        return points
    return points | {grade.name: grade.score for grade in grades}


def most_points(folder, chapter):
    """Return the most points that each exercise of a chapter can give."""
    cells = filter(grading.is_grade, nbformat.read(source_of(folder, chapter), as_version=4).cells)
    return {grading.grade_id(cell): float(cell.metadata.nbgrader.points) for cell in cells}


def remark_on(folder, student, chapter):
    """Return what a teacher should know about an irregular submission: a sentence, or an empty text."""
    submitted, autograded = (
        folder / step / student / chapter / f"{chapter}.ipynb" for step in ("submitted", "autograded")
    )
    if not submitted.exists():
        return "nothing was handed in"
    notebook = read(submitted)
    if notebook is None:
        return "the file cannot be read as a notebook"
    if not autograded.exists():
        return "it cannot be graded: see grading.log"
    lost = grading.label(notebook, nbformat.read(source_of(folder, chapter), as_version=4))
    errors = [output for cell in read(autograded).cells for output in cell.get("outputs", []) if "ename" in output]
    said = [error.evalue or "a cell runs too long" for error in errors if error.ename in grading.OUR_ERRORS]
    return "; ".join(dict.fromkeys([f"put back: {', '.join(lost)}"] * bool(lost) + said))


def write_marks(folder):
    """Write marks.csv, a row for each student and each chapter that anyone has handed in; return its path."""
    chapters = [path.name for path in sorted((folder / "source").iterdir())]
    most = {name: most_points(folder, name) for name in chapters if any(folder.glob(f"submitted/*/{name}"))}
    n_exercises = max(map(len, most.values()), default=0)
    path = folder / "marks.csv"
    # utf-8-sig, so that spreadsheets read all names correctly
    with path.open("w", encoding="utf-8-sig", newline="") as file, gradebook(folder) as book:
        table = csv.writer(file, lineterminator="\n")
        exercises = [f"exercise {number + 1}" for number in range(n_exercises)]
        table.writerow(["student", "chapter", "points", "of", *exercises, "remark"])
        for student in sorted(student.id for student in book.students):
            for chapter, of in most.items():
                points = points_of(book, student, chapter, of).values()
                cells = [f"{value:g}" for value in (sum(points), sum(of.values()), *points)]
                blank = [""] * (n_exercises - len(points))
                table.writerow([student, chapter, *cells, *blank, remark_on(folder, student, chapter)])
    return path
