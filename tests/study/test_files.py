"""A study in a file is the study in memory: it goes on, it is shared by processes, copied, pickled, listed."""

import contextlib
import copy
import gc
import json
import os
import pickle
import platform
import sqlite3
import subprocess
import sys
import time
from dataclasses import FrozenInstanceError
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

import hpt_lab as hpt
from hpt_lab import TPE, Float, GridSearch, NothingToSuggest, RandomSearch, Space, StorageError, Study, run, tune
from hpt_lab.tools.storage import sqlite

SPACE = Space(x=Float(-1, 1), c=["a", "b"], y=Float(1e-3, 1e3, log=True).when(c="b"))


def loss(params):
    if params["x"] > 0.7:
        raise ValueError("too far\nout")
    return params["x"] ** 2 + params.get("y", 1)


def outcomes(study):
    return [(dict(t.params), t.budget, t.value, t.state, t.error, dict(t.info)) for t in study.trials]


@pytest.fixture
def db(tmp_path):
    return tmp_path / "runs.db"


def kept(db, strategy=None, name="svm", **more):
    return Study(SPACE, strategy or RandomSearch(), storage=db, name=name, **more)


# The same search


@pytest.mark.parametrize("strategy", [RandomSearch, TPE, lambda: GridSearch(3), lambda: hpt.Hyperband(1, 9)])
def test_a_search_in_a_file_is_the_search_in_memory_also_in_several_calls(strategy, db):
    def objective(params, budget=1):
        return loss(params) / budget

    how = {"progress": False, "direction": "maximize", "seed": 3}
    whole = tune(objective, SPACE, strategy(), 15, **how)
    for n_trials in (4, 5, 9, 15, 15):
        found = tune(objective, SPACE, strategy(), n_trials, storage=str(db), **how)
        assert outcomes(found) == outcomes(whole)[:n_trials]
        del found
    again = Study.open(db)
    assert (again.direction, again.seed, again.space) == ("maximize", 3, SPACE)
    assert outcomes(again) == outcomes(whole)
    assert again.best.number == whole.best.number
    assert {trial.state for trial in again.trials} == {"complete", "failed"}


def test_budgets_marks_and_moments_come_back(db):
    study = Study(SPACE, hpt.Hyperband(1, 9), storage=db)
    run(study, lambda params, budget: loss(params), 12, progress=False)
    study.ask()
    again = Study.open(db)
    assert again == study
    assert again.trials[0].info == {"bracket": 0, "rung": 0, "config": 0}
    with pytest.raises(TypeError, match="cannot be changed"):
        again.trials[0].info["rung"] = 1
    assert again.to_json() == study.to_json()
    assert Study.from_json(again.to_json(), SPACE, RandomSearch()) == again
    assert again.to_frame().equals(study.to_frame())


def test_what_one_object_enters_the_others_see_at_once(db):
    one, other = kept(db), kept(db)
    trial = one.ask()
    assert [t.state for t in other.trials] == ["running"]
    other.tell(trial, 2.5)
    assert one.best_value == 2.5
    with pytest.raises(ValueError, match="trial 0 is already complete; tell each trial once"):
        one.tell(trial, 1.0)
    assert (one.ask().number, other.ask().number) == (1, 2)
    assert one == other


def test_abandoned_and_widened_studies_are_read_anew_by_all(db):
    one, other = kept(db), kept(db)
    one.tell(one.ask(), 1.0)
    first, second = other.ask(), other.ask()
    one.tell(first, 2.0)
    other.abandon([second])
    assert [t.value for t in one.trials] == [1.0, 2.0]
    assert one.ask().params == second.params
    wider = Space({**SPACE.dimensions, "z": [1, 2]})
    running = one.trials[2]
    one.extend(wider, {"z": 2})
    assert [t.params["z"] for t in other.trials] == [2, 2, 2]
    assert other.space == wider
    assert list(other.orphans) == []
    other.tell(running, 3.0)
    assert one.trials[2].value == 3.0
    assert Study.open(db).space == wider
    with pytest.raises(ValueError, match="space has 'z' as missing, which must be"):
        kept(db)


# Several in a file


def test_a_file_holds_many_studies_that_know_nothing_of_each_other(db):
    tune(loss, SPACE, RandomSearch(), 4, progress=False, storage=db, name="one")
    tune(lambda p: -p["x"], Space(x=Float(0, 1)), GridSearch(3), 9, progress=False, storage=db, name="zwei 2", direction="maximize")  # fmt: skip
    kept(db, name="none yet").ask()
    one, two, three = hpt.studies(db)
    assert (one.name, one.n_trials, one.direction) == ("one", 4, "minimize")
    assert (two.name, two.n_trials, two.n_complete, two.best_value) == ("zwei 2", 3, 3, 0.0)
    assert (three.n_trials, three.n_running, three.best_value) == (1, 1, None)
    assert (two.strategy, three.strategy) == ("GridSearch(resolution=3)", "RandomSearch()")
    assert one.n_complete + one.n_failed == 4
    assert one.best_value == Study.open(db, "one").best_value
    assert abs(one.created - time.time()) < 600
    with pytest.raises(FrozenInstanceError):
        one.name = "two"
    with pytest.raises(StorageError, match=r"holds several studies; give the name of one of \['one', 'zwei 2', 'none"):
        Study.open(db)
    with pytest.raises(StorageError, match="holds no study 'three'; give the name of one of"):
        Study.open(db, "three")


def test_records_know_the_best_at_the_highest_budget(db):
    class Rungs:
        def suggest(self, history):
            return hpt.Suggestion({"x": 0.5, "c": "a"}, budget=1 + len(history.trials) % 2)

    study = kept(db, Rungs())
    for value in (0.1, 0.3, 0.2, 0.4):
        study.tell(study.ask(), value)
    (record,) = hpt.studies(db)
    assert record.best_value == study.best_value == 0.3


# What is read of a file


def statements(study, work):
    """Return what is asked of the file, and the values, while some work is done."""
    asked, database = [], study._backend.database
    run = database.run
    database.run = lambda statement, values=(): asked.append((statement, values)) or run(statement, values)
    try:
        work()
    finally:
        del database.run
    return asked


def test_a_study_reads_nothing_of_the_others_in_its_file(db):
    for number in range(5):
        kept(db, name=f"other {number}").note(large="x" * 1000)
    study, other = kept(db), kept(db, name="other 3")
    study.tell(study.ask(), 1.0)

    def by_turns():
        other.tell(other.ask(), 1.0)
        study.tell(study.ask(), 1.0)

    asked = statements(study, by_turns)
    mine = study._backend.row.id
    assert {values[0] for statement, values in asked if "FROM" in statement} == {mine}
    assert any("FROM studies WHERE id = ?" in statement for statement, _ in asked)
    assert not any("notes" in statement for statement, _ in asked)


def test_notes_are_read_when_they_were_written_and_not_with_each_trial(db):
    one, other = kept(db), kept(db)
    one.note(a=1)
    assert other.notes == {"a": 1}
    asked = statements(other, lambda: one.note(b=[2]) or other.notes)
    assert sum("FROM notes" in statement for statement, _ in asked) == 1
    assert other.notes == {"a": 1, "b": [2]}
    assert not any("notes" in text for text, _ in statements(other, lambda: one.tell(one.ask(), 1.0) or other.trials))
    one.abandon([one.ask()])
    assert other.notes == one.notes == Study.open(db).notes == {"a": 1, "b": [2]}
    other.close()
    assert other.notes == {"a": 1, "b": [2]}


def test_a_study_that_was_deleted_and_begun_anew_under_its_name_and_number_is_the_new_one(db):
    from hpt_lab.tools.storage.records import delete_study

    reader = kept(db)
    run(reader, loss, 3, progress=False)
    reader.note(a=1)
    assert delete_study(db, "svm") == 3
    new = kept(db)
    assert new._backend.row.id == reader._backend.row.id
    assert (reader.trials, reader.notes) == ((), {})
    run(new, lambda params: 7.0, 5, progress=False)
    assert [trial.value for trial in reader.trials] == [7.0] * 5


# A file of format 1, as it was written before notes had a table of their own


@pytest.fixture
def old(db):
    with contextlib.closing(sqlite3.connect(db)) as connection:
        connection.executescript((Path(__file__).parent / "format_1.sql").read_text(encoding="utf-8"))
    return db


def test_a_file_of_format_1_is_read_and_goes_on_as_it_is(old):
    """A process of an earlier version may still be writing it."""
    assert [(r.name, r.n_complete, r.n_failed, r.n_running) for r in hpt.studies(old)] == [
        ("one", 4, 1, 1),
        ("two", 2, 0, 0),
    ]
    study = Study(Space(x=Float(-1, 1), c=["a", "b"]), RandomSearch(), storage=old, name="one")
    notes = {"who": "an earlier version", "sizes": [1, 2.5, None]}
    assert (study.notes, study.start) == (notes, ({"x": 0.9, "c": "b"},))
    before = [trial.value for trial in study.trials]
    assert before == [None, 0.3927630701306303, 0.39547389892707296, *before[3:5], None]
    assert [trial.number for trial in study.orphans] == [5]
    other = Study.open(old, "one")
    study.note(more=3)
    assert other.notes == notes | {"more": 3}
    study.tell(study.ask(), 0.25)
    study.abandon([study.ask()])
    study.close()
    kept(old, name="three").note(a=1)
    again = Study.open(old, "one")
    assert [trial.value for trial in again.trials] == [*before[:5], 0.25]
    assert again.notes == notes | {"more": 3}
    assert Study.open(old, "three").notes == {"a": 1}
    with contextlib.closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (2,)


@pytest.mark.parametrize("back", [False, True], ids=["into a new file", "into an old one"])
def test_a_copy_brings_the_notes_from_one_format_to_the_other(back, old, tmp_path):
    from hpt_lab.tools.storage.records import copy_study

    copy_study(old, "one", tmp_path / "new.db")
    if back:
        copy_study(tmp_path / "new.db", "one", old, "again")
    copy = Study.open(old, "again") if back else Study.open(tmp_path / "new.db")
    assert copy.notes == Study.open(old, "one").notes != {}
    assert copy == Study.open(old, "one")
    assert copy._backend.database.format == (1 if back else 2)


# What must be the same, and what may change


def test_a_strategy_may_tell_a_trial_of_its_own_study_while_it_thinks(db):
    class Tells:
        def suggest(self, history):
            for trial in history.running:
                study.tell(trial, float(trial.number))
            return RandomSearch().suggest(history)

    study = kept(db, Tells())
    study.ask()
    study.ask()
    assert [t.state for t in Study.open(db).trials] == ["complete", "running"]
    assert Study.open(db) == study
    kept(db, name="other").ask()  # no lock is left


def test_another_strategy_may_take_over_and_is_written_down(db):
    tune(loss, SPACE, RandomSearch(), 5, progress=False, storage=db)
    study = tune(loss, SPACE, TPE(), 8, progress=False, storage=db)
    memory = tune(loss, SPACE, RandomSearch(), 5, progress=False)
    memory.strategy = TPE()
    assert outcomes(study) == outcomes(run(memory, loss, 8, progress=False))
    assert hpt.studies(db)[0].strategy.startswith("TPE(")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"direction": "maximize"}, "direction='maximize' must be 'minimize', as in study 'svm' of .*; give that, or another name"),
        ({"seed": 4}, "seed=4 must be 0, as in study 'svm' of"),
        ({"space": Space(x=Float(-1, 2), c=["a", "b"])}, "space has 'x' as .*2.0.* must be .*1.0.*, as in study 'svm'"),
        ({"space": Space(x=Float(-1, 1))}, "space has 'c' as missing, which must be"),
        ({"space": Space(x=Float(-1, 1), c=["a", "b"], y=SPACE["y"], z=[1])}, "space has 'z' as .*, which must be missing"),
        ({"space": Space(c=["a", "b"], x=Float(-1, 1), y=SPACE["y"])}, r"space has the order \['c', 'x', 'y'\], which must be"),
    ],
    ids=["direction", "seed", "bounds", "fewer", "more", "order"],
)  # fmt: skip
def test_another_search_under_the_same_name_is_refused_in_one_sentence(more, message, db):
    run(kept(db), loss, 3, progress=False)
    before = outcomes(Study.open(db))
    with pytest.raises(ValueError, match=f"^Study: {message}") as caught:
        Study(**{"space": SPACE, "strategy": RandomSearch(), "storage": db, "name": "svm", **more})
    assert "\n" not in str(caught.value)
    assert outcomes(Study.open(db)) == before


def test_a_study_opened_without_a_strategy_is_read_and_told_and_says_what_an_ask_needs(db):
    study = kept(db)
    trial = study.ask()
    reader = Study.open(db)
    reader.tell(trial, 1.0)
    assert study.best_value == 1.0
    with pytest.raises(ValueError, match=r"'svm' was opened without a strategy, .*strategy=.*'RandomSearch\(\)'"):
        reader.ask()
    reader.strategy = RandomSearch()
    assert reader.ask().params == tune(loss, SPACE, RandomSearch(), 2, progress=False).trials[1].params
    assert "NoStrategy" in repr(Study.open(db))


def test_choices_that_only_code_can_make_need_the_space_and_nothing_of_them_is_run(db):
    class Model:
        def __repr__(self):
            return "__import__('os').system('exit 1')"

    space = Space(model=[Model(), Model], x=[1, 2])
    Study(space, RandomSearch(), storage=db).ask()
    with pytest.raises(StorageError, match=r"the space of study 'study'; give space=\.\.\.: .*with its own code"):
        Study.open(db, strategy=RandomSearch())
    shown = Study.open(db)
    assert all(isinstance(choice, str) for choice in shown.space["model"].choices)
    assert shown.trials[0].params["model"] in shown.space["model"].choices
    with pytest.raises(StorageError, match=r"only with the space of study 'study'; open it with space=\.\.\."):
        shown.abandon(shown.trials)
    shown.tell(shown.trials[0], 1.0)
    assert Study.open(db, space=space).best_value == 1.0
    assert Study.open(db, space=space).trials[0].params["model"] in (space["model"].choices)
    assert hpt.studies(db)[0].n_complete == 1


# Owners


def test_a_trial_is_handed_out_again_when_its_owner_is_gone_and_never_before(db):
    one, other = kept(db), kept(db)
    trial = one.ask()
    assert list(other.orphans) == []
    second = other.ask()
    assert second.number == 1
    del one
    gc.collect()
    assert list(other.orphans) == [trial]
    again = other.ask()
    assert again == trial
    assert list(other.orphans) == []
    assert list(kept(db).orphans) == []
    other.tell(again, 1.0)
    assert [t.state for t in other.trials] == ["complete", "running"]
    other.close()
    third = kept(db)
    assert list(third.orphans) == [second]
    trial = third.ask()
    assert trial == second
    third.tell(trial, 2.0)
    assert third.ask().number == 2


def test_the_orphan_of_the_lowest_number_comes_first_and_its_seconds_count_from_the_second_start(db, monkeypatch):
    study = kept(db)
    given = [study.ask() for _ in range(3)]
    study.close()
    monkeypatch.setattr("time.time", lambda: given[0].started + 5000.0)
    study = kept(db)
    assert [study.ask() for _ in range(3)] == given
    monkeypatch.setattr("time.time", lambda: given[0].started + 5001.0)
    study.tell(given[1], 1.0)
    assert study.trials[1].seconds == pytest.approx(1.0)
    assert study.trials[1].started == given[1].started


def test_a_trial_can_be_given_back_in_memory_and_in_a_file(db):
    for study in (kept(db), Study(SPACE, RandomSearch())):
        first, second = study.ask(), study.ask()
        study.requeue(first)
        assert list(study.orphans) == [first]
        assert study.ask() == first
        assert list(study.orphans) == []
        study.tell(first, 1.0)
        study.tell(second, 1.0)
        with pytest.raises(ValueError, match="requeue: trial 0 is already complete"):
            study.requeue(first)


def test_a_search_that_has_all_its_trials_runs_the_orphans_and_no_other(db):
    study = kept(db)
    for _ in range(4):
        trial = study.ask()
    study.tell(trial, 1.0)
    study.close()
    study = tune(loss, SPACE, RandomSearch(), 4, progress=False, storage=db, name="svm")
    assert [t.state for t in study.trials].count("running") == 0
    assert len(study.trials) == 4
    with pytest.raises(NothingToSuggest, match="the study has the 4 trials"):
        study.ask_into([], 4)


def test_a_search_that_comes_too_late_for_an_orphan_asks_for_nothing_more(db, monkeypatch):
    before = kept(db)
    for trial in [before.ask() for _ in range(4)][1:]:
        before.tell(trial, 1.0)
    before.close()
    study, other, taken = kept(db), kept(db), []
    transaction = study._backend.transaction

    def late(flush=False):
        if not taken:
            taken.append(other.ask().number)
        return transaction(flush)

    assert [t.number for t in study.orphans] == [0]
    monkeypatch.setattr(study._backend, "transaction", late)
    run(study, loss, 4, progress=False)
    assert taken == [0]
    assert [t.state for t in study.trials] == ["running", "complete", "complete", "complete"]


def test_an_interrupted_search_hands_an_earlier_trial_to_others(db):
    study, other = kept(db), kept(db)

    def stop(params):
        other.ask()
        raise KeyboardInterrupt

    run(study, stop, 5, progress=False)
    assert [t.state for t in study.trials] == ["running", "running"]
    assert [t.number for t in other.orphans] == [0]
    assert run(study, loss, 1, progress=False).trials[0].state != "running"


def test_a_trial_that_another_process_follows_while_it_is_abandoned_is_handed_out_again(db, monkeypatch):
    study, other = kept(db), kept(db)
    trial, transaction = study.ask(), study._backend.transaction

    def late(flush=False):
        other.ask()
        return transaction(flush)

    monkeypatch.setattr(study._backend, "transaction", late)
    study.abandon([trial])
    monkeypatch.undo()
    assert [t.state for t in study.trials] == ["running", "running"]
    assert list(other.orphans) == [trial]


def test_an_owner_on_another_machine_or_without_locks_counts_as_alive(db, monkeypatch):
    from hpt_lab.tools.storage import owners

    study = kept(db)
    trial = study.ask()
    (text,) = study._backend._first_entry(0)[1:2]
    study.close()
    assert owners.is_gone(text, str(db))
    byte, mark, host, boot, process = json.loads(text)
    assert owners.process_of(text) == (process, host) == (os.getpid(), platform.node())
    for other in ([byte, mark, "another host", "another boot"], [byte, "00" * 16, host, boot], [byte, "", host, boot],
                  ["0", mark, host, boot], [], 3):  # fmt: skip
        assert not owners.is_gone(json.dumps(other), str(db))
        assert owners.process_of(json.dumps(other)) is None
    assert owners.is_gone(json.dumps([byte, mark, "a container", boot]), str(db)) == bool(boot)
    monkeypatch.setattr(owners._Sidecar, "lock", lambda self, byte: (_ for _ in ()).throw(OSError(38, "no locks")))
    assert not owners.is_gone(text, str(db))
    lockless = kept(db)
    assert list(lockless.orphans) == []
    lockless.requeue(trial)
    assert lockless.ask() == trial


def test_a_removed_file_of_locks_makes_no_trial_an_orphan(db):
    study, other = kept(db), kept(db)
    study.ask()
    os.remove(f"{db}-alive")
    assert list(other.orphans) == []
    new = other.ask()
    assert list(study.orphans) == []
    later = study.ask()
    other.close()
    assert list(study.orphans) == [new]
    assert study.ask() == new
    assert later.number == 2


# Copies


def test_a_copy_is_in_memory_and_a_pickle_is_where_it_was(db):
    study = kept(db)
    study.tell(study.ask(), 1.0)
    for duplicate in (copy.copy, copy.deepcopy):
        twin = duplicate(study)
        assert twin == study
        twin.tell(twin.ask(), 0.5)
        assert len(study.trials) == 1
    away = pickle.loads(pickle.dumps(study))
    away.tell(away.ask(), 0.25)
    assert study.best_value == 0.25
    study.ask()
    assert away == study
    assert list(away.orphans) == []


def test_a_pickle_brings_the_choices_that_only_code_can_make_or_shows_them_as_texts(db):
    study = Study(Space(share=[Fraction(1, 2), Fraction(1, 3)]), RandomSearch(), storage=db)
    study.ask()
    away = pickle.loads(pickle.dumps(study))
    assert away.trials[0].params["share"] == study.trials[0].params["share"]
    assert away == study
    shown = pickle.loads(pickle.dumps(Study.open(db)))
    assert shown.trials[0].params["share"] == repr(study.trials[0].params["share"])


@pytest.mark.parametrize("storage", [False, True], ids=["in memory", "in a file"])
def test_copies_keep_the_start_and_the_notes_and_go_on_on_their_own(storage, db):
    first = {"x": 0.5, "c": "a"}
    study = Study(SPACE, RandomSearch(), start=[first], storage=db if storage else None)
    study.note(a=1)
    for twin in (copy.copy(study), copy.deepcopy(study)):
        assert (twin.start, twin.notes, twin.name) == ((first,), {"a": 1}, None)
        assert twin.ask().params == first
        twin.note(b=[2])
        twin.requeue(twin.trials[0])
        assert twin.notes == {"a": 1, "b": [2]}
    assert (study.notes, list(study.trials)) == ({"a": 1}, [])


def test_what_one_widens_widens_the_start_and_the_notes_of_all(db):
    first = {"x": 0.5, "c": "a"}
    one, other = (kept(db, start=[first]) for _ in range(2))
    assert other.start == (first,)
    other.note(a=1)
    one.extend(Space({**SPACE.dimensions, "z": [1, 2]}), {"z": 2}, b=2)
    assert other.start == ({**first, "z": 2},)
    assert one.notes == other.notes == {"a": 1, "b": 2}
    assert other.ask().params == {**first, "z": 2}


def test_a_spawned_process_tells_through_its_pickle(db, tmp_path):
    study = kept(db)
    trial = study.ask()
    (tmp_path / "job").write_bytes(pickle.dumps((study, trial)))
    code = (
        "import pickle, sys; study, trial = pickle.load(open(sys.argv[1], 'rb')); study.tell(trial, 0.125); study.ask()"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "job")], check=True)
    assert study.best_value == 0.125
    assert [t.number for t in study.orphans] == [1]  # that process has ended


def test_a_closed_study_stays_readable_and_says_how_to_go_on(db):
    study = kept(db)
    trial = study.ask()
    study.close()
    study.close()
    assert study.trials == (trial,)
    for call in (study.ask, lambda: study.tell(trial, 1.0)):
        with pytest.raises(StorageError, match=r"was closed by this study; open it again with Study.open"):
            call()
    assert [t.state for t in Study.open(db).trials] == ["running"]


def test_a_relative_path_is_the_same_file_after_a_change_of_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = Study(SPACE, RandomSearch(), storage="runs.db")
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    study.tell(study.ask(), 1.0)
    assert pickle.loads(pickle.dumps(study)) == study
    assert not os.listdir(tmp_path / "inside")


def test_the_file_is_plain_sqlite_that_holds_no_code(db):
    run(kept(db), loss, 3, progress=False)
    with sqlite3.connect(db) as connection:
        header, trials = connection.execute("SELECT header FROM studies").fetchone(), connection.execute("SELECT trial FROM entries ORDER BY number").fetchall()  # fmt: skip
    assert set(json.loads(header[0])) == {"space", "direction", "seed", "strategy", "created", "notes"}
    assert [json.loads(text)["state"] for (text,) in trials][::2] == ["running"] * 3
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_tells_are_flushed_to_the_disk_and_asks_need_not_be(db, monkeypatch):
    monkeypatch.setattr(sqlite, "FLUSHED", "FULL")
    monkeypatch.setattr(sqlite, "UNFLUSHED", "NORMAL")
    study, seen = kept(db), []
    commit = study._backend.database.commit

    def note():
        seen.append(study._backend.database.run("PRAGMA synchronous")[0][0])
        commit()

    monkeypatch.setattr(study._backend.database, "commit", note)
    study.tell(study.ask(), 1.0)
    study.tell(study.ask(), error="no")
    assert seen == [1, 2, 1, 2]  # NORMAL, FULL


def test_a_study_of_ten_thousand_trials_is_opened_and_goes_on(db):
    memory = tune(lambda p: p["x"], SPACE, RandomSearch(), 10_000, progress=False)
    study = kept(db)
    with study._backend.transaction():
        study._backend.rewrite(memory._backend.log.entries, study.space, (), {})
    again = Study.open(db, strategy=RandomSearch())
    assert again.best == memory.best
    assert again == memory
    assert again.ask().params == memory.ask().params
    assert hpt.studies(db)[0].n_trials == 10_001


# Ask, tell, fail, kill, resume, in any order


class Model(RuleBasedStateMachine):
    """Any number of studies on one file, against the list of trials that there should be."""

    studies, given = Bundle("studies"), Bundle("given")

    def __init__(self):
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.db = os.path.join(self.folder.name, "runs.db")
        self.alive = {}
        self.trials = []  # [state, value, who has it]
        memory = Study(SPACE, RandomSearch(), seed=7)
        self.expected = [memory.ask().params for _ in range(80)]

    def teardown(self):
        for study in self.alive.values():
            study.close()
        self.folder.cleanup()

    @rule(target=studies)
    def resume(self):
        number = len(self.alive) + 1000 * len(self.trials) + sum(self.alive) % 997
        while number in self.alive:
            number += 1
        self.alive[number] = Study(SPACE, RandomSearch(), seed=7, storage=self.db)
        return number

    @rule(who=consumes(studies), gently=st.booleans())
    def kill(self, who, gently):
        study = self.alive.pop(who)
        if gently:
            study.close()
        del study
        for trial in self.trials:
            if trial[2] == who:
                trial[2] = None

    @rule(target=given, who=studies)
    def ask(self, who):
        trial = self.alive[who].ask()
        orphans = [n for n, (state, _, owner) in enumerate(self.trials) if state == "running" and owner is None]
        if orphans:
            assert trial.number == orphans[0]
            self.trials[trial.number][2] = who
        else:
            assert trial.number == len(self.trials)
            self.trials.append(["running", None, who])
        assert trial.params == self.expected[trial.number]
        return trial

    @rule(who=studies, trial=given, value=st.none() | st.floats(-9, 9))
    def tell_or_fail(self, who, trial, value):
        kwargs = {"error": "no"} if value is None else {"value": value}
        if self.trials[trial.number][0] != "running":
            with pytest.raises(ValueError, match="tell each trial once"):
                self.alive[who].tell(trial, **kwargs)
            return
        self.alive[who].tell(trial, **kwargs)
        self.trials[trial.number] = ["failed" if value is None else "complete", value, None]

    @rule(who=studies, trial=given)
    def requeue(self, who, trial):
        if self.trials[trial.number][0] == "running":
            self.alive[who].requeue(trial)
            self.trials[trial.number][2] = None

    @invariant()
    def all_see_the_same(self):
        for study in self.alive.values():
            assert [[t.state, t.value] for t in study.trials] == [trial[:2] for trial in self.trials]
            assert [t.number for t in study.orphans] == [n for n, (s, _, o) in enumerate(self.trials) if s == "running" and o is None]  # fmt: skip
        finished = [value for _, value, _ in self.trials if value is not None]
        if finished and self.alive:
            assert next(iter(self.alive.values())).best_value == min(finished)


Model.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestAnyOrder = Model.TestCase


# Taken back in the middle of something


def test_a_trial_that_an_interrupt_left_in_the_file_alone_is_taken_back_there_too(db, monkeypatch):
    study = Study(SPACE, RandomSearch(), storage=db)
    commit = study._backend.database.commit

    def interrupted():
        monkeypatch.setattr(study._backend.database, "commit", commit)
        commit()
        raise KeyboardInterrupt

    monkeypatch.setattr(study._backend.database, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        study.ask()
    assert list(study.trials) == list(Study.open(db).trials) == []


def test_a_trial_that_another_process_tells_just_before_it_is_abandoned_stays_told(db, monkeypatch):
    study = Study(SPACE, RandomSearch(), storage=db)
    trial, other, transaction = study.ask(), Study.open(db), study._backend.transaction

    def late(flush=False):
        other.tell(trial, 1.0)
        return transaction(flush)

    monkeypatch.setattr(study._backend, "transaction", late)
    study.abandon([trial])
    assert [(trial.number, trial.value) for trial in study.trials] == [(0, 1.0)]
