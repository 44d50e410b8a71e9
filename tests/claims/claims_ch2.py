"""Chapter 2: what a grid repeats and never sees, the winner's luck, random search against grids, and points without gaps."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import product

import numpy as np
from claim import Effect, claim, effect, instead, pairwise, trainings
from scipy.stats import qmc
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import KFold

import hpt_lab as hpt
from hpt_lab import datasets, problems
from hpt_lab.loop import compare

NOISE = "02_grid_search/02_the_winner_is_noise"
RANDOM = "02_grid_search/04_random_search"
SOBOL = "02_grid_search/05_low_discrepancy"
ERROR = "1000 USD of maximum error"


@cache
def forest_errors(seed: int, depth: int, sizes: tuple[int, ...]) -> np.ndarray:
    """Maximum and mean error (two rows) of fresh forests, mean of five folds; the first trees of the largest are the smaller."""
    data = datasets.boston()
    X, y = data.X_cv, data.y_cv
    errors = []
    for train, valid in KFold(5, shuffle=True, random_state=seed).split(X):
        forest = RandomForestRegressor(sizes[-1], max_depth=depth, random_state=seed).fit(X[train], y[train])
        sums = np.cumsum([tree.predict(X[valid]) for tree in forest.estimators_], axis=0)
        misses = [np.abs(sums[n - 1] / n - y[valid]) for n in sizes]
        errors.append([[miss.max() for miss in misses], [miss.mean() for miss in misses]])
    return np.mean(errors, axis=0)


DEPTHS, TREES = (5, 10, 15), (100, 150, 200)


def nine(seed: int, metric: str = "max_error") -> np.ndarray:
    """Errors of the lesson's grid of nine, with fresh folds and forests: a row for each depth."""
    return np.array([forest_errors(seed, depth, TREES)[int(metric != "max_error")] for depth in DEPTHS])


def elsewhere(metric: str = "max_error") -> np.ndarray:
    """The same nine, on the mean of the twenty seeds of the table: a judge that has not seen the fresh ones."""
    forest = problems.forest_boston(metric)
    return np.array([[forest({"max_depth": d, "n_estimators": n}, seed=None) for n in TREES] for d in DEPTHS])


def from_the_table(seed: int, depth: int, sizes: tuple[int, ...]) -> np.ndarray:
    """Errors of forests that the lab has trained, for a short run: as `forest_errors`."""
    tables = [problems.forest_boston(metric) for metric in ("max_error", "mean_absolute_error")]
    return np.array(
        [[forest.table.losses[seed % 20, 0, depth - 1, n // 10 - 1] for n in sizes] for forest in tables]  # type: ignore[union-attr]
    )


TABLE = instead("forest_errors", from_the_table)
ALIKE = instead("nine", lambda seed, metric="max_error": elsewhere(metric))


def nine_of_the_table(seed: int) -> np.ndarray:
    """The same nine, with a seed of the table: one of twenty other people."""
    forest = problems.forest_boston()
    return np.array([[forest({"max_depth": d, "n_estimators": n}, seed=seed) for n in TREES] for d in DEPTHS])


@claim(NOISE, n_seeds=4, rival=ALIKE + instead("nine_of_the_table", lambda seed: elsewhere()), small=TABLE)
def another_seed_crowns_another_winner(seeds: Sequence[int]) -> Effect:
    """Two people who repeat a grid of nine with different seeds mostly report different winners

    Each seed meets every third of the twenty of the table, in each block others: the error is that of both sides."""
    winners = np.array([nine(s).argmin() for s in seeds])
    others = np.array([nine_of_the_table(s).argmin() for s in range(seeds[0] // 10_000 % 3, 20, 3)])
    differ = 100.0 * (winners[:, None] != others)
    error = np.hypot(*(differ.mean(axis=axis).std(ddof=1) / len(differ.mean(axis=axis)) ** 0.5 for axis in (0, 1)))
    return Effect(float(differ.mean()) - 50, round(float(error), 9), "% of the pairs, beyond one half", len(winners))


def apart(seeds: Sequence[int], metric: str) -> tuple[np.ndarray, float]:
    """How far one configuration is in two repetitions, for each pair; and the gap between the best and the worst of nine."""
    errors = np.array([nine(s, metric).ravel() for s in seeds])
    return np.abs(errors[:, None] - errors).mean(axis=2), float(np.ptp(elsewhere(metric)))


@claim(NOISE, n_seeds=8, rival=ALIKE, small=TABLE)
def the_seed_moves_more_than_the_configuration(seeds: Sequence[int]) -> Effect:
    """Two repetitions of one configuration differ by more than the best and the worst of the nine configurations do"""
    distances, gap = apart(seeds, "max_error")
    return pairwise(distances, ERROR, beyond=gap)


@claim(NOISE, n_seeds=8, rival=instead("apart", metric="max_error"), small=TABLE)
def a_mean_over_all_rows_is_calmer(seeds: Sequence[int]) -> Effect:
    """For the mean error, it is the other way around: the configuration changes it more than the seed does"""
    distances, gap = apart(seeds, "mean_absolute_error")
    return pairwise(distances, "1000 USD of mean error", beyond=gap, sign=-1)


@claim(NOISE, n_seeds=8, rival=instead("DEPTHS", (10, 10, 15)), small=TABLE)
def depth_10_is_better_than_depth_5(seeds: Sequence[int]) -> Effect:
    """Depth 10 is better than depth 5"""
    return effect([nine(s)[0].mean() - nine(s)[1].mean() for s in seeds], ERROR)


@claim(NOISE, n_seeds=8, rival=instead("DEPTHS", (5, 10, 5)), small=TABLE)
def depths_10_and_15_are_alike(seeds: Sequence[int]) -> Effect:
    """Depths 10 and 15 differ by less than a third of the step from depth 5 to depth 10"""
    third = (elsewhere()[0].mean() - elsewhere()[1].mean()) / 3
    return effect([nine(s)[1].mean() - nine(s)[2].mean() for s in seeds], f"{ERROR} (within {third:.2f})", within=third)


@claim(NOISE, n_seeds=8, rival=ALIKE, small=TABLE)
def the_winners_lead_does_not_come_again(seeds: Sequence[int]) -> Effect:
    """The winner is further ahead of the deep forests in its own search than with other seeds"""
    judge, lost = elsewhere(), []
    for seed in seeds:
        own = nine(seed)
        winner = np.unravel_index(own.argmin(), own.shape)
        lost.append((judge[winner] - judge[1:].mean()) - (own[winner] - own[1:].mean()))
    return effect(lost, ERROR)


def depths_tried(means: np.ndarray, patience: int = 3) -> int:
    """Depths until `patience` of them have brought no progress."""
    best, waited = np.inf, 0
    for n, mean in enumerate(means, start=1):
        best, waited = (mean, 0) if mean < best else (best, waited + 1)
        if waited == patience:
            return n
    return len(means)


@claim(NOISE, n_seeds=5, rival=instead("depths_tried", patience=1), small=TABLE)
def stopping_after_three_depths_costs_little(seeds: Sequence[int]) -> Effect:
    """A search that stops after three depths without improvement finds as good a forest as the grid"""
    sizes = tuple(range(10, 70, 10))
    judge = problems.forest_boston().values(None)[:, : len(sizes)].ravel()
    worse = []
    for seed in seeds:
        rows = np.array([forest_errors(seed, depth, sizes)[0] for depth in range(1, 21)])
        n_depths = depths_tried(rows.mean(axis=1).round(6))
        worse.append(judge[rows[:n_depths].argmin()] - judge[rows.argmin()])
    return effect(worse, f"{ERROR} (within 0.15)", within=0.15)


CENTRED = np.array(list(product([1 / 6, 1 / 2, 5 / 6], repeat=4)))
ENDS = np.array(list(product([0, 1 / 2, 1], repeat=4)))
CUBE = hpt.Space({f"h{i}": hpt.Float(0, 1) for i in range(4)})


@cache
def drawn(strategy: str, n: int, seed: int) -> np.ndarray:
    study = hpt.Study(CUBE, {"random": hpt.RandomSearch, "quasi": hpt.QuasiRandomSearch}[strategy](), seed=seed)
    return np.array([list(study.ask().params.values()) for _ in range(n)])


def distance(points: np.ndarray, seed: int, k: int) -> float:
    """From the nearest point to a best one at a random place, in the k dimensions that matter."""
    best = np.random.default_rng(1_000_000 + seed).random(4)
    return float(np.sqrt(((points - best) ** 2)[:, :k].sum(axis=1).min()))


GRID = instead("drawn", lambda strategy, n, seed: CENTRED)


@claim(RANDOM, n_seeds=40, fast=True, rival=GRID)
def dice_win_where_one_matters(seeds: Sequence[int]) -> Effect:
    """When one of four hyperparameters matters, a centered grid ends more than five times as far from the best point as random search"""
    return effect([distance(CENTRED, s, 1) - 5 * distance(drawn("random", 81, s), s, 1) for s in seeds], "of the range")


@claim(RANDOM, n_seeds=200, rival=GRID)
def dice_are_ahead_where_three_matter(seeds: Sequence[int]) -> Effect:
    """When three of four matter, random search is still ahead of the centered grid"""
    return effect([distance(CENTRED, s, 3) - distance(drawn("random", 81, s), s, 3) for s in seeds], "of the range")


@claim(RANDOM, n_seeds=80, fast=True, rival=GRID)
def the_centred_grid_wins_where_all_matter(seeds: Sequence[int]) -> Effect:
    """When all four hyperparameters matter, a centered grid ends closer than random search"""
    return effect([distance(drawn("random", 81, s), s, 4) - distance(CENTRED, s, 4) for s in seeds], "of the range")


@claim(RANDOM, n_seeds=80, fast=True, rival=instead("ENDS", CENTRED), few=80)
def a_grid_at_the_ends_loses_everywhere(seeds: Sequence[int]) -> Effect:
    """A grid with its values at the ends is behind random search even when all four matter"""
    return effect([distance(ENDS, s, 4) - distance(drawn("random", 81, s), s, 4) for s in seeds], "of the range")


# All ten training runs of each configuration; the lessons of this chapter have the first three.
SVM, BOOSTING = (problems.get(name, n_seeds=10) for name in ("svm_mnist", "boosting_boston"))


def whole(name: str) -> problems.Problem:
    """The problem with all of its training runs."""
    return problems.get(name, **{"n_seeds": 10} if name in ("mlp_mnist", "svm_mnist", "boosting_boston") else {})


def by_dice(name: str, n_trials: int, seeds: Sequence[int], metric: str, strategy: str = "random") -> np.ndarray:
    """A column of the comparison after the last trial, one for each fresh seed of random search."""
    strategies = {"random": hpt.RandomSearch(), "quasi": hpt.QuasiRandomSearch()}
    frame = compare({strategy: strategies[strategy]}, whole(name), n_trials, seeds=seeds, progress=False)
    return frame[frame["trial"] == n_trials].set_index("seed").loc[list(seeds), metric].to_numpy()


def by_grid(name: str, k: int, seeds: Sequence[int]) -> np.ndarray:
    """What the centered grid's settings give when they are trained again, for the table that each seed sees."""
    problem = whole(name)
    cells = [problem.space.decode(u) for u in product((np.arange(k) + 0.5) / k, repeat=len(problem.space))]
    tables = range(problem.n_seeds)
    delivered = [problem(min(cells, key=lambda params: problem(params, seed=t)), seed=None) for t in tables]
    return np.array([delivered[problem.training(s)] for s in seeds])


AS_THE_GRID = instead("by_dice", lambda name, n, seeds, *_: by_grid(name, {81: 3, 16: 2, 32: 2}[n], seeds))


@claim(RANDOM, n_seeds=30, fast=True, rival=AS_THE_GRID)
def dice_beat_a_grid_of_81(seeds: Sequence[int]) -> Effect:
    """For a support vector machine on MNIST, random search finds better settings than a grid of 81"""
    lead = by_grid("svm_mnist", 3, seeds) - by_dice("svm_mnist", 81, seeds, "expected_loss")
    return effect(100 * lead, "% more digits right", trainings=trainings(seeds, SVM))


@claim(RANDOM, n_seeds=30, fast=True, rival=AS_THE_GRID)
def a_grid_of_16_beats_dice(seeds: Sequence[int]) -> Effect:
    """For the same model, a grid of 16 finds better settings than random search: a grid is a bet"""
    lead = by_dice("svm_mnist", 16, seeds, "expected_loss") - by_grid("svm_mnist", 2, seeds)
    return effect(100 * lead, "% more digits right", trainings=trainings(seeds, SVM))


@claim(RANDOM, n_seeds=30, rival=AS_THE_GRID)
def dice_beat_the_grid_on_boosting(seeds: Sequence[int]) -> Effect:
    """For boosting, with five hyperparameters, random search finds better settings than the centered grid"""
    lead = by_grid("boosting_boston", 2, seeds) - by_dice("boosting_boston", 32, seeds, "expected_loss")
    return effect(100 * lead, "% of the variance", trainings=trainings(seeds, BOOSTING))


@claim(RANDOM, n_seeds=30, rival=instead("by_dice", n_trials=16))
def more_dice_are_better(seeds: Sequence[int]) -> Effect:
    """Eighty-one random trials find better settings than sixteen"""
    few, many = (by_dice("svm_mnist", n, seeds, "expected_loss") for n in (16, 81))
    return effect(100 * (few - many), "% more digits right", trainings=trainings(seeds, SVM))


def at_random(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 2))


def of_sobol(n: int, seed: int) -> np.ndarray:
    return np.asarray(qmc.Sobol(2, scramble=True, rng=seed).random(n))


@claim(SOBOL, n_seeds=200, fast=True, rival=instead("at_random", of_sobol))
def dice_leave_a_third_empty(seeds: Sequence[int]) -> Effect:
    """In a square of 64 cells, 64 random points leave more than a third of the cells empty"""
    empty = [1 - len(np.unique(np.floor(at_random(64, s) * 8), axis=0)) / 64 for s in seeds]
    return effect([share - 1 / 3 for share in empty], "of the cells, beyond a third")


@claim(SOBOL, rival=instead("of_sobol", at_random))
def sobols_discrepancy_falls_faster(seeds: Sequence[int]) -> Effect:
    """From 16 to 256 points, the discrepancy of Sobol points falls by a larger factor than that of random points"""

    def fall(points: Callable[[int, int], np.ndarray], seed: int) -> float:
        few, many = (qmc.discrepancy(points(n, seed), method="L2-star") for n in (16, 256))
        return float(np.log2(few / many))

    return effect([fall(of_sobol, seed) - fall(at_random, seed) for seed in seeds], "factors of two")


@claim(SOBOL, n_seeds=100, rival=instead("drawn", strategy="random"))
def quasi_random_is_closer_where_one_matters(seeds: Sequence[int]) -> Effect:
    """When one of four hyperparameters matters, quasi-random search ends closer than random search"""
    return effect(
        [distance(drawn("random", 64, s), s, 1) - distance(drawn("quasi", 64, s), s, 1) for s in seeds], "of the range"
    )


SEVEN = ("branin", "hartmann6", "forest_boston", "svm_digits", "mlp_mnist", "svm_mnist", "boosting_boston")


@claim(SOBOL, n_seeds=60, rival=instead("by_dice", strategy="random"))
def quasi_random_saves_regret(seeds: Sequence[int]) -> Effect:
    """Over seven problems, quasi-random search saves some of random search's regret with 16 trials"""
    saved = []
    for name in SEVEN:
        random, quasi = (by_dice(name, 16, seeds, "regret", s) for s in ("random", "quasi"))
        saved.append(100 * (1 - quasi.mean() / random.mean()))
    return effect(
        saved, "% of the mean regret, over the problems", trainings=range(len(SEVEN))
    )  # the same in all blocks


@claim(SOBOL, n_seeds=200, rival=instead("distance", k=4))
def the_gain_shrinks_with_what_matters(seeds: Sequence[int]) -> Effect:
    """When all four hyperparameters matter, quasi-random search gains less than when one does"""
    gains = []
    for k in (1, 4):
        random, quasi = (np.array([distance(drawn(name, 64, s), s, k) for s in seeds]) for name in ("random", "quasi"))
        gains.append(100 * (random - quasi) / random.mean())
    return effect(gains[0] - gains[1], "% closer, more than where all four matter")


@claim(SOBOL, n_seeds=40, rival=instead("hpt.QuasiRandomSearch", hpt.BayesianOptimization))
def the_later_trials_know_nothing(seeds: Sequence[int]) -> Effect:
    """The second half of a quasi-random search has as many hopeless trials as the first"""
    problem = problems.svm_digits()
    changes = []
    for seed in seeds:
        own = partial(problem, seed=problem.training(seed))
        study = hpt.tune(own, problem.space, hpt.QuasiRandomSearch(), 32, seed=seed, progress=False)
        bad = np.array([trial.value > 0.5 for trial in study.trials])
        changes.append(100 * (bad[:16].mean() - bad[16:].mean()))
    return effect(changes, "% of the trials (within 10)", within=10, trainings=trainings(seeds, problems.svm_digits()))


@claim(SOBOL, n_seeds=200, rival=instead("by_dice", strategy="random"))
def the_worst_searches_are_less_bad(seeds: Sequence[int]) -> Effect:
    """On average over seven problems, the worst tenth of quasi-random searches is better than that of random searches"""
    spared = []
    for name in SEVEN:
        random, quasi = (np.sort(by_dice(name, 16, seeds, "regret", s))[-20:].mean() for s in ("random", "quasi"))
        spared.append(100 * (1 - quasi / random))
    unit = "% of the regret of random search's worst tenth, over the problems"
    return effect(spared, unit, trainings=range(len(SEVEN)))


@claim(SOBOL, n_seeds=200, fallen="On the forest, we see no gain")
def on_the_forest_the_gain_does_not_last(seeds: Sequence[int]) -> Effect:
    """Trained again, the settings of the forest keep less than a gain of 10% from quasi-random search"""
    random, quasi = (by_dice("forest_boston", 16, seeds, "expected_loss", s) for s in ("random", "quasi"))
    left = random - problems.forest_boston().optimum
    return effect(10 - 100 * (random - quasi) / left.mean(), "% of the regret short of a gain of 10%")
