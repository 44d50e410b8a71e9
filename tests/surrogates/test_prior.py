"""What is known beforehand: the best of earlier trials first, weights noted, a belief that shrinks, and wrong arguments."""

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.study import History, Trial
from hpt_lab.surrogates.learning import Learning, learn, observed
from hpt_lab.surrogates.prior import WIDTH, Prior, inside

BO = hpt.BayesianOptimization
SPACE = hpt.Space(x=hpt.Float(0, 1), n=hpt.Int(1, 9), kind=["a", "b"])
LINE = hpt.Space(x=hpt.Float(0, 1))


def bowl(params):
    return (params["x"] - 0.7) ** 2


def last_month(n=8, loss=bowl, space=LINE, **how):
    return hpt.tune(lambda p: 20 + 3 * loss(p), space, hpt.QuasiRandomSearch(), n, seed=9, progress=False, **how)


def today(n=6, space=LINE, objective=bowl, **known):
    return hpt.tune(objective, space, BO(**known), n, seed=1, progress=False)


def test_the_best_earlier_trial_comes_first_and_the_ensemble_after_it():
    old = last_month()
    study = today(earlier=[old])
    assert study.trials[0].params["x"] == pytest.approx(old.best_params["x"], abs=1e-6)
    assert study.trials[0].origin == "initial"
    weights = [trial.info["weights"] for trial in study.trials if trial.origin == "model"]
    assert weights[0] == [0.5, 0.5]
    assert all(sum(w) == pytest.approx(1, abs=0.01) for w in weights)
    assert study.best_value < 1e-4


def test_a_maximized_earlier_study_is_turned_around():
    old = last_month(loss=lambda p: -bowl(p), direction="maximize")
    assert today(1, earlier=[old]).trials[0].params["x"] == pytest.approx(old.best_params["x"], abs=1e-6)


BOX = hpt.Space(x=hpt.Float(-5, 5))
ODD = {"feasible": lambda p: {"value": p["x"], "constraints": {"c": -p["x"]}}}
ODD |= {"none is feasible": lambda p: {"value": p["x"], "constraints": {"c": 6 - p["x"]}}}
ODD |= {"one outlier": lambda p: 1e10 if p["x"] > 4.5 else (p["x"] - 1) ** 2}


@pytest.mark.parametrize("loss", ODD.values(), ids=ODD)
def test_the_first_trial_is_the_first_by_the_rank_of_an_earlier_study(loss):
    old = hpt.tune(loss, BOX, hpt.RandomSearch(), 30, seed=1, progress=False)
    first = today(1, BOX, earlier=[old]).trials[0]
    assert first.params["x"] == pytest.approx(old.history.ranked[0].params["x"], abs=1e-5)


def test_of_several_studies_those_with_feasible_trials_come_first():
    free, limited = (hpt.Study(LINE, hpt.RandomSearch()) for _ in range(2))
    for x, loss, limit in ((0.1, 1.0, 0.5), (0.2, 2.0, -1.0), (0.3, 3.0, -1.0)):
        free.add({"x": x + 0.5}, loss)
        limited.add({"x": x}, {"value": loss, "constraints": {"c": limit}})
    asked = hpt.Study(LINE, BO(earlier=[limited, free]))
    assert [asked.ask().params["x"] for _ in range(6)] == [0.6, 0.2, 0.7, 0.3, 0.8, 0.1]


def test_of_a_study_with_budgets_only_the_trials_at_the_budget_of_its_best_count():
    old = hpt.Study(LINE, hpt.RandomSearch())
    for x, loss, budget in ((0.1, 0.0, 1), (0.2, 0.1, 1), (0.3, 5.0, 9), (0.4, 6.0, 9)):
        old.add({"x": x}, loss, budget=budget)
    study = hpt.Study(LINE, BO(earlier=[old]))
    assert (
        [study.ask().params["x"] for _ in range(2)] == [0.3, 0.4] == [t.params["x"] for t in inside(LINE, old.history)]
    )
    prior = study.strategy.prior
    X, y = np.array([[0.5], [0.6], [0.7]]), np.array([0.0, 1.0, 2.0])
    ensemble = prior.ensemble(learn(LINE, X, y, Learning()), LINE, Learning(), np.random.default_rng(0))
    assert ensemble.models[0].X_.ravel().tolist() == [0.3, 0.4]


def test_a_trial_whose_run_was_given_up_comes_after_the_whole_ones():
    given_up = {"stopped": "MedianStopping", "expected": 0.0}
    trials = [Trial(i, {"x": x}, value=3.0 - i, state="complete") for i, x in enumerate((0.1, 0.2))]
    old = History(LINE, [Trial(0, {"x": 0.3}, value=1.0, state="complete", **given_up), *trials])
    asked = hpt.Study(LINE, BO(earlier=[old]))
    assert [asked.ask().params["x"] for _ in range(3)] == [0.2, 0.1, 0.3]


@pytest.mark.parametrize("unit", [1.0, 1e200])
def test_of_several_studies_the_standardized_losses_decide_which_trial_is_first(unit):
    flat, deep = last_month(loss=lambda p: 1e-3 * p["x"] - 50), hpt.Study(LINE, hpt.RandomSearch())
    for x, loss in ((0.1, 100.0), (0.2, 100.0), (0.3, 100.0), (0.4, 100.0), (0.5, 100.0), (0.6, 20.0)):
        deep.add({"x": x}, unit * loss)
    assert today(1, earlier=[flat, deep]).trials[0].params == {"x": 0.6}


def test_the_model_of_an_earlier_study_is_learned_from_all_of_its_trials():
    old = last_month(20, lambda p: np.sin(9 * p["x"]))
    points, losses, _ = observed(old.history)
    prior = Prior([old], {}, 1.0, ("gp", "ei"))
    own = learn(LINE, points[:3], losses[:3], Learning())
    ensemble = prior.ensemble(own, LINE, Learning(), np.random.default_rng(0))
    every, scheduled = (learn(LINE, points, losses, Learning(growth=growth)) for growth in (1.0, 1.15))
    assert ensemble.models[0].lengthscale_ == every.lengthscale_ != scheduled.lengthscale_


def test_a_zoom_asks_only_the_trials_of_today():
    origins = {trial.origin: "weights" in trial.info for trial in today(10, earlier=[last_month()]).trials}
    assert origins == {"initial": False, "model": True, "local": False}


def test_without_knowledge_a_search_is_what_it_was():
    plain, empty = today(12), today(12, earlier=[], belief={}, beta=3)
    assert [trial.params for trial in plain.trials] == [trial.params for trial in empty.trials]
    assert all("weights" not in trial.info for trial in plain.trials)


def test_trials_outside_the_space_of_today_are_left_out_and_running_ones_are_not_suggested_twice():
    old = last_month(space=hpt.Space(x=hpt.Float(0, 2)))
    study = hpt.Study(LINE, BO(earlier=[old]), seed=0)
    first, second = study.ask(), study.ask()
    assert first.params != second.params
    assert max(first.params["x"], second.params["x"]) <= 1


def test_the_belief_multiplies_the_acquisition_less_and_less():
    prior = Prior((), {"x": 0.3, "n": 5}, 10.0, ("gp", "log_ei"))
    points = np.array([[0.3, 0.5, 0.1], [0.3 + WIDTH, 0.5, 0.9], [0.3 + WIDTH, 0.5 - WIDTH, 0.4]])
    for n in (1, 10, 40):
        (log_weight,) = prior.log_weights(SPACE, n)
        np.testing.assert_allclose(log_weight(points), 10 / n * np.array([0, -0.5, -1]), atol=1e-9)
    assert Prior((), {}, 10.0, ("gp", "log_ei")).log_weights(SPACE, 10) == []


def test_a_belief_and_constraints_weigh_together():
    """The loss is the same everywhere; the belief is 0.5, and x must be below 0.3."""
    study = hpt.Study(LINE, BO(belief={"x": 0.5}, beta=200))
    for x in np.arange(1, 20) * 0.05:
        study.add({"x": float(x)}, {"value": 0.0, "constraints": {"c": float(x) - 0.3}})
    assert 0.15 < study.ask().params["x"] <= 0.45
    free = hpt.Study(LINE, BO(belief={"x": 0.5}, beta=200))
    for x in np.arange(1, 20) * 0.05:
        free.add({"x": float(x)}, 0.0)
    assert abs(free.ask().params["x"] - 0.5) < 0.1


def test_the_first_trials_are_drawn_from_the_belief():
    prior = Prior((), {"x": 0.6}, 1.0, ("gp", "ei"))
    u = (np.arange(2000) + 0.5) / 2000
    drawn = prior.start(SPACE, np.column_stack([u, u, u]))
    inside = np.abs(drawn[:, 0] - 0.6) < WIDTH
    assert abs(inside.mean() - 0.683) < 0.01
    np.testing.assert_array_equal(drawn[:, 1:], SPACE.cube.settle(np.column_stack([u, u, u]))[:, 1:])
    study = today(3, SPACE, belief={"x": 0.2})
    assert study.trials[0].params["x"] == 0.2


def test_a_wrong_belief_is_forgotten_with_a_small_beta():
    def nearest(beta):
        trials = today(9, belief={"x": 0.0}, beta=beta).trials
        return min(abs(trial.params["x"] - 0.7) for trial in trials)

    assert nearest(0.5) < 0.1 < 0.2 < nearest(500)


@pytest.mark.parametrize("belief", [{"y": 1}, {"x": 2}, {"x": "low"}, {"kind": "a"}])
def test_a_belief_names_a_number_of_the_space(belief):
    with pytest.raises(ValueError, match="must be a number of the space"):
        today(1, SPACE, belief=belief)


def test_an_earlier_study_without_a_trial_in_this_space_says_how_to_bring_it_over():
    with pytest.raises(ValueError, match="add_trials"):
        today(1, earlier=[last_month(3, lambda p: p["y"], hpt.Space(y=hpt.Float(0, 1)))])


def test_several_objectives_refuse_what_is_known_beforehand():
    study = hpt.Study(LINE, BO(belief={"x": 0.5}), directions=["minimize", "minimize"])
    with pytest.raises(ValueError, match="left out with several objectives"):
        study.ask()


def test_the_belief_is_a_copy_and_the_repr_shows_what_is_known():
    belief = {"x": 1.0}
    strategy, old = BO(earlier=[last_month(2)], belief=belief, beta=3), repr(BO())
    belief["x"] = 0.0
    assert repr(strategy) == f"{old[:-1]}, earlier=<1 study>, belief={{'x': 1.0}}, beta=3.0)"
    assert repr(BO(earlier=[last_month(2)] * 2)) == f"{old[:-1]}, earlier=<2 studies>)"
    again = eval(repr(BO(belief={"x": 0.5}, beta=2)), {"BayesianOptimization": BO})
    assert (again.prior.belief, again.prior.beta) == ({"x": 0.5}, 2)


def by_run(hp):
    loss = hp.Float("rate", 0, 1, default=0.5) * hp.Int("depth", 1, 3)
    return loss * hp.Float("width", 0, 1) if loss > 0.5 else loss


def hp_of(**more):
    hp = hpt.HyperParameters()
    hp.Float("rate", 0, 1, default=0.5), hp.Int("depth", 1, 3)
    [hp.Float(name, *range_of) for name, range_of in more.items()]
    return hp


OLD = hpt.tune(lambda p: p["rate"], hp_of().search_space(), hpt.RandomSearch(), 3, progress=False)


@pytest.mark.parametrize("known", [{"earlier": [OLD]}, {"belief": {"rate": 0.1}}], ids=["earlier", "belief"])
def test_what_is_known_beforehand_counts_from_the_second_trial_on_where_the_first_one_finds_the_space(known):
    def objective(hp):
        return hp.Float("rate", 0, 1, default=0.5) * hp.Int("depth", 1, 3)

    study = hpt.tune(objective, hpt.HyperParameters(), BO(**known), 3, seed=0, progress=False)
    plain = hpt.tune(objective, hpt.HyperParameters(), BO(), 3, seed=0, progress=False)
    assert study.trials[0].params == plain.trials[0].params
    assert study.trials[1].params != plain.trials[1].params


def test_with_earlier_studies_the_space_does_not_grow():
    def search(hp, old):
        return hpt.tune(by_run, hp, BO(earlier=[old]), 8, seed=0, progress=False)

    what = r"\['width'\] came up during the search, but a search with earlier studies must know all"
    with pytest.raises(ValueError, match=rf"BayesianOptimization: {what}"):
        search(hp_of(), OLD)
    space = hp_of(width=(0, 1)).search_space()
    old = hpt.tune(lambda p: p["rate"], space, hpt.RandomSearch(), 3, progress=False)
    assert len(search(hp_of(width=(0, 1)), old).trials) == 8
