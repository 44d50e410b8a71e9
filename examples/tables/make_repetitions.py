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
READS = re.compile(
    r"^(?:stored|finals|squares|rules|prices|wrong) = ", re.MULTILINE
)  # where a cell begins to use its table
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
    return _short(tables | {"random forest": np.array([names["forest_error"](seed) for seed in range(20)])})


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
    return _short(tables)


def learned() -> Tables:
    """Return shares and what else one knows of each case, (seeds, cases, numbers), and lowest losses in millionths."""
    lesson = "05_trade_offs/10_what_did_the_search_learn"
    names = names_of(lesson, "def search(", "def carried_over", names=names_of(lesson, "", "def learned"))
    lowest = [
        [problem.optimum_at(problem.training(seed)) + names["carried_over"](problem, seed) for seed in range(20)]
        for problem in names["three"].values()
    ]
    return {
        "importance": np.array([names["learned"](seed) for seed in range(names["REPEATS"])], np.float32),
        "carried over": np.round(1e6 * np.array(lowest)).astype(np.int32),
    }


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
    """Return the accuracies of each setting that the lesson trains with several seeds, (seeds,), and of those drawn from a space."""
    tables: Tables = {}

    def with_seeds(name: str, setting: Names, seeds: range = range(1, 8)) -> np.ndarray:
        tables[name] = np.array([names["accuracy"](**setting, seed=seed) for seed in seeds])
        return tables[name]

    def drawn_from(name: str, settings: list[Names]) -> np.ndarray:
        tables[f"drawn, {name}"] = np.array([names["accuracy"](**setting) for setting in settings])
        return tables[f"drawn, {name}"]

    names: Names = {"with_seeds": with_seeds, "drawn_from": drawn_from}
    names_of("03_the_solution/02_mnist_in_thirty_trials", "", "doubled = ", names=names)
    return tables


def nested() -> Tables:
    """Return two estimates of the error of each search's winner, and the truth: (searches, 3)."""
    names = names_of("05_trade_offs/05_honest_evaluation", "", "def judge")
    return {"errors": np.array([names["judge"](seed) for seed in range(names["SEARCHES"])])}


def nobody_waits() -> Tables:
    """Return regret and busy share (strategies, seeds, 2), regrets after some epochs (seeds, searches), and full runs (searches, seeds)."""
    lesson = "05_trade_offs/02_nobody_waits"
    names = names_of(lesson, "def price", names=names_of(lesson, "", "def searched"))
    seeds = range(names["SEEDS"])
    paid = [
        [names["price"](table, s, seed, resumes) for seed in seeds] for table, s, resumes in names["payers"].values()
    ]
    return {
        "searches": np.array(
            [[names["searched"](name, seed) for seed in seeds] for name in names["entrants"]], np.float32
        ),
        "finals": np.hstack([names["regret"](name, len(seeds)) for name in names["races"]]).astype(np.float32),
        "paid": np.array(paid, np.float32),
    }


def slopes() -> Tables:
    """Return how many images a network misclassifies, (seeds, learning rates)."""
    names = names_of("04_how_it_works/01_two_loops", "", "steps = [")
    parts = {"far": (names["far"], 5), "near": (names["near"], 5), "steps": (names["steps"], 20)}
    errors = {
        part: np.array([[names["error"](rate, seed) for rate in rates] for seed in range(n_seeds)])
        for part, (rates, n_seeds) in parts.items()
    }
    return {part: np.round(values * len(names["data"].y_valid)).astype(np.int16) for part, values in errors.items()}


def stop_early() -> Tables:
    """Return the regrets of each search, (seeds, looks), and the full runs that others pay for, (searches, seeds)."""
    lesson = "05_trade_offs/01_stop_early"
    names = names_of(lesson, "tables = {", "def price", names=names_of(lesson, "", "def regrets"))
    tables = {
        name: np.array([names["regrets"](*how, seed) for seed in range(40)]) for name, how in names["searches"].items()
    }
    prices = [[names["price"](unit, s, seed) for seed in range(40)] for (unit, _), s in names["payers"].items()]
    return tables | {"prices": np.array(prices, np.float32)}


def suspicion() -> Tables:
    """Return each search's losses in units of 1e-8, seen and true, after 30 and perhaps 40 trials: (problems, seeds, 2, 1 or 2)."""
    names = names_of("06_your_turn/03_read_a_table_with_suspicion", "", "def looks")
    tables = {
        name: np.array([[names["looks"](name, p, seed) for seed in names["SEEDS"]] for p in names["chosen"]])
        for name in names["searches"]
    }
    return {name: np.round(1e8 * losses).astype(np.int32) for name, losses in tables.items()}


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
    """Return the regrets at the end of the searches on each problem, (seeds, strategies), and the wrong rows of each tree."""
    names = names_of("04_how_it_works/05_tpe", "", "def tree_error")
    errors = np.array([names["tree_error"](params) for params in names["combinations"]])
    names["wrong"] = np.round(errors * len(names["y_other"])).astype(np.int16)
    names = names_of("04_how_it_works/05_tpe", "arena = {", names=names)
    valley, end = names["problem"], names["last_regrets"]
    tables = {valley.name: end(names["rivals"], valley, 50, 100).to_numpy()}
    tables |= {name: end(names["strategies"], task, 40, 20).to_numpy() for name, task in names["arena"].items()}
    return _short(tables) | {"wrong rows": names["wrong"]}


def waits() -> Tables:
    """Return how many trials each of a hundred searches takes to reach the target: (strategies, seeds)."""
    names = names_of("04_how_it_works/06_what_thinking_costs", "", "def wait(")
    every = [[names["wait"](strategy, seed) for seed in range(100)] for strategy in names["strategies"].values()]
    return {"waits": np.array(every, np.int16)}


def _short(tables: Tables) -> Tables:
    return {name: values.astype(np.float32) for name, values in tables.items()}


MAKERS = {
    maker.__name__: maker
    for maker in (
        cluster,
        ensembles,
        ingredients,
        learned,
        lost_leads,
        mnist_seeds,
        nested,
        nobody_waits,
        slopes,
        stop_early,
        suspicion,
        thirty_trials,
        tpe,
        waits,
    )
}


def main() -> None:
    for name in sys.argv[1:] or MAKERS:
        np.savez_compressed(ROOT / "hpt_lab" / "data" / f"{name}.npz", **MAKERS[name]())


if __name__ == "__main__":
    main()
