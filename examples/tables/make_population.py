"""Make hpt_lab/data/populations.npz: the populations of the lesson *Schedules that learn while they run*.

    python examples/tables/make_population.py        seven minutes of one core

Each row of `seeds` splits the digits again: 719 to train on, 449 to judge by, 629 to test. An arm trains eight networks for
27 epochs and delivers the one with the lowest loss on the rows to judge by (the arms `few`: on the first 60 of them). All arms
have the same eight initial weights, except three that share eight others and follow the line of the wide population's winner:
`wide_replayed` epoch by epoch, `wide_rate_held` with the learning rate at its geometric mean over the line, and `wide_both_held`
with the penalty at its own as well. Arrays of an arm, for each seed:

    judged, tested      that loss and the one on the test rows, of each of the eight, in units of 0.0001
    wrong               test digits that each of the eight gets wrong
    winner              the network that is delivered
    rates, penalties    learning rate and l2 of the winner in each epoch, of the two populations

Run it after a change of `MLP` or of `population_based_training`: a cell of the lesson trains a population of it again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import hpt_lab as hpt
from hpt_lab import datasets, models

STORE = Path(__file__).parents[2] / "hpt_lab" / "data" / "populations.npz"
SEEDS, EPOCHS, WARMUP, FEW = range(40), 27, 4, 60
WIDE = hpt.Space(learning_rate=hpt.Float(1e-5, 1.0, log=True), l2=hpt.Float(1e-7, 1.0, log=True))
NARROW = hpt.Space(learning_rate=hpt.Float(1e-4, 1e-1, log=True), l2=hpt.Float(1e-6, 1e-1, log=True))
Schedule = Callable[[dict[str, float], int], dict[str, float]]


def cosine(params: dict[str, float], epoch: int) -> dict[str, float]:
    return {**params, "learning_rate": params["learning_rate"] * (1 + np.cos(np.pi * epoch / EPOCHS)) / 2}


def only(learning_rate: float, l2: float) -> hpt.Space:
    """Return a space with one point."""
    return hpt.Space(learning_rate=hpt.Float(learning_rate, learning_rate), l2=hpt.Float(l2, l2))


class Network:
    """A network that counts its epochs."""

    def __init__(self, seed: int) -> None:
        self.mlp, self.epoch = models.MLP((16,), batch_size=64, seed=seed), 0

    def loss(self, X: Any, y: Any) -> float:
        P = self.mlp.predict_proba(X)[np.arange(len(y)), y]
        return -float(np.log(np.maximum(P, 1e-300)).mean())


def trained(
    seed: int, space: hpt.Space, schedule: Schedule | None = None, first: int = 0, few: bool = False, **how: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Train a population, and return its arrays and the schedule of its winner."""
    data = datasets.digits(valid=0.25, test=0.35, seed=seed)
    n_judges = FEW if few else len(data.y_valid)
    judges = data.X_valid[:n_judges], data.y_valid[:n_judges]
    copies = how.get("factor") == 1

    def train(network: Network, params: dict[str, float]) -> float:
        now = params if schedule is None else schedule(params, network.epoch)
        network.mlp.learning_rate, network.mlp.l2 = now["learning_rate"], now["l2"]
        if copies and network.epoch:  # otherwise a copy would train like its original, row by row
            network.mlp._rng = np.random.default_rng([seed, network.epoch, next(draws)])
        network.epoch += 1
        return network.mlp.fit(data.X_train, data.y_train, 1, validation_data=judges).history["val_loss"][0]

    draws = iter(range(10**6))
    population = hpt.population_based_training(
        lambda i: Network(1000 * seed + first + i),
        train,
        space,
        EPOCHS,
        warmup=WARMUP,
        seed=seed,
        progress=False,
        **how,
    )
    last = [trial for trial in population.study.trials if trial.info["rung"] == EPOCHS - 1]
    ours = [population.models[trial.number] for trial in last]
    judged = np.array([np.inf if trial.value is None else trial.value for trial in last])
    arrays = {
        "judged": ten_thousandths(judged),
        "tested": ten_thousandths(np.array([network.loss(data.X_test, data.y_test) for network in ours])),
        "wrong": np.array([int((network.mlp.predict(data.X_test) != data.y_test).sum()) for network in ours]),
        "winner": population.study.best.info["config"],
    }
    return arrays, [dict(trial.params) for trial in population.line()]


def ten_thousandths(losses: np.ndarray) -> np.ndarray:
    return np.round(10_000 * np.minimum(np.nan_to_num(losses, nan=3.0), 3.0)).astype(np.int16)


def replayed(seed: int, line: list[dict[str, Any]]) -> dict[str, Any]:
    """Train eight new networks, each by the whole schedule of a line."""
    return trained(seed, only(0.01, 0.001), lambda _, epoch: line[epoch], first=500, share=0)[0]


def held(line: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Return the line with these hyperparameters at their geometric means."""
    level = {name: float(np.exp(np.mean([np.log(params[name]) for params in line]))) for name in names}
    return [{**params, **level} for params in line]


def arms(seed: int, rivals: dict[str, tuple[float, float]]) -> dict[str, dict[str, Any]]:
    """Return the arrays of all arms for one split."""
    found, lines = {}, {}
    ways: dict[str, dict[str, Any]] = {
        "wide_alone": {"space": WIDE, "share": 0},
        "wide_copied": {"space": WIDE, "factor": 1},
        "wide_population": {"space": WIDE},
        "narrow_alone": {"space": NARROW, "share": 0},
        "narrow_population": {"space": NARROW},
        "few_alone": {"space": NARROW, "share": 0, "few": True},
        "few_population": {"space": NARROW, "few": True},
        "constant": {"space": only(*rivals["constant"]), "share": 0},
        "cosine": {"space": only(*rivals["cosine"]), "share": 0, "schedule": cosine},
    }
    for name, how in ways.items():
        found[name], lines[name] = trained(seed, **how)
    line = lines["wide_population"]
    found["wide_replayed"] = replayed(seed, line)
    found["wide_rate_held"] = replayed(seed, held(line, "learning_rate"))
    found["wide_both_held"] = replayed(seed, held(line, "learning_rate", "l2"))
    for name in ("wide_population", "narrow_population"):
        found[name]["rates"] = np.array([params["learning_rate"] for params in lines[name]], np.float32)
        found[name]["penalties"] = np.array([params["l2"] for params in lines[name]], np.float32)
    return found


def tuned() -> dict[str, tuple[float, float]]:
    """Return the best constant rate and the best rate to begin a cosine with, each with its l2, of 9 pairs on two other splits."""
    best = {}
    for name, schedule, rates in (("constant", None, (0.005, 0.01, 0.02)), ("cosine", cosine, (0.02, 0.04, 0.08))):
        losses = {}
        for pair in itertools.product(rates, (1e-4, 3e-4, 1e-3)):
            got = [
                trained(seed, only(*pair), schedule, share=0, n_members=4)[0]["judged"].mean() for seed in (900, 901)
            ]
            losses[pair] = float(np.mean(got))
            print(name, pair, losses[pair], flush=True)
        best[name] = min(losses, key=lambda pair: losses[pair])
    return best


def main() -> None:
    rivals, rows = tuned(), []
    for seed in SEEDS:
        rows.append(arms(seed, rivals))
        print(seed, {arm: int(a["judged"][a["winner"]]) for arm, a in rows[-1].items()}, flush=True)
        stored: dict[str, Any] = {"n_test": 629, **rivals}
        for arm in rows[0]:
            for name in rows[0][arm]:
                stored[f"{arm}.{name}"] = np.array([row[arm][name] for row in rows])
        np.savez_compressed(STORE, **stored)


if __name__ == "__main__":
    main()
