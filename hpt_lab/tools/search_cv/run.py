"""One run of a search: trials that are cross-validated in batches, and the table that scikit-learn gets at the end.

scikit-learn's `fit` gives `_run_search` a function that evaluates candidates, and `_format_results` the folds of all
that it evaluated. It uses the table that came last: here a dict that stays empty until the search ends. If no fit of a
batch succeeds, the function only raises ValueError: then each trial is evaluated alone. And scikit-learn must see at
least one fold: if nothing is left to evaluate, one finished trial is evaluated again. Chapter 5.
"""

import itertools
import math
import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import is_classifier
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV  # neither of the two has a public path
from sklearn.model_selection._validation import _warn_or_raise_about_fit_failures

from hpt_lab.loop.session import Ended, search
from hpt_lab.space import Params
from hpt_lab.strategies import GridSearch, ManualSearch, QuasiRandomSearch, RandomSearch, SuccessiveHalving
from hpt_lab.study import Trial
from hpt_lab.study.outcomes import Outcome
from hpt_lab.tools.search_cv.resume import check_same, open_study
from hpt_lab.tools.search_cv.scores import Folds, Thinned, attributes_of, has_scores, mean, no_scores, out_of
from hpt_lab.tools.search_cv.spaces import as_space
from hpt_lab.values.checks import WrongType, short

N_TRIALS = 30
ENDING = (GridSearch, ManualSearch, SuccessiveHalving)  # strategies that end on their own
BLIND = (GridSearch, ManualSearch, RandomSearch, QuasiRandomSearch)  # strategies that look at no result
SAMPLES = "n_samples"
LONGEST = 300  # characters of a fit's error
# scikit-learn's message, and the first of the tracebacks that it lists
NO_FIT = re.compile(r"\nAll the \d+ fits failed\..*?the following error:\n(.*?)(?:\n-{80}\n|$)", re.DOTALL)


class Run:
    """The search of one `fit` of a SearchCV with X, y and `params`, which acts as its own `Workers`."""

    def __init__(self, estimator: Any, X: Any, y: Any, params: Mapping[str, Any]) -> None:
        self.estimator, self.X, self.y, self.groups = estimator, X, y, params.get("groups")
        self.fit_params = {name: value for name, value in params.items() if name != "groups"}
        self.table: dict[str, Any] = {}
        self.latest: Sequence[Any] = ()  # the folds of all that scikit-learn evaluated
        self._batch: list[Trial] = []
        self._asking = True  # whether the batch may grow
        self._outcomes: deque[Ended] = deque()
        self._contexts: dict[Any, Any] = {}  # of scikit-learn's callbacks, for the search and for each budget
        self._some_failed = False  # whether no fit of some trial succeeded

    def search(self, evaluate: Callable[..., Any], context: Any) -> None:
        """Ask, cross-validate (with scikit-learn's `evaluate_candidates`) and tell to the end, then make the table."""
        estimator, self._evaluate = self.estimator, evaluate
        self.space = as_space(estimator.space)
        cv = getattr(estimator, "_checked_cv_orig", None)  # documented for `_run_search`; some versions do not keep it
        cv = cv or check_cv(estimator.cv, self.y, classifier=is_classifier(estimator.estimator))
        self.folds = Folds(cv, lambda X, y, folds: check_same(self.study, estimator, X, y, folds, self.fit_params))
        self.n_folds: int = cv.get_n_splits(self.X, self.y, self.groups)
        if self.n_folds < 1:
            # as scikit-learn asks
            told = "No fits were performed: Was the CV iterator empty? Were there no candidates?"
            raise ValueError(f"SearchCV: cv={short(estimator.cv)} must make at least one fold ({told})")
        self.study = estimator.study_ = open_study(estimator, self.space.space)
        n_jobs, strategy, n_trials = effective_n_jobs(estimator.n_jobs), self.study.strategy, estimator.n_trials
        self._at_once = n_jobs if isinstance(strategy, BLIND) else max(1, n_jobs // self.n_folds)
        if n_trials is None and not isinstance(strategy, ENDING):
            n_trials = N_TRIALS
        if context is not None:
            self._contexts[None] = self._task(context, "search")
        after_each = list(estimator.callbacks or ())

        def call_back(trial: Trial, outcome: Outcome) -> None:
            for callback in after_each:
                callback(self.study, self.study.trials[trial.number])

        search(self.study, self, n_trials, told=call_back if after_each else None)
        try:
            self._finish()
        except BaseException as stop:
            stop.study = self.study  # type: ignore[attr-defined]
            raise
        for inner in reversed(self._contexts.values()):
            inner.call_on_fit_task_end(estimator=estimator)

    @property
    def free(self) -> bool:
        return self._asking and len(self._batch) < self._at_once

    @property
    def busy(self) -> bool:
        return bool(self._batch or self._outcomes)

    def start(self, trial: Trial) -> None:
        self._batch.append(trial)

    def next(self) -> Ended:
        """Return a trial of the batch and its outcome; trials with the same budget are cross-validated together."""
        if not self._outcomes:
            budget = self._batch[0].budget
            trials = list(itertools.takewhile(lambda trial: trial.budget == budget, self._batch))
            del self._batch[: len(trials)]
            self._outcomes.extend(zip(trials, self._train(trials), strict=True))
        ended = self._outcomes.popleft()
        self._asking = not self.busy
        return ended

    def close(self) -> None: ...  # a run has no workers of its own

    kill = close

    def _train(self, trials: Sequence[Trial]) -> list[Outcome]:
        began = time.perf_counter()
        try:
            folds = self._cross_validate(trials)
        except Exception as error:
            if self.estimator.error_score != "raise" and (no_fit := NO_FIT.match(str(error))):
                if len(trials) > 1:  # it does not say whose errors are whose
                    return [outcome for trial in trials for outcome in self._train([trial])]
                return [self._failed(no_fit.group(1), time.perf_counter() - began)]
            if self.folds.known is not None:  # the error comes from training
                tried = ", ".join(f"{trial.number}, {trial.params}" for trial in trials)
                error.add_note(f"SearchCV: raised at trial {tried}")
            raise
        return [self._outcome(folds[i * self.n_folds : (i + 1) * self.n_folds]) for i in range(len(trials))]

    def _cross_validate(self, trials: Sequence[Trial]) -> Sequence[Any]:
        told, budget = dict[str, Any](), trials[0].budget
        if self._contexts:
            if budget not in self._contexts:
                self._contexts[budget] = self._task(self._contexts[None], "budget")
            inner = self._contexts[budget].subcontext
            # it numbers its tasks itself, since each batch would start at 0
            told["callback_ctx"] = SimpleNamespace(subcontext=lambda task_name, task_id: inner(task_name=task_name))
        self._evaluate([self._params(trial) for trial in trials], cv=self._splitter(trials[0]), **told)
        return self.latest[-len(trials) * self.n_folds :]

    def _outcome(self, folds: Sequence[Any]) -> Outcome:
        attributes = attributes_of(folds)
        value = mean(attributes, self.estimator.refit)
        if math.isfinite(value):
            return Outcome(value, attributes=attributes)
        errors = [raised(fold["fit_error"]) for fold in folds if fold.get("fit_error")]
        why = f"{len(errors)} of {self.n_folds} fits failed: {errors[0]}" if errors else f"the mean score is {value}"
        return Outcome(error=why, attributes=attributes)

    def _failed(self, error: str, seconds: float) -> Outcome:
        """Return the outcome of a trial without a successful fit; scikit-learn did not keep the times."""
        self._some_failed = True
        attributes, error_score = no_scores(self.n_folds, seconds, error), self.estimator.error_score
        if math.isfinite(error_score):
            return Outcome(error_score, attributes=attributes)
        return Outcome(error=f"all {self.n_folds} fits failed: {raised(error)}", attributes=attributes)

    def _task(self, parent: Any, name: str) -> Any:
        """Return a context for scikit-learn's callbacks, for any number of fits."""
        context = parent.subcontext(task_name=name, max_subtasks=None)
        context.call_on_fit_task_begin(estimator=self.estimator)
        return context

    def _params(self, trial: Trial) -> Params:
        params = self.space.params(trial.params)
        if trial.budget is not None and self.estimator.resource != SAMPLES:
            if trial.budget != int(trial.budget):
                what = f"a whole number, to be set as {self.estimator.resource}"
                raise ValueError(f"SearchCV: the strategy set a budget of {trial.budget:g}, which must be {what}")
            params[self.estimator.resource] = int(trial.budget)
        return params

    def _splitter(self, trial: Trial) -> Folds | Thinned:
        if trial.budget is None or self.estimator.resource != SAMPLES:
            return self.folds
        return Thinned(self.folds, trial.budget, self.study.seed)

    def _finish(self) -> None:
        """Fill the table with the trials that have scores, in the order in which they were asked for."""
        trials = [trial for trial in self.study.trials if has_scores(trial.attributes)]
        if not trials:
            raise ValueError(f"SearchCV: strategy={short(self.study.strategy)} must suggest at least one trial")
        settings = self.estimator
        out = out_of([trial.attributes for trial in trials], settings.error_score, settings.return_train_score)
        if self._some_failed or not out:
            fits = [{"fit_error": trial.attributes.get("fit_error")} for trial in trials for _ in range(self.n_folds)]
            _warn_or_raise_about_fit_failures(fits, settings.error_score)
        if all(trial.state == "failed" for trial in trials):
            why = f"the first since {trials[0].error}; see what raises with error_score='raise'"
            kind = WrongType if "TypeError: " in str(trials[0].error) else ValueError
            raise kind(f"SearchCV: all {len(trials)} trials failed, {why}")
        if not self.latest:
            scored = [trial for trial in trials if trial.attributes["test_scores"] is not None]
            self._cross_validate([min(scored, key=lambda trial: (trial.state, sum(trial.attributes["fit_time"])))])
        more = {}
        if any(trial.budget is not None for trial in trials):
            more["iter"] = [trial.info.get("rung", 0) for trial in trials]
            more["n_resources"] = [trial.budget for trial in trials]
        params = [self._params(trial) for trial in trials]
        self.table.update(BaseSearchCV._format_results(settings, params, self.n_folds, out, more))
        for name in [name for name in self.table if name.startswith("rank_test_")]:
            means = self.table[name.replace("rank", "mean")]
            if np.isposinf(means).any():  # an infinite score is the best for scikit-learn, but fails its trial here
                losses = np.where(np.isfinite(means), -means, np.inf)
                self.table[name] = np.searchsorted(np.sort(losses), losses).astype(self.table[name].dtype) + 1


def raised(text: str) -> str:
    """Return the error at the end of a traceback's text, on one line."""
    frames = text.rstrip().split('\n  File "')
    lines = frames[-1].splitlines()[1:] if len(frames) > 1 else frames[-1].splitlines()
    first = next((i for i, line in enumerate(lines) if line[:1].strip()), 0)
    line = " ".join(" ".join(lines[first:]).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
