"""The same small programs written for Optuna or scikit-learn and for the lab, and their lines: `python benchmarks/bench_ports.py`.

Each pair does what an example or a tutorial of theirs is about, is written here in its shortest documented form, and returns
a best value. Lines are those of the normal form that `ast.unparse` gives (a statement or a head of a block in each), so that
no formatting counts; the test runs each pair, and compares what they find.
"""

import ast
import inspect
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import RandomizedSearchCV, cross_val_score, train_test_split
from sklearn.svm import SVC

import hpt_lab as hpt

X, Y = load_iris(return_X_y=True)
PARTS = train_test_split(X, Y, random_state=0)
N = 40


def constraints_theirs() -> float:
    def objective(trial):
        x = trial.suggest_float("x", -100, 100)
        y = trial.suggest_categorical("y", [-1, 0, 1])
        trial.set_user_attr("limits", (3 * x * y + 10, x * y + 30))
        return x**2 + y

    sampler = optuna.samplers.TPESampler(seed=0, constraints_func=lambda trial: trial.user_attrs["limits"])
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=100)
    feasible = [trial for trial in study.trials if max(trial.user_attrs["limits"]) <= 0]
    return min(trial.value for trial in feasible)


def constraints_ours() -> float:
    def objective(p):
        product = p["x"] * p["y"]
        return {"value": p["x"] ** 2 + p["y"], "constraints": {"first": 3 * product + 10, "second": product + 30}}

    space = {"x": hpt.Float(-100, 100), "y": [-1, 0, 1]}
    return hpt.tune(objective, space, hpt.TPE(), 100, progress=False).best_value


def known_params_theirs() -> float:
    def objective(trial):
        return (trial.suggest_float("share", 0.4, 1) - 0.6) ** 2 + trial.suggest_int("every", 0, 7)

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.enqueue_trial({"share": 1.0, "every": 0})
    ranges = {
        "share": optuna.distributions.FloatDistribution(0.4, 1),
        "every": optuna.distributions.IntDistribution(0, 7),
    }
    for share, value in ((0.75, 5.02), (0.5, 5.01)):
        params = {"share": share, "every": 5}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=ranges, value=value))
    study.optimize(objective, n_trials=N)
    return study.best_value


def known_params_ours() -> float:
    def objective(p):
        return (p["share"] - 0.6) ** 2 + p["every"]

    space = hpt.Space(share=hpt.Float(0.4, 1), every=hpt.Int(0, 7))
    study = hpt.Study(space, hpt.TPE(), start=[{"share": 1.0, "every": 0}])
    for share, value in ((0.75, 5.02), (0.5, 5.01)):
        study.add({"share": share, "every": 5}, value)
    return hpt.run(study, objective, N, progress=False).best_value


def stopping_theirs() -> float:
    def objective(trial):
        model = SGDClassifier(alpha=trial.suggest_float("alpha", 1e-5, 1e-1, log=True), random_state=0)
        for step in range(20):
            model.partial_fit(PARTS[0], PARTS[2], classes=[0, 1, 2])
            trial.report(model.score(PARTS[1], PARTS[3]), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return model.score(PARTS[1], PARTS[3])

    sampler, pruner = optuna.samplers.TPESampler(seed=0), optuna.pruners.MedianPruner()
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    study.optimize(objective, n_trials=N)
    return study.best_value


def stopping_ours() -> float:
    def objective(p):
        model = SGDClassifier(alpha=p["alpha"], random_state=0)
        for _ in range(20):
            model.partial_fit(PARTS[0], PARTS[2], classes=[0, 1, 2])
            yield model.score(PARTS[1], PARTS[3])

    how = {"direction": "maximize", "stopping": hpt.MedianStopping(), "progress": False}
    return hpt.tune(objective, {"alpha": hpt.Float(1e-5, 1e-1, log=True)}, hpt.TPE(), N, **how).best_value


def define_by_run_theirs() -> float:
    def objective(trial):
        if trial.suggest_categorical("kind", ["SVC", "forest"]) == "SVC":
            model = SVC(C=trial.suggest_float("C", 1e-10, 1e10, log=True))
        else:
            depth = trial.suggest_int("depth", 2, 32, log=True)
            model = RandomForestClassifier(max_depth=depth, n_estimators=10, random_state=0)
        return cross_val_score(model, X, Y, cv=3).mean()

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=N)
    return study.best_value


def define_by_run_ours() -> float:
    def objective(hp):
        if hp.Choice("kind", ["SVC", "forest"]) == "SVC":
            model = SVC(C=hp.Float("C", 1e-10, 1e10, sampling="log"))
        else:
            depth = hp.Int("depth", 2, 32, sampling="log")
            model = RandomForestClassifier(max_depth=depth, n_estimators=10, random_state=0)
        return cross_val_score(model, X, Y, cv=3).mean()

    return hpt.tune(objective, hpt.HyperParameters(), hpt.TPE(), N, direction="maximize", progress=False).best_value


def ask_and_tell_theirs() -> float:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    for _ in range(N):
        trial = study.ask({"x": optuna.distributions.FloatDistribution(-9, 9)})
        study.tell(trial, trial.params["x"] ** 2)
    return study.best_value


def ask_and_tell_ours() -> float:
    study = hpt.Study({"x": hpt.Float(-9, 9)}, hpt.TPE())
    for _ in range(N):
        trial = study.ask()
        study.tell(trial, trial.params["x"] ** 2)
    return study.best_value


def two_goals_theirs() -> float:
    def objective(trial):
        x, y = trial.suggest_float("x", 0, 5), trial.suggest_float("y", 0, 3)
        return 4 * x**2 + 4 * y**2, (x - 5) ** 2 + (y - 5) ** 2

    sampler = optuna.samplers.TPESampler(seed=0)
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    study.optimize(objective, n_trials=N)
    return min(trial.values[0] for trial in study.best_trials)


def two_goals_ours() -> float:
    def objective(p):
        return 4 * p["x"] ** 2 + 4 * p["y"] ** 2, (p["x"] - 5) ** 2 + (p["y"] - 5) ** 2

    space, goals = {"x": hpt.Float(0, 5), "y": hpt.Float(0, 3)}, ["minimize", "minimize"]
    study = hpt.tune(objective, space, hpt.TPE(), N, directions=goals, progress=False)
    return min(trial.values[0] for trial in study.front)


def attributes_theirs() -> float:
    def objective(trial):
        scores = cross_val_score(SVC(C=trial.suggest_float("C", 1e-3, 1e3, log=True)), X, Y)
        trial.set_user_attr("spread", scores.std())
        return scores.mean()

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=N)
    assert "spread" in study.best_trial.user_attrs
    return study.best_value


def attributes_ours() -> float:
    def objective(p):
        scores = cross_val_score(SVC(C=p["C"]), X, Y)
        return {"value": scores.mean(), "spread": scores.std()}

    study = hpt.tune(
        objective, {"C": hpt.Float(1e-3, 1e3, log=True)}, hpt.TPE(), N, direction="maximize", progress=False
    )
    assert "spread" in study.best.attributes
    return study.best_value


def resumed_theirs() -> float:
    def objective(trial):
        return trial.suggest_float("x", -9, 9) ** 2

    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            how = {"storage": f"sqlite:///{folder}/runs.db", "study_name": "x", "load_if_exists": True}
            study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0), **how)
            study.optimize(objective, n_trials=N - len(study.trials) if study.trials else N // 2)
        return study.best_value


def resumed_ours() -> float:
    def objective(p):
        return p["x"] ** 2

    with tempfile.TemporaryDirectory() as folder:
        for n in (N // 2, N):
            how = {"storage": Path(folder) / "runs.db", "name": "x", "progress": False}
            study = hpt.tune(objective, {"x": hpt.Float(-9, 9)}, hpt.TPE(), n, **how)
        return study.best_value


def good_enough_theirs() -> float:
    def objective(trial):
        return trial.suggest_float("x", -9, 9) ** 2

    def enough(study, trial):
        if study.best_value < 0.5:
            study.stop()

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=200, callbacks=[enough])
    return study.best_value


def good_enough_ours() -> float:
    def objective(p):
        return p["x"] ** 2

    def enough(study, trial):
        if study.best_value < 0.5:
            study.stop()

    space = {"x": hpt.Float(-9, 9)}
    return hpt.tune(objective, space, hpt.TPE(), 200, callbacks=[enough], progress=False).best_value


def estimator_theirs() -> float:  # scikit-learn
    ranges = {"C": np.geomspace(1e-3, 1e3, 100), "gamma": np.geomspace(1e-4, 1e1, 100)}
    return RandomizedSearchCV(SVC(), ranges, n_iter=N, random_state=0).fit(X, Y).best_score_


def estimator_ours() -> float:
    ranges = {"C": hpt.Float(1e-3, 1e3, log=True), "gamma": hpt.Float(1e-4, 1e1, log=True)}
    return hpt.SearchCV(SVC(), ranges, n_trials=N, random_state=0).fit(X, Y).best_score_


# What may lie between the two best values, and whether a larger one is better; none has fewer trials.
CLOSE = {"constraints": 150.0, "known_params": 0.01, "stopping": 0.1, "define_by_run": 0.02, "ask_and_tell": 0.2,
         "two_goals": 12.0, "attributes": 0.01, "resumed": 0.2, "good_enough": 0.5, "estimator": 0.01}  # fmt: skip


def lines(function: Callable[[], float]) -> int:
    """Return the lines of a function's body in their normal form."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return len([line for line in ast.unparse(tree).splitlines() if line.strip()]) - 1


@pytest.mark.benchmark
@pytest.mark.parametrize("name", CLOSE)
def test_a_port_finds_what_the_original_finds_in_no_more_lines(name: str) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    theirs, ours = (globals()[f"{name}_{who}"] for who in ("theirs", "ours"))
    values = theirs(), ours()
    print(f"{name:16}{lines(theirs):4} theirs{lines(ours):4} ours; best {values[0]:.4g} and {values[1]:.4g}")
    assert abs(values[0] - values[1]) <= CLOSE[name]
    assert lines(ours) <= lines(theirs)


if __name__ == "__main__":
    for name in CLOSE:
        test_a_port_finds_what_the_original_finds_in_no_more_lines(name)
