"""Chapter 7: measuring again, earlier searches, curves read ahead, widths, and schedules that learn."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from claim import Effect, claim, effect, instead

import hpt_lab as hpt
from hpt_lab import problems

AGAIN = "07_past_the_textbook/01_measure_again"
EARLIER = "07_past_the_textbook/02_last_months_search"
CURVES = "07_past_the_textbook/03_will_this_curve_get_there"
WIDTHS = "07_past_the_textbook/04_too_big_to_tune"
SCHEDULES = "07_past_the_textbook/05_schedules_that_learn"


# 7.1


# 7.2

SAVED = "percentage points of regret saved"


@cache
def with_last_month(case: str, way: str, seed: int, beta: float = 0.0, n_trials: int = 20) -> Any:
    """Regret after each trial in percentage points, and the weight of today's own model; the study then had a 27th of the budget."""
    problem = problems.get(case)
    which, budget = seed % problem.n_seeds, problem.budgets[-1] // 27
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


@claim(
    EARLIER,
    "For the support vector machine, ten trials with the ensemble leave less regret than ten that measure last month's three best first",
    n_seeds=20,
    rival=instead("regret_then", way={"ensemble": "three best"}),
)
def the_ensemble_uses_the_other_trials(seeds: Sequence[int]) -> Effect:
    svm = "svm_mnist"
    return effect((regret_then(svm, "three best", s, 10) - regret_then(svm, "ensemble", s, 10) for s in seeds), SAVED)


@claim(
    EARLIER,
    "For the network, five trials that measure last month's three best first leave less regret than five of a cold start",
    n_seeds=20,
    rival=instead("regret_then", way={"three best": "cold start"}),
)
def last_months_best_come_first(seeds: Sequence[int]) -> Effect:
    mlp = "mlp_mnist"
    return effect((regret_then(mlp, "cold start", s, 5) - regret_then(mlp, "three best", s, 5) for s in seeds), SAVED)


@claim(
    EARLIER,
    "For boosting, ten trials with the ensemble leave more regret than ten of a cold start",
    n_seeds=20,
    rival=instead("regret_then", way={"ensemble": "cold start"}),
)
def a_misleading_study_costs_trials(seeds: Sequence[int]) -> Effect:
    trees = "boosting_boston"
    return effect(
        (regret_then(trees, "ensemble", s, 10) - regret_then(trees, "cold start", s, 10) for s in seeds),
        "percentage points of regret more",
    )


@claim(
    EARLIER,
    "If last month's losses are shuffled, today's own model has more than nine tenths of the weight after fifteen trials",
    n_seeds=20,
    rival=instead("with_last_month", way={"shuffled": "ensemble"}),
)
def the_weights_notice_shuffled_losses(seeds: Sequence[int]) -> Effect:
    own = [float(np.nanmean(with_last_month("mlp_mnist", "shuffled", s)[1][15:])) for s in seeds]
    return effect((100 * weight - 90 for weight in own), "% of the weight above 90")


@claim(
    EARLIER,
    "A wrong belief with a beta of 20 leaves more regret after twenty trials than one with a beta of 2",
    n_seeds=20,
    rival=instead("regret_then", beta={20: 2}),
)
def a_large_beta_forgets_slowly(seeds: Sequence[int]) -> Effect:
    mlp = "mlp_mnist"
    return effect(
        (regret_then(mlp, "wrong belief", s, 20, 20) - regret_then(mlp, "wrong belief", s, 20, 2) for s in seeds),
        "percentage points of regret more",
    )


# 7.3


# 7.4


# 7.5
