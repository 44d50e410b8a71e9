"""SearchCV beside GridSearchCV and BayesSearchCV: `python benchmarks/bench_search_cv.py`.

For each estimator the same ranges, folds and number of trials; each seed shuffles the folds. Best score of the
cross-validation, mean +- standard error over the seeds, the paired difference of SearchCV to the others, and seconds of
wall-clock, of which a search of its own is the rest after the fits. The grid has as many points as the others have trials.
Then the checks of scikit-learn's `check_estimator` that each of the three passes.
"""

import sys
import time
import warnings

import numpy as np
import skopt
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator

import hpt_lab as hpt
from hpt_lab import SearchCV


def problems():
    """Name -> estimator, X, y, scoring, folds, space of ours, space of scikit-optimize, grid of 20 points."""
    X, y = load_digits(return_X_y=True)
    X, y = X[:360] / 16, y[:360]
    Real, Integer, log = skopt.space.Real, skopt.space.Integer, "log-uniform"
    yield (
        "SVC, 360 digits", SVC(), X, y, "accuracy", StratifiedKFold,
        {"C": hpt.Float(1e-2, 1e3, log=True), "gamma": hpt.Float(1e-4, 10, log=True)},
        {"C": Real(1e-2, 1e3, log), "gamma": Real(1e-4, 10, log)},
        {"C": np.geomspace(1e-2, 1e3, 4), "gamma": np.geomspace(1e-4, 10, 5)},
    )  # fmt: skip
    X, y = load_diabetes(return_X_y=True)
    yield (
        "boosting, diabetes", GradientBoostingRegressor(n_estimators=30, random_state=0), X, y, "r2", KFold,
        {"learning_rate": hpt.Float(1e-2, 1, log=True), "max_depth": hpt.Int(1, 6), "subsample": hpt.Float(0.3, 1), "min_samples_leaf": hpt.Int(1, 60, log=True)},
        {"learning_rate": Real(1e-2, 1, log), "max_depth": Integer(1, 6), "subsample": Real(0.3, 1), "min_samples_leaf": Integer(1, 60, log)},
        {"learning_rate": np.geomspace(1e-2, 1, 5), "max_depth": [2, 5], "subsample": [0.4, 0.9], "min_samples_leaf": [5]},
    )  # fmt: skip
    X, y = load_breast_cancer(return_X_y=True)
    chain = make_pipeline(StandardScaler(), LogisticRegression(solver="saga", max_iter=30, tol=1e-2))
    C, share = "logisticregression__C", "logisticregression__l1_ratio"
    chain.set_params(logisticregression__penalty="elasticnet")
    yield (
        "logistic, cancer", chain, X, y, "neg_log_loss", StratifiedKFold,
        {C: hpt.Float(1e-4, 1e3, log=True), share: hpt.Float(0, 1)},
        {C: Real(1e-4, 1e3, log), share: Real(0, 1)},
        {C: np.geomspace(1e-4, 1e3, 5), share: np.linspace(0, 1, 4)},
    )  # fmt: skip


N_SEEDS, N_TRIALS = 20, 20


def race(n_seeds=N_SEEDS, n_trials=N_TRIALS):
    for name, estimator, X, y, scoring, folds, ours, theirs, grid in problems():
        best, seconds = {}, {}
        for seed in range(n_seeds):
            more = {"scoring": scoring, "cv": folds(3, shuffle=True, random_state=seed), "refit": False}
            searches = {
                "GridSearchCV": GridSearchCV(estimator, grid, **more),
                "BayesSearchCV": skopt.BayesSearchCV(estimator, theirs, n_iter=n_trials, random_state=seed, **more),
                "SearchCV": SearchCV(estimator, ours, n_trials=n_trials, random_state=seed, **more),
            }
            for kind, search in searches.items():
                began = time.perf_counter()
                search.fit(X, y)
                seconds.setdefault(kind, []).append(time.perf_counter() - began)
                best.setdefault(kind, []).append(search.best_score_)
        print(f"\n{name}: {n_seeds} seeds, {n_trials} trials")
        for kind in best:
            difference = np.subtract(best["SearchCV"], best[kind])
            more = "" if kind == "SearchCV" else f"   SearchCV - it = {difference.mean():+.5f} +- {error(difference):.5f}, better {np.mean(difference > 0):.0%}, worse {np.mean(difference < 0):.0%}"  # fmt: skip
            print(
                f"  {kind:14} {np.mean(best[kind]):+.5f} +- {error(best[kind]):.5f}  {np.mean(seconds[kind]):6.2f} s{more}",
                flush=True,
            )


def error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))


def checks():
    print("\ncheck_estimator: checks passed of those that are not skipped")
    for estimator, ours, theirs, grid in [
        (Ridge(), {"alpha": hpt.Float(0.1, 1)}, {"alpha": skopt.space.Real(0.1, 1)}, {"alpha": [0.1, 1.0]}),
        (LogisticRegression(), {"C": hpt.Float(0.1, 1)}, {"C": skopt.space.Real(0.1, 1)}, {"C": [0.1, 1.0]}),
    ]:
        for search in (
            GridSearchCV(estimator, grid, cv=2),
            skopt.BayesSearchCV(estimator, theirs, n_iter=2, cv=2),
            SearchCV(estimator, ours, n_trials=2, cv=2),
            SearchCV(estimator, grid, strategy=hpt.GridSearch(), cv=2),
        ):
            found = [check for check in check_estimator(search, on_fail=None) if check["status"] != "skipped"]
            wrong = [check["check_name"] for check in found if check["status"] != "passed"]
            kind = type(search).__name__ + (", a grid" if getattr(search, "strategy", None) else "")
            print(
                f"  {type(estimator).__name__:18} {kind:16} {len(found) - len(wrong)} of {len(found)}  {', '.join(wrong)}"
            )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    race(*map(int, sys.argv[1:]))  # seeds, if fewer are enough
    checks()
