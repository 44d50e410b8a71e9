"""Which trial to deliver when the losses are noisy: not always the one that was told the lowest.

The lowest of many noisy losses is low in part by luck. A Gaussian process of all trials draws a lucky one back to its
neighbors, and where it is wrong about the world, the best one as well. So a trial is ranked by the middle of the two:

    score_i = (y_i + mean(x_i)) / 2

y_i : the loss of trial i, warped (see `hpt_lab.surrogates.warping`);    mean(x_i) : the posterior mean at its params

Frazier (2018, section 4.2) delivers the lowest mean alone. Chapter 5 measures the three rules: the middle gains little
and has cost little wherever it was tried; the mean gains more where the world is smooth, and costs more elsewhere.
"""

import numpy as np

from hpt_lab.study import Study, Trial
from hpt_lab.surrogates.learning import fit_trials
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values.checks import WrongType, short

FEWEST = 10  # trials: of fewer, a model knows too little of the noise
DECIMALS = 4  # of a score: a further one differs between processors


def recommend(study: Study) -> Trial:
    """Return the trial to deliver: best by the mean of its own loss and of what a model of all losses expects there.

    Of equally good ones, it is the one that was told the lower loss; then the earlier. Raises TypeError or ValueError if
    `study` is no Study, or no trial is complete.

    Parameters
    ----------
    study : Study
        Of any strategy, in any space. Only complete trials at the highest budget reached count, since losses of two
        budgets cannot be compared. With fewer than 10 of them, it is the incumbent, `study.best`.

    Examples
    --------
    >>> import hpt_lab as hpt
    >>> space = hpt.Space(x=hpt.Float(-1, 1))
    >>> study = hpt.tune(lambda params: params["x"] ** 2, space, hpt.TPE(), 20, seed=0, progress=False)
    >>> hpt.recommend(study) == study.best  # without noise
    True
    """
    if not isinstance(study, Study):
        raise WrongType(f"recommend: study={short(study)} must be a Study, such as tune returns")
    history, best = study.history, study.best
    trials = [trial for trial in history.ranked if trial.budget == best.budget]
    if len(trials) < FEWEST:
        return best
    model, kept, _ = fit_trials(history, trials)
    with one_blas_thread():
        expected = model.predict(model.X_)[0]
    score = np.round((model.y_ + expected) / 2, DECIMALS)
    return trials[kept[int(score.argmin())]]
