"""Bayesian optimization: it finds optima, is a pure function of the history, and survives what objectives do."""

import json
import math
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from hpt_lab import BayesianOptimization, Categorical, Float, History, Int, NothingToSuggest, RandomSearch, Space, Study
from hpt_lab.strategies.bayesian import ACQUISITIONS
from hpt_lab.surrogates.features import activity, features, settle
from hpt_lab.surrogates.warping import LAMBDAS, standardize, warp, yeo_johnson

SVM = Space(
    C=Float(1e-3, 1e3, log=True),
    kernel=["linear", "rbf", "poly"],
    gamma=Float(1e-4, 1e1, log=True).when(kernel=["rbf", "poly"]),
    degree=Int(2, 5).when(kernel="poly"),
)


def svm(p):
    """A valley in C and gamma; the kernel "rbf" is the best, by 0.5."""
    valley = (math.log10(p["C"]) - 1) ** 2 + (math.log10(p.get("gamma", 1e-3)) + 1) ** 2
    return valley + {"linear": 1.0, "rbf": 0.0, "poly": 0.5}[p["kernel"]] + 0.1 * p.get("degree", 0)


def search(space, objective, n_trials, strategy=None, seed=0, direction="minimize"):
    study = Study(space, strategy or BayesianOptimization(), seed=seed, direction=direction)
    for _ in range(n_trials):
        trial = study.ask()
        try:
            study.tell(trial, objective(trial.params))
        except ZeroDivisionError as error:
            study.tell(trial, error=str(error))
    return study


def test_it_finds_the_optimum_of_a_mixed_conditional_space():
    best = search(SVM, svm, 40).best
    assert best.params["kernel"] == "rbf"
    assert best.value < 0.01


def test_it_beats_random_search_with_five_times_the_trials():
    space = Space({f"x{i}": Float(0, 1) for i in range(4)})

    def bowl(p):
        return sum((value - 0.3) ** 2 for value in p.values())

    ours = [search(space, bowl, 30, seed=seed).best_value for seed in range(3)]
    random = [search(space, bowl, 150, RandomSearch(), seed=seed).best_value for seed in range(3)]
    assert max(ours) < min(random)


@pytest.mark.parametrize(
    ("surrogate", "acquisition"),
    [
        *(("gp", name) for name in ("log_ei", "ei", "pi", "lcb", "thompson")),
        ("forest", "log_ei"),
        ("forest", "thompson"),
    ],
)
def test_every_surrogate_and_acquisition_beats_random_search(surrogate, acquisition):
    ours = search(SVM, svm, 25, BayesianOptimization(surrogate, acquisition)).best_value
    assert ours < np.median([search(SVM, svm, 25, RandomSearch(), seed=seed).best_value for seed in range(9)])


def test_every_ingredient_can_be_switched_off():
    study = search(SVM, svm, 12, BayesianOptimization.textbook())
    assert [trial.info["origin"] for trial in study.trials] == ["initial"] * 5 + ["model"] * 7


def test_trials_take_turns_in_zooming_in_and_exploring():
    origins = [trial.info["origin"] for trial in search(SVM, svm, 40).trials]
    assert origins[:5] == ["initial"] * 5
    assert origins[5:30] == ["local" if number % 4 == 0 else "model" for number in range(5, 30)]
    assert origins[30:] == ["model", "explore", "local", "explore"] * 2 + ["model", "explore"]


@pytest.mark.parametrize(("objective", "kernel"), [(abs, "matern32"), (math.sin, "matern52")])
def test_the_evidence_chooses_the_kernel_from_trial_30_on(objective, kernel):
    """A kink asks for the rougher one."""
    space, chosen = Space(x=Float(-2, 2), y=Float(-2, 2)), {}
    trials = search(space, lambda p: objective(p["x"]) + objective(p["y"]), 40, RandomSearch()).trials
    for number in (29, 40):
        strategy = BayesianOptimization(n_initial=5, local_every=0)
        strategy.suggest(History(space, trials[:number], seed=0))
        chosen[number] = strategy._learned[False][1].kernel
    assert chosen == {29: "matern52", 40: kernel}


def test_exploring_looks_beyond_the_valley_of_the_best_trial():
    space = Space(x=Float(-3, 3), y=Float(-3, 3))

    def valleys(p):
        return sum(0.5 * (p[k] - 0.7) ** 2 + 2 * (1 - math.cos(4 * (p[k] - 0.7))) for k in "xy")

    near = {0.0: 0, 0.05: 0}  # suggestions within the valley, by the margin asked for
    for seed in range(3):
        trials = search(space, valleys, 60, BayesianOptimization(explore=0.0), seed).trials
        for number in range(31, 60, 4):
            history = History(space, trials[:number], seed=0)
            best = history.ranked[0].params
            for explore in near:
                params = BayesianOptimization(explore=explore).suggest(history).params
                near[explore] += math.dist(params.values(), best.values()) < 0.7
    assert near[0.0] >= 10
    assert near[0.05] < 0.5 * near[0.0]


def test_a_fresh_strategy_suggests_every_trial_of_a_search_again():
    study = search(SVM, svm, 30)
    for k in range(30):
        history = History(SVM, study.trials[:k], seed=0)
        assert BayesianOptimization().suggest(history).params == study.trials[k].params


def test_seeds_differ_and_a_seed_repeats():
    one, again, other = (search(SVM, svm, 12, seed=seed) for seed in (3, 3, 4))
    assert [t.params for t in one.trials] == [t.params for t in again.trials] != [t.params for t in other.trials]


def test_maximising_is_minimising_the_negative():
    down, up = search(SVM, svm, 15), search(SVM, lambda p: -svm(p), 15, direction="maximize")
    assert [t.params for t in down.trials] == [t.params for t in up.trials]


def test_a_finite_space_is_searched_once_and_ends():
    space = Space(a=Int(1, 4), b=["x", "y", "z"], c=Int(1, 3).when(b="y"))
    study = Study(space, BayesianOptimization(), seed=0)
    for _ in range(20):
        trial = study.ask()
        study.tell(trial, trial.params["a"])
    with pytest.raises(NothingToSuggest):
        study.ask()
    seen = [json.dumps(trial.params, sort_keys=True) for trial in study.trials]
    assert len(seen) == len(set(seen)) == space.size == 20


def test_running_trials_are_not_asked_for_again():
    study = search(SVM, svm, 12)
    running = [study.ask() for _ in range(8)]
    places = settle(SVM, np.array([SVM.encode(trial.params) for trial in study.trials]))
    assert len(np.unique(places, axis=0)) == 20
    models = [trial for trial in running if trial.info["origin"] == "model"]
    assert len(models) >= 5


def test_all_first_trials_may_run_at_once():
    study = Study(SVM, BayesianOptimization(), seed=0)
    for _ in range(20):
        study.ask()
    assert len({json.dumps(trial.params) for trial in study.trials}) == 20


def test_failed_trials_teach_the_model_to_stay_away():
    space = Space(x=Float(0, 1), y=Float(0, 1))

    def objective(p):
        return 1 / 0 if p["x"] > 0.5 else (p["x"] - 0.3) ** 2 + (p["y"] - 0.7) ** 2

    study = search(space, objective, 30)
    assert sum(trial.state == "failed" for trial in study.trials[10:]) <= 4
    assert study.best_value < 1e-3


@pytest.mark.parametrize(
    "objective",
    [
        lambda p: 1.0,
        lambda p: 1e300 * (p["x"] - 0.5),
        lambda p: -1e300 * p["x"],
        lambda p: 1e-310 * p["x"],
        lambda p: 1e300 if p["x"] > 0.2 else p["x"],
        lambda p: 1 / 0,
        lambda p: math.nan,
    ],
    ids=["constant", "huge", "huge negative", "tiny", "one huge", "all failed", "all NaN"],
)
def test_extreme_losses_are_survived(objective):
    study = search(Space(x=Float(0, 1), n=Int(1, 4)), objective, 25)
    assert len(study.trials) == 25


def test_a_huge_loss_does_not_hide_the_differences_between_good_ones():
    study = search(Space(x=Float(0, 1)), lambda p: 1e300 if p["x"] > 0.8 else (p["x"] - 0.3) ** 2, 20)
    assert study.best_value < 1e-4


def test_a_suggestion_uses_one_blas_thread_and_leaves_the_others_to_the_objective(monkeypatch):
    threads = []

    def blas():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    def record(mean, std, best):
        threads.extend(blas())
        return ACQUISITIONS["log_ei"](mean, std, best)

    monkeypatch.setitem(ACQUISITIONS, "ei", record)
    with threadpool_limits(2, user_api="blas"):
        search(SVM, svm, 7, BayesianOptimization(acquisition="ei"))
        assert set(threads) == {1}
        assert set(blas()) == {2}


def test_many_trials_are_thinned_out_for_the_model():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    study = search(space, lambda p: (p["x"] - 0.3) ** 2 + p["y"], 40, BayesianOptimization(max_points=20))
    assert study.best_value < 1e-3


def test_the_choice_is_the_same_without_fused_instructions_and_on_another_kernel():
    script = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\nimport test_bayesian as t\n"
    script += "print([x.params for x in t.search(t.SVM, t.svm, 30).trials])"
    outputs = set()
    for extra in ({}, {"OPENBLAS_CORETYPE": "Prescott"}, {"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX"}):
        run = subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, **extra}, capture_output=True, text=True
        )
        outputs.add(run.stdout)
        assert run.returncode == 0, run.stderr
    assert len(outputs) == 1


def test_inactive_is_at_distance_0_from_inactive_and_1_from_active():
    params = [
        {"C": 1.0, "kernel": "linear"},
        {"C": 1.0, "kernel": "rbf", "gamma": 1e-4},
        {"C": 1.0, "kernel": "rbf", "gamma": 1e1},
        {"C": 1.0, "kernel": "poly", "gamma": 1e1, "degree": 2},
    ]
    points = settle(SVM, np.array([SVM.encode(p) for p in params]))
    np.testing.assert_array_equal(activity(SVM, points), [SVM.active(p) for p in params])
    X, dimension = features(SVM, points)
    squared = (X[:, None] - X[None]) ** 2
    kernel, gamma, degree = (squared[:, :, dimension == i].sum(axis=2) for i in (1, 2, 3))
    np.testing.assert_allclose(kernel, [[0, 1, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0]], atol=1e-12)
    np.testing.assert_allclose(gamma, [[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(degree, [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 0]], atol=1e-12)


def test_settled_points_are_those_that_the_params_stand_for():
    space = Space(dict(SVM.dimensions) | {"k": Categorical(["a", "b"]).when(kernel="rbf")})
    points = settle(space, np.random.default_rng(0).random((200, 5)))
    again = settle(space, np.array([space.encode(space.decode(u)) for u in points]))
    np.testing.assert_allclose(points, again, atol=2e-6)


def test_yeo_johnson_equals_scipys():
    from scipy.stats import yeojohnson

    z = np.linspace(-3, 4, 50)
    for lam in LAMBDAS:
        np.testing.assert_allclose(yeo_johnson(z, lam), yeojohnson(z, lam), rtol=1e-9, atol=1e-12)


def test_warping_keeps_the_order_and_straightens_a_skewed_sample():
    from scipy.stats import skew

    y = np.random.default_rng(0).lognormal(sigma=1.5, size=100)
    warped = warp(y)
    np.testing.assert_array_equal(np.argsort(warped), np.argsort(y))
    assert (warped.mean(), warped.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert abs(skew(warped)) < 0.4 * skew(standardize(y))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"surrogate": "spline"}, "surrogate='spline' must be one of"),
        ({"acquisition": "greedy"}, "acquisition='greedy' must be one of"),
        ({"kernels": "rbf"}, "kernels='rbf' must be a sequence of names out of"),
        ({"kernels": ["matern"]}, "kernels=\\['matern'\\] must be a sequence of names out of"),
        ({"n_initial": 0}, "n_initial=0 must be at least 1"),
    ],
)
def test_bad_input_gets_one_clear_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        BayesianOptimization(**arguments)


def test_where_all_successes_are_equal_failures_are_kept_away_from():
    space = Space(x=Float(0, 1), y=Float(0, 1))

    def plateau(p):
        return 1.0 / 0.0 if p["x"] < 0.5 else 1.0

    failed = [sum(t.state == "failed" for t in search(space, plateau, 60, seed=seed).trials[30:]) for seed in range(3)]
    assert max(failed) <= 10  # of 30; random search fails in 15


def test_searches_in_threads_leave_the_number_of_blas_threads_as_it_was():
    space = Space(x=Float(0, 1))
    with threadpool_limits(2, user_api="blas"):
        workers = [
            threading.Thread(target=search, args=(space, lambda p: p["x"] ** 2, 20, None, seed)) for seed in range(3)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {2}


def test_one_object_searches_in_several_threads():
    strategy, found = BayesianOptimization(), {}

    def work(seed):
        found[seed] = [trial.params for trial in search(SVM, svm, 20, strategy, seed).trials]

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == {seed: [trial.params for trial in search(SVM, svm, 20, seed=seed).trials] for seed in range(3)}


@pytest.mark.parametrize(
    "arguments",
    [{"max_points": 0}, {"n_initial": 2.5}, {"refine": 7}, {"local_every": -1}, {"explore": -1}, {"explore": math.nan}],
)
def test_numbers_are_checked_when_the_strategy_is_made(arguments):
    with pytest.raises((TypeError, ValueError), match=f"BayesianOptimization: {next(iter(arguments))}="):
        BayesianOptimization(**arguments)
