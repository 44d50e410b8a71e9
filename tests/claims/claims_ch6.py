"""Chapter 6: strategies of ten, twenty and forty lines, and a bound of a search space."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from claim import Effect, claim, effect, instead
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

import hpt_lab as hpt
from hpt_lab import problems

WRITE = "06_your_turn/01_write_a_strategy"
TUNE = "06_your_turn/02_tune_something_that_matters"
READ = "06_your_turn/03_read_a_table_with_suspicion"
CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
COURSE = ("branin", "hartmann6", "forest_boston", "svm_digits", "mlp_mnist", "svm_mnist", "boosting_boston")


@cache
def defined_in(lesson: str) -> dict[str, Any]:
    """What a lesson imports, and its classes with the functions in their cells: its own lines are what the claims are about."""
    text = (CHAPTERS / f"{lesson}.md").read_text(encoding="utf-8")
    cells = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```$", text, re.M | re.S)
    bodies = [ast.parse(re.sub(r"\A(---\n.*?^---\n|(:[^\n]*\n)+)", "", cell, flags=re.M | re.S)).body for cell in cells]
    shown = [node for body in bodies for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    for body in bodies:
        named = [node for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
        if any(isinstance(node, ast.ClassDef) for node in named):  # with the functions beside it
            shown += named
    names: dict[str, Any] = {}
    exec(compile(ast.Module(shown, []), lesson, "exec"), names)
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
def delivered(entrant_name: str, problem_name: str, seed: int, noisy: bool = False) -> tuple[float, float]:
    """The loss of the best of 30 trials, true and as seen: of one training run, if `noisy`, or of the mean of all."""
    problem = problems.get(problem_name)
    table = problem.training(seed) if noisy else None
    study = hpt.tune(
        lambda p: problem(p, seed=table), problem.space, entrant(entrant_name), 30, seed=seed, progress=False
    )
    return problem(study.best_params, seed=None), study.best_value


N_ZERO = 60


@cache
def zero(problem_name: str, noisy: bool = False) -> float:
    return float(np.mean([delivered("random", problem_name, 2000 + s, noisy)[0] for s in range(N_ZERO)]))


@cache
def score(entrant_name: str, problem_name: str, seed: int, noisy: bool = False, seen: bool = False) -> float:
    """0 as random search, 100 the optimum; of the true loss, or of the one that the search has `seen`."""
    at_zero = zero(problem_name, noisy)
    regret = at_zero - problems.get(problem_name).optimum
    return 100 * (at_zero - delivered(entrant_name, problem_name, seed, noisy)[seen]) / regret


def ahead(one: str, other: str, seed: int) -> float:
    """Points by which one strategy is ahead of the other, the mean over the seven problems."""
    return float(np.mean([score(one, p, seed) - score(other, p, seed) for p in COURSE]))


QUICK = instead("N_ZERO", 3) + instead("COURSE", COURSE[:3])


# 6.1


@claim(WRITE, n_seeds=40, rival=instead("ahead", one="climb"), small=QUICK)
def a_memory_brings_little(seeds: Sequence[int]) -> Effect:
    """In thirty trials, a memory alone brings random search less than five points"""
    return effect((ahead("memory", "random", s) for s in seeds), "points (within 5)", within=5.0)


@claim(WRITE, n_seeds=40, rival=instead("ahead", one="memory"), small=QUICK)
def to_stay_near_the_best_brings_most(seeds: Sequence[int]) -> Effect:
    """Fifteen lines that stay near the best trial are more than twenty points ahead of random search"""
    return effect((ahead("climb", "random", s) - 20 for s in seeds), "points, beyond 20")


@claim(WRITE, n_seeds=40, rival=instead("ahead", one="climb"), small=QUICK)
def a_model_brings_the_rest(seeds: Sequence[int]) -> Effect:
    """The model is ahead of the climb"""
    return effect((ahead("model", "climb", s) for s in seeds), "points")


@claim(WRITE, n_seeds=40, rival=instead("ahead", one="TPE"), small=QUICK)
def forty_lines_beat_tpe(seeds: Sequence[int]) -> Effect:
    """Forty lines are ahead of TPE on the seven development problems"""
    return effect((ahead("model", "TPE", s) for s in seeds), "points")


# 6.2

SHORT = instead("hpt.tune", n_trials=4) + instead("hpt.run", n_trials=2)


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


@claim(TUNE, n_seeds=8, rival=instead("tuned", then=1e1), small=SHORT)
def to_widen_pays(seeds: Sequence[int]) -> Effect:
    """After a first look, the second half of the trials finds more in a wider space than in the tight one"""
    return effect((tuned(s, 1e1, 1e1)[0] - tuned(s, 1e1, 1e4)[0] for s in seeds), "of validation error saved")


@claim(TUNE, n_seeds=8, small=SHORT)
def tuning_pays_on_other_rows(seeds: Sequence[int]) -> Effect:
    """On rows that played no part in any choice, the tuned model is better than the default"""
    return effect((tuned(s, 1e1, 1e4)[2] - tuned(s, 1e1, 1e4)[1] for s in seeds), "of test error saved")


# 6.3


@claim(
    READ,
    n_seeds=20,
    rival=instead("score", seen=False),
    small=QUICK,
    fallen="On the lesson's seven problems it does on average, by nothing on some and by hundreds of points on one: too uneven for a general sentence",
)
def what_was_seen_flatters(seeds: Sequence[int]) -> Effect:
    """The loss that a search saw scores more than twenty points higher than the true one"""

    flattery = [
        np.mean([score("TPE", p, s, True, seen=True) - score("TPE", p, s, True) for s in seeds]) - 20 for p in COURSE
    ]
    return effect(flattery, "points, beyond 20, over the problems", trainings=range(len(COURSE)))


@claim(READ, n_seeds=40, rival=instead("best_of_five", np.mean), small=QUICK + instead("FIVE", 1))
def the_best_of_five_flatters(seeds: Sequence[int]) -> Effect:
    """The best of five runs scores more than twenty points higher than their mean

    A group of five seeds is one of eight repetitions; these share the tables, so the error is over the problems."""
    groups = np.array(list(seeds)[: len(seeds) // FIVE * FIVE]).reshape(-1, FIVE)
    gains = []
    for p in COURSE:
        found = np.array([[score("TPE", p, int(s), noisy=True) for s in group] for group in groups])
        gains.append((best_of_five(found, axis=1) - found.mean(axis=1)).mean() - 20)
    return effect(gains, "points, beyond 20, over the problems", trainings=range(len(COURSE)))


FIVE, best_of_five = 5, np.max


def comes_back(difference: float, seed: int) -> float:
    """How often, in percent, the sign of a mean of twenty comes back if they are drawn again with replacement."""
    rng = np.random.default_rng(seed)
    gaps = difference + rng.standard_normal(20)
    again = gaps[rng.integers(20, size=(1000, 20))].mean(axis=1)
    return float(100 * np.mean((again > 0) == (gaps.mean() > 0)))


@claim(READ, n_seeds=400, fast=True, rival=instead("comes_back", difference=1.0))
def a_mark_comes_back_without_a_difference(seeds: Sequence[int]) -> Effect:
    """Without any difference, a bold mark still comes back in 76% of the repetitions, to within 3

    Its rival is a true difference of one standard deviation: the mark comes back nearly always."""
    return effect((comes_back(0.0, s) - 76 for s in seeds), "% of the repetitions, beyond 76 (within 3)", within=3)
