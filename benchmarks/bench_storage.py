"""What it costs to keep a study: milliseconds of an ask and a tell, ours in a file beside Optuna's storages, in one run.

    python benchmarks/bench_storage.py            300 trials each, then a file of 10 000 trials
    python benchmarks/bench_storage.py 1000       so many trials each

Random search of the same four hyperparameters on both sides; the objective costs nothing. Optuna keeps its studies in SQLite
(`RDBStorage`) or in a log of its own (`JournalStorage`); both flush to the disk at every step, as ours does at every tell.
Seconds of the clock count what the disk takes, and depend on it; seconds of the processor do not. The sides take turns.
The aim is a fifth of Optuna's SQLite storage.
"""

import sys
import tempfile
import time
from pathlib import Path

import optuna
import pytest

import hpt_lab as hpt

SPACE = hpt.Space(
    x=hpt.Float(-5, 5), y=hpt.Float(1e-3, 1e3, log=True), n=hpt.Int(1, 100), kernel=["linear", "rbf", "poly"]
)


def ours(storage):
    study = hpt.Study(SPACE, hpt.RandomSearch(), storage=storage)

    def trial():
        asked = study.ask()
        study.tell(asked, asked.params["x"])

    return trial


def optunas(storage):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), storage=storage)

    def trial():
        asked = study.ask()
        x = asked.suggest_float("x", -5, 5)
        asked.suggest_float("y", 1e-3, 1e3, log=True)
        asked.suggest_int("n", 1, 100)
        asked.suggest_categorical("kernel", ["linear", "rbf", "poly"])
        study.tell(asked, x)

    return trial


def journal(folder):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(folder / "optuna.log")))


SIDES = {
    "ours, in memory": lambda folder: ours(None),
    "ours, in a file": lambda folder: ours(folder / "ours.db"),
    "Optuna, in memory": lambda folder: optunas(None),
    "Optuna, SQLite": lambda folder: optunas(f"sqlite:///{folder}/optuna.db"),
    "Optuna, journal": lambda folder: optunas(journal(folder)),
}


def race(n_trials, block=20):
    """Milliseconds a trial by the clock and of the processor, of each side, in turns of `block` trials."""
    with tempfile.TemporaryDirectory() as folder:
        trials = {name: make(Path(folder)) for name, make in SIDES.items()}
        spent = {name: [0.0, 0.0] for name in SIDES}
        for trial in trials.values():
            trial()
        for _ in range(n_trials // block):
            for name, trial in trials.items():
                clock, processor = time.perf_counter(), time.process_time()
                for _ in range(block):
                    trial()
                spent[name][0] += time.perf_counter() - clock
                spent[name][1] += time.process_time() - processor
    n = n_trials // block * block
    return {name: [1e3 * seconds / n for seconds in both] for name, both in spent.items()}


def large_file(n_trials):
    """Seconds of the processor to open a file of so many trials, to find the best, to resume, and to list its studies."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.db"
        study = hpt.Study(SPACE, hpt.RandomSearch(), storage=path)
        memory = hpt.tune(lambda params: params["x"], SPACE, hpt.RandomSearch(), n_trials, progress=False)
        with study._backend.transaction():
            study._backend.rewrite(memory._backend.log.entries, study.space, (), {})
        study.close()
        done = {}

        def timed(name, work):
            start = time.process_time()
            result = work()
            done[name] = time.process_time() - start
            return result

        study = timed("open", lambda: hpt.Study.open(path, strategy=hpt.RandomSearch()))
        timed("best", lambda: study.best)  # which reads all trials
        timed("resume", lambda: hpt.Study(SPACE, hpt.RandomSearch(), storage=path).ask())
        timed("list", lambda: hpt.studies(path))
    return done


@pytest.mark.benchmark
def test_a_trial_in_a_file_costs_a_fifth_of_optunas_in_sqlite_and_an_ask_less_than_a_millisecond():
    spent = race(100)
    for kind in (0, 1):
        assert 5 * spent["ours, in a file"][kind] <= spent["Optuna, SQLite"][kind]
    assert spent["ours, in a file"][1] - spent["ours, in memory"][1] < 1.0


@pytest.mark.benchmark
def test_ten_thousand_trials_are_opened_resumed_and_listed_in_less_than_a_second_each():
    assert max(large_file(10_000).values()) < 1.0


if __name__ == "__main__":
    n_trials = int(sys.argv[1]) if sys.argv[1:] else 300
    spent = race(n_trials)
    print(f"{n_trials} trials, ms a trial   by the clock   of the processor")
    for name, (clock, processor) in spent.items():
        print(f"{name:24}{clock:15.2f}{processor:19.3f}")
    base = spent["ours, in a file"]
    for name in ("Optuna, SQLite", "Optuna, journal"):
        print(
            f"{name} : ours, in a file = {spent[name][0] / base[0]:.1f} by the clock, {spent[name][1] / base[1]:.1f} of the processor"
        )
    print(
        "10 000 trials in a file, by the processor:",
        ", ".join(f"{name} {seconds:.2f} s" for name, seconds in large_file(10_000).items()),
    )
