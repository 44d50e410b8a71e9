"""A population in a file: it resumes at its last whole round, or says at the start that it cannot."""

import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import joblib
import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import RandomSearch, Study, population_based_training
from hpt_lab.study import StorageError

SPACE = {"rate": hpt.Float(1e-3, 1.0, log=True), "width": hpt.Int(1, 64)}
N, ROUNDS = 4, 6


def train(model, params):
    """A loss that depends on everything that the weights were trained with."""
    model.append(dict(params))
    return sum(abs(np.log10(p["rate"]) + 1) + p["width"] / 64 for p in model[1:]) / len(model)


def trained(function=train, make=lambda i: [i], **how):
    return population_based_training(
        make, function, SPACE, **{"n_rounds": ROUNDS, "n_members": N, "progress": False, **how}
    )


def known(population):
    trials = [(t.number, dict(t.params), t.value, t.info["parent"], t.state) for t in population.study.trials]
    return trials, population.best_model, population.models


WHOLE = known(trained())


def stops(at, stop):
    """Return a function that trains, and stops at the start of this unit in total."""
    units = iter(range(10**6))

    def until(model, params):
        if next(units) == at:
            raise stop
        return train(model, params)

    return until


@pytest.mark.parametrize("at", [0, 2, N - 1, N, N + 1, 3 * N - 1, 3 * N, 3 * N + 2, ROUNDS * N - 1])
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(3)], ids=lambda one: type(one).__name__)
def test_it_resumes_at_the_last_whole_round_and_ends_as_if_nothing_had_happened(tmp_path, at, stop):
    kept = tmp_path / "runs.db"
    if isinstance(stop, KeyboardInterrupt):
        so_far = trained(stops(at, stop), storage=kept)
    else:
        with pytest.raises(SystemExit) as caught:
            trained(stops(at, stop), storage=kept)
        so_far = caught.value.population
        assert caught.value.study is so_far.study
    if at:
        assert so_far.models.keys() >= {so_far.study.best.number}
    so_far.study.close()
    counts = []
    population = trained(lambda model, params: counts.append(0) or train(model, params), storage=kept)
    assert known(population) == WHOLE
    assert len(counts) == (ROUNDS - at // N) * N  # whole rounds are not trained again


def test_a_whole_training_is_read_again_and_may_go_on(tmp_path):
    kept = tmp_path / "runs.db"
    first = trained(storage=kept, n_rounds=3)
    first.study.close()
    assert sorted(path.name for path in tmp_path.glob("runs.db*.joblib*")) == ["runs.db-study.joblib"]
    again = trained(stops(0, AssertionError("trained again")), storage=kept, n_rounds=3)
    assert known(again) == known(first)
    again.study.close()
    assert known(trained(storage=kept)) == WHOLE


def test_two_populations_of_a_file_have_their_own_models_whatever_their_names(tmp_path):
    kept, names = tmp_path / "runs.db", ["a/b", "a%2Fb", "../a b"]
    for seed, name in enumerate(names):
        trained(storage=kept, name=name, seed=seed).study.close()
    assert len(list(tmp_path.glob("runs.db-*.joblib"))) == 3
    for seed, name in enumerate(names):
        population = trained(stops(0, AssertionError()), storage=kept, name=name, seed=seed)
        assert known(population) == known(trained(seed=seed))
        population.study.close()


def test_the_models_of_a_deleted_study_are_not_taken_for_those_of_a_new_one(tmp_path):
    kept = tmp_path / "runs.db"
    trained(storage=kept, seed=5).study.close()
    for file in tmp_path.glob("runs.db*"):
        if file.suffix != ".joblib":
            file.unlink()
    trained(stops(2, KeyboardInterrupt()), storage=kept).study.close()
    assert known(trained(storage=kept)) == WHOLE


def begun(tmp_path, **how):
    kept = tmp_path / "runs.db"
    trained(storage=kept, **how).study.close()
    return kept, tmp_path / "runs.db-study.joblib"


def test_lost_or_broken_models_are_an_error_before_any_training(tmp_path):
    kept, models = begun(tmp_path, n_rounds=3)
    never = stops(0, AssertionError("trained"))
    whole = models.read_bytes()
    for broken in (b"", b"no models", whole[: len(whole) // 2]):
        models.write_bytes(broken)
        with pytest.raises(StorageError, match=r"runs.db-study.joblib' must be models of this population: \w+"):
            trained(never, storage=kept)
    joblib.dump([1, 2], models)
    with pytest.raises(StorageError, match="must be models of this population: TypeError"):
        trained(never, storage=kept)
    models.unlink()
    with pytest.raises(StorageError, match="must hold the models of study 'study' of the file; give another name"):
        trained(never, storage=kept)
    assert len(Study.open(kept).trials) == 3 * N  # nothing was taken back


def test_another_kind_of_study_and_another_number_of_members_are_refused(tmp_path):
    kept, _ = begun(tmp_path, n_rounds=2)
    with pytest.raises(ValueError, match="n_members=5 must be as in study 'study' of the file"):
        trained(storage=kept, n_members=5)
    other = Study(SPACE, RandomSearch(), storage=tmp_path / "other.db")
    other.tell(other.ask(), 1.0)
    other.close()
    with pytest.raises(ValueError, match="must hold a population, or give another name"):
        trained(storage=tmp_path / "other.db")


def test_a_population_in_training_is_left_alone(tmp_path):
    seen = []

    def joined(model, params):
        if not seen:
            with pytest.raises(ValueError, match="must have no running trial, but a process trains one now") as caught:
                trained(storage=tmp_path / "runs.db")
            seen.append(str(caught.value))
        return train(model, params)

    assert known(trained(joined, storage=tmp_path / "runs.db")) == WHOLE
    assert seen


def test_a_model_that_cannot_be_written_is_refused_before_any_training(tmp_path):
    class Local(list):
        """`deepcopy` can copy it, but pickle finds no such class."""

    never = stops(0, AssertionError("trained"))
    with pytest.raises(TypeError, match=r"the model .* must be one that joblib can write, or leave storage out: "):
        trained(never, lambda i: Local(), storage=tmp_path / "runs.db")
    assert trained(make=lambda i: Local()).best_model  # in memory it can be trained


def test_a_failure_to_write_leaves_the_round_before(tmp_path, monkeypatch):
    kept, models = tmp_path / "runs.db", tmp_path / "runs.db-study.joblib"
    replace, calls = os.replace, []

    def full(source, target):
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left") as caught:
        trained(storage=kept)
    assert len(caught.value.population.study.trials) == 3 * N
    assert joblib.load(models)["n_trials"] == 2 * N
    caught.value.study.close()
    monkeypatch.undo()
    assert known(trained(storage=kept)) == WHOLE


SCRIPT = """
    import sys, time
    sys.path.insert(0, {root!r})
    from tests.loop.test_population_kept import train, trained

    def slowly(model, params):
        time.sleep(0.003)
        print("unit", flush=True)
        return train(model, params)

    trained(slowly, storage=sys.argv[1])
    print("done", flush=True)
"""


def test_kills_at_random_moments_lose_no_whole_round(tmp_path):
    """Kill -9, again and again, until the training is over."""
    kept, dice, n_kills, most = tmp_path / "runs.db", random.Random(0), 0, 0
    script = textwrap.dedent(SCRIPT).format(root=str(Path(__file__).parents[2]))
    while most < ROUNDS * N:
        process = subprocess.Popen([sys.executable, "-c", script, kept], stdout=subprocess.PIPE, encoding="utf-8")
        assert process.stdout is not None
        n_units = dice.randrange(2 * N)  # so that a round, or two, can be done
        lines = [process.stdout.readline() for _ in range(n_units)]
        assert lines[:1] in ([], ["unit\n"])
        time.sleep(dice.random() * 0.01)
        process.kill()
        n_kills += "done\n" not in lines + process.communicate()[0].splitlines(keepends=True)
        n_trials = joblib.load(models)["n_trials"] if (models := tmp_path / "runs.db-study.joblib").exists() else 0
        assert n_trials >= max(most, min(most + max(n_units - 1, 0) // N * N, ROUNDS * N - N))  # no whole round is lost
        most = n_trials
    assert n_kills > 2
    assert known(trained(stops(0, AssertionError("not over")), storage=kept)) == WHOLE
