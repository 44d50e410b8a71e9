"""Write the page *How good is this lab?* out of what the benchmarks have stored: book/how_good.md.

    python benchmarks/how_good.py

results/challenge.npz            from bench_challenge: runs, of which challenge_table makes the table
results/challenge_before.json    from bench_challenge, before it stored its runs
results/challenge_dearer.json    the same, of its dearer tasks
results/limits.json              from bench_limits
hpt_lab/data/race.npz            from examples/tables/make_race.py
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from challenge_table import OURS, WHAT, load, mean_and_error, rows, two

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "book" / "how_good.md"
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

The contest's score is 0 for a typical random trial, and 100 for the lowest loss that any search has seen. But some of these models, such
as the trees, draw random numbers during training. The same {{term}}`hyperparameters <hyperparameter>` then have a different loss each
time, and the lowest of 128 losses is partly luck.

So we judge by another score. The best trial of each search is trained ten more times, and 100 is the lowest mean of ten. A dot shows how
many points `BayesianOptimization` is ahead of a search on the same problems with the same seeds. The bar reaches {two} standard errors
to each side. Where it reaches 0, the two searches are level.

{leads}

{verdict} On problems of your own, the order may be different.

::::{{dropdown}} All numbers, and what an error counts
{challenge}

These are means over the problems.{partly} A column of rounds shows the contest's score after them; *trained again* is the score that we judge
by. The last column shows how long a search takes to suggest a trial. `python benchmarks/challenge_table.py` computes the table and the
verdicts from the stored runs.

Two metrics of one model on one data set are one observation, so the {n_tasks} problems count as {n_pairs}. The standard error is the
larger of two: over these {n_pairs}, and over the seeds{one_seed}. Because so few observations leave the error itself uncertain, the bar
reaches {two} standard errors instead of 2 (Student's *t*).

The column *other rows* scores the same trials by their loss on rows that no search has seen. There, 100 is the lowest such loss of any
trial at all, so no search comes near it. {others}

{recommended}

{rivals}

The command `make challenge` runs what is missing from this table, in an environment of its own (about 2 GB). To repeat it all, remove
`benchmarks/results/challenge.npz` before, and type `python benchmarks/bench_limits.py` afterwards. TuRBO takes part if its code is
installed in that environment. Of the many verdicts on this page, one in twenty may be luck.
::::

::::{{dropdown}} How much is luck: one decision tree
A decision tree on the iris data shows how far apart the two scores can be. The losses are means over the seeds:

{example}

{lesson}
::::

::::{{dropdown}} Measured before runs were stored: more searches, and networks and forests
{before}
::::

## On our own problems

The lab's [race](../chapters/06_your_turn/01_write_a_strategy.ipynb) has {n_problems} problems: formulas whose optimum is known, and tables of
real training runs. On three of them the losses are noisy. A score of 0 is random search with the same number of trials, and
100 is the optimum.

{race}

We developed `BayesianOptimization` on problems like these, and some of them are among the twelve. So this table flatters our
search; the first table does not.

## With eight workers

If eight trials run side by side, a search chooses each of them without knowing how the other seven will end. On five of our
problems, we compare 50 trials one after another with 50 trials on eight workers.

{workers}

{price}

## Under noise

On the same five problems, we add noise to every loss. Its standard deviation is worth 20 points of the score. The search then
has to say which of its 50 trials to deliver, and we score the true loss of that trial.

{noise}

{rules} An oracle that knew the true loss of every trial would deliver the best one. No rule for choosing among these trials can do better
than the oracle. The rest of the distance to a search without noise was lost earlier: noise misled the search itself.
"""


def results(name: str) -> dict[str, Any]:
    return json.loads((HERE / "results" / f"{name}.json").read_text(encoding="utf-8"))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, whose columns after the first are numbers."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def number(value: float, digits: int = 1) -> str:
    """Return a number with a true minus."""
    return f"{value:.{digits}f}".replace("-", "\u2212")


def plus_minus(mean: float, error: float) -> str:
    return f"{number(mean)} ± {error:.1f}"


def between(mean: float, error: float, n: int) -> str:
    """Return a mean with the ends of its interval, two standard errors to each side."""
    return f"{number(mean)} [{number(mean - two(n) * error)}, {number(mean + two(n) * error)}]"


def leads(found: dict[str, Any]) -> str:
    """Return the picture of the contest: how far ours leads each search, the closest rival first."""
    shown = [row for row in sorted(rows(found), key=lambda row: row["lead"][0]) if row["search"] != OURS]
    return drawn(
        ["search", "our lead, in points", "we are"],
        [[NAMES.get(row["search"], row["search"]), between(*row["lead"]), row["verdict"]] for row in shown],
    )


def drawn(head: list[str], rows: list[list[str]]) -> str:
    """Return a table whose intervals the page draws."""
    return f":::{{table}}\n:class: intervals\n\n{table(head, rows)}\n:::"


def challenge(found: dict[str, Any]) -> str:
    """Return the numbers of the contest, the best search first."""
    head = ["search", "seeds", "after 4 rounds", "after 8", "after 16", "trained again", "other rows", "ms per trial"]
    lines = []
    for row in rows(found):
        means = [number(row[what][0]) for what in ("after 4", "after 8", "after 16")]
        means += [plus_minus(*row["again"][:2]), number(row["held_out"][0]), number(row["milliseconds"][0])]
        means = means if row["whole"] else ["–"] * len(means)
        lines.append([NAMES.get(row["search"], row["search"]), str(row["seeds"]), *means])
    return table(head, lines)


def partly(found: dict[str, Any]) -> str:
    """Say which searches have run on some of the problems alone, and so have no means."""
    those = [row for row in rows(found) if not row["whole"]]
    if not those:
        return ""
    names = listed([NAMES.get(row["search"], row["search"]) for row in those])
    least = min(row["tasks"] for row in those)
    run, have = ("has run", "it has") if len(those) == 1 else ("have run", "they have")
    return f" {names[0].upper()}{names[1:]} {run} on {least} of the problems so far, so {have} a lead on these, but no means."


def means(found: dict[str, Any]) -> str:
    """Return the means that are left of searches whose runs nobody stored, and our leads if trained again."""
    lines = []
    for name, row in sorted(found["searches"].items(), key=lambda item: -item[1]["again"]):
        lead = "" if name == OURS else plus_minus(row["lead"]["mean"], bound(row["lead"]))
        shown = [number(row[what]) for what in ("score", "again", "held_out", "milliseconds")]
        lines.append([NAMES.get(name, name), str(row["n_seeds"]), lead, *shown])
    return table(["search", "seeds", "our lead", "after 16", "trained again", "other rows", "ms per trial"], lines)


def size(found: dict[str, Any]) -> str:
    """Say how many problems and runs there are."""
    from challenge.tasks import cheap, yard

    n_aside, n_shown = len(yard().intersection(cheap())), len(found["tasks"])
    n_others = len(cheap()) - n_aside
    shown = f"the other {n_shown}" if n_shown == n_others else f"{n_shown} of the other {n_others}"
    n_runs = int(np.isfinite(found["runs"][WHAT.index("again")]).sum())
    return (
        f"Of the {len(cheap())} such problems, we set {n_aside} aside at random, to try out changes to our searches. "
        f"The table shows {shown}. Each of its {n_runs:,} searches has 128 trials."
    )


def before(old: dict[str, Any], dearer: dict[str, Any]) -> str:
    """Say what was measured before runs were stored, and why it gives no verdict."""
    from challenge import tasks

    n_shown, n_aside = len(dearer["tasks"]), len(tasks.yard().intersection(tasks.dearer()))
    parts = [
        "When we measured these, the benchmark did not store its runs. Only means are left, from which no one can recompute a lead, so we give no verdict on them.",
        f"On the same {len(old['tasks'])} problems, with more searches:",
        means(old),
        f"Networks and random forests take longer to train. Another {n_shown + n_aside} of the contest's problems, most of them networks and forests, "
        f"take less than a third of a second. As above, we set some aside. On the other {n_shown}, each search ran with one seed:",
        means(dearer),
        "Here, the error of a lead is computed as if the two metrics of a model on one data set were correlated by one half.",
    ]
    return "\n\n".join(parts)


def bound(lead: dict[str, float | None]) -> float:
    """Return the error of an old lead over pairs: two metrics of one pair as if they were correlated by one half."""
    return max(math.sqrt(1.5) * (lead["over_tasks"] or 0), lead["over_seeds"] or 0)


def listed(names: Sequence[str], and_two: str = " and ") -> str:
    """Return names as a sentence lists them: "a", "a and b", or "a, b, and c"."""
    return and_two.join(names) if len(names) < 3 else f"{', '.join(names[:-1])}, and {names[-1]}"


def verdict(found: dict[str, Any]) -> str:
    """Say who is ahead of whom, and who shares the first place with ours."""
    names: dict[str, list[str]] = {"ahead": [], "level": [], "behind": []}
    for row in rows(found):
        if row["verdict"]:
            names[row["verdict"]].append(NAMES.get(row["search"], row["search"]))
    how = {"ahead": "**ahead of**", "level": "**level with**", "behind": "**behind**"}
    told = listed([f"{how[what]} {listed(those)}" for what, those in names.items() if those], ", and ")
    first = "" if names["level"] or names["behind"] else ", and so it is first"
    return f"`{OURS}` is {told}{first}."


def gap(found: dict[str, Any], what: str, one: str, other: str, than: str = "") -> tuple[float, float, int]:
    """Return how far a search leads another in what is stored, on the same tasks with the same seeds."""
    searches, other_what = list(found["searches"]), WHAT.index(than or what)
    lead = found["runs"][WHAT.index(what), searches.index(one)] - found["runs"][other_what, searches.index(other)]
    return mean_and_error(lead, found["tasks"])


def clear(mean: float, error: float, n: int) -> bool:
    return abs(mean) >= two(n) * error


def example(found: dict[str, Any]) -> str:
    """Return the losses of the task in which luck decides, as told and trained again."""
    lines = [[NAMES.get(name, name), f"{a:.3f}", f"{b:.3f}"] for name, a, b in in_the_example(found)]
    return table(["search", "loss that it reports", "trained again"], sorted(lines, key=lambda line: line[1]))


def in_the_example(found: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return the searches that have run on that task, each with its mean losses, as told and trained again."""
    each = zip(found["searches"], *found["example"], strict=True)
    return [(name, float(np.nanmean(a)), float(np.nanmean(b))) for name, a, b in each if np.isfinite(a).any()]


def lesson(found: dict[str, Any]) -> str:
    each = in_the_example(found)
    told, again = (min(each, key=lambda one: one[which]) for which in (1, 2))
    lowest, best = (NAMES.get(name, name) for name, *_ in (told, again))
    first = f"The lowest loss is reported by {lowest}. Trained again, its trees have a mean loss of {told[2]:.3f}"
    return f"{first}, which is still the lowest." if best == lowest else f"{first}; the best trees are those of {best}."


def recommended(found: dict[str, Any]) -> str:
    """Say what changes if ours delivers what it recommends."""
    change = gap(found, "recommended", OURS, OURS, "again")
    luck = "" if clear(*change) else ", which may be luck"
    return (
        f"Under noise, `hpt.recommend` weighs each loss against what the model expects. If that rule chooses the trial, the score "
        f"after training again changes by {plus_minus(*change[:2])} points{luck}."
    )


def others(found: dict[str, Any]) -> str:
    """Say whether the rows that nobody saw tell ours from random search."""
    lead = gap(found, "held_out", OURS, "RandomSearch")
    told = f"On these rows, our search is {apart(*lead[:2], 'ahead of', 'behind')} random search"
    return (
        f"{told}."
        if clear(*lead)
        else f"{told}, so the two are level: there are too few rows to show what the last improvements are worth."
    )


def apart(mean: float, error: float, more: str, less: str) -> str:
    """Say how many points more, or less, something has."""
    return f"{plus_minus(abs(mean), error)} points {more if mean >= 0 else less}"


def race() -> tuple[str, int]:
    """Return the table of the lab's own race, and its number of problems."""
    from hpt_lab.tools.race.searches import LAB, stored, suite

    def regret(name: str, problem: Any, n: int) -> Any:
        return stored()[f"{name}/{problem.name}"][..., n - 1] - problem.optimum

    lines = []
    for name in LAB:
        scores = [
            [100 * (1 - regret(name, one, n) / regret("random", one, n)) for one in suite().values()] for n in (30, 50)
        ]
        ends = [plus_minus(*by_seed(np.mean(one, axis=0))) for one in scores]
        lines.append(
            (
                -np.mean(scores[0]),
                [NAMES[name].removesuffix(" (this lab)"), *ends, number(1000 * stored()[f"seconds/{name}"])],
            )
        )
    head = ["search", "after 30 trials", "after 50 trials", "ms per trial"]
    return drawn(head, [line for _, line in sorted(lines)]), len(suite())


def by_seed(values: Any) -> tuple[float, float]:
    """Return the mean and the standard error of a number per seed."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


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


Points = dict[str, list[float]]


def limits(points: Points, names: dict[str, str], first: str) -> str:
    """Return what is reached, from a number of points per seed."""
    return drawn([first, "score"], [[shown, plus_minus(*by_seed(points[what]))] for what, shown in names.items()])


def difference(points: Points, one: str, other: str) -> tuple[float, float, int]:
    """Return how many points more one reaches than the other, seed by seed, with its error and the number of seeds."""
    gains = np.subtract(points[one], points[other])
    return *by_seed(gains), len(gains)


def price(points: Points) -> str:
    """Say how much of the loss is delay."""
    cost, delay, rest = (
        difference(points, *two)
        for two in (
            ("alone", "eight workers"),
            ("alone", "alone, seven fewer"),
            ("alone, seven fewer", "eight workers"),
        )
    )
    told = (
        f"Eight workers cost {plus_minus(*cost[:2])} points. A search that learns of each result seven trials late cannot use "
        f"its last seven results at all. A search of 43 trials is already {plus_minus(*delay[:2])} points behind one of 50. "
    )
    if rest[0] <= 0:
        return told + "So the delay by itself can account for the loss."
    cause = "is the price of choosing side by side" if clear(*rest) else "may be luck"
    return told + f"The rest, {plus_minus(*rest[:2])} points, {cause}. All these differences are taken seed by seed."


def rules(points: Points) -> str:
    """Say whether a rule for delivering is better than to deliver the lowest loss."""
    told = []
    for what in ("recommend", "posterior mean"):
        gain = difference(points, what, "told")
        luck = "" if clear(*gain) else ", which may be luck"
        told.append(
            f"{'By the same comparison' if told else 'Seed by seed'}, {NOISE[what]} is worth {apart(*gain[:2], 'more', 'less')} than the lowest loss{luck}."
        )
    return " ".join(told)


def rivals(found: dict[str, Any]) -> str:
    """Say as what the searches of others take part."""
    from challenge.searches import SEARCHES

    absent = [NAMES.get(name, name) for name in SEARCHES if name not in found["searches"]]
    means = {row["search"]: row["milliseconds"][0] for row in rows(found)}
    told = {
        "HEBO": f"HEBO, which won the contest, takes {means.get('HEBO', 0) / means[OURS]:.0f} times as long as ours to suggest a trial. Its model in the contest was a Gaussian process that warps its inputs. Version 0.3.6 of the package still contains it, but its default is another model.",
        "pySOT": "pySOT runs with today's libraries, not with those of its time.",
        "Nevergrad": "Nevergrad's own choice of an algorithm, NGOpt, fails with today's NumPy, so the table shows the one that bayesmark itself runs.",
        "scikit-optimize": "Of scikit-optimize, we use `Optimizer`, which suggests eight trials at once if it is asked for them: after each, it pretends that the trial has returned the lowest loss so far. Its functions, such as `gp_minimize`, suggest one trial at a time.",
        "TuRBO": "TuRBO runs from its [authors' code](https://github.com/uber-research/TuRBO), which is licensed for non-commercial use only.",
    }
    parts = [text for name, text in told.items() if name in found["searches"] or name == "scikit-optimize"]
    if absent:
        parts.append(f"The benchmark can also run {listed(absent)}, of which no runs are stored yet.")
    return " ".join(parts)


def page() -> str:
    """Return the page."""
    found, bounds = load(), results("limits")
    raced, n_problems = race()
    n_pairs = rows(found)[0]["lead"][2]
    parts = {
        "size": size(found), "leads": leads(found), "verdict": verdict(found), "challenge": challenge(found), "partly": partly(found),
        "one_seed": " (where a search has several)" if min(row["seeds"] for row in rows(found)) == 1 else "", "n_tasks": len(found["tasks"]), "n_pairs": n_pairs, "two": f"{two(n_pairs):.2f}",
        "before": before(results("challenge_before"), results("challenge_dearer")), "example": example(found), "lesson": lesson(found),
        "recommended": recommended(found), "others": others(found), "race": raced, "n_problems": {12: "twelve"}.get(n_problems, n_problems),
        "workers": limits(bounds["workers"], WORKERS, "how"), "price": price(bounds["workers"]),
        "noise": limits(bounds["noise"], NOISE, "what is delivered"), "rules": rules(bounds["noise"]), "rivals": rivals(found),
    }  # fmt: skip
    return PAGE_TEXT.format(**parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
