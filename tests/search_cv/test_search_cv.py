"""SearchCV against scikit-learn's own search classes, and what it adds to them."""

import pickle
import re
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import scipy.stats
import sklearn
import skopt
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_iris, make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingRandomSearchCV,
    KFold,
    ParameterSampler,
    RandomizedSearchCV,
    ShuffleSplit,
)
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import check_estimator

import hpt_lab as hpt
from hpt_lab import SearchCV
from hpt_lab.tools.search_cv.resume import fingerprint
from hpt_lab.tools.search_cv.spaces import as_space

X, Y = load_iris(return_X_y=True)
X, Y = X[::3], Y[::3]
RIDGE = RidgeClassifier()
ALPHA = {"alpha": hpt.Float(1e-3, 1e3, log=True)}


def test_callbacks_see_each_trial_and_may_end_the_search():
    seen = []

    def after_each(study, trial):
        seen.append((trial.number, trial.value, len(study.history.finished)))
        if trial.number == 3:
            study.stop()

    search = SearchCV(
        RIDGE, ALPHA, strategy=hpt.RandomSearch(), n_trials=9, callbacks=[after_each], cv=3, random_state=0
    )
    search.fit(X, Y)
    assert [number for number, *_ in seen] == [0, 1, 2, 3]
    assert [n for *_, n in seen] == [1, 2, 3, 4]
    np.testing.assert_array_equal([value for _, value, _ in seen], search.cv_results_["mean_test_score"])
    with pytest.raises(
        TypeError, match=r"SearchCV: callbacks=.* must be a list of functions of the study and the trial"
    ):
        SearchCV(RIDGE, ALPHA, callbacks=[len]).fit(X, Y)


def assert_same_table(ours, theirs):
    """All but the times: the same keys in the same order, types, masks and values, to the last bit."""
    assert list(ours) == list(theirs)
    for key, expected in theirs.items():
        found = ours[key]
        assert type(found) is type(expected), key
        if key == "params":
            assert found == expected
            for params, others in zip(found, expected, strict=True):
                kinds = {name: (type(params[name]), type(others[name])) for name in others}
                assert all(a is b or issubclass(b, a) for a, b in kinds.values()), kinds  # np.float64 is a float
        else:
            assert found.dtype == expected.dtype, key
            assert found.shape == expected.shape, key
            if isinstance(expected, np.ma.MaskedArray):
                assert found.mask.tolist() == expected.mask.tolist(), key
            if "time" not in key:
                np.testing.assert_array_equal(found, expected, err_msg=key)


def assert_same(ours, theirs):
    """Everything that a fitted search reports."""
    assert_same_table(ours.cv_results_, theirs.cv_results_)
    for name in ("best_index_", "best_params_", "best_score_", "n_splits_", "multimetric_", "n_features_in_"):
        assert hasattr(ours, name) == hasattr(theirs, name), name
        assert getattr(ours, name, None) == getattr(theirs, name, None), name
    assert type(ours.scorer_) is type(theirs.scorer_)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, Y) == theirs.score(X, Y)


class Picky(ClassifierMixin, BaseEstimator):
    """A classifier that fails where `n` is in `fails`, and counts its fits."""

    fits = 0

    def __init__(self, n=1, fails=(), on="fit", raises=ValueError):
        self.n, self.fails, self.on, self.raises = n, fails, on, raises

    def fit(self, X, y):
        Picky.fits += 1
        if self.n in self.fails and self.on == "fit":
            raise self.raises(f"n is {self.n}\nand that is wrong")
        self.classes_ = np.unique(y)
        self.n_features_in_ = len(X[0]) if isinstance(X, list) else X.shape[1]
        return self

    def predict(self, X):
        if self.n in self.fails and self.on == "predict":
            raise self.raises(f"n is {self.n}")
        rows = np.arange(len(X)) % (self.n + 1)
        return self.classes_[np.minimum(rows, len(self.classes_) - 1)]


# Equal to scikit-learn

PIPELINE = Pipeline([("scale", StandardScaler()), ("clf", SVC())])
CLASSIFIERS = [{"clf": [SVC(), KNeighborsClassifier()], "scale": ["passthrough", StandardScaler()]}, {"clf__C": [9]}]
METRICS = ["accuracy", "balanced_accuracy"]


@pytest.mark.parametrize(
    ("estimator", "grid", "more"),
    [
        (SVC(), {"C": [0.1, 1, 10], "kernel": ["linear", "rbf"]}, {"return_train_score": True}),
        (SVC(), [{"kernel": ["rbf"], "C": [1, 10], "gamma": [0.1, 1]}, {"kernel": ["poly"], "degree": [1, 2]}], {}),
        (SVC(), [{"kernel": ["rbf"], "C": [1, 2]}, {"C": [2, 3], "kernel": ["rbf"]}, {}], {}),
        (RIDGE, {"alpha": np.logspace(-2, 2, 32)}, {"cv": 2}),  # more than the 30 trials of other strategies
        (RIDGE, {"alpha": np.array([0.5, 2], dtype=np.float32), "fit_intercept": [True, False]}, {"refit": True}),
        (RIDGE, {"alpha": [3, 0.5], "class_weight": [None, "balanced", {0: 2, 1: 1, 2: 1}]}, {}),
        (PIPELINE, CLASSIFIERS, {"cv": KFold(3)}),
        (RIDGE, {"alpha": [100, 1]}, {"scoring": METRICS, "refit": METRICS[1], "return_train_score": True}),
        (RIDGE, {"alpha": [100, 1]}, {"scoring": lambda e, X, y: {"a": e.score(X, y), "b": 1}, "refit": "a"}),
        (RIDGE, {"alpha": [100, 1]}, {"scoring": "accuracy", "refit": lambda table: len(table["params"]) - 1}),
    ],
)
def test_grid_search_is_grid_search_cv(estimator, grid, more):
    ours = SearchCV(estimator, grid, strategy=hpt.GridSearch(), **more).fit(X, Y)
    theirs = GridSearchCV(estimator, grid, **more).fit(X, Y)
    if "clf" in str(grid):  # estimators are equal where they are the same object
        assert [repr(p) for p in ours.cv_results_["params"]] == [repr(p) for p in theirs.cv_results_["params"]]
        assert all(p["clf"] is q["clf"] for p, q in zip(ours.cv_results_["params"], theirs.cv_results_["params"], strict=True) if "clf" in q)  # fmt: skip
    assert_same(ours, theirs)


@pytest.mark.filterwarnings("ignore:One or more:UserWarning", "ignore:Scoring failed:UserWarning")
@pytest.mark.parametrize("error_score", [np.nan, -3.0])
@pytest.mark.parametrize("on", ["fit", "predict"])
@pytest.mark.parametrize("scoring", [None, {"a": "accuracy", "b": "accuracy"}])
def test_failures_are_those_of_grid_search_cv(error_score, on, scoring):
    arguments = dict(cv=3, error_score=error_score, scoring=scoring, refit="b" if scoring else True, return_train_score=True)  # fmt: skip
    grid = {"n": [1, 2, 3], "fails": [[1, 3]], "on": [on]}
    with warnings.catch_warnings(record=True) as ours_warned:
        warnings.simplefilter("always")
        ours = SearchCV(Picky(), grid, strategy=hpt.GridSearch(), **arguments).fit(X, Y)
    with warnings.catch_warnings(record=True) as theirs_warned:
        warnings.simplefilter("always")
        theirs = GridSearchCV(Picky(), grid, **arguments).fit(X, Y)
    assert_same(ours, theirs)
    ours_said, theirs_said = (
        {str(w.message)[:40] for w in some if w.category is FitFailedWarning} for some in (ours_warned, theirs_warned)
    )
    assert ours_said == theirs_said
    bad = "complete" if error_score == -3.0 else "failed"
    assert [trial.state for trial in ours.study_.trials] == [bad, "complete", bad]
    if on == "fit" and error_score != -3.0:
        assert ours.study_.trials[0].error == "all 3 fits failed: ValueError: n is 1 and that is wrong"
    if error_score == -3.0:
        assert ours.study_.trials[0].value == -3.0


@pytest.mark.filterwarnings("ignore:One or more:UserWarning")
def test_trials_that_all_fail_together_have_each_its_own_error():
    grid, more = {"n": [1, 2, 3], "fails": [[1, 2]]}, {"cv": 2, "n_jobs": 2}
    with (
        joblib.parallel_backend("threading"),
        pytest.warns(FitFailedWarning, match="4 fits failed out of a total of 6"),
    ):
        search = SearchCV(Picky(), grid, strategy=hpt.GridSearch(), **more).fit(X, Y)
    said = "all 2 fits failed: ValueError: n is {} and that is wrong"
    assert [trial.error for trial in search.study_.trials] == [said.format(1), said.format(2), None]


def test_a_fold_that_fails_is_named_with_its_error():
    class OnFew(Picky):
        def fit(self, X, y):
            if len(X) < 30 and self.n == 1:
                raise RuntimeError("too few")
            return super().fit(X, y)

    folds = [(np.arange(20), np.arange(20, 50)), (np.arange(40), np.arange(40, 50))]
    with pytest.warns(FitFailedWarning, match="1 fits failed out of a total of 2"), pytest.warns(UserWarning, match="non-finite"):  # fmt: skip
        search = SearchCV(OnFew(), {"n": [1, 2]}, strategy=hpt.GridSearch(), cv=folds).fit(X, Y)
    assert search.study_.trials[0].error == "1 of 2 fits failed: RuntimeError: too few"
    assert search.study_.trials[0].attributes["test_scores"][0] is None


def test_an_error_that_no_fit_raised_ends_the_search():
    search = SearchCV(Picky(), {"n": [1]}, strategy=hpt.GridSearch(), cv=2, scoring=lambda e, X, y: "good")
    with pytest.raises(ValueError, match="scoring must return a number") as caught:
        search.fit(X, Y)
    assert caught.value.study.trials == ()


def test_infinite_scores_stay_infinite_and_fail_their_trial():
    score = lambda e, X, y: -np.inf if e.n == 1 else 0.5  # noqa: E731
    with pytest.warns(UserWarning, match="non-finite"):
        search = SearchCV(Picky(), {"n": [1, 2]}, strategy=hpt.GridSearch(), cv=2, scoring=score).fit(X, Y)
    assert search.cv_results_["split1_test_score"].tolist() == [-np.inf, 0.5]
    assert [trial.state for trial in search.study_.trials] == ["failed", "complete"]
    assert search.study_.trials[0].error == "the mean score is -inf"


def test_a_search_in_which_everything_fails_raises_as_grid_search_cv_does():
    grid = {"n": [1, 2], "fails": [[1, 2]]}
    with pytest.raises(ValueError, match="All the 6 fits failed") as theirs:
        GridSearchCV(Picky(), grid, cv=3).fit(X, Y)
    with pytest.raises(ValueError, match="All the 6 fits failed") as ours:
        SearchCV(Picky(), grid, strategy=hpt.GridSearch(), cv=3).fit(X, Y)
    assert str(ours.value).splitlines()[:5] == str(theirs.value).splitlines()[:5]
    assert [trial.state for trial in ours.value.study.trials] == ["failed", "failed"]


@pytest.mark.filterwarnings("ignore:One or more:UserWarning", "ignore:Scoring failed:UserWarning")
@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("strategy", [hpt.GridSearch(), hpt.BayesianOptimization()])
def test_a_search_in_which_every_score_is_not_finite_raises_with_its_study(score, strategy):
    search = SearchCV(Picky(), {"n": [1, 2]}, strategy=strategy, n_trials=2, cv=2, scoring=lambda e, X, y: score)
    with pytest.raises(ValueError, match=f"all 2 trials failed, the first since the mean score is {score}") as caught:
        search.fit(X, Y)
    assert [trial.state for trial in caught.value.study.trials] == ["failed", "failed"]
    assert not hasattr(search, "best_score_")


def test_a_search_in_which_no_model_predicts_raises():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picky = Picky(fails=[1, 2], on="predict")
        search = SearchCV(picky, {"n": [1, 2]}, strategy=hpt.GridSearch(), cv=2, refit=False)
        with pytest.raises(ValueError, match="all 2 trials failed"):
            search.fit(X, Y)


@pytest.mark.parametrize("scoring", [None, ["a", "b"]])
def test_an_infinite_score_does_not_win(scoring):
    def score(e, X, y):
        return {"a": np.inf if e.n == 2 else e.n / 10, "b": 1.0} if scoring else np.inf if e.n == 2 else e.n / 10

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        how = {"strategy": hpt.GridSearch(), "cv": 2, "scoring": score, "refit": "a" if scoring else True}
        search = SearchCV(Picky(), {"n": [1, 2, 3]}, **how).fit(X, Y)
    assert search.best_params_ == search.study_.best_params == {"n": 3}
    assert search.best_score_ == search.study_.best_value == 0.3
    column = "rank_test_a" if scoring else "rank_test_score"
    assert search.cv_results_[column].tolist() == [2, 3, 1]
    assert search.cv_results_[column].dtype == np.int32
    assert not scoring or search.cv_results_["rank_test_b"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("strategy", [None, hpt.RandomSearch(), hpt.GridSearch(resolution=2), hpt.TPE()])
def test_no_fold_is_said_whatever_the_strategy_and_no_file_is_begun(strategy, tmp_path):
    for cv in ([], iter(())):
        with pytest.raises(ValueError, match=r"SearchCV: cv=.* must make at least one fold"):
            SearchCV(RIDGE, ALPHA, strategy=strategy, cv=cv, storage=tmp_path / "runs.db").fit(X, Y)
    assert not (tmp_path / "runs.db").exists()


def test_budgets_too_small_for_a_fold_name_the_least_that_is_enough():
    with pytest.raises(ValueError, match="budget of n_samples=3, which must be at least 5, so that") as caught:
        SearchCV(RIDGE, ALPHA, strategy=hpt.SuccessiveHalving(3, 1, 9), cv=5).fit(X, Y)
    assert "resample" not in str(caught.value)
    SearchCV(Picky(), {"n": [1, 2, 3]}, strategy=hpt.SuccessiveHalving(3, 5, 15), cv=5).fit(X, Y)


def test_budgets_are_counted_as_the_halving_searches_count_them():
    search = SearchCV(RIDGE, {"alpha": [1, 2, 3, 4, 5, 6]}, strategy=hpt.SuccessiveHalving(6, 10, 30), cv=2)
    search.fit(X, Y)
    assert (search.n_iterations_, search.n_resources_, search.n_candidates_) == (2, [10, 30], [6, 2])
    assert not hasattr(search.set_params(strategy=hpt.GridSearch()).fit(X, Y), "n_candidates_")


@pytest.mark.skipif(sklearn.__version__ < "1.6", reason="scikit-learn has these tags since 1.6")
def test_what_the_estimator_takes_the_search_takes():
    tags = {kind: sklearn.utils.get_tags(SearchCV(kind(), {})) for kind in (RidgeClassifier, HistGradientBoostingClassifier, MultinomialNB)}  # fmt: skip
    assert [one.input_tags.allow_nan for one in tags.values()] == [False, True, False]
    assert [one.input_tags.positive_only for one in tags.values()] == [False, False, True]


def test_manual_search_of_its_draws_is_randomized_search_cv():
    ranges = {"C": scipy.stats.loguniform(0.1, 10), "degree": scipy.stats.randint(1, 5), "tol": scipy.stats.uniform(0.1, 0.2), "kernel": ["poly", "rbf"]}  # fmt: skip
    draws = list(ParameterSampler(ranges, 6, random_state=3))
    ours = SearchCV(SVC(), ranges, strategy=hpt.ManualSearch(draws), cv=3).fit(X, Y)
    theirs = RandomizedSearchCV(SVC(), ranges, n_iter=6, random_state=3, cv=3).fit(X, Y)
    assert [*map(sorted, ours.cv_results_)] == [*map(sorted, theirs.cv_results_)]
    theirs.cv_results_["params"] = [{**p, "degree": int(p["degree"])} for p in theirs.cv_results_["params"]]
    theirs.best_params_ = theirs.cv_results_["params"][theirs.best_index_]
    assert_same(ours, theirs)


class Replay:
    """A distribution that gives out what was drawn elsewhere."""

    def __init__(self, values):
        self.values = iter(values)

    def rvs(self, random_state=None):
        return next(self.values)


def test_randomized_search_cv_of_its_draws_is_random_search():
    space = {"C": hpt.Float(0.1, 10, log=True), "degree": hpt.Int(1, 4)}
    ours = SearchCV(SVC(kernel="poly"), space, strategy=hpt.RandomSearch(), n_trials=5, random_state=1, cv=3).fit(X, Y)
    drawn = [trial.params for trial in ours.study_.trials]
    assert drawn == [trial.params for trial in hpt.tune(lambda p: 0, space, hpt.RandomSearch(), 5, seed=1, progress=False).trials]  # fmt: skip
    replayed = {name: Replay([params[name] for params in drawn]) for name in space}
    assert_same(ours, RandomizedSearchCV(SVC(kernel="poly"), replayed, n_iter=5, cv=3).fit(X, Y))


@pytest.mark.parametrize("resource", ["n_samples", "max_depth"])
def test_successive_halving_is_halving_random_search_cv(resource):
    data = make_classification(245, n_informative=6, flip_y=0.2, n_classes=3, random_state=0)
    ranges = {"max_features": [1, 2, 3, 5, 8, 13], "criterion": ["gini", "entropy"]}
    tree, least, most = DecisionTreeClassifier(random_state=0), *((24, 216) if resource == "n_samples" else (2, 18))
    theirs = HalvingRandomSearchCV(
        tree, ranges, n_candidates=9, resource=resource, min_resources=least, max_resources=most, random_state=5, cv=3
    ).fit(*data)
    draws = list(ParameterSampler(ranges, 9, random_state=5))
    strategy = hpt.SuccessiveHalving(9, least, most, source=hpt.ManualSearch(draws))
    ours = SearchCV(tree, ranges, strategy=strategy, resource=resource, random_state=5, cv=3, return_train_score=True).fit(*data)  # fmt: skip
    assert theirs.n_candidates_ == [9, 3, 1]
    # scikit-learn puts the survivors worst first, ours are promoted best first
    order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 10, 9, 12]
    table = {key: column[order] if isinstance(column, np.ndarray) else [column[i] for i in order] for key, column in theirs.cv_results_.items()}  # fmt: skip
    scores = table["mean_test_score"]
    assert len(set(scores[:9])) > 3
    assert_same_table(
        {key: ours.cv_results_[key] for key in ours.cv_results_ if key in ("iter", "n_resources")},
        {key: table[key] for key in table if key in ("iter", "n_resources")},
    )
    assert sorted(ours.cv_results_) == sorted(theirs.cv_results_)
    assert ours.cv_results_["params"] == table["params"]
    np.testing.assert_array_equal(ours.cv_results_["mean_test_score"][:9], scores[:9])
    assert ours.best_params_.get("max_depth") == theirs.best_params_.get("max_depth")
    assert ours.best_index_ == 12
    assert ours.best_score_ == ours.study_.best_value


def test_the_best_is_of_the_highest_budget_that_has_a_score():
    class Fragile(Picky):
        def fit(self, X, y):
            if len(X) > 30:
                raise MemoryError("too many")
            return super().fit(X, y)

    strategy = hpt.SuccessiveHalving(9, 5, 50, source=hpt.ManualSearch([{"n": n % 3 + 1} for n in range(9)]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        how = {"strategy": strategy, "cv": 5, "random_state": 0, "refit": False}
        search = SearchCV(Fragile(), {"n": hpt.Int(1, 3)}, **how).fit(X, Y)
    assert sorted(set(search.cv_results_["n_resources"])) == [5, 16, 50]
    assert search.cv_results_["n_resources"][search.best_index_] == search.study_.best.budget == 16
    assert search.best_index_ == search.study_.best.number


# What check_estimator checks


@pytest.mark.parametrize(
    "search",
    [
        SearchCV(Ridge(), {"alpha": [0.1, 1.0]}, strategy=hpt.GridSearch(), cv=2, error_score="raise"),
        SearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": hpt.Float(0.1, 1)}, n_trials=2, cv=2),
    ],
    ids=["grid", "default"],
)  # fmt: skip
def test_it_passes_every_check_of_estimators(search):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if sklearn.__version__ < "1.6":
            check_estimator(search)
            return
        checks = check_estimator(search, on_fail=None)
    assert [check["check_name"] for check in checks if check["status"] not in ("passed", "skipped")] == []
    assert len([check for check in checks if check["status"] == "passed"]) > 45


def test_a_fit_changes_no_argument():
    space = hpt.Space(alpha=hpt.Float(1e-3, 1e3, log=True), solver=["svd", "cholesky"])
    search = SearchCV(RIDGE, space, strategy=hpt.Hyperband(9, 27, source=hpt.TPE()), n_trials=3, cv=3, random_state=0)
    before = {name: joblib.hash(value) for name, value in search.get_params(deep=False).items()}
    search.fit(X, Y)
    assert {name: joblib.hash(value) for name, value in search.get_params(deep=False).items()} == before


def test_it_is_cloned_pickled_and_shown():
    search = SearchCV(RIDGE, ALPHA, n_trials=3, cv=2, random_state=0)
    assert clone(search).get_params()["space"] == ALPHA
    search.set_params(estimator__alpha=2.0, n_trials=2).fit(X, Y)
    back = pickle.loads(pickle.dumps(search))
    assert back.study_ == search.study_
    assert len(back.study_.trials) == 2
    np.testing.assert_array_equal(back.predict(X), search.predict(X))
    assert not hasattr(clone(search), "study_")
    assert "SearchCV" in search._repr_html_()


# Data, groups, weights


def test_tables_and_sparse_matrices_are_taken_as_they_are():
    frame = pd.DataFrame(X, columns=list("abcd"))
    search = SearchCV(RIDGE, {"alpha": [1, 2]}, strategy=hpt.GridSearch(), cv=2)
    assert search.fit(frame, pd.Series(Y)).feature_names_in_.tolist() == list("abcd")
    expected = search.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(search.fit(scipy.sparse.csr_matrix(X), Y).cv_results_["mean_test_score"], expected)


def test_groups_and_sample_weights_are_routed():
    groups, weights = np.arange(len(Y)) % 5, np.random.default_rng(0).random(len(Y))
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = RidgeClassifier().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        grid, cv = {"alpha": [0.1, 100]}, GroupKFold(5)
        routed = {"sample_weight": weights, "groups": groups}
        ours = SearchCV(estimator, grid, strategy=hpt.GridSearch(), cv=cv).fit(X, Y, **routed)
        theirs = GridSearchCV(estimator, grid, cv=cv).fit(X, Y, **routed)
        assert_same_table(ours.cv_results_, theirs.cv_results_)
    plain = SearchCV(RIDGE, grid, strategy=hpt.GridSearch(), cv=cv).fit(X, Y, groups=groups)
    assert_same_table(plain.cv_results_, GridSearchCV(RIDGE, grid, cv=cv).fit(X, Y, groups=groups).cv_results_)


def test_all_trials_see_the_same_folds_however_the_splitter_shuffles():
    seen = []

    def score(estimator, X, y):
        seen.append(tuple(X[:, 0]))
        return 0.5

    rows = np.arange(200.0).reshape(-1, 1)  # two shuffles of 200 rows do not test the same 20 of them
    search = SearchCV(Picky(), {"n": hpt.Int(1, 9)}, n_trials=4, cv=ShuffleSplit(2), scoring=score, refit=False)
    search.fit(rows, rows[:, 0] > 99)
    assert len(seen) == 8
    assert len(set(seen)) == 2


# Spaces as others write them


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (scipy.stats.uniform(2, 3), hpt.Float(2, 5)),
        (scipy.stats.uniform(loc=-1), hpt.Float(-1, 0)),
        (scipy.stats.loguniform(1e-3, 1e3), hpt.Float(1e-3, 1e3, log=True)),
        (scipy.stats.reciprocal(1, 10, scale=2), hpt.Float(2, 20, log=True)),
        (scipy.stats.randint(1, 5), hpt.Int(1, 4)),
        (scipy.stats.randint(1, 5, loc=2), hpt.Int(3, 6)),
        (skopt.space.Real(0.5, 2), hpt.Float(0.5, 2)),
        (skopt.space.Real(0.5, 2, prior="log-uniform"), hpt.Float(0.5, 2, log=True)),
        (skopt.space.Integer(2, 9), hpt.Int(2, 9)),
        (skopt.space.Integer(2, 9, prior="log-uniform"), hpt.Int(2, 9, log=True)),
        (skopt.space.Categorical(["a", 1, None]), hpt.Categorical(["a", 1, None])),
        (skopt.space.Categorical([1, 2], prior=[0.5, 0.5]), hpt.Categorical([1, 2])),
        ((1e-3, 1e3, "log-uniform"), hpt.Float(1e-3, 1e3, log=True)),
        ((1, 8, "uniform"), hpt.Int(1, 8)),
        ((1.0, 8, "uniform"), hpt.Float(1, 8)),
        (("rbf", "poly", "uniform"), hpt.Categorical(["rbf", "poly", "uniform"])),
        (np.array([1, 2]), hpt.Categorical([np.int64(1), np.int64(2)])),
        (hpt.Int(1, 3).when(b=1), hpt.Int(1, 3).when(b=1)),
    ],
    ids=lambda value: re.sub(" object at 0x[0-9a-f]+", "", repr(value)),
)
def test_a_dimension_of_another_library_is_one_of_ours(given, expected):
    assert as_space({"a": given, "b": [1, 2]}).space["a"] == expected


def test_draws_of_a_distribution_are_points_of_its_dimension():
    for dist in (
        scipy.stats.uniform(2, 3), scipy.stats.loguniform(1e-3, 10), scipy.stats.randint(1, 5), scipy.stats.expon(scale=9),
        scipy.stats.lognorm(2), scipy.stats.norm(1e6, 1e-3), scipy.stats.poisson(4), scipy.stats.geom(0.2, loc=-3),
    ):  # fmt: skip
        space = as_space({"a": dist}).space
        draws = np.sort(dist.rvs(size=4000, random_state=0))
        ours = np.sort([space.sample(np.random.default_rng(i))["a"] for i in range(4000)])
        assert all(space.contains({"a": draw}) for draw in draws)
        assert scipy.stats.ks_2samp(draws, ours).statistic < 0.04


def test_any_distribution_of_scipy_is_searched_by_every_strategy(tmp_path):
    continuous = {"C": scipy.stats.expon(scale=100), "gamma": scipy.stats.lognorm(1)}
    ranges = {**continuous, "degree": scipy.stats.poisson(3, loc=1)}
    draws = list(ParameterSampler(ranges, 5, random_state=3))
    for i, strategy in enumerate([hpt.ManualSearch(draws), hpt.GridSearch(resolution=2), hpt.QuasiRandomSearch(), hpt.TPE(), hpt.BayesianOptimization(), hpt.GeneticAlgorithm()]):  # fmt: skip
        file = tmp_path / f"{i}.db"
        more = {"strategy": strategy, "cv": 2, "random_state": 0, "storage": file}
        once = SearchCV(SVC(kernel="poly"), ranges, n_trials=4, **more).fit(X, Y)
        before = [trial.params for trial in once.study_.trials]
        again = SearchCV(SVC(kernel="poly"), ranges, n_trials=5, **more).fit(X, Y)
        params = [trial.params for trial in again.study_.trials]
        assert params[:4] == before
        assert len({str(one) for one in params}) == 5
        assert {type(one["degree"]) for one in params} == {int}
        assert hpt.Study.open(file).space == again.study_.space
        if i == 0:
            theirs = RandomizedSearchCV(SVC(kernel="poly"), ranges, n_iter=5, random_state=3, cv=2).fit(X, Y)
            np.testing.assert_array_equal(again.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"])
    changed = {**ranges, "C": scipy.stats.expon(scale=10)}
    with pytest.raises(ValueError, match="Study: space has 'C' as"):
        SearchCV(SVC(kernel="poly"), changed, n_trials=5, **more).fit(X, Y)


def test_a_distribution_of_ones_own_needs_ppf_and_cdf():
    class Triangle:
        def ppf(self, q):
            return np.sqrt(q)

        def cdf(self, v):
            return np.square(v)

        def rvs(self, random_state=None):
            return 0.5

    assert as_space({"a": Triangle()}).space.decode([0.25]) == {"a": 0.5}
    with pytest.raises(TypeError, match=r"SearchCV: space has a: the distribution .* must have ppf and cdf"):
        as_space({"a": Replay([])})


def test_of_several_spaces_each_trial_takes_one():
    kernel = hpt.Categorical(["rbf", "poly"])
    found = as_space([{"kernel": kernel, "C": [1, 2], "part": [0]}, {"C": hpt.Float(0, 1), "kernel": kernel}, {"tol": hpt.Int(1, 2).when(C=2), "C": [1, 2, 3]}])  # fmt: skip
    assert list(found.space) == ["part_", "kernel", "C [0]", "part", "C [1]", "tol", "C [2]"]
    assert found.space["kernel"].condition == {"part_": [0, 1]}
    assert found.space["tol"].condition == {"part_": [2], "C [2]": 2}
    assert found.params({"part_": 2, "tol": 1, "C [2]": 2}) == {"C": 2, "tol": 1}
    params = [found.params(found.space.sample(np.random.default_rng(i))) for i in range(60)]
    assert {tuple(one) for one in params} == {("C", "kernel", "part"), ("C", "kernel"), ("C",), ("C", "tol")}
    twice = as_space([{"C": [1, 2], "tol": hpt.Int(1, 9).when(C=2)}, {"C": [2, 3], "tol": hpt.Int(1, 9).when(C=2)}])
    assert twice.space["tol [1]"].condition == {"part": [1], "C [1]": 2}
    assert as_space([{"C": [1]}]).space == hpt.Space(C=[1])
    assert as_space([{}]).params({"part": 0}) == {}


# The search itself


def test_a_search_is_the_study_of_its_mean_scores():
    search = SearchCV(RIDGE, ALPHA, n_trials=12, cv=3, random_state=4).fit(X, Y)
    study = search.study_
    assert isinstance(study.strategy, hpt.BayesianOptimization)
    assert [trial.value for trial in study.trials] == search.cv_results_["mean_test_score"].tolist()
    assert [dict(trial.params) for trial in study.trials] == search.cv_results_["params"]
    assert study.direction == "maximize"
    assert study.best_value == search.best_score_
    assert study.best.number == search.best_index_
    again = hpt.Study(ALPHA, hpt.BayesianOptimization(), direction="maximize", seed=4)
    for trial in study.trials:
        asked = again.ask()
        assert asked.params == trial.params
        again.tell(asked, trial.value)
    assert trial.attributes["test_scores"] == [search.cv_results_[f"split{i}_test_score"][-1] for i in range(3)]


def params_of(search):
    return [dict(trial.params) for trial in search.study_.trials]


def test_random_state_makes_the_search():
    def search(random_state, n_trials=2):
        return SearchCV(Picky(), {"n": hpt.Int(1, 10**6)}, strategy=hpt.RandomSearch(), n_trials=n_trials, cv=2, random_state=random_state)  # fmt: skip

    first = params_of(search(1).fit(X, Y))
    assert params_of(search(np.int64(1)).fit(X, Y)) == first
    assert params_of(search(2).fit(X, Y)) != first
    one, two = np.random.RandomState(1), np.random.RandomState(1)
    assert params_of(search(one).fit(X, Y)) == params_of(search(two).fit(X, Y))
    assert params_of(search(one).fit(X, Y)) != params_of(search(np.random.RandomState(1)).fit(X, Y))  # it has moved on
    assert params_of(search(None).fit(X, Y)) != params_of(search(None).fit(X, Y))


def test_thirty_trials_unless_the_strategy_has_an_end():
    dummy, grid = DummyClassifier(), {"constant": list(range(33))}
    assert len(SearchCV(dummy, grid, strategy=hpt.RandomSearch(), cv=2).fit(X, Y).study_.trials) == 30
    assert len(SearchCV(dummy, grid, strategy=hpt.GridSearch(), cv=2).fit(X, Y).study_.trials) == 33
    assert len(SearchCV(dummy, grid, strategy=hpt.GridSearch(), n_trials=4, cv=2).fit(X, Y).study_.trials) == 4
    draws = [{"constant": 1}] * 31
    assert len(SearchCV(dummy, grid, strategy=hpt.ManualSearch(draws), cv=2).fit(X, Y).study_.trials) == 31
    halving = hpt.SuccessiveHalving(32, 10, 20, eta=2)
    assert len(SearchCV(dummy, grid, strategy=halving, cv=2).fit(X, Y).study_.trials) == 48


class Watched:
    """Random search that writes down how many trials it saw run, and how many complete."""

    def __init__(self):
        self.saw = []

    def suggest(self, history):
        self.saw.append((history.n_running, len(history.finished)))
        return hpt.RandomSearch().suggest(history)


class WatchedGrid(hpt.GridSearch):
    def suggest(self, history):
        suggestion = super().suggest(history)
        return hpt.Suggestion(suggestion.params, info={"saw": history.n_running}) if suggestion else None


@pytest.mark.parametrize(("n_jobs", "at_once"), [(None, 1), (3, 1), (4, 2), (7, 3)])
def test_workers_beyond_the_folds_train_further_trials(n_jobs, at_once):
    with joblib.parallel_config("threading"):
        search = SearchCV(Picky(), {"n": hpt.Int(1, 9)}, strategy=Watched(), n_trials=5, cv=2, n_jobs=n_jobs).fit(X, Y)
    expected = [(i % at_once, i // at_once * at_once) for i in range(5)]
    assert search.study_.strategy.saw == expected
    assert search.strategy.saw == []


def test_strategies_that_look_at_no_result_keep_all_workers_busy():
    with joblib.parallel_config("threading"):
        search = SearchCV(Picky(), {"n": hpt.Int(1, 5)}, strategy=WatchedGrid(), cv=2, n_jobs=3).fit(X, Y)
    assert [trial.info["saw"] for trial in search.study_.trials] == [0, 1, 2, 0, 1]
    assert_same_table(search.cv_results_, GridSearchCV(Picky(), {"n": [1, 2, 3, 4, 5]}, cv=2).fit(X, Y).cv_results_)


def test_trials_at_once_train_with_their_own_budgets():
    sizes = []

    class Sized(Picky):
        def fit(self, X, y):
            sizes.append(len(X))
            return super().fit(X, y)

    with joblib.parallel_config("threading"):
        search = SearchCV(Sized(), {"n": hpt.Int(1, 9)}, strategy=hpt.ASHA(10, 40, eta=2), n_trials=6, cv=2, n_jobs=4, random_state=0, refit=False).fit(X, Y)  # fmt: skip
    budgets = search.cv_results_["n_resources"].tolist()
    assert budgets[:4] == [10, 10, 20, 10]  # the third and the fourth were asked for at once
    assert sizes == [budget // 2 for budget in budgets for _ in range(2)]


class Spends:
    """Random search at a budget that is a float."""

    def suggest(self, history):
        return hpt.Suggestion(hpt.RandomSearch().suggest(history).params, 4.0)


def test_a_step_of_a_pipeline_may_be_a_choice_with_parameters_of_its_own():
    space = [{"clf": [SVC()], "clf__C": [1, 2]}, {"clf": [RIDGE], "clf__alpha": [1]}]
    search = SearchCV(Pipeline([("clf", RIDGE)]), space, strategy=hpt.GridSearch(), cv=2).fit(X, Y)
    assert [sorted(params) for params in search.cv_results_["params"]] == [["clf", "clf__C"]] * 2 + [
        ["clf", "clf__alpha"]
    ]


def test_an_estimator_that_is_written_down_is_that_of_the_space():
    choices = [SVC(), RIDGE]
    search = SearchCV(Pipeline([("clf", RIDGE)]), {"clf": choices}, strategy=hpt.ManualSearch([{"clf": choices[0]}]), cv=2)  # fmt: skip
    assert search.fit(X, Y).best_params_["clf"] is choices[0]
    assert search.best_estimator_["clf"] is not choices[0]


def test_a_budget_is_set_as_an_integer():
    search = SearchCV(DecisionTreeClassifier(), {"max_features": [1, 2]}, strategy=Spends(), n_trials=1, resource="max_depth", cv=2)  # fmt: skip
    assert type(search.fit(X, Y).best_params_["max_depth"]) is int


def test_the_study_does_not_travel_to_the_workers():
    copies = []

    def score(estimator, X, y):
        copies.append(pickle.loads(pickle.dumps(search.set_params(scoring=None))))
        return 0.5

    search = SearchCV(Picky(), {"n": [1]}, strategy=hpt.GridSearch(), cv=2, scoring=score)
    search.fit(X, Y)
    assert [hasattr(copy, "study_") or hasattr(copy, "_run") for copy in copies] == [False, False]
    assert "study_" in search.__getstate__()


@pytest.mark.parametrize("strategy", [hpt.GridSearch(), hpt.SuccessiveHalving(2, 10, 20, eta=2)])
def test_callbacks_of_scikit_learn_are_told_of_each_fit(strategy):
    kinds = pytest.importorskip("sklearn.callback.tests._utils", reason="scikit-learn has callbacks since 1.9")
    callback = kinds.RecordingCallback()
    search = SearchCV(Picky(), {"n": [1, 2]}, strategy=strategy, cv=2).set_callbacks(callback).fit(X, Y)
    n_budgets, n_trials = len({trial.budget for trial in search.study_.trials} - {None}), len(search.study_.trials)
    assert callback.count_hooks("on_fit_task_begin") == 3 + n_budgets + 2 * n_trials  # the fit, its search, its refit
    assert callback.count_hooks("on_fit_task_end") == 3 + n_budgets + 2 * n_trials


def test_conditional_dimensions_are_masked_where_inactive():
    space = hpt.Space(kernel=["linear", "rbf"], gamma=hpt.Float(0.1, 1).when(kernel="rbf"))
    search = SearchCV(SVC(), space, strategy=hpt.GridSearch(resolution=2), cv=2).fit(X, Y)
    assert search.cv_results_["params"] == [
        {"kernel": "linear"}, {"gamma": 0.1, "kernel": "rbf"}, {"gamma": 1.0, "kernel": "rbf"},
    ]  # fmt: skip
    assert search.cv_results_["param_gamma"].mask.tolist() == [True, False, False]


def test_the_named_metric_is_told_or_the_first():
    metrics = {"low": lambda e, X, y: -e.alpha, "high": lambda e, X, y: e.alpha}
    for refit, sign in (("low", -1), ("high", 1), (False, -1), (lambda table: 0, -1)):
        search = SearchCV(RIDGE, ALPHA, strategy=hpt.RandomSearch(), n_trials=2, scoring=metrics, refit=refit, cv=2).fit(X, Y)  # fmt: skip
        assert [trial.value for trial in search.study_.trials] == pytest.approx(
            [sign * trial.params["alpha"] for trial in search.study_.trials]
        )


# Ends before the end


def test_the_first_error_ends_the_search_where_it_is_to_raise():
    search = SearchCV(Picky(fails=(3,)), {"n": [1, 2, 3, 4]}, strategy=hpt.GridSearch(), cv=2, error_score="raise")
    with pytest.raises(ValueError, match="n is 3") as caught:
        search.fit(X, Y)
    assert [trial.params["n"] for trial in caught.value.study.trials] == [1, 2]
    assert caught.value.study is search.study_
    assert caught.value.__notes__ == ["SearchCV: raised at trial 2, {'n': 3}"]


def test_an_interrupt_keeps_what_was_told():
    search = SearchCV(Picky(fails=(3,), raises=KeyboardInterrupt), {"n": [1, 2, 3]}, strategy=hpt.GridSearch(), cv=2)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    assert [trial.state for trial in search.study_.trials] == ["complete", "complete"]


# In a file


def durable(path, estimator, **more):
    arguments = {"n_trials": 6, "cv": 3, "random_state": 0, "return_train_score": True, "storage": path, **more}
    return SearchCV(estimator, {"n": hpt.Int(1, 40)}, **arguments)


def test_a_search_in_a_file_goes_on_and_fits_nothing_twice(tmp_path):
    file = tmp_path / "runs.db"
    whole = durable(None, Picky(), n_trials=6).fit(X, Y)
    doomed = durable(file, Picky(fails=(whole.study_.trials[3].params["n"],), raises=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        doomed.fit(X, Y)
    doomed.study_.close()
    doomed.set_params(estimator__raises=ValueError)
    study = hpt.Study.open(file)  # the estimator of a search that goes on must be the one of before
    study.note(search_cv={**study.notes["search_cv"], "estimator": "Picky()"})
    study.close()
    Picky.fits = 0
    resumed = durable(file, Picky()).fit(X, Y)
    assert Picky.fits == 3 * 3 + 1
    assert_same_table(resumed.cv_results_, whole.cv_results_)
    Picky.fits = 0
    again = durable(file, Picky()).fit(X, Y)
    assert Picky.fits == 3 + 1  # the folds of one trial, which scikit-learn must see, and the best one on all samples
    assert_same_table(again.cv_results_, whole.cv_results_)
    assert again.multimetric_ is False
    assert again.cv_results_["mean_fit_time"].tolist() == resumed.cv_results_["mean_fit_time"].tolist()
    assert len(durable(file, Picky(), n_trials=8).fit(X, Y).cv_results_["params"]) == 8


def test_several_metrics_and_failures_are_found_again(tmp_path):
    more = {"scoring": {"a": "accuracy", "b": "f1_macro"}, "refit": "b", "storage": tmp_path / "runs.db", "cv": 2}
    grid = {"n": [1, 2, 3], "fails": [[2]]}
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite"):
        first = SearchCV(Picky(), grid, strategy=hpt.GridSearch(), **more).fit(X, Y)
    with pytest.warns(UserWarning, match="non-finite") as warned:
        second = SearchCV(Picky(), grid, strategy=hpt.GridSearch(), **more).fit(X, Y)
    assert not any(issubclass(w.category, FitFailedWarning) for w in warned)
    assert second.multimetric_
    assert_same(second, first)


def test_without_a_random_state_a_file_gives_its_own(tmp_path):
    first = durable(tmp_path / "runs.db", Picky(), random_state=None, n_trials=2).fit(X, Y)
    began = params_of(first)
    second = durable(tmp_path / "runs.db", Picky(), random_state=None, n_trials=4).fit(X, Y)
    assert second.study_.seed == first.study_.seed
    assert params_of(second)[:2] == began
    other = durable(tmp_path / "runs.db", Picky(), random_state=None, n_trials=2, name="other").fit(X, Y)
    assert other.study_.seed != first.study_.seed
    assert [record.name for record in hpt.studies(tmp_path / "runs.db")] == ["study", "other"]


CHANGES = {
    "X": lambda s: s.fit(X + 1, Y),
    "X of fewer": lambda s: s.fit(X[:-3], Y[:-3]),
    "y": lambda s: s.fit(X, Y[::-1]),
    "cv": lambda s: s.set_params(cv=KFold(3, shuffle=True, random_state=1)).fit(X, Y),
    "estimator": lambda s: s.set_params(estimator__on="predict").fit(X, Y),
    "scoring": lambda s: s.set_params(scoring="f1_macro").fit(X, Y),
    "return_train_score": lambda s: s.set_params(return_train_score=False).fit(X, Y),
}


@pytest.mark.parametrize("n_trials", [2, 3])
def test_a_changed_search_does_not_go_on(tmp_path, n_trials):
    file = tmp_path / "runs.db"
    durable(file, Picky(), n_trials=2, cv=KFold(3)).fit(X, Y)
    for what, change in CHANGES.items():
        with pytest.raises(ValueError, match=rf"^SearchCV: {what.split()[0]}=.* must be .*, as in study 'study' of .*; give that, or another name$"):  # fmt: skip
            change(durable(file, Picky(), n_trials=n_trials, cv=KFold(3)))
    assert len(hpt.Study.open(file).trials) == 2
    durable(file, Picky(), n_trials=n_trials, cv=KFold(3)).fit(X.tolist(), pd.Series(Y))  # the same numbers


def test_a_search_with_other_weights_or_another_metric_does_not_go_on(tmp_path):
    metrics, weights = {"a": "accuracy", "b": "f1_macro"}, np.linspace(1, 2, len(Y))

    def search(name, refit="a"):
        file = tmp_path / "runs.db"
        return SearchCV(RIDGE, ALPHA, n_trials=1, cv=3, random_state=0, scoring=metrics, refit=refit, storage=file, name=name)  # fmt: skip

    search("plain").fit(X, Y)
    search("weighted").fit(X, Y, sample_weight=weights)
    search("weighted").fit(X, Y, sample_weight=list(weights))
    for name, refit, given, wrong in (
        ("plain", "a", weights, r"sample_weight=\(\d+,\), .* must be None"),
        ("weighted", "a", None, r"sample_weight=None must be \(\d+,\), "),
        ("weighted", "a", weights[::-1], r"sample_weight=\(\d+,\), .* must be \(\d+,\), "),
        ("plain", "b", None, "refit='b' must be 'a'"),
        ("plain", False, None, "refit=None must be 'a'"),
    ):
        with pytest.raises(ValueError, match=rf"^SearchCV: {wrong}.*, as in study '{name}' of .*; give that, or another name$"):  # fmt: skip
            search(name, refit).fit(X, Y, sample_weight=given)


FINGERPRINT = """
import numpy as np, pandas as pd, scipy.sparse as s
from sklearn.linear_model import Ridge
from hpt_lab.tools.search_cv.resume import fingerprint
from hpt_lab.tools.search_cv.spaces import as_space
frame = pd.DataFrame({"a": [1.5, 2], "b": ["x", "y"]})
folds = [(np.array([0]), np.array([1]))]
estimator = Ridge(random_state=np.random.RandomState(0))
found = fingerprint(frame, s.csr_matrix(np.eye(2)), folds, estimator=estimator, scoring={"a": max})
"""


def test_a_fingerprint_is_the_same_in_another_process():
    how = {"capture_output": True, "text": True, "encoding": "utf-8", "check": True}
    there = subprocess.run([sys.executable, "-c", FINGERPRINT + "print(found)"], **how)
    here: dict = {}
    exec(FINGERPRINT, here)
    assert str(here["found"]) == there.stdout.strip()
    assert here["found"] | {"X": 0, "y": 0, "cv": 0} == {
        "estimator": "Ridge(random_state=RandomState(MT19937))", "scoring": "a: max", "X": 0, "y": 0, "cv": 0,
    }  # fmt: skip


def test_a_fingerprint_shows_each_change_of_the_data():
    def of(X, y=(0, 1)):
        return fingerprint(X, y, [(np.array([0]), np.array([1]))])

    sparse = scipy.sparse.csr_matrix(np.eye(2))
    numbers = [[[1.0, 0], [0, 1]], [[1.0, 0], [1, 0]]]
    kinds = [*numbers, ["1", "0"], ["1", "2"], [[1], [1, 2]], [[1], [2, 1]], sparse, sparse[::-1]]
    assert len({of(X)["X"] for X in kinds}) == len(kinds)
    assert of(kinds[0])["y"] != of(kinds[0], (1, 0))["y"]
    assert (
        fingerprint(X, Y, [(np.array([1]), np.array([0]))])["cv"]
        != fingerprint(X, Y, [(np.array([0]), np.array([1]))])["cv"]
    )


# Where it is imported


def test_the_package_alone_does_not_load_scikit_learn():
    code = "import sys, hpt_lab; assert 'SearchCV' in dir(hpt_lab); assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "SearchCV" in hpt.__all__
    assert hpt.SearchCV.__module__ == "hpt_lab.tools.search_cv.search"
    with pytest.raises(AttributeError, match="module 'hpt_lab' has no attribute 'no_such_name'"):
        hpt.no_such_name  # noqa: B018
