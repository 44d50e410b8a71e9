"""Any search strategy as a scikit-learn estimator, in place of `GridSearchCV`.

    ask the strategy for a batch of trials  ->  evaluate_candidates cross-validates them  ->  tell the mean test scores

scikit-learn's own base class fits, scores, refits, routes metadata and makes the table `cv_results_` from the scores of
every fold, which the study keeps. So a trial whose fits all fail is a row like any other, and a search in a file resumes
after a kill, with its earlier rows. Chapters 2 and 5.
"""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np
from sklearn.model_selection._search import BaseSearchCV  # the base class has no public path

from hpt_lab.loop.objective import checked_callbacks
from hpt_lab.study import Strategy
from hpt_lab.study.history import check_strategy
from hpt_lab.tools.search_cv.run import SAMPLES, Run
from hpt_lab.tools.search_cv.spaces import as_space
from hpt_lab.tools.storage.sqlite import as_path
from hpt_lab.values.checks import instance, name_foreign_arguments, positive, require, short

# scikit-learn's sentence on a wrong parameter, and our own words where it has too many.
WRONG = re.compile(r"The '(\w+)' parameter of \w+ must be (.*)\. Got .* instead\.", re.DOTALL)
OWN = {"scoring": "the name of a scorer (see sklearn.metrics.get_scorer_names), a function, or a list or dict of these"}
OWN["cv"] = "an integer of at least 2, a splitter, or a list of pairs (train, test)"


@name_foreign_arguments
class SearchCV(BaseSearchCV):
    """Search for the hyperparameters of an estimator by cross-validation, with any strategy.

    `fit` raises ValueError or TypeError, with one sentence, if an argument is wrong, or if every trial fails; and
    StorageError if the file cannot be used.

    Parameters
    ----------
    estimator : estimator
    space : Space, dict, or list of dicts
        The hyperparameters, named as in `estimator.set_params` (`svc__C` in a pipeline), and their ranges: our
        dimensions, lists of choices (estimators, too), frozen SciPy distributions, or dimensions of scikit-optimize.
        Inactive ones are not set. From a list of dicts, each trial takes one.
    strategy : Strategy, optional, how to choose; by default `BayesianOptimization()`; copied, and not changed
    n_trials : int, optional, total number of trials, including failed ones
        By default 30; for `GridSearch`, `ManualSearch` and `SuccessiveHalving`, which end on their own, all of them.
    scoring : str, callable, list or dict, optional, as for `GridSearchCV`
        Of several metrics, the strategy sees the one that `refit` names, or else the first. A mean score that is not
        finite makes the trial fail, so it is never the best; a search in which every trial failed raises at its end.
    n_jobs : int, optional
        How many fits to run at once. If this is at least twice the number of folds, `n_jobs // n_folds` trials are asked
        for at once, and the strategy sees them running; a strategy that looks at no result is asked for `n_jobs`. The
        same number of jobs gives the same search on every machine, but -1 is a different number on each.
    refit, cv, verbose, pre_dispatch, error_score, return_train_score : optional
        As for `GridSearchCV`. With `error_score="raise"` the first error ends the search. A splitter that shuffles is
        asked for its folds once, and all trials see the same ones.
    random_state : int, RandomState or None, the seed of the search: the same int gives the same search
    resource : str
        What a strategy with budgets spends: `"n_samples"`, or a parameter that takes an int, such as `"n_estimators"`.
    storage, name : path and str, optional
        A file to keep the study in, and its name there: see `Study`. Repeating the call resumes that study; its data,
        the other arguments of `fit` (such as `sample_weight`), folds, estimator and scoring must be the same. No finished
        trial is fitted again; only if no new trial is left, one is, since scikit-learn must see a fold.
    callbacks : list of callable, optional
        Each is called as `f(study, trial)` after every trial. `study.stop()` ends the search early.

    Attributes
    ----------
    study_ : Study
        All trials, with the scores of every fold as `attributes`; kept after an interrupt or an error, which also has it.
    cv_results_, best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, refit_time_, multimetric_
        As in `GridSearchCV`. `best_score_` is too good, since the trial was chosen for it (lesson 5.5: an error of 0.064
        shown, 0.091 true). Judge `best_estimator_` on data that the search has not seen. With a strategy that sets budgets,
        `cv_results_` has the columns `iter` (the rung) and `n_resources`, and the best is at the highest with a score.
    n_iterations_, n_resources_, n_candidates_
        As in `HalvingGridSearchCV`, only with a strategy that sets budgets: the number of budgets, the budgets from the
        lowest to the highest, and the number of trials at each, over all brackets.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from hpt_lab import Float, GridSearch
    >>> model = make_pipeline(StandardScaler(), SVC())
    >>> search = SearchCV(model, {"svc__C": Float(1e-3, 1e3, log=True)}, strategy=GridSearch(resolution=3))
    >>> search.fit(*load_iris(return_X_y=True)).best_params_
    {'svc__C': 1.0}
    """

    _required_parameters = ("estimator", "space")
    _parameter_constraints: ClassVar[Any] = {**BaseSearchCV._parameter_constraints, "random_state": ["random_state"]}

    def __init__(
        self,
        estimator: Any,
        space: Any,
        *,
        strategy: Strategy | None = None,
        n_trials: int | None = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable[..., int] = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: float | str = np.nan,
        return_train_score: bool = False,
        random_state: Any = None,
        resource: str = SAMPLES,
        storage: str | os.PathLike[str] | None = None,
        name: str | None = None,
        callbacks: Iterable[Callable[..., Any]] | None = None,
    ) -> None:
        more = {"pre_dispatch": pre_dispatch, "error_score": error_score, "return_train_score": return_train_score}
        super().__init__(estimator, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv, verbose=verbose, **more)
        self.space, self.strategy, self.n_trials, self.random_state = space, strategy, n_trials, random_state
        self.resource, self.storage, self.name, self.callbacks = resource, storage, name, callbacks

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import get_tags  # since version 1.6, like this method

        tags, of_estimator = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.input_tags.allow_nan = of_estimator.input_tags.allow_nan
        tags.input_tags.positive_only = of_estimator.input_tags.positive_only
        tags.target_tags.multi_output = of_estimator.target_tags.multi_output
        tags.target_tags.positive_only = of_estimator.target_tags.positive_only
        return tags

    def _validate_params(self) -> None:
        """Check every argument, each with its own message; scikit-learn calls this first in `fit`."""
        able = hasattr(self.estimator, "fit") and not isinstance(self.estimator, type)
        require(able, "SearchCV: estimator", self.estimator, "an estimator, such as SVC()")
        try:
            super()._validate_params()
        except ValueError as error:
            wrong = WRONG.fullmatch(str(error))
            if wrong is None:
                raise
            name, what = wrong.groups()
            what = OWN.get(name, what)
            raise type(error)(f"SearchCV: {name}={short(getattr(self, name))} must be {what}") from None
        if self.strategy is not None:
            check_strategy("SearchCV: strategy", self.strategy)
        if self.n_trials is not None:
            positive("SearchCV: n_trials", self.n_trials)
        if self.name is not None and self.storage is None:
            raise ValueError(f"SearchCV: name={short(self.name)} needs storage='runs.db', a file to keep it in")
        if self.storage is not None:
            as_path("SearchCV: storage", self.storage)
        checked_callbacks(() if self.callbacks is None else self.callbacks, "SearchCV: callbacks")
        names, known = set(as_space(self.space).names.values()), self.estimator.get_params()
        for name in sorted(names):
            if name not in known and name.partition("__")[0] not in known:
                what = f"a parameter of {short(self.estimator)}, one of {short(sorted(known), 160)}"
                raise ValueError(f"SearchCV: space names {short(name)}, which must be {what}")
        what = f"{SAMPLES!r} or a parameter of {short(self.estimator)}"
        instance("SearchCV: resource", self.resource, str, what)
        require(self.resource in (SAMPLES, *known), "SearchCV: resource", self.resource, what, ValueError)
        if self.resource in names:
            raise ValueError(f"SearchCV: resource={self.resource!r} must not be a dimension of the space as well")

    def fit(self, X: Any, y: Any = None, **params: Any) -> "SearchCV":
        """Search, and fit the best params on all data, as in `GridSearchCV.fit`.

        `params` are `groups` for the splitter, and `sample_weight` and others for the estimator.
        """
        for name in ("n_iterations_", "n_resources_", "n_candidates_"):
            self.__dict__.pop(name, None)  # of an earlier strategy
        self._run = Run(self, X, y, params)
        try:
            fitted: SearchCV = super().fit(X, y, **params)
        finally:
            del self._run
        if "n_resources" in self.cv_results_:
            budgets, n_trials = np.unique(self.cv_results_["n_resources"], return_counts=True)
            self.n_iterations_, self.n_resources_ = len(budgets), budgets.tolist()
            self.n_candidates_ = n_trials.tolist()
        return fitted

    def _run_search(self, evaluate_candidates: Callable[..., Any], *, callback_ctx: Any = None) -> None:
        self._run.search(evaluate_candidates, callback_ctx)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the study, since each fit sends the search to a worker."""
        state = super().__getstate__()
        return {name: state[name] for name in state if name not in ("_run", "study_")} if "_run" in state else state

    def _format_results(self, candidate_params: Any, n_splits: int, out: Any, more_results: Any = None) -> Any:
        """Take the folds after each batch; the table stays empty until the end of the search."""
        self._run.latest = out
        return self._run.table

    @staticmethod
    def _select_best_index(refit: Any, refit_metric: str, results: Any) -> int:
        """Return the best row of the table; with budgets, among those at the highest budget that has a score."""
        if callable(refit) or "n_resources" not in results:
            return BaseSearchCV._select_best_index(refit, refit_metric, results)
        scores, budgets = results[f"mean_test_{refit_metric}"], results["n_resources"]
        scored = np.isfinite(scores)
        highest = budgets[scored].max() if scored.any() else budgets.max()
        return int(np.argmax(np.where(scored & (budgets == highest), scores, -np.inf)))
