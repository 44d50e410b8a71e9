"""Make the tables of repeated searches that lessons read, hpt_lab/data/NAME.npz, for the names of `MAKERS`.

    python examples/tables/make_repetitions.py ensembles         a minute of one core or less for each name

The script runs the lesson's own cells up to the function that searches, and calls it for all seeds. Run it after a change
of these cells, or of what one of their strategies decides: the lesson repeats a few searches and compares them with what is
stored.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import jupytext
import numpy as np

import hpt_lab as hpt
from hpt_lab import problems

ROOT = Path(__file__).resolve().parents[2]
READS = re.compile(r"^(?:stored|finals|squares|rules) = ", re.MULTILINE)  # where a cell begins to use its table
Names, Tables = dict[str, Any], dict[str, np.ndarray]


def names_of(lesson: str, *parts: str, names: Names | None = None) -> Names:
    """Run the cells of a lesson that hold one of `parts`, up to the one with the last part, each as far as it reads no table."""
    names = {} if names is None else names
    names |= {"np": np, "hpt": hpt, "problems": problems}
    for cell in jupytext.read(ROOT / "chapters" / f"{lesson}.md").cells:
        if cell.cell_type == "code" and any(part in cell.source for part in parts):
            exec(READS.split(cell.source)[0], names)
            if parts[-1] in cell.source:
                return names
    raise ValueError(f"{lesson}: no cell holds {parts[-1]!r}")


def cluster() -> Tables:
    """Return the seconds to the target of each strategy and number of workers, for five seeds, and the mean of missing results."""
    names = names_of("05_trade_offs/08_from_laptop_to_cluster", "svm = problems.svm_mnist()", "RIVALS = {")
    pairs = [(name, w) for name, (_, _, counts) in names["RIVALS"].items() for w in counts]
    return {f"{name}, {w}": np.append(*names["measured"](name, w)) for name, w in pairs}


def ensembles() -> Tables:
    """Return the errors of each search, (splits, numbers), and those of an untuned forest, (splits,)."""
    names = names_of("05_trade_offs/04_ensembles", "", "def evaluate")
    tables = {
        name: np.array([list(names["run_split"](name, seed).values()) for seed in range(n_splits)])
        for name, (*_, n_splits) in names["SEARCHES"].items()
    }
    return tables | {"random forest": np.array([names["forest_error"](seed) for seed in range(20)])}


def ingredients() -> Tables:
    """Return the regrets of each version and problem: (trials, seeds)."""
    names = names_of("04_how_it_works/04_the_loop", "def regrets")
    on, pair, tables = list(names["ON"]), {"near the best", "refinement"}, {}
    without = [[other for other in on if other != name] for name in on]
    for version in ([], *([name] for name in on), sorted(pair), *without, on):
        n_seeds = 16 if pair.issuperset(version) else names["N_SEEDS"]
        searched = names["search"](names["version"](*version), problems.hartmann6(), n_seeds)
        tables[f"hartmann6, {names['label'](version)}"] = searched.to_numpy()
    for problem in ("hartmann6", "svm_digits", "forest_boston"):
        for rival, strategy in names["RIVALS"].items():
            if (key := f"{problem}, {rival}") not in tables:
                tables[key] = names["search"](strategy, problems.get(problem), names["N_SEEDS"]).to_numpy()
    return {name: regrets.astype(np.float32) for name, regrets in tables.items()}


def lost_leads() -> Tables:
    """Return, in hundred-thousandths, true regrets and numbers of squares (players, seeds, 1 or 3), and losses (cases, seeds, rules)."""
    lesson = "05_trade_offs/06_when_bayesian_optimization_loses"
    names = names_of(lesson, "N, SEEDS =", "def true_loss", "def judge", "class FixedBelief", "def board", "def opened")
    names = names_of(lesson, "def noisy", "def deliver(", "def delivered", names=names)
    judge, search, opened = names["judge"], names["search"], names["opened"]
    forty, cases, found = (
        range(names["FORTY"]),
        (names["cases"] | {"lottery": (None, 0)}).values(),
        dict[str, list[Any]](),
    )
    for value in names["lengthscales"][1:]:
        regrets = [judge(search(names["FixedBelief"](value), names["plain"], seed))[:1] for seed in forty]
        found[f"lengthscale {value}"] = [regrets]
    for sd in (20, 60):
        found[f"noise, s.d. {sd}"] = [
            [judge(search(player(), names["noisy"](sd), seed)) for seed in range(60)]
            for player in names["players"].values()
        ]
    found["squares"] = [[opened(player, seed) for seed in forty] for player in names["players"].values()]
    found["delivered"] = [[names["delivered"](objective, first + i) for i in forty] for objective, first in cases]
    return {name: np.round(1e5 * np.array(rows)).astype(np.int32) for name, rows in found.items()}


def mnist_seeds() -> Tables:
    """Return the accuracies of each setting that the lesson trains with several seeds: (seeds,)."""
    tables: Tables = {}

    def with_seeds(name: str, setting: Names, seeds: range = range(1, 8)) -> np.ndarray:
        tables[name] = np.array([names["accuracy"](**setting, seed=seed) for seed in seeds])
        return tables[name]

    names: Names = {"with_seeds": with_seeds}
    names_of("03_the_solution/02_mnist_in_thirty_trials", "", "doubled = ", names=names)
    return tables


def nested() -> Tables:
    """Return two estimates of the error of each search's winner, and the truth: (searches, 3)."""
    names = names_of("05_trade_offs/05_honest_evaluation", "", "def judge")
    return {"errors": np.array([names["judge"](seed) for seed in range(names["SEARCHES"])])}


def stop_early() -> Tables:
    """Return the regrets of each search: (seeds, looks)."""
    names = names_of("05_trade_offs/01_stop_early", "", "def regrets")
    return {
        name: np.array([names["regrets"](*how, seed) for seed in range(40)]) for name, how in names["searches"].items()
    }


def thirty_trials() -> Tables:
    """Return the places in the table of the settings that each strategy tried: (searches, trials); also on ten networks."""
    names = names_of("03_the_solution/03_does_learning_pay", "", "def tried")
    strategies = {"random": hpt.RandomSearch(), "bayesian": hpt.BayesianOptimization()}
    tables = {
        name: np.array([names["tried"](strategy, seed) for seed in range(120)], np.uint8)
        for name, strategy in strategies.items()
    }
    names["runs"] = [(27, network) for network in range(names["problem"].n_seeds)]
    return tables | {
        f"{name}, ten networks": np.array([names["tried"](strategy, seed) for seed in range(40)], np.uint8)
        for name, strategy in strategies.items()
    }


def tpe() -> Tables:
    """Return the regrets at the end of the searches on each problem: (seeds, strategies)."""
    names = names_of("04_how_it_works/05_tpe", "", "arena = {")
    valley, end = names["problem"], names["last_regrets"]
    tables = {valley.name: end(names["rivals"], valley, 50, 100).to_numpy()}
    return tables | {name: end(names["strategies"], task, 40, 20).to_numpy() for name, task in names["arena"].items()}


MAKERS = {
    maker.__name__: maker
    for maker in (cluster, ensembles, ingredients, lost_leads, mnist_seeds, nested, stop_early, thirty_trials, tpe)
}


def main() -> None:
    for name in sys.argv[1:] or MAKERS:
        np.savez_compressed(ROOT / "hpt_lab" / "data" / f"{name}.npz", **MAKERS[name]())


if __name__ == "__main__":
    main()
