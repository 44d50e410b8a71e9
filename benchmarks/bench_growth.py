"""What the thinking costs as a study grows: CPU milliseconds a trial after 500, 2 500, 10 000 and 50 000 trials.

    python benchmarks/bench_growth.py            all of them
    python benchmarks/bench_growth.py 2500       no longer than that

The objective costs nothing, so what is measured is ask and tell. Beside ours stand Optuna's samplers, on the same space, in
memory. A study grows by its own strategy, except that TPE, ours and Optuna's, is measured after random trials. The cost at
a mark is the median of ten blocks of trials just before it, in processor time. Machines differ, so the tests hold ratios:
the cost of a late trial to that of trial 500.
"""

import sys
import time
import warnings
from statistics import median

import optuna
import pytest

import hpt_lab as hpt

MARKS = (500, 2_500, 10_000, 50_000)
N_BLOCKS, BLOCK = 10, 20

SPACE = hpt.Space(
    x=hpt.Float(-5, 5), y=hpt.Float(1e-3, 1e3, log=True), n=hpt.Int(1, 100), kernel=["linear", "rbf", "poly"]
)
DISTRIBUTIONS = {
    "x": optuna.distributions.FloatDistribution(-5, 5),
    "y": optuna.distributions.FloatDistribution(1e-3, 1e3, log=True),
    "n": optuna.distributions.IntDistribution(1, 100),
    "kernel": optuna.distributions.CategoricalDistribution(["linear", "rbf", "poly"]),
}
OURS = {  # how to make it, whether random trials come first, the last mark, and how many times trial 500 a trial may cost
    "grid": (lambda: hpt.GridSearch(resolution=60), False, 50_000, 1.5),
    "random": (hpt.RandomSearch, False, 50_000, 1.5),
    "quasi-random": (hpt.QuasiRandomSearch, False, 50_000, 1.5),
    "genetic": (hpt.GeneticAlgorithm, False, 10_000, 2),
    "genetic, ageing": (lambda: hpt.GeneticAlgorithm(ageing=True), False, 10_000, 2),
    "halving": (lambda: hpt.SuccessiveHalving(8_000, 1, 8_000), False, 10_000, 2),
    "Hyperband": (lambda: hpt.Hyperband(1, 81), False, 10_000, 2),
    "ASHA": (lambda: hpt.ASHA(1, 81), False, 10_000, 2),
    "TPE": (hpt.TPE, True, 10_000, 3),
    "Hyperband of TPE": (lambda: hpt.Hyperband(1, 81, source=hpt.TPE()), False, 2_500, None),
}
OPTUNAS = {
    "Optuna random": (lambda: optuna.samplers.RandomSampler(seed=0), False, 50_000),
    "Optuna QMC": (lambda: optuna.samplers.QMCSampler(seed=0, scramble=True), False, 10_000),
    "Optuna TPE": (lambda: optuna.samplers.TPESampler(seed=0, multivariate=True), True, 10_000),
}


def loss(params):
    return (params["x"] - 1) ** 2 + abs(params["n"] - 30) / 50 + (params["kernel"] == "poly")


def ours(make, random_first):
    """A study's trials, and how it goes on when they are many enough."""
    study = hpt.Study(SPACE, hpt.RandomSearch() if random_first else make())

    def trial():
        asked = study.ask()
        study.tell(asked, loss(asked.params))

    def measured():
        study.strategy = make() if random_first else study.strategy

    return trial, measured


def optunas(make, random_first):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0) if random_first else make())

    def trial():
        asked = study.ask(DISTRIBUTIONS)
        study.tell(asked, loss(asked.params))

    def measured():
        study.sampler = make() if random_first else study.sampler

    return trial, measured


def growth(begin, make, random_first, marks):
    """CPU milliseconds a trial at each of the `marks`, each of a study of its own where random trials come first."""
    costs, done = [], 0
    trial, measured = begin(make, random_first)
    for mark in marks:
        if random_first and done:
            done, (trial, measured) = 0, begin(make, random_first)
        while done < mark - (N_BLOCKS + 1) * BLOCK:
            trial()
            done += 1
        measured()
        blocks = []
        for _ in range(N_BLOCKS + 1):  # the first one takes in what came before, and is not counted
            start = time.process_time()
            for _ in range(BLOCK):
                trial()
            blocks.append(time.process_time() - start)
            done += BLOCK
        costs.append(1e3 * median(blocks[1:]) / BLOCK)
    return costs


@pytest.mark.benchmark
@pytest.mark.parametrize("name", [name for name, (*_, most) in OURS.items() if most])
def test_a_late_trial_costs_little_more_than_the_500th(name):
    make, random_first, last, most = OURS[name]
    early, late = growth(ours, make, random_first, (500, last))
    assert late <= most * early


if __name__ == "__main__":
    longest = int(sys.argv[1]) if sys.argv[1:] else MARKS[-1]
    print(f"{'CPU ms a trial at':20}" + "".join(f"{mark:>10,}" for mark in MARKS) + "   last : first")
    searches = [(ours, name, spec[:3]) for name, spec in OURS.items()]
    searches += [(optunas, name, spec) for name, spec in OPTUNAS.items()]
    for begin, name, (make, random_first, last) in searches:
        marks = [mark for mark in MARKS if mark <= min(last, longest)]
        costs = growth(begin, make, random_first, marks)
        cells = "".join(f"{cost:10.3f}" for cost in costs).ljust(10 * len(MARKS))
        print(f"{name:20}{cells}{costs[-1] / costs[0]:10.2f}", flush=True)
