"""What ranks trials: a loss beyond a limit must decide nothing, however low it is. One test for each place that ranks.

In each search, `deeper` lowers every loss beyond the limit and leaves all else; so the same trials must be chosen.
"""

import itertools
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from sklearn.dummy import DummyRegressor

import hpt_lab as hpt
from hpt_lab import Float, RandomSearch, Space, Study
from hpt_lab.analysis.ensemble import Ensemble
from hpt_lab.loop.population_based import PopulationBased
from hpt_lab.loop.stopping import expected, whole_runs
from hpt_lab.plots import incumbent_path, parallel_coordinates
from hpt_lab.plots.style import GOLD
from hpt_lab.strategies.rungs import source_history
from hpt_lab.study import trial as trial_module
from hpt_lab.study.history import budget_note
from hpt_lab.surrogates import learning as learning_module
from hpt_lab.surrogates.learning import Learning, fit_trials
from hpt_lab.surrogates.prior import Prior
from hpt_lab.tools.report import tables
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.sentences import pressed

SPACE, LIMIT = Space(x=Float(0, 1), y=Float(0, 1)), 0.6
DEEPER = [0.0, 3.0, 1e6]  # by how much the losses beyond the limit are lower still


class Own:
    def stop(self, losses, others):
        return len(others) >= 3 and losses[-1] > np.median([other[len(losses) - 1] for other in others])


RULES = [hpt.MedianStopping(n_trials=3), hpt.PercentileStopping(25, 2), hpt.ForecastStopping(), Own()]


def value_of(params, deeper, budget=1):
    """A loss that falls where the limit is broken; there it is lower still by `deeper`."""
    loss = 1.5 - params["x"] + (params["y"] - 0.4) ** 2 + 0.3 / budget
    return {
        "value": loss - deeper * (params["x"] > LIMIT),
        "constraints": {"c": params["x"] - LIMIT},
    }


def trained(params, deeper):
    for epoch in range(1, 7):
        yield value_of(params, deeper, epoch)


def told(deeper, n=40, strategy=None, seed=3, **more):
    """Return a study of trials that all are told in turn."""
    study = Study(SPACE, strategy or RandomSearch(), seed=seed, **more)
    for _ in range(n):
        trial = study.ask()
        study.tell(trial, value_of(trial.params, deeper, trial.budget or 1))
    assert 3 < len(study.history.feasible) < len(study.history.finished)
    return study


def the_same(read):
    """Return what `read(deeper)` returns, which must be the same however deep the losses beyond the limit."""
    first, *others = map(read, DEEPER)
    assert all(other == first for other in others)
    return first


# the one key, and what it orders


def test_the_key_puts_every_feasible_trial_before_every_other():
    study = told(1e6)
    ranked = study.history.ranked
    n = len(study.history.feasible)
    assert [trial.feasible for trial in ranked] == [True] * n + [False] * (len(ranked) - n)
    assert [trial.value for trial in ranked[:n]] == sorted(trial.value for trial in study.history.feasible)
    assert [t.violation for t in ranked[n:]] == sorted(t.violation for t in ranked[n:])
    assert ranked[0] == study.best == study.history.incumbent
    places = study.history.places(study.history.finished)
    assert [study.history.finished[i] for i in np.argsort(places)] == list(ranked)


HISTORIES = {
    "ranked": lambda study: [trial.number for trial in study.history.ranked],
    "incumbents": lambda study: [best and best.number for best in study.history.incumbents],
    "to start with": lambda study: Study(SPACE, RandomSearch(), start=study).start,
    "recommended": lambda study: hpt.recommend(study).number,
    "pressed ends": pressed,
    "the report's table": lambda study: [row[0] for row in tables.trials(Facts(study)).rows],
    "the report's front": lambda study: [trial.number for trial in Facts(study).front],
}


@pytest.mark.parametrize("read", HISTORIES.values(), ids=HISTORIES)
def test_a_history_is_read_without_losses_beyond_the_limit(read):
    assert the_same(lambda deeper: read(told(deeper))) is not None


def test_the_advice_on_a_range_asks_feasible_trials_alone():
    for n_feasible, ends in ((40, {"y": "lower"}), (3, {})):  # three are too few to say anything
        study = Study(SPACE, hpt.ManualSearch([{"x": 0.3, "y": y / 40} for y in range(40)]))
        for trial in (study.ask() for _ in range(40)):
            study.tell(trial, {"value": trial.params["y"], "constraints": {"c": float(trial.number >= n_feasible)}})
        assert pressed(study) == ends


BUDGETS = [
    hpt.SuccessiveHalving(27, 1, 9),
    hpt.Hyperband(1, 9),
    hpt.ASHA(1, 9),
    hpt.ASHA(1, 9, source=hpt.TPE(n_initial=5)),
]
PLAIN = [hpt.TPE(n_initial=5), hpt.GeneticAlgorithm(6, 2)]


@pytest.mark.parametrize("strategy", [*PLAIN, *BUDGETS], ids=str)
def test_a_strategy_that_ranks_asks_for_the_same_trials(strategy):
    asked = the_same(lambda d: [(dict(t.params), t.budget) for t in told(d, 39, strategy, seed=5).trials])
    assert len(asked) == 39


@pytest.mark.parametrize("read", [budget_note, lambda h: [row[2:] for row in tables.budgets(Facts(h)).rows]])
def test_the_best_at_each_budget_is_feasible(read):
    def at(deeper):
        study = told(deeper, 45, hpt.ASHA(1, 9))
        return read(study.history if read is budget_note else study)

    assert the_same(at)


def test_a_budget_without_a_feasible_trial_has_no_best_value():
    study = Study(SPACE, RandomSearch())
    study.add({"x": 0.1, "y": 0.1}, value_of({"x": 0.1, "y": 0.1}, 0), budget=1)
    study.add({"x": 0.9, "y": 0.1}, value_of({"x": 0.9, "y": 0.1}, 0), budget=3)
    assert tables.budgets(Facts(study)).rows == [(3, 1, None, None), (1, 1, study.trials[0].value, 0)]


def test_the_source_of_halving_sees_the_constraints_at_the_budget_whose_loss_it_sees():
    study = Study(SPACE, hpt.SuccessiveHalving(9, 1, 9))
    for _ in range(13):
        trial = study.ask()
        study.tell(trial, {"value": trial.params["y"], "constraints": {"c": trial.budget - 2}})
    seen = source_history(study.history)
    assert {(trial.budget, trial.constraints["c"]) for trial in seen.finished} == {(1, -1)}  # of nine losses
    taught = Study(SPACE, hpt.ASHA(1, 3))
    for _ in range(24):
        trial = taught.ask()
        taught.tell(trial, {"value": trial.params["y"], "constraints": {"c": trial.budget - 2}})
    seen = source_history(taught.history)
    assert {(trial.budget, trial.constraints["c"]) for trial in seen.finished} == {(3, 1)}


def test_a_population_copies_the_same_members():
    def parents(deeper):
        strategy = PopulationBased(8, 1, 3, 1.25)
        return [(dict(t.params), t.info["parent"]) for t in told(deeper, 32, strategy).trials]

    assert any(parent is not None and parent % 8 != i % 8 for i, (_, parent) in enumerate(the_same(parents)))


# stopping rules


def searched(deeper, rule, strategy, seed=0, n_trials=40):
    def train(params):
        yield from trained(params, deeper)

    return hpt.tune(train, SPACE, strategy, n_trials, seed=seed, stopping=rule, progress=False)


@pytest.mark.parametrize("strategy", [RandomSearch(), *PLAIN], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("rule", RULES, ids=lambda one: type(one).__name__)
def test_a_rule_gives_the_same_feasible_runs_up_and_spares_the_best(rule, strategy):
    def runs(deeper):
        study = searched(deeper, rule, strategy)
        assert study.best.expected is None
        return [(dict(t.params), t.feasible and (t.curve, t.stopped, t.expected)) for t in study.trials]

    assert any(run and run[1] for _, run in the_same(runs))


@pytest.mark.parametrize("rule", RULES, ids=lambda one: type(one).__name__)
def test_with_a_rule_the_best_is_no_worse_than_without(rule):
    for seed in range(4):
        points = RandomSearch()
        without = searched(3.0, None, points, seed).best_value
        assert searched(3.0, rule, points, seed).best_value == without


def test_before_a_feasible_run_is_whole_there_is_no_other():
    study = searched(3.0, hpt.MedianStopping(n_trials=1), RandomSearch(), seed=3)
    first = next(trial.number for trial in study.trials if trial.feasible)
    assert first > 0
    assert all(trial.expected is None for trial in study.trials[: first + 1])
    assert any(trial.expected is not None for trial in study.trials)
    whole = [trial.curve for trial in study.trials if trial.feasible and trial.expected is None]
    assert list(whole_runs(study.history)) == whole
    given_up = next(trial for trial in study.trials if trial.expected is not None)
    before = [t.curve for t in study.trials[: given_up.number] if t.feasible and t.expected is None]
    assert given_up.expected == expected(given_up.curve, before) >= min(curve[-1] for curve in before)


# models choose what to learn from


def chosen(monkeypatch, model):
    """Return the trials that each model learned from, of more than it can handle."""
    kept, choose = [], learning_module.thinned

    def recorded(order, most):
        one = choose(order, most)
        if len(order) > most:
            kept.append(one.tolist())
        return one

    monkeypatch.setattr(learning_module, "thinned", recorded)
    model()
    monkeypatch.undo()
    return kept


def _suggest(strategy, study):
    return strategy.suggest(study.history)


def _two_objectives(deeper):
    study = Study(SPACE, RandomSearch(), directions=["minimize", "minimize"], seed=3)
    for _ in range(40):
        told = value_of((trial := study.ask()).params, deeper)
        study.tell(trial, {**told, "value": (told["value"], told["value"] + trial.params["y"])})
    return study


FEW = hpt.BayesianOptimization(max_points=9, local_every=0)
MODELS = {
    "Bayesian": lambda deeper: _suggest(FEW, told(deeper)),
    "zoomed": lambda deeper: _suggest(hpt.BayesianOptimization(local_every=8, max_points=9), told(deeper)),
    "two objectives": lambda deeper: _suggest(FEW, _two_objectives(deeper)),
    "earlier studies": lambda deeper: _suggest(
        hpt.BayesianOptimization(max_points=9, local_every=0, earlier=[told(deeper)]), told(0.0, 9, seed=8)
    ),
    "of a map": lambda deeper: fit_trials((study := told(deeper, 140)).history, study.history.finished),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_learns_from_the_same_trials(model, monkeypatch):
    assert the_same(lambda deeper: chosen(monkeypatch, partial(model, deeper)))


def test_earlier_studies_are_followed_in_the_same_order():
    def first(deeper):
        prior = Prior([told(deeper), told(deeper, seed=9)], {}, 1.0, ("gp", "log_ei"))
        return prior.start(SPACE, np.empty((0, 2))).tolist()

    assert len(the_same(first)) == 80
    assert Learning().max_points > 80  # none is left out


# what is delivered and drawn


def test_an_ensemble_takes_feasible_models_alone():
    study = told(1e6)

    built = []

    def build(params):
        built.append(params["x"])
        return DummyRegressor(strategy="constant", constant=params["x"])

    X, y = np.zeros((20, 1)), np.full(20, 0.9)  # a model of x = 0.9, beyond the limit, would be perfect
    fitted = Ensemble(study, build, n_candidates=40).fit(X, y)
    assert sorted(built) == sorted(trial.params["x"] for trial in study.history.feasible)
    assert all(trial.feasible for trial in fitted.trials_)
    none = Study(SPACE, RandomSearch())
    none.add({"x": 0.9, "y": 0.1}, value_of({"x": 0.9, "y": 0.1}, 0))
    with pytest.raises(ValueError, match="none of the study's 1 trials is feasible"):
        Ensemble(none, build)


@pytest.mark.parametrize("over", ["trials", "time"])
def test_the_gold_path_is_that_of_feasible_trials(over, monkeypatch):
    seconds = itertools.count()  # by the machine's clock, trials this short would end in any order
    monkeypatch.setattr(trial_module, "time", SimpleNamespace(time=lambda: next(seconds)))

    def path(deeper):
        ax = incumbent_path(told(deeper), over=over)
        return ax.lines[0].get_ydata().tolist()

    first, *others = map(path, DEEPER)
    for other in others:
        np.testing.assert_array_equal(other, first)
    assert np.isfinite(first).any()


def test_parallel_coordinates_have_no_gold_line_before_a_feasible_trial():
    def gold(study):
        return [line for line in parallel_coordinates(study).lines if to_hex(line.get_color()) == to_hex(GOLD)]

    assert len(gold(told(1e6))) == 1
    study = Study(SPACE, RandomSearch())
    study.add({"x": 0.9, "y": 0.1}, value_of({"x": 0.9, "y": 0.1}, 0))
    assert gold(study) == []
