"""Chapter 7: measuring again, earlier searches, curves read ahead, widths, and schedules that learn."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from claim import Effect, claim, effect, instead, proportion

import hpt_lab as hpt
from hpt_lab import datasets, models, problems

AGAIN = "07_past_the_textbook/01_measure_again"
EARLIER = "07_past_the_textbook/02_last_months_search"
CURVES = "07_past_the_textbook/03_will_this_curve_get_there"
WIDTHS = "07_past_the_textbook/04_too_big_to_tune"
SCHEDULES = "07_past_the_textbook/05_schedules_that_learn"


# 7.1


# 7.2


# 7.3


# 7.4


# 7.5

RANGES = {
    "wide": {"learning_rate": hpt.Float(1e-5, 1.0, log=True), "l2": hpt.Float(1e-7, 1.0, log=True)},
    "narrow": {"learning_rate": hpt.Float(1e-4, 1e-1, log=True), "l2": hpt.Float(1e-6, 1e-1, log=True)},
    "tuned": {"learning_rate": hpt.Float(0.02, 0.02), "l2": hpt.Float(3e-4, 3e-4)},
}
SHORT = instead("delivered", epochs=6)


def _epoch(network: models.MLP, data: datasets.Split, learning_rate: float, l2: float) -> float:
    """Train one more epoch, and return the validation loss."""
    network.learning_rate, network.l2 = learning_rate, l2
    validation = data.X_valid, data.y_valid
    return network.fit(data.X_train, data.y_train, 1, validation_data=validation).history["val_loss"][0]


def _digits(seed: int) -> datasets.Split:
    return datasets.digits(valid=0.25, test=0.35, seed=seed)


@cache
def delivered(seed: int, ranges: str, share: float, epochs: int = 27) -> float:
    """Test loss of the best of eight networks: a population, or networks that train alone with share 0."""
    data = _digits(seed)
    network = hpt.population_based_training(
        lambda i: models.MLP((16,), batch_size=64, seed=1000 * seed + i),
        lambda network, params: _epoch(network, data, **params),
        RANGES[ranges],
        epochs,
        warmup=4,
        share=share,
        seed=seed,
        progress=False,
    ).best_model
    P = network.predict_proba(data.X_test)[np.arange(len(data.y_test)), data.y_test]
    return -float(np.log(np.maximum(P, 1e-300)).mean())


@claim(
    SCHEDULES,
    "With wide ranges, a population is ahead of the same eight networks without copying on most splits",
    n_seeds=12,
    rival=instead("delivered", share=0.0),
    small=SHORT,
)
def a_population_is_ahead_of_its_twin(seeds: Sequence[int]) -> Effect:
    ahead = (delivered(s, "wide", 0.25) < delivered(s, "wide", 0.0) for s in seeds)
    return proportion(ahead, "% of the splits", above=0.5)


@claim(
    SCHEDULES,
    "With narrow ranges too, a population delivers a lower test loss than the same eight networks without copying",
    n_seeds=12,
    rival=instead("delivered", share=0.0),
    small=SHORT,
    fallen="On fresh splits the gain with narrow ranges is too small to tell from noise",
)
def a_population_gains_with_narrow_ranges(seeds: Sequence[int]) -> Effect:
    return effect((delivered(s, "narrow", 0.0) - delivered(s, "narrow", 0.25) for s in seeds), "of test loss saved")


@claim(
    SCHEDULES,
    "Eight networks with the tuned constant rate are ahead of a population with wide ranges on most splits",
    n_seeds=12,
    rival=instead("delivered", ranges="wide"),
    small=SHORT,
)
def a_tuned_rate_is_ahead_of_a_population(seeds: Sequence[int]) -> Effect:
    ahead = (delivered(s, "tuned", 0.0) < delivered(s, "wide", 0.25) for s in seeds)
    return proportion(ahead, "% of the splits", above=0.5)


@cache
def losses_after(seed: int, drop: int) -> list[float]:
    """Validation losses of a network whose learning rate falls from 0.06 to 0.012 after `drop` epochs."""
    data, network = _digits(seed), models.MLP((16,), batch_size=64, seed=seed)
    return [_epoch(network, data, 0.06 if epoch < drop else 0.012, 1e-3) for epoch in range(27)]


@claim(
    SCHEDULES,
    "The network whose rate drops after 6 epochs is ahead, one epoch later, of the one whose rate drops after 18",
    n_seeds=20,
    rival=instead("losses_after", drop=6),
)
def an_early_drop_is_ahead_at_once(seeds: Sequence[int]) -> Effect:
    return effect((losses_after(s, 18)[6] - losses_after(s, 6)[6] for s in seeds), "of validation loss saved")


@claim(
    SCHEDULES,
    "At the end the network whose rate drops after 18 epochs is ahead of the one whose rate drops after 6",
    n_seeds=20,
    rival=instead("losses_after", drop=6),
)
def a_late_drop_is_ahead_in_the_end(seeds: Sequence[int]) -> Effect:
    return effect((losses_after(s, 6)[-1] - losses_after(s, 18)[-1] for s in seeds), "of validation loss saved")
