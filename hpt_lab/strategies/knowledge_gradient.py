"""Bayesian optimization that may measure again: the knowledge gradient chooses between new points and old ones.

    1. fit a Gaussian process to all measurements, repeated ones included
    2. of the most promising new points and the best old ones, suggest the one with the highest knowledge gradient

Under noise, the lowest loss is partly luck. A second look at a good point may be worth more than a first look at a new
one, or less: this strategy compares the two before each trial. Frazier, Powell and Dayanik (2009). Chapter 7.
"""

import numpy as np

from hpt_lab.strategies.candidates import NEAR, Candidates, Tried, first_untried, start
from hpt_lab.study import History, Suggestion
from hpt_lab.surrogates.acquisition import knowledge_gradient, log_expected_improvement
from hpt_lab.surrogates.feasibility import limits_of
from hpt_lab.surrogates.learning import Learning, averaged, expect, features, learn, observed
from hpt_lab.surrogates.threads import one_blas_thread
from hpt_lab.values.checks import flag, positive

N_NEAR = 4  # best points whose neighbors are candidates
N_NEW, N_OLD = 40, 20  # points that are compared: the work grows with the square of their number
MEAN_DECIMALS = 6  # of a mean, of a value: further decimals differ between processors


class KnowledgeGradient:
    """Suggest the point whose measurement is worth most, even if it was measured before. For noisy losses.

    A search of a finite space never ends, unless `repeat` is False. Since the lowest loss of many is partly luck, deliver
    `recommend(study)`, which averages repeated measurements, and not `study.best`. Raises ValueError or TypeError if an
    argument is wrong or, in a search, if there are several objectives or constraints.

    Parameters
    ----------
    n_initial : int, number of trials before the model: by default the number of dimensions plus 1, but from 5 to 10
    repeat : bool, also compare the points that were measured, and suggest one again if it is worth most

    Examples
    --------
    >>> from hpt_lab import Float, tune
    >>> noise = np.random.default_rng(0)
    >>> study = tune(lambda p: p["x"] ** 2 + noise.normal(), {"x": Float(-5, 5)}, KnowledgeGradient(), 30, progress=False)
    >>> sum(trial.info["origin"] == "again" for trial in study.trials) > 0
    True
    """

    def __init__(self, n_initial: int | None = None, *, repeat: bool = True) -> None:
        first = None if n_initial is None else positive("KnowledgeGradient: n_initial", n_initial)
        self.learning = Learning(n_initial=first, warp=False, kernels=("matern52",))
        self.repeat = flag("KnowledgeGradient: repeat", repeat)

    def suggest(self, history: History) -> Suggestion | None:
        """Return the point with the highest knowledge gradient, with `origin` "initial", "new" or "again"."""
        space, rng, number = history.space, history.rng, history.trials.n_trials
        if history.directions.several or limits_of(history) is not None:
            what = "a measurement is judged by one loss, without further objectives or constraints"
            raise ValueError(f"KnowledgeGradient: {what}; take BayesianOptimization")
        early = number < self.learning.first(space) and len(history.index(Tried)) < space.size
        if early or number == history.n_running:
            first = start(history) if number else np.full((1, len(space.dimensions)), 0.5)
            return first_untried(history, space.cube.settle(first), origin="initial")
        points, losses, running = observed(history)
        with one_blas_thread():
            model = expect(learn(space, points, losses, self.learning, averaged(points, losses)), space, running)
            old = np.unique(np.vstack([points, running]), axis=0)
            known = model.predict(features(space, old)[0])[0].round(MEAN_DECIMALS)
            tried = {point.tobytes() for point in old}
            old = old[np.argsort(known, kind="stable")]
            drawn = np.unique(Candidates(near=NEAR, rounds=()).draw(space, old[:N_NEAR], rng), axis=0)
            new = drawn[[point.tobytes() not in tried for point in drawn]]
            mean, std = model.predict(features(space, new)[0])
            new = new[np.argsort(-np.round(log_expected_improvement(mean, std, known.min()), 4), kind="stable")[:N_NEW]]
            both = np.vstack([new, old[:N_OLD]])
            mean, cov = model.joint(features(space, both)[0])  # type: ignore[union-attr]  # a Gaussian process
            value = knowledge_gradient(mean, cov, model.noise_variance_).round(MEAN_DECIMALS)  # type: ignore[union-attr]
        best = int(value.argmax())
        if self.repeat and best >= len(new):  # the very params, which a point has only to 6 decimals
            places = space.cube.settle(np.array([space.place(trial.params) for trial in history.trials]))
            same = int((places == both[best]).all(axis=1).argmax())
            return Suggestion(history.trials[same].params, info={"origin": "again"})
        if self.repeat:
            return Suggestion(space.decode(both[best]), info={"origin": "new"})
        return first_untried(history, new[np.argsort(-value[: len(new)], kind="stable")], origin="new")

    def __repr__(self) -> str:
        return f"KnowledgeGradient({self.learning.n_initial}, repeat={self.repeat})"
