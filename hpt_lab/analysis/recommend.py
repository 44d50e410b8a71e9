"""Which trial to deliver when the losses are noisy: not always the one that was told the lowest.

The lowest of many noisy losses is low in part by luck. A Gaussian process of all trials knows what their neighbors
returned, and draws a lucky one back to them. But it may be wrong about the world, and then it draws the best one back as
well. So each trial is ranked by the middle between what it was told and what the model expects there:

    score_i = (y_i + mean(x_i)) / 2

y_i : the loss of trial i, warped (see `hpt_lab.surrogates.warping`);    mean(x_i) : the posterior mean at its params

The mean alone is what Frazier (2018, section 4.2) delivers, who calls its lowest place the recommended solution under
noise. Chapter 5 measures the three rules beside each other: the middle gains little, and has cost little wherever it was
tried; the mean alone gains more where the world is as smooth as the model, and costs more where it is not.
"""

from __future__ import annotations

import numpy as np

from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.learning import fit_trials
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values.checks import WrongType, short

FEWEST = 10  # trials: of fewer, a model knows too little of the noise
DECIMALS = 4  # of a score: a further one differs between processors


def recommend(study: Study) -> Trial:
    """Return the trial to deliver: best by the mean of its own loss and of what a model of all losses expects there.

    Parameters
    ----------
    study : Study
        Of any strategy, in any space. Only complete trials at the highest budget reached count, since losses of two
        budgets cannot be compared. With fewer than 10 of them, it is the incumbent, `study.best`.

    Returns
    -------
    Trial
        One of `study.trials`. Of equally good ones, the one that was told the lower loss; then the earlier.

    Raises
    ------
    TypeError, ValueError
        If `study` is no Study, or no trial is complete.

    Examples
    --------
    >>> import hpt_lab as hpt
    >>> space = hpt.Space(x=hpt.Float(-1, 1))
    >>> study = hpt.tune(lambda params: params["x"] ** 2, space, hpt.TPE(), 20, seed=0, progress=False)
    >>> hpt.recommend(study) == study.best  # without noise
    True
    """
    if not isinstance(study, Study):
        raise WrongType(f"recommend: study={short(study)} must be a Study, as tune returns it")
    history, best = study.history, study.best
    trials = [trial for trial in history.ranked if trial.budget == best.budget]
    if len(trials) < FEWEST:
        return best
    model, kept, _ = fit_trials(history, trials)
    with one_blas_thread():
        expected = model.predict(model.X_)[0]
    score = np.round((model.y_ + expected) / 2, DECIMALS)
    return trials[kept[int(score.argmin())]]
