"""Searches and problems that the figures are drawn of, and no figure left open."""

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.loop.comparison import compare
from hpt_lab.problems import Problem, Table


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    strategies = {"grid": hpt.GridSearch(resolution=3), "random": hpt.RandomSearch(), "mine": hpt.QuasiRandomSearch()}
    return compare(strategies, problems.branin(), n_trials=12, seeds=5, progress=False)


@pytest.fixture(scope="session")
def mixed() -> hpt.Study:
    """Twenty trials over float, int, category and a condition; where units > 200, they fail."""
    space = hpt.Space(
        rate=hpt.Float(1e-4, 1e-1, log=True),
        units=hpt.Int(16, 256, log=True),
        kernel=["rbf", "poly"],
        degree=hpt.Int(2, 5).when(kernel="poly"),
    )

    def objective(params):
        if params["units"] > 200:
            raise MemoryError("out of memory")
        return abs(np.log10(params["rate"]) + 3) + params.get("degree", 0) / 10

    return hpt.tune(objective, space, hpt.RandomSearch(), 20, seed=3, progress=False)


@pytest.fixture
def table_problem() -> Problem:
    space = hpt.Space(a=hpt.Int(1, 3), b=hpt.Float(0.1, 10, log=True, step=10), c=hpt.Int(1, 2))
    losses = 1 + np.random.default_rng(0).random((2, 1, 3, 3, 2))
    table = Table(space, losses)
    return Problem("small", space, table.values().min(), table.argmin(), "error", table=table)


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]
