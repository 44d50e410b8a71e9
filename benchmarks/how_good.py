"""Write the page *How good is this lab?* out of what the benchmarks have stored: book/how_good.md.

    python benchmarks/how_good.py

results/challenge.json           from bench_challenge
results/challenge_dearer.json    from bench_challenge, its dearer tasks
results/limits.json              from bench_limits
hpt_lab/data/race.npz            from examples/tables/make_race.py
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "book" / "how_good.md"
OURS = "BayesianOptimization"
NAMES = {  # as the pages call them
    OURS: "`BayesianOptimization` (this lab)",
    "TPE": "`TPE` (this lab)",
    "GeneticAlgorithm": "`GeneticAlgorithm` (this lab)",
    "QuasiRandomSearch": "`QuasiRandomSearch` (this lab)",
    "textbook BO": "`BayesianOptimization.textbook()` (this lab)",
    "RandomSearch": "random search",
    "Optuna TPE": "Optuna's TPE",
    "Optuna GP": "Optuna's Gaussian process",
    "Nevergrad": "Nevergrad's `OnePlusOne`",
    "HEBO": "HEBO (contest model)",
    "HEBO, defaults": "HEBO (default model)",
}

PAGE_TEXT = """# How good is this lab?

The searches of `hpt_lab` were written to be read. **Are they any good at searching?** Here are measurements: on problems that
others chose, on our own, with eight workers, and under noise. Where another search is ahead of ours, the tables show it.

Every number on this page comes from a file that a program in `benchmarks` has written. The number after ± is one
standard error.

## On problems that others chose

In 2020, the NeurIPS conference held a contest for programs that tune hyperparameters {{cite:p}}`turner2021bayesian`. A search
has 16 rounds. In each round, it suggests eight trials, and then learns their losses. A trial trains a model from scikit-learn on one
of six small data sets, with five-fold {{term}}`cross-validation`. The contest was decided on secret problems, but it had public ones
for practice, in the package bayesmark. We use those whose training takes less than a twentieth of a second.

{size}

The contest's score is 0 for a typical random trial, and 100 for the lowest loss that any search in this table has seen. The number
after ± is the error over the problems; the one in parentheses, where there are several seeds, is the error over the seeds. The
column *our lead* shows how far `BayesianOptimization` is ahead of each search on the same problems with the same seeds.

{challenge}

{verdict} {winner}

HEBO's model in the contest was a Gaussian process that warps its inputs. Version 0.3.6 of the package still contains it, but its default
is another model, so the table shows both.

### Networks and forests

{dearer_size}

{dearer}

{dearer_verdict}

### The score rewards luck

Some of these models, such as the trees, draw random numbers during training. The same {{term}}`hyperparameters <hyperparameter>` then
have a different loss each time, and the lowest of 128 losses is partly luck. The contest counts that luck as skill. So we trained
the best trial of each search ten more times. The column *trained again* is the score of the mean of these ten losses. There, 100
is the lowest such mean of any search.

A decision tree on the iris data shows how far apart the two can be. The losses are means over the seeds:

{example}

{lesson}

{recommended}

The column *other rows* scores the same trials by their loss on rows that no search has seen. There, 100 is the lowest such loss of any
trial at all, so no search comes near it. {others}

## On our own problems

The lab's [race](../chapters/06_your_turn/01_write_a_strategy.ipynb) has {n_problems} problems: formulas whose optimum is known, and tables of
real training runs. On three of them the losses are noisy. A score of 0 is random search with the same number of trials, and
100 is the optimum.

{race}

We developed `BayesianOptimization` on problems like these, and some of them are among the twelve. So this table flatters it. The
first one does not.

## With eight workers

If eight trials run side by side, a search chooses each of them without knowing how the other seven will end. On five of our
problems, we compare 50 trials one after another with 50 trials on eight workers.

{workers}

{price}

## Under noise

On the same five problems, we add noise to every loss. Its standard deviation is worth 20 points of the score. The search then
has to say which of its 50 trials to deliver, and we score the true loss of that trial.

{noise}

An oracle that knew the true loss of every trial would deliver the best one. No rule for choosing among these trials can do better
than the oracle. The rest of the distance to a search without noise was lost earlier: noise misled the search itself.

## What these tables cannot tell you

{missing} HEBO and pySOT run with today's libraries, not with those of their time. Nevergrad's own choice of an algorithm, NGOpt, fails with
today's NumPy, so the table shows the one that bayesmark itself runs. TuRBO runs from its
[authors' code](https://github.com/uber-research/TuRBO), which is licensed for non-commercial use only.

A difference of less than two standard errors may be luck. In the first table, the error says how much a score depends on the choice
of problems, so on yours the order may be different.

To repeat it all, type `make challenge` (it makes an environment of its own, about 2 GB), and then
`python benchmarks/bench_limits.py`. TuRBO takes part if its code is installed in that environment.
"""


def load(name: str) -> dict[str, Any]:
    return json.loads((HERE / "results" / f"{name}.json").read_text(encoding="utf-8"))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, whose columns after the first are numbers."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def plus_minus(row: dict[str, float], error: str = "error") -> str:
    return f"{row['mean']:.1f} ± {row[error]:.1f}"


def both_errors(row: dict[str, float | None]) -> str:
    """Return a mean with its error over the problems and, in parentheses, over the seeds if there are several."""
    seeds = "" if row["over_seeds"] is None else f" ({row['over_seeds']:.1f})"
    return f"{row['mean']:.1f} ± {row['over_tasks']:.1f}{seeds}"


def challenge(found: dict[str, Any]) -> str:
    """Return the table of the contest, the best search first."""
    last = str(found["rounds"])
    ranked = sorted(found["searches"].items(), key=lambda item: -item[1]["score"][last]["mean"])
    head = [
        "search",
        "seeds",
        *(f"after {n} rounds" for n in ranked[0][1]["score"]),
        "our lead",
        "trained again",
        "other rows",
        "overhead, ms per trial",
    ]
    rows = []
    for name, row in ranked:
        *early, end = row["score"].values()
        scores = [f"{one['mean']:.1f}" for one in early] + [both_errors(end)]
        lead = "" if name == OURS else both_errors(row["ours_minus_it"])
        checked = [plus_minus(row[what], "over_tasks") for what in ("again", "held_out")]
        rows.append([NAMES.get(name, name), str(row["n_seeds"]), *scores, lead, *checked, f"{row['milliseconds']:.1f}"])
    return table(head, rows)


def size(found: dict[str, Any]) -> str:
    """Say how many problems and runs there are."""
    from challenge.tasks import cheap, yard

    n_aside, n_shown = len(yard().intersection(cheap())), len(found["tasks"])
    n_others = len(cheap()) - n_aside
    shown = f"the other {n_shown}" if n_shown == n_others else f"{n_shown} of the other {n_others}"
    n_runs = sum(row["n_runs"] for row in found["searches"].values())
    return (
        f"There are {len(cheap())} such problems. {n_aside} of them, drawn at random, are set aside for trying out changes to our searches. "
        f"The table shows {shown}, with {n_runs:,} searches of {found['rounds'] * found['batch']} trials."
    )


def dearer_size(found: dict[str, Any]) -> str:
    """Say how many problems and runs there are in the second table."""
    from challenge.tasks import dearer, yard

    n_shown, n_aside = len(found["tasks"]), len(yard().intersection(dearer()))
    seeds = {row["n_seeds"] for row in found["searches"].values()}
    n_seeds = "one seed" if seeds == {1} else f"{listed([str(n) for n in sorted(seeds)], ' or ')} seeds"
    return (
        f"Networks and random forests take longer to train. {n_shown + n_aside} more of the contest's problems, most of them networks and forests, "
        f"take less than a third of a second. {n_aside} of them are set aside again. On the other {n_shown}, each search ran with {n_seeds}."
    )


def clear(gap: dict[str, float]) -> bool:
    return abs(gap["mean"]) >= 2 * gap["over_tasks"]  # the luck of the seeds is part of it


def listed(names: list[str], and_two: str = " and ") -> str:
    """Return names as a sentence lists them: "a", "a and b", or "a, b, and c"."""
    return and_two.join(names) if len(names) < 3 else f"{', '.join(names[:-1])}, and {names[-1]}"


def verdict(found: dict[str, Any]) -> str:
    """Say who is ahead of whom, by two standard errors over the problems."""
    gaps = {NAMES.get(name, name): row["ours_minus_it"] for name, row in found["searches"].items() if name != OURS}
    groups = {
        "ahead of": [name for name, gap in gaps.items() if clear(gap) and gap["mean"] > 0],
        "not distinguishable from": [name for name, gap in gaps.items() if not clear(gap)],
        "behind": [name for name, gap in gaps.items() if clear(gap) and gap["mean"] < 0],
    }
    told = listed([f"**{how}** {listed(names)}" for how, names in groups.items() if names], ", and ")
    return f"After the last round, `{OURS}` is {told}, by two standard errors over the problems."


def winner(found: dict[str, Any]) -> str:
    """Say how far the contest's winner is from ours, halfway and at the end, and how long it thinks."""
    if "HEBO" not in found["searches"]:
        return "The winner of the contest, HEBO, is not in the table yet."
    row, ours = found["searches"]["HEBO"], found["searches"][OURS]
    half, end = row["ours_minus_it_halfway"], row["ours_minus_it"]
    luck = "" if clear(end) else ", which may be luck"
    return (
        f"HEBO, which won the contest, is {behind(half)} halfway, and {behind(end)} at the end{luck}. "
        f"It takes {row['milliseconds'] / ours['milliseconds']:.0f} times as long as ours to suggest a trial."
    )


def behind(gap: dict[str, float]) -> str:
    return f"{abs(gap['mean']):.1f} ± {gap['over_tasks']:.1f} points {'behind' if gap['mean'] > 0 else 'ahead'}"


def example(found: dict[str, Any]) -> str:
    rows = [
        [NAMES.get(name, name), f"{row['told']:.3f}", f"{row['again']:.3f}"]
        for name, row in found["example"]["searches"].items()
    ]
    return table(["search", "loss that it reports", "trained again"], rows)


def lesson(found: dict[str, Any]) -> str:
    rows = found["example"]["searches"]
    lowest, best = (min(rows, key=lambda name: rows[name][what]) for what in ("told", "again"))
    first = f"The lowest loss is reported by {NAMES.get(lowest, lowest)}."
    again = f"Trained again, its trees have a mean loss of {rows[lowest]['again']:.3f}"
    if best == lowest:
        return f"{first} {again}, which is still the lowest."
    return f"{first} {again}; the best trees are those of {NAMES.get(best, best)}."


def recommended(found: dict[str, Any]) -> str:
    """Say what changes if ours delivers what it recommends."""
    row = found["searches"][OURS]
    gap = row["recommended_minus_again"]
    return (
        f"Under noise, `hpt.recommend` weighs each loss against what the model expects. If it chooses the trial, the score "
        f"after training again is {row['recommended']['mean']:.1f}: a change of {gap['mean']:+.1f} ± {gap['over_tasks']:.1f} points."
    )


def others(found: dict[str, Any]) -> str:
    """Say whether the rows that nobody saw tell ours from random search."""
    ours, random = (found["searches"][name]["held_out"] for name in (OURS, "RandomSearch"))
    if abs(ours["mean"] - random["mean"]) < 2 * math.hypot(ours["over_tasks"], random["over_tasks"]):
        return "On these rows, our search is not distinguishable from random search: there are too few rows to show what the last improvements are worth."
    return "On these rows, too, our search and random search differ."


def race() -> tuple[str, int]:
    """Return the table of the lab's own race, and its number of problems."""
    from hpt_lab.tools.race.searches import LAB, stored, suite

    rows = []
    for name in LAB:
        row = [NAMES[name]]
        for n in (30, 50):
            scores = []
            for problem in suite().values():
                at_zero = stored()[f"random/{problem.name}"][n - 1]
                scores.append(
                    100
                    * (
                        1
                        - (stored()[f"{name}/{problem.name}"][:, n - 1] - problem.optimum) / (at_zero - problem.optimum)
                    )
                )
            by_seed = np.mean(scores, axis=0)
            row.append(f"{by_seed.mean():.1f} ± {by_seed.std(ddof=1) / math.sqrt(len(by_seed)):.1f}")
        rows.append([*row, f"{1000 * stored()[f'seconds/{name}']:.1f}"])
    rows.sort(key=lambda row: -float(row[1].split()[0]))
    return table(["search", "after 30 trials", "after 50 trials", "overhead, ms per trial"], rows), len(suite())


WORKERS = {
    "alone": "one after another, 50 trials",
    "alone, seven fewer": "one after another, 43 trials",
    "eight workers": "eight workers, 50 trials",
}
NOISE = {
    "told": "the lowest loss",
    "recommend": "what `hpt.recommend` says",
    "posterior mean": "the lowest posterior mean of the model",
    "oracle": "the truly best trial, from an oracle",
    "no noise": "for comparison: the lowest loss of a search without noise",
}


def limits(rows: dict[str, dict[str, float]], names: dict[str, str], first: str) -> str:
    return table([first, "score"], [[shown, plus_minus(rows[what])] for what, shown in names.items()])


def price(rows: dict[str, dict[str, float]]) -> str:
    """Say how much of the loss is delay."""
    alone, fewer, eight = (rows[what] for what in WORKERS)
    rest, error = fewer["mean"] - eight["mean"], math.hypot(fewer["error"], eight["error"])
    told = (
        f"Eight workers cost {alone['mean'] - eight['mean']:.1f} points. A search that learns of each result seven trials late cannot use "
        f"its last seven results at all, and a search of 43 trials is already {alone['mean'] - fewer['mean']:.1f} points behind one of 50. "
    )
    if rest <= 0:
        return told + "So the delay by itself can account for the loss."
    cause = "may be luck" if rest < 2 * error else "is the price of choosing side by side"
    return told + f"The rest, {rest:.1f} ± {error:.1f} points, {cause}."


def missing(found: dict[str, Any]) -> str:
    """Say which searches were not run."""
    from challenge.searches import SEARCHES

    absent = [NAMES.get(name, name) for name in SEARCHES if name not in found["searches"]]
    if not absent:
        return "The secret problems of the contest were larger than these, and may have had another winner."
    they = "It is" if len(absent) == 1 else "They are"
    return f"The benchmark can also run {listed(absent)}. {they} not in the table yet."


def page() -> str:
    """Return the page."""
    found, dearer, bounds = load("challenge"), load("challenge_dearer"), load("limits")
    raced, n_problems = race()
    parts = {
        "size": size(found), "challenge": challenge(found), "verdict": verdict(found), "winner": winner(found), "example": example(found),
        "lesson": lesson(found), "recommended": recommended(found), "others": others(found), "race": raced, "n_problems": {12: "twelve"}.get(n_problems, n_problems),
        "workers": limits(bounds["workers"], WORKERS, "how"), "price": price(bounds["workers"]),
        "noise": limits(bounds["noise"], NOISE, "what is delivered"), "missing": missing(found),
        "dearer_size": dearer_size(dearer), "dearer": challenge(dearer), "dearer_verdict": verdict(dearer),
    }  # fmt: skip
    return PAGE_TEXT.format(**parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
