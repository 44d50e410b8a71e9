"""What asynchronous workers do to each strategy, in virtual time: see `hpt_lab.simulate`.

    python benchmarks/bench_parallel.py --seeds 8

First, points lost with k workers against the same search without, at 50 trials: 100 points are the optimum, 0 is random
search. Ours and Optuna's TPE, which counts running trials among the bad ones (`constant_liar`), are asked whenever a
worker is free. scikit-optimize's `ask(n_points=k)`, which lies that the points before in its batch are as good as the best
so far (`cl_min`), is asked when all of a batch is done: it misses half as many results, and its workers wait. It needs
most of the time, so it has fewer seeds. Then a table of 1 to 4096 workers: seconds to a target, how busy the workers are, and how
many results a proposal misses. Needs the extra `peers`.
"""

import argparse
import math
import warnings
from functools import cache

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import problems, simulate

PROBLEMS = ("branin", "hartmann6", "forest_boston", "svm_mnist", "boosting_boston")
N_TRIALS = 50


def ranges(space):
    """A dimension as a peer sees it: a coordinate of the unit interval, or the number of a step."""
    return {name: (0.0, 1.0) if d.size == math.inf else (0, int(d.size) - 1) for name, d in space.dimensions.items()}


def suggestion(space, place):
    steps = [d.size for d in space.dimensions.values()]
    u = [min(max(p, 0.0), 1.0) if size == math.inf else (p + 0.5) / size for p, size in zip(place, steps, strict=True)]
    return hpt.Suggestion(space.decode(u))


class OptunaTPE:
    """Told of each trial that has ended before it is asked."""

    def __init__(self):
        self.study, self.asked, self.told = None, [], set()

    def suggest(self, history):
        import optuna

        if self.study is None:
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            kinds = {float: optuna.distributions.FloatDistribution, int: optuna.distributions.IntDistribution}
            self.ranges = {name: kinds[type(low)](low, high) for name, (low, high) in ranges(history.space).items()}
            self.study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=history.seed, constant_liar=True))
        for trial in history.finished:
            if trial.number not in self.told:
                self.study.tell(self.asked[trial.number], trial.value)
                self.told.add(trial.number)
        self.asked.append(self.study.ask(self.ranges))
        return suggestion(history.space, [self.asked[-1].params[name] for name in self.ranges])


class ScikitOptimize:
    """Asked for a batch of points when the one before is done."""

    def __init__(self, n_workers):
        self.n_workers, self.optimizer, self.asked, self.told = n_workers, None, [], 0

    def suggest(self, history):
        from skopt import Optimizer

        if self.optimizer is None:
            self.optimizer = Optimizer(list(ranges(history.space).values()), random_state=history.seed)
        number = len(history.trials)
        if number == len(self.asked):
            if history.running:
                return None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if done := history.finished[self.told :]:
                    self.optimizer.tell([self.asked[t.number] for t in done], [t.value for t in done])
                n_points = min(self.n_workers, N_TRIALS - number)
                alone = self.n_workers == 1
                self.asked += [self.optimizer.ask()] if alone else self.optimizer.ask(n_points, strategy="cl_min")
            self.told = number
        return suggestion(history.space, self.asked[number])


RIVALS = {  # the search with k workers, and what part of the seeds it gets
    "Bayesian": (lambda n_workers: hpt.BayesianOptimization(), 1),
    "TPE": (lambda n_workers: hpt.TPE(), 1),
    "Optuna TPE": (lambda n_workers: OptunaTPE(), 1),
    "scikit-optimize": (ScikitOptimize, 3 / 8),
}


def duration(problem, seed):
    """As the tables say, or a second, and each a bit more or less, so that no two end at once."""
    luck = np.random.default_rng([seed, 99]).uniform(0.8, 1.25, 100_000)
    seconds = problems.durations(problem) if problem.table is not None else lambda trial: 1.0
    return lambda trial: seconds(trial) * luck[trial.number]


def best(name, strategy, seed, n_workers):
    problem = problems.get(name)
    study = hpt.Study(problem.space, strategy, seed=seed)
    simulate(study, lambda params: problem(params, seed=None), duration(problem, seed), n_workers, N_TRIALS)
    return study.best_value


@cache
def random_search(name):
    return np.mean([best(name, hpt.RandomSearch(), seed, 1) for seed in range(40)])


@cache
def points(rival, n_workers, seeds):
    """Mean over the problems, one a seed: shape (n_seeds,)."""
    make, table = RIVALS[rival][0], []
    for name in PROBLEMS:
        optimum = problems.get(name).optimum
        found = np.array([best(name, make(n_workers), seed, n_workers) for seed in seeds])
        table.append(100 * (1 - (found - optimum) / (random_search(name) - optimum)))
    return np.mean(table, axis=0)


@pytest.mark.benchmark
def test_eight_workers_cost_bayesian_optimization_fewer_points_than_tpe_has_to_lose():
    alone, with_eight = (points("Bayesian", n_workers, range(8)) for n_workers in (1, 8))
    assert (alone - with_eight).mean() <= 10
    assert with_eight.mean() > points("TPE", 1, range(8)).mean()


@pytest.mark.benchmark
def test_eight_workers_cost_bayesian_optimization_fewer_points_than_they_cost_optuna():
    lost = {rival: points(rival, 1, range(8)) - points(rival, 8, range(8)) for rival in ("Bayesian", "Optuna TPE")}
    assert lost["Bayesian"].mean() < lost["Optuna TPE"].mean()


@pytest.mark.benchmark
@pytest.mark.parametrize(("rival", "n_seeds"), [("Optuna TPE", 8), ("scikit-optimize", 3)])
def test_with_eight_workers_bayesian_optimization_is_ahead(rival, n_seeds):
    assert points("Bayesian", 8, range(n_seeds)).mean() > points(rival, 8, range(n_seeds)).mean()


def table(name="mlp_mnist", target=0.005, seeds=range(5)):
    problem = problems.get(name)
    low, high = problem.budgets[0], problem.budgets[-1]
    rivals = {
        "random": (hpt.RandomSearch, 4096),
        "TPE": (hpt.TPE, 4096),
        "Bayesian": (hpt.BayesianOptimization, 64),
        "Hyperband": (lambda: hpt.Hyperband(low, high), 4096),
        "ASHA": (lambda: hpt.ASHA(low, high), 4096),
    }
    print(f"{name}: seconds to the optimum + {target}, busy, missing; medians of {len(seeds)} seeds")
    for label, (make, most) in rivals.items():
        for n_workers in (1, 8, 64, 512, 4096):
            if n_workers > most:
                continue
            found = [
                simulate(
                    hpt.Study(problem.space, make(), seed=seed),
                    lambda params, budget=None: problem(params, budget, seed=None),
                    duration(problem, seed),
                    n_workers,
                    max(200, 3 * n_workers),
                )
                for seed in seeds
            ]
            seconds = np.median([one.time_to(problem.optimum + target) for one in found])
            busy, missing = np.median([[one.utilisation, one.missing] for one in found], axis=0)
            print(f"{label:>10} {n_workers:5d} workers: {seconds:7.2f} s {busy:5.0%} {missing:7.1f}", flush=True)


def race(n_seeds):
    print(f"points after {N_TRIALS} trials, and how many fewer with k workers: mean and standard error over the seeds")
    for rival, (_, share) in RIVALS.items():
        seeds = range(max(2, round(share * n_seeds)))
        alone = points(rival, 1, seeds)
        print(f"{rival:>16}, {len(seeds)} seeds: {_shown(alone)} alone", end="", flush=True)
        for n_workers in (4, 8):
            print(f"; {n_workers}: {_shown(alone - points(rival, n_workers, seeds))} fewer", end="", flush=True)
        print(flush=True)


def _shown(values):
    return f"{values.mean():.1f} +- {values.std(ddof=1) / np.sqrt(len(values)):.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    race(parser.parse_args().seeds)
    table()
