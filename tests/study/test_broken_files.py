"""A file that cannot be used is refused in one sentence, and is left as it was; the study in memory stays whole."""

import contextlib
import json
import os
import random
import shutil
import sqlite3
import threading

import pytest

import hpt_lab as hpt
from hpt_lab import Float, RandomSearch, Space, StorageError, Study, run, tune
from hpt_lab.tools.storage import sqlite
from hpt_lab.tools.storage.sqlite import crc

SPACE = Space(x=Float(-1, 1), c=["a", "b"])


def loss(params):
    if params["x"] > 0.7:
        raise ValueError("too far")
    return params["x"] ** 2


@pytest.fixture
def db(tmp_path):
    """A file with two studies, the first with a complete, a failed and a running trial among its twelve."""
    path = tmp_path / "runs.db"
    study = tune(loss, SPACE, RandomSearch(), 11, progress=False, storage=path, name="one")
    study.ask()
    study.close()
    tune(loss, SPACE, RandomSearch(), 3, progress=False, storage=path, name="two", seed=1).close()
    assert not os.path.exists(f"{path}-wal")
    return path


def everything(path):
    """All that a file says."""
    found = [(record, Study.open(path, record.name)) for record in hpt.studies(path)]
    try:
        return [(record, study.to_json(), study.space.describe()) for record, study in found]
    finally:
        for _, study in found:
            study.close()


def refused(call, *fragments, path=None):
    """The call raises StorageError of one sentence, which is an OSError and a ValueError."""
    with pytest.raises(StorageError) as caught:
        call()
    message = str(caught.value)
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value, ValueError)
    for fragment in (*fragments, str(path or "storage '")):
        assert fragment in message
    assert message.startswith("storage '")
    assert "\n" not in message
    assert len(message) < 600


def ways(path, name="one"):
    """All ways to come to a file."""
    return (
        lambda: Study(SPACE, RandomSearch(), storage=path, name=name),
        lambda: tune(loss, SPACE, RandomSearch(), 20, progress=False, storage=path, name=name),
        lambda: Study.open(path, name),
        lambda: hpt.studies(path),
    )


# What is no file of studies


def text(path):
    path.write_text("x,y\n" * 500, encoding="utf-8")


def short_text(path):
    path.write_text("hello", encoding="utf-8")


def a_pickle(path):
    path.write_bytes(b"\x80\x04cos\nsystem\n(S'exit 1'\ntR." * 40)


def foreign(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE trials (id)")


def foreign_with_our_tables(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for statement in sqlite.SCHEMA.values():
            connection.execute(statement)


def newer(path):
    tune(loss, SPACE, RandomSearch(), 3, progress=False, storage=path, name="one").close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")


def trigger(path):
    tune(loss, SPACE, RandomSearch(), 3, progress=False, storage=path, name="one").close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END")


def view(path):
    tune(loss, SPACE, RandomSearch(), 3, progress=False, storage=path, name="one").close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIEW v AS SELECT * FROM entries")


def folder(path):
    path.mkdir()


NO_FILES = [
    (text, "is not an SQLite file; give another path"),
    (short_text, "is not an SQLite file; give another path"),
    (a_pickle, "is not an SQLite file; give another path"),
    (foreign, "is an SQLite file of another program; give another path"),
    (foreign_with_our_tables, "is an SQLite file of another program; give another path"),
    (newer, "has format 7, but this hpt_lab reads format 1; install a newer hpt_lab"),
    (trigger, "is damaged; restore it from a copy"),
    (view, "is damaged; restore it from a copy"),
    (folder, "is a folder; give the path of a file, such as 'runs.db'"),
]


@pytest.mark.parametrize(("make", "message"), NO_FILES, ids=[make.__name__ for make, _ in NO_FILES])
def test_what_is_no_file_of_studies_is_refused_and_not_touched(make, message, tmp_path):
    path = tmp_path / "runs.db"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    for way in ways(path):
        refused(way, message, path=path)
    assert before is None or path.read_bytes() == before
    assert {name for name in os.listdir(tmp_path) if not name.endswith(("-shm", "-wal", "-alive"))} == {"runs.db"}


def test_a_missing_file_and_a_missing_folder_say_so(tmp_path):
    for way in ways(tmp_path / "runs.db")[2:]:
        refused(way, "does not exist; give the path of a file that holds a study")
    for way in ways(tmp_path / "no" / "runs.db"):
        refused(way, "has no folder; make ", str(tmp_path / "no"))
    assert os.listdir(tmp_path) == []


def test_an_empty_file_becomes_one(tmp_path):
    path = tmp_path / "runs.db"
    path.touch()
    refused(lambda: Study.open(path), "holds no study yet; begin one with Study(..., storage=...)")
    assert hpt.studies(path) == []
    assert tune(loss, SPACE, RandomSearch(), 3, progress=False, storage=path).best_value >= 0


# Damage


def damage(rng, content):
    """A file with other bytes, or shorter, or with a hole, or with two pages exchanged."""
    content = bytearray(content)
    kind = rng.choice(["bytes", "bytes", "byte", "short", "hole", "pages"])
    if kind in ("byte", "bytes"):
        for _ in range(1 if kind == "byte" else rng.randint(2, 12)):
            content[rng.randrange(len(content))] = rng.randrange(256)
    elif kind == "short":
        del content[rng.randrange(len(content)) :]
    elif kind == "hole":
        begin = rng.randrange(len(content))
        end = min(len(content), begin + rng.randint(1, 600))
        content[begin:end] = bytes(end - begin)
    else:
        one, other = (4096 * rng.randrange(len(content) // 4096) for _ in range(2))
        content[one : one + 4096], content[other : other + 4096] = (
            content[other : other + 4096],
            content[one : one + 4096],
        )
    return bytes(content)


def test_two_hundred_damaged_files_say_so_or_are_read_exactly(db, tmp_path):
    rng, content, whole, found = random.Random(1), db.read_bytes(), everything(db), []
    for number in range(200):
        path = tmp_path / f"{number}.db"
        path.write_bytes(damage(rng, content))
        try:
            now = everything(path)
        except StorageError:
            found.append("refused")
        else:
            assert now in (whole, [])  # shorter than a page: an empty file
            found.append("exact" if now else "empty")
        with contextlib.suppress(StorageError):
            study = Study(SPACE, RandomSearch(), storage=path, name="one")
            study.tell(study.ask(), 1.0)
            study.close()
    assert found.count("refused") > 50
    assert found.count("exact") > 10
    assert found.count("empty") < 5


def test_a_file_whose_pages_do_not_add_up_is_refused_before_anything_is_written(db):
    content = bytearray(db.read_bytes())
    content[36:40] = (7).to_bytes(4, "big")  # free pages, of which there are none
    db.write_bytes(content)
    for way in ways(db):
        refused(way, "is damaged; restore it from a copy, or begin a new file", path=db)
    assert db.read_bytes() == content


def tampered(path, table, where, **columns):
    """Another content with the right checksums, as a stranger can write it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute(f"SELECT * FROM {table} WHERE {where}").fetchone()) | columns
        row["crc"] = crc(*[value for name, value in row.items() if name != "crc"])
        connection.execute(f"DELETE FROM {table} WHERE {where}")
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", tuple(row.values()))
        connection.commit()


def header(path, change):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute("SELECT header FROM studies WHERE id = 1").fetchone()
    return json.dumps(json.loads(text) | change)


def first(path, field, value):
    """The first trial of the file with another value of a field."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute("SELECT trial FROM entries WHERE study = 1 AND number = 0").fetchone()
    return json.dumps(json.loads(text) | {field: value})


def deep(n):
    return json.loads("[" * n + "]" * n)


def attributed(value):
    return json.dumps({"state": "complete", "value": 1.0, "error": None, "seconds": 1.0, "attributes": {"a": value}})


TAMPERED = {
    "header no JSON": lambda path: tampered(path, "studies", "id = 1", header="__import__('os')"),
    "header a list": lambda path: tampered(path, "studies", "id = 1", header="[]"),
    "header deep": lambda path: tampered(path, "studies", "id = 1", header="[" * 100_000),
    "header a blob": lambda path: tampered(path, "studies", "id = 1", header=b"\x80\x04."),
    "header more": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"code": "1"})),
    "direction": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"direction": "up"})),
    "direction a list": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"direction": []})),
    "seed": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"seed": -1})),
    "seed true": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"seed": True})),
    "space a list": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"space": []})),
    "strategy": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"strategy": 3})),
    "start deep": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"start": deep(900)})),
    "notes a list": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"notes": []})),
    "notes deep": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"notes": {"a": deep(900)}})),
    "notes nan": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"notes": {"a": float("inf")}})),
    "created huge": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"created": 1e18})),
    "created": lambda path: tampered(path, "studies", "id = 1", header=header(path, {"created": float("nan")})),
    "length": lambda path: tampered(path, "studies", "id = 1", length=3),
    "length a text": lambda path: tampered(path, "studies", "id = 1", length="long"),
    "trial no JSON": lambda path: tampered(path, "entries", "study = 1 AND number = 0", trial="eval"),
    "trial deep": lambda path: tampered(path, "entries", "study = 1 AND number = 0", trial="[" * 100_000),
    "trial a blob": lambda path: tampered(path, "entries", "study = 1 AND number = 0", trial=b"\xff"),
    "trial null": lambda path: tampered(path, "entries", "study = 1 AND number = 0", trial="null"),
    "outcome null": lambda path: tampered(path, "entries", "study = 1 AND number = 1", trial="null"),
    "outcome first": lambda path: tampered(
        path, "entries", "study = 1 AND number = 0", trial='{"state": "failed", "value": null, "error": "", "seconds": 1}'
    ),
    "value a text": lambda path: tampered(
        path, "entries", "study = 1 AND number = 1",
        trial='{"state": "complete", "value": "1", "error": null, "seconds": 1}',
    ),
    "value nan": lambda path: tampered(
        path, "entries", "study = 1 AND number = 1", trial='{"state": "complete", "value": NaN, "error": null, "seconds": 1}'
    ),
    "still running": lambda path: tampered(
        path, "entries", "study = 1 AND number = 1", trial='{"state": "running", "value": null, "error": null, "seconds": 1}'
    ),
    **{
        f"value {value}": lambda path, value=value: tampered(
            path, "entries", "study = 1 AND number = 1",
            trial=f'{{"state": "complete", "value": {value}, "error": null, "seconds": 1}}',
        )
        for value in ("true", '"0.5"', "1e999", "[1]", "null", "{}")
    },
    "seconds": lambda path: tampered(
        path, "entries", "study = 1 AND number = 1",
        trial='{"state": "complete", "value": 1, "error": null, "seconds": NaN}',
    ),
    "started": lambda path: tampered(
        path, "entries", "study = 1 AND number = 0", trial=first(path, "started", 1e18)
    ),
    "started negative": lambda path: tampered(
        path, "entries", "study = 1 AND number = 0", trial=first(path, "started", -1)
    ),
    "started true": lambda path: tampered(
        path, "entries", "study = 1 AND number = 0", trial=first(path, "started", True)
    ),
    "budget": lambda path: tampered(
        path, "entries", "study = 1 AND number = 0", trial=first(path, "budget", "1")
    ),
    "info deep": lambda path: tampered(
        path, "entries", "study = 1 AND number = 0", trial=first(path, "info", {"a": deep(900)})
    ),
    "info nan": lambda path: tampered(
        path, "entries", "study = 1 AND number = 0", trial=first(path, "info", {"a": float("nan")})
    ),
    "attributes deep": lambda path: tampered(path, "entries", "study = 1 AND number = 1", trial=attributed(deep(900))),
    "attributes nan": lambda path: tampered(path, "entries", "study = 1 AND number = 1", trial=attributed(float("nan"))),
    "told twice": lambda path: tampered(
        path, "entries", "study = 1 AND number = 2", place=0,
        trial='{"state": "complete", "value": 0.0, "error": null, "seconds": 1}',
    ),
    "told twice at the end": lambda path: tampered(
        path, "entries", "study = 1 AND number = 22", place=0, owner="",
        trial='{"state": "complete", "value": 0.0, "error": null, "seconds": 1}',
    ),
    "place": lambda path: tampered(path, "entries", "study = 1 AND number = 0", place=5),
    "place negative": lambda path: tampered(path, "entries", "study = 1 AND number = 0", place=-1),
    "place a text": lambda path: tampered(path, "entries", "study = 1 AND number = 0", place="zero"),
    "number": lambda path: tampered(path, "entries", "study = 1 AND number = 4", number=400),
    "checksum": lambda path: run_sql(path, "UPDATE entries SET crc = crc + 1 WHERE study = 1 AND number = 2"),
    "checksum of a study": lambda path: run_sql(path, "UPDATE studies SET crc = 0 WHERE id = 1"),
    "an entry less": lambda path: run_sql(path, "DELETE FROM entries WHERE study = 1 AND number = 2"),
    "the last less": lambda path: run_sql(path, "DELETE FROM entries WHERE study = 1 AND number = 22"),
}  # fmt: skip


def test_trials_whose_numbers_have_a_gap_are_refused(db):
    with contextlib.closing(sqlite3.connect(db)) as connection:
        (text,) = connection.execute("SELECT trial FROM entries WHERE study = 1 AND number = 22").fetchone()
    trial = json.dumps(json.loads(text) | {"number": 12})
    tampered(db, "entries", "study = 1 AND number = 22", place=12, trial=trial)
    for call in (lambda: Study.open(db, "one").trials, lambda: hpt.studies(db)):
        refused(call, "entry 22 of trial 12 must be the next one", path=db)


def run_sql(path, statement):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_a_file_that_was_tampered_with_is_refused_and_nothing_of_it_is_run(tamper, db):
    tamper(db)
    refused(lambda: Study.open(db, "one").trials, path=db)
    refused(lambda: Study(SPACE, RandomSearch(), storage=db, name="one").ask(), path=db)


LISTED = {name: tamper for name, tamper in TAMPERED.items() if name != "start deep"}  # of the space, which is not read


@pytest.mark.parametrize("tamper", LISTED.values(), ids=LISTED)
def test_a_list_of_the_studies_refuses_what_the_studies_refuse(tamper, db):
    tamper(db)
    refused(lambda: hpt.studies(db), "is damaged; restore it from a copy, or begin a new file (", path=db)


def test_what_is_nested_too_deep_to_be_read_again_is_not_kept(db):
    study = Study(SPACE, RandomSearch(), storage=db, name="one")
    trial = study.ask()
    wrong = "must not contain itself, nor be nested more than 100 levels deep"
    for call, who in [
        (lambda: study.note(a=deep(100)), "note"),
        (lambda: study.tell(trial, 1.0, attributes={"a": deep(100)}), "tell: attributes"),
        (lambda: study.add({"x": 0, "c": "a"}, 1.0, attributes={"a": deep(900)}), "add: attributes"),
    ]:
        with pytest.raises(ValueError, match=f"^{who} {wrong}"):
            call()
    study.note(a=deep(99))
    study.tell(trial, 1.0, attributes={"a": deep(99)})
    study.close()
    again = Study.open(db, "one")
    assert (again.notes, again.trials[trial.number].attributes) == ({"a": deep(99)}, {"a": deep(99)})
    assert hpt.studies(db)[0].n_trials == len(again.trials)


@pytest.mark.parametrize(
    ("created", "right"),
    [(0, True), (-1, False), (31e9, True), (sqlite.LAST - 1, True), (sqlite.LAST, False), (32_535_216_000, False)],
)
def test_a_study_was_begun_between_1970_and_the_last_year_that_windows_knows(created, right, db):
    tampered(db, "studies", "id = 1", header=header(db, {"created": created}))
    if right:
        assert hpt.studies(db)[0].created == created
    else:
        refused(lambda: hpt.studies(db), "study 0 is not what was written", path=db)


@pytest.mark.parametrize(
    "change",
    [{"space": {"x": {"type": "Pickle"}}}, {"space": {"x": {"repr": "open('x', 'w')"}}}, {"space": {"x": deep(900)}}],
    ids=["unknown", "repr", "deep"],
)
def test_a_space_that_is_no_description_is_refused(change, db):
    tampered(db, "studies", "id = 1", header=header(db, change))
    refused(lambda: Study.open(db, "one"), "cannot tell the space of study 'one'", path=db)


def test_an_empty_space_is_one_but_not_that_of_trials_with_params(db):
    """A define-by-run search begins with it."""
    tampered(db, "studies", "id = 1", header=header(db, {"space": {}}))
    refused(lambda: Study.open(db, "one").trials, "Trial 0: params=", "must be of this space", path=db)


def test_an_owner_that_is_no_owner_is_nobody_who_has_ended(db):
    for owner in ("[", "[1, 2, 3]", '["a", "b", "c", "d"]', "[1e400, 0, 0, 0]", "\x00", "[" * 10_000):
        tampered(db, "entries", "study = 1 AND number = 22", owner=owner)
        study = Study(SPACE, RandomSearch(), storage=db, name="one")
        assert list(study.orphans) == []
        study.close()


# The file of locks beside it


def others_file(path, tmp_path):
    path.write_bytes(b"mine")


def longer_file(path, tmp_path):
    path.write_bytes(b"seventeen bytes..")


def link_to_a_file(path, tmp_path):
    (tmp_path / "other").write_bytes(b"")
    path.symlink_to(tmp_path / "other")


def link_to_a_mark(path, tmp_path):
    (tmp_path / "other").write_bytes(b"0123456789abcdef")
    path.symlink_to(tmp_path / "other")


def link_to_null(path, tmp_path):
    path.symlink_to(os.devnull)


def link_to_nothing(path, tmp_path):
    path.symlink_to(tmp_path / "other")


def a_folder(path, tmp_path):
    path.mkdir()


def a_pipe(path, tmp_path):
    os.mkfifo(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links, pipes and signals")
@pytest.mark.parametrize(
    "make",
    [others_file, longer_file, link_to_a_file, link_to_a_mark, link_to_null, link_to_nothing, a_folder, a_pipe],
)
def test_a_file_of_locks_that_is_not_ours_is_neither_read_nor_written_nor_waited_for(make, db, tmp_path):
    import signal

    os.remove(f"{db}-alive")
    make(alive := db.with_name("runs.db-alive"), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file() and path != db}
    previous = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it hangs"))
    signal.alarm(240)
    try:
        assert [record.n_running for record in hpt.studies(db)] == [1, 0]  # who looks is not held up
        assert list(Study.open(db, "one").orphans) == []
        study = Study(SPACE, RandomSearch(), storage=db, name="two", seed=1)
        for call in (study.ask, lambda: run(study, loss, 20, progress=False)):
            refused(call, "must be a file of 16 bytes, not a link; remove it", path=alive)
        assert len(study.trials) == 3
        after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file() and path != db}
        assert {name: after.get(name) for name in before} == before
        assert (tmp_path / "other").exists() == (make in (link_to_a_file, link_to_a_mark))
        os.rmdir(alive) if alive.is_dir() else os.remove(alive)
        assert study.ask().number == 3
        assert len(alive.read_bytes()) == 16
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="needs links")
def test_a_link_that_is_put_there_in_the_last_moment_is_not_followed(db, tmp_path, monkeypatch):
    from hpt_lab.tools.storage import owners

    os.remove(f"{db}-alive")
    (tmp_path / "other").write_bytes(b"mine")
    opening = os.open

    def late(path, *more):
        os.symlink(tmp_path / "other", path)
        return opening(path, *more)

    monkeypatch.setattr(os, "open", late)
    with pytest.raises(OSError, match="symbolic links"):
        owners._Sidecar(f"{db}-alive")
    assert (tmp_path / "other").read_bytes() == b"mine"


def test_two_that_begin_a_file_of_locks_at_once_have_the_same_mark(db, monkeypatch):
    """Else each would count as alive for the other one for ever."""
    from hpt_lab.tools.storage import owners

    os.remove(f"{db}-alive")
    lock, marks = owners._Sidecar.lock, []

    def late(self, byte):
        monkeypatch.undo()  # the other one is faster
        marks.append(owners._Sidecar(f"{db}-alive"))
        return lock(self, byte)

    monkeypatch.setattr(owners._Sidecar, "lock", late)
    marks.append(owners._Sidecar(f"{db}-alive"))
    assert marks[0].mark == marks[1].mark
    for one in marks:
        one.close()


# Failures while it is used


def unharmed(study, before):
    """The study in memory is as it was, and can be read."""
    assert study.to_json() == before
    assert study.history.n_running == before.count("running")


def test_a_full_disk_says_so_keeps_what_there_was_and_goes_on_once_there_is_room(tmp_path):
    study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db")
    run(study, loss, 5, progress=False)
    trial = study.ask()
    (pages,) = study._backend.database.run("PRAGMA page_count")[0]
    study._backend.database.run(f"PRAGMA max_page_count = {pages}")
    before = study.to_json()
    refused(lambda: [study.tell(trial, error="x" * 50_000)], "cannot grow, since the disk is full; free some space")
    unharmed(study, before)
    with pytest.raises(StorageError, match="disk is full") as caught:
        run(study, lambda params: (_ for _ in ()).throw(ValueError("y" * 50_000)), 9, progress=False)
    assert caught.value.study is study
    study._backend.database.run("PRAGMA max_page_count = 100000")
    study.tell(trial, error="x" * 50_000)
    run(study, loss, 9, progress=False)
    assert [t.number for t in Study.open(tmp_path / "runs.db").trials] == list(range(9))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and limits")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_limit_of_the_size_of_files_is_met_like_a_full_disk(tmp_path):
    import resource

    child = os.fork()
    if child == 0:
        status = 1
        try:
            study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db")
            resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
            for _ in range(1000):
                before = study.to_json()
                try:
                    study.tell(study.ask(), error="z" * 5000)
                except StorageError:
                    status = study.to_json()[: len(before) - 2] != before[:-2]
                    break
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    study = Study.open(tmp_path / "runs.db", strategy=RandomSearch())
    assert len(study.trials) > 3
    n_trials = len(study.trials) + 1
    assert len(run(study, loss, n_trials, progress=False).trials) == n_trials


def test_a_file_that_is_read_only_is_read_and_not_written(db, monkeypatch):
    whole, before = everything(db), db.read_bytes()
    connect = sqlite3.connect

    def only_read(place, **more):  # root writes whatever its permissions say
        if "mode=rw" in place:
            return connect(place.replace("mode=rwc", "mode=ro").replace("mode=rw", "mode=ro"), **more)
        return connect(place, **more)

    monkeypatch.setattr(sqlite3, "connect", only_read)
    for _ in range(2):
        assert everything(db) == whole
        study = Study.open(db, "one", strategy=RandomSearch())
        refused(
            study.ask, "is read-only; change its permissions and those of its folder, or give another path", path=db
        )
        refused(lambda study=study: study.requeue(study.trials[11]), "is read-only", path=db)
        assert len(study.trials) == 12
        study.close()
        refused(lambda: Study(SPACE, RandomSearch(), storage=db, name="new"), "is read-only", path=db)

        def cannot(place, **more):  # a folder that cannot be written has no room for SQLite's other files
            if "immutable" not in place:
                place = place.replace("runs.db", "missing/runs.db")
            return connect(place, **more)

        monkeypatch.setattr(sqlite3, "connect", cannot)
    assert db.read_bytes() == before


def test_a_lock_that_is_held_too_long_is_named_and_then_the_study_goes_on(db, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    study = Study(SPACE, RandomSearch(), storage=db, name="two", seed=1)
    trial = study.ask()
    before = study.to_json()
    with contextlib.closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        message = "was locked by another process for too long; end the one that hangs, and try again"
        refused(study.ask, message, path=db)
        refused(lambda: study.tell(trial, 1.0), message, path=db)
        unharmed(study, before)
        assert len(hpt.studies(db)) == 2  # who reads does not wait
        other.execute("ROLLBACK")
    study.tell(trial, 1.0)
    assert study.trials[3].value == 1.0


def test_a_lock_that_is_held_for_a_while_is_waited_for(db):
    study = Study(SPACE, RandomSearch(), storage=db, name="two", seed=1)
    other = sqlite3.connect(db, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, lambda: other.execute("ROLLBACK")).start()
    assert study.ask().number == 3
    other.close()


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
def test_a_file_that_is_removed_or_replaced_under_our_feet_is_noticed(replaced, db, tmp_path):
    study = Study(SPACE, RandomSearch(), storage=db, name="two", seed=1)
    trial = study.ask()
    before = study.to_json()
    if replaced:
        shutil.copy(db, tmp_path / "copy")
        os.replace(tmp_path / "copy", db)
    else:
        os.remove(db)
    for call in (study.ask, lambda: study.tell(trial, 1.0)):
        refused(call, "was removed or replaced while in use; put it back, or continue under another path", path=db)
    unharmed(study, before)
    assert db.exists() == replaced


def test_an_interrupt_between_the_file_and_the_memory_is_made_good(tmp_path, monkeypatch):
    study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db")
    trial = study.ask()
    commit = study._backend.database.commit

    def interrupted():
        commit()
        raise KeyboardInterrupt

    monkeypatch.setattr(study._backend.database, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        study.tell(trial, 1.0)
    monkeypatch.undo()
    assert [t.value for t in study.trials] == [1.0]
    monkeypatch.setattr(study._backend.database, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        study.ask()
    monkeypatch.undo()
    assert list(study.orphans) == [] or len(study.trials) == 1 or study.ask().number == 1
    assert Study.open(tmp_path / "runs.db") == study


def test_a_strategy_that_raises_leaves_no_lock(db):
    class Raises:
        def suggest(self, history):
            raise RuntimeError("no")

    study = Study(SPACE, Raises(), storage=db, name="two", seed=1)
    with pytest.raises(RuntimeError):
        study.ask()
    other = Study(SPACE, RandomSearch(), storage=db, name="two", seed=1)
    assert other.ask().number == 3
