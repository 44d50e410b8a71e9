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


def sql(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def after_a_search(statement):
    """A file of a study to which this is done."""

    def make(path):
        tune(loss, SPACE, RandomSearch(), 3, progress=False, storage=path, name="one").close()
        sql(path, statement)

    return make


FOREIGN = "is an SQLite file of another program; give another path"
DAMAGED = "is damaged; restore it from a copy"
TRIGGER = "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END"
NO_FILES = {  # bytes, or what makes it
    "text": (b"x,y\n" * 500, "is not an SQLite file; give another path"),
    "short text": (b"hello", "is not an SQLite file; give another path"),
    "a pickle": (b"\x80\x04cos\nsystem\n(S'exit 1'\ntR." * 40, "is not an SQLite file; give another path"),
    "foreign": (lambda path: sql(path, "CREATE TABLE trials (id)"), FOREIGN),
    "foreign with our tables": (lambda path: sql(path, *sqlite.SCHEMA.values()), FOREIGN),
    "newer": (after_a_search("PRAGMA user_version = 7"), "has format 7, but this hpt_lab reads up to 2; install a newer hpt_lab"),
    "trigger": (after_a_search(TRIGGER), DAMAGED),
    "view": (after_a_search("CREATE VIEW v AS SELECT * FROM entries"), DAMAGED),
    "folder": (lambda path: path.mkdir(), "is a folder; give the path of a file, such as 'runs.db'"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "message"), NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_of_studies_is_refused_and_not_touched(make, message, tmp_path):
    path = tmp_path / "runs.db"
    path.write_bytes(make) if isinstance(make, bytes) else make(path)
    before = None if path.is_dir() else path.read_bytes()
    for way in ways(path):
        refused(way, message, path=path)
    assert before is None or path.read_bytes() == before
    assert {name for name in os.listdir(tmp_path) if not name.endswith(("-shm", "-wal", "-alive"))} == {"runs.db"}


def test_a_missing_file_and_a_missing_folder_say_so(tmp_path):
    for way in ways(tmp_path / "runs.db")[2:]:
        refused(way, "does not exist; give the path of a file that holds a study")
    for way in ways(tmp_path / "no" / "runs.db"):
        refused(way, "is in a folder that does not exist; create ", str(tmp_path / "no"))
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
        one, other = (slice(at, at + 4096) for at in [4096 * rng.randrange(len(content) // 4096) for _ in range(2)])
        content[one], content[other] = content[other], content[one]
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


STUDY = "studies", "id = 1"


def entry(number):
    """Where an entry of the first study stands: of its 23, a trial begins with number 0, and is told in number 1."""
    return "entries", f"study = 1 AND number = {number}"


def tampered(path, place, /, **columns):
    """Another content with the right checksums, as a stranger can write it; of a dict, these fields of the old one."""
    table, where = place
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute(f"SELECT * FROM {table} WHERE {where}").fetchone())
        for name, new in columns.items():
            row[name] = json.dumps(json.loads(row[name]) | new) if isinstance(new, dict) else new
        row["crc"] = crc(*[value for name, value in row.items() if name != "crc"])
        connection.execute(f"DELETE FROM {table} WHERE {where}")
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", tuple(row.values()))
        connection.commit()


def deep(n):
    return json.loads("[" * n + "]" * n)


NAN, DEEP = float("nan"), {"a": deep(900)}
HEADERS = {  # what stands for the header, or for these fields of it
    "no JSON": "__import__('os')", "a list": "[]", "deep": "[" * 100_000, "a blob": b"\x80\x04.", "more": {"code": "1"},
    "direction": {"direction": "up"}, "direction a list": {"direction": []}, "seed": {"seed": -1}, "seed true": {"seed": True},
    "space a list": {"space": []}, "strategy": {"strategy": 3}, "start deep": {"start": deep(900)}, "notes a list": {"notes": []},
    "notes negative": {"notes": -1}, "notes true": {"notes": True},
    "notes of format 1": {"notes": {"a": 1}}, "created huge": {"created": 1e18},
    "created": {"created": NAN},
}  # fmt: skip
BEGUN = {  # the same for a trial that begins
    "no JSON": "eval", "deep": "[" * 100_000, "a blob": b"\xff", "null": "null",
    "an outcome": '{"state": "failed", "value": null, "error": "", "seconds": 1}',
    "started": {"started": 1e18}, "started negative": {"started": -1}, "started true": {"started": True},
    "budget": {"budget": "1"}, "info deep": {"info": DEEP}, "info nan": {"info": {"a": NAN}},
}  # fmt: skip
TOLD = {  # the same for an outcome
    "null": "null", "still running": {"state": "running", "value": None}, "seconds": {"seconds": NAN},
    "attributes deep": {"attributes": DEEP}, "attributes nan": {"attributes": {"a": NAN}},
    **{f"value {value!r}": {"value": value} for value in ("0.5", True, NAN, [1], None, {})},
    "value 1e999": '{"state": "complete", "value": 1e999, "error": null, "seconds": 1}',
}  # fmt: skip
TWICE = '{"state": "complete", "value": 0.0, "error": null, "seconds": 1}'
TAMPERED = {  # where, and what stands there; or what is done
    **{f"header {name}": (STUDY, {"header": header}) for name, header in HEADERS.items()},
    **{f"begun {name}": (entry(0), {"trial": trial}) for name, trial in BEGUN.items()},
    **{f"told {name}": (entry(1), {"trial": trial}) for name, trial in TOLD.items()},
    "length": (STUDY, {"length": 3}),
    "length a text": (STUDY, {"length": "long"}),
    "told twice": (entry(2), {"place": 0, "trial": TWICE}),
    "told twice at the end": (entry(22), {"place": 0, "owner": "", "trial": TWICE}),
    **{f"place {place}": (entry(0), {"place": place}) for place in (5, -1, "zero")},
    "number": (entry(4), {"number": 400}),
    "checksum": "UPDATE entries SET crc = crc + 1 WHERE study = 1 AND number = 2",
    "checksum of a study": "UPDATE studies SET crc = 0 WHERE id = 1",
    "an entry less": "DELETE FROM entries WHERE study = 1 AND number = 2",
    "the last less": "DELETE FROM entries WHERE study = 1 AND number = 22",
}


def tamper(path, how):
    sql(path, how) if isinstance(how, str) else tampered(path, how[0], **how[1])


def test_trials_whose_numbers_have_a_gap_are_refused(db):
    tampered(db, entry(22), place=12, trial={"number": 12})
    for call in (lambda: Study.open(db, "one").trials, lambda: hpt.studies(db)):
        refused(call, "entry 22 of trial 12 must be the next one", path=db)


@pytest.mark.parametrize("how", TAMPERED.values(), ids=TAMPERED)
def test_a_file_that_was_tampered_with_is_refused_and_nothing_of_it_is_run(how, db):
    tamper(db, how)
    refused(lambda: Study.open(db, "one").trials, path=db)
    refused(lambda: Study(SPACE, RandomSearch(), storage=db, name="one").ask(), path=db)


@pytest.mark.parametrize(
    "name", [name for name in TAMPERED if name != "header start deep"]
)  # of the space, which is not read
def test_a_list_of_the_studies_refuses_what_the_studies_refuse(name, db):
    tamper(db, TAMPERED[name])
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
    tampered(db, STUDY, header={"created": created})
    if right:
        assert hpt.studies(db)[0].created == created
    else:
        refused(lambda: hpt.studies(db), "study 1 is not as it was written", path=db)


@pytest.mark.parametrize(
    "change",
    [{"space": {"x": {"type": "Pickle"}}}, {"space": {"x": {"repr": "open('x', 'w')"}}}, {"space": {"x": deep(900)}}],
    ids=["unknown", "repr", "deep"],
)
def test_a_space_that_is_no_description_is_refused(change, db):
    tampered(db, STUDY, header=change)
    refused(lambda: Study.open(db, "one"), "cannot tell the space of study 'one'", path=db)


def test_an_empty_space_is_one_but_not_that_of_trials_with_params(db):
    """A define-by-run search begins with it."""
    tampered(db, STUDY, header={"space": {}})
    refused(lambda: Study.open(db, "one").trials, "Trial 0: params=", "must be of this space", path=db)


NOTES = {
    "no JSON": "eval", "a list": "[]", "deep": '{"a": ' + "[" * 900 + "]" * 900 + "}", "without end": "[" * 100_000,
    "nan": '{"a": NaN}', "a blob": b"{}", "of another moment": None,
}  # fmt: skip


@pytest.mark.parametrize("text", NOTES.values(), ids=NOTES)
def test_notes_that_were_tampered_with_are_refused_and_the_other_studies_stay(text, db):
    study = Study(SPACE, RandomSearch(), storage=db, name="one")
    study.note(a=1)
    study.note(a=2)
    study.close()
    number, text = (1, '{"a": 1}') if text is None else (2, text)
    with contextlib.closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE notes SET text = ?, crc = ?", (text, crc(1, number, text)))
        connection.commit()
    refused(lambda: Study.open(db, "one"), "the notes of study 1 are not what was written", path=db)
    assert [record.n_trials for record in hpt.studies(db)] == [12, 3]
    assert len(Study.open(db, "two").trials) == 3
    sql(db, "DELETE FROM notes")
    refused(lambda: Study.open(db, "one"), "the notes of study 1 are not what was written", path=db)


def test_an_owner_that_is_no_owner_is_nobody_who_has_ended(db):
    for owner in ("[", "[1, 2, 3]", '["a", "b", "c", "d"]', "[1e400, 0, 0, 0]", "\x00", "[" * 10_000):
        tampered(db, entry(22), owner=owner)
        study = Study(SPACE, RandomSearch(), storage=db, name="one")
        assert list(study.orphans) == []
        study.close()


# The file of locks beside it


def link(path, other, content=None):
    if content is not None:
        other.write_bytes(content)
    path.symlink_to(other)


ODD = {  # in the place of the file of locks; with another path, to which links lead
    "other's file": lambda path, other: path.write_bytes(b"mine"),
    "longer file": lambda path, other: path.write_bytes(b"seventeen bytes.."),
    "link to a file": lambda path, other: link(path, other, b""),
    "link to a mark": lambda path, other: link(path, other, b"0123456789abcdef"),
    "link to null": lambda path, other: link(path, os.devnull),
    "link to nothing": link,
    "folder": lambda path, other: path.mkdir(),
    "pipe": lambda path, other: os.mkfifo(path),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links, pipes and signals")
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_a_file_of_locks_that_is_not_ours_is_neither_read_nor_written_nor_waited_for(make, db, tmp_path):
    import signal

    os.remove(f"{db}-alive")
    make(alive := db.with_name("runs.db-alive"), tmp_path / "other")
    was_there = (tmp_path / "other").exists()
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
        assert (tmp_path / "other").exists() == was_there
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
        refused(study.ask, "is read-only; change its permissions and those of its folder, or give another", path=db)
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
