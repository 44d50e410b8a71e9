"""Candidates: neighbours as far away as they should be, refinement that comes closer, and the best first."""

import numpy as np
import pytest

from hpt_lab import Float, Int, Space
from hpt_lab.strategies.candidates import NEAR, REFINEMENTS, Candidates, neighbors

CUBE = Space({f"x{i}": Float(0, 1) for i in range(4)})
BEST = np.full((1, 4), 0.5)


def rng(seed=0):
    return np.random.default_rng(seed)


def peak(points):
    """Highest, with 0, at a corner of the cube that no random point is near."""
    return -np.abs(points - 0.93).max(axis=1)


def test_half_of_the_coordinates_move_by_the_step_and_at_least_one():
    bases = rng(1).random((40, 4))
    moved = neighbors(CUBE, bases, 0.01, rng())
    assert moved.shape == (1000, 4)
    steps = (moved - np.repeat(bases, 25, axis=0))[np.repeat((np.abs(bases - 0.5) < 0.45).all(axis=1), 25)]
    moves = steps != 0
    assert moves.any(axis=1).all()
    assert moves.mean() == pytest.approx(0.5 + 0.5**4 / 4, abs=0.04)  # one more where none of the four has moved
    assert steps[moves].std() == pytest.approx(0.01, rel=0.1)
    assert abs(steps[moves].mean()) < 0.001


def test_a_step_over_the_edge_comes_back():
    moved = neighbors(CUBE, np.array([[0.0, 1.0, 0.001, 0.999]]), 3.0, rng())
    assert ((moved >= 0) & (moved <= 1)).all()
    small = neighbors(CUBE, np.array([[0.0, 1.0, 0.0, 1.0]]), 0.01, rng())
    assert ((small < 0.1) | (small > 0.9)).all()  # not on the other side
    assert 0.15 < np.mean(small == 0.0) < 0.3  # nor on the edge itself, but where nothing has moved


def test_a_choice_that_moves_is_drawn_anew_one_time_in_five():
    space = Space(kind=list("abcdefghij"), x=Float(0, 1))
    bases = np.full((200, 2), 0.05)
    changed = space.cube.snap(neighbors(space, bases, 0.01, rng()))[:, 0] != 0.05
    assert changed.mean() == pytest.approx(0.625 * 0.2 * 0.9, abs=0.02)  # it moves, is drawn, and is another


def test_without_rounds_candidates_are_random_and_near_the_best_trials():
    points = Candidates(rounds=()).best_first(CUBE, BEST, peak, rng())
    near = (points == 0.5).any(axis=1)  # half of their coordinates stay
    assert len(points) == 512 + 25 * len(NEAR)
    assert near.sum() > 25 * len(NEAR) - 5
    for axis in (points[~near]).T:
        assert np.histogram(axis, 4, (0, 1))[0].min() > 90
    alone = Candidates(near=(), rounds=()).best_first(CUBE, BEST, peak, rng())
    assert len(alone) == 512
    assert not (alone == 0.5).any()


def test_near_the_best_trials_is_as_near_as_the_steps_say():
    for step in (0.15, 0.01):
        points = Candidates(n_random=0, near=(step,), rounds=()).draw(CUBE, BEST, rng())
        steps = (points - 0.5)[points != 0.5]
        assert len(points) == 25
        assert steps.std() == pytest.approx(step, rel=0.3)


def test_every_round_of_refinement_comes_closer_to_the_top():
    top = [
        np.mean([peak(Candidates(rounds=REFINEMENTS[:n]).best_first(CUBE, BEST, peak, rng(s))[:1]) for s in range(20)])
        for n in range(4)
    ]
    assert (np.diff(top) > 0).all()
    assert top[3] > 0.3 * top[0]  # of the distance, which is negative, a third is left


def test_a_zoom_stays_near_the_best_trials_and_refines_as_before():
    zoom = Candidates(rounds=()).zoomed()
    assert (np.abs(zoom.draw(CUBE, BEST, rng()) - 0.5).max(axis=1) < 0.5).all()
    assert len(zoom.draw(CUBE, BEST, rng())) == 50
    assert Candidates(rounds=(0.1,)).zoomed().rounds == (0.1,)
    assert zoom.rounds == ()


def test_the_best_come_first_and_of_equal_ones_the_earlier():
    points = Candidates().best_first(CUBE, BEST, peak, rng())
    assert (np.diff(peak(points)) <= 0).all()
    drawn = Candidates(rounds=()).draw(CUBE, BEST, rng())
    np.testing.assert_array_equal(
        Candidates(rounds=()).best_first(CUBE, BEST, lambda points: np.zeros(len(points)), rng()), drawn
    )


def test_candidates_are_settled():
    space = Space(n=Int(1, 3), x=Float(0, 1).when(n=3))
    points = Candidates().best_first(space, np.full((1, 2), 0.5), lambda points: points.sum(axis=1), rng())
    np.testing.assert_array_equal(points, space.settle(points))
    assert len(np.unique(points[:, 0])) == 3


def test_a_round_mutates_the_best_of_all_candidates_so_far():
    space, best, candidates = Space(x=Float(0, 1), y=Float(0, 1)), np.array([[0.2, 0.3]]), Candidates(n_random=64)

    def score(points):  # with many ties: the earlier candidate stays the leader
        return -np.round(np.abs(points - 0.31).sum(axis=1), 1)

    draws = np.random.default_rng(0)
    points = candidates.draw(space, best, draws)
    for step in candidates.rounds:
        leaders = points[np.argsort(-score(points), kind="stable")[:6]]
        points = np.vstack([points, space.settle(neighbors(space, leaders, step, draws))])
    ranked = candidates.best_first(space, best, score, np.random.default_rng(0))
    np.testing.assert_array_equal(ranked, points[np.argsort(-score(points), kind="stable")])
