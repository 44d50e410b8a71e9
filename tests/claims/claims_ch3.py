"""Chapter 3: how much a search space has to lose or gain, and whether learning from the trials pays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from claim import Effect, claim, effect, instead

import hpt_lab as hpt
from hpt_lab import datasets, problems
from hpt_lab.models import MLP

Params = Mapping[str, Any]
LESSON_2, LESSON_3 = "03_the_solution/02_mnist_in_thirty_trials", "03_the_solution/03_does_learning_pay"

# ---------------------------------------------------------------- 3.2: real training runs, on splits and seeds of their own
NARROW = hpt.Space(
    first_hidden=hpt.Int(128, 256, step=32),
    second_hidden=hpt.Int(16, 112, step=32),
    learning_rate=hpt.Float(0.005, 0.01, log=True),
)
WIDE = hpt.Space(
    first_hidden=hpt.Int(16, 256, log=True),
    second_hidden=hpt.Int(16, 256, log=True),
    learning_rate=hpt.Float(1e-4, 1e-1, log=True),
)
MIDDLE: Params = {"first_hidden": 192, "second_hidden": 80, "learning_rate": 0.007}


class AtOnePlace:
    """A space that has one setting, the middle of the narrow one."""

    def sample(self, rng: np.random.Generator) -> Params:
        return MIDDLE


def trainer(split: int) -> Callable[[Params, int], float]:
    """The lesson's `accuracy`, on the digits of one split: the best of three epochs."""
    data = datasets.mnist(valid=0.4, seed=split)

    def accuracy(params: Params, seed: int) -> float:
        hidden = (params["first_hidden"], params["second_hidden"])
        network = MLP(hidden, learning_rate=params["learning_rate"], batch_size=64, seed=seed)
        held_out = (data.X_valid, data.y_valid)
        return max(network.fit(data.X_train, data.y_train, epochs=3, validation_data=held_out).history["val_accuracy"])

    return accuracy


HASTY = instead("datasets.mnist", valid=0.05, test=0.9) + instead("MLP.fit", epochs=1)


@claim(LESSON_2, n_seeds=10, rival=instead("datasets.mnist", scaled=True), small=HASTY)
def unscaled_pixels_learn_less(seeds: Sequence[int]) -> Effect:
    """With pixels from 0 to 255 the network learns less in five epochs than with scaled pixels in one"""
    ahead = []
    for seed in seeds:
        scores = []
        for scaled, epochs in ((True, 1), (False, 5)):
            data = datasets.mnist(valid=0.4, scaled=scaled, seed=seed)
            network = MLP((192, 64), learning_rate=0.007, batch_size=64, seed=seed)
            held_out = (data.X_valid, data.y_valid)
            history = network.fit(data.X_train, data.y_train, epochs=epochs, validation_data=held_out).history
            scores.append(100 * max(history["val_accuracy"]))
        ahead.append(scores[0] - scores[1])
    return effect(ahead, "points of accuracy that scaling is ahead")


@claim(LESSON_2, n_seeds=7, rival=instead("MLP", seed=0), small=HASTY)
def the_best_of_eight_is_flattered(seeds: Sequence[int]) -> Effect:
    """The best of eight settings from the narrow space reports more than it reaches when it is trained again"""
    flattery = []
    for seed in seeds:
        accuracy = trainer(seed)
        rng = np.random.default_rng(seed)
        drawn = [NARROW.sample(rng) for _ in range(8)]
        seen = [accuracy(params, seed) for params in drawn]
        best = drawn[int(np.argmax(seen))]
        flattery.append(100 * (max(seen) - np.mean([accuracy(best, seed + extra) for extra in (1, 2)])))
    return effect(flattery, "points of accuracy reported too many")


@claim(LESSON_2, n_seeds=8, rival=instead("WIDE", AtOnePlace()), small=HASTY)
def a_wide_space_has_much_to_lose(seeds: Sequence[int]) -> Effect:
    """A setting drawn at random from the wide space scores below the middle of the narrow one"""
    lost = []
    for seed in seeds:
        accuracy = trainer(seed)
        rng = np.random.default_rng(seed)
        drawn = [accuracy(WIDE.sample(rng), seed) for _ in range(4)]
        lost.append(100 * (accuracy(MIDDLE, seed) - np.mean(drawn)))
    return effect(lost, "points of accuracy lost")


@claim(LESSON_2, n_seeds=7, rival=instead("MIDDLE", {**MIDDLE, "learning_rate": 1e-4}), small=HASTY)
def a_wide_space_has_no_more_to_gain(seeds: Sequence[int]) -> Effect:
    """The best of eight settings from the wide space is less than a point above the middle of the narrow one"""
    missing = []
    for seed in seeds:
        accuracy = trainer(seed)
        rng = np.random.default_rng(seed)
        drawn = [WIDE.sample(rng) for _ in range(8)]
        best = drawn[int(np.argmax([accuracy(params, seed) for params in drawn]))]
        above = np.mean([accuracy(best, seed + extra) - accuracy(MIDDLE, seed + extra) for extra in (1, 2)])
        missing.append(1 - 100 * above)
    return effect(missing, "points of accuracy missing to one above the middle, trained again")


@lru_cache(maxsize=32)
def search_of_thirty(seed: int) -> tuple[tuple[float, ...], tuple[tuple[str, Any], ...]]:
    """Thirty trials of Bayesian optimization in the wide space: their accuracies, and the best params."""
    accuracy = trainer(seed)
    bayesian = hpt.BayesianOptimization()
    study = hpt.tune(
        lambda params: accuracy(params, seed), WIDE, bayesian, 30, seed=seed, direction="maximize", progress=False
    )
    return tuple(trial.value for trial in study.trials), tuple(study.best_params.items())


def blind_draw(seed: int) -> tuple[tuple[float, ...], tuple[tuple[str, Any], ...]]:
    """A setting without a search, for the claim to fail with."""
    return (), tuple(WIDE.sample(np.random.default_rng(seed)).items())


@claim(
    LESSON_2, n_seeds=4, rival=instead("search_of_thirty", blind_draw), small=HASTY + instead("hpt.tune", n_trials=6)
)
def thirty_trials_find_what_a_good_guess_knows(seeds: Sequence[int]) -> Effect:
    """The best of thirty trials in the wide space is less than a point below the middle of the narrow one"""
    more = []
    for seed in seeds:
        accuracy, best = trainer(seed), dict(search_of_thirty(seed)[1])
        again = [accuracy(best, seed + e) - accuracy(MIDDLE, seed + e) for e in range(1, 5)]
        more.append(100 * np.mean(again))
    return effect([1 + value for value in more], "points of accuracy short of a point below the middle")


# ---------------------------------------------------------------- 3.3: the table, its networks at ten stops
TABLE = problems.mlp_mnist(n_seeds=10)
NETWORKS = range(TABLE.n_seeds)
TRAININGS = [(stop, network) for stop in range(18, 28) for network in NETWORKS]
ERRORS = {(stop, network): TABLE.values(network, stop) for stop, network in TRAININGS}
JUDGE = {
    (stop, network): np.mean([ERRORS[stop, other] for other in NETWORKS if other != network], axis=0).round(6)
    for stop, network in TRAININGS
}


def seen(seeds: Sequence[int]) -> list[int]:
    """The network that each search sees: its ten stops share their luck, so the error is over the networks."""
    return [TRAININGS[seed % len(TRAININGS)][1] for seed in seeds]


def cell(params: Params) -> tuple[int, ...]:
    return tuple(dimension.index(params[name]) for name, dimension in TABLE.space.dimensions.items())


@lru_cache(maxsize=2048)
def searched(learns: bool, seed: int, n_trials: int = 30) -> dict[str, np.ndarray]:
    """One search on the training run of its seed: what each trial reports, and what the judge says."""
    stop, network = TRAININGS[seed % len(TRAININGS)]
    strategy = hpt.BayesianOptimization() if learns else hpt.RandomSearch()
    study = hpt.tune(lambda p: TABLE(p, stop, network), TABLE.space, strategy, n_trials, seed=seed, progress=False)
    elsewhere = np.array([JUDGE[stop, network][cell(trial.params)] for trial in study.trials])
    limit = round(float(np.quantile(JUDGE[stop, network], 0.1)), 6)
    return {
        "loss": np.array([trial.value for trial in study.trials]),
        "elsewhere": elsewhere,
        "good": elsewhere <= limit,
    }


def winner(search: dict[str, np.ndarray]) -> tuple[float, float]:
    """The winner's error: as the search reports it, and as the judge gives it."""
    best = int(search["loss"].argmin())
    return float(search["loss"][best]), float(search["elsewhere"][best])


@claim(LESSON_3, n_seeds=60, rival=instead("searched", learns=False))
def learning_finds_more_good_settings(seeds: Sequence[int]) -> Effect:
    """From the sixth trial on, Bayesian optimization tries at least twice as many good settings as random search"""
    more = [100 * (searched(True, s)["good"][5:].mean() - 2 * searched(False, s)["good"][5:].mean()) for s in seeds]
    return effect(more, "% of the trials, above twice the share of random search", trainings=seen(seeds))


@claim(LESSON_3, n_seeds=60, rival=instead("searched", learns=False))
def learning_is_sooner_at_a_good_setting(seeds: Sequence[int]) -> Effect:
    """From the sixth trial on, Bayesian optimization reaches a good setting sooner than random search"""

    def wait(good: np.ndarray) -> int:
        return int(good.argmax()) + 1 if good.any() else 26

    saved = [wait(searched(False, seed)["good"][5:]) - wait(searched(True, seed)["good"][5:]) for seed in seeds]
    return effect(saved, "training runs saved, after the first five", trainings=seen(seeds))


@claim(LESSON_3, n_seeds=120, rival=instead("searched", learns=False))
def learning_reports_lower_errors(seeds: Sequence[int]) -> Effect:
    """After thirty trials, Bayesian optimization reports a lower error than random search"""
    lead = [100 * (winner(searched(False, seed))[0] - winner(searched(True, seed))[0]) for seed in seeds]
    return effect(lead, "percentage points of error", trainings=seen(seeds))


@claim(LESSON_3, n_seeds=240, rival=instead("searched", learns=False))
def a_part_of_the_lead_is_confirmed(seeds: Sequence[int]) -> Effect:
    """On networks that the search did not see, the winner of Bayesian optimization is ahead of that of random search"""
    lead = [100 * (winner(searched(False, seed))[1] - winner(searched(True, seed))[1]) for seed in seeds]
    return effect(lead, "percentage points of error", trainings=seen(seeds))


@claim(LESSON_3, n_seeds=240, rival=instead("searched", learns=False))
def a_part_of_the_lead_is_luck(seeds: Sequence[int]) -> Effect:
    """The lead that other networks confirm is smaller than the lead that is reported"""
    luck = []
    for seed in seeds:
        random, learned = winner(searched(False, seed)), winner(searched(True, seed))
        luck.append(100 * ((random[0] - learned[0]) - (random[1] - learned[1])))
    return effect(luck, "percentage points of the lead that are luck", trainings=seen(seeds))


@claim(
    LESSON_3,
    n_seeds=120,
    fast=True,
    rival=instead("JUDGE", {training: errors.round(6) for training, errors in ERRORS.items()}),
)
def every_winner_is_flattered(seeds: Sequence[int]) -> Effect:
    """The winner of random search reports a lower error than it has on networks that the search did not see"""
    winners = [winner(searched(False, seed)) for seed in seeds]
    flattery = [100 * (elsewhere - reported) for reported, elsewhere in winners]
    return effect(flattery, "percentage points of error", trainings=seen(seeds))


@claim(
    LESSON_3, n_seeds=120, rival=instead("JUDGE", {training: errors.round(6) for training, errors in ERRORS.items()})
)
def the_winner_of_learning_is_flattered(seeds: Sequence[int]) -> Effect:
    """The winner of Bayesian optimization reports a lower error than it has on networks that the search did not see"""
    winners = [winner(searched(True, seed)) for seed in seeds]
    flattery = [100 * (elsewhere - reported) for reported, elsewhere in winners]
    return effect(flattery, "percentage points of error", trainings=seen(seeds))


EVERYTHING, BOX = (slice(None),) * 3, (slice(3, 5), slice(0, 4), slice(5, 7))


@claim(LESSON_3, n_seeds=120, fast=True, rival=instead("BOX", EVERYTHING))
def in_a_narrow_box_more_of_the_winner_is_luck(seeds: Sequence[int]) -> Effect:
    """Where the settings differ less, less of the gain that the winner promises is confirmed

    Twelve settings of the narrow box, and twelve of the whole table, chosen and judged alike."""
    difference = []
    for seed in seeds:
        training, rng = TRAININGS[seed % len(TRAININGS)], np.random.default_rng(seed)
        confirmed = []
        for part in (EVERYTHING, BOX):
            own, judged = ERRORS[training][part].ravel(), JUDGE[training][part].ravel()
            drawn = rng.choice(own.size, 12, replace=False)
            own, judged = own[drawn], judged[drawn]
            chosen = int(own.argmin())
            confirmed.append((np.median(judged) - judged[chosen]) / (np.median(own) - own[chosen]))
        difference.append(100 * (confirmed[0] - confirmed[1]))
    return effect(difference, "% of the promised gain that is confirmed, wide minus narrow", trainings=seen(seeds))


# ---------------------------------------------------------------- fallen
@claim(LESSON_2, n_seeds=3, fallen="In this one search their median is higher", small=HASTY)
def chosen_trials_score_higher_than_dice(seeds: Sequence[int]) -> Effect:
    """From the sixth trial on, the trials of Bayesian optimization score higher than random ones"""
    ahead = []
    for seed in seeds:
        accuracy, rng = trainer(seed), np.random.default_rng(seed)
        random = [accuracy(WIDE.sample(rng), seed) for _ in range(10)]
        ahead.append(100 * (np.median(search_of_thirty(seed)[0][5:]) - np.median(random)))
    return effect(ahead, "points of accuracy, median against median")


@claim(LESSON_2, n_seeds=8, fallen="Seven pairs show no clear gain, but a small one is still possible", small=HASTY)
def beyond_the_edge_there_is_little(seeds: Sequence[int]) -> Effect:
    """Twice the width at the edge gains less than a point of accuracy"""
    more = []
    for seed in seeds:
        accuracy = trainer(seed)
        at_the_edge = {**MIDDLE, "first_hidden": 256}
        more.append(100 * (accuracy({**at_the_edge, "first_hidden": 512}, seed) - accuracy(at_the_edge, seed)))
    return effect([1 - value for value in more], "points of accuracy missing to a gain of one")


@claim("03_the_solution/exercises", n_seeds=8, fallen="In this table, the best rate moves with the width", small=HASTY)
def the_best_rate_moves_with_the_width(seeds: Sequence[int]) -> Effect:
    """After one epoch a wide network needs a smaller learning rate than a narrow one

    Real training runs: both layers of 16 units against 256, six rates half a power of ten apart."""
    rates = [10**exponent for exponent in (-4, -3.5, -3, -2.5, -2, -1.5)]
    moved = []
    for seed in seeds:
        data = datasets.mnist(valid=0.4, seed=seed)
        held_out = (data.X_valid, data.y_valid)
        centres = []
        for width in (16, 256):
            scores = []
            for rate in rates:
                network = MLP((width, width), learning_rate=rate, batch_size=64, seed=seed)
                history = network.fit(data.X_train, data.y_train, epochs=1, validation_data=held_out).history
                scores.append(history["val_accuracy"][0])
            centres.append(math.log10(rates[int(np.argmax(scores))]))
        moved.append(centres[0] - centres[1])
    return effect(moved, "powers of ten that the best rate falls")
