"""Bayesian optimization with several objectives: what it finds, and what it makes of failures, limits, and scales."""

import math

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies import several_objectives

SPACE = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1), z=hpt.Float(0, 1))
BOTH = ["minimize", "minimize"]


def zdt2(p):
    """Two losses whose front, f2 = 1 - f1^2 at y = z = 0, is one dent (Zitzler, Deb and Thiele 2000)."""
    g = 1 + 4.5 * (p["y"] + p["z"])
    return p["x"], g * (1 - (p["x"] / g) ** 2)


def search(objective=zdt2, n=25, strategy=None, directions=BOTH, space=SPACE, **more):
    return hpt.tune(
        objective, space, strategy or hpt.BayesianOptimization(), n, directions=directions, progress=False, **more
    )


def volume(study, reference=(1.1, 1.1)):
    return hpt.hypervolume([trial.values for trial in study.front], reference)


def test_it_finds_a_front_that_is_one_dent_from_end_to_end():
    study = search(n=32)
    assert volume(study) > 0.9 * (1.21 - 2 / 3)  # the area above 1 - f1^2, up to (1.1, 1.1)
    middle = [trial for trial in study.front if 0.3 < trial.values[0] < 0.7]
    assert len(middle) >= 3  # a weighted sum would have none
    assert volume(search(n=32, strategy=hpt.RandomSearch())) < 0.1


def test_a_front_that_starts_in_one_corner_leaves_it(monkeypatch):
    """With a reference point at the front's own worst, the first corner found would be refined for ever."""
    wide = volume(search(seed=3))
    monkeypatch.setattr(several_objectives, "BEYOND", -0.9)
    assert volume(search(seed=3)) < wide - 0.05


def test_units_and_directions_do_not_matter():
    plain = search(n=14)
    both = {"gain": "maximize", "cost": "minimize"}
    scaled = search(lambda p: {"gain": -1000 * zdt2(p)[0], "cost": zdt2(p)[1]}, 14, directions=both)
    assert [trial.params for trial in scaled.trials] == [trial.params for trial in plain.trials]


def test_three_objectives_have_a_front_as_well(monkeypatch):
    monkeypatch.setattr(several_objectives, "MOST_MEMBERS", 6)

    def corners(p):
        return tuple(sum((p[k] - (k == own)) ** 2 for k in "xyz") for own in "xyz")

    ours, random = (search(corners, 22, s, ["minimize"] * 3) for s in (None, hpt.RandomSearch()))
    assert volume(ours, (2, 2, 2)) > volume(random, (2, 2, 2))


@pytest.mark.parametrize("n", [5, 8, 12])
def test_with_many_objectives_a_suggestion_comes_and_lies_between_what_they_want(n):
    """Exactly, twelve objectives and 40 members have 47 billion slices."""
    wanted = np.linspace(0.1, 0.9, n)

    def far(p):
        return [float((p["x"] - one) ** 2 + (p["y"] - 1 + one) ** 2) for one in wanted]

    drawn = search(far, 60, hpt.RandomSearch(), ["minimize"] * n)
    assert len(drawn.history.front) > 9
    study = hpt.Study(SPACE, hpt.BayesianOptimization(), directions=["minimize"] * n)
    study.add_trials(drawn)
    p = study.ask().params
    assert abs(p["x"] + p["y"] - 1) < 0.12  # the best are on the diagonal from (0.1, 0.9) to (0.9, 0.1)


def test_it_avoids_what_fails_and_what_is_beyond_a_limit():
    def failing(p):
        if p["x"] > 0.5:
            raise MemoryError("too large")
        return zdt2(p)

    def limited(p):
        return {"value": zdt2(p), "constraints": {"memory": p["x"] - 0.5}}

    for objective in (failing, limited):
        late = search(objective, 24).trials[10:]
        assert np.mean([trial.params["x"] > 0.5 for trial in late]) < 0.4
    assert np.mean([trial.params["x"] > 0.5 for trial in search(n=24).trials[10:]]) > 0.4


def disk(p):
    """The losses of Binh and Korn (1997), of which one 25th of this space is feasible: a disk, without a bite out of it."""
    x, y = p["x"], p["y"]
    limits = {"inside": (x - 5) ** 2 + y**2 - 25, "outside": 7.7 - (x - 8) ** 2 - (y + 3) ** 2}
    return {"value": (4 * x**2 + 4 * y**2, (x - 5) ** 2 + (y - 5) ** 2), "constraints": limits}


DISK = hpt.Space(x=hpt.Float(-15, 30), y=hpt.Float(-15, 30))


def test_it_stays_in_a_small_feasible_region_and_follows_the_front_there():
    study = search(disk, 20, space=DISK)
    assert np.mean([trial.feasible for trial in study.trials[10:]]) >= 0.6
    assert volume(study, (140, 50)) > 4000  # of some 5200; 1719 before it learned the constraints


def islands(p):
    """C2-DTLZ2 (Jain and Deb 2014): a quarter of a circle, of which three pieces are feasible, at its ends and in its middle."""
    angle, grown = p["x"] * np.pi / 2, 1 + sum((p[f"x{i}"] - 0.5) ** 2 for i in range(5))
    losses = grown * np.array([np.cos(angle), np.sin(angle)])
    away = min(((losses - center) ** 2).sum() for center in ([1, 0], [0, 1], [np.sqrt(0.5)] * 2))
    return {"value": tuple(losses.tolist()), "constraints": {"away": float(away - 0.04)}}


@pytest.mark.parametrize("seed", [3, 6])
def test_it_leaves_the_island_that_it_has_found_for_the_others(seed, monkeypatch):
    space = hpt.Space(x=hpt.Float(0, 1), **{f"x{i}": hpt.Float(0, 1) for i in range(5)})

    def found():
        study = search(islands, 60, space=space, seed=seed)
        angles = [np.arctan2(*trial.values) for trial in study.front]
        return {round(2 * angle / (np.pi / 2)) for angle in angles}

    assert found() == {0, 1, 2}
    monkeypatch.setattr(several_objectives, "TRUST", 1.0)
    assert found() != {0, 1, 2}


def test_before_a_feasible_trial_the_constraints_alone_decide(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(several_objectives, "expected_hypervolume_improvement", None)  # not asked
        study = search(disk, 6, space=DISK)
    assert [trial.feasible for trial in study.trials] == [False] * 5 + [True]


def test_running_trials_and_failures_have_their_place_within_limits():
    study = hpt.Study(DISK, hpt.BayesianOptimization(), directions=BOTH)
    for _ in range(8):
        study.tell(study.ask(), disk(study.trials[-1].params))
    study.tell(study.ask(), error="no data")
    asked = [study.ask() for _ in range(3)]
    assert len({trial.params["x"] for trial in asked}) == 3
    assert sum(disk(trial.params)["constraints"]["inside"] <= 0 for trial in asked) >= 2


def test_it_continues_after_nothing_but_failures():
    def broken(p):
        raise ValueError("no data")

    with pytest.raises(ValueError, match="no data"):
        search(broken, 8)
    study = hpt.Study(SPACE, hpt.BayesianOptimization(), directions=BOTH)
    for _ in range(8):
        study.tell(study.ask(), error="no data")
    assert [trial.origin for trial in study.trials] == ["initial"] * 5 + ["model"] * 3
    assert len({trial.params["x"] for trial in study.trials}) == 8


def test_it_ends_when_all_of_a_finite_space_has_been_tried():
    space = hpt.Space(a=hpt.Int(1, 3), b=["u", "v", "w"])
    study = search(lambda p: (p["a"], -p["a"] * "uvw".index(p["b"])), 20, space=space)
    assert len(study.trials) == 9


def test_running_trials_spread_the_next_ones():
    study = hpt.Study(SPACE, hpt.BayesianOptimization(), directions=BOTH)
    for _ in range(8):
        study.tell(trial := study.ask(), zdt2(trial.params))
    together = np.array([list(study.ask().params.values()) for _ in range(3)])
    assert min(np.abs(a - b).max() for i, a in enumerate(together) for b in together[:i]) > 1e-3


def test_a_new_strategy_continues_as_the_first_one_would():
    study = search(n=16)
    history = hpt.History(SPACE, study.trials[:15], 0, study.direction)
    assert hpt.BayesianOptimization().suggest(history).params == study.trials[15].params


@pytest.mark.parametrize("acquisition", ["pi", "lcb", "thompson"])
def test_another_acquisition_is_refused_in_one_sentence(acquisition):
    with pytest.raises(ValueError, match="with several objectives, acquisition=") as caught:
        search(n=7, strategy=hpt.BayesianOptimization(acquisition=acquisition))
    assert "log_ei" in str(caught.value)
    assert math.isfinite(volume(search(n=7, strategy=hpt.BayesianOptimization(acquisition="ei"))))
