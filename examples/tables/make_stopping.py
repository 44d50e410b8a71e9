"""Make hpt_lab/data/stopping.npz: searches with stopping rules, and the curves of boosting, for *Will this curve get there?*

    python examples/tables/make_stopping.py             five minutes of one core
    python examples/tables/make_stopping.py searches    two minutes: keep the curves

`trees` is the loss of 240 configurations of the table `boosting_boston`, seed 0, after each of 81 trees, times 10,000:
the table has five of these numbers of trees. `configs` are their places in its grid. `searches` is (search, seed,
number) and `pools` is (table, rule, seed, number), made by the lesson's own functions. Run it after a change of these
strategies or rules: a test compares what is stored.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold

from hpt_lab import datasets, problems

ROOT = Path(__file__).resolve().parents[2]
LESSON = ROOT / "chapters/07_past_the_textbook/03_will_this_curve_get_there.md"
STORE = ROOT / "hpt_lab/data/stopping.npz"
MARKS = ("import matplotlib", "def spend(", "def draw_from(")  # of the cells that the script runs
SEEDS, UNIT = range(40), 10_000


def lesson() -> dict[str, Any]:
    """Run the lesson's imports, and the cells with the functions that are repeated over the seeds; return all names."""
    names: dict[str, Any] = {}
    for cell in re.findall(r"```\{code-cell\} ipython3\n(.*?)\n```", LESSON.read_text(encoding="utf-8"), re.DOTALL):
        if any(mark in cell for mark in MARKS):
            exec(re.sub(r"\A---\n.*?\n---\n|\A:tags:.*\n", "", cell, flags=re.DOTALL), names)
    return names


def curve(params: Any, n_trees: int = 81) -> np.ndarray:
    """Return the loss after 1, 2, ..., `n_trees` trees."""
    data, folds = datasets.boston(), []
    for train, test in KFold(3, shuffle=True, random_state=0).split(data.X_cv):
        model = GradientBoostingRegressor(n_estimators=n_trees, random_state=0, **params)
        stages = model.fit(data.X_cv[train], data.y_cv[train]).staged_predict(data.X_cv[test])
        folds.append([1 - r2_score(data.y_cv[test], predicted) for predicted in stages])
    return np.minimum(np.mean(folds, axis=0), 2.0)


def trees() -> dict[str, np.ndarray]:
    """Return the curves of 240 configurations, drawn at random from the grid, and their places in it."""
    grid = list(problems.boosting_boston().space.grid())
    places = np.sort(np.random.default_rng(7).choice(len(grid), 240, replace=False))
    curves = [curve(grid[place]) for place in places]
    return {"configs": places.astype(np.int16), "trees": np.rint(UNIT * np.array(curves)).astype(np.int16)}


def main(kept: dict[str, np.ndarray]) -> None:
    names, stored = lesson(), kept or trees()
    stored["searches"] = np.array(
        [[names["spend"](*how, seed) for seed in SEEDS] for how in names["SEARCHES"].values()]
    )
    problem = problems.mlp_mnist(n_seeds=10)
    epochs = [np.array([problem.values(seed, n).ravel() for n in problem.budgets]).T for seed in range(problem.n_seeds)]
    pools = epochs, [stored["trees"] / UNIT]
    stored["pools"] = np.array(
        [
            [
                [names["draw_from"](pool[seed % len(pool)], rule, seed) for seed in SEEDS]
                for rule in names["RULES"].values()
            ]
            for pool in pools
        ]
    )
    stored |= {name: stored[name].astype(np.int16) for name in ("searches", "pools")}
    np.savez_compressed(STORE, **stored)  # type: ignore[arg-type]


if __name__ == "__main__":
    main({name: np.load(STORE)[name] for name in ("configs", "trees")} if "searches" in sys.argv else {})
