"""Indices that strategies keep of a study, against what its trials say, whatever the order in which they were told."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import hpt_lab as hpt
from hpt_lab.strategies.genetic import Ranked
from hpt_lab.strategies.tpe import ByLoss, Points
from hpt_lab.study.log import ByState
from hpt_lab.surrogates.parzen import coordinates

SPACE = hpt.Space(kernel=["linear", "rbf"], gamma=hpt.Float(1e-3, 1e3, log=True).when(kernel="rbf"))
outcomes = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0.0, 1.0, float("nan")])), min_size=1, max_size=20)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(outcomes, st.sampled_from(["minimize", "maximize"]))
def test_it_is_the_same_whatever_was_told_first(outcomes, direction):
    """Up to five trials run at a time; with three values, one of them a failure, most of them are equal to others."""
    study, running = hpt.Study(SPACE, hpt.RandomSearch(), direction=direction), []
    for which, value in outcomes:
        while len(running) < 5:
            running.append(study.ask())
        study.tell(running.pop(which % 5), value)
        history = study.history
        history.index(Ranked), history.index(ByLoss), history.index(Points)  # which grow at every step
    known = history.index(ByLoss)
    assert history.index(Ranked).trials == list(history.ranked)
    assert known.complete == [trial.number for trial in history.ranked]
    states = [trial.state for trial in study.trials]
    assert sorted(history.index(ByState).failed) == [n for n, state in enumerate(states) if state == "failed"]
    assert sorted(history.index(ByState).running) == [n for n, state in enumerate(states) if state == "running"]
    np.testing.assert_array_equal(history.index(Points).all(), coordinates(SPACE, [t.params for t in study.trials]))


def test_a_budget_ranks_first_where_trials_are_compared_and_not_where_losses_are():
    trials = [hpt.Trial(i, SPACE.decode([0.2, 0.5]), budget, 1.0 - i, "complete") for i, budget in enumerate((9, 1, 3))]
    history = hpt.History(SPACE, trials)
    assert [trial.number for trial in history.index(Ranked).trials] == [0, 2, 1]
    assert history.index(ByLoss).complete == [2, 1, 0]


def test_the_points_of_a_study_cannot_be_changed_and_those_known_before_stay():
    study = hpt.Study(SPACE, hpt.RandomSearch())
    before = [study.ask() for _ in range(3)]
    points = study.history.index(Points).all()
    with pytest.raises(ValueError, match="read-only"):
        points[0] = 0.5
    study.tell(before[1], 1.0)
    study.ask()
    later = study.history.index(Points).all()
    assert later.shape == (4, 2)
    np.testing.assert_array_equal(later[:3], points)
