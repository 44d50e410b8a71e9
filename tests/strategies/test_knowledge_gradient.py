"""The strategy that may measure again: repetitions, their marks, their mean, and what it refuses."""

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies import knowledge_gradient as module
from hpt_lab.surrogates.learning import learn

LINE = hpt.Space(x=hpt.Float(-5, 5))
FOUR = hpt.Space(a=["w", "x", "y", "z"])


def noisy(noise, n=30, strategy=None, seed=0):
    """A search of x^2 with noise of this standard deviation."""
    rng = np.random.default_rng(seed)
    strategy = strategy or hpt.KnowledgeGradient()
    return hpt.tune(lambda p: p["x"] ** 2 + noise * rng.standard_normal(), LINE, strategy, n, seed=seed, progress=False)


def test_again_marks_params_of_an_earlier_trial_and_new_marks_others():
    study = noisy(3.0)
    origins = [trial.info["origin"] for trial in study.trials]
    assert {*origins} == {"initial", "new", "again"}
    for i, (trial, origin) in enumerate(zip(study.trials, origins, strict=True)):
        assert (trial.params in [earlier.params for earlier in study.trials[:i]]) == (origin == "again")


def test_without_repeat_no_params_come_twice_and_a_finite_space_ends():
    study = noisy(3.0, strategy=hpt.KnowledgeGradient(repeat=False))
    assert len({trial.params["x"] for trial in study.trials}) == 30
    assert "again" not in [trial.info["origin"] for trial in study.trials]
    finite = hpt.tune(lambda p: ord(p["a"]), FOUR, hpt.KnowledgeGradient(2, repeat=False), 9, progress=False)
    assert sorted(trial.params["a"] for trial in finite.trials) == ["w", "x", "y", "z"]


def test_a_finite_space_is_measured_again_until_the_budget_ends():
    rng = np.random.default_rng(0)
    study = hpt.tune(
        lambda p: "wxyz".index(p["a"]) + rng.standard_normal(), FOUR, hpt.KnowledgeGradient(4), 40, progress=False
    )
    looks = [sum(trial.params["a"] == value for trial in study.trials) for value in "wxyz"]
    assert sum(looks) == 40
    assert sum(trial.info["origin"] != "again" for trial in study.trials) == 4
    assert max(looks[:2]) > 10 > looks[3]


@pytest.mark.parametrize("values", ["w", "wxyz"])
def test_a_space_smaller_than_n_initial_is_measured_again_too(values):
    space = {"a": list(values)}
    study = hpt.tune(lambda p: values.index(p["a"]), space, hpt.KnowledgeGradient(), 9, progress=False)
    origins = [trial.origin for trial in study.trials]
    assert origins == ["initial"] * len(values) + ["again"] * (9 - len(values))
    ended = hpt.tune(lambda p: 0, space, hpt.KnowledgeGradient(repeat=False), 9, progress=False)
    assert len(ended.trials) == len(values)


def test_again_means_the_very_params_even_if_their_points_are_rounded():
    off_grid, rng = [0.123456789, 0.456789123, 0.789123456], np.random.default_rng(2)
    study = hpt.Study({"x": hpt.Float(0, 1)}, hpt.KnowledgeGradient(3), seed=2)
    for x in 2 * off_grid:
        study.add({"x": x}, (x - 0.45) ** 2 + 0.3 * rng.standard_normal())
    for _ in range(5):
        trial = study.ask()
        study.tell(trial, (trial.params["x"] - 0.45) ** 2 + 0.3 * rng.standard_normal())
    xs = [trial.params["x"] for trial in study.trials]
    again = [i for i, trial in enumerate(study.trials) if trial.origin == "again"]
    assert {xs[i] for i in again} & {*off_grid}
    assert all(xs[i] in xs[:i] for i in again)


def test_a_clear_minimum_is_found():
    assert abs(hpt.recommend(noisy(0.0, 20)).params["x"]) < 0.2


def test_all_measurements_of_a_point_stay_together_when_a_model_is_thinned(monkeypatch):
    models, rng = [], np.random.default_rng(1)
    monkeypatch.setattr(module, "learn", lambda *args: models.append(learn(*args)) or models[-1])
    study = hpt.Study(LINE, hpt.KnowledgeGradient())
    for i in range(160):
        x = float(i % 16 - 8) / 2
        study.add({"x": x}, x**2 + 20 * rng.standard_normal())
    study.ask()
    _, looks = np.unique(models[-1].X_, axis=0, return_counts=True)
    assert looks.sum() == 120
    assert (looks == 10).sum() >= 8  # the best two thirds of the 120


def test_a_failed_and_a_running_trial_do_not_stop_it():
    study = hpt.Study(LINE, hpt.KnowledgeGradient(3))
    for value in (1.0, float("nan"), 2.0, 0.5):
        study.tell(study.ask(), value)
    running = [study.ask() for _ in range(3)]
    assert len({trial.params["x"] for trial in running}) > 1


def test_recommend_averages_repeated_measurements():
    study = hpt.Study({"x": hpt.Float(0, 1)}, hpt.RandomSearch())
    for i, values in enumerate([(4.0, 4.2), (0.0, 6.0, 5.0, 7.0), (3.0, 3.2, 3.1), (5.0,), (6.0,), (5.5,)]):
        for value in values:
            study.add({"x": i / 5}, value)
    assert study.best_params["x"] == 0.2
    assert hpt.recommend(study).params["x"] == 0.4


def test_several_objectives_and_constraints_are_refused_in_one_sentence():
    refused = pytest.raises(ValueError, match="without further objectives or constraints; take BayesianOptimization")
    with refused:
        hpt.Study(LINE, hpt.KnowledgeGradient(), directions={"error": "minimize", "size": "minimize"}).ask()
    study = hpt.Study(LINE, hpt.KnowledgeGradient())
    study.tell(study.ask(), 1.0, constraints={"memory": 2.0})
    with refused:
        study.ask()
