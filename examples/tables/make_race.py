"""Make race.npz: what the lab's own strategies find on the problems of the race, with every seed, after every trial.

    python examples/tables/make_race.py                 all of them: three minutes of one core
    python examples/tables/make_race.py sgd_cancer      what has changed, and the rest as it is

A change of a problem, of the suite, or of a strategy's decisions asks for it: a test compares some of what is stored with
the same computed anew. The times to think are those of the machine that made all of it.
"""

from __future__ import annotations

import sys

import numpy as np

from hpt_lab.race.course import search, suite
from hpt_lab.race.lab import LAB, N_STORED, REFERENCE, SEEDS_STORED, STORE, Timed
from hpt_lab.strategies import RandomSearch


def main(names: list[str]) -> None:
    problems = [suite()[name] for name in names or suite()]
    stored: dict[str, np.ndarray] = {}
    if names:
        with np.load(STORE) as file:
            stored.update(file)
    for problem in problems:
        searches = [search(RandomSearch(), problem, seed, N_STORED) for seed in REFERENCE]
        stored[f"random/{problem.name}"] = np.array(searches).mean(axis=0)
    for name, strategy in LAB.items():
        timed = Timed(strategy)
        for problem in problems:
            paths = [search(timed, problem, seed, N_STORED) for seed in SEEDS_STORED]
            stored[f"{name}/{problem.name}"] = np.array(paths)
        if not names:
            stored[f"seconds/{name}"] = np.array(round(timed.seconds / timed.n, 5))
        print(f"{name}: {timed.seconds:.0f} s of thinking")
    np.savez_compressed(STORE, **stored)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1:])
