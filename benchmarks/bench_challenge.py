"""The track of others: the public problems of the NeurIPS 2020 black-box optimization challenge, in 16 rounds of 8 trials.

    make challenge                                                           an environment of its own, and the table
    .venv-challenge/bin/python benchmarks/bench_challenge.py --tasks yard --seeds 3 --searches BayesianOptimization
    .venv-challenge/bin/python benchmarks/bench_challenge.py --tasks judge --table benchmarks/results/challenge.npz

A search suggests eight trials, and then sees the losses of all eight. Each finished run is a line of `runs.jsonl`, and each
training a row of `trainings.db`, in the folder `--cache`: whatever is interrupted goes on where it was. `--table` adds seven
numbers of each run to a file, out of which `challenge_table` makes the table. What it holds already stays, and is not run again.

A run takes a processor 1 to 3 seconds for ours, both TPEs and pySOT, 6 to 24 for Optuna's Gaussian process and TuRBO, and about a
minute for scikit-optimize (whose model is fitted again after each of the eight points) and for HEBO: three seeds an hour or more.

    score = 100 (1 - (best loss so far - best) / (median - best)), not below 0, and the mean over seeds and tasks

`best` is the lowest loss that any search of the table was told in this task, and `median` that of all of random search's
trials: 0 is one random trial, 100 the luckiest trial of anybody. That is the challenge's own score (`experiment_baseline` and
`experiment_analysis` of bayesmark). "Again" puts the mean loss of ten more trainings of the delivered trial in the place of its
lowest loss, and the lowest such mean of anybody in the place of `best`.

Tasks are those of `challenge/tasks.py`: changes of a search are chosen on the yard, and judged once on the rest.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from challenge.searches import SEARCHES, BatchSearch, Ours
from challenge.tasks import NAMES, Task, Trainings, cheap, dearer, yard
from challenge_table import NOT_RUN, UNITS, WHAT, load

N_ROUNDS, BATCH = 16, 8
SHOWN = (4, 8, 16)  # rounds after which the scores are shown
REFERENCE = "RandomSearch"
KINDS = ("seen", "held_out", "again")
EXAMPLE = "DT_iris_nll"  # a task in which luck decides, for a stored table of its own
# Of what thinks long; all others have as many as are asked for.
SEEDS = {"Optuna GP": 3, "scikit-optimize": 3, "HEBO, defaults": 1}
TASKS = {
    "all": NAMES,
    "cheap": cheap(),
    "yard": tuple(name for name in cheap() if name in yard()),
    "judge": tuple(name for name in cheap() if name not in yard()),
    "dearer": tuple(name for name in dearer() if name not in yard()),
}
Run = dict[str, Any]


def run(search: BatchSearch, task: Task, seed: int, trainings: Trainings) -> Run:
    """Return both losses of all trials of one search, its best trial's mean loss if trained again, and how long it thought."""
    all_params: list[dict[str, Any]] = []
    seen: list[float] = []
    held_out: list[float] = []
    times: Counter[str] = Counter()
    thinking = 0.0
    for _ in range(N_ROUNDS):
        started = time.process_time()
        points = search.suggest(BATCH)
        thinking += time.process_time() - started
        all_params += [task.params(point) for point in points]
        losses = [trainings.losses(task, params, seed, times) for params in all_params[-BATCH:]]
        trainings.commit()  # so that other searches, which run beside this one, can store theirs
        seen += [loss for loss, _ in losses]
        held_out += [loss for _, loss in losses]
        started = time.process_time()
        search.observe(points, [loss for loss, _ in losses])
        thinking += time.process_time() - started
    again = trainings.again(task, all_params[int(np.argmin(seen))])
    one: Run = {"seen": seen, "held_out": held_out, "again": again, "thinking": round(thinking, 3)}
    if isinstance(search, Ours):
        one["recommended"] = trainings.again(task, task.params(search.recommended()))
    return one


def finished(cache: Path) -> list[Run]:
    """Return all runs of the cache."""
    file = cache / "runs.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def run_all(
    searches: Sequence[str], tasks: Sequence[str], seeds: Sequence[int], cache: Path, old: dict[str, Any] | None = None
) -> None:
    """Run what neither the cache nor the `old` table has, one run after another, all searches of a task and seed side by side."""
    cache.mkdir(parents=True, exist_ok=True)
    done = {(one["search"], one["task"], one["seed"]) for one in finished(cache)}
    for name, runs, told in (
        zip(old["searches"], np.moveaxis(old["runs"], 1, 0), old["example"][0], strict=True) if old else ()
    ):
        done |= {(name, old["tasks"][i], seed) for i, seed in np.argwhere(np.isfinite(runs[WHAT.index("again")]))}
        done |= {(name, EXAMPLE, seed) for seed in np.flatnonzero(np.isfinite(told))}
    trainings, started = Trainings(cache / "trainings.db"), time.time()
    for seed, name, which in ((seed, name, which) for seed in seeds for name in tasks for which in searches):
        if (which, name, seed) in done or seed >= SEEDS.get(which, math.inf):
            continue
        task = Task(name)
        one = {"search": which, "task": name, "seed": seed} | run(
            SEARCHES[which][1](task.kinds, seed), task, seed, trainings
        )
        trainings.commit()
        with (cache / "runs.jsonl").open("a") as file:
            file.write(json.dumps(one) + "\n")
        best, seconds = min(one["seen"]), time.time() - started
        print(f"{seconds:6.0f} s  {which:22}{name:22} seed {seed}: {best:.4f}", flush=True)


def scales(runs: Sequence[Run], tasks: Sequence[str]) -> np.ndarray:
    """Return, by task, the losses that are worth 100 and 0, shape (tasks, 3, 2): as it was told, held out, and trained again."""
    table = np.full((len(tasks), len(KINDS), 2), np.nan)
    for i, task in enumerate(tasks):
        here = [one for one in runs if one["task"] == task]
        for j, kind in enumerate(KINDS):
            of = "seen" if kind == "again" else kind
            typical = [loss for one in here if one["search"] == REFERENCE for loss in one[of]]
            lowest = [
                min(one["again"], one.get("recommended", math.inf)) if kind == "again" else min(one[kind])
                for one in here
            ]
            table[i, j] = min(lowest, default=math.inf), np.median(typical) if typical else np.nan
    return table


def numbers(one: Run, scale: np.ndarray) -> list[float]:
    """Return what is stored of a run, in the order of `challenge_table.WHAT`; nan is what it does not have."""
    best = [int(np.argmin(one["seen"][: n * BATCH])) for n in SHOWN]
    losses = [(0, one["seen"][i]) for i in best] + [
        (2, one["again"]),
        (2, one.get("recommended", math.nan)),
        (1, one["held_out"][best[-1]]),
    ]
    return [score(loss, scale[kind]) for kind, loss in losses] + [1000 * one["thinking"] / (N_ROUNDS * BATCH)]


def score(loss: Any, scale: np.ndarray) -> Any:
    """Return 100 for the best loss and 0 for the median or worse, of shape (..., 2); nan if no random trial is worse than the best."""
    best, median = scale[..., 0], scale[..., 1]
    regret = (loss - best) / np.where((best < median) & (median < math.inf), median - best, np.nan)
    return 100 * (1 - np.minimum(regret, 1))


def table(runs: Sequence[Run], old: dict[str, Any] | None = None) -> dict[str, np.ndarray]:
    """Return what is stored: of the runs, and of those of an `old` table, whose scores follow if a new run finds a lower loss."""
    luck, runs = [one for one in runs if one["task"] == EXAMPLE], [one for one in runs if one["task"] != EXAMPLE]
    names = [
        name for name in SEARCHES if any(one["search"] == name for one in runs) or (old and name in old["searches"])
    ]
    tasks = sorted({one["task"] for one in runs} | set(old["tasks"] if old else ()))
    n_seeds = max([one["seed"] + 1 for one in runs] + ([old["runs"].shape[-1]] if old else []))
    found = np.full((len(WHAT), len(names), len(tasks), n_seeds), np.nan)
    told = np.full((2, len(names), n_seeds), np.nan, np.float32)
    scale = scales(runs, tasks)
    if old:
        i, j = [names.index(name) for name in old["searches"]], [tasks.index(task) for task in old["tasks"]]
        before, n = old["scales"], old["runs"].shape[-1]
        scale[j, :, 0] = np.fmin(scale[j, :, 0], before[..., 0])
        scale[j, :, 1] = before[..., 1]  # random search as it was measured first
        for what, kind in enumerate((0, 0, 0, 2, 2, 1)):
            low, high = before[:, kind, :1], before[:, kind, 1:]
            losses = low + (1 - old["runs"][what] / 100) * (high - low)
            found[what][np.ix_(i, j, range(n))] = score(losses, scale[j, kind][:, None])
        found[-1][np.ix_(i, j, range(n))] = old["runs"][-1]
        told[np.ix_((0, 1), i, range(n))] = old["example"]
    for one in runs:
        place = names.index(one["search"]), tasks.index(one["task"]), one["seed"]
        found[:, *place] = numbers(one, scale[place[1]])
    for one in luck:
        if one["search"] in names and one["seed"] < n_seeds:
            told[:, names.index(one["search"]), one["seed"]] = min(one["seen"]), one["again"]
    whole = np.where(np.isfinite(found), np.rint(found * UNITS), NOT_RUN).astype(np.int16)
    return {"searches": np.array(names), "tasks": np.array(tasks), "runs": whole, "scales": scale, "example": told}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = [name for name, (package, _) in SEARCHES.items() if find_spec(package)]
    parser.add_argument("--searches", nargs="+", choices=SEARCHES, default=here, help="default: those installed")
    parser.add_argument(
        "--tasks", nargs="+", default=["cheap"], help="all, cheap, yard, judge, dearer, or names such as DT_iris_nll"
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path("challenge"))
    parser.add_argument("--table", type=Path, help="write what the book shows to this file")
    chosen = parser.parse_args()
    names = [name for one in chosen.tasks for name in TASKS.get(one, (one,))]
    if not chosen.table:
        run_all(chosen.searches, names, range(chosen.seeds), chosen.cache)
    else:
        old = load(chosen.table) if chosen.table.exists() else None
        names = list(dict.fromkeys([*names, EXAMPLE]))
        run_all(chosen.searches, names, range(chosen.seeds), chosen.cache, old)
        runs = [one for one in finished(chosen.cache) if one["task"] in names and one["seed"] < chosen.seeds]
        if runs:
            np.savez_compressed(chosen.table, **table(runs, old))
