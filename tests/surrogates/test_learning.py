"""What a model learns from: the trials told, the selections, the schedule, the kernel, and what it expects of the running."""

import math
import warnings

import numpy as np
import pytest

from hpt_lab import Float, History, Int, RandomSearch, Space, Study, Trial
from hpt_lab.surrogates import GaussianProcess
from hpt_lab.surrogates.forest import Forest
from hpt_lab.surrogates.learning import (
    Learning,
    expect,
    features,
    learn,
    moment,
    observed,
    thinned,
    zoom_trials,
)
from hpt_lab.surrogates.warping import standardize, warp

PLANE = Space(x=Float(0, 1), y=Float(0, 1))
MIXED = Space(x=Float(1e-3, 1, log=True), kind=["a", "b"], n=Int(1, 9).when(kind="b"))


def trial(number, params, value=None, state="complete"):
    return Trial(number, params, None, value if state == "complete" else None, state)


def points_and_losses(n, seed=0, objective=lambda u: (u[:, 0] - 0.3) ** 2 + u[:, 1]):
    points = PLANE.settle(np.random.default_rng(seed).random((n, 2)))
    return points, objective(points)


# ---- the trials


def test_trials_are_told_failed_or_running():
    params = [MIXED.decode(u) for u in np.random.default_rng(0).random((5, 3))]
    states = ["complete", "running", "failed", "complete", "running"]
    trials = [trial(i, p, float(i), state) for i, (p, state) in enumerate(zip(params, states, strict=True))]
    places = MIXED.settle(np.array([MIXED.encode(p) for p in params]))
    for direction, losses in (("minimize", [0.0, 3.0, 3.0]), ("maximize", [0.0, 0.0, -3.0])):
        points, told, running = observed(History(MIXED, trials, direction=direction))
        np.testing.assert_array_equal(points, places[[0, 2, 3]])
        np.testing.assert_array_equal(told, losses)  # a failed one as the worst
        np.testing.assert_array_equal(running, places[[1, 4]])


def test_no_trials_are_no_points():
    assert [part.shape for part in observed(History(MIXED, ()))] == [(0, 3), (0,), (0, 3)]


@pytest.mark.parametrize("loss", [0.0, 7.0, -1e-300, 1.7e308, -1.7e308])
def test_where_all_successes_are_equal_failures_are_worse(loss):
    states = ["complete", "failed", "complete"]
    trials = [trial(i, {"x": 0.1 * i, "y": 0.5}, loss, state) for i, state in enumerate(states)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(observed(History(PLANE, trials))[1], [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(observed(History(PLANE, trials[::2]))[1], [loss, loss])


def test_where_all_have_failed_they_are_equal():
    trials = [trial(i, {"x": 0.1 * i, "y": 0.5}, None, "failed") for i in range(3)]
    assert np.ptp(observed(History(PLANE, trials))[1]) == 0


def test_a_study_that_grows_is_observed_like_one_from_scratch():
    study, rng, running = Study(MIXED, RandomSearch(), seed=0, direction="maximize"), np.random.default_rng(0), []
    for _ in range(40):
        running.append(study.ask())
        if rng.random() < 0.8:
            one = running.pop(int(rng.integers(len(running))))
            study.tell(one, float(rng.normal())) if rng.random() < 0.8 else study.tell(one, error="no")
        for grown, fresh in zip(
            observed(study.history), observed(History(MIXED, list(study.trials), 0, "maximize")), strict=True
        ):
            np.testing.assert_array_equal(grown, fresh)


# ---- which of them


@pytest.mark.parametrize(
    ("n", "n_dims", "expected"), [(5, 2, 5), (20, 2, 10), (20, 7, 14), (60, 2, 21), (61, 2, 22), (400, 2, 50)]
)
def test_a_zoom_looks_at_the_best_third(n, n_dims, expected):
    losses = np.random.default_rng(n).permutation(n).astype(float)
    chosen = zoom_trials(losses, n_dims)
    assert sorted(losses[chosen]) == list(range(expected))
    assert (np.diff(chosen) > 0).all()


def test_thinning_keeps_the_best_two_thirds_and_a_spread_of_the_others():
    losses = np.random.default_rng(0).permutation(100).astype(float)
    chosen = thinned(losses, 30)
    ranks = np.sort(losses[chosen])
    assert ranks[:20].tolist() == list(range(20))
    np.testing.assert_array_equal(ranks[20:], np.linspace(20, 99, 10).round())
    assert (np.diff(chosen) > 0).all()
    assert thinned(losses, 100).tolist() == list(range(100))


def test_of_equal_losses_the_earlier_are_taken():
    assert zoom_trials(np.zeros(60), 2).tolist() == list(range(21))
    assert thinned(np.zeros(60), 6).tolist() == [0, 1, 2, 3, 4, 59]


def test_a_model_holds_no_more_points_than_it_may():
    points, losses = points_and_losses(50)
    for learning in (Learning(max_points=20), Learning("forest", max_points=20)):
        np.testing.assert_array_equal(learn(PLANE, points, losses, learning).X_, points[thinned(losses, 20)])
    assert len(learn(PLANE, points, losses, Learning(max_points=50)).X_) == 50


# ---- when, and how


def test_the_schedule_learns_again_when_the_history_is_15_percent_longer():
    assert [moment(n, 5) for n in range(4, 17)] == [4, 5, 6, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15]
    assert [moment(n, 40) for n in (40, 45, 46, 52, 53)] == [40, 40, 46, 46, 53]
    assert [moment(n, 5, growth=1.0) for n in (5, 17, 90)] == [5, 17, 90]


def test_hyperparameters_are_those_of_the_last_moment_and_all_trials_condition_the_model():
    points, losses = points_and_losses(14)
    model = learn(PLANE, points, losses, Learning(n_initial=5))  # the moments are 5, 6, 7, 9, 11, 13, 15
    start = 0.6 * 2**0.25, 1.0, math.exp(-6)
    then = GaussianProcess("matern52", *start).fit(points[:13], warp(losses[:13]))
    np.testing.assert_array_equal(model.lengthscale_, then.lengthscale_)
    assert (model.signal_variance_, model.noise_variance_) == (then.signal_variance_, then.noise_variance_)
    np.testing.assert_array_equal(model.X_, points)
    np.testing.assert_array_equal(model.y_, warp(losses))


def test_with_more_points_than_it_may_hold_hyperparameters_are_learned_as_they_were_at_the_last_moment():
    points, losses = points_and_losses(33)
    learning = Learning(n_initial=5, max_points=9)
    assert moment(33, 5) == 29
    assert thinned(losses, 9).max() >= 29
    now, then = (learn(PLANE, points[:n], losses[:n], learning) for n in (33, 29))
    np.testing.assert_array_equal(now.theta_, then.theta_)
    np.testing.assert_array_equal(now.X_, points[thinned(losses, 9)])


def test_losses_are_warped_or_standardised():
    points, losses = points_and_losses(9)
    np.testing.assert_array_equal(learn(PLANE, points, losses, Learning(warp=False)).y_, standardize(losses))
    assert np.abs(warp(losses) - standardize(losses)).max() > 0.05


def test_a_zoom_learns_anew_after_every_trial_in_ten_steps():
    cube = Space({f"x{i}": Float(0, 1) for i in range(6)})
    points = cube.settle(np.random.default_rng(0).random((20, 6)))
    losses = np.sin(6 * points[:, 0]) + points[:, 1] * points[:, 2]
    start = 0.6 * 6**0.25, 1.0, math.exp(-6)
    ten, forty, before = (
        GaussianProcess("matern52", *start, steps).fit(points[:n], warp(losses[:n])).lengthscale_
        for steps, n in ((10, 20), (40, 20), (10, 18))
    )
    model = learn(cube, points, losses, Learning(n_initial=5).zoomed())  # by schedule it would learn from 18 of 20
    np.testing.assert_array_equal(model.lengthscale_, ten)
    assert not np.array_equal(ten, forty)
    assert not np.array_equal(ten, before)


@pytest.mark.parametrize(("objective", "kernel"), [(np.abs, "matern32"), (np.sin, "matern52")])
def test_the_evidence_chooses_the_kernel_from_30_trials_on(objective, kernel):
    """A kink asks for the rougher one."""
    points, losses = points_and_losses(40, 2, lambda u: objective(4 * u - 2).sum(axis=1))
    chosen = {n: learn(PLANE, points[:n], losses[:n], Learning(n_initial=n)) for n in (29, 40)}
    assert {n: model.kernel for n, model in chosen.items()} == {29: "matern52", 40: kernel}
    assert learn(PLANE, points, losses, Learning(n_initial=40).zoomed()).kernel == "matern52"


def test_learning_twice_gives_the_same_and_what_was_learned_cannot_be_changed():
    points, losses = points_and_losses(30)
    one, other = (learn(PLANE, points, losses, Learning()) for _ in range(2))
    np.testing.assert_array_equal(one.predict(points)[0], other.predict(points)[0])
    assert one is not other
    one.fit(points[:5], np.arange(5.0))  # the second model is another
    np.testing.assert_array_equal(other.X_, points)
    with pytest.raises(ValueError, match="read-only"):
        one.lengthscale[0] = 1.0


def test_conditional_dimensions_are_learned_in_their_features():
    points = MIXED.settle(np.random.default_rng(0).random((12, 3)))
    model = learn(MIXED, points, np.arange(12.0), Learning())
    np.testing.assert_array_equal(model.X_, features(MIXED, points)[0])
    assert len(model.lengthscale_) == 3


# ---- running trials


@pytest.mark.parametrize("surrogate", ["gp", "forest"])
def test_running_trials_are_taken_to_return_what_the_model_expects(surrogate):
    points, losses = points_and_losses(20)
    running = PLANE.settle(np.random.default_rng(1).random((3, 2)))
    before = learn(PLANE, points, losses, Learning(surrogate)).predict(running)
    model = expect(learn(PLANE, points, losses, Learning(surrogate)), PLANE, running)
    np.testing.assert_array_equal(model.X_, np.vstack([points, running]))
    np.testing.assert_array_equal(model.y_[20:], before[0])
    if surrogate == "gp":
        mean, std = model.predict(running)
        np.testing.assert_allclose(mean, before[0], atol=1e-2)
        assert (std < 0.9 * before[1]).all()  # there is less to gain there than before


def test_without_running_trials_nothing_changes():
    points, losses = points_and_losses(20)
    model = learn(PLANE, points, losses, Learning())
    assert expect(model, PLANE, np.empty((0, 2))) is model
    assert len(model.X_) == 20


def test_a_forest_is_learned_where_it_is_asked_for():
    points, losses = points_and_losses(20)
    assert isinstance(learn(PLANE, points, losses, Learning("forest")), Forest)


def test_the_scheduled_moment_and_not_the_trial_decides_when_kernels_compete():
    rng = np.random.default_rng(0)
    points = PLANE.settle(rng.random((34, 2)))
    losses = np.floor(6 * points[:, 0]) % 2 + np.abs(points[:, 1] - 0.5)  # too rough for the first kernel
    learning = Learning(kernels=("rbf", "matern32"))
    assert [moment(n, learning.first(PLANE)) for n in (33, 34)] == [29, 34]
    assert [learn(PLANE, points[:n], losses[:n], learning).kernel for n in (33, 34)] == ["rbf", "matern32"]
