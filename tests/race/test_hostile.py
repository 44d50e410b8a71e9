"""What a stranger's process may do, and the race goes on: it fills pipes, floods, forges, forks, hides, lies and hangs."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

import hpt_lab as hpt
from hpt_lab.tools.command_line import main
from hpt_lab.tools.race import Result, race
from hpt_lab.tools.race.entry import Entry, Refused
from hpt_lab.tools.race.process import ANSWER_BYTES, StrategyProcess
from hpt_lab.tools.race.searches import STORE
from hpt_lab.values import files

ROOT = Path(__file__).parents[2]
SPACE = hpt.Space(x=hpt.Float(0, 1))
FORGED = "its process answers something that the race did not ask for"
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
ON_UNIX = pytest.mark.skipif(os.name == "nt", reason="needs Unix")
FORGE = """
import os
from hpt_lab import Suggestion

def forge(line):
    for fd in range(3, 9):
        try:
            rest = line
            while rest:
                rest = rest[os.write(fd, rest):]
        except OSError:
            pass

"""
READS_NO_MORE = """
import sys, time
sys.modules["__main__"].map = lambda *of: (time.sleep(600) for _ in "1")
def suggest(history): pass
"""
RANDOM = "return Suggestion(history.space.sample(history.rng))"


@pytest.fixture
def started(tmp_path):
    """Return what starts a strategy of a text; it may be entered once."""

    def started(text, limit=30.0):
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")
        return StrategyProcess(Entry("mine", str(tmp_path / "mine.py")), limit)

    return started


def answers(line):
    """Return the text of a strategy that answers with these bytes before it answers."""
    return f"{FORGE}def suggest(history):\n    forge({line})\n    return Suggestion({{'x': 0.5}})\n"


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ends(pid, seconds=120.0):
    """Return True if a process ends before so many seconds have passed."""
    last = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < last:
        time.sleep(0.05)
    return not alive(pid)


# What it reads and answers


@pytest.mark.timeout(60)
def test_who_reads_no_more_is_out_when_the_time_is_over(started):
    told = [hpt.Trial(n, {"x": 0.5}, None, 1.0, "complete", info={"mark": "x" * 100_000}) for n in range(9)]
    with started(READS_NO_MORE) as strategy:  # more than any pipe holds
        strategy.limit = 0.3
        with pytest.raises(Refused, match=r"^it took longer than 0\.3 s for a suggestion$"):
            strategy.suggest(hpt.History(SPACE, told))


NO_ANSWERS = {
    "nested": ("b'[' * 100_000 + b'\\n'", FORGED),
    "nested marks": ("""b'{"params": null, "seconds": 0, "info": {"a": ' + b'[' * 300 + b']' * 300 + b'}}\\n'""", FORGED),
    "marks that are no JSON": ("""b'{"params": null, "seconds": 0, "info": {"a": NaN}}\\n'""", FORGED),
    "without an end": ("b'x' * 5_000_000", "its answers, including info, are too long: "),
    "a long one": ("""b'{"params": null, "seconds": 0, "more": "' + b'x' * 2_000_000 + b'"}\\n'""", "its answers, including info, are too long"),
    "no text": ("b'\\xff\\xfe\\n'", FORGED),
    "less than no time": ("""b'{"params": null, "seconds": -1000}\\n'""", FORGED),
    "no number of seconds": ("""b'{"params": null, "seconds": NaN}\\n'""", FORGED),
    "more seconds than there were": ("""b'{"params": null, "seconds": 1e300}\\n'""", FORGED),
    "a nested choice": ("""b'{"params": "' + b'[' * 100_000 + b'", "seconds": 0}\\n'""", FORGED),
}  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("line", "reason"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_the_end_of_this_entry_alone(started, line, reason):
    with started(answers(line)) as strategy, pytest.raises(Refused, match=f"^{reason}"):
        strategy.suggest(hpt.History(SPACE, ()))
    assert strategy.seconds == []


def test_an_answer_is_read_no_further_than_the_longest(started):
    text = f"{FORGE}import time\ndef suggest(history):\n    forge(b'x' * 2_000_000)\n    time.sleep(600)\n"
    with started(text) as strategy, pytest.raises(Refused, match=r"^its answers, including info, are too long"):
        strategy.suggest(hpt.History(SPACE, ()))  # without waiting for its end


def test_a_flood_of_answers_is_not_kept(started):
    line = """b'{"params": "{\\\\"x\\\\": 0.5}", "seconds": 0}\\n'"""
    text = f"{FORGE}import threading\ndef flood():\n    while True: forge({line} * 1000)\nthreading.Thread(target=flood, daemon=True).start()\ndef suggest(history):\n    return Suggestion({{'x': 0.5}})\n"  # fmt: skip
    with started(text) as strategy:
        for _ in range(20):
            with suppress(Refused):  # half a line of the flood, and half of an answer
                strategy.suggest(hpt.History(SPACE, ()))
            assert strategy._answers.qsize() == 0


def test_all_answers_together_have_a_longest(started, monkeypatch):
    monkeypatch.setattr(sys.modules["hpt_lab.tools.race.process"], "EXCESS_BYTES", 3 * ANSWER_BYTES)
    text = "from hpt_lab import Suggestion\ndef suggest(history):\n    return Suggestion({'x': 0.5}, info={'a': 'x' * 1_000_000})\n"
    with started(text) as strategy:
        for _ in range(3):
            strategy.suggest(hpt.History(SPACE, ()))
        with pytest.raises(Refused, match=r"^its answers, including info, are too long: at most 1 MB at once"):
            strategy.suggest(hpt.History(SPACE, ()))


def test_marks_have_a_deepest(started):
    text = "from hpt_lab import Suggestion\ndef suggest(history):\n    deep = []\n    for _ in range({}): deep = [deep]\n    return Suggestion({{'x': 0.5}}, info={{'deep': deep}})\n"
    with started(text.format(98)) as strategy:
        marks = strategy.suggest(hpt.History(SPACE, ())).info
        assert marks["deep"]
        assert strategy.suggest(hpt.History(SPACE, [hpt.Trial(0, {"x": 0.5}, None, 1.0, "complete", info=marks)])).info[
            "deep"
        ]
    for depth in (99, 5000):
        with started(text.format(depth)) as strategy, pytest.raises(Refused, match=r"^its info cannot be kept: "):
            strategy.suggest(hpt.History(SPACE, ()))


# What it starts

FORK = "import os, sys, time\nif os.fork() == 0:\n    os.setsid()\n    {}\n    print(os.getpid(), flush=True)\n    time.sleep(600)\n    os._exit(0)\ndef suggest(history):\n    while True: time.sleep(0.01)\n"
CHILD = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True{})\nprint(child.pid)\ndef suggest(history): pass\n"
STARTED = {
    "a program in a session of its own": CHILD.format(""),
    "a fork": FORK.format(""),
    "a fork of a fork": FORK.format("if os.fork(): os._exit(0)"),
}


@ON_LINUX
@pytest.mark.parametrize("text", STARTED.values(), ids=STARTED)
def test_what_a_strategy_has_started_ends_with_it(started, text):
    with started(text) as strategy:
        while not strategy.printed:
            time.sleep(0.01)
        assert alive(int(strategy.printed))
    assert ends(int(strategy.printed))
    assert not any(thread.is_alive() for thread in strategy._threads)


@ON_UNIX
def test_what_hides_from_it_does_not_hold_up_the_race(started):
    with started(CHILD.format(", env={}")) as strategy:
        strategy.suggest(hpt.History(SPACE, ()))
    os.kill(int(strategy.printed), signal.SIGKILL)  # fails if it has ended: SECURITY.md says that it need not


def test_a_process_is_ended_once(started, monkeypatch):
    with started("def suggest(history): pass\n") as strategy:
        pass
    monkeypatch.setattr(os, "killpg", lambda *of: pytest.fail("its number may be another's by now"), raising=False)
    strategy.close()


@ON_LINUX
def test_a_strategy_that_hangs_ends_with_a_race_that_is_killed(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef suggest(history):\n    open('pid.part', 'w').write(str(os.getpid()))\n    os.rename('pid.part', 'pid')\n    while True: pass\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TQDM_DISABLE": "1"}
    arguments = ["race", "mine.py", "--jobs", "1", "--problems", "branin", "--limit", "600"]
    run = subprocess.Popen([sys.executable, "-m", "hpt_lab", *arguments], cwd=tmp_path, env=environment)
    while run.poll() is None and not (tmp_path / "pid").exists():
        time.sleep(0.05)
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    run.kill()
    run.wait()
    assert ends(pid)


# Where it looks

LOOK = "import os, shutil\nfrom pathlib import Path\nfrom hpt_lab import Suggestion\ntable, folder = Path({!r}), Path(__file__).parent\ndef suggest(history):\n    try:\n        {}\n    except OSError:\n        pass\n    return Suggestion({{'x': 0.5}})\n"
LOOKS = {
    "through a link": "(folder / 'x').symlink_to(table); open(folder / 'x', 'rb')",
    "through a link to the folder": "(folder / 'x').symlink_to(table.parent); open(folder / 'x' / 'race.npz', 'rb')",
    "through a second name": "os.link(table, folder / 'x'); open(folder / 'x', 'rb')",
    "in a folder": "os.open('race.npz', os.O_RDONLY, dir_fd=os.open(table.parent, os.O_RDONLY))",
    "from a folder": "os.open('data/race.npz', os.O_RDONLY, dir_fd=os.open(table.parents[1], os.O_RDONLY))",
    "in the folder where it is": "os.chdir(table.parent); os.open('race.npz', os.O_RDONLY)",
    "in bytes": "open(os.fsencode(table), 'rb')",
    "in a copy": "shutil.copy(table, folder / 'x')",
}


@ON_UNIX
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_table_is_known_by_any_name(started, look, tmp_path):
    if "os.link(" in look and os.stat(STORE).st_dev != os.stat(tmp_path).st_dev:
        pytest.skip("a second name must be on the same disk")
    peeks = r"^it looks at hpt_lab\.problems, but a strategy may see only the history$"
    with started(LOOK.format(str(STORE), look)) as strategy, pytest.raises(Refused, match=peeks):
        strategy.suggest(hpt.History(SPACE, ()))


@ON_UNIX
def test_files_of_its_own_may_be_opened_in_any_way(started):
    look = "(folder / 'race.npz').write_bytes(b'x'); there = os.open(folder, os.O_RDONLY); os.open('race.npz', os.O_RDONLY, dir_fd=there); open(there, closefd=False)"
    with started(LOOK.format(str(STORE), look)) as strategy:
        assert strategy.suggest(hpt.History(SPACE, ())).params == {"x": 0.5}


# What is shown and kept


def test_a_reason_is_a_text_and_not_too_long(started):
    line = """b'{"refused": "' + b'x' * 900_000 + b'\\\\ud800"}\\n'"""
    with started(answers(line)) as strategy, pytest.raises(Refused) as refused:
        strategy.suggest(hpt.History(SPACE, ()))
    assert len(str(refused.value)) == 300
    assert str(refused.value).isprintable()
    with started(answers('b\'{"refused": "\\\\ud800"}\\n\'')) as strategy, pytest.raises(Refused, match=r"\\ud800"):
        strategy.suggest(hpt.History(SPACE, ()))


@pytest.fixture
def result():
    return one_result()


def one_result():
    losses = {"a": ((0.5, 0.25),), "b": ((0.75, 0.5),)}
    return Result(
        ("p",), (0, 1), 10, (1.0,), (0.0,), losses, {"a": 0.001, "b": 0.1}, ("b", "c"), {"c": "no"}, {"b": "x"}
    )


def test_what_a_stranger_said_is_cut_and_can_be_written_wherever_it_is_shown_or_kept(result, tmp_path):
    for text in ("\ud800", "x" * 5_000_000, "\ud800" * 1_000_000, "two\nlines"):
        said = replace(result, reasons={"c": text}, printed={"b": text})
        page = said.to_html()
        page.encode("utf-8")
        assert len(page) < len(result.to_html()) + 1000
        assert max(map(len, repr(said).splitlines())) < 500
        assert len(said.to_frame()["reason"].iloc[-1]) <= 400
        said.save(tmp_path / "r.json")
        assert (tmp_path / "r.json").stat().st_size < 5000
        assert Result.load(tmp_path / "r.json") == said


def test_a_page_that_was_there_is_replaced_whole(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    text = "def suggest(history):\n    raise ValueError('\\ud800' + 'x' * 9)\n"
    (tmp_path / "bad.py").write_text(text, encoding="utf-8")
    out = tmp_path / "r.html", tmp_path / "r.json"
    for path in out:
        path.write_text("old", encoding="utf-8")
    small = ["--trials", "5", "--seeds", "2", "--problems", "branin", "--jobs", "1"]
    arguments = ["race", str(tmp_path / "bad.py"), *small]
    assert main([*arguments, "--page", str(out[0]), "--save", str(out[1])]) == 1  # nobody has a score
    assert r"\ud800" in out[0].read_text(encoding="utf-8")
    assert r"\ud800" in Result.load(out[1]).reasons["bad"]
    assert "Error" not in capsys.readouterr().err


def test_what_cannot_be_written_leaves_what_was_there(result, tmp_path, monkeypatch):
    (tmp_path / "r.json").write_text("old", encoding="utf-8")
    whole = Path.write_text

    def full(path, text, **more):
        whole(path, text[: len(text) // 2], **more)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        result.save(tmp_path / "r.json")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("r.json", "old")]
    assert files.write_whole is sys.modules["hpt_lab.tools.race.race"].write_whole  # as the page is written


def test_a_folder_is_no_place_for_a_page_and_said_before_the_race(tmp_path, capsys):
    for option in ("--page", "--save"):
        assert main(["race", "a.py", option, str(tmp_path)]) == 1
        said = capsys.readouterr()
        assert f"{str(tmp_path)!r} cannot be written: " in said.err
        assert not said.out  # no board


KEPT = json.loads(json.dumps({**one_result().__dict__, "reasons": {"c": "no"}}))
WRONG = [None, True, -1, 0.5, "x", [], {}, [None], ["x", "y"], [[0.5, "0.25"]], {"a": 3}, {"b": [[1.0, 2.0]]}, {"a": [[1.0, True]]}, [1e400], {"a": [[1e400, 1]]}, [10**400], [0, 0], [-1, 0], {"c": None}, {"c": ["x"]}]  # fmt: skip


@pytest.mark.parametrize("field", KEPT)
def test_a_file_that_holds_no_result_is_refused_in_one_sentence_or_read_whole(field, tmp_path):
    path = tmp_path / "w.json"
    refused = list[str]()
    for wrong in WRONG:
        path.write_text(json.dumps({**KEPT, field: wrong}), encoding="utf-8")
        try:
            found = Result.load(path)
        except ValueError as error:
            refused.append(str(error))
        else:
            assert repr(found)
            assert found.to_html()
            assert len(found.to_frame()) >= 2
    assert set(refused) == {f"Result: the file {path} must be one that save wrote"}
    assert len(refused) >= len(WRONG) - 4  # such as no reason at all


def test_files_of_no_result_are_refused_too(tmp_path):
    path = tmp_path / "w.json"
    for wrong in (b"[" * 100_000, b'{"problems":' * 50_000, b"\xff\xfe", b"9" * 5000, b"null", b'"x"'):
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match=r"^Result: the file .*w\.json must be one that save wrote$"):
            Result.load(path)


# All of them beside two honest ones

HONEST = {
    "honest": "from hpt_lab import Suggestion\ndef suggest(history):\n    return Suggestion(history.space.sample(history.rng))\n",
    "climbs": "import numpy as np\nfrom hpt_lab import Suggestion\ndef suggest(history):\n    if not history.ranked:\n        return Suggestion(history.space.sample(history.rng))\n    u = history.space.encode(history.ranked[0].params)\n    return Suggestion(history.space.decode(np.clip(u + 0.1 * history.rng.normal(size=len(u)), 0, 1)))\n",
}
OUT_OF_TIME = "it took longer than "  # to be loaded, even, where the machine is busy
ENDED = r"its process ended with code"
SEARCHES = "return Suggestion(history.space.sample(history.rng))"


def searching(before="", first=""):
    """Return the text of a strategy that does something when it is loaded, and first of all when it suggests."""
    return f"{FORGE}{before}\ndef suggest(history):\n    {first or 'pass'}\n    {SEARCHES}\n"


IN_A_FORK = "if os.fork() == 0:\n    import time\n    {}\n    time.sleep(600)\n    os._exit(0)"
# what it does, and the reason that the board gives; None if it only searches at random, and gets the score of that
HOSTILE = {
    "fills_the_pipe": ("import sys, time\nif os.environ['PYTHONHASHSEED'] == '2':\n    sys.modules['__main__'].map = lambda *of: (time.sleep(600) for _ in '1')\ndef suggest(history):\n    return Suggestion(history.space.sample(history.rng), info={'mark': 'x' * 50_000})\n", OUT_OF_TIME),
    "endless_line": (searching(first="while True: forge(b'x' * 10**6)"), "its answers, including info, are too long"),
    "nested_answer": (searching(first="forge(b'[' * 100_000 + b'\\n')"), FORGED),
    "nested_marks": (answers(NO_ANSWERS["nested marks"][0]), FORGED),
    "flood_of_lines": (searching(first="while True: forge(b'{}\\n' * 10**5)"), FORGED),
    "fork_bomb": (searching("import time\nfirst = os.getpid()\nfor _ in range(5):\n    if os.fork() == 0: os.setsid()\nif os.getpid() != first:\n    time.sleep(600)\n    os._exit(0)"), None),
    "daemon": (searching(IN_A_FORK.format("os.setsid()\n    if os.fork(): os._exit(0)")), None),
    "clock_goes_back": (searching("import itertools, time\nback = itertools.count(0, -1000)\ntime.process_time = time.perf_counter = time.monotonic = time.time = lambda: next(back)"), None),
    "forges_the_time": (answers(NO_ANSWERS["no number of seconds"][0]), FORGED),
    "no_text": (searching(first="raise ValueError('\\ud800')"), r"'it raised ValueError: \\ud800"),
    "long_reason": (searching(first="raise ValueError('x' * 5_000_000)"), "it raised ValueError: xxx"),
    "forges_a_reason": (answers("""b'{"refused": "' + b'x' * 900_000 + b'\\\\ud800"}\\n'"""), "'xxx"),
    "exits": (searching(first="import sys; sys.exit(0)"), "it raised SystemExit: 0"),
    "exits_at_once": (searching(first="os._exit(0)"), f"{ENDED} 0"),
    "closes_everything": (searching(first="os.closerange(0, 64); import time; time.sleep(600)"), "its process stopped answering"),
    "follows_a_link": (LOOK.format(str(STORE), "link = folder / f'x{os.getpid()}'; link.symlink_to(table); open(link, 'rb')"), "it looks at hpt_lab.problems"),
    "opens_in_a_folder": (LOOK.format(str(STORE), LOOKS["in a folder"]), "it looks at hpt_lab.problems"),
    "threads": (searching("import threading\nfor _ in range(4):\n    threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()", "while True: pass"), OUT_OF_TIME),
    "ignores_signals": (searching("import signal\nfor one in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n    signal.signal(one, signal.SIG_IGN)", "while True: pass"), OUT_OF_TIME),
    "prints_without_end": (searching(first="while True: print('x' * 10**6)"), OUT_OF_TIME),
    "stops_itself": (searching(first="import signal; os.kill(os.getpid(), signal.SIGSTOP)"), OUT_OF_TIME),
    "takes_all_memory": (searching("import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))", "x = [bytearray(2**24) for _ in iter(int, 1)]"), "it raised MemoryError"),
    "kills_itself": (searching(first="os.kill(os.getpid(), 9)"), f"{ENDED} -9"),
    "never_loads": ("while True: pass\n", OUT_OF_TIME),
}  # fmt: skip


def raced(folder, texts):
    """Return the result of a race of these texts, each a file."""
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return race([folder / f"{name}.py" for name in texts], 5, 2, problems=["branin"], n_jobs=1, progress=False)


class Impatient(StrategyProcess):
    """A process that has little time where it will not answer, and much where it will."""

    def __init__(self, entry, limit, hash_seed):
        super().__init__(entry, 1.0 if HOSTILE.get(entry.name, ("", ""))[1] == OUT_OF_TIME else 100.0, hash_seed)


def marked(own):
    """Return the processes of strategies that are alive, by the mark that they carry, and that of the test that raced them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = path.read_bytes()
            if b"HPT_LAB_RACE_" in environment and own.encode() in environment:
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


@ON_LINUX
@pytest.mark.timeout(600)
def test_two_honest_ones_find_the_same_beside_twenty_four_hostile_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["hpt_lab.tools.race.process"], "START_SECONDS", 6.0)
    monkeypatch.setattr(sys.modules["hpt_lab.tools.race.evaluation"], "StrategyProcess", Impatient)
    own = f"RACED_BY_{uuid.uuid4().hex}"  # other tests, and other people, race on this machine too
    monkeypatch.setenv(own, "1")
    alone = raced(tmp_path, HONEST)
    names = [*HOSTILE]
    texts = {name: HOSTILE[name][0] for name in names[:12]} | HONEST | {name: HOSTILE[name][0] for name in names[12:]}
    texts["fills_the_pipe"] = FORGE + texts["fills_the_pipe"]
    result = raced(tmp_path, texts)
    assert not marked(own)
    assert len(HOSTILE) == 24
    for name in HONEST:
        assert result.losses[name] == alone.losses[name]
        assert result.scores[name] == alone.scores[name]
    for name, (_, reason) in HOSTILE.items():
        if reason is None:
            assert result.losses[name] == result.losses["honest"] == result.losses["RandomSearch"], name
            assert 0 <= result.seconds[name] < 1
        else:
            said = result.reasons.get(name, "none").removeprefix("shown the same history again, ")
            assert re.match(reason, said), (name, said)
    assert all(len(text) <= 400 and text.isprintable() for text in [*result.reasons.values(), *result.printed.values()])
    result.save(tmp_path / "r.json")
    assert Result.load(tmp_path / "r.json") == result
    assert len(result.to_html().encode("utf-8")) < 100_000
