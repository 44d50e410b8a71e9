"""Searches with two objectives, ours and Optuna's: the hypervolume of the front after 50 and 100 trials.

    python benchmarks/bench_objectives.py --seeds 20 --store results.jsonl

Five problems, three formulas with known fronts and two tables of real training runs, none of which was used to choose how
Bayesian optimization treats several objectives (those were ZDT1, ZDT2, and the networks of `mlp_mnist` by error and size):

    zdt3        five hyperparameters; a front of five separate pieces (Zitzler, Deb and Thiele 2000)
    dtlz2       five hyperparameters; a quarter of a circle, concave (Deb, Thiele, Laumanns and Zitzler 2005)
    fonseca     four hyperparameters; concave (Fonseca and Fleming 1995)
    svm         `svm_mnist`: validation error, and seconds of training, which `durations` estimates; 4 320 combinations
    boosting    `boosting_boston`: variance unexplained, and log2 of the number of leaves; 15 120 combinations

The reference point is a tenth of the front's range beyond the worst value on the front, in each objective. The hypervolume
is a share, in percent, of that of the whole front: 100 is the front itself, 0 is no trial that dominates the reference.
Everyone sees a dimension as it lies on the unit interval: a stepped one as the number of its step. Optuna's NSGA-II
appears with its own population of 50 and with ours of 20; its TPE as it is, and with the multivariate kernels that
ours has. Needs Optuna; what is in the file of results is not run again.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.analysis import non_dominated

AT = (50, 100)  # trials
Losses = tuple[float, float]


@dataclass(frozen=True)
class TwoGoals:
    """Two losses on a space, and the front: shape (k, 2)."""

    space: hpt.Space
    losses: Callable[[Mapping[str, Any]], Losses]
    front: np.ndarray

    @property
    def reference(self) -> np.ndarray:
        low, high = self.front.min(axis=0), self.front.max(axis=0)
        return high + 0.1 * (high - low)

    def share(self, losses: list[Losses]) -> float:
        """Return the hypervolume of these trials, in percent of that of the front."""
        corner = self.reference.tolist()
        return 100 * hpt.hypervolume(losses, corner) / hpt.hypervolume(self.front, corner)


def _cube(n_dims: int, low: float = 0.0, high: float = 1.0) -> hpt.Space:
    return hpt.Space({f"x{j}": hpt.Float(low, high) for j in range(n_dims)})


def zdt3() -> TwoGoals:
    def height(x: Any, g: Any) -> Any:
        return g * (1 - np.sqrt(x / g) - x / g * np.sin(10 * np.pi * x))

    def losses(params: Mapping[str, Any]) -> Losses:
        x, *others = params.values()
        return x, float(height(x, 1 + 9 * np.mean(others)))

    x = np.linspace(0, 1, 2001)
    return TwoGoals(_cube(5), losses, _front(np.column_stack([x, height(x, 1.0)])))


def dtlz2() -> TwoGoals:
    def losses(params: Mapping[str, Any]) -> Losses:
        x, *others = params.values()
        radius, angle = 1 + sum((other - 0.5) ** 2 for other in others), x * math.pi / 2
        return radius * math.cos(angle), radius * math.sin(angle)

    angle = np.linspace(0, np.pi / 2, 2001)
    return TwoGoals(_cube(5), losses, np.column_stack([np.cos(angle), np.sin(angle)]))


def fonseca() -> TwoGoals:
    def both(x: np.ndarray) -> np.ndarray:
        return np.stack([1 - np.exp(-((x - sign / 2) ** 2).sum(axis=-1)) for sign in (1, -1)], axis=-1)

    def losses(params: Mapping[str, Any]) -> Losses:
        first, second = both(np.array(list(params.values()))).tolist()
        return first, second

    line = np.repeat(np.linspace(-0.5, 0.5, 2001)[:, None], 4, axis=1)
    return TwoGoals(_cube(4, -4, 4), losses, both(line))


def svm() -> TwoGoals:
    problem = problems.svm_mnist()
    duration, last = problems.durations(problem), problem.budgets[-1]

    def losses(params: Mapping[str, Any]) -> Losses:
        budget, own = params["hundreds"], {name: params[name] for name in problem.space}
        return problem(own, budget, None), round(duration(hpt.Trial(0, own, budget)), 6)

    space = hpt.Space(hundreds=hpt.Int(1, last, log=True, step=3), **problem.space.dimensions)
    return TwoGoals(space, losses, _front(_all(space, losses)))


def boosting() -> TwoGoals:
    problem = problems.boosting_boston()
    trees = problem.budgets

    def losses(params: Mapping[str, Any]) -> Losses:
        budget, own = trees[params["trees"]], {name: params[name] for name in problem.space}
        return problem(own, budget, None), math.log2(budget) + params["max_depth"]

    space = hpt.Space(trees=hpt.Int(0, len(trees) - 1), **problem.space.dimensions)
    return TwoGoals(space, losses, _front(_all(space, losses)))


def _all(space: hpt.Space, losses: Callable[[Mapping[str, Any]], Losses]) -> np.ndarray:
    grid = space.grid()
    return np.array([losses(grid[number]) for number in range(grid.size)])


def _front(losses: np.ndarray) -> np.ndarray:
    return np.unique(losses[non_dominated(losses)], axis=0)


PROBLEMS = {made.__name__: cache(made) for made in (zdt3, dtlz2, fonseca, svm, boosting)}

Search = Callable[[TwoGoals, int, int], tuple[list[Losses], float]]  # (problem, n_trials, seed) -> losses, CPU seconds


def ours(strategy: Callable[[], hpt.Strategy]) -> Search:
    def search(problem: TwoGoals, n_trials: int, seed: int) -> tuple[list[Losses], float]:
        study = hpt.Study(problem.space, strategy(), directions=["minimize", "minimize"], seed=seed)
        cpu = 0.0
        for _ in range(n_trials):
            started = time.process_time()
            trial = study.ask()
            cpu += time.process_time() - started
            study.tell(trial, problem.losses(trial.params))
        return [trial.values for trial in study.trials], cpu  # type: ignore[misc]

    return search


def optuna(kind: str, **options: Any) -> Search:
    def search(problem: TwoGoals, n_trials: int, seed: int) -> tuple[list[Losses], float]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        dimensions = problem.space.dimensions
        ranges: dict[str, Any] = {
            name: optuna.distributions.FloatDistribution(0, 1)
            if d.size == math.inf
            else optuna.distributions.IntDistribution(0, int(d.size) - 1)
            for name, d in dimensions.items()
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # experimental options
            sampler = getattr(optuna.samplers, kind)(seed=seed, **options)
        study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
        losses, cpu = [], 0.0
        for _ in range(n_trials):
            started = time.process_time()
            trial = study.ask(ranges)
            cpu += time.process_time() - started
            place = [trial.params[name] for name in ranges]
            u = [
                p if d.size == math.inf else (p + 0.5) / d.size for p, d in zip(place, dimensions.values(), strict=True)
            ]
            losses.append(problem.losses(problem.space.decode(np.array(u))))
            started = time.process_time()
            study.tell(trial, losses[-1])
            cpu += time.process_time() - started
        return losses, cpu

    return search


SEARCHES: dict[str, Search] = {
    "BayesianOptimization": ours(hpt.BayesianOptimization),
    "TPE": ours(hpt.TPE),
    "GeneticAlgorithm": ours(hpt.GeneticAlgorithm),
    "QuasiRandomSearch": ours(hpt.QuasiRandomSearch),
    "RandomSearch": ours(hpt.RandomSearch),
    "Optuna TPE": optuna("TPESampler"),
    "Optuna TPE, multivariate": optuna("TPESampler", multivariate=True),
    "Optuna NSGA-II": optuna("NSGAIISampler"),
    "Optuna NSGA-II of 20": optuna("NSGAIISampler", population_size=20),
}


def run(store: Path, names: list[str], searches: list[str], seeds: range) -> list[dict[str, Any]]:
    """Run what is not in the file yet, add it there, and return all rows."""
    rows = [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()] if store.exists() else []
    done = {(row["problem"], row["search"], row["seed"]) for row in rows}
    for seed in seeds:
        for name in names:
            for which in searches:
                if (name, which, seed) in done:
                    continue
                losses, cpu = SEARCHES[which](PROBLEMS[name](), AT[-1], seed)
                shares = [round(PROBLEMS[name]().share(losses[:n]), 3) for n in AT]
                row = {"problem": name, "search": which, "seed": seed, "share": shares, "ms": round(10 * cpu, 2)}
                rows.append(row)
                with store.open("a", encoding="utf-8", newline="\n") as file:
                    file.write(json.dumps(row) + "\n")
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print, for each number of trials, a row for each search: mean and standard error over the seeds on each problem."""
    names = [name for name in PROBLEMS if any(row["problem"] == name for row in rows)]
    for i, n in enumerate(AT):
        print(f"\nhypervolume after {n} trials, percent of the front's: mean ± standard error over the seeds")
        print(f"{'':26}" + "".join(f"{name:>14}" for name in names) + f"{'CPU ms':>9}")
        for which in SEARCHES:
            cells, own = "", [row for row in rows if row["search"] == which]
            for name in names:
                shares = np.array([row["share"][i] for row in own if row["problem"] == name])
                error = shares.std(ddof=1) / math.sqrt(len(shares)) if len(shares) > 1 else math.nan
                cells += f"{shares.mean():8.1f} ±{error:4.1f}" if len(shares) else f"{'-':>14}"
            if own:
                print(f"{which:26}{cells}{np.mean([row['ms'] for row in own]):9.1f}")


@pytest.mark.benchmark
def test_bayesian_optimization_is_ahead_of_random_search_in_two_objectives(tmp_path: Path) -> None:
    rows = run(tmp_path / "rows.jsonl", ["fonseca", "svm"], ["BayesianOptimization", "RandomSearch"], range(3))
    show(rows)
    ahead = {
        which: np.mean([row["share"][0] for row in rows if row["search"] == which])
        for which in ("BayesianOptimization", "RandomSearch")
    }
    assert ahead["BayesianOptimization"] > ahead["RandomSearch"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", nargs="+", choices=PROBLEMS, default=list(PROBLEMS))
    parser.add_argument("--searches", nargs="+", choices=SEARCHES, default=list(SEARCHES))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--store", type=Path, default=Path("objectives.jsonl"))
    options = parser.parse_args()
    show(run(options.store, options.problems, options.searches, range(options.first, options.first + options.seeds)))


if __name__ == "__main__":
    main()
