"""Make hpt_lab/data/population_rows.npz: what selecting on validation rows costs, for the lesson *Schedules that learn while they run*.

    python examples/tables/make_population_rows.py        four minutes of one core

Each row splits the digits again, as `make_population.py` does: 719 to train on, 449 to judge by, 629 to test. Each way spends
216 epochs, with the same wide ranges, and delivers what it finds best on the rows to judge by, in percent of wrong digits:

    population     eight members for 27 epochs          alone      the same eight, without copying
    asha           ASHA from 1 epoch up to 27            tpe        TPE, eight trials of 27 epochs

Arrays, for each split and way: `judged` and `tested`, wrong digits of the delivered network on either kind of rows.
Run it after a change of `MLP`, of these strategies, or of `population_based_training`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import hpt_lab as hpt
from hpt_lab import datasets, models

STORE = Path(__file__).parents[2] / "hpt_lab" / "data" / "population_rows.npz"
SEEDS, MEMBERS, EPOCHS, WARMUP = range(40), 8, 27, 4
WIDE = hpt.Space(learning_rate=hpt.Float(1e-5, 1.0, log=True), l2=hpt.Float(1e-7, 1.0, log=True))
WAYS = ("population", "alone", "asha", "tpe")
Told = dict[str, Any]


def ways(seed: int) -> list[tuple[int, int]]:
    """Return the wrong digits of what each way delivers, on the rows to judge by and on the test rows."""
    data = datasets.digits(valid=0.25, test=0.35, seed=seed)

    def train(network: models.MLP, params: dict[str, float]) -> Told:
        network.learning_rate, network.l2 = params["learning_rate"], params["l2"]
        network.fit(data.X_train, data.y_train, 1)
        rows = {"judged": (data.X_valid, data.y_valid), "tested": (data.X_test, data.y_test)}
        wrong = {name: int((network.predict(X) != y).sum()) for name, (X, y) in rows.items()}
        return {"value": float(wrong["judged"]), **wrong}

    made = iter(range(10**6))

    def make(i: int) -> models.MLP:
        return models.MLP((16,), batch_size=64, seed=1000 * seed + i)

    def objective(params: dict[str, float]) -> Iterator[Told]:
        network = make(next(made))
        for _ in range(EPOCHS):
            yield train(network, params)

    how: dict[str, Any] = {"warmup": WARMUP, "seed": seed, "progress": False}
    found = [
        hpt.population_based_training(make, train, WIDE, EPOCHS, share=share, **how).study for share in (0.25, 0.0)
    ]
    for strategy in (hpt.ASHA(1, EPOCHS), hpt.TPE(n_initial=4)):
        made = iter(range(10**6))
        budget = {"total_budget": MEMBERS * EPOCHS} if isinstance(strategy, hpt.ASHA) else {"n_trials": MEMBERS}
        found.append(hpt.tune(objective, WIDE, strategy, seed=seed, progress=False, **budget))
    return [(study.best.attributes["judged"], study.best.attributes["tested"]) for study in found]


def main() -> None:
    rows = []
    for seed in SEEDS:
        rows.append(ways(seed))
        print(seed, dict(zip(WAYS, rows[-1], strict=True)), flush=True)
    judged, tested = np.moveaxis(np.array(rows, np.int16), 2, 0)  # (n_splits, n_ways) each
    np.savez_compressed(STORE, ways=np.array(WAYS), judged=judged, tested=tested, n_judges=449, n_test=629)


if __name__ == "__main__":
    main()
