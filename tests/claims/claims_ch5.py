"""Chapter 5: stopping early, evolution, ensembles, honest numbers, and where a model loses its lead."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from claim import Effect, claim, effect, proportion
from sklearn.tree import DecisionTreeClassifier

import hpt_lab as hpt
from hpt_lab import datasets, problems
from hpt_lab.comparison import compare

STOP = "05_trade_offs/01_stop_early"
EVOLUTION = "05_trade_offs/02_evolution"
HONEST = "05_trade_offs/04_honest_evaluation"
LOSES = "05_trade_offs/05_when_bayesian_optimization_loses"
WHICH = "05_trade_offs/06_which_strategy_when"
POINTS = "percentage points of regret saved"
N = 32


# 5.1


@cache
def after_epochs(name: str, seed: int, epochs: int = 540) -> float:
    """Regret in percentage points of the model in hand after so many epochs of MNIST networks."""
    entrants: dict[str, tuple[Any, int]] = {
        "random": (hpt.RandomSearch(), 20),
        "bayesian": (hpt.BayesianOptimization(), 20),
        "hyperband": (hpt.Hyperband(1, 27), 115),
        "BOHB": (hpt.Hyperband(1, 27, source=hpt.TPE()), 115),
    }
    strategy, n_trials = entrants[name]
    run = compare({name: strategy}, problems.mlp_mnist(), n_trials, [seed], progress=False)
    return 100 * float(run[run["cost"] <= epochs]["regret"].iloc[-1])


@claim(STOP, "After 108 epochs Hyperband holds a better model than random search after as many", n_seeds=40, fast=True)
def stopping_early_pays_early(seeds: Sequence[int]) -> Effect:
    return effect((after_epochs("random", s, 108) - after_epochs("hyperband", s, 108) for s in seeds), POINTS)


@claim(STOP, "After 540 epochs a model that trains in full is ahead of Hyperband", n_seeds=20)
def full_trainings_with_a_model_win_late(seeds: Sequence[int]) -> Effect:
    return effect((after_epochs("hyperband", s) - after_epochs("bayesian", s) for s in seeds), POINTS)


@claim(STOP, "The survivor of 27 is among the best three of them on most draws", n_seeds=40, fast=True)
def the_survivor_is_among_the_best(seeds: Sequence[int]) -> Effect:
    table = problems.mlp_mnist()

    def place(seed: int) -> int:
        halving = hpt.SuccessiveHalving(27, 1, 27)
        study = hpt.tune(table, table.space, halving, 40, seed=seed, progress=False)
        drawn = [table(trial.params, 27) for trial in study.trials[:27]]
        return 1 + sum(loss < study.best_value for loss in drawn)

    return proportion([place(s) <= 3 for s in seeds], "% of the draws (above 60)", above=0.6)


class Waits:
    """Successive halving, one bracket of 40 trials after the other."""

    def suggest(self, history: hpt.History) -> hpt.Suggestion | None:
        n = len(history.trials)
        if n % 40 == 0 and history.n_running:
            return None
        own = hpt.History(history.space, tuple(history.trials[n // 40 * 40 :]), seed=1000 * history.seed + n // 40)
        return hpt.SuccessiveHalving(27, 1, 27).suggest(own)


class Overlaps(hpt.Hyperband):
    """Its longest bracket alone; the next one begins while a rung waits."""

    @property
    def brackets(self) -> list[list[tuple[int, int]]]:
        return super().brackets[:1]


@cache
def found_in_time(name: str, seed: int, n_workers: int = 4, until: float = 4.0) -> float:
    """Regret in percentage points when the simulated time is up."""
    strategies: dict[str, Any] = {"waits": Waits(), "overlaps": Overlaps(1, 27), "ASHA": hpt.ASHA(1, 27)}
    table = problems.mlp_mnist()
    study, clock, running = hpt.Study(table.space, strategies[name], seed=seed), 0.0, []
    while True:
        while len(running) < n_workers and clock < until:
            try:
                trial = study.ask()
            except hpt.NothingToSuggest:
                break
            a, b = trial.params["units_1"], trial.params["units_2"]
            full = (784 * a + a * b + 10 * b) / (784 * 256 + 256 * 256 + 2560)
            assert trial.budget is not None
            running.append((round(clock + trial.budget / 27 * full, 9), trial.number, trial))
        if not running:
            return 100 * (study.best_value - table.optimum_at(seed % 3))
        running.sort(key=lambda entry: entry[:2])
        clock, _, trial = running.pop(0)
        if clock <= until:
            study.tell(trial, table(trial.params, trial.budget, seed % 3))


@claim(STOP, "With four workers and equal time, ASHA finds more than halving that waits for its rungs", n_seeds=60)
def waiting_costs(seeds: Sequence[int]) -> Effect:
    return effect((found_in_time("waits", s) - found_in_time("ASHA", s) for s in seeds), POINTS)


@claim(STOP, "Halving whose next bracket begins meanwhile finds as much as ASHA, within 0.2 points", n_seeds=60)
def another_bracket_is_as_good_as_asha(seeds: Sequence[int]) -> Effect:
    gaps = (found_in_time("overlaps", s) - found_in_time("ASHA", s) for s in seeds)
    return effect(gaps, "percentage points (within 0.2)", within=0.2)


# 5.2


@cache
def hartmann(name: str, seed: int, n_trials: int) -> np.ndarray:
    strategies: dict[str, Any] = {
        "random": hpt.RandomSearch(),
        "genetic": hpt.GeneticAlgorithm(),
        "bayesian": hpt.BayesianOptimization(),
    }
    six = problems.hartmann6()
    study = hpt.tune(six, six.space, strategies[name], n_trials, seed=seed, progress=False)
    return np.minimum.accumulate(study.history.losses) - six.optimum


@claim(EVOLUTION, "On Hartmann's function evolution is ahead of random search after 200 trials", n_seeds=20)
def evolution_beats_dice(seeds: Sequence[int]) -> Effect:
    return effect((hartmann("random", s, 200)[-1] - hartmann("genetic", s, 200)[-1] for s in seeds), "regret saved")


@claim(EVOLUTION, "Bayesian optimization is lower after 30 trials than evolution after 60", n_seeds=20)
def evolution_needs_more_trials(seeds: Sequence[int]) -> Effect:
    gaps = (hartmann("genetic", s, 200)[59] - hartmann("bayesian", s, 30)[-1] for s in seeds)
    return effect(gaps, "regret saved")


@claim(
    EVOLUTION, "A tournament of five in twenty is won by the best member about once in four", n_seeds=2000, fast=True
)
def tournaments_are_won_by_chance(seeds: Sequence[int]) -> Effect:
    wins = (float(0 in np.random.default_rng(s).choice(20, size=5, replace=False)) - 0.25 for s in seeds)
    return effect(wins, "share minus 1/4 (within 0.04)", within=0.04)


# 5.4


@cache
def tree_errors(seed: int) -> np.ndarray:
    """Of 200 random trees, which rows outside of training are wrong: (200, 469)."""
    data = datasets.breast_cancer()
    X, y = np.concatenate([data.X_cv, data.X_test]), np.concatenate([data.y_cv, data.y_test])
    space = hpt.Space(
        max_depth=hpt.Int(1, 12),
        min_samples_leaf=hpt.Int(1, 20, log=True),
        max_features=hpt.Float(0.05, 1.0, log=True),
        criterion=["gini", "entropy"],
        splitter=["best", "random"],
    )
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    train, others = order[:100], order[100:]
    trees = (DecisionTreeClassifier(**space.sample(rng), random_state=seed) for _ in range(200))
    return np.array([tree.fit(X[train], y[train]).predict(X[others]) != y[others] for tree in trees])


def curse(seed: int, n_trials: int, n_rows: int) -> tuple[float, float]:
    """Real error of the winner, and how much smaller the shown one is."""
    wrong = tree_errors(seed)[:n_trials]
    shown = wrong[:, :n_rows].mean(axis=1)
    winner = int(shown.argmin())
    future = float(wrong[winner, 200:].mean())
    return future, future - float(shown[winner])


@claim(HONEST, "The winner's number flatters it more after 200 trials than after 5", n_seeds=20)
def more_trials_flatter_more(seeds: Sequence[int]) -> Effect:
    return effect((curse(s, 200, 50)[1] - curse(s, 5, 50)[1] for s in seeds), "of error")


@claim(HONEST, "More rows to choose from shrink the winner's curse", n_seeds=20)
def more_rows_flatter_less(seeds: Sequence[int]) -> Effect:
    return effect((curse(s, 200, 25)[1] - curse(s, 200, 200)[1] for s in seeds), "of error")


@claim(HONEST, "More rows to choose from choose a better winner", n_seeds=20)
def more_rows_choose_better(seeds: Sequence[int]) -> Effect:
    return effect((curse(s, 200, 25)[0] - curse(s, 200, 200)[0] for s in seeds), "of error on other rows")


@claim(HONEST, "Choosing on the test set flatters: its best number is too small on other rows", n_seeds=20)
def a_test_set_that_has_chosen_flatters(seeds: Sequence[int]) -> Effect:
    def gap(seed: int) -> float:
        test = tree_errors(seed)[:, 50:100].mean(axis=1)
        return float(tree_errors(seed)[test.argmin(), 200:].mean() - test.min())

    return effect((gap(s) for s in seeds), "of error")


@claim(HONEST, "A test set that was opened once, for the winner alone, does not flatter: within 0.02", n_seeds=40)
def a_test_set_opened_once_is_fair(seeds: Sequence[int]) -> Effect:
    def gap(seed: int) -> float:
        wrong = tree_errors(seed)
        winner = wrong[:, :50].mean(axis=1).argmin()
        return float(wrong[winner, 200:].mean() - wrong[winner, 50:100].mean())

    return effect((gap(s) for s in seeds), "of error (within 0.02)", within=0.02)


# 5.5

Objective = Callable[[Any, np.random.Generator], float]


def branin(params: Any) -> float:
    return problems.branin()({"x1": params["x1"], "x2": params["x2"]})


def noisy(sd: float) -> Objective:
    return lambda params, rng: round(branin(params) + sd * rng.standard_normal(), 6)


def search(strategy: Any, objective: Objective, space: hpt.Space, seed: int, workers: int = 1) -> hpt.Study:
    study, rng = hpt.Study(space, strategy, seed=seed), np.random.default_rng(1000 + seed)
    while len(study.trials) < N:
        for trial in [study.ask() for _ in range(workers)]:
            study.tell(trial, objective(trial.params, rng))
    return study


@cache
def noisy_study(sd: float, seed: int) -> hpt.Study:
    return search(hpt.BayesianOptimization(), noisy(sd), problems.branin().space, seed)


@claim(LOSES, "Under noise a search tries a far better place than it delivers", n_seeds=20)
def good_places_are_tried_and_not_known(seeds: Sequence[int]) -> Effect:
    def gap(seed: int) -> float:
        study = noisy_study(60, seed)
        return branin(study.best.params) - min(branin(trial.params) for trial in study.trials)

    return effect((gap(s) for s in seeds), "of true regret lost")


@claim(LOSES, "On a board without structure the model opens fewer fields than there are trials", n_seeds=20)
def in_a_lottery_the_model_opens_fewer_fields(seeds: Sequence[int]) -> Effect:
    def unopened(seed: int) -> int:
        values = np.random.default_rng(seed).random((30, 30)).round(6)

        def objective(params: Any, rng: Any) -> float:
            i, j = int((params["x1"] + 5) / 15 * 30), int(params["x2"] / 15 * 30)
            return float(values[min(i, 29), min(j, 29)])

        study = search(hpt.BayesianOptimization(), objective, problems.branin().space, seed)
        return N - len({trial.value for trial in study.trials})

    return effect((unopened(s) for s in seeds), "of 32 trials in a field that was open")


def regret(strategy: Any, seed: int, space: hpt.Space | None = None, workers: int = 1) -> float:
    study = search(strategy, noisy(0.0), space or problems.branin().space, seed, workers)
    return study.best_value - problems.branin().optimum


@claim(LOSES, "With 18 idle dimensions beside 2, the model is still ahead of random search", n_seeds=20)
def idle_dimensions_do_not_lose_the_race(seeds: Sequence[int]) -> Effect:
    idle = {f"dummy_{i}": hpt.Float(0, 1) for i in range(18)}
    space = hpt.Space({**problems.branin().space.dimensions, **idle})
    bayesian = hpt.BayesianOptimization()
    return effect((regret(hpt.RandomSearch(), s) - regret(bayesian, s, space) for s in seeds), "of regret saved")


@claim(LOSES, "At equal trials, sixteen workers cost the model more than eight", n_seeds=20)
def workers_cost_trials(seeds: Sequence[int]) -> Effect:
    bayesian = hpt.BayesianOptimization()
    gaps = (regret(bayesian, s, workers=16) - regret(bayesian, s, workers=8) for s in seeds)
    return effect(gaps, "of regret lost")


@claim(LOSES, "In 40 dimensions that all matter, from a random start, the model is ahead of random search", n_seeds=6)
def forty_dimensions_are_not_too_many(seeds: Sequence[int]) -> Effect:
    cube = hpt.Space({f"x{j}": hpt.Float(0, 1) for j in range(40)})

    def best(strategy: Any, seed: int) -> float:
        optimum = np.random.default_rng([seed, 40]).random(40)

        def bowl(params: Any) -> float:
            return round(float(np.mean((np.array([params[name] for name in cube]) - optimum) ** 2)), 9)

        return hpt.tune(bowl, cube, strategy, 64, seed=seed, progress=False).best_value

    model = hpt.BayesianOptimization(sobol=False)  # the centre would flatter it
    return effect((best(hpt.RandomSearch(), s) - best(model, s) for s in seeds), "of loss saved")


# 5.6


class Before:
    """The given params first, then another strategy, which sees them too."""

    def __init__(self, first: list[dict[str, Any]], then: Any) -> None:
        self.first, self.then = first, then

    def suggest(self, history: hpt.History) -> hpt.Suggestion | None:
        n = len(history.trials)
        return hpt.Suggestion(self.first[n]) if n < len(self.first) else self.then.suggest(history)


@claim(WHICH, "Yesterday's best trials save regret in the first twenty trials of a similar problem", n_seeds=12)
def a_warm_start_saves_the_first_trials(seeds: Sequence[int]) -> Effect:
    six, model = problems.hartmann6(), hpt.BayesianOptimization()

    def gain(seed: int) -> float:
        shift = 0.05 * np.random.default_rng(seed).choice([-1, 1], 6)

        def yesterday(params: Any) -> float:
            moved = np.clip(np.array([params[name] for name in six.space]) + shift, 0, 1)
            return six(dict(zip(six.space, moved.tolist(), strict=True)))

        old = hpt.tune(yesterday, six.space, model, 40, seed=1000 + seed, progress=False)
        good = [dict(trial.params) for trial in old.history.ranked[:3]]
        warm = hpt.tune(six, six.space, Before(good, model), 20, seed=seed, progress=False)
        return float(hartmann("bayesian", seed, 20)[-1]) - (warm.best_value - six.optimum)

    return effect((gain(s) for s in seeds), "regret saved")


@claim(WHICH, "Looking at the edge and widening beats more trials in a space that is too tight", n_seeds=20)
def looking_at_the_edge_pays(seeds: Sequence[int]) -> Effect:
    svm, step = problems.svm_digits(), 10**0.25

    def explore(seed: int, C: float, gamma: float, n: int) -> hpt.Study:
        space = hpt.Space(C=hpt.Float(1e-2, C, log=True, step=step), gamma=hpt.Float(1e-4, gamma, log=True, step=step))

        def objective(params: Any) -> float:
            return svm(params, seed=seed % svm.n_seeds)

        return hpt.tune(objective, space, hpt.QuasiRandomSearch(), n, seed=seed, progress=False)

    def gain(seed: int) -> float:
        first = explore(seed, 1.0, 1e-2, 32)
        best = [first.space.encode(trial.params) for trial in first.history.ranked[:5]]
        C, gamma = (np.array(best) > 0.7).sum(axis=0) >= 4
        second = explore(seed, 1e2 if C else 1.0, 1e0 if gamma else 1e-2, 32)
        return explore(seed, 1.0, 1e-2, 64).best_value - min(first.best_value, second.best_value)

    return effect((gain(s) for s in seeds), "of error")
