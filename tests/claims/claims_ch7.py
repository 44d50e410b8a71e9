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
    table = problems.mlp_mnist()
    network = seed % table.n_seeds
    strategies: dict[str, hpt.Strategy] = {"random": hpt.RandomSearch(), "TPE": hpt.TPE()}

    def train(params: Any) -> Any:
        for epochs in table.budgets:
            yield table(params, epochs, network)

    more: Any = {"stopping": STOPPING[rule], "total_budget": 540, "progress": False}
    study = hpt.tune(train, table.space, strategies[name], seed=seed, **more)
    spent, held = np.cumsum([trial.spent for trial in study.trials]), study.history.incumbents
    bests = [held[np.searchsorted(spent, epochs, side="right") - 1] for epochs in (108, 270, 540)]
    return tuple(100 * (best.value - table.optimum_at(network)) for best in bests)


@claim(
    CURVES,
    "After 270 epochs the forecast has lowered the regret of TPE",
    n_seeds=40,
    rival=instead("stopped_regret", rule="none"),
)
def the_forecast_helps_tpe(seeds: Sequence[int]) -> Effect:
    gaps = (stopped_regret("TPE", "none", s)[1] - stopped_regret("TPE", "5%", s)[1] for s in seeds)
    return effect(gaps, "percentage points of regret saved")


@claim(
    CURVES,
    "After 108 epochs TPE with a median rule that needs one whole run is ahead of TPE with the forecast, which needs one, too",
    n_seeds=60,
    rival=instead("stopped_regret", rule="none"),
)
def a_median_of_one_run_starts_better(seeds: Sequence[int]) -> Effect:
    gaps = (stopped_regret("TPE", "5%", s)[0] - stopped_regret("TPE", "median of 1", s)[0] for s in seeds)
    return effect(gaps, "percentage points of regret saved")


@cache
def stopped_winners(unit: str, rule: str, seed: int) -> float:
    """Share of the winners, in percent, that a rule stops in a random search of 20 whole runs."""
    if unit == "trees":
        with np.load(problems.trainings.DATA / "stopping.npz") as stored:
            curves = stored["trees"] / 10_000
    else:
        table = problems.mlp_mnist()
        curves = np.array([table.values(seed % table.n_seeds, epochs).ravel() for epochs in table.budgets]).T
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


@claim(
    CURVES,
    "On trees the forecast stops a larger share of the winners than on epochs",
    n_seeds=40,
    rival=instead("stopped_winners", unit="epochs"),
)
def the_forecast_loses_winners_on_trees(seeds: Sequence[int]) -> Effect:
    shares = (stopped_winners("trees", "5%", s) - stopped_winners("epochs", "5%", s) for s in seeds)
    return effect(shares, "percentage points of the winners")


@claim(
    CURVES,
    "On epochs the forecast stops a smaller share of the winners than a median rule that starts as early",
    n_seeds=40,
    rival=instead("stopped_winners", rule="5%"),
)
def the_forecast_keeps_winners(seeds: Sequence[int]) -> Effect:
    shares = (stopped_winners("epochs", "median of 1", s) - stopped_winners("epochs", "5%", s) for s in seeds)
    return effect(shares, "percentage points of the winners")


# 7.4


# 7.5
