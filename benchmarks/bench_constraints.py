"""Searches within limits: the best feasible regret after 25 and 50 trials, ours and Optuna's, in the same run.

    python benchmarks/bench_constraints.py --results constraints.json

Nine problems; in all but `waves`, the best feasible point is on the border of a constraint. `toy` and `vessel` chose what
`hpt_lab.surrogates.feasibility` does; the others judge it:

    network         validation error of `mlp_mnist`, with at most 60 000 weights (a table of real training runs)
    toy             Gramacy et al. (2016), section 5, a toy problem: x1 + x2 under two curved constraints
    waves, needle   Gardner et al. (2014), simulations 1 and 2; the second has a tiny feasible region
    disk            Branin's function in a disk that excludes all three minima
    ball            Hartmann's function of six dimensions in a ball that excludes its minimum
    vessel          a pressure vessel: four dimensions, three constraints, as in Coello and Montes (2002), all continuous
    twenty          `network20`, with at most 50 000 weights in its hidden layers: twenty dimensions, of several types
    forest          mean absolute error of `forest_boston`, with at most 400 for the trees times their depth (a table)

Every search gets the value and the constraints of each trial. `penalty 1` and `penalty 100` get the loss plus 1 or 100
times the sum of the violations, and `failing` only an error where a constraint is broken. Regret is that of the best
feasible trial; before there is one, it counts as the regret of the worst feasible point found on a grid. Printed are
means and standard errors over the seeds, and the number of seeds without a feasible trial. It is resumable: a result that is in the
file is not computed again. Optuna's Gaussian process needs torch.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.problems.formulas import NETWORK20_BEST

N_TRIALS, AFTER = 50, (25, 50)
Params = dict[str, Any]


@dataclass(frozen=True)
class Limited:
    """A problem with constraints: `train(params)` returns the loss and, by name, values that are feasible up to 0."""

    space: hpt.Space
    train: Callable[[Params], tuple[float, dict[str, float]]]
    optimum: float
    worst: float  # loss that counts before the first feasible trial


def _formula(bounds: dict[str, tuple[float, float]], f: Callable, optimum: float, worst: float) -> Limited:
    space = hpt.Space({name: hpt.Float(low, high) for name, (low, high) in bounds.items()})

    def train(params: Params) -> tuple[float, dict[str, float]]:
        loss, *broken = f(*(params[name] for name in bounds))
        return float(loss), {f"c{i}": float(value) for i, value in enumerate(broken)}

    return Limited(space, train, optimum, worst)


def _network() -> Limited:
    table = problems.mlp_mnist()

    def train(p: Params) -> tuple[float, dict[str, float]]:
        u, v = p["units_1"], p["units_2"]
        weights = 785 * u + (u + 1) * v + (v + 1) * 10
        return table(p, seed=None), {"weights": weights - 60_000}

    return _tabulated(table.space, train)


def _forest() -> Limited:
    table = problems.forest_boston("mean_absolute_error")
    return _tabulated(
        table.space, lambda p: (table(p, seed=None), {"work": p["max_depth"] * p["n_estimators"] - 400.0})
    )


def _tabulated(space: hpt.Space, train: Callable) -> Limited:
    inside = [loss for loss, broken in map(train, space.grid()) if max(broken.values()) <= 0]
    return Limited(space, train, min(inside), max(inside))


def _toy(x: float, y: float) -> tuple[float, ...]:
    return x + y, 1.5 - x - 2 * y - 0.5 * math.sin(2 * math.pi * (x * x - 2 * y)), x * x + y * y - 1.5


def _disk(x: float, y: float) -> tuple[float, ...]:
    return problems.branin()({"x1": x, "x2": y}), (x - 2.5) ** 2 + (y - 7.5) ** 2 - 20


def _ball(*x: float) -> tuple[float, ...]:
    return problems.hartmann6()({f"x{i + 1}": value for i, value in enumerate(x)}), math.hypot(*x) - 0.8


def _vessel(shell: float, head: float, radius: float, length: float) -> tuple[float, ...]:
    cost = 0.6224 * shell * radius * length + 1.7781 * head * radius**2
    cost += 3.1661 * shell**2 * length + 19.84 * shell**2 * radius
    volume = math.pi * radius**2 * length + 4 / 3 * math.pi * radius**3
    return cost / 1000, 0.0193 * radius - shell, 0.00954 * radius - head, (1_296_000 - volume) / 1000


def _twenty() -> Limited:
    problem = problems.network20()
    best = dict(zip(problem.space, NETWORK20_BEST, strict=True))

    def train(p: Params) -> tuple[float, dict[str, float]]:
        return problem(p), {"weights": p["depth"] * p["width"] ** 2 - 50_000.0}

    optimum = min(
        problem({**best, "depth": depth, "width": width, "dropout": dropout})
        for depth in range(1, 13)
        for width in range(max(16, math.isqrt(50_000 // depth) - 3), math.isqrt(50_000 // depth) + 1)
        for dropout in np.linspace(0.1, 0.3, 41)
    )
    return Limited(problem.space, train, optimum, 0.9)


unit = (0.0, 1.0)
MADE: dict[str, Callable[[], Limited]] = {
    "network": _network,
    "toy": lambda: _formula({"x": unit, "y": unit}, _toy, 0.599788, 2.0),
    "waves": lambda: _formula(
        {"x": (0, 6), "y": (0, 6)},
        lambda x, y: (math.cos(2 * x) * math.cos(y) + math.sin(x), math.cos(x + y) - 0.5),
        -2.0,
        2.0,
    ),
    "needle": lambda: _formula(
        {"x": (0, 6), "y": (0, 6)}, lambda x, y: (math.sin(x) + y, math.sin(x) * math.sin(y) + 0.95), 0.253236, 6.0
    ),
    "disk": lambda: _formula({"x": (-5, 10), "y": (0, 15)}, _disk, 0.939476, 111.0),
    "ball": lambda: _formula({f"x{i}": unit for i in range(6)}, _ball, -2.959443, 0.0),
    "vessel": lambda: _formula(
        {"shell": (0.0625, 6.1875), "head": (0.0625, 6.1875), "radius": (10, 200), "length": (10, 200)},
        _vessel,
        5.885333,
        100.0,
    ),
    "twenty": _twenty,
    "forest": _forest,
}


def _learned_from(problem: Limited, limits: str, penalty: float) -> Callable[[Params], Any]:
    """Return the objective of `hpt_lab`, which reports the constraints, adds a penalty, or fails."""

    def objective(params: Params) -> Any:
        loss, broken = problem.train(params)
        if limits == "reported":
            return {"value": loss, "constraints": broken}
        excess = sum(max(0.0, value) for value in broken.values())
        if limits == "failing" and excess > 0:
            raise ArithmeticError("a constraint is broken")
        return loss + penalty * excess

    return objective


OURS: dict[str, tuple[Callable[[], Any], str, float]] = {  # strategy, how it learns of the limits, penalty
    "random": (hpt.RandomSearch, "reported", 0.0),
    "TPE": (hpt.TPE, "reported", 0.0),
    "genetic": (hpt.GeneticAlgorithm, "reported", 0.0),
    "Bayesian": (hpt.BayesianOptimization, "reported", 0.0),
    "penalty 1": (hpt.BayesianOptimization, "penalty", 1.0),
    "penalty 100": (hpt.BayesianOptimization, "penalty", 100.0),
    "failing": (hpt.BayesianOptimization, "failing", 0.0),
}
THEIRS = {"Optuna TPE": "TPESampler", "Optuna NSGA-II": "NSGAIISampler", "Optuna GP": "GPSampler"}


def ours(problem: Limited, name: str, seed: int) -> list[Params]:
    """Return the params of the trials of one search of ours, in order."""
    strategy, limits, penalty = OURS[name]
    objective = _learned_from(problem, limits, penalty)
    study = hpt.Study(problem.space, strategy(), seed=seed)
    with contextlib.suppress(ArithmeticError):  # raised at the end if every trial failed
        hpt.run(study, objective, N_TRIALS, progress=False)
    return [dict(trial.params) for trial in study.trials]


def theirs(problem: Limited, name: str, seed: int) -> list[Params]:
    """Return the params of the trials of one search of Optuna's, in order."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    tried: list[Params] = []

    def objective(trial: Any) -> float:
        params = {
            dim_name: trial.suggest_categorical(dim_name, list(dim.choices))
            if isinstance(dim, hpt.Categorical)
            else _number(trial, dim_name, dim)
            for dim_name, dim in problem.space.dimensions.items()
        }
        tried.append(params)
        loss, broken = problem.train(params)
        trial.set_user_attr("broken", list(broken.values()))
        return loss

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constraints are experimental there
        sampler = getattr(optuna.samplers, THEIRS[name])(
            seed=seed, constraints_func=lambda trial: trial.user_attrs["broken"]
        )
        optuna.create_study(sampler=sampler).optimize(objective, n_trials=N_TRIALS)
    return tried


def _number(trial: Any, name: str, dim: Any) -> float:
    """Suggest a number; of a dimension with finitely many values that are no integers in a row, the place of its value."""
    if dim.step is not None:
        values = dim.values()
        return values[trial.suggest_int(name, 0, len(values) - 1)]
    suggest = trial.suggest_int if isinstance(dim, hpt.Int) else trial.suggest_float
    return suggest(name, dim.low, dim.high, log=dim.log)


def regrets(problem: Limited, tried: list[Params]) -> list[float]:
    """Return the best feasible regret after each trial."""
    best, path = math.inf, []
    for params in tried:
        loss, broken = problem.train(params)
        if max(broken.values()) <= 0:
            best = min(best, loss)
        path.append(min(best, problem.worst) - problem.optimum)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", default="constraints.json", help="file with the results so far")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--problems", nargs="*", default=list(MADE))
    parser.add_argument("--searches", nargs="*", default=[*OURS, *THEIRS])
    options = parser.parse_args()
    file = Path(options.results)
    results: dict[str, list[float]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for problem_name in options.problems:
        problem = MADE[problem_name]()
        print(f"\n{problem_name:15}" + "".join(f"{f'after {n}':>22}" for n in AFTER) + "   nothing feasible")
        for name in options.searches:
            for seed in range(options.seeds):
                key = f"{problem_name}/{name}/{seed}"
                if key not in results:
                    search = ours if name in OURS else theirs
                    path = regrets(problem, search(problem, name, seed))
                    results[key] = [path[n - 1] for n in AFTER]
                    file.write_text(json.dumps(results), encoding="utf-8")
            runs = np.array([results[f"{problem_name}/{name}/{seed}"] for seed in range(options.seeds)])  # (n_seeds, 2)
            errors = runs.std(axis=0, ddof=1) / math.sqrt(len(runs))
            row = "".join(
                f"{mean:12.4g} ± {error:<7.2g}" for mean, error in zip(runs.mean(axis=0), errors, strict=True)
            )
            empty = int((runs[:, -1] >= problem.worst - problem.optimum).sum())
            print(f"{name:15}{row}   {empty:2} of {len(runs)}", flush=True)


if __name__ == "__main__":
    main()
