"""Chapter 7: measuring again, earlier searches, curves read ahead, widths, and schedules that learn."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from claim import Effect, claim, effect, instead, proportion
from scipy.special import log_softmax, softmax

import hpt_lab as hpt
from hpt_lab import datasets

AGAIN = "07_past_the_textbook/01_measure_again"
EARLIER = "07_past_the_textbook/02_last_months_search"
CURVES = "07_past_the_textbook/03_will_this_curve_get_there"
WIDTHS = "07_past_the_textbook/04_too_big_to_tune"
SCHEDULES = "07_past_the_textbook/05_schedules_that_learn"


# 7.1


# 7.2


# 7.3


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


@claim(
    WIDTHS,
    "With the standard parametrization, the best rate of 128 units is lower than that of 32",
    n_seeds=16,
    rival=instead("best_log_rate", base=32),
    few=3,
)
def the_best_rate_falls_with_the_width(seeds: Sequence[int]) -> Effect:
    falls = (best_log_rate(32, s) - best_log_rate(128, s) for s in seeds)
    return effect(falls, "powers of ten lower")


@claim(
    WIDTHS,
    "At the rate that is best for 32 units, 256 units end at a lower loss with maximal updates than without",
    n_seeds=16,
    rival=instead("width_loss", base={32: None}),
)
def maximal_updates_save_the_kept_rate(seeds: Sequence[int]) -> Effect:
    return effect((width_loss(256, -1.5, s) - width_loss(256, -1.5, s, 32) for s in seeds), "of loss saved")


@claim(
    WIDTHS,
    "With maximal updates, one step moves the last hidden layer about as far with 512 units as with 32",
    rival=instead("moved_in_a_step", base={32: None}),
)
def one_step_moves_equally_far(seeds: Sequence[int]) -> Effect:
    ratios = (np.log2(moved_in_a_step(512, s, 32) / moved_in_a_step(32, s, 32)) for s in seeds)
    return effect(ratios, "doublings", within=1.0)


@claim(
    WIDTHS,
    "With the standard parametrization, one step moves the last hidden layer farther with 512 units than with 32",
    rival=instead("moved_in_a_step", base=32),
)
def one_step_moves_a_wide_network_farther(seeds: Sequence[int]) -> Effect:
    return effect((np.log2(moved_in_a_step(512, s) / moved_in_a_step(32, s)) for s in seeds), "doublings farther")


def larger_run(seed: int, log_rate: float = -1.75) -> float:
    """The loss of a run with 64 units, at the rate that suits it."""
    return width_loss(64, log_rate, seed)


def forecast_of_64(seed: int) -> hpt.analysis.Forecast:
    """From five seeds at each of four smaller widths, at the rates of the lesson's line."""
    rates = {16: -1.425, 23: -1.516, 32: -1.6, 45: -1.686}
    runs = [[width_loss(w, k, 1000 * seed + i) for i in range(5)] for w, k in rates.items()]
    return hpt.analysis.forecast(list(rates), runs, at=64)


@claim(
    WIDTHS,
    "A forecast's interval of 90% from four smaller widths holds the next larger run more often than four times in five",
    n_seeds=40,
    rival=instead("larger_run", log_rate=-1.0),
)
def the_interval_keeps_its_word(seeds: Sequence[int]) -> Effect:
    inside = []
    for seed in seeds:
        ahead = forecast_of_64(seed)
        inside.append(ahead.low <= larger_run(seed) <= ahead.high)
    return proportion(inside, "% of the runs (above 80)", above=0.8)


# 7.5
