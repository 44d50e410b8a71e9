"""Chapter 6: strategies of ten, twenty and forty lines, and a wall in a search space."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from claim import LATER, Effect, claim, effect
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.strategies.untried import first_untried, start

WRITE = "06_your_turn/01_write_a_strategy"
TUNE = "06_your_turn/02_tune_something_that_matters"
CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
COURSE = ("branin", "hartmann6", "forest_boston", "svm_digits", "mlp_mnist", "svm_mnist", "boosting_boston")


@cache
def defined_in(lesson: str) -> dict[str, Any]:
    """The classes and functions that a lesson shows: its own lines are what the claims are about."""
    text = (CHAPTERS / f"{lesson}.md").read_text(encoding="utf-8")
    cells = re.findall(r"^```\{code-cell\} ipython3\n(?::tags: [^\n]*\n\n)?((?:class|def) .*?)^```$", text, re.M | re.S)
    names = {"np": np, "hpt": hpt, "problems": problems, "first_untried": first_untried, "start": start}
    for cell in cells:
        body = [node for node in ast.parse(cell).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
        exec(compile(ast.Module(body, []), lesson, "exec"), names)
    return names


@cache
def entrant(name: str) -> Any:
    return {
        "random": hpt.RandomSearch,
        "TPE": hpt.TPE,
        "memory": defined_in(WRITE)["Memory"],
        "climb": defined_in(WRITE)["Climb"],
        "model": lambda: defined_in(WRITE)["Model"](0.5),
    }[name]()


@cache
def delivered(entrant_name: str, problem_name: str, seed: int) -> float:
    """The best loss of 30 trials; that of a tabulated problem is the mean of all trainings."""
    problem = problems.get(problem_name)

    def objective(params: Any) -> float:
        return problem(params, seed=None)

    study = hpt.tune(objective, problem.space, entrant(entrant_name), 30, seed=seed, progress=False)
    return float(study.best_value)


@cache
def zero(problem_name: str) -> float:
    return float(np.mean([delivered("random", problem_name, 2000 + s) for s in range(60)]))


def score(entrant_name: str, problem_name: str, seed: int) -> float:
    """0 as random search, 100 the optimum."""
    at_zero = zero(problem_name)
    return (
        100 * (at_zero - delivered(entrant_name, problem_name, seed)) / (at_zero - problems.get(problem_name).optimum)
    )


def ahead(one: str, other: str, seed: int) -> float:
    """Points by which one strategy is ahead of the other, the mean over the seven problems."""
    return float(np.mean([score(one, p, seed) - score(other, p, seed) for p in COURSE]))


# 6.1


@claim(WRITE, "A memory alone brings random search less than five points in thirty trials", n_seeds=40, blocks=LATER)
def a_memory_brings_little(seeds: Sequence[int]) -> Effect:
    return effect((ahead("memory", "random", s) for s in seeds), "points (within 5)", within=5.0)


@claim(
    WRITE, "Fifteen lines that stay near the best are twenty points ahead of random search", n_seeds=40, blocks=LATER
)
def to_stay_near_the_best_brings_most(seeds: Sequence[int]) -> Effect:
    return effect((ahead("climb", "random", s) - 20 for s in seeds), "points, beyond 20")


@claim(WRITE, "The model is ahead of the climb", n_seeds=40, blocks=LATER)
def a_model_brings_the_rest(seeds: Sequence[int]) -> Effect:
    return effect((ahead("model", "climb", s) for s in seeds), "points")


@claim(WRITE, "Forty lines are ahead of TPE on the seven problems", n_seeds=40, blocks=LATER)
def forty_lines_beat_tpe(seeds: Sequence[int]) -> Effect:
    return effect((ahead("model", "TPE", s) for s in seeds), "points")


# 6.2


@cache
def tuned(seed: int, first: float, then: float) -> tuple[float, float, float]:
    """Validation error of the best of 24 quasi-random and 24 model-driven trials, its test error, and the default's.

    C is at most `first` in the first half, and at most `then` in the second.
    """
    X, X_test, y, y_test = train_test_split(*load_diabetes(return_X_y=True), test_size=0.3, random_state=seed)

    def build(params: Any) -> Any:
        return make_pipeline(StandardScaler(), SVR(**params))

    def objective(params: Any) -> float:
        errors = []
        for fit, rest in KFold(5, shuffle=True, random_state=seed).split(X):
            model = build(params).fit(X[fit], y[fit])
            errors.append(mean_absolute_error(y[rest], model.predict(X[rest])))
        return round(float(np.mean(errors)), 6)

    def space(most: float) -> hpt.Space:
        return hpt.Space(
            kernel=["rbf", "linear"],
            C=hpt.Float(1e-2, most, log=True),
            epsilon=hpt.Float(1e-2, 1e1, log=True),
            gamma=hpt.Float(1e-3, 1e0, log=True).when(kernel="rbf"),
        )

    look = hpt.tune(objective, space(first), hpt.QuasiRandomSearch(), 24, seed=seed, progress=False)
    study = hpt.Study(space(then), hpt.BayesianOptimization(), seed=seed)
    study.add_trials(look, outside="skip")
    study = hpt.run(study, objective, 24, progress=False)

    def tested(params: Any) -> float:
        return float(mean_absolute_error(y_test, build(params).fit(X, y).predict(X_test)))

    default = {"kernel": "rbf", "C": 1.0, "epsilon": 0.1, "gamma": 0.1}
    return study.best_value, tested(study.best_params), tested(default)


@claim(
    TUNE, "After the look, half of the trials in a wider space find more than in the tight one", n_seeds=8, blocks=LATER
)
def to_widen_pays(seeds: Sequence[int]) -> Effect:
    return effect((tuned(s, 1e1, 1e1)[0] - tuned(s, 1e1, 1e4)[0] for s in seeds), "of validation error saved")
