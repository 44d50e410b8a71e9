"""Chapter 7: measuring again, earlier searches, curves read ahead, widths, and schedules that learn."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from claim import Effect, claim, effect, instead, proportion, trainings
from scipy.special import log_softmax, softmax

import hpt_lab as hpt
from hpt_lab import datasets, models, problems
from hpt_lab.surrogates import expected_improvement
from hpt_lab.surrogates.learning import Learning, fit_trials, learn, observed

AGAIN = "07_past_the_textbook/01_measure_again"
EARLIER = "07_past_the_textbook/02_last_months_search"
CURVES = "07_past_the_textbook/03_will_this_curve_get_there"
WIDTHS = "07_past_the_textbook/04_too_big_to_tune"
SCHEDULES = "07_past_the_textbook/05_schedules_that_learn"


# 7.1


def value_of_run(var: np.ndarray, gap: np.ndarray, noise: float) -> np.ndarray:
    """What a run is worth: by how much it lowers the lowest of independent means."""
    return expected_improvement(np.minimum(gap, 99.0), var / np.sqrt(var + noise**2), 0.0)


def left_to_win(plan: str, noise: float, seed: int) -> float:
    """The true error that sixty runs deliver, from a list whose errors have the mean 0 and the spread 1."""
    rng, n = np.random.default_rng(seed), 60
    true, draws = rng.standard_normal(n), rng.standard_normal(n)
    if plan != "one by one":
        k = int(plan)
        return float(true[(true[: n // k] + noise * draws[: n // k] / np.sqrt(k)).argmin()])
    totals, counts = np.zeros(n), np.zeros(n)
    for run in range(n):
        var = 1 / (1 + counts / noise**2)
        mean = np.where(np.arange(n) <= (counts > 0).sum(), var * totals / noise**2, np.inf)
        low, second = np.partition(mean, 1)[:2] if run else (0.0, 1.0)
        gap = np.where(mean == low, second - low, mean - low)
        value = np.where(np.isfinite(mean), value_of_run(var, gap, noise), -1.0)
        chosen = int(value.round(9).argmax())
        totals[chosen] += true[chosen] + noise * draws[run]
        counts[chosen] += 1
    return float(true[(totals / (noise**2 + counts)).argmin()])


@claim(AGAIN, n_seeds=200, fast=True, few=20, rival=instead("left_to_win", plan={"one by one": "6"}))
def a_repetition_pays_if_each_is_decided_on_its_own(seeds: Sequence[int]) -> Effect:
    """On a list without order whose spread is as large as the noise, sixty runs that the knowledge gradient spends one by one find a better configuration than the best plan that trains each equally often"""
    plans = [[left_to_win(k, 1.0, s) for k in ("1", "2", "3", "4")] for s in seeds]
    best = int(np.argmin(np.mean(plans, axis=0)))
    differences = [row[best] - left_to_win("one by one", 1.0, s) for row, s in zip(plans, seeds, strict=True)]
    return effect(differences, "of the spread saved")


# The noise of a report of a formula; a table's own noise is that of its seeds, and its losses count in percent.
NOISE = {
    "branin": 20.0,
    "hartmann6": 0.3,
    "network20": 0.1,
    "forest_boston": None,
    "svm_digits": None,
    "sgd_cancer": None,
}


@cache
def noisy_regrets(name: str, arm: str, seed: int) -> tuple[float, float]:
    """The regrets of the trials with the lowest report and the lowest posterior mean, after sixty runs with noise."""
    problem, noise, rng = problems.get(name), NOISE[name], np.random.default_rng(seed)
    make = {"KG": hpt.KnowledgeGradient}.get(arm, hpt.BayesianOptimization)
    k = 3 if arm == "three times" else 1

    def report(params: dict[str, Any]) -> float:
        if noise is not None:
            return problem(params) + noise * rng.standard_normal()
        return 100 * problem(params, seed=int(rng.integers(problem.n_seeds)))

    def regret(params: dict[str, Any]) -> float:
        return (1 if noise else 100) * ((problem(params) if noise else problem(params, None)) - problem.optimum)

    mean = lambda params: float(np.mean([report(params) for _ in range(k)]))  # noqa: E731
    study = hpt.tune(mean, problem.space, make(), 60 // k, seed=seed, progress=False)
    trials = list(study.history.ranked)
    model, kept, _ = fit_trials(study.history, trials)
    posterior = trials[kept[int(model.predict(model.X_)[0].round(4).argmin())]]
    return regret(study.best.params), regret(posterior.params)


def delivered(problem: str, arm: str, seed: int, rule: str = "posterior mean") -> float:
    return noisy_regrets(problem, arm, seed)[rule == "posterior mean"]


@claim(AGAIN, n_seeds=60, rival=instead("delivered", rule={"posterior mean": "lowest report"}))
def the_model_chooses_the_winner(seeds: Sequence[int]) -> Effect:
    """On Branin with noise of 20, after expected improvement with each point once, the lowest posterior mean is a better delivery than the lowest report"""
    saved = (delivered("branin", "once", s, "lowest report") - delivered("branin", "once", s) for s in seeds)
    return effect(saved, "of regret saved")


@claim(
    AGAIN,
    n_seeds=40,
    rival=instead("delivered", rule={"posterior mean": "lowest report"}),
    fallen="It paid on Branin; over six noisy problems, we cannot tell whether it helps on average",
)
def the_model_chooses_the_winner_over_problems(seeds: Sequence[int]) -> Effect:
    """Over six noisy problems, after expected improvement with each point once, the lowest posterior mean leaves less regret than the lowest report"""
    shares, own = [], []
    for i, name in enumerate(NOISE):
        reported = [delivered(name, "once", s, "lowest report") for s in seeds]
        scale = float(np.mean(reported))
        shares += [100 * (r - delivered(name, "once", s)) / scale for r, s in zip(reported, seeds, strict=True)]
        own += [i] * len(seeds)
    return effect(shares, "% of the regret saved, over the problems", trainings=own)


@claim(AGAIN, n_seeds=60, rival=instead("delivered", arm={"three times": "once"}))
def training_everything_three_times_costs_more_than_it_gains(seeds: Sequence[int]) -> Effect:
    """On Branin with noise of 20 and sixty runs, training each point three times ends at a worse point than training each once, if both deliver the lowest posterior mean"""
    return effect(
        (delivered("branin", "three times", s) - delivered("branin", "once", s) for s in seeds), "of regret saved"
    )


@claim(AGAIN, n_seeds=40, fallen="On fresh seeds, we see no difference between the two")
def a_model_that_takes_noise_for_structure_loses(seeds: Sequence[int]) -> Effect:
    """On sgd_cancer with sixty runs, the knowledge gradient ends at a worse configuration than expected improvement with each point once"""
    return effect(
        (delivered("sgd_cancer", "KG", s) - delivered("sgd_cancer", "once", s) for s in seeds), "points saved"
    )


def believed_noise(n_pairs: int, seed: int) -> float:
    """The noise, in points, that the model of the knowledge gradient believes in after sixty runs on sgd_cancer."""
    table, rng = problems.sgd_cancer(), np.random.default_rng(seed)
    study = hpt.Study(table.space, hpt.KnowledgeGradient(), seed=seed)
    report = lambda params: 100 * table(params, seed=int(rng.integers(20)))  # noqa: E731
    for params in [table.space.sample(rng) for _ in range(n_pairs)]:
        for _ in range(2):
            study.add(params, report(params))
    hpt.run(study, report, 60 - 2 * n_pairs, progress=False)
    points, losses, _ = observed(study.history)
    model = learn(table.space, points, losses, Learning(warp=False, kernels=("matern52",)))
    return float(np.sqrt(model.noise_variance_) * losses.std())  # type: ignore[union-attr]


@claim(AGAIN, n_seeds=20, few=3, rival=instead("believed_noise", n_pairs=10))
def without_repetitions_noise_is_taken_for_structure(seeds: Sequence[int]) -> Effect:
    """On sgd_cancer, the model of the knowledge gradient mostly believes in less than half of the noise of the better half"""
    low = [believed_noise(0, s) < HALF_NOISE / 2 for s in seeds]
    return proportion(low, "% of the searches (above 50)", above=0.5)


HALF_SPREAD, HALF_NOISE = 0.75, 2.7  # points of error, in the better half of the table


def left_in_the_better_half(plan: str, seed: int) -> float:
    """The true error that sixty runs deliver, from a list of the better half of sgd_cancer without order."""
    losses = 100 * problems.sgd_cancer().table.losses[:, -1].reshape(20, -1)  # type: ignore[union-attr]
    truth, rng, n = losses.mean(axis=0), np.random.default_rng(seed), 60
    better = truth.round(9).argsort(kind="stable")[: len(truth) // 2]
    names, center = rng.permutation(better)[:n], float(truth[better].mean())
    if plan != "one by one":
        names = names[: n // int(plan)]
        reports = losses[rng.integers(20, size=(int(plan), len(names))), names].mean(axis=0)
        return float(truth[names[reports.round(9).argmin()]])
    totals, counts = np.zeros(n), np.zeros(n)
    for run in range(n):
        var = 1 / (1 / HALF_SPREAD**2 + counts / HALF_NOISE**2)
        mean = var * (center / HALF_SPREAD**2 + totals / HALF_NOISE**2)
        mean[np.arange(n) > (counts > 0).sum()] = np.inf
        low, second = np.partition(mean, 1)[:2] if run else (center, center + 1)
        gap = mean - low
        gap[mean.argmin()] = second - low
        value = np.where(np.isfinite(mean), value_of_run(var, gap, HALF_NOISE), -1.0)
        chosen = int(value.round(9).argmax())
        totals[chosen] += losses[rng.integers(20), names[chosen]]
        counts[chosen] += 1
    means = (center / HALF_SPREAD**2 + totals / HALF_NOISE**2) / (1 / HALF_SPREAD**2 + counts / HALF_NOISE**2)
    return float(truth[names[means.round(9).argmin()]])


@claim(AGAIN, n_seeds=200, few=20, rival=instead("left_in_the_better_half", plan={"one by one": "2"}))
def where_nothing_smooths_look_again(seeds: Sequence[int]) -> Effect:
    """On lists of the better half of sgd_cancer, sixty runs that the knowledge gradient spends one by one find a better configuration than training each equally often, at its best"""
    plans = [[left_in_the_better_half(k, s) for k in ("1", "2", "3", "5", "6")] for s in seeds]
    best = int(np.argmin(np.mean(plans, axis=0)))
    differences = [row[best] - left_in_the_better_half("one by one", s) for row, s in zip(plans, seeds, strict=True)]
    return effect(differences, "points of error saved")


# All ten training runs of each configuration; the problems of the other chapters have the first three.
MLP, SVM, BOOSTING = (problems.get(name, n_seeds=10) for name in ("mlp_mnist", "svm_mnist", "boosting_boston"))

# 7.2


SAVED = "percentage points of regret saved"


@cache
def with_last_month(case: str, way: str, seed: int, beta: float = 0.0, n_trials: int = 20) -> Any:
    """Regret after each trial in percentage points, and the weight of today's own model; the study then had a 27th of the budget."""
    problem = problems.get(case, n_seeds=10)
    which, budget = problem.training(seed), problem.budgets[-1] // 27
    model: Any = hpt.BayesianOptimization
    known: dict[str, Any] = {}
    first: list[Any] = []
    if way == "wrong belief":
        known = {"belief": {"learning_rate": problem.space["learning_rate"].values()[-1]}, "beta": beta}
    elif way != "cold start":

        def then(params: Any) -> float:
            return problem(params, budget, which)

        old = hpt.tune(then, problem.space, model(), 30, seed=500 + seed, progress=False)
        if way == "shuffled":
            mixed = hpt.Study(problem.space, hpt.RandomSearch())
            losses = np.random.default_rng(seed).permutation([trial.value for trial in old.trials])
            for trial, loss in zip(old.trials, losses.tolist(), strict=True):
                mixed.add(trial.params, loss)
            old = mixed
        if way == "three best":
            first = [trial.params for trial in old.history.ranked[:3]]
        else:
            known = {"earlier": [old]}

    def train(params: Any) -> float:
        return problem(params, seed=which)

    study = hpt.tune(train, problem.space, model(**known), n_trials, seed=seed, start=first, progress=False)
    best = np.minimum.accumulate([trial.value for trial in study.trials])
    own = np.array([trial.info.get("weights", [np.nan])[-1] for trial in study.trials])
    return 100 * (best - problem.optimum_at(which)), own


def regret_then(case: str, way: str, seed: int, n: int, beta: float = 0.0) -> float:
    """Regret in percentage points after n trials."""
    return float(with_last_month(case, way, seed, beta)[0][n - 1])


@claim(EARLIER, n_seeds=20, rival=instead("regret_then", way={"ensemble": "three best"}))
def the_ensemble_uses_the_other_trials(seeds: Sequence[int]) -> Effect:
    """For the support vector machine, ten trials with the ensemble leave less regret than ten that measure last month's three best first"""
    svm = "svm_mnist"
    return effect(
        (regret_then(svm, "three best", s, 10) - regret_then(svm, "ensemble", s, 10) for s in seeds),
        SAVED,
        trainings=trainings(seeds, SVM),
    )


@claim(EARLIER, n_seeds=20, rival=instead("regret_then", way={"three best": "cold start"}))
def last_months_best_come_first(seeds: Sequence[int]) -> Effect:
    """For the network, five trials that measure last month's three best first leave less regret than five of a cold start"""
    mlp = "mlp_mnist"
    return effect(
        (regret_then(mlp, "cold start", s, 5) - regret_then(mlp, "three best", s, 5) for s in seeds),
        SAVED,
        trainings=trainings(seeds, MLP),
    )


@claim(EARLIER, n_seeds=20, fallen="Over ten training runs, neither a clear gain nor a clear cost")
def a_misleading_study_costs_trials(seeds: Sequence[int]) -> Effect:
    """For boosting, ten trials with the ensemble leave more regret than ten of a cold start"""
    trees = "boosting_boston"
    return effect(
        (regret_then(trees, "ensemble", s, 10) - regret_then(trees, "cold start", s, 10) for s in seeds),
        "percentage points of regret more",
        trainings=trainings(seeds, BOOSTING),
    )


@claim(EARLIER, n_seeds=20, rival=instead("with_last_month", way={"shuffled": "ensemble"}))
def the_weights_notice_shuffled_losses(seeds: Sequence[int]) -> Effect:
    """If last month's losses are shuffled, today's own model has more than nine tenths of the weight after fifteen trials"""
    own = [float(np.nanmean(with_last_month("mlp_mnist", "shuffled", s)[1][15:])) for s in seeds]
    return effect(
        (100 * weight - 90 for weight in own),
        "% of the weight above 90",
        trainings=trainings(seeds, MLP),
    )


@claim(EARLIER, n_seeds=20, rival=instead("regret_then", beta={20: 2}))
def a_large_beta_forgets_slowly(seeds: Sequence[int]) -> Effect:
    """A wrong belief with a beta of 20 leaves more regret after twenty trials than one with a beta of 2"""
    mlp = "mlp_mnist"
    return effect(
        (regret_then(mlp, "wrong belief", s, 20, 20) - regret_then(mlp, "wrong belief", s, 20, 2) for s in seeds),
        "percentage points of regret more",
        trainings=trainings(seeds, MLP),
    )


# 7.3


STOPPING = {
    "none": None,
    "median": hpt.MedianStopping(3),
    "median of 1": hpt.MedianStopping(3, 1),
    "5%": hpt.ForecastStopping(),
}


@cache
def stopped_regret(name: str, rule: str, seed: int) -> tuple[float, ...]:
    """Regret in percentage points after 108, 270 and 540 epochs of a search with a stopping rule."""
    table = MLP
    network = table.training(seed)
    strategies: dict[str, hpt.Strategy] = {"random": hpt.RandomSearch(), "TPE": hpt.TPE()}

    def train(params: Any) -> Any:
        for epochs in table.budgets:
            yield table(params, epochs, network)

    more: Any = {"stopping": STOPPING[rule], "total_budget": 540, "progress": False}
    study = hpt.tune(train, table.space, strategies[name], seed=seed, **more)
    spent, held = np.cumsum([trial.spent for trial in study.trials]), study.history.incumbents
    bests = [held[np.searchsorted(spent, epochs, side="right") - 1] for epochs in (108, 270, 540)]
    return tuple(100 * (best.value - table.optimum_at(network)) for best in bests)


@claim(CURVES, n_seeds=40, rival=instead("stopped_regret", rule="none"))
def the_forecast_helps_tpe(seeds: Sequence[int]) -> Effect:
    """After 270 epochs the forecast has lowered the regret of TPE"""
    gaps = (stopped_regret("TPE", "none", s)[1] - stopped_regret("TPE", "5%", s)[1] for s in seeds)
    return effect(gaps, "percentage points of regret saved", trainings=trainings(seeds, MLP))


@claim(CURVES, n_seeds=60, fallen="On the lesson's seeds it is; on fresh ones we see no difference")
def a_median_of_one_run_starts_better(seeds: Sequence[int]) -> Effect:
    """After 108 epochs TPE with a median rule that needs one whole run is ahead of TPE with the forecast, which needs one, too"""
    gaps = (stopped_regret("TPE", "5%", s)[0] - stopped_regret("TPE", "median of 1", s)[0] for s in seeds)
    return effect(gaps, "percentage points of regret saved", trainings=trainings(seeds, MLP))


@cache
def stopped_winners(unit: str, rule: str, seed: int) -> float:
    """Share of the winners, in percent, that a rule stops in a random search of 20 whole runs."""
    if unit == "trees":
        with np.load(problems.trainings.DATA / "stopping.npz") as stored:
            curves = stored["trees"] / 10_000
    else:
        table = MLP
        curves = np.array([table.values(table.training(seed), epochs).ravel() for epochs in table.budgets]).T
    judge, end = STOPPING[rule], curves.shape[1]
    whole: list[list[float]] = []
    spent = lost = won = 0
    for place in np.random.default_rng(seed).permutation(len(curves)):
        losses, n = curves[place].tolist(), 1
        while n < end and not (judge and judge.stop(losses[:n], whole)):
            n += 1
        spent += n
        if spent > 20 * end:
            break
        wins = losses[-1] < min((other[-1] for other in whole), default=np.inf)
        lost, won = lost + (wins and n < end), won + (wins and n == end)
        whole += [losses] * (n == end)
    return 100 * lost / (lost + won)


@claim(CURVES, n_seeds=40, rival=instead("stopped_winners", unit="epochs"))
def the_forecast_loses_winners_on_trees(seeds: Sequence[int]) -> Effect:
    """On trees the forecast stops a larger share of the winners than on epochs"""
    shares = (stopped_winners("trees", "5%", s) - stopped_winners("epochs", "5%", s) for s in seeds)
    return effect(shares, "percentage points of the winners", trainings=trainings(seeds, MLP))


@claim(CURVES, n_seeds=40, rival=instead("stopped_winners", rule="5%"))
def the_forecast_keeps_winners(seeds: Sequence[int]) -> Effect:
    """On epochs the forecast stops a smaller share of the winners than a median rule that starts as early"""
    shares = (stopped_winners("epochs", "median of 1", s) - stopped_winners("epochs", "5%", s) for s in seeds)
    return effect(shares, "percentage points of the winners", trainings=trainings(seeds, MLP))


# 7.4


WIDTHS_SPLIT = datasets.digits(valid=0.4)


def forward_all(W: list[np.ndarray], X: np.ndarray) -> list[np.ndarray]:
    H = [X]
    for w in W[:-1]:
        H.append(np.maximum(H[-1] @ w, 0))
    return [*H, H[-1] @ W[-1]]


def network(width: int, base: int | None, rng: np.random.Generator) -> tuple[list[np.ndarray], list[float]]:
    """Weights, and a factor for the rate of each layer: standard without a base, else the maximal-update parametrization."""
    sizes = [64, width, width, width, width, 10]
    W = [rng.normal(0, np.sqrt(2 / a), (a, b)) for a, b in pairwise(sizes)]
    ratio = 1.0 if base is None else base / width
    W[-1] *= np.sqrt(ratio)
    return W, [1.0] + [ratio] * 4


def train_steps(W: list[np.ndarray], factors: list[float], rate: float, rng: np.random.Generator, steps: int) -> None:
    X, y = WIDTHS_SPLIT.X_train, WIDTHS_SPLIT.y_train
    M, V = ([np.zeros_like(w) for w in W] for _ in range(2))
    for t in range(steps):
        rows = rng.integers(len(X), size=64)
        *H, logits = forward_all(W, X[rows])
        D = softmax(logits, axis=1)
        D[np.arange(64), y[rows]] -= 1
        D /= 64
        step = rate * (1 - t / steps) * np.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
        for i in reversed(range(5)):
            g, D = H[i].T @ D, (D @ W[i].T) * (H[i] > 0)
            M[i] += 0.1 * (g - M[i])
            V[i] += 0.001 * (g * g - V[i])
            W[i] -= step * factors[i] * M[i] / (np.sqrt(V[i]) + 1e-8)


@cache
def width_loss(width: int, log_rate: float, seed: int, base: int | None = None) -> float:
    """Validation loss after 60 steps."""
    rng = np.random.default_rng(seed)
    W, factors = network(width, base, rng)
    train_steps(W, factors, 10**log_rate, rng, 60)
    X, y = WIDTHS_SPLIT.X_valid, WIDTHS_SPLIT.y_valid
    return float(-log_softmax(forward_all(W, X)[-1], axis=1)[np.arange(len(y)), y].mean())


def best_log_rate(width: int, seed: int, base: int | None = None) -> float:
    grid = (-2.5, -2.25, -2.0, -1.75, -1.5, -1.25)
    return grid[int(np.argmin([round(width_loss(width, k, seed, base), 4) for k in grid]))]


def moved_in_a_step(width: int, seed: int, base: int | None = None) -> float:
    """Relative change of the last hidden layer in one step with rate 0.01."""
    rng = np.random.default_rng(seed)
    W, factors = network(width, base, rng)
    before = forward_all(W, WIDTHS_SPLIT.X_valid)[-2]
    train_steps(W, factors, 0.01, rng, 1)
    return float(np.sqrt(((forward_all(W, WIDTHS_SPLIT.X_valid)[-2] - before) ** 2).mean() / (before**2).mean()))


@claim(WIDTHS, n_seeds=16, rival=instead("best_log_rate", base=32), few=3)
def the_best_rate_falls_with_the_width(seeds: Sequence[int]) -> Effect:
    """With the standard parametrization, the best rate of 128 units is lower than that of 32"""
    falls = (best_log_rate(32, s) - best_log_rate(128, s) for s in seeds)
    return effect(falls, "powers of ten lower")


@claim(WIDTHS, n_seeds=16, rival=instead("width_loss", base={32: None}))
def maximal_updates_save_the_kept_rate(seeds: Sequence[int]) -> Effect:
    """At the rate that is best for 32 units, 256 units end at a lower loss with maximal updates than without"""
    return effect((width_loss(256, -1.5, s) - width_loss(256, -1.5, s, 32) for s in seeds), "of loss saved")


@claim(WIDTHS, rival=instead("moved_in_a_step", base={32: None}))
def one_step_moves_equally_far(seeds: Sequence[int]) -> Effect:
    """With maximal updates, one step moves the last hidden layer about as far with 512 units as with 32"""
    ratios = (np.log2(moved_in_a_step(512, s, 32) / moved_in_a_step(32, s, 32)) for s in seeds)
    return effect(ratios, "doublings", within=1.0)


@claim(WIDTHS, rival=instead("moved_in_a_step", base=32))
def one_step_moves_a_wide_network_farther(seeds: Sequence[int]) -> Effect:
    """With the standard parametrization, one step moves the last hidden layer farther with 512 units than with 32"""
    return effect((np.log2(moved_in_a_step(512, s) / moved_in_a_step(32, s)) for s in seeds), "doublings farther")


def larger_runs(seed: int, log_rate: float = -1.75) -> list[float]:
    """The losses of five runs with 64 units, at the rate that suits them."""
    return [width_loss(64, log_rate, 1000 * seed + 500 + i) for i in range(5)]


def forecast_of_64(seed: int) -> hpt.analysis.Forecast:
    """From five seeds at each of four smaller widths, at the rates of the lesson's line."""
    rates = {16: -1.425, 23: -1.516, 32: -1.6, 45: -1.686}
    runs = [[width_loss(w, k, 1000 * seed + i) for i in range(5)] for w, k in rates.items()]
    return hpt.analysis.forecast(list(rates), runs, at=64)


@claim(WIDTHS, n_seeds=40, rival=instead("larger_runs", log_rate=-1.0))
def the_interval_keeps_its_word(seeds: Sequence[int]) -> Effect:
    """A forecast's interval of 90% from four smaller widths holds neither less than 82.5% of the next larger runs nor more than 97.5%"""
    inside = []
    for seed in seeds:
        ahead = forecast_of_64(seed)
        inside.append(np.mean([ahead.low <= loss <= ahead.high for loss in larger_runs(seed)]))
    return effect((100 * share - 90 for share in inside), "% of the runs beyond 90 (within 7.5)", within=7.5)


# 7.5


RANGES = {
    "wide": {"learning_rate": hpt.Float(1e-5, 1.0, log=True), "l2": hpt.Float(1e-7, 1.0, log=True)},
    "narrow": {"learning_rate": hpt.Float(1e-4, 1e-1, log=True), "l2": hpt.Float(1e-6, 1e-1, log=True)},
    "tuned": {"learning_rate": hpt.Float(0.02, 0.02), "l2": hpt.Float(3e-4, 3e-4)},
}
SHORT = instead("delivered_by", epochs=6)


def _epoch(network: models.MLP, data: datasets.Split, learning_rate: float, l2: float) -> float:
    """Train one more epoch, and return the validation loss."""
    network.learning_rate, network.l2 = learning_rate, l2
    validation = data.X_valid, data.y_valid
    return network.fit(data.X_train, data.y_train, 1, validation_data=validation).history["val_loss"][0]


def _digits(seed: int) -> datasets.Split:
    return datasets.digits(valid=0.25, test=0.35, seed=seed)


def test_loss(network: models.MLP, seed: int) -> float:
    data = _digits(seed)
    P = network.predict_proba(data.X_test)[np.arange(len(data.y_test)), data.y_test]
    return -float(np.log(np.maximum(P, 1e-300)).mean())


@cache
def population(seed: int, ranges: str, share: float, epochs: int) -> Any:
    """Eight networks: a population, or networks that train alone with share 0."""
    data = _digits(seed)
    return hpt.population_based_training(
        lambda i: models.MLP((16,), batch_size=64, seed=1000 * seed + i),
        lambda network, params: _epoch(network, data, **params),
        RANGES[ranges],
        epochs,
        warmup=4,
        share=share,
        seed=seed,
        progress=False,
    )


def delivered_by(seed: int, ranges: str, share: float, epochs: int = 27) -> float:
    """Test loss of the best of eight networks."""
    return test_loss(population(seed, ranges, share, epochs).best_model, seed)


@claim(SCHEDULES, n_seeds=12, rival=instead("delivered_by", share=0.0), small=SHORT)
def a_population_is_ahead_of_its_twin(seeds: Sequence[int]) -> Effect:
    """With wide ranges, a population is ahead of the same eight networks without copying on most splits"""
    ahead = (delivered_by(s, "wide", 0.25) < delivered_by(s, "wide", 0.0) for s in seeds)
    return proportion(ahead, "% of the splits", above=0.5)


@claim(
    SCHEDULES,
    n_seeds=12,
    rival=instead("delivered_by", share=0.0),
    small=SHORT,
    fallen="On fresh splits the gain with narrow ranges is too small to tell from noise",
)
def a_population_gains_with_narrow_ranges(seeds: Sequence[int]) -> Effect:
    """With narrow ranges too, a population delivers a lower test loss than the same eight networks without copying"""
    return effect(
        (delivered_by(s, "narrow", 0.0) - delivered_by(s, "narrow", 0.25) for s in seeds), "of test loss saved"
    )


@cache
def replayed(seed: int, held: bool, times: float = 1.0, epochs: int = 27) -> float:
    """Test loss of the best of eight new networks on a winner's line, or with its rate held at the line's geometric mean."""
    line = [trial.params for trial in population(seed, "wide", 0.25, epochs).line()]
    level = times * float(np.exp(np.mean([np.log(params["learning_rate"]) for params in line])))
    line = [params | {"learning_rate": level} if held else params for params in line]
    data, networks = _digits(seed), [models.MLP((16,), batch_size=64, seed=1000 * seed + 500 + i) for i in range(8)]
    last = [[_epoch(network, data, **params) for params in line][-1] for network in networks]
    return test_loss(networks[int(np.argmin(last))], seed)


@claim(
    SCHEDULES,
    n_seeds=12,
    rival=instead("replayed", times=0.03),
    small=SHORT + instead("replayed", epochs=6),
)
def a_population_finds_a_level(seeds: Sequence[int]) -> Effect:
    """Of what a winner's schedule saves new networks, against eight that train alone with wide ranges, a constant rate at the schedule's mean loses less than a third"""
    kept = []
    for seed in seeds:
        alone, held, whole = delivered_by(seed, "wide", 0.0), replayed(seed, True), replayed(seed, False)
        kept.append(100 * np.log(alone / held) - 2 / 3 * 100 * np.log(alone / whole))
    return effect(kept, "% of test loss saved, beyond two thirds of what the schedule saves")


@claim(SCHEDULES, n_seeds=12, rival=instead("delivered_by", ranges="wide"), small=SHORT)
def a_tuned_rate_is_ahead_of_a_population(seeds: Sequence[int]) -> Effect:
    """Eight networks with the tuned constant rate are ahead of a population with wide ranges on most splits"""
    ahead = (delivered_by(s, "tuned", 0.0) < delivered_by(s, "wide", 0.25) for s in seeds)
    return proportion(ahead, "% of the splits", above=0.5)


@cache
def losses_after(seed: int, drop: int) -> list[float]:
    """Validation losses of a network whose learning rate falls from 0.06 to 0.012 after `drop` epochs."""
    data, network = _digits(seed), models.MLP((16,), batch_size=64, seed=seed)
    return [_epoch(network, data, 0.06 if epoch < drop else 0.012, 1e-3) for epoch in range(27)]


@claim(SCHEDULES, n_seeds=20, rival=instead("losses_after", drop=6))
def an_early_drop_is_ahead_at_once(seeds: Sequence[int]) -> Effect:
    """The network whose rate drops after 6 epochs is ahead, one epoch later, of the one whose rate drops after 18"""
    return effect((losses_after(s, 18)[6] - losses_after(s, 6)[6] for s in seeds), "of validation loss saved")


@claim(SCHEDULES, n_seeds=20, rival=instead("losses_after", drop=6))
def a_late_drop_is_ahead_in_the_end(seeds: Sequence[int]) -> Effect:
    """At the end the network whose rate drops after 18 epochs is ahead of the one whose rate drops after 6"""
    return effect((losses_after(s, 6)[-1] - losses_after(s, 18)[-1] for s in seeds), "of validation loss saved")
