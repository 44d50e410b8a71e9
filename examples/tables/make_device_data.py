"""Make the data of the pages' devices, book/press/static/NAME.js: real patients, and what the lab has computed.

    python examples/tables/make_device_data.py          ten seconds of one core

Each is a module that holds one constant, of less than 20 kB. Run it after a change of the diabetes data's splits, of `mlp_mnist`, of a
stopping rule, or of what make_broken_models.py has stored: a test makes them again and compares.
"""

import string
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book/press/static"
sys.path.insert(0, str(ROOT))

from book.press.pages import packing  # noqa: E402
from book.press.pages.packing import Packed  # noqa: E402


def patients(splits: int = 20) -> dict[str, Any]:
    """Return the 442 patients of "Learned or chosen?": what the device's tree asks about, the progression, and the first splits.

    A split has a 0 for each patient of the training data, a 1 for one of the validation data, and a 2 for one of the test data, four
    patients in one number.
    """
    from hpt_lab import datasets

    first = datasets.diabetes(seed=0)
    X, y = (np.concatenate([getattr(first, f"{name}_{part}") for part in ("train", "valid", "test")]) for name in "Xy")
    number, written = {row.tobytes(): i for i, row in enumerate(X)}, []
    for seed in range(splits):
        split, part = datasets.diabetes(seed=seed), np.zeros(-(-len(y) // 4) * 4, dtype=int)
        for name, rows in enumerate((split.X_train, split.X_valid, split.X_test)):
            for row in rows:
                part[number[row.tobytes()]] = name
        written.append(part.reshape(-1, 4) @ [27, 9, 3, 1])
    s5 = X[:, first.feature_names.index("s5")]
    return {"s5": Packed(s5, 10_000), "progression": Packed(y), "splits": Packed(written)}


def broken_models() -> dict[str, Any]:
    """Return the regrets that examples/tables/make_broken_models.py has stored: roots, to 0.001."""
    from hpt_lab.problems.trainings import DATA

    with np.load(DATA / "broken_models.npz") as stored:
        found = {name: stored[name].tolist() for name in ("lengthscales", "noises", "idle")}
        return found | {name: Packed(stored[name], 890, root=True) for name in ("random", "regrets")}


def sixteen() -> dict[str, Any]:
    """Return the sixteen trials of lesson 4.5: log10 of the support vector machine's gamma, and the share of misread digits."""
    from sklearn.svm import SVC

    import hpt_lab as hpt
    from hpt_lab import datasets

    data = datasets.digits()

    def error(params: dict[str, float]) -> float:
        return 1 - SVC(C=10, gamma=10 ** params["x"]).fit(data.X_train, data.y_train).score(data.X_valid, data.y_valid)

    study = hpt.tune(error, hpt.Space(x=hpt.Float(-4.0, 1.0)), hpt.RandomSearch(), 16, seed=1, progress=False)
    return {"x": [trial.params["x"] for trial in study.trials], "losses": study.history.losses.round(6).tolist()}


@cache
def runs(budget: int = 81) -> dict[str, Any]:
    """Return the runs of "Stop, or train on?", and what two stopping rules, and none, make of each game.

    The runs are 60 networks of `mlp_mnist`, drawn at random: one text a network, two of the 60 `letters` for the error after each
    epoch, in units of 0.0005, as a number of base 60. Each of the 60 games has its own order, of 28 of the networks, one letter each,
    and for each rule the best last error, the runs begun, the winners stopped, and the epochs wasted.
    """
    import hpt_lab as hpt
    from hpt_lab import problems

    problem = problems.mlp_mnist()
    columns = np.stack([problem.values(seed=0, budget=int(epochs)).ravel() for epochs in problem.budgets], axis=1)
    curves = columns[np.random.default_rng(0).permutation(len(columns))[:60]].round(4)
    orders = [np.random.default_rng(game).permutation(60)[:28] for game in range(1, 61)]
    rules = (hpt.ForecastStopping(), hpt.MedianStopping(3, 1), None)
    games = [[_played(curves[order].tolist(), rule, budget) for rule in rules] for order in orders]
    letters = (string.digits + string.ascii_letters)[:60]
    written = lambda digits: "".join(letters[i] for i in digits.ravel())  # noqa: E731
    numbers = np.stack(np.divmod(np.rint(2000 * curves).astype(int), 60), axis=-1)
    texts = {"curves": [written(curve) for curve in numbers], "orders": [written(order) for order in orders]}
    return {"budget": budget, "letters": letters, **texts, "games": Packed(games)}


def _played(order: list[list[float]], rule: Any, budget: int, warmup: int = 3) -> list[int]:
    """Spend the epochs on the runs after the first; return the best last error (0.0005), runs begun, winners stopped, epochs wasted."""
    whole, left, begun, lost, wasted = [order[0]], budget, 1, 0, 0
    while left:
        losses, best = order[begun], min(run[-1] for run in whole)
        n, most, wins = min(warmup, left), min(len(losses), left), losses[-1] < best
        while n < most and not (rule and rule.stop(losses[:n], whole)):
            n += 1
        left, begun = left - n, begun + 1
        if n == len(losses):
            whole.append(losses)
        elif wins and left:  # without epochs left, no one has stopped it
            lost += 1
        wasted += 0 if wins else max(0, n - warmup)
    return [round(2000 * min(run[-1] for run in whole)), begun, lost, wasted]


def width_losses() -> dict[str, Any]:
    """Return the losses of lesson 7.4's networks, means of eight seeds, by width and learning rate: standard, and with maximal updates."""
    from hpt_lab.problems.trainings import DATA

    with np.load(DATA / "widths.npz") as stored:
        rates = [float(f"{rate:.3g}") for rate in 10.0 ** stored["rates"]]
        losses = {name: Packed(stored[name].mean(axis=2), 1000) for name in ("standard", "scaled")}
        return {"widths": stored["widths"].tolist(), "rates": rates, **losses}


MODULES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "broken_models.js": ("BROKEN", broken_models),
    "patients.js": ("PATIENTS", patients),
    "runs.js": ("RUNS", runs),
    "sixteen.js": ("SIXTEEN", sixteen),
    "width_losses.js": ("WIDTHS", width_losses),
}


def module(file: str) -> str:
    """Return the text of a module."""
    name, make = MODULES[file]
    return packing.module(**{name: make()})


if __name__ == "__main__":
    for file in MODULES:
        (STATIC / file).write_text(module(file), encoding="utf-8", newline="\n")
