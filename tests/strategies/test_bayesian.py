"""Bayesian optimization: it finds optima, is a pure function of the history, and survives what objectives do."""

import itertools
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from hpt_lab import BayesianOptimization, Categorical, Float, History, Int, RandomSearch, Space, Study, Trial
from hpt_lab.space.cube import sobol_points
from hpt_lab.strategies.bayesian import ACQUISITIONS
from hpt_lab.strategies.candidates import Candidates
from hpt_lab.surrogates import GaussianProcess, log_expected_improvement
from hpt_lab.surrogates.learning import Learning, expect, features, learn, observed, zoom_trials
from hpt_lab.surrogates.warping import warp

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
    ("surrogate", "acquisition", "n"),
    [
        *(("gp", name, 20) for name in ("log_ei", "ei", "pi", "lcb", "thompson")),
        ("forest", "log_ei", 21),
        ("forest", "thompson", 12),  # a hundred trees take their time
    ],
)
def test_every_surrogate_and_acquisition_beats_random_search(surrogate, acquisition, n):
    ours = search(SVM, svm, n, BayesianOptimization(surrogate, acquisition)).best_value
    assert ours < np.median([search(SVM, svm, n, RandomSearch(), seed=seed).best_value for seed in range(9)])


@pytest.mark.parametrize("number", [9, 12])  # the second zooms in
def test_thompson_ranks_all_candidates_by_one_drawn_curve(monkeypatch, number):
    trials = search(SVM, svm, 15).trials[:number]
    drawn = []
    whole = GaussianProcess.sample
    monkeypatch.setattr(GaussianProcess, "sample", lambda gp, X, *rest: drawn.append(len(X)) or whole(gp, X, *rest))
    BayesianOptimization(acquisition="thompson").suggest(History(SVM, trials, seed=0))
    assert len(drawn) == 1
    assert drawn[0] >= 200


def test_every_ingredient_can_be_switched_off():
    study = search(SVM, svm, 12, BayesianOptimization.textbook())
    assert [trial.info["origin"] for trial in study.trials] == ["initial"] * 5 + ["model"] * 7


def test_trials_take_turns_in_zooming_in_and_exploring():
    origins = [trial.info["origin"] for trial in search(SVM, svm, 40).trials]
    assert origins[:5] == ["initial"] * 5
    assert origins[5:30] == ["local" if number % 4 == 0 else "model" for number in range(5, 30)]
    assert origins[30:] == ["model", "explore", "local", "explore"] * 2 + ["model", "explore"]


def test_exploring_looks_beyond_the_valley_of_the_best_trials():
    """Of 33 trials some lie in the deepest of many valleys: whoever asks for more than a little leaves it earlier."""
    space = Space(x=Float(-3, 3), y=Float(-3, 3))

    def valleys(p):
        return sum(0.5 * (p[k] - 0.7) ** 2 + 2 * (1 - math.cos(4 * (p[k] - 0.7))) for k in "xy")

    stays = {0.0: [], 0.05: []}  # whether the suggestion is in that valley, by the margin asked for
    for seed, n_there in itertools.product(range(8), (6, 8, 14)):
        rng = np.random.default_rng(seed)
        points = np.vstack([rng.uniform(-3, 3, (33 - n_there, 2)), rng.normal(0.7, 0.2, (n_there, 2))]).tolist()
        params = [{"x": x, "y": y} for x, y in points]
        trials = [Trial(i, p, None, valleys(p), "complete") for i, p in enumerate(params)]
        for explore, stayed in stays.items():
            suggestion = BayesianOptimization(explore=explore).suggest(History(space, trials, seed))
            stayed.append(math.dist(suggestion.params.values(), (0.7, 0.7)) < 0.7)
    assert sum(stays[0.05]) < 0.75 * sum(stays[0.0])
    assert not any(later and not earlier for earlier, later in zip(*stays.values(), strict=True))


def test_a_fresh_strategy_suggests_every_trial_of_a_search_again():
    study = search(SVM, svm, 30)
    for k in range(30):
        history = History(SVM, study.trials[:k], seed=0)
        assert BayesianOptimization().suggest(history).params == study.trials[k].params


def test_seeds_differ_and_a_seed_repeats():
    one, again, other = (search(SVM, svm, 12, seed=seed) for seed in (3, 3, 4))
    assert [t.params for t in one.trials] == [t.params for t in again.trials] != [t.params for t in other.trials]


def test_running_trials_are_not_asked_for_again():
    study = search(SVM, svm, 12)
    running = [study.ask() for _ in range(8)]
    places = SVM.settle(np.array([SVM.encode(trial.params) for trial in study.trials]))
    assert len(np.unique(places, axis=0)) == 20
    models = [trial for trial in running if trial.info["origin"] == "model"]
    assert len(models) >= 5


def noisy_history(n_told, n_running):
    """Random trials with noisy losses, of which the last ones still run, and lie where the best ones do."""
    space, rng = Space(x=Float(0, 1), y=Float(0, 1)), np.random.default_rng(0)
    points = np.vstack([rng.random((n_told, 2)), 0.3 + 0.02 * rng.random((n_running, 2))])
    losses = 20 * ((points - 0.3) ** 2).sum(axis=1) + np.sin(25 * points[:, 0]) + 0.5 * rng.standard_normal(len(points))
    states = ["complete"] * n_told + ["running"] * n_running
    trials = [
        Trial(i, space.decode(u), None, loss if state == "complete" else None, state)
        for i, (u, loss, state) in enumerate(zip(points, losses, states, strict=True))
    ]
    return History(space, trials, seed=7)


def written_out(history, learning, candidates, margin=0.0, zoom=False):
    """The loop in the public pieces: what it suggests, of two equal ones the first."""
    space, rng = history.space, history.rng
    points, losses, running = observed(history)
    if zoom:
        chosen = zoom_trials(losses, len(space))
        points, losses = points[chosen], losses[chosen]
    model = expect(learn(space, points, losses, learning), space, running)
    best = model.predict(model.X_)[0].min()

    def score(candidates):
        mean, std = model.predict(features(space, candidates)[0])
        return log_expected_improvement(mean, std, best - margin).round(4)

    near = points[np.argsort(losses, kind="stable")[:4]]
    return space.decode(candidates.best_first(space, near, score, rng)[0])


@pytest.mark.parametrize(
    ("number", "origin", "arguments"),
    [
        (29, "model", (Learning(), Candidates())),
        (34, "model", (Learning(), Candidates())),
        (33, "explore", (Learning(), Candidates(), 0.05)),
        (36, "local", (Learning().zoomed(), Candidates().zoomed(), 0.0, True)),
        (140, "local", (Learning().zoomed(), Candidates().zoomed(), 0.0, True)),
        (142, "model", (Learning(), Candidates())),
    ],
)
def test_a_suggestion_is_that_of_the_loop_written_out(number, origin, arguments):
    history = noisy_history(number - 3, 3)
    suggestion = BayesianOptimization().suggest(history)
    assert suggestion.info["origin"] == origin
    assert suggestion.params == written_out(history, *arguments)


@pytest.mark.parametrize(
    ("switches", "arguments"),
    [
        ({"warp": False}, (Learning(warp=False), Candidates())),
        ({"near": False}, (Learning(), Candidates(near=()))),
        ({"refine": 0}, (Learning(), Candidates(rounds=()))),
        ({"refine": 1}, (Learning(), Candidates(rounds=(0.1,)))),
        ({"kernels": ["rbf"]}, (Learning(kernels=("rbf",)), Candidates())),
        ({"max_points": 12}, (Learning(max_points=12), Candidates())),
        ({"n_initial": 20}, (Learning(n_initial=20), Candidates())),
    ],
)
def test_every_switch_changes_what_it_names(switches, arguments):
    history = noisy_history(35, 3)
    assert BayesianOptimization(**switches).suggest(history).params == written_out(history, *arguments)
    assert written_out(history, *arguments) != written_out(history, Learning(), Candidates())


def test_a_zoom_is_refined_as_the_switch_says():
    history, coarse = noisy_history(33, 3), Candidates(rounds=()).zoomed()
    expected = written_out(history, Learning().zoomed(), coarse, zoom=True)
    assert BayesianOptimization(refine=0).suggest(history).params == expected


def test_the_best_is_what_the_model_believes_and_not_the_smallest_loss_seen():
    seen = []

    def record(mean, std, best):
        seen.append(best)
        return -mean

    history = noisy_history(34, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ACQUISITIONS, "ei", record)
        BayesianOptimization(acquisition="ei").suggest(history)
    z = warp(history.losses)
    assert len(set(seen)) == 1
    assert z.min() + 0.2 < seen[0] < np.sort(z)[5]


def test_the_start_is_the_centre_and_then_a_sobol_sequence():
    study = Study(SVM, BayesianOptimization(), seed=3)
    first = [study.ask().params for _ in range(5)]
    assert first == [SVM.decode([0.5] * 4), *(SVM.decode(SVM.settle(u[None])[0]) for u in sobol_points(4, 3, 4)[1:5])]
    at_random = Study(SVM, BayesianOptimization(sobol=False), seed=3).ask()
    assert at_random.params == SVM.decode(SVM.settle(History(SVM, (), 3).rng.random((1, 4)))[0])


def test_the_model_takes_over_when_as_many_trials_were_asked_for_as_there_are_dimensions_and_one_more():
    for n_dims, expected in ((1, 5), (6, 7), (30, 10)):
        study = search(Space({f"x{i}": Float(0, 1) for i in range(n_dims)}), lambda p: p["x0"], 12)
        assert [trial.info["origin"] for trial in study.trials].count("initial") == expected


def test_failed_trials_teach_the_model_to_stay_away():
    space = Space(x=Float(0, 1), y=Float(0, 1))

    def objective(p):
        return 1 / 0 if p["x"] > 0.5 else (p["x"] - 0.3) ** 2 + (p["y"] - 0.7) ** 2

    study = search(space, objective, 30)
    assert sum(trial.state == "failed" for trial in study.trials[10:]) <= 4
    assert study.best_value < 1e-3


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


def later_suggestions():
    """Suggestions after 11, 33 and 36 trials: with one kernel, exploring with the other in play, and of a zoom."""
    trials = search(SVM, svm, 36, RandomSearch()).trials
    return [BayesianOptimization().suggest(History(SVM, trials[:n], seed=0)).params for n in (11, 33, 36)]


def test_the_choice_is_the_same_without_fused_instructions_and_on_another_kernel():
    script = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\nimport test_bayesian as t\n"
    script += "print(t.later_suggestions())"
    for extra in ({"OPENBLAS_CORETYPE": "Prescott"}, {"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX"}):
        how = {"env": {**os.environ, **extra}, "capture_output": True, "text": True, "encoding": "utf-8"}
        run = subprocess.run([sys.executable, "-c", script], **how)
        assert run.returncode == 0, run.stderr
        assert run.stdout == f"{later_suggestions()}\n"


def test_inactive_is_at_distance_0_from_inactive_and_1_from_active():
    params = [
        {"C": 1.0, "kernel": "linear"},
        {"C": 1.0, "kernel": "rbf", "gamma": 1e-4},
        {"C": 1.0, "kernel": "rbf", "gamma": 1e1},
        {"C": 1.0, "kernel": "poly", "gamma": 1e1, "degree": 2},
    ]
    points = SVM.settle(np.array([SVM.encode(p) for p in params]))
    np.testing.assert_array_equal(SVM.cube.activity(points), [SVM.active(p) for p in params])
    X, dimension = features(SVM, points)
    squared = (X[:, None] - X[None]) ** 2
    kernel, gamma, degree = (squared[:, :, dimension == i].sum(axis=2) for i in (1, 2, 3))
    np.testing.assert_allclose(kernel, [[0, 1, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0]], atol=1e-12)
    np.testing.assert_allclose(gamma, [[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(degree, [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 0]], atol=1e-12)


def test_settled_points_are_those_that_the_params_stand_for():
    space = Space(dict(SVM.dimensions) | {"k": Categorical(["a", "b"]).when(kernel="rbf")})
    points = space.settle(np.random.default_rng(0).random((200, 5)))
    again = space.settle(np.array([space.encode(space.decode(u)) for u in points]))
    np.testing.assert_allclose(points, again, atol=2e-6)


def test_where_all_successes_are_equal_failures_are_kept_away_from():
    space = Space(x=Float(0, 1), y=Float(0, 1))

    def plateau(p):
        return 1.0 / 0.0 if p["x"] < 0.5 else 1.0

    failed = [sum(t.state == "failed" for t in search(space, plateau, 25, seed=seed).trials[5:]) for seed in range(3)]
    assert max(failed) <= 5  # of 20; random search fails in 10
