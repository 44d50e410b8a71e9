"""The track of others: the public problems of the NeurIPS 2020 black-box optimization challenge, in 16 rounds of 8 trials.

    make challenge                                                           an environment of its own, and the table
    .venv-challenge/bin/python benchmarks/bench_challenge.py --tasks yard --seeds 3 --searches BayesianOptimization
    .venv-challenge/bin/python benchmarks/bench_challenge.py --tasks judge --table challenge.json

A search suggests eight trials, and then sees the losses of all eight. Each finished run is a line of `runs.jsonl`, and each
training a row of `trainings.db`, in the folder `--cache`: whatever is interrupted goes on where it was.

    score = 100 (1 - (best loss so far - best) / (median - best)), not below 0, and the mean over seeds and tasks

`best` is the lowest loss that any search of the table was told in this task, and `median` that of all of random search's
trials: 0 is one random trial, 100 the luckiest trial of anybody. That is the challenge's own score (`experiment_baseline` and
`experiment_analysis` of bayesmark). On our own scale, 0 is random search after as many trials, as in the lab's race:

    gain = 100 (score - score of random search) / (100 - score of random search)

Tasks are those of `challenge/tasks.py`: changes of a search are chosen on the yard, and judged once on the rest.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from challenge.searches import SEARCHES, BatchSearch, Ours
from challenge.tasks import NAMES, Task, Trainings, cheap, dearer, yard

N_ROUNDS, BATCH = 16, 8
SHOWN = (4, 8, 16)  # rounds after which the scores are shown
REFERENCE, OURS = "RandomSearch", "BayesianOptimization"
EXAMPLE = "DT_iris_nll"  # a task in which luck decides, for a stored table of its own
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


def run_all(searches: Sequence[str], tasks: Sequence[str], seeds: Sequence[int], cache: Path) -> None:
    """Run what the cache does not have, one run after another, all searches of a task and seed side by side."""
    cache.mkdir(parents=True, exist_ok=True)
    done = {(one["search"], one["task"], one["seed"]) for one in finished(cache)}
    trainings, started = Trainings(cache / "trainings.db"), time.time()
    for seed, name, which in ((seed, name, which) for seed in seeds for name in tasks for which in searches):
        if (which, name, seed) in done:
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


def again_scores(runs: Sequence[Run], what: str = "again") -> dict[tuple[str, str, int], float]:
    """Return a score by the mean loss of the delivered params, trained again: 100 is the lowest that anybody delivers.

    With "recommended" in place of "again", what a search of ours delivers is not its lowest loss, but what it recommends.
    """
    table: dict[tuple[str, str, int], float] = {}
    for task in sorted({one["task"] for one in runs}):
        here = [one for one in runs if one["task"] == task]
        best = min(min(one["again"], one.get("recommended", math.inf)) for one in here)
        median = float(np.median([loss for one in here if one["search"] == REFERENCE for loss in one["seen"]]))
        for one in here if best < median < math.inf else []:
            if what in one:
                regret = np.clip((one[what] - best) / (median - best), -1, 1)
                table[one["search"], task, one["seed"]] = float(100 * (1 - regret))
    return table


def delivered(one: Run) -> Iterator[tuple[float, float]]:
    """Yield the incumbent's two losses after each round."""
    seen = np.array(one["seen"])
    for n in range(BATCH, BATCH * N_ROUNDS + 1, BATCH):
        best = int(np.argmin(seen[:n]))
        yield one["seen"][best], one["held_out"][best]


def scores(runs: Sequence[Run], losses: str = "seen") -> dict[tuple[str, str, int], np.ndarray]:
    """Return the challenge's score after each round, shape (16,), of each (search, task, seed)."""
    table: dict[tuple[str, str, int], np.ndarray] = {}
    for task in sorted({one["task"] for one in runs}):
        here = [one for one in runs if one["task"] == task]
        best = min(loss for one in here for loss in one[losses])
        median = float(np.median([loss for one in here if one["search"] == REFERENCE for loss in one[losses]]))
        if not best < median < math.inf:
            continue  # no random trial is worse than the best: nothing to be seen here
        for one in here:
            found = np.array([pair[losses == "held_out"] for pair in delivered(one)])
            table[one["search"], task, one["seed"]] = 100 * (1 - ((found - best) / (median - best)).clip(-1, 1))
    return table


def summary(runs: Sequence[Run], tasks: Sequence[str], seeds: Sequence[int]) -> dict[str, Any]:
    """Return what is stored and shown: by search, scores with their errors over seeds and over tasks, and the thinking.

    A search counts with the tasks and seeds that it has run; `ours_minus_it` compares ours with it on exactly these.
    """
    runs = [one for one in runs if one["seed"] in seeds]
    luck = example([one for one in runs if one["task"] == EXAMPLE])
    runs = [one for one in runs if one["task"] in tasks]
    last = N_ROUNDS - 1
    seen, again, recommended = scores(runs), again_scores(runs), again_scores(runs, "recommended")
    end = {key: float(values[last]) for key, values in seen.items()}
    held_out = {key: float(values[last]) for key, values in scores(runs, "held_out").items()}
    rows: dict[str, Any] = {}
    for name in (name for name in SEARCHES if any(key[0] == name for key in seen)):
        mine = [key[1:] for key in seen if key[0] == name]
        both = [key for key in mine if (OURS, *key) in seen]
        at_zero = np.mean([end[REFERENCE, *key] for key in mine if (REFERENCE, *key) in seen])
        row: dict[str, Any] = {"n_runs": len(mine), "n_tasks": len({task for task, _ in mine})}
        row["n_seeds"] = len({seed for _, seed in mine})
        row["score"] = {str(n): mean_and_errors({key: seen[name, *key][n - 1] for key in mine}) for n in SHOWN}
        row["gain"] = round(float(100 * (row["score"][str(N_ROUNDS)]["mean"] - at_zero) / (100 - at_zero)), 1)
        for what, table in (("held_out", held_out), ("again", again)):
            row[what] = mean_and_errors({key[1:]: value for key, value in table.items() if key[0] == name})
        half = N_ROUNDS // 2 - 1
        row["ours_minus_it_halfway"] = mean_and_errors(
            {key: seen[OURS, *key][half] - seen[name, *key][half] for key in both}
        )
        row["ours_minus_it"] = mean_and_errors({key: end[OURS, *key] - end[name, *key] for key in both})
        row["ours_minus_it_again"] = mean_and_errors({key: again[OURS, *key] - again[name, *key] for key in both})
        if gains := {key[1:]: value - again[key] for key, value in recommended.items() if key[0] == name}:
            row["recommended"] = mean_and_errors({key: recommended[name, *key] for key in gains})
            row["recommended_minus_again"] = mean_and_errors(gains)
        thinking = [one["thinking"] for one in runs if one["search"] == name]
        row["milliseconds"] = round(1000 * float(np.mean(thinking)) / (N_ROUNDS * BATCH), 1)
        rows[name] = row
    return {
        "rounds": N_ROUNDS,
        "batch": BATCH,
        "tasks": sorted({task for _, task, _ in seen}),
        "yard": sorted(yard().intersection(task for _, task, _ in seen)),
        "searches": rows,
        "example": {"task": EXAMPLE, "searches": luck},
    }


def example(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """Return, by search, the mean over seeds of the lowest loss that it was told, and of the same params trained again."""
    rows: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(one["search"] for one in runs):
        mine = [one for one in runs if one["search"] == name]
        told, again = (
            np.mean(losses) for losses in ([min(one["seen"]) for one in mine], [one["again"] for one in mine])
        )
        rows[name] = {"told": round(float(told), 4), "again": round(float(again), 4)}
    return rows


def mean_and_errors(values: dict[tuple[str, int], float]) -> dict[str, float | None]:
    """Return the mean, its error over the tasks (another set of tasks), and over the seeds (these tasks, other luck).

    An error of a single task or seed is None; so is all of what nobody has run.
    """
    by_task: dict[str, list[float]] = {}
    for (task, _), value in values.items():
        by_task.setdefault(task, []).append(value)
    means = [np.mean(ones) for ones in by_task.values()]
    variances = [np.var(ones, ddof=1) / len(ones) for ones in by_task.values() if len(ones) > 1]
    found = {
        "mean": np.mean(means) if means else None,
        "over_seeds": math.sqrt(np.sum(variances)) / len(means) if len(variances) == len(means) > 0 else None,
        "over_tasks": np.std(means, ddof=1) / math.sqrt(len(means)) if len(means) > 1 else None,
    }
    return {what: value if value is None else round(float(value), 2) for what, value in found.items()}


def plus_minus(row: dict[str, float | None]) -> str:
    """Return a mean with its errors over seeds and over tasks."""
    mean, *errors = (math.nan if row[what] is None else row[what] for what in ("mean", "over_seeds", "over_tasks"))
    return f"{mean:.2f} ± {errors[0]:.2f}/{errors[1]:.2f}"


def show(table: dict[str, Any]) -> None:
    """Print the table."""
    print(
        f"{len(table['tasks'])} tasks; mean scores ± their errors over seeds/over tasks, after {SHOWN} rounds of {BATCH}"
    )
    print(
        f"{'':22}{SHOWN[0]:>7}{SHOWN[1]:>7}{SHOWN[2]:>19}{'gain':>7}{'held out':>9}{'again':>19}{'ours - it':>19}{'ms':>8}{'runs':>6}"
    )
    for name, row in sorted(table["searches"].items(), key=lambda item: -item[1]["score"][str(N_ROUNDS)]["mean"]):
        early = "".join(f"{row['score'][str(n)]['mean']:7.1f}" for n in SHOWN[:-1])
        last = [row["score"][str(N_ROUNDS)], row["again"], row["ours_minus_it"]]
        end, again, gap = (f"{plus_minus(one):>19}" for one in last)
        held_out = math.nan if row["held_out"]["mean"] is None else row["held_out"]["mean"]
        print(
            f"{name:22}{early}{end}{row['gain']:7.1f}{held_out:9.1f}{again}{gap}{row['milliseconds']:8.1f}{row['n_runs']:6}"
        )


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
    shown = list(dict.fromkeys([*names, EXAMPLE])) if chosen.table else names
    run_all(chosen.searches, shown, range(chosen.seeds), chosen.cache)
    table = summary(finished(chosen.cache), names, range(chosen.seeds))
    show(table)
    if chosen.table:
        chosen.table.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
