"""Which trial to deliver when the losses are noisy: not always the one with the lowest loss.

The lowest of many noisy losses is partly low by luck. A Gaussian process of all trials pulls a lucky one back towards
its neighbors but, where the model is wrong, also the truly best one. So trials are ranked by the mean of the two:

    score_i = (y_i + mean(x_i)) / 2

y_i : the loss of trial i, warped (see `hpt_lab.surrogates.warping`), the mean of all trials if its params were repeated;
mean(x_i) : the posterior mean at its params

Frazier (2018, section 4.2) delivers the lowest posterior mean. Chapter 5 measures the three rules: this score gains
little and costs little wherever it was tried; the posterior mean gains more on smooth losses, and costs more elsewhere.
"""

import numpy as np

from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.learning import averaged, fit_trials
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values.checks import instance

FEWEST = 10  # trials: with fewer, a model knows too little about the noise
SCORE_DECIMALS = 4  # of a score: further decimals differ between processors


def recommend(study: Study) -> Trial:
    """Return the trial to deliver: the best by the mean of its own loss and the loss that a model of all trials expects.

    Of equally good trials, it is the one with the lower loss, then the earlier one. Raises TypeError or ValueError if
    `study` is not a Study, or no trial is complete.

    Parameters
    ----------
    study : Study
        With any strategy and space, and one objective. Only complete, feasible trials at the highest budget reached count,
        since losses at different budgets cannot be compared, and none that a stopping rule gave up. With fewer than 10 of
        them, the result is the incumbent, `study.best`.

    Examples
    --------
    >>> import hpt_lab as hpt
    >>> space = hpt.Space(x=hpt.Float(-1, 1))
    >>> study = hpt.tune(lambda params: params["x"] ** 2, space, hpt.TPE(), 20, seed=0, progress=False)
    >>> hpt.recommend(study) == study.best  # without noise
    True
    """
    instance("recommend: study", study, Study, "a Study, such as tune returns")
    history, best = study.history, study.best
    whole = [trial for trial in history.ranked if trial.feasible and trial.expected is None]
    trials = [trial for trial in whole if trial.budget == best.budget]
    if len(trials) < FEWEST:
        return best
    model, kept, _ = fit_trials(history, trials)
    with one_blas_thread():
        expected = model.predict(model.X_)[0]
    score = np.round((averaged(model.X_, model.y_) + expected) / 2, SCORE_DECIMALS)
    return trials[kept[int(score.argmin())]]
