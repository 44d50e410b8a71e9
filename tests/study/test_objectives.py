"""Studies with several objectives, and with constraints: what is told, kept, stored, ranked, and refused."""

import copy
import math
import pickle

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies.candidates import Tried
from hpt_lab.study.lens import in_order, of_objective, seen
from hpt_lab.tools.storage.sqlite import Database, read_studies

SPACE = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))
BOTH = {"accuracy": "maximize", "seconds": "minimize"}
SEARCHES = [hpt.RandomSearch(), hpt.QuasiRandomSearch(), hpt.TPE(), hpt.GeneticAlgorithm(population_size=8)]


def zdt1(params):
    """Two losses whose front is f2 = 1 - sqrt(f1), at y = 0 (Zitzler, Deb and Thiele 2000)."""
    x, g = params["x"], 1 + 9 * params["y"]
    return x, g * (1 - math.sqrt(x / g))


def fit(params):
    return {"accuracy": params["x"], "seconds": params["x"] ** 2 + params["y"], "n_leaves": 7}


def fit_values(params):
    return tuple(fit(params).values())[:2]


def search(objective=zdt1, strategy=None, n=12, **more):
    more = {"directions": ["minimize", "minimize"], "seed": 0, "progress": False, **more}
    return hpt.tune(objective, SPACE, hpt.RandomSearch() if strategy is None else strategy, n, **more)


def told(*values, directions=("minimize", "minimize"), constraints=None):
    """A study with these values, told one after another."""
    study = hpt.Study(SPACE, hpt.RandomSearch(), directions=directions)
    for i, value in enumerate(values):
        study.tell(study.ask(), value, constraints=None if constraints is None else constraints[i])
    return study


def numbers(trials):
    return [trial.number for trial in trials]


@pytest.mark.parametrize("strategy", SEARCHES, ids=lambda strategy: type(strategy).__name__)
def test_the_front_is_what_no_other_trial_dominates(strategy):
    study = search(strategy=strategy, n=30)
    values = [trial.values for trial in study.trials]
    better = lambda a, b: a != b and all(x <= y for x, y in zip(a, b, strict=True))  # noqa: E731
    assert numbers(study.front) == [i for i, v in enumerate(values) if not any(better(w, v) for w in values)]
    assert study.trials[0].value is None
    assert study.directions == ("minimize", "minimize")


def test_values_may_come_as_a_tuple_a_list_an_array_or_a_dict_by_name():
    for value in ((0.9, 2), [0.9, 2.0], np.array([0.9, 2.0]), {"accuracy": 0.9, "seconds": 2}, {"value": (0.9, 2)}):
        study = told(value, directions=BOTH)
        assert study.trials[0].values == (0.9, 2.0)
        assert type(study.trials[0].values[1]) is float
    assert study.directions == BOTH
    assert list(study.directions) == ["accuracy", "seconds"]


def test_further_entries_become_attributes_and_constraints():
    value = {"accuracy": 0.9, "seconds": 2.0, "constraints": {"memory": np.float64(-1)}, "n_leaves": 3}
    trial = told(value, directions=BOTH).trials[0]
    assert trial.attributes == {"n_leaves": 3}
    assert trial.constraints == {"memory": -1.0}
    assert trial.feasible
    trial = told({"value": (0.9, 2.0), "n_leaves": 3}).trials[0]
    assert trial.attributes == {"n_leaves": 3}
    assert trial.values == (0.9, 2.0)


def test_one_objective_has_its_value_among_the_values():
    study = hpt.tune(lambda p: p["x"], SPACE, hpt.RandomSearch(), 3, progress=False)
    assert [trial.values for trial in study.trials] == [(trial.value,) for trial in study.trials]
    assert study.directions == ("minimize",)
    assert study.front == [study.best]
    assert hpt.Study(SPACE, hpt.RandomSearch()).ask().values == ()


WRONG = {
    "one number": (0.5, "returned 0.5; it must return 2 finite numbers, as a tuple"),
    "too many": ((1, 2, 3), "returned (1, 2, 3); it must return 2 finite numbers, as a tuple"),
    "nan": ((1, math.nan), "returned value_1=nan; it must return 2 finite numbers"),
    "text": ((1, "2"), "returned value_1='2'; it must return"),
    "a matrix": (np.zeros((2, 2)), "returned value_0=[0.0, 0.0]; it must return"),
    "no value": ({"loss": (1, 2)}, "returned {'loss': (1, 2)} without 'value'; it must return 2 finite numbers"),
    "no constraints": ({"value": (1, 2), "constraints": 3}, "constraints=3 must be a dict"),
    "a wrong constraint": ({"value": (1, 2), "constraints": {"m": math.inf}}, "constraints: m=inf must be a finite"),
}


@pytest.mark.parametrize(("value", "message"), WRONG.values(), ids=WRONG)
def test_a_trial_without_all_its_numbers_fails(value, message):
    trial = told(value).trials[0]
    assert trial.state == "failed"
    assert trial.values == ()
    assert message in trial.error
    with pytest.raises((TypeError, ValueError)) as caught:
        search(lambda params: value, n=1)
    assert message in str(caught.value)


def test_a_missing_name_is_named():
    error = told({"accuracy": 0.9, "epochs": 3}, directions=BOTH).trials[0].error
    assert "without 'seconds'; it must return 2 finite numbers of 'accuracy' and 'seconds', as a tuple or" in error


def test_of_equal_values_the_front_has_the_first():
    assert numbers(told((1, 2), (2, 1), (1, 2), (2, 2)).front) == [0, 1]


def test_a_trial_that_is_told_late_keeps_the_order_of_numbers():
    study = hpt.Study(SPACE, hpt.RandomSearch(), directions=["minimize"] * 2)
    trials = [study.ask() for _ in range(3)]
    for i, value in ((2, (1, 2)), (1, (3, 3)), (0, (1, 2))):
        study.tell(trials[i], value)
    assert numbers(study.front) == [0]  # not trial 2, which is equal, and was told first


def test_best_names_the_front():
    study = search()
    for read in (lambda: study.best, lambda: study.best_params, lambda: study.best_value):
        with pytest.raises(ValueError, match=r"^best: none of the 12 trials is the best in each of the 2"):
            read()
    assert f"front of {len(study.front)}" in repr(study)


def test_the_best_trial_is_the_best_feasible_one():
    limits = [{"memory": 1.0}, {"memory": 0.0}, {"memory": -1.0}, {}, {"memory": -1.0, "time": 0.5}]
    study = hpt.Study(SPACE, hpt.RandomSearch(), direction="maximize")
    for value, limit in zip((5, 1, 2, 1.5, 4), limits, strict=True):
        study.tell(study.ask(), value, constraints=limit)
    assert study.best.number == 2
    assert numbers(study.history.ranked) == [2, 3, 1, 4, 0]
    assert [best and best.number for best in study.history.incumbents] == [None, 1, 2, 2, 2]
    assert [trial.feasible for trial in study.trials] == [False, True, True, True, False]


def test_the_front_holds_only_feasible_trials():
    study = told((0, 0), (1, 2), (2, 1), constraints=[{"m": 0.1}, {"m": 0}, {}])
    assert numbers(study.front) == [1, 2]
    assert numbers(study.history.ranked) == [1, 2, 0]


def test_without_a_feasible_trial_best_names_the_closest():
    study = hpt.Study(SPACE, hpt.RandomSearch())
    for value, limit in ((1, {"a": 3.0}), (2, {"a": 0.25, "b": -9.0}), (3, {"a": 0.2, "b": 0.2})):
        study.tell(study.ask(), {"value": value, "constraints": limit})
    least = "trial 1 comes closest, with a=0.25, which must be at most 0"
    with pytest.raises(ValueError, match=f"^best: none of the 3 complete trials is feasible; {least}$"):
        study.best  # noqa: B018
    assert study.front == []


def test_a_failed_trial_keeps_the_constraints_that_are_known():
    study = hpt.Study(SPACE, hpt.RandomSearch())
    study.tell(study.ask(), error="out of memory", constraints={"memory": 3})
    study.tell(study.ask(), {"value": math.nan, "constraints": {"memory": True}})
    assert [trial.state for trial in study.trials] == ["failed"] * 2
    assert [trial.constraints for trial in study.trials] == [{"memory": 3}, {"memory": 1}]


def test_what_is_told_survives_files_pickles_copies_and_json(tmp_path):
    def both(params):
        return {**fit(params), "constraints": {"memory": params["y"] - 0.5}}

    file = tmp_path / "runs.db"
    study = search(both, directions=BOTH, storage=file, n=6)
    with pytest.raises(ValueError, match=r"must be {'accuracy': 'maximize', 'seconds': 'minimize'}, as in study"):
        hpt.Study(SPACE, hpt.RandomSearch(), storage=file, directions=dict(reversed(BOTH.items())))
    for other in (
        hpt.Study.open(file, strategy=hpt.RandomSearch()),
        hpt.Study.from_json(study.to_json(), SPACE, hpt.RandomSearch()),
        *map(copy.copy, [study]),
        pickle.loads(pickle.dumps(study)),
    ):
        assert other == study
        assert other.directions == BOTH
        assert other.front == study.front
        assert other.trials[0].values == study.trials[0].values
        assert other.trials[0].constraints
        with pytest.raises(TypeError, match="cannot be changed"):
            other.trials[0].constraints["memory"] = 0
    (listed,) = hpt.studies(file)
    assert (listed.direction, listed.best_value) == ("maximize accuracy, minimize seconds", None)
    again = search(both, directions=BOTH, storage=file, n=8)
    assert len(again.trials) == 8
    assert again.trials[5].values == fit_values(again.trials[5].params)


TWISTED = {  # part of the text, what it becomes, and what is said of it
    "one objective": ('["minimize", "minimize"]', '"minimize"', "Trial 0: objectives=.* must be empty"),
    "three": ('["minimize", "minimize"]', '["minimize", "minimize", "maximize"]', "must be the values of 3"),
    "no direction": ('["minimize", "minimize"]', '["minimize", "least"]', "study: directions=.* must hold only"),
    "no number": ('"objectives": [', '"objectives": ["x", ', r"Trial 0: objectives\[0\]='x' must be a finite number"),
    "no list": ('"objectives": [', '"objectives": 3, "curve": [', "Trial 0: objectives=3 must be a tuple"),
    "no values": ('"objectives": [', '"curve": [', "Trial 0: value=None must be a number"),
    "two kinds": ('"value": null', '"value": 1.0', r"Trial 0: value=\(.*\) must be a number"),
    "still running": ('"state": "complete"', '"state": "running"', r"Trial 0: value=\(.*\) must be None"),
    "no constraints": ('"constraints": {"limit": 1.0}', '"constraints": 3', "Trial 0: constraints=3 must be a dict"),
    "a text": ('"limit": ', '"limit": "low", "more": ', "Trial 0: constraints: limit='low' must be a finite number"),
}


@pytest.mark.parametrize(("old", "new", "message"), TWISTED.values(), ids=TWISTED)
def test_a_text_that_does_not_fit_is_refused(old, new, message):
    text = told((1, 2), constraints=[{"limit": 1}]).to_json()
    assert text.count(old) == 1
    with pytest.raises(ValueError, match=f"^from_json: .*{message}"):
        hpt.Study.from_json(text.replace(old, new), SPACE, hpt.RandomSearch())


def test_one_objective_without_constraints_is_written_as_it_always_was():
    text = told_one().to_json()
    assert text.startswith('{"direction": "minimize", "seed": 0, "trials": [{"number": 0, ')
    assert "objectives" not in text
    assert "constraints" not in text


def test_a_frame_has_a_column_for_each_value_and_constraint():
    study = search(lambda p: {**fit(p), "constraints": {"memory": p["y"]}}, directions=BOTH, n=2)
    columns = list(study.to_frame())
    assert columns[:6] == ["number", "x", "y", "accuracy", "value_seconds", "memory"]
    assert "value" not in columns
    assert columns[-2:] == ["seconds", "n_leaves"]
    assert study.to_frame()["accuracy"].tolist() == [trial.values[0] for trial in study.trials]
    assert {"value_0", "value_1"} < set(search(n=1).to_frame())
    assert "accuracy" in study._repr_html_()


def test_a_warm_start_takes_the_front_first_and_learns_from_added_trials():
    first = told((3, 3), (1, 2), (2, 1), (4, 4))
    study = hpt.Study(SPACE, hpt.RandomSearch(), directions=["minimize"] * 2, start=first)
    assert [point["x"] for point in study.start] == [first.trials[i].params["x"] for i in (1, 2, 0, 3)]
    added = study.add(dict(x=0.5, y=0.5), {"value": (0, 0), "constraints": {"m": 1}})
    assert added.values == (0.0, 0.0)
    assert not added.feasible
    assert study.front == []
    assert [trial.values for trial in study.add_trials(first)] == [trial.values for trial in first.trials]
    assert study.add_trials(first) == []
    assert len(study.front) == 2
    twice = told()
    for value in ((5, 6), (6, 5), (5, 6)):
        twice.add(dict(x=0.5, y=0.5), value)
    assert [trial.values for trial in study.add_trials(twice)] == [(5.0, 6.0), (6.0, 5.0)]  # the same params twice
    with pytest.raises(ValueError, match=r"^add: value=3 must be 2 finite numbers"):
        study.add(dict(x=0.5, y=0.5), 3)
    with pytest.raises(ValueError, match=r"^add_trials: the direction of .* must be \('minimize', 'minimize'\)"):
        study.add_trials(told((1, 2), directions=["maximize", "minimize"]))
    with pytest.raises(ValueError, match=r"^add_trials: trial 0: values=\(3.0, 3.0\) must be 1"):
        hpt.Study(SPACE, hpt.RandomSearch()).add_trials([first.trials[0]])


def test_a_lens_shows_one_loss_and_keeps_the_rest():
    study = told((3, 3), (1, 2), (2, 1), (0, 9), constraints=[{}, {"m": 1}, {}, {}])
    study.ask()
    view = in_order(study.history)
    assert view.losses.tolist() == [3, 2, 0, 1]  # the violation of (1, 2) counts as one more objective
    assert view.direction == "minimize"
    assert not view.constrained
    assert view.n_running == 1
    assert len(view.trials) == 5
    assert view.rng.random() == study.history.rng.random()
    assert view.index(Tried) is study.history.index(Tried)  # it reads only params: it is not made again for each trial
    assert of_objective(study.history, 1).losses.tolist() == [3, 2, 1, 9]
    assert seen(study.history, study.history.losses @ [0.5, 0.5]).losses.tolist() == [3, 1.5, 1.5, 4.5]
    plain = told_one()
    assert in_order(plain.history) is plain.history


def test_once_a_trial_is_feasible_every_third_place_is_for_one_that_is_not():
    losses = [(5, 5), (1, 1), (2, 2), (0, 9), (9, 0), (3, 3), (4, 4)]
    limits = [{}, {"m": 1}, {"m": 3}, {}, {}, {}, {"m": 0.1}]
    history = told(*losses, constraints=limits).history
    best = np.argsort(in_order(history).losses)
    assert [history.trials[i].feasible for i in best] == [True, True, False, True, True, False, False]
    assert history.ranked[0].feasible  # what the user is shown has the feasible first
    assert [trial.feasible for trial in history.ranked] == [True] * 4 + [False] * 3
    none = told((1, 2), (2, 1), constraints=[{"m": 2}, {"m": 1}]).history
    assert in_order(none).losses.tolist() == [1, 0]  # nothing is feasible: the smallest violation first


def told_one():
    study = hpt.Study(SPACE, hpt.RandomSearch())
    study.tell(study.ask(), 1.0)
    return study


def test_a_strategy_that_asks_for_a_single_loss_is_told_where_to_look():
    with pytest.raises(ValueError, match=r"a trial has no single loss; use history.losses, or .*in_order"):
        told((1, 2)).history.loss(told((1, 2)).trials[0])


@pytest.mark.parametrize("strategy", [hpt.TPE(), hpt.GeneticAlgorithm()], ids=["TPE", "genetic"])
def test_a_search_that_learns_dominates_more_than_a_random_one(strategy):
    def volume(who, seed):
        study = search(strategy=who, n=60, seed=seed)
        return hpt.hypervolume([trial.values for trial in study.front], [1.1, 1.1])

    assert np.mean([volume(strategy, seed) - volume(hpt.RandomSearch(), seed) for seed in range(16)]) > 0.03


@pytest.mark.parametrize("strategy", [hpt.TPE(), hpt.GeneticAlgorithm()], ids=["TPE", "genetic"])
def test_a_search_that_learns_comes_closer_to_an_optimum_on_the_border(strategy):
    def objective(params):
        return {"value": params["x"] + params["y"], "constraints": {"area": 0.25 - params["x"] * params["y"]}}

    for seed in (0, 1):
        ours, random = (
            hpt.tune(objective, SPACE, who, 60, seed=seed, progress=False) for who in (strategy, hpt.RandomSearch())
        )
        assert 1.0 <= ours.best_value < min(1.08, random.best_value)


def test_a_rung_needs_one_value():
    for strategy in (hpt.ASHA(1, 9), hpt.Hyperband(1, 9), hpt.SuccessiveHalving(9, 1, 9)):
        with pytest.raises(ValueError, match="ranked by one value, not by those of 2 objectives"):
            search(lambda params, budget: (1, 2), strategy)


def test_a_rung_promotes_the_feasible_first():
    study = hpt.Study(SPACE, hpt.SuccessiveHalving(3, 1, 3))
    for value, limit in ((1, 0.5), (2, -1), (3, 0)):
        study.tell(study.ask(), value, constraints={"m": limit})
    assert study.ask().params == study.trials[1].params


def test_an_objective_of_several_values_must_not_yield():
    def training(params):
        yield 1, 2

    with pytest.raises(TypeError, match="with several directions, the objective must return all its values, not yield"):
        search(training)
    with pytest.raises(TypeError, match=r"returned <generator .*; it must return 2 finite numbers"):
        search(lambda params: training(params), n=1)


def test_a_yielding_objective_keeps_its_latest_constraints():
    def training(params):
        yield {"value": 2, "constraints": {"m": 1, "n": 2}}
        yield {"value": 1, "constraints": {"m": -1}}

    study = hpt.tune(training, SPACE, hpt.RandomSearch(), 1, progress=False)
    assert study.trials[0].constraints == {"m": -1, "n": 2}
    assert study.trials[0].value == 1


@pytest.mark.parametrize("workers", [{"n_workers": 2}], ids=str)
def test_values_come_back_from_other_processes(workers):
    study = search(lambda p: {"value": zdt1(p), "constraints": {"m": p["x"] - 2}}, n=4, **workers)
    assert [trial.values for trial in study.trials] == [zdt1(trial.params) for trial in study.trials]
    assert all(trial.constraints for trial in study.trials)


def test_a_define_by_run_objective_may_have_several_values():
    def objective(hp):
        x = hp.Float("x", 0, 1)
        return x, 1 - x

    study = hpt.tune(
        objective, hpt.HyperParameters(), hpt.RandomSearch(), 5, directions=["minimize"] * 2, progress=False
    )
    assert len(study.front) == 5


def test_budgets_compare_only_feasible_trials():
    study = hpt.Study(SPACE, hpt.ASHA(1, 9))
    for value, limit in ((0.1, 1), (0.5, -1), (0.6, 0), (0.9, 0)):  # three at budget 1, the first infeasible; one at 3
        study.tell(study.ask(), value, constraints={"m": limit})
    assert study.trials[3].budget > study.trials[0].budget
    assert study.best.number == 3
    assert "at budget 1: 0.5 of 3" in repr(study)
    study = hpt.Study(SPACE, hpt.ASHA(1, 9))
    for value, limit in ((0.1, 1), (0.2, 1), (0.3, 1), (0.9, 0)):  # no lower budget has a feasible trial to mention
        study.tell(study.ask(), value, constraints={"m": limit})
    assert repr(study).endswith("best_value=0.9 at budget 3)")


def test_a_simulation_finds_its_path_among_feasible_trials():
    limits = iter([1, 0, 0, 0])
    study = hpt.Study(SPACE, hpt.RandomSearch())
    run = hpt.simulate(study, lambda p: {"value": p["x"], "constraints": {"m": next(limits)}}, lambda trial: 1.0, 1, 4)
    assert run.path()[0] == (2.0, study.trials[1].value)
    several = hpt.Study(SPACE, hpt.RandomSearch(), directions=["minimize"] * 2)
    assert hpt.simulate(several, zdt1, lambda trial: 1.0, 2, 6).path() == []
    assert len(several.front) >= 1


def test_ten_thousand_trials_have_their_front_at_once():
    study = hpt.Study(SPACE, hpt.RandomSearch(), directions=["minimize"] * 2)
    study._backend.log.entries.extend(
        (i, hpt.Trial(i, {"x": 0.5, "y": 0.5}, state="complete", objectives=(i / 1e4, (i * 7919 % 10_000) / 1e4)))
        for i in range(10_000)
    )
    losses = study.history.losses
    assert numbers(study.front) == np.flatnonzero(np.minimum.accumulate(losses[:, 1]) == losses[:, 1]).tolist()


def test_a_lens_replaces_what_is_expected_of_a_run_that_was_given_up():
    given_up = hpt.Trial(0, {}, value=5.0, state="complete", curve=(5.0,), stopped="rule", expected=4.0)
    whole = hpt.Trial(1, {}, value=9.0, state="complete", constraints={"m": 0.0})
    assert in_order(hpt.History(SPACE, [given_up, whole])).losses.tolist() == [1, 0]


def test_who_forgets_the_directions_is_told_of_them():
    remedy = r"for several objectives, give one direction each, as in directions=\['maximize', 'minimize'\]$"
    with pytest.raises(TypeError, match=r"returned \(1\.0, 2\.0\); it must return one finite number; " + remedy):
        hpt.tune(lambda p: (1.0, 2.0), SPACE, hpt.RandomSearch(), 2, progress=False)
    with pytest.raises(ValueError, match=r"direction=\['minimize', 'maximize'\] must be .*; " + remedy):
        hpt.Study(SPACE, hpt.RandomSearch(), direction=["minimize", "maximize"])


def test_a_file_whose_values_do_not_fit_its_directions_is_damaged(tmp_path):
    search(storage=tmp_path / "runs.db", n=1).close()
    database = Database(str(tmp_path / "runs.db"))
    with database.begin():
        (row,) = read_studies(database)
        row.with_header(direction="minimize").write(database)
        database.commit()
    database.close()
    with pytest.raises(hpt.StorageError, match=r"Trial 0: objectives=.* must be empty"):
        hpt.Study.open(tmp_path / "runs.db").trials  # noqa: B018
