"""Make race.npz: what the lab's own strategies find on the problems of the race, with every seed, after every trial.

    python hpt_lab/data/make_race.py

It takes some minutes of one core. A change of a problem, of the suite, or of a strategy's decisions asks for it: a test
compares some of what is stored with the same computed anew. The times to think are those of the machine that ran this.
"""

from __future__ import annotations

import numpy as np

from hpt_lab.race.course import search, suite
from hpt_lab.race.lab import LAB, N_STORED, REFERENCE, SEEDS_STORED, STORE, Timed
from hpt_lab.strategies import RandomSearch


def main() -> None:
    stored: dict[str, np.ndarray] = {}
    for problem in suite().values():
        searches = [search(RandomSearch(), problem, seed, N_STORED) for seed in REFERENCE]
        stored[f"random/{problem.name}"] = np.array(searches).mean(axis=0)
    for name, strategy in LAB.items():
        timed = Timed(strategy)
        for problem in suite().values():
            stored[f"{name}/{problem.name}"] = np.array(
                [search(timed, problem, seed, N_STORED) for seed in SEEDS_STORED]
            )
        stored[f"seconds/{name}"] = np.array(round(timed.seconds / timed.n, 5))
        print(f"{name}: {timed.seconds:.0f} s of thinking")
    np.savez_compressed(STORE, **stored)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
