"""Formulas with known optima: two classics, and an imaginary network with twenty hyperparameters. Chapter 2."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hpt_lab.problems.problem import Problem
from hpt_lab.space import Float, Int, Space


def branin() -> Problem:
    """Return Branin's function: two dimensions, three global minima of 0.397887, at (-π, 12.275), (π, 2.275), (3π, 2.475).

    f(x1, x2) = (x2 - 5.1 x1² / 4π² + 5 x1 / π - 6)² + 10 (1 - 1/8π) cos x1 + 10,   x1 in [-5, 10], x2 in [0, 15].

    >>> round(branin()({"x1": 9.42478, "x2": 2.475}), 6)
    0.397887
    """
    space = Space(x1=Float(-5, 10), x2=Float(0, 15))
    optimum = round(10 / (8 * math.pi), 10)  # the square is 0 and the cosine -1
    return Problem("branin", space, optimum, {"x1": math.pi, "x2": 2.275}, "Branin's function", _branin)


def _branin(params: Mapping[str, Any]) -> float:
    x1, x2 = params["x1"], params["x2"]
    parabola = x2 - 5.1 * x1**2 / (4 * math.pi**2) + 5 * x1 / math.pi - 6
    return parabola**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x1) + 10


HARTMANN_ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
HARTMANN_P = 1e-4 * np.array([
    [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
])  # fmt: skip


def hartmann6() -> Problem:
    """Return the Hartmann function of six dimensions: one global minimum of -3.32237, and several local ones.

    f(x) = - Σ_i α_i exp(- Σ_j A_ij (x_j - P_ij)²),   x in [0, 1]^6; α of shape (4,), A and P of shape (4, 6).
    """
    space = Space({f"x{j}": Float(0, 1) for j in range(1, 7)})
    x = (0.20168952, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054)
    best = dict(zip(space, x, strict=True))
    return Problem("hartmann6", space, -3.3223680114, best, "Hartmann's function", _hartmann6)


def _hartmann6(params: Mapping[str, Any]) -> float:
    x = np.array([params[f"x{j}"] for j in range(1, 7)])
    return -float(HARTMANN_ALPHA @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))


BEST_RATE = {"sgd": 0.3, "momentum": 0.03, "adam": 0.002}  # at a batch size of 64
NETWORK20_SPACE = Space(
    # eight that matter
    learning_rate=Float(1e-5, 1e0, log=True),
    optimizer=["sgd", "momentum", "adam"],
    batch_size=Int(8, 512, log=True),
    weight_decay=Float(1e-7, 1e-1, log=True),
    width=Int(16, 1024, log=True),
    depth=Int(1, 12),
    dropout=Float(0, 0.8),
    activation=["relu", "gelu", "tanh", "sigmoid"],
    # four that matter a little
    warmup_share=Float(0, 0.5),
    label_smoothing=Float(0, 0.3),
    gradient_clip=Float(0.1, 100, log=True),
    normalization=["none", "batch", "layer"],
    # eight that do not matter
    beta1=Float(0.5, 0.99),
    beta2=Float(0.9, 0.9999),
    epsilon=Float(1e-10, 1e-4, log=True),
    init_scale=Float(0.1, 10, log=True),
    ema_decay=Float(0.9, 0.9999),
    head_dropout=Float(0, 0.8),
    n_augmentations=Int(0, 10),
    shuffle_buffer=Int(100, 100_000, log=True),
)
NETWORK20_BEST = (  # in the order of the space
    *(0.002, "adam", 64, 3e-4, 320, 3, 0.25, "gelu"),
    *(0.1, 0.05, 1.0, "layer"),
    *(0.9, 0.999, 1e-8, 1.0, 0.99, 0.0, 2, 1000),
)


def network20() -> Problem:
    """Return an imaginary network with twenty hyperparameters: eight matter, four matter a little, and eight do not.

    The formula follows practitioners' experience; no network was trained. With lg the logarithm to base 10, ld to base 2,

        a = lg(learning_rate / r),   r = best rate of the optimizer * sqrt(batch_size / 64)
        b = a + lg(weight_decay / 3e-4)                       rate and decay compensate for each other
        c = ld(width * depth / 960)                           width and depth compensate for each other
        d = dropout - (0.25 + 0.05 c)                         a larger network needs more of it
        q = a² + 0.15 b² + 0.1 c² + 0.2 ld(depth / 3)² + 4 d² + penalty of the optimizer and of the activation
            + 0.2 (warmup_share - 0.1)² + 0.5 (label_smoothing - 0.05)² + 0.005 lg(gradient_clip)²
            + penalty of the normalization
        loss = 0.03 + 0.87 (1 - exp(-q))                      from 0.03 to 0.9, the error of guessing among ten classes

    Best rates at a batch of 64: 0.3 for "sgd", 0.03 for "momentum", 0.002 for "adam"; penalties: 0.15, 0.05, 0 in this
    order; 0.02 for "relu", 0 for "gelu", 0.1 for "tanh", 0.4 for "sigmoid"; 0.03 without normalization, 0.005 for
    "batch", 0 for "layer". The optimum 0.03 is where all terms of q are 0: on a curve along which batch size, rate and
    decay change together. The square root of the batch size: Krizhevsky (2014), arXiv:1404.5997.
    """
    best = dict(zip(NETWORK20_SPACE, NETWORK20_BEST, strict=True))
    return Problem("network20", NETWORK20_SPACE, 0.03, best, "error of an imaginary network", _network20)


def _network20(params: Mapping[str, Any]) -> float:
    optimizer = params["optimizer"]
    a = math.log10(params["learning_rate"] / (BEST_RATE[optimizer] * math.sqrt(params["batch_size"] / 64)))
    b = a + math.log10(params["weight_decay"] / 3e-4)
    c = math.log2(params["width"] * params["depth"] / 960)
    d = params["dropout"] - (0.25 + 0.05 * c)
    q = a**2 + 0.15 * b**2 + 0.1 * c**2 + 0.2 * math.log2(params["depth"] / 3) ** 2 + 4 * d**2
    q += {"sgd": 0.15, "momentum": 0.05, "adam": 0.0}[optimizer]
    q += {"relu": 0.02, "gelu": 0.0, "tanh": 0.1, "sigmoid": 0.4}[params["activation"]]
    q += 0.2 * (params["warmup_share"] - 0.1) ** 2 + 0.5 * (params["label_smoothing"] - 0.05) ** 2
    q += 0.005 * math.log10(params["gradient_clip"]) ** 2
    q += {"none": 0.03, "batch": 0.005, "layer": 0.0}[params["normalization"]]
    return 0.03 + 0.87 * (1 - math.exp(-q))
