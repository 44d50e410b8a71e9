"""Where a search starts, and the first candidate that is new: equal to SciPy's points, and to what a set remembers."""

import itertools

import numpy as np
import pytest
from scipy.stats import qmc

from hpt_lab import Float, History, Int, QuasiRandomSearch, Space, Study, Trial
from hpt_lab.space.cube import sobol_points
from hpt_lab.strategies.candidates import Tried, first_untried, start

MIXED = Space(x=Float(0, 1), n=Int(1, 3), kind=["a", "b"])
SMALL = Space(a=Int(1, 3), b=["x", "y"], c=Int(1, 2).when(b="y"))  # 3 + 3 * 2 combinations


def history(space, points, seed=5):
    """The history of trials that have the params at the given points of the unit cube."""
    return History(space, [Trial(i, space.decode(u), None, 0.0, "complete") for i, u in enumerate(points)], seed)


def test_the_start_is_scipys_sobol_sequence_from_the_next_trial_on():
    expected = qmc.Sobol(3, scramble=True, rng=5).random_base2(6)
    for n in (0, 1, 7, 16, 20):
        points = start(history(MIXED, expected[:n]))
        assert len(points) >= max(n, 1)
        np.testing.assert_array_equal(points, expected[n : n + len(points)])


def test_nobody_can_change_the_points_that_others_will_get():
    with pytest.raises(ValueError, match="read-only"):
        sobol_points(2, 0, 4)[0, 0] = 7.0
    with pytest.raises(ValueError, match="read-only"):
        start(History(MIXED, (), seed=0))[0] = 7.0


def test_the_first_candidate_that_no_trial_has_is_suggested_with_its_marks():
    points = np.random.default_rng(0).random((5, 3))
    past = history(MIXED, points[[0, 1, 3]])
    suggestion = first_untried(past, points, origin="here", rung=2)
    assert suggestion.params == MIXED.decode(points[2])
    assert suggestion.info == {"origin": "here", "rung": 2}
    assert first_untried(history(MIXED, []), points).params == MIXED.decode(points[0])


def test_a_running_and_a_failed_trial_were_tried():
    study = Study(MIXED, QuasiRandomSearch(), seed=0)
    running, failed = study.ask(), study.ask()
    study.tell(failed, error="no")
    points = [MIXED.encode(trial.params) for trial in (running, failed)]
    new = np.array([0.123, 0.1, 0.9])
    assert first_untried(study.history, [*points, new]).params == MIXED.decode(new)


def test_candidates_are_drawn_only_until_one_is_new():
    points = itertools.chain([np.full(3, 0.5)], iter(lambda: pytest.fail("one too many"), None))
    assert first_untried(history(MIXED, []), points).params == MIXED.decode([0.5] * 3)


def test_of_equal_candidates_one_is_looked_at(monkeypatch):
    decoded, decode = [], Space.decode
    tried, new = np.full(3, 0.25), np.array([0.25, 0.25, 0.75])
    past = history(MIXED, [tried])
    monkeypatch.setattr(Space, "decode", lambda space, u: decoded.append(u) or decode(space, u))
    assert first_untried(past, [tried, tried.copy(), tried, new]).params == decode(MIXED, new)
    assert len(decoded) == 2
    assert first_untried(past, [tried.tolist(), new.tolist()]).params == decode(MIXED, new)  # lists are points too


def test_a_finite_space_is_used_up_and_then_ends():
    corner, seen = np.zeros((1, 3)), []
    for number in range(SMALL.size):
        suggestion = first_untried(history(SMALL, [SMALL.encode(p) for p in seen]), corner, origin="model")
        assert suggestion.info["origin"] == ("model" if number == 0 else "rest")
        seen.append(suggestion.params)
    assert len({SMALL.to_json(params) for params in seen}) == SMALL.size == 9
    assert first_untried(history(SMALL, [SMALL.encode(p) for p in seen]), corner) is None


def test_what_is_left_is_taken_from_anywhere():
    """Not always the first of the grid: the number of the trial and the seed say from where."""
    corner = np.zeros((1, 1))
    space = Space(a=Int(1, 1000))
    rest = {first_untried(history(space, corner, seed), corner).params["a"] for seed in range(20)}
    assert len(rest) > 15


def test_an_endless_space_never_ends():
    tried = np.array([[0.25, 0.5, 0.75]])
    suggestion = first_untried(history(MIXED, tried), tried)
    assert suggestion.params != MIXED.decode(tried[0])
    assert suggestion.info == {"origin": "rest"}


def test_a_space_with_more_combinations_than_floats_goes_on():
    space = Space({f"x{i}": Int(0, 9) for i in range(320)})  # 10^320
    tried = np.full((1, 320), 0.25)
    assert space.contains(first_untried(history(space, tried), tried).params)


def test_the_index_grown_with_a_study_holds_what_a_fresh_one_does():
    rng, study = np.random.default_rng(1), Study(SMALL, QuasiRandomSearch(), seed=0)
    running = []
    for _ in range(30):
        running.append(study.ask())
        if rng.random() < 0.6:
            trial = running.pop(int(rng.integers(len(running))))
            study.tell(trial, 1.0) if rng.random() < 0.7 else study.tell(trial, error="no")
        grown, fresh = study.history.index(Tried), History(SMALL, tuple(study.trials)).index(Tried)
        expected = {SMALL.to_json(trial.params) for trial in study.trials}
        assert len(grown) == len(fresh) == len(expected)
        for params in map(SMALL.grid().__getitem__, range(SMALL.size)):
            assert (params in grown) == (params in fresh) == (SMALL.to_json(params) in expected)
