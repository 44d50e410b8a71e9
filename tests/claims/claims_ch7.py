"""Chapter 7: measuring again, earlier searches, curves read ahead, widths, and schedules that learn."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from claim import Effect, claim, effect, instead, proportion

import hpt_lab as hpt
from hpt_lab import problems
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


@claim(
    AGAIN,
    "On a list without order whose spread is as large as the noise, sixty runs that the knowledge gradient spends one by one find a "
    "better configuration than the best plan that trains each equally often",
    n_seeds=200,
    fast=True,
    few=20,
    rival=instead("left_to_win", plan={"one by one": "6"}),
)
def a_repetition_pays_if_each_is_decided_on_its_own(seeds: Sequence[int]) -> Effect:
    plans = [[left_to_win(k, 1.0, s) for k in ("1", "2", "3", "4")] for s in seeds]
    best = int(np.argmin(np.mean(plans, axis=0)))
    differences = [row[best] - left_to_win("one by one", 1.0, s) for row, s in zip(plans, seeds, strict=True)]
    return effect(differences, "of the spread saved")


@cache
def noisy_regrets(problem: str, arm: str, seed: int) -> tuple[float, float]:
    """The regrets of the trials with the lowest report and the lowest posterior mean, after sixty runs with noise."""
    branin, table = problems.branin(), problems.sgd_cancer()
    makes = {"KG": hpt.KnowledgeGradient, "never again": lambda: hpt.KnowledgeGradient(repeat=False)}
    make, k, rng = (
        makes.get(arm, hpt.BayesianOptimization),
        3 if arm == "three times" else 1,
        np.random.default_rng(seed),
    )

    def report(params: dict[str, Any]) -> float:
        if problem == "branin":
            return branin(params) + 20 * rng.standard_normal()
        return 100 * table(params, seed=int(rng.integers(20)))

    def regret(params: dict[str, Any]) -> float:
        return branin(params) - branin.optimum if problem == "branin" else 100 * (table(params, None) - table.optimum)

    space = branin.space if problem == "branin" else table.space
    mean = lambda params: float(np.mean([report(params) for _ in range(k)]))  # noqa: E731
    study = hpt.tune(mean, space, make(), 60 // k, seed=seed, progress=False)
    trials = list(study.history.ranked)
    model, kept, _ = fit_trials(study.history, trials)
    posterior = trials[kept[int(model.predict(model.X_)[0].round(4).argmin())]]
    return regret(study.best.params), regret(posterior.params)


def delivered(problem: str, arm: str, seed: int, rule: str = "posterior mean") -> float:
    return noisy_regrets(problem, arm, seed)[rule == "posterior mean"]


@claim(
    AGAIN,
    "On Branin with noise of 20, after expected improvement with each point once, the lowest posterior mean is a better delivery than "
    "the lowest report",
    n_seeds=60,
    rival=instead("delivered", rule={"posterior mean": "lowest report"}),
)
def the_model_chooses_the_winner(seeds: Sequence[int]) -> Effect:
    saved = (delivered("branin", "once", s, "lowest report") - delivered("branin", "once", s) for s in seeds)
    return effect(saved, "of regret saved")


@claim(
    AGAIN,
    "On Branin with noise of 20 and sixty runs, training each point three times ends at a worse point than training each once, if both "
    "deliver the lowest posterior mean",
    n_seeds=60,
    rival=instead("delivered", arm={"three times": "once"}),
)
def training_everything_three_times_costs_more_than_it_gains(seeds: Sequence[int]) -> Effect:
    return effect(
        (delivered("branin", "three times", s) - delivered("branin", "once", s) for s in seeds), "of regret saved"
    )


@claim(
    AGAIN,
    "On sgd_cancer with sixty runs, the knowledge gradient ends at a worse configuration than expected improvement with each point once",
    n_seeds=40,
    fallen="On fresh seeds, we see no difference between the two",
)
def a_model_that_takes_noise_for_structure_loses(seeds: Sequence[int]) -> Effect:
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


@claim(
    AGAIN,
    "On sgd_cancer, the model of the knowledge gradient mostly believes in less than half of the noise of the better half",
    n_seeds=20,
    few=3,
    rival=instead("believed_noise", n_pairs=10),
)
def without_repetitions_noise_is_taken_for_structure(seeds: Sequence[int]) -> Effect:
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


@claim(
    AGAIN,
    "On lists of the better half of sgd_cancer, sixty runs that the knowledge gradient spends one by one find a better configuration "
    "than training each equally often, at its best",
    n_seeds=200,
    few=20,
    rival=instead("left_in_the_better_half", plan={"one by one": "2"}),
)
def where_nothing_smooths_look_again(seeds: Sequence[int]) -> Effect:
    plans = [[left_in_the_better_half(k, s) for k in ("1", "2", "3", "5")] for s in seeds]
    best = int(np.argmin(np.mean(plans, axis=0)))
    differences = [row[best] - left_in_the_better_half("one by one", s) for row, s in zip(plans, seeds, strict=True)]
    return effect(differences, "points of error saved")


# 7.2


# 7.3


# 7.4


# 7.5
