"""Chapter 4: slopes of the outer loop, what surrogates believe, what candidates bring, ratios of densities, waits."""

import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from claim import Effect, claim, effect, instead, proportion, trainings
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import hpt_lab as hpt
from hpt_lab import datasets, problems
from hpt_lab.models import MLP
from hpt_lab.surrogates import GaussianProcess, ParzenEstimator, expected_improvement, probability_of_improvement
from hpt_lab.surrogates.learning import features

LOOPS = "04_how_it_works/01_two_loops"
SURROGATE = "04_how_it_works/02_the_surrogate"
ACQUISITION = "04_how_it_works/03_acquisition"
LOOP = "04_how_it_works/04_the_loop"
TPE = "04_how_it_works/05_tpe"
COST = "04_how_it_works/06_what_thinking_costs"

Params = Mapping[str, Any]


# Two loops


@cache
def wrong_images(rate: float, seed: int) -> int:
    """Validation digits that a small network gets wrong after three epochs."""
    data = datasets.digits()
    model = MLP((16,), learning_rate=rate, seed=seed)
    model.fit(data.X_train, data.y_train, epochs=3)
    return round((1 - model.score(data.X_valid, data.y_valid)) * len(data.y_valid))


def rise(rate: float, seed: int) -> int:
    """Wrong images more, if the rate is raised by a quarter."""
    return wrong_images(rate * 1.25, seed) - wrong_images(rate, seed)


@claim(LOOPS, n_seeds=12, fast=True, rival=instead("rise", rate=0.15))
def a_difference_points_down_on_the_left_flank(seeds: Sequence[int]) -> Effect:
    """On the left slope of the valley, a step of 25% lowers the error"""
    return effect([-rise(0.001, seed) for seed in seeds], "images fewer")


@claim(LOOPS, n_seeds=20, rival=instead("rise", rate=0.001))
def a_difference_points_up_on_the_right_flank(seeds: Sequence[int]) -> Effect:
    """On the right slope of the valley, the same step raises the error"""
    return effect([rise(0.15, seed) for seed in seeds], "images more")


@claim(LOOPS, n_seeds=40, rival=instead("rise", rate=0.001))
def the_slope_vanishes_on_the_floor(seeds: Sequence[int]) -> Effect:
    """On the floor of the valley, the same step changes the error by less than four images on average"""
    return effect([rise(0.0175, seed) for seed in seeds], "images more (within 4)", within=4)


@claim(LOOPS, n_seeds=50)
def descents_stay_local(seeds: Sequence[int]) -> Effect:
    """A good part of all descents that use differences miss the best valley"""
    problem = problems.hartmann6()

    def height(x: np.ndarray) -> float:
        return problem(dict(zip(problem.space, np.clip(x, 0, 1).tolist(), strict=True)))

    starts = [np.random.default_rng(seed).random(6) for seed in seeds]
    ends = [minimize(height, x, method="L-BFGS-B", bounds=[(0, 1)] * 6).fun for x in starts]
    return proportion([end - problem.optimum > 0.02 for end in ends], "% of the descents (above 10)", above=0.1)


@cache
def mistakes(C: float, threshold: float, shuffle: int) -> tuple[int, int]:
    """Tumors missed and false alarms of a logistic regression, out of five folds."""
    data = datasets.breast_cancer()
    malignant = data.y_cv == 0
    model = make_pipeline(StandardScaler(), LogisticRegression(C=C, solver="newton-cholesky", tol=1e-8))
    folds = StratifiedKFold(5, shuffle=True, random_state=shuffle)
    p = cross_val_predict(model, data.X_cv, malignant, cv=folds, method="predict_proba")[:, 1]
    alarm = p >= threshold
    return int((malignant & ~alarm).sum()), int((~malignant & alarm).sum())


@cache
def chosen(seed: int, price: int = 20) -> tuple[Params, Params]:
    """The best of thirty random settings, by error and by cost: a miss costs as much as `price` false alarms."""
    space = hpt.Space(C=hpt.Float(1e-4, 1e2, log=True), threshold=hpt.Float(0.01, 0.99))
    rng = np.random.default_rng(seed)
    tried = [space.sample(rng) for _ in range(30)]
    counts = [mistakes(params["C"], params["threshold"], seed) for params in tried]
    by_error = min(range(30), key=lambda i: sum(counts[i]))
    by_cost = min(range(30), key=lambda i: price * counts[i][0] + counts[i][1])
    return tried[by_error], tried[by_cost]


def two_settings(seed: int, price: int = 20) -> tuple[Params, Params]:
    """As `chosen`, without a search, for a short run: the threshold is low where a miss is expensive."""
    return {"C": 1.0, "threshold": 0.5}, {"C": 1.0, "threshold": 0.5 if price == 1 else 0.1}


TWO_SETTINGS = instead("chosen", two_settings)


@claim(LOOPS, n_seeds=12, rival=instead("chosen", price=1), small=TWO_SETTINGS)
def tuning_for_the_cost_saves(seeds: Sequence[int]) -> Effect:
    """On fresh folds, the model tuned for the cost costs less than the one tuned for the error"""

    def bill(params: Params, seed: int) -> int:
        missed, alarms = mistakes(params["C"], params["threshold"], seed + 1_000_000)
        return 20 * missed + alarms

    return effect([bill(chosen(s)[0], s) - bill(chosen(s)[1], s) for s in seeds], "false alarms' worth saved")


@claim(LOOPS, n_seeds=12, rival=instead("chosen", price=1), small=TWO_SETTINGS)
def the_best_setting_moves(seeds: Sequence[int]) -> Effect:
    """Where a miss is expensive, the best threshold is lower"""
    return effect([chosen(s)[0]["threshold"] - chosen(s)[1]["threshold"] for s in seeds], "of the threshold")


# The surrogate


def main_effects(gp: GaussianProcess, space: hpt.Space, order: int = 1) -> list[float]:
    """Variance of the partial dependence of each dimension, in percent of the prediction's; backwards, if `order` is -1."""
    everywhere = np.random.default_rng(0).random((1000, len(space)))
    total = gp.predict(features(space, everywhere)[0])[0].var()
    shares = []
    for j in range(len(space)):
        means = []
        for value in (np.arange(21) + 0.5) / 21:
            slices = everywhere[:100].copy()
            slices[:, j] = value
            means.append(gp.predict(features(space, slices)[0])[0].mean())
        shares.append(100 * float(np.var(means) / total))
    return shares[::order]


@cache
def steep_and_trembling(seed: int, slope: float = 3.0, waves: float = 15.0) -> tuple[np.ndarray, list[float]]:
    """Lengthscales and main effects of a surrogate of y = 3 x1 + 0.3 sin 15 x2, from sixty random trials."""
    space = hpt.Space(x1=hpt.Float(0, 1), x2=hpt.Float(0, 1))
    X = np.random.default_rng(seed).random((60, 2))
    y = slope * X[:, 0] + 0.3 * np.sin(waves * X[:, 1])
    gp = GaussianProcess("matern52", 0.6).fit(X, (y - y.mean()) / y.std())
    return gp.lengthscale_, main_effects(gp, space)


@claim(SURROGATE, n_seeds=10, fast=True, rival=instead("steep_and_trembling", waves=1.0))
def the_dominant_input_has_the_longer_lengthscale(seeds: Sequence[int]) -> Effect:
    """In y = 3 x1 + 0.3 sin 15 x2, x1 has the longer lengthscale ..."""
    found = [steep_and_trembling(seed)[0] for seed in seeds]
    return effect([np.log10(first / second) for first, second in found], "powers of ten longer")


@claim(SURROGATE, n_seeds=10, fast=True, rival=instead("steep_and_trembling", slope=0.0))
def the_partial_dependence_knows_the_dominant_input(seeds: Sequence[int]) -> Effect:
    """... and the larger variance of the partial dependence"""
    found = [steep_and_trembling(seed)[1] for seed in seeds]
    return effect([first - second for first, second in found], "% of the variance more")


@cache
def forest_effects(seed: int) -> list[float]:
    """Main effects of depth and trees on the forest's error, from thirty random trials."""
    problem = problems.forest_boston("mean_absolute_error")
    study = hpt.tune(lambda p: problem(p, seed=problem.training(seed)), problem.space, hpt.RandomSearch(), 30,
                     seed=seed, progress=False)  # fmt: skip
    points = problem.space.settle(np.array([problem.space.encode(t.params) for t in study.trials]))
    losses = study.history.losses
    gp = GaussianProcess("matern52").fit(features(problem.space, points)[0], (losses - losses.mean()) / losses.std())
    return main_effects(gp, problem.space)


SWAPPED = instead("main_effects", order=-1)


@claim(SURROGATE, n_seeds=10, rival=SWAPPED)
def depth_matters(seeds: Sequence[int]) -> Effect:
    """Thirty random trials of the forest show that depth matters: it explains most of the variance"""
    return effect(
        [forest_effects(seed)[0] - 50 for seed in seeds],
        "% of the variance, beyond one half",
        trainings=trainings(seeds, problems.forest_boston()),
    )


@claim(SURROGATE, n_seeds=10, rival=SWAPPED)
def trees_hardly_matter(seeds: Sequence[int]) -> Effect:
    """They show that the number of trees hardly matters: it explains less than ten percent"""
    return effect(
        [10 - forest_effects(seed)[1] for seed in seeds],
        "% of the variance short of ten",
        trainings=trainings(seeds, problems.forest_boston()),
    )


def kink(x: np.ndarray) -> np.ndarray:
    return -np.abs(x - 0.53)


@claim(SURROGATE, n_seeds=12, fast=True, rival=instead("kink", lambda x: -((x - 0.53) ** 2)))
def the_evidence_sees_a_kink(seeds: Sequence[int]) -> Effect:
    """On a ridge with a kink, the evidence prefers a Matérn kernel to the rbf"""
    gains = []
    for seed in seeds:
        x = np.sort(np.random.default_rng(seed).random(25))
        z = kink(x)
        z = (z - z.mean()) / z.std()
        bell, matern = (
            GaussianProcess(kernel).fit(x[:, None], z).log_marginal_likelihood for kernel in ("rbf", "matern52")
        )
        gains.append(matern - bell)
    return effect(gains, "of log evidence")


@cache
def covered(at_random: bool, seed: int) -> float:
    """Percent of the places where ripples as fine as nine trials lie within mean +- 2 s.d."""
    u, rng = np.linspace(0, 1, 101), np.random.default_rng(seed)
    waves, phase = rng.uniform(7, 10), rng.uniform(0, 2 * np.pi)
    X = np.sort(rng.random(9)) if at_random else np.linspace(0.05, 0.95, 9)
    y = np.sin(2 * np.pi * waves * X + phase)
    mean, std = GaussianProcess("matern52").fit(X[:, None], (y - y.mean()) / y.std()).predict(u[:, None])
    miss = np.abs(np.sin(2 * np.pi * waves * u + phase) - y.mean() - y.std() * mean)
    return float(100 * (miss < 2 * y.std() * std + 1e-9).mean())


@claim(SURROGATE, n_seeds=40, rival=instead("covered", at_random=True))
def ripples_fool_the_band(seeds: Sequence[int]) -> Effect:
    """Ripples as fine as evenly spaced trials lie outside the band at most points"""
    return effect([50 - covered(False, seed) for seed in seeds], "% of the places below one half")


@claim(SURROGATE, n_seeds=40, rival=instead("covered", at_random=True))
def trials_at_random_places_open_the_band(seeds: Sequence[int]) -> Effect:
    """For the same ripples, trials at random points widen the band"""
    return effect([covered(True, seed) - covered(False, seed) for seed in seeds], "% of the places more")


# Acquisition functions

ROAD = np.linspace(0, 10, 201)


@cache
def road(seed: int, n_holes: int = 5) -> tuple[np.ndarray, np.ndarray, GaussianProcess]:
    """Random holes on a road drawn from the prior, and the surrogate of them."""
    rng = np.random.default_rng(seed)
    truth = GaussianProcess("matern52", 1.0, 25.0, 0.01, optimize=False).fit(np.array([[-50.0]]), np.zeros(1))
    places = np.sort(rng.choice(201, n_holes, replace=False))
    depths = truth.sample(ROAD[:, None], rng)[0][places]
    gp = GaussianProcess("matern52", 1.0, 25.0, 0.01, optimize=False).fit(ROAD[places, None], depths)
    return ROAD[places], depths, gp


@claim(ACQUISITION, n_seeds=40, fast=True, rival=instead("probability_of_improvement", expected_improvement))
def pi_stays_near_the_incumbent(seeds: Sequence[int]) -> Effect:
    """PI drills closer to the best hole than EI does"""
    farther = []
    for seed in seeds:
        places, depths, gp = road(seed)
        mean, std = gp.predict(ROAD[:, None])
        best = places[depths.argmin()]
        wants = [
            ROAD[function(mean, np.maximum(std, 1e-9), depths.min()).argmax()]
            for function in (probability_of_improvement, expected_improvement)
        ]
        farther.append(abs(wants[1] - best) - abs(wants[0] - best))
    return effect(farther, "km nearer")


def spread_holes(seed: int, n: int = 16) -> np.ndarray:
    return np.asarray((np.arange(n) + np.random.default_rng(seed).random(n)) * 10 / n)


@claim(ACQUISITION, n_seeds=20, rival=instead("spread_holes", n=4))
def ei_falls_silent(seeds: Sequence[int]) -> Effect:
    """After sixteen spread-out holes, EI is below 0.1 mm at most places"""

    def depth(x: np.ndarray) -> np.ndarray:
        east, west = 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)), 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
        return 26 + 2.5 * np.sin(1.1 * x) - east - west

    silent = []
    for seed in seeds:
        holes = spread_holes(seed)
        gp = GaussianProcess("matern52", 1.0, 25.0, 1e-4, optimize=False).fit(holes[:, None], depth(holes) - 24)
        mean, std = gp.predict(ROAD[:, None])
        ei = expected_improvement(mean, np.maximum(std, 1e-9), depth(holes).min() - 24)
        silent.append(100 * ((ei < 1e-4).mean() - 0.5))
    return effect(silent, "% of the places above one half")


@claim(ACQUISITION, n_seeds=40, rival=instead("road", n_holes=5))
def thompson_explores_as_much_as_curves_disagree(seeds: Sequence[int]) -> Effect:
    """The more holes there are, the less the drawn curves disagree about where to drill"""

    def spread(seed: int, n_holes: int) -> float:
        curves = road(seed, n_holes)[2].sample(ROAD[:, None], np.random.default_rng(seed), 50)
        return float(ROAD[curves.argmin(axis=1)].std())

    return effect([spread(seed, 5) - spread(seed, 20) for seed in seeds], "km of spread less")


# The loop


def water(params: Params) -> float:
    """The depth along the village's road."""
    x = params["x"]
    east, west = 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)), 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
    return float(26 + 2.5 * np.sin(1.1 * x) - east - west)


@cache
def depth_reached(strategy: str, seed: int) -> float:
    """The best of thirteen holes."""
    strategies = {"random": hpt.RandomSearch(), "textbook": hpt.BayesianOptimization.textbook(n_initial=3)}
    space = hpt.Space(x=hpt.Float(0, 10))
    return float(hpt.tune(water, space, strategies[strategy], 13, seed=seed, progress=False).best_value)


@cache
def shortest(seed: int, n_holes: int = 3) -> tuple[bool, bool]:
    """Whether three random holes get the shortest lengthscale, by the evidence alone and with the prior."""
    ends, U = np.geomspace(0.03, 30, 49), np.random.default_rng(seed).random((n_holes, 1))
    y = np.array([water({"x": 10 * u}) for u in U[:, 0]])
    z = (y - y.mean()) / y.std()
    models = [GaussianProcess("matern52", end, 1.0, np.exp(-6), optimize=False) for end in ends]
    alone = ends[int(np.argmax([round(gp.fit(U, z).log_marginal_likelihood, 3) for gp in models]))]
    both = GaussianProcess("matern52", 0.6, 1.0, np.exp(-6)).fit(U, z).lengthscale_[0]
    return bool(alone < 0.04), bool(round(both, 2) < 0.04)


@claim(LOOP, n_seeds=40, fast=True, rival=instead("shortest", n_holes=12))
def the_evidence_alone_runs_to_the_end(seeds: Sequence[int]) -> Effect:
    """With three holes, the evidence alone often runs to the shortest lengthscale ..."""
    return proportion([shortest(seed)[0] for seed in seeds], "% of the draws (above 30)", above=0.3)


@claim(LOOP, n_seeds=40, rival=instead("shortest", n_holes=12))
def the_prior_holds_the_lengthscale(seeds: Sequence[int]) -> Effect:
    """... and the prior holds it back"""
    return effect([100.0 * (shortest(s)[0] - shortest(s)[1]) for s in seeds], "% of the draws fewer with the prior")


@claim(LOOP, n_seeds=60, rival=instead("depth_reached", strategy="random"))
def the_textbook_is_precise(seeds: Sequence[int]) -> Effect:
    """The textbook loop comes close to the best water more often than random search does"""
    close = {name: [100.0 * (depth_reached(name, s) < 15.3) for s in seeds] for name in ("textbook", "random")}
    return effect(np.subtract(close["textbook"], close["random"]), "% of the searches more")


@claim(LOOP, n_seeds=60)
def the_textbook_is_often_in_the_wrong_place(seeds: Sequence[int]) -> Effect:
    """On many seeds, the textbook loop ends at the wrong one of two good spots"""
    return proportion([depth_reached("textbook", s) >= 17 for s in seeds], "% of the searches (above 20)", above=0.2)


OFF: dict[str, Any] = {"acquisition": "ei", "n_initial": 7, "sobol": False, "warp": False, "near": False, "refine": 0}
OFF |= {"local_every": 0, "explore": 0.0, "kernels": ["matern52"]}
BASE: dict[str, Any] = {**OFF, "acquisition": "log_ei", "sobol": True, "warp": True}


@cache
def six_dimensional(version: str, seed: int, n_trials: int = 60) -> float:
    """Hundredths of regret on hartmann6."""
    strategies: dict[str, Any] = {
        "textbook": hpt.BayesianOptimization(**OFF),
        "neither": hpt.BayesianOptimization(**BASE),
        "rounds": hpt.BayesianOptimization(**{**BASE, "refine": 3}),
        "near": hpt.BayesianOptimization(**{**BASE, "near": True}),
        "both": hpt.BayesianOptimization(**{**BASE, "near": True, "refine": 3}),
        "full": hpt.BayesianOptimization(n_initial=7),
        "GP": hpt.BayesianOptimization(),
        "TPE": hpt.TPE(),
        "random": hpt.RandomSearch(),
    }
    problem = problems.hartmann6()
    study = hpt.tune(problem, problem.space, strategies[version], n_trials, seed=seed, progress=False)
    return float(100 * (study.best_value - problem.optimum))


@claim(LOOP, n_seeds=16, rival=instead("six_dimensional", version="neither"))
def near_first_gains(seeds: Sequence[int]) -> Effect:
    """Candidates near the best trials, added first, lower the regret on hartmann6"""
    return effect([six_dimensional("neither", s) - six_dimensional("near", s) for s in seeds], "hundredths of regret")


@claim(LOOP, n_seeds=16, rival=instead("six_dimensional", version="neither"))
def rounds_first_gain(seeds: Sequence[int]) -> Effect:
    """Rounds of refinement, added first, lower the regret on hartmann6"""
    return effect([six_dimensional("neither", s) - six_dimensional("rounds", s) for s in seeds], "hundredths of regret")


@claim(LOOP, n_seeds=16, rival=instead("six_dimensional", version="neither"))
def the_two_gain_less_than_their_sum(seeds: Sequence[int]) -> Effect:
    """Together, the two gain less than the sum of their separate gains: order matters"""

    def lost(s: int) -> float:
        neither, rounds, near, both = (six_dimensional(name, s) for name in ("neither", "rounds", "near", "both"))
        return (neither - rounds) + (neither - near) - (neither - both)

    return effect([lost(seed) for seed in seeds], "hundredths of regret less than the sum")


@claim(LOOP, n_seeds=16, rival=instead("six_dimensional", version="textbook"))
def all_ingredients_gain(seeds: Sequence[int]) -> Effect:
    """All ingredients together lower the regret of the textbook loop on hartmann6"""
    return effect([six_dimensional("textbook", s) - six_dimensional("full", s) for s in seeds], "hundredths of regret")


# TPE


@claim(TPE, n_seeds=12, fast=True)
def much_of_the_space_is_nowhere(seeds: Sequence[int]) -> Effect:
    """In six dimensions, the ratio is that of the two priors in a large part of the space"""
    return effect([100 * (np.abs(ratios(s)[0] / 7.4 - 1) < 0.05).mean() - 30 for s in seeds], "% of the space above 30")


@claim(TPE, n_seeds=12, rival=instead("ratios", worst=False))
def unexplored_beats_bad(seeds: Sequence[int]) -> Effect:
    """An unexplored point beats a bad one: the ratio at the ten worst trials is lower"""
    return effect([np.log10(7.4) - np.median(np.log10(ratios(s)[1])) for s in seeds], "powers of ten lower")


@cache
def ratios(seed: int, worst: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """l / g at random points, and at the ten worst of forty random trials."""
    problem = problems.hartmann6()
    history = hpt.tune(problem, problem.space, hpt.RandomSearch(), 40, seed=seed, progress=False).history
    l, g = hpt.TPE(gamma=0.1).densities(history)
    dice = np.random.default_rng(seed).random((1000, 6))
    worst = [trial.params for trial in (history.ranked[-10:] if worst else history.ranked[:4])]

    def ratio(points: list[Params]) -> np.ndarray:
        return np.exp(l.log_density(points) - g.log_density(points))

    return ratio([problem.space.decode(u) for u in dice]), ratio(worst)


@cache
def near_the_diagonal(multivariate: bool, seed: int) -> float:
    """Percent of the draws near the diagonal, from a density of six pairs on it; of uniform draws it is 36."""
    square, rng = hpt.Space(a=hpt.Float(0, 1), b=hpt.Float(0, 1)), np.random.default_rng(seed)
    along = [{"a": t, "b": t} for t in rng.random(6).tolist()]
    model = ParzenEstimator(square, along, bandwidth=0.045, multivariate=multivariate)
    return float(100 * np.mean([abs(p["a"] - p["b"]) < 0.2 for p in model.sample(rng, 300)]))


@claim(TPE, n_seeds=12, fast=True, rival=instead("near_the_diagonal", multivariate=False))
def a_joint_density_remembers_pairs(seeds: Sequence[int]) -> Effect:
    """A joint density draws most of its pairs near the diagonal ..."""
    return effect([near_the_diagonal(True, seed) - 50 for seed in seeds], "% of the draws, beyond one half")


@claim(TPE, n_seeds=24, fast=True, rival=instead("near_the_diagonal", multivariate=True))
def a_product_forgets_pairs(seeds: Sequence[int]) -> Effect:
    """... and a product of two densities draws hardly more there than the 36% of uniform draws"""
    found = [near_the_diagonal(False, seed) - 36 for seed in seeds]
    return effect(found, "% of the draws more than of random search (within 16)", within=16)


def univariate_ahead(seed: int) -> bool:
    """Whether one density a dimension ends lower in a valley along a diagonal than a density of both."""
    square = hpt.Space(a=hpt.Float(0, 1), b=hpt.Float(0, 1))

    def valley(p: Params) -> float:
        return 100 * (p["a"] - p["b"]) ** 2 + (p["a"] - 0.7) ** 2

    apart, together = (
        hpt.tune(valley, square, hpt.TPE(multivariate=multivariate), 50, seed=seed, progress=False).best_value
        for multivariate in (False, True)
    )
    return apart < together


@claim(TPE, n_seeds=40)
def the_better_density_is_not_clearly_the_better_search(seeds: Sequence[int]) -> Effect:
    """In a diagonal valley, multivariate TPE is not clearly ahead of univariate TPE"""
    return proportion(map(univariate_ahead, seeds), "% of the seeds univariate ahead (above 30)", above=0.3)


@claim(TPE, n_seeds=100)
def the_better_density_is_the_worse_search(seeds: Sequence[int]) -> Effect:
    """In a diagonal valley, univariate TPE ends ahead of multivariate TPE"""
    return proportion(map(univariate_ahead, seeds), "% of the seeds univariate ahead (above 50)", above=0.5)


@claim(TPE, n_seeds=12, rival=instead("six_dimensional", version="random"))
def tpe_beats_random_in_six_dimensions(seeds: Sequence[int]) -> Effect:
    """On hartmann6, TPE ends with a lower regret than random search"""
    return effect([six_dimensional("random", s, 40) - six_dimensional("TPE", s, 40) for s in seeds], "hundredths")


@claim(TPE, n_seeds=12, rival=instead("six_dimensional", version="TPE"))
def the_gaussian_process_is_ahead_in_six_dimensions(seeds: Sequence[int]) -> Effect:
    """In six smooth dimensions with few trials, the Gaussian process is ahead of TPE"""
    return effect([six_dimensional("TPE", s, 40) - six_dimensional("GP", s, 40) for s in seeds], "hundredths")


@cache
def svm_tree(split: int) -> tuple[hpt.Space, Mapping[str, int]]:
    """The conditional space of a support vector machine, and the wrong images of each of its combinations."""
    space = hpt.Space(
        C=hpt.Float(1e-2, 1e3, log=True, step=10),
        kernel=["linear", "rbf", "poly"],
        gamma=hpt.Float(1e-4, 1e1, log=True, step=10**0.5).when(kernel=["rbf", "poly"]),
        degree=hpt.Int(2, 5).when(kernel="poly"),
    )
    data = datasets.digits()
    X, X_other, y, y_other = train_test_split(
        data.X_cv, data.y_cv, test_size=0.5, random_state=split, stratify=data.y_cv
    )
    table = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for params in space.grid():
            model = SVC(**params, max_iter=2000).fit(X, y)
            table[space.to_json(params)] = int((model.predict(X_other) != y_other).sum())
    return space, table


def small_tree(split: int) -> tuple[hpt.Space, Mapping[str, int]]:
    """A tree of two kernels without any training, for a short run: the mistakes grow with the distance from C = 10."""
    space = hpt.Space(C=hpt.Float(1e-2, 1e3, log=True, step=10), kernel=["linear", "rbf"])
    return space, {space.to_json(p): round(abs(np.log10(p["C"]) - 1)) + len(p["kernel"]) for p in space.grid()}


@cache
def on_the_tree(strategy: str, split: int, seed: int) -> float:
    """Wrong images of the best of forty trials."""
    strategies = {"random": hpt.RandomSearch(), "TPE": hpt.TPE(), "GP": hpt.BayesianOptimization()}
    space, table = svm_tree(split)
    study = hpt.tune(lambda p: table[space.to_json(p)], space, strategies[strategy], 40, seed=seed, progress=False)
    return float(study.best_value)


@claim(TPE, n_seeds=40, rival=instead("on_the_tree", strategy={"GP": "random"}), small=instead("svm_tree", small_tree))
def the_gaussian_process_keeps_up_on_the_tree(seeds: Sequence[int]) -> Effect:
    """On that tree, the Gaussian process is ahead of TPE, or behind it by less than a third of what random search is

    A block of seeds is one split of the images."""
    TPE, GP, dice = (
        np.array([on_the_tree(name, seeds[0], seed) for seed in seeds]) for name in ("TPE", "GP", "random")
    )
    return effect((dice - TPE) / 3 - (GP - TPE), "images, below a third of what random search is behind")


# What a suggestion costs


@cache
def wait(strategy: str, seed: int) -> int:
    """Trials until a search of the digits is within 1.5 in a thousand of the best."""
    strategies = {"random": hpt.RandomSearch(), "TPE": hpt.TPE(), "GP": hpt.BayesianOptimization()}
    svm = problems.svm_digits()
    study = hpt.Study(svm.space, strategies[strategy], seed=seed)
    goal = svm.optimum_at(svm.training(seed))
    for number in range(1, 442):
        trial = study.ask()
        loss = svm(trial.params, seed=svm.training(seed))
        study.tell(trial, loss)
        if round(loss - goal, 6) <= 0.0015:
            return number
    return 441


@claim(COST, n_seeds=100, rival=instead("wait", strategy="random"))
def the_gaussian_process_needs_fewer_trials(seeds: Sequence[int]) -> Effect:
    """The Gaussian process needs fewer trials to reach the target than random search"""
    return effect(
        [wait("random", seed) - wait("GP", seed) for seed in seeds],
        "trials fewer",
        trainings=trainings(seeds, problems.svm_digits()),
    )


@claim(COST, n_seeds=100, rival=instead("wait", strategy="random"))
def tpe_needs_fewer_trials(seeds: Sequence[int]) -> Effect:
    """TPE needs fewer trials to reach the target than random search"""
    return effect(
        [wait("random", seed) - wait("TPE", seed) for seed in seeds],
        "trials fewer",
        trainings=trainings(seeds, problems.svm_digits()),
    )
