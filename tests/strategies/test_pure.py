"""What holds for every strategy: above all, it is a pure function of the history, and what it remembers never changes an answer.

A live study is asked and told in any order, with several trials running, some failing, some equal. At any moment a fresh
strategy, shown a history made from the same trials, suggests the same as the one that has searched all along.
"""

import contextlib
import math
import re
import sys
import threading
import warnings

import pytest
from hypothesis import given, settings, strategies as st

import hpt_lab as hpt

MIXED = hpt.Space(
    lr=hpt.Float(1e-4, 1.0, log=True),
    depth=hpt.Int(1, 12),
    kernel=["linear", "rbf"],
    gamma=hpt.Float(1e-3, 1e3, log=True).when(kernel="rbf"),
)
# 16 combinations: a search comes to its end
SMALL = hpt.Space(a=["x", "y"], n=hpt.Int(1, 4), m=hpt.Int(1, 3).when(a="y"))
POINTS = [{"a": "x", "n": n} for n in (3, 1, 2, 2, 4)]

STRATEGIES = {
    "manual": lambda: hpt.ManualSearch(POINTS),
    "grid": lambda: hpt.GridSearch(resolution=3),
    "random": hpt.RandomSearch,
    "quasi-random": hpt.QuasiRandomSearch,
    "genetic": lambda: hpt.GeneticAlgorithm(4, 2),
    "genetic, ageing": lambda: hpt.GeneticAlgorithm(4, 2, ageing=True),
    "TPE": lambda: hpt.TPE(n_initial=3),
    "univariate TPE": lambda: hpt.TPE(0.3, n_initial=3, multivariate=False),
    "Bayesian": lambda: hpt.BayesianOptimization(n_initial=3),
    "textbook Bayesian": lambda: hpt.BayesianOptimization.textbook(n_initial=3),
    "knowledge gradient": lambda: hpt.KnowledgeGradient(3),
    "halving": lambda: hpt.SuccessiveHalving(9, 1, 9, source=hpt.QuasiRandomSearch()),
    "Hyperband": lambda: hpt.Hyperband(1, 4, eta=2),
    "ASHA": lambda: hpt.ASHA(1, 9, eta=2),
    "Hyperband of TPE": lambda: hpt.Hyperband(1, 4, eta=2, source=hpt.TPE(n_initial=2)),
    "ASHA of evolution": lambda: hpt.ASHA(1, 4, eta=2, source=hpt.GeneticAlgorithm(3, 2)),
    "halving of a grid": lambda: hpt.SuccessiveHalving(20, 1, 4, eta=2, source=hpt.GridSearch(resolution=2)),
    "Hyperband of Bayesian": lambda: hpt.Hyperband(1, 3, source=hpt.BayesianOptimization(n_initial=2)),
}
SLOW = ("Bayesian", "gradient")
# moments of a study: thinking takes its time
DEPTH = {name: 10 if any(word in name for word in SLOW) else 40 for name in STRATEGIES}
everyone = pytest.mark.parametrize("name", STRATEGIES)

# What happens next: ask (None), or tell one of the running trials a value, equal ones among them, or that it failed (NaN).
tell = st.tuples(st.integers(0, 9), st.sampled_from([0.0, 1.0, 1.0, -2.0, 0.5, float("nan")]))


def live(study, happenings):
    """Let it happen to a study, never more than four trials running. Yields after each."""
    running = []
    for happening in happenings:
        if (happening is None or not running) and len(running) < 4:
            try:
                running.append(study.ask())
            except hpt.NothingToSuggest:
                if not running:
                    return
        elif running:
            which, value = happening or (0, 1.0)
            study.tell(running.pop(which % len(running)), value)
        yield


@everyone
@settings(deadline=None, max_examples=12, derandomize=True)
@given(data=st.data())
def test_what_is_remembered_along_a_study_is_what_its_trials_say(name, data):
    space = SMALL if name == "manual" else data.draw(st.sampled_from([MIXED, SMALL]))
    direction = data.draw(st.sampled_from(["minimize", "maximize"]))
    happenings = data.draw(st.lists(st.one_of(st.none(), tell), min_size=5, max_size=DEPTH[name]))
    looks = data.draw(st.sets(st.integers(0, len(happenings)), max_size=2))
    study = hpt.Study(space, STRATEGIES[name](), direction=direction, seed=3)
    for moment, _ in enumerate(live(study, happenings)):
        if moment in looks or moment == len(happenings) - 1:
            anew = hpt.History(space, tuple(study.trials), 3, direction)
            assert study.strategy.suggest(study.history) == STRATEGIES[name]().suggest(anew)


@everyone
def test_one_object_serves_two_studies_in_two_threads(name):
    """Each study searches as it does alone, and none is shown what the other one knows."""
    shared, space = STRATEGIES[name](), {"manual": SMALL}.get(name, MIXED)
    other = hpt.Space(kernel=["linear", "rbf"], x=hpt.Float(0, 1)) if name != "manual" else SMALL

    def searched(space, strategy, out):
        study = hpt.Study(space, strategy, seed=1)
        for value, _ in zip((0.0, 2.0, 1.0, 2.0, -1.0) * 4, range(DEPTH[name] // 3), strict=False):
            try:
                study.tell(study.ask(), value)
            except hpt.NothingToSuggest:
                break
        out.extend(study.trials)

    alone, together = ([], []), ([], [])
    for out, where in zip(alone, (space, other), strict=True):
        searched(where, STRATEGIES[name](), out)
    works = [(where, shared, out) for out, where in zip(together, (space, other), strict=True)]
    threads = [threading.Thread(target=searched, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, both in zip(alone, together, strict=True):
        assert len(one) > 2
        assert [(t.params, t.budget, t.info) for t in one] == [(t.params, t.budget, t.info) for t in both]


@pytest.mark.parametrize("name", [name for name in STRATEGIES if " of " not in name and DEPTH[name] > 10])
def test_a_late_trial_takes_no_more_steps_than_an_early_one(name):
    """Calls are counted, of Python's functions and of C's: who reads the history again needs four times as many."""
    if name == "manual":
        strategy, space = hpt.ManualSearch([{"x": i / 1000} for i in range(1000)]), hpt.Space(x=hpt.Float(0, 1))
    elif name == "grid":
        strategy, space = hpt.GridSearch(resolution=10), MIXED
    elif name == "halving":
        strategy, space = hpt.SuccessiveHalving(400, 1, 81), MIXED
    else:
        strategy, space = STRATEGIES[name](), MIXED
    study, n_calls = hpt.Study(space, strategy), 0

    def count(frame, event, argument):
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    def steps(until):
        nonlocal n_calls
        while len(study.trials) < until - 60:
            study.tell(study.ask(), len(study.trials) * 37 % 101)
        n_calls = 0
        for _ in range(60):
            sys.setprofile(count)
            try:
                trial = study.ask()
            finally:
                sys.setprofile(None)
            study.tell(trial, trial.number * 37 % 101)
        return n_calls

    early, late = steps(120), steps(480)
    assert late < 1.5 * early


# ---- Whatever the objective is, and however many trials run


@everyone
def test_maximising_is_minimising_the_negative(name):
    def tried(sign, direction):
        study = hpt.Study({"manual": SMALL}.get(name, MIXED), STRATEGIES[name](), direction=direction)
        with contextlib.suppress(hpt.NothingToSuggest):
            for number in range(DEPTH[name]):
                study.tell(study.ask(), sign * float(number * 37 % 101))
        return [(trial.params, trial.budget) for trial in study.trials]

    assert tried(1, "minimize") == tried(-1, "maximize")


LEARNERS = {
    "genetic": hpt.GeneticAlgorithm(6, 2),
    "genetic, ageing": hpt.GeneticAlgorithm(6, 2, ageing=True),
    "TPE": hpt.TPE(),
    "TPE from the start": hpt.TPE(n_initial=1),
    "univariate TPE": hpt.TPE(multivariate=False),
    "Bayesian": hpt.BayesianOptimization(),
    "knowledge gradient": hpt.KnowledgeGradient(2, repeat=False),
}
every_learner = pytest.mark.parametrize("strategy", LEARNERS.values(), ids=LEARNERS)


@every_learner
def test_a_finite_space_is_tried_completely_and_never_twice(strategy):
    study = hpt.tune(lambda p: p["n"], SMALL, strategy, 99, progress=False)
    assert len({SMALL.to_json(trial.params) for trial in study.trials}) == len(study.trials) == SMALL.size == 16


@every_learner
def test_trials_that_run_at_once_are_different(strategy):
    study = hpt.Study(MIXED, strategy)
    for n_told in (0, 12):
        for trial in [study.ask() for _ in range(n_told)]:
            study.tell(trial, trial.params["depth"])
        running = [study.ask() for _ in range(8)]
        assert len({MIXED.to_json(trial.params) for trial in running}) == 8
    assert len({MIXED.to_json(trial.params) for trial in study.trials}) == 28


EXTREME = {
    "constant": lambda p: 1.0,
    "huge": lambda p: 1e300 * (p["x"] - 0.5),
    "huge-negative": lambda p: -1e300 * p["x"],
    "tiny": lambda p: 1e-310 * p["x"],
    "one-huge": lambda p: 1e300 if p["x"] > 0.2 else p["x"],
    "all-floats": lambda p: 1.7e308 * (2 * p["x"] - 1),
    "two": lambda p: 1.7e308 if p["x"] > 0.2 else -1.7e308,
    "huge-or-failed": lambda p: 1.7e308 if p["x"] > 0.2 else math.nan,
    "low-or-failed": lambda p: -1.7e308 if p["x"] > 0.2 else math.nan,
    "all-NaN": lambda p: math.nan,
}


@every_learner
@pytest.mark.parametrize("objective", EXTREME.values(), ids=EXTREME)
def test_extreme_losses_are_survived(strategy, objective):
    study = hpt.Study(hpt.Space(x=hpt.Float(0, 1), n=hpt.Int(1, 4)), strategy)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(14):
            study.tell(trial := study.ask(), objective(trial.params))
    assert len({study.space.to_json(trial.params) for trial in study.trials}) == 14


# ---- What it says of itself


@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        (hpt.BayesianOptimization("forest", "lcb", near=False, refine=1, explore=0.2, kernels=["rbf"], max_points=33),
         "BayesianOptimization('forest', 'lcb', None, sobol=True, warp=True, near=False, refine=1, local_every=4, explore=0.2, "
         "kernels=('rbf',), max_points=33)"),
        (hpt.BayesianOptimization.textbook("pi", 7),
         "BayesianOptimization('gp', 'pi', 7, sobol=False, warp=False, near=False, refine=0, local_every=0, explore=0.0, "
         "kernels=('matern52',), max_points=120)"),
        (hpt.TPE("sqrt", n_initial=4, contrast=1.5, bandwidth=0.1, multivariate=False),
         "TPE(gamma='sqrt', n_initial=4, n_candidates=24, contrast=1.5, prior_weight=1.0, bandwidth=0.1, multivariate=False)"),
        (hpt.GeneticAlgorithm(9, 3, 0.25, True),
         "GeneticAlgorithm(population_size=9, tournament_size=3, crossover=0.25, ageing=True)"),
        (hpt.KnowledgeGradient(7, repeat=False), "KnowledgeGradient(7, repeat=False)"),
        (hpt.SuccessiveHalving(9, 1, 9), "SuccessiveHalving(n_configs=9, min_budget=1, max_budget=9, eta=3, source=RandomSearch())"),
        (hpt.Hyperband(1, 9, 2, hpt.GridSearch(3)), "Hyperband(min_budget=1, max_budget=9, eta=2, source=GridSearch(resolution=3))"),
        (hpt.ASHA(2, 9, source=hpt.QuasiRandomSearch()), "ASHA(min_budget=2, max_budget=9, eta=3, source=QuasiRandomSearch())"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_its_repr_has_all_its_arguments_and_makes_it_again(strategy, text):
    assert repr(strategy) == text
    again = eval(text, {kind: getattr(hpt, kind) for kind in re.findall(r"[A-Z]\w+(?=\()", text)})
    assert repr(vars(again)) == repr(vars(strategy))
