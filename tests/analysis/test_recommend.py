"""Which trial to deliver: the lucky one only where the model says so too, in every kind of space and study."""

import importlib
from itertools import pairwise

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.analysis.recommendation import FEWEST
from hpt_lab.surrogates.learning import Learning, learn, observed

MODULE = importlib.import_module("hpt_lab.surrogates.learning")
LINE = hpt.Space(x=hpt.Float(0, 1))
TREE = hpt.Space(
    kernel=["linear", "rbf"],
    C=hpt.Float(1e-2, 1e2, log=True),
    gamma=hpt.Float(1e-4, 1e0, log=True).when(kernel="rbf"),
)


def study_of(space, points, values, direction="minimize"):
    """A study of these params, which were told these values; None is a failure."""
    study = hpt.Study(space, hpt.ManualSearch(points), direction=direction)
    for value in values:
        trial = study.ask()
        study.tell(trial, error="out of memory") if value is None else study.tell(trial, value)
    return study


def valley(lucky=0.95, luck=None):
    """Forty-one places on a line, a noisy valley at 0.3, and one place of the far end that was told a lucky loss."""
    places = np.linspace(0, 1, 41).round(6)
    losses = (places - 0.3) ** 2 + 0.08 * np.random.default_rng(0).standard_normal(41)
    losses[np.abs(places - lucky) < 1e-9] = losses.min() - 0.01 if luck is None else luck
    return [{"x": float(x)} for x in places], [float(loss) for loss in losses]


def noisy_bowl(seed, rng):
    """Thirty random trials of a bowl at 0.4, told with noise."""

    def objective(params):
        return (params["x"] - 0.4) ** 2 + 0.1 * rng.standard_normal()

    return hpt.tune(objective, LINE, hpt.RandomSearch(), 30, seed=seed, progress=False)


def test_a_lucky_loss_among_bad_neighbours_is_not_delivered():
    points, losses = valley()
    study = study_of(LINE, points, losses)
    assert study.best.params["x"] == pytest.approx(0.95)
    assert abs(hpt.recommend(study).params["x"] - 0.3) < 0.12


def test_a_loss_that_is_too_low_for_any_luck_is_delivered():
    points, losses = valley(luck=-3.0)
    assert hpt.recommend(study_of(LINE, points, losses)).params["x"] == pytest.approx(0.95)


def test_it_is_the_middle_of_what_was_told_and_of_what_the_model_expects():
    """Between the trial of the lowest loss and that of the lowest posterior mean lies a third, good in both."""
    chosen = set()
    for seed in range(40):
        study = noisy_bowl(seed, np.random.default_rng(seed))
        points, losses, _ = observed(study.history)
        model = learn(LINE, points, losses, Learning(growth=1.0))
        mean = model.predict(model.X_)[0]
        number = hpt.recommend(study).number
        assert number == ((mean + model.y_) / 2).round(4).argmin()
        chosen.add((number == losses.argmin(), number == mean.argmin()))
    assert (False, False) in chosen  # so neither rule alone would have passed


def test_without_noise_it_is_the_incumbent():
    for seed in range(5):
        study = hpt.tune(lambda p: (p["x"] - 0.4) ** 2, LINE, hpt.RandomSearch(), 25, seed=seed, progress=False)
        assert hpt.recommend(study) == study.best


def test_a_metric_to_be_maximised_gives_the_trial_of_the_loss_turned_around():
    points, losses = valley()
    up = study_of(LINE, points, [-loss for loss in losses], direction="maximize")
    assert hpt.recommend(up).number == hpt.recommend(study_of(LINE, points, losses)).number


def test_failed_and_running_trials_change_nothing_and_are_not_delivered():
    points, losses = valley()
    study = study_of(LINE, [*points, {"x": 0.31}, {"x": 0.32}], [*losses, None])
    study.ask()
    assert hpt.recommend(study).number == hpt.recommend(study_of(LINE, points, losses)).number


def test_of_few_trials_it_is_the_incumbent():
    points, losses = valley()
    few = study_of(LINE, points[-FEWEST + 1 :], losses[-FEWEST + 1 :])
    assert len(few.trials) == FEWEST - 1
    assert hpt.recommend(few) == few.best


def test_from_ten_trials_on_the_model_has_its_say():
    """Two places, five trainings at each: one of the worse place was lucky."""
    places = [{"x": 0.2}] * 5 + [{"x": 0.8}] * 5
    few = study_of(LINE, places, [0.0, 0.1, 0.05, 0.02, 0.08, 1.0, 1.1, 0.9, 0.95, -0.01])
    assert len(few.trials) == FEWEST
    assert few.best.params == {"x": 0.8}
    assert hpt.recommend(few).params == {"x": 0.2}


def test_of_many_trials_those_that_the_model_saw_are_ranked(monkeypatch):
    """Shown every other trial from the best on, it recommends what it recommends of a study of these alone."""
    points, losses = valley()
    shown = np.argsort(losses)[1::2]
    alone = hpt.recommend(study_of(LINE, [points[i] for i in shown], [losses[i] for i in shown]))
    monkeypatch.setattr(MODULE, "thinned", lambda losses, most: np.arange(1, len(losses), 2))
    assert hpt.recommend(study_of(LINE, points, losses)).params == alone.params


def test_the_model_sees_settled_points(monkeypatch):
    seen = []
    monkeypatch.setattr(MODULE, "learn", lambda *given: seen.append(given[1]) or learn(*given))
    hpt.recommend(study_of(TREE, [{"kernel": "rbf", "C": 10 ** (i / 7), "gamma": 1e-2} for i in range(12)], range(12)))
    assert (seen[0] == TREE.settle(seen[0])).all()


def test_only_the_highest_budget_counts():
    space, rng = hpt.Space(x=hpt.Float(0, 1)), np.random.default_rng(0)

    def objective(params, budget):
        return (params["x"] - 0.3) ** 2 + 0.05 * rng.standard_normal() - (budget == 1)

    study = hpt.tune(objective, space, hpt.Hyperband(1, 9), 120, seed=0, progress=False)
    chosen = hpt.recommend(study)
    assert chosen.budget == 9
    assert min(trial.value for trial in study.trials) < chosen.value - 0.5


def test_a_conditional_space_and_many_trials_are_no_obstacle():
    rng = np.random.default_rng(1)

    def objective(params):
        return abs(np.log10(params["C"]) - 1) + (params["kernel"] == "linear") + 0.3 * rng.standard_normal()

    study = hpt.tune(objective, TREE, hpt.RandomSearch(), 200, seed=0, progress=False)
    chosen = hpt.recommend(study)
    assert chosen in list(study.trials)
    assert chosen.params["kernel"] == "rbf"


def test_equal_losses_give_the_first_trial():
    points, _ = valley()
    assert hpt.recommend(study_of(LINE, points, [1.0] * len(points))).number == 0


def test_the_order_of_the_trials_does_not_matter():
    points, losses = valley()
    forward, backward = study_of(LINE, points, losses), study_of(LINE, points[::-1], losses[::-1])
    assert hpt.recommend(forward).params == hpt.recommend(backward).params


def test_noisy_searches_end_at_better_places():
    """Sixty searches of a noisy bowl: the delivered trial is better than the lowest, on average and beyond chance."""
    gains = []
    for seed in range(60):
        study = noisy_bowl(seed, np.random.default_rng([seed, 7]))
        lowest, ours = ((trial.params["x"] - 0.4) ** 2 for trial in (study.best, hpt.recommend(study)))
        gains.append(lowest - ours)
    assert np.mean(gains) > 2 * np.std(gains, ddof=1) / np.sqrt(len(gains))


def test_a_study_is_left_as_it_was():
    points, losses = valley()
    study = study_of(LINE, points, losses)
    before = study.to_json()
    hpt.recommend(study)
    assert study.to_json() == before
    assert all(a.number < b.number for a, b in pairwise(study.trials))


def test_only_a_feasible_trial_is_delivered():
    study = hpt.Study({"x": hpt.Float(0, 1)}, hpt.RandomSearch())
    for _ in range(FEWEST + 5):
        trial = study.ask()
        study.tell(trial, trial.params["x"], constraints={"low": 0.5 - trial.params["x"]})
    best = hpt.recommend(study)
    assert best.feasible
    assert best == study.best
