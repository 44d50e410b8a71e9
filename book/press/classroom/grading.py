"""Autograding as nbgrader does it, without its gaps, which can cost an honest student points, or give them to a cheat.

nbgrader restores locked cells, runs the notebook, and gives the points of each check that raises nothing. In addition,

- each check is in the notebook as it was handed out, even if its cell was lost (`Complete`);
- a submission runs in an empty folder with a time limit, and what it changes in the course folder is put back (`Run`);
- a check counts only if assertions can still fail, and if nothing that it calls was replaced (`Run`, and tampering.py);
- a warning costs nothing: nbgrader would treat everything on stderr as an error.
"""

import ast
import contextlib
import copy
import os
import sysconfig
import tempfile
import time
import uuid
import warnings
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient.exceptions import DeadKernelError
from nbclient.util import run_sync
from nbgrader import preprocessors
from nbgrader.utils import is_grade, is_solution, remove
from sqlalchemy.exc import SAWarning
from traitlets import Integer

from book.press.notebooks.execution import ENVIRONMENT
from book.press.notebooks.exercises import visible
from book.press.notebooks.kernels import AsyncKernel

WATCH = Path(__file__).with_name("tampering.py").read_text(encoding="utf-8")
OUR_ERRORS = TIMEOUT, DEAD, TAMPERED = "CellTimeoutError", "DeadKernelError", "Tampering"


def configure(config):
    """Set what nbgrader_config.py in a course folder has to set."""
    config.Autograde.sanitize_preprocessors = [
        Complete,
        preprocessors.ClearOutput,
        preprocessors.DeduplicateIds,
        preprocessors.OverwriteKernelspec,
        preprocessors.OverwriteCells,
        preprocessors.CheckCellMetadata,
    ]
    config.Autograde.autograde_preprocessors = [
        Run,
        preprocessors.IgnorePattern,
        preprocessors.LimitOutput,
        preprocessors.SaveAutoGrades,
        preprocessors.AssignLatePenalties,
        preprocessors.CheckCellMetadata,
    ]
    config.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError"}  # as in course/student/
    config.IgnorePattern.enabled = True
    config.IgnorePattern.pattern = r"[\s\S]"
    config.Execute.timeout = 60
    config.Execute.extra_arguments = ["--log-level=ERROR", "--HistoryManager.hist_file=:memory:"]
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    scripts = sysconfig.get_path("scripts")  # nbgrader calls `alembic`
    if scripts not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join((scripts, os.environ["PATH"]))
    os.environ.update(ENVIRONMENT)
    os.environ.pop("MPLBACKEND", None)


def grade_id(cell):
    """Return the name by which nbgrader knows a cell, or an empty text."""
    metadata = cell.metadata.get("nbgrader")
    name = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def label(notebook, source):
    """Give each cell of a submission the metadata that it has in the source version; return the names of the lost checks."""
    wanted = {grade_id(cell): cell for cell in source.cells if grade_id(cell)}
    names = [grade_id(cell) for cell in notebook.cells]
    unnamed = {visible(c.source).strip(): name for name, c in wanted.items() if is_grade(c) and name not in names}
    for cell, name in zip(notebook.cells, names, strict=True):
        cell.metadata.pop("nbgrader", None)
        cell.metadata.pop("tags", None)  # some tags keep a cell from running
        if name not in wanted:
            name = unnamed.pop(cell.source.strip(), None)
        if name:
            cell.metadata["nbgrader"] = copy.deepcopy(wanted[name].metadata.nbgrader)
    kept = {grade_id(cell) for cell in notebook.cells}
    return [name for name, cell in wanted.items() if is_grade(cell) and name not in kept]


def imports(source):
    """Return the import statements in the exercises, one on each line."""
    cells = [cell for cell in source.cells if cell.cell_type == "code" and not is_solution(cell)]
    nodes = [node for cell in cells for node in ast.walk(parsed(cell))]
    return "\n".join(ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def names_of_checks(source):
    """Return all names that the checks use."""
    nodes = [node for cell in source.cells if is_grade(cell) for node in ast.walk(parsed(cell))]
    return sorted({node.id for node in nodes if isinstance(node, ast.Name)})


def parsed(cell):
    """Return a cell's syntax tree, even if the cell uses IPython's own syntax."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


class Complete(preprocessors.base.NbGraderPreprocessor):
    """Puts lost checks back: each after its answer, or at the end if the answer has lost its name."""

    def preprocess(self, nb, resources):
        source = source_of(resources)
        before, name = {}, ""
        for cell in source.cells:
            if grade_id(cell):
                before[grade_id(cell)], name = (name, cell), grade_id(cell)
        for lost in label(nb, source):
            answer, cell = before[lost]
            places = [i for i, other in enumerate(nb.cells, 1) if grade_id(other) == answer != ""]
            nb.cells.insert(places[-1] if places else len(nb.cells), copy.deepcopy(cell))
        return nb, resources


def source_of(resources):
    """Return the source version of the notebook that nbgrader is processing. nbgrader runs in the course folder."""
    names = resources["nbgrader"]
    return nbformat.read(Path("source", names["assignment"], f"{names['notebook']}.ipynb"), as_version=4)


class Run(preprocessors.Execute):
    """Runs a submission in an empty folder, and tests after each check whether it could have failed."""

    seconds = Integer(300, help="Seconds for a whole notebook; cells after that are not run.").tag(config=True)

    def __init__(self, **settings):
        super().__init__(kernel_manager_class=AsyncKernel, **settings)

    def preprocess(self, nb, resources, km=None):
        self.stopped, self.end = None, time.monotonic() + self.seconds
        self.timeout_func = lambda cell: max(1, min(self.timeout, self.end - time.monotonic()))
        source = source_of(resources)
        self.start = (
            f"exec({WATCH + 'sys.changes = watch(imports, names, namespace)'!r}, "
            f"dict(imports={imports(source)!r}, names={names_of_checks(source)}, namespace=globals()))"
        )
        metadata = resources["metadata"]
        with kept(Path.cwd()) as changed, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            resources["metadata"] = {**metadata, "path": folder}
            nb, resources = super().preprocess(nb, resources, km)
        resources["metadata"] = metadata
        if changed:
            for cell in filter(is_grade, nb.cells):
                add_error(cell, TAMPERED, f"the submission changed the course folder: {', '.join(changed)}")
        return nb, resources

    def preprocess_cell(self, cell, resources, index):
        if index == 0 and (fault := self.ask(self.start, self.seconds)):
            raise RuntimeError(f"the exercises cannot run here: {fault}")
        if cell.cell_type != "code":
            return cell, resources
        if self.stopped:
            cell.outputs = []
        else:
            try:
                cell, resources = super().preprocess_cell(cell, resources, index)
                self.stopped = self.examine(cell)
            except DeadKernelError:
                self.stopped = DEAD, "the kernel died"
            except TimeoutError:  # a cell that continues after it was told to stop
                self.stopped = TIMEOUT, "a cell cannot be stopped"
        if self.stopped:
            add_error(cell, *self.stopped)
        return cell, resources

    def examine(self, cell):
        """Return the error that ends this submission, if there is one; it is looked for after a check, and after a cell that timed out."""
        endless = any(output.get("ename") == TIMEOUT for output in cell.outputs)
        if is_grade(cell) or endless:
            nonce = uuid.uuid4().hex
            answer = self.ask(f"assert False, {nonce!r} + __import__('sys').changes()", self.timeout) or ""
            changed = answer.removeprefix(nonce)
            if changed == answer:
                return TAMPERED, "an assertion no longer fails"
            if changed:
                add_error(cell, TAMPERED, f"the submission changed {changed}")
        if time.monotonic() > self.end:
            return TIMEOUT, f"the notebook runs longer than {self.seconds} seconds"
        return None

    def ask(self, code, seconds):
        """Return the message of the error that this code raises in the kernel, or None if it raises none."""
        run = run_sync(self.kc.execute_interactive)
        reply = run(code, store_history=False, stop_on_error=False, timeout=seconds, output_hook=lambda _: None)
        return reply["content"].get("evalue")


def add_error(cell, name, sentence):
    """Make a cell end with this error."""
    cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"]))


@contextlib.contextmanager
def kept(folder):
    """Put back what the body changes in a folder, except for logs; afterwards the list names what was changed."""
    before = contents(folder)
    changed = []
    yield changed
    after = contents(folder)
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            changed.append(path.relative_to(folder).as_posix())
            if path in after:
                remove(path)
            if path in before:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(before[path])


def contents(folder):
    """Return the bytes of each file in a folder, except for logs."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".log"}
