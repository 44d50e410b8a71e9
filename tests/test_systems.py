"""What Windows and macOS do otherwise, done here: spawned workers, other locks, other paths, other encodings, open files that stay."""

import ast
import contextlib
import errno
import gc
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given, strategies

import hpt_lab as hpt
import hpt_lab.tools.tuner as kt
from book.press.exam import questions
from book.press.notebooks import pairing
from hpt_lab.study import StorageError
from hpt_lab.tools.command_line import main
from hpt_lab.tools.race import entry
from hpt_lab.tools.race.race import expand
from hpt_lab.tools.storage import owners
from hpt_lab.tools.storage.sqlite import as_path, as_uri

ROOT = Path(__file__).resolve().parents[1]
SPACE = hpt.Space(x=hpt.Float(0, 1), kernel=["µ ± 1", "한국어", "ascii"])
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def run(script, *arguments, **environment):
    """A script in a Python of its own, which imports this lab."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, script, *map(str, arguments)], cwd=script.parent,
        capture_output=True, text=True, encoding="utf-8", timeout=300,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip


def script(folder, text):
    path = folder / "script.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


# Workers that are spawned, as on Windows and macOS, or come from a server, as on Linux from Python 3.14 on


def test_workers_that_import_the_script_train_its_functions_and_its_lambdas(tmp_path):
    """In a script whose default is spawn; and by a server of forks, where there is one."""
    path = script(tmp_path, """
        import multiprocessing, os
        from concurrent.futures import ProcessPoolExecutor
        import hpt_lab as hpt

        def loss(params):
            return float(os.getpid() != parent) + params["x"]

        parent = os.getppid() if __name__ == "__mp_main__" else os.getpid()
        if __name__ == "__main__":
            multiprocessing.set_start_method("spawn")
            server = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
            pools = ProcessPoolExecutor, lambda n: ProcessPoolExecutor(n, multiprocessing.get_context(server))
            for objective, pool in zip((loss, lambda params: 1.0 + params["x"]), pools):
                how = {"executor": lambda: pool(1), "n_workers": 1, "storage": "runs.db", "name": objective.__name__, "progress": False}
                study = hpt.tune(objective, {"x": hpt.Float(0, 1)}, hpt.GridSearch(3), 3, **how)
                print([trial.value for trial in study.trials])
    """)  # fmt: skip
    done = run(path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[1.0, 1.5, 2.0]"] * 2


def test_a_script_without_its_guard_is_told_so_and_its_workers_touch_no_study(tmp_path):
    path = script(tmp_path, """
        import multiprocessing, sys
        from concurrent.futures import ProcessPoolExecutor
        import hpt_lab as hpt

        spawned = lambda: ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        try:
            hpt.tune(lambda p: p["x"], {"x": hpt.Float(0, 1)}, hpt.RandomSearch(), 9, executor=spawned, n_workers=1, storage=sys.argv[1])
        except RuntimeError as error:
            print(type(error).__name__, error, file=sys.stderr)
            sys.exit(3)
    """)  # fmt: skip
    db = tmp_path / "runs.db"
    done = run(path, db, TQDM_DISABLE="1")
    assert done.returncode == 3
    told = [line for line in done.stderr.splitlines() if line.startswith("RuntimeError")]
    assert len(told) == 3, done.stderr  # two workers, and the search itself
    assert all(line.startswith("RuntimeError tune: this is a worker that only imports its script") for line in told[:2])
    assert told[2].startswith("RuntimeError tune: the workers of ProcessPoolExecutor end before they train anything")
    assert all('make workers under `if __name__ == "__main__":`' in line for line in told)
    assert hpt.Study.open(db).trials == ()


def test_workers_of_our_own_need_no_guard(tmp_path):
    path = script(tmp_path, """
        import hpt_lab as hpt

        print(hpt.tune(lambda p: p["x"], {"x": hpt.Float(0, 1)}, hpt.GridSearch(3), 3, n_workers=2).best_value)
    """)  # fmt: skip
    done = run(path, TQDM_DISABLE="1")
    assert (done.stdout, done.returncode) == ("0.0\n", 0), done.stderr


# Locks, by msvcrt


ON_WINDOWS = f"""
import errno, fcntl, importlib.util, os, random, secrets, sys, threading, types

import hpt_lab  # what it imports of the standard library is for this system

held = set()

def locking(fd, mode, n_bytes):
    where = fd, os.lseek(fd, 0, os.SEEK_CUR)
    if where[1] >= 2**31:
        raise OSError(errno.EINVAL, "an old C library")
    if (where in held) == (mode == msvcrt.LK_NBLCK):
        raise OSError(errno.EACCES, "locked already, or not locked")
    if mode == msvcrt.LK_NBLCK:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, n_bytes, where[1])
        held.add(where)
    else:
        fcntl.lockf(fd, fcntl.LOCK_UN, n_bytes, where[1])
        held.discard(where)

msvcrt = types.SimpleNamespace(LK_UNLCK=0, LK_NBLCK=2, locking=locking)
sys.modules.update(fcntl=None, msvcrt=msvcrt)
del os.pread, os.register_at_fork
spec = importlib.util.spec_from_file_location("owners", {owners.__file__!r})
owners = importlib.util.module_from_spec(spec)
spec.loader.exec_module(owners)
assert owners.fcntl is None

if sys.argv[1] == "own":
    ours = [owners.Owner(sys.argv[2]) for _ in range(3)]
    released = ours.pop()
    released.release()
    texts = [owner.text for owner in (*ours, released)]
    print(*texts, [owners.is_gone(text, sys.argv[2]) for text in texts], sep="\\n", flush=True)
    sys.stdin.read()
else:
    print([owners.is_gone(text, sys.argv[2]) for text in sys.argv[3:]])
"""


@pytest.mark.skipif(owners.fcntl is None, reason="here the locks are those of Windows")
def test_by_the_locks_of_windows_an_owner_is_gone_when_its_process_is(tmp_path):
    path, db = script(tmp_path, ON_WINDOWS), tmp_path / "runs.db"
    process = subprocess.Popen(
        [sys.executable, path, "own", db], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    with process:
        try:
            *texts, said = (process.stdout.readline().rstrip() for _ in range(4))
            assert said == "[False, False, True]"  # in the same process
            assert all(json.loads(text)[1] for text in texts)  # a mark: there are locks
            assert run(path, "ask", db, *texts).stdout == "[False, False, True]\n"
        finally:
            process.kill()
    assert run(path, "ask", db, *texts).stdout == "[True, True, True]\n"


# Files that are open


@pytest.fixture
def open_files_stay(monkeypatch):
    """No file can be removed or replaced while this process has it open, as on Windows."""
    if os.name == "nt":
        return
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("nobody tells which files are open")

    def is_open(path):
        for fd in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.path.samefile(fd, path):
                    return True
        return False

    def refusing(do):
        def refuse_or_do(*paths, **more):
            for path in paths:
                if is_open(path):
                    raise PermissionError(errno.EACCES, "it is being used by another process", os.fspath(path))
            return do(*paths, **more)

        return refuse_or_do

    for name in ("remove", "unlink", "replace", "rename"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))


class Squares(kt.HyperModel):
    def build(self, hp):
        return hp.Float("x", 0, 1)

    def fit(self, hp, model, *data, **more):
        return model**2


def tuner(folder, **more):
    return kt.RandomSearch(
        Squares(), kt.Objective("loss", "min"), max_trials=2, directory=folder, project_name="p", **more
    )


def test_a_cell_that_overwrites_its_search_can_run_twice_where_open_files_stay(tmp_path, open_files_stay):
    first = tuner(tmp_path, overwrite=True)
    first.search(verbose=0)
    first.study.ask()  # one in training, whose owner keeps a file of locks open
    trials = first.study.trials
    second = tuner(tmp_path, overwrite=True)
    assert second.study.trials == ()
    second.search(verbose=0)
    assert len(second.study.trials) == 2
    assert first.study.trials == trials  # it stays what it was, and writes nothing any more
    with pytest.raises(StorageError, match="was closed by this study"):
        first.study.ask()


def test_a_search_that_somebody_else_has_open_is_not_overwritten(tmp_path, open_files_stay):
    tuner(tmp_path).search(verbose=0)
    with contextlib.closing(sqlite3.connect(tmp_path / "p" / "study.db")) as connection:
        connection.execute("SELECT * FROM studies").fetchall()
        with pytest.raises(StorageError, match=r"^Tuner: the folder .* cannot be used: it must be writable: .*$"):
            tuner(tmp_path, overwrite=True)
    assert len(hpt.Study.open(tmp_path / "p" / "study.db").trials) == 2


def test_a_report_takes_the_place_of_the_last_one_where_open_files_stay(tmp_path, open_files_stay):
    study = hpt.Study(SPACE, hpt.RandomSearch(), storage=tmp_path / "runs.db")
    pages = [study.report(tmp_path / "r.html").read_bytes() for _ in range(2)]
    assert pages[0] == pages[1]
    assert {path.suffix for path in tmp_path.iterdir()} <= {".html", ".db", ".db-wal", ".db-shm"}


# Paths

WINDOWS_PATHS = [
    r"C:\Users\Jörg\runs.db", "C:/Users/runs.db", "C://Users//runs.db", r"C:runs.db", r"\\server\share\a b?#%41.db",
    r"\\?\C:\very\long.db", r"..\runs.db", "runs.db",
]  # fmt: skip


@pytest.mark.parametrize("path", WINDOWS_PATHS)
def test_every_path_of_windows_is_the_path_of_a_file(path):
    assert as_path("Study: storage", path) == path


@pytest.mark.skipif(os.name == "nt", reason="these are names of files only elsewhere")
def test_sqlite_opens_the_file_of_exactly_that_path_whatever_stands_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [path for path in WINDOWS_PATHS if "/" not in path]
    for path in [*names, f"/{tmp_path}/two.db", f"{tmp_path}/한국어 ±.db"]:
        with contextlib.closing(sqlite3.connect(as_uri(path, "rwc"), uri=True)) as connection:
            connection.execute("CREATE TABLE t (x)")
    assert set(os.listdir(tmp_path)) == {*names, "two.db", "한국어 ±.db"}


def test_a_server_of_windows_is_no_host_of_an_address():
    """SQLite refuses file://server/share, which is what `Path.as_uri` says there."""
    assert PureWindowsPath(r"\\server\share\runs.db").as_uri().startswith("file://server/")
    assert as_uri(r"\\server\share\runs.db", "rw") == "file:%5C%5Cserver%5Cshare%5Cruns.db?mode=rw"


def test_a_study_lies_where_a_strange_path_says(tmp_path):
    path = tmp_path / "100% #1 & 한국어" / "µ ±.db"
    path.parent.mkdir()
    hpt.Study(SPACE, hpt.RandomSearch(), storage=path).ask()
    assert path.exists()
    assert len(hpt.Study.open(str(path)).trials) == 1


@pytest.mark.parametrize(
    ("given", "name", "file", "inside"),
    [
        (r"C:\Users\Ann\mine.py", "mine", r"C:\Users\Ann\mine.py", None),
        (r"C:\Users\Ann\mine.py:Best", "mine", r"C:\Users\Ann\mine.py", "Best"),
        ("C:mine.py", "mine", "C:mine.py", None),
        (r"\\server\class\mine.py:Best", "mine", r"\\server\class\mine.py", "Best"),
        (PureWindowsPath(r"D:\ann\mine.py"), "mine", r"D:\ann\mine.py", None),
    ],
)
def test_a_drive_is_not_taken_for_the_name_of_a_strategy(monkeypatch, given, name, file, inside):
    monkeypatch.setattr(entry, "Path", PureWindowsPath)
    assert entry._entry(None, given) == entry.Entry(name, file, inside)


def test_files_of_one_name_are_told_apart_by_folders_on_windows_too(monkeypatch):
    monkeypatch.setattr(entry, "Path", type("Resolved", (PureWindowsPath,), {"resolve": lambda self: self}))
    found = entry.entries([r"C:\class\ann\mine.py", r"C:\class\bob\mine.py:Best", r"C:\class\cho\other.py"])
    assert [one.name for one in found] == ["ann/mine", "bob/mine:Best", "other"]


def test_a_pattern_is_expanded_as_a_shell_of_windows_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.py", "a.py", "[ab].py", "c.txt"):
        Path(name).touch()
    assert expand("*.py") == ["[ab].py", "a.py", "b.py"]
    assert expand("[ab].py") == ["[ab].py"]  # a file of this name is itself
    assert expand("[bc].*") == ["b.py", "c.txt"]
    assert [expand(name) for name in ("none*.py", "a.py:Name")] == [["none*.py"], ["a.py:Name"]]


# Encodings and line ends


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("systems") / "runs.db"
    study = hpt.Study(SPACE, hpt.GridSearch(3), storage=path, name="± 한국어", seed=0)
    for _ in range(4):
        study.tell(study.ask(), error="µm — zu groß \udcff")  # and half a sign, as a name of a file may have
    return str(path)


class Terminal(io.TextIOWrapper):
    """A standard output in an encoding, which keeps the bytes that are written."""

    def __init__(self, encoding, tty, newline="\r\n"):
        self.bytes, self.tty = io.BytesIO(), tty
        super().__init__(self.bytes, encoding=encoding, newline=newline)

    def isatty(self):
        return self.tty

    def close(self):
        pass


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp949", "utf-8"])
@pytest.mark.parametrize("arguments", [["list"], ["show"], ["export"], ["export", "--format", "json"], ["report"]])
def test_a_terminal_of_any_language_shows_what_it_can(db, monkeypatch, encoding, arguments):
    monkeypatch.setattr(sys, "stdout", Terminal(encoding, tty=True))
    assert main([arguments[0], db, *arguments[1:]]) == 0
    shown = sys.stdout.bytes.getvalue().decode(encoding)
    names = ["± 한국어"] if arguments == ["list"] else ["한국어", "µ ± 1", "µm — zu groß"]
    for name in names:
        assert name.encode(encoding, "backslashreplace").decode(encoding) in shown or json.dumps(name)[1:-1] in shown


@pytest.mark.parametrize("form", ["csv", "json", "html", "md"])
def test_a_pipe_gets_the_bytes_of_the_file_whatever_the_terminal_speaks(db, monkeypatch, tmp_path, form):
    what, out = "export" if form in ("csv", "json") else "report", tmp_path / f"out.{form}"
    assert main([what, db, "-o", str(out)]) == 0
    monkeypatch.setattr(sys, "stdout", Terminal("cp1252", tty=False))
    assert main([what, db, "--format", form]) == 0
    assert sys.stdout.bytes.getvalue() == out.read_bytes()
    assert b"\r" not in out.read_bytes()
    assert "한국어" in out.read_text(encoding="utf-8") or form == "json"


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EINVAL])
def test_a_reader_that_leaves_early_is_no_error_on_windows_either(db, monkeypatch, tmp_path, capsys, number):
    class Left(io.TextIOWrapper):
        def write(self, text):
            raise OSError(number, "the pipe is being closed")

    with open(tmp_path / "pipe", "wb") as pipe:
        monkeypatch.setattr(sys, "stdout", Left(pipe, encoding="utf-8"))
        assert main(["list", db]) == 141
    assert capsys.readouterr().err == ""


def test_a_name_that_windows_refuses_is_told_as_a_file_that_cannot_be_written(db, monkeypatch, tmp_path, capsys):
    def refused(*_):
        raise OSError(errno.EINVAL, "Invalid argument", "beside")

    monkeypatch.setattr("os.replace", refused)
    out = tmp_path / "a.csv"
    assert main(["export", db, "-o", str(out)]) == 1
    assert capsys.readouterr().err == f"hpt-lab: {str(out)!r} cannot be written: Invalid argument\n"


@pytest.mark.skipif(not sys.prefix.isascii(), reason="there no NumPy can be imported from this folder")
def test_all_that_the_lab_writes_it_reads_again_under_the_oldest_locale(tmp_path):
    """And it never leaves the choice of an encoding to the system."""
    path = script(tmp_path, """
        import locale, sys, warnings
        import hpt_lab as hpt
        from hpt_lab.tools.command_line import main

        assert locale.getencoding() != "utf-8" or sys.platform in ("darwin", "win32")
        warnings.filterwarnings("error", category=EncodingWarning, module="hpt_lab")
        space = hpt.Space(x=hpt.Float(0, 1), kernel=["\\u00b5 \\u00b1 1", "\\ud55c\\uad6d\\uc5b4"])
        study = hpt.Study(space, hpt.GridSearch(2), storage="runs.db", name="\\u00b1")
        study.tell(study.ask(), error="\\u2014")
        assert hpt.Study.open("runs.db").trials == study.trials
        assert hpt.Study.from_json(study.to_json(), space, hpt.GridSearch(2)) == study
        for name in ("t.csv", "t.json"):
            assert main(["export", "runs.db", "-o", name]) == 0
        assert "\\u2014" in study.report("r.md").read_text(encoding="utf-8")
        hpt.problems.svm_digits()
    """)  # fmt: skip
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONWARNDEFAULTENCODING": "1"}
    done = run(path, **plain)
    assert done.returncode == 0, done.stderr


def unnamed_encodings(text):
    """The lines that open a text without naming its encoding."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = {keyword.arg for keyword in node.keywords}
        modes = [a.value for a in node.args[1:2] if isinstance(a, ast.Constant)]
        opens = (name == "open" and isinstance(node.func, ast.Name)) or name == "fdopen"
        reads = name in ("read_text", "write_text") and len(node.args) < {"read_text": 1, "write_text": 2}[name]
        pipes = any(keyword.arg == "text" and ast.unparse(keyword.value) == "True" for keyword in node.keywords)
        opens = opens and not any("b" in str(mode) for mode in modes)
        if (reads or opens or pipes) and "encoding" not in given:
            yield node.lineno


def test_every_text_is_opened_with_an_encoding():
    """The system's own is another one on Windows. What a string in a test holds, is not looked at."""
    assert [*unnamed_encodings('a.read_text()\nopen(b, "w")\nrun(c, text=True)\na.write_text(d)')] == [1, 2, 3, 4]
    assert not [*unnamed_encodings('open(b, "rb")\na.read_text(encoding="utf-8")\nopen(b, encoding="utf-8")')]
    folders = ("hpt_lab", "book", "benchmarks", "examples", "tests", "tools", ".ci")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "_build" not in path.parts]
    assert len(files) > 200
    found = {}
    for path in files:
        text = path.read_text(encoding="utf-8")
        if re.search(r"read_text|write_text|open\(|text=|universal_newlines", text):
            found[path.relative_to(ROOT).as_posix()] = [*unnamed_encodings(text)]
    assert {name: lines for name, lines in found.items() if lines} == {}


def with_windows_line_ends(path, folder):
    copy = folder / path.name
    copy.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert b"\r\n" in copy.read_bytes()
    return copy


def test_line_ends_of_windows_change_nothing_in_a_notebook_an_exam_or_a_result(tmp_path):
    lesson = ROOT / "book" / "press" / "notebooks" / "templates" / "lesson.md"
    ours, theirs = (
        pairing.write_markdown(pairing.read_markdown(path))
        for path in (lesson, with_windows_line_ends(lesson, tmp_path))
    )
    assert ours == theirs
    (tmp_path / "exam").mkdir()
    with_windows_line_ends(ROOT / "book" / "exam" / "01_the_problem.md", tmp_path / "exam")
    bank = questions.bank(tmp_path / "exam")
    assert bank == questions.bank()[: len(bank)]
    study = hpt.tune(lambda p: p["x"], SPACE, hpt.RandomSearch(), 3, progress=False)
    (tmp_path / "study.json").write_text(study.to_json(), encoding="utf-8", newline="\n")
    text = with_windows_line_ends_of_json(tmp_path / "study.json")
    assert hpt.Study.from_json(text, SPACE, hpt.RandomSearch()) == study


def with_windows_line_ends_of_json(path):
    """As an editor leaves it: folded, and read byte by byte."""
    path.write_bytes(json.dumps(json.loads(path.read_bytes()), indent=1).replace("\n", "\r\n").encode())
    return path.read_bytes().decode("utf-8")


# Clocks


def test_a_clock_that_stands_still_stops_no_search(monkeypatch, capsys, tmp_path):
    """That of Windows ticks 64 times a second: many trials begin and end in one moment."""
    for name in ("time", "monotonic", "perf_counter"):
        monkeypatch.setattr(time, name, lambda: 1.7e9)
    db = str(tmp_path / "runs.db")
    study = hpt.tune(lambda p: p["x"], SPACE, hpt.RandomSearch(), 8, storage=db, timeout=60, progress=False)
    assert [trial.seconds for trial in study.trials] == [0.0] * 8
    assert len({trial.started for trial in study.trials}) == 8
    assert main(["show", db]) == main(["list", db]) == 0
    assert capsys.readouterr().err == ""


def test_a_date_that_no_calendar_of_windows_has_is_damage(db, tmp_path, capsys):
    path = tmp_path / "runs.db"
    study = hpt.Study(SPACE, hpt.RandomSearch(), storage=path)
    with study._backend.transaction():
        study._backend.change(created=1e11)
    study.close()
    assert main(["list", str(path)]) == 1
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.xdist_group("collector")
@pytest.mark.parametrize("time", ["before", "after"])
def test_the_garbage_collector_calls_nothing_in_which_an_interrupt_is_lost(time):
    """Hypothesis times the collector from its first example on, in this process; the next test knows nothing of it."""
    assert not [call for call in gc.callbacks if call.__module__.startswith("hypothesis")]
    given(strategies.integers())(lambda number: None)()
