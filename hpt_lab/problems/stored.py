"""Tables as they are stored: data/<name>.npz holds integers, the loss times `scale`; a failure is the lowest integer."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpt_lab.problems.problem import Problem
from hpt_lab.problems.table import Table
from hpt_lab.space import Space

__all__ = ["DATA", "FAILED", "losses", "tabulated"]

Array = NDArray[np.float64]
DATA = Path(__file__).parent.parent / "data"
FAILED = np.iinfo(np.int32).min  # what stands for NaN


def tabulated(name: str, space: Space, metric: str, loss_label: str, budgets: tuple[int, ...] = ()) -> Problem:
    """The problem whose losses are the array `metric` of data/`name`.npz."""
    table = Table(space, losses(name, metric), budgets)
    return Problem(name, space, float(np.nanmin(table.values())), table.argmin(), loss_label, table=table)


@lru_cache(maxsize=16)
def losses(name: str, metric: str) -> Array:
    """The array `metric` of data/`name`.npz as losses, NaN where the training failed. Not to be changed."""
    with np.load(DATA / f"{name}.npz") as stored:
        integers, scale = stored[metric], float(stored["scale"])
    found = np.where(integers == FAILED, np.nan, integers / scale)
    found.flags.writeable = False
    return found
