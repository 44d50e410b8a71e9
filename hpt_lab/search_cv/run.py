"""One run of a search: ask a batch of trials, have it cross-validated, tell.

    take        the folds that scikit-learn collected, as it hands them over for its table
    table       what it gets back: a dict that stays empty until the search ends, and then holds the rows of all trials

scikit-learn goes on with the dict that `evaluate_candidates` returned last, and looks at the first fold for the names
of the metrics. Where nothing was evaluated - everything had been told before - both are found among the variables of
`evaluate_candidates`, as is what old versions of scikit-learn do not keep as attributes. Chapter 5.
"""

from __future__ import annotations

import inspect
import itertools
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from joblib import effective_n_jobs
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import _warn_or_raise_about_fit_failures

from hpt_lab.loop.session import next_trial
from hpt_lab.search_cv.folds import Folds, Split, Thinned
from hpt_lab.search_cv.resume import check_same, open_study
from hpt_lab.search_cv.scores import attributes_of, has_scores, mean, no_scores, out_of
from hpt_lab.search_cv.spaces import as_space
from hpt_lab.space import Params
from hpt_lab.strategies import (
    GridSearch,
    ManualSearch,
    QuasiRandomSearch,
    RandomSearch,
    SuccessiveHalving,
)
from hpt_lab.study import StorageError, Trial
from hpt_lab.values.checks import short

__all__ = ["SAMPLES", "Run"]

N_TRIALS = 30
ENDING = (GridSearch, ManualSearch, SuccessiveHalving)  # strategies that have an end of their own
BLIND = (GridSearch, ManualSearch, RandomSearch, QuasiRandomSearch)  # those that look at no result
SAMPLES = "n_samples"


class Run:
    """The search of one `fit`.

    Parameters
    ----------
    search : SearchCV
    evaluate : callable
        scikit-learn's `evaluate_candidates`.
    context : CallbackContext or None
        What scikit-learn's callbacks are told of the `fit`, in versions that have them.
    """

    def __init__(self, search: Any, evaluate: Callable[..., Any], context: Any) -> None:
        self.estimator, self.evaluate, self.context = search, evaluate, context
        self.inside = inspect.getclosurevars(evaluate).nonlocals
        self.space = as_space(search.space)
        self.study = search.study_ = open_study(search, self.space.space)
        self.folds = Folds(self.inside.get("cv_orig") or search._checked_cv_orig, self._see)
        self.n_folds: int = self.inside.get("n_splits") or search.n_splits_
        self.table: dict[str, Any] = {}
        self.latest: Sequence[Any] = ()
        self.rungs: dict[Any, Any] = {}  # for each budget, the context of its trials
        self.some_failed = False  # whether no fit of some trial succeeded

    def search(self) -> None:
        """Ask, evaluate and tell until there is no further trial, then make the table."""
        given: list[Trial] = []
        if self.context is not None:
            self.context = self._task(self.context, "search")
        try:
            while self._ask(given):
                for _, group in itertools.groupby(given, key=lambda trial: trial.budget):
                    self._train(list(group))
                given.clear()
            self._finish()
            for context in (*self.rungs.values(), self.context):
                if context is not None:
                    context.call_on_fit_task_end(estimator=self.estimator)
        except BaseException as stop:
            with suppress(StorageError):
                self.study.abandon(given[::-1])
            with suppress(Exception):  # a few exceptions take no attributes
                stop.study = self.study  # type: ignore[attr-defined]
            raise

    def take(self, out: Sequence[Any]) -> dict[str, Any]:
        """Whatever was evaluated so far: the latest batch is at its end."""
        self.latest = out
        return self.table

    def _ask(self, given: list[Trial]) -> bool:
        """The next batch of trials into `given`; False if there is none."""
        strategy, n_trials = self.study.strategy, self.estimator.n_trials
        n_jobs = effective_n_jobs(self.estimator.n_jobs)
        if n_trials is None:
            n_trials = math.inf if isinstance(strategy, ENDING) else N_TRIALS
        at_once = n_jobs if isinstance(strategy, BLIND) else max(1, n_jobs // self.n_folds)
        while len(given) < at_once and next_trial(self.study, given, n_trials) is not None:
            pass
        return bool(given)

    def _train(self, trials: Sequence[Trial]) -> None:
        """Cross-validate trials of one budget, and tell what came of each."""
        candidates, cv = [self._params(trial) for trial in trials], self._splitter(trials[0])
        told = {} if self.context is None else {"callback_ctx": _InOrder(self._context(trials[0].budget))}
        began = time.perf_counter()
        try:
            self.evaluate(candidates, cv=cv, **told)
        except Exception as error:
            if self.estimator.error_score != "raise" and FOLLOWS in str(error):
                self._tell_failed(trials, str(error), time.perf_counter() - began)
                return
            if self.folds.known is not None:  # it comes from the training
                tried = ", ".join(f"{trial.number}, {trial.params}" for trial in trials)
                error.add_note(f"SearchCV: raised at trial {tried}")
            raise
        n_folds, out = self.n_folds, self.latest[-len(trials) * self.n_folds :]
        for i, trial in enumerate(trials):
            folds = out[i * n_folds : (i + 1) * n_folds]
            attributes = attributes_of(folds)
            value = mean(attributes, self.estimator.refit)
            if math.isfinite(value):
                self.study.tell(trial, value, attributes=attributes)
            else:
                errors = [raised(fold["fit_error"]) for fold in folds if fold.get("fit_error")]
                why = f"{len(errors)} of {n_folds} fits failed: {errors[0]}" if errors else f"the mean score is {value}"
                self.study.tell(trial, error=why, attributes=attributes)

    def _tell_failed(self, trials: Sequence[Trial], error: str, seconds: float) -> None:
        """No fit of these trials succeeded, which scikit-learn raises as an error; it did not keep their times."""
        self.some_failed = True
        text = error.partition(FOLLOWS)[2].partition("-" * 80)[0].strip()
        numbers, error_score = no_scores(self.n_folds, seconds / len(trials), text), self.estimator.error_score
        for trial in trials:
            if math.isfinite(error_score):
                self.study.tell(trial, error_score, attributes=numbers)
            else:
                self.study.tell(trial, error=f"all {self.n_folds} fits failed: {raised(text)}", attributes=numbers)

    def _task(self, parent: Any, name: str) -> Any:
        """A context of scikit-learn's callbacks, for as many fits as there will be."""
        context = parent.subcontext(task_name=name, max_subtasks=None)
        context.call_on_fit_task_begin(estimator=self.estimator)
        return context

    def _context(self, budget: float | None) -> Any:
        if budget is None:
            return self.context
        if budget not in self.rungs:
            self.rungs[budget] = self._task(self.context, "budget")
        return self.rungs[budget]

    def _params(self, trial: Trial) -> Params:
        """What to set on the estimator."""
        params = self.space.params(trial.params)
        if trial.budget is not None and self.estimator.resource != SAMPLES:
            if trial.budget != int(trial.budget):
                what = f"a whole number, to be set as {self.estimator.resource}"
                raise ValueError(f"SearchCV: the strategy set a budget of {trial.budget:g}, which must be {what}")
            params[self.estimator.resource] = int(trial.budget)
        return params

    def _splitter(self, trial: Trial) -> Folds | Thinned:
        thinned = trial.budget is not None and self.estimator.resource == SAMPLES
        return Thinned(self.folds, trial.budget, self.study.seed) if thinned else self.folds  # type: ignore[arg-type]

    def _see(self, X: Any, y: Any, folds: list[Split]) -> None:
        """The folds are there: now a study in a file shows whether it is of this data."""
        routed = self.inside["routed_params"]
        check_same(self.study, self.estimator, X, y, folds, {**routed.scorer.score, **routed.estimator.fit})

    def _finish(self) -> None:
        """Fill the table with the trials that have scores, in the order in which they were asked for."""
        inside, search = self.inside, self.estimator
        if not self.latest:  # scikit-learn saw no fold: all trials were told before, or failed
            self.folds.split(inside["X"], inside["y"], **inside["routed_params"].splitter.split)
        trials = [trial for trial in self.study.trials if has_scores(trial.attributes)]
        out = out_of([trial.attributes for trial in trials], search.error_score, search.return_train_score)
        if not trials:
            raise ValueError(f"SearchCV: strategy={short(self.study.strategy)} must suggest at least one trial")
        if self.some_failed or not out:  # scikit-learn warns, or raises where all failed
            errors = [trial.attributes.get("fit_error") for trial in trials for _ in range(self.n_folds)]
            _warn_or_raise_about_fit_failures([{"fit_error": error} for error in errors], search.error_score)
        more = {}
        if any(trial.budget is not None for trial in trials):
            more = {
                "iter": [trial.info.get("rung", 0) for trial in trials],
                "n_resources": [trial.budget for trial in trials],
            }
        params = [self._params(trial) for trial in trials]
        table = BaseSearchCV._format_results(search, params, self.n_folds, out, more)
        if not self.latest:
            inside["all_out"].extend(out)
            self.table = inside["results"]
        self.table.update(table)


@dataclass(frozen=True)
class _InOrder:
    """A context that numbers its tasks itself, where each batch would begin at 0."""

    context: Any

    def subcontext(self, *, task_name: str, task_id: int) -> Any:
        return self.context.subcontext(task_name=task_name)


FOLLOWS = "failed with the following error:"  # in what scikit-learn raises where no fit of a batch succeeded; then the traceback
LONGEST = 300  # letters of what was raised


def raised(traceback: str) -> str:
    """What was raised, of the text of a traceback, on one line: what follows the last frame."""
    frames = traceback.rstrip().split('\n  File "')
    lines = frames[-1].splitlines()[1:] if len(frames) > 1 else frames[-1].splitlines()
    first = next((i for i, line in enumerate(lines) if line[:1].strip()), 0)
    text = " ".join(" ".join(lines[first:]).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
