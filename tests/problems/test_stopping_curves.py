"""The stored curves of boosting are those of the table, after every tree."""

import importlib.util
from pathlib import Path

import numpy as np

from hpt_lab import problems
from hpt_lab.problems.trainings import BOOSTING_BUDGETS, DATA

SCRIPT = Path(__file__).parents[2] / "examples/tables/make_stopping.py"


def test_the_curves_of_boosting_agree_with_the_table():
    table = problems.boosting_boston()
    grid = list(table.space.grid())
    with np.load(DATA / "stopping.npz") as stored:
        for place, losses in zip(stored["configs"], stored["trees"] / 10_000, strict=True):
            known = [table(grid[place], budget, 0) for budget in BOOSTING_BUDGETS]
            assert np.allclose(losses[np.array(BOOSTING_BUDGETS) - 1], known, atol=1e-4)


def test_a_stored_curve_can_be_trained_again():
    spec = importlib.util.spec_from_file_location("make_stopping", SCRIPT)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    grid = list(problems.boosting_boston().space.grid())
    with np.load(DATA / "stopping.npz") as stored:
        again = made.curve(grid[stored["configs"][100]], 12)
        assert np.allclose(again, stored["trees"][100, :12] / 10_000, atol=1e-4)
