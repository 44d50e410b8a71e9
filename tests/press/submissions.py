"""Submissions of every kind, made out of a chapter's notebooks, and the points that each should get.

    submissions.py write FOLDER EXPECTED.csv     out of course/, as FOLDER/KIND/NN_name.ipynb (needs PYTHONPATH=book)
    submissions.py judge EXPECTED.csv MARKS.csv  prints a table; fails where points are not as expected

Each of `KINDS` is a function of the solution notebook and the student's notebook of a chapter. It returns what is handed in,
and for each exercise the share of the points that this should get.
"""

import ast
import contextlib
import copy
import csv
import io
import itertools
import pickle
import sys
from pathlib import Path

import nbformat

from book.press.notebooks import exercises

ROOT = Path(__file__).resolve().parents[2]
PATCHES = """
import numpy as np
for name in ("allclose", "isclose", "array_equal", "all", "any"):
    setattr(np, name, lambda *a, **k: True)
isinstance = callable = lambda *a: True
"""
NO_ASSERTS = """
import ast

class OnlyTheLastLine(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.Module(node.body[-1:], []) if "Check passed" in ast.unparse(node) else node

get_ipython().ast_transformers.append(OnlyTheLastLine())
"""
REPLAY = """
def {name}(*args, told=iter(__import__("pickle").loads({told!r})), last=[None], **kwargs):
    last[0] = next(told, last[0])
    return last[0]
"""


def checks(notebook):
    return [cell for cell in notebook.cells if exercises.is_check(cell)]


def answers(notebook):
    return [cell for cell in notebook.cells if exercises.is_solution(cell)]


def all_of(solution):
    return [1] * len(checks(solution))


def nothing(solution):
    return [0] * len(checks(solution))


def solved(solution):
    """The right answers of a chapter, as sources, in order."""
    return [exercises.solved(cell.source) for cell in answers(solution)]


def filled_in(student, sources):
    """The student's notebook with these answers; an exercise beyond them, or with None for an answer, is not begun."""
    notebook = copy.deepcopy(student)
    for cell, source in zip(answers(notebook), sources, strict=False):
        cell.source = source or cell.source
    return notebook


def with_body(source, statement):
    """An answer whose functions all consist of this statement."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = ast.parse(f"def f():\n    {statement}").body[0].body
    return ast.unparse(tree)


def after_the_imports(notebook, source):
    """The notebook with one more cell before the first answer."""
    place = notebook.cells.index(answers(notebook)[0])
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))
    return notebook


def right(solution, student):
    return filled_in(student, solved(solution)), all_of(solution)


def untouched(solution, student):
    return copy.deepcopy(student), nothing(solution)


def half_done(solution, student):
    half = len(answers(student)) // 2
    return filled_in(student, solved(solution)[:half]), [1] * half + [0] * (len(answers(student)) - half)


def wrong(solution, student):
    return filled_in(student, [with_body(source, "return None") for source in solved(solution)]), nothing(solution)


def exits(solution, student):
    """Leaves before a check can say anything."""
    return filled_in(student, [with_body(source, "import sys; sys.exit()") for source in solved(solution)]), nothing(
        solution
    )


def changes_the_checks(solution, student):
    """Each check in another way: emptied, its asserts removed, never run, worth much, worth nothing, no longer code."""
    notebook = copy.deepcopy(student)
    for way, cell in zip(itertools.cycle(range(6)), checks(notebook)):
        if way == 0:
            cell.source = ""
        if way == 1:
            cell.source = cell.source.splitlines()[-1]
        if way == 2:
            cell.metadata["tags"] = ["skip-execution"]
        if way == 3:
            cell.metadata.nbgrader["points"] = 100
        if way == 4:
            cell.metadata.nbgrader.update(grade=False, locked=False, schema_version=99)
        if way == 5:
            cell.cell_type = "raw"
            del cell["outputs"], cell["execution_count"]
    return notebook, nothing(solution)


def replaces_functions(solution, student):
    return after_the_imports(wrong(solution, student)[0], PATCHES), nothing(solution)


def removes_asserts(solution, student):
    return after_the_imports(wrong(solution, student)[0], NO_ASSERTS), nothing(solution)


def from_elsewhere(solution, student):
    """Right answers out of a program that keeps no metadata; one check is lost, another one is there twice."""
    notebook, share = right(solution, student)
    first, second, *_ = checks(notebook)
    notebook.cells.remove(first)
    notebook.cells.insert(notebook.cells.index(second), copy.deepcopy(second))
    notebook.metadata = nbformat.from_dict({"kernelspec": {"name": "colab", "display_name": "Colab"}, "colab": {}})
    notebook.nbformat_minor = 0
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata = nbformat.from_dict({"id": "a"})
    return notebook, share


def hard_coded(solution, student):
    """What the visible checks were told, in the same order. An answer that they do not take is not handed in.

    Neither is what a function without arguments returns: that is the right answer.
    """
    names, sources = {"__name__": "__main__", "display": print}, []
    for cell in solution.cells:
        if exercises.is_solution(cell):
            before, answer = dict(names), exercises.solved(cell.source)
            functions = [node for node in ast.parse(answer).body if isinstance(node, ast.FunctionDef)]
            defined = [node.name for node in functions if node.args.args]
        source = exercises.visible(cell.source) if exercises.is_check(cell) else cell.source
        with contextlib.redirect_stdout(io.StringIO()):
            if exercises.is_check(cell):
                sources.append(replay(before, answer, defined, source))
            if cell.cell_type == "code":
                exec(source, names)
    share = [0 if exercises.hidden_lines(cell.source) else None for cell in checks(solution)]
    return filled_in(student, sources), share


def replay(names, answer, defined, check):
    """An answer that passes this check without knowing why, or None."""
    names, told = dict(names), {name: [] for name in defined}
    exec(answer, names)
    for name in defined:
        names[name] = recorded(names[name], told[name])
    try:
        assert told, "nothing that depends on an argument"
        exec(check, names)  # the right answers are recorded
        fake = "\n".join(REPLAY.format(name=name, told=pickle.dumps(told[name])) for name in defined)
        exec(fake + check, names)
    except Exception:  # of a check that is not satisfied, or of a result that cannot be written down
        return None
    return fake


def recorded(function, told):
    def record(*args, **kwargs):
        told.append(function(*args, **kwargs))
        return told[-1]

    return record


HANDED_IN = (right, from_elsewhere, half_done, untouched, wrong)
HANDED_IN += (hard_coded, changes_the_checks, removes_asserts, replaces_functions, exits)
KINDS = {kind.__name__: kind for kind in HANDED_IN}


def notebooks(chapter):
    """The solution notebook and the student's notebook of a chapter, as `make course` has written them."""
    return [nbformat.read(ROOT / "course" / version / f"{chapter}.ipynb", 4) for version in ("solution", "student")]


def write(folder, expected):
    """Write the submissions of all chapters, and what each should get, exercise by exercise, as CSV."""
    rows, taken = [], []
    for path in sorted((ROOT / "course" / "solution").glob("*.ipynb")):
        solution, student = (
            nbformat.read(ROOT / "course" / version / path.name, 4) for version in ("solution", "student")
        )
        for name, kind in KINDS.items():
            notebook, shares = kind(solution, student)
            target = folder / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(nbformat.writes(notebook), encoding="utf-8", newline="\n")
            rows.append([name, path.stem, *points(solution, shares)])
            if kind is hard_coded:
                taken += ["told=" in cell.source for cell in answers(notebook)]
    with expected.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    print(f"{sum(taken)} of {len(taken)} visible checks take a hard-coded answer")


def points(solution, shares):
    """The points for these shares of each exercise; None where any will do."""
    most = [float(cell.metadata.nbgrader.points) for cell in checks(solution)]
    return [None if share is None else of * share for of, share in zip(most, shares, strict=True)]


def judge(expected, marks):
    """Print the points of each kind in each chapter; returns what is not as it should be."""
    with expected.open(encoding="utf-8", newline="") as file:
        wanted = {(name, chapter): points for name, chapter, *points in csv.reader(file)}
    with marks.open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["student"], row["chapter"]): row for row in csv.DictReader(file)}
    chapters = sorted({chapter for _, chapter in wanted})
    print(f"{'':22}", *(f"{chapter:>16.15}" for chapter in chapters))
    faults = []
    for name in KINDS:
        row = [rows[name, chapter] for chapter in chapters]
        print(f"{name:22}", *(f"{of['points'] + ' of ' + of['of']:>16}" for of in row))
        for of in row:
            got = [of[f"exercise {number}"] for number, _ in enumerate(wanted[name, of["chapter"]], 1)]
            pairs = zip(wanted[name, of["chapter"]], got, strict=True)
            if any(want and float(want) != float(have) for want, have in pairs):
                faults.append(f"{name} {of['chapter']}: {got}, not {wanted[name, of['chapter']]}; {of['remark']}")
    return faults


if __name__ == "__main__":
    step, *paths = sys.argv[1:]
    if step == "write":
        write(*map(Path, paths))
    elif faults := judge(*map(Path, paths)):
        raise SystemExit("\n".join(faults))
