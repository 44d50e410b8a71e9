"""scikit-learn's own tests of its search classes, run against SearchCV: `python benchmarks/sklearn_own_tests.py`.

The installed test modules are imported with classes of the same names that are SearchCV underneath. GridSearchCV is a
grid search; RandomizedSearchCV is a manual search of what `ParameterSampler` draws; the two that halve are successive
halving of such candidates, at budgets that the class itself plans as scikit-learn does. Arguments after the name of this
file go to pytest, as `-k refit`.

The end of the output is a count, and the names of what fails and of what does not apply, each with its reason.
"""

import collections
import math
import sys

import pytest
import sklearn.model_selection
from sklearn.base import is_classifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import ParameterGrid, ParameterSampler, _search, _search_successive_halving

import hpt_lab as hpt
from hpt_lab.tools.search_cv import SearchCV
from hpt_lab.tools.search_cv.spaces import as_space

MODULES = ["sklearn.model_selection.tests.test_search", "sklearn.model_selection.tests.test_successive_halving"]

# Tests of something that SearchCV does not have, or is not.
ELSEWHERE = {
    "test_validate_parameter_input": "of ParameterGrid and ParameterSampler",
    "test_parameter_grid": "of ParameterGrid",
    "test_param_sampler": "of ParameterSampler",
    "test_parameters_sampler_replacement": "of ParameterSampler",
    "test_custom_run_search": "of a subclass of BaseSearchCV with its own _run_search",
    "test__custom_fit_no_run_search": "of subclasses of BaseSearchCV with their own fit",
    "test_yield_masked_array_for_each_param": "of a private function",
    "test_yield_masked_array_no_runtime_warning": "of a private function",
    "test_subsample_splitter_shapes": "of a private class",
    "test_subsample_splitter_determinism": "of a private class",
    "test_top_k": "of a private function",
    "test_aggressive_elimination": "of how budgets are planned, which is the strategy's part here",
    "test_min_max_resources": "of how budgets are planned",
    "test_n_iterations": "of how budgets are planned",
    "test_random_search": "of how budgets are planned",
    "test_input_errors_randomized": "of how budgets are planned",
    "test_min_resources_null": "of how budgets are planned",
    "test_input_errors[params2": "of how budgets are planned",
    "test_input_errors[params3": "of how budgets are planned",
    "test_select_best_index": "of a private method",
}
# Tests that SearchCV fails, and why.
DIFFERENT = {
    "test_grid_search_bad_param_grid": "the wording of errors is that of this library",
    "test_input_errors": "the wording; and a splitter that shuffles is not refused, since its folds are drawn once",
    "test_resource_parameter": "the wording of errors",
    "test_search_cv_results_none_param": "every score is NaN, which raises here",
    "test_unsupported_sample_weight_scorer": "every score is NaN, which raises here",
}


class _Shim(SearchCV):
    """A search class of scikit-learn: the arguments of its own, the rest from SearchCV."""

    n_trials = storage = name = random_state = callbacks = None
    resource = "n_samples"

    def __init__(self, estimator, candidates, **given):
        names = ("scoring", "n_jobs", "refit", "cv", "verbose", "pre_dispatch", "error_score", "return_train_score")
        _search.BaseSearchCV.__init__(self, estimator, **{name: given.pop(name) for name in names if name in given})
        for name, value in given.items():
            setattr(self, name, value)

    @property
    def space(self):
        candidates = self._candidates()
        return [{name: [value] for name, value in one.items()} for one in candidates]

    @property
    def strategy(self):
        return hpt.GridSearch()


class GridSearchCV(_Shim):
    def __init__(self, estimator, param_grid, *, scoring=None, n_jobs=None, refit=True, cv=None, verbose=0, pre_dispatch="2*n_jobs", error_score=math.nan, return_train_score=False):  # fmt: skip
        self.param_grid = param_grid
        super().__init__(estimator, param_grid, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv, verbose=verbose, pre_dispatch=pre_dispatch, error_score=error_score, return_train_score=return_train_score)  # fmt: skip

    def _candidates(self):
        return list(ParameterGrid(self.param_grid))

    @property
    def space(self):
        try:
            as_space(self.param_grid or [{}])
            return self.param_grid or [{}]
        except ValueError as error:  # a choice that is given twice is twice a candidate
            return super().space if "once" in str(error) else self.param_grid


class RandomizedSearchCV(_Shim):
    def __init__(self, estimator, param_distributions, *, n_iter=10, scoring=None, n_jobs=None, refit=True, cv=None, verbose=0, pre_dispatch="2*n_jobs", random_state=None, error_score=math.nan, return_train_score=False):  # fmt: skip
        self.param_distributions = param_distributions
        super().__init__(estimator, param_distributions, n_iter=n_iter, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv, verbose=verbose, pre_dispatch=pre_dispatch, random_state=random_state, error_score=error_score, return_train_score=return_train_score)  # fmt: skip

    def _candidates(self):
        return list(ParameterSampler(self.param_distributions, self.n_iter, random_state=self.random_state))

    @property
    def space(self):
        try:  # the distributions themselves, where they have a counterpart
            as_space(self.param_distributions)
            return self.param_distributions if isinstance(self.param_distributions, dict) else super().space
        except ValueError:
            return super().space

    @property
    def strategy(self):
        return hpt.ManualSearch(self._candidates()) if self.space is self.param_distributions else hpt.GridSearch()


class _Halving(_Shim):
    @property
    def strategy(self):
        n, least = len(self._candidates()), self.min_resources
        most = self._n_samples_orig if self.max_resources == "auto" else self.max_resources
        rungs = 1 + math.floor(math.log(n, self.factor))
        if not isinstance(least, int):
            least = self._least()
            if self.min_resources == "exhaust":
                least = max(least, most // self.factor ** (rungs - 1))
        return hpt.SuccessiveHalving(n, least, most, eta=self.factor, source=hpt.GridSearch())

    def _least(self):
        n_classes = self._n_classes if is_classifier(self.estimator) else 1
        return 2 * self._n_folds * n_classes if self.resource == "n_samples" else 1

    def fit(self, X, y=None, **params):
        self._n_samples_orig, self._n_classes = len(X), len(set(y))
        self._n_folds = self.cv if isinstance(self.cv, int) else self.cv.get_n_splits(X, y, params.get("groups"))
        super().fit(X, y, **params)
        rungs = collections.Counter(self.cv_results_["iter"].tolist())
        self.n_candidates_ = list(rungs.values())
        self.n_resources_ = sorted(set(self.cv_results_["n_resources"].tolist()))
        self.n_iterations_ = len(rungs)
        return self


class HalvingGridSearchCV(_Halving):
    def __init__(self, estimator, param_grid, *, factor=3, resource="n_samples", max_resources="auto", min_resources="exhaust", aggressive_elimination=False, cv=5, scoring=None, refit=True, error_score=math.nan, return_train_score=True, random_state=None, n_jobs=None, verbose=0):  # fmt: skip
        self.param_grid = param_grid
        super().__init__(estimator, param_grid, factor=factor, resource=resource, max_resources=max_resources, min_resources=min_resources, aggressive_elimination=aggressive_elimination, cv=cv, scoring=scoring, refit=refit, error_score=error_score, return_train_score=return_train_score, random_state=random_state, n_jobs=n_jobs, verbose=verbose)  # fmt: skip

    def _candidates(self):
        return list(ParameterGrid(self.param_grid))


class HalvingRandomSearchCV(_Halving):
    def __init__(self, estimator, param_distributions, *, n_candidates="exhaust", factor=3, resource="n_samples", max_resources="auto", min_resources="smallest", aggressive_elimination=False, cv=5, scoring=None, refit=True, error_score=math.nan, return_train_score=True, random_state=None, n_jobs=None, verbose=0):  # fmt: skip
        self.param_distributions = param_distributions
        super().__init__(estimator, param_distributions, n_candidates=n_candidates, factor=factor, resource=resource, max_resources=max_resources, min_resources=min_resources, aggressive_elimination=aggressive_elimination, cv=cv, scoring=scoring, refit=refit, error_score=error_score, return_train_score=return_train_score, random_state=random_state, n_jobs=n_jobs, verbose=verbose)  # fmt: skip

    def _candidates(self):
        n = self.n_candidates
        if n == "exhaust":
            least = self.min_resources if isinstance(self.min_resources, int) else self._least()
            most = self._n_samples_orig if self.max_resources == "auto" else self.max_resources
            n = most // least
        return list(ParameterSampler(self.param_distributions, n, random_state=self.random_state))


class _Count:
    """What became of each test."""

    def __init__(self):
        self.outcomes = {}

    def pytest_collection_modifyitems(self, items):
        apart = tuple(name for name in ELSEWHERE if "[" in name)
        items[:] = [item for item in items if item.originalname not in ELSEWHERE and not item.name.startswith(apart)]

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.nodeid] = report.outcome


def main(arguments):
    for module in (sklearn.model_selection, _search, _search_successive_halving):
        for shim in (GridSearchCV, RandomizedSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV):
            if hasattr(module, shim.__name__):
                setattr(module, shim.__name__, shim)
    counted = _Count()
    pytest.main(["--pyargs", *MODULES, "-q", "-p", "no:cacheprovider", "-n", "0", "-o", "addopts=", "-c", "/dev/null", *arguments], plugins=[counted])  # fmt: skip
    found = collections.Counter(counted.outcomes.values())
    ran = found["passed"] + found["failed"]
    print(
        f"\nscikit-learn {sklearn.__version__}: {found['passed']} of {ran} tests that apply pass; {found['skipped']} are skipped"
    )
    failed = sorted(
        {node.split("::")[-1].split("[")[0] for node, outcome in counted.outcomes.items() if outcome == "failed"}
    )
    for name in failed:
        print(f"  fails    {name}: {DIFFERENT.get(name, 'NOT KNOWN')}")
    for name, reason in ELSEWHERE.items():
        print(f"  elsewhere    {name}: {reason}")
    return int(any(name not in DIFFERENT for name in failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
