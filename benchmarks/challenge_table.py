"""Recompute the table of *How good is this lab?* from the runs that are stored: NumPy and SciPy are enough.

    python benchmarks/challenge_table.py [benchmarks/results/challenge.npz]

Stored are seven numbers of each run (search, task, seed), as hundredths in int16: the contest's score after 4, 8 and 16 rounds, the
score of the delivered trial if it is trained again, that of the trial which `recommend` says, the score on rows that nobody saw,
and the overhead in milliseconds per trial (in tenths). `bench_challenge` says how a score is made, and adds runs to the file.

The verdict is by "trained again", which does not reward luck: the lead of ours on the same tasks with the same seeds. Two metrics of
one model on one data set are one observation, so each pair of model and data is a mean first. The error is the larger one of two:
over the pairs (other problems), and over the seeds (these problems, other luck). Beyond two errors (a little more, since few pairs
tell how large the error is: Student's t), ours is "ahead" or "behind"; otherwise the two are "level". A search that has not run on
every task with the same seeds has a lead, over the tasks that both ran, but no means: those of other tasks are not comparable.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

FILE = Path(__file__).with_name("results") / "challenge.npz"
OURS = "BayesianOptimization"
WHAT = ("after 4", "after 8", "after 16", "again", "recommended", "held_out", "milliseconds")
UNITS = np.array([100, 100, 100, 100, 100, 100, 10])[:, None, None, None]
NOT_RUN = np.iinfo(np.int16).min


def load(file: Path = FILE) -> dict[str, Any]:
    """Return what is stored; `runs` has the shape (7 of WHAT, searches, tasks, seeds), and nan for what was not run."""
    with np.load(file) as stored:
        found = {name: stored[name] for name in stored.files}
    return found | {"runs": np.where(found["runs"] == NOT_RUN, np.nan, found["runs"] / UNITS)}


def mean_and_error(values: np.ndarray, tasks: np.ndarray) -> tuple[float, float, int]:
    """Return the mean over pairs of model and data, the larger of its two errors, and how many pairs: of values (tasks, seeds)."""
    names = np.array([task.rsplit("_", 1)[0] for task in tasks])
    seen = np.isfinite(values)
    pairs = [(values[names == name], seen[names == name]) for name in dict.fromkeys(names[seen.any(axis=1)])]
    seeds = [[one[ran].mean() for one, ran in zip(a.T, b.T, strict=True) if ran.any()] for a, b in pairs]
    means, n = [np.mean(one) for one in seeds], len(seeds)
    errors = [np.std(means, ddof=1) / np.sqrt(n)] if n > 1 else [np.nan]
    if all(len(one) > 1 for one in seeds):
        errors.append(np.sqrt(sum(np.var(one, ddof=1) / len(one) for one in seeds)) / n)
    return float(np.mean(means)), float(np.max(errors)), n


def two(n: int) -> float:
    """Return how many standard errors of n observations are as safe as two of very many."""
    return float(stats.t.isf(stats.norm.sf(2), n - 1))


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each search: how far ours leads it if trained again, the verdict, and the means of what is stored, if it is whole."""
    runs, names = dict(zip(WHAT, found["runs"], strict=True)), list(found["searches"])
    table = []
    for i, name in enumerate(names):
        ran = np.isfinite(runs["again"][i])
        whole = bool((ran == ran[0]).all())
        means = {
            what: mean_and_error(values[i], found["tasks"]) if whole else (np.nan, np.nan, 0)
            for what, values in runs.items()
            if np.isfinite(values[i]).any()
        }
        lead, error, n = mean_and_error(runs["again"][names.index(OURS)] - runs["again"][i], found["tasks"])
        verdict = "" if name == OURS else "level" if abs(lead) < two(n) * error else "ahead" if lead > 0 else "behind"
        told = {"seeds": int(ran.any(axis=0).sum()), "tasks": int(ran.any(axis=1).sum()), "whole": whole}
        table.append({"search": name, **told, "lead": (lead, error, n), "verdict": verdict, **means})
    return sorted(table, key=lambda row: -row["again"][0] if row["whole"] else np.inf)


def show(found: dict[str, Any]) -> None:
    """Print the table."""
    shown = [what for what in WHAT if what != "recommended"]
    print(f"{'search':22}{'seeds':>6}{'lead of ours':>15} {'verdict':8}", *(f"{what:>13}" for what in shown))
    for row in rows(found):
        lead = f"{row['lead'][0]:.2f} ± {row['lead'][1]:.2f}"
        means = (f"{row[what][0]:7.1f} ± {row[what][1]:3.1f}" for what in shown)
        print(f"{row['search']:22}{row['seeds']:6}{lead:>15} {row['verdict']:8}", *means)


if __name__ == "__main__":
    show(load(*map(Path, sys.argv[1:])))
