"""The published examples of pruning, beside their originals at equal epochs: what was found when the units were spent.

    python benchmarks/bench_pruning.py --seeds 20

`iris`: Optuna's example of pruning (optuna-examples, `simple_pruning.py`): a linear classifier by stochastic gradient
descent on iris, alpha from 1e-5 to 1e-1 on a log scale, up to 100 steps of `partial_fit`, one in four rows held out, TPE and
the median rule. Its score is the accuracy on the rows held out. The original's 20 trials spend about 930 steps, and so many has
everybody here. Accuracy jumps from step to step, so an early look tells little: ours judges at step 33 and trains to step
99. That was chosen on seeds 100 to 111, where with rungs at 1, 3, 9, 27 and 81 its best was 0.06 below the original's. With
rungs at 11, 33 and 99 it was 0.016 +- 0.006 below on seeds 0 to 19. So the table is of seeds 20 to 39.

`digits`: the setting of "Dive into Deep Learning", chapter 19, for asynchronous successive halving: learning rate from 0.01
to 1 on a log scale, batch size from 32 to 256, beginning at 0.1 and 128, at least 2 and at most 10 epochs, eta = 2. There
it trains LeNet on Fashion-MNIST; here, where nothing is downloaded, a network of 32 hidden units on scikit-learn's digits,
and its scheduler is syne-tune's ASHA (`pip install syne-tune huggingface_hub`), or, where that is missing, Optuna's
halving beside random search, which is the same rule.

`networks`: the stored learning curves of lesson 5.1, 27 epochs of 250 networks on MNIST digits, with three hyperparameters
and the room of 20 full trainings. The median rule of both libraries begins after `low` units, as does halving, and five whole
trainings; "Optuna median, TPE" has its defaults, as in the example. Both libraries see the places of the values in the table's
grid, which Optuna cannot have on a log scale. `fresh` is the mean over all repetitions of the table.

Every contestant trains the same generator, `next` by `next`, and stops when it has spent its units. Printed for each are
the median and the quartiles over the seeds of two scores: the value that the search holds after a full training (`seen`),
and the mean accuracy of its configuration after full trainings on four other splits (`fresh`), which no luck of one split
can raise. What was seen is the best of as many full trainings as a search had, so it rises with their number, too.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

import hpt_lab as hpt

N_FRESH = 4
FIRST = 20  # the first seed


@dataclass(frozen=True)
class Port:
    """One published example: its space, its training, its budgets and the units that a search may spend."""

    space: hpt.Space
    train: Callable[[dict[str, Any], int], Iterator[float]]  # (params, seed of the split) -> accuracy after each unit
    low: int
    full: int
    eta: int
    units: int
    start: tuple[dict[str, Any], ...] = ()


def _split(name: str, seed: int) -> Any:
    import sklearn
    from sklearn.model_selection import train_test_split

    sklearn.set_config(assume_finite=True, skip_parameter_validation=True)  # half of the time of these small steps
    warnings.simplefilter("ignore")  # a network of ten epochs has not converged
    return train_test_split(*_data(name), test_size=0.25, random_state=seed)


@cache
def _data(name: str) -> tuple[np.ndarray, np.ndarray]:
    from sklearn import datasets

    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return (X / 16, y) if name == "digits" else (X, y)


def iris(params: dict[str, Any], seed: int) -> Iterator[float]:
    from sklearn.linear_model import SGDClassifier

    X, X_valid, y, y_valid = _split("iris", seed)
    model = SGDClassifier(alpha=params["alpha"], random_state=seed)
    for _ in range(100):
        model.partial_fit(X, y, classes=[0, 1, 2])
        yield float(model.score(X_valid, y_valid))


def digits(params: dict[str, Any], seed: int) -> Iterator[float]:
    from sklearn.neural_network import MLPClassifier

    X, X_valid, y, y_valid = _split("digits", seed)
    rate, batch = params["learning_rate"], params["batch_size"]
    model = MLPClassifier((32,), solver="sgd", momentum=0, learning_rate_init=rate, batch_size=batch, random_state=seed)
    for _ in range(10):
        model.partial_fit(X, y, classes=range(10))
        yield float(model.score(X_valid, y_valid))


VALUES = {name: d.values() for name, d in hpt.problems.mlp_mnist().space.dimensions.items()}


def networks(params: dict[str, Any], seed: int) -> Iterator[float]:
    table, point = hpt.problems.mlp_mnist(), {name: VALUES[name][place] for name, place in params.items()}
    for epochs in table.budgets:
        yield 1 - float(table(point, epochs, table.training(seed)))


PORTS = {
    "networks": Port(hpt.Space({n: hpt.Int(0, len(v) - 1) for n, v in VALUES.items()}), networks, 3, 27, 3, 540),
    "iris": Port(hpt.Space(alpha=hpt.Float(1e-5, 1e-1, log=True)), iris, 33, 99, 3, 930),
    "digits": Port(
        hpt.Space(learning_rate=hpt.Float(1e-2, 1, log=True), batch_size=hpt.Int(32, 256)),
        digits, 2, 10, 2, 150, ({"learning_rate": 0.1, "batch_size": 128},),
    ),
}  # fmt: skip


@dataclass
class Found:
    """What a search holds when its units are spent: its best configuration, at the highest budget that it reached."""

    params: dict[str, Any]
    seen: float
    spent: float


Search = Callable[[Port, int], Found]


def ours(strategy: Callable[[Port], hpt.Strategy], stopping: Callable[[Port], Any] = lambda port: None) -> Search:
    def search(port: Port, seed: int) -> Found:
        study = hpt.tune(
            objective_of(port, seed), port.space, strategy(port), total_budget=port.units, direction="maximize", seed=seed,
            start=port.start, stopping=stopping(port), progress=False,
        )  # fmt: skip
        return Found(study.best_params, study.best_value, study.spent)

    return search


def median(port: Port) -> hpt.MedianStopping:
    return hpt.MedianStopping(warmup=port.low)


def objective_of(port: Port, seed: int) -> Callable[[dict[str, Any]], Iterator[float]]:
    def objective(params: dict[str, Any]) -> Iterator[float]:
        yield from port.train(params, seed)

    return objective


def optuna(sampler: str, pruner: str) -> Search:
    """The original's loop: train, report, and stop where the pruner says so."""

    def search(port: Port, seed: int) -> Found:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        rules = {
            "median": lambda: optuna.pruners.MedianPruner(),
            "median after low": lambda: optuna.pruners.MedianPruner(n_warmup_steps=port.low),
            "none": lambda: optuna.pruners.NopPruner(),
            "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(port.low, port.eta),
            "hyperband": lambda: optuna.pruners.HyperbandPruner(port.low, port.full, port.eta),
        }
        study = optuna.create_study(
            direction="maximize", sampler=getattr(optuna.samplers, sampler)(seed=seed), pruner=rules[pruner]()
        )
        for params in port.start:
            study.enqueue_trial(params)
        distributions = {name: _distribution(optuna, d) for name, d in port.space.dimensions.items()}
        spent = 0
        while spent < port.units:
            trial = study.ask(distributions)
            for step, value in enumerate(port.train(trial.params, seed), 1):
                spent += 1
                trial.report(value, step)
                if trial.should_prune():
                    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                    break
            else:
                study.tell(trial, value)
        return Found(study.best_params, study.best_value, spent)

    return search


def _distribution(optuna: Any, dimension: Any) -> Any:
    kinds = {hpt.Int: optuna.distributions.IntDistribution, hpt.Float: optuna.distributions.FloatDistribution}
    return kinds[type(dimension)](dimension.low, dimension.high, log=dimension.log)


def syne_tune(port: Port, seed: int) -> Found:
    """syne-tune's ASHA, which stops a training at a rung or lets it run."""
    from syne_tune.backend.trial_status import Trial
    from syne_tune.config_space import loguniform, randint
    from syne_tune.optimizer import baselines

    logging.disable(logging.CRITICAL)
    np.random.seed(seed)  # noqa: NPY002 - it draws from the global generator
    ranges = {name: (loguniform if d.log else randint)(d.low, d.high) for name, d in port.space.dimensions.items()}
    options = {"metric": "error", "time_attr": "epoch", "max_t": port.full, "grace_period": port.low}
    chosen = baselines.ASHA(ranges, random_seed=seed, reduction_factor=port.eta, **options)
    spent, number, best, starts = 0, 0, (0.0, {}), list(port.start)
    while spent < port.units:
        config = chosen.suggest().config
        config = config | starts.pop(0) if starts else config
        trial = Trial(number, config, datetime.datetime.now())
        chosen.on_trial_add(trial)
        for epoch, value in enumerate(port.train(config, seed), 1):
            spent += 1
            result = {"error": 1 - value, "epoch": epoch}
            if epoch == port.full:
                chosen.on_trial_complete(trial, result)
                best = max(best, (value, config), key=lambda one: one[0])
            elif chosen.on_trial_result(trial, result) == "STOP":
                chosen.on_trial_remove(trial)
                break
        number += 1
    return Found(best[1], best[0], spent)


OURS: dict[str, Search] = {
    "ASHA": ours(lambda port: hpt.ASHA(port.low, port.full, port.eta)),
    "ASHA(TPE)": ours(lambda port: hpt.ASHA(port.low, port.full, port.eta, source=hpt.TPE())),
    "ASHA(BO)": ours(lambda port: hpt.ASHA(port.low, port.full, port.eta, source=hpt.BayesianOptimization())),
    "TPE, none stopped": ours(lambda port: hpt.TPE()),
    "random, none stopped": ours(lambda port: hpt.RandomSearch()),
    "BO, none stopped": ours(lambda port: hpt.BayesianOptimization()),
    "random, median": ours(lambda port: hpt.RandomSearch(), median),
    "TPE, median": ours(lambda port: hpt.TPE(), median),
    "BO, median": ours(lambda port: hpt.BayesianOptimization(), median),
    "Hyperband(TPE)": ours(lambda port: hpt.Hyperband(port.low, port.full, port.eta, source=hpt.TPE())),
}
THEIRS: dict[str, Search] = {
    "Optuna none, random": optuna("RandomSampler", "none"),
    "Optuna none, TPE": optuna("TPESampler", "none"),
    "Optuna median, random": optuna("RandomSampler", "median after low"),
    "Optuna median low, TPE": optuna("TPESampler", "median after low"),
    "Optuna median, TPE": optuna("TPESampler", "median"),
    "Optuna halving, random": optuna("RandomSampler", "halving"),
    "Optuna halving, TPE": optuna("TPESampler", "halving"),
    "Optuna Hyperband, TPE": optuna("TPESampler", "hyperband"),
}
if importlib.util.find_spec("syne_tune") is not None:
    THEIRS["syne-tune ASHA"] = syne_tune
SEARCHES = {**OURS, **THEIRS}
SCORES = ("seen", "fresh")
ORIGINAL = {"networks": "Optuna median low, TPE", "iris": "Optuna median, TPE", "digits": "Optuna halving, random"}


def fresh(port: Port, params: dict[str, Any]) -> float:
    """Mean accuracy after a full training on splits that no search has seen."""
    return float(np.mean([[*port.train(params, 1000 + seed)][-1] for seed in range(N_FRESH)]))


def table(name: str, seeds: int, searches: dict[str, Search]) -> dict[str, np.ndarray]:
    """Print a row for each contestant, and its lead over the original; the two scores of each seed, of shape (2, seeds)."""
    port, rows = PORTS[name], {}
    print(f"\n{name}: {port.units} units, full training {port.full}, {seeds} seeds")
    print(f"{'':24}{'seen':>8}{'quartiles':>16}{'fresh':>8}{'quartiles':>16}{'units':>7}{'CPU s':>8}")
    for which, search in searches.items():
        began, found = time.process_time(), [search(port, seed) for seed in range(FIRST, FIRST + seeds)]
        seconds = (time.process_time() - began) / seeds
        seen, new = [one.seen for one in found], [fresh(port, one.params) for one in found]
        cells = ""
        for values in (seen, new):
            low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
            cells += f"{median:8.4f}{f'{low:.4f} to {high:.4f}':>18}"
        units = np.mean([one.spent for one in found])
        print(f"{which:24}{cells}{units:7.0f}{seconds:8.2f}", flush=True)
        rows[which] = np.array([seen, new])
    original = rows[ORIGINAL[name]]
    for which, row in rows.items():
        lead = row - original  # on the same splits
        error = lead.std(axis=1, ddof=1) / np.sqrt(seeds)
        shown = ", ".join(
            f"{what} {row[i].mean():.4f} ({lead[i].mean():+.4f} ± {error[i]:.4f})" for i, what in enumerate(SCORES)
        )
        print(f"mean of {which}: {shown}")
    return rows


@pytest.mark.benchmark
@pytest.mark.parametrize("name", PORTS)
def test_ours_reaches_the_score_of_the_original_at_equal_epochs(name):
    original = ORIGINAL[name]
    rows = table(name, 20, {"ASHA(TPE)": OURS["ASHA(TPE)"], original: THEIRS[original]})
    lead = rows["ASHA(TPE)"] - rows[original]
    assert (lead.mean(axis=1) > -2 * lead.std(axis=1, ddof=1) / np.sqrt(20)).all()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--searches", nargs="+", choices=SEARCHES, default=list(SEARCHES))
    parser.add_argument("--ports", nargs="+", choices=PORTS, default=list(PORTS))
    arguments = parser.parse_args()
    for port_name in arguments.ports:
        table(port_name, arguments.seeds, {name: SEARCHES[name] for name in {*arguments.searches, ORIGINAL[port_name]}})
