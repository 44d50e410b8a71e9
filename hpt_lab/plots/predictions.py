"""The values that a model of a study's trials expects over two hyperparameters.

At each place the mean over 64 points of all other hyperparameters, of the Gaussian process of the trials. The model sees
bent losses (see `hpt_lab.surrogates.warping`); between the trials they are bent back along a line, so that no value is
beyond the best and the worst told.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hpt_lab.analysis.importance import comparable
from hpt_lab.analysis.recommend import learned
from hpt_lab.strategies.untried import sobol_points
from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.features import features
from hpt_lab.surrogates.threads import one_blas_thread

__all__ = ["RESOLUTION", "expected_values"]

RESOLUTION = 41  # values of a hyperparameter that has more
LOG_OTHERS = 6  # 2^6 points of the other hyperparameters


def expected_values(study: Study, x: str, y: str) -> tuple[list[list[Any]], np.ndarray, list[Trial]]:
    """Return values of x and of y, the mean value expected there, of shape (n_x, n_y), and the trials it was learned from.

    Raises ValueError if no budget has enough complete trials: see `hpt_lab.analysis.importance.comparable`.
    """
    space, trials = study.space, comparable("heatmap", study)
    values = [space[name].values(RESOLUTION) for name in (x, y)]
    columns = [list(space).index(name) for name in (x, y)]
    others = sobol_points(len(space), 0, LOG_OTHERS)
    grid = np.array([(space[x].encode(a), space[y].encode(b)) for a in values[0] for b in values[1]])
    points = np.tile(others, (len(grid), 1))  # (n_x * n_y * n_others, n_dims)
    points[:, columns] = np.repeat(grid, len(others), axis=0)
    model, _, losses = learned(study.history, trials)
    with one_blas_thread():
        bent = model.predict(features(space, space.settle(points))[0])[0]
    order = np.argsort(model.y_, kind="stable")
    expected = np.interp(bent, model.y_[order], losses[order]).reshape(len(values[0]), len(values[1]), -1).mean(axis=2)
    return values, -expected if study.direction == "maximize" else expected, trials
