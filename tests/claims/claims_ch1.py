"""Chapter 1: learning rates, activations, the depth of a tree; ten tries by hand, the ends of a climb, and luck."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from claim import Effect, claim, effect, instead, proportion
from scipy.special import expit
from sklearn.datasets import make_moons
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from hpt_lab import datasets
from hpt_lab.models import MLP

LESSON_1 = "01_the_problem/01_parameters_and_hyperparameters"
LESSON_2 = "01_the_problem/02_manual_tuning"
COIN = np.log(2)


@cache
def moons(seed: int, rate: float = 1.0, activation: str = "relu") -> tuple[float, float, int]:
    """The lesson's network on fresh moons: training loss at the end, validation accuracy, units alive."""
    X, y = make_moons(400, noise=0.25, random_state=seed)
    train, valid, labels = X[:200], X[200:], y[:200]
    rng = np.random.default_rng(seed)
    W1, w2 = rng.normal(size=(2, 16)), rng.normal(size=16) / 4
    b1, b2 = np.zeros(16), np.zeros(1)

    def hidden(points: np.ndarray) -> np.ndarray:
        Z = points @ W1 + b1
        return np.maximum(Z, 0) if activation == "relu" else Z

    for _ in range(500):
        H = hidden(train)
        by_score = (expit(H @ w2 + b2) - labels) / len(labels)
        by_z = np.outer(by_score, w2) * ((H > 0) if activation == "relu" else 1.0)
        slopes = train.T @ by_z, by_z.sum(axis=0), H.T @ by_score, by_score.sum(keepdims=True)
        W1, b1, w2, b2 = (p - rate * slope for p, slope in zip((W1, b1, w2, b2), slopes, strict=True))
    scores = hidden(train) @ w2 + b2
    loss = float(np.mean(np.logaddexp(0, scores) - labels * scores))
    right = float(np.mean((hidden(valid) @ w2 + b2 > 0) == y[200:]))
    return loss, right, int((hidden(train) > 0).any(axis=0).sum())


@claim(LESSON_1, n_seeds=200, rival=instead("moons", rate=1.0))
def a_rate_that_is_far_too_large_ends_worse_than_a_coin(seeds: Sequence[int]) -> Effect:
    """At a hundred times a good learning rate, the network ends with a loss above that of a coin flip"""
    return proportion([moons(s, 100.0)[0] > COIN for s in seeds], "% of the networks", above=0.9)


@claim(LESSON_1, n_seeds=60, fast=True, rival=instead("moons", rate=100.0))
def a_tenth_of_the_step_learns(seeds: Sequence[int]) -> Effect:
    """At a tenth of a learning rate that is too large, most networks end with a loss below that of a coin flip"""
    return proportion([moons(s, 10.0)[0] < COIN for s in seeds], "% of the networks", above=0.8)


@claim(LESSON_1, rival=instead("moons", rate=1.0))
def most_units_die_at_a_rate_that_is_far_too_large(seeds: Sequence[int]) -> Effect:
    """At a hundred times a good learning rate, most of the 16 units die"""
    return effect([8 - moons(s, 100.0)[2] for s in seeds], "units fewer than half of 16")


@claim(LESSON_1, fast=True, rival=instead("moons", rate=1.0))
def a_rate_that_is_too_small_has_not_arrived(seeds: Sequence[int]) -> Effect:
    """At a hundredth of a good learning rate, 500 steps are not enough"""
    return effect([moons(s, 0.01)[0] - moons(s)[0] for s in seeds], "nats of training loss")


@claim(LESSON_1, fast=True, rival=instead("moons", activation="relu"))
def a_linear_network_is_right_less_often(seeds: Sequence[int]) -> Effect:
    """Without a bend in the activation, the network classifies fewer validation points correctly"""
    linear = [moons(s, activation="linear")[1] for s in seeds]
    return effect([100 * (moons(s)[1] - right) for s, right in zip(seeds, linear, strict=True)], "% more right")


def tree_error(depth: int, seed: int) -> float:
    """Validation error of a tree on patients that are shuffled again."""
    data = datasets.diabetes(seed=seed)
    tree = DecisionTreeRegressor(max_depth=depth, random_state=0).fit(data.X_train, data.y_train)
    return float(np.abs(tree.predict(data.X_valid) - data.y_valid).mean())


@claim(LESSON_1, n_seeds=30, fast=True, rival=instead("tree_error", depth=3))
def a_deep_tree_overfits(seeds: Sequence[int]) -> Effect:
    """A tree of depth 10 has a larger validation error than one of depth 3"""
    return effect([tree_error(10, s) - tree_error(3, s) for s in seeds], "points of validation error")


@claim(LESSON_1, n_seeds=100, rival=instead("tree_error", depth=3))
def depth_4_is_worse_than_depth_3(seeds: Sequence[int]) -> Effect:
    """Depth 4 is already worse than depth 3 on validation data"""
    return effect([tree_error(4, s) - tree_error(3, s) for s in seeds], "points of validation error")


@claim(LESSON_1, n_seeds=200, fallen="These splits cannot distinguish the two: depth 2 may be a little better")
def depths_2_and_3_are_alike(seeds: Sequence[int]) -> Effect:
    """Depths 2 and 3 have practically the same validation error"""
    return effect(
        [tree_error(2, s) - tree_error(3, s) for s in seeds], "points of validation error (within 0.4)", within=0.4
    )


@claim(LESSON_1, n_seeds=100, fast=True, rival=instead("tree_error", depth={2: 4}), few=40)
def depth_2_is_no_worse_than_depth_3(seeds: Sequence[int]) -> Effect:
    """Depth 2 is not worse than depth 3 by more than a third of the step from 3 to 4"""
    steps = [(tree_error(4, s) - tree_error(3, s)) / 3 - (tree_error(2, s) - tree_error(3, s)) for s in seeds]
    return effect(steps, "points of validation error, below a third of the step from 3 to 4")


def digits_right(seed: int, rate: float, scale: float) -> float:
    """Share of digits of 28 x 28 pixels that a small network reads after ten epochs, its pixels multiplied by `scale`."""
    data = datasets.mnist(seed=seed)
    network = MLP(hidden=(64,), learning_rate=rate, seed=seed)
    with np.errstate(all="ignore"):
        network.fit(data.X_train[:2000] * scale, data.y_train[:2000], epochs=10)
        return network.score(data.X_valid[:1000] * scale, data.y_valid[:1000])


@claim(
    LESSON_1,
    n_seeds=7,
    rival=instead("digits_right", scale=1),
    small=instead("datasets.mnist", valid=0.05, test=0.9) + instead("MLP.fit", epochs=1),
)
def pixels_want_to_be_scaled(seeds: Sequence[int]) -> Effect:
    """With pixels from 0 to 255, a network reads fewer digits correctly than with pixels from 0 to 1, at each of five learning rates"""
    rates = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    leads = [min(digits_right(s, rate, 1) - digits_right(s, rate, 255) for rate in rates) for s in seeds]
    return effect([100 * lead for lead in leads], "% more digits, at the rate with the smallest lead")


HASTY = instead("datasets.digits", valid=0.05, test=0.9)


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    data = datasets.digits()
    return data.X_cv, data.y_cv


@cache
def wrong(C: float, gamma: float, seed: int, give_up: float = np.inf) -> int:
    """Digits that the lesson's machine gets wrong, under a fresh shuffle; counted up to the fold that reaches `give_up`."""
    X, y = digits()
    count = 0
    for train, valid in StratifiedKFold(3, shuffle=True, random_state=seed).split(X, y):
        count += int((SVC(C=C, gamma=gamma).fit(X[train], y[train]).predict(X[valid]) != y[valid]).sum())
        if count >= give_up:
            break
    return count


TRIES = [(10, 0.1), (1, 0.1)]  # the two best by hand; 100 changes nothing, and the seven others never come near


@claim(LESSON_2, n_seeds=10, rival=instead("wrong", C=10))
def the_winner_of_ten_tries_was_luck(seeds: Sequence[int]) -> Effect:
    """The winner of our ten tries was lucky: a different try is better under fresh shuffles"""
    return effect([wrong(1, 0.1, s) - wrong(10, 0.1, s) for s in seeds], "images fewer wrong")


def step(gamma: float, seed: int) -> int:
    """Images that two powers of ten in C move."""
    return abs(wrong(1, gamma, seed) - wrong(100, gamma, seed))


@claim(LESSON_2, n_seeds=8, rival=instead("step", gamma=1))
def C_matters_in_one_row(seeds: Sequence[int]) -> Effect:
    """At gamma = 0.001, two powers of ten in C change the result by more than 100 images ..."""
    return effect([step(0.001, seed) - 100 for seed in seeds], "images, beyond 100")


@claim(LESSON_2, n_seeds=8, rival=instead("step", gamma=0.001))
def C_does_not_matter_in_the_other_row(seeds: Sequence[int]) -> Effect:
    """... and at gamma = 1 by fewer than ten: the two interact"""
    return effect([10 - step(1, seed) for seed in seeds], "images fewer than 10")


@claim(LESSON_2, n_seeds=32, rival=instead("wrong", C=10, gamma=0.1), small=HASTY)
def dice_beat_ten_tries_now_and_then(seeds: Sequence[int]) -> Effect:
    """Of ten pairs drawn at random, at least one beats our ten tries in more than one shuffle of ten"""
    wins = []
    for seed in seeds:
        u = np.random.default_rng(seed).random((10, 2))
        ours = min(wrong(C, gamma, seed) for C, gamma in TRIES)
        wins.append(any(wrong(10 ** (5 * a - 2), 10 ** (5 * b - 4), seed, ours) < ours for a, b in u))
    return proportion(wins, "% of the shuffles", above=0.1)


def end_of_climb(c: int, g: int, seed: int) -> tuple[int, int]:
    """Where one-at-a-time search ends that begins at C = 10^c, gamma = 10^g."""
    best, tried, moved = wrong(10.0**c, 10.0**g, seed), {(c, g)}, True
    while moved:
        moved = False
        for there in ((c + 1, g), (c - 1, g), (c, g + 1), (c, g - 1)):
            inside = -2 <= there[0] <= 3 and -4 <= there[1] <= 1
            if inside and there not in tried and len(tried) < 10:
                tried.add(there)
                count = wrong(10.0 ** there[0], 10.0 ** there[1], seed)
                if count < best:
                    best, (c, g), moved = count, there, True
                    break
    return c, g


@cache
def poor_ends(seed: int) -> int:
    """From how many of the 36 beginnings the climb ends more than 5 images behind, judged under another shuffle."""
    ends = [end_of_climb(c, g, seed) for c in range(-2, 4) for g in range(-4, 2)]
    judged = np.array([wrong(10.0**c, 10.0**g, seed + 1_000_000) for c, g in ends])
    return int((judged > judged.min() + 5).sum())


@claim(LESSON_2, n_seeds=5, rival=instead("end_of_climb", lambda c, g, seed: (1, -1)), small=HASTY)
def the_end_can_depend_on_the_beginning(seeds: Sequence[int]) -> Effect:
    """A search that changes one thing at a time ends clearly worse from more than one of 36 starting points ..."""
    return effect([poor_ends(seed) - 1 for seed in seeds], "of 36 starts, beyond one, end more than 5 images behind")


@claim(LESSON_2, n_seeds=5, rival=instead("end_of_climb", lambda c, g, seed: (c, g)), small=HASTY)
def most_beginnings_end_well(seeds: Sequence[int]) -> Effect:
    """... and well from more than half of them"""
    return effect([18 - poor_ends(seed) for seed in seeds], "of 36 starts fewer than half")
