"""Wrong calls of SearchCV: each is refused by `fit`, in one sentence with the argument, its value and what is right."""

import numpy as np
import pytest
import scipy.stats
import skopt
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline

import hpt_lab as hpt
from hpt_lab import SearchCV

X = np.random.default_rng(0).random((12, 2))
Y = np.arange(12) % 2
ALPHA = {"alpha": hpt.Float(0.1, 1)}


class Says:
    """A strategy that always says the same."""

    def __init__(self, said):
        self.said = said

    def suggest(self, history):
        return self.said

    def __repr__(self):
        return "Says()"


def budget(value):
    return Says(hpt.Suggestion({"alpha": 0.5}, value))


# the arguments, and how the message begins and ends
CALLS = [
    ({"estimator": RidgeClassifier}, "estimator=<class 'sklearn.linear_model._ridge.RidgeClassifier'> must be an estimator, such as SVC()"),
    ({"estimator": 3}, "estimator=3 must be an estimator, such as SVC()"),
    ({"estimator": None}, "estimator=None must be an estimator, such as SVC()"),
    ({"space": None}, "space=None must be a Space, a dict from the estimator's parameters to dimensions, or a list of such dicts"),
    ({"space": []}, "space=[] must be a Space, a dict"),
    ({"space": "alpha"}, "space='alpha' must be a Space, a dict"),
    ({"space": hpt.Float(0, 1)}, "space=Float(low=0.0, high=1.0, log=False, step=None) must be a Space, a dict"),
    ({"space": [ALPHA, 3]}, "space=[{'alpha': Float(low=0.1, high=1.0, log=False, step=None)}, 3] must be a Space"),
    ({"space": {}}, "Space: needs at least one dimension, as in Space(C=Float(0.1, 10))"),
    ({"space": {3: [1]}}, "Space: the name 3 must be a string that is not empty"),
    ({"space": {"alpha": 3}}, "Space: alpha=3 must be a Float, an Int, a Categorical or a list of choices"),
    ({"space": {"alpha": "abc"}}, "Space: alpha='abc' must be a Float"),
    ({"space": {"alpha": []}}, "alpha: Categorical: choices=[] must hold at least one choice"),
    ({"space": {"alpha": [1, 1]}}, "alpha: Categorical: the choice 1 appears twice; each must appear once"),
    ({"space": {"alpha": (0.1, 1)}}, "Space: alpha=(0.1, 1) looks like a range: give Float(0.1, 1), or a list of choices [0.1, 1]"),
    ({"space": {"alpha": (1, 0.1, "uniform")}}, "space has alpha: Float: low=1.0 must be below high=0.1"),
    ({"space": {"alpha": (0, 1.0, "log-uniform")}}, "space has alpha: Float: low=0.0 must be above 0 where log=True"),
    ({"space": {"alpha": np.ones((3, 2))}}, "space has alpha: an array of shape (3, 2) must have one axis, or be a list of choices"),
    ({"space": {"alpha": scipy.stats.norm([0, 1])}}, "space has alpha: the distribution norm([0, 1]) must have a ppf of one finite number, not "),
    ({"space": {"alpha": scipy.stats.expon(scale=-1)}}, "space has alpha: the distribution expon(scale=-1) must have a ppf of one finite number, not nan"),
    ({"space": {"alpha": scipy.stats.zipf(1.01)}}, "space has alpha: the distribution zipf(1.01) must have at most 10^6 values; use an Int with log=True"),
    ({"space": {"alpha": scipy.stats.dirichlet([1, 1])}}, "space has alpha: the distribution <scipy.stats._multivariate.dirichlet_frozen object at "),
    ({"space": {"alpha": scipy.stats.rv_histogram(np.histogram(X))}}, "space has alpha: the distribution "),
    ({"space": {"alpha": scipy.stats.norm}}, "space has alpha: the distribution norm must be frozen, such as uniform(0, 1)"),
    ({"space": {"alpha": skopt.space.Categorical([1, 2], prior=[0.1, 0.9])}}, "space has alpha: the choices (1, 2) have weights [0.1, 0.9], which must be equal"),
    ({"space": {"beta": [1]}}, "space names 'beta', which must be a parameter of RidgeClassifier(), one of ['alpha',"),
    ({"space": [{"alpha": [1]}, {"beta": [1]}]}, "space names 'beta', which must be a parameter of"),
    ({"space": {"ridge__alpha": [1]}, "estimator": make_pipeline(RidgeClassifier())}, "space names 'ridge__alpha', which must be a parameter of"),
    ({"strategy": "random"}, "strategy='random' must be an object with suggest(history), like RandomSearch()"),
    ({"strategy": hpt.RandomSearch}, "strategy=<class 'hpt_lab.strategies.random_search.RandomSearch'> must be an object"),
    ({"strategy": Says(None)}, "strategy=Says() must suggest at least one trial"),
    ({"strategy": hpt.ManualSearch([])}, "strategy=ManualSearch(0 params) must suggest at least one trial"),
    *(({"n_trials": value}, f"n_trials={value!r} must be") for value in (0, -1, 2.5, "9", True, np.nan, [3])),
    *(({"cv": value}, f"cv={value!r} must be") for value in (1.5, "five", True)),
    *(({"n_jobs": value}, f"n_jobs={value!r} must be") for value in (1.5, "all")),
    *(({"verbose": value}, f"verbose={value!r} must be") for value in (-1, "yes")),
    *(({"error_score": value}, f"error_score={value!r} must be") for value in (None, "ignore", [0])),
    *(({"scoring": value}, f"scoring={value!r} must be") for value in ("goodness", 3)),
    *(({"random_state": value}, f"random_state={value!r} must be") for value in (-1, "zero", 1.5)),
    *(({"return_train_score": value}, f"return_train_score={value!r} must be") for value in (None, "yes")),
    *(({"refit": value}, f"refit={value!r} must be") for value in (None, 3)),
    ({"pre_dispatch": None}, "pre_dispatch=None must be"),
    *(({"resource": value}, f"resource={value!r} must be 'n_samples' or a parameter of RidgeClassifier()") for value in ("epochs", None, 3)),
    ({"resource": "alpha"}, "resource='alpha' must not be a dimension of the space as well"),
    ({"strategy": budget(1)}, "the strategy set a budget of n_samples=1, which must be at least 2, so that each fold trains and tests on one; or set a resource, as in resource='n_estimators'"),
    ({"cv": []}, "cv=[] must make at least one fold"),
    ({"scoring": lambda model, X, y: np.nan}, "all 1 trials failed, the first since the mean score is nan; see what raises with error_score='raise'"),
    ({"strategy": budget(13)}, "the strategy set a budget of 13 samples, which must be at most the 12 of X"),
    ({"strategy": budget(1.5), "resource": "max_iter"}, "the strategy set a budget of 1.5, which must be a whole number, to be set as max_iter"),
    ({"name": "mine"}, "name='mine' needs storage='runs.db', a file to keep it in"),
    ({"storage": 3}, "storage=3 must be the path of a file, such as 'runs.db'"),
]  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("wrong", "message"), CALLS, ids=[str(i) for i in range(len(CALLS))])
def test_a_wrong_argument_is_refused_in_one_sentence(wrong, message):
    right = {"estimator": RidgeClassifier(), "space": ALPHA, "strategy": hpt.RandomSearch(), "n_trials": 1, "cv": 2}
    search = SearchCV(**right | wrong)  # scikit-learn looks at no argument before fit
    with pytest.raises((TypeError, ValueError)) as caught:
        search.fit(X, Y)
    text = str(caught.value)
    assert text.startswith(message if message.startswith(("Space: ", "alpha: ")) else f"SearchCV: {message}")
    assert "\n" not in text
    assert ". " not in text.replace("...", "")
    assert len(text) < 360


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
