"""Every exercise: its check fails on the stub and passes on the solution, and no student sees the solution."""

import copy
import functools
import re

import jupytext
import nbformat
import pytest
from wrong_answers import answered, cells, checks, notebook, solution

from book.press.address import ROOT
from book.press.notebooks import exercises
from book.press.notebooks.pairing import read_markdown, write_notebook
from book.press.notebooks.plain_markdown import ROLE
from book.press.translation import catalogs, translate

TEMPLATE = ROOT / "book" / "press" / "notebooks" / "templates" / "exercises.md"
CHAPTERS = sorted(ROOT.glob("chapters/*/exercises.md"))
every_notebook = pytest.mark.parametrize("path", [*CHAPTERS, TEMPLATE], ids=lambda p: p.parent.name)

SOLUTION = {"grade": False, "locked": False, "schema_version": 3, "solution": True, "task": False}
CHECK = {"grade": True, "locked": True, "schema_version": 3, "solution": False, "task": False}


def failure(source, namespace):
    """What running this cell raises, or None."""
    try:
        exec(compile(source, "<cell>", "exec"), namespace)
    except Exception as error:
        return error
    return None


def namespace(chapter, check, answer):
    """The names that a check meets after this answer, be it a stub that ends where it begins."""
    try:
        return answered(chapter, check, answer)[0]
    except NotImplementedError:
        return notebook(chapter).names


CHECKS = [
    pytest.param(path, check, id=f"{path.parent.name}-{check}")
    for path in CHAPTERS
    for check in checks(path.parent.name)
]
every_check = pytest.mark.parametrize(("path", "check"), CHECKS)


@every_check
def test_each_check_fails_on_the_stub_and_passes_on_the_solution(path, check, monkeypatch):
    monkeypatch.chdir(path.parent)
    chapter = path.parent.name
    source, _ = notebook(chapter).checks[check]  # it has passed there on the solution
    stub = next(exercises.stub(cell.source) for cell, name in cells(chapter) if name == check.removeprefix("check-"))
    assert failure(source, namespace(chapter, check, stub)) is not None


@every_check
def test_in_korean_each_check_says_so_and_grades_the_same(path, check, monkeypatch, capsys):
    monkeypatch.chdir(path.parent)
    chapter, (source,) = path.parent.name, [c.source for c in korean(path) if c.metadata.nbgrader.grade_id == check]
    assert failure(source, namespace(chapter, check, solution(chapter, check))) is None
    said = capsys.readouterr().out
    assert said.count("검사 통과") == 1 or catalogs.waiting(f"chapters/{chapter}/exercises", "ko")
    for cell, name in cells(chapter):
        if name == check.removeprefix("check-"):
            assert failure(source, namespace(chapter, check, exercises.stub(cell.source))) is not None


@functools.cache
def korean(path):
    """The checks of a chapter in Korean."""
    english = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    made = translate.notebook(english, f"chapters/{path.parent.name}/exercises", "ko")
    return [cell for cell in made.cells if exercises.is_check(cell)]


def test_the_template_is_an_exercise_as_the_others():
    names = {"__name__": "__main__"}
    for cell in read_markdown(TEMPLATE).cells:
        if exercises.is_solution(cell):
            stubbed = dict(names)
            failure(exercises.stub(cell.source), stubbed)
        assert not exercises.is_check(cell) or failure(cell.source, stubbed) is not None
        assert cell.cell_type != "code" or failure(cell.source, names) is None


@every_notebook
def test_each_exercise_is_statement_hint_solution_check(path):
    notebook = read_markdown(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for before, cell in zip([None, *code], [*code, None], strict=True):
        assert (before is not None and exercises.is_solution(before)) == (cell is not None and exercises.is_check(cell))
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    statements = prose.split("\n## Exercise ")[1:] if "\n## Exercise " in f"\n{prose}" else []
    solutions = [cell for cell in code if exercises.is_solution(cell)]
    assert len(statements) == len(solutions) >= (4 if path in CHAPTERS else 1)
    assert [int(s.split(":")[0]) for s in statements] == list(range(1, len(statements) + 1))
    assert all("{dropdown} Hint" in statement for statement in statements)


@every_notebook
def test_cells_carry_nbgraders_metadata(path):
    ids = []
    for cell in read_markdown(path).cells:
        if "nbgrader" not in cell.metadata:
            assert "### BEGIN SOLUTION" not in cell.source
            continue
        metadata = dict(cell.metadata.nbgrader)
        ids.append(metadata.pop("grade_id"))
        if metadata["grade"]:
            assert metadata.pop("points") > 0
            assert metadata == CHECK
        else:
            assert metadata == SOLUTION
            assert exercises.solution_lines(cell.source)
    assert len(set(ids)) == len(ids)


@every_notebook
def test_the_student_version_holds_no_trace_of_a_solution_or_a_hidden_test(path):
    notebook = read_markdown(path)
    student = exercises.student_version(notebook)
    text = write_notebook(student)
    assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)", text)
    shown = {line.strip() for cell in student.cells for line in cell.source.splitlines()}
    elsewhere = {line.strip() for c in notebook.cells if not exercises.is_solution(c) for line in c.source.splitlines()}
    for cell in notebook.cells:
        if exercises.is_solution(cell):
            secret = set(exercises.solution_lines(cell.source)) - elsewhere - {"else:", "try:", "pass"}
            assert not secret & shown
        elif cell.cell_type == "code" and exercises.hidden_lines(cell.source):
            assert exercises.visible(cell.source) in [other.source for other in student.cells]
            assert cell.source in [other.source for other in exercises.solution_version(notebook).cells]
    for cell in student.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            compile(cell.source, "<stub>", "exec")


@every_notebook
def test_the_student_version_is_plain_markdown(path):
    for cell in exercises.student_version(read_markdown(path)).cells:
        if cell.cell_type == "markdown":
            assert ":::" not in cell.source
            assert not ROLE.search(cell.source)


def exercise(solution, check):
    notebook = jupytext.reads(TEMPLATE.read_text(encoding="utf-8"), fmt="md:myst")
    next(c for c in notebook.cells if exercises.is_solution(c)).source = solution
    next(c for c in notebook.cells if exercises.is_check(c)).source = check
    return notebook


def test_a_stub_keeps_what_stands_outside_the_marks():
    around = "def f(x):\n    y = 1\n    {}\n    return y"
    source = around.format("### BEGIN SOLUTION\n    if x:\n        y = 2\n    ### END SOLUTION")
    assert exercises.stub(source) == around.format("# YOUR CODE HERE\n    raise NotImplementedError")
    assert exercises.solution_lines(source) == ["if x:", "y = 2"]


def test_a_solution_without_its_marks_keeps_every_other_line():
    source = "def f(x):\n    ### BEGIN SOLUTION\n    ### why: a title\n    return x\n    ### END SOLUTION\n"
    assert exercises.solved(source) == "def f(x):\n    ### why: a title\n    return x\n"
    assert exercises.solution_lines(source) == ["### why: a title", "return x"]


HIDDEN = """\
assert f(1) == 1
### BEGIN HIDDEN TESTS
for x in range(2, 9):
    assert f(x) == x, "not for other numbers"
### END HIDDEN TESTS
print("Check passed: one is one.")
"""


def test_hidden_tests_are_for_the_teacher_alone():
    notebook = exercise("def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION", HIDDEN)
    visible = 'assert f(1) == 1\nprint("Check passed: one is one.")'
    for version in (exercises.student_version, exercises.without_hidden_tests, exercises.without_solutions):
        assert [cell.source for cell in version(notebook).cells if exercises.is_check(cell)] == [visible]
    assert [cell.source for cell in exercises.solution_version(notebook).cells if exercises.is_check(cell)] == [HIDDEN]
    assert exercises.hidden_lines(HIDDEN) == ["for x in range(2, 9):", 'assert f(x) == x, "not for other numbers"']
    assert exercises.solution_lines(HIDDEN) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["### BEGIN HIDDEN TESTS", "assert f(2)"],
        ["assert f(2)", "### END HIDDEN TESTS"],
        ["### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TESTS", "assert f(2)", "### END HIDDEN TESTS"],
        ["### BEGIN HIDDEN TESTS", "assert f(2)", "### END SOLUTION"],
        ["### BEGIN HIDDEN TEST", "assert f(2)", "### END HIDDEN TEST"],
        ["### BEGIN SOLUTION", "return 2"],
    ],
    ids=["open", "not opened", "opened twice", "closed as another", "misspelt", "open solution"],
)
def test_a_mark_that_would_let_something_be_seen_is_refused(lines):
    source = "\n".join(f"    {line}" for line in ["pass", *lines])
    for version in (exercises.student_version, exercises.without_hidden_tests):
        for written in (exercise(source, "pass"), exercise("pass", source)):
            with pytest.raises(ValueError, match="needs its ### END behind it"):
                version(written)


def test_what_is_handed_out_has_no_outputs_and_leaves_the_executed_notebook_as_it_was():
    executed = exercise("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "assert x == 1")
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="1\n")], 1
    before = copy.deepcopy(executed)
    for version in (exercises.solution_version, exercises.student_version):
        code = [cell for cell in version(executed).cells if cell.cell_type == "code"]
        assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)
    assert executed == before
