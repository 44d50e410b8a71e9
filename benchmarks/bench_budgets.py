"""How soon the searches are there: budget spent to reach 99 % of the best known, ours and three peers' side by side.

    python benchmarks/bench_budgets.py --seeds 20

Prints one table a problem, a row for each contestant: median and quartiles over the seeds of the budget units (epochs,
hundreds of digits, trees) that it spent until it held a full training with

    1 - loss >= 0.99 (1 - optimum)

where 1 - loss is an accuracy, or R², and the optimum is the best of that seed's repetition, after a full training. A
search that has spent 40 full trainings counts as not arrived. Everybody pays for what it trains: a configuration that
goes on from 3 to 9 pays 6, whether it was paused at 3 or never (`--anew`: one that was paused begins anew, and pays 9).

Of the peers, Optuna comes with the extra `peers`. The others want old versions of their own dependencies, so that they
run in an environment of their own, which may then show all contestants in one run:

    python -m venv peers
    peers/bin/pip install optuna syne-tune huggingface_hub hpbandster "ConfigSpace<1" "numpy<2" \\
                          scikit-learn matplotlib pandas tqdm pytest
    PYTHONPATH=. peers/bin/python benchmarks/bench_budgets.py

Who is not installed is named and left out. syne-tune's ASHABORE and ASHACQR take most of the time: `--searches` chooses.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import logging
import math
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.problems import Problem

NAMES = ("mlp_mnist", "svm_mnist", "boosting_boston")
SHARE, FULL_TRAININGS, ETA = 0.99, 40, 3


class Over(Exception):
    """The search has arrived, or has spent everything."""


class Race:
    """The course of one search: it trains for whoever asks, and keeps the bill.

    Parameters
    ----------
    problem : Problem
        With budgets.
    repetition : int
        The tabulated seed of the problem that this search sees.
    anew : bool
        Whether a training that was paused is paid from its beginning.
    """

    def __init__(self, problem: Problem, repetition: int, anew: bool = False) -> None:
        self.problem, self.repetition, self.anew = problem, repetition, anew
        self.low, self.full = problem.budgets[0], problem.budgets[-1]
        self.budgets = [b for b in (ETA**i for i in range(9)) if b <= self.full]
        self.target = SHARE * (1 - problem.optimum_at(repetition))
        self.spent, self.arrived = 0, False

    def train(self, params: dict[str, Any], budget: int, done: int = 0, paused: bool = True) -> float:
        """Loss of `params` at `budget`; `done` of it was trained and paid before."""
        self.spent += budget if self.anew and paused else budget - done
        loss = self.problem(params, int(budget), self.repetition)
        self.arrived = budget == self.full and round(1 - loss - self.target, 9) >= 0
        if self.arrived or self.spent >= FULL_TRAININGS * self.full:
            raise Over
        return loss

    def at(self, steps: Sequence[float]) -> dict[str, Any]:
        """The params at the numbers of the steps of all dimensions, as the peers see them."""
        dimensions = self.problem.space.dimensions.items()
        return {name: d.values()[int(step)] for (name, d), step in zip(dimensions, steps, strict=True)}

    @property
    def sizes(self) -> dict[str, int]:
        return {name: int(d.size) for name, d in self.problem.space.dimensions.items()}


Search = Callable[[Race, int], None]  # (race, seed); it ends by Over


def ours(strategy: Callable[[int, int], hpt.Strategy]) -> Search:
    def search(race: Race, seed: int) -> None:
        study, reached = hpt.Study(race.problem.space, strategy(race.low, race.full), seed=seed), {}
        while True:
            trial = study.ask()
            config = trial.info.get("bracket"), trial.info.get("config", trial.number)
            budget = int(trial.budget or race.full)
            loss = race.train(trial.params, budget, reached.get(config, 0))
            reached[config] = budget
            study.tell(trial, loss)

    return search


def optuna(sampler: str, pruner: str) -> Search:
    def search(race: Race, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        ranges = {name: optuna.distributions.IntDistribution(0, n - 1) for name, n in race.sizes.items()}
        stops = {
            "hyperband": lambda: optuna.pruners.HyperbandPruner(race.low, race.full, ETA),
            "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(race.low, ETA),
        }
        study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed), pruner=stops[pruner]())
        while True:
            trial, done = study.ask(ranges), 0
            params = race.at([trial.params[name] for name in ranges])
            for budget in race.budgets:
                loss = race.train(params, budget, done, paused=False)
                trial.report(loss, budget)
                done = budget
                if budget < race.full and trial.should_prune():
                    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                    break
            else:
                study.tell(trial, loss)

    return search


def syne_tune(scheduler: str) -> Search:
    def search(race: Race, seed: int) -> None:
        from syne_tune.backend.trial_status import Trial
        from syne_tune.config_space import randint
        from syne_tune.optimizer import baselines

        logging.disable(logging.CRITICAL)
        np.random.seed(seed)  # noqa: NPY002 - it draws from the global generator
        ranges = {name: randint(0, n - 1) for name, n in race.sizes.items()}
        options = {"metric": "loss", "time_attr": "budget", "max_t": race.full, "reduction_factor": ETA}
        chosen = getattr(baselines, scheduler)(ranges, random_seed=seed, **options)
        for number in range(10**6):
            trial, done = Trial(number, chosen.suggest().config, datetime.datetime.now()), 0
            chosen.on_trial_add(trial)
            params = race.at([trial.config[name] for name in ranges])
            for budget in race.budgets:
                result = {"loss": race.train(params, budget, done, paused=False), "budget": budget}
                done = budget
                if budget == race.full:
                    chosen.on_trial_complete(trial, result)
                elif chosen.on_trial_result(trial, result) == "STOP":
                    chosen.on_trial_remove(trial)
                    break

    return search


def hpbandster(generator: str) -> Search:
    """Its configuration generators and its successive halving, in the order of its master with one worker."""

    def search(race: Race, seed: int) -> None:
        import ConfigSpace
        from hpbandster.core.dispatcher import Job
        from hpbandster.optimizers.config_generators.bohb import BOHB
        from hpbandster.optimizers.config_generators.random_sampling import RandomSampling
        from hpbandster.optimizers.iterations import SuccessiveHalving

        logging.disable(logging.CRITICAL)
        np.random.seed(seed)  # noqa: NPY002 - it draws from the global generator
        space = ConfigSpace.ConfigurationSpace(seed=seed)
        for name, n in race.sizes.items():
            space.add_hyperparameter(ConfigSpace.UniformIntegerHyperparameter(name, 0, n - 1))
        source = {"BOHB": BOHB, "random": RandomSampling}[generator](configspace=space)
        rungs = len(race.budgets)
        for iteration in range(10**6):
            s = rungs - 1 - iteration % rungs  # as in hpbandster.optimizers.bohb, get_next_iteration
            n = rungs // (s + 1) * ETA**s
            counts = [max(n // ETA**i, 1) for i in range(s + 1)]
            halving = SuccessiveHalving(iteration, counts, race.budgets[-s - 1 :], source.get_config)
            reached: dict[Any, int] = {}
            while (run := halving.get_next_run()) is not None:
                which, config, budget = run
                params = race.at([config[name] for name in race.sizes])
                job = Job(which, config=config, budget=budget)
                job.result = {"loss": race.train(params, budget, reached.get(which, 0)), "info": {}}
                reached[which] = budget
                halving.register_result(job)
                source.new_result(job)

    return search


SEARCHES: dict[str, Search] = {
    "RandomSearch": ours(lambda low, full: hpt.RandomSearch()),
    "TPE": ours(lambda low, full: hpt.TPE()),
    "BayesianOptimization": ours(lambda low, full: hpt.BayesianOptimization()),
    "Hyperband": ours(lambda low, full: hpt.Hyperband(low, full)),
    "ASHA": ours(lambda low, full: hpt.ASHA(low, full)),
    "Hyperband(TPE), BOHB": ours(lambda low, full: hpt.Hyperband(low, full, source=hpt.TPE())),
    "Hyperband(BO)": ours(lambda low, full: hpt.Hyperband(low, full, source=hpt.BayesianOptimization())),
    "ASHA(TPE)": ours(lambda low, full: hpt.ASHA(low, full, source=hpt.TPE())),
}
PEERS: dict[str, dict[str, Search]] = {
    "optuna": {
        "Optuna Hyperband, TPE": optuna("TPESampler", "hyperband"),
        "Optuna Hyperband, random": optuna("RandomSampler", "hyperband"),
        "Optuna halving, TPE": optuna("TPESampler", "halving"),
        "Optuna halving, random": optuna("RandomSampler", "halving"),
    },
    "syne_tune": {f"syne-tune {name}": syne_tune(name) for name in ("ASHA", "BOHB", "ASHABORE", "ASHACQR")},
    "hpbandster": {
        "hpbandster BOHB": hpbandster("BOHB"),
        "hpbandster Hyperband": hpbandster("random"),
    },
}
MISSING = [package for package in PEERS if importlib.util.find_spec(package) is None]
SEARCHES |= {name: search for package in PEERS if package not in MISSING for name, search in PEERS[package].items()}


def spent(search: Search, problem: Problem, seed: int, anew: bool = False) -> float:
    """Budget units that one search spent until it arrived; infinity if it did not."""
    race = Race(problem, problem.training(seed), anew)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            search(race, seed)
    except (Over, hpt.NothingToSuggest):
        pass
    return race.spent if race.arrived else math.inf


def table(searches: Sequence[str], name: str, seeds: Sequence[int], anew: bool = False) -> dict[str, np.ndarray]:
    """Print a row for each contestant on one problem, and their order; what each seed has spent."""
    problem = problems.get(name)
    good = [
        (1 - problem.values(r) >= SHARE * (1 - problem.optimum_at(r)) - 1e-9).mean() for r in range(problem.n_seeds)
    ]
    print(f"\n{name}: full training {problem.budgets[-1]}, target met by {np.mean(good):.1%} of all settings")
    print(f"{'':26}{'median':>8}{'quartiles':>16}{'arrived':>10}{'CPU s':>8}")
    rows = {}
    for which in searches:
        started = time.process_time()
        row = rows[which] = np.array([spent(SEARCHES[which], problem, seed, anew) for seed in seeds])
        seconds = (time.process_time() - started) / len(seeds)
        low, median, high = (
            f"{n:.0f}" if n < math.inf else f">{FULL_TRAININGS * problem.budgets[-1]}"
            for n in (_quantile(row, q) for q in (0.25, 0.5, 0.75))
        )
        arrived = f"{np.isfinite(row).sum()}/{len(seeds)}"
        print(f"{which:26}{median:>8}{low + ' to ' + high:>16}{arrived:>10}{seconds:8.2f}", flush=True)
    order = sorted(rows, key=lambda which: (_quantile(rows[which], 0.5), rows[which].mean()))
    print("first to last:", ", ".join(order))
    return rows


def _quantile(values: np.ndarray, q: float) -> float:
    """The quantile of values some of which may be infinite: the higher of the two neighbours."""
    return float(np.sort(values)[math.ceil(q * (len(values) - 1))])


@pytest.mark.benchmark
def test_everybody_pays_for_what_it_trains_and_arrives_with_a_full_training_only():
    problem = problems.get("mlp_mnist")
    good, bad = problem.table.argmin(0), problem.table.argmin(0) | {"learning_rate": 1e-4}
    for anew, bill in ((False, 27), (True, 40)):
        race = Race(problem, 0, anew)
        for budget, done in ((1, 0), (3, 1), (9, 3), (27, 9)):
            race.train(bad, budget, done)
        assert (race.spent, race.arrived) == (bill, False)
    race.train(good, 9)
    with pytest.raises(Over):
        race.train(good, 27, 9, paused=False)
    assert (race.spent, race.arrived) == (40 + 27, True)  # it was never paused


@pytest.mark.benchmark
def test_a_model_inside_hyperband_arrives_before_random_search_and_before_optuna():
    searches = ["RandomSearch", "Hyperband(TPE), BOHB", "Optuna Hyperband, TPE"]
    for name in NAMES:
        random, bohb, optunas = (_quantile(row, 0.5) for row in table(searches, name, range(20)).values())
        assert bohb < random
        assert bohb < optunas


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--anew", action="store_true")
    parser.add_argument("--problems", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--searches", nargs="+", choices=SEARCHES, default=list(SEARCHES))
    chosen = parser.parse_args()
    for package in MISSING:
        print(f"{package} is not installed: left out")
    for problem_name in chosen.problems:
        seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
        table(chosen.searches, problem_name, seeds, chosen.anew)
