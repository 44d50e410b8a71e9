"""Make hpt_lab/data/race.npz: the true losses of the lab's own strategies on the problems of the race, after each trial.

    python examples/tables/make_race.py                 all of them: three minutes of one core
    python examples/tables/make_race.py sgd_cancer      the problems that have changed; the rest stays as it is

Run it after a change of a problem, of the suite, or of a strategy's decisions: a test compares some of what is stored with
the same computed anew. The times to think are those of the machine that made all of it.
"""

from __future__ import annotations

import sys

import numpy as np

from hpt_lab.strategies import RandomSearch
from hpt_lab.tools.race.searches import LAB, N_STORED, REFERENCE, SEEDS_STORED, STORE, Search, Timed, suite


def main(names: list[str]) -> None:
    problems = [suite()[name] for name in names or suite()]
    stored: dict[str, np.ndarray] = {}
    if names:
        with np.load(STORE) as file:
            stored.update(file)
    for problem in problems:
        losses = [Search(problem, seed).run(RandomSearch(), N_STORED) for seed in REFERENCE]
        stored[f"random/{problem.name}"] = np.array(losses).mean(axis=0)
    for name, strategy in LAB.items():
        timed = Timed(strategy)
        for problem in problems:
            losses = [Search(problem, seed).run(timed, N_STORED) for seed in SEEDS_STORED]
            stored[f"{name}/{problem.name}"] = np.array(losses)
        if not names:
            stored[f"seconds/{name}"] = np.array(round(float(np.mean(timed.seconds)), 5))
        print(f"{name}: {sum(timed.seconds):.0f} s of thinking")
    np.savez_compressed(STORE, **stored)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1:])
