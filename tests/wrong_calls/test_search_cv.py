"""Wrong calls of SearchCV: each is refused by `fit`, since scikit-learn looks at no argument before."""

import numpy as np
import pytest
import refusals as of
import scipy.stats
import skopt
from refusals import Says, Table, refuse
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline

import hpt_lab as hpt
from hpt_lab import SearchCV

X = np.random.default_rng(0).random((12, 2))
Y = np.arange(12) % 2
ALPHA = {"alpha": hpt.Float(0.1, 1)}
PIPE = make_pipeline(RidgeClassifier())
WEIGHTED = skopt.space.Categorical([1, 2], prior=[0.1, 0.9])
calls = Table()


def fit(**wrong):
    right = {"estimator": RidgeClassifier(), "space": ALPHA, "strategy": hpt.RandomSearch(), "n_trials": 1, "cv": 2}
    SearchCV(**right | wrong).fit(X, Y)


def spread(alpha):
    """A search over this alpha."""
    fit(space={"alpha": alpha})


def budget(value, **more):
    """A search whose strategy sets this budget."""
    fit(strategy=Says(hpt.Suggestion({"alpha": 0.5}, value)), **more)


def no_score(model, X, y):
    return np.nan


MUST = "must be"
calls.arguments(
    fit,
    who="SearchCV",
    estimator=of.kind("must be an estimator, such as SVC()", [RidgeClassifier, 3, None]),
    space=of.kind("must be a Space, a dict", [None, [], "alpha", hpt.Float(0, 1), [ALPHA, 3]]),
    strategy=[
        *of.kind("must be an object with suggest(history), like RandomSearch()", ["random", hpt.RandomSearch]),
        (ValueError, "must suggest at least one trial", [Says(None), hpt.ManualSearch([])]),
    ],
    n_trials=of.kind(MUST, [], 0, -1, 2.5, "9", True, np.nan, [3]),
    cv=of.kind(MUST, [], 1.5, "five", True),
    n_jobs=of.kind(MUST, [], 1.5, "all"),
    verbose=of.kind(MUST, [], -1, "yes"),
    error_score=of.kind(MUST, [], None, "ignore", [0]),
    scoring=of.kind(MUST, [], "goodness", 3),
    random_state=of.kind(MUST, [], -1, "zero", 1.5),
    return_train_score=of.kind(MUST, [], None, "yes"),
    refit=of.kind(MUST, [], None, 3),
    pre_dispatch=of.kind(MUST, [], None),
    resource=of.kind("must be 'n_samples' or a parameter of RidgeClassifier()", [], "epochs", None, 3),
)
FROZEN = "SearchCV: space has alpha: the distribution"
BOTH_FOLDS = "so that each fold trains and tests on one; or set a resource, as in resource='n_estimators'"
calls.all(
    (lambda: fit(space={}), "Space: needs at least one dimension, as in Space(C=Float(0.1, 10))"),
    (lambda: fit(space={3: [1]}), "Space: the name 3 must be a string that is not empty"),
    (lambda: spread(3), "Space: alpha=3 must be a Float, an Int, a Categorical or a list of choices"),
    (lambda: spread("abc"), "Space: alpha='abc' must be a Float"),
    (lambda: spread([]), "alpha: Categorical: choices=[] must hold at least one choice"),
    (lambda: spread([1, 1]), "alpha: Categorical: the choice 1 appears twice; each must appear once"),
    (lambda: spread((0.1, 1)), "alpha=(0.1, 1) looks like a range: give Float(0.1, 1), or a list of choices [0.1, 1]"),
    (lambda: spread((1, 0.1, "uniform")), "SearchCV: space has alpha: Float: low=1.0 must be below high=0.1"),
    (lambda: spread((0, 1.0, "log-uniform")), "SearchCV: space has alpha: Float: low=0.0 must be above 0 where log=True"),
    (lambda: spread(np.ones((3, 2))), "alpha: an array of shape (3, 2) must have one axis, or be a list of choices"),
    (lambda: spread(scipy.stats.norm([0, 1])), f"{FROZEN} norm([0, 1]) must have a ppf of one finite number, not "),
    (lambda: spread(scipy.stats.expon(scale=-1)), f"{FROZEN} expon(scale=-1) must have a ppf of one finite number, not nan"),
    (lambda: spread(scipy.stats.zipf(1.01)), f"{FROZEN} zipf(1.01) must have at most 10^6 values; use an Int with log=True"),
    (lambda: spread(scipy.stats.dirichlet([1, 1])), f"{FROZEN} <scipy.stats._multivariate.dirichlet_frozen object at "),
    (lambda: spread(scipy.stats.rv_histogram(np.histogram(X))), FROZEN),
    (lambda: spread(scipy.stats.norm), f"{FROZEN} norm must be frozen, such as uniform(0, 1)"),
    (lambda: spread(WEIGHTED), "the choices (1, 2) have weights [0.1, 0.9], which must be equal"),
    (lambda: fit(space={"beta": [1]}), "space names 'beta', which must be a parameter of RidgeClassifier(), one of ["),
    (lambda: fit(space=[{"alpha": [1]}, {"beta": [1]}]), "SearchCV: space names 'beta', which must be a parameter of"),
    (lambda: fit(space={"ridge__alpha": [1]}, estimator=PIPE), "space names 'ridge__alpha', which must be a parameter of"),
    (lambda: fit(resource="alpha"), "SearchCV: resource='alpha' must not be a dimension of the space as well"),
    (lambda: fit(cv=[]), "SearchCV: cv=[] must make at least one fold"),
    (lambda: fit(scoring=no_score), "the first since the mean score is nan; see what raises with error_score='raise'"),
    (lambda: budget(1), "SearchCV: the strategy set a budget of n_samples=1, which must be at least 2", BOTH_FOLDS),
    (lambda: budget(13), "SearchCV: the strategy set a budget of 13 samples, which must be at most the 12 of X"),
    (lambda: budget(1.5, resource="max_iter"), "set a budget of 1.5, which must be a whole number, to be set as max_iter"),
    (lambda: fit(name="mine"), "SearchCV: name='mine' needs storage='runs.db', a file to keep it in"),
    (lambda: fit(storage=3), "SearchCV: storage=3 must be the path of a file, such as 'runs.db'"),
)  # fmt: skip


@pytest.mark.filterwarnings("error")
@calls.each()
def test_a_wrong_argument_is_refused_in_one_sentence(error, calls):
    refuse(error, calls, longest=360)


def test_a_wrong_call_leaves_the_study_in_a_file_as_it_was(tmp_path):
    file = tmp_path / "runs.db"
    more = {"strategy": hpt.RandomSearch(), "storage": file, "random_state": 0, "cv": 2}
    SearchCV(RidgeClassifier(), ALPHA, n_trials=2, **more).fit(X, Y)
    before = hpt.Study.open(file).trials
    for wrong, message in [
        ({"random_state": 1}, "Study: seed=1 must be 0, as in study 'study' of"),
        ({"space": {"alpha": [1]}}, "Study: space has 'alpha' as "),
        ({"cv": KFold(2, shuffle=True)}, "SearchCV: cv=2 folds, "),
    ]:
        with pytest.raises(ValueError, match="^" + message):
            SearchCV(**{"estimator": RidgeClassifier(), "space": ALPHA, "n_trials": 3} | more | wrong).fit(X, Y)
        assert list(hpt.Study.open(file).trials) == list(before)
