"""Autograding as nbgrader does it, without its gaps, which can cost an honest student points, or give them to a cheat.

nbgrader restores locked cells, runs the notebook, and gives the points of each check that raises nothing. In addition,

- each check is in the notebook as it was handed out, even if its cell was lost (`Complete`);
- a submission runs in a folder that is thrown away, with a time limit; where the system can see to it, it can write nowhere else
  (confine.py); what it has started ends with it; and the course folder is as it was before (`Run`);
- a check runs in a process that no answer has been in, so no answer can change what it calls (line.py, judge.py);
- a warning costs nothing: nbgrader would treat everything on stderr as an error.
"""

import ast
import asyncio
import contextlib
import copy
import ctypes
import json
import os
import secrets
import stat
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import uuid
import warnings
from pathlib import Path
from queue import Empty

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient.exceptions import DeadKernelError
from nbclient.util import run_sync
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbgrader import preprocessors
from nbgrader.utils import is_grade, is_solution
from sqlalchemy.exc import SAWarning
from traitlets import Integer

from book.press.classroom import confine
from book.press.classroom.plan import plan
from book.press.notebooks.execution import ENVIRONMENT
from book.press.notebooks.exercises import visible
from book.press.notebooks.kernels import AsyncKernel
from hpt_lab.tools.race.process import end_marked

HERE = Path(__file__).parent
LINE = HERE.joinpath("line.py").read_text(encoding="utf-8")
ADOPT = 36  # Linux's PR_SET_CHILD_SUBREAPER
GRACE = 10.0  # seconds for a kernel, or the process of the checks, to say that it has ended what it was told to end
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
    config.HTMLExporter.sanitize_html = True  # feedback shows what a submission says, and runs none of it
    config.GenerateFeedback.preprocessors = [preprocessors.GetGrades, SanitizeHTML, CSSHTMLHeaderPreprocessor]
    config.SanitizeHTML.enabled = True
    config.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError"}  # as in course/student/
    config.IgnorePattern.enabled = True
    config.IgnorePattern.pattern = r"[\s\S]"
    config.Execute.timeout = 60
    config.Execute.shutdown_kernel = "immediate"
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
            put_back = copy.deepcopy(cell)
            if nb.nbformat_minor < 5:
                put_back.pop("id", None)  # which cells of such a notebook do not have
            nb.cells.insert(places[-1] if places else len(nb.cells), put_back)
        return nb, resources


def source_of(resources):
    """Return the source version of the notebook that nbgrader is processing. nbgrader runs in the course folder."""
    names = resources["nbgrader"]
    return nbformat.read(Path("source", names["assignment"], f"{names['notebook']}.ipynb"), as_version=4)


class Confined(AsyncKernel):
    """A kernel that can write to its folder only, and carries a mark. `folder` and `mark` are of the notebook that is running."""

    folder = mark = ""

    def format_kernel_cmd(self, extra_arguments=None):
        program = super().format_kernel_cmd(extra_arguments)
        sockets = os.path.dirname(os.path.abspath(self.connection_file))
        places = {"TMPDIR": self.folder, "IPYTHONDIR": os.path.join(sockets, "ipython"), self.mark: "1"}
        return confine.command(program, [self.folder, *[sockets] * (self.transport == "ipc")], **places)


class Judge:
    """The process of a notebook's checks: judge.py, which can write to no folder but its own."""

    def __init__(self, folder, mark):
        address = os.path.join(folder, "line") if os.name != "nt" else None
        self.key = secrets.token_hex(32)
        self.process = subprocess.Popen(
            confine.command([sys.executable, "-W", "ignore", str(HERE / "judge.py")], [folder], TMPDIR=str(folder), **{mark: "1"}),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, text=True, encoding="utf-8",
        )  # fmt: skip
        self.stderr = []
        threading.Thread(target=lambda: self.stderr.extend(self.process.stderr), daemon=True).start()
        self.address = self.ask(address=address, key=self.key)["address"]

    def ask(self, **request):
        """Return what it answers to a request."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        if text := self.process.stdout.readline():
            return json.loads(text)
        raise RuntimeError(f"the process of the checks has ended: {''.join(self.stderr).strip()}")

    def close(self):
        self.process.kill()
        self.process.communicate()

    def serving(self, lent):
        """Return the code with which a kernel answers a check."""
        return (
            f"def _(space, lent, address, key):\n"
            f"    from multiprocessing.connection import Client\n"
            f"    exec({LINE!r}, line := {{'__name__': 'line'}})\n"
            f"    before = {{name: space[name] for name in lent if name in space}}\n"
            f"    try:\n"
            f"        with Client(address, authkey=key) as connection:\n"
            f"            line['Line'](connection, careful=False, shared=space).serve()\n"
            f"    finally:\n"
            f"        space.update(before)\n"
            f"_(globals(), {lent!r}, {self.address!r}, bytes.fromhex({self.key!r}))"
        )


class Run(preprocessors.Execute):
    """Runs a submission in a folder that is thrown away, and its checks in another process."""

    seconds = Integer(300, help="Seconds for a whole notebook; cells after that are not run.").tag(config=True)

    def preprocess(self, nb, resources, km=None):
        self.stopped, self.end = None, time.monotonic() + self.seconds * busy()
        self.timeout_func = lambda cell: max(1, min(self.timeout * busy(), self.end - time.monotonic()))
        self.plan, self.ready = plan(source_of(resources)), []
        metadata, mark = resources["metadata"], f"CLASSROOM_{uuid.uuid4().hex}"
        with kept(Path.cwd()) as changed, thrown_away() as folder, thrown_away() as apart, ended(mark):
            self.kernel_manager_class = type("Confined", (Confined,), {"folder": folder, "mark": mark})
            self.judge = Judge(apart, mark)
            try:
                resources["metadata"] = {**metadata, "path": folder}
                nb, resources = super().preprocess(nb, resources, km)
            finally:
                self.judge.close()
        resources["metadata"] = metadata
        if changed:
            for cell in filter(is_grade, nb.cells):
                add_error(cell, TAMPERED, f"the submission changed the course folder: {', '.join(changed)}")
        return nb, resources

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code":
            return cell, resources
        if self.stopped:
            cell.outputs = []
        else:
            try:
                if is_grade(cell):
                    self.stopped = run_sync(self.examine)(cell)
                else:
                    cell, resources = super().preprocess_cell(cell, resources, index)
                    endless = any(output.get("ename") == TIMEOUT for output in cell.outputs)
                    self.stopped = (TIMEOUT, "a cell cannot be stopped") if endless and not self.replies() else None
            except DeadKernelError:
                self.stopped = DEAD, "the kernel died"
            except TimeoutError:  # a cell that continues after it was told to stop
                self.stopped = TIMEOUT, "a cell cannot be stopped"
            if not self.stopped and time.monotonic() > self.end:
                self.stopped = TIMEOUT, f"the notebook runs longer than {self.seconds} seconds"
        if self.stopped:
            add_error(cell, *self.stopped)
        return cell, resources

    def replies(self):
        """Return True if the kernel runs a cell that does nothing."""
        run_sync(self.kc.execute_interactive)(
            "", store_history=False, timeout=GRACE * busy(), output_hook=lambda _: None
        )
        return True

    async def examine(self, cell):
        """Run a check; return the error that ends this submission, if there is one."""
        cell.outputs, name, seconds = [], grade_id(cell), self.timeout_func(cell)
        given = [
            source for check in list(self.plan)[: list(self.plan).index(name) + 1] for source in self.plan[check].given
        ]
        given, self.ready = [source for source in given if source not in self.ready], [*self.ready, *given]
        check = self.plan[name]
        message = self.kc.execute(self.judge.serving(check.lent), store_history=False, stop_on_error=False)
        wanted = {"check": check.source, "wanted": check.wanted, "lent": check.lent, "seconds": seconds}
        asked = asyncio.ensure_future(asyncio.to_thread(self.judge.ask, given=given, **wanted))
        end = time.monotonic() + seconds + GRACE * busy()
        while not asked.done() and time.monotonic() < end and await self.km.is_alive():
            await asyncio.wait([asked], timeout=0.2)
        if not asked.done():  # nobody has called, or a process of the submission keeps the line busy
            alive = await self.km.is_alive()
            self.judge.process.kill()
            with contextlib.suppress(RuntimeError):
                await asked
            return (TIMEOUT, "a cell cannot be stopped") if alive else (DEAD, "the kernel died")
        said = asked.result()
        if "fault" in said:
            raise RuntimeError(f"the exercises cannot run here: {said['fault']}")
        if said["printed"]:
            cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=said["printed"]))
        if said["error"]:
            name, text, lines = said["error"]
            cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=text, traceback=lines))
        if stopped := await self.ended(message):
            cell.outputs = []
        return stopped

    async def ended(self, message):
        """Wait until the kernel has run what it was sent, and interrupt it if that takes long; return why it cannot go on, or None."""
        for _ in range(2):
            end = time.monotonic() + GRACE / 2 * busy()
            while time.monotonic() < end:
                if not await self.km.is_alive():
                    return DEAD, "the kernel died"
                with contextlib.suppress(Empty):
                    if (await self.kc.get_shell_msg(timeout=0.2))["parent_header"].get("msg_id") == message:
                        return None
            await self.km.interrupt_kernel()
        return TIMEOUT, "a cell cannot be stopped"


def add_error(cell, name, sentence):
    """Make a cell end with this error."""
    cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"]))


def busy():
    """Return how much longer everything takes, since others compute on this machine as well: 1 on one that is idle, and 10 at most."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 1
    return min(max(load / (os.cpu_count() or 1), 1), 10)


# ---- What a submission leaves behind


@contextlib.contextmanager
def thrown_away():
    """Give an empty folder, and remove it with all that is in it then."""
    folder = tempfile.mkdtemp(prefix="grading-")
    try:
        yield folder
    finally:
        remove(folder)


@contextlib.contextmanager
def ended(mark):
    """End all processes that the body has started, with those that these have started: what carries the mark, and what has lost its parent."""
    before = children()
    with adopting():
        try:
            yield
        finally:
            end_marked(mark)
            while lost := children() - before:
                for pid in lost:
                    with contextlib.suppress(OSError):
                        os.kill(pid, 9)
                    with contextlib.suppress(OSError):
                        os.waitpid(pid, 0)


def children():
    """Return the processes that this one has started or adopted, where the system lists them."""
    found = set()
    for path in Path("/proc/self/task").glob("[0-9]*/children"):
        with contextlib.suppress(OSError):
            found |= set(map(int, path.read_text(encoding="ascii").split()))
    return found


@contextlib.contextmanager
def adopting():
    """On Linux, make this process the parent of all below it that lose theirs."""
    call = ctypes.CDLL(None).prctl if sys.platform == "linux" else lambda *_: None
    call(ADOPT, 1, 0, 0, 0)
    try:
        yield
    finally:
        call(ADOPT, 0, 0, 0, 0)


@contextlib.contextmanager
def kept(folder):
    """Put back what the body changes in a folder, as what it was: files, links, folders, and their modes; no link is followed.

    Afterwards the list names what was changed. The logs of the folder itself may grow.
    """
    before = contents(folder)
    changed = []
    yield changed
    after = contents(folder)
    differing = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    differing = [
        path
        for path in differing
        if not (path.parent == folder and path.suffix == ".log" and has_grown(before.get(path), after.get(path)))
    ]
    changed += [path.relative_to(folder).as_posix() for path in differing]
    for path in reversed(differing):  # what lies in a folder goes before the folder
        if path in after and {stat.S_IFDIR} != {kind for kind, *_ in (after[path], before.get(path, (None,)))}:
            remove(path)
    for path in differing:
        if path in before:
            restore(path, *before[path])


def has_grown(before, after):
    """Return True if a file is the same, but for what was added to its end."""
    return bool(before and after) and before[:2] == after[:2] and after[2].startswith(before[2])


def contents(folder):
    """Return what is in a folder, at any depth: for each path its kind, its mode, and the bytes of a file or the target of a link."""
    found, places = {}, [folder]
    for place in places:
        for path in opened(place, lambda place: list(place.iterdir())):
            mode = path.lstat().st_mode
            inside = os.readlink(path) if stat.S_ISLNK(mode) else None
            if stat.S_ISDIR(mode):
                places.append(path)
            elif stat.S_ISREG(mode):
                inside = opened(path, Path.read_bytes)
            found[path] = stat.S_IFMT(mode), stat.S_IMODE(mode), inside
    return found


def opened(path, read):
    """Read a file or a folder, even if its mode forbids it."""
    try:
        return read(path)
    except PermissionError:
        mode = stat.S_IMODE(path.lstat().st_mode)
        path.chmod(0o700)
        try:
            return read(path)
        finally:
            path.chmod(mode)


def restore(path, kind, mode, inside):
    """Make a file, a link or a folder as it was; what else there is (a socket, a pipe) is not made again."""
    if kind == stat.S_IFLNK:
        path.symlink_to(inside)
    elif kind == stat.S_IFDIR:
        path.mkdir(exist_ok=True)
        path.chmod(mode)
    elif kind == stat.S_IFREG:
        path.write_bytes(inside)
        path.chmod(mode)


def remove(path):
    """Remove a file, a link, or a folder with all that is in it, whatever its mode; no link is followed."""
    path = Path(path)
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        path.chmod(0o700)
        for inside in path.iterdir():
            remove(inside)
        path.rmdir()
