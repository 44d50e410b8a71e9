"""TPE against the expected improvement that it stands for, known optima, and the contract of a strategy."""

import gc
import math
import pickle

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies import tpe as module
from hpt_lab.study import History, Trial
from hpt_lab.surrogates import ParzenEstimator

MIXED = hpt.Space(
    lr=hpt.Float(1e-4, 1.0, log=True),
    depth=hpt.Int(1, 12),
    kernel=["linear", "rbf"],
    gamma=hpt.Float(1e-3, 1e3, log=True).when(kernel="rbf"),
)


def mixed_loss(params):
    loss = abs(math.log10(params["lr"]) + 2) + abs(params["depth"] - 5) / 4
    return loss + (abs(math.log10(params["gamma"])) / 2 if params["kernel"] == "rbf" else 1.0)


def search(space, strategy, loss, n, seed=0):
    return hpt.tune(loss, space, strategy, n, seed=seed, progress=False)


def history(space, points, values, states=None, **options):
    states = states or ["complete"] * len(points)
    trials = [
        Trial(i, params, None, value if state == "complete" else None, state)
        for i, (params, value, state) in enumerate(zip(points, values, states, strict=True))
    ]
    return History(space, tuple(trials), **options)


LINE = hpt.Space(x=hpt.Float(0, 1))
GRID = [{"x": x} for x in np.linspace(0, 1, 21).tolist()]
BOWL = [(p["x"] - 0.3) ** 2 for p in GRID]


def test_the_ratio_of_densities_ranks_like_the_expected_improvement():
    """Bergstra et al. 2011, eq. 5, from EI's definition: p(y) a step at y*, p(x | y) = l below it and g above."""
    gamma, n = 0.25, len(GRID)
    l, g = hpt.TPE(gamma).densities(history(LINE, GRID, BOWL))
    losses, n_good = np.sort(BOWL), math.ceil(gamma * n)
    threshold = losses[n_good]
    at = [{"x": x} for x in np.random.default_rng(0).random(200)]
    l_x, g_x = np.exp(l.log_density(at)), np.exp(g.log_density(at))
    p_x = n_good / n * l_x + (1 - n_good / n) * g_x
    improvement = sum((threshold - y) * l_x / n for y in losses[:n_good]) / p_x
    np.testing.assert_array_equal(np.argsort(improvement), np.argsort(l_x / g_x))


def test_the_good_trials_are_the_best_tenth_and_at_most_25():
    def n_good(n, gamma="linear"):
        points = [{"x": i / n} for i in range(n)]
        l, _ = hpt.TPE(gamma).densities(history(LINE, points, range(n)))
        return l._weights.shape[1] - 1

    assert [n_good(n) for n in (10, 11, 100, 400)] == [1, 2, 10, 25]
    assert [n_good(n, "sqrt") for n in (10, 100)] == [1, 3]
    assert [n_good(n, 0.25) for n in (10, 100)] == [3, 25]


def test_failed_and_running_trials_count_among_the_others():
    points, values = [*GRID, {"x": 0.31}, {"x": 0.29}], [*BOWL, None, None]
    states = ["complete"] * len(GRID) + ["failed", "running"]
    l, g = hpt.TPE().densities(history(LINE, points, values, states))
    same_l, without = hpt.TPE().densities(history(LINE, GRID, BOWL))
    near = [{"x": 0.3}]
    assert l.log_density(near) == same_l.log_density(near)
    assert g.log_density(near) > without.log_density(near) + 0.5


def test_contrast_sharpens_the_good_density_and_blunts_the_other():
    """On a line so crowded that only the least width counts: 1 / (10 + 2) / contrast, and contrast / 90."""
    points = [{"x": 0.5 + i * 1e-6} for i in range(98)]
    past = history(LINE, points, range(98))
    for contrast in (1.0, 3.0):
        l, g = hpt.TPE(contrast=contrast).densities(past)
        assert l._width[0, :-1].tolist() == pytest.approx([1 / 12 / contrast] * 10)
        assert g._width[0, :-1].tolist() == pytest.approx([contrast / 90] * 88)


def test_a_maximised_metric_is_turned_around():
    flipped = history(LINE, GRID, [-y for y in BOWL], direction="maximize")
    assert hpt.TPE().suggest(flipped) == hpt.TPE().suggest(history(LINE, GRID, BOWL))


def test_the_suggestion_has_the_largest_ratio_of_its_candidates():
    past = history(LINE, GRID, BOWL, seed=3)
    strategy = hpt.TPE(n_candidates=50)
    l, g = strategy.densities(past)
    candidates = [{"x": u} for u in l.draw(past.rng, 50)[:, 0]]
    best = candidates[np.argmax(l.log_density(candidates) - g.log_density(candidates))]
    assert strategy.suggest(past).params["x"] == pytest.approx(best["x"], abs=1e-9)


def test_a_univariate_search_takes_the_best_candidate_of_each_dimension():
    space = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))
    rng = np.random.default_rng(0)
    points = [space.sample(rng) for _ in range(30)]
    past = history(space, points, [abs(p["x"] - 0.5) + abs(p["y"] - 0.2) for p in points])
    strategy = hpt.TPE(multivariate=False, contrast=1, prior_weight=1)
    l, _ = strategy.densities(past)
    u = l.draw(past.rng, 24)
    suggested = strategy.suggest(past).params
    for j, name in enumerate(space):
        alone = hpt.Space({name: space[name]})
        best_first = np.argsort([abs(p["x"] - 0.5) + abs(p["y"] - 0.2) for p in points], kind="stable")
        good, bad = ([{name: points[i][name]} for i in of] for of in (best_first[:3], best_first[3:]))
        at = [{name: v} for v in u[:, j]]
        ratio = ParzenEstimator(alone, good).log_density(at) - ParzenEstimator(alone, bad).log_density(at)
        assert suggested[name] == pytest.approx(u[np.argmax(ratio), j], abs=1e-9)


@pytest.mark.parametrize("multivariate", [True, False])
def test_it_finds_a_known_optimum_that_random_search_misses(multivariate):
    space = hpt.Space({f"x{i}": hpt.Float(-5, 5) for i in range(4)})

    def sphere(params):
        return sum((x - 1) ** 2 for x in params.values())

    tpe = [search(space, hpt.TPE(multivariate=multivariate), sphere, 80, seed).best_value for seed in range(3)]
    random = [search(space, hpt.RandomSearch(), sphere, 160, seed).best_value for seed in range(3)]
    assert max(tpe) < min(random)
    assert np.median(tpe) < 1


def test_it_learns_the_better_arm_of_a_conditional_space():
    study = search(MIXED, hpt.TPE(), mixed_loss, 80)
    late = study.trials[40:]
    assert study.best_params["kernel"] == "rbf"
    assert study.best_value < 0.5
    assert sum(trial.params["kernel"] == "rbf" for trial in late) > 30


@pytest.mark.parametrize("multivariate", [True, False])
def test_a_fresh_strategy_continues_any_prefix(multivariate):
    study = search(MIXED, hpt.TPE(multivariate=multivariate), mixed_loss, 40)
    for k in (0, 5, 10, 11, 25, 39):
        past = History(MIXED, study.trials[:k], 0)
        assert hpt.TPE(multivariate=multivariate).suggest(past).params == study.trials[k].params


def test_one_object_serves_two_studies():
    shared = hpt.TPE()
    other = hpt.Space(kernel=["linear", "rbf"], x=hpt.Float(0, 1))
    first, second = hpt.Study(MIXED, shared, seed=1), hpt.Study(other, shared, seed=1)
    for _ in range(20):
        for study, loss in ((first, mixed_loss), (second, lambda p: p["x"])):
            trial = study.ask()
            study.tell(trial, loss(trial.params))
    assert [t.params for t in first.trials] == [
        t.params for t in search(MIXED, hpt.TPE(), mixed_loss, 20, seed=1).trials
    ]


def test_what_it_remembers_of_a_space_does_not_reach_another():
    wide, reused = hpt.Space(x=hpt.Float(0, 2)), hpt.TPE()
    past = history(LINE, GRID, BOWL)
    reused.suggest(past)
    moved = History(wide, past.trials)
    assert reused.suggest(moved) == hpt.TPE().suggest(moved)
    assert reused.densities(moved)[0].space is wide


@pytest.mark.parametrize("n_initial", [1, 10])
@pytest.mark.parametrize("multivariate", [True, False])
def test_a_finite_space_is_tried_completely_and_never_twice(n_initial, multivariate):
    space = hpt.Space(
        kernel=["linear", "rbf", "poly"],
        degree=hpt.Int(2, 6).when(kernel="poly"),
        c=hpt.Float(1, 100, log=True, step=10),
    )
    study = search(space, hpt.TPE(n_initial=n_initial, multivariate=multivariate), lambda p: p["c"], 100)
    assert len(study.trials) == space.size == 21
    assert len({space.to_json(trial.params) for trial in study.trials}) == 21


def test_an_arm_with_one_combination_is_left_once_it_is_tried():
    space = hpt.Space(penalty=[None, "l2"], strength=hpt.Float(0, 1).when(penalty="l2"))
    study = search(space, hpt.TPE(), lambda p: 0.0 if p["penalty"] is None else 1 + p["strength"], 60)
    assert sum(trial.params["penalty"] is None for trial in study.trials) == 1


def test_it_survives_failures_and_a_history_without_a_finished_trial():
    def fragile(params):
        if params["depth"] > 6:
            raise MemoryError("too deep")
        return mixed_loss(params)

    study = search(MIXED, hpt.TPE(), fragile, 60)
    assert len(study.history.failed) < 25
    assert study.best_value < 1
    all_failed = history(MIXED, [t.params for t in study.trials], [None] * 60, ["failed"] * 60)
    assert MIXED.contains(hpt.TPE(n_initial=1).suggest(all_failed).params)


def test_parallel_workers_get_different_trials():
    study = hpt.Study(MIXED, hpt.TPE(), seed=0)
    for trial in [study.ask() for _ in range(12)]:
        study.tell(trial, mixed_loss(trial.params))
    asked = [study.ask().params for _ in range(8)]
    assert len({MIXED.to_json(params) for params in asked}) == 8


@pytest.mark.parametrize("loss", [lambda p: 1e300 * p["x"], lambda p: 0.0, lambda p: 1e-300 * p["x"]])
def test_huge_tiny_and_constant_losses_are_survived(loss):
    study = search(hpt.Space(x=hpt.Float(-1, 1), n=hpt.Int(1, 3)), hpt.TPE(), loss, 40)
    assert len(study.history.finished) == 40


def test_duplicate_trials_are_survived():
    past = history(MIXED, [{"lr": 0.01, "depth": 5, "kernel": "linear"}] * 30, [1.0] * 30)
    assert MIXED.contains(hpt.TPE().suggest(past).params)


def test_it_is_a_source_of_configurations_whatever_their_budget():
    trials = tuple(Trial(i, p, 3.0**i, v, "complete") for i, (p, v) in enumerate(zip(GRID, BOWL, strict=True)))
    assert hpt.TPE().suggest(History(LINE, trials)).params == hpt.TPE().suggest(history(LINE, GRID, BOWL)).params


def test_more_prior_explores_more():
    def spread(prior_weight):
        past = [history(LINE, GRID, BOWL, seed=seed) for seed in range(40)]
        return np.std([hpt.TPE(prior_weight=prior_weight, n_candidates=1).suggest(h).params["x"] for h in past])

    assert spread(0.01) < spread(100.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma": 0.0}, "TPE: gamma=0.0 must be between 0 and 1, or one of"),
        ({"gamma": 1}, "TPE: gamma=1 must be between 0 and 1, or one of"),
        ({"gamma": math.nan}, "TPE: gamma=nan must be between 0 and 1, or one of"),
        ({"gamma": "best"}, "TPE: gamma='best' must be between 0 and 1, or one of"),
        ({"n_initial": 0}, "TPE: n_initial=0 must be at least 1"),
        ({"n_candidates": 0}, "TPE: n_candidates=0 must be at least 1"),
        ({"contrast": 0.5}, "TPE: contrast=0.5 must be a finite number of at least 1"),
        ({"prior_weight": -1}, "prior_weight=-1 must be a finite number above 0"),
        ({"bandwidth": "wide"}, "bandwidth='wide' must be above 0, 'neighbours' or 'scott'"),
    ],
)
def test_bad_options_are_named_when_it_is_made(options, message):
    with pytest.raises(ValueError, match=message):
        hpt.TPE(**options)


def test_a_study_that_was_pickled_goes_on_as_if_it_had_not_been():
    space = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))

    def objective(p):
        return (p["x"] - 0.3) ** 2

    for seed in range(3):
        whole = hpt.run(hpt.Study(space, hpt.TPE(), seed=seed), objective, 40, progress=False)
        half = hpt.run(hpt.Study(space, hpt.TPE(), seed=seed), objective, 20, progress=False)
        text = pickle.dumps(half)
        del half
        gc.collect()  # its params leave their ids to others
        resumed = hpt.run(pickle.loads(text), objective, 40, progress=False)
        assert [trial.params for trial in resumed.trials] == [trial.params for trial in whole.trials]


def test_g_forgets_all_but_the_latest_trials_and_whatever_runs(monkeypatch):
    monkeypatch.setattr(module, "LATEST", 8)
    points, values = [{"x": i / 64} for i in range(24)], [*map(float, range(20)), *[None] * 4]
    states = ["complete"] * 20 + ["failed", "complete", "running", "failed"]
    states[3] = "running"
    values[21] = 0.5  # the latest but two is good
    l, g = hpt.TPE(0.1, bandwidth=0.2).densities(history(LINE, points, values, states))
    assert (l._center[0, :-1] * 64).round().tolist() == [0, 21]
    kept = (g._center[0, :-1] * 64).round().tolist()
    assert kept == [16, 17, 18, 19, 20, 23, 3, 22]  # by rank, failed, running


def test_up_to_a_thousand_trials_all_count():
    def n_others(n):
        _, g = hpt.TPE(bandwidth=0.2).densities(history(LINE, [{"x": i / 2000} for i in range(n)], range(n)))
        return g._center.shape[1] - 1

    assert [n_others(n) for n in (100, 1000, 1010, 1100)] == [90, 975, 985, 1000]  # the 25 best are the oldest here


def test_the_start_ends_when_n_initial_trials_are_told_failed_ones_included():
    def first(n_complete, n_failed, n_running):
        states = ["complete"] * n_complete + ["failed"] * n_failed + ["running"] * n_running
        points = [{"x": i / 40} for i in range(len(states))]
        past = history(LINE, points, [float(i) for i in range(len(states))], states)
        return hpt.TPE(n_initial=5).suggest(past) == hpt.QuasiRandomSearch().suggest(past)

    assert first(4, 0, 9)
    assert first(0, 6, 0)  # nothing succeeded: there is no good density
    assert not first(3, 2, 0)
    assert not first(5, 0, 2)


def test_its_repr_makes_it_again():
    strategy = hpt.TPE("sqrt", n_initial=4, contrast=1.5, bandwidth=0.1, multivariate=False)
    assert repr(strategy) == (
        "TPE(gamma='sqrt', n_initial=4, n_candidates=24, contrast=1.5, prior_weight=1.0, bandwidth=0.1, "
        "multivariate=False)"
    )
    assert vars(eval(repr(strategy), {"TPE": hpt.TPE})) == vars(strategy)


def test_a_dimension_that_is_inactive_at_a_candidate_has_no_say_in_its_rank():
    rng = np.random.default_rng(8)
    points = [MIXED.sample(rng) for _ in range(40)]
    for seed in range(10):
        past = history(MIXED, points, [abs(p["depth"] - 5) for p in points], seed=seed)  # both arms are good
        l, g = hpt.TPE(0.5).densities(past)
        candidates = [MIXED.decode(u) for u in l.draw(past.rng, 24)]
        ratio = l.log_density(candidates) - g.log_density(candidates)  # of params, which have no inactive dimension
        order = np.argsort(-ratio.round(6), kind="stable")
        assert [MIXED.decode(u) for u in hpt.TPE(0.5).best_first(past)] == [candidates[i] for i in order]
